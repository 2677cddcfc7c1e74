"""Trade-offs between days, money, accelerators and power over machines, counts, cooling, renting and owning.

Every point is a whole plan, estimated. A price that nobody gave stays unknown: such a point is listed and never lies on a
front that counts money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Server
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import accelerator_key, resolve
from mitsumori.model.search.candidates import best_layout
from mitsumori.model.study.deadline import Site
from mitsumori.model.study.goal_seek import Goal, GoalResult, Measured, Meter, Seeker
from mitsumori.model.study.setting import SHIPPED, Setting
from mitsumori.model.study.unknowns import servers_axis, with_server

HALL_LIMITS: Final = ("facility.rack_kva", "facility.air_limit_kw", "facility.liquid_limit_kw")
"""What describes the hall with its own cooling method."""
COMPARED: Final = ("cluster.server", "cluster.servers", "parallel.precision", "facility.cooling")
"""What the points of a trade-off differ in."""
LADDER: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Cluster sizes of a trade-off, relative to the plan's accelerators."""
Same = Literal["money", "deadline", "power"]
Third = Literal["accelerators", "facility_kw"]
Axis = Literal["cost", "accelerators", "facility_kw"]
"""What days are drawn against."""


@dataclass(frozen=True, slots=True)
class TradePoint:
    """One plan of a trade-off.

    ``changes`` open it as a plan; ``cost`` is the total over the horizon of its side (None: a price is ``missing``);
    ``front`` says that no other point is at least as good in days, cost and the third quantity and better in one.
    """

    changes: Mapping[str, object]
    server: str
    accelerator: str
    servers: int
    accelerators: int
    cooling: str
    precision: str
    site: Site
    days: float | None
    cost: float | None
    facility_kw: float | None
    fits: bool
    placed: bool
    missing: tuple[str, ...] = ()
    current: bool = False
    front: bool = False
    weak: bool = False
    """Whether its cost rests on a price that is an indication only: such a plan is on no front that counts money."""


@dataclass(frozen=True, slots=True)
class TradeOffs:
    """Points that can be compared, those that cannot for want of a price, and how far the study got."""

    points: tuple[TradePoint, ...]
    unpriced: tuple[TradePoint, ...]
    impossible: tuple[TradePoint, ...]
    third: Third
    currency: str
    complete: bool

    @property
    def front(self) -> tuple[TradePoint, ...]:
        """The Pareto front, fastest first."""
        return tuple(sorted((p for p in self.points if p.front), key=lambda p: p.days or 0.0))

    def with_third(self, third: Third) -> TradeOffs:
        """The same plans with the front of days, cost and another third quantity."""
        if third == self.third:
            return self
        return _sorted([*self.points, *self.unpriced, *self.impossible], third, self.currency, self.complete)

    def against(self, axis: Axis) -> tuple[tuple[TradePoint, float, bool], ...]:
        """Days against one quantity: every possible plan that has it, its value, whether no plan beats it in these two.

        Where cost does not count, a plan without a price has its place. Renting and owning the same machines are one
        plan there: of those at one place the current one is kept, else the cheapest known.
        """
        placed: dict[tuple[object, ...], tuple[TradePoint, float]] = {}
        for point in (*self.points, *self.unpriced):
            value = getattr(point, axis)
            if value is None or point.days is None:
                continue
            place = (point.server, value, point.days) if axis != "cost" else (len(placed),)
            held = placed.get(place)
            if held is None or _rather(point) < _rather(held[0]):
                placed[place] = (point, float(value))
        shown = list(placed.values())
        if not shown:
            return ()
        firm = [axis != "cost" or not point.weak for point, _ in shown]
        best = iter(
            pareto([[p.days or 0.0, value] for (p, value), sure in zip(shown, firm, strict=True) if sure])
            if any(firm)
            else ()
        )
        flags = [bool(next(best)) if sure else False for sure in firm]
        return tuple((point, value, flag) for (point, value), flag in zip(shown, flags, strict=True))


def _rather(point: TradePoint) -> tuple[bool, float, bool]:
    """Order of plans at one place: the current one, the cheapest, the owned."""
    return not point.current, math.inf if point.cost is None else point.cost, point.site != "onprem"


def pareto(values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which rows no other row dominates; smaller is better in every column.

    A row is dominated when another is at most as large everywhere and smaller somewhere; equal rows both stay.

    Parameters
    ----------
    values
        Shape (points, quantities), finite.
    """
    table = np.asarray(values, dtype=np.float64)
    table = table.reshape(len(table), -1)
    no_worse = (table[:, None, :] <= table[None, :, :]).all(axis=2)
    better = (table[:, None, :] < table[None, :, :]).any(axis=2)
    dominated = np.asarray((no_worse & better).any(axis=0), dtype=np.bool_)
    return np.logical_not(dominated)


def representatives(plan: Plan, catalogue: Catalogue) -> tuple[str, ...]:
    """A server for each accelerator of the catalogue.

    The plan's own for its accelerator; for others one whose price and power are known, where there is one.
    """
    own = catalogue.server(plan.cluster.server)
    mine = accelerator_key(plan, catalogue)
    chosen: dict[str, Server] = {mine: own}

    def known(server: Server) -> tuple[bool, bool, bool]:
        return server.price is not None, server.max_power_kw is not None, server.level == "server"

    for server in catalogue.servers_for_sale().values():
        if server.accelerator == mine:
            continue
        best = chosen.get(server.accelerator)
        if best is None or known(server) > known(best):
            chosen[server.accelerator] = server
    return tuple(server.key for server in chosen.values())


@dataclass(frozen=True, slots=True)
class Machines:
    """What a trade-off tries, every combination of it.

    Attributes
    ----------
    servers
        Catalogue keys; one for each accelerator when empty (:func:`representatives`).
    counts
        Cluster sizes as multiples of the plan's accelerators, rounded up to whole servers.
    coolings, precisions
        Cooling methods and number formats; the plan's own when empty.
    every_cooling
        Try every method that can cool the plan's own server, and for other servers, where the plan's own method cannot
        cool them, every one that can. A hall's limits belong to its own method: the others have their standard ones.
    sites
        Owning, renting or both.
    prices
        List price of a server by catalogue key, in the currency of ``money.onprem``; the plan's own price is used for its
        own server only.
    third
        The third quantity of the front beside days and cost: accelerators, or power of the facility (owned machines only,
        since the power of rented ones is nobody's bill here).
    """

    servers: Sequence[str] = ()
    counts: Sequence[float] = LADDER
    coolings: Sequence[str] = ()
    every_cooling: bool = False
    precisions: Sequence[str] = ()
    sites: Sequence[Site] = ("onprem", "cloud")
    prices: Mapping[str, float] = field(default_factory=dict)
    third: Third = "accelerators"


EVERY: Final = Machines()
"""Every GPU of the catalogue, owned and rented."""


def trade_offs(plan: Plan, machines: Machines = EVERY, setting: Setting = SHIPPED) -> TradeOffs:
    """Estimate the plan on other machines, counts and coolings, and find what nothing beats.

    Parameters
    ----------
    plan
        What is trained; its layout is chosen anew everywhere.
    machines
        What is tried.
    setting
        The project's records, and how the study is watched and stopped.
    """
    catalogue, constants = setting.records, setting.fitted
    keys = tuple(machines.servers) or representatives(plan, catalogue)
    methods = tuple(machines.coolings) or (plan.facility.cooling,)
    formats = tuple(machines.precisions) or (plan.parallel.precision,)
    wanted = resolve(plan.with_values({"parallel.auto": True}), catalogue).accelerators
    work = []
    for key in keys:
        each = catalogue.server(key).accelerators
        for count in sorted({max(1, -(-round(wanted * share) // each)) for share in machines.counts}):
            work += [(key, count, precision) for precision in formats]
    points: list[TradePoint] = []
    if not plan.parallel.auto:
        # The ladder's layouts are chosen anew: the plan with its own layout is another point.
        result = estimate(plan, catalogue, setting.corrections, constants, between=setting.cancelled)
        points += [_point(plan, plan, {}, result, site, catalogue, wanted) for site in machines.sites]
    complete = True
    for number, (key, count, precision) in enumerate(work):
        if setting.cancelled():
            complete = False
            break
        changes = with_server(plan, key, catalogue, machines.prices.get(key))
        changes |= {"cluster.servers": count, "parallel.precision": precision}
        try:
            found = _points(plan, changes, methods, machines, setting)
        except PlanError:
            found = []
        if found is None:
            complete = False
            break
        points += found
        setting.tell((number + 1) / len(work))
    return _sorted(points, machines.third, plan.money.currency, complete)


def _points(
    plan: Plan, changes: Mapping[str, object], methods: Sequence[str], machines: Machines, setting: Setting
) -> list[TradePoint] | None:
    """One machine under its coolings; None when it was cancelled between them."""
    catalogue, constants, cancelled = setting.records, setting.fitted, setting.cancelled
    found: list[TradePoint] = []
    layout = None
    waiting = list(methods)
    while waiting:
        if found and cancelled():
            return None
        cooling = waiting.pop(0)
        here = {**changes, "facility.cooling": cooling}
        if cooling != plan.facility.cooling:
            here |= dict.fromkeys(HALL_LIMITS)
        other = plan.with_values(here)
        resolved = resolve(other, catalogue)
        if layout is None:
            layout = best_layout(resolved, constants)
            cancelled()  # its answer is asked for below: here work in the background gives way
        result = estimate(other, catalogue, setting.corrections, constants, layout=layout, between=cancelled)
        if (
            machines.every_cooling
            and cooling == methods[0]
            and result.memory.verdict != "no"
            and "onprem" in machines.sites
        ):
            waiting += _others_that_cool(plan, other, result, methods)
        for site in machines.sites:
            # What is rented does not depend on the hall's cooling.
            if site == "onprem" or cooling == methods[0]:
                found.append(_point(plan, other, here, result, site, catalogue, resolved.accelerators))
    return found


def _others_that_cool(plan: Plan, other: Plan, result: Estimate, methods: Sequence[str]) -> list[str]:
    own = plan.cluster.server == other.cluster.server
    able = [method.cooling for method in result.facility.methods if method.feasible]
    return [key for key in able if key not in methods] if own or other.facility.cooling not in able else []


def _point(
    plan: Plan,
    other: Plan,
    changes: Mapping[str, object],
    result: Estimate,
    site: Site,
    catalogue: Catalogue,
    gpus: int,
) -> TradePoint:
    side = result.cost.onprem if site == "onprem" else result.cost.cloud
    chip = accelerator_key(other, catalogue)
    cost, missing = side.total.value, tuple(p for p in result.cost.missing if p.startswith(f"money.{site}"))
    if site == "cloud" and other.money.cloud.instance is not None:
        rented = catalogue.cloud_instance(other.money.cloud.instance).accelerator
        if rented != chip:
            # The days are those of the owned machine: they say nothing about another accelerator.
            cost, missing = None, ("money.cloud.instance",)
    bad = [item for item in result.findings if item.severity == "bad"]
    mine = all(changes.get(path, plan.value(path)) == plan.value(path) for path in (*COMPARED, "parallel.auto"))
    return TradePoint(
        changes=dict(changes), server=other.cluster.server, accelerator=chip, servers=other.cluster.servers,
        accelerators=gpus, cooling=other.facility.cooling, precision=other.parallel.precision, site=site,
        days=result.training.days.value, cost=cost,
        facility_kw=result.facility.facility_kw.value if site == "onprem" else None,
        fits=result.memory.verdict != "no",
        placed=site == "cloud" or not any(item.subject == "facility" for item in bad),
        missing=missing, current=mine, weak=result.cost.weak_on(site),
    )  # fmt: skip


def _sorted(points: list[TradePoint], third: Third, currency: str, complete: bool) -> TradeOffs:
    possible = [p for p in points if p.fits and p.placed and p.days is not None]
    impossible = tuple(p for p in points if not (p.fits and p.placed and p.days is not None))

    def values(p: TradePoint) -> tuple[float | None, float | None, float | None]:
        return p.days, p.cost, float(p.accelerators) if third == "accelerators" else p.facility_kw

    priced = [p for p in possible if None not in values(p)]
    unpriced = tuple(p for p in possible if None in values(p))
    firm = [p for p in priced if not p.weak]
    if firm:
        on = pareto([[float(v or 0.0) for v in values(p)] for p in firm])
        firm = [replace(p, front=bool(flag)) for p, flag in zip(firm, on, strict=True)]
    priced = firm + [replace(p, front=False) for p in priced if p.weak]
    return TradeOffs(tuple(priced), unpriced, impossible, third, currency, complete)


@dataclass(frozen=True, slots=True)
class Generation:
    """One kind of server under the same money, deadline or power as the plan."""

    server: str
    accelerator: str
    found: bool
    servers: int | None
    accelerators: int | None
    measured: Measured | None
    result: GoalResult


@dataclass(frozen=True, slots=True)
class Generations:
    """What ``same`` buys on every kind of server; ``limit`` is the plan's own figure, ``base`` the plan estimated.

    ``rows`` is empty with the ``missing`` paths when the plan's own figure is unknown.
    """

    same: Same
    limit: float | None
    base: Measured | None
    rows: tuple[Generation, ...]
    missing: tuple[str, ...]
    complete: bool


def compare_generations(
    plan: Plan,
    same: Same,
    *,
    servers: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    site: Site = "onprem",
    setting: Setting = SHIPPED,
) -> Generations:
    """The most servers of every kind for the same money or power, or the fewest for the same days.

    Parameters
    ----------
    plan
        What is trained, and where the limit comes from.
    same
        ``money``: the total over the horizon; ``power``: kilowatts of the facility; ``deadline``: days of the training.
    servers, prices
        As :class:`Machines`.
    site
        The side whose total counts.
    setting
        As :func:`trade_offs`.
    """
    catalogue = setting.records
    meter = Meter(setting, site)
    base = meter.measure(plan)
    name = {"money": "budget", "deadline": "days", "power": "facility_kw"}[same]
    limit = None if base is None else base.values[name]
    if base is None or limit is None:
        return Generations(same, None, base, (), () if base is None else base.missing, True)
    goal = Goal(**{name: limit}, site=site)
    keys = tuple(servers) or representatives(plan, catalogue)
    rows: list[Generation] = []
    for number, key in enumerate(keys):
        if setting.cancelled():
            break
        try:
            other = plan.with_values(with_server(plan, key, catalogue, (prices or {}).get(key)))
            result = Seeker(other, servers_axis(other, catalogue), meter, None).seek(goal, relax=False)
        except PlanError:
            continue
        measured = result.measured
        count = measured.plan.cluster.servers if measured is not None and result.found else None
        record = catalogue.server(key)
        gpus = None if count is None else count * record.accelerators
        rows.append(Generation(key, accelerator_key(other, catalogue), result.found, count, gpus, measured, result))
        setting.tell((number + 1) / len(keys))
    return Generations(same, limit, base, tuple(rows), (), not meter.stopped)
