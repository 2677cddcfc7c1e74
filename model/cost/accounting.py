"""After-tax view of owning against renting, and a lease on the balance sheet.

Convention: the year's tax is paid at the end of the fiscal year (of the horizon in the last one) by a company that pays
corporate tax in every year. Renting is deductible in the months that it pays for: what a reservation pays ahead is a
prepaid expense (前払費用) until its months have passed, as 法人税基本通達 2-2-14 asks where they are more than those of a
year (up to a year it may also be deducted when paid). Owning is deductible through depreciation, running costs, property
tax and what is written off when it is replaced and at the end (:mod:`model.cost.fixed_assets`). A subsidy is received
when use begins and taken off the cost of the machines (圧縮記帳 by direct reduction, 法人税法 第42条), so that it is not
taxed when it comes. Special depreciation (特別償却) is a share of that cost taken in the first year beside the ordinary
one. Who may use either, and the effective rate, a tax adviser says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.cost.cashflow import (
    FLOW_DECIMALS,
    annuity,
    crossing,
    internal_rate,
    monthly_rate,
    net_present_value,
)
from mitsumori.model.cost.fiscal_years import fiscal_months
from mitsumori.model.cost.fixed_assets import (
    AT_ONCE,
    Rule,
    Timing,
    asset_years,
    months_in_use,
    paid_year,
)
from mitsumori.model.cost.line_table import capital, hardware_keys
from mitsumori.model.cost.lines import RE_LEASE_MONTHS_PER_YEAR
from mitsumori.model.plan.plan import Money

__all__ = ["Accounting", "AccountingYear", "LeaseYear", "accounting", "capital_rate", "lease_years"]

AFTER_TAX: Final = Provenance(
    "formula", "savings less corporate tax, discounted at the cost of capital; tax at the end of each fiscal year"
)
NO_RATE: Final = "cost_tax_rate_unknown"


@dataclass(frozen=True, slots=True)
class AccountingYear:
    """One fiscal year: months in operation, cash, expense and balance of both sides. NaN where unknown.

    Attributes
    ----------
    months
        In operation.
    cloud_cash, onprem_cash
        What is paid; a subsidy is taken off.
    cloud_expense, onprem_expense
        What counts as expense, of books and tax alike.
    depreciation, written_off
        Of owning: depreciation; book value of machines that are replaced, and at the end of the horizon of all.
    book_value, payable, prepaid
        At the end of the year: assets of owning, what is owed for them, and reservations of renting that are paid ahead.
    tax_saving
        Corporate tax that owning pays less than renting, negative where it pays more; NaN without a rate.
    saving
        Cash that owning saves, after that tax.
    """

    months: int
    cloud_cash: float
    cloud_expense: float
    onprem_cash: float
    depreciation: float
    written_off: float
    onprem_expense: float
    book_value: float
    payable: float
    prepaid: float
    tax_saving: float
    saving: float


@dataclass(frozen=True, slots=True)
class LeaseYear:
    """A lease in one fiscal year, and what stands in the books at its end.

    Attributes
    ----------
    months
        In operation.
    payment
        Rates paid; where the term goes beyond the horizon, at its end all that are left.
    interest, depreciation
        Of the liability and of the right of use.
    loss
        At that end: what is paid and the right of use, less the liability that both end.
    asset, liability
        At the end of the year.
    """

    months: int
    payment: float
    interest: float
    depreciation: float
    loss: float
    asset: float
    liability: float


@dataclass(frozen=True, slots=True)
class Accounting:
    """The after-tax view; figures are unknown without ``money.corporate_tax_rate`` or a total."""

    years: tuple[AccountingYear, ...]
    npv: Figure
    internal_rate: Figure
    payback_months: Figure
    lease: tuple[LeaseYear, ...]
    after: Array
    """After-tax saving of each month, month 0 first."""


def capital_rate(money: Money) -> float:
    """The cost of capital (WACC): the one entered, else the rate for present values."""
    return money.discount_rate if money.capital_rate is None else money.capital_rate


def accounting(
    money: Money, owned: Array, rented: Array, initial: Mapping[str, Num], first_month: int | None, works_life: int,
    tax: float, subsidy: float, timing: Timing = AT_ONCE, used_as: Array | None = None,
) -> Accounting:  # fmt: skip
    """The after-tax view.

    Parameters
    ----------
    money
        Rates, depreciation and lease of the plan.
    owned, rented
        Undiscounted cumulative costs at months 0 to T in the result's currency, shape (T + 1,); NaN where unknown.
    initial
        Initial costs of owning by line.
    first_month
        Calendar month of the order; None begins with a fiscal year.
    works_life
        Useful life of works in years.
    tax
        Consumption tax rate that stays a cost, else 0.
    subsidy
        Received when use begins, in the result's currency.
    timing
        When purchases are paid, use begins and machines are replaced.
    used_as
        ``rented`` in the months that it pays for, likewise; None where nothing is paid ahead.
    """
    lead_months, paid_month, own = timing.lead_months, timing.paid_month, money.onprem
    counted = fiscal_months(owned.size - 1, first_month, money.fiscal_year_start_month)
    ends, used = np.cumsum(counted), months_in_use(counted, lead_months)
    received, begun = min(lead_months, owned.size - 1), paid_year(ends, lead_months)
    equipment, works = capital(initial, tax)
    reduction = min(subsidy, equipment)
    rule = Rule(own.depreciation, own.depreciation_years, works_life, own.special_depreciation_share)
    assets = asset_years(counted, timing, rule, equipment, works, reduction)
    owned_cash, cloud_cash = np.diff(owned[ends], prepend=0.0), np.diff(rented[ends], prepend=0.0)
    owned_cash[begun] -= subsidy
    expense = owned_cash + assets.taken + assets.written_off - assets.bought
    expense[begun] += reduction  # the subsidy is no income: it is taken off the cost
    prepaid = np.zeros(ends.size) if used_as is None else rented[ends] - used_as[ends]
    rent = cloud_cash - np.diff(prepaid, prepend=0.0)
    rate = math.nan if money.corporate_tax_rate is None else money.corporate_tax_rate
    less_tax = rate * (expense - rent)
    flows = np.diff(rented - owned, prepend=0.0)
    flows[received] += subsidy
    after = flows.copy()
    np.add.at(after, ends, less_tax)
    after = np.round(after, FLOW_DECIMALS)
    columns = (cloud_cash, rent, owned_cash, assets.taken, assets.written_off, expense, assets.book, assets.payable,
               prepaid, less_tax, cloud_cash - owned_cash + less_tax)  # fmt: skip
    # Differences of what is paid in all: what is smaller than their rounding is nothing.
    least = 1e-12 * max(float(np.nan_to_num(np.abs(paid)).max()) for paid in (owned, rented))
    shown = (np.where(np.abs(column) <= least, 0.0, column) for column in columns)
    years = tuple(AccountingYear(count, *map(float, values)) for count, *values in zip(used, *shown, strict=True))
    figures = _figures(money, after, paid_month, paid_month > lead_months)
    return Accounting(years, *figures, lease_years(money, initial, used, tax), after)


def _figures(money: Money, after: Array, paid_month: float, deferred: bool) -> tuple[Figure, Figure, Figure]:
    """Present value, rate of return and payback of the after-tax savings month by month."""
    unit = money.currency
    reason = NO_RATE if money.corporate_tax_rate is None else "cost_total_unknown"
    if not np.all(np.isfinite(after)):
        none = [Figure(None, name, AFTER_TAX, reason=reason) for name in (unit, "1/year", "months")]
        return none[0], none[1], none[2]
    months = np.arange(float(after.size))
    npv = float(net_present_value(after, capital_rate(money)))
    found = None if deferred else internal_rate(after)  # savings before the outlay: more than one rate
    month = float(crossing(np.cumsum(after), np.zeros_like(after), months, since=paid_month))
    why = "" if found is not None else "cost_no_rate_of_return"
    late = "" if math.isfinite(month) else "cost_not_within_horizon"
    return (
        Figure(npv, unit, AFTER_TAX),
        Figure(found, "1/year", AFTER_TAX, reason=why),
        Figure(month if math.isfinite(month) else None, "months", AFTER_TAX, reason=late),
    )


FINANCED: Final = (*hardware_keys(), "spares")
"""Lines that a lease pays for."""


def lease_years(
    money: Money, initial: Mapping[str, Num], used: tuple[int, ...], tax: float = 0.0
) -> tuple[LeaseYear, ...]:
    """The lease of the machines in the lessee's books, by fiscal year; empty where no lease rate is given.

    The liability begins as the present value of the rates of the term at the discount rate (the lessee's incremental
    borrowing rate), falls by what is paid and grows by interest (利息法); the right of use begins at the same amount and is
    depreciated evenly over the term. Short leases (12 months at most) stay off the balance sheet: their rates are expense,
    and so are those of a re-lease, which is made for a year at a time. A term beyond the horizon is paid out at its end, as in
    the alternative ``lease``: over the horizon interest, depreciation, loss and rates that stay expense add up to what is paid.
    ASBJ Statement No. 34 (2024-09-13; fiscal years from 2027-04-01) and IFRS 16 (paragraphs 26, 31 and 36) measure both alike;
    they differ in disclosure and in leases of small value.

    Parameters
    ----------
    money
        The plan's money part.
    initial
        Lines paid at the start, by key.
    used
        Months in use in each fiscal year.
    tax
        Consumption tax rate that stays a cost, which the rates then bear, else 0.
    """
    own = money.onprem
    if own.lease_rate_per_month is None:
        return ()
    term, horizon = own.lease_months, sum(used)
    financed = sum(float(initial[key]) for key in FINANCED if key in initial)
    rent = own.lease_rate_per_month * financed * (1.0 + tax)
    months = np.arange(1, max(term, horizon) + 1)
    short = term <= 12
    start = 0.0 if short else float(rent * annuity(float(term), money.discount_rate))
    rate = monthly_rate(money.discount_rate)
    left = np.maximum(term - months, 0.0)
    liability = np.where(short, 0.0, rent * annuity(left, money.discount_rate))
    before = np.concatenate([[start], liability[:-1]])
    interest = np.where(months <= term, before * rate, 0.0)
    paid = np.where(months <= term, rent, rent * RE_LEASE_MONTHS_PER_YEAR / 12.0)
    spread = np.where((months <= term) & (not short), start / term, 0.0)
    asset = start * left / term
    rows: list[LeaseYear] = []
    begin = 0
    for count in used:
        end = begin + count
        part = slice(begin, end)
        held, owed = (float(asset[end - 1]), float(liability[end - 1])) if end else (0.0, 0.0)
        payment, loss = float(paid[part].sum()), 0.0
        if len(rows) + 1 == len(used):  # the rates that are left are paid at the end of the horizon
            rest = rent * max(term - horizon, 0)
            payment, loss = payment + rest, rest + held - owed
            held, owed = 0.0, 0.0
        rows.append(LeaseYear(count, payment, float(interest[part].sum()), float(spread[part].sum()), loss, held, owed))
        begin = end
    return tuple(rows)
