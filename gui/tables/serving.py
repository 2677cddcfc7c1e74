"""Tables of serving: times by percentile against their limits, layouts that carry the load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import UNKNOWN, interval, number, percent
from mitsumori.gui.charts.painting import SEMIBOLD
from mitsumori.gui.tables.columns import Cell, Column, Gauge, Table, Words
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.words.totals import marked_parts, small_amount
from mitsumori.gui.words.translation import language
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.results import ServingAlternative, Times

if TYPE_CHECKING:
    from mitsumori.model.study.serving_ranking import ServingOption

translate = QCoreApplication.translate


class LatencyTable(TableView):
    """Percentiles in rows: first token and time per token against their limits, the whole answer."""

    least = (330, 200)
    head_height = 28
    pitch = (34, 46)
    sortable = False

    def set_data(
        self, percentiles: Mapping[str, Times], limits: tuple[float | None, float | None], judged: str,
        down: Mapping[str, Times] | None = None,
    ) -> None:  # fmt: skip
        """Times by ``p50`` ... with the limits on first token (s) and token (ms); ``judged`` is the plan's percentile.

        ``down`` are the times with one replica stopped, shown as hollow dots; None where none is left.
        """
        ttft, tpot = limits
        columns = (
            Column(translate("Serving", "Percentile")),
            Column(self._head(translate("Serving", "First token"), ttft, "s"), "s", number=True, least=104, stretch=1),
            Column(self._head(translate("Serving", "Per token"), tpot, "ms"), "ms", number=True, least=104, stretch=1),
            Column(translate("Serving", "Whole answer"), "s", number=True),
            Column(translate("Serving", "First token, 80 % interval"), "s", hidden=True),
            Column(translate("Serving", "Per token, 80 % interval"), "ms", hidden=True),
            Column(translate("Serving", "First token after a failure"), "s", number=True, hidden=True),
            Column(translate("Serving", "Per token after a failure"), "ms", number=True, hidden=True),
        )
        names = list(percentiles)
        rows = tuple(
            self._cells(name, percentiles[name], limits, name == judged, (down or {}).get(name)) for name in names
        )
        self.set_table(Table(columns, rows, current=names.index(judged) if judged in names else None))

    @staticmethod
    def _head(name: str, limit: float | None, unit: str) -> str:
        if limit is None:
            return name
        return translate("Serving", "{name} ≤ {limit} {unit}").format(name=name, limit=number(limit), unit=unit)

    @staticmethod
    def _cells(
        name: str, times: Times, limits: tuple[float | None, float | None], judged: bool,
        down: Times | None,
    ) -> tuple[Cell, ...]:  # fmt: skip
        weight = SEMIBOLD if judged else 400
        cells, ends, stopped = [Cell(name, None, Words(14, weight))], [], []
        for key, limit, unit in (("ttft_s", limits[0], "s"), ("tpot_ms", limits[1], "ms")):
            figure = times[key]
            over = limit is not None and figure.value is not None and figure.value > limit
            full = 1.25 * (limit or 2 * (figure.value or 1.0))
            share = 0.0 if figure.value is None else min(1.0, figure.value / full)
            other = None if down is None else down[key].value
            shown = interval(figure.low, figure.high)
            tip = translate("Serving", "80 %: {interval} {unit}").format(interval=shown, unit=unit)
            if other is not None:
                one = translate("Serving", "after a failure: {value} {unit}").format(value=number(other), unit=unit)
                tip = f"{tip}\n{one}"
            mark = None if other is None else other / full
            look = Gauge(share, "marginal_fill" if over else "accent", unit, weight, mark=mark)
            cells.append(Cell(UNKNOWN if figure.value is None else number(figure.value), figure.value, look, tip))
            ends.append(Cell(shown))
            stopped.append(Cell() if other is None else Cell(number(other), other))
        whole = times.e2e_s.value
        cells.append(Cell(UNKNOWN if whole is None else number(whole), whole, Words(14, weight, unit="s")))
        return (*cells, *ends, *stopped)


class ServingLayouts(TableView):
    """Layouts of a replica on the plan's server, the one in use first; opening one fixes it."""

    least = (330, 150)
    head_height = 28
    pitch = (30, 40)
    sortable = False

    def set_data(self, rows: Sequence[ServingAlternative], keys: Sequence[Mapping[str, object]]) -> None:
        """Layouts, and what choosing each sets."""
        columns = (
            Column(translate("Serving", "Layout"), stretch=1, least=150),
            Column(translate("Serving", "GPUs"), number=True),
            Column(translate("Serving", "First token"), "s", number=True),
            Column(translate("Serving", "Per token"), "ms", number=True),
        )
        cells = tuple(
            (
                Cell(layout_name(row.layout), None, Words(14, SEMIBOLD if at == 0 else 400)),
                Cell(f"{row.gpus:,}", float(row.gpus)),
                Cell(number(row.ttft_s), row.ttft_s, Words(14, unit="s")),
                Cell(number(row.tpot_ms), row.tpot_ms, Words(14, unit="ms")),
            )
            for at, row in enumerate(rows)
        )
        self.set_table(Table(columns, cells, tuple(keys), 0 if rows else None))


class ServingOptions(TableView):
    """Ways to carry the load, best first: server and format, size, times, cost of tokens; opening one takes it."""

    least = (620, 300)
    head_height = 28
    pitch = (42, 52)
    sortable = False

    def set_data(self, options: Sequence[ServingOption], shown: tuple[str, float] = ("JPY", 1.0)) -> None:
        """Options of :func:`model.study.serving_ranking.advise_serving`; currency shown, and what one yen is in it."""
        columns = (
            Column("#", number=True),
            Column(translate("Serving", "Server and layout"), stretch=1, least=220),
            Column(translate("Serving", "Servers"), number=True),
            Column(translate("Serving", "GPUs"), number=True),
            Column(translate("Serving", "First token"), "s", number=True),
            Column(translate("Serving", "Per token"), "ms", number=True),
            Column(translate("Serving", "Load carried"), number=True),
            Column(translate("Serving", "1M tokens"), shown[0], number=True, least=120),
        )
        most = max((one.jpy_per_million_tokens or 0.0 for one in options), default=0.0)
        rows = tuple(self._cells(at, one, most, shown) for at, one in enumerate(options, 1))
        keys = tuple(None if one.current else dict(one.changes) for one in options)
        current = next((at for at, one in enumerate(options) if one.current), None)
        self.set_table(Table(columns, rows, keys, current))

    @staticmethod
    def _cells(at: int, one: ServingOption, most: float, shown: tuple[str, float]) -> tuple[Cell, ...]:
        yen, weight = one.jpy_per_million_tokens, SEMIBOLD if at == 1 else 400
        under = f"{one.precision.upper()} · {layout_name(one.layout)}"
        under += f" · {one.cooling[language()]}" if one.cooling else ""
        carried = "text" if one.served >= 1.0 else "marginal"
        price = Cell(UNKNOWN)
        if yen is not None:
            words = marked_parts(small_amount(yen, *shown), one.weak, one.partial).text
            price = Cell(words, yen * shown[1], Gauge(yen / most if most else 0.0, "onprem", "", weight))
        return (
            Cell(str(at), float(at)),
            Cell(one.name, None, Words(14, weight, notes=((under, "text_2"),)), spoken=f"{one.name}, {under}"),
            Cell(f"{one.servers:,}", float(one.servers)), Cell(f"{one.gpus:,}", float(one.gpus)),
            Cell(number(one.ttft_s), one.ttft_s, Words(14, unit="s")),
            Cell(number(one.tpot_ms), one.tpot_ms, Words(14, unit="ms")),
            Cell(percent(one.served), one.served, Words(14, ink=carried)), price,
        )  # fmt: skip


def layout_name(layout: Layout) -> str:
    """A replica's layout in a few words: the parts that are more than one."""
    named = {"TP": layout.tp, "PP": layout.pp, "EP": layout.ep, "DP": layout.dp_attention}
    return " · ".join(f"{short} {size}" for short, size in named.items() if size > 1) or "TP 1"
