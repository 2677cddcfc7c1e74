"""Token generation inside a training pipeline: rollouts of RLHF and synthetic data.

Decoding reads every active weight and every cached key and value once a step, so it is bound by memory bandwidth at small
batches and by arithmetic at large ones (Pope et al., *Efficiently Scaling Transformer Inference*, arXiv 2211.05102,
section 2). The cache limits the batch: ``2 * k * d * L`` elements a token (grouped-query attention shares them; MLA keeps
``r_kv + d_r``). A step of one replica of ``tp`` accelerators::

    t = max( (weights + batch * cache) / (tp * B * u_B),  2 * N_active * batch / (tp * F * u_F) ) + L * (t_launch + t_link)

Prefill runs at arithmetic speed. All fields are numbers or arrays that broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.transformer import (
    Architecture,
    attention_flop_per_token,
    matrix_parameters_active,
    parameter_count,
)
from mitsumori.model.base.arrays import Num
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.attention import cache_bytes_per_token, score_flop
from mitsumori.model.kernels.collectives import LINK_LATENCY_S
from mitsumori.model.kernels.launches import DECODE_LAYER_S
from mitsumori.model.kernels.matrix import FLOP_PER_PARAMETER

BANDWIDTH_SHARE: Final = 0.7
"""Share of the memory bandwidth a decode kernel sustains (arXiv 2211.05102 figure 1: 70-80 % at small batch; lower end)."""
ARITHMETIC_SHARE: Final = 0.5
"""Share of the measured matrix product that prefill and large-batch decoding sustain: an assumption, no published mean."""
CACHE_SHARE: Final = 0.85
"""Share of the free memory that the paged cache may fill (vLLM's default is 0.9 of the card, arXiv 2309.06180)."""
MAX_BATCH: Final = 1024
"""Sequences decoded at once at most (scheduler limit of common engines)."""


@dataclass(frozen=True, slots=True)
class GenerationBatch:
    """Speed of generation. ``tokens_per_s_per_gpu`` counts generated tokens; ``batch`` sequences a replica at once."""

    tokens_per_s_per_gpu: Num
    prefill_tokens_per_s_per_gpu: Num
    batch: Num
    step_s: Num
    bandwidth_bound: Num
    fits: Num


def generation(
    arch: Architecture, gpu: Gpu, tp: Num, prompt_len: Num, response_len: Num, *, weight_bytes: Num = 2.0,
    memory_share: Num = 1.0, wanted_batch: Num = MAX_BATCH, params_scale: Num = 1.0,
) -> GenerationBatch:  # fmt: skip
    """Speed of decoding ``response_len`` tokens after ``prompt_len``.

    Parameters
    ----------
    arch, gpu
        Model and accelerator.
    tp
        Accelerators that hold one replica.
    prompt_len, response_len
        Tokens; the cache holds on average the prompt and half of the response.
    weight_bytes
        Bytes a weight (2 in 16 bit, 1 in fp8).
    memory_share
        Share of the card that is free for generation (the trainer may keep the rest).
    wanted_batch
        Sequences one would like to decode at once.
    params_scale
        The user's parameter count over the architecture's.

    Returns
    -------
    GenerationBatch
        ``fits`` is False where the weights alone exceed the memory; the speed is then 0.
    """
    count = parameter_count(arch)
    weights = np.asarray(count.total) * params_scale * weight_bytes
    mean_length = np.asarray(prompt_len) + 0.5 * np.asarray(response_len)
    cache = cache_bytes_per_token(arch) * mean_length
    free = np.asarray(tp) * np.asarray(gpu.memory_bytes) * memory_share - weights
    fits = free > cache
    batch = np.clip(np.floor(CACHE_SHARE * free / cache), 1, wanted_batch)
    # a decode step reads only the experts that some sequence of the batch is routed to
    idle = (1.0 - np.asarray(arch.moe_topk) / np.maximum(1, arch.moe_experts)) ** batch
    read = weights - np.where(arch.is_moe, np.asarray(count.experts) * params_scale * weight_bytes * idle, 0.0)
    bandwidth = np.asarray(tp) * gpu.hbm_bytes_per_s * BANDWIDTH_SHARE
    arithmetic = np.asarray(tp) * gpu.bf16_matmul * ARITHMETIC_SHARE
    flop = FLOP_PER_PARAMETER * matrix_parameters_active(arch) * params_scale
    span = score_flop(np.asarray(arch.heads), arch.qk_dim, arch.v_dim, mean_length, 1.0, 1.0) * arch.layers
    memory_s = (read + batch * cache) / bandwidth
    flop_s = (flop + span) * batch / arithmetic
    overhead = np.asarray(arch.layers) * (DECODE_LAYER_S + 2 * LINK_LATENCY_S * (np.asarray(tp) > 1))
    step = np.maximum(memory_s, flop_s) + overhead
    prefill = arithmetic / (flop + attention_flop_per_token(arch, prompt_len)) / tp
    return GenerationBatch(
        tokens_per_s_per_gpu=np.where(fits, batch / step / tp, 0.0),
        prefill_tokens_per_s_per_gpu=np.where(fits, prefill, 0.0),
        batch=batch,
        step_s=step,
        bandwidth_bound=memory_s >= flop_s,
        fits=fits,
    )
