"""Serving: the curve between a user's speed and a GPU's output, times against their limits, memory, servers, tokens' cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout

from mitsumori.gui.charts.bars import SegmentBar
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.numbers import UNKNOWN, count, number
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.replicas import ReplicaTiles
from mitsumori.gui.charts.serving_curve import ServingCurve
from mitsumori.gui.charts.token_cost import TokenCost
from mitsumori.gui.tables.facts import Fact, FactGrid, FactRows
from mitsumori.gui.tables.serving import LatencyTable, ServingLayouts
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.calendar_view import CalendarView
from mitsumori.gui.tabs.served_memory import batch_facts, memory_parts, memory_texts
from mitsumori.gui.tabs.serving_view import (
    curve_data,
    curve_subtitle,
    curve_title,
    replica_data,
    spare_words,
    times_of,
    times_texts,
    token_cost_data,
    token_cost_texts,
)
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.results import server_name
from mitsumori.gui.words.serving import machine_parts, rack_parts
from mitsumori.gui.words.totals import shown_currency, token_price
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.project import Project
from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate


class ServingTab(Tab):
    """How many users the model carries, how fast, on how much, for what a million tokens cost."""

    def build(self) -> None:
        """Create the cards."""
        self.view = Segmented(self._views())
        self.view.setAccessibleName(translate("Serving", "What is shown of serving"))
        self.view.chosen.connect(self._show_view)
        self.offer = Button("", "plain", "plus")
        self.offer.clicked.connect(self._add_serving)
        self._say_offer()
        head = QHBoxLayout()
        head.addWidget(self.offer)
        head.addStretch(1)
        head.addWidget(self.view)
        self.column.addLayout(head)
        self.calendar: CalendarView | None = None
        self._project: tuple[Callable[[], Project], Callable[[int], Estimate | None]] | None = None
        self.curve = ServingCurve()
        self.curve_card = self.card(self.curve)
        self.latency = LatencyTable()
        self.latency_card = self.card(self.latency)
        self.memory = SegmentBar()
        self.batch = FactRows()
        self.memory_card = self.card(Combined((self.memory, self.batch), (0.6, 1.5)))
        self.fleet, self.tiles = FactGrid(2), ReplicaTiles()
        self.fleet.least = (240, 112)
        self.fleet_card = self.card(Combined((self.tiles, self.fleet), (1.2, 1.0)))
        self.money, self.tokens = FactGrid(2), TokenCost()
        self.money.least = (240, 112)
        self.money_card = self.card(Combined((self.tokens, self.money), (1.7, 1.0)))
        self.layouts = ServingLayouts()
        self.layouts_card = self.card(self.layouts)
        rows = (
            ((self.curve_card, 55), (self.latency_card, 45)),
            ((self.memory_card, 34), (self.fleet_card, 28), (self.money_card, 38)),
        )
        for at, row in enumerate(rows):
            box = QHBoxLayout()
            box.setSpacing(round(u(12)))
            for card, share in row:
                box.addWidget(card, share)
            self.column.addLayout(box, 3 if at == 0 else 2)
        self.column.addWidget(self.layouts_card, 2)

    def refresh(self) -> None:
        """Show the estimate."""
        assert self.plan is not None
        assert self.estimate is not None
        result = self.estimate.serving
        self.offer.setVisible(result is None)
        if self.view.value() == "calendar":
            self._show_calendar()
            return
        for card in (
            self.latency_card,
            self.memory_card,
            self.fleet_card,
            self.money_card,
            self.layouts_card,
        ):
            card.setVisible(result is not None)
        if result is None:
            self.curve.set_data(None, planned=False)
            self.curve_card.set_texts(
                translate("Serving", "Serving is not part of this plan"),
                translate(
                    "Serving", "A scenario of its own keeps the training; users, lengths and limits decide the rest"
                ),
            )
            return
        self._show_curve(result)
        self._show_times(result)
        self._show_memory(result)
        self._show_fleet(result)
        self._show_money(result)
        self._show_layouts(result)

    @staticmethod
    def _views() -> list[tuple[str, str]]:
        return [("answer", translate("Serving", "Performance")), ("calendar", translate("Serving", "Calendar"))]

    def retranslate(self) -> None:
        """Set every text again."""
        self.view.set_options(self._views())
        self.view.setAccessibleName(translate("Serving", "What is shown of serving"))
        self._say_offer()
        if self.calendar is not None:
            self.calendar.retranslate()
        super().retranslate()

    def set_project(self, project: Callable[[], Project], estimate_of: Callable[[int], Estimate | None]) -> None:
        """The project whose calendar the second view shows."""
        self._project = project, estimate_of
        if self.isVisible() and self.view.value() == "calendar":
            self._show_calendar()

    def _show_view(self, _name: object = None) -> None:
        calendar = self.view.value() == "calendar"
        if calendar and self.calendar is None:  # made when it is first wanted
            self.calendar = CalendarView()
            self.calendar.changed.connect(self.calendar_wanted)
            self.column.addWidget(self.calendar, 1)
        for card in (
            self.curve_card,
            self.latency_card,
            self.memory_card,
            self.fleet_card,
            self.money_card,
            self.layouts_card,
        ):
            card.setVisible(not calendar)
        if self.calendar is not None:
            self.calendar.setVisible(calendar)
        if self.estimate is not None:
            self.refresh()

    def _say_offer(self) -> None:
        self.offer.setText(translate("Serving", "Add a scenario that serves this model"))
        self.offer.setAccessibleName(self.offer.text())

    def _add_serving(self) -> None:
        """The same model and cluster as a plan that serves, beside the one that trains."""
        assert self.plan is not None
        self.scenario_added.emit(self.plan.with_values({"serving.enabled": True}))

    def _show_calendar(self) -> None:
        if self.calendar is None or self._project is None:
            return
        asked, estimate_of = self._project
        project = asked()
        found = {id(plan): at for at, plan in enumerate(project.plans)}
        self.calendar.show_calendar(project, lambda plan: estimate_of(found[id(plan)]))

    # -- cards

    def _show_curve(self, result: ServingResult) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        self.curve.set_data(curve_data(self.plan, result))
        self.curve_card.set_texts(curve_title(result), curve_subtitle(self.plan, self.estimate))

    def _show_times(self, result: ServingResult) -> None:
        assert self.plan is not None
        use, (times, judged) = self.plan.serving.standard(), times_of(self.plan, result)
        self.latency.set_data(times, (use.ttft_limit_s, use.tpot_limit_ms), judged, result.down)
        self.latency_card.set_texts(*times_texts(self.plan, result))

    def _show_memory(self, result: ServingResult) -> None:
        parts, whole = memory_parts(result)
        self.memory.set_data(parts, translate("Serving", "Of one GPU"), whole)
        self.memory_card.set_texts(*memory_texts(result))
        self.batch.set_data(batch_facts(result))

    def _show_fleet(self, result: ServingResult) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        figures, place = result.figures, self.estimate.facility
        power, energy = place.kva_per_rack.value, place.kwh_per_year.value
        data = replica_data(self.estimate)
        self.tiles.set_data(data)
        self.fleet.set_data((
            Fact(translate("Serving", "Servers"), *machine_parts(figures.servers.value), raw=figures.servers.value),
            Fact(translate("Serving", "Racks"), *rack_parts(figures.racks.value), raw=figures.racks.value),
            Fact(translate("Serving", "A rack"), number(power), "kVA", raw=power),
            Fact(translate("Serving", "Energy a year"), number(None if energy is None else energy / 1e3), "MWh", raw=energy),
        ))  # fmt: skip
        words = (server_name(self.plan, self.estimate.catalogue), spare_words(data))
        self.fleet_card.set_texts(
            QCoreApplication.translate(
                "Serving", "{replicas} × {gpus} GPUs on %n server(s)", None, round(figures.servers.value or 0)
            ).format(replicas=count(figures.replicas.value), gpus=count(figures.gpus_per_replica.value)),
            " · ".join(part for part in words if part),
        )  # fmt: skip

    def _show_money(self, result: ServingResult) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        estimate, factor = self.estimate, shown_currency(self.estimate)[1]
        names = {
            "blended": translate("Serving", "Prompts and answers"), "input": translate("Serving", "Prompts"),
            "output": translate("Serving", "Answers"),
        }  # fmt: skip
        prices = result.jpy_per_million_tokens
        facts = [_price(names[key], prices[key].value, estimate, factor) for key in names]
        listed = None if result.tokens is None else result.tokens.api_jpy_per_million
        api = _price(translate("Serving", "The API's price list"), listed, estimate, factor, "api")
        facts.append(replace(api, key="field:serving.api_price.input"))
        self.money.set_data(facts)
        self.tokens.set_data(token_cost_data(self.estimate))
        self.money_card.set_texts(*token_cost_texts(self.plan, self.estimate))

    def _show_layouts(self, result: ServingResult) -> None:
        keys = [row.layout.fixed for row in result.own]
        self.layouts.set_data(result.own, keys)
        self.layouts_card.set_texts(
            translate("Serving", "Layouts that carry the load on this server"),
            translate("Serving", "Fewest GPUs first; opening one fixes it"),
        )


def _price(name: str, jpy: float | None, estimate: Estimate, factor: float, side: str = "onprem") -> Fact:
    """A price of a million tokens in the currency shown."""
    if jpy is None:
        return Fact(name, UNKNOWN)
    parts = token_price(jpy, estimate, side)
    currency = shown_currency(estimate)[0]
    return Fact(name, f"{parts.prefix}{parts.number}", parts.unit, raw=jpy * factor, raw_unit=currency)
