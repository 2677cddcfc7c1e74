"""Charts that go pale while the answer to another plan is being computed, at next to no cost for the hand that drags."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from mitsumori.gui.charts.base import Chart, Mark
from mitsumori.gui.words.translation import language

PALE = 0.35
"""Opacity of what belongs to another plan."""


class PaleChart(Chart):
    """Keeps its whole picture: pale (``setEnabled(False)``) it is drawn from that. A subclass writes ``paint``."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: tuple[Mark, ...] = ()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint everything at full strength."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """The picture, pale when disabled."""
        if not isinstance(painter.device(), QWidget):
            self.paint(painter, rect)
            return

        def anew(inner: QPainter) -> None:
            self._marks.clear()
            self.paint(inner, rect)
            self._kept = self._marks.all()

        painter.setOpacity(1.0 if self.isEnabled() else PALE)
        self.layer(painter, "whole", rect, (self._state, language()), anew)
        painter.setOpacity(1.0)
        self._marks.clear()
        for mark in self._kept:
            self._marks.add(mark)
