"""The answer to a goal: found or not, the plan in a sentence, what limits it, why not one less, what to do with it."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui.charts.numbers import count, duration, fixed, interval, limit, number, tokens
from mitsumori.gui.charts.painting import font, u
from mitsumori.gui.tabs.goal import Goal
from mitsumori.gui.tabs.progress_line import WorkLine
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.badge import Badge
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.words.deadline import chance_words
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.results import gpus, server_name
from mitsumori.gui.words.totals import starred
from mitsumori.gui.words.translation import language
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.study.goal_seek import GoalResult, Measured

translate = QCoreApplication.translate


SURE = 0.8
"""Probability from which on a limit on time counts as kept; below, the badge warns."""


class GoalAnswer(QWidget):
    """Shows a :class:`model.study.goal_seek.GoalResult`; nothing of it while a search is under way."""

    apply_wanted = Signal()
    keep_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: GoalResult | None = None
        self._goal: Goal | None = None
        self._plan: Plan | None = None
        self._today = dt.date.today()
        self._state = "empty"
        self._letter = ""
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(round(u(4)))
        line = QHBoxLayout()
        line.setSpacing(round(u(12)))
        self.badge = Badge()
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.work = WorkLine("goal", compact=True)
        self.why_button = Button("", "link")
        self.why_button.clicked.connect(lambda: self._toggle_why())
        self.adopt = Button("", "plain")
        self.adopt.clicked.connect(self.apply_wanted)
        self.keep = Button("", "plain", "plus")
        self.keep.clicked.connect(self.keep_wanted)
        line.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.text, 1)
        for widget in (self.work, self.why_button, self.adopt, self.keep):
            line.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        page.addLayout(line)
        self.limits = QLabel()
        self.limits.setWordWrap(True)
        self.why = QLabel()
        self.why.setWordWrap(True)
        page.addWidget(self.why)
        page.addWidget(self.limits)
        self.retranslate()

    # -- state -------------------------------------------------------------------------------------------------------

    def set_letter(self, letter: str) -> None:
        """The letter that the next scenario gets; "" when there is no room for one."""
        if letter != self._letter:
            self._letter = letter
            self.retranslate()

    def wait(self, again: bool) -> None:
        """A search is under way; ``again`` because the plan changed."""
        state = "again" if again else "searching"
        if self._result is not None or state != self._state:
            self._result, self._state = None, state
            self._show()

    def stop(self) -> None:
        """The search was given up."""
        self._result, self._state = None, "stopped"
        self._show()

    def clear(self) -> None:
        """Nothing is sought."""
        self._result, self._state = None, "empty"
        self._show()

    def set_result(self, result: GoalResult | None, goal: Goal, plan: Plan, today: dt.date) -> None:
        """The answer for a plan."""
        self._result, self._goal, self._plan, self._today = result, goal, plan, today
        self._state = "known"
        self._show()

    @property
    def opens(self) -> bool:
        """Whether there is a plan to apply: the one that meets the goal, or the nearest."""
        return self._result is not None and self._result.measured is not None and bool(self._result.changes)

    def retranslate(self) -> None:
        """Set every text."""
        self.adopt.setText(translate("Advisor", "Apply"))
        letter = self._letter
        words = translate("Advisor", "Add as scenario {letter}").format(letter=letter) if letter else ""
        self.keep.setText(words or translate("Advisor", "Add as scenario"))
        self.keep.setEnabled(bool(letter) or not self._plan)
        for button in (self.adopt, self.keep):
            button.setAccessibleName(button.text())
        self.work.retranslate()
        self.limits.setFont(font(13))
        self.why.setFont(font(13))
        self._show()

    # -- words -------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        result = self._result
        self.setVisible(self._state != "empty")
        found = result is not None and result.found
        for button in (self.adopt, self.keep):
            button.setVisible(self.opens)
        self.why.hide()
        why = self._why_words()
        self.why.setText(quiet(why))
        self.why_button.setVisible(bool(why))
        self.why_button.setText(self._why_question())
        self.why_button.setAccessibleName(self.why_button.text())
        limits = self._limit_words()
        self.limits.setText(quiet(limits))
        self.limits.setVisible(bool(limits))
        self._badge()
        if self._state == "known" and found:
            self._say(*self._found_words())
        elif self._state == "known":
            self._say(*self._missed_words())
        else:
            words = {
                "empty": "",
                "searching": translate("Advisor", "Searching"),
                "again": translate("Advisor", "The plan has changed: searching again"),
                "stopped": translate("Advisor", "The search was stopped."),
            }[self._state]
            self._say("", words)
        self.setAccessibleName(" ".join(part for part in (self.badge.label(), self._plain, why, limits) if part))

    def _say(self, strong: str, rest: str) -> None:
        look = theme()
        head = f'<span style="font-size:{look.px(16)}px; font-weight:600">{escape(strong)}</span>' if strong else ""
        gap = "&nbsp;&nbsp; " if strong and rest else ""
        whole = rest.replace(" – ", "\u00a0–\u2060\u00a0")  # an interval is not parted
        ink = look.color("text_2").name()
        self.text.setFont(font(14))
        self.text.setText(f'{head}{gap}<span style="color:{ink}">{escape(whole)}</span>')
        self._plain = f"{strong} {rest}".strip()

    _plain = ""

    def plain(self) -> str:
        """What the answer says, without its looks."""
        return self._plain

    def _badge(self) -> None:
        result = self._result
        if self._state != "known":
            self.badge.set_badge("", "")
        elif result is not None and result.found:
            chance = None if result.measured is None else result.measured.chance
            if chance is None:
                self.badge.set_badge("ok", translate("Advisor", "Found"))
            else:  # a median that meets the limit is no promise
                words = translate("Deadline", "In time {chance}").format(chance=chance_words(chance))
                self.badge.set_badge("ok" if chance >= SURE else "marginal", words)
        elif result is not None and any(share == float("inf") for share in result.missed.values()):
            self.badge.set_badge("ask", translate("Advisor", "Unknown"))
        else:
            self.badge.set_badge("marginal", translate("Advisor", "Not possible"))

    def _found_words(self) -> tuple[str, str]:
        result = self._result
        assert result is not None
        assert result.measured is not None
        other = result.measured.plan
        if result.unknown == "tokens":
            amount = tokens(result.measured.estimate.training.tokens.value)
            head = translate("Advisor", "Up to {amount} tokens").format(amount=amount)
        elif result.unknown == "params":
            amount = tokens(float(result.measured.estimate.training.details.parameters))
            head = translate("Advisor", "A model of up to {amount} parameters").format(amount=amount)
        else:
            head = machines(result.measured, result.unknown == "server", result.goal.site == "cloud")
            if self._goal is not None and self._goal.largest:
                head = translate("Advisor", "At most {plan}").format(plan=head)
        return head, self._figures(result.measured, other)

    def _figures(self, measured: Measured, other: Plan) -> str:
        """Days with their interval, cost, power, precision."""
        days = measured.estimate.training.days
        parts = []
        if days.value is not None:
            words = duration(days.value)
            spread = interval(days.low, days.high)
            parts.append(translate("Advisor", "{time} ({interval})").format(time=words, interval=spread))
        cost = measured.values["budget"]
        amount = translate("Advisor", "cost unknown")
        if cost is not None:
            amount = translate("Advisor", "{amount} over {span}").format(
                amount=starred(cost, measured.estimate.cost), span=horizon(other.money.horizon_months)
            )
            if measured.weak:
                amount = translate("Advisor", "{amount} (indication: weak price)").format(amount=amount)
        parts.append(amount)
        if self._goal is not None and (self._goal.power_kw is not None or self._goal.kva is not None):
            power = measured.values["facility_kw" if self._goal.power_kw is not None else "utility_kva"]
            unit = "kW" if self._goal.power_kw is not None else "kVA"
            parts.append(f"{number(power)} {unit}")
        if self._plan is not None and other.parallel.precision == self._plan.parallel.precision:
            parts.append(translate("Advisor", "{precision} kept").format(precision=other.parallel.precision))
        return " · ".join(parts)

    def _missed_words(self) -> tuple[str, str]:
        result = self._result
        if result is None or result.measured is None:
            return translate("Advisor", "No plan of this kind is possible"), ""
        nearest = machines(result.measured, result.unknown == "server", result.goal.site == "cloud")
        return result.reason.text(language()), translate("Advisor", "Nearest: {plan}, {figures}").format(
            plan=nearest, figures=self._figures(result.measured, result.measured.plan)
        )

    def _why_question(self) -> str:
        result = self._result
        if result is None or result.neighbour is None:
            return ""
        if result.unknown == "tokens":
            return translate("Advisor", "Why not more?")
        if result.unknown == "params":
            return translate("Advisor", "Why not larger?")
        return translate("Advisor", "Why not {count}?").format(count=count(result.neighbour.plan.cluster.servers))

    def _why_words(self) -> str:
        """Why the next smaller (or larger) plan does not do."""
        from mitsumori.model.study.goal_text import why_not_less

        if self._result is None or not self._result.found:
            return ""
        words = " ".join(reason.text(language()) for reason in why_not_less(self._result))
        others = [
            (one.goal.site, one.measured) for one in self._result.alternatives if one.found and one.measured is not None
        ]
        names = "; ".join(
            f"{machines(measured, True, site == 'cloud')}, {self._short(measured)}" for site, measured in others[:2]
        )
        if names:
            words = f"{words} " + translate("Advisor", "Next best: {names}.").format(names=names)
        return words.strip()

    def _short(self, measured: Measured) -> str:
        cost = measured.values["budget"]
        shown = translate("Advisor", "cost unknown") if cost is None else starred(cost, measured.estimate.cost)
        if measured.weak and cost is not None:
            shown = translate("Advisor", "{amount} (indication: weak price)").format(amount=shown)
        return f"{duration(measured.values['days'])}, {shown}"

    def _limit_words(self) -> str:
        """What limits the answer, from which day it counts, and what 10 % more buys."""
        from mitsumori.model.study.goal_text import relaxed_words

        result, goal, plan = self._result, self._goal, self._plan
        if result is None or goal is None or plan is None:
            return ""
        words = []
        if result.found and result.binding:
            names = translate("Advisor", ", ").join(limit_name(name) for name in result.binding)
            words.append(translate("Advisor", "Limited by: {names}.").format(names=names))
        if goal.by is not None:
            from mitsumori.model.study.deadline import first_day

            first = first_day(plan, result.goal.site, self._today)
            if first is not None:
                words.append(
                    translate("Advisor", "Training from {first} to {last}: {days} days.").format(
                        first=first.isoformat(), last=goal.by.isoformat(), days=limit(result.goal.days)
                    )
                )
        if len(result.relaxations) > 1 and all(one.measured is None for one in result.relaxations):
            words.append(translate("Advisor", "10 % more of any one limit is not enough."))
        else:
            words += [relaxed_words(one, plan.money.currency).text(language()) for one in result.relaxations]
        return " ".join(words)

    def _toggle_why(self) -> None:
        self.why.setVisible(self.why.isHidden())


def quiet(words: str) -> str:
    """Words in the second ink, for a label."""
    return f'<span style="color:{theme().color("text_2").name()}">{escape(words)}</span>'


def machines(measured: Measured, named: bool, rented: bool = False) -> str:
    """Servers, GPUs and racks of a plan; ``named`` says which servers, what is ``rented`` needs no racks."""
    other, place = measured.plan, measured.estimate.facility
    servers = plurals().servers(other.cluster.servers)
    if named:
        name = server_name(other, measured.estimate.catalogue)
        servers = translate("Advisor", "{servers} {server}").format(servers=servers, server=name)
    chips = plurals().gpus(gpus(other, measured.estimate.catalogue))
    if rented:
        return translate("Advisor", "{servers}, {gpus} in the cloud").format(servers=servers, gpus=chips)
    if place.server_racks is None:
        return translate("Advisor", "{servers}, {gpus}").format(servers=servers, gpus=chips)
    return translate("Advisor", "{servers}, {gpus}, {racks} + {support} racks").format(
        servers=servers,
        gpus=chips,
        racks=fixed(place.server_racks, 0),
        support=fixed(place.support_racks.value or 0.0, 0),
    )


def limit_name(name: str) -> str:
    """A limit of a goal."""
    return {
        "days": translate("Advisor", "time"),
        "budget": translate("Advisor", "money"),
        "facility_kw": translate("Advisor", "power"),
        "utility_kva": translate("Advisor", "utility capacity"),
        "racks": translate("Advisor", "number of racks"),
        "memory": translate("Advisor", "GPU memory"),
        "facility": translate("Advisor", "the hall"),
        "possible": translate("Advisor", "what the model can be split into"),
    }.get(name, name)
