"""The short list of figures beside a picture: name at the left, value and unit at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, rich_width, text_width, u
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
    key: Any = None
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
