"""Training time: days for models by GPU counts, the curve with its knee, where a step's time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.bars import PartBars
from mitsumori.gui.charts.chance_curve import ChanceCurve
from mitsumori.gui.charts.days_curve import DaysCurve, DaysData
from mitsumori.gui.charts.gantt import Gantt
from mitsumori.gui.charts.heat_scale import HeatScale
from mitsumori.gui.charts.numbers import count, duration, fixed, percent, tokens
from mitsumori.gui.tables.gpu_swaps import SwapTable
from mitsumori.gui.tables.heat import HeatCell, HeatData, HeatTable
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.heading_line import Heading
from mitsumori.gui.tabs.schedule_view import has_schedule, show_chance, show_gantt
from mitsumori.gui.tabs.swaps import SameSwitch, show_swaps
from mitsumori.gui.tabs.view import days_data, days_title, seconds, step_parts
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import accelerator_name, gpus_per_server, model_name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.guides import duration_changes
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.study.gpu_swap import Swap
    from mitsumori.model.study.training_table import Cell, TrainingTable

translate = QCoreApplication.translate

COMPANIONS = ("llama3-8b", "qwen3-14b", "qwen3-32b", "llama3-70b", "gpt3-175b", "llama3.1-405b", "mt-nlg-530b")
"""Well-known models that give the table its rows when the plan names none; those that the catalogue has."""
MOST_ROWS, MOST_COLUMNS = 7, 8


def table_plan(plan: Plan, catalogue: Catalogue) -> Plan:
    """The plan with rows and columns of the table filled in where it names none.

    Rows are the plan's own model among well-known ones in order of size; columns double from a quarter of the plan's
    cluster.
    """
    changes: dict[str, object] = {}
    if not plan.table.models and plan.model.preset is not None and plan.workload.stage in ("pretrain", "continual"):
        known = catalogue.models()
        keys = {key for key in COMPANIONS if key in known and known[key].supported}
        keys.add(plan.model.preset)
        names = sorted(keys, key=lambda key: (known[key].params_b or 0.0) if key in known else 0.0)
        distinct = [key for key in names if key == plan.model.preset or not _twins(plan.model.preset, key, catalogue)]
        own = distinct.index(plan.model.preset)
        start = max(0, min(own - 2, len(distinct) - 5))
        changes["table.models"] = tuple(distinct[start : start + 5])
    if not plan.table.servers:
        own_servers = plan.cluster.servers
        ladder = (
            [own_servers * 2**k for k in range(-2, 5)] if own_servers >= 4 else [own_servers * 2**k for k in range(7)]
        )
        changes["table.servers"] = tuple(sorted({max(1, int(n)) for n in ladder if n >= 1 and n <= 100_000}))
    return plan.with_values(changes) if changes else plan


def _twins(own: str, other: str, catalogue: Catalogue) -> bool:
    """Whether a well-known model is of the own model's size, so that a row of it would say the same again."""
    known = catalogue.models()
    mine = known[own].params_b if own in known else None
    theirs = known[other].params_b
    return mine is not None and theirs is not None and abs(theirs / mine - 1) < 0.05


class TrainingTimeTab(Tab):
    """How long it takes, on how many GPUs, and why."""

    def build(self) -> None:
        """Create the cards."""
        self.offer = Heading()
        self.offer.pressed.connect(self._add_training)
        self.column.addWidget(self.offer)
        self.heat, self.scale = HeatTable(), HeatScale()
        self.heat_card = self.card(self.heat, self.scale)
        self.days = DaysCurve()
        self.days_card = self.card(self.days)
        self.step = PartBars()
        self.step_card = self.card(self.step)
        self.step_card.chart.least = (320, 172)
        self.days.least = (380, 172)
        self.gantt, self.chance = Gantt(), ChanceCurve()
        self.guides = Button(kind="link")
        self.guides.clicked.connect(self._use_guides)
        self.gantt_card, self.chance_card = self.card(self.gantt, self.guides), self.card(self.chance)
        self.column.addLayout(self.row((self.gantt_card, 5), (self.chance_card, 3)), 0)
        self.swaps, self.same = SwapTable(), SameSwitch()
        self.same.chosen.connect(self._ask_swaps)
        self.swaps_card = self.card(self.swaps, self.same)
        self.column.addWidget(self.heat_card, 0)
        self.column.addLayout(self.row((self.days_card, 5), (self.step_card, 4)), 1)
        self.column.addWidget(self.swaps_card, 0)
        self.column.addStretch(0)
        self._name_controls()

    def refresh(self) -> None:
        """Show the estimate; table and curve follow when they are known."""
        assert self.plan is not None
        assert self.estimate is not None
        trains = self.estimate.serving is None
        self.offer.setVisible(not trains)
        for card in (self.heat_card, self.days_card, self.step_card):
            card.setVisible(trains)
        if not trains:
            for card in (self.gantt_card, self.chance_card, self.swaps_card):
                card.setVisible(False)
            return
        self._show_step(self.estimate)
        self._show_calendar(self.plan, self.estimate)
        if self.services is None:
            return
        self._table_plan = table_plan(self.plan, self.estimate.catalogue)
        self._ask_swaps()
        self.services.training_table(self._table_plan, self._show_table)
        self.services.days_curve(self.plan, self._show_curve)

    def retranslate(self) -> None:
        """Set the texts of the controls."""
        self._name_controls()
        super().retranslate()

    def _add_training(self) -> None:
        """The same model and cluster as a plan that trains, beside the one that serves."""
        assert self.plan is not None
        self.scenario_added.emit(self.plan.with_values({"serving.enabled": False}))

    def _name_controls(self) -> None:
        self.offer.set_texts(
            translate("Training", "Training is not part of this plan"),
            translate(
                "Training", "A scenario of its own keeps the serving; tokens, lengths and a deadline decide the rest"
            ),
            translate("Training", "Add a scenario that trains this model"),
        )
        self.guides.setText(translate("Gantt", "Use guide values"))
        self.guides.setToolTip(
            translate(
                "Gantt", "Delivery, works and installation that nobody gave: published guide values, marked as such"
            )
        )
        self.same.retranslate()
        self.guides.setAccessibleName(self.guides.text())
        self.guides.updateGeometry()

    def _use_guides(self) -> None:
        """Count the guide values of the times before the training; Undo takes them back."""
        if self.plan is not None:
            self.plan_change_requested.emit(duration_changes(self.plan, self.catalogue))

    def _ask_swaps(self, _same: object = None) -> None:
        if self.services is not None and self.plan is not None:
            same = self.same.value()
            self.services.gpu_swaps(self.plan, same, lambda swaps: self._show_swaps(same, swaps))

    def _show_swaps(self, same: str, swaps: tuple[Swap, ...] | None) -> None:
        """The plan on other GPUs; a row puts one into the plan."""
        if same != self.same.value() or self.plan is None or self.estimate is None or self.estimate.serving is not None:
            return
        self.swaps_card.setVisible(bool(swaps))
        if swaps:
            show_swaps(self.swaps_card, self.swaps, swaps, self.plan, self.estimate)

    def _show_calendar(self, plan: Plan, estimate: Estimate) -> None:
        """Delivery, works and training, and how likely the deadline is kept: where a day was given."""
        given = has_schedule(plan, estimate)
        self.gantt_card.setVisible(given)
        self.chance_card.setVisible(given and estimate.training.schedule.deadline_probability is not None)
        self.guides.setVisible(given and bool(duration_changes(plan, estimate.catalogue)))
        if given:
            self.gantt_card.set_texts(*show_gantt(self.gantt, plan, estimate))
            self.chance_card.set_texts(*show_chance(self.chance, plan, estimate))

    def _show_curve(self, cells: tuple[Cell, ...] | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        data = days_data(cells, self.estimate, self.estimate.training.details.accelerators)
        self.days.set_data(data)
        self.days_card.set_texts(
            self._curve_title(data),
            translate(
                "Training",
                "Days against GPUs · band: 80 % of unseen runs ({near} published runs near) · dotted: perfect scaling",
            ).format(near=self.estimate.training.near_runs),
        )

    def _curve_title(self, data: DaysData | None) -> str:
        assert self.estimate is not None
        knee = data.stops_at if data is not None else None
        if data is None or self.estimate.memory.verdict == "no":
            return days_title(self.estimate, data)
        if knee is None:
            return translate("Training", "More GPUs pay to the end of this range")
        if knee <= data.current_gpus:
            return translate("Training", "This plan is already past the point where more GPUs pay")
        return translate("Training", "More GPUs pay up to about {gpus}").format(gpus=count(knee))

    def _show_table(self, table: TrainingTable | None) -> None:
        if table is None or self.plan is None or self.estimate is None:
            return
        columns = [cell.accelerators for cell in table.rows[0].cells]
        servers = [cell.servers for cell in table.rows[0].cells]
        heads = tuple(
            (
                plurals().gpus(g),
                plurals().servers(n),
            )
            for g, n in zip(columns, servers, strict=True)
        )
        own_key = self.plan.model.preset
        cells, current = [], None
        for index, row in enumerate(table.rows):
            mine = row.model in ("plan", own_key)
            line = []
            for place, cell in enumerate(row.cells):
                here = mine and cell.servers == self.plan.cluster.servers
                if here:
                    current = (index, place)
                days, low, high, fits = cell.days, cell.days_low, cell.days_high, cell.fits
                if here:
                    # The plan's own cell says what the headline says, also with a layout set by hand.
                    figure = self.estimate.training.days
                    fits = self.estimate.memory.verdict != "no"
                    days, low, high = (figure.value, figure.low, figure.high) if fits else (None, None, None)
                line.append(
                    HeatCell(days, low, high, fits, None if here else self._adopt(row.model, mine, cell.servers))
                )
            cells.append(tuple(line))
        names = tuple(
            model_name(self.plan, self.estimate.catalogue) if row.model == "plan" else row.name for row in table.rows
        )
        self.heat.set_data(HeatData(translate("Training", "Model"), heads, names, tuple(cells), current))
        span = self.heat.data.span()
        self.scale.set_data(*(duration(days) for days in span) if span else ("", ""))
        self.scale.setVisible(span is not None)
        self.heat_card.set_texts(self._table_title(cells, current, columns), self._table_subtitle(table.tokens))

    @staticmethod
    def _adopt(model: str, mine: bool, servers: int) -> dict[str, object]:
        changes: dict[str, object] = {"cluster.servers": servers}
        if not mine:
            changes |= {"model.preset": model, "model.architecture": None, "model.params": None}
        return changes

    def _table_title(
        self, cells: list[tuple[HeatCell, ...]], current: tuple[int, int] | None, columns: list[int]
    ) -> str:
        assert self.plan is not None
        assert self.estimate is not None
        words = {
            "model": model_name(self.plan, self.estimate.catalogue),
            "gpus": plurals().gpus(self.estimate.training.details.accelerators),
        }
        if self.estimate.memory.verdict == "no":
            return translate("Training", "{model} does not fit on {gpus} as it is laid out").format(**words)
        days = self.estimate.training.days.value
        if days is None:
            return translate("Training", "{model} does not finish on {gpus}").format(**words)
        words["time"] = duration(days)
        if current is not None and current[1] + 1 < len(columns):
            following = cells[current[0]][current[1] + 1]
            if following.days is not None and following.fits and following.days < days:
                words |= {"more": count(columns[current[1] + 1]), "less": duration(following.days)}
                return translate("Training", "{model} on {gpus} takes {time}; {more} GPUs cut it to {less}").format(
                    **words
                )
        return translate("Training", "{model} on {gpus} takes {time}").format(**words)

    def _table_subtitle(self, wanted: float) -> str:
        assert self.plan is not None
        assert self.estimate is not None
        gpu = accelerator_name(self.plan, self.estimate.catalogue)
        return translate(
            "Training",
            "Days to train {tokens} tokens · {gpu}, {precision} · best layout for each · click to use it",
        ).format(tokens=tokens(wanted), gpu=gpu, precision=self.plan.parallel.precision)

    def _show_step(self, estimate: Estimate) -> None:
        assert self.plan is not None
        parts = step_parts(estimate)
        total = sum(part.value or 0.0 for part in parts)
        training = estimate.training
        self.step.set_data(
            parts,
            (
                translate("Training", "Step in the campaign"),
                seconds(total or None),
                translate("Training", "MFU {share}").format(share=percent(training.mfu.value, 1)),
            ),
        )
        busy = sum(part.value or 0.0 for part in parts if part.ink in ("time_compute", "time_recompute"))
        chosen = training.parallel
        title = (
            translate("Training", "{share} % of each step is computing").format(share=fixed(100 * busy / total, 0))
            if total
            else translate("Training", "There is no step to take apart")
        )
        self.step_card.set_texts(
            title,
            translate("Training", "Seconds a step · {batch} sequences of {length} tokens · {servers} × {gpus}").format(
                batch=count(chosen.global_batch),
                length=count(chosen.seq_len),
                servers=count(self.plan.cluster.servers),
                gpus=plurals().gpus(gpus_per_server(self.plan, estimate.catalogue)),
            ),
        )
