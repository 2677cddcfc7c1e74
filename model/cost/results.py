"""Results of the cost estimate: cloud and owned, with their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding


@dataclass(frozen=True, slots=True)
class SideCost:
    """Cloud or owned: totals over the horizon excluding tax, and their lines (totals over the horizon)."""

    total: Figure
    initial: Figure
    monthly: Figure
    lines: Mapping[str, Figure]
    cumulative: Array = default(default_factory=lambda: np.zeros(0))
    details: Mapping[str, Figure] = default(default_factory=dict)


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
class CostResult:
    """Money in ``currency``, excluding consumption tax. ``missing`` lists plan paths of unknown prices.

    ``alternatives`` holds the other terms (``cloud_on_demand``...), ``lease`` and the other site; ``used`` every price
    and default by plan path with its parent; ``cumulative`` of the sides starts at month 0. ``unpriced`` names the
    alternatives whose price is unknown, so that nobody has to work them out to see that they have no total.
    """

    currency: str
    cloud: SideCost
    onprem: SideCost
    break_even_month: Figure
    even_use: Sequence[Figure]
    """One figure, worked out at the first look: :attr:`break_even_utilization`."""
    missing: tuple[str, ...]
    details: Mapping[str, Figure] = default(default_factory=dict)
    alternatives: Mapping[str, SideCost] = default(default_factory=dict)
    years: Sequence[FiscalYear] = ()
    used: Mapping[str, Figure] = default(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    basis: Any = None
    """The :class:`model.cost.prices.Quote` behind the totals: what the workbook's formulas start from."""
    unpriced: frozenset[str] = frozenset()
    weak: tuple[str, ...] = ()
    """Plan paths of prices in use that are indications only (:meth:`model.catalogue.records.Record.is_weak`): a total that
    rests on one is marked, and decides no title, ranking or remedy."""

    def left_out(self, side: str) -> tuple[str, ...]:
        """Plan paths of one-off items that nobody priced and that the total of a side is without; it is shown with a mark."""
        return () if self.basis is None or side != "onprem" else tuple(self.basis.open_items)

    def weak_on(self, side: str) -> bool:
        """Whether the total of ``onprem`` or ``cloud`` rests on an indication."""
        return any(path.startswith(f"money.{side}.") for path in self.weak)

    @property
    def break_even_utilization(self) -> Figure:
        """Share of all hours above which owning costs less than renting by the hour."""
        return self.even_use[0]
