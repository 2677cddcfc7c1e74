"""What is behind a peak: memory at the phases of a step, of every pipeline stage, and under every ZeRO stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.options import MemoryOptions
from mitsumori.model.memory.peak import COMPONENTS, MemoryBatch, batch_of, peak_memory
from mitsumori.model.memory.results import ComponentBytes

__all__ = ["PhaseView", "phases", "stage_peaks", "zero_batch", "zero_stages"]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """Bytes of one GPU in a phase; ``parts`` sum to ``bytes``.

    ``of`` is the phase of the step whose saved tensors it shows.
    """

    phase: str
    stage: int
    bytes: float
    parts: ComponentBytes
    of: str = ""


def _view(batch: MemoryBatch) -> dict[str, float]:
    return {name: float(getattr(batch, name)) for name in COMPONENTS}


def stage_peaks(arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None) -> list[PhaseView]:
    """The peak of every pipeline stage of one plan, stage 0 first. Scalars only.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    count = int(parallel.pp)
    batch = batch_of(arch, parallel, options or MemoryOptions(), (np.arange(count),))
    columns = {name: np.broadcast_to(getattr(batch, name), (count,)) for name in COMPONENTS}
    names, totals = np.broadcast_to(batch.worst_phase, (count,)), np.broadcast_to(batch.total_bytes, (count,))
    return [
        PhaseView(
            str(names[i]), i, float(totals[i]), ComponentBytes(**{n: float(column[i]) for n, column in columns.items()})
        )
        for i in range(count)
    ]


def phases(arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None) -> list[PhaseView]:
    """The story of the first step on the worst stage, and the peak of every later one. Scalars only.

    ``load`` the weights; ``forward`` weights and saved tensors; ``backward`` also gradients and transients (Adam's
    states do not exist yet in the first step: they are made by its optimizer step); ``optimizer`` all states,
    activations freed; ``peak`` the worst phase of any later step, which is the figure that must fit.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    batch = peak_memory(arch, parallel, options)
    parts = _view(batch)
    worst = batch.peaks[int(np.asarray(batch._worst))]
    stage = int(worst.stage.index)
    base = float(batch.context_bytes)
    backward = max(worst.phases, key=lambda m: float(m.activations + m.buffers + m.cache))
    saved = next((m for m in worst.phases if m.name in ("head_backward", "loss_backward")), worst.phases[0])
    peak = str(batch.worst_phase)
    at_forward = {COMPONENTS[3]: float(saved.activations)}
    if saved.name == peak:
        at_forward = {COMPONENTS[3]: parts[COMPONENTS[3]]}
    if backward.name == peak:
        at_backward = {name: parts[name] for name in COMPONENTS[3:5]}
    else:
        # The allocator's cap shows in the parts of the peak only.
        room = parts[COMPONENTS[3]] + parts[COMPONENTS[4]] - float(backward.activations)
        held = min(float(worst.fixed + backward.buffers + backward.cache), room)
        at_backward = {COMPONENTS[3]: float(backward.activations), COMPONENTS[4]: held}

    def view(phase: str, states: int, others: dict[str, float], reserve: float, of: str = "") -> PhaseView:
        shown = dict.fromkeys(COMPONENTS, 0.0)
        shown |= {name: parts[name] for name in COMPONENTS[:states]} | others | {"reserve_bytes": reserve}
        return PhaseView(phase, stage, sum(shown.values()), ComponentBytes(**shown), of)

    full = parts["reserve_bytes"]
    return [
        view("load", 1, {}, base),
        view("forward", 1, at_forward, full, saved.name),
        view("backward", 2, at_backward, full, backward.name),
        view("optimizer", 3, {}, base),
        PhaseView("peak", stage, sum(parts.values()), ComponentBytes(**parts), peak),
    ]


def zero_batch(arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None) -> MemoryBatch:
    """The same plan under ZeRO 0, 1, 2 and 3.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    return peak_memory(arch, parallel.with_(zero_stage=np.arange(4)), options)


def zero_stages(arch: Architecture, parallel: Parallel, options: MemoryOptions | None = None) -> list[ComponentBytes]:
    """Components and total of each stage of a :func:`zero_batch`. Scalars only.

    Parameters
    ----------
    arch
        Shape of the model; its fields are numbers or arrays that broadcast against the layouts.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    options
        What memory depends on beside shape and layout.
    """
    batch = zero_batch(arch, parallel, options)
    columns = {name: np.broadcast_to(getattr(batch, name), (4,)) for name in (*COMPONENTS, "total_bytes")}
    return [ComponentBytes(**{name: float(column[stage]) for name, column in columns.items()}) for stage in range(4)]
