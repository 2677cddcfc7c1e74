"""Two charts in one card, and a plain table of numbers, painted like the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent

from mitsumori.gui.charts.base import Chart, Marks, Table
from mitsumori.gui.charts.painting import (
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    draw_text,
    hline,
    line_height,
    text_width,
    u,
    wrap,
)


class Combined(Chart):
    """Charts below each other, or beside each other, in given shares; they keep their marks and tables."""

    def __init__(self, charts: Sequence[Chart], shares: Sequence[float], across: bool = False, gap: float = 14) -> None:
        super().__init__()
        self._charts = tuple(charts)
        self._shares = tuple(shares)
        self._across = across
        self._gap = gap
        self._parts = [QRectF() for _ in self._charts]
        self._part_marks = [Marks() for _ in self._charts]
        self._dirty: QRectF | None = None
        for index, chart in enumerate(self._charts):
            chart.setParent(self)
            chart.hide()
            chart.on_change = partial(self._part_changed, index)
        sizes = [chart.least for chart in self._charts]
        if across:
            self.least = (sum(w for w, _ in sizes) + int(gap), max(h for _, h in sizes))
        else:
            self.least = (max(w for w, _ in sizes), sum(h for _, h in sizes) + int(gap))

    def table(self) -> Table:
        """The tables below each other."""
        tables = [chart.table() for chart in self._charts]
        width = max(len(table.headers) for table in tables)
        rows: list[tuple[str, ...]] = []
        keys: list[object] = []
        for index, table in enumerate(tables):
            if index:
                rows.append(table.headers + ("",) * (width - len(table.headers)))
                keys.append(None)
            rows += [row + ("",) * (width - len(row)) for row in table.rows]
            keys += list(table.keys) or [None] * len(table.rows)
        return Table(tables[0].headers + ("",) * (width - len(tables[0].headers)), tuple(rows), tuple(keys))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Each in its share of the room."""
        gap = u(self._gap) * (len(self._charts) - 1)
        room = (rect.width() if self._across else rect.height()) - gap
        at = rect.left() if self._across else rect.top()
        for index, (chart, share) in enumerate(zip(self._charts, self._shares, strict=True)):
            size = room * share / sum(self._shares)
            beside = QRectF(at, rect.top(), size, rect.height())
            part = beside if self._across else QRectF(rect.left(), at, rect.width(), size)
            at += size + u(self._gap)
            if self._dirty is None:
                self._marks.add(chart.draw_within(painter, part))
                continue
            if part != self._parts[index] or self._reach(part).intersects(self._dirty):
                self._parts[index], self._part_marks[index] = part, chart.draw_within(painter, part)
            self._marks.add(self._part_marks[index])

    def _reach(self, part: QRectF) -> QRectF:
        """A part with half of the gap around it, where its labels may hang over."""
        over = u(self._gap) / 2
        return part.adjusted(-over, -over, over, over)

    def _part_changed(self, index: int) -> None:
        """Repaint one chart; what stands beside it stays as it was painted."""
        part = self._parts[index]
        if part.isEmpty():
            self.update()
        else:
            # Whole pixels inside the reach: one that straddles it would have the neighbour painted as well.
            reach = self._reach(part)
            left, top = math.ceil(reach.left()), math.ceil(reach.top())
            self.update(left, top, math.floor(reach.right()) - left, math.floor(reach.bottom()) - top)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the charts that the event touches."""
        self._dirty = QRectF(event.rect())
        try:
            super().paintEvent(event)
        finally:
            self._dirty = None


class GridTable(Chart):
    """Rows and columns of numbers in a card: head in small type, hairlines, one row emphasised."""

    least = (380, 90)

    def __init__(self, row: float = 34) -> None:
        """``row`` is the least height of one, the head among them."""
        super().__init__()
        self._row = row
        self._table = Table()
        self._strong_row: int | None = None
        self._strong_columns: tuple[int, ...] = ()

    def set_data(self, table: Table, strong_row: int | None = None, strong_columns: Sequence[int] = ()) -> None:
        """Show other numbers."""
        grown = len(table.rows) != len(self._table.rows)
        self._table, self._strong_row, self._strong_columns = table, strong_row, tuple(strong_columns)
        if grown:
            self.least = (380, round(self._row * (1 + max(1, len(table.rows)))))
            self.updateGeometry()
        self.shown(table, strong_row, strong_columns)

    def table(self) -> Table:
        """The numbers."""
        return self._table

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Head, rows, hairlines; columns share the room by need."""
        table = self._table
        if not table.headers:
            return
        pad = u(16)
        wants, words = [], []
        for column, head in enumerate(table.headers):
            cells = [text_width(row[column], 14, SEMIBOLD) for row in table.rows]
            wants.append(max([min(text_width(head, 13), u(150)), *cells]) + pad)
            words.append(max([*(text_width(word, 13) for word in head.split()), *cells]) + pad)
        if sum(wants) > rect.width():  # heads of several words in two lines
            wants = words
        spare = rect.width() - sum(wants)
        factor = 1.0 if spare >= 0 else rect.width() / sum(wants)
        extra = max(0.0, spare) / len(wants)
        px, head_px = (14, 13) if factor > 0.92 else (12, 12)
        head_h = min(u(32), rect.height() / (len(table.rows) + 1))
        pitch = min(u(36), (rect.height() - head_h) / max(1, len(table.rows)))
        x = rect.left()
        for column, head in enumerate(table.headers):
            width = wants[column] * factor + extra
            lines = wrap(head, head_px, NORMAL, width - u(6), 2)
            step = line_height(head_px) - 2
            for index, line in enumerate(lines):
                y = rect.top() + head_h / 2 + step * (index - (len(lines) - 1) / 2)
                if column == 0:
                    draw_text(painter, x + u(2), y, line, head_px, NORMAL, "text_3")
                else:
                    draw_text(painter, x + width - u(4), y, line, head_px, NORMAL, "text_3", RIGHT)
            for row, cells in enumerate(table.rows):
                y = rect.top() + head_h + pitch * (row + 0.5)
                strong = row == self._strong_row or column in self._strong_columns
                weight = SEMIBOLD if strong else NORMAL
                if column == 0:
                    draw_text(painter, x + u(2), y, cells[column], px, weight)
                else:
                    draw_text(painter, x + width - u(4), y, cells[column], px, weight, "text", RIGHT)
            x += width
        for row in range(len(table.rows)):
            top = rect.top() + head_h + pitch * row
            hline(painter, top, rect.left(), rect.right(), "line")
            if row < len(table.keys) and table.keys[row] is not None:
                self.mark(QRectF(rect.left(), top, rect.width(), pitch), table.rows[row][0], table.keys[row])


class Notes(Chart):
    """Lines of text with a coloured square each, for what a picture needs said."""

    least = (160, 24)

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[tuple[str, str], ...] = ()

    def set_data(self, entries: Sequence[tuple[str, str]]) -> None:
        """``(colour token, text)`` each."""
        self._entries = tuple(entries)
        self.shown(entries)

    def table(self) -> Table:
        """The texts."""
        return Table(("",), tuple((text,) for _, text in self._entries))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Right-aligned on one line, for the corner of a card."""
        x = rect.right()
        for ink, text in reversed(self._entries):
            x -= text_width(text, 13)
            draw_text(painter, x, rect.center().y(), text, 13, NORMAL, "text_2")
            x -= u(17)
            bar(painter, QRectF(x, rect.center().y() - u(5), u(11), u(11)), ink, 2)
            x -= u(14)
