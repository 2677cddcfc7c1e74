"""A damaged settings file never stops a start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from mitsumori.gui import settings
from mitsumori.gui.dialogs import proposal_settings
from mitsumori.gui.dialogs.guide import tour_was_shown
from mitsumori.gui.words.translation import preferred_language

WRONG = (7, 1.5, True, "x", "", ["a", 3, None], {"k": 1}, QByteArray(b"\xff\x00"), "a\0b", "9" * 20_000)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: f"{type(value).__name__}-{str(value)[:5]!a}")
def test_every_setting_falls_back(qapp, wrong):
    keys = ["window/geometry", "window/language", "window/theme", "window/tour_seen", "inputs/open", "files/recent"]
    keys += [f"{proposal_settings.GROUP}/{name}" for name in (*proposal_settings.TEXTS, "logo", "confidential")]
    try:
        for key in keys:
            settings.store(key, wrong)
        settings.forget()
        assert preferred_language() in ("ja", "en")
        assert tour_was_shown() in (True, False)
        assert all(isinstance(name, str) for name in settings.texts("files/recent"))
        kept = settings.bytes_of("window/geometry")
        assert kept is None or isinstance(kept, QByteArray)
        assert isinstance(proposal_settings.stored_settings().issuer, str)
    finally:
        for key in keys:
            settings.store(key, None)


START = """
import sys
from PySide6.QtCore import QTimer
from mitsumori.gui import app

def look():
    from mitsumori.gui.window import Window
    shown = [w for w in app.QApplication.topLevelWidgets() if isinstance(w, Window) and w.isVisible()]
    print("shown", len(shown), flush=True)
    app.QApplication.exit(0)

original = app.create_application
def created(*arguments):
    made = original(*arguments)
    QTimer.singleShot(1500, look)
    return made
app.create_application = created
sys.exit(app.run(sys.argv[1:]))
"""
DAMAGE = {
    "json of other types": '{"window/geometry": 7, "window/language": [], "files/recent": {"a": 1}, "window/theme": {"bytes": "?"}}',
    "json that is a list": "[1, 2]",
    "json cut short": '{"window/theme": "da',
    "json nested without end": "[" * 100_000,
    "other types": "[window]\ngeometry=7\nlanguage=@Invalid()\ntheme=@ByteArray(\\x1\\xff)\ntour_seen=@Point(1 2)\n"
    "[inputs]\nopen=@Size(4 4)\n[files]\nrecent=@Variant(\\0\\0\\0\\x7f\\0\\0)\n[proposal]\nvalidity_months=many\nlogo=/dev/zero\n",
    "a geometry of another kind": "[window]\ngeometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\xff\\xff)\ntour_seen=true\n",
    "no settings at all": "\0\0\xff[[[\n=\n]",
    "a list where a word is meant": "[window]\nlanguage=ja, en, 3\ntheme=dark, light\ntour_seen=true, false\n[files]\nrecent=3\n",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the settings are in a file on Linux only")
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_the_window_starts_with_a_damaged_settings_file(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "Mitsumori"
    folder.mkdir()
    name = "settings.json" if damage[0] in "{[" and not damage.startswith("[window") else "Mitsumori.conf"
    where = (
        tmp_path / "Mitsumori" / "Mitsumori" if name.endswith("json") else folder
    )  # Qt's folder of organisation and name
    where.mkdir(exist_ok=True)
    (where / name).write_text(damage, encoding="latin-1")
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", START, "llama2-7b-sft"], env=os.environ | homes | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "shown 1" in done.stdout
    assert "Traceback" not in done.stderr


def test_what_was_stored_is_read_again_and_what_an_earlier_version_stored_is_taken_over(qapp) -> None:
    settings.forget()
    settings.settings_file().unlink(missing_ok=True)
    QSettings().setValue("inputs/open", "of an earlier version")
    settings.forget()
    assert settings.text("inputs/open") == "of an earlier version"
    kept = {
        "window/zoom": "1.1",
        "window/tour_seen": True,
        "files/recent": ["a", "b"],
        "window/geometry": QByteArray(b"\0\xff"),
    }
    for key, value in kept.items():
        settings.store(key, value)
    settings.forget()
    assert settings.text("inputs/open") == "of an earlier version"
    assert settings.text("window/zoom") == "1.1"
    assert settings.flag("window/tour_seen", False)
    assert settings.texts("files/recent") == ["a", "b"]
    assert settings.bytes_of("window/geometry") == QByteArray(b"\0\xff")
    for key in (*kept, "inputs/open"):
        settings.store(key, None)
    settings.forget()
    assert settings.text("inputs/open", "none") == "none"


def test_two_windows_keep_each_others_settings(qapp) -> None:
    """Another program wrote the file since it was read: what it stored stays."""
    settings.store("window/zoom", "1.1")
    settings.flush()
    file = settings.settings_file()
    file.write_text(file.read_text().replace("}", ', "inputs/width": "400"}'))
    settings.store("window/theme", "dark")
    settings.forget()
    assert (settings.text("window/zoom"), settings.text("inputs/width")) == ("1.1", "400")
