"""Fitting the step-time constants to measured runs, and judging them on runs left out.

Unknowns are the logs of the constants with Gaussian priors and hard bounds, and pooled log effects. Residuals are
``(log predicted - log measured) / 0.06``, soft-L1 beyond two. Gauss-Newton with a damped step; the Jacobian of all
unknowns is one call of :func:`model.training.step.step_time` with a leading axis of constants.

Judgement is by leaving whole groups out (model x accelerator x precision), models, accelerator families and sources.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.refusal import Refusal, refusal
from mitsumori.model.calibration import runs as run_files
from mitsumori.model.calibration.campaign import fit_share, predict_campaign
from mitsumori.model.calibration.conformal import DESIGN_FACTOR, pool_of, widths
from mitsumori.model.calibration.fit_report import (
    FitReport,
    LeftOut,
    Row,
    group_weights,
    headline,
    judged,
    render,
    table_of,
    users_table,
)
from mitsumori.model.calibration.interval import (
    assumes,
    class_of,
    distance,
    features_of,
    kind_of,
    library_record,
)
from mitsumori.model.calibration.runs import Run
from mitsumori.model.catalogue.accelerators import FAMILIES
from mitsumori.model.kernels.constants import EFFECTS, SPEC, Constants, prior
from mitsumori.model.training.step import step_time

SIGMA: Final = 0.06
"""Spread of a good row around the model, in log."""
SOFT: Final = 2.0
"""Residuals beyond this many sigma count linearly."""
_STEP: Final = 1e-4
SINGLE_NODE_WEIGHT: Final = 0.05
SINGLE_NODE_EVERY: Final = 12


@dataclass(frozen=True, slots=True)
class Unknowns:
    """Which constants and effects are estimated, with prior, spread and bounds (all logs)."""

    names: tuple[tuple[str, int], ...]
    start: Array
    sigma: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows, their inputs and weights, ready to be fitted."""

    rows: tuple[Run, ...]
    batch: run_files.RowBatch
    log_measured: Array
    weight: Array
    unknowns: Unknowns


def unknowns_of(batch: run_files.RowBatch) -> Unknowns:
    """Every constant, and every effect that some row touches (``megatron`` and ``none`` are the zero of their tables)."""
    names: list[tuple[str, int]] = []
    start, sigma, low, high = [], [], [], []
    for item in SPEC:
        if item.name == "tuned_default":
            continue
        names.append((item.name, -1))
        start.append(math.log(item.prior))
        sigma.append(item.sigma)
        low.append(math.log(item.low))
        high.append(math.log(item.high))
    used = {
        "family": set(np.unique(batch.gpu.family)), "chip": set(np.unique(batch.gpu.chip)),
        "stack": set(np.unique(batch.parallel.stack)),
    }  # fmt: skip
    for table in EFFECTS:
        touched = used[table.name.split("_")[0]]
        for index, label in enumerate(table.labels):
            if index not in touched or label in {"megatron", "none"}:
                continue
            names.append((table.name, index))
            start.append(table.means.get(label, 0.0))
            sigma.append(table.sigma)
            low.append(-table.bound)
            high.append(table.bound)
    return Unknowns(tuple(names), np.array(start), np.array(sigma), np.array(low), np.array(high))


def constants_at(unknowns: Unknowns, theta: Array) -> Constants:
    """Constants of a vector of unknowns, or of a matrix of them (leading axis: many sets at once)."""
    base = prior()
    many = theta.ndim == 2
    values: dict[str, Any] = {k: (np.full((len(theta), 1), v) if many else v) for k, v in base.values.items()}
    effects = {k: (np.repeat(v[None, :], len(theta), 0) if many else v.copy()) for k, v in base.effects.items()}
    for position, (name, index) in enumerate(unknowns.names):
        if index < 0:
            values[name] = np.exp(theta[:, position])[:, None] if many else float(np.exp(theta[position]))
        else:
            effects[name][..., index] = theta[..., position]
    return Constants(values, effects)


def predict(batch: run_files.RowBatch, constants: Constants) -> Array:
    """Log tokens/s per accelerator of the rows."""
    result = step_time(batch.architecture, batch.gpu, batch.parallel, batch.work, constants)
    return np.log(np.asarray(result.tokens_per_s_per_gpu, dtype=np.float64))


def weights(rows: Sequence[Run]) -> Array:
    """Weight of each row: shared inside its group, less for rounded or derived rows, older releases, tuning jobs, XLA."""
    group = Counter(run.group for run in rows)
    newest: dict[Hashable, float] = {}
    for run in rows:
        key = _configuration(run)
        newest[key] = max(newest.get(key, 0.0), run.stack_year)
    out = []
    for run in rows:
        w = 1.0 / math.sqrt(group[run.group])
        w *= {"A": 1.0, "B": 0.7, "C": 0.25, "X": 0.0}[run.trust]
        if run.stack_year < newest[_configuration(run)] - 1e-9:
            w *= 0.5
        if run.lora or run.kind == "sft":
            w *= 0.4
        if run.stack == "jax":
            w *= 0.5
        if run.untuned:
            w *= 0.02
        if not run.layout_known and run.stack != "jax":
            w *= 0.6
        out.append(w)
    return np.array(out)


def _configuration(run: Run) -> Hashable:
    assert run.parallel is not None
    p = run.parallel
    return (*run.group, run.kind, p.gpus, p.tp, p.pp, p.cp, p.ep, p.seq_len, p.zero_stage)


def is_newest(rows: Sequence[Run]) -> Array:
    """True where a row is the newest release of its configuration."""
    newest: dict[Hashable, float] = {}
    for run in rows:
        newest[_configuration(run)] = max(newest.get(_configuration(run), 0.0), run.stack_year)
    return np.array([run.stack_year >= newest[_configuration(run)] - 1e-9 for run in rows])


def problem(rows: Sequence[Run], extra: Sequence[Run] = ()) -> Problem:
    """Rows to be fitted; ``extra`` are single-node rows, every twelfth with a small weight."""
    kept = [r for r in rows if r.expressed and r.kind != "campaign" and r.trust != "X"]
    thin = [r for r in extra if r.expressed][::SINGLE_NODE_EVERY]
    weight = np.concatenate([weights(kept), np.full(len(thin), SINGLE_NODE_WEIGHT)])
    everything = (*kept, *thin)
    batch = run_files.batch(everything)
    return Problem(everything, batch, np.log(batch.measured), weight, unknowns_of(batch))


def _jacobian(prob: Problem, theta: Array) -> tuple[Array, Array]:
    """Log predictions at ``theta`` and their derivative, shapes (rows,) and (rows, unknowns)."""
    count = len(theta)
    points = np.repeat(theta[None, :], count + 1, 0)
    points[np.arange(1, count + 1), np.arange(count)] += _STEP
    values = predict(prob.batch, constants_at(prob.unknowns, points))
    return values[0], (values[1:] - values[0]).T / _STEP


def solve(prob: Problem, keep: Array | None = None, start: Array | None = None, iterations: int = 25) -> Array:
    """Most probable unknowns given the rows that ``keep`` marks; damped Gauss-Newton on the soft-L1 loss.

    Parameters
    ----------
    prob
        Rows, their weights and the unknowns with prior and bounds.
    keep
        Factor of each row's weight, shape (rows,), 0 leaves it out; None keeps all.
    start
        Unknowns (logs) to begin with, shape (unknowns,); None for the priors.
    iterations
        Most Gauss-Newton steps, 1 or more.
    """
    u = prob.unknowns
    theta = (u.start if start is None else start).copy()
    weight = prob.weight if keep is None else prob.weight * keep
    damping, last = 1e-3, math.inf
    value, slope = _jacobian(prob, theta)
    for _ in range(iterations):
        residual = (value - prob.log_measured) / SIGMA
        soft = 1.0 / np.sqrt(1.0 + (residual / SOFT) ** 2)
        cost = _cost(prob, weight, residual, theta)
        w = weight * soft / SIGMA**2
        hessian = slope.T @ (slope * w[:, None]) + np.diag(1.0 / u.sigma**2)
        gradient = slope.T @ (w * (value - prob.log_measured)) + (theta - u.start) / u.sigma**2
        moved = False
        for _ in range(6):
            step = np.linalg.solve(hessian + damping * np.diag(np.diag(hessian)), -gradient)
            trial = np.clip(theta + np.clip(step, -0.7, 0.7), u.low, u.high)
            guess = predict(prob.batch, constants_at(u, trial))
            if _cost(prob, weight, (guess - prob.log_measured) / SIGMA, trial) < cost:
                moved, damping = True, damping / 4
                break
            damping *= 6
        if not moved or (abs(last - cost) < 1e-4 * cost and np.max(np.abs(trial - theta)) < 1e-3):
            theta = trial if moved else theta
            break
        last, theta = cost, trial
        value, slope = _jacobian(prob, theta)
    return theta


def _cost(prob: Problem, weight: Array, residual: Array, theta: Array) -> float:
    data = 2 * SOFT**2 * (np.sqrt(1.0 + (residual / SOFT) ** 2) - 1.0)
    return float(np.sum(weight * data) + np.sum(((theta - prob.unknowns.start) / prob.unknowns.sigma) ** 2))


def leave_out(prob: Problem, theta: Array, label: Callable[[Run], Hashable], by: str, iterations: int = 3) -> LeftOut:
    """Refit without each label in turn, from the full fit, and predict its rows.

    Single-node rows are never left out alone; they are a different file.

    Parameters
    ----------
    prob
        Rows and unknowns.
    theta
        Unknowns of the full fit (logs), shape (unknowns,).
    label
        What rows are left out together by: group, source, model, family.
    by
        Name of that label, for the tables.
    iterations
        Gauss-Newton steps of each refit, 1 or more.
    """
    labels = [label(run) for run in prob.rows]
    error = np.full(len(labels), np.nan)
    for one in dict.fromkeys(labels):
        inside = np.array([item == one for item in labels])
        refit = solve(prob, keep=(~inside).astype(float), start=theta, iterations=iterations)
        value = predict(prob.batch, constants_at(prob.unknowns, refit))
        error[inside] = (value - prob.log_measured)[inside]
    return LeftOut(by, prob.rows, error)


def nearness(rows: Sequence[Run]) -> list[str]:
    """Interval class of each row with its own group left out of the measured runs."""
    points = [features_of(run) for run in rows]
    trusted = [run.trust in "AB" and not run.untuned for run in rows]
    out = []
    for i, run in enumerate(rows):
        nearest = min(
            (distance(points[i], points[j]) for j, other in enumerate(rows) if trusted[j] and other.group != run.group),
            default=math.inf,
        )
        name = class_of(points[i], nearest, assumes(run.assumed))
        default = run.parallel is not None and int(run.parallel.tuned) == 0
        out.append(kind_of(points[i]).split("_")[0] + "_default" if default else name)
    return out


def shows_spread(run: Run) -> bool:
    """Whether a row's left-out residual tells how sure predictions are: trusted ones, users' own stacks, default settings."""
    default = run.parallel is not None and int(run.parallel.tuned) == 0 and run.trust in "AB"
    return judged(run, pretrain=False) or (run.of_a_user and run.trust != "X") or default


def coverage(left: LeftOut, classes: Sequence[str]) -> list[tuple[str, int, float, float]]:
    """Measured coverage and half-width a pool of classes: widths come from the other groups, before the design factor."""
    keep = np.array([shows_spread(r) for r in left.rows])
    weight = group_weights(left.rows)
    names = np.array(classes)
    groups = np.array(["|".join(r.group) for r in left.rows])
    inside: dict[str, list[bool]] = {}
    for one in dict.fromkeys(groups[keep]):
        others = keep & (groups != one)
        table = widths(list(names[others]), left.log_error[others], weight[others])
        for i in np.flatnonzero(keep & (groups == one)):
            below, above = (end / DESIGN_FACTOR for end in table[names[i]])
            inside.setdefault(pool_of(names[i]), []).append(-above <= left.log_error[i] <= below)
    every_class = widths(list(names[keep]), left.log_error[keep], weight[keep])
    full = {pool_of(name): ends for name, ends in every_class.items()}
    table_rows = [(name, len(hits), float(np.mean(hits)), sum(full[name]) / 2) for name, hits in sorted(inside.items())]
    every = [hit for hits in inside.values() for hit in hits]
    return [("all", len(every), float(np.mean(every)), 0.0), *table_rows]


def fit(rows: Sequence[Run], extra: Sequence[Run] = (), sources: bool = False) -> FitReport:
    """Fit the constants to rows and judge them on left-out groups.

    Parameters
    ----------
    rows, extra
        Measured runs; single-node runs that enter thinly (:func:`problem`).
    sources
        Also refit without each source and say how far the others' median moves.
    """
    prob = problem(rows, extra)
    theta = solve(prob)
    constants = constants_at(prob.unknowns, theta)
    newest = is_newest(prob.rows)
    left = leave_out(prob, theta, lambda run: run.group, "group")
    error = predict(prob.batch, constants) - prob.log_measured
    classes = nearness(prob.rows)
    keep = np.array([shows_spread(r) for r in prob.rows])
    half = widths(
        [c for c, k in zip(classes, keep, strict=True) if k], left.log_error[keep], group_weights(prob.rows)[keep]
    )
    tables = {
        "left out by group": headline(left, newest),
        "users' own stacks, by group": users_table(left),
        "by accelerator": table_of(left, lambda r: r.gpu_key, newest),
        "by stack": table_of(left, lambda r: r.stack, newest),
        "by precision": table_of(
            left, lambda r: {"16": "bf16, fp16", "low": "fp8, mxfp8", "fp4": "nvfp4"}.get(r.group[2], "users"), newest
        ),
        "by source": table_of(left, lambda r: r.source, np.ones(len(newest), bool)),
        "in-sample": headline(LeftOut("none", prob.rows, error), newest),
    }
    if sources:
        other = leave_out(prob, theta, lambda run: run.source, "source")
        tables["left out by source"] = headline(other, newest)
        tables["left out by model"] = headline(leave_out(prob, theta, lambda r: r.row["model"], "model"), newest)
        tables["left out by accelerator family"] = headline(
            leave_out(prob, theta, lambda r: FAMILIES[int(r.gpu.family)] if r.gpu else "", "family"), newest
        )
        tables["effect of removing a source on the others"] = _source_influence(prob, theta)
    campaign, campaign_rows = _campaigns(rows, constants)
    if campaign_rows:
        tables["campaigns (share without the row itself)"] = campaign_rows
    tables["coverage and half-width of the 80 % interval"] = [
        (name, count, inside, width, 0.0) for name, count, inside, width in coverage(left, classes)
    ]
    record = {
        "provenance": "fitted by `mitsumori fit` to the published runs of resources/runs/",
        "date": dt.date.today().isoformat(),
        "rows": len(prob.rows),
        "groups": len({run.group for run in prob.rows}),
        "constants": {
            item.name: {
                "value": float(f"{float(constants[item.name]):.6g}"), "prior": item.prior, "sigma": item.sigma,
                "low": item.low, "high": item.high, "unit": item.unit, "what": item.what,
            }
            for item in SPEC
        },
        "effects": {
            table.name: {
                label: float(f"{constants.effects[table.name][i]:.5g}")
                for i, label in enumerate(table.labels) if constants.effects[table.name][i] != 0.0
            }
            for table in EFFECTS
        },
        "intervals": {name: [round(low, 4), round(high, 4)] for name, (low, high) in half.items()},
        "campaign": campaign,
        "left_out": {
            run.id: round(float(e), 4) for run, e in zip(prob.rows, left.log_error, strict=True) if not run.id.startswith("vs")
        },
    }  # fmt: skip
    return FitReport(Constants(constants.values, constants.effects, record), record, prob.rows, error, left, tables)


def _campaigns(rows: Sequence[Run], constants: Constants) -> tuple[dict[str, float], list[Row]]:
    """The campaign share, and each campaign's error with the share of the *others*."""
    names, ratios = [], []
    for run in rows:
        if run.kind == "campaign" and run.measured and run.architecture is not None and run.gpu is not None:
            try:
                found = predict_campaign(run, constants)
            except Refusal:
                continue
            names.append(f"{run.row.get('model', '')} ({run.id})")
            ratios.append(math.log(run.measured / found.tokens_per_s_per_gpu))
    share, half = fit_share(ratios)
    table = []
    for i, name in enumerate(names):
        others = fit_share(ratios[:i] + ratios[i + 1 :])[0]
        error = others / math.exp(ratios[i]) - 1.0
        table.append((name, 1, abs(error), abs(error), error))
    if table:
        errors = np.array([item[4] for item in table])
        median, p90 = float(np.median(np.abs(errors))), float(np.percentile(np.abs(errors), 90))
        table.insert(0, ("all", len(table), median, p90, float(np.median(errors))))
    return {"share": round(share, 4), "half_width": round(half, 4), "rows": len(ratios)}, table


def _source_influence(prob: Problem, theta: Array) -> list[Row]:
    """How far the median absolute error of the *other* rows moves when a source leaves the fit (in-sample)."""
    base = np.abs(np.expm1(predict(prob.batch, constants_at(prob.unknowns, theta)) - prob.log_measured))
    use = np.array([judged(run) for run in prob.rows])
    out = []
    for source in dict.fromkeys(run.source for run in prob.rows):
        inside = np.array([run.source == source for run in prob.rows])
        others = use & ~inside
        refit = solve(prob, keep=(~inside).astype(float), start=theta, iterations=3)
        error = np.abs(np.expm1(predict(prob.batch, constants_at(prob.unknowns, refit)) - prob.log_measured))
        shift = float(np.median(error[others]) - np.median(base[others]))
        out.append((source, int(inside.sum()), shift, float(np.median(error[others])), 0.0))
    return sorted(out, key=lambda item: -abs(item[2]))


def fitted_rows() -> tuple[Run, ...]:
    """The shipped runs that are fitted and judged one by one: recipes, throughputs of the memory set, users' own stacks."""
    return tuple(row for name in run_files.SHIPPED if name != run_files.SHIPPED[1] for row in run_files.shipped(name))


def run(path: str | Path | None = None, out: str | Path | None = None, sources: bool = True) -> FitReport:
    """Refit the constants: ``mitsumori fit [RUNS.csv]``.

    Parameters
    ----------
    path
        A file of runs; None for the shipped ones.
    out
        Where to write ``step.json``; ``report.md`` goes beside it. None writes nothing.
    sources
        Whether to refit also without each source, model and family.

    Raises
    ------
    Refusal
        When the file is no file of runs or holds too few rows that can be used.
    """
    extra: Sequence[Run] = run_files.shipped(run_files.SHIPPED[1]) if path is None else ()
    if path is None:
        rows: Sequence[Run] = fitted_rows()
    else:
        rows = run_files.load(path)
    usable = [r for r in rows if r.expressed and r.trust != "X"]
    if len(usable) < 30:
        raise refusal("fit_few", path=path, count=len(usable))
    report = fit(rows, extra, sources)
    if out is not None:
        target = Path(out)
        write_atomic(target, (json.dumps(report.record, indent=1, ensure_ascii=False) + "\n").encode(), backup=True)
        write_atomic(target.with_name("report.md"), render(report).encode(), backup=True)
        if path is None:
            library = library_record((*run_files.shipped(), *run_files.shipped("runs_field.csv")))
            write_atomic(
                target.with_name("library.json"),
                (json.dumps(library, indent=0, ensure_ascii=False) + "\n").encode(),
                backup=True,
            )
    return report
