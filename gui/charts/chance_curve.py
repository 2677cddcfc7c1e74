"""The probability of having ended, day by day, with the deadline and the points P50, P80 and P90."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.axes import Axes, Frame, Reading, Value
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.painting import (
    LEFT,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    dot,
    draw_text,
    line_pen,
    polyline,
    text_width,
    u,
    vline,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.words.dates import short_date

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Chance:
    """A point of the curve: percent, days from the first day, whether it is the plan's choice."""

    level: int
    days: float
    chosen: bool = False


class ChanceCurve(XYChart):
    """An S-curve against the calendar."""

    least = (280, 150)

    def __init__(self) -> None:
        super().__init__()
        self._curve: tuple[tuple[float, float], ...] = ()
        self._points: tuple[Chance, ...] = ()
        self._first = dt.date.min
        self._x = HeldRange()
        self._allowed = 0.0

    def set_data(
        self, curve: Sequence[tuple[float, float]], points: Sequence[Chance], first: dt.date, allowed: float
    ) -> None:
        """Days and probabilities, the named points, the day zero and the days until the deadline."""
        self._curve, self._points, self._first, self._allowed = tuple(curve), tuple(points), first, allowed
        self.shown(self._curve, self._points, first, allowed)

    def table(self) -> Table:
        """The named points."""
        columns = (
            Column(translate("Gantt", "Probability"), "%", number=True),
            Column(translate("Gantt", "Date")),
            Column(translate("Gantt", "Days"), number=True),
        )
        rows = tuple(
            (
                Cell(f"{point.level} %", float(point.level)),
                Cell(self._day(point.days)),
                Cell(f"{point.days:.1f}", point.days),
            )
            for point in self._points
        )
        return Table(columns, rows)

    def series(self) -> tuple[Series, ...]:
        """Days and the probability of having ended."""
        days, chances = (
            (np.array(values) for values in zip(*self._curve, strict=True)) if self._curve else (np.zeros(0),) * 2
        )
        name = translate("Gantt", "Probability")
        return (Series(name, days, 100.0 * chances, translate("Gantt", "Days"), "%"),)

    def _day(self, days: float) -> str:
        try:
            return short_date(self._first + dt.timedelta(days=days), self._first)
        except OverflowError:
            return "—"

    def axes(self, rect: QRectF) -> Axes | None:
        """Days from the first day, shown as dates; per cent."""
        if len(self._curve) < 2:
            return None
        low = min(self._curve[0][0], self._allowed * 0.98)
        high = max(self._curve[-1][0], self._allowed * 1.02)
        return Axes(
            self._x.fit(low, high), (0.0, 100.0),
            lambda first, last, room: [first + (last - first) * share for share in (0.08, 0.36, 0.64, 0.92)],
            lambda first, last, room: [tick for tick in (0.0, 20.0, 50.0, 80.0, 90.0, 100.0) if first <= tick <= last],
            self._day, lambda tick: f"{tick:.0f}", "", translate("Gantt", "% ended"),
        )  # fmt: skip

    def read(self) -> tuple[Reading, ...]:
        """The curve and its named points."""
        name = translate("Gantt", "Probability")
        return tuple(
            Reading(days, self._day(days), (Value(name, f"{100.0 * chance:.0f} %", "accent", 100.0 * chance),))
            for days, chance in self._curve
        )

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """The side that is late, the curve, the deadline."""
        at = frame.x(self._allowed)
        late = QRectF(at, frame.area.top(), frame.area.right() - at, frame.area.height())
        bar(painter, late, color("bad_tint", 0.55), 0)
        polyline(painter, [QPointF(frame.x(d), frame.y(100.0 * p)) for d, p in self._curve], line_pen("accent", u(2.5)))
        vline(painter, at, frame.area.top(), frame.area.bottom(), "text", 2)

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """Names of the deadline and of the points."""
        at, y = frame.x(self._allowed), frame.area.bottom() - u(14)
        words = translate("Gantt", "Deadline {date}").format(date=self._day(self._allowed))
        if at + u(6) + text_width(words, 13, SEMIBOLD) <= frame.area.right():
            draw_text(painter, at + u(6), y, words, 13, SEMIBOLD, "text")
        else:
            draw_text(painter, at - u(6), y, words, 13, SEMIBOLD, "text", RIGHT)
        taken: list[QRectF] = []
        for point in sorted(self._points, key=lambda one: one.level):
            if not frame.holds(point.days, float(point.level)):
                continue
            place = QPointF(frame.x(point.days), frame.y(float(point.level)))
            dot(painter, place, "accent" if point.chosen else "card", "accent", u(5), u(1.8))
            label = f"P{point.level} {self._day(point.days)}"
            weight = SEMIBOLD if point.chosen else NORMAL
            left = place.x() - u(9) - text_width(label, 13, weight) >= frame.area.left() + u(2)
            x, y, side = (
                (place.x() - u(9), place.y() - u(2), RIGHT) if left else (place.x() + u(9), place.y() + u(6), LEFT)
            )
            wide = text_width(label, 13, weight)
            spot = QRectF(x - wide if side == RIGHT else x, y - u(8), wide, u(16))
            while any(spot.intersects(other) for other in taken):  # a higher level stands higher
                spot.translate(0, -1)
            taken.append(spot)
            draw_text(painter, x, spot.center().y(), label, 13, weight, "text" if point.chosen else "text_2", side)
