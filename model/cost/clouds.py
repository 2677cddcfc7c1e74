"""Clouds side by side: every provider and term for the work of one plan, and owning beside them.

Each cell is the cloud side of the plan with that instance and term in the place of its own, computed by the same lines
(:mod:`model.cost.lines`); owning is the plan's own estimate. A price that nobody publishes is a cell without an amount, a price
that is an indication only is marked, and one that is typed keeps its entry (``money.prices``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import search_words
from mitsumori.model.catalogue.records import CloudInstance
from mitsumori.model.cost.cashflow import crossing, cumulative
from mitsumori.model.cost.prices import CostInputs, Term, quote
from mitsumori.model.cost.rented_lines import cloud_lines, rented_run
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.prices import TERM_FIELDS, cloud_key

__all__ = ["COLUMNS", "CloudCell", "CloudRow", "Clouds", "beside_owning", "clouds", "comparable"]

Column = Literal["on_demand", "monthly", "reserved_1y", "reserved_3y", "spot"]
COLUMNS: Final[tuple[Column, ...]] = ("on_demand", "monthly", "reserved_1y", "reserved_3y", "spot")
State = Literal["price", "typed", "weak", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class CloudCell:
    """One provider and term.

    Attributes
    ----------
    column, instance
        Where it stands: the term, and the key of the instance.
    state
        ``price`` published, ``typed`` entered, ``weak`` an indication only, ``none`` no public price, ``unknown`` priced but
        the amount needs something else (the exchange rate, storage).
    unit_price, currency, per
        As published or entered: ``h`` or ``month``, of one instance.
    once, monthly, total
        Amounts in ``money.currency`` excluding tax: the compute of one training (None where the term is longer), a month at the
        plan's utilization, the whole horizon.
    cumulative
        The total by month, 0 to the horizon; empty where unknown.
    used
        Whether it is the plan's own comparison.
    source
        Who said so, where it was entered.
    without
        Lines without a public price that the amounts leave out: ``storage``, ``egress``.
    """

    column: Column
    instance: str
    state: State
    unit_price: float | None = None
    currency: str = ""
    per: str = "h"
    once: float | None = None
    monthly: float | None = None
    total: float | None = None
    cumulative: tuple[float, ...] = ()
    used: bool = False
    source: str = ""
    without: tuple[str, ...] = ()

    @property
    def term(self) -> Term:
        """The term of the plan that stands for the column; a price by the month is paid whether used or not."""
        return "reserved_3y" if self.column == "monthly" else self.column


@dataclass(frozen=True, slots=True)
class CloudRow:
    """One instance with its terms."""

    key: str
    provider: str
    instance: str
    region: str
    accelerator: str
    accelerators: int
    in_japan: bool
    same_accelerator: bool
    date: str
    cells: Mapping[Column, CloudCell]

    @property
    def priced(self) -> bool:
        """Whether any term has an amount."""
        return any(cell.total is not None for cell in self.cells.values())

    @property
    def best(self) -> CloudCell | None:
        """The cell that stands for the row in a picture: the compared one, else the cheapest firm and uninterrupted one."""
        known = [cell for cell in self.cells.values() if cell.total is not None]
        used = [cell for cell in known if cell.used]
        firm = [cell for cell in known if cell.state in ("price", "typed") and cell.column != "spot"]
        return min(used or firm or known, key=lambda cell: cell.total or math.inf, default=None)


@dataclass(frozen=True, slots=True)
class Clouds:
    """The matrix: Japanese regions first, and of these the plan's provider; ``missing`` as in the estimate."""

    rows: tuple[CloudRow, ...]
    currency: str
    months: int

    @property
    def cheapest(self) -> CloudCell | None:
        """The firm price with the least total."""
        cells = [
            c for row in self.rows for c in row.cells.values() if c.total is not None and c.state in ("price", "typed")
        ]
        return min(cells, key=lambda cell: cell.total or math.inf, default=None)


def beside_owning(
    cell: CloudCell, owned: Sequence[float] | Array, paid_month: float = 0.0
) -> tuple[float | None, float | None]:
    """When owning has paid for itself against one cloud, and what it saves by the end of the horizon.

    Parameters
    ----------
    cell
        A cell of the matrix, with its cumulative cost.
    owned
        Cumulative cost of owning by month, 0 to the horizon, in the same currency.
    paid_month
        Month at which the purchase is paid; before it owning has not paid off.

    Returns
    -------
    tuple
        The month (None: not within the horizon), and the cloud's total less that of owning (None where either is unknown).
    """
    mine = np.asarray(owned, dtype=float)
    if not cell.cumulative or len(mine) != len(cell.cumulative) or not np.isfinite(mine[-1]):
        return None, None
    month = float(
        crossing(np.asarray(cell.cumulative)[None, :], mine[None, :], np.arange(float(len(mine))), since=paid_month)[0]
    )
    return (month if math.isfinite(month) else None), float(cell.cumulative[-1] - mine[-1])


def comparable(
    catalogue: Catalogue, accelerator: str, own: str | None = None, search: str = "", least: int = 1
) -> list[CloudInstance]:
    """Instances for the matrix: those with the accelerator that can do the same work, and the plan's own.

    ``least`` is the number of accelerators below which an instance is left out (single ones have no fabric between them).
    Abroad only those with a price. With a ``search`` all whose provider, name, region or accelerator contain every word of it.

    Parameters
    ----------
    catalogue
        Records of the project.
    accelerator
        Key of the accelerator that is compared.
    own
        Key of the plan's own instance, which always stands; None: none.
    search
        Words that provider, name, region (code, or name in either language) or accelerator must hold; empty:
        instances that do the same work.
    least
        Fewest accelerators that an instance must have, 1 or more.
    """
    known = catalogue.cloud_instances()
    words = search.casefold().split()

    if words:
        return [
            item for item in known.values() if item.accelerators and all(word in search_words(item) for word in words)
        ]
    return [
        item
        for item in known.values()
        if item.key == own
        or (item.accelerator == accelerator and (item.accelerators or 0) >= least and (item.in_japan or item.has_price))
    ]


def clouds(money: Money, inputs: CostInputs, instances: Sequence[CloudInstance], speeds: Mapping[str, float]) -> Clouds:
    """The matrix of some instances.

    Parameters
    ----------
    money, inputs
        Of the plan, as :func:`model.cost.comparison.cost` takes them.
    instances
        Rows, in any order.
    speeds
        Useful tokens a second of one rented accelerator over one owned, by accelerator key; 1 where it is not named.
    """
    own = money.cloud.instance
    rows = [_row(money, inputs, item, speeds.get(item.accelerator or "", 1.0)) for item in instances]
    mine = next((row.provider for row in rows if row.key == own), "")

    def place(row: CloudRow) -> tuple[object, ...]:
        firm = [c.total for c in row.cells.values() if c.total is not None and c.state in ("price", "typed")]
        best = min(firm, default=math.inf)
        return (
            not row.in_japan,
            row.key != own,
            row.provider != mine,
            not row.same_accelerator,
            best,
            row.provider,
            row.key,
        )

    return Clouds(tuple(sorted(rows, key=place)), money.currency, money.horizon_months)


def _row(money: Money, inputs: CostInputs, item: CloudInstance, speed: float) -> CloudRow:
    cells = {column: _cell(money, inputs, item, column, speed) for column in COLUMNS}
    return CloudRow(
        item.key, item.provider, item.instance, item.region, item.accelerator or "", int(item.accelerators or 0),
        item.in_japan, item.accelerator == inputs.server.accelerator, item.price_date or "", cells,
    )  # fmt: skip


def _published(item: CloudInstance, column: Column) -> tuple[str, float] | None:
    """Name and value of the published price of a column: by the month only where the month is the term."""
    name = {"monthly": "per_month"}.get(column, f"{column}_per_h")
    value = item.prices.get(name)
    return None if value is None else (name, value)


def _cell(money: Money, inputs: CostInputs, item: CloudInstance, column: Column, speed: float) -> CloudCell:
    term: Term = "reserved_3y" if column == "monthly" else column
    entry = None if column == "monthly" else money.prices.get(cloud_key(item.key, term))
    found = _published(item, column)
    own = money.cloud
    used = own.instance == item.key and own.term == term
    if used and term == "reserved_3y":  # a price by the month stands for three years only where none is published
        monthly = "per_month" in item.prices and "reserved_3y_per_h" not in item.prices and entry is None
        used = monthly == (column == "monthly")
    currency: str
    if entry is not None:
        price, currency, per, state = entry.price, entry.currency, "h", "typed"
        source = entry.source
    elif found is not None:
        price, currency, per = found[1], item.currency, "month" if column == "monthly" else "h"
        state, source = "weak" if item.is_weak(f"prices.{found[0]}") else "price", ""
    else:
        return CloudCell(column, item.key, "none", used=used)
    hourly = price / HOURS_PER_MONTH if per == "month" else price
    if entry is None and (item.tax or "").startswith("included"):
        hourly /= 1.0 + money.tax_rate
    fields = {
        "instance": item.key, "term": term, "price_per_hour": hourly, "price_currency": currency, "price_date": None,
        **dict.fromkeys(TERM_FIELDS.values()),
        "throughput_factor": own.throughput_factor if own.instance == item.key else 1.0,
    }  # fmt: skip
    if term == "spot" and own.spot_interruptions_per_month is None:
        fields["spot_interruptions_per_month"] = 0.0
    rented = own.model_copy(update=fields)
    there = replace(inputs, cloud_instance=item, cloud_speed=inputs.cloud_speed if own.instance == item.key else speed)
    asked = quote(money.model_copy(update={"cloud": rented}), there)
    case, lines = asked.case, cloud_lines(asked.case)
    without = tuple(name for name in ("storage", "egress") if not math.isfinite(float(lines.monthly[name])))
    if without:  # a provider whose storage has no public price: the rest is shown, with a mark
        case = replace(case, storage_gb=0.0) if without[0] == "storage" else replace(case, egress_gb_per_month=0.0)
        case = replace(case, egress_gb_per_month=0.0) if "egress" in without else case
        lines = cloud_lines(case)
    tax = 0.0 if money.tax_credit else money.tax_rate
    months = money.horizon_months
    cash = cumulative(lines.stream(tax), months, np.arange(months + 1.0))
    total = float(cash[-1])
    if not math.isfinite(total):
        return CloudCell(column, item.key, "unknown", price, currency, per, used=used, source=source)
    amounts = lines.totals(float(months))
    run = rented_run(case, inputs.training_days, column) if inputs.training_days else math.nan
    once = float(run) if math.isfinite(run) else None
    running = sum(float(value) for key, value in amounts.items() if key not in lines.initial)
    return CloudCell(
        column, item.key, state, price, currency, per,  # type: ignore[arg-type]
        once, running / max(float(case.rented_months), 1.0), total, tuple(float(v) for v in cash), used, source, without,
    )  # fmt: skip
