"""Work is never lost: what used to lose or overwrite it, each driven through the window."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from mitsumori.gui import app, project_files, save_file, settings
from mitsumori.gui.project_files import AUTOSAVE_MOST_MS, autosave_folder
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.workspace import UNPAINTED_MS
from mitsumori.model.base import files as atomic
from mitsumori.model.base.files import backup_of, fingerprint
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.project import load_project, load_sample, save_project
from tests.gui.windows import window
from tests.gui.work import a_project, in_file, left_by_a_crash, saved


@pytest.fixture(autouse=True)
def no_copies(own_settings: Path) -> None:
    for path in autosave_folder().glob("*"):
        path.unlink()


@pytest.fixture
def win(qtbot: Any) -> Any:
    return window(qtbot)


# --- D1


def test_opening_the_open_file_and_answering_save_shows_what_was_saved(win: Any, tmp_path: Path) -> None:
    path = saved(win, tmp_path / "a.mitsumori", 5)
    win.apply({"cluster.servers": 42})
    win.files.ask_leave = lambda: "save"
    assert win.files.open_path(path)
    assert in_file(path) == 42
    assert win.store.plan.cluster.servers == 42
    win.files.ask_overwrite = lambda name: pytest.fail("asked without a reason")
    win.apply({"cluster.servers": 43})
    assert win.files.save()
    assert in_file(path) == 43


# --- D2


@pytest.mark.parametrize("recorded", [True, False])
def test_a_recovered_copy_does_not_overwrite_a_newer_file_unasked(win: Any, tmp_path: Path, recorded: bool) -> None:
    path = tmp_path / "a.mitsumori"
    save_project(a_project(5), path)
    left_by_a_crash(33, path, fingerprint(path) if recorded else None)
    save_project(a_project(6), path)
    asked: list[str] = []
    win.files.ask_recover = lambda name: "show"
    win.files.ask_overwrite = lambda name: (asked.append(name), "stay")[1]
    assert win.files.recover()
    assert not win.files.save()
    assert asked == ["a.mitsumori"]
    assert in_file(path) == 6
    win.files.ask_overwrite = lambda name: "overwrite"
    assert win.files.save()
    assert in_file(path) == 33
    assert load_project(backup_of(path).replace(tmp_path / "kept.mitsumori")).plan.cluster.servers == 6


def test_a_recovered_copy_of_an_unchanged_file_is_saved_without_a_question(win: Any, tmp_path: Path) -> None:
    path = saved(win, tmp_path / "a.mitsumori")
    win.apply({"cluster.servers": 33})
    win.files.autosave_now()
    copies, known = win.files.copies, Copies(autosave_folder())
    os.close(copies._lock)
    copies._lock = None
    (copy,) = known.abandoned()
    assert (copy.origin, copy.known) == (path, fingerprint(path))
    win.files.ask_recover = lambda name: "show"
    win.files.ask_overwrite = lambda name: pytest.fail("asked without a reason")
    win.files.copies = known
    assert win.files.recover()
    assert win.files.save()
    assert in_file(path) == 33


def test_recovering_over_unsaved_work_asks_about_it_first(win: Any) -> None:
    win.apply({"cluster.servers": 21})
    left_by_a_crash(33, None, None)
    win.files.ask_recover = lambda name: "show"
    win.files.ask_leave = lambda: "stay"
    assert not win.files.recover()
    assert win.store.plan.cluster.servers == 21
    assert [copy.project.plan.cluster.servers for copy in win.files.copies.abandoned()] == [33]


# --- D3


@pytest.mark.parametrize("argument", [True, False])
def test_unsaved_work_is_offered_however_the_program_starts(
    application: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: bool
) -> None:
    path = tmp_path / "a.mitsumori"
    save_project(a_project(5), path)
    left_by_a_crash(33, None, None)
    offered: list[str] = []
    shown: list[Any] = []

    class Application:
        def exec(self) -> int:
            from mitsumori.gui.window import Window

            (made,) = (w for w in application.topLevelWidgets() if isinstance(w, Window))
            shown.append(made)
            qtbot.addWidget(made, before_close_func=lambda w: w.jobs.shut_down())
            qtbot.waitUntil(lambda: bool(offered), timeout=5000)
            qtbot.waitUntil(lambda: made.at_start or made.store.estimate is not None, timeout=20_000)
            qtbot.wait(UNPAINTED_MS + 100)
            return 0

    monkeypatch.setattr(app, "create_application", Application)
    monkeypatch.setattr(app, "start_log", lambda: None)
    monkeypatch.setattr(project_files.ProjectFiles, "ask_recover", lambda self, name: (offered.append(name), "stay")[1])
    settings.store("window/tour_seen", True)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    assert app.run([str(path)] if argument else []) == 0
    assert len(offered) == 1
    assert shown[0].at_start is not argument
    assert len(shown[0].files.copies.abandoned()) == 1


# --- D4


def test_a_copy_is_written_in_time_however_often_things_change(win: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change every second (the timer used to begin anew with each), on a clock of the test's own."""
    clock = [1000.0]
    monkeypatch.setattr(project_files.time, "monotonic", lambda: clock[0])
    due = []
    for change in range(12):
        win.apply({"cluster.servers": 20 + change})
        due.append(clock[0] + win.files._timer.remainingTime() / 1000)
        clock[0] += 1.0
    assert AUTOSAVE_MOST_MS == 10_000
    assert max(due[:11]) <= 1000.0 + 10.01
    win.files._copy()
    win.files.saver.wait()
    assert in_file(win.files.copies.path) == 31


def test_a_drag_that_does_not_end_is_copied(win: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_files, "AUTOSAVE_MS", 300)
    monkeypatch.setattr(project_files, "AUTOSAVE_MOST_MS", 600)
    end = time.monotonic() + 2
    servers = 20
    while not win.files.copies.path.exists() and time.monotonic() < end:
        servers += 1
        win.store.set_values({"cluster.servers": servers}, "drag", gesture=7)
        qtbot.wait(50)
    assert win.files.copies.path.exists()
    win.store.end_gesture()


def test_undoing_everything_takes_the_copy_away(win: Any) -> None:
    win.apply({"cluster.servers": 21})
    win.files.autosave_now()
    assert win.files.copies.path.exists()
    win.store.undo_stack.undo()
    win.files.autosave_now()
    assert not win.files.copies.path.exists()


# --- D5


@pytest.mark.parametrize("typed", ["Proposal v1.2", "Llama 3.1 70B", "plan", "客先 A.v2"])
def test_the_question_is_about_the_name_that_is_written(win: Any, tmp_path: Path, typed: str) -> None:
    path = tmp_path / f"{typed}.mitsumori"
    save_project(a_project(5), path)
    asked: list[str] = []
    win.apply({"cluster.servers": 16})
    win.files.ask_save = lambda: tmp_path / typed
    win.files.ask_replace = lambda name: (asked.append(name), "stay")[1]
    assert not win.files.save()
    assert asked == [path.name]
    assert in_file(path) == 5
    win.files.ask_replace = lambda name: "replace"
    assert win.files.save()
    assert in_file(path) == 16
    assert {item.name for item in tmp_path.iterdir()} == {path.name, path.name + ".bak"}
    assert win.windowTitle().startswith(typed)


@pytest.mark.parametrize(("suffix", "kind"), [(".xlsx", "export"), (".pdf", "pdf_summary")])
def test_exports_ask_about_the_name_that_is_written_and_keep_a_backup(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, kind: str
) -> None:
    from mitsumori.gui.dialogs import export
    from mitsumori.gui.present import pdf_summary

    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.open_after_export = False
    path = tmp_path / f"Proposal v1.2{suffix}"
    path.write_bytes(b"a customer's")
    asked: list[str] = []
    options: list[Any] = []

    def dialog(*arguments: Any, **named: Any) -> tuple[str, str]:
        options.append(named["options"])
        return str(tmp_path / "Proposal v1.2"), ""

    def act() -> None:
        if kind == "export":
            export.ask_and_write(win, "en", "customer")
        else:
            pdf_summary._ask(win, "en")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
    monkeypatch.setattr(save_file, "ask_replace", lambda window, name: (asked.append(name), "stay")[1])
    act()
    assert asked == [path.name]
    assert options == [QFileDialog.Option.DontConfirmOverwrite]
    assert not win.jobs.busy("export") and not win.jobs.busy("summary"), "nothing is written"
    monkeypatch.setattr(save_file, "ask_replace", lambda window, name: "replace")
    act()
    qtbot.waitUntil(lambda: path.read_bytes() != b"a customer's" and not win.jobs.any_busy(), timeout=60_000)
    assert backup_of(path).read_bytes() == b"a customer's"
    assert {item.name for item in tmp_path.iterdir()} == {path.name, path.name + ".bak"}


def test_a_workbook_that_changed_since_the_question_is_left_alone(qtbot: Any, tmp_path: Path) -> None:
    from mitsumori.gui.dialogs.export import write

    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.open_after_export = False
    path = tmp_path / "p.xlsx"
    path.write_bytes(b"asked about")
    known = fingerprint(path)
    path.write_bytes(b"newer")
    write(win, path, "en", "customer", known)
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=60_000)
    assert "changed by another program" in win.footer._alarm
    assert path.read_bytes() == b"newer"
    win.apply({"cluster.servers": 9})
    qtbot.wait(50)
    assert win.footer._alarm
    write(win, path, "en", "customer", fingerprint(path))
    assert not win.footer._alarm
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
    assert backup_of(path).read_bytes() == b"newer"


# --- D6


def test_a_file_that_changes_while_the_question_is_open_is_noticed(win: Any, tmp_path: Path) -> None:
    path = saved(win, tmp_path / "a.mitsumori", 5)
    save_project(a_project(6), path)
    asked: list[str] = []

    def overwrite(name: str) -> str:
        asked.append(name)
        if len(asked) == 1:  # somebody else saves again while the question is on the screen
            save_project(a_project(7), path)
            return "overwrite"
        return "stay"

    win.files.ask_overwrite = overwrite
    win.apply({"cluster.servers": 16})
    assert not win.files.save()
    assert len(asked) == 2
    assert in_file(path) == 7


def test_a_file_that_appears_while_the_disk_is_slow_is_noticed(
    win: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mitsumori"
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        if not path.exists():
            path.write_bytes(a_project(8).to_bytes())

    asked: list[str] = []
    win.files.ask_save = lambda: path
    win.files.ask_overwrite = lambda name: (asked.append(name), "stay")[1]
    win.apply({"cluster.servers": 16})
    monkeypatch.setattr(atomic.os, "fsync", fsync)
    assert not win.files.save()
    assert asked == [path.name]
    assert in_file(path) == 8


def test_two_windows_on_one_file_overwrite_each_other_only_when_told(qtbot: Any, tmp_path: Path) -> None:
    first, second = window(qtbot), window(qtbot)
    path = saved(first, tmp_path / "a.mitsumori", 5)
    assert second.files.open_path(path)
    first.apply({"cluster.servers": 10})
    second.apply({"cluster.servers": 20})
    first.files.autosave_now()
    second.files.autosave_now()
    assert len(list(autosave_folder().glob("*.mitsumori"))) == 2
    assert first.files.save()
    asked: list[str] = []
    second.files.ask_overwrite = lambda name: (asked.append(name), "stay")[1]
    assert not second.files.save()
    assert asked
    assert in_file(path) == 10
    assert second.files.dirty()
    assert in_file(second.files.copies.path) == 20


# --- asked once; nothing leaks into the next file


def test_do_not_save_is_asked_once(win: Any, tmp_path: Path, qtbot: Any) -> None:
    path = tmp_path / "other.mitsumori"
    save_project(a_project(6), path)
    asked: list[int] = []
    win.files.ask_leave = lambda: (asked.append(1), "discard")[1]
    win.apply({"cluster.servers": 16})
    win.files.autosave_now()
    QTest.keyClick(win, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert win.at_start
    assert asked == [1]
    win.files.saver.wait()
    assert not win.files.copies.path.exists(), "what was given up is not offered after a crash"
    win.files.ask_save = lambda: pytest.fail("saves what was given up")
    assert not win.files.save()
    win.files.open_path(path)
    assert asked == [1]
    assert win.store.plan.cluster.servers == 6


def test_the_goal_and_the_pin_belong_to_the_file(qtbot: Any, tmp_path: Path) -> None:
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    win.show_tab("advisor")
    win.tabs["advisor"].goal.blank("days").setText("20")
    win.tabs["advisor"].goal.search()
    win.toolbar.pin.click()
    win.toggle_findings()
    assert win.store.pinned
    path = tmp_path / "next customer.mitsumori"
    save_project(load_sample("llama2-7b-sft"), path)
    assert win.files.open_path(path)
    qtbot.waitUntil(lambda: "advisor" in win.tabs and not win.store.stale, timeout=20_000)
    tab = win.tabs["advisor"]
    assert tab.goal.blank("days").text() == ""
    assert tab._goal is None
    assert not win.store.pinned
    assert not win.toolbar.pin.isChecked()
    assert not win.findings.expanded()


def test_views_of_the_file_before_are_not_answered_any_more(qtbot: Any) -> None:
    """Every view asked for something; an answer to one that is gone would be an unexpected error."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    for _ in range(2):
        for key, *_rest in TABS:
            win.show_tab(key)
            qtbot.wait(1)
        before = dict(win.tabs)
        win.show_tab("overview")
        with qtbot.captureExceptions() as problems:
            win.open_project(load_sample("llama2-7b-sft"))
            assert not win.services.at_work(), "nobody is left who asked"
            qtbot.waitUntil(lambda: not win.services.at_work() and not win.store.stale, timeout=30_000)
        assert not problems
        assert not set(before.values()) & set(win.tabs.values())
