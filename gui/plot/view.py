"""The living view of a chart: pyqtgraph's scene and view box with the chart's own painting, crosshair, keys, zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from mitsumori.gui.charts.axes import Placed, Reading
from mitsumori.gui.charts.painting import NORMAL, PALE, RIGHT, color, draw_text, u
from mitsumori.gui.plot.items import Axes, Painted, paint_readout
from mitsumori.gui.plot.library import GraphicsView
from mitsumori.gui.plot.zoom import STEP, ZoomBox

if TYPE_CHECKING:
    from mitsumori.gui.charts.xy import XYChart

translate = QCoreApplication.translate
_MODE = QGraphicsView


class PlotView(GraphicsView):  # type: ignore[misc]
    """Shows one :class:`XYChart` and lets it be walked, zoomed and panned."""

    def __init__(self, chart: XYChart) -> None:
        super().__init__(chart, background=None)
        self._chart = chart
        self._placed: Placed | None = None
        self._at: int | None = None
        self.setViewportUpdateMode(_MODE.ViewportUpdateMode.BoundingRectViewportUpdate)
        self.setCacheMode(_MODE.CacheModeFlag.CacheNone)
        self.setOptimizationFlag(_MODE.OptimizationFlag.DontSavePainterState, False)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.box = ZoomBox()
        self.box.setZValue(1)
        self.axes = Axes(self._paint_axes)
        self.contents = Painted(self._paint_contents, 2)
        self.readout = Painted(self._paint_readout, 3)
        for item in (self.axes, self.box, self.contents, self.readout):
            self.scene().addItem(item)
        self.box.moved.connect(self._moved)
        self.box.clicked.connect(self._clicked)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.refresh()

    # -- showing ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over data, size, theme and language of the chart."""
        rect = QRectF(self.rect())
        self.setBackgroundBrush(color(self._chart.ground or "card"))
        for item in (self.axes, self.contents, self.readout):
            item.set_rect(rect)
        axes = self._chart.axes(rect)
        self.box.setVisible(axes is not None)
        if axes is not None:
            self.box.set_home(axes.linear())
        self._placed = None if axes is None else axes.placed(rect, self.box.shown())
        if self._placed is not None:
            if self.box.geometry() != self._placed.frame.area:
                self.box.setGeometry(self._placed.frame.area)
            self.axes.show_state(self._placed.state())
        else:
            self.axes.show_state(None)
        self.contents.setOpacity(1.0 if self._chart.isEnabled() else PALE)
        self.contents.update()
        if self._at is not None:
            if self._at >= len(self._chart.readings()):
                self._at = None
            self.readout.update()

    def placed(self) -> Placed | None:
        """Axes and scales as they are shown."""
        return self._placed

    def reading(self) -> Reading | None:
        """What the crosshair stands on."""
        readings = self._chart.readings()
        return readings[self._at] if self._at is not None and self._at < len(readings) else None

    def _moved(self) -> None:
        self.refresh()
        self.readout.update()

    def _paint_axes(self, painter: QPainter) -> None:
        if self._placed is not None:
            self._placed.paint(painter)

    def _paint_contents(self, painter: QPainter) -> None:
        if self._placed is None:
            self._chart.paint_empty(painter, QRectF(self.rect()))
            return
        self._chart.paint_contents(painter, self._placed.frame)
        if self.box.away:
            area = self._placed.frame.area
            words = translate("ChartFrame", "Zoomed · double click resets")
            draw_text(painter, area.right(), area.top() - u(10), words, 12, NORMAL, "accent", RIGHT, halo="card")

    def _paint_readout(self, painter: QPainter) -> None:
        reading = self.reading()
        if reading is not None and self._placed is not None:
            paint_readout(painter, self._placed.frame, reading)

    # -- pointer ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The chart in another size."""
        super().resizeEvent(event)
        if hasattr(self, "axes"):
            self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The chart takes the left button."""
        super().mousePressEvent(event)
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As it took the press."""
        super().mouseReleaseEvent(event)
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The crosshair goes to the nearest place of the data."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._show(self._nearest(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The crosshair goes."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self._show(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The view box zooms, or the page scrolls."""
        self.box.wheel_free = self.hasFocus()
        event.ignore()
        QGraphicsView.wheelEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The chart's own menu on a place of the data, else the card's."""
        at = self._at if event.reason() == QContextMenuEvent.Reason.Keyboard else self._nearest(QPointF(event.pos()))
        readings = self._chart.readings()
        if at is None or not self._chart.offer_menu(readings[at], event.globalPos()):
            event.ignore()

    def _nearest(self, place: QPointF) -> int | None:
        return None if self._placed is None else self._chart.nearest(self._placed.frame, place)

    def _show(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self.readout.update()
            reading = self.reading()
            opens = reading is not None and reading.key is not None
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor)

    def _clicked(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        at = self._nearest(self.mapFromScene(place).toPointF())
        self._show(at)
        if at is not None:
            self._chart.choose(self._chart.readings()[at], modifiers)

    # -- keys -------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk the data, + and - zoom, 0 and Escape go home, Enter opens."""
        readings, key = self._chart.readings(), event.key()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if readings and key in steps:
            start = (-1 if key == Qt.Key.Key_Right else len(readings)) if self._at is None else self._at
            self._walk(min(max(start + steps[Qt.Key(key)], 0), len(readings) - 1))
        elif readings and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk(0 if key == Qt.Key.Key_Home else len(readings) - 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.box.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.box.zoom(1 / STEP)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Escape) and self.box.away:
            self.box.go_home()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.reading() is not None:
            reading = self.reading()
            assert reading is not None
            self._chart.enter(reading, event.modifiers())
        else:
            event.ignore()

    def _walk(self, at: int) -> None:
        self._show(at)
        reading = self.reading()
        if reading is not None:
            self.setAccessibleDescription(reading.words())
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The crosshair goes."""
        super().focusOutEvent(event)
        if not self.underMouse():
            self._show(None)
