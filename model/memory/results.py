"""Results of the memory estimate: the peak of the heaviest GPU and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.named import Named, NamedWhereKnown


@dataclass(frozen=True, slots=True, eq=False)
class ComponentBytes(NamedWhereKnown[float]):
    """What lies in the memory of one GPU, in bytes; the total is given where stages are compared."""

    weights_bytes: float
    gradients_bytes: float
    optimizer_bytes: float
    activations_bytes: float
    buffers_bytes: float
    reserve_bytes: float
    total_bytes: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GpuMemory(Named[Figure]):
    """The peak of the heaviest GPU by component, its total, and what the card holds."""

    weights_bytes: Figure
    gradients_bytes: Figure
    optimizer_bytes: Figure
    activations_bytes: Figure
    buffers_bytes: Figure
    reserve_bytes: Figure
    total_bytes: Figure
    capacity_bytes: Figure


@dataclass(frozen=True, slots=True)
class PhaseBytes:
    """Memory of one GPU in a phase of a step (load, forward, backward, optimizer), by component.

    ``of`` names the phase whose saved tensors it shows; empty where there are none.
    """

    phase: str
    bytes: float
    parts: ComponentBytes
    of: str = ""


@dataclass(frozen=True, slots=True)
class StateSort:
    """One sort of parameters: bytes each needs for weight, gradient and optimizer, and how many GPUs share it."""

    name: str
    weight_bytes: float
    gradient_bytes: float
    optimizer_bytes: float
    group: int


@dataclass(frozen=True, slots=True)
class ZeroTerms:
    """The worst GPU under one ZeRO stage: its pipeline stage and its parameters by sort, before sharding."""

    worst_stage: int
    parameters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MemoryTerms:
    """What states and reserve are computed from (:mod:`model.memory.terms`).

    ``zero`` by ZeRO stage 0-3, of which the plan has ``zero_stage``; ``communicators`` are the parallel axes longer than
    one; the reserve is ``context_bytes + fragmentation * (activations + buffers)``; ``interval`` the half-width of the
    total's interval as a share.
    """

    sorts: tuple[StateSort, ...]
    zero: tuple[ZeroTerms, ...]
    zero_stage: int
    communicators: int
    context_bytes: float
    fragmentation: float
    interval: float


class PeakParts(Protocol):
    """What is behind a peak."""

    @property
    def steps(self) -> Sequence[PhaseBytes]:
        """Memory at the phases of a step."""

    @property
    def zero(self) -> Sequence[ComponentBytes]:
        """Components under ZeRO stages 0-3."""

    @property
    def stages(self) -> Sequence[ComponentBytes]:
        """Components of each pipeline stage's GPU."""

    @property
    def terms(self) -> MemoryTerms | None:
        """The numbers behind the states and the reserve."""


@dataclass(frozen=True, slots=True)
class MemoryParts:
    """:class:`PeakParts` as plain values."""

    steps: tuple[PhaseBytes, ...] = ()
    zero: tuple[ComponentBytes, ...] = ()
    stages: tuple[ComponentBytes, ...] = ()
    terms: MemoryTerms | None = None


@dataclass(frozen=True, slots=True)
class MemoryResult:
    """Memory of the worst GPU. What is ``behind`` the peak is worked out at the first look at it."""

    per_gpu: GpuMemory
    verdict: Literal["fits", "marginal", "no"]
    worst_stage: int
    worst_phase: str
    behind: PeakParts = field(default=MemoryParts(), repr=False)

    @property
    def steps(self) -> Sequence[PhaseBytes]:
        """Memory at the phases of a step."""
        return self.behind.steps

    @property
    def zero(self) -> Sequence[ComponentBytes]:
        """``per_gpu`` for ZeRO stages 0-3, as plain bytes."""
        return self.behind.zero

    @property
    def stages(self) -> Sequence[ComponentBytes]:
        """Components of each pipeline stage's GPU."""
        return self.behind.stages

    @property
    def terms(self) -> MemoryTerms | None:
        """The numbers behind the states and the reserve."""
        return self.behind.terms
