"""Model states on one GPU: weights, gradients and optimizer bytes by pipeline stage.

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
from typing import Final

import numpy as np

from mitsumori.model.architecture.mixers import mixer_matrices, widths
from mitsumori.model.architecture.number_formats import BYTES
from mitsumori.model.architecture.parallelism import OPTIMIZERS, PRECISIONS, STACKS, Parallel, away, code
from mitsumori.model.architecture.transformer import (
    Architecture,
    attention_parameters_per_layer,
    expert_parameters,
    parameter_count,
)
from mitsumori.model.base.arrays import Condition, Num, lookup, pick, real, some

TF32: Final = code(PRECISIONS, "tf32")
MEGATRON: Final = code(STACKS, "megatron")
DEEPSPEED: Final = code(STACKS, "deepspeed")
TORCHTITAN: Final = code(STACKS, "torchtitan")
JAX: Final = code(STACKS, "jax")
LLM_FOUNDRY: Final = code(STACKS, "llm-foundry")
HUGGINGFACE: Final = code(STACKS, "huggingface")
TORCHTUNE: Final = code(STACKS, "torchtune")
MUON: Final = code(OPTIMIZERS, "muon")
ADAM8BIT: Final = code(OPTIMIZERS, "adam8bit")
ADAFACTOR: Final = code(OPTIMIZERS, "adafactor")
BF16: Final = code(PRECISIONS, "bf16")

TRAINABLES: Final = ("full", "lora", "qlora")

QUANTISED_BYTES: Final = tuple(BYTES[name] for name in PRECISIONS)
"""Bytes an element of a matrix operand by precision code."""
OPTIMIZER_STATE_BYTES: Final = (8.0, 2.0 + 2.0 * 4.0 / 256.0, 0.0, 4.0, 4.0)
"""Bytes a parameter beside the fp32 master copy by optimizer code: Adam two fp32 moments; 8-bit Adam two bytes and a
fp32 scale a block of 256 (bitsandbytes); Adafactor none but its row and column sums (added separately); Muon and SGD
one fp32 momentum."""
ADAM_STATE_BYTES: Final = OPTIMIZER_STATE_BYTES[code(OPTIMIZERS, "adam")]


def is_plain_fp32(precision: Num) -> Condition:
    """True where weights are trained in fp32 (fp32, tf32): no half-precision copy and no separate master."""
    return precision <= TF32


def is_fsdp_family(parallel: Parallel) -> Condition:
    """True where the software is PyTorch FSDP (torchtitan, llm-foundry); elsewhere it is Megatron-like."""
    return (parallel.stack == TORCHTITAN) | (parallel.stack == LLM_FOUNDRY)


def is_eager_family(parallel: Parallel) -> Condition:
    """True where a model runs as its authors wrote it, layer by layer (Hugging Face, torchtune)."""
    return (parallel.stack == HUGGINGFACE) | (parallel.stack == TORCHTUNE)


def is_pure_half(parallel: Parallel, state_precision: Num) -> Condition:
    """True where weights, gradients and moments have 2 bytes and there is no master copy.

    ``state_precision`` as in :class:`model.memory.options.MemoryOptions`; the stack's own is bf16 under Hugging Face and
    torchtune, whose fine-tuning loads a checkpoint in bf16 and trains it as it is. Megatron, DeepSpeed and JAX keep an fp32
    master whatever the precision of their moments.
    """
    asked = np.asarray(state_precision)
    mastered = (parallel.stack == MEGATRON) | (parallel.stack == DEEPSPEED) | (parallel.stack == JAX)
    pure = pick(asked < 0, is_eager_family(parallel), (asked == 1) & (mastered == 0))
    return pure & (parallel.precision > TF32)


@dataclass(frozen=True, slots=True)
class LayerParameters:
    """Parameters of one layer of each kind that one GPU holds after tensor and expert parallel split.

    ``attention``, ``dense_mlp`` and ``shared`` are the dense matrices that low precision quantises; ``router`` and
    ``vectors`` (norms, biases) are replicated over tensor ranks; ``adapters_*`` are LoRA matrices beside them.
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

    def feed_forward(self, has_moe: Condition) -> Num:
        """The larger feed-forward part of a stage."""
        return pick(has_moe, np.maximum(self.experts + self.shared, self.dense_mlp), self.dense_mlp)


def key_value_heads_per_gpu(arch: Architecture, tp: Num) -> Num:
    """Key/value heads of one GPU: ``max(k, t) / t``, heads are repeated when t exceeds them."""
    return np.maximum(arch.kv_heads, tp) / tp


def layer_parameters(arch: Architecture, parallel: Parallel, lora_rank: Num, lora_all_linear: Num) -> LayerParameters:
    """Split one layer of each kind over tensor and expert parallel ranks.

    Attention and feed-forward matrices divide by t (k and v only down to one head a GPU); the low-rank down
    projections of MLA, the router, norms and biases are replicated on every tensor rank; experts divide by
    ``ep * etp``. Low-rank adapters of a column-parallel layer keep the whole input side: ``r * (in + out / t)``.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    lora_rank
        Rank of the adapters, 1 or more.
    lora_all_linear
        1 where every linear layer has an adapter, 0 where attention alone has.

    Returns
    -------
    LayerParameters
        Broadcast over the fields of ``arch`` and tp, ep, etp.
    """
    h, t = real(arch.hidden), real(parallel.tp)
    a, d, r = real(arch.heads), real(arch.head_dim), real(lora_rank)
    kv = key_value_heads_per_gpu(arch, t) * d
    attention: Num = (2.0 + np.asarray(arch.attention_gate)) * h * a * d / t + 2.0 * h * kv
    adapters = r * (h + a * d / t) + 2.0 * r * (h + kv) + r * (a * d / t + h)
    latent = some(arch.mla)
    if latent:
        rq, rkv, rope = real(arch.q_lora_rank), real(arch.kv_lora_rank), real(arch.qk_rope_dim)
        down = h * (rq + rkv + rope)
        attention = pick(arch.mla != 0, down + (attention_parameters_per_layer(arch) - down) / t, attention)
        q_out, v_out = a * arch.qk_dim / t, a * arch.v_dim / t
        low = r * (h + rq) + r * (rq + q_out) + r * (h + rkv + rope) + r * (rkv + 2.0 * v_out) + r * (v_out + h)
        adapters = pick(arch.mla != 0, low, adapters)
    matrices = real(2.0 + arch.gated_mlp)
    mlp = h * matrices
    vectors = 2.0 * h * arch.norm_vectors
    expert_bias: Num = 0.0
    hybrid = some(arch.is_hybrid)
    if latent or hybrid or some(arch.linear_bias) or some(arch.attention_bias):
        if some(arch.linear_bias):
            width = arch.moe_ffn * (1.0 + arch.gated_mlp)
            expert_bias = pick(arch.linear_bias != 0, arch.moe_experts * (width + h + 1.0), 0.0)
        whole = parameter_count(arch).norms_biases - h * arch.norm_vectors - arch.moe_layers * expert_bias
        vectors = whole / real(arch.layers)
    wide = pick(lora_all_linear != 0, r * matrices, 0.0)
    experts: Num = 0.0
    if some(arch.is_moe):
        experts = (arch.moe_experts * expert_parameters(arch) + expert_bias) / (real(parallel.ep) * parallel.etp)
    found = LayerParameters(
        attention=attention,
        dense_mlp=mlp * arch.ffn / t,
        shared=mlp * arch.moe_shared_ffn / t,
        experts=experts,
        router=h * arch.moe_experts,
        vectors=vectors,
        adapters_attention=adapters,
        adapters_dense=wide * (h + arch.ffn / t),
        adapters_shared=pick(arch.moe_shared_ffn > 0, wide * (h + arch.moe_shared_ffn / t), 0.0),
    )
    return _mean_layer(arch, found, t, r) if hybrid else found


def _mean_layer(arch: Architecture, layer: LayerParameters, t: Num, rank: Num) -> LayerParameters:
    """The mean layer of a hybrid: attention, mixer and feed-forward block by their shares; a mixer's matrices divide by t."""
    attends, mixes, _, feeds = arch.shares
    h, (values, keys, _) = real(arch.hidden), widths(arch)
    adapters = rank * (2.0 * h + (3.0 * values + 2.0 * keys) / t)
    return LayerParameters(
        attention=attends * layer.attention + mixes * mixer_matrices(arch) / t,
        dense_mlp=feeds * layer.dense_mlp, shared=feeds * layer.shared, experts=feeds * layer.experts,
        router=feeds * layer.router, vectors=layer.vectors,
        adapters_attention=attends * layer.adapters_attention + mixes * adapters,
        adapters_dense=feeds * layer.adapters_dense, adapters_shared=feeds * layer.adapters_shared,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline stage of a batch: its index, what it holds, how many layers of each kind."""

    index: Num
    has_embedding: Condition
    has_head: Condition
    dense_layers: Num
    moe_layers: Num


def stage_of(arch: Architecture, parallel: Parallel, index: Num) -> Stage:
    """How many dense and MoE layers pipeline stage ``index`` (from 0) holds.

    Megatron-like: L / p when p divides L; else, when p divides L + 2, embedding and output layer count as a layer
    each (``--account-for-embedding-in-pipeline-split``, Llama 3 arXiv 2407.21783 section 3.3.2), else the first
    ``L mod p`` stages hold one more. torchtitan: always L + 2 units dealt over p * v chunks, the first chunks one
    more, chunk j on rank j mod p (``generate_split_points``). Leading dense layers lie in the first chunk of the
    stages in order. Multi-token-prediction layers are on the last stage.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    index
        Pipeline stage, from 0.
    """
    layers, p, v = arch.layers, parallel.pp, parallel.vp
    first, last = index == 0, index == p - 1
    # Layers of the stage, and where its first chunk starts and how long it is.
    held: Num = layers
    start: Num = 0
    chunk: Num = layers
    if some(p != 1):
        behind = pick(first, 0, 1)
        ends = pick(first, 1, 0) + pick(last, 1, 0)
        share, rest = layers // p, layers % p
        counted = (rest != 0) & ((layers + 2) % p == 0)
        held = pick(counted, (layers + 2) // p - ends, share + pick(index < rest, 1, 0))
        start = pick(counted, index * ((layers + 2) // p) - behind, index * share + np.minimum(index, rest)) / v
        chunk = held / v
        titan = (parallel.stack == TORCHTITAN) & (p > 1)
        if some(titan):
            share, rest = (layers + 2) // (p * v), (layers + 2) % (p * v)
            more = np.clip(-((index - rest) // p), 0, v)
            held = pick(titan, np.maximum(0, v * share + more - ends), held)
            start = pick(titan, index * share + np.minimum(index, rest) - behind, start)
            short = pick(first, 1, 0) + pick(last & (v == 1), 1, 0)
            chunk = pick(titan, np.maximum(0, share + pick(index < rest, 1, 0) - short), chunk)
    depths: Num = 0
    if some(arch.mtp_layers):
        depths = pick(last, arch.mtp_layers, 0)
    dense: Num = held + depths
    moe: Num = 0
    if some(arch.is_moe):
        leading = arch.moe_dense_layers
        inside = np.clip(leading - start, 0, chunk) + np.maximum(0, leading - layers / v) / p
        inside = np.minimum(held, inside)
        dense = pick(arch.is_moe, inside, dense)
        moe = pick(arch.is_moe, held - inside + depths, 0)
    return Stage(index=index, has_embedding=first, has_head=last, dense_layers=dense, moe_layers=moe)


@dataclass(frozen=True, slots=True)
class Counts:
    """Parameters of one GPU before data-parallel sharding, by what they cost.

    ``linear`` dense matrices that low precision quantises; ``rest`` embedding, head and vectors; ``experts`` routed
    experts, shared by a group of their own; ``adapters`` LoRA matrices.
    """

    linear: Num
    rest: Num
    experts: Num
    adapters: Num


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes a parameter of one sort, unsharded: weight with its copies, gradient, master copy and optimizer states."""

    weight: Num
    gradient: Num
    optimizer: Num


@dataclass(frozen=True, slots=True)
class StateBytes:
    """Weights, gradients and optimizer bytes of one GPU, with the parameter counts that buffers depend on.

    ``parameters`` on the GPU before data-parallel sharding, ``trained`` those of them with a gradient, ``counts`` the
    same by sort.
    """

    weights: Num
    gradients: Num
    optimizer: Num
    parameters: Num
    trained: Num
    counts: Counts


def bytes_per_parameter(parallel: Parallel, fp32_gradients: Num, state_precision: Num = 0) -> tuple[Num, Num, Num]:
    """Bytes a trained parameter of weight, gradient and master copy, before sharding.

    fp32 and tf32: 4, 4, none (plain Adam: 4 + 4 + 8 = 16). Half precision, Megatron-like: 2, 4 (main gradients in
    fp32, Megatron's default; 2 where ``fp32_gradients`` is 0; automatic (-1) is 4 for Megatron, but 2 in tuned recipes
    of 8 and 4 bits, whose published layouts would not fit otherwise, and 2 elsewhere) and a fp32 master of 4 (arXiv
    1910.02054 section 3.1). FSDP, and Hugging Face or torchtune with fp32 states: fp32 weights are the master: 4, 4, none.
    Pure half precision: 2, 2, none.

    Parameters
    ----------
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    fp32_gradients
        1: gradients in 32 bits, 0: in 16, -1: by the stack.
    state_precision
        Code of the precision of optimizer states.
    """
    pure = is_pure_half(parallel, state_precision)
    own = is_fsdp_family(parallel) | is_eager_family(parallel)
    plain = (is_plain_fp32(parallel.precision) | own) & (pure == 0)
    reduced = (parallel.precision > BF16) & (parallel.tuned != 0)
    automatic = pick((parallel.stack == MEGATRON) & (reduced == 0), 1, 0)
    wide = pick(fp32_gradients < 0, automatic, fp32_gradients)
    gradient = pick(plain, 4.0, pick(pure, 2.0, 2.0 + 2.0 * wide))
    return pick(plain, 4.0, 2.0), gradient, pick(plain | pure, 0.0, 4.0)


class States:
    """Bytes a parameter and sharding of a batch, computed once for all of its stages.

    ``weights = w P (/N at ZeRO-3)``, ``gradients = g P (/N from ZeRO-2)``, ``optimizer = (master + states) P (/N from
    ZeRO-1)`` with the bytes of :func:`bytes_per_parameter` and :data:`OPTIMIZER_STATE_BYTES`; experts are sharded over
    their own group. FP8 and narrower (Megatron-like) keep a row-wise and a column-wise copy of every linear weight
    beside the bf16 one, or instead of it in tuned recipes (``fp8_param_gather``; ``quantised_only`` 1, -1 as ``tuned``
    says). Frozen weights (LoRA, QLoRA) have 2 bytes (one quantised copy in tuned recipes; NF4:
    0.516 for the linear layers) and nothing else; adapters are trained like any parameter. The optimizer on the host
    (offload) leaves its bytes there (ZeRO-Offload, arXiv 2101.06840). ``params_scale`` multiplies all parameters: the
    user's count over the shape's own.
    """

    def __init__(
        self,
        arch: Architecture,
        parallel: Parallel,
        layer: LayerParameters,
        *,
        trainable: Num,
        params_scale: Num,
        fp32_gradients: Num,
        quantised_only: Num = -1,
        state_precision: Num = 0,
        paged_optimizer: Num = 0,
    ) -> None:
        self.arch, self.layer = arch, layer
        self.trainable, self.scale = trainable, real(params_scale)
        self.h, t = real(arch.hidden), real(parallel.tp)
        self.matrix = self.h * arch.vocab / t
        self.tied = arch.tied_embeddings != 0
        # A depth of multi-token prediction adds the 2h x h projection to its layer (arXiv 2412.19437 section 2.2).
        self.depths = 2.0 * self.h * self.h / t * arch.mtp_layers
        zero = parallel.zero_stage
        self.group = real(parallel.dp) * parallel.sequence_parts
        self.expert_group = self.group
        n = 1.0 / self.group
        self.shard = tuple(pick(zero >= stage, n, 1.0) for stage in (3, 2, 1))
        self.moe = some(arch.is_moe)
        self.expert_shard = self.shard
        if self.moe:
            self.expert_group = real(parallel.expert_dp)
            n = 1.0 / self.expert_group
            self.expert_shard = tuple(pick(zero >= stage, n, 1.0) for stage in (3, 2, 1))
        weight, gradient, master = bytes_per_parameter(parallel, fp32_gradients, state_precision)
        kind = parallel.optimizer
        # Moments of Adam, Muon and SGD follow the weights' precision; those of 8 bits stay as they are.
        half = is_pure_half(parallel, state_precision) | (np.asarray(state_precision) == 1)
        narrowed = pick(half & (kind != ADAM8BIT) & (parallel.precision > TF32), 0.5, 1.0)
        states = narrowed * lookup(OPTIMIZER_STATE_BYTES, kind) + pick(kind == ADAFACTOR, 8.0 / self.h, 0.0)
        table_states = pick(kind == MUON, narrowed * ADAM_STATE_BYTES, states)
        on_gpu = pick(away(parallel, "optimizer") | (np.asarray(paged_optimizer) > 0), 0.0, 1.0)
        weights_here = pick(away(parallel, "parameters"), 0.0, 1.0)
        precision = parallel.precision
        narrow = (precision > BF16) & (is_fsdp_family(parallel) == 0) & (is_eager_family(parallel) == 0)
        copies: Num = 0.0
        frozen_rest: Num = pick(is_plain_fp32(precision), 4.0, 2.0)
        frozen_linear = frozen_rest
        if some(narrow):
            only = pick(quantised_only < 0, parallel.tuned != 0, quantised_only != 0)
            copies = pick(narrow, 2.0 * lookup(QUANTISED_BYTES, precision) + pick(only, -weight, 0.0), 0.0)
            # A frozen weight needs no column-wise copy for its gradient; the one for the input gradient is made anew.
            frozen_linear = pick(narrow & only, lookup(QUANTISED_BYTES, precision), frozen_rest)
        self.linear = Rates(weight + copies, gradient, (master + states) * on_gpu)
        self.rest = Rates(weight, gradient, (master + table_states) * on_gpu)
        self.experts = self.linear
        self.adapters = Rates(weight, gradient, (master + states) * on_gpu)
        self.frozen = some(trainable > 0)
        if some(is_eager_family(parallel)):
            # PEFT trains adapters in fp32 (``autocast_adapter_dtype``), whatever the base weights are.
            eager = is_eager_family(parallel)
            wide, gradients = pick(eager, 4.0, weight), pick(eager, 4.0, gradient)
            self.adapters = Rates(wide, gradients, pick(eager, 8.0, master + states) * on_gpu)
        if self.frozen:
            quantised = pick(trainable == 2, BYTES["nf4"], frozen_linear)
            self.linear = self.experts = _frozen(trainable, quantised, self.linear)
            self.rest = _frozen(trainable, frozen_rest, self.rest)
        if some(weights_here == 0.0):
            self.linear, self.rest, self.experts = (
                Rates(sort.weight * weights_here, sort.gradient, sort.optimizer)
                for sort in (self.linear, self.rest, self.experts)
            )

    def counts(self, stage: Stage) -> Counts:
        """Parameters of one stage by sort."""
        layer, scale = self.layer, self.scale
        # Tied weights live on the first and on the last stage; on one stage they are one tensor.
        tables = pick(stage.has_embedding, self.matrix + self.h * self.arch.positions, 0.0)
        tables = tables + pick(stage.has_head, pick(self.tied & stage.has_embedding, 0.0, self.matrix), 0.0)
        dense, moe = stage.dense_layers, stage.moe_layers
        layers = dense + moe
        linear = layers * layer.attention + dense * layer.dense_mlp + pick(stage.has_head, self.depths, 0.0)
        vectors = layers * layer.vectors + pick(stage.has_head, self.h * self.arch.norm_vectors, 0.0)
        experts: Num = 0.0
        if self.moe:
            linear = linear + moe * layer.shared
            vectors = vectors + moe * layer.router
            experts = moe * layer.experts * scale
        adapters: Num = 0.0
        if self.frozen:
            adapters = layers * layer.adapters_attention + dense * layer.adapters_dense + moe * layer.adapters_shared
            adapters = pick(self.trainable > 0, adapters, 0.0)
        return Counts(linear * scale, (tables + vectors) * scale, experts, adapters)

    def of(self, stage: Stage) -> StateBytes:
        """The states of one stage; shapes are the broadcast of the fields used (tp, pp, cp, dp, ep, ZeRO stage)."""
        counts = self.counts(stage)
        w, g, o = self.shard
        weights = (self.linear.weight * counts.linear + self.rest.weight * counts.rest) * w
        gradients = (self.linear.gradient * counts.linear + self.rest.gradient * counts.rest) * g
        optimizer = (self.linear.optimizer * counts.linear + self.rest.optimizer * counts.rest) * o
        if self.moe:
            we, ge, oe = self.expert_shard
            weights = weights + self.experts.weight * counts.experts * we
            gradients = gradients + self.experts.gradient * counts.experts * ge
            optimizer = optimizer + self.experts.optimizer * counts.experts * oe
        held = counts.linear + counts.rest + counts.experts
        if not self.frozen:
            return StateBytes(weights, gradients, optimizer, held, held, counts)
        adapters = counts.adapters
        return StateBytes(
            weights=weights + self.adapters.weight * adapters * w,
            gradients=gradients + self.adapters.gradient * adapters * g,
            optimizer=optimizer + self.adapters.optimizer * adapters * o,
            parameters=held + adapters,
            trained=pick(self.trainable > 0, adapters, held),
            counts=counts,
        )


def _frozen(trainable: Num, weight: Num, trained: Rates) -> Rates:
    """Rates of weights that adapters are trained beside: no gradient, no optimizer."""
    frozen = trainable > 0
    return Rates(
        pick(frozen, weight, trained.weight),
        pick(frozen, 0.0, trained.gradient),
        pick(frozen, 0.0, trained.optimizer),
    )
