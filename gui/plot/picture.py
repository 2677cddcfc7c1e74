"""The living view of a chart without axes: its painting as one item, magnified sharp; marks answer pointer and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QTransform,
)

from mitsumori.gui.plot.items import Contents
from mitsumori.gui.plot.scene import SceneView
from mitsumori.gui.plot.subject import Subject


class PictureView(SceneView):
    """Racks, bars, stacks, tornado: what is painted at home is painted larger, not stretched."""

    def __init__(self, chart: Subject) -> None:
        super().__init__(chart)
        self.box.invertY(True)
        self.box.setAspectLocked(True)
        self.contents = Contents(self._paint)
        self.scene().addItem(self.contents)
        self.box.moved.connect(self.refresh)
        self.box.clicked.connect(self._clicked)
        self._ready = True
        self.refresh()

    def refresh(self) -> None:
        """Take over data, size, theme and language of the chart."""
        super().refresh()
        area = self.area()
        self.contents.set_rect(area)
        if area.width() > 1 and area.height() > 1:
            if self.box.geometry() != area:
                self.box.setGeometry(area)
            self.box.set_home(((0.0, area.width()), (0.0, area.height())))
        self.contents.renew()
        self.repaint_soon()

    def transform_shown(self) -> QTransform:
        """From pixels of the chart to pixels of the view."""
        made, shown = QTransform(), self.box.shown()
        if shown is not None:
            (left, right), (top, bottom) = shown
            made.scale(self.width() / (right - left), self.height() / (bottom - top))
            made.translate(-left, -top)
        return made

    def _paint(self, painter: QPainter) -> None:
        if not self.box.away:
            self._subject.paint_marked(painter, self.area())
            return
        painter.save()
        painter.setClipRect(self.area())
        painter.setTransform(self.transform_shown(), True)
        self._subject.paint_marked(painter, self.area())
        painter.restore()

    def _chart_point(self, place: QPointF) -> QPointF:
        back, _ = self.transform_shown().inverted()
        return back.map(place)

    def _clicked(self, place: QPointF, _modifiers: Qt.KeyboardModifier) -> None:
        if self._subject.isEnabled():
            self._subject.open_at(self._chart_point(self.mapFromScene(place).toPointF()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be clicked."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            found = self._subject.mark_at(self._chart_point(event.position()))
            opens = found is not None and found.key is not None
            shape = Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor
            if self.viewport().cursor().shape() != shape:
                self.viewport().setCursor(shape)

    def viewportEvent(self, event: QEvent) -> bool:
        """The tooltip of what is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._subject.show_tip(self._chart_point(QPointF(event.pos())), event.globalPos())
            return True
        return bool(super().viewportEvent(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The card's menu."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, or walk the marks."""
        if not self.zoom_key(event):
            self._subject.keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring of the keyboard comes."""
        super().focusInEvent(event)
        self.refresh()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring of the keyboard goes."""
        super().focusOutEvent(event)
        self.refresh()
