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
    all accelerators that the rate counts; ``replicas`` how many replicas share the load.
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

    @property
    def scored(self) -> bool:
        """False for a row that contradicts itself."""
        return not self.contradiction

    @property
    def log_measured(self) -> Mapping[str, float]:
        """Logarithms of the measured figures."""
        return {name: float(np.log(value)) for name, value in self.measured.items()}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be expressed, and why."""

    id: str
    why: str
