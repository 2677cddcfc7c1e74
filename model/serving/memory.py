"""Memory of a serving engine: weights, workspace, reserve, and the sequences that the rest holds as cache.

Sources: vLLM, arXiv 2309.06180 (paged cache) and its ``CacheConfig`` (``gpu_memory_utilization``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.serving.shape import (
    Card,
    Deployment,
    ServedModel,
    cache_bytes_per_sequence,
    weight_bytes,
)

USABLE_SHARE: Final = 0.92
"""Share of the memory that an engine takes (vLLM's default)."""
WORKSPACE_BYTES: Final = 3e9
"""Activations at one chunk, captured graphs and the libraries' context, an accelerator."""
BLOCK_TOKENS: Final = 16
"""Tokens of one cache block."""
MAX_SEQUENCES: Final = 1024
"""Sequences that an engine's scheduler runs at once a attention rank."""


@dataclass(frozen=True, slots=True)
class ServingMemory:
    """Bytes of one accelerator, and sequences of the replica; arrays."""

    weights_bytes: Array
    workspace_bytes: Array
    reserve_bytes: Array
    cache_bytes: Array
    sequences: Array


def serving_memory(
    model: ServedModel, at: Deployment, card: Card, length: Num, *, usable: float = USABLE_SHARE,
    workspace: float = WORKSPACE_BYTES,
) -> ServingMemory:  # fmt: skip
    """Divide an accelerator's memory, and count the sequences of ``length`` tokens that its cache holds.

    Attention weights repeat in every data-parallel attention group. The latent cache of MLA is replicated over tensor
    ranks; grouped-query heads are divided by at most their number. Lengths round up to blocks. ``sequences`` is 0 where the
    weights do not fit. A draft model keeps its weights and its cache on the same accelerators.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    length
        Tokens of a sequence, prompt and answer, at least 1.
    usable
        Share of the memory that the engine takes, 0 to 1.
    workspace
        Bytes an accelerator for activations, graphs and libraries.
    """
    world = np.asarray(at.gpus) * at.pp
    repeated = model.attention * np.asarray(at.attention_bytes) * (np.asarray(at.dp) - 1)
    weights = (weight_bytes(model, at) + repeated) / world
    drafter = at.drafter
    if drafter is not None:  # of a pipeline the last stage holds it, and is what decides
        twice = drafter.model.attention * np.asarray(drafter.at.attention_bytes) * (np.asarray(at.dp) - 1)
        weights = weights + (weight_bytes(drafter.model, drafter.beside(at)) + twice) / at.gpus
    pool = np.maximum(0.0, card.memory * np.asarray(usable) - weights - workspace)
    blocks = np.ceil(np.asarray(length) / BLOCK_TOKENS) * BLOCK_TOKENS
    one = cache_bytes_per_sequence(model, at, blocks) / np.minimum(at.attention_ranks, model.kv_heads) / at.pp
    if drafter is not None:
        one = one + drafter.cache_share(at, blocks)
    sequences = np.floor(at.dp * pool / np.maximum(one, 1.0))
    return ServingMemory(
        weights_bytes=weights, workspace_bytes=np.full_like(weights, workspace),
        reserve_bytes=card.memory * np.asarray(1 - usable) + 0.0 * weights, cache_bytes=pool, sequences=sequences,
    )  # fmt: skip
