"""Peak *reserved* memory of a pipeline stage under PyTorch FSDP as torchtitan uses it.

torchtitan logs ``max_memory_reserved``: the pools of side streams (all-gather, reduce-scatter) and cached blocks
count fully.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.number_formats import BYTES
from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Num, pick, real, some
from mitsumori.model.base.units import GIB
from mitsumori.model.memory.activations import FP8, FULL, element_bytes, fsdp_saved
from mitsumori.model.memory.megatron import activations_away, in_flight
from mitsumori.model.memory.options import MemoryOptions, Phase, StagePeak
from mitsumori.model.memory.states import (
    LLM_FOUNDRY,
    TORCHTITAN,
    LayerParameters,
    Stage,
    key_value_heads_per_gpu,
)

ROUNDING_BYTES: Final = 1.8 * GIB
"""Allocator rounding and cached transients: fitted on ten published rows (docs/method.md 3.4)."""
EAGER_TRANSIENT_BYTES: Final = 16.0
"""Bytes a token and hidden unit of cached temporaries when the layers are not compiled: fitted on two rows."""
YEAR_OF_RELEASE_0_1: Final = 2025.3
"""An unknown year (NaN) counts as older, which needs more. torchtitan from spring 2025 (v0.1.0): the loss is compiled
with the layers, pipeline micro-batches are single sequences."""
YEAR_OF_RELEASE_0_2: Final = 2025.75
"""torchtitan from autumn 2025 (v0.2): the pipeline schedule drops its outputs, the embedding is an FSDP unit of its
own."""
YEAR_OF_RELEASE_0_3: Final = 2026.4
"""torchtitan from mid-2026 (v0.3): output layer and loss run over the sequence in chunks."""
LOSS_CHUNKS: Final = 8.0
"""``ChunkedLossWrapper.Config.num_chunks``, the default of every shipped configuration of v0.3."""
RESERVED_SHARE: Final = 0.97
"""Above this share of the card the allocator returns cached blocks before it asks for more."""


def pipeline_batches(parallel: Parallel, options: MemoryOptions) -> tuple[Num, Num]:
    """Sequences of one pipeline micro-batch and the number of micro-batches of the local batch.

    torchtitan splits the local batch inside the pipeline schedule. A layout with several micro-batches states the
    split; one with a single micro-batch states the local batch, which the pipeline divides: into p micro-batches by
    the default of 2024 (``pipeline_parallel_microbatches``), into single sequences since
    ``pipeline_parallel_microbatch_size`` (v0.1.0).
    """
    size, p, count = real(parallel.micro_batch), parallel.pp, parallel.micro_batches
    if not some(p > 1):
        return size, count
    local = size * count
    recent = parallel.stack_year >= YEAR_OF_RELEASE_0_1
    default = pick(recent, 1.0, np.maximum(1.0, np.floor(local / p)))
    size = pick((p > 1) & (count == 1), np.minimum(default, local), size)
    asked = options.pipeline_micro_batch
    size = pick((p > 1) & (asked > 0), np.minimum(asked, local), size)
    return size, local / size


def _loss_bytes(parallel: Parallel, options: MemoryOptions) -> tuple[Num, Num]:
    """Bytes a logit of the loss: in use at its peak, and cached beside that.

    Eager: logits 2, fp32 copy 4, log-softmax 4, its gradient 4; of the 14 the first two are freed but stay cached. The
    vocabulary-parallel loss of DTensor has one fp32 temporary more: 18. Compiled (since v0.1.0, where the layers are
    compiled) or fused: Inductor keeps the half-precision logits and writes the gradient beside them, 4, and one such
    block is cached. llm-foundry's default is flash-attention's fused cross-entropy, which writes the gradient in place.
    """
    e = element_bytes(parallel)
    wide = pick(parallel.tp > 1, 16.0, 12.0)
    recent = (parallel.stack_year >= YEAR_OF_RELEASE_0_1) & (parallel.stack == TORCHTITAN)
    asked = options.fused_loss
    small = pick(asked < 0, (options.compiled != 0) & recent, asked != 0)
    in_place = (asked != 0) & (parallel.stack == LLM_FOUNDRY)
    return pick(in_place, e, pick(small, 2.0 * e, wide)), e


class FsdpStages:
    """What all stages of a batch share, computed once; :meth:`of` describes one stage.

    States: fp32 weight, gradient and optimizer shards. The gradient counts in every phase although it is freed after
    the step: its pool belongs to the reduce-scatter stream.

    Gathered weights (e bytes, layers 1 with float8 all-gather): the root unit (embedding and output layer, since v0.2
    the output layer alone) for the whole step, the gather stream's own pool as large again, two layers. With pipeline
    parallel nothing is resharded between micro-batches (``reshard_after_forward = not pp_enabled``): all layers of
    the stage stay gathered and unsharded fp32 gradients 4 P accumulate; the schedule holds receive buffers for every
    micro-batch and chunk in both directions (``_prepare_forward_infra``) and the outputs in flight, each e T h / t;
    before late 2025 the last stage also kept the logits of all micro-batches and merged them (``output_chunks``;
    ``return_outputs=False`` ended that).

    Phases: loss backward ``A`` + the loss (:func:`_loss_bytes`) + final norm and output layer input ``T (3 e h / t +
    e h)``; layer backward ``A + T (5 e h + 4 e f) / t + 6 P_layer``, with context parallel the larger of that transient and
    :meth:`_ring`; optimizer step ``4 P / N`` (foreach). Cached
    beside: temporaries of layers that are not compiled (16 T h / t), and with tensor parallel the gathered inputs and
    partial sums of the forward pass: 6 T h, of which asynchronous tensor parallel, which exchanges in pieces, leaves
    a third. Since v0.3 the loss runs in 8 chunks: an eighth of its logits, the whole hidden states, their contiguous
    chunks and an fp32 gradient ``(2 e + 4) T h``, and the output layer's gradient ``(e + 4) V h / t`` over the chunks.
    """

    def __init__(self, arch: Architecture, parallel: Parallel, options: MemoryOptions, layer: LayerParameters) -> None:
        self.arch, self.parallel, self.options, self.layer = arch, parallel, options, layer
        self.states = options.states(arch, parallel, layer)
        self.saved = fsdp_saved(
            arch,
            parallel,
            compiled=options.compiled,
            fused_attention=options.fused_attention,
            moe_imbalance=options.moe_imbalance,
        )
        e = self.e = element_bytes(parallel)
        t, h = real(parallel.tp), real(arch.hidden)
        self.moe = some(arch.is_moe)
        size, self.count = pipeline_batches(parallel, options)
        self.tokens = tokens = size * parallel.seq_len / parallel.sequence_parts
        self.table = h * arch.vocab / t
        self.gather = pick(parallel.precision >= FP8, 1.0, e)
        self.zero3 = parallel.zero_stage >= 3
        # A layer's gradient in half precision and its fp32 copy for the reduction; a frozen layer has neither.
        self.unit_bytes = pick(options.trainable > 0, 0.0, 4.0) + 2.0
        self.pipelined = parallel.pp > 1
        self.shard = e * tokens * h / t
        self.logits = tokens * arch.vocab / t
        in_use, cached = _loss_bytes(parallel, options)
        chunked = (parallel.stack_year >= YEAR_OF_RELEASE_0_3) & (parallel.stack == TORCHTITAN)
        chunks = pick(chunked, LOSS_CHUNKS, 1.0)
        self.loss = in_use * self.logits / chunks + tokens * (3.0 * e * h / t + e * h)
        # In a pipeline the unsharded gradients of the stage hold the output layer's already.
        gradient = pick(parallel.pp > 1, e, e + 4.0) * self.table
        self.loss = self.loss + pick(chunked, tokens * h * (e + 4.0) + gradient, 0.0)
        in_pieces = pick(options.async_tensor_parallel != 0, 1.0, 3.0)
        self.cached = pick(parallel.tp > 1, in_pieces * e * tokens * h, 0.0)
        self.cached = self.cached + pick(options.compiled != 0, 0.0, EAGER_TRANSIENT_BYTES * tokens * h / t)
        self.loss_cached = cached * self.logits / chunks + self.cached
        self.split = (parallel.stack_year >= YEAR_OF_RELEASE_0_2) & (parallel.stack == TORCHTITAN)
        width = real(arch.ffn)
        if self.moe:
            routed = arch.moe_topk * options.moe_imbalance * arch.moe_ffn + real(arch.moe_shared_ffn)
            width = pick(arch.is_moe, np.maximum(width, routed), width)
        self.transient = tokens * (5.0 * e * h + 4.0 * e * width) / t
        if some(parallel.cp > 1):
            self.transient = np.maximum(self.transient, pick(parallel.cp > 1, self._ring(), 0.0))

    def _ring(self) -> Num:
        """Bytes of the backward pass of PyTorch's context-parallel attention (``_templated_ring_attention_backward``).

        ``T [(4 + 2 e) q + (8 + e) kv + e kv c] / t``: gradients of queries in fp32 and of one block, with the output's; of keys
        and values in fp32, their copy from the neighbour and one block; keys and values of all ranks, gathered at once
        (torchtitan's ``context_parallel_rotate_method = "allgather"``). q and kv are the widths of queries, and of keys and
        values together.
        """
        arch, parallel, e, t = self.arch, self.parallel, self.e, real(self.parallel.tp)
        keys = 2.0 * key_value_heads_per_gpu(arch, t) * arch.head_dim * t
        keys = pick(np.asarray(arch.mla) != 0, real(arch.heads) * (real(arch.qk_dim) + arch.v_head_dim), keys)
        wide = BYTES["fp32"]  # the ring sums in fp32 (``_cp_options.convert_to_f32``)
        of_keys = 2.0 * wide + e + e * real(parallel.cp)
        return self.tokens * ((wide + 2.0 * e) * real(arch.heads) * arch.qk_dim + of_keys * keys) / t

    def _root(self, stage: Stage) -> tuple[Num, Num]:
        """Parameters of embedding and output layer on the stage, and their gathered bytes."""
        both = pick(stage.has_head & stage.has_embedding & (self.arch.tied_embeddings != 0), 1.0, 0.0)
        tables = self.table * (pick(stage.has_head, 1.0, 0.0) + pick(stage.has_embedding, 1.0, 0.0) - both)
        staying = pick(stage.has_head, 1.0, 0.0) + pick(stage.has_head | stage.has_embedding, 1.0, 0.0)
        return tables, self.e * pick(self.split, self.table * staying, 2.0 * tables)

    def _pipeline(self, stage: Stage, parameters: Num, trained: Num, unit: Num, flying: Num) -> tuple[Num, Num]:
        """Weights and gradients that stay unsharded in a pipeline, and the schedule's buffers."""
        head, embedding = stage.has_head, stage.has_embedding
        tables, _ = self._root(stage)
        layers = np.maximum(parameters - tables, 0.0)
        stays = 2.0 * self.e * tables + self.gather * (layers + unit) + 4.0 * trained
        before = self.parallel.vp - pick(embedding, 1.0, 0.0)
        after = self.parallel.vp - pick(head, 1.0, 0.0)
        buffers = (before * self.count + after * (self.count + flying)) * self.shard
        recent = self.parallel.stack_year >= YEAR_OF_RELEASE_0_2
        kept = pick(recent, 0.0, 2.0 * self.count * self.e * self.logits)
        return stays, buffers + pick(head, kept, 0.0)

    def of(self, stage: Stage) -> StagePeak:
        """States, gathered weights and phases of one stage."""
        parallel, saved = self.parallel, self.saved
        head = stage.has_head
        has_moe = stage.moe_layers > 0
        states = self.states.of(stage)
        unit = self.layer.attention + (self.layer.feed_forward(has_moe) if self.moe else self.layer.dense_mlp)
        gathered = self._root(stage)[1] + 2.0 * self.gather * unit
        fixed = ROUNDING_BYTES + self.options.extra_bytes
        flying = in_flight(parallel, stage.index, self.count)
        if some(self.pipelined):
            stays, buffers = self._pipeline(stage, states.parameters, states.trained, unit, flying)
            gathered = pick(self.pipelined, stays, gathered)
            fixed = fixed + pick(self.pipelined, buffers, 0.0)
        fixed = fixed + pick(self.zero3, gathered, 0.0)

        one = stage.dense_layers * saved.dense
        if self.moe:
            one = one + stage.moe_layers * saved.moe
        held = one * self.tokens * flying
        if some(self.pipelined):
            # A receive buffer in flight is the saved input of its chunk's first layer: counted once.
            shared = (parallel.vp - pick(stage.has_embedding, 1.0, 0.0)) * flying * self.shard
            held = pick(self.pipelined, np.maximum(held - shared, 0.0), held)
        offloaded = activations_away(parallel)
        if some(offloaded):
            whole_layer = pick(has_moe, np.maximum(saved.moe_whole, saved.dense_whole), saved.dense_whole)
            two = 2.0 * pick(parallel.recompute == FULL, self.shard, whole_layer * self.tokens)
            held = pick(offloaded, np.minimum(held, two), held)

        phases = [
            Phase("layer_backward", held, self.transient + self.unit_bytes * unit, self.cached),
        ]
        if some(head):
            in_use, cached = pick(head, self.loss, 0.0), pick(head, self.loss_cached, 0.0)
            phases.append(Phase("loss_backward", pick(head, held, 0.0), in_use, cached))
        return StagePeak(
            stage=stage,
            states=states,
            fixed=fixed,
            phases=tuple(phases),
            # Multi-tensor Adam makes one fp32 temporary of the shard, as large as the gradients it reads.
            step=Phase("optimizer", 0.0, states.gradients),
            counts_cache=True,
            cache_limit=RESERVED_SHARE * real(self.options.capacity_bytes),
        )
