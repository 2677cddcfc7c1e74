"""Files and documents from outside, read so that no device blocks and no nesting or doubled key gets through."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal

DEEPEST_KEY: Final = 20
"""Parts of a dotted TOML key, our own bound: tomllib recurses by part, and its time grows with their square."""
MOST_DIGITS: Final = 40
"""Digits of a whole number, our own bound: Python itself refuses 4,300 and a float overflows at 309."""

_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY: Final = re.compile(rf"(?:{_KEY_PART}[ \t]*\.[ \t]*){{{DEEPEST_KEY}}}{_KEY_PART}")
_WORDS: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""' r"|'''.*?'''" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'|#[^\n]*", re.DOTALL
)
"""Text values, quoted parts of keys, and comments: dots and digits in them mean nothing."""
_LONG_NUMBER: Final = re.compile(rf"(?<![\w.\"'])[0-9][0-9_]{{{MOST_DIGITS},}}")


def regular_bytes(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file.

    Opened without waiting, so that a pipe without a writer is refused and not waited for; the check is of what was opened,
    not of the name.

    Raises
    ------
    Refusal
        For a folder, pipe, socket or device, and for more than ``most_bytes``.
    OSError, ValueError
        As of ``open``.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # some devices act on being opened
        raise not_regular(path)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise not_regular(path)
        data = stream.read(most_bytes + 1)  # files of /proc have a size of zero, and a file can grow
    if len(data) > most_bytes:
        raise Refusal(Sentence("refusals", "file_too_large", {"name": path.name, "bytes": f"{most_bytes:,}"}))
    return data


def not_regular(path: Path) -> Refusal:
    """The refusal of a folder, pipe, socket or device."""
    return Refusal(Sentence("refusals", "file_is_folder" if path.is_dir() else "file_not_regular", {"path": str(path)}))


def toml_of(text: str) -> dict[str, object]:
    """A TOML document, with bounds on keys and numbers.

    Raises
    ------
    ValueError
        Broken or too deep (``tomllib.TOMLDecodeError`` is one).
    """
    bare = _WORDS.sub(lambda found: "" if found[0].startswith("#") else '""', text)
    for line in bare.splitlines():
        if line.count(".") >= DEEPEST_KEY and _DEEP_KEY.search(line):
            raise ValueError(Sentence("refusals", "key_too_deep", {"parts": DEEPEST_KEY}))
    if _LONG_NUMBER.search(bare):
        raise ValueError(Sentence("refusals", "number_too_long", {"digits": MOST_DIGITS}))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(Sentence("refusals", "nested_too_deep")) from None


def whole(digits: str) -> int:
    """``parse_int`` of JSON with a bound on digits."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(Sentence("refusals", "number_too_long", {"digits": MOST_DIGITS}))
    return int(digits)


class DoubledKey(ValueError):
    """A JSON object names a key twice; which of the two values was meant is not known."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(Sentence("refusals", "key_doubled", {"name": key[:60]}))


def single_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """``object_pairs_hook`` of JSON that refuses a doubled key by name; :class:`DoubledKey`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        known: set[str] = set()
        for key, _ in pairs:
            if key in known:
                raise DoubledKey(key)
            known.add(key)
    return found


def json_of(text: str) -> object:
    """A JSON document without doubled keys and endless numbers.

    Raises
    ------
    ValueError
        Broken, doubled or too deep (``json.JSONDecodeError`` is one).
    """
    try:
        return json.loads(text, parse_int=whole, object_pairs_hook=single_keys)
    except RecursionError:
        raise ValueError(Sentence("refusals", "nested_too_deep")) from None
