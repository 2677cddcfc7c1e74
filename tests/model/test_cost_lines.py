"""One table of cost lines: whatever a side costs is declared there, with its names, and nothing else is."""

from __future__ import annotations

import pytest

from mitsumori.model.base.messages import keys
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.line_table import CostLine, cost_lines, groups, keys_of, open_reasons, untaxed
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.text import estimate_text

TIMES = {"start": "initial", "month": "monthly", "year": "yearly", "end": "final", "once": "shaped"}
FILLED = Case(
    leased=1.0,
    goodput_loss_share=0.1,
    debugging_share=0.1,
    cpu_nodes_per_month=1.0,
    refresh_share=0.1,
    disposal_per_server=1.0,
    lead_months=3,
    interim=1,
)


@pytest.mark.parametrize(("side", "lines"), [("onprem", owned_lines(Case(leased=1.0))), ("cloud", cloud_lines(Case()))])
def test_every_line_is_declared_for_its_side_and_time(side: str, lines: Lines) -> None:
    for when, name in TIMES.items():
        assert set(keys_of(side, when)) == set(getattr(lines, name)), when  # type: ignore[arg-type]


@pytest.mark.parametrize(("side", "lines"), [("onprem", owned_lines(FILLED)), ("cloud", cloud_lines(FILLED))])
def test_a_line_that_a_side_need_not_have_is_there_where_something_is_entered(side: str, lines: Lines) -> None:
    for when, name in TIMES.items():
        assert set(keys_of(side, when, optional=True)) == set(getattr(lines, name)), when  # type: ignore[arg-type]


@pytest.mark.parametrize("line", cost_lines().values(), ids=lambda line: line.key)
def test_a_line_has_both_names_a_rule_and_a_bar(line: CostLine) -> None:
    assert line.rule
    assert line.label["en"] != line.label["ja"]
    assert line.owned or line.rented
    assert bool(line.group) == bool(line.owned)
    assert bool(line.rented_group) == bool(line.rented)
    assert (line.capital != "") <= ("start" in line.owned)
    assert bool(line.open) == bool(line.why)
    assert not line.why or line.why in keys("findings")
    assert line.origin.what == line.rule


def test_wages_taxes_premiums_and_the_sale_of_used_machines_bear_no_consumption_tax() -> None:
    assert untaxed() == {"staff", "property_tax", "insurance", "residual"}


def test_what_may_stay_open_is_paid_at_the_start() -> None:
    assert {line.key for line in open_reasons().values()} <= set(keys_of("onprem", "start"))


def test_every_line_stands_in_one_bar() -> None:
    for side in ("onprem", "cloud"):
        shown = [key for names in groups(side).values() for key in names]  # type: ignore[arg-type]
        assert sorted(shown) == sorted(key for key, line in cost_lines().items() if line.when(side))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_report_names_lines_as_the_table_does(language: str) -> None:
    plan = load_sample("llama3-70b-continual").plan
    result = estimate(plan)
    said = estimate_text(plan, result, language)
    for side in (result.cost.cloud, result.cost.onprem):
        for key in side.lines:
            assert cost_lines()[key].label[language] in said
