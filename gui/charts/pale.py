"""Charts that go pale while the answer to another plan is being computed, at next to no cost for the hand that drags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from gui.charts.base import Chart, Mark, same
from gui.i18n import language
from gui.theme import theme

PALE = 0.35
"""Opacity of what belongs to another plan."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The last picture, for what state it was made, and what answers the pointer on it."""

    key: tuple[Any, ...]
    image: QImage
    marks: tuple[Mark, ...]


class PaleChart(Chart):
    """Keeps its picture: becoming pale (``setEnabled(False)``) draws it again from the copy. A subclass writes ``paint``."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: _Kept | None = None

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint everything at full strength."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """The picture, pale when disabled."""
        if painter.device() is not self:
            self.paint(painter, rect)
            return
        ratio, look = self.devicePixelRatioF(), theme()
        key = (self._state, rect.size(), ratio, look.is_dark, look.scale, language())
        if self._kept is None or not same(self._kept.key, key):
            image = QImage((rect.size() * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            inner = QPainter(image)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(inner, QRectF(QPointF(0, 0), rect.size()))
            inner.end()
            self._kept = _Kept(key, image, tuple(self._marks))
        self._marks = list(self._kept.marks)
        painter.setOpacity(1.0 if self.isEnabled() else PALE)
        painter.drawImage(rect.topLeft(), self._kept.image)
        painter.setOpacity(1.0)
