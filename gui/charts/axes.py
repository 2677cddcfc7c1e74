"""Axes of the line charts: hairlines across, ticks below, units inside at the top and at the right end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import CENTER, RIGHT, Scale, color, draw_text, hline, text_width, u

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area and its two scales."""

    area: QRectF
    x: Scale
    y: Scale

    def point(self, x: float, y: float) -> QPointF:
        """Pixel of a pair of values, held inside the area."""
        return QPointF(self.x.clipped(x), self.y.clipped(y))

    def points(self, xs: Sequence[float] | Floats, ys: Sequence[float] | Floats) -> list[QPointF]:
        """Pixels of two sequences."""
        return [QPointF(x, y) for x, y in zip(self.x.array(xs), self.y.array(ys), strict=True)]


def paint_axes(
    painter: QPainter,
    rect: QRectF,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    x_text: Callable[[float], str],
    y_text: Callable[[float], str],
    x_unit: str = "",
    y_unit: str = "",
    x_log: bool = False,
    y_log: bool = False,
    right: float = 0.0,
    top: float | None = None,
    chart: Chart | None = None,
) -> Frame:
    """Draw hairlines, tick labels and units; return the plot area.

    ``right`` is room kept for labels at the line ends, ``top`` room above the highest hairline. A ``chart`` keeps the
    picture of its axes, which stand still while a slider is dragged.
    """
    y_labels, x_labels = [y_text(tick) for tick in y_ticks], [x_text(tick) for tick in x_ticks]
    left = max((text_width(label, 12) for label in y_labels), default=0.0) + u(10)
    bottom = u(22) + (u(17) if x_unit else 0.0)
    head = (u(22) if y_unit else u(8)) if top is None else top
    last = max((text_width(label, 12) for label in x_labels[-1:]), default=0.0) / 2
    area = QRectF(
        rect.left() + left,
        rect.top() + head,
        max(u(40), rect.width() - left - max(right, last)),
        max(u(30), rect.height() - head - bottom),
    )
    x = Scale(*x_range, area.left(), area.right(), x_log)
    y = Scale(*y_range, area.bottom(), area.top(), y_log)

    def paint(painter: QPainter) -> None:
        for tick, label in zip(y_ticks, y_labels, strict=True):
            at = y(tick)
            if at < area.bottom() - 1:
                hline(painter, at, area.left(), area.right())
            draw_text(painter, area.left() - u(8), at, label, 12, 400, "text_3", RIGHT)
        hline(painter, area.bottom(), area.left(), area.right(), "line_strong")
        taken = -1e9
        for tick, label in zip(x_ticks, x_labels, strict=True):
            half = text_width(label, 12) / 2
            at = x(tick)
            if at - half < taken + u(6) or at > area.right() + 1:
                continue
            draw_text(painter, at, area.bottom() + u(13), label, 12, 400, "text_3", CENTER)
            taken = at + half
        if y_unit:
            draw_text(painter, area.left() + u(6), rect.top() + u(8), y_unit, 12, 400, "text_3")
        if x_unit:
            draw_text(painter, area.right(), area.bottom() + u(31), x_unit, 12, 400, "text_3", RIGHT)

    if chart is None:
        paint(painter)
    else:
        state = area.getRect(), x, y, tuple(x_ticks), tuple(y_ticks), tuple(x_labels), tuple(y_labels), x_unit, y_unit
        chart.layer(painter, "axes", rect, state, paint)
    return Frame(area, x, y)


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
