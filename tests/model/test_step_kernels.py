"""Attention, element-wise work, casts and permutation of a step, against calculations by hand (docs/method.md 4.1, 4.2)."""

from __future__ import annotations

import math

import pytest

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture
from tests.model.step_plans import (
    ARCHITECTURES,
    DENSE,
    FLASH_3,
    FP8,
    FULL,
    JAX,
    MACHINE,
    MEGATRON,
    MOE,
    MXFP8,
    NVFP4,
    ONE,
    SELECTIVE,
    TITAN,
    WINDOWED,
    added,
    attention_s,
    both,
    ideal,
    run,
)

# --- attention ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["one", "tp", "cp", "pp"])
@pytest.mark.parametrize("arch", ["dense", "mla", "window"])
def test_attention_rate_and_backward_pass(arch: str, layout: str) -> None:
    """Forward at a share of the data sheet (not of the matrix product's rate), backward some times that."""
    shape, plan = both(arch, layout)
    forward = attention_s(shape, plan)
    found = added("busy", shape, plan, work=FLASH_3, attention_rate=0.5, attention_backward=2.5)
    assert found == pytest.approx(forward * (2.0 * 3.5 - 3.0), rel=1e-9)


@pytest.mark.parametrize(("arch", "attended"), [(DENSE, 4096), (WINDOWED, 2 * (0.25 * 2048 + 0.75 * (1024 - 128)))])
def test_short_sequences_fill_the_attention_kernel_less(arch: Architecture, attended: float) -> None:
    """s / (s + half), s the keys a query sees at the end: the sequence, or with windows what they leave of it."""
    forward = attention_s(arch, ONE)
    found = added("busy", arch, ONE, work=FLASH_3, attention_half=500.0)
    assert found == pytest.approx(3 * forward * 500.0 / attended, rel=1e-9)


@pytest.mark.parametrize(("head_dim", "size"), [(32, 32), (64, 64), (128, 128), (256, 128)])
def test_small_heads_fill_it_less(head_dim: int, size: int) -> None:
    arch = DENSE.with_(head_dim=head_dim)
    forward = attention_s(arch, ONE)
    found = added("busy", arch, ONE, work=FLASH_3, attention_head=0.5)
    assert found == pytest.approx(3 * forward * (math.sqrt(128 / size) - 1), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("family", "fused", "factor"),
    [("hopper", 1, 0.5), ("blackwell", 1, 0.5), ("hopper", 2, 1.0), ("ampere", 1, 1.0), ("cdna3", 1, 1.0), ("tpu", 1, 1.0),
     ("rubin", 1, 0.5), ("blackwell_ultra", 1, 0.5), ("ada", 1, 1.0)],
)  # fmt: skip
def test_second_generation_kernels_are_slower_on_hopper_and_later(family: str, fused: int, factor: float) -> None:
    """FlashAttention-2 was written for Ampere (arXiv 2307.08691); it reaches a part of Hopper's rate (2407.08608)."""
    from mitsumori.model.catalogue.accelerators import FAMILIES

    gpu = MACHINE.with_(family=FAMILIES.index(family))
    found = added("busy", DENSE, ONE, gpu=gpu, work=Work(fused_attention=fused), attention_v2=0.5)
    reach = {"blackwell": 0.89, "blackwell_ultra": 1.14, "rubin": 1.14}.get(family, 1.0)  # measured forward kernels
    assert found == pytest.approx(3 * attention_s(DENSE, ONE) / reach * (1 / factor - 1), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("year", "age"), [(2026.5, 0.0), (2025.5, 1.0), (2024.5, 2.0), (2027.5, 0.0)])
def test_newer_kernels_have_an_age_and_no_future(year: float, age: float) -> None:
    plan = ONE.with_(stack_year=year)
    found = added("busy", DENSE, plan, work=FLASH_3, attention_age=0.1)
    assert found == pytest.approx(3 * attention_s(DENSE, plan) * (math.exp(0.1 * age) - 1), rel=1e-9, abs=1e-12)
    ampere = MACHINE.with_(family=1)
    assert added("busy", DENSE, plan, gpu=ampere, work=FLASH_3, attention_age=0.1) == pytest.approx(0.0, abs=1e-12)


def test_family_effect_of_attention() -> None:
    slow = run(DENSE, ONE, ideal({"family_attention": {"hopper": -math.log(2)}}), work=FLASH_3)
    assert float(slow.busy - run(DENSE, ONE, work=FLASH_3).busy) == pytest.approx(3 * attention_s(DENSE, ONE), rel=1e-9)


@pytest.mark.parametrize("layout", ["one", "tp", "cp"])
def test_unfused_attention_computes_the_whole_square_and_moves_the_scores(layout: str) -> None:
    """Twice the causal products at the matrix rate, and 16 bytes a score and pass through memory; backward twice forward.

    A pass of the constant is counted over forward and backward together (1 + 2.8 of a forward pass).
    """
    _, plan = both("dense", layout)
    fused, loose = Work(fused_attention=2), Work(fused_attention=0)
    forward = attention_s(DENSE, plan)
    matmul = forward * 1e15 / 0.8e15
    gain = float(run(DENSE, plan, gpu=MACHINE, work=loose).busy - run(DENSE, plan, gpu=MACHINE, work=fused).busy)
    assert gain == pytest.approx(3 * (2 * matmul - forward), rel=1e-9)
    halved = added("busy", DENSE, plan, work=loose, score_rate=0.5)
    assert halved == pytest.approx(3 * 2 * matmul, rel=1e-9)
    tokens = plan.micro_batch * plan.seq_len / plan.cp
    scores = DENSE.heads / plan.tp * plan.seq_len * tokens * DENSE.layers
    moved = added("busy", DENSE, plan, work=loose, softmax_passes=2.0)
    assert moved == pytest.approx(3 * 16 * scores * 2.0 / 3.8 / 4e12, rel=1e-9)


# --- element-wise work, casts, permutation -----------------------------------------------------------------------------


def elementwise_bytes(arch: Architecture, plan: Parallel, width: float) -> float:
    """Norms, residuals, rotary embedding and activation of one token and layer, 16 bits, read or written: twenty vectors
    of h, four of each head and of each gate."""
    shards = plan.tp if plan.sp else 1
    heads = (arch.heads + arch.kv_heads) * arch.head_dim
    return 2 * (20 * arch.hidden / shards + 4 * heads / plan.tp + 4 * (1 + arch.gated_mlp) * width / plan.tp)


@pytest.mark.parametrize("layout", ["one", "tp", "tp-no-sp", "cp", "pp"])
@pytest.mark.parametrize("arch", ["dense", "gpt", "moe"])
@pytest.mark.parametrize(("compiled", "factor"), [(1, 1.0), (0, 1.5)])
def test_elementwise_traffic(arch: str, layout: str, compiled: int, factor: float) -> None:
    shape, plan = both(arch, layout)
    tokens = plan.micro_batch * plan.seq_len / plan.cp
    moe = float(shape.moe_layers)
    dense = shape.layers - moe
    bytes_moved = dense * elementwise_bytes(shape, plan, shape.ffn)
    bytes_moved += moe * elementwise_bytes(shape, plan, shape.moe_shared_ffn + shape.moe_topk * shape.moe_ffn)
    work = Work(fused_attention=2, compiled=compiled)
    found = added("busy", shape, plan, work=work, elementwise=0.8, elementwise_eager=1.5)
    assert found == pytest.approx(0.8 * factor * tokens * bytes_moved / plan.pp / 4e12, rel=1e-9)


@pytest.mark.parametrize(
    ("precision", "stack", "passes"),
    [(3, MEGATRON, 0.0), (FP8, MEGATRON, 1.2), (MXFP8, MEGATRON, 1.5), (NVFP4, MEGATRON, 2.6), (FP8, JAX, 0.48)],
)
@pytest.mark.parametrize("arch", ["dense", "moe"])
def test_narrow_recipes_cast_the_inputs_of_linear_layers(arch: str, precision: int, stack: int, passes: float) -> None:
    """Four bytes a pass and input; block scales and 4 bits need further passes, XLA fuses most of it."""
    shape = ARCHITECTURES[arch]
    plan = ONE.with_(gpus=2, tp=2, sp=1, precision=precision, stack=stack)
    tokens = 2 * 4096
    attention = shape.hidden + shape.heads * shape.head_dim / 2
    dense = attention + shape.hidden + shape.ffn / 2
    experts = attention + shape.moe_topk / 2 * (shape.hidden + shape.moe_ffn) + shape.moe_shared_ffn / 2
    inputs = float(shape.dense_layers) * dense + float(shape.moe_layers) * experts
    inefficiencies = {"cast": 1.2, "cast_mx": 0.3, "cast_fp4": 1.4, "cast_xla": 0.4}
    found = added("busy", shape, plan, work=FLASH_3, **inefficiencies)
    assert found == pytest.approx(4 * passes * tokens * inputs / 4e12, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("stack", "year", "old"),
    [(MEGATRON, 2026.42, False), (MEGATRON, 2026.41, True), (TITAN, 2026.5, True), (JAX, 2026.5, True)],
)
def test_token_permutation_and_biased_experts_by_release(stack: int, year: float, old: bool) -> None:
    """16 bytes a routed token and hidden unit; a biased activation's accesses of 2 bytes over the experts' width."""
    plan = ONE.with_(gpus=2, tp=2, sp=1, stack=stack, stack_year=year)
    routed = 2 * 4096 / 2 * 6
    found = added("busy", MOE, plan, work=FLASH_3, permute=1.2, permute_old=1.5)
    assert found == pytest.approx(18 * 16 * 1.2 * (1.5 if old else 1.0) * routed * 2048 / 4e12, rel=1e-9)
    biased = added("busy", MOE.with_(linear_bias=1), plan, work=FLASH_3, biased_expert=100.0, biased_expert_new=0.3)
    assert biased == pytest.approx(18 * 2 * 100 * (1.0 if old else 0.3) * routed * 1408 / 4e12, rel=1e-9)
    for arch in (MOE, DENSE.with_(linear_bias=1)):
        assert added("busy", arch, plan, work=FLASH_3, biased_expert=100.0) == pytest.approx(0.0, abs=1e-12)


def test_selective_recomputation_repeats_the_expert_activation() -> None:
    """Megatron's moe_act: a third of the activation's passes; torchtitan and stored scores do not have it."""
    plan = ONE.with_(recompute=SELECTIVE)
    routed = 2 * 4096 * 6
    expected = 18 * 8 * routed * 0.8 * 2 * 1408 / 4e12 / 3
    assert added("repeat", MOE, plan, work=FLASH_3, elementwise=0.8) == pytest.approx(expected, rel=1e-9)
    biased = added("repeat", MOE.with_(linear_bias=1), plan, work=FLASH_3, biased_expert=90.0)
    assert biased == pytest.approx(18 * 2 * 90 * routed * 1408 / 4e12 / 3, rel=1e-9)
    for other, work in ((plan.with_(stack=TITAN), FLASH_3), (plan, Work(fused_attention=0)), (ONE, FLASH_3)):
        assert added("repeat", MOE, other, work=work, elementwise=0.8) == pytest.approx(0.0, abs=1e-12) or (
            other.stack == TITAN
        )


def test_full_recomputation_repeats_a_third_of_the_other_work() -> None:
    """Element-wise work, permutation and gaps have three passes, of which one is repeated."""
    plan = ONE.with_(recompute=FULL, stack=MEGATRON, stack_year=2026.5)
    for inefficiencies in ({"elementwise": 1.0}, {"permute": 1.0}, {"layer_fixed": 1e-3}, {"moe_fixed": 1e-3}):
        once = added("busy", MOE, plan, work=FLASH_3, **inefficiencies)
        again = added("repeat", MOE, plan, work=FLASH_3, **inefficiencies)
        assert again == pytest.approx(once / 3, rel=1e-9), inefficiencies
    biased = MOE.with_(linear_bias=1)
    once = added("busy", biased, plan, work=FLASH_3, biased_expert=100.0)
    assert added("repeat", biased, plan, work=FLASH_3, biased_expert=100.0) == pytest.approx(once / 3, rel=1e-9)
