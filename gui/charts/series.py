"""What a chart shows as raw numbers, for whoever draws or calculates with it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mitsumori.gui.tables.columns import Table

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One line, or one kind of bar, of a chart as numbers.

    Attributes
    ----------
    name
        What it is called.
    x, y
        Places and values, of one length; NaN where a value is unknown.
    x_unit, y_unit
        Their units.
    low, high
        Ends of the interval of each value, None where there is none.
    names
        Names of the places where these are no quantity; ``x`` then counts them from 0.
    """

    name: str
    x: Floats
    y: Floats
    x_unit: str = ""
    y_unit: str = ""
    low: Floats | None = None
    high: Floats | None = None
    names: tuple[str, ...] = ()


def known(values: Sequence[float | None]) -> Floats:
    """Values as an array, NaN where one is unknown."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def named(
    name: str,
    names: Sequence[str],
    values: Sequence[float | None],
    unit: str,
    low: Sequence[float | None] | None = None,
    high: Sequence[float | None] | None = None,
) -> Series:
    """A series whose places have names.

    Parameters
    ----------
    name, unit
        What it is called, and the unit of its values.
    names, values, low, high
        One a place; None is unknown.
    """
    places = np.arange(len(names), dtype=np.float64)
    below, above = (None if end is None else known(end) for end in (low, high))
    return Series(name, places, known(values), "", unit, below, above, tuple(names))


def series_of(table: Table) -> tuple[Series, ...]:
    """A series for each column of numbers of a table: its rows are the places, named by their first cell.

    Parameters
    ----------
    table
        Rows of any number.
    """
    rows = range(len(table.rows))
    names = [table.cell(row, 0).text for row in rows]
    found = []
    for at, column in enumerate(table.columns):
        values = [table.cell(row, at).value for row in rows]
        if at and column.number and any(value is not None for value in values):
            found.append(named(column.head, names, values, column.unit))
    return tuple(found)
