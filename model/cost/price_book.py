"""Which prices and defaults a plan uses, noted down with their origin as they are used."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.records import Record
from mitsumori.model.cost.money import UNKNOWN


@lru_cache(maxsize=4096)
def provenance(
    record: Record, path: str, table: str, kind: Literal["catalogue", "default"] = "catalogue"
) -> Provenance:
    """The origin of a catalogue figure, as what it is used: a figure of the catalogue, or a documented default.

    Parameters
    ----------
    record, path, table
        The record, the path of the figure in it, and the kind of record as the origin names it.
    kind
        What the figure counts as.
    """
    found = record_provenance(record, table, path)
    return found if kind == "catalogue" else replace(found, kind=kind)


class Book:
    """Notes down every figure used, with its provenance."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.used: dict[str, Figure] = {}
        self.missing: list[str] = []

    def note(self, path: str, value: float, unit: str, origin: Provenance) -> float:
        """A figure in use, by plan path, with its unit and origin; its value."""
        self.used[path] = Figure(value, unit, origin)
        return value

    def entered(self, path: str, value: float, unit: str) -> float:
        """The user's value."""
        return self.note(path, value, unit, Provenance("user", path))

    def tariff(self, path: str, value: float | None, key: str, unit: str) -> float:
        """The user's value, or the tariff record's as a documented default."""
        if value is not None:
            return self.entered(path, value, unit)
        record = self.catalogue.tariff(key)
        return self.note(path, record.value, unit, provenance(record, "value", "tariffs", "default"))

    def asked(self, path: str, value: float | None, unit: str) -> float:
        """The user's value, or unknown and missing."""
        if value is None:
            self.missing.append(path)
            return UNKNOWN
        return self.entered(path, value, unit)

    def rule(self, path: str, value: float, unit: str, why: str) -> float:
        """A value that follows from a rule of this program."""
        return self.note(path, value, unit, Provenance("default", path, why))
