"""The parts of the memory in words, below their bar: name, size, and where the size comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.memory_stack import part_name
from mitsumori.gui.charts.painting import SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate


class PartCards(TableView):
    """A cell a part, in the order of the bar above."""

    least = (480, 20)
    head_height = 0
    pitch = (20, 80)
    pad = 12.0
    lines = False
    whole_rows = False
    sortable = False

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[tuple[str, str, str], ...] = ()

    def set_data(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """``(part, size with unit, explanation)`` each."""
        self._parts = tuple(rows)
        first = Column(translate("Memory", "Size"), hidden=True)
        cells = [
            Cell(
                part_name(part), None,
                Words(13, SEMIBOLD, ground="card", edge=f"mem_{part}", unit=size, unit_px=13, notes=((how, "text_3"),)),
                f"{part_name(part)} {size}\n{how}", f"memory.per_gpu.{part}_bytes",
            )
            for part, size, how in self._parts
        ]  # fmt: skip
        columns = (first, *(Column(part_name(part), stretch=1, least=40) for part, _, _ in self._parts))
        self.set_table(Table(columns, ((Cell(first.head), *cells),) if cells else ()))

    def table(self) -> Table:
        """Part, size, explanation: a row a part."""
        heads = (translate("Memory", "Part"), translate("Memory", "Size"), translate("Memory", "How"))
        return Table(heads, tuple((part_name(part), size, how) for part, size, how in self._parts))

    def order(self) -> list[int] | None:
        """As the bar above has them."""
        return None
