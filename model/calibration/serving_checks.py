"""Where a measured serving run contradicts itself or physics: such rows are answered and scored apart, and teach nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from mitsumori.model.calibration.serving_run import ServingRun
from mitsumori.model.serving.shape import weight_bytes

FULL_SHARE: Final = 0.95
"""Weights beyond this share of the memory leave no room for a cache."""
CACHED = "its prompts were computed faster than two thirds of the rate of large products"
LAUNCHED = "its tokens take what launching without graphs takes, and equal runs of its file differ"
EAGER_LAYER_S: Final = 0.35e-3
"""Launching a layer's kernels one by one takes at least this."""
FEWEST: Final = 10
"""Rows of a file from which something is read about all of them."""


def files_contradictions(runs: Sequence[ServingRun], sources: Sequence[str]) -> list[str]:
    """What the rows of one source, model, accelerator and engine say together against each of them; empty: nothing.

    Where three in ten have prompts out of a prefix cache all had one. Where no token takes less than launching every layer
    without graphs, tokens are no slower under many times the load, and runs that state the same differ by more than a quarter,
    some ran without graphs.

    Parameters
    ----------
    runs
        Rows as the model sees them.
    sources
        Where each was published, one a run.
    """
    files: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, (run, source) in enumerate(zip(runs, sources, strict=True)):
        if run.kind == "aggregated" and "tpot_ms" in run.measured:
            files[source, run.model_name, run.group, int(np.asarray(run.at.engine))].append(index)
    out = [""] * len(runs)
    for places in files.values():
        if len(places) < FEWEST:
            continue
        here = [runs[place] for place in places]
        said = CACHED if sum(run.contradiction == CACHED for run in here) >= 0.3 * len(here) else ""
        said = said or (LAUNCHED if _without_graphs(here) else "")
        for place in places:
            out[place] = said
    return out


def _without_graphs(runs: Sequence[ServingRun]) -> bool:
    loads = np.array([run.load for run in runs])
    tokens = np.array([run.measured["tpot_ms"] / 1e3 for run in runs])
    low, high = np.quantile(loads, [1 / 3, 2 / 3])
    wide = loads.max() >= 8.0 * loads.min()
    floor = EAGER_LAYER_S * float(np.asarray(runs[0].model.layers))
    flat = np.median(tokens[loads >= high]) <= np.median(tokens[loads <= low])
    equal: dict[tuple[float, ...], list[float]] = defaultdict(list)
    for run, token in zip(runs, tokens, strict=True):
        layout = (run.gpus, run.at.gpus, run.at.dp, run.at.expert_ranks)
        equal[*(float(np.asarray(value)) for value in layout), run.load, run.isl, run.osl].append(token)
    differ = sum(max(values) > 1.25 * min(values) for values in equal.values())
    return bool(wide and flat and tokens.min() >= floor and differ >= 3)


def stated_contradiction(row: Mapping[str, str]) -> str:
    """What the row itself says against its figures; empty: nothing."""
    note = row.get("note", "") or ""
    if "differs" in note or "inconsistent" in row.get("valid", ""):
        return "its source says that its figures differ"
    return "it ran without a cache" if "ithout KV" in note else ""


def active_parameters(run: ServingRun) -> float:
    """Parameters that a token passes, without look-up table and logits."""
    model = run.model
    return float(model.attention + model.dense + model.experts * model.topk / max(1.0, float(model.expert_count)))


def contradiction(run: ServingRun) -> str:
    """Why a row contradicts itself or physics; empty where it does not.

    A token cannot take less than reading attention, dense and logits' weights once, for the tokens a step can yield; weights
    leave a cache room; rate times time in the system is the number in flight (Little); and prompts computed faster than two
    thirds of what large products reach, their attention included, came out of a prefix cache that the row does not state.
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
    if run.kind == "offline":
        rate = m.get("output_tok_s_per_gpu", 0.0) * 2.0 * active_parameters(run) * (1.0 + run.isl / run.osl)
        narrower = 2.0 if float(at.dense_bytes) < 1.0 and float(at.flops) <= 1.01 * float(run.card.matmul) else 1.0
        return "its tokens were computed faster than large products are" if rate > narrower * float(at.flops) else ""
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
    active = active_parameters(run)
    cards = float(run.prefill.gpus) * run.workers[0]
    reach = run.isl if float(model.sparse_top) == 0 else min(run.isl, 2.0 * float(model.sparse_top))
    short = min(run.isl, 2.0 * float(model.window)) if float(model.window) else run.isl
    span = reach * float(model.full_layers) + short * float(model.window_layers)
    attention = float(model.heads) * float(model.prefill_dim) * span / (float(run.card.bf16) * cards)
    used = (2.0 * active / (float(at.flops) * cards) + attention) * run.isl * run.load / whole
    return CACHED if used > 0.66 else ""
