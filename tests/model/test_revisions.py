"""What changed between two revisions: inputs, prices and results, and nothing that nobody changed."""

from __future__ import annotations

from mitsumori.model.plan.project import Project, load_sample
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.study.revisions import new_quote, what_changed

SAMPLE = load_sample("llama3-70b-continual")


def test_nothing_differs_from_itself() -> None:
    assert what_changed(SAMPLE, SAMPLE) == ()
    dollars = SAMPLE.model_copy(update={"plans": tuple(p.with_values({"money.currency": "USD"}) for p in SAMPLE.plans)})
    assert what_changed(SAMPLE, dollars) == (), "the currency is a view"


def test_a_price_and_a_count_are_told_apart_and_the_results_follow() -> None:
    plan = SAMPLE.plan.with_values({"cluster.servers": 9, "money.onprem.server_price": 5e7})
    new = SAMPLE.model_copy(update={"plans": tuple(plan if p is SAMPLE.plan else p for p in SAMPLE.plans)})
    found = {(item.kind, item.path): item for item in what_changed(SAMPLE, new)}
    assert (found["input", "cluster.servers"].old, found["input", "cluster.servers"].new) == (8, 9)
    price = found["price", "money.prices.server:HPE-XD670"]
    assert (price.old, price.new) == ("45,000,000 JPY", "50,000,000 JPY")
    cost = found["result", "cost.onprem.total"]
    assert cost.new > cost.old and cost.unit == "JPY" and found["result", "training.days"].unit == "days"
    assert ("price", "money.onprem.server_price") not in found, "the view of the entry is not said twice"


def test_scenarios_that_came_and_went_are_named() -> None:
    other = SAMPLE.plan.with_values({"name": "C"})
    more = SAMPLE.model_copy(update={"plans": (*SAMPLE.plans, other)})
    assert [(item.kind, item.plan) for item in what_changed(SAMPLE, more)] == [("added", "C")]
    assert [(item.kind, item.plan) for item in what_changed(more, SAMPLE)] == [("removed", "C")]


def test_a_new_quote_keeps_the_plans_and_forgets_the_customer() -> None:
    project = Project(plans=SAMPLE.plans, proposal=Proposal(customer="A", quote_number="7", payment_terms="30 days"))
    fresh = new_quote(project, ("payment_terms",))
    assert fresh.proposal == Proposal(payment_terms="30 days")
    assert [p.money for p in fresh.plans] == [p.money for p in SAMPLE.plans]
