"""Prices by what they price: a server as it is equipped, or a rented instance for a term.

``money.prices`` keeps every price that was entered, ``{"server:KEY": {...}, "cloud:INSTANCE/TERM": {...}}``.
``money.onprem.server_price``, ``money.cloud.price_per_hour`` and the fields of the other terms are views of the entries of the
plan's present server, instance and term: setting one writes its entry, exchanging the thing shows the other's entry or none.
What else belongs to a machine and not to the plan (its power and weight, predicted figures replaced by hand, the instance that
was rented beside it) is laid into ``set_aside`` under the machine's key when the machine goes, and comes back with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import is_
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, Field

from mitsumori.model.base.refusal import expected
from mitsumori.model.plan.part import Amount, CurrencyName, Part, PastDate, Text, opened

__all__ = [
    "CLOUD_FIELDS",
    "MACHINE_FIELDS",
    "PRICE_FIELDS",
    "Origin",
    "Origins",
    "Price",
    "Prices",
    "SetAside",
    "cloud_key",
    "instance_key",
    "joined",
    "present_key",
    "server_key",
    "settled",
    "without_views",
]

INSTANCE: Final = "money.cloud.instance"
MACHINE_FIELDS: Final[Mapping[str, Any]] = {
    "facility.server_max_kw": None,
    "facility.server_peak_kw": None,
    "facility.server_average_kw": None,
    "facility.server_idle_kw": None,
    "facility.server_weight_kg": None,
    "facility.liquid_heat_fraction": None,
    "money.cloud.throughput_factor": 1.0,
}
"""Inputs that say something of the present server alone, and what they are without it; every override does so too."""
CLOUD_FIELDS: Final[Mapping[str, Any]] = {
    "money.cloud.storage_per_gb_month": None,
    "money.cloud.egress_per_gb": None,
    "money.cloud.support_rate": 0.0,
    "money.cloud.throughput_factor": 1.0,
}
"""The same of the present instance."""
TERM_MONTHS: Final[Mapping[str, int]] = {"reserved_1y": 12, "reserved_3y": 36}
"""Months for which an instance is reserved and paid whether used or not, by term; others are paid by the hour."""
TERM_FIELDS: Final[Mapping[str, str]] = {
    "reserved_1y": "reserved_1y_per_hour",
    "reserved_3y": "reserved_3y_per_hour",
    "spot": "spot_per_hour",
}
"""Fields that show the price of a term which is not the plan's own."""
HOUR_PRICES: Final = ("price_per_hour", *TERM_FIELDS.values())
"""Every price of an instance hour that the cloud's part of a plan may state."""
PRICE_FIELDS: Final = (
    "money.onprem.server_price",
    "money.cloud.price_per_hour",
    *(f"money.cloud.{name}" for name in TERM_FIELDS.values()),
)


class Price(Part):
    """One entered price, excluding tax: of a server, or of an instance hour.

    ``date`` is the day of the quotation, ``source`` who said so.
    """

    price: Amount
    currency: CurrencyName = "JPY"
    date: PastDate | None = None
    source: Text = ""


class _Frozen(dict[str, Any]):
    """A map that does not change and can be told apart by value, as the parts of a plan are."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset((key, _Frozen(v) if isinstance(v, dict) else v) for key, v in self.items()))


def _keyed(prices: dict[str, Price]) -> dict[str, Price]:
    for key in prices:
        kind, colon, rest = key.partition(":")
        if not (colon and rest and (kind == "server" or (kind == "cloud" and "/" in rest))):
            raise ValueError(expected("price_key", key=f"{key!r:.80}"))
    return _Frozen(prices)


class Origin(Part):
    """Where a value comes from: a published guide value, the company's defaults, a calendar, or that it is not in scope (0)."""

    kind: Literal["guide", "company", "out_of_scope", "calendar"]
    source: Text = ""
    date: PastDate | None = None


_Name = Annotated[str, Field(min_length=1, max_length=240)]
Prices = Annotated[dict[_Name, Price], Field(max_length=500), AfterValidator(_keyed)]
SetAside = Annotated[dict[_Name, dict[_Name, float | str]], Field(max_length=200), AfterValidator(_Frozen)]
Origins = Annotated[dict[_Name, Origin], Field(max_length=200), AfterValidator(_Frozen)]
NO_PRICES: Final = _Frozen()


def years_of_price(term: str) -> int:
    """Years for which the price of a rented hour stays as agreed: those of the reservation, else one.

    Parameters
    ----------
    term
        Term of the plan's cloud, as in ``money.cloud.term``.
    """
    return TERM_MONTHS.get(term, 12) // 12


def server_key(server: str, accelerator: str | None) -> str:
    """The key of a server's price; one that is not equipped as standard has its own price."""
    return f"server:{server}" if accelerator is None else f"server:{server}/{accelerator}"


def present_key(plan: Any) -> str:
    """The key of a plan's present server: the one that serves where the plan serves on another than its cluster's."""
    cluster, part = plan.cluster, plan.serving
    if part.enabled and part.server not in (None, cluster.server):
        return server_key(part.server, None)
    return server_key(cluster.server, cluster.accelerator)


def instance_key(instance: str | None) -> str:
    """The key of what belongs to a rented instance for every term."""
    return f"cloud:{instance or ''}"


def cloud_key(instance: str | None, term: str) -> str:
    """The key of the price of an instance hour for a term."""
    return f"{instance_key(instance)}/{term}"


@cache
def _by_key(kind: type) -> bool:
    """Whether what is of this kind is asked for by key: an answer a kind, where each change of a price asks sixty times."""
    return issubclass(kind, Mapping)


class _Draft:
    """A plan being changed: fields as mappings where they were touched, closed parts elsewhere."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def get(self, path: str) -> Any:
        node: Any = self.data
        for part in path.split("."):
            by_key = _by_key(type(node))  # type: ignore[arg-type]  # mypy takes type[Any] for no key
            node = node.get(part) if by_key else getattr(node, part, None)
            if node is None:
                return None
        return node

    def put(self, path: str, value: Any) -> None:
        *parents, last = path.split(".")
        node: Any = self.data
        for part in parents:
            child = node.get(part, {})
            node[part] = opened(child) if isinstance(child, BaseModel) else dict(child)
            node = node[part]
        node[last] = value

    def sound(self) -> bool:
        """Whether the parts and keys that prices hang on are what they must be."""
        parts = (self.data.get("cluster"), self.data.get("money"), self.get("money.cloud"), self.get("money.onprem"))
        maps = (self.get("money.prices") or {}, self.data.get("set_aside") or {}, self.data.get("overrides") or {})
        keys = (self.get("cluster.server"), self.get("money.cloud.term"))
        open_keys = (self.get("cluster.accelerator"), self.get(INSTANCE), self.get("serving.server"))
        return (
            all(isinstance(part, Mapping | BaseModel) for part in parts)
            and all(isinstance(part, Mapping) for part in maps)
            and all(isinstance(key, str) for key in keys)
            and all(key is None or isinstance(key, str) for key in open_keys)
            and isinstance(self.get("serving.enabled"), bool | int | float | str | None)
            and all(isinstance(values, Mapping) for values in (self.data.get("set_aside") or {}).values())
        )

    def server(self) -> str:
        """As :func:`present_key`."""
        serves = self.get("serving.server") if self.get("serving.enabled") else None
        if serves is not None and serves != self.get("cluster.server"):
            return server_key(serves, None)
        return server_key(self.get("cluster.server"), self.get("cluster.accelerator"))

    def cloud(self, term: str | None = None) -> str:
        return cloud_key(self.get(INSTANCE), term or self.get("money.cloud.term"))


def settled(old: Any, data: dict[str, Any], changed: set[str]) -> None:
    """Bring prices and their views together in the data of a changed plan, in place.

    Parameters
    ----------
    old
        The plan before.
    data
        Its fields with the changes written in.
    changed
        The dotted paths that were changed; what stands there was meant.
    """
    draft = _Draft(data)
    if not draft.sound():
        return  # what is no plan is refused with its sentence by the plan itself
    before = _Draft(opened(old))

    def named(path: str) -> bool:
        return any(path == given or path.startswith(f"{given}.") for given in changed)

    _exchange(draft, before, named, before.server(), draft.server(), MACHINE_FIELDS, machine=True)
    was, now = (instance_key(item.get(INSTANCE)) for item in (before, draft))
    _exchange(draft, before, named, was, now, CLOUD_FIELDS, machine=False)
    prices: dict[str, Any] = dict(draft.get("money.prices") or {})
    fresh = any(given.startswith("money.prices") for given in changed)

    def view(part: str, field: str, date: str | None, key: str, moved: bool) -> None:
        path = f"{part}.{field}"
        if path in changed:
            if moved and date is not None:  # neither the day nor the currency of the other thing's price is this one's
                for name in (date, f"{part}.price_currency"):
                    if name not in changed:
                        draft.put(name, None)
            _write_entry(draft, prices, part, path, date, key)
        elif named(path):  # the whole part was given: read as a file is, by `joined`
            return
        elif moved or fresh:
            _show_entry(draft, prices.get(key), part, path, date)
        elif any(f"{part}.{name}" in changed for name in ("currency", "price_currency", "price_date")):
            _write_entry(draft, prices, part, path, date, key, keep_none=True)

    view("money.onprem", "server_price", "money.onprem.price_date", draft.server(), before.server() != draft.server())
    term = draft.get("money.cloud.term")
    for name, field in TERM_FIELDS.items():
        moved = now != was or term != before.get("money.cloud.term")
        if name != term:
            view("money.cloud", field, None, draft.cloud(name), moved)
        elif named(f"money.cloud.{field}"):  # the price of the plan's own term, called by the name of that term
            _write_entry(
                draft, prices, "money.cloud", f"money.cloud.{field}", "money.cloud.price_date", draft.cloud(name)
            )
            _show_entry(
                draft,
                prices.get(draft.cloud(name)),
                "money.cloud",
                "money.cloud.price_per_hour",
                "money.cloud.price_date",
            )
            draft.put(f"money.cloud.{field}", None)
        elif moved:
            draft.put(f"money.cloud.{field}", None)
    if not (term in TERM_FIELDS and named(f"money.cloud.{TERM_FIELDS[term]}")):
        moved = before.cloud() != draft.cloud()
        view("money.cloud", "price_per_hour", "money.cloud.price_date", draft.cloud(), moved)
    if prices != (draft.get("money.prices") or {}):
        draft.put("money.prices", prices)


def _exchange(
    draft: _Draft, before: _Draft, named: Any, was: str, now: str, fields: Mapping[str, object], machine: bool
) -> None:
    """Lay aside what belonged to the thing that goes, and take out what was laid aside for the one that comes."""
    if was == now:
        return
    aside = {key: dict(values) for key, values in (draft.get("set_aside") or {}).items()}
    gone, back = aside.pop(was, {}), aside.pop(now, {})
    overrides = dict(before.get("overrides") or {}) if machine else {}
    for path, without in fields.items():
        value = before.get(path)
        if value != without:
            gone[path] = value
        if not named(path):
            restored = back.get(path, without)
            if draft.get(path) != restored:
                draft.put(path, restored)
    if machine:
        gone |= {f"overrides.{path}": value for path, value in overrides.items()}
        mine = {path: value for path, value in (draft.get("overrides") or {}).items() if named(f"overrides.{path}")}
        mine |= {path[10:]: value for path, value in back.items() if path.startswith("overrides.")}
        if mine != (draft.get("overrides") or {}):
            draft.data["overrides"] = mine
        rented = before.get(INSTANCE)
        if named(INSTANCE) and rented is not None and draft.get(INSTANCE) != rented:
            gone[INSTANCE] = rented
        elif not named(INSTANCE) and INSTANCE in back:
            draft.put(INSTANCE, back[INSTANCE])
    if gone:
        aside[was] = gone
    if aside != (draft.get("set_aside") or {}):
        draft.data["set_aside"] = aside


def _write_entry(
    draft: _Draft, prices: dict[str, Any], part: str, path: str, date: str | None, key: str, keep_none: bool = False
) -> None:
    """The entry of what a view now shows; none where it shows nothing."""
    value = draft.get(path)
    if value is None:
        if not keep_none:
            prices.pop(key, None)
        return
    known = prices.get(key)
    source = ""
    if isinstance(known, Price) and known.price == value:
        source = known.source
    # Only the price of the plan's own term has a currency of its own; those of the others are in that of their side.
    currency = draft.get(f"{part}.currency") if date is None else _currency(draft, part)
    entry: dict[str, Any] = {"price": value, "currency": currency, "source": source}
    entry["date"] = (
        known.date if date is None and isinstance(known, Price) else None if date is None else draft.get(date)
    )
    if not isinstance(known, Price) or known.model_dump() != entry:
        prices[key] = entry


def _show_entry(draft: _Draft, entry: Any, part: str, path: str, date: str | None) -> None:
    """What a view shows of an entry; nothing where there is none, or where a price of another term has another currency."""
    found = entry if isinstance(entry, Mapping) else {} if entry is None else opened(entry)
    currency = found.get("currency", "JPY") if found else None
    value = found.get("price") if found else None
    if date is not None:
        draft.put(date, found.get("date") if found else None)
        draft.put(f"{part}.price_currency", None if currency in (None, draft.get(f"{part}.currency")) else currency)
    elif currency != draft.get(f"{part}.currency"):
        value = None
    draft.put(path, value)


def _currency(draft: _Draft, part: str) -> Any:
    return draft.get(f"{part}.price_currency") or draft.get(f"{part}.currency")


_agreed: tuple[object, ...] = (None, None, None)
"""Parts of the last plan whose prices and views agreed: frozen, so that they agree still."""


def joined(plan: Any) -> None:
    """Bring prices and their views together in a plan that was read: a file of an earlier version holds the views alone.

    A view that is given counts and makes its entry; one that is not shows the entry of the present thing.
    """
    global _agreed
    parts = plan.money, plan.cluster, plan.serving
    if all(map(is_, parts, _agreed)):  # a change elsewhere takes these parts over as they are
        return
    money = plan.money
    cloud = money.cloud
    shown = money.onprem.server_price, cloud.price_per_hour, *(getattr(cloud, name) for name in TERM_FIELDS.values())
    if not money.prices and all(value is None for value in shown):
        return  # neither prices nor views of them
    draft = _Draft({"money": money, "cluster": plan.cluster, "serving": plan.serving})
    prices: dict[str, Any] = dict(money.prices)
    term = money.cloud.term
    own = TERM_FIELDS.get(term)
    if own is not None and getattr(money.cloud, own) is not None:  # it went before the price an hour of no named term
        draft.put("money.cloud.price_per_hour", getattr(money.cloud, own))
        draft.put(f"money.cloud.{own}", None)
    views = [("money.onprem", "server_price", "money.onprem.price_date", draft.server()),
             ("money.cloud", "price_per_hour", "money.cloud.price_date", draft.cloud())]  # fmt: skip
    views += [
        ("money.cloud", field, None, draft.cloud(name))  # type: ignore[misc]
        for name, field in TERM_FIELDS.items()
        if name != term
    ]
    for part, field, date, key in views:
        if draft.get(f"{part}.{field}") is not None:
            _write_entry(draft, prices, part, f"{part}.{field}", date, key)
        elif key in prices:
            kept = draft.get(f"{part}.price_currency")
            _show_entry(draft, prices[key], part, f"{part}.{field}", date)
            if kept is not None and date is not None:
                draft.put(f"{part}.price_currency", kept)
    if prices == money.prices and draft.data["money"] is money:
        _agreed = parts
        return
    draft.put("money.prices", prices)
    plan.__dict__["money"] = type(money).model_validate(draft.data["money"])


def without_views(document: dict[str, Any], plan: Any) -> dict[str, Any]:
    """The document of a plan without the fields that ``money.prices`` says again."""
    money = document.get("money", {})
    for part, fields in (
        ("onprem", ("server_price", "price_date")),
        ("cloud", ("price_per_hour", "price_date", *TERM_FIELDS.values())),
    ):
        shown = money.get(part)
        if shown is None:
            continue
        priced = fields[0] in shown
        for field in fields:
            if field != "price_date" or priced:
                shown.pop(field, None)
        if not shown:
            del money[part]
    return document
