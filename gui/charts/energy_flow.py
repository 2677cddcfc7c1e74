"""Where the utility's power goes, as streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.numbers import number
from mitsumori.gui.charts.painting import (
    NORMAL,
    SEMIBOLD,
    bar,
    color,
    draw_rich,
    draw_text,
    line_height,
    rich_width,
    spread,
    text_width,
    u,
)
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class FlowPart:
    """One stream of power: name, kW, colour token."""

    name: str
    kw: float
    ink: str
    key: object = None


class EnergyFlow(Chart):
    """Where the utility's power goes: drawn as streams from the utility at left to its uses at right."""

    least = (340, 150)

    def __init__(self) -> None:
        super().__init__()
        self._source = ("", "")
        self._parts: tuple[FlowPart, ...] = ()

    def set_data(self, source: tuple[str, str], parts: Sequence[FlowPart]) -> None:
        """The utility's name and amount, and the streams from top to bottom."""
        self._source, self._parts = source, tuple(part for part in parts if part.kw > 0)
        self.shown(source, parts)

    def table(self) -> Table:
        """Use and kW."""
        columns = (Column(translate("Racks", "Use")), Column(translate("Racks", "Power"), "kW", number=True))
        rows = tuple((Cell(part.name), Cell(number(part.kw), part.kw)) for part in self._parts)
        return Table(columns, rows, tuple(part.key for part in self._parts))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """One block at left, curved streams, labels at right kept apart."""
        total = sum(part.kw for part in self._parts)
        if total <= 0:
            return
        runs = [
            [(p.name, 13, NORMAL, "text_2"), (number(p.kw), 14, SEMIBOLD, "text"), ("kW", 12, NORMAL, "text_3")]
            for p in self._parts
        ]
        labels = max(rich_width(run, u(6)) for run in runs) + u(4)
        source_w = max(text_width(self._source[0], 13), text_width(self._source[1], 15, SEMIBOLD)) + u(14)
        left, right = rect.left() + source_w, rect.right() - labels - u(16)
        gap = u(7)
        free = rect.height() - gap * (len(self._parts) - 1) - u(6)
        heights = [max(2.0, free * part.kw / total) for part in self._parts]
        factor = free / sum(heights)
        heights = [height * factor for height in heights]
        block = sum(heights)
        top = rect.top() + (rect.height() - block) / 2
        bar(painter, QRectF(left - u(8), top, u(8), block), "line_strong", 1)
        middle = rect.center().y()
        draw_text(painter, rect.left(), middle - line_height(13) / 2, self._source[0], 13, NORMAL, "text_2")
        draw_text(painter, rect.left(), middle + line_height(15) / 2, self._source[1], 15, SEMIBOLD)
        y_left, y_right = top, rect.top() + u(3)
        centres = []
        for part, height in zip(self._parts, heights, strict=True):
            path = QPainterPath()
            mid = (left + right) / 2
            path.moveTo(left, y_left)
            path.cubicTo(mid, y_left, mid, y_right, right, y_right)
            path.lineTo(right, y_right + height)
            path.cubicTo(mid, y_right + height, mid, y_left + height, left, y_left + height)
            path.closeSubpath()
            painter.fillPath(path, color(part.ink, 0.55))
            bar(painter, QRectF(right, y_right, u(6), height), part.ink, 0)
            self.mark(
                QRectF(left, min(y_left, y_right), right - left + labels, max(height, u(14))),
                f"{part.name}: {number(part.kw)} kW",
                part.key,
            )
            centres.append(y_right + height / 2)
            y_left += height
            y_right += height + gap
        steps = [line_height(14)] * len(centres)
        places = spread(centres, steps, rect.top(), rect.bottom(), 1)
        for run, at in zip(runs, places, strict=True):
            draw_rich(painter, right + u(14), at, run, gap=u(6))
