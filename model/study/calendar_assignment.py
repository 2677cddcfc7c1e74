"""A calendar made from the plans: serving by day, training by night and at the hours that are left, one after the other."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.dates import plus_days
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.calendar import MAX_ENTRIES, SWITCH_MINUTES, CalendarEntry, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

Estimator = Callable[[Plan], Estimate | None]
MIDDLE_H: Final = 14.0
"""Middle of the hours of service where only their number is known: that of a working day."""
MOST_RUNS: Final = 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """``least_servers`` that serve outside the hours of service (None: those of one replica, 0: none), ``switch_minutes`` of
    each take-over, ``growth_per_year`` of what serving claims."""

    least_servers: float | None = None
    switch_minutes: float = SWITCH_MINUTES
    growth_per_year: float = 0.0


def service_hours(hours_per_day: float) -> tuple[float, float] | None:
    """From and to of the hours of service about :data:`MIDDLE_H`, a minute at least; None for the whole day."""
    length = max(hours_per_day, 1.0 / 60.0)
    if length >= 24.0:
        return None
    low = min(max(0.0, MIDDLE_H - length / 2), 24.0 - length)
    return low, low + length


def servers_of(plan: Plan, known: Estimate | None) -> float:
    """Servers that a plan takes: those of its cluster; of one that serves what its load takes, where that is known."""
    served = None if known is None or known.serving is None else known.serving.figures["servers"].value
    return float(served) if plan.serving.enabled and served else float(plan.cluster.servers)


def cluster_servers(plans: Sequence[Plan], known: Mapping[str, Estimate | None]) -> float:
    """Servers of the one cluster: the most that any of its plans takes.

    Parameters
    ----------
    plans
        The project's plans.
    known
        Their estimates by name.
    """
    return max((servers_of(plan, known.get(plan.name)) for plan in plans), default=1.0)


def assigned(
    project: Project, estimate: Estimator, today: dt.date, wishes: Wishes | None = None
) -> tuple[CalendarEntry, ...]:
    """Entries for all plans of a project; maintenance that it has already stays.

    Plans that serve come first: by day what their load takes, else the least. Trainings follow in the order of their starts,
    each not before the end of the one before, and take what is left until their hours are done, ``days * 24`` of their own
    servers; those of a plan that repeats begin ``runs_per_year`` times a year. The first that does not end within the horizon
    is open, and the last.

    Parameters
    ----------
    project
        Plans and maintenance.
    estimate
        Estimates: days of a training, servers of a load.
    today
        Start of what has no date.
    wishes
        What serves at night, switch-over and growth.
    """
    wishes = wishes or Wishes()
    known = {plan.name: estimate(plan) for plan in project.plans}
    whole = cluster_servers(project.plans, known)
    first = min((plan.workload.start_date or today for plan in project.plans), default=today)
    kept = [entry for entry in project.calendar if entry.kind == "maintenance"]
    entries: list[CalendarEntry] = []
    for plan in project.plans:
        if plan.serving.enabled:
            entries += _service(plan, known[plan.name], first, whole, wishes)
    months, free_from = project.plan.money.horizon_months, first
    wanted: list[tuple[dt.date, Plan, float]] = []
    for plan in project.plans:
        result = known[plan.name]
        days = None if plan.serving.enabled or result is None else result.training.days.value
        wanted += [(start, plan, days) for start in (_starts(plan, first, today, months) if days else ()) if days]
    for start, plan, days in sorted(wanted, key=lambda item: item[0])[: MAX_ENTRIES - len(kept) - len(entries)]:
        share, begin = min(1.0, plan.cluster.servers / whole), max(start, free_from)
        end = _end([*kept, *entries], plan.name, begin, (share, days * 24.0 * share), months, wishes)
        entries.append(_rest(plan.name, begin, end, share, wishes))
        if end is None:
            break
        free_from = end
    return (*kept, *entries)


def _service(plan: Plan, known: Estimate | None, first: dt.date, whole: float, wishes: Wishes) -> list[CalendarEntry]:
    """By day what the load takes, outside the hours of service the least."""
    hours, takes = service_hours(plan.serving.hours_per_day), servers_of(plan, known)
    day = CalendarEntry(
        plan=plan.name, begin=plan.workload.start_date or first, hours=hours, share=min(1.0, takes / whole),
        growth_per_year=wishes.growth_per_year,
    )  # fmt: skip
    least = wishes.least_servers
    if least is None:
        least = _replica_servers(known)
    if hours is None or least <= 0:
        return [day]
    outside = (hours[1] % 24.0, hours[0] or 24.0)
    return [day, day.model_copy(update={
        "hours": outside, "share": min(least, takes) / whole, "growth_per_year": 0.0,
    })]  # fmt: skip


def _replica_servers(known: Estimate | None) -> float:
    """Servers of one replica; one where it is not known."""
    if known is None or known.serving is None:
        return 1.0
    gpus, servers, one = (known.serving.figures[name].value for name in ("gpus", "servers", "gpus_per_replica"))
    return 1.0 if not gpus or not servers or not one else float(math.ceil(servers * one / gpus - 1e-9))


def _starts(plan: Plan, first: dt.date, today: dt.date, months: int) -> list[dt.date]:
    """When the trainings of a plan should begin within the horizon."""
    start, often = plan.workload.start_date or max(first, today), plan.workload.runs_per_year
    if not often:
        return [start]
    count = max(1, min(MOST_RUNS, math.ceil(often * months / 12.0 - 1e-9)))
    found = (plus_days(start, round(run * 365.25 / often)) for run in range(count))
    return [day for day in found if day is not None]


def _rest(name: str, begin: dt.date, end: dt.date | None, share: float, wishes: Wishes) -> CalendarEntry:
    return CalendarEntry(
        plan=name, begin=begin, end=end, share=share, rest=True, switch_minutes=wishes.switch_minutes
    )  # fmt: skip


def _end(
    before: Sequence[CalendarEntry], name: str, begin: dt.date, needed: tuple[float, float], months: int, wishes: Wishes
) -> dt.date | None:
    """The day on which a training has had its hours of the whole cluster; None where the horizon ends before."""
    share, hours = needed
    alone = f"{name}\0"
    found = occupancy([*before, _rest(alone, begin, None, share, wishes)], months)
    done = np.cumsum(found.worked[found.plans.index(alone)])
    at = max(
        int(np.searchsorted(done, hours - 1e-9)), (begin - found.first).days
    )  # of next to no hours the day it begins
    return None if at >= len(done) else plus_days(found.first, at)
