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
    stored = QSettings()
    keys = ["window/geometry", "window/language", "window/theme", "window/tour_seen", "inputs/open", "files/recent"]
    keys += [f"{proposal_settings.GROUP}/{name}" for name in (*proposal_settings.TEXTS, "logo", "confidential")]
    before = {key: stored.value(key) for key in keys}
    try:
        for key in keys:
            stored.setValue(key, wrong)
        assert preferred_language() in ("ja", "en")
        assert tour_was_shown() in (True, False)
        assert all(isinstance(name, str) for name in settings.texts("files/recent"))
        kept = settings.bytes_of("window/geometry")
        assert kept is None or isinstance(kept, QByteArray)
        assert isinstance(proposal_settings.stored_settings().issuer, str)
    finally:
        for key, value in before.items():
            if value is None:
                stored.remove(key)
            else:
                stored.setValue(key, value)


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
    (folder / "Mitsumori.conf").write_text(damage, encoding="latin-1")
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", START, "llama2-7b-sft"], env=os.environ | homes | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "shown 1" in done.stdout
    assert "Traceback" not in done.stderr
