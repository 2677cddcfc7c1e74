"""Advisor: the plan that meets a goal, the ranked layouts, the trade-offs, what holds the plan back, other servers.

Ranked layouts come from :func:`model.study.ranking.advise`, trade-offs and other servers from :mod:`model.study.trade_offs`,
shares of the time and changes from :func:`model.study.bottlenecks.find_bottlenecks`, answers to goals from
:func:`model.study.goal_seek.goal_seek`. All of it is computed off the GUI thread; what belongs to another plan is pale until
its answer is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mitsumori.gui.charts.card_with_controls import FootedFrame
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.numbers import count, duration, number
from mitsumori.gui.charts.painting import font, u
from mitsumori.gui.charts.trade_off import TradeOff
from mitsumori.gui.services import Services
from mitsumori.gui.tables.changes import ChangeList
from mitsumori.gui.tables.generations import GenerationList
from mitsumori.gui.tables.layouts import LayoutList, LayoutRow
from mitsumori.gui.tables.serving import ServingOptions
from mitsumori.gui.tabs.advisor_titles import layouts_title, options_title
from mitsumori.gui.tabs.base import Panel, Tab
from mitsumori.gui.tabs.bottlenecks import TimeShareBars, change_rows, change_title, time_share_parts, time_share_title
from mitsumori.gui.tabs.generations import RANKED, generation_rows, generation_subtitle, generation_title, same_options
from mitsumori.gui.tabs.goal import Goal, GoalLine
from mitsumori.gui.tabs.goal_answer import GoalAnswer, quiet
from mitsumori.gui.tabs.progress_line import WorkLine
from mitsumori.gui.tabs.trade import against, axis_options, choices, missing_words, trade_subtitle, trade_title
from mitsumori.gui.tabs.view import capacity_of, seconds
from mitsumori.gui.toolbar import LETTERS
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.segmented import Segmented
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import gpus
from mitsumori.gui.words.totals import shown_currency
from mitsumori.gui.words.translation import language
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import MAX_PLANS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.study.bottlenecks import Bottlenecks
    from mitsumori.model.study.goal_seek import GoalResult
    from mitsumori.model.study.ranking import Advice
    from mitsumori.model.study.serving_ranking import ServingAdvice
    from mitsumori.model.study.trade_offs import Generations, TradeOffs

translate = QCoreApplication.translate

SHOWN = 8
"""Layouts listed."""
LEAST_SHOWN = 5
"""Layouts drawn where the window is low; the table behind the list has all of them."""
AROUND_LIST = 226
"""Height of the page above the list's rows and of the card below them."""


class AdvisorTab(Tab):
    """What else could be done, and what would be the best."""

    def build(self) -> None:
        """Create goal, list and trade-off."""
        self.head = Panel()
        head = QVBoxLayout(self.head)
        head.setContentsMargins(round(u(16)), round(u(12)), round(u(16)), round(u(12)))
        head.setSpacing(round(u(10)))
        self.goal = GoalLine()
        self.goal.searched.connect(self._search)
        self.answer = GoalAnswer()
        self.answer.apply_wanted.connect(self._adopt_found)
        self.answer.keep_wanted.connect(self._keep_found)
        self.answer.work.stop_wanted.connect(self._stop_search)
        head.addWidget(self.goal)
        head.addWidget(self.answer)
        self.list = LayoutList()
        self.list_work = WorkLine("advise", compact=True)
        self.list_work.stop_wanted.connect(partial(self._stop_work, self.list_work))
        self.list_work.go_wanted.connect(partial(self._go_on, self.list_work))
        self.list_card = self.card(self.list, self.list_work)
        self.list_work.resized.connect(self.list_card.retheme)
        self.trade = TradeOff()
        self.trade.kept.connect(self._keep_choice)
        self.axis = Segmented(axis_options())
        self.axis.chosen.connect(lambda _axis: self._paint_study())
        self.trade_work = WorkLine("trade_offs", compact=True)
        self.trade_work.stop_wanted.connect(partial(self._stop_work, self.trade_work))
        self.trade_work.go_wanted.connect(partial(self._go_on, self.trade_work))
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(round(u(10)))
        self.unshown = QLabel()
        self.unshown.setWordWrap(True)
        line.addWidget(self.axis)
        line.addWidget(self.unshown, 1)
        line.addWidget(self.trade_work)
        self.trade_card = FootedFrame(self.trade, foot)
        self.trade_card.opened.connect(self.open_key)
        self.trade_card.describe = self.change_words
        self.column.addWidget(self.head)
        self.column.addLayout(self.row((self.list_card, 8), (self.trade_card, 5)), 1)
        self.shares = TimeShareBars()
        self.shares_card = self.card(self.shares)
        self.changes = ChangeList()
        self.apply_best = Button("", "plain")
        self.apply_best.clicked.connect(self._apply_best)
        self.changes_card = self.card(self.changes, self.apply_best)
        self.column.addLayout(self.row((self.shares_card, 6), (self.changes_card, 7)))
        self.same = Segmented(same_options())
        self.same.chosen.connect(self._ask_generations)
        self.generations = GenerationList()
        self.generations_card = self.card(self.generations, self.same)
        self.column.addWidget(self.generations_card)
        for card in (self.shares_card, self.changes_card, self.generations_card):
            card.hide()
        self._asked: Plan | None = None
        self._serves = False
        self.served: ServingOptions | None = None
        self.served_card: ChartFrame | None = None
        self._held: Bottlenecks | None = None
        self._goal: Goal | None = None
        self._result: GoalResult | None = None
        self._study: TradeOffs | None = None
        self._whole = False
        self.retranslate()

    def set_services(self, services: Services) -> None:
        """Where slow answers come from, and how far they are."""
        for work in (self.list_work, self.trade_work, self.answer.work):
            work.follow(services)
        super().set_services(services)

    def set_scenarios(
        self, plans: tuple[Plan, ...], active: int, estimate_of: Callable[[int], Estimate | None]
    ) -> None:
        """How many scenarios there are: the next one's letter."""
        self.answer.set_letter(LETTERS[len(plans)] if len(plans) < MAX_PLANS else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many layouts as leave the trade-off beside them whole without scrolling."""
        super().resizeEvent(event)
        room = self.viewport().height() - u(AROUND_LIST)
        self.list.set_most(max(LEAST_SHOWN, min(SHOWN, int(room / u(self.list.pitch[0])))))

    def retranslate(self) -> None:
        """Set the texts of the buttons."""
        self.apply_best.setText(translate("Advisor", "Apply"))
        self.apply_best.setAccessibleName(translate("Advisor", "Apply the change that gains most"))
        self.same.set_options(same_options())
        self.same.setAccessibleName(translate("Advisor", "What is the same"))
        self.axis.set_options(axis_options())
        self.axis.setAccessibleName(translate("Advisor", "What days are drawn against"))
        for work in (self.list_work, self.trade_work):
            work.retranslate()
        self.answer.retranslate()
        self.unshown.setFont(font(13))
        super().retranslate()

    def retheme(self) -> None:
        """Take over colours and measures."""
        self.goal.retheme()
        self.answer.retranslate()
        self.unshown.setFont(font(13))
        super().retheme()

    def refresh(self) -> None:
        """Ask for everything about the plan; what is shown of another plan goes pale."""
        assert self.plan is not None
        assert self.estimate is not None
        if self._answer_serving(self.estimate.serving is not None):
            return
        self._follow_currency(self.estimate.cost.currency, self.plan.money.usd_jpy, self.plan.money.horizon_months)
        self.head.setVisible(self.services is not None and self.services.knows("goal"))
        if self.services is None:
            return
        if self._asked is not self.plan and self._asked != self.plan:
            self._asked = self.plan
            self._held = self._study = self._result = None
            self._whole = False
            for work in (self.list_work, self.trade_work):
                work.set_stopped(False)
            self._pending(self.list_card, self.trade_card, self.shares_card, self.changes_card)
            if self.unshown.text():
                self.unshown.clear()
            if self._goal is not None:
                self.answer.wait(again=True)
        self._ask_goal()
        self._ask()

    def _answer_serving(self, serves: bool) -> bool:
        """Of a plan that serves: the ways to carry its load, in the place of everything about a training."""
        if self.served is None and serves:
            self.served = ServingOptions()
            self.served_work = WorkLine("serve_options", compact=True)
            self.served_card = self.card(self.served, self.served_work)
            if self.services is not None:
                self.served_work.follow(self.services)
            self.column.insertWidget(0, self.served_card, 1)
        if self.served_card is not None:
            self.served_card.setVisible(serves)
        if serves != self._serves:  # else a list without a layout would come back with every change of the plan
            self._serves = serves
            self.list_card.setVisible(not serves)
            self.trade_card.setVisible(not serves)
        if not serves or self.services is None:
            return serves
        for card in (self.head, self.shares_card, self.changes_card, self.generations_card):
            card.hide()
        self._asked = None
        if self.served_card is not None:
            self.served_card.chart.setEnabled(False)
        self.services.serve_options(self.plan, self._show_options)  # type: ignore[arg-type]
        return True

    def _show_options(self, result: ServingAdvice | None) -> None:
        if self.served is None or self.served_card is None or result is None:
            return
        self.served.setEnabled(True)
        shown = ("JPY", 1.0) if self.estimate is None else shown_currency(self.estimate)
        self.served.set_data(result.options, shown)
        self.served_card.set_texts(
            options_title(result, shown),
            translate(
                "Serving", "{count} working points in {seconds} s · every server and format · click to use"
            ).format(count=count(result.evaluated), seconds=number(result.seconds, 2)),
        )

    def _ask(self) -> None:
        """Questions about the plan, what is seen first before the rest."""
        assert self.services is not None
        assert self.plan is not None
        if not self.list_work.stopped:
            self.services.advise(self.plan, self._show_layouts)
        if not self.trade_work.stopped:
            self.services.trade_offs(self.plan, "own", partial(self._show_study, False))
        self.services.bottlenecks(self.plan, self._show_bottlenecks)
        self._ask_generations()
        if not self.trade_work.stopped:
            self.services.trade_offs(self.plan, "all", partial(self._show_study, True))

    def _stop_work(self, work: WorkLine) -> None:
        if self.services is not None:
            self.services.stop(work.kind)
            work.set_stopped(True)

    def _go_on(self, work: WorkLine) -> None:
        work.set_stopped(False)
        if self.services is not None and self.plan is not None:
            self._ask()

    def open_key(self, key: object) -> None:
        """A row of the generations opens as a scenario; everything else as in the other tabs."""
        card = self.sender()
        if isinstance(card, ChartFrame) and not card.chart.isEnabled():
            return  # the row belongs to another plan
        if isinstance(key, Plan):
            self.scenario_added.emit(key)
        else:
            super().open_key(key)

    # -- layouts ---------------------------------------------------------------------------------------------------

    def _show_layouts(self, result: Advice | None) -> None:
        if self.plan is None or self.estimate is None:
            return
        options = () if result is None else result.options or ((result.least_memory,) if result.least_memory else ())
        self.list_card.setVisible(bool(options))
        if result is None or not options:
            return
        self.list.setEnabled(True)
        own = None if result.current is None else _split(result.current.parallel)
        rows = [
            LayoutRow(
                option.label,
                option.why.text(language()),
                option.memory_bytes / 1e9,
                seconds(option.step_time_s),
                duration(option.days),
                _split(option.parallel) == own,
                option.tight,
                None if _split(option.parallel) == own else dict(option.changes),
                option.step_time_s,
                option.days,
            )
            for option in options[:SHOWN]
        ]
        self.list.set_data(rows, capacity_of(self.estimate))
        self.list_card.set_texts(
            layouts_title(result, rows),
            translate("Advisor", "{servers}, {gpus}, {precision} · searched in {seconds} s · click to use").format(
                servers=plurals().servers(self.plan.cluster.servers),
                gpus=plurals().gpus(gpus(self.plan, self.catalogue)),
                precision=self.plan.parallel.precision,
                seconds=number(result.seconds, 2),
            ),
        )

    # -- what holds it back, and other servers ------------------------------------------------------------------------

    def _pending(self, *cards: ChartFrame) -> None:
        """Say that the answer for the present plan is not there yet: what is shown belongs to another."""
        for card in cards:
            if card.chart.isEnabled():
                card.chart.setEnabled(False)
                card.chart.update()
            card.set_waiting(translate("Advisor", "Being computed"))
        if self.changes_card in cards:
            self.apply_best.setEnabled(False)

    def _show_bottlenecks(self, result: Bottlenecks | None) -> None:
        known = None if self.plan is None else result
        self.shares_card.setVisible(known is not None and bool(known.shares))
        self.changes_card.setVisible(known is not None and known.days is not None)
        if result is None or known is None:
            return
        self._held = result
        self.shares.setEnabled(True)
        self.changes.setEnabled(True)
        self.shares.set_data(time_share_parts(result))
        self.shares_card.set_texts(
            time_share_title(result), translate("Advisor", "What holds it back: share of the calendar time of a step")
        )
        rows = change_rows(result)
        self.changes.set_data(rows)
        self.apply_best.setVisible(bool(rows))
        self.apply_best.setEnabled(bool(rows))
        self.changes_card.set_texts(
            change_title(result),
            translate("Advisor", "Single changes, each estimated, the best of its kind · click a change to apply it"),
        )

    def _apply_best(self) -> None:
        if self._held is not None and self._held.best is not None:
            self.plan_change_requested.emit(dict(self._held.best.changes))

    def _ask_generations(self, _same: object = None) -> None:
        if self.services is None or self.plan is None:
            return
        self._pending(self.generations_card)
        same = self.same.value()
        self.services.generations(self.plan, same, lambda result: self._show_generations(same, result))

    def _show_generations(self, same: str, result: Generations | None) -> None:
        if same != self.same.value():
            return
        self.generations_card.setVisible(result is not None)
        if result is None or self.plan is None:
            return
        self.generations.setEnabled(True)
        rows = generation_rows(result, self.plan, self.catalogue)
        self.generations.set_data(rows, RANKED[same], self.plan.money.currency)
        self.generations_card.set_texts(
            generation_title(result, self.plan, self.catalogue), generation_subtitle(result, self.plan)
        )

    # -- trade-offs ------------------------------------------------------------------------------------------------

    def _show_study(self, whole: bool, result: TradeOffs | None) -> None:
        if result is None or (self._whole and not whole):
            self.trade_card.setVisible(result is not None or self._study is not None)
            return
        self._study, self._whole = result, whole
        self._paint_study()

    def _paint_study(self) -> None:
        if self._study is None or self.plan is None:
            return
        axis, currency = self.axis.value(), self._study.currency
        rows = choices(self._study, self.plan, axis, self.catalogue, self._result)
        limits, words = self._goal_region(axis, currency)
        self.trade.setEnabled(True)
        self.trade_card.setVisible(True)
        self.trade.set_data(rows, against(axis, self.plan, currency), limits, words)
        title = trade_title(rows, axis, currency) if rows else translate("Advisor", "No plan has a known cost")
        self.trade_card.set_texts(title, trade_subtitle(axis, self._whole))
        note, names = missing_words(self._study, axis, self.catalogue)
        self.unshown.setText(quiet(note))
        self.unshown.setToolTip(names)

    def _goal_region(self, axis: str, currency: str) -> tuple[tuple[float | None, float | None], str]:
        """The tinted region: most days, and most of the axis."""
        goal = self._goal
        if goal is None:
            return (None, None), ""
        days = goal.days if self._result is None else self._result.goal.days
        most = {"cost": goal.cost, "accelerators": None, "facility_kw": goal.power_kw}[axis]
        if days is None and most is None:
            return (None, None), ""
        return (days, most), goal.words(currency)

    def _keep_choice(self, key: object) -> None:
        if isinstance(key, Mapping) and self.plan is not None and self.trade.isEnabled():
            self.scenario_added.emit(self.plan.with_values(dict(key)))

    # -- goal ------------------------------------------------------------------------------------------------------

    def _search(self, goal: Goal) -> None:
        if self.services is None or self.plan is None:
            return
        if goal.by is not None:
            from mitsumori.model.study.deadline import first_day

            first = first_day(self.plan, goal.site, _today())  # type: ignore[arg-type]
            if first is not None and goal.by <= first:
                words = translate("Advisor", "The date must be after {first}, when the training can begin.")
                self.goal.say(words.format(first=first.isoformat()))
                return
        self._goal, self._result = goal, None
        self.answer.wait(again=False)
        # The hand asked for this: longer studies give way and are asked for again behind it.
        for kind in ("goal", "trade_offs", "generations", "bottlenecks"):
            self.services.stop(kind)
        self._ask_goal()
        self._ask()

    def _follow_currency(self, currency: str, rate: float | None, months: int) -> None:
        """A budget is the same money in the other currency: ``rate`` yen a dollar; without a rate its goal is given up."""
        if currency != self.goal.currency and self._goal is not None and self._goal.cost is not None:
            if rate:
                amount = self._goal.cost / rate if currency == "USD" else self._goal.cost * rate
                self._goal = replace(self._goal, cost=amount)
            else:
                self._goal = self._result = None
                self.answer.clear()
        self.goal.set_currency(currency, months, rate)

    def _ask_goal(self) -> None:
        goal = self._goal
        if goal is None or self.services is None or self.plan is None:
            return
        plan, today = self.plan, _today()

        def show(result: GoalResult | None) -> None:
            if goal is not self._goal or plan is not self.plan:
                return
            self._result = result
            self.answer.set_result(result, goal, plan, today)
            self._paint_study()

        self.services.goal(plan, goal.arguments(today), show)

    def _stop_search(self) -> None:
        if self.services is not None:
            self.services.stop("goal")
        self._goal = self._result = None
        self.answer.stop()
        self._paint_study()

    def _adopt_found(self) -> None:
        if self._result is not None and self.answer.opens:
            self.plan_change_requested.emit(dict(self._result.changes))

    def _keep_found(self) -> None:
        if self._result is not None and self.answer.opens and self.plan is not None:
            self.scenario_added.emit(self.plan.with_values(dict(self._result.changes)))


def _today() -> dt.date:
    return dt.date.today()


def _split(parallel: Mapping[str, object]) -> tuple[object, ...]:
    """What distinguishes the layouts of the list: how the GPUs are divided."""
    return tuple(parallel.get(name) for name in ("tp", "pp", "cp", "ep", "dp", "zero_stage"))
