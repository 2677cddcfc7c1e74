"""Rows of measured runs as model inputs, backtests, calibration: no row is lost, nothing raises, the rules are as stated."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori import resources
from mitsumori.model.architecture.parallelism import (
    MODULES,
    OFFLOADS,
    OPTIMIZERS,
    PRECISIONS,
    RECOMPUTES,
    STACKS,
    TUNINGS,
    Parallel,
    code,
    modules_code,
)
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration import runs
from mitsumori.model.calibration.backtest import backtest, evaluate
from mitsumori.model.calibration.campaign import fit_share
from mitsumori.model.calibration.conformal import quantile
from mitsumori.model.calibration.interval import LEVEL_NOISE, band, calibrate, near_runs
from mitsumori.model.calibration.run_recipe import stack_of, year_of
from mitsumori.model.calibration.runs import batch, parse, read_row
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.training.step import step_time

LLAMA_70B = {
    "id": "x", "source": "NVIDIA NeMo performance summary 24.07", "source_date": "2024-09-09", "kind": "pretrain",
    "model": "Llama-2-70B", "layers": "80", "hidden": "8192", "ffn": "28672", "heads": "64", "kv_heads": "8",
    "head_dim": "128", "vocab": "32000", "gated_mlp": "1", "tied_embeddings": "0", "seq_len": "4096", "gpu": "H100-SXM",
    "gpus": "64", "precision": "fp8", "tp": "4", "sp": "1", "pp": "4", "vp": "20", "cp": "1", "dp": "4",
    "zero_stage": "1", "mbs": "1", "gbs_seqs": "128", "tokens_per_s_per_gpu": "1728", "notes": "trust=A",
}  # fmt: skip


def text_of_rows(*rows: dict[str, str]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names)]
    lines += [",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in names) for row in rows]
    return "\n".join(lines) + "\n"


def test_every_shipped_row_is_expressed_or_says_why_not() -> None:
    rows = runs.shipped()
    assert len(rows) == 628
    for run in rows:
        assert bool(run.skipped) != run.expressed
        if run.expressed:
            assert run.parallel is not None
            assert run.measured > 0
    assert sum(run.expressed for run in rows) > 480
    assert all(run.expressed for run in runs.shipped("runs_a100_single_node.csv"))


@pytest.mark.parametrize(
    ("source", "notes", "family", "expected"),
    [
        ("NVIDIA Megatron-Bridge performance summary, NeMo container 26.08", "", "blackwell", "megatron"),
        ("MLPerf Training v5.1 result logs", "AMD", "cdna3", "megatron"),
        ("NVIDIA DGX Cloud benchmarking recipe v25.02.02", "JAX MaxText, FSDP group", "hopper", "jax"),
        ("Google Cloud TPU recipes (MaxText)", "", "tpu", "jax"),
        ("PyTorch torchtitan benchmark 2024-12", "", "hopper", "torchtitan"),
        ("MosaicML llm-foundry training benchmarks", "", "ampere", "llm-foundry"),
        ("vTrain measured data (KAIST), Megatron-DeepSpeed", "", "ampere", "deepspeed"),
        ("BigScience BLOOM training README/chronicles", "", "ampere", "deepspeed"),
        ("NVIDIA NeMo AutoModel performance summary", "PyTorch FSDP2 backend", "hopper", "other"),
        ("InternEvo train performance", "", "ampere", "llm-foundry"),
        ("HF sft_trainer (fms-acceleration benchmark)", "", "ampere", "huggingface"),
        ("torchtune recipes", "", "ampere", "torchtune"),
        ("LitGPT", "", "ampere", "torchtune"),
        ("our own cluster", "", "hopper", "other"),
    ],
)
def test_stack_follows_from_the_source(source: str, notes: str, family: str, expected: str) -> None:
    assert stack_of(source, notes, family) == expected


@pytest.mark.parametrize(
    ("source", "date", "year"),
    [
        ("NVIDIA Megatron-Bridge performance summary, NeMo container 26.06", "2026-06-16", 2026 + 5.5 / 12),
        ("NVIDIA DGX Cloud benchmarking recipe v25.02.02", "2025-06-09", 2025 + 1.5 / 12),
        ("MLPerf Training v3.1 result logs", "2023-11-08", 2023 + 10.5 / 12),
        ("Korthikanti et al. 2022 Table 5", "2022-05", 2022 + 4.5 / 12),
        ("vTrain measured data", "2024", 2024 + 5.5 / 12),
    ],
)
def test_stack_year_follows_from_container_or_date(source: str, date: str, year: float) -> None:
    assert year_of(source, date) == pytest.approx(year)


def test_a_row_without_a_date_says_which_release_it_was_taken_for() -> None:
    assert year_of("a colleague", "") is None
    run = read_row({**LLAMA_70B, "source": "a colleague", "source_date": "", "stack": "megatron"})
    assert run.expressed
    assert [item for item in run.assumed if item.startswith("stack_year")]
    assert not [item for item in read_row(LLAMA_70B).assumed if item.startswith("stack_year")]


def test_a_speed_beyond_the_data_sheet_is_no_speed() -> None:
    """6 x 69e9 operations a token on 1,979 TFLOP/s of fp8: 5,000 tokens/s cannot be."""
    assert "data sheet" in str(read_row({**LLAMA_70B, "tokens_per_s_per_gpu": "5000"}).skipped)
    assert read_row(LLAMA_70B).expressed


@pytest.mark.parametrize("word", ["HybridEP", "hybrid sharding (HSDP)", "Hybrid-EP dispatcher", "exploratory", "NVL72"])
def test_no_word_of_a_note_drops_a_row(word: str) -> None:
    assert read_row({**LLAMA_70B, "notes": f"{word}; trust=A"}).expressed


def test_no_shipped_row_is_dropped_by_its_notes() -> None:
    """Only a note that names another kind of layer makes a row inexpressible; without the notes all others fare alike."""
    for run in (*runs.shipped(), *runs.shipped("runs_memory.csv")):
        bare = read_row({**run.row, "notes": ""})
        if run.skipped is not None and bare.skipped is None:
            assert "Mamba" in run.row["notes"], run.id


def test_the_local_batch_of_torchtitan_is_split_by_its_pipeline() -> None:
    """torchtitan states the local batch, and its schedule cuts it into single sequences (since v0.1)."""
    row = {
        **LLAMA_70B,
        "source": "torchtitan",
        "source_date": "2025-10",
        "vp": "1",
        "mbs": "8",
        "gbs_seqs": "32",
        "dp": "4",
    }
    run = read_row(row)
    assert (run.parallel.micro_batch, run.parallel.micro_batches) == (1, 8)


def test_a_row_keeps_what_it_states() -> None:
    run = read_row(LLAMA_70B)
    assert run.expressed
    p = run.parallel
    assert (p.tp, p.pp, p.vp, p.dp, p.micro_batch, p.global_batch) == (4, 4, 20, 4, 1, 128)
    assert PRECISIONS[p.precision] == "fp8"
    assert STACKS[p.stack] == "megatron"
    assert TUNINGS[p.tuned] == "unknown"  # no column says, and a source's name never does
    assert run.group == ("Llama-2-70B", "H100-SXM", "low")
    assert run.assumed == ()


def test_optional_columns_override_the_rules() -> None:
    run = read_row({**LLAMA_70B, "stack": "torchtitan", "stack_year": "2025.5", "tuning": "default"})
    assert (run.stack, run.stack_year, run.parallel.tuned) == ("torchtitan", 2025.5, 0)


@pytest.mark.parametrize(
    "source", ["", "NVIDIA NeMo performance summary 24.07", "Llama 3 herd of models", "SimuMax table"]
)
def test_tuning_is_what_the_column_says_and_never_a_guess(source: str) -> None:
    row = {**LLAMA_70B, "source": source, "stack": "megatron"}
    assert [TUNINGS[read_row({**row, "tuning": word}).parallel.tuned] for word in ("", "tuned", "default", "unknown")] == [
        "unknown", "tuned", "default", "unknown",
    ]  # fmt: skip


def test_the_recipe_is_read_from_columns_of_the_plans_names() -> None:
    stated = {
        "moe_dispatcher": "hybridep", "ep_overlap": "1", "cuda_graphs": "layer", "permute_fusion": "false", "capacity_factor": "1.25",
        "attention": "fa3", "compiled": "0", "context": "ulysses", "recompute_modules": "moe_act,layernorm",
        "state_precision": "bf16", "gradient_precision": "bf16", "loss": "chunked", "optimizer_in_backward": "1",
        "paged_optimizer": "yes", "offload": "checkpoints,optimizer", "optimizer": "adam8bit", "bandwidth_gbps": "50",
    }  # fmt: skip
    run = read_row({**LLAMA_70B, **stated})
    w, p = run.work, run.parallel
    assert (w.dispatcher, w.ep_overlap, w.cuda_graphs, w.permute_fusion, w.capacity_factor) == (2, 1, 2, 0, 1.25)
    assert (w.fused_attention, w.compiled, w.context) == (2, 0, 1)
    assert MODULES[1] == "layernorm" and p.modules == modules_code(("moe_act", "layernorm"))
    assert (OFFLOADS[p.offload], OPTIMIZERS[p.optimizer]) == ("optimizer,checkpoints", "adam8bit")
    told = {
        name: run.memory[name] for name in ("state_precision", "fp32_gradients", "fused_loss", "optimizer_in_backward")
    }
    assert told == {"state_precision": 1, "fp32_gradients": 0, "fused_loss": 2, "optimizer_in_backward": 1}
    assert float(run.gpu.nic_bytes_per_s) == 50e9 / 8
    assert np.isnan(read_row(LLAMA_70B).work.dispatcher)


def test_missing_layout_is_filled_in_and_said() -> None:
    bare = {k: v for k, v in LLAMA_70B.items() if k not in {"tp", "pp", "vp", "cp", "dp", "sp", "mbs", "zero_stage"}}
    run = read_row(bare)
    assert run.expressed
    assert "layout" in run.assumed
    assert run.parallel.tp * run.parallel.pp * run.parallel.dp == 64
    assert not run.layout_known


def test_measured_speed_is_read_from_step_time_or_model_flops() -> None:
    by_step = read_row({**LLAMA_70B, "tokens_per_s_per_gpu": "", "step_time_s": "4.74"})
    assert by_step.measured == pytest.approx(128 * 4096 / 4.74 / 64)
    flops = read_row({**LLAMA_70B, "tokens_per_s_per_gpu": "", "model_tflops_per_gpu": "740"})
    assert flops.measured_from == "model FLOPs"
    assert flops.measured == pytest.approx(1728, rel=0.05)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gpu": "GTX-9000"}, "no accelerator GTX-9000"),
        ({"gpu": ""}, "accelerator is not given"),
        ({"notes": "hybrid Mamba-2 model; trust=A"}, "state-space"),
        ({"layers": "", "hidden": "", "model": "mystery"}, "not given"),
        ({"layers": "8"}, "parameters"),
        ({"gpus": ""}, "number of accelerators"),
        ({"seq_len": ""}, "sequence length"),
        ({"tp": "512"}, "exceeds"),
        ({"tokens_per_s_per_gpu": ""}, "no throughput"),
        ({"kind": "rl"}, "reinforcement learning"),
    ],
)
def test_a_row_that_cannot_be_expressed_is_listed_with_the_reason(change: dict[str, str], reason: str) -> None:
    report = evaluate(parse(text_of_rows({**LLAMA_70B, "params_total_b": "69", **change})))
    assert len(report.rows) == 1
    assert report.rows[0].predicted is None
    assert reason in str(report.rows[0].skipped_because)


def test_backtest_document_is_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    campaign = {
        "id": "c", "kind": "campaign", "model": "LLaMA-7B", "gpu": "A100-80", "precision": "bf16", "seq_len": "2048",
        "tokens_total_b": "1000", "gpu_hours": "82432", "source": "a paper", "source_date": "2023-02",
    }  # fmt: skip
    memory = {**LLAMA_70B, "id": "m", "peak_gib": "70.1"}
    file.write_text(text_of_rows(LLAMA_70B, campaign, memory, {"id": "z", "gpu": "nothing"}), encoding="utf-8")
    document = backtest(file).to_json()
    json.dumps(document, allow_nan=False)
    assert set(document) >= {"rows", "median_abs_error", "p90_abs_error", "coverage_80"}
    by_id = {row["id"]: row for row in document["rows"]}
    assert list(by_id) == ["x", "c", "m", "z"]
    for name in ("predicted_tokens_per_s_per_gpu", "measured", "error", "low", "high", "skipped_because"):
        assert all(name in row for row in by_id.values())
    row = by_id["x"]
    assert row["error"] == pytest.approx(row["predicted_tokens_per_s_per_gpu"] / 1728 - 1)
    assert row["low"] < row["predicted_tokens_per_s_per_gpu"] < row["high"]
    assert by_id["c"]["parallel"]["tp"] >= 1
    assert by_id["c"]["predicted_gpu_hours"] == pytest.approx(82432, rel=0.3)
    assert by_id["m"]["predicted_peak_gib"] > 10
    assert by_id["z"]["skipped_because"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02\x03",
        b"not,a,run\n1,2,3\n",
        b'{"json": true}',
        "日本語\n".encode("shift_jis"),
        b'gpu\n"unclosed',
    ],
)
def test_a_file_that_holds_no_runs_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        backtest(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"no file"):
        backtest(tmp_path / "none.csv")


_cell = st.one_of(
    st.sampled_from(["", "nan", "-1", "0", "1e999", "abc", "4", "8", "1e12", "\u4e00", "0.5", "inf", "-inf", "1,024"]),
    st.text(max_size=6),
)


@given(
    st.dictionaries(st.sampled_from(sorted(set(LLAMA_70B) | {"moe_experts", "mla", "days", "ep"})), _cell, max_size=6)
)
def test_no_row_raises_and_none_is_dropped(change: dict[str, str]) -> None:
    """A broken cell costs its own row at most."""
    clean = {k: v.replace("\r", " ").replace("\n", " ").replace("\x00", "") for k, v in change.items()}
    report = evaluate(parse(text_of_rows({**LLAMA_70B, **clean}, LLAMA_70B)))
    assert len(report.rows) == 2
    assert report.rows[1].predicted is not None
    first = report.rows[0]
    assert (first.predicted is None) == bool(first.skipped_because)
    json.dumps(report.to_json(), allow_nan=False)


def test_one_measured_run_sets_the_level() -> None:
    """A user's cluster that runs at 70 % of the prediction is predicted at about 70 % after one measurement, more surely."""
    row = {**LLAMA_70B, "tuning": "tuned"}
    plain = evaluate([read_row(row)]).rows[0]
    own = {**row, "tokens_per_s_per_gpu": str(0.7 * plain.predicted)}
    report = evaluate([read_row(row)], corrections=[own])
    corrected = report.rows[0]
    # The surer the prediction was, the less one run that contradicts it moves it.
    assert corrected.predicted == pytest.approx(0.7 * plain.predicted, rel=0.15)
    assert corrected.high / corrected.low < plain.high / plain.low
    assert report.calibrated_by == 1
    three = evaluate([read_row(row)], corrections=[own] * 3).rows[0]
    assert abs(three.predicted / plain.predicted - 0.7) < abs(corrected.predicted / plain.predicted - 0.7)
    assert three.high / three.low <= corrected.high / corrected.low


def test_calibration_shrinks_by_count() -> None:
    assert calibrate([], 0.3) == (0.0, 0.3)
    one, width_one = calibrate([math.log(0.8)], 0.3)
    many, width_many = calibrate([math.log(0.8)] * 20, 0.3)
    assert math.log(0.8) < many < one < 0.9 * math.log(0.8)
    assert LEVEL_NOISE < width_many < width_one < 0.3


def test_near_runs_are_published_and_near() -> None:
    run = read_row(LLAMA_70B)
    found = near_runs(run.architecture, run.gpu, run.parallel)
    assert len(found) >= 3
    assert all(item.url.startswith("http") and item.tokens_per_s_per_gpu > 0 for _, item in found)
    distances = [d for d, _ in found]
    assert distances == sorted(distances)
    assert "Llama" in found[0][1].what
    far = gpu_of(Catalogue.shipped().accelerator("A64FX"))
    assert near_runs(run.architecture, far, run.parallel.with_(stack=5, precision=0)) == []


def test_interval_is_wider_where_less_is_known() -> None:
    constants = shipped()
    run = read_row(LLAMA_70B)

    def width(gpu=run.gpu, **changes: float) -> float:
        found = band(run.architecture, gpu, run.parallel.with_(**changes), constants)
        return math.log(found.high / found.low)

    assert width() < width(stack=code(STACKS, "jax"))
    assert width() < width(tuned=0)
    assert width() < width(gpu_of(Catalogue.shipped().accelerator("MI300X")))
    untuned = band(run.architecture, run.gpu, run.parallel.with_(tuned=0), constants)
    # Default settings are as wide as the runs of default settings were found to be (resources/constants/report.md).
    below, above = constants.meta["intervals"]["dense_default"]
    assert untuned.low <= math.exp(-below) + 1e-9
    assert untuned.high >= math.exp(above) - 1e-9


def test_weighted_conformal_quantile() -> None:
    values = np.arange(1.0, 11.0)
    assert quantile(values, np.ones(10)) == 9.0
    assert quantile(np.array([1.0, 5.0]), np.array([1.0, 1.0])) == 5.0
    assert quantile(values, np.r_[np.ones(5), np.zeros(5)]) <= 5.0


def test_campaign_share_never_exceeds_one() -> None:
    assert fit_share([0.3] * 5)[0] == 1.0
    share, half = fit_share([math.log(0.8)] * 30)
    assert 0.78 < share < 0.86
    assert half < 0.1
    assert fit_share([])[0] == 1.0


def test_batch_of_rows_equals_rows_one_by_one() -> None:
    rows = [run for run in runs.shipped() if run.expressed][::37]
    arrays = batch(rows)
    together = step_time(arrays.architecture, arrays.gpu, arrays.parallel, arrays.work, shipped()).tokens_per_s_per_gpu
    for i, run in enumerate(rows):
        single = step_time(run.architecture, run.gpu, run.parallel, run.work, shipped())
        assert float(together[i]) == pytest.approx(float(single.tokens_per_s_per_gpu), rel=1e-9)


def test_unstated_recomputation_is_decided_by_memory_for_unknown_stacks() -> None:
    row = {
        **LLAMA_70B,
        "source": "someone",
        "zero_stage": "3",
        "tp": "1",
        "pp": "1",
        "vp": "",
        "dp": "64",
        "precision": "bf16",
    }
    run = read_row(row)
    assert run.stack == "other"
    assert RECOMPUTES[run.parallel.recompute] == "full"
    assert "full recomputation" in run.assumed
    assert RECOMPUTES[read_row({**row, "recompute": "none"}).parallel.recompute] == "none"


def test_shipped_library_of_near_runs_matches_the_runs() -> None:
    library = json.loads(resources.read_text("constants", "library.json"))
    ids = {run.id for name in runs.SHIPPED for run in runs.shipped(name)}
    assert len(library) > 400
    assert {item["run"]["id"] for item in library} <= ids
    assert isinstance(Parallel(), Parallel)


@pytest.mark.parametrize("name", ["runs.csv", "runs_a100_single_node.csv", "runs_memory.csv"])
def test_no_shipped_row_is_out_of_range(name):
    assert [run.id for run in runs.shipped(name) if "out of range" in str(run.skipped)] == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("layers", "1e300"), ("hidden", "5e-324"), ("seq_len", "1e30"), ("gpus", "1e18"), ("gbs_seqs", "1e300"), ("tp", "2.5"),
     ("params_total_b", "1e20"), ("tokens_per_s_per_gpu", "1e300"), ("gpu_mem_gb", "1e-9"), ("step_time_s", "1e-200"),
     ("head_dim", "0"), ("heads", "-3"), ("gated_mlp", "1e300"), ("sp", "0.3"), ("zero_stage", "6")],
)  # fmt: skip
def test_a_number_that_no_run_has_is_a_reason_not_an_overflow(column, value):
    row = {
        "id": "a",
        "model": "Llama-3 8B",
        "gpu": "H100",
        "gpus": "8",
        "seq_len": "8192",
        "tokens_per_s_per_gpu": "9000",
        column: value,
    }
    read = runs.read_row(row)
    assert column in str(read.skipped)
    assert "out of range" in str(read.skipped)
