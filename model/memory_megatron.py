"""Peak *allocated* memory of a pipeline stage under Megatron-like software (floor 3).

Sixteen published peaks on B200 come out within 0.1 % without a fitted constant (tests/validation). The peak is not "states plus
activations": placeholders, logits and transients of the backward pass are several GiB.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from model.activations import FULL, Saved, element_bytes, expert_token_share, megatron_saved, sequence_shards
from model.memory_options import MemoryOptions, Moment, StagePeak
from model.parallel import OFFLOADS, Num, Parallel, code
from model.states import MEGATRON, LayerParameters, Stage, key_value_heads_per_gpu, state_bytes
from model.transformer import Architecture

WORKSPACE_BYTES: Final = 2.0 * 32.0 * 2.0**20
"""Two matrix-product workspaces of 32 MiB: cuBLAS and Transformer Engine on Hopper and later."""
BUCKET_PARAMETERS: Final = 40.0e6
"""Megatron-Core's smallest gradient bucket, ``max(40e6, 1e6 * dp)`` parameters."""
EMBEDDING_TRANSIENT_ELEMENTS: Final = 3.2
"""Dense embedding backward: token gradients, sorted indices and the scatter's buffers, about 3.2 elements a token and
hidden unit (memory-findings 3; never the peak of a published row)."""


def in_flight(parallel: Parallel, index: Num) -> Any:
    """Micro-batches whose activations stage ``index`` holds at once.

    1F1B: ``min(m, p - i)``. Interleaved over v chunks: ``(2 (p - i - 1) + (v - 1) p + 1) / v`` micro-batches of the whole
    stage, ``1 + (p - 1) / (p v)`` times more than p on stage 0 (arXiv 2205.05198 section 4.2.3), never more than m.
    """
    p, v = np.asarray(parallel.pp), np.asarray(parallel.vp)
    i = np.asarray(index)
    interleaved = (2.0 * (p - i - 1) + (v - 1.0) * p + 1.0) / v
    return np.minimum(np.where(v > 1, interleaved, p - i), parallel.micro_batches)


def _placeholders(arch: Architecture, parallel: Parallel, e: Any) -> tuple[Any, Any]:
    """Weight-gradient placeholders of a dense and a MoE layer, one for each weight shape, cached for ever.

    The fused weight-gradient product adds into the fp32 main gradient and hands autograd a dummy of the weight's shape:
    QKV, projection, gate/up, down; of an expert's matrices one each. Software without the fusion makes a real temporary
    gradient of the same size.
    """
    h = np.asarray(arch.hidden, dtype=np.float64)
    t = np.asarray(parallel.tp, dtype=np.float64)
    a, d = np.asarray(arch.heads), np.asarray(arch.head_dim)
    plain = 2.0 * a * d * h / t + 2.0 * key_value_heads_per_gpu(arch, t) * d * h
    rq, rkv = np.asarray(arch.q_lora_rank), np.asarray(arch.kv_lora_rank)
    query = np.where(rq > 0, h * rq + rq * a * arch.qk_dim / t, h * a * arch.qk_dim / t)
    latent = (
        query
        + h * (rkv + np.asarray(arch.qk_rope_dim))
        + rkv * a * (np.asarray(arch.qk_nope_dim) + arch.v_head_dim) / t
        + h * a * np.asarray(arch.v_head_dim) / t
    )
    attention = np.where(arch.mla, latent, plain)
    mlp = h * arch.mlp_matrices
    dense = mlp * arch.ffn / t
    moe = mlp * (np.asarray(arch.moe_ffn) / parallel.etp + np.asarray(arch.moe_shared_ffn) / t)
    return e * (attention + dense), e * (attention + moe)


def _backward_transient(arch: Architecture, parallel: Parallel, tokens: Any, e: Any, stage: Stage) -> Any:
    """Largest transient of the feed-forward backward pass of a stage's last layer.

    ``max(g + F, (1 + gated) F, g + G - F)``: the down projection (gathered output gradient g, gradient of the activation F), the
    activation function (gradient of gate and up, net of the freed result) and gate/up (gathered input g and its gradient
    G = e T h, net of F), with F = e T f / t and g = e T h when the sequence is sharded. In a MoE layer the permuted tokens take
    the place of T h and K f_e that of f.
    """
    h = np.asarray(arch.hidden, dtype=np.float64)
    t = np.asarray(parallel.tp, dtype=np.float64)
    gates = 1.0 + np.asarray(arch.gated_mlp)
    whole = e * tokens * h
    gathered = np.where(sequence_shards(parallel) > 1, whole, 0.0)

    def largest(g: Any, inputs: Any, wide: Any) -> Any:
        return np.maximum(np.maximum(g + wide, gates * wide), g + inputs - wide)

    dense = largest(gathered, whole, e * tokens * np.asarray(arch.ffn) / t)
    return dense


def _moe_transient(arch: Architecture, parallel: Parallel, tokens: Any, e: Any, imbalance: Num) -> Any:
    """The same for routed experts, whose inputs are the permuted tokens."""
    share = expert_token_share(parallel) * np.asarray(arch.moe_topk) * imbalance
    permuted = e * tokens * np.asarray(arch.hidden, dtype=np.float64) * share
    wide = e * tokens * share * np.asarray(arch.moe_ffn) / parallel.etp
    gates = 1.0 + np.asarray(arch.gated_mlp)
    return np.maximum(np.maximum(permuted + wide, gates * wide), 2.0 * permuted - wide)


def megatron_stage(
    arch: Architecture, parallel: Parallel, options: MemoryOptions, stage: Stage, layer: LayerParameters
) -> StagePeak:
    """States, permanent buffers and moments of one stage.

    Permanent: weight-gradient placeholders of each layer kind; two workspaces, rope table, tokens and masks (64 MiB + 4 s d +
    16 T); on the last stage the gather buffer of the output layer's input (e T h, sequence parallel only); from ZeRO-2 two
    gradient buckets; at ZeRO-3 two gathered layers; QLoRA the largest weight dequantised.

    Moments: output-layer backward ``A + e U (the gradient in place of the logits) + 2 e T h / S (final norm) + e V h / t (its
    placeholder) + e T h (input gradient) + e T h / S``; feed-forward backward of the last layer ``A + dO +`` its transient (one
    whole layer more under full recomputation); embedding backward ``A`` without one micro-batch ``+ e V h / t + 3.2 e T h + dO``;
    optimizer step (in place: nothing). U = T V / t logits; a loss that is not fused keeps fp32 copies: 6 bytes a logit in
    Megatron (softmax in fp32, gradient in half precision), 14 in plain PyTorch.
    """
    e = element_bytes(parallel)
    t = np.asarray(parallel.tp, dtype=np.float64)
    h = np.asarray(arch.hidden, dtype=np.float64)
    shards = sequence_shards(parallel)
    tokens = np.asarray(parallel.micro_batch, dtype=np.float64) * parallel.seq_len / parallel.cp
    whole = e * tokens * h
    shard = whole / shards
    table = e * h * np.asarray(arch.vocab) / t
    frozen = np.asarray(options.trainable) > 0
    states = state_bytes(
        arch,
        parallel,
        stage,
        layer,
        trainable=options.trainable,
        params_scale=options.params_scale,
        fp32_gradients=options.fp32_gradients,
    )
    saved: Saved = megatron_saved(
        arch,
        parallel,
        fused_attention=options.fused_attention,
        dropout=options.dropout,
        cp_all_to_all=options.cp_all_to_all,
        moe_imbalance=options.moe_imbalance,
        trainable=options.trainable,
        lora_all_linear=options.lora_all_linear,
        lora_rank=options.lora_rank,
    )

    dense_slots, moe_slots = _placeholders(arch, parallel, e)
    has_dense, has_moe = np.asarray(stage.dense_layers) > 0, np.asarray(stage.moe_layers) > 0
    slots = np.maximum(np.where(has_dense, dense_slots, 0.0), np.where(has_moe, moe_slots, 0.0))
    slots = np.where(frozen, 0.0, slots)
    head = np.asarray(stage.has_head)
    fixed = slots + WORKSPACE_BYTES + 4.0 * np.asarray(parallel.seq_len) * arch.qk_dim + 16.0 * tokens
    fixed = fixed + np.where(head & (shards > 1), whole, 0.0) + np.asarray(options.extra_bytes)
    zero = np.asarray(parallel.zero_stage)
    if np.any(zero >= 2):
        bucket = np.minimum(states.trained, np.maximum(BUCKET_PARAMETERS, 1.0e6 * np.asarray(parallel.dp)))
        fixed = fixed + np.where(zero >= 2, 2.0 * 4.0 * bucket, 0.0)
        unit = layer.attention + np.where(
            has_moe, np.maximum(layer.experts + layer.shared, layer.dense_mlp), layer.dense_mlp
        )
        fixed = fixed + np.where(zero >= 3, 2.0 * e * unit, 0.0)
    if np.any(np.asarray(options.trainable) == 2):
        widest = np.maximum(h * arch.mlp_matrices * arch.ffn / t, np.where(head, table / e, 0.0))
        fixed = fixed + np.where(np.asarray(options.trainable) == 2, 2.0 * widest, 0.0)

    one = (stage.dense_layers * saved.dense + stage.moe_layers * saved.moe) * tokens
    held = one * in_flight(parallel, stage.index)
    whole_layer = np.where(
        has_moe, np.maximum(saved.moe_whole, np.where(has_dense, saved.dense_whole, 0.0)), saved.dense_whole
    )
    full = np.asarray(parallel.recompute) == FULL
    recomputed = np.where(full, whole_layer * tokens, 0.0)
    if np.any(np.asarray(parallel.offload) == code(OFFLOADS, "activations")):
        # Two layers stay on the GPU: the one at work and the one on its way.
        two = 2.0 * np.where(full, shard, whole_layer * tokens)
        held = np.where(np.asarray(parallel.offload) == code(OFFLOADS, "activations"), np.minimum(held, two), held)

    transient = _backward_transient(arch, parallel, tokens, e, stage)
    if np.any(arch.is_moe):
        moe = _moe_transient(arch, parallel, tokens, e, options.moe_imbalance)
        transient = np.where(has_moe, np.maximum(moe, np.where(has_dense, transient, 0.0)), transient)
    layer_backward = Moment("mlp_backward", held + recomputed, shard + transient)

    fused = np.asarray(options.fused_loss)
    in_megatron = np.asarray(parallel.stack) == MEGATRON
    fused = np.where(fused < 0, in_megatron, fused != 0)
    logit_bytes = np.where(fused, e, np.where(in_megatron, 4.0 + e, 12.0 + e))
    logits = tokens * np.asarray(arch.vocab) / t * (logit_bytes + e * np.asarray(arch.mtp_layers))
    final = logits + 2.0 * shard + np.where(frozen, 0.0, table) + whole + np.where(shards > 1, shard, 0.0)
    head_backward = Moment("head_backward", np.where(head, held, 0.0), np.where(head, final, 0.0))

    embedding = np.asarray(stage.has_embedding) & ~frozen
    gone = table + EMBEDDING_TRANSIENT_ELEMENTS * whole + shard
    embedding_backward = Moment(
        "embedding_backward",
        np.where(embedding, np.maximum(held - one, 0.0), 0.0),
        np.where(embedding, gone, 0.0),
    )
    return StagePeak(
        stage=stage,
        states=states,
        fixed=fixed,
        moments=(layer_backward, head_backward, embedding_backward),
        counts_cache=False,
    )
