"""What the window remembers, read with a check of its type: a damaged settings file never stops a start."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QSettings

LONGEST = 10_000


def _value(key: str) -> Any:
    try:
        return QSettings().value(key)
    except Exception:  # a stored variant that cannot be turned into a Python object
        return None


def text(key: str, default: str = "") -> str:
    """A text; the default where none is stored or something else is."""
    found = _value(key)
    return found if isinstance(found, str) and len(found) <= LONGEST and "\0" not in found else default


def choice(key: str, accepted: tuple[str, ...], default: str) -> str:
    """One of some words, else the default."""
    found = text(key)
    return found if found in accepted else default


def flag(key: str, default: bool) -> bool:
    """True or false; INI files hold them as words."""
    found = _value(key)
    if isinstance(found, bool):
        return found
    return {"true": True, "false": False}.get(found, default) if isinstance(found, str) else default


def texts(key: str) -> list[str]:
    """A list of texts (one alone comes back as a text); entries of another type are left out."""
    found = _value(key)
    entries = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
    return [entry for entry in entries if isinstance(entry, str) and entry and "\0" not in entry]


def bytes_of(key: str) -> QByteArray | None:
    """Bytes such as a geometry; None where something else is stored."""
    found = _value(key)
    return found if isinstance(found, QByteArray) else None
