"""Reinforcement learning end to end against seven published rows (GRPO on 32 to 512 H100), to which nothing is fitted."""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.calibration.backtest import evaluate
from mitsumori.model.calibration.reinforcement import predict_rl
from mitsumori.model.calibration.runs import shipped
from mitsumori.model.kernels.constants import shipped as constants


def test_published_rows_are_predicted_end_to_end() -> None:
    rows = evaluate(shipped("runs_rl.csv")).rows
    errors = np.array([row.error for row in rows])
    assert len(errors) == 7
    assert np.median(np.abs(errors)) <= 0.25
    assert np.max(np.abs(errors)) <= 0.6
    assert all(row.low <= row.measured <= row.high for row in rows if row.low and row.measured and row.high)


@pytest.mark.parametrize("row", [run.id for run in shipped("runs_rl.csv")])
def test_a_step_is_its_phases(row: str) -> None:
    run = next(item for item in shipped("runs_rl.csv") if item.id == row)
    step = predict_rl(run, constants())
    assert step is not None
    parts = step.generation_s + step.logprob_s + step.training_s + step.refit_s
    assert step.total_s == pytest.approx(parts)
    assert min(step.generation_s, step.logprob_s, step.training_s, step.refit_s) > 0
    # Generation is the largest part of a step, as everybody reports (HybridFlow, arXiv 2409.19256 figure 1).
    assert step.generation_s > max(step.logprob_s, step.training_s, step.refit_s)
