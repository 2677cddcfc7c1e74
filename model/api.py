"""Mitsumori from Python: ``import mitsumori as mi``.

The same core as the window and the commands: a project or a plan in, typed results out, as a dictionary (the document of
``--json``) or as a pandas frame. Qt is never imported, pandas only by ``to_frame``.

>>> import mitsumori as mi
>>> project = mi.sample("llama2-7b-sft")
>>> mi.estimate(project.with_values({"cluster.servers": 2})).training.days.value  # doctest: +SKIP
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitsumori.model.base.collection import many_kept
from mitsumori.model.base.refusal import PlanError, Refusal, cause_of, checked_changes, expected, shown_path
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.calendar import CalendarEntry
from mitsumori.model.plan.exchange import completed
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction, load_project, load_sample
from mitsumori.model.plan.project import Project as ProjectFile
from mitsumori.model.plan.proposal import ALIASES, Proposal, is_proposal_path
from mitsumori.model.plan.reduced import for_placement, for_speed
from mitsumori.model.plan.scheduled import scheduled

if TYPE_CHECKING:
    import pandas

    from mitsumori.model.cost.results import CostResult
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.facility.results import FacilityResult
    from mitsumori.model.memory.results import MemoryResult
    from mitsumori.model.serving.results import ServingResult
    from mitsumori.model.study.ranking import Advice
    from mitsumori.model.study.serving_ranking import ServingAdvice
    from mitsumori.model.training.results import TrainingResult

__all__ = ["EstimateResult", "PlanError", "Project", "SearchResult", "ServeResult", "SweepResult", "estimate", "open", "sample",
           "search", "serve", "sweep"]  # fmt: skip


@dataclass(frozen=True)
class Project:
    """A project file: its plans, with the records and measured runs that belong to them.

    Attributes
    ----------
    plans
        All plans of the file.
    active
        Which of them is meant where one is asked for.
    catalogue
        The shipped records with the project's own.
    corrections
        The user's measured runs, which set the level of the prediction.
    proposal
        What a proposal made of it says beside its figures: to whom, until when, on which terms.
    calendar
        Which plan has the cluster when; the utilization follows from it.
    """

    plans: tuple[Plan, ...]
    active: int = 0
    catalogue: Catalogue = field(default_factory=Catalogue.shipped, repr=False)
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    proposal: Proposal = field(default_factory=Proposal, repr=False)
    calendar: tuple[CalendarEntry, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if (
            not isinstance(self.plans, tuple | list)
            or not self.plans
            or not all(isinstance(p, Plan) for p in self.plans)
        ):
            raise PlanError.single("plans", self.plans, expected("rule_plans"))
        object.__setattr__(self, "plans", tuple(self.plans))
        if isinstance(self.active, bool) or not isinstance(self.active, int) or not 0 <= self.active < len(self.plans):
            raise PlanError.single("active", self.active, expected("rule_active"))
        _catalogue(self.catalogue)
        for name, kind in (("corrections", Correction), ("calendar", CalendarEntry)):
            entries = getattr(self, name)
            if not isinstance(entries, tuple | list) or not all(isinstance(entry, kind) for entry in entries):
                raise PlanError.single(name, entries, expected("rule_project_part"))
        if not isinstance(self.proposal, Proposal):
            raise PlanError.single("proposal", self.proposal, expected("rule_project_part"))

    @property
    def plan(self) -> Plan:
        """The active plan."""
        return self.plans[self.active]

    def with_values(self, changes: Mapping[str, object]) -> Project:
        """The project with some fields of its active plan replaced, e.g. ``{"cluster.servers": 16}``.

        Paths under ``proposal.`` belong to the file.

        Raises
        ------
        PlanError
            For an unknown path or a value that is not accepted.
        """
        changes = {path: _plain(value) for path, value in checked_changes(changes).items()}
        offered = {ALIASES.get(path, path): value for path, value in changes.items() if is_proposal_path(path)}
        proposal = self.proposal.with_values(offered) if offered else self.proposal
        own = {path: value for path, value in changes.items() if not is_proposal_path(path)}
        plan = self.plan.with_values(completed(own, self.plan, self.catalogue))
        plans = (*self.plans[: self.active], plan, *self.plans[self.active + 1 :])
        return replace(self, plans=plans, proposal=proposal)


class _Shown:
    """How a result shows itself in a notebook: its frame as a table, its sentence for a refusal where pandas is missing."""

    def to_frame(self) -> pandas.DataFrame:
        """The result as a frame."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        shown = frame.T if len(frame) == 1 else frame
        html: str = shown.to_html(max_rows=60, na_rep="", border=0)
        return html


@dataclass(frozen=True)
class EstimateResult(_Shown):
    """Every result of one plan; figures are :class:`model.base.figure.Figure` (``.value`` is None where unknown)."""

    plan: Plan
    result: Estimate = field(repr=False)

    @property
    def memory(self) -> MemoryResult:
        """Memory of the heaviest accelerator."""
        return self.result.memory

    @property
    def training(self) -> TrainingResult:
        """Speed, time of a step, days."""
        return self.result.training

    @property
    def facility(self) -> FacilityResult:
        """Racks, power and cooling."""
        return self.result.facility

    @property
    def cost(self) -> CostResult:
        """Cloud and owned."""
        return self.result.cost

    @property
    def serving(self) -> ServingResult | None:
        """Replicas, latency and cost per token; None unless ``serving.enabled``."""
        return self.result.serving

    def to_dict(self) -> dict[str, Any]:
        """The document of ``mitsumori estimate --json``."""
        from mitsumori.model.report.json_document import to_json

        return to_json(self.result, self.plan)

    def to_frame(self) -> pandas.DataFrame:
        """One row; columns as the workbook's ``out_`` names without ``out_`` (``training_days``)."""
        from mitsumori.model.report.frames import frame, row_of

        return frame([row_of(self.plan, self.result)])


@dataclass(frozen=True)
class SearchResult(_Shown):
    """Ranked parallel layouts of a plan, best first; of one that serves the ways to carry its load."""

    plan: Plan
    advice: Advice | ServingAdvice = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The document of ``mitsumori advise --json``."""
        from mitsumori.model.study.ranking import Advice, advice_json
        from mitsumori.model.study.serving_ranking import serving_advice_json

        if isinstance(self.advice, Advice):
            return advice_json(self.advice, self.plan.language)
        return serving_advice_json(self.advice)

    def to_frame(self) -> pandas.DataFrame:
        """One row a layout: its fields (``parallel_tp`` ...), step time, days, memory and why it stands there; of a plan that
        serves a row a way to serve (``server``, ``layout_tp`` ..., latencies, cost of tokens)."""
        from mitsumori.model.report.frames import flat, frame

        return frame([flat(row) for row in self.to_dict()["plans"]])


@dataclass(frozen=True)
class ServeResult(_Shown):
    """The serving plan of a load: :attr:`result` is the estimate that it is part of."""

    plan: Plan
    result: Estimate = field(repr=False)

    @property
    def serving(self) -> ServingResult | None:
        """Replicas, latency and cost per token."""
        return self.result.serving

    def to_dict(self) -> dict[str, Any]:
        """The document of ``mitsumori serve --json``."""
        from mitsumori.model.report.json_document import serve_json

        return serve_json(self.result, self.plan)

    def to_frame(self) -> pandas.DataFrame:
        """The curve, one row a concurrency: latency, speed of a user and of a GPU, GPUs, yen per million tokens."""
        from mitsumori.model.report.frames import frame

        return frame(self.to_dict()["curve"])


@dataclass(frozen=True)
class SweepResult(_Shown):
    """One estimate a combination of values.

    Attributes
    ----------
    values
        The swept paths and values of each row.
    results
        The estimate of each row; None where the combination was refused.
    refused
        The sentence of the refusal; empty where there is an estimate.
    """

    values: tuple[Mapping[str, Any], ...]
    results: tuple[EstimateResult | None, ...] = field(repr=False)
    refused: tuple[str, ...] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """``{"rows": [{"values", "estimate" (None where refused), "refused"}]}``."""
        rows = zip(self.values, self.results, self.refused, strict=True)
        return {
            "rows": [
                {"values": dict(values), "estimate": None if result is None else result.to_dict(), "refused": refused}
                for values, result, refused in rows
            ]
        }

    def to_frame(self) -> pandas.DataFrame:
        """One row a combination: the swept paths first, then the figures, ``refused`` last."""
        from mitsumori.model.report.frames import frame, readable, row_of

        listed = []
        with many_kept():
            for values, one, refused in zip(self.values, self.results, self.refused, strict=True):
                figures = {} if one is None else row_of(one.plan, one.result)
                listed.append({**readable(values), **figures, "refused": refused or None})
        names = dict.fromkeys(name for row in listed for name in row if name != "refused")
        return frame(listed, [*names, "refused"])


def sample(name: str) -> Project:
    """A plan that ships with Mitsumori, by its name (``mitsumori samples`` lists them).

    Raises
    ------
    PlanError
        For a name that is not there.
    """
    if not isinstance(name, str):
        raise PlanError.single("", name, expected("rule_sample"))
    return _read(lambda: load_sample(name))


def open(path: str | Path) -> Project:
    """A project file (``.mitsumori``).

    Raises
    ------
    PlanError
        Where the file cannot be read, or is not a project.
    """
    if not isinstance(path, str | Path):
        raise PlanError.single("", path, expected("rule_file_name"))
    return _read(lambda: load_project(Path(path)))


def estimate(
    what: Project | Plan, catalogue: Catalogue | None = None, *, today: dt.date | None = None
) -> EstimateResult:
    """Every result of a plan, or of a project's active plan.

    Parameters
    ----------
    what
        A project (its own records and corrections count), or a plan.
    catalogue
        Records for a plan; None: the shipped ones, or the project's.
    today
        Day from which a plan without a start date is dated and prices are old; None: the computer's, as in the command.

    Raises
    ------
    PlanError
        For a plan that cannot be joined with the catalogue.
    """
    from mitsumori.model.estimate.estimate import estimate as compute

    plan, records, corrections = _taken(what, catalogue)
    if today is not None and (isinstance(today, dt.datetime) or not isinstance(today, dt.date)):
        raise PlanError.single("today", today, expected("rule_day"))
    try:
        return EstimateResult(plan, compute(plan, records, corrections, today=today or dt.date.today()))
    except PlanError:
        raise
    except Refusal as refusal:
        raise PlanError.saying(refusal.said) from None


def search(what: Project | Plan, top: int = 10, catalogue: Catalogue | None = None) -> SearchResult:
    """The best parallel layouts of a plan, by exhaustive search; of a plan that serves the best ways to carry its load.

    Parameters
    ----------
    what
        A project or a plan.
    top
        How many layouts to keep, at least 1.
    catalogue
        As in :func:`estimate`.
    """
    from mitsumori.model.study.ranking import advise
    from mitsumori.model.study.serving_ranking import advise_serving
    from mitsumori.model.study.setting import Setting

    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise PlanError.single("top", top, expected("top_count"))
    plan, records, corrections = _taken(what, catalogue)
    ranked = advise_serving if plan.serving.enabled else advise
    return SearchResult(plan, ranked(plan, Setting(records, corrections), top=top))


def serve(what: Project | Plan, catalogue: Catalogue | None = None) -> ServeResult:
    """The serving plan of a load: ``serving.enabled`` is taken as true.

    Parameters
    ----------
    what
        A project or a plan.
    catalogue
        As in :func:`estimate`.

    Raises
    ------
    PlanError
        For a plan that cannot be joined with the catalogue.
    """
    plan, records, corrections = _taken(what, catalogue)
    answer = estimate(Project((plan.with_values({"serving.enabled": True}),), 0, records, tuple(corrections)))
    return ServeResult(answer.plan, answer.result)


def sweep(
    what: Project | Plan, values: Mapping[str, Sequence[object]], catalogue: Catalogue | None = None
) -> SweepResult:
    """Estimates of every combination of values, the last path fastest.

    Parameters
    ----------
    what
        A project or a plan.
    values
        Values by plan path, e.g. ``{"cluster.servers": [8, 16], "workload.tokens": [1e11, 1e12]}``. A combination that is
        refused becomes a row with its sentence in ``refused``.
    catalogue
        As in :func:`estimate`.
    """
    plan, records, corrections = _taken(what, catalogue)
    choices = {path: _choices(path, some) for path, some in checked_changes(values).items()}
    given = [dict(zip(choices, chosen, strict=True)) for chosen in itertools.product(*choices.values())]
    results: list[EstimateResult | None] = [None] * len(given)
    refused = [""] * len(given)
    with many_kept():
        for number in _walk(plan, records, choices):
            try:
                changed = plan.with_values(completed(given[number], plan, records))
                results[number] = estimate(Project((changed,), 0, records, tuple(corrections)))
            except PlanError as error:
                refused[number] = str(error)
    return SweepResult(tuple(given), tuple(results), tuple(refused))


def _walk(plan: Plan, records: Catalogue, choices: Mapping[str, Sequence[object]]) -> Iterator[int]:
    """Numbers of all combinations (the last path fastest) in the order in which they are estimated.

    What asks for another layout is varied slowest, then what asks for another hall, so that each layout is searched once and
    each hall placed once, whichever path the caller names first; what was found last is kept (:mod:`model.plan.reduced`).
    """

    def cost(path: str) -> int:
        values = choices[path]
        # Three of them tell enough, of a long list too: what is found decides on the order alone.
        for value in (values[0], values[len(values) // 2], values[-1]) if values else ():
            try:
                other = plan.with_values(completed({path: value}, plan, records))
            except PlanError:
                continue
            if for_speed(other) is not for_speed(plan):
                return 0
            if for_placement(other) is not for_placement(plan):
                return 1
        return 2

    sizes = [len(some) for some in choices.values()]
    steps = {path: math.prod(sizes[place + 1 :]) for place, path in enumerate(choices)}
    order = sorted(choices, key=cost)
    for places in itertools.product(*(range(len(choices[path])) for path in order)):
        yield sum(steps[path] * place for path, place in zip(order, places, strict=True))


def _read(load: Callable[[], ProjectFile]) -> Project:
    try:
        file = load()
    except PlanError:
        raise
    except Refusal as refusal:
        raise PlanError.saying(refusal.said) from None
    except OSError as error:
        name = expected("the_file") if error.filename is None else shown_path(error.filename)
        raise PlanError.saying(expected("file_unreadable", path=name, why=cause_of(error))) from None
    return Project(
        file.plans, file.active, Catalogue.shipped().with_records(file.catalogue), file.corrections, file.proposal,
        file.calendar,
    )  # fmt: skip


def _plain(value: object) -> object:
    """NumPy's numbers, which a notebook has at hand, as Python's own."""
    made = getattr(value, "tolist", None)
    return made() if callable(made) and not isinstance(value, type) else value


def _choices(path: str, values: object) -> list[object]:
    """The values of a path of a sweep: a list, a range, an array or a column."""
    plain = _plain(values)
    if isinstance(plain, Mapping) or not isinstance(plain, Sequence) or isinstance(plain, str | bytes):
        raise PlanError.single(path, values, expected("rule_choices"))
    return [_plain(value) for value in plain]


def _catalogue(given: object) -> Catalogue:
    if not isinstance(given, Catalogue):
        raise PlanError.single("catalogue", given, expected("rule_catalogue"))
    return given


def _taken(what: Project | Plan, catalogue: Catalogue | None) -> tuple[Plan, Catalogue, Sequence[Correction]]:
    own = None if catalogue is None else _catalogue(catalogue)
    if isinstance(what, Project):
        return scheduled(what.plan, what.calendar), own or what.catalogue, what.corrections
    if isinstance(what, Plan):
        return what, own or Catalogue.shipped(), ()
    raise PlanError.single("", what, expected("project_or_plan"))
