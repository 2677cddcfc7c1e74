"""The keyboard focus ring: two accent pixels, one pixel away from the control that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
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
    """Moves the ring when the focus moves; after a mouse click only fields show it.

    It filters the events of the focused control alone: a filter on the whole application would cost every event.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._ring: FocusRing | None = None
        self._watched: QWidget | None = None
        application.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the control when it moves."""
        kind = event.type()
        if kind in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide):
            ring = self._ring
            if ring is not None and isValid(ring) and ring.target is watched:
                if kind == QEvent.Type.Hide:
                    ring.hide()
                else:
                    ring.follow(ring.target)
        return False

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = None
        ring = self._ring
        if ring is not None and not isValid(ring):
            ring = self._ring = None
        by_mouse = bool(QGuiApplication.mouseButtons())
        plain = new is None or new.isWindow() or new.parentWidget() is None or bool(new.property(OWN_FOCUS))
        if new is None or plain or (by_mouse and not new.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)):
            if ring is not None:
                ring.hide()
            return
        if ring is None:
            ring = self._ring = FocusRing()
        new.installEventFilter(self)
        self._watched = new
        ring.follow(new)
