"""What the cost is of stands on the card and is one switch: one training, several a year, or always on; conclusions follow."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs.cost_titles import cost_title
from mitsumori.gui.tabs.view import cost_curve
from mitsumori.gui.words.totals import even_month, total_text
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

PLAN = load_sample("llama3-70b-continual").plan.with_values({
    "money.onprem.power_works": 0.0, "workload.runs_per_year": None, "workload.use": "always",
})  # fmt: skip


def click(switch: Any, use: str) -> None:
    """A real click on one of its cells."""
    index = next(at for at, (value, _) in enumerate(switch._options) if value == use)
    middle: QPointF = switch._cells()[index].center()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle.toPoint())


@pytest.mark.parametrize("tab", ["overview", "cost"])
def test_the_cost_card_switches_and_the_conclusion_follows(qtbot: Any, tab: str) -> None:
    """One run of 26 days cost 38 M yen in the cloud, and the only headline was five years at 70 %: "owned from month 17"."""
    set_language("ja")
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.show_tab(tab)
    shown = win.tabs[tab]
    card = shown.cost_card if tab == "overview" else shown.curve_card
    assert shown.use.isVisible() and shown.use.value() == "always"
    seen = {}
    for use in ("once", "yearly", "always"):
        click(shown.use, use)
        win.store.compute_now()
        qtbot.waitUntil(lambda: not win.store.stale)
        cost = win.store.estimate.cost
        assert win.store.plan.workload.use == use
        seen[use] = (cost.cloud.total.value, cost.break_even_month.value)
        content = win.headline.cost.content()
        assert content.values[0][0].text == total_text(cost, "onprem") and content.values[1][0].text == total_text(
            cost, "cloud"
        )
        named = {"once": "学習 1 回", "yearly": "年 1 回", "always": "総費用"}[use]
        assert named in content.title and named in content.spoken
        if use == "once":
            assert "学習 1 回だけなら、クラウド" in card.title and total_text(cost, "cloud") in card.title
        elif cost.break_even_month.value is not None:
            assert f"{even_month(cost.break_even_month.value)} か月目" in card.title
    assert seen["once"][0] < 1e8 and seen["once"][1] is None, "for one training renting wins"
    assert seen["always"][0] > 10 * seen["once"][0] and seen["always"][1] is not None, "always on, owning wins"
    win.store.undo_stack.undo()
    assert win.store.plan.workload.use == "yearly", "each choice is one step of undo"


def test_one_training_costs_by_its_tokens(qtbot: Any) -> None:
    """270 B tokens or 2.1 B: the headline stood still at 31.9 and 96.9 billion yen."""
    win = window(qtbot, PLAN.with_values({"workload.use": "once"}), estimator=estimate_plan)
    rented = []
    for tokens in (270e9, 2.1e9):
        win.apply({"workload.tokens": tokens})
        win.store.compute_now()
        qtbot.waitUntil(lambda: not win.store.stale)
        rented.append(win.store.estimate.cost.cloud.total.value)
        assert total_text(win.store.estimate.cost, "cloud") in win.headline.cost.content().spoken
    assert rented[0] == pytest.approx(rented[1] * 270 / 2.1, rel=0.25), "compute follows the tokens, storage does not"


def test_how_busy_the_machines_are_is_a_field_that_is_seen(qtbot: Any) -> None:
    """70 % was a silent default: always on it can be typed, else it is shown as what the trainings come to."""
    win = window(qtbot, PLAN, estimator=estimate_plan)
    win.inputs.go_to("money.utilization")
    row = win.inputs.row("money.utilization")
    assert row.field.more is False and row.edit.isEnabled() and row.edit.text() == "70"
    win.apply({"workload.use": "yearly", "workload.runs_per_year": 4.0})
    win.store.compute_now()
    qtbot.waitUntil(lambda: not win.store.stale)
    qtbot.wait(20)
    share = win.store.estimate.cost.details["utilization"].value
    assert not row.edit.isEnabled() and float(row.edit.text()) == pytest.approx(100 * share, abs=0.01)
    assert win.tabs["overview"].use._options[1][1] == "4 a year"


def test_a_plan_that_serves_is_not_asked_for_its_trainings(qtbot: Any) -> None:
    win = window(qtbot, load_sample("serve-chat-500").plan, estimator=estimate_plan)
    win.show_tab("cost")
    assert not win.tabs["cost"].use.isVisible()


@pytest.mark.parametrize(("language", "said", "on_card"), [
    ("en", "Owning catches up on the way, but costs more over all 12 months", "Owning is cheaper at first, but costs more in the end"),
    ("ja", "途中で一度は追いつくが、12 か月の合計ではオンプレミスが高い", "はじめは安いが、最後はオンプレミスが高い"),
])  # fmt: skip
def test_nothing_calls_owning_cheaper_that_costs_more_in_the_end(
    qtbot: Any, language: str, said: str, on_card: str
) -> None:
    """Three years paid upfront beside twelve months: 24 months come back at the end, the title said "cheaper from the start"."""
    plan = PLAN.with_values({
        "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0, "money.cloud.upfront_share": 1.0,
        "money.horizon_months": 12,
    })  # fmt: skip
    cost = estimate_plan(plan).cost
    assert cost.break_even_month.value == 0.0
    assert (cost.onprem.total.value or 0.0) > (cost.cloud.total.value or 0.0) > 0.0
    set_language(language)
    assert cost_title(plan, cost).startswith(said)
    win = window(qtbot, plan, estimator=estimate_plan)
    reasons = win.headline.cost.content().reason
    assert reasons[0].startswith(on_card), "the card said a break-even in month 1"
    crossings = [crossing.text for crossing in cost_curve(plan, cost).crossings if crossing.main]
    assert not [text for text in crossings if "reak-even" in text or "逆転" in text]


def test_what_is_cheaper_from_the_first_month_has_no_month_of_a_break_even(qtbot: Any) -> None:
    """ "Break-even in month 0" stood on the card of machines that cost less than the first month of a cloud."""
    set_language("en")
    plan = PLAN.with_values(
        {"money.onprem.server_price": 1e5, "money.cloud.price_per_hour": 900.0, "workload.use": "always"}
    )
    cost = estimate_plan(plan).cost
    assert cost.break_even_month.value is not None and cost.break_even_month.value < 0.5
    win = window(qtbot, plan, estimator=estimate_plan)
    assert win.headline.cost.content().reason[0].startswith("Owning is cheaper from the first month")
