"""Prices of the owned side: servers at their sale price, network, storage, works, rent, staff, electricity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mitsumori.model.base.figure import Provenance
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.inputs import CostInputs
from mitsumori.model.cost.money import UNKNOWN, exchange, number, sold_at
from mitsumori.model.cost.price_book import Book, provenance
from mitsumori.model.facility.network import share_by_rule, share_record
from mitsumori.model.facility.results import MoreResult
from mitsumori.model.facility.supply import record_of_class
from mitsumori.model.plan.plan import Money

_OF_TWO = Provenance(
    "formula", "the network of two servers, counted at list prices", "Mitsumori docs/method.md, 7", grade="C"
)


@dataclass(frozen=True, slots=True)
class OwnedPrices:
    """What owning costs; NaN where it is unknown.

    Attributes
    ----------
    listed_price, server_price, server_currency
        List price and sale price of one server, and their currency.
    network_price, network_usd, network_share
        Price of the network as entered; that of its counted parts in dollars; its share of the servers where both are NaN.
    storage_price, cooling_per_rack, power_works, setup
        Further purchases and works.
    staff_per_year, rent_per_rack, rent_per_kva, electricity_jpy_per_kwh
        Running costs.
    open_items
        Plan paths of works that nobody priced.
    more_jpy, more_usd, more_network_usd
        Servers of further types by the currency of their prices, and their networks at list prices.
    """

    listed_price: float
    server_price: float
    server_currency: str
    network_price: float
    network_usd: float
    network_share: float
    storage_price: float
    cooling_per_rack: float
    power_works: float
    setup: float
    staff_per_year: float
    rent_per_rack: float
    rent_per_kva: float
    electricity_jpy_per_kwh: float
    open_items: tuple[str, ...]
    more_jpy: float = 0.0
    more_usd: float = 0.0
    more_network_usd: float = 0.0


def owned_prices(money: Money, inputs: CostInputs, book: Book) -> OwnedPrices:
    """Gather the prices of the owned side; those that nobody gives are noted as missing or open.

    Parameters
    ----------
    money, inputs
        The plan's money, and what the rest of the estimate found.
    book
        Where figures and gaps are noted.
    """
    own = money.onprem
    unit, colocated = own.currency, own.site == "colocation"
    listed_price, server_currency = _server_price(money, inputs, book)
    server_price = sale_price(listed_price, server_currency, money)
    bought = inputs.servers * server_price * float(exchange(server_currency, own.currency, number(money.usd_jpy)))
    network_price, network_usd, network_share = _network_price(money, inputs, book, bought)
    if own.storage_price is None and inputs.storage_bytes == 0.0:
        storage_price = book.rule("money.onprem.storage_price", 0.0, unit, "no storage is planned")
    else:
        storage_price = _storage_price(money, inputs, book)
    cooling = _cooling_price(money, inputs, book, colocated)
    power_works, setup, open_items = _works(money, inputs, book, colocated)
    if own.staff_fte == 0.0:
        staff_cost = 0.0
    else:
        staff_cost = book.asked("money.onprem.staff_cost_per_year", own.staff_cost_per_year, f"{unit}/year")
    rent_rack, rent_kva = _rents(money, book, colocated)
    listed = record_of_class(inputs.catalogue, inputs.voltage_class, inputs.utility)
    electricity = book.tariff("money.electricity_jpy_per_kwh", money.electricity_jpy_per_kwh, listed.key, "JPY/kWh")
    return OwnedPrices(
        listed_price, server_price, server_currency, network_price, network_usd, network_share, storage_price, cooling,
        power_works, setup, staff_cost, rent_rack, rent_kva, electricity, open_items, *_further(money, inputs, book),
    )  # fmt: skip


def _further(money: Money, inputs: CostInputs, book: Book) -> tuple[float, float, float]:
    """Servers of further types in yen and in dollars, and their own networks in dollars; NaN where a price is asked for."""
    jpy = usd = network_usd = 0.0
    for item in inputs.more:
        listed, currency, origin = listed_price(item.server, money, inputs.catalogue)
        if listed is None or origin is None:
            if "cluster.more" not in book.missing:
                book.missing.append("cluster.more")
        else:
            book.note(f"cluster.more.{item.server}", listed, currency, origin)
        price = further_price(item, money, inputs.catalogue)
        jpy, usd, network_usd = jpy + price.jpy + price.network_jpy, usd + price.usd, network_usd + price.network_usd
    return jpy, usd, network_usd


class FurtherPrice(NamedTuple):
    """Sale prices of one further type: its servers, and the network of its own, each in yen and in dollars.

    ``jpy`` is NaN where nobody knows the servers' price.
    """

    jpy: float
    usd: float
    network_jpy: float
    network_usd: float


def further_price(item: MoreResult, money: Money, catalogue: Catalogue) -> FurtherPrice:
    """Sale price of the servers of one further type and of their network.

    The price entered for the machine (``money.prices``), else the catalogue's, sold by the rule of :func:`sale_price`. Its
    network costs what is counted at list prices, else its share of the servers; nothing where the whole network has a
    price of its own.

    Parameters
    ----------
    item
        The servers, as they are placed.
    money
        Prices entered, discount and margin of the plan.
    catalogue
        Records of the project.

    Returns
    -------
    FurtherPrice
        The amounts.
    """
    listed, currency, origin = listed_price(item.server, money, catalogue)
    if listed is None or origin is None:
        return FurtherPrice(UNKNOWN, 0.0, 0.0, 0.0)
    bought = item.servers * sale_price(listed, currency, money)
    network = {"JPY": 0.0, "USD": 0.0}
    if networked(item) and money.onprem.network_price is None:
        if money.onprem.network_share is None and item.network_usd is not None:
            network["USD"] = item.network_usd
        else:
            own = money.onprem.network_share
            network[currency] = bought * (share_by_rule(item.servers, catalogue) if own is None else own)
    in_yen = currency == "JPY"
    return FurtherPrice(bought if in_yen else 0.0, 0.0 if in_yen else bought, network["JPY"], network["USD"])


def networked(item: MoreResult) -> bool:
    """Whether servers of a further type have a network of their own: several, on a cooling method."""
    return bool(item.cooling) and item.servers > 1


def sale_factor(money: Money) -> float:
    """Sale price over list price before it is rounded up, ``(1 - discount) / (1 - margin)``."""
    return (1.0 - money.onprem.discount) / (1.0 - money.onprem.margin)


def unpriced(money: Money, inputs: CostInputs) -> list[str]:
    """Names of the further servers whose price nobody knows."""
    return [item.name for item in inputs.more if listed_price(item.server, money, inputs.catalogue)[0] is None]


def listed_price(key: str, money: Money, catalogue: Catalogue) -> tuple[float | None, str, Provenance | None]:
    """Price of one server of a further type, its currency and where it comes from; None where nobody knows it.

    Parameters
    ----------
    key
        Key of a server, a host or a storage system.
    money
        The plan's money part: a price entered for the machine goes first.
    catalogue
        Records of the project.
    """
    entered = money.prices.get(f"server:{key}")
    if entered is not None:
        date = entered.date.isoformat() if entered.date else ""
        return entered.price, entered.currency, Provenance("user", f"money.prices.server:{key}", date=date)
    for kind in ("servers", "hosts", "storage"):
        record = catalogue.records(kind).get(key)
        price = getattr(record, "price", None)
        if record is not None:
            if price is None or price.currency not in ("JPY", "USD"):
                return None, "JPY", None
            return price.middle, price.currency, provenance(record, "price", kind)
    return None, "JPY", None


def storage_listed(money: Money, inputs: CostInputs) -> tuple[float, str, Provenance] | None:
    """Price of the counted storage systems at the catalogue's price in the currency of the owned side.

    Returns
    -------
    tuple or None
        Price of one system, its currency and provenance; None where the plan has a price of its own, none is catalogued, the
        number of systems is unknown, or the exchange rate that it needs is not given.
    """
    record, own = inputs.storage_unit, money.onprem
    if own.storage_price is not None or record is None or record.price is None or inputs.storage_units is None:
        return None
    currency = record.price.currency
    if currency not in ("JPY", "USD") or (currency != own.currency and money.usd_jpy is None):
        return None
    return record.price.middle, currency, provenance(record, "price", "storage")


def _storage_price(money: Money, inputs: CostInputs, book: Book) -> float:
    """The storage's price: entered, else the counted systems at the catalogue's price, else asked for."""
    path, own = "money.onprem.storage_price", money.onprem
    listed = storage_listed(money, inputs)
    if listed is None:
        return book.asked(path, own.storage_price, own.currency)
    each, currency, origin = listed
    rate = float(exchange(currency, own.currency, number(money.usd_jpy)))
    return book.note(path, each * (inputs.storage_units or 0.0) * rate, own.currency, origin)


def _works(money: Money, inputs: CostInputs, book: Book, colocated: bool) -> tuple[float, float, tuple[str, ...]]:
    """Power works, setup of a colocation, and which of them nobody priced."""
    own, open_items = money.onprem, []
    unit, power_works, setup = own.currency, 0.0, 0.0
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
    return power_works, setup, tuple(open_items)


def exact_sale(listed: float, currency: str, money: Money) -> float:
    """``list * (1 - discount) / (1 - margin)`` in the currency of the owned side; NaN without the exchange rate it needs.

    Parameters
    ----------
    listed
        List price of one server in ``currency``; NaN unknown.
    currency
        JPY or USD.
    money
        The plan's money part.
    """
    own = money.onprem
    return float(
        listed * exchange(currency, own.currency, number(money.usd_jpy)) * (1.0 - own.discount) / (1.0 - own.margin)
    )


def sale_price(listed: float, currency: str, money: Money) -> float:
    """What the customer pays for one server, in the list price's own ``currency``.

    The list price itself where there is neither discount nor margin; else the exact sale price in the currency of the owned
    side, rounded up by :func:`model.cost.money.sold_at`. The one rule of program, internal and customer's copy.

    Parameters
    ----------
    listed
        List price of one server in ``currency``; NaN unknown.
    currency
        JPY or USD.
    money
        The plan's money part.
    """
    own = money.onprem
    if own.discount == 0.0 and own.margin == 0.0:
        return listed
    sold = sold_at(exact_sale(listed, currency, money))
    return sold / float(exchange(currency, own.currency, number(money.usd_jpy)))


def _server_price(money: Money, inputs: CostInputs, book: Book) -> tuple[float, str]:
    own = money.onprem
    path = "money.onprem.server_price"
    if own.server_price is not None:
        date = own.price_date.isoformat() if own.price_date else ""
        currency = own.price_currency or own.currency
        return book.note(path, own.server_price, currency, Provenance("user", path, date=date)), currency
    price = inputs.server.price
    if price is None:
        book.missing.append(path)
        return UNKNOWN, own.currency
    return book.note(path, price.middle, price.currency, provenance(inputs.server, "price", "servers")), price.currency


def _network_price(money: Money, inputs: CostInputs, book: Book, servers: float) -> tuple[float, float, float]:
    """Price of the network as entered, price of its counted parts in dollars, share of the servers; one of them counts.

    The parts are at list prices, as the storage systems are: discount and margin are those of the servers. The share by
    rule of one server, whose network is not counted, costs at most the counted network of two, else a second server would
    make the network cheaper. ``servers`` is the price of all in the currency of the owned side.
    """
    own, path, counted = money.onprem, "money.onprem.network_price", inputs.network_usd
    if own.network_price is not None:
        return book.entered(path, own.network_price, own.currency), UNKNOWN, 0.0
    if own.network_share is not None or counted is None or counted.value is None or counted.provenance is None:
        share = _network_share(money, inputs, book)
        if own.network_share is not None or counted is None or counted.high is None:
            return UNKNOWN, UNKNOWN, share
        most = counted.high * float(exchange("USD", own.currency, number(money.usd_jpy)))
        if not share * servers > most:
            return UNKNOWN, UNKNOWN, share
        del book.used["money.onprem.network_share"]
        return UNKNOWN, book.note(path, counted.high, "USD", _OF_TWO), 0.0
    return UNKNOWN, book.note(path, counted.value, "USD", counted.provenance), 0.0


def _network_share(money: Money, inputs: CostInputs, book: Book) -> float:
    """The network's share of the servers' price where nobody counts it: entered, else by rule."""
    path, own = "money.onprem.network_share", money.onprem.network_share
    if own is not None:
        return book.entered(path, own, "of servers")
    ruled = inputs.network_share
    if ruled is not None and ruled.value is not None and ruled.provenance is not None:
        return book.note(path, ruled.value, "of servers", ruled.provenance)
    record = share_record(int(inputs.servers), inputs.catalogue)
    share = share_by_rule(inputs.servers, inputs.catalogue)
    return book.note(path, share, "of servers", provenance(record, "value", "tariffs", "default"))


def _cooling_price(money: Money, inputs: CostInputs, book: Book, colocated: bool) -> float:
    path, own = "money.onprem.cooling_retrofit_per_rack", money.onprem
    if own.cooling_retrofit_per_rack is None:
        if colocated:
            return book.rule(path, 0.0, own.currency, "the colocation provider's cooling is part of the rent")
        if inputs.cooling is not None and inputs.cooling.ladder == 1:
            return book.rule(path, 0.0, own.currency, "the room's own air conditioning needs no retrofit")
    return book.asked(path, own.cooling_retrofit_per_rack, own.currency)


def _rents(money: Money, book: Book, colocated: bool) -> tuple[float, float]:
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
