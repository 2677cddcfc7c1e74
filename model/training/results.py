"""Results of the training estimate: speed, time of a step, days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default

from mitsumori.model.architecture.parallelism import Layout
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.named import Named
from mitsumori.model.training.schedule import Schedule
from mitsumori.model.training.step import StepParts, Traffic


@dataclass(frozen=True, slots=True)
class NearRun:
    """A published run near the plan."""

    id: str
    what: str
    url: str
    tokens_per_s_per_gpu: float


@dataclass(frozen=True, slots=True, eq=False)
class RecipeUsed(Named[str | bool]):
    """One part of the recipe: the value in use, and whether the plan stated it."""

    value: str
    stated: bool


@dataclass(frozen=True, slots=True)
class TrainingDetails:
    """What is behind a training's figures.

    Attributes
    ----------
    parameters, accelerators
        Parameters of the model, accelerators of the job.
    mtbf_hours, checkpoint_interval_s, checkpoint_stall_s, restart_s
        Mean time between failures of the cluster; checkpoints and restarts.
    evaluation_share
        Share of a campaign spent on evaluation.
    interval_class, correction
        Class of the speed's interval; factor from the user's own measured runs.
    recipe
        What is in use, by the recipe's field.
    communication_s
        Seconds of a step by kind of traffic; None without a training step.
    generation_tokens_per_s_per_gpu, generation_batch, generation_tp
        Of rollouts and synthetic data; None without generation.
    """

    parameters: float
    accelerators: int
    mtbf_hours: float
    checkpoint_interval_s: float
    checkpoint_stall_s: float
    restart_s: float
    evaluation_share: float
    interval_class: str
    correction: float
    recipe: Mapping[str, RecipeUsed] = default(default_factory=dict)
    communication_s: Traffic[float] | None = None
    generation_tokens_per_s_per_gpu: float | None = None
    generation_batch: float | None = None
    generation_tp: int | None = None


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Speed and duration; ``parallel`` is the layout they are for."""

    tokens_per_s_per_gpu: Figure
    mfu: Figure
    step_time_s: Figure
    breakdown_s: StepParts[Figure]
    days: Figure
    goodput: Figure
    gpu_hours: Figure
    tokens: Figure
    near_runs: int
    near: tuple[NearRun, ...]
    parallel: Layout
    details: TrainingDetails
    schedule: Schedule = default(default_factory=Schedule)
    """The days on the calendar, on the plan's own machines."""
