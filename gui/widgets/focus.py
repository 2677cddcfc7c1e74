"""The keyboard focus ring: two accent pixels, one pixel away from the control that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from gui.theme import theme
from gui.widgets.paint import box

OWN_FOCUS = "ownFocus"
"""Dynamic property of a control that paints its own focus."""
RING_RADIUS = "ringRadius"
"""Dynamic property: corner radius of the control, 6 where absent."""
_REACH = 3


class FocusRing(QWidget):
    """Floats beside the focused control, inside the same parent, so it scrolls and clips with it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("focusRing")
        self.target: QWidget | None = None

    def follow(self, widget: QWidget) -> None:
        """Take the place around ``widget``."""
        self.target = widget
        parent = widget.parentWidget()
        if self.parentWidget() is not parent:
            self.setParent(parent)
        self.setGeometry(widget.geometry().adjusted(-_REACH, -_REACH, _REACH, _REACH))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        painter = QPainter(self)
        radius = 6.0 if self.target is None or not isValid(self.target) else _radius(self.target)
        box(painter, QRectF(self.rect()), radius + _REACH, None, theme().color("accent"), 2)


def _radius(widget: QWidget) -> float:
    value = widget.property(RING_RADIUS)
    return float(value) if value is not None else 6.0


class FocusGuide(QObject):
    """Moves the ring when the focus moves; after a mouse click only fields show it."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._ring: FocusRing | None = None
        self._by_keyboard = False
        application.focusChanged.connect(self._moved)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note what moves the focus, and follow the control when it moves."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            self._by_keyboard = False
        elif kind == QEvent.Type.KeyPress:
            self._by_keyboard = True
        elif kind in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide):
            ring = self._ring
            if ring is not None and isValid(ring) and watched is ring.target:
                if kind == QEvent.Type.Hide:
                    ring.hide()
                else:
                    ring.follow(ring.target)
        return False

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        ring = self._ring
        if ring is not None and not isValid(ring):
            ring = self._ring = None
        if new is None or new.isWindow() or new.parentWidget() is None or new.property(OWN_FOCUS):
            if ring is not None:
                ring.hide()
            return
        if not self._by_keyboard and not new.inputMethodQuery(Qt.InputMethodQuery.ImEnabled):
            if ring is not None:
                ring.hide()
            return
        if ring is None:
            ring = self._ring = FocusRing()
        ring.follow(new)
