"""The ranked layouts: each with what it is, why it stands there, its memory against the card, step and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import limit, memory
from mitsumori.gui.charts.painting import SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Gauge, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One layout: memory in GB, a step in seconds, training in days, the last two also as text."""

    name: str
    why: str
    memory_gb: float
    step: str
    days: str
    current: bool = False
    tight: bool = False
    key: object = None
    step_s: float | None = None
    days_value: float | None = None


class LayoutList(TableView):
    """Rows by rank; opening one adopts a layout."""

    least = (450, 220)
    head_height = 28
    pitch = (56, 62)

    def __init__(self) -> None:
        super().__init__()
        self._layouts: tuple[LayoutRow, ...] = ()
        self._capacity: float | None = None
        self._most = 0

    def set_data(self, rows: Sequence[LayoutRow], capacity: float | None) -> None:
        """Show other layouts; ``capacity`` of a card in GB."""
        self._layouts, self._capacity = tuple(rows), capacity
        self._show()

    def set_most(self, most: int) -> None:
        """Show no more rows than this without scrolling, but the current layout always; 0 for all."""
        if most != self._most:
            self._most = most
            self.updateGeometry()

    def unscrolled(self) -> int:
        """Rows that are seen without scrolling."""
        count = len(self._layouts)
        if not self._most:
            return count
        current = max((index + 1 for index, row in enumerate(self._layouts) if row.current), default=0)
        return min(count, max(self._most, current))

    def rows_wanted(self) -> int:
        """Rows that the least size has room for."""
        return self.unscrolled()

    def _show(self) -> None:
        of = translate("Advisor", "Memory, of {capacity} GB").format(capacity=limit(self._capacity))
        columns = (
            Column(translate("Advisor", "Rank"), number=False, shown="#"),
            Column(translate("Advisor", "Layout"), shown=translate("Advisor", "Layout and why"), stretch=1, least=210),
            Column(translate("Advisor", "Why"), hidden=True),
            Column(translate("Advisor", "Memory"), "GB", number=True, shown=of, least=104),
            Column(translate("Advisor", "Step"), "s", number=True, optional=True),
            Column(translate("Advisor", "Time"), translate("Tables", "days"), number=True),
        )
        rows = tuple(self._cells(rank, row) for rank, row in enumerate(self._layouts, start=1))
        current = next((at for at, row in enumerate(self._layouts) if row.current), None)
        self.set_table(Table(columns, rows, tuple(row.key for row in self._layouts), current))

    def _cells(self, rank: int, row: LayoutRow) -> tuple[Cell, ...]:
        tip = f"{row.name}\n{row.why}"
        badge = None
        if row.current:
            badge = (translate("Advisor", "Current"), "accent", "info")
        elif row.tight:
            badge = (translate("Advisor", "Tight"), "marginal", "warn")
        share = min(1.0, row.memory_gb / self._capacity) if self._capacity else 0.0
        gauge = Gauge(share, "marginal_fill" if row.tight else "accent", "GB")
        return (
            Cell(str(rank), float(rank), Words(15, ink="text_2"), tip),
            Cell(row.name, None, Words(14, SEMIBOLD, notes=((row.why, "text_2"),), aside=badge), tip),
            Cell(row.why),
            Cell(memory(row.memory_gb), row.memory_gb, gauge, tip),
            Cell(row.step, row.step_s, Words(14), tip),
            Cell(row.days, row.days_value, Words(17, SEMIBOLD), tip),
        )
