"""``Estimate`` and its parts: every result of a plan, frozen (floor 2).

Only data; :mod:`model.estimate` fills it. Field names are the contract of ``estimate --json``, the workbook's ``out_``
names and the window. Numbers that reach people are :class:`model.figure.Figure`; sequences for charts are NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

import numpy as np

from model.figure import Figure, Parent
from model.messages import text
from model.parallel import Array

Severity = Literal["bad", "warn", "ask", "info"]
"""``bad``: the plan is impossible; ``warn``: possible with a risk; ``ask``: an input is missing; ``info``: a suggestion."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One click that mends or improves: plan paths and the values to set."""

    code: str
    set: Mapping[str, Any]
    params: Mapping[str, Any] = default(default_factory=dict)
    recommended: bool = False
    gives: str = ""
    """Code of the text that says what it gives, where that belongs to its label."""

    def name(self, language: str) -> str:
        """What it does."""
        return text("findings", self.code, language, **self.params)

    def label(self, language: str) -> str:
        """What the button says: what it does, and what it gives."""
        if not self.gives:
            return self.name(language)
        given = text("findings", self.gives, language, **self.params)
        return text("findings", "remedy_gives", language, name=self.name(language), given=given)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the user should know, with the guilty field and remedies. Texts: ``resources/messages/findings.toml``."""

    code: str
    severity: Severity
    field: str = ""
    params: Mapping[str, Any] = default(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()

    def message(self, language: str) -> str:
        """The finding as one sentence."""
        return text("findings", self.code, language, **self.params)


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
    """What states and reserve are computed from (:mod:`model.memory_terms`).

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


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One cooling method of the ladder. ``binding`` names the limits, tightest first; ``why`` a finding when infeasible."""

    cooling: str
    feasible: bool
    servers_per_rack: int
    racks: int | None
    binding: tuple[str, ...]
    kva_per_rack: float | None
    rack_kva_limit: float | None
    air_kw: float | None
    liquid_kw: float | None
    pue: float | None
    cost_jpy: float | None = None
    why: Finding | None = None


@dataclass(frozen=True, slots=True)
class FacilityResult:
    """Racks, power and cooling. ``binding`` names limits tightest first; ``layout`` is what the elevation draws."""

    servers_per_rack: Figure
    racks: Figure
    support_racks: Figure
    binding: tuple[str, ...]
    kva_per_rack: Figure
    kw_per_rack: Figure
    air_kw: Figure
    liquid_kw: Figure
    it_kw: Figure
    facility_kw: Figure
    utility_kva: Figure
    tariff_class: str
    pue: Figure
    kwh_per_year: Figure
    co2_t_per_year: Figure
    water_m3_per_year: Figure
    methods: tuple[MethodResult, ...]
    limits: Mapping[str, Any] = default(default_factory=dict)
    details: Mapping[str, Figure] = default(default_factory=dict)
    layout: tuple[Any, ...] = ()
    network: Mapping[str, Figure] = default(default_factory=dict)
    storage: Mapping[str, Figure] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SideCost:
    """Cloud or owned: totals over the horizon excluding tax, and their lines (totals over the horizon)."""

    total: Figure
    initial: Figure
    monthly: Figure
    lines: Mapping[str, Figure]
    cumulative: Array = default(default_factory=lambda: np.zeros(0))
    details: Mapping[str, Figure] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One fiscal year of the comparison.

    ``year`` is the calendar year in which it begins, or 1, 2, ... when no start date is given; ``months`` those in
    operation. Cash and expense exclude consumption tax that is credited. The expense of owning replaces purchases by
    depreciation; ``book_value`` is what is left at the end of the year.
    """

    year: int
    months: int
    cloud_cash: float | None
    onprem_cash: float | None
    onprem_expense: float | None
    depreciation: float | None
    book_value: float | None


@dataclass(frozen=True, slots=True)
class CostResult:
    """Money in ``currency``, excluding consumption tax. ``missing`` lists plan paths of unknown prices.

    ``alternatives`` holds the other terms (``cloud_on_demand``...), ``lease`` and the other site; ``used`` every price
    and default by plan path with its parent; ``cumulative`` of the sides starts at month 0. ``unpriced`` names the
    alternatives whose price is unknown, so that nobody has to work them out to see that they have no total.
    """

    currency: str
    cloud: SideCost
    onprem: SideCost
    break_even_month: Figure
    even_use: Sequence[Figure]
    """One figure, worked out at the first look: :attr:`break_even_utilization`."""
    missing: tuple[str, ...]
    details: Mapping[str, Figure] = default(default_factory=dict)
    alternatives: Mapping[str, SideCost] = default(default_factory=dict)
    years: Sequence[FiscalYear] = ()
    used: Mapping[str, Figure] = default(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    basis: Any = None
    """The :class:`model.cost_case.Quote` behind the totals: what the workbook's formulas start from."""
    unpriced: frozenset[str] = frozenset()

    @property
    def break_even_utilization(self) -> Figure:
        """Share of all hours above which owning costs less than renting by the hour."""
        return self.even_use[0]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the sources list."""

    what: str
    source: str
    url: str
    date: str
    grade: str


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predicted figures by the path under which :mod:`model.overrides` replaces them, before anything is replaced.

    ``pairs`` are paths and figures; ``parent`` is the predicted speed's.
    """

    pairs: Sequence[tuple[str, float]] = ()
    parent: Parent | None = None

    @property
    def values(self) -> Mapping[str, float]:
        """Figures by path."""
        return dict(self.pairs)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Every result of one plan."""

    memory: MemoryResult
    training: TrainingResult
    facility: FacilityResult
    cost: CostResult
    findings: tuple[Finding, ...]
    sources: Sequence[SourceLine]
    predicted: Predicted = Predicted()

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
