"""Charts of the slides on paper: the numbers of :class:`model.slides.deck.ChartBlock`, painted."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mitsumori.gui.present.paper import line
from mitsumori.gui.theme.tokens import theme
from mitsumori.model.slides.blocks import ChartBlock

Scale = Callable[[float], float]
STYLES = {"dash": Qt.PenStyle.DashLine, "sysDot": Qt.PenStyle.DotLine, "dashDot": Qt.PenStyle.DashDotLine}
SMALL = 15
LEGEND, AXIS, TITLE = 26.0, 24.0, 22.0


def paint(painter: QPainter, block: ChartBlock, rect: QRectF) -> None:
    """Paint a chart into a rectangle of design pixels."""
    if len(block.series) > 1:
        _legend(painter, block, QRectF(rect.left(), rect.bottom() - LEGEND, rect.width(), LEGEND))
        rect = rect.adjusted(0, 0, 0, -LEGEND)
    if block.y_title:
        line(painter, QRectF(rect.left(), rect.top(), rect.width(), TITLE), block.y_title, SMALL, 400, "text_3")
        rect = rect.adjusted(0, TITLE, 0, 0)
    if block.kind == "xy":
        _curves(painter, block, rect)
    else:
        _bars(painter, block, rect)


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) from at most ``low`` to at least ``high``."""
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= count)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * index for index in range(first, last + 1)]


def _shown(value: float, block: ChartBlock) -> str:
    if block.number_format.endswith(",,"):
        value /= 1e6
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:,.2g}"


def _legend(painter: QPainter, block: ChartBlock, rect: QRectF) -> None:
    width = rect.width() / len(block.series)
    for index, series in enumerate(block.series):
        left = rect.left() + index * width
        painter.fillRect(QRectF(left, rect.center().y() - 4, 14, 8), QColor("#" + series.color))
        line(painter, QRectF(left + 20, rect.top(), width - 24, rect.height()), series.name, SMALL, 400, "text_2")


def _curves(painter: QPainter, block: ChartBlock, rect: QRectF) -> None:
    across = [x for x in block.categories if isinstance(x, int | float)]
    values = [y for series in block.series for y in series.values if y is not None]
    if not across or not values:
        return
    marks_x = _decades(across) if block.log_x else ticks(min(across), max(across))
    marks_y = _decades(values) if block.log else ticks(min(0.0, *values), max(values))
    if block.step_x:
        marks_x = [block.step_x * index for index in range(int(max(across) / block.step_x) + 1)]
    plot = rect.adjusted(66, 6, -26, -AXIS - (TITLE if block.x_title else 0))
    high_x = max(max(across), marks_x[-1]) if not block.step_x else max(across)
    at_x = _scale(marks_x[0], high_x, plot.left(), plot.right(), block.log_x)
    at_y = _scale(marks_y[0], marks_y[-1], plot.bottom(), plot.top(), block.log)
    _grid(painter, block, plot, marks_y, at_y)
    for x in marks_x:
        line(painter, QRectF(at_x(x) - 30, plot.bottom() + 2, 60, AXIS), f"{x:,.0f}", SMALL, 400, "text_3",
             Qt.AlignmentFlag.AlignHCenter)  # fmt: skip
    if block.x_title:
        place = QRectF(plot.left(), plot.bottom() + AXIS, plot.width(), TITLE)
        line(painter, place, block.x_title, SMALL, 400, "text_3", Qt.AlignmentFlag.AlignRight)
    for series in block.series:
        points = [
            QPointF(at_x(float(x)), at_y(y))
            for x, y in zip(block.categories, series.values, strict=True)
            if y is not None and isinstance(x, int | float)
        ]
        painter.setPen(QPen(QColor("#" + series.color), 2.5, STYLES.get(series.dash, Qt.PenStyle.SolidLine)))
        for start, end in pairwise(points):
            painter.drawLine(start, end)
        if block.log_x:
            painter.setBrush(QColor("#" + series.color))
            for point in points:
                painter.drawEllipse(point, 3.5, 3.5)


def _decades(values: list[float]) -> list[float]:
    positive = [value for value in values if value > 0]
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _scale(low: float, high: float, start: float, end: float, log: bool) -> Scale:
    if log:
        bottom, top = math.log10(low), math.log10(high)
        return lambda value: start + (math.log10(max(value, low)) - bottom) / (top - bottom) * (end - start)
    return lambda value: start + (value - low) / max(high - low, 1e-12) * (end - start)


def _grid(painter: QPainter, block: ChartBlock, plot: QRectF, marks: list[float], at: Scale) -> None:
    for y in marks:
        painter.setPen(QPen(theme().color("grid" if y else "line_strong"), 1))
        painter.drawLine(QPointF(plot.left(), at(y)), QPointF(plot.right(), at(y)))
        line(painter, QRectF(plot.left() - 66, at(y) - 10, 58, 20), _shown(y, block), SMALL, 400, "text_3",
             Qt.AlignmentFlag.AlignRight)  # fmt: skip


def _bars(painter: QPainter, block: ChartBlock, rect: QRectF) -> None:
    """Bars beside or on top of each other; a missing value leaves a gap."""
    lying, stacked = block.kind in ("bar", "stacked_bar"), block.kind.startswith("stacked")
    tops = [0.0]
    for index in range(len(block.categories)):
        parts = [series.values[index] or 0.0 for series in block.series]
        tops += [sum(parts)] if stacked else parts
    marks = ticks(min(tops), max(tops)) if max(tops) > min(tops) else [0.0, 1.0]
    if lying:
        names = max((theme().metrics(SMALL).horizontalAdvance(str(name)) for name in block.categories), default=0)
        plot = rect.adjusted(min(names + 12, rect.width() * 0.45), 4, -60, -AXIS)
        at = _scale(marks[0], marks[-1], plot.left(), plot.right(), False)
        room = plot.height() / max(1, len(block.categories))
    else:
        plot = rect.adjusted(66, 20, -8, -AXIS)
        at = _scale(marks[0], marks[-1], plot.bottom(), plot.top(), False)
        room = plot.width() / max(1, len(block.categories))
    if lying:
        for mark in marks:
            painter.setPen(QPen(theme().color("grid" if mark else "line_strong"), 1))
            painter.drawLine(QPointF(at(mark), plot.top()), QPointF(at(mark), plot.bottom()))
            line(painter, QRectF(at(mark) - 40, plot.bottom() + 2, 80, AXIS), _shown(mark, block), SMALL, 400, "text_3",
                 Qt.AlignmentFlag.AlignHCenter)  # fmt: skip
    else:
        _grid(painter, block, plot, marks, at)
    for index, name in enumerate(block.categories):
        start = (plot.top() if lying else plot.left()) + room * index
        base = 0.0
        for series in block.series:
            value = series.values[index]
            if value is None:
                continue
            one, two = at(base), at(base + value)
            thick, edge = room * 0.62, start + room * 0.19
            box = QRectF(min(one, two), edge, abs(two - one), thick) if lying else QRectF(edge, min(one, two), thick,
                                                                                         abs(two - one))  # fmt: skip
            painter.fillRect(box, QColor("#" + series.color))
            if len(block.series) == 1:
                place = QRectF(box.right() + 4, box.top(), 60, box.height()) if lying else QRectF(
                    start, box.top() - 21, room, 20)  # fmt: skip
                side = Qt.AlignmentFlag.AlignLeft if lying else Qt.AlignmentFlag.AlignHCenter
                line(painter, place, _shown(value, block), SMALL, 400, "text_2", side)
            base = base + value if stacked else 0.0
        place = QRectF(rect.left(), start, plot.left() - rect.left() - 8, room) if lying else QRectF(
            start, plot.bottom() + 2, room, AXIS)  # fmt: skip
        side = Qt.AlignmentFlag.AlignRight if lying else Qt.AlignmentFlag.AlignHCenter
        line(painter, place, str(name), SMALL, 400, "text_2", side)
