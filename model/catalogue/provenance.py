"""Provenance of a figure that a catalogue record states."""

from __future__ import annotations

from functools import lru_cache

from mitsumori.model.base.figure import Provenance
from mitsumori.model.catalogue.records import Record


@lru_cache(maxsize=4096)
def record_provenance(record: Record, kind: str, path: str) -> Provenance:
    """Return the provenance of a catalogue figure: record, source, date and grade.

    Parameters
    ----------
    record
        The record.
    kind
        Its kind, as :func:`model.catalogue.catalogue.record_kinds` names it.
    path
        Of the figure in the record, dotted into mappings (``prices.spot_per_h``).
    """
    origin = record.provenance(path)
    what = f"{kind}.{record.key}.{path}"
    if origin is None:
        return Provenance("catalogue", what)
    return Provenance("catalogue", what, origin.title, origin.url or "", origin.date or "", origin.grade)
