"""The model of every table view: typed cells, sorted with unknown ones last, filtered; only what changed is repainted."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_ROLE = Qt.ItemDataRole
_DISPLAY, _TIP, _ALIGN, _SPOKEN, _VALUE = (
    _ROLE.DisplayRole,
    _ROLE.ToolTipRole,
    _ROLE.TextAlignmentRole,
    _ROLE.AccessibleTextRole,
    _ROLE.UserRole,
)


class RowModel(QAbstractTableModel):
    """A :class:`Table` for a view. Sorting is done here: stable, and what is unknown stands last in both directions."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = Table()
        self._columns: tuple[Column, ...] = ()
        self._cells: list[list[Cell]] = []
        self._order: list[int] = []
        self._sort: tuple[int, bool] | None = None
        self._words: tuple[str, ...] = ()
        self.moved: list[tuple[int, int]] | None = None
        """Row and column of the cells that differ since the table before; None where heads or rows do."""

    # -- contents ---------------------------------------------------------------------------------------------------

    @property
    def table(self) -> Table:
        """The table as it was given."""
        return self._table

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns."""
        return self._columns

    @property
    def order(self) -> list[int]:
        """Rows of the table in the order shown."""
        return self._order

    def set_table(self, table: Table) -> bool:
        """Show another table; says whether rows or columns are others than before.

        While rows and columns stay the same ones the view keeps its place, and only cells that differ are repainted.
        """
        columns = table.columns
        cells = [[table.cell(row, at) for at in range(len(columns))] for row in range(len(table.rows))]
        same = len(columns) == len(self._columns) and len(cells) == len(self._cells)
        self.moved = [] if same and columns == self._columns else None
        if not same:
            self.beginResetModel()
            self._table, self._columns, self._cells = table, columns, cells
            self._order = self._ordered()
            self.endResetModel()
            return True
        before, marked = self._cells, self._table.current
        self._table, self._columns, self._cells = table, columns, cells
        if self.moved is None:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)
        order = self._ordered()
        if order != self._order:
            self.moved = None
            self._reorder(order)
            if cells:
                self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(columns) - 1))
            return False
        for shown, row in enumerate(self._order):
            wide = (row == marked) != (row == table.current)
            changed = [at for at, cell in enumerate(cells[row]) if wide or cell != before[row][at]]
            if changed:
                if self.moved is not None:
                    self.moved += [(row, at) for at in changed]
                self.dataChanged.emit(self.index(shown, changed[0]), self.index(shown, changed[-1]))
        return False

    def cell(self, index: Index) -> Cell:
        """The cell at a place of the view."""
        return self._cells[self._order[index.row()]][index.column()]

    def source(self, row: int) -> int:
        """Row of the table at a row of the view."""
        return self._order[row]

    def is_current(self, row: int) -> bool:
        """Whether a row of the view is the plan's."""
        return self._table.current is not None and self._order[row] == self._table.current

    def key(self, index: Index) -> object:
        """What a click on a cell opens: the cell's own, else its row's."""
        if not index.isValid():
            return None
        found = self.cell(index).key
        return self._table.key(self._order[index.row()]) if found is None else found

    # -- order ------------------------------------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; -1 gives the order of the table back."""
        self._sort = None if column < 0 else (column, order is Qt.SortOrder.DescendingOrder)
        self._reorder(self._ordered())

    def set_filter(self, text: str) -> None:
        """Show only rows that hold every word."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self.beginResetModel()
            self._order = self._ordered()
            self.endResetModel()

    def _ordered(self) -> list[int]:
        rows = list(range(len(self._cells)))
        if self._words:
            rows = [row for row in rows if self._holds(row)]
        if self._sort is None or self._sort[0] >= len(self._columns):
            return rows
        column, falling = self._sort
        number = self._columns[column].number and any(self._cells[row][column].value is not None for row in rows)

        def known(row: int) -> bool:
            value = self._cells[row][column].value
            return not number or (value is not None and not math.isnan(value))

        def place(row: int) -> Any:
            cell = self._cells[row][column]
            return cell.value if number else cell.text.casefold()

        found = sorted((row for row in rows if known(row)), key=place, reverse=falling)
        return found + [row for row in rows if not known(row)]

    def _holds(self, row: int) -> bool:
        text = " ".join(f"{cell.text} {cell.tip}" for cell in self._cells[row]).casefold()
        return all(word in text for word in self._words)

    def _reorder(self, order: list[int]) -> None:
        if order == self._order:
            return
        self.layoutAboutToBeChanged.emit()
        before = self._order
        places = {row: shown for shown, row in enumerate(order)}
        self._order = order
        for index in self.persistentIndexList():
            shown = places.get(before[index.row()])
            self.changePersistentIndex(index, QModelIndex() if shown is None else self.index(shown, index.column()))
        self.layoutChanged.emit()

    # -- what a view asks -------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows shown."""
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns, those among them that are only copied."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = _DISPLAY) -> object:
        """Text, tooltip, place, the raw number (``UserRole``), and what a screen reader says."""
        if not index.isValid():
            return None
        if role == _DISPLAY:
            return self.cell(index).text
        if role == _ALIGN:
            return self._align(index.column())
        if role == _TIP:
            cell = self.cell(index)
            return cell.tip or cell.text
        if role == _SPOKEN:
            return self._said(index)
        return self.cell(index).value if role == _VALUE else None

    def _said(self, index: Index) -> str:
        cell, column = self.cell(index), self._columns[index.column()]
        notes = [note for note, _ in cell.look.notes] if hasattr(cell.look, "notes") else []
        aside = getattr(cell.look, "aside", None)
        unit = getattr(cell.look, "unit", "") or (column.unit if cell.value is not None else "")
        said = cell.spoken or " ".join(part for part in (cell.text, unit, *notes, aside[0] if aside else "") if part)
        current = self.is_current(index.row()) and index.column() == 0 and not aside
        if current or getattr(cell.look, "mine", False):
            return translate("Tables", "{row}, this plan").format(row=said)
        return said

    def _align(self, column: int) -> Qt.AlignmentFlag:
        kind = self._columns[column]
        return _CENTRE if kind.centred else _RIGHT if kind.number else _LEFT

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> object:
        """Heads of columns; those of rows, which are hidden, are what a screen reader says of a row."""
        if orientation == Qt.Orientation.Vertical:
            if role in (_DISPLAY, _SPOKEN) and section < len(self._order) and self._columns:
                return self._cells[self._order[section]][0].text
            return None
        if not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == _DISPLAY:
            return column.label
        if role in (_SPOKEN, _TIP):
            return " ".join(part for part in (column.letter, column.copied, column.note) if part)
        return self._align(section) if role == _ALIGN else None
