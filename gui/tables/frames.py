"""pandas frames as tables: long tables that are computed off the slider's path.

pandas is imported when it is called, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mitsumori.gui.charts.numbers import UNKNOWN, number
from mitsumori.gui.tables.columns import Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

Text = Callable[[float], str]


def of_frame(
    frame: pd.DataFrame,
    units: Mapping[str, str] | None = None,
    texts: Mapping[str, Text] | None = None,
    stretch: str = "",
) -> Table:
    """A frame as a table: numbers stay numbers, missing ones are unknown.

    Parameters
    ----------
    frame
        Its columns name the heads.
    units
        Unit of a column.
    texts
        How the numbers of a column are written; three digits where nothing is said.
    stretch
        The column that takes the rest of the width; the first where nothing is said.
    """
    import pandas as pd

    units, texts = units or {}, texts or {}
    columns: list[Column] = []
    cells: list[list[Cell]] = []
    for name in frame.columns:
        values = frame[name]
        numeric = bool(pd.api.types.is_numeric_dtype(values)) and not pd.api.types.is_bool_dtype(values)
        wide = str(name) == stretch if stretch else not columns
        columns.append(Column(str(name), units.get(str(name), ""), number=numeric, stretch=int(wide), least=90))
        write = texts.get(str(name), number)
        if numeric:
            raw = [None if pd.isna(value) else float(value) for value in values.tolist()]
            cells.append([Cell(UNKNOWN if value is None else write(value), value) for value in raw])
        else:
            cells.append([Cell("" if pd.isna(value) else str(value)) for value in values.tolist()])
    return Table(tuple(columns), tuple(zip(*cells, strict=True)) if cells else ())
