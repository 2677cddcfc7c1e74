"""Failures, checkpoints and what they leave of the time: goodput.

Young's first-order model (J. W. Young, CACM 17(9), 1974; J. T. Daly, FGCS 22, 2006): a checkpoint of ``t`` seconds
every ``tau`` seconds costs ``t / tau`` of the time; a failure every MTBF loses half an interval and the restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.units import SECONDS_PER_HOUR

LLAMA3_MTBF_GPU_HOURS: Final = 54 * 24 * 16384 / 419
"""GPU-hours between unexpected stops, 50,677: 419 in 54 days on 16,384 H100 (Llama 3, arXiv 2407.21783 3.3.4)."""

RESTART_S: Final = 1800.0
"""Seconds from a stop until training goes on: half an hour, a planning value (assumption: no published mean was found)."""


@dataclass(frozen=True, slots=True)
class Goodput:
    """What failures and checkpoints leave. Arrays.

    Attributes
    ----------
    mtbf_s
        Mean time between unexpected stops of the whole job.
    interval_s
        Seconds between checkpoints, the user's or Young's optimum.
    checkpoint, rework, restart
        Share of the time written away in checkpoints, lost in repeated work, and waited for in restarts.
    goodput
        Share that trains, between 0 and 1; 0 where the job fails faster than it advances.
    """

    mtbf_s: Floats
    interval_s: Floats
    checkpoint: Floats
    rework: Floats
    restart: Floats
    goodput: Floats


def young_interval_s(checkpoint_s: Num, mtbf_s: Num) -> Floats:
    """Return the best interval between checkpoints, ``sqrt(2 * t * MTBF)`` (Young 1974), seconds."""
    best: Floats = np.sqrt(2.0 * np.asarray(checkpoint_s, dtype=np.float64) * mtbf_s)
    return best


def goodput(
    gpus: Num,
    checkpoint_s: Num,
    *,
    mtbf_gpu_hours: Num = LLAMA3_MTBF_GPU_HOURS,
    restart_s: Num = RESTART_S,
    interval_s: Num | None = None,
) -> Goodput:
    """Return the share of the time that trains.

    ``overhead = t / tau + (tau / 2 + t_restart) / MTBF`` with ``MTBF = mtbf_gpu_hours / gpus`` (failures of independent
    GPUs add). The sum is a first-order expansion: it holds while ``tau + t_restart`` is well under MTBF.

    Parameters
    ----------
    gpus
        Accelerators of the job, at least 1; broadcasts with all others.
    checkpoint_s
        Stall of one checkpoint in seconds, above 0.
    mtbf_gpu_hours
        GPU-hours between unexpected stops.
    restart_s
        Seconds from a stop until training goes on.
    interval_s
        Seconds between checkpoints; None takes Young's optimum.
    """
    mtbf_s = np.asarray(mtbf_gpu_hours, dtype=np.float64) * SECONDS_PER_HOUR / gpus
    best = young_interval_s(checkpoint_s, mtbf_s)
    tau = best if interval_s is None else np.broadcast_to(np.asarray(interval_s, dtype=np.float64), best.shape)
    checkpoint = checkpoint_s / tau
    rework = tau / (2.0 * mtbf_s)
    restart = np.broadcast_to(np.asarray(restart_s / mtbf_s), best.shape)
    left = np.clip(1.0 - checkpoint - rework - restart, 0.0, 1.0)
    return Goodput(mtbf_s, tau, checkpoint, rework, restart, left)
