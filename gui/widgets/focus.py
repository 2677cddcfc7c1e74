"""The keyboard focus ring: two accent pixels, one pixel away from the control that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFocusFrame, QMainWindow, QWidget
from shiboken6 import isValid

OWN_FOCUS = "ownFocus"
"""Dynamic property of a control that paints its own focus."""


def _in_popup(widget: QWidget) -> bool:
    """Whether it is a window itself or in a list that popped up, which shows its own choice."""
    return widget.isWindow() or widget.window().windowType() == Qt.WindowType.Popup


class FocusGuide(QObject):
    """Moves the ring when the focus moves; after a mouse click only fields show it.

    Qt's own focus frame follows the control, over the pane that scrolls; the style draws it.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._ring: QFocusFrame | None = None
        application.focusChanged.connect(self._moved)

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        ring = self._ring
        if ring is not None and not isValid(ring):
            ring = self._ring = None
        by_mouse = bool(QGuiApplication.mouseButtons())
        plain = new is None or new.parentWidget() is None or bool(new.property(OWN_FOCUS)) or _in_popup(new)
        if new is None or plain or (by_mouse and not new.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)):
            if ring is not None:
                ring.setWidget(None)  # type: ignore[arg-type]  # the stub leaves out that nothing may be framed
            return
        if ring is None:
            ring = self._ring = QFocusFrame()
            ring.setObjectName("focusRing")
        ring.setWidget(new)
        ring.raise_()


def return_focus(window: QMainWindow, to: QWidget | None) -> None:
    """Give the focus back to what had it before something lay over the window, else to nothing (beside the controls)."""
    back = to if to is not None and isValid(to) and to.isVisible() else window.centralWidget()
    if back is not None:
        back.setFocus(Qt.FocusReason.OtherFocusReason)
