"""``Estimate`` and its parts: every result of a plan, frozen.

Only data; :mod:`model.estimate.estimate` fills it. Field names are the contract of ``estimate --json``, the workbook's ``out_``
names and the window. Numbers that reach people are :class:`model.base.figure.Figure`; sequences for charts are NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.results import CostResult
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.memory.results import MemoryResult
from mitsumori.model.memory.terms import replaceable
from mitsumori.model.plan.overrides import CLOUD_SPEED
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.results import ServingResult
from mitsumori.model.training.results import TrainingResult


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the sources list."""

    what: str
    source: str
    url: str
    date: str
    grade: str


@dataclass(frozen=True)
class Predicted:
    """Predicted figures by the path under which :mod:`model.plan.overrides` replaces them, before anything is replaced.

    Attributes
    ----------
    speed
        Of the speed and the parts of a step, by path.
    provenance
        The predicted speed's.
    memory
        The memory as predicted.
    cloud_speed
        Speed of a rented accelerator over an owned one.
    serving
        Predicted figures of serving, by path.
    """

    speed: Mapping[str, float] = field(default_factory=dict)
    provenance: Provenance | None = None
    memory: MemoryResult | None = None
    cloud_speed: float = 1.0
    serving: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def values(self) -> Mapping[str, float]:
        """Figures by path; those of the memory are worked out at the first look."""
        if self.memory is None:
            return self.speed
        return {**self.speed, **replaceable(self.memory), CLOUD_SPEED: self.cloud_speed, **self.serving}


class InputValues(Protocol):
    """What the inputs of an estimate count as: :class:`model.estimate.standards.InputValues`."""

    def used(self, estimate: Estimate, path: str) -> Figure | None:
        """The value in use."""

    def standard(self, estimate: Estimate, path: str) -> Figure | None:
        """The value that would be used with the input open."""

    def sources(self, estimate: Estimate) -> tuple[SourceLine, ...]:
        """Where the figures come from."""


@dataclass(frozen=True)
class Estimate:
    """Every result of one plan; ``catalogue`` holds the records that it was made with."""

    memory: MemoryResult
    training: TrainingResult
    facility: FacilityResult
    cost: CostResult
    findings: tuple[Finding, ...]
    predicted: Predicted = Predicted()
    catalogue: Catalogue = field(default_factory=Catalogue.shipped, repr=False)
    inputs: InputValues | None = field(default=None, repr=False, compare=False)
    serving: ServingResult | None = None
    """None unless ``serving.enabled``."""
    plan: Plan | None = field(default=None, repr=False, compare=False)
    """The plan as it is counted: one that serves has the servers that serve as its cluster, one whose answers come from servers
    of their own has the number of those."""

    def counted(self, plan: Plan) -> Plan:
        """A plan of which this is the estimate, with the servers that it counts: those that serve, where it serves, and those
        that generate for a training."""
        if self.plan is None or (self.serving is None and not plan.generates_apart):
            return plan
        return self.plan

    @cached_property
    def sources(self) -> tuple[SourceLine, ...]:
        """Where the figures come from, catalogue records first."""
        return () if self.inputs is None else self.inputs.sources(self)

    def used(self, path: str) -> Figure | None:
        """The value that counts for an input, by its plan path, with provenance; None where nothing does or it is unknown."""
        return None if self.inputs is None else self.inputs.used(self, path)

    def standard(self, path: str) -> Figure | None:
        """The value that would count for an input left open; worked out at the first look, which may take an estimate."""
        return None if self.inputs is None else self.inputs.standard(self, path)

    def figure(self, path: str) -> Figure:
        """The figure at a dotted path such as ``training.days`` or ``memory.per_gpu.total_bytes``.

        Raises
        ------
        KeyError
            When the path names no figure.
        """
        node: Any = self
        for part in path.split("."):
            node = node[part] if isinstance(node, Mapping) else getattr(node, part, None)
            if node is None:
                raise KeyError(path)
        if not isinstance(node, Figure):
            raise KeyError(path)
        return node

    def why(self, figure: Figure, language: str) -> str:
        """Why a figure has no value, as a sentence: the finding it points to, with its names and numbers in it.

        Empty for a figure that is known or names no reason, and where the reason needs words that no finding gives.
        """
        if figure.known or not figure.reason:
            return ""
        named = next((item for item in self.findings if item.code == figure.reason), None)
        if named is not None:
            return named.message(language)
        try:
            return text("findings", figure.reason, language)
        except KeyError:
            return ""
