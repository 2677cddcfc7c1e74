"""Serving: the curve between a user's speed and a GPU's output, times against their limits, memory, servers, tokens' cost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout

from mitsumori.gui.charts.bars import FactGrid, Part, SegmentBar
from mitsumori.gui.charts.numbers import UNKNOWN, count, number, percent
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.serving_curve import CurveData, ServingCurve
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.tables.facts import Fact
from mitsumori.gui.tables.serving import LatencyTable, ServingLayouts, layout_name
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.words.results import server_name
from mitsumori.gui.words.serving import binding_words, load_words
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.format import gigabytes
from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate

_INKS = {
    "weights_bytes": "mem_weights", "kv_bytes": "mem_gradients", "activations_bytes": "mem_activations",
    "reserve_bytes": "mem_reserve",
}  # fmt: skip


class ServingTab(Tab):
    """How many users the model carries, how fast, on how much, for what a million tokens cost."""

    def build(self) -> None:
        """Create the cards."""
        self.curve = ServingCurve()
        self.curve_card = self.card(self.curve)
        self.latency = LatencyTable()
        self.latency_card = self.card(self.latency)
        self.memory = SegmentBar()
        self.memory_card = self.card(self.memory)
        self.batch = FactGrid(2)
        self.batch.least = (300, 112)
        self.batch_card = self.card(self.batch)
        self.fleet = FactGrid(3)
        self.fleet.least = (300, 112)
        self.fleet_card = self.card(self.fleet)
        self.money = FactGrid(2)
        self.money.least = (300, 112)
        self.money_card = self.card(self.money)
        self.layouts = ServingLayouts()
        self.layouts_card = self.card(self.layouts)
        rows = (
            ((self.curve_card, 55), (self.latency_card, 45)), ((self.memory_card, 1), (self.batch_card, 1)),
            ((self.fleet_card, 1), (self.money_card, 1)),
        )  # fmt: skip
        for at, row in enumerate(rows):
            box = QHBoxLayout()
            box.setSpacing(round(u(12)))
            for card, share in row:
                box.addWidget(card, share)
            self.column.addLayout(box, 3 if at == 0 else 0)
        self.column.addWidget(self.layouts_card, 2)

    def refresh(self) -> None:
        """Show the estimate."""
        assert self.plan is not None
        assert self.estimate is not None
        result = self.estimate.serving
        for card in (
            self.latency_card,
            self.memory_card,
            self.batch_card,
            self.fleet_card,
            self.money_card,
            self.layouts_card,
        ):
            card.setVisible(result is not None)
        if result is None:
            self.curve.set_data(None)
            self.curve_card.set_texts(
                translate("Serving", "Serving is not part of this plan"),
                translate("Serving", "Switch it on in the inputs: users, lengths and limits decide the rest"),
            )
            return
        self._show_curve(result)
        self._show_times(result)
        self._show_memory(result)
        self._show_fleet(result)
        self._show_money(result)
        self._show_layouts(result)

    # -- cards

    def _show_curve(self, result: ServingResult) -> None:
        assert self.plan is not None
        use, points = self.plan.serving.standard(), result.curve
        tpot, rate = result.figures["tpot_ms"], result.figures["output_tokens_per_s_per_gpu"]
        middle = result.percentiles["p50"]["tpot_ms"].value
        data = None
        if len(points) >= 2:
            now = None if middle is None or rate.value is None else (1e3 / middle, rate.value)
            band = 1.0 if tpot.high is None or not tpot.value else tpot.high / tpot.value
            limit = use.tpot_limit_ms
            data = CurveData(
                _column(points, "tokens_per_s_per_user"), _column(points, "output_tokens_per_s_per_gpu"),
                _column(points, "concurrency"), band, None if limit is None else 1e3 / limit, limit, now,
                load_words(self.plan),
            )  # fmt: skip
        self.curve.set_data(data)
        self.curve_card.set_texts(self._curve_title(result), self._curve_subtitle(result))

    def _curve_title(self, result: ServingResult) -> str:
        share, replicas = result.figures["share_of_users_served"].value, result.figures["replicas"].value
        if share is None or replicas is None:
            return translate("Serving", "The model does not fit this server")
        if share <= 0.0:
            return translate("Serving", "No load meets the limits: {limit}").format(limit=binding_words(result.binding))
        if share < 1.0:
            return translate("Serving", "These servers carry {share} of the load within the limits").format(
                share=percent(share)
            )
        return translate("Serving", "Carried within the limits; {limit} binds first").format(
            limit=binding_words(result.binding)
        )

    def _curve_subtitle(self, result: ServingResult) -> str:
        assert self.plan is not None
        assert self.estimate is not None
        layout = dict(result.layout)
        name = layout_name(layout) if layout else UNKNOWN
        return translate("Serving", "{server} · {layout} · {precision} · {engine} · the band is the 80 % interval").format(
            server=self._server(), layout=name, precision=str(layout.get("weight_precision", UNKNOWN)).upper(),
            engine=word(str(layout.get("engine", UNKNOWN))),
        )  # fmt: skip

    def _server(self) -> str:
        assert self.plan is not None
        assert self.estimate is not None
        key = self.plan.serving.server
        if key is None:
            return server_name(self.plan, self.estimate.catalogue)
        record = self.estimate.catalogue.servers().get(key)
        return key if record is None else record.name

    def _show_times(self, result: ServingResult) -> None:
        assert self.plan is not None
        part, use = self.plan.serving, self.plan.serving.standard()
        judged = f"p{part.percentile:g}"
        times = dict(result.percentiles)
        if judged not in times:
            own = {name: result.figures[name] for name in ("ttft_s", "tpot_ms", "e2e_s")}
            times = dict(sorted({**times, judged: own}.items(), key=lambda item: float(item[0][1:])))
        self.latency.set_data(times, (use.ttft_limit_s, use.tpot_limit_ms), judged)
        requests = result.load["requests_per_s"]
        self.latency_card.set_texts(
            translate("Serving", "{percentile}: first token {ttft} s, {tpot} ms a token").format(
                percentile=judged, ttft=_said(result.figures["ttft_s"]), tpot=_said(result.figures["tpot_ms"])
            ),
            translate("Serving", "At the peak, {requests} requests/s").format(requests=number(requests)),
        )

    def _show_memory(self, result: ServingResult) -> None:
        names = {
            "weights_bytes": translate("Serving", "Weights"), "kv_bytes": translate("Serving", "KV cache"),
            "activations_bytes": translate("Serving", "Workspace"), "reserve_bytes": translate("Serving", "Reserve"),
        }  # fmt: skip
        parts = [
            Part(names[key], figure.value, _INKS[key], f"{gigabytes(figure.value)} GB" if figure.value else UNKNOWN)
            for key, figure in result.memory_per_gpu.items()
        ]
        whole = sum(figure.value or 0.0 for figure in result.memory_per_gpu.values())
        self.memory.set_data(parts, translate("Serving", "Of one GPU"), f"{gigabytes(whole)} GB" if whole else "")
        room, flight = result.figures["max_concurrency"], result.figures["concurrency"]
        self.memory_card.set_texts(
            translate("Serving", "The cache of a replica holds {count} sequences").format(
                count=UNKNOWN if room.value is None else count(math.floor(room.value))
            ),
            translate("Serving", "{bytes} kB of KV cache a token").format(
                bytes=number((result.figures["kv_bytes_per_token"].value or math.nan) / 1e3)
            )
            if result.figures["kv_bytes_per_token"].known
            else "",
        )
        held = self._held(result)
        self.batch.set_data((
            Fact(translate("Serving", "In flight at the peak"), number(flight.value), raw=flight.value),
            Fact(translate("Serving", "Of what the cache holds"), percent(held), raw=held),
            Fact(translate("Serving", "An output token"), number(result.figures["joules_per_output_token"].value), "J",
                 raw=result.figures["joules_per_output_token"].value),
            Fact(translate("Serving", "Output of a GPU"), number(result.figures["output_tokens_per_s_per_gpu"].value),
                 translate("Serving", "tokens/s"), raw=result.figures["output_tokens_per_s_per_gpu"].value),
        ))  # fmt: skip
        self.batch_card.set_texts(
            translate("Serving", "Batch"), translate("Serving", "Requests that are worked on together at the peak")
        )

    @staticmethod
    def _held(result: ServingResult) -> float | None:
        room, flight = result.figures["max_concurrency"].value, result.figures["concurrency"].value
        replicas = result.figures["replicas"].value
        if not room or flight is None or not replicas:
            return None
        return flight / (room * replicas)

    def _show_fleet(self, result: ServingResult) -> None:
        figures = result.figures
        place = result.place
        power = None if place is None else place.kva_per_rack.value
        energy = None if place is None else place.kwh_per_year.value
        self.fleet.set_data((
            Fact(translate("Serving", "Servers"), count(figures["servers"].value), raw=figures["servers"].value),
            Fact(translate("Serving", "Replicas"), count(figures["replicas"].value), raw=figures["replicas"].value),
            Fact(translate("Serving", "GPUs"), count(figures["gpus"].value), raw=figures["gpus"].value),
            Fact(translate("Serving", "Racks"), count(figures["racks"].value), raw=figures["racks"].value),
            Fact(translate("Serving", "A rack"), number(power), "kVA", raw=power),
            Fact(translate("Serving", "Energy a year"), number(None if energy is None else energy / 1e3), "MWh", raw=energy),
        ))  # fmt: skip
        self.fleet_card.set_texts(
            QCoreApplication.translate(
                "Serving", "{replicas} × {gpus} GPUs on %n server(s)", None, round(figures["servers"].value or 0)
            ).format(replicas=count(figures["replicas"].value), gpus=count(figures["gpus_per_replica"].value)),
            self._server(),
        )  # fmt: skip

    def _show_money(self, result: ServingResult) -> None:
        names = {
            "blended": translate("Serving", "Prompts and answers"), "input": translate("Serving", "Prompts"),
            "output": translate("Serving", "Answers"),
        }  # fmt: skip
        prices = result.jpy_per_million_tokens
        yen = translate("Serving", "yen")
        facts = [Fact(names[key], _yen(prices[key]), yen, raw=prices[key].value) for key in names]
        even = result.figures["break_even_tokens_per_day"].value
        facts.append(
            Fact(translate("Serving", "Break-even with the API"), number(None if even is None else even / 1e6),
                 translate("Serving", "M tokens a day"), "field:serving.api_price.input", raw=even)
        )  # fmt: skip
        self.money.set_data(facts)
        blended = prices["blended"].value
        self.money_card.set_texts(
            translate("Serving", "A million tokens cost {yen} yen").format(yen=_yen(prices["blended"]))
            if blended is not None
            else translate("Serving", "The cost of tokens is not known"),
            translate("Serving", "Owned servers over the horizon, excluding tax, at the mean load"),
        )

    def _show_layouts(self, result: ServingResult) -> None:
        keys = [
            {
                "serving.auto": False, "serving.tp": row["layout"]["tp"], "serving.pp": row["layout"]["pp"],
                "serving.ep": row["layout"]["ep"], "serving.dp_attention": row["layout"]["dp_attention"],
            }
            for row in result.own
        ]  # fmt: skip
        self.layouts.set_data(result.own, keys)
        self.layouts_card.set_texts(
            translate("Serving", "Layouts that carry the load on this server"),
            translate("Serving", "Fewest GPUs first; opening one fixes it"),
        )


def _column(points: Any, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([point[name] for point in points], dtype=float)


def _said(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else number(figure.value)


def _yen(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value:,.0f}"
