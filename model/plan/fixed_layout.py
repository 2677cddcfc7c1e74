"""The layout fields that the user gives, and the layout that a plan states itself."""

from __future__ import annotations

import numpy as np

from mitsumori.model.architecture.parallelism import (
    OFFLOADS,
    OPTIMIZERS,
    PRECISIONS,
    RECOMPUTES,
    STACKS,
    TUNINGS,
    Parallel,
    code,
    gpus_of_replica,
    modules_code,
)
from mitsumori.model.base.arrays import Num
from mitsumori.model.base.format import AXES
from mitsumori.model.plan.resolve import Resolved


def parallel_base(resolved: Resolved, precision: str | None = None) -> Parallel:
    """The fields of :class:`~model.architecture.parallelism.Parallel` that the user always decides; the layout is left at
    one."""
    par = resolved.plan.parallel
    return Parallel(
        gpus=resolved.accelerators,
        dp=resolved.accelerators,
        global_batch=resolved.global_batch,
        seq_len=par.seq_len,
        precision=code(PRECISIONS, precision or par.precision),
        optimizer=code(OPTIMIZERS, par.optimizer),
        recompute=code(RECOMPUTES, par.recompute),
        offload=code(OFFLOADS, par.offload),
        stack=code(STACKS, par.stack),
        stack_year=resolved.stack_year,
        tuned=code(TUNINGS, par.tuning),
        modules=modules_code(par.recompute_modules),
    )


def rounded_batch(global_batch: Num, dp: Num, micro_batch: Num) -> Num:
    """The global batch rounded to whole micro-batches on every replica, at least one each (nearest multiple).

    Parameters
    ----------
    global_batch
        Sequences asked for, 1 or more.
    dp
        Replicas, 1 or more.
    micro_batch
        Sequences of a micro-batch, 1 or more; all three are numbers or arrays that broadcast.
    """
    unit = np.asarray(dp) * micro_batch
    return unit * np.maximum(1, np.rint(np.asarray(global_batch) / unit).astype(np.int64))


def fixed_layout(resolved: Resolved) -> Parallel:
    """The user's own layout (``parallel.auto`` off) as a batch of one."""
    par = resolved.plan.parallel
    dp = resolved.accelerators // gpus_of_replica(par)
    batch = resolved.global_batch
    if resolved.batch_is_free:
        batch = int(rounded_batch(batch, dp, par.micro_batch))
    return parallel_base(resolved).with_(
        **{name: getattr(par, name) for name in AXES}, dp=dp, sp=int(par.sp and par.tp > 1), zero_stage=par.zero_stage,
        micro_batch=par.micro_batch, global_batch=batch,
    )  # fmt: skip
