"""What a customer may see: sale prices, no purchase prices, discounts, margins, street prices or names of this program."""

from __future__ import annotations

import re
from typing import Final

from mitsumori.model.base.messages import keys, text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import instance_name
from mitsumori.model.catalogue.record import source_words
from mitsumori.model.catalogue.records import CloudInstance, Server, Storage
from mitsumori.model.cost.money import exchange, number, sold_at
from mitsumori.model.cost.owned_prices import listed_price, sale_factor
from mitsumori.model.cost.prices import sale_price
from mitsumori.model.cost.results import CostResult
from mitsumori.model.plan.inputs import input_of, inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import Price, present_key
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.training.schedule import trainings_a_year

WITHHELD = ("money.onprem.discount", "money.onprem.margin")
"""Plan paths that a customer's file does not have at all."""
OWN_PRICES = "money.onprem."
"""Where the plan's paths of the owned side begin, whose notes a customer's file does not have."""
RELATIVE = {"customer": frozenset({"server_price"}), "internal": frozenset()}
"""Factors of the sensitivity whose published range is what others sell our goods for; an audience's file has a share."""
_OURS = re.compile(r"[;,]?\s*(?:Mitsumori )?(?:docs/[\w./]+|resources/[\w./]+)(?:, [\d.]+)?|\s*\(resources/[\w./]+\)")
"""Where in this program's own papers a figure is explained."""


def customer_plan(plan: Plan, catalogue: Catalogue | None = None) -> Plan:
    """The plan as the customer knows it: the server at its sale price, no discount, no margin. Same totals.

    A catalogue price becomes the sale price in the plan's own currency; without a rate it stays unknown rather than
    showing the list price.
    """
    own = plan.money.onprem
    # A note on a price of ours says who quoted it and for how much: that is for the company alone.
    kept = {path: text for path, text in plan.notes.items() if not path.startswith(OWN_PRICES)}
    # What other servers were quoted at, and who said so, is no part of this proposal.
    rented: dict[str, Price | dict[str, object]] = {
        key: price for key, price in plan.money.prices.items() if key.startswith("cloud:")
    }
    present = present_key(plan)
    if present in plan.money.prices:
        rented[present] = plan.money.prices[present].model_copy(update={"source": ""})
    plan = plan.model_copy(update={"notes": kept, "set_aside": {}, "origins": _without_sources(plan)})
    if own.discount or own.margin:
        rented |= _further_at_sale(plan, catalogue or Catalogue.shipped())
    else:
        further = {f"server:{entry.server}" for entry in plan.further}
        rented |= {k: p.model_copy(update={"source": ""}) for k, p in plan.money.prices.items() if k in further}
    plan = plan.with_values({"money.prices": rented})
    if plan.money.onprem.price_date != own.price_date:  # a date without a price stays the reader's entry
        plan = plan.with_values({"money.onprem.price_date": own.price_date})
    if own.discount == 0.0 and own.margin == 0.0:
        return plan
    price = own.server_price
    currency: str = own.price_currency or own.currency
    if price is None:
        listed = _offered(plan, catalogue).price
        if listed is not None:
            price, currency = listed.middle, listed.currency
    sale: float | None = None
    if price is not None:
        rate = float(exchange(currency, own.currency, number(plan.money.usd_jpy)))
        sale = None if rate != rate else sale_price(price, currency, plan.money) * rate
    changes = {
        "money.onprem.server_price": sale,
        "money.onprem.price_currency": None,
        "money.onprem.discount": 0.0,
        "money.onprem.margin": 0.0,
    }
    return plan.with_values(changes)


def _offered(plan: Plan, catalogue: Catalogue | None) -> Server:
    """The server whose price the plan states: the one that serves where that is another than the cluster's."""
    serving = plan.serving
    if serving.enabled and serving.server not in (None, plan.cluster.server):
        return (catalogue or Catalogue.shipped()).server(serving.server)
    return resolve(plan, catalogue).server


def _further_at_sale(plan: Plan, catalogue: Catalogue) -> dict[str, dict[str, object]]:
    """Prices of servers of further types as the customer pays them, in the currency of the owned side.

    Without the exchange rate that a price needs it is rounded in its own: the list price is nobody's to see.
    """
    found: dict[str, dict[str, object]] = {}
    own = plan.money.onprem.currency
    for entry in plan.further:
        listed, currency, _ = listed_price(entry.server, plan.money, catalogue)
        if listed is not None:
            sold = sale_price(listed, currency, plan.money) * float(exchange(currency, own, number(plan.money.usd_jpy)))
            price: dict[str, object] = {"price": sold, "currency": own}
            if sold != sold:
                price = {"price": sold_at(listed * sale_factor(plan.money)), "currency": currency}
            found[f"server:{entry.server}"] = price
    return found


def _without_sources(plan: Plan) -> dict[str, dict[str, str]]:
    """Where values come from, without who said so inside the company."""
    return {path: {"kind": origin.kind} for path, origin in plan.origins.items()}


PRICES: Final = {item.path: item.quoted for item in inputs().values() if item.quoted}
"""Prices that may be quoted in another currency than that of their side, and the path of that currency."""


def as_counted(plan: Plan, cost: CostResult) -> Plan:
    """The plan as the sheets count it.

    Server and instance hour in the currency of their side, at the plan's own rate (without one the price stays unknown, as
    every total that needs it does); the use of the machines as trainings a year, and what is rented for one training alone as
    the amounts that it comes to.
    """
    changes: dict[str, object] = {}
    runs = trainings_a_year(plan.workload, plan.money)
    if runs != plan.workload.runs_per_year:
        changes |= {"workload.runs_per_year": runs}
    if plan.workload.use == "once":
        case = cost.quote.case
        changes |= {"workload.use": "yearly", "money.cloud.egress_gb_per_month": float(case.egress_gb_per_month)}
        if case.storage_gb == case.storage_gb:
            changes |= {"money.cloud.storage_gb": float(case.storage_gb)}
    for path, quoted in PRICES.items():
        currency, price = plan.value(quoted), plan.value(path)
        if currency is not None:
            rate = float(exchange(currency, plan.value(input_of(path).currency), number(plan.money.usd_jpy)))
            converted = None if price is None or rate != rate else price * rate
            changes |= {quoted: None, path: converted}
    return plan.with_values(changes) if changes else plan


def counted_otherwise(plan: Plan) -> frozenset[str]:
    """Inputs whose cells :func:`as_counted` fills with something else than the plan's own value."""
    found = {path for path, quoted in PRICES.items() if plan.value(quoted) is not None}
    if trainings_a_year(plan.workload, plan.money) != plan.workload.runs_per_year:
        found.add("workload.runs_per_year")
    if plan.workload.use == "once":
        found |= {"money.cloud.egress_gb_per_month", "money.cloud.storage_gb"}
    return frozenset(found)


def _record_name(catalogue: Catalogue, kind: str, path: str, language: str) -> str:
    """The name of the record whose figure ``path`` is; keys may hold dots, so the longest that is known counts."""
    records = catalogue.records(kind)
    key = next(
        (key for key in sorted(records, key=len, reverse=True) if path.startswith(f"{key}.")), path.split(".")[0]
    )
    record = records.get(key)
    if isinstance(record, CloudInstance):
        return instance_name(record).word(language)
    if isinstance(record, Storage):
        return f"{record.vendor} {record.model}"
    return str(getattr(record, "name", key))


def customer_source(what: str, source: str, url: str, language: str, catalogue: Catalogue) -> tuple[str, str] | None:
    """What a figure is and where it comes from, in words of the customer's; None for what is only a rule of this program.

    Parameters
    ----------
    what
        What the figure is: a path of the plan or of a record.
    source
        Where it comes from, in our words.
    url
        Address; empty: none.
    language
        ``ja`` or ``en``.
    catalogue
        Records of the project; None: those that the estimate was made with.
    """
    said = next(
        (key for key in keys("workbook") if key.startswith("source_said_") and text("workbook", key, "en") == source),
        "",
    )
    source = text("workbook", said, language) if said else _OURS.sub("", source_words(source, language)).strip(" ;,")
    if not source:
        return None
    kind, _, rest = what.partition(".")
    key = f"source_kind_{kind}"
    if what.startswith("near run"):
        return text("workbook", "source_near_run", language), source
    if rest and key in keys("workbook"):
        named = kind in ("models", "accelerators", "servers", "storage", "cloud")
        return text("workbook", key, language) + (
            f" {_record_name(catalogue, kind, rest, language)}" if named else ""
        ), source
    item = inputs().get(what)
    if item is not None:
        return item.title(language), source
    return (text("workbook", "source_method", language), source) if url else None
