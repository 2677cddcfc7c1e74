"""Speed and days of a plan as figures: prediction, the user's own figures in its place, and what there is to say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import Language
from mitsumori.model.calibration.expectation import Expectation, expectation
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.estimate.results import Predicted
from mitsumori.model.estimate.run import Run, time_of
from mitsumori.model.estimate.training_findings import training_findings
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.plan.overrides import SPEED, SPEED_HIGH, SPEED_LOW, step_part
from mitsumori.model.plan.parts import Network, Workload
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.search.single import as_plan_fields
from mitsumori.model.training.days import TrainingTime, restart_s, stall_s, training_time
from mitsumori.model.training.recipe import recipe_in_use
from mitsumori.model.training.results import RecipeUsed, RolloutResult, TrainingDetails, TrainingResult
from mitsumori.model.training.stages import workflow
from mitsumori.model.training.step import StepParts, Traffic

GOODPUT_PROVENANCE: Final = Provenance(
    "formula", "checkpoints, failures and restarts; docs/method.md, 5.2",
    "Daly 2006, Young 1974; failure rate of Llama 3", "https://arxiv.org/abs/2407.21783", "2024-07",
)  # fmt: skip


def training(
    resolved: Resolved, run: Run, layout: Parallel, corrections: Sequence[Correction], held: Mapping[str, float]
) -> tuple[TrainingResult, TrainingTime, list[Finding], Predicted]:
    """Speed, days and their parts on a layout; the time itself, findings, and what was predicted.

    Parameters
    ----------
    resolved, run
        The plan, and what of it decides the speed.
    layout
        Its parallel layout.
    corrections, held
        As in :func:`model.estimate.estimate.estimate`.
    """
    plan = resolved.plan
    entered = _Entered(resolved.tokens, plan.language, tuple(plan.overrides.items()), tuple(held.items()))
    result, time, findings, predicted = _training(run, layout, plan.workload, plan.network, entered, tuple(corrections))
    return result, time, list(findings), predicted


@dataclass(frozen=True, slots=True)
class _Entered:
    """What of a plan is said beside its parts: tokens, language, overrides and held figures as pairs."""

    tokens: float
    language: Language
    overrides: tuple[tuple[str, float], ...]
    held: tuple[tuple[str, float], ...]


@lru_cache(maxsize=64)
def _training(
    run: Run, layout: Parallel, work: Workload, network: Network, entered: _Entered, corrections: tuple[Correction, ...]
) -> tuple[TrainingResult, TrainingTime, tuple[Finding, ...], Predicted]:
    """:func:`training` of all plans that are the same in what it receives: no money, no hall."""
    plan = run.resolved.plan.with_parts(
        workload=work, network=network, language=entered.language, overrides=dict(entered.overrides)
    )
    resolved, held, gpu = replace(run.resolved, plan=plan, tokens=entered.tokens), dict(entered.held), run.gpu
    findings: list[Finding] = []
    expected = expectation(resolved, gpu, layout, run.constants, corrections)

    def timed(level: float) -> TrainingTime:
        pace = time_of(run, layout, plan.network, plan.workload.conditions, plan.workload.evaluation_share, level)
        return pace.of_tokens(resolved.tokens)

    time = timed(expected.level)
    predicted = float(time.tokens_per_s_per_gpu)
    tokens_per_step, accelerators = float(time.tokens_per_step), float(time.accelerators)
    low, high, provenance = expected.low, expected.high, expected.provenance
    wanted = held.get(SPEED, predicted) if predicted > 0 else predicted
    figures = {SPEED: wanted, SPEED_LOW: wanted * low, SPEED_HIGH: wanted * high}
    seconds: dict[str, float] = {}
    if predicted > 0:
        seconds = {name: value * predicted / wanted for name, value in _step_parts(time, tokens_per_step).items()}
        figures |= {step_part(name): value for name, value in seconds.items()}
        mine = {name: plan.overrides[step_part(name)] for name in seconds if step_part(name) in plan.overrides}
        if mine and sum((seconds | mine).values()) > 0:
            seconds |= mine
            wanted = tokens_per_step / sum(seconds.values()) / accelerators
            provenance = Provenance("user", "overrides.training.breakdown_s")
        if SPEED in plan.overrides:
            wanted = plan.overrides[SPEED]
            shown = {"value": fmt.significant(predicted), "entered": fmt.significant(wanted)}
            findings.append(Finding("training_overridden", "info", f"overrides.{SPEED}", shown))
            low, high, provenance = 1.0, 1.0, Provenance("user", f"overrides.{SPEED}")
        elif mine:
            shown = {"value": fmt.significant(predicted), "entered": fmt.significant(wanted)}
            findings.append(Finding("training_step_overridden", "info", "overrides.training.breakdown_s", shown))
        if wanted != predicted:
            time = timed(expected.level * wanted / predicted)
    speed, useful = float(time.tokens_per_s_per_gpu), float(time.goodput)
    if speed > 0:
        low = min(1.0, plan.overrides[SPEED_LOW] / speed) if SPEED_LOW in plan.overrides else low
        high = max(1.0, plan.overrides[SPEED_HIGH] / speed) if SPEED_HIGH in plan.overrides else high
    flow = workflow(resolved)
    runs = speed > 0 and useful > 0
    days = float(time.days) if runs else None

    def slow(value: float | None, unit: str = "") -> Figure:
        """A figure that grows as the speed falls: its high end belongs to the speed's low end."""
        if value is None or not math.isfinite(value):
            return unknown("training_does_not_advance" if useful <= 0 else "training_generation_does_not_fit", unit)
        return Figure(value, unit, provenance, value / high, value / low)

    step_s = float(time.s_per_token * tokens_per_step) if runs else None
    parts = _breakdown(seconds, step_s, useful) if runs and step_s is not None else {}
    speed_figure = Figure(speed, "tokens/s", provenance, speed * low, speed * high)
    mfu = float(time.mfu)
    result = TrainingResult(
        tokens_per_s_per_gpu=speed_figure,
        mfu=_mfu(mfu, provenance, *((low, high) if time.policy is None else (None, None))),
        step_time_s=slow(step_s, "s"),
        breakdown_s=StepParts(**{name: Figure(value, "s", provenance) for name, value in parts.items()}),
        days=slow(days, "days"),
        goodput=Figure(useful, "", GOODPUT_PROVENANCE),
        gpu_hours=slow(None if days is None else days * 24.0 * accelerators, "GPU h"),
        tokens=Figure(resolved.tokens, "tokens", Provenance("user", "workload.tokens")),
        near_runs=expected.near_count,
        near=expected.near,
        parallel=as_plan_fields(layout),
        details=_training_details(resolved, run, layout, time, expected),
    )
    findings += training_findings(resolved, gpu, layout, time, expected, flow.trains)
    return result, time, tuple(findings), Predicted(figures, expected.provenance)


def _mfu(value: float, provenance: Provenance, low: float | None, high: float | None) -> Figure:
    """The utilization of the training step; None for ends that are those of another step, rollouts included."""
    if not math.isfinite(value):
        return unknown("training_no_mfu")
    ends = (None, None) if low is None or high is None else (value * low, value * high)
    return Figure(value, "", provenance, *ends)


def _step_parts(time: TrainingTime, tokens_per_step: float) -> dict[str, float]:
    """Seconds of one step by part, as predicted."""
    parts: dict[str, float] = {}
    if time.step is not None:
        step = {name: float(value) for name, value in time.step.breakdown().items()}
        own = sum(step.values())
        scale = float(time.train_own_s_per_token) * tokens_per_step / own
        # A part that is a difference may end a rounding error below zero.
        parts = {name: max(0.0, value * scale) for name, value in step.items()}
        others = float(time.train_s_per_token) * tokens_per_step - sum(parts.values())
        if others > 1e-9 * sum(parts.values()):
            parts["other_roles"] = others
    if time.rolled is not None:
        parts["generation"] = float(time.generate_s_per_token) * tokens_per_step
    if time.policy is not None:
        parts["refit"] = float(time.refit_s_per_token) * tokens_per_step
    return parts


def _breakdown(seconds: Mapping[str, float], step_s: float, useful: float) -> dict[str, float]:
    """The parts scaled to the step, and what failures take of calendar time."""
    scale = step_s / sum(seconds.values())
    return {name: value * scale for name, value in seconds.items()} | {"lost": step_s * (1.0 / useful - 1.0)}


@lru_cache(maxsize=64)
def _recipe(run: Run, layout: Parallel) -> Mapping[str, RecipeUsed]:
    """The recipe of what the clock sees."""
    used = recipe_in_use(run.resolved, layout)
    return {name: RecipeUsed(part.word, part.stated) for name, part in used.items()}


def _training_details(
    resolved: Resolved, run: Run, layout: Parallel, time: TrainingTime, expected: Expectation
) -> TrainingDetails:
    step, rolled = time.step, time.rolled
    recipe = {} if step is None else dict(_recipe(run, layout))
    traffic = None if step is None else Traffic(**{name: float(s) for name, s in step.communication().items()})
    return TrainingDetails(
        parameters=resolved.parameters,
        accelerators=int(time.accelerators),
        mtbf_hours=float(time.failures.mtbf_s) / 3600.0,
        checkpoint_interval_s=float(time.failures.interval_s),
        checkpoint_stall_s=stall_s(resolved),
        restart_s=restart_s(resolved),
        evaluation_share=time.evaluation_share,
        interval_class=expected.kind,
        correction=expected.level,
        recipe=recipe,
        communication_s=traffic,
        generation_tokens_per_s_per_gpu=None if rolled is None else float(rolled.tokens_per_s_per_gpu),
        generation_batch=None if rolled is None else float(rolled.batch),
        generation_tp=None if rolled is None else time.rollout_tp,
        tokens_per_step=float(time.tokens_per_step),
        rollout=None if time.policy is None else _rollout(resolved, time, expected.level),
    )


def with_generators(resolved: Resolved, found: TrainingResult) -> Resolved:
    """The plan with the number of servers that generate for it, where that was left open.

    Parameters
    ----------
    resolved
        The plan with its records.
    found
        Its training.
    """
    there = found.details.rollout
    if there is None or not there.servers or resolved.plan.rollout.servers == there.servers:
        return resolved
    part = resolved.plan.rollout.model_copy(update={"servers": there.servers})
    return replace(resolved, plan=resolved.plan.with_parts(rollout=part))


def _rollout(resolved: Resolved, time: TrainingTime, level: float) -> RolloutResult:
    """The rollouts of a step as people and programs read them; seconds with the level from measured runs."""
    policy = time.policy
    assert policy is not None
    found, whole = policy.rollout.found, float(policy.total_s)
    runs = math.isfinite(whole)
    names = ("weights_bytes", "cache_bytes", "workspace_bytes", "reserve_bytes")
    memory = {name: float(getattr(found, name)) for name in names}
    card = resolved.generator.gpu if policy.generating else resolved.gpu
    return RolloutResult(
        placement=policy.placement, server=policy.server, servers=policy.servers, accelerators=policy.generating,
        tp=policy.tp, pp=policy.pp, replicas=float(policy.rollout.replicas), sequences=float(policy.rollout.batch),
        responses=float(time.tokens_per_step) / (resolved.plan.workload.prompt_len + resolved.plan.workload.response_len),
        generation_s=float(policy.generate_s) / level if runs else None,
        training_s=float(np.asarray(policy.own_s) + policy.others_s) / level, refit_s=float(policy.refit_s) / level,
        step_s=whole / level if runs else None,
        trainer_busy_share=float(policy.trainer_busy) if runs else None,
        generator_busy_share=float(policy.generator_busy) if runs else None,
        memory_per_gpu=memory | {"capacity_bytes": float(card.memory_bytes)},
    )  # fmt: skip


def cloud_speed(resolved: Resolved, gpu: Gpu, layout: Parallel, time: TrainingTime, constants: Constants) -> float:
    """Predicted tokens a second of one rented accelerator over one owned, on the same layout; 1 for the same kind.

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu
        The owned accelerator.
    layout
        The layout, a batch of one.
    time
        Its time on the owned accelerator.
    constants
        Fitted constants.
    """
    instance = resolved.cloud_instance
    if instance is None or instance.accelerator == resolved.accelerator.key:
        return 1.0
    rented = resolved.catalogue.accelerators().get(instance.accelerator) if instance.accelerator else None
    if rented is None:
        return 1.0
    per_gpu = None
    if instance.network_gbps is not None and instance.accelerators is not None:
        per_gpu = instance.network_gbps / instance.accelerators
    other = training_time(resolved, gpu_of(rented, nic_gbps=per_gpu), layout, constants, rented=True)
    own = training_time(resolved, gpu, layout, constants)
    if float(own.tokens_per_s_per_gpu) <= 0 or float(other.tokens_per_s_per_gpu) <= 0:
        return 1.0
    return float(other.tokens_per_s_per_gpu) / float(own.tokens_per_s_per_gpu)
