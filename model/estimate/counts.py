"""What is missing and what was overridden: one count of each, the same on card, footer, list and proposal."""

from __future__ import annotations

from typing import Final

from mitsumori.model.cost.prices import price_of_term
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.standards import JOINED, RATIOS, STATED
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import HOUR_PRICES

__all__ = ["missing_inputs", "overridden_inputs"]

_TARIFFS: Final = ("money.electricity_jpy_per_kwh", "money.onprem.network_share")
"""Inputs that a documented tariff stands for while they are open."""


def missing_inputs(estimate: Estimate) -> tuple[str, ...]:
    """Plan paths that totals need or leave out, each once, in the order of the cost model.

    A question whose answer the program assumes meanwhile (the idle power of a server) is a finding and lacks nowhere.
    """
    return tuple(dict.fromkeys(estimate.cost.missing))


def overridden_inputs(plan: Plan, estimate: Estimate) -> tuple[str, ...]:
    """What the user put in the place of a predicted, catalogued or documented value: overrides, and inputs that would have a
    value if they were left open.

    A price nobody publishes, or a number that is always asked for, overrides nothing. Paths of overrides begin with
    ``overrides.``.
    """
    found = [f"overrides.{path}" for path in plan.overrides]
    optional = [path for path in (*STATED, *RATIOS, *JOINED, *_TARIFFS) if path != "money.utilization"]
    found += [path for path in optional if plan.value(path) is not None]
    server = estimate.catalogue.servers().get(plan.cluster.server)
    if plan.money.onprem.server_price is not None and server is not None and server.price is not None:
        found.append("money.onprem.server_price")
    cloud = plan.money.cloud
    instance = estimate.catalogue.cloud_instances().get(cloud.instance or "")
    if cloud.price_per_hour is not None and instance is not None:
        names = dict.fromkeys(HOUR_PRICES)
        bare = cloud.model_copy(update=names)
        if price_of_term(bare, instance, cloud.term, plan.money.tax_rate).value is not None:
            found.append("money.cloud.price_per_hour")
    return tuple(found)
