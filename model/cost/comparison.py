"""What renting and owning cost, when owning pays, and what is not known.

:func:`cost` turns a plan's money and the results of the other floors into :class:`model.cost.results.CostResult`. The
formulas are in :mod:`model.cost.lines` and :mod:`model.cost.cashflow`; prices, defaults and gaps in
:mod:`model.cost.prices`; the risk view in :mod:`model.cost.sensitivity`.

Totals exclude consumption tax, which is shown beside. Where it cannot be credited (hospitals, universities) the
comparison - cumulative costs, break-even, rates of return - includes it on the taxable lines of both sides. A side
whose price is not known has no total; ``details["known_part"]`` is the sum of what is known. One-off works that many
plans do not need (:data:`OPEN_LINES`) are left out of the total until they are priced: their line is unknown, never
zero, and a finding says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.dates import plus_days
from mitsumori.model.base.figure import Figure, Parent, unknown
from mitsumori.model.base.later import Later, Named
from mitsumori.model.base.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from mitsumori.model.cost.cashflow import crossing, cumulative, internal_rate
from mitsumori.model.cost.findings import findings
from mitsumori.model.cost.fiscal_years import fiscal_years
from mitsumori.model.cost.lines import UNTAXED, Case, Lines, cloud_lines, kwh_per_year, owned_lines
from mitsumori.model.cost.money import consumption_tax, figure
from mitsumori.model.cost.prices import RESERVED, TERMS, CostInputs, Quote, Term, quote
from mitsumori.model.cost.results import CostResult, FiscalYear, SideCost
from mitsumori.model.plan.plan import Money
from mitsumori.model.training.schedule import DAYS_PER_MONTH, lead_months

__all__ = ["CostInputs", "break_even_utilization", "cost", "lead_months"]

TOTAL: Final = Parent("formula", "sum of the lines over the horizon")
INITIAL: Final = Parent("formula", "sum of the lines paid at the start")
MONTHLY: Final = Parent("formula", "running costs and lease over the months of the horizon")
PRESENT_VALUE: Final = Parent("formula", "initial + NPV of the months at the discount rate")
HALL_ENERGY: Final = Parent("formula", "energy of the hall")
REPAID: Final = Parent("formula", "rate at which the savings repay the outlay")
BALANCED: Final = Parent("formula", "utilization at which both totals are equal")
LINE_RULES: Final = {
    key: Parent("formula", rule)
    for key, rule in {
        "servers": "servers * list price * (1 - discount) / (1 - margin)",
        "network": "entered, or a share of the servers",
        "storage": "entered; cloud: GB * price per GB and month * months",
        "spares": "share of the hardware",
        "installation": "share of the hardware",
        "cooling": "racks * works per rack",
        "power_works": "entered",
        "setup": "entered",
        "lease": "price * rate per month * months",
        "electricity": "kWh * price + contract kW * demand charge * (1.85 - power factor)",
        "rent": "racks * rent per rack + kVA * rent per kVA, per month",
        "maintenance": "share of the hardware per year",
        "licenses": "licences per accelerator and per server per year",
        "staff": "full-time operators * cost per year",
        "insurance": "share of the hardware per year",
        "property_tax": "1.4 % of the assessed value per year",
        "residual": "share of the hardware at the end, as income",
        "compute": "instances * hours used (or reserved) * price per hour",
        "egress": "GB per month * price per GB * months",
        "support": "share of the rented compute",
    }.items()
}
"""What each line is, in words; the formulas are in :mod:`model.cost.lines`."""
OPEN_LINES: Final = {"money.onprem.power_works": "power_works", "money.onprem.colocation_setup": "setup"}
"""The line of each item that may stay open (:attr:`model.cost.prices.Quote.open_items`)."""
OPEN_REASONS: Final = {
    "money.onprem.power_works": "cost_open_power_works",
    "money.onprem.colocation_setup": "cost_open_colocation_setup",
}
"""Why such a line has no value: the finding that asks for it."""


def left_out(line: Figure) -> bool:
    """Whether a line is unknown and the total counts without it (:data:`OPEN_LINES`)."""
    return line.value is None and line.reason in OPEN_REASONS.values()


CROSSING: Final = Parent("formula", "crossing of the cumulative costs, linear between months")


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
        end = case.with_(utilization=utilization)
        return float(owned_lines(end).total(case.months, tax) - cloud_lines(end).total(case.months, tax))

    idle = gap(0.0)
    slope = idle - gap(1.0)
    if slope > 0.0 or math.isnan(slope):
        return idle / slope
    return math.inf if idle > 0.0 else -math.inf


def cost(money: Money, inputs: CostInputs) -> CostResult:
    """Cash flow of both sides, break-even, yearly view, alternatives and what is missing.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the other floors found for the plan.
    """
    asked = quote(money, inputs)
    case = asked.case
    months = money.horizon_months
    grid = np.arange(months + 1.0)
    tax = 0.0 if money.tax_credit else money.tax_rate
    work = _useful_work(case, inputs)

    def way(lines: Lines, open_items: tuple[str, ...] = ()) -> _Way:
        stream = lines.stream(tax)
        return _Way(
            lines,
            cumulative(stream, months, grid),
            lambda: cumulative(stream, months, grid, money.discount_rate),
            open_items,
        )

    owned, rented = way(owned_lines(case), asked.open_items), way(cloud_lines(case))
    month = _crossed(rented.cash, owned.cash)

    def other_term(term: Term) -> SideCost:
        place = TERMS.index(term)
        other = case.with_(
            price_per_hour=asked.term_prices[place],
            paid_when_idle=float(term in RESERVED),
            overhead=asked.overheads[place],
        )
        there = way(cloud_lines(other))
        return _side(there, money, work, lambda: _crossed(there.cash, owned.cash))

    def other_owned(find: Callable[[], tuple[Case, tuple[str, ...]]]) -> SideCost:
        other, open_items = find()
        there = way(owned_lines(other), open_items)
        return _side(there, money, work, lambda: _crossed(rented.cash, there.cash))

    others: dict[str, Callable[[], SideCost]] = {
        f"cloud_{term}": partial(other_term, term) for term in TERMS if term != money.cloud.term
    }
    others |= {name: partial(other_owned, find) for name, find in _other_ways(money, inputs, asked).items()}
    return CostResult(
        currency=money.currency,
        cloud=_side(rented, money, work, lambda: month),
        onprem=_side(owned, money, work, lambda: month),
        break_even_month=month,
        even_use=Later(lambda: (_utilization(case, money, tax),)),
        missing=asked.missing + asked.elsewhere + asked.open_items,
        details=_details(money, inputs, asked, work, rented, owned),
        alternatives=Named(others),
        years=Later(lambda: _years(money, inputs, owned, rented, tax)),
        used=asked.used,
        findings=findings(money, inputs, asked),
        basis=asked,
        weak=asked.weak,
        unpriced=frozenset(
            f"cloud_{term}" for term, price in zip(TERMS, asked.term_prices, strict=True) if price != price
        ),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of paying: its lines, what is paid by each month, the same discounted, and what is left out."""

    lines: Lines
    cash: Array
    discounted: Callable[[], Array]
    open_items: tuple[str, ...]


def _useful_work(case: Case, inputs: CostInputs) -> dict[str, float]:
    """Work over the horizon, the same on both sides: useful tokens, trainings and accelerator hours."""
    hours = float(case.months) * HOURS_PER_MONTH * float(case.utilization)
    tokens, days = inputs.tokens_per_s, inputs.training_days
    return {
        "tokens": math.nan if tokens is None else tokens * inputs.goodput * hours * SECONDS_PER_HOUR,
        "trainings": math.nan if not days else hours / 24.0 / days,
        "gpu_hours": float(case.accelerators) * hours * inputs.goodput,
    }


def _crossed(rented: Array, owned: Array) -> Figure:
    """The month in which owning costs no more; the sum of both totals tells unknown from never."""
    month = float(crossing(rented, owned, np.arange(float(len(owned)))))
    if math.isfinite(month):
        return Figure(month, "months", CROSSING)
    reason = "cost_not_within_horizon" if math.isfinite(float(rented[-1] + owned[-1])) else "cost_total_unknown"
    return Figure(None, "months", CROSSING, reason=reason)


def _side(way: _Way, money: Money, work: Mapping[str, float], even: Callable[[], Figure]) -> SideCost:
    unit, cash = money.currency, way.cash
    lines = {key: float(value) for key, value in way.lines.totals(float(money.horizon_months)).items()}
    total = sum(lines.values())
    start = sum(float(value) for value in way.lines.initial.values())
    compared = float(cash[-1])
    reason = "cost_total_unknown"
    # Not the total less the start: a purchase that is not priced leaves the running costs known.
    run = sum(value for key, value in lines.items() if key != "residual" and key not in way.lines.initial)
    left_open = {OPEN_LINES[path]: OPEN_REASONS[path] for path in way.open_items}

    def line(key: str) -> Figure:
        if key in left_open:
            return unknown(left_open[key], unit)
        return figure(lines[key], unit, reason, LINE_RULES[key])

    def known() -> float:
        return sum(value for value in lines.values() if value == value)

    def tax() -> float:
        taxed = sum(value for key, value in lines.items() if key not in UNTAXED)
        return float(consumption_tax(taxed, money.tax_rate, unit)) if total == total else math.nan

    def per(amount: str, times: float = 1.0) -> Figure:
        return figure(_share(compared, work[amount]) * times, unit, _why(compared, reason))

    details: dict[str, Callable[[], Figure]] = {
        "known_part": lambda: Figure(known(), unit, TOTAL),
        "npv": lambda: figure(way.discounted()[-1], unit, reason, PRESENT_VALUE),
        "compared_total": lambda: figure(compared, unit, reason),
        "consumption_tax": lambda: figure(tax(), unit, reason),
        "total_with_tax": lambda: figure(total + tax(), unit, reason),
        "per_million_tokens": lambda: per("tokens", 1e6),
        "per_useful_gpu_hour": lambda: per("gpu_hours"),
        "per_training": lambda: per("trainings"),
        "break_even_month": even,
    }
    return SideCost(
        total=figure(total, unit, reason, TOTAL),
        initial=figure(start, unit, reason, INITIAL),
        monthly=figure(run / money.horizon_months, unit, reason, MONTHLY),
        lines=Named({key: partial(line, key) for key in (*lines, *left_open)}),
        cumulative=cash if math.isfinite(compared) else np.zeros(0),
        details=Named(details),
    )


def _share(total: float, amount: float) -> float:
    return total / amount if amount > 0.0 else math.nan


def _why(total: float, reason: str) -> str:
    return "cost_no_training" if math.isfinite(total) else reason


def _other_ways(
    money: Money, inputs: CostInputs, asked: Quote
) -> dict[str, Callable[[], tuple[Case, tuple[str, ...]]]]:
    """The other ways of owning that have prices, with what is open: leasing, and the other site where its rent is given."""
    ways: dict[str, Callable[[], tuple[Case, tuple[str, ...]]]] = {}
    own = money.onprem
    if own.lease_rate_per_month is not None:
        ways["lease"] = lambda: (asked.case.with_(leased=1.0), asked.open_items)
    other = "own_hall" if own.site == "colocation" else "colocation"

    def moved() -> tuple[Case, tuple[str, ...]]:
        there = quote(money.model_copy(update={"onprem": own.model_copy(update={"site": other})}), inputs)
        return there.case, there.open_items

    if other == "own_hall" or own.rent_per_rack_month is not None or own.rent_per_kva_month is not None:
        ways[other] = moved
    return ways


def _utilization_parent(asked: Quote) -> Parent:
    if asked.runs_ratio is None:
        return Parent("user", "money.utilization")
    return Parent("formula", "runs per year * days of a run / 365")


def _utilization(case: Case, money: Money, tax: float) -> Figure:
    if money.cloud.term in RESERVED:
        return Figure(None, "", BALANCED, reason="cost_reserved_has_no_utilization")
    value = break_even_utilization(case, tax)
    if math.isnan(value):
        return Figure(None, "", BALANCED, reason="cost_total_unknown")
    if value > 1.0:
        return Figure(None, "", BALANCED, reason="cost_no_utilization_pays")
    return Figure(max(value, 0.0), "", BALANCED)


def _details(
    money: Money, inputs: CostInputs, asked: Quote, work: Mapping[str, float], rented: _Way, owned: _Way
) -> Mapping[str, Figure]:
    """What both sides together give."""
    unit, case = money.currency, asked.case
    saving = rented.cash - owned.cash
    last = float(saving[-1])
    lead, days = lead_months(money), inputs.training_days

    def rate_of_return() -> Figure:
        """Owning as an investment against renting: the rate of return of the months' savings on the outlay."""
        if not math.isfinite(last):
            return Figure(None, "1/year", REPAID, reason="cost_total_unknown")
        rate = internal_rate(np.diff(saving, prepend=0.0))
        if rate is None:
            return Figure(None, "1/year", REPAID, reason="cost_no_rate_of_return")
        return Figure(rate, "1/year", REPAID)

    def ready() -> Figure:
        """Days from the order to the finished model when owning."""
        if lead is None or days is None:
            reason = "cost_no_training" if days is None else "cost_lead_time_unknown"
            return Figure(None, "days", reason=reason)
        return Figure(lead * DAYS_PER_MONTH + days, "days")

    details: dict[str, Callable[[], Figure]] = {
        "discounted_break_even_month": lambda: _crossed(rented.discounted(), owned.discounted()),
        "saving": lambda: figure(last, unit, "cost_total_unknown"),
        "npv_saving": lambda: figure(rented.discounted()[-1] - owned.discounted()[-1], unit, "cost_total_unknown"),
        "utilization": lambda: Figure(float(case.utilization), "", _utilization_parent(asked)),
        "kwh_per_year": lambda: figure(kwh_per_year(case), "kWh", "cost_total_unknown", HALL_ENERGY),
        "tokens": lambda: figure(work["tokens"], "", "cost_no_training"),
        "trainings": lambda: figure(work["trainings"], "", "cost_no_training"),
        "useful_gpu_hours": lambda: figure(work["gpu_hours"], "h"),
        "internal_rate_of_return": rate_of_return,
        "outlay": lambda: figure(-saving[0], unit, "cost_total_unknown"),
        "lead_months": lambda: Figure(lead, "months", reason="" if lead is not None else "cost_lead_time_unknown"),
        "cloud_ready_days": lambda: Figure(days, "days", reason="" if days is not None else "cost_no_training"),
        "onprem_ready_days": ready,
    }
    return Named(details)


def _years(money: Money, inputs: CostInputs, owned: _Way, rented: _Way, tax: float) -> tuple[FiscalYear, ...]:
    start = inputs.start_date
    if start is not None:
        start = plus_days(start, round((lead_months(money) or 0.0) * DAYS_PER_MONTH))
    return fiscal_years(
        owned.cash,
        rented.cash,
        owned.lines.initial,
        start,
        money.fiscal_year_start_month,
        money.onprem.depreciation,
        money.onprem.depreciation_years,
        round(inputs.catalogue.tariff("works-life").value),
        tax,
    )
