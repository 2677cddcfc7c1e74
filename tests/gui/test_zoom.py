"""Zoom: type, measures and widgets grow together, come back exactly, and are remembered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from mitsumori.gui import settings
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.theme import zoom
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.window import Window
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window


@pytest.fixture(autouse=True)
def unzoomed() -> Iterator[None]:
    zoom.reset_zoom()
    yield
    zoom.reset_zoom()


def measures(root: QWidget) -> dict[int, tuple[object, ...]]:
    """Fonts, places and sizes of what is seen."""
    return {
        id(widget): (type(widget).__name__, widget.font().pixelSize(), widget.geometry().getRect())
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
    }


def settled(win: Window, qtbot: Any) -> dict[int, tuple[object, ...]]:
    """The measures once nothing moves any more."""
    last: dict[int, tuple[object, ...]] = {}
    for _ in range(50):
        qtbot.waitUntil(lambda: not win.jobs.any_busy(), timeout=60_000)
        qtbot.wait(40)
        now = measures(win)
        if now == last:
            return now
        last = now
    raise AssertionError("the window does not come to rest")


def test_keys_zoom_and_ctrl_0_comes_back_to_the_very_same_window(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan, size=(1900, 1200))
    for key, _, _ in TABS:
        win.show_tab(key)
        qtbot.wait(10)
    win.show_tab("overview")
    before = settled(win, qtbot)
    row = win.inputs.row("workload.tokens")
    assert isinstance(row, InputRow)
    height, letters = row.height(), row.label.font().pixelSize()
    QTest.keyClick(win, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(win, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(30)
    assert zoom.zoom() == theme().scale == 1.25
    assert row.label.font().pixelSize() == round(letters * 1.25)
    assert row.height() == pytest.approx(height * 1.25, abs=2)
    QTest.keyClick(win, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert zoom.zoom() == 1.1
    for _ in range(5):
        QTest.keyClick(win, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert zoom.zoom() == zoom.STEPS[0]
    for _ in range(len(zoom.STEPS)):
        QTest.keyClick(win, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert zoom.zoom() == zoom.STEPS[-1]
    QTest.keyClick(win, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    after = settled(win, qtbot)
    assert {key: after.get(key) for key in before} == before


def test_the_zoom_is_remembered(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    win.trigger("zoom_in")
    assert zoom.zoom() == 1.1
    zoom._zoom = 1.0
    zoom.restore_zoom()
    assert zoom.zoom() == theme().scale == 1.1
    for damaged in ("huge", "0", "-1", "1e9"):
        settings.store("window/zoom", damaged)
        zoom.restore_zoom()
        assert zoom.zoom() == theme().scale == 1.0


def test_presenting_multiplies_the_zoom_and_gives_it_back(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    zoom.set_zoom(1.1)
    win.present()
    assert theme().scale == pytest.approx(1.3 * 1.1)
    win.leave_present()
    assert theme().scale == 1.1


def test_what_is_opened_while_zoomed_looks_like_what_was_zoomed_open(qtbot) -> None:  # type: ignore[no-untyped-def]
    plan = load_sample("llama2-7b-sft").plan
    first = window(qtbot, plan, estimator=estimate_plan, size=(1900, 1200))
    zoom.set_zoom(1.25)
    qtbot.wait(30)
    second = window(qtbot, plan, estimator=estimate_plan, size=(1900, 1200))
    qtbot.wait(30)

    def labels(win: QWidget) -> list[tuple[str, int, tuple[int, int, int, int]]]:
        return [
            (label.text(), label.font().pixelSize(), label.geometry().getRect())
            for label in win.findChildren(QLabel)
            if label.isVisible() and label.text()
        ]

    assert labels(first) == labels(second)
