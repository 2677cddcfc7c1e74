"""Controls keep their own width and their place: none is squeezed, none lies over another, texts are whole.

With three scenarios, with a deadline (a third part of the switch on the card of the days) and many trainings a year (longer
words on the switch of the costs), and with a plan that serves; in a small window and in the one it is designed for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QWidget

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs import TABS
from mitsumori.gui.tabs.overview import OverviewTab
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.widgets.tiles import Tiles
from mitsumori.gui.window import Window
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.test_languages import cut
from tests.gui.walk import settle
from tests.gui.windows import window

TRAINS, SERVES = load_sample("llama3-70b-continual").plan, load_sample("serve-rag-3000").plan
TOUCHING = 4
"""Pixels by which the edges of two controls may meet: the air around an icon."""
PLANS = {
    "three": (TRAINS, TRAINS.with_values({"name": "Azure ND H100 v5"}), TRAINS.with_values({"name": "Cold plates, 16 servers"})),
    "serves": (SERVES,),
}  # fmt: skip


def squeezed(root: QWidget) -> list[str]:
    """Buttons and switches that are narrower than their words."""
    kinds = (*root.findChildren(Segmented), *root.findChildren(Button))
    narrow = [one for one in kinds if one.isVisible() and one.width() < one.sizeHint().width() - 1]
    return [f"{type(one).__name__} {one.accessibleName()!r}" for one in narrow if not isinstance(one, Tiles)]


def over_each_other(root: QWidget) -> list[str]:
    """Visible controls of one parent that share a place; what lies over a chart on purpose fills it whole."""
    found = []
    for parent in (root, *root.findChildren(QWidget)):
        if isinstance(parent, QAbstractScrollArea) or not parent.isVisible():
            continue
        here = [one for one in parent.children() if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()]
        here = [one for one in here if not isinstance(one, QLabel) or one.text()]
        for one, other in combinations(here, 2):
            shared = one.geometry().intersected(other.geometry())
            if min(shared.width(), shared.height()) > TOUCHING:
                found.append(f"{type(parent).__name__}: {type(one).__name__} and {type(other).__name__}")
    return found


def outside(root: QWidget) -> list[str]:
    """Switches and buttons of a card that reach out of it."""
    found = []
    for frame in root.findChildren(ChartFrame):
        for one in (*frame.findChildren(Segmented), *frame.findChildren(Button)):
            place = QRect(one.mapTo(frame, QPoint()), one.size())
            if one.isVisible() and frame.isVisible() and not frame.rect().contains(place):
                found.append(f"{frame.title}: {type(one).__name__} {one.accessibleName()!r} at {place}")
    return found


def faces(win: Window, key: str) -> Iterator[str]:
    """What a card of the page can be turned to, one after the other."""
    tab = win.tabs[key]
    if not isinstance(tab, OverviewTab):
        yield ""
        return
    for face, _ in tab.face._options:
        tab.turn(face)
        yield str(face)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)])
@pytest.mark.parametrize("plans", PLANS)
def test_every_control_has_its_place(qtbot: Any, plans: str, size: tuple[int, int], language: str) -> None:
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, *PLANS[plans], estimator=estimate_plan, size=size)
    if plans == "three":
        win.apply({"workload.deadline": "2027-03-31", "workload.use": "yearly", "workload.runs_per_year": 250.0})
    wrong = []
    for key, _, _ in TABS:
        win.show_tab(key)
        settle(win, qtbot)
        page = win.tabs[key].page
        for face in faces(win, key):
            settle(win, qtbot)
            found = [*squeezed(page), *over_each_other(page), *outside(page), *cut(page)]
            wrong += [f"{key} {face}: {text}" for text in found]
    for part in (win.toolbar, win.headline, win.footer):
        wrong += [f"{type(part).__name__}: {text}" for text in (*squeezed(part), *over_each_other(part))]
    wrong += squeezed(win.inputs)  # its heads lie under their links, and are pressed beside them
    assert not wrong, "\n".join(wrong)
    assert win.findChildren(ChartFrame)
