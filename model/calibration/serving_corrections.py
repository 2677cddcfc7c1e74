"""A load test of the user's own sets the level of his serving proposal and narrows its intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.calibration.interval import calibrate
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.serving.constants import Fitted
from mitsumori.model.serving.layout import AXES, Layout, own_layout
from mitsumori.model.serving.load import closed_loop
from mitsumori.model.serving.setting import Setting, setting
from mitsumori.model.serving.shape import card_of


@dataclass(frozen=True, slots=True)
class ServingLevels:
    """Factors on predicted TTFT, TPOT, E2E and rate, half widths that replace the published ones, and how many tests."""

    factor: Mapping[str, float]
    half: Mapping[str, float]
    tests: int


def predicted(found: Setting, layout: Layout, concurrency: float, fitted: Fitted) -> dict[str, float]:
    """TTFT and E2E in seconds, TPOT in milliseconds and output tokens/s per accelerator of one replica in a closed loop.

    Parameters
    ----------
    found
        Model, accelerator and engine of the plan.
    layout
        Parallel sizes of one replica.
    concurrency
        Requests in flight at once, more than 0.
    fitted
        Fitted constants.
    """
    use = found.here.plan.serving.standard()
    at = found.at.laid_out(*(float(getattr(layout, name)) for name in AXES))
    got = closed_loop(
        found.model, at, card_of(found.gpu), concurrency, use.prompt_tokens, use.output_tokens, fitted.constants,
        cached=use.shared_prefix_share,
    )  # fmt: skip
    return {
        "ttft": float(got.ttft_s), "tpot": float(got.tpot_s) * 1e3, "e2e": float(got.e2e_s),
        "rate": float(got.rate) / layout.gpus,
    }  # fmt: skip


def log_ratios(item: Correction, resolved: Resolved, fitted: Fitted) -> Mapping[str, float] | None:
    """log(measured / predicted) of each figure of a load test; None where its plan cannot be predicted any more.

    Parameters
    ----------
    item
        A load test with the inputs that it was run on.
    resolved
        The plan whose catalogue the test is resolved with.
    fitted
        Fitted constants.
    """
    return _log_ratios(item, resolved.catalogue, fitted)


@lru_cache(maxsize=256)
def _log_ratios(item: Correction, catalogue: Catalogue, fitted: Fitted) -> Mapping[str, float] | None:
    if item.serving is None:
        return None
    try:
        found = setting(resolve(item.inputs, catalogue))
    except PlanError:
        return None
    part = item.inputs.serving
    layout = own_layout(part)
    value = predicted(found, layout, part.concurrency or 1.0, fitted)
    measured = item.serving.figures()
    return {name: math.log(measured[name] / value[name]) for name in measured if value[name] > 0}


def levels(
    corrections: Sequence[Correction], found: Setting, resolved: Resolved, fitted: Fitted, half: Mapping[str, float]
) -> ServingLevels:
    """What the user's load tests of the same model, accelerator, engine and formats say about a setting.

    Parameters
    ----------
    corrections
        Measured runs of the project; trainings among them are passed over.
    found, resolved
        The setting that is predicted, and its plan.
    fitted
        The shipped fit.
    half
        Half widths of the intervals without tests, by figure.
    """
    ratios: dict[str, list[float]] = {}
    tests = 0
    for item in corrections:
        mine = log_ratios(item, resolved, fitted)
        if mine is None or not _same(item, found):
            continue
        tests += 1
        for name, value in mine.items():
            ratios.setdefault(name, []).append(value)
    factor, widths = {}, dict(half)
    for name, width in half.items():
        shift, new = calibrate(ratios.get(name, ()), width)
        factor[name], widths[name] = math.exp(shift), new
    return ServingLevels(factor, widths, tests)


def _same(item: Correction, found: Setting) -> bool:
    mine, plan = item.inputs, found.here.plan
    return (
        mine.model == plan.model
        and (mine.serving.server or mine.cluster.server) == plan.cluster.server
        and mine.cluster.accelerator == plan.cluster.accelerator
        and mine.serving.engine == plan.serving.engine
        and (mine.serving.weight_precision or found.precision) == found.precision
        and mine.serving.speculative == plan.serving.speculative
    )
