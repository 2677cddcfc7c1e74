"""Deadlines that are dates: when the training can begin, and how many days that leaves."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from mitsumori.model.base.dates import plus_days
from mitsumori.model.base.refusal import refusal
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.schedule import DAYS_PER_MONTH, lead_months

Site = Literal["onprem", "cloud"]


def first_day(plan: Plan, site: Site, today: dt.date | None = None) -> dt.date | None:
    """The day on which the training can begin: the start date, and for owned machines their delivery or works.

    Parameters
    ----------
    plan
        Start date and lead times.
    site
        ``onprem`` waits for delivery and works, ``cloud`` does not.
    today
        Stands for the start date where the plan has none.
    """
    start = plan.workload.start_date or today
    lead = lead_months(plan.money) or 0.0
    return None if start is None else plus_days(start, lead * DAYS_PER_MONTH if site == "onprem" else 0.0)


def days_until(plan: Plan, finish_by: dt.date, site: Site, today: dt.date | None = None) -> float:
    """Days between the first day of the training and a date.

    Parameters
    ----------
    plan, site, today
        As :func:`first_day`.
    finish_by
        The date by which the training has to end.

    Raises
    ------
    Refusal
        Without a first day, and for a date before it.
    """
    start = plan.workload.start_date or today
    if start is None:
        raise refusal("finish_by_start")
    lead = lead_months(plan.money) or 0.0
    left = (finish_by - start).days - (lead * DAYS_PER_MONTH if site == "onprem" else 0.0)
    if left <= 0:
        raise refusal("finish_by_early", date=finish_by)
    return left
