"""Which plan has the cluster when: the calendar of a project, its hours by month, its conflicts, its utilization.

Hours are those of the wall clock where the cluster stands. An entry whose hours pass midnight belongs to the weekday on which
it begins. Entries stand in the order of their priority: where more is claimed than there is, an earlier one has its share and a
later one what is left. Maintenance comes before all work and is no use of the cluster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.dates import LAST_DAY, plus_days
from mitsumori.model.base.refusal import expected
from mitsumori.model.plan.part import Date, Number, Text

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Hour = Annotated[float, Number, Field(ge=0, le=24)]
MAX_ENTRIES: Final = 500
EXTEND_AT: Final = 0.9
"""Share of the cluster that work which cannot wait may ask for before more servers are due."""
SWITCH_MINUTES: Final = 10.0
"""Drain, load weights, read a checkpoint, where a calendar is made and nobody says (assumed)."""
LONGEST_DAYS: Final = 3660
"""Ten years: what a calendar may span."""


def _pair(value: object) -> object:
    """JSON has lists; pydantic's strict tuples come from them."""
    return tuple(value) if isinstance(value, list) else value


class CalendarEntry(BaseModel):
    """One plan's claim: from a day to a day (none: to the end of the horizon), on weekdays, between hours, to a share.

    ``hours`` is (from, to) of the day; None is the whole day, (22, 6) passes midnight. ``share`` is of the cluster. ``kind``
    maintenance takes its share from all work; ``plan`` is then only what it is called. ``switch_minutes`` go by without work
    each time that the plan takes accelerators over: drain, load weights, read a checkpoint. What is asked for grows by
    ``growth_per_year``, in steps of a quarter from the start: ``share * (1 + growth)^years``. ``rest`` takes of its share what
    others leave, and nothing else is asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    plan: Text
    begin: Date = Field(alias="from")
    end: Date | None = Field(default=None, alias="to")
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    hours: Annotated[tuple[Hour, Hour], BeforeValidator(_pair)] | None = None
    share: Annotated[float, Number, Field(gt=0, le=1)] = 1.0
    kind: Literal["work", "maintenance"] = "work"
    switch_minutes: Annotated[float, Number, Field(ge=0, le=1440)] = 0.0
    growth_per_year: Annotated[float, Number, Field(ge=-0.9, le=10)] = 0.0
    rest: bool = False

    @model_validator(mode="after")
    def _forward(self) -> CalendarEntry:
        if self.end is not None and self.end < self.begin:
            raise ValueError(expected("calendar_order", end=self.end, begin=self.begin))
        if self.hours is not None and self.hours[0] == self.hours[1]:
            raise ValueError(expected("calendar_hours", hours=list(self.hours)))
        return self

    def covers(self, plan: str, day: dt.date, hour: float) -> bool:
        """Whether the entry is a plan's claim to an hour of a day.

        Parameters
        ----------
        plan
            Name of a plan.
        day, hour
            Day, and hour of it from 0 to below 24.
        """
        low, high = self.hours or (0.0, 24.0)
        begun = day
        if low > high and hour < high:  # the morning of a night that began the day before
            begun = day - dt.timedelta(days=1)
        elif not (low <= hour < high if low < high else hour >= low):
            return False
        inside = self.begin <= begun and (self.end is None or begun <= self.end)
        return plan == self.plan and inside and (not self.weekdays or WEEKDAYS[begun.weekday()] in self.weekdays)

    def moved(self, low_h: float, high_h: float) -> CalendarEntry | None:
        """The entry with its hours moved, past midnight where they go there; None where nothing or everything would be left.

        Parameters
        ----------
        low_h, high_h
            Hours that the start and the end move, -24 to 24; of a claim to the whole day only one of them moves it.
        """
        low, high = self.hours or (0.0, 24.0)
        length = (high - low) % 24.0 or 24.0
        wanted = length + high_h - low_h
        if not 0.0 < wanted < 24.0:
            return None
        start, end = (low + low_h) % 24.0, (high + high_h) % 24.0
        return self.model_copy(update={"hours": (start, end or 24.0)})

    def shares(self, first: dt.date, days: int) -> Array:
        """The share that is asked for on each of a number of days from ``first`` on, also beyond the whole cluster.

        Parameters
        ----------
        first, days
            First day, and how many.
        """
        if not self.growth_per_year:
            return np.full(days, self.share)
        since = np.maximum((first - self.begin).days + np.arange(days), 0)  # centuries before it begins had no number
        return self.share * (1.0 + self.growth_per_year) ** (np.floor(since / 365.25 * 4.0) / 4.0)

    def document(self) -> dict[str, Any]:
        """The entry as the project file keeps it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


Calendar = Annotated[tuple[CalendarEntry, ...], Field(max_length=MAX_ENTRIES)]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year: the mean share of all plans at work (``used``) and of each (``plans``), and the most that work which
    cannot wait asks for on any day (``peak``)."""

    quarter: str
    used: float
    peak: float
    plans: dict[str, float]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Shares of the cluster by plan, day and part of the day.

    ``parts`` are the hours at which anything begins or ends, from 0 to 24; arrays are (plans, days, parts - 1): ``claimed``
    what the entries say, ``shares`` what each plan has of it by priority, ``switching`` hours of the whole cluster that go by
    while a plan takes over. ``maintenance`` is (days, parts - 1), and so is ``firm``: what all entries ask for that do not only
    take the rest.
    """

    plans: tuple[str, ...]
    first: dt.date
    parts: Array
    claimed: Array
    shares: Array
    switching: Array
    maintenance: Array
    firm: Array

    @property
    def days(self) -> int:
        """Days that the calendar spans."""
        return int(self.shares.shape[1])

    @property
    def worked(self) -> Array:
        """Hours of the whole cluster in which a plan works, (plans, days): what it has without the switch-over."""
        return np.asarray((self.shares * np.diff(self.parts) - self.switching).sum(axis=2))

    @property
    def used(self) -> Array:
        """Hours of the whole cluster in use, by day; switch-over and maintenance are none."""
        return np.asarray(self.worked.sum(axis=0))

    @property
    def utilization(self) -> float:
        """Share of all hours of the span that the cluster is in use."""
        return float(self.used.sum() / (24.0 * self.days))

    @property
    def maintenance_hours(self) -> float:
        """Hours of the whole cluster that maintenance takes."""
        return float((self.maintenance * np.diff(self.parts)).sum())

    def hours(self, plan: str) -> float:
        """Hours of the whole cluster in which a plan works."""
        return float(self.worked[self.plans.index(plan)].sum())

    def claimed_hours(self, plan: str) -> float:
        """Hours of the whole cluster that the entries of a plan ask for."""
        return float((self.claimed[self.plans.index(plan)] * np.diff(self.parts)).sum())

    def switching_hours(self, plan: str) -> float:
        """Hours of the whole cluster that go by while a plan takes over."""
        return float(self.switching[self.plans.index(plan)].sum())

    def months(self) -> list[dict[str, Any]]:
        """By month: all hours, hours in use, utilization, hours by plan."""
        month = np.array([day.year * 12 + day.month - 1 for day in self._dates()])
        worked = self.worked
        rows = []
        for number in np.unique(month):
            at = month == number
            whole, used = 24.0 * int(at.sum()), float(worked[:, at].sum())
            rows.append({
                "month": f"{number // 12:04d}-{number % 12 + 1:02d}", "hours": whole, "used_hours": used,
                "utilization": used / whole,
                "plans": {name: float(worked[i, at].sum()) for i, name in enumerate(self.plans)},
            })  # fmt: skip
        return rows

    def conflicts(self) -> list[dict[str, Any]]:
        """Where work claims more than the whole cluster: days (a run of them is one), hours, plans, the sum of their shares,
        and the share that each plan has (``granted``)."""
        total = self.claimed.sum(axis=0)
        dates, found = self._dates(), []
        for part in range(len(self.parts) - 1):
            open_at: dict[str, object] | None = None
            for day in np.flatnonzero(total[:, part] > 1.0 + 1e-9).tolist():
                on = [i for i in range(len(self.plans)) if self.claimed[i, day, part] > 0]
                said: dict[str, object] = {
                    "hours": [float(self.parts[part]), float(self.parts[part + 1])], "plans": [self.plans[i] for i in on],
                    "share": float(total[day, part]),
                    "granted": {self.plans[i]: float(self.shares[i, day, part]) for i in on},
                }  # fmt: skip
                before = dates[day - 1].isoformat() if day else ""
                if open_at is not None and open_at["to"] == before and open_at.items() >= said.items():
                    open_at["to"] = dates[day].isoformat()
                else:
                    open_at = {"from": dates[day].isoformat(), "to": dates[day].isoformat(), **said}
                    found.append(open_at)
        return sorted(found, key=lambda item: (item["from"], item["hours"]))

    def quarters(self) -> list[Quarter]:
        """The span by quarters of a year."""
        quarter = np.array([day.year * 4 + (day.month - 1) // 3 for day in self._dates()])
        worked, peak = self.worked / 24.0, (self.firm + self.maintenance * (self.firm > 0)).max(axis=1)
        rows = []
        for number in np.unique(quarter):
            at = quarter == number
            rows.append(Quarter(
                f"{number // 4:04d}-Q{number % 4 + 1}", float(worked[:, at].sum() / at.sum()), float(peak[at].max()),
                {name: float(worked[i, at].mean()) for i, name in enumerate(self.plans)},
            ))  # fmt: skip
        return rows

    def beyond(self, share: float) -> str | None:
        """The first quarter in which work that cannot wait has grown beyond a share of the cluster; None: none.

        What asks for that much from the start (a service alone on its servers) has not grown.
        """
        rows = self.quarters()
        most = max(share, rows[0].peak) + 1e-9
        return next((row.quarter for row in rows if row.peak > most), None)

    def _dates(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=i) for i in range(self.days)]


def occupancy(calendar: Sequence[CalendarEntry], horizon_months: int) -> Occupancy:
    """Lay all entries on one grid of days and parts of a day.

    Parameters
    ----------
    calendar
        At least one entry, in the order of their priority.
    horizon_months
        What an entry without an end lasts, from the first day of the calendar.
    """
    first = min(entry.begin for entry in calendar)
    horizon = plus_days(first, round(horizon_months * 365.25 / 12.0) - 1) or LAST_DAY
    ends = [entry.end or max(horizon, entry.begin) for entry in calendar]
    days = min(LONGEST_DAYS, (max(ends) - first).days + 1)
    edges = {0.0, 24.0} | {hour for entry in calendar for hour in entry.hours or ()}
    parts = np.array(sorted(edges))
    names = tuple(dict.fromkeys(entry.plan for entry in calendar if entry.kind == "work"))
    claimed, minutes = np.zeros((2, len(names), days, len(parts) - 1))
    shares, maintenance = np.zeros_like(claimed), np.zeros((days, len(parts) - 1))
    free, firm = np.ones_like(maintenance), np.zeros_like(maintenance)
    laid = [_on(entry, end, first, days, parts) for entry, end in zip(calendar, ends, strict=True)]
    for entry, on in zip(calendar, laid, strict=True):
        if entry.kind == "maintenance":
            maintenance = np.minimum(1.0, maintenance + entry.shares(first, days)[:, None] * on)
    free -= maintenance
    for entry, on in zip(calendar, laid, strict=True):
        if entry.kind == "work":
            at = names.index(entry.plan)
            wanted = entry.shares(first, days)[:, None] * on
            had = np.minimum(free, wanted)
            claimed[at] += had if entry.rest else wanted
            firm += 0.0 if entry.rest else wanted
            shares[at] += had
            free = free - had
            minutes[at] = np.maximum(minutes[at], entry.switch_minutes * on)
    return Occupancy(names, first, parts, claimed, shares, _switching(shares, minutes, parts), maintenance, firm)


def _on(entry: CalendarEntry, end: dt.date, first: dt.date, days: int, parts: Array) -> Array:
    """Where an entry is, 0 or 1 by day and part of the day."""
    weekday, index, middle = (np.arange(days) + first.weekday()) % 7, np.arange(days), (parts[:-1] + parts[1:]) / 2
    on = (index >= (entry.begin - first).days) & (index <= (end - first).days)
    if entry.weekdays:
        on &= np.isin(weekday, [WEEKDAYS.index(name) for name in entry.weekdays])
    low, high = entry.hours or (0.0, 24.0)
    if low < high:
        return np.asarray(on[:, None] & (middle > low) & (middle < high), dtype=float)
    found = on[:, None] & (middle > low)
    found[1:] |= on[:-1, None] & (middle < high)  # past midnight: the morning is the next day's
    return np.asarray(found, dtype=float)


def _switching(shares: Array, minutes: Array, parts: Array) -> Array:
    """Hours of the whole cluster that go by while each plan takes over, at most what it then has without a break.

    A plan that had nothing the moment before switches over; one that only has more or less of the cluster does not.
    """
    lost = np.zeros_like(shares)
    if not minutes.any():
        return lost
    count, length = len(shares), np.tile(np.diff(parts), shares.shape[1])
    flat, taken = shares.reshape(count, -1), lost.reshape(count, -1)
    before = np.concatenate([np.zeros((count, 1)), flat[:, :-1]], axis=1)
    left = np.where((flat > 0.0) & (before <= 0.0), minutes.reshape(count, -1) / 60.0, 0.0)
    while left.any():
        now = np.minimum(left, length)
        taken += now * flat
        left = np.concatenate([np.zeros((count, 1)), (left - now)[:, :-1]], axis=1) * (flat > 0.0)
    return lost


__all__ = ["Calendar", "CalendarEntry", "Occupancy", "occupancy"]
