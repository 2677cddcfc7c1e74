"""Single terms of a step and the kernels below them, each against a calculation by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import OFFLOADS, Parallel, code
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels import attention, collectives, elementwise, launches, matrix
from mitsumori.model.training.terms import (
    compute,
    data,
    data_parallel,
    expert_parallel,
    experts,
    lost,
    optimizer,
    pipeline,
    recompute,
    tensor_parallel,
)
from mitsumori.model.training.terms.setting import Setting, setting
from tests.model.step_plans import DENSE, FLASH_3, FP8, FULL, MACHINE, MOE, NVFP4, ONE, SELECTIVE, ideal

TOKENS = 2 * 4096
MEMORY, LINK, NIC, RATE = 4e12, 400e9, 50e9, 0.8e15


def of(
    arch: Architecture = DENSE, plan: Parallel = ONE, *, gpu: Gpu = MACHINE, work: Work = FLASH_3, **inefficiencies: Any
) -> Setting:
    return setting(arch, gpu, plan, work, ideal(**inefficiencies))


# --- kernels -----------------------------------------------------------------------------------------------------------


def test_a_product_is_its_flops_over_the_rate_and_the_traffic_it_does_not_hide() -> None:
    """1000 tokens x (300 x 200) weights: reads 1000 x 300 and the weights, writes 1000 x 200 in 16 bits."""
    moved = matrix.moved_bytes(1000.0, 300.0, 200.0, 60000.0, 1.0)
    assert moved == 1.0 * (300_000 + 60_000) + 2 * 200_000
    flop = matrix.FLOP_PER_PARAMETER * 1000.0 * 60000.0
    assert matrix.product_s(flop, 1e12, moved, 0.5, 1e9) == pytest.approx(1.2e8 / 1e12 + 0.5 * 760_000 / 1e9)


def test_formats_say_what_a_precision_means() -> None:
    form = matrix.number_format(np.array([3, FP8, NVFP4]))
    assert form.low.tolist() == [0.0, 1.0, 1.0]
    assert form.fp4.tolist() == [0.0, 0.0, 1.0]
    assert form.per_tensor.tolist() == [0.0, 1.0, 0.0]
    assert form.input_bytes.tolist() == [2.0, 1.0, 0.6]


def test_score_products_of_a_causal_sequence() -> None:
    """4096 queries look at 2048 keys in the mean; 32 heads of 128 + 128 on 4 ranks, 2 FLOPs each."""
    assert attention.score_flop(32.0, 128.0, 128.0, 2048.0, 4096.0, 4.0) == 2 * 32 * 256 * 2048 * 4096 / 4


def test_unfused_attention_moves_every_score() -> None:
    """8 heads, 100 keys, 100 queries: twice the causal products, 16 bytes a score over 1 + 2.8 passes."""
    found = attention.unfused_s(1e6, 1e9, 8.0, 100.0, 100.0, 1e9, ideal(score_rate=0.5, softmax_passes=1.9))
    assert found == pytest.approx(2e6 / 0.5e9 + 80_000 * 16 * 1.9 / 3.8 / 1e9)


@pytest.mark.parametrize(("arch", "elements"), [(DENSE, 2 * 8 * 128 * 24), (MOE, 2 * 4 * 128 * 20)])
def test_the_cache_of_a_token_holds_its_keys_and_values(arch: Architecture, elements: int) -> None:
    assert float(attention.cache_bytes_per_token(arch)) == 2 * elements
    assert float(attention.cache_bytes_per_token(arch, 1.0)) == elements


def test_counted_bytes_of_elementwise_work() -> None:
    assert elementwise.layer_width_bytes(100.0, 4.0, 60.0, 2.0) == 20 * 100 / 4 + 4 * 60 / 2
    assert elementwise.elementwise_s(10.0, 620.0, 1e-9) == pytest.approx(2 * 10 * 620e-9)
    assert elementwise.cast_s_per_element(1.0, 1.5, 0.4, 1e9) == pytest.approx(4 * 1.5 * 0.4 / 1e9)
    assert elementwise.cast_s_per_element(0.0, 1.5, 0.4, 1e9) == 0.0
    assert elementwise.permutation_s(10.0, 100.0, 1.2, 1.5, 1e9) == pytest.approx(16 * 1000 * 1.8 / 1e9)
    assert elementwise.loss_s(10.0, 1000.0, 1e9) == pytest.approx(30 * 10_000 / 1e9)


def test_bytes_of_collectives() -> None:
    assert collectives.ring_bytes(8.0, 4.0, 100.0, 10.0) == 8 * 3 / 4 * 1000 * 2
    assert collectives.ring_bytes(8.0, 1.0, 100.0, 10.0) == 0.0
    # two ranks: the ring of keys and values; many: the all-to-all of all heads
    assert float(collectives.context_bytes(32.0, 8.0, 128.0, 2.0, 2.0, 100.0)) == 12 * 8 * 1 * 128 / 2 * 100
    assert float(collectives.context_bytes(32.0, 8.0, 128.0, 16.0, 2.0, 100.0)) == 16 * 40 * 128 / 2 * 100
    assert collectives.all_to_all_bytes(100.0, 10.0) == 4 * 100 * 10 * 2
    assert collectives.distinct_domains(4.0, 2.0) == pytest.approx(4 * (1 - 0.75**2))
    assert collectives.distinct_domains(1.0, 8.0) == 1.0


@pytest.mark.parametrize(
    ("members", "stride", "rate"), [(8.0, 1.0, LINK), (16.0, 1.0, LINK), (16.0, 4.0, 2 * NIC), (16.0, 8.0, NIC)]
)
def test_rate_of_a_group(members: float, stride: float, rate: float) -> None:
    assert float(collectives.group_rate(members, stride, 8.0, LINK, NIC)) == rate


def test_the_corner_between_two_that_overlap() -> None:
    assert launches.beyond(0.0, 2.0) == 1.0
    assert launches.beyond(3.0, 4.0) == 4.0
    assert launches.beyond(-3.0, 4.0) == 1.0
    assert launches.with_host_s(5.0, 0.0, 0.0) == 5.0
    assert launches.with_host_s(1.0, 10.0, 2.0) == pytest.approx(1 + 0.5 * (7 + math.hypot(7, 3)))


# --- terms -------------------------------------------------------------------------------------------------------------


def test_products_of_a_layer() -> None:
    """2 FLOPs a parameter and token at the measured rate; inputs, weights and outputs of 2 bytes; 8 bytes of gradient."""
    s = of(plan=ONE.with_(tuned=0), hbm_exposed=0.5, gradient_exposed=0.25)
    weights = 4096 * 4096 * 2 + 4096 * 1024 * 2
    moved = 2 * (TOKENS * (4096 + 4096) + weights) + 2 * TOKENS * (4096 + 4096 + 2048)
    found = compute.attention_products(s)
    assert float(found.pass_s) == pytest.approx(2 * TOKENS * weights / RATE + 0.5 * moved / MEMORY)
    assert float(found.gradient_s) == pytest.approx(0.25 * 8 * weights / MEMORY)
    weights = 3 * 4096 * 14336
    moved = 2 * (TOKENS * (4096 + 14336) + weights) + 2 * TOKENS * (4096 + 2 * 14336)
    assert float(compute.mlp_products(s).pass_s) == pytest.approx(2 * TOKENS * weights / RATE + 0.5 * moved / MEMORY)


def test_scores_of_a_layer() -> None:
    found = compute.attention_scores(of(attention_rate=0.5, attention_half=4096.0, attention_backward=2.5))
    flop = 2 * 32 * 256 * 2048 * TOKENS
    assert float(found.forward_s) == pytest.approx(flop / (0.5e15 * 0.5))
    assert float(found.backward_s) == pytest.approx(2.5 * flop / (0.5e15 * 0.5))


def test_element_wise_work_and_output_layer() -> None:
    s = of(elementwise=0.8)
    width = 20 * 4096 + 4 * (32 + 8) * 128 + 4 * 2 * 14336
    assert float(compute.layer_elementwise_s(s, 14336.0)) == pytest.approx(2 * TOKENS * 0.8 * width / MEMORY)
    logits = TOKENS * 128256
    assert float(compute.output_layer_s(s)) == pytest.approx(3 * 2 * logits * 4096 / RATE + 30 * logits / MEMORY)


def test_a_dense_layer_is_the_sum_of_its_parts() -> None:
    s = of(hbm_exposed=0.5, gradient_exposed=0.5, elementwise=1.0, layer_fixed=1e-4)
    layer = compute.dense_layer(s, 0.0)
    parts = [3 * layer.attention.pass_s, 3 * layer.mlp.pass_s, layer.attention.gradient_s, layer.mlp.gradient_s]
    parts += [layer.scores.forward_s, layer.scores.backward_s, layer.elementwise_s, layer.gaps_s]
    assert float(layer.gaps_s) == 1e-4
    assert float(layer.busy_s) == pytest.approx(sum(float(x) for x in parts), rel=1e-12)


MOE_PLAN = ONE.with_(gpus=16, dp=16, ep=16, zero_stage=1, global_batch=64)


def test_experts_of_a_rank() -> None:
    s = of(MOE, MOE_PLAN, expert_half=500.0, permute=1.2, moe_fixed=1e-3, expert_fixed=1e-4, natural_routing=1.5)
    routed = experts.routed_tokens(s)
    assert (float(routed.tokens), float(routed.local)) == (TOKENS * 6, 4.0)
    one = 3 * 2048 * 1408
    slow = 1 + 0.3 * 500.0 / (TOKENS * 6 / 4)
    assert float(experts.expert_products(s, routed).pass_s) == pytest.approx(2 * TOKENS * 6 * one / RATE * slow)
    natural = of(MOE, MOE_PLAN, work=Work(balanced=0.0), natural_routing=1.5)
    assert float(experts.expert_products(natural, routed).pass_s) == pytest.approx(
        (1 + 0.5 * 7 / 6) * 2 * TOKENS * 6 * one / RATE
    )
    shared = 3 * 2048 * 2816
    assert float(experts.shared_products(s).pass_s) == pytest.approx(2 * TOKENS * shared / RATE)
    assert float(experts.permutation_s(s, routed)) == pytest.approx(16 * TOKENS * 6 * 2048 * 1.2 / MEMORY)
    assert float(experts.fixed_s(s, routed)) == pytest.approx(1e-3 + 4 * 1e-4)
    assert float(experts.biased_activation_s(s, routed)) == 0.0


def test_recomputation_repeats_a_pass() -> None:
    full = of(plan=ONE.with_(recompute=FULL), elementwise=1.0, layer_fixed=3e-4, recompute_full=0.9)
    layer = compute.dense_layer(full, 0.0)
    one = 0.9 * (layer.attention.pass_s + layer.mlp.pass_s + 1e-4 + layer.elementwise_s / 3) + layer.scores.forward_s
    assert float(recompute.dense_s(full, layer)) == pytest.approx(24 * float(one))
    for plan in (ONE, ONE.with_(recompute=SELECTIVE)):
        assert float(recompute.dense_s(of(plan=plan), layer)) == 0.0


@pytest.mark.parametrize(("domain", "seconds"), [(8, 0.5 / LINK), (2, 1 / (2 * NIC))])
def test_tensor_parallel_traffic_of_a_layer(domain: int, seconds: float) -> None:
    """Eight collectives of T h elements of 2 bytes, three quarters of which a rank sends; 2 doublings of latency."""
    plan = ONE.with_(gpus=4, tp=4, sp=1)
    s = of(plan=plan, gpu=MACHINE.with_(domain=domain), tp_exposed=0.5, tp_latency=1e-5)
    sent = 8 * 0.75 * TOKENS * 4096 * 2
    assert float(tensor_parallel.layer_s(s)) == pytest.approx(sent * seconds + 8 * 1e-5 * 2)
    assert float(tensor_parallel.layer_s(of(tp_exposed=0.5, tp_latency=1e-5))) == 0.0


def test_context_parallel_traffic() -> None:
    s = of(plan=ONE.with_(gpus=2, cp=2), cp_exposed=0.3)
    assert float(tensor_parallel.context_s(s)) == pytest.approx(24 * 0.3 * 12 * 8 * 128 * (TOKENS / 2) / LINK)
    assert float(tensor_parallel.context_s(of(cp_exposed=0.3))) == 0.0


def test_all_to_all_of_an_expert_layer() -> None:
    """16 ranks over two domains of 8: a token goes to half of the two domains that six draws reach."""
    s = of(MOE, MOE_PLAN, ep_link=0.3, ep_nic=0.9, ep_age=0.2)
    whole = 4 * TOKENS * 2048 * 2
    assert float(expert_parallel.inside_s(s, TOKENS * 6.0)) == pytest.approx(0.3 * whole * 6 * 15 / 16 / LINK)
    reached = 0.5 * 2 * (1 - 0.5**6)
    found = float(expert_parallel.across_s(s, 2.0, 6.0, 1.0))
    assert found == pytest.approx(whole * reached / NIC * 0.9 * math.exp(0.2))
    dense = compute.dense_layer(s, 0.0)
    layer = experts.expert_layer(s, dense, 0.0)
    across = whole * reached / NIC * 0.9
    expected = 18 * (0.3 * whole * 6 * 15 / 16 / LINK + 0.5 * across * (1 + math.hypot(1, 0.2)))
    assert float(expert_parallel.exposed_s(s, layer, dense.scores)) == pytest.approx(expected)


def test_pipeline_terms() -> None:
    """26 layers on 4 stages of 2 chunks: 4 chunks' worth of layers, 8 x 4 = 32 over 26."""
    s = of(DENSE.with_(layers=26), ONE.with_(gpus=16, pp=4, vp=2, dp=4), bubble=0.9, pp_exposed=0.25, imbalance=0.5)
    assert float(pipeline.bubble_share(s, 8.0)) == pytest.approx(0.9 * 3 / (8 * 2))
    hop = 4 * 2 * TOKENS * 4096 / NIC
    assert float(pipeline.traffic_s(s)) == pytest.approx(0.25 * hop)
    mean = (40.0 + 1.0) / 4 + 2.0
    slowest = max(10.0 * 32 / 26, 10.0 + 1.0) + 2.0
    assert float(pipeline.slowest_stage_s(s, 40.0, 1.0, 2.0)) == pytest.approx(mean + 0.5 * (slowest - mean))
    assert float(pipeline.slowest_stage_s(of(imbalance=0.5), 40.0, 1.0, 0.0)) == 41.0


def test_data_parallel_terms() -> None:
    parameters = float(parameter_count(DENSE).total)
    plan = ONE.with_(gpus=16, dp=16, zero_stage=1, global_batch=64)
    s = of(plan=plan, dp_bytes=1.1, dp_hidden=0.5, fsdp_contention=0.3, fsdp_hidden=0.9)
    own = data_parallel.shards(s)
    unit = data_parallel.s_per_byte(s, own)
    assert float(unit) == pytest.approx(parameters / LINK)
    sync = 1.1 * 4 * parameters / LINK
    left = sync - 0.5 * 0.01
    corner = 0.5 * (left + math.hypot(left, 0.3 * sync))
    assert float(data_parallel.gradients_s(s, own, unit, 0.01, 2.0)) == pytest.approx(0.5 * (left + corner))
    assert data_parallel.gathering_s(s, own, unit, 0.01, 2.0) == 0.0
    sharded = of(plan=plan.with_(zero_stage=3), dp_bytes=1.1, fsdp_contention=0.3, fsdp_hidden=0.9)
    own = data_parallel.shards(sharded)
    assert float(data_parallel.gradients_s(sharded, own, unit, 0.01, 2.0)) == 0.0
    gather = 6 * parameters / LINK
    expected = 2 * (0.3 * gather + max(gather - 0.9 * 0.01, 0.0))
    assert float(data_parallel.gathering_s(sharded, own, unit, 0.01, 2.0)) == pytest.approx(expected)


def test_update_of_a_shard() -> None:
    parameters = float(parameter_count(DENSE).total)
    for zero, share in ((0, 1.0), (1, 1 / 16)):
        s = of(plan=ONE.with_(gpus=16, dp=16, zero_stage=zero, global_batch=64), optimizer=0.9)
        expected = 0.9 * 30 * parameters * share / MEMORY
        assert float(optimizer.update_s(s, data_parallel.shards(s))) == pytest.approx(expected)
    away = of(plan=ONE.with_(offload=code(OFFLOADS, "optimizer")), optimizer=0.9)
    expected = parameters * (6 / 48e9 + 0.24e-9 * 8)
    assert float(optimizer.update_s(away, data_parallel.shards(away))) == pytest.approx(expected)


def test_what_the_whole_step_loses() -> None:
    s = of(plan=ONE.with_(gpus=64, stack_year=2024.5, tuned=0), scale=0.01, stack_age=0.05, tuned_default=0.8)
    assert float(lost.scale_factor(s)) == pytest.approx(1.03)
    assert float(lost.age_factor(s)) == pytest.approx(math.exp(0.1))
    assert float(lost.lost_factor(s)) == pytest.approx(1.03 * math.exp(0.1) / 0.8)
    assert float(data.fixed_s(of(plan=ONE.with_(gpus=128), step_fixed=0.02))) == pytest.approx(0.02 * 2**0.15)


def test_each_term_has_its_own_small_grid() -> None:
    """Tensor, pipeline and data parallel size on an axis each: a term spans the axes it depends on and no others."""
    tp, pp, dp = np.ix_(np.array([1, 2, 4]), np.array([1, 2]), np.array([1, 2, 4, 8]))
    s = of(
        plan=ONE.with_(gpus=64, tp=tp, sp=(tp > 1) * 1, pp=pp, dp=dp, global_batch=64), tp_exposed=0.5, optimizer=1.0
    )
    layer = tensor_parallel.layer_s(s)
    assert np.shape(layer) == (3, 1, 1)
    assert np.shape(compute.dense_layer(s, layer).busy_s) == (3, 1, 1)
    assert np.shape(compute.attention_scores(s).forward_s) == (3, 1, 1)
    assert np.shape(pipeline.traffic_s(s)) == (3, 2, 1)
    own = data_parallel.shards(s)
    assert np.shape(own.dense) == (3, 2, 1)
    assert np.shape(data_parallel.s_per_byte(s, own)) == (3, 2, 4)
    assert np.shape(lost.lost_factor(s)) == ()
