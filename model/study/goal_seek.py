"""Goal seek: the plan that meets a date, a budget, a power or a rack limit.

The estimate is inverted by asking it: every answer is a full :func:`model.estimate.estimate.estimate` of a real plan. One
quantity is unknown (servers, server type, tokens or model size); the limits fall into those that more of it helps (days,
memory when servers are sought) and those that more of it hurts. Along one quantity both kinds are close to monotone, so a
bracket and a bisection find the edge; the neighbours are then tried one by one, because an awkward count of accelerators can
be slower than a smaller one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.study.deadline import Site
from mitsumori.model.study.goal import LIMITS, Goal, GoalResult, Measured, Question, Relaxation
from mitsumori.model.study.goal_text import reason_of
from mitsumori.model.study.setting import SHIPPED, Setting
from mitsumori.model.study.unknowns import Axis, params_axis, servers_axis, tokens_axis, with_server
from mitsumori.model.training.schedule import days_at, probability

__all__ = ["LIMITS", "Goal", "GoalResult", "Measured", "Meter", "Question", "Relaxation", "Seeker", "goal_seek"]

NEIGHBOURS: Final = 6
"""Smaller counts tried one by one below the edge that the bisection found."""


class Meter:
    """Estimates plans, each once."""

    def __init__(self, setting: Setting, site: Site, confidence: float = 50.0) -> None:
        self.setting, self.site, self.confidence = setting, site, confidence
        self.stopped = False

    @property
    def catalogue(self) -> Catalogue:
        """The project's records."""
        return self.setting.records

    def cancelled(self) -> bool:
        """Whether nobody waits any longer."""
        return self.setting.cancelled()

    def measure(self, plan: Plan) -> Measured | None:
        """A plan estimated; None when it is refused."""
        try:
            result = estimate(
                plan, self.catalogue, self.setting.corrections, self.setting.constants, between=self.cancelled
            )
        except PlanError:
            return None
        side = result.cost.onprem if self.site == "onprem" else result.cost.cloud
        racks, support = result.facility.racks.value, result.facility.support_racks.value
        values = {
            "days": days_at(result.training.days, self.confidence),
            "budget": side.total.value,
            "facility_kw": result.facility.facility_kw.value,
            "utility_kva": result.facility.utility_kva.value,
            "racks": None if racks is None else racks + (support or 0),
            "kw": result.facility.it_kw.value,
        }
        missing = tuple(path for path in result.cost.missing if path.startswith(f"money.{self.site}"))
        weak = result.cost.weak_on(self.site)
        return Measured(plan, result, values, result.memory.verdict != "no", missing, weak=weak)


def goal_seek(plan: Plan, question: Question, setting: Setting = SHIPPED) -> GoalResult:
    """The plan that meets a goal: the smallest cluster, or the most tokens or parameters, that keeps every limit.

    Parameters
    ----------
    plan
        What is fixed.
    question
        The limits and what is sought.
    setting
        The project's records, and how the search is watched and stopped.

    Raises
    ------
    Refusal
        As :meth:`model.study.goal.Question.goal`.
    """
    goal = question.goal(plan)
    meter = Meter(setting, goal.site, goal.confidence)
    if question.unknown == "server":
        return _seek_type(plan, goal, meter, question)
    if question.unknown == "servers":
        axis = servers_axis(plan, meter.catalogue)
    elif question.unknown == "tokens":
        axis = tokens_axis(plan)
    else:
        axis = params_axis(plan, resolve(plan, meter.catalogue).parameters)
    return Seeker(plan, axis, meter, setting.progress).seek(goal, question.relax)


class Seeker:
    """Solves along one axis; measurements are kept, so that the relaxed goals cost little."""

    def __init__(self, plan: Plan, axis: Axis, meter: Meter, progress: Callable[[float], None] | None) -> None:
        self.plan, self.axis, self.meter, self.progress = plan, axis, meter, progress
        self.known: dict[int, Measured | None] = {}

    def at(self, k: int) -> Measured | None:
        """The plan at a place of the axis."""
        if k not in self.known:
            if self.meter.cancelled():
                self.meter.stopped = True
                return None
            try:
                plan = self.plan.with_values(self.axis.changes(k))
            except PlanError:
                self.known[k] = None
                return None
            self.known[k] = self.meter.measure(plan)
            if self.progress is not None:
                self.progress(1.0 - 0.93 ** len(self.known))
        return self.known[k]

    def broken(self, k: int, goal: Goal) -> dict[str, float]:
        """Limits that a place breaks, by how much."""
        measured = self.at(k)
        return {"possible": math.inf} if measured is None else measured.broken(goal)

    def helped(self, k: int, goal: Goal) -> bool:
        """Whether the limits that more helps are kept."""
        return not any(name in self.axis.helped or name == "possible" for name in self.broken(k, goal))

    def hurt(self, k: int, goal: Goal) -> bool:
        """Whether the limits that more hurts are kept."""
        return all(name in self.axis.helped for name in self.broken(k, goal))

    def seek(self, goal: Goal, relax: bool) -> GoalResult:
        """The answer with what binds and what looser limits buy."""
        result = self._solve(goal)
        if not relax:
            return _with_reason(result)
        loosened = []
        for name in goal.limits():
            if self.meter.stopped:
                break
            wide = goal.relaxed(name)
            other = self._solve(wide)
            measured = other.measured if other.found else None
            loosened.append(
                Relaxation(
                    name, getattr(wide, name), measured, _gains(result, measured), other.found and not result.found
                )
            )
        return _with_reason(replace(result, relaxations=tuple(loosened), complete=not self.meter.stopped))

    def _solve(self, goal: Goal) -> GoalResult:
        axis = self.axis
        smallest = bool(axis.helped & goal.limits().keys())
        if smallest:
            k = self._least(lambda k: self.helped(k, goal))
            if k is not None and self.hurt(k, goal):
                return self._answer(k, k - 1, goal)
            return self._nearest(k, goal)
        k = self._most(lambda k: self.hurt(k, goal))
        while k is not None and k > axis.low and self.broken(k, goal).keys() & {"memory", "possible"}:
            # The largest that the limits allow does not fit memory: an awkward count; the one below may.
            k = k - 1 if k > axis.low and len(self.known) < 400 else None
            if self.meter.stopped:
                k = None
        if k is not None and not self.broken(k, goal):
            return self._answer(k, k + 1, goal)
        return self._nearest(None, goal)

    def _least(self, good: Callable[[int], bool]) -> int | None:
        """The smallest place where ``good`` holds, given that it holds above some edge."""
        axis = self.axis
        high, step = axis.start, 1
        while not good(high):
            if high >= axis.high or self.meter.stopped:
                return None
            high = min(axis.high, max(high + step, high * 2 if axis.unknown == "servers" else high + step))
            step *= 2
        low = axis.low - 1
        while high - low > 1:
            middle = (low + high) // 2 if low >= axis.low else max(axis.low, high // 2)
            if good(middle):
                high = middle
            else:
                low = middle
        # Awkward counts make holes: look a little further down.
        for k in range(high - 2, max(axis.low, high - NEIGHBOURS) - 1, -1):
            if good(k):
                high = k
        while high > axis.low and good(high - 1):
            high -= 1
        return high

    def _most(self, good: Callable[[int], bool]) -> int | None:
        """The largest place where ``good`` holds, given that it holds below some edge."""
        axis = self.axis
        low, step = axis.start, 1
        while not good(low):
            if low <= axis.low or self.meter.stopped:
                return None
            low = max(axis.low, low - step)
            step *= 2
        high, step = low + 1, 1
        while high <= axis.high and good(high):
            low, high, step = high, high + step, step * 2
        high = min(high, axis.high + 1)
        while high - low > 1:
            middle = (low + high) // 2
            if good(middle):
                low = middle
            else:
                high = middle
        return low

    def _answer(self, k: int, neighbour: int, goal: Goal) -> GoalResult:
        axis = self.axis
        measured = self.at(k)
        beside = self.at(neighbour) if axis.low <= neighbour <= axis.high else None
        binding = tuple(self.broken(neighbour, goal)) if beside is not None else ()
        return GoalResult(
            True, axis.unknown, goal, axis.value(k), measured, axis.changes(k), beside, binding, {},
            complete=not self.meter.stopped,
        )  # fmt: skip

    def _nearest(self, least: int | None, goal: Goal) -> GoalResult:
        """No plan keeps every limit: the possible one that misses by least."""
        axis = self.axis
        candidates = set() if least is None else {least}
        free = replace(goal, days=None) if goal.limits().keys() - {"days"} else goal
        most = self._most(lambda k: self.hurt(k, free)) if axis.helped else None
        if most is not None:
            fitting = self._fitting(most)
            candidates |= {most} if fitting is None else {most, fitting}
        if most is not None and least is not None:
            candidates |= self._between(most, least, goal)
        candidates |= {axis.low, axis.start}
        ranked = sorted(
            (max(broken.values(), default=0.0), k)
            for k in candidates
            if (measured := self.at(k)) is not None and measured.fits and (broken := self.broken(k, goal))
        )
        if not ranked:
            return GoalResult(False, axis.unknown, goal, None, None, {}, None, (), {}, complete=not self.meter.stopped)
        k = ranked[0][1]
        missed = self.broken(k, goal)
        return GoalResult(
            False, axis.unknown, goal, axis.value(k), self.at(k), axis.changes(k), None, tuple(missed), missed,
            complete=not self.meter.stopped,
        )  # fmt: skip

    def _between(self, low: int, high: int, goal: Goal) -> set[int]:
        """Where the limits that more helps are missed by as much as those that more hurts."""
        while high - low > 1 and not self.meter.stopped:
            middle = (low + high) // 2
            broken = self.broken(middle, goal)
            helped = max((share for name, share in broken.items() if name in self.axis.helped), default=0.0)
            hurt = max((share for name, share in broken.items() if name not in self.axis.helped), default=0.0)
            low, high = (middle, high) if helped > hurt else (low, middle)
        return {low, high}

    def _fitting(self, k: int) -> int | None:
        """The next place from ``k`` on where memory suffices."""
        for _ in range(12):
            measured = self.at(k)
            if measured is not None and measured.fits:
                return k
            if k >= self.axis.high:
                return None
            k = min(self.axis.high, k * 2)
        return None


def _gains(result: GoalResult, measured: Measured | None) -> dict[str, float]:
    """Differences of the relaxed answer to the strict one, for what is known on both sides."""
    if measured is None or result.measured is None:
        return {}
    old, new = result.measured, measured
    pairs = {name: (old.values[name], new.values[name]) for name in LIMITS}
    pairs["servers"] = (float(old.plan.cluster.servers), float(new.plan.cluster.servers))
    pairs["tokens"] = (old.estimate.training.tokens.value, new.estimate.training.tokens.value)
    pairs["params"] = tuple(m.estimate.training.details.parameters for m in (old, new))  # type: ignore[assignment]
    return {name: b - a for name, (a, b) in pairs.items() if a is not None and b is not None and a != b}


def _tried(plan: Plan, catalogue: Catalogue) -> tuple[str, ...]:
    """Servers that a search for the type tries unasked: those for sale, and the plan's own."""
    return tuple(dict.fromkeys((*catalogue.servers_for_sale(), plan.cluster.server)))


def _seek_type(plan: Plan, goal: Goal, meter: Meter, question: Question) -> GoalResult:
    catalogue = meter.catalogue
    keys = tuple(question.servers) or _tried(plan, catalogue)
    answers: list[tuple[str, GoalResult]] = []
    for number, key in enumerate(keys):
        if meter.cancelled():
            meter.stopped = True
            break
        changes = with_server(plan, key, catalogue, question.prices.get(key))
        try:
            other = plan.with_values(changes)
            result = Seeker(other, servers_axis(other, catalogue), meter, None).seek(goal, relax=False)
        except PlanError:
            continue
        result = replace(result, unknown="server", value=key, changes=changes | dict(result.changes))
        answers.append((key, result))
        meter.setting.tell((number + 1) / len(keys))
    answers.sort(key=lambda item: _preference(item[1]))
    if not answers:
        return _with_reason(GoalResult(False, "server", goal, None, None, {}, None, (), {}, complete=not meter.stopped))
    best = answers[0][1]
    others = tuple(result for _, result in answers[1:])
    loosened: list[Relaxation] = []
    if question.relax and best.measured is not None:
        for name in goal.limits():
            wide = goal.relaxed(name)
            base = best.measured.plan
            again = Seeker(base, servers_axis(base, catalogue), meter, None).seek(wide, relax=False)
            measured = again.measured if again.found else None
            loosened.append(
                Relaxation(name, getattr(wide, name), measured, _gains(best, measured), again.found and not best.found)
            )
    return _with_reason(replace(best, alternatives=others, relaxations=tuple(loosened), complete=not meter.stopped))


def _preference(result: GoalResult) -> tuple[float, ...]:
    """Found first; then the known cost, else power, else accelerators; those that miss, by how much."""
    if result.measured is None:
        return (3.0, 0.0, 0.0)
    if not result.found:
        return (2.0, max(result.missed.values(), default=0.0), 0.0)
    values = result.measured.values
    cost, power = values["budget"], values["facility_kw"]
    if cost is not None and not result.measured.weak:
        return (0.0, cost, power or math.inf)
    return (1.0, math.inf if power is None else power, 0.0)


def _with_reason(result: GoalResult) -> GoalResult:
    if result.measured is not None and result.goal.days is not None:
        chance = probability(result.measured.estimate.training.days, result.goal.days)
        result = replace(result, measured=replace(result.measured, chance=chance))
    return replace(result, reason=reason_of(result))
