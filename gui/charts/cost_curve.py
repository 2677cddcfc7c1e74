"""Cumulative cost: cloud and owned lines, what owning saves, the month where they cross; bands of a simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.axes import Axes, Frame, Reading, Value, corners, paint_band
from mitsumori.gui.charts.hold import HeldRange
from mitsumori.gui.charts.numbers import money, money_axis, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    SEMIBOLD,
    dot,
    draw_text,
    line_height,
    line_pen,
    linear_ticks,
    nice_ceiling,
    polyline,
    spread,
    text_width,
    u,
    vline,
)
from mitsumori.gui.charts.series import Series
from mitsumori.gui.charts.xy import XYChart
from mitsumori.gui.tables.columns import Cell, Column, Table
from mitsumori.gui.theme.tokens import theme

translate = QCoreApplication.translate
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CostLine:
    """One cumulative line, month 0 to the horizon; ``main`` lines are thick with name and value below each other."""

    name: str
    values: Floats
    ink: str
    main: bool = True
    dashed: bool = False
    key: str = ""
    low: Floats | None = None
    high: Floats | None = None
    mark: str = ""
    """Written behind its amounts: the total leaves something out."""


@dataclass(frozen=True)
class Crossing:
    """A break-even: month, amount, what to write; the main one is solid."""

    month: float
    amount: float
    text: str
    main: bool = True


@dataclass(frozen=True)
class CostCurveData:
    """Everything the chart shows. ``shade`` names the two lines (indices) between which the saving is filled."""

    lines: tuple[CostLine, ...]
    crossings: tuple[Crossing, ...]
    currency: str
    shade: tuple[int, int] | None = None
    empty: str = ""
    gap: str = ""
    """What to write between the shaded lines where there is room."""


class CumulativeCost(XYChart):
    """Lines with labels at their ends; no legend."""

    least = (340, 190)

    def __init__(self) -> None:
        super().__init__()
        self._data: CostCurveData | None = None
        self._y, self._ends_room = HeldRange(), HeldRange()

    def set_data(self, data: CostCurveData) -> None:
        """Show other lines."""
        self._data = data
        self.shown(data)

    def table(self) -> Table:
        """One row a quarter, one column a line."""
        data = self._data
        month_head = Column(translate("Cost", "Month"), number=True)
        if data is None or not data.lines:
            return Table((month_head,))
        months = max(len(line.values) for line in data.lines)
        columns = [month_head]
        for line in data.lines:
            columns.append(Column(line.name, data.currency, number=True))
            if line.low is not None:
                columns += [Column(f"{line.name}, {end}", data.currency, number=True) for end in ("P10", "P90")]

        def cells(line: CostLine, month: int) -> list[Cell]:
            bands = [line.values] if line.low is None or line.high is None else [line.values, line.low, line.high]
            if month >= len(line.values):
                return [Cell() for _ in bands]
            return [Cell(money(float(band[month]), data.currency) + line.mark, float(band[month])) for band in bands]

        rows = tuple(
            (Cell(str(month), float(month)), *(cell for line in data.lines for cell in cells(line, month)))
            for month in range(0, months, 3 if months > 13 else 1)
        )
        return Table(tuple(columns), rows)

    def series(self) -> tuple[Series, ...]:
        """Every line, month by month."""
        data = self._data
        if data is None:
            return ()
        unit = translate("Cost", "Month")
        return tuple(
            Series(
                line.name,
                np.arange(len(line.values), dtype=float),
                line.values,
                unit,
                data.currency,
                line.low,
                line.high,
            )
            for line in data.lines
        )

    def _lines(self) -> list[CostLine]:
        return [] if self._data is None else [line for line in self._data.lines if len(line.values) > 1]

    def axes(self, rect: QRectF) -> Axes | None:
        """Months and money from zero."""
        data, lines = self._data, self._lines()
        if data is None or not lines:
            return None
        months = max(len(line.values) for line in lines) - 1
        most = max(float((line.values if line.high is None else line.high).max()) for line in lines)
        _, top_value = self._y.fit(0.0, nice_ceiling(most * 1.04), most=most)
        factor, unit = money_axis(top_value, data.currency)
        labels = [self._label(line, data.currency) for line in lines]
        widest = max(max(text_width(text, px, weight) for text, px, weight, _ in label) for label in labels)
        _, right = self._ends_room.fit(0.0, widest + u(14))
        return Axes(
            (0.0, float(months)),
            (0.0, top_value),
            lambda low, high, room: _month_ticks(low, high, max(2, int(room.width() / u(56)))),
            lambda low, high, room: linear_ticks(low, high, max(2, int(room.height() / u(46)))),
            plain,
            lambda value: plain(round(value / factor, 6)),
            translate("Cost", "months in service"),
            translate("Cost", "cumulative ({unit})").format(unit=unit),
            right=min(right, rect.width() * 0.45),
        )

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """What is missing."""
        if self._data is not None:
            words = self._data.empty
            draw_text(painter, rect.center().x(), rect.center().y(), words, 14, NORMAL, "text_3", CENTER)

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """Shade, bands and lines."""
        data, lines = self._data, self._lines()
        if data is None:
            return
        bends = {id(line.values): corners(line.values) for line in lines}
        self._shade(painter, frame, data, bends)
        for line in lines:
            places = bends[id(line.values)]
            if line.low is not None and line.high is not None:
                alpha = 0.16 if theme().is_dark else 0.2
                every = np.arange(len(line.values), dtype=float)
                paint_band(painter, frame.points(every, line.high), frame.points(every, line.low), line.ink, alpha)
            pen = line_pen(line.ink, u(3 if line.main else 2), (4, 3) if line.dashed else None)
            polyline(painter, frame.points(places, line.values[places].tolist()), pen)

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """The difference, names at the line ends, crossings."""
        data, lines = self._data, self._lines()
        if data is None:
            return
        if not frame.x.free:
            self._gap(painter, frame, data)
        self._ends(painter, frame, lines, [self._label(line, data.currency) for line in lines])
        self._crossings(painter, frame, data, lines)

    def read(self) -> tuple[Reading, ...]:
        """Every month, with all lines and their bands."""
        data, lines = self._data, self._lines()
        if data is None or not lines:
            return ()
        found = []
        for month in range(max(len(line.values) for line in lines)):
            values = []
            for line in lines:
                if month < len(line.values):
                    amount = float(line.values[month])
                    note = ""
                    if line.low is not None and line.high is not None:
                        ends = (money(float(band[month]), data.currency) + line.mark for band in (line.low, line.high))
                        note = translate("Cost", "P10 to P90: {low} to {high}").format(low=next(ends), high=next(ends))
                    values.append(Value(line.name, money(amount, data.currency) + line.mark, line.ink, amount, note))
            title = translate("Cost", "Month {month}").format(month=month)
            found.append(Reading(float(month), title, tuple(values)))
        return tuple(found)

    @staticmethod
    def _label(line: CostLine, currency: str) -> list[tuple[str, float, int, str]]:
        value = money(float(line.values[-1]), currency) + line.mark
        if line.main:
            return [(line.name, 15, SEMIBOLD, line.ink), (value, 13, NORMAL, "text_2")]
        both = translate("Cost", "{name} {amount}").format(name=line.name, amount=value)
        return [(both, 13, NORMAL, line.ink)]

    @staticmethod
    def _ends(
        painter: QPainter,
        frame: Frame,
        lines: Sequence[CostLine],
        labels: Sequence[list[tuple[str, float, int, str]]],
    ) -> None:
        ends = [_end(line, frame) for line in lines]
        visible = [at for at, end in enumerate(ends) if not frame.y.free or frame.y.holds(end)]
        labels = [labels[at] for at in visible]
        heights = [sum(line_height(px, weight) for _, px, weight, _ in label) for label in labels]
        centres = [frame.y.held(ends[at]) for at in visible]
        for centre, label, height in zip(
            spread(centres, heights, frame.area.top() - u(20), frame.area.bottom() + u(6)), labels, heights, strict=True
        ):
            y = centre - height / 2
            for text, px, weight, ink in label:
                step = line_height(px, weight)
                draw_text(painter, frame.area.right() + u(9), y + step / 2, text, px, weight, ink)
                y += step

    @staticmethod
    def _shade(painter: QPainter, frame: Frame, data: CostCurveData, known: dict[int, list[int]]) -> None:
        if data.shade is None:
            return
        upper, lower = data.lines[data.shade[0]].values, data.lines[data.shade[1]].values
        size = min(len(upper), len(lower))
        if size < 2:
            return
        above = upper[:size] > lower[:size]
        if not above.any():
            return
        first = int(np.argmax(above))

        def bent(line: Floats) -> list[int]:
            return known[id(line)] if len(line) == size and id(line) in known else corners(line[:size])

        bends = [i for i in sorted({*bent(upper), *bent(lower), first}) if i >= first]
        xs = [float(month) for month in bends]
        ups, downs = [float(upper[i]) for i in bends], [float(lower[i]) for i in bends]
        main = next((crossing for crossing in data.crossings if crossing.main), None)
        if main is not None and first - 1 <= main.month <= size - 1:
            xs, ups, downs = [main.month, *xs], [main.amount, *ups], [main.amount, *downs]
        ink = data.lines[data.shade[1]].ink
        paint_band(
            painter, frame.points(xs, ups), frame.points(xs, downs), ink, 0.10 if theme().is_dark else 0.09, False
        )

    @staticmethod
    def _gap(painter: QPainter, frame: Frame, data: CostCurveData) -> None:
        """The difference in words where the lines are far enough apart: three quarters of the way, or at the right."""
        if data.shade is None or not data.gap:
            return
        upper, lower = (data.lines[index].values for index in data.shade)
        last = min(len(upper), len(lower)) - 1
        width = text_width(data.gap, 16, SEMIBOLD) + u(8)
        months = math.ceil(frame.x.invert(frame.area.left() + width))
        rightmost = last - months
        for start in (min(rightmost, round(0.78 * last - months / 2)), rightmost):
            if start < 0:
                return
            ends = [start, start + months]
            top = max(frame.y.clipped(float(upper[month])) for month in ends)
            bottom = min(frame.y.clipped(float(lower[month])) for month in ends)
            if bottom - top > line_height(16, SEMIBOLD):
                middle = (frame.x(float(start)) + frame.x(float(start + months))) / 2
                draw_text(painter, middle, (top + bottom) / 2, data.gap, 16, SEMIBOLD, "text", CENTER)
                return

    @staticmethod
    def _crossings(painter: QPainter, frame: Frame, data: CostCurveData, lines: Sequence[CostLine]) -> None:
        taken: list[QRectF] = []
        visible = [crossing for crossing in data.crossings if frame.holds(crossing.month, crossing.amount)]
        for crossing in sorted(visible, key=lambda one: not one.main):
            at = frame.point(crossing.month, crossing.amount)
            px, weight = (15, SEMIBOLD) if crossing.main else (13, NORMAL)
            width, height = text_width(crossing.text, px, weight), line_height(px, weight)
            if crossing.main:
                vline(painter, at.x(), at.y(), frame.area.bottom(), "text_2", 1.2, (3, 3))
            spots = [
                QRectF(at.x() + u(9), frame.area.bottom() - height - u(5), width, height),
                QRectF(at.x() + u(6), at.y() + u(5), width, height),
                QRectF(at.x() - width - u(9), frame.area.bottom() - height - u(5), width, height),
                QRectF(at.x() - width - u(8), at.y() - height - u(8), width, height),
            ]
            if not crossing.main:
                spots = [spots[1], spots[1].translated(0, u(8)), spots[3], spots[0]]
            if frame.area.bottom() - at.y() < height + u(8):  # no room between the lines and the axis
                above = at.y() - height - u(8)
                heights = [above - step * u(14) for step in range(8)]
                spots = [QRectF(at.x() + u(3), y, width, height) for y in heights] + spots[2:]
            inside = [
                s for s in spots
                if s.left() >= frame.area.left() and s.right() <= frame.area.right() + 2
                and s.bottom() <= frame.area.bottom() and s.top() >= frame.area.top() - u(10)
            ]  # fmt: skip
            free = [s for s in inside if not any(s.intersects(other) for other in taken)]
            best = _clearest(free or inside or spots[:1], frame, lines)
            dot(painter, at, *(("text", "card") if crossing.main else ("card", "text_2")), u(5.5), 2)
            draw_text(painter, best.left(), best.center().y(), crossing.text, px, weight, "text", halo=None)
            taken.append(best)


def _end(line: CostLine, frame: Frame) -> float:
    """Where a line leaves the area at its right."""
    month = min(float(len(line.values) - 1), frame.x.high)
    return float(np.interp(month, np.arange(len(line.values)), line.values))


def _clearest(spots: Sequence[QRectF], frame: Frame, lines: Sequence[CostLine]) -> QRectF:
    """The first of the places through which the fewest lines run."""
    best, fewest = spots[0], len(lines) + 1
    for spot in spots:
        hits = _hits(spot, frame, lines)
        if hits < fewest:
            best, fewest = spot, hits
        if not hits:
            break
    return best


def _hits(box: QRectF, frame: Frame, lines: Sequence[CostLine]) -> int:
    """How many lines run through a label's place."""
    hits, inner = 0, box.adjusted(0, 1, 0, -1)
    places = [box.left() + box.width() * step / 6 for step in range(7)]
    for line in lines:
        last = len(line.values) - 1
        for x in places:
            month = min(max(frame.x.invert(x), 0.0), float(last))
            first = min(int(month), last - 1)
            start, end = float(line.values[first]), float(line.values[first + 1])
            if inner.contains(QPointF(x, frame.y(start + (end - start) * (month - first)))):
                hits += 1
                break
    return hits


def _month_ticks(low: float, high: float, most: int) -> list[float]:
    """Ticks at halves and whole years, at months where the range is narrow."""
    steps = (6, 12, 24, 36) if high - low > 24 else (1, 2, 3, 6)
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    return [float(month) for month in range(step * math.ceil(low / step - 1e-9), math.floor(high + 1e-9) + 1, step)]
