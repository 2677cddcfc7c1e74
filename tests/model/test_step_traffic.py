"""Communication, pipeline, data parallelism and optimizer of a step, a loss at a time (docs/method.md 4.3 to 4.6)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import OFFLOADS, Parallel, code
from mitsumori.model.architecture.stacks import LORA, Work
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.training.offload import activations_s, optimizer_s
from tests.model.step_plans import (
    DEEPSPEED,
    DENSE,
    FP8,
    JAX,
    LATENT_MOE,
    MACHINE,
    MEGATRON,
    MOE,
    MXFP8,
    ONE,
    TITAN,
    added,
    ideal,
    run,
)

FULL = 2
FLASH_3 = Work(fused_attention=2)
LINK, NIC, MEMORY = 400e9, 50e9, 4e12
TP4 = ONE.with_(gpus=4, tp=4, sp=1)


def soft(x: float, width: float) -> float:
    """max(x, 0) with a corner rounded over ``width``: the mean of x and the hypotenuse."""
    return 0.5 * (x + math.hypot(x, width))


# --- tensor parallel ---------------------------------------------------------------------------------------------------


def tensor_bytes(arch: Architecture, plan: Parallel, rounds: float) -> float:
    """A layer's all-gathers and reduce-scatters (arXiv 2205.05198): 2 of each in either pass of T h elements of 2 bytes,
    of which a ring moves (t - 1) / t; a repeated forward pass is a further round."""
    tokens = plan.micro_batch * plan.seq_len / plan.cp
    return 4 * rounds * (plan.tp - 1) / plan.tp * tokens * arch.hidden * 2


@pytest.mark.parametrize("tp", [1, 2, 4, 8])
@pytest.mark.parametrize(("overlap", "name"), [(0, "tp_vanilla"), (1, "tp_exposed"), (2, "tp_async")])
@pytest.mark.parametrize(("recompute", "rounds"), [(0, 2.0), (FULL, 2.9)])
def test_ring_traffic_of_tensor_parallelism(tp: int, overlap: int, name: str, recompute: int, rounds: float) -> None:
    plan = ONE.with_(gpus=tp, tp=tp, sp=int(tp > 1), recompute=recompute)
    work = Work(fused_attention=2, overlap=overlap)
    inefficiencies = {"tp_vanilla": 0.0, "tp_exposed": 0.0, "tp_async": 0.0, name: 0.5}
    c = ideal(recompute_full=0.9, link_rate=0.8, **inefficiencies)
    expected = 24 * 0.5 * tensor_bytes(DENSE, plan, rounds) / (0.8 * LINK)
    assert float(run(DENSE, plan, c, gpu=MACHINE, work=work).tp_s) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("stack", "precision", "factor"),
    [(MEGATRON, 3, 1.0), (MEGATRON, FP8, 0.7), (MEGATRON, MXFP8, 1.0), (TITAN, FP8, 1.0)],
)
def test_per_tensor_scales_let_megatron_gather_in_eight_bits(stack: int, precision: int, factor: float) -> None:
    plan = TP4.with_(stack=stack, precision=precision)
    work = Work(fused_attention=2, overlap=0)
    found = added("tp_s", DENSE, plan, work=work, tp_vanilla=1.0, tp_low=0.7)
    assert found == pytest.approx(24 * factor * tensor_bytes(DENSE, plan, 2) / LINK, rel=1e-9)


@pytest.mark.parametrize(("tp", "doublings"), [(1, 0), (2, 1), (8, 3)])
def test_each_collective_has_a_latency_for_every_doubling(tp: int, doublings: int) -> None:
    plan = ONE.with_(gpus=tp, tp=tp, sp=int(tp > 1))
    found = added("tp_s", DENSE, plan, work=FLASH_3, tp_latency=10e-6)
    assert found == pytest.approx(24 * 8 * 10e-6 * doublings, rel=1e-9, abs=1e-15)


def test_expert_layers_have_less_tensor_parallel_traffic() -> None:
    found = added("tp_s", MOE, TP4, work=Work(fused_attention=2, overlap=0), tp_vanilla=1.0, tp_moe=0.6)
    assert found == pytest.approx((2 + 0.6 * 18) * tensor_bytes(MOE, TP4, 2) / LINK, rel=1e-9)


@pytest.mark.parametrize(("tp", "domain", "crosses"), [(8, 8, False), (16, 8, True), (16, 16, False), (8, 4, True)])
def test_a_group_wider_than_its_domain_uses_the_network_unhidden(tp: int, domain: int, crosses: bool) -> None:
    plan = ONE.with_(gpus=tp, tp=tp, sp=1)
    """Every adapter of a server carries a ring of its own."""
    gpu = MACHINE.with_(domain=domain)
    c = ideal(tp_exposed=0.5, nic_rate=0.5)
    expected = tensor_bytes(DENSE, plan, 2) * 24 * (1 / min(LINK, 0.5 * NIC * domain) if crosses else 0.5 / LINK)
    work = Work(fused_attention=2, overlap=1)
    assert float(run(DENSE, plan, c, gpu=gpu, work=work).tp_s) == pytest.approx(expected, rel=1e-9)


# --- context parallel --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cp", "tp"), [(1, 1), (2, 1), (4, 2), (8, 1), (8, 2), (16, 1)])
def test_context_parallelism_exchanges_keys_and_values_or_heads(cp: int, tp: int) -> None:
    """The smaller of a ring of keys and values (12 bytes a head unit and further rank) and an all-to-all of all heads."""
    plan = ONE.with_(gpus=cp * tp, tp=tp, sp=int(tp > 1), cp=cp, seq_len=65536)
    tokens = 2 * 65536 / cp
    elements = min(12 * 8 * (cp - 1), 16 * (32 + 8)) * 128 / tp
    rate = LINK if tp * cp <= 8 else NIC
    found = added("cp_s", DENSE, plan, work=FLASH_3, cp_exposed=0.3)
    assert found == pytest.approx(24 * 0.3 * elements * tokens / rate, rel=1e-9, abs=1e-15)


# --- expert parallel ---------------------------------------------------------------------------------------------------


def routed_bytes(arch: Architecture, plan: Parallel) -> float:
    """Two all-to-alls in either pass of the routed tokens of a rank, 2 bytes an element, all but those that stay."""
    tokens = plan.micro_batch * plan.seq_len / plan.cp / plan.tp
    return 4 * tokens * arch.moe_topk * arch.hidden * 2 * (1 - 1 / plan.ep)


@pytest.mark.parametrize(("ep", "tp"), [(1, 1), (2, 1), (8, 1), (4, 2)])
def test_all_to_all_inside_a_domain(ep: int, tp: int) -> None:
    plan = ONE.with_(gpus=8, tp=tp, sp=int(tp > 1), dp=8 // tp, ep=ep, zero_stage=1, global_batch=32)
    found = added("ep_s", MOE, plan, work=FLASH_3, ep_link=0.3)
    assert found == pytest.approx(18 * 0.3 * routed_bytes(MOE, plan) / LINK, rel=1e-9, abs=1e-15)
    again = added("ep_s", MOE, plan.with_(recompute=FULL), work=FLASH_3, ep_link=0.3)
    assert again == pytest.approx(1.5 * found, rel=1e-9)  # a repeated forward pass repeats its half
    assert added("ep_s", DENSE, plan.with_(ep=1), work=FLASH_3, ep_link=0.3) == 0.0


def distinct(domains: float, topk: int) -> float:
    """Expected number of distinct domains among top-k uniform draws."""
    return domains * (1 - (1 - 1 / domains) ** topk)


@pytest.mark.parametrize(
    ("ep", "etp", "domain"), [(8, 1, 8), (16, 1, 8), (32, 1, 8), (8, 2, 8), (32, 1, 72), (64, 1, 8)]
)
def test_all_to_all_across_domains_sends_a_token_once_to_each(ep: int, etp: int, domain: int) -> None:
    """A token goes once to every distinct other domain of its experts; none where one domain holds the group."""
    plan = ONE.with_(gpus=64, dp=64, ep=ep, etp=etp, zero_stage=1, global_batch=128)
    gpu = MACHINE.with_(domain=domain)
    domains = math.ceil(ep * etp / domain)
    tokens = 2 * 4096
    expected = 4 * tokens * 2048 * 2 * distinct(domains, 6) * (1 - 1 / domains) / NIC
    found = added("ep_s", MOE, plan, gpu=gpu, work=FLASH_3, ep_nic=0.9)
    # With nothing to hide behind, the rounded corner stays: (1 + sqrt(1 + 0.2^2)) / 2 of it.
    corner = 0.5 * (1 + math.hypot(1, 0.2))
    assert found == pytest.approx(18 * 0.9 * expected * corner, rel=1e-9, abs=1e-15)


def test_node_limited_routing_reaches_four_domains_at_most() -> None:
    """DeepSeek-V3 (arXiv 2412.19437 section 3.2): each token goes to at most four nodes."""
    plan = ONE.with_(gpus=64, dp=64, ep=32, zero_stage=1, global_batch=128)
    many = LATENT_MOE.with_(moe_topk=16)
    across = [
        added("ep_s", arch, plan, gpu=MACHINE.with_(domain=2), work=FLASH_3, ep_nic=1.0)
        for arch in (many, many.with_(moe_topk=8))
    ]
    assert across[0] == pytest.approx(across[1], rel=1e-9)
    few = added("ep_s", many.with_(moe_topk=2), plan, gpu=MACHINE.with_(domain=2), work=FLASH_3, ep_nic=1.0)
    assert few == pytest.approx(across[0] * distinct(16, 2) / 4, rel=1e-9)


@pytest.mark.parametrize(("year", "age"), [(2026.42, 0.0), (2025.42, 1.0), (2026.9, 0.0)])
def test_old_dispatchers_are_slower_across_domains(year: float, age: float) -> None:
    plan = ONE.with_(gpus=16, dp=16, ep=16, zero_stage=1, global_batch=64, stack_year=year)
    new = added("ep_s", MOE, plan, work=FLASH_3, ep_nic=1.0)
    assert added("ep_s", MOE, plan, work=FLASH_3, ep_nic=1.0, ep_age=0.3) == pytest.approx(new * math.exp(0.3 * age))


def test_expert_and_attention_work_hides_the_all_to_all() -> None:
    plan = ONE.with_(gpus=16, dp=16, ep=16, zero_stage=1, global_batch=64)
    open_ = added("ep_s", MOE, plan, work=FLASH_3, ep_nic=1.0) / (0.5 * (1 + math.hypot(1, 0.2)))
    tokens = 2 * 4096
    experts = 6 * tokens * 6 * 3 * 2048 * 1408 / 0.8e15
    attention = 3 * tokens * 2 * 16 * 256 * 2048 / 1e15
    expected = 18 * soft(open_ / 18 - 0.5 * (experts + attention), 0.2 * open_ / 18)
    assert added("ep_s", MOE, plan, work=FLASH_3, ep_nic=1.0, ep_hidden=0.5) == pytest.approx(expected, rel=1e-9)


# --- pipeline ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pp", "vp", "dp", "batch"), [(1, 1, 1, 8), (4, 1, 1, 8), (4, 3, 2, 64), (8, 3, 1, 16), (2, 6, 4, 64)]
)
def test_bubble_of_the_interleaved_schedule(pp: int, vp: int, dp: int, batch: int) -> None:
    """(p - 1) / (m v) of the work (arXiv 2104.04473 section 2.2)."""
    plan = ONE.with_(gpus=pp * dp, pp=pp, vp=vp, dp=dp, zero_stage=1, global_batch=batch)
    m = batch / dp / 2
    found = run(DENSE, plan, ideal(bubble=0.9), work=FLASH_3)
    plain = run(DENSE, plan, work=FLASH_3)
    share = 0.9 * (pp - 1) / (m * vp)
    assert float(found.bubble_s) == pytest.approx(float(plain.total_s) * share, rel=1e-9, abs=1e-12)
    assert float(found.total_s) == pytest.approx(float(plain.total_s) * (1 + share), rel=1e-9)


@pytest.mark.parametrize(
    ("layers", "pp", "vp", "vocab"),
    [(24, 4, 1, 128256), (24, 4, 3, 128256), (26, 4, 1, 1000), (26, 4, 3, 1000), (24, 1, 1, 128256)],
)
def test_the_slowest_stage_has_the_output_layer_or_a_layer_more(layers: int, pp: int, vp: int, vocab: int) -> None:
    """A share of what the slowest stage takes beyond the mean one is felt."""
    arch = DENSE.with_(layers=layers, vocab=vocab)
    plan = ONE.with_(gpus=pp, pp=pp, vp=vp)
    busy = float(run(arch, plan, gpu=MACHINE, work=FLASH_3).busy) * pp
    body = float(run(arch.with_(vocab=0), plan, gpu=MACHINE, work=FLASH_3).busy) * pp
    logits = busy - body
    most = -(-layers // (pp * vp)) * vp
    slowest = max(body / pp + logits, body / layers * most)
    expected = 0.4 * (slowest - busy / pp) if pp > 1 else 0.0
    assert added("slowest", arch, plan, work=FLASH_3, imbalance=0.4) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("stack", "year", "share"),
    [(MEGATRON, 2022.99, 1.0), (MEGATRON, 2023.0, 0.25), (DEEPSPEED, 2026.5, 1.0), (TITAN, 2026.5, 0.25)],
)
@pytest.mark.parametrize(
    ("tp", "sp", "pp", "vp", "gpus"),
    [(1, 0, 4, 1, 16), (2, 1, 4, 3, 16), (2, 0, 4, 3, 16), (1, 0, 4, 1, 8), (2, 1, 1, 1, 16)],
)
def test_stages_hand_on_their_activations(
    stack: int, year: float, share: float, tp: int, sp: int, pp: int, vp: int, gpus: int
) -> None:
    """T h elements of 2 bytes, sent forward and back through every chunk, divided by t with sequence parallel."""
    plan = ONE.with_(
        gpus=gpus,
        tp=tp,
        sp=sp,
        pp=pp,
        vp=vp,
        dp=gpus // (tp * pp),
        zero_stage=1,
        global_batch=64,
        stack=stack,
        stack_year=year,
    )
    rate = LINK if gpus <= 8 else NIC
    sent = 2 * 2 * vp * 2 * 4096 * 4096 / (tp if sp else 1) / rate
    found = float(run(DENSE, plan, ideal(pp_exposed=0.25), gpu=MACHINE, work=FLASH_3).pp_s)
    assert found == pytest.approx(share * sent if pp > 1 else 0.0, rel=1e-9)


# --- data parallel -----------------------------------------------------------------------------------------------------


def group_rate(members: float, stride: float, domain: int = 8) -> float:
    """Inside a domain the link; across, members that share a server pool their adapters, up to the link's rate."""
    if members * stride <= domain:
        return LINK
    return min(LINK, NIC * min(max(domain / stride, 1.0), members))


@pytest.mark.parametrize(
    ("tp", "pp", "cp", "dp", "precision", "size"),
    [
        (1, 1, 1, 8, 3, 4), (1, 1, 1, 16, 3, 4), (8, 1, 1, 4, 3, 4), (4, 1, 1, 4, FP8, 3), (2, 2, 1, 8, 3, 4),
        (1, 1, 4, 8, 3, 4), (1, 1, 1, 1, 3, 4), (2, 1, 1, 4, 3, 4),
    ],
)  # fmt: skip
def test_gradient_reduction_of_a_dense_model(tp: int, pp: int, cp: int, dp: int, precision: int, size: int) -> None:
    """4 bytes a parameter of the rank (3 in 8 bits) over the group of data and context ranks."""
    plan = ONE.with_(
        gpus=tp * pp * cp * dp, tp=tp, sp=int(tp > 1), pp=pp, cp=cp, dp=dp, zero_stage=1, global_batch=4 * dp,
        precision=precision, micro_batch=1,
    )  # fmt: skip
    mine = float(parameter_count(DENSE).total) / (tp * pp)
    expected = 1.1 * size * mine / group_rate(dp * cp, tp) if dp * cp > 1 else 0.0
    # Nothing hides it: the rounded corner adds a little to half of it.
    corner = 0.5 * (1 + soft(1.0, 0.3))
    assert added("dp_s", DENSE, plan, work=FLASH_3, dp_bytes=1.1) == pytest.approx(
        expected * corner, rel=1e-9, abs=1e-15
    )


@pytest.mark.parametrize(
    ("tp", "dp", "ep", "etp"), [(1, 16, 8, 1), (2, 16, 8, 1), (2, 16, 4, 2), (1, 8, 8, 1), (1, 32, 4, 1)]
)
def test_experts_are_reduced_over_their_own_group(tp: int, dp: int, ep: int, etp: int) -> None:
    plan = ONE.with_(gpus=tp * dp, tp=tp, sp=int(tp > 1), dp=dp, ep=ep, etp=etp, zero_stage=1, global_batch=4 * dp)
    count = parameter_count(MOE)
    replicas = tp * dp / (ep * etp)
    expected = float(count.non_expert) / tp / group_rate(dp, tp)
    if replicas > 1:
        expected += float(count.experts) / (ep * etp) / group_rate(replicas, ep * etp)
    corner = 0.5 * (1 + soft(1.0, 0.3))
    assert added("dp_s", MOE, plan, work=FLASH_3, dp_bytes=1.0) == pytest.approx(4 * expected * corner, rel=1e-9)


@pytest.mark.parametrize(
    ("stack", "year", "zero", "hides"),
    [
        (MEGATRON, 2026.5, 1, True), (MEGATRON, 2022.6, 1, True), (MEGATRON, 2022.59, 1, False), (MEGATRON, 2026.5, 0, False),
        (DEEPSPEED, 2026.5, 1, False), (JAX, 2022.0, 1, False),
    ],
)  # fmt: skip
def test_a_micro_batch_hides_part_of_the_reduction(stack: int, year: float, zero: int, hides: bool) -> None:
    """Beyond the hidden part: half of it sharply, half with a rounded corner. Overlap came with distributed optimizers."""
    plan = ONE.with_(gpus=16, dp=16, zero_stage=zero, global_batch=64, stack=stack, stack_year=year)
    sync = 4 * float(parameter_count(DENSE).total) / group_rate(16, 1)
    slowest = float(run(DENSE, plan, gpu=MACHINE, work=FLASH_3).slowest)
    for hidden in (0.01, 0.9):
        beyond = sync - (hidden * slowest if hides else 0.0)
        expected = 0.5 * (max(beyond, 0.0) + soft(beyond, 0.3 * sync))
        found = added("dp_s", DENSE, plan, work=FLASH_3, dp_bytes=1.0, dp_hidden=hidden)
        assert found == pytest.approx(expected, rel=1e-9)


def test_sharded_gradients_are_reduced_after_every_micro_batch() -> None:
    """ZeRO-2 (arXiv 1910.02054 section 5.2); a pipeline accumulates them first, ZeRO-3 has reduced them with the gathers."""
    plan = ONE.with_(gpus=16, dp=16, zero_stage=1, global_batch=128)
    once = added("dp_s", DENSE, plan, work=FLASH_3, dp_bytes=1.0)
    assert added("dp_s", DENSE, plan.with_(zero_stage=2), work=FLASH_3, dp_bytes=1.0) == pytest.approx(
        4 * once, rel=1e-9
    )
    assert added("dp_s", DENSE, plan.with_(zero_stage=3), work=FLASH_3, dp_bytes=1.0) == 0.0
    piped = plan.with_(pp=2, dp=8)
    one, two, three = (
        added("dp_s", DENSE, piped.with_(zero_stage=zero), work=FLASH_3, dp_bytes=1.0) for zero in (1, 2, 3)
    )
    assert one == pytest.approx(two, rel=1e-12)
    assert one == pytest.approx(three, rel=1e-12)


@pytest.mark.parametrize(("dp", "tp", "domain"), [(8, 1, 8), (16, 1, 8), (64, 1, 8), (8, 2, 8), (4, 8, 8), (16, 1, 72)])
def test_gathering_of_sharded_weights(dp: int, tp: int, domain: int) -> None:
    """6 bytes a parameter and micro-batch (two gathers and a reduction of 2 bytes), hidden by the micro-batch's work, of
    which a share slows what runs beside it."""
    plan = ONE.with_(gpus=dp * tp, tp=tp, sp=int(tp > 1), dp=dp, zero_stage=3, global_batch=8 * dp)
    gpu = MACHINE.with_(domain=domain)
    gather = 6 * float(parameter_count(DENSE).total) / tp / group_rate(dp, tp, domain)
    slowest = float(run(DENSE, plan, gpu=gpu, work=FLASH_3).slowest)
    for contention, hidden in ((0.0, 0.0), (0.3, 0.0), (0.3, 0.1), (0.3, 1.0)):
        c = ideal(fsdp_contention=contention, fsdp_hidden=hidden)
        expected = 4 * (contention * gather + max(gather - hidden * slowest, 0.0))
        assert float(run(DENSE, plan, c, gpu=gpu, work=FLASH_3).fsdp_s) == pytest.approx(expected, rel=1e-9)


def test_frozen_weights_are_gathered_more_cheaply_and_pipelines_keep_them() -> None:
    plan = ONE.with_(gpus=16, dp=16, zero_stage=3, global_batch=64)
    c = ideal(lora_fsdp=0.7)
    whole, adapters = (float(run(DENSE, plan, c, gpu=MACHINE, work=work).fsdp_s) for work in (Work(), LORA))
    assert adapters == pytest.approx(0.7 * whole, rel=1e-9)
    half = Work(trained_share=0.5)
    assert float(run(DENSE, plan, c, gpu=MACHINE, work=half).fsdp_s) == pytest.approx(whole, rel=1e-9)
    for other in (plan.with_(pp=2, dp=8), plan.with_(zero_stage=2), plan.with_(gpus=1, dp=1)):
        assert float(run(DENSE, other, c, gpu=MACHINE).fsdp_s) == 0.0


def test_adapters_reduce_and_update_their_own_few_parameters() -> None:
    plan = ONE.with_(gpus=16, dp=16, zero_stage=1, global_batch=64)
    few = Work(gradient_share=0.02)
    for field, inefficiencies in (("dp_s", {"dp_bytes": 1.0}), ("update_s", {"optimizer": 1.0})):
        whole = added(field, DENSE, plan, work=Work(), **inefficiencies)
        assert added(field, DENSE, plan, work=few, **inefficiencies) == pytest.approx(0.02 * whole, rel=1e-9)


# --- optimizer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zero", "shards"), [(0, False), (1, True), (2, True), (3, True)])
@pytest.mark.parametrize(
    ("arch", "tp", "pp", "cp", "dp", "ep"), [(DENSE, 2, 2, 2, 4, 1), (MOE, 2, 1, 1, 8, 4), (MOE, 1, 2, 1, 4, 4)]
)
def test_optimizer_reads_and_writes_thirty_bytes_a_parameter(
    zero: int, shards: bool, arch: Architecture, tp: int, pp: int, cp: int, dp: int, ep: int
) -> None:
    """Of its shard from ZeRO-1 on; experts are sharded over their own replicas."""
    plan = ONE.with_(
        gpus=tp * pp * cp * dp, tp=tp, sp=1, pp=pp, cp=cp, dp=dp, ep=ep, zero_stage=zero, global_batch=8 * dp
    )
    count = parameter_count(arch)
    mine, experts = float(count.non_expert) / (tp * pp), float(count.experts) / (ep * pp)
    if shards:
        mine, experts = mine / (dp * cp), experts / (tp * cp * dp / ep)
    found = run(arch, plan, ideal(optimizer=0.9), gpu=MACHINE)
    assert float(found.optimizer_s) == pytest.approx(0.9 * 30 * (mine + experts) / MEMORY, rel=1e-9)


@pytest.mark.parametrize("zero", [0, 1])
def test_an_optimizer_on_the_host_moves_six_bytes_and_shares_the_processors(zero: int) -> None:
    """ZeRO-Offload (arXiv 2101.06840 section 4): gradients out (4), weights back (2); Adam 0.24 s for 1e9 parameters of a
    server, whose accelerators share it."""
    plan = ONE.with_(gpus=16, dp=16, zero_stage=zero, global_batch=64, offload=code(OFFLOADS, "optimizer"))
    shard = float(parameter_count(DENSE).total) / (16 if zero else 1)
    expected = shard * (6 / 48e9 + 0.24e-9 * 8)
    found = run(DENSE, plan, ideal(optimizer=0.9), gpu=MACHINE)
    assert float(found.optimizer_s) == pytest.approx(expected, rel=1e-9)
    assert float(optimizer_s(MACHINE, 1e9)) == pytest.approx(6 / 48 + 0.24 * 8)
    few = run(DENSE, plan, gpu=MACHINE, work=Work(gradient_share=0.02))
    assert float(few.optimizer_s) == pytest.approx(0.02 * expected, rel=1e-9)
    moe = plan.with_(ep=4)
    count = parameter_count(MOE)
    shard = float(count.non_expert) / (16 if zero else 1) + float(count.experts) / 4 / (4 if zero else 1)
    assert float(run(MOE, moe, gpu=MACHINE).optimizer_s) == pytest.approx(shard * (6 / 48e9 + 0.24e-9 * 8), rel=1e-9)


def test_activations_on_the_host_are_felt_beyond_the_work() -> None:
    """Out in the forward pass and back in the backward pass; the rest of the step covers them."""
    plan = ONE.with_(offload=code(OFFLOADS, "activations"))
    tokens = 2 * 4096
    saved = 4 * 4096 + 4 + 4 * 4096 + 4 + 2 * (32 + 16) * 128 + 2 * 32 * 128 + 4 * 32 + 6 * 14336
    moved = 2 * tokens * 24 * saved / 48e9
    assert float(activations_s(DENSE, MACHINE, plan, tokens, 24, 0)) == pytest.approx(moved, rel=1e-9)
    whole, without = (float(run(arch, ONE, gpu=MACHINE, work=FLASH_3).busy) for arch in (DENSE, DENSE.with_(vocab=0)))
    expected = whole + soft(moved - without, 0.1 * moved)
    assert float(run(DENSE, plan, gpu=MACHINE, work=FLASH_3).busy) == pytest.approx(expected, rel=1e-9)
    fast = MACHINE.with_(host_bytes_per_s=1e15)
    assert float(run(DENSE, plan, gpu=fast, work=FLASH_3).busy) == pytest.approx(whole, rel=1e-6)
    both_kinds = float(activations_s(MOE, MACHINE, plan, tokens, 2, 18))
    dense_only = float(activations_s(MOE, MACHINE, plan, tokens, 2, 0))
    expert_only = float(activations_s(MOE, MACHINE, plan, tokens, 0, 18))
    assert both_kinds == pytest.approx(dense_only + expert_only, rel=1e-12)
    # Per token of an expert layer: attention as of a dense one, norms, router, top-k copies and the experts' gates.
    h, k, f, s = 2048, 6, 1408, 2816
    attention = 4 * h + 4 + 2 * (16 + 8) * 128 + 2 * 16 * 128 + 4 * 16
    layer = attention + 4 * h + 4 + 8 * 64 + k * (2 * h + 6 * f) + 6 * s
    assert expert_only == pytest.approx(2 * tokens * 18 * layer / 48e9, rel=1e-9)


def test_offload_is_asked_for_row_by_row() -> None:
    """A batch with and without offload gives each row its own figure."""
    kinds = np.arange(len(OFFLOADS))
    plan = ONE.with_(gpus=8, dp=8, zero_stage=1, global_batch=32)
    together = run(DENSE, plan.with_(offload=kinds), ideal(optimizer=0.9), gpu=MACHINE)
    for kind in kinds:
        single = run(DENSE, plan.with_(offload=int(kind)), ideal(optimizer=0.9), gpu=MACHINE)
        assert float(np.broadcast_to(together.total_s, kinds.shape)[kind]) == pytest.approx(
            float(single.total_s), rel=1e-12
        )
