"""After-tax view and lease in the books: worked by hand, and what must hold for any plan."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.cost.accounting import accounting, lease_years
from mitsumori.model.cost.cashflow import FLOW_DECIMALS
from mitsumori.model.cost.depreciation import shares
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.project import load_sample

INITIAL = {"servers": 800.0, "network": 100.0, "storage": 60.0, "spares": 0.0, "installation": 40.0, "cooling": 0.0,
           "power_works": 0.0, "setup": 0.0, "more_servers": 0.0}  # fmt: skip


def money(**changes: object) -> Money:
    own = {key.removeprefix("own_"): value for key, value in changes.items() if key.startswith("own_")}
    rest = {key: value for key, value in changes.items() if not key.startswith("own_")}
    return Money.model_validate({"horizon_months": 60, "discount_rate": 0.0, **rest, "onprem": own})


def flows(
    months: int = 60, purchase: float = 1000.0, running: float = 5.0, rent: float = 40.0
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative cost of owning and renting."""
    grid = np.arange(months + 1.0)
    return purchase + running * grid, rent * grid


def test_straight_line_by_hand() -> None:
    """1,000 bought, 5 a month against 40 a month of rent, 30 % tax, five years: 200 of depreciation a year.

    Expense of owning 260, of renting 480: owning pays 66 more tax a year. After tax it saves 420 - 66 = 354 a year.
    """
    owned, rented = flows()
    view = accounting(money(corporate_tax_rate=0.3), owned, rented, INITIAL, None, 15, 0.0, 0.0)
    assert [year.depreciation for year in view.years] == pytest.approx([200.0] * 5)
    assert [year.onprem_expense for year in view.years] == pytest.approx([260.0] * 5)
    assert [year.tax_saving for year in view.years] == pytest.approx([-66.0] * 5)
    assert [year.book_value for year in view.years] == pytest.approx([800.0, 600.0, 400.0, 200.0, 0.0])
    assert view.npv.value == pytest.approx(60 * 35.0 - 1000.0 - 5 * 66.0)


def test_subsidy_and_special_depreciation_by_hand() -> None:
    """200 of subsidy leave 800 to depreciate; 30 % of them at once and 160 a year: 400, 160, 160, 80."""
    owned, rented = flows()
    plan = money(corporate_tax_rate=0.3, own_special_depreciation_share=0.3)
    view = accounting(plan, owned, rented, INITIAL, None, 15, 0.0, 200.0)
    assert [year.depreciation for year in view.years] == pytest.approx([400.0, 160.0, 160.0, 80.0, 0.0])
    assert view.years[0].onprem_cash == pytest.approx(1000.0 + 60.0 - 200.0)
    assert view.years[0].onprem_expense == pytest.approx(60.0 + 400.0)


def test_present_value_return_and_payback_are_those_of_the_monthly_flows() -> None:
    owned, rented = flows()
    view = accounting(money(corporate_tax_rate=0.3, capital_rate=0.08), owned, rented, INITIAL, 7, 15, 0.0, 0.0)
    monthly = np.diff(rented - owned, prepend=0.0)
    for end, year in zip(np.cumsum([y.months for y in view.years]), view.years, strict=True):
        monthly[end] += year.tax_saving
    rate = 1.08 ** (1 / 12) - 1
    assert view.npv.value == pytest.approx(npf.npv(rate, monthly))
    assert view.internal_rate.value == pytest.approx((1 + npf.irr(monthly)) ** 12 - 1, rel=1e-6)
    month = view.payback_months.value
    assert month is not None
    total = np.cumsum(monthly)
    assert total[int(np.floor(month))] < 0 <= total[int(np.ceil(month))]
    assert [y.months for y in view.years] == [9, 12, 12, 12, 12, 3], "operation from July, fiscal years from April"


@given(
    rate=st.floats(0.0, 0.5), share=st.floats(0.0, 1.0), subsidy=st.floats(0.0, 1500.0), month=st.integers(1, 12),
    method=st.sampled_from(["straight_line", "declining"]), life=st.integers(2, 15), months=st.integers(12, 84),
)  # fmt: skip
def test_over_the_horizon_profit_is_cash(rate, share, subsidy, month, method, life, months) -> None:  # type: ignore[no-untyped-def]
    owned, rented = flows(months)
    plan = money(corporate_tax_rate=rate, horizon_months=months, own_special_depreciation_share=share,
                 own_depreciation=method, own_depreciation_years=life)  # fmt: skip
    view = accounting(plan, owned, rented, INITIAL, month, 15, 0.0, subsidy)
    cash = sum(year.onprem_cash for year in view.years)
    assert sum(year.onprem_expense for year in view.years) == pytest.approx(cash)
    tax = rate * (cash - sum(year.cloud_cash for year in view.years))
    assert sum(year.tax_saving for year in view.years) == pytest.approx(tax, abs=1e-6)
    rounded = (months + 1) * 0.5 * 10.0**-FLOW_DECIMALS
    assert all(year.book_value >= -1e-9 for year in view.years)
    assert view.years[-1].book_value == 0.0
    assert sum(year.saving for year in view.years) == pytest.approx(float(view.after.sum()), abs=1e-6 + rounded)


def test_without_a_rate_or_a_total_nothing_is_known_after_tax() -> None:
    owned, rented = flows()
    view = accounting(money(), owned, rented, INITIAL, None, 15, 0.0, 0.0)
    assert (view.npv.value, view.npv.reason) == (None, "cost_tax_rate_unknown")
    assert view.years[0].onprem_expense == pytest.approx(260.0), "the books need no rate"
    view = accounting(money(corporate_tax_rate=0.3), np.full(61, np.nan), rented, INITIAL, None, 15, 0.0, 0.0)
    assert (view.payback_months.value, view.payback_months.reason) == (None, "cost_total_unknown")


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.12])
@pytest.mark.parametrize("month", [None, 10])
def test_a_lease_in_the_books(rate: float, month: int | None) -> None:
    """Liability: present value of what is still to be paid; interest and repayment are the rates; the right of use ends at zero."""
    plan = money(discount_rate=rate, own_lease_rate_per_month=0.02, own_lease_months=60)
    used = (12,) * 5 if month is None else (6, 12, 12, 12, 12, 6)
    years = lease_years(plan, INITIAL, used)
    rent, monthly = 0.02 * 960.0, (1 + rate) ** (1 / 12) - 1
    start = rent * 60 if rate == 0 else float(npf.pv(monthly, 60, -rent))
    paid = 0
    for year in years:
        paid += year.months
        left = rent * (60 - paid) if rate == 0 else float(npf.pv(monthly, 60 - paid, -rent))
        assert year.liability == pytest.approx(left, abs=1e-9)
        assert year.asset == pytest.approx(start * (1 - paid / 60), abs=1e-9)
        assert year.payment == pytest.approx(rent * year.months)
    assert sum(year.interest for year in years) == pytest.approx(60 * rent - start)
    assert sum(year.depreciation for year in years) == pytest.approx(start)


def test_a_short_lease_stays_off_the_balance_sheet() -> None:
    years = lease_years(money(own_lease_rate_per_month=0.05, own_lease_months=12), INITIAL, (12, 12))
    assert [(year.asset, year.liability, year.interest) for year in years] == [(0.0, 0.0, 0.0)] * 2
    assert years[0].payment == pytest.approx(12 * 0.05 * 960)
    assert years[1].payment == pytest.approx(0.05 * 960), "a year of re-lease costs one month's rate"


def test_special_depreciation_comes_once_and_never_beyond_the_cost() -> None:
    assert shares("straight_line", 5, (12,) * 5, 1.0) == pytest.approx([1, 0, 0, 0, 0])
    assert shares("declining", 5, (6, 12, 12), 0.3)[0] == pytest.approx(0.5)
    assert sum(shares("declining", 5, (12,) * 7, 0.3)) == pytest.approx(1.0)


def test_the_command_prints_it_where_a_rate_is_given() -> None:
    from mitsumori.model.report.json_document import to_json

    plan = load_sample("llama3-70b-continual").plan
    assert "accounting" not in to_json(estimate(plan), plan)["cost"]
    plan = plan.with_values({"money.corporate_tax_rate": 0.3062, "money.onprem.lease_rate_per_month": 0.019})
    document = to_json(estimate(plan), plan)["cost"]
    assert document["accounting"]["payback_months"] == pytest.approx(
        estimate(plan).cost.accounting.payback_months.value
    )
    assert len(document["accounting"]["years"]) == len(document["lease_in_the_books"]) == 5


@pytest.mark.parametrize("rate", [1e-9, 0.0003, 0.019, 1.0, 10.0])
@pytest.mark.parametrize("term", [13, 37, 60, 84])
def test_a_right_of_use_ends_at_nothing_and_never_below(rate: float, term: int) -> None:
    plan = money(discount_rate=0.03, own_lease_rate_per_month=rate, own_lease_months=term)
    years = lease_years(plan, INITIAL, (12,) * 7)
    assert all(year.asset >= 0.0 for year in years)
    assert years[-1].asset == 0.0


@pytest.mark.parametrize("currency", ["JPY", "USD"])
def test_a_subsidy_beyond_what_is_bought_is_said(currency: str) -> None:
    plan = load_sample("llama3-70b-continual").plan.with_values({"money.currency": currency, "money.usd_jpy": 150.0})
    bought = estimate(plan).cost.onprem.initial.value
    assert bought is not None
    own = bought * (150.0 if currency == "USD" else 1.0)
    for subsidy, said in ((0.5 * own, False), (3.0 * own, True), (0.0, False)):
        result = estimate(plan.with_values({"money.onprem.currency": "JPY", "money.onprem.subsidy": subsidy}))
        found = [item for item in result.findings if item.code == "cost_subsidy_beyond"]
        assert bool(found) == said
        assert all("¥" in item.message("en") or "$" in item.message("en") for item in found)
