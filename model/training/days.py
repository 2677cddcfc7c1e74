"""How long a training takes: speed, days, goodput.

``days = tokens * seconds a token / 86400 / goodput`` (docs/method.md 5.1), where the seconds a token add the training
step, the other role models' passes and generation (:mod:`model.training.stages`), and goodput is what failures, restarts and
checkpoints leave (:mod:`model.training.goodput`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, Parallel
from mitsumori.model.architecture.transformer import model_flop_per_token
from mitsumori.model.base.arrays import Num
from mitsumori.model.base.units import SECONDS_PER_DAY
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.generation import GenerationBatch
from mitsumori.model.training.goodput import (
    LLAMA3_MTBF_GPU_HOURS,
    Goodput,
    goodput,
    standard_restart_s,
    standard_stall_s,
)
from mitsumori.model.training.policy import PolicyStep, policy_step
from mitsumori.model.training.stages import Workflow, rollout, seconds_per_token, work_of, workflow
from mitsumori.model.training.step import StepBatch, step_time

EVALUATION_SHARE: Final = 0.02
"""Share of a campaign's time spent on evaluation and data changes while the cluster waits: an assumption (no published
mean); it applies to pre-training kinds only."""


@dataclass(frozen=True, slots=True)
class TrainingTime:
    """Speed and duration of a batch of layouts.

    Attributes
    ----------
    step
        The training step, None when the stage only generates.
    rolled, rollout_tp
        Generation of the stage, None without any, and accelerators of one generating replica.
    policy
        The step of PPO and GRPO by phase; None for other stages.
    tokens_per_step
        Tokens of one step: of its sequences, or of the prompts and answers of PPO and GRPO.
    accelerators
        That train or generate.
    train_own_s_per_token, train_s_per_token, generate_s_per_token, refit_s_per_token
        Seconds of the whole cluster a token, before failures: the model's own training step, the same with the other role
        models, the generation that training waits for, and handing over weights to it.
    tokens_per_s_per_gpu
        Trained (or generated) tokens of one accelerator a second, all roles and all accelerators included.
    mfu
        Model FLOPs (causal attention, no recomputation) over the dense peak of the plan's precision; NaN without training.
    goodput
        Share of the calendar time that trains.
    days
        Calendar days of one training.
    """

    step: StepBatch | None
    rolled: GenerationBatch | None
    rollout_tp: int
    policy: PolicyStep | None
    tokens_per_step: Num
    accelerators: Num
    train_own_s_per_token: Num
    train_s_per_token: Num
    generate_s_per_token: Num
    refit_s_per_token: Num
    tokens_per_s_per_gpu: Num
    mfu: Num
    failures: Goodput
    evaluation_share: float
    goodput: Num
    days: Num

    @property
    def s_per_token(self) -> Num:
        """Seconds of the whole cluster a token, all phases."""
        return self.train_s_per_token + self.generate_s_per_token + self.refit_s_per_token

    def of_tokens(self, tokens: float) -> TrainingTime:
        """The same speed for another number of tokens."""
        return replace(self, days=days_of(tokens, self.s_per_token, self.goodput))


def days_of(tokens: float, s_per_token: Num, useful: Num) -> Num:
    """Calendar days: ``tokens * seconds a token / 86400 / goodput``.

    Parameters
    ----------
    tokens
        Tokens of one training, above zero.
    s_per_token
        Seconds of the whole cluster a token.
    useful
        Share of the time that makes progress, 0-1.
    """
    return tokens * s_per_token / SECONDS_PER_DAY / np.maximum(useful, 1e-9)


def peak_flops(gpu: Gpu, precision: Num) -> Num:
    """Dense data-sheet peak of a precision (codes), FLOP/s; what MFU is measured against."""
    table = {
        "fp32": gpu.fp32_flops, "tf32": gpu.tf32_flops, "fp16": gpu.bf16_flops, "bf16": gpu.bf16_flops,
        "fp8": gpu.fp8_flops, "mxfp8": gpu.fp8_flops, "nvfp4": gpu.fp4_flops,
    }  # fmt: skip
    return np.choose(np.asarray(precision), [np.asarray(table[name]) for name in PRECISIONS])


def plan_goodput(resolved: Resolved, gpus: Num) -> Goodput:
    """Goodput with the plan's checkpoint stall, restart time and failure rate, on any number of accelerators.

    What is left open is the standard of a cluster of that size.
    """
    network = resolved.plan.network
    size = float(np.max(gpus))
    return goodput(
        gpus,
        stall_s(resolved, size),
        mtbf_gpu_hours=network.mtbf_gpu_hours or LLAMA3_MTBF_GPU_HOURS,
        restart_s=restart_s(resolved, size),
        interval_s=network.checkpoint_interval_s,
    )


def stall_s(resolved: Resolved, gpus: float | None = None) -> float:
    """Seconds that one checkpoint holds the training up: the user's, else the standard of the size (None: the plan's)."""
    given = resolved.plan.network.checkpoint_stall_s
    return standard_stall_s(gpus or resolved.all_accelerators) if given is None else given


def restart_s(resolved: Resolved, gpus: float | None = None) -> float:
    """Seconds from a stop until training goes on: the user's, else the standard of the size (None: the plan's)."""
    given = resolved.plan.network.restart_s
    return standard_restart_s(gpus or resolved.all_accelerators) if given is None else given


def evaluation_share(resolved: Resolved) -> float:
    """Share of a campaign spent on evaluation while the cluster waits: the user's, else 2 % of pre-training kinds."""
    work = resolved.plan.workload
    if work.conditions != "campaign":
        return 0.0
    if work.evaluation_share is not None:
        return work.evaluation_share
    return EVALUATION_SHARE if work.stage in ("pretrain", "continual") else 0.0


def training_time(
    resolved: Resolved,
    gpu: Gpu,
    parallel: Parallel,
    constants: Constants,
    level: Num = 1.0,
    flow: Workflow | None = None,
    rented: bool = False,
) -> TrainingTime:
    """Speed and days of a plan on a batch of layouts.

    Parameters
    ----------
    resolved, gpu, parallel, constants
        Plan, accelerator, layouts and the fitted constants.
    level
        Factor on the predicted speed from the user's own measured runs (:mod:`model.calibration.interval`); 1 without any.
    flow
        The stage's workflow; None looks it up.
    rented
        Whether ``gpu`` is a rented one in the place of the plan's own.
    """
    flow = flow or workflow(resolved)
    policy, step, rolled, rollout_tp = None, None, None, 0
    own: Num = 0.0
    refit: Num = 0.0
    if resolved.plan.learns_by_answers:
        policy = policy_step(resolved, gpu, parallel, constants, flow, rented)
        step, rolled, rollout_tp = policy.step, policy.rollout.found, policy.tp
        per_step = policy.tokens
        own, train = policy.own_s / per_step, (policy.own_s + policy.others_s) / per_step
        generate, refit = policy.waited_s / per_step, policy.refit_s / per_step / level
    else:
        if flow.trains:
            step = step_time(resolved.time_architecture, gpu, parallel, work_of(resolved), constants)
            own = step.total_s / step.tokens
        rolled, rollout_tp = rollout(resolved, gpu) if flow.generated else (None, 0)
        train, generate = seconds_per_token(resolved, flow, step, rolled)
        per_step = parallel.tokens_per_step
    train, generate = np.asarray(train) / level, np.asarray(generate) / level
    total = train + generate + refit
    gpus = np.asarray(parallel.gpus) + (0 if policy is None else policy.generating)
    speed = np.where(np.isfinite(total), 1.0 / np.maximum(total, 1e-30) / gpus, 0.0)
    flop = model_flop_per_token(resolved.time_architecture, parallel.seq_len)
    mfu: Num = np.full(np.shape(speed), np.nan)
    if step is not None:
        mfu = step.tokens_per_s_per_gpu * level * flop / peak_flops(gpu, parallel.precision)
    failures = plan_goodput(resolved, gpus)
    campaign = resolved.plan.workload.conditions == "campaign"
    evaluation = evaluation_share(resolved)
    useful = failures.goodput * (1.0 - evaluation) if campaign else np.ones_like(failures.goodput)
    days = days_of(resolved.tokens, total, useful)
    return TrainingTime(
        step, rolled, rollout_tp, policy, per_step, gpus, own / level, train, generate, refit, speed, mfu, failures,
        evaluation, useful, days,
    )  # fmt: skip
