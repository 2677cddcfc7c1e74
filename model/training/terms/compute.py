"""Compute: the work of one layer and micro-batch on the device, and the output layer (docs/method.md 4.1, 4.2)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.architecture.mixers import mixer_matrices, scan_flop, widths
from mitsumori.model.architecture.transformer import attention_parameters_per_layer, effective_attention_span
from mitsumori.model.base.arrays import Num, pick, real, some
from mitsumori.model.kernels import attention, elementwise, scan
from mitsumori.model.kernels.launches import gaps_s, host_s, with_host_s
from mitsumori.model.kernels.matrix import FLOP_PER_PARAMETER, moved_bytes, product_s
from mitsumori.model.training.terms.setting import FORWARD_AND_INPUT_PASSES, Setting


class Products(NamedTuple):
    """Matrix products of a block: seconds of one pass, and of the main gradient's traffic a micro-batch."""

    pass_s: Num
    gradient_s: Num


class Scores(NamedTuple):
    """Score and value products of attention, seconds of the forward and of the backward pass."""

    forward_s: Num
    backward_s: Num


class DenseLayer(NamedTuple):
    """Work of a layer with a dense feed-forward block, seconds of one micro-batch and rank.

    ``attention_s``: products, scores and gaps of a layer of any kind, all passes; ``busy_s``: the whole dense layer.
    """

    attention: Products
    mlp: Products
    scores: Scores
    elementwise_s: Num
    gaps_s: Num
    host_s: Num
    attention_s: Num
    busy_s: Num


def graphs_share(s: Setting) -> Num:
    """Host time with what the recipe launches as graphs, over the usual: where nobody says, default settings use none.

    The usual recipe of a model with experts launches parts of its layers as graphs, that of a dense one does not.
    """
    stated = np.asarray(s.habits.kernels.cuda_graphs)
    loose = pick(s.is_moe, s.constants["host_loose"], 1.0)
    usual = pick((s.parallel.tuned == 0) & s.habits.megatron, loose, 1.0)
    whole = pick(stated >= LAYER_GRAPHS, pick(stated > LAYER_GRAPHS, FULL_GRAPH_SHARE, LAYER_GRAPH_SHARE), 1.0)
    return pick(stated < 0, usual, pick(stated == 0, loose, whole))


LAYER_GRAPHS: Final = 2
LAYER_GRAPH_SHARE: Final = 0.3
FULL_GRAPH_SHARE: Final = 0.1
"""Host time with layers, or the whole step, as one graph, over that with attention and router as graphs: assumptions."""
ADAPTED_ENDS: Final = 4.0
"""Ends of hidden size of attention's four adapted products: inputs of queries, keys and values, and the output."""


def attention_products(s: Setting) -> Products:
    """Query, key, value and output projections of one layer.

    ``2 T P (1 + shape_half t / (a d_v)) / rate`` and the traffic of inputs, weights and outputs; in 8 and 4 bits also
    ``inner_half_low`` over the inner sides of the products.
    """
    parameters = attention_parameters_per_layer(s.arch) / s.t
    up = s.latent + s.heads * (s.arch.qk_nope_dim + s.v_dim) / s.t
    out = s.hidden + s.heads * s.qk_dim / s.t + pick(s.mla, up, s.kv_heads * 2 * s.arch.head_dim / s.t)
    columns = s.heads * s.v_dim / s.t
    narrow = 1.0 + s.constants["shape_half"] / columns + s.inner_half * 0.5 * (1.0 / s.hidden + 1.0 / columns)
    moved = moved_bytes(s.tokens, s.attention_in, out, parameters, s.form.input_bytes)
    flop = FLOP_PER_PARAMETER * s.tokens * parameters * narrow
    pass_s = product_s(flop, s.machine.rate, moved, s.constants["hbm_exposed"], s.machine.memory)
    if s.mixed is None:
        return Products(pass_s, s.gradient * parameters / s.machine.memory)
    mixer = mixer_products(s)
    held = s.mixed.attends * parameters + s.mixed.mixes * mixer.parameters
    return Products(s.mixed.attends * pass_s + s.mixed.mixes * mixer.pass_s, s.gradient * held / s.machine.memory)


class MixerProducts(NamedTuple):
    """Projections of a mixer on one rank: seconds of one pass, and parameters."""

    pass_s: Num
    parameters: Num


def mixer_products(s: Setting) -> MixerProducts:
    """Projections of a hybrid's mixer: ``2 T P (1 + shape_half t / (H P)) / rate`` and their traffic, as those of attention."""
    parameters = mixer_matrices(s.arch) / s.t
    values, keys, _ = widths(s.arch)
    columns = np.maximum(values / s.t, 1.0)
    narrow = 1.0 + s.constants["shape_half"] / columns + s.inner_half * 0.5 * (1.0 / s.hidden + 1.0 / columns)
    moved = moved_bytes(
        s.tokens, s.hidden + values / s.t, s.hidden + 2.0 * (values + keys) / s.t, parameters, s.form.input_bytes
    )
    flop = FLOP_PER_PARAMETER * s.tokens * parameters * narrow
    return MixerProducts(
        product_s(flop, s.machine.rate, moved, s.constants["hbm_exposed"], s.machine.memory), parameters
    )


def mlp_products(s: Setting) -> Products:
    """Gate, up and down projections of a dense feed-forward block.

    ``2 T P (1 + shape_half t / f) / rate`` and the traffic; P is ``3 h f / t`` gated, ``2 h f / t`` not.
    """
    f = real(s.arch.ffn)
    parameters = s.hidden * f * s.arch.mlp_matrices / s.t
    inner = (s.gates / s.hidden + s.t / np.maximum(f, 1.0)) / (1.0 + s.gates)
    narrow = 1.0 + s.constants["shape_half"] * s.t / np.maximum(f, 1.0) + s.inner_half * inner
    moved = moved_bytes(
        s.tokens, s.hidden + f / s.t, s.hidden + s.gates * f / s.t, parameters, s.form.input_bytes
    )  # fmt: skip
    flop = FLOP_PER_PARAMETER * s.tokens * parameters * narrow
    pass_s = product_s(flop, s.machine.rate, moved, s.constants["hbm_exposed"], s.machine.memory)
    feeds = 1.0 if s.mixed is None else s.mixed.feeds
    return Products(feeds * pass_s, feeds * (s.gradient * parameters / s.machine.memory))


def attention_scores(s: Setting) -> Scores:
    """Score and value products of one layer, fused or through memory (:mod:`model.kernels.attention`)."""
    span = effective_attention_span(s.arch, s.seq) * real(s.work.attention_share)
    flop = attention.score_flop(s.heads, s.qk_dim, s.v_dim, span, s.tokens, s.t)
    # A causal query sees half of what the last one does; with windows the last one sees no more than the sequence.
    attended = np.minimum(2 * span, s.seq)
    kernel = s.habits.kernels.fused_attention
    forward = flop / attention.fused_rate(s.gpu, kernel, s.habits.age, s.qk_dim, attended, s.constants)
    backward = forward * s.constants["attention_backward"]
    unfused = s.habits.unfused
    if some(unfused):
        loose = attention.unfused_s(flop, s.machine.wide, s.heads / s.t, s.seq, s.tokens, s.machine.memory, s.constants)
        forward = pick(unfused, loose, forward)
        backward = pick(unfused, loose * attention.UNFUSED_BACKWARD, backward)
    if s.mixed is not None:
        one = s.mixed.mixes * scan.scan_s(s.gpu, scan_flop(s.arch) * s.tokens / s.t)
        forward, backward = s.mixed.attends * forward + one, s.mixed.attends * backward + scan.BACKWARD * one
    return Scores(forward, backward)


def layer_elementwise_s(s: Setting, width: Num) -> Num:
    """Norms, residuals, rotary embedding and activation of one layer, both passes.

    Parameters
    ----------
    s
        The step's setting.
    width
        Columns of the feed-forward block that a token passes, over all tensor ranks (f; shared and routed experts).
    """
    rotated = (s.heads + s.kv_heads) * s.arch.head_dim
    common = elementwise.layer_width_bytes(s.hidden, s.sp, rotated, s.t)
    activation = elementwise.ACTIVATION_BYTES * s.gates * width / s.t
    if s.mixed is not None:
        norms = elementwise.HIDDEN_BYTES * s.hidden / s.sp
        values, _, convolved = widths(s.arch)
        mixer = scan.beside_bytes(convolved / s.t, values / s.t)
        common = s.mixed.blocks * norms + s.mixed.attends * (common - norms) + s.mixed.mixes * mixer
        activation = s.mixed.feeds * activation
    return elementwise.elementwise_s(s.tokens, common + activation, s.machine.element_s)


def beside_s(s: Setting) -> Num:
    """What frozen weights bring with them in one layer, all passes: adapters, and the widening of 4-bit weights.

    ``adapter x 2 bytes x T x columns`` of inputs and outputs of the products that have adapters (attention's, and the
    feed-forward block's where all linear layers have one), ``adapter_eager`` instead without fusion;
    ``widen x 2 bytes x parameters`` for each of the two passes and the repeated.
    """
    if not some(s.trained < 1.0):
        return 0.0
    f = real(s.arch.ffn)
    attention = ADAPTED_ENDS * s.hidden + (s.heads + s.kv_heads) * 2.0 * s.qk_dim / s.t
    block = pick(np.asarray(s.work.adapters) > 1, (s.gates + 1.0) * (s.hidden + f / s.t), 0.0)
    accesses = pick(s.habits.eager, s.constants["adapter_eager"], s.constants["adapter"])
    adapters = elementwise.ACCESS_BYTES * accesses * s.tokens * (attention + block) / s.machine.memory
    parameters = attention_parameters_per_layer(s.arch) / s.t + s.hidden * f * s.arch.mlp_matrices / s.t
    widened = elementwise.ACCESS_BYTES * s.constants["widen"] * parameters / s.machine.memory
    passes = FORWARD_AND_INPUT_PASSES + s.repeats.share
    return (1.0 - s.trained) * (adapters + np.asarray(s.work.quantised) * passes * widened)


def dense_layer(s: Setting, tensor_parallel_s: Num) -> DenseLayer:
    """The work of a dense layer; ``tensor_parallel_s`` is its communication, behind which the host launches too.

    ``passes x products + main gradients + scores + gaps + element-wise work + casts``, and the host where it is slower.
    """
    attn, mlp, scores = attention_products(s), mlp_products(s), attention_scores(s)
    gaps = gaps_s(s.habits.jax, s.habits.eager, 1.0 - s.trained, s.constants)
    host = host_s(s.habits.jax, s.habits.eager, s.t, s.constants) * graphs_share(s)
    f = real(s.arch.ffn)
    element = layer_elementwise_s(s, f)
    cast = s.machine.cast_s * s.tokens
    casts = cast * s.attention_in + cast * (s.hidden + f / s.t)
    if s.mixed is not None:
        gaps, host, casts = gaps * s.mixed.blocks, host * s.mixed.blocks, casts * s.mixed.blocks
    attention_s = s.passes * attn.pass_s + attn.gradient_s + scores.forward_s + scores.backward_s + gaps
    device = attention_s + s.passes * mlp.pass_s + mlp.gradient_s + element + casts + beside_s(s)
    busy = with_host_s(device, host, tensor_parallel_s)
    return DenseLayer(attn, mlp, scores, element, gaps, host, attention_s, busy)


def output_layer_s(s: Setting) -> Num:
    """Logits and loss of one micro-batch, once more for each prediction depth: ``passes x 2 T h V / t / rate + loss``."""
    vocabulary = real(s.arch.vocab) / s.t
    products = (FLOP_PER_PARAMETER * s.passes * s.tokens * s.hidden * vocabulary) / s.machine.wide
    return (1.0 + s.extra) * (products + elementwise.loss_s(s.tokens, vocabulary, s.machine.memory))
