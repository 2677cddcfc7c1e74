"""Where and how a training generates: rollouts of PPO and GRPO, synthetic data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mitsumori.model.plan.part import Key, Number, Part

Ranks = Annotated[int, Number, Field(ge=1, le=4096)]


class RolloutPart(Part):
    """Generation inside a training: on the trainer's accelerators in turn (``colocated``), or on servers of its own, in turn
    with the trainer (``separate``) or beside it (``asynchronous``).

    ``server`` and ``servers`` are those that generate, beside the cluster, which then trains alone; None: the cluster's server,
    and the number with which a step takes the fewest accelerator-seconds. ``staleness_steps``: how many steps the answers may
    be older than the weights that they train. Sizes of a replica and the engine's release that are None are chosen: the replica
    that generates most, the engine of the trainer's year.
    """

    placement: Literal["colocated", "separate", "asynchronous"] = "colocated"
    server: Key | None = None
    servers: Annotated[int, Number, Field(ge=1, le=100_000)] | None = None
    staleness_steps: Annotated[int, Number, Field(ge=1, le=64)] = 1
    tp: Ranks | None = None
    pp: Ranks | None = None
    ep: Ranks | None = None
    engine: Literal["vllm", "sglang", "trtllm", "other"] = "vllm"
    engine_year: Annotated[float, Number, Field(ge=2023, le=2035)] | None = None


__all__ = ["RolloutPart"]
