"""Recompute: forward work that the backward pass repeats to save memory (arXiv 2205.05198 section 5)."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.transformer import attention_parameters_per_layer
from mitsumori.model.base.arrays import Num, pick, some
from mitsumori.model.memory.activations import has_module
from mitsumori.model.training.terms.compute import DenseLayer
from mitsumori.model.training.terms.experts import ExpertLayer, activation_s
from mitsumori.model.training.terms.setting import Setting

NORM_SHARE: Final = 0.4
"""Norms among the counted bytes of norms and residuals, 8 of 20 (:mod:`model.kernels.elementwise`)."""
FORWARD_OF_THREE: Final = 3.0
"""Element-wise work and gaps have three passes, of which the forward one is repeated."""


def dense_s(s: Setting, dense: DenseLayer) -> Num:
    """What all layers repeat of attention and gaps, and the dense ones of their block; seconds of a micro-batch, model.

    Products and gaps by the repeated ``share``; the scores whole with full recomputation, and with selective recomputation
    where they were not kept (no fused kernel, outside torchtitan).
    """
    again = s.repeats
    scores = pick(again.full | (again.selective & ~again.by_operator & ~again.stated & s.habits.unfused), 1.0, 0.0)
    layer = again.share * dense.attention.pass_s + scores * dense.scores.forward_s
    layer = layer + again.share * dense.gaps_s / FORWARD_OF_THREE
    block = dense.mlp.pass_s + dense.elementwise_s / FORWARD_OF_THREE
    repeated = (s.dense + s.moe) * layer + s.dense * again.share * block
    return repeated + stated_s(s, dense) if some(again.stated) else repeated


def _module(s: Setting, name: str) -> Num:
    """1 where the layout names a module to be repeated."""
    return pick(s.repeats.stated & has_module(s.parallel, name), 1.0, 0.0)


def stated_s(s: Setting, dense: DenseLayer) -> Num:
    """What the modules named by the layout repeat outside the routed experts; seconds of a micro-batch, model."""
    layer = _module(s, "core_attn") * dense.scores.forward_s
    layer = layer + _module(s, "layernorm") * NORM_SHARE * dense.elementwise_s / FORWARD_OF_THREE
    if some(s.mla):
        whole = attention_parameters_per_layer(s.arch)
        down = s.hidden * (s.latent + s.arch.qk_rope_dim + s.heads * s.v_dim)
        layer = layer + _module(s, "mla_up_proj") * pick(s.mla, 1.0 - down / whole, 0.0) * dense.attention.pass_s
    block = _module(s, "mlp") * (dense.mlp.pass_s + (1.0 - NORM_SHARE) * dense.elementwise_s / FORWARD_OF_THREE)
    return (s.dense + s.moe) * layer + s.dense * block


def experts_s(s: Setting, layer: ExpertLayer) -> tuple[Num, Num]:
    """What the expert layers repeat beyond attention: their work by the ``share``, and their activation.

    Selective recomputation of a modern stack repeats the activation of the experts (Megatron's ``moe_act``).
    """
    again, moe = s.repeats, s.moe
    work = layer.elementwise_s + layer.permutation_s + layer.fixed_s
    block = layer.experts.pass_s + layer.shared.pass_s + work / FORWARD_OF_THREE
    usual = again.selective & ~again.by_operator & ~again.stated & ~s.habits.unfused
    act = pick(again.full, 1.0, pick(usual, 1.0, 0.0))
    if some(again.stated):
        act = np.maximum(act, _module(s, "moe_act"))
    element = pick(again.full, 0.0, activation_s(s, layer.routed))
    activation = moe * act * (layer.biased_s + element) / FORWARD_OF_THREE
    share = again.share
    if some(again.stated):
        share = np.maximum(share, _module(s, "moe"))
        activation = activation + moe * _module(s, "shared_experts") * layer.shared.pass_s
    return pick(moe > 0, moe * share * block, 0.0), pick(moe > 0, activation, 0.0)
