"""A described workbook read for the slides: figures as shown, money in words, charts with their values, notes."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import keys, text
from mitsumori.model.slides.blocks import ChartBlock, ChartSeries, Size
from mitsumori.model.workbook.description import Cell, Chart, Workbook
from mitsumori.model.workbook.styles import DAYS, LARGE, Large
from mitsumori.model.workbook.summary import clause


class Reader:
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
        """A cell by its defined name."""
        return self.book.names[name]

    def number(self, name: str) -> float | None:
        """The number of a cell; None where it has none."""
        return self.cell(name).number

    def shown(self, name: str, digits: int | None = None, unit: str = "") -> str:
        """A figure as the workbook shows it, or the text in its place."""
        cell = self.book.printed.get(name, self.cell(name))
        if cell.number is None:
            return str(cell.value)
        if cell.fmt in DAYS:
            return fmt.days_number(cell.number, self.language, 1 if digits is None else digits) + unit
        places = {"int": 0, "money": 0, "d1": 1, "d2": 2, "d3": 3}.get(cell.fmt, 1) if digits is None else digits
        if cell.fmt == "pct":
            return f"{cell.number:.0%}"
        return f"{cell.number:,.{places}f}" + unit

    def duration(self, name: str) -> str:
        """Days in words, in hours and minutes below one, or the text in the place of the figure."""
        number = self.number(name)
        return str(self.cell(name).value) if number is None else fmt.days_text(number, self.language)

    def in_month(self, name: str) -> str:
        """A time in months as the month in which it ends, or the text in its place."""
        cell = self.cell(name)
        return str(cell.value) if cell.number is None else fmt.in_month(cell.number)

    def money(self, name: str) -> str:
        """An amount in three digits and words (7.28 億円, ¥728M), or the text in its place."""
        cell = self.cell(name)
        return str(cell.value) if cell.number is None else fmt.money(cell.number, self.book.currency, self.language)

    def clauses(self, key: str, *figures: tuple[str, int]) -> str:
        """A clause of the workbook's summary around each figure, a text in its place without a unit.

        Parameters
        ----------
        key
            Key of the note whose clauses are ``a`` and ``b``.
        figures
            Name and decimals of each figure.
        """
        said = []
        for letter, (name, digits) in zip("ab", figures, strict=False):
            as_number, as_text = clause(self.language, f"{key}_{letter}")
            number, timed = self.number(name), f"{key}_{letter}_clock"
            if number is not None and self.cell(name).fmt in DAYS and number < 1 and timed in keys("workbook"):
                as_number, _ = clause(self.language, timed)
            before, after = as_text if number is None else as_number
            said.append(f"{before}{self.shown(name, digits)}{after}" if before + after else "")
        return "".join(said)

    @property
    def large(self) -> Large:
        """How large amounts are written in tables and charts."""
        return LARGE[self.book.currency]

    @property
    def large_money(self) -> str:
        """Their unit: million yen, thousand dollars."""
        return self.w(self.large.name, money=self.w(f"unit_money_{self.book.currency}"))

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
        """What the first cell of the row says."""
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
            if len(chart.series) == 1 or any(cell.number is not None for cell in item.cells)
        )  # fmt: skip
        return ChartBlock(
            chart.kind, chart.title, chart.alt, categories, series, chart.x_title, chart.y_title, chart.number_format,
            chart.log, chart.log_x, chart.step_x, size,
        )  # fmt: skip
