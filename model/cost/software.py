"""Software of the offer by name: what its licences cost a year, by their metric.

A price that was entered goes before the catalogue's; one that nobody publishes is asked for and never taken as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.software import SoftwareRecord
from mitsumori.model.cost.money import UNKNOWN, exchange, number
from mitsumori.model.plan.part import CurrencyName
from mitsumori.model.plan.parts import Money
from mitsumori.model.plan.software_items import SoftwareItem

METRICS: Final = ("gpu_year", "server_year", "year")
"""What a licence counts."""


@dataclass(frozen=True, slots=True)
class Licences:
    """Licences of all software in the currency of the owned side, a year: for each GPU, each server, and as a whole.

    ``listed`` are the same three in each currency they are priced in; ``used`` are the prices by name, ``missing``
    the names without one.
    """

    per_gpu: float = 0.0
    per_server: float = 0.0
    per_year: float = 0.0
    listed: tuple[tuple[CurrencyName, tuple[float, float, float]], ...] = ()
    used: tuple[tuple[str, Figure], ...] = ()
    missing: tuple[str, ...] = ()


def name_of(item: SoftwareItem, catalogue: Catalogue, language: str) -> str:
    """What people call it: the catalogue's name of a known key, else what was typed.

    Parameters
    ----------
    item, catalogue
        The plan's software, and the records.
    language
        ``ja`` or ``en``.
    """
    record = catalogue.software().get(item.name)
    if record is None:
        return item.name
    return record.name_ja if language == "ja" else record.name_en


def licences(money: Money, catalogue: Catalogue) -> Licences:
    """Return what the plan's software costs a year, NaN where a price or the exchange rate is unknown."""
    sums = dict.fromkeys(METRICS, 0.0)
    listed: dict[CurrencyName, dict[str, float]] = {}
    used: list[tuple[str, Figure]] = []
    missing: list[str] = []
    for item in money.software:
        record = catalogue.software().get(item.name)
        metric = item.metric or (record.metric if record is not None else "gpu_year")
        price, currency, origin = _price(item, record)
        if price is None:
            missing.append(item.name)
            sums[metric] = UNKNOWN
            continue
        used.append((item.name, Figure(price, f"{currency}/{metric.replace('_', ' ')}", origin)))
        listed.setdefault(currency, dict.fromkeys(METRICS, 0.0))[metric] += price
        sums[metric] += price * float(exchange(currency, money.onprem.currency, number(money.usd_jpy)))
    prices = tuple((currency, (of["gpu_year"], of["server_year"], of["year"])) for currency, of in listed.items())
    return Licences(sums["gpu_year"], sums["server_year"], sums["year"], prices, tuple(used), tuple(missing))


def _price(item: SoftwareItem, record: SoftwareRecord | None) -> tuple[float | None, CurrencyName, Provenance]:
    if item.price is not None:
        date = item.date.isoformat() if item.date else ""
        return item.price, item.currency, Provenance("user", f"money.software.{item.name}", date=date)
    if record is None or record.price is None:
        return None, item.currency, Provenance("user", f"money.software.{item.name}")
    return record.price, record.currency, record_provenance(record, "software", "price")
