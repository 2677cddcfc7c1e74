"""Single changes of the plan by what each gains: a sentence, a bar, days saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import percent
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Gauge, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: its sentence, the time it saves as text and as a share, the time then, a remark for the tooltip.

    ``saved_days`` and ``after_days`` are the same as numbers.
    """

    words: str
    saved: str
    share: float
    after: str
    note: str = ""
    key: object = None
    saved_days: float | None = None
    after_days: float | None = None


class ChangeList(TableView):
    """Rows, most gain first; opening one applies a change."""

    least = (340, 120)
    head_height = 24
    pitch = (46, 56)

    def set_data(self, rows: Sequence[ChangeRow]) -> None:
        """Show other changes."""
        most = max((row.share for row in rows), default=1.0) or 1.0
        days = translate("Tables", "days")
        columns = (
            Column(translate("Advisor", "Change"), stretch=1, least=150),
            Column(translate("Advisor", "Saves"), days, number=True),
            Column(translate("Advisor", "Share"), "%", number=True, hidden=True),
            Column(translate("Advisor", "Time then"), days, number=True),
        )
        cells = tuple(_cells(row, row.share / most, not at) for at, row in enumerate(rows))
        self.set_table(Table(columns, cells, tuple(row.key for row in rows)))


def _cells(row: ChangeRow, share: float, first: bool) -> tuple[Cell, ...]:
    tip = f"{row.words}\n{row.note}".strip()
    return (
        Cell(row.words, None, Gauge(share, weight=SEMIBOLD if first else NORMAL, lines=2, height=5), tip),
        Cell(row.saved, row.saved_days, Words(15, SEMIBOLD), tip),
        Cell(percent(row.share, 1), row.share * 100),
        Cell(row.after, row.after_days, Words(14, ink="text_2"), tip),
    )
