"""How well serving is predicted on groups left out whole: errors, coverage of the intervals and the trivial baseline, by class.

Three ways to leave out, in folds: groups (model x accelerator x precision), of which the rows whose model and GPU family
stay among the fitted ones are **near**; models and GPU families, whose rows are **far**. A fold's constants start at the
priors and know none of its rows. Half widths are conformal quantiles of log errors; the width that a fold's coverage is
counted with comes from the other folds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.calibration.serving_backtest import WIDTH_OF, batches, predict
from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.serving.constants import ServingConstants, StaticConstants

FOLDS: Final = 6
LEVEL: Final = 0.8
NEAR, FAR = "near", "far"
GROUPING: Final[Mapping[str, Callable[[ServingRun], str]]] = {
    "group": lambda run: run.group,
    "model": lambda run: run.model_name,
    "family": lambda run: run.family,
}
"""What is left out whole, and how its name is read."""
UNKNOWN_WIDTH: Final = 0.8
"""Half width where no row of the kind measures the metric."""

Constants = tuple[ServingConstants, StaticConstants]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A measured figure predicted by constants that never saw its group: log(predicted/measured) of model and baseline."""

    run: ServingRun
    metric: str
    error: float
    baseline: float
    by: str
    fold: int
    near: bool

    @property
    def distance(self) -> str:
        """``near`` or ``far``."""
        return NEAR if self.near else FAR


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of a class and metric: share, not percent; ``coverage`` of the 80 % interval; the same errors of the baseline."""

    interval_class: str
    metric: str
    rows: int
    median: float
    p90: float
    coverage: float
    baseline_median: float
    baseline_p90: float


def log_errors(runs: Sequence[ServingRun], constants: Constants) -> list[tuple[ServingRun, str, float]]:
    """Run, metric and log(predicted/measured) of every measured figure."""
    out: list[tuple[ServingRun, str, float]] = []
    for batch in batches(runs):
        values = predict(batch, *constants)
        for index, run in enumerate(batch.runs):
            out += [(run, m, float(np.log(values[m][index])) - y) for m, y in run.log_measured.items()]
    return out


class Baseline:
    """The trivial prediction: the median of the same kind, GPU family and load (by powers of four), wherever it was
    measured."""

    def __init__(self, runs: Iterable[ServingRun]) -> None:
        found: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for run in runs:
            for metric, value in run.log_measured.items():
                for key in self._keys(run, metric):
                    found[key].append(value)
        self._medians = {key: float(np.median(values)) for key, values in found.items()}

    @staticmethod
    def _keys(run: ServingRun, metric: str) -> list[tuple[str, ...]]:
        load = str(round(float(np.log(max(run.load, 1.0)) / np.log(4.0))))
        whole = [(run.label, metric, run.family, load), (run.label, metric, "", load), (run.label, metric, "", "")]
        return [*whole, (metric, run.family, load), (metric, "", "")]

    def log_value(self, run: ServingRun, metric: str) -> float:
        """Logarithm of the baseline's value; NaN where nothing of the metric was ever measured."""
        return next((self._medians[key] for key in self._keys(run, metric) if key in self._medians), float("nan"))


def left_out(
    runs: Sequence[ServingRun], usable: Sequence[ServingRun], by: str, fit: Callable[[Sequence[ServingRun]], Constants]
) -> list[LeftOut]:
    """Errors of runs by constants that never saw their group, model or family (a key of :data:`GROUPING`), in folds.

    Parameters
    ----------
    runs
        Runs to score.
    usable
        Runs that teach.
    by
        ``group``, ``model`` or ``family``.
    fit
        Constants of a set of runs.
    """
    key = GROUPING[by]
    names = Counter(key(run) for run in usable)
    names.update({key(run): 0 for run in runs})
    fold_of = {name: index % FOLDS for index, (name, _) in enumerate(names.most_common())}
    out: list[LeftOut] = []
    for fold in range(FOLDS):
        kept = [run for run in usable if fold_of[key(run)] != fold]
        rest = [run for run in runs if fold_of[key(run)] == fold]
        if not rest:
            continue
        baseline = Baseline(run for run in runs if run.scored and fold_of[key(run)] != fold)
        known = {kind: _taught(kept, kind) for kind in (True, False)}
        for run, metric, error in log_errors(rest, fit(kept)):
            models, families = known[run.kind == "static"]
            near = by == "group" and run.model_name in models and run.family in families
            trivial = baseline.log_value(run, metric) - run.log_measured[metric]
            out.append(LeftOut(run, metric, error, trivial, by, fold, near))
    return out


def _taught(runs: Iterable[ServingRun], static: bool) -> tuple[set[str], set[str]]:
    found = [run for run in runs if (run.kind == "static") == static]
    return {run.model_name for run in found}, {run.family for run in found}


def quantile(values: Sequence[float] | Array, q: float = LEVEL) -> float:
    """The conformal quantile of absolute values: of n the ceil((n+1)q)-th."""
    ordered = np.sort(np.abs(values))
    return float(ordered[min(len(ordered), int(np.ceil((len(ordered) + 1) * q))) - 1])


def few_groups(items: Sequence[LeftOut]) -> float:
    """How much wider a far interval is for the few groups that its spread is known from: Student's factor over the normal one.

    ``items`` are all kinds of runs that one set of constants predicts (:func:`_set_of`): what a new model or family does to the
    constants is learned from all of them. Groups are the models and the families left out, each by their effective number of
    runs, (sum of runs)^2 / sum of squares: three families with nearly all runs count as three.
    """
    from scipy.stats import norm, t

    groups = 0.0
    for by in ("model", "family"):
        runs = {item.run.id: item.run for item in items if item.by == by}
        counts = np.array(list(Counter(GROUPING[by](run) for run in runs.values()).values()), dtype=float)
        groups += float(counts.sum() ** 2 / (counts**2).sum()) if len(counts) else 0.0
    tail = (1.0 + LEVEL) / 2.0
    return float(t.ppf(tail, max(2.0, groups - 1.0)) / norm.ppf(tail))


def _set_of(label: str) -> str:
    """The set of constants that predicts a kind of run: that of present engines, or of the engines of 2024."""
    return "static" if label.startswith("static") else "present"


def _factors(items: Iterable[LeftOut]) -> dict[str, float]:
    """The factor of few groups by set of constants."""
    found: dict[str, list[LeftOut]] = defaultdict(list)
    for item in items:
        if item.run.scored:
            found[_set_of(item.run.label)].append(item)
    return {name: few_groups(same) for name, same in found.items()}


def half_width(items: Sequence[LeftOut], distance: str, factor: float) -> float:
    """Half width of the logarithm of predicted over measured of one class.

    Near: the conformal quantile of groups or of models left out, the larger. Far: of models or of families left out, the
    larger, times the factor of few groups.

    Parameters
    ----------
    items
        Figures left out of one kind and one interval.
    distance
        ``near`` or ``far``.
    factor
        Of few groups (:func:`few_groups`), 1 or more.
    """
    widths = []
    for by in ("group", "model") if distance == NEAR else ("model", "family"):
        found = [item.error for item in items if item.by == by and (item.near or by != "group")]
        widths += [quantile(found)] if found else []
    if not widths:
        return UNKNOWN_WIDTH
    return max(widths) * (1.0 if distance == NEAR else factor)


def _by_interval(items: Iterable[LeftOut]) -> dict[tuple[str, str], list[LeftOut]]:
    """Figures of rows that do not contradict themselves, by kind and interval."""
    out: dict[tuple[str, str], list[LeftOut]] = defaultdict(list)
    for item in items:
        if item.run.scored:
            out[item.run.label, WIDTH_OF[item.metric]].append(item)
    return out


def half_widths(items: Sequence[LeftOut]) -> dict[str, dict[str, float]]:
    """Half widths by ``kind distance`` and metric."""
    found, shorts, factors = _by_interval(items), sorted(set(WIDTH_OF.values())), _factors(items)
    return {
        f"{label} {distance}": {short: half_width(found[label, short], distance, factors[_set_of(label)]) for short in shorts}
        for label in sorted({label for label, _ in found}) for distance in (NEAR, FAR)
    }  # fmt: skip


def scores(items: Sequence[LeftOut]) -> list[Score]:
    """Errors, coverage and baseline of every class and metric; a fold is covered by the width of the other folds."""
    groups, factors, out = _by_interval(items), _factors(items), []
    for label in sorted({label for label, _ in groups}):
        for distance in (NEAR, FAR):
            for metric, short in WIDTH_OF.items():
                same = groups[label, short]
                found = [
                    item for item in same
                    if item.metric == metric and item.distance == distance and (distance == NEAR or item.by != "group")
                ]  # fmt: skip
                if found:
                    coverage = _covered(same, found, distance, factors[_set_of(label)])
                    out.append(_score(f"{label} {distance}", metric, found, coverage))
    return out


def scores_by(items: Sequence[LeftOut]) -> list[Score]:
    """Errors of every kind and metric, near and far together, by what was left out: classes ``kind, by model left out``."""
    groups, out = _by_interval(items), []
    for by in GROUPING:
        for label in sorted({label for label, _ in groups}):
            for metric, short in WIDTH_OF.items():
                found = [item for item in groups[label, short] if item.by == by and item.metric == metric]
                if found:
                    out.append(_score(f"{label}, {by} left out", metric, found, float("nan")))
    return out


def _covered(same: Sequence[LeftOut], found: Sequence[LeftOut], distance: str, factor: float) -> float:
    """Share of ``found`` within the width that the folds without their rows give."""
    inside = 0
    for by, fold in sorted({(item.by, item.fold) for item in found}):
        here = [item for item in found if (item.by, item.fold) == (by, fold)]
        hidden = {item.run.id for item in here}
        width = half_width([item for item in same if item.run.id not in hidden], distance, factor)
        inside += sum(abs(item.error) <= width for item in here)
    return inside / len(found)


def _score(name: str, metric: str, found: Sequence[LeftOut], coverage: float) -> Score:
    error = np.abs(np.expm1([item.error for item in found]))
    trivial = np.array([item.baseline for item in found])
    trivial = np.abs(np.expm1(trivial[np.isfinite(trivial)]))
    middle, high = (float(np.quantile(trivial, q)) if len(trivial) else float("nan") for q in (0.5, 0.9))
    return Score(
        name, metric, len(found), float(np.median(error)), float(np.quantile(error, 0.9)), coverage, middle, high
    )
