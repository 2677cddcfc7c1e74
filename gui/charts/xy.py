"""Charts with two axes: what they show is painted by one function; a view of pyqtgraph makes them answer the hand.

The view is made after the first painting, so that neither the start nor a hidden page waits for the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter
from PySide6.QtWidgets import QWidget

from mitsumori.gui.charts.axes import Axes, Frame, Placed, Reading
from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.choice import changes_plan
from mitsumori.gui.charts.painting import PALE, u

if TYPE_CHECKING:
    from mitsumori.gui.plot.view import PlotView


class XYChart(Chart):
    """A subclass writes :meth:`axes`, :meth:`paint_area`, :meth:`paint_over` and :meth:`read`."""

    _view: PlotView | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._readings: tuple[Reading, ...] | None = None

    # -- to be written by a chart -----------------------------------------------------------------------------------

    def axes(self, rect: QRectF) -> Axes | None:
        """Ranges, ticks and units of what is shown; None where there is nothing to plot."""
        raise NotImplementedError

    def paint_area(self, painter: QPainter, frame: Frame) -> None:
        """Lines, bands and marks; clipped to the area where the chart is zoomed."""

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """Labels, which may stand over the edges of the area."""

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """What is said where there is nothing to plot."""

    def read(self) -> tuple[Reading, ...]:
        """The places of the data with the values of all series, from left to right."""
        return ()

    # -- what the view asks -----------------------------------------------------------------------------------------

    def readings(self) -> tuple[Reading, ...]:
        """:meth:`read`, made when somebody points at the chart."""
        if self._readings is None:
            self._readings = self.read()
        return self._readings

    def nearest(self, frame: Frame, place: QPointF) -> int | None:
        """The place of the data nearest to a pixel, by its x; None away from the area."""
        if not frame.area.adjusted(-u(8), -u(24), u(8), u(24)).contains(place):
            return None
        visible = [at for at, reading in enumerate(self.readings()) if frame.x.holds(reading.x)]
        return min(visible, key=lambda at: abs(frame.x(self.readings()[at].x) - place.x()), default=None)

    def paint_contents(self, painter: QPainter, frame: Frame) -> None:
        """All but the axes."""
        if frame.x.free or frame.y.free:
            painter.save()
            painter.setClipRect(frame.area, Qt.ClipOperation.IntersectClip)
            self.paint_area(painter, frame)
            painter.restore()
        else:
            self.paint_area(painter, frame)
        self.paint_over(painter, frame)

    def choose(self, reading: Reading, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A place of the data was clicked: what changes the plan is shown before it does, the rest opens."""
        if reading.key is None or not self.isEnabled():
            return
        if changes_plan(reading.key):
            self.chosen.emit(reading.key, reading.words())
        else:
            self.activated.emit(reading.key)

    def enter(self, reading: Reading, modifiers: Qt.KeyboardModifier) -> None:
        """A place of the data was opened with the keyboard."""
        if reading.key is not None and self.isEnabled():
            self.activated.emit(reading.key)

    def offer_menu(self, reading: Reading, at: QPoint) -> bool:
        """Open a menu of one place of the data; False leaves it to the card."""
        return False

    # -- painting and the view --------------------------------------------------------------------------------------

    def make_view(self) -> PlotView:
        """A view with crosshair."""
        from mitsumori.gui.plot.view import PlotView

        return PlotView(self)

    def view(self) -> PlotView:
        """The living view, made now if it is not there yet."""
        super().view()
        assert self._view is not None
        return self._view

    def placed(self, rect: QRectF) -> Placed | None:
        """Axes in a place, in the range that the user sees."""
        axes = self.axes(rect)
        if axes is None:
            return None
        return axes.placed(rect, None if self._view is None else self._view.box.shown())

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Axes and contents; for paper and pictures, and in the window until the view is there.

        Magnified as in the window but where a device does not clip (SVG): lines would run over the whole picture.
        """
        engine = painter.paintEngine()
        clips = engine is None or engine.type() != QPaintEngine.Type.SVG
        axes = None if clips else self.axes(rect)
        placed = self.placed(rect) if axes is None else axes.placed(rect)
        if placed is None:
            self.paint_empty(painter, rect)
            return
        placed.paint(painter)
        pale = not self.isEnabled() and isinstance(painter.device(), QWidget)
        painter.setOpacity(PALE if pale else 1.0)
        self.paint_contents(painter, placed.frame)
        painter.setOpacity(1.0)

    def shown(self, *state: object) -> None:
        """Repaint when what is shown differs from the last time."""
        self._readings = None
        super().shown(*state)

    def renew(self) -> None:
        """Show theme, language and size of now."""
        self._readings = None
        super().renew()
