"""Whole trainings of which only tokens and GPU hours are published: predicted with the program's own layout.

A campaign's GPU hours hold more than its steps: restarts, evaluation, changes of data and sequence length, runs that were
thrown away. Failures and checkpoints come from :mod:`model.training.goodput`; the rest is one share, fitted to published
campaigns (:mod:`model.calibration.fit`) and kept with the constants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, Parallel
from mitsumori.model.architecture.stacks import FUSED_ATTENTION_YEAR, LORA, Work
from mitsumori.model.calibration.runs import Run
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.training.days import EVALUATION_SHARE, plan_goodput
from mitsumori.model.training.step import step_time

CAMPAIGN_GPUS: Final = 1024
"""Accelerators of a campaign whose source prints only GPU hours."""
PRIOR_SPREAD: Final = 0.15
"""Prior spread (log) of the share around 1: most of a campaign's time is its steps."""
ROW_SPREAD: Final = 0.30
"""Spread (log) of one campaign around the model: other users' software and whatever else the hours hold."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign predicted before the campaign share: tokens/s of one accelerator at goodput, and the chosen layout."""

    tokens_per_s_per_gpu: float
    parallel: Parallel


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def campaign_plan(run: Run) -> Resolved:
    """The plan of a campaign: its model, accelerators, sequence length, precision, batch and stack; layout left to the program.

    Software tuning is ``default``: a campaign is an ordinary user's run, not a benchmark recipe.
    """
    assert run.architecture is not None
    row = run.row
    gpus = int(_number(row.get("gpus")) or CAMPAIGN_GPUS)
    seq = int(_number(row.get("seq_len")) or 4096)
    precision = (row.get("precision") or "bf16").strip().lower()
    batch = _number(row.get("gbs_seqs"))
    catalogue = Catalogue.shipped()
    record = catalogue.accelerators()[run.gpu_key]
    server = next((key for key, item in catalogue.servers().items() if item.accelerator == run.gpu_key), "DGX-H100")
    plan = Plan.from_dict(
        {
            "model": {"params": 1e9},
            "cluster": {"server": server, "servers": max(1, gpus // 8)},
            "parallel": {
                "auto": True, "seq_len": seq, "precision": precision if precision in PRECISIONS else "bf16",
                "stack": run.stack, "stack_year": run.stack_year, "tuning": "default",
                "fused_attention": bool(run.stack == "jax" or run.stack_year >= FUSED_ATTENTION_YEAR),
                **({"global_batch": int(batch)} if batch else {}),
            },
        }
    )  # fmt: skip
    resolved = resolve(plan)
    free = not batch
    global_batch = int(batch) if batch else max(gpus, round(4.0e6 / seq))
    return replace(
        resolved, architecture=run.architecture, params_scale=1.0, accelerator=record, accelerators=gpus,
        global_batch=global_batch, batch_is_free=free,
    )  # fmt: skip


def predict_campaign(run: Run, constants: Constants) -> Campaign:
    """Predict a campaign with the layout that the program chooses, at goodput, default tuning.

    Raises
    ------
    Refusal
        When the campaign's sizes make no plan.
    """
    assert run.architecture is not None
    assert run.gpu is not None
    resolved = campaign_plan(run)
    parallel = best_layout(resolved, constants)
    work: Work = LORA if run.lora else Work()
    step = step_time(run.architecture, run.gpu, parallel, work, constants)
    share = float(np.asarray(plan_goodput(resolved, float(parallel.gpus)).goodput)) * (1.0 - EVALUATION_SHARE)
    return Campaign(float(np.asarray(step.tokens_per_s_per_gpu)) * share, parallel)


def fit_share(log_ratios: Sequence[float]) -> tuple[float, float]:
    """Share of a campaign's time that trains, and the 80 % half-width (log) of one campaign, from log(measured/predicted).

    The median, shrunk towards no loss (normal prior of :data:`PRIOR_SPREAD`); never above 1. The half-width is the
    conformal 80 % quantile of what remains.
    """
    if not log_ratios:
        return 1.0, ROW_SPREAD
    values = np.array(log_ratios, dtype=np.float64)
    noise = ROW_SPREAD**2 * (math.pi / 2) / len(values)
    shift = min(0.0, float(np.median(values)) * PRIOR_SPREAD**2 / (PRIOR_SPREAD**2 + noise))
    rest = np.sort(np.abs(values - shift))
    index = min(len(rest) - 1, math.ceil(0.8 * (len(rest) + 1)) - 1)
    return math.exp(shift), float(rest[index])


def campaign_share(constants: Constants) -> tuple[float, float]:
    """The fitted share and half-width of campaigns (``meta["campaign"]``); no loss and a wide interval without them."""
    entry = constants.meta.get("campaign", {})
    return float(entry.get("share", 1.0)), float(entry.get("half_width", ROW_SPREAD))
