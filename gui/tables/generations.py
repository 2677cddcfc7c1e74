"""Kinds of servers under the same money, deadline or power: one row each, unknown figures with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """One kind of server; ``values`` are servers, time, cost and power as text, empty where there is no answer.

    ``reason`` says why a figure is unknown or why there is no answer; ``numbers`` are the values in servers, days,
    the plan's currency and kW.
    """

    name: str
    chip: str
    values: tuple[str, ...] = ()
    reason: str = ""
    current: bool = False
    key: object = None
    numbers: tuple[float | None, ...] = ()


class GenerationList(TableView):
    """Rows, best first; opening one makes it a scenario."""

    least = (560, 120)
    head_height = 26
    pitch = (42, 50)

    def set_data(self, rows: Sequence[GenerationRow], ranked: int, currency: str = "") -> None:
        """Show other rows; ``ranked`` is the column (of the values) that the rows are sorted by."""
        columns = (
            Column(translate("Advisor", "Server"), stretch=1, least=220),
            Column(translate("Advisor", "GPU"), hidden=True),
            Column(translate("Advisor", "Servers"), number=True),
            Column(translate("Advisor", "Time"), translate("Tables", "days"), number=True),
            Column(translate("Advisor", "Cost of owning"), currency, number=True),
            Column(translate("Advisor", "Power of the facility"), "kW", number=True),
            Column(translate("Advisor", "Remark"), hidden=True),
        )
        current = next((at for at, row in enumerate(rows) if row.current), None)
        cells = tuple(_cells(row, ranked) for row in rows)
        self.set_table(Table(columns, cells, tuple(row.key for row in rows), current))


def _cells(row: GenerationRow, ranked: int) -> tuple[Cell, ...]:
    tip = f"{row.name} · {row.chip}\n{row.reason}".strip()
    answered = bool(row.values)
    reason = ((row.reason, "marginal" if answered else "text_2"),) if row.reason else ()
    name = Words(14, SEMIBOLD, "text" if answered else "text_2", notes=reason, aside=(row.chip, "text_3", ""))
    values = row.values or (UNKNOWN,) * 4
    numbers = row.numbers or (None,) * len(values)
    figures = []
    for at, (text, value) in enumerate(zip(values, numbers, strict=True)):
        strong = at == ranked and answered
        look = Words(15 if strong else 14, SEMIBOLD if strong else NORMAL, "text" if strong else "text_2")
        figures.append(Cell(text, value, look, tip))
    return (Cell(row.name, None, name, tip), Cell(row.chip), *figures, Cell(row.reason))
