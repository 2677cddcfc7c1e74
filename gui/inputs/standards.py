"""The value that stands for an optional input left open, and where it comes from.

Read from the estimate where the core states it, else from the catalogue record that the core itself would take. Where
there is none the input is unknown and stays so.
"""

from __future__ import annotations

from dataclasses import dataclass

from model import catalog
from model.figure import Figure
from model.plan import Plan
from model.results import Estimate


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard value in the plan's unit, with its source in a few words."""

    value: float
    source: str = ""


def standard(path: str, plan: Plan, estimate: Estimate | None) -> Standard | None:
    """The standard value of a path, or None when there is none."""
    found = _from_catalogue(path, plan)
    if found is None and estimate is not None:
        found = _from_estimate(path, estimate)
    return found


def _from_catalogue(path: str, plan: Plan) -> Standard | None:
    value: float | None = None
    source = ""
    cooling = catalog.cooling_methods().get(plan.facility.cooling)
    server = catalog.servers().get(plan.cluster.server)
    model = catalog.models().get(plan.model.preset or "")
    if path == "money.cloud.price_per_hour" and plan.money.cloud.instance:
        instance = catalog.cloud_instances().get(plan.money.cloud.instance)
        if instance is not None and instance.currency == plan.money.cloud.currency:
            value = instance.prices.get(f"{plan.money.cloud.term}_per_h")
            source = " ".join(part for part in (instance.provider, instance.price_date) if part)
    elif path == "facility.air_limit_kw" and cooling is not None:
        value = cooling.air_cap_kw
    elif path == "facility.liquid_limit_kw" and cooling is not None:
        value = cooling.liquid_cap_kw
    elif path == "facility.server_max_kw" and server is not None:
        value = server.power("max").kw
    elif path == "facility.server_peak_kw" and server is not None:
        value = server.power("peak").kw
    elif path == "facility.server_average_kw" and server is not None:
        value = server.power("average").kw
    elif path == "facility.server_weight_kg" and server is not None:
        value = server.weight_kg
    elif path == "model.params" and model is not None and model.params_b is not None:
        value, source = model.params_b * 1e9, model.developer
    return None if value is None else Standard(value, source)


_FIGURES = {
    "facility.pue": "facility.pue",
    "facility.rack_kva": "facility.limits.rack_kva",
    "facility.air_limit_kw": "facility.limits.air_limit_kw",
    "facility.liquid_limit_kw": "facility.limits.liquid_limit_kw",
    "facility.liquid_heat_fraction": "facility.details.liquid_heat_fraction",
    "facility.wue": "facility.details.wue",
    "facility.co2_kg_per_kwh": "facility.details.co2_kg_per_kwh",
    "money.electricity_jpy_per_kwh": "cost.details.electricity_jpy_per_kwh",
    "money.onprem.network_price": "cost.details.network_price",
    "network.storage_pb": "facility.storage.storage_pb",
    "parallel.global_batch": "training.parallel.global_batch",
    "network.checkpoint_interval_s": "training.details.checkpoint_interval_s",
    "network.mtbf_gpu_hours": "training.details.mtbf_gpu_hours",
    "network.restart_s": "training.details.restart_s",
    "money.utilization": "cost.details.utilization",
}


def _from_estimate(path: str, estimate: Estimate) -> Standard | None:
    where = _FIGURES.get(path)
    if where is None:
        return None
    node: object = estimate
    for part in where.split("."):
        node = node.get(part) if hasattr(node, "get") else getattr(node, part, None)
        if node is None:
            return None
    if isinstance(node, Figure):
        if node.value is None:
            return None
        return Standard(node.value, "" if node.parent is None else node.parent.source)
    if isinstance(node, int | float) and not isinstance(node, bool):
        return Standard(float(node))
    return None
