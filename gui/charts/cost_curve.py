"""Cumulative cost: cloud and owned lines, what owning saves, the month where they cross; bands of a simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.axes import Frame, corners, paint_axes, paint_band
from mitsumori.gui.charts.base import Chart, HeldRange, Mark, Table
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


class CumulativeCost(Chart):
    """Lines with labels at their ends; no legend."""

    least = (340, 190)

    def __init__(self) -> None:
        super().__init__()
        self._data: CostCurveData | None = None
        self._y = HeldRange()

    def set_data(self, data: CostCurveData) -> None:
        """Show other lines."""
        self._data = data
        self.shown(data)

    def table(self) -> Table:
        """One row a quarter, one column a line."""
        data = self._data
        if data is None or not data.lines:
            return Table((translate("Cost", "Month"),))
        months = max(len(line.values) for line in data.lines)
        headers = (translate("Cost", "Month"), *(line.name for line in data.lines))
        rows = tuple(
            (
                str(month),
                *(
                    money(float(line.values[month]), data.currency) if month < len(line.values) else ""
                    for line in data.lines
                ),
            )
            for month in range(0, months, 3 if months > 13 else 1)
        )
        return Table(headers, rows)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Paint lines, shade, crossings and end labels."""
        data = self._data
        if data is None:
            return
        lines = [line for line in data.lines if len(line.values) > 1]
        if not lines:
            draw_text(painter, rect.center().x(), rect.center().y(), data.empty, 14, NORMAL, "text_3", CENTER)
            return
        months = max(len(line.values) for line in lines) - 1
        most = max(float((line.values if line.high is None else line.high).max()) for line in lines)
        _, top_value = self._y.fit(0.0, nice_ceiling(most * 1.04), most=most)
        factor, unit = money_axis(top_value, data.currency)
        labels = [self._label(line, data.currency) for line in lines]
        right = max(max(text_width(text, px, weight) for text, px, weight, _ in label) for label in labels) + u(14)
        frame = paint_axes(
            painter,
            rect,
            (0.0, float(months)),
            (0.0, top_value),
            _month_ticks(months, max(2, int(rect.width() / u(56)))),
            linear_ticks(0.0, top_value, max(2, int(rect.height() / u(46)))),
            plain,
            lambda value: plain(round(value / factor, 6)),
            translate("Cost", "months in service"),
            translate("Cost", "cumulative ({unit})").format(unit=unit),
            right=min(right, rect.width() * 0.45),
            chart=self,
        )
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
        self._gap(painter, frame, data)
        self._ends(painter, frame, lines, labels)
        self._crossings(painter, frame, data, lines)
        self.marks_later(lambda: self._tips(frame, lines, data.currency))

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
        heights = [sum(line_height(px, weight) for _, px, weight, _ in label) for label in labels]
        centres = [frame.y.clipped(float(line.values[-1])) for line in lines]
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
        for crossing in sorted(data.crossings, key=lambda one: not one.main):
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
            inside = [s for s in spots if s.left() >= frame.area.left() and s.right() <= frame.area.right() + 2]
            free = [s for s in inside if not any(s.intersects(other) for other in taken)]
            best = _clearest(free or inside or spots[:1], frame, lines)
            dot(painter, at, *(("text", "card") if crossing.main else ("card", "text_2")), u(5.5), 2)
            draw_text(painter, best.left(), best.center().y(), crossing.text, px, weight, "text", halo=None)
            taken.append(best)

    def _tips(self, frame: Frame, lines: Sequence[CostLine], currency: str) -> list[Mark]:
        months = max(len(line.values) for line in lines)
        step = max(1, months // 30)
        width = frame.area.width() / max(1, (months - 1)) * step
        return [
            Mark(
                QRectF(frame.x(float(month)) - width / 2, frame.area.top(), width, frame.area.height()),
                lambda month=month: self._tip(month, lines, currency),
            )
            for month in range(0, months, step)
        ]

    @staticmethod
    def _tip(month: int, lines: Sequence[CostLine], currency: str) -> str:
        amounts = [
            f"{line.name}: {money(float(line.values[month]), currency)}{line.mark}"
            for line in lines
            if month < len(line.values)
        ]
        return "\n".join((translate("Cost", "Month {month}").format(month=month), *amounts))


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


def _month_ticks(months: int, most: int) -> list[float]:
    step = next((step for step in (6, 12, 24, 36) if months / step <= most), 36)
    return [float(month) for month in range(0, months + 1, step)]


__all__ = ["CostCurveData", "CostLine", "Crossing", "CumulativeCost"]
