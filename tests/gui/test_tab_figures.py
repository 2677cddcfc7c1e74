"""What the tabs make of an estimate: values with units, stacks, steps, groups of cost, crossings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitsumori.gui.dialogs.explain import value_text
from mitsumori.gui.tabs.scenario_table import MEASURES, Scenario, differing, input_text
from mitsumori.gui.tabs.training_time import table_plan
from mitsumori.gui.tabs.view import cost_columns, cost_curve, grouped, stack_of, step_parts
from mitsumori.gui.words.results import OWNED_GROUPS
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from tests.gui import sample_estimate as sample


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8.69e8, "JPY", "¥869M"),
        (62.4e9, "B", "62.4 GB"),
        (0.386, "", "38.6 %"),
        (4.0, "kW", "4 kW"),
        (22.3, "d", "22.3 days"),
    ],
)
def test_values_are_written_with_their_unit(value: float, unit: str, text: str) -> None:
    assert value_text(Figure(value, unit, Provenance("user", "x"))) == text


# -- view models ------------------------------------------------------------------------------------------------------


def test_stacks_hold_the_bytes_of_the_estimate(real: tuple[Plan, Any]) -> None:
    stack = stack_of(real[1].memory.per_gpu)
    assert stack.total * 1e9 == pytest.approx(real[1].memory.per_gpu["total_bytes"].value)


def test_step_parts_are_those_of_the_estimate(real: tuple[Plan, Any]) -> None:
    parts = step_parts(real[1])
    known = sum(figure.value for figure in real[1].training.breakdown_s.values())
    assert sum(part.value or 0.0 for part in parts) == pytest.approx(known)


def test_cost_groups_lose_nothing(real: tuple[Plan, Any]) -> None:
    lines = real[1].cost.onprem.lines
    total = sum(value for value in grouped(lines, OWNED_GROUPS).values() if value)
    assert total == pytest.approx(real[1].cost.onprem.total.value)
    assert {name for names in OWNED_GROUPS.values() for name in names} >= set(lines)


def test_a_group_with_an_unknown_line_is_unknown_not_zero() -> None:
    lines = {"servers": Figure(1.0, "JPY"), "spares": Figure(None, "JPY", reason="cost_total_unknown")}
    assert grouped(lines, OWNED_GROUPS) == {"servers": None}
    columns, _, _ = cost_columns(sample.unpriced().cost)
    assert columns[0].total == "—"


def test_differences_of_scenarios() -> None:
    plans = [
        sample.plan(),
        sample.plan(cluster__servers=16),
        sample.plan(facility__cooling="air", facility__rack_kva=10.0),
    ]
    different, alike = differing(plans)
    assert different == ["cluster.servers", "facility.cooling", "facility.rack_kva"]
    assert alike > 100
    assert "16" in input_text("cluster.servers", plans[1], Catalogue.shipped())
    assert "10 kVA" in input_text("facility.rack_kva", plans[2], Catalogue.shipped())


def test_a_result_that_is_not_defined_says_why(qapp: Any) -> None:
    set_language("en")
    project = load_sample("llama3-70b-continual")
    plans = [
        project.plans[1],
        project.plan.with_values({"facility.cooling": "air", "facility.rack_kva": 10.0}),
        project.plan.with_values({"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1}),
    ]
    unpriced, hot, large = (Scenario("A", plan, estimate(plan), Catalogue.shipped()) for plan in plans)
    days, _, racks, *_, cloud, even = MEASURES
    assert unpriced.words(cloud) == unpriced.words(even) == ("—", "price not given")
    assert hot.words(racks) == ("—", "cannot be cooled")
    assert large.words(days) == ("—", "does not fit")


def test_layouts_leave_out_sizes_of_one() -> None:
    layout = {"tp": 4, "pp": 1, "vp": 1, "cp": 2, "ep": 1, "dp": 8, "zero_stage": 3}
    assert fmt.layout(layout) == "TP 4 · PP 1 · CP 2 · DP 8 · FSDP"


def test_the_table_has_the_plans_own_model_and_servers(real: tuple[Plan, Any]) -> None:
    plan = real[0].with_values({"table.models": (), "table.servers": ()})
    filled = table_plan(plan, Catalogue.shipped())
    assert plan.model.preset in filled.table.models
    assert plan.cluster.servers in filled.table.servers
    assert list(filled.table.servers) == sorted(set(filled.table.servers))


def test_break_evens_lie_on_both_lines_in_the_month_of_the_estimate(real: tuple[Plan, Any]) -> None:
    prices = {"money.cloud.reserved_3y_per_hour": 55.0, "money.onprem.lease_rate_per_month": 0.02}
    plan = real[0].with_values(prices)
    cost = estimate(plan).cost
    data = cost_curve(plan, cost, ("cloud_reserved_3y", "lease"))
    lines = {line.name: line.values for line in data.lines}
    assert len(lines) == 4
    pairs = [("Cloud", "On-premises"), ("Reserved 3 y", "On-premises"), ("Cloud", "Lease")]
    months = [
        cost.break_even_month,
        *(cost.alternatives[n].details["break_even_month"] for n in ("cloud_reserved_3y", "lease")),
    ]
    drawn = {crossing.month: crossing.amount for crossing in data.crossings}
    assert sorted(drawn) == sorted(figure.value for figure in months if figure.value)
    for names, figure in zip(pairs, months, strict=True):
        if figure.value:
            for name in names:
                at = np.interp(figure.value, np.arange(len(lines[name])), lines[name])
                assert at == pytest.approx(drawn[figure.value], rel=1e-9), name


@pytest.mark.parametrize("term", ["reserved_1y", "reserved_3y"])
def test_an_alternative_without_a_price_is_not_drawn(real: tuple[Plan, Any], term: str) -> None:
    plan, result = real
    cost = result.cost
    assert f"cloud_{term}" in cost.unpriced
    assert cost.alternatives[f"cloud_{term}"].total.value is None
    assert len(cost_curve(plan, cost, (f"cloud_{term}",)).lines) == 2
