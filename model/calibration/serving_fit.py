"""Fit the constants of serving on measured runs, with whole groups left out for the error and the intervals.

Robust least squares of log errors in the logarithms of the constants, each held near its prior. Runs of one group (model x
accelerator x precision) weigh as the square root of their number. Intervals: the 80 % quantile of absolute log errors of
models left out (near), and the worse of models and families left out times 1.47 (far), the Student factor of three families.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.files import write_atomic
from mitsumori.model.calibration.serving_backtest import WIDTH_OF, Batch, batches, predict
from mitsumori.model.calibration.serving_runs import ServingRun, express, read_serving_rows
from mitsumori.model.serving.constants import ServingConstants, names

FITTED_KINDS: Final = ("aggregated", "disaggregated", "offline")
"""Kinds whose rows teach: they state what the model needs. The others are judged only."""
METRIC_WEIGHT: Final = {"tpot_ms": 1.0, "ttft_ms": 0.5, "output_tok_s_per_gpu": 0.4, "total_tok_s_per_gpu": 0.4}
KIND_WEIGHT: Final = {"aggregated": 1.0, "disaggregated": 0.25, "offline": 0.25}
PRIOR_SPREAD: Final = 0.3
"""Standard deviation of the logarithm of a constant about its prior."""
FOLDS: Final = 6
FAR_FACTOR: Final = 1.47


@dataclass(frozen=True, slots=True)
class ServingFit:
    """Constants, half widths of intervals by class, and errors of rows left out: ``(by, class, metric, n, median, p90)``."""

    constants: ServingConstants
    half_widths: Mapping[str, Mapping[str, float]]
    errors: Sequence[tuple[str, str, str, int, float, float]]
    models: Sequence[str]
    families: Sequence[str]
    rows: int
    runs: Mapping[str, int]

    def text(self) -> str:
        """The report of ``mitsumori fit`` of a serving file."""
        lines = [f"{len(names())} constants on {self.rows} runs", ""]
        lines += [f"{name:32} {value:.4g}" for name, value in asdict(self.constants).items()]
        lines += ["", f"{'left out':10} {'class':26} {'metric':22} {'rows':>5} {'median %':>9} {'p90 %':>8}"]
        lines += [
            f"{by:10} {kind:26} {m:22} {n:5d} {100 * a:9.1f} {100 * b:8.1f}" for by, kind, m, n, a, b in self.errors
        ]
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """What ``resources/constants/serving.json`` holds."""
        return {
            "constants": asdict(self.constants),
            "half_widths": {kind: dict(widths) for kind, widths in self.half_widths.items()},
            "models": sorted(self.models),
            "families": sorted(self.families),
            "runs": dict(self.runs),
            "errors_left_out": [list(item) for item in self.errors],
            "provenance": {
                "runs": "resources/runs/serving_runs.csv.gz",
                "rows": self.rows,
                "method": "docs/method.md, serving",
            },
        }


def _usable(run: ServingRun) -> bool:
    """Rows that teach: consistent, of a fitted kind, layout stated."""
    open_layout = any("workers" in item or "count" in item for item in run.assumed)
    crowded = run.kind == "aggregated" and run.gpus > 8
    return run.scored and run.kind in FITTED_KINDS and not open_layout and not crowded


def fit_constants(runs: Sequence[ServingRun], start: ServingConstants, evaluations: int = 12) -> ServingConstants:
    """Fit all constants on ``runs``, starting at ``start`` with the priors as the penalty's centre."""
    from scipy.optimize import least_squares

    prior = np.log([getattr(ServingConstants(), name) for name in names()])
    stacks = batches(runs)
    counts = Counter(run.group for run in runs)
    weights = [_weights(batch, counts) for batch in stacks]

    def residuals(x: Array) -> Array:
        k = ServingConstants(**dict(zip(names(), np.exp(x), strict=True)))
        parts = []
        for batch, (measured, weight) in zip(stacks, weights, strict=True):
            values = predict(batch, k)
            parts += [weight[m] * np.clip(np.log(values[m][at]) - y, -3, 3) for m, (at, y) in measured.items()]
        return np.concatenate([*parts, (x - prior) / PRIOR_SPREAD])

    begin = np.log([getattr(start, name) for name in names()])
    done = least_squares(residuals, begin, loss="soft_l1", f_scale=0.1, max_nfev=evaluations, method="trf")
    return ServingConstants(**{name: float(np.exp(v)) for name, v in zip(names(), done.x, strict=True)})


def _weights(batch: Batch, counts: Mapping[str, int]) -> tuple[dict[str, tuple[Array, Array]], dict[str, Array]]:
    measured, weight = {}, {}
    for metric, importance in METRIC_WEIGHT.items():
        at = np.array([i for i, run in enumerate(batch.runs) if metric in run.measured], dtype=int)
        if len(at):
            measured[metric] = (at, np.array([batch.runs[i].log_measured[metric] for i in at]))
            group = np.array([counts[batch.runs[i].group] for i in at])
            weight[metric] = importance * KIND_WEIGHT[batch.kind] * group**-0.25
    return measured, weight


Errors = list[tuple[ServingRun, str, float]]


def log_errors(runs: Sequence[ServingRun], k: ServingConstants) -> Errors:
    """Run, metric and log(predicted/measured) of every measured figure."""
    out: Errors = []
    for batch in batches(runs):
        values = predict(batch, k)
        for index, run in enumerate(batch.runs):
            out += [(run, m, float(np.log(values[m][index])) - y) for m, y in run.log_measured.items()]
    return out


def _left_out(runs: Sequence[ServingRun], usable: Sequence[ServingRun], start: ServingConstants, by: str) -> Errors:
    """Errors of all runs by constants that never saw their model (in folds) or GPU family."""
    key = "model_name" if by == "model" else "family"
    sizes = Counter(getattr(run, key) for run in usable)
    fold_of: dict[str, int] = {}
    for index, (name, _) in enumerate(sizes.most_common()):
        fold_of[name] = index % FOLDS
    out: Errors = []
    for fold in sorted(set(fold_of.values())):
        names_out = {name for name, f in fold_of.items() if f == fold}
        k = fit_constants([run for run in usable if getattr(run, key) not in names_out], start, 8)
        out += log_errors([run for run in runs if getattr(run, key) in names_out], k)
    rest = [run for run in runs if getattr(run, key) not in fold_of]
    return out + log_errors(rest, start) if rest else out


def _quantile(values: Sequence[float], q: float = 0.8) -> float:
    """The conformal quantile: of n errors the ceil((n+1)q)-th."""
    ordered = np.sort(np.abs(values))
    return float(ordered[min(len(ordered), int(np.ceil((len(ordered) + 1) * q))) - 1])


def _half_widths(by_model: Errors, by_family: Errors) -> dict[str, dict[str, float]]:
    widths: dict[str, dict[str, float]] = {}
    for kind in sorted({run.kind for run, _, _ in by_model}):
        near, far = {}, {}
        for short in sorted(set(WIDTH_OF.values())):
            sides = [
                [e for run, m, e in errors if run.kind == kind and WIDTH_OF[m] == short and run.scored]
                for errors in (by_model, by_family)
            ]
            usual = [_quantile(side) if side else 0.8 for side in sides]
            near[short], far[short] = usual[0], max(usual) * FAR_FACTOR
        widths[f"{kind} near"], widths[f"{kind} far"] = near, far
    return widths


def fit_serving(path: Path | None, out: Path | None) -> ServingFit:
    """Fit on a serving file (None: the shipped runs), score groups left out, write the data file where ``out`` is given."""
    runs = [run for run in map(express, read_serving_rows(path)) if isinstance(run, ServingRun)]
    usable = [run for run in runs if _usable(run)]
    constants = fit_constants(usable, ServingConstants(), 20)
    scored = {by: _left_out(runs, usable, constants, by) for by in ("model", "family")}
    errors = []
    for by, items in scored.items():
        for kind in sorted({run.kind for run, _, _ in items}):
            for metric in WIDTH_OF:
                e = np.abs(np.expm1([x for run, m, x in items if run.kind == kind and m == metric and run.scored]))
                if len(e):
                    errors.append((by, kind, metric, len(e), float(np.median(e)), float(np.quantile(e, 0.9))))
    fit = ServingFit(
        constants, _half_widths(scored["model"], scored["family"]), errors, sorted({run.model_name for run in usable}),
        sorted({run.family for run in usable}), len(usable), Counter(f"{run.model_name}|{run.family}" for run in usable),
    )  # fmt: skip
    if out is not None:
        write_atomic(out, (json.dumps(fit.document(), indent=1) + "\n").encode())
    return fit
