"""The view box of a chart: wheel, drag and keys move it within the range of the data, a double click brings it home."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsItem

from mitsumori.gui.plot.foundation import ViewBox

Range = tuple[tuple[float, float], tuple[float, float]]
MOST = 400.0
"""How many times a range may be magnified."""
STEP = 1.25
"""One key press of zoom."""


class ZoomBox(ViewBox):  # type: ignore[misc]
    """Ranges in linear coordinates; a logarithmic axis gives the logarithms of its values."""

    moved = Signal()
    """The user moved the range, or brought it home."""
    clicked = Signal(QPointF, object)
    """A click, in pixels of the scene, and the keys that were held; a drag is none."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)  # it only takes the mouse and keeps the range
        self._home: Range | None = None
        self.away = False
        self.wheel_free = False
        """Whether the wheel zooms without Ctrl: while the chart has the focus of the keyboard."""
        self.sigRangeChangedManually.connect(lambda *_: self._note())

    def set_home(self, home: Range) -> None:
        """The range of the data; shown unless the user has moved away from it."""
        if home == self._home:
            return
        self._home = home
        if not self.away:
            self._show(home)

    def _show(self, home: Range) -> None:
        """Take a range for the whole, beyond which nobody gets lost."""
        (left, right), (low, high) = home
        self.setLimits(
            xMin=left, xMax=right, yMin=low, yMax=high, minXRange=(right - left) / MOST, minYRange=(high - low) / MOST
        )
        self.setRange(xRange=home[0], yRange=home[1], padding=0, disableAutoRange=True)
        self.prepareForPaint()  # not while painting, which would paint twice

    def shown(self) -> Range | None:
        """The range that the user moved to; None at home."""
        if not self.away:
            return None
        (left, right), (low, high) = self.viewRange()
        return (float(left), float(right)), (float(low), float(high))

    def go_home(self) -> None:
        """Show the whole range again."""
        if self._home is not None and self.away:
            self.away = False
            self._show(self._home)
            self.moved.emit()

    def zoom(self, factor: float) -> None:
        """Magnify (factor above 1) around the middle."""
        self.scaleBy((1 / factor, 1 / factor))
        self._note()

    def _note(self) -> None:
        if self._home is None:
            return
        close = all(
            abs(now - then) <= 1e-9 * max(1.0, abs(high - low))
            for (low, high), shown in zip(self._home, self.viewRange(), strict=True)
            for now, then in zip(shown, (low, high), strict=True)
        )
        self.away = not close
        self.moved.emit()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom with Ctrl, or while the chart has the focus; else the page scrolls."""
        if self.wheel_free or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event, axis)
        else:
            event.ignore()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis)
        else:
            event.ignore()

    def mouseClickEvent(self, event: Any) -> None:
        """A click chooses, a double click goes home."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self.go_home()
        else:
            self.clicked.emit(QPointF(event.scenePos()), event.modifiers())
