"""What stacks and recipes do by rule: gradient width, pipeline schedule, routing room, host links, levels of sources."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.stacks import DISPATCHER_YEAR, FIRST_MOE_YEAR, Work
from mitsumori.model.calibration.runs import shipped as shipped_runs
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.kernels.matrix import matrix_rate
from mitsumori.model.memory.megatron import in_flight
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.fixed_layout import parallel_base
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.training.stages import ROUTING_CAPACITY, memory_options
from mitsumori.model.training.step import step_time

catalog = Catalogue.shipped()


def _resolved(model: str = "llama3.1-405b", **parallel: Any) -> Resolved:
    part = {"stack": "megatron", "stack_year": 2025.4, "tuning": "tuned", "seq_len": 8192, **parallel}
    return resolve(
        Plan.from_dict({"model": {"preset": model}, "cluster": {"server": "DGX-H100", "servers": 64}, "parallel": part})
    )


def _memory(resolved: Resolved, **layout: Any) -> Any:
    gpu = gpu_of(resolved.accelerator, resolved.server)
    base = parallel_base(resolved).with_(**layout)
    return peak_memory(resolved.architecture, base, memory_options(resolved, gpu, base))


LAYOUT_405B = {
    "tp": 8,
    "pp": 8,
    "vp": 8,
    "cp": 2,
    "dp": 4,
    "sp": 1,
    "zero_stage": 1,
    "micro_batch": 1,
    "global_batch": 256,
}


@pytest.mark.parametrize(
    ("change", "bytes_"),
    [
        ({}, 2), ({"stack_year": 2024.9}, 4), ({"tuning": "default"}, 4), ({"stack": "deepspeed"}, 2),
        ({"precision": "fp8"}, 2), ({"precision": "fp16"}, 4),
    ],
)  # fmt: skip
def test_bytes_of_a_gradient(change: dict[str, Any], bytes_: int) -> None:
    """NVIDIA's tuned bf16 recipes reduce gradients in 16 bits since NeMo 25.02; Megatron's default is 32."""
    batch = _memory(_resolved(**change), **LAYOUT_405B)
    parameters = float(batch.peaks[0].states.parameters)
    assert float(np.asarray(batch.peaks[0].states.gradients)) == pytest.approx(bytes_ * parameters)


def test_llama_405b_recipe_of_dgx_cloud_fits_without_recomputation() -> None:
    """DGX Cloud 25.05: TP 8, PP 8 x 8, CP 2 on 512 H100, measured 206.8 tokens/s, the speed without recomputation."""
    assert bool(_memory(_resolved(), **LAYOUT_405B, recompute=0).fits)
    assert not bool(_memory(_resolved(tuning="default"), **LAYOUT_405B, recompute=0).fits)


@pytest.mark.parametrize(("stack", "expected"), [("jax", 32), ("megatron", 4), ("torchtitan", 4)])
def test_jax_runs_all_forward_passes_first(stack: str, expected: int) -> None:
    layout = Parallel(gpus=32, pp=4, dp=8, global_batch=256, stack=code(STACKS, stack))
    assert float(in_flight(layout, 0)) == expected
    assert float(in_flight(layout, 3)) == (32 if stack == "jax" else 1)
    assert float(in_flight(layout.with_(pp=1, dp=32), 0)) == 1


@pytest.mark.parametrize(
    ("tuning", "ep", "expected"), [("tuned", 8, 1.0), ("default", 8, ROUTING_CAPACITY), ("default", 1, 1.0)]
)
def test_room_for_uneven_routing(tuning: str, ep: int, expected: float) -> None:
    resolved = _resolved("mixtral-8x7b", tuning=tuning)
    gpu = gpu_of(resolved.accelerator, resolved.server)
    options = memory_options(resolved, gpu, parallel_base(resolved).with_(ep=ep))
    assert float(np.asarray(options.moe_imbalance)) == expected


def test_dense_models_need_no_such_room() -> None:
    resolved = _resolved(tuning="default")
    gpu = gpu_of(resolved.accelerator, resolved.server)
    assert memory_options(resolved, gpu, parallel_base(resolved)).moe_imbalance == 1.0


def test_grace_superchips_reach_their_host_over_c2c() -> None:
    """NVLink-C2C carries 450 GB/s each way to one GH200, half of it to each of the two GPUs of a GB200; B200 has PCIe 5."""
    rates = {key: gpu_of(catalog.accelerators()[key]).host_bytes_per_s for key in ("GH200", "GB200", "GB300", "B200")}
    assert rates == {"GH200": 360e9, "GB200": 180e9, "GB300": 180e9, "B200": 48e9}


def test_interleaving_is_assumed_where_embedding_and_head_count_as_layers() -> None:
    """126 layers on 16 stages are 8 a stage with embedding and output layer (arXiv 2407.21783 section 3.3.2)."""
    run = next(run for run in shipped_runs() if run.id == "r1063")
    assert run.parallel is not None
    assert run.parallel.vp == 4
    assert "interleaving" in run.assumed


def test_age_costs_a_moe_layer_nothing_before_the_oldest_measured_release() -> None:
    resolved = _resolved("mixtral-8x7b")
    gpu = gpu_of(resolved.accelerator, resolved.server)
    base = parallel_base(resolved).with_(
        ep=16, dp=512, tp=1, global_batch=512, micro_batch=1, stack=code(STACKS, "other")
    )

    # Older attention kernels would hide more.
    constants = Constants({**shipped().values, "attention_age": 0.0}, shipped().effects)

    def communication(year: float) -> float:
        work = Work(fused_attention=2, compiled=1, overlap=1, dispatcher=1)
        step = step_time(resolved.architecture, gpu, base.with_(stack_year=year), work, constants)
        return float(np.asarray(step.ep_s))

    assert communication(2023.5) == pytest.approx(communication(FIRST_MOE_YEAR))
    assert communication(FIRST_MOE_YEAR) > communication(2025.8) > communication(DISPATCHER_YEAR)


@pytest.mark.parametrize("effect", [0.02, 0.3])
def test_no_product_beats_the_measured_one(effect: float) -> None:
    """Whatever the effects of family and accelerator say, in the format they are bounded in."""
    gpu = gpu_of(catalog.accelerators()["A100-80"])
    wild = {name: table + effect if name in {"family", "chip"} else table for name, table in shipped().effects.items()}
    rate = float(np.asarray(matrix_rate(gpu, code(PRECISIONS, "bf16"), Constants(shipped().values, wild))))
    assert rate == pytest.approx(gpu.bf16_matmul, rel=1e-12)


def test_shipped_rates_are_at_most_the_measured_ones() -> None:
    for key, record in catalog.accelerators().items():
        gpu = gpu_of(record)
        assert float(np.asarray(matrix_rate(gpu, code(PRECISIONS, "bf16"), shipped()))) <= gpu.bf16_matmul * (
            1 + 1e-9
        ), key


def test_narrow_main_gradients_move_half_the_bytes() -> None:
    """The part of a layer's time that the main gradient takes is halved in a tuned bf16 recipe of 2025."""
    resolved = _resolved()
    gpu = gpu_of(resolved.accelerator, resolved.server)
    base = parallel_base(resolved).with_(**LAYOUT_405B)

    def busy(year: float, exposed: float) -> float:
        constants = Constants(
            {**shipped().values, "gradient_exposed": exposed, "attention_age": 0.0}, shipped().effects
        )
        step = step_time(resolved.architecture, gpu, base.with_(stack_year=year), Work(), constants)
        return float(np.asarray(step.busy))

    wide = busy(2024.9, 0.5) - busy(2024.9, 0.0)
    assert wide > 0
    # Host time is felt a little less beside it.
    assert busy(2025.4, 0.5) - busy(2025.4, 0.0) == pytest.approx(wide / 2, rel=1e-4)


@pytest.mark.parametrize(
    ("stack", "slower"), [("megatron", True), ("torchtitan", True), ("huggingface", False), ("torchtune", False)]
)
def test_default_settings_cost_nothing_more_where_users_runs_set_the_level(stack: str, slower: bool) -> None:
    resolved = _resolved("llama3.1-8b")
    gpu = gpu_of(resolved.accelerator, resolved.server)
    layout = Parallel(
        gpus=8, dp=8, zero_stage=3, micro_batch=2, global_batch=64, seq_len=4096, stack=code(STACKS, stack)
    )

    def seconds(tuned: int) -> float:
        return float(
            np.asarray(step_time(resolved.architecture, gpu, layout.with_(tuned=tuned), Work(), shipped()).total_s)
        )

    assert (seconds(0) > 1.2 * seconds(1)) if slower else (seconds(0) == seconds(1))
    assert seconds(2) == seconds(1)
