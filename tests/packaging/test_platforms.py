"""Branches by operating system: each is run with the other system's answers in the place of ours; none is forgotten.

Locks, portable names, saving while Excel holds the file, the mutex and the message box of a double click are in
``test_windows.py``. Nothing here was run on Windows or macOS.
"""

from __future__ import annotations

import argparse
import ast
import errno
import io
import multiprocessing
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from mitsumori.model import cli
from mitsumori.model.commands import catalogue, doctor
from mitsumori.model.commands.arguments import user_language
from tests.needs import needs_qt

ROOT = Path(__file__).parents[2]
COVERED = {
    "model/base/locks.py": "test_windows.py: a lock on Windows is a file of the user's own",
    "model/commands/arguments.py": "the language of a Windows without LANG",
    "model/commands/catalogue.py": "the user's catalogue lies where each system keeps such files",
    "model/commands/doctor.py": "a Japanese typeface is looked for where each system keeps it",
    "model/study/grid.py": "Ctrl-C ends a command in silence; the workers of a grid leave it to the first process",
    "gui/desktop.py": "test_windows.py: a refused double click shows a message; the mutex is taken on Windows only",
    "gui/display.py": "only Linux can lack a display",
    "gui/memory.py": "glibc alone is asked to give memory back",
    "gui/theme/tokens.py": "each system has its own interface typeface",
}
"""Files that ask for the system, and the test that runs the other answers."""
_ASKED = re.compile(
    r"\bsys\.platform\b|\bos\.name\b|\bplatform\.system\(|\bimport (msvcrt|fcntl|winreg|signal)\b|\bctypes\.windll\b"
)


def test_no_branch_by_system_is_without_a_test() -> None:
    asking = set()
    for folder in ("model", "gui"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            ast.parse(text)
            if _ASKED.search(text):
                asking.add(path.relative_to(ROOT).as_posix())
    assert asking == set(COVERED)


@pytest.mark.parametrize(("system", "variables", "parts"), [
    ("win32", {"APPDATA": r"C:\Users\青葉\AppData\Roaming"}, ("Mitsumori", "catalogue")),
    ("win32", {}, ("Mitsumori", "catalogue")),
    ("darwin", {}, ("Library", "Application Support", "Mitsumori", "catalogue")),
    ("linux", {"XDG_DATA_HOME": "/data"}, ("data", "mitsumori", "catalogue")),
    ("linux", {}, (".local", "share", "mitsumori", "catalogue")),
])  # fmt: skip
def test_the_users_catalogue_lies_where_each_system_keeps_such_files(
    monkeypatch: pytest.MonkeyPatch, system: str, variables: dict[str, str], parts: tuple[str, ...]
) -> None:
    for name in ("APPDATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    folder = catalogue.folder_of(argparse.Namespace(catalogue=None))
    assert folder.parts[-len(parts) :] == parts
    assert folder.parts[0].startswith(variables.get("APPDATA", folder.parts[0])[:2])
    assert catalogue.folder_of(argparse.Namespace(catalogue="own")) == Path("own")


@pytest.mark.parametrize(
    ("located", "wanted"), [("ja_JP", "ja"), ("Japanese_Japan", "ja"), ("en_US", "en"), (None, "en")]
)
def test_the_language_of_a_windows_without_lang(
    monkeypatch: pytest.MonkeyPatch, located: str | None, wanted: str
) -> None:
    import locale

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert user_language() == "en"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(locale, "getlocale", lambda: (located, "cp932"))
    assert user_language() == wanted
    assert user_language(["--lang", "en"]) == "en"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_japanese_typeface_is_looked_for_where_each_system_keeps_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    monkeypatch.setenv("WINDIR", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "win32")
    missing = doctor._fonts(language)
    assert missing.state == ("fails" if language == "ja" else "note")
    (tmp_path / "Fonts").mkdir()
    (tmp_path / "Fonts" / doctor._JAPANESE_WINDOWS[0]).write_bytes(b"")
    assert doctor._fonts(language).state == "ok"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert doctor._fonts(language).state == "ok"


def test_only_linux_can_lack_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    from mitsumori.gui.display import why_no_window

    needs_qt()
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert "no display" in str(why_no_window())
    for system in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        assert why_no_window() is None


@pytest.mark.parametrize(
    "error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), OSError(errno.EINVAL, "Invalid argument")]
)
def test_a_pipe_without_a_reader_is_no_fault_on_either_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError
) -> None:
    """Windows has no SIGPIPE; writing to a closed pipe there is an invalid argument."""

    class Closed(io.StringIO):
        def flush(self) -> None:
            raise error

        def fileno(self) -> int:
            return spare.fileno()

    errors = io.StringIO()
    with (tmp_path / "spare").open("w") as spare:
        monkeypatch.setattr(sys, "stdout", Closed())
        monkeypatch.setattr(sys, "stderr", errors)
        assert cli.main(["samples"]) == 1
    assert errors.getvalue() == ""


def test_ctrl_c_ends_a_command_in_silence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Both systems bring it as KeyboardInterrupt."""

    def stopped(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("mitsumori.model.commands.samples.run", stopped)
    assert cli.main(["samples"]) == cli.INTERRUPTED
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals between processes are not those of Windows")
def test_ctrl_c_at_a_terminal_leaves_no_traceback() -> None:
    """A command that waits for its input is stopped by the signal itself."""
    program = subprocess.Popen(
        [sys.executable, "-u", "-c", "import sys; from mitsumori.model.cli import main; print('ready', flush=True);"
         "sys.exit(main(['estimate', '-']))"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert program.stdout is not None and program.stdout.readline() == b"ready\n"
    time.sleep(0.3)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out, err) == (cli.INTERRUPTED, b"", b"")


def test_workers_of_a_grid_leave_ctrl_c_to_the_first_process() -> None:
    from concurrent.futures import ProcessPoolExecutor

    from mitsumori.model.study.grid import left_to_the_first_process

    before = signal.getsignal(signal.SIGINT)  # a job in the background of a shell ignores it itself
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=left_to_the_first_process) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_the_list_of_recent_files_is_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str) -> None:
    needs_qt()
    from mitsumori.gui import project_files, settings

    file = tmp_path / "deep" / "settings.json"
    monkeypatch.setattr(settings, "settings_file", lambda: file)
    monkeypatch.setattr(settings, "_kept", None)
    monkeypatch.setattr(sys, "platform", system)
    settings.change_texts("files/recent", partial(project_files._with, tmp_path / "plan.mitsumori"))
    settings.forget()
    assert settings.texts("files/recent") == [str(tmp_path / "plan.mitsumori")]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_glibc_alone_is_asked_to_give_memory_back(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    needs_qt()
    from mitsumori.gui import memory

    asked: list[int] = []

    class Timer:
        def start(self, milliseconds: int) -> None:
            asked.append(milliseconds)

    class Jobs:
        def findChild(self, kind: type, name: str) -> Timer:
            return Timer()

    monkeypatch.setattr(sys, "platform", system)
    memory.give_back_soon(Jobs())  # type: ignore[arg-type]
    assert bool(asked) is (system == "linux")


def test_each_system_has_its_own_interface_typeface(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_qt()
    from mitsumori.gui.theme import tokens

    families = {}
    for system in ("linux", "win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        tokens._font.cache_clear()
        families[system] = tuple(tokens._font(14, 400).families())
    tokens._font.cache_clear()
    assert len(set(families.values())) == 3
    assert families["linux"][0] == "Inter" and all(len(names) >= 2 for names in families.values())
