"""The workbook as data, free of any spreadsheet library.

Sheets put cells, names, validations and charts into a :class:`Workbook`; :mod:`model.workbook.write` turns it into a
file. Every formula carries the program's own value beside it, so the file shows its figures where nothing recalculates
(Protected View, phones, previews), and tests compare the two.

Formulas are written with references in the form ``[[sheet!C5]]`` (made by :class:`Cell` and :func:`area`), resolved to the
titles of the reader's language when the file is written. User text never becomes part of a formula.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mitsumori.model.cost.cashflow import first_whole_month
from mitsumori.model.workbook.safe import MAX_FORMULA, check_name, check_number, clean_text

ValidationKind = Literal["decimal", "whole", "list", "date"]
Value = float | int | str | bool | dt.date | None
FUNCTIONS = frozenset(
    {
        "SUM", "INDEX", "MATCH", "IF", "IFERROR", "AND", "OR", "NOT", "ROUND", "ROUNDUP", "ROUNDDOWN", "MIN", "MAX", "ABS",
        "LEN", "MOD", "SUMPRODUCT", "NPV", "IRR", "PMT", "ISNUMBER", "ISERROR", "COUNT", "COUNTIF", "NA", "TEXT",
        "TODAY",
    }
)  # fmt: skip
"""The functions a formula may use: all known to Excel 2010 and LibreOffice 7 without a prefix."""
COVER_FUNCTIONS = frozenset({"TODAY"})

_REFERENCE = re.compile(r"\[\[([a-z_]+)!([A-Z]{1,3})(\d+)(?::([A-Z]{1,3})(\d+))?\]\]")
_CALL = re.compile(r"([A-Z][A-Z0-9.]*)\(")
_STRING = re.compile(r'"(?:[^"]|"")*"')
_AMBIGUOUS = re.compile(r"(?:^=|[(,*/])-[\w\[]+[^,()]*\^")
_NAME = re.compile(r"(?<![\w.])[a-z]+_\w+")
LONGEST_FORMULA = 250
"""Characters of a formula that can be checked by eye; what is longer is divided among helper cells with labels."""
_EVERYWHERE = FUNCTIONS - COVER_FUNCTIONS


@functools.cache
def column_letter(column: int) -> str:
    """``1 -> A``, ``27 -> AA``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class Cell:
    """One cell. ``value`` is what it shows; with ``formula`` it is the program's own value for that formula.

    ``str(cell)`` is a reference to it for use in formulas, by its defined name where it has one.
    """

    sheet: str
    row: int
    column: int
    value: Value = None
    formula: str | None = None
    role: str = "text"
    fmt: str = "text"
    name: str | None = None
    volatile: bool = False

    def __str__(self) -> str:
        return self.name or self.ref

    def __format__(self, spec: str) -> str:
        return self.name or self.ref

    @property
    def ref(self) -> str:
        """A reference by address."""
        return f"[[{self.sheet}!{column_letter(self.column)}{self.row}]]"

    @property
    def number(self) -> float | None:
        """The value where it is a number."""
        return float(self.value) if isinstance(self.value, int | float) and not isinstance(self.value, bool) else None


def area(first: Cell, last: Cell) -> str:
    """A reference to the block of cells from ``first`` to ``last`` of one sheet."""
    return f"[[{first.sheet}!{column_letter(first.column)}{first.row}:{column_letter(last.column)}{last.row}]]"


@dataclass(frozen=True, slots=True)
class Validation:
    """What an input accepts: ``decimal`` or ``whole`` between two bounds, a ``list`` of texts, or a ``date``."""

    sheet: str
    address: str
    kind: ValidationKind
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    prompt_title: str
    prompt: str
    error: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Mark cells of ``address`` in a role's look while ``formula`` (for the top left cell, A1 style) is true."""

    address: str
    formula: str
    look: Literal["bad", "good", "faded", "bold", "warn"]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its label, the cells it plots, a colour and a dash so that colour is never the only sign."""

    label: Cell | str
    cells: tuple[Cell, ...]
    color: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart anchored to the cells from (row, column) to (row, column), both inside the page."""

    kind: Literal["bar", "stacked_bar", "stacked_column", "column", "xy"]
    title: str
    alt: str
    categories: tuple[Cell, ...]
    series: tuple[Series, ...]
    anchor: tuple[int, int, int, int]
    x_title: str = ""
    y_title: str = ""
    number_format: str = "#,##0"
    log: bool = False
    log_x: bool = False
    step_x: float = 0.0
    top_x: float = 0.0


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in PNG, anchored at a cell, with its size in pixels."""

    data: bytes
    alt: str
    row: int
    column: int
    width: int
    height: int


@dataclass(slots=True)
class Sheet:
    """One sheet under construction."""

    key: str
    title: str
    kind: Literal["input", "output", "work"]
    widths: tuple[float, ...]
    landscape: bool = True
    pages: int = 1
    header_rows: tuple[int, int] | None = None
    freeze: tuple[int, int] | None = None
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    print_rows: int = 0
    print_columns: int = 0
    """Columns of the page; 0 is all with a width."""
    links: list[tuple[int, int, str]] = field(default_factory=list)
    """Row and column of a cell, and the key of the sheet it leads to."""
    registry: dict[str, Cell] = field(default_factory=dict)
    """Shared by the sheets of a workbook: cells that were given a defined name."""

    def put(self, row: int, column: int, value: Value, role: str = "text", fmt: str = "text") -> Cell:
        """A constant or a text."""
        return self._add(Cell(self.key, row, column, _checked(value), None, role, fmt))

    def formula(
        self, row: int, column: int, formula: str, value: Value, role: str = "calc", fmt: str = "number",
        *, name: str | None = None, volatile: bool = False,
    ) -> Cell:  # fmt: skip
        """A formula with the program's own value. ``formula`` begins with ``=``."""
        check_formula(formula, cover=self.key == "cover")
        cell = Cell(self.key, row, column, _checked(value), formula, role, fmt, volatile=volatile)
        if name:
            cell.name = check_name(name)
            self.registry[name] = cell
        return self._add(cell)

    def _add(self, cell: Cell) -> Cell:
        if (cell.row, cell.column) in self.cells:
            raise ValueError(f"{cell.ref} is written twice")
        self.cells[cell.row, cell.column] = cell
        return cell

    def merge(self, row: int, first: int, last: int, rows: int = 1) -> None:
        """Merge ``first..last`` columns of a row (titles and paragraphs only: merged cells hinder screen readers)."""
        self.merges.append((row, first, row + rows - 1, last))

    @property
    def last_row(self) -> int:
        """The last row that holds a cell, a chart or a picture."""
        rows = [row for row, _ in self.cells]
        return max([*rows, *(chart.anchor[2] for chart in self.charts), 1])


def _checked(value: Value) -> Value:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return check_number(value)
    return value


def check_formula(formula: str, *, cover: bool = False) -> None:
    """Refuse what a workbook of ours must not hold.

    Raises
    ------
    ValueError
        For a function outside the white list, TODAY off the cover, an overlong formula, or ``=-x^y``, which
        spreadsheets read as ``(-x)^y``.
    """
    if not formula.startswith("=") or len(formula) > MAX_FORMULA:
        raise ValueError(f"{formula[:60]!r} is not a formula")
    bare = _STRING.sub('""', formula) if '"' in formula else formula
    called = set(_CALL.findall(bare))
    allowed = FUNCTIONS if cover else _EVERYWHERE
    if not called <= allowed:
        raise ValueError(f"functions {sorted(called - allowed)} are not on the white list: {formula}")
    if "-" in bare and "^" in bare and _AMBIGUOUS.search(bare):
        raise ValueError(f"a sign before a power is ambiguous: {formula}")


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of the bill of materials, in words.

    Attributes
    ----------
    item, specification
        What is delivered.
    part_number
        The maker's, as far as the catalogue knows it; empty where it is to be asked for, None for a part of another line.
    quantity
        None where it is unknown.
    unit, basis
        What is counted, and what the quantity rests on.
    """

    item: str
    specification: str
    part_number: str | None
    quantity: float | None
    unit: str
    basis: str


@dataclass(slots=True)
class Workbook:
    """The whole description: sheets in order, names, validations, document properties."""

    language: str
    title: str
    author: str
    created: dt.datetime
    footer_left: str = ""
    header_right: str = ""
    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, Cell] = field(default_factory=dict)
    list_contents: Callable[[Mapping[str, str]], None] | None = None
    """Write the page of contents anew for all sheets; takes the titles of further scenarios by letter."""
    currency: str = "JPY"
    """Of all amounts."""
    said: dict[str, str] = field(default_factory=dict)
    """Sentences and names that the slides say too, by a short key."""
    said_lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same in lists: what is not included, open points, sources."""
    bill: list[BillLine] = field(default_factory=list)
    """The bill of materials, as its sheet says it."""
    validations: list[Validation] = field(default_factory=list)
    printed: dict[str, Cell] = field(default_factory=dict)
    """Named amounts of money and the whole amounts that the page has for them, which add up."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Plan path of each live input and the defined name of its cell, in order."""

    def add(self, sheet: Sheet) -> Sheet:
        """Append a sheet."""
        if sheet.key in self.sheets:
            raise ValueError(f"sheet {sheet.key!r} is added twice")
        self.sheets[sheet.key] = sheet
        return sheet

    def define(self, name: str, cell: Cell) -> Cell:
        """Give a cell a defined name; formulas then refer to it by that name."""
        if name in self.names:
            raise ValueError(f"the name {name!r} is defined twice")
        self.names[check_name(name)] = cell
        cell.name = name
        return cell

    def collect_names(self) -> None:
        """Register the names given directly to formula cells."""
        for cell in self.cells():
            if cell.name and self.names.setdefault(cell.name, cell) is not cell:
                raise ValueError(f"the name {cell.name!r} is defined twice")

    def shorten(self) -> None:
        """Write names as addresses in formulas that would be longer than :data:`LONGEST_FORMULA`, the longest first."""
        for cell in self.formulas():
            formula = cell.formula or ""
            while len(self.resolve(formula, cell.sheet)) > LONGEST_FORMULA:
                found = {
                    name for name in _NAME.findall(_STRING.sub("", _REFERENCE.sub("", formula))) if name in self.names
                }
                saved = {name: len(name) - len(self.resolve(self.names[name].ref, cell.sheet)) for name in found}
                best = max(saved, key=lambda name: (saved[name], name), default="")
                if not best or saved[best] <= 0:
                    break
                formula = re.sub(rf"(?<![\w.\[!]){best}(?![\w.])", self.names[best].ref, formula)
            cell.formula = formula

    def cells(self) -> Iterable[Cell]:
        """All cells, sheet by sheet, row by row."""
        for sheet in self.sheets.values():
            for key in sorted(sheet.cells):
                yield sheet.cells[key]

    def formulas(self) -> list[Cell]:
        """All formula cells."""
        return [cell for cell in self.cells() if cell.formula is not None]

    def resolve(self, formula: str, sheet: str) -> str:
        """The formula text of the file: ``[[key!A1]]`` becomes an address, with the sheet's quoted title if elsewhere."""
        if "[[" not in formula:
            return formula

        def address(match: re.Match[str]) -> str:
            key, column, row, last_column, last_row = match.groups()
            text = f"${column}${row}" if not last_column else f"${column}${row}:${last_column}${last_row}"
            return text if key == sheet else f"{_quoted(self.sheets[key].title)}!{text}"

        return _REFERENCE.sub(address, formula)


@functools.cache
def _quoted(title: str) -> str:
    """A sheet's title as it stands in references."""
    return "'" + title.replace("'", "''") + "'"


def range_address(first: Cell, last: Cell) -> str:
    """``A1:B2`` without a sheet, for conditions and validations."""
    return f"{column_letter(first.column)}{first.row}:{column_letter(last.column)}{last.row}"


def block(cells: Sequence[Cell]) -> str:
    """A reference to a run of adjacent cells (one row or one column)."""
    return area(cells[0], cells[-1])


def in_month(cell: Cell, guard: Cell) -> tuple[str, Value]:
    """A time in months as the month in which it ends, as a formula and as the program says it; a text stands as it is.

    ``guard`` is the cell of the decimals that every rounding up is protected with.
    """
    formula = f"=IF(ISNUMBER({cell}),MAX(1,ROUNDUP(ROUND({cell},{guard}),0)),{cell})"
    return formula, cell.value if cell.number is None else first_whole_month(cell.number)
