"""The time of a step: what the domain promises, whatever the constants are."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel, code
from mitsumori.model.architecture.stacks import LORA, Work, kernels
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.catalogue.accelerators import CHIPS, FAMILIES, gpu_of, native
from mitsumori.model.catalogue.accelerators import stack as stack_gpus
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import EFFECTS, SPEC, from_record, prior, shipped
from mitsumori.model.training.step import StepBatch, step_time

accelerator = Catalogue.shipped().accelerator
server = Catalogue.shipped().server

LLAMA_8B = Architecture(layers=32, hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256)
LLAMA_70B = Architecture(layers=80, hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256)
QWEN_235B = Architecture(
    layers=94, hidden=4096, ffn=0, heads=64, kv_heads=4, head_dim=128, vocab=151936, moe_experts=128, moe_topk=8,
    moe_ffn=1536,
)  # fmt: skip
H100 = gpu_of(accelerator("H100-SXM"))
GB200 = gpu_of(accelerator("GB200"))
BASE = Parallel(
    gpus=64, tp=4, sp=1, pp=4, vp=5, dp=4, zero_stage=1, micro_batch=1, global_batch=128, seq_len=8192, stack_year=2025.1
)  # fmt: skip


def step(arch: Architecture = LLAMA_70B, gpu=H100, parallel: Parallel = BASE, work: Work | None = None) -> StepBatch:
    return step_time(arch, gpu, parallel, work or Work(), shipped())


def test_parts_sum_to_the_step() -> None:
    for arch, parallel in (
        (LLAMA_70B, BASE),
        (LLAMA_70B, BASE.with_(recompute=2, zero_stage=3, pp=1, vp=1, dp=16)),
        (QWEN_235B, BASE.with_(ep=16, recompute=1)),
    ):
        result = step(arch, parallel=parallel)
        parts = result.breakdown()
        assert set(parts) == {"compute", "recompute", "communication", "bubble", "optimizer", "data"}
        assert sum(float(v) for v in parts.values()) == pytest.approx(float(result.total_s), rel=1e-12)
        assert all(float(v) >= -1e-12 for v in parts.values())
        assert sum(float(v) for v in result.communication().values()) == pytest.approx(float(parts["communication"]))


def test_a_batch_gives_what_single_plans_give() -> None:
    """The search, the table and the rows of a file are the same formulas."""
    tp, pp, micro = np.ix_(np.array([1, 2, 4, 8]), np.array([1, 2, 4, 8]), np.array([1, 2]))
    grid = BASE.with_(tp=tp, pp=pp, vp=1, micro_batch=micro, dp=64 // (tp * pp), sp=(tp > 1) * 1)
    whole = step(parallel=grid)
    for i, t in enumerate((1, 2, 4, 8)):
        for j, p in enumerate((1, 2, 4, 8)):
            for k, b in enumerate((1, 2)):
                if t * p > 64:
                    continue
                one = BASE.with_(tp=t, pp=p, vp=1, micro_batch=b, dp=64 // (t * p), sp=int(t > 1))
                single = step(parallel=one)
                assert float(np.broadcast_to(whole.total_s, (4, 4, 2))[i, j, k]) == pytest.approx(float(single.total_s))


def test_rows_of_different_models_and_machines_are_one_batch() -> None:
    archs, gpus = [LLAMA_8B, LLAMA_70B, QWEN_235B], [H100, GB200, gpu_of(accelerator("A100-80"))]
    columns = {f.name: np.array([getattr(a, f.name) for a in archs], dtype=float) for f in fields(Architecture)}
    together = step_time(Architecture(**columns), stack_gpus(gpus), BASE, Work(), shipped())
    for i, (arch, gpu) in enumerate(zip(archs, gpus, strict=True)):
        assert float(together.total_s[i]) == pytest.approx(float(step(arch, gpu).total_s), rel=1e-12)


def test_terms_stay_on_the_axes_they_depend_on() -> None:
    """A million layouts must not cost a million layer times."""
    tp, pp, dp = np.ix_(np.array([1, 2, 4]), np.array([1, 2, 4, 8]), np.array([1, 2, 4, 8, 16]))
    result = step(parallel=BASE.with_(tp=tp, pp=pp, dp=dp, vp=1))
    assert np.shape(result.total_s) == (3, 4, 5)
    assert np.shape(result.tp_s)[2] == 1
    assert np.shape(result.busy)[2] == 1


def test_many_constant_sets_at_once_are_each_of_them() -> None:
    """The Jacobian of the fit is one call: constants with a leading axis."""
    one, other = shipped(), prior()
    values = {k: np.array([[float(one[k])], [float(other[k])]]) for k in one.values}
    effects = {k: np.stack([one.effects[k], other.effects[k]]) for k in one.effects}
    rows = BASE.with_(tp=np.array([1, 2, 4]), dp=np.array([16, 8, 4]), precision=np.array([3, 4, 3]))
    both = step_time(LLAMA_70B, H100, rows, Work(), type(one)(values, effects)).total_s
    np.testing.assert_allclose(both[0], step_time(LLAMA_70B, H100, rows, Work(), one).total_s)
    np.testing.assert_allclose(both[1], step_time(LLAMA_70B, H100, rows, Work(), other).total_s)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"recompute": 2}),  # repeating the forward pass costs time
        ({"tp": 8, "dp": 2}, {"tp": 16, "dp": 1}),  # tensor parallelism across servers is slow, and looks slow
        ({"vp": 5}, {"vp": 1}),  # interleaving shrinks the bubble when micro-batches are few
        ({"tuned": 1}, {"tuned": 0}),  # default settings are slower than a tuned recipe
        ({"stack_year": 2026.0}, {"stack_year": 2023.5}),  # kernels improve
        ({"precision": code(PRECISIONS, "fp8")}, {"precision": code(PRECISIONS, "bf16")}),
        ({"precision": code(PRECISIONS, "bf16")}, {"precision": code(PRECISIONS, "fp32")}),
        ({"gpus": 64}, {"gpus": 4096}),  # stragglers and contention grow with the cluster
    ],
)
def test_what_is_faster(better: dict[str, float], worse: dict[str, float]) -> None:
    few = BASE.with_(global_batch=32)
    assert float(step(parallel=few.with_(**better)).total_s) < float(step(parallel=few.with_(**worse)).total_s)


def test_tensor_parallel_16_is_fine_inside_one_nvlink_domain_of_72() -> None:
    """On eight-GPU servers TP 16 crosses the network; in an NVL72 rack it does not (GB200: domain of 72)."""
    across = step(gpu=H100, parallel=BASE.with_(tp=16, dp=1)).communication()["tp"]
    inside = step(gpu=GB200, parallel=BASE.with_(tp=16, dp=1)).communication()["tp"]
    # Eight adapters of a server carry eight rings, together still far from the link.
    assert float(across) > 2 * float(inside)


def test_bubble_is_that_of_interleaved_1f1b() -> None:
    """(p-1)/(m*v) of the micro-batch work, arXiv 2104.04473 section 2.2, times a fitted factor near one."""
    result = step(parallel=BASE.with_(pp=8, vp=2, dp=2))
    m = 128 / 2
    assert float(result.bubble) == pytest.approx(float(shipped()["bubble"]) * 7 / (m * 2))
    assert float(step(parallel=BASE.with_(pp=1, vp=1, dp=16)).bubble) == 0.0


def test_network_adapters_of_a_server_pool_for_data_parallel_groups() -> None:
    """Eight members of a group in one server move gradients at eight adapters' rate; with TP 8 there is one member."""
    few = BASE.with_(pp=1, vp=1, global_batch=64, micro_batch=1)
    spread = step(LLAMA_8B, parallel=few.with_(tp=1, sp=0, dp=64))
    single = step(LLAMA_8B, parallel=few.with_(tp=8, sp=1, dp=8))
    # TP 8 leaves an eighth of the gradients on each GPU, at an eighth of the rate: about the same time, none of it free.
    raw_spread = float(spread.dp_s) + 1e-9
    slow = gpu_of(accelerator("H100-SXM"), nic_gbps=50.0)
    starved = step(LLAMA_8B, slow, few.with_(tp=8, sp=1, dp=8))
    assert float(starved.dp_s) > 4 * float(single.dp_s)
    assert raw_spread < float(starved.dp_s)


def test_lora_has_no_weight_gradient() -> None:
    """Two passes instead of three over frozen matrices: 4 instead of 6 FLOPs a parameter and token (arXiv 2106.09685)."""
    whole, adapters = step(), step(work=LORA)
    assert 0.60 < float(adapters.compute_s) / float(whole.compute_s) < 0.85
    assert float(adapters.optimizer_s) < 0.05 * float(whole.optimizer_s)


def test_sliding_window_and_packed_documents_save_attention() -> None:
    long = BASE.with_(seq_len=131072, cp=4, dp=1, global_batch=8)
    full = float(step(parallel=long).total_s)
    assert float(step(LLAMA_70B.with_(window=4096, window_share=0.5), parallel=long).total_s) < 0.75 * full
    assert float(step(parallel=long, work=Work(attention_share=0.1)).total_s) < 0.6 * full


def test_forced_balance_is_faster_than_natural_routing() -> None:
    layout = BASE.with_(ep=16)
    assert float(step(QWEN_235B, parallel=layout).total_s) < float(
        step(QWEN_235B, parallel=layout, work=Work(balanced=0.0)).total_s
    )


def test_kernel_rules_follow_stack_and_year() -> None:
    def flags(stack: str, year: float) -> tuple[int, int, int]:
        found = kernels(BASE.with_(stack=code(STACKS, stack), stack_year=year), Work())
        return int(found.fused_attention), int(found.compiled), int(found.overlap)

    assert flags("megatron", 2021.3) == (0, 1, 0)
    assert flags("megatron", 2023.5) == (1, 1, 1)
    assert flags("megatron", 2026.0) == (2, 1, 1)
    assert flags("torchtitan", 2025.0) == (1, 1, 0)
    assert flags("llm-foundry", 2024.3)[1] == 0
    assert flags("deepspeed", 2024.4)[0] == 1
    stated = kernels(BASE.with_(stack_year=2021.3), Work(fused_attention=np.array([np.nan, 1.0]), overlap=2))
    assert stated.fused_attention.tolist() == [0, 1]
    assert int(stated.overlap) == 2


def test_constants_stay_inside_their_physical_bounds() -> None:
    """No efficiency above one, and no constant outside the range its meaning allows."""
    fitted = shipped()
    for item in SPEC:
        assert item.low <= float(fitted[item.name]) <= item.high, item.name
    for name in ("matrix_bf16", "matrix_fp8", "matrix_fp4", "link_rate", "nic_rate", "expert_rate", "attention_rate"):
        assert float(fitted[name]) <= 1.0
    for table in EFFECTS:
        assert np.all(np.abs(fitted.effects[table.name]) <= table.bound)


def test_constants_say_where_they_come_from() -> None:
    meta = shipped().meta
    assert meta["rows"] > 500
    assert meta["groups"] > 60
    assert meta["date"] >= "2026-11-22"
    assert set(meta["intervals"]) >= {"dense", "moe", "tuning", "dense_foreign", "moe_foreign"}
    assert len(meta["left_out"]) > 400


def test_a_constant_outside_its_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"matrix_bf16=1\.2"):
        from_record({"constants": {"matrix_bf16": {"value": 1.2}}, "effects": {}})


def test_an_older_file_of_constants_still_loads() -> None:
    partial = from_record(
        {"constants": {"bubble": {"value": 0.8}}, "effects": {"family": {"hopper": 0.1, "gone": 1.0}}}
    )
    assert partial["bubble"] == 0.8
    assert partial["scale"] == prior()["scale"]
    assert partial.effects["family"][FAMILIES.index("hopper")] == 0.1


@pytest.mark.parametrize(
    "key", ["A100-80", "H100-SXM", "GB300", "MI300X", "MI355X", "TPUv7", "Gaudi3", "A64FX", "L40S"]
)
def test_every_kind_of_accelerator_is_predicted(key: str) -> None:
    gpu = gpu_of(accelerator(key))
    layout = Parallel(gpus=64, dp=64, zero_stage=3, global_batch=64, seq_len=4096, precision=3 if key != "A64FX" else 0)
    result = step(LLAMA_8B, gpu, layout)
    peak = float(gpu.bf16_flops if key != "A64FX" else gpu.fp32_flops)
    used = 6 * 8.0e9 * float(result.tokens_per_s_per_gpu)
    assert 0.05 * peak < used < 0.9 * peak


def test_gpu_of_reads_server_networks_and_domains() -> None:
    assert gpu_of(accelerator("H100-SXM"), server("DGX-H100")).nic_bytes_per_s == pytest.approx(50e9)
    assert gpu_of(accelerator("H100-SXM"), server("HPE-XD670")).nic_bytes_per_s == pytest.approx(12.5e9)
    assert gpu_of(accelerator("GB300"), server("DGX-GB300-NVL72")).domain == 72
    assert gpu_of(accelerator("H100-SXM")).domain == 8
    assert not native(gpu_of(accelerator("A100-80")), code(PRECISIONS, "fp8"))
    assert native(GB200, code(PRECISIONS, "nvfp4"))
    assert gpu_of(accelerator("L4")).chip == len(CHIPS) - 1


@given(
    st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4]), st.integers(1, 8),
    st.sampled_from(range(len(PRECISIONS))), st.sampled_from(range(len(STACKS))), st.floats(2020, 2030),
    st.sampled_from([0, 1, 2]), st.sampled_from([0, 1, 2, 3]),
)  # fmt: skip
def test_any_layout_gives_a_positive_finite_time(
    tp: int, pp: int, cp: int, micro: int, precision: int, stack: int, year: float, recompute: int, zero: int
) -> None:
    layout = BASE.with_(
        gpus=256, tp=tp, pp=pp, cp=cp, vp=1, dp=256 // (tp * pp * cp), micro_batch=micro, global_batch=2048,
        precision=precision, stack=stack, stack_year=year, recompute=recompute, zero_stage=zero,
    )  # fmt: skip
    for arch in (LLAMA_70B, QWEN_235B):
        total = float(step(arch, parallel=layout).total_s)
        assert np.isfinite(total)
        assert total > 0
