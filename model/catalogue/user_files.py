"""Catalogue files of the user's own, beside those that ship.

A folder holds TOML files with the tables of the shipped ones (``[servers."My server"]``): whole records, or only the fields
that differ from the record of the same key or of ``base``. Every figure so given has the source "entered by the user".
Price lists come in as CSV. What is wrong is refused in one sentence that names file, record and field;
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mitsumori.model.base.csv_files import ENCODINGS, SEPARATORS, UnevenError, decoded, frame_of, plain_cell
from mitsumori.model.base.dates import parse_date
from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.input_files import regular_bytes, toml_of
from mitsumori.model.base.refusal import PlanError, Refusal, cause_of, expected, fault_of, refusal, said_by
from mitsumori.model.catalogue.catalogue import Catalogue, UnknownKey
from mitsumori.model.catalogue.records import CloudInstance, CloudStorage, Record, Tariff

__all__ = [
    "PRICE_COLUMNS", "OwnRecord", "catalogue_text", "edited", "import_prices", "list_records",
    "load_catalogue", "merged", "parse_catalogue", "removed", "save_catalogue",
]  # fmt: skip

Records = dict[str, dict[str, dict[str, object]]]
"""``{kind: {key: fields}}``, as :meth:`model.catalogue.catalogue.Catalogue.with_records` takes it."""

MAX_BYTES: Final = 2_000_000
MAX_RECORDS: Final = 5_000
PRICE_COLUMNS: Final = ("kind", "key", "field", "value", "currency", "date", "source")
CURRENCIES: Final = ("JPY", "USD")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One record of the user's own: the file it lies in, its kind and key, and the fields as written there."""

    file: Path
    kind: str
    key: str
    fields: Mapping[str, Any]


# --- reading


def parse_catalogue(data: bytes, name: str, catalogue: Catalogue | None = None) -> Records:
    """Read a catalogue file.

    Parameters
    ----------
    data
        Content of the file, TOML in UTF-8.
    name
        Name of the file, for the sentence of a refusal.
    catalogue
        What the records are laid over; the shipped one where None.

    Raises
    ------
    Refusal
        One sentence naming file, record and field.
    """
    if len(data) > MAX_BYTES:
        raise refusal("catalogue_too_large", name=name, bytes=f"{len(data):,}", most=f"{MAX_BYTES:,}")
    try:
        document = toml_of(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refusal("catalogue_encoding", name=name) from None
    except (ValueError, OverflowError) as error:
        raise refusal("catalogue_toml", name=name, why=fault_of(error)) from None
    records = {kind: entries for kind, entries in _plain(document, name, 0).items() if entries != {}}
    _checked(records, name, catalogue or Catalogue.shipped())
    return records


def _plain(value: Any, name: str, depth: int) -> Any:
    """TOML values as a project file can hold them: dates as text, no NaN, no text that cannot be written."""
    if depth > 12:
        raise refusal("catalogue_deep", name=name)
    if isinstance(value, dict):
        return {key: _plain(part, name, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, name, depth + 1) for part in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**18:
        raise refusal("catalogue_number", name=name, number=str(value)[:20])
    if isinstance(value, float) and value - value != 0.0:
        raise refusal("catalogue_finite", name=name, value=value)
    return value


def _checked(records: Records, name: str, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the records laid over it; refuses what is not accepted, naming the file."""
    count = 0
    for kind, entries in records.items():
        if not isinstance(entries, dict) or any(not isinstance(fields, dict) for fields in entries.values()):
            raise refusal("catalogue_table", name=name, kind=f"{kind!r:.60}")
        count += len(entries)
    if count > MAX_RECORDS:
        raise refusal("catalogue_many", name=name, count=f"{count:,}", most=f"{MAX_RECORDS:,}")
    try:
        joined = catalogue.with_records(records)
        for kind, entries in records.items():
            for key in entries:
                _resolved(joined, kind, joined.get(kind, key))
    except Refusal as refused:
        raise refusal("in_file", name=name, why=refused) from None
    except RecursionError:
        raise refusal("catalogue_deep", name=name) from None
    return joined


def _resolved(catalogue: Catalogue, kind: str, record: Record) -> None:
    """Refuse a record that names another one that does not exist."""
    named = getattr(record, "accelerator", None) if kind in ("servers", "cloud") else None
    if named is not None and named not in catalogue.accelerators():
        problem = UnknownKey("accelerators", named, catalogue.accelerators()).problem
        raise PlanError.single(f"catalogue.{kind}.{record.key}.accelerator", named, problem.accepted)


def load_catalogue(folder: Path, catalogue: Catalogue | None = None) -> Records:
    """Read every ``*.toml`` of a folder, in the order of their names; a record stands in one file only.

    Parameters
    ----------
    folder
        Given by the caller: the platform's data folder, or that of ``--catalogue``.

    Raises
    ------
    Refusal
        One sentence, also when the folder cannot be read.
    """
    return merged(list_records(folder, catalogue))


def merged(found: Iterable[OwnRecord]) -> Records:
    """Records of several files as one set."""
    records: Records = {}
    for own in found:
        records.setdefault(own.kind, {})[own.key] = dict(own.fields)
    return records


def list_records(folder: Path, catalogue: Catalogue | None = None) -> list[OwnRecord]:
    """Every record of the user's own in a folder, with the file it lies in (for an editor); see :func:`load_catalogue`."""
    try:
        if not folder.is_dir():
            raise refusal("folder_expected", folder=folder)
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".toml" and path.is_file())
    except (OSError, ValueError) as error:
        raise refusal("file_unreadable", path=folder, why=cause_of(error)) from None
    base = catalogue or Catalogue.shipped()
    found: dict[tuple[str, str], OwnRecord] = {}
    for path in paths:
        # A record may name one of an earlier file (an accelerator of the user's own).
        records = parse_catalogue(_read(path), path.name, base)
        base = base.with_records(records)
        for kind, entries in records.items():
            for key, fields in entries.items():
                other = found.get((kind, key))
                if other is not None:
                    raise refusal("record_twice", name=path.name, record=f"{kind}.{key!r:.60}", other=other.file.name)
                found[kind, key] = OwnRecord(path, kind, key, fields)
    return list(found.values())


def _read(path: Path) -> bytes:
    try:
        return regular_bytes(path, MAX_BYTES)
    except OSError as error:
        raise refusal("file_unreadable", path=path, why=cause_of(error)) from None


# --- editing


def edited(
    records: Records, kind: str, key: str, changes: Mapping[str, Any], catalogue: Catalogue | None = None
) -> Records:
    """Records with some fields of one changed or a record added; None takes the user's value of a field back.

    Parameters
    ----------
    records
        Records of the user's own, ``{kind: {key: fields}}``.
    kind, key
        Of the record that is changed or added.
    changes
        Fields and their values; None takes the user's value back.
    catalogue
        Records that it is laid over; None those that ship.

    Raises
    ------
    Refusal
        One sentence naming record and field; ``records`` is as it was.
    """
    made: Records = {name: dict(entries) for name, entries in records.items()}
    fields = dict(made.get(kind, {}).get(key, {}))
    for name, value in changes.items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    made.setdefault(kind, {})[key] = fields
    plain: Records = _plain(made, "The record", 0)
    _checked({kind: {key: plain[kind][key]}}, "The record", (catalogue or Catalogue.shipped()).with_records(
        {name: {k: v for k, v in entries.items() if (name, k) != (kind, key)} for name, entries in plain.items()}
    ))  # fmt: skip
    return plain


def removed(records: Records, kind: str, key: str) -> Records:
    """Records without one.

    Parameters
    ----------
    records
        Records of the user's own, ``{kind: {key: fields}}``.
    kind, key
        Of the one that goes.

    Raises
    ------
    Refusal
        When it is not among them.
    """
    if key not in records.get(kind, {}):
        raise refusal("record_not_own", record=f"{kind}.{key!r:.60}")
    left = {name: {k: v for k, v in entries.items() if (name, k) != (kind, key)} for name, entries in records.items()}
    return {name: entries for name, entries in left.items() if entries}


def save_catalogue(records: Records, path: Path, catalogue: Catalogue | None = None) -> None:
    """Write a catalogue file, all or nothing; the previous content stays as ``.bak``.

    Parameters
    ----------
    records
        Records of the user's own, ``{kind: {key: fields}}``.
    path
        The file; its folder is made where there is none.
    catalogue
        Records that they are laid over; None those that ship.

    Raises
    ------
    Refusal
        For records that are not accepted.
    OSError
        When the file cannot be written; the old one is untouched.
    """
    text = catalogue_text(records)
    parse_catalogue(text.encode(), path.name, catalogue)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode(), backup=True)


def catalogue_text(records: Records) -> str:
    """Records as TOML, which :func:`parse_catalogue` reads as the same."""
    lines = ["# Catalogue records of your own; see the user guide. An absent field is that of the shipped record.", ""]
    for kind, entries in records.items():
        for key, fields in entries.items():
            lines.append(f"[{_toml_key(kind)}.{_toml_key(key)}]")
            lines += [f"{_toml_key(name)} = {_toml(value)}" for name, value in fields.items() if value is not None]
            lines.append("")
    return "\n".join(lines)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_text(key)


def _toml_text(text: str) -> str:
    # JSON's escapes are TOML's, but TOML wants DEL escaped and knows no halves of characters.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, Mapping):
        inside = ", ".join(
            f"{_toml_key(str(name))} = {_toml(part)}" for name, part in value.items() if part is not None
        )
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return repr(value)


# --- price lists


def import_prices(
    data: bytes,
    name: str,
    separator: str | None = None,
    encoding: str | None = None,
    catalogue: Catalogue | None = None,
) -> Records:
    """Read a price list.

    Parameters
    ----------
    data
        A CSV with the columns of :data:`PRICE_COLUMNS`. ``kind`` is servers, accelerators, networks, storage, cloud,
        cloud_storage or tariffs; ``key`` that of a record; ``field`` is ``price``, for cloud instances a price's name
        (``on_demand_per_h``, also with ``prices.`` before it), for tariffs ``value``; ``value`` is a number,
        with a yen sign and thousands as Excel writes them or without; ``currency`` is JPY or USD (empty for tariffs),
        ``date`` such as 2026-10-01 or 2026/10/1, ``source`` any text, kept as a note.
        Of several prices of one instance the oldest date counts.
    name
        Of the file, for what is said of it.
    catalogue
        Records that the keys must name; None those that ship.
    separator, encoding
        A comma, semicolon or tab, and one of :data:`ENCODINGS`; None: the one that divides the first line, and the
        encoding that the bytes are in (:func:`model.base.csv_files.decoded`).

    Raises
    ------
    Refusal
        One sentence naming file, line and column; also for a number that could be read in two ways (1.234,5).
    """
    shipped = catalogue or Catalogue.shipped()
    records: Records = {}
    first_lines: dict[tuple[str, str, str], int] = {}
    for line, row in _rows(data, name, separator, encoding):
        kind, key, field = row["kind"], row["key"], row["field"].removeprefix("prices.")
        where = expected("at_line_of", name=name, line=line)
        if kind not in _PRICED:
            raise _cell(where, "kind", kind, expected("rule_choice", choices=", ".join(_PRICED)))
        try:
            record = shipped.get(kind, key)
        except UnknownKey as unknown:
            raise _cell(where, "key", key, unknown.problem.accepted) from None
        first = first_lines.setdefault((kind, key, field), line)
        if first != line:
            raise _cell(where, "field", field, expected("price_twice", line=first))
        fields = records.setdefault(kind, {}).setdefault(key, {})
        _priced(fields, record, row, field, where)
    _checked(records, name, shipped)
    return records


_PRICED: Final = ("servers", "accelerators", "networks", "storage", "cloud", "cloud_storage", "tariffs")
_CLOUD_FIELDS: Final = ("on_demand_per_h", "reserved_1y_per_h", "reserved_3y_per_h", "spot_per_h", "per_month")


def _cell(where: object, column: str, value: str, why: object) -> Refusal:
    return refusal("price_cell", where=where, column=column, value=f"{value!r:.60}", accepted=why)


def _rows(data: bytes, name: str, separator: str | None, encoding: str | None) -> list[tuple[int, dict[str, str]]]:
    if separator is not None and separator not in SEPARATORS:
        raise refusal("separator", separator=f"{separator!r:.20}")
    if encoding is not None and encoding not in ENCODINGS:
        raise refusal("encoding", encoding=f"{encoding!r:.40}", encodings=", ".join(ENCODINGS))
    if len(data) > MAX_BYTES:
        raise refusal("prices_too_large", name=name, bytes=f"{len(data):,}", most=f"{MAX_BYTES:,}")
    try:
        text = decoded(data, name) if encoding is None else data.decode(encoding)
    except UnicodeDecodeError:
        raise refusal("prices_encoding", name=name, encoding=encoding) from None
    if "\x00" in text:
        raise refusal("prices_binary", name=name)
    try:
        table = frame_of(text, separator)
    except UnevenError as error:
        raise _uneven(name, error.line, error.cells) from None
    except ValueError as error:
        raise refusal("prices_broken", name=name, why=said_by(error)) from None
    header = list(table.columns)
    if not set(PRICE_COLUMNS) <= set(header) or len(set(header)) != len(header):
        raise refusal("prices_columns", name=name, columns=", ".join(PRICE_COLUMNS))
    short = table.index[table.isna().any(axis=1)]
    if len(short):
        raise _uneven(name, int(short[0]), len(header))
    prices = table[list(PRICE_COLUMNS)]
    prices = prices[(prices != "").any(axis=1)]
    found = prices.to_dict("records")
    rows = [
        (int(line), {str(k): str(v) for k, v in row.items()}) for line, row in zip(prices.index, found, strict=True)
    ]
    if len(rows) > MAX_RECORDS:
        raise refusal("prices_many", name=name, count=f"{len(rows):,}", most=f"{MAX_RECORDS:,}")
    return rows


def _uneven(name: str, line: int, cells: int) -> Refusal:
    return refusal("prices_cells", name=name, line=line, cells=cells)


def _priced(fields: dict[str, Any], record: Record, row: Mapping[str, str], field: str, where: object) -> None:
    """Lay one row of a price list over the fields of a record."""
    value, date = _amount(row["value"], where), _date(row["date"], where)
    currency, note = row["currency"].upper(), row["source"][:300]
    if not isinstance(record, Tariff) and currency not in CURRENCIES:
        raise _cell(where, "currency", row["currency"], expected("rule_choice", choices=", ".join(CURRENCIES)))
    if isinstance(record, CloudInstance | CloudStorage) and currency != record.currency:
        raise _cell(
            where, "currency", row["currency"],
            expected("price_mixed", currency=record.currency),
        )  # fmt: skip
    if isinstance(record, CloudInstance):
        if field not in _CLOUD_FIELDS:
            raise _cell(where, "field", row["field"], expected("rule_choice", choices=", ".join(_CLOUD_FIELDS)))
        fields.setdefault("prices", {})[field] = value
        fields["price_date"] = min(date, fields.get("price_date", date))
        fields["confidence"] = "good"
    elif isinstance(record, CloudStorage):
        _expect(field, "price", row, where)
        fields |= {"price": value, "price_date": date}
    elif isinstance(record, Tariff):
        _expect(field, "value", row, where)
        fields |= {"value": value, "date": date}
    else:
        _expect(field, "price", row, where)
        fields["price"] = {"low": value, "high": value, "currency": currency, "date": date} | (
            {"note": note} if note else {}
        )
        return
    if note:
        fields["notes"] = (
            note if "notes" not in fields or note in fields["notes"] else f"{fields['notes']}; {note}"[:600]
        )


def _expect(field: str, wanted: str, row: Mapping[str, str], where: object) -> None:
    if field != wanted:
        raise _cell(where, "field", row["field"], expected("price_field", wanted=wanted, kind=row["kind"]))


def _amount(text: str, where: object) -> float:
    plain = plain_cell(text)
    if not _NUMBER.fullmatch(plain):
        raise _cell(where, "value", text, expected("price_number"))
    return float(plain)


def _date(text: str, where: object) -> str:
    date = parse_date(text) if re.match(r"\d{4}|令和|平成", text) else None
    if date is None:
        raise _cell(where, "date", text, expected("price_date"))
    return date.isoformat()


# --- ages
