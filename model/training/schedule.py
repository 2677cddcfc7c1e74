"""When the training ends: the finish date, what is left to the deadline, and how likely it is to be kept.

The predicted days are an interval; between its ends and beyond they are taken as log-normal on either side of the median
(:func:`probability`). Delivery, works, installation and tests of owned machines come first where their times are given.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final

from mitsumori.model.base.dates import plus_days
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.plan.deadlines import runs_of
from mitsumori.model.plan.plan import Money, Workload

__all__ = [
    "CONFIDENCES",
    "DAYS_PER_MONTH",
    "Schedule",
    "days_at",
    "lead_months",
    "probability",
    "schedule",
    "trainings_a_year",
    "whole_lead_months",
    "working_months",
]

DAYS_PER_MONTH: Final = 365.0 / 12.0
CONFIDENCES: Final = (50, 80, 90)
"""Percent of the runs that end in time, among which a plan may choose."""
_NORMAL: Final = NormalDist()
_Z90: Final = _NORMAL.inv_cdf(0.9)
"""Standard deviations from the median to the end of an interval of 80 %."""


def _spread(days: Figure, above: bool) -> float:
    """Standard deviation of the logarithm of the days on one side of the median; zero where the interval is closed."""
    middle, end = days.value, days.high if above else days.low
    if not middle or not end:
        return 0.0
    return abs(math.log(end / middle)) / _Z90


def days_at(days: Figure, confidence: float) -> float | None:
    """Days within which the training ends with a probability.

    ``median * exp(z * sigma)``, sigma that of the side of the median.

    Parameters
    ----------
    days
        Median with the ends of the 80 % interval (P10, P90) [days].
    confidence
        Probability in percent, between 0 and 100.
    """
    if days.value is None:
        return None
    z = _NORMAL.inv_cdf(confidence / 100.0)
    return days.value * math.exp(z * _spread(days, z > 0.0))


def probability(days: Figure, within: float) -> float | None:
    """Probability that the training ends within so many days.

    Two-piece log-normal through low, value and high as P10, P50 and P90: ``Phi(ln(within / median) / sigma)``, sigma that of
    the side on which ``within`` lies. A closed interval is certain: 1 from the median on, else 0.
    """
    if days.value is None:
        return None
    if within <= 0.0:
        return 0.0
    distance = math.log(within / days.value)
    sigma = _spread(days, distance >= -1e-12)
    if sigma == 0.0:
        return 1.0 if distance >= -1e-12 else 0.0
    return _NORMAL.cdf(distance / sigma)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of a training on the calendar.

    Attributes
    ----------
    order_date, first_day
        Day of the order (the plan's start date, else today), and the first day of the training after delivery and works.
    lead_days
        Days between the two; None: neither delivery nor works are given, and none are counted.
    finish_date
        The day on which the median ends; ``finish`` the same by confidence in percent.
    deadline, days_allowed
        The last day, and the days between the first day of the training and it; None without a deadline.
    slack_days
        ``days_allowed`` less the median (negative: late); ``slack`` the same by confidence.
    deadline_probability
        Of ending within ``days_allowed``.
    """

    order_date: dt.date | None = None
    first_day: dt.date | None = None
    lead_days: float | None = None
    finish_date: dt.date | None = None
    deadline: dt.date | None = None
    days_allowed: float | None = None
    slack_days: float | None = None
    deadline_probability: float | None = None
    finish: Mapping[int, dt.date] = field(default_factory=dict)
    slack: Mapping[int, float] = field(default_factory=dict)


def lead_months(money: Money) -> float | None:
    """Months from the order to the start of operation: the longer of delivery and works, then installation and tests.

    Delivery and works run at the same time. None when nothing of it is given; what is not given counts as none.
    """
    own = money.onprem
    longer = max((months for months in (own.delivery_months, own.works_months) if months is not None), default=None)
    if own.installation_days is None:
        return longer
    return (longer or 0.0) + own.installation_days / DAYS_PER_MONTH


def whole_lead_months(money: Money) -> int:
    """:func:`lead_months` in whole months begun, as payments by month count it; none where nothing is given."""
    return int(ceil_guarded(lead_months(money) or 0.0))


def working_months(money: Money) -> int:
    """Months of the horizon in which work is done: all of them where the cloud is rented until own machines are in use."""
    waiting = 0 if money.onprem.interim_cloud else whole_lead_months(money)
    return max(money.horizon_months - waiting, 0)


def trainings_a_year(work: Workload, money: Money) -> float | None:
    """Trainings a year that decide how busy machines are while they are in use; None where the typed utilization counts.

    One training alone is spread over the months in which work is done, so that the horizon holds the whole of it. Where there
    is no such month it is spread over the horizon.
    """
    return runs_of(work, working_months(money) or money.horizon_months)


def schedule(work: Workload, money: Money, days: Figure, today: dt.date | None = None, owned: bool = True) -> Schedule:
    """Put the predicted days of a training on the calendar.

    Parameters
    ----------
    work, money
        The plan's start, deadline, delivery and works.
    days
        Of one training, with its interval.
    today
        Stands for the start date where the plan has none; None: then nothing has a date.
    owned
        On the plan's own machines, after delivery and works; a rented training begins with the order.
    """
    order = work.start_date or today
    months = lead_months(money) if owned else None
    lead = None if months is None else months * DAYS_PER_MONTH
    first = None if order is None else plus_days(order, lead or 0.0)
    deadline, allowed = work.deadline, None
    if deadline is not None and first is not None:
        allowed = float((deadline - first).days)
    elif work.deadline_days is not None:
        allowed = work.deadline_days - (lead or 0.0)
        deadline = None if order is None else plus_days(order, work.deadline_days)
    ends = {level: days_at(days, level) for level in CONFIDENCES}
    dates = {
        level: day
        for level, end in ends.items()
        if first is not None and end is not None and (day := plus_days(first, end)) is not None
    }
    slack = {level: allowed - end for level, end in ends.items() if allowed is not None and end is not None}
    return Schedule(
        order, first, lead, dates.get(50), deadline, allowed, slack.get(50),
        None if allowed is None else probability(days, allowed), dates, slack,
    )  # fmt: skip
