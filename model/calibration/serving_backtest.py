"""Predictions against measured serving runs: ``mitsumori backtest`` of a file with the columns ``isl`` and ``osl``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.calibration.serving_checks import files_contradictions
from mitsumori.model.calibration.serving_files import read_serving_rows
from mitsumori.model.calibration.serving_run import Refused, ServingRun
from mitsumori.model.calibration.serving_runs import METRICS, express
from mitsumori.model.serving import load
from mitsumori.model.serving.constants import Fitted, ServingConstants, StaticConstants, shipped_serving
from mitsumori.model.serving.shape import Deployment, stacked

if TYPE_CHECKING:
    import pandas as pd

WIDTH_OF: Final = {
    "tpot_ms": "tpot", "ttft_ms": "ttft", "e2e_s": "e2e", "output_tok_s_per_gpu": "rate", "total_tok_s_per_gpu": "rate",
}  # fmt: skip
"""Which interval a metric takes."""


Arrays = Mapping[str, Any]
"""Fields of runs by name, one row a run: arrays, and dataclasses of arrays."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The runs of one kind, stacked once: what a prediction of all of them needs."""

    kind: str
    runs: tuple[ServingRun, ...]
    arrays: Arrays


def expressed(rows: Sequence[Mapping[str, str]]) -> list[ServingRun | Refused]:
    """Every row as a run, or why it cannot be; what the rows of a file say together against each of them included."""
    found = [express(row) for row in rows]
    places = [place for place, item in enumerate(found) if isinstance(item, ServingRun)]
    runs = [item for item in found if isinstance(item, ServingRun)]
    said = files_contradictions(runs, [rows[place].get("source", "") for place in places])
    for place, run, why in zip(places, runs, said, strict=True):
        found[place] = replace(run, contradiction=run.contradiction or why)
    return found


def batches(runs: Iterable[ServingRun]) -> list[Batch]:
    """Group runs by how they ran and stack their fields."""
    by: dict[str, list[ServingRun]] = {}
    for run in runs:
        by.setdefault(run.kind, []).append(run)
    return [Batch(kind, tuple(items), _stack(items)) for kind, items in by.items()]


def _stack(runs: Sequence[ServingRun]) -> dict[str, Any]:
    numbers = (
        "gpus",
        "decode_gpus",
        "replicas",
        "load",
        "isl",
        "osl",
        "mean",
        "spread",
        "tpot_limit_s",
        "static",
        "devices",
        "requests",
        "job_s",
        "longest",
    )
    arrays: dict[str, Any] = {name: np.array([getattr(run, name) for run in runs]) for name in numbers}
    for name in ("model", "card", "at", "prefill"):
        arrays[name] = stacked([getattr(run, name) for run in runs])
    for name in ("at", "prefill"):
        arrays[name] = replace(arrays[name], engine=np.asarray(arrays[name].engine, dtype=int))
    if any(run.sizes for run in runs):
        arrays["at"] = _fastest({**arrays, "runs": runs})
        arrays["replicas"] = np.maximum(1.0, arrays["gpus"] / arrays["at"].gpus / arrays["at"].pp)
    arrays["workers"] = tuple(np.array([run.workers[side] for run in runs]) for side in (0, 1))
    return arrays


def _fastest(a: Arrays) -> Deployment:
    """Layouts of offline runs, with the replica that is fastest by the priors where nobody states one."""
    k, sizes = ServingConstants(), sorted({size for run in a["runs"] for size in run.sizes})
    at = a["at"]
    best, chosen = _offline(a, k).rate / at.gpus, at.gpus
    for size in sizes:
        may = np.array([size in run.sizes for run in a["runs"]])
        gpus = np.where(may, size, at.gpus)
        rate = _offline({**a, "at": replace(at, gpus=gpus), "replicas": a["gpus"] / gpus / at.pp}, k).rate / gpus
        chosen = np.where(may & (rate > best), gpus, chosen)
        best = np.maximum(best, rate)
    layout: Deployment = replace(at, gpus=chosen)
    return layout


def _offline(a: Arrays, k: ServingConstants) -> load.Answer:
    requests = a["requests"] / np.maximum(1.0, a["replicas"])
    return load.offline(
        a["model"], a["at"], a["card"], a["isl"], a["osl"], k, tpot_limit_s=a["tpot_limit_s"], requests=requests,
        job_s=a["job_s"], longest=a["longest"],
    )  # fmt: skip


def predict(batch: Batch, k: ServingConstants, static: StaticConstants) -> dict[str, Array]:
    """Predicted figures of a batch of runs, by metric.

    Parameters
    ----------
    batch
        Runs of one kind as arrays.
    k, static
        Constants of present engines and of the engines of 2024.
    """
    a = batch.arrays
    what = (a["model"], a["at"], a["card"])
    lengths = (a["isl"], a["osl"], k)
    if batch.kind == "static":
        got = load.static_batch(*what, a["load"], *lengths, static=static, engine=a["static"], devices=a["devices"])
    elif batch.kind == "offline":
        got = _offline(a, k)
    elif batch.kind == "burst":
        got = load.burst(*what, a["load"], *lengths)
    elif batch.kind.startswith("disaggregated"):
        got = load.disaggregated(
            a["model"], a["prefill"], a["at"], a["card"], a["workers"], a["load"], *lengths, mean=a["mean"]
        )
    else:
        got = load.closed_loop(*what, a["load"], *lengths, mean=a["mean"], spread=a["spread"])
    whole = got.rate * a["replicas"]
    return {
        "tpot_ms": got.tpot_s * 1e3,
        "ttft_ms": got.ttft_s * 1e3,
        "e2e_s": got.e2e_s,
        "output_tok_s_per_gpu": whole / a["decode_gpus"],
        "total_tok_s_per_gpu": whole / a["gpus"] * (a["isl"] + a["osl"]) / a["osl"],
    }


@dataclass(frozen=True, slots=True)
class ServingRow:
    """One row of the report."""

    id: str
    skipped_because: str | None
    interval_class: str | None = None
    near: bool | None = None
    assumed: tuple[str, ...] = ()
    metrics: Mapping[str, Mapping[str, float]] = ()  # type: ignore[assignment]

    def to_json(self) -> dict[str, object]:
        """The row as ``backtest --json`` prints it."""
        return {
            "id": self.id, "skipped_because": self.skipped_because, "interval_class": self.interval_class,
            "near": self.near, "assumed": list(self.assumed), "metrics": {k: dict(v) for k, v in dict(self.metrics).items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServingReport:
    """All rows, and errors by metric, whole and by class."""

    rows: tuple[ServingRow, ...]

    def summary(self, keep: Callable[[ServingRow], bool] = lambda _: True) -> dict[str, dict[str, float]]:
        """Rows, median and 90th percentile of the absolute error, and coverage, by metric."""
        out: dict[str, dict[str, float]] = {}
        for metric in METRICS:
            found = [row.metrics[metric] for row in self.rows if metric in dict(row.metrics) and keep(row)]
            if found:
                error = np.abs([m["error"] for m in found])
                inside = [m["low"] <= m["measured"] <= m["high"] for m in found]
                out[metric] = {
                    "n": len(found), "median_abs_error": float(np.median(error)),
                    "p90_abs_error": float(np.quantile(error, 0.9)), "coverage_80": float(np.mean(inside)),
                }  # fmt: skip
        return out

    def classes(self) -> dict[str, dict[str, dict[str, float]]]:
        """The summary of each class of rows."""
        names = sorted({row.interval_class for row in self.rows if row.interval_class})
        return {name: self.summary(lambda row, name=name: row.interval_class == name) for name in names}  # type: ignore[misc]

    def to_json(self, _language: str = "en") -> dict[str, object]:
        """The document of ``backtest --json`` of a serving file."""
        return {"rows": [row.to_json() for row in self.rows], "summary": self.summary(), "classes": self.classes()}

    def to_frame(self, _language: str = "en") -> pd.DataFrame:
        """The runs as a frame: a row a run and metric, unknown numbers missing; pandas is imported here."""
        import pandas as pd

        return pd.DataFrame.from_records([
            {"id": row.id, "interval_class": row.interval_class, "metric": metric, **values,
             "skipped_because": row.skipped_because}
            for row in self.rows for metric, values in (row.metrics or {"": {}}).items()
        ])  # fmt: skip

    def text(self, _language: str = "en") -> str:
        """Errors by class and metric, and what was skipped."""
        lines = [f"{'class':34} {'metric':22} {'rows':>5} {'median %':>9} {'p90 %':>8} {'in 80 %':>8}"]
        for name, metrics in [("all", self.summary()), *self.classes().items()]:
            lines += [
                f"{name:34} {metric:22} {m['n']:5d} {100 * m['median_abs_error']:9.1f} {100 * m['p90_abs_error']:8.1f}"
                f" {100 * m['coverage_80']:7.0f}%"
                for metric, m in metrics.items()
            ]
        reasons: dict[str, int] = {}
        for row in self.rows:
            if row.skipped_because:
                reasons[row.skipped_because] = reasons.get(row.skipped_because, 0) + 1
        return "\n".join([*lines, *(f"skipped {n}: {why}" for why, n in sorted(reasons.items()))])


def _row(run: ServingRun, predicted: Mapping[str, float], fitted: Fitted) -> ServingRow:
    near = fitted.near(run.kind, run.model_name, run.family)
    metrics = {}
    for metric, measured in run.measured.items():
        value = predicted[metric]
        half = fitted.half_width(run.label, near, WIDTH_OF[metric])
        metrics[metric] = {
            "predicted": value, "measured": measured, "error": value / measured - 1.0,
            "low": value * float(np.exp(-half)), "high": value * float(np.exp(half)),
        }  # fmt: skip
    name = f"{run.label}{'' if run.scored else ' inconsistent'} {'near' if near else 'far'}"
    why = None if metrics else "The row measures nothing that is predicted."
    return ServingRow(run.id, why, name, near, run.assumed, metrics)


def backtest_serving(path: Path | None = None, fitted: Fitted | None = None) -> ServingReport:
    """Predict every row of a serving file (None: the shipped runs)."""
    fitted = fitted or shipped_serving()
    found = expressed(read_serving_rows(path))
    rows = {id(item): ServingRow(item.id, item.why) for item in found if isinstance(item, Refused)}
    for batch in batches(item for item in found if isinstance(item, ServingRun)):
        values = predict(batch, fitted.constants, fitted.static)
        for index, run in enumerate(batch.runs):
            rows[id(run)] = _row(run, {name: float(v[index]) for name, v in values.items()}, fitted)
    return ServingReport(tuple(rows[id(item)] for item in found))
