"""Peaks of users' own stacks (Hugging Face, PEFT, DeepSpeed, Megatron-Bridge, GH200): published, and nothing fitted to them.

Known misses are named in docs/method.md 3.6: DeepSpeed's ZeRO-3 keeps more than its settings allow (-41 %), and the published
run without recomputation less than the saved tensors of its shape (+15 to +35 %).
"""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.calibration.backtest import BacktestRow, evaluate
from mitsumori.model.calibration.runs import shipped


@pytest.fixture(scope="module")
def rows() -> dict[str, BacktestRow]:
    return {row.id: row for row in evaluate(shipped("runs_field_memory.csv")).rows}


def errors(rows: dict[str, BacktestRow], *names: str) -> np.ndarray:
    wanted = [row for row in rows.values() if not names or row.id in names]
    assert all(row.predicted_peak_gib and row.peak_gib for row in wanted)
    return np.array([row.predicted_peak_gib / row.peak_gib - 1.0 for row in wanted])


def test_every_peak_is_predicted_within_what_the_product_promises(rows: dict[str, BacktestRow]) -> None:
    found = errors(rows)
    assert len(found) == 34
    assert np.median(np.abs(found)) <= 0.06
    assert np.percentile(np.abs(found), 90) <= 0.25


def test_hugging_face_on_a100_needs_no_fitted_constant(rows: dict[str, BacktestRow]) -> None:
    """Full fine-tuning in pure bf16, LoRA and QLoRA, one GPU and FSDP, plain, fused and tiled loss."""
    found = errors(rows, *(f"v{number:03d}" for number in range(1, 19)))
    assert np.median(np.abs(found)) <= 0.02
    assert np.max(np.abs(found)) <= 0.07


def test_a_recipe_that_keeps_optimizer_states_in_bf16_is_predicted_so(rows: dict[str, BacktestRow]) -> None:
    """Moonlight's own recipe (exp_avg_dtype and exp_avg_sq_dtype bf16): counted in fp32 its peaks were 19 % high."""
    assert np.max(np.abs(errors(rows, "v038", "v039"))) <= 0.05


def test_peaks_of_users_are_rarely_low(rows: dict[str, BacktestRow]) -> None:
    """One row in twenty is wanted; the two of DeepSpeed's ZeRO-3 and one of expert parallelism with overlap are not there yet."""
    low = [row.id for row in rows.values() if row.predicted_peak_gib < 0.95 * row.peak_gib]
    assert set(low) <= {"v041", "v048", "v050"}
    assert all(
        row.predicted_peak_gib * (1 + row.memory_interval) >= row.peak_gib for row in rows.values() if row.id != "v048"
    )
