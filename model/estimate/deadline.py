"""What to say of a deadline: late, unlikely to be kept, or kept on rented machines only."""

from __future__ import annotations

from mitsumori.model.base import format as fmt
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.guides import DURATIONS, duration_changes
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.schedule import DAYS_PER_MONTH, Schedule

__all__ = ["confidence_of", "deadline_findings"]


def confidence_of(plan: Plan) -> int:
    """The confidence on which the plan is made, in percent."""
    return int(plan.workload.confidence[1:])


def deadline_findings(plan: Plan, owned: Schedule, rented: Schedule, catalogue: Catalogue) -> list[Finding]:
    """Findings on the deadline of a plan; none where it has none.

    Parameters
    ----------
    plan
        Its confidence decides from which probability on a deadline counts as kept.
    owned, rented
        The training on own machines, after delivery and works, and on rented ones.
    catalogue
        Guide values of the times before the training.
    """
    chance, slack = owned.deadline_probability, owned.slack_days
    if chance is None or slack is None:
        return []
    field = "workload.deadline" if plan.workload.deadline is not None else "workload.deadline_days"
    shown: dict[str, object] = {
        "deadline": "-" if owned.deadline is None else owned.deadline.isoformat(),
        "ready": "9999+" if owned.finish_date is None else owned.finish_date.isoformat(),
        "late": fmt.significant(abs(slack)),
        "percent": fmt.significant(100.0 * chance, 2, trim=True),
        "confidence": str(confidence_of(plan)),
        "lead": fmt.significant((owned.lead_days or 0.0) / DAYS_PER_MONTH, 2, trim=True),
    }
    if slack < 0.0:
        if rented.slack_days is not None and rented.slack_days >= 0.0:
            return [Finding("deadline_onprem", "warn", field, shown)]
        return [Finding("deadline_late", "warn", field, shown)]
    if chance < confidence_of(plan) / 100.0:
        return [Finding("deadline_unlikely", "warn", field, shown)]
    if owned.lead_days is None and plan.workload.start_date is not None:
        remedy = Remedy("deadline_no_lead", {"money.onprem.delivery_months": 0.0})
        guide = duration_changes(plan, catalogue)
        months = catalogue.tariff(DURATIONS["money.onprem.delivery_months"]).value
        words = {"months": fmt.significant(months, 2, trim=True)}
        remedies = (remedy, Remedy("deadline_guide_lead", guide, words)) if guide else (remedy,)
        return [Finding("deadline_lead_open", "info", "money.onprem.delivery_months", shown, remedies)]
    return []
