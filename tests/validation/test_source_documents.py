"""The rows of five documents that a plan must answer, each by the arguments of one ``mitsumori estimate`` command.

Documents: SCSK and HPE's on-premises deck, NVIDIA's and Microsoft's decks on large training, Fujitsu's press release on
Fugaku-LLM (2024-05-10), Preferred Networks' talk. The number of a test is the row's; a command is the sample and its ``--set``.
"""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cli import main
from mitsumori.model.commands.arguments import apply_changes
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.published import published_table

SFT, BLOOM, GPT3, MT_NLG, CONTINUAL = (
    "llama2-7b-sft",
    "bloom-176b",
    "gpt3-175b-nemo",
    "mt-nlg-530b",
    "llama3-70b-continual",
)
GB = 1e9


@cache
def made(sample: str, *changes: str) -> Estimate:
    """The estimate of ``mitsumori estimate SAMPLE --set ...``."""
    return estimate(apply_changes(load_sample(sample).plan, changes, Catalogue.shipped()))


def codes(result: Estimate) -> set[str]:
    return {item.code for item in result.findings}


def closed_or_asked(result: Estimate) -> bool:
    """Both totals are numbers, or what to enter is listed."""
    return all(side.total.value is not None for side in (result.cost.cloud, result.cost.onprem)) or bool(
        result.cost.missing
    )


STATES = ("parallel.precision=fp32", "parallel.auto=false", "parallel.zero_stage=0", "model.params=7e9")


def test_row_1_memory_by_step() -> None:
    """28, 28 and activations, 28 + 28, 112 GB."""
    memory = made(SFT, *STATES).memory
    assert memory.per_gpu["weights_bytes"].value == pytest.approx(28 * GB)
    assert memory.per_gpu["gradients_bytes"].value == pytest.approx(28 * GB)
    states = sum(memory.per_gpu[name].value or 0.0 for name in ("weights_bytes", "gradients_bytes", "optimizer_bytes"))
    assert states == pytest.approx(112 * GB)


@pytest.mark.parametrize(("stage", "gigabytes"), [(1, 63.0), (2, 38.5), (3, 14.0)])
def test_row_2_zero_on_eight_gpus(stage: int, gigabytes: float) -> None:
    per_gpu = made(SFT, *STATES[:2], f"parallel.zero_stage={stage}", STATES[3]).memory.per_gpu
    states = sum(per_gpu[name].value or 0.0 for name in ("weights_bytes", "gradients_bytes", "optimizer_bytes"))
    assert states == pytest.approx(gigabytes * GB)


@pytest.mark.parametrize("stage", ["pretrain", "continual", "sft", "dpo", "ppo", "grpo"])
def test_row_3_stages(stage: str) -> None:
    result = made(SFT, f"workload.stage={stage}")
    assert (result.training.days.value or 0.0) > 0
    assert (result.memory.per_gpu["total_bytes"].value or 0.0) > 0


@pytest.mark.parametrize(
    "changes", [("workload.stage=lora", "model.preset=llama3-8b"), ("workload.stage=qlora", "model.preset=llama3-70b")]
)
def test_row_4_adapters(changes: tuple[str, ...]) -> None:
    result = made(SFT, *changes)
    assert result.memory.verdict == "fits"
    assert (result.training.tokens_per_s_per_gpu.value or 0.0) > 0


def test_row_5_hpe_xd670() -> None:
    """5U, two a rack of 30 kVA at H100-class 10.2 kW, six supplies of 3 kW keep 9 kW on two feeds."""
    result = made(SFT, "cluster.servers=16")
    place = result.facility
    assert (place.racks.value, place.servers_per_rack.value) == (8, 2)
    assert place.kva_per_rack.value == pytest.approx(22.32, abs=0.01)
    assert place.details.psu_surviving_kw.value == 9.0
    assert {"facility_psu_redundancy", "facility_weight_unknown"} <= codes(result)
    assert result.cost.onprem.total.value is not None
    (take,) = next(item for item in result.findings if item.code == "facility_weight_unknown").remedies
    kg = float(dict(take.set)["facility.server_weight_kg"])
    assert 70 <= kg <= 130
    full = made(SFT, "cluster.servers=16", f"facility.server_weight_kg={kg}", "facility.floor_limit_kg_m2=1000")
    assert full.facility.details.point_kg_m2.value == pytest.approx((150 + 2 * kg) / 0.72)
    assert "facility_weight_unknown" not in codes(full)


@pytest.mark.parametrize(("basis", "per_rack", "kva"), [("max", 2, 22.32), ("measured", 3, 27.21)])
def test_row_6_rear_door(basis: str, per_rack: int, kva: float) -> None:
    place = made(SFT, "cluster.servers=16", "facility.cooling=rear_door", f"facility.power_basis={basis}").facility
    assert place.servers_per_rack.value == per_rack
    assert place.kva_per_rack.value == pytest.approx(kva, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "per_rack", "racks"),
    [(("facility.cooling=cold_plate",), 2, 8), (("facility.cooling=in_row",), 1, 16),
     (("facility.cooling=rear_door_cold_plate", "facility.rack_kva=80"), 7, 3)],
)  # fmt: skip
def test_row_7_cold_plate_and_in_row(changes: tuple[str, ...], per_rack: int, racks: int) -> None:
    result = made(SFT, "cluster.servers=16", *changes)
    assert (result.facility.servers_per_rack.value, result.facility.racks.value) == (per_rack, racks)
    if "cold_plate" in changes[0]:
        assert result.facility.water.cdus is not None
        assert result.facility.water.cdus.value == racks


def test_row_8_density_shortens_cables_and_saves_money_and_time() -> None:
    coolings = (("in_row",), ("rear_door",), ("rear_door_cold_plate", "facility.rack_kva=80"))
    found = []
    for cooling, *more in coolings:
        result = made(SFT, "cluster.servers=32", f"facility.cooling={cooling}", "facility.power_basis=measured", *more)
        limits = result.facility.limits
        assert limits.cable_m is not None
        assert limits.cable_usd is not None
        assert limits.latency_ns is not None
        found.append((limits.cable_m[cooling], limits.cable_usd[cooling], limits.latency_ns[cooling]))
    assert [metres for metres, _, _ in found] == pytest.approx([1773, 1691, 1561], abs=1)
    for looser, denser in itertools.pairwise(found):
        assert all(less < more for less, more in zip(denser, looser, strict=True))


def test_row_9_nemo_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", GPT3, "--json"]) == 0
    assert '"rows"' in capsys.readouterr().out  # the figures themselves: test_published_layouts and the left-out groups


def test_row_10_published_trainings() -> None:
    assert {row["model"] for row in published_table()} == {"OPT-175B", "GLM-130B", "BLOOM", "LLaMA-65B", "MT-NLG 530B"}
    assert main(["published"]) == 0


def test_row_11_mt_nlg() -> None:
    """Tensor 8 by pipeline 35 is 280, times 16 replicas 4,480; weights in fp32 are 2,120 GB."""
    result = made(MT_NLG)
    layout = result.training.parallel
    assert int(layout["tp"]) * int(layout["pp"]) == 280
    assert layout["dp"] == 16
    assert result.memory.verdict == "fits"
    weights = next(row["weights_fp32_gb"] for row in published_table() if row["model"] == "MT-NLG 530B")
    assert weights == pytest.approx(2120, abs=1)


@pytest.mark.parametrize("sample", [MT_NLG, BLOOM])
def test_row_12_tensor_pipeline_zero(sample: str) -> None:
    layout = made(sample).training.parallel
    assert all(int(layout[name]) > 1 for name in ("tp", "pp", "dp"))


@pytest.mark.parametrize(("key", "bf16"), [("A100-80", 312), ("H100-SXM", 989)])
def test_row_13_dense_rates(key: str, bf16: float) -> None:
    assert Catalogue.shipped().accelerator(key).peak_tflops["bf16"] == pytest.approx(bf16, abs=1)


@pytest.mark.parametrize(
    ("server", "instance"),
    [(None, key) for key in Catalogue.shipped().cloud_instances() if key.startswith("azure-")]
    + [
        ("Lenovo-SR675-V3", "azure-nc80adis-h100-v5-eastus"),
        ("SMC-AS-8125GS-TNHR", "azure-nd96isr-mi300x-v5-us-unstated"),
    ],
)
def test_row_14_azure_choices_close_or_ask(server: str | None, instance: str) -> None:
    more = (f"cluster.server={server}",) if server else ()
    result = made(CONTINUAL, *more, f"money.cloud.instance={instance}")
    assert result.facility.storage.capacity_bytes is not None
    assert closed_or_asked(result)
    if instance in (
        "azure-nc80adis-h100-v5-eastus",
        "azure-nd96isr-h100-v5-eastus",
        "azure-nd96isr-mi300x-v5-us-unstated",
    ):
        assert result.cost.cloud.total.value is not None


@pytest.mark.parametrize("kind", ["object", "lustre", "lustre_and_object"])
def test_row_15_managed_lustre_and_blob(kind: str) -> None:
    result = made(CONTINUAL, "money.cloud.instance=azure-nd96isr-h100-v5-eastus", f"money.cloud.storage_kind={kind}")
    assert (result.cost.cloud.lines["storage"].value or 0.0) > 0
    assert result.cost.cloud.total.value is not None


def test_row_16_cloud_speed_of_bare_metal() -> None:
    totals = [
        made(CONTINUAL, f"money.cloud.throughput_factor={factor}").cost.cloud.lines["compute"].value
        for factor in (0.99, 1, 1.05)
    ]
    assert None not in totals
    slow, even, fast = (float(value or 0.0) for value in totals)
    assert slow > even > fast
    assert slow / even == pytest.approx(1 / 0.99)


@pytest.mark.parametrize(("index", "minutes"), [(0, 10.94), (1, 3.92)])
def test_row_17_mlperf_in_minutes(index: int, minutes: float) -> None:
    result = estimate(load_sample("mlperf-gpt3").plans[index])
    assert (result.training.days.value or 0.0) * 1440 == pytest.approx(minutes, rel=0.15)


def test_row_18_a64fx() -> None:
    """13,824 nodes of Fugaku in 36 cabinets."""
    changes = ("cluster.server=FX1000", "cluster.servers=36", "parallel.auto=true", "facility.cooling=rack_scale")
    result = made(BLOOM, "model.preset=fugaku-llm-13b", *changes)
    assert (result.training.days.value or 0.0) > 0
    assert result.facility.racks.value == 36
    assert (result.facility.it_kw.low or 0) < (result.facility.it_kw.value or 0) < (result.facility.it_kw.high or 0)
    assert (result.facility.kwh_per_year.value or 0.0) > 0
    assert closed_or_asked(result)


@pytest.mark.parametrize(
    ("preset", "tokens", "code"),
    [("llama3-70b", "100e9", "training_data_short"), ("llama3-8b", "15e12", "training_data_long")],
)
def test_row_19_scaling_law_warns_on_both_sides(preset: str, tokens: str, code: str) -> None:
    assert code in codes(
        made(CONTINUAL, f"model.preset={preset}", f"workload.tokens={tokens}", "workload.stage=pretrain")
    )


def test_row_20_failures_of_a_long_run() -> None:
    """Llama 3 405B on 16,384 H100: over 90 % of the time was effective training (arXiv 2407.21783 section 3.3.4)."""
    result = made(
        CONTINUAL, "model.preset=llama3.1-405b", "workload.stage=pretrain", "workload.tokens=15.6e12", "parallel.auto=true",
        "cluster.server=DGX-H100", "cluster.servers=2048", "parallel.seq_len=8192",
    )  # fmt: skip
    assert (result.training.goodput.value or 0.0) > 0.90


def test_row_21_mixture_of_experts() -> None:
    changes = ("model.preset=deepseek-v3", "cluster.server=DGX-H100", "cluster.servers=32", "parallel.auto=true")
    assert (made(CONTINUAL, *changes).training.tokens_per_s_per_gpu.value or 0.0) > 0


def test_row_22_synthetic_data_and_small_models() -> None:
    made_data = made(CONTINUAL, "workload.stage=datagen", "workload.tokens=100e9", "cluster.servers=8")
    assert 1 < (made_data.training.days.value or 0.0) < 100
    small = made(CONTINUAL, "model.preset=smollm-135m", "workload.tokens=1e9", "workload.stage=pretrain")
    assert (small.training.days.value or 1.0) < 1


def test_row_23_software_by_name() -> None:
    """NVIDIA AI Enterprise has a public price; HPE MLDE and TechCare are asked for until a quotation is entered."""
    asked = made(SFT, 'money.software=[{"name": "hpe-mlde"}, {"name": "nvidia-ai-enterprise"}]')
    assert "money.software" in asked.cost.missing
    assert asked.cost.used["money.software.nvidia-ai-enterprise"].value
    names = '[{"name": "hpe-mlde", "price": 1000000}, {"name": "nvidia-ai-enterprise"}, {"name": "hpe-techcare", "price": 300000}]'
    priced = made(SFT, f"money.software={names}")
    assert "money.software" not in priced.cost.missing
    assert (priced.cost.onprem.lines["licenses"].value or 0.0) > 0


def test_row_24_excel(tmp_path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "proposal.xlsx"
    assert main(["export", CONTINUAL, str(out)]) == 0
    assert out.stat().st_size > 50_000
