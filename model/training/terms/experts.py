"""Experts: the work of one mixture-of-experts layer and micro-batch (docs/method.md 4.1, 4.2).

R routed tokens of one rank are spread over its local experts and run as grouped products.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.stacks import DISPATCHER_YEAR, DISPATCHERS, FIRST_MOE_YEAR
from mitsumori.model.architecture.transformer import expert_parameters
from mitsumori.model.base.arrays import Mask, Num, pick, real
from mitsumori.model.catalogue.accelerators import FAMILIES
from mitsumori.model.kernels import elementwise
from mitsumori.model.kernels.launches import with_host_s
from mitsumori.model.kernels.matrix import FLOP_PER_PARAMETER, moved_bytes, product_s
from mitsumori.model.training.terms.compute import (
    DenseLayer,
    Products,
    beside_s,
    graphs_share,
    layer_elementwise_s,
)
from mitsumori.model.training.terms.setting import Setting

EXPERT_HALF_OF_FAMILY: Final = np.array(
    [{"hopper": 0.3, "ampere": 0.3, "ada": 0.3}.get(name, 1.0) for name in FAMILIES]
)
"""Tokens of one expert at half rate over Blackwell's 60-145: 4-90 on Hopper (measured grouped products, docs/method.md 4.8)."""
HYBRID: Final = DISPATCHERS.index("hybridep")
SKEW_ALONE: Final = 0.5
SKEW_A_DOUBLING: Final = 1.0 / 6.0
"""Uneven routing, share of ``natural_routing``'s excess: half on one rank, all of it at eight, more beyond (measured power-law
routing: 1.05-1.10 on one rank, 1.4-1.6 at eight; an upper bound)."""


class Routed(NamedTuple):
    """Routing on one rank: ``tokens`` routed to it (R), ``local`` experts it holds, ``width`` of one expert, top-``k``.

    ``old``: before the fused dispatchers of 2026; ``years`` before them, no more than measured.
    """

    tokens: Num
    local: Num
    width: Num
    k: Num
    old: Mask
    years: Num


class ExpertLayer(NamedTuple):
    """Work of a layer with routed experts, seconds of one micro-batch and rank; ``busy_s`` is the whole layer."""

    routed: Routed
    experts: Products
    shared: Products
    elementwise_s: Num
    permutation_s: Num
    biased_s: Num
    fixed_s: Num
    busy_s: Num


def routed_tokens(s: Setting) -> Routed:
    """``R = T k / t`` and ``E / e`` local experts."""
    k = real(s.arch.moe_topk)
    local = np.maximum(real(s.arch.moe_experts) / s.ep, 1.0)
    # Only HybridEP, the default since the release of 2026, spares the host the wait for counts; others keep it when stated.
    old = ~np.equal(s.habits.kernels.dispatcher, HYBRID)
    years = np.minimum(np.maximum(DISPATCHER_YEAR - s.habits.year, 0.0), DISPATCHER_YEAR - FIRST_MOE_YEAR)
    return Routed(s.tokens / s.t * k, local, real(s.arch.moe_ffn), k, old, years)


def expert_products(s: Setting, routed: Routed) -> Products:
    """Grouped products of the local experts: a rate of ``expert_rate / (1 + expert_half / tokens of one expert)``.

    The busiest rank does ``natural_routing`` of the mean where routing is not forced to balance.
    """
    c, r = s.constants, routed
    parameters = expert_parameters(s.arch)
    each = np.maximum(r.tokens * s.etp / r.local, 1.0)
    half = (
        c["expert_half"]
        * EXPERT_HALF_OF_FAMILY[np.asarray(s.gpu.family)]
        * pick(s.form.low > 0, c["expert_half_low"], 1.0)
    )
    rate = s.machine.rate * c["expert_rate"] / (1.0 + half / each)
    weights = r.local * parameters / s.etp
    moved = moved_bytes(r.tokens, s.hidden + r.width, s.hidden + s.gates * r.width, weights, s.form.input_bytes)
    one = product_s(FLOP_PER_PARAMETER * r.tokens * parameters, rate, moved, c["expert_hbm"], s.machine.memory)
    # The slowest rank decides: uneven routing costs half of it where every rank holds all experts, and grows with their split.
    spread = SKEW_ALONE + SKEW_A_DOUBLING * np.log2(np.maximum(s.ep, 1.0))
    capacity = np.asarray(s.habits.kernels.capacity_factor)
    skew = pick(np.asarray(s.work.balanced) > 0, 1.0, 1.0 + (c["natural_routing"] - 1.0) * spread)
    skew = pick(capacity > 0, np.maximum(capacity, 1.0), skew)
    return Products(skew * one, s.gradient * r.local * parameters / s.etp / s.machine.memory)


def shared_products(s: Setting) -> Products:
    """The shared experts: a dense block whose result joins the routed one without a trip of its own through memory."""
    fs = real(s.arch.moe_shared_ffn)
    parameters = s.hidden * fs * s.arch.mlp_matrices / s.t
    moved = moved_bytes(s.tokens, s.hidden + fs / s.t, s.gates * fs / s.t, parameters, s.form.input_bytes)
    flop = FLOP_PER_PARAMETER * s.tokens * parameters
    pass_s = product_s(flop, s.machine.rate, moved, s.constants["hbm_exposed"], s.machine.memory)
    return Products(pass_s, s.gradient * parameters / s.machine.memory)


def permutation_s(s: Setting, routed: Routed) -> Num:
    """Sorting the routed tokens by expert and back, both passes; more of it before the dispatchers of 2026."""
    c = s.constants
    slowdown = pick(routed.old, c["permute_old"], 1.0)
    slowdown = slowdown * pick(np.equal(s.habits.kernels.permute_fusion, 0), c["permute_loose"], 1.0)
    return elementwise.permutation_s(routed.tokens, s.hidden, c["permute"], slowdown, s.machine.memory)


def biased_activation_s(s: Setting, routed: Routed) -> Num:
    """Unfused activation of experts with biases: ``2 bytes x biased_expert x R f_e / bandwidth``."""
    c = s.constants
    slow = pick(routed.old, 1.0, c["biased_expert_new"])
    biased = elementwise.ACCESS_BYTES * c["biased_expert"] * slow * routed.tokens * routed.width / s.machine.memory
    return pick((np.asarray(s.arch.linear_bias) > 0) & s.is_moe, biased, 0.0)


def fixed_s(s: Setting, routed: Routed) -> Num:
    """Dispatch, and a time for each local expert; before the dispatchers of 2026 a synchronisation, growing with age."""
    c, old = s.constants, routed.old
    aged = pick(old, np.exp(c["moe_age"] * routed.years), 1.0)
    # With a capacity every expert's tokens are known in advance: the host waits for no counts.
    sync = pick(old & (np.asarray(s.habits.kernels.capacity_factor) <= 0), c["moe_sync"] * aged, 0.0)
    each = routed.local * c["expert_fixed"] * pick(old, aged, c["expert_fixed_new"])
    return (c["moe_fixed"] + sync + each) * pick(s.habits.jax, c["layer_xla"], 1.0)


def activation_s(s: Setting, routed: Routed) -> Num:
    """The experts' activation alone, both passes: ``8 R x gates x f_e`` counted bytes."""
    both = elementwise.BOTH_PASSES * elementwise.ACTIVATION_BYTES
    return both * routed.tokens * s.machine.element_s * s.gates * routed.width


def expert_layer(s: Setting, dense: DenseLayer, tensor_parallel_s: Num) -> ExpertLayer:
    """The work of an expert layer: that of attention, of routed and shared experts, and what routing adds.

    Parameters
    ----------
    s
        The step's setting.
    dense
        The dense layer, whose attention and host time are the same.
    tensor_parallel_s
        Communication of the layer, behind which the host launches too.
    """
    routed = routed_tokens(s)
    experts, shared = expert_products(s, routed), shared_products(s)
    fs = real(s.arch.moe_shared_ffn)
    element = layer_elementwise_s(s, fs + routed.width * routed.k)
    cast = s.machine.cast_s
    inputs = routed.tokens * (s.hidden + routed.width) + s.tokens * fs / s.t
    casts = cast * s.tokens * s.attention_in + cast * inputs
    permutation, biased, fixed = permutation_s(s, routed), biased_activation_s(s, routed), fixed_s(s, routed)
    device = dense.attention_s + s.passes * (experts.pass_s + shared.pass_s) + experts.gradient_s + shared.gradient_s
    device = device + element + casts + permutation + biased + fixed + beside_s(s)
    if s.mixed is not None:
        feeds = s.mixed.feeds
        beyond_attention = device - dense.attention_s - element
        device = dense.attention_s + element + feeds * beyond_attention
        experts, shared = Products(*(feeds * part for part in experts)), Products(*(feeds * part for part in shared))
        permutation, biased, fixed = feeds * permutation, feeds * biased, feeds * fixed
    host = dense.host_s + s.constants["host_moe"] * graphs_share(s) * pick(s.habits.jax, s.constants["layer_xla"], 1.0)
    busy = with_host_s(device, host, tensor_parallel_s)
    return ExpertLayer(routed, experts, shared, element, permutation, biased, fixed, busy)
