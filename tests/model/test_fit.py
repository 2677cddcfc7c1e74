"""The fit: it finds what generated the data, respects bounds and weights, and its data file is the fit of the shipped runs."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mitsumori import resources
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration import fit, runs
from mitsumori.model.calibration.conformal import widths
from mitsumori.model.calibration.fit_report import group_weights, judged
from mitsumori.model.kernels.constants import SPEC, prior, shipped


@pytest.fixture(scope="module")
def small() -> fit.Problem:
    """Every fourth shipped row: enough for a fit in a fraction of a second."""
    return fit.problem([run for run in runs.shipped() if run.expressed][::4])


def test_fit_finds_the_constants_that_made_the_data(small: fit.Problem) -> None:
    truth = small.unknowns.start + 0.8 * small.unknowns.sigma * np.random.default_rng(7).uniform(
        -1, 1, len(small.unknowns.start)
    )
    truth = np.clip(truth, small.unknowns.low, small.unknowns.high)
    made = replace(
        small,
        log_measured=fit.predict(small.batch, fit.constants_at(small.unknowns, truth)),
        weight=small.weight * 0 + 1.0,
    )
    found = fit.solve(made)
    start = np.abs(fit.predict(made.batch, prior()) - made.log_measured)
    left = np.abs(fit.predict(made.batch, fit.constants_at(made.unknowns, found)) - made.log_measured)
    assert np.median(left) < 0.01
    assert np.median(left) < np.median(start) / 4


def test_fit_stays_inside_the_bounds_whatever_the_data_say(small: fit.Problem) -> None:
    absurd = replace(small, log_measured=small.log_measured + math.log(10.0))
    theta = fit.solve(absurd)
    assert np.all(theta >= small.unknowns.low - 1e-12)
    assert np.all(theta <= small.unknowns.high + 1e-12)
    constants = fit.constants_at(small.unknowns, theta)
    for item in SPEC:
        assert item.low - 1e-12 <= float(constants[item.name]) <= item.high + 1e-12


def test_one_wild_row_moves_the_others_little(small: fit.Problem) -> None:
    """Residuals count linearly beyond two sigma."""
    wild = small.log_measured.copy()
    wild[3] += math.log(4.0)
    plain = fit.predict(small.batch, fit.constants_at(small.unknowns, fit.solve(small)))
    moved = fit.predict(small.batch, fit.constants_at(small.unknowns, fit.solve(replace(small, log_measured=wild))))
    others = np.arange(len(plain)) != 3
    assert np.median(np.abs(plain - moved)[others]) < 0.01


def test_weights_share_a_group_and_trust_a_row() -> None:
    rows = [run for run in runs.shipped() if run.expressed and run.trust == "A" and not run.lora][:40]
    alone = fit.weights(rows[:1])[0]
    assert alone == pytest.approx(1.0 if rows[0].stack != "jax" else 0.5)
    assert fit.weights([replace(rows[0], trust="C")])[0] == pytest.approx(0.25 * alone)
    assert fit.weights([replace(rows[0], trust="X")])[0] == 0.0
    assert fit.weights([replace(rows[0], untuned=True)])[0] == pytest.approx(0.02 * alone)
    pair = fit.weights([rows[0], rows[0]])
    assert pair[0] == pytest.approx(alone / math.sqrt(2))
    assert group_weights([rows[0], rows[0]])[0] == pytest.approx(1 / math.sqrt(2))


def test_left_out_groups_are_not_seen(small: fit.Problem) -> None:
    theta = fit.solve(small)
    label = small.rows[0].group
    inside = np.array([run.group == label for run in small.rows])
    shifted = replace(small, log_measured=np.where(inside, small.log_measured + 1.0, small.log_measured))
    a = fit.leave_out(small, theta, lambda run: run.group == label, "one", iterations=12)
    b = fit.leave_out(shifted, theta, lambda run: run.group == label, "one", iterations=12)
    np.testing.assert_allclose(a.log_error[inside] - 1.0, b.log_error[inside], atol=5e-3)


def test_far_class_is_never_narrower() -> None:
    names = ["dense"] * 20 + ["dense_far"] * 20
    errors = np.r_[np.full(20, 0.2), np.full(20, 0.01)]
    table = widths(names, errors, np.ones(40))
    assert table["dense_far"][0] >= table["dense"][0]
    assert table["moe"][0] > 0.3


def test_too_few_runs_are_refused(tmp_path: Path) -> None:
    lines = resources.read_text("runs", "runs.csv").splitlines()[:6]
    file = tmp_path / "few.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Refusal, match=r"at least 30"):
        fit.run(file)


def test_the_shipped_constants_are_the_fit_of_the_shipped_runs() -> None:
    """Nobody edited the file by hand, and whoever changes the physics or the rows has to run ``mitsumori fit``."""
    prob = fit.problem(fit.fitted_rows(), runs.shipped("runs_a100_single_node.csv"))
    mine = fit.predict(prob.batch, fit.constants_at(prob.unknowns, fit.solve(prob)))
    file = fit.predict(prob.batch, shipped())
    assert np.median(np.abs(mine - file)) < 0.004
    assert np.percentile(np.abs(mine - file), 95) < 0.02
    ids = set(json.loads(resources.read_text("constants", "step.json"))["left_out"])
    assert ids == {run.id for run in prob.rows if not run.id.startswith("vs")}


def test_judged_rows_are_configured_pretraining_of_trust_a_and_b() -> None:
    kept = [run for run in runs.shipped() if run.expressed and judged(run)]
    assert len(kept) > 350
    assert all(run.trust in "AB" and run.kind in {"pretrain", "mlperf"} and not run.lora for run in kept)


def test_a_fit_of_a_users_rows_writes_its_data_and_prints_every_table(tmp_path: Path) -> None:
    """Every eighth shipped row as a user's own file, with each source, model and family left out in turn."""
    lines = resources.read_text("runs", "runs.csv").splitlines()
    file, out = tmp_path / "own runs.csv", tmp_path / "step.json"
    file.write_text("\n".join((lines[0], *lines[1::8])), encoding="utf-8")
    report = fit.run(file, out=out, sources=True)
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["rows"] == len(report.rows) > 30
    assert written["constants"].keys() == report.record["constants"].keys()
    for item in SPEC:
        entry = written["constants"][item.name]
        assert item.low <= entry["value"] <= item.high, item.name
    expected = {
        "left out by group", "by accelerator", "by stack", "by precision", "by source", "in-sample", "left out by source",
        "left out by model", "left out by accelerator family", "effect of removing a source on the others",
    }  # fmt: skip
    assert expected <= set(report.tables)
    fitted, unseen = (report.tables[name][0] for name in ("in-sample", "left out by group"))
    assert 0 < fitted[2] < unseen[2] < 1  # rows that a fit never saw are predicted worse than those it was made of
    text = report.text()
    for title in expected:
        assert title.lower() in text.lower(), title
