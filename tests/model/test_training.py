"""From a step to days: goodput, stages, generation, and how sure it is (docs/method.md 5), by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.transformer import (
    Architecture,
    model_flop_per_token,
    parameter_count,
)
from mitsumori.model.calibration.conformal import FALLBACK, pool_of, quantile, widths
from mitsumori.model.calibration.interval import (
    CLOSE,
    DEFAULT_TUNING,
    LEVEL_NOISE,
    NEAR,
    Features,
    as_near_run,
    assumes,
    band,
    calibrate,
    class_of,
    distance,
    distances,
    features,
    features_of,
    kind_of,
    library_record,
    near_runs,
)
from mitsumori.model.calibration.runs import shipped as shipped_runs
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu, gpu_of
from mitsumori.model.kernels.attention import cache_bytes_per_token
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.serving.constants import ENGINES, shipped_serving
from mitsumori.model.serving.shape import Deployment, card_of, served_model
from mitsumori.model.serving.step import decode_step_s, prefill_s
from mitsumori.model.training.days import EVALUATION_SHARE, peak_flops, plan_goodput, training_time
from mitsumori.model.training.generation import ENGINE_YEAR, GenerationBatch, Replica, generation
from mitsumori.model.training.goodput import (
    LLAMA3_MTBF_GPU_HOURS,
    goodput,
    standard_restart_s,
    standard_stall_s,
    young_interval_s,
)
from mitsumori.model.training.stages import memory_options, role_bytes, rollout, seconds_per_token, work_of, workflow
from mitsumori.model.training.step import step_time
from tests.model.step_plans import DENSE, LATENT, MACHINE, MOE

BASE: Plan = load_sample("llama3-70b-continual").plan.with_values(
    {"cluster.servers": 16, "workload.tokens": 1e9, "workload.conditions": "campaign"}
)
LAYOUT = Parallel(gpus=128, tp=8, sp=1, pp=4, dp=4, zero_stage=1, global_batch=256, seq_len=8192, stack_year=2026.0)


@cache
def resolved_of(*changes: tuple[str, Any]) -> Resolved:
    return resolve(BASE.with_values(dict(changes)))


def resolved(**changes: Any) -> Resolved:
    return resolved_of(*((name.replace("__", "."), value) for name, value in changes.items()))


def gpu_of_plan(found: Resolved) -> Gpu:
    return gpu_of(found.accelerator, found.server)


def timed(found: Resolved, layout: Parallel = LAYOUT, level: float = 1.0) -> Any:
    return training_time(found, gpu_of_plan(found), layout, shipped(), level)


# --- goodput -----------------------------------------------------------------------------------------------------------


def test_failure_rate_of_llama_3() -> None:
    """arXiv 2407.21783 section 3.3.4: 419 unexpected stops in 54 days on 16,384 GPUs, one in about three hours."""
    assert pytest.approx(50677, abs=1) == LLAMA3_MTBF_GPU_HOURS
    assert float(goodput(16384, 60.0).mtbf_s) / 3600 == pytest.approx(54 * 24 / 419)
    assert (standard_restart_s(8), standard_stall_s(8)) == (30 * 60, 60.0)


def test_young_interval_by_hand() -> None:
    """sqrt(2 x 100 s x 50,000 s) = 3,162 s (Young, CACM 17(9), 1974)."""
    assert float(young_interval_s(100.0, 50_000.0)) == pytest.approx(3162.28, abs=0.01)


@pytest.mark.parametrize(
    ("gpus", "stall", "hours", "restart"),
    [(1024, 120.0, 50_000.0, 900.0), (16384, 30.0, 20_000.0, 600.0), (8, 600.0, 50_000.0, 0.0)],
)
def test_goodput_by_hand(gpus: int, stall: float, hours: float, restart: float) -> None:
    """Daly (FGCS 22, 2006): a segment of tau + t takes exp(R/M) M (exp((tau + t)/M) - 1); at the best tau and a stated one."""
    mtbf = hours * 3600 / gpus
    for tau in (None, 1800.0):
        found = goodput(gpus, stall, mtbf_gpu_hours=hours, restart_s=restart, interval_s=tau)
        used = math.sqrt(2 * stall * mtbf) if tau is None else tau
        whole = math.exp(restart / mtbf) * mtbf * (math.exp((used + stall) / mtbf) - 1)
        assert float(found.interval_s) == pytest.approx(used)
        assert float(found.goodput) == pytest.approx(used / whole)
        parts = (found.goodput, found.checkpoint, found.rework, found.restart)
        assert sum(float(part) for part in parts) == pytest.approx(1.0)
        assert float(found.checkpoint) == pytest.approx(float(found.goodput) * stall / used)


def test_goodput_agrees_with_a_simulation() -> None:
    """Stops drawn at random, also while a checkpoint is written and during a restart; 20,000 segments."""
    gpus, stall, restart, hours = 16_384, 60.0, 900.0, 20_000.0
    mtbf, dice = hours * 3600 / gpus, np.random.default_rng(7)
    tau = float(young_interval_s(stall, mtbf))
    clock, done, segments = 0.0, 0.0, 20_000
    for _ in range(segments):
        while (after := dice.exponential(mtbf)) < tau + stall:
            clock += after
            while (again := dice.exponential(mtbf)) < restart:
                clock += again
            clock += restart
        clock += tau + stall
        done += tau
    found = goodput(gpus, stall, mtbf_gpu_hours=hours, restart_s=restart)
    assert float(found.goodput) == pytest.approx(done / clock, rel=0.01)


def test_llama_3_trains_over_nine_tenths_of_the_time() -> None:
    """arXiv 2407.21783 section 3.3.4: over 90 % effective training time at 16,384 GPUs with 419 stops in 54 days."""
    gpus = 16_384
    kept = goodput(gpus, standard_stall_s(gpus), restart_s=standard_restart_s(gpus))
    assert 0.90 < float(kept.goodput) < 0.95
    large = goodput(100_000, standard_stall_s(100_000), restart_s=standard_restart_s(100_000))
    assert 0.5 < float(large.goodput) < float(kept.goodput)


def test_the_standards_of_a_site_move_without_a_step() -> None:
    sizes = np.geomspace(8, 200_000, 400)
    for standard, ends in ((standard_stall_s, (60.0, 5.0)), (standard_restart_s, (1800.0, 600.0))):
        values = np.array([standard(size) for size in sizes])
        assert (values[0], values[-1]) == pytest.approx(ends)
        assert np.all(np.diff(values) <= 1e-9)
        assert np.all(values[1:] / values[:-1] > 0.95)


def test_goodput_is_best_at_youngs_interval_and_never_negative() -> None:
    best = float(goodput(4096, 60.0).goodput)
    tau = float(goodput(4096, 60.0).interval_s)
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert float(goodput(4096, 60.0, interval_s=tau * factor).goodput) < best
    assert 0.0 <= float(goodput(10_000_000, 600.0).goodput) < 1e-9
    assert 0.999 < float(goodput(1, 1e-6, restart_s=0.0).goodput) <= 1.0
    several = goodput(np.array([8, 1024]), 60.0)
    assert several.restart.shape == several.goodput.shape == (2,)
    assert several.goodput[0] > several.goodput[1]


def test_goodput_of_a_plan_reads_its_network() -> None:
    plain = resolved()
    network = plain.plan.network
    found = plan_goodput(plain, 128)
    assert network.checkpoint_stall_s is None
    expected = goodput(128, 60.0)
    assert float(found.goodput) == float(expected.goodput)
    stated = resolved(
        network__checkpoint_stall_s=300.0, network__mtbf_gpu_hours=9000.0, network__restart_s=0.0,
        network__checkpoint_interval_s=7200.0,
    )  # fmt: skip
    mtbf = 9000 * 3600 / 128
    found = plan_goodput(stated, 128)
    assert float(found.goodput) == pytest.approx(7200 / mtbf / (math.exp(7500 / mtbf) - 1))
    assert float(found.restart) == 0.0


# --- days --------------------------------------------------------------------------------------------------------------


def test_days_are_tokens_over_speed_and_goodput() -> None:
    found = resolved(workload__stage="sft")
    time = timed(found)
    step = step_time(found.time_architecture, gpu_of_plan(found), LAYOUT, work_of(found), shipped())
    per_token = float(step.total_s) / (256 * 8192)
    useful = float(plan_goodput(found, 128).goodput)
    assert float(time.days) == pytest.approx(1e9 * per_token / 86400 / useful, rel=1e-9)
    assert float(time.tokens_per_s_per_gpu) == pytest.approx(1 / per_token / 128, rel=1e-9)
    assert float(time.train_own_s_per_token) == float(time.train_s_per_token) == pytest.approx(per_token)
    assert float(time.generate_s_per_token) == 0.0
    assert time.rolled is None and time.rollout_tp == 0 and time.evaluation_share == 0.0
    flop = float(model_flop_per_token(found.time_architecture, 8192))
    peak = float(peak_flops(gpu_of_plan(found), LAYOUT.precision))
    assert float(time.mfu) == pytest.approx(flop / per_token / 128 / peak, rel=1e-9)


@pytest.mark.parametrize(
    ("stage", "conditions", "evaluated"),
    [("pretrain", "campaign", True), ("continual", "campaign", True), ("sft", "campaign", False), ("lora", "campaign", False),
     ("pretrain", "benchmark", False)],
)  # fmt: skip
def test_campaigns_of_pre_training_wait_for_evaluation(stage: str, conditions: str, evaluated: bool) -> None:
    """Two hundredths of a campaign; a benchmark neither fails nor evaluates."""
    assert EVALUATION_SHARE == 0.02
    found = resolved(workload__stage=stage, workload__conditions=conditions)
    time = timed(found)
    failures = float(plan_goodput(found, 128).goodput)
    expected = failures * (0.98 if evaluated else 1.0) if conditions == "campaign" else 1.0
    assert float(time.goodput) == pytest.approx(expected)
    assert time.evaluation_share == (0.02 if evaluated else 0.0)


def test_measured_level_speeds_everything_up() -> None:
    """A level of 1.25 from the user's runs: a quarter more speed and MFU, four fifths of the days."""
    for stage in ("sft", "grpo"):
        found = resolved(workload__stage=stage)
        plain, fast = timed(found), timed(found, level=1.25)
        for name in ("tokens_per_s_per_gpu", "mfu"):
            assert float(getattr(fast, name)) == pytest.approx(1.25 * float(getattr(plain, name)), rel=1e-9)
        for name in ("days", "train_s_per_token", "train_own_s_per_token", "generate_s_per_token"):
            assert float(getattr(fast, name)) == pytest.approx(float(getattr(plain, name)) / 1.25, rel=1e-9)


def test_peak_of_every_precision() -> None:
    """What MFU is measured against: the dense data sheet of the plan's format."""
    expected = {"fp32": 0.1, "tf32": 0.5, "fp16": 1, "bf16": 1, "fp8": 2, "mxfp8": 2, "nvfp4": 4}
    for name, petaflops in expected.items():
        assert float(peak_flops(MACHINE, code(PRECISIONS, name))) == pytest.approx(petaflops * 1e15)
    batch = peak_flops(MACHINE, np.arange(len(PRECISIONS)))
    assert batch.tolist() == [expected[name] * 1e15 for name in PRECISIONS]


def test_only_generating_has_no_step_and_no_mfu() -> None:
    found = resolved(workload__stage="datagen")
    time = timed(found)
    assert time.step is None and time.rolled is not None
    assert float(time.train_s_per_token) == float(time.train_own_s_per_token) == 0.0
    assert math.isnan(float(time.mfu))
    assert float(time.tokens_per_s_per_gpu) == pytest.approx(1 / float(time.generate_s_per_token) / 128)


# --- stages ------------------------------------------------------------------------------------------------------------


def test_workflow_of_every_stage() -> None:
    """What comes with each trained token (arXiv 2305.18290, 2203.02155, 2402.03300)."""

    def flow(stage: str, **changes: Any) -> Any:
        return workflow(resolved(workload__stage=stage, **changes))

    for stage in ("pretrain", "continual", "sft"):
        plain = flow(stage)
        assert plain.trains and plain.adapters == "full"
        assert (plain.extra_forward, plain.extra_training, plain.generated, plain.prefilled) == (0, 0, 0, 0)
        assert (plain.frozen_copies, plain.trained_copies) == (0, 0)
    assert [flow(stage).adapters for stage in ("lora", "qlora")] == ["lora", "qlora"]
    dpo = flow("dpo")
    assert (dpo.extra_forward, dpo.frozen_copies, dpo.trained_copies, dpo.generated) == (1, 1, 0, 0)
    lengths = {"workload__prompt_len": 500, "workload__response_len": 1500}
    size = resolved().parameters
    ppo = flow("ppo", workload__reward_model_params=size / 4, **lengths)
    # old policy and reference, a reward model of a quarter, and the critic's own old values
    assert ppo.extra_forward == pytest.approx(2.5) and ppo.extra_training == pytest.approx(0.25)
    assert ppo.generated == pytest.approx(0.75) and ppo.prefilled == pytest.approx(0.25)
    assert ppo.frozen_copies == pytest.approx(1.25) and ppo.trained_copies == pytest.approx(0.25)
    same = flow("ppo", **lengths)
    assert same.extra_forward == pytest.approx(4.0) and same.trained_copies == pytest.approx(1.0)
    grpo = flow("grpo", workload__responses_per_prompt=8, **lengths)
    assert grpo.extra_forward == pytest.approx(3.0) and grpo.extra_training == 0 and grpo.trained_copies == 0
    assert grpo.prefilled == pytest.approx(0.25 / 8) and grpo.frozen_copies == pytest.approx(2.0)
    made = flow("datagen", **lengths)
    assert not made.trains and made.generated == 1.0 and made.prefilled == pytest.approx(1 / 3)


def test_work_of_a_stage() -> None:
    assert work_of(resolved(workload__stage="lora")).trained_share == 0.0
    plain = work_of(resolved(workload__stage="sft"))
    assert plain.trained_share == 1.0 and plain.compiled is None and plain.fused_attention is None
    slow = work_of(resolved(workload__stage="sft", parallel__compiled=False, parallel__fused_attention=False))
    assert slow.compiled == 0 and slow.fused_attention == 0


def test_seconds_of_a_token_add_the_roles() -> None:
    """Training x (1 + critic) + a third of the compute and tensor traffic for each forward pass + generation."""
    found = resolved(workload__stage="ppo", workload__prompt_len=500, workload__response_len=1500)
    gpu, flow = gpu_of_plan(found), workflow(found)
    step = step_time(found.time_architecture, gpu, LAYOUT, work_of(found), shipped())
    rolled, _ = rollout(found, gpu)
    train, generate = seconds_per_token(found, flow, step, rolled)
    forward = (float(step.compute_s) + float(step.communication()["tp"])) / 3
    tokens = 256 * 8192
    expected = (float(step.total_s) * (1 + flow.extra_training) + forward * flow.extra_forward) / tokens
    assert float(train) == pytest.approx(expected, rel=1e-9)
    cluster = found.accelerators
    speed = float(rolled.tokens_per_s_per_gpu) * cluster
    prefill = float(rolled.prefill_tokens_per_s_per_gpu) * cluster
    assert float(generate) == pytest.approx(flow.generated / speed + flow.prefilled / prefill, rel=1e-9)
    assert seconds_per_token(found, flow, None, None) == (0.0, 0.0)
    stuck = replace(rolled, tokens_per_s_per_gpu=np.zeros(()))
    assert float(seconds_per_token(found, flow, step, stuck)[1]) == math.inf
    assert timed(found).rollout_tp in (1, 2, 4, 8)


def test_other_roles_lie_in_memory_like_the_model() -> None:
    """2 bytes a frozen and 18 a trained parameter, over tensor and pipeline ranks, under ZeRO-3 over all accelerators."""
    found = resolved(workload__stage="ppo")
    size = found.parameters
    whole = size * (2 * 2 + 18 * 1)
    assert float(role_bytes(found, LAYOUT)) == pytest.approx(whole / 32)
    assert float(role_bytes(found, LAYOUT.with_(zero_stage=2))) == pytest.approx(whole / 32)
    assert float(role_bytes(found, LAYOUT.with_(zero_stage=3))) == pytest.approx(whole / 128)
    assert float(role_bytes(resolved(workload__stage="sft"), LAYOUT)) == 0.0
    assert float(role_bytes(resolved(workload__stage="dpo"), LAYOUT)) == pytest.approx(2 * size / 32)


def test_memory_options_of_a_plan() -> None:
    found = resolved(workload__stage="qlora", workload__lora_rank=32, parallel__compiled=False)
    gpu = gpu_of_plan(found)
    options = memory_options(found, gpu, LAYOUT)
    assert (options.trainable, options.lora_rank, options.compiled) == (2, 32, 0)
    assert options.capacity_bytes == gpu.memory_bytes
    assert (int(options.fused_attention), int(options.dropout)) == (1, 0)
    old = memory_options(found, gpu, LAYOUT.with_(stack_year=2021.0))
    assert (int(old.fused_attention), int(old.dropout)) == (0, 1)
    for targets, wanted in (("all_linear", 1), ("attention", 0)):
        chosen = memory_options(resolved(workload__stage="lora", workload__lora_targets=targets), gpu, LAYOUT)
        assert (chosen.trainable, chosen.lora_all_linear) == (1, wanted)


# --- generation --------------------------------------------------------------------------------------------------------


def test_cache_of_a_token() -> None:
    """2 k d elements a layer of 2 bytes; the latent and the rotary part under MLA (arXiv 2405.04434 table 1)."""
    assert float(cache_bytes_per_token(DENSE)) == 2 * 2 * 8 * 128 * 24
    assert float(cache_bytes_per_token(DENSE, 1.0)) == 2 * 8 * 128 * 24
    assert float(cache_bytes_per_token(LATENT)) == 2 * (512 + 64) * 12


@pytest.mark.parametrize("arch", [DENSE, MOE, LATENT], ids=["dense", "moe", "mla"])
@pytest.mark.parametrize(("tp", "prompt", "response"), [(1, 500, 1000), (4, 500, 1000), (8, 8192, 4096)])
def test_generation_is_the_serving_engine_with_a_full_batch(
    arch: Architecture, tp: int, prompt: int, response: int
) -> None:
    """Decoding and prompts together take what the engine's offline run of the same lengths takes."""
    found = generation(arch, MACHINE, Replica(tp, prompt, response))
    assert bool(found.fits)
    k = shipped_serving().constants
    at = Deployment(
        gpus=float(tp), pp=1.0, dp=1.0, expert_ranks=float(tp), attention_bytes=2.0, dense_bytes=2.0, expert_bytes=2.0,
        kv_bytes=2.0, flops=float(MACHINE.bf16_flops), fp8=0.0, nvfp4=0.0, draft=1.0, accepted=math.nan,
        engine=ENGINES.index("vllm"), year=ENGINE_YEAR,
    )  # fmt: skip
    model, card = served_model(arch), card_of(MACHINE)
    step = decode_step_s(model, at, card, float(found.batch), prompt + response / 2, k) * k.offline_level
    read = k.interference * float(prefill_s(model, at, card, prompt, k, alone=False))
    token = float(step) + float(found.batch) / response * read
    rate = float(found.batch) / token / tp
    mine = 1 / float(found.tokens_per_s_per_gpu) + prompt / response / float(found.prefill_tokens_per_s_per_gpu)
    assert 1 / mine == pytest.approx(rate, rel=1e-9)


def test_generation_needs_room_for_weights_and_one_sequence() -> None:
    small = MACHINE.with_(memory_bytes=10e9)
    found = generation(DENSE, small, Replica(1, 500, 1000))
    assert not bool(found.fits)
    assert float(found.tokens_per_s_per_gpu) == float(found.prefill_tokens_per_s_per_gpu) == 0.0
    assert bool(generation(DENSE, small, Replica(4, 500, 1000)).fits)
    few, many = (generation(DENSE, MACHINE, Replica(1, 500, 1000, wanted_batch=n)) for n in (4, 64))
    assert float(few.batch) == 4 and float(many.batch) == 64
    assert float(few.tokens_per_s_per_gpu) < float(many.tokens_per_s_per_gpu)
    assert float(generation(DENSE, MACHINE, Replica(1, 500, 1000, memory_share=0.5)).batch) <= float(
        generation(DENSE, MACHINE, Replica(1, 500, 1000)).batch
    )


def test_rollout_takes_the_fastest_replica() -> None:
    found = resolved(workload__stage="grpo", workload__prompt_len=500, workload__response_len=1500)
    gpu = gpu_of_plan(found)
    best, tp = rollout(found, gpu)
    assert isinstance(best, GenerationBatch)
    speeds = {
        size: float(
            generation(found.architecture, gpu, Replica(size, 500, 1500), found.params_scale).tokens_per_s_per_gpu
        )
        for size in (1, 2, 4, 8)
    }
    assert tp == max(speeds, key=lambda size: speeds[size])
    assert float(best.tokens_per_s_per_gpu) == pytest.approx(speeds[tp])
    # Where only one size holds the weights it is taken: inside the scale-up domain while one fits, else beyond it.
    weights = 2 * float(parameter_count(found.architecture).total) * found.params_scale
    for size in (1, 2, 4, 8, 16, 32):
        tight = gpu.with_(domain=size, memory_bytes=1.4 * weights / size + 4e9)
        chosen, tp = rollout(found, tight)
        assert tp == size and float(chosen.tokens_per_s_per_gpu) > 0
    assert rollout(found, gpu.with_(domain=2))[1] <= 2
    beyond, tp = rollout(found, gpu.with_(domain=1, memory_bytes=1.4 * weights / 4 + 4e9))
    assert tp == 4 and float(beyond.tokens_per_s_per_gpu) > 0
    assert rollout(resolved(workload__stage="grpo", rollout__tp=2), gpu)[1] == 2
    # 8-bit weights where the accelerator computes in them
    eight = resolved(
        workload__stage="grpo", workload__prompt_len=500, workload__response_len=1500, parallel__precision="fp8"
    )
    for card, precision in ((gpu, "fp8"), (gpu.with_(fp8=0.0), "bf16")):
        narrow, size = rollout(eight, card)
        again = generation(eight.architecture, card, Replica(size, 500, 1500, precision), eight.params_scale)
        assert float(narrow.tokens_per_s_per_gpu) == pytest.approx(float(again.tokens_per_s_per_gpu))


def test_the_replicas_share_the_responses_of_a_step() -> None:
    changes = {"workload__stage": "grpo", "rollout__tp": 8}
    full = rollout(resolved(**changes), gpu_of_plan(resolved()))[0]
    few = rollout(resolved(**changes, parallel__global_batch=32), gpu_of_plan(resolved()))[0]
    assert float(few.batch) == 2
    assert float(few.tokens_per_s_per_gpu) < float(full.tokens_per_s_per_gpu)


# --- how sure ----------------------------------------------------------------------------------------------------------

HERE = Features("H100-SXM", "hopper", "16", "megatron", False, False, 36.0, 10.0, 13.0)


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({}, 0.0), ({"gpu_key": "H200"}, 0.5), ({"gpu_key": "B200", "family": "blackwell"}, 1.0), ({"precision": "low"}, 0.5),
        ({"stack": "jax"}, 0.5), ({"moe": True}, 1.5), ({"tuning": True}, 0.5), ({"log_active": 40.0}, 1.0), ({"log_active": 32.0}, 1.0),
        ({"log_gpus": 12.0}, 0.1), ({"log_gpus": 8.0}, 0.1), ({"log_seq": 18.0}, 0.6), ({"log_seq": 8.0}, 0.6),
        ({"precision": "fp4", "stack": "other", "log_gpus": 0.0}, 1.5),
    ],
)  # fmt: skip
def test_distance_of_two_runs(changes: dict[str, Any], gap: float) -> None:
    """1 is a generation of accelerators or a sixteenfold model."""
    other = replace(HERE, **changes)
    assert distance(HERE, other) == pytest.approx(gap)
    assert distance(other, HERE) == pytest.approx(gap)


def test_distances_to_all_runs_are_each_distance() -> None:
    from mitsumori.model.calibration.interval import _library

    for here in (
        HERE,
        replace(HERE, moe=True, gpu_key="GB200", family="blackwell", precision="low", log_seq=12.0),
        replace(HERE, tuning=True, stack="torchtitan"),
    ):
        found = distances(here)
        expected = [distance(here, other) for _, other in _library()]
        np.testing.assert_allclose(found, expected, atol=1e-12)
        assert len(found) > 300


def test_features_of_a_plan() -> None:
    gpu = gpu_of(resolved().accelerator)
    for name, group in (("bf16", "16"), ("fp32", "16"), ("fp8", "low"), ("mxfp8", "low"), ("nvfp4", "fp4")):
        found = features(DENSE, gpu, LAYOUT.with_(precision=code(PRECISIONS, name)), True)
        assert found.precision == group
    active = float(parameter_count(DENSE).total)
    assert 2**found.log_active == pytest.approx(active)
    assert (found.log_gpus, found.log_seq, found.tuning, found.moe) == (7.0, 13.0, True, False)
    assert found.family == FAMILIES[int(gpu.family)] and found.stack == "megatron" and found.gpu_key == gpu.key
    assert features(MOE, gpu, LAYOUT).moe and not features(MOE, gpu, LAYOUT).tuning


def test_near_runs_are_nearest_first_and_no_farther_than_one() -> None:
    run = next(
        run for run in shipped_runs() if run.expressed and run.trust == "A" and run.kind == "pretrain" and not run.moe
    )
    found = near_runs(run.architecture, run.gpu, run.parallel)
    gaps = [gap for gap, _ in found]
    assert gaps == sorted(gaps) and gaps[0] == pytest.approx(0.0, abs=1e-9) and gaps[-1] <= NEAR
    assert len(found) == 8
    assert len(near_runs(run.architecture, run.gpu, run.parallel, limit=3)) == 3
    here = features(run.architecture, run.gpu, run.parallel)
    assert sorted(distances(here))[:8] == pytest.approx(gaps)
    far = near_runs(DENSE.with_(layers=1, vocab=100), run.gpu, run.parallel.with_(gpus=1, seq_len=64), limit=1000)
    assert all(gap <= NEAR for gap, _ in far)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "dense"), ({"moe": True}, "moe"), ({"tuning": True}, "tuning"), ({"tuning": True, "moe": True, "stack": "jax"}, "tuning_foreign"),
        ({"stack": "jax"}, "dense_foreign"), ({"family": "tpu"}, "dense_foreign"), ({"family": "cdna3", "moe": True}, "moe_foreign"),
        ({"stack": "deepspeed", "family": "ampere"}, "dense"), ({"stack": "torchtitan", "family": "blackwell_ultra"}, "dense"),
        ({"stack": "llm-foundry", "family": "blackwell"}, "dense"), ({"stack": "other"}, "dense_foreign"), ({"family": "ada"}, "dense_foreign"),
    ],
)  # fmt: skip
def test_class_of_a_prediction(changes: dict[str, Any], kind: str) -> None:
    here = replace(HERE, **changes)
    assert kind_of(here) == kind
    assert class_of(here, CLOSE) == kind
    assert class_of(here, CLOSE + 0.01) == kind + "_far"
    assert class_of(here, CLOSE, assumed=True) == kind + "_assumed"
    assert CLOSE == 0.6


def test_weighted_quantile_with_one_point_at_infinity() -> None:
    """Lei et al., JASA 113, 2018: of nine equal points the eighth covers 80 % of ten."""
    values = np.array([9.0, 1, 8, 2, 7, 3, 6, 4, 5])
    ones = np.ones(9)
    assert quantile(values, ones) == 8.0
    assert quantile(values, ones, 0.5) == 5.0
    assert quantile(values, ones, 0.99) == 9.0
    weights = np.where(values == 9, 31.0, 1.0)
    assert quantile(values, weights) == 9.0
    assert quantile(np.array([1.0, 2.0]), np.array([100.0, 1.0])) == 2.0


def test_widths_of_the_classes() -> None:
    """80 % of the residuals x 1.05; ends apart from 30 rows on; no residual at all 0.30."""
    skew = np.concatenate([np.linspace(0.0, 0.4, 45), -np.linspace(0.0, 0.1, 45)])
    found = widths(["dense"] * 90 + ["moe"] * 20, np.r_[skew, np.full(20, -0.2)], np.ones(110))
    below, above = found["dense"]
    assert below > 2 * above  # what ran slower than predicted reaches further
    inside = np.mean((skew >= -above / 1.05) & (skew <= below / 1.05))
    assert inside == pytest.approx(0.8, abs=0.03)
    assert found["moe"] == pytest.approx((0.2 * 1.05, 0.2 * 1.05))
    assert found["tuning"] == pytest.approx((FALLBACK * 1.05, FALLBACK * 1.05)) and FALLBACK == 0.30
    many = widths(["moe"] * 40 + ["moe_far"] * 40, np.array([0.1] * 40 + [0.5] * 40), np.ones(80))
    assert many["moe"][0] == pytest.approx(0.105) and many["moe_far"][0] == pytest.approx(0.525)


def test_a_class_with_few_rows_grows_as_the_circumstance_made_another_kind_grow() -> None:
    """Two far MoE rows tell nothing; a circumstance that triples the error of dense models triples the width of MoE ones."""
    errors = np.array([0.1] * 20 + [0.3] * 20 + [0.2] * 20 + [0.9] * 2)
    found = widths(["dense"] * 20 + ["dense_far"] * 20 + ["moe"] * 20 + ["moe_far"] * 2, errors, np.ones(62))
    assert found["moe_far"] == pytest.approx((0.6 * 1.05, 0.6 * 1.05))
    assert found["moe_foreign"] == found["moe_assumed"] == found["moe_far"]
    # Two circumstances: no kind has measured them, so half as much again.
    assert found["dense_foreign_far"] == pytest.approx((0.45 * 1.05, 0.45 * 1.05))
    assert found["dense_default"] == found["dense_far"]


def test_less_known_is_never_surer() -> None:
    """Classes that come out the wrong way round are one pool."""
    errors = np.array([0.4] * 20 + [0.1] * 20)
    found = widths(["tuning"] * 20 + ["tuning_assumed"] * 20, errors, np.ones(40))
    assert found["tuning"] == found["tuning_assumed"]
    assert all(found["tuning_foreign_far"][end] >= found["tuning"][end] for end in (0, 1))


def test_a_class_counts_its_circumstances() -> None:
    assert [pool_of(name) for name in ("moe", "moe_far", "moe_foreign_far_assumed")] == ["moe", "moe_1", "moe_2"]
    assert pool_of("dense_far_default") == "dense_default" and pool_of("campaign") == "campaign"
    assert assumes(("layout", "interleaving")) and not assumes(("interleaving",))


@pytest.mark.parametrize(("ratios", "half"), [([0.1], 0.2), ([0.1, 0.2, 0.3], 0.2), ([-0.4] * 10, 0.1), ([0.05], 0.01)])
def test_calibration_is_bayesian_shrinkage(ratios: list[float], half: float) -> None:
    """shift = mean S^2 / (S^2 + 0.05^2 / n), S = half-width / 1.28; what is left of the offset and the runs' own spread add."""
    spread = max(half / 1.2816, 0.05)
    noise = 0.05**2 / len(ratios)
    shift, width = calibrate(ratios, half)
    assert shift == pytest.approx(sum(ratios) / len(ratios) * spread**2 / (spread**2 + noise))
    left = 1 / (1 / spread**2 + 1 / noise)
    assert width == pytest.approx(min(half, 1.2816 * math.sqrt(left + 0.05**2)))
    assert LEVEL_NOISE == 0.05
    assert calibrate([], half) == (0.0, half)


def test_band_of_a_prediction() -> None:
    run = next(
        run for run in shipped_runs() if run.expressed and run.trust == "A" and run.kind == "pretrain" and not run.moe
    )
    plain: Constants = shipped()
    c = Constants(
        plain.values,
        plain.effects,
        {"intervals": {"dense": (0.1, 0.1), "dense_far": (0.2, 0.2), "tuning": (0.3, 0.3), "tuning_far": (0.3, 0.3)}},
    )
    tuned = run.parallel.with_(tuned=1)
    here = features(run.architecture, run.gpu, tuned)
    near = int((distances(here) <= NEAR).sum())
    found = band(run.architecture, run.gpu, tuned, c)
    assert (found.low, found.high) == pytest.approx((math.exp(-0.1), math.exp(0.1)))
    assert (found.name, found.near, found.level, found.measured) == ("dense", near, 1.0, 0)
    assert band(run.architecture, run.gpu, tuned, c, exclude=run.id).near == near - 1
    sft = band(run.architecture, run.gpu, tuned, c, tuning=True)
    assert sft.name in ("tuning", "tuning_far") and sft.high == pytest.approx(math.exp(0.3))
    far = band(DENSE.with_(layers=1, vocab=100), run.gpu, tuned.with_(seq_len=64), c)
    assert far.name == "dense_far" and far.high == pytest.approx(math.exp(0.2))
    unknown = band(run.architecture, run.gpu, tuned, Constants(plain.values, plain.effects, {}))
    assert unknown.high == pytest.approx(math.exp(0.30))
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), c)
    assert (default.low, default.high, default.name) == (pytest.approx(0.65), pytest.approx(1.15), "dense_default")
    wide = Constants(plain.values, plain.effects, {"intervals": dict.fromkeys(("dense", "dense_far"), (0.5, 0.5))})
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), wide)
    assert (default.low, default.high) == pytest.approx((math.exp(-0.5), math.exp(0.5)))
    known = Constants(plain.values, plain.effects, {"intervals": {"dense": (0.1, 0.1), "dense_default": (0.2, 0.3)}})
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), known)
    assert (default.low, default.high) == pytest.approx((math.exp(-0.2), math.exp(0.3)))
    assert [math.exp(bound) for bound in DEFAULT_TUNING] == pytest.approx([0.65, 1.15])
    measured = band(run.architecture, run.gpu, tuned, wide, log_ratios=[0.1, 0.1])
    shift, width = calibrate([0.1, 0.1], 0.5)
    assert measured.level == pytest.approx(math.exp(shift)) and measured.measured == 2
    assert (measured.low, measured.high) == pytest.approx((math.exp(-width), math.exp(width)))
    both = band(run.architecture, run.gpu, tuned.with_(tuned=0), c, log_ratios=[0.1])
    shift, width = calibrate([0.1], -math.log(0.65))
    assert both.level == pytest.approx(math.exp(shift))
    assert both.low == pytest.approx(math.exp(-width)) and both.high == pytest.approx(
        math.exp(min(math.log(1.15), width))
    )


def test_library_holds_trusted_runs_and_no_campaigns() -> None:
    rows = shipped_runs()
    record = library_record(rows)
    kept = {entry["run"]["id"] for entry in record}
    for run in rows:
        assert (run.id in kept) == (run.expressed and run.trust in ("A", "B") and run.kind != "campaign"), run.id
    one = next(run for run in rows if run.id in kept and (run.lora or run.kind == "sft"))
    assert features_of(one).tuning
    plain = next(run for run in rows if run.id in kept and not run.lora and run.kind == "pretrain")
    assert not features_of(plain).tuning
    near = as_near_run(plain)
    assert (near.id, near.url, near.tokens_per_s_per_gpu) == (plain.id, plain.row["source_url"], plain.measured)
    for column in ("model", "gpus", "gpu", "precision"):
        assert plain.row[column] in near.what
    assert STACKS[int(plain.parallel.stack)] == features_of(plain).stack
