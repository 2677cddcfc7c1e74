"""The slider: 1-2-5 ticks, any scale, wheel only with focus, halo on hover, ring on keyboard focus."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.paint import SMOOTH, box, width_of
from mitsumori.gui.widgets.scale import Scale, Tick
from mitsumori.gui.widgets.surface import Covering
from mitsumori.model.base.format import significant

_RESOLUTION = 1000
_PAUSE_S = 0.8
"""Key presses closer than this belong to one gesture (one undo step)."""


class ScaledSlider(Covering, QSlider):
    """A horizontal slider over a :class:`~gui.widgets.scale.Scale`.

    Signals
    -------
    moved
        The new value and the number of the gesture (one drag, or key presses in quick succession).
    released
        The end of a drag.
    """

    moved = Signal(float, int)
    released = Signal()

    _gesture = 0

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._scale = scale
        self._current = scale.low
        self._last_key = 0.0
        self._ticks: tuple[Tick, ...] = scale.ticks()
        self._halo = False
        self.with_ticks = True
        self.value_text: Callable[[], str] = lambda: significant(self._current, trim=True)
        """The value as people read it, for accessibility tools."""
        self._picture: tuple[object, QPixmap] | None = None
        self.setRange(0, _RESOLUTION)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def scale(self) -> Scale:
        """The scale in use."""
        return self._scale

    def current(self) -> float:
        """The value shown."""
        return self._current

    def set_current(self, value: float) -> None:
        """Show a value without announcing; values outside the scale pin the handle to an end."""
        self._current = value
        position = round(self._scale.position(value) * _RESOLUTION)
        if position != self.value():
            self.setValue(position)
        self.update()

    def ask(self, value: float) -> None:
        """Take the value of the scale that is nearest, as a gesture of its own."""
        ScaledSlider._gesture += 1
        self._announce(self._scale.value(self._scale.position(value)))

    def gesture(self) -> int:
        """The number of the present gesture."""
        return ScaledSlider._gesture

    def sizeHint(self) -> QSize:
        """Groove, ticks and their labels."""
        return QSize(theme().px(200), theme().px(43 if self.with_ticks else 26))

    def minimumSizeHint(self) -> QSize:
        """May shrink to 100 px."""
        return QSize(theme().px(100), self.sizeHint().height())

    def _axis(self) -> tuple[float, float, float]:
        """Left end, right end and height of the handle's path."""
        inset = theme().px(9)
        return float(inset), float(self.width() - inset), float(theme().px(11))

    def _x(self, value: float) -> float:
        left, right, _ = self._axis()
        return left + (right - left) * self._scale.position(value)

    def _set_from(self, x: float) -> None:
        left, right, _ = self._axis()
        self._announce(self._scale.value((x - left) / max(1.0, right - left)))

    def _announce(self, value: float) -> None:
        if value != self._current:
            self.set_current(value)
            self.moved.emit(value, ScaledSlider._gesture)

    def _key_gesture(self) -> None:
        now = time.monotonic()
        if now - self._last_key > _PAUSE_S:
            ScaledSlider._gesture += 1
        self._last_key = now

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the handle where it was pressed."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        ScaledSlider._gesture += 1
        self.setSliderDown(True)
        self._set_from(event.position().x())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or note that the pointer is over the handle."""
        if self.isSliderDown():
            self._set_from(event.position().x())
            return
        _, _, y = self._axis()
        near = (event.position() - QPointF(self._x(self._current), y)).manhattanLength() < theme().px(18)
        if near != self._halo:
            self._halo = near
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self.isSliderDown():
            self.setSliderDown(False)
            self.released.emit()
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No halo outside."""
        self._halo = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step with the wheel only when focused, so that scrolling the pane changes nothing."""
        if not self.hasFocus():
            event.ignore()
            return
        self._key_gesture()
        self._nudge(1 if event.angleDelta().y() > 0 else -1)

    def _nudge(self, direction: int) -> None:
        """The smallest change that is a different value."""
        start = self._scale.position(self._current)
        for distance in (5, 10, 20, 40, 80, 160, 320, 640, 1000):
            value = self._scale.value(start + direction * distance / _RESOLUTION)
            if (value - self._current) * direction > 0:
                self._announce(value)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right by a hair, Up, Down and Page keys by 1-2-5, Home and End to the ends."""
        key = event.key()
        up = key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._key_gesture()
            self._nudge(1 if up else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._key_gesture()
            self._announce(self._scale.step(self._current, 1 if up else -1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._key_gesture()
            self._announce(self._scale.low if key == Qt.Key.Key_Home else self._scale.high)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw groove, filled part, ticks and handle."""
        look = theme()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._still())
        painter.setRenderHint(SMOOTH)
        _, _, y = self._axis()
        handle = self._x(self._current)
        on = self.isEnabled()
        groove = look.px(4)
        filled = look.color("accent" if on else "line_strong")
        box(painter, QRectF(0, y - groove / 2, handle, groove), groove / 2, filled)
        radius = look.px(18) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        if on and (self._halo or self.isSliderDown()) and not self.hasFocus():
            painter.setBrush(look.color("accent_tint"))
            painter.drawEllipse(QPointF(handle, y), radius + look.px(2), radius + look.px(2))
        if self.hasFocus():
            painter.setPen(QPen(look.color("accent"), 2))
            painter.setBrush(look.color("card"))
            painter.drawEllipse(QPointF(handle, y), radius + 1, radius + 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent"))
            painter.drawEllipse(QPointF(handle, y), radius - 2, radius - 2)
            return
        painter.setPen(QPen(filled, 2))
        painter.setBrush(look.color("card"))
        painter.drawEllipse(QPointF(handle, y), radius - 1, radius - 1)

    def _still(self) -> QPixmap:
        """The picture of what does not move with the handle: ground, groove and ticks."""
        look, ratio = theme(), self.devicePixelRatioF()
        state = self.size(), ratio, look.name, look.scale, self._ticks, self._scale, self.with_ticks
        if self._picture is None or self._picture[0] != state:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(look.color("card"))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            y, groove = self._axis()[2], look.px(4)
            box(painter, QRectF(0, y - groove / 2, self.width(), groove), groove / 2, look.color("sunken"))
            if self.with_ticks:
                self._paint_ticks(painter, y)
            painter.end()
            self._picture = state, pixmap
        return self._picture[1]

    def _paint_ticks(self, painter: QPainter, y: float) -> None:
        look = theme()
        painter.setFont(look.font(12))
        top = y + look.px(9)
        baseline = top + look.px(6) + look.px(13)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        last = -1e9
        for tick in self._ticks:
            x = round(self._x(tick.value))
            painter.setPen(look.color("text_3" if tick.label else "line_strong"))
            painter.drawLine(QPointF(x, top), QPointF(x, top + look.px(6 if tick.label else 4)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.color("text_3"))
        for tick in self._ticks:
            if not tick.label:
                continue
            width = width_of(tick.label, 12)
            left = min(max(0.0, self._x(tick.value) - width / 2), self.width() - width)
            if left > last + look.px(4):
                painter.drawText(QPointF(left, baseline), tick.label)
                last = left + width
