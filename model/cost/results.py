"""Results of the cost estimate: cloud and owned, with their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding
from mitsumori.model.cost.accounting import Accounting
from mitsumori.model.cost.figures import ComparedFigures, OptionFigures
from mitsumori.model.cost.fiscal_years import FiscalYear
from mitsumori.model.cost.prices import Quote

__all__ = ["CostResult", "FiscalYear", "OptionCost"]


@dataclass(frozen=True, slots=True)
class OptionCost:
    """Cloud or owned: totals over the horizon excluding tax, and their lines (totals over the horizon).

    ``cumulative`` is what is paid by each month, month 0 first; empty where a part is unknown.
    """

    total: Figure
    initial: Figure
    monthly: Figure
    lines: Mapping[str, Figure]
    details: OptionFigures = default(repr=False)
    cumulative: Array = default(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class CostResult:
    """Money in ``currency``, excluding consumption tax. ``missing`` lists plan paths of unknown prices.

    ``alternatives`` holds the other terms (``cloud_on_demand``...), ``lease`` and the other site; ``used`` every price
    and default by plan path with its provenance. ``unpriced`` names the alternatives whose price is unknown, so that nobody
    has to work them out to see that they have no total.
    """

    currency: str
    cloud: OptionCost
    onprem: OptionCost
    break_even_month: Figure
    missing: tuple[str, ...]
    details: ComparedFigures = default(repr=False)
    alternatives: Mapping[str, OptionCost] = default(default_factory=dict, repr=False)
    used: Mapping[str, Figure] = default(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unpriced: frozenset[str] = frozenset()
    weak: tuple[str, ...] = ()
    """Plan paths of prices in use that are indications only (:meth:`model.catalogue.records.Record.is_weak`): a total that
    rests on one is marked, and decides no title, ranking or remedy."""

    def left_out(self, side: str) -> tuple[str, ...]:
        """Plan paths of one-off items that nobody priced and that the total of a side is without; it is shown with a mark."""
        return self.quote.open_items if side == "onprem" else ()

    def weak_on(self, side: str) -> bool:
        """Whether the total of ``onprem`` or ``cloud`` rests on an indication."""
        return any(path.startswith(f"money.{side}.") for path in self.weak)

    @cached_property
    def break_even_utilization(self) -> Figure:
        """Share of all hours above which owning costs less than renting by the hour."""
        return self.details.break_even_utilization

    @cached_property
    def years(self) -> tuple[FiscalYear, ...]:
        """Cash and expense of each fiscal year."""
        return self.details.years()

    @cached_property
    def accounting(self) -> Accounting:
        """After-tax view by fiscal year, and a lease in the lessee's books."""
        return self.details.accounting()

    @property
    def quote(self) -> Quote:
        """The prices behind the totals: what the workbook's formulas start from."""
        return self.details.quote
