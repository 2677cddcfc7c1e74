"""Factors of the comparison of renting and owning: how far each may lie from its value, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.base.figure import Provenance
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.money import exchange
from mitsumori.model.cost.prices import CostInputs, price_of_term, utilization_of
from mitsumori.model.plan.plan import Money

__all__ = [
    "BY_CALENDAR",
    "BY_DAYS",
    "FIELDS",
    "PATHS",
    "Factor",
    "description",
    "entered",
    "factor_source",
    "factors",
    "listed_range",
    "node_pair",
    "worked_ends",
]

PATHS: Final[Mapping[str, str]] = {
    "cloud_price": "money.cloud.price_per_hour",
    "server_price": "money.onprem.server_price",
    "electricity": "money.electricity_jpy_per_kwh",
}
"""Prices that a user may enter: a price that was quoted to us is not as uncertain as the list prices of everybody."""

BY_DAYS: Final = "Trainings a year at both ends of the interval of the days; 100 percent at most"
BY_CALENDAR: Final = "Hours of the calendar, longer and shorter as the interval of the days; 100 percent at most"


@cache
def description() -> dict[str, Any]:
    """The factors, their ends and sources, and the axes of the two-way table, as the file has them."""
    return resources.read_table("catalog", "sensitivity.toml")


def factor_source(said: str, language: str) -> str:
    """Where the ends of a factor come from, in a reader's language; as it stands where the table has no other words.

    Parameters
    ----------
    said
        The source of a :class:`Factor`.
    language
        ``ja`` or ``en``.
    """
    if language != "ja":
        return said
    own = {entry["source"]: entry["source_ja"] for entry in description()["factors"].values() if "source_ja" in entry}
    return str({**description()["said"], **own}.get(said, said))


@dataclass(frozen=True, slots=True)
class Factor:
    """One uncertain number: its low, the plan's value, its high, in ``unit``; ``drawn`` in Monte Carlo or not."""

    key: str
    low: float
    base: float
    high: float
    unit: str
    provenance: Provenance
    drawn: bool = True


def factors(money: Money, inputs: CostInputs, case: Case, relative: frozenset[str] = frozenset()) -> tuple[Factor, ...]:
    """The factors that apply to a plan, with their ends in the plan's own units.

    A published range of those in ``relative`` is not used, nor that of a price the user entered: a share either way stands
    for it (``otherwise`` of the record).

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    relative
        Keys of factors whose published range is not used; a share either way stands for it.
    """
    found = []
    own = entered(money, inputs)
    for key, record in description()["factors"].items():
        base = _base(key, case)
        if not np.isfinite(base):
            continue
        low, high, source = float(record["low"]), float(record["high"]), str(record["source"])
        unit = str(record["unit"])
        for months, from_then in record.get("high_from_months", ()):
            high = float(from_then) if float(case.months) >= months else high
        kind = record["kind"]
        if kind == "ratio":
            low, high = base * low, base * high
        elif kind == "of_maximum":
            if inputs.it_max_kw is None:
                continue
            base = base / inputs.it_max_kw
        elif kind == "node_usd":
            pair = None if key in relative or key in own else node_pair(key, record, inputs, case)
            currency = case.cloud_currency if key == "cloud_price" else case.server_currency
            unit = f"{currency}/h" if key == "cloud_price" else currency
            if pair is None:
                low, high = (base * ratio for ratio in record["otherwise"])
                source = "Twenty percent either way"
                if key not in relative and key not in own:
                    source += ": no published range fits this accelerator or currency"
            else:
                low, high = pair
        if key in own and key not in relative:
            low, high = (base * ratio for ratio in record["otherwise"])
            source = "Twenty percent either way around the entered price"
        url = "" if key in relative or key in own else record.get("url", "")
        provenance = Provenance("catalogue", f"sensitivity.{key}", source, url, record["date"], record["grade"])
        worked = worked_ends(money, inputs, base) if key == "utilization" else None
        if worked is not None:
            low, high, provenance = worked
        drawn = bool(record.get("draw", True))
        found.append(Factor(key, min(low, base), base, max(high, base), unit, provenance, drawn))
    return tuple(found)


def worked_ends(money: Money, inputs: CostInputs, base: float) -> tuple[float, float, Provenance] | None:
    """Low and high utilization where it follows from the work, and where they come from; None where it is typed.

    So many trainings take so many hours: uncertain are the days of one alone. The hours of a calendar, which come from days
    too, are as uncertain as those; where the plan trains nothing they are fixed. Hours of serving are typed.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    base
        The utilization in use, 0 to 1.
    """
    days = inputs.training_days
    ends = [days if end is None else end for end in (inputs.training_days_low, inputs.training_days_high)]
    if inputs.busy_share is None and inputs.runs_per_year is not None and days is not None:
        low, high = (utilization_of(money, end, inputs.runs_per_year)[0] for end in ends)
        return low, high, Provenance("formula", "runs per year * days of a run / 365", BY_DAYS)
    if not inputs.by_calendar:
        return None
    low, high = (min(1.0, base * end / days) if end is not None and days else base for end in ends)
    return low, high, Provenance("formula", "hours of the calendar", BY_CALENDAR)


FIELDS: Final[Mapping[str, str]] = {
    "cloud_price": "price_per_hour",
    "utilization": "utilization",
    "electricity": "energy_jpy_per_kwh",
    "pue": "pue",
    "residual": "residual_share",
    "maintenance": "maintenance_rate",
    "usd_jpy": "usd_jpy",
    "staff_fte": "staff_fte",
    "horizon": "months",
    "power": "busy_kw",
    "server_price": "server_price",
}


def entered(money: Money, inputs: CostInputs) -> frozenset[str]:
    """Keys of the factors whose price the user entered himself; a guide value taken over is still a published range.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    """
    found = set()
    hour = price_of_term(money.cloud, inputs.cloud_instance, money.cloud.term, money.tax_rate, money.prices)
    if hour.value is not None and hour.provenance is not None and hour.provenance.kind == "user":
        found.add("cloud_price")
    if money.onprem.server_price is not None:
        found.add("server_price")
    if money.electricity_jpy_per_kwh is not None:
        found.add("electricity")
    return frozenset(key for key in found if PATHS[key] not in inputs.guided)


def listed_range(key: str, money: Money, inputs: CostInputs) -> tuple[float, float, str] | None:
    """The published range of list prices beside an entered price: low, high and currency; None where there is none.

    Parameters
    ----------
    key
        ``cloud_price`` (an hour of the instance) or ``server_price`` (one server).
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    """
    own, cloud = money.onprem, money.cloud
    currency = cloud.price_currency or cloud.currency if key == "cloud_price" else own.price_currency or own.currency
    instance = inputs.cloud_instance
    count = float(inputs.accelerators - inputs.generating) / inputs.servers
    if key == "cloud_price" and instance is not None:
        count = float(instance.accelerators or 0)
    kind = instance.accelerator if key == "cloud_price" and instance is not None else inputs.server.accelerator
    record = description()["factors"][key]
    fx = float(exchange("USD", currency, float("nan") if money.usd_jpy is None else money.usd_jpy))
    if kind not in record["kinds"] or not count or not np.isfinite(fx):
        return None
    scale = fx * count / float(record["accelerators"])
    return float(record["low"]) * scale, float(record["high"]) * scale, currency


def _base(key: str, case: Case) -> float:
    return float(getattr(case, FIELDS[key]))


def node_pair(key: str, record: Mapping[str, Any], inputs: CostInputs, case: Case) -> tuple[float, float] | None:
    """The published range of a price, in the currency of the case; None where none fits the accelerator or the currency.

    Parameters
    ----------
    key
        ``cloud_price`` or the price of a server.
    record
        The factor's entry with its ranges by accelerator.
    inputs
        What the rest of the estimate found for the plan.
    case
        Everything that money depends on, as numbers.
    """
    if key == "cloud_price":
        instance = inputs.cloud_instance
        kind, count, currency = (
            (instance.accelerator if instance else None),
            case.instance_accelerators,
            case.cloud_currency,
        )
        if instance is None:
            kind = inputs.server.accelerator
    else:
        kind, count, currency = inputs.server.accelerator, inputs.accelerators_per_server, case.server_currency
    fx = float(exchange("USD", currency, case.usd_jpy))
    if kind not in record["kinds"] or not np.isfinite(fx):
        return None
    scale = fx * float(count) / float(record["accelerators"])
    return record["low"] * scale, record["high"] * scale
