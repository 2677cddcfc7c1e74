"""Dates as people type them, and sums of dates and days that may pass the end of the calendar."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import unicodedata
from typing import Any, Final

from mitsumori.model.base.messages import Sentence

FIRST_DAY: Final = dt.date(1900, 3, 1)
LAST_DAY: Final = dt.date(9999, 12, 31)
"""The calendar ends on the last day; nothing that is planned or priced lies before the first,
from which on spreadsheets agree on their days (theirs have a 29 February 1900)."""

ACCEPTED: Final = Sentence("refusals", "date_accepted")
IN_RANGE: Final = Sentence("refusals", "date_range", {"first": str(FIRST_DAY), "last": str(LAST_DAY)})

_ERAS: Final = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
"""The year before the first of an era."""
_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})([/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|末日?)"),
    re.compile(r"(?P<era>令和|平成)(?P<year>\d{1,2}|元)年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|末日?)"),
    re.compile(r"(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|末日?)"),
    re.compile(
        r"(?P<day>\d{1,2})(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))[a-z]*(?P<year>\d{4})",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<era>[RH])(?P<year>\d{1,2})[./](?P<month>\d{1,2})[./](?P<day>\d{1,2})"),
)


def parse_date(text: str, today: dt.date | None = None, *, past: bool = False) -> dt.date | None:
    """A date as typed: ``2027-03-31``, ``2027/3/31``, ``2027年3月31日``, ``令和9年3月31日``, ``3月末``; None when it is none.

    Full-width digits and spaces between the parts are taken too.

    Parameters
    ----------
    text
        What was typed.
    today
        The day from which a date without a year is counted; None is the present one.
    past
        A date without a year is the last such day (a price's), not the next (a deadline's).
    """
    if len(text) > 60:
        return None
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"\([月火水木金土日]\)$|\((?:mon|tue|wed|thu|fri|sat|sun)\)$", "", plain, flags=re.IGNORECASE)
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found is None:
            continue
        parts = found.groupdict()
        written = parts["month"].lower()
        month = _ENGLISH.index(written) + 1 if written in _ENGLISH else int(written)
        day = None if parts.get("day") is None else int(parts["day"])
        if "year" not in parts:
            return _nearest_year(month, day, today or dt.date.today(), past)
        year = 1 if parts["year"] == "元" else int(parts["year"])
        if parts.get("era"):
            if year < 1:
                return None
            year += _ERAS[parts["era"]]
        return _day(year, month, day)
    return None


_DURATION: Final = re.compile(
    r"(?P<amount>\d+(?:\.\d+)?)(?P<unit>日間?|days?|d|週間?|weeks?|w|[かヶケカ]月間?|months?)?", re.IGNORECASE
)
LONGEST_DAYS: Final = 36_500.0


def parse_days(value: object) -> float | None:
    """A duration in days: ``30``, ``30日``, ``30 days``, ``4週間``, ``3か月`` (of 365/12 days); None when it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0.0 < value <= LONGEST_DAYS else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", value))
    found = _DURATION.fullmatch(plain.removesuffix("以内"))
    if found is None:
        return None
    unit = (found["unit"] or "d").lower()
    days = float(found["amount"]) * (7.0 if unit[0] in "週w" else 365.0 / 12.0 if unit[0] in "かヶケカm" else 1.0)
    return days if 0.0 < days <= LONGEST_DAYS else None


def _day(year: int, month: int, day: int | None) -> dt.date | None:
    """A day, the last of its month where none is named; None where there is none."""
    try:
        return dt.date(year, month, calendar.monthrange(year, month)[1] if day is None else day)
    except ValueError:  # calendar.IllegalMonthError is one
        return None


def _nearest_year(month: int, day: int | None, today: dt.date, past: bool) -> dt.date | None:
    """The next such day from today on, or the last up to today; 29 February may be some years away."""
    years = range(today.year, today.year - 9, -1) if past else range(today.year, today.year + 9)
    days = (_day(year, month, day) for year in years)
    return next((found for found in days if found and (found <= today if past else found >= today)), None)


def past_date(value: object) -> object:
    """As :func:`plan_date`, for the date of a price or rate: without a year it is the last such day."""
    return plan_date(value, past=True)


def plan_date(value: Any, past: bool = False) -> Any:
    """A date of a plan from what was typed or stored; raises ``ValueError`` with what is accepted."""
    if value is None:
        return None
    if isinstance(value, str):
        value = parse_date(value, past=past)
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
