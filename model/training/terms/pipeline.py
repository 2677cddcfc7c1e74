"""Pipeline: bubble, traffic between stages and stages that are not equal (arXiv 2104.04473; docs/method.md 4.4)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.stacks import OVERLAP_YEAR
from mitsumori.model.base.arrays import Num, pick, some
from mitsumori.model.training.terms.setting import Setting

HOP_BYTES: Final = 4.0
"""An element between two stages: its activation forward and its gradient backward, 2 bytes each."""


def traffic_s(s: Setting) -> Num:
    """Exposed traffic between stages, seconds of a micro-batch: ``4 bytes x v T h / sp / rate x pp_exposed``.

    Between the v chunks of every stage, over the network unless all ranks share a domain; all of it is felt before
    overlapping schedules.
    """
    machine = s.machine
    rate = pick(np.asarray(s.parallel.gpus) <= machine.domain, machine.link, machine.nic)
    hop = HOP_BYTES * s.v * s.tokens * s.hidden / s.sp / rate
    blocking = (s.habits.year < OVERLAP_YEAR) | s.habits.deepspeed
    return pick(s.p > 1, hop * pick(blocking, 1.0, s.constants["pp_exposed"]), 0.0)


def slowest_stage_s(s: Setting, body_s: Num, output_s: Num, hops_s: Num) -> Num:
    """What the pipeline advances by, seconds of a micro-batch: the mean stage and a share of the slowest one's excess.

    The slowest stage has the output layer, or a layer more than the others. Where the layers do not divide over the chunks
    but with embedding and output layer counted as one each they do, first and last stage hold one layer fewer
    (:func:`model.memory.states.stage_of`; Llama 3, arXiv 2407.21783 section 3.3.2).

    Parameters
    ----------
    s
        The step's setting.
    body_s
        All layers of the model with their communication.
    output_s
        Output layer and loss.
    hops_s
        Traffic between stages (:func:`traffic_s`).
    """
    p = s.p
    mean = (body_s + output_s) / p + hops_s
    piped = p > 1
    if not some(piped):
        return mean
    chunks, layers = p * s.v, s.dense + s.moe
    uneven = np.ceil(layers / chunks) * chunks / layers
    longest: Num = np.maximum(body_s / p * uneven, body_s / p + output_s)
    counted = (layers % chunks != 0) & ((layers + 2.0) % chunks == 0)
    if some(counted):
        one, held = body_s / layers, (layers + 2.0) / p
        ends = np.maximum(one * (held - pick(p > 2, 0.0, 1.0)), one * (held - 1.0) + output_s)
        longest = pick(counted, ends, longest)
    return pick(piped, mean + s.constants["imbalance"] * (longest + hops_s - mean), mean)


def bubble_share(s: Setting, micro_batches: Num) -> Num:
    """Fill and drain over the micro-batches' work: ``bubble (p - 1) / (m v)`` (arXiv 2104.04473 section 2.2)."""
    return s.constants["bubble"] * (s.p - 1.0) / (micro_batches * s.v)
