"""Where a measured serving run contradicts itself or physics: such rows are answered and scored apart, and teach nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.serving.shape import weight_bytes

FULL_SHARE: Final = 0.95
"""Weights beyond this share of the memory leave no room for a cache."""


def stated_contradiction(row: Mapping[str, str]) -> str:
    """What the row itself says against its figures; empty: nothing."""
    note = row.get("note", "") or ""
    if "differs" in note or "inconsistent" in row.get("valid", ""):
        return "its source says that its figures differ"
    return "it ran without a cache" if "ithout KV" in note else ""


def contradiction(run: ServingRun) -> str:
    """Why a row contradicts itself or physics; empty where it does not.

    A token cannot take less than reading attention, dense and logits' weights once, for the tokens a step can yield; weights
    leave a cache room; rate times time in the system is the number in flight (Little); and prompts computed faster than half
    the data-sheet rate, their attention included, came out of a prefix cache that the row does not state.
    """
    m, at = run.measured, run.at
    ranks = float(at.gpus) * (run.devices if run.kind == "static" and float(at.gpus) == 1.0 else 1.0)
    size = float(run.model.attention * at.attention_bytes + run.model.dense * at.dense_bytes + run.model.head * 2.0)
    floor = size / ranks / float(run.card.hbm) / (4.0 if float(at.draft) > 1 else 1.0)
    token = m.get("tpot_ms", 1e3 * m.get("e2e_s", np.inf) / run.osl) / 1e3
    if token < 0.8 * floor / float(at.pp if run.kind != "static" else 1.0):
        return "a token took less than reading its weights"
    if run.kind.startswith(("aggregated", "burst")):
        held = float(weight_bytes(run.model, at)) / (float(at.gpus) * float(at.pp))
        if held > FULL_SHARE * float(run.card.memory):
            return "its weights leave the memory no room for a cache"
    if not run.kind.startswith(("aggregated", "disaggregated")) or not {"tpot_ms", "ttft_ms"} <= set(m):
        return ""
    whole = m["ttft_ms"] / 1e3 + (run.osl - 1.0) * m["tpot_ms"] / 1e3
    if "output_tok_s_per_gpu" in m and not any("count" in item for item in run.assumed):
        flight = m["output_tok_s_per_gpu"] * run.decode_gpus * whole / run.osl
        if not 0.5 < flight / run.load < 2.0:
            return "rate times time is not the number in flight"
    if any("workers" in item or "count" in item for item in run.assumed):
        return ""
    model = run.model
    active = float(model.attention + model.dense + model.experts * model.topk / max(1.0, float(model.expert_count)))
    cards = float(run.prefill.gpus) * run.workers[0]
    reach = run.isl if float(model.sparse_top) == 0 else min(run.isl, 2.0 * float(model.sparse_top))
    short = min(run.isl, 2.0 * float(model.window)) if float(model.window) else run.isl
    span = reach * float(model.full_layers) + short * float(model.window_layers)
    attention = float(model.heads) * float(model.prefill_dim) * span / (float(run.card.bf16) * cards)
    used = (2.0 * active / (float(at.flops) * cards) + attention) * run.isl * run.load / whole
    return "its prompts were computed faster than half the data-sheet rate" if used > 0.5 else ""
