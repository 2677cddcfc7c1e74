"""One step of reinforcement learning: rollouts, log-probabilities, training, and the refit of weights.

A step of PPO or GRPO generates ``responses`` answers, reads their log-probabilities under the old policy and the reference and
scores them (forward passes), trains on them, and hands the new weights to the generating replicas. Where the generation runs
decides what the step takes (HybridFlow, arXiv 2409.19256; StreamRL, arXiv 2504.15930; NeMo RL):

``colocated``     all phases in turn on the same accelerators:  generation + forward passes + training + refit
``separate``      the same in turn on two sets of them, of which one always waits
``asynchronous``  both beside each other:                       max(generation, forward passes + training) + refit

In turn, the longest answer ends the generation; beside each other, answers of as many steps as may be behind are under way
at once and no replica waits for the longest. Weights change at every step, and engines sleep and wake between phases: all of it
runs at default settings (``tuned_default``), not at the level of a tuned recipe. Nothing here is fitted to such runs; held
against seven published ones (:mod:`model.calibration.reinforcement`, docs/method.md 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.training.generation import GenerationBatch, Replica, generation
from mitsumori.model.training.stages import FORWARD_SHARE
from mitsumori.model.training.step import StepBatch, step_time

TAIL_SHARE: Final = 0.125
"""Share of the sequences still running, in the mean, between the mean and the longest response: an assumption."""
REFIT_RATE: Final = 0.1
"""Share of the network that handing over weights reaches, gathers and renaming included: an assumption."""
REFIT_BYTES: Final = 2.0
"""Bytes of a parameter that is handed over: weights in 16 bits."""
CROSSING_S: Final = 100e-6
"""One small all-reduce of a replica that spans servers, two a layer: an assumption, several hops of the network."""


@dataclass(frozen=True, slots=True)
class Rollouts:
    """What one step generates.

    Attributes
    ----------
    responses
        Answers of one step, 1 or more.
    prompt_len, response_len
        Mean tokens of a prompt and of an answer.
    longest
        Tokens of the longest answer, at least the mean.
    answers
        Answers to one prompt, which is read once for all of them.
    """

    responses: Num
    prompt_len: float
    response_len: float
    longest: float
    answers: float = 1.0

    @property
    def total(self) -> float:
        """Tokens of a prompt with its answer."""
        return self.prompt_len + self.response_len


@dataclass(frozen=True, slots=True)
class Generated:
    """The rollouts of one step on a number of accelerators; numbers or arrays that broadcast.

    ``seconds`` until all answers are there, infinite where the model fits no replica; ``batch`` sequences a replica at once.
    """

    seconds: Array
    replicas: Array
    batch: Array
    found: GenerationBatch


def generated(
    arch: Architecture, gpu: Gpu, rolled: Rollouts, replica: Replica, gpus: Num, constants: Constants, *,
    behind: float = 0.0, params_scale: Num = 1.0,
) -> Generated:  # fmt: skip
    """Seconds until the answers of a step are there.

    ``rounds x response x decode step + prompts + (longest - response) x decode step of the last ones``; the last part only
    where training waits for it. Weights change between rounds, at default settings.

    Parameters
    ----------
    arch, gpu
        Model, and the accelerator that generates.
    rolled
        What is generated.
    replica
        How one replica runs; its batch is set here.
    gpus
        Accelerators that generate, 1 or more; whole replicas of them work.
    constants
        Fitted constants.
    behind
        Steps by which the answers may be older than the weights, 0 (in turn) or more.
    params_scale
        The user's parameter count over the architecture's.
    """
    size = np.asarray(replica.tp, dtype=float) * replica.pp
    whole = np.floor(np.asarray(gpus) / size)
    replicas = np.maximum(1.0, whole)
    together = max(1.0, behind)
    each = np.maximum(1.0, np.asarray(rolled.responses) * together / replicas)
    crossing = np.where(
        np.asarray(replica.tp) > float(gpu.domain), np.asarray(arch.layers, dtype=float) * 2.0 * CROSSING_S, 0.0
    )
    asked = replace(replica, prompt_len=rolled.prompt_len, response_len=rolled.response_len)
    found = generation(arch, gpu, replace(asked, wanted_batch=each), params_scale)
    batch = np.asarray(found.batch, dtype=float)
    step = np.asarray(found.step_s) + crossing
    rounds = np.maximum(1.0, each / np.maximum(batch, 1.0))
    seconds = rounds * rolled.response_len * step / together
    rate = np.asarray(found.prefill_tokens_per_s_per_gpu) * size
    prompts = np.asarray(rolled.responses) / rolled.answers / replicas
    seconds = seconds + prompts * rolled.prompt_len / np.maximum(rate, 1e-30)
    if behind <= 0:
        last = generation(arch, gpu, replace(asked, wanted_batch=np.maximum(1.0, batch * TAIL_SHARE)), params_scale)
        seconds = seconds + (rolled.longest - rolled.response_len) * (np.asarray(last.step_s) + crossing)
    runs = np.asarray(found.fits) & (whole >= 1)
    return Generated(
        np.where(runs, seconds / float(constants["tuned_default"]), np.inf), np.where(runs, replicas, 0.0), batch, found
    )


def trained(
    arch: Architecture, gpu: Gpu, parallel: Parallel, work: Work, rolled: Rollouts, batch: Num, constants: Constants
) -> tuple[StepBatch, Num]:
    """One optimizer step on ``batch`` answers packed into sequences of the layout, and what default settings slow it by.

    The level is 1 where the step has it already (``tuned`` 0).

    Parameters
    ----------
    arch, gpu, parallel
        Model, the accelerator that trains, its layout.
    work
        What the step computes.
    rolled
        The answers' lengths.
    batch
        Answers of one optimizer step, 1 or more.
    constants
        Fitted constants.
    """
    seq = np.asarray(parallel.seq_len, dtype=float)
    unit = np.asarray(parallel.dp) * parallel.micro_batch
    packed = np.maximum(1.0, np.ceil(np.asarray(batch) * rolled.total / seq / unit)) * unit
    layout = parallel.with_(global_batch=packed.astype(np.int64))
    short = np.minimum(1.0, rolled.total / seq)
    step = step_time(arch, gpu, layout, replace(work, attention_share=short, balanced=0.0), constants)
    level = np.where(np.asarray(parallel.tuned) == 0, 1.0, float(constants["tuned_default"]))
    return step, level


def forward_s(step: StepBatch) -> Num:
    """Seconds of a forward pass over the sequences of a step."""
    return np.asarray(step.compute_s + step.bubble_s + step.communication_s) * FORWARD_SHARE


def refit_s(parameters: Num, replica_gpus: Num, generator: Gpu, trainer: Gpu, trainers: Num) -> Num:
    """Seconds in which the new weights reach every replica over the network.

    Each accelerator of a replica receives its share, each of the trainer sends its own; the slower side decides.

    Parameters
    ----------
    parameters
        Of the model, above zero.
    replica_gpus
        Accelerators of one generating replica.
    generator, trainer
        The two kinds of accelerators.
    trainers
        Accelerators that train, 1 or more.
    """
    weights = REFIT_BYTES * np.asarray(parameters)
    receive = weights / replica_gpus / np.asarray(generator.nic_bytes_per_s)
    send = weights / trainers / np.asarray(trainer.nic_bytes_per_s)
    return np.maximum(receive, send) / REFIT_RATE


def whole_s(placement: str, generate: Num, train: Num, refit: Num) -> Num:
    """Seconds of one step: in turn, or beside each other where it is ``asynchronous``.

    Parameters
    ----------
    placement
        ``colocated``, ``separate`` or ``asynchronous``.
    generate, train, refit
        Seconds of the rollouts, of all passes of the trainer, and of handing over the weights.
    """
    return (np.maximum(generate, train) if placement == "asynchronous" else generate + train) + refit
