"""One cluster, one calendar: a week in hours, use by month, what clashes, and the entries to be edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.numbers import fixed, percent
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.week import Block, MonthBars, WeekChart
from mitsumori.gui.tables.calendar import CalendarTable
from mitsumori.gui.tabs.calendar_editor import CalendarEditor
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.calendar import day_name, plan_ink
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.calendar import EXTEND_AT, WEEKDAYS, CalendarEntry, Occupancy, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

translate = QCoreApplication.translate
MOST_MONTHS = 24
"""Beyond so many months the columns are quarters."""


class CalendarView(QWidget):
    """The calendar of a project.

    Signals
    -------
    changed
        ``(entries)``; the calendar should be another one.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.week, self.months, self.entries = WeekChart(), MonthBars(), CalendarTable()
        self.editor = CalendarEditor()
        self.editor.changed.connect(self._edit)
        self.editor.added.connect(self._add)
        self.editor.removed.connect(self._remove)
        self.editor.raised.connect(self._raise)
        self.editor.assigned.connect(self._assign)
        self.earlier, self.following = Button("", "plain"), Button("", "plain")
        self.earlier.clicked.connect(lambda: self._move(-7))
        self.following.clicked.connect(lambda: self._move(7))
        steps = QWidget()
        line = QHBoxLayout(steps)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.earlier)
        line.addWidget(self.following)
        self.week_card = ChartFrame(self.week, None, steps)
        self.months_card, self.entries_card = ChartFrame(self.months), ChartFrame(self.entries)
        self.week_card.opened.connect(self._open)
        self.week.moved.connect(self._drag)
        self.entries_card.opened.connect(self._open)
        beside = QVBoxLayout()
        beside.setSpacing(round(u(12)))
        beside.addWidget(self.entries_card, 1)
        beside.addWidget(self.editor)
        top = QHBoxLayout()
        top.setSpacing(round(u(12)))
        top.addWidget(self.week_card, 48)
        top.addLayout(beside, 52)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(round(u(12)))
        column.addLayout(top, 3)
        column.addWidget(self.months_card, 2)
        self._project: Project | None = None
        self._estimate: Callable[[Plan], Estimate | None] = lambda plan: None
        self._chosen: int | None = None
        self._monday: dt.date | None = None
        self._found: Any = None
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts of the buttons again."""
        self.earlier.setText(translate("Calendar", "Week before"))
        self.following.setText(translate("Calendar", "Week after"))
        for button in (self.earlier, self.following):
            button.setAccessibleName(button.text())
        self.editor.retranslate()

    def show_calendar(self, project: Project, estimate: Callable[[Plan], Estimate | None]) -> None:
        """Show a project's calendar; without entries what its plans would claim, which one click takes over.

        Parameters
        ----------
        project
            Its plans and entries.
        estimate
            A plan's estimate, where it is known.
        """
        from mitsumori.model.study.cluster_calendar import cluster_calendar

        self._project, self._estimate = project, estimate
        self._found = cluster_calendar(project, estimate, dt.date.today())
        first = self._found.occupied.first
        monday = first + dt.timedelta(days=-first.weekday() % 7)
        if self._monday is None or not first <= self._monday < first + dt.timedelta(days=self._found.occupied.days):
            self._monday = monday
        if self._chosen is not None and self._chosen >= len(self._found.entries):
            self._chosen = None
        self._paint()

    def _paint(self) -> None:
        project, found, occupied = self._project, self._found, self._found.occupied
        assert project is not None
        names = [plan.name for plan in project.plans]
        self.entries.set_data(found.entries, names, self._chosen)
        title = translate("Calendar", "{count} entries").format(count=len(found.entries))
        assumed = translate("Calendar", "Made up from the plans; a change takes them into the file")
        order = translate("Calendar", "By priority: where two claim the same GPUs the earlier one has them")
        self.entries_card.set_texts(title, assumed if found.assumed else order)
        chosen = None if self._chosen is None else found.entries[self._chosen]
        self.editor.show_entry(chosen, names, bool(found.entries))
        self._paint_week(occupied, project.plans)
        self._paint_months(occupied, project.plans)

    def _paint_week(self, occupied: Occupancy, plans: Sequence[Plan]) -> None:
        assert self._monday is not None
        days = week_days(self._monday)
        chosen = None if self._chosen is None else ("plan", self._found.entries[self._chosen].plan)
        clashing = clashing_days(occupied, self._monday)
        self.week.set_data(days, blocks_of(occupied, plans, self._monday), chosen, clashing)
        clashes = occupied.conflicts()
        share = percent(occupied.utilization, 1)
        if clashes:
            first = clashes[0]
            title = translate("Calendar", "{plans} claim {share} of the cluster from {date} on").format(
                plans=", ".join(first["plans"]), share=percent(first["share"]), date=first["from"]
            )
        else:
            title = translate("Calendar", "{share} of all hours are in use").format(share=share)
        used = self._found.assumed
        note = (
            translate("Calendar", "not in the costs yet") if used else translate("Calendar", "the costs count with it")
        )
        under = translate("Calendar", "Width: the whole cluster; height: 24 hours · utilization {share}, {note}")
        self.week_card.set_texts(title, under.format(share=share, note=note))

    def _paint_months(self, occupied: Occupancy, plans: Sequence[Plan]) -> None:
        rows = grouped(occupied.months())
        parts = [
            (name, plan_ink(name, plans), [row["plans"][name] / row["hours"] for row in rows])
            for name in occupied.plans
        ]
        self.months.set_data([row["month"] for row in rows], parts, [row["utilization"] for row in rows], EXTEND_AT)
        best = max(rows, key=lambda row: row["utilization"])
        under = translate(
            "Calendar", "Share of all hours by plan; the line is the whole cluster · {hours} h a week in use"
        ).format(hours=fixed(168.0 * occupied.utilization, 0))
        for name in occupied.plans:
            if (runs := self._found.runs(name)) is not None:
                line = translate("Calendar", "{plan}: hours for {runs} trainings").format(
                    plan=name, runs=fixed(runs, 1)
                )
                under = f"{under} · {line}"
        self.months_card.set_texts(self._outlook(best["month"], best["utilization"]), under)

    def _outlook(self, month: str, share: float) -> str:
        """From when on more servers are due; the busiest month and its share where none are.

        Parameters
        ----------
        month, share
            The busiest month, and the share of its hours in use.
        """
        due = self._found.extend_from()
        if due is not None:
            words = translate("Calendar", "From {quarter} on more than {limit} is claimed: plan more servers")
            return words.format(quarter=due, limit=percent(EXTEND_AT))
        return translate("Calendar", "Busiest: {month} with {share}").format(month=month, share=percent(share))

    # -- editing

    def _move(self, days: int) -> None:
        if self._monday is not None and self._found is not None:
            occupied, to = self._found.occupied, self._monday + dt.timedelta(days=days)
            if occupied.first - dt.timedelta(days=6) <= to < occupied.first + dt.timedelta(days=occupied.days):
                self._monday = to
                self._paint()

    def _open(self, key: object) -> None:
        if not isinstance(key, tuple) or self._found is None:
            return
        kind, what = key
        if kind != "entry":
            wanted = "maintenance" if kind == "maintenance" else "work"
            fits = (
                at
                for at, e in enumerate(self._found.entries)
                if e.kind == wanted and (kind != "plan" or e.plan == what)
            )
            what = next(fits, None)
        self._chosen = what
        self._paint()

    def _entries(self) -> list[CalendarEntry]:
        return [] if self._found is None else list(self._found.entries)

    def _edit(self, entry: CalendarEntry) -> None:
        entries = self._entries()
        if self._chosen is not None and entries[self._chosen] != entry:
            entries[self._chosen] = entry
            self.changed.emit(tuple(entries))

    def _drag(self, block: Block, low: float, high: float) -> None:
        """A block of the week was moved: the entry that it comes from, on all its days."""
        assert self._monday is not None
        day = self._monday + dt.timedelta(days=block.day)
        kind = "maintenance" if block.hatched else "work"
        at = next(
            (
                i
                for i, entry in enumerate(self._entries())
                if entry.kind == kind and entry.covers(entry.plan if block.hatched else block.name, day, block.low)
            ),
            None,
        )
        if at is None:
            return
        self._chosen, entry = at, self._entries()[at]
        moved = entry.moved(low, high)
        if moved is None:
            self.editor.say(
                translate("Calendar", "Hours of an entry must span some time, and less than the whole day.")
            )
            return
        before = self._precedes(at, moved)
        if before:
            words = translate("Calendar", "{plan} comes before it at those hours: give this entry more priority first.")
            self.editor.say(words.format(plan=before))
        else:
            self._edit(moved)

    def _precedes(self, at: int, moved: CalendarEntry) -> str:
        """What has the hours that an entry would move to, where it would lose some of them to it; empty: nothing."""
        assert self._project is not None
        months, entries = self._project.plan.money.horizon_months, self._entries()

        def short(entry: CalendarEntry, *others: CalendarEntry) -> float:
            found = occupancy((*others, entry.model_copy(update={"plan": "\0"})), months)
            return found.claimed_hours("\0") - found.hours("\0") - found.switching_hours("\0")

        first = [other for i, other in enumerate(entries) if i < at or (i != at and other.kind == "maintenance")]
        if moved.kind == "maintenance" or short(moved, *first) <= short(entries[at], *first) + 1e-6:
            return ""
        return next((other.plan for other in first if short(moved, other) > 1e-6), first[0].plan)

    def _raise(self, steps: int) -> None:
        """Another place in the order for the chosen entry."""
        entries, at = self._entries(), self._chosen
        if at is None or not 0 <= at + steps < len(entries):
            return
        entries.insert(at + steps, entries.pop(at))
        self._chosen = at + steps
        self.changed.emit(tuple(entries))

    def _add(self) -> None:
        if self._project is None:
            return
        entries = self._entries()
        begin = dt.date.today() if self._found is None else self._found.occupied.first
        entries.append(
            CalendarEntry(plan=self._project.plan.name, begin=begin, weekdays=WEEKDAYS[:5], hours=(8.0, 20.0))
        )
        self._chosen = len(entries) - 1
        self.changed.emit(tuple(entries))

    def _assign(self) -> None:
        """Entries made from the plans: serving by day, training by night; undo takes them back."""
        from mitsumori.model.study.calendar_assignment import assigned

        if self._project is not None:
            self._chosen = None
            self.changed.emit(assigned(self._project, self._estimate, dt.date.today()))

    def _remove(self) -> None:
        entries = self._entries()
        if self._chosen is not None:
            del entries[self._chosen]
            self._chosen = None
            self.changed.emit(tuple(entries))


def week_days(monday: dt.date) -> list[str]:
    """The seven days of a week, named with their dates."""
    return [
        translate("Calendar", "{day} {date}").format(day=day_name(name), date=f"{day.month}/{day.day}")
        for name, day in zip(WEEKDAYS, (monday + dt.timedelta(days=at) for at in range(7)), strict=True)
    ]


def blocks_of(occupied: Occupancy, plans: Sequence[Plan], monday: dt.date) -> list[Block]:
    """The blocks of a week, hours of a plan in a row as one.

    Parameters
    ----------
    occupied
        Shares of the calendar by plan, day and part of the day.
    plans
        The project's plans, for colours.
    monday
        First day of the week.
    """
    found: list[Block] = []
    start = (monday - occupied.first).days
    for day in range(7):
        at = start + day
        if not 0 <= at < occupied.days:
            continue
        for part in range(len(occupied.parts) - 1):
            low, high, before = float(occupied.parts[part]), float(occupied.parts[part + 1]), 0.0
            for index, name in enumerate(occupied.plans):
                share = float(occupied.shares[index, at, part])
                if share <= 0:
                    continue
                joined = next((one for one in found if (one.day, one.high, one.name) == (day, low, name)
                               and abs(one.before - before) < 1e-9 and abs(one.share - share) < 1e-9), None)  # fmt: skip
                block = Block(day, low if joined is None else joined.low, high, before, share, name, plan_ink(name, plans),
                              ("plan", name))  # fmt: skip
                if joined is not None:
                    found.remove(joined)
                found.append(block)
                before += share
            if (share := float(occupied.maintenance[at, part])) > 0:
                name = translate("Calendar", "Maintenance")
                found.append(
                    Block(day, low, high, 1.0 - share, share, name, "mem_buffers", ("maintenance", name), True)
                )
    return found


def clashing_days(occupied: Occupancy, monday: dt.date) -> list[int]:
    """Days of a week, from 0, on which more than the whole cluster is claimed.

    Parameters
    ----------
    occupied
        The calendar.
    monday
        First day of the week.
    """
    start = (monday - occupied.first).days
    over = (occupied.claimed.sum(axis=0) > 1.0 + 1e-9).any(axis=1)
    return [day for day in range(7) if 0 <= start + day < occupied.days and over[start + day]]


def grouped(months: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Months, or quarters of a year where there are many."""
    if len(months) <= MOST_MONTHS:
        return months
    found: dict[str, dict[str, Any]] = {}
    for row in months:
        year, month = row["month"].split("-")
        name = f"{year} Q{(int(month) - 1) // 3 + 1}"
        kept = found.setdefault(
            name, {"month": name, "hours": 0.0, "used_hours": 0.0, "plans": dict.fromkeys(row["plans"], 0.0)}
        )
        kept["hours"] += row["hours"]
        kept["used_hours"] += row["used_hours"]
        for plan, hours in row["plans"].items():
            kept["plans"][plan] += hours
    return [row | {"utilization": row["used_hours"] / row["hours"]} for row in found.values()]
