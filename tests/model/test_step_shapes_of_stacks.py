"""What a step owes to the shape of links, stages and recipes: meshes, counted ends of a pipeline, gradients, dropped tokens, kernels
of a year (docs/method.md 4.2 to 4.5)."""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.architecture.stacks import DISPATCHERS, Work, kernels
from mitsumori.model.architecture.transformer import parameter_count
from mitsumori.model.calibration.run_recipe import work_of_row
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.attention import FIRST_GENERATION, fused_rate
from mitsumori.model.kernels.collectives import group_rate, mesh_share
from mitsumori.model.kernels.constants import shipped
from tests.model.step_plans import DENSE, MACHINE, MEGATRON, MOE, ONE, added, run

FLASH_3 = Work(fused_attention=2)


def gpu(key: str):  # type: ignore[no-untyped-def]
    return gpu_of(Catalogue.shipped().accelerator(key))


@pytest.mark.parametrize(("members", "share"), [(2, 1 / 7), (4, 3 / 7), (8, 1.0), (1, 1.0), (64, 1.0)])
def test_a_group_in_a_mesh_has_its_own_wires_only(members: int, share: float) -> None:
    """MI300X: one pair gets 64 of 448 GB/s, only eight together all of it (the catalogue's record)."""
    assert float(np.asarray(mesh_share(members, 8, 1.0))) == pytest.approx(share)
    assert float(np.asarray(mesh_share(members, 8, 0.0))) == 1.0


def test_boards_without_a_switch_are_recorded() -> None:
    meshed = {key for key, record in Catalogue.shipped().accelerators().items() if record.link_mesh}
    assert {"MI300X", "MI355X", "Gaudi3", "GH200"} <= meshed
    assert not meshed & {"H100-SXM", "B200", "GB200", "TPUv7", "A100-80"}
    board = Catalogue.shipped().accelerator("GH200")
    # Quad GH200 (arXiv 2408.11556): six links, 150 GB/s each way, between any two of four.
    assert float(np.asarray(mesh_share(2, board.scaleup_domain, 1.0))) * board.link_uni_gbytes_per_s == pytest.approx(
        150
    )


@pytest.mark.parametrize("tp", [2, 4, 8])
def test_tensor_parallelism_in_a_mesh_is_slower_by_its_share(tp: int) -> None:
    plan = ONE.with_(gpus=tp, tp=tp, sp=1)
    switch, mesh = (
        float(run(DENSE, plan, gpu=MACHINE.with_(mesh=kind), work=Work(overlap=0, fused_attention=2)).tp_s) for kind in (0.0, 1.0)
    )  # fmt: skip
    assert mesh == pytest.approx(switch * 7 / (tp - 1))


def test_replicas_in_a_mesh() -> None:
    """Two replicas of four ranks each on eight: gradients go over one of seven links; across servers the adapters decide."""
    assert float(group_rate(2, 4, 8, 448e9, 50e9, 1.0)) == pytest.approx(64e9)
    assert float(group_rate(8, 1, 8, 448e9, 50e9, 1.0)) == pytest.approx(448e9)
    assert float(group_rate(16, 4, 8, 448e9, 50e9, 1.0)) == pytest.approx(64e9)
    assert float(group_rate(16, 8, 8, 448e9, 50e9, 1.0)) == pytest.approx(50e9)


@pytest.mark.parametrize(("layers", "pp", "vp"), [(126, 16, 8), (62, 8, 4), (30, 2, 4)])
def test_embedding_and_output_that_count_as_layers_leave_the_ends_a_layer_fewer(layers: int, pp: int, vp: int) -> None:
    """Llama 3 405B has 126 layers so that 16 stages of 8 chunks are equal (arXiv 2407.21783 section 3.3.2)."""
    arch = DENSE.with_(layers=layers, vocab=128256)
    plan = ONE.with_(gpus=pp, pp=pp, vp=vp)
    busy = float(run(arch, plan, gpu=MACHINE, work=FLASH_3).busy) * pp
    body = float(run(arch.with_(vocab=0), plan, gpu=MACHINE, work=FLASH_3).busy) * pp
    one, logits, held = body / layers, busy - body, (layers + 2) / pp
    slowest = max(one * (held - (0 if pp > 2 else 1)), one * (held - 1) + logits)
    assert added("slowest", arch, plan, work=FLASH_3, imbalance=0.4) == pytest.approx(
        0.4 * (slowest - busy / pp), rel=1e-6
    )
    uncounted = DENSE.with_(layers=layers + 2, vocab=128256)
    more, less = (added("slowest", shape, plan, work=FLASH_3, imbalance=0.4) for shape in (uncounted, arch))
    assert more > less or pp == 2  # two stages are both ends: neither is longer than the mean by a layer


def test_gradients_reduced_in_32_bits_travel_twice_as_wide() -> None:
    plan = ONE.with_(gpus=16, dp=16, zero_stage=1, global_batch=64)
    unit = float(parameter_count(DENSE).total)
    narrow, wide = (
        added("dp_s", DENSE, plan, work=Work(fused_attention=2, wide_gradients=stated), dp_bytes=1.0) for stated in (0.0, 1.0)
    )  # fmt: skip
    silent = added("dp_s", DENSE, plan, work=FLASH_3, dp_bytes=1.0)
    assert wide == pytest.approx(narrow * 6 / 4)
    assert silent == pytest.approx(narrow)
    assert unit > 0
    row = {"gradient_precision": "fp32"}
    assert work_of_row(row, "", False).wide_gradients == 1.0
    assert work_of_row({"gradient_precision": "bf16"}, "", False).wide_gradients == 0.0
    assert np.isnan(work_of_row({}, "", False).wide_gradients)


@pytest.mark.parametrize("stated", [np.nan, 0.0, 1.0])
def test_one_layout_and_a_batch_read_the_same_gradients(stated: float) -> None:
    """A rule for one plan gives plain truth values, for a file of runs arrays: both mean the same."""
    one = float(run(DENSE, ONE, work=Work(fused_attention=2, wide_gradients=stated)).total_s)
    many = run(DENSE, ONE, work=Work(fused_attention=2, wide_gradients=np.array([stated, stated]))).total_s
    np.testing.assert_allclose(many, one, rtol=1e-12)


def test_dropping_tokens_means_plain_all_to_all() -> None:
    """Padding to a capacity exists in Megatron-Core's all-to-all dispatcher only; what is stated comes first."""
    plan = ONE.with_(stack=MEGATRON, stack_year=2025.7)
    codes = {name: place for place, name in enumerate(DISPATCHERS)}
    assert int(np.asarray(kernels(plan, Work()).dispatcher)) == codes["deepep"]
    assert int(np.asarray(kernels(plan, Work(capacity_factor=1.0)).dispatcher)) == codes["alltoall"]
    said = kernels(plan, Work(capacity_factor=1.0, dispatcher=codes["hybridep"]))
    assert int(np.asarray(said.dispatcher)) == codes["hybridep"]
    spread = plan.with_(gpus=32, dp=32, ep=32, global_batch=64)
    dropless, dropped = (
        float(run(MOE, spread, gpu=MACHINE, work=Work(capacity_factor=factor)).ep_s) for factor in (0.0, 1.0)
    )
    assert dropped >= dropless


def test_attention_of_a_part_that_nobody_measured_keeps_the_deficit_of_its_products() -> None:
    """MI300X's best product is 51 % of its data sheet: its attention does not reach Hopper's 65 %."""
    c = shipped()
    share = {
        key: float(fused_rate(gpu(key), 2, 0.0, 128.0, 1e9, c)) / float(gpu(key).bf16_flops)
        / np.exp(float(c.effect("family_attention", gpu(key).family)))
        for key in ("H100-SXM", "MI300X", "MI355X")
    }  # fmt: skip
    product = {key: float(gpu(key).bf16_matmul) / float(gpu(key).bf16_flops) for key in share}
    assert product["MI300X"] < 0.55
    assert share["MI300X"] / share["H100-SXM"] == pytest.approx(0.99 * product["MI300X"] / 0.80, rel=1e-6)
    for key in share:
        assert share[key] < product[key]


@pytest.mark.parametrize(
    ("key", "ratio"), [("H100-SXM", FIRST_GENERATION), ("B200", FIRST_GENERATION), ("A100-80", 1.0)]
)
def test_attention_before_the_second_generation(key: str, ratio: float) -> None:
    """Releases before July 2023 ran the first FlashAttention, written for Ampere."""
    c = shipped()
    before, after = (float(fused_rate(gpu(key), 1, age, 128.0, 4096.0, c)) for age in (3.05, 2.95))
    assert before / after == pytest.approx(ratio, rel=1e-9)
