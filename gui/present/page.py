"""Present mode: four large cards, one chosen chart beside the racks, three pinned sliders. Nothing internal on screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from mitsumori.gui.charts.bars import SegmentBar
from mitsumori.gui.charts.combined import Combined
from mitsumori.gui.charts.cost_curve import CumulativeCost
from mitsumori.gui.charts.days_curve import DaysCurve
from mitsumori.gui.charts.frame import Body, ChartFrame
from mitsumori.gui.charts.gantt import Gantt
from mitsumori.gui.charts.memory_stack import StackBar
from mitsumori.gui.charts.numbers import limit, percent
from mitsumori.gui.charts.rack import RackRow
from mitsumori.gui.headline import Headline
from mitsumori.gui.inputs.choices import server_name, word
from mitsumori.gui.inputs.fields import FIELDS, TOKENS_KANJI
from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.inputs.summary import model_name
from mitsumori.gui.present.head import ChartDots, PresentHead
from mitsumori.gui.services import Services
from mitsumori.gui.tabs.cost_titles import cost_title
from mitsumori.gui.tabs.schedule_view import has_schedule, show_gantt
from mitsumori.gui.tabs.served_cards import ServedCards
from mitsumori.gui.tabs.view import (
    capacity_of,
    cost_curve,
    days_data,
    days_title,
    gap_words,
    memory_title,
    rack_title,
    seconds,
    stack_of,
    step_parts,
)
from mitsumori.gui.theme.tokens import theme, theme_signals
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.paint import box
from mitsumori.gui.widgets.surface import Surface
from mitsumori.gui.words.results import cooling_name
from mitsumori.gui.words.serving import load_words
from mitsumori.gui.words.translation import Translated, language
from mitsumori.model.base.format import count, whole
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.elevation import drawn
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mitsumori.model.study.training_table import Cell

SERVED = tuple(
    FIELDS[path]
    for path in (
        "serving.users", "serving.requests_per_s", "serving.concurrency", "serving.prompt_tokens", "serving.output_tokens",
    )
)  # fmt: skip
"""Of a plan that serves: its load, in the way it is given, and the lengths."""
PINNED = (
    FIELDS["workload.tokens"],
    TOKENS_KANJI,
    FIELDS["cluster.servers"],
    FIELDS["money.utilization"],
    FIELDS["workload.runs_per_year"],
)
"""Three places: tokens in the unit of the language; servers; the share of use, or the trainings a year that set it."""


class _Foot(QWidget):
    """Three pinned inputs in one card."""

    def __init__(self, rows: list[InputRow]) -> None:
        super().__init__()
        self.rows = rows
        for row in rows:
            row.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def arrange(self) -> None:
        look = theme()
        self.setFixedHeight(look.px(92))
        shown = [row for row in self.rows if not row.isHidden()]
        column = self.width() / len(shown)
        for index, row in enumerate(shown):
            inset = look.px(20)
            row.setGeometry(round(index * column) + inset, look.px(7), round(column) - 2 * inset, look.px(80))

    def resizeEvent(self, event: object) -> None:
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        box(painter, QRectF(self.rect()), look.px(8), look.color("card"), look.color("line"))
        count = sum(not row.isHidden() for row in self.rows)
        for index in range(1, count):
            x = round(index * self.width() / count)
            painter.fillRect(x, 1, 1, self.height() - 2, look.color("line"))


class PresentPage(Translated, Surface):
    """What the customer sees on the projector."""

    leave_wanted = Signal()
    change_requested = Signal(object, object, object)
    gesture_started = Signal()
    gesture_ended = Signal()
    scenario_wanted = Signal(int)
    reset_wanted = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("window", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_FOCUS, True)
        self.head = PresentHead()
        self.head.leave.clicked.connect(self.leave_wanted)
        self.head.reset.clicked.connect(self.reset_wanted)
        self.head.chosen.connect(self.scenario_wanted)
        self.headline = Headline()
        self.headline.set_large(True)
        self.cost, self.days, self.stack, self.step = CumulativeCost(), DaysCurve(), StackBar(), SegmentBar()
        self.gantt = Gantt()
        self.dots: list[ChartDots] = []
        self.cost_card, self.days_card = self._card(self.cost), self._card(self.days)
        self.memory_card = self._card(Combined((self.stack, self.step), (2.6, 1.0)))
        self.gantt_card = self._card(self.gantt)
        self.charts = QStackedWidget()
        for card in (self.cost_card, self.days_card, self.memory_card, self.gantt_card):
            self.charts.addWidget(card)
        self.served: ServedCards | None = None
        self._cards: tuple[QWidget, ...] = (self.cost_card, self.days_card, self.memory_card)
        self.racks = RackRow()
        self.racks.unit = True
        self.racks_card = ChartFrame(self.racks)
        self._catalogue = Catalogue.shipped()
        self.rows = [InputRow(field) for field in (*PINNED, *SERVED)]
        self.foot = _Foot(self.rows)
        for row in self.rows:
            row.change_requested.connect(self._request)
            row.released.connect(self.gesture_ended)
            if row.slider is not None:
                row.slider.sliderPressed.connect(self.gesture_started)
        self._column = QVBoxLayout(self)
        middle = self._middle = QHBoxLayout()
        middle.addWidget(self.charts, 2)
        middle.addWidget(self.racks_card, 1)
        self._column.addWidget(self.head)
        self._column.addWidget(self.headline)
        self._column.addLayout(middle, 1)
        self._column.addWidget(self.foot)
        self._plan: Plan | None = None
        self._estimate: Estimate | None = None
        self._services: Services | None = None
        theme_signals().changed.connect(self._retheme)
        self.retranslate()

    def _request(self, changes: Mapping[str, object], gesture: int | None) -> None:
        self.change_requested.emit(self.sender(), changes, gesture)

    def set_services(self, services: Services) -> None:
        """Where the curve of days comes from."""
        self._services = services

    def set_scenarios(self, names: tuple[str, ...], active: int, trial: bool) -> None:
        """The scenarios, which one is shown, and whether inputs are being tried out."""
        self.head.set_scenarios(names, active, trial)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Take the names of records from another catalogue."""
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            for row in self.rows:
                row.set_catalogue(catalogue)
            if self._plan is not None:
                self.show_plan(self._plan)

    def show_plan(self, plan: Plan) -> None:
        """Show the pinned inputs and the plan in a line."""
        self._plan = plan
        for row in self.rows:
            row.show_plan(plan)
        kanji, by_runs = language() == "ja", plan.workload.use == "yearly"
        serves, part = plan.serving.enabled, plan.serving
        pinned = (not kanji, kanji, True, not by_runs, by_runs)
        by_rate, in_flight = part.requests_per_s is not None, part.concurrency is not None
        load = (not by_rate and not in_flight, by_rate, in_flight, True, True)
        for row, shown in zip(
            self.rows, (*(s and not serves for s in pinned), *(s and serves for s in load)), strict=True
        ):
            row.setVisible(shown)
        self.foot.arrange()
        if serves:
            self._name_serving(plan)
            return
        tokens = self.tr("{count} tokens").format(count=count(plan.workload.tokens, kanji=kanji))
        server = server_name(plan.cluster.server, self._catalogue, accelerator_key(plan, self._catalogue))
        full, short = (
            self.tr("{servers} × {server}").format(servers=whole(plan.cluster.servers), server=called)
            for called in (server, server.split(" · ")[0])
        )
        cooling = cooling_name(plan.facility.cooling, self._catalogue)
        name = self.tr("{model}, {stage}").format(
            model=model_name(plan, self._catalogue), stage=word(plan.workload.stage)
        )
        wordings = ((tokens, full, cooling), (tokens, short, cooling), (tokens, short))
        self.head.set_texts(name, tuple(" · ".join(parts) for parts in wordings))

    def _name_serving(self, plan: Plan) -> None:
        """The head of a plan that serves: model and use, load, servers."""
        name = self.tr("{model}, {stage}").format(
            model=model_name(plan, self._catalogue), stage=word(plan.serving.profile)
        )
        load, server = load_words(plan), server_name(plan.serving.server or plan.cluster.server, self._catalogue)
        found = None if self._estimate is None else self._estimate.serving
        count_ = None if found is None else found.figures["servers"].value
        if count_ is not None:
            server = self.tr("{servers} × {server}").format(servers=whole(count_), server=server)
        self.head.set_texts(name, (f"{load} · {server}", load))

    def _card(self, chart: Body) -> ChartFrame:
        """A card with the dots of all charts in its head."""
        dots = ChartDots()
        dots.chosen.connect(self.show_chart)
        self.dots.append(dots)
        return ChartFrame(chart, None, dots)

    def _serve(self, serves: bool, dated: bool) -> None:
        """The charts of the question that is asked; those of serving are made for the first plan that serves."""
        if serves and self.served is None:
            self.served = ServedCards(self._card)
            self.served.setParent(self)  # its cards stand one by one
            self.served.hide()
            for at, card in enumerate((self.served.curve_card, self.served.latency_card, self.served.tokens_card)):
                self.charts.insertWidget(at, card)
        mine = self.cost_card, self.days_card, self.memory_card
        cards: tuple[QWidget, ...] = (*mine, self.gantt_card) if dated else mine
        if serves and self.served is not None:
            cards = (self.served.curve_card, self.served.latency_card, self.served.tokens_card, self.cost_card)
        if cards != self._cards:
            other = serves != (self.served is not None and self.served.curve_card in self._cards)
            self._cards = cards
            if other or self.charts.currentWidget() not in cards:  # another question begins with its own chart
                self.charts.setCurrentWidget(cards[0])

    def set_result(self, plan: Plan, estimate: Estimate) -> None:
        """Show an estimate; a hidden page only remembers it."""
        self._plan, self._estimate = plan, estimate
        if not self.isVisible():
            return
        for row in self.rows:  # a length left open stands at the use's own
            if row.field in SERVED and not row.isHidden():
                row.show_context(estimate.used(row.field.path), False, False)
        self._serve(estimate.serving is not None, has_schedule(plan, estimate))
        if estimate.serving is not None:
            self._name_serving(plan)
        self.headline.set_result(plan, estimate, None)
        empty = self.tr("The servers cannot be placed.")
        self.racks.set_data(drawn(estimate.facility.layout), empty)
        allowed = limit(estimate.facility.limits.rack_kva)
        under = self.tr("{cooling} · {limit} kVA allowed").format(
            cooling=cooling_name(plan.facility.cooling, estimate.catalogue), limit=allowed
        )
        self.racks_card.set_texts(rack_title(plan, estimate), under)
        self._mark_dots()
        self._show_chart()

    def _mark_dots(self) -> None:
        """Which of how many charts is shown, with its name, in the head of each."""
        named = {self.cost_card: self.tr("Cost"), self.days_card: self.tr("Days"), self.memory_card: self.tr("Memory"),
                 self.gantt_card: self.tr("Deadline")}  # fmt: skip
        if self.served is not None:
            named |= {self.served.curve_card: self.tr("Serving"), self.served.latency_card: self.tr("Latency"),
                      self.served.tokens_card: self.tr("Tokens")}  # fmt: skip
        names = tuple(named[card] for card in self._cards if isinstance(card, ChartFrame))
        for dots in self.dots:
            dots.set_state(names, self._shown())

    def _show_chart(self) -> None:
        plan, estimate = self._plan, self._estimate
        if plan is None or estimate is None:
            return
        card = self.charts.currentWidget()
        if estimate.serving is not None and self.served is not None:
            self.served.show_result(plan, estimate)
        if card is self.cost_card:
            self.cost.set_data(replace(cost_curve(plan, estimate.cost, ()), gap=gap_words(estimate.cost)))
            self.cost_card.set_texts(
                cost_title(plan, estimate.cost), self.tr("Cumulative cost, excluding consumption tax")
            )
        elif card is self.memory_card:
            self.stack.set_data(stack_of(estimate.memory.per_gpu), capacity_of(estimate))
            step = self.tr("One step, {time}").format(time=seconds(estimate.training.step_time_s.value))
            mfu = self.tr("MFU {share}").format(share=percent(estimate.training.mfu.value, 1))
            self.step.set_data(step_parts(estimate), step, mfu)
            self.memory_card.set_texts(memory_title(estimate), self.tr("Per GPU"))
        elif card is self.gantt_card:
            self.gantt_card.set_texts(*show_gantt(self.gantt, plan, estimate))
        elif card is self.days_card and self._services is not None:
            self._services.days_curve(plan, self._show_days)

    def _show_days(self, cells: tuple[Cell, ...] | None) -> None:
        if self._plan is None or self._estimate is None:
            return
        data = days_data(cells, self._estimate, self._estimate.training.details.accelerators)
        self.days.set_data(data)
        under = self.tr("Training days against GPUs · the band is the 80 % interval")
        self.days_card.set_texts(days_title(self._estimate, data), under)

    def _shown(self) -> int:
        card = self.charts.currentWidget()
        return next((at for at, one in enumerate(self._cards) if one is card), 0)

    def show_chart(self, index: int) -> None:
        """Show one of the charts, around the end."""
        self.charts.setCurrentWidget(self._cards[index % len(self._cards)])
        self._mark_dots()
        self._show_chart()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys change the chart, digits the scenario, Escape leaves."""
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            self.show_chart(self._shown() + 1)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self.show_chart(self._shown() - 1)
        elif Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9:
            self.scenario_wanted.emit(event.key() - Qt.Key.Key_1)
        elif event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: object) -> None:
        """Take the measures of the larger scale and catch up."""
        self._measure()
        if self._plan is not None and self._estimate is not None:
            self.set_result(self._plan, self._estimate)

    def resizeEvent(self, event: object) -> None:
        """The type is scaled to the wall."""
        self.resized.emit()

    def _measure(self) -> None:
        look = theme()
        side, gap = look.px(24), look.px(11)
        self._column.setContentsMargins(side, look.px(8), side, look.px(15))
        self._column.setSpacing(gap)
        self._middle.setSpacing(gap)
        self.head.arrange()
        for row in self.rows:
            row.retheme()
        self.foot.arrange()

    def _retheme(self) -> None:
        """The theme was switched in front of the audience."""
        if self.isVisible():
            self._measure()

    def retranslate(self) -> None:
        """Set the page's own texts again."""
        self.head.retranslate()
        self.setAccessibleName(self.tr("Presentation; arrow keys change the chart"))
        self._mark_dots()
        if self._plan is not None:
            self.show_plan(self._plan)
            if self._estimate is not None:
                self.set_result(self._plan, self._estimate)
