"""Dates as people read them, in both languages."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import language

translate = QCoreApplication.translate

NEAR_DAYS = 300
"""A day nearer than this needs no year."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def weekday(day: dt.date) -> str:
    """``水`` or ``Wed``."""
    return _DAYS[language()][day.weekday()]


def whole_date(day: dt.date) -> str:
    """``2027/3/31（水）`` or ``31 Mar 2027 (Wed)``."""
    if language() == "ja":
        return f"{day.year}/{day.month}/{day.day}（{weekday(day)}）"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} ({weekday(day)})"


def short_date(day: dt.date, beside: dt.date | None = None) -> str:
    """``3/31`` or ``31 Mar``; with the year where it is far from the day beside it (None: from today)."""
    near = abs((day - (beside or dt.date.today())).days) < NEAR_DAYS
    if language() == "ja":
        return f"{day.month}/{day.day}" if near else f"{day.year}/{day.month}/{day.day}"
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if near else f"{words} {day.year}"


def month_name(day: dt.date) -> str:
    """``3月`` or ``Mar``; January with its year."""
    if language() == "ja":
        return f"{day.year}年1月" if day.month == 1 else f"{day.month}月"
    return f"Jan {day.year}" if day.month == 1 else _MONTHS[day.month - 1]


def shown_deadline(value: object) -> str:
    """A deadline field's text: a date, or days from the start."""
    if isinstance(value, dt.date):
        return whole_date(value)
    if isinstance(value, int | float):
        amount = f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
        return translate("Dates", "{days} days").format(days=amount)
    return ""
