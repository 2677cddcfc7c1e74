"""The days card of a plan with a deadline: the finish date at the chosen confidence, what is left, how likely it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.widgets.card import Bar, CardContent
from mitsumori.gui.words.dates import short_date, weekday
from mitsumori.model.base.format import Parts, percent, significant
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.schedule import days_at

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate

_TRACK = math.log(1.6)
"""As the days' bar: from the estimate / 1.6 to the estimate * 1.6."""


def chance_words(chance: float) -> str:
    """A probability in whole percent, never 100, and 0 only where no day is left."""
    if 0.0 < chance < 0.005:
        return "< 1 %"
    if chance > 0.995:  # a prediction is never certain, also where its logarithm rounds to it
        return "> 99 %"
    return percent(chance, 2)


def slack_words(slack: float) -> str:
    """``4.1 days to spare`` or ``326 days late``."""
    days = significant(abs(slack), 2 if abs(slack) < 10 else 3, trim=True)
    if slack < 0:
        return translate("Deadline", "{days} days late").format(days=days)
    return translate("Deadline", "{days} days to spare").format(days=days)


def verdict_of(plan: Plan, chance: float) -> str:
    """Colour of the badge: kept at the plan's confidence, by the median alone, or late."""
    return "ok" if chance >= confidence_of(plan) / 100.0 - 1e-9 else "marginal" if chance >= 0.5 else "bad"


def deadline_card(plan: Plan, estimate: Estimate) -> CardContent | None:
    """The card's content; None for a plan without a deadline, without days, or whose memory does not suffice."""
    dated, days = estimate.training.schedule, estimate.training.days
    level = confidence_of(plan)
    chance, slack = dated.deadline_probability, dated.slack.get(level)
    if chance is None or slack is None or days.value is None or estimate.memory.verdict == "no":
        return None
    finish = dated.finish.get(level)
    chosen = days_at(days, level) or days.value
    whole = translate("Deadline", "{words}, deadline {date}")
    if finish is None or dated.deadline is None:
        number = Parts("", significant(chosen), "")
        after = translate("Deadline", "days of {allowed}").format(
            allowed=significant(dated.days_allowed or 0.0, trim=True)
        )
        name = translate("Deadline", "Training days, P{level}").format(level=level)
        said = f"{number.number} {after}"
    else:
        number = Parts("", short_date(finish, dated.deadline), "")
        last = short_date(dated.deadline, finish)
        after = translate("Deadline", "({day}) · by {date}").format(day=weekday(finish), date=last)
        name = translate("Deadline", "Finish, P{level}").format(level=level)
        said = whole.format(words=number.number, date=last)
    kept = translate("Deadline", "In time {chance}").format(chance=chance_words(chance))
    left = slack_words(slack)
    days_words = translate("Deadline", "{days} days").format(days=significant(days.value))
    reasons = [translate("Deadline", "{slack} · {days}").format(slack=left, days=days_words), left]
    if level != 90 and (end := dated.slack.get(90)) is not None:
        more = translate("Deadline", "{slack} · P90: {end}").format(slack=left, end=slack_words(end))
        reasons.insert(0, translate("Deadline", "{words} · {days}").format(words=more, days=days_words))
        reasons.insert(1, more)
    low, high = days.low or days.value, days.high or days.value

    def place(value: float) -> float:
        return min(1.0, max(0.0, 0.5 + math.log(value / days.value) / _TRACK / 2)) if days.value else 0.5

    short = translate("Deadline", "P{level}").format(level=level)
    return CardContent(
        name, ((number, "", ""),), after, tuple(reasons), left, (verdict_of(plan, chance), kept),
        Bar(tick=place(chosen), low=place(low), high=place(high)), short_title=short, spoken=f"{name}: {said}. {kept}. {left}.",
    )  # fmt: skip
