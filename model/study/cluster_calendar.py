"""The calendar of a project as an answer: hours, utilization by month, what each plan claims and where they clash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mitsumori.model.base.dates import LAST_DAY, plus_days
from mitsumori.model.plan.calendar import EXTEND_AT, CalendarEntry, Occupancy, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project
from mitsumori.model.study.calendar_assignment import Estimator, cluster_servers, service_hours


@dataclass(frozen=True, slots=True)
class ClusterCalendar:
    """The entries (``assumed``: made up from the plans, where the file has none), laid over the span.

    ``days`` holds how long one training of a plan takes on the whole cluster, where that is known: of one on fewer servers than
    the cluster has, its days by their share.
    """

    entries: tuple[CalendarEntry, ...]
    assumed: bool
    occupied: Occupancy
    unknown: tuple[str, ...]
    days: Mapping[str, float]

    def extend_from(self, share: float = EXTEND_AT) -> str | None:
        """The first quarter in which work that cannot wait asks for more than a share of the cluster; None: none."""
        return self.occupied.beyond(share)

    def runs(self, plan: str) -> float | None:
        """Trainings of a plan that its hours are enough for; None for one that serves, or whose days are not known."""
        days = self.days.get(plan)
        return self.occupied.hours(plan) / (24.0 * days) if days else None

    def document(self, extend_at: float = EXTEND_AT) -> dict[str, Any]:
        """The document of ``calendar --json``; ``extend_at`` is the share of the cluster from which more servers are due."""
        found = self.occupied
        last = found.first + dt.timedelta(days=found.days - 1)
        return {
            "from": found.first.isoformat(), "to": last.isoformat(), "assumed": self.assumed, "hours": 24.0 * found.days,
            "used_hours": float(found.used.sum()), "utilization": found.utilization,
            "maintenance_hours": found.maintenance_hours,
            "plans": [
                {
                    "plan": name, "hours": found.hours(name), "claimed_hours": found.claimed_hours(name),
                    "switching_hours": found.switching_hours(name), "runs": self.runs(name), "known": name not in self.unknown,
                }
                for name in found.plans
            ],
            "months": found.months(), "conflicts": found.conflicts(),
            "outlook": {
                "extend_at": extend_at, "extend_from": found.beyond(extend_at), "full_from": found.beyond(1.0),
                "quarters": [asdict(row) for row in found.quarters()],
            },
            "entries": [entry.model_dump(mode="json", by_alias=True) for entry in self.entries],
        }  # fmt: skip


def cluster_calendar(project: Project, estimate: Estimator, today: dt.date) -> ClusterCalendar:
    """The calendar of a project; without entries of its own, what its plans would claim.

    A training claims all hours from its start (else today) for its days, a serving plan its hours a day over the horizon
    (centred at 14 h, a working day's middle).

    Parameters
    ----------
    project
        The file.
    estimate
        Days of a training, for entries that are made up.
    today
        Start of a training without a date.
    """
    entries, assumed = project.calendar, False
    if not entries:
        entries, assumed = tuple(_claim(plan, estimate, today) for plan in project.plans), True
    names = {plan.name for plan in project.plans}
    works = dict.fromkeys(entry.plan for entry in entries if entry.kind == "work")
    unknown = tuple(name for name in works if name not in names)
    days: dict[str, float] = {}
    known = {plan.name: estimate(plan) for plan in project.plans if plan.name in works}
    whole = cluster_servers([plan for plan in project.plans if plan.name in works], known)
    for plan in project.plans:
        result = None if plan.serving.enabled else known.get(plan.name)
        if result is not None and result.training.days.value:
            days[plan.name] = result.training.days.value * plan.cluster.servers / whole
    return ClusterCalendar(entries, assumed, occupancy(entries, project.plan.money.horizon_months), unknown, days)


def _claim(plan: Plan, estimate: Estimator, today: dt.date) -> CalendarEntry:
    start = plan.workload.start_date or today
    if plan.serving.enabled:
        return CalendarEntry(plan=plan.name, begin=start, hours=service_hours(plan.serving.hours_per_day))
    known = estimate(plan)
    days = None if known is None else known.training.days.value
    length = 3650.0 if days is None else min(3650.0, max(1.0, days))
    return CalendarEntry(plan=plan.name, begin=start, end=plus_days(start, round(length + 0.499) - 1) or LAST_DAY)
