"""The time of one training step from architecture, accelerator, layout and work.

One set of formulas serves a single plan, the rows of a file of measured runs and a search over a million layouts: every
argument's fields are numbers or arrays that broadcast, and each term is computed on the smallest grid its inputs span
(layer times see tensor, context and expert parallelism and the micro-batch; pipeline and data parallelism enter last).

Form of the model::

    step = [m * slowest stage * (1 + bubble) + exposed gradient sync + exposed gathers + optimizer] * scale / stack + fixed

Parts and their sources: pipeline bubble ``(p-1)/(m*v)`` (Narayanan et al., arXiv 2104.04473); tensor and sequence parallel
traffic (Korthikanti et al., arXiv 2205.05198); attention passes (Dao, arXiv 2307.08691); sharded states (Rajbhandari et
al., arXiv 1910.02054); all-to-all of node-limited routing (DeepSeek-AI, arXiv 2412.19437 section 3.2). The constants are
fitted to published runs (:mod:`model.calibration.fit`).

Symbols: ``T`` tokens of a micro-batch in one tensor-parallel group, ``R`` routed tokens of one rank, ``t p v c e d`` the
tensor, pipeline, virtual, context, expert and data parallel sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, RECOMPUTES, STACKS, Num, Parallel
from mitsumori.model.architecture.stacks import (
    DATA_OVERLAP_YEAR,
    DISPATCHER_YEAR,
    FIRST_MOE_YEAR,
    LORA,
    OVERLAP_YEAR,
    Work,
    kernels,
    narrow_gradients,
)
from mitsumori.model.architecture.transformer import (
    Architecture,
    attention_parameters_per_layer,
    effective_attention_span,
    expert_parameters,
    parameter_count,
)
from mitsumori.model.base.arrays import pick, real, some
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.training.offload import ACTIVATIONS_AWAY, OPTIMIZER_AWAY, activations_s, optimizer_s

__all__ = ["LORA", "StepBatch", "Work", "matrix_rate", "step_time"]

REFERENCE_YEAR: Final = 2026.5
"""Stack age counts back from here."""
_LOW: Final = np.array([name in {"fp8", "mxfp8", "nvfp4"} for name in PRECISIONS], dtype=float)
_FP4: Final = np.array([name == "nvfp4" for name in PRECISIONS], dtype=float)
_MX: Final = np.array([name == "mxfp8" for name in PRECISIONS], dtype=float)
_TENSOR_FP8: Final = np.array([name == "fp8" for name in PRECISIONS], dtype=float)
_INPUT_BYTES: Final = np.array([4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.6])
_RATE: Final = np.array([3, 2, 0, 0, 1, 1, 4])
"""0 bf16, 1 fp8, 2 tf32, 3 fp32, 4 fp4."""

_MEGATRON: Final = STACKS.index("megatron")
_TORCHTITAN: Final = STACKS.index("torchtitan")
_DEEPSPEED: Final = STACKS.index("deepspeed")
_JAX: Final = STACKS.index("jax")
_NVIDIA_NEW: Final = np.array([name in {"hopper", "blackwell", "blackwell_ultra", "rubin"} for name in FAMILIES])
_FULL: Final = RECOMPUTES.index("full")
_SELECTIVE: Final = RECOMPUTES.index("selective")


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Seconds of one step, by part. ``total_s`` is computed; the parts follow on demand and sum to it.

    ``busy``, ``repeat`` and the ``*_link`` fields are per micro-batch and mean stage; ``slowest`` is what the pipeline
    advances by; the rest per step. ``factor`` multiplies everything but ``fixed``.
    """

    total_s: Num
    micro_batches: Num
    factor: Num
    busy: Num
    repeat: Num
    tp_s: Num
    cp_s: Num
    ep_s: Num
    pp_s: Num
    slowest: Num
    bubble: Num
    dp_s: Num
    fsdp_s: Num
    update_s: Num
    fixed: Num
    tokens: Num
    gpus: Num

    @property
    def compute_s(self) -> Num:
        """Matrix products, attention, element-wise work and kernel launches."""
        return self.micro_batches * self.busy * self.factor

    @property
    def recompute_s(self) -> Num:
        """Work repeated to save memory."""
        return self.micro_batches * self.repeat * self.factor

    @property
    def communication_s(self) -> Num:
        """Exposed communication: tensor, context, expert and data parallel, sharded weights."""
        inside = self.micro_batches * (self.tp_s + self.cp_s + self.ep_s + self.pp_s)
        return (inside + self.dp_s + self.fsdp_s) * self.factor

    @property
    def bubble_s(self) -> Num:
        """Waiting of the pipeline: fill and drain, and stages that are not equal."""
        mean = self.busy + self.repeat + self.tp_s + self.cp_s + self.ep_s + self.pp_s
        return self.micro_batches * (self.slowest * (1 + self.bubble) - mean) * self.factor

    @property
    def optimizer_s(self) -> Num:
        """Optimizer update."""
        return self.update_s * self.factor

    @property
    def data_s(self) -> Num:
        """Fixed time of a step: data, logging, host."""
        return self.fixed

    @property
    def tokens_per_s_per_gpu(self) -> Num:
        """Training tokens of the step over its time and the accelerators."""
        return self.tokens / (self.total_s * self.gpus)

    def breakdown(self) -> dict[str, Num]:
        """Seconds by part; they sum to ``total_s``."""
        return {
            "compute": self.compute_s, "recompute": self.recompute_s, "communication": self.communication_s,
            "bubble": self.bubble_s, "optimizer": self.optimizer_s, "data": self.data_s,
        }  # fmt: skip

    def communication(self) -> dict[str, Num]:
        """Exposed communication by kind, seconds."""
        scale = self.micro_batches * self.factor
        return {
            "tp": self.tp_s * scale, "cp": self.cp_s * scale, "ep": self.ep_s * scale, "pp": self.pp_s * scale,
            "dp": self.dp_s * self.factor, "fsdp": self.fsdp_s * self.factor,
        }  # fmt: skip


def matrix_rate(gpu: Gpu, precision: Num, constants: Constants, share: Num = 1.0) -> Num:
    """Sustained rate of a large matrix product in a precision, FLOP/s: measured product x fitted share x effects.

    ``share`` is what older libraries reach of it. Effects and share together never lift a product above the measured one.
    """
    c = constants
    kind = _RATE[np.asarray(precision)]
    power = np.asarray(gpu.power_share, dtype=np.float64) ** c["power_exponent"]
    family = c.effect("family", gpu.family) + c.effect("level", gpu.level)
    wide = c["matrix_bf16"]
    rate: Num = 0.0
    # Each format is worked out only where one of the batch asks for it.
    narrow = (kind == 1) | (kind == 4)
    if some(narrow):
        fp8 = np.asarray(gpu.fp8_matmul) * pick(
            np.asarray(gpu.fp8) != 0, c["matrix_fp8"] * np.exp(c.effect("family_low", gpu.family)), wide
        )
        fp4 = pick(
            np.asarray(gpu.fp4) != 0,
            np.asarray(gpu.fp4_matmul) * c["matrix_fp4"] * np.exp(c.effect("family_fp4", gpu.family)), fp8,
        )  # fmt: skip
        rate = pick(kind == 1, fp8, fp4)
    if some((kind == 2) | (kind == 3)):
        single = pick(kind == 2, np.asarray(gpu.tf32_flops), np.asarray(gpu.fp32_flops)) * (0.76 * wide)
        rate = pick(narrow, rate, single)
    rate = pick(kind == 0, np.asarray(gpu.bf16_matmul) * wide, rate)
    # No product beats the measured one.
    return rate * np.minimum(np.exp(family) * share, 1.0 / wide) * power


def step_time(arch: Architecture, gpu: Gpu, parallel: Parallel, work: Work, constants: Constants) -> StepBatch:
    """Seconds of one training step and of its parts.

    Parameters
    ----------
    arch, gpu, parallel, work
        Numbers or arrays that broadcast together.
    constants
        Fitted constants; with a leading axis when many sets are tried at once.

    Returns
    -------
    StepBatch
        Fields of the broadcast shape or of a smaller one where a term does not depend on every axis.

    Notes
    -----
    Valid where the runs are: 0.1-1000B parameters, 1-16k accelerators, 1k-256k tokens a sequence. Nothing is refused
    here; a layout that cannot exist gives a number without meaning.
    """
    c = constants
    run = kernels(parallel, work)
    prec = np.asarray(parallel.precision)
    low, fp4, mx = _LOW[prec], _FP4[prec], _MX[prec]
    in_bytes = _INPUT_BYTES[prec]
    stack, year = np.asarray(parallel.stack), np.asarray(parallel.stack_year, dtype=np.float64)
    age = np.clip(REFERENCE_YEAR - year, 0.0, 10.0)
    jax = stack == _JAX
    legacy = run.fused_attention == 0
    eager = run.compiled < 1

    h, d = real(arch.hidden), arch.head_dim
    heads, kv = real(arch.heads), real(arch.kv_heads)
    qk, vd = real(arch.qk_dim), real(arch.v_dim)
    gate = 1.0 + np.asarray(arch.gated_mlp)
    is_moe = arch.is_moe
    t, cp = real(parallel.tp), real(parallel.cp)
    ep, etp = real(parallel.ep), real(parallel.etp)
    s = real(parallel.seq_len)
    T = real(parallel.micro_batch) * s / cp
    B = gpu.hbm_bytes_per_s
    link = np.asarray(gpu.link_bytes_per_s) * c["link_rate"]
    nic = np.asarray(gpu.nic_bytes_per_s) * c["nic_rate"]
    domain = real(gpu.domain)
    trained = np.asarray(work.trained_share, dtype=np.float64)
    recompute = np.asarray(parallel.recompute)
    full, selective = recompute == _FULL, recompute == _SELECTIVE
    operator = selective & (stack == _TORCHTITAN)
    again = pick(full, c["recompute_full"], pick(operator, c["recompute_operator"], 0.0))
    passes = 2.0 + trained
    low_rowwise = pick((low > 0) & (np.asarray(work.rowwise) > 0), c["rowwise_fp8"], 1.0)
    age_rate = pick(legacy & ~jax, c["legacy_matrix"], 1.0)
    sustained = matrix_rate(gpu, prec, c, age_rate)
    rate, wide = sustained * low_rowwise, sustained
    if some(low > 0):
        wide = matrix_rate(gpu, pick(low > 0, PRECISIONS.index("bf16"), prec), c, age_rate)
    hbm, main = c["hbm_exposed"], c["gradient_exposed"] * pick(narrow_gradients(parallel), 4.0, 8.0) * trained
    shape = c["shape_half"]

    # One layer: matrix products. Seconds of one pass; weight traffic does not depend on the tokens.
    attn_params = attention_parameters_per_layer(arch) / t
    mla = np.asarray(arch.mla) != 0
    latent = pick(mla, real(arch.q_lora_rank) + arch.kv_lora_rank, 0.0)
    attn_in = h * (1 + pick(mla, 1, 0)) + heads * vd / t + latent
    attn_out = h + heads * qk / t + pick(mla, latent + heads * (arch.qk_nope_dim + vd) / t, kv * 2 * d / t)
    narrow_attn = 1.0 + shape / (heads * vd / t)
    attn_flop = 2.0 * T * attn_params
    attn_pass = attn_flop * narrow_attn / rate + hbm * (in_bytes * (T * attn_in + attn_params) + 2 * T * attn_out) / B
    attn_main = main * attn_params / B

    f = real(arch.ffn)
    mlp_params = h * f * arch.mlp_matrices / t
    mlp_pass = (
        2.0 * T * mlp_params * (1.0 + shape * t / np.maximum(f, 1.0)) / rate
        + hbm * (in_bytes * (T * (h + f / t) + mlp_params) + 2 * T * (h + gate * f / t)) / B
    )
    mlp_main = main * mlp_params / B

    # Attention scores.
    share = real(work.attention_share)
    span = effective_attention_span(arch, s) * share
    seen = np.minimum(2 * span, s)
    base = np.asarray(gpu.bf16_flops) * c["attention_rate"] * np.exp(c.effect("family_attention", gpu.family))
    recent = _NVIDIA_NEW[np.asarray(gpu.family)]
    older = pick(recent, pick(run.fused_attention == 1, c["attention_v2"], np.exp(-c["attention_age"] * age)), 1.0)
    head = (np.minimum(qk, 128.0) / 128.0) ** c["attention_head"]
    score_flop = 2.0 * heads * (qk + vd) * span * T / t
    score = score_flop / (base * older * head * seen / (seen + c["attention_half"]))
    score_back = score * c["attention_backward"]
    if some(legacy):
        # Without a fused kernel the products run over the whole square and the scores pass through memory.
        loose = 2.0 * score_flop / (wide * c["score_rate"]) + heads / t * s * T * 16.0 * c["softmax_passes"] / (3.8 * B)
        score = pick(legacy, loose, score)
        score_back = pick(legacy, loose * 2.0, score_back)
    score_again = pick(full | (selective & ~operator & legacy), 1.0, 0.0)

    # Element-wise traffic and casts.
    sp = pick(np.asarray(parallel.sp) > 0, t, 1.0)
    loose_element = c["elementwise"] * pick(eager, c["elementwise_eager"], 1.0) / B
    width_attn = 20.0 * h / sp + 4.0 * (heads + kv) * d / t
    elem_dense = 2.0 * T * loose_element * (width_attn + 4.0 * gate * f / t)
    cast_passes = 4.0 * low * (c["cast"] + c["cast_mx"] * mx + c["cast_fp4"] * fp4) * pick(jax, c["cast_xla"], 1.0) / B
    cast_attn = cast_passes * T * attn_in
    cast_dense = cast_attn + cast_passes * T * (h + f / t)

    # Fixed time of launches and host work.
    frozen = 1.0 - trained
    fixed = (
        c["layer_fixed"]
        * pick(jax, c["layer_xla"], pick(eager, c["layer_eager"], 1.0))
        * (1.0 + frozen * (c["layer_lora"] - 1.0))
    )

    # Communication of one layer and micro-batch.
    exposed = pick(run.overlap == 0, c["tp_vanilla"], pick(run.overlap == 2, c["tp_async"], c["tp_exposed"]))
    inside = t <= domain
    tp_bytes = (
        4.0
        * (2.0 + again)
        * (t - 1.0)
        / t
        * T
        * h
        * 2.0
        * pick((_TENSOR_FP8[prec] > 0) & (stack == _MEGATRON), c["tp_low"], 1.0)
    )
    # A group across servers runs a ring over the network, with nothing to hide it behind.
    tp_layer = pick(inside, tp_bytes * exposed / link, tp_bytes / nic) + pick(
        t > 1, 8.0 * c["tp_latency"] * np.log2(np.maximum(t, 1.0)), 0.0
    )
    cp_bytes = c["cp_exposed"] * np.minimum(12.0 * kv * (cp - 1.0), 16.0 * (heads + kv)) * qk / t * T
    cp_layer = pick(cp > 1, cp_bytes / pick(t * cp <= domain, link, nic), 0.0)

    # Sums by kind of layer, for the whole model and one micro-batch.
    dense, moe = real(arch.dense_layers), real(arch.moe_layers)
    extra = real(arch.mtp_layers)
    moe = moe + pick(is_moe, extra, 0.0)
    dense = dense + pick(is_moe, 0.0, extra)
    layers = dense + moe
    attention_busy = passes * attn_pass + attn_main + score + score_back + fixed
    dense_busy = attention_busy + passes * mlp_pass + mlp_main + elem_dense + cast_dense
    # The host launches a layer's kernels while the device works: it is felt where the device would be done first.
    host = c["host_layer"] * pick(jax, c["layer_xla"], pick(eager, c["host_eager"], 1.0)) + pick(
        t > 1, pick(eager, c["host_tp"], 0.0), 0.0
    )
    dense_busy = dense_busy + _soft(host - dense_busy - tp_layer, 0.3 * host)
    busy = dense * dense_busy
    repeat = layers * (again * attn_pass + score_again * score + again * fixed / 3.0) + dense * again * (
        mlp_pass + elem_dense / 3.0
    )
    tp_all = (dense + moe * c["tp_moe"]) * tp_layer
    cp_all = layers * cp_layer
    ep_all: Num = 0.0
    if some(is_moe):
        old_moe = (year < DISPATCHER_YEAR) | (stack != _MEGATRON)
        moe_years = np.clip(DISPATCHER_YEAR - year, 0.0, DISPATCHER_YEAR - FIRST_MOE_YEAR)
        # Experts: R routed tokens a rank, spread over El local experts.
        fe, fs, topk = real(arch.moe_ffn), real(arch.moe_shared_ffn), real(arch.moe_topk)
        R = T / t * topk
        El = np.maximum(real(arch.moe_experts) / ep, 1.0)
        per_expert = np.maximum(R * etp / El, 1.0)
        one = expert_parameters(arch)
        half = c["expert_half"] * pick(low > 0, c["expert_half_low"], 1.0)
        skew = pick(np.asarray(work.balanced) > 0, 1.0, c["natural_routing"])
        expert_rate = rate * c["expert_rate"] / (1.0 + half / per_expert)
        expert_pass = skew * (
            2.0 * R * one / expert_rate
            + c["expert_hbm"] * (in_bytes * (R * (h + fe) + El * one / etp) + 2 * R * (h + gate * fe)) / B
        )
        expert_main = main * El * one / etp / B
        shared_params = h * fs * arch.mlp_matrices / t
        shared_pass = (
            2.0 * T * shared_params / rate
            + hbm * (in_bytes * (T * (h + fs / t) + shared_params) + 2 * T * gate * fs / t) / B
        )
        elem_moe = 2.0 * T * loose_element * (width_attn + 4.0 * gate * (fs + fe * topk) / t)
        cast_moe = cast_attn + cast_passes * (R * (h + fe) + T * fs / t)
        permute = 16.0 * R * h * c["permute"] * pick(old_moe, c["permute_old"], 1.0) / B
        biased = pick(
            (np.asarray(arch.linear_bias) > 0) & is_moe,
            2.0 * c["biased_expert"] * pick(old_moe, 1.0, c["biased_expert_new"]) * R * fe / B, 0.0,
        )  # fmt: skip
        aged = pick(old_moe, np.exp(c["moe_age"] * moe_years), 1.0)
        moe_fixed = (
            c["moe_fixed"]
            + pick(old_moe, c["moe_sync"] * aged, 0.0)
            + El * c["expert_fixed"] * pick(old_moe, aged, c["expert_fixed_new"])
        ) * pick(jax, c["layer_xla"], 1.0)
        spread = np.ceil(ep * etp / domain)
        ep_inside = 4.0 * R * h * 2.0 * (1.0 - 1.0 / np.maximum(ep, 1.0)) * c["ep_link"] / link
        drawn = _distinct(spread, topk)
        reach = (1.0 - 1.0 / spread) * pick(mla, np.minimum(drawn, 4.0), drawn)
        ep_across = 4.0 * (T / t) * h * 2.0 * reach / nic * c["ep_nic"] * np.exp(c["ep_age"] * moe_years)
        cover = c["ep_hidden"] * (passes * expert_pass + score + score_back)
        ep_layer = ep_inside + pick(spread > 1, _soft(ep_across - cover, 0.2 * ep_across), 0.0)
        moe_busy = (
            attention_busy
            + passes * (expert_pass + shared_pass)
            + expert_main
            + main * shared_params / B
            + elem_moe
            + cast_moe
            + permute
            + biased
            + moe_fixed
        )
        moe_busy = moe_busy + _soft(host - moe_busy - tp_layer, 0.3 * host)
        busy = busy + pick(moe > 0, moe * moe_busy, 0.0)
        # Selective recomputation of a modern MoE stack repeats the experts' activation (Megatron's moe_act).
        act_again = pick(full, 1.0, pick(selective & ~operator & ~legacy, 1.0, 0.0))
        elem_act = pick(full, 0.0, 8.0 * R * loose_element * gate * fe)
        repeat = (
            repeat
            + pick(moe > 0, moe * again * (expert_pass + shared_pass + (elem_moe + permute + moe_fixed) / 3.0), 0.0)
            + pick(moe > 0, moe * act_again * (biased + elem_act) / 3.0, 0.0)
        )
        ep_all = moe * ep_layer * (1.0 + again / 2.0)
    vocab = real(arch.vocab) / t
    logits = (1.0 + extra) * ((2.0 * passes * T * h * vocab) / wide + 30.0 * T * vocab / B)

    # Stages.
    p, v = real(parallel.pp), real(parallel.vp)
    offload = np.asarray(parallel.offload)
    if some(offload == ACTIVATIONS_AWAY):
        # What the work does not cover is felt.
        moved = activations_s(arch, gpu, parallel, T, dense, moe)
        busy = busy + pick(offload == ACTIVATIONS_AWAY, _soft(moved - busy, 0.1 * moved), 0.0)
    body = busy + repeat + tp_all + cp_all + ep_all
    # Activations and gradients pass between the v chunks of every stage, over the network unless all ranks share a domain.
    hop = 4.0 * v * T * h / sp / pick(np.asarray(parallel.gpus) <= domain, link, nic)
    blocking = (year < OVERLAP_YEAR) | (stack == _DEEPSPEED)
    piped = p > 1
    pp_s = pick(piped, hop * pick(blocking, 1.0, c["pp_exposed"]), 0.0)
    mean = (body + logits) / p + pp_s
    slowest = mean
    if some(piped):
        chunks = p * v
        uneven = np.ceil(layers / chunks) * chunks / layers
        felt = c["imbalance"] * (np.maximum(body / p * uneven, body / p + logits) + pp_s - mean)
        slowest = pick(piped, mean + felt, mean)
    m = real(parallel.micro_batches)
    bubble = c["bubble"] * (p - 1.0) / (m * v)

    # Gradients, weights and optimizer of the data-parallel groups.
    count = parameter_count(arch)
    mine = (count.total - count.experts) / (t * p)
    experts = count.experts / (ep * etp * p)
    group = real(parallel.dp) * cp
    expert_group = np.maximum(t * cp * parallel.dp / (etp * ep), 1.0)
    zero = np.asarray(parallel.zero_stage)
    gathered = (zero >= 3) & (p <= 1)
    payload = c["dp_bytes"] * pick(low > 0, 3.0, 4.0) * np.asarray(work.gradient_share)
    unit = pick(group > 1, mine / _group_rate(group, t, domain, link, nic), 0.0)
    if some(is_moe):
        unit = unit + pick(expert_group > 1, experts / _group_rate(expert_group, ep * etp, domain, link, nic), 0.0)
    sync = pick(gathered, 0.0, payload * unit)
    cover_dp = pick((year < DATA_OVERLAP_YEAR) | (zero < 1) | (stack == _DEEPSPEED), 0.0, c["dp_hidden"]) * slowest
    beyond = sync - cover_dp
    dp_exposed = 0.5 * (np.maximum(beyond, 0.0) + _soft(beyond, 0.3 * sync))
    # Sharded gradients are reduced after every micro-batch, whole ones once a step (ZeRO-2, arXiv 1910.02054 section 5).
    each_time = (zero == 2) & (p <= 1)
    if some(each_time):
        dp_exposed = dp_exposed * pick(each_time, m, 1.0)
    fsdp_s: Num = 0.0
    if some(gathered):
        gather = pick(gathered, 6.0 * unit, 0.0) * pick(trained < 0.5, c["lora_fsdp"], 1.0)
        fsdp_s = m * (c["fsdp_contention"] * gather + np.maximum(gather - c["fsdp_hidden"] * slowest, 0.0))
    share_optimizer = pick(zero >= 1, 1.0 / group, 1.0)
    share_expert = pick(zero >= 1, 1.0 / expert_group, 1.0)
    shard = mine * share_optimizer + experts * share_expert
    update = c["optimizer"] * 30.0 * np.asarray(work.gradient_share) * shard / B
    if some(offload == OPTIMIZER_AWAY):
        away = optimizer_s(gpu, shard * np.asarray(work.gradient_share))
        update = pick(offload == OPTIMIZER_AWAY, away, update)
    gpus = real(parallel.gpus)
    scale = 1.0 + c["scale"] * np.log2(np.maximum(gpus, 8.0) / 8.0)
    level = c.effect("stack", stack) + pick(is_moe, c.effect("stack_moe", stack), 0.0)
    kernel_age = np.exp(pick(is_moe, 0.0, np.minimum(c["stack_age"] * age, 0.25)))
    tuned = real(parallel.tuned)
    factor = scale * kernel_age * np.exp(-level) / (c["tuned_default"] + (1.0 - c["tuned_default"]) * tuned)
    step_fixed = c["step_fixed"] * (np.maximum(gpus, 1.0) / 64.0) ** 0.15
    # Small grids first: in a search only the last sums span every axis.
    total = (m * (slowest * (1.0 + bubble)) + fsdp_s + (dp_exposed + update)) * factor + step_fixed
    return StepBatch(
        total_s=total, micro_batches=m, factor=factor, busy=(busy + logits) / p, repeat=repeat / p, tp_s=tp_all / p,
        cp_s=cp_all / p, ep_s=ep_all / p, pp_s=pp_s, slowest=slowest, bubble=bubble, dp_s=dp_exposed, fsdp_s=fsdp_s,
        update_s=update, fixed=step_fixed, tokens=parallel.tokens_per_step, gpus=gpus,
    )  # fmt: skip


def _soft(x: Num, width: Num) -> Num:
    """A smooth ``max(x, 0)``: within ``width`` of zero the corner is rounded."""
    return 0.5 * (x + np.sqrt(x * x + width * width))


def _distinct(domains: Num, topk: Num) -> Num:
    """Expected number of domains that ``topk`` uniformly drawn experts lie in."""
    return domains * (1.0 - (1.0 - 1.0 / domains) ** topk)


def _group_rate(members: Num, stride: Num, domain: Num, link: Num, nic: Num) -> Num:
    """Bandwidth of one rank of a data-parallel group whose members lie ``stride`` ranks apart.

    Inside one scale-up domain the link; across, the members that share a server pool their network adapters, up to the
    link's own rate.
    """
    together = np.clip(domain / stride, 1.0, members)
    return pick(members * stride <= domain, link, np.minimum(link, nic * together))
