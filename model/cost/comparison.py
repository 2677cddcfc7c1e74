"""What renting and owning cost, when owning pays, and what is not known.

:func:`cost` turns a plan's money and the other results into :class:`model.cost.results.CostResult`. The
formulas are in :mod:`model.cost.lines` and :mod:`model.cost.cashflow`; the figures beside the totals in
:mod:`model.cost.figures`; prices, defaults and gaps in
:mod:`model.cost.prices`; the risk view in :mod:`model.cost.sensitivity`.

Totals exclude consumption tax, which is shown beside. Where it cannot be credited (hospitals, universities) the
comparison - cumulative costs, break-even, rates of return - includes it on the taxable lines of both sides. A side
whose price is not known has no total; ``details.known_part`` is the sum of what is known. One-off works that many
plans do not need (:func:`model.cost.line_table.open_reasons`) are left out of the total until they are priced: their
line is unknown, never zero, and a finding says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from mitsumori.model.base.changed import changed
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.figures import (
    TOTAL,
    TOTAL_UNKNOWN,
    ComparedFigures,
    OptionFigures,
    OwnedFigures,
    break_even_utilization,
)
from mitsumori.model.cost.findings import findings, subsidy_findings
from mitsumori.model.cost.line_table import cost_lines, open_reasons
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.money import figure
from mitsumori.model.cost.payments import Pair, Payments, UsefulWork, useful_work
from mitsumori.model.cost.prices import TERMS, CostInputs, Quote, quote
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.cost.results import CostResult, OptionCost
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.prices import TERM_MONTHS, years_of_price
from mitsumori.model.training.schedule import lead_months

__all__ = ["CostInputs", "break_even_utilization", "cost", "lead_months"]

INITIAL: Final = Provenance("formula", "sum of the lines paid at the start")
ENDING: Final = ("residual", "disposal")
MONTHLY: Final = Provenance("formula", "running costs and lease over the months of the horizon")


def left_out(line: Figure) -> bool:
    """Whether a line is unknown and the total counts without it (:func:`model.cost.line_table.open_reasons`)."""
    return line.value is None and any(line.reason == one.why for one in open_reasons().values())


def cost(money: Money, inputs: CostInputs) -> CostResult:
    """Cash flow of both sides, break-even, yearly view, alternatives and what is missing.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    """
    asked = quote(money, inputs)
    tax = 0.0 if money.tax_credit else money.tax_rate
    owned = Payments(owned_lines(asked.case), money, tax, asked.open_items)
    pair = Pair(Payments(cloud_lines(asked.case), money, tax), owned)
    work = useful_work(asked.case, inputs)
    return CostResult(
        currency=money.currency,
        cloud=_side(pair.rented, work, pair),
        onprem=_side(owned, work, pair, asked.case),
        break_even_month=pair.break_even_month,
        missing=asked.missing + asked.elsewhere + asked.open_items,
        details=ComparedFigures(money, inputs, asked, pair, work),
        alternatives=_Alternatives(money, inputs, asked, pair, work),
        used=asked.used,
        findings=findings(money, inputs, asked) + subsidy_findings(money, owned.lines.initial, owned.tax),
        weak=asked.weak,
        unpriced=frozenset(
            f"cloud_{term}" for term, price in zip(TERMS, asked.term_prices, strict=True) if price != price
        ),
    )


def _side(paid: Payments, work: UsefulWork, pair: Pair, case: Case | None = None) -> OptionCost:
    """One side's totals and lines, in the plan's currency.

    Parameters
    ----------
    paid, work
        Its payments and the work done for them.
    pair
        The sides of its break-even.
    case
        What the owned side rests on; None for the rented one.
    """
    unit, months = paid.money.currency, paid.money.horizon_months
    lines = {key: float(value) for key, value in paid.lines.totals(float(months)).items()}
    stated = paid.lines.plain()
    start = sum(float(value) for value in paid.lines.initial.values())
    # Not the total less the start: a purchase that is not priced leaves the running costs known. At the prices and the use that
    # the plan states: what rising prices and the growth of use make of a month differs from month to month.
    plain = lines
    if stated is not paid.lines:
        plain = {key: float(value) for key, value in stated.totals(float(months)).items()}
    run = sum(value for key, value in plain.items() if key not in ENDING and key not in paid.lines.initial)
    used = months - paid.lines.start_month
    declared, may_be_open = cost_lines(), open_reasons()
    figures = {key: figure(value, unit, TOTAL_UNKNOWN, declared[key].origin) for key, value in lines.items()}
    figures |= {may_be_open[path].key: unknown(may_be_open[path].why, unit) for path in paid.open_items}
    return OptionCost(
        total=figure(sum(lines.values()), unit, TOTAL_UNKNOWN, TOTAL),
        initial=figure(start, unit, TOTAL_UNKNOWN, INITIAL),
        monthly=figure(
            run / used if used > 0 else sum(map(float, paid.lines.monthly.values())), unit, TOTAL_UNKNOWN, MONTHLY
        ),
        lines=figures,
        details=OptionFigures(paid, work, pair) if case is None else OwnedFigures(paid, work, pair, case),
        cumulative=paid.cash if math.isfinite(float(paid.cash[-1])) else np.zeros(0),
    )


class _Alternatives(Mapping[str, OptionCost]):
    """The other terms, leasing and the other site by name, each worked out at the first look at it."""

    def __init__(self, money: Money, inputs: CostInputs, asked: Quote, pair: Pair, work: UsefulWork) -> None:
        self._money, self._asked, self._pair, self._work = money, asked, pair, work
        self._owned = _other_ways(money, inputs, asked)
        self._names = (*(f"cloud_{term}" for term in TERMS if term != money.cloud.term), *self._owned)
        self._made: dict[str, OptionCost] = {}

    def __getitem__(self, name: str) -> OptionCost:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._other(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _other(self, name: str) -> OptionCost:
        money, pair = self._money, self._pair
        if name in self._owned:
            case, open_items = self._owned[name]()
            owned = Payments(owned_lines(case), money, pair.owned.tax, open_items)
            return _side(owned, self._work, Pair(pair.rented, owned))
        terms = {f"cloud_{term}": place for place, term in enumerate(TERMS) if f"cloud_{term}" in self._names}
        place = terms[name]
        case = changed(
            self._asked.case,
            price_per_hour=self._asked.term_prices[place],
            paid_when_idle=float(TERMS[place] in TERM_MONTHS),
            price_years=years_of_price(TERMS[place]),
            overhead=self._asked.overheads[place],
        )
        rented = Payments(cloud_lines(case), money, pair.rented.tax)
        return _side(rented, self._work, Pair(rented, pair.owned))


def _other_ways(
    money: Money, inputs: CostInputs, asked: Quote
) -> dict[str, Callable[[], tuple[Case, tuple[str, ...]]]]:
    """The other ways of owning that have prices, with what is open: leasing, and the other site where its rent is given."""
    ways: dict[str, Callable[[], tuple[Case, tuple[str, ...]]]] = {}
    own = money.onprem
    if own.lease_rate_per_month is not None:
        ways["lease"] = lambda: (changed(asked.case, leased=1.0), asked.open_items)
    other = "own_hall" if own.site == "colocation" else "colocation"

    def moved() -> tuple[Case, tuple[str, ...]]:
        there = quote(money.model_copy(update={"onprem": own.model_copy(update={"site": other})}), inputs)
        return there.case, there.open_items

    if other == "own_hall" or own.rent_per_rack_month is not None or own.rent_per_kva_month is not None:
        ways[other] = moved
    return ways
