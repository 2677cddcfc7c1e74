"""Catalogue packs: records that travel as one file, without a network.

A pack is a zip of TOML files such as :mod:`model.catalogue.user_files` reads, with ``manifest.json`` (version, date, author,
SHA-256 of each file) and, where it is signed, ``manifest.sig`` (Ed25519 over the manifest, with the public key). The signature
needs the extra ``sign``; without the library a signed pack is read as one whose signature was not checked. Nothing is taken
before its differences were shown; what does not agree with the manifest is refused.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.refusal import refusal
from mitsumori.model.catalogue.catalogue import Catalogue, record_kinds
from mitsumori.model.catalogue.user_files import MAX_BYTES, Records, catalogue_text, parse_catalogue, save_catalogue

__all__ = ["Difference", "Pack", "differences", "pack_bytes", "read_pack", "take_pack"]

FORMAT: Final = "mitsumori-catalogue-pack"
VERSION: Final = 1
MAX_PACK_BYTES: Final = 20_000_000
MAX_FILES: Final = 40
_NAME: Final = re.compile(r"[a-z_]{1,40}\.toml")
Signature = Literal["unsigned", "known", "unknown", "unchecked"]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as read: its records, who made it and what its signature says.

    ``signature`` is unsigned, known (a key of the folder's ``keys``), unknown (valid, by another key) or unchecked (the
    library is not there); a broken one is refused. ``key`` is the public key in base64.
    """

    records: Records
    author: str
    date: str
    signature: Signature
    key: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure or word that a pack changes; ``before`` None is a field (or a record) that is new."""

    kind: str
    key: str
    field: str
    before: Any
    after: Any

    @property
    def new(self) -> bool:
        """Whether the record itself is new."""
        return self.field == ""


def pack_bytes(
    catalogue: Catalogue,
    author: str = "",
    date: dt.date | None = None,
    private_key: bytes | None = None,
    own_only: bool = False,
) -> bytes:
    """Return a pack of a catalogue's records, each standing alone with its sources.

    Parameters
    ----------
    catalogue
        Records; with ``own_only`` those that do not ship.
    author
        Who answers for the figures.
    date
        Of the pack; None is today.
    private_key
        An Ed25519 key as PEM, to sign with.
    own_only
        Pack the user's own records alone.

    Raises
    ------
    Refusal
        For a key that is not accepted, or without the library that signs.
    """
    chosen = catalogue.embed_own() if own_only else {}
    if not own_only:
        chosen = {kind: {key: catalogue.embed(kind, key) for key in catalogue.records(kind)} for kind in record_kinds()}
    texts = {f"{kind}.toml": catalogue_text({kind: records}).encode() for kind, records in chosen.items() if records}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "date": (date or dt.date.today()).isoformat(),
        "author": author,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(texts.items())},
    }
    body = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, data: bytes) -> None:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same records make the same file
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)

        put("manifest.json", body)
        if private_key is not None:
            put("manifest.sig", _signed(body, private_key))
        for name, data in sorted(texts.items()):
            put(name, data)
    return out.getvalue()


def _signed(body: bytes, pem: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise refusal("pack_sign_extra") from None
    key: object
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise refusal("pack_key")
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return json.dumps({"key": public, "signature": base64.b64encode(key.sign(body)).decode()}).encode()


def read_pack(data: bytes, name: str, known_keys: frozenset[str] = frozenset(), base: Catalogue | None = None) -> Pack:
    """Read a pack and check every file against its manifest, and the manifest against its signature.

    Parameters
    ----------
    data, name
        The file and what to call it.
    known_keys
        Public keys (base64) whose signature counts as known.
    base
        What the records are laid over; the shipped catalogue where None.

    Raises
    ------
    Refusal
        One sentence: no pack, a file that does not agree with the manifest, a broken signature, a record that is not
        accepted.
    """
    files = _files(data, name)
    body = files.pop("manifest.json", None)
    if body is None:
        raise refusal("pack_no_manifest", name=name)
    try:
        manifest = json.loads(body)
        listed = dict(manifest["files"])
        author, date = str(manifest.get("author", "")), str(manifest.get("date", ""))
        right = manifest["format"] == FORMAT and int(manifest["version"]) <= VERSION
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refusal("pack_manifest", name=name) from None
    if not right:
        raise refusal("pack_version", name=name)
    signature = files.pop("manifest.sig", None)
    state, key = ("unsigned", "") if signature is None else _verified(body, signature, name, known_keys)
    if set(files) != set(listed):
        raise refusal("pack_files", name=name)
    records: Records = {}
    catalogue = base or Catalogue.shipped()
    order = {f"{kind}.toml": n for n, kind in enumerate(record_kinds())}  # accelerators before what names them
    for file in sorted(files, key=lambda file: order.get(file, len(order))):
        if hashlib.sha256(files[file]).hexdigest() != listed[file]:
            raise refusal("pack_file", name=name, file=file)
        found = parse_catalogue(files[file], f"{name}: {file}", catalogue)
        catalogue = catalogue.with_records(found)
        for kind, entries in found.items():
            records.setdefault(kind, {}).update(entries)
    return Pack(records, author, date, state, key)  # type: ignore[arg-type]


def _files(data: bytes, name: str) -> dict[str, bytes]:
    if len(data) > MAX_PACK_BYTES:
        raise refusal("pack_too_large", name=name, bytes=f"{len(data):,}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES:
                raise refusal("pack_many", name=name, count=f"{len(entries):,}")
            files = {}
            for entry in entries:
                if entry.filename not in ("manifest.json", "manifest.sig") and not _NAME.fullmatch(entry.filename):
                    raise refusal("pack_holds", name=name, file=repr(entry.filename[:60]))
                if entry.file_size > MAX_BYTES or entry.filename in files:
                    raise refusal("pack_twice", name=name, file=entry.filename)
                with archive.open(entry) as stream:
                    files[entry.filename] = stream.read(MAX_BYTES + 1)
                if len(files[entry.filename]) > MAX_BYTES:
                    raise refusal("pack_part", name=name, file=entry.filename)
            return files
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise refusal("pack_zip", name=name) from None


def _verified(body: bytes, signature: bytes, name: str, known: frozenset[str]) -> tuple[str, str]:
    try:
        given = json.loads(signature)
        key, sealed = str(given["key"]), base64.b64decode(given["signature"], validate=True)
        public = base64.b64decode(key, validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refusal("pack_signature", name=name) from None
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return "unchecked", key
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(sealed, body)
    except (InvalidSignature, ValueError):
        raise refusal("pack_forged", name=name) from None
    return ("known" if key in known else "unknown"), key


def differences(records: Mapping[str, Mapping[str, Mapping[str, Any]]], catalogue: Catalogue) -> tuple[Difference, ...]:
    """Return what a pack's records change in a catalogue, record by record, field by field; sources count as well."""
    joined = catalogue.with_records(records)
    found: list[Difference] = []
    for kind, entries in records.items():
        for key in entries:
            after = joined.embed(kind, key)
            if key not in catalogue.records(kind):
                found.append(Difference(kind, key, "", None, after))
                continue
            before = catalogue.embed(kind, key)
            for field in dict.fromkeys((*before, *after)):
                if field != "sources" and before.get(field) != after.get(field):
                    found.append(Difference(kind, key, field, before.get(field), after.get(field)))
    return tuple(found)


def take_pack(pack: Pack, folder: Path, name: str, catalogue: Catalogue) -> tuple[Path, int]:
    """Write what a pack changes into a folder of catalogue files; returns the file and how many records it holds.

    Parameters
    ----------
    pack
        A pack that was read, its signature judged.
    folder, name
        Folder of the user's catalogue files, and the name of the new one without its suffix.
    catalogue
        Records that the pack's are compared with.

    Raises
    ------
    Refusal
        For records that are not accepted.
    OSError
        When the file cannot be written.
    """
    changed: dict[str, dict[str, Any]] = {}
    for difference in differences(pack.records, catalogue):
        changed.setdefault(difference.kind, {})[difference.key] = pack.records[difference.kind][difference.key]
    path = folder / f"{name}.toml"
    if changed:
        save_catalogue(changed, path)
    return path, sum(len(entries) for entries in changed.values())


def known_keys(folder: Path) -> frozenset[str]:
    """Return the public keys that a folder trusts: every line of its ``keys/*.pub``, base64."""
    found: set[str] = set()
    keys = folder / "keys"
    if keys.is_dir():
        for path in sorted(keys.glob("*.pub")):
            words = regular_bytes(path, 10_000).decode("utf-8", "replace").split()
            found |= {word for word in words if len(word) == 44}
    return frozenset(found)


def write_pack(data: bytes, path: Path) -> None:
    """Write a pack, all or nothing."""
    write_atomic(path, data, backup=False)
