"""Short lists of figures: name at the left and value at the right, or large values below their names in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, rich_width, text_width, u
from mitsumori.gui.tables.cells import content_width
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.view import TableView

translate = QCoreApplication.translate
_SIZES = ((14.0, 17.0, 13.0), (13.0, 17.0, 13.0), (13.0, 15.0, 12.0), (12.0, 15.0, 12.0), (12.0, 14.0, 12.0))
"""Type of names, values and units: the largest at which every row holds all three."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name and unit; ``key`` opens its explanation.

    ``raw`` is the number itself in ``raw_unit`` (the unit shown where that is empty).
    """

    name: str
    value: str
    unit: str = ""
    key: object = None
    note: str = ""
    tone: str = "text"
    raw: float | None = None
    raw_unit: str = ""


def fact_tip(fact: Fact) -> str:
    """A fact as a tooltip."""
    return f"{fact.name}: {fact.value} {fact.unit}\n{fact.note}".strip()


def facts_table(facts: Sequence[Fact], sizes: tuple[float, float, float] = _SIZES[0]) -> Table:
    """Name, value and unit."""
    name_px, value_px, unit_px = sizes
    columns = (
        Column(translate("Charts", "Figure"), stretch=1, least=40),
        Column(translate("Charts", "Value"), number=True),
        Column(translate("Charts", "Unit"), hidden=True),
    )
    rows = tuple(
        (
            Cell(fact.name, None, Words(name_px, NORMAL, "text_2"), fact_tip(fact)),
            Cell(
                fact.value,
                fact.raw,
                Words(value_px, SEMIBOLD, fact.tone, unit=fact.unit, unit_px=unit_px),
                fact_tip(fact),
            ),
            Cell(fact.raw_unit or fact.unit),
        )
        for fact in facts
    )
    return Table(columns, rows, tuple(fact.key for fact in facts))


class FactRows(TableView):
    """Name at left, value and unit at right, hairlines between."""

    least = (150, 120)
    head_height = 0
    pitch = (22, 42)
    pad = 2.0
    sortable = False

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] = ()

    def set_data(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        self._facts = tuple(facts)
        self.set_table(facts_table(self._facts, self._sizes()))

    def _sizes(self) -> tuple[float, float, float]:
        """One size for all names and one for all values."""
        room = self.viewport().width() - 4 * u(self.pad)
        for sizes in _SIZES:
            needs = (
                rich_width([(fact.value, sizes[1], SEMIBOLD, ""), (fact.unit, sizes[2], NORMAL, "")])
                + text_width(fact.name, sizes[0])
                for fact in self._facts
            )
            if max(needs, default=0.0) <= room:
                return sizes
        return _SIZES[-1]

    def fit(self) -> None:
        """Choose the type that fits, then rows and columns."""
        if self._facts:
            self.rows().set_table(facts_table(self._facts, self._sizes()))
        super().fit()


class FactGrid(TableView):
    """Facts in a grid, cell by cell: the name above, the value large below. Copied as the list that they are."""

    least = (300, 120)
    head_height = 0
    pitch = (44, 64)
    pad = 0.0
    lines = False
    whole_rows = False
    sortable = False

    def __init__(self, columns: int = 3) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] = ()
        self._most, self._across = columns, 0

    def set_data(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        self._facts = tuple(facts)
        self.set_table(self._grid())

    def table(self) -> Table:
        """Name, value and unit, a row a fact."""
        return facts_table(self._facts)

    def order(self) -> list[int] | None:
        """As they are read: row by row."""
        return None

    def rows_wanted(self) -> int:
        """The least size has room for the facts as they stand."""
        return max(1, -(-len(self._facts) // self._most))

    def _grid(self) -> Table:
        """As many columns as hold the widest fact; while a slider is held no fewer and no more than before."""
        cells = [
            Cell(
                fact.value, fact.raw, Words(22, SEMIBOLD, fact.tone, unit=fact.unit, unit_px=14, above=fact.name),
                fact_tip(fact), fact.key, f"{fact.name} {fact.value} {fact.unit}".strip(),
            )
            for fact in self._facts
        ]  # fmt: skip
        need = max((content_width(cell) for cell in cells), default=0.0) + u(14)
        if not (axis_hold().held and self._across):
            self._across = max(1, min(self._most, int(self.viewport().width() // need)))
        lines = [cells[at : at + self._across] for at in range(0, len(cells), self._across)]
        # A screen reader names a row by what stands in it.
        names = [" · ".join(cell.look.above for cell in line if isinstance(cell.look, Words)) for line in lines]
        columns = (Column(translate("Charts", "Figure"), hidden=True),
                   *(Column(translate("Charts", "Value")) for _ in range(self._across)))  # fmt: skip
        return Table(columns, tuple((Cell(name), *line) for name, line in zip(names, lines, strict=True)))

    def fit(self) -> None:
        """Choose the number of columns, then share the room equally."""
        if self._facts:
            self.rows().set_table(self._grid())
        super().fit()

    def _fit_columns(self) -> None:
        self.setColumnHidden(0, True)
        edges = [round(self.viewport().width() * at / max(1, self._across)) for at in range(self._across + 1)]
        for at, (left, right) in enumerate(pairwise(edges), start=1):
            self.setColumnHidden(at, False)
            self.setColumnWidth(at, right - left)
