"""Age of prices: which figures of the plan rest on prices that are old."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import Name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import instance_name
from mitsumori.model.catalogue.records import Record, Server
from mitsumori.model.plan.plan import Money, Plan

OLD_MONTHS: Final = 12
"""From this age on a price is worth a warning."""


_DATED: Final = re.compile(r"(?<!\d)(20[0-9]{2})-([0-9]{2})(?:-([0-9]{2}))?(?!\d)")


def age_months(date: str | dt.date | None, today: dt.date) -> int | None:
    """Whole months from a price's date to a day; None where no date is known.

    Parameters
    ----------
    date
        A date, or text that holds one (``2026-10-01``, ``2020-05``, ``snapshot after 2025-11``); a month counts from its
        first day. Of several the latest counts, as "checked on" comes after "published on".
    """
    if isinstance(date, dt.date):
        return max(0, (today.year - date.year) * 12 + today.month - date.month - (today.day < date.day))
    ages = []
    for year, month, day in _DATED.findall(date or ""):
        try:
            ages.append(age_months(dt.date(int(year), int(month), int(day or 1)), today))
        except ValueError:
            continue
    return min((age for age in ages if age is not None), default=None)


def price_age(record: Record, today: dt.date) -> int | None:
    """Age of a record's price in months; None when it has no price or the price no date."""
    price = getattr(record, "price", None)
    date = getattr(record, "price_date", None) or getattr(price, "date", None) or getattr(record, "date", None)
    return age_months(date, today)


def old_price_findings(plan: Plan, catalogue: Catalogue, today: dt.date) -> list[Finding]:
    """What to say of the age of the prices that a plan uses, on a given day.

    A price of :data:`OLD_MONTHS` months or more is a warning, a catalogue price without a date a remark. Prices and rates
    that the user entered count by the dates entered with them.

    Parameters
    ----------
    plan
        The plan.
    catalogue
        Records of the project.
    today
        The day on which ages are judged.
    """
    return list(_old_prices(plan.money, plan.cluster.server, catalogue, today))


@lru_cache(maxsize=64)
def _old_prices(money: Money, server_key: str, catalogue: Catalogue, today: dt.date) -> tuple[Finding, ...]:
    found: list[Finding] = []
    cloud, own = money.cloud, money.onprem

    def add(what: str | Name, age: int | None, date: object, field: str, kind: str) -> None:
        shown = {"what": what, "months": str(age), "date": str(date)}
        if age is not None and age >= OLD_MONTHS:
            found.append(Finding(f"price_old_{kind}", "warn", field, shown))
        elif age is None and kind == "catalogue":
            found.append(Finding("price_undated", "info", field, {"what": what}))

    if cloud.instance is not None and cloud.price_per_hour is None:
        instance = catalogue.cloud_instances().get(cloud.instance)
        if instance is not None and instance.has_price:
            add(
                instance_name(instance),
                price_age(instance, today),
                _shown_date(instance.price_date),
                "money.cloud.price_per_hour",
                "catalogue",
            )
    elif cloud.price_per_hour is not None and cloud.price_date is not None:
        add("", age_months(cloud.price_date, today), cloud.price_date, "money.cloud.price_date", "cloud")
    if own.server_price is None:
        server = catalogue.servers().get(server_key)
        if isinstance(server, Server) and server.price is not None:
            add(
                server.name,
                price_age(server, today),
                _shown_date(server.price.date),
                "money.onprem.server_price",
                "catalogue",
            )
    elif own.price_date is not None:
        add("", age_months(own.price_date, today), own.price_date, "money.onprem.price_date", "server")
    if money.usd_jpy is not None and money.usd_jpy_date is not None:
        add("", age_months(money.usd_jpy_date, today), money.usd_jpy_date, "money.usd_jpy_date", "rate")
    return tuple(found)


def _shown_date(text: str | None) -> str:
    match = _DATED.search(text or "")
    return match.group(0) if match else "-"
