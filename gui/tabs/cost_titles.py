"""The finding of the comparison of owning with renting as a sentence: the title of every picture of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import fixed
from mitsumori.gui.words.totals import SOONEST_MONTH, even_month, total_note, total_text
from mitsumori.model.cost.results import CostResult
from mitsumori.model.plan.plan import Plan

translate = QCoreApplication.translate


def cost_title(plan: Plan, cost: CostResult) -> str:
    """The finding of the comparison as a sentence, and what its totals are without."""
    note = total_note(cost, short=True)
    title = _cost_title(plan, cost)
    return translate("Cost", "{title} ({note})").format(title=title, note=note) if note else title


def _cost_title(plan: Plan, cost: CostResult) -> str:
    month = cost.break_even_month
    months = plan.money.horizon_months
    cloud, owned = cost.cloud.total.value, cost.onprem.total.value
    use = cost.details.get("utilization")
    share = fixed((plan.money.utilization if use is None or use.value is None else use.value) * 100, 0)
    once = _title_of_one(plan, cost)
    if once:
        return once
    if month.value is not None:
        saving = cost.details["saving"].value
        if saving is not None and saving < 0.0:
            return translate("Cost", "Owning catches up on the way, but costs more over all {months} months").format(
                months=months
            )
        if month.value < SOONEST_MONTH:
            return translate("Cost", "Owning is cheaper from the first month")
        return translate("Cost", "At {share} % use, owning is cheaper from month {month}").format(
            share=share, month=even_month(month.value)
        )
    if cloud is None and owned is None:
        return translate("Cost", "Prices are missing on both sides, so they cannot be compared yet")
    if cloud is None:
        return translate("Cost", "Owning costs {amount}; the cloud price is missing").format(
            amount=total_text(cost, "onprem")
        )
    if owned is None:
        return translate("Cost", "The cloud costs {amount}; prices of owning are missing").format(
            amount=total_text(cost, "cloud")
        )
    if owned < cloud:
        return translate("Cost", "Owning is cheaper throughout the {months} months").format(months=months)
    return translate("Cost", "At {share} % use, renting stays cheaper for all {months} months").format(
        share=share, months=months
    )


def _title_of_one(plan: Plan, cost: CostResult) -> str:
    """The finding for one training alone, with both amounts; empty for another use, or where one is not known."""
    cloud, owned = cost.cloud.total.value, cost.onprem.total.value
    if plan.workload.use != "once" or cloud is None or owned is None:
        return ""
    words = {"cloud": total_text(cost, "cloud"), "owned": total_text(cost, "onprem")}
    if cloud <= owned:
        return translate("Cost", "For one training the cloud is cheaper: {cloud} against {owned}").format(**words)
    return translate("Cost", "Even for one training owning is cheaper: {owned} against {cloud}").format(**words)
