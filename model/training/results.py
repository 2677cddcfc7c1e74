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
class RolloutResult:
    """Where PPO and GRPO generate, and what a step takes there.

    Attributes
    ----------
    placement, server, servers, accelerators
        Placement; key and number of the servers that only generate (0: the cluster generates), their accelerators.
    tp, pp, replicas, sequences, responses
        Accelerators of a stage of a replica, its stages, replicas, sequences a replica at once, answers of a step.
    generation_s, training_s, refit_s, step_s
        Seconds of a step: until all answers are there, all passes of the trainer, handing over the weights, the whole;
        the first and the last None where no replica holds the model.
    trainer_busy_share, generator_busy_share
        Shares of a step in which the accelerators that train, and those that generate, do so; None likewise.
    memory_per_gpu
        Bytes of an accelerator that generates: weights, cache, workspace, reserve, capacity.
    """

    placement: str
    server: str
    servers: int
    accelerators: int
    tp: int
    pp: int
    replicas: float
    sequences: float
    responses: float
    generation_s: float | None
    training_s: float
    refit_s: float
    step_s: float | None
    trainer_busy_share: float | None
    generator_busy_share: float | None
    memory_per_gpu: Mapping[str, float]


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
    tokens_per_step
        Tokens of one step: of its sequences, or of the prompts and answers of PPO and GRPO.
    rollout
        Where PPO and GRPO generate, and what a step takes there; None for other stages.
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
    tokens_per_step: float = 0.0
    rollout: RolloutResult | None = None


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
