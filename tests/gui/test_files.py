"""Files: nothing is lost, the question comes once, copies are offered after a crash."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from mitsumori.gui.project_files import autosave_folder
from mitsumori.model.base.files import fingerprint
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.project import Project, load_project, save_project
from tests.gui import sample_estimate
from tests.gui.windows import window


@pytest.fixture
def win(qtbot) -> Any:  # type: ignore[no-untyped-def]
    return window(qtbot)


def test_saving_asks_for_a_name_once_and_cleans_the_mark(win: Any, tmp_path: Path) -> None:
    win.files.ask_save = lambda: tmp_path / "plan"
    win.apply({"cluster.servers": 16})
    assert win.isWindowModified()
    assert win.files.save()
    assert not win.isWindowModified()
    assert load_project(tmp_path / "plan.mitsumori").plan.cluster.servers == 16
    win.files.ask_save = lambda: pytest.fail("asked again")
    win.apply({"cluster.servers": 17})
    assert win.files.save()
    assert (tmp_path / "plan.mitsumori").name in win.windowTitle() or "plan" in win.windowTitle()


def test_what_is_saved_opens_equal_with_all_scenarios(win: Any, tmp_path: Path) -> None:
    win.toolbar.add.click()
    win.apply({"facility.cooling": "rear_door_cold_plate"})
    plans, active = win.store.plans, win.store.active
    win.files.ask_save = lambda: tmp_path / "two.mitsumori"
    win.files.save()
    win.apply({"cluster.servers": 99})
    assert win.files.open_path(tmp_path / "two.mitsumori")
    assert win.store.plans == plans
    assert win.store.active == active
    assert not win.isWindowModified()


def test_a_foreign_file_is_refused_in_a_sentence_and_nothing_is_lost(win: Any, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.mitsumori"
    foreign.write_text('{"hello": 1}')
    before = win.store.plan
    said: list[str] = []
    win.files.problem.connect(lambda sentence, cause: said.append(sentence))
    assert not win.files.open_path(foreign)
    assert "is not a Mitsumori project" in said[0]
    assert win.store.plan is before


@pytest.mark.parametrize(
    ("answer", "leaves", "saved"), [("save", True, True), ("discard", True, False), ("stay", False, False)]
)
def test_leaving_with_changes_asks_once(win: Any, tmp_path: Path, answer: str, leaves: bool, saved: bool) -> None:
    asked: list[str] = []
    target = tmp_path / "kept.mitsumori"
    win.files.ask_save = lambda: target
    win.files.ask_leave = lambda: (asked.append(answer), answer)[1]
    win.apply({"cluster.servers": 16})
    assert win.files.may_leave() is leaves
    assert asked == [answer]
    assert target.exists() is saved


def test_leaving_without_changes_does_not_ask(win: Any) -> None:
    win.files.ask_leave = lambda: pytest.fail("asked")
    assert win.files.may_leave()


def test_recent_files_are_newest_first_without_those_that_are_gone(win: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        win.files.ask_save = lambda name=name: tmp_path / f"{name}.mitsumori"
        win.files.save_as()
    (tmp_path / "b.mitsumori").unlink()
    assert [path.stem for path in win.files.recent()] == ["c", "a"]


def test_unsaved_work_is_copied_and_the_copy_goes_when_it_is_saved(win: Any, tmp_path: Path) -> None:
    win.apply({"cluster.servers": 21})
    win.files.autosave_now()
    copies = list(autosave_folder().glob("*.mitsumori"))
    assert [load_project(path).plan.cluster.servers for path in copies] == [21]
    assert Copies(autosave_folder()).abandoned() == [], "a running program's copy is its own"
    win.files.ask_save = lambda: tmp_path / "x.mitsumori"
    win.files.save()
    assert list(autosave_folder().glob("*.mitsumori")) == []


def left_by_a_crash(win: Any, origin: Path | None) -> None:
    """What a killed program leaves: its copy, and a lock that the operating system released."""
    other = Copies(autosave_folder())
    other.write(win.store.project(), origin, None if origin is None else fingerprint(origin))
    os.close(other._lock)
    other._lock = None


def test_recovered_work_belongs_to_its_file_and_stays_in_a_copy_until_saved(win: Any, tmp_path: Path) -> None:
    target = tmp_path / "客先 A.mitsumori"
    win.files.ask_save = lambda: target
    win.files.save()
    win.apply({"cluster.servers": 33})
    left_by_a_crash(win, target)
    win.files.ask_leave = lambda: "discard"
    win.apply({"cluster.servers": 1})
    win.files.ask_recover = lambda name: "show"
    assert win.files.recover()
    assert win.files.path == target
    assert win.files.dirty()
    assert load_project(win.files.copies.path).plan.cluster.servers == 33
    assert win.files.save()
    assert load_project(target).plan.cluster.servers == 33
    assert not win.files.copies.path.exists()


@pytest.mark.parametrize(
    ("answer", "written", "kept"), [("stay", 5, False), ("overwrite", 16, True), ("save_as", 5, True)]
)
def test_a_file_that_another_program_changed_is_not_overwritten_silently(
    win: Any, tmp_path: Path, answer: str, written: int, kept: bool
) -> None:
    target, second = tmp_path / "shared.mitsumori", tmp_path / "second.mitsumori"
    win.files.ask_save = lambda: target
    win.files.save()
    win.files.ask_overwrite = lambda name: pytest.fail("asked without a reason")
    win.apply({"cluster.servers": 15})
    assert win.files.save()
    save_project(Project(plans=(sample_estimate.plan(cluster__servers=5),)), target)
    win.files.ask_save = lambda: second
    win.files.ask_overwrite = lambda name: answer
    win.apply({"cluster.servers": 16})
    assert win.files.save() is kept
    assert load_project(target).plan.cluster.servers == written
    assert second.exists() is (answer == "save_as")


@pytest.mark.parametrize("answer", ["show", "discard", "stay"])
def test_a_copy_left_by_a_crash_is_offered_until_somebody_decides(win: Any, answer: str) -> None:
    win.apply({"cluster.servers": 33})
    left_by_a_crash(win, None)
    win.apply({"cluster.servers": 1})
    win.files.ask_recover = lambda name: answer
    assert win.files.recover() is (answer == "show")
    assert (win.store.plan.cluster.servers == 33) is (answer == "show")
    assert win.files.dirty()
    win.files.ask_recover = lambda name: "show"
    assert win.files.recover() is (answer == "stay")


@pytest.mark.parametrize("ask", ["ask_leave", "ask_overwrite", "ask_recover"])
def test_escape_loses_nothing_and_enter_takes_the_safe_answer(win: Any, qtbot: Any, ask: str) -> None:
    def press(key: Qt.Key) -> str:
        def find() -> None:
            box = QApplication.activeModalWidget()
            assert isinstance(box, QMessageBox)
            QTest.keyClick(box, key)

        QTimer.singleShot(50, find)
        question = getattr(type(win.files), ask)  # windows of tests answer by themselves
        answer: str = question(win.files, *(() if ask == "ask_leave" else ("plan",)))
        return answer

    assert press(Qt.Key.Key_Escape) == "stay"
    assert press(Qt.Key.Key_Return) == {"ask_leave": "save", "ask_overwrite": "save_as", "ask_recover": "show"}[ask]


def test_a_file_can_be_dropped_anywhere(win: Any, tmp_path: Path) -> None:
    from PySide6.QtCore import QMimeData, QUrl

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "x.mitsumori"))])
    assert win.files.droppable(data) == tmp_path / "x.mitsumori"
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "x.exe"))])
    assert win.files.droppable(data) is None


def test_a_folder_that_cannot_be_written_is_a_sentence(win: Any, tmp_path: Path) -> None:
    said: list[str] = []
    win.files.problem.connect(lambda sentence, cause: said.append(sentence))
    win.files.ask_save = lambda: tmp_path / "missing" / "deep" / "x.mitsumori"
    (tmp_path / "missing").write_text("a file in the way")
    win.apply({"cluster.servers": 9})
    assert not win.files.save()
    assert said
    assert win.isWindowModified()
    assert win.store.plan == sample_estimate.plan(cluster__servers=9)
