"""A user's measured run sets the level of the prediction (docs/method.md 5.5)."""

from __future__ import annotations

import math

import pytest

from mitsumori.model.calibration.expectation import log_ratio
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import resolve

PLAN = Plan.from_dict({"model": {"preset": "llama3-8b"}, "cluster": {"server": "DGX-H100", "servers": 4}})


def predicted() -> float:
    return estimate(PLAN).training.tokens_per_s_per_gpu.value or 0.0


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.1])
def test_a_measured_run_is_its_distance_from_the_prediction(factor: float) -> None:
    run = Correction(inputs=PLAN, tokens_per_s_per_gpu=factor * predicted())
    constants = shipped()
    assert log_ratio(run, resolve(PLAN), constants) == pytest.approx(math.log(factor), abs=1e-9)
    assert log_ratio(run, resolve(PLAN), constants) == pytest.approx(math.log(factor), abs=1e-9)  # and remembered
    moved = estimate(PLAN, corrections=(run,)).training.tokens_per_s_per_gpu.value or 0.0
    low, high = sorted((predicted(), factor * predicted()))
    assert low * (1 - 1e-9) <= moved <= high * (1 + 1e-9)


def test_a_run_of_a_fixed_layout_is_predicted_by_that_layout() -> None:
    fixed = PLAN.with_values({"parallel.auto": False, "parallel.tp": 4, "parallel.pp": 1})
    own = estimate(fixed).training.tokens_per_s_per_gpu.value or 0.0
    run = Correction(inputs=fixed, tokens_per_s_per_gpu=own)
    assert log_ratio(run, resolve(PLAN), shipped()) == pytest.approx(0.0, abs=1e-9)


def test_a_run_on_a_machine_that_is_gone_counts_for_nothing() -> None:
    """The project no longer brings the record: the run says nothing, and the prediction stays."""
    records = {"servers": {"OURS": {"base": "DGX-H100"}}}
    there = PLAN.with_values({"cluster.server": "OURS"})
    run = Correction(inputs=there, tokens_per_s_per_gpu=100.0)
    assert log_ratio(run, resolve(there, Catalogue.shipped().with_records(records)), shipped()) is not None
    gone = Correction(inputs=there, tokens_per_s_per_gpu=100.0)
    assert log_ratio(gone, resolve(PLAN), shipped()) is None
    assert estimate(PLAN, corrections=(gone,)).training.tokens_per_s_per_gpu.value == pytest.approx(predicted())
