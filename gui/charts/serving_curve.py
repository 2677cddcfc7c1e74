"""Speed of a user against output of a GPU: the curve of a replica over its load, its interval, the limit, the plan's point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from mitsumori.gui.charts.axes import Axes, Floats, Frame, Reading, Value, paint_band
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.numbers import number, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    SEMIBOLD,
    color,
    dot,
    draw_text,
    line_pen,
    linear_ticks,
    nice_ceiling,
    polyline,
    text_width,
    u,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.theme.tokens import theme

translate = QCoreApplication.translate


@dataclass(frozen=True)
class CurveData:
    """Points from the emptiest to the fullest load; ``band`` is the factor of the 80 % interval along x (1: none).

    ``limit`` is the slowest speed that the limit on the time per token allows, None without one; ``now`` the plan's point.
    """

    speed: Floats
    output: Floats
    in_flight: Floats
    band: float
    limit: float | None
    limit_ms: float | None
    now: tuple[float, float] | None
    load: str


class ServingCurve(XYChart):
    """The curve with its band; what breaks the limit is hatched; the plan's point has its values."""

    least = (300, 190)

    def __init__(self) -> None:
        super().__init__()
        self._data: CurveData | None = None
        self._planned = True
        self._x, self._y = HeldRange(), HeldRange()

    def set_data(self, data: CurveData | None, planned: bool = True) -> None:
        """Show a curve; None where no layout serves, or where serving is not ``planned`` at all."""
        self._data, self._planned = data, planned
        self.shown(data, planned)

    def table(self) -> Table:
        """Requests in flight, speed, output."""
        columns = (
            Column(translate("Serving", "In flight"), number=True),
            Column(translate("Serving", "Speed of a user"), translate("Serving", "tokens/s"), number=True),
            Column(translate("Serving", "Output of a GPU"), translate("Serving", "tokens/s"), number=True),
        )
        data = self._data
        if data is None:
            return Table(columns)
        rows = zip(data.in_flight.tolist(), data.speed.tolist(), data.output.tolist(), strict=True)
        return Table(columns, tuple(tuple(Cell(number(value), value) for value in row) for row in rows))

    def series(self) -> tuple[Series, ...]:
        """The curve as numbers."""
        data = self._data
        if data is None:
            return ()
        unit = translate("Serving", "tokens/s")
        return (Series(translate("Serving", "Output of a GPU"), data.speed, data.output, unit, unit),)

    def axes(self, rect: QRectF) -> Axes | None:
        """Both from 0; x reaches what the interval reaches."""
        data = self._data
        if data is None or data.speed.size < 2:
            return None
        most = max(float(data.speed.max()), data.limit or 0.0, data.now[0] if data.now else 0.0)
        top = max(float(data.output.max()), data.now[1] if data.now else 0.0)
        return Axes(
            self._x.fit(0.0, nice_ceiling(1.1 * most), most=most), self._y.fit(0.0, nice_ceiling(1.12 * top), most=top),
            lambda low, high, room: linear_ticks(low, high, max(3, int(room.width() / u(80)))),
            lambda low, high, room: linear_ticks(low, high, max(3, int(room.height() / u(44)))),
            plain, plain,
            translate("Serving", "tokens/s of a user (1 / TPOT)"), translate("Serving", "tokens/s/GPU"), top=u(26),
        )  # fmt: skip

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """Why there is no curve; nothing where nobody asked for one."""
        if not self._planned:
            return
        text = translate("Serving", "No layout holds the model and one sequence.")
        draw_text(painter, rect.center().x(), rect.center().y(), text, 14, NORMAL, "text_3", CENTER)

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """The side that breaks the limit, the band, the curve."""
        data = self._data
        if data is None:
            return
        if data.limit is not None and data.limit > frame.x.low:
            area = QRectF(frame.area)
            area.setRight(min(frame.area.right(), frame.x(data.limit)))
            painter.fillRect(area, color("marginal_tint"))
            painter.fillRect(area, QBrush(color("marginal_fill", 0.5), Qt.BrushStyle.BDiagPattern))
            painter.setPen(line_pen("text", u(2)))
            painter.drawLine(QLineF(area.right(), frame.area.top(), area.right(), frame.area.bottom()))
        if data.band > 1.0:
            low = frame.points(data.speed / data.band, data.output)
            high = frame.points(np.minimum(data.speed * data.band, frame.x.high), data.output)
            paint_band(painter, high, low, "accent", 0.20 if theme().is_dark else 0.18)
        polyline(painter, frame.points(data.speed, data.output), line_pen("accent", u(2.5)))

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """The limit's name, the plan's point with its lines and values."""
        data = self._data
        if data is None:
            return
        if data.limit is not None and data.limit_ms is not None and frame.x.holds(data.limit):
            words = translate("Serving", "limit {speed} ({ms} ms)").format(
                speed=number(data.limit), ms=number(data.limit_ms)
            )
            line, width = frame.x(data.limit), text_width(words, 13, SEMIBOLD)
            x = line + u(8) if line + u(8) + width <= frame.area.right() else line - u(8) - width
            # Beside the end of the line, below the unit of the axis.
            draw_text(painter, x, frame.area.top() + u(2), words, 13, SEMIBOLD, "text", halo="card")
        if data.now is None or not frame.holds(*data.now):
            return
        at = frame.point(*data.now)
        pen = QPen(color("accent"), 1.3)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.drawLine(QLineF(frame.area.left(), at.y(), at.x(), at.y()))
        painter.drawLine(QLineF(at.x(), at.y(), at.x(), frame.area.bottom()))
        dot(painter, at, "accent", "card", u(7), 2)
        value = f"{number(data.now[0])} · {number(data.now[1])}"
        width = max(text_width(data.load, 13), text_width(value, 17, SEMIBOLD))
        x = min(at.x() + u(12), frame.area.right() - width)
        y = max(frame.area.top() + u(20), at.y() - u(34))  # below the limit's name
        draw_text(painter, x, y, data.load, 13, NORMAL, "text_2", halo="card")
        draw_text(painter, x, y + u(19), value, 17, SEMIBOLD, "text", halo="card")

    def read(self) -> tuple[Reading, ...]:
        """Every point, from the slowest user to the fastest."""
        data = self._data
        if data is None:
            return ()
        name = translate("Serving", "Output of a GPU")
        rows = sorted(zip(data.speed.tolist(), data.output.tolist(), data.in_flight.tolist(), strict=True))
        return tuple(
            Reading(
                x,
                translate("Serving", "{speed} tokens/s of a user").format(speed=number(x)),
                (Value(name, translate("Serving", "{value} tokens/s/GPU").format(value=number(y)), "accent", y),),
                note=translate("Serving", "{count} in flight on a replica").format(count=number(flight)),
            )
            for x, y, flight in rows
        )
