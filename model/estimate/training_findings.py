"""What the user should know of a training's speed: what stops it, what it waits for, what was assumed."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.arrays import some
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.messages import Several, Term
from mitsumori.model.calibration.conformal import MARKS
from mitsumori.model.calibration.expectation import PLAN_MARKS, Expectation
from mitsumori.model.catalogue.accelerators import Gpu, native
from mitsumori.model.plan.batch import indivisible
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.plan.standard_batch import LARGE_BATCH_TOKENS, PRETRAIN_STAGES
from mitsumori.model.search.candidates import divisible
from mitsumori.model.training.days import TrainingTime

DATA_OPTIMAL_TOKENS: Final = 20.0
"""Compute-optimal tokens a parameter (Hoffmann et al., arXiv 2203.15556)."""
FAR_FROM_OPTIMAL: Final = 5.0
"""Factor on either side of the compute-optimal tokens from which a pre-training is told so."""
LEAST_GOODPUT: Final = 0.01
"""Below this share of useful time a training does not advance in practice: the days are printed, and a finding says so."""
COMPUTING_SHARE: Final = 0.25
"""Share of a step that computes below which the plan is told so."""
BEYOND: Final = 1.25
"""Tokens of a step over the largest of published trainings from which the plan is told so."""
BUSY_SHARE: Final = 0.5
"""Share of a step below which accelerators that train or generate are said to wait."""
BUBBLE_SHARE: Final = 0.2
"""Share of a step spent waiting in the pipeline from which the plan is told so."""


def _bubble_findings(plan: Plan, time: TrainingTime, layout: Parallel) -> list[Finding]:
    """A pipeline that waits for a large part of the step, and the batch that would halve the waiting."""
    if time.step is None or int(layout.pp) == 1:
        return []
    share = float(time.step.bubble_s) / float(time.step.total_s)
    if share <= BUBBLE_SHARE:
        return []
    used = int(layout.global_batch)
    remedy = Remedy("training_remedy_batch", {"parallel.global_batch": 2 * used}, {"batch": fmt.whole(2 * used)})
    shown = {"percent": fmt.whole(100.0 * share), "stages": fmt.whole(int(layout.pp)), "batch": fmt.whole(used)}
    return [Finding("training_bubble", "warn", "parallel.global_batch", shown, (remedy,))]


def _batch_findings(resolved: Resolved, layout: Parallel) -> list[Finding]:
    """A step of pre-training beyond the critical batch: what it costs, and the servers that make the same progress.

    To reach a loss takes ``1 + batch / critical`` times the fewest tokens (McCandlish et al., arXiv 1812.06162, eq. 2.11).
    """
    plan, servers = resolved.plan, resolved.plan.cluster.servers
    tokens = float(layout.tokens_per_step)
    if plan.workload.stage not in PRETRAIN_STAGES or tokens <= BEYOND * LARGE_BATCH_TOKENS:
        return []
    fewer = max(1, round(servers * LARGE_BATCH_TOKENS / tokens))
    kanji = plan.language == "ja"
    shown = {
        "tokens": fmt.count(tokens, kanji=kanji), "limit": fmt.count(LARGE_BATCH_TOKENS, kanji=kanji),
        "times": fmt.significant((1.0 + tokens / LARGE_BATCH_TOKENS) / 2.0, 2), "servers": fmt.whole(fewer),
    }  # fmt: skip
    remedy = Remedy("training_remedy_servers", {"cluster.servers": fewer}, {"servers": fmt.whole(fewer)})
    return [
        Finding("training_batch_beyond", "warn", "parallel.global_batch", shown, (remedy,) if fewer < servers else ())
    ]


def _waste_findings(time: TrainingTime) -> list[Finding]:
    """A step that hardly computes; a pipeline's waiting has a finding of its own."""
    if time.step is None:
        return []
    parts = {name: float(value) for name, value in time.step.breakdown().items()}
    whole = float(time.step.total_s)
    computing = (parts.pop("compute") + parts.pop("recompute")) / whole
    worst = max(parts, key=lambda name: parts[name])
    if computing >= COMPUTING_SHARE or (worst == "bubble" and parts["bubble"] > BUBBLE_SHARE * whole):
        return []
    shown = {
        "percent": fmt.significant(100.0 * computing, 2), "part": Term("findings", f"hardly_{worst}"),
        "share": fmt.whole(100.0 * parts[worst] / whole),
    }  # fmt: skip
    return [Finding("training_hardly_computes", "warn", "cluster.servers", shown)]


def _rollout_findings(resolved: Resolved, time: TrainingTime) -> list[Finding]:
    """Answers that the trained sequence does not hold, and accelerators that wait while the others work."""
    plan, policy, found = resolved.plan, time.policy, []
    if policy is None or float(time.tokens_per_s_per_gpu) <= 0:
        return []
    work, length = plan.workload, plan.parallel.seq_len
    whole = work.prompt_len + work.response_len
    if whole > length:
        remedy = Remedy("training_remedy_seq_len", {"parallel.seq_len": whole}, {"tokens": fmt.whole(whole)})
        shown: dict[str, object] = {"whole": fmt.whole(whole), "length": fmt.whole(length)}
        found.append(Finding("training_answers_too_long", "warn", "parallel.seq_len", shown, (remedy,)))
    if not policy.generating:
        return found
    busy = {"trainer": float(policy.trainer_busy), "generator": float(policy.generator_busy)}
    if min(busy.values()) < BUSY_SHARE:
        waits: dict[str, object] = {
            **{name: fmt.whole(100.0 * share) for name, share in busy.items()},
            "training": fmt.whole(resolved.accelerators), "generating": fmt.whole(policy.generating),
        }  # fmt: skip
        remedies: tuple[Remedy, ...] = ()
        if policy.placement == "separate":
            remedies = (Remedy("training_remedy_beside", {"rollout.placement": "asynchronous"}),)
        elif plan.rollout.servers is not None:
            remedies = (Remedy("training_remedy_balance", {"rollout.servers": None}),)
        found.append(Finding("training_generation_waits", "warn", "rollout.servers", waits, remedies))
    return found


def training_findings(
    resolved: Resolved, gpu: Gpu, layout: Parallel, time: TrainingTime, expected: Expectation, trains: bool
) -> list[Finding]:
    """Findings on the speed of a plan; ``trains`` is False where the stage only generates.

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu
        The accelerator.
    layout
        The layout, a batch of one.
    time
        Time of its step.
    expected
        Interval and level from measured runs.
    trains
        False where the stage only generates.
    """
    plan, found = resolved.plan, []
    if float(time.tokens_per_s_per_gpu) <= 0:
        # A plan that makes no token is always said to be impossible, whatever part of it is to blame.
        stuck = time.rolled is not None and float(time.rolled.tokens_per_s_per_gpu) <= 0
        stuck |= time.policy is not None and not np.isfinite(time.policy.generate_s)
        found.append(
            Finding("training_generation_does_not_fit" if stuck else "training_no_speed", "bad", "cluster.server")
        )
    found += _bubble_findings(plan, time, layout) + _rollout_findings(resolved, time)
    found += _batch_findings(resolved, layout) + _waste_findings(time)
    if float(time.goodput) < LEAST_GOODPUT:
        found.append(
            Finding(
                "training_does_not_advance",
                "bad",
                "network.checkpoint_stall_s",
                {"gpus": fmt.whole(resolved.accelerators)},
            )
        )
    used = int(layout.global_batch)
    if resolved.batch_is_free and used != resolved.global_batch and trains:
        shown = {"used": fmt.whole(used), "wanted": fmt.whole(resolved.global_batch)}
        found.append(Finding("training_batch_rounded", "info", "parallel.global_batch", shown))
    if plan.parallel.auto and used != resolved.global_batch and not divisible(resolved):
        found.append(indivisible(resolved, used))
    optimal = DATA_OPTIMAL_TOKENS * resolved.parameters
    short, far = resolved.tokens < optimal / FAR_FROM_OPTIMAL, resolved.tokens > optimal * FAR_FROM_OPTIMAL
    if plan.workload.stage == "pretrain" and (short or far):
        shown = {
            "tokens": fmt.count(resolved.tokens, kanji=plan.language == "ja"),
            "parameters": fmt.count(resolved.parameters, kanji=plan.language == "ja"),
            "optimal": fmt.count(optimal, kanji=plan.language == "ja"),
            "times": fmt.significant(resolved.tokens / optimal),
        }
        found.append(
            Finding("training_data_short" if short else "training_data_long", "warn", "workload.tokens", shown)
        )
    if not native(gpu, int(layout.precision)):
        shown = {"accelerator": resolved.accelerator.name, "precision": plan.parallel.precision}
        found.append(Finding("training_precision_not_native", "warn", "parallel.precision", shown))
    if expected.level != 1.0:
        shown = {"percent": fmt.signed((expected.level - 1.0) * 100), "count": str(expected.corrections)}
        found.append(Finding("training_corrected", "info", "", shown))
    if some(resolved.architecture.is_hybrid) and trains:
        found.append(Finding("training_hybrid", "warn", "model.architecture.mixer.kind"))
    if not expected.near and trains:
        found.append(Finding("training_no_near_run", "info", ""))
    causes = tuple(Term("findings", f"widened{mark}") for mark in (*MARKS, *PLAN_MARKS) if mark in expected.kind)
    if causes and trains and not expected.corrections:
        wide: dict[str, object] = {
            "low": fmt.signed((expected.low - 1.0) * 100), "high": fmt.signed((expected.high - 1.0) * 100),
            "causes": Several(causes),
        }  # fmt: skip
        found.append(Finding("training_interval_wide", "info", "parallel.tuning", wide))
    return found
