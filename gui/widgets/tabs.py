"""The row of tabs: text, an underline below the chosen one, and a count of problems."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.paint import box, text, width_of


class TabRow(QTabBar):
    """A ``QTabBar`` in the product's look; ``set_counts`` puts numbers of problems behind the titles."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[int, int] = {}
        self._measured_at = 0
        self._measures: tuple[int, int] | None = None
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setMouseTracking(True)
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_counts(self, counts: Sequence[int]) -> None:
        """Problems that concern each tab, in their order; zero hides the number."""
        found = {index: count for index, count in enumerate(counts) if count}
        if found != self._counts:
            marked, self._counts = self._counts.keys(), found
            if found.keys() != marked:
                self.refit()
            self.update()

    def refit(self) -> None:
        """Measure the tabs again (a title, a count or the scale changed)."""
        self._measures = None
        self.setIconSize(QSize(16, 16) if self.iconSize().width() != 16 else QSize(17, 17))
        self.updateGeometry()
        self.update()

    def tabInserted(self, index: int) -> None:
        """Another title."""
        super().tabInserted(index)
        self.refit()

    def _gap_and_type(self) -> tuple[int, int]:
        """Gap between the titles and size of the titles, in px, measured once until :meth:`refit` or another width.

        The gap is 28 px (22 in a compact window), down to 10 where the titles would not all be seen; the size 15 (14 in a
        compact window), 13 where they would not all be seen even at the least gap.
        """
        if self._measures is not None:
            return self._measures
        look, room = theme(), self._measured_at
        titles = [self.tabText(index) for index in range(self.count())]
        gap, size = look.fit(28, 22), 14 if look.compact else 15
        if titles and room > 0:
            marks = look.px(26) * len(self._counts)
            least = look.px(10)
            if sum(width_of(title, size, 600) + least for title in titles) + marks > room:
                size = 13
            left = room - marks - sum(width_of(title, size, 600) for title in titles)
            gap = max(least, min(gap, int(left / len(titles)) - 1))
        self._measures = gap, size
        return self._measures

    def _title_width(self, index: int) -> float:
        """Title at its bold width, so that choosing moves nothing; the count behind it."""
        width = width_of(self.tabText(index), self._gap_and_type()[1], 600)
        return width + theme().px(26) if self._counts.get(index) else width

    def tabSizeHint(self, index: int) -> QSize:
        """Title and gap."""
        return QSize(round(self._title_width(index)) + self._gap_and_type()[0], theme().fit(44, 38))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Titles move together where there is less room."""
        before, self._measures = self._gap_and_type(), None
        self._measured_at = event.size().width()
        if self._gap_and_type() != before:
            self.refit()
        super().resizeEvent(event)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """The same: titles are never shortened."""
        return self.tabSizeHint(index)

    def sizeHint(self) -> QSize:
        """44 px high."""
        return QSize(sum(self.tabSizeHint(i).width() for i in range(self.count())), theme().fit(44, 38))

    def minimumSizeHint(self) -> QSize:
        """May be cut at the right in a very small window."""
        return QSize(theme().px(300), theme().fit(44, 38))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw titles, counts, underline and the line below."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), look.color("line"))
        # Where the pointer is takes a question to the display server: asked only where it can matter.
        pointer = self.mapFromGlobal(self.cursor().pos()) if self.underMouse() else None
        size = self._gap_and_type()[1]
        for index in range(self.count()):
            rect = QRectF(self.tabRect(index))
            left = rect.left() + look.px(4)
            on = index == self.currentIndex()
            title = self.tabText(index)
            wide = width_of(title, size, 600)
            hover = pointer is not None and rect.contains(pointer)
            ink = look.color("text" if on or hover else "text_2")
            text(painter, QRectF(left, 0, wide + 2, rect.height()), title, size, ink, 600 if on else 400)
            extent = wide
            count = self._counts.get(index, 0)
            if count:
                side = look.px(20)
                badge = QRectF(left + wide + look.px(7), rect.center().y() - side / 2, side, side)
                box(painter, badge, side / 2, look.color("bad_tint"))
                text(painter, badge, str(count), 13, look.color("bad"), 600, Qt.AlignmentFlag.AlignHCenter)
                extent += look.px(7) + side
            if on:
                line = QRectF(left, rect.bottom() - look.px(3) + 1, extent, look.px(3))
                painter.fillRect(line, look.color("accent"))
                if self.hasFocus():
                    ring = QRectF(left - look.px(7), look.px(6), extent + look.px(14), rect.height() - look.px(14))
                    box(painter, ring, look.px(6), None, look.color("accent"), 2)
