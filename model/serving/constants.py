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

    ``*_bandwidth_share`` and ``*_flop_share`` multiply HBM bytes/s and dense FLOP/s; ``*_layer_s`` are the fixed time that a
    layer of the kind adds to a decode step with CUDA graphs; ``sequence_s`` is host time of one sequence a step of its
    attention rank; ``fixed_*``, ``prefill_*`` are factors of engines; ``start_*_s`` is HTTP, tokeniser and first scheduling;
    ``queue_steps_*`` are decode steps that a new request waits.
    """

    dense_bandwidth_share: float = 0.80
    blackwell_bandwidth: float = 0.83
    dense_flop_share: float = 0.59
    expert_flop_share: float = 0.39
    tile_padding_tokens: float = 37.0
    layer_s: float = 40e-6
    moe_layer_s: float = 39e-6
    mla_layer_s: float = 17e-6
    shared_expert_layer_s: float = 22e-6
    linear_layer_s: float = 22e-6
    block_fp8_layer_s: float = 39e-6
    block_fp8_trtllm_blackwell: float = 2.4
    sequence_s: float = 15.6e-6
    amd_fixed: float = 2.2
    fixed_trtllm: float = 1.02
    fixed_sglang: float = 1.19
    fixed_vllm: float = 1.39
    prefill_flop_share: float = 0.88
    prefill_expert_flop_share: float = 0.19
    prefill_layer_s: float = 0.22e-3
    prefill_trtllm: float = 0.91
    prefill_sglang: float = 1.42
    prefill_vllm: float = 0.81
    interference: float = 1.17
    draft_tokens_a_step: float = 1.91
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
    disaggregated_start_s: float = 0.15
    offline_level: float = 1.07

    def by_engine(self, name: str, engine: Num) -> Array:
        """The factor ``name_ENGINE`` for engine codes; ``other`` is vLLM's."""
        tail = "_s" if name == "start" else ""
        values = [getattr(self, f"{name}_{engine_name}{tail}") for engine_name in ENGINES[:3]]
        return np.asarray(np.asarray([*values, values[2]])[np.asarray(engine)])


EXPERT_BANDWIDTH_SHARE: Final = 0.9
CACHE_BANDWIDTH_SHARE: Final = 0.85
DECODE_ATTENTION_SHARE: Final = 0.30
PREFILL_ATTENTION_SHARE: Final = 0.46
LINK_SHARE: Final = 0.42
ALL_TO_ALL_SHARE: Final = 0.48
ALL_REDUCE_S: Final = 9e-6
"""One all-reduce of eight ranks; 1.6 times on AMD."""
ALL_TO_ALL_S: Final = 12e-6
RANKS_EXPONENT: Final = 0.35
COVERAGE_EXPONENT: Final = 0.88
"""Routing is correlated: fewer experts are touched than by independent draws."""
SOFTWARE_YEAR: Final = 2026.0
SOFTWARE_GAIN: Final = 1.07
"""Fixed time falls by this factor a year."""
CHUNK_TOKENS: Final = 8192.0
"""Tokens of one prefill chunk."""
OFFLINE_SEQUENCES: Final = 1100.0
"""Sequences an attention rank decodes at most when the queue never empties."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The shipped fit: constants, half widths of 80 % intervals, what was fitted, where it came from."""

    constants: ServingConstants
    half_widths: Mapping[str, Mapping[str, float]]
    models: frozenset[str]
    families: frozenset[str]
    provenance: Mapping[str, Any]
    runs: Mapping[str, int]
    """Fitted runs by ``model|family``."""

    def half_width(self, kind: str, near: bool, metric: str) -> float:
        """Half width of the logarithm of predicted over measured that holds 80 % of runs of this class."""
        return float(self.half_widths[f"{kind} {'near' if near else 'far'}"][metric])


def names() -> tuple[str, ...]:
    """Names of the fitted constants, in order."""
    return tuple(field.name for field in fields(ServingConstants))


@functools.cache
def shipped_serving() -> Fitted:
    """The constants of ``resources/constants/serving.json``."""
    data = json.loads(resources.read_text("constants", "serving.json"))
    return Fitted(
        constants=ServingConstants(**data["constants"]),
        half_widths=data["half_widths"],
        models=frozenset(data["models"]),
        families=frozenset(data["families"]),
        provenance=data["provenance"],
        runs=data["runs"],
    )
