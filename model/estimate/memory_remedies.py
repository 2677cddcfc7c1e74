"""What to do when a plan does not fit, or only just: findings with remedies that were computed, not assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mitsumori.model.architecture.parallelism import RECOMPUTES, Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.memory.results import MemoryResult
from mitsumori.model.plan.fixed_layout import fixed_layout
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.training.stages import memory_options

MAX_REMEDIES: Final = 3


def _gb(value: float) -> str:
    return fmt.gigabytes(value)


def memory_findings(resolved: Resolved, gpu: Gpu, layout: Parallel, memory: MemoryResult) -> list[Finding]:
    """Findings about memory: does not fit, marginal, fits by host memory; each remedy was tried and says what it needs.

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu
        The accelerator.
    layout
        The layout that was estimated, a batch of one.
    memory
        Its memory.
    """
    total, capacity = memory.per_gpu.total_bytes.value, memory.per_gpu.capacity_bytes.value
    by_host = resolved.plan.parallel.auto and int(layout.offload) != 0 and memory.verdict != "no"
    found = [Finding("memory_by_host", "info", "cluster.servers")] if by_host else []
    if memory.verdict == "fits" or total is None or capacity is None:
        return found
    params = {"total": _gb(total), "capacity": _gb(capacity), "stage": memory.worst_stage + 1}
    if memory.verdict == "marginal":
        params["spare"] = _gb(max(0.0, capacity - total))
        return [Finding("memory_marginal", "warn", "parallel.recompute", params), *found]
    params["over"] = _gb(total - capacity)
    return [Finding("memory_no", "bad", "cluster.servers", params, tuple(_remedies(resolved, gpu, layout, capacity)))]


def _remedies(resolved: Resolved, gpu: Gpu, layout: Parallel, capacity: float) -> list[Remedy]:
    """Single changes that fit, the mildest first; the first one is recommended."""
    plan = resolved.plan
    trials: list[tuple[str, Mapping[str, object]]] = []
    if not plan.parallel.auto:
        trials.append(("memory_remedy_auto", {"parallel.auto": True}))
        if plan.parallel.micro_batch > 1:
            trials.append(("memory_remedy_micro_batch", {"parallel.micro_batch": 1}))
        pp, tp = plan.parallel.pp, plan.parallel.tp
        trials += [("memory_remedy_pp", {"parallel.pp": pp * factor}) for factor in (2, 4, 8)]
        # Across servers tensor parallelism is no remedy: it waits for the network in every layer.
        wider = [tp * factor for factor in (2, 4, 8) if tp * factor <= resolved.server.accelerators]
        trials += [("memory_remedy_tp", {"parallel.tp": degree}) for degree in wider]
        if plan.parallel.recompute != RECOMPUTES[2]:
            trials.append(("memory_remedy_recompute", {"parallel.recompute": "full"}))
        if plan.parallel.zero_stage < 3 and plan.parallel.pp == 1:
            trials.append(("memory_remedy_zero3", {"parallel.zero_stage": 3}))
    if plan.parallel.loss != "chunked":
        # The scores of a long sequence over a large vocabulary may be most of the memory.
        trials.append(("memory_remedy_loss", {"parallel.loss": "chunked"}))
    if plan.workload.stage in ("sft", "continual"):
        trials.append(("memory_remedy_lora", {"workload.stage": "lora"}))
    if plan.workload.stage in ("lora", "sft"):
        trials.append(("memory_remedy_qlora", {"workload.stage": "qlora"}))
    servers = plan.cluster.servers
    trials += [("memory_remedy_servers", {"cluster.servers": servers * factor}) for factor in (2, 4, 8, 16, 32)]
    found: list[Remedy] = []
    for code, change in trials:
        if any(remedy.code == code for remedy in found):  # the smallest step that is enough
            continue
        needed = _needed(resolved, change)
        if needed is None or needed > capacity:
            continue
        params: dict[str, object] = {"total": _gb(needed), "capacity": _gb(capacity)}
        params |= {path.rpartition(".")[2]: value for path, value in change.items()}
        found.append(Remedy(code, change, params, recommended=not found, gives="memory_gives"))
        if len(found) == MAX_REMEDIES:
            break
    return found


def _needed(resolved: Resolved, change: Mapping[str, object]) -> float | None:
    """Peak bytes after a change, or None where the change is not possible."""
    try:
        other = resolve(resolved.plan.with_values(dict(change)), resolved.catalogue)
        gpu = other.gpu
        layout = best_layout(other) if other.plan.parallel.auto else fixed_layout(other)
    except PlanError:
        return None
    return float(peak_memory(other.architecture, layout, memory_options(other, gpu, layout)).total_bytes)
