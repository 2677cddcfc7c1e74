"""Overview: the four questions in four pictures, or, when the plan is impossible, what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mitsumori.gui.charts.bars import LimitBars, SegmentBar
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.cost_curve import CumulativeCost
from mitsumori.gui.charts.days_curve import DaysCurve
from mitsumori.gui.charts.gantt import Gantt
from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.charts.memory_stack import Stack, StackBar, StackRows
from mitsumori.gui.charts.numbers import limit, memory, percent
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.rack import RackRow
from mitsumori.gui.findings_bar import ORDER, FindingRow, message_of
from mitsumori.gui.tables.facts import FactRows
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.cost_titles import cost_title
from mitsumori.gui.tabs.findings_panel import ProblemCard
from mitsumori.gui.tabs.heading_line import Heading
from mitsumori.gui.tabs.schedule_view import has_schedule, show_gantt
from mitsumori.gui.tabs.served_cards import ServedCards
from mitsumori.gui.tabs.swaps import BriefSwaps, FaceSwitch, SameSwitch, Switches, show_swaps
from mitsumori.gui.tabs.use_switch import UseSwitch
from mitsumori.gui.tabs.view import (
    capacity_of,
    cost_curve,
    days_data,
    days_title,
    hall_facts,
    limit_rows,
    memory_title,
    rack_title,
    seconds,
    stack_of,
    step_parts,
)
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import cooling_name
from mitsumori.gui.words.translation import language
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.elevation import drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from mitsumori.model.study.gpu_swap import Swap
    from mitsumori.model.study.training_table import Cell

translate = QCoreApplication.translate

ROOM_FOR_A_FINDING = 600
"""Height of the page that four pictures and a finding need; in a smaller window the footer's count must do."""


class OverviewTab(Tab):
    """Memory and step, days, racks, cost; or the problems with their remedies."""

    def build(self) -> None:
        """Create both faces; only one is shown."""
        self._build_problems()
        self.suggestion = FindingRow()
        self.suggestion.remedy_chosen.connect(self.plan_change_requested.emit)
        self.suggestion.hide()
        self._asked = False
        self._has_place = False
        axis_hold().released.connect(self._let_go)
        self.column.addWidget(self.suggestion)
        self.stack, self.step = StackBar(), SegmentBar()
        self.memory_card = self.card(Combined((self.stack, self.step), (2.6, 1.0)))
        self.days = DaysCurve()
        self.face = FaceSwitch()
        self.days_card = self.card(self.days, self.face)
        self.swaps, self.face_back, self.same = BriefSwaps(), FaceSwitch(), SameSwitch()
        self.same.chosen.connect(lambda _same: self._ask_swaps())
        self.swap_switches = Switches(self.face_back, self.same)
        self.swaps_card = self.card(self.swaps, self.swap_switches)
        self.gantt, self.face_dates = Gantt(), FaceSwitch()
        self.gantt_card = self.card(self.gantt, self.face_dates)
        self._faces = {"count": (self.days_card, self.face), "kind": (self.swaps_card, self.face_back),
                       "dates": (self.gantt_card, self.face_dates)}  # fmt: skip
        for card, face in self._faces.values():
            if card is not self.days_card:
                card.hide()  # never shown here: without a parent it would be a window of its own
            face.retranslate()
            face.chosen.connect(self.turn)
        self.racks, self.facts = RackRow(), FactRows()
        self.racks_card = self.card(Combined((self.racks, self.facts), (1.35, 1.0), across=True, gap=20))
        self.cost = CumulativeCost()
        self.use = UseSwitch(self.plan_change_requested.emit)
        self.cost_card = self.card(self.cost, self.use)
        self.top = self._pair(self.memory_card, self.days_card, self.swaps_card, self.gantt_card)
        self.bottom = self._pair(self.racks_card, self.cost_card)
        self.served: ServedCards | None = None
        self.column.addWidget(self.top, 1)
        self.column.addWidget(self.bottom, 1)
        self._take_measures()

    def _take_measures(self) -> None:
        """Both rows are seen whole in a compact window."""
        compact = theme().compact
        self.days.least = (300, 144 if compact else 154)
        self.cost.least = (340, 128 if compact else 144)
        self.memory_card.chart.least = (320, 170 if compact else 182)
        for switch in (self.same, self.face, self.face_back, self.face_dates):
            switch.retranslate()
        self.swap_switches.arrange()

    def retheme(self) -> None:
        """Take over colours and measures."""
        self._take_measures()
        if self.face.value() == "kind":
            self._ask_swaps()
        super().retheme()

    def _pair(self, left: QWidget, *right: QWidget) -> QWidget:
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(round(u(12)))
        top = Qt.AlignmentFlag.AlignTop if isinstance(left, ProblemCard) else Qt.AlignmentFlag(0)
        layout.addWidget(left, 1, top)
        for widget in right:  # of several one is shown
            layout.addWidget(widget, 1, top)
        return holder

    def _build_problems(self) -> None:
        self.heading = Heading()
        self.heading.pressed.connect(self._apply_all)
        self.column.addWidget(self.heading)
        self.problems = [ProblemCard() for _ in range(4)]
        for problem in self.problems:
            problem.applied.connect(self.plan_change_requested)
        self.problem_rows = [self._pair(*self.problems[:2]), self._pair(*self.problems[2:])]
        self.remedies = StackRows(legend=True)
        self.remedies_card = self.card(self.remedies)
        self.limits = LimitBars()
        self.limits_card = self.card(self.limits)
        self.trouble = self._pair(self.remedies_card, self.limits_card)
        for widget in (*self.problem_rows, self.trouble):
            self.column.addWidget(widget, 0 if widget is not self.trouble else 1)
        for widget in (self.heading, *self.problem_rows, self.trouble):
            widget.hide()

    # -- showing ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the plan, or its problems."""
        assert self.plan is not None
        assert self.estimate is not None
        bad = [finding for finding in self.estimate.findings if finding.severity == "bad"]
        blocked = bool(bad)
        self._choose_face(blocked, len(bad) > 2)
        self._show_suggestion(blocked)
        if blocked:
            self._show_problems(bad)
            return
        if self.served is not None and self.estimate.serving is not None:
            self.served.show_result(self.plan, self.estimate)
        else:
            self._show_memory(self.estimate)
            self._ask_curve()
        self._show_racks(self.estimate)
        self._show_cost(self.estimate)

    def _choose_face(self, blocked: bool, many: bool) -> None:
        """Show the pictures or the problems, laid out once: what comes back has the size that it had."""
        assert self.estimate is not None
        serves = self.estimate.serving is not None
        if serves and not blocked and self.served is None:  # made for the first plan that serves
            self.served = ServedCards(self.card)
            self.column.insertWidget(self.column.indexOf(self.top), self.served, 1)
            layout = self.bottom.layout()
            assert isinstance(layout, QHBoxLayout)
            layout.addWidget(self.served.tokens_card, 1)
        wanted = {self.heading: blocked, self.trouble: blocked, self.problem_rows[0]: blocked,
                  self.problem_rows[1]: blocked and many, self.top: not blocked and not serves,
                  self.bottom: not blocked}  # fmt: skip
        if self.served is not None:
            listed = self.estimate.serving is not None and self.served.compares(self.estimate.serving)
            wanted |= {self.served: not blocked and serves, self.served.tokens_card: listed, self.cost_card: not listed}
        if all(widget.isHidden() != shown for widget, shown in wanted.items()):
            return
        self.column.setEnabled(False)
        for widget, shown in wanted.items():
            widget.setVisible(shown)
        self.column.setEnabled(True)
        self.column.invalidate()
        # Qt asks for a painting of each widget that comes, in a round of its own: they are all painted in the next one.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater.value)

    def _show_suggestion(self, blocked: bool) -> None:
        """The most important finding that a click can answer; the page keeps its places while a slider is held."""
        assert self.estimate is not None
        best = None
        if not blocked and self.viewport().height() >= theme().px(ROOM_FOR_A_FINDING):
            found = [f for f in self.estimate.findings if f.severity in ("warn", "info") and f.remedies]
            found.sort(key=lambda finding: ORDER[finding.severity])
            best = next((finding for finding in found if message_of(finding)), None)
        held = axis_hold().held
        if not held:
            self._has_place = best is not None
        policy = self.suggestion.sizePolicy()
        kept = self._has_place and not blocked  # the problems take the place; the pictures find it again as it was
        if policy.retainSizeWhenHidden() != kept:
            policy.setRetainSizeWhenHidden(kept)
            self.suggestion.setSizePolicy(policy)
        if best is not None and self._has_place:
            self.suggestion.set_finding(best, 1)
            if not held:
                self.suggestion.fit(self.viewport().width())
        self.suggestion.setVisible(best is not None and self._has_place)

    def _let_go(self) -> None:
        """A slider was let go or the window resized: the finding of now may take its place."""
        if self.isVisible() and self.estimate is not None:
            self._show_suggestion(any(finding.severity == "bad" for finding in self.estimate.findings))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The finding breaks into lines elsewhere, or has no room."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._let_go)  # not within the layout that resizes

    def _show_memory(self, estimate: Estimate) -> None:
        training = estimate.training
        if not self.changed.differs(
            "memory", estimate.memory, training.breakdown_s, training.step_time_s, training.mfu
        ):
            return
        self.stack.set_data(stack_of(estimate.memory.per_gpu), capacity_of(estimate))
        self.step.set_data(
            step_parts(estimate),
            translate("Overview", "One step, {time}").format(time=seconds(training.step_time_s.value)),
            translate("Overview", "MFU {share}").format(share=percent(training.mfu.value, 1)),
        )
        subtitle = (
            translate("Overview", "Per GPU, heaviest pipeline stage")
            if estimate.training.parallel.pp > 1
            else translate("Overview", "Per GPU")
        )
        self.memory_card.set_texts(memory_title(estimate), subtitle)

    def retranslate(self) -> None:
        """Set the texts of the switches."""
        for switch in (self.face, self.face_back, self.face_dates, self.same, self.use):
            switch.retranslate()
        super().retranslate()

    def turn(self, face: object) -> None:
        """Days by the number of GPUs, by the kind of GPU, or on the calendar: a switch on the card, the focus stays on it."""
        had = any(switch.hasFocus() for _, switch in self._faces.values())
        for name, (card, switch) in self._faces.items():
            switch.set_value(face)
            card.setVisible(name == face)
        if had:
            self._faces[str(face)][1].setFocus()
        self._ask_curve()

    def _ask_swaps(self) -> None:
        if self.services is not None and self.plan is not None:
            same = self.same.value()
            self.services.gpu_swaps(self.plan, same, lambda swaps: self._show_swaps(same, swaps))

    def _show_swaps(self, same: str, swaps: tuple[Swap, ...] | None) -> None:
        if swaps and same == self.same.value() and self.plan is not None and self.estimate is not None:
            show_swaps(self.swaps_card, self.swaps, swaps, self.plan, self.estimate)

    def _ask_curve(self) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        dated = has_schedule(self.plan, self.estimate)
        for _, switch in self._faces.values():
            switch.set_dated(dated)
        face = self.face.value()
        if face == "dates" and not dated:  # the deadline was taken away
            self.turn("count")
        elif face == "dates":
            self.gantt_card.set_texts(*show_gantt(self.gantt, self.plan, self.estimate))
        elif face == "kind":
            self._ask_swaps()
        elif self.services is not None and not self._asked:  # the first estimate is shown before layouts are searched
            self._asked = True
            QTimer.singleShot(0, self, self.refresh)
        elif self.services is not None:
            self.services.days_curve(self.plan, self._show_curve)
        else:
            self._show_curve(None)

    def _show_curve(self, cells: tuple[Cell, ...] | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        data = days_data(cells, self.estimate, self.estimate.training.details.accelerators)
        if data is not None or self.services is None:
            self.days.set_data(data)
        self.days_card.set_texts(
            days_title(self.estimate, data),
            translate("Overview", "Training days against GPUs · the band is the 80 % interval"),
        )

    def _show_racks(self, estimate: Estimate) -> None:
        assert self.plan is not None
        facts = hall_facts(self.plan, estimate)
        self.facts.set_data([*facts[:2], *facts[3:5], facts[6]])
        place, plan = estimate.facility, self.plan
        stands = place.layout, place.racks, place.servers_per_rack, place.binding, place.limits.rack_kva
        if not self.changed.differs("racks", *stands, plan.cluster.servers, plan.facility.cooling):
            return
        empty = translate("Racks", "No rack can be drawn: the servers cannot be placed.")
        self.racks.set_data(drawn(place.layout), empty)
        allowed = limit(place.limits.rack_kva)
        self.racks_card.set_texts(
            rack_title(plan, estimate),
            translate("Overview", "kVA per rack ({limit} allowed) · {cooling}").format(
                limit=allowed, cooling=cooling_name(plan.facility.cooling, estimate.catalogue)
            ),
        )

    def _show_cost(self, estimate: Estimate) -> None:
        assert self.plan is not None
        self.use.setVisible(estimate.serving is None)  # how busy servers are that serve is asked with their hours
        self.use.show_plan(self.plan)
        reserved = [name for name in ("cloud_reserved_3y", "reserved_3y") if name in estimate.cost.alternatives][:1]
        self.cost.set_data(cost_curve(self.plan, estimate.cost, reserved))
        self.cost_card.set_texts(cost_title(self.plan, estimate.cost), translate("Overview", "Cumulative, excl. tax"))

    # -- problems --------------------------------------------------------------------------------------------------

    def _recommended(self, findings: list[Finding]) -> list[Remedy]:
        return [
            next((r for r in finding.remedies if r.recommended), finding.remedies[0])
            for finding in findings
            if finding.remedies
        ]

    def _apply_all(self) -> None:
        if self.estimate is None:
            return
        changes: dict[str, object] = {}
        for remedy in self._recommended([f for f in self.estimate.findings if f.severity == "bad"]):
            changes |= remedy.set
        self.plan_change_requested.emit(changes)

    def _show_problems(self, bad: list[Finding]) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        remedies = self._recommended(bad)
        self.heading.set_texts(
            plurals().stand_in_the_way(len(bad)),
            translate("Overview", "Each has a remedy; the figures beside it show what you would get.")
            if remedies
            else "",
            translate("Overview", "Apply all recommended") if len(remedies) > 1 else "",
        )
        for index, problem in enumerate(self.problems):
            problem.setVisible(index < len(bad))
            if index < len(bad):
                problem.set_finding(bad[index], self.plan, self.services)
        self._show_remedied_memory(bad)
        rows = limit_rows(self.plan, self.estimate)
        self.limits.set_data(rows, translate("Racks", "kVA used in the fullest rack; the line is the limit"))
        self.limits_card.set_texts(
            rack_title(self.plan, self.estimate), translate("Overview", "kVA per rack against each method's limit")
        )

    def _show_remedied_memory(self, bad: list[Finding]) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        estimate = self.estimate
        self.remedies_card.setVisible(estimate.serving is None)  # it is the memory of a training
        if estimate.serving is not None:
            return
        self._stacks: dict[int, Stack] = {0: self._memory_row(estimate, translate("Overview", "This plan"), "")}
        self._title_remedies(memory_title(estimate))
        remedies = [r for finding in bad if finding.subject == "memory" for r in finding.remedies][:3]
        for index, remedy in enumerate(remedies, start=1):
            if self.services is not None:
                self.services.preview(self.plan, remedy.set, self._remedy_answer(index, remedy))
        self._paint_remedies()

    def _remedy_answer(self, index: int, remedy: Remedy) -> Callable[[Estimate | None], None]:
        plan = self.plan

        def show(estimate: Estimate | None) -> None:
            if estimate is not None and self.plan is plan:
                note = translate("Findings", "recommended") if remedy.recommended else ""
                self._stacks[index] = self._memory_row(estimate, remedy.name(language()), note)
                self._paint_remedies()
                used = estimate.memory.per_gpu.total_bytes.value
                if remedy.recommended and estimate.memory.verdict != "no" and used is not None:
                    title = translate("Overview", "“{remedy}” brings memory down to {used} GB")
                    self._title_remedies(title.format(remedy=remedy.name(language()), used=memory(used / 1e9)))

        return show

    def _title_remedies(self, title: str) -> None:
        self.remedies_card.set_texts(
            title, translate("Overview", "GB per GPU, heaviest pipeline stage, with each remedy")
        )

    def _paint_remedies(self) -> None:
        if self.estimate is not None:
            stacks = [self._stacks[index] for index in sorted(self._stacks)]
            self.remedies.set_data(stacks, capacity_of(self.estimate))

    @staticmethod
    def _memory_row(estimate: Estimate, name: str, note: str) -> Stack:
        total = estimate.memory.per_gpu.total_bytes.value or 0.0
        capacity = estimate.memory.per_gpu.capacity_bytes.value or 0.0
        fits = total <= capacity
        spare = memory(abs(capacity - total) / 1e9)
        words = translate("Overview", "{size} free") if fits else translate("Overview", "{size} too much")
        return stack_of(
            estimate.memory.per_gpu,
            name=name,
            note=note,
            value=translate("Memory", "{size} {unit}").format(size=memory(total / 1e9), unit="GB"),
            value_note=words.format(size=spare),
            tone="ok" if fits else "bad",
        )
