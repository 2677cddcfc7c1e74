"""Dates as people type them, and sums of dates and days that may pass the end of the calendar."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any, Final

FIRST_DAY: Final = dt.date(1900, 1, 1)
LAST_DAY: Final = dt.date(9999, 12, 31)
"""The calendar ends on the last day; nothing that is planned or priced lies before the first."""

ACCEPTED: Final = "it must be a date such as 2027-03-31, 2027/3/31, 2027年3月31日 or 令和9年3月31日"
IN_RANGE: Final = f"it must be a date from {FIRST_DAY} to {LAST_DAY}"

_ERAS: Final = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
"""The year before the first of an era."""
_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})([/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(r"(?P<era>令和|平成)(?P<year>\d{1,2}|元)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(r"(?P<era>[RH])(?P<year>\d{1,2})[./](?P<month>\d{1,2})[./](?P<day>\d{1,2})"),
)


def parse_date(text: str) -> dt.date | None:
    """A date as typed: ``2027-03-31``, ``2027/3/31``, ``2027年3月31日``, ``令和9年3月31日``; None when it is none.

    Full-width digits and spaces between the parts are taken too.
    """
    if len(text) > 60:
        return None
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found is None:
            continue
        parts = found.groupdict()
        year = 1 if parts["year"] == "元" else int(parts["year"])
        if parts.get("era"):
            if year < 1:
                return None
            year += _ERAS[parts["era"]]
        try:
            return dt.date(year, int(parts["month"]), int(parts["day"]))
        except ValueError:
            return None
    return None


def plan_date(value: Any) -> Any:
    """A date of a plan from what was typed or stored; raises ``ValueError`` with what is accepted."""
    if value is None:
        return None
    if isinstance(value, str):
        value = parse_date(value)
    elif isinstance(value, dt.datetime):
        value = value.date() if value.time() == dt.time() else None
    if not isinstance(value, dt.date):
        raise ValueError(ACCEPTED)
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(IN_RANGE)
    return value


def plus_days(day: dt.date, days: float) -> dt.date | None:
    """The date some days later (whole days count); None past the calendar's last day, or when the days are not finite."""
    if not math.isfinite(days):
        return None
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return None
