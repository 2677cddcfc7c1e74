"""What stands in the scene of a chart: axes that are painted once, the chart itself, the crosshair with its values."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from mitsumori.gui.charts.axes import Frame, Reading
from mitsumori.gui.charts.painting import (
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    dot,
    draw_text,
    line_height,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import SMOOTH, box


class Painted(QGraphicsObject):
    """An item as large as the chart that paints by one function, in pixels of the chart."""

    def __init__(self, paint: Callable[[QPainter], None], level: float, under: Painted | None = None) -> None:
        super().__init__()
        self._paint, self._under = paint, under
        self._rect = QRectF()
        self.setZValue(level)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_rect(self, rect: QRectF) -> None:
        """The place of the chart."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = QRectF(rect)

    def boundingRect(self) -> QRectF:
        """The whole chart."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint it."""
        painter.setRenderHint(SMOOTH)
        self._paint(painter)

    def pictured(self, ratio: float) -> QPixmap:
        """A picture on what it stands on, which letters are smoothed against: the ground, and an item under it."""
        pixmap = QPixmap(self._rect.size().toSize() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.scene().views()[0].backgroundBrush().color())
        inner = QPainter(pixmap)
        inner.setRenderHint(SMOOTH)
        if self._under is not None:
            self._under._paint(inner)
        self._paint(inner)
        inner.end()
        return pixmap


class Contents(Painted):
    """What a chart shows. A view that comes back as it was paints it into a picture the first time, and then from it."""

    def __init__(self, paint: Callable[[QPainter], None], under: Painted | None = None) -> None:
        super().__init__(paint, 2, under)
        self._painted = self._back = False
        self._ratio = 0.0
        self._picture = QPixmapCache.Key()

    def renew(self) -> None:
        """It shows something else from now on."""
        self._painted = False

    def come_back(self) -> None:
        """The view was hidden and is seen again."""
        self._back = self._painted

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint it, or the picture of it where it comes back and nothing changed since it was painted."""
        if not self._back or not self._painted or widget is None or self._rect.isEmpty():
            if not self._painted:
                self._ratio = 0.0
            self._painted = widget is not None
            super().paint(painter, option, widget)
            return
        self._back = False
        ratio, kept = widget.devicePixelRatioF(), QPixmap()
        if self._ratio != ratio or not QPixmapCache.find(self._picture, kept):
            kept = self.pictured(ratio)
            self._picture, self._ratio = QPixmapCache.insert(kept), ratio
        painter.drawPixmap(self._rect.topLeft(), kept)


class Axes(Painted):
    """Hairlines, ticks and units: kept as a picture until they change.

    The picture is our own: that of the scene (a cache mode) would be painted a round of the event loop later.
    """

    def __init__(self, paint: Callable[[QPainter], None]) -> None:
        super().__init__(paint, 0)
        self._state: object = None
        self._kept: tuple[object, QPixmap] | None = None

    def show_state(self, state: object) -> None:
        """Everything that the picture depends on: painted anew only when that differs."""
        self._state = state

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The picture in a window, the axes themselves elsewhere."""
        if widget is None or self._rect.isEmpty():
            super().paint(painter, option, widget)
            return
        look, ratio = theme(), widget.devicePixelRatioF()
        full = self._state, look.name, look.scale, ratio, self._rect.getRect()
        if self._kept is None or self._kept[0] != full:
            self._kept = full, self.pictured(ratio)
        painter.drawPixmap(self._rect.topLeft(), self._kept[1])


def paint_readout(painter: QPainter, frame: Frame, reading: Reading) -> None:
    """The crosshair at one place of the data: a line, a dot on each series, and a box with all values and intervals."""
    x = frame.x(reading.x)
    if not frame.area.left() - 1 <= x <= frame.area.right() + 1:
        return
    vline(painter, x, frame.area.top(), frame.area.bottom(), "text_3", 1)
    for value in reading.values:
        if value.y is not None and frame.y.holds(value.y):
            dot(painter, QPointF(x, frame.y(value.y)), value.ink, "card", u(4.5), 1.6)
    _box(painter, frame, reading, x)


def _box(painter: QPainter, frame: Frame, reading: Reading, x: float) -> None:
    pad, step, mark, room = u(9), line_height(13) + u(2), u(14), frame.area
    names = max((text_width(value.name, 13) for value in reading.values), default=0.0)
    texts = max((text_width(value.text, 13, SEMIBOLD) for value in reading.values), default=0.0)
    notes = max((text_width(value.note, 12) for value in reading.values), default=0.0)
    under = mark + names + u(14) + texts + u(8) + notes > 0.45 * room.width()  # intervals stand below their values
    beside = mark + names + u(14) + texts + (u(8) + notes if notes and not under else 0.0)
    inner = max(beside, text_width(reading.title, 13, SEMIBOLD), mark + notes if under else 0.0)
    most = max(inner, room.width() - 2 * pad)
    more = [part for line in reading.note.split("\n") if line for part in wrap(line, 12, NORMAL, most, 9)]
    inner = max([inner, *(text_width(line, 12) for line in more)])
    lines = 1 + len(reading.values) + len(more)
    if under:
        lines += sum(bool(value.note) for value in reading.values)
    size = QRectF(0, 0, inner + 2 * pad, step * lines + pad * 1.4)
    left = x + u(12)
    if left + size.width() > room.right() + u(
        4
    ):  # beside the line at its other side, or over it where neither has room
        other = x - u(12) - size.width()
        left = other if other >= room.left() - u(20) else room.right() + u(4) - size.width()
    left = max(room.left() - u(20), left)
    top = max(room.top() - u(16), min(room.top() + u(4), room.bottom() - size.height()))
    place = size.translated(round(left), round(top))
    box(painter, place, u(6), color("card"), color("line_strong"))
    y = place.top() + pad * 0.7 + step / 2
    draw_text(painter, place.left() + pad, y, reading.title, 13, SEMIBOLD)
    for value in reading.values:
        y += step
        bar(painter, QRectF(place.left() + pad, y - u(4), u(8), u(8)), value.ink, 2)
        draw_text(painter, place.left() + pad + mark, y, value.name, 13, NORMAL, "text_2")
        right = place.right() - pad
        if notes and not under:
            draw_text(painter, right, y, value.note, 12, NORMAL, "text_3", RIGHT)
            right -= notes + u(8)
        draw_text(painter, right, y, value.text, 13, SEMIBOLD, "text", RIGHT)
        if under and value.note:
            y += step
            draw_text(painter, place.left() + pad + mark, y, value.note, 12, NORMAL, "text_3")
    for line in more:
        y += step
        draw_text(painter, place.left() + pad, y, line, 12, NORMAL, "text_2")
