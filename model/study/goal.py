"""What a goal asks for and what its answer holds."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import refusal
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.study.deadline import Site, days_until
from mitsumori.model.study.unknowns import Unknown
from mitsumori.model.training.schedule import DAYS_PER_MONTH

__all__ = ["LIMITS", "RELAXED", "Goal", "GoalResult", "Measured", "Question", "Relaxation"]

LIMITS: Final = ("days", "budget", "facility_kw", "utility_kva", "racks")
"""Limits a goal may set, in the order people ask."""
RELAXED: Final = 1.1
"""A limit loosened by 10 %."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the plan must keep to; ``None`` is no limit.

    Attributes
    ----------
    days
        Calendar days of one training.
    budget
        Total over the plan's horizon in the plan's currency, excluding tax, of the side that ``site`` names.
    facility_kw, utility_kva
        Power of the whole facility: kilowatts with cooling, and apparent power at the utility.
    racks
        Racks in the hall, network and storage included.
    """

    days: float | None = None
    budget: float | None = None
    facility_kw: float | None = None
    utility_kva: float | None = None
    racks: float | None = None
    site: Site = "onprem"
    confidence: float = 50.0
    """Probability in percent with which the days are kept."""

    def limits(self) -> dict[str, float]:
        """The limits that are set."""
        return {name: getattr(self, name) for name in LIMITS if getattr(self, name) is not None}

    def relaxed(self, name: str) -> Goal:
        """The goal with one limit loosened by 10 %; a rack more at least."""
        value = getattr(self, name) * RELAXED
        return replace(self, **{name: max(math.floor(value), getattr(self, name) + 1) if name == "racks" else value})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of :func:`model.study.goal_seek.goal_seek`: the limits, and what is sought within them.

    Attributes
    ----------
    days, finish_by
        Calendar days of the training, or a date: then the training begins at ``workload.start_date``, owned machines
        after their ``delivery_months`` or ``works_months`` where these are given.
    today
        Stands for the start date where the plan has none.
    budget, facility_kw, utility_kva, racks, site
        As :class:`Goal`.
    confidence
        Probability in percent (1 to 99) with which the days are to be kept; 50 plans on the median.
    unknown
        ``servers``: the fewest that meet days (without a time limit: the most that the other limits allow);
        ``server``: the type, with the fewest of each, cheapest first where all prices are known (a price that is only an
        indication counts as unknown here), else by power;
        ``tokens``, ``params``: the most.
    servers, prices
        With ``unknown="server"``: types to compare (all of the catalogue when empty), and list prices by type in the
        currency of ``money.onprem``. A price entered for the plan's own server is never used for another.
    relax
        Also solve with each limit 10 % looser.
    """

    days: float | None = None
    finish_by: dt.date | None = None
    today: dt.date | None = None
    budget: float | None = None
    facility_kw: float | None = None
    utility_kva: float | None = None
    racks: float | None = None
    site: Site = "onprem"
    confidence: float = 50.0
    unknown: Unknown = "servers"
    servers: Sequence[str] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    relax: bool = True

    def goal(self, plan: Plan) -> Goal:
        """The limits for a plan, a date in days from its start.

        Raises
        ------
        Refusal
            When no limit is given, one is no number above zero, or a date without ``workload.start_date`` and ``today``.
        """
        days = self.days
        if self.finish_by is not None:
            left = days_until(plan, self.finish_by, self.site, self.today)
            days = left if days is None else min(days, left)
        goal = Goal(days, self.budget, self.facility_kw, self.utility_kva, self.racks, self.site, self.confidence)
        for name, value in goal.limits().items():
            if not (math.isfinite(value) and value > 0):
                raise refusal("goal_limit", name=name, value=repr(value))
        if not goal.limits():
            raise refusal("goal_empty")
        if not 1.0 <= self.confidence <= 99.0:
            raise refusal("goal_confidence", value=repr(self.confidence))
        return goal


@dataclass(frozen=True, slots=True)
class Measured:
    """A plan estimated: what the limits are compared with, None where unknown. ``fits`` is about memory.

    Beside the limits, a plan must fit its memory and its hall (no ``bad`` finding of the facility), and where no days or a
    budget are given its training must end within the horizon, since no cost is counted after it.
    """

    plan: Plan
    estimate: Estimate
    values: Mapping[str, float | None]
    fits: bool
    missing: tuple[str, ...]
    chance: float | None = None
    """Probability of ending within the days that the goal allows; None without such a limit."""
    weak: bool = False
    """Whether its cost rests on a price that is an indication only."""

    @property
    def horizon_days(self) -> float:
        """Days of the horizon over which money is counted."""
        return self.plan.money.horizon_months * DAYS_PER_MONTH

    def broken(self, goal: Goal) -> dict[str, float]:
        """Limits not kept, by how much as a share of the limit; infinite where unknown or impossible."""
        found: dict[str, float] = {} if self.fits else {"memory": math.inf}
        if any(item.severity == "bad" and item.subject == "facility" for item in self.estimate.findings):
            found["facility"] = math.inf
        days = self.values["days"]
        if days is not None and days > self.horizon_days and (goal.days is None or goal.budget is not None):
            found["horizon"] = days / self.horizon_days - 1.0
        for name, limit in goal.limits().items():
            value = self.values[name]
            if value is None:
                found[name] = math.inf
            elif value > limit * (1.0 + 1e-12):
                found[name] = value / limit - 1.0
        return found


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What loosening one limit by 10 % buys.

    The new answer (None: still none), its differences to the old one, and whether there was none before.
    """

    limit: str
    relaxed_to: float
    measured: Measured | None
    gains: Mapping[str, float]
    newly_possible: bool = False


@dataclass(frozen=True, slots=True)
class GoalResult:
    """The answer of :func:`goal_seek`.

    Attributes
    ----------
    found
        Whether a plan keeps every limit.
    unknown, value
        The quantity sought and its value (servers, tokens, parameters, or a server's catalogue key).
    measured
        The plan that meets the goal, estimated; without one, the plan that misses by least (None: nothing was possible).
    changes
        Plan paths and values that make it from the plan that was asked about.
    neighbour
        One step less (or more, when the largest is sought): it breaks the ``binding`` limits. None at the end of the range.
    binding
        Limits that keep the answer from being better, ``memory`` among them.
    missed
        Limits that the nearest plan breaks, by how much as a share.
    relaxations
        For each limit.
    alternatives
        With ``unknown="server"``: the answers of the other types, best first.
    reason
        The answer in one sentence.
    """

    found: bool
    unknown: Unknown
    goal: Goal
    value: float | str | None
    measured: Measured | None
    changes: Mapping[str, object]
    neighbour: Measured | None
    binding: tuple[str, ...]
    missed: Mapping[str, float]
    relaxations: tuple[Relaxation, ...] = ()
    alternatives: tuple[GoalResult, ...] = ()
    complete: bool = True
    reason: Sentence = field(default_factory=lambda: Sentence("advisor", "goal_none"))
