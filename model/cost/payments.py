"""A way of paying over the horizon, and the work that is done for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.base.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.cashflow import Stream, crossing, cumulative
from mitsumori.model.cost.month_shapes import use_of_months
from mitsumori.model.cost.prices import CostInputs
from mitsumori.model.plan.plan import Money

CROSSING: Final = Provenance("formula", "crossing of the cumulative costs, linear between months")


@dataclass(frozen=True, eq=False)
class Payments:
    """One way of paying: its lines over the horizon of ``money``.

    Attributes
    ----------
    lines, money
        Costs by line; horizon and discount rate.
    tax
        Consumption tax rate that stays a cost, 0 where it is credited.
    open_items
        Plan paths of works that nobody priced and that the lines leave out.
    """

    lines: Lines
    money: Money
    tax: float
    open_items: tuple[str, ...] = ()

    @cached_property
    def _stream(self) -> Stream:
        return self.lines.stream(self.tax)

    @cached_property
    def cash(self) -> Array:
        """What is paid by each month, month 0 first; shape (months + 1,)."""
        months = self.money.horizon_months
        return cumulative(self._stream, months, np.arange(months + 1.0))

    @cached_property
    def discounted(self) -> Array:
        """:attr:`cash` at the discount rate."""
        months = self.money.horizon_months
        return cumulative(self._stream, months, np.arange(months + 1.0), self.money.discount_rate)


def crossed(rented: Array, owned: Array, since: float = 0.0) -> Figure:
    """The month in which owning costs no more; the sum of both totals tells unknown from never.

    Parameters
    ----------
    rented, owned
        What is paid by each month, month 0 first.
    since
        Month at which the purchase is paid; before it owning has not paid off.
    """
    month = float(crossing(rented, owned, np.arange(float(len(owned))), since=since))
    if math.isfinite(month):
        return Figure(month, "months", CROSSING)
    reason = "cost_not_within_horizon" if math.isfinite(float(rented[-1] + owned[-1])) else "cost_total_unknown"
    return Figure(None, "months", CROSSING, reason=reason)


@dataclass(frozen=True, eq=False)
class Pair:
    """Renting beside owning."""

    rented: Payments
    owned: Payments

    @cached_property
    def break_even_month(self) -> Figure:
        """The month in which owning has cost no more."""
        return crossed(self.rented.cash, self.owned.cash, self.owned.lines.paid_month)


@dataclass(frozen=True, slots=True)
class UsefulWork:
    """Work over the horizon, the same on both sides; NaN where it is unknown or there is none.

    Attributes
    ----------
    tokens, trainings, gpu_hours
        Useful tokens, whole trainings, accelerator hours that make progress.
    """

    tokens: float
    trainings: float
    gpu_hours: float


def useful_work(case: Case, inputs: CostInputs) -> UsefulWork:
    """The work of a case over its horizon."""
    used = float(case.rented_months)
    lost = used - float(use_of_months(case.ramp_months)[1 : round(used) + 1].sum())
    hours = (used - lost) * HOURS_PER_MONTH * float(case.utilization)
    tokens, days = inputs.tokens_per_s, inputs.training_days
    return UsefulWork(
        tokens=math.nan if tokens is None else tokens * inputs.goodput * hours * SECONDS_PER_HOUR,
        trainings=math.nan if not days else hours / 24.0 / days,
        gpu_hours=float(case.accelerators) * hours * inputs.goodput,
    )
