"""Predictions against measured runs: ``mitsumori backtest RUNS.csv``.

Every row of the file appears in the report: predicted, or with the reason why not. A row with a layout is predicted by
:func:`model.training.step.step_time` at benchmark conditions; a whole campaign (tokens and GPU hours or days, no layout)
with the layout the program chooses and at whole-campaign goodput; a row with ``peak_gib`` also by the memory engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, Layout, Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.calibration.campaign import campaign_share, predict_campaign
from mitsumori.model.calibration.conformal import pool_of
from mitsumori.model.calibration.interval import assumes, band, calibrate
from mitsumori.model.calibration.run_layout import text_of
from mitsumori.model.calibration.runs import Run, load, read_row
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.training.step import step_time

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """One row: what was predicted, what was measured, or why there is no prediction. Tokens/s are of one accelerator."""

    id: str
    predicted: float | None = None
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    skipped_because: Sentence | None = None
    interval_class: str = ""
    predicted_peak_gib: float | None = None
    peak_gib: float | None = None
    predicted_gpu_hours: float | None = None
    layout: Layout | None = None
    assumed: tuple[str, ...] = ()
    gpu: str = ""
    precision: str = ""
    kind: str = ""
    what: str = ""
    moe: bool = False
    stack: str = ""
    memory_interval: float | None = None
    """Half-width of the predicted peak's interval, as a share."""

    @property
    def error(self) -> float | None:
        """Signed error, predicted / measured - 1."""
        if self.predicted is None or self.measured is None:
            return None
        return self.predicted / self.measured - 1.0

    def to_json(self, language: str = "en") -> dict[str, object]:
        """The row as the report and ``--json`` name it."""
        data: dict[str, Any] = {
            "id": self.id, "predicted_tokens_per_s_per_gpu": self.predicted, "measured": self.measured,
            "error": self.error, "low": self.low, "high": self.high,
            "skipped_because": self.skipped_because.text(language) if self.skipped_because else None,
            "interval_class": self.interval_class or None, "gpu": self.gpu, "precision": self.precision, "kind": self.kind,
            "assumed": list(self.assumed),
        }  # fmt: skip
        if self.peak_gib is not None:
            data["peak_gib"] = self.peak_gib
            data["predicted_peak_gib"] = self.predicted_peak_gib
            if self.predicted_peak_gib is not None and self.memory_interval is not None:
                data["peak_gib_low"] = self.predicted_peak_gib * (1.0 - self.memory_interval)
                data["peak_gib_high"] = self.predicted_peak_gib * (1.0 + self.memory_interval)
        if self.predicted_gpu_hours is not None:
            data["predicted_gpu_hours"] = self.predicted_gpu_hours
        if self.layout is not None:
            data["parallel"] = dict(self.layout)
        return data


@dataclass(frozen=True, slots=True)
class Summary:
    """Errors of some rows: how many, median, 90th percentile, signed median and coverage of the 80 % interval."""

    name: str
    rows: int
    median_abs_error: float | None
    p90_abs_error: float | None
    signed_median: float | None
    coverage_80: float | None


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """All rows, the headline and the breakdowns."""

    rows: tuple[BacktestRow, ...]
    overall: Summary
    by: Mapping[str, tuple[Summary, ...]]
    calibration: float = 1.0
    calibrated_by: int = 0

    def to_json(self, language: str = "en") -> dict[str, object]:
        """The document of ``backtest --json``; only finite numbers."""
        return {
            "rows": [row.to_json(language) for row in self.rows],
            "median_abs_error": self.overall.median_abs_error,
            "p90_abs_error": self.overall.p90_abs_error,
            "coverage_80": self.overall.coverage_80,
            "predicted_rows": self.overall.rows,
            "skipped_rows": sum(1 for row in self.rows if row.predicted is None),
            "by": {
                name: [
                    {
                        "name": s.name, "rows": s.rows, "median_abs_error": s.median_abs_error,
                        "p90_abs_error": s.p90_abs_error, "signed_median": s.signed_median, "coverage_80": s.coverage_80,
                    }
                    for s in items
                ]
                for name, items in self.by.items()
            },
            "memory": [asdict(item) for item in memory_summaries(self.rows)],
            "calibration": {"factor": self.calibration, "measured_runs": self.calibrated_by},
        }  # fmt: skip

    def to_frame(self, language: str = "en") -> pd.DataFrame:
        """The runs as a frame: a row a run under the names of the document, unknown numbers missing; pandas is imported here.

        Parameters
        ----------
        language
            ``en`` or ``ja``, of the reasons why a run was not predicted.
        """
        import pandas as pd

        frame = pd.json_normalize([row.to_json(language) for row in self.rows])
        layout = [name for name in frame.columns if name.startswith("parallel.")]
        return frame.astype({name: frame[name].convert_dtypes().dtype for name in layout})

    def text(self, language: str = "en") -> str:
        """The report for a terminal: signed error a row, then the summaries; reasons in ``language``."""
        lines = [f"{'row':<12}{'predicted':>12}{'measured':>12}{'error':>9}   80 % interval"]
        for row in self.rows:
            if row.predicted is None:
                why = row.skipped_because.text(language) if row.skipped_because else ""
                lines.append(f"{row.id:<12}{'':>12}{_cell(row.measured):>12}{'':>9}   not predicted: {why}")
                continue
            error = "" if row.error is None else f"{100 * row.error:+.1f} %"
            lines.append(
                f"{row.id:<12}{_cell(row.predicted):>12}{_cell(row.measured):>12}{error:>9}"
                f"   {_cell(row.low)} to {_cell(row.high)}  {row.what}"
            )
        lines.append("")
        lines.append(f"{'set':<28}{'rows':>6}{'median':>9}{'p90':>9}{'signed':>9}{'covered':>9}")
        for title, items in (("all", (self.overall,)), *self.by.items()):
            for s in items:
                if s.rows:
                    name = s.name if title == "all" else f"{title}: {s.name}"
                    lines.append(
                        f"{name[:27]:<28}{s.rows:>6}{_pct(s.median_abs_error):>9}{_pct(s.p90_abs_error):>9}"
                        f"{_pct(s.signed_median, True):>9}{_pct(s.coverage_80):>9}"
                    )
        for s in memory_summaries(self.rows):
            lines.append(
                f"{'peak memory: ' + s.name:<28}{s.rows:>6}{_pct(s.median_abs_error):>9}{_pct(s.p90_abs_error):>9}"
                f"{_pct(s.signed_median, True):>9}{_pct(s.coverage_80):>9}"
            )
        if self.calibrated_by:
            lines.append(f"Level calibrated by {self.calibrated_by} measured run(s): factor {self.calibration:.3f}.")
        return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def _pct(value: float | None, sign: bool = False) -> str:
    return "" if value is None else f"{100 * value:+.1f} %" if sign else f"{100 * value:.1f} %"


def backtest(
    path: str | Path, corrections: Iterable[Mapping[str, Any] | Run] = (), constants: Constants | None = None
) -> BacktestReport:
    """Predict every row of a file of runs.

    Parameters
    ----------
    path
        CSV with the columns of ``resources/runs/README.md``; missing columns are filled in by the rules of
        :mod:`model.calibration.runs`.
    corrections
        Measured runs of the user's own (rows of the same columns): they set the level of all predictions.
    constants
        Other constants than the shipped ones.

    Raises
    ------
    Refusal
        When the file is no CSV file of runs, in one sentence.
    """
    return evaluate(load(path), corrections, constants)


def evaluate(
    rows: Sequence[Run], corrections: Iterable[Mapping[str, Any] | Run] = (), constants: Constants | None = None
) -> BacktestReport:
    """:func:`backtest` on rows already read.

    Parameters
    ----------
    rows
        Runs as read; those without a speed or a layout are reported with the reason.
    corrections
        The user's own measured runs, as rows of a file or as read: they move the level of the others.
    constants
        Fitted constants; None for the shipped ones.
    """
    constants = constants or shipped()
    ratios = []
    for item in corrections:
        own = item if isinstance(item, Run) else read_row({k: str(v) for k, v in item.items() if v is not None})
        row = _predict(own, constants, ())
        if row.predicted and row.measured:
            ratios.append(math.log(row.measured / row.predicted))
    done = tuple(_safe(run, constants, ratios) for run in rows)
    level = 1.0
    if ratios:
        spread = [math.exp(math.log(r.high * r.low) / 2) for r in done if r.high and r.low and r.predicted]
        level = float(np.exp(np.mean(ratios))) if spread else 1.0
    by = {
        "gpu": _summaries(done, lambda row: row.gpu),
        "precision": _summaries(done, lambda row: row.precision or "not stated"),
        "kind": _summaries(done, lambda row: row.kind),
        "model": _summaries(done, lambda row: "MoE" if row.moe else "dense"),
        "class": _summaries(done, lambda row: pool_of(row.interval_class)),
        "stack": _summaries(done, lambda row: row.stack),
    }
    return BacktestReport(done, _summary("all", done), by, level, len(ratios))


def _safe(run: Run, constants: Constants, ratios: Sequence[float]) -> BacktestRow:
    """One prediction; a row the model cannot carry through is listed with the reason."""
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return _predict(run, constants, ratios)
    except (Refusal, ArithmeticError, ValueError, TypeError, KeyError, IndexError) as error:
        reason = error if isinstance(error, Refusal) else str(error) or type(error).__name__
        return replace(_blank(run), skipped_because=Sentence("runs", "not_computed", {"error": reason}))


def _blank(run: Run) -> BacktestRow:
    row = run.row
    peak = (row.get("peak_gib") or "").strip()
    try:
        peak_gib = float(peak) if peak else None
    except ValueError:
        peak_gib = None
    precision = PRECISIONS[int(run.parallel.precision)] if run.parallel is not None else (row.get("precision") or "")
    return BacktestRow(
        run.id, measured=run.measured, peak_gib=peak_gib if peak_gib is None or math.isfinite(peak_gib) else None,
        gpu=run.gpu_key or (row.get("gpu") or ""), precision=precision, kind=run.kind, assumed=run.assumed,
        moe=run.moe, stack=run.stack,
        what=f"{row.get('model', '')} · {row.get('gpus', '')} × {row.get('gpu', '')}",
    )  # fmt: skip


def _predict(run: Run, constants: Constants, ratios: Sequence[float]) -> BacktestRow:
    row = _blank(run)
    if run.architecture is not None and run.parallel is not None and row.peak_gib is not None and run.gpu is not None:
        peak, half = _peak(run, run.architecture, run.parallel)
        row = replace(row, predicted_peak_gib=peak, memory_interval=half)
    if run.kind == "campaign":
        return _campaign(run, row, constants, ratios)
    if run.kind == "rl":
        return _reinforcement(run, row, constants, ratios)
    if run.skipped or run.architecture is None or run.parallel is None or run.gpu is None or run.work is None:
        return replace(row, skipped_because=run.skipped or Sentence("runs", "not_expressed"))
    step = step_time(run.architecture, run.gpu, run.parallel, run.work, constants)
    speed = float(np.asarray(step.tokens_per_s_per_gpu))
    if not math.isfinite(speed) or speed <= 0:
        return replace(row, skipped_because=Sentence("runs", "not_a_number"))
    return _with_band(row, run, run.architecture, run.parallel, speed, constants, ratios)


def _with_band(
    row: BacktestRow, run: Run, arch: Architecture, parallel: Parallel, speed: float, constants: Constants,
    ratios: Sequence[float],
) -> BacktestRow:  # fmt: skip
    assert run.gpu is not None
    interval = band(
        arch,
        run.gpu,
        parallel,
        constants,
        tuning=run.lora or run.kind == "sft",
        log_ratios=ratios,
        exclude=run.id,
        assumed=assumes(run.assumed),
    )
    speed *= interval.level
    return replace(
        row, predicted=speed, low=speed * interval.low, high=speed * interval.high,
        interval_class=interval.name,
    )  # fmt: skip


def _peak(run: Run, arch: Architecture, parallel: Parallel) -> tuple[float | None, float]:
    """Predicted peak memory in GiB as the row's framework would report it, and half-width of its interval as a share."""
    from mitsumori.model.memory.options import MemoryOptions
    from mitsumori.model.memory.peak import UNSTATED_INTERVAL, interval_fraction, predicted_peak_gib

    assert run.gpu is not None
    options = MemoryOptions(**({"capacity_bytes": run.gpu.memory_bytes, "quantised_only": 0} | dict(run.memory)))
    value = float(np.asarray(predicted_peak_gib(arch, parallel, options)))
    half = float(np.asarray(interval_fraction(arch, parallel, options)))
    if not text_of(run.row, "recompute"):
        half = max(half, UNSTATED_INTERVAL)
    return (value if math.isfinite(value) else None), half


def _reinforcement(run: Run, row: BacktestRow, constants: Constants, ratios: Sequence[float]) -> BacktestRow:
    """A step of reinforcement learning end to end."""
    from mitsumori.model.calibration.expectation import RL_HALF_WIDTH
    from mitsumori.model.calibration.reinforcement import divided_by_rule, predict_rl

    found = predict_rl(run, constants)
    if found is None or not math.isfinite(found.tokens_per_s_per_gpu):
        return replace(row, skipped_because=run.skipped or Sentence("runs", "not_expressed"))
    shift, width = calibrate(ratios, RL_HALF_WIDTH)
    speed = found.tokens_per_s_per_gpu * math.exp(shift)
    return replace(
        row, predicted=speed, low=speed * math.exp(-width), high=speed * math.exp(width), interval_class="rl",
        assumed=(*run.assumed, "prompt_tokens", "response lengths", *divided_by_rule(run)),
    )  # fmt: skip


def _campaign(run: Run, row: BacktestRow, constants: Constants, ratios: Sequence[float]) -> BacktestRow:
    """A whole training without a layout: the program's own layout, at whole-campaign goodput."""
    if run.measured is None:
        return replace(row, skipped_because=Sentence("runs", "open_campaign"))
    if run.architecture is None or run.gpu is None:
        return replace(row, skipped_because=run.skipped or Sentence("runs", "no_shape"))
    from mitsumori.model.search.single import as_plan_fields

    found = predict_campaign(run, constants)
    share, half = campaign_share(constants)
    speed = found.tokens_per_s_per_gpu * share
    if not math.isfinite(speed) or speed <= 0:
        return replace(row, skipped_because=Sentence("runs", "no_layout"))
    shift, width = calibrate(ratios, half)
    speed *= math.exp(shift)
    total = _number(run.row.get("tokens_total_b"))
    return replace(
        row, predicted=speed, low=speed * math.exp(-width), high=speed * math.exp(width), interval_class="campaign",
        predicted_gpu_hours=total * 1e9 / speed / 3600 if total else None, layout=as_plan_fields(found.parallel),
        assumed=("layout", "goodput"),
    )  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def memory_summaries(rows: Sequence[BacktestRow]) -> tuple[Summary, ...]:
    """Errors of predicted peaks, of all rows that measure one and by stack; ``coverage_80`` is what their intervals cover."""
    measured = [row for row in rows if row.peak_gib and row.predicted_peak_gib]
    groups = {"all": measured} | {
        name: [row for row in measured if row.stack == name] for name in sorted({row.stack for row in measured})
    }
    found = []
    for name, members in groups.items():
        if not members:
            continue
        error = np.array([(row.predicted_peak_gib or 0.0) / (row.peak_gib or 1.0) - 1.0 for row in members])
        half = np.array([row.memory_interval or 0.0 for row in members])
        inside = float(np.mean(np.abs(1.0 / (1.0 + error) - 1.0) <= half))
        size = np.abs(error)
        found.append(
            Summary(
                name,
                len(members),
                float(np.median(size)),
                float(np.percentile(size, 90)),
                float(np.median(error)),
                inside,
            )
        )
    return tuple(found)


def _summaries(rows: Sequence[BacktestRow], label: Callable[[BacktestRow], str]) -> tuple[Summary, ...]:
    names = sorted({label(row) for row in rows if row.error is not None})
    return tuple(_summary(name, [row for row in rows if label(row) == name]) for name in names)


def _summary(name: str, rows: Sequence[BacktestRow]) -> Summary:
    used = [row for row in rows if row.error is not None]
    if not used:
        return Summary(name, 0, None, None, None, None)
    errors = np.array([row.error for row in used], dtype=np.float64)
    inside = [row.low <= row.measured <= row.high for row in used if row.low and row.high and row.measured]
    return Summary(
        name, len(used), float(np.median(np.abs(errors))), float(np.percentile(np.abs(errors), 90)),
        float(np.median(errors)), float(np.mean(inside)) if inside else None,
    )  # fmt: skip
