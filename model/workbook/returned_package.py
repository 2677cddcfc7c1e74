"""What may come back from outside: a package is checked before anything parses it.

Its size, its parts, what they unpack to, entities, macros and links to other workbooks.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal

_DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    zlib.error,
    struct.error,
)
"""What the standard library raises on a container that is cut, encrypted or rotten."""
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_PARTS = 2_000
MAX_INFLATED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM_BYTES = 1024 * 1024


class ReturnedError(Refusal):
    """A file that is not taken, and why: a sentence of the workbook's messages, whose code ends in ``code``."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        super().__init__(Sentence("workbook", f"read_{code}", params))


def guard(data: bytes, main: str = "xl/workbook.xml") -> None:
    """Refuse packages that could harm the reader; ``main`` is the part that a package of the wanted kind has.

    Raises
    ------
    ReturnedError
        With one sentence.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ReturnedError("too_large", limit=MAX_FILE_BYTES // 1024 // 1024)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ReturnedError("old_or_encrypted")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED as error:
        raise ReturnedError("not_a_workbook") from error
    with archive:
        _guard_parts(archive, main)


def _guard_parts(archive: zipfile.ZipFile, main: str) -> None:
    names = [info.filename for info in archive.infolist()]
    if len(names) > MAX_PARTS or len(set(names)) != len(names):
        raise ReturnedError("not_a_workbook")
    if any(".." in name.split("/") or name.startswith(("/", "\\")) for name in names):
        raise ReturnedError("not_a_workbook")
    if main not in names:
        raise ReturnedError("not_a_workbook")
    if any("vbaproject" in name.lower() or "macrosheet" in name.lower() for name in names):
        raise ReturnedError("macros")
    if any(name.startswith("xl/externalLinks") for name in names):
        raise ReturnedError("links")
    total = 0
    for info in archive.infolist():
        if info.flag_bits & 0x1:
            raise ReturnedError("old_or_encrypted")
        if info.file_size > RATIO_FROM_BYTES and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise ReturnedError("bomb")
        total += _inflated(archive, info, MAX_INFLATED_BYTES - total)


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowed: int) -> int:
    """Inflate a part with a counting limit (the size in the header can lie) and look for entities at its start."""
    size = 0
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(65_536):
                if size == 0 and info.filename.endswith((".xml", ".rels")):
                    start = chunk[:4096].upper()
                    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                        raise ReturnedError("bomb")
                size += len(chunk)
                if size > allowed or (size > RATIO_FROM_BYTES and size > MAX_RATIO * max(1, info.compress_size)):
                    raise ReturnedError("bomb")
    except _DAMAGED as error:
        if isinstance(error, ReturnedError):
            raise
        raise ReturnedError("not_a_workbook") from error
    return size
