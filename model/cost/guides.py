"""Guide values for prices that a plan lacks: a published band with its source and date, taken only when somebody asks for it.

A guide value is the middle of its band. It counts as given and keeps the mark of a guide wherever its total stands
(``Plan.origins``). Where nobody publishes a value there is none, and that is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Record
from mitsumori.model.cost.money import exchange, number
from mitsumori.model.cost.prices import CostInputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import present_key

__all__ = [
    "DURATIONS", "UTILIZATION", "Guide", "by_calendar", "duration_changes", "guide_changes", "guide_of", "guided",
    "out_of_scope",
]  # fmt: skip

SERVER: Final = "money.onprem.server_price"
COOLING: Final = "money.onprem.cooling_retrofit_per_rack"
WORKS: Final = "money.onprem.power_works"
UTILIZATION: Final = "money.utilization"
"""No price: its origin says that a calendar set it."""
ZERO_MEANS_NONE: Final = frozenset(
    {
        COOLING, WORKS, "money.onprem.storage_price", "money.onprem.staff_cost_per_year", "money.onprem.network_price",
        "money.onprem.colocation_setup", "money.cloud.storage_per_gb_month", "money.cloud.egress_per_gb",
    }
)  # fmt: skip
"""Prices of things that a quotation may leave out: 0 means that they are not in scope."""


DURATIONS: Final = {
    "money.onprem.delivery_months": "lead-server",
    "money.onprem.works_months": "lead-power-works",
    "money.onprem.installation_days": "lead-installation",
}
"""Times before the first training, and the records of their guide values."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A published band for one price.

    ``low``, ``value`` and ``high`` in ``currency`` as published; ``names`` are the records it was read from; ``grade`` as in
    :class:`~model.catalogue.records.RecordSource`; ``weak`` an indication only.
    """

    path: str
    low: float
    value: float
    high: float
    currency: str
    names: tuple[str, ...]
    source: str
    date: str
    grade: str
    weak: bool = False

    def in_currency(self, currency: str, usd_jpy: float | None) -> tuple[float, float, float] | None:
        """Low, value and high in a currency; None without the rate that it needs."""
        rate = float(exchange(self.currency, currency, number(usd_jpy)))
        return None if math.isnan(rate) else (self.low * rate, self.value * rate, self.high * rate)


def guide_of(path: str, plan: Plan, inputs: CostInputs) -> Guide | None:
    """The guide value of a missing price; None where nothing is published.

    Parameters
    ----------
    path
        Plan path of the price that is missing.
    plan
        The plan.
    inputs
        What the rest of the estimate found for the plan.
    """
    if path == SERVER:
        return _server(inputs)
    if path == COOLING and inputs.cooling is not None and inputs.cooling.key.startswith("rear_door"):
        return _tariff(path, "rear-door-price", inputs.catalogue, 1.0)
    it_kw = inputs.it_max_kw or inputs.it_busy_kw
    if path == WORKS and it_kw == it_kw:
        return _tariff(path, "hall-capex-per-mw", inputs.catalogue, it_kw / 1000.0)
    return None


def _server(inputs: CostInputs) -> Guide | None:
    """The band of published prices of servers with as many of the same accelerators; firm ones where there are any."""
    mine = inputs.server
    same = [
        other
        for other in inputs.catalogue.servers().values()
        if other.price is not None
        and other.accelerator == mine.accelerator
        and other.accelerators == mine.accelerators
        and other.price.currency == "USD"
    ]
    firm = [other for other in same if not other.is_weak("price")] or same
    if not firm:
        return None
    low, high = min(o.price.low for o in firm if o.price), max(o.price.high for o in firm if o.price)
    origin = firm[0].provenance("price")
    dates = [o.price.date or "" for o in firm if o.price]
    return Guide(
        SERVER, low, (low + high) / 2.0, high, "USD", tuple(o.name for o in firm), "" if origin is None else origin.title,
        max(dates), "" if origin is None else origin.grade, all(o.is_weak("price") for o in firm),
    )  # fmt: skip


def _tariff(path: str, key: str, catalogue: Catalogue, times: float) -> Guide:
    record = catalogue.tariff(key)
    low, high = record.low or record.value, record.high or record.value
    origin = _origin(record, "value")
    return Guide(
        path, low * times, record.value * times, high * times, "USD", (record.name_en,), origin[0], origin[1], origin[2],
        record.is_weak("value"),
    )  # fmt: skip


def _origin(record: Record, path: str) -> tuple[str, str, str]:
    found = record.provenance(path)
    return ("", "", "") if found is None else (found.title, found.date or "", found.grade)


def guide_changes(guide: Guide, plan: Plan) -> dict[str, object] | None:
    """Plan paths and values that take a guide value over, with its mark; None without the exchange rate that it needs."""
    origin = {"kind": "guide", "source": guide.source}
    if guide.path == SERVER:
        key = present_key(plan)
        entry = {"price": float(round(guide.value, 2)), "currency": guide.currency, "source": guide.source}
        return {f"money.prices.{key}": entry, f"origins.{SERVER}": origin}
    amounts = guide.in_currency(plan.money.onprem.currency, plan.money.usd_jpy)
    return None if amounts is None else {guide.path: float(round(amounts[1])), f"origins.{guide.path}": origin}


def duration_changes(plan: Plan, catalogue: Catalogue) -> dict[str, object]:
    """Plan paths and values that take over the guide values of the times nobody gave, each marked as a guide; empty: none.

    Works are only guessed where power works or a cooling retrofit are not out of scope (0).

    Parameters
    ----------
    plan
        The plan.
    catalogue
        Holds the records of :data:`DURATIONS`.
    """
    own = plan.money.onprem
    changes: dict[str, object] = {}
    no_works = own.power_works == 0.0 and own.cooling_retrofit_per_rack == 0.0
    for path, key in DURATIONS.items():
        if plan.value(path) is not None or (path.endswith("works_months") and no_works):
            continue
        record = catalogue.tariff(key)
        changes[path] = float(record.value)
        changes[f"origins.{path}"] = {"kind": "guide", "source": _origin(record, "value")[0]}
    return changes


def out_of_scope(path: str) -> dict[str, object] | None:
    """Plan paths and values that leave something out of the quotation; None for what cannot be left out."""
    if path not in ZERO_MEANS_NONE:
        return None
    return {path: 0.0, f"origins.{path}": {"kind": "out_of_scope"}}


def guided(plan: Plan) -> tuple[str, ...]:
    """Paths whose value is a guide value."""
    return tuple(
        path for path, origin in plan.origins.items() if origin.kind == "guide" and plan.value(path) is not None
    )


def by_calendar(plan: Plan) -> bool:
    """Whether the plan's utilization is that of a project's calendar, not a typed one."""
    origin = plan.origins.get(UTILIZATION)
    return origin is not None and origin.kind == "calendar"
