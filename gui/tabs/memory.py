"""Memory: the stack of the heaviest GPU, the story of one step, ZeRO 0 to 3 side by side, the stages as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QBoxLayout

from mitsumori.gui.charts.bars import SegmentBar
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.memory_stack import PARTS, Stack, StackBar, StackRows, part_name
from mitsumori.gui.charts.numbers import duration, memory, percent, signed
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD
from mitsumori.gui.inputs.choices import word
from mitsumori.gui.tables.columns import Cell, Column, Table, Words
from mitsumori.gui.tables.facts import FactRows
from mitsumori.gui.tables.parts import PartCards
from mitsumori.gui.tables.view import TableView
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.served_memory import (
    batch_facts,
    held_share,
    memory_parts,
    memory_texts,
    part_facts,
    share_words,
)
from mitsumori.gui.tabs.view import capacity_of, memory_title, stack_of, unit_bytes
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.results import phase_name
from mitsumori.model.architecture.parallelism import sequence_parts
from mitsumori.model.base.format import AXES
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.serving.results import ServingResult

if TYPE_CHECKING:
    from collections.abc import Callable

translate = QCoreApplication.translate


class MemoryTab(Tab):
    """Where the memory of a GPU goes and what would change it."""

    def build(self) -> None:
        """Create the cards."""
        self.unit = "GB"
        self.units = Segmented([("GB", "GB"), ("GiB", "GiB")])
        self.units.chosen.connect(self._set_unit)
        self.stack, self.parts = StackBar(), PartCards()
        self.stack.legend = False
        self.stack_card = self.card(Combined((self.stack, self.parts), (3.6, 1.0), gap=4), self.units)
        self.stack_card.chart.least = (560, 96)
        self.phases = StackRows()
        self.phases_card = self.card(self.phases)
        self.zero = StackRows()
        self.zero_card = self.card(self.zero)
        self.stages = TableView()
        self.stages.least, self.stages.pitch, self.stages.head_height = (380, 40), (21, 36), 21
        self.stages_card = self.card(self.stages)
        self.stages_card.headed = False  # what it shows stands over the big bar
        self._zero_days: dict[int, float | None] = {}
        self._asking = False
        self.trained = (self.stack_card, self.phases_card, self.zero_card, self.stages_card)
        """The cards of a plan that trains."""
        self.served: tuple[ChartFrame, ...] = ()
        """The cards of a plan that serves, made for the first one."""
        self.served_row: QBoxLayout | None = None
        self.column.addWidget(self.stack_card, 4)
        self.rows = self.row((self.phases_card, 1), (self.zero_card, 1))
        self.column.addLayout(self.rows, 5)
        self.column.addWidget(self.stages_card, 3)
        self.column.addStretch(0)
        self.retranslate()

    def retranslate(self) -> None:
        """Name the control, then as every tab."""
        self.units.setAccessibleName(translate("Memory", "Unit of memory"))
        super().retranslate()

    def _set_unit(self, unit: str) -> None:
        self.unit = unit
        self._renew()

    def refresh(self) -> None:
        """Show the estimate."""
        assert self.plan is not None
        assert self.estimate is not None
        estimate = self.estimate
        serves = estimate.serving is not None
        if serves and not self.served:
            self._build_served()
        for card in (*self.trained, *self.served):
            card.setVisible((card in self.served) is serves)
        self.column.setStretchFactor(self.rows, 0 if serves else 5)  # a row of hidden cards would keep its share
        if self.served_row is not None:
            self.column.setStretchFactor(self.served_row, 2 if serves else 0)
        self.column.setStretch(self.column.count() - 1, 3 if serves else 0)  # two short lists need no whole window
        if estimate.serving is not None:
            self._show_served(estimate.serving)
            return
        capacity = capacity_of(estimate, self.unit)
        self.stack.set_data(stack_of(estimate.memory.per_gpu, self.unit), capacity, self.unit)
        self.parts.set_data(self._part_rows(estimate))
        self.stack_card.set_texts(self._title(estimate), self._subtitle(estimate))
        self._show_phases(estimate, capacity)
        self._show_stages(estimate, capacity)
        self._zero_days = {}
        self._asking = True
        self._ask_zero()
        self._asking = False
        self._show_zero(estimate, capacity)

    def _build_served(self) -> None:
        """Cards of their own: a plan that serves has no gradients, no optimizer and no step."""
        self.held, self.sizes, self.batch = SegmentBar(), FactRows(), FactRows()
        self.served = (self.card(Combined((self.held, self.sizes), (0.6, 1.5))), self.card(self.batch))
        self.served_row = self.row((self.served[0], 3), (self.served[1], 2))
        self.column.insertLayout(0, self.served_row, 2)

    def _show_served(self, result: ServingResult) -> None:
        parts, whole = memory_parts(result)
        self.held.set_data(parts, translate("Serving", "Of one GPU"), whole)
        self.sizes.set_data(part_facts(result))
        self.served[0].set_texts(*memory_texts(result))
        self.batch.set_data(batch_facts(result))
        held = held_share(result)
        self.served[1].set_texts(
            translate("Serving", "The peak uses {share} of the cache").format(share=share_words(held))
            if held is not None
            else translate("Serving", "The model does not fit this server"),
            translate("Serving", "All replicas together"),
        )

    def _title(self, estimate: Estimate) -> str:
        if estimate.memory.verdict != "fits":
            return memory_title(estimate, self.unit)
        stack = stack_of(estimate.memory.per_gpu, self.unit)
        biggest = sorted(PARTS, key=lambda part: -stack.parts[part])[:2]
        return translate("Memory", "{first} and {second} take {part} of the {total} {unit} used; it fits").format(
            first=part_name(biggest[0]),
            second=part_name(biggest[1]).lower(),
            part=memory(stack.parts[biggest[0]] + stack.parts[biggest[1]]),
            total=memory(stack.total),
            unit=self.unit,
        )

    def _subtitle(self, estimate: Estimate) -> str:
        assert self.plan is not None
        stages = len(estimate.memory.stages)
        chosen = self.plan.parallel
        words = {
            "stage": estimate.memory.worst_stage + 1,
            "stages": stages,
            "precision": word(chosen.precision),
            "optimizer": word(chosen.optimizer),
            "recompute": word(estimate.training.parallel.recompute).lower(),
        }
        if stages > 1:
            return translate(
                "Memory",
                "Peak of one GPU · pipeline stage {stage} of {stages}, the heaviest · {precision}, {optimizer}, "
                "recompute {recompute}",
            ).format(**words)
        return translate("Memory", "Peak of one GPU · {precision}, {optimizer}, recompute {recompute}").format(**words)

    def _part_rows(self, estimate: Estimate) -> list[tuple[str, str, str]]:
        stack = stack_of(estimate.memory.per_gpu, self.unit)
        total = stack.total or 1.0
        rows = []
        for part in PARTS:
            size = stack.parts[part]
            text = translate("Memory", "{size} {unit}").format(size=memory(size), unit=self.unit)
            rows.append((part, text, self._how(estimate, part, size / total)))
        return rows

    def _how(self, estimate: Estimate, part: str, share: float) -> str:
        chosen = estimate.training.parallel
        if part == "activations":
            return translate("Memory", "{share} · {micro} × {length} tokens").format(
                share=percent(share), micro=chosen.micro_batch, length=f"{chosen.seq_len:,}"
            )
        shards = 1
        if part in ("weights", "gradients", "optimizer"):
            stage = chosen.zero_stage
            sharded = {"weights": stage >= 3, "gradients": stage >= 2, "optimizer": stage >= 1}[part]
            shards = chosen.dp * round(float(sequence_parts(chosen))) if sharded else 1
        if shards > 1:
            return translate("Memory", "{share} · over {shards} GPUs").format(share=percent(share), shards=shards)
        return translate("Memory", "{share} of the total").format(share=percent(share))

    def _show_phases(self, estimate: Estimate, capacity: float | None) -> None:
        stacks, previous = [], 0.0
        scale = unit_bytes(self.unit)
        for phase in estimate.memory.steps:
            total = phase.bytes / scale
            worst = phase.phase == estimate.memory.worst_phase
            change = signed(total - previous)
            note = translate("Memory", "{change}, the peak").format(change=change) if worst else change
            stacks.append(
                stack_of(
                    phase.parts,
                    self.unit,
                    name=phase_name(phase.phase),
                    value=translate("Memory", "{size} {unit}").format(size=memory(total), unit=self.unit),
                    value_note=note,
                    tone="bad" if capacity is not None and total > capacity else "text",
                )
            )
            previous = total
        self.phases.set_data(stacks, capacity, self.unit)
        self.phases_card.set_texts(
            translate("Memory", "The peak comes at “{moment}”").format(moment=phase_name(estimate.memory.worst_phase)),
            translate("Memory", "What is held in each phase of one step"),
        )

    def _show_zero(self, estimate: Estimate, capacity: float | None) -> None:
        chosen = estimate.training.parallel.zero_stage
        stacks: list[Stack] = []
        for stage, parts in enumerate(estimate.memory.zero):
            stack = stack_of(parts, self.unit)
            fits = capacity is None or stack.total <= capacity
            days = self._zero_days.get(stage)
            note = duration(days) if fits and days is not None else "" if fits else translate("Memory", "does not fit")
            stacks.append(
                stack_of(
                    parts,
                    self.unit,
                    name=f"ZeRO-{stage}",
                    note=translate("Memory", "chosen") if stage == chosen else "",
                    value=translate("Memory", "{size} {unit}").format(size=memory(stack.total), unit=self.unit),
                    value_note=note,
                    tone="text" if fits else "bad",
                    key=None if stage == chosen else self._stage_changes(stage),
                )
            )
        self.zero.set_data(stacks, capacity, self.unit)
        self.zero_card.set_texts(self._zero_title(stacks, capacity, chosen), self._zero_subtitle(estimate))

    @staticmethod
    def _zero_subtitle(estimate: Estimate) -> str:
        return translate("Memory", "Data parallel {size} · everything else as it is · click a bar to use it").format(
            size=estimate.training.parallel.dp
        )

    def _zero_title(self, stacks: list[Stack], capacity: float | None, chosen: int) -> str:
        fitting = [i for i, stack in enumerate(stacks) if capacity is None or stack.total <= capacity]
        timed = [i for i in fitting if self._zero_days.get(i) is not None]
        if not fitting:
            return translate("Memory", "No ZeRO stage makes this layout fit")
        if len(timed) > 1:
            best = min(timed, key=lambda i: (self._zero_days[i] or 0.0, i))
            return translate("Memory", "ZeRO-{stage} is the fastest that fits").format(stage=best)
        if fitting[0] == chosen:
            return translate("Memory", "ZeRO-{stage} is the mildest that fits").format(stage=chosen)
        return translate("Memory", "ZeRO-{stage} would fit and shard less").format(stage=fitting[0])

    def _stage_changes(self, stage: int) -> dict[str, object]:
        assert self.estimate is not None
        assert self.plan is not None
        names = (*AXES, "micro_batch", "recompute", "sp")
        chosen = self.estimate.training.parallel
        changes: dict[str, object] = {f"parallel.{name}": chosen[name] for name in names}
        return changes | {"parallel.auto": False, "parallel.zero_stage": stage}

    def _ask_zero(self) -> None:
        if self.services is None or self.plan is None or self.estimate is None:
            return
        chosen = self.estimate.training.parallel.zero_stage
        for stage in range(len(self.estimate.memory.zero)):
            if stage == chosen:
                self._zero_days[stage] = self.estimate.training.days.value
            else:
                self.services.preview(self.plan, self._stage_changes(stage), self._zero_answer(stage))

    def _zero_answer(self, stage: int) -> Callable[[Estimate | None], None]:
        plan = self.plan

        def show(estimate: Estimate | None) -> None:
            if estimate is not None and plan is self.plan and self.estimate is not None:
                self._zero_days[stage] = estimate.training.days.value
                if not self._asking:
                    self._show_zero(self.estimate, capacity_of(self.estimate, self.unit))

        return show

    def _show_stages(self, estimate: Estimate, capacity: float | None) -> None:
        names = (*(part_name(part) for part in PARTS), translate("Memory", "Total"))
        spare_head = translate("Memory", "Spare, {unit}").format(unit=self.unit)
        columns = (
            Column(translate("Memory", "Stage"), stretch=1, least=90),
            *(Column(name, self.unit, number=True, stretch=1) for name in names),
            Column(translate("Memory", "Spare"), self.unit, number=True, shown=spare_head, stretch=1),
        )
        groups: list[tuple[int, int, Stack]] = []
        for index, parts in enumerate(estimate.memory.stages):
            stack = stack_of(parts, self.unit)
            same = groups and index != estimate.memory.worst_stage and groups[-1][0] != estimate.memory.worst_stage
            if same and all(abs(stack.parts[p] - groups[-1][2].parts[p]) < 5e-4 * (stack.total or 1) for p in PARTS):
                groups[-1] = (groups[-1][0], index, groups[-1][2])
            else:
                groups.append((index, index, stack))
        rows, heaviest = [], None
        for row, (first, last, stack) in enumerate(groups):
            if first == estimate.memory.worst_stage and len(groups) > 1:
                heaviest = row
                name = translate("Memory", "Stage {number} (heaviest)").format(number=first + 1)
            elif last > first:
                name = translate("Memory", "Stages {first} to {last}").format(first=first + 1, last=last + 1)
            else:
                name = translate("Memory", "Stage {number}").format(number=first + 1)
            spare = None if capacity is None else capacity - stack.total
            values = (*(stack.parts[part] for part in PARTS), stack.total, spare)
            weights = [SEMIBOLD if row == heaviest or at == len(values) - 2 else NORMAL for at in range(len(values))]
            figures = (
                Cell(memory(value), value, Words(14, weight)) for value, weight in zip(values, weights, strict=True)
            )
            rows.append((Cell(name, None, Words(14, SEMIBOLD if row == heaviest else NORMAL)), *figures))
        self.stages.set_table(Table(columns, tuple(rows)))
        self.stages_card.setVisible(len(rows) > 1)
        self.stages_card.set_texts(
            translate("Memory", "Stage {number} of the pipeline sets the peak").format(
                number=estimate.memory.worst_stage + 1
            ),
            translate("Memory", "Each stage's own peak, {unit} per GPU").format(unit=self.unit),
        )
