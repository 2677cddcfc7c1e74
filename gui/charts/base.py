"""What every chart is: painted by one function, hit-tested, readable as a table; its ranges hold while dragging."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from shiboken6 import isValid

from mitsumori.gui.changes import same
from mitsumori.gui.charts.choice import changes_plan
from mitsumori.gui.charts.hold import AxisHold, HeldRange, axis_hold
from mitsumori.gui.charts.marks import Mark, Marks
from mitsumori.gui.charts.painting import SCREEN, outline, u
from mitsumori.gui.charts.series import Series, series_of
from mitsumori.gui.late_imports import PICTURES, after
from mitsumori.gui.tables.columns import Table
from mitsumori.gui.theme.tokens import theme, theme_signals
from mitsumori.gui.widgets.paint import SMOOTH

if TYPE_CHECKING:
    from mitsumori.gui.plot.scene import SceneView


@dataclass(slots=True)
class _Layer:
    """A picture of what does not move, and what it shows."""

    state: object
    pixmap: QPixmap


class Chart(QWidget):
    """Base of the painted charts. A subclass writes :meth:`draw` and :meth:`table`."""

    activated = Signal(object)
    """The key of a mark that was clicked or opened with the keyboard."""
    chosen = Signal(object, str)
    """Key and words of a mark that was clicked and would change the plan: it is shown first, and then applied."""

    least = (240, 120)
    """The smallest useful size in design pixels."""
    ground: str | None = None
    """The colour token that the chart stands on; with it only the chart is repainted, not what lies behind it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = Marks()
        self._layers: dict[str, _Layer] = {}
        self._ring: int | None = None
        self._state: tuple[object, ...] | None = None
        self._view: SceneView | None = None
        self._asked = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        axis_hold().released.connect(self.refit)

    def set_ground(self, token: str) -> None:
        """The chart fills its place with this colour of the theme."""
        self.ground = token
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.renew()

    # -- the living view ----------------------------------------------------------------------------------------------

    def make_view(self) -> SceneView:
        """The view of pyqtgraph that shows this chart; imported here, so that nothing waits for the library."""
        from mitsumori.gui.plot.picture import PictureView

        return PictureView(self)

    def view(self) -> SceneView:
        """The living view, made now if it is not there yet."""
        if self._view is None:
            self._view = self.make_view()
            self._view.setAccessibleName(self.accessibleName())
            self._view.setGeometry(self.rect())
            self._view.show()
            QWidget.setTabOrder(self, self._view)  # the keyboard comes to it where the chart stands
            self.setFocusProxy(self._view)
            theme_signals().changed.connect(self.renew)
        return self._view

    def _attach(self) -> None:
        self.view()

    def renew(self) -> None:
        """Show theme, language and size of now."""
        if self._view is not None and isValid(self._view):  # not of a window that is being closed
            self._view.refresh()

    def refit(self) -> None:
        """A slider was let go: ranges fit the data again."""
        if isValid(self):
            self.update()

    def update(self, *place: Any) -> None:
        """Show the data of now."""
        if self._view is None:
            super().update(*place)
        else:
            self.renew()

    def setAccessibleName(self, name: str) -> None:
        """The view is what has the focus and is spoken of."""
        super().setAccessibleName(name)
        if self._view is not None:
            self._view.setAccessibleName(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The view fills the chart."""
        super().resizeEvent(event)
        if self._view is not None:
            self._view.setGeometry(self.rect())

    def changeEvent(self, event: QEvent) -> None:
        """Pale or not, another language."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.EnabledChange, QEvent.Type.LanguageChange):
            self.renew()

    # -- painting -----------------------------------------------------------------------------------------------------

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Paint into ``rect``; called for the window, the copied picture and the printed page."""
        raise NotImplementedError

    def table(self) -> Table:
        """The numbers that the picture shows."""
        return Table()

    def series(self) -> tuple[Series, ...]:
        """The raw numbers of the picture: a series for each column of numbers of the table, unless a chart knows better."""
        return series_of(self.table())

    def mark(self, rect: QRectF, tip: str | Callable[[], str], key: object = None) -> None:
        """Make a place answer the pointer; called from :meth:`draw`."""
        self._marks.add(Mark(rect, tip, key))

    def marks_when_asked(self, make: Callable[[], Iterable[Mark]]) -> None:
        """Marks that are made when somebody points at the chart; called from :meth:`draw`."""
        self._marks.add(make)

    def marks(self) -> tuple[Mark, ...]:
        """The marks of the last painting."""
        return self._marks.all()

    def layer(
        self, painter: QPainter, name: str, rect: QRectF, state: object, paint: Callable[[QPainter], None]
    ) -> None:
        """Paint what stays the same while a slider is dragged: from a picture of it in the window, anew elsewhere.

        It comes first in its place: the picture brings the chart's ground along.

        Parameters
        ----------
        name
            Of the layer within the chart.
        rect
            Place that it covers, with its texts.
        state
            Everything that the picture depends on beside theme, scale and place; texts as they read.
        paint
            Paints it.
        """
        device = painter.device()
        if not isinstance(device, SCREEN) or painter.worldTransform().isScaling():
            paint(painter)
            return
        look, ratio = theme(), device.devicePixelRatioF()
        place = rect.toAlignedRect()
        if place.isEmpty():  # a folded card: there is nothing to see
            return
        full = (state, rect.getRect(), look.name, look.scale, ratio)
        kept = self._layers.get(name)
        if kept is None or kept.state != full:
            pixmap = QPixmap(place.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            # Letters are smoothed against what they stand on.
            pixmap.fill(Qt.GlobalColor.transparent if self.ground is None else look.color(self.ground))
            inner = QPainter(pixmap)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            inner.translate(-place.left(), -place.top())
            paint(inner)
            inner.end()
            kept = self._layers[name] = _Layer(full, pixmap)
        painter.drawPixmap(place.topLeft(), kept.pixmap)

    def render_to(self, painter: QPainter, rect: QRectF) -> None:
        """Paint for another device; the window's marks stay as they are."""
        kept, ring = self._marks, self._ring
        self._marks, self._ring = Marks(), None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, rect)
        self._marks, self._ring = kept, ring

    def shown(self, *state: object) -> None:
        """Repaint when what is shown differs from the last time; called at the end of ``set_data``."""
        if not same(state, self._state):
            self._state = state
            self.update()

    def minimumSizeHint(self) -> QSize:
        """The least size, grown with the type."""
        return QSize(round(u(self.least[0])), round(u(self.least[1])))

    def sizeHint(self) -> QSize:
        """As the least size: layouts give the rest."""
        return self.minimumSizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint and collect the marks."""
        painter = QPainter(self)
        if self.ground is not None:
            painter.fillRect(event.rect(), theme().color(self.ground))
        self.paint_marked(painter, QRectF(self.rect()))
        painter.end()
        if not self._asked:
            self._asked = True
            QTimer.singleShot(0, self, lambda: after(PICTURES, self, self._attach))

    def paint_marked(self, painter: QPainter, rect: QRectF) -> None:
        """Paint for the window: collect the marks, ring the one with the keyboard."""
        painter.setRenderHint(SMOOTH)
        self._marks.clear()
        self.draw(painter, rect)
        if self._ring is not None and self._view is not None and self._view.hasFocus() and self.marks():
            ringed = self.marks()[min(self._ring, len(self.marks()) - 1)]
            outline(painter, ringed.rect.adjusted(-2, -2, 2, 2), "accent", 2, 4)

    def mark_at(self, at: QPointF) -> Mark | None:
        """The topmost mark under a point."""
        return next((mark for mark in reversed(self.marks()) if mark.rect.contains(at)), None)

    def show_tip(self, at: QPointF, place: QPoint) -> None:
        """Say what stands at a point of the chart, at a place of the screen."""
        found = self.mark_at(at)
        words = found.words() if found else ""
        if found and words:
            QToolTip.showText(place, words, self, found.rect.toAlignedRect())
        else:
            QToolTip.hideText()

    def open_at(self, at: QPointF) -> bool:
        """Open what stands at a point, or offer what it would change; False where nothing does."""
        found = self.mark_at(at)
        if found is None or found.key is None:
            return False
        if changes_plan(found.key):
            self.chosen.emit(found.key, found.words())
        else:
            self.activated.emit(found.key)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the marks by their places, and speak them; Enter opens."""
        marks, key = list(self.marks()), Qt.Key(event.key())
        at = None if self._ring is None else min(self._ring, len(marks) - 1)
        if marks and key in _DIRECTIONS:
            self._ring = 0 if at is None else _neighbour(marks, at, _DIRECTIONS[key])
            words = marks[self._ring].words()
            self.setAccessibleDescription(words)
            if self._view is not None:
                self._view.speak(words)
            self.update()
        elif marks and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            found = marks[at or 0]
            if found.key is not None:
                self.activated.emit(found.key)
        else:
            event.ignore()


_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


def _neighbour(marks: list[Mark], index: int, direction: tuple[int, int]) -> int:
    """The nearest mark in a direction, or the same one at the edge."""
    here = marks[index].rect.center()
    best, best_cost = index, float("inf")
    for other, mark in enumerate(marks):
        offset = mark.rect.center() - here
        ahead = offset.x() * direction[0] + offset.y() * direction[1]
        aside = abs(offset.x() * direction[1]) + abs(offset.y() * direction[0])
        if ahead > 1 and ahead + 3 * aside < best_cost:
            best, best_cost = other, ahead + 3 * aside
    return best


__all__ = ["AxisHold", "Chart", "HeldRange", "Mark", "Marks", "Table", "axis_hold"]
