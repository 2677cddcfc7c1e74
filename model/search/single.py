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


def as_plan_fields(parallel: Parallel) -> dict[str, Any]:
    """A single layout as the fields of the plan's ``parallel`` part (what ``training.parallel`` shows)."""
    numbers = (*AXES, "dp", "zero_stage", "micro_batch", "global_batch", "seq_len")
    fields: dict[str, Any] = {name: int(getattr(parallel, name)) for name in numbers}
    fields["sp"] = bool(parallel.sp)
    fields["micro_batches"] = int(parallel.micro_batches)
    fields["precision"] = PRECISIONS[int(parallel.precision)]
    fields["optimizer"] = OPTIMIZERS[int(parallel.optimizer)]
    fields["recompute"] = RECOMPUTES[int(parallel.recompute)]
    fields["offload"] = OFFLOADS[int(parallel.offload)]
    fields["stack"] = STACKS[int(parallel.stack)]
    fields["tuning"] = TUNINGS[int(parallel.tuned)]
    return fields
