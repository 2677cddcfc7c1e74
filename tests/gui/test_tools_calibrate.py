"""Calibration: one measured run corrects the prediction, narrows its interval, says so, and can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.dialogs.calibrate import BacktestDialog, CalibrationDialog, as_measured, measured_speed, prediction
from mitsumori.gui.store import estimate_plan
from mitsumori.model.calibration.backtest import backtest
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, parse_project
from tests.gui.windows import window

PLAN = load_sample("llama2-7b-sft").plan


def calibrating(qtbot: Any) -> tuple[Any, CalibrationDialog]:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    dialog = CalibrationDialog(win)
    dialog.open()
    return win, dialog


def quiet(qtbot: Any, win: Any) -> None:
    qtbot.waitUntil(lambda: not win.jobs.any_busy() and not win.store.stale, timeout=20_000)
    qtbot.wait(10)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.7])
def test_step_time_and_mfu_say_the_same_speed(factor: float) -> None:
    """A plan predicted at v, s and m: twice the step time, or half the MFU, is half the speed."""
    training = estimate(PLAN).training
    speed, step, mfu = (figure.value for figure in (training.tokens_per_s_per_gpu, training.step_time_s, training.mfu))
    assert speed and step and mfu
    assert measured_speed(speed * factor, "speed", training) == pytest.approx(speed * factor)
    assert measured_speed(step / factor, "step", training) == pytest.approx(speed * factor)
    assert measured_speed(mfu * factor * 100, "mfu", training) == pytest.approx(speed * factor)


@pytest.mark.parametrize("typed", [0.0, -3.0, float("inf"), float("nan")])
def test_no_speed_from_what_is_no_measurement(typed: float) -> None:
    assert measured_speed(typed, "speed", estimate(PLAN).training) is None


def test_a_run_corrects_narrows_is_said_and_undone(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = calibrating(qtbot)
    before = prediction(win.store.estimate.training)
    assert before is not None
    measured = before.speed * 0.8
    dialog.value.setText(f"{measured:.1f}")
    dialog.name.setText("the customer's own")
    dialog._preview()
    quiet(qtbot, win)
    assert len(dialog.picture._rows) == 2, "the preview shows both"
    assert win.store.corrections == ()
    dialog.add.click()
    quiet(qtbot, win)
    after = prediction(win.store.estimate.training)
    assert after is not None
    assert measured <= after.speed < before.speed
    assert after.half_width < before.half_width
    assert after.low <= measured <= after.high
    assert any(finding.code == "training_corrected" for finding in win.store.estimate.findings)
    project = parse_project(win.store.project().to_bytes(), "saved")
    assert [item.name for item in project.corrections] == ["the customer's own"]
    win.store.undo_stack.undo()
    quiet(qtbot, win)
    assert prediction(win.store.estimate.training) == before
    assert not any(finding.code == "training_corrected" for finding in win.store.estimate.findings)
    dialog.close()


def test_the_preview_is_what_adding_gives(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = calibrating(qtbot)
    dialog.value.setText("1234")
    dialog._preview()
    quiet(qtbot, win)
    shown = dialog.picture._rows[1]
    spoken = [mark.words() for mark in dialog.picture.view()._subject.marks()] if dialog.picture.grab() else []
    assert [words.partition(":")[0] for words in spoken] == ["Now", "With this run"]
    copied = dialog.picture.table()
    assert [copied.cell(row, 1).value for row in range(3)] == [*(row.speed for row in dialog.picture._rows), 1234.0]
    dialog.add.click()
    quiet(qtbot, win)
    after = prediction(win.store.estimate.training)
    assert after is not None
    assert (after.speed, after.low, after.high) == (shown.speed, shown.low, shown.high)
    dialog.close()


def test_runs_are_listed_and_removed(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = calibrating(qtbot)
    for speed in ("2000", "2100"):
        dialog.value.setText(speed)
        dialog.add.setEnabled(True)
        dialog._add()
        quiet(qtbot, win)
    assert [row[2] for row in dialog.runs.table().rows] == ["2,000", "2,100"]
    dialog.runs.selectRow(0)
    dialog.remove.click()
    quiet(qtbot, win)
    assert [item.tokens_per_s_per_gpu for item in win.store.corrections] == [2100.0]
    dialog.close()


def test_enter_adds_once(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = calibrating(qtbot)
    dialog.value.setFocus()
    QTest.keyClicks(dialog.value, "2000")
    QTest.keyClick(dialog.value, Qt.Key.Key_Return)
    quiet(qtbot, win)
    QTest.keyClick(dialog.value, Qt.Key.Key_Return)
    quiet(qtbot, win)
    assert len(win.store.corrections) == 1
    dialog.close()


@pytest.mark.parametrize("typed", ["fast", "-3", "1e30"])
def test_what_is_no_speed_is_refused_in_a_sentence(qtbot, typed: str) -> None:  # type: ignore[no-untyped-def]
    _win, dialog = calibrating(qtbot)
    dialog.value.setText(typed)
    dialog._preview()
    assert dialog.refusal.text().endswith(".")
    assert not dialog.add.isEnabled()
    dialog.close()


def test_what_was_measured_keeps_the_layout_of_its_time() -> None:
    plan = Plan().with_values({"model.preset": "llama3-8b", "cluster.servers": 2})
    result = estimate(plan)
    kept = as_measured(plan, result.training)
    assert not kept.parallel.auto
    assert estimate(kept).training.tokens_per_s_per_gpu.value == pytest.approx(
        result.training.tokens_per_s_per_gpu.value
    )


def test_a_file_of_runs_shows_every_row(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from mitsumori import resources

    lines = resources.read_text("runs", "runs.csv").splitlines()[:9]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n")
    _win, dialog = calibrating(qtbot)
    dialog.try_file(path)
    qtbot.waitUntil(lambda: dialog.findChild(BacktestDialog) is not None, timeout=20_000)
    errors = dialog.findChild(BacktestDialog)
    assert len(errors.table.table().rows) == len(lines) - 1
    assert "Median error" in errors.lead.text()
    shown, report = errors.table.table(), backtest(path)
    heads = {column.copied: at for at, column in enumerate(shown.columns)}
    for at, row in enumerate(report.rows):
        wanted = {
            "Measured (tokens/s per GPU)": row.measured, "Predicted (tokens/s per GPU)": row.predicted,
            "80 % interval from (tokens/s per GPU)": row.low, "80 % interval to (tokens/s per GPU)": row.high,
            "Error (%)": None if row.error is None else 100.0 * row.error,
        }  # fmt: skip
        for head, value in wanted.items():
            assert shown.cell(at, heads[head]).value == (None if value is None else pytest.approx(value)), (
                row.id,
                head,
            )
        assert shown.cell(at, heads["Run"]).text == row.id
        if row.skipped_because is not None:
            assert shown.cell(at, heads["What"]).text == row.skipped_because.text("en")
    errors.close()
    dialog.close()


def test_a_file_that_is_none_is_refused(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "odd.csv"
    path.write_bytes(b"\x00\xff\x00")
    _win, dialog = calibrating(qtbot)
    dialog.try_file(path)
    qtbot.waitUntil(lambda: bool(dialog.refusal.text()), timeout=20_000)
    assert dialog.backtest.isEnabled()
    dialog.close()
