"""What stands on each slide: a sentence as title, figures, tables and charts of a described workbook, and notes.

Nothing is worked out here: every figure is the value of a named cell, every chart a chart of the workbook, every note the
basis beside such a cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text
from mitsumori.model.workbook.description import Cell, Chart, Sheet, Workbook

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


class _Reader:
    """A described workbook, by the names of its cells."""

    def __init__(self, book: Workbook) -> None:
        self.book, self.language = book, book.language

    def t(self, key: str, **values: object) -> str:
        """A text of ``resources/messages/slides.toml``."""
        return text("slides", key, self.language, **values)

    def w(self, key: str, **values: object) -> str:
        """A text of the workbook."""
        return text("workbook", key, self.language, **values)

    def cell(self, name: str) -> Cell:
        return self.book.names[name]

    def number(self, name: str) -> float | None:
        return self.cell(name).number

    def shown(self, name: str, digits: int | None = None, unit: str = "") -> str:
        """A figure as the workbook shows it, or the text in its place."""
        cell = self.cell(name)
        if cell.number is None:
            return str(cell.value)
        places = {"int": 0, "d1": 1, "d2": 2, "d3": 3}.get(cell.fmt, 1) if digits is None else digits
        if cell.fmt == "pct":
            return f"{cell.number:.0%}"
        return f"{cell.number:,.{places}f}" + unit

    def money(self, name: str) -> str:
        """An amount in three digits and words (7.28 億円, ¥728M), or the text in its place."""
        cell = self.cell(name)
        return str(cell.value) if cell.number is None else fmt.money(cell.number, self.book.currency, self.language)

    def basis(self, cell: Cell) -> str:
        """Where a figure comes from: the basis in its row."""
        sheet = self.book.sheets[cell.sheet]
        said = [
            str(other.value)
            for (row, _), other in sorted(sheet.cells.items())
            if row == cell.row and other.role in ("basis", "total_basis") and other.value
        ]
        return " ".join(said)

    def label(self, cell: Cell) -> str:
        first = self.book.sheets[cell.sheet].cells.get((cell.row, 1))
        return "" if first is None or first.value is None else str(first.value)

    def notes(self, names: Sequence[str]) -> tuple[str, ...]:
        """A line a figure: what, value, basis, and the sheet of the workbook where it stands."""
        found = []
        for name in names:
            cell = self.cell(name)
            where = self.t("note_sheet", sheet=self.book.sheets[cell.sheet].title)
            parts = (f"{self.label(cell)}: {self.shown(name)}", self.basis(cell), where)
            found.append(" | ".join(part for part in parts if part))
        return tuple(found)

    def chart(self, chart: Chart, size: Size = "full") -> ChartBlock:
        """A chart of the workbook with the values of its cells."""

        def values(cells: Sequence[Cell]) -> tuple[float | None, ...]:
            return tuple(cell.number for cell in cells)

        categories = tuple(cell.number if cell.number is not None else str(cell.value) for cell in chart.categories)
        series = tuple(
            ChartSeries(str(item.label.value) if isinstance(item.label, Cell) else item.label, values(item.cells),
                        item.color, item.dash)
            for item in chart.series
        )  # fmt: skip
        return ChartBlock(
            chart.kind, chart.title, chart.alt, categories, series, chart.x_title, chart.y_title, chart.number_format,
            chart.log, chart.log_x, chart.step_x, size,
        )  # fmt: skip


def deck(books: Sequence[Workbook]) -> Deck:
    """The slides of described workbooks, one a scenario; the first is the one offered.

    Returns
    -------
    Deck
        Ten slides, eleven with several scenarios; a chart without a figure (a total that is not known) is left out.
    """
    from mitsumori.model.slides import pages

    reader = _Reader(books[0])
    names = reader.book.names

    def said(name: str) -> str:
        value = names[f"in_proposal_{name}"].value
        return "" if value is None else str(value)

    issued = names["doc_issue_date"].value
    date = issued.isoformat() if isinstance(issued, dt.date) else str(issued)
    number = said("quote_number")
    addressed = " ".join(
        part for part in (said("customer"), said("contact"), reader.book.said.get("polite", "")) if part
    )
    dated = reader.t("cover_number", date=date, number=number) if number else date
    issuer = reader.book.said.get("issuer", "")
    made = [
        pages.summary(reader), pages.plans([_Reader(book) for book in books]) if len(books) > 1 else None,
        pages.training(reader), pages.memory(reader), pages.racks(reader), pages.cumulative(reader), pages.lines(reader),
        pages.clouds(reader), pages.factors(reader), pages.assumptions(reader),
    ]  # fmt: skip
    cover = Slide("cover", said("subject"), reader.w("cover_title"), notes=(reader.w("cover_note"),),
                  points=(reader.book.said["break_even"].strip(),))  # fmt: skip
    foot = " | ".join(part for part in (issuer, reader.book.header_right) if part)
    slides = [cover, *(page for page in made if page is not None)]
    issuing = (dated, issuer) if issuer else (dated,)
    return Deck(
        reader.language, reader.book.title, reader.book.author, reader.book.created, addressed, issuing, foot,
        reader.book.header_right, tuple(_with_sheet_note(slide, reader) for slide in slides),
    )  # fmt: skip


def _with_sheet_note(slide: Slide, reader: _Reader) -> Slide:
    """Every slide's notes say from where its figures are."""
    return replace(slide, notes=(*slide.notes, reader.t("note_same_figures", title=reader.book.title)))


def table_of(sheet: Sheet, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> TableBlock:
    """A table whose columns but the first are numbers."""
    return TableBlock(tuple(heads), tuple(tuple(row) for row in rows), tuple(range(1, len(heads))))
