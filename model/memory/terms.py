"""What the memory of one plan is made of, and the user's own figures in place of predicted ones.

Weights, gradients and optimizer states are ``sum over sorts of parameters * bytes a parameter / GPUs that share them``
(:class:`model.memory.states.States`); the workbook computes them by that formula from the numbers given here. Saved tensors and
buffers are what a sheet cannot compute; those two a user may replace (:mod:`model.plan.overrides`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.memory.peak import (
    COMPONENTS,
    RESERVE_FRAGMENTATION,
    VERDICTS,
    MemoryOptions,
    communicator_groups,
    verdict_of,
)
from mitsumori.model.memory.phases import phases, stage_peaks, zero_batch, zero_stages
from mitsumori.model.memory.results import (
    ComponentBytes,
    MemoryParts,
    MemoryResult,
    MemoryTerms,
    PhaseBytes,
    StateSort,
    ZeroTerms,
)
from mitsumori.model.memory.states import States, is_fsdp_family, layer_parameters
from mitsumori.model.plan.overrides import ACTIVATIONS, BACKWARD, BUFFERS, FORWARD, ZERO_STAGES, zero_parts

SORTS: Final = ("linear", "rest", "experts", "adapters")
_KEPT: Final = COMPONENTS[:3]
_SAVED, _BUFFERS, _ = COMPONENTS[3:]


def memory_terms(arch: Architecture, parallel: Parallel, options: MemoryOptions) -> MemoryTerms:
    """The numbers behind the states and the reserve of a plan, for each ZeRO stage. Scalars only.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    layer = layer_parameters(arch, parallel, options.lora_rank, options.lora_all_linear)
    states = States(
        arch, parallel, layer, trainable=options.trainable, params_scale=options.params_scale,
        fp32_gradients=options.fp32_gradients, quantised_only=options.quantised_only,
    )  # fmt: skip
    batch = zero_batch(arch, parallel, options)
    counts = batch.counts
    columns = {name: np.broadcast_to(getattr(counts, name), (ZERO_STAGES,)) for name in SORTS}
    held = [name for name in SORTS if np.any(columns[name] > 0)]
    worst = np.broadcast_to(batch.worst_stage, (ZERO_STAGES,))
    groups = {"experts": states.expert_group}
    sorts = []
    for name in held:
        rates = getattr(states, name)
        group = int(groups.get(name, states.group))
        sorts.append(StateSort(name, float(rates.weight), float(rates.gradient), float(rates.optimizer), group))
    zero = tuple(ZeroTerms(int(worst[z]), tuple(float(columns[name][z]) for name in held)) for z in range(ZERO_STAGES))
    return MemoryTerms(
        sorts=tuple(sorts),
        zero=zero,
        zero_stage=int(parallel.zero_stage),
        communicators=int(communicator_groups(parallel)),
        context_bytes=float(batch.context_bytes),
        fragmentation=0.0 if is_fsdp_family(parallel) else RESERVE_FRAGMENTATION,
        interval=float(np.broadcast_to(batch.interval_fraction, (ZERO_STAGES,))[int(parallel.zero_stage)]),
    )


@dataclass(frozen=True)
class PeakOfPlan:
    """What is behind the peak of one plan (:class:`model.memory.results.PeakParts`), each part worked out at the first look."""

    arch: Architecture
    parallel: Parallel
    options: MemoryOptions

    @cached_property
    def steps(self) -> tuple[PhaseBytes, ...]:
        """Memory at the phases of a step."""
        views = phases(self.arch, self.parallel, self.options)
        return tuple(PhaseBytes(view.phase, view.bytes, view.parts, view.of) for view in views)

    @cached_property
    def zero(self) -> tuple[ComponentBytes, ...]:
        """Components under ZeRO stages 0-3."""
        return tuple(zero_stages(self.arch, self.parallel, self.options))

    @cached_property
    def stages(self) -> tuple[ComponentBytes, ...]:
        """Components of each pipeline stage's GPU."""
        return tuple(view.parts for view in stage_peaks(self.arch, self.parallel, self.options))

    @cached_property
    def terms(self) -> MemoryTerms:
        """The numbers behind the states and the reserve."""
        return memory_terms(self.arch, self.parallel, self.options)


def replaceable(memory: MemoryResult) -> dict[str, float]:
    """Paths of :mod:`model.plan.overrides` that this plan has, with their predicted bytes.

    A phase that is the peak's own has no bytes of its own, neither has the plan's own ZeRO stage.
    """
    peak, terms = memory.per_gpu, memory.terms
    assert terms is not None
    found = {ACTIVATIONS: peak.activations_bytes.value or 0.0, BUFFERS: peak.buffers_bytes.value or 0.0}
    for step in memory.steps:
        if step.of == memory.worst_phase:
            continue
        if step.phase == "forward":
            found[FORWARD] = step.parts.activations_bytes
        elif step.phase == "backward":
            found |= {BACKWARD[0]: step.parts.activations_bytes, BACKWARD[1]: step.parts.buffers_bytes}
    for stage, parts in enumerate(memory.zero):
        if stage != terms.zero_stage:
            found |= dict(zip(zero_parts(stage), (parts.activations_bytes, parts.buffers_bytes), strict=True))
    return found


def overridden(memory: MemoryResult, overrides: Mapping[str, float]) -> MemoryResult:
    """The memory with the user's bytes in place of predicted ones; reserve, totals and verdict follow."""
    if not any(path.startswith("memory.") for path in overrides):
        return memory
    terms = memory.terms
    if terms is None:
        return memory
    known = replaceable(memory)
    if not any(path in known for path in overrides):
        return memory
    used = {path: overrides.get(path, value) for path, value in known.items()}
    own = _parts({name: memory.per_gpu[name].value or 0.0 for name in _KEPT}, used[ACTIVATIONS], used[BUFFERS], terms)
    total = sum(own.values())
    peak, spread = memory.per_gpu, total * terms.interval
    entered = {
        name: Figure(own[name], "bytes", Provenance("user", f"overrides.{path}"))
        for path, name in ((ACTIVATIONS, _SAVED), (BUFFERS, _BUFFERS))
        if path in overrides
    }
    per_gpu = replace(
        peak, **entered, reserve_bytes=replace(peak.reserve_bytes, value=own.reserve_bytes),
        total_bytes=replace(peak.total_bytes, value=total, low=total - spread, high=total + spread),
    )  # fmt: skip
    capacity = peak.capacity_bytes.value
    zero = []
    for stage, parts in enumerate(memory.zero):
        if stage == terms.zero_stage:
            made = own
        else:
            saved, buffers = (used[path] for path in zero_parts(stage))
            made = _parts({name: parts[name] for name in _KEPT}, saved, buffers, terms)
        zero.append(replace(made, total_bytes=sum(made.values())))
    worst = memory.worst_stage
    return replace(
        memory,
        per_gpu=per_gpu,
        verdict=VERDICTS[int(verdict_of(total, terms.interval, np.inf if capacity is None else capacity))],
        behind=MemoryParts(
            steps=tuple(_phase(step, memory.worst_phase, used, own) for step in memory.steps),
            zero=tuple(zero),
            stages=tuple(own if index == worst else parts for index, parts in enumerate(memory.stages)),
            terms=terms,
        ),
    )


def _parts(states: Mapping[str, float], saved: float, buffers: float, terms: MemoryTerms) -> ComponentBytes:
    reserve = terms.context_bytes + terms.fragmentation * (saved + buffers)
    return ComponentBytes(**states, activations_bytes=saved, buffers_bytes=buffers, reserve_bytes=reserve)


def _phase(step: PhaseBytes, worst: str, used: Mapping[str, float], own: ComponentBytes) -> PhaseBytes:
    parts = step.parts
    peaks = step.of == worst
    if step.phase == "peak":
        parts = own
    elif step.phase == "forward":
        saved = own.activations_bytes if peaks else used[FORWARD]
        parts = replace(parts, activations_bytes=saved, reserve_bytes=own.reserve_bytes)
    elif step.phase == "backward":
        saved, buffers = (own.activations_bytes, own.buffers_bytes) if peaks else (used[path] for path in BACKWARD)
        parts = replace(parts, activations_bytes=saved, buffers_bytes=buffers, reserve_bytes=own.reserve_bytes)
    return replace(step, bytes=sum(parts.values()), parts=parts)
