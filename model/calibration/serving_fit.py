"""Fit the constants of serving on measured runs, with whole groups left out for the error and the intervals.

Robust least squares of log errors in the logarithms of the constants, each held near its prior. Runs of one group (model x
accelerator x precision) weigh as the square root of their number. Errors and intervals: :mod:`.serving_scores`.
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
from mitsumori.model.calibration.serving_backtest import Batch, batches, expressed, predict
from mitsumori.model.calibration.serving_files import read_serving_rows
from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.calibration.serving_scores import (
    GROUPING,
    Constants,
    Score,
    half_widths,
    left_out,
    scores,
    scores_by,
)
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


@dataclass(frozen=True, slots=True)
class ServingFit:
    """Constants, half widths of intervals by class, and scores of rows left out: by class, and ``whole`` by what was left out.

    ``answered`` are rows of the file with a prediction of something measured, and all.
    """

    constants: ServingConstants
    static: StaticConstants
    half_widths: Mapping[str, Mapping[str, float]]
    scores: Sequence[Score]
    whole: Sequence[Score]
    models: Collection[str]
    families: Collection[str]
    static_models: Collection[str]
    static_families: Collection[str]
    rows: int
    runs: Mapping[str, int]
    answered: tuple[int, int]

    def text(self) -> str:
        """The report of ``mitsumori fit`` of a serving file."""
        lines = [f"{len(names())} + {len(names(StaticConstants))} constants on {self.rows} runs", ""]
        both = [*asdict(self.constants).items(), *((f"static {n}", v) for n, v in asdict(self.static).items())]
        lines += [f"{name:32} {value:.4g}" for name, value in both]
        lines += ["", f"{self.answered[0]} of {self.answered[1]} rows answered", ""]
        head = f"{'metric':22} {'rows':>5} {'median %':>9} {'p90 %':>8} {'in 80 %':>8} {'baseline':>9} {'p90 %':>8}"
        for title, table in (("class, left out", self.scores), ("whole, left out", self.whole)):
            lines += [f"{title:38} {head}"]
            lines += [
                f"{item.interval_class:38} {item.metric:22} {item.rows:5d} {100 * item.median:9.1f} {100 * item.p90:8.1f}"
                f" {100 * item.coverage:7.0f}% {100 * item.baseline_median:9.1f} {100 * item.baseline_p90:8.1f}"
                for item in table
            ]
            lines += [""]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Errors of rows left out as a frame: a row a class and metric; pandas is imported here."""
        import pandas as pd

        return pd.DataFrame.from_records([_finite(item) for item in (*self.scores, *self.whole)])

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
            "scores": [_finite(item) for item in self.scores],
            "scores_whole": [_finite(item) for item in self.whole],
            "answered": list(self.answered),
            "date": dt.date.today().isoformat(),
            "provenance": {
                "runs": "resources/runs/serving_runs.csv.gz",
                "rows": self.rows,
                "method": "docs/method.md, serving",
            },
        }


def _finite(item: Score) -> dict[str, object]:
    """A score for JSON: what is not known is null."""
    return {key: None if value != value else value for key, value in asdict(item).items()}


def _usable(run: ServingRun) -> bool:
    """Rows that teach: consistent, of a fitted kind, layout stated."""
    open_layout = any("workers" in item or "count" in item for item in run.assumed)
    crowded = run.kind == "aggregated" and run.gpus > 8
    return run.scored and run.kind in METRIC_WEIGHT and not open_layout and not crowded


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


def _both(runs: Sequence[ServingRun], start: Constants, evaluations: int) -> Constants:
    """Both sets: static batches leave the present engines' constants alone."""
    k = fit_constants([run for run in runs if run.kind != "static"], start[0], evaluations)
    return k, fit_static(runs, k, start[1], evaluations)


def fit_serving(path: Path | None, out: Path | None) -> ServingFit:
    """Fit on a serving file (None: the shipped runs), score groups left out, write the data file where ``out`` is given."""
    rows = read_serving_rows(path)
    runs = [run for run in expressed(rows) if isinstance(run, ServingRun)]
    usable = [run for run in runs if _usable(run)]
    priors = (ServingConstants(), StaticConstants())
    constants = _both(usable, priors, 20)
    items = [item for by in GROUPING for item in left_out(runs, usable, by, lambda kept: _both(kept, priors, 12))]
    taught = [run for run in usable if run.kind != "static"]
    fixed = [run for run in usable if run.kind == "static"]
    fit = ServingFit(
        constants=constants[0], static=constants[1], half_widths=half_widths(items), scores=scores(items),
        whole=scores_by(items),
        models={run.model_name for run in taught}, families={run.family for run in taught},
        static_models={run.model_name for run in fixed}, static_families={run.family for run in fixed}, rows=len(usable),
        runs=Counter(f"{run.model_name}|{run.family}" for run in taught),
        answered=(sum(bool(run.measured) for run in runs), len(rows)),
    )  # fmt: skip
    if out is not None:
        write_atomic(out, (json.dumps(fit.document(), indent=1) + "\n").encode())
    return fit
