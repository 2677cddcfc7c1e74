"""``mitsumori catalogue``: every figure with source, date and grade; packs written and taken."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands import arguments as shared
from mitsumori.model.commands.answers import Answer, Table

SHOWN = 200
"""Differences printed one by one as text; JSON has all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", metavar="KIND|pack|take", nargs="?",
                        help="a kind of record such as servers; pack OUT writes a pack, take FILE reads one")  # fmt: skip
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="the pack to write or to take (.zip)")
    parser.add_argument("--weak", action="store_true", help="only figures of grade C: recalled, derived, assumed, thin")
    parser.add_argument("--older-than", type=shared.positive, metavar="MONTHS", help="only figures that are older")
    parser.add_argument("--catalogue", type=Path, metavar="FOLDER",
                        help="catalogue files of your own (.toml); take writes there (the user's folder)")  # fmt: skip
    parser.add_argument("--author", default="", help="pack: who answers for the figures")
    parser.add_argument("--own", action="store_true", help="pack: only the records of your own")
    parser.add_argument("--sign", type=Path, metavar="KEY.pem", help="pack: sign with this Ed25519 key")
    parser.add_argument("--yes", action="store_true", help="take: take what the pack changes")
    shared.take_format(parser)
    shared.take_language(parser)


def folder_of(given: argparse.Namespace) -> Path:
    """The folder of the user's own catalogue files: the one given, else that of the platform."""
    if given.catalogue is not None:
        return Path(given.catalogue)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "Mitsumori" / "catalogue"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Mitsumori" / "catalogue"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "mitsumori" / "catalogue"


def _catalogue(given: argparse.Namespace) -> Any:
    from mitsumori.model.catalogue.catalogue import Catalogue
    from mitsumori.model.catalogue.user_files import load_catalogue

    folder = folder_of(given)
    if not folder.exists() and (given.catalogue is None or given.what == "take"):
        return Catalogue.shipped()
    return Catalogue.shipped().with_records(load_catalogue(folder))


def run(given: argparse.Namespace) -> Answer | int:
    """The listing, a pack written, or a pack taken."""
    if given.what == "pack":
        return _pack(given)
    if given.what == "take":
        return _take(given)
    if given.file is not None:
        raise Refusal(Sentence("commands", "catalogue_one_kind", {"value": repr(str(given.file)[:60])}))
    from mitsumori.model.catalogue.listing import rows
    from mitsumori.model.commands.doctor import catalogue_version

    catalogue = _catalogue(given)
    found = [row.document() for row in rows(catalogue, given.what, weak=given.weak, older_than=given.older_than)]

    def text() -> str:
        lines = [
            f"{row['kind']}.{row['key']}.{row['field']} = {row['value']:g} {row['unit']}".rstrip()
            + f"  [{row['grade']}] {row['source']}{', ' + row['date'] if row['date'] else ''}"
            for row in found
        ]
        return "\n".join([*lines, Sentence("commands", "catalogue_count", {"rows": f"{len(found):,}"}).text(
            shared.language_of(given))])  # fmt: skip

    return Answer(text, lambda: {"version": catalogue_version(), "records": found}, lambda: Table.of(found))


def _needed(given: argparse.Namespace) -> Path:
    if given.file is None:
        raise Refusal(Sentence("commands", "catalogue_file_missing", {"value": given.what}))
    return Path(given.file)


def _pack(given: argparse.Namespace) -> Answer:
    from mitsumori.model.base.input_files import regular_bytes
    from mitsumori.model.catalogue.packs import pack_bytes, write_pack

    path = _needed(given)
    key = None if given.sign is None else regular_bytes(given.sign, 100_000)
    data = pack_bytes(_catalogue(given), given.author, private_key=key, own_only=given.own)
    write_pack(data, path)
    document = {"file": str(path), "bytes": len(data), "signed": key is not None}
    said = Sentence("commands", "catalogue_packed", {"path": str(path), "bytes": f"{len(data):,}"})
    return Answer(lambda: said.text(shared.language_of(given)), lambda: document, lambda: Table.of([document]))


def _take(given: argparse.Namespace) -> Answer:
    from mitsumori.model.base.input_files import regular_bytes
    from mitsumori.model.catalogue.packs import MAX_PACK_BYTES, differences, known_keys, read_pack, take_pack

    path, folder, language = _needed(given), folder_of(given), shared.language_of(given)
    pack = read_pack(regular_bytes(path, MAX_PACK_BYTES), path.name, known_keys(folder))
    catalogue = _catalogue(given)
    changes = differences(pack.records, catalogue)
    rows = [
        {"kind": one.kind, "key": one.key, "field": one.field, "before": one.before, "after": one.after}
        for one in changes
    ]
    signature = Sentence("commands", f"catalogue_signature_{pack.signature}", {"signer": pack.key[:12]})
    head = {"author": pack.author or "-", "date": pack.date, "count": f"{len(changes):,}"}
    lines = [Sentence("commands", "catalogue_pack_says", head).text(language), signature.text(language)]
    lines += [_line(row) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(f"... {len(rows) - SHOWN:,}")
    agreed = given.yes or (bool(changes) and _asked("\n".join(lines), language))
    written, count = None, 0
    if agreed and changes:
        folder.mkdir(parents=True, exist_ok=True)
        written, count = take_pack(pack, folder, path.stem, catalogue)
        values = {"count": f"{count:,}", "path": str(written), "folder": str(folder)}
        lines.append(Sentence("commands", "catalogue_taken", values).text(language))
    else:
        lines.append(Sentence("commands", "catalogue_nothing" if not changes else "catalogue_not_taken").text(language))
    document = {
        "author": pack.author, "date": pack.date, "signature": pack.signature, "key": pack.key, "changes": rows,
        "taken": written is not None, "records": count, "file": None if written is None else str(written),
    }  # fmt: skip
    return Answer(lambda: "\n".join(lines), lambda: document, lambda: Table.of(rows))


def _line(row: dict[str, object]) -> str:
    where = f"{row['kind']}.{row['key']}"
    if not row["field"]:
        return f"+ {where}"
    return f"  {where}.{row['field']}: {_short(row['before'])} -> {_short(row['after'])}"


def _short(value: object) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _asked(text: str, language: str) -> bool:
    """Ask on a terminal; anywhere else nothing is taken without ``--yes``."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(text + "\n" + Sentence("commands", "catalogue_ask").text(language) + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "はい")
