"""Model states on one GPU: weights, gradients and optimizer bytes by pipeline stage (floor 3).

Parameters are split as the software splits them: linear layers by tensor parallel size t, routed experts by expert
parallel and expert tensor parallel size, layers by pipeline stage, and what is left is sharded over the data-parallel
group by ZeRO stage. The group of the dense parameters has N = dp * cp members (context parallel ranks hold the same
weights), that of the experts ``expert_dp``.

References
----------
Rajbhandari et al., *ZeRO*, arXiv 1910.02054 section 3 and 5 (16 bytes a parameter, stages 1-3); Narayanan et al.,
arXiv 2104.04473 (vocabulary-parallel embeddings, tied across first and last stage); Dettmers et al., arXiv 2110.02861
(8-bit Adam) and 2305.14314 section 3 (NF4, double quantization); Shazeer and Stern, arXiv 1804.04235 (Adafactor);
Jordan et al. 2024 and arXiv 2502.16982 (Muon: one momentum, AdamW for embeddings, head and vectors); Hu et al., arXiv
2106.09685 (LoRA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.parallel import OFFLOADS, OPTIMIZERS, PRECISIONS, STACKS, Num, Parallel, code
from model.transformer import Architecture, attention_parameters_per_layer, expert_parameters, parameter_count

FP32: Final = code(PRECISIONS, "fp32")
TF32: Final = code(PRECISIONS, "tf32")
MEGATRON: Final = code(STACKS, "megatron")
TORCHTITAN: Final = code(STACKS, "torchtitan")
LLM_FOUNDRY: Final = code(STACKS, "llm-foundry")
OFFLOAD_OPTIMIZER: Final = code(OFFLOADS, "optimizer")
MUON: Final = code(OPTIMIZERS, "muon")

TRAINABLES: Final = ("full", "lora", "qlora")

QUANTISED_BYTES: Final = (4.0, 4.0, 2.0, 2.0, 1.0, 1.0 + 1.0 / 32.0, 0.5 + 1.0 / 16.0)
"""Bytes an element of a matrix operand by precision code: MXFP8 has an 8-bit scale for 32 elements (OCP MX v1.0), NVFP4
one for 16."""
OPTIMIZER_STATE_BYTES: Final = (8.0, 2.0 + 2.0 * 4.0 / 256.0, 0.0, 4.0, 4.0)
"""Bytes a parameter beside the fp32 master copy by optimizer code: Adam two fp32 moments; 8-bit Adam two bytes and a fp32
scale a block of 256 (bitsandbytes); Adafactor none but its row and column sums (added separately); Muon and SGD one
fp32 momentum."""
NF4_BYTES: Final = (4.0 + 8.0 / 64.0 + 32.0 / (64.0 * 256.0)) / 8.0
"""NF4 with double quantization: 4 bits, an 8-bit scale for 64 weights, a 32-bit one for 256 scales: 4.127 bits."""


def lookup(table: tuple[float, ...], codes: Num) -> Any:
    """``table[codes]`` for a code or an array of codes."""
    return np.asarray(table)[np.asarray(codes, dtype=np.intp)]


def is_plain_fp32(precision: Num) -> Any:
    """True where weights are trained in fp32 (fp32, tf32): no half-precision copy and no separate master."""
    return np.asarray(precision) <= TF32


def is_fsdp_family(parallel: Parallel) -> Any:
    """True where the software is PyTorch FSDP (torchtitan, llm-foundry), whatever it shards; Megatron-like otherwise."""
    stack = np.asarray(parallel.stack)
    return (stack == TORCHTITAN) | (stack == LLM_FOUNDRY)


@dataclass(frozen=True, slots=True)
class LayerParameters:
    """Parameters of one layer, or of the parts outside the layers, that one GPU holds after TP and EP split.

    ``linear`` dense matrices that low precision quantises, ``experts`` routed experts, ``vectors`` norms, biases and
    router (replicated over TP), ``adapters`` LoRA matrices beside them.
    """

    attention: Num
    dense_mlp: Num
    shared: Num
    experts: Num
    router: Num
    vectors: Num
    adapters_attention: Num
    adapters_dense: Num
    adapters_shared: Num


def key_value_heads_per_gpu(arch: Architecture, tp: Num) -> Any:
    """Key/value heads of one GPU: ``max(k, t) / t``, heads are repeated when t exceeds them."""
    return np.maximum(np.asarray(arch.kv_heads), tp) / tp


def layer_parameters(arch: Architecture, parallel: Parallel, lora_rank: Num, lora_all_linear: Num) -> LayerParameters:
    """Split one layer of each kind over tensor and expert parallel ranks.

    Attention and feed-forward matrices divide by t (k and v only down to one head a GPU); the low-rank down projections of
    MLA, the router, norms and biases are replicated on every tensor rank; experts divide by ``ep * etp``. Low-rank adapters
    of a column-parallel layer keep the whole input side: ``r * (in + out / t)``.

    Returns
    -------
    LayerParameters
        Broadcast over the fields of ``arch`` and tp, ep, etp.
    """
    h = np.asarray(arch.hidden, dtype=np.float64)
    t = np.asarray(parallel.tp, dtype=np.float64)
    a, d = np.asarray(arch.heads), np.asarray(arch.head_dim)
    kv = key_value_heads_per_gpu(arch, t) * d
    plain = 2.0 * h * a * d / t + 2.0 * h * kv
    rq, rkv, rope = np.asarray(arch.q_lora_rank), np.asarray(arch.kv_lora_rank), np.asarray(arch.qk_rope_dim)
    replicated = h * (rq + rkv + rope)
    latent = replicated + (attention_parameters_per_layer(arch) - replicated) / t
    mlp = h * arch.mlp_matrices
    count = parameter_count(arch)
    layers = np.asarray(arch.layers, dtype=np.float64)
    expert_bias = np.where(
        arch.linear_bias,
        arch.moe_experts * (np.asarray(arch.moe_ffn) * (1.0 + np.asarray(arch.gated_mlp)) + h + 1.0),
        0.0,
    )
    final_norm = h * arch.norm_vectors
    vectors = (count.norms_biases - final_norm - arch.moe_layers * expert_bias) / layers
    shards = np.asarray(parallel.ep, dtype=np.float64) * parallel.etp
    r = np.asarray(lora_rank, dtype=np.float64)
    qk_out = np.where(arch.mla, a * arch.qk_dim / t, a * d / t)
    v_width = np.where(arch.mla, a * np.asarray(arch.v_dim) / t, a * d / t)
    latent_adapters = r * (h + rq) + r * (rq + qk_out) + r * (h + rkv + rope) + r * (rkv + 2.0 * v_width)
    plain_adapters = r * (h + qk_out) + 2.0 * r * (h + kv)
    adapters_attention = np.where(arch.mla, latent_adapters, plain_adapters) + r * (v_width + h)
    wide = np.where(lora_all_linear, 1.0, 0.0) * r * arch.mlp_matrices
    return LayerParameters(
        attention=np.where(arch.mla, latent, plain),
        dense_mlp=mlp * arch.ffn / t,
        shared=mlp * arch.moe_shared_ffn / t,
        experts=arch.moe_experts * (expert_parameters(arch) + expert_bias) / shards,
        router=h * arch.moe_experts,
        vectors=vectors,
        adapters_attention=adapters_attention,
        adapters_dense=wide * (h + np.asarray(arch.ffn) / t),
        adapters_shared=np.where(np.asarray(arch.moe_shared_ffn) > 0, wide * (h + arch.moe_shared_ffn / t), 0.0),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline stage of a batch: its index, what it holds, how many layers of each kind."""

    index: Num
    has_embedding: Num
    has_head: Num
    dense_layers: Num
    moe_layers: Num

    @property
    def layers(self) -> Num:
        """Layers of the stage (multi-token-prediction layers included)."""
        return self.dense_layers + self.moe_layers


def stage_of(arch: Architecture, parallel: Parallel, index: Num) -> Stage:
    """How many dense and MoE layers pipeline stage ``index`` (from 0) holds.

    Megatron-like: L / p when p divides L; else, when p divides L + 2, embedding and output layer count as a layer each
    (``--account-for-embedding-in-pipeline-split``, Llama 3 arXiv 2407.21783 section 3.3.2), else the first ``L mod p``
    stages hold one more. torchtitan: always L + 2 units dealt over p * v chunks, the first chunks one more, chunk j on
    rank j mod p (``generate_llm_fqn_per_model_part``). Leading dense layers lie in the first chunk of the stages in
    order. Multi-token-prediction layers are on the last stage.
    """
    layers, dense = np.asarray(arch.layers), np.asarray(arch.moe_dense_layers)
    p, v, i = np.asarray(parallel.pp), np.asarray(parallel.vp), np.asarray(index)
    first, last = i == 0, i == p - 1
    ends = first.astype(np.int64) + last
    plain = layers // p + (i < layers % p)
    accounted = (layers + 2) // p - ends
    megatron = np.where(layers % p == 0, plain, np.where((layers + 2) % p == 0, accounted, plain))
    units, chunks = layers + 2, p * v
    extra = np.clip(-((i - units % chunks) // p), 0, v)
    titan = np.maximum(0, v * (units // chunks) + extra - ends)
    held = np.where(p == 1, layers, np.where(np.asarray(parallel.stack) == TORCHTITAN, titan, megatron))
    chunk = held / v
    in_chunk = np.clip(dense - i * chunk, 0, chunk)
    beyond = np.maximum(0.0, dense - layers / v) / p
    in_stage = np.where(arch.is_moe, np.minimum(held, in_chunk + beyond), held)
    extra_depth = np.where(last, arch.mtp_layers, 0)
    return Stage(
        index=i,
        has_embedding=first,
        has_head=last,
        dense_layers=in_stage + np.where(arch.is_moe, 0, extra_depth),
        moe_layers=held - in_stage + np.where(arch.is_moe, extra_depth, 0),
    )


@dataclass(frozen=True, slots=True)
class StateBytes:
    """Weights, gradients and optimizer bytes of one GPU, with the parameter counts that buffers depend on.

    ``parameters`` on the GPU before data-parallel sharding, ``trained`` those with a gradient, ``shards`` N of the dense
    part.
    """

    weights: Num
    gradients: Num
    optimizer: Num
    parameters: Num
    trained: Num


def bytes_per_parameter(parallel: Parallel, fp32_gradients: Num) -> tuple[Any, Any, Any]:
    """Bytes a trained parameter of weight, gradient and master copy, before sharding.

    fp32 and tf32: 4, 4, none (plain Adam: 4 + 4 + 8 = 16). Half precision, Megatron-like: 2, 4 (main gradients in fp32,
    Megatron's default; 2 where ``fp32_gradients`` is 0; automatic (-1) is 4 for Megatron and 2 elsewhere) and a fp32
    master of 4 (arXiv 1910.02054 section 3.1). FSDP: fp32 shards are the master: 4, 4, none.
    """
    plain = is_plain_fp32(parallel.precision) | is_fsdp_family(parallel)
    wide = np.asarray(fp32_gradients)
    automatic = np.where(np.asarray(parallel.stack) == MEGATRON, 1, 0)
    wide = np.where(wide < 0, automatic, wide)
    return np.where(plain, 4.0, 2.0), np.where(plain, 4.0, 2.0 + 2.0 * wide), np.where(plain, 0.0, 4.0)


def state_bytes(
    arch: Architecture,
    parallel: Parallel,
    stage: Stage,
    layer: LayerParameters,
    *,
    trainable: Num,
    params_scale: Num,
    fp32_gradients: Num,
) -> StateBytes:
    """Weights, gradients and optimizer bytes of one GPU of ``stage``.

    ``weights = w P (/N at ZeRO-3)``, ``gradients = g P (/N from ZeRO-2)``, ``optimizer = (master + states) P (/N from
    ZeRO-1)`` with the bytes of :func:`bytes_per_parameter` and :data:`OPTIMIZER_STATE_BYTES`; experts are sharded over
    their own group. FP8 and narrower (Megatron-like) keep a row-wise and a column-wise copy of every linear weight beside the
    bf16 one. Frozen weights (LoRA, QLoRA) have 2 bytes (NF4: 0.516 for the linear layers) and nothing else; adapters are
    trained like any parameter. The optimizer on the host (offload) leaves its bytes there (ZeRO-Offload, arXiv
    2101.06840). ``params_scale`` multiplies all parameters: the user's count over the shape's own.

    Raises nothing; valid for positive sizes. Shapes: the broadcast of the fields used.
    """
    scale = np.asarray(params_scale, dtype=np.float64)
    t = np.asarray(parallel.tp, dtype=np.float64)
    h = np.asarray(arch.hidden, dtype=np.float64)
    matrix = h * arch.vocab / t
    # Tied weights live on the first and on the last stage; on one stage they are one tensor.
    alone = np.where(np.asarray(arch.tied_embeddings), np.asarray(stage.has_embedding), False)
    tables = np.where(stage.has_embedding, matrix + h * arch.positions, 0.0)
    tables = tables + np.where(np.asarray(stage.has_head) & ~alone, matrix, 0.0)
    layers = np.asarray(stage.layers)
    dense, moe = np.asarray(stage.dense_layers), np.asarray(stage.moe_layers)
    linear = layers * layer.attention + dense * layer.dense_mlp + moe * layer.shared
    # A depth of multi-token prediction adds the 2h x h projection to its layer (arXiv 2412.19437 section 2.2).
    linear = linear + np.where(stage.has_head, arch.mtp_layers, 0) * 2.0 * h * h / t
    vectors = layers * layer.vectors + moe * layer.router + np.where(stage.has_head, h * arch.norm_vectors, 0.0)
    linear, tables, vectors = linear * scale, tables * scale, vectors * scale
    experts = moe * layer.experts * scale
    other = linear + tables + vectors

    zero = np.asarray(parallel.zero_stage)
    n = np.asarray(parallel.dp, dtype=np.float64) * parallel.cp
    n_experts = np.asarray(parallel.expert_dp, dtype=np.float64)

    def over(group: Any, from_stage: int) -> Any:
        return np.where(zero >= from_stage, 1.0 / group, 1.0)

    weight, gradient, master = bytes_per_parameter(parallel, fp32_gradients)
    kind = np.asarray(parallel.optimizer)
    states = lookup(OPTIMIZER_STATE_BYTES, kind) + np.where(kind == 2, 8.0 / h, 0.0)
    table_states = np.where(kind == MUON, OPTIMIZER_STATE_BYTES[0], states)
    on_gpu = np.where(np.asarray(parallel.offload) == OFFLOAD_OPTIMIZER, 0.0, 1.0)
    precision = np.asarray(parallel.precision)
    copies = np.where((precision > code(PRECISIONS, "bf16")) & ~is_fsdp_family(parallel), 2.0, 0.0)
    copies = copies * lookup(QUANTISED_BYTES, precision)

    w_shard, g_shard, o_shard = over(n, 3), over(n, 2), over(n, 1)
    full = StateBytes(
        weights=weight * other * w_shard + copies * linear * w_shard + (weight + copies) * experts * over(n_experts, 3),
        gradients=gradient * (other * g_shard + experts * over(n_experts, 2)),
        optimizer=on_gpu
        * (
            (master + states) * (linear * o_shard + experts * over(n_experts, 1))
            + (master + table_states) * (tables + vectors) * o_shard
        ),
        parameters=other + experts,
        trained=other + experts,
    )
    frozen = np.asarray(trainable) > 0
    if not np.any(frozen):
        return full
    adapters = layers * layer.adapters_attention + dense * layer.adapters_dense + moe * layer.adapters_shared
    frozen_linear = np.where(np.asarray(trainable) == 2, NF4_BYTES, np.where(is_plain_fp32(precision), 4.0, 2.0))
    frozen_other = np.where(is_plain_fp32(precision), 4.0, 2.0)
    return StateBytes(
        weights=np.where(
            frozen,
            (frozen_linear * linear + frozen_other * (tables + vectors) + weight * adapters) * w_shard
            + frozen_linear * experts * over(n_experts, 3),
            full.weights,
        ),
        gradients=np.where(frozen, gradient * adapters * g_shard, full.gradients),
        optimizer=np.where(frozen, on_gpu * (master + states) * adapters * o_shard, full.optimizer),
        parameters=full.parameters + np.where(frozen, adapters, 0.0),
        trained=np.where(frozen, adapters, full.trained),
    )
