"""Widths of 80 % intervals from left-out residuals, class by class.

Weighted split conformal prediction (Lei et al., JASA 113, 2018). A prediction's class is its kind (dense, moe, tuning) and how
many circumstances hold that make it less sure: software or hardware with few measured runs, no run near, a layout that was
assumed; default settings are a class of their own. Counting circumstances keeps every class large and made of several groups
of runs; which of them hold is what the message says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array

__all__ = ["CLASSES", "DESIGN_FACTOR", "FALLBACK", "KINDS", "MARKS", "Ends", "pool_of", "quantile", "widths"]

DESIGN_FACTOR: Final = 1.2
"""Widening because the model's terms were chosen while looking at such residuals: at 1.05 the intervals held 65 % of 62 printed
runs of sources that no constant has seen, at this factor 73 %, 82 % where each source counts once (docs/method.md 5.5, 5.7;
tests/validation/test_blind_runs.py)."""
FEW: Final = 15
"""Rows from which a class has an interval of its own."""
MANY: Final = 30
"""Rows from which the two ends of an interval are read apart."""
FALLBACK: Final = 0.30
"""Half-width where no residual at all is known: a judgement."""
LEAST: Final = 0.02
"""No interval is narrower than this on either side: repeats of one configuration differ by 2 %."""
UNMEASURED_GROWTH: Final = 1.5
"""Width over that with one circumstance less, where no kind has rows enough to tell: a judgement."""

KINDS: Final = ("dense", "moe", "tuning")
MARKS: Final = ("_foreign", "_far", "_assumed", "_unmeasured", "_default")
"""Circumstances that widen an interval, as they stand in a class's name: little measured software or hardware, no measured run
near, a layout or precision that was assumed, a family of accelerators that no published run has, default settings."""
CLASSES: Final = tuple(
    kind + "".join(mark for bit, mark in enumerate(MARKS[:3]) if number >> bit & 1)
    for kind in KINDS
    for number in range(8)
)
"""Kind and circumstances, default settings apart."""
_STEPS: Final = ("", "_1", "_2")
"""Pools of a kind: no circumstance, one, more."""

Ends = tuple[float, float]
"""How far below and above a prediction its 80 % interval reaches, logs, both positive."""


def pool_of(name: str) -> str:
    """The pool whose residuals a class is read from: ``moe_2`` for ``moe_foreign_far``, ``moe_default`` for any default of MoE.

    Names of other kinds (``campaign``, ``rl``) are their own.
    """
    kind = name.split("_", maxsplit=1)[0]
    if kind not in KINDS:
        return name
    if name.endswith("_default"):
        return f"{kind}_default"
    return kind + _STEPS[min(sum(mark in name for mark in MARKS[:3]), 2)]


def quantile(values: Array, weights: Array, level: float = 0.8) -> float:
    """Weighted conformal quantile: the smallest value that covers ``level`` of the weight with one more point at infinity.

    Parameters
    ----------
    values, weights
        Residuals and their positive weights, shape (n,), n at least 1.
    level
        Share to cover, 0 to 1.
    """
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    reach = np.cumsum(weights) / (weights.sum() + weights.mean())
    index = int(np.searchsorted(reach, level))
    return float(values[min(index, len(values) - 1)])


def widths(classes: Sequence[str], log_error: Array, weights: Array) -> dict[str, Ends]:
    """Ends of the interval of each class, from left-out residuals log(predicted / measured).

    Along a kind's pools (no circumstance, one, more) widths never fall: neighbours of which the less sure one has the smaller
    residuals are one pool (pooled adjacent violators; Barlow et al. 1972). A pool of fewer than :data:`FEW` rows cannot be
    read: it is as much wider than the pool before it as that step was in the kind where it cost most. Default settings are
    never narrower than the kind itself.

    Parameters
    ----------
    classes
        Class of each residual (:data:`CLASSES`, or a kind with ``_default``).
    log_error, weights
        Residuals and their weights, shape (n,).

    Returns
    -------
    dict
        Class to ends, :data:`DESIGN_FACTOR` included.
    """
    pools = np.array([pool_of(name) for name in classes])
    masks = {name: pools == name for kind in KINDS for name in (*(kind + step for step in _STEPS), f"{kind}_default")}
    growth = [_growth(masks, log_error, weights, step) for step in (1, 2)]
    out: dict[str, Ends] = {}
    for kind in KINDS:
        out |= _ladder(kind, masks, log_error, weights, growth)
        plain, default = out[kind], masks[f"{kind}_default"]
        own = _ends(log_error[default], weights[default]) if default.sum() >= FEW else out[kind + "_1"]
        out[f"{kind}_default"] = max(own[0], plain[0]), max(own[1], plain[1])
    names = (*CLASSES, *(f"{kind}_default" for kind in KINDS))
    return {name: (DESIGN_FACTOR * out[pool_of(name)][0], DESIGN_FACTOR * out[pool_of(name)][1]) for name in names}


def _half(log_error: Array, weights: Array, mask: Array) -> float:
    return quantile(np.abs(log_error[mask]), weights[mask])


def _growth(masks: Mapping[str, Array], log_error: Array, weights: Array, step: int) -> float:
    """How much wider one more circumstance makes an interval, at least 1: the largest ratio of kinds with rows enough."""
    found = []
    for kind in KINDS:
        less, more = masks[kind + _STEPS[step - 1]], masks[kind + _STEPS[step]]
        if less.sum() >= FEW and more.sum() >= FEW:
            ratio = _half(log_error, weights, more) / max(LEAST, _half(log_error, weights, less))
            found.append(max(1.0, ratio))
    return max(found, default=UNMEASURED_GROWTH)


def _ladder(
    kind: str, masks: Mapping[str, Array], log_error: Array, weights: Array, growth: Sequence[float]
) -> dict[str, Ends]:
    """Ends of a kind's pools, not falling."""
    blocks: list[tuple[list[int], Array]] = []
    for step, name in enumerate(_STEPS):
        mask = masks[kind + name]
        if mask.sum() < FEW:
            continue
        blocks.append(([step], mask))
        while len(blocks) > 1 and _half(log_error, weights, blocks[-1][1]) < _half(log_error, weights, blocks[-2][1]):
            (steps, upper), (before, lower) = blocks.pop(), blocks.pop()
            blocks.append(([*before, *steps], lower | upper))
    read = {step: _ends(log_error[mask], weights[mask]) for steps, mask in blocks for step in steps}
    out: dict[str, Ends] = {}
    last: Ends = (FALLBACK, FALLBACK)
    for step, name in enumerate(_STEPS):
        wider = growth[step - 1] if step and read else 1.0
        own = read.get(step, (last[0] * wider, last[1] * wider))
        last = (max(own[0], last[0]), max(own[1], last[1])) if step and read else own
        out[kind + name] = last
    return out


def _ends(log_error: Array, weights: Array) -> Ends:
    """Ends of 80 % of some residuals log(predicted / measured); symmetric where they are few."""
    if len(log_error) < MANY:
        half = max(LEAST, quantile(np.abs(log_error), weights))
        return half, half
    # What was predicted too fast lies below the prediction.
    below, above = quantile(log_error, weights, 0.9), quantile(-log_error, weights, 0.9)
    return max(LEAST, below), max(LEAST, above)
