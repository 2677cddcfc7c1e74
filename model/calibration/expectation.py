"""How sure a plan's predicted speed is: interval, level from the user's own runs, published runs near."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import STACKS, TUNINGS, Parallel
from mitsumori.model.architecture.stacks import CUDA_GRAPHS, DISPATCHERS, Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import some
from mitsumori.model.base.figure import Provenance
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.calibration.conformal import UNMEASURED_GROWTH
from mitsumori.model.calibration.interval import Z80, band, calibrate, near_runs
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.plan.fixed_layout import fixed_layout
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.training.days import training_time
from mitsumori.model.training.results import NearRun
from mitsumori.model.training.stages import work_of
from mitsumori.model.training.step import step_time

TUNING_STAGES = frozenset({"sft", "lora", "qlora", "dpo"})
"""Stages whose measured runs are the LoRA and SFT rows."""

RL_HALF_WIDTH: Final = 0.6
"""Half-width (log) of the interval of PPO and GRPO, from seven published rows of one software on one accelerator
(docs/method.md 5.3)."""
OPEN_PARTS: Final = {
    "dispatcher": np.arange(float(len(DISPATCHERS))), "ep_overlap": np.array([0.0, 1.0]),
    "cuda_graphs": np.array([0.0, CUDA_GRAPHS.index("layer")]), "permute_fusion": np.array([0.0, 1.0]),
}  # fmt: skip
"""Parts of the recipe of models with experts by which the same layout was published at speeds up to 77 % apart, and what is
tried of each where a plan leaves it open."""
PLAN_MARKS: Final = ("_unknown", "_open")
"""What widens the interval of a plan beside the circumstances of :data:`model.calibration.conformal.MARKS`."""
MIXED_SHARE: Final = 0.84 / Z80
"""Distance of the twentieth percentile from the median over that of the tenth, of a normal distribution."""
RL_RUNS: Final = 7
"""Published runs of GRPO that the phases are held against (resources/runs/runs_rl.csv)."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What multiplies a predicted speed.

    Attributes
    ----------
    low, high
        The 80 % interval as factors of the corrected prediction.
    level, corrections
        Factor from the user's own measured runs, and how many there are.
    near, near_count
        The nearest published runs, and how many are near in all.
    kind
        Class of the interval (:func:`model.calibration.interval.class_of`).
    """

    low: float
    high: float
    level: float
    corrections: int
    near: tuple[NearRun, ...]
    near_count: int
    kind: str
    provenance: Provenance


def expectation(
    resolved: Resolved, gpu: Gpu, layout: Parallel, constants: Constants, corrections: Sequence[Correction]
) -> Expectation:
    """Interval and level of a plan's predicted speed, from left-out residuals and the user's own measured runs.

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu, layout
        Its accelerator and its layout, scalars.
    constants
        Fitted constants, with the interval of every class.
    corrections
        The project's measured runs; load tests among them are of serving and left aside.
    """
    tuning = resolved.plan.workload.stage in TUNING_STAGES
    runs = [item for item in corrections if item.serving is None]
    ratios = [ratio for item in runs if (ratio := log_ratio(item, resolved, constants)) is not None]
    if resolved.plan.learns_by_answers:
        return _reinforced(resolved, gpu, layout, tuple(ratios), str(constants.meta.get("date", "")))
    found = _expected(resolved.architecture, gpu, layout, constants, tuning, tuple(ratios))
    if ratios or TUNINGS[int(layout.tuned)] == "tuned":
        return found
    if TUNINGS[int(layout.tuned)] == "unknown":
        found = _of_unknown_tuning(found, resolved.architecture, gpu, layout, constants, tuning)
    if some(resolved.architecture.is_moe):
        slowest, fastest = _open_recipe(resolved.time_architecture, gpu, layout, work_of(resolved), constants)
        if slowest < found.low or fastest > found.high:
            low, high = min(found.low, slowest), max(found.high, fastest)
            found = replace(found, low=low, high=high, kind=f"{found.kind}_open")
    return found


def _of_unknown_tuning(
    found: Expectation, arch: Architecture, gpu: Gpu, layout: Parallel, constants: Constants, tuning: bool
) -> Expectation:
    """An interval for a plan of which nobody knows whether it is tuned: even chances of both.

    Predicted as the published recipes are; the low end is the tenth percentile of the mixture, near the twentieth of those with
    default settings.
    """
    default = _expected(arch, gpu, replace(layout, tuned=TUNINGS.index("default")), constants, tuning, ())
    below = float(constants["tuned_default"]) * default.low**MIXED_SHARE
    return found if below >= found.low else replace(found, low=below, kind=f"{found.kind}_unknown")


@lru_cache(maxsize=64)
def _open_recipe(
    arch: Architecture, gpu: Gpu, layout: Parallel, work: Work, constants: Constants
) -> tuple[float, float]:
    """Speed with the slowest and the fastest recipe that a plan leaves open, over the one it is predicted with."""
    open_ = {name: codes for name, codes in OPEN_PARTS.items() if getattr(work, name) is None}
    if not open_:
        return 1.0, 1.0
    grid = np.meshgrid(*open_.values())
    tried = replace(work, **{name: codes.ravel() for name, codes in zip(open_, grid, strict=True)})
    own = np.asarray(step_time(arch, gpu, layout, work, constants).total_s)
    faster = own / np.asarray(step_time(arch, gpu, layout, tried, constants).total_s)
    return float(faster.min()), float(faster.max())


def _reinforced(resolved: Resolved, gpu: Gpu, layout: Parallel, ratios: tuple[float, ...], date: str) -> Expectation:
    """Of PPO and GRPO: the spread of seven published runs, wider for each thing in which the plan differs from all of them.

    Those are GRPO of models with experts on Hopper, Megatron beside vLLM.
    """
    plan = resolved.plan
    foreign = (
        FAMILIES[int(gpu.family)] != "hopper"
        or STACKS[int(layout.stack)] != "megatron"
        or plan.rollout.engine != "vllm"
    )
    far = plan.workload.stage != "grpo" or not resolved.architecture.is_moe or plan.rollout.placement == "separate"
    shift, half = calibrate(ratios, RL_HALF_WIDTH * UNMEASURED_GROWTH ** (foreign + far))
    what = "rollouts, log-probabilities, training and refit of weights; docs/method.md, 5.3"
    provenance = Provenance("formula", what, "seven published runs of GRPO", "", date)
    kind = "rl" + "_foreign" * foreign + "_far" * far
    near = 0 if foreign or far else RL_RUNS
    return Expectation(math.exp(-half), math.exp(half), math.exp(shift), len(ratios), (), near, kind, provenance)


@lru_cache(maxsize=64)
def _expected(
    arch: Architecture, gpu: Gpu, layout: Parallel, constants: Constants, tuning: bool, ratios: tuple[float, ...]
) -> Expectation:
    found = band(arch, gpu, layout, constants, tuning=tuning, log_ratios=ratios)
    near = near_runs(arch, gpu, layout, tuning)
    date = str(constants.meta.get("date", ""))
    provenance = Provenance(
        "fitted",
        "matrix products, communication, pipeline and optimizer of a step; docs/method.md, 4",
        "constants fitted to published runs (resources/constants/report.md)",
        "",
        date,
    )
    return Expectation(
        found.low,
        found.high,
        found.level,
        found.measured,
        tuple(run for _, run in near),
        found.near,
        found.name,
        provenance,
    )


def log_ratio(correction: Correction, resolved: Resolved, constants: Constants) -> float | None:
    """log(measured / predicted) of a measured run; None where its plan cannot be predicted any more.

    Parameters
    ----------
    correction
        A measured run: its inputs and its tokens/s of one accelerator.
    resolved
        The plan whose catalogue the run is resolved with.
    constants
        Fitted constants.
    """
    return _log_ratio(correction, resolved.catalogue, constants)


@lru_cache(maxsize=256)
def _log_ratio(correction: Correction, catalogue: Catalogue, constants: Constants) -> float | None:
    # Predicting a run anew at each tick of a slider would cost a search.
    try:
        run = resolve(correction.inputs, catalogue)
        gpu = run.gpu
        layout = best_layout(run, constants) if correction.inputs.parallel.auto else fixed_layout(run)
        predicted = float(training_time(run, gpu, layout, constants).tokens_per_s_per_gpu)
    except PlanError:
        predicted = 0.0
    return math.log(correction.tokens_per_s_per_gpu / predicted) if predicted > 0 else None
