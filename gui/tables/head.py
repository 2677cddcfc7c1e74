"""The head of a table: names in small type above their cells, a second line, the arrow of the order, tiles of scenarios."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView

from mitsumori.gui.charts.painting import (
    CENTER,
    LEFT,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    line_height,
    text_width,
    u,
    wrap,
)
from mitsumori.gui.tables.columns import Column
from mitsumori.gui.tables.measures import MeasuredTable
from mitsumori.gui.theme.tokens import ink_on
from mitsumori.gui.widgets.paint import SMOOTH

_ARROW = 9.0


class Head(QHeaderView):
    """Sections that are clicked to order the rows, and dragged at their edges to other widths."""

    def __init__(self, view: MeasuredTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view = view
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setSortIndicatorClearable(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setMinimumSectionSize(16)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        """As high as the view wants it."""
        return QSize(0, round(u(self._view.head_height)))

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """One head."""
        columns = self._view.rows().columns
        painter.setRenderHint(SMOOTH)
        painter.fillRect(rect, color("card"))
        if logical < len(columns):
            box = QRectF(rect)
            column = columns[logical]
            if self._view.lines:
                painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), color("line"))
            if self._view.column_lines and logical:
                painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), color("line"))
            if column.letter:
                self._tile(painter, box, column)
            else:
                self._text(painter, box, column, logical)

    def _text(self, painter: QPainter, rect: QRectF, column: Column, logical: int) -> None:
        air = u(self._view.pad)
        box = rect.adjusted(air, 0, -air, -1)
        strong = column.centred
        px, weight = (14.0, SEMIBOLD) if strong and not self._view.quiet_heads else (13.0, NORMAL)
        ink = "accent" if column.current else "text" if weight == SEMIBOLD else "text_3"
        align = CENTER if strong else RIGHT if column.number else LEFT
        x = box.center().x() if strong else box.right() if column.number else box.left()
        label, note = column.label, column.note
        if strong and text_width(label, px, weight) > box.width() + 2 * air - u(6):
            px = 12.0
            if text_width(label, px, weight) > box.width() + 2 * air - u(6) and " " in label:
                label, note = label.split(" ", 1)
        lines = [label] if text_width(label, px, weight) <= box.width() + 1 else wrap(label, px, weight, box.width(), 2)
        if len(lines) > 1:
            px = 12.0
            lines = wrap(label, px, weight, box.width() + 1, 2)
        step = line_height(px) - 1
        under = step if note and text_width(note, 12) <= rect.width() - u(4) else 0.0
        y = box.center().y() - (step * (len(lines) - 1) + under) / 2
        drawn = QRectF()
        for line in lines:
            drawn = draw_text(painter, x, y, line, px, weight, ink, align)
            y += step
        if under:
            draw_text(painter, x, y, note, 12, NORMAL, "text_3", align)
        if self.sortIndicatorSection() == logical and self._view.isSortingEnabled():
            self._arrow(painter, drawn, column)

    def _arrow(self, painter: QPainter, text: QRectF, column: Column) -> None:
        """Beside the text, where it hides none of it."""
        x = text.left() - u(_ARROW) if column.number else text.right() + u(_ARROW)
        up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        half, y = u(3), text.center().y()
        tip, foot = (y - half, y + half) if up else (y + half, y - half)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("text_2"))
        painter.drawPolygon(QPolygonF([QPointF(x - half, foot), QPointF(x + half, foot), QPointF(x, tip)]))

    def _tile(self, painter: QPainter, box: QRectF, column: Column) -> None:
        """A letter on its tile and the name of the scenario."""
        tile = QRectF(box.left() + u(16), box.center().y() - u(13), u(26), u(26))
        bar(painter, tile, "accent" if column.current else "sunken", u(5))
        ink = ink_on(color("accent")) if column.current else color("text_2")
        draw_text(painter, tile.center().x(), tile.center().y(), column.letter, 14, SEMIBOLD, ink, CENTER)
        room = box.right() - tile.right() - u(22)
        px = 16 if text_width(column.label, 16, SEMIBOLD) <= room else 13
        lines = wrap(column.label, px, SEMIBOLD, room, 2)
        step = line_height(px, SEMIBOLD)
        for row, line in enumerate(lines):
            y = box.center().y() + step * (row - (len(lines) - 1) / 2)
            draw_text(painter, tile.right() + u(12), y, line, px, SEMIBOLD)


def head_width(column: Column, whole: bool) -> float:
    """Width of a head without its air: the whole line, or its longest word where the head may be broken."""
    if column.letter:
        return u(160)
    px, weight = (14, SEMIBOLD) if column.centred else (13, NORMAL)
    words = [column.label] if whole else column.label.split()
    return max([text_width(word, px, weight) for word in words] + [text_width(column.note, 12)], default=0.0)
