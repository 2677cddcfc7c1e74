"""A walk over every widget: named, reachable, no dead ends, unique keys, tables behind charts."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from mitsumori.gui.dialogs.guide import start_tour
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.everywhere import dialogs, pages
from tests.gui.windows import window


def focusable(root: QWidget) -> list[QWidget]:
    """Every visible widget that Tab should reach."""
    tab = Qt.FocusPolicy.TabFocus.value
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy().value & tab
        and not widget.objectName().startswith("qt_")
    ]  # fmt: skip


def name_of(widget: QWidget, buddies: dict[QWidget, str]) -> str:
    return widget.accessibleName() or buddies.get(widget, "")


def check_names(win: Any, where: str) -> None:
    buddies = {label.buddy(): label.text() for label in win.findChildren(QLabel) if label.buddy() is not None}
    unnamed = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in focusable(win)
        if not name_of(widget, buddies)
    ]
    assert not unnamed, f"{where}: {unnamed}"


def alt_letters(root: QWidget) -> list[str]:
    """Letters that Alt reaches: those marked in labels and buttons, and the shortcuts of the inputs."""
    marked = [label.text() for label in root.findChildren(QLabel) if label.buddy() is not None and label.isVisible()]
    marked += [button.text() for button in root.findChildren(QAbstractButton) if button.isVisible()]
    letters = [found for text in marked for found in re.findall(r"(?<!&)&(\w)", text)]
    for shortcut in root.findChildren(QShortcut):
        keys = shortcut.key().toString()
        if shortcut.isEnabled() and re.fullmatch(r"Alt\+\w", keys):
            letters.append(keys[-1])
    return [letter.upper() for letter in letters]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_controls_of_every_page_and_dialog_are_named_and_alt_letters_unique(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    walked, marked = {}, 0
    for name, root in chain(pages(win, qtbot), dialogs(win)):
        qtbot.wait(10)
        check_names(root, name)
        walked[name] = len(focusable(root))
        letters = alt_letters(root)
        marked += len(letters)
        assert not [letter for letter, count in Counter(letters).items() if count > 1], name
    assert len(walked) > 20
    assert min(count for name, count in walked.items() if name != "menu") > 0, walked
    assert walked["cost"] > 60
    assert marked > 100


def reached_by_tab(root: QWidget, first: QWidget) -> set[QWidget]:
    """The controls that Tab visits from one on, until it comes round."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(len(focusable(root)) + 200):
        focus = QApplication.focusWidget()
        if focus is None or (focus in seen and focus is not seen[-1]):  # a page with links takes Tab for each of them
            break
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    return set(seen)


def test_tab_reaches_every_control_of_the_start_page_and_of_present_mode(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.present()
    qtbot.wait(20)
    page = win.presentation.page
    assert set(focusable(page)) - reached_by_tab(page, page.head.leave) == set()
    win.leave_present()
    win.show_start()
    qtbot.wait(20)
    start = win._start
    assert set(focusable(start)) - reached_by_tab(win, start.begin) == set()
    # of the answers to a question Tab visits the one chosen, arrow keys the others
    question = start.questions[1]
    question.answers[1].setFocus()
    QTest.keyClick(question.answers[1], Qt.Key.Key_Right)
    assert question.chosen() is question.answers[2].answer
    assert QApplication.focusWidget() is question.answers[2]


def test_tab_reaches_every_control_of_the_dialogs(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    for name, dialog in dialogs(win):
        if name == "menu":
            continue
        dialog.activateWindow()
        qtbot.wait(20)
        wanted = focusable(dialog)
        assert set(wanted) - reached_by_tab(dialog, wanted[0]) == set(), name


def test_units_are_part_of_the_names(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    row = win.inputs.row("facility.rack_kva")
    assert row is not None
    assert row.edit is not None
    assert row.edit.accessibleName() == "Rack limit, kVA"


def test_tab_goes_round_every_control_without_a_dead_end(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    expected = set(focusable(win))
    win.toolbar.new.setFocus()
    seen: list[QWidget] = []
    for _ in range(len(expected) + 20):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in seen:
            break
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [f"{type(widget).__name__} {widget.accessibleName()}" for widget in expected - set(seen)]
    assert not missed


def test_tab_order_of_the_inputs_is_their_order_on_screen(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    start = win.inputs.sections[0].header
    start.setFocus()
    heights = []
    for _ in range(25):
        focus = QApplication.focusWidget()
        if focus is None or not win.inputs.isAncestorOf(focus):
            break
        heights.append(focus.mapTo(win.inputs.widget(), focus.rect().center()).y())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert len(heights) > 15
    jumps_up = [(a, b) for a, b in pairwise(heights) if b < a - 8]
    assert not jumps_up


def test_keys_are_unique(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    for key, _, _ in TABS:
        win.show_tab(key)
    keys = [shortcut.key().toString() for shortcut in win.findChildren(QShortcut) if shortcut.isEnabled()]
    keys += [key.toString() for action in win.actions() for key in action.shortcuts()]
    assert "Ctrl+S" in keys
    double = [key for key, count in Counter(keys).items() if count > 1 and key]
    assert not double


def test_alt_letters_reach_their_inputs(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    for section in win.inputs.sections:
        for field in section.group.fields:
            if field.key and field.shown_when(win.store.plan):
                assert win.inputs.go_to(field.path), field.path
                focus = win.focusWidget()
                assert focus is not None
                owner = focus.parentWidget()
                assert isinstance(owner, InputRow)
                assert owner.field.path == field.path


def test_labels_are_buddies_of_their_controls(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    for section in win.inputs.sections:
        for row in section.open_rows():
            if row.field.kind != "layout":
                assert row.label.buddy() is row.control()


def test_the_focus_ring_follows_the_keyboard_and_not_the_mouse(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.toolbar.new.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(win.toolbar.new, Qt.Key.Key_Tab)
    ring = win.findChild(QWidget, "focusRing")
    assert ring is not None
    assert ring.isVisible()
    corner = win.toolbar.open.mapTo(ring.parentWidget(), QPoint(0, 0))
    assert ring.geometry() == QRect(corner, win.toolbar.open.size()).adjusted(-3, -3, 3, 3)


def test_no_ring_before_a_key_was_pressed(qtbot) -> None:  # type: ignore[no-untyped-def]
    """Opening, the end of the tour and the end of a presentation leave the focus where it was: on nothing."""
    win = window(qtbot)

    def rings() -> list[QWidget]:
        return [ring for ring in win.findChildren(QWidget, "focusRing") if ring.isVisible()]

    assert not rings()
    tour = start_tour(win)
    qtbot.wait(10)
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    qtbot.wait(10)
    assert not rings()
    win.present()
    qtbot.wait(10)
    win.leave_present()
    qtbot.wait(10)
    assert not rings()


def test_the_focus_comes_back_after_a_presentation(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    assert win.inputs.go_to("workload.tokens")
    before = win.focusWidget()
    QTest.keyClick(win, Qt.Key.Key_F11)
    qtbot.wait(10)
    assert win.presenting
    QTest.keyClick(win, Qt.Key.Key_Escape)
    assert not win.presenting
    assert win.focusWidget() is before
