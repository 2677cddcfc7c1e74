"""Peak *reserved* memory of a pipeline stage under PyTorch FSDP as torchtitan uses it (floor 3).

torchtitan logs ``max_memory_reserved``: the pools of side streams (all-gather, reduce-scatter) and cached blocks count fully.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from model.activations import FP8, FULL, Saved, element_bytes, fsdp_saved
from model.memory_megatron import in_flight
from model.memory_options import MemoryOptions, Moment, StagePeak
from model.parallel import OFFLOADS, Parallel, code
from model.states import LayerParameters, Stage, state_bytes
from model.transformer import Architecture
from model.units import GIB

ROUNDING_BYTES: Final = 1.8 * GIB
"""Allocator rounding and cached transients: fitted on ten published rows (memory-findings 5)."""
EAGER_TRANSIENT_BYTES: Final = 16.0
"""Bytes a token and hidden unit of cached temporaries when the layers are not compiled: fitted on two rows."""
RESERVED_SHARE: Final = 0.97
"""Above this share of the card the allocator returns cached blocks before it asks for more."""


def fsdp_stage(
    arch: Architecture, parallel: Parallel, options: MemoryOptions, stage: Stage, layer: LayerParameters
) -> StagePeak:
    """States, gathered weights and moments of one stage (memory-findings 5)."""
    e = element_bytes(parallel)
    t = np.asarray(parallel.tp, dtype=np.float64)
    h = np.asarray(arch.hidden, dtype=np.float64)
    tokens = np.asarray(parallel.micro_batch, dtype=np.float64) * parallel.seq_len / parallel.cp
    head = np.asarray(stage.has_head)
    table = h * np.asarray(arch.vocab) / t
    states = state_bytes(
        arch,
        parallel,
        stage,
        layer,
        trainable=options.trainable,
        params_scale=options.params_scale,
        fp32_gradients=options.fp32_gradients,
    )
    saved: Saved = fsdp_saved(
        arch,
        parallel,
        compiled=options.compiled,
        fused_attention=options.fused_attention,
        moe_imbalance=options.moe_imbalance,
    )
    has_moe = np.asarray(stage.moe_layers) > 0
    unit = layer.attention + np.where(
        has_moe, np.maximum(layer.experts + layer.shared, layer.dense_mlp), layer.dense_mlp
    )
    pipelined = np.asarray(parallel.pp) > 1
    gather = np.where(np.asarray(parallel.precision) >= FP8, 1.0, e)
    root = e * table * (head.astype(np.float64) + stage.has_embedding)
    zero3 = np.asarray(parallel.zero_stage) >= 3
    n = np.asarray(parallel.dp, dtype=np.float64) * parallel.cp
    fixed = np.where(pipelined, gather * states.parameters + 4.0 * states.trained, 2.0 * root + 2.0 * gather * unit)
    fixed = np.where(zero3, fixed, 0.0) + ROUNDING_BYTES + np.asarray(options.extra_bytes)

    one = (stage.dense_layers * saved.dense + stage.moe_layers * saved.moe) * tokens
    held = one * in_flight(parallel, stage.index)
    whole_layer = np.where(has_moe, np.maximum(saved.moe_whole, saved.dense_whole), saved.dense_whole)
    full = np.asarray(parallel.recompute) == FULL
    if np.any(np.asarray(parallel.offload) == code(OFFLOADS, "activations")):
        two = 2.0 * np.where(full, e * h / t, whole_layer) * tokens
        held = np.where(np.asarray(parallel.offload) == code(OFFLOADS, "activations"), np.minimum(held, two), held)

    logits = tokens * np.asarray(arch.vocab) / t
    many = np.where(t > 1, 4.0, 0.0)
    ends = tokens * (3.0 * e * h / t + e * h)
    eager = np.where(options.compiled, 0.0, EAGER_TRANSIENT_BYTES * tokens * h / t)
    in_use = np.where(head, 12.0 * logits + many * logits + ends, 0.0)
    cached = np.where(head, e * logits, 0.0) + eager
    loss = Moment("loss_backward", np.where(head, held, 0.0), in_use, cached)
    transient = tokens * (5.0 * e * h + 4.0 * e * np.asarray(arch.ffn)) / t + np.where(t > 1, 3.0 * e * tokens * h, 0.0)
    layer_backward = Moment("layer_backward", held, transient + 6.0 * unit, eager)
    step = Moment("optimizer", 0.0 * tokens, 4.0 * states.trained / np.where(zero3, n, 1.0))
    return StagePeak(
        stage=stage,
        states=states,
        fixed=fixed,
        moments=(layer_backward, loss, step),
        counts_cache=True,
        cache_limit=RESERVED_SHARE * np.asarray(options.capacity_bytes, dtype=np.float64),
    )
