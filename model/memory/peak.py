"""Peak memory of one GPU by pipeline stage and by phase of a training step.

``peak_memory`` answers for a batch of layouts: the stages that can be the worst are the first, the last and at most two
interior ones, so the batch never loops over p stages; ``stage_peaks`` and ``phases`` show one plan in detail from
the same formulas. Two software families, chosen by the stack: Megatron-like (peak *allocated*, to which the
allocator's reserve is added) and PyTorch FSDP (peak *reserved*: what torchtitan logs).

References
----------
Rajbhandari et al., arXiv 1910.02054; Narayanan et al., arXiv 2104.04473 (1F1B, interleaving); Korthikanti et al., arXiv
2205.05198; Liang et al., *TorchTitan*, arXiv 2410.06511. Published peaks: tests/validation/test_memory_published.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import REPLICA_AXES, Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Condition, Indices, Num, some
from mitsumori.model.base.rounding import round_half_up
from mitsumori.model.base.units import GIB
from mitsumori.model.memory.eager import EagerStages
from mitsumori.model.memory.fsdp import YEAR_OF_RELEASE_0_1, FsdpStages
from mitsumori.model.memory.megatron import MegatronStages
from mitsumori.model.memory.options import MemoryOptions, StagePeak
from mitsumori.model.memory.states import (
    BF16,
    DEEPSPEED,
    MEGATRON,
    TORCHTITAN,
    Counts,
    is_eager_family,
    is_fsdp_family,
    layer_parameters,
    stage_of,
)

__all__ = [
    "COMPONENTS",
    "VERDICTS",
    "MemoryBatch",
    "MemoryOptions",
    "batch_of",
    "interval_fraction",
    "peak_memory",
    "predicted_peak_gib",
]

COMPONENTS: Final = (
    "weights_bytes",
    "gradients_bytes",
    "optimizer_bytes",
    "activations_bytes",
    "buffers_bytes",
    "reserve_bytes",
)
VERDICTS: Final = ("fits", "marginal", "no")

RESERVE_CONTEXT_BYTES: Final = 1.5 * GIB
"""CUDA context with its kernels and the libraries' handles: 0.5 GiB bare, 1 to 1.5 GiB under PyTorch (the gap between
nvidia-smi and torch.cuda.memory_reserved on H100)."""
RESERVE_GROUP_BYTES: Final = 0.5 * GIB
"""Buffers of one NCCL communicator group: channels x 3 protocols; about 0.5 GiB a group of 8 GPUs and more."""
RESERVE_FRAGMENTATION: Final = 0.02
"""Blocks the caching allocator cannot reuse, as a share of activations and buffers (Megatron-like peaks are
*allocated*)."""
RESERVE_RANGE_BYTES: Final = (2.0 * GIB, 4.0 * GIB)
"""A planning rule (docs/method.md 3.5): context and NCCL together are 2-4 GiB."""
EAGER_INTERVAL: Final = 0.06
DEEPSPEED_INTERVAL: Final = 0.35
"""Half-widths read from the published peaks of tests/validation/test_memory_field.py."""
UNSTATED_INTERVAL: Final = 0.30
"""Half-width of a published peak whose row does not say what is computed again: two of them lie 27 % above and 19 % below."""
YEAR_OF_PUBLISHED_PEAKS: Final = 2025.0
"""Releases of Megatron from here on have published peaks of which every setting is known."""
MARGINAL_SHARE: Final = 0.90
NOISE_DECIMALS: Final = 3


@dataclass(frozen=True)
class MemoryBatch:
    """Peak memory of a batch of layouts.

    ``total_bytes`` (reserve included) is computed at once; the components, the worst stage and phase are taken apart
    when somebody asks, so that a search that only needs the verdict does not pay for them. All attributes broadcast
    against each other; components are those of the worst stage in its worst phase and sum to the total.

    Attributes
    ----------
    peaks
        The stages that were looked at, each with its phases.
    context_bytes
        The part of the reserve that does not depend on the stage: context and communicators.
    capacity_bytes
        Usable memory of the card, as given.
    inputs
        What was asked.
    """

    peaks: tuple[StagePeak, ...]
    totals: tuple[Num, ...]
    context_bytes: Num
    total_bytes: Num
    capacity_bytes: Num
    inputs: tuple[Architecture, Parallel, MemoryOptions]

    @cached_property
    def interval_fraction(self) -> Num:
        """Half-width of the interval as a share of the total: how well such terms were tested on published peaks."""
        return interval_fraction(*self.inputs)

    @property
    def fits(self) -> Condition:
        """True where the total does not exceed the card."""
        return self.total_bytes <= np.asarray(self.capacity_bytes)

    @property
    def verdict(self) -> Num:
        """Index into :data:`VERDICTS`.

        0 fits; 1 marginal: within 10 % of the card, or the upper end of the interval exceeds it; 2 no.
        """
        return verdict_of(self.total_bytes, self.interval_fraction, self.capacity_bytes)

    @cached_property
    def _worst(self) -> Indices:
        """Index of the worst stage in ``peaks``."""
        best: Num = np.asarray(self.totals[0])
        index: Indices = np.zeros((), dtype=np.intp)
        for i, total in enumerate(self.totals[1:], start=1):
            # Equal up to rounding (the allocator's cap makes ties): the earlier stage.
            index = np.where(total > best * (1.0 + 1e-12), i, index)
            best = np.maximum(best, total)
        return index

    def _pick(self, of: Callable[[StagePeak], Num]) -> Num:
        """A quantity of the worst stage."""
        picked: Num = np.asarray(of(self.peaks[0]))
        for i, peak in enumerate(self.peaks[1:], start=1):
            picked = np.where(self._worst == i, of(peak), picked)
        return picked

    @property
    def weights_bytes(self) -> Num:
        """Weights, with quantised copies and adapters. States are whole bytes."""
        return whole(self._pick(lambda peak: peak.states.weights))

    @property
    def gradients_bytes(self) -> Num:
        """Gradients that outlive their layer's backward pass."""
        return whole(self._pick(lambda peak: peak.states.gradients))

    @property
    def optimizer_bytes(self) -> Num:
        """Master copy and optimizer states."""
        return whole(self._pick(lambda peak: peak.states.optimizer))

    @property
    def counts(self) -> Counts:
        """Parameters of the worst GPU by sort, before data-parallel sharding."""
        return Counts(
            linear=self._pick(lambda peak: peak.states.counts.linear),
            rest=self._pick(lambda peak: peak.states.counts.rest),
            experts=self._pick(lambda peak: peak.states.counts.experts),
            adapters=self._pick(lambda peak: peak.states.counts.adapters),
        )

    @property
    def activations_bytes(self) -> Num:
        """Saved tensors of all micro-batches in flight, and of the layer being recomputed."""
        return self._pick(lambda peak: peak.activations)

    @property
    def buffers_bytes(self) -> Num:
        """Workspaces, gathered weights, logits, transients, placeholders, and resident copies of other models."""
        return self._pick(lambda peak: peak.buffers)

    @property
    def reserve_bytes(self) -> Num:
        """CUDA context, NCCL and fragmentation."""
        return self._pick(lambda peak: self.context_bytes + _fragmentation(peak))

    @property
    def worst_stage(self) -> Num:
        """Pipeline stage (from 0) with the peak."""
        return self._pick(lambda peak: peak.stage.index)

    @property
    def worst_phase(self) -> Num:
        """Name of the phase of the peak (an array of text)."""
        return self._pick(lambda peak: peak.worst_phase_name)


def whole(value: Num) -> Num:
    """Whole bytes, halves up; a thousandth of a byte is noise of the order of additions, in a spreadsheet too."""
    return round_half_up(round_half_up(value, NOISE_DECIMALS))


def verdict_of(total_bytes: Num, interval_fraction: Num, capacity_bytes: Num) -> Num:
    """Index into :data:`VERDICTS`; see :attr:`MemoryBatch.verdict`.

    Parameters
    ----------
    total_bytes
        Peak of the fullest GPU.
    interval_fraction
        Half-width of its interval as a share, 0-1.
    capacity_bytes
        Memory that may be used; infinite: not known.
    """
    total, capacity = np.asarray(total_bytes), np.asarray(capacity_bytes)
    tight = (total > MARGINAL_SHARE * capacity) | (total * (1.0 + np.asarray(interval_fraction)) > capacity)
    return np.where(total > capacity, 2, np.where(tight, 1, 0))


def _fragmentation(peak: StagePeak) -> Num:
    """Blocks that cannot be reused; a peak that counts what is cached has them already."""
    return 0.0 if peak.counts_cache else (peak.fixed + peak.peak - peak.permanent) * RESERVE_FRAGMENTATION


def _reserve_base(parallel: Parallel) -> Num:
    """Context and communicators: ``clip(1.5 + 0.5 x groups, 2, 4)`` GiB, a group for each axis longer than 1."""
    low, high = RESERVE_RANGE_BYTES
    return np.clip(RESERVE_CONTEXT_BYTES + RESERVE_GROUP_BYTES * communicator_groups(parallel), low, high)


def communicator_groups(parallel: Parallel) -> Num:
    """Parallel axes longer than one; each has a communicator."""
    groups: Num = 0
    for axis in (*REPLICA_AXES, "dp", "ep"):
        groups = groups + (np.asarray(getattr(parallel, axis)) > 1)
    return groups


def interval_fraction(arch: Architecture, parallel: Parallel, options: MemoryOptions) -> Num:
    """Half-width of the interval, by what published peaks the terms were tested on.

    1 % Megatron of 2025 on, dense bf16 without recomputation, interleaving or plain (not fused) loss; 3 % FSDP on the
    data-parallel axis; 8 % FSDP with tensor, pipeline or context parallel; 6 % Hugging Face and torchtune (18 peaks within
    7 %); 35 % DeepSpeed (six peaks within 41 %, high and low); 20 % Megatron in 8 and 4 bits, 15 % its experts, latent
    attention, adapters and offload (eight peaks within 20 %); 10 % what else no published peak tested.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    fsdp, eager = is_fsdp_family(parallel), is_eager_family(parallel)
    one_axis = (np.asarray(parallel.tp) * parallel.pp) == 1
    untested = arch.is_moe | (np.asarray(arch.mla) != 0) | (np.asarray(options.trainable) > 0)
    untested = untested | (np.asarray(parallel.offload) > 0) | (np.asarray(options.extra_bytes) > 0)
    plain = (parallel.precision == BF16) & (parallel.recompute == 0) & (parallel.vp == 1) & (parallel.zero_stage <= 1)
    plain = plain & (parallel.stack == MEGATRON) & ((parallel.sp != 0) | (parallel.tp == 1))
    plain = plain & (parallel.stack_year >= YEAR_OF_PUBLISHED_PEAKS)
    plain = plain & (options.fused_attention != 0) & (options.fused_loss != 0) & (options.cp_all_to_all != 0)
    titan = (parallel.stack == TORCHTITAN) & (parallel.zero_stage == 3) & (parallel.stack_year < YEAR_OF_RELEASE_0_1)
    dense = np.where(fsdp, np.where(titan, np.where(one_axis, 0.03, 0.08), 0.10), np.where(plain, 0.01, 0.10))
    megatron = np.where(untested, np.where(np.asarray(parallel.precision) > BF16, 0.20, 0.15), dense)
    narrow = (parallel.stack == MEGATRON) & (np.asarray(parallel.precision) > BF16)
    megatron = np.where(narrow, np.maximum(megatron, 0.20), megatron)
    found = np.where(eager, EAGER_INTERVAL, np.where(parallel.stack == DEEPSPEED, DEEPSPEED_INTERVAL, megatron))
    return np.where(fsdp, np.where(untested, 0.10, dense), found)


def _stage_indices(arch: Architecture, parallel: Parallel) -> tuple[Num, ...]:
    """Stages that can be the worst: the first (embedding), the last (logits) and few interior ones.

    Stages of one kind get lighter from front to back (fewer micro-batches in flight), so of every kind only the front
    one matters. Stage 1 is the front of the stages with neither embedding nor head, and can be the worst only where
    stage 0 holds a layer less or where a stage receives from both sides (FSDP's schedule keeps buffers for it). With
    leading dense layers also the first stage without any of them and the one before, where the kinds meet.
    """
    p = np.asarray(parallel.pp)
    if np.all(p == 1):
        return (0,)
    last = p - 1
    layers, dense = np.asarray(arch.layers), np.asarray(arch.moe_dense_layers)
    candidates: list[Num] = [0, last]
    mixed = some(arch.is_moe & (dense > 0))
    uneven = (layers % p != 0) & ((layers + 2) % p == 0)
    if mixed or some(uneven) or some(is_fsdp_family(parallel)):
        candidates.append(np.minimum(1, last))
    if mixed:
        front = -(-dense * p * np.asarray(parallel.vp) // layers)
        if some(front > 1):
            candidates += [np.clip(front, 0, last), np.clip(front - 1, 0, last)]
    return tuple(candidates)


def batch_of(arch: Architecture, parallel: Parallel, options: MemoryOptions, indices: tuple[Num, ...]) -> MemoryBatch:
    """Evaluate the given stages in the families that occur in the batch.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    indices
        Pipeline stages, from 0; each a number or an array of the layouts' shape.
    """
    layer = layer_parameters(arch, parallel, options.lora_rank, options.lora_all_linear)
    fsdp, eager = is_fsdp_family(parallel), is_eager_family(parallel)
    megatron = np.logical_not(fsdp | eager)
    kinds: tuple[tuple[type[MegatronStages] | type[FsdpStages] | type[EagerStages], Condition], ...]
    kinds = ((MegatronStages, megatron), (FsdpStages, fsdp), (EagerStages, eager))
    present = [(kind, member) for kind, member in kinds if some(member)]
    families = [
        (kind(arch, parallel, options, layer), member if len(present) > 1 else None) for kind, member in present
    ]
    base = _reserve_base(parallel)
    peaks: list[StagePeak] = []
    totals: list[Num] = []
    for index in indices:
        stage = stage_of(arch, parallel, index)
        for family, member in families:
            peak = family.of(stage)
            if peak.counts_cache:
                total = peak.peak + base
            else:
                # Small grids first: states do not depend on the micro-batch, phases not on the sharding.
                once = peak.permanent + (peak.fixed * RESERVE_FRAGMENTATION + base)
                most = peak.moving if peak.step is None else np.maximum(peak.moving, peak.step.buffers)
                total = most * (1.0 + RESERVE_FRAGMENTATION) + once
            if member is not None:
                peak = replace(peak, member=member)
                total = np.where(member, total, 0.0)
            peaks.append(peak)
            totals.append(total)
    return MemoryBatch(
        peaks=tuple(peaks),
        totals=tuple(totals),
        context_bytes=base,
        total_bytes=reduce(np.maximum, totals),
        capacity_bytes=options.capacity_bytes,
        inputs=(arch, parallel, options),
    )


def peak_memory(arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None) -> MemoryBatch:
    """Peak memory of one GPU of the worst stage in the worst phase, for a batch of layouts.

    Parameters
    ----------
    arch, parallel, options
        Every field a number or an array; all of them broadcast. Positive sizes; codes as in
        :mod:`model.architecture.parallelism`.

    Returns
    -------
    MemoryBatch
        Bytes; its arrays have the broadcast shape of the fields they depend on.
    """
    options = options or MemoryOptions()
    return batch_of(arch, parallel, options, _stage_indices(arch, parallel))


def predicted_peak_gib(
    arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None, basis: str | None = None
) -> Num:
    """What a measured run would report, in GiB, without context, NCCL and fragmentation.

    ``basis`` None decides by stack: ``allocated`` (``torch.cuda.max_memory_allocated``, Megatron-like) or ``reserved``
    (``max_memory_reserved``, torchtitan's log). ``"device"`` adds the reserve: what nvidia-smi shows.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    basis
        What the measured figure counts: ``allocated``, ``reserved``, ``device``, or None by stack.

    Raises
    ------
    ValueError
        For another basis.
    """
    if basis not in (None, "allocated", "reserved", "device"):
        raise ValueError(f"basis={basis!r} is not accepted: it must be allocated, reserved or device.")
    options = options or MemoryOptions()
    batch = peak_memory(arch, parallel, options)
    if basis == "device":
        return batch.total_bytes / GIB
    found = []
    for peak in batch.peaks:
        total = peak.in_use if basis == "allocated" else peak.peak
        if basis == "reserved":
            total = total + _fragmentation(peak)
        found.append(total if peak.member is None else np.where(peak.member, total, 0.0))
    return reduce(np.maximum, found) / GIB
