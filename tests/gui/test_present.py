"""Present mode: scaled to the wall, a sandbox that leaves no trace, scenarios and charts switched visibly."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.present.mode import SCALE, wall_scale
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.theme.tokens import theme
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan


def presenting(qtbot: Any, plan: Any = PLAN) -> Any:
    win = window(qtbot, plan, estimator=estimate_plan)
    win.store.add_scenario(plan.with_values({"cluster.servers": 16}), "sixteen")
    win.store.activate(0)
    win.store.compute_now()
    win.present()
    qtbot.wait(20)
    return win


def test_one_factor_scales_the_page_to_the_wall() -> None:
    """At 2560 x 1440 nothing scaled: ticks of 16 pixels on a wall."""
    assert wall_scale(1600, 900) == 1.0
    assert wall_scale(2560, 1440) == 1.6
    assert wall_scale(3840, 2160) == 2.4
    assert wall_scale(2560, 1080) == 1.2
    assert wall_scale(1280, 720) == 0.8 == wall_scale(640, 400)


@pytest.mark.parametrize("size", [(1600, 900), (2560, 1440), (1280, 720)])
def test_the_page_follows_the_size_of_its_window(qtbot: Any, size: tuple[int, int]) -> None:
    win = presenting(qtbot)
    win.showNormal()
    win.resize(*size)
    qtbot.waitUntil(lambda: abs(theme().scale - SCALE * wall_scale(*size)) < 0.05, timeout=10_000)
    page = win.presentation.page
    parts = (page.head, page.headline, page.charts, page.racks_card, page.foot)
    qtbot.waitUntil(lambda: all(page.rect().contains(part.geometry()) for part in parts), timeout=10_000)
    win.leave_present()
    assert theme().scale == 1.0


def test_what_is_tried_on_stage_leaves_no_trace(qtbot: Any) -> None:
    """Slider moves changed the saved plan: 6 servers were 33 after Esc."""
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.store.undo_stack.setClean()
    win.present()
    page = win.presentation.page
    QTest.keyClick(page.rows[2].slider, Qt.Key.Key_Up)
    QTest.keyClick(page.rows[2].slider, Qt.Key.Key_Up)
    assert win.store.plan.cluster.servers > PLAN.cluster.servers
    qtbot.waitUntil(page.head.reset.isVisible, timeout=5_000)
    page.head.reset.click()
    assert win.store.plan == PLAN
    qtbot.waitUntil(lambda: not page.head.reset.isVisible(), timeout=5_000)
    QTest.keyClick(page.rows[2].slider, Qt.Key.Key_Up)
    tried = win.store.plan
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not win.presenting
    assert win.store.plan == PLAN and win.store.undo_stack.isClean()
    take = next(button for button in win.notices.toast.buttons if button.isVisible())
    take.click()
    assert win.store.plan == tried, "and one click takes the trial over"


def test_scenarios_are_switched_on_stage_and_the_first_comes_back(qtbot: Any) -> None:
    win = presenting(qtbot)
    head = win.presentation.page.head
    assert [chip.isChecked() for chip in head.chips if chip.isVisible()] == [True, False]
    QTest.keyClick(win.presentation.page, Qt.Key.Key_2)
    assert win.store.active == 1 and [chip.isChecked() for chip in head.chips] == [False, True]
    head.chips[0].click()
    assert win.store.active == 0
    head.chips[1].click()
    win.leave_present()
    assert win.store.active == 0


def test_charts_have_dots_with_the_name_of_the_one_shown(qtbot: Any) -> None:
    dated = PLAN.with_values({"workload.start_date": "2027-03-01", "workload.deadline": "2027-06-30"})
    win = presenting(qtbot, dated)
    page = win.presentation.page
    assert len(page._cards) == 4, "a plan with a deadline has its calendar"
    names = []
    for index in range(4):
        page.show_chart(index)
        dots = page.dots[index]
        assert dots.isVisible() and f"{index + 1} of 4" in dots.accessibleName()
        names.append(dots.accessibleName())
        page.grab()
        other = next(place for place, to in dots._places if to == (index + 1) % 4 or to == index + 1)
        QTest.mouseClick(dots, Qt.MouseButton.LeftButton, pos=other.center().toPoint())
        assert page.charts.currentWidget() is page._cards[(index + 1) % 4]
    assert len(set(names)) == 4
    win.leave_present()
    win.apply({"workload.deadline": None, "workload.start_date": None})
    win.store.compute_now()
    win.present()
    qtbot.wait(20)
    assert len(page._cards) == 3
    win.leave_present()


def test_a_plan_that_serves_has_dots_in_its_own_charts(qtbot: Any) -> None:
    served = load_sample("serve-chat-500").plan
    win = window(qtbot, served, estimator=estimate_plan)
    win.present()
    qtbot.wait(20)
    page = win.presentation.page
    assert page.served is not None
    names = []
    for index in range(len(page._cards)):
        page.show_chart(index)
        shown = [dots for dots in page.dots if dots.isVisible()]
        assert len(shown) == 1
        names.append(shown[0].accessibleName())
    assert len(set(names)) == len(page._cards)
    win.leave_present()
