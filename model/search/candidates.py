"""The parallel layouts a model and a cluster allow, and the best of them.

A :class:`Space` lists candidate values of each dimension; :func:`chunks` lays all combinations that the model and the
cluster allow on four axes of :class:`~model.architecture.parallelism.Parallel` batches, dense in valid points, so that
:mod:`model.memory.peak` and :mod:`model.training.step` evaluate them in few calls and each term is computed on the few
elements it depends on. :func:`best_layout` is what ``parallel.auto`` asks; :mod:`model.search.search` walks the whole space.

Axes of a batch: ``(P, Z, O, R, X)`` with P pairs of pipeline size and virtual stages (mostly of one size, which then is a
plain number), Z ZeRO stages, O offload, R recomputation, X the combinations of tensor, context, expert and expert-tensor
parallel size and micro-batch. Layer times live on (R, X), pipeline terms on (P, R, X), model states on (Z, O, X) where the
pipeline is one; only their last sums see the whole grid.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from mitsumori.model.architecture.parallelism import (
    DATA_PARALLEL_STACKS,
    OFFLOADS,
    RECOMPUTES,
    Parallel,
    code,
)
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.base.format import AXES
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.batch import divides, divisors, nearest
from mitsumori.model.plan.fixed_layout import parallel_base
from mitsumori.model.plan.inputs import within
from mitsumori.model.plan.resolve import Resolved, batch_divides
from mitsumori.model.search.single import pick
from mitsumori.model.training.policy import moved_seconds
from mitsumori.model.training.stages import memory_options, seconds_per_token, work_of, workflow
from mitsumori.model.training.step import StepBatch, step_time

Pairs = npt.NDArray[np.int64]
"""Rows of combined values of some dimensions."""
Mask = npt.NDArray[np.bool_]

MARGIN: Final = 0.9
"""Share of the card that a layout chosen by the program may fill; the rest is the marginal zone (docs/method.md 3.5)."""
MIN_CHUNK: Final = 40_000
"""Grid points below which groups of layouts are merged into one batch: a batch costs about 3 ms however small."""
OWN_CHUNK: Final = 15_000
"""Grid points from which the layouts of one pipeline size make a batch of their own, where that size is a plain number."""
MAX_CHUNK: Final = 100_000
"""Grid points of a batch: its temporaries stay near the processor's cache and far below 1 GB."""

ZERO_STAGES: Final = {
    "megatron": (0, 1, 2, 3), "torchtitan": (3,), "llm-foundry": (3,), "deepspeed": (0, 1, 2, 3), "jax": (0, 1, 2, 3),
    "other": (0, 1, 2, 3), "huggingface": (0, 3), "torchtune": (0, 3),
}  # fmt: skip
"""ZeRO stages a stack can run: Megatron's distributed optimizer (1) and its FSDP (2, 3), PyTorch FSDP, DeepSpeed."""
_USUAL_ZERO: Final = {
    "megatron": (1, 2, 3), "torchtitan": (3,), "llm-foundry": (3,), "deepspeed": (1, 2, 3), "jax": (3,),
    "other": (1, 2, 3), "huggingface": (0, 3), "torchtune": (0, 3),
}  # fmt: skip
"""ZeRO stages that practitioners run on a stack."""
MEGATRON_FSDP_YEAR: Final = 2025.1
"""Megatron-Core 0.11 (February 2025) brought its own FSDP; before it, Megatron shards optimizer states only."""
PIPELINED_ZERO: Final = {"torchtitan": 3, "other": 2}
"""Highest ZeRO stage a stack runs with a pipeline, 1 where not named: torchtitan's FSDP; Llama 3 sharded optimizer and
gradients in one (arXiv 2407.21783 section 3.3.2)."""
_USUAL_VP: Final = (1, 2, 3, 4, 5, 6, 8, 12)
_POWERS: Final = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Space:
    """Candidate values of each dimension; ``offload`` holds codes of :data:`model.architecture.parallelism.OFFLOADS`."""

    tp: tuple[int, ...]
    cp: tuple[int, ...]
    ep: tuple[int, ...]
    micro_batch: tuple[int, ...]
    recompute: tuple[int, ...]
    zero_stage: tuple[int, ...]
    pp: tuple[int, ...]
    vp: tuple[int, ...]
    etp: tuple[int, ...] = (1,)
    offload: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some layouts of a space as one batch of shape ``shape``; ``valid`` None when every point is allowed."""

    parallel: Parallel
    shape: tuple[int, ...]
    valid: Mask | None

    @property
    def count(self) -> int:
        """Layouts that the model and the cluster allow."""
        if self.valid is None:
            return math.prod(self.shape)
        return int(self.valid.sum()) * (math.prod(self.shape) // self.valid.size)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A batch evaluated: arrays of the batch's shape; ``seconds_per_token`` is infinite where a layout is not allowed."""

    parallel: Parallel
    seconds_per_token: Array
    memory_bytes: Array
    capacity_bytes: float


def _zero_stages(table: Mapping[str, tuple[int, ...]], resolved: Resolved) -> tuple[int, ...]:
    """The ZeRO stages of the plan's stack in the year of its release."""
    stack = resolved.plan.parallel.stack
    old = stack == "megatron" and resolved.stack_year < MEGATRON_FSDP_YEAR
    return tuple(stage for stage in table[stack] if not old or stage < 2)


def _that_fields_take(space: Space) -> Space:
    """A space without sizes that the plan's own fields refuse, so that every layout shown can be typed in."""
    names = (*AXES, "micro_batch")
    kept = {name: tuple(v for v in getattr(space, name) if within(f"parallel.{name}", v)) for name in names}
    return replace(space, **kept)


def auto_space(resolved: Resolved, gpu: Gpu) -> Space:
    """What ``auto`` considers: what practitioners run on such a cluster, not every combination (:func:`full_space`).

    Tensor parallel inside the scale-up domain, context parallel from 16k tokens, every pipeline size that divides the
    cluster, power-of-two micro-batches, all three recomputation modes, the stack's own ZeRO stages.
    """
    arch, gpus = resolved.architecture, resolved.accelerators
    heads, layers = arch.shared_heads, int(arch.layers)
    domain = int(gpu.domain)
    par = resolved.plan.parallel
    seq, stack = par.seq_len, par.stack
    sharded = stack in ("torchtitan", "llm-foundry", "jax")
    tp = tuple(t for t in _POWERS if heads % t == 0 and gpus % t == 0 and t <= min(domain, 16))
    cp = tuple(c for c in _POWERS if c == 1 or (seq // c >= 4096 and seq % (2 * c) == 0 and gpus % c == 0))
    experts = int(arch.moe_experts)
    ep = tuple(e for e in _POWERS if e == 1 or (experts and experts % e == 0 and gpus % e == 0))
    pp: tuple[int, ...] = tuple(p for p in divisors(gpus) if p <= layers) or (1,)
    if stack in DATA_PARALLEL_STACKS:
        tp, cp, ep, pp = (1,), (1,), (1,), (1,)
    elif sharded:
        pp = tuple(p for p in pp if p <= 16)
    vp = _USUAL_VP if len(pp) > 1 and not sharded else (1,)
    offload = (code(OFFLOADS, par.offload),)
    # Checkpointing in Hugging Face and torchtune is of whole layers.
    recompute = (0, 2) if stack in ("huggingface", "torchtune") else (0, 1, 2)
    return _that_fields_take(
        Space(tp, cp, ep, (1, 2, 4, 8, 16), recompute, _zero_stages(_USUAL_ZERO, resolved), pp, vp, offload=offload)
    )


def full_space(resolved: Resolved, *, offload: bool = False) -> Space:
    """Every value that the model and the cluster allow.

    Tensor parallel: divisors of the heads. Context parallel: sizes whose double divides the sequence. Expert parallel:
    divisors of the experts; expert tensor parallel: powers of two that divide an expert's width. Pipeline: divisors of
    the cluster up to the layers, with any number of virtual stages that leaves every chunk a layer. Micro-batches:
    divisors of the global batch (and powers of two where the batch is the program's). ZeRO: what the stack can run.

    Parameters
    ----------
    resolved
        The plan.
    offload
        Also try the optimizer on the host; else the plan's own setting.
    """
    arch, gpus = resolved.architecture, resolved.accelerators
    par = resolved.plan.parallel
    layers, experts = int(arch.layers), int(arch.moe_experts)
    of_gpus = divisors(gpus)
    tp = tuple(t for t in of_gpus if arch.shared_heads % t == 0)
    cp = tuple(c for c in of_gpus if c == 1 or par.seq_len % (2 * c) == 0)
    ep = tuple(e for e in divisors(experts) if gpus % e == 0) if experts else (1,)
    etp = tuple(t for t in _POWERS if t in tp and int(arch.moe_ffn) % t == 0) if experts else (1,)
    pp = tuple(p for p in of_gpus if p <= layers)
    if par.stack in DATA_PARALLEL_STACKS:
        tp, cp, ep, etp, pp = (1,), (1,), (1,), (1,), (1,)
    micro = set(divisors(resolved.global_batch))
    if resolved.batch_is_free:
        micro |= {2**k for k in range(resolved.global_batch.bit_length())}
    own = code(OFFLOADS, par.offload)
    kinds = tuple(sorted({own, 0, code(OFFLOADS, "optimizer")})) if offload else (own,)
    vp = tuple(range(1, layers // min(p for p in pp if p > 1) + 1)) if len(pp) > 1 else (1,)
    recompute = tuple(range(len(RECOMPUTES)))
    return _that_fields_take(
        Space(tp, cp, ep, tuple(sorted(micro)), recompute, _zero_stages(ZERO_STAGES, resolved), pp, vp, etp, kinds)
    )


def chunks(
    resolved: Resolved, space: Space, *, precision: str | None = None, most: int = MAX_CHUNK, least: int = MIN_CHUNK
) -> Iterator[Chunk]:
    """All layouts of a space that the model and the cluster allow, as batches of at most about ``most`` points.

    The rules: ``tp * cp * pp`` divides the cluster; ``ep * etp`` divides the accelerators of a stage; ``pp * vp`` is at
    most the layers; interleaving needs a pipeline and micro-batches in multiples of it (arXiv 2104.04473 section 2.2);
    a replica gets whole micro-batches; ZeRO-2 and 3 shard what a pipeline keeps, so few stacks run them with one
    (:data:`PIPELINED_ZERO`).
    Combinations that allow every number of virtual stages of one pipeline size make one dense batch in which that size is
    a plain number; what is left of them shares batches, dense where the pipelines are the same, else under a mask.

    Parameters
    ----------
    resolved
        The plan with its records.
    space
        What is tried of each part of a layout.
    precision
        Number format of all of them; None is the plan's own.
    most, least
        Points of a batch at most, and the size below which batches are joined.
    """
    combos = _combinations(resolved, space)
    if not len(combos):
        return
    for pipelined in (False, True):
        pairs = _pipelines(resolved, space, pipelined)
        zero = _sharding(resolved, space, pipelined)
        each = len(zero) * len(space.offload) * len(space.recompute)
        if not len(pairs) or not each:
            continue
        states = (zero, space.offload, space.recompute)
        allowed = _allowed(resolved, combos, pairs)
        for rows, columns, mask in _blocks(allowed, pairs, each, most, least):
            yield _chunk(resolved, combos[rows], pairs[columns], states, mask, precision)


def _pipelines(resolved: Resolved, space: Space, pipelined: bool) -> Pairs:
    """Pairs (pp, vp)."""
    layers = int(resolved.architecture.layers)
    if not pipelined:
        return np.array([(1, 1)] if 1 in space.pp else [], dtype=np.int64).reshape(-1, 2)
    pairs = [(p, v) for p in space.pp if p > 1 for v in space.vp if p * v <= layers]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _sharding(resolved: Resolved, space: Space, pipelined: bool) -> tuple[int, ...]:
    """ZeRO stages."""
    most = PIPELINED_ZERO.get(resolved.plan.parallel.stack, 1) if pipelined else 3
    return tuple(stage for stage in space.zero_stage if stage <= most)


def _combinations(resolved: Resolved, space: Space) -> Pairs:
    """Rows (tp, cp, ep, etp, micro_batch) that some pipeline may allow."""
    gpus = resolved.accelerators
    limit = max(1, resolved.global_batch) * (2 if resolved.batch_is_free else 1)
    outer = [
        (t, c, e, x)
        for t, c, e, x in product(space.tp, space.cp, space.ep, space.etp)
        if gpus % (t * c) == 0 and gpus % (e * x) == 0 and (x == 1 or t % x == 0)
    ]
    micro = [m for m in space.micro_batch if m <= limit]
    left = np.repeat(np.array(outer, dtype=np.int64).reshape(-1, 4), len(micro), axis=0)
    return np.concatenate((left, np.tile(np.array(micro, dtype=np.int64), len(outer))[:, None]), axis=1)


def _micro_batches(resolved: Resolved, unit: Num) -> Num:
    """Micro-batches of one pipeline for ``unit = dp * micro_batch`` sequences at once; at least one."""
    wanted = resolved.global_batch
    found = np.rint(wanted / unit).astype(np.int64) if resolved.batch_is_free else wanted // unit
    return np.maximum(1, found)


def _allowed(resolved: Resolved, combos: Pairs, pairs: Pairs) -> Mask:
    """Which pipeline each combination may have; shape (combinations, pipelines)."""
    gpus, wanted = resolved.accelerators, resolved.global_batch
    tp, cp, ep, etp, micro = (combos[:, i, None] for i in range(5))
    sizes, which = np.unique(pairs[:, 0], return_inverse=True)
    pp = sizes[None, :]
    split = tp * cp * pp
    unit = np.maximum(1, gpus // split) * micro
    ok = (gpus % split == 0) & ((gpus // pp) % (ep * etp) == 0)
    ok &= (unit <= 2 * max(wanted, 1)) if resolved.batch_is_free else batch_divides(wanted, unit)
    if resolved.plan.learns_by_answers and resolved.plan.parallel.global_batch is None and not resolved.batch_is_free:
        most = _packed(resolved)
        if divides(resolved, most):
            ok &= unit <= most  # no more at once than there are sequences: the rest would be padding
    interleaved = _micro_batches(resolved, unit) % pp == 0
    whole: Mask = ok[:, which] & ((pairs[None, :, 1] == 1) | interleaved[:, which])
    return whole


def _blocks(
    allowed: Mask, pairs: Pairs, each: int, most: int, least: int
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Mask | None]]:
    """Rows, columns and mask of blocks that cover every allowed cell once: first the large ones of one pipeline size."""
    left = allowed.copy()
    for size in sorted(set(pairs[:, 0].tolist())):  # np.unique would import numpy.ma, a twentieth of the start
        columns = np.flatnonzero(pairs[:, 0] == size)
        rows = np.flatnonzero(allowed[:, columns].all(axis=1))
        if len(rows) * len(columns) * each >= min(least, OWN_CHUNK):
            left[np.ix_(rows, columns)] = False
            for part in _parts(len(rows), len(columns) * each, most):
                yield rows[part], columns, None
    rows = np.flatnonzero(left.any(axis=1))
    if len(rows):
        for shared, columns in _groups(left[rows], each, most, least):
            mask = left[np.ix_(rows[shared], columns)]
            yield rows[shared], columns, None if mask.all() else mask


def _parts(rows: int, each: int, most: int) -> Iterator[slice]:
    """Equal parts of some rows with at most about ``most`` points."""
    count = -(-rows // max(1, most // each))
    for number in range(count):
        yield slice(rows * number // count, rows * (number + 1) // count)


def _groups(
    allowed: Mask, each: int, most: int, least: int
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Rows and columns of dense blocks that cover every allowed cell once.

    Rows with the same columns are together; runs of rows with similar columns are merged while the block stays under
    ``least`` points, and long runs are cut at ``most``.
    """
    packed = np.packbits(allowed, axis=1)
    order = np.lexsort(packed.T[::-1])
    packed = packed[order]
    starts = np.flatnonzero(np.r_[True, (packed[1:] != packed[:-1]).any(axis=1)])
    ends = np.r_[starts[1:], len(order)]
    first, columns = 0, allowed[order[0]].copy()
    blocks: list[tuple[int, int, Mask]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        union = columns | allowed[order[start]]
        if start > first and (end - first) * int(union.sum()) * each > least:
            blocks.append((first, start, columns))
            first, union = start, allowed[order[start]].copy()
        columns = union
    blocks.append((first, len(order), columns))
    for start, end, wanted in blocks:
        kept = np.flatnonzero(wanted)
        for part in _parts(end - start, len(kept) * each, most):
            yield order[start:end][part], kept


def _chunk(
    resolved: Resolved, combos: Pairs, pairs: Pairs, states: tuple[tuple[int, ...], ...],
    mask: Mask | None, precision: str | None,
) -> Chunk:  # fmt: skip
    """One batch on the axes (P, Z, O, R, X)."""
    tp, cp, ep, etp, micro = (combos[:, i].reshape(1, 1, 1, 1, -1) for i in range(5))
    pp, vp = (_axis(pairs[:, i], 0) for i in range(2))
    zero, offload, recompute = (_axis(np.array(values), place) for place, values in enumerate(states, start=1))
    dp = np.maximum(1, resolved.accelerators // (tp * cp * pp))
    unit = dp * micro
    parallel = parallel_base(resolved, precision).with_(
        tp=tp, cp=cp, ep=ep, etp=etp, micro_batch=micro, recompute=recompute, zero_stage=zero, offload=offload, pp=pp,
        vp=vp, dp=dp, sp=(tp > 1).astype(np.int64), global_batch=unit * _micro_batches(resolved, unit),
    )  # fmt: skip
    valid = None if mask is None else np.ascontiguousarray(mask.T).reshape(len(pairs), 1, 1, 1, len(combos))
    return Chunk(parallel, (len(pairs), *map(len, states), len(combos)), valid)


def _axis(values: Pairs, place: int) -> Num:
    """Values along one axis of a batch; a plain number where they are all the same: terms then stay small."""
    first = int(values[0])
    if (values == first).all():
        return first
    return values.reshape(*(-1 if axis == place else 1 for axis in range(5)))


def evaluate(resolved: Resolved, chunk: Chunk, gpu: Gpu, constants: Constants | None = None) -> Evaluated:
    """Memory and time of every layout of a batch.

    ``seconds_per_token`` are the cluster's for one trained token, the other role models included and states that leave shared
    accelerators while answers are generated; generation, which does not depend on the layout, is left out.

    Parameters
    ----------
    resolved
        The plan with its records.
    chunk
        The layouts.
    gpu
        The accelerator.
    constants
        Fitted constants; None: the shipped ones.
    """
    parallel = chunk.parallel
    options = memory_options(resolved, gpu, parallel)
    memory = np.asarray(peak_memory(resolved.architecture, parallel, options).total_bytes)
    step = step_time(resolved.time_architecture, gpu, parallel, work_of(resolved), constants or shipped())
    seconds = train_seconds(resolved, step) + moved_seconds(resolved, gpu, parallel)
    if chunk.valid is not None:
        seconds = np.where(chunk.valid, seconds, np.inf)
    shape = chunk.shape
    return Evaluated(parallel, np.broadcast_to(seconds, shape), np.broadcast_to(memory, shape), float(gpu.memory_bytes))


def train_seconds(resolved: Resolved, step: StepBatch) -> Array:
    """Seconds of the cluster for one trained token."""
    return np.asarray(seconds_per_token(resolved, replace(workflow(resolved), generated=0.0), step, None)[0])


def best_layout(resolved: Resolved, constants: Constants | None = None) -> Parallel:
    """The fastest layout that fits the card, as a batch of one.

    Among valid layouts, the least seconds a token of those within :data:`MARGIN` of the card; where none is, of those
    within the whole card; where none fits at all, the one that needs the least memory (the estimate then says that it
    does not fit); before that, states and checkpoints on the host are tried. A batch that the cluster cannot divide is
    replaced by the nearest that it can; the layout's ``global_batch`` then differs from the plan's.
    """
    gpu = resolved.gpu
    constants = constants or shipped()
    resolved = asked = with_whole_answers(resolved)
    usual = auto_space(resolved, gpu)
    found = None
    if resolved.batch_is_free or divides(resolved):
        found = _best_of(resolved, usual, gpu, constants) or _best_of(resolved, _plain_space(resolved), gpu, constants)
    if found is None:
        asked = at_nearest_batch(resolved)
        usual = auto_space(asked, gpu)
        spaces = usual, _plain_space(asked)
        found = next(best for space in spaces if (best := _best_of(asked, space, gpu, constants)) is not None)
    if found[0] == DOES_NOT_FIT and resolved.plan.parallel.offload == "none":
        # Before "does not fit": states, checkpoints or both on the host, everything recomputed.
        away = _best_of(asked, replace(usual, offload=HOST_CHOICES, recompute=(2,)), gpu, constants)
        if away is not None and away[0] < DOES_NOT_FIT:
            found = away
    return found[2]


def at_nearest_batch(resolved: Resolved) -> Resolved:
    """The plan with the batch nearest to its own that its cluster can divide (:func:`model.plan.batch.nearest`)."""
    return replace(resolved, global_batch=nearest(resolved).batch, batch_is_free=False)


def with_whole_answers(resolved: Resolved) -> Resolved:
    """A training that learns by answers with as many a step in every layout, where the cluster can divide them.

    The time of its step is that of the generation too, which more answers fill better: layouts with other numbers of answers
    would be compared by something else than the layout, and more servers could be slower.
    """
    if not (resolved.batch_is_free and resolved.plan.learns_by_answers):
        return resolved
    packed = replace(resolved, global_batch=_packed(resolved))
    return replace(resolved, batch_is_free=False) if divides(resolved) and divides(packed) else resolved


def _packed(resolved: Resolved) -> int:
    """Whole sequences into which the answers of a step are packed."""
    work, plan = resolved.plan.workload, resolved.plan.parallel
    return max(1, resolved.global_batch * min(plan.seq_len, work.prompt_len + work.response_len) // plan.seq_len)


def divisible(resolved: Resolved) -> bool:
    """Whether some layout of the cluster gives every replica whole sequences of the plan's batch; a free batch is rounded."""
    return resolved.batch_is_free or nearest(resolved).batch == resolved.global_batch


def _plain_space(resolved: Resolved) -> Space:
    """Every split of the cluster with single sequences: holds a layout for each batch that can be divided at all."""
    every = full_space(resolved)
    return replace(every, ep=(1,), etp=(1,), micro_batch=(1,), recompute=(0, 1, 2), vp=(1,))


DOES_NOT_FIT: Final = 2
"""Rank of a layout that exceeds the card; 0 leaves the margin free, 1 only fits."""
HOST_CHOICES: Final = tuple(
    code(OFFLOADS, name)
    for name in ("optimizer", "checkpoints", "optimizer,checkpoints", "optimizer,parameters,checkpoints")
)
"""What is tried on the host where nothing fits without it."""


def _best_of(resolved: Resolved, space: Space, gpu: Gpu, constants: Constants) -> tuple[int, float, Parallel] | None:
    """Rank, seconds a token (bytes where nothing fits) and layout of the best of a space; None without any layout."""
    best: tuple[int, float, Parallel] | None = None
    for chunk in chunks(resolved, space, least=200_000, most=200_000):
        result = evaluate(resolved, chunk, gpu, constants)
        seconds, memory = result.seconds_per_token, result.memory_bytes
        for rank, limit in enumerate((MARGIN, 1.0, math.inf)):
            if best is not None and best[0] < rank:
                break
            key = np.where(memory <= limit * result.capacity_bytes, seconds, np.inf)
            if rank == 2:
                key = np.where(np.isfinite(seconds), memory, np.inf)
            index = int(np.argmin(key))
            value = float(key.flat[index])
            if math.isfinite(value):
                if best is None or (rank, value) < best[:2]:
                    best = (rank, value, pick(result.parallel, chunk.shape, index))
                break
    return best
