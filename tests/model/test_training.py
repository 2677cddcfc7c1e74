"""From a step to days: goodput, stages, generation, and how sure it is (docs/method.md 5), by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, Parallel, code
from mitsumori.model.architecture.transformer import (
    Architecture,
    model_flop_per_token,
    parameter_count,
)
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.kernels.attention import cache_bytes_per_token
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.plan.resolve import Resolved
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
from tests.model.training_plans import LAYOUT, resolved


def gpu_of_plan(found: Resolved) -> Gpu:
    return gpu_of(found.accelerator, found.server)


def timed(found: Resolved, layout: Parallel = LAYOUT, level: float = 1.0) -> Any:
    return training_time(found, gpu_of_plan(found), layout, shipped(), level)


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
        kv_bytes=2.0, flops=float(MACHINE.bf16_matmul), fp8=0.0, nvfp4=0.0, draft=1.0, accepted=math.nan,
        engine=ENGINES.index("vllm"), year=ENGINE_YEAR,
    )  # fmt: skip
    model, card = served_model(arch), card_of(MACHINE)
    step = decode_step_s(model, at, card, float(found.batch), prompt + response / 2, k) * k.offline_level
    read = float(prefill_s(model, at, card, prompt, k, alone=False))
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
    full, few = (timed(resolved(**changes), LAYOUT.with_(global_batch=batch)).policy.rollout for batch in (2048, 32))
    assert (float(full.replicas), float(few.replicas)) == (16, 16)
    # 128 and 2 start; in the mean as many run as the mean answer is of the longest, at least one.
    assert float(full.batch) == pytest.approx(128 * 1024 / (8192 - 1024))
    assert float(few.batch) == 1
    assert float(few.found.tokens_per_s_per_gpu) < float(full.found.tokens_per_s_per_gpu)
