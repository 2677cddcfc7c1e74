"""A plan reduced to what some result depends on, the rest set to standard values.

What a function of a reduced plan gives holds for every plan that differs elsewhere, so that it can be kept
(:func:`functools.lru_cache`) while a slider moves something else; and it cannot depend on what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Final

from pydantic import BaseModel

from mitsumori.model.plan.plan import Plan

_STANDARD: Final = Plan()
_WORDS: Final = ("name", "language", "notes", "overrides", "set_aside", "origins", "table")
_NOT_FOR_SPEED: Final = (*_WORDS, "facility", "money", "serving")
_NOT_FOR_HALL: Final = (*_WORDS, "workload", "model", "parallel", "rollout", "money", "serving", "cluster")
_AMOUNTS: Final = {
    name: getattr(_STANDARD.workload, name)
    for name in (
        "tokens", "samples", "packing", "epochs", "conditions", "use", "runs_per_year", "start_date", "deadline",
        "deadline_days", "confidence", "evaluation_share",
    )
}  # fmt: skip


_FAILURES: Final = {
    name: getattr(_STANDARD.network, name)
    for name in (
        "fabric", "oversubscription", "rails", "storage", "storage_pb", "dataset_bytes_per_token", "checkpoints_kept",
        "checkpoint_stall_s", "checkpoint_interval_s", "mtbf_gpu_hours", "restart_s",
    )
}  # fmt: skip
"""What of the network part moves days, racks and money, and no step."""
_STANDING_BY: Final = {name: getattr(_STANDARD.cluster, name) for name in ("spare_servers", "more")}
"""Servers of the hall that do not train."""


def _others(names: tuple[str, ...]) -> tuple[str, ...]:
    # By what is left out, so that a part that comes new to the plan counts until somebody says that it does not.
    return tuple(name for name in Plan.model_fields if name not in names)


_SPEED: Final = ("workload", "network", "cluster", *_others((*_NOT_FOR_SPEED, "workload", "network", "cluster")))
_HALL: Final = ("cluster", *_others(_NOT_FOR_HALL))
_parts_for_speed: Final = attrgetter(*_SPEED[3:])
_parts_for_hall: Final = attrgetter(*_HALL[1:])


@dataclass(frozen=True, slots=True, eq=False)
class ReducedPlan:
    """A reduced plan as an argument of what is kept: one object for all plans that are the same after the reduction."""

    plan: Plan


def for_speed(plan: Plan) -> ReducedPlan:
    """What layout, memory and speed depend on: no amounts of work, failures, money, hall or words."""
    kind = BaseModel.model_copy(plan.workload, update=_AMOUNTS)
    network = BaseModel.model_copy(plan.network, update=_FAILURES)
    cluster = BaseModel.model_copy(plan.cluster, update=_STANDING_BY)
    if plan.serving.enabled and plan.rollout is not _STANDARD.rollout:
        # Servers that generate for a training stand in no hall of a plan that serves.
        plan = plan.with_parts(rollout=_STANDARD.rollout)
    return _with(_SPEED, kind, network, cluster, *_parts_for_speed(plan))


def for_placement(plan: Plan) -> ReducedPlan:
    """What decides what stands where: no model, work, layout, money or words; servers that generate are among the others."""
    cluster = plan.cluster
    if plan.generates_apart:
        cluster = BaseModel.model_copy(cluster, update={"more": plan.further})
    return _with(_HALL, cluster, *_parts_for_hall(plan))


def for_hall(plan: Plan) -> ReducedPlan:
    """:func:`for_placement` with what storage and running costs depend on: states of a checkpoint, use and price of energy,
    and the rent."""
    money, own = plan.money, plan.money.onprem
    return _with_running_costs(
        for_placement(plan), plan.parallel.precision, plan.parallel.optimizer, money.utilization,
        money.electricity_jpy_per_kwh, (money.fuel_adjustment_jpy_per_kwh, money.surcharge_jpy_per_kwh), own.site,
        own.currency, own.rent_per_rack_month,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _with(names: tuple[str, ...], *parts: object) -> ReducedPlan:
    return ReducedPlan(_STANDARD.with_parts(**dict(zip(names, parts, strict=True))))


@lru_cache(maxsize=256)
def _with_running_costs(
    reduced: ReducedPlan, precision: str, optimizer: str, utilization: float, price: float | None,
    added: tuple[float, float], site: str, currency: str, rent: float | None,
) -> ReducedPlan:  # fmt: skip
    plan = reduced.plan
    own = {"site": site, "currency": currency, "rent_per_rack_month": rent}
    money = {
        "utilization": utilization, "electricity_jpy_per_kwh": price,
        "fuel_adjustment_jpy_per_kwh": added[0], "surcharge_jpy_per_kwh": added[1],
        "onprem": BaseModel.model_copy(_STANDARD.money.onprem, update=own),
    }  # fmt: skip
    return ReducedPlan(
        plan.with_parts(
            parallel=BaseModel.model_copy(plan.parallel, update={"precision": precision, "optimizer": optimizer}),
            money=BaseModel.model_copy(plan.money, update=money),
        )
    )
