"""Small drawing helpers shared by the controls."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.theme import theme


def box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None = None,
    border: QColor | None = None,
    width: float = 1.0,
    dashed: bool = False,
) -> None:
    """A rounded rectangle whose border lies inside ``rect`` on half pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2) if border is not None else rect
    if border is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        pen = QPen(border, width)
        if dashed:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    painter.drawRoundedRect(inner, radius, radius)


def left_bar(painter: QPainter, rect: QRectF, radius: float, color: QColor, width: float) -> None:
    """A bar along the left edge of a rounded rectangle, following its corners."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.fillRect(QRectF(rect.left(), rect.top(), width, rect.height()), color)
    painter.restore()


def card(painter: QPainter, rect: QRectF) -> None:
    """The surface of a card: fill and a hairline, no shadow."""
    box(painter, rect, theme().px(8), theme().color("card"), theme().color("line"))


def text(
    painter: QPainter,
    rect: QRectF,
    string: str,
    px: float,
    color: QColor,
    weight: int = 400,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line of text, vertically centred in ``rect``."""
    painter.setFont(theme().font(px, weight))
    painter.setPen(color)
    painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, string)


def text_at(
    painter: QPainter, x: float, baseline: float, string: str, px: float, color: QColor, weight: int = 400
) -> float:
    """Text from ``x`` on a baseline; returns where it ends."""
    painter.setFont(theme().font(px, weight))
    painter.setPen(color)
    painter.drawText(QPointF(x, baseline), string)
    return x + width_of(string, px, weight)


def width_of(string: str, px: float, weight: int = 400) -> float:
    """How wide a line of text is."""
    return _advance(theme().scale, px, weight, string)


@lru_cache(maxsize=2048)
def _advance(scale: float, px: float, weight: int, string: str) -> float:
    return theme().metrics(px, weight).horizontalAdvance(string)
