"""Training days against GPUs on logarithmic axes, with the interval and the point where scaling stops paying."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from mitsumori.gui.charts.axes import Axes, Floats, Frame, Reading, Value, paint_band
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.numbers import count, duration, interval, number, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    SEMIBOLD,
    color,
    dot,
    draw_text,
    line_height,
    line_pen,
    log_ticks,
    polyline,
    text_width,
    u,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.plurals import plurals
from mitsumori.model.base.format import duration_scale

translate = QCoreApplication.translate

WASTE = 0.20
"""Scaling stops paying where doubling the GPUs costs this much more GPU time."""


@dataclass(frozen=True)
class DaysData:
    """Days against GPUs; arrays of one length, ascending GPUs. NaN days mean "does not fit there"."""

    gpus: npt.NDArray[np.float64]
    days: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    current_gpus: float
    current_days: float | None
    stops_at: float | None = None
    """GPUs from which every doubling costs :data:`WASTE` more GPU time; from the core, None where there is none."""
    keys: tuple[object, ...] = ()
    """What choosing each count would change, None for nothing."""

    def at(self, gpus: float) -> float | None:
        """Days at a count, interpolated on logarithms; None outside the curve."""
        known = np.isfinite(self.days) & (self.days > 0)
        xs, ys = self.gpus[known], self.days[known]
        if xs.size == 0 or not xs[0] * (1 - 1e-9) <= gpus <= xs[-1] * (1 + 1e-9):
            return None
        return float(np.exp(np.interp(math.log(gpus), np.log(xs), np.log(ys))))


class DaysCurve(XYChart):
    """The curve, its band, perfect scaling dotted, the plan's dot with its value and the knee."""

    least = (300, 190)

    def __init__(self) -> None:
        super().__init__()
        self._data: DaysData | None = None
        self._x, self._y = HeldRange(), HeldRange()
        self._axis = ""
        """Title of the axis of days: it names the unit in which the plan's own time is said."""

    def set_data(self, data: DaysData | None) -> None:
        """Show a curve."""
        self._data = data
        self.shown(data)

    def data(self) -> DaysData | None:
        """The curve shown."""
        return self._data

    def table(self) -> Table:
        """GPUs, days and interval."""
        days = translate("Tables", "days")
        columns = (
            Column(translate("Training", "GPUs"), number=True),
            Column(translate("Training", "Time"), days, number=True),
            Column(translate("Training", "80 % interval, days"), number=True),
            Column(translate("Training", "80 % interval from"), days, number=True, hidden=True),
            Column(translate("Training", "80 % interval to"), days, number=True, hidden=True),
        )
        data = self._data
        if data is None:
            return Table(columns)
        rows = tuple(
            (
                Cell(count(g), g),
                Cell(duration(d), d) if math.isfinite(d) else Cell(translate("Training", "does not fit")),
                Cell(interval(lo, hi) if math.isfinite(lo) and math.isfinite(hi) else "", raw=""),
                *(Cell(number(end), end) if math.isfinite(end) else Cell() for end in (lo, hi)),
            )
            for g, d, lo, hi in zip(*map(np.ndarray.tolist, (data.gpus, data.days, data.low, data.high)), strict=True)
        )
        return Table(columns, rows)

    def series(self) -> tuple[Series, ...]:
        """GPUs and days with their interval."""
        data, xs, ys, lows, highs = self._data, *self._known()
        if data is None:
            return ()
        unit = translate("Tables", "days")
        return (Series(translate("Training", "Time"), xs, ys, "GPU", unit, lows, highs),)

    def _known(self) -> tuple[Floats, Floats, Floats, Floats]:
        """GPUs, days and both ends of the interval, where the model fits."""
        data = self._data
        if data is None:
            none = np.zeros(0)
            return none, none, none, none
        known = np.isfinite(data.days) & (data.days > 0)
        xs, ys = data.gpus[known], data.days[known]
        lows = np.where(np.isfinite(data.low[known]), data.low[known], ys)
        highs = np.where(np.isfinite(data.high[known]), data.high[known], ys)
        return xs, ys, lows, highs

    def axes(self, rect: QRectF) -> Axes | None:
        """Both logarithmic; ticks at doublings of the first count, the same ones however the range is magnified."""
        data, xs, _, lows, highs = self._data, *self._known()
        if data is None or xs.size < 2:
            return None
        # The axis begins on a round step below the data so that it does not creep while a slider moves.
        days = data.current_days if data.current_days is not None else data.at(data.current_gpus)
        per_day, self._axis = _unit_of(float(highs.max()) if days is None else days)
        x_range = self._x.fit(float(data.gpus[0]), float(data.gpus[-1]))
        y_range = self._y.fit(_round_down(float(lows.min())), _round_up(float(highs.max())))
        return Axes(
            x_range,
            y_range,
            lambda low, high, room: _doublings(x_range[0], low, high, max(3, int(room.width() / u(70)))),
            lambda low, high, room: [
                tick / per_day for tick in log_ticks(low * per_day, high * per_day, max(3, int(room.height() / u(34))))
            ],
            count,
            lambda value: plain(float(f"{value * per_day:.6g}")),
            translate("Training", "GPUs (log scale)"),
            self._axis,
            True,
            True,
            top=u(26),
        )

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """Why there is no curve."""
        if self._data is not None:
            text = translate("Training", "There is no count of GPUs here on which this model fits.")
            draw_text(painter, rect.center().x(), rect.center().y(), text, 14, NORMAL, "text_3", CENTER)

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """Band, perfect scaling, curve."""
        data, xs, ys, lows, highs = self._data, *self._known()
        if data is None:
            return
        band = frame.points(xs, highs), frame.points(xs, lows)
        paint_band(painter, *band, "time_compute", 0.26 if theme().is_dark else 0.22)
        self._perfect(painter, frame, data)
        polyline(painter, frame.points(xs, ys), line_pen("time_compute", u(2.5)))

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """The plan and the knee with their names."""
        if self._data is not None:
            plan_box = self._plan(painter, frame, self._data)
            self._knee(painter, frame, self._data, plan_box)

    def read(self) -> tuple[Reading, ...]:
        """Every count on which the model fits."""
        data = self._data
        if data is None:
            return ()
        keys = [key for key, days in zip(data.keys, data.days, strict=False) if math.isfinite(days) and days > 0]
        name = translate("Training", "Time")
        found = []
        for at, (x, y, low, high) in enumerate(zip(*map(np.ndarray.tolist, self._known()), strict=True)):
            title = plurals().gpus(round(x))
            ends = translate("Training", "80 %: {low} to {high}").format(low=duration(low), high=duration(high))
            key = keys[at] if at < len(keys) else None
            found.append(Reading(x, title, (Value(name, duration(y), "time_compute", y, ends),), key))
        return tuple(found)

    def _perfect(self, painter: QPainter, frame: Frame, data: DaysData) -> None:
        """Perfect scaling from the plan on: half the days at twice the GPUs."""
        start = data.current_gpus
        days = data.current_days if data.current_days is not None else data.at(start)
        if days is None or start >= data.gpus[-1]:
            return
        x_end = float(data.gpus[-1])
        end = days * start / x_end
        if end < frame.y.low and not frame.y.free:
            x_end, end = days * start / frame.y.low, frame.y.low
        pen = QPen(color("text_3"), 1.2)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawLine(QLineF(frame.point(start, days), frame.point(x_end, end)))

    def _plan(self, painter: QPainter, frame: Frame, data: DaysData) -> QRectF | None:
        days = data.current_days if data.current_days is not None else data.at(data.current_gpus)
        if days is None or not frame.x.holds(data.current_gpus) or not frame.holds(data.current_gpus, days):
            return None
        at = frame.point(data.current_gpus, days)
        pen = QPen(color("time_compute"), 1.3)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.drawLine(QLineF(frame.area.left(), at.y(), at.x(), at.y()))
        painter.drawLine(QLineF(at.x(), at.y(), at.x(), frame.area.bottom()))
        dot(painter, at, "time_compute", "card", u(6.5), 2)
        title = translate("Training", "{gpus} (this plan)").format(gpus=plurals().gpus(round(data.current_gpus)))
        value = duration(days)
        width = max(text_width(title, 13), text_width(value, 18, SEMIBOLD))
        x = min(at.x() + u(12), frame.area.right() - width)
        y = max(at.y() - u(34), frame.area.top() - u(12))
        if x < at.x() + u(10) and at.y() - y < u(40):
            y = max(frame.area.top() - u(12), at.y() - u(52))
        left, right = x - u(4), x + width + u(4)
        if x < at.x() and y + u(31) > (top := self._highest(frame, left, right)) and left > frame.area.left():
            y = max(frame.area.top() - u(12), top - u(36))  # above the band that it stands beside at the right end
        if y < frame.area.top() - u(4):  # beside the name of the axis, not over it
            named = frame.area.left() + u(6) + text_width(self._axis, 12)
            x = min(max(x, named + u(12)), frame.area.right() - width)
        box = QRectF(x, y - u(9), width, u(40))
        draw_text(painter, x, y, title, 13, NORMAL, "text_2", halo="card")
        draw_text(painter, x, y + u(19), value, 18, SEMIBOLD, "text", halo="card")
        return box

    def _highest(self, frame: Frame, left: float, right: float) -> float:
        """The highest pixel of the band between two places of the area."""
        xs, _, _, highs = self._known()
        places = np.linspace(left, right, 16)
        return float(np.interp(places, frame.x.array(xs), frame.y.array(highs)).min())

    def _knee(self, painter: QPainter, frame: Frame, data: DaysData, plan_box: QRectF | None) -> None:
        knee = data.stops_at
        days = None if knee is None else data.at(knee)
        if knee is None or days is None or not frame.holds(knee, days):
            return
        doubled = data.at(2 * knee)
        waste = 2 * doubled / days - 1 if doubled is not None else WASTE
        at = frame.point(knee, days)
        lines = (
            translate("Training", "From {gpus} GPUs, doubling costs").format(gpus=count(knee)),
            translate("Training", "{share} % more GPU hours").format(share=number(waste * 100, 2)),
        )
        width = max(text_width(line, 13) for line in lines)
        x = min(max(at.x(), frame.area.left() + width / 2), frame.area.right() - width / 2)
        step = line_height(13) - 1
        top = at.y() - u(44) - 2 * step
        lowest = frame.area.top() - u(4)
        top = max(top, lowest)
        box = QRectF(x - width / 2, top, width, 2 * step)
        if plan_box is not None and box.adjusted(-6, -4, 6, 4).intersects(plan_box):
            # Beside the plan's label there is room to its right, or below the curve at its left.
            right = plan_box.right() + u(14) + width / 2
            if right + width / 2 <= frame.area.right():
                x = right
            else:
                top = at.y() + u(16)
                x = max(frame.area.left() + width / 2 + u(6), at.x() - width / 2 - u(16))
            box = QRectF(x - width / 2, top, width, 2 * step)
            if box.intersects(plan_box) or box.bottom() > frame.area.bottom():
                dot(painter, at, "card", "text_2", u(4.5), 1.6)
                return
        anchor = QPointF(min(max(at.x(), box.left() + 6), box.right() - 6), box.bottom() + 2)
        painter.setPen(QPen(color("text_3"), 1))
        if box.bottom() < at.y():
            painter.drawLine(QLineF(anchor, QPointF(at.x(), at.y() - u(6))))
        for index, line in enumerate(lines):
            draw_text(painter, x, box.top() + step * (index + 0.5), line, 13, NORMAL, "text_2", CENTER, halo="card")
        dot(painter, at, "card", "text_2", u(4.5), 1.6)


def _unit_of(days: float) -> tuple[float, str]:
    """Units a day and title of the axis for the plan's time, as :func:`mitsumori.gui.charts.numbers.duration` says it."""
    per_day = max(1.0, duration_scale(days * 86400.0))
    if per_day == 1.0:
        return per_day, translate("Training", "days (log scale)")
    if per_day == 24.0:
        return per_day, translate("Training", "hours (log scale)")
    if per_day == 1440.0:
        return per_day, translate("Training", "minutes (log scale)")
    return per_day, translate("Training", "seconds (log scale)")


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max((step * power for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0) if step * power <= value), default=power)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min((step * power for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0) if step * power >= value), default=value)


def _doublings(first: float, low: float, high: float, most: int) -> list[float]:
    """Ticks at doublings of the first count of the axis within a range, thinned evenly; round numbers in a narrow one."""
    start = math.ceil(math.log2(low / first) - 1e-9)
    end = math.floor(math.log2(high / first) + 1e-9)
    if end - start < 1:
        return log_ticks(low, high, most)
    step = max(1, math.ceil((end - start + 1) / most))
    return [first * 2.0**k for k in range(start, end + 1) if k % step == 0]
