"""Guards between user text and a spreadsheet file.

openpyxl turns a string that begins with ``=`` into a live formula, saves NaN as an empty cell, accepts defined names that
Excel repairs away, and cuts long texts silently. Everything that reaches the file passes here first. Limits: Microsoft's
"Excel specifications and limits"; name grammar: ECMA-376 part 1, 18.2.5.
"""

from __future__ import annotations

import math
import re

__all__ = ["check_name", "check_number", "clean_text", "footer_text", "sheet_title"]

MAX_TEXT = 32_000
"""Characters of a cell (Excel's limit is 32,767 UTF-16 units)."""
MAX_LINES = 253
MAX_FORMULA = 8_192
MAX_SHEET_TITLE = 31
MAX_FOOTER = 200

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\Z")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> str:
    """The longest beginning of ``text`` of at most ``limit`` UTF-16 units, with an ellipsis where it was cut."""
    if _units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore")
    return kept + "\u2026"


def clean_text(text: str) -> str:
    """A text that is safe in a string cell.

    Control characters and lone surrogates become U+FFFD, ``_x0041_`` escapes stay literal, line ends are line feeds, and
    the length keeps Excel's limits.
    """
    if text.isprintable() and len(text) <= MAX_TEXT // 2 and "_x" not in text:
        return text  # nearly every text of a workbook: nothing below would change it
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("\ufffd", text))
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        text = "\n".join(lines[:MAX_LINES]) + "\u2026"
    return _ESCAPED.sub("_x005F_", _cut(text, MAX_TEXT))


def sheet_title(text: str, taken: set[str] | None = None) -> str:
    """A legal sheet title.

    No brackets, colons, stars, question marks or slashes, no apostrophe at an end, at most 31 UTF-16 units, not "History",
    and none that is taken.
    """
    title = re.sub(r"[\[\]:*?/\\]", "_", clean_text(text)).replace("\n", " ").strip().strip("'").strip() or "Sheet"
    if title.casefold() == "history":
        title += "_"
    title = _cut(title, MAX_SHEET_TITLE)
    known = {name.casefold() for name in taken or set()}
    unique, number = title, 1
    while unique.casefold() in known:
        number += 1
        unique = f"{_cut(title, MAX_SHEET_TITLE - len(str(number)) - 3)} ({number})"
    return unique


def footer_text(text: str) -> str:
    """Text for a header or footer: ``&`` begins a code there and is doubled; one line, at most 200 characters."""
    return _cut(" ".join(clean_text(text).split()), MAX_FOOTER // 2).replace("&", "&&")


def check_number(value: float) -> float:
    """The number itself.

    Raises
    ------
    ValueError
        For NaN or infinity, which openpyxl would save as an empty cell.
    """
    if not math.isfinite(value):
        raise ValueError(f"a cell of the workbook cannot hold {value!r}")
    return value


def check_name(name: str) -> str:
    """The defined name itself: ASCII letters, digits and at least one underscore, which no cell address has.

    Raises
    ------
    ValueError
        For anything else (``R``, ``A1``, ``TP8``, ``in tp`` would be repaired away by Excel).
    """
    if not _NAME.match(name) or len(name) > 250:
        raise ValueError(f"{name!r} is not a legal defined name")
    return name
