"""The clouds for the work of one plan: rows and relative speeds for :mod:`model.cost.clouds`."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.clouds import Clouds, clouds, comparable
from mitsumori.model.estimate.estimate import cost_inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction

__all__ = ["cloud_matrix"]


def cloud_matrix(
    plan: Plan, catalogue: Catalogue | None = None, corrections: Sequence[Correction] = (), search: str = ""
) -> Clouds:
    """Every provider and term for the work of a plan.

    Parameters
    ----------
    plan, catalogue, corrections
        As :func:`model.estimate.estimate.estimate`.
    search
        Words of provider, instance, region or accelerator; empty: those with the plan's accelerator. The speed of another
        accelerator over the owned one is predicted once for each.
    """
    records = catalogue or Catalogue.shipped()
    inputs = cost_inputs(plan, catalogue, corrections)
    own, least = plan.money.cloud.instance, min(8, inputs.server.accelerators)
    instances = comparable(records, inputs.server.accelerator, own, search, least)
    speeds: dict[str, float] = {}
    for item in instances:
        key = item.accelerator or ""
        if key not in speeds and key != inputs.server.accelerator:
            other = plan.with_values({"money.cloud.instance": item.key})
            speeds[key] = cost_inputs(other, catalogue, corrections).cloud_speed
    return clouds(plan.money, inputs, instances, speeds)
