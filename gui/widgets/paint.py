"""Small drawing helpers shared by the controls."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTextLayout
from PySide6.QtWidgets import QWidget

from mitsumori.gui.theme.tokens import theme

CARD_RADIUS = 8
_CENTRED = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
SMOOTH = QPainter.RenderHint.Antialiasing
"""Looked up once for what every tick paints: Python 3.11 finds a member of an enumeration by a call."""
_NO_PEN, _NO_BRUSH = Qt.PenStyle.NoPen, Qt.BrushStyle.NoBrush
_RIGHT, _MIDDLE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


def shortened(words: str, px: float, room: float, weight: int = 400) -> str:
    """A name as it fits: its end stays whole, by which one is told from another (the GPU of a server, a region).

    Parameters
    ----------
    words
        The name; what stands behind the last middle dot is its end, else the middle is left out.
    px, weight
        Of the type, at scale 1.
    room
        Width in pixels.
    """
    if width_of(words, px, weight) <= room:
        return words
    metrics = theme().metrics(px, weight)
    head, dot, end = words.rpartition(" · ")
    tail = width_of(dot + end, px, weight)
    if dot and tail <= 0.7 * room:
        return metrics.elidedText(head, Qt.TextElideMode.ElideRight, int(room - tail)) + dot + end
    return metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, int(room))


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
    painter.setRenderHint(SMOOTH)
    inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2) if border is not None else rect
    if border is None:
        painter.setPen(_NO_PEN)
    else:
        pen = QPen(border, width)
        if dashed:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
    if fill is None:
        painter.setBrush(_NO_BRUSH)
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


def inside_card(rect: QRect) -> QRect:
    """The part of a card between its corners, without the hairline: what shows its fill alone."""
    corner = theme().px(CARD_RADIUS) + 1
    return rect.adjusted(1, corner, -1, -corner)


def card(painter: QPainter, rect: QRectF, dirty: QRect | None = None) -> None:
    """The surface of a card: fill and a hairline, no shadow; in a window with the ground that its corners leave free.

    On whole pixels of a window only the corners are curves, taken from a picture of them: rounding a large rectangle takes
    Qt several times as long as filling it. ``dirty`` is what has to be painted: all where None.
    """
    look, device = theme(), painter.device()
    ground = look.color("window")
    radius, fill, line = look.px(CARD_RADIUS), look.color("card"), look.color("line")
    ratio = device.devicePixelRatioF() if isinstance(device, QWidget) else 0.0
    whole = rect.toRect()
    if ratio not in (1.0, 2.0, 3.0) or QRectF(whole) != rect or min(whole.width(), whole.height()) < 2 * radius + 4:
        if ratio:
            painter.fillRect(rect, ground)
        box(painter, rect, radius, fill, line)
        return
    if dirty is not None and inside_card(whole).contains(dirty):
        painter.fillRect(dirty, fill)
        return
    size = radius + 1
    corners = _corners(radius, fill.name(), line.name(), ground.name(), ratio)
    x, y, width, height = whole.x(), whole.y(), whole.width(), whole.height()
    right, bottom, inner, tall = x + width - size, y + height - size, width - 2 * size, height - 2 * size
    cut = size * ratio
    for left, top, column, row in ((x, y, 0, 0), (right, y, cut, 0), (x, bottom, 0, cut), (right, bottom, cut, cut)):
        painter.drawPixmap(QRectF(left, top, size, size), corners, QRectF(column, row, cut, cut))
    painter.fillRect(x + size, y + 1, inner, height - 2, fill)
    painter.fillRect(x + 1, y + size, size - 1, tall, fill)
    painter.fillRect(right, y + size, size - 1, tall, fill)
    painter.fillRect(x + size, y, inner, 1, line)
    painter.fillRect(x + size, y + height - 1, inner, 1, line)
    painter.fillRect(x, y + size, 1, tall, line)
    painter.fillRect(x + width - 1, y + size, 1, tall, line)


@lru_cache(maxsize=16)
def _corners(radius: int, fill: str, line: str, ground: str, ratio: float) -> QPixmap:
    """The four corners of a card, side by side."""
    side = 2 * (radius + 1)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(ground))
    painter = QPainter(pixmap)
    box(painter, QRectF(0, 0, side, side), radius, QColor(fill), QColor(line))
    painter.end()
    return pixmap


def text(
    painter: QPainter,
    rect: QRectF,
    string: str,
    px: float,
    color: QColor,
    weight: int = 400,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line of text, vertically centred in ``rect``; what is wider is cut off there."""
    room = rect.width() - width_of(string, px, weight)
    painter.setPen(color)
    if room < 0 or not string:
        painter.setFont(theme().font(px, weight))
        painter.drawText(rect, align | _CENTRED, string)
        return
    layout, ascent, descent = _line(theme().scale, px, weight, string)
    start = rect.left() + (room if align is _RIGHT else room / 2 if align is _MIDDLE else 0.0)
    layout.draw(painter, QPointF(start, rect.top() + (rect.height() - ascent - descent) / 2))


def text_at(
    painter: QPainter, x: float, baseline: float, string: str, px: float, color: QColor, weight: int = 400
) -> float:
    """Text from ``x`` on a baseline; returns where it ends."""
    painter.setPen(color)
    write(painter, x, baseline, string, px, weight)
    return x + width_of(string, px, weight)


def write(painter: QPainter, x: float, baseline: float, string: str, px: float, weight: int = 400) -> None:
    """Text from ``x`` on a baseline in the painter's pen."""
    if string:
        layout, ascent, _ = _line(theme().scale, px, weight, string)
        layout.draw(painter, QPointF(x, baseline - ascent))


@lru_cache(maxsize=256)
def _line(scale: float, px: float, weight: int, string: str) -> tuple[QTextLayout, float, float]:
    """A line of text, shaped, its ascent and descent: to shape it takes Qt several times as long as to paint it."""
    layout = QTextLayout(string, theme().font(px, weight))
    layout.setCacheEnabled(True)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    return layout, line.ascent(), line.descent()


def width_of(string: str, px: float, weight: int = 400) -> float:
    """How wide a line of text is."""
    return _advance(theme().scale, px, weight, string)


@lru_cache(maxsize=2048)
def _advance(scale: float, px: float, weight: int, string: str) -> float:
    return theme().metrics(px, weight).horizontalAdvance(string)
