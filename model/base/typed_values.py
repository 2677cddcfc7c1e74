"""Values as people type them on a command line or in a table: numbers with units, true, false, nothing, text."""

from __future__ import annotations

import json
import re

from mitsumori.model.base import format as fmt
from mitsumori.model.base.input_files import MOST_DIGITS
from mitsumori.model.base.refusal import Refusal, refusal

_DIGITS = re.compile(r"[+-]?[\d_,]+")


def parse_value(text: str) -> object:
    """A value of ``--set``: number (units such as 70B or 1.5T allowed), true, false, null, JSON (list, object), text."""
    lowered = text.strip().lower()
    if lowered[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered in ("null", "none", ""):
        return None if lowered in ("null", "") else text
    if len(text) > MOST_DIGITS and _DIGITS.fullmatch(text.strip()):
        raise refusal("number_digits", number=text.strip()[:20], digits=MOST_DIGITS)
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
