"""Slow and full disks, and what only the user may read: driven through the window."""

from __future__ import annotations

import errno
import logging
import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThreadPool, QTimer

from mitsumori.gui import project_files, settings
from mitsumori.gui.actions import _template
from mitsumori.gui.dialogs.changed import show_changed
from mitsumori.gui.dialogs.export import write
from mitsumori.gui.log import data_folder
from mitsumori.gui.project_files import autosave_folder
from mitsumori.gui.save_file import Target, write_file
from mitsumori.gui.theme.tokens import set_theme
from mitsumori.gui.words.translation import error_words, set_language
from mitsumori.model.base import files as atomic
from tests.gui.windows import window
from tests.gui.work import in_file, saved

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@pytest.fixture(autouse=True)
def no_copies(own_settings: Path) -> None:
    for path in autosave_folder().glob("*"):
        path.unlink()


@pytest.fixture
def win(qtbot: Any) -> Any:
    return window(qtbot)


# --- slow and full disks


def slow_disk(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[int]:
    """The threads that waited for it, by their numbers."""
    real, waited = os.fsync, []

    def fsync(handle: int) -> None:
        waited.append(threading.get_ident())
        time.sleep(seconds)
        real(handle)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    return waited


@pytest.mark.parametrize("act", ["save", "copy"])
def test_a_slow_disk_does_not_hold_up_the_window(
    win: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    path = saved(win, tmp_path / "a.mitsumori")
    win.files.saver.wait()
    win.apply({"cluster.servers": 16})
    qtbot.wait(100)
    waited = slow_disk(monkeypatch, 2.0)  # a save has two: the file and its folder
    rounds: list[int] = []
    timer = QTimer(win)
    timer.timeout.connect(lambda: rounds.append(len(waited)))
    timer.start(5)
    begun = time.perf_counter()
    if act == "save":
        assert win.files.save()
        assert in_file(path) == 16
    else:
        win.files._copy()
        qtbot.waitUntil(lambda: not win.files.saver.busy, timeout=10_000)
        assert in_file(win.files.copies.path) == 16
    assert time.perf_counter() - begun > 3.9
    assert waited and threading.main_thread().ident not in waited
    timer.stop()
    assert {1, 2} <= set(rounds), "the event loop came round while the disk was waited for"


def _look_at_changes(win: Any, folder: Path) -> None:
    dialog = show_changed(win, folder / "a.mitsumori")
    assert dialog is not None
    dialog.reject()


ACTS: dict[str, Callable[[Any, Path], object]] = {
    "save": lambda win, folder: win.files.save(),
    "copy": lambda win, folder: win.files.autosave_now(),
    "open": lambda win, folder: win.files.open_path(folder / "a.mitsumori"),
    "start page": lambda win, folder: win.show_start(),
    "theme": lambda win, folder: set_theme("dark", remember=True),
    "language": lambda win, folder: set_language("ja", remember=True),
    "zoom": lambda win, folder: win.trigger("zoom_in"),
    "width": lambda win, folder: win._edge_moved(400, 1),
    "section": lambda win, folder: win.inputs.sections[1].set_open(True),
    "template": lambda win, folder: _template(win),
    "workbook": lambda win, folder: write(win, folder / "a.xlsx", "en", "customer"),
    "slides": lambda win, folder: write(win, folder / "a.pptx", "en", "customer"),
    "pdf": lambda win, folder: write(win, folder / "a.pdf", "en", "customer"),
    "table or picture": lambda win, folder: write_file(win, Target(folder / "a.csv", None), b"a,b"),
    "changed": _look_at_changes,
    "configuration": lambda win, folder: win.files.open_path(folder / "a.json"),
    "close": lambda win, folder: win.close(),
}
OWN_FILES = (".mitsumori", ".bak", ".origin", ".lock", ".tmp", ".json", ".csv", ".xlsx", ".pptx", ".pdf")
watched: dict[str, list[str]] = {}


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Files of the user that the GUI thread opens, by ``sys.audit``; a hook stays for the whole process."""
    if watched and event == "open" and threading.get_ident() == threading.main_thread().ident:
        name = str(arguments[0])
        if name.startswith(watched["under"][0]) and name.endswith(OWN_FILES):
            watched["opened"].append(name)


sys.addaudithook(watch)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_waits_for_the_disk_on_the_gui_thread(
    win: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_settings: Path, act: str
) -> None:
    """Neither a sync nor the opening of a file of the user's; Qt's own settings, which sync without letting another thread
    run, are read at the start alone."""
    saved(win, tmp_path / "a.mitsumori")
    (tmp_path / "a.json").write_text('{"hidden_size": 64}')
    win.open_after_export = False
    win.files.ask_leave = lambda: "discard"
    win.files.saver.wait()
    win.apply({"cluster.servers": 16})
    qtbot.wait(50)
    settings.flush()
    waited = slow_disk(monkeypatch, 0.05)
    watched.update(under=[str(tmp_path)], opened=[])
    try:
        ACTS[act](win, tmp_path)
        qtbot.waitUntil(lambda: not (win.jobs.busy("export") or win.files.saver.busy), timeout=60_000)
        QThreadPool.globalInstance().waitForDone()
        opened = watched["opened"]
    finally:
        watched.clear()
    assert threading.main_thread().ident not in waited
    assert not opened


def test_only_the_settings_know_those_of_qt() -> None:
    """Their sync holds up every thread of Python."""
    source = Path(settings.__file__).parent
    named = [path.name for path in source.rglob("*.py") if "QSettings" in path.read_text(encoding="utf-8")]
    assert named == ["settings.py"]


def test_what_changes_during_a_slow_save_is_not_taken_for_saved(
    win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(win, tmp_path / "a.mitsumori")
    win.apply({"cluster.servers": 16})
    slow_disk(monkeypatch, 0.3)
    QTimer.singleShot(100, win, lambda: win.apply({"cluster.servers": 17}))
    assert win.files.save()
    assert in_file(path) == 16
    assert win.files.dirty()
    win.store.undo_stack.undo()
    win.store.undo_stack.undo()
    assert win.files.dirty(), "the state that was in the file before is not in it any more"
    win.store.undo_stack.redo()
    win.store.undo_stack.redo()
    assert win.files.save()
    assert in_file(path) == 17


@pytest.mark.parametrize("meanwhile", ["close", "open another"])
def test_a_file_that_a_slow_drive_hands_over_late_is_not_shown(
    win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The window goes on while a drive reads: it may be closed then, or another file may be opened."""
    slow, quick = saved(win, tmp_path / "slow.mitsumori"), saved(win, tmp_path / "quick.mitsumori")
    win.files.saver.wait()
    read = project_files.read_project

    def late(path: Path) -> Any:
        time.sleep(0.3 if path == slow else 0.0)
        return read(path)

    monkeypatch.setattr(project_files, "read_project", late)
    done: list[bool] = []
    act = win.close if meanwhile == "close" else lambda: win.files.open_path(quick)
    QTimer.singleShot(100, win, lambda: done.append(act()))
    assert not win.files.open_path(slow)
    assert done == [True]
    assert win.files.path == quick


def test_closing_waits_for_a_save_under_way(win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(win, tmp_path / "a.mitsumori")
    win.files.ask_leave = lambda: pytest.fail("asked although it is being saved")
    win.apply({"cluster.servers": 16})
    slow_disk(monkeypatch, 0.4)
    closed: list[bool] = []
    QTimer.singleShot(60, win, lambda: closed.append(win.close()))
    assert win.files.save()
    assert closed == [True]
    assert in_file(path) == 16
    assert not list(autosave_folder().glob("*"))


def test_closing_with_a_save_that_fails_keeps_the_window_and_says_why(
    win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(win, tmp_path / "a.mitsumori")
    win.files.ask_leave = lambda: "save"
    win.apply({"cluster.servers": 16})
    with monkeypatch.context() as patch:
        full(patch)
        assert not win.close()
    assert win.isVisible()
    assert error_words(FULL) in win.footer._alarm
    assert win.close()


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full(patch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise FULL

    patch.setattr(atomic.os, "fsync", fsync)


def test_a_failing_copy_is_said_until_one_can_be_written(win: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        full(patch)
        win.apply({"cluster.servers": 16})
        win.files.autosave_now()
        assert error_words(FULL) in win.footer._alarm
        win.apply({"cluster.servers": 17})
        qtbot.wait(50)
        assert win.footer._alarm, "a slider that moves does not empty the disk"
    win.files.autosave_now()
    assert win.footer._alarm == ""
    assert in_file(win.files.copies.path) == 17


def test_the_alarm_of_a_full_disk_ends_with_the_save_that_succeeds(
    win: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(win, tmp_path / "a.mitsumori")
    win.apply({"cluster.servers": 16})
    with monkeypatch.context() as patch:
        full(patch)
        assert not win.files.save()
    win.apply({"cluster.servers": 17})
    qtbot.wait(50)
    assert error_words(FULL) in win.footer._alarm
    assert win.files.save()
    assert win.footer._alarm == ""


# --- for the user alone


@POSIX
def test_copies_logs_and_recent_files_are_for_the_user_alone(win: Any, tmp_path: Path, own_settings: Path) -> None:
    old = os.umask(0o022)
    try:
        saved(win, tmp_path / "a.mitsumori")
        win.apply({"cluster.servers": 16})
        win.files.autosave_now()
        settings.store("window/theme", "light")
        settings.flush()
    finally:
        os.umask(old)
    copies = list(autosave_folder().iterdir())
    assert {path.suffix for path in copies} == {".mitsumori", ".origin", ".lock"}
    files = [*copies, settings.settings_file()]
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in files} == dict.fromkeys(
        (path.name for path in files), "0o600"
    )
    assert stat.S_IMODE(autosave_folder().stat().st_mode) == 0o700
    assert data_folder() in autosave_folder().parents


@POSIX
def test_the_log_is_for_the_user_alone_and_names_no_file_and_no_customer(
    application: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from PySide6.QtCore import qInstallMessageHandler, qWarning

    from mitsumori.gui import log

    folder = tmp_path / "data"
    monkeypatch.setattr(log, "data_folder", lambda: folder)
    monkeypatch.setattr(log.faulthandler, "enable", lambda file: None)
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    secret = "株式会社 秘密 v1.2"
    folder.mkdir()
    (folder / "mitsumori.log").touch(0o644)
    old = os.umask(0o022)
    try:
        log.start_log()
        try:
            try:
                (tmp_path / secret / "x").read_bytes()
            except OSError as error:
                raise ValueError(f"{secret} is not accepted") from error
        except ValueError:
            logging.getLogger("gui.test").exception("the estimate failed")
        qWarning(f'QFile: "{tmp_path / secret}" cannot be opened')
        qWarning(f"QPixmap: {tmp_path / secret} cannot be opened")
    finally:
        os.umask(old)
        qInstallMessageHandler(None)
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
        assert log._fault_log is not None
        log._fault_log.close()
    text = (folder / "mitsumori.log").read_text(encoding="utf-8")
    assert "the estimate failed" in text
    assert "builtins.ValueError" in text
    assert "FileNotFoundError [errno 2]" in text
    assert "QFile" in text
    assert "QPixmap" in text
    for word in ("秘密", "v1.2", str(tmp_path)):
        assert word not in text
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()} == {"0o600"}


def test_what_changes_while_the_window_saves_to_close_is_asked_about_again(
    win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change made during the save of "Save and close" was in no file and no copy."""
    path = saved(win, tmp_path / "a.mitsumori")
    answers = ["save", "cancel"]
    win.files.ask_leave = lambda: answers.pop(0) if answers else "discard"
    win.apply({"cluster.servers": 12})
    slow_disk(monkeypatch, 0.3)
    QTimer.singleShot(100, win, lambda: win.apply({"cluster.servers": 13}))
    assert not win.close()
    assert answers == []
    assert win.files.dirty()
    assert win.store.plan.cluster.servers == 13
    assert in_file(path) == 12
