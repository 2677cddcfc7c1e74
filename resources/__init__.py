"""Data and assets of Mitsumori, and the loader that finds them; no other code lives here."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

_DIGEST_BYTES = 16


def path(*parts: str) -> Traversable:
    """Return the resource at ``parts`` below this package (it need not exist).

    Parameters
    ----------
    *parts
        Folder and file names, e.g. ``path("catalog", "servers.toml")``; none may climb out with ``..``.

    Raises
    ------
    ValueError
        If a part is empty, absolute or ``..``.
    """
    if any(part in {"", "..", "."} or part.startswith("/") or "\\" in part for part in parts):
        raise ValueError(f"resource parts {parts!r} must be plain names below the resources folder")
    return files(__name__).joinpath(*parts)


def read_text(*parts: str) -> str:
    """Return the text of the resource at ``parts`` (UTF-8).

    Raises
    ------
    FileNotFoundError
        If there is no such resource.
    """
    return path(*parts).read_text(encoding="utf-8")


def read_table(*parts: str) -> dict[str, Any]:
    """Return the TOML document at ``parts``, parsed; a new one at every call.

    Parsing all tables takes longer than making the first window, so a parsed one is kept where Python keeps the byte code of a
    module (``__pycache__``, ``PYTHONPYCACHEPREFIX``), under the same rules, with a digest of the text it was made of.

    Raises
    ------
    FileNotFoundError
        If there is no such resource.
    """
    text = read_text(*parts)
    digest = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
    kept = _kept_file(parts)
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        data = kept.read_bytes() if kept is not None else b""
        body = data[2 * _DIGEST_BYTES :]
        if data[:_DIGEST_BYTES] == digest and data[_DIGEST_BYTES : 2 * _DIGEST_BYTES] == _digest(body):
            known: dict[str, Any] = marshal.loads(body)
            return known
    import tomllib

    table = tomllib.loads(text)
    if kept is not None and not sys.dont_write_bytecode:
        with contextlib.suppress(OSError, ValueError):  # no place to write, or a value that marshal does not know
            _keep(kept, digest, marshal.dumps(table))
    return table


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _kept_file(parts: tuple[str, ...]) -> Path | None:
    """Where the parsed form of a table lies: beside the byte code of this package, a file per version of Python."""
    try:
        code = Path(importlib.util.cache_from_source(str(Path(__file__).with_suffix(".py"))))
    except NotImplementedError:
        return None
    return code.with_name("-".join(parts) + "." + code.stem.rpartition(".")[2] + ".parsed")


def _keep(kept: Path, digest: bytes, body: bytes) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    part.write_bytes(digest + _digest(body) + body)
    part.replace(kept)
