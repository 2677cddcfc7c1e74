"""Single layouts out of a batch, as scalars, and a layout as the plan's fields."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitsumori.model.architecture.parallelism import (
    OFFLOADS,
    OPTIMIZERS,
    PRECISIONS,
    RECOMPUTES,
    STACKS,
    TUNINGS,
    Layout,
    Parallel,
)
from mitsumori.model.base.arrays import Array
from mitsumori.model.base.format import AXES


def pick(parallel: Parallel, shape: tuple[int, ...], index: int) -> Parallel:
    """One layout of a batch by its flat index, as scalars.

    Parameters
    ----------
    parallel
        The batch.
    shape
        Its shape, all axes broadcast.
    index
        Place in the batch laid flat, 0 to its size less one.
    """
    return picked(parallel, shape, np.array([index]))[0]


def picked(parallel: Parallel, shape: tuple[int, ...], indices: Array) -> list[Parallel]:
    """Some layouts of a batch by their flat indices, as scalars.

    Parameters
    ----------
    parallel
        The batch.
    shape
        Its shape, all axes broadcast.
    indices
        Places in the batch laid flat, shape (n,).
    """
    places = np.unravel_index(indices, shape)
    columns: list[list[Any]] = []
    for name in parallel.__dataclass_fields__:
        value = np.asarray(getattr(parallel, name))
        if value.ndim:
            at = tuple(0 if size == 1 else place for place, size in zip(places, value.shape, strict=True))
            columns.append(np.broadcast_to(value[at], len(indices)).tolist())
        else:
            columns.append([value.item()] * len(indices))
    return [Parallel(*row) for row in zip(*columns, strict=True)]


def as_plan_fields(parallel: Parallel) -> Layout:
    """A single layout as the fields of the plan's ``parallel`` part (what ``training.parallel`` shows)."""
    numbers = (*AXES, "dp", "zero_stage", "micro_batch", "global_batch", "seq_len")
    return Layout(
        **{name: int(getattr(parallel, name)) for name in numbers}, sp=bool(parallel.sp),
        micro_batches=int(parallel.micro_batches), precision=PRECISIONS[int(parallel.precision)],
        optimizer=OPTIMIZERS[int(parallel.optimizer)], recompute=RECOMPUTES[int(parallel.recompute)],
        offload=OFFLOADS[int(parallel.offload)], stack=STACKS[int(parallel.stack)], tuning=TUNINGS[int(parallel.tuned)],
    )  # fmt: skip
