"""Software of an offer, and how people write it: ``nvidia-ai-enterprise, Monitoring: 300,000 JPY/year``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from mitsumori.model.base.format import MONEY
from mitsumori.model.base.messages import Sentence
from mitsumori.model.plan.part import Amount, CurrencyName, Part, PastDate

_METRICS: Final = {
    "gpu": "gpu_year", "gpu_year": "gpu_year", "gpu年": "gpu_year", "gpu・年": "gpu_year",
    "server": "server_year", "server_year": "server_year", "台": "server_year", "台年": "server_year", "台・年": "server_year",
    "year": "year", "年": "year",
}  # fmt: skip
_CURRENCIES: Final = {word: currency for currency, words in MONEY.items() for word in words}
_PRICED: Final = re.compile(
    r"(?P<name>.*?\S)\s*[:：]\s*(?P<before>[¥$])?\s*(?P<price>\d[\d,]*(?:\.\d+)?)\s*(?P<currency>JPY|USD|円|ドル)?"
    r"\s*(?:[/／]\s*(?P<metric>\S+))?",
    re.IGNORECASE,
)


class SoftwareItem(Part):
    """One software of the offer: a key of the catalogue or any name, with the metric its licence counts and its price.

    ``metric`` None is the catalogue's, else for each GPU and year; ``price`` None the catalogue's, else unknown.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    metric: Literal["gpu_year", "server_year", "year"] | None = None
    price: Amount | None = None
    currency: CurrencyName = "JPY"
    date: PastDate | None = None


def read_software(value: Any) -> Any:
    """A list of entries from what was typed or stored; texts are parted by commas, a price follows a colon.

    Raises
    ------
    ValueError
        For a text whose price cannot be read.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in re.split(r"[,;、，](?!\d{3}(?!\d))", value) if part.strip()]
    if isinstance(value, list | tuple):
        return tuple(_entry(item) if isinstance(item, str) else item for item in value)
    return value


def _entry(text: str) -> dict[str, Any]:
    if ":" not in text and "：" not in text:
        return {"name": text}
    found = _PRICED.fullmatch(text)
    metric = "" if found is None else (found["metric"] or "").casefold()
    if found is None or (metric and metric not in _METRICS):
        raise ValueError(Sentence("refusals", "software_items"))
    currency = found["currency"] or found["before"] or "JPY"
    entry: dict[str, Any] = {
        "name": found["name"], "price": float(found["price"].replace(",", "")),
        "currency": _CURRENCIES[currency.upper()],
    }  # fmt: skip
    return entry | ({"metric": _METRICS[metric]} if metric else {})


def written_software(entries: Sequence[SoftwareItem]) -> str:
    """The entries as :func:`read_software` reads them."""
    parts = []
    for item in entries:
        price = "" if item.price is None else f": {item.price:,.12g} {item.currency}"
        parts.append(f"{item.name}{price}{f'/{item.metric}' if price and item.metric else ''}")
    return ", ".join(parts)
