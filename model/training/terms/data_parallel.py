"""Data parallel: exposed reduction of gradients and gathering of sharded weights (docs/method.md 4.5; arXiv 1910.02054)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import DATA_OVERLAP_YEAR
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.base.arrays import Mask, Num, pick, real, some
from mitsumori.model.kernels.collectives import group_rate
from mitsumori.model.kernels.launches import beyond
from mitsumori.model.training.terms.setting import Setting

GRADIENT_BYTES: Final = 4.0
"""Gradient reduced and weight gathered, 2 bytes each, a parameter and step."""
LOW_GRADIENT_BYTES: Final = 3.0
"""The same where weights are gathered in 8 bits."""
WIDE_GRADIENT_BYTES: Final = 2.0
"""Further bytes where gradients are reduced in 32 bits; counted where the recipe says so."""
GATHER_BYTES: Final = 6.0
"""ZeRO-3, a parameter and micro-batch: two gathers of the weight and a reduction of the gradient, 2 bytes each."""
CORNER: Final = 0.3
"""Rounding of the corner where work and reduction take equally long, share of the reduction: an assumption."""
SHARP: Final = 0.5
"""Share of the exposed reduction with a sharp corner, the rest with a rounded one: an assumption."""
MOSTLY_FROZEN: Final = 0.5
"""Trained share of the matrices below which gathered weights count as frozen beside adapters."""


class Shards(NamedTuple):
    """Parameters of one rank and the groups that hold copies of them.

    ``dense``, ``experts``: parameters of the rank; ``group``, ``expert_group``: ranks that hold the same ones; ``gathered``:
    whether weights are sharded and gathered for each micro-batch (ZeRO-3 without a pipeline).
    """

    dense: Num
    experts: Num
    group: Num
    expert_group: Num
    zero: Num
    gathered: Mask


def shards(s: Setting) -> Shards:
    """The shards of a step's setting."""
    return shards_of(s.arch, s.parallel)


def shards_of(arch: Architecture, parallel: Parallel) -> Shards:
    """``P / (t p)`` parameters over ``n c`` ranks; experts ``P / (e etp p)`` over ``t c n / (e etp)``."""
    count = parameter_count(arch)
    t, p, ep, etp = (real(size) for size in (parallel.tp, parallel.pp, parallel.ep, parallel.etp))
    zero = np.asarray(parallel.zero_stage)
    return Shards(
        dense=(count.total - count.experts) / (t * p),
        experts=count.experts / (ep * etp * p),
        group=real(parallel.dp) * parallel.sequence_parts,
        expert_group=np.maximum(t * parallel.sequence_parts * parallel.dp / (etp * ep), 1.0),
        zero=zero,
        gathered=(zero >= 3) & (p <= 1),
    )


def s_per_byte(s: Setting, own: Shards) -> Num:
    """Seconds to move one byte of every parameter of the rank within its group (parameters over bytes/s)."""
    m = s.machine
    rate = group_rate(own.group, s.t, m.domain, m.link, m.nic, m.mesh)
    unit = pick(own.group > 1, own.dense / rate, 0.0)
    if some(s.is_moe):
        rate = group_rate(own.expert_group, s.ep * s.etp, m.domain, m.link, m.nic, m.mesh)
        unit = unit + pick(own.expert_group > 1, own.experts / rate, 0.0)
    return unit


def gradients_s(s: Setting, own: Shards, unit: Num, slowest_s: Num, micro_batches: Num) -> Num:
    """Exposed reduction of gradients and gathering of updated weights, seconds of a step.

    ``dp_bytes x 4 bytes`` a parameter (3 in 8 bits, 2 more with 32-bit gradients), of which ``dp_hidden`` of a micro-batch
    hides a part since overlap exists. Sharded gradients are reduced after every micro-batch, whole ones once a step (ZeRO-2,
    arXiv 1910.02054 section 5); ZeRO-3 has reduced them with its gathers.

    Parameters
    ----------
    s, own
        The step's setting and the shards of a rank.
    unit
        Seconds a byte of every parameter (:func:`s_per_byte`).
    slowest_s
        Slowest stage, a micro-batch.
    micro_batches
        m of one pipeline and step.
    """
    c = s.constants
    size = pick(s.form.low > 0, LOW_GRADIENT_BYTES, GRADIENT_BYTES)
    wide = s.work.wide_gradients
    if wide is not None:
        size = size + pick(np.equal(wide, 1.0), WIDE_GRADIENT_BYTES, 0.0)
    payload = c["dp_bytes"] * size * np.asarray(s.work.gradient_share)
    sync = pick(own.gathered, 0.0, payload * unit)
    alone = (s.habits.year < DATA_OVERLAP_YEAR) | (own.zero < 1) | s.habits.deepspeed
    left = sync - pick(alone, 0.0, c["dp_hidden"]) * slowest_s
    exposed = SHARP * (np.maximum(left, 0.0) + beyond(left, CORNER * sync))
    each_time = (own.zero == 2) & (s.p <= 1)
    if some(each_time):
        exposed = exposed * pick(each_time, micro_batches, 1.0)
    return exposed


def gathering_s(s: Setting, own: Shards, unit: Num, slowest_s: Num, micro_batches: Num) -> Num:
    """Exposed gathering of sharded weights, seconds of a step; parameters as of :func:`gradients_s`.

    ``m (fsdp_contention x gather + max(gather - fsdp_hidden x slowest, 0))``, ``gather = 6 bytes x unit``: what is hidden
    still slows the work beside it.

    Parameters
    ----------
    s
        The setting of the step.
    own
        What one accelerator holds of the parameters, and whether it gathers them.
    unit
        Parameters that are gathered at once.
    slowest_s
        Seconds of a micro-batch on the slowest stage.
    micro_batches
        Micro-batches of a step.
    """
    c = s.constants
    if not some(own.gathered):
        return 0.0
    frozen = pick(s.trained < MOSTLY_FROZEN, c["lora_fsdp"], 1.0)
    gather = pick(own.gathered, GATHER_BYTES * unit, 0.0) * frozen
    left = np.maximum(gather - c["fsdp_hidden"] * slowest_s, 0.0)
    return micro_batches * (c["fsdp_contention"] * gather + left)
