"""A layout that was chosen, as inputs set by hand."""

from __future__ import annotations

from typing import Any

from mitsumori.model.plan.plan import Plan

LAYOUT = (
    "tp",
    "pp",
    "vp",
    "cp",
    "ep",
    "etp",
    "zero_stage",
    "micro_batch",
    "sp",
    "recompute",
    "offload",
    "global_batch",
)


def layout_inputs(shown: Any) -> dict[str, object]:
    """Plan paths and values of the layout of a result."""
    return {"parallel.auto": False, **{f"parallel.{name}": shown[name] for name in LAYOUT}}


def by_hand(plan: Plan, shown: Any) -> Plan:
    """The plan with the layout of a result."""
    return plan.with_values(layout_inputs(shown))
