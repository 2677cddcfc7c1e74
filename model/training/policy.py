"""A plan's step of PPO or GRPO: where its answers are generated, by which replicas, and what the step takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.plan.resolve import Generator, Resolved
from mitsumori.model.training.generation import ENGINE_YEAR, Replica
from mitsumori.model.training.reinforcement import (
    Generated,
    Rollouts,
    forward_s,
    generated,
    refit_s,
    swap_s,
    trained,
    whole_s,
)
from mitsumori.model.training.stages import REPLICA_SIZES, Workflow, narrow_weights, work_of
from mitsumori.model.training.step import StepBatch

MOST_SERVERS: Final = 16
"""Servers that generate, over those that train, up to which a number is sought."""

NUMBERS_TRIED: Final = 96
"""Numbers of servers that are tried, in equal steps of a logarithm: neighbours are less than a tenth apart."""


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Seconds of one step by phase; those of training of the layouts' shape.

    Attributes
    ----------
    placement, server, servers, generating
        Where the answers come from: key and number of the servers beside the cluster (0: the cluster itself), and the
        accelerators that only generate.
    tp, pp
        Accelerators of one stage of a replica, and its stages.
    rollout
        The answers of a step.
    step
        One optimizer step.
    tokens
        Prompt and answer tokens of a step.
    generate_s, own_s, others_s, refit_s, total_s
        Rollouts, the model's own training, passes of the other roles, handing over the weights (on shared accelerators with
        the trainer's states that leave for the host and come back), the whole step.
    """

    placement: str
    server: str
    servers: int
    generating: int
    tp: int
    pp: int
    rollout: Generated
    step: StepBatch
    tokens: Num
    generate_s: Num
    own_s: Num
    others_s: Num
    refit_s: Num
    total_s: Num

    @property
    def waited_s(self) -> Num:
        """Seconds in which the trainer waits for answers."""
        train = np.asarray(self.own_s) + self.others_s
        return (
            np.maximum(0.0, self.generate_s - train)
            if self.placement == "asynchronous"
            else np.asarray(self.generate_s)
        )

    @property
    def trainer_busy(self) -> Num:
        """Share of a step in which the trainer's accelerators train."""
        return (np.asarray(self.own_s) + self.others_s) / self.total_s

    @property
    def generator_busy(self) -> Num:
        """Share of a step in which the accelerators that generate do so."""
        return np.asarray(self.generate_s) / self.total_s


def rollouts_of(resolved: Resolved, responses: Num) -> Rollouts:
    """The answers of a step; the longest fills the sequence that the layout trains on.

    Parameters
    ----------
    resolved
        The plan with its records.
    responses
        Answers of one step, 1 or more.
    """
    work = resolved.plan.workload
    longest = max(float(work.response_len), float(resolved.plan.parallel.seq_len - work.prompt_len))
    answers = float(work.responses_per_prompt) if work.stage == "grpo" else 1.0
    return Rollouts(responses, float(work.prompt_len), float(work.response_len), longest, answers)


def policy_step(
    resolved: Resolved, gpu: Gpu, parallel: Parallel, constants: Constants, flow: Workflow, rented: bool = False
) -> PolicyStep:
    """One step of the plan on a batch of layouts.

    Parameters
    ----------
    resolved, gpu, parallel, constants
        Plan, the accelerator that trains, layouts and the fitted constants.
    flow
        The stage's workflow: passes of the other roles.
    rented
        Whether ``gpu`` is rented; what generates is then of its kind too.
    """
    plan, source = resolved.plan, resolved.generator
    apart = plan.generates_apart
    engine = gpu if rented or not apart else source.gpu
    rolled = rollouts_of(resolved, np.asarray(parallel.global_batch, dtype=float))
    arch = resolved.time_architecture
    step, level = trained(arch, gpu, parallel, work_of(resolved), rolled, rolled.responses, constants)
    own = np.asarray(step.total_s) / level
    others = own * flow.extra_training + np.asarray(forward_s(step)) / level * flow.extra_forward
    train = own + others
    behind = float(plan.rollout.staleness_steps) if plan.rollout.placement == "asynchronous" and apart else 0.0
    sizes = _sizes(resolved, None if apart else resolved.accelerators)
    pool = _pools(resolved, source) if apart else np.array([resolved.accelerators])
    stages = plan.rollout.pp or 1
    precision = "fp8" if narrow_weights(resolved, engine) else "bf16"
    replica = Replica(
        sizes, rolled.prompt_len, rolled.response_len, precision, stages, plan.rollout.ep, engine=plan.rollout.engine,
        year=plan.rollout.engine_year or ENGINE_YEAR,
    )  # fmt: skip
    most = float(np.max(np.asarray(rolled.responses)))
    ways = generated(
        resolved.architecture, engine, Rollouts(most, rolled.prompt_len, rolled.response_len, rolled.longest, rolled.answers),
        replica, pool[:, None], constants, behind=behind, params_scale=resolved.params_scale, shared=not apart,
    )  # fmt: skip
    # Replicas inside the scale-up domain where one holds the model; several servers' accelerators only where none does.
    seconds = ways.seconds
    inside = np.isfinite(seconds) & (sizes <= int(engine.joined))
    seconds = np.where(inside.any(axis=-1, keepdims=True), np.where(inside, seconds, np.inf), seconds)
    refit = np.asarray(refit_s(arch, resolved.parameters, engine, gpu, parallel, constants, apart=apart))
    refit = refit if apart else refit + swap_s(arch, gpu, parallel)
    placement = plan.rollout.placement if apart else "colocated"
    each = whole_s(placement, seconds, float(np.min(train)), float(np.min(refit)))
    cost = each * ((resolved.accelerators + pool[:, None]) if apart else 1.0)
    place, size = np.unravel_index(int(np.argmin(cost)), seconds.shape)
    at = int(place), int(size)
    chosen = Generated(
        np.asarray(ways.seconds[at]), np.asarray(np.broadcast_to(ways.replicas, seconds.shape)[at]),
        np.asarray(np.broadcast_to(ways.batch, seconds.shape)[at]), ways.found.one(seconds.shape, at),
    )  # fmt: skip
    servers = int(pool[place]) // source.per_server if apart else 0
    whole = whole_s(placement, chosen.seconds, train, refit)
    return PolicyStep(
        placement, source.server.key, servers, int(pool[place]) if apart else 0, int(sizes[size]), stages, chosen, step,
        np.asarray(rolled.responses) * rolled.total, chosen.seconds, own, others, refit, whole,
    )  # fmt: skip


def moved_seconds(resolved: Resolved, gpu: Gpu, parallel: Parallel) -> Num:
    """Seconds a trained token in which a trainer's states leave shared accelerators and come back, once a step of answers.

    Parameters
    ----------
    resolved, gpu, parallel
        The plan with its records, the accelerator, layouts.
    """
    plan = resolved.plan
    if not plan.learns_by_answers or plan.generates_apart:
        return 0.0
    tokens = resolved.global_batch * (plan.workload.prompt_len + plan.workload.response_len)
    return np.asarray(swap_s(resolved.architecture, gpu, parallel)) / tokens


def _sizes(resolved: Resolved, gpus: int | None) -> Array:
    """Accelerators of a stage of a replica that are tried: the plan's own, else powers of two (that divide the cluster)."""
    part = resolved.plan.rollout
    if part.tp:
        return np.array([part.tp])
    stages = part.pp or 1
    allowed = [size for size in REPLICA_SIZES if gpus is None or gpus % (size * stages) == 0]
    return np.array(allowed or [1])


def _pools(resolved: Resolved, source: Generator) -> Array:
    """Numbers of accelerators that may generate: of the plan's own servers, else of every number worth trying."""
    given = resolved.plan.rollout.servers
    if given is not None:
        return np.array([given * source.per_server])
    most = max(MOST_SERVERS, MOST_SERVERS * -(-resolved.accelerators // source.per_server))
    steps = np.unique(np.round(np.geomspace(1, most, NUMBERS_TRIED)).astype(int))
    return steps * source.per_server
