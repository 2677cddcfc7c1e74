"""The last check before an estimate leaves the core: no figure that cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError, expected
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.sources import FACILITY_FIGURES
from mitsumori.model.plan.plan import Plan


def checked(plan: Plan, result: Estimate) -> Estimate:
    """The estimate itself, if every figure can be: sizes, times, powers and shares are not negative, what a training needs is
    above zero, shares are at most one. Costs a few microseconds; that figures are finite :class:`~model.base.figure.Figure`
    sees to.

    Raises
    ------
    PlanError
        Naming the field of the plan that is furthest from its usual value.
    """
    training, memory, place = result.training, result.memory.per_gpu, result.facility
    for name, figure in memory.items():
        _least(plan, name, figure)
    for name in ("tokens_per_s_per_gpu", "mfu", "goodput"):
        _least(plan, name, getattr(training, name))
    for name in ("step_time_s", "days", "gpu_hours", "tokens"):
        _least(plan, name, getattr(training, name), above=True)
    _least(plan, "total_bytes", memory["total_bytes"], above=True)
    for name, part in training.breakdown_s.items():
        _least(plan, name, part)
    useful = training.goodput.value
    if useful is not None and useful > 1.0:
        raise absurd(plan, "goodput", useful)
    for name in FACILITY_FIGURES:
        _least(plan, name, getattr(place, name))
    _none_below_zero(plan, place.details, place.network, place.storage, result.cost.used)
    for side in (result.cost.cloud, result.cost.onprem):
        _none_below_zero(plan, side.lines)
        _least(plan, "initial", side.initial)
    return result


def _none_below_zero(plan: Plan, *parts: Mapping[str, Figure]) -> None:
    """Refuse a figure below zero that is no difference; names are looked at only where there is one."""
    for figures in parts:
        for name, figure in figures.items():
            value = figure.value
            if value is not None and value < 0.0 and name.rsplit("_", 1)[-1] not in _MAY_BE_NEGATIVE:
                raise absurd(plan, name, value)


_MAY_BE_NEGATIVE: Final = frozenset({"left", "c", "residual"})
"""Last words of figures that are differences (room left in the hall), temperatures, or money got back."""


def sound(plan: Plan, **figures: float | None) -> None:
    """Refuse a plan one of whose plain figures cannot be: what is known must be finite and above zero.

    For tables and rankings, whose cells are no :class:`~model.base.figure.Figure`.

    Raises
    ------
    PlanError
        As :func:`checked`.
    """
    for name, value in figures.items():
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise absurd(plan, name, value if math.isfinite(value) else None)


def _least(plan: Plan, name: str, figure: Figure, above: bool = False) -> None:
    value = figure.value
    if value is not None and (value < 0.0 or (above and value == 0.0)):
        raise absurd(plan, name, value)


def absurd(plan: Plan, name: str, value: float | None) -> PlanError:
    """The refusal of a plan with an impossible figure; it names the numeric field furthest from that of a new plan.

    Parameters
    ----------
    plan
        The plan that is refused.
    name, value
        The figure; empty and None where one was not finite.
    """
    parts = _TECHNICAL if name and name not in FACILITY_FIGURES else _TECHNICAL | {"network", "facility", "money"}
    field, given = _furthest(plan, parts)
    why = expected("absurd_infinite") if value is None else expected("absurd_value", name=name, value=f"{value:.3g}")
    return PlanError.single(field, given, why)


_TECHNICAL: Final = {"model", "workload", "cluster", "parallel", "overrides"}
"""Parts of the plan that memory and time depend on."""


def _furthest(plan: Plan, parts: set[str]) -> tuple[str, object]:
    usual = dict(_numbers(Plan().model_dump(), ""))
    far = [
        (
            abs(math.log10(value) - math.log10(usual[path])) if usual.get(path) else abs(math.log10(value)) / 2.0,
            path,
            value,
        )
        for path, value in _numbers(plan.model_dump(include=parts), "")
        if value != usual.get(path)
    ]
    if not far:
        return "model.preset", plan.model.preset
    _, path, value = max(far)
    return path, value


def _numbers(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, float]]:
    """Numbers above zero of a plan by their paths."""
    for name, value in part.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{path}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            yield f"{path}{name}", value
