"""The probability of having ended, day by day, with the deadline and the points P50, P80 and P90."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.axes import paint_axes
from mitsumori.gui.charts.base import Chart, Table
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
from mitsumori.gui.words.dates import short_date

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Chance:
    """A point of the curve: percent, days from the first day, whether it is the plan's choice."""

    level: int
    days: float
    chosen: bool = False


class ChanceCurve(Chart):
    """An S-curve against the calendar."""

    least = (280, 150)

    def __init__(self) -> None:
        super().__init__()
        self._curve: tuple[tuple[float, float], ...] = ()
        self._points: tuple[Chance, ...] = ()
        self._first = dt.date.min
        self._allowed = 0.0

    def set_data(
        self, curve: Sequence[tuple[float, float]], points: Sequence[Chance], first: dt.date, allowed: float
    ) -> None:
        """Days and probabilities, the named points, the day zero and the days until the deadline."""
        self._curve, self._points, self._first, self._allowed = tuple(curve), tuple(points), first, allowed
        self.shown(self._curve, self._points, first, allowed)

    def table(self) -> Table:
        """The named points."""
        heads = (translate("Gantt", "Probability"), translate("Gantt", "Date"), translate("Gantt", "Days"))
        rows = tuple((f"{point.level} %", self._day(point.days), f"{point.days:.1f}") for point in self._points)
        return Table(heads, rows)

    def _day(self, days: float) -> str:
        try:
            return short_date(self._first + dt.timedelta(days=days), self._first)
        except OverflowError:
            return "—"

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Axes, the side that is late, curve, deadline, points."""
        if len(self._curve) < 2:
            return
        low = min(self._curve[0][0], self._allowed * 0.98)
        high = max(self._curve[-1][0], self._allowed * 1.02)
        ticks = [low + (high - low) * share for share in (0.08, 0.36, 0.64, 0.92)]
        frame = paint_axes(
            painter, rect, (low, high), (0.0, 100.0), ticks, (0.0, 50.0, 80.0, 100.0), self._day, lambda tick: f"{tick:.0f}",
            "", translate("Gantt", "% ended"), chart=self,
        )  # fmt: skip
        at = frame.x(self._allowed)
        bar(
            painter,
            QRectF(at, frame.area.top(), frame.area.right() - at, frame.area.height()),
            color("bad_tint", 0.55),
            0,
        )
        polyline(painter, [QPointF(frame.x(d), frame.y(100.0 * p)) for d, p in self._curve], line_pen("accent", u(2.5)))
        vline(painter, at, frame.area.top(), frame.area.bottom(), "text", 2)
        words = translate("Gantt", "Deadline {date}").format(date=self._day(self._allowed))
        side = at + u(6) + text_width(words, 13, SEMIBOLD) <= frame.area.right()
        y = frame.area.bottom() - u(14)
        if side:
            draw_text(painter, at + u(6), y, words, 13, SEMIBOLD, "text")
        else:
            draw_text(painter, at - u(6), y, words, 13, SEMIBOLD, "text", RIGHT)
        for point in self._points:
            place = QPointF(frame.x(point.days), frame.y(float(point.level)))
            dot(painter, place, "accent" if point.chosen else "card", "accent", u(5), u(1.8))
            label = f"P{point.level} {self._day(point.days)}"
            weight = SEMIBOLD if point.chosen else NORMAL
            left = place.x() - u(9) - text_width(label, 13, weight) >= frame.area.left() + u(2)
            x, y, side = (
                (place.x() - u(9), place.y() - u(2), RIGHT) if left else (place.x() + u(9), place.y() + u(6), LEFT)
            )
            draw_text(painter, x, y, label, 13, weight, "text" if point.chosen else "text_2", side)
            self.mark(QRectF(place.x() - u(7), place.y() - u(7), u(14), u(14)), label)
