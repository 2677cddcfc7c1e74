"""Tornado, two-way table and Monte Carlo against the estimate itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.factors import BY_DAYS, factor_source
from mitsumori.model.cost.prices import quote
from mitsumori.model.cost.sensitivity import SEED, bars, factors, monte_carlo, outcomes, sensitivity, tornado, two_way
from tests.model.cost_plans import CATALOGUE, inputs, money

PATHS = {
    "cloud_price": "cloud.price_per_hour",
    "utilization": "utilization",
    "electricity": "electricity_jpy_per_kwh",
    "residual": "onprem.residual_share",
    "maintenance": "onprem.maintenance_rate",
    "usd_jpy": "usd_jpy",
    "staff_fte": "onprem.staff_fte",
    "horizon": "horizon_months",
}


def saving(changes: dict[str, Any], **given: Any) -> tuple[float, float, float | None]:
    """Saving in cash, as present value, and break-even month of a whole estimate."""
    result = cost(money(changes), inputs(**given))
    cash, npv = result.details["saving"].value, result.details["npv_saving"].value
    assert cash is not None
    assert npv is not None
    return cash, npv, result.break_even_month.value


def test_base_of_the_tornado_is_the_estimate() -> None:
    base = tornado(money(), inputs())
    assert base is not None
    cash, npv, month = saving({})
    assert base.saving == pytest.approx(cash)
    assert base.npv == pytest.approx(npv)
    assert base.break_even == pytest.approx(month)


MOVING: dict[str, Any] = {
    "electricity_escalation": 0.04, "onprem.wage_escalation": -0.02, "cloud.price_decline": 0.15, "ramp_months": 7,
    "onprem.payment_months": 2, "onprem.refresh_share": 0.2, "onprem.refresh_month": 25, "onprem.disposal_per_server": 4e5,
    "cloud.goodput_loss_share": 0.06, "cloud.debugging_share": 0.03, "cloud.cpu_nodes_per_month": 7000.0,
    "demand_basis": "measured", "demand_charge_jpy_per_kw_month": 1900.0, "cloud.support_rate": 0.1, "onprem.staff_fte": 0.8,
}  # fmt: skip


@pytest.mark.parametrize("changes", [{}, MOVING], ids=["steady", "moving"])
@pytest.mark.parametrize("key", PATHS)
def test_each_bar_is_a_whole_estimate_at_that_value(key: str, changes: dict[str, Any]) -> None:
    result = tornado(money(changes), inputs())
    assert result is not None
    (bar,) = (bar for bar in result.bars if bar.factor.key == key)
    ends = ((bar.factor.low, bar.low_saving, bar.low_npv, bar.low_break_even), (
        bar.factor.high, bar.high_saving, bar.high_npv, bar.high_break_even))  # fmt: skip
    for value, cash, npv, month in ends:
        entered = int(value) if key == "horizon" else value
        expected = saving({**changes, PATHS[key]: entered})
        assert (cash, npv) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
        assert month == (None if expected[2] is None else pytest.approx(expected[2]))


def test_bars_of_machine_price_pue_and_power() -> None:
    result = tornado(money(), inputs())
    assert result is not None
    bars = {bar.factor.key: bar for bar in result.bars}
    assert bars["server_price"].low_saving == pytest.approx(saving({"onprem.server_price": 0.8 * 45e6})[0], rel=1e-3)
    # a guide value keeps the published range; 250,000 and 834,000 USD are paid prices: discount and margin are taken out
    # before they are put back
    guide = tornado(money(), inputs(guided=("money.onprem.server_price",)))
    assert guide is not None
    list_price = 250_000 * 150 / (0.9 / 0.88)
    (bar,) = (bar for bar in guide.bars if bar.factor.key == "server_price")
    assert bar.low_saving == pytest.approx(saving({"onprem.server_price": list_price})[0])
    assert bars["pue"].high_saving == pytest.approx(saving({}, pue=1.54)[0])
    assert bars["power"].high_saving == pytest.approx(saving({}, it_busy_kw=94.0)[0])


def test_bars_are_sorted_and_flips_marked() -> None:
    result = tornado(money(), inputs())
    assert result is not None
    swings = [bar.swing for bar in result.bars]
    assert swings == sorted(swings, reverse=True)
    for bar in result.bars:
        assert bar.low_flips == ((bar.low_saving > 0) != (result.saving > 0))
        assert bar.high_flips == ((bar.high_saving > 0) != (result.saving > 0))
    guide = inputs(guided=("money.cloud.price_per_hour",))  # an entered price would have 20 % either way
    cheap = tornado(money({"cloud.price_per_hour": 25.0, "utilization": 0.4}), guide)
    assert cheap is not None
    (price,) = (bar for bar in cheap.bars if bar.factor.key == "cloud_price")
    assert price.low_flips or price.high_flips


def test_factors_are_sourced_and_hold_the_plan() -> None:
    case = quote(money(), inputs()).case
    for factor in factors(money(), inputs(), case):
        assert factor.low <= factor.base <= factor.high
        assert factor.low < factor.high
        assert factor.provenance.source
        assert factor.provenance.date


def test_published_price_range_is_for_its_own_accelerator() -> None:
    """The pairs are of 8 x H100 nodes: another GPU takes 20 % either way and says so; a node of 4 takes half."""
    plan = money({"cloud.price_per_hour": 40.0})
    other = inputs(
        server=CATALOGUE.server("DGX-A100"), cloud_instance=CATALOGUE.cloud_instance("aws-p4de.24xlarge-us-east-1")
    )
    found = {factor.key: factor for factor in factors(plan, other, quote(plan, other).case)}
    assert (found["cloud_price"].low, found["cloud_price"].high) == (pytest.approx(32.0), pytest.approx(48.0))
    assert (
        "no published range" not in found["cloud_price"].provenance.source
    )  # it was entered: nobody else's range is meant
    listed = money()
    found = {factor.key: factor for factor in factors(listed, other, quote(listed, other).case)}
    assert found["cloud_price"].high == pytest.approx(1.2 * found["cloud_price"].base)
    assert "no published range" in found["cloud_price"].provenance.source
    half = inputs(accelerators=32, guided=("money.onprem.server_price",))
    plan = money({"cloud.price_per_hour": 40.0})
    found = {factor.key: factor for factor in factors(plan, half, quote(plan, half).case)}
    assert found["server_price"].high == pytest.approx(834_000 * 150 / 2)


def test_value_outside_the_pair_takes_the_end_it_passes() -> None:
    plan = money({"onprem.staff_fte": 4.0})
    found = {factor.key: factor for factor in factors(plan, inputs(pue=1.05), quote(plan, inputs(pue=1.05)).case)}
    assert (found["staff_fte"].low, found["staff_fte"].high) == (0.0, 4.0)
    assert (found["pue"].low, found["pue"].high) == (1.05, 1.54)


def test_two_way_table_holds_whole_estimates_and_the_plan() -> None:
    table = two_way(money(), inputs())
    assert table is not None
    assert table.saving.shape == (table.utilizations.size, table.prices.size)
    assert (table.utilizations[table.row], table.prices[table.column]) == (0.7, 68.8)
    for row, column in ((0, 0), (3, 1), (table.row, table.column), (-1, -1)):
        changes = {"utilization": float(table.utilizations[row]), "cloud.price_per_hour": float(table.prices[column])}
        cash, _, month = saving(changes)
        assert table.saving[row, column] == pytest.approx(cash)
        assert np.isnan(table.break_even[row, column]) == (month is None)
    assert np.all(np.diff(table.saving, axis=0) > 0)
    assert np.all(np.diff(table.saving, axis=1) > 0)


def test_unknown_total_has_no_sensitivity() -> None:
    plan = money({"onprem.server_price": None})
    assert sensitivity(plan, inputs()) is None
    assert tornado(plan, inputs()) is None
    assert two_way(plan, inputs()) is None
    assert monte_carlo(plan, inputs(), draws=100) is None


def test_monte_carlo_is_the_same_every_time() -> None:
    first, again = (monte_carlo(money(), inputs(), draws=2_000) for _ in range(2))
    assert first is not None
    assert again is not None
    assert first.seed == SEED
    assert first.saving == again.saving
    assert np.array_equal(first.cloud_band, again.cloud_band)


def test_monte_carlo_stays_between_the_extremes_and_around_the_plan() -> None:
    result = monte_carlo(money(), inputs(), draws=20_000)
    assert result is not None
    for part in (result.cloud, result.onprem, result.saving, result.break_even):
        assert part.p10 is not None
        assert part.p50 is not None
        assert part.p90 is None or part.p10 < part.p50 < part.p90
    base = cost(money(), inputs())
    for side, drawn in ((base.cloud, result.cloud), (base.onprem, result.onprem)):
        total = side.total.value
        assert total is not None
        assert drawn.p10 is not None
        assert drawn.p90 is not None
        assert 0.8 * drawn.p10 < total < 1.2 * drawn.p90
    assert 0.0 <= result.owning_wins <= 1.0
    assert result.cloud_band.shape == result.onprem_band.shape == (3, result.months.size)
    assert np.all(np.diff(result.cloud_band, axis=0) >= 0)
    assert result.months[-1] == 60
    assert result.cloud_band[1, -1] == result.cloud.p50


def test_monte_carlo_median_is_the_plan_where_the_plan_is_in_the_middle() -> None:
    """A plan at the middle of every pair: symmetric draws, so that medians lie within a few percent of the plan."""
    changes = {
        "cloud.price_per_hour": (20 + 98.32) / 2, "utilization": 0.6, "electricity_jpy_per_kwh": 25.5,
        "onprem.residual_share": 0.1, "onprem.maintenance_rate": 0.065, "onprem.staff_fte": 0.75,
        "onprem.server_price": (250_000 + 834_000) / 2 * 150, "onprem.discount": 0.0, "onprem.margin": 0.0,
    }  # fmt: skip
    given = {"pue": 1.32, "it_busy_kw": 0.825 * 94.0}
    result = monte_carlo(money(changes), inputs(**given), draws=50_000)
    base = cost(money(changes), inputs(**given))
    assert result is not None
    assert result.cloud.p50 == pytest.approx(base.cloud.total.value, rel=0.05)
    assert result.onprem.p50 == pytest.approx(base.onprem.total.value, rel=0.02)


def test_draws_of_a_factor_are_triangular() -> None:
    """Cloud price alone: the median of a triangle is known in closed form."""
    low, mode, high = 20.0, 68.8, 98.32
    plan, given = money(), inputs()
    result = monte_carlo(plan, given, draws=50_000)
    assert result is not None
    median = low + np.sqrt(0.5 * (high - low) * (mode - low))
    (factor,) = (factor for factor in result.factors if factor.key == "cloud_price")
    assert (factor.low, factor.base, factor.high) == (low, mode, high)
    case = quote(plan, given).case
    knots = np.array([0.0, 60.0])
    at_median = outcomes(replace(case, price_per_hour=median, utilization=0.63), knots, 0.0)
    assert result.cloud.p50 == pytest.approx(float(at_median.rented[-1]), rel=0.06)


def test_horizon_is_a_choice_not_a_chance() -> None:
    result = monte_carlo(money(), inputs(), draws=100)
    assert result is not None
    assert "horizon" not in {factor.key for factor in result.factors}


@pytest.mark.parametrize("months", [12, 13, 25, 60, 84])
def test_knots_give_the_break_even_of_the_monthly_grid(months: int) -> None:
    """Monte Carlo looks at the months 0, 12, 24 ... only; the crossing must not change by that."""
    plan, given = money({"horizon_months": months, "onprem.residual_share": 0.3}), inputs()
    case = quote(plan, given).case
    knots = np.unique(np.concatenate((np.arange(0.0, months, 12.0), [months - 1.0, float(months)])))
    prices = replace(case, price_per_hour=np.linspace(10.0, 150.0, 40))
    coarse, fine = outcomes(prices, knots, 0.0), outcomes(prices, np.arange(months + 1.0), 0.0)
    np.testing.assert_allclose(coarse.break_even, fine.break_even, rtol=1e-9)
    np.testing.assert_allclose(coarse.saving, fine.saving, rtol=1e-12)


# figures a reader sees, worked out beside the program


def test_a_swing_is_the_distance_of_both_ends() -> None:
    result = tornado(money(), inputs())
    assert result is not None
    for bar in result.bars:
        assert bar.swing == pytest.approx(abs(bar.high_saving - bar.low_saving))
        assert bar.swing >= abs(bar.high_saving - result.saving) * (1 - 1e-9)


def test_ends_are_in_the_plans_own_units() -> None:
    """A price an hour in the cloud's currency, a machine in its own; a dollar pair is scaled by the exchange rate."""
    found = {factor.key: factor for factor in factors(money(), inputs(), quote(money(), inputs()).case)}
    assert (found["cloud_price"].unit, found["server_price"].unit) == ("USD/h", "JPY")
    assert (found["cloud_price"].low, found["cloud_price"].high) == (20.0, 98.32)
    guide = inputs(guided=("money.onprem.server_price", "money.cloud.price_per_hour"))
    found = {factor.key: factor for factor in factors(money(), guide, quote(money(), guide).case)}
    assert found["server_price"].low == pytest.approx(250_000 * 150)
    yen = money({"cloud.currency": "JPY", "cloud.price_per_hour": 9000.0})
    priced = {factor.key: factor for factor in factors(yen, guide, quote(yen, guide).case)}
    assert priced["cloud_price"].unit == "JPY/h"
    assert (priced["cloud_price"].low, priced["cloud_price"].high) == (3000.0, pytest.approx(98.32 * 150))


def test_without_an_instance_the_owned_machine_says_which_range_fits() -> None:
    plan = money({"cloud.instance": None, "cloud.price_per_hour": 40.0, "cloud.storage_per_gb_month": 0.02})
    own = inputs(cloud_instance=None, guided=("money.cloud.price_per_hour",))
    found = {factor.key: factor for factor in factors(plan, own, quote(plan, own).case)}
    assert (found["cloud_price"].low, found["cloud_price"].high) == (20.0, 98.32)
    other = inputs(cloud_instance=None, server=CATALOGUE.server("DGX-A100"))
    found = {factor.key: factor for factor in factors(plan, other, quote(plan, other).case)}
    assert (found["cloud_price"].low, found["cloud_price"].high) == (pytest.approx(32.0), pytest.approx(48.0))


def test_a_small_effect_is_listed_and_none_is_not() -> None:
    """Half an operator at 1,000 yen a year moves the saving by some thousand yen of many hundred million."""
    result = tornado(money({"onprem.staff_cost_per_year": 1000.0}), inputs())
    assert result is not None
    bars = {bar.factor.key: bar for bar in result.bars}
    assert bars["staff_fte"].swing == pytest.approx(1.5 * 1000 * 5)
    yen = money({"cloud.currency": "JPY", "cloud.price_per_hour": 9000.0, "cloud.storage_gb": 0.0})
    without = tornado(yen, inputs())
    assert without is not None
    assert "usd_jpy" not in {bar.factor.key for bar in without.bars}


@pytest.mark.parametrize(
    ("low", "mode", "high"), [(20.0, 68.8, 98.32), (0.0, 0.0, 1.5), (0.3, 0.9, 0.9), (2.0, 2.5, 11.0)]
)
def test_draws_follow_the_triangle_of_the_textbook(low: float, mode: float, high: float) -> None:
    """Against SciPy's triangular distribution, quantile by quantile."""
    from scipy.stats import triang

    from mitsumori.model.cost.sensitivity import _triangular

    uniform = np.linspace(0.0005, 0.9995, 1999)
    expected = triang.ppf(uniform, (mode - low) / (high - low), loc=low, scale=high - low)
    np.testing.assert_allclose(_triangular(uniform, low, mode, high), expected, rtol=1e-9)
    assert np.all(_triangular(uniform, mode, mode, mode) == mode)


@pytest.mark.parametrize("size", [11, 101, 1001])
def test_percentiles_of_a_ladder(size: int) -> None:
    """Of the numbers 0 to n - 1 the tenth, half and ninth of the way; what never pays stands above everything."""
    from mitsumori.model.cost.sensitivity import _percentiles

    ladder = np.random.default_rng(7).permutation(size).astype(float)
    found = _percentiles(ladder)
    assert (found.p10, found.p50, found.p90) == (0.1 * (size - 1), 0.5 * (size - 1), 0.9 * (size - 1))
    never = np.where(ladder >= 0.6 * (size - 1), np.nan, ladder)
    assert (_percentiles(never).p50, _percentiles(never).p90) == (0.5 * (size - 1), None)


@pytest.mark.parametrize(("months", "shown"), [(60, [0, 12, 24, 36, 48, 60]), (12, [0, 12]), (50, [0, 12, 24, 36, 48, 50]),
    (13, [0, 13])])  # fmt: skip
def test_bands_are_shown_at_whole_years_and_the_horizon(months: int, shown: list[int]) -> None:
    """The month before the last, which the residual value needs, is computed but not shown."""
    result = monte_carlo(money({"horizon_months": months}), inputs(), draws=200)
    assert result is not None
    assert set(shown) <= set(result.months.tolist())
    assert months - 1 not in set(result.months.tolist()) - {0, 12}


# a price that was quoted is no longer as uncertain as everybody's list prices


@pytest.mark.parametrize(
    ("changes", "key", "base"),
    [
        ({"onprem.server_price": 60e6, "onprem.discount": 0.0, "onprem.margin": 0.0}, "server_price", 60e6),
        ({"cloud.price_per_hour": 55.0}, "cloud_price", 55.0),
        ({"electricity_jpy_per_kwh": 18.0, "surcharge_jpy_per_kwh": 0.0}, "electricity", 18.0),
    ],
)
def test_an_entered_price_has_the_range_of_an_entered_price(changes: dict[str, Any], key: str, base: float) -> None:
    plan = money(changes)
    found = {factor.key: factor for factor in factors(plan, inputs(), quote(plan, inputs()).case)}[key]
    assert found.base == pytest.approx(base)
    assert (found.low, found.high) == (pytest.approx(0.8 * base), pytest.approx(1.2 * base))
    assert found.provenance.source == "Twenty percent either way around the entered price"
    assert found.provenance.url == ""


def test_simulated_costs_lie_around_the_entered_prices() -> None:
    """Medians of 15.4 / 8.05 beside a headline of 19.0 / 6.93 contradicted it: the simulation drew list prices of others."""
    plan = money({"onprem.server_price": 60e6, "cloud.price_per_hour": 61.0})
    result, shown = monte_carlo(plan, inputs(), draws=20_000), cost(plan, inputs())
    assert result is not None
    assert result.cloud.p50 is not None and shown.cloud.total.value is not None
    assert result.onprem.p50 is not None and shown.onprem.total.value is not None
    assert result.onprem.p50 == pytest.approx(shown.onprem.total.value, rel=0.1)
    assert result.cloud.p10 <= shown.cloud.total.value <= result.cloud.p90  # type: ignore[operator]


@pytest.mark.parametrize(("changes", "code"), [
    ({"onprem.server_price": 300_000.0}, "cost_server_price_outside"),  # dollars typed as yen
    ({"cloud.price_per_hour": 9_000.0}, "cost_cloud_price_outside"),  # yen typed as dollars
])  # fmt: skip
def test_an_entered_price_beyond_all_published_ones_is_said(changes: dict[str, Any], code: str) -> None:
    assert code not in [finding.code for finding in cost(money({"cloud.price_per_hour": 61.0}), inputs()).findings]
    (found,) = (finding for finding in cost(money(changes), inputs()).findings if finding.code == code)
    assert found.severity == "warn" and found.field in ("money.onprem.server_price", "money.cloud.price_per_hour")
    for language in ("en", "ja"):
        assert "{" not in found.message(language)


@pytest.mark.parametrize("runs", [1.0, 4.0, 12.0])
def test_utilization_that_follows_from_trainings_has_the_interval_of_the_days(runs: float) -> None:
    given = inputs(runs_per_year=runs, training_days=22.0, training_days_low=18.0, training_days_high=31.0)
    case = quote(money(), given).case
    (found,) = (factor for factor in factors(money(), given, case) if factor.key == "utilization")
    assert (found.low, found.base, found.high) == pytest.approx(
        (runs * 18 / 365, runs * 22 / 365, min(1.0, runs * 31 / 365))
    )
    assert found.provenance.source == BY_DAYS
    assert factor_source(BY_DAYS, "ja") != BY_DAYS
    for days, end in ((18.0, "low"), (31.0, "high")):
        (bar,) = (bar for bar in bars(money(), given, case) if bar.factor.key == "utilization")
        there = quote(money(), replace(given, training_days=days)).case
        assert getattr(bar, f"{end}_saving") == pytest.approx(saving({"utilization": float(there.utilization)})[0])
    without = inputs(runs_per_year=runs)  # a speed that has no interval is not uncertain
    table = tornado(money(), without)
    assert table is not None
    assert "utilization" not in {bar.factor.key for bar in table.bars}
    typed = {factor.key: factor for factor in factors(money(), inputs(), quote(money(), inputs()).case)}["utilization"]
    assert (typed.low, typed.base, typed.high) == (0.3, 0.7, 0.9)


def test_draws_do_not_contradict_the_totals_of_one_training_a_year() -> None:
    """At 6 percent use renting costs a fraction of owning: no draw may keep the machines busy nine hours in ten."""
    given = inputs(runs_per_year=1.0, training_days=22.0, training_days_low=18.0, training_days_high=27.0)
    plan, result = cost(money(), given), monte_carlo(money(), given, draws=20_000)
    assert result is not None
    assert plan.cloud.total.value < 0.5 * plan.onprem.total.value
    assert result.owning_wins < 0.01
    assert result.cloud.p90 < result.onprem.p10


def test_hours_of_a_calendar_are_as_uncertain_as_the_days() -> None:
    given = inputs(by_calendar=True, training_days=20.0, training_days_low=16.0, training_days_high=30.0)
    plan = money({"utilization": 0.5})
    (found,) = (factor for factor in factors(plan, given, quote(plan, given).case) if factor.key == "utilization")
    assert (found.low, found.base, found.high) == pytest.approx((0.4, 0.5, 0.75))
    booked = inputs(by_calendar=True, training_days=None, busy_share=0.25)  # hours of serving alone
    (found,) = (factor for factor in factors(plan, booked, quote(plan, booked).case) if factor.key == "utilization")
    assert (found.low, found.high) == (0.25, 0.25)
