"""Constants of the serving model: one shared set for every model, accelerator and source.

``resources/constants/serving.json`` holds the fitted values with their provenance; the priors below are what the fit starts
from. Engines are codes into :data:`ENGINES`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.base.arrays import Array, Num

ENGINES: Final = ("trtllm", "sglang", "vllm", "other")
"""Serving engines; ``other`` takes vLLM's constants."""


@dataclass(frozen=True, slots=True)
class ServingConstants:
    """Fitted constants, floats; shares of data-sheet rates without unit, times in seconds.

    ``*_bandwidth_share`` and ``*_flop_share`` multiply HBM bytes/s and the FLOP/s of large products; ``tile_rows`` that a
    product works on beside its own at decode sizes; ``coverage_exponent``: routing is correlated, so fewer experts are
    touched than by independent draws; ``tile_tokens`` rows that a grouped product works on at least for an expert;
    ``layer_passes`` times that a layer, ``expert_passes`` that its experts move the hidden size of a (routed) token at
    prefill; ``expert_imbalance`` work of the busiest of many expert ranks over the mean; ``*_layer_s`` are the fixed time
    that a layer of the kind adds to a decode step with CUDA graphs, ``quantiser_s`` a kernel that narrows or normalises,
    ``sequence_s`` the host time of one sequence a step of its attention rank; ``fixed_*``, ``prefill_*`` are factors of
    engines; ``start_*_s`` is HTTP, tokeniser and first scheduling; ``queue_steps_*`` are decode steps that a new request
    waits; ``mean_*`` what the mean of the first token's time holds over its median; ``across_nodes`` latency of a collective
    between nodes over within.
    """

    dense_bandwidth_share: float = 0.80
    blackwell_bandwidth: float = 0.83
    tile_rows: float = 40.0
    expert_flop_share: float = 0.52
    tile_tokens: float = 16.0
    layer_s: float = 40e-6
    moe_layer_s: float = 25e-6
    mla_layer_s: float = 17e-6
    shared_expert_layer_s: float = 22e-6
    linear_layer_s: float = 22e-6
    quantiser_s: float = 5.6e-6
    block_fp8_trtllm_blackwell: float = 2.4
    sequence_s: float = 15.6e-6
    amd_fixed: float = 2.2
    fixed_trtllm: float = 1.02
    fixed_sglang: float = 1.19
    fixed_vllm: float = 1.39
    prefill_flop_share: float = 0.95
    expert_passes: float = 8.0
    layer_passes: float = 12.0
    prefill_layer_s: float = 0.22e-3
    prefill_trtllm: float = 0.91
    prefill_sglang: float = 1.42
    prefill_vllm: float = 0.81
    interference: float = 1.17
    draft_tokens_a_step: float = 2.05
    start_trtllm_s: float = 0.011
    start_sglang_s: float = 0.041
    start_vllm_s: float = 0.0085
    queue_steps_trtllm: float = 6.0
    queue_steps_sglang_blackwell: float = 14.5
    queue_steps_sglang: float = 4.3
    queue_steps_amd: float = 2.0
    queue_steps_vllm: float = 2.9
    disaggregated_decode: float = 0.92
    disaggregated_prefill: float = 1.1
    disaggregated_start_s: float = 0.08
    offline_level: float = 1.07
    queue_share: float = 0.95
    expert_imbalance: float = 1.3
    draft_sglang: float = 0.9

    across_nodes: float = 4.0
    coverage_exponent: float = 0.88
    expert_bandwidth_share: float = 0.7
    mean_start_s: float = 0.02
    mean_prefill: float = 1.38
    block_fp8_sglang: float = 0.74
    cache_bandwidth_share: float = 0.85
    decode_attention_share: float = 0.30

    def by_engine(self, name: str, engine: Num) -> Array:
        """The factor ``name_ENGINE`` for engine codes; ``other`` is vLLM's."""
        tail = "_s" if name == "start" else ""
        values = [getattr(self, f"{name}_{engine_name}{tail}") for engine_name in ENGINES[:3]]
        return np.asarray(np.asarray([*values, values[2]])[np.asarray(engine)])


STATIC_ENGINES: Final = ("vllm", "trtllm", "deepspeed", "mii", "llamacpp", "sambaflow")
"""Engines of 2024 that a static batch is run with."""


@dataclass(frozen=True, slots=True)
class StaticConstants:
    """Constants of the engines of 2024 (fixed batches, 16-bit weights), fitted on static batches alone.

    ``layer_s`` launches of a layer (none in SambaNova's dataflow, which is one program), ``host_*_s`` host time of a step,
    ``sequence_*_s`` host time of a sequence a step (``sequence_s`` of the engines not named), ``prefill_*`` over the present
    model's prefill. The factors of bandwidth (``weights``, ``attention``, ``collectives``) are over the present model's terms,
    larger is slower; ``cdna2`` and ``cdna3`` are AMD's stacks of that year, whose products reach ``amd_flops`` whatever the
    data sheet says. llama.cpp reads with ``weights_llamacpp`` and splits rows over several accelerators only for
    ``split_llamacpp`` of its time.
    """

    weights: float = 1.0
    weights_cdna2: float = 1.3
    weights_cdna3: float = 1.6
    weights_llamacpp: float = 3.5
    split_llamacpp: float = 0.5
    flop_share: float = 0.4
    amd_flops: float = 40e12
    attention: float = 1.1
    collectives: float = 2.0
    host_amd: float = 1.5
    layer_s: float = 30e-6
    host_vllm_s: float = 2.5e-3
    host_trtllm_s: float = 1.0e-3
    host_deepspeed_s: float = 1.5e-3
    host_mii_s: float = 4.0e-3
    host_llamacpp_s: float = 3.0e-3
    host_sambaflow_s: float = 0.5e-3
    sequence_s: float = 12e-6
    sequence_vllm_s: float = 40e-6
    sequence_mii_s: float = 40e-6
    sequence_sambaflow_s: float = 0.15e-3
    prefill_vllm: float = 3.0
    prefill_trtllm: float = 1.0
    prefill_deepspeed: float = 1.6
    prefill_mii: float = 3.0
    prefill_llamacpp: float = 1.5
    prefill_sambaflow: float = 1.0

    def by_engine(self, name: str, engine: Num) -> Array:
        """The constant ``name_ENGINE`` for codes into :data:`STATIC_ENGINES`; ``sequence_s`` where an engine has none."""
        tail = "" if name == "prefill" else "_s"
        values = [getattr(self, f"{name}_{engine_name}{tail}", self.sequence_s) for engine_name in STATIC_ENGINES]
        return np.asarray(np.asarray(values)[np.asarray(engine, dtype=int)])


PREFILL_ATTENTION_SHARE: Final = 0.46
LINK_SHARE: Final = 0.42
ALL_TO_ALL_SHARE: Final = 0.48
ALL_REDUCE_S: Final = 9e-6
"""One all-reduce of eight ranks; 1.6 times on AMD."""
ALL_TO_ALL_S: Final = 12e-6
RANKS_EXPONENT: Final = 0.35
COPY_SHARE: Final = 0.8
"""Share of a link's one-way rate that a copy of cache blocks reaches (assumed: RDMA writes of large blocks come near it)."""
SOFTWARE_YEAR: Final = 2026.0
SOFTWARE_GAIN: Final = 1.07
"""Fixed time falls by this factor a year."""
TRTLLM_BLOCK_FP8_YEAR: Final = 2026.08
"""TensorRT-LLM computes block-scaled fp8 on Blackwell with kernels of its own since release 1.2 (February 2026)."""
INT4_SHARE: Final = 0.3
MXFP4_SHARE: Final = 0.6
"""Grouped products of int4 and mxfp4 weights on 16-bit activations over those of 16-bit weights, at 30 and more tokens an
expert; and of"""
BLOCK_FP8_SHARE: Final = 0.6
"""block-scaled fp8 over one scale a tensor: measured operators of H200 and B200 (AIConfigurator, Apache-2.0)."""
CHUNK_TOKENS: Final = 8192.0
"""Tokens of one prefill chunk."""
OFFLINE_SEQUENCES: Final = 1100.0
"""Sequences an attention rank decodes at most when the queue never empties."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The shipped fit: constants, half widths of 80 % intervals, what was fitted, where it came from."""

    constants: ServingConstants
    static: StaticConstants
    half_widths: Mapping[str, Mapping[str, float]]
    models: frozenset[str]
    families: frozenset[str]
    static_models: frozenset[str]
    static_families: frozenset[str]
    provenance: Mapping[str, Any]
    runs: Mapping[str, int]
    """Fitted runs by ``model|family``."""

    def half_width(self, kind: str, near: bool, metric: str) -> float:
        """Half width of the logarithm of predicted over measured that holds 80 % of runs of this class."""
        side = "near" if near else "far"
        known = (
            name for name in (kind, kind.removesuffix(" open"), kind.split()[0]) if f"{name} {side}" in self.half_widths
        )
        return float(self.half_widths[f"{next(known, 'aggregated')} {side}"][metric])

    def near(self, kind: str, model: str, family: str) -> bool:
        """Whether model and GPU family are both among the runs that taught this kind."""
        if kind == "static":
            return model in self.static_models and family in self.static_families
        return model in self.models and family in self.families


def names(kind: type = ServingConstants) -> tuple[str, ...]:
    """Names of the fitted constants of a set, in order."""
    return tuple(field.name for field in fields(kind))


@functools.cache
def shipped_serving() -> Fitted:
    """The constants of ``resources/constants/serving.json``."""
    data = json.loads(resources.read_text("constants", "serving.json"))
    return Fitted(
        constants=ServingConstants(**data["constants"]),
        static=StaticConstants(**data["static"]),
        half_widths=data["half_widths"],
        models=frozenset(data["models"]),
        families=frozenset(data["families"]),
        static_models=frozenset(data["static_models"]),
        static_families=frozenset(data["static_families"]),
        provenance=data["provenance"],
        runs=data["runs"],
    )
