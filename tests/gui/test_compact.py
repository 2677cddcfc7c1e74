"""The window on small screens: first size, compact measures, inputs that give way or fold, an edge that can be moved."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest

from mitsumori.gui import settings
from mitsumori.gui.inputs.fields import GROUPS
from mitsumori.gui.panes import FIRST, PANE_HIGH, PANE_LOW, SMALLEST, Panes
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.theme import zoom
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.splitter import STEP, PaneEdge
from mitsumori.gui.window import Window
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.test_languages import cut
from tests.gui.windows import window

SAMPLE = load_sample("llama3-70b-continual").plan


def small(qtbot: Any, width: int = 1280, height: int = 720) -> Window:
    return window(qtbot, SAMPLE, estimator=estimate_plan, size=(width, height))


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ((1264, 672), (1264, 672)),
        ((2544, 1392), FIRST),
        ((1904, 1032), FIRST),
        ((1584, 852), (1584, 852)),
        ((800, 500), SMALLEST),
    ],
)
def test_the_first_window_is_as_large_as_the_screen_allows(
    application: Any, room: tuple[int, int], size: tuple[int, int]
) -> None:
    assert Panes.first_size(QSize(*room)) == QSize(*size)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(1280, 720), (1100, 640)])
def test_nothing_is_cut_on_a_small_screen(qtbot: Any, language: str, size: tuple[int, int]) -> None:
    set_language(language)  # type: ignore[arg-type]
    win = small(qtbot, *size)
    assert win.size() == QSize(*size)
    assert theme().compact
    for key, _, _ in TABS:
        win.show_tab(key)
        qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
        qtbot.wait(20)
        bars = (win.toolbar, win.headline, win.tab_row, win.footer)
        assert not [text for bar in bars for text in cut(bar)], key
        right = win.tab_row.tabRect(win.tab_row.count() - 1).right()
        assert right <= win.tab_row.width()
        for bar in (*bars, win.tab_stack):
            assert bar.mapTo(win, bar.rect().bottomRight()).x() < win.width()
        assert win.footer.mapTo(win, win.footer.rect().bottomLeft()).y() == win.height() - 1


def test_both_rows_of_the_overview_are_seen_at_1280_by_720(qtbot: Any) -> None:
    win = small(qtbot)
    tab = win.tabs["overview"]
    qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
    qtbot.wait(20)
    assert tab.page.height() <= tab.viewport().height()
    assert win.inputs.width() == 316
    assert (win.toolbar.height(), win.headline.height(), win.footer.height()) == (44, 94, 30)


def test_measures_follow_the_size_and_come_back(qtbot: Any) -> None:
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    regular = win.headline.height(), win.inputs.width(), win.toolbar.height()
    assert regular == (122, 360, 52)
    win.resize(1280, 720)
    qtbot.waitUntil(lambda: (win.headline.height(), win.inputs.width(), win.toolbar.height()) == (94, 316, 44))
    win.resize(1600, 1000)
    qtbot.waitUntil(lambda: (win.headline.height(), win.inputs.width(), win.toolbar.height()) == regular)


def test_presenting_is_never_compact(qtbot: Any) -> None:
    win = small(qtbot)
    win.present()
    assert not theme().compact
    win.leave_present()
    assert theme().compact


def test_a_narrow_window_folds_the_inputs_and_every_icon_opens_its_group(qtbot: Any) -> None:
    win = small(qtbot, 1100, 640)
    assert win.is_folded()
    assert win.strip.width() == 44
    names = [button.accessibleName() for button in win.strip.buttons.values()]
    assert len(set(names)) == len(GROUPS)
    QTest.mouseClick(win.strip.buttons["money"], Qt.MouseButton.LeftButton)
    qtbot.wait(30)
    assert not win.is_folded()
    money = next(section for section in win.inputs.sections if section.group.key == "money")
    assert money.is_open()
    assert win.focusWidget() is money.header
    top = money.header.mapTo(win.inputs.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < win.inputs.viewport().height()
    QTest.keyClick(win, Qt.Key.Key_F9)
    assert win.is_folded()
    win.go_to_field("workload.tokens")
    assert not win.is_folded()
    win.fold_inputs(True)
    win.resize(1600, 1000)
    qtbot.wait(10)
    assert not win.is_folded()


def test_the_keyboard_reaches_the_strip(qtbot: Any) -> None:
    win = small(qtbot, 1100, 640)
    win.toolbar.new.setFocus()
    QTest.keyClick(win.toolbar.new, Qt.Key.Key_F6)
    focus = win.focusWidget()
    assert focus is not None
    assert win.strip.isAncestorOf(focus)


def edge_of(win: Window) -> PaneEdge:
    edge = win.splitter.handle(1)
    assert isinstance(edge, PaneEdge)
    return edge


def test_the_edge_moves_by_keyboard_within_its_bounds_and_is_remembered(qtbot: Any) -> None:
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    edge = edge_of(win)
    assert edge.accessibleName() == "Width of the inputs"
    QTest.keyClick(edge, Qt.Key.Key_Right)
    assert win.inputs.width() == 360 + STEP
    for _ in range(40):
        QTest.keyClick(edge, Qt.Key.Key_Right)
    assert win.inputs.width() == PANE_HIGH
    for _ in range(40):
        QTest.keyClick(edge, Qt.Key.Key_Left)
    assert win.inputs.width() == PANE_LOW
    QTest.keyClick(edge, Qt.Key.Key_Right)
    chosen = win.inputs.width()
    win.resize(1500, 900)
    qtbot.wait(10)
    assert win.inputs.width() == chosen
    other = window(qtbot, SAMPLE, estimator=estimate_plan)
    assert other.inputs.width() == chosen
    QTest.mouseDClick(edge_of(other), Qt.MouseButton.LeftButton)
    assert other.inputs.width() == 360
    assert settings.text("inputs/width") == ""


def test_the_edge_is_dragged_with_the_mouse(qtbot: Any) -> None:
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    edge = edge_of(win)
    middle = edge.rect().center()
    QTest.mousePress(edge, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(edge, middle + QPoint(60, 0))
    QTest.mouseRelease(edge, Qt.MouseButton.LeftButton, pos=middle)
    assert win.inputs.width() == pytest.approx(420, abs=8)


@pytest.mark.parametrize("stored", ["wide", "0", "9999", "-300", ""])
def test_a_damaged_width_is_left_aside(qtbot: Any, stored: str) -> None:
    settings.store("inputs/width", stored)
    assert window(qtbot, SAMPLE, estimator=estimate_plan).inputs.width() == 360


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [PANE_LOW, PANE_HIGH])
def test_rows_are_whole_at_the_least_and_the_greatest_width(qtbot: Any, language: str, width: int) -> None:
    settings.store("inputs/width", str(width))
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    assert win.inputs.width() == width
    for section in win.inputs.sections:
        section.set_open(True)
    qtbot.wait(250)
    for section in win.inputs.sections:
        for row in section.open_rows():
            assert row.rect().right() <= win.inputs.viewport().width(), row.field.path
            for control in row.controls():
                if control.isVisible():
                    assert row.rect().contains(control.geometry()), (row.field.path, type(control).__name__)
            if row.edit is not None:
                assert row.edit.fontMetrics().horizontalAdvance(row.edit.text()) < row.edit.width() - 8


def test_a_zoomed_window_on_a_small_screen_stays_usable(qtbot: Any) -> None:
    win = small(qtbot)
    zoom.set_zoom(1.5)
    try:
        qtbot.wait(30)
        assert win.size() == QSize(1280, 720)
        assert win.is_folded()
        assert win.footer.mapTo(win, win.footer.rect().bottomLeft()).y() == win.height() - 1
    finally:
        zoom.reset_zoom()
