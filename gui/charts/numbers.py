"""Numbers on charts: :mod:`model.base.format` in the language of the window, with an em dash where nothing is known."""

from __future__ import annotations

import math

from mitsumori.gui.words.translation import language
from mitsumori.model.base import format as fmt

UNKNOWN = fmt.UNDEFINED
MINUS = fmt.MINUS


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, all digits of a whole number; an em dash when unknown."""
    return UNKNOWN if value is None else fmt.significant(value, digits)


def fixed(value: float | None, decimals: int = 1) -> str:
    """A fixed count of decimals, so that labels of one chart agree."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    body = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{body}" if value < 0 and body.strip("0.,") else body


def plain(value: float | None) -> str:
    """An axis tick: no more digits than the number has."""
    if value is None:
        return UNKNOWN
    body = f"{abs(value):,.6g}" if abs(value) < 1e6 else f"{abs(value):,.0f}"
    return f"{MINUS}{body}" if value < 0 else body


def signed(value: float | None, digits: int = 3) -> str:
    """A difference with its sign."""
    return UNKNOWN if value is None else fmt.signed(value, digits)


def percent(share: float | None, decimals: int = 0) -> str:
    """A share as per cent with a space before the sign."""
    return UNKNOWN if share is None else f"{fixed(share * 100, decimals)} %"


def memory(gigabytes: float | None) -> str:
    """Gigabytes for a label: one decimal below a hundred, none from there."""
    if gigabytes is not None and 0.0 < gigabytes < 0.05:  # something is not nothing
        return f"< {fixed(0.1, 1)}"
    return UNKNOWN if gigabytes is None else fixed(gigabytes, 1 if abs(gigabytes) < 99.95 else 0)


def limit(value: float | None) -> str:
    """A limit or capacity: three digits, without idle zeros (80, 72, 39.6)."""
    return UNKNOWN if value is None else fmt.significant(value, 3, trim=True)


def count(value: float | None) -> str:
    """A whole number with comma groups."""
    return UNKNOWN if value is None else fmt.whole(value)


def tokens(value: float | None) -> str:
    """Tokens as ``100 B``, in Japanese as ``1,000 億``."""
    return UNKNOWN if value is None else fmt.count(value, kanji=language() == "ja")


def money_parts(value: float | None, currency: str) -> tuple[str, str]:
    """An amount as number and unit: ("8.69", "億円"), ("¥869M", "")."""
    if value is None:
        return UNKNOWN, ""
    prefix, body, unit = fmt.money_parts(value, currency, language())
    return (f"{prefix}{body}{unit}", "") if prefix else (body, unit)


def money(value: float | None, currency: str) -> str:
    """An amount of money in the language of the window: 8.69 億円, ¥869M."""
    return UNKNOWN if value is None else fmt.money(value, currency, language())


def money_round(value: float, currency: str) -> str:
    """A round amount without idle zeros: 1 億円, ¥100M."""
    prefix, body, unit = fmt.money_parts(value, currency, language())
    if "." in body:
        body = body.rstrip("0").rstrip(".")
    return f"{prefix}{body}{unit}" if prefix else f"{body} {unit}"


def money_axis(highest: float, currency: str) -> tuple[float, str]:
    """Divisor and unit of a money axis that reaches ``highest``: (1e8, "億円"), (1e6, "¥M")."""
    return fmt.money_scale(highest, currency, language())


def duration_days(days: float | None) -> tuple[str, str]:
    """Days in the unit that people would say (hours, days, years): number and unit."""
    if days is None:
        return UNKNOWN, ""
    parts = fmt.duration_parts(days * 86400.0, language())
    return parts.number, parts.unit


def duration(days: float | None) -> str:
    """:func:`duration_days` as one string."""
    body, unit = duration_days(days)
    return f"{body} {unit}" if unit else body


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Low and high with an en dash."""
    return UNKNOWN if low is None or high is None else fmt.interval(low, high, digits)
