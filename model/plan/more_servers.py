"""Servers of further types in the hall, and how people write them: ``6 CPU-2U cpu, 4 DGX-B200``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from mitsumori.model.base.messages import Sentence
from mitsumori.model.plan.part import Key, Number, Part

ROLES: Final = ("cpu", "storage", "other")
_ENTRY: Final = re.compile(r"(?:(\d[\d,]*)\s*[x×*]?\s+)?(\S+)(?:\s+(\S+))?")


class MoreServers(Part):
    """Servers of another type in the same hall, which the training does not use: a key of the catalogue (a server, a host
    without accelerators or a storage system), how many, and what for."""

    server: Key
    servers: Annotated[int, Number, Field(ge=1, le=100_000)] = 1
    role: Literal["cpu", "storage", "other"] = "other"


def read_more(value: object) -> object:
    """A list of entries from what was typed or stored; texts are parted by commas.

    Raises
    ------
    ValueError
        For a text that names no count and key.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part for part in re.split(r"[,;、]\s*(?!\d{3}\b)", value) if part.strip()]
    if isinstance(value, list | tuple):
        return tuple(_entry(item.strip()) if isinstance(item, str) else item for item in value)
    return value


def _entry(text: str) -> dict[str, object]:
    found = _ENTRY.fullmatch(text)
    role = found.group(3) if found else None
    if found is None or (role is not None and role not in ROLES):
        raise ValueError(Sentence("refusals", "more_servers"))
    count, key, _ = found.groups()
    entry: dict[str, Any] = {"server": key, "role": role or "other"}
    return entry | {"servers": int(count.replace(",", "")) if count else 1}


def written(entries: Sequence[MoreServers]) -> str:
    """The entries as :func:`read_more` reads them."""
    parts = (f"{item.servers} {item.server}{'' if item.role == 'other' else f' {item.role}'}" for item in entries)
    return ", ".join(parts)
