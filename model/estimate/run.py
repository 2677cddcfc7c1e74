"""What of a plan decides layout, memory and speed, and these three: kept while a slider moves something else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from pydantic import BaseModel

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.memory.peak import COMPONENTS, VERDICTS, peak_memory
from mitsumori.model.memory.results import GpuMemory, MemoryResult
from mitsumori.model.memory.terms import PeakOfPlan
from mitsumori.model.plan.fixed_layout import fixed_layout
from mitsumori.model.plan.plan import Network, Plan
from mitsumori.model.plan.reduced import ReducedPlan, for_speed
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.training.days import TrainingTime, training_time
from mitsumori.model.training.stages import memory_options

MEMORY_PROVENANCE: Final = Provenance(
    "formula", "parameters, states, saved tensors and buffers of the fullest GPU; docs/method.md, 3",
    "Saved tensors and model states, tried against published peaks",
    "https://arxiv.org/abs/2205.05198", "2022-05",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Run:
    """A plan as the clock and the memory see it (:func:`model.plan.reduced.for_speed`), with fitted constants."""

    resolved: Resolved
    constants: Constants

    @cached_property
    def gpu(self) -> Gpu:
        """The numbers of its accelerator."""
        return self.resolved.gpu

    @cached_property
    def layout(self) -> Parallel:
        """The user's layout, or the best one."""
        resolved = self.resolved
        return best_layout(resolved, self.constants) if resolved.plan.parallel.auto else fixed_layout(resolved)


@lru_cache(maxsize=64)
def _run(plan: ReducedPlan, catalogue: Catalogue, constants: Constants) -> Run:
    return Run(resolve(plan.plan, catalogue), constants)


def run_of(resolved: Resolved, constants: Constants) -> Run:
    """The run of a plan: one object for all plans that differ only in what no run depends on."""
    return _run(for_speed(resolved.plan), resolved.catalogue, constants)


def layout_known(plan: Plan, catalogue: Catalogue | None = None) -> bool:
    """Whether an estimate of a plan searches nothing: its layout is given, or was found before.

    Parameters
    ----------
    plan, catalogue
        As :func:`model.estimate.estimate.estimate`; a plan that is refused there is refused here.
    """
    if plan.serving.enabled:
        return "layout" in vars(run_of(resolve(plan, catalogue), shipped()))
    # What is kept resolves the plan where it is new; elsewhere the estimate does, at once after this.
    return not plan.parallel.auto or "layout" in vars(
        _run(for_speed(plan), catalogue or Catalogue.shipped(), shipped())
    )


@lru_cache(maxsize=64)
def memory_of(run: Run, layout: Parallel) -> MemoryResult:
    """Memory of the worst GPU on a layout."""
    options = memory_options(run.resolved, run.gpu, layout)
    arch = run.resolved.architecture
    batch = peak_memory(arch, layout, options)
    total, spread = float(batch.total_bytes), float(batch.interval_fraction)
    parts = {name: Figure(float(getattr(batch, name)), "bytes", MEMORY_PROVENANCE) for name in COMPONENTS}
    record = run.resolved.accelerator
    path = "usable_gib" if record.usable_gib is not None else "memory_gb"
    capacity = Figure(float(run.gpu.memory_bytes), "bytes", record_provenance(record, "accelerators", path))
    whole = Figure(total, "bytes", MEMORY_PROVENANCE, total * (1 - spread), total * (1 + spread))
    return MemoryResult(
        per_gpu=GpuMemory(**parts, total_bytes=whole, capacity_bytes=capacity),
        verdict=VERDICTS[int(batch.verdict)],
        worst_stage=int(batch.worst_stage),
        worst_phase=str(batch.worst_phase),
        behind=PeakOfPlan(arch, layout, options),
    )


@lru_cache(maxsize=64)
def time_of(
    run: Run, layout: Parallel, network: Network, conditions: str, evaluation_share: float | None, level: float
) -> TrainingTime:
    """Speed on a layout, and the days of one token.

    Parameters
    ----------
    run, layout
        What is trained, and how it is laid out.
    network, conditions, evaluation_share
        The plan's network part and fields of its workload, which decide failures, checkpoints and evaluation.
    level
        Factor from measured runs, above zero.
    """
    plan = run.resolved.plan
    work = BaseModel.model_copy(plan.workload, update={"conditions": conditions, "evaluation_share": evaluation_share})
    resolved = replace(run.resolved, plan=plan.with_parts(network=network, workload=work))
    return training_time(resolved, run.gpu, layout, run.constants, level)
