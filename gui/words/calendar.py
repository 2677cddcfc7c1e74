"""Words and colours of the calendar: days of the week, hours, which plan has which colour."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import plain
from mitsumori.gui.words.translation import marked
from mitsumori.model.plan.calendar import WEEKDAYS, CalendarEntry
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

_DAYS = {
    "mon": marked("Calendar", "Mon"), "tue": marked("Calendar", "Tue"), "wed": marked("Calendar", "Wed"),
    "thu": marked("Calendar", "Thu"), "fri": marked("Calendar", "Fri"), "sat": marked("Calendar", "Sat"),
    "sun": marked("Calendar", "Sun"),
}  # fmt: skip
_INKS = {
    "pretrain": "time_compute", "continual": "time_recompute", "sft": "mem_activations", "lora": "mem_activations",
    "qlora": "mem_activations", "dpo": "cost_staff", "ppo": "cost_staff", "grpo": "cost_staff", "datagen": "mem_optimizer",
}  # fmt: skip
SERVING, UNKNOWN = "mem_gradients", "mem_buffers"
_HOURS = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*(?:[-~〜–―]|から)\s*(\d{1,2}(?:\.\d+)?)\s*(?:h|時)?\Z")


def day_name(day: str) -> str:
    """A day of the week, short."""
    return translate("Calendar", _DAYS[day])


def days_words(entry: CalendarEntry) -> str:
    """The days of an entry."""
    if not entry.weekdays or len(set(entry.weekdays)) == 7:
        return translate("Calendar", "every day")
    return " ".join(day_name(day) for day in WEEKDAYS if day in entry.weekdays)


def hours_words(entry: CalendarEntry) -> str:
    """The hours of an entry."""
    if entry.hours is None:
        return translate("Calendar", "all day")
    return f"{plain(entry.hours[0])}–{plain(entry.hours[1])}"


def read_hours(text: str) -> tuple[float, float] | None:
    """Hours as typed, ``8-20``, ``22〜6``; None where nothing is typed: the whole day.

    Raises
    ------
    ValueError
        Where it is neither.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    if not said or said == unicodedata.normalize("NFKC", translate("Calendar", "all day")):
        return None
    found = _HOURS.match(said)
    if found is None:
        raise ValueError(text)
    return float(found[1]), float(found[2])


def plan_ink(name: str, plans: Sequence[Plan]) -> str:
    """The colour of a plan by what it does."""
    plan = next((plan for plan in plans if plan.name == name), None)
    if plan is None:
        return UNKNOWN
    return SERVING if plan.serving.enabled else _INKS.get(plan.workload.stage, UNKNOWN)
