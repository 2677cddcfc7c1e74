"""What every living view shares: the scene on the card, the box that takes the mouse, texts for screen readers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from mitsumori.gui.charts.painting import color
from mitsumori.gui.plot.foundation import GraphicsView
from mitsumori.gui.plot.items import Contents
from mitsumori.gui.plot.subject import Subject
from mitsumori.gui.plot.zoom import STEP, ZoomBox


class SceneView(GraphicsView):  # type: ignore[misc]
    """A view over a chart, as large as it."""

    _ready = False
    contents: Contents

    def __init__(self, chart: Subject) -> None:
        super().__init__(chart, background=None)
        self._subject = chart
        # Everything is repainted by repaint_soon: what the scene asks for comes a round later and would paint twice.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        # The viewport hands its policy on to the view, its focus proxy: the view's own comes after it.
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.box = ZoomBox()
        self.box.setZValue(1)
        self.scene().addItem(self.box)

    def refresh(self) -> None:
        """Take over data, size, theme and language of the chart."""
        ground = color(self._subject.ground or "card")
        if self.backgroundBrush().color() != ground or self.backgroundBrush().style() == Qt.BrushStyle.NoBrush:
            self.setBackgroundBrush(ground)

    def repaint_soon(self) -> None:
        """In this round of the event loop; the scene asks for nothing itself."""
        self.viewport().update()

    def area(self) -> QRectF:
        """The whole view."""
        return QRectF(self.rect())

    def speak(self, words: str) -> None:
        """Tell assistive technology what the keyboard stands on."""
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def showEvent(self, event: QShowEvent) -> None:
        """What is seen again as it was need not be painted again."""
        super().showEvent(event)
        if self._ready:
            self.contents.come_back()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The chart in another size."""
        super().resizeEvent(event)
        if self._ready:
            self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The chart takes the left button."""
        super().mousePressEvent(event)
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As it took the press."""
        super().mouseReleaseEvent(event)
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The view box zooms, or the page scrolls."""
        self.box.wheel_free = self.hasFocus()
        event.ignore()
        QGraphicsView.wheelEvent(self, event)

    def zoom_key(self, event: QKeyEvent) -> bool:
        """Plus and minus zoom, 0 and Escape go home; False for other keys."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.box.zoom(STEP)
        elif key == Qt.Key.Key_Minus and self.box.away:
            self.box.zoom(1 / STEP)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Escape) and self.box.away:
            self.box.go_home()
        else:
            return False
        return True
