"""An estimate that breaks never leaves cards of two plans side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.figure import NotFinite
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.windows import window

KEPT = "Last result"


def figures(win: Any) -> list[Any]:
    return [card.content().values for card in win.headline.cards()]


def test_a_refused_plan_keeps_all_four_cards_and_they_say_so(qtbot: Any) -> None:
    win = window(qtbot, load_sample("mt-nlg-530b").plans[0], estimator=estimate_plan)
    good = figures(win)
    win.apply({"cluster.servers": 57})
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    assert figures(win) == good
    assert {card.content().badge[1] for card in win.headline.cards()} == {KEPT}
    assert all(card.content().faded and card.accessibleName().startswith(KEPT) for card in win.headline.cards())
    set_language("ja")
    assert {card.content().badge[1] for card in win.headline.cards()} == {"変更前の結果"}
    set_language("en")
    assert {card.content().badge[1] for card in win.headline.cards()} == {KEPT}
    win.store.undo_stack.undo()
    qtbot.waitUntil(lambda: not win.footer._alarm, timeout=5000)
    assert KEPT not in {card.content().badge[1] for card in win.headline.cards()}
    assert figures(win) == good


@pytest.mark.parametrize("card", ["days", "cost"])
def test_a_figure_that_breaks_when_it_is_looked_at_changes_no_card(qtbot: Any, card: str) -> None:
    """Memory and racks were already those of the new plan when the cost broke."""

    class Breaks:
        def __getattr__(self, name: str) -> Any:
            raise NotFinite("a figure must be finite")

    def estimator(plan: Plan, **context: Any) -> Any:
        made = estimate_plan(plan, **context)
        if plan.cluster.servers == 3:
            part = "training" if card == "days" else "cost"
            return replace(made, **{part: Breaks()})
        return made

    win = window(qtbot, load_sample("llama2-7b-sft").plans[0], estimator=estimator)
    good, kept = figures(win), win.store.estimate
    win.apply({"cluster.servers": 3})
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    assert figures(win) == good
    assert win.store.estimate is kept
    assert {one.content().badge[1] for one in win.headline.cards()} == {KEPT}
    win.apply({"cluster.servers": 4})
    qtbot.waitUntil(lambda: not win.footer._alarm, timeout=5000)
    assert figures(win) != good


def test_a_project_whose_plan_is_refused_shows_nothing_of_the_one_before(qtbot: Any) -> None:
    win = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    refused = load_sample("mt-nlg-530b").plans[0].with_values({"cluster.servers": 57})
    win.open_project(Project(plans=(refused,)))
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=5000)
    assert {card.content().values for card in win.headline.cards()} == {((None, "", ""),)}
    assert {card.content().reason for card in win.headline.cards()} == {("This plan cannot be computed",)}
    assert not win.tab_stack.isVisible()
    win.show_tab("compare")
    assert win.tab_stack.isVisible()
    win.show_tab("overview")
    win.apply({"cluster.servers": 280})
    qtbot.waitUntil(lambda: not win.footer._alarm, timeout=5000)
    assert win.tab_stack.isVisible()
