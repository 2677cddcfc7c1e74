"""Delivery, works and training on the calendar, with the deadline and how far the training may reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    hatch,
    inside_label,
    text_width,
    u,
    vline,
)
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.words.dates import month_name, short_date

translate = QCoreApplication.translate
Place = Callable[[float], float]
"""Where a day number lies across the picture."""


@dataclass(frozen=True, slots=True)
class Task:
    """One row: from a day so many days long; ``tail`` is how long it may take (P90); ``assumed`` durations are hatched."""

    name: str
    start: dt.date
    days: float
    ink: str
    label: str
    tail: float | None = None
    assumed: bool = False
    key: object = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A day that matters: its name; ``strong`` is the deadline."""

    day: dt.date
    name: str
    strong: bool = False


class Gantt(Chart):
    """Rows against time; a bar opens its input."""

    least = (360, 150)

    def __init__(self) -> None:
        super().__init__()
        self._tasks: tuple[Task, ...] = ()
        self._limits: tuple[Limit, ...] = ()

    def set_data(self, tasks: Sequence[Task], limits: Sequence[Limit]) -> None:
        """Show other tasks and limits."""
        self._tasks, self._limits = tuple(tasks), tuple(limits)
        self.least = (360, 44 + 28 * max(1, len(self._tasks)))
        self.updateGeometry()
        self.shown(self._tasks, self._limits)

    def table(self) -> Table:
        """One row a task, then the limits."""
        heads = (
            translate("Gantt", "Task"),
            translate("Gantt", "From"),
            translate("Gantt", "To"),
            Column(translate("Gantt", "Days"), number=True),
        )
        rows: list[tuple[str | Cell, ...]] = []
        for task in self._tasks:
            end = task.start + dt.timedelta(days=task.days)
            note = translate("Gantt", "{days} (assumed)") if task.assumed else "{days}"
            days = Cell(note.format(days=f"{task.days:.1f}"), task.days)
            rows.append((Cell(task.name), Cell(task.start.isoformat()), Cell(end.isoformat()), days))
        rows += [(limit.name, limit.day.isoformat(), "", "") for limit in self._limits]
        return Table(heads, tuple(rows), tuple(task.key for task in self._tasks) + (None,) * len(self._limits))

    def _ends(self) -> tuple[dt.date, float]:
        first = min(task.start for task in self._tasks)
        ends = [(task.start - first).days + max(task.days, task.tail or 0.0) for task in self._tasks]
        ends += [float((limit.day - first).days) for limit in self._limits]
        return first, max(7.0, max(ends) * 1.06)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Months above, rows, limits through all."""
        if not self._tasks:
            return
        first, span = self._ends()
        names = max(text_width(task.name, 14, SEMIBOLD) for task in self._tasks) + u(14)
        area = QRectF(
            rect.left() + names, rect.top() + u(22), max(u(60), rect.width() - names - u(10)), rect.height() - u(44)
        )

        def x(days: float) -> float:
            return area.left() + area.width() * min(max(days, 0.0), span) / span

        self._months(painter, area, first, span, x)
        self._draw_limits(painter, area, first, x)  # below the words beside the bars
        pitch = area.height() / len(self._tasks)
        for index, task in enumerate(self._tasks):
            middle = area.top() + pitch * (index + 0.5)
            draw_text(painter, rect.left(), middle, task.name, 14, SEMIBOLD, "text")
            begin = float((task.start - first).days)
            left, right = x(begin), x(begin + task.days)
            box = QRectF(left, middle - u(11), max(u(3), right - left), u(22))
            if task.tail is not None and task.tail > task.days:
                end = x(begin + task.tail)
                bar(painter, QRectF(box.right(), middle - u(3), end - box.right(), u(6)), color(task.ink, 0.4), 0)
                vline(painter, end, middle - u(7), middle + u(7), task.ink, 1.5)
            bar(painter, box, task.ink, u(3))
            if task.assumed:
                hatch(painter, box, color("card"), 6, 1.4)
            if task.assumed or not inside_label(painter, box, task.label, 13, SEMIBOLD, color(task.ink)):
                self._beside(painter, area, box, middle, task, x(begin + (task.tail or 0.0)))
            self.mark(box.adjusted(-2, -2, 2, 2), f"{task.name}: {task.label}", task.key)

    @staticmethod
    def _beside(painter: QPainter, area: QRectF, box: QRectF, middle: float, task: Task, end: float) -> None:
        room = text_width(task.label, 13)
        right = max(box.right(), end) + u(8)
        at = right if right + room <= area.right() else box.left() - u(8) - room
        painter.fillRect(QRectF(at - u(3), middle - u(9), room + u(6), u(18)), color("card"))  # limits end at the words
        draw_text(painter, at, middle, task.label, 13, NORMAL, "text_2")

    @staticmethod
    def _months(painter: QPainter, area: QRectF, first: dt.date, span: float, x: Place) -> None:
        day, taken = first.replace(day=1), -1e9
        step = 1 if span < 400 else 3 if span < 1200 else 12
        while (day - first).days <= span and day.year < 9998:
            at = (day - first).days
            if at >= 0 and (day.month - 1) % step == 0:
                name = month_name(day)
                half = text_width(name, 12) / 2
                vline(painter, x(at), area.top(), area.bottom(), "grid", 1)
                if x(at) - half > taken + u(6):
                    draw_text(painter, x(at), area.top() - u(11), name, 12, NORMAL, "text_3", CENTER)
                    taken = x(at) + half
            day = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)

    def _draw_limits(self, painter: QPainter, area: QRectF, first: dt.date, x: Place) -> None:
        places = self.limit_places(area, first, x)
        for limit, (at, left, words) in sorted(places.items(), key=lambda item: item[0].strong):
            ink = "text" if limit.strong else "accent"
            vline(painter, at, area.top(), area.bottom(), ink, 2 if limit.strong else 1.5)
            draw_text(painter, left, area.bottom() + u(11), words, 13, SEMIBOLD, ink)
            self.mark(QRectF(QPointF(at - u(4), area.top()), QPointF(at + u(4), area.bottom())), words)

    def limit_places(self, area: QRectF, first: dt.date, x: Place) -> dict[Limit, tuple[float, float, str]]:
        """Where each limit's line and its words stand, and the words: below the rows, one beside the other."""
        placed: dict[Limit, tuple[float, float, str]] = {}
        ordered = sorted(self._limits, key=lambda limit: limit.day)
        right = area.right() + u(10)
        for number, limit in reversed(list(enumerate(ordered))):
            at = x(float((limit.day - first).days))
            words = f"{limit.name} {short_date(limit.day, first)}"
            width = text_width(words, 13, SEMIBOLD)
            wish = at - width if number == 0 and len(ordered) > 1 else at
            left = min(max(area.left(), wish), right - width)
            placed[limit] = (at, left, words)
            right = left - u(8)
        return placed
