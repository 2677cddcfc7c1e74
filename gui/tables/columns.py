"""What a table holds: typed columns with units, cells with their number, their text and their look. No widgets here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from mitsumori.model.base.format import UNDEFINED

DIGITS = 12
"""Significant digits of a copied number: all that the arithmetic behind it carries."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes
    ----------
    head
        Its name.
    unit
        Unit of the numbers, written behind the name where the column is copied.
    number
        Whether it holds numbers: they end at the right and are sorted by their value.
    shown
        What the head says instead of the name, and ``note`` on a second line.
    hidden
        Copied but not shown: a quantity that another column's picture shows.
    stretch
        Share of the spare width that it takes.
    least
        Width below which it is not pressed, in design pixels; 0: that of its contents.
    optional
        Left out where the table is too narrow for all columns.
    centred
        Texts stand in the middle (heat cells).
    current
        The column of the plan: its head is in the accent.
    letter
        Tile before the head (scenarios).
    key
        What Enter opens in its cells, and a click on the head.
    """

    head: str
    unit: str = ""
    number: bool = False
    shown: str | None = None
    note: str = ""
    hidden: bool = False
    stretch: int = 0
    least: float = 0.0
    optional: bool = False
    centred: bool = False
    current: bool = False
    letter: str = ""
    key: object = None

    @property
    def label(self) -> str:
        """What the head says."""
        return self.head if self.shown is None else self.shown

    @property
    def copied(self) -> str:
        """The head with its unit, for a spreadsheet and a screen reader."""
        return f"{self.head} ({self.unit})" if self.unit else self.head


@dataclass(frozen=True, slots=True)
class Words:
    """A text. ``notes`` (text, ink) stand below; ``aside`` (text, ink, icon) beside it where there is room."""

    px: float = 14
    weight: int = 400
    ink: str = "text"
    notes: tuple[tuple[str, str], ...] = ()
    aside: tuple[str, str, str] | None = None
    ground: str = ""
    edge: str = ""
    """Colour of a bar at the left of the cell."""
    lines: int = 2
    unit: str = ""
    unit_px: float = 12
    above: str = ""
    """A name over the text."""
    picked: bool | None = None
    """A round button before the text, of rows of which one is chosen; None: no button."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """Parts (value, ink) on one scale of ``most`` against ``limit``, with their names below."""

    parts: tuple[tuple[float, str], ...]
    limit: float | None
    most: float
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Pill:
    """A verdict with its sign."""

    tone: Literal["ok", "marginal", "bad"]
    icon: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A text over a bar that is filled to ``share``; ``mark`` is a hollow dot on it, None: no dot."""

    share: float
    ink: str = "accent"
    unit: str = ""
    weight: int = 400
    lines: int = 1
    height: float = 6
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """A coloured cell: ``share`` of the heat scale, or None for a hatched one; ``two_sided`` from -1 to 1.

    ``mine`` is the plan's own cell.
    """

    share: float | None
    two_sided: bool = False
    mine: bool = False
    px: float = 15


@dataclass(frozen=True, slots=True)
class Result:
    """A figure of a scenario: unit, bar on the scale of its row, change against the first, whether it is the best."""

    unit: str = ""
    share: float | None = None
    change: str = ""
    better: bool = False
    best: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A box that is ticked or not; ``fixed`` boxes cannot be changed. The cell's text says it in words."""

    on: bool
    ink: str = "accent"
    fixed: bool = False


Look = Words | Stacked | Pill | Gauge | Heat | Result | Check


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the text that people read, the number behind it in the unit of the column, its look.

    ``value`` None is a text, or a number that is unknown. ``spoken`` is what a screen reader says where the text alone
    says less than the picture; ``key`` is what a click opens, before that of the row.
    """

    text: str = ""
    value: float | None = None
    look: Look = field(default=Words())
    tip: str = ""
    key: object = None
    spoken: str = ""
    raw: str | None = None
    """What is copied instead of the text, for cells of text."""

    def copied(self, number: bool = False) -> str:
        """Number with all its digits, or the text made harmless; nothing where a number is unknown."""
        if self.value is not None:
            return f"{self.value:.{DIGITS}g}"
        text = self.text if self.raw is None else self.raw
        return "" if number and text == UNDEFINED else inert(text)


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart or a table. ``keys`` (one a row, or none) make rows openable; ``current`` is the plan's row.

    Heads and cells may be plain texts: the first column then holds names, the others end at the right.
    """

    heads: tuple[str | Column, ...] = ()
    rows: tuple[tuple[str | Cell, ...], ...] = ()
    keys: tuple[object, ...] = ()
    current: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, typed."""
        return tuple(
            head if isinstance(head, Column) else Column(head, number=place > 0)
            for place, head in enumerate(self.heads)
        )

    @property
    def headers(self) -> tuple[str, ...]:
        """Heads with their units."""
        return tuple(column.copied for column in self.columns)

    def cell(self, row: int, column: int) -> Cell:
        """One cell, empty where the row is shorter than the head."""
        line = self.rows[row]
        found = line[column] if column < len(line) else ""
        return found if isinstance(found, Cell) else Cell(found)

    def key(self, row: int) -> object:
        """What a row opens, None for nothing."""
        return self.keys[row] if row < len(self.keys) else None

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The cells as people read them."""
        return tuple(
            tuple(self.cell(row, column).text for column in range(len(self.heads))) for row in range(len(self.rows))
        )

    def copied(self, order: Sequence[int] | None = None) -> list[list[str]]:
        """Heads with units and rows with raw numbers, in the order shown."""
        rows = range(len(self.rows)) if order is None else order
        numbers = [column.number for column in self.columns]
        lines = [[inert(head) for head in self.headers]]
        return lines + [[self.cell(row, at).copied(number) for at, number in enumerate(numbers)] for row in rows]

    def tsv(self, order: Sequence[int] | None = None) -> str:
        """Tab-separated text for a spreadsheet: raw numbers, and names that look like a formula stay texts."""
        return "\n".join("\t".join(line) for line in self.copied(order))

    def csv(self, order: Sequence[int] | None = None) -> str:
        """The same as comma-separated text (RFC 4180)."""
        made = io.StringIO()
        csv.writer(made).writerows(self.copied(order))
        return made.getvalue()


def below(tables: Sequence[Table]) -> Table:
    """Several tables below each other, the heads of the later ones as rows."""
    width = max((len(table.heads) for table in tables), default=0)
    rows: list[tuple[str | Cell, ...]] = []
    keys: list[object] = []
    for index, table in enumerate(tables):
        if index:
            rows.append(table.headers + ("",) * (width - len(table.heads)))
            keys.append(None)
        rows += [row + ("",) * (width - len(row)) for row in table.rows]
        keys += list(table.keys) or [None] * len(table.rows)
    first = tables[0].heads if tables else ()
    return Table(first + ("",) * (width - len(first)), tuple(rows), tuple(keys))


_BREAKS = re.compile(r"[\t\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]+")
_SIGNED_NUMBER = re.compile(r"[+\-]\s?[¥$]?[\d,.]+(?:[eE][+\-]?\d+)?[^\d=+\-@|!()\[\]*/^&:;]*\Z")


def inert(cell: str) -> str:
    """A text that a spreadsheet takes as it stands: one line, and an apostrophe before what it would compute."""
    text = _BREAKS.sub(" ", cell)
    first = text.lstrip()[:1]
    if not first or first not in "=+-@＝＋－＠" or (first in "+-" and _SIGNED_NUMBER.match(text.strip())):
        return text
    return f"'{text}"
