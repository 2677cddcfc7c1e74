"""The parallel layouts a model and a cluster allow, and the best of them (floor 5).

A :class:`Space` lists the values of each dimension; :func:`batch` lays them on separate axes of one
:class:`~model.parallel.Parallel`, so that :mod:`model.memory` and :mod:`model.step` evaluate the whole space in one call
and each term is computed on the few elements it depends on. :func:`best_layout` is what ``parallel.auto`` asks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from model.constants import Constants, shipped
from model.gpu import Gpu, gpu_of
from model.memory import peak_memory
from model.parallel import STACKS, Array, Parallel
from model.resolve import Resolved, parallel_base
from model.step import step_time
from model.workload import memory_options, work_of

AXES: Final = ("tp", "cp", "ep", "micro_batch", "recompute", "zero_stage", "pp", "vp")
"""Order of the axes of a search batch."""
MARGIN: Final = 0.9
"""Share of the card that a layout chosen by the program may fill; the rest is the marginal zone (visual.md 5)."""

_ZERO_STAGES: Final = {
    "megatron": (1,), "torchtitan": (3,), "llm-foundry": (3,), "deepspeed": (1, 2, 3), "jax": (3,), "other": (1, 3),
}  # fmt: skip
"""ZeRO stages a stack runs: Megatron's distributed optimizer, PyTorch FSDP, DeepSpeed's three stages."""


@dataclass(frozen=True, slots=True)
class Space:
    """Candidate values of each dimension."""

    tp: tuple[int, ...]
    cp: tuple[int, ...]
    ep: tuple[int, ...]
    micro_batch: tuple[int, ...]
    recompute: tuple[int, ...]
    zero_stage: tuple[int, ...]
    pp: tuple[int, ...]
    vp: tuple[int, ...]

    def values(self) -> tuple[tuple[int, ...], ...]:
        """The values in the order of :data:`AXES`."""
        return tuple(getattr(self, name) for name in AXES)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A space evaluated: arrays of the full broadcast shape; ``seconds_per_token`` is infinite where invalid."""

    parallel: Parallel
    valid: npt.NDArray[np.bool_]
    seconds_per_token: Array
    memory_bytes: Array
    capacity_bytes: float


def divisors(number: int) -> tuple[int, ...]:
    """All divisors, ascending."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    return tuple(sorted({*small, *(number // d for d in small)}))


def auto_space(resolved: Resolved, gpu: Gpu) -> Space:
    """What ``auto`` considers: what practitioners run on such a cluster, not every combination (:mod:`model.advisor` does).

    Tensor parallel inside the scale-up domain, context parallel from 16k tokens, every pipeline size that divides the
    cluster, power-of-two micro-batches, all three recomputation modes, the stack's own ZeRO stages.
    """
    arch, gpus = resolved.architecture, resolved.accelerators
    heads, layers = int(arch.heads), int(arch.layers)
    domain = int(gpu.domain)
    seq = resolved.plan.parallel.seq_len
    stack = resolved.plan.parallel.stack
    sharded = stack in ("torchtitan", "llm-foundry", "jax")
    tp = tuple(t for t in (1, 2, 4, 8, 16, 32, 64) if heads % t == 0 and gpus % t == 0 and t <= min(domain, 16))
    cp = tuple(
        c for c in (1, 2, 4, 8, 16, 32, 64) if c == 1 or (seq // c >= 4096 and seq % (2 * c) == 0 and gpus % c == 0)
    )
    experts = int(arch.moe_experts)
    ep = tuple(e for e in (1, 2, 4, 8, 16, 32, 64) if e == 1 or (experts and experts % e == 0 and gpus % e == 0))
    pp: tuple[int, ...] = tuple(p for p in divisors(gpus) if p <= layers) or (1,)
    if stack == "llm-foundry":
        tp, cp, ep, pp = (1,), (1,), (1,), (1,)
    elif sharded:
        pp = tuple(p for p in pp if p <= 16)
    vp = (1, 2, 3, 4, 5, 6, 8, 12) if len(pp) > 1 and not sharded else (1,)
    return Space(tp, cp, ep, (1, 2, 4, 8, 16), (0, 1, 2), _ZERO_STAGES[stack], pp, vp)


def batch(resolved: Resolved, space: Space) -> tuple[Parallel, npt.NDArray[np.bool_]]:
    """The space as one broadcast batch and the mask of what the model and the cluster allow."""
    arch, gpus = resolved.architecture, resolved.accelerators
    shaped = np.ix_(*(np.asarray(values, dtype=np.int64) for values in space.values()))
    tp, cp, ep, micro, recompute, zero, pp, vp = shaped
    split = tp * cp * pp
    dp = np.maximum(1, gpus // split)
    unit = dp * micro
    wanted = resolved.global_batch
    micro_batches = np.maximum(1, np.rint(wanted / unit)) if resolved.batch_is_free else np.maximum(1, wanted // unit)
    layers = int(arch.layers)
    valid = (
        (gpus % split == 0)
        & (int(arch.heads) % tp == 0)
        & (pp * vp <= layers)
        & ((vp == 1) | ((pp > 1) & (micro_batches % pp == 0)))
        & ((tp * cp * dp) % ep == 0)
        & ((zero < 2) | (pp == 1) | (resolved.plan.parallel.stack == "torchtitan"))
    )
    if not resolved.batch_is_free:
        valid &= wanted % unit == 0
    else:
        valid &= unit <= max(wanted, 1) * 2
    base = parallel_base(resolved)
    parallel = base.with_(
        tp=tp, cp=cp, ep=ep, micro_batch=micro, recompute=recompute, zero_stage=zero, pp=pp, vp=vp, dp=dp,
        sp=(tp > 1).astype(np.int64), global_batch=(unit * micro_batches).astype(np.int64),
    )  # fmt: skip
    return parallel, valid


def evaluate(resolved: Resolved, space: Space, gpu: Gpu, constants: Constants | None = None) -> Evaluated:
    """Memory and time of every layout of a space."""
    parallel, valid = batch(resolved, space)
    shape = tuple(len(values) for values in space.values())
    options = memory_options(resolved, gpu, parallel)
    memory = np.broadcast_to(np.asarray(peak_memory(resolved.architecture, parallel, options).total_bytes), shape)
    work = work_of(resolved)
    step = step_time(resolved.time_architecture, gpu, parallel, work, constants or shipped())
    seconds = np.broadcast_to(np.asarray(step.total_s) / parallel.tokens_per_step, shape)
    valid = np.broadcast_to(valid, shape)
    return Evaluated(parallel, valid, np.where(valid, seconds, np.inf), memory, float(gpu.memory_bytes))


def best_layout(resolved: Resolved, constants: Constants | None = None) -> Parallel:
    """The fastest layout that fits the card, as a batch of one.

    Among valid layouts, the least seconds a token of those within :data:`MARGIN` of the card; where none is, of those
    within the whole card; where none fits at all, the one that needs the least memory (the estimate then says that it
    does not fit).
    """
    gpu = gpu_of(resolved.accelerator, resolved.server)
    result = evaluate(resolved, auto_space(resolved, gpu), gpu, constants)
    if not result.valid.any():
        result = evaluate(resolved, Space((1,), (1,), (1,), (1,), (0, 1, 2), (1,), (1,), (1,)), gpu, constants)
    for limit in (MARGIN * result.capacity_bytes, result.capacity_bytes):
        seconds = np.where(result.memory_bytes <= limit, result.seconds_per_token, np.inf)
        index = int(np.argmin(seconds))
        if np.isfinite(seconds.flat[index]):
            return pick(result.parallel, result.valid.shape, index)
    needed = np.where(result.valid, result.memory_bytes, np.inf)
    return pick(result.parallel, result.valid.shape, int(np.argmin(needed)))


def pick(parallel: Parallel, shape: tuple[int, ...], index: int) -> Parallel:
    """One layout of a batch by its flat index, as scalars."""
    where = np.unravel_index(index, shape)
    names = parallel.__dataclass_fields__
    values: dict[str, Any] = {}
    for name in names:
        value = np.asarray(getattr(parallel, name))
        values[name] = np.broadcast_to(value, shape)[where].item() if value.ndim else value.item()
    return Parallel(**values)


def as_plan_fields(parallel: Parallel) -> dict[str, Any]:
    """A single layout as the fields of the plan's ``parallel`` part (what ``training.parallel`` shows)."""
    from model.parallel import OFFLOADS, OPTIMIZERS, PRECISIONS, RECOMPUTES, TUNINGS

    numbers = ("tp", "pp", "vp", "cp", "ep", "etp", "dp", "zero_stage", "micro_batch", "global_batch", "seq_len")
    fields: dict[str, Any] = {name: int(getattr(parallel, name)) for name in numbers}
    fields["sp"] = bool(parallel.sp)
    fields["micro_batches"] = int(parallel.micro_batches)
    fields["precision"] = PRECISIONS[int(parallel.precision)]
    fields["optimizer"] = OPTIMIZERS[int(parallel.optimizer)]
    fields["recompute"] = RECOMPUTES[int(parallel.recompute)]
    fields["offload"] = OFFLOADS[int(parallel.offload)]
    fields["stack"] = STACKS[int(parallel.stack)]
    fields["tuning"] = TUNINGS[1 - int(parallel.tuned)]
    return fields
