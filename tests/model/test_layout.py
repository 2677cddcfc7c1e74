"""The search for a layout: exhaustive, the single plan's own formulas, memory-bounded, cancellable."""

from __future__ import annotations

import math
import resource
import tracemalloc
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import OFFLOADS, RECOMPUTES
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.batch import divisors
from mitsumori.model.plan.fixed_layout import fixed_layout
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search import candidates as lay
from mitsumori.model.search.candidates import (
    MARGIN,
    best_layout,
    chunks,
    evaluate,
    full_space,
)
from mitsumori.model.search.search import search
from mitsumori.model.search.single import pick
from mitsumori.model.training.stages import memory_options, work_of
from mitsumori.model.training.step import step_time

DENSE = {"layers": 5, "hidden": 1024, "ffn": 4096, "heads": 4, "kv_heads": 2, "vocab": 32000}
EXPERTS = {**DENSE, "layers": 3, "heads": 2, "moe_experts": 2, "moe_topk": 1, "moe_ffn": 1024, "moe_dense_layers": 1}
LATENT = {
    **EXPERTS,
    "mla": {"q_lora_rank": 256, "kv_lora_rank": 128, "qk_nope_dim": 64, "qk_rope_dim": 32, "v_head_dim": 64},
}


def plan_of(shape: dict[str, object], **parallel: object) -> Plan:
    return Plan.from_dict(
        {
            "model": {"architecture": shape},
            "cluster": {"server": "HPE-XD670", "servers": 1},
            "parallel": {"seq_len": 64, "global_batch": 8, **parallel},
        }
    )


def preset(name: str, servers: int, *, server: str = "DGX-H100", seq: int = 8192, batch: int | None = None) -> Plan:
    parallel = {"seq_len": seq} | ({} if batch is None else {"global_batch": batch})
    cluster = {"server": server, "servers": servers}
    return Plan.from_dict({"model": {"preset": name}, "cluster": cluster, "parallel": parallel})


CASES = {
    "dense": plan_of(DENSE),
    "experts": plan_of(EXPERTS, seq_len=32),
    "latent": plan_of(LATENT, precision="fp8", seq_len=34),
    "free batch": plan_of({**DENSE, "layers": 2}, global_batch=None, seq_len=65536),
    "torchtitan": plan_of(DENSE, stack="torchtitan"),
    "llm-foundry": plan_of(DENSE, stack="llm-foundry"),
    "deepspeed": plan_of({**DENSE, "layers": 3}, stack="deepspeed"),
    "other": plan_of({**DENSE, "layers": 2}, stack="other"),
    "odd batch": plan_of(DENSE, global_batch=6),
}


@cache
def brute_force(name: str, offload: bool = False) -> dict[tuple[int, ...], tuple[float, float]]:
    """Every layout, one plan at a time, through the door that a user's own layout takes."""
    plan = CASES[name]
    free = resolve(plan)
    layers, experts = int(free.architecture.layers), int(free.architecture.moe_experts)
    gpus, stack = free.accelerators, plan.parallel.stack
    gpu = gpu_of(free.accelerator, free.server)
    sizes = divisors(gpus)
    one = stack == "llm-foundry"
    widths = (1,) if one else sizes
    etp = widths if experts else (1,)
    eps = widths if experts else (1,)
    batch = free.global_batch
    micros = {m for m in range(1, batch + 1) if batch % m == 0 or (free.batch_is_free and m & (m - 1) == 0)}
    offloads = ("none", "optimizer") if offload else ("none",)
    found = {}
    for tp, cp, ep, x, pp in product(widths, widths, eps, etp, widths):
        if tp * cp * pp > gpus or x > tp:
            continue
        for vp, micro, zero, recompute, away in product(
            range(1, layers + 1), sorted(micros), lay.ZERO_STAGES[stack], RECOMPUTES, offloads
        ):
            dp = gpus // (tp * cp * pp)
            if pp > 1 and zero > {"torchtitan": 3, "other": 2}.get(stack, 1):
                continue
            if free.batch_is_free and dp * micro > 2 * batch:
                continue
            values = {"tp": tp, "cp": cp, "ep": ep, "etp": x, "pp": pp, "vp": vp, "micro_batch": micro, "zero_stage": zero,
                          "recompute": recompute, "offload": away, "auto": False}  # fmt: skip
            try:
                part = plan.parallel.model_copy(update=values)
                resolved = resolve(plan.model_copy(update={"parallel": part}))
            except PlanError:
                continue
            layout = fixed_layout(resolved)
            if vp > 1 and int(layout.micro_batches) % pp:
                continue
            memory = peak_memory(resolved.architecture, layout, memory_options(resolved, gpu, layout)).total_bytes
            step = step_time(resolved.time_architecture, gpu, layout, work_of(resolved), lay.shipped()).total_s
            key = (tp, cp, ep, x, pp, vp, micro, zero, RECOMPUTES.index(recompute), OFFLOADS.index(away))
            found[key] = (float(step / layout.tokens_per_step), float(memory))
    return found


KEY = ("tp", "cp", "ep", "etp", "pp", "vp", "micro_batch", "zero_stage", "recompute", "offload")


def batched(plan: Plan, offload: bool = False, **sizes: int) -> dict[tuple[int, ...], tuple[float, float]]:
    """The same from the search's batches."""
    resolved = resolve(plan)
    gpu = gpu_of(resolved.accelerator, resolved.server)
    found: dict[tuple[int, ...], tuple[float, float]] = {}
    for chunk in chunks(resolved, full_space(resolved, offload=offload), **sizes):
        result = evaluate(resolved, chunk, gpu)
        kept = np.flatnonzero(np.isfinite(result.seconds_per_token))
        assert len(kept) == chunk.count
        columns = [np.broadcast_to(getattr(chunk.parallel, name), chunk.shape).ravel()[kept] for name in KEY]
        rows = zip(*columns, result.seconds_per_token.ravel()[kept], result.memory_bytes.ravel()[kept], strict=True)
        for row in rows:
            key = tuple(int(v) for v in row[:-2])
            assert key not in found, "a layout is evaluated twice"
            found[key] = (float(row[-2]), float(row[-1]))
    return found


@pytest.mark.parametrize("name", CASES)
def test_batches_hold_every_layout_that_a_user_could_enter_and_no_other(name: str) -> None:
    plan = CASES[name]
    one_by_one = brute_force(name)
    together = batched(plan)
    assert together.keys() == one_by_one.keys()
    assert len(together) >= 3
    for key, (seconds, memory) in one_by_one.items():
        assert together[key] == (pytest.approx(seconds, rel=1e-9), pytest.approx(memory, rel=1e-9)), key


def test_offload_is_one_more_dimension_and_costs_time() -> None:
    plan = CASES["odd batch"]
    one_by_one, together = brute_force("odd batch", offload=True), batched(plan, offload=True)
    assert together.keys() == one_by_one.keys()
    for key, (seconds, memory) in one_by_one.items():
        assert together[key] == (pytest.approx(seconds, rel=1e-9), pytest.approx(memory, rel=1e-9))
        if key[-1]:
            home = one_by_one[(*key[:-1], 0)]
            assert seconds > home[0]
            assert memory < home[1]


@pytest.mark.parametrize("name", ["dense", "experts", "free batch", "torchtitan"])
@pytest.mark.parametrize("most", [50, 1000, 10_000_000])
def test_the_size_of_the_batches_does_not_change_what_is_found(most: int, name: str) -> None:
    usual, other = batched(CASES[name]), batched(CASES[name], most=most, least=most)
    assert usual.keys() == other.keys()
    assert [other[key] for key in usual] == [pytest.approx(value, rel=1e-12) for value in usual.values()]


@pytest.mark.parametrize("name", ["dense", "experts", "torchtitan"])
def test_search_ranks_as_brute_force_does(name: str) -> None:
    plan = CASES[name]
    resolved = resolve(plan)
    capacity = gpu_of(resolved.accelerator, resolved.server).memory_bytes
    every = brute_force(name)
    result = search(resolved, keep=50)
    assert result.evaluated == len(every)
    assert result.fitting == sum(memory <= capacity for _, memory in every.values())
    safe = sorted(seconds for seconds, memory in every.values() if memory <= MARGIN * capacity)
    assert [item.seconds_per_token for item in result.safe] == pytest.approx(safe[:50], rel=1e-8)
    for item in result.safe:
        key = tuple(int(getattr(item.parallel, name)) for name in KEY)
        assert every[key] == (pytest.approx(item.seconds_per_token, rel=1e-8), pytest.approx(item.memory_bytes))


def test_equally_fast_layouts_are_ranked_by_the_memory_they_leave() -> None:
    safe = search(resolve(preset("llama3.1-8b", 1, batch=64))).safe
    for first, second in pairwise(safe):
        assert first.order <= second.order


def test_threads_do_not_change_the_answer() -> None:
    resolved = resolve(preset("llama3-70b", 16, batch=512))
    one, two = (search(resolved, threads=n, most=20_000) for n in (1, 2))
    assert one.evaluated == two.evaluated
    assert [i.order for i in one.safe] == [i.order for i in two.safe]
    assert [i.order for i in one.tight] == [i.order for i in two.tight]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_cancelled_search_stops_and_says_so(threads: int) -> None:
    resolved = resolve(preset("llama3.1-405b", 512, batch=1024))
    shares: list[float] = []
    result = search(resolved, cancelled=lambda: len(shares) >= 2, progress=shares.append, most=20_000, threads=threads)
    whole = search(resolved, most=20_000)
    assert not result.complete
    assert whole.complete
    assert 0 < result.evaluated < whole.evaluated
    assert shares == sorted(shares)
    assert shares[-1] < 1.0


def test_progress_ends_at_one() -> None:
    shares: list[float] = []
    search(resolve(preset("llama3-70b", 8, batch=512)), progress=shares.append, most=5_000)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_large_batches_are_of_one_pipeline_size_without_a_mask() -> None:
    resolved = resolve(preset("llama3-70b", 64, batch=1024))
    work = list(chunks(resolved, full_space(resolved)))
    own = [chunk for chunk in work if isinstance(chunk.parallel.pp, int)]
    assert {chunk.parallel.pp for chunk in own} >= {1, 2, 4}
    assert all(chunk.valid is None for chunk in own)
    assert sum(chunk.count for chunk in own) > 0.8 * sum(chunk.count for chunk in work)


def test_nothing_fits_is_an_answer_with_the_least_memory() -> None:
    result = search(resolve(preset("llama3.1-405b", 1, batch=64)))
    assert result.fitting == 0
    assert result.best is None
    assert result.least_memory is not None
    assert result.least_memory.memory_bytes > result.capacity_bytes
    assert search(resolve(preset("llama3.1-8b", 1, batch=64))).least_memory is None


def test_memory_of_a_search_of_millions_stays_far_below_a_gigabyte() -> None:
    resolved = resolve(preset("deepseek-v3", 256, seq=4096, batch=1024))
    tracemalloc.start()
    try:
        result = search(resolved, threads=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.evaluated > 1_000_000
    assert peak < 0.5e9
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < 1.5e9


@pytest.mark.parametrize(
    ("name", "servers", "batch"),
    [("llama3.1-8b", 1, 128), ("llama3-70b", 8, 512), ("llama3-70b", 7, 560), ("llama3.1-405b", 128, 1024)],
)
def test_auto_is_as_good_as_the_whole_search(name: str, servers: int, batch: int) -> None:
    """The slider's quick choice looks at a part of the space; it may not lose more than 3 % on ordinary clusters."""
    resolved = resolve(preset(name, servers, batch=batch))
    best = search(resolved).best
    assert best is not None
    quick = best_layout(resolved)
    gpu = gpu_of(resolved.accelerator, resolved.server)
    step = step_time(resolved.time_architecture, gpu, quick, work_of(resolved), lay.shipped()).total_s
    assert float(step / quick.tokens_per_step) <= best.seconds_per_token * 1.03


def test_best_layout_of_a_plan_that_cannot_fit_needs_least_memory() -> None:
    resolved = resolve(preset("llama3.1-405b", 1, batch=64))
    layout = best_layout(resolved)
    gpu = gpu_of(resolved.accelerator, resolved.server)
    needed = float(peak_memory(resolved.architecture, layout, memory_options(resolved, gpu, layout)).total_bytes)
    others = [
        float(np.min(np.where(np.isfinite(e.seconds_per_token), e.memory_bytes, np.inf)))
        for e in (evaluate(resolved, c, gpu) for c in chunks(resolved, lay.auto_space(resolved, gpu)))
    ]
    assert needed == pytest.approx(min(others), rel=1e-9)


def test_picking_a_layout_gives_what_the_batch_says() -> None:
    resolved = resolve(CASES["dense"])
    chunk = next(iter(chunks(resolved, full_space(resolved))))
    size = math.prod(chunk.shape)
    for index in range(0, size, max(1, size // 20)):
        layout = pick(chunk.parallel, chunk.shape, index)
        for name in KEY:
            assert getattr(layout, name) == np.broadcast_to(getattr(chunk.parallel, name), chunk.shape).flat[index]
