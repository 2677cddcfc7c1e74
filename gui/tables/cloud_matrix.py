"""Clouds as a matrix: a row an instance, a column a term; a click uses a price for the comparison, or asks for a quote."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, money
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Check, Column, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.words.catalogue import offer_name, provider_name, region_code, region_name
from mitsumori.gui.words.plurals import horizon
from mitsumori.gui.words.sources import date_words
from mitsumori.gui.words.totals import star, total_text
from mitsumori.model.base.format import MONEY
from mitsumori.model.cost.clouds import COLUMNS, CloudCell, CloudRow, Clouds
from mitsumori.model.cost.results import CostResult

translate = QCoreApplication.translate


def column_name(column: str) -> str:
    """A term as the head of a column."""
    return {
        "on_demand": translate("Clouds", "On demand"),
        "monthly": translate("Clouds", "Monthly"),
        "reserved_1y": translate("Clouds", "1 year"),
        "reserved_3y": translate("Clouds", "3 years"),
        "spot": translate("Clouds", "Spot"),
    }[column]


def span_options(months: int) -> list[tuple[str, str]]:
    """What the amounts are about: one training, a month, the horizon."""
    return [
        ("once", translate("Clouds", "One run")),
        ("monthly", translate("Clouds", "Per month")),
        ("total", horizon(months)),
    ]


def price_words(cell: CloudCell) -> str:
    """The price of an instance as it was published or typed: ``$68.80/h``."""
    if cell.unit_price is None:
        return ""
    per = translate("Clouds", "/month") if cell.per == "month" else translate("Clouds", "/h")
    if cell.currency == "JPY" and cell.unit_price >= 1e4:
        return f"{money(cell.unit_price, 'JPY')}{per}"
    digits = f"{cell.unit_price:,.2f}" if cell.unit_price < 1000 else f"{cell.unit_price:,.0f}"
    return f"{MONEY[cell.currency][0]}{digits}{per}"


def amount_of(cell: CloudCell, span: str) -> float | None:
    """The amount of a cell for what is asked."""
    value: float | None = getattr(cell, span)
    return value


class CloudMatrix(TableView):
    """Owning first, then Japan; opening a cell uses its price, or begins a quote where nobody publishes one."""

    least = (640, 200)
    head_height = 28
    pitch = (42, 50)
    whole_rows = False

    def set_data(
        self, rows: Sequence[CloudRow], found: Clouds, cost: CostResult, span: str, server: str, chip: str,
        drawn: Collection[str] = (),
    ) -> None:  # fmt: skip
        """Show a matrix.

        Parameters
        ----------
        rows
            The rows of ``found`` that are shown.
        drawn
            Keys of the instances that stand in the picture below.
        """
        columns = (
            Column(translate("Clouds", "In chart"), least=64),
            Column(translate("Clouds", "Provider and instance"), stretch=3, least=228),
            *(Column(column_name(name), found.currency, number=True, stretch=1, least=104) for name in COLUMNS),
            Column(translate("Clouds", "Price date"), least=84, optional=True),
        )
        lines = [
            self._owned(cost, span, server, chip),
            *(self._row(row, found, span, row.key in drawn) for row in rows),
        ]
        self.set_table(Table(columns, tuple(lines)))

    @staticmethod
    def _owned(cost: CostResult, span: str, server: str, chip: str) -> tuple[Cell, ...]:
        value = {
            "once": cost.onprem.initial.value,
            "monthly": cost.onprem.monthly.value,
            "total": cost.onprem.total.value,
        }[span]
        note = {
            "once": translate("Clouds", "up front, whatever is run"),
            "monthly": translate("Clouds", "running costs a month"),
            "total": translate("Clouds", "owning"),
        }[span]
        name = Words(14, SEMIBOLD, "onprem", notes=((server, "text_3"),), aside=(chip, "text_3", ""), edge="onprem")
        shown = UNKNOWN if value is None else total_text(cost, "onprem", value)
        look = Words(16, SEMIBOLD, "onprem", notes=((note, "text_2"),))
        return (
            Cell(translate("Clouds", "in the chart"), None, Check(True, "onprem", fixed=True)),
            Cell(translate("Clouds", "Owning"), None, name),
            Cell(shown, value, look),
            *(Cell("") for _ in range(5)),
        )

    @staticmethod
    def _row(row: CloudRow, found: Clouds, span: str, drawn: bool) -> tuple[Cell, ...]:
        tone = "text_3" if row.same_accelerator else "marginal"
        note = f"{offer_name(row.instance)} · {region_name(row.region)}"
        provider = provider_name(row.provider)
        chip = f"{row.accelerator.split('-')[0]} × {row.accelerators}"
        name = Words(14, SEMIBOLD, "text", notes=((note, "text_3"),), aside=(chip, tone, ""))
        cells = [CloudMatrix._cell(row, row.cells[column], found, span) for column in COLUMNS]
        dated = re.search(r"20\d\d(-\d\d)?", row.date)  # as the finding on old prices reads it: a month, or a year
        date = dated.group() if dated else UNKNOWN
        return (
            CloudMatrix._box(row, drawn),
            Cell(provider, None, name, f"{provider} {note}{region_code(row.region)}"),
            *cells,
            Cell(date, None, Words(13, NORMAL, "text_2"), date_words(row.date)),
        )

    @staticmethod
    def _box(row: CloudRow, drawn: bool) -> Cell:
        """The box that puts a row into the picture; none without an amount to draw."""
        best = row.best
        if best is None:
            return Cell("")
        name = f"{provider_name(row.provider)} {offer_name(row.instance)}, {column_name(best.column)}"
        if best.used:
            words = translate("Clouds", "in the chart")
            return Cell(
                words, None, Check(True, "cloud", fixed=True), translate("Clouds", "{name}: compared").format(name=name)
            )
        words = translate("Clouds", "in the chart") if drawn else translate("Clouds", "not in the chart")
        tip = translate("Clouds", "Show {name} in the chart")
        if drawn:
            tip = translate("Clouds", "Take {name} out of the chart")
        said = tip.format(name=name)
        return Cell(words, None, Check(drawn, "cloud"), said, ("show", row.key), said)

    @staticmethod
    def _cell(row: CloudRow, cell: CloudCell, found: Clouds, span: str) -> Cell:
        head = f"{provider_name(row.provider)} {offer_name(row.instance)}, {column_name(cell.column)}"
        use = {"money.cloud.instance": cell.instance, "money.cloud.term": cell.term}
        if cell.state == "none":
            if cell.column == "monthly":
                return Cell(translate("Clouds", "not offered"), None, Words(12, NORMAL, "text_3"), spoken=head)
            words = translate("Clouds", "no public price")
            tip = translate("Clouds", "{head}: no public price. Click to enter a quote.").format(head=head)
            return Cell(words, None, Words(12, NORMAL, "text_3"), tip, ("quote", use), tip)
        value = amount_of(cell, span)
        price = price_words(cell)
        if value is None:
            words = translate("Clouds", "1 year at least") if span == "once" and cell.total is not None else UNKNOWN
            why = "" if cell.state != "unknown" else translate("Clouds", "the exchange rate is missing")
            return Cell(
                words, None, Words(12, NORMAL, "text_3", notes=((price, "text_2"),)), f"{head}: {price} {why}".strip()
            )
        text = money(value, found.currency) + (star() if cell.without else "")
        word = ""  # the subtitle says what brackets and spot mean: a cell has no room for more than its price
        if cell.state == "weak":
            text, word = translate("Clouds", "({amount})").format(amount=text), translate("Clouds", "indication")
        elif cell.state == "typed":
            word = translate("Clouds", "entered")
        elif cell.column == "spot":
            word = translate("Clouds", "interruptible")
        said = [head, text, price, word, cell.source]
        if cell.without:
            said.append(translate("Clouds", "without storage or egress, whose price is not public"))
        if cell.used:
            said.append(translate("Clouds", "used in the comparison"))
        tip = ", ".join(part for part in said if part)
        ground = "accent_tint" if cell.used else ""
        edge = "accent" if cell.used else "marginal" if cell.state == "typed" else ""
        weight = SEMIBOLD if cell.state != "weak" else NORMAL
        look = Words(16, weight, "text", notes=((price, "text_2"),), ground=ground, edge=edge)
        key = None if cell.used else ("use", use)
        return Cell(text, value, look, tip, key, tip)
