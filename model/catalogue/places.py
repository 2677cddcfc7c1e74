"""How cloud providers and their regions are called in each language: one table, for window, findings, workbook and slides."""

from __future__ import annotations

from functools import cache

from mitsumori import resources
from mitsumori.model.base.messages import Name
from mitsumori.model.catalogue.records import CloudInstance

__all__ = ["instance_name", "offer_name", "provider_name", "region_name", "search_words", "storage_name"]


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    table: dict[str, dict[str, dict[str, str]]] = resources.read_table("catalog", "places.toml")
    return table


def _named(kind: str, key: str) -> Name:
    words = _table()[kind].get(key, {})
    return Name(words.get("en", key), words.get("ja", key))


def provider_name(provider: str) -> Name:
    """A provider as it calls itself; the catalogue's own name where the table has none."""
    return _named("providers", provider)


def region_name(region: str) -> Name:
    """A region as its provider calls it ("Japan East", 「東日本」); its code where the table has none."""
    return _named("regions", region)


def offer_name(instance: str) -> Name:
    """What is rented: its code, or the name that its provider has for it in a language."""
    return _named("instances", instance)


def storage_name(kind: str) -> Name:
    """A kind of storage or transfer that is paid for."""
    return _named("storage", kind)


def instance_name(record: CloudInstance) -> Name:
    """Provider, instance and region: ``AWS p5.48xlarge (Tokyo)``, ``AWS p5.48xlarge（東京）``."""
    provider, offer, region = provider_name(record.provider), offer_name(record.instance), region_name(record.region)
    return Name(f"{provider.en} {offer.en} ({region.en})", f"{provider.ja} {offer.ja}（{region.ja}）")


def search_words(record: CloudInstance) -> str:
    """Everything by which somebody may look for an instance: code and names in both languages, the accelerator."""
    names = provider_name(record.provider), offer_name(record.instance), region_name(record.region)
    codes = record.provider, record.instance, record.region, record.accelerator or ""
    return " ".join((*codes, *(one.en for one in names), *(one.ja for one in names))).casefold()
