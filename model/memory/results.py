"""Results of the memory estimate: the peak of the heaviest GPU and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mitsumori.model.base.figure import Figure


@dataclass(frozen=True, slots=True)
class MomentBytes:
    """Memory of one GPU at a moment of a step (load, forward, backward, optimizer), by component.

    ``of`` names the moment whose saved tensors it shows; empty where there are none.
    """

    moment: str
    bytes: float
    parts: Mapping[str, float]
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


@dataclass(frozen=True, slots=True)
class MemoryResult:
    """Memory of the worst GPU. ``per_gpu`` keys: weights_bytes, gradients_bytes, optimizer_bytes, activations_bytes,
    buffers_bytes, reserve_bytes, total_bytes, capacity_bytes. ``zero`` holds the same mapping for ZeRO stages 0-3.
    What is behind the peak (``steps``, ``zero``, ``stages``, ``terms``) is worked out at the first look."""

    per_gpu: Mapping[str, Figure]
    verdict: Literal["fits", "marginal", "no"]
    worst_stage: int
    worst_moment: str
    steps: Sequence[MomentBytes]
    zero: Sequence[Mapping[str, float]]
    stages: Sequence[Mapping[str, float]] = ()
    basis: str = "computed"
    counted: Sequence[MemoryTerms] = ()
    """One :class:`MemoryTerms`, or none."""

    @property
    def terms(self) -> MemoryTerms | None:
        """The numbers behind the states and the reserve."""
        return self.counted[0] if self.counted else None
