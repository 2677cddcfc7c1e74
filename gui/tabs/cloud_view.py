"""The matrix of clouds in the cost tab: filter, span, and the clouds that are ticked beside owning in one picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.charts.amount_bars import Amount, AmountBars
from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.numbers import UNKNOWN, count, money
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.cloud_matrix import CloudMatrix, amount_of, column_name, price_words, span_options
from mitsumori.gui.tables.columns import Cell, Column, Gauge, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.fields import FieldEdit
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.catalogue import provider_name
from mitsumori.gui.words.plurals import horizon
from mitsumori.gui.words.results import server_name
from mitsumori.gui.words.totals import even_month, star, total_note, total_text
from mitsumori.model.cost.clouds import CloudCell, CloudRow, Clouds, beside_owning
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

BESIDE = 3
"""Clouds drawn beside the one that is compared, until somebody ticks: the cheapest firm price of other providers."""
ABROAD = 2
"""Rows from abroad that stand in the matrix before somebody asks for all."""


class CloudPanel(QWidget):
    """Filter and span above the matrix."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = FieldEdit()
        self.search.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.search.setFixedWidth(theme().fit(230, 176))
        self.search.textChanged.connect(lambda text: self.changed.emit())
        self.more = Button(kind="link")
        self.more.setCheckable(True)
        self.more.toggled.connect(lambda on: self.changed.emit())
        self.span = Segmented(span_options(60))
        self.span.set_value("total")
        self.span.chosen.connect(lambda value: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(10))
        row.addWidget(self.more)
        row.addWidget(self.search)
        row.addWidget(self.span)

    def count(self, shown: int, all_: int) -> None:
        """Say how many rows there are beside those that are shown."""
        words = translate("Clouds", "Fewer rows") if self.more.isChecked() else translate("Clouds", "All {count} rows")
        self.more.setText(words.format(count=all_))
        self.more.setAccessibleName(self.more.text())
        self.more.setVisible(shown < all_ or self.more.isChecked())
        self.more.updateGeometry()

    def retranslate(self, months: int, trains: bool = True) -> None:
        """Set every text; a plan that does not train has no amount of one training."""
        options = span_options(months)
        if not trains:
            options = [(name, words) for name, words in options if name != "once"]
            if self.span.value() == "once":
                self.span.set_value("total")
        self.search.setFixedWidth(theme().fit(230, 176))
        self.search.setPlaceholderText(translate("Clouds", "Instance or region"))
        self.search.setAccessibleName(translate("Clouds", "Instance or region"))
        self.span.set_options(options)
        self.span.setAccessibleName(translate("Clouds", "What the amounts are about"))


def shown_rows(found: Clouds, whole: bool, drawn: Collection[str] = ()) -> list[CloudRow]:
    """Rows of the matrix: all, or those of Japan, those ticked or compared, and the cheapest from abroad.

    Parameters
    ----------
    whole
        Every row.
    drawn
        Keys of the rows that are ticked.
    """
    if whole:
        return list(found.rows)
    abroad = [row for row in found.rows if not row.in_japan and row.best is not None]
    cheapest = {row.key for row in sorted(abroad, key=lambda row: row.best.total or 0.0)[:ABROAD]}  # type: ignore[union-attr]
    kept = cheapest | set(drawn)
    return [row for row in found.rows if row.in_japan or row.key in kept or any(c.used for c in row.cells.values())]


def show_clouds(
    frame: ChartFrame, table: CloudMatrix, found: Clouds, plan: Plan, estimate: Estimate, span: str,
    rows: Sequence[CloudRow], drawn: Collection[str],
) -> None:  # fmt: skip
    """Fill the card of the matrix."""
    chip = estimate.catalogue.servers()[plan.cluster.server].accelerator.split("-")[0]
    name = f"{server_name(plan, estimate.catalogue)} × {count(plan.cluster.servers)}"
    table.set_data(rows, found, estimate.cost, span, name, chip, drawn)
    frame.set_texts(_title(found, estimate, span), _subtitle(plan, estimate))


def _subtitle(plan: Plan, estimate: Estimate) -> str:
    words = translate(
        "Clouds",
        "Excluding tax, Japan first · a click on a price compares with it · (…) indication, spot is interruptible",
    )
    note = total_note(estimate.cost)
    return f"{words} · {note}" if note else words


def _title(found: Clouds, estimate: Estimate, span: str) -> str:
    """Who is cheapest among those with a firm price."""
    cells = [
        (value, provider_name(row.provider), cell)
        for row in found.rows
        for cell in row.cells.values()
        if cell.state in ("price", "typed") and cell.column != "spot" and (value := amount_of(cell, span)) is not None
    ]
    if not cells:
        return translate("Clouds", "No cloud with these GPUs has a public price")
    value, provider, cell = min(cells, key=lambda item: item[0])
    cheapest = translate("Clouds", "{provider} {term}").format(provider=provider, term=column_name(cell.column))
    amount = money(value, found.currency) + (star() if cell.without else "")
    if span == "once":
        return translate("Clouds", "One run costs {amount} at least in the cloud ({cheapest})").format(
            amount=amount, cheapest=cheapest
        )
    owned = estimate.cost.onprem.total.value
    if span == "monthly" or owned is None or estimate.cost.weak_on("onprem"):
        return translate("Clouds", "Cheapest cloud with a firm price: {cheapest}, {amount}").format(
            cheapest=cheapest, amount=amount
        )
    if owned <= value:
        return translate("Clouds", "Among firm prices owning is cheapest: {owned}").format(
            owned=total_text(estimate.cost, "onprem")
        )
    return translate("Clouds", "{cheapest} is cheapest: {amount}, owning {owned}").format(
        cheapest=cheapest, amount=amount, owned=total_text(estimate.cost, "onprem")
    )


def default_drawn(found: Clouds) -> frozenset[str]:
    """The rows that are ticked until somebody ticks: of other providers the cheapest firm price each, the cheapest three."""
    mine = next((row.provider for row in found.rows if any(cell.used for cell in row.cells.values())), "")
    best: dict[str, tuple[float, str]] = {}
    for row in found.rows:
        cell = row.best
        firm = cell is not None and cell.state in ("price", "typed") and cell.column != "spot" and not cell.used
        if cell is None or not firm or cell.total is None or row.provider == mine:
            continue
        if row.provider not in best or cell.total < best[row.provider][0]:
            best[row.provider] = (cell.total, row.key)
    return frozenset(key for _, key in sorted(best.values())[:BESIDE])


def beside(found: Clouds, drawn: Collection[str] | None = None) -> list[tuple[str, CloudCell]]:
    """What is drawn beside the one that is compared, by name, cheapest first.

    Parameters
    ----------
    drawn
        Keys of the rows that are ticked; None: those of :func:`default_drawn`.
    """
    keys = default_drawn(found) if drawn is None else drawn
    chosen = [(row, cell) for row in found.rows if row.key in keys and (cell := row.best) is not None and not cell.used]
    chosen.sort(key=lambda item: item[1].total or 0.0)
    return [(name_of(row, cell), cell) for row, cell in chosen]


def name_of(row: CloudRow, cell: CloudCell) -> str:
    """Provider and term, with another accelerator where it is one."""
    name = translate("Clouds", "{provider} {term}").format(
        provider=provider_name(row.provider), term=column_name(cell.column)
    )
    if row.same_accelerator:
        return name
    return translate("Clouds", "{name} ({chip})").format(name=name, chip=row.accelerator.split("-")[0])


def compared(found: Clouds) -> tuple[str, CloudCell] | None:
    """Name and cell of the cloud that the plan is compared with; None where it has no amount."""
    for row in found.rows:
        for cell in row.cells.values():
            if cell.used and cell.total is not None:
                return name_of(row, cell), cell
    return None


def with_clouds(data: CostCurveData, found: Clouds | None, drawn: Collection[str] | None = None) -> CostCurveData:
    """A cost curve with other clouds beside the compared one."""
    import numpy as np

    if found is None:
        return data
    more: list[CostLine] = [
        CostLine(
            name if cell.state != "weak" else translate("Clouds", "({amount})").format(amount=name),
            np.array(cell.cumulative),
            "cloud",
            False,
            cell.column != "on_demand",
            mark=star() if cell.without else "",
        )
        for name, cell in beside(found, drawn)
        if cell.cumulative
    ]
    return CostCurveData((*data.lines, *more), data.crossings, data.currency, data.shade, data.empty)


def show_once(chart: AmountBars, found: Clouds, drawn: Collection[str], estimate: Estimate) -> tuple[str, str]:
    """Bars of one training in every ticked cloud, and what owning takes up front; returns title and subtitle."""
    mine, amounts = compared(found), []
    cells = ([mine] if mine is not None else []) + beside(found, drawn)
    for name, cell in cells:
        if cell.once is None:
            continue
        mark = star() if cell.without else ""
        amounts.append(Amount(name, cell.once, "cloud", cell.used, cell.state == "weak", mark, price_words(cell)))
    amounts.sort(key=lambda one: one.value)
    first = estimate.cost.onprem.initial.value
    if first is not None:
        note = translate("Clouds", "up front, whatever is run")
        mark = star() if estimate.cost.left_out("onprem") else ""
        weak = estimate.cost.weak_on("onprem")
        amounts.append(Amount(translate("Clouds", "Owning"), first, "onprem", True, weak, mark, note))
    chart.set_data(amounts, found.currency)
    return _title(found, estimate, "once"), translate(
        "Clouds", "Compute, storage and egress of one training, excluding tax"
    )


def show_evens(table: TableView, found: Clouds, drawn: Collection[str], estimate: Estimate) -> tuple[str, str]:
    """When owning has paid for itself against each cloud in the picture, and by how much; returns title and subtitle."""
    mine, owned = compared(found), estimate.cost.onprem.cumulative
    cells = ([mine] if mine is not None else []) + beside(found, drawn)
    rows: list[tuple[Cell, ...]] = []
    keys = wins = 0
    current: int | None = None
    for name, cell in sorted(cells, key=lambda item: -(item[1].total or 0.0)):
        month, saving = beside_owning(cell, owned, estimate.cost.onprem.details.payments.lines.paid_month)
        if saving is None:
            continue
        keys, wins = keys + 1, wins + (saving > 0)
        weak = cell.state == "weak"
        shown = money(abs(saving), found.currency) + (
            star() if cell.without or estimate.cost.left_out("onprem") else ""
        )
        words = (
            translate("Clouds", "owning saves {amount}") if saving > 0 else translate("Clouds", "cloud saves {amount}")
        )
        share = 0.0 if month is None else month / found.months
        text = UNKNOWN if month is None else even_month(month)
        text = translate("Clouds", "({amount})").format(amount=text) if weak and month is not None else text
        look = Words(14, SEMIBOLD if cell.used else NORMAL)
        side = Words(14, SEMIBOLD, "onprem" if saving > 0 else "cloud")
        current = len(rows) if cell.used else current
        gauge = Gauge(share, "accent", weight=SEMIBOLD)
        rows.append((Cell(name, None, look), Cell(text, month, gauge), Cell(words.format(amount=shown), saving, side)))
    columns = (
        Column(translate("Clouds", "Compared with"), stretch=2, least=110),
        Column(translate("Clouds", "Month"), stretch=1, least=64),
        Column(horizon(found.months), found.currency, number=True, stretch=2, least=110),
    )
    table.set_table(Table(columns, tuple(rows), current=current))
    if not keys:
        return translate("Clouds", "No total of owning and of a cloud to compare yet"), ""
    span = horizon(found.months)
    if wins == keys:
        title = translate("Clouds", "Owning is cheaper than each of these over {span}")
    elif wins:
        title = translate("Clouds", "Owning is cheaper than {wins} of these {all} over {span}")
    else:
        title = translate("Clouds", "Each of these is cheaper than owning over {span}")
    firm = [(name, cell) for name, cell in cells if cell.state != "weak"]
    runs = [(cell.once, name, star() if cell.without else "") for name, cell in firm if cell.once is not None]
    first = estimate.cost.onprem.initial.value
    note = translate("Clouds", "Months rounded up")
    if runs and estimate.serving is None and first is not None and min(runs)[0] < first and wins:
        amount, name, mark = min(runs)
        note = translate("Clouds", "{note} · for one training alone {name} is cheaper: {amount}").format(
            note=note, name=name, amount=money(amount, found.currency) + mark
        )
    return title.format(wins=wins, all=keys, span=span), note
