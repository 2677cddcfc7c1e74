"""The living view of a chart: pyqtgraph's scene and view box with the chart's own painting, crosshair, keys, zoom."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)

from mitsumori.gui.charts.axes import Placed, Reading
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.charts.painting import NORMAL, PALE, RIGHT, draw_text, u
from mitsumori.gui.plot.items import Axes, Contents, Painted, paint_readout
from mitsumori.gui.plot.scene import SceneView
from mitsumori.gui.plot.subject import XYSubject

translate = QCoreApplication.translate


class PlotView(SceneView):
    """Shows one chart with two axes and lets it be walked, zoomed and panned."""

    def __init__(self, chart: XYSubject) -> None:
        super().__init__(chart)
        self._chart = chart
        self._placed: Placed | None = None
        self._at: int | None = None
        self.axes = Axes(self._paint_axes)
        self.contents = Contents(self._paint_contents, self.axes)
        self.readout = Painted(self._paint_readout, 3)
        for item in (self.axes, self.contents, self.readout):
            self.scene().addItem(item)
        self.box.moved.connect(self._moved)
        self.box.clicked.connect(self._clicked)
        self._ready = True
        self.refresh()

    # -- showing ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over data, size, theme and language of the chart."""
        super().refresh()
        rect = self.area()
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
        self.contents.renew()
        self.repaint_soon()
        if axis_hold().held:
            self._at = None  # the hand is elsewhere: its values are not written a second time

    def placed(self) -> Placed | None:
        """Axes and scales as they are shown."""
        return self._placed

    def reading(self) -> Reading | None:
        """What the crosshair stands on."""
        if self._at is None:
            return None
        readings = self._chart.readings()
        return readings[self._at] if self._at < len(readings) else None

    def _moved(self) -> None:
        self.refresh()

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
            self.viewport().update()  # what lies under the crosshair is as it was
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
        elif self.zoom_key(event):
            return
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
            self.speak(reading.words())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The crosshair goes."""
        super().focusOutEvent(event)
        if not self.underMouse():
            self._show(None)
