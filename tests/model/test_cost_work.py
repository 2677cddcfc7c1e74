"""Cost by work and time: lead time, unit costs, tax cut once a document, spot, cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mitsumori.model.cost.case import Case
from mitsumori.model.cost.comparison import cost, lead_months
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.money import consumption_tax
from mitsumori.model.cost.prices import CostInputs, quote
from mitsumori.model.cost.rented_lines import spot_overhead
from tests.model.cost_plans import inputs, money


@pytest.mark.parametrize(
    ("delivery", "works", "lead"),
    [(None, None, None), (3.0, None, 3.0), (None, 2.0, 2.0), (3.0, 5.0, 5.0), (0.0, 0.0, 0.0)],
)
def test_lead_time(delivery: float | None, works: float | None, lead: float | None) -> None:
    plan = money({"onprem.delivery_months": delivery, "onprem.works_months": works})
    assert lead_months(plan) == lead
    details = cost(plan, inputs()).details
    assert details["lead_months"].value == lead
    assert details["cloud_ready_days"].value == 22.0
    ready = details["onprem_ready_days"]
    if lead is None:
        assert (ready.value, ready.reason) == (None, "cost_lead_time_unknown")
        assert details["lead_months"].reason == "cost_lead_time_unknown"
    else:
        assert ready.value == pytest.approx(lead * 365 / 12 + 22)
    untrained = cost(plan, inputs(training_days=None)).details
    for name in ("onprem_ready_days", "cloud_ready_days"):
        assert (untrained[name].value, untrained[name].reason) == (None, "cost_no_training")


def test_work_without_progress_has_no_unit_cost() -> None:
    result = cost(money(), inputs(goodput=0.0))
    for name in ("per_million_tokens", "per_useful_gpu_hour"):
        assert (result.cloud.details[name].value, result.cloud.details[name].reason) == (None, "cost_no_training")
    unknown = cost(money({"onprem.server_price": None}), inputs())
    assert unknown.onprem.details["per_training"].reason == "cost_total_unknown"
    assert unknown.details["internal_rate_of_return"].reason == "cost_total_unknown"
    assert unknown.break_even_month.reason == "cost_total_unknown"
    assert unknown.break_even_utilization.reason == "cost_total_unknown"
    assert unknown.details["discounted_break_even_month"].reason == "cost_total_unknown"


def test_work_over_the_horizon() -> None:
    details = cost(money(), inputs()).details
    hours = 60 * 730 * 0.7
    assert details["tokens"].value == pytest.approx(60_000 * 0.95 * hours * 3600)
    assert details["trainings"].value == pytest.approx(hours / 24 / 22)
    assert details["useful_gpu_hours"].value == pytest.approx(64 * hours * 0.95)
    assert details["kwh_per_year"].value == pytest.approx(8760 * (0.7 * 71 + 0.3 * 24) * 1.3)
    assert details["utilization"].value == 0.7
    assert details["utilization"].provenance is not None
    assert details["utilization"].provenance.kind == "user"
    by_runs = cost(money(), inputs(runs_per_year=5.0)).details["utilization"]
    assert by_runs.value == pytest.approx(110 / 365)
    assert by_runs.provenance is not None
    assert by_runs.provenance.kind == "formula"


def test_unit_costs_count_the_tax_that_stays() -> None:
    stays = cost(money({"tax_credit": False}), inputs())
    hours = 60 * 730 * 0.7
    compared = stays.cloud.details["compared_total"].value or 0.0
    assert compared == pytest.approx(1.1 * (stays.cloud.total.value or 0.0))
    assert stays.cloud.details["per_useful_gpu_hour"].value == pytest.approx(compared / (64 * hours * 0.95))


@pytest.mark.parametrize(
    ("subtotal", "rate", "currency", "tax"),
    [
        (1009.0, 0.1, "JPY", 100.0), (1010.0, 0.1, "JPY", 101.0), (1e9 + 9.0, 0.1, "JPY", 1e8), (0.0, 0.1, "JPY", 0.0),
        (100.0, 0.08, "USD", 8.0), (0.19, 0.1, "USD", 0.01), (0.20, 0.1, "USD", 0.02), (125.0, 0.0, "JPY", 0.0),
        (-1009.0, 0.1, "JPY", -100.0),
    ],
)  # fmt: skip
def test_consumption_tax_is_cut(subtotal: float, rate: float, currency: str, tax: float) -> None:
    assert consumption_tax(subtotal, rate, currency) == pytest.approx(tax, abs=1e-12)


def test_consumption_tax_once_a_document() -> None:
    """On the sum of the taxed lines, not line by line: the lines' own cuts differ from the total's."""
    result = cost(
        money({"cloud.setup": 0.0333, "cloud.egress_gb_per_month": 1.37, "cloud.support_rate": 0.037}), inputs()
    )
    lines = [line.value or 0.0 for line in result.cloud.lines.values()]
    tax = result.cloud.details["consumption_tax"].value
    assert tax == math.floor(round(sum(lines) * 0.1, 4))
    assert tax != sum(math.floor(round(line * 0.1, 4)) for line in lines)


@pytest.mark.parametrize(
    ("stops", "checkpoint_s", "restart_s"), [(1.0, 60.0, 600.0), (30.0, 120.0, 1800.0), (0.1, 5.0, 0.0)]
)
def test_spot_overhead_is_the_least_of_all_intervals(stops: float, checkpoint_s: float, restart_s: float) -> None:
    """Young 1974: t / tau + (tau / 2 + restart) / M, at the tau that makes it least, found by trying all."""
    between = 730 * 3600 / stops
    tau = np.geomspace(1.0, between, 400_001)
    least = float((checkpoint_s / tau + (tau / 2 + restart_s) / between).min())
    assert float(spot_overhead(stops, checkpoint_s, restart_s)) == pytest.approx(least, rel=1e-6)
    assert spot_overhead(0.0, checkpoint_s, restart_s) == 0.0


def test_a_case_is_what_was_found_before_it() -> None:
    """Every number of the inputs arrives in the case under its own name."""
    given: CostInputs = inputs(it_kva=88.0, site_power_factor=0.91)
    case = quote(money({"electricity_jpy_per_kwh": 20.0, "surcharge_jpy_per_kwh": 3.0}), given).case
    assert (case.servers, case.accelerators, case.racks, case.cooled_racks) == (8.0, 64.0, 5.0, 4.0)
    assert (case.kva, case.contract_kw, case.busy_kw, case.idle_kw, case.pue) == (150.0, 110.0, 71.0, 24.0, 1.3)
    assert (case.power_factor, case.energy_jpy_per_kwh, case.months) == (0.91, 23.0, 60.0)
    assert (case.colocated, case.leased, case.power_included, case.paid_when_idle) == (0.0, 0.0, 0.0, 0.0)


def test_what_nobody_priced_or_needs_is_nothing() -> None:
    """Works without a price are left out of the total, a plan without storage has none, and a bare case has no rent."""
    for changes, path in (
        ({"onprem.power_works": None}, "onprem.power_works"),
        ({"onprem.site": "colocation", "onprem.rent_per_rack_month": 1e5}, "onprem.colocation_setup"),
    ):
        left_out, free = (cost(money(changes | entered), inputs()).onprem for entered in ({}, {path: 0.0}))
        assert left_out.total.value == free.total.value
        assert left_out.initial.value == free.initial.value
    none = cost(money({"onprem.storage_price": None}), inputs(storage_bytes=0.0))
    assert none.onprem.lines["storage"].value == 0.0
    bare = owned_lines(Case(server_price=100.0, storage_price=0.0, cooling_per_rack=0.0, energy_jpy_per_kwh=20.0))
    assert {key: float(value) for key, value in bare.initial.items() if value} == {
        "servers": 100.0, "network": pytest.approx(15.0), "installation": pytest.approx(0.04 * 115),
    }  # fmt: skip
    assert {key: float(value) for key, value in bare.monthly.items() if value} == {
        "maintenance": pytest.approx(0.05 * 115 / 12)
    }
    hosted = owned_lines(
        Case(server_price=100.0, storage_price=0.0, energy_jpy_per_kwh=20.0, colocated=1.0, contract_kw=9.0)
    )
    assert (hosted.monthly["rent"], hosted.monthly["electricity"]) == (0.0, 0.0)
    assert bare.stream().monthly == pytest.approx(0.05 * 115 / 12)
    assert bare.stream(0.1).monthly == pytest.approx(1.1 * 0.05 * 115 / 12)


def test_a_speed_is_noted_where_it_is_not_one() -> None:
    assert "money.cloud.throughput_factor" not in cost(money(), inputs()).used
    noted = cost(money({"cloud.throughput_factor": 0.8}), inputs()).used["money.cloud.throughput_factor"]
    assert noted.value == 0.8
