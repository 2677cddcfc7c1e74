"""Heat tables: days for models by GPU counts, and the two-way map of utilization by cloud price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mitsumori.gui.charts.base import Chart, Table
from mitsumori.gui.charts.numbers import duration, interval, number
from mitsumori.gui.charts.painting import (
    BOLD,
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    hatch,
    line_height,
    outline,
    snap,
    text_width,
    u,
)
from mitsumori.gui.theme.tokens import ink_on, theme

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Days of one cell with its interval; None does not fit. ``key`` adopts it."""

    days: float | None
    low: float | None = None
    high: float | None = None
    fits: bool = True
    key: Any = None


@dataclass(frozen=True, slots=True)
class HeatData:
    """Rows are models, columns are GPU counts. ``current`` is the plan's cell (row, column)."""

    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]
    current: tuple[int, int] | None = None


class HeatTable(Chart):
    """Days in coloured cells; a click or Enter adopts a cell."""

    least = (460, 160)

    def __init__(self) -> None:
        super().__init__()
        self._data: HeatData | None = None
        self.make_keyboard()

    def set_data(self, data: HeatData) -> None:
        """Show other cells."""
        self._data = data
        self.least = (460, 38 + 30 * len(data.rows))
        self.updateGeometry()
        self.shown(data)

    def sizeHint(self) -> QSize:
        """Rows as high as in the pictures."""
        least, rows = self.minimumSizeHint(), len(self._data.rows) if self._data is not None else 0
        return QSize(least.width(), max(least.height(), round(u(44 + 36 * rows))))

    def table(self) -> Table:
        """The cells as text."""
        data = self._data
        if data is None:
            return Table()
        headers = (data.corner, *(f"{head} ({note})" if note else head for head, note in data.columns))
        rows = tuple(
            (name, *(self._text(cell) for cell in cells)) for name, cells in zip(data.rows, data.cells, strict=True)
        )
        return Table(headers, rows)

    @staticmethod
    def _text(cell: HeatCell) -> str:
        if not cell.fits or cell.days is None:
            return translate("Training", "does not fit")
        return number(cell.days, 3 if cell.days >= 1 else 2)

    def span(self) -> tuple[float, float] | None:
        """Fewest and most days of the cells."""
        known = [
            cell.days for row in (self._data.cells if self._data else ()) for cell in row if cell.days and cell.fits
        ]
        return (min(known), max(known)) if known else None

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Heads, cells, the frame of the plan's cell."""
        data = self._data
        if data is None or not data.rows:
            return
        head = u(38)
        names = max(text_width(data.corner, 14), max(text_width(name, 14, SEMIBOLD) for name in data.rows)) + u(18)
        names = min(names, rect.width() * 0.3)
        width = (rect.width() - names) / max(1, len(data.columns))
        pitch = min(u(42), (rect.height() - head) / len(data.rows))
        current = data.current or (-1, -1)
        draw_text(painter, rect.left() + u(4), rect.top() + head / 2, data.corner, 14, NORMAL, "text_2")
        for index, (text, note) in enumerate(data.columns):
            centre = rect.left() + names + width * (index + 0.5)
            ink = "accent" if index == current[1] else "text"
            px = 14 if text_width(text, 14, SEMIBOLD) <= width - u(6) else 12
            if px == 12 and text_width(text, 12, SEMIBOLD) > width - u(6):
                text, note = text.split(" ", 1) if " " in text else (text, "")
            draw_text(painter, centre, rect.top() + u(9), text, px, SEMIBOLD, ink, CENTER)
            if text_width(note, 12) <= width - u(4):
                draw_text(painter, centre, rect.top() + u(26), note, 12, NORMAL, "text_3", CENTER)
        span = self.span()
        frame: QRectF | None = None
        for row, (name, cells) in enumerate(zip(data.rows, data.cells, strict=True)):
            y = rect.top() + head + pitch * row
            here = row == current[0]
            ink, weight = ("accent", SEMIBOLD) if here else ("text", NORMAL)
            px = 14 if text_width(name, 14, weight) <= names - u(10) else 12
            draw_text(painter, rect.left() + u(4), y + pitch / 2, name, px, weight, ink)
            for column, cell in enumerate(cells):
                box = snap(QRectF(rect.left() + names + width * column + 1, y + 1, width - 2, pitch - 2))
                mine = (row, column) == current
                self._cell(painter, box, cell, span, mine)
                self.mark(box, self._tip(name, data.columns[column], cell), cell.key)
                if mine:
                    frame = box
        if frame is not None:
            outline(painter, frame.adjusted(-1.5, -1.5, 1.5, 1.5), "text", 3, 4)

    def _cell(
        self, painter: QPainter, box: QRectF, cell: HeatCell, span: tuple[float, float] | None, mine: bool
    ) -> None:
        text = self._text(cell)
        if not cell.fits or cell.days is None or span is None:
            bar(painter, box, "hover", 3)
            hatch(painter, box, color("line", 0.9), 7, 1.4)
            lines = [text] if text_width(text, 13) + 8 <= box.width() else text.split(" ", 1)
            step = line_height(12)
            for index, line in enumerate(lines):
                y = box.center().y() + step * (index - (len(lines) - 1) / 2)
                draw_text(painter, box.center().x(), y, line, 13 if len(lines) == 1 else 12, NORMAL, "text_3", CENTER)
            return
        fill = heat_color(cell.days, *span)
        bar(painter, box, fill, 3)
        px, weight = (18, BOLD) if mine else (15, NORMAL)
        while px > 12 and text_width(text, px, weight) + 6 > box.width():
            px -= 1
        draw_text(painter, box.center().x(), box.center().y(), text, px, weight, ink_on(fill), CENTER)

    @staticmethod
    def _tip(name: str, head: tuple[str, str], cell: HeatCell) -> str:
        if not cell.fits or cell.days is None:
            return translate("Training", "{model} does not fit on {gpus}.").format(model=name, gpus=head[0])
        tip = translate("Training", "{model} on {gpus}: {time}").format(
            model=name, gpus=head[0], time=duration(cell.days)
        )
        if cell.low is not None and cell.high is not None:
            tip += "\n" + translate("Training", "80 % interval {interval} days").format(
                interval=interval(cell.low, cell.high)
            )
        if cell.key is not None:
            tip += "\n" + translate("Training", "Click to use it")
        return tip


class HeatScale(Chart):
    """The colour scale of the heat table, few to many."""

    least = (260, 22)

    def __init__(self) -> None:
        super().__init__()
        self._ends = ("", "")

    def set_data(self, low: str, high: str) -> None:
        """The texts of both ends."""
        self._ends = (low, high)
        self.shown(low, high)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Text, steps, text."""
        low_w, high_w = (text_width(text, 13) for text in self._ends)
        draw_text(painter, rect.left() + low_w, rect.center().y(), self._ends[0], 13, NORMAL, "text_2", RIGHT)
        draw_text(painter, rect.right() - high_w, rect.center().y(), self._ends[1], 13, NORMAL, "text_2")
        left, right = rect.left() + low_w + u(8), rect.right() - high_w - u(8)
        steps = 48
        for step in range(steps):
            box = QRectF(
                left + (right - left) * step / steps, rect.center().y() - u(5), (right - left) / steps + 0.6, u(10)
            )
            painter.fillRect(box, mix(theme().heat_scale(), step / (steps - 1)))


def heat_color(days: float, low: float, high: float) -> QColor:
    """The colour of a number of days on the logarithmic scale of the table."""
    share = 0.5 if high <= low else math.log(days / low) / math.log(high / low)
    return mix(theme().heat_scale(), share)


def mix(steps: Sequence[QColor], share: float) -> QColor:
    """A colour between the steps of a scale."""
    at = min(max(share, 0.0), 1.0) * (len(steps) - 1)
    index = min(int(at), len(steps) - 2)
    rest = at - index
    a, b = steps[index], steps[index + 1]
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * rest,
        a.greenF() + (b.greenF() - a.greenF()) * rest,
        a.blueF() + (b.blueF() - a.blueF()) * rest,
    )


@dataclass(frozen=True)
class TwoWayData:
    """Owned minus cloud turned round: what owning saves (positive) for utilization (rows, descending) by price."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    savings: npt.NDArray[np.float64]
    texts: tuple[tuple[str, ...], ...]
    current: tuple[int, int] | None
    row_axis: str
    column_axis: str
    keys: tuple[tuple[Any, ...], ...] = ()


class TwoWayMap(Chart):
    """Diverging cells; the thick step line is the break-even."""

    least = (380, 210)

    def __init__(self) -> None:
        super().__init__()
        self._data: TwoWayData | None = None
        self.make_keyboard()

    def set_data(self, data: TwoWayData | None) -> None:
        """Show another map."""
        self._data = data
        self.shown(data)

    def table(self) -> Table:
        """The amounts as text."""
        data = self._data
        if data is None:
            return Table()
        return Table((data.row_axis, *data.columns), tuple((r, *t) for r, t in zip(data.rows, data.texts, strict=True)))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Cells, step line, the plan's frame, axes."""
        data = self._data
        if data is None or data.savings.size == 0:
            return
        left = max(text_width(row, 12) for row in data.rows) + u(10)
        foot = u(20) + u(18) + u(20)
        width = (rect.width() - left) / len(data.columns)
        pitch = min(u(30), (rect.height() - foot) / len(data.rows))
        most = float(np.nanmax(np.abs(data.savings))) or 1.0
        boxes: list[list[QRectF]] = []
        for row, name in enumerate(data.rows):
            y = rect.top() + pitch * row
            draw_text(painter, rect.left() + left - u(8), y + pitch / 2, name, 12, NORMAL, "text_3", RIGHT)
            boxes.append([])
            for column in range(len(data.columns)):
                box = QRectF(rect.left() + left + width * column + 1, y + 1, width - 2, pitch - 2)
                boxes[-1].append(box)
                saving = float(data.savings[row, column])
                fill = diverging(saving / most)
                bar(painter, box, fill, 2)
                text = data.texts[row][column]
                px = 13 if text_width(text, 13) + 6 <= box.width() else 11.5
                weight = SEMIBOLD if (row, column) == data.current else NORMAL
                draw_text(painter, box.center().x(), box.center().y(), text, px, weight, ink_on(fill), CENTER)
                tip = translate("Cost", "Utilization {row}, cloud price {column}: {amount}").format(
                    row=name, column=data.columns[column], amount=text
                )
                key = data.keys[row][column] if data.keys else None
                self.mark(box, tip, key)
        self._step_line(painter, data, boxes)
        if data.current is not None and 0 <= data.current[0] < len(boxes):
            outline(painter, boxes[data.current[0]][data.current[1]].adjusted(-1, -1, 1, 1), "text", 2, 3)
        y = rect.top() + pitch * len(data.rows)
        for column, name in enumerate(data.columns):
            centre = rect.left() + left + width * (column + 0.5)
            draw_text(painter, centre, y + u(12), name, 12, NORMAL, "text_3", CENTER)
        draw_text(painter, rect.left() + left, y + u(29), data.row_axis, 12, NORMAL, "text_3")
        draw_text(painter, rect.right(), y + u(29), data.column_axis, 12, NORMAL, "text_3", RIGHT)
        x = rect.left() + left
        for ink, text in (
            ("onprem", translate("Cost", "Owning cheaper")),
            ("cloud", translate("Cost", "Cloud cheaper")),
        ):
            bar(painter, QRectF(x, y + u(44), u(11), u(11)), ink, 2)
            x = draw_text(painter, x + u(17), y + u(49.5), text, 12, NORMAL, "text_2").right() + u(16)

    @staticmethod
    def _step_line(painter: QPainter, data: TwoWayData, boxes: list[list[QRectF]]) -> None:
        pen = QPen(color("text"), u(2.5))
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        owned = data.savings > 0
        lines = []
        rows, columns = owned.shape
        for row in range(rows):
            for column in range(columns):
                box = boxes[row][column].adjusted(-1, -1, 1, 1)
                if column + 1 < columns and owned[row, column] != owned[row, column + 1]:
                    lines.append(QLineF(box.right(), box.top(), box.right(), box.bottom()))
                if row + 1 < rows and owned[row, column] != owned[row + 1, column]:
                    lines.append(QLineF(box.left(), box.bottom(), box.right(), box.bottom()))
        painter.drawLines(lines)


def diverging(share: float) -> QColor:
    """From near the card's colour to ``cloud`` (negative) or ``onprem`` (positive)."""
    end = color("onprem" if share > 0 else "cloud")
    card = color("card")
    # The palest step still shows its side; the square root spreads the many small amounts.
    weight = 0.16 + 0.84 * math.sqrt(min(1.0, abs(share))) if share else 0.0
    return mix((card, end), weight)
