"""Axes of the charts with two of them: hairlines across, ticks below, units inside at the top and at the right end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from mitsumori.gui.charts.painting import CENTER, RIGHT, Scale, color, draw_text, hline, text_width, u

Floats = npt.NDArray[np.float64]
Pair = tuple[float, float]
Ticks = Callable[[float, float, QRectF], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area and its two scales."""

    area: QRectF
    x: Scale
    y: Scale

    def point(self, x: float, y: float) -> QPointF:
        """Pixel of a pair of values, held inside the area unless the chart is zoomed."""
        return QPointF(self.x.clipped(x), self.y.clipped(y))

    def points(self, xs: Sequence[float] | Floats, ys: Sequence[float] | Floats) -> list[QPointF]:
        """Pixels of two sequences."""
        return [QPointF(x, y) for x, y in zip(self.x.array(xs), self.y.array(ys), strict=True)]

    def holds(self, x: float, y: float) -> bool:
        """Whether a pair of values lies in the area: always where nothing is zoomed."""
        return (not self.x.free or self.x.holds(x)) and (not self.y.free or self.y.holds(y))


@dataclass(frozen=True, slots=True)
class Value:
    """One series at a place of the data: name, value as people read it, its interval, where it stands."""

    name: str
    text: str
    ink: str
    y: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One place of the data with the values of all series; ``key`` is what choosing it opens or changes."""

    x: float
    title: str
    values: tuple[Value, ...] = ()
    key: object = None
    note: str = ""

    def words(self) -> str:
        """What is spoken of it."""
        said = [" ".join(part for part in (value.name, value.text, value.note) if part) for value in self.values]
        return "\n".join(part for part in (self.title, *said, self.note) if part)


@dataclass(frozen=True, slots=True)
class Placed:
    """Axes in a place: scales, ticks and their texts."""

    rect: QRectF
    frame: Frame
    x_ticks: tuple[float, ...]
    y_ticks: tuple[float, ...]
    x_labels: tuple[str, ...]
    y_labels: tuple[str, ...]
    x_unit: str
    y_unit: str

    def state(self) -> tuple[object, ...]:
        """Everything that the picture of the axes depends on."""
        frame = self.frame
        scales = frame.area.getRect(), frame.x, frame.y
        return scales, self.x_ticks, self.y_ticks, self.x_labels, self.y_labels, self.x_unit, self.y_unit

    def paint(self, painter: QPainter) -> None:
        """Hairlines, ticks and units."""
        area, x, y = self.frame.area, self.frame.x, self.frame.y
        for tick, label in zip(self.y_ticks, self.y_labels, strict=True):
            at = y(tick)
            if at < area.bottom() - 1:
                hline(painter, at, area.left(), area.right())
            draw_text(painter, area.left() - u(8), at, label, 12, 400, "text_3", RIGHT)
        hline(painter, area.bottom(), area.left(), area.right(), "line_strong")
        taken = -1e9
        for tick, label in zip(self.x_ticks, self.x_labels, strict=True):
            half = text_width(label, 12) / 2
            at = x(tick)
            if at - half < taken + u(6) or at > area.right() + 1:
                continue
            draw_text(painter, at, area.bottom() + u(13), label, 12, 400, "text_3", CENTER)
            taken = at + half
        if self.y_unit:
            draw_text(painter, area.left() + u(6), self.rect.top() + u(8), self.y_unit, 12, 400, "text_3")
        if self.x_unit:
            draw_text(painter, area.right(), area.bottom() + u(31), self.x_unit, 12, 400, "text_3", RIGHT)


@dataclass(frozen=True, slots=True)
class Axes:
    """Ranges of the data, functions that give ticks and texts for any range within them, units.

    ``right`` is room kept for labels at the line ends, ``top`` room above the highest hairline, in pixels.
    """

    x: Pair
    y: Pair
    x_ticks: Ticks
    y_ticks: Ticks
    x_text: Callable[[float], str]
    y_text: Callable[[float], str]
    x_unit: str = ""
    y_unit: str = ""
    x_log: bool = False
    y_log: bool = False
    right: float = 0.0
    top: float | None = None

    def linear(self) -> tuple[Pair, Pair]:
        """The ranges as a view box has them: logarithms of a logarithmic axis."""
        return _linear(self.x, self.x_log), _linear(self.y, self.y_log)

    def placed(self, rect: QRectF, shown: tuple[Pair, Pair] | None = None) -> Placed:
        """Lay the axes out in a place; ``shown`` is a range within (as :meth:`linear` gives them) that is magnified."""
        x_range, y_range = self.x, self.y
        if shown is not None:
            x_range, y_range = _values(shown[0], self.x_log), _values(shown[1], self.y_log)
        x_ticks = tuple(self.x_ticks(*x_range, rect))
        y_ticks = tuple(self.y_ticks(*y_range, rect))
        x_labels, y_labels = tuple(map(self.x_text, x_ticks)), tuple(map(self.y_text, y_ticks))
        widest = max((text_width(label, 12) for label in y_labels), default=0.0)
        if shown is not None:  # the area stands still while it is panned
            home = max((text_width(self.y_text(tick), 12) for tick in self.y_ticks(*self.y, rect)), default=0.0)
            widest = home if widest <= home else 8 * math.ceil(widest / 8)
        left = widest + u(10)
        bottom = u(22) + (u(17) if self.x_unit else 0.0)
        head = (u(22) if self.y_unit else u(8)) if self.top is None else self.top
        last = max((text_width(label, 12) for label in x_labels[-1:]), default=0.0) / 2
        area = QRectF(
            rect.left() + left,
            rect.top() + head,
            max(u(40), rect.width() - left - max(self.right, last)),
            max(u(30), rect.height() - head - bottom),
        )
        free = shown is not None
        x = Scale(*x_range, area.left(), area.right(), self.x_log, free)
        y = Scale(*y_range, area.bottom(), area.top(), self.y_log, free)
        frame = Frame(area, x, y)
        return Placed(rect, frame, x_ticks, y_ticks, x_labels, y_labels, self.x_unit, self.y_unit)


def _linear(ends: Pair, log: bool) -> Pair:
    return (math.log10(ends[0]), math.log10(ends[1])) if log else ends


def _values(ends: Pair, log: bool) -> Pair:
    return (10.0 ** ends[0], 10.0 ** ends[1]) if log else ends


def paint_band(
    painter: QPainter, upper: Sequence[QPointF], lower: Sequence[QPointF], ink: str, alpha: float, smooth: bool = True
) -> None:
    """Fill between two lines; not ``smooth`` where lines are drawn over the edges anyway."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(ink, alpha))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def corners(values: Floats) -> list[int]:
    """The places where a line bends: what is needed to draw it."""
    if len(values) < 3:
        return list(range(len(values)))
    bend = np.abs(values[2:] - 2.0 * values[1:-1] + values[:-2]) > 1e-9 * (float(np.abs(values).max()) or 1.0)
    return [0, *(np.flatnonzero(bend) + 1).tolist(), len(values) - 1]
