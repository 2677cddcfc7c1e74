"""The value that stands for an optional input left open, and where it comes from.

Read from the estimate where the core states it, else from the catalogue record that the core itself would take. Where
there is none the input is unknown and stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mitsumori.model.base.figure import Figure
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CoolingMethod, Server
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard value in the plan's unit, with its source in a few words."""

    value: float
    source: str = ""


def standard(path: str, plan: Plan, estimate: Estimate | None, catalogue: Catalogue) -> Standard | None:
    """The standard value of a path, or None when there is none."""
    found = _from_catalogue(path, plan, catalogue)
    if found is None and estimate is not None:
        found = _from_estimate(path, estimate)
    return found


def _from_catalogue(path: str, plan: Plan, catalogue: Catalogue) -> Standard | None:
    value: float | None = None
    source = ""
    if path == "money.cloud.price_per_hour" and plan.money.cloud.instance:
        instance = catalogue.cloud_instances().get(plan.money.cloud.instance)
        if instance is not None and instance.currency == plan.money.cloud.currency:
            value = instance.prices.get(f"{plan.money.cloud.term}_per_h")
            source = " ".join(part for part in (instance.provider, instance.price_date) if part)
    elif path in _OF_COOLING:
        cooling = catalogue.cooling_methods().get(plan.facility.cooling)
        value = None if cooling is None else _OF_COOLING[path](cooling)
    elif path in _OF_SERVER:
        server = catalogue.servers().get(plan.cluster.server)
        value = None if server is None else _OF_SERVER[path](server)
    elif path == "model.params":
        model = catalogue.models().get(plan.model.preset or "")
        if model is not None and model.params_b is not None:
            value, source = model.params_b * 1e9, model.developer
    return None if value is None else Standard(value, source)


_OF_COOLING: Mapping[str, Callable[[CoolingMethod], float | None]] = {
    "facility.air_limit_kw": lambda cooling: cooling.air_cap_kw,
    "facility.liquid_limit_kw": lambda cooling: cooling.liquid_cap_kw,
}
_OF_SERVER: Mapping[str, Callable[[Server], float | None]] = {
    "facility.server_max_kw": lambda server: server.power("max").kw,
    "facility.server_peak_kw": lambda server: server.power("peak").kw,
    "facility.server_average_kw": lambda server: server.power("average").kw,
    "facility.server_weight_kg": lambda server: server.weight_kg,
}
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
