"""A budget of the search for a goal is the same money whatever currency is shown, and is refused in another one."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan.with_values({"money.onprem.power_works": 0.0})


def searched(qtbot: Any, days: str, budget: str, kind: str = "cost") -> tuple[Any, Any]:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab("advisor")
    tab = win.tabs["advisor"]
    tab.goal.blank("days").setText(days)
    tab.goal.blank(kind).setText(budget)
    tab.goal.search()
    settle(qtbot, win)
    return win, tab


def settle(qtbot: Any, win: Any) -> None:
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not win.store.stale and not win.services.at_work(), timeout=120_000)
    qtbot.wait(20)


@pytest.mark.parametrize("budget", ["8億", "5億"])
def test_a_budget_is_exchanged_with_the_currency_shown(qtbot: Any, budget: str) -> None:
    """800M yen stood as 800M dollars after a click on $, and a goal that cannot be met was called met."""
    set_language("ja")
    win, tab = searched(qtbot, "30", budget)
    found, yen = tab._result.found, tab._goal.cost
    win.store.show_in("USD")
    settle(qtbot, win)
    assert tab._goal.cost == pytest.approx(yen / PLAN.money.usd_jpy)
    assert float(tab.goal.blank("cost").text().replace(",", "")) == pytest.approx(yen / PLAN.money.usd_jpy, rel=1e-5)
    assert tab._result.found == found
    tab.goal.search()
    settle(qtbot, win)
    assert tab._result.found == found and tab._goal.cost == pytest.approx(yen / PLAN.money.usd_jpy, rel=1e-5)
    win.store.show_in("JPY")
    settle(qtbot, win)
    assert tab.goal.blank("cost").text() == budget and tab._goal.cost == pytest.approx(yen, rel=1e-5)


@pytest.mark.parametrize("kind", ["cost", "rent"])
def test_a_budget_in_another_currency_is_refused(qtbot: Any, kind: str) -> None:
    """ "$300,000" counted as 300,000 yen, and the goal was missed by 55,492 %."""
    set_language("ja")
    _, tab = searched(qtbot, "30", "$300,000", kind)
    assert tab._goal is None
    assert "$300,000" in tab.goal.note.text() and "not" not in tab.goal.note.text()


def test_without_a_rate_a_budget_is_given_up(qtbot: Any) -> None:
    set_language("en")
    win = window(
        qtbot, PLAN.with_values({"money.usd_jpy": None, "money.cloud.instance": None}), estimator=estimate_plan
    )
    win.show_tab("advisor")
    tab = win.tabs["advisor"]
    tab.goal.blank("cost").setText("800M")
    tab.goal.search()
    settle(qtbot, win)
    win.store.show_in("USD")
    settle(qtbot, win)
    assert tab.goal.blank("cost").text() == "" and tab._goal is None
