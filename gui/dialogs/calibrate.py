"""Calibration: one measured speed of the plan shown corrects every prediction of the project, visibly and undoably."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QWidget

from mitsumori.gui.charts.before_after import BeforeAfter, SpeedRow
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.numbers import UNKNOWN, duration, interval, number, percent, signed
from mitsumori.gui.dialogs.base import DataTable, LineField, ToolDialog, Words, combo
from mitsumori.gui.inputs.refusals import sentence
from mitsumori.gui.jobs import JobContext
from mitsumori.gui.tables.columns import Table
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.words.results import accelerator_name, gpus, model_name
from mitsumori.gui.words.translation import error_words, language
from mitsumori.model.base import format as fmt
from mitsumori.model.base.format import parse
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.training.results import TrainingResult

if TYPE_CHECKING:
    from mitsumori.gui.workspace import Workspace
    from mitsumori.model.calibration.backtest import BacktestReport

translate = QCoreApplication.translate

REST_MS = 150
SPEED = "overrides.training.tokens_per_s_per_gpu"


@dataclass(frozen=True, slots=True)
class Prediction:
    """Speed with its interval, in tokens/s of one GPU, and the days that follow."""

    speed: float
    low: float
    high: float
    days: float | None

    @property
    def half_width(self) -> float:
        """Half the interval over the speed."""
        return (self.high - self.low) / 2 / self.speed


def prediction(training: TrainingResult) -> Prediction | None:
    """What an estimate predicts; None where the training does not advance."""
    speed = training.tokens_per_s_per_gpu
    if speed.value is None or speed.value <= 0:
        return None
    low = speed.value if speed.low is None else speed.low
    high = speed.value if speed.high is None else speed.high
    return Prediction(speed.value, low, high, training.days.value)


def measured_speed(typed: float, unit: str, training: TrainingResult) -> float | None:
    """Tokens/s of one GPU from what was measured; None where this plan gives no rule for it.

    A step holds a fixed number of tokens and a token a fixed number of operations, so speed times step time and speed
    over MFU are the plan's own constants, whatever the speed.

    Parameters
    ----------
    typed
        Tokens/s of one GPU, seconds of a step, or MFU in per cent.
    unit
        ``speed``, ``step`` or ``mfu``.
    """
    if typed <= 0 or not math.isfinite(typed):
        return None
    speed = training.tokens_per_s_per_gpu.value
    if unit == "speed":
        return typed
    if speed is None:
        return None
    if unit == "step":
        step = training.step_time_s.value
        return None if not step else speed * step / typed
    mfu = training.mfu.value
    return None if not mfu else typed / 100.0 * speed / mfu


def as_measured(plan: Plan, training: TrainingResult) -> Plan:
    """The plan with the layout it was shown with written down, so that a later search does not change what was measured."""
    own = type(plan.parallel).model_fields
    chosen = {f"parallel.{name}": value for name, value in training.parallel.items() if name in own}
    try:
        return plan.with_values(chosen | {"parallel.auto": False})
    except PlanError:
        return plan


def spoken(row: Prediction) -> str:
    """Speed, interval and days in one line."""
    return translate("Calibrate", "{speed} tokens/s ({interval}), {time}").format(
        speed=number(row.speed), interval=interval(row.low, row.high), time=duration(row.days)
    )


class CalibrationDialog(ToolDialog):
    """Enter a measured run, see what it does to the prediction, keep or remove runs, try a file of runs."""

    def __init__(self, window: Workspace) -> None:
        store = window.store
        estimate = store.estimate
        assert estimate is not None
        plan, catalogue = store.plan, store.catalogue
        lead = translate(
            "Calibrate", "What was measured with {model} on {count} × {gpu}, laid out as {layout}? Every prediction of "
            "this estimate is then corrected towards it."
        ).format(
            model=model_name(plan, catalogue), count=gpus(plan, catalogue), gpu=accelerator_name(plan, catalogue),
            layout=fmt.layout(estimate.training.parallel),
        )  # fmt: skip
        super().__init__(window, translate("Calibrate", "Calibrate with a measured run"), lead, (800, 660))
        self._window, self._plan, self._estimate = window, plan, estimate
        self._candidate: Correction | None = None
        units = [
            ("speed", translate("Calibrate", "tokens/s per GPU")),
            ("step", translate("Calibrate", "seconds per step")),
            ("mfu", translate("Calibrate", "% MFU")),
        ]
        self.value = LineField(translate("Calibrate", "Measured"), width=140)
        self.unit = combo(translate("Calibrate", "Unit of the measured value"), units, "speed")
        self.unit.setFixedWidth(theme().px(200))
        self.name = LineField(translate("Calibrate", "Name of the run"))
        self.date = LineField(translate("Calibrate", "Date"), dt.date.today().isoformat(), width=140)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        row.addWidget(self.value)
        row.addWidget(self.unit)
        row.addStretch(1)
        self.form(
            [
                (translate("Calibrate", "Measured"), both),
                (translate("Calibrate", "Name of the run"), self.name),
                (translate("Calibrate", "Date"), self.date),
            ]
        )
        self.change = self.section("")
        self.picture = BeforeAfter()
        self.card = ChartFrame(self.picture)
        self.card.headed = False  # the line above says it
        self.card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.addWidget(self.card)
        self.runs_title = self.section("")
        self.runs = DataTable(translate("Calibrate", "Measured runs"), (1,), stretch=0)
        self.body.addWidget(self.runs, 1)
        self.none = Words(translate("Calibrate", "No measured runs yet."), 14, 400, "text_3")
        self.body.addWidget(self.none, 1, Qt.AlignmentFlag.AlignTop)
        self.backtest = self.button(translate("Calibrate", "Try a CSV of runs…"), self._ask_csv, left=True)
        self.remove = self.button(translate("Calibrate", "Remove"), self._remove)
        self.close_button = self.button(translate("Calibrate", "Close"), self.accept)
        self.add = self.button(translate("Calibrate", "Add the run"), self._add, "primary")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._preview)
        self.value.textEdited.connect(lambda: self._timer.start())
        self.value.committed.connect(lambda typed: self._committed())
        self.unit.currentIndexChanged.connect(lambda index: self._timer.start())
        self.runs.selectionModel().selectionChanged.connect(lambda *rows: self._enable())
        store.context_changed.connect(self._show_runs)
        store.estimate_changed.connect(self._renewed)
        self._show_runs()
        self._show(None)
        self.value.setFocus(Qt.FocusReason.TabFocusReason)

    # --- entering

    def _typed(self) -> float | None:
        """The speed that was entered; None with a sentence when it is none."""
        typed = self.value.text().strip()
        self.refuse("")
        if not typed:
            return None
        try:
            entered = float(parse(typed))
        except ValueError:
            self.refuse(translate("Calibrate", "“{typed}” is not a number.").format(typed=typed))
            return None
        speed = measured_speed(entered, self.unit.currentData(), self._estimate.training)
        if speed is None:
            self.refuse(translate("Calibrate", "The measured value must be greater than 0, and known for this plan."))
        return speed

    def _correction(self, speed: float) -> Correction | None:
        try:
            return Correction(
                name=self.name.text().strip()[:200],
                date=self.date.text().strip()[:40],
                tokens_per_s_per_gpu=speed,
                inputs=as_measured(self._plan, self._estimate.training),
            )
        except ValueError:
            self.refuse(translate("Calibrate", "A speed of {speed} tokens/s is out of range.").format(speed=speed))
            return None

    def _committed(self) -> None:
        """Enter in the field adds what is previewed; leaving it only previews."""
        if self.value.hasFocus() and self._candidate is not None and not self._timer.isActive():
            self._add()
        else:
            self._preview()

    def _preview(self) -> None:
        self._timer.stop()
        speed = self._typed()
        made = None if speed is None else self._correction(speed)
        if made is None:
            self._candidate = None
            self._show(None)
            return
        if self._candidate is not None and self._candidate == made:
            return
        self._candidate = made
        store, plan = self._window.store, self._plan
        corrections = (*store.corrections, made)

        def work(context: JobContext) -> Estimate:
            return store.compute(plan, corrections=corrections)

        self._window.jobs.start("calibrate", work, self._show, failed=lambda error: self.refuse(error_words(error)))

    def _show(self, after: Estimate | None) -> None:
        """The prediction now, and with the run when there is one."""
        now = prediction(self._estimate.training)
        then = None if after is None or self._candidate is None else prediction(after.training)
        if now is None:
            self.change.setText(translate("Calibrate", "This plan has no predicted speed to correct."))
            self._enable()
            return
        rows = [(translate("Calibrate", "Now"), now)]
        if then is not None and self._candidate is not None:
            rows.append((translate("Calibrate", "With this run"), then))
            words = translate(
                "Calibrate", "The prediction moves by {percent} %; its 80 % interval goes from ±{before} to ±{after}"
            )
            self.change.setText(
                words.format(
                    percent=signed((then.speed / now.speed - 1) * 100),
                    before=percent(now.half_width, 1),
                    after=percent(then.half_width, 1),
                )
            )
        else:
            self.change.setText(translate("Calibrate", "What is predicted"))
        if SPEED.removeprefix("overrides.") in self._plan.overrides:
            self.refuse(
                translate("Calibrate", "This plan overrides the speed; reset it to see the correction at work.")
            )
        measured = self._candidate.tokens_per_s_per_gpu if self._candidate is not None else None
        shown = [SpeedRow(name, row.speed, row.low, row.high, spoken(row)) for name, row in rows]
        self.picture.set_data(shown, measured if then is not None else None)
        self.card.set_texts(self.change.text())
        self._enable()

    def _enable(self) -> None:
        self.add.setEnabled(self._candidate is not None)
        self.remove.setEnabled(self.runs.selected() >= 0)
        self.remove.setVisible(bool(self._window.store.corrections))

    def _add(self) -> None:
        self._preview()
        speed = self._typed()
        made = None if speed is None else self._correction(speed)
        if made is None:
            return
        store = self._window.store
        error = store.set_context(translate("Calibrate", "Calibrate"), corrections=(*store.corrections, made))
        if error is not None:
            self.refuse(sentence(error))
            return
        self._window.jobs.cancel("calibrate")
        self._candidate = None
        self.value.accept("")
        self._enable()

    # --- the runs that are kept

    def _show_runs(self) -> None:
        corrections = self._window.store.corrections
        headers = (
            translate("Calibrate", "Run"),
            translate("Calibrate", "Date"),
            translate("Calibrate", "Measured (tokens/s per GPU)"),
        )
        unnamed = translate("Calibrate", "Unnamed run")
        self.runs.set_table(
            Table(
                headers,
                tuple((item.name or unnamed, item.date, number(item.tokens_per_s_per_gpu, 4)) for item in corrections),
            )
        )
        self.runs_title.setText(translate("Calibrate", "Measured runs of this estimate"))
        self.runs.setVisible(bool(corrections))
        self.none.setVisible(not corrections)
        self._enable()

    def _renewed(self, plan: Plan, estimate: Estimate) -> None:
        if plan is self._plan:
            self._estimate = estimate
            self._show(None)

    def _remove(self) -> None:
        store, row = self._window.store, self.runs.selected()
        if 0 <= row < len(store.corrections):
            kept = store.corrections[:row] + store.corrections[row + 1 :]
            store.set_context(translate("Calibrate", "Remove a measured run"), corrections=kept)

    # --- a file of runs

    def _ask_csv(self) -> None:
        kinds = translate("Calibrate", "Measured runs") + " (*.csv)"
        name, _ = QFileDialog.getOpenFileName(self, translate("Calibrate", "Try a CSV of measured runs"), "", kinds)
        if name:
            self.try_file(Path(name))

    def try_file(self, path: Path) -> None:
        """Predict every run of a file off the GUI thread and show the errors."""

        def work(context: JobContext) -> tuple[BacktestReport, Table]:
            from mitsumori.gui.tables.backtest import runs_frame, runs_table
            from mitsumori.model.calibration.backtest import backtest

            report = backtest(path)
            return report, runs_table(runs_frame(report, language()))

        def done(answer: tuple[BacktestReport, Table]) -> None:
            self.backtest.setEnabled(True)
            BacktestDialog(self, path.name, *answer).open()

        def failed(error: BaseException) -> None:
            self.backtest.setEnabled(True)
            self.refuse(error_words(error))

        self.refuse("")
        self.backtest.setEnabled(False)
        self._window.jobs.start("backtest", work, done, failed=failed)

    def done(self, result: int) -> None:
        """Nothing goes on behind a dialog that is gone."""
        self._timer.stop()
        self._window.jobs.cancel("calibrate")
        self._window.jobs.cancel("backtest")
        super().done(result)


class BacktestDialog(ToolDialog):
    """Signed error of every run of a file; rows that could not be predicted say why. ``runs`` is their table, made before."""

    def __init__(self, parent: QWidget, name: str, report: BacktestReport, runs: Table | None = None) -> None:
        overall = report.overall
        if overall.median_abs_error is None or overall.p90_abs_error is None:
            lead = translate("Calibrate", "No run of this file could be predicted.")
        else:
            lead = translate(
                "Calibrate", "Runs compared: {count}. Median error {median}, nine in ten within {p90}; the 80 % interval "
                "holds {covered} of them."
            ).format(
                count=overall.rows, median=percent(overall.median_abs_error, 1), p90=percent(overall.p90_abs_error, 1),
                covered=UNKNOWN if overall.coverage_80 is None else percent(overall.coverage_80),
            )  # fmt: skip
        title = translate("Calibrate", "Predictions against {file}").format(file=name)
        super().__init__(parent, title, lead, (900, 620))
        self.table = DataTable(title, (1,), stretch=1)
        if runs is None:
            from mitsumori.gui.tables.backtest import runs_frame, runs_table

            runs = runs_table(runs_frame(report, language()))
        self.table.set_table(runs)
        self.body.addWidget(self.table, 1)
        self.button(translate("Calibrate", "Close"), self.accept, "primary")
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
