"""Yearly view of cash and profit by fiscal year.

Cash is what is paid; the expense of owning spreads purchases over their statutory life, month by month from the start
of operation, and writes off at the end of the horizon what is left of the book value against the residual value. Over
the horizon both add up to the same.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.cost.depreciation import shares
from mitsumori.model.cost.line_table import capital

__all__ = [
    "FiscalYear",
    "Timing",
    "bought_by_year",
    "fiscal_months",
    "fiscal_years",
    "held",
    "months_in_use",
    "paid_year",
]


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One fiscal year of the comparison.

    ``year`` is the calendar year in which it begins, or 1, 2, ... when no start date is given; ``months`` those in
    operation. Cash and expense exclude consumption tax that is credited. The expense of owning replaces purchases by
    depreciation; ``book_value`` is what is left at the end of the year.
    """

    year: int
    months: int
    cloud_cash: float | None
    onprem_cash: float | None
    onprem_expense: float | None
    depreciation: float | None
    book_value: float | None


@dataclass(frozen=True, slots=True)
class Timing:
    """When purchases are paid and use begins, in months from the order.

    Attributes
    ----------
    paid_month
        Month at which purchases are paid, the advance aside.
    advance_share
        Share of them that is paid with the order, 0-1.
    lead_months
        Months that pass before the first month of use.
    """

    paid_month: float = 0.0
    advance_share: float = 0.0
    lead_months: int = 0


AT_ONCE = Timing()
"""Paid and in use with the order."""


def fiscal_months(months: int, first_month: int | None, fiscal_start: int) -> tuple[int, ...]:
    """Months of the horizon in each fiscal year.

    Parameters
    ----------
    months
        Horizon.
    first_month
        Calendar month (1 to 12) of the first month, that of the order; None begins with a fiscal year.
    fiscal_start
        Calendar month in which fiscal years begin, 4 in Japan.
    """
    passed = 0 if first_month is None else (first_month - fiscal_start) % 12
    first = min(12 - passed, months)
    whole, rest = divmod(months - first, 12)
    return (first, *(12 for _ in range(whole)), *((rest,) if rest else ()))


def paid_year(ends: Array, paid_month: float) -> int:
    """Place of the fiscal year in which the purchases are paid.

    Parameters
    ----------
    ends
        Months from the start to the end of each fiscal year, shape (years,), ascending.
    paid_month
        Month of the payment; beyond the last end it is paid there.
    """
    return int(np.searchsorted(ends, min(paid_month, ends[-1])))


def months_in_use(counted: tuple[int, ...], lead_months: int) -> tuple[int, ...]:
    """Months of each fiscal year in which the machines are in use: those after the lead time.

    Parameters
    ----------
    counted
        Months of the horizon in each fiscal year, the first being that of the order.
    lead_months
        Months from the order to the first month of use.
    """
    ends = np.cumsum(counted)
    used = np.diff(np.maximum(ends - lead_months, 0), prepend=0)
    return tuple(int(count) for count in used)


def bought_by_year(ends: Array, amount: float, timing: Timing) -> Array:
    """What is paid for purchases in each fiscal year, shape (years,).

    Parameters
    ----------
    ends
        Months from the order to the end of each fiscal year, shape (years,), ascending.
    amount
        Cost of what is bought.
    timing
        Share of it paid with the order, and month at which the rest is paid, at the latest the last end.
    """
    paid = np.zeros(ends.size)
    paid[0] = timing.advance_share * amount
    paid[paid_year(ends, timing.paid_month)] += (1.0 - timing.advance_share) * amount
    return paid


def held(ends: Array, book: Array, amount: float, timing: Timing) -> Array:
    """Fixed assets at the end of each fiscal year: before use the advance (construction in progress), then the book.

    Parameters
    ----------
    ends
        Months from the order to the end of each fiscal year, shape (years,), ascending.
    book
        Cost less depreciation at these ends, shape (years,).
    amount
        Cost of what is bought.
    timing
        Share of it paid with the order, and months until use begins.
    """
    return np.where(ends < timing.lead_months, timing.advance_share * amount, book)


def fiscal_years(
    owned: Array,
    rented: Array,
    initial: Mapping[str, Num],
    start: dt.date | None,
    fiscal_start: int,
    method: str,
    life_years: int,
    works_life_years: int,
    tax: float,
    timing: Timing = AT_ONCE,
) -> tuple[FiscalYear, ...]:
    """Rows of the yearly view.

    Parameters
    ----------
    owned, rented
        Undiscounted cumulative costs at months 0 to T; NaN where unknown.
    initial
        Initial costs of owning by line.
    start
        Day of the order, with which operation begins unless there is a lead time; or None.
    fiscal_start, method, life_years, works_life_years
        First month of a fiscal year; depreciation of the equipment, its life, and the life of works (straight line).
    tax
        Consumption tax rate that stays a cost, else 0.
    timing
        When purchases are paid and use begins.
    """
    counted = fiscal_months(owned.size - 1, start.month if start else None, fiscal_start)
    ends, used = np.cumsum(counted), months_in_use(counted, timing.lead_months)
    owned_cash = np.diff(owned[ends], prepend=0.0)
    cloud_cash = np.diff(rented[ends], prepend=0.0)
    equipment, works = capital(initial, tax)
    taken = equipment * shares(method, life_years, used) + works * shares("straight_line", works_life_years, used)
    book = equipment + works - np.cumsum(taken)
    expense = owned_cash + taken
    expense -= bought_by_year(ends, equipment + works, timing)
    expense[-1] += book[-1]
    book = held(ends, book, equipment + works, timing)
    book[-1] = 0.0 if math.isfinite(book[-1]) else book[-1]
    first_year = 1
    if start is not None:
        first_year = start.year if start.month >= fiscal_start else start.year - 1

    def amount(value: float) -> float | None:
        return value if math.isfinite(value) else None

    rows = zip(
        used, cloud_cash.tolist(), owned_cash.tolist(), expense.tolist(), taken.tolist(), book.tolist(), strict=True
    )
    return tuple(
        FiscalYear(first_year + k, count, *(amount(value) for value in values))
        for k, (count, *values) in enumerate(rows)
    )
