"""Data and assets of Mitsumori, and the loader that finds them; no other code lives here."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


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
