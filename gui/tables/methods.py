"""Cooling methods side by side: servers a rack, racks, heat to air and liquid against the limit, PUE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, number
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Pill, Stacked, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method. ``note`` says capacity and binding limit, ``need`` what is missing when it cannot cool."""

    name: str
    note: str
    feasible: bool
    servers_per_rack: int
    racks: int | None
    air_kw: float | None
    liquid_kw: float | None
    limit_kw: float | None
    pue: float | None
    current: bool = False
    need: str = ""
    key: object = None
    tip: str = ""


class MethodTable(TableView):
    """Rows of methods, the chosen one tinted; opening one adopts a feasible method."""

    least = (385, 230)
    head_height = 28
    pitch = (44, 62)
    pad = 6.0

    def set_data(self, rows: Sequence[MethodRow]) -> None:
        """Show other methods."""
        cooled = [
            max(row.limit_kw or 0.0, (row.air_kw or 0.0) + (row.liquid_kw or 0.0)) for row in rows if row.feasible
        ]
        most = max(cooled, default=1.0)
        columns = (
            Column(translate("Racks", "Method"), shown=translate("Racks", "Method · rack limit"), stretch=4, least=150),
            Column(translate("Racks", "Servers a rack"), number=True, shown=translate("Racks", "Servers")),
            Column(translate("Racks", "Racks"), number=True),
            Column(translate("Racks", "Heat, kW: air · liquid"), stretch=1, least=136),
            Column(translate("Racks", "PUE"), number=True),
            Column(translate("Racks", "Air"), "kW", number=True, hidden=True),
            Column(translate("Racks", "Liquid"), "kW", number=True, hidden=True),
            Column(translate("Racks", "Limit"), "kW", number=True, hidden=True),
        )
        current = next((at for at, row in enumerate(rows) if row.current), None)
        cells = tuple(_cells(row, most) for row in rows)
        self.set_table(Table(columns, cells, tuple(row.key for row in rows), current))


def _cells(row: MethodRow, most: float) -> tuple[Cell, ...]:
    tip = "\n".join(part for part in (row.name, row.note, row.need, row.tip) if part)
    name = Words(14, SEMIBOLD if row.current else NORMAL, notes=((row.note, "text_2"), (row.need, "bad")))
    strong = Words(17, SEMIBOLD)
    racks = UNKNOWN if row.racks is None else f"{row.racks:,}"
    if row.feasible:
        parts = [
            translate("Racks", "air {kw}").format(kw=number(row.air_kw)) if row.air_kw else "",
            translate("Racks", "liquid {kw}").format(kw=number(row.liquid_kw)) if row.liquid_kw else "",
        ]
        caption = " · ".join(part for part in parts if part)
        loads = ((row.air_kw or 0.0, "heat_air"), (row.liquid_kw or 0.0, "heat_liquid"))
        heat = Cell(caption, None, Stacked(loads, row.limit_kw, most, caption), tip)
    else:
        heat = Cell(translate("Racks", "Cannot cool"), None, Pill("bad", "close"), tip)
    return (
        Cell(row.name, None, name, tip),
        Cell(str(row.servers_per_rack), float(row.servers_per_rack), strong, tip),
        Cell(racks, None if row.racks is None else float(row.racks), strong, tip),
        heat,
        Cell(number(row.pue), row.pue, Words(14), tip),
        *(Cell(number(value), value) for value in (row.air_kw, row.liquid_kw, row.limit_kw)),
    )
