"""The colour scale of the heat table."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import NORMAL, RIGHT, draw_text, text_width, u
from mitsumori.gui.tables.cells import mix
from mitsumori.gui.theme.tokens import theme


class HeatScale(Chart):
    """The colour scale of the heat table, few to many."""

    least = (260, 22)

    def __init__(self) -> None:
        super().__init__()
        self._ends = ("", "")

    def set_data(self, low: str, high: str) -> None:
        """The texts of both ends."""
        self._ends = (low, high)
        self.shown(low, high)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Text, steps, text."""
        low_w, high_w = (text_width(text, 13) for text in self._ends)
        draw_text(painter, rect.left() + low_w, rect.center().y(), self._ends[0], 13, NORMAL, "text_2", RIGHT)
        draw_text(painter, rect.right() - high_w, rect.center().y(), self._ends[1], 13, NORMAL, "text_2")
        left, right = rect.left() + low_w + u(8), rect.right() - high_w - u(8)
        steps = 48
        for step in range(steps):
            box = QRectF(
                left + (right - left) * step / steps, rect.center().y() - u(5), (right - left) / steps + 0.6, u(10)
            )
            painter.fillRect(box, mix(theme().heat_scale(), step / (steps - 1)))
