"""The living view of a picture whose parts can be dragged with the pointer and moved with the keyboard."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from mitsumori.gui.plot.picture import PictureView
from mitsumori.gui.plot.subject import Subject


class Dragged(Subject, Protocol):
    """A chart with parts that can be taken."""

    def take(self, at: QPointF) -> bool:
        """Take what stands at a point of the chart; False where nothing can be taken."""

    def drag(self, at: QPointF) -> None:
        """Show what was taken at another point."""

    def drop(self, keep: bool) -> bool:
        """Let go; says whether anything was moved."""

    def shape_at(self, at: QPointF) -> Qt.CursorShape | None:
        """The pointer over what can be taken."""

    def move_key(self, event: QKeyEvent) -> bool:
        """Move what has the keyboard's ring; says whether the key does that."""


class DraggedView(PictureView):
    """Takes, drags and lets go; Esc while dragging puts back."""

    def __init__(self, chart: Dragged) -> None:
        self._dragged, self._held = chart, False
        super().__init__(chart)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take what lies under the pointer; elsewhere the picture is zoomed and moved."""
        left = event.button() == Qt.MouseButton.LeftButton and self._dragged.isEnabled()
        self._held = left and self._dragged.take(self._chart_point(event.position()))
        if self._held:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it, or show what could be taken."""
        at = self._chart_point(event.position())
        if self._held:
            self._dragged.drag(at)
            return
        super().mouseMoveEvent(event)
        shape = None if event.buttons() else self._dragged.shape_at(at)
        if shape is not None:
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; what was not moved was clicked."""
        if not self._held:
            super().mouseReleaseEvent(event)
            return
        self._held = False
        if not self._dragged.drop(True):
            self._dragged.open_at(self._chart_point(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts back; Ctrl and Shift with the arrows move and stretch."""
        if self._held and event.key() == Qt.Key.Key_Escape:
            self._dragged.drop(False)
            self._held = False
        elif not self._dragged.move_key(event):
            super().keyPressEvent(event)
