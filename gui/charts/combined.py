"""Several charts or tables in one card."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import color, u
from mitsumori.gui.charts.series import Series, series_of
from mitsumori.gui.tables.columns import Table, below
from mitsumori.gui.tables.view import TableView


class Combined(QWidget):
    """Charts and tables below each other, or beside each other, in given shares."""

    activated = Signal(object)
    """The key of a mark, cell or row that was opened."""
    chosen = Signal(object, str)
    """Key and words of what was clicked and would change the plan."""

    def __init__(
        self, charts: Sequence[Chart | TableView], shares: Sequence[float], across: bool = False, gap: float = 14
    ) -> None:
        super().__init__()
        self._charts = tuple(charts)
        self._shares = tuple(shares)
        self._across = across
        self._gap = gap
        self._ground = "card"
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for chart in self._charts:
            chart.setParent(self)
            chart.set_ground(self._ground)
            (chart.opened if isinstance(chart, TableView) else chart.activated).connect(self.activated)
            chart.chosen.connect(self.chosen)
        sizes = [chart.least for chart in self._charts]
        if across:
            self.least = (sum(w for w, _ in sizes) + int(gap), max(h for _, h in sizes))
        else:
            self.least = (max(w for w, _ in sizes), sum(h for _, h in sizes) + int(gap))

    def set_ground(self, token: str) -> None:
        """All parts stand on this colour of the theme."""
        self._ground = token
        for chart in self._charts:
            chart.set_ground(token)

    def setAccessibleName(self, name: str) -> None:
        """Every part is spoken of by the name of the card."""
        super().setAccessibleName(name)
        for chart in self._charts:
            chart.setAccessibleName(name)

    def table(self) -> Table:
        """The tables below each other."""
        return below([chart.table() for chart in self._charts])

    def series(self) -> tuple[Series, ...]:
        """The series of all parts."""
        parts = (chart.series() if isinstance(chart, Chart) else series_of(chart.table()) for chart in self._charts)
        return tuple(chain.from_iterable(parts))

    def minimumSizeHint(self) -> QSize:
        """The least size, grown with the type."""
        return QSize(round(u(self.least[0])), round(u(self.least[1])))

    def sizeHint(self) -> QSize:
        """As the least size: layouts give the rest."""
        return self.minimumSizeHint()

    def _parts(self, rect: QRectF) -> list[QRectF]:
        """Each part's share of the room, on whole pixels."""
        gap = u(self._gap)
        room = (rect.width() if self._across else rect.height()) - gap * (len(self._charts) - 1)
        at, found = 0.0, []
        for share in self._shares:
            size = room * share / sum(self._shares)
            begin, end = round(at), round(at + size)
            beside = QRectF(rect.left() + begin, rect.top(), end - begin, rect.height())
            under = QRectF(rect.left(), rect.top() + begin, rect.width(), end - begin)
            found.append(beside if self._across else under)
            at += size + gap
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each part its share."""
        super().resizeEvent(event)
        for chart, part in zip(self._charts, self._parts(QRectF(self.rect())), strict=True):
            chart.setGeometry(part.toRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        """What lies between the parts."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), color(self._ground))
        painter.end()

    def render_to(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the parts for another device."""
        for chart, part in zip(self._charts, self._parts(rect), strict=True):
            chart.render_to(painter, part)
