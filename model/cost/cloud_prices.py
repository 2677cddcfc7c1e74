"""Prices of the rented side: instance hours by term, storage, traffic out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mitsumori.model.base.figure import Provenance
from mitsumori.model.base.units import GB, HOURS_PER_MONTH
from mitsumori.model.catalogue.records import CloudInstance
from mitsumori.model.cost.cloud_storage import cloud_storage_offer, storage_record
from mitsumori.model.cost.inputs import CostInputs
from mitsumori.model.cost.money import UNKNOWN, Offer, number
from mitsumori.model.cost.price_book import Book, provenance
from mitsumori.model.cost.rented_lines import spot_overhead
from mitsumori.model.plan.plan import Cloud, Money
from mitsumori.model.plan.prices import TERM_FIELDS, Price, cloud_key
from mitsumori.model.training.schedule import working_months

Term = Literal["on_demand", "reserved_1y", "reserved_3y", "spot"]
TERMS: Final[tuple[Term, ...]] = ("on_demand", "reserved_1y", "reserved_3y", "spot")


@dataclass(frozen=True, slots=True)
class CloudPrices:
    """What renting costs.

    Attributes
    ----------
    chosen
        Price an hour of the plan's term.
    by_term, overheads
        Price an hour in the currency of ``chosen`` and extra hours, by term as in :data:`TERMS`; NaN unknown.
    per_instance
        Accelerators of one instance.
    storage_gb, storage, egress_gb_per_month, egress
        Amounts and offers of storage and traffic.
    """

    chosen: Offer
    by_term: tuple[float, ...]
    overheads: tuple[float, ...]
    per_instance: float
    storage_gb: float
    storage: Offer
    egress_gb_per_month: float
    egress: Offer


def cloud_prices(money: Money, inputs: CostInputs, book: Book) -> CloudPrices:
    """Gather the prices of the rented side; those that nobody gives are noted as missing.

    Parameters
    ----------
    money, inputs
        The plan's money, and what the rest of the estimate found.
    book
        Where figures and gaps are noted.
    """
    cloud, instance = money.cloud, inputs.cloud_instance
    offers = tuple(price_of_term(cloud, instance, term, money.tax_rate, money.prices) for term in TERMS)
    chosen = offers[TERMS.index(cloud.term)]
    per_instance = inputs.accelerators_per_server
    if instance is not None:
        per_instance = number(instance.accelerators)
    # Terms priced in another currency than the plan's own (one entered, one from the catalogue) are converted here.
    prices = tuple(_in_currency(offer, chosen.currency, money.usd_jpy) for offer in offers)
    if chosen.value is None or per_instance != per_instance:
        if instance is None and cloud.price_per_hour is None:
            book.missing.append("money.cloud.instance")
        else:
            field_name = "price_per_hour" if cloud.term == "on_demand" else f"{cloud.term}_per_hour"
            book.missing.append(f"money.cloud.{field_name}")
    elif chosen.provenance is not None:
        book.note("money.cloud.price_per_hour", chosen.value, f"{chosen.currency}/h", chosen.provenance)
    overheads = [0.0, 0.0, 0.0, UNKNOWN]
    if cloud.spot_interruptions_per_month is not None:
        overheads[3] = float(spot_overhead(cloud.spot_interruptions_per_month, inputs.checkpoint_s, inputs.restart_s))
    elif cloud.term == "spot":
        book.missing.append("money.cloud.spot_interruptions_per_month")
    storage_gb, storage = _cloud_storage(money, inputs, book)
    share = 1.0
    if inputs.once and inputs.training_days is not None:
        share = min(
            1.0, inputs.training_days * 24.0 / HOURS_PER_MONTH / (working_months(money) or money.horizon_months)
        )
    egress = _egress(money, inputs, book)
    if cloud.throughput_factor != 1.0:
        book.entered("money.cloud.throughput_factor", cloud.throughput_factor, "")
    return CloudPrices(
        chosen,
        prices,
        tuple(overheads),
        per_instance,
        storage_gb * share,
        storage,
        cloud.egress_gb_per_month * share,
        egress,
    )


def price_of_term(
    cloud: Cloud, instance: CloudInstance | None, term: Term, tax_rate: float, prices: Mapping[str, Price] | None = None
) -> Offer:
    """Price an hour of the instance for a term: the user's, else the catalogue's of this very instance, else unknown.

    ``price_per_hour`` is the price of the plan's own term; the fields of the other terms go before it. ``prices`` are those
    entered, where a field cannot show one because it is in another currency. A catalogue price by the month, paid whether
    used or not, serves as the three-year price. Catalogue prices that include consumption tax are taken without it.

    Parameters
    ----------
    cloud
        The plan's cloud part.
    instance
        Record of the instance; None where none is chosen.
    term
        The term.
    tax_rate
        Consumption tax rate, 0-1.
    prices
        Entered prices by what they price; None: none.

    Returns
    -------
    Offer
        In ``cloud.currency`` when entered, else in the instance's currency.
    """
    own: float | None = getattr(cloud, TERM_FIELDS[term]) if term in TERM_FIELDS else None
    if own is not None:
        return Offer(own, cloud.currency, Provenance("user", f"money.cloud.{term}_per_hour"))
    if term == cloud.term and cloud.price_per_hour is not None:
        date = cloud.price_date.isoformat() if cloud.price_date else ""
        origin = Provenance("user", "money.cloud.price_per_hour", date=date)
        return Offer(cloud.price_per_hour, cloud.price_currency or cloud.currency, origin)
    entered = (prices or {}).get(cloud_key(cloud.instance, term))
    if entered is not None:
        date = entered.date.isoformat() if entered.date else ""
        return Offer(entered.price, entered.currency, Provenance("user", "money.prices", entered.source, date=date))
    if instance is None:
        return Offer(None, cloud.currency)
    name = f"{term}_per_h"
    value = instance.prices.get(name)
    if value is None and term == "reserved_3y" and "per_month" in instance.prices:
        name, value = "per_month", instance.prices["per_month"] / HOURS_PER_MONTH
    if value is not None and (instance.tax or "").startswith("included"):
        value /= 1.0 + tax_rate
    return Offer(value, instance.currency, provenance(instance, f"prices.{name}", "cloud"))


def _in_currency(offer: Offer, currency: str, usd_jpy: float | None) -> float:
    if offer.value is None:
        return UNKNOWN
    if offer.currency == currency:
        return offer.value
    if usd_jpy is None:
        return UNKNOWN
    return offer.value * usd_jpy if currency == "JPY" else offer.value / usd_jpy


def _cloud_storage(money: Money, inputs: CostInputs, book: Book) -> tuple[float, Offer]:
    cloud, path = money.cloud, "money.cloud.storage_per_gb_month"
    if cloud.storage_gb is not None:
        amount = book.entered("money.cloud.storage_gb", cloud.storage_gb, "GB")
    elif inputs.storage_bytes is not None:
        amount = book.rule(
            "money.cloud.storage_gb", inputs.storage_bytes / GB, "GB", "the storage the plan needs on premises"
        )
    else:
        book.missing.append("money.cloud.storage_gb")
        return UNKNOWN, Offer(UNKNOWN, cloud.currency)
    if amount == 0.0:
        return 0.0, Offer(0.0, cloud.currency)
    if cloud.storage_per_gb_month is not None:
        value = book.entered(path, cloud.storage_per_gb_month, f"{cloud.currency}/GB-month")
        return amount, Offer(value, cloud.currency)
    offer = cloud_storage_offer(
        inputs.catalogue,
        inputs.cloud_instance,
        cloud.storage_kind,
        amount,
        inputs.storage_write_bytes_per_s,
        cloud.currency,
    )
    if offer.value is None:
        # Without an instance the whole side is asked for already; one question is enough.
        if "money.cloud.instance" not in book.missing:
            book.missing.append(path)
        return amount, Offer(None, cloud.currency)
    origin = offer.provenance or Provenance("formula", "price of cloud storage")
    return amount, Offer(book.note(path, offer.value, f"{offer.currency}/GB-month", origin), offer.currency, origin)


def _egress(money: Money, inputs: CostInputs, book: Book) -> Offer:
    cloud, path = money.cloud, "money.cloud.egress_per_gb"
    if cloud.egress_gb_per_month == 0.0:
        return Offer(0.0, cloud.currency)
    if cloud.egress_per_gb is not None:
        return Offer(book.entered(path, cloud.egress_per_gb, f"{cloud.currency}/GB"), cloud.currency)
    record = storage_record(inputs.catalogue, inputs.cloud_instance, "egress")
    if record is None or record.price is None:
        book.missing.append(path)
        return Offer(None, cloud.currency)
    origin = provenance(record, "price", "cloud_storage")
    return Offer(book.note(path, record.price, f"{record.currency}/GB", origin), record.currency, origin)
