"""The entries of a calendar in rows by priority: plan, days, hours, share, switch-over; opening one edits it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import percent, plain
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.words.calendar import days_words, hours_words
from mitsumori.model.plan.calendar import CalendarEntry

translate = QCoreApplication.translate


class CalendarTable(TableView):
    """Entries in the order of the file."""

    least = (330, 120)
    head_height = 28
    pitch = (30, 36)
    sortable = False

    def rows_wanted(self) -> int:
        """Eight at the most: a calendar made for five years has some fifty, and the week beside it grew as tall."""
        return min(8, super().rows_wanted())

    def set_data(self, entries: Sequence[CalendarEntry], known: Sequence[str], chosen: int | None) -> None:
        """Show entries; a plan that the project does not have is marked, the chosen entry stands out."""
        columns = (
            Column(translate("Calendar", "Plan"), stretch=1, least=100),
            Column(translate("Calendar", "From"), least=88), Column(translate("Calendar", "To")),
            Column(translate("Calendar", "Days")), Column(translate("Calendar", "Hours"), least=56),
            Column(translate("Calendar", "Share"), number=True),
            Column(translate("Calendar", "Switch-over, min"), number=True),
        )  # fmt: skip
        rows = tuple(
            (
                Cell(entry.plan, None, Words(14, 600, _ink(entry, known))),
                Cell(entry.begin.isoformat()), Cell(entry.end.isoformat() if entry.end else translate("Calendar", "horizon")),
                Cell(days_words(entry)), Cell(hours_words(entry)), Cell(_share(entry), entry.share),
                Cell(plain(entry.switch_minutes) if entry.switch_minutes else "", entry.switch_minutes),
            )
            for entry in entries
        )  # fmt: skip
        self.set_table(Table(columns, rows, tuple(("entry", at) for at in range(len(entries))), chosen))


def _share(entry: CalendarEntry) -> str:
    """The share, what it grows by a year, and that it only is the most of what is left."""
    grows = f" ({100 * entry.growth_per_year:+g} %)" if entry.growth_per_year else ""
    return f"{'≤ ' if entry.rest else ''}{percent(entry.share)}{grows}"


def _ink(entry: CalendarEntry, known: Sequence[str]) -> str:
    if entry.kind == "maintenance":
        return "text_2"
    return "text" if entry.plan in known else "bad"
