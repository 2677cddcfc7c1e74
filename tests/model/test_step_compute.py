"""The arithmetic of a step, a loss at a time, against calculations by hand (formulas: docs/method.md 2.2, 4.1 and 4.2)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.stacks import LORA, Work
from mitsumori.model.architecture.transformer import (
    Architecture,
    attention_flop_per_token,
    matrix_parameters_active,
    model_flop_per_token,
    parameter_count,
)
from mitsumori.model.catalogue.accelerators import CHIPS
from mitsumori.model.kernels.matrix import matrix_rate
from tests.model.step_plans import (
    ARCHITECTURES,
    DEEPSPEED,
    DENSE,
    FLASH_3,
    FOUNDRY,
    FP8,
    FULL,
    GPT,
    JAX,
    LATENT,
    LATENT_MOE,
    LAYOUTS,
    MACHINE,
    MEGATRON,
    MOE,
    MXFP8,
    NVFP4,
    ONE,
    PERFECT,
    SELECTIVE,
    TITAN,
    added,
    attention_s,
    both,
    ideal,
    run,
)


def step_flop(arch: Architecture, layout: Parallel) -> float:
    """Model FLOPs of a step (docs/method.md 2.2): 6 a matrix parameter and token, attention thrice forward, logits in
    every prediction depth; the router's product is not in the model of the clock."""
    tokens = float(layout.global_batch * layout.seq_len)
    depths = float(arch.mtp_layers)
    router = float(parameter_count(arch).router)
    flop = float(model_flop_per_token(arch, layout.seq_len)) - 6 * router
    if depths:
        one = arch.with_(layers=1, moe_dense_layers=0 if arch.is_moe else arch.moe_dense_layers, mtp_layers=0)
        per_layer = float(model_flop_per_token(one, layout.seq_len)) - 6 * float(parameter_count(one).router)
        flop += depths * per_layer
    return tokens * flop


# --- no inefficiencies: the FLOPs over the peak --------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_without_inefficiencies_the_step_is_its_flops_over_the_peak(arch: str, layout: str) -> None:
    """6 N a token and three passes of attention (arXiv 2001.08361, 2104.04473) at 100 % of every accelerator."""
    shape, plan = both(arch, layout)
    found = run(shape, plan, work=FLASH_3)
    assert float(found.total_s) == pytest.approx(step_flop(shape, plan) / (1e15 * plan.gpus), rel=1e-9)
    assert float(found.compute_s) == pytest.approx(float(found.total_s), rel=1e-9)
    speed = plan.global_batch * plan.seq_len / float(found.total_s) / plan.gpus
    assert float(found.tokens_per_s_per_gpu) == pytest.approx(speed, rel=1e-12)


@pytest.mark.parametrize("layout", ["one", "tp", "pp"])
@pytest.mark.parametrize("arch", ["dense", "moe", "mla"])
@pytest.mark.parametrize(("precision", "times"), [("bf16", 1), ("fp16", 1), ("fp8", 2), ("mxfp8", 2), ("nvfp4", 4)])
def test_narrow_formats_speed_up_the_layers_and_leave_attention_and_logits_in_16_bit(
    arch: str, layout: str, precision: str, times: int
) -> None:
    shape, plan = both(arch, layout)
    plan = plan.with_(precision=code(PRECISIONS, precision))
    tokens = float(plan.global_batch * plan.seq_len)
    wide = 3 * float(attention_flop_per_token(shape, plan.seq_len)) + 6 * shape.hidden * shape.vocab
    layers = step_flop(shape, plan) / tokens - wide
    expected = tokens * (layers / times + wide) / 1e15 / plan.gpus
    assert float(run(shape, plan, work=FLASH_3).total_s) == pytest.approx(expected, rel=1e-9)


def test_adapters_need_two_of_three_passes() -> None:
    """arXiv 2106.09685: no weight gradient of frozen matrices; attention has no weights and keeps its three."""
    tokens = float(ONE.global_batch * ONE.seq_len)
    forward = 2 * float(matrix_parameters_active(DENSE))
    expected = tokens * (2 * forward + 3 * float(attention_flop_per_token(DENSE, ONE.seq_len))) / 1e15
    frozen = Work(trained_share=0.0, gradient_share=0.02, fused_attention=2)
    assert float(run(DENSE, ONE, work=frozen).total_s) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("layout", ["one", "tp", "pp"])
@pytest.mark.parametrize("arch", ["dense", "gpt", "moe", "mla-moe"])
def test_full_recomputation_repeats_the_forward_pass_of_the_layers(arch: str, layout: str) -> None:
    """arXiv 2205.05198 section 5: a fourth pass of everything but the output layer."""
    shape, plan = both(arch, layout)
    found = run(shape, plan.with_(recompute=FULL), work=FLASH_3)
    tokens = float(plan.global_batch * plan.seq_len)
    logits = (1 + shape.mtp_layers) * 6 * shape.hidden * shape.vocab * tokens
    expected = (step_flop(shape, plan) - logits) / 3 / 1e15 / plan.gpus
    assert float(found.recompute_s) == pytest.approx(expected, rel=1e-9)
    assert float(found.total_s) == pytest.approx(float(run(shape, plan, work=FLASH_3).total_s) + expected, rel=1e-9)
    part = run(shape, plan.with_(recompute=FULL), ideal(recompute_full=0.9), work=FLASH_3)
    attention = tokens * float(attention_flop_per_token(shape, plan.seq_len)) / 1e15 / plan.gpus
    if shape.mtp_layers == 0:  # what is repeated of the products; attention is repeated whole
        assert float(part.recompute_s) == pytest.approx(0.9 * (expected - attention) + attention, rel=1e-9)


def test_selective_recomputation_repeats_what_the_stack_says() -> None:
    """Megatron with a fused kernel repeats nothing of a dense layer, with stored scores the scores; torchtitan a share of
    every product."""
    tokens = float(ONE.global_batch * ONE.seq_len)
    plan = ONE.with_(recompute=SELECTIVE)
    attention = tokens * float(attention_flop_per_token(DENSE, ONE.seq_len)) / 1e15
    assert float(run(DENSE, plan, work=FLASH_3).recompute_s) == 0.0
    assert float(run(DENSE, plan, work=Work(fused_attention=0)).recompute_s) == pytest.approx(2 * attention, rel=1e-9)
    layers = 2 * tokens * float(parameter_count(DENSE).attention + parameter_count(DENSE).dense_mlp) / 1e15
    found = run(DENSE, plan.with_(stack=TITAN), ideal(recompute_operator=0.4), work=FLASH_3)
    assert float(found.recompute_s) == pytest.approx(0.4 * layers, rel=1e-9)
    assert float(run(DENSE, ONE, work=FLASH_3).recompute_s) == 0.0


# --- rates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "rate"),
    [("bf16", 0.8e15), ("fp16", 0.8e15), ("fp8", 1.5e15), ("mxfp8", 1.5e15), ("nvfp4", 2.5e15), ("tf32", 0.38e15),
     ("fp32", 0.076e15)],
)  # fmt: skip
def test_products_run_at_the_measured_rate_of_their_format(precision: str, rate: float) -> None:
    """Measured matrix product; where nobody measures it (tf32, fp32) 0.76 of the data sheet."""
    kind = code(PRECISIONS, precision)
    assert float(matrix_rate(MACHINE, kind, ideal())) == pytest.approx(rate, rel=1e-12)
    share = {"fp8": "matrix_fp8", "mxfp8": "matrix_fp8", "nvfp4": "matrix_fp4"}.get(precision, "matrix_bf16")
    for name in ("matrix_bf16", "matrix_fp8", "matrix_fp4"):
        expected = rate * (0.5 if name == share else 1.0)
        assert float(matrix_rate(MACHINE, kind, ideal(**{name: 0.5}))) == pytest.approx(expected, rel=1e-12)


def test_a_format_without_hardware_runs_at_the_next_wider_one() -> None:
    no_fp4 = MACHINE.with_(fp4=0.0, fp4_matmul=9e15)
    no_fp8 = no_fp4.with_(fp8=0.0, fp8_matmul=MACHINE.bf16_matmul)
    share = ideal(matrix_bf16=0.9, matrix_fp8=0.7, matrix_fp4=0.6)
    assert float(matrix_rate(no_fp4, NVFP4, share)) == pytest.approx(0.7 * 1.5e15)
    assert float(matrix_rate(no_fp8, FP8, share)) == pytest.approx(0.9 * 0.8e15)
    assert float(matrix_rate(no_fp8, NVFP4, share)) == pytest.approx(0.9 * 0.8e15)


def test_effects_are_logarithms_of_rates() -> None:
    """exp(family + accelerator), further for 8 and 4 bits, and the power limit's share to a power."""
    effects = {
        "family": {"hopper": 0.1}, "chip": {"gh100": -0.05}, "family_low": {"hopper": 0.03}, "family_fp4": {"hopper": 0.02}
    }  # fmt: skip
    # Effects above the measured product do not count: a rate of 0.8 leaves them room.
    c = ideal(effects, matrix_bf16=0.8)
    plain = ideal(matrix_bf16=0.8)
    h200 = MACHINE.with_(chip=CHIPS.index("gh100"))
    for kind, log in ((3, 0.1), (FP8, 0.13), (NVFP4, 0.12)):
        ratio = float(matrix_rate(MACHINE, kind, c) / matrix_rate(MACHINE, kind, plain))
        assert math.log(ratio) == pytest.approx(log, abs=1e-12)
        ratio = float(matrix_rate(h200, kind, c) / matrix_rate(MACHINE, kind, plain))
        assert math.log(ratio) == pytest.approx(log - 0.05, abs=1e-12)
    capped = matrix_rate(MACHINE.with_(power_share=0.5), 3, ideal(power_exponent=0.5))
    assert float(capped) == pytest.approx(0.8e15 * math.sqrt(0.5))
    assert float(matrix_rate(MACHINE, 3, ideal(effects))) == pytest.approx(0.8e15)


def test_rowwise_scales_slow_down_eight_bits_only() -> None:
    for kind, slow in ((3, False), (FP8, True)):
        plan = ONE.with_(precision=kind)
        work = Work(rowwise=1.0, attention_share=1e-15)
        plain = Work(attention_share=1e-15)
        fast, half = run(DENSE, plan, work=plain), run(DENSE, plan, ideal(rowwise_fp8=0.5), work=work)
        logits = float(run(DENSE.with_(layers=1), plan, work=plain).total_s)
        logits -= (float(fast.total_s) - logits) / 23
        layers = float(fast.total_s) - logits
        assert float(half.total_s) == pytest.approx(logits + layers * (2 if slow else 1), rel=1e-9)


@pytest.mark.parametrize(
    ("stack", "year", "slow"),
    [
        (MEGATRON, 2022.8, True),
        (MEGATRON, 2023.0, False),
        (JAX, 2021.0, False),
        (DEEPSPEED, 2023.0, True),
        (DEEPSPEED, 2024.0, False),
    ],
)
def test_libraries_without_fused_attention_have_slower_products_too(stack: int, year: float, slow: bool) -> None:
    plan = ONE.with_(stack=stack, stack_year=year)
    work = Work(attention_share=1e-15)
    ratio = float(run(DENSE, plan, ideal(legacy_matrix=0.8), work=work).total_s / run(DENSE, plan, work=work).total_s)
    assert ratio == pytest.approx(1.25 if slow else 1.0, rel=1e-9)


# --- matrix products: memory traffic, narrow sides, gradients ----------------------------------------------------------


def matrices(arch: Architecture, tp: int, kind: str) -> list[tuple[float, float]]:
    """(k, n) of each product of a layer on one tensor rank: m x k inputs, k x n weights, m x n outputs."""
    h, a, k, d = arch.hidden, arch.heads, arch.kv_heads, arch.head_dim
    f = arch.moe_shared_ffn if kind == "shared" else arch.ffn
    gates = 1 + arch.gated_mlp
    if kind == "attention":
        return [(h, (a + 2 * k) * d / tp), (a * d / tp, h)]
    return [(h, gates * f / tp), (f / tp, h)]


@pytest.mark.parametrize("layout", ["one", "tp", "cp", "pp"])
@pytest.mark.parametrize("arch", ["dense", "gpt", "narrow"])
@pytest.mark.parametrize(("precision", "size"), [(3, 2.0), (FP8, 1.0), (MXFP8, 1.0), (NVFP4, 0.6), (0, 4.0), (1, 4.0)])
def test_a_product_moves_inputs_weights_and_outputs(arch: str, layout: str, precision: int, size: float) -> None:
    """Bytes of a pass: x (m k + k n) + 2 m n, x the operands' size; three passes, over the memory's bandwidth."""
    shape, plan = both(arch, layout)
    plan = plan.with_(precision=precision)
    m = plan.micro_batch * plan.seq_len / plan.cp
    moved = sum(
        size * (m * k + k * n) + 2 * m * n for kind in ("attention", "dense") for k, n in matrices(shape, plan.tp, kind)
    )
    expected = 3 * 0.5 * moved / 4e12 * shape.layers / plan.pp
    assert added("busy", shape, plan, work=FLASH_3, hbm_exposed=0.5) == pytest.approx(expected, rel=1e-9)


def test_products_of_latent_attention_move_their_low_ranks() -> None:
    """arXiv 2405.04434 equations 9-19: down and up projections of queries and of keys and values, output projection."""
    plan = ONE.with_(gpus=4, tp=4, sp=1)
    m, t = plan.micro_batch * plan.seq_len, 4
    h, rq, rkv, a, qk, nope, v = 3072, 1024, 512, 32, 192, 128, 128
    # The down projections are replicated in Megatron but counted as an equal share of all attention weights here.
    weights = (h * rq + rq * a * qk + h * (rkv + 64) + rkv * a * (nope + v) + a * v * h) / t
    inputs = h + rq + h + rkv + a * v / t
    outputs = rq + a * qk / t + rkv + a * (nope + v) / t + h
    mlp = [(h, 2 * 12288 / t), (12288 / t, h)]
    moved = 2 * (m * inputs + weights) + 2 * m * outputs + sum(2 * (m * k + k * n) + 2 * m * n for k, n in mlp)
    assert added("busy", LATENT, plan, work=FLASH_3, hbm_exposed=1.0) == pytest.approx(3 * moved / 4e12 * 12, rel=1e-9)


@pytest.mark.parametrize(("ep", "precision", "size"), [(1, 3, 2.0), (4, 3, 2.0), (4, FP8, 1.0)])
def test_experts_move_their_tokens_and_all_their_weights(ep: int, precision: int, size: float) -> None:
    """R routed tokens a rank pass h -> 2 f_e -> h; every local expert's weights are read once a pass."""
    plan = ONE.with_(gpus=4, dp=4, ep=ep, zero_stage=1, global_batch=32, precision=precision)
    m, h, f = 2 * 4096, 2048, 1408
    routed = m * 6
    local = 64 / ep * 3 * h * f
    moved = size * (routed * (h + f) + local) + 2 * routed * (h + 2 * f)
    expected = 18 * 3 * moved / 4e12
    assert added("busy", MOE, plan, work=FLASH_3, expert_hbm=1.0) == pytest.approx(expected, rel=1e-9)


def test_shared_experts_are_a_dense_block_beside_the_routed_ones() -> None:
    """Only the shared block of the expert layers and the dense layers' block answer to the dense products' traffic."""
    plan = ONE.with_(gpus=2, tp=2, sp=1)
    m = 2 * 4096

    def block(kind: str) -> float:
        return sum(2 * (m * k + k * n) + 2 * m * n for k, n in matrices(MOE, 2, kind))

    # The shared block's result is added to the routed one without a trip of its own.
    shared = block("shared") - 2 * m * 2048
    expected = 3 * (20 * block("attention") + 2 * block("dense") + 18 * shared) / 4e12
    assert added("busy", MOE, plan, work=FLASH_3, hbm_exposed=1.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("arch", "ep", "etp"), [("dense", 1, 1), ("gpt", 1, 1), ("moe", 1, 1), ("moe", 4, 1), ("moe", 2, 2)]
)
def test_the_main_gradient_is_read_and_written(arch: str, ep: int, etp: int) -> None:
    """Eight bytes a matrix parameter of the rank for every micro-batch, four in a tuned recipe; none of a frozen one."""
    shape = ARCHITECTURES[arch]
    plan = ONE.with_(gpus=8, tp=2, sp=1, dp=4, ep=ep, etp=etp, zero_stage=1, global_batch=32)
    count = parameter_count(shape)
    mine = float(count.attention + count.dense_mlp + count.shared_experts) / 2 + float(count.experts) / (ep * etp)
    found = added("busy", shape, plan, work=FLASH_3, gradient_exposed=0.5)
    assert found == pytest.approx(0.5 * 4 * mine / 4e12, rel=1e-9)
    found = added("busy", shape, plan.with_(tuned=0), work=FLASH_3, gradient_exposed=0.5)
    assert found == pytest.approx(0.5 * 8 * mine / 4e12, rel=1e-9)
    frozen = Work(trained_share=0.0, fused_attention=2)
    assert added("busy", shape, plan, work=frozen, gradient_exposed=0.5) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("tp", [1, 2, 8])
def test_a_narrow_side_costs_as_much_again_at_half_columns(tp: int) -> None:
    """1 + half / columns of a sharded matrix: heads x d / t of attention, f / t of the feed-forward block."""
    plan = ONE.with_(gpus=tp, tp=tp, sp=int(tp > 1))
    m = 2 * 4096
    count = parameter_count(DENSE)
    attention = 6 * m * float(count.attention) / tp / 0.8e15
    mlp = 6 * m * float(count.dense_mlp) / tp / 0.8e15
    expected = attention * 100 / (4096 / tp) + mlp * 100 / (14336 / tp)
    assert added("busy", DENSE, plan, work=FLASH_3, shape_half=100.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("precision", "ep", "etp", "tp"), [(3, 1, 1, 1), (3, 4, 1, 1), (FP8, 4, 1, 2), (NVFP4, 2, 1, 1), (3, 2, 2, 2)]
)
def test_grouped_products_reach_half_their_rate_at_some_tokens_an_expert(
    precision: int, ep: int, etp: int, tp: int
) -> None:
    """x rate / (1 + half / tokens of one expert); in 8 and 4 bits the half lies higher."""
    plan = ONE.with_(
        gpus=8, tp=tp, sp=int(tp > 1), dp=8 // tp, ep=ep, etp=etp, zero_stage=1, global_batch=32, precision=precision
    )
    rate = {3: 0.8e15, FP8: 1.5e15, NVFP4: 2.5e15}[precision]
    routed = 2 * 4096 / tp * 6
    each = routed * etp / (64 / ep)
    half = (
        200.0 * 0.3 * (1.5 if precision > 3 else 1.0)
    )  # Hopper's grouped products need three tenths of Blackwell's tokens
    products = 18 * 3 * 2 * routed * 3 * 2048 * 1408 / rate
    inefficiencies = {"expert_rate": 0.8, "expert_half": 200.0, "expert_half_low": 1.5}
    expected = products * ((1 + half / each) / 0.8 - 1)
    assert added("busy", MOE, plan, work=FLASH_3, **inefficiencies) == pytest.approx(expected, rel=1e-9)


def test_natural_routing_slows_the_experts_and_nothing_else() -> None:
    routed = 2 * 4096 * 6
    products = 18 * 3 * 2 * routed * 3 * 2048 * 1408 / 0.8e15
    natural = Work(balanced=0.0, fused_attention=2)
    # The slowest rank decides: half of the excess where one rank holds all experts, all of it at eight, a sixth a doubling more.
    assert added("busy", MOE, ONE, work=natural, natural_routing=1.25) == pytest.approx(0.125 * products, rel=1e-9)
    for ep, share in ((2, 4 / 6), (8, 1.0), (32, 8 / 6)):
        split = ONE.with_(gpus=32, dp=32, ep=ep, zero_stage=1, global_batch=128)
        found = added("busy", MOE, split, work=natural, natural_routing=1.25)
        assert found == pytest.approx(0.25 * share * products, rel=1e-9)
    assert added("busy", MOE, ONE, work=FLASH_3, natural_routing=1.25) == pytest.approx(0.0, abs=1e-12)


# --- fixed time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stack", "compiled", "work_done", "factor"),
    [
        (MEGATRON, 1, 1.0, 1.0), (MEGATRON, 0, 1.0, 2.5), (JAX, 1, 1.0, 0.9), (JAX, 0, 1.0, 0.9),
        (MEGATRON, 1, 0.0, 1.3), (FOUNDRY, None, 1.0, 2.5), (DEEPSPEED, None, 1.0, 2.5), (TITAN, None, 1.0, 1.0),
    ],
)  # fmt: skip
def test_gaps_between_kernels(stack: int, compiled: int | None, work_done: float, factor: float) -> None:
    """A fixed time a layer and micro-batch: longer in eager frameworks, with adapters, shorter in a whole-graph compiler."""
    plan = ONE.with_(stack=stack)
    work = Work(trained_share=work_done, fused_attention=2, compiled=compiled)
    inefficiencies = {"layer_fixed": 1e-3, "layer_eager": 2.5, "layer_xla": 0.9, "layer_lora": 1.3}
    assert added("busy", DENSE, plan, work=work, **inefficiencies) == pytest.approx(24e-3 * factor, rel=1e-6)


@pytest.mark.parametrize(
    ("stack", "year", "dispatch", "each"),
    [
        (MEGATRON, 2026.5, 1e-3, 0.25), (MEGATRON, 2025.42, 1e-3 + 2e-3 * math.exp(0.2), math.exp(0.2)),
        (TITAN, 2026.5, 3e-3, 1.0), (JAX, 2026.5, 3e-3 * 0.9, 0.9),
    ],
)  # fmt: skip
def test_fixed_time_of_expert_layers(stack: int, year: float, dispatch: float, each: float) -> None:
    """Dispatch and a time for each local expert; before mid-2026 also a synchronisation, growing with the stack's age."""
    plan = ONE.with_(gpus=4, dp=4, ep=4, zero_stage=1, global_batch=32, stack=stack, stack_year=year)
    inefficiencies = {
        "moe_fixed": 1e-3, "moe_sync": 2e-3, "moe_age": 0.2, "expert_fixed": 1e-4, "expert_fixed_new": 0.25, "layer_xla": 0.9
    }  # fmt: skip
    expected = 18 * (dispatch + 16 * 1e-4 * each)
    assert added("busy", MOE, plan, work=FLASH_3, **inefficiencies) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("stack", "compiled", "tp", "host"),
    [
        (MEGATRON, 1, 1, 0.5), (MEGATRON, 0, 1, 1.5), (MEGATRON, 0, 2, 1.7), (MEGATRON, 1, 2, 0.5), (JAX, 1, 1, 0.4),
        (JAX, 0, 2, 0.6),
    ],
)  # fmt: skip
@pytest.mark.parametrize("arch", ["dense", "moe"])
def test_host_time_is_felt_where_the_device_is_faster(
    arch: str, stack: int, compiled: int, tp: int, host: float
) -> None:
    """max(device, host) of a layer with a rounded corner: half a second of host work against milliseconds of device."""
    shape = ARCHITECTURES[arch]
    plan = ONE.with_(gpus=tp, tp=tp, sp=int(tp > 1), stack=stack)
    work = Work(fused_attention=2, compiled=compiled)
    inefficiencies = {"host_layer": 0.5, "host_eager": 3.0, "host_tp": 0.2, "layer_xla": 0.8}
    device = float(run(shape, plan, gpu=MACHINE, work=work).busy)
    logits = device - float(run(shape.with_(vocab=0), plan, gpu=MACHINE, work=work).busy)
    mean = (device - logits) / shape.layers
    # the corner: half of (x + sqrt(x^2 + (0.3 host)^2)), x what the host takes longer
    wait = 0.5 * ((host - mean) + math.hypot(host - mean, 0.3 * host))
    found = added("busy", shape, plan, work=work, **inefficiencies)
    assert found == pytest.approx(shape.layers * wait, rel=1e-3)


def test_a_slow_device_hides_the_host_nearly_whole() -> None:
    slow = MACHINE.with_(bf16_flops=1e12, bf16_matmul=1e12)
    device = float(run(DENSE, ONE, gpu=slow, work=FLASH_3).busy)
    assert added("busy", DENSE, ONE, gpu=slow, work=FLASH_3, host_layer=1e-3) < 1e-4 * device
    # Tensor parallel traffic hides it as well.
    plan = ONE.with_(gpus=8, tp=8, sp=1)
    crawling = MACHINE.with_(link_bytes_per_s=1e8)
    quick, hidden = (
        added("busy", DENSE, plan, gpu=gpu, work=FLASH_3, host_layer=0.05, tp_exposed=1.0)
        for gpu in (MACHINE, crawling)
    )
    assert hidden < 0.01 * quick


# --- output layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arch", "depths"), [(DENSE, 0), (DENSE.with_(mtp_layers=1), 1), (GPT, 0)])
@pytest.mark.parametrize(("tp", "work"), [(1, Work()), (4, Work()), (4, LORA)])
def test_output_layer_and_loss(arch: Architecture, depths: int, tp: int, work: Work) -> None:
    """Three passes of 2 T h V (two where frozen) at the 16-bit rate, and 30 bytes a logit; again for a prediction depth."""
    plan = ONE.with_(gpus=tp, tp=tp, sp=int(tp > 1), precision=FP8)
    tokens, width = 2 * 4096, arch.vocab / tp
    passes = 3 if work.trained_share else 2
    expected = (1 + depths) * (passes * 2 * tokens * arch.hidden * width / 0.8e15 + 30 * tokens * width / 4e12)
    whole = run(arch, plan, gpu=MACHINE, work=work)
    without = run(arch.with_(vocab=0), plan, gpu=MACHINE, work=work)
    assert float(whole.busy - without.busy) == pytest.approx(expected, rel=1e-9)


# --- the whole step ----------------------------------------------------------------------------------------------------


def test_stated_work_is_the_default() -> None:
    """Whole training with balanced routing over unpacked sequences is what is meant where nothing is said."""
    stated = Work(trained_share=1.0, gradient_share=1.0, attention_share=1.0, balanced=1.0, rowwise=0.0)
    inefficiencies: dict[str, Any] = {
        "natural_routing": 1.3,
        "rowwise_fp8": 0.5,
        "gradient_exposed": 0.4,
        "dp_bytes": 1.0,
    }
    plan = ONE.with_(gpus=8, dp=8, zero_stage=1, global_batch=16, precision=FP8)
    said, unsaid = (
        run(MOE, plan, ideal(**inefficiencies), gpu=MACHINE, work=work).total_s for work in (stated, Work())
    )
    assert float(said) == float(unsaid)


def test_packed_documents_attend_to_a_share() -> None:
    whole, half = (run(DENSE, ONE, work=Work(fused_attention=2, attention_share=share)).busy for share in (1.0, 0.5))
    assert float(whole - half) == pytest.approx(1.5 * attention_s(DENSE, ONE), rel=1e-9)


def test_inefficiencies_of_scale_age_tuning_and_stack() -> None:
    """step = [...] x scale x age / (effect, tuning) + fixed (docs/method.md 4.5)."""
    base = float(run(DENSE, ONE).total_s)

    def slower(plan: Parallel, arch: Architecture = DENSE, effects: Any = None, **inefficiencies: float) -> float:
        return float(run(arch, plan, ideal(effects, **inefficiencies)).total_s) / float(run(arch, plan).total_s)

    for gpus, doublings in ((1, 0), (8, 0), (16, 1), (1024, 7)):
        assert slower(ONE.with_(gpus=gpus), scale=0.01) == pytest.approx(1 + 0.01 * doublings, rel=1e-9)
    for year, age in ((2026.5, 0.0), (2025.5, 1.0), (2030.0, 0.0), (2016.5, 10.0), (2010.0, 10.0)):
        plan = ONE.with_(stack_year=year, stack=JAX)
        assert slower(plan, stack_age=0.01) == pytest.approx(math.exp(0.01 * age), rel=1e-9)
        assert slower(plan, stack_age=0.05) == pytest.approx(math.exp(min(0.05 * age, 0.25)), rel=1e-9)
        assert slower(plan, MOE, stack_age=0.05) == pytest.approx(1.0, rel=1e-9)
    assert slower(ONE.with_(tuned=0), tuned_default=0.8) == pytest.approx(1.25, rel=1e-9)
    assert slower(ONE.with_(tuned=1), tuned_default=0.8) == pytest.approx(1.0, rel=1e-9)
    effects = {"stack": {"torchtitan": -0.1}, "stack_moe": {"torchtitan": -0.2}}
    titan = ONE.with_(stack=TITAN)
    assert slower(titan, effects=effects) == pytest.approx(math.exp(0.1), rel=1e-9)
    assert slower(titan, MOE, effects=effects) == pytest.approx(math.exp(0.3), rel=1e-9)
    for gpus in (1, 64, 4096):
        fixed = run(DENSE, ONE.with_(gpus=gpus), ideal(step_fixed=0.02))
        assert float(fixed.data_s) == pytest.approx(0.02 * (gpus / 64) ** 0.15, rel=1e-12)
        assert float(fixed.total_s) == pytest.approx(base + float(fixed.data_s), rel=1e-12)


@pytest.mark.parametrize("name", STACKS)
def test_kernels_are_the_stated_ones_where_stated(name: str) -> None:
    plan = ONE.with_(stack=code(STACKS, name), stack_year=2024.0)
    for fused in (0, 1, 2):
        same = [
            run(DENSE, plan, gpu=MACHINE, work=Work(fused_attention=value)).busy for value in (fused, np.array(fused))
        ]
        assert float(same[0]) == float(same[1])


def test_perfect_machine_is_what_the_tests_take_it_for() -> None:
    assert PERFECT.bf16_matmul == PERFECT.bf16_flops
    assert LATENT_MOE.is_moe
