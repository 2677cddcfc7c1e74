"""The ranked layouts of a plan and why each is where it is.

:func:`advise` searches every layout (:mod:`model.search.search`), takes the leaders apart and says what separates each from the
best: the part of the step that grew most, computed from the two breakdowns, and what its memory leaves. Goal seek is in
:mod:`model.study.goal_seek`, trade-offs in :mod:`model.study.trade_offs`, what holds a plan back in
:mod:`model.study.bottlenecks`; their public functions are re-exported here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mitsumori.model.architecture.parallelism import Layout, Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import Sentence, text
from mitsumori.model.calibration.expectation import expectation
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.checks import sound
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.fixed_layout import fixed_layout
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.search.candidates import (
    MARGIN,
    at_nearest_batch,
    best_layout,
    divisible,
    full_space,
    with_whole_answers,
)
from mitsumori.model.search.search import KEEP, Ranked, search
from mitsumori.model.search.single import as_plan_fields
from mitsumori.model.study.goal_seek import Goal, GoalResult, goal_seek
from mitsumori.model.study.setting import SHIPPED, Setting
from mitsumori.model.training.days import training_time
from mitsumori.model.training.stages import memory_options, work_of
from mitsumori.model.training.step import StepParts, Traffic, step_time

__all__ = [
    "Advice",
    "Goal",
    "GoalResult",
    "Option",
    "advice_json",
    "advice_text",
    "advise",
    "goal_seek",
    "why",
]

LAYOUT_FIELDS: Final = (*fmt.AXES, "sp", "zero_stage", "micro_batch", "recompute", "offload")
"""Fields of ``parallel`` that a layout sets when it is applied."""
EQUAL: Final = 5e-4
"""Step times closer than this share are called equal."""


@dataclass(frozen=True, slots=True)
class Option:
    """One layout taken apart.

    Attributes
    ----------
    parallel
        As the fields of the plan (:func:`model.search.single.as_plan_fields`).
    changes
        What one click sets: plan paths and values.
    step_time_s, days, tokens_per_s_per_gpu
        As the estimate of the plan with ``changes`` gives them.
    memory_bytes, capacity_bytes
        Peak of a GPU and its card.
    breakdown_s, communication_s
        The training step by part, and its exposed communication by kind.
    bubble_share, communication_share
        Of the training step.
    tight
        Fits, with less than 10 % of the card free.
    """

    layout: Parallel
    parallel: Layout
    changes: Mapping[str, object]
    step_time_s: float
    days: float
    tokens_per_s_per_gpu: float
    memory_bytes: float
    capacity_bytes: float
    breakdown_s: StepParts[float]
    communication_s: Traffic[float]
    bubble_share: float
    communication_share: float
    tight: bool
    why: Sentence

    @property
    def label(self) -> str:
        """The layout in one line: ``TP 8 · PP 16 · DP 128 · ZeRO-1``."""
        return fmt.layout(self.parallel, micro_batch=True)


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer of :func:`advise`.

    Attributes
    ----------
    evaluated, fitting, seconds
        Layouts tried, those that fit, time of the search.
    options
        Best first: fastest first among layouts with 10 % of the card free (where there are none, of those that fit).
    tight
        Layouts faster than the best that fit with less than 10 % free.
    current
        The plan's own layout (the program's choice under ``auto``); None where it is not possible.
    rank
        Its place among all layouts with memory free (1 is the best), None when it is not among the leaders kept.
    least_memory
        Where nothing fits: the layout that needs the least.
    complete
        False when the search was cancelled.
    batch
        The batch of all layouts and the one that was asked for, sequences, where the cluster does not divide the latter.
    """

    evaluated: int
    fitting: int
    seconds: float
    accelerators: int
    capacity_bytes: float
    options: tuple[Option, ...]
    tight: tuple[Option, ...]
    current: Option | None
    rank: int | None
    least_memory: Option | None
    complete: bool
    batch: tuple[int, int] | None = None


def advise(
    plan: Plan,
    setting: Setting = SHIPPED,
    *,
    top: int = 20,
    distinct: bool = False,
    precisions: Sequence[str] | None = None,
    offload: bool = False,
    threads: int | None = None,
) -> Advice:
    """Search every layout of a plan's model on its cluster and rank them.

    Parameters
    ----------
    plan
        What is trained; the plan's own layout only marks its place.
    setting
        The project's records, and how the search is watched and stopped.
    top
        Layouts to take apart, 1 or more.
    distinct
        List only the best of each split (tensor, pipeline, context, expert, data parallel size and ZeRO stage), without
        its variants in virtual stages, micro-batch and recomputation.
    precisions
        Number formats to try; None is the plan's own.
    offload
        Try the optimizer on the host too.
    threads
        As :func:`model.search.search.search`.

    Raises
    ------
    PlanError
        For a plan that cannot be joined with the catalogue.
    """
    catalogue, constants = setting.records, setting.fitted
    resolved = resolve(plan.with_values({"parallel.auto": True}) if not plan.parallel.auto else plan, catalogue)
    batch = None
    resolved = with_whole_answers(resolved)
    if not divisible(resolved):
        asked = resolved.global_batch
        resolved = at_nearest_batch(resolved)
        batch = resolved.global_batch, asked
    gpu = resolved.gpu
    space = full_space(resolved, offload=offload)
    found = search(
        resolved, space, precisions=precisions, constants=constants, cancelled=setting.cancelled, progress=setting.progress,
        threads=threads, keep=max(KEEP, top),
    )  # fmt: skip
    view = _View(resolved, gpu, constants, setting.corrections)
    leaders = found.safe or found.tight
    listed = (_distinct(leaders) if distinct else list(leaders))[:top]
    faster = []
    if found.safe:
        limit = found.safe[0].seconds_per_token * (1.0 - EQUAL)
        faster = [item for item in found.tight if item.seconds_per_token < limit]
        faster = (_distinct(faster) if distinct else faster)[: max(1, top // 4)]
    best = view.option(listed[0].parallel, None) if listed else None
    stopped = False

    def apart(items: Sequence[Ranked]) -> tuple[Option, ...]:
        nonlocal stopped
        shown: list[Option] = []
        for item in items:
            # A layout taken apart takes a millisecond or two: whoever waits for the thread is let in between.
            stopped = stopped or setting.cancelled()
            if stopped:
                break
            shown.append(view.option(item.parallel, best))
        return tuple(shown)

    options = () if best is None else (best, *apart(listed[1:]))
    least = None
    if best is None and found.least_memory is not None:
        least = view.option(found.least_memory.parallel, None)
    own = _own_layout(plan, resolved, catalogue, constants)
    current = None if own is None else view.option(own, best)
    return Advice(
        evaluated=found.evaluated,
        fitting=found.fitting,
        seconds=found.seconds,
        accelerators=resolved.accelerators,
        capacity_bytes=found.capacity_bytes,
        options=options,
        tight=apart(faster),
        current=current,
        rank=_rank(own, leaders),
        least_memory=least,
        complete=found.complete and not stopped,
        batch=batch,
    )


def _own_layout(plan: Plan, resolved: Resolved, catalogue: Catalogue, constants: Constants) -> Parallel | None:
    if (
        plan.parallel.auto or plan.serving.enabled
    ):  # what was entered for a training of a plan that serves waits unchecked
        return best_layout(resolved, constants)
    return fixed_layout(resolve(plan, catalogue))


SPLITS: Final = tuple(name for name in fmt.AXES if name != "vp")
"""Axes that tell layouts apart; virtual stages are variants of one."""


def _key(parallel: Parallel) -> tuple[int, ...]:
    names = (*SPLITS, "zero_stage", "precision", "offload")
    return tuple(int(getattr(parallel, name)) for name in names)


def _distinct(leaders: Sequence[Ranked]) -> list[Ranked]:
    """The best of each split, in order."""
    kept: dict[tuple[object, ...], Ranked] = {}
    for item in leaders:
        key = _key(item.parallel)
        # Where there is nothing to shard, the ZeRO stages are one layout.
        alike = (*key[: len(SPLITS)], *key[len(SPLITS) + 1 :], *item.order)
        if key not in kept and alike not in kept:
            kept[key] = kept[alike] = item
    return sorted(set(kept.values()), key=lambda item: item.order)


def _rank(own: Parallel | None, leaders: Sequence[Ranked]) -> int | None:
    """Place of a layout: one more than the layouts that are faster."""
    if own is None:
        return None
    names = (*fmt.AXES, "zero_stage", "micro_batch", "recompute", "offload", "precision")
    mine = [int(getattr(own, name)) for name in names]
    same = next((i for i in leaders if [int(getattr(i.parallel, name)) for name in names] == mine), None)
    if same is None:
        return None
    return 1 + sum(item.seconds_per_token < same.seconds_per_token for item in leaders)


class _View:
    """Takes single layouts of one plan apart."""

    def __init__(self, resolved: Resolved, gpu: Gpu, constants: Constants, corrections: Sequence[Correction]) -> None:
        self.resolved, self.gpu, self.constants, self.corrections = resolved, gpu, constants, corrections

    def option(self, layout: Parallel, best: Option | None) -> Option:
        """One layout; ``best`` None makes it the best itself."""
        resolved, gpu = self.resolved, self.gpu
        memory = peak_memory(resolved.architecture, layout, memory_options(resolved, gpu, layout))
        total, capacity = float(memory.total_bytes), float(gpu.memory_bytes)
        step = step_time(resolved.time_architecture, gpu, layout, work_of(resolved), self.constants)
        level = expectation(resolved, gpu, layout, self.constants, self.corrections).level
        time = training_time(resolved, gpu, layout, self.constants, level)
        step_s = float(time.s_per_token * time.tokens_per_step)
        parts = StepParts(**{name: max(0.0, float(value) / level) for name, value in step.breakdown().items()})
        links = Traffic(**{name: float(value) / level for name, value in step.communication().items()})
        whole = sum(parts.values())
        sound(resolved.plan, total_bytes=total)
        if time.tokens_per_s_per_gpu > 0 and time.goodput > 0:
            sound(resolved.plan, step_time_s=step_s, days=float(time.days))
        fields = as_plan_fields(layout)
        changes: dict[str, object] = {"parallel.auto": False}
        changes |= {f"parallel.{name}": fields[name] for name in LAYOUT_FIELDS}
        changes |= {"parallel.global_batch": fields["global_batch"], "parallel.precision": fields["precision"]}
        tight = total > MARGIN * capacity
        option = Option(
            layout=layout, parallel=fields, changes=changes, step_time_s=step_s, days=float(time.days),
            tokens_per_s_per_gpu=float(time.tokens_per_s_per_gpu), memory_bytes=total, capacity_bytes=capacity,
            breakdown_s=parts, communication_s=links, bubble_share=parts["bubble"] / whole,
            communication_share=parts["communication"] / whole, tight=tight, why=Sentence("advisor", "why_best", {}),
        )  # fmt: skip
        return _with_why(option, best)


def _with_why(option: Option, best: Option | None) -> Option:
    return replace(option, why=why(option, best))


def why(option: Option, best: Option | None) -> Sentence:
    """What separates a layout from the best one (None: it is the best).

    The reason is the part of the training step, in seconds a token, that grew most against the best layout's.
    """
    spare = fmt.gigabytes(max(0.0, option.capacity_bytes - option.memory_bytes))
    if option.memory_bytes > option.capacity_bytes:
        return Sentence("advisor", "why_no_fit", {"over": fmt.gigabytes(option.memory_bytes - option.capacity_bytes)})
    if best is None or option.layout == best.layout:
        return (
            Sentence("advisor", "why_best_tight", {"spare": spare})
            if option.tight
            else Sentence("advisor", "why_best", {})
        )
    mine, others = _per_token(option), _per_token(best)
    slower = sum(mine.values()) / sum(others.values()) - 1.0
    if slower < -EQUAL:
        return Sentence("advisor", "why_tight_faster", {"percent": fmt.significant(-100.0 * slower, 2), "spare": spare})
    if slower < EQUAL:
        more = max(0.0, option.memory_bytes - best.memory_bytes)
        return Sentence("advisor", "why_equal", {"more": fmt.gigabytes(more)})
    grown = {name: mine[name] - others[name] for name in mine}
    part = max(grown, key=lambda name: grown[name])
    share = grown[part] / sum(others.values())
    return Sentence(
        "advisor",
        f"why_{part}",
        {"percent": fmt.significant(100.0 * slower, 2), "part": fmt.significant(100.0 * share, 2)},
    )


def _per_token(option: Option) -> dict[str, float]:
    """Seconds a token by part, communication by kind."""
    tokens = float(option.layout.tokens_per_step)
    parts = {name: value / tokens for name, value in option.breakdown_s.items() if name != "communication"}
    return parts | {name: value / tokens for name, value in option.communication_s.items()}


def _finite(value: float) -> float | None:
    """A figure of the document; None where the layout does not run (answers that cannot be generated take forever)."""
    return value if math.isfinite(value) else None


def advice_json(advice: Advice, language: str) -> dict[str, Any]:
    """The document of ``advise --json``, with the tight layouts apart."""

    def one(option: Option) -> dict[str, Any]:
        return {
            "parallel": dict(option.parallel), "step_time_s": _finite(option.step_time_s), "days": _finite(option.days),
            "memory_bytes": option.memory_bytes, "tokens_per_s_per_gpu": option.tokens_per_s_per_gpu,
            "bubble_share": option.bubble_share, "communication_share": option.communication_share,
            "breakdown_s": dict(option.breakdown_s), "why": option.why.text(language), "set": dict(option.changes),
        }  # fmt: skip

    return {
        "evaluated": advice.evaluated,
        "fitting": advice.fitting,
        "seconds": advice.seconds,
        "accelerators": advice.accelerators,
        "capacity_bytes": advice.capacity_bytes,
        "batch_changed": None if advice.batch is None else {"used": advice.batch[0], "asked": advice.batch[1]},
        "plans": [one(option) for option in advice.options],
        "tight": [one(option) for option in advice.tight],
        "current": None if advice.current is None else one(advice.current) | {"rank": advice.rank},
        "least_memory": None if advice.least_memory is None else one(advice.least_memory),
    }


def advice_text(advice: Advice, language: str) -> str:
    """The ranking as lines of text."""
    lines = [text("advisor", "text_title", language, evaluated=fmt.whole(advice.evaluated),
                  fitting=fmt.whole(advice.fitting), gpus=fmt.whole(advice.accelerators),
                  seconds=fmt.significant(advice.seconds, 2))]  # fmt: skip
    if advice.batch is not None:
        used, asked = (fmt.whole(batch) for batch in advice.batch)
        lines.append(
            text("advisor", "text_batch", language, used=used, asked=asked, gpus=fmt.whole(advice.accelerators))
        )
    shown = list(advice.options) or ([advice.least_memory] if advice.least_memory else [])
    width = max([len(option.label) for option in (*shown, *advice.tight)] or [0]) + 2
    for number, option in enumerate(shown, start=1):
        lines.append(_line(f"{number:>3}", option, width, language))
    if advice.tight:
        lines.append(text("advisor", "text_tight", language))
        lines += [_line("  !", option, width, language) for option in advice.tight]
    return "\n".join(lines)


def _line(mark: str, option: Option, width: int, language: str) -> str:
    recompute = text("advisor", f"recompute_{option.parallel.recompute}", language)
    memory = f"{fmt.gigabytes(option.memory_bytes):>6} GB"
    days = text("advisor", "text_days", language, days=fmt.significant(option.days))
    step = f"{fmt.significant(option.step_time_s):>6} s"
    return f"{mark}  {option.label:<{width}}{memory}  {step}  {days:>12}  {recompute}  {option.why.text(language)}"
