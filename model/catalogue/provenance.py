"""Provenance of a figure that a catalogue record states."""

from __future__ import annotations

from functools import lru_cache

from mitsumori.model.base.figure import Parent
from mitsumori.model.catalogue.records import Record


@lru_cache(maxsize=4096)
def record_parent(record: Record, kind: str, path: str) -> Parent:
    """Return the parent of a catalogue figure: record, source, date and grade."""
    origin = record.provenance(path)
    what = f"{kind}.{record.key}.{path}"
    if origin is None:
        return Parent("catalogue", what)
    return Parent("catalogue", what, origin.title, origin.url or "", origin.date or "", origin.grade)
