"""One step of reinforcement learning: rollouts, log-probabilities, training, and the refit of weights.

A step of PPO or GRPO generates ``responses`` answers, reads their log-probabilities under the old policy and the reference and
scores them (forward passes), trains on them, and hands the new weights to the generating replicas. Where the generation runs
decides what the step takes (HybridFlow, arXiv 2409.19256; StreamRL, arXiv 2504.15930; NeMo RL):

``colocated``     all phases in turn on the same accelerators:  generation + forward passes + training + refit + states moved
``separate``      the same in turn on two sets of them, of which one always waits
``asynchronous``  both beside each other:                       max(generation, forward passes + training) + refit

In turn and one step behind, the longest answer ends the generation; further behind, answers of as many steps as may be are
under way at once and no replica waits for the longest. Weights change at every step, and engines sleep and wake between
phases: all of it runs at default settings (``tuned_default``), not at the level of a tuned recipe. On shared accelerators
the engine takes only a part of the card, and the trainer's states leave it for the host while answers are generated. Nothing
here is fitted to such runs; held against seven published ones (:mod:`model.calibration.reinforcement`, docs/method.md 5.3).
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
from mitsumori.model.kernels.collectives import group_rate
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.memory.states import ADAM_STATE_BYTES
from mitsumori.model.serving.memory import USABLE_SHARE
from mitsumori.model.training.generation import GenerationBatch, Replica, generation
from mitsumori.model.training.stages import FORWARD_SHARE
from mitsumori.model.training.step import StepBatch, step_time
from mitsumori.model.training.terms.data_parallel import shards_of

REFIT_BYTES: Final = 2.0
"""Bytes of a parameter that is handed over: weights in 16 bits."""
REFIT_TENSOR_S: Final = 0.25e-3
"""Handing over one matrix on the host: gathered, renamed, looked up in the engine and cut; two dozen calls, an assumption."""
ATTENTION_MATRICES: Final = 4.0
"""Queries, keys, values and output, as published checkpoints keep them."""
SHARED_CARD: Final = 0.6
"""Share of a card that an engine takes beside a trainer (``gpu_memory_utilization`` of examples/configs/grpo_math_1B.yaml of
NVIDIA-NeMo/RL); all that engines take where a replica's weights need it."""
HOST_SHARE: Final = 0.1
"""Share of the host's link at which states move between card and host, in memory that is not pinned (``Tensor.to``): an
assumption."""
HELD_BYTES: Final = 4.0 + ADAM_STATE_BYTES
"""Master weight and moments of a parameter."""


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

    ``seconds`` until all answers are there, infinite where the model fits no replica; ``replicas`` that have an answer to
    write; ``batch`` sequences of a replica at once, in the mean.
    """

    seconds: Array
    replicas: Array
    batch: Array
    found: GenerationBatch


def generated(
    arch: Architecture, gpu: Gpu, rolled: Rollouts, replica: Replica, gpus: Num, constants: Constants, *,
    behind: float = 0.0, params_scale: Num = 1.0, shared: bool = False,
) -> Generated:  # fmt: skip
    """Seconds until the answers of a step are there.

    ``max(responses x response / N, longest / k) x decode step of N + prompts`` with N of a replica's sequences running in the
    mean, ``min(room, k x responses x response / longest)``: a batch thins out until its longest answer is there, k steps after
    its weights. k is 1 in turn and one step behind, where all answers start with the last weights and are there before the next
    step (``_calculate_target_weights`` of NeMo RL); k steps behind as many batches run together. Weights change between rounds,
    at default settings.

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
    shared
        Whether a trainer has the same accelerators: the engine then takes :data:`SHARED_CARD` of the card.
    """
    size = np.asarray(replica.tp, dtype=float) * replica.pp
    whole = np.floor(np.asarray(gpus) / size)
    replicas = np.maximum(1.0, whole)
    together = max(1.0, behind)
    each = np.maximum(1.0, np.asarray(rolled.responses) / replicas)
    running = np.maximum(1.0, each * together * rolled.response_len / rolled.longest)
    asked = replace(replica, prompt_len=rolled.prompt_len, response_len=rolled.response_len)
    if shared:
        part = generation(arch, gpu, replace(asked, memory_share=SHARED_CARD / USABLE_SHARE), params_scale)
        asked = replace(asked, memory_share=np.where(np.asarray(part.fits), SHARED_CARD / USABLE_SHARE, 1.0))
    found = generation(arch, gpu, replace(asked, wanted_batch=running), params_scale)
    batch = np.asarray(found.batch, dtype=float)
    steps = np.maximum(each * rolled.response_len / np.maximum(batch, 1.0), rolled.longest / together)
    rate = np.asarray(found.prefill_tokens_per_s_per_gpu) * size
    prompts = np.asarray(rolled.responses) / rolled.answers / replicas
    seconds = steps * np.asarray(found.step_s) + prompts * rolled.prompt_len / np.maximum(rate, 1e-30)
    runs = np.asarray(found.fits) & (whole >= 1)
    busy = np.minimum(replicas, np.ceil(np.asarray(rolled.responses) * together))
    return Generated(
        np.where(runs, seconds / float(constants["tuned_default"]), np.inf), np.where(runs, busy, 0.0), batch, found
    )


def trained(
    arch: Architecture, gpu: Gpu, parallel: Parallel, work: Work, rolled: Rollouts, batch: Num, constants: Constants
) -> tuple[StepBatch, Num]:
    """One optimizer step on ``batch`` answers packed into sequences of the layout, and what default settings slow it by.

    A replica packs its share of the answers into as few micro-batches of the layout's tokens as hold them, equally full; it
    has at least one whole answer. The level is 1 where the step has it already (``tuned`` 0).

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
    dp = np.asarray(parallel.dp)
    share = np.maximum(np.asarray(batch) / dp, 1.0) * rolled.total
    room = np.asarray(parallel.seq_len, dtype=float) * parallel.micro_batch
    count = np.ceil(share / room * (1.0 - 1e-9))
    length = share / count
    layout = parallel.with_(micro_batch=1, seq_len=length, global_batch=(dp * count).astype(np.int64))
    short = np.minimum(1.0, rolled.total / length)
    step = step_time(arch, gpu, layout, replace(work, attention_share=short, balanced=0.0), constants)
    level = np.where(np.asarray(parallel.tuned) == 0, 1.0, float(constants["tuned_default"]))
    return step, level


def forward_s(step: StepBatch) -> Num:
    """Seconds of a forward pass over the sequences of a step."""
    return np.asarray(step.compute_s + step.bubble_s + step.communication_s) * FORWARD_SHARE


def matrices(arch: Architecture) -> Num:
    """Weight matrices as published checkpoints name them: four of attention, two or three of each feed-forward block."""
    experts = np.asarray(arch.moe_experts) + (np.asarray(arch.moe_shared_ffn) > 0)
    moe = np.where(np.asarray(arch.is_moe), np.asarray(arch.layers) - arch.moe_dense_layers, 0.0)
    blocks = np.asarray(arch.layers) - moe + moe * experts
    return np.asarray(ATTENTION_MATRICES * np.asarray(arch.layers) + arch.mlp_matrices * blocks)


def refit_s(
    arch: Architecture, parameters: Num, generator: Gpu, trainer: Gpu, parallel: Parallel, constants: Constants, *,
    apart: bool,
) -> Num:  # fmt: skip
    """Seconds in which the new weights reach every replica.

    Every accelerator of the trainer gathers the whole weights from its group and hands them to the engine, which takes its
    part (Megatron-Bridge ``stream_weights_megatron_to_hf``, ``full_tensor`` of FSDP); engines on other servers receive all of
    them in a broadcast beside the gather, at the slower side's rate. One matrix after the other, by the host.

    Parameters
    ----------
    arch
        Whose matrices are counted.
    parameters
        Of the model, above zero.
    generator, trainer
        The two kinds of accelerators.
    parallel
        The trainer's layouts.
    constants
        Fitted constants.
    apart
        Whether the engine runs on accelerators of its own.
    """
    weights, rate = REFIT_BYTES * np.asarray(parameters), float(constants["link_rate"])

    def sustained(gpu: Gpu, members: Num) -> Num:
        domain = np.asarray(gpu.joined, dtype=float)
        return rate * group_rate(members, 1.0, domain, gpu.link_bytes_per_s, gpu.nic_bytes_per_s)

    split = np.asarray(parallel.tp) * parallel.pp * parallel.ep
    members = np.where(shards_of(arch, parallel).gathered, parallel.gpus, np.minimum(split, parallel.gpus))
    moved = np.where(members > 1, weights / sustained(trainer, members), 0.0)
    if apart:
        beyond = float(np.asarray(generator.joined)) + 1.0
        moved = np.maximum(moved, weights / np.minimum(sustained(trainer, beyond), sustained(generator, beyond)))
    return moved + REFIT_TENSOR_S * matrices(arch)


def swap_s(arch: Architecture, gpu: Gpu, parallel: Parallel) -> Num:
    """Seconds in which weights and optimizer states of a trainer leave shared accelerators for the host and come back.

    ``2 (2 bytes x parameters + 12 bytes x shard) / (host link x HOST_SHARE)``.

    Parameters
    ----------
    arch, gpu, parallel
        Model, accelerator, the trainer's layouts.
    """
    own = shards_of(arch, parallel)
    shard, whole = own.dense / own.group + own.experts / own.expert_group, own.dense + own.experts
    held, weights = np.where(np.asarray(own.zero) >= 1, shard, whole), np.where(own.gathered, shard, whole)
    return 2.0 * (REFIT_BYTES * weights + HELD_BYTES * held) / (np.asarray(gpu.host_bytes_per_s) * HOST_SHARE)


def whole_s(placement: str, generate: Num, train: Num, refit: Num) -> Num:
    """Seconds of one step: in turn, or beside each other where it is ``asynchronous``.

    Parameters
    ----------
    placement
        ``colocated``, ``separate`` or ``asynchronous``.
    generate, train, refit
        Seconds of the rollouts, of all passes of the trainer, and of handing over the weights (states that move included).
    """
    return (np.maximum(generate, train) if placement == "asynchronous" else generate + train) + refit
