"""How sure a prediction is: distances of runs, classes, quantiles, bands."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, code
from mitsumori.model.architecture.transformer import (
    parameter_count,
)
from mitsumori.model.calibration.conformal import FALLBACK, pool_of, quantile, widths
from mitsumori.model.calibration.interval import (
    CLOSE,
    DEFAULT_TUNING,
    LEVEL_NOISE,
    NEAR,
    Features,
    as_near_run,
    assumes,
    band,
    calibrate,
    class_of,
    distance,
    distances,
    features,
    features_of,
    kind_of,
    library_record,
    near_runs,
)
from mitsumori.model.calibration.runs import shipped as shipped_runs
from mitsumori.model.catalogue.accelerators import FAMILIES, gpu_of
from mitsumori.model.kernels.constants import Constants, shipped
from tests.model.step_plans import DENSE, MOE
from tests.model.training_plans import LAYOUT, resolved

HERE = Features("H100-SXM", "hopper", "16", "megatron", False, False, 36.0, 10.0, 13.0)


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({}, 0.0), ({"gpu_key": "H200"}, 0.5), ({"gpu_key": "B200", "family": "blackwell"}, 1.0), ({"precision": "low"}, 0.5),
        ({"stack": "jax"}, 0.5), ({"moe": True}, 1.5), ({"tuning": True}, 0.5), ({"log_active": 40.0}, 1.0), ({"log_active": 32.0}, 1.0),
        ({"log_gpus": 12.0}, 0.1), ({"log_gpus": 8.0}, 0.1), ({"log_seq": 18.0}, 0.6), ({"log_seq": 8.0}, 0.6),
        ({"precision": "fp4", "stack": "other", "log_gpus": 0.0}, 1.5),
    ],
)  # fmt: skip
def test_distance_of_two_runs(changes: dict[str, Any], gap: float) -> None:
    """1 is a generation of accelerators or a sixteenfold model."""
    other = replace(HERE, **changes)
    assert distance(HERE, other) == pytest.approx(gap)
    assert distance(other, HERE) == pytest.approx(gap)


def test_distances_to_all_runs_are_each_distance() -> None:
    from mitsumori.model.calibration.interval import _library

    for here in (
        HERE,
        replace(HERE, moe=True, gpu_key="GB200", family="blackwell", precision="low", log_seq=12.0),
        replace(HERE, tuning=True, stack="torchtitan"),
    ):
        found = distances(here)
        expected = [distance(here, other) for _, other in _library()]
        np.testing.assert_allclose(found, expected, atol=1e-12)
        assert len(found) > 300


def test_features_of_a_plan() -> None:
    gpu = gpu_of(resolved().accelerator)
    for name, group in (("bf16", "16"), ("fp32", "16"), ("fp8", "low"), ("mxfp8", "low"), ("nvfp4", "fp4")):
        found = features(DENSE, gpu, LAYOUT.with_(precision=code(PRECISIONS, name)), True)
        assert found.precision == group
    active = float(parameter_count(DENSE).total)
    assert 2**found.log_active == pytest.approx(active)
    assert (found.log_gpus, found.log_seq, found.tuning, found.moe) == (7.0, 13.0, True, False)
    assert found.family == FAMILIES[int(gpu.family)] and found.stack == "megatron" and found.gpu_key == gpu.key
    assert features(MOE, gpu, LAYOUT).moe and not features(MOE, gpu, LAYOUT).tuning


def test_near_runs_are_nearest_first_and_no_farther_than_one() -> None:
    run = next(
        run for run in shipped_runs() if run.expressed and run.trust == "A" and run.kind == "pretrain" and not run.moe
    )
    found = near_runs(run.architecture, run.gpu, run.parallel)
    gaps = [gap for gap, _ in found]
    assert gaps == sorted(gaps) and gaps[0] == pytest.approx(0.0, abs=1e-9) and gaps[-1] <= NEAR
    assert len(found) == 8
    assert len(near_runs(run.architecture, run.gpu, run.parallel, limit=3)) == 3
    here = features(run.architecture, run.gpu, run.parallel)
    assert sorted(distances(here))[:8] == pytest.approx(gaps)
    far = near_runs(DENSE.with_(layers=1, vocab=100), run.gpu, run.parallel.with_(gpus=1, seq_len=64), limit=1000)
    assert all(gap <= NEAR for gap, _ in far)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "dense"), ({"moe": True}, "moe"), ({"tuning": True}, "tuning"), ({"tuning": True, "moe": True, "stack": "jax"}, "tuning_foreign"),
        ({"stack": "jax"}, "dense_foreign"), ({"family": "tpu"}, "dense_foreign"), ({"family": "cdna3", "moe": True}, "moe_foreign"),
        ({"stack": "deepspeed", "family": "ampere"}, "dense"), ({"stack": "torchtitan", "family": "blackwell_ultra"}, "dense"),
        ({"stack": "llm-foundry", "family": "blackwell"}, "dense"), ({"stack": "other"}, "dense_foreign"), ({"family": "ada"}, "dense_foreign"),
    ],
)  # fmt: skip
def test_class_of_a_prediction(changes: dict[str, Any], kind: str) -> None:
    here = replace(HERE, **changes)
    assert kind_of(here) == kind
    assert class_of(here, CLOSE) == kind
    assert class_of(here, CLOSE + 0.01) == kind + "_far"
    assert class_of(here, CLOSE, assumed=True) == kind + "_assumed"
    assert CLOSE == 0.6


def test_weighted_quantile_with_one_point_at_infinity() -> None:
    """Lei et al., JASA 113, 2018: of nine equal points the eighth covers 80 % of ten."""
    values = np.array([9.0, 1, 8, 2, 7, 3, 6, 4, 5])
    ones = np.ones(9)
    assert quantile(values, ones) == 8.0
    assert quantile(values, ones, 0.5) == 5.0
    assert quantile(values, ones, 0.99) == 9.0
    weights = np.where(values == 9, 31.0, 1.0)
    assert quantile(values, weights) == 9.0
    assert quantile(np.array([1.0, 2.0]), np.array([100.0, 1.0])) == 2.0


def test_widths_of_the_classes() -> None:
    """80 % of the residuals x 1.2; ends apart from 30 rows on; no residual at all 0.30."""
    skew = np.concatenate([np.linspace(0.0, 0.4, 45), -np.linspace(0.0, 0.1, 45)])
    found = widths(["dense"] * 90 + ["moe"] * 20, np.r_[skew, np.full(20, -0.2)], np.ones(110))
    below, above = found["dense"]
    assert below > 2 * above  # what ran slower than predicted reaches further
    inside = np.mean((skew >= -above / 1.2) & (skew <= below / 1.2))
    assert inside == pytest.approx(0.8, abs=0.03)
    assert found["moe"] == pytest.approx((0.2 * 1.2, 0.2 * 1.2))
    assert found["tuning"] == pytest.approx((FALLBACK * 1.2, FALLBACK * 1.2)) and FALLBACK == 0.30
    many = widths(["moe"] * 40 + ["moe_far"] * 40, np.array([0.1] * 40 + [0.5] * 40), np.ones(80))
    assert many["moe"][0] == pytest.approx(0.12) and many["moe_far"][0] == pytest.approx(0.6)


def test_a_class_with_few_rows_grows_as_the_circumstance_made_another_kind_grow() -> None:
    """Two far MoE rows tell nothing; a circumstance that triples the error of dense models triples the width of MoE ones."""
    errors = np.array([0.1] * 20 + [0.3] * 20 + [0.2] * 20 + [0.9] * 2)
    found = widths(["dense"] * 20 + ["dense_far"] * 20 + ["moe"] * 20 + ["moe_far"] * 2, errors, np.ones(62))
    assert found["moe_far"] == pytest.approx((0.6 * 1.2, 0.6 * 1.2))
    assert found["moe_foreign"] == found["moe_assumed"] == found["moe_far"]
    # Two circumstances: no kind has measured them, so half as much again.
    assert found["dense_foreign_far"] == pytest.approx((0.45 * 1.2, 0.45 * 1.2))
    assert found["dense_default"] == found["dense_far"]


def test_less_known_is_never_surer() -> None:
    """Classes that come out the wrong way round are one pool."""
    errors = np.array([0.4] * 20 + [0.1] * 20)
    found = widths(["tuning"] * 20 + ["tuning_assumed"] * 20, errors, np.ones(40))
    assert found["tuning"] == found["tuning_assumed"]
    assert all(found["tuning_foreign_far"][end] >= found["tuning"][end] for end in (0, 1))


def test_a_class_counts_its_circumstances() -> None:
    assert [pool_of(name) for name in ("moe", "moe_far", "moe_foreign_far_assumed")] == ["moe", "moe_1", "moe_2"]
    assert pool_of("dense_far_default") == "dense_default" and pool_of("campaign") == "campaign"
    assert assumes(("layout", "interleaving")) and not assumes(("interleaving",))


@pytest.mark.parametrize(("ratios", "half"), [([0.1], 0.2), ([0.1, 0.2, 0.3], 0.2), ([-0.4] * 10, 0.1), ([0.05], 0.01)])
def test_calibration_is_bayesian_shrinkage(ratios: list[float], half: float) -> None:
    """shift = mean S^2 / (S^2 + 0.05^2 / n), S = half-width / 1.28; what is left of the offset and the runs' own spread add."""
    spread = max(half / 1.2816, 0.05)
    noise = 0.05**2 / len(ratios)
    shift, width = calibrate(ratios, half)
    assert shift == pytest.approx(sum(ratios) / len(ratios) * spread**2 / (spread**2 + noise))
    left = 1 / (1 / spread**2 + 1 / noise)
    assert width == pytest.approx(min(half, 1.2816 * math.sqrt(left + 0.05**2)))
    assert LEVEL_NOISE == 0.05
    assert calibrate([], half) == (0.0, half)


def test_band_of_a_prediction() -> None:
    run = next(
        run for run in shipped_runs() if run.expressed and run.trust == "A" and run.kind == "pretrain" and not run.moe
    )
    plain: Constants = shipped()
    c = Constants(
        plain.values,
        plain.effects,
        {"intervals": {"dense": (0.1, 0.1), "dense_far": (0.2, 0.2), "tuning": (0.3, 0.3), "tuning_far": (0.3, 0.3)}},
    )
    tuned = run.parallel.with_(tuned=1)
    here = features(run.architecture, run.gpu, tuned)
    near = int((distances(here) <= NEAR).sum())
    found = band(run.architecture, run.gpu, tuned, c)
    assert (found.low, found.high) == pytest.approx((math.exp(-0.1), math.exp(0.1)))
    assert (found.name, found.near, found.level, found.measured) == ("dense", near, 1.0, 0)
    assert band(run.architecture, run.gpu, tuned, c, exclude=run.id).near == near - 1
    sft = band(run.architecture, run.gpu, tuned, c, tuning=True)
    assert sft.name in ("tuning", "tuning_far") and sft.high == pytest.approx(math.exp(0.3))
    far = band(DENSE.with_(layers=1, vocab=100), run.gpu, tuned.with_(seq_len=64), c)
    assert far.name == "dense_far" and far.high == pytest.approx(math.exp(0.2))
    unknown = band(run.architecture, run.gpu, tuned, Constants(plain.values, plain.effects, {}))
    assert unknown.high == pytest.approx(math.exp(0.30))
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), c)
    assert (default.low, default.high, default.name) == (pytest.approx(0.65), pytest.approx(1.15), "dense_default")
    wide = Constants(plain.values, plain.effects, {"intervals": dict.fromkeys(("dense", "dense_far"), (0.5, 0.5))})
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), wide)
    assert (default.low, default.high) == pytest.approx((math.exp(-0.5), math.exp(0.5)))
    known = Constants(plain.values, plain.effects, {"intervals": {"dense": (0.1, 0.1), "dense_default": (0.2, 0.3)}})
    default = band(run.architecture, run.gpu, tuned.with_(tuned=0), known)
    assert (default.low, default.high) == pytest.approx((math.exp(-0.2), math.exp(0.3)))
    assert [math.exp(bound) for bound in DEFAULT_TUNING] == pytest.approx([0.65, 1.15])
    measured = band(run.architecture, run.gpu, tuned, wide, log_ratios=[0.1, 0.1])
    shift, width = calibrate([0.1, 0.1], 0.5)
    assert measured.level == pytest.approx(math.exp(shift)) and measured.measured == 2
    assert (measured.low, measured.high) == pytest.approx((math.exp(-width), math.exp(width)))
    both = band(run.architecture, run.gpu, tuned.with_(tuned=0), c, log_ratios=[0.1])
    shift, width = calibrate([0.1], -math.log(0.65))
    assert both.level == pytest.approx(math.exp(shift))
    assert both.low == pytest.approx(math.exp(-width)) and both.high == pytest.approx(
        math.exp(min(math.log(1.15), width))
    )


def test_library_holds_trusted_runs_and_no_campaigns() -> None:
    rows = shipped_runs()
    record = library_record(rows)
    kept = {entry["run"]["id"] for entry in record}
    for run in rows:
        assert (run.id in kept) == (run.expressed and run.trust in ("A", "B") and run.kind != "campaign"), run.id
    one = next(run for run in rows if run.id in kept and (run.lora or run.kind == "sft"))
    assert features_of(one).tuning
    plain = next(run for run in rows if run.id in kept and not run.lora and run.kind == "pretrain")
    assert not features_of(plain).tuning
    near = as_near_run(plain)
    assert (near.id, near.url, near.tokens_per_s_per_gpu) == (plain.id, plain.row["source_url"], plain.measured)
    for column in ("model", "gpus", "gpu", "precision"):
        assert plain.row[column] in near.what
    assert STACKS[int(plain.parallel.stack)] == features_of(plain).stack
