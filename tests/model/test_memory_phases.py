"""Buffers and phases of a training step on every stage, term by term, against a count in plain Python (docs/method.md 3.3
to 3.5)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from mitsumori.model.architecture.parallelism import OFFLOADS, PRECISIONS, Parallel, code
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.fsdp import pipeline_batches
from mitsumori.model.memory.options import Phase, StagePeak
from mitsumori.model.memory.peak import MemoryOptions
from tests.model import memory_twin as twin
from tests.model.memory_stages import FULL, OTHER, SELECTIVE, TITAN_BASE, stage_peak
from tests.model.memory_twin import GIB
from tests.model.test_memory_states import (
    BASE,
    DENSE,
    FOUNDRY,
    GPT,
    MEGATRON,
    MOE,
    SHAPES,
    TITAN,
    fitted,
)

AWAY = code(OFFLOADS, "activations")

MIB = 2.0**20


def element(plan: Parallel) -> float:
    return 4.0 if twin.plain32(plan) else 2.0


def at(peak: StagePeak, name: str) -> Phase:
    return next(phase for phase in peak.phases if phase.name == name)


def tokens_of(plan: Parallel) -> float:
    return float(plan.micro_batch * plan.seq_len / plan.cp)


def placeholders(arch: Architecture, plan: Parallel, moe: bool) -> float:
    """A dummy gradient of each weight shape of a layer; of an expert's matrices one each."""
    one = twin.layer(arch, plan, moe)
    mlp = one.feed_forward
    if moe:
        mlp += (3 if arch.gated_mlp else 2) * arch.hidden * arch.moe_ffn / plan.etp
    attention = one.attention
    if arch.mla:  # query down and up, key/value down and up, projection
        attention = one.attention
    return element(plan) * (attention + mlp)


def megatron_fixed(arch: Architecture, plan: Parallel, index: int, options: MemoryOptions) -> float:
    """What stays for the whole step beside the states."""
    e, tokens = element(plan), tokens_of(plan)
    qk = arch.qk_nope_dim + arch.qk_rope_dim if arch.mla else arch.head_dim
    kinds = set(twin.stages(arch, plan)[index])
    found = 2 * 32 * MIB + 4 * plan.seq_len * qk + 16 * tokens + float(options.extra_bytes)
    if not options.trainable:
        found += max(placeholders(arch, plan, moe) for moe in kinds)
    last = index == plan.pp - 1
    if last and plan.sp:
        found += e * tokens * arch.hidden
    if plan.zero_stage >= 2:
        held = StateCount(arch, plan, index, options).trained
        found += 4 * min(held, 2 * max(40e6, 1e6 * plan.dp))
    if plan.zero_stage >= 3:
        found += 2 * e * StateCount(arch, plan, index, options).unit
    if options.trainable == 2:
        widest = twin.layer(arch, plan, False).feed_forward
        found += 2 * max(widest, arch.vocab * arch.hidden / plan.tp if last else 0)
    return found


class StateCount:
    """Parameters of a stage that buffers depend on."""

    def __init__(self, arch: Architecture, plan: Parallel, index: int, options: MemoryOptions) -> None:
        kinds = twin.stages(arch, plan)[index]
        first, last = index == 0, index == plan.pp - 1
        table = arch.vocab * arch.hidden / plan.tp
        self.tables = table * (first + last) - (table if first and last and arch.tied_embeddings else 0)
        layers = [twin.layer(arch, plan, moe, float(options.lora_rank), bool(options.lora_all_linear)) for moe in kinds]
        held = self.tables + arch.positions * arch.hidden * first + arch.hidden * arch.norm_vectors * last
        held += sum(one.linear + one.experts + one.vectors for one in layers)
        held += arch.mtp_layers * 2 * arch.hidden**2 / plan.tp * last
        adapters = sum(one.adapters for one in layers)
        self.trained = adapters if options.trainable else held
        self.held = held + (adapters if options.trainable else 0)
        dense, moe = (twin.layer(arch, plan, kind) for kind in (False, bool(arch.moe_experts)))
        mlp = dense.feed_forward
        if True in kinds:
            mlp = max(mlp, moe.feed_forward + expert_matrices(arch, plan))
        self.unit = dense.attention + mlp


def expert_matrices(arch: Architecture, plan: Parallel) -> float:
    return twin.layer(arch, plan, True).experts


def megatron_activations(arch: Architecture, plan: Parallel, index: int, kept: twin.Kept) -> tuple[float, float]:
    """Saved tensors of all micro-batches in flight, and of one of them."""
    tokens = tokens_of(plan)
    one = tokens * sum(twin.megatron_kept(arch, plan, moe, kept) for moe in twin.stages(arch, plan)[index])
    count = max(1, plan.global_batch // (plan.dp * plan.micro_batch))
    return one * twin.in_flight(plan, index, count), one


def feed_forward_backward(arch: Architecture, plan: Parallel, moe: bool, imbalance: float) -> float:
    """dO + max(g + F, (1 + gated) F, g + G - F): down projection, activation function, gate and up."""
    e, tokens, h, t = element(plan), tokens_of(plan), arch.hidden, plan.tp
    gates = 2 if arch.gated_mlp else 1
    shard = e * tokens * h / (t if plan.sp else 1)
    if moe:
        copies = tokens * arch.moe_topk * imbalance * plan.etp / t
        gathered = inputs = e * copies * h
        wide = e * copies * arch.moe_ffn / plan.etp
    else:
        inputs = e * tokens * h
        gathered = inputs if plan.sp and t > 1 else 0.0
        wide = e * tokens * arch.ffn / t
    return shard + max(gathered + wide, gates * wide, gathered + inputs - wide)


def check_megatron(arch: Architecture, plan: Parallel, **chosen: Any) -> None:
    options = MemoryOptions(**chosen)
    kept = twin.Kept(
        fused=bool(options.fused_attention), dropout=bool(options.dropout), all_to_all=bool(options.cp_all_to_all),
        imbalance=float(options.moe_imbalance), lora=bool(options.trainable), everywhere=bool(options.lora_all_linear),
        rank=int(options.lora_rank),
    )  # fmt: skip
    e, tokens, h = element(plan), tokens_of(plan), arch.hidden
    shard = e * tokens * h / (plan.tp if plan.sp else 1)
    table = e * arch.vocab * h / plan.tp
    for index, kinds in enumerate(twin.stages(arch, plan)):
        peak = stage_peak(arch, plan, index, options)
        assert float(peak.fixed) == pytest.approx(megatron_fixed(arch, plan, index, options), rel=1e-9)
        held, one = megatron_activations(arch, plan, index, kept)
        whole = max(twin.megatron_kept(arch, plan.with_(recompute=0), moe, kept) for moe in set(kinds)) * tokens
        if plan.offload == AWAY:  # two layers stay: the one at work and the one on its way
            held = min(held, 2 * (shard if plan.recompute == FULL else whole))
        mlp = at(peak, "mlp_backward")
        recomputed = whole + shard if plan.recompute == FULL else 0.0
        assert float(mlp.activations) == pytest.approx(held + recomputed, rel=1e-9)
        transient = max(feed_forward_backward(arch, plan, moe, kept.imbalance) for moe in set(kinds))
        assert float(mlp.buffers) == pytest.approx(transient, rel=1e-9)
        if index == plan.pp - 1:
            head = at(peak, "head_backward")
            fused = plan.stack == MEGATRON if options.fused_loss < 0 else options.fused_loss
            logit = e if fused else e + (4 if plan.stack == MEGATRON else 12)
            logit += e * arch.mtp_layers
            expected = tokens * arch.vocab / plan.tp * logit + 2 * shard + e * tokens * h
            expected += (0 if options.trainable else table) + (shard if plan.sp and plan.tp > 1 else 0)
            assert float(head.activations) == pytest.approx(held, rel=1e-9)
            assert float(head.buffers) == pytest.approx(expected, rel=1e-9)
        if index == 0 and not options.trainable:
            embedding = at(peak, "embedding_backward")
            assert float(embedding.activations) == pytest.approx(max(held - one, 0.0), rel=1e-9, abs=1.0)
            assert float(embedding.buffers) == pytest.approx(table + 3.2 * e * tokens * h + shard, rel=1e-9)
        names = {phase.name for phase in peak.phases}
        assert ("head_backward" in names) == (index == plan.pp - 1)
        assert ("embedding_backward" in names) == (index == 0 and not options.trainable)
        check_sums(arch, plan, options, index, peak)


def check_sums(arch: Architecture, plan: Parallel, options: MemoryOptions, index: int, peak: StagePeak) -> None:
    """A stage's peak is its states, its fixed buffers and the largest phase; the rest follows from it."""
    held = sum(map(float, (peak.states.weights, peak.states.gradients, peak.states.optimizer))) + float(peak.fixed)
    sizes = [float(m.activations) + float(m.buffers) for m in peak.phases]
    assert float(peak.permanent) == pytest.approx(held, rel=1e-12)
    used = held + max(max(sizes), float(peak.step.buffers) if peak.step else 0.0)
    assert float(peak.in_use) == pytest.approx(used, rel=1e-12)
    count = StateCount(arch, plan, index, options)
    if options.params_scale == 1.0:
        assert float(peak.states.parameters) == pytest.approx(count.held, rel=1e-9)
        assert float(peak.states.trained) == pytest.approx(count.trained, rel=1e-9)


@pytest.mark.parametrize("zero", range(4))
@pytest.mark.parametrize(("sp", "recompute"), [(1, 0), (0, 0), (1, FULL), (1, SELECTIVE)])
@pytest.mark.parametrize("shape", SHAPES)
def test_phases_of_a_megatron_step(shape: str, sp: int, recompute: int, zero: int) -> None:
    arch = SHAPES[shape]
    check_megatron(arch, fitted(arch, BASE.with_(sp=sp, recompute=recompute, zero_stage=zero)))
    deep = BASE.with_(
        gpus=64, pp=8, vp=arch.layers // 8, sp=sp, recompute=recompute, zero_stage=zero, tp=4, dp=2, cp=1, micro_batch=2
    )
    check_megatron(arch, fitted(arch, deep, etp=2))


@pytest.mark.parametrize(
    "chosen",
    [
        {"trainable": 1}, {"trainable": 2}, {"trainable": 2, "lora_all_linear": 0, "lora_rank": 64}, {"fused_loss": 0},
        {"fused_loss": 1}, {"fused_attention": 0, "dropout": 1}, {"cp_all_to_all": 0}, {"moe_imbalance": 1.3},
        {"extra_bytes": 7e9},
    ],
)  # fmt: skip
@pytest.mark.parametrize("stack", [MEGATRON, OTHER])
@pytest.mark.parametrize("shape", ["dense", "gpt", "moe", "mla"])
def test_options_of_a_megatron_step(shape: str, stack: int, chosen: dict[str, Any]) -> None:
    arch = SHAPES[shape]
    for plan in (
        BASE,
        BASE.with_(pp=1, dp=8, precision=code(PRECISIONS, "mxfp8")),
        BASE.with_(zero_stage=2, offload=AWAY),
    ):
        check_megatron(arch, fitted(arch, plan.with_(stack=stack)), **chosen)


@pytest.mark.parametrize("recompute", [0, SELECTIVE, FULL])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "nvfp4"])
@pytest.mark.parametrize("shape", ["dense", "moe", "mla"])
def test_activations_on_the_host_leave_two_layers(shape: str, precision: str, recompute: int) -> None:
    arch = SHAPES[shape]
    plan = BASE.with_(offload=AWAY, recompute=recompute, precision=code(PRECISIONS, precision))
    check_megatron(arch, fitted(arch, plan))


@pytest.mark.parametrize(("dp", "millions"), [(2, 40), (40, 40), (64, 64)])
def test_gradient_buckets_have_a_smallest_size(dp: int, millions: float) -> None:
    """Megatron-Core: max(40e6, 1e6 x data parallel size) parameters, two of them in fp32, together never more than there are."""
    plan = Parallel(gpus=dp, dp=dp, zero_stage=2, global_batch=dp)
    wide, plain = (stage_peak(DENSE, plan.with_(zero_stage=zero), 0, MemoryOptions()).fixed for zero in (2, 1))
    assert float(wide - plain) == pytest.approx(8 * millions * 1e6)
    tiny = DENSE.with_(layers=1, hidden=256, ffn=512, heads=2, kv_heads=2, vocab=1000)
    wide, plain = (stage_peak(tiny, plan.with_(zero_stage=zero), 0, MemoryOptions()) for zero in (2, 1))
    assert float(wide.fixed - plain.fixed) == pytest.approx(4 * float(wide.states.trained))


def titan_batches(plan: Parallel, options: MemoryOptions) -> tuple[float, float]:
    """Sequences of a pipeline micro-batch and their number; see torchtitan's pipeline_parallel_microbatch_size."""
    size = float(plan.micro_batch)
    count = max(1, plan.global_batch // (plan.dp * plan.micro_batch))
    if plan.pp == 1:
        return size, float(count)
    local = size * count
    if count == 1:
        size = 1.0 if plan.stack_year >= 2025.3 else max(1.0, local // plan.pp)
        size = min(size, local)
    if options.pipeline_micro_batch:
        size = min(float(options.pipeline_micro_batch), local)
    return size, local / size


def check_titan(arch: Architecture, plan: Parallel, **chosen: Any) -> None:
    options = MemoryOptions(**chosen)
    kept = twin.Kept(
        fused=bool(options.fused_attention), imbalance=float(options.moe_imbalance), compiled=bool(options.compiled)
    )
    e, h, t, p, v = element(plan), arch.hidden, plan.tp, plan.pp, plan.vp
    titan = plan.stack == TITAN
    size, count = titan_batches(plan, options)
    assert tuple(map(float, pipeline_batches(plan, options))) == pytest.approx((size, count))
    tokens = size * plan.seq_len / plan.cp
    table, logits = arch.vocab * h / t, tokens * arch.vocab / t
    gather = 1.0 if twin.narrow(plan) else e
    shard = e * tokens * h / t
    years = [titan and plan.stack_year >= year for year in (2025.3, 2025.75, 2026.4)]
    recent, split, chunked = years
    for index, kinds in enumerate(twin.stages(arch, plan)):
        first, last = index == 0, index == p - 1
        peak = stage_peak(arch, plan, index, options)
        flying = twin.in_flight(plan, index, int(count)) if count == int(count) else None
        if flying is None:
            flying = min(twin.in_flight(plan, index, 10**9), count)
        counted = StateCount(arch, plan, index, options)
        unit = counted.unit
        fixed = 1.8 * GIB + float(options.extra_bytes)
        if plan.zero_stage >= 3:
            if p > 1:
                layers = max(counted.held - counted.tables, 0.0)
                fixed += 2 * e * counted.tables + gather * (layers + unit) + 4 * counted.trained
            elif split:  # the output layer stays gathered, the embedding is a unit of its own
                fixed += e * table * (last + (first or last)) + 2 * gather * unit
            else:
                fixed += 2 * e * counted.tables + 2 * gather * unit
        if p > 1:
            before, after = v - first, v - last
            fixed += (before * count + after * (count + flying)) * shard
            if last and plan.stack_year < 2025.75:
                fixed += 2 * count * e * logits
        assert float(peak.fixed) == pytest.approx(fixed, rel=1e-9)

        held = tokens * flying * sum(twin.titan_kept(arch, plan, moe, kept) for moe in kinds)
        if p > 1:
            held = max(held - (v - first) * flying * shard, 0.0)
        if plan.offload == AWAY:
            whole = max(twin.titan_kept(arch, plan.with_(recompute=0), moe, kept) for moe in set(kinds)) * tokens
            held = min(held, 2 * (shard if plan.recompute == FULL else whole))
        width = float(arch.ffn)
        if arch.moe_experts:
            width = max(width, arch.moe_topk * kept.imbalance * arch.moe_ffn + arch.moe_shared_ffn)
        backward = at(peak, "layer_backward")
        transient = tokens * (5 * e * h + 4 * e * width) / t
        if plan.cp > 1:  # the ring of PyTorch: gradients in fp32, keys and values of all ranks
            queries, keys = arch.heads * arch.qk_dim, 2 * max(arch.kv_heads, t) * arch.head_dim
            if arch.mla:
                keys = arch.heads * (arch.qk_dim + arch.v_head_dim)
            transient = max(transient, tokens * ((4 + 2 * e) * queries + (8 + e + e * plan.cp) * keys) / t)
        transient += (2 if options.trainable else 6) * unit
        exchanged = (1 if options.async_tensor_parallel else 3) * e * tokens * h if t > 1 else 0.0
        cached = exchanged + (0 if options.compiled else 16 * tokens * h / t)
        assert float(backward.activations) == pytest.approx(held, rel=1e-9)
        assert float(backward.buffers) == pytest.approx(transient, rel=1e-9)
        assert float(backward.cache) == pytest.approx(cached, rel=1e-9)
        if last:
            loss = at(peak, "loss_backward")
            small = (bool(options.compiled) and recent) if options.fused_loss < 0 else bool(options.fused_loss)
            in_use = 2 * e if small else (16.0 if t > 1 else 12.0)
            if plan.stack == FOUNDRY and options.fused_loss != 0:
                in_use = e
            parts = 8 if chunked else 1
            expected = in_use * logits / parts + tokens * (3 * e * h / t + e * h)
            if chunked:
                expected += tokens * h * (e + 4) + (e if p > 1 else e + 4) * table
            assert float(loss.activations) == pytest.approx(held, rel=1e-9)
            assert float(loss.buffers) == pytest.approx(expected, rel=1e-9)
            assert float(loss.cache) == pytest.approx(e * logits / parts + cached, rel=1e-9)
        assert ("loss_backward" in {phase.name for phase in peak.phases}) == last
        assert peak.step is not None
        assert float(peak.step.buffers) == pytest.approx(float(peak.states.gradients), rel=1e-12)
        assert peak.counts_cache
        check_sums(arch, plan, options, index, peak)
        biggest = max(float(m.activations) + float(m.buffers) + float(m.cache) for m in peak.phases)
        most = float(peak.permanent) + max(biggest, float(peak.step.buffers))
        room = 0.97 * float(options.capacity_bytes)
        assert float(peak.peak) == pytest.approx(max(float(peak.in_use), min(most, room)), rel=1e-9)


@pytest.mark.parametrize("year", [2024.9, 2025.3, 2025.75, 2026.4])
@pytest.mark.parametrize("compiled", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_phases_of_a_torchtitan_step(shape: str, compiled: int, year: float) -> None:
    arch = SHAPES[shape]
    for recompute, changes in itertools.product(
        (0, SELECTIVE, FULL), ({}, {"pp": 1, "dp": 8}, {"tp": 1, "sp": 0, "pp": 1, "dp": 16})
    ):
        plan = TITAN_BASE.with_(stack_year=year, recompute=recompute, **changes)
        check_titan(arch, fitted(arch, plan, etp=2), compiled=compiled)


@pytest.mark.parametrize(
    ("pp", "vp", "micro", "batch"),
    [(4, 1, 1, 64), (4, 2, 8, 32), (8, 1, 3, 12), (2, 1, 5, 20), (4, 1, 2, 64), (2, 4, 1, 4)],
)
@pytest.mark.parametrize("year", [2024.9, 2025.5, 2026.0])
def test_pipelines_of_torchtitan(pp: int, vp: int, micro: int, batch: int, year: float) -> None:
    plan = TITAN_BASE.with_(
        gpus=8 * pp, tp=2, cp=1, pp=pp, vp=vp, dp=4, micro_batch=micro, global_batch=batch, stack_year=year
    )
    for arch in (DENSE, MOE, GPT):
        check_titan(arch, fitted(arch, plan))
    check_titan(DENSE, plan, pipeline_micro_batch=2)
    check_titan(DENSE, plan.with_(offload=AWAY))
    check_titan(DENSE, plan, capacity_bytes=40e9)


@pytest.mark.parametrize(
    "chosen",
    [
        {"fused_loss": 0}, {"fused_loss": 1}, {"fused_attention": 0}, {"moe_imbalance": 1.3}, {"extra_bytes": 7e9},
        {"async_tensor_parallel": 1}, {"capacity_bytes": 30e9}, {"capacity_bytes": 60e9}, {"trainable": 1}, {"compiled": 0},
    ],
)  # fmt: skip
@pytest.mark.parametrize("stack", [TITAN, FOUNDRY])
@pytest.mark.parametrize("shape", ["dense", "gpt", "moe", "mla"])
def test_options_of_an_fsdp_step(shape: str, stack: int, chosen: dict[str, Any]) -> None:
    arch = SHAPES[shape]
    for changes in (
        {},
        {"pp": 1, "zero_stage": 2},
        {"precision": code(PRECISIONS, "fp8")},
        {"stack_year": 2026.5},
        {"offload": AWAY},
    ):
        check_titan(arch, fitted(arch, TITAN_BASE.with_(stack=stack, **changes)), **chosen)
    check_titan(arch, fitted(arch, TITAN_BASE.with_(stack=stack, tp=1, sp=0, precision=0)), **chosen)
