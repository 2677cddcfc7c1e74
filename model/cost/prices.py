"""From a plan's money to the numbers of the cost model: prices with parents, documented defaults, gaps.

Every number is either the user's, a catalogue record's, or a documented default that is listed; a price that nobody
gives stays unknown and is asked for. A price is never borrowed from another region, term or machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from mitsumori.model.base.figure import Figure, Parent
from mitsumori.model.base.units import GB, HOURS_PER_MONTH
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CloudInstance, CloudStorage, CoolingMethod, Record, Server
from mitsumori.model.cost.lines import Case, cloud_lines, owned_lines, spot_overhead
from mitsumori.model.cost.money import UNKNOWN, Offer, exchange, number, sold_at
from mitsumori.model.cost.property_tax import assessed_shares
from mitsumori.model.facility.network import SMALL_SERVERS, share_by_rule
from mitsumori.model.plan.plan import Cloud, Money
from mitsumori.model.plan.prices import Price, cloud_key

__all__ = ["TERMS", "CostInputs", "Quote", "exact_sale", "price_of_term", "quote", "sale_price", "utilization_of"]

Term = Literal["on_demand", "reserved_1y", "reserved_3y", "spot"]
TERMS: Final[tuple[Term, ...]] = ("on_demand", "reserved_1y", "reserved_3y", "spot")
RESERVED: Final = ("reserved_1y", "reserved_3y")
"""Terms that are paid whether used or not."""
_TERM_PRICES: Final[Mapping[str, str]] = {
    "on_demand": "on_demand_per_h",
    "reserved_1y": "reserved_1y_per_h",
    "reserved_3y": "reserved_3y_per_h",
    "spot": "spot_per_h",
}
DAYS_PER_YEAR: Final = 365.0


@dataclass(frozen=True, slots=True)
class CostInputs:
    """What the other floors tell money about one plan.

    Attributes
    ----------
    servers, accelerators
        Machines bought; accelerators of all of them.
    racks, support_racks
        Racks with servers, and with network and storage.
    kva_contract, contract_kw, it_kva
        Rented or contracted kVA of the racks; contract power at the utility in kW; apparent power the hall must give.
    it_busy_kw, it_idle_kw, it_max_kw
        IT power of the whole cluster (network and storage included) while training, idle, and at its rated maximum
        (None: unknown; only the sensitivity to power needs it).
    pue, site_power_factor
        As in the facility result.
    tokens_per_s, goodput, training_days
        Of the whole cluster while training; share of hours that make progress; days of one training, interruptions
        included (None: there is no such training).
    storage_bytes
        Capacity of the storage, for the cloud's storage bill (None: unknown).
    checkpoint_s, restart_s
        Seconds a checkpoint holds training up; seconds from a stop to training again.
    network_share
        The network's price over that of the servers, counted or by rule (None: by rule).
    voltage_class
        Supply class of the contract: low, high or special_high.
    cloud_speed
        Useful tokens a second of one rented accelerator over one owned, as predicted; 1 for the same accelerator.
    once
        One training within the horizon: what is rented by the month is rented for its time alone.
    """

    servers: int
    accelerators: int
    racks: int
    support_racks: int
    kva_contract: float
    contract_kw: float
    it_busy_kw: float
    it_idle_kw: float
    pue: float
    tokens_per_s: float | None
    goodput: float
    training_days: float | None
    catalogue: Catalogue
    server: Server
    cloud_instance: CloudInstance | None = None
    cooling: CoolingMethod | None = None
    it_max_kw: float | None = None
    it_kva: float | None = None
    site_power_factor: float = 0.98
    hall_kva_free: float | None = None
    storage_bytes: float | None = None
    checkpoint_s: float = 60.0
    restart_s: float = 600.0
    runs_per_year: float | None = None
    start_date: dt.date | None = None
    cloud_speed: float = 1.0
    voltage_class: str = "high"
    once: bool = False
    network_share: Figure | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A plan's money as numbers.

    Attributes
    ----------
    case
        The chosen way on both sides.
    term_prices
        Price an hour of each term in ``case.cloud_currency`` (NaN unknown), in the order of :data:`TERMS`.
    overheads
        Extra hours of each term.
    missing
        Plan paths of prices nobody gave that the totals need; a total without them is unknown.
    elsewhere
        Plan paths of figures that are not prices and that other floors ask for (the power of a server).
    open_items
        Plan paths of one-off works nobody priced; the totals leave them out and say so.
    used
        Every price and default used, by plan path, with its parent.
    runs_ratio
        Share of the year that ``runs_per_year`` asks for (above 1: not possible), else None.
    weak
        Plan paths of prices in use that are indications only.
    inputs
        What the other floors told.
    """

    case: Case
    term_prices: tuple[float, ...]
    overheads: tuple[float, ...]
    missing: tuple[str, ...]
    open_items: tuple[str, ...]
    used: Mapping[str, Figure] = field(default_factory=dict)
    runs_ratio: float | None = None
    elsewhere: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    inputs: CostInputs | None = None


_parents: dict[tuple[int, str], tuple[Record, Parent]] = {}


def parent(record: Record, path: str, table: str, kind: Literal["catalogue", "default"] = "catalogue") -> Parent:
    """The parent of a catalogue figure; kept by record identity, since records are frozen but costly to hash."""
    key = (id(record), path)
    kept = _parents.get(key)
    if kept is None or kept[0] is not record:
        if len(_parents) > 2000:
            _parents.clear()
        found, what = record.provenance(path), f"{table}.{record.key}.{path}"
        made = Parent(kind, what)
        if found is not None:
            made = Parent(kind, what, found.title, found.url or "", found.date or "", found.grade)
        kept = _parents[key] = (record, made)
    return kept[1]


def utilization_of(
    money: Money, training_days: float | None, runs_per_year: float | None
) -> tuple[float, float | None]:
    """Share of all hours that the machines train: ``runs_per_year * days / 365`` where runs are given, else the plan's.

    Returns
    -------
    tuple
        The share, at most 1; and the uncapped share from the runs, or None.
    """
    if runs_per_year is None or training_days is None:
        return money.utilization, None
    ratio = runs_per_year * training_days / DAYS_PER_YEAR
    return min(ratio, 1.0), ratio


def price_of_term(
    cloud: Cloud, instance: CloudInstance | None, term: Term, tax_rate: float, prices: Mapping[str, Price] | None = None
) -> Offer:
    """Price an hour of the instance for a term: the user's, else the catalogue's of this very instance, else unknown.

    ``price_per_hour`` is the price of the plan's own term; the fields of the other terms go before it. ``prices`` are those
    entered, where a field cannot show one because it is in another currency. A catalogue price by the month, paid whether
    used or not, serves as the three-year price. Catalogue prices that include consumption tax are taken without it.

    Returns
    -------
    Offer
        In ``cloud.currency`` when entered, else in the instance's currency.
    """
    own = {"reserved_1y": cloud.reserved_1y_per_hour, "reserved_3y": cloud.reserved_3y_per_hour}.get(term)
    if term == "spot":
        own = cloud.spot_per_hour
    if own is not None:
        return Offer(own, cloud.currency, Parent("user", f"money.cloud.{term}_per_hour"))
    if term == cloud.term and cloud.price_per_hour is not None:
        date = cloud.price_date.isoformat() if cloud.price_date else ""
        origin = Parent("user", "money.cloud.price_per_hour", date=date)
        return Offer(cloud.price_per_hour, cloud.price_currency or cloud.currency, origin)
    entered = (prices or {}).get(cloud_key(cloud.instance, term))
    if entered is not None:
        date = entered.date.isoformat() if entered.date else ""
        return Offer(entered.price, entered.currency, Parent("user", "money.prices", entered.source, date=date))
    if instance is None:
        return Offer(None, cloud.currency)
    name = _TERM_PRICES[term]
    value = instance.prices.get(name)
    if value is None and term == "reserved_3y" and "per_month" in instance.prices:
        name, value = "per_month", instance.prices["per_month"] / HOURS_PER_MONTH
    if value is not None and (instance.tax or "").startswith("included"):
        value /= 1.0 + tax_rate
    return Offer(value, instance.currency, parent(instance, f"prices.{name}", "cloud"))


def storage_record(catalogue: Catalogue, instance: CloudInstance | None, kind: str) -> CloudStorage | None:
    if instance is None:
        return None
    for record in catalogue.cloud_storage().values():
        same_place = record.region == "all" or instance.region.startswith(record.region)
        if record.kind.startswith(kind) and record.provider == instance.provider and same_place:
            return record
    return None


class _Book:
    """Notes down every figure used, with its parent."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.used: dict[str, Figure] = {}
        self.missing: list[str] = []

    def note(self, path: str, value: float, unit: str, origin: Parent) -> float:
        self.used[path] = Figure(value, unit, origin)
        return value

    def entered(self, path: str, value: float, unit: str) -> float:
        return self.note(path, value, unit, Parent("user", path))

    def tariff(self, path: str, value: float | None, key: str, unit: str) -> float:
        """The user's value, or the tariff record's as a documented default."""
        if value is not None:
            return self.entered(path, value, unit)
        record = self.catalogue.tariff(key)
        return self.note(path, record.value, unit, parent(record, "value", "tariffs", "default"))

    def asked(self, path: str, value: float | None, unit: str) -> float:
        """The user's value, or unknown and missing."""
        if value is None:
            self.missing.append(path)
            return UNKNOWN
        return self.entered(path, value, unit)

    def rule(self, path: str, value: float, unit: str, why: str) -> float:
        """A value that follows from a rule of this program."""
        return self.note(path, value, unit, Parent("default", path, why))


def quote(money: Money, inputs: CostInputs) -> Quote:
    """Gather prices, defaults and gaps of a plan into a :class:`Quote`."""
    book = _Book(inputs.catalogue)
    own, cloud = money.onprem, money.cloud
    unit = own.currency
    utilization, ratio = utilization_of(money, inputs.training_days, inputs.runs_per_year)
    colocated = own.site == "colocation"
    open_items: list[str] = []

    listed_price, server_currency = _server_price(money, inputs, book)
    server_price = sale_price(listed_price, server_currency, money)
    network_price, network_share = number(own.network_price), 0.0
    if own.network_price is None:
        network_share = _network_share(money, inputs, book)
    else:
        book.entered("money.onprem.network_price", own.network_price, unit)
    if own.storage_price is None and inputs.storage_bytes == 0.0:
        storage_price = book.rule("money.onprem.storage_price", 0.0, unit, "no storage is planned")
    else:
        storage_price = book.asked("money.onprem.storage_price", own.storage_price, unit)
    cooling = _cooling_price(money, inputs, book, colocated)
    power_works, setup = 0.0, 0.0
    if colocated:
        if own.colocation_setup is None:
            open_items.append("money.onprem.colocation_setup")
        else:
            setup = book.entered("money.onprem.colocation_setup", own.colocation_setup, unit)
        if own.power_works is None:
            book.rule("money.onprem.power_works", 0.0, unit, "the colocation provider's power is part of the rent")
    elif own.power_works is None:
        enough = inputs.hall_kva_free is not None and (inputs.it_kva or inputs.kva_contract) <= inputs.hall_kva_free
        if enough:
            book.rule("money.onprem.power_works", 0.0, unit, "the hall has enough free kVA")
        else:
            open_items.append("money.onprem.power_works")
    if own.power_works is not None:
        power_works = book.entered("money.onprem.power_works", own.power_works, unit)
    if own.staff_fte == 0.0:
        staff_cost = 0.0
    else:
        staff_cost = book.asked("money.onprem.staff_cost_per_year", own.staff_cost_per_year, f"{unit}/year")
    rent_rack, rent_kva = _rents(money, book, colocated)
    voltage = inputs.voltage_class.replace("_", "-")
    electricity = book.tariff(
        "money.electricity_jpy_per_kwh",
        money.electricity_jpy_per_kwh,
        f"electricity-default-{voltage}",
        "JPY/kWh",
    )

    offers = tuple(price_of_term(cloud, inputs.cloud_instance, term, money.tax_rate, money.prices) for term in TERMS)
    chosen = offers[TERMS.index(cloud.term)]
    instance = inputs.cloud_instance
    per_instance = float(inputs.accelerators) / inputs.servers
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
    elif chosen.parent is not None:
        book.note("money.cloud.price_per_hour", chosen.value, f"{chosen.currency}/h", chosen.parent)
    overheads = [0.0, 0.0, 0.0, UNKNOWN]
    if cloud.spot_interruptions_per_month is not None:
        overheads[3] = float(spot_overhead(cloud.spot_interruptions_per_month, inputs.checkpoint_s, inputs.restart_s))
    elif cloud.term == "spot":
        book.missing.append("money.cloud.spot_interruptions_per_month")
    storage_gb, storage = _cloud_storage(money, inputs, book)
    rented_share = 1.0
    if inputs.once and inputs.training_days is not None:
        rented_share = min(1.0, inputs.training_days * 24.0 / HOURS_PER_MONTH / money.horizon_months)
    egress = _egress(money, inputs, book)
    if cloud.throughput_factor != 1.0:
        book.entered("money.cloud.throughput_factor", cloud.throughput_factor, "")

    case = Case(
        currency=money.currency,
        server_currency=server_currency,
        onprem_currency=own.currency,
        cloud_currency=chosen.currency,
        setup_currency=cloud.currency,
        storage_currency=storage.currency,
        egress_currency=egress.currency,
        usd_jpy=number(money.usd_jpy),
        months=float(money.horizon_months),
        utilization=utilization,
        servers=float(inputs.servers),
        accelerators=float(inputs.accelerators),
        # No rack is no placement: how many it takes is unknown then.
        racks=float(inputs.racks + inputs.support_racks) if inputs.racks else UNKNOWN,
        cooled_racks=float(inputs.racks) if inputs.racks else UNKNOWN,
        kva=inputs.kva_contract,
        contract_kw=inputs.contract_kw,
        busy_kw=inputs.it_busy_kw,
        idle_kw=inputs.it_idle_kw,
        pue=inputs.pue,
        server_price=server_price,
        network_price=network_price,
        network_share=network_share,
        storage_price=storage_price,
        installation_share=own.installation_share,
        cooling_per_rack=cooling,
        power_works=power_works,
        colocation_setup=setup,
        spares_share=own.spares_share,
        license_per_gpu_year=own.license_per_gpu_year,
        license_per_server_year=own.license_per_server_year,
        maintenance_rate=own.maintenance_rate,
        staff_fte=own.staff_fte,
        staff_cost_per_year=staff_cost,
        energy_jpy_per_kwh=electricity + money.surcharge_jpy_per_kwh,
        demand_jpy_per_kw_month=money.demand_charge_jpy_per_kw_month,
        power_factor=inputs.site_power_factor,
        rent_per_rack_month=rent_rack,
        rent_per_kva_month=rent_kva,
        power_included=float(own.power_included_in_rent and colocated),
        insurance_rate=own.insurance_rate,
        property_tax_rate=own.property_tax_rate,
        residual_share=own.residual_share,
        lease_rate_per_month=number(own.lease_rate_per_month),
        lease_months=float(own.lease_months),
        colocated=float(colocated),
        leased=0.0,
        equipment_shares=np.array(assessed_shares(own.depreciation_years)),
        works_shares=np.array(assessed_shares(round(inputs.catalogue.tariff("works-life").value))),
        instance_accelerators=per_instance,
        speed=cloud.throughput_factor * inputs.cloud_speed,
        price_per_hour=prices[TERMS.index(cloud.term)],
        paid_when_idle=float(cloud.term in RESERVED),
        overhead=overheads[TERMS.index(cloud.term)],
        storage_gb=storage_gb * rented_share,
        storage_per_gb_month=number(storage.value),
        egress_gb_per_month=cloud.egress_gb_per_month * rented_share,
        egress_per_gb=number(egress.value),
        support_rate=cloud.support_rate,
        setup=cloud.setup,
    )
    if money.usd_jpy is None and (_needs_rate(case) or (server_price != server_price and listed_price == listed_price)):
        book.missing.append("money.usd_jpy")
    elif money.usd_jpy is not None:
        date = money.usd_jpy_date.isoformat() if money.usd_jpy_date else ""
        book.note("money.usd_jpy", money.usd_jpy, "JPY/USD", Parent("user", "money.usd_jpy", date=date))
    drawn = inputs.it_busy_kw * inputs.pue
    elsewhere = ("facility.server_max_kw",) if drawn != drawn and not case.power_included else ()
    weak = _weak(own.server_price is None, inputs, chosen)
    return Quote(
        case,
        prices,
        tuple(overheads),
        tuple(book.missing),
        tuple(open_items),
        book.used,
        ratio,
        elsewhere,
        weak,
        inputs,
    )


def _weak(listed: bool, inputs: CostInputs, rented: Offer) -> tuple[str, ...]:
    """Plan paths of the catalogue prices in use that are indications only."""
    found = []
    if listed and inputs.server.price is not None and inputs.server.is_weak("price"):
        found.append("money.onprem.server_price")
    instance, origin = inputs.cloud_instance, rented.parent
    listed_hour = instance is not None and origin is not None and origin.kind == "catalogue"
    if listed_hour and instance.is_weak(origin.what[origin.what.rindex(".prices.") + 1 :]):  # type: ignore[union-attr]
        found.append("money.cloud.price_per_hour")
    return tuple(found)


def exact_sale(listed: float, currency: str, money: Money) -> float:
    """``list * (1 - discount) / (1 - margin)`` in the currency of the owned side; NaN without the exchange rate it needs."""
    own = money.onprem
    return float(
        listed * exchange(currency, own.currency, number(money.usd_jpy)) * (1.0 - own.discount) / (1.0 - own.margin)
    )


def sale_price(listed: float, currency: str, money: Money) -> float:
    """What the customer pays for one server, in the list price's own ``currency``.

    The list price itself where there is neither discount nor margin; else the exact sale price in the currency of the owned
    side, rounded up by :func:`model.cost.money.sold_at`. The one rule of program, internal and customer's copy.
    """
    own = money.onprem
    if own.discount == 0.0 and own.margin == 0.0:
        return listed
    sold = sold_at(exact_sale(listed, currency, money))
    return sold / float(exchange(currency, own.currency, number(money.usd_jpy)))


def _server_price(money: Money, inputs: CostInputs, book: _Book) -> tuple[float, str]:
    own = money.onprem
    path = "money.onprem.server_price"
    if own.server_price is not None:
        date = own.price_date.isoformat() if own.price_date else ""
        currency = own.price_currency or own.currency
        return book.note(path, own.server_price, currency, Parent("user", path, date=date)), currency
    price = inputs.server.price
    if price is None:
        book.missing.append(path)
        return UNKNOWN, own.currency
    return book.note(path, price.middle, price.currency, parent(inputs.server, "price", "servers")), price.currency


def _network_share(money: Money, inputs: CostInputs, book: _Book) -> float:
    """The network's share of the servers' price: entered, counted at list prices, else by rule."""
    path, own = "money.onprem.network_share", money.onprem.network_share
    if own is not None:
        return book.entered(path, own, "of servers")
    counted = inputs.network_share
    if counted is not None and counted.value is not None and counted.parent is not None:
        return book.note(path, counted.value, "of servers", counted.parent)
    size = "small" if inputs.servers <= SMALL_SERVERS else "large"
    record = inputs.catalogue.tariff(f"network-share-{size}")
    share = share_by_rule(inputs.servers, inputs.catalogue)
    return book.note(path, share, "of servers", parent(record, "value", "tariffs", "default"))


def _cooling_price(money: Money, inputs: CostInputs, book: _Book, colocated: bool) -> float:
    path, own = "money.onprem.cooling_retrofit_per_rack", money.onprem
    if own.cooling_retrofit_per_rack is None:
        if colocated:
            return book.rule(path, 0.0, own.currency, "the colocation provider's cooling is part of the rent")
        if inputs.cooling is not None and inputs.cooling.ladder == 1:
            return book.rule(path, 0.0, own.currency, "the room's own air conditioning needs no retrofit")
    return book.asked(path, own.cooling_retrofit_per_rack, own.currency)


def _rents(money: Money, book: _Book, colocated: bool) -> tuple[float, float]:
    own = money.onprem
    if not colocated:
        return number(own.rent_per_rack_month), number(own.rent_per_kva_month)
    rack, kva = own.rent_per_rack_month, own.rent_per_kva_month
    if rack is None and kva is None:
        book.missing.append("money.onprem.rent_per_rack_month")
        return UNKNOWN, UNKNOWN
    why = "the rent is charged the other way alone"
    paths = ("money.onprem.rent_per_rack_month", "money.onprem.rent_per_kva_month")
    unit = f"{own.currency}/month"
    rents = [
        book.entered(path, value, unit) if value is not None else book.rule(path, 0.0, unit, why)
        for path, value in zip(paths, (rack, kva), strict=True)
    ]
    return rents[0], rents[1]


def _in_currency(offer: Offer, currency: str, usd_jpy: float | None) -> float:
    if offer.value is None:
        return UNKNOWN
    if offer.currency == currency:
        return offer.value
    if usd_jpy is None:
        return UNKNOWN
    return offer.value * usd_jpy if currency == "JPY" else offer.value / usd_jpy


def _cloud_storage(money: Money, inputs: CostInputs, book: _Book) -> tuple[float, Offer]:
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
    record = storage_record(inputs.catalogue, inputs.cloud_instance, "object storage")
    if record is None or record.price is None:
        # Without an instance the whole side is asked for already; one question is enough.
        if "money.cloud.instance" not in book.missing:
            book.missing.append(path)
        return amount, Offer(None, cloud.currency)
    origin = parent(record, "price", "cloud_storage")
    return amount, Offer(book.note(path, record.price, f"{record.currency}/GB-month", origin), record.currency, origin)


def _egress(money: Money, inputs: CostInputs, book: _Book) -> Offer:
    cloud, path = money.cloud, "money.cloud.egress_per_gb"
    if cloud.egress_gb_per_month == 0.0:
        return Offer(0.0, cloud.currency)
    if cloud.egress_per_gb is not None:
        return Offer(book.entered(path, cloud.egress_per_gb, f"{cloud.currency}/GB"), cloud.currency)
    record = storage_record(inputs.catalogue, inputs.cloud_instance, "egress")
    if record is None or record.price is None:
        book.missing.append(path)
        return Offer(None, cloud.currency)
    origin = parent(record, "price", "cloud_storage")
    return Offer(book.note(path, record.price, f"{record.currency}/GB", origin), record.currency, origin)


def _needs_rate(case: Case) -> bool:
    """Whether some line is unknown for want of an exchange rate alone."""
    known = case.with_(usd_jpy=1.0)
    return any(
        bool(np.isnan(line)) and not bool(np.isnan(with_rate[key]))
        for lines, with_rate in (
            (owned_lines(case).totals(case.months), owned_lines(known).totals(case.months)),
            (cloud_lines(case).totals(case.months), cloud_lines(known).totals(case.months)),
        )
        for key, line in lines.items()
    )
