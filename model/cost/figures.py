"""Figures of the comparison beside its totals, each worked out at the first look: few of them are on a screen at once."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.changed import changed
from mitsumori.model.base.figure import Figure, Figures, Provenance
from mitsumori.model.cost.accounting import Accounting, accounting
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.cashflow import FLOW_DECIMALS, internal_rate
from mitsumori.model.cost.electricity import parts
from mitsumori.model.cost.fiscal_years import FiscalYear, fiscal_years
from mitsumori.model.cost.fixed_assets import Rule, Timing, renewal
from mitsumori.model.cost.line_table import untaxed
from mitsumori.model.cost.lines import kwh_per_year, owned_lines
from mitsumori.model.cost.money import consumption_tax, exchange, figure, number, product
from mitsumori.model.cost.payments import Pair, Payments, UsefulWork, crossed
from mitsumori.model.cost.prices import CostInputs, Quote
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.training.schedule import DAYS_PER_MONTH, lead_months

TOTAL_UNKNOWN: Final = "cost_total_unknown"
NO_TRAINING: Final = "cost_no_training"
TOTAL: Final = Provenance("formula", "sum of the lines over the horizon")
PRESENT_VALUE: Final = Provenance("formula", "initial + NPV of the months at the discount rate")
HALL_ENERGY: Final = Provenance("formula", "energy of the hall")
BILLED: Final = Provenance("formula", "part of the electricity")
REPAID: Final = Provenance("formula", "rate at which the savings repay the outlay")
BALANCED: Final = Provenance("formula", "utilization at which both totals are equal")


def break_even_utilization(case: Case, tax: float = 0.0) -> float:
    """Share of hours above which owning costs less than renting by the hour, over the horizon.

    Both totals are linear in the utilization, so that two evaluations give the crossing:
    ``U* = (owned(0) - cloud(0)) / (cloud(1) - cloud(0) - owned(1) + owned(0))``. Where owning costs its purchase ``a``,
    ``f`` a year and ``o`` an hour this is ``(a + f*T) / (8760*T*(p - o))``.

    Returns
    -------
    float
        May exceed 1; infinite when owning costs more at any utilization; zero or less when it costs less even idle;
        NaN when a total is unknown.
    """

    def gap(utilization: float) -> float:
        end = changed(case, utilization=utilization)
        return float(owned_lines(end).total(case.months, tax) - cloud_lines(end).total(case.months, tax))

    idle = gap(0.0)
    slope = idle - gap(1.0)
    if slope > 0.0 or math.isnan(slope):
        return idle / slope
    return math.inf if idle > 0.0 else -math.inf


@dataclass(frozen=True, eq=False)
class OptionFigures(Figures):
    """One side's figures over the horizon, in the plan's currency.

    Attributes
    ----------
    payments, work
        What it costs, and the work that is done for it.
    pair
        The two sides between which its break-even lies.
    """

    payments: Payments
    work: UsefulWork
    pair: Pair

    @property
    def _unit(self) -> str:
        return self.payments.money.currency

    @property
    def _compared(self) -> float:
        return float(self.payments.cash[-1])

    @cached_property
    def _lines(self) -> dict[str, float]:
        totals = self.payments.lines.totals(float(self.payments.money.horizon_months))
        return {key: float(value) for key, value in totals.items()}

    @cached_property
    def _tax(self) -> float:
        if math.isnan(sum(self._lines.values())):
            return math.nan
        taxed = sum(value for key, value in self._lines.items() if key not in untaxed())
        return float(consumption_tax(taxed, self.payments.money.tax_rate, self._unit))

    def _per(self, amount: float, times: float = 1.0) -> Figure:
        """The compared total over an amount of work."""
        value = self._compared / amount if amount > 0.0 else math.nan
        return figure(value * times, self._unit, NO_TRAINING if math.isfinite(self._compared) else TOTAL_UNKNOWN)

    @cached_property
    def known_part(self) -> Figure:
        """Sum of the lines that are known."""
        return Figure(sum(value for value in self._lines.values() if value == value), self._unit, TOTAL)

    @cached_property
    def npv(self) -> Figure:
        """Present value of all payments."""
        return figure(self.payments.discounted[-1], self._unit, TOTAL_UNKNOWN, PRESENT_VALUE)

    @cached_property
    def compared_total(self) -> Figure:
        """Total with the consumption tax that stays a cost."""
        return figure(self._compared, self._unit, TOTAL_UNKNOWN)

    @cached_property
    def consumption_tax(self) -> Figure:
        """Consumption tax on the taxable lines."""
        return figure(self._tax, self._unit, TOTAL_UNKNOWN)

    @cached_property
    def total_with_tax(self) -> Figure:
        """Total and consumption tax."""
        return figure(sum(self._lines.values()) + self._tax, self._unit, TOTAL_UNKNOWN)

    @cached_property
    def per_million_tokens(self) -> Figure:
        """Compared total for a million useful tokens."""
        return self._per(self.work.tokens, 1e6)

    @cached_property
    def per_useful_gpu_hour(self) -> Figure:
        """Compared total for an accelerator hour that makes progress."""
        return self._per(self.work.gpu_hours)

    @cached_property
    def per_training(self) -> Figure:
        """Compared total for one training."""
        return self._per(self.work.trainings)

    @cached_property
    def break_even_month(self) -> Figure:
        """Month in which owning has cost no more than renting."""
        return self.pair.break_even_month


@dataclass(frozen=True, eq=False)
class OwnedFigures(OptionFigures):
    """The owned side's figures, with what its electricity is made of.

    Attributes
    ----------
    case
        What its money depends on.
    """

    case: Case

    @cached_property
    def _electricity(self) -> dict[str, float]:
        return parts(self.case, self.payments.money, self._lines["electricity"])

    def _part(self, name: str) -> Figure:
        return figure(self._electricity[name], self._unit, TOTAL_UNKNOWN, BILLED)

    @cached_property
    def electricity_demand(self) -> Figure:
        """Demand charge over the horizon."""
        return self._part("demand")

    @cached_property
    def electricity_energy(self) -> Figure:
        """Energy charge over the horizon."""
        return self._part("energy")

    @cached_property
    def electricity_fuel(self) -> Figure:
        """Fuel adjustment over the horizon."""
        return self._part("fuel")

    @cached_property
    def electricity_levy(self) -> Figure:
        """Renewable energy levy over the horizon."""
        return self._part("levy")


OwnedFigures.NAMES = (*OptionFigures.NAMES, *OwnedFigures.NAMES)


@dataclass(frozen=True, eq=False)
class ComparedFigures(Figures):
    """What renting and owning give together.

    Attributes
    ----------
    money, inputs, quote
        What was asked, what the estimate found, and the prices in use.
    pair, work
        The two sides, and the work done.
    """

    money: Money
    inputs: CostInputs
    quote: Quote
    pair: Pair
    work: UsefulWork

    @cached_property
    def _saving(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return self.pair.rented.cash - self.pair.owned.cash

    @cached_property
    def discounted_break_even_month(self) -> Figure:
        """Break-even of the discounted costs."""
        return crossed(self.pair.rented.discounted, self.pair.owned.discounted, self.pair.owned.lines.paid_month)

    @cached_property
    def saving(self) -> Figure:
        """What owning saves over the horizon."""
        return figure(float(self._saving[-1]), self.money.currency, TOTAL_UNKNOWN)

    @cached_property
    def npv_saving(self) -> Figure:
        """Present value of what owning saves."""
        value = self.pair.rented.discounted[-1] - self.pair.owned.discounted[-1]
        return figure(value, self.money.currency, TOTAL_UNKNOWN)

    @cached_property
    def utilization(self) -> Figure:
        """Share of all hours in training."""
        asked = self.quote.runs_ratio is None
        origin = (
            Provenance("user", "money.utilization")
            if asked
            else Provenance("formula", "runs per year * days of a run / 365")
        )
        return Figure(float(self.quote.case.utilization), "", origin)

    @cached_property
    def kwh_per_year(self) -> Figure:
        """Energy of the hall in a year."""
        return figure(kwh_per_year(self.quote.case), "kWh", TOTAL_UNKNOWN, HALL_ENERGY)

    @cached_property
    def tokens(self) -> Figure:
        """Useful tokens over the horizon."""
        return figure(self.work.tokens, "", NO_TRAINING)

    @cached_property
    def trainings(self) -> Figure:
        """Trainings over the horizon."""
        return figure(self.work.trainings, "", NO_TRAINING)

    @cached_property
    def useful_gpu_hours(self) -> Figure:
        """Accelerator hours over the horizon that make progress."""
        return figure(self.work.gpu_hours, "h")

    @cached_property
    def internal_rate_of_return(self) -> Figure:
        """Owning as an investment against renting: the rate of return of the months' savings on the outlay.

        None where the purchase is paid after months of operation: savings come before it, and more than one rate repays it.
        """
        if not math.isfinite(float(self._saving[-1])):
            return Figure(None, "1/year", REPAID, reason=TOTAL_UNKNOWN)
        owned = self.pair.owned.lines
        deferred = owned.paid_month > owned.start_month
        rate = None if deferred else internal_rate(np.round(np.diff(self._saving, prepend=0.0), FLOW_DECIMALS))
        if rate is None:
            return Figure(None, "1/year", REPAID, reason="cost_no_rate_of_return")
        return Figure(rate, "1/year", REPAID)

    @cached_property
    def outlay(self) -> Figure:
        """What owning costs more at the start."""
        rented, owned = self.pair.rented.lines, self.pair.owned.lines
        if not owned.paid_month and not owned.start_month:
            return figure(-self._saving[0], self.money.currency, TOTAL_UNKNOWN)
        tax = self.pair.owned.tax
        start = owned.stream(tax).initial - rented.stream(tax).initial
        return figure(start, self.money.currency, TOTAL_UNKNOWN)

    @cached_property
    def lead_months(self) -> Figure:
        """Months from the order to the start of operation."""
        lead = lead_months(self.money)
        return Figure(lead, "months", reason="" if lead is not None else "cost_lead_time_unknown")

    @cached_property
    def cloud_ready_days(self) -> Figure:
        """Days to the finished model when renting."""
        days = self.inputs.training_days
        return Figure(days, "days", reason="" if days is not None else NO_TRAINING)

    @cached_property
    def onprem_ready_days(self) -> Figure:
        """Days from the order to the finished model when owning."""
        lead, days = lead_months(self.money), self.inputs.training_days
        if lead is None or days is None:
            return Figure(None, "days", reason=NO_TRAINING if days is None else "cost_lead_time_unknown")
        return Figure(lead * DAYS_PER_MONTH + days, "days")

    @property
    def break_even_utilization(self) -> Figure:
        """Share of all hours above which owning costs less than renting by the hour."""
        if self.money.cloud.term in TERM_MONTHS:
            return Figure(None, "", BALANCED, reason="cost_reserved_has_no_utilization")
        value = break_even_utilization(self.quote.case, self.pair.owned.tax)
        if math.isnan(value):
            return Figure(None, "", BALANCED, reason=TOTAL_UNKNOWN)
        if value > 1.0:
            return Figure(None, "", BALANCED, reason="cost_no_utilization_pays")
        return Figure(max(value, 0.0), "", BALANCED)

    @cached_property
    def _start(self) -> dt.date | None:
        """The day of the order, the first of the horizon."""
        return self.inputs.start_date

    @property
    def _timing(self) -> Timing:
        """When purchases are paid, use begins and machines are replaced."""
        owned, money = self.pair.owned, self.money
        lines = owned.lines
        renewed = renewal(lines.shaped, money.onprem.refresh_share, owned.tax, money.horizon_months)
        return Timing(lines.paid_month, lines.advance_share, round(lines.start_month), renewed)

    @property
    def _rent_used(self) -> Array | None:
        """Cumulative costs of renting in the months that they pay for; None where nothing is paid ahead."""
        rented, case = self.pair.rented, self.quote.case
        if not (case.upfront_share and np.all(case.paid_when_idle)):
            return None
        return Payments(cloud_lines(changed(case, upfront_share=0.0)), self.money, rented.tax).cash

    @property
    def first_month(self) -> int | None:
        """Calendar month of the order, with which the horizon begins, where the plan says one."""
        return None if self._start is None else self._start.month

    @property
    def works_life(self) -> int:
        """Useful life of works in years."""
        return round(self.inputs.catalogue.tariff("works-life").value)

    def accounting(self) -> Accounting:
        """The after-tax view and the lease in the books."""
        money, owned = self.money, self.pair.owned
        rate = exchange(money.onprem.currency, money.currency, number(money.usd_jpy))
        subsidy = float(product(money.onprem.subsidy, rate))
        return accounting(
            money, owned.cash, self.pair.rented.cash, owned.lines.initial, self.first_month, self.works_life, owned.tax,
            subsidy, self._timing, self._rent_used,
        )  # fmt: skip

    def years(self) -> tuple[FiscalYear, ...]:
        """Cash and expense of each fiscal year."""
        start, money, own = self._start, self.money, self.money.onprem
        owned, rented = self.pair.owned, self.pair.rented
        return fiscal_years(
            owned.cash, rented.cash, owned.lines.initial, start, money.fiscal_year_start_month,
            Rule(own.depreciation, own.depreciation_years, self.works_life), owned.tax, self._timing,
        )  # fmt: skip
