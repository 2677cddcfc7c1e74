"""Tensors that a forward pass keeps for the backward pass, per token and layer.

Derived from the list of saved tensors of the two software families instead of a constant such as "34 s b h": every term
below names its tensor. T is the tokens of one micro-batch on one GPU, ``T = b * s / c``; all functions give bytes a
token of T and layer.

References
----------
Korthikanti et al., arXiv 2205.05198 section 4 (the list for GPT, sequence parallel, full and selective
recomputation); Dao et al., arXiv 2205.14135 (fused attention keeps a log-sum-exp instead of the scores); Transformer
Engine and Megatron-Core for what is fused; PyTorch selective activation checkpoint as torchtitan uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.mixers import CHUNK, MIXERS, saved_states, widths
from mitsumori.model.architecture.parallelism import MODULES, PRECISIONS, RECOMPUTES, Parallel, code
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Condition, Num, lookup, pick, real, some
from mitsumori.model.memory.states import LLM_FOUNDRY, QUANTISED_BYTES, is_plain_fp32, key_value_heads_per_gpu

NONE: Final = code(RECOMPUTES, "none")
SELECTIVE: Final = code(RECOMPUTES, "selective")
FULL: Final = code(RECOMPUTES, "full")
FP8: Final = code(PRECISIONS, "fp8")
YEAR_OF_MODULES: Final = 2025.35
"""Megatron-Core 0.12: recomputation by module, router weight inside the expert's activation (an unknown year is
older)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Bytes a token of T: kept by a dense and by a MoE layer until its backward pass, and without any recomputation.

    ``dense_whole`` and ``moe_whole`` are what is alive while one layer runs its own backward pass.
    """

    dense: Num
    moe: Num
    dense_whole: Num
    moe_whole: Num


def element_bytes(parallel: Parallel) -> Num:
    """Bytes an activation: 4 in fp32 and tf32, 2 in every mixed precision (FP8 quantises operands only)."""
    return pick(is_plain_fp32(parallel.precision), 4.0, 2.0)


def sequence_shards(parallel: Parallel) -> Num:
    """By how much norms and residuals are divided: t with sequence parallel, else 1 (arXiv 2205.05198 section 4.2)."""
    return pick(parallel.sp != 0, real(parallel.tp), 1.0)


def has_module(parallel: Parallel, name: str) -> Condition:
    """True where selective recomputation is told to repeat a module of :data:`MODULES`."""
    return (np.asarray(parallel.modules) >> MODULES.index(name) & 1) != 0


def expert_token_share(parallel: Parallel) -> Num:
    """Routed work of a token on one GPU, ``etp / t`` of it: an expert tensor group sees the same tokens."""
    return real(parallel.etp) / parallel.tp


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

    ===================================================  ==========================  =================================
    tensor                                               bytes a token               divided by
    ===================================================  ==========================  =================================
    input of both norms (also the residual), statistic   2 (e h + 4)                 S (t with sequence parallel)
    output of both norms = input of QKV, of gate/up      2 q h                       S
    q, k, v after rope; log-sum-exp                      e (a + 2 k) d + 4 a         t, k at least t
    attention output = input of the output projection    e a d                       t; twice with all-to-all CP
    attention scores when not fused                      e a s (+ (1+e) a s dropout)  t
    gate and up (or the single up)                       e (1 + gated) f             t
    activation result = input of the down projection     q f                         t
    dropout masks                                        2 h                         S
    ===================================================  ==========================  =================================

    A MoE layer has router probabilities 8 E, permuted tokens q K h, gate/up and activation of K f_e, the expert results
    e K h (the router weight is applied after them) with K = top-k x imbalance, all times etp / t, and its shared
    expert. MLA keeps the low-rank results and their norms (divided by S) and full-size q, k, v. FP8 keeps the bf16
    attention output beside its quantised copy. Sum for Llama-3-70B bf16: 274,696 bytes at t = c = 1; for a GPT of
    Korthikanti's kind with dropout and without fused attention ``34 h + 5 a s``.

    Recomputation: full keeps the layer's input ``e h / S``; selective recomputes the core attention: scores, dropout
    mask and log-sum-exp go (arXiv 2205.05198 section 5), with fused attention little more than nothing. Since
    Megatron-Core 0.12 the modules of the published MoE recipes go too: norm outputs, the expert activation, and q, k,
    v of latent attention (``recompute_modules`` layernorm, moe_act, mla_up_proj).

    LoRA: a frozen product keeps no input unless it has an adapter; norm inputs, q/k/v, attention output and gate/up
    stay because the functions between the products need them; each adapter keeps its rank-r result.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    fused_attention
        1 where the attention kernel keeps no scores, else 0.
    dropout
        1 where dropout masks are kept, else 0.
    cp_all_to_all
        1 where context parallelism exchanges heads, which keeps the attention output twice.
    moe_imbalance
        Routed tokens of the busiest expert rank over the mean, 1 or more.
    trainable
        Code of what is trained: all, LoRA or QLoRA.
    lora_all_linear
        1 where every linear layer has an adapter, 0 where attention alone has.
    lora_rank
        Rank of the adapters, 1 or more.

    Returns
    -------
    Saved
        Broadcast shape of the fields used.
    """
    e = element_bytes(parallel)
    narrow = parallel.precision >= FP8
    q = pick(narrow, lookup(QUANTISED_BYTES, parallel.precision), e)
    t, shards = real(parallel.tp), sequence_shards(parallel)
    h, a, d = real(arch.hidden), real(arch.heads), real(arch.head_dim)
    lora = trainable > 0
    mlp_input = pick(lora & (np.asarray(lora_all_linear) == 0), 0.0, 1.0) if some(lora) else 1.0
    rank = pick(lora, e * lora_rank, 0.0) if some(lora) else 0.0

    # One vector of fp32 statistics for RMSNorm (the reciprocal root), two for LayerNorm.
    norm_input = (e * h + 4.0 * arch.norm_vectors) / shards + pick(dropout != 0, h, 0.0) / shards
    qkv = e * (a / t + 2.0 * key_value_heads_per_gpu(arch, t)) * d
    output_width = a * d / t
    scores: Num = 4.0 * a / t
    if some(fused_attention == 0):
        square = (e + pick(dropout != 0, 1.0 + e, 0.0)) * parallel.seq_len * a / t
        scores = pick(fused_attention != 0, scores, square)
    again = scores
    modules = parallel.stack_year >= YEAR_OF_MODULES
    norm_output = q * h / shards
    if some(arch.mla):
        rq, rkv, rope = real(arch.q_lora_rank), real(arch.kv_lora_rank), real(arch.qk_rope_dim)
        latent = arch.mla != 0
        output_width = pick(latent, a * arch.v_dim / t, output_width)
        low_rank = ((e + q) * rq + e * (rkv + rope) + q * rkv) / shards
        wide_qkv = e * (2.0 * a * arch.qk_dim / t + output_width)
        qkv = pick(latent, low_rank + wide_qkv, qkv)
        again = again + pick(latent & modules, wide_qkv, 0.0)
    twice = pick((parallel.cp > 1) & (cp_all_to_all != 0), 2.0, 1.0)
    attention_output = (e * twice + pick(narrow, q, 0.0)) * output_width
    attention = norm_input + norm_output + qkv + attention_output + scores + 4.0 * rank
    if some(arch.is_hybrid):
        attention = _mixed_attention(
            arch, norm_input + norm_output, attention, mixer_saved(arch, e, q) / t + 4.0 * rank
        )

    wide = e * (1.0 + arch.gated_mlp) + mlp_input * q
    mlp_rank = 2.0 * mlp_input * rank
    dense = norm_input + mlp_input * norm_output + wide * arch.ffn / t + mlp_rank
    moe, moe_again = dense, again
    if some(arch.is_moe):
        share = expert_token_share(parallel) * arch.moe_topk * moe_imbalance
        results = pick(modules, 0.0, e)
        routed = share * ((mlp_input * q + results) * h + wide * arch.moe_ffn / parallel.etp)
        moe = norm_input + mlp_input * norm_output + 8.0 * arch.moe_experts / shards + routed
        moe = moe + wide * arch.moe_shared_ffn / t + pick(arch.moe_shared_ffn > 0, mlp_rank, 0.0)
        pointwise = (1.0 + mlp_input) * norm_output + share * mlp_input * q * arch.moe_ffn / parallel.etp
        moe_again = again + pick(arch.is_moe & modules, pointwise, 0.0)

    stated = np.asarray(parallel.modules) > 0
    if some(stated):
        both = pick(has_module(parallel, "core_attn"), scores, 0.0)
        both = both + pick(has_module(parallel, "layernorm"), (1.0 + mlp_input) * norm_output, 0.0)
        if some(arch.mla):
            both = both + pick(has_module(parallel, "mla_up_proj") & (arch.mla != 0), wide_qkv, 0.0)
        again = pick(stated, both + pick(has_module(parallel, "mlp"), wide * arch.ffn / t, 0.0), again)
        if some(arch.is_moe):
            block = pick(has_module(parallel, "moe"), routed + 8.0 * arch.moe_experts / shards, 0.0)
            act = share * mlp_input * q * arch.moe_ffn / parallel.etp
            block = np.maximum(block, pick(has_module(parallel, "moe_act"), act, 0.0))
            block = block + pick(has_module(parallel, "shared_experts"), wide * arch.moe_shared_ffn / t, 0.0)
            moe_again = pick(stated, both + block, moe_again)
        else:
            moe_again = again
    if some(arch.is_hybrid):
        dense, moe, again, moe_again = _mixed_blocks(arch, dense, moe, again, moe_again)
    return _after_recomputation(parallel, e * h / shards, attention + dense, attention + moe, again, moe_again)


def _mixed_attention(arch: Architecture, norms: Num, attention: Num, mixer: Num) -> Num:
    """What the mean layer of a hybrid saves of attention and mixer, norms where it has either (bytes a token)."""
    attends, mixes, either, _ = arch.shares
    return either * norms + attends * (attention - norms) + mixes * mixer


def _mixed_blocks(arch: Architecture, dense: Num, moe: Num, again: Num, moe_again: Num) -> tuple[Num, Num, Num, Num]:
    """Feed-forward blocks of a hybrid's mean layer, and what recomputation spares of it: no more than of its rarer part."""
    attends, _, _, feeds = arch.shares
    rarer = np.minimum(attends, feeds)
    return feeds * dense, feeds * moe, rarer * again, rarer * moe_again


def mixer_saved(arch: Architecture, element: Num, operand: Num) -> Num:
    """Bytes a token that a hybrid's mixer keeps for its backward pass, over all tensor ranks.

    Projections ``e (2 H P + 2 G N + H)``, what left the convolution ``e (H P + 2 G N)``, result of the scan and input of the
    output projection ``(e + q) H P``, one state in 32 bits a chunk ``4 H N P / Q``; the delta rule keeps triangular factors,
    ``e H Q``, and Kimi delta attention a decay of each key column, ``e G N``; an RG-LRU keeps both gates, ``2 e H P``, a short
    convolution its result before the gate, ``e H P``. Counted from the kernels' saved tensors (Mamba-2,
    flash-linear-attention); no published peak tested them.

    Parameters
    ----------
    arch
        Shape of the model.
    element, operand
        Bytes of an activation, and of a product's stored operand.
    """
    values, keys, convolved = widths(arch)
    heads, chunk = real(arch.mixer_heads), CHUNK[np.asarray(arch.mixer)]
    states = 4.0 * saved_states(arch)
    kept = element * (2.0 * values + 2.0 * keys + heads + convolved) + (element + operand) * values + states
    kind = np.asarray(arch.mixer)
    more = pick(kind == MIXERS.index("rg_lru"), 2.0, pick(kind == MIXERS.index("short_conv"), 1.0, 0.0))
    kept = kept + element * values * more
    delta = (kind == MIXERS.index("gated_delta")) | (kind == MIXERS.index("kimi_delta"))
    kept = (
        kept + pick(delta, element * heads * chunk, 0.0) + pick(kind == MIXERS.index("kimi_delta"), element * keys, 0.0)
    )
    return pick(kind == 0, 0.0, kept)


def _after_recomputation(parallel: Parallel, inputs: Num, dense: Num, moe: Num, again: Num, moe_again: Num) -> Saved:
    """What is left of the saved tensors of a layer: all, its input, or all but what is computed again.

    Parameters
    ----------
    parallel
        Layouts; their recomputation decides.
    inputs, dense, moe
        Bytes a token of a layer's input, and of everything that a dense and a MoE layer save.
    again, moe_again
        Bytes a token that selective recomputation does not keep in a dense and in a MoE layer.
    """
    full, selective = parallel.recompute == FULL, parallel.recompute == SELECTIVE
    return Saved(
        dense=pick(full, inputs, dense - pick(selective, again, 0.0)),
        moe=pick(full, inputs, moe - pick(selective, moe_again, 0.0)),
        dense_whole=dense,
        moe_whole=moe,
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

    Full: the layer input ``e h``. Selective (torchtitan's "op" policy): everything that costs a matrix product is a
    candidate, every second product is recomputed in the order wq wk wv wo w1 w3 w2, so wq ``e a d``, wv ``e k d``, w1
    ``e f`` and (eager only; the compiler drops what nobody reads) w2 ``e h`` stay, beside the attention output ``e a
    d``, log-sum-exp ``4 a`` and the layer input. Tensor parallel keeps the reduce-scattered results of wo besides
    (``e h``), because collectives are in the policy's list of kept operators. All divided by t: torchtitan's tensor
    parallel is always sequence parallel.

    None (no checkpointing): eager keeps every operand: norms compute in fp32 (input e h, fp32 copy 4 h, output e h
    each), q, k, v before and after rope, attention output, w1, w3, silu and product (llm-foundry's MPT has
    half-precision norms and ALiBi, so neither copy); compiled code recomputes pointwise operations from the matrix
    products' results (the min-cut partitioner), which leaves the list of Megatron's fused layer.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    compiled
        1 where a compiler fuses element-wise work, else 0.
    fused_attention
        1 where the attention kernel keeps no scores, else 0.
    moe_imbalance
        Routed tokens of the busiest expert rank over the mean, 1 or more.

    Returns
    -------
    Saved
        Broadcast shape of the fields used.
    """
    e = element_bytes(parallel)
    t = real(parallel.tp)
    h, f, a = real(arch.hidden), real(arch.ffn), real(arch.heads)
    kv = key_value_heads_per_gpu(arch, t) * arch.head_dim * t
    q_width = o_width = a * arch.head_dim
    k_width = v_width = kv
    latent: Num = 0.0
    if some(arch.mla):
        is_latent = arch.mla != 0
        low_rank = e * (arch.q_lora_rank + arch.kv_lora_rank + arch.qk_rope_dim)
        latent = pick(is_latent, low_rank, 0.0)
        q_width = pick(is_latent, a * arch.qk_dim, q_width)
        k_width = pick(is_latent, q_width, k_width)
        v_width = pick(is_latent, a * arch.v_dim, v_width)
        o_width = pick(is_latent, a * arch.v_dim, o_width)
    eager = pick(compiled != 0, 0.0, 1.0)
    scores = pick(fused_attention != 0, 4.0, 2.0 * e * real(parallel.seq_len)) * a
    wide = e * (2.0 + arch.gated_mlp) + eager * e * arch.gated_mlp

    # Selective op: products 1, 3, 5, 7 stay.
    reduced = pick(parallel.tp > 1, e * h, 0.0)
    attention_selective = e * (h + q_width + v_width + o_width) + reduced + scores + latent
    dense_selective = e * f + eager * e * h
    # No checkpointing.
    copies = pick(parallel.stack == LLM_FOUNDRY, 0.0, eager)
    norms = 2.0 * (e * h + 4.0 + e * h) + copies * 2.0 * 4.0 * h
    attention_none = norms + e * (q_width + k_width + v_width) * (1.0 + copies) + e * o_width + scores + 2.0 * latent
    dense_none = wide * f
    feeds: Num = 1.0
    if some(arch.is_hybrid):
        attends, mixes, either, feeds = arch.shares
        mixer, inputs = mixer_saved(arch, e, e), e * h + reduced
        attention_selective = either * inputs + attends * (attention_selective - inputs) + mixes * mixer
        attention_none = either * norms + attends * (attention_none - norms) + mixes * mixer
        dense_selective, dense_none = feeds * dense_selective, feeds * dense_none
    moe_selective, moe_none = dense_selective, dense_none
    if some(arch.is_moe):
        share = arch.moe_topk * moe_imbalance * real(parallel.etp)
        router = 8.0 * real(arch.moe_experts)
        expert = real(arch.moe_ffn) / parallel.etp
        moe_selective = feeds * (e * arch.moe_shared_ffn + share * e * (2.0 * h + expert) + router)
        moe_none = feeds * (wide * arch.moe_shared_ffn + share * (2.0 * e * h + wide * expert) + router)

    selective, full = parallel.recompute == SELECTIVE, parallel.recompute == FULL

    def kept(of_selective: Num, of_none: Num) -> Num:
        return pick(full, e * h, pick(selective, of_selective, of_none)) / t

    return Saved(
        dense=kept(attention_selective + dense_selective, attention_none + dense_none),
        moe=kept(attention_selective + moe_selective, attention_none + moe_none),
        dense_whole=(attention_none + dense_none) / t,
        moe_whole=(attention_none + moe_none) / t,
    )
