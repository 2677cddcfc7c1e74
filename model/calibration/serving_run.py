"""One measured serving run as the model sees it, and a row that cannot be expressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitsumori.model.serving.shape import Card, Deployment, ServedModel


@dataclass(frozen=True, slots=True)
class ServingRun:
    """One row, expressed: what is served, how, on what load, what was measured.

    ``kind`` is how it was run; ``contradiction`` says where a row contradicts itself (empty: nowhere). ``gpus`` are
    all accelerators that the rate counts; ``replicas`` how many replicas share the load. An offline job has ``requests`` over
    all replicas or takes ``job_s`` (0: it never ends), its longest answer ``longest`` times the mean; ``sizes`` are the
    accelerators of a replica to choose from where nobody says (the fastest is taken).
    """

    id: str
    kind: str
    group: str
    model_name: str
    family: str
    model: ServedModel
    card: Card
    at: Deployment
    prefill: Deployment
    workers: tuple[float, float]
    gpus: float
    decode_gpus: float
    replicas: float
    load: float
    isl: float
    osl: float
    mean: float
    spread: float
    tpot_limit_s: float
    static: int
    devices: float
    measured: Mapping[str, float]
    assumed: tuple[str, ...]
    contradiction: str = ""
    requests: float = float("inf")
    job_s: float = 0.0
    longest: float = 1.0
    sizes: tuple[float, ...] = ()

    @property
    def scored(self) -> bool:
        """False for a row that contradicts itself."""
        return not self.contradiction

    @property
    def label(self) -> str:
        """The kind as it is scored: static batches of models with experts apart from those of dense models."""
        return "static experts" if self.kind == "static" and float(self.model.expert_count) > 0 else self.kind

    @property
    def log_measured(self) -> Mapping[str, float]:
        """Logarithms of the measured figures."""
        return {name: float(np.log(value)) for name, value in self.measured.items()}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be expressed, and why."""

    id: str
    why: str
