"""The matrix of clouds in the cost tab: filter, span, and several clouds beside owning in one picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.charts.cost_curve import CostCurveData, CostLine
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.numbers import money
from mitsumori.gui.tables.cloud_matrix import CloudMatrix, amount_of, column_name, span_options
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.fields import FieldEdit
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.results import server_name
from mitsumori.gui.words.totals import star, total_note, total_text
from mitsumori.model.cost.clouds import CloudCell, Clouds
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate

BESIDE = 3
"""Clouds drawn beside the one that is compared: the cheapest firm price of other providers."""


class CloudPanel(QWidget):
    """Filter and span above the matrix."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = FieldEdit()
        self.search.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.search.setFixedWidth(theme().px(270))
        self.search.textChanged.connect(lambda text: self.changed.emit())
        self.span = Segmented(span_options(60))
        self.span.set_value("total")
        self.span.chosen.connect(lambda value: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(10))
        row.addWidget(self.search)
        row.addWidget(self.span)

    def retranslate(self, months: int) -> None:
        """Set every text."""
        self.search.setPlaceholderText(translate("Clouds", "Instance or region"))
        self.search.setAccessibleName(translate("Clouds", "Instance or region"))
        self.span.set_options(span_options(months))
        self.span.setAccessibleName(translate("Clouds", "What the amounts are about"))


def show_clouds(
    frame: ChartFrame, table: CloudMatrix, found: Clouds, plan: Plan, estimate: Estimate, span: str
) -> None:
    """Fill the card of the matrix."""
    chip = estimate.catalogue.servers()[plan.cluster.server].accelerator.split("-")[0]
    name = f"{server_name(plan, estimate.catalogue)} × {plan.cluster.servers}"
    table.set_data(found, estimate.cost, span, name, chip)
    frame.set_texts(_title(found, estimate, span), _subtitle(plan, estimate))


def _subtitle(plan: Plan, estimate: Estimate) -> str:
    words = translate(
        "Clouds", "The same work, excluding tax · Japan first · the marked price is compared; a click uses another"
    )
    note = total_note(estimate.cost)
    return f"{words} · {note}" if note else words


def _title(found: Clouds, estimate: Estimate, span: str) -> str:
    """Who is cheapest among those with a firm price."""
    cells = [
        (value, row.provider, cell)
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


def beside(found: Clouds) -> list[tuple[str, CloudCell]]:
    """The cheapest firm price of other providers, to be drawn beside the one that is compared."""
    best: dict[str, tuple[float, str, CloudCell]] = {}
    for row in found.rows:
        for cell in row.cells.values():
            firm = cell.state in ("price", "typed") and cell.column != "spot" and not cell.used
            if firm and cell.total is not None and (row.provider not in best or cell.total < best[row.provider][0]):
                name = translate("Clouds", "{provider} {term}").format(
                    provider=row.provider, term=column_name(cell.column)
                )
                best[row.provider] = (cell.total, name, cell)
    chosen = sorted(best.values(), key=lambda item: item[0])[:BESIDE]
    return [(name, cell) for _, name, cell in chosen]


def with_clouds(data: CostCurveData, found: Clouds | None) -> CostCurveData:
    """A cost curve with other clouds beside the compared one."""
    import numpy as np

    if found is None:
        return data
    more: list[Any] = [
        CostLine(
            name,
            np.array(cell.cumulative),
            "cloud",
            False,
            cell.column != "on_demand",
            mark=star() if cell.without else "",
        )
        for name, cell in beside(found)
        if cell.cumulative
    ]
    return CostCurveData((*data.lines, *more), data.crossings, data.currency, data.shade, data.empty)
