"""Rows of serving files that cannot be as they stand: weights beyond the memory, prompts out of a cache."""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.calibration.serving_runs import express

BURST = {
    "row_id": "x", "source": "GPUStack performance lab", "model": "DeepSeek-V3.2", "gpu": "H200", "gpu_count": "8", "tp": "8",
    "weight_precision": "bf16", "framework": "vllm", "serving_mode": "server", "isl": "219", "osl": "197", "n_requests": "1000",
    "spec_decoding": "none", "output_tok_s_per_gpu": "338", "ttft_mean_ms": "13000", "tpot_mean_ms": "275",
}  # fmt: skip


def run_of(row: dict[str, str]) -> ServingRun:
    found = express(row)
    assert isinstance(found, ServingRun), found
    return found


def test_weights_published_in_8_bits_are_served_in_8_bits_where_16_do_not_fit() -> None:
    """671 G parameters in 16 bits are 1.3 TB, eight H200 have 1.1: the row's bf16 is its activations'."""
    run = run_of(BURST)
    assert float(np.asarray(run.at.expert_bytes)) == 1.0
    assert any(item.startswith("weight_precision fp8 (published so") for item in run.assumed)
    assert run.scored
    wide = run_of({**BURST, "gpu_count": "16", "tp": "16"})
    assert float(np.asarray(wide.at.expert_bytes)) == 2.0
    assert not any("published so" in item for item in wide.assumed)


def test_weights_without_room_for_a_cache_are_a_contradiction() -> None:
    """30.5 G parameters in 16 bits are 61 GB of an accelerator's 64: no 1,000 requests run beside them."""
    row = {**BURST, "model": "Qwen3-30B-A3B", "gpu": "Ascend 910B", "gpu_count": "1", "tp": "1"}
    assert run_of(row).contradiction == "its weights leave the memory no room for a cache"
    assert run_of({**row, "gpu_count": "2", "tp": "2"}).contradiction == ""


@pytest.mark.parametrize(("isl", "cached"), [(2048, False), (32784, True)])
def test_attention_counts_in_prompts_that_came_too_fast(isl: int, cached: bool) -> None:
    """32 prompts of 32k tokens through one H200 in 21 s: with their attention more than two thirds of what its large products reach."""
    row = {
        "row_id": "y", "source": "dstack benchmarks", "model": "gpt-oss-120b", "gpu": "H200", "weight_precision": "mxfp4",
        "framework": "sglang", "serving_mode": "disagg", "isl": str(isl), "osl": "1538", "concurrency": "32",
        "prefill_tp": "1", "prefill_workers": "1", "prefill_gpus": "1", "decode_tp": "1", "decode_workers": "1", "decode_gpus": "1",
        "ttft_mean_ms": "1881", "tpot_mean_ms": "12.3", "spec_decoding": "none",
    }  # fmt: skip
    assert ("faster than two thirds" in run_of(row).contradiction) is cached


OFFLINE = {
    "row_id": "z", "source": "MLPerf Inference v4.1", "model": "llama2-70b", "gpu": "H200", "gpu_count": "1", "serving_mode": "offline",
    "osl": "290", "output_tok_s_per_gpu": "4300",
}  # fmt: skip


def test_tokens_faster_than_large_products_are_a_contradiction() -> None:
    """11,000 tokens/s of 70 G parameters and their prompts are 3 PFLOP/s: twice what an H200 reaches in 8 bits."""
    assert run_of(OFFLINE).contradiction == ""
    assert "faster than large products" in run_of({**OFFLINE, "output_tok_s_per_gpu": "11000"}).contradiction


@pytest.mark.parametrize(
    ("gpu", "count", "size"), [("H200", "1", 1.0), ("B200", "1", 0.5625), ("RTX 4090", "2", 0.51953125)]
)
def test_a_closed_round_quantises_as_the_accelerator_computes_and_the_memory_holds(
    gpu: str, count: str, size: float
) -> None:
    run = run_of({**OFFLINE, "gpu": gpu, "gpu_count": count, "output_tok_s_per_gpu": "200"})
    assert float(np.asarray(run.at.dense_bytes)) == size
    assert any(item.startswith("weight_precision") for item in run.assumed)


def test_a_checkpoint_quantised_under_its_own_name_is_so() -> None:
    run = run_of(
        {**OFFLINE, "model": "llama2-70b-fp8_quark", "gpu": "MI300X", "gpu_count": "8", "weight_precision": "UNSET"}
    )
    assert float(np.asarray(run.at.dense_bytes)) == 1.0
    assert run.isl == 294.0  # the benchmark's prompts
