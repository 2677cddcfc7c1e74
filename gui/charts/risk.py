"""How sure the comparison is: the probability band of a simulation, and points of a trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.charts.axes import Frame, paint_axes
from gui.charts.base import Chart, HeldRange, Table
from gui.charts.numbers import money, money_axis, number, plain
from gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    Scale,
    bar,
    color,
    draw_text,
    line_height,
    line_pen,
    linear_ticks,
    log_ticks,
    polyline,
    text_width,
    u,
    vline,
)

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class RangeRow:
    """P10, P50, P90 of a quantity; None ends lie beyond what was simulated."""

    name: str
    low: float | None
    middle: float | None
    high: float | None
    ink: str
    text: str
    key: Any = None


class RangeBars(Chart):
    """Intervals with their median on one money axis."""

    least = (300, 130)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[RangeRow, ...] = ()
        self._currency = "JPY"
        self._range = HeldRange()

    def set_data(self, rows: Sequence[RangeRow], currency: str) -> None:
        """Rows from top to bottom."""
        self._rows, self._currency = tuple(rows), currency
        self.shown(rows, currency)

    def table(self) -> Table:
        """P10, P50, P90."""
        headers = (translate("Cost", "Quantity"), "P10", "P50", "P90")
        return Table(
            headers,
            tuple(
                (row.name, *(money(v, self._currency) for v in (row.low, row.middle, row.high))) for row in self._rows
            ),
        )

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Names, interval bars, median ticks, values, axis."""
        known = [v for row in self._rows for v in (row.low, row.middle, row.high) if v is not None]
        if not known:
            return
        names = max(text_width(row.name, 14) for row in self._rows) + u(12)
        values = max(text_width(row.text, 14, SEMIBOLD) for row in self._rows) + u(12)
        least, most = min(0.0, *known), max(0.0, *known)
        low, high = self._range.fit(least, most, least=least, most=most)
        scale = Scale(low, high or 1.0, rect.left() + names, max(rect.left() + names + u(40), rect.right() - values))
        foot = u(22)
        pitch = min(u(46), (rect.height() - foot) / len(self._rows))
        bottom = rect.top() + pitch * len(self._rows)
        factor, unit = money_axis(max(abs(low), abs(high)), self._currency)
        ticks = linear_ticks(low / factor, high / factor, max(2, int((scale.end - scale.start) / u(80))))
        for tick in ticks:
            vline(painter, scale(tick * factor), rect.top(), bottom, "grid" if tick else "line_strong")
            text = f"{plain(tick)} {unit}" if tick == ticks[-1] else plain(tick)
            draw_text(painter, scale(tick * factor), bottom + foot / 2 + 2, text, 12, NORMAL, "text_3", CENTER)
        for index, row in enumerate(self._rows):
            middle = rect.top() + pitch * (index + 0.5)
            draw_text(painter, scale.start - u(12), middle, row.name, 14, NORMAL, "text", RIGHT)
            if row.low is not None and row.high is not None:
                box = QRectF(scale(row.low), middle - u(8), max(2.0, scale(row.high) - scale(row.low)), u(16))
                bar(painter, box, color(row.ink, 0.35), u(3))
            if row.middle is not None:
                vline(painter, scale(row.middle), middle - u(11), middle + u(11), row.ink, 3)
            draw_text(painter, rect.right() - values + u(12), middle, row.text, 14, SEMIBOLD)
            self.mark(QRectF(rect.left(), middle - pitch / 2, rect.width(), pitch), f"{row.name}: {row.text}", row.key)


@dataclass(frozen=True, slots=True)
class TradePoint:
    """One plan of the trade-off: what it costs, how long it takes; ``line`` joins points of one family."""

    cost: float
    days: float
    name: str
    line: str = ""
    current: bool = False
    found: bool = False
    tip: str = ""
    key: Any = None


class TradeOff(Chart):
    """Days against cost on logarithmic axes: frontier lines, faint dots, the goal region tinted."""

    least = (340, 280)

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[TradePoint, ...] = ()
        self._currency = "JPY"
        self._goal: tuple[float | None, float | None] = (None, None)
        self._goal_text = ""
        self._x_unit = ""
        self._x, self._y = HeldRange(), HeldRange()
        self.make_keyboard()

    def set_data(
        self,
        points: Sequence[TradePoint],
        currency: str,
        x_unit: str,
        goal: tuple[float | None, float | None] = (None, None),
        goal_text: str = "",
    ) -> None:
        """Points, the name of the cost axis, and the goal as most days and most cost."""
        self._points, self._currency, self._x_unit = tuple(points), currency, x_unit
        self._goal, self._goal_text = goal, goal_text
        self.shown(points, currency, x_unit, goal, goal_text)

    def table(self) -> Table:
        """Name, days, cost."""
        headers = (translate("Advisor", "Plan"), translate("Advisor", "Days"), translate("Advisor", "Cost"))
        rows = tuple((p.name or p.line, number(p.days), money(p.cost, self._currency)) for p in self._points)
        return Table(headers, rows, tuple(p.key for p in self._points))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Goal region, lines, dots, names."""
        points = [p for p in self._points if p.cost > 0 and p.days > 0]
        if not points:
            return
        costs, days = [p.cost for p in points], [p.days for p in points]
        x_low, x_high = self._x.fit(min(costs) / 1.12, max(costs) * 1.15)
        y_low, y_high = self._y.fit(min(days) / 1.15, max(days) * 1.2)
        if x_high / x_low < 1.5:
            x_low, x_high = x_low / 1.3, x_high * 1.3
        factor, unit = money_axis(x_high, self._currency)
        frame = paint_axes(
            painter,
            rect,
            (x_low, x_high),
            (y_low, y_high),
            _money_ticks(x_low / factor, x_high / factor, factor),
            log_ticks(y_low, y_high, max(3, int(rect.height() / u(60)))),
            lambda value: plain(round(value / factor, 6)),
            plain,
            f"{self._x_unit} ({unit})",
            translate("Training", "days (log scale)"),
            True,
            True,
        )
        self._region(painter, frame)
        families = sorted({p.line for p in points if p.line})
        inks = ("time_compute", "marginal_fill", "heat_liquid", "mem_activations")
        for index, family in enumerate(families):
            ink = inks[index % len(inks)]
            mine = sorted((p for p in points if p.line == family), key=lambda p: p.cost)
            pixels = [frame.point(p.cost, p.days) for p in mine]
            polyline(painter, pixels, line_pen(ink, u(2), (4, 3) if index else None))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(ink))
            for pixel in pixels:
                painter.drawEllipse(pixel, u(3.5), u(3.5))
            if pixels and len(families) > 1:
                at = pixels[0]
                draw_text(painter, at.x() + u(10), at.y() - u(4), family, 14, SEMIBOLD, ink)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("text_3", 0.5))
        for p in points:
            if not p.line:
                painter.drawEllipse(frame.point(p.cost, p.days), u(3), u(3))
        self._names(painter, frame, points)

    def _region(self, painter: QPainter, frame: Frame) -> None:
        days, cost = self._goal
        if days is None and cost is None:
            return
        right = frame.x.clipped(cost) if cost is not None else frame.area.right()
        top = frame.y.clipped(days) if days is not None else frame.area.top()
        region = QRectF(frame.area.left(), top, right - frame.area.left(), frame.area.bottom() - top)
        if region.width() <= 0 or region.height() <= 0:
            return
        painter.fillRect(region, color("ok_tint"))
        pen = QPen(color("ok"), 1.2)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        if days is not None:
            painter.drawLine(region.topLeft(), region.topRight())
        if cost is not None:
            painter.drawLine(region.topRight(), region.bottomRight())
        y = region.bottom() - line_height(13) / 2 - u(4)
        draw_text(painter, region.left() + u(8), y, self._goal_text, 13, SEMIBOLD, "ok")

    def _names(self, painter: QPainter, frame: Frame, points: Sequence[TradePoint]) -> None:
        taken: list[QRectF] = []
        for p in sorted(points, key=lambda p: not (p.current or p.found)):
            at = frame.point(p.cost, p.days)
            tip = p.tip or f"{p.name}\n{number(p.days)} · {money(p.cost, self._currency)}"
            self.mark(QRectF(at.x() - u(8), at.y() - u(8), u(16), u(16)), tip, p.key)
            if not (p.current or p.found):
                continue
            ink = "ok" if p.found else "text"
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color(ink), u(2.5)))
            painter.drawEllipse(at, u(8), u(8))
            width, height = text_width(p.name, 13, SEMIBOLD), line_height(13)
            spots = [
                QRectF(at.x() + u(14), at.y() - height - u(3), width, height),
                QRectF(at.x() - width - u(14), at.y() + u(3), width, height),
                QRectF(at.x() - width / 2, at.y() + u(14), width, height),
                QRectF(at.x() - width - u(14), at.y() - height - u(3), width, height),
            ]
            inside = [s for s in spots if frame.area.contains(s)]
            free = [s for s in inside if not any(s.intersects(other) for other in taken)]
            spot = (free or inside or spots)[0]
            draw_text(painter, spot.left(), spot.center().y(), p.name, 13, SEMIBOLD, ink, halo="card")
            taken.append(spot)


def _money_ticks(low: float, high: float, factor: float) -> list[float]:
    ticks = log_ticks(low, high, 6)
    if len(ticks) < 3:
        ticks = [tick for tick in linear_ticks(low, high, 4) if tick > 0]
    return [tick * factor for tick in ticks]
