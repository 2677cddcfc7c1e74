"""Who works on which servers of a calendar's cluster, and what part of their cost each plan bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.plan.calendar import CalendarEntry, Occupancy, occupancy

Span = tuple[float, float]
DIGITS: Final = 12
"""Shares of the cluster are compared to so many decimal places."""
LEAST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class OwnServers:
    """A plan and the servers that it needs of the cluster.

    ``part`` is their share of the cluster, ``cost_share`` what the plan bears of their cost, ``hours_per_day`` the hours in
    which all of them work for it (half of them for two hours is one), ``utilization`` the share of all hours in which anyone
    works on them.
    """

    part: float
    cost_share: float
    hours_per_day: float
    utilization: float


@dataclass(frozen=True, slots=True)
class Allocation:
    """The calendar's utilization of the whole cluster, and the servers of every plan that works, by name."""

    utilization: float
    plans: dict[str, OwnServers]


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a plan stands in a row of all servers, 0 to 1, and from which end it takes them."""

    low: float
    high: float
    upward: bool


@lru_cache(maxsize=32)
def allocation(calendar: tuple[CalendarEntry, ...], horizon_months: int) -> Allocation:
    """The cost of every server, borne by those who work on it in proportion to their hours there.

    All servers are one row. Plans that claim hours stand on servers of their own from its start, in the order of the calendar,
    as long as there are any, and then at its end, where those stand that take what is left. Who finds others on his servers
    takes free ones. A server on which a plan works alone is borne by it with its idle hours; one that is shared, by each with
    its part of the hours. So more servers, and work of others on other servers, make no plan cheaper, work on the same
    servers at other hours does, and all plans together bear no more than the cluster.

    Parameters
    ----------
    calendar
        The project's entries, at least one.
    horizon_months
        What an entry without an end lasts.
    """
    found = occupancy(calendar, horizon_months)
    if not found.plans:  # a calendar of maintenance alone
        return Allocation(found.utilization, {})
    homes = _homes(calendar, found, horizon_months)
    spans, at, hours = _spans(found, homes)
    edges = np.unique(np.array([0.0, 1.0, *(edge for span in spans for edge in span),
                                *(edge for home in homes.values() for edge in (home.low, home.high))]))  # fmt: skip
    worked = np.zeros((len(found.plans), len(edges) - 1))
    for (low, high), plan, length in zip(spans, at, hours, strict=True):
        worked[plan, np.searchsorted(edges, low) : np.searchsorted(edges, high)] += length
    width, every = np.diff(edges), worked.sum(axis=0)
    part_of_each = np.divide(worked, every, out=np.zeros_like(worked), where=every > 0.0)
    eff = np.where(found.shares > 0.0, np.diff(found.parts) - found.switching / np.maximum(found.shares, LEAST), 0.0)
    plans: dict[str, OwnServers] = {}
    for name, home in homes.items():
        mine, part = found.plans.index(name), home.high - home.low
        own = (edges[:-1] >= home.low - LEAST) & (edges[1:] <= home.high + LEAST)
        full = float((np.minimum(found.shares[mine], part) * eff[mine]).sum()) / part
        busy = float(every[own] @ width[own]) / (part * 24.0 * found.days)
        each_day = full / found.days  # some of it on other servers, where what is left is taken
        plans[name] = OwnServers(
            part, min(1.0, float(part_of_each[mine] @ width) / part), each_day, min(1.0, max(busy, each_day / 24.0)),
        )  # fmt: skip
    return Allocation(found.utilization, plans)


def _homes(calendar: Sequence[CalendarEntry], found: Occupancy, horizon_months: int) -> dict[str, _Home]:
    """The servers of each plan: the most that it has of the cluster before claims grow."""
    today = [entry.model_copy(update={"growth_per_year": 0.0}) for entry in calendar]
    present = occupancy(today, horizon_months) if any(entry.growth_per_year for entry in calendar) else found
    homes: dict[str, _Home] = {}
    taken = 0.0
    for at, name in enumerate(found.plans):
        part = round(float(present.shares[at].max()), DIGITS)
        if part <= 0.0 or found.hours(name) <= 0.0:
            continue
        waits = all(entry.rest for entry in calendar if entry.plan == name and entry.kind == "work")
        if not waits and taken + part <= 1.0 + LEAST:
            homes[name] = _Home(taken, min(1.0, taken + part), upward=True)
            taken += part
        else:
            homes[name] = _Home(1.0 - part, 1.0, upward=False)
    return homes


def _spans(found: Occupancy, homes: dict[str, _Home]) -> tuple[list[Span], list[int], list[float]]:
    """Servers that a plan works on for a number of hours: spans of the row, plans, hours."""
    count = len(found.plans)
    shares = np.round(found.shares.reshape(count, -1), DIGITS)
    length = np.tile(np.diff(found.parts), found.days)
    lost = found.switching.reshape(count, -1)
    hours = np.where(shares > 0.0, length - lost / np.maximum(shares, LEAST), 0.0)
    kinds, which = np.unique(shares, axis=1, return_inverse=True)
    sums = np.stack([np.bincount(which.ravel(), weights=row, minlength=kinds.shape[1]) for row in hours])
    order = sorted((found.plans.index(name) for name in homes), key=lambda at: not homes[found.plans[at]].upward)
    spans: list[Span] = []
    owners: list[int] = []
    lasting: list[float] = []
    for kind in range(kinds.shape[1]):
        free: list[Span] = [(0.0, 1.0)]
        needed = kinds[:, kind].copy()
        for everywhere in (False, True):
            for at in order:
                home = homes[found.plans[at]]
                where = (0.0, 1.0) if everywhere else (home.low, home.high)
                taken, free = _take(free, where, float(needed[at]), home.upward)
                needed[at] -= sum(high - low for low, high in taken)
                spans += taken
                owners += [at] * len(taken)
                lasting += [float(sums[at, kind])] * len(taken)
    return spans, owners, lasting


def _take(free: list[Span], where: Span, needed: float, upward: bool) -> tuple[list[Span], list[Span]]:
    """Free servers within a span, from its start or its end: those that are taken, and what is free then."""
    taken: list[Span] = []
    left: list[Span] = []
    for low, high in free if upward else free[::-1]:
        inside = max(low, where[0]), min(high, where[1])
        size = min(needed, inside[1] - inside[0])
        if size <= LEAST:
            left.append((low, high))
            continue
        mine = (inside[0], inside[0] + size) if upward else (inside[1] - size, inside[1])
        taken.append(mine)
        needed -= size
        left += [span for span in ((low, mine[0]), (mine[1], high)) if span[1] - span[0] > LEAST]
    return taken, sorted(left)


__all__ = ["Allocation", "OwnServers", "allocation"]
