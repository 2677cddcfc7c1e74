"""Heat tables: days for models by GPU counts, and what owning saves for utilization by cloud price."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from mitsumori.gui.charts.numbers import duration, interval, number
from mitsumori.gui.charts.painting import NORMAL, RIGHT, SEMIBOLD, bar, color, draw_text, text_width, u
from mitsumori.gui.tables.columns import Cell, Column, Heat, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.widgets.paint import SMOOTH

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Days of one cell with its interval; None does not fit. ``key`` adopts it."""

    days: float | None
    low: float | None = None
    high: float | None = None
    fits: bool = True
    key: object = None

    @property
    def known(self) -> bool:
        """Whether there are days to show."""
        return self.fits and self.days is not None


@dataclass(frozen=True, slots=True)
class HeatData:
    """Rows are models, columns are GPU counts. ``current`` is the plan's cell (row, column)."""

    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]
    current: tuple[int, int] | None = None

    def span(self) -> tuple[float, float] | None:
        """Fewest and most days of the cells."""
        known = [cell.days for row in self.cells for cell in row if cell.days and cell.fits]
        return (min(known), max(known)) if known else None


class HeatTable(TableView):
    """Days in coloured cells; opening a cell adopts it."""

    least = (460, 160)
    head_height = 38
    pitch = (30, 42)
    lines = False
    whole_rows = False

    def __init__(self) -> None:
        super().__init__()
        self.data = HeatData("", (), (), ())

    def set_data(self, data: HeatData) -> None:
        """Show other cells."""
        self.data = data
        current, span = data.current or (-1, -1), data.span()
        days = translate("Tables", "days")
        columns = (
            Column(data.corner),
            *(
                Column(head, days, True, note=note, centred=True, stretch=1, least=44, current=at == current[1])
                for at, (head, note) in enumerate(data.columns)
            ),
        )
        rows = []
        for row, (name, cells) in enumerate(zip(data.rows, data.cells, strict=True)):
            here = row == current[0]
            line = [Cell(name, None, Words(14, SEMIBOLD if here else NORMAL, "accent" if here else "text"))]
            for at, cell in enumerate(cells):
                share = _share(cell.days, span) if cell.known and span else None
                value = cell.days if cell.known else None
                look = Heat(share, mine=(row, at) == current)
                tip = _tip(name, data.columns[at][0], cell)
                spoken = duration(cell.days) if cell.known else _text(cell)
                line.append(Cell(_text(cell), value, look, tip, cell.key, spoken))
            rows.append(tuple(line))
        self.set_table(Table(columns, tuple(rows)))

    def sizeHint(self) -> QSize:
        """Rows as high as in the pictures."""
        least = self.minimumSizeHint()
        high = u(self.head_height + 6) + u(36) * self.rows().rowCount()
        return QSize(least.width(), max(least.height(), round(high)))


def _text(cell: HeatCell) -> str:
    if cell.days is None or not cell.fits:
        return translate("Training", "does not fit")
    return number(cell.days, 3 if cell.days >= 1 else 2)


def _share(days: float | None, span: tuple[float, float]) -> float:
    """Place of a number of days on the logarithmic scale of the table."""
    low, high = span
    return 0.5 if high <= low or not days else math.log(days / low) / math.log(high / low)


def _tip(name: str, head: str, cell: HeatCell) -> str:
    if cell.days is None or not cell.fits:
        return translate("Training", "{model} does not fit on {gpus}.").format(model=name, gpus=head)
    tip = translate("Training", "{model} on {gpus}: {time}").format(model=name, gpus=head, time=duration(cell.days))
    if cell.low is not None and cell.high is not None:
        tip += "\n" + translate("Training", "80 % interval {interval} days").format(
            interval=interval(cell.low, cell.high)
        )
    if cell.key is not None:
        tip += "\n" + translate("Training", "Click to use it")
    return tip


@dataclass(frozen=True)
class TwoWayData:
    """Owned minus cloud turned round: what owning saves (positive) for utilization (rows, descending) by price.

    ``unit`` of ``amounts``: the savings as they are copied.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    savings: npt.NDArray[np.float64]
    texts: tuple[tuple[str, ...], ...]
    current: tuple[int, int] | None
    row_axis: str
    column_axis: str
    keys: tuple[tuple[object, ...], ...] = ()
    unit: str = ""


class TwoWayMap(TableView):
    """Diverging cells; the thick step line is the break-even."""

    least = (380, 210)
    head_height = 24
    pitch = (22, 30)
    lines = False
    whole_rows = False
    sortable = False
    quiet_heads = True
    _foot = 48.0
    """Room below the cells for the names of the axes and of the colours."""

    def __init__(self) -> None:
        super().__init__()
        self._data: TwoWayData | None = None

    def set_data(self, data: TwoWayData | None) -> None:
        """Show another map."""
        self._data = data
        if data is None:
            self.set_table(Table())
            return
        most = float(np.nanmax(np.abs(data.savings))) or 1.0
        current = data.current or (-1, -1)
        columns = (
            Column(data.row_axis, shown="", number=True),
            *(
                Column(head, data.unit, True, shown=head, centred=True, stretch=1, least=34, current=at == current[1])
                for at, head in enumerate(data.columns)
            ),
        )
        rows = []
        for row, name in enumerate(data.rows):
            here = row == current[0]
            line = [Cell(name, None, Words(12, ink="accent" if here else "text_3"), raw=name)]
            for at, head in enumerate(data.columns):
                saving, text = float(data.savings[row, at]), data.texts[row][at]
                tip = translate("Cost", "Utilization {row}, cloud price {column}: {amount}").format(
                    row=name, column=head, amount=text
                )
                look = Heat(saving / most, True, (row, at) == current, 13)
                line.append(Cell(text, saving, look, tip, data.keys[row][at] if data.keys else None))
            rows.append(tuple(line))
        self.set_table(Table(columns, tuple(rows)))
        self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """Cells and foot."""
        rows = u(self.head_height) + self.rows_wanted() * round(u(self.pitch[0])) + u(self._foot)
        return QSize(round(u(self.least[0])), max(round(u(self.least[1])), round(rows)))

    def fit_rows(self) -> None:
        """The foot keeps its room below the cells."""
        self.setViewportMargins(0, round(u(self.head_height)), 0, 0)
        count = max(1, self.rows().rowCount())
        room = self.height() - u(self.head_height) - u(self._foot)
        least, most = (round(u(size)) for size in self.pitch)
        self.verticalHeader().setDefaultSectionSize(min(most, max(least, int(room / count))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells, then what lies over and below them."""
        super().paintEvent(event)
        data, count = self._data, self.rows().rowCount()
        if data is None or not count:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(SMOOTH)
        self._step_line(painter, data)
        bottom = self.rowViewportPosition(count - 1) + self.rowHeight(count - 1)
        left, right = float(self.columnViewportPosition(1)), float(self.viewport().width())
        end = draw_text(painter, left, bottom + u(14), data.row_axis, 12, NORMAL, "text_3").right()
        if end + u(12) + text_width(data.column_axis, 12) <= right:
            draw_text(painter, right, bottom + u(14), data.column_axis, 12, NORMAL, "text_3", RIGHT)
        x = left
        for ink, text in (
            ("onprem", translate("Cost", "Owning cheaper")),
            ("cloud", translate("Cost", "Cloud cheaper")),
        ):
            bar(painter, QRectF(x, bottom + u(30), u(11), u(11)), ink, 2)
            x = draw_text(painter, x + u(17), bottom + u(35.5), text, 12, NORMAL, "text_2").right() + u(16)
        painter.end()

    def _step_line(self, painter: QPainter, data: TwoWayData) -> None:
        pen = QPen(color("text"), u(2.5))
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        owned = data.savings > 0
        rows, columns = owned.shape
        lines = []
        for row in range(rows):
            for column in range(columns):
                box = QRectF(self.visualRect(self.rows().index(row, column + 1)))
                if column + 1 < columns and owned[row, column] != owned[row, column + 1]:
                    lines.append(QLineF(box.right(), box.top(), box.right(), box.bottom()))
                if row + 1 < rows and owned[row, column] != owned[row + 1, column]:
                    lines.append(QLineF(box.left(), box.bottom(), box.right(), box.bottom()))
        painter.drawLines(lines)
