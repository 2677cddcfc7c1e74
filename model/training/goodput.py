"""Failures, checkpoints and what they leave of the time: goodput.

A renewal model, exact for stops that come at random (exponential) at any moment, restarts included (J. T. Daly, FGCS 22,
2006, section 3): to make ``tau`` seconds of progress and one checkpoint of ``t`` seconds takes
``exp(R / M) * M * (exp((tau + t) / M) - 1)`` on average, with ``M`` the mean time between stops and ``R`` the restart. The
interval is Young's, ``sqrt(2 t M)`` (CACM 17(9), 1974), where none is given.

How long a checkpoint holds training up and how long a restart takes depends on the care a site takes, which grows with the
cluster: :func:`standard_stall_s` and :func:`standard_restart_s`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num, cached_for_one
from mitsumori.model.base.units import SECONDS_PER_HOUR

LLAMA3_MTBF_GPU_HOURS: Final = 54 * 24 * 16384 / 419
"""GPU-hours between unexpected stops, 50,677: 419 in 54 days on 16,384 H100 (Llama 3, arXiv 2407.21783 3.3.4)."""

SMALL_GPUS: Final = 512
"""Up to here a site restarts by hand and writes its checkpoints while training waits (an assumption)."""
LARGE_GPUS: Final = 8192
"""From here on it does what MegaScale describes for more than ten thousand GPUs (arXiv 2402.15627, section 4)."""
RESTART_S: Final = (1800.0, 600.0)
"""Seconds from a stop until training goes on, at :data:`SMALL_GPUS` and :data:`LARGE_GPUS`: half an hour is a planning
value; MegaScale (arXiv 2402.15627, section 4) finds a fault and restarts in under ten minutes on average."""
STALL_S: Final = (60.0, 5.0)
"""Seconds that one checkpoint holds training up, at the same two sizes: a minute is a planning value; written to host memory
first, "several seconds" (MegaScale, arXiv 2402.15627, section 4.4)."""


def _by_scale(ends: tuple[float, float], gpus: float) -> float:
    """A straight line in the logarithms between both sizes, level outside."""
    share = math.log(max(gpus, 1.0) / SMALL_GPUS) / math.log(LARGE_GPUS / SMALL_GPUS)
    share = min(1.0, max(0.0, share))
    return ends[0] * (ends[1] / ends[0]) ** share


def standard_stall_s(gpus: float) -> float:
    """Return the standard of ``network.checkpoint_stall_s`` for a cluster: 60 s, falling to 5 s on thousands of GPUs."""
    return _by_scale(STALL_S, gpus)


def standard_restart_s(gpus: float) -> float:
    """Return the standard of ``network.restart_s`` for a cluster: 30 minutes, falling to 10 on thousands of GPUs."""
    return _by_scale(RESTART_S, gpus)


@dataclass(frozen=True, slots=True)
class Goodput:
    """What failures and checkpoints leave. Arrays.

    Attributes
    ----------
    mtbf_s
        Mean time between unexpected stops of the whole job.
    interval_s
        Seconds of progress between checkpoints, the user's or Young's optimum.
    checkpoint, rework, restart
        Share of the time written away in checkpoints, lost in repeated work, and waited for in restarts; with
        ``goodput`` they add up to 1.
    goodput
        Share that trains, between 0 and 1.
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


@cached_for_one
def goodput(
    gpus: Num,
    checkpoint_s: Num,
    *,
    mtbf_gpu_hours: Num = LLAMA3_MTBF_GPU_HOURS,
    restart_s: Num = RESTART_S[0],
    interval_s: Num | None = None,
) -> Goodput:
    """Return the share of the time that trains.

    ``goodput = exp(-R / M) * (tau / M) / (exp((tau + t) / M) - 1)`` with ``M = mtbf_gpu_hours / gpus`` (failures of
    independent GPUs add). Exact for stops at random: no cluster is so large that nothing is left by the formula alone.

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
    running = np.exp(-np.broadcast_to(np.asarray(restart_s / mtbf_s), best.shape))
    with np.errstate(over="ignore"):
        progress = (tau / mtbf_s) / np.expm1((tau + checkpoint_s) / mtbf_s)
    checkpoint = progress * checkpoint_s / tau
    rework = np.maximum(0.0, 1.0 - progress - checkpoint)
    return Goodput(
        mtbf_s, tau, running * checkpoint, running * rework, 1.0 - running, np.clip(running * progress, 0.0, 1.0)
    )
