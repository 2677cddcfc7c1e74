"""Cash flow arithmetic, depreciation and money against independent calculations."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.cost.cashflow import (
    Stream,
    annuity,
    crossing,
    cumulative,
    internal_rate,
    monthly_rate,
    net_present_value,
)
from mitsumori.model.cost.depreciation import MAX_YEARS, rates, schedule, shares
from mitsumori.model.cost.fiscal_years import fiscal_months
from mitsumori.model.cost.money import consumption_tax, exchange, product

amounts = st.floats(-1e9, 1e9, allow_subnormal=False)


def payments(stream: Stream, months: int) -> list[float]:
    """The same stream month by month, as one would write it in a table."""
    rows = [float(stream.initial)]
    for month in range(1, months + 1):
        yearly = 0.0 if stream.yearly is None else float(stream.yearly[(month - 1) // 12]) / 12.0
        rows.append(float(stream.monthly) + yearly + (float(stream.final) if month == months else 0.0))
    return rows


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(amounts, amounts, amounts), st.lists(amounts, min_size=7, max_size=7), st.integers(12, 84),
    st.floats(0.0, 0.3),
)  # fmt: skip
def test_closed_form_equals_the_table(
    parts: tuple[float, float, float], yearly: list[float], months: int, rate: float
) -> None:
    stream = Stream(parts[0], parts[1], np.array(yearly), parts[2])
    rows = payments(stream, months)
    scale = sum(abs(row) for row in rows) + 1.0
    cash = cumulative(stream, months, np.arange(months + 1.0))
    np.testing.assert_allclose(cash, np.cumsum(rows), atol=1e-12 * scale)
    discounted = cumulative(stream, months, np.arange(months + 1.0), rate)
    assert discounted[-1] == pytest.approx(npf.npv(monthly_rate(rate), rows), abs=1e-11 * scale)
    assert net_present_value(np.array(rows), rate) == pytest.approx(discounted[-1], abs=1e-11 * scale)


def test_scenarios_with_their_own_horizon_stand_still_beyond_it() -> None:
    stream = Stream(np.array([100.0, 100.0]), 10.0, np.tile(np.full(7, 12.0), (2, 1)), np.array([-5.0, -5.0]))
    result = cumulative(stream, np.array([36.0, 60.0]), np.arange(85.0))
    assert result[0, 36] == pytest.approx(100 + 36 * 11 - 5)
    assert result[0, 84] == result[0, 36]
    assert result[1, 84] == pytest.approx(100 + 60 * 11 - 5)


def test_annuity_is_the_present_value_of_ones() -> None:
    rate = monthly_rate(0.08)
    assert annuity(24.0, 0.08) == pytest.approx(-npf.pv(rate, 24, 1.0))
    assert annuity(24.0, 0.0) == 24.0


def test_crossing_between_months() -> None:
    grid = np.arange(5.0)
    owned = np.array([100.0, 110.0, 120.0, 130.0, 140.0])
    rented = np.array([0.0, 45.0, 90.0, 135.0, 180.0])
    assert crossing(rented, owned, grid) == pytest.approx(100 / 35)
    assert math.isnan(float(crossing(rented, owned, grid, horizon=2.0)))
    assert math.isnan(float(crossing(rented / 10, owned, grid)))
    assert crossing(owned, rented, grid) == 0.0
    assert math.isnan(float(crossing(rented * math.nan, owned, grid)))


@settings(max_examples=60, deadline=None)
@given(st.floats(1e3, 1e9), st.floats(0.2, 3.0), st.integers(12, 84))
def test_internal_rate_agrees_with_numpy_financial(outlay: float, payback: float, months: int) -> None:
    flows = np.array([-outlay, *([payback * outlay / months] * months)])
    expected = npf.irr(flows)
    rate = internal_rate(flows)
    if payback * outlay / months * months <= outlay:
        assert rate is None  # less comes back than was paid
        return
    assert rate is not None
    assert (1 + rate) ** (1 / 12) - 1 == pytest.approx(expected, abs=1e-9)


def test_what_is_never_repaid_has_no_rate() -> None:
    """Prepaid reservations make payments in between: below zero several rates fit, of which spreadsheets find one or another."""
    assert internal_rate(np.array([-100.0, *[1.0] * 60])) is None
    assert internal_rate(np.array([-100.0, 90.0, -40.0, 30.0])) is None


def test_internal_rate_needs_both_signs() -> None:
    assert internal_rate(np.array([-5.0, -1.0])) is None
    assert internal_rate(np.array([5.0, 1.0])) is None
    assert internal_rate(np.array([-5.0, math.nan])) is None
    assert internal_rate(np.array([-5.0, math.nan, 10.0])) is None
    assert internal_rate(np.array([-5.0, math.inf])) is None


def test_statutory_depreciation_of_servers() -> None:
    """Five years: straight line 0.200; 200 % declining 0.400, guarantee 0.10800, revised 0.500 (statutory tables)."""
    assert rates("declining", 5) == (0.400, 0.108, 0.500)
    np.testing.assert_allclose(schedule("straight_line", 5), [0.2] * 5)
    np.testing.assert_allclose(schedule("declining", 5), [0.400, 0.240, 0.144, 0.108, 0.108], atol=1e-12)


@pytest.mark.parametrize("method", ["straight_line", "declining"])
@pytest.mark.parametrize("years", range(1, 21))
def test_every_life_is_written_off_in_its_years(method: str, years: int) -> None:
    taken = schedule(method, years)
    assert sum(taken) == pytest.approx(1.0)
    assert all(amount >= -1e-12 for amount in taken)
    assert all(earlier >= later - 2e-3 for earlier, later in itertools.pairwise(taken))


def test_depreciation_by_month_in_a_year_begun_late() -> None:
    """Start in November with fiscal years from April: 5 months in the first year."""
    assert fiscal_months(60, 11, 4) == (5, 12, 12, 12, 12, 7)
    straight = shares("straight_line", 5, fiscal_months(60, 11, 4))
    np.testing.assert_allclose(straight, [0.2 * 5 / 12, 0.2, 0.2, 0.2, 0.2, 0.2 * 7 / 12])
    declining = shares("declining", 5, fiscal_months(60, 11, 4))
    first = 0.4 * 5 / 12
    np.testing.assert_allclose(declining[:3], [first, (1 - first) * 0.4, (1 - first) * 0.24])


@pytest.mark.parametrize(
    ("months", "first", "expected"),
    [(12, None, (12,)), (12, 4, (12,)), (14, 3, (1, 12, 1)), (84, 5, (11, 12, 12, 12, 12, 12, 12, 1))],
)
def test_fiscal_months(months: int, first: int | None, expected: tuple[int, ...]) -> None:
    assert fiscal_months(months, first, 4) == expected


@pytest.mark.parametrize(
    ("subtotal", "currency", "tax"),
    [
        (1_234_567.0, "JPY", 123_456.0),
        (2_576_289_599.9999995, "JPY", 257_628_960.0),
        (99.99, "USD", 9.99),
        (-15.0, "JPY", -1.0),
    ],
)
def test_consumption_tax_is_cut_down_once(subtotal: float, currency: str, tax: float) -> None:
    assert consumption_tax(subtotal, 0.1, currency) == tax


def test_unknown_money() -> None:
    assert exchange("USD", "JPY", 150.0) == 150.0
    assert exchange("JPY", "USD", 150.0) == pytest.approx(1 / 150)
    assert exchange("JPY", "JPY", math.nan) == 1.0
    assert product(0.0, math.nan) == 0.0
    assert product(math.nan, 0.0) == 0.0
    assert math.isnan(product(2.0, math.nan))
    np.testing.assert_array_equal(product(np.array([0.0, 2.0]), math.nan), [0.0, math.nan])


def test_a_life_of_one_year_is_written_off_at_once() -> None:
    for method in ("straight_line", "declining"):
        assert rates(method, 1) == (1.0, 0.0, 1.0)
        assert schedule(method, 1) == (1.0,)


@pytest.mark.parametrize(
    ("years", "rate"),
    [(2, 0.5), (3, 0.334), (4, 0.25), (5, 0.2), (6, 0.167), (7, 0.143), (8, 0.125), (10, 0.1), (15, 0.067), (20, 0.05)],
)
def test_book_value_of_a_straight_line_by_hand(years: int, rate: float) -> None:
    """Table 8 of the ordinance: the rate a year off, never below nothing; seven operating years are kept."""
    by_hand = [max(0.0, 1.0 - rate * year) for year in range(7)]
    taken = shares("straight_line", years, (12,) * MAX_YEARS)
    np.testing.assert_allclose(1.0 - np.concatenate(([0.0], np.cumsum(taken)[:-1])), by_hand, atol=1e-12)


@pytest.mark.parametrize(
    ("years", "shares_by_hand"),
    [
        # 0.500 a year until 0.12499 is undercut; from then 1.000 of the book at that moment
        (4, [0.5, 0.25, 0.125, 0.125]),
        # 0.333 of the book, then 0.334 of the 0.29675 that are left when 0.09884 falls below 0.09911
        (6, [0.333, 0.667 * 0.333, 0.667**2 * 0.333, 0.667**3 * 0.334, 0.667**3 * 0.334, 0.667**3 * 0.332]),
        (3, [0.667, 0.333 * 0.333 / 0.333 * 0.667, None]),
    ],
)
def test_declining_balance_by_hand(years: int, shares_by_hand: list[float | None]) -> None:
    """Table 10 of the ordinance (200 %): rate, guarantee and revised rate of lives of 3, 4 and 6 years."""
    found = schedule("declining", years)
    for share, expected in zip(found, shares_by_hand, strict=True):
        if expected is not None:
            assert share == pytest.approx(expected, abs=1e-12)
    assert sum(found) == pytest.approx(1.0)


def test_a_jump_at_the_end_is_crossed_between_its_months() -> None:
    """A residual value of 50 in the last month closes a gap of 40: at four fifths of the way from month 3 to 4."""
    grid = np.arange(5.0)
    owned, rented = np.array([100.0, 100, 100, 100, 50]), np.array([0.0, 20, 40, 60, 60])
    assert crossing(rented, owned, grid) == pytest.approx(3 + 40 / 50)
    flat = np.array([10.0, 10.0, 10.0])
    assert crossing(flat, flat, np.arange(3.0)) == 0.0
    assert crossing(np.array([0.0, 10.0, 10.0]), np.array([5.0, 10.0, 10.0]), np.arange(3.0)) == 1.0
