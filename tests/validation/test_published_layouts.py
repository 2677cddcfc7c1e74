"""Published layouts are near the best that the search finds: practitioners tuned them, so a search that disagrees is wrong.

For every dense recipe of resources/runs/runs.csv whose source states the whole layout (Megatron-Bridge and NeMo performance
summaries, DGX Cloud recipes, MT-NLG, Korthikanti, BLOOM) the same model, cluster, number format, batch and stack are searched
exhaustively and the published layout's predicted time is compared with the best layout that fits the card. Recomputation is
not published for most rows: the least that fits is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from model import runs
from model.campaign import campaign_plan
from model.catalog import Catalogue
from model.constants import shipped
from model.gpu import gpu_of
from model.layout import train_seconds
from model.memory import peak_memory
from model.plan import Plan
from model.resolve import Resolved, parallel_base, resolve
from model.search import search
from model.step import step_time
from model.workload import memory_options, work_of

CATALOGUE = Catalogue.shipped()
SERVERS = {
    "H100-SXM": "DGX-H100", "A100-80": "DGX-A100", "B200": "DGX-B200", "GB200": "DGX-GB200-NVL72",
    "GB300": "DGX-GB300-NVL72",
}  # fmt: skip
SOURCES = ("Megatron-Bridge", "NeMo performance", "DGX Cloud", "MT-NLG", "Korthikanti", "BigScience")
NEAR = 1.10
"""Within 10 % of the best predicted time."""

FAR = {
    "full recomputation": "our memory model lets the recipe run only with everything recomputed; its source does not say how",
    "fsdp": "the recipe shards with FSDP for its simplicity; its prefetch and offload settings are not published",
    "search": "the search finds a layout that nobody published: larger micro-batches or more virtual stages",
}
"""Why a recipe is further than 10 % from the best."""


@dataclass(frozen=True)
class Found:
    """A recipe beside the best: time over the best's, recomputation that it needs, why it is far (empty when near)."""

    name: str
    ratio: float
    why: str


def compare(name: str, resolved: Resolved, **layout: Any) -> Found | None:
    """Time of a layout over that of the best one; None when the layout cannot be expressed or nothing fits."""
    gpu = gpu_of(resolved.accelerator, resolved.server)
    dp, rest = divmod(resolved.accelerators, layout["tp"] * layout["pp"] * layout["cp"])
    if rest or resolved.global_batch % (dp * layout["micro_batch"]):
        return None
    recipe = parallel_base(resolved).with_(
        dp=dp, sp=int(layout["tp"] > 1), global_batch=resolved.global_batch, recompute=np.arange(3), **layout
    )
    memory = peak_memory(resolved.architecture, recipe, memory_options(resolved, gpu, recipe)).total_bytes
    step = step_time(resolved.time_architecture, gpu, recipe, work_of(resolved), shipped())
    seconds = np.broadcast_to(train_seconds(resolved, step), 3)
    fits = np.broadcast_to(memory, 3) <= gpu.memory_bytes
    least = int(np.argmax(fits)) if fits.any() else 2
    result = search(resolved, threads=1, keep=5)
    leaders = [items[0] for items in (result.safe, result.tight) if items]
    if not leaders:
        return None
    ratio = float(seconds[least]) / min(item.seconds_per_token for item in leaders)
    why = ""
    if ratio > NEAR:
        sharded = layout["zero_stage"] == 3 or layout["tp"] * layout["pp"] == 1
        why = "fsdp" if sharded else "full recomputation" if least == 2 else "search"
    return Found(name, ratio, why)


def recipes(trust: str = "AB", moe: bool = False) -> Iterator[tuple[str, Resolved, dict[str, Any]]]:
    """Recipes with a whole layout, dense or mixture of experts, each configuration once."""
    seen = set()
    for run in runs.shipped():
        row = run.row
        whole = all(row[name] for name in ("tp", "pp", "mbs", "gbs_seqs", "gpus", "seq_len", "precision"))
        if run.architecture is None or run.kind != "pretrain" or run.moe != moe or not whole or run.trust not in trust:
            continue
        if run.gpu_key not in SERVERS or not any(part in row["source"] for part in SOURCES):
            continue
        names = ("tp", "pp", "vp", "cp", "ep", "etp", "zero_stage", "mbs")
        layout = {name: int(float(row[name] or 1)) for name in names}
        layout["micro_batch"] = layout.pop("mbs")
        key = (
            row["model"],
            run.gpu_key,
            row["gpus"],
            row["precision"],
            row["gbs_seqs"],
            row["seq_len"],
            *layout.values(),
        )
        if key in seen:
            continue
        seen.add(key)
        base = campaign_plan(run)
        part = base.plan.parallel.model_copy(update={"tuning": "tuned"})
        server = CATALOGUE.server(SERVERS[run.gpu_key])
        resolved = replace(base, server=server, plan=base.plan.model_copy(update={"parallel": part}))
        yield f"{run.id} {row['model']} {row['gpus']} {run.gpu_key} {row['precision']}", resolved, layout


@pytest.fixture(scope="module")
def found() -> list[Found]:
    return [item for name, resolved, layout in recipes() if (item := compare(name, resolved, **layout)) is not None]


def test_most_recipes_are_within_ten_per_cent_and_the_others_have_a_reason(found: list[Found]) -> None:
    assert len(found) >= 70
    far = [item for item in found if item.why]
    listing = "\n".join(
        f"{item.ratio:.3f}  {item.name}: {FAR[item.why]}" for item in sorted(far, key=lambda i: i.ratio)
    )
    assert len(far) <= 0.3 * len(found), listing
    assert np.median([item.ratio for item in found]) < 1.07, listing
    for item in far:
        # What is neither memory that we do not know nor another way of sharding may be a little off, not far.
        assert item.why != "search" or item.ratio < 1.16, item


def test_no_recipe_beats_the_search_that_holds_it(found: list[Found]) -> None:
    assert min(item.ratio for item in found) >= 1.0 - 1e-6


def test_llama_3_405b_on_16384_h100() -> None:
    """Llama 3 405B, 8k phase: TP 8, CP 1, PP 16, DP 128 and 16 million tokens a step (arXiv 2407.21783 table 4).

    Optimizer states and gradients are sharded (section 3.3.2: ZeRO-2), on Meta's own stack. The paper interleaves without
    printing the number of virtual stages: the eight layers of a stage are taken as two or four chunks.
    """
    plan = Plan.from_dict(
        {
            "model": {"preset": "llama3.1-405b"},
            "cluster": {"server": "DGX-H100", "servers": 2048},
            "parallel": {
                "seq_len": 8192,
                "global_batch": 2048,
                "tuning": "tuned",
                "stack": "other",
                "stack_year": 2024.3,
            },
        }
    )
    layout = {"tp": 8, "pp": 16, "cp": 1, "ep": 1, "etp": 1, "zero_stage": 2, "micro_batch": 1}
    found = [compare(f"vp {vp}", resolve(plan), vp=vp, **layout) for vp in (2, 4)]
    ratios = [item.ratio for item in found if item is not None]
    assert len(ratios) == 2
    assert min(ratios) <= NEAR
    assert min(ratios) >= 1.0 - 1e-6


@pytest.mark.parametrize("gpus", [2240, 2800, 3360])
def test_mt_nlg_530b(gpus: int) -> None:
    """MT-NLG 530B: TP 8, PP 35, DP 8 to 12, micro-batch 1, batch 1920 on A100 80 GB (arXiv 2201.11990 section 3)."""
    found = [compare(name, resolved, **layout) for name, resolved, layout in _named("MT-NLG-530B", gpus)]
    assert found
    assert all(item is not None and item.ratio <= NEAR for item in found)


def _named(model: str, gpus: int) -> list[tuple[str, Resolved, dict[str, Any]]]:
    return [item for item in recipes("ABC") if item[0].split()[1:3] == [model, str(gpus)]]


def test_mixtures_of_experts_in_one_link_domain_are_near_the_best() -> None:
    """DeepSeek-V3 and GPT-OSS on GB200 and GB300, where experts stay inside the 72 accelerators of a rack.

    Recipes on servers of eight (and Qwen3-235B everywhere) are 15-80 % from the predicted best and are not claimed: the
    search takes micro-batches of 4 to 16 and ZeRO-2 up to the last gigabyte, where uneven routing, which the memory model
    counts as even, leaves practitioners no room; and the all-to-all between servers of eight rests on few published runs.
    """
    ratios = [
        item.ratio
        for name, resolved, layout in recipes(moe=True)
        if name.split()[1] in ("DeepSeek-V3", "GPT-OSS-120B") and name.split()[3] in ("GB200", "GB300")
        if resolved.accelerators <= 256
        if (item := compare(name, resolved, **layout)) is not None
    ]
    assert len(ratios) >= 10
    assert np.median(ratios) <= NEAR + 0.02
    assert sum(ratio <= NEAR for ratio in ratios) >= 0.4 * len(ratios)
    assert max(ratios) < 1.35
