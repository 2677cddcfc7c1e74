"""What is bought, in the books by fiscal year: paid for, under construction, depreciated, replaced, written off.

Convention: before use an advance stands among the assets (建設仮勘定), with the first month of use the whole cost
does, what is not yet paid being owed (未払金). Machines that replace others are assets of their own, depreciated from the
month after, and the book value of those that they replace is a loss of that year (除却損, 法人税基本通達 7-7-1); at the
end of the horizon what is left is written off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.cost.depreciation import shares

__all__ = [
    "AT_ONCE",
    "AssetYears",
    "Renewal",
    "Rule",
    "Timing",
    "asset_years",
    "bought_by_year",
    "months_in_use",
    "paid_year",
    "renewal",
]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Machines that replace a share of the first ones within the horizon.

    Attributes
    ----------
    share
        Share of the machines that is replaced, 0-1.
    amount
        What the new ones cost, with the consumption tax that stays a cost; 0 where none are bought, NaN unknown.
    month
        Month from the order at whose end they are paid and come into use.
    """

    share: float = 0.0
    amount: float = 0.0
    month: int = 0


NOTHING = Renewal()
"""None is replaced."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When purchases are paid, use begins and machines are replaced, in months from the order.

    Attributes
    ----------
    paid_month
        Month at which purchases are paid, the advance aside.
    advance_share
        Share of them that is paid with the order, 0-1.
    lead_months
        Months that pass before the first month of use.
    renewed
        Machines that replace others.
    """

    paid_month: float = 0.0
    advance_share: float = 0.0
    lead_months: int = 0
    renewed: Renewal = NOTHING


AT_ONCE = Timing()
"""Paid and in use with the order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How assets are depreciated.

    Attributes
    ----------
    method, life_years, special_share
        Of the machines, as in :func:`model.cost.depreciation.shares`; special depreciation is of the first ones.
    works_life_years
        Useful life of works of the building, which are depreciated evenly.
    """

    method: str
    life_years: int
    works_life_years: int
    special_share: float = 0.0


@dataclass(frozen=True, slots=True)
class AssetYears:
    """The assets by fiscal year; each of shape (years,), NaN where a cost is unknown.

    Attributes
    ----------
    bought
        Paid for assets, replacements included.
    taken, written_off
        Depreciation; book value of machines that are replaced, and of all that is left at the end of the horizon.
    book, payable
        Assets at the end of the year, and what is owed for them.
    """

    bought: Array
    taken: Array
    written_off: Array
    book: Array
    payable: Array


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


def renewal(shaped: Mapping[str, tuple[tuple[Num, Array], ...]], share: float, tax: float, months: int) -> Renewal:
    """The machines that a plan's line ``refresh`` buys within the horizon.

    Parameters
    ----------
    shaped
        Lines of owning that come in some months (:class:`model.cost.case.Lines`).
    share
        Their price over that of the machines, which is the share that they replace; beyond 1 they replace all.
    tax
        Consumption tax rate that stays a cost, else 0.
    months
        The horizon.
    """
    for amount, weights in shaped.get("refresh", ()):
        month = int(np.argmax(weights))
        if weights[month] and month <= months:
            return Renewal(min(share, 1.0), float(amount) * (1.0 + tax), month)
    return NOTHING


def asset_years(
    counted: tuple[int, ...], timing: Timing, rule: Rule, equipment: float, works: float, reduction: float = 0.0
) -> AssetYears:  # fmt: skip
    """Assets of a plan by fiscal year.

    Parameters
    ----------
    counted
        Months of the horizon in each fiscal year.
    timing
        When purchases are paid, use begins and machines are replaced.
    rule
        Methods and lives.
    equipment, works
        Cost of the machines and of works of the building, with the consumption tax that stays a cost.
    reduction
        What a subsidy takes off the machines when use begins (圧縮記帳), at most their cost.
    """
    ends, used = np.cumsum(counted), months_in_use(counted, timing.lead_months)
    base, whole, renewed = equipment - reduction, equipment + works, timing.renewed
    method, life, special = rule.method, rule.life_years, rule.special_share
    first = shares(method, life, used, special)
    bought, added, written_off = bought_by_year(ends, whole, timing), np.zeros(ends.size), np.zeros(ends.size)
    taken = works * shares("straight_line", rule.works_life_years, used)
    if renewed.amount:
        until = np.diff(np.minimum(np.cumsum(used), renewed.month - timing.lead_months), prepend=0)
        replaced = shares(method, life, tuple(until.tolist()), special)
        first = (1.0 - renewed.share) * first + renewed.share * replaced
        place = paid_year(ends, renewed.month)
        added[place] = renewed.amount
        written_off[place] = renewed.share * base * (1.0 - replaced.sum())
        taken = taken + renewed.amount * shares(method, life, tuple((np.array(used) - until).tolist()))
    taken = taken + base * first
    book = base + works + np.cumsum(added - taken - written_off)
    written_off[-1] += book[-1]
    book = np.where(ends < timing.lead_months, timing.advance_share * whole, book)
    book[-1] = 0.0 if math.isfinite(book[-1]) else book[-1]
    owed = (ends >= timing.lead_months) & (ends < min(timing.paid_month, ends[-1]))
    return AssetYears(
        bought + added, taken, written_off, book, np.where(owed, (1.0 - timing.advance_share) * whole, 0.0)
    )
