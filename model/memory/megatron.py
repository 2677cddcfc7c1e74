"""Peak *allocated* memory of a pipeline stage under Megatron-like software.

Sixteen published peaks on B200 come out within 0.1 % without a fitted constant (tests/validation). The peak is not
"states plus activations": placeholders, logits and transients of the backward pass are several GiB.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel, away
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Condition, Num, pick, real, some
from mitsumori.model.memory.activations import FULL, element_bytes, expert_token_share, megatron_saved, sequence_shards
from mitsumori.model.memory.options import MemoryOptions, Phase, StagePeak
from mitsumori.model.memory.states import (
    BF16,
    DEEPSPEED,
    JAX,
    MEGATRON,
    LayerParameters,
    Stage,
    key_value_heads_per_gpu,
)

WORKSPACE_BYTES: Final = 2.0 * 32.0 * 2.0**20
"""Two matrix-product workspaces of 32 MiB: cuBLAS and Transformer Engine on Hopper and later."""
BUCKET_PARAMETERS: Final = 40.0e6
"""Megatron-Core's smallest gradient bucket, ``max(40e6, 1e6 * dp)`` parameters (``bucket_size`` of
``megatron/core/distributed/distributed_data_parallel.py``); of software without a published rule the bucket itself."""
DEEPSPEED_BUCKET_PARAMETERS: Final = 500.0e6
"""DeepSpeed's default ``reduce_bucket_size``, elements (``deepspeed/runtime/zero/config.py``), for any number of replicas."""
DEEPSPEED_LIVE_PARAMETERS: Final = 1.0e9
"""DeepSpeed's defaults of ``stage3_max_live_parameters``, ``stage3_max_reuse_distance`` and ``sub_group_size``, elements."""
EMBEDDING_TRANSIENT_ELEMENTS: Final = 3.2
"""Dense embedding backward: token gradients, sorted indices and the scatter's buffers, about 3.2 elements a token and
hidden unit (docs/method.md 3.3; never the peak of a published row)."""


LOSS_CHUNKS: Final = 8.0
"""Chunks of the sequence in a chunked loss."""


def activations_away(parallel: Parallel) -> Condition:
    """True where saved tensors lie on the host: all of them, or the checkpoints that full recomputation keeps."""
    return away(parallel, "activations") | (away(parallel, "checkpoints") & (parallel.recompute == FULL))


def in_flight(parallel: Parallel, index: Num, count: Num | None = None) -> Num:
    """Micro-batches whose activations stage ``index`` holds at once.

    1F1B: ``min(m, p - i)``. Interleaved over v chunks: ``(2 (p - i - 1) + (v - 1) p + 1) / v`` micro-batches of the
    whole stage, ``1 + (p - 1) / (p v)`` times more than p on stage 0 (arXiv 2205.05198 section 4.2.3), never more than
    m (``count``, by default that of the layout). JAX differentiates the whole pipeline at once, so that all m forward
    passes come first (GPipe, arXiv 1811.06965; GSPMD, arXiv 2105.04663 section 3.3).

    Parameters
    ----------
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    index
        Pipeline stage, from 0.
    count
        Micro-batches of a step on one pipeline; None takes the layout's.
    """
    p, v = parallel.pp, parallel.vp
    waiting = p - index
    if some(v > 1):
        waiting = pick(v > 1, (2.0 * (p - index - 1) + (v - 1.0) * p + 1.0) / v, waiting)
    most = parallel.micro_batches if count is None else count
    whole = (parallel.stack == JAX) & (p > 1)
    if some(whole):
        waiting = pick(whole, most, waiting)
    return np.minimum(waiting, most)


def _placeholders(arch: Architecture, parallel: Parallel, e: Num) -> tuple[Num, Num]:
    """Weight-gradient placeholders of a dense and a MoE layer, one for each weight shape, cached for ever.

    The fused weight-gradient product adds into the fp32 main gradient and hands autograd a dummy of the weight's
    shape: QKV, projection, gate/up, down; of an expert's matrices one each. Software without the fusion makes a real
    temporary gradient of the same size.
    """
    h, t = real(arch.hidden), real(parallel.tp)
    a, d = real(arch.heads), real(arch.head_dim)
    attention = 2.0 * a * d * h / t + 2.0 * key_value_heads_per_gpu(arch, t) * d * h
    if some(arch.mla):
        rq, rkv = real(arch.q_lora_rank), real(arch.kv_lora_rank)
        q_width = a * arch.qk_dim / t
        query = pick(arch.q_lora_rank > 0, h * rq + rq * q_width, h * q_width)
        value = a * (arch.qk_nope_dim + arch.v_head_dim) / t
        latent = query + h * (rkv + arch.qk_rope_dim) + rkv * value + h * a * arch.v_head_dim / t
        attention = pick(arch.mla != 0, latent, attention)
    mlp = h * (2.0 + arch.gated_mlp)
    dense = mlp * arch.ffn / t
    moe = mlp * (real(arch.moe_ffn) / parallel.etp + real(arch.moe_shared_ffn) / t)
    return e * (attention + dense), e * (attention + moe)


def _largest(gathered: Num, inputs: Num, wide: Num, gates: Num) -> Num:
    """``max(g + F, (1 + gated) F, g + G - F)``; see :class:`MegatronStages`."""
    return np.maximum(np.maximum(gathered + wide, gates * wide), gathered + inputs - wide)


class MegatronStages:
    """What all stages of a batch share, computed once; :meth:`of` describes one stage.

    Permanent: weight-gradient placeholders of each layer kind; two workspaces, rope table, tokens and masks (64 MiB +
    4 s d + 16 T); on the last stage the gather buffer of the output layer's input (e T h, sequence parallel only);
    from ZeRO-2 two gradient buckets (:meth:`_buckets`); at ZeRO-3 two gathered layers; QLoRA the largest weight dequantised.

    Output-layer backward: ``A + e U`` (the gradient in place of the logits) ``+ 2 e T h / S`` (final norm) ``+ e V h /
    t`` (its placeholder) ``+ e T h`` (input gradient) ``+ e T h / S``. U = T V / t logits; a loss that is not fused
    keeps fp32 copies: 6 bytes a logit in Megatron (softmax in fp32, gradient in half precision), 14 in plain PyTorch.

    Feed-forward backward of the last layer: ``A + dO + max(g + F, (1 + gated) F, g + G - F)``: the down projection
    (gathered output gradient g, gradient of the activation F), the activation function (gradient of gate and up, net of
    the freed result) and gate/up (gathered input g and its gradient G = e T h, net of F), with F = e T f / t and
    g = e T h when the sequence is sharded. In a MoE layer the permuted tokens take the place of T h and K f_e that of
    f. Under full recomputation one whole layer and its output more.

    Embedding backward: ``A`` without one micro-batch ``+ e V h / t + 3.2 e T h + dO``. The optimizer step works in
    place and adds nothing.
    """

    def __init__(self, arch: Architecture, parallel: Parallel, options: MemoryOptions, layer: LayerParameters) -> None:
        self.arch, self.parallel, self.options, self.layer = arch, parallel, options, layer
        self.states = options.states(arch, parallel, layer)
        self.saved = megatron_saved(
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
        e = self.e = element_bytes(parallel)
        t, h = real(parallel.tp), real(arch.hidden)
        self.moe = some(arch.is_moe)
        self.frozen = options.trainable > 0
        shards = sequence_shards(parallel)
        self.tokens = tokens = real(parallel.micro_batch) * parallel.seq_len / parallel.sequence_parts
        self.whole = whole = e * tokens * h
        self.shard = shard = whole / shards
        self.gathered = gathered = pick(shards > 1, whole, 0.0)
        self.table = table = e * h * arch.vocab / t
        self.slots = _placeholders(arch, parallel, e)
        self.always = WORKSPACE_BYTES + 4.0 * parallel.seq_len * arch.qk_dim + 16.0 * tokens + options.extra_bytes

        gates = 1.0 + real(arch.gated_mlp)
        self.dense_transient = shard + _largest(gathered, whole, e * tokens * arch.ffn / t, gates)
        self.moe_transient: Num = 0.0
        if self.moe:
            routed = e * tokens * expert_token_share(parallel) * arch.moe_topk * options.moe_imbalance
            permuted = routed * h
            self.moe_transient = shard + _largest(permuted, permuted, routed * arch.moe_ffn / parallel.etp, gates)

        asked = options.fused_loss
        in_megatron = parallel.stack == MEGATRON
        fused = pick(asked < 0, in_megatron, asked != 0)
        plain = pick(in_megatron, 4.0 + e, 12.0 + e)
        # Over chunks of the sequence the copies beside the 16-bit logits exist for an eighth of them at a time.
        plain = pick(asked == 2, e + (plain - e) / LOSS_CHUNKS, plain)
        logit_bytes = pick(fused & (asked != 2), e, plain) + e * real(arch.mtp_layers)
        placeholder = pick(self.frozen, 0.0, table)
        reduced = pick(shards > 1, shard, 0.0)
        self.head = tokens * arch.vocab / t * logit_bytes + 2.0 * shard + placeholder + whole + reduced
        self.embedding = table + EMBEDDING_TRANSIENT_ELEMENTS * whole + shard

    def _buckets(self, trained: Num) -> Num:
        """Bytes of the two gradient buckets under way from ZeRO-2: together never more than all gradients of the rank.

        Megatron ``max(40e6, 1e6 dp)`` parameters in fp32; else 40e6 in fp32. DeepSpeed's are made whole, however few
        gradients there are: two of 5e8 elements in the precision of its gradients, and 5e8 to gather weights.
        """
        parallel = self.parallel
        growing = pick(parallel.stack == MEGATRON, 1.0e6 * parallel.dp, 0.0)
        return 4.0 * np.minimum(trained, 2.0 * np.maximum(BUCKET_PARAMETERS, growing))

    def _deepspeed(self, parameters: Num, trained: Num) -> Num:
        """Bytes that DeepSpeed keeps beside the states, by ZeRO stage (``deepspeed/runtime/zero``, defaults of its config).

        From 1: two reduction buckets and one to gather weights, 5e8 elements each, whole however small the model. 1 in bf16:
        the gradients are accumulated in fp32 beside those of the backward pass (its ``BF16_Optimizer``). 2: the
        gradients of the backward pass stay beside their shards until the step has them. 3: live and reusable parameters,
        1e9 each at most, and an fp32 copy of the gradients of one sub-group of 1e9.
        """
        zero, group = self.parallel.zero_stage, self.states.group
        buckets = self.e * 3.0 * DEEPSPEED_BUCKET_PARAMETERS
        whole = self.e * trained * (1.0 - 1.0 / group)
        live = self.e * np.minimum(2.0 * DEEPSPEED_LIVE_PARAMETERS, parameters)
        copy = 4.0 * np.minimum(trained / group, DEEPSPEED_LIVE_PARAMETERS)
        summed = pick((zero == 1) & (self.parallel.precision == BF16), 4.0 * trained, 0.0)
        return pick(zero >= 1, buckets, 0.0) + pick(zero == 2, whole, pick(zero >= 3, live + copy, summed))

    def of(self, stage: Stage) -> StagePeak:
        """States, permanent buffers and phases of one stage."""
        parallel, options, saved = self.parallel, self.options, self.saved
        has_dense, has_moe = stage.dense_layers > 0, stage.moe_layers > 0
        states = self.states.of(stage)

        dense_slots, moe_slots = self.slots
        slots, transient, whole_layer = dense_slots, self.dense_transient, saved.dense_whole
        one = stage.dense_layers * saved.dense
        if self.moe:
            slots = np.maximum(pick(has_dense, dense_slots, 0.0), pick(has_moe, moe_slots, 0.0))
            mixed = np.maximum(self.moe_transient, pick(has_dense, self.dense_transient, 0.0))
            transient = pick(has_moe, mixed, self.dense_transient)
            mixed = np.maximum(saved.moe_whole, pick(has_dense, saved.dense_whole, 0.0))
            whole_layer = pick(has_moe, mixed, saved.dense_whole)
            one = one + stage.moe_layers * saved.moe
        fixed = pick(self.frozen, 0.0, slots) + self.always + pick(stage.has_head, self.gathered, 0.0)
        zero = parallel.zero_stage
        if some(zero >= 2):
            deepspeed = parallel.stack == DEEPSPEED
            fixed = fixed + pick((zero >= 2) & (deepspeed == 0), self._buckets(states.trained), 0.0)
            unit = self.layer.attention + self.layer.feed_forward(has_moe)
            fixed = fixed + pick(zero >= 3, 2.0 * self.e * unit, 0.0)
        if some(parallel.stack == DEEPSPEED):
            kept = self._deepspeed(states.parameters, states.trained)
            fixed = fixed + pick(parallel.stack == DEEPSPEED, kept, 0.0)
        if some(options.trainable == 2):
            widest = np.maximum(self.layer.dense_mlp, pick(stage.has_head, self.table / self.e, 0.0))
            fixed = fixed + pick(options.trainable == 2, 2.0 * widest, 0.0)

        one = one * self.tokens
        held = one * in_flight(parallel, stage.index)
        full = parallel.recompute == FULL
        recomputed: Num = 0.0
        if some(full):
            # The recomputed layer's output lives until its backward pass ends.
            recomputed = pick(full, whole_layer * self.tokens + self.shard, 0.0)
        offloaded = activations_away(parallel)
        if some(offloaded):
            # Two layers stay on the GPU: the one at work and the one on its way.
            two = 2.0 * pick(full, self.shard, whole_layer * self.tokens)
            held = pick(offloaded, np.minimum(held, two), held)

        phases = [Phase("mlp_backward", held + recomputed, transient)]
        if some(stage.has_head):
            head = stage.has_head
            phases.append(Phase("head_backward", pick(head, held, 0.0), pick(head, self.head, 0.0)))
        embedding = stage.has_embedding & (options.trainable == 0)
        if some(embedding):
            waiting = pick(embedding, np.maximum(held - one, 0.0), 0.0)
            phases.append(Phase("embedding_backward", waiting, pick(embedding, self.embedding, 0.0)))
        return StagePeak(stage=stage, states=states, fixed=fixed, phases=tuple(phases), counts_cache=False)
