"""The cost model against its twin: every line, month, break-even, present value and fiscal year of whole plans."""

from __future__ import annotations

import datetime as dt
import math
from itertools import accumulate
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.results import CostResult, OptionCost
from tests.model import cost_twin as twin
from tests.model.cost_plans import inputs, money

BY_HAND = twin.Prices(68.8, 0.025, 26.0, 0.15)
"""Of the plan in tests.model.cost_plans: AWS p5 in Tokyo, S3 in Tokyo, Japanese high voltage, up to 16 servers."""

EVERYTHING: dict[str, Any] = {
    "horizon_months": 43, "utilization": 0.61, "discount_rate": 0.04, "demand_charge_jpy_per_kw_month": 2100.0,
    "surcharge_jpy_per_kwh": 4.18, "onprem.spares_share": 0.03, "onprem.installation_share": 0.05,
    "onprem.maintenance_rate": 0.07, "onprem.insurance_rate": 0.002, "onprem.license_per_gpu_year": 90_000.0,
    "onprem.license_per_server_year": 210_000.0, "onprem.residual_share": 0.12, "onprem.staff_fte": 0.8,
    "cloud.setup": 2500.0, "cloud.egress_gb_per_month": 9000.0, "cloud.egress_per_gb": 0.11, "cloud.support_rate": 0.1,
    "cloud.throughput_factor": 0.9, "cloud.storage_gb": 150_000.0, "cloud.storage_per_gb_month": 0.03,
}  # fmt: skip
"""A plan in which no amount is zero, so that no line hides behind another."""
HOSTED: dict[str, Any] = {
    "onprem.site": "colocation", "onprem.rent_per_rack_month": 210_000.0, "onprem.rent_per_kva_month": 9_000.0,
    "onprem.colocation_setup": 3_000_000.0,
}  # fmt: skip
GIVEN: dict[str, Any] = {"site_power_factor": 0.93, "cloud_speed": 1.15, "checkpoint_s": 75.0, "restart_s": 900.0}

MOVING: dict[str, Any] = {
    "electricity_escalation": 0.04, "onprem.wage_escalation": -0.02, "cloud.price_decline": 0.15, "ramp_months": 7,
    "onprem.payment_months": 2, "onprem.refresh_share": 0.2, "onprem.refresh_month": 25, "onprem.disposal_per_server": 4e5,
    "cloud.goodput_loss_share": 0.06, "cloud.debugging_share": 0.03, "cloud.cpu_nodes_per_month": 7000.0,
    "demand_basis": "measured",
}  # fmt: skip
"""Whatever makes one month differ from another, and the lines that published comparisons of clouds carry."""

LEAD: dict[str, Any] = {
    "onprem.delivery_months": 4.0, "onprem.works_months": 5.5, "onprem.installation_days": 20.0,
    "onprem.advance_share": 0.3, "onprem.before_use_months": 2,
}  # fmt: skip
"""Seven months from the order to use, with an advance, and staff, rent and idle power in the last two of them."""

PLANS = {
    "plain": {},
    "everything": EVERYTHING,
    "everything for 84 months": EVERYTHING | {"horizon_months": 84, "onprem.depreciation": "declining"},
    "a year": EVERYTHING | {"horizon_months": 12},
    "colocation": EVERYTHING | HOSTED,
    "colocation with power in the rent": EVERYTHING | HOSTED | {"onprem.power_included_in_rent": True},
    "in dollars": EVERYTHING | {"currency": "USD"},
    "priced in dollars": EVERYTHING | {"onprem.currency": "USD", "onprem.server_price": 300_000.0,
        "onprem.storage_price": 250_000.0, "onprem.cooling_retrofit_per_rack": 16_000.0, "onprem.power_works": 33_000.0,
        "onprem.staff_cost_per_year": 80_000.0, "onprem.license_per_gpu_year": 600.0},
    "rented in yen": EVERYTHING | {"cloud.currency": "JPY", "cloud.price_per_hour": 8000.0, "cloud.setup": 1e5,
        "cloud.egress_per_gb": 17.0, "cloud.storage_per_gb_month": 4.5},
    "reserved": EVERYTHING | {"cloud.term": "reserved_1y", "cloud.reserved_1y_per_hour": 44.0},
    "spot": EVERYTHING | {"cloud.term": "spot", "cloud.spot_per_hour": 31.0, "cloud.spot_interruptions_per_month": 9.0},
    "network entered": EVERYTHING | {"onprem.network_price": 7.7e7},
    "network share entered": EVERYTHING | {"onprem.network_share": 0.22},
    "tax stays": EVERYTHING | {"tax_credit": False, "tax_rate": 0.08},
    "cheap cloud": EVERYTHING | {"cloud.price_per_hour": 14.0},
    "prices move": EVERYTHING | MOVING,
    "prices move for 84 months": EVERYTHING | MOVING | {"horizon_months": 84, "cloud.price_decline": 0.03},
    "reserved for three years": EVERYTHING | MOVING | {"horizon_months": 77, "cloud.term": "reserved_3y",
        "cloud.reserved_3y_per_hour": 31.0},
    "moving in dollars": EVERYTHING | MOVING | {"currency": "USD", "horizon_months": 29, "onprem.refresh_month": 30},
    "measured peak, tax stays": EVERYTHING | MOVING | {"tax_credit": False, "demand_basis": "measured"},
    "paid later": EVERYTHING | {"onprem.payment_months": 12},
    "prepaid beyond the machines' price after a lead time": EVERYTHING | {"onprem.delivery_months": 7.0,
        "horizon_months": 60, "cloud.term": "reserved_3y", "cloud.reserved_3y_per_hour": 60.0, "cloud.upfront_share": 1.0},
    "paid later, most of it in advance": EVERYTHING | {"onprem.payment_months": 12, "onprem.advance_share": 0.9,
        "cloud.price_per_hour": 200.0},
    "after a lead time": EVERYTHING | {"onprem.delivery_months": 5.0, "onprem.works_months": 3.0},
    "lead time, everything moves": EVERYTHING | MOVING | LEAD,
    "lead time, rented meanwhile": EVERYTHING | MOVING | LEAD | {"onprem.interim_cloud": True},
    "lead time over a year, in dollars": EVERYTHING | MOVING | LEAD | {"onprem.interim_cloud": True, "currency": "USD",
        "onprem.works_months": 17.0, "horizon_months": 70},
    "lead time, hosted, tax stays": EVERYTHING | HOSTED | MOVING | LEAD | {"tax_credit": False},
    "lead time beyond the horizon": EVERYTHING | {"onprem.works_months": 20.0, "horizon_months": 18},
    "reserved, paid upfront": EVERYTHING | MOVING | {"cloud.term": "reserved_1y", "cloud.reserved_1y_per_hour": 44.0,
        "cloud.upfront_share": 0.5},
    "three years upfront after a lead time": EVERYTHING | MOVING | LEAD | {"horizon_months": 77, "cloud.upfront_share": 1.0,
        "cloud.term": "reserved_3y", "cloud.reserved_3y_per_hour": 31.0},
    "three years upfront, rented meanwhile": EVERYTHING | MOVING | LEAD | {"horizon_months": 72, "cloud.upfront_share": 0.4,
        "cloud.term": "reserved_3y", "cloud.reserved_3y_per_hour": 31.0, "onprem.interim_cloud": True},
}  # fmt: skip


ONCE = ("servers", "network", "storage", "spares", "installation", "cooling", "power_works", "setup")


def paid_once(table: twin.Table) -> float:
    """What is bought or set up at the start, whenever it is paid."""
    keys = ("setup",) if "compute" in table else ONCE
    return sum(sum(row) for line, row in table.items() if line in keys)


def prices_of(plan: Any) -> twin.Prices:
    cloud = plan.cloud
    entered = cloud.price_per_hour
    share = plan.onprem.network_share
    return twin.Prices(
        BY_HAND.cloud_jpy_or_usd_per_hour if entered is None else entered,
        BY_HAND.cloud_storage_usd_per_gb,
        BY_HAND.electricity_jpy if plan.electricity_jpy_per_kwh is None else plan.electricity_jpy_per_kwh,
        BY_HAND.network_share if share is None else share,
    )


def tables(changes: dict[str, Any], **given_inputs: Any) -> tuple[CostResult, Any, twin.Table, twin.Table]:
    plan, given_ = money(changes), inputs(**GIVEN | given_inputs)
    prices = prices_of(plan)
    own = twin.owned(plan, given_, prices, plan.utilization)
    return cost(plan, given_), plan, own, twin.rented(plan, given_, prices, plan.utilization)


def same_side(
    side: OptionCost, table: twin.Table, tax: float, yearly: float, steady: twin.Table | None = None, lead: int = 0
) -> None:
    """A side is its table; its start and its month are those of the ``steady`` one, in which all months are alike."""
    months = len(next(iter(table.values()))) - 1
    steady = table if steady is None else steady
    for line, figure in side.lines.items():
        assert figure.value == pytest.approx(sum(table.get(line, [0.0])), rel=1e-9, abs=1e-6), line
    assert set(table) <= set(side.lines)
    np.testing.assert_allclose(side.cumulative, list(accumulate(twin.payments(table, tax))), rtol=1e-9)
    plain = sum(twin.payments(table))
    assert side.total.value == pytest.approx(plain, rel=1e-9)
    start = paid_once(steady)
    assert side.initial.value == pytest.approx(start, rel=1e-9, abs=1e-6)
    ending = sum(sum(steady.get(line, [0.0])) for line in ("residual", "disposal", "interim", "refresh"))
    running = sum(twin.payments(steady)) - start - ending
    months -= max(0, lead)
    assert months <= 0 or side.monthly.value == pytest.approx(running / months, rel=1e-9)
    assert side.details["npv"].value == pytest.approx(twin.present_value(twin.payments(table, tax), yearly), rel=1e-9)
    assert side.details["compared_total"].value == pytest.approx(sum(twin.payments(table, tax)), rel=1e-9)
    assert side.details["known_part"].value == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("name", PLANS)
def test_both_sides_are_the_table_month_by_month(name: str) -> None:
    result, plan, own, rent = tables(PLANS[name])
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    assert result.currency == plan.currency
    steady = twin.plain(plan)
    prices, given_ = prices_of(plan), inputs(**GIVEN)
    same_side(
        result.onprem,
        own,
        tax,
        plan.discount_rate,
        twin.owned(steady, given_, prices, plan.utilization),
        twin.lead_of(plan),
    )
    lead = 0 if plan.onprem.interim_cloud else twin.lead_of(plan)
    same_side(result.cloud, rent, tax, plan.discount_rate, twin.rented(steady, given_, prices, plan.utilization), lead)
    saved = sum(twin.payments(rent, tax)) - sum(twin.payments(own, tax))
    assert result.details["saving"].value == pytest.approx(saved, rel=1e-9)
    discounted = [twin.present_value(twin.payments(table, tax), plan.discount_rate) for table in (rent, own)]
    assert result.details["npv_saving"].value == pytest.approx(discounted[0] - discounted[1], rel=1e-9)


@pytest.mark.parametrize("name", PLANS)
def test_break_even_is_found_by_walking_the_months(name: str) -> None:
    result, plan, own, rent = tables(PLANS[name])
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    flows = twin.payments(rent, tax), twin.payments(own, tax)
    paid = min(twin.lead_of(plan) + plan.onprem.payment_months, plan.horizon_months)
    expected = twin.break_even(*flows, paid)
    assert result.break_even_month.value == (None if expected is None else pytest.approx(expected, rel=1e-9))
    if expected is None:
        assert result.break_even_month.reason == "cost_not_within_horizon"
    late = [[f / (1 + plan.discount_rate) ** (m / 12) for m, f in enumerate(flow)] for flow in flows]
    even = twin.break_even(*late, paid)
    discounted = result.details["discounted_break_even_month"].value
    assert discounted == (None if even is None else pytest.approx(even, rel=1e-9))
    for side in (result.cloud, result.onprem):
        assert side.details["break_even_month"] == result.break_even_month


@pytest.mark.parametrize("name", PLANS)
def test_rate_of_return_is_that_of_the_monthly_savings(name: str) -> None:
    result, plan, own, rent = tables(PLANS[name])
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    saved = np.array(twin.payments(rent, tax)) - np.array(twin.payments(own, tax))
    steady = twin.plain(plan)
    starts = [paid_once(side) for side in (
        twin.owned(steady, inputs(**GIVEN), prices_of(plan), plan.utilization),
        twin.rented(steady, inputs(**GIVEN), prices_of(plan), plan.utilization))]  # fmt: skip
    if tax == 0.0:
        assert result.details["outlay"].value == pytest.approx(starts[0] - starts[1], rel=1e-9)
    monthly = float(npf.irr(saved)) if saved.min() < 0 < saved.max() and saved.sum() > 0 else math.nan
    found = result.details["internal_rate_of_return"]
    if math.isfinite(monthly) and not plan.onprem.payment_months:
        assert found.value == pytest.approx((1 + monthly) ** 12 - 1, rel=1e-6)
    else:
        assert (found.value, found.reason) == (None, "cost_no_rate_of_return")


@pytest.mark.parametrize("name", PLANS)
def test_threshold_of_use_makes_both_tables_equal(name: str) -> None:
    """Both totals are straight lines in the use: the crossing from their ends."""
    result, plan, _own, _rent = tables(PLANS[name])
    tax, given_ = (0.0 if plan.tax_credit else plan.tax_rate), inputs(**GIVEN)
    gap = [
        sum(twin.payments(twin.owned(plan, given_, prices_of(plan), use), tax))
        - sum(twin.payments(twin.rented(plan, given_, prices_of(plan), use), tax))
        for use in (0.0, 1.0)
    ]
    found = result.break_even_utilization
    if plan.cloud.term.startswith("reserved"):
        assert found.reason == "cost_reserved_has_no_utilization"
    elif gap[1] > 0:
        assert (found.value, found.reason) == (None, "cost_no_utilization_pays")
    else:
        assert found.value == pytest.approx(gap[0] / (gap[0] - gap[1]), rel=1e-9)


@pytest.mark.parametrize("name", ["everything", "in dollars", "tax stays", "colocation", "cheap cloud"])
def test_a_lease_replaces_the_purchases(name: str) -> None:
    """2.1 % a month for 60 months on a horizon of 43: the rest is paid out at the end; 84 months renew it."""
    for months in (43, 84):
        changes = PLANS[name] | {"onprem.lease_rate_per_month": 0.021, "horizon_months": months}
        result, plan, own, rent = tables(changes)
        tax = 0.0 if plan.tax_credit else plan.tax_rate
        leased = twin.owned(plan, inputs(**GIVEN), prices_of(plan), plan.utilization, leased=True)
        assert result.alternatives["lease"].lines["residual"].value == 0.0
        same_side(result.alternatives["lease"], leased, tax, plan.discount_rate)
        same_side(result.onprem, own, tax, plan.discount_rate)
        expected = twin.break_even(twin.payments(rent, tax), twin.payments(leased, tax))
        even = result.alternatives["lease"].details["break_even_month"].value
        assert even == (None if expected is None else pytest.approx(expected, rel=1e-9))


def test_the_other_site_is_a_whole_plan_of_its_own() -> None:
    changes = EVERYTHING | HOSTED
    result = cost(money(changes), inputs(**GIVEN))
    moved = cost(money(changes | {"onprem.site": "own_hall"}), inputs(**GIVEN))
    assert result.alternatives["own_hall"].total.value == pytest.approx(moved.onprem.total.value)
    assert moved.alternatives["colocation"].total.value == pytest.approx(result.onprem.total.value)
    assert result.alternatives["own_hall"].details["break_even_month"].value == pytest.approx(
        moved.break_even_month.value
    )
    assert "colocation" not in cost(money(EVERYTHING), inputs(**GIVEN)).alternatives
    for rent in ("onprem.rent_per_rack_month", "onprem.rent_per_kva_month"):
        assert "colocation" in cost(money(EVERYTHING | {rent: HOSTED[rent]}), inputs(**GIVEN)).alternatives


@pytest.mark.parametrize("term", ["reserved_1y", "spot"])
def test_every_term_beside_the_chosen_one_is_a_whole_plan_of_its_own(term: str) -> None:
    every = EVERYTHING | {
        "cloud.reserved_1y_per_hour": 44.0, "cloud.spot_per_hour": 31.0, "cloud.spot_interruptions_per_month": 9.0,
    }  # fmt: skip
    beside = cost(money(every), inputs(**GIVEN))
    chosen = cost(money(every | {"cloud.term": term}), inputs(**GIVEN))
    other = beside.alternatives[f"cloud_{term}"]
    assert f"cloud_{term}" not in chosen.alternatives
    for name in ("total", "initial", "monthly"):
        assert getattr(other, name).value == pytest.approx(getattr(chosen.cloud, name).value), name
    for name, figure in chosen.cloud.details.items():
        assert other.details[name].value == (None if figure.value is None else pytest.approx(figure.value)), name
    assert chosen.alternatives["cloud_on_demand"].total.value == pytest.approx(beside.cloud.total.value)


@pytest.mark.parametrize("begins", [1, 4, 10])
@pytest.mark.parametrize(
    "start", [None, dt.date(2026, 4, 1), dt.date(2026, 11, 20), dt.date(2027, 3, 31), dt.date(2027, 1, 1)]
)
@pytest.mark.parametrize(
    "name",
    [
        "everything",
        "everything for 84 months",
        "a year",
        "tax stays",
        "prices move",
        "paid later",
        "lead time, everything moves",
        "lead time, rented meanwhile",
        "lead time over a year, in dollars",
    ],
)
def test_fiscal_years_are_months_counted_by_hand(name: str, start: dt.date | None, begins: int) -> None:
    changes = PLANS[name] | {"fiscal_year_start_month": begins, "onprem.depreciation": "straight_line"}
    result, plan, own, rent = tables(changes, start_date=start)
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    rows = twin.fiscal_rows(plan, own, rent, tax, start)
    assert [(year.year, year.months) for year in result.years] == [(row["year"], row["months"]) for row in rows]
    scale = sum(twin.payments(own))
    for year, row in zip(result.years, rows, strict=True):
        for name_ in ("cloud_cash", "onprem_cash", "onprem_expense", "depreciation", "book_value"):
            assert getattr(year, name_) == pytest.approx(row[name_], rel=1e-9, abs=1e-9 * scale), name_


def test_operation_begins_after_the_longer_lead_time() -> None:
    """Ordered on 20 November, works of 4 months take longer than delivery of 3: operation in March, fiscal year 2026.

    Sixty months from the order end in October 2031, fiscal year 2031.
    """
    lead = {"onprem.delivery_months": 3.0, "onprem.works_months": 4.0, "fiscal_year_start_month": 4}
    years = cost(money(lead), inputs(start_date=dt.date(2026, 11, 20))).years
    assert [(year.year, year.months) for year in years] == [(2026, 1), (2027, 12), (2028, 12), (2029, 12), (2030, 12),
        (2031, 7)]  # fmt: skip
    later = cost(money({**lead, "onprem.works_months": 5.0}), inputs(start_date=dt.date(2026, 11, 20))).years
    assert [(year.year, year.months) for year in later[:2]] == [(2026, 0), (2027, 12)]


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries({
        "horizon_months": st.integers(12, 84), "utilization": st.floats(0.05, 1.0), "discount_rate": st.floats(0, 0.3),
        "onprem.server_price": st.floats(1e7, 2e8), "onprem.staff_fte": st.floats(0.1, 5),
        "onprem.maintenance_rate": st.floats(0, 0.15), "cloud.price_per_hour": st.floats(5, 150),
        "electricity_jpy_per_kwh": st.floats(10, 40), "usd_jpy": st.floats(90, 190),
        "onprem.depreciation": st.sampled_from(["straight_line", "declining"]), "tax_credit": st.booleans(),
        "onprem.residual_share": st.floats(0, 0.5), "electricity_escalation": st.floats(-0.3, 0.3),
        "onprem.wage_escalation": st.floats(-0.3, 0.3), "cloud.price_decline": st.floats(0, 1),
        "ramp_months": st.integers(0, 12), "onprem.payment_months": st.integers(0, 12),
        "onprem.refresh_share": st.floats(0, 1), "onprem.refresh_month": st.integers(1, 84),
        "onprem.disposal_per_server": st.floats(0, 1e6), "cloud.goodput_loss_share": st.floats(0, 0.5),
        "cloud.debugging_share": st.floats(0, 0.5), "cloud.cpu_nodes_per_month": st.floats(0, 1e5),
        "demand_basis": st.sampled_from(["contract", "measured"]),
        "onprem.works_months": st.one_of(st.none(), st.integers(0, 30)), "onprem.installation_days": st.integers(0, 60),
        "onprem.interim_cloud": st.booleans(), "onprem.advance_share": st.floats(0, 1),
        "onprem.before_use_months": st.integers(0, 12), "cloud.upfront_share": st.floats(0, 1),
        "cloud.term": st.sampled_from(["on_demand", "reserved_1y"]), "cloud.reserved_1y_per_hour": st.floats(3, 99),
    })
)  # fmt: skip
def test_any_plan_is_its_table(changes: dict[str, Any]) -> None:
    result, plan, own, rent = tables(EVERYTHING | changes)
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    steady, prices, given_ = twin.plain(plan), prices_of(plan), inputs(**GIVEN)
    same_side(
        result.onprem,
        own,
        tax,
        plan.discount_rate,
        twin.owned(steady, given_, prices, plan.utilization),
        twin.lead_of(plan),
    )
    lead = 0 if plan.onprem.interim_cloud else twin.lead_of(plan)
    same_side(result.cloud, rent, tax, plan.discount_rate, twin.rented(steady, given_, prices, plan.utilization), lead)
    expected = twin.break_even(
        twin.payments(rent, tax),
        twin.payments(own, tax),
        min(twin.lead_of(plan) + plan.onprem.payment_months, plan.horizon_months),
    )
    assert result.break_even_month.value == (None if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-6))
