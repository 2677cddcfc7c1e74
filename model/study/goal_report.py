"""The answer of goal seek as text and as a JSON document."""

from __future__ import annotations

import math

from mitsumori.model.study.goal_seek import GoalResult
from mitsumori.model.study.goal_text import relaxed_words, why_not_less


def goal_json(result: GoalResult, language: str) -> dict[str, object]:
    """The document of ``advise`` with a goal; what is unknown is null."""
    measured = result.measured
    currency = "JPY" if measured is None else measured.plan.money.currency
    return {
        "found": result.found,
        "unknown": result.unknown,
        "value": result.value,
        "reason": result.reason.text(language),
        "limits": result.goal.limits(),
        "confidence": result.goal.confidence,
        "probability": None if measured is None else measured.chance,
        "site": result.goal.site,
        "values": None if measured is None else dict(measured.values),
        "weak_price": measured is not None and measured.weak,
        "set": dict(result.changes),
        "binding": list(result.binding),
        "why_not_less": [reason.text(language) for reason in why_not_less(result)],
        "missed": {name: share if math.isfinite(share) else None for name, share in result.missed.items()},
        "relaxations": [
            {
                "limit": item.limit,
                "relaxed_to": item.relaxed_to,
                "gains": dict(item.gains),
                "newly_possible": item.newly_possible,
                "words": relaxed_words(item, currency).text(language),
            }
            for item in result.relaxations
        ],
        "alternatives": [
            {"value": item.value, "found": item.found, "reason": item.reason.text(language), "set": dict(item.changes)}
            for item in result.alternatives
        ],
    }


def goal_text(result: GoalResult, language: str) -> str:
    """The answer as lines of text: the plan, why not one step less, what looser limits buy, the other types."""
    currency = "JPY" if result.measured is None else result.measured.plan.money.currency
    lines = [result.reason.text(language)]
    lines += [f"  {reason.text(language)}" for reason in why_not_less(result)]
    lines += [f"  {relaxed_words(item, currency).text(language)}" for item in result.relaxations]
    lines += [f"  {item.value}: {item.reason.text(language)}" for item in result.alternatives]
    return "\n".join(lines)
