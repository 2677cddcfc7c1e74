"""What a slide is made of: figures, tables, charts, lists, and the deck of all slides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Size = Literal["full", "left", "right"]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the large figures: what it is, the value as shown, and a note below."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table: heads, rows of texts, which columns are numbers, and the column that is the offered plan (0: none)."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    strong_rows: tuple[int, ...] = ()
    framed: int = 0
    size: Size = "full"


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One series: name, values (None where there is none), colour."""

    name: str
    values: tuple[float | None, ...]
    color: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A chart of the workbook with its values."""

    kind: Literal["bar", "stacked_bar", "stacked_column", "xy", "column"]
    title: str
    alt: str
    categories: tuple[str | float, ...]
    series: tuple[ChartSeries, ...]
    x_title: str = ""
    y_title: str = ""
    number_format: str = "#,##0"
    log: bool = False
    log_x: bool = False
    step_x: float = 0.0
    size: Size = "full"


@dataclass(frozen=True, slots=True)
class ListBlock:
    """Headed columns of short lines."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide. ``notice`` is what a total leaves out; ``notes`` are the speaker's, with the source of every figure."""

    key: str
    title: str
    subtitle: str = ""
    figures: tuple[KeyFigure, ...] = ()
    tables: tuple[TableBlock, ...] = ()
    charts: tuple[ChartBlock, ...] = ()
    lists: ListBlock | None = None
    points: tuple[str, ...] = ()
    notice: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deck:
    """All slides, with what the cover and the foot of each say."""

    language: str
    title: str
    author: str
    created: dt.datetime
    customer: str
    cover_lines: tuple[str, ...]
    foot: str
    mark: str
    slides: tuple[Slide, ...] = field(default=())
