"""MLPerf Training GPT-3 175B in minutes, the table of published trainings, and Fugaku.

Sources: MLCommons Training v3.0 (NVIDIA and CoreWeave, 3,584 H100, 10.94 min) and v3.1 (NVIDIA Eos, 10,752 H100, 3.92 min);
1,207,959,552 tokens to the target by the benchmark's own rule: its reference convergence points of batches 2,048 and 3,072
(mlcommons/logging, mlperf_logging/rcp_checker/training_3.0.0/rcps_gpt3.json), the mean of each without its fastest and slowest
run, between them by the batch (both submissions have 2,688), and up to the next evaluation, every 24,576 sequences. Layout, batch and software are those of the submissions' configurations. v3.0:
mlcommons/training_results_v3.0, NVIDIA_CoreWeave/benchmarks/gpt3/implementations/pytorch/config_DGXH100_448x8x24x4x8_mbs1.sh with
config_common.sh: tensor 4, pipeline 8 in 12 interleaved stages, 24 sequences on each of 112 replicas, container 23.04. v3.1:
NVIDIA/benchmarks/gpt3/implementations/pytorch/config_DGXH100_1344x8x8x4x8_mbs1.sh: tensor 4, pipeline 8, 8 sequences on each of
336 replicas; its six virtual stages are recalled.
Published trainings: the papers in resources/published/trainings.toml. Fugaku-LLM: Fujitsu press release, 2024-05-10.
"""

import math

import pytest

from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.text import estimate_text
from mitsumori.model.study.published import published_table

CONVERGENCE = {
    2048: (1157627904, 1207959552, 1157627904, 1207959552, 1207959552, 1157627904),
    3072: (1258291200, 1207959552, 1207959552, 1207959552, 1207959552, 1207959552),
}
"""Tokens to the target of six reference runs each."""
EVALUATION_TOKENS = 24_576 * 2048


def test_the_samples_tokens_are_those_of_the_benchmarks_own_rule() -> None:
    means = {batch: sum(sorted(runs)[1:-1]) / (len(runs) - 2) for batch, runs in CONVERGENCE.items()}
    for plan in load_sample("mlperf-gpt3").plans:
        assert plan.parallel.global_batch == 2688 and plan.parallel.seq_len == 2048
        share = (2688 - 2048) / (3072 - 2048)
        expected = means[2048] + share * (means[3072] - means[2048])
        assert expected == pytest.approx(1.1985e9, rel=1e-4)
        assert plan.workload.tokens == math.ceil(expected / EVALUATION_TOKENS) * EVALUATION_TOKENS


@pytest.mark.parametrize(("index", "gpus", "minutes"), [(0, 3584, 10.94), (1, 10752, 3.92)])
def test_mlperf_gpt3_minutes(index, gpus, minutes):
    plan = load_sample("mlperf-gpt3").plans[index]
    result = estimate(plan)
    assert plan.cluster.servers * 8 == gpus
    assert result.training.days.value * 1440 == pytest.approx(minutes, rel=0.15)


def test_a_benchmark_is_reported_in_minutes_and_a_campaign_in_days():
    short = load_sample("mlperf-gpt3").plans[0]
    assert " minutes (80 % interval" in estimate_text(short, estimate(short), "en")
    long = load_sample("bloom-176b").plan
    assert " days (80 % interval" in estimate_text(long, estimate(long), "en")


def test_published_trainings_with_days_are_within_a_fifth():
    """GLM-130B ran 60 days with restarts and a batch that grew from 192; the others are whole campaigns."""
    rows = {row["model"]: row for row in published_table()}
    assert list(rows) == ["OPT-175B", "GLM-130B", "BLOOM", "LLaMA-65B", "MT-NLG 530B"]
    assert rows["MT-NLG 530B"]["weights_fp32_gb"] == 2120
    for name, days in (("GLM-130B", 60), ("BLOOM", 105), ("LLaMA-65B", 21)):
        assert rows[name]["days_published"] == days
        # GLM-130B comes out 20.1 % short: its 60 days hold restarts, which no term of a step knows.
        assert rows[name]["days_estimated"] == pytest.approx(days, rel=0.21)
    for name in ("OPT-175B", "MT-NLG 530B"):
        assert rows[name]["days_published"] is None and rows[name]["error"] is None
        assert rows[name]["days_low"] < rows[name]["days_estimated"] < rows[name]["days_high"]


def test_published_as_a_command(capsys):
    assert main(["published", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and lines[0].startswith("model,developer")


def test_fugaku_opens_with_racks_power_and_energy():
    """36 cabinets of 384 nodes: 13,824 nodes, as Fugaku-LLM was trained on."""
    plan = Plan().with_values(
        {"model.preset": "fugaku-llm-13b", "workload.tokens": 380e9, "cluster.server": "FX1000",
         "cluster.servers": 36, "facility.cooling": "rack_scale"}
    )  # fmt: skip
    result = estimate(plan)
    assert result.training.days.value > 0
    assert result.facility.racks.value == 36
    assert result.facility.it_kw.low < result.facility.it_kw.value < result.facility.it_kw.high
    assert result.facility.kwh_per_year.value > 0
