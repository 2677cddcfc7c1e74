"""Results of the training estimate: speed, time of a step, days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from mitsumori.model.base.figure import Figure
from mitsumori.model.training.schedule import Schedule


@dataclass(frozen=True, slots=True)
class NearRun:
    """A published run near the plan."""

    id: str
    what: str
    url: str
    tokens_per_s_per_gpu: float


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Speed and duration. ``breakdown_s`` keys: compute, recompute, communication, bubble, optimizer, data, lost."""

    tokens_per_s_per_gpu: Figure
    mfu: Figure
    step_time_s: Figure
    breakdown_s: Mapping[str, Figure]
    days: Figure
    goodput: Figure
    gpu_hours: Figure
    tokens: Figure
    near_runs: int
    near: tuple[NearRun, ...]
    parallel: Mapping[str, Any]
    details: Mapping[str, Any] = default(default_factory=dict)
    schedule: Schedule = default(default_factory=Schedule)
    """The days on the calendar, on the plan's own machines."""
