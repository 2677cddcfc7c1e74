"""Fit the constants of serving on measured runs, with whole groups left out for the error and the intervals.

Robust least squares of log errors in the logarithms of the constants, each held near its prior. Runs of one group (model x
accelerator x precision) weigh as the square root of their number. Intervals: the 80 % quantile of absolute log errors of
models left out (near), and the worse of models and families left out times 1.47 (far), the Student factor of three families.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.files import write_atomic
from mitsumori.model.calibration.serving_backtest import WIDTH_OF, Batch, batches, predict
from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.calibration.serving_runs import express, read_serving_rows
from mitsumori.model.serving.constants import ServingConstants, StaticConstants, names

if TYPE_CHECKING:
    import pandas as pd

METRIC_WEIGHT: Final[Mapping[str, Mapping[str, float]]] = {
    "aggregated": {"tpot_ms": 1.0, "ttft_ms": 0.5, "output_tok_s_per_gpu": 0.4, "total_tok_s_per_gpu": 0.4},
    "disaggregated": {"tpot_ms": 0.25, "ttft_ms": 0.12, "output_tok_s_per_gpu": 0.1, "total_tok_s_per_gpu": 0.1},
    "offline": {"tpot_ms": 0.25, "output_tok_s_per_gpu": 0.25, "total_tok_s_per_gpu": 0.1},
    "static": {"e2e_s": 1.0},
}
"""Kinds whose rows teach (they state what the model needs), and how much a figure of theirs counts."""
PRIOR_SPREAD: Final = 0.3
"""Standard deviation of the logarithm of a constant about its prior."""
FOLDS: Final = 6
FAR_FACTOR: Final = 1.47


@dataclass(frozen=True, slots=True)
class ServingFit:
    """Constants, half widths of intervals by class, and errors of rows left out: ``(by, class, metric, n, median, p90)``."""

    constants: ServingConstants
    static: StaticConstants
    half_widths: Mapping[str, Mapping[str, float]]
    errors: Sequence[tuple[str, str, str, int, float, float]]
    models: Collection[str]
    families: Collection[str]
    static_models: Collection[str]
    static_families: Collection[str]
    rows: int
    runs: Mapping[str, int]

    def text(self) -> str:
        """The report of ``mitsumori fit`` of a serving file."""
        lines = [f"{len(names())} + {len(names(StaticConstants))} constants on {self.rows} runs", ""]
        both = [*asdict(self.constants).items(), *((f"static {n}", v) for n, v in asdict(self.static).items())]
        lines += [f"{name:32} {value:.4g}" for name, value in both]
        lines += ["", f"{'left out':10} {'class':26} {'metric':22} {'rows':>5} {'median %':>9} {'p90 %':>8}"]
        lines += [
            f"{by:10} {kind:26} {m:22} {n:5d} {100 * a:9.1f} {100 * b:8.1f}" for by, kind, m, n, a, b in self.errors
        ]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Errors of rows left out as a frame: a row a class and metric; pandas is imported here."""
        import pandas as pd

        names = ("left_out", "interval_class", "metric", "rows", "median_abs_error", "p90_abs_error")
        return pd.DataFrame(list(self.errors), columns=names)

    def document(self) -> dict[str, Any]:
        """What ``resources/constants/serving.json`` holds."""
        return {
            "constants": asdict(self.constants),
            "static": asdict(self.static),
            "half_widths": {kind: dict(widths) for kind, widths in self.half_widths.items()},
            "models": sorted(self.models),
            "families": sorted(self.families),
            "static_models": sorted(self.static_models),
            "static_families": sorted(self.static_families),
            "runs": dict(self.runs),
            "errors_left_out": [list(item) for item in self.errors],
            "date": dt.date.today().isoformat(),
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
    return run.scored and run.kind in METRIC_WEIGHT and not open_layout and not crowded


Constants = tuple[ServingConstants, StaticConstants]
T = TypeVar("T", ServingConstants, StaticConstants)


def fit_constants(runs: Sequence[ServingRun], start: ServingConstants, evaluations: int = 12) -> ServingConstants:
    """Fit the constants of present engines on ``runs``, starting at ``start``, with the priors as the penalty's centre.

    Parameters
    ----------
    runs
        Measured runs that teach.
    start
        Constants to begin with.
    evaluations
        Most evaluations of the Jacobian, 1 or more.
    """
    priors = ServingConstants()
    return _fitted(batches(runs), priors, start, lambda batch, k: predict(batch, k, StaticConstants()), evaluations)


def fit_static(
    runs: Sequence[ServingRun], k: ServingConstants, start: StaticConstants, evaluations: int = 12
) -> StaticConstants:
    """Fit the constants of the engines of 2024 on static batches, the present engines' held.

    Parameters
    ----------
    runs
        Measured runs; static batches among them teach.
    k
        Constants of present engines, held.
    start
        Constants to begin with.
    evaluations
        Most evaluations of the Jacobian, 1 or more.
    """
    stacks = batches(run for run in runs if run.kind == "static")
    return _fitted(stacks, StaticConstants(), start, lambda batch, static: predict(batch, k, static), evaluations)


def _fitted(
    stacks: Sequence[Batch], priors: T, start: T, run: Callable[[Batch, T], Mapping[str, Array]], evaluations: int
) -> T:
    from scipy.optimize import least_squares

    kind = type(priors)
    keys = names(kind)
    counts = Counter(item.group for batch in stacks for item in batch.runs)
    weights = [_weights(batch, counts) for batch in stacks]
    prior = np.log([getattr(priors, name) for name in keys])

    def residuals(x: Array) -> Array:
        k = kind(**dict(zip(keys, np.exp(x), strict=True)))
        parts: list[Array] = []
        for batch, (measured, weight) in zip(stacks, weights, strict=True):
            values = run(batch, k)
            parts += [weight[m] * np.clip(np.log(values[m][at]) - y, -3, 3) for m, (at, y) in measured.items()]
        return np.concatenate([*parts, (x - prior) / PRIOR_SPREAD])

    begin = np.log([getattr(start, name) for name in keys])
    done = least_squares(residuals, begin, loss="soft_l1", f_scale=0.1, max_nfev=evaluations, method="trf")
    return kind(**{name: float(np.exp(v)) for name, v in zip(keys, done.x, strict=True)})


def _weights(batch: Batch, counts: Mapping[str, int]) -> tuple[dict[str, tuple[Array, Array]], dict[str, Array]]:
    measured, weight = {}, {}
    for metric, importance in METRIC_WEIGHT[batch.kind].items():
        at = np.array([i for i, run in enumerate(batch.runs) if metric in run.measured], dtype=int)
        if len(at):
            measured[metric] = (at, np.array([batch.runs[i].log_measured[metric] for i in at]))
            group = np.array([counts[batch.runs[i].group] for i in at])
            weight[metric] = importance * group**-0.25
    return measured, weight


Errors = list[tuple[ServingRun, str, float]]


def log_errors(runs: Sequence[ServingRun], constants: Constants) -> Errors:
    """Run, metric and log(predicted/measured) of every measured figure."""
    out: Errors = []
    for batch in batches(runs):
        values = predict(batch, *constants)
        for index, run in enumerate(batch.runs):
            out += [(run, m, float(np.log(values[m][index])) - y) for m, y in run.log_measured.items()]
    return out


def _both(runs: Sequence[ServingRun], start: Constants, evaluations: int) -> Constants:
    """Both sets: static batches leave the present engines' constants alone."""
    k = fit_constants([run for run in runs if run.kind != "static"], start[0], evaluations)
    return k, fit_static(runs, k, start[1], evaluations)


def _left_out(runs: Sequence[ServingRun], usable: Sequence[ServingRun], start: Constants, by: str) -> Errors:
    """Errors of all runs by constants that never saw their model (in folds) or GPU family."""
    key = "model_name" if by == "model" else "family"
    sizes = Counter(getattr(run, key) for run in usable)
    fold_of: dict[str, int] = {}
    for index, (name, _) in enumerate(sizes.most_common()):
        fold_of[name] = index % FOLDS
    priors, out = (ServingConstants(), StaticConstants()), []
    for fold in sorted(set(fold_of.values())):
        names_out = {name for name, f in fold_of.items() if f == fold}
        constants = _both([run for run in usable if getattr(run, key) not in names_out], priors, 12)
        out += log_errors([run for run in runs if getattr(run, key) in names_out], constants)
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
            tails = [
                [e for run, m, e in errors if run.kind == kind and WIDTH_OF[m] == short and run.scored]
                for errors in (by_model, by_family)
            ]
            usual = [_quantile(side) if side else 0.8 for side in tails]
            near[short], far[short] = usual[0], max(usual) * FAR_FACTOR
        widths[f"{kind} near"], widths[f"{kind} far"] = near, far
    return widths


def fit_serving(path: Path | None, out: Path | None) -> ServingFit:
    """Fit on a serving file (None: the shipped runs), score groups left out, write the data file where ``out`` is given."""
    runs = [run for run in map(express, read_serving_rows(path)) if isinstance(run, ServingRun)]
    usable = [run for run in runs if _usable(run)]
    constants = _both(usable, (ServingConstants(), StaticConstants()), 20)
    scored = {by: _left_out(runs, usable, constants, by) for by in ("model", "family")}
    errors = []
    for by, items in scored.items():
        for kind in sorted({run.kind for run, _, _ in items}):
            for metric in WIDTH_OF:
                e = np.abs(np.expm1([x for run, m, x in items if run.kind == kind and m == metric and run.scored]))
                if len(e):
                    errors.append((by, kind, metric, len(e), float(np.median(e)), float(np.quantile(e, 0.9))))
    taught = [run for run in usable if run.kind != "static"]
    fixed = [run for run in usable if run.kind == "static"]
    fit = ServingFit(
        constants=constants[0], static=constants[1], half_widths=_half_widths(scored["model"], scored["family"]),
        errors=errors, models={run.model_name for run in taught}, families={run.family for run in taught},
        static_models={run.model_name for run in fixed}, static_families={run.family for run in fixed}, rows=len(usable),
        runs=Counter(f"{run.model_name}|{run.family}" for run in taught),
    )  # fmt: skip
    if out is not None:
        write_atomic(out, (json.dumps(fit.document(), indent=1) + "\n").encode())
    return fit
