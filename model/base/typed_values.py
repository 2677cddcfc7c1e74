"""Values as people type them on a command line or in a table: numbers with units, true, false, nothing, text."""

from __future__ import annotations

from typing import Any

from mitsumori.model.base import format as fmt
from mitsumori.model.base.refusal import Refusal


def parse_value(text: str) -> Any:
    """A value of ``--set``: number (units such as 70B or 1.5T allowed), true, false, null, a list with commas, or text."""
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered in ("null", "none", ""):
        return None if lowered in ("null", "") else text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        pass
    try:
        value = fmt.parse(text)
    except Refusal:
        return text
    return int(value) if value == int(value) and abs(value) < 2**53 else value
