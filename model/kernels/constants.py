"""The constants of the step-time model as data: meaning, prior, hard bounds and fitted value.

:data:`SPEC` says what each constant is, where its prior comes from and between which bounds it must stay (no efficiency
above 1). Fitted values lie in ``resources/constants/step.json``, written by :mod:`model.calibration.fit` with their
provenance. Every constant is positive and is estimated in log space; *effects* (family, accelerator, stack) are log factors
around zero, pooled towards it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.architecture.parallelism import STACKS
from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.catalogue.accelerators import CHIPS, FAMILIES


@dataclass(frozen=True, slots=True)
class Spec:
    """One constant: prior value, prior spread (1 sigma of the log), hard bounds, unit and meaning."""

    name: str
    prior: float
    sigma: float
    low: float
    high: float
    unit: str
    what: str


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """A table of pooled log effects over codes: prior spread and hard bound of the log, and prior means other than zero."""

    name: str
    labels: tuple[str, ...]
    sigma: float
    bound: float
    what: str
    means: Mapping[str, float] = field(default_factory=dict)


def _s(name: str, prior: float, sigma: float, low: float, high: float, unit: str, what: str) -> Spec:
    return Spec(name, prior, sigma, low, high, unit, what)


SPEC: Final = (
    _s("matrix_bf16", 0.88, 0.04, 0.5, 1.0, "1", "sustained bf16 matrix rate over the measured matrix product"),
    _s("matrix_fp8", 0.87, 0.07, 0.4, 1.0, "1", "the same in fp8"),
    _s("matrix_fp4", 0.74, 0.12, 0.3, 1.0, "1", "the same in fp4, layers kept in higher precision included"),
    _s("hbm_exposed", 0.53, 0.4, 0.02, 1.0, "1", "share of a matrix product's memory traffic that is not hidden"),
    _s("gradient_exposed", 0.58, 0.4, 0.02, 1.0, "1", "share of the main gradient's read and write that is not hidden"),
    _s("shape_half", 40.0, 0.7, 1.0, 400.0, "1", "columns of the narrow side of a sharded matrix that cost as much again"),
    _s("inner_half_low", 200.0, 0.5, 10.0, 1000.0, "1", "the same of the inner side in 8 and 4 bits"),
    _s("power_exponent", 0.53, 0.25, 0.2, 1.0, "1", "matrix clock against power limit"),
    _s("rowwise_fp8", 0.60, 0.2, 0.3, 1.0, "1", "fp8 rate with row-wise scales computed outside the kernel"),
    _s("expert_hbm", 0.92, 0.2, 0.2, 1.0, "1", "share of an expert product's memory traffic that is not hidden"),
    _s("expert_rate", 0.91, 0.1, 0.5, 1.0, "1", "rate of the grouped expert product over a large dense one"),
    _s("expert_half", 130.0, 0.5, 10.0, 1500.0, "tokens", "tokens of one expert at half rate on Blackwell"),
    _s("expert_half_low", 1.5, 0.3, 1.0, 4.0, "1", "the same in fp8 and fp4, over the 16-bit one"),
    _s("natural_routing", 1.2, 0.07, 1.0, 2.0, "1", "expert work of the busiest rank without forced balance"),
    _s("attention_rate", 0.66, 0.06, 0.15, 0.85, "1", "attention forward rate at long sequences over the bf16 data sheet"),
    _s("attention_half", 1000.0, 0.3, 50.0, 3000.0, "tokens", "sequence at which attention runs at half its rate on Hopper"),
    _s("attention_head", 0.35, 0.3, 0.05, 1.0, "1", "exponent of head size below 128 on Hopper"),
    _s("attention_backward", 4.2, 0.15, 2.0, 7.0, "1", "attention backward over forward time"),
    _s("attention_v2", 0.55, 0.15, 0.3, 1.0, "1", "FlashAttention-2 class kernels on Hopper and later, over the newer ones"),
    _s("attention_age", 0.08, 0.7, 0.002, 0.3, "1/year", "slower attention kernels of an older stack on Hopper and later"),
    _s("softmax_passes", 2.0, 0.3, 0.5, 8.0, "1", "16-byte memory passes over the scores where attention is not fused"),
    _s("score_rate", 0.45, 0.25, 0.1, 1.0, "1", "score and value products of unfused attention over a large product"),
    _s("elementwise", 0.82, 0.25, 0.3, 2.0, "1", "norm, activation, residual and rotary traffic over the counted bytes"),
    _s("elementwise_eager", 1.43, 0.2, 1.0, 3.0, "1", "the same without fusion by a compiler or hand-written kernels"),
    _s("cast", 1.26, 0.3, 0.3, 4.0, "1", "low-precision cast passes over the inputs of the linear layers"),
    _s("cast_mx", 0.30, 0.5, 0.02, 2.0, "1", "further passes of block-scaled fp8"),
    _s("cast_fp4", 1.41, 0.5, 0.05, 4.0, "1", "further passes of nvfp4"),
    _s("cast_xla", 0.39, 0.4, 0.05, 1.0, "1", "cast traffic where XLA fuses it"),
    _s("permute", 1.16, 0.4, 0.2, 4.0, "1", "token permutation passes of a MoE layer"),
    _s("permute_old", 1.49, 0.3, 1.0, 4.0, "1", "the same before the fused dispatchers of 2026"),
    # 18 accesses forward, 36 backward (bias, clamps, sigmoid, products), in 32 bits: 108 of 16 bits.
    _s("biased_expert", 110.0, 0.5, 10.0, 400.0, "1", "accesses a routed token and column of an unfused biased activation"),
    _s("biased_expert_new", 0.3, 0.5, 0.02, 1.0, "1", "the same since the fused dispatchers of 2026"),
    _s("layer_fixed", 0.30e-3, 0.35, 0.02e-3, 3e-3, "s", "gaps between the kernels of one layer and micro-batch, both passes"),
    _s("layer_eager", 1.5, 0.35, 1.0, 12.0, "1", "the same in an eager framework, which has more of them"),
    _s("host_layer", 1.0e-3, 0.4, 0.1e-3, 5e-3, "s", "host time to launch one layer, felt where the device is faster"),
    _s("host_eager", 2.5, 0.4, 1.0, 12.0, "1", "the same in an eager framework"),
    _s("host_tp", 0.8e-3, 0.5, 0.05e-3, 5e-3, "s", "further host time of an eager layer with tensor parallelism"),
    _s("layer_xla", 0.5, 0.5, 0.02, 1.0, "1", "the same in a whole-graph compiler"),
    _s("layer_lora", 1.5, 0.3, 1.0, 4.0, "1", "the same with adapter matrices beside every linear layer"),
    _s("adapter", 5.0, 0.4, 1.0, 60.0, "1", "accesses of 2 bytes a column of a product with a fused adapter, all passes"),
    # PEFT: dropout, fp32 copy, product, scale and sum, forward, again and twice backward: 37 accesses a column.
    _s("adapter_eager", 37.0, 0.2, 4.0, 100.0, "1", "the same in an eager framework"),
    _s("widen", 4.0, 0.4, 1.0, 30.0, "1", "accesses of 2 bytes to widen a weight of 4 bits once"),
    _s("host_moe", 1.5e-3, 0.25, 0.1e-3, 2e-2, "s", "further host time to launch a MoE layer"),
    _s("host_loose", 1.6, 0.3, 1.0, 10.0, "1", "host time of a MoE model without any graph, over the usual recipe"),
    _s("moe_fixed", 0.17e-3, 0.5, 0.01e-3, 3e-3, "s", "further fixed time of a MoE layer"),
    _s("moe_sync", 1.0e-3, 0.35, 0.05e-3, 5e-3, "s", "host synchronisation on token counts before the dispatchers of 2026"),
    _s("expert_fixed", 0.14e-3, 0.35, 0.005e-3, 1e-3, "s", "fixed time of one local expert"),
    _s("expert_fixed_new", 0.25, 0.4, 0.02, 1.0, "1", "the same since the dispatchers of 2026"),
    _s("moe_age", 0.23, 0.4, 0.01, 0.8, "1/year", "growth of the fixed MoE time with the age of the stack"),
    _s("tp_exposed", 0.49, 0.25, 0.1, 1.0, "1", "exposed share of tensor-parallel traffic with communication overlap"),
    _s("tp_vanilla", 0.80, 0.2, 0.2, 1.0, "1", "the same without overlap"),
    _s("tp_async", 0.50, 0.25, 0.1, 1.0, "1", "the same with asynchronous tensor parallelism of a compiler"),
    _s("tp_low", 0.75, 0.2, 0.4, 1.0, "1", "tensor-parallel traffic in per-tensor fp8"),
    _s("tp_moe", 0.6, 0.3, 0.1, 1.0, "1", "tensor-parallel traffic of a MoE layer over a dense one"),
    _s("tp_latency", 19e-6, 0.4, 2e-6, 100e-6, "s", "latency of one tensor-parallel collective and doubling of the group"),
    _s("link_rate", 0.8, 0.05, 0.5, 1.0, "1", "collective rate on the scale-up link over its data sheet"),
    _s("nic_rate", 0.85, 0.07, 0.4, 1.0, "1", "collective rate on the scale-out network over its data sheet"),
    _s("cp_exposed", 0.31, 0.3, 0.02, 1.0, "1", "exposed share of context-parallel traffic"),
    _s("ep_link", 0.32, 0.35, 0.02, 1.0, "1", "exposed share of the all-to-all inside a scale-up domain"),
    _s("ep_nic", 0.90, 0.2, 0.1, 1.0, "1", "exposed share of the all-to-all across domains"),
    _s("ep_age", 0.30, 0.3, 0.01, 0.8, "1/year", "growth of the latter with the age of the stack"),
    _s("ep_beside", 0.6, 0.3, 0.05, 1.0, "1", "the same where the all-to-all runs beside another micro-batch"),
    _s("permute_loose", 3.0, 0.4, 1.0, 20.0, "1", "permutation without a fused kernel, over the usual one"),
    _s("ep_hidden", 0.24, 0.3, 0.01, 1.0, "1", "share of expert and attention work that hides the all-to-all across domains"),
    _s("bubble", 0.90, 0.1, 0.5, 1.1, "1", "pipeline bubble over (p-1)/(m*v)"),
    _s("pp_exposed", 0.3, 0.4, 0.02, 1.0, "1", "exposed share of traffic between pipeline stages with overlap (without: all)"),
    _s("imbalance", 0.46, 0.3, 0.05, 1.0, "1", "share of the excess of the slowest pipeline stage that is felt"),
    _s("dp_bytes", 1.1, 0.15, 0.8, 2.0, "1", "gradient and weight traffic over its payload"),
    _s("dp_hidden", 0.52, 0.3, 0.02, 1.0, "1", "share of a micro-batch's time that hides gradient and weight traffic"),
    _s("fsdp_hidden", 0.9, 0.15, 0.3, 1.0, "1", "share of a micro-batch's time that hides the gathering of sharded weights"),
    _s("fsdp_contention", 0.31, 0.3, 0.02, 0.8, "1", "share of gathered traffic that slows the work beside it"),
    _s("optimizer", 0.85, 0.3, 0.3, 3.0, "1", "optimizer traffic over 30 bytes a parameter"),
    _s("scale", 0.0034, 0.4, 1e-4, 0.02, "1", "loss for every doubling of the accelerators beyond eight"),
    _s("step_fixed", 0.026, 0.4, 1e-3, 0.2, "s", "fixed time of one step at 64 accelerators: data, logging, host"),
    _s("recompute_full", 0.97, 0.05, 0.8, 1.05, "1", "forward passes repeated by full recomputation"),
    _s("recompute_operator", 0.41, 0.2, 0.1, 0.8, "1", "forward passes repeated by per-operator selective recomputation"),
    _s("stack_age", 0.036, 0.4, 0.001, 0.12, "1/year", "slower kernels of an older stack, at most ten years of it"),
    _s("legacy_matrix", 0.85, 0.1, 0.5, 1.0, "1", "matrix rate of libraries before 2023 over later ones"),
    _s("lora_fsdp", 0.67, 0.2, 0.2, 1.0, "1", "gathered traffic of frozen weights over trained ones"),
    _s("tuned_default", 0.78, 0.05, 0.5, 1.0, "1", "speed with default settings over a tuned recipe"),
)  # fmt: skip

EFFECTS: Final = (
    EffectSpec("family", FAMILIES, 0.045, 0.35, "log factor of a family's matrix rate"),
    EffectSpec("chip", CHIPS, 0.05, 0.25, "log factor of one chip's matrix rate inside its family"),
    EffectSpec("family_low", FAMILIES, 0.10, 0.35, "further log factor of a family's fp8 rate"),
    EffectSpec("family_fp4", FAMILIES, 0.06, 0.35, "further log factor of a family's fp4 rate"),
    EffectSpec("family_attention", FAMILIES, 0.10, 0.5, "log factor of a family's attention rate"),
    # Hand-written layers in eager PyTorch: what llm-foundry, torchtitan and AutoModel measure, before any row of their own.
    EffectSpec(
        "stack", STACKS, 0.08, 0.6, "log factor of a stack's speed; megatron is zero",
        {"huggingface": -0.08, "torchtune": -0.08, "deepspeed": -0.08, "other": -0.08},
    ),
    EffectSpec("stack_moe", STACKS, 0.08, 0.6, "further log factor of a stack's speed on MoE models"),
)  # fmt: skip

NAMES: Final = tuple(item.name for item in SPEC)


@dataclass(frozen=True, slots=True, eq=False)
class Constants:
    """Values of all constants. One set is itself only: results are kept by it.

    ``values`` holds each scalar constant as a number, or as an array with a trailing axis of one when many constant
    sets are tried at once (the Jacobian of the fit); ``effects`` holds each table with its labels on the last axis.
    """

    values: Mapping[str, Num]
    effects: Mapping[str, Array]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Num:
        return self.values[name]

    def effect(self, name: str, codes: Any) -> Num:
        """The log effect ``name`` of each code, codes' shape (after any leading axes of the constants)."""
        table = self.effects[name]
        return table[codes] if table.ndim == 1 else np.take(table, np.atleast_1d(codes), axis=-1)


def prior() -> Constants:
    """The constants before any data: what the fit starts from and shrinks towards."""
    return Constants(
        {item.name: item.prior for item in SPEC},
        {item.name: np.array([item.means.get(label, 0.0) for label in item.labels]) for item in EFFECTS},
        {"provenance": "prior"},
    )


def from_record(record: Mapping[str, Any]) -> Constants:
    """Read the data file's content.

    Constants or labels that the file lacks keep their prior, so a file of an older release still loads.

    Raises
    ------
    ValueError
        For a value outside its physical bounds.
    """
    start = prior()
    values: dict[str, Num] = dict(start.values)
    for item in SPEC:
        entry = record["constants"].get(item.name)
        if entry is None:
            continue
        value = float(entry["value"])
        if not item.low <= value <= item.high:
            raise ValueError(f"constant {item.name}={value} is outside {item.low} to {item.high}")
        values[item.name] = value
    effects = {name: table.copy() for name, table in start.effects.items()}
    for table_spec in EFFECTS:
        for label, value in record["effects"].get(table_spec.name, {}).items():
            if label in table_spec.labels:
                effects[table_spec.name][table_spec.labels.index(label)] = float(value)
    return Constants(values, effects, {k: v for k, v in record.items() if k not in {"constants", "effects"}})


@functools.cache
def shipped() -> Constants:
    """The fitted constants that ship (``resources/constants/step.json``)."""
    return from_record(json.loads(resources.read_text("constants", "step.json")))
