"""Slow and full disks, and what only the user may read: driven through the window."""

from __future__ import annotations

import errno
import logging
import os
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, QTimer

from mitsumori.gui.log import data_folder
from mitsumori.gui.project_files import autosave_folder
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


def slow_disk(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[threading.Thread]:
    """The threads that waited for it."""
    real, waited = os.fsync, []

    def fsync(handle: int) -> None:
        waited.append(threading.current_thread())
        time.sleep(seconds)
        real(handle)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    return waited


class Heartbeat:
    """The longest time for which the event loop did not come round."""

    def __init__(self, parent: Any) -> None:
        self.longest, self._last = 0.0, time.perf_counter()
        self._timer = QTimer(parent)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now

    def stop(self) -> float:
        self._beat()
        self._timer.stop()
        return self.longest


@pytest.mark.parametrize("act", ["save", "copy"])
def test_a_slow_disk_does_not_hold_up_the_window(
    win: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    path = saved(win, tmp_path / "a.mitsumori")
    win.files.saver.wait()
    win.apply({"cluster.servers": 16})
    qtbot.wait(100)
    waited = slow_disk(monkeypatch, 2.0)  # a save has two: the file and its folder
    heart = Heartbeat(win)
    begun = time.perf_counter()
    if act == "save":
        assert win.files.save()
        assert in_file(path) == 16
    else:
        win.files._copy()
        qtbot.waitUntil(lambda: not win.files.saver.busy, timeout=10_000)
        assert in_file(win.files.copies.path) == 16
    assert time.perf_counter() - begun > 3.9
    assert waited and threading.main_thread() not in waited
    assert heart.stop() < 1.0, "a window that waits for the disk stands still for two seconds at least"


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
    assert os.strerror(errno.ENOSPC) in win.footer._alarm
    assert win.close()


def full(patch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(atomic.os, "fsync", fsync)


def test_a_failing_copy_is_said_until_one_can_be_written(win: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        full(patch)
        win.apply({"cluster.servers": 16})
        win.files.autosave_now()
        assert os.strerror(errno.ENOSPC) in win.footer._alarm
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
    assert os.strerror(errno.ENOSPC) in win.footer._alarm
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
        QSettings().setValue("window/theme", "light")  # whoever writes afterwards
        QSettings().sync()
    finally:
        os.umask(old)
    copies = list(autosave_folder().iterdir())
    assert {path.suffix for path in copies} == {".mitsumori", ".origin", ".lock"}
    files = [*copies, Path(QSettings().fileName())]
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
