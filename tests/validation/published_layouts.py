"""Published layouts beside the best that the exhaustive search finds: how far, and which terms make the difference.

For every recipe of resources/runs/runs.csv whose source states the whole layout (Megatron-Bridge and NeMo performance
summaries, DGX Cloud recipes, MT-NLG, Korthikanti, BLOOM) the same model, cluster, number format, batch and stack are searched,
and the published layout's predicted time is set against the best layout that fits the card at all. Recomputation is not
published for most rows: the least that fits is taken; where the row says that activations go to the host, that too is tried.
The reasons are computed: each term's seconds a token of both layouts, as a share of the best one's time.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitsumori.model.architecture.parallelism import OFFLOADS, RECOMPUTES, Parallel
from mitsumori.model.calibration import runs
from mitsumori.model.calibration.campaign import campaign_plan
from mitsumori.model.calibration.runs import Run
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.fixed_layout import parallel_base
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.search.candidates import train_seconds
from mitsumori.model.search.search import search
from mitsumori.model.training.stages import memory_options, work_of
from mitsumori.model.training.step import StepBatch, step_time

SERVERS = {
    "H100-SXM": "DGX-H100", "A100-80": "DGX-A100", "B200": "DGX-B200", "GB200": "DGX-GB200-NVL72",
    "GB300": "DGX-GB300-NVL72",
}  # fmt: skip
SOURCES = ("Megatron-Bridge", "NeMo performance", "DGX Cloud", "MT-NLG", "Korthikanti", "BigScience")
NEAR = 1.10
"""Within 10 % of the best predicted time."""
TERMS = {
    "compute": "compute", "recompute": "recomputation", "tp": "tensor-parallel traffic", "cp": "context-parallel traffic",
    "ep": "expert all-to-all", "pp": "traffic between stages", "dp": "gradient and weight sync", "fsdp": "gathered weights",
    "bubble": "pipeline bubble",
}  # fmt: skip
WORTH = 2.0
"""Percentage points of the best's time below which a term is no reason."""


@dataclass(frozen=True)
class Layout:
    """One layout of a recipe's model and cluster: seconds a token of the cluster, memory over the card, terms a token."""

    parallel: Parallel
    seconds: float
    memory: float
    terms: dict[str, float]
    gpus: int = 1

    @property
    def seconds_gpu(self) -> float:
        """Seconds of one accelerator for a token."""
        return self.seconds * self.gpus

    @property
    def text(self) -> str:
        """Short, as in the table."""
        p = self.parallel
        parts = [f"TP{p.tp}", f"PP{p.pp}" + (f"x{p.vp}" if p.pp > 1 else ""), f"CP{p.cp}" if p.cp > 1 else ""]
        parts += [f"EP{p.ep}" if p.ep > 1 else "", f"Z{p.zero_stage}", f"mb{p.micro_batch}"]
        parts.append(RECOMPUTES[int(p.recompute)] if p.recompute else "")
        parts.append("offload" if OFFLOADS[int(p.offload)] == "activations" else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Found:
    """A recipe beside the best of the search."""

    name: str
    recipe: Layout
    best: Layout
    recommended: float | None = None
    predicted: float = 0.0
    measured: float | None = None
    domain: int = 8
    untuned: bool = False
    forced: bool = False
    faster: float | None = None

    @property
    def ratio(self) -> float:
        """Predicted time of the recipe over that of the best layout that fits."""
        return self.recipe.seconds / self.best.seconds

    @property
    def near(self) -> bool:
        return self.ratio <= NEAR

    @property
    def differences(self) -> dict[str, float]:
        """What each term costs the recipe more than the best, percentage points of the best's time; sums to the excess."""
        return {
            name: 100.0 * (self.recipe.terms[name] - self.best.terms[name]) / self.best.seconds
            for name in self.recipe.terms
        }

    @property
    def cause(self) -> str:
        """The term that costs the recipe most."""
        return max(self.differences, key=lambda name: self.differences[name])

    def why(self) -> str:
        """The reason in one line: the terms that differ, by how much, and what about the layouts makes them."""
        found = sorted(self.differences.items(), key=lambda item: -abs(item[1]))
        worth = [(name, points) for name, points in found if abs(points) >= WORTH] or found[:1]
        parts = [f"{TERMS.get(name, name)} {points:+.0f}{self._because(name)}" for name, points in worth]
        told = ", ".join(parts)
        if self.untuned:
            told += "; its source calls it early and unoptimised"
        if self.forced and self.measured and self.measured > 1.05 * self.predicted:
            told += "; measured faster than what it needs to fit here allows, so the source leaves something out"
        return told

    def _because(self, name: str) -> str:
        a, b = self.recipe.parallel, self.best.parallel
        said = {
            "compute": "activations to the host"
            if a.offload and not b.offload
            else _pair("micro-batch", a.micro_batch, b.micro_batch) or _pair("TP", a.tp, b.tp),
            "tp": _pair("TP", a.tp, b.tp) or _pair("micro-batch", a.micro_batch, b.micro_batch),
            "ep": f"EP over {self._domains(a)} link domains against {self._domains(b)}"
            if self._domains(a) != self._domains(b)
            else _pair("EP", a.ep, b.ep),
            "recompute": _pair("", RECOMPUTES[int(a.recompute)], RECOMPUTES[int(b.recompute)]),
            "bubble": _pair("PP x VP", f"{a.pp}x{a.vp}", f"{b.pp}x{b.vp}"),
            "dp": _pair("micro-batch", a.micro_batch, b.micro_batch) or _pair("PP", a.pp, b.pp),
            "fsdp": _pair("ZeRO", a.zero_stage, b.zero_stage),
        }.get(name, "")
        return f" ({said})" if said else ""

    def _domains(self, parallel: Parallel) -> int:
        return -(-int(parallel.ep) * int(parallel.etp) // self.domain)


def _pair(name: str, recipe: Any, best: Any) -> str:
    return "" if recipe == best else f"{name} {recipe} against {best}".strip()


def _terms(step: StepBatch, seconds: float) -> dict[str, float]:
    """Seconds a token by term; they sum to ``seconds``."""
    parts = {**step.breakdown(), **step.communication()}
    parts.pop("communication")
    total = float(np.asarray(step.total_s))
    return {name: float(np.asarray(value)) / total * seconds for name, value in parts.items()}


def _layout(resolved: Resolved, gpu: Gpu, parallel: Parallel) -> Layout:
    memory = peak_memory(resolved.architecture, parallel, memory_options(resolved, gpu, parallel)).total_bytes
    step = step_time(resolved.time_architecture, gpu, parallel, work_of(resolved), shipped())
    seconds = float(np.asarray(train_seconds(resolved, step)))
    return Layout(
        parallel, seconds, float(np.asarray(memory)) / gpu.memory_bytes, _terms(step, seconds), resolved.accelerators
    )


def compare(name: str, resolved: Resolved, run: Run | None = None, **layout: Any) -> Found | None:
    """A layout beside the best one; None when the layout cannot be expressed or nothing fits."""
    gpu = gpu_of(resolved.accelerator, resolved.server)
    dp, rest = divmod(resolved.accelerators, layout["tp"] * layout["pp"] * layout["cp"])
    if rest or resolved.global_batch % (dp * layout["micro_batch"]):
        return None
    base = parallel_base(resolved).with_(dp=dp, sp=int(layout["tp"] > 1), global_batch=resolved.global_batch, **layout)
    tried = [_layout(resolved, gpu, base.with_(recompute=kind)) for kind in range(len(RECOMPUTES))]
    recipe = next((item for item in tried if item.memory <= 1.0), tried[-1])
    if run is not None and "offload" in run.row["notes"]:
        away = _layout(resolved, gpu, base.with_(recompute=0, offload=OFFLOADS.index("activations")))
        recipe = min([recipe, *([away] if away.memory <= 1.0 else [])], key=lambda item: item.seconds)
    result = search(resolved, threads=1, keep=5)
    leaders = [items[0] for items in (result.safe, result.tight) if items]
    if not leaders:
        return None
    best = _layout(resolved, gpu, min(leaders, key=lambda item: item.seconds_per_token).parallel)
    predicted = 1.0 / recipe.seconds_gpu
    return Found(
        name, recipe, best, predicted=predicted, measured=run.measured if run else None, domain=int(gpu.domain),
        recommended=recipe.seconds / result.safe[0].seconds_per_token if result.safe else None,
        untuned=bool(run and run.untuned), forced=tried[0].memory > 1.0, faster=_faster(run) if run else None,
    )  # fmt: skip


@functools.cache
def _fastest() -> dict[tuple[str, str, str, str], float]:
    """The fastest measured run of each model, accelerator, precision class and sequence length."""
    found: dict[tuple[str, str, str, str], float] = {}
    for run in runs.shipped():
        if run.measured and run.kind == "pretrain" and run.expressed and run.trust in "AB":
            key = (*run.group, run.row["seq_len"])
            found[key] = max(found.get(key, 0.0), run.measured)
    return found


def _faster(run: Run) -> float | None:
    """How much faster than this run the fastest published one of the same model, accelerator and precision class is."""
    return _fastest().get((*run.group, run.row["seq_len"]), 0.0) / run.measured if run.measured else None


def recipes(trust: str = "AB", moe: bool = False) -> Iterator[tuple[str, Resolved, dict[str, Any], Run]]:
    """Recipes with a whole layout, dense or mixture of experts, each configuration once."""
    catalogue = Catalogue.shipped()
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
        same = ("model", "gpu", "gpus", "precision", "gbs_seqs", "seq_len")
        key = (*(row[name] for name in same), *layout.values())
        if key in seen:
            continue
        seen.add(key)
        base = campaign_plan(run)
        part = base.plan.parallel.model_copy(update={"tuning": "tuned"})
        server = catalogue.server(SERVERS[run.gpu_key])
        resolved = replace(base, server=server, plan=base.plan.model_copy(update={"parallel": part}))
        yield f"{run.id} {row['model']} {row['gpus']} {run.gpu_key} {row['precision']}", resolved, layout, run


@functools.cache
def everything(moe: bool) -> tuple[Found, ...]:
    """All recipes of one kind, compared: some half a minute of work."""
    found = (compare(name, resolved, run, **layout) for name, resolved, layout, run in recipes(moe=moe))
    return tuple(item for item in found if item is not None)
