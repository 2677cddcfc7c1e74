"""Software of an offer: its name, the metric its licence counts and a list price where one is public."""

from __future__ import annotations

from typing import Literal

from mitsumori.model.catalogue.records import NonNegative, Record

Metric = Literal["gpu_year", "server_year", "year"]


class SoftwareRecord(Record):
    """A product by name; ``price`` None is on quotation."""

    vendor: str
    name_en: str
    name_ja: str
    metric: Metric
    price: NonNegative | None = None
    currency: Literal["JPY", "USD"] = "USD"
    price_date: str | None = None

    def _date(self, path: str) -> str | None:
        return self.price_date if path == "price" else None
