"""The plan on other GPUs: days, finish, probability, racks, cost and what is known of the price; a row swaps them in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, count, duration, money
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Gauge, Pill, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.words.dates import short_date
from mitsumori.gui.words.deadline import chance_words
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.totals import star
from mitsumori.model.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from mitsumori.model.study.gpu_swap import Swap

translate = QCoreApplication.translate


def same_options(brief: bool = False) -> list[tuple[str, str]]:
    """What is held: the number of GPUs, the days, the money; ``brief`` where there is little room."""
    if brief:
        return [
            ("gpus", translate("Swap", "= GPUs")),
            ("days", translate("Swap", "= days")),
            ("money", translate("Swap", "= cost")),
        ]
    return [
        ("gpus", translate("Swap", "Same GPUs")),
        ("days", translate("Swap", "Same days")),
        ("money", translate("Swap", "Same cost")),
    ]


def chip(key: str) -> str:
    """An accelerator in a word: H100, GB300, MI355X."""
    return key.split("-")[0]


class SwapTable(TableView):
    """Rows of GPUs in one order, the plan's own marked; opening another puts it in, opening the first again brings it back."""

    least = (560, 140)
    head_height = 26
    pitch = (42, 48)
    brief = False
    """Beside other pictures: the basis of the price stands below the cost, finish and chance where there is room."""

    def set_data(self, swaps: Sequence[Swap], level: int, currency: str, catalogue: Catalogue) -> None:
        """Show other rows; ``level`` is the confidence of the finish date."""
        dated = any(
            row.result is not None and row.result.training.schedule.deadline_probability is not None for row in swaps
        )
        columns = (
            Column(translate("Swap", "GPU and server"), stretch=1, least=190),
            Column(
                translate("Swap", "Training"), translate("Tables", "days"), number=True, least=84 if self.brief else 120
            ),
            Column(
                translate("Swap", "Finish P{level}").format(level=level), optional=True, hidden=self.brief and not dated
            ),
            Column(translate("Swap", "In time"), "%", number=True, hidden=not dated, optional=self.brief),
            Column(translate("Swap", "Racks"), number=True, least=64, optional=self.brief),
            Column(translate("Swap", "Cost of owning"), currency, number=True, least=96),
            Column(translate("Swap", "Price"), hidden=self.brief),
        )
        most = max((row.result.training.days.value or 0.0 for row in swaps if row.result is not None), default=1.0)
        current = next((at for at, row in enumerate(swaps) if row.current), None)
        rows = tuple(_cells(row, level, currency, catalogue, most or 1.0, self.brief) for row in swaps)
        keys = tuple(None if row.current or row.impossible else dict(row.changes) for row in swaps)
        self.set_table(Table(columns, rows, keys, current))


def _cells(
    row: Swap, level: int, currency: str, catalogue: Catalogue, most: float, brief: bool = False
) -> tuple[Cell, ...]:
    record = catalogue.servers().get(row.server)
    server = row.server if record is None else record.name
    ink = "text_3" if row.impossible else "text"
    note = translate("Swap", "{server} × {servers} = {gpus}").format(
        server=server, servers=count(row.servers), gpus=plurals().gpus(row.accelerators)
    )
    shown_note = f"{server} × {count(row.servers)}" if brief else note
    name = Words(14, SEMIBOLD, ink, notes=((shown_note, "text_3"),), picked=row.current)
    result, unknown = row.result, Cell(UNKNOWN, None, Words(14, NORMAL, "text_3"))
    tip = f"{chip(row.accelerator)} · {note}"
    told = translate("Swap", "{gpu}, selected") if row.current else translate("Swap", "{gpu}, not selected")
    told = told.format(gpu=tip)
    if result is None or result.training.days.value is None or row.impossible:
        why = (
            translate("Swap", "no number of servers keeps this")
            if row.impossible == "goal"
            else translate("Swap", "does not fit the hall or its cooling")
            if row.impossible.startswith(("facility", "hall"))
            else translate("Swap", "does not fit memory")
        )
        days = result.training.days.value if result is not None else None
        instead = Cell(UNKNOWN, None, Words(14, NORMAL, "text_3", notes=((why, "bad"),)), why) if brief else unknown
        shown = unknown if days is None else Cell(duration(days), days, Gauge(days / most, "line_strong"), tip)
        return (
            Cell(chip(row.accelerator), None, name, tip, spoken=told),
            shown,
            unknown,
            unknown,
            unknown,
            instead,
            Cell(why, None, Pill("bad", "close"), why),
        )
    days, dated = result.training.days.value, result.training.schedule
    finish = dated.finish.get(level)
    chance = dated.deadline_probability
    racks, support = result.facility.server_racks, result.facility.support_racks.value or 0
    where = UNKNOWN if racks is None else f"{count(racks)} + {count(support)}" if support else count(racks)
    cost = (
        UNKNOWN if row.cost is None else money(row.cost, currency) + (star() if result.cost.left_out("onprem") else "")
    )
    if row.price == "weak" and row.cost is not None:
        cost = translate("Swap", "({amount})").format(amount=cost)
    basis, tone = {
        "quoted": (translate("Swap", "entered"), "ok"),
        "published": (translate("Swap", "published"), "ok"),
        "weak": (translate("Swap", "indication"), "marginal"),
        "unknown": (translate("Swap", "no public price"), "marginal"),
    }[row.price]
    icon = "check" if tone == "ok" else "unknown"
    return (
        Cell(chip(row.accelerator), None, name, tip, spoken=told),
        Cell(duration(days), days, Gauge(days / most, "accent", weight=SEMIBOLD), tip),
        Cell(UNKNOWN if finish is None else short_date(finish, dated.deadline), None, Words(14)),
        Cell(
            UNKNOWN if chance is None else chance_words(chance),
            None if chance is None else 100 * chance,
            Words(14, SEMIBOLD),
        ),
        Cell(where, racks, Words(14)),
        Cell(
            cost,
            row.cost,
            Words(
                15,
                SEMIBOLD if row.price in ("quoted", "published") else NORMAL,
                notes=((basis, tone),) if brief else (),
            ),
            basis,
        ),
        Cell(basis, None, Pill(tone, icon), basis),  # type: ignore[arg-type]
    )


def swap_title(swaps: Sequence[Swap], currency: str) -> str:
    """What the fastest GPU with a firm price would do; a weak price makes no title."""
    own = next((row for row in swaps if row.current), None)
    if own is None or own.result is None or own.result.training.days.value is None:
        return translate("Swap", "The plan on other GPUs")
    others = [
        (row.result.training.days.value, row) for row in swaps
        if not row.current and not row.impossible and row.result is not None and row.price in ("quoted", "published")
        and row.result.training.days.value is not None
    ]  # fmt: skip
    days, best = min(others, key=lambda pair: pair[0], default=(math.inf, own))
    if days >= own.result.training.days.value:
        return translate("Swap", "No other GPU with a firm price is faster")
    words = {"gpu": chip(best.accelerator), "days": duration(days)}
    if best.cost is None or not own.cost:
        return translate("Swap", "{gpu} would take {days}").format(**words)
    return translate("Swap", "{gpu} would take {days}, at {times} times the cost").format(
        times=f"{best.cost / own.cost:.2g}", **words
    )
