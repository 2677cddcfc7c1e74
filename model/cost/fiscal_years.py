"""Yearly view of cash and profit by fiscal year.

Cash is what is paid; the expense of owning spreads purchases over their statutory life, month by month from the start
of operation, and writes off at the end of the horizon what is left of the book value against the residual value. Over
the horizon both add up to the same (:mod:`model.cost.fixed_assets`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.cost.fixed_assets import AT_ONCE, Rule, Timing, asset_years, months_in_use
from mitsumori.model.cost.line_table import capital

__all__ = ["FiscalYear", "fiscal_months", "fiscal_years"]


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One fiscal year of the comparison.

    ``year`` is the calendar year in which it begins, or 1, 2, ... when no start date is given; ``months`` those in
    operation. Cash and expense exclude consumption tax that is credited. The expense of owning replaces purchases by
    depreciation and by the book value of what is replaced or written off; ``book_value`` is what is left at the end of the
    year.
    """

    year: int
    months: int
    cloud_cash: float | None
    onprem_cash: float | None
    onprem_expense: float | None
    depreciation: float | None
    book_value: float | None


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


def fiscal_years(
    owned: Array,
    rented: Array,
    initial: Mapping[str, Num],
    start: dt.date | None,
    fiscal_start: int,
    rule: Rule,
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
    fiscal_start
        First calendar month of a fiscal year.
    rule
        Depreciation of the equipment and of works.
    tax
        Consumption tax rate that stays a cost, else 0.
    timing
        When purchases are paid, use begins and machines are replaced.
    """
    counted = fiscal_months(owned.size - 1, start.month if start else None, fiscal_start)
    ends = np.cumsum(counted)
    owned_cash = np.diff(owned[ends], prepend=0.0)
    cloud_cash = np.diff(rented[ends], prepend=0.0)
    assets = asset_years(counted, timing, rule, *capital(initial, tax))
    expense = owned_cash + assets.taken + assets.written_off - assets.bought
    used = months_in_use(counted, timing.lead_months)
    first_year = 1
    if start is not None:
        first_year = start.year if start.month >= fiscal_start else start.year - 1

    def amount(value: float) -> float | None:
        return value if math.isfinite(value) else None

    columns = (cloud_cash, owned_cash, expense, assets.taken, assets.book)
    rows = zip(used, *(column.tolist() for column in columns), strict=True)
    return tuple(
        FiscalYear(first_year + k, count, *(amount(value) for value in values))
        for k, (count, *values) in enumerate(rows)
    )
