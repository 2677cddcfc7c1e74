"""A plan as the calendar of its project makes it count; who works where is worked out only where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.plan import Plan


def scheduled(plan: Plan, calendar: Sequence[CalendarEntry]) -> Plan:
    """The plan with what the calendar means for its costs; as it is where there is none.

    The utilization is the calendar's, and its origin says so. A plan that serves counts with its own servers: their
    utilization, the share of their cost that it bears (:func:`model.plan.calendar_servers.allocation`), and as hours of service
    those in which all of them serve, at most the hours a day that the plan states: servers that stand by at night carry no
    load that nobody has.

    Parameters
    ----------
    plan
        One of the project's plans.
    calendar
        The project's entries.
    """
    if not calendar:
        return plan
    from mitsumori.model.plan.calendar_servers import allocation

    found = allocation(tuple(calendar), plan.money.horizon_months)
    own = found.plans.get(plan.name) if plan.serving.enabled else None
    used = found.utilization if own is None else own.utilization
    money = plan.money.model_copy(update={"utilization": min(1.0, max(1e-6, used))})
    work = plan.workload.model_copy(update={"runs_per_year": None, "use": "always"})
    origins = {**plan.origins, "money.utilization": {"kind": "calendar"}}
    changes: dict[str, object] = {"money": money, "workload": work, "origins": origins}
    if own is not None:
        update = {"hours_per_day": min(plan.serving.hours_per_day, own.hours_per_day), "cost_share": own.cost_share}
        changes["serving"] = plan.serving.model_copy(update=update)
    return plan.model_copy(update=changes)
