"""The view of every table: fits its rows and columns to its place, is walked, ordered and copied, opens what is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QSizePolicy, QWidget

from mitsumori.gui.charts.choice import changes_plan
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.charts.painting import color, u
from mitsumori.gui.tables.cells import Cells, content_width
from mitsumori.gui.tables.columns import Table
from mitsumori.gui.tables.files import ask_csv
from mitsumori.gui.tables.head import Head, head_width
from mitsumori.gui.tables.measures import MeasuredTable, OffersCopies
from mitsumori.gui.theme.tokens import theme_signals

translate = QCoreApplication.translate
_OPENERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class TableView(MeasuredTable):
    """A table of a card or of a dialog. A subclass builds a :class:`Table` and chooses measures."""

    opened = Signal(object)
    """The key of a cell or row that was clicked, or opened with Enter."""
    chosen = Signal(object, str)
    """Key and words of a cell or row that was clicked and would change the plan: it is shown first, and then applied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fitting = False
        self._own_widths: dict[int, int] = {}
        self._natural: list[float] = []
        self.setModel(self._rows)
        self.setItemDelegate(Cells(self))
        self.setHorizontalHeader(Head(self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        behaviour = QAbstractItemView.SelectionBehavior
        self.setSelectionBehavior(behaviour.SelectRows if self.whole_rows else behaviour.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(8)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setVisible(self.head_height > 0)
        self.horizontalHeader().sectionResized.connect(self._resized)
        self.horizontalHeader().sectionHandleDoubleClicked.connect(self._give_back)
        self.horizontalHeader().sectionClicked.connect(self._head_clicked)
        if self.sortable:
            self.setSortingEnabled(True)
        (self.clicked if self.opens_on_click else self.doubleClicked).connect(self._open_clicked)
        theme_signals().changed.connect(self.retheme)
        axis_hold().released.connect(self.fit)
        self.set_ground("card")

    # -- contents ---------------------------------------------------------------------------------------------------

    def set_table(self, table: Table) -> None:
        """Show another table."""
        count = len(table.rows)
        reset = self._rows.set_table(table)
        if reset:
            self._own_widths.clear()
            self._natural = []
            self._hovered = -1
            self.updateGeometry()
        if not self._still_fits():
            self._fit(rows=reset or count != self._rows.rowCount())

    def _still_fits(self) -> bool:
        """Whether a slider is held, when columns only grow, and every cell that changed has room in its column."""
        moved, air = self._rows.moved, 2 * u(self.pad)
        if moved is None or not axis_hold().held or len(self._natural) != len(self._rows.columns):
            return False
        return all(content_width(self._rows.table.cell(row, at)) + air <= self._natural[at] for row, at in moved)

    def table(self) -> Table:
        """What is shown, in the order of its source."""
        return self._rows.table

    def order(self) -> list[int] | None:
        """Rows of :meth:`table` in the order shown."""
        return self._rows.order

    def set_ground(self, token: str) -> None:
        """The colour of the theme that the table stands on."""
        self._ground = token
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Base, color(token))
        self.setPalette(palette)

    # -- measures ---------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """The least size: head and rows at their least height."""
        high = u(self.head_height) + self.rows_wanted() * round(u(self.pitch[0]))
        return QSize(round(u(self.least[0])), max(round(u(self.least[1])), round(high)))

    def rows_wanted(self) -> int:
        """Rows that the least size has room for."""
        return max(1, self._rows.rowCount())

    def sizeHint(self) -> QSize:
        """As the least size: layouts give the rest."""
        return self.minimumSizeHint()

    def retheme(self) -> None:
        """Take over colours and measures."""
        self.set_ground(self._ground)
        self._natural = []
        self._own_widths.clear()
        self.fit()
        self.updateGeometry()
        self.viewport().update()
        self.horizontalHeader().viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Pale or not: the cells are painted anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new room among rows and columns."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Share the room among rows and columns; while a slider is held columns only grow."""
        if not axis_hold().held:
            self._natural = []
        self._fit(rows=True)

    def _fit(self, rows: bool) -> None:
        if self._fitting:
            return
        self._fitting = True
        try:
            if rows:
                self.fit_rows()
            self._fit_columns()
        finally:
            self._fitting = False

    def fit_rows(self) -> None:
        """Rows as high as the room allows, between their least and greatest height."""
        count = max(1, self._rows.rowCount())
        room = self.height() - (u(self.head_height) if self.head_height else 0.0)
        least, most = (round(u(size)) for size in self.pitch)
        pitch = min(most, max(least, math.floor(room / count)))
        if self.verticalHeader().defaultSectionSize() != pitch:
            self.verticalHeader().setDefaultSectionSize(pitch)

    def measured(self) -> list[float]:
        """Width that each column would like; while a slider is held at least that of before."""
        columns, table, air = self._rows.columns, self._rows.table, 2 * u(self.pad)
        wide = []
        for at, column in enumerate(columns):
            widths = [content_width(table.cell(row, at)) for row in range(len(table.rows))]
            widths.append(min(head_width(column, True), u(150)))
            wide.append(max(widths) + air)
        held = axis_hold().held and len(self._natural) == len(wide)
        return [max(old, new) for old, new in zip(self._natural, wide, strict=True)] if held else wide

    def _fit_columns(self) -> None:
        columns = self._rows.columns
        if not columns:
            return
        self._natural = wide = self.measured()
        room = float(self.viewport().width())
        shown = [at for at, column in enumerate(columns) if not column.hidden]

        def least(at: int) -> float:
            column = columns[at]
            if at in self._own_widths:
                return float(self._own_widths[at])
            return min(u(column.least), wide[at]) if column.stretch and column.least else wide[at]

        for at in reversed([at for at in shown if columns[at].optional]):
            if sum(map(least, shown)) > room:
                shown.remove(at)
        for at in range(len(columns)):
            if self.isColumnHidden(at) == (at in shown):
                self.setColumnHidden(at, at not in shown)
        for at, width in zip(shown, _shared(self, shown, wide, least, room), strict=True):
            if self.columnWidth(at) != width:
                self.setColumnWidth(at, width)

    def own_widths(self) -> dict[int, int]:
        """Widths that the user gave to columns."""
        return self._own_widths

    def _resized(self, column: int, _old: int, new: int) -> None:
        """An edge of the head was dragged: that width is kept, the others share the rest."""
        if not self._fitting and self.horizontalHeader().underMouse():
            self._own_widths[column] = new
            self._fit(rows=False)

    def _give_back(self, column: int) -> None:
        """A double click on an edge: the column takes the width of its contents again."""
        self._own_widths.pop(column, None)
        self._fit(rows=False)

    # -- opening ----------------------------------------------------------------------------------------------------

    def select_source(self, row: int) -> None:
        """Choose a row by its place in the table as it was given."""
        if row in self._rows.order:
            self.selectRow(self._rows.order.index(row))

    def _open_clicked(self, index: QModelIndex) -> None:
        key = self._rows.key(index)
        if key is None:
            return
        if changes_plan(key) and self.opens_on_click:
            self.chosen.emit(key, str(self._rows.data(index, Qt.ItemDataRole.ToolTipRole)))
        else:
            self.opened.emit(key)

    def _head_clicked(self, section: int) -> None:
        key = self._rows.columns[section].key
        if key is not None:
            self.opened.emit(key)

    def open_current(self) -> bool:
        """Open the current cell: its own key, its row's, or its column's."""
        index = self.currentIndex()
        key = self._rows.key(index)
        if key is None and index.isValid():
            key = self._rows.columns[index.column()].key
        if key is not None:
            self.opened.emit(key)
        return key is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the table, Enter opens the current row."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_table()
        elif event.key() in _OPENERS and self.open_current():
            event.accept()
        else:
            self._begin()
            super().keyPressEvent(event)

    def _begin(self) -> None:
        """Where the keyboard begins: the plan's row, else the first."""
        if not self.currentIndex().isValid() and self._rows.rowCount():
            row = next((row for row in range(self._rows.rowCount()) if self._rows.is_current(row)), 0)
            self.setCurrentIndex(self._rows.index(row, self.first_column()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the plan's row."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._begin()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be clicked, and its row tinted."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        opens = self.opens_on_click and self._rows.key(index) is not None and self.isEnabled()
        shape = Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)
        self._hover(index.row() if opens else -1)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    # -- copies -----------------------------------------------------------------------------------------------------

    def tsv(self) -> str:
        """The rows in the order shown, as tab-separated text with raw numbers."""
        return self.table().tsv(self.order())

    def copy_table(self) -> None:
        """Put the table on the clipboard: raw numbers, units in the heads."""
        QGuiApplication.clipboard().setText(self.tsv())

    def save_csv(self) -> None:
        """Ask for a file and write the table into it."""
        ask_csv(self, self.accessibleName(), self.table().csv(self.order()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the copies; in a card the card's own menu does."""
        within = self.parentWidget()
        while within is not None and not isinstance(within, OffersCopies) and not within.isWindow():
            within = within.parentWidget()
        if isinstance(within, OffersCopies):
            event.ignore()
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(translate("ChartFrame", "Copy table")).triggered.connect(self.copy_table)
        menu.addAction(translate("ChartFrame", "Save as CSV …")).triggered.connect(self.save_csv)
        menu.popup(event.globalPos())

    def render_to(self, painter: QPainter, rect: QRectF) -> None:
        """Paint for another device, head and all rows, in the size of ``rect``."""
        kept, size = self.geometry(), rect.size().toSize()
        if self.size() != size:
            self.resize(size)
        focus, self._hovered, self.printing = self._hovered, -1, True
        painter.save()
        painter.translate(rect.topLeft())
        flags = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
        self.render(painter, QPoint(0, 0), QRegion(), flags)
        painter.restore()
        self._hovered, self.printing = focus, False
        if self.geometry() != kept:
            self.setGeometry(kept)


def _shared(
    view: TableView, shown: list[int], wide: list[float], least: Callable[[int], float], room: float
) -> list[int]:
    """Widths of the columns shown: what they like, the rest to those that stretch, whole pixels that fill the room."""
    columns = view.rows().columns
    free = [at for at in shown if at not in view.own_widths()]
    stretching = [at for at in free if columns[at].stretch] or free or shown
    widths = {at: least(at) for at in shown}
    spare = room - sum(widths.values())
    if spare < 0:  # heads of several words stand on two lines
        for at in shown:
            if not columns[at].stretch:
                table = view.rows().table
                cells = max((content_width(table.cell(row, at)) for row in range(len(table.rows))), default=0.0)
                widths[at] = min(widths[at], max(cells, head_width(columns[at], False)) + 2 * u(view.pad))
        spare = room - sum(widths.values())
    if spare >= 0:
        wanting = {at: max(0.0, wide[at] - widths[at]) for at in stretching}
        share = min(1.0, spare / sum(wanting.values())) if sum(wanting.values()) > 0 else 0.0
        for at, more in wanting.items():
            widths[at] += more * share
        spare = max(0.0, room - sum(widths.values()))
        weights = {at: columns[at].stretch or 1 for at in stretching}
        for at in stretching:
            widths[at] += spare * weights[at] / sum(weights.values())
    else:
        factor = room / sum(widths.values()) if sum(widths.values()) > 0 else 1.0
        floor = 0.72  # smaller type fits into that; below it the table scrolls
        widths = {at: width * max(floor, factor) for at, width in widths.items()}
    edges, at_x = [0], 0.0
    for at in shown:
        at_x += widths[at]
        edges.append(round(at_x))
    return [right - left for left, right in pairwise(edges)]
