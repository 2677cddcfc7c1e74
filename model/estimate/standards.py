"""What every input that may stay open counts as, and what would count were it left open.

The value in use is read where the computation states it; the standard of an entered value is the value in use of the same
plan with that input open, worked out by the same computation at the first look. No rule of the model is written again here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.cost.money import exchange
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.results import Estimate, SourceLine
from mitsumori.model.estimate.sources import sources_of
from mitsumori.model.facility.power import server_power
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.training.days import evaluation_share, restart_s, stall_s
from mitsumori.model.training.goodput import LLAMA3_MTBF_GPU_HOURS

STATED: Final[Mapping[str, str]] = {
    "facility.pue": "facility.pue",
    "facility.rack_kva": "facility.limits.rack_kva",
    "facility.air_limit_kw": "facility.limits.air_limit_kw",
    "facility.liquid_limit_kw": "facility.limits.liquid_limit_kw",
    "facility.liquid_heat_fraction": "facility.details.liquid_heat_fraction",
    "facility.wue": "facility.details.wue",
    "facility.co2_kg_per_kwh": "facility.details.co2_kg_per_kwh",
    "network.storage_pb": "facility.storage.storage_pb",
    "network.checkpoint_interval_s": "training.details.checkpoint_interval_s",
    "parallel.global_batch": "training.parallel.global_batch",
    "money.utilization": "cost.details.utilization",
    "serving.servers": "serving.figures.servers",
    "rollout.servers": "training.details.rollout.servers",
    "rollout.tp": "training.details.rollout.tp",
    "rollout.pp": "training.details.rollout.pp",
}
"""Plan path -> where the estimate states the value in use. Prices stand in ``cost.used`` under their own path."""

RATIOS: Final[Mapping[str, tuple[str, str]]] = {
    "facility.other_power_share": ("facility.details.other_kw", "facility.details.compute_kw"),
}
"""Plan path of a share -> where the estimate states its part and its whole."""

_COOLING = {
    "facility.rack_kva": "rack_kva",
    "facility.air_limit_kw": "air_cap_kw",
    "facility.liquid_limit_kw": "liquid_cap_kw",
}
_POWER = {"server_max_kw": "max", "server_peak_kw": "peak", "server_average_kw": "average", "server_idle_kw": "idle"}


def _server_kw(name: str) -> Callable[[Resolved], Figure | None]:
    def read(resolved: Resolved) -> Figure | None:
        basis = _POWER[name]
        part = resolved.plan.facility.model_copy(update={"power_basis": "measured" if basis == "peak" else "max"})
        power = server_power(part, resolved.server, resolved.catalogue)
        value, provenance = {
            "max": (power.max_kw, power.max_provenance),
            "peak": (power.provisioned_kw, power.provisioned_provenance),
            "average": (power.average_kw, power.average_provenance),
            "idle": (power.idle_kw, power.idle_provenance),
        }[basis]
        return None if value is None else Figure(value, "kW", provenance)

    return read


def _weight(resolved: Resolved) -> Figure | None:
    entered, server = resolved.plan.facility.server_weight_kg, resolved.server
    if entered is not None:
        return Figure(entered, "kg", Provenance("user", "facility.server_weight_kg"))
    weight = server.weight_kg
    return None if weight is None else Figure(weight, "kg", record_provenance(server, "servers", "weight_kg"))


def _mtbf(resolved: Resolved) -> Figure:
    entered = resolved.plan.network.mtbf_gpu_hours
    if entered:
        return Figure(entered, "GPU h", Provenance("user", "network.mtbf_gpu_hours"))
    origin = Provenance(
        "default", "network.mtbf_gpu_hours", "Llama 3, section 3.3.4", "https://arxiv.org/abs/2407.21783", "2024-07"
    )
    return Figure(LLAMA3_MTBF_GPU_HOURS, "GPU h", origin)


_MEGASCALE = ("MegaScale, section 4", "https://arxiv.org/abs/2402.15627", "2024-02")


def _by_scale(path: str, value: Callable[[Resolved], float], unit: str) -> Callable[[Resolved], Figure]:
    """A figure whose standard follows from the size of the cluster."""

    def read(resolved: Resolved) -> Figure:
        entered = resolved.plan.value(path) is not None
        origin = Provenance("user", path) if entered else Provenance("default", path, *_MEGASCALE)
        return Figure(value(resolved), unit, origin)

    return read


def _evaluation(resolved: Resolved) -> Figure:
    entered = resolved.plan.workload.evaluation_share is not None
    kind: Any = "user" if entered else "default"
    return Figure(evaluation_share(resolved), "", Provenance(kind, "workload.evaluation_share"))


def _parameters(resolved: Resolved) -> Figure:
    entered = resolved.plan.model.params is not None
    origin = (
        Provenance("user", "model.params")
        if entered
        else Provenance("formula", "parameters of the shape; docs/method.md, 2")
    )
    return Figure(resolved.parameters, "", origin)


def _reward_model(resolved: Resolved) -> Figure | None:
    if resolved.plan.workload.stage not in ("ppo", "grpo"):
        return None
    entered = resolved.plan.workload.reward_model_params
    if entered:
        return Figure(entered, "", Provenance("user", "workload.reward_model_params"))
    return Figure(resolved.parameters, "", Provenance("default", "the size of the model"))


def _of_profile(name: str, unit: str) -> Callable[[Resolved], Figure | None]:
    """A length or limit that the use has where the user gives none."""

    def read(resolved: Resolved) -> Figure | None:
        part = resolved.plan.serving
        value = getattr(part.standard(), name)
        if value is None:
            return None
        path = f"serving.{name}"
        entered = getattr(part, name) is not None
        return Figure(
            float(value), unit, Provenance("user" if entered else "default", path if entered else "serving.profile")
        )

    return read


JOINED: Final[Mapping[str, Callable[[Resolved], Figure | None]]] = {
    "model.params": _parameters,
    "workload.reward_model_params": _reward_model,
    "network.mtbf_gpu_hours": _mtbf,
    "network.restart_s": _by_scale("network.restart_s", restart_s, "s"),
    "network.checkpoint_stall_s": _by_scale("network.checkpoint_stall_s", stall_s, "s"),
    "workload.evaluation_share": _evaluation,
    "facility.server_weight_kg": _weight,
    **{
        f"serving.{name}": _of_profile(name, unit)
        for name, unit in (
            ("prompt_tokens", "tokens"),
            ("output_tokens", "tokens"),
            ("shared_prefix_share", ""),
            ("ttft_limit_s", "s"),
            ("tpot_limit_ms", "ms"),
        )
    },
    **{f"facility.{name}": _server_kw(name) for name in _POWER},
}
"""Plan path -> the value in use, where the plan joined with the catalogue is enough to know it."""


def at(estimate: Estimate, where: str) -> Any:
    """What stands at a dotted path of an estimate; None where a partial result (an unknown server) lacks the entry.

    Raises
    ------
    AttributeError
        For a part that no estimate has.
    """
    node: Any = estimate
    for part in where.split("."):
        node = node.get(part) if isinstance(node, Mapping) else getattr(node, part)
        if node is None:
            return None
    return node


class InputValues:
    """The values in use and the standards of one estimate's inputs, each worked out at the first look."""

    def __init__(self, resolved: Resolved, again: Callable[[Plan], Estimate]) -> None:
        """``again`` estimates another plan of the same project."""
        self._resolved, self._again = resolved, again
        self._standards: dict[str, Figure | None] = {}

    def used(self, estimate: Estimate, path: str) -> Figure | None:
        """The value that counts for a plan path; None where nothing does or it is unknown."""
        return _used(path, self._resolved, estimate)

    def standard(self, estimate: Estimate, path: str) -> Figure | None:
        """The value that would count with the input open; None where there is none."""
        plan = self._resolved.plan
        if plan.value(path) is None or path == "money.utilization":  # not to be left open: the trainings a year decide
            return self.used(estimate, path)
        if path not in self._standards:
            self._standards[path] = self._open(path)
        return self._standards[path]

    def sources(self, estimate: Estimate) -> tuple[SourceLine, ...]:
        """Where the figures of the estimate come from."""
        return sources_of(self._resolved, estimate)

    def _open(self, path: str) -> Figure | None:
        try:
            plan = self._resolved.plan.with_values({path: None})
            if path in JOINED:
                return JOINED[path](resolve(plan, self._resolved.catalogue))
            if path in STATED or path in RATIOS or path.startswith("money."):
                return self._again(plan).used(path)
        except Refusal:  # without the value there is no plan, so nothing stands for it
            return None
        return None


def _used(path: str, resolved: Resolved, estimate: Estimate) -> Figure | None:
    if path in JOINED:
        return JOINED[path](resolved)
    if path in RATIOS:
        return _ratio(path, estimate)
    found = at(estimate, STATED[path]) if path in STATED else _price(path, resolved, estimate)
    if found is None and path in _COOLING and estimate.facility.limits.rack_units is None:
        found = getattr(resolved.cooling, _COOLING[path])  # the hall of an unknown server: the method's own limit
    if isinstance(found, Figure):
        return found if found.known else None
    if found is None:
        return None
    return Figure(float(found), "", _origin(path, resolved))


def _ratio(path: str, estimate: Estimate) -> Figure | None:
    part, whole = (at(estimate, where) for where in RATIOS[path])
    if not part.known or not whole.value:
        return None
    return Figure(part.value / whole.value, "", part.provenance)


def _origin(path: str, resolved: Resolved) -> Provenance:
    if resolved.plan.value(path) is not None:
        return Provenance("user", path)
    if path in _COOLING and getattr(resolved.cooling, _COOLING[path]) is not None:
        return record_provenance(resolved.cooling, "cooling", _COOLING[path])
    return Provenance("formula", f"{STATED[path]}; docs/method.md")


def _share_of_counted(cost: CostResult) -> Figure | None:
    """What the counted network is of the servers' price: entered as the share it costs the same; None where none is counted."""
    case, counted = cost.quote.case, cost.used.get("money.onprem.network_price")
    if counted is None or counted.provenance is None or counted.provenance.kind == "user":
        return None
    rates = [float(exchange(name, case.currency, case.usd_jpy)) for name in ("USD", case.server_currency)]
    share = float(case.network_usd) * rates[0] / (float(case.servers * case.server_price) * rates[1] or math.nan)
    return Figure(share, "of servers", counted.provenance) if math.isfinite(share) else None


def _price(path: str, resolved: Resolved, estimate: Estimate) -> Figure | None:
    """A price or default in use, in the currency of its input; the network's by its share of the servers."""
    money = resolved.plan.money
    found = estimate.cost.used.get(path)
    if path == "money.onprem.network_price" and found is None:
        found = estimate.cost.onprem.lines.get("network")
    if path == "money.onprem.network_share" and found is None:
        return _share_of_counted(estimate.cost)
    wanted = getattr(money, path.split(".")[1]).currency if path.startswith(("money.onprem.", "money.cloud.")) else ""
    if (
        found is None
        or found.value is None
        or not wanted
        or found.unit[:3] not in ("JPY", "USD")
        or found.unit[:3] == wanted
    ):
        return found
    if money.usd_jpy is None:
        return None
    rate = money.usd_jpy if wanted == "JPY" else 1.0 / money.usd_jpy
    return Figure(found.value * rate, wanted + found.unit[3:], found.provenance)
