"""Tensors that a forward pass keeps for the backward pass, per token and layer (floor 3).

Derived from the list of saved tensors of the two software families instead of a constant such as "34 s b h": every term
below names its tensor. T is the tokens of one micro-batch on one GPU, ``T = b * s / c``; all functions give bytes a token of
T and layer.

References
----------
Korthikanti et al., arXiv 2205.05198 section 4 (the list for GPT, sequence parallel, full and selective recomputation); Dao et
al., arXiv 2205.14135 (fused attention keeps a log-sum-exp instead of the scores); Transformer Engine and Megatron-Core for
what is fused; PyTorch selective activation checkpoint as torchtitan uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.parallel import PRECISIONS, RECOMPUTES, Num, Parallel, code
from model.states import QUANTISED_BYTES, is_plain_fp32, key_value_heads_per_gpu, lookup
from model.transformer import Architecture

NONE: Final = code(RECOMPUTES, "none")
SELECTIVE: Final = code(RECOMPUTES, "selective")
FULL: Final = code(RECOMPUTES, "full")
FP8: Final = code(PRECISIONS, "fp8")


@dataclass(frozen=True, slots=True)
class Saved:
    """Bytes a token of T: kept by a dense and by a MoE layer until its backward pass, and without any recomputation.

    ``dense_whole`` and ``moe_whole`` are what is alive while one layer runs its own backward pass.
    """

    dense: Num
    moe: Num
    dense_whole: Num
    moe_whole: Num


def element_bytes(parallel: Parallel) -> Any:
    """Bytes an activation: 4 in fp32 and tf32, 2 in every mixed precision (FP8 quantises operands only)."""
    return np.where(is_plain_fp32(parallel.precision), 4.0, 2.0)


def sequence_shards(parallel: Parallel) -> Any:
    """By how much norms and residuals are divided: t with sequence parallel, else 1 (arXiv 2205.05198 section 4.2)."""
    return np.where(parallel.sp, np.asarray(parallel.tp, dtype=np.float64), 1.0)


def expert_token_share(parallel: Parallel) -> Any:
    """Copies of a token's routed work that a GPU holds, ``etp / t``: ranks of one expert tensor group see the same tokens."""
    return np.asarray(parallel.etp, dtype=np.float64) / parallel.tp


def megatron_saved(
    arch: Architecture,
    parallel: Parallel,
    *,
    fused_attention: Num = 1,
    dropout: Num = 0,
    cp_all_to_all: Num = 1,
    moe_imbalance: Num = 1.0,
    trainable: Num = 0,
    lora_all_linear: Num = 1,
    lora_rank: Num = 16,
) -> Saved:
    """Saved tensors of Megatron with Transformer Engine; e = 2 bytes (4 in fp32), q = e or the quantised size.

    ===================================================  ==========================  ======================================
    tensor                                               bytes a token               divided by
    ===================================================  ==========================  ======================================
    input of both norms (also the residual), statistic   2 (e h + 4)                 S (t with sequence parallel)
    output of both norms = input of QKV, of gate/up      2 q h                       S
    q, k, v after rope; log-sum-exp                      e (a + 2 k) d + 4 a         t, k at least t
    attention output = input of the output projection    e a d                       t; twice with all-to-all CP
    attention scores when not fused                      e a s (+ (1+e) a s dropout)  t
    gate and up (or the single up)                       e (1 + gated) f             t
    activation result = input of the down projection     q f                         t
    dropout masks                                        2 h                         S
    ===================================================  ==========================  ======================================

    A MoE layer has router probabilities 8 E, permuted tokens q K h, gate/up and activation of K f_e, the expert results
    e K h (the router weight is applied after them) with K = top-k x imbalance, all times etp / t, and its shared expert.
    MLA keeps the low-rank results and their norms (divided by S) and full-size q, k, v. FP8 keeps the bf16 attention output
    beside its quantised copy. Sum for Llama-3-70B bf16: 274,696 bytes at t = c = 1; for a GPT of Korthikanti's kind with
    dropout and without fused attention ``34 h + 5 a s``.

    Recomputation: full keeps the layer's input ``e h / S``; selective recomputes the core attention: scores, dropout mask
    and log-sum-exp go (arXiv 2205.05198 section 5), with fused attention little more than nothing.

    LoRA: a frozen product keeps no input unless it has an adapter; norm inputs, q/k/v, attention output and gate/up stay
    because the functions between the products need them; each adapter keeps its rank-r result.

    Returns
    -------
    Saved
        Broadcast shape of the fields used.
    """
    e = element_bytes(parallel)
    precision = np.asarray(parallel.precision)
    q = np.where(precision >= FP8, lookup(QUANTISED_BYTES, precision), e)
    t = np.asarray(parallel.tp, dtype=np.float64)
    shards = sequence_shards(parallel)
    h = np.asarray(arch.hidden, dtype=np.float64)
    a, f = np.asarray(arch.heads, dtype=np.float64), np.asarray(arch.ffn, dtype=np.float64)
    d = np.asarray(arch.head_dim)
    lora = np.asarray(trainable) > 0
    mlp_input = np.where(lora & (np.asarray(lora_all_linear) == 0), 0.0, 1.0)
    rank = np.where(lora, e * np.asarray(lora_rank), 0.0)

    # One vector of fp32 statistics for RMSNorm (the reciprocal root), two for LayerNorm.
    norm_input = (e * h + 4.0 * arch.norm_vectors) / shards
    mask = np.where(dropout, h, 0.0) / shards
    kv = key_value_heads_per_gpu(arch, t)
    qkv_plain = e * (a / t + 2.0 * kv) * d
    output_width = np.where(arch.mla, a * np.asarray(arch.v_dim), a * d) / t
    rq, rkv, rope = np.asarray(arch.q_lora_rank), np.asarray(arch.kv_lora_rank), np.asarray(arch.qk_rope_dim)
    qkv_latent = ((e + q) * rq + e * (rkv + rope) + q * rkv) / shards
    qkv_latent = qkv_latent + e * (2.0 * a * np.asarray(arch.qk_dim) / t + output_width)
    qkv = np.where(arch.mla, qkv_latent, qkv_plain)
    twice = np.where((np.asarray(parallel.cp) > 1) & (np.asarray(cp_all_to_all) != 0), 2.0, 1.0)
    copy = np.where(precision >= FP8, q, 0.0)
    attention_output = (e * twice + copy) * output_width
    span = np.asarray(parallel.seq_len, dtype=np.float64)
    scores = np.where(fused_attention, 4.0, (e + np.where(dropout, 1.0 + e, 0.0)) * span) * a / t
    attention_kept = norm_input + q * h / shards + qkv + attention_output + mask + 4.0 * rank
    attention = attention_kept + scores

    mlp_norm = norm_input + mlp_input * q * h / shards + mask
    gates = 1.0 + np.asarray(arch.gated_mlp)
    wide = e * gates + mlp_input * q
    dense = mlp_norm + wide * f / t + 2.0 * rank
    share = expert_token_share(parallel) * np.asarray(arch.moe_topk) * moe_imbalance
    shared = wide * np.asarray(arch.moe_shared_ffn) / t
    routed = share * ((mlp_input * q + e) * h + wide * np.asarray(arch.moe_ffn) / parallel.etp)
    moe = mlp_norm + 8.0 * np.asarray(arch.moe_experts) / shards + routed + shared

    recompute = np.asarray(parallel.recompute)
    kept_attention = np.where(recompute == SELECTIVE, attention_kept, attention)
    full = recompute == FULL
    inputs = e * h / shards
    return Saved(
        dense=np.where(full, inputs, kept_attention + dense),
        moe=np.where(full, inputs, kept_attention + moe),
        dense_whole=attention + dense,
        moe_whole=attention + moe,
    )


def fsdp_saved(
    arch: Architecture,
    parallel: Parallel,
    *,
    compiled: Num = 1,
    fused_attention: Num = 1,
    moe_imbalance: Num = 1.0,
) -> Saved:
    """Saved tensors of torchtitan's layers (PyTorch eager or compiled).

    Full: the layer input ``e h``. Selective (torchtitan's "op" policy): everything that costs a matrix product is a candidate,
    every second product is recomputed in the order wq wk wv wo w1 w3 w2, so wq ``e a d``, wv ``e k d``, w1 ``e f`` and (eager only;
    the compiler drops what nobody reads) w2 ``e h`` stay, beside the attention output ``e a d``, log-sum-exp ``4 a`` and the
    layer input. Tensor parallel keeps the reduce-scattered results of wo besides (``e h``), because collectives are in the
    policy's list of kept operators. All divided by t: torchtitan's tensor parallel is always sequence parallel.

    None (no checkpointing): eager keeps every operand: norms compute in fp32 (input e h, fp32 copy 4 h, output e h each), q, k, v
    before and after rope, attention output, w1, w3, silu and product; compiled code recomputes pointwise operations from the
    matrix products' results (the min-cut partitioner), which leaves the list of Megatron's fused layer.

    Returns
    -------
    Saved
        Broadcast shape of the fields used.
    """
    e = element_bytes(parallel)
    t = np.asarray(parallel.tp, dtype=np.float64)
    h, f = np.asarray(arch.hidden, dtype=np.float64), np.asarray(arch.ffn, dtype=np.float64)
    a = np.asarray(arch.heads, dtype=np.float64)
    kv = key_value_heads_per_gpu(arch, t) * np.asarray(arch.head_dim) * t
    q_width = a * np.asarray(arch.qk_dim)
    k_width = np.where(arch.mla, a * np.asarray(arch.qk_dim), kv)
    v_width = np.where(arch.mla, a * np.asarray(arch.v_dim), kv)
    o_width = a * np.asarray(arch.v_dim)
    latent = np.where(arch.mla, e * (np.asarray(arch.q_lora_rank) + arch.kv_lora_rank + arch.qk_rope_dim), 0.0)
    # Latent projections and the router run on the sequence shard.
    eager = np.where(compiled, 0.0, 1.0)
    span = np.asarray(parallel.seq_len, dtype=np.float64)
    scores = np.where(fused_attention, 4.0, 2.0 * e * span) * a
    gates = 1.0 + np.asarray(arch.gated_mlp)
    share = np.asarray(arch.moe_topk) * moe_imbalance * np.asarray(parallel.etp, dtype=np.float64)
    router = 8.0 * np.asarray(arch.moe_experts)

    # Selective op: products 1, 3, 5, 7 stay.
    tensor_parallel = np.where(t > 1, 1.0, 0.0)
    attention_selective = e * (h + q_width + v_width + o_width + tensor_parallel * h) + scores + latent
    dense_selective = e * f + eager * e * h
    shared = np.asarray(arch.moe_shared_ffn, dtype=np.float64)
    moe_selective = e * shared + share * e * (2.0 * h + np.asarray(arch.moe_ffn) / parallel.etp) + router

    # No checkpointing.
    norms = 2.0 * (e * h + 4.0 + e * h) + eager * 2.0 * 4.0 * h
    attention_none = norms + e * (q_width + k_width + v_width) * (1.0 + eager) + e * o_width + scores + 2.0 * latent
    wide = e * (gates + 1.0) + eager * e * np.asarray(arch.gated_mlp)
    dense_none = wide * f
    moe_none = wide * shared + share * (2.0 * e * h + wide * np.asarray(arch.moe_ffn) / parallel.etp) + router

    recompute = np.asarray(parallel.recompute)

    def choose(selective: Any, none: Any) -> Any:
        return np.where(recompute == FULL, e * h, np.where(recompute == SELECTIVE, selective, none)) / t

    return Saved(
        dense=choose(attention_selective + dense_selective, attention_none + dense_none),
        moe=choose(attention_selective + moe_selective, attention_none + moe_none),
        dense_whole=(attention_none + dense_none) / t,
        moe_whole=(attention_none + moe_none) / t,
    )
