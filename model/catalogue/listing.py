"""Every figure of the catalogue with its source, date and grade, as rows: what is weak, what is old."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mitsumori.model.base.near import missing_words
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue, kinds_of_file, record_kinds
from mitsumori.model.catalogue.records import Record, Tariff

__all__ = ["Row", "age_in_months", "rows"]

_UNITS = (
    ("_per_gbytes_per_s", ""), ("_gbytes_per_s", "GB/s"), ("_tbps", "TB/s"), ("_gbps", "Gb/s"), ("gbps", "Gb/s"),
    ("gbps_per_port", "Gb/s"), ("_mm", "mm"), ("_kg", "kg"), ("_kva", "kVA"), ("_kw", "kW"), ("_w", "W"), ("_gb", "GB"),
    ("_gib", "GiB"), ("_tb", "TB"), ("_ns", "ns"), ("_m", "m"), ("_c", "C"), ("_per_h", "an hour"), ("watts", "W"),
    ("volts", "V"), ("amperes", "A"), ("rack_units", "U"), ("_b", "1e9"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one record.

    ``kind`` is the table, ``field`` the path within the record; ``grade`` as in
    :class:`model.catalogue.records.RecordSource`, ``weak`` where that is C or nothing is recorded.
    """

    kind: str
    key: str
    name: str
    field: str
    value: float
    unit: str
    source: str
    url: str | None
    date: str | None
    grade: str
    weak: bool

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def _unit(record: Record, field: str) -> str:
    if isinstance(record, Tariff) and field in ("value", "low", "high"):
        return record.unit
    if field.startswith("peak_tflops") or field.startswith("matmul_tflops"):
        return "TFLOP/s"
    if field.startswith(("price.", "prices.")) or field == "price":
        price = getattr(record, "price", None)
        currency = getattr(record, "currency", None) or getattr(price, "currency", "")
        return f"{currency} {getattr(record, 'unit', '')}".strip()
    return next((unit for end, unit in _UNITS if field.endswith(end)), "")


def _name(record: Record) -> str:
    for attribute in ("name", "name_en", "model", "instance"):
        found = getattr(record, attribute, None)
        if found:
            return str(found)
    return record.key


def age_in_months(date: str | None, today: dt.date) -> int | None:
    """Whole months from a date such as 2026, 2026-05 or 2026-05-23 to a day; None where the text names no date."""
    found = re.search(r"\b(20\d\d)(?:-(\d\d))?", date or "")
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    return max(0, (today.year - year) * 12 + today.month - month)


def rows(
    catalogue: Catalogue,
    kind: str | None = None,
    *,
    weak: bool = False,
    older_than: int | None = None,
    today: dt.date | None = None,
) -> Iterator[Row]:
    """Yield every figure of the catalogue.

    Parameters
    ----------
    catalogue
        Records.
    kind
        A file of ``resources/catalog`` without its suffix, or a table; None takes all.
    weak
        Only figures of grade C.
    older_than
        Only figures whose date is more than so many months before ``today``.
    today
        The day of the question; None is today.

    Raises
    ------
    Refusal
        For a kind that is none.
    """
    day = today or dt.date.today()
    for table in _tables(kind):
        for key, record in catalogue.records(table).items():
            for field, value in record.figures().items():
                found = record.provenance(field)
                grade = "C" if found is None else found.grade
                date = None if found is None else found.date
                if weak and grade != "C":
                    continue
                if older_than is not None:
                    age = age_in_months(date, day)
                    if age is None or age <= older_than:
                        continue
                title, url = ("", None) if found is None else (found.title, found.url)
                unit = _unit(record, field)
                yield Row(table, key, _name(record), field, value, unit, title, url, date, grade, grade == "C")


def _tables(kind: str | None) -> tuple[str, ...]:
    if kind is None:
        return record_kinds()
    found = kinds_of_file(f"{kind}.toml") or tuple(table for table in record_kinds() if table == kind)
    if not found:
        files = sorted({name for table in record_kinds() for name in (table,)})
        raise Refusal(missing_words("kind_unknown", repr(kind[:60]), files))
    return found
