"""Which version of the program this is."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def program_version() -> str:
    """The installed version, or ``0`` from a source tree that was never installed."""
    try:
        return metadata.version("mitsumori")
    except metadata.PackageNotFoundError:
        return "0"
