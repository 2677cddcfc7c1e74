"""Advisor: the plan that meets a goal, the ranked layouts, days against cost, what holds the plan back, other servers.

Ranked layouts come from :func:`model.advisor.advise`, the trade-off from whole estimates at other cluster sizes, losses
and changes from :func:`model.losses.what_holds_back`, other servers from :func:`model.tradeoffs.compare_generations`; the
goal line is there when the services can seek goals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from gui.charts.change_list import ChangeList
from gui.charts.frame import ChartFrame
from gui.charts.generation_list import GenerationList
from gui.charts.layout_list import LayoutList, LayoutRow
from gui.charts.numbers import count, duration, fixed, interval, limit, money, money_axis, money_round, number
from gui.charts.painting import SEMIBOLD, font, u
from gui.charts.risk import TradeOff, TradePoint
from gui.i18n import language
from gui.tabs.base import Panel, Tab
from gui.tabs.generations import RANKED, generation_rows, generation_subtitle, generation_title, same_options
from gui.tabs.goal import Goal, GoalLine
from gui.tabs.held_back import LossBars, change_rows, change_title, loss_parts, loss_title
from gui.tabs.plurals import plurals
from gui.tabs.view import capacity_of, seconds
from gui.tabs.words import gpus, gpus_per_server
from gui.widgets.buttons import Button
from gui.widgets.segmented import Segmented
from model.plan import Plan
from model.results import Estimate

translate = QCoreApplication.translate

SHOWN = 8
"""Layouts listed."""


class AdvisorTab(Tab):
    """What else could be done, and what would be the best."""

    scenario_added = Signal(object)

    def build(self) -> None:
        """Create goal, list and trade-off."""
        self.head = Panel()
        head = QVBoxLayout(self.head)
        head.setContentsMargins(round(u(16)), round(u(12)), round(u(16)), round(u(12)))
        head.setSpacing(round(u(10)))
        self.goal = GoalLine()
        self.goal.searched.connect(self._search)
        head.addWidget(self.goal)
        answer = QHBoxLayout()
        answer.setSpacing(round(u(12)))
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.adopt = Button("", "plain")
        self.adopt.clicked.connect(self._adopt_found)
        self.keep = Button("", "plain", "plus")
        self.keep.clicked.connect(self._keep_found)
        answer.addWidget(self.answer, 1)
        answer.addWidget(self.adopt)
        answer.addWidget(self.keep)
        head.addLayout(answer)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.hide()
        head.addWidget(self.why)
        self.list = LayoutList()
        self.list_card = self.card(self.list)
        self.trade = TradeOff()
        self.trade_card = self.card(self.trade)
        self.column.addWidget(self.head)
        self.column.addLayout(self.row((self.list_card, 8), (self.trade_card, 5)), 1)
        self.losses = LossBars()
        self.losses_card = self.card(self.losses)
        self.changes = ChangeList()
        self.apply_best = Button("", "plain")
        self.apply_best.clicked.connect(self._apply_best)
        self.changes_card = self.card(self.changes, self.apply_best)
        self.column.addLayout(self.row((self.losses_card, 6), (self.changes_card, 7)))
        self.same = Segmented(same_options())
        self.same.chosen.connect(self._ask_generations)
        self.generations = GenerationList()
        self.generations_card = self.card(self.generations, self.same)
        self.column.addWidget(self.generations_card)
        for card in (self.losses_card, self.changes_card, self.generations_card):
            card.hide()
        self._held: Any = None
        self._found: dict[str, Any] | None = None
        self._goal: Goal | None = None
        self._result: Any = None
        self._frontier: list[tuple[int, Estimate]] = []
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts of the buttons."""
        self.adopt.setText(translate("Advisor", "Apply"))
        self.keep.setText(translate("Advisor", "Add as scenario"))
        for button in (self.adopt, self.keep):
            button.setAccessibleName(button.text())
        self.apply_best.setText(translate("Advisor", "Apply"))
        self.apply_best.setAccessibleName(translate("Advisor", "Apply the change that gains most"))
        self.same.set_options(same_options())
        self.same.setAccessibleName(translate("Advisor", "What is the same"))
        self.answer.setFont(font(15))
        self.why.setFont(font(13))
        self._show_answer()
        super().retranslate()

    def refresh(self) -> None:
        """Ask for layouts and trade-off of the plan."""
        assert self.plan is not None
        assert self.estimate is not None
        self.goal.set_currency(self.estimate.cost.currency, self.plan.money.horizon_months)
        self._show_answer()
        self.head.setVisible(self.services is not None and self.services.knows("goal"))
        if self.services is None:
            return
        self.services.advise(self.plan, self._show_layouts)
        self.services.frontier(self.plan, self._show_frontier)
        self._held = None
        self._pending(self.losses_card, self.changes_card)
        self.services.holds_back(self.plan, self._show_held)
        self._ask_generations()

    def open_key(self, key: Any) -> None:
        """A row of the generations opens as a scenario; everything else as in the other tabs."""
        card = self.sender()
        if isinstance(card, ChartFrame) and not card.chart.isEnabled():
            return  # the row belongs to another plan
        if isinstance(key, Plan):
            self.scenario_added.emit(key)
        else:
            super().open_key(key)

    # -- layouts ---------------------------------------------------------------------------------------------------

    def _show_layouts(self, result: Any) -> None:
        if self.plan is None or self.estimate is None:
            return
        options = () if result is None else result.options
        self.list_card.setVisible(bool(options))
        if not options:
            return
        capacity = capacity_of(self.estimate)
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
            )
            for option in options[:SHOWN]
        ]
        self.list.set_data(rows, capacity)
        tried = count(result.evaluated)
        if rows[0].current or result.rank == 1:
            title = translate("Advisor", "The current layout is the best of {count} that were tried").format(
                count=tried
            )
        else:
            title = translate("Advisor", "The best of {count} layouts takes {time}").format(
                count=tried, time=rows[0].days
            )
        self.list_card.set_texts(
            title,
            translate(
                "Advisor", "{gpus} GPUs, {precision} · searched in {seconds} s · click a layout to use it"
            ).format(
                gpus=count(gpus(self.plan)),
                precision=self.plan.parallel.precision,
                seconds=number(result.seconds, 2),
            ),
        )

    # -- what holds it back, and other servers ------------------------------------------------------------------------

    def _pending(self, *cards: ChartFrame) -> None:
        """Say that the answer for the present plan is not there yet: what is shown belongs to another."""
        for card in cards:
            card.chart.setEnabled(False)
            card.chart.update()
            card.set_texts(translate("Advisor", "Being computed"), card.subtitle)
        if self.changes_card in cards:
            self.apply_best.setEnabled(False)

    def _show_held(self, result: Any) -> None:
        known = result is not None and self.plan is not None
        self.losses_card.setVisible(known and bool(result.losses))
        self.changes_card.setVisible(known and result.days is not None)
        if not known:
            return
        self._held = result
        self.losses.setEnabled(True)
        self.changes.setEnabled(True)
        self.losses.set_data(loss_parts(result))
        self.losses_card.set_texts(
            loss_title(result), translate("Advisor", "What holds it back: share of the calendar time of a step")
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

    def _ask_generations(self, _same: Any = None) -> None:
        if self.services is None or self.plan is None:
            return
        self._pending(self.generations_card)
        same = self.same.value()
        self.services.generations(self.plan, same, lambda result: self._show_generations(same, result))

    def _show_generations(self, same: str, result: Any) -> None:
        if same != self.same.value():
            return
        self.generations_card.setVisible(result is not None)
        if result is None or self.plan is None:
            return
        self.generations.setEnabled(True)
        self.generations.set_data(generation_rows(result, self.plan), RANKED[same])
        self.generations_card.set_texts(generation_title(result, self.plan), generation_subtitle(result, self.plan))

    # -- trade-off -------------------------------------------------------------------------------------------------

    def _show_frontier(self, result: Any) -> None:
        if result is None or self.plan is None or self.estimate is None:
            return
        self._frontier = list(result)
        self._paint_frontier()

    def _cost(self, estimate: Estimate) -> float | None:
        return estimate.cost.onprem.total.value

    def _paint_frontier(self) -> None:
        assert self.plan is not None
        assert self.estimate is not None
        currency = self.estimate.cost.currency
        points, known = [], []
        found = None if self._found is None else self._found.get("cluster.servers")
        shown = list(self._frontier)
        if found is not None and all(servers != found for servers, _ in shown):
            shown.append((found, self._result.measured.estimate))
        for servers, estimate in sorted(shown, key=lambda pair: pair[0]):
            cost, days = self._cost(estimate), estimate.training.days.value
            if cost is None or days is None or estimate.memory.verdict == "no":
                continue
            current = servers == self.plan.cluster.servers
            name = plurals().servers(servers)
            if current:
                name = translate("Advisor", "{name}, this plan").format(name=name)
            tip = translate("Advisor", "{name}: {time}, {amount}").format(
                name=name, time=duration(days), amount=money(cost, currency)
            )
            key = None if current else {"cluster.servers": servers}
            line = self.plan.parallel.precision
            points.append(TradePoint(cost, days, name, line, current, servers == found, tip, key))
            known.append((servers, cost, days))
        self.trade_card.setVisible(len(points) > 1)
        if len(points) < 2:
            return
        goal = self._goal
        limits = (None, None) if goal is None else (goal.days, goal.cost)
        words = "" if goal is None else goal.words(currency)
        years = limit(self.plan.money.horizon_months / 12)
        axis = translate("Advisor", "cost of owning over {years} years").format(years=years)
        self.trade.set_data(points, currency, axis, limits, words)
        self.trade_card.set_texts(
            self._trade_title(known, currency),
            translate("Advisor", "Days against cost of owning · click a point to use it"),
        )

    def _trade_title(self, known: list[tuple[int, float, float]], currency: str) -> str:
        assert self.plan is not None
        own = next((row for row in known if row[0] == self.plan.cluster.servers), None)
        more = next((row for row in known if row[0] >= 2 * self.plan.cluster.servers), None)
        if own is None or more is None or more[1] <= own[1]:
            return translate("Advisor", "More servers cost more and finish sooner")
        factor, _ = money_axis(more[1] - own[1], currency)
        step = 10.0 ** (len(str(int((more[1] - own[1]) / factor))) - 1) * factor
        saved = (own[2] - more[2]) / ((more[1] - own[1]) / step)
        return translate("Advisor", "From {first} to {second} servers, each extra {amount} saves {time}").format(
            first=count(own[0]),
            second=count(more[0]),
            amount=money_round(step, currency),
            time=duration(max(saved, 0.0)),
        )

    # -- goal ------------------------------------------------------------------------------------------------------

    def _search(self, goal: Goal) -> None:
        self._goal = goal
        self._found = self._result = None
        if self.services is None or self.plan is None:
            return
        self.answer.setText(translate("Advisor", "Searching"))
        self.services.goal(self.plan, goal.arguments(), self._show_found)

    def _show_found(self, result: Any) -> None:
        self._result = result
        self._found = dict(result.changes) if result is not None and result.found else None
        self._show_answer()
        if self.plan is not None and self.estimate is not None and self._frontier:
            self._paint_frontier()

    def _show_answer(self) -> None:
        for button in (self.adopt, self.keep):
            button.setVisible(self._found is not None)
        self.why.hide()
        result = self._result
        if self._goal is None:
            self.answer.setText(translate("Advisor", "Fill in a deadline or other limits, and search."))
        elif result is None:
            self.answer.setText(translate("Advisor", "No number of servers of this kind meets the goal."))
        elif self._found is None:
            self.answer.setText(result.reason.text(language()))
        else:
            servers = int(self._found.get("cluster.servers", result.measured.plan.cluster.servers))
            words = self._answer_text(servers, result.measured.estimate)
            if self._goal.largest:
                words = translate("Advisor", "The most that the limits allow: {plan}").format(plan=words)
            self.answer.setText(words)
            self.answer.setFont(font(15, SEMIBOLD))
            self._show_why(result)

    def _show_why(self, result: Any) -> None:
        """Why nothing smaller does, and what a looser limit would buy."""
        from model.goal_words import relaxed_words, why_not_less

        reasons = [*why_not_less(result), *(relaxed_words(one) for one in result.relaxations if one.gains)][:3]
        words = " ".join(reason.text(language()) for reason in reasons)
        self.why.setText(words)
        self.why.setVisible(bool(words))

    def _answer_text(self, servers: int, estimate: Estimate | None) -> str:
        assert self.plan is not None
        machines = plurals().servers(servers)
        chips = count(servers * gpus_per_server(self.plan))
        if estimate is None:
            return translate("Advisor", "{servers}, {gpus} GPUs").format(servers=machines, gpus=chips)
        days = estimate.training.days
        return translate(
            "Advisor", "{servers}, {gpus} GPUs, {racks} + {support} racks: {time} ({interval}), {amount}"
        ).format(
            servers=machines,
            gpus=chips,
            racks=fixed(estimate.facility.racks.value, 0),
            support=fixed(estimate.facility.support_racks.value, 0),
            time=duration(days.value),
            interval=interval(days.low, days.high),
            amount=money(estimate.cost.onprem.total.value, estimate.cost.currency),
        )

    def _adopt_found(self) -> None:
        if self._found is not None:
            self.plan_change_requested.emit(dict(self._found))

    def _keep_found(self) -> None:
        if self._found is not None and self.plan is not None:
            plan: Plan = self.plan.with_values(self._found)
            self.scenario_added.emit(plan)


def _split(parallel: Mapping[str, Any]) -> tuple[Any, ...]:
    """What distinguishes the layouts of the list: how the GPUs are divided."""
    return tuple(parallel.get(name) for name in ("tp", "pp", "cp", "ep", "dp", "zero_stage"))
