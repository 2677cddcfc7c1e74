"""Recompute: forward work that the backward pass repeats to save memory (arXiv 2205.05198 section 5)."""

from __future__ import annotations

from typing import Final

from mitsumori.model.base.arrays import Num, pick
from mitsumori.model.training.terms.compute import DenseLayer
from mitsumori.model.training.terms.experts import ExpertLayer, activation_s
from mitsumori.model.training.terms.setting import Setting

FORWARD_OF_THREE: Final = 3.0
"""Element-wise work and gaps have three passes, of which the forward one is repeated."""


def dense_s(s: Setting, dense: DenseLayer) -> Num:
    """What all layers repeat of attention and gaps, and the dense ones of their block; seconds of a micro-batch, model.

    Products and gaps by the repeated ``share``; the scores whole with full recomputation, and with selective recomputation
    where they were not kept (no fused kernel, outside torchtitan).
    """
    again = s.repeats
    scores = pick(again.full | (again.selective & ~again.by_operator & s.habits.unfused), 1.0, 0.0)
    layer = again.share * dense.attention.pass_s + scores * dense.scores.forward_s
    layer = layer + again.share * dense.gaps_s / FORWARD_OF_THREE
    block = dense.mlp.pass_s + dense.elementwise_s / FORWARD_OF_THREE
    return (s.dense + s.moe) * layer + s.dense * again.share * block


def experts_s(s: Setting, layer: ExpertLayer) -> tuple[Num, Num]:
    """What the expert layers repeat beyond attention: their work by the ``share``, and their activation.

    Selective recomputation of a modern stack repeats the activation of the experts (Megatron's ``moe_act``).
    """
    again, moe = s.repeats, s.moe
    work = layer.elementwise_s + layer.permutation_s + layer.fixed_s
    block = layer.experts.pass_s + layer.shared.pass_s + work / FORWARD_OF_THREE
    act = pick(again.full, 1.0, pick(again.selective & ~again.by_operator & ~s.habits.unfused, 1.0, 0.0))
    element = pick(again.full, 0.0, activation_s(s, layer.routed))
    activation = moe * act * (layer.biased_s + element) / FORWARD_OF_THREE
    return pick(moe > 0, moe * again.share * block, 0.0), pick(moe > 0, activation, 0.0)
