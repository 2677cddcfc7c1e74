"""What head and cells of a table ask of its view: its measures, its rows and which of them is under the pointer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QTableView, QWidget

from mitsumori.gui.tables.model import RowModel


@runtime_checkable
class OffersCopies(Protocol):
    """A card whose own menu offers the copies of what lies in it."""

    def copy_picture(self) -> None:
        """The card on the clipboard as a picture."""
        ...

    def copy_table(self) -> None:
        """Its table on the clipboard."""
        ...


class MeasuredTable(QTableView):
    """A view with one :class:`RowModel` and measures that a subclass chooses."""

    least = (240, 90)
    """The smallest useful size in design pixels."""
    head_height: float = 30
    pitch = (30.0, 36.0)
    """Least and greatest height of a row in design pixels."""
    lines = True
    """Whether hairlines stand between the rows."""
    whole_rows = True
    """Whether a row is chosen whole, or cell by cell."""
    sortable = True
    quiet_heads = False
    pad = 8.0
    """Air at both sides of a cell, in design pixels."""
    column_lines = False
    opens_on_click = True
    shows_selection = False
    """Whether the chosen row is tinted: where something can be done with it beside opening."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = RowModel(self)
        self._hovered = -1
        self.printing = False
        """Whether it is painted for a file or paper, where no keyboard is."""
        self.column_widths = (0.0, 0.0)

    def rows(self) -> RowModel:
        """The model, typed."""
        return self._rows

    def first_column(self) -> int:
        """The first column shown."""
        columns = self._rows.columns
        return next((at for at in range(len(columns)) if not self.isColumnHidden(at)), 0)

    def hovered(self) -> int:
        """The row under the pointer that a click would open, -1 for none."""
        return self._hovered

    def chosen_row(self) -> int:
        """The row that is chosen and waits to be applied, -1 for none."""
        return -1
