"""The quantities that goal seek varies, as whole numbers, and how another server is put into a plan."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.batch import dividing_servers
from mitsumori.model.plan.exchange import completed
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.resolve import resolve

Unknown = Literal["servers", "server", "tokens", "params"]
MOST_ACCELERATORS: Final = 131_072
"""Larger clusters are not tried."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The unknown as whole numbers ``low..high``; ``helped`` are the limits that more of it helps."""

    unknown: Unknown
    low: int
    high: int
    start: int
    helped: frozenset[str]
    changes: Callable[[int], dict[str, object]]
    value: Callable[[int], float]


def servers_axis(plan: Plan, catalogue: Catalogue | None) -> Axis:
    """Number of servers, layout chosen anew at each; only numbers whose accelerators divide the batch that was asked for."""
    each = (catalogue or Catalogue.shipped()).server(plan.cluster.server).accelerators
    most = max(1, min(100_000, MOST_ACCELERATORS // each))
    counts = _dividing(plan, catalogue, most)

    def count(k: int) -> int:
        return k if counts is None else counts[k - 1]

    def changes(k: int) -> dict[str, object]:
        return {"cluster.servers": count(k), "parallel.auto": True}

    start, high = min(plan.cluster.servers, most), most
    if counts is not None:
        start, high = max(1, bisect_right(counts, start)), len(counts)
    helped = frozenset({"days", "memory", "horizon"})
    return Axis("servers", 1, high, start, helped, changes, lambda k: float(count(k)))


def _dividing(plan: Plan, catalogue: Catalogue | None, most: int) -> tuple[int, ...] | None:
    """Numbers of servers that divide the plan's batch; None where all do, none does, or the plan is refused."""
    try:
        return dividing_servers(resolve(plan.with_values({"parallel.auto": True}), catalogue), most) or None
    except PlanError:
        return None


def tokens_axis(plan: Plan) -> Axis:
    """Tokens to three significant digits."""

    def changes(k: int) -> dict[str, object]:
        return {"workload.tokens": grid_value(k), "workload.samples": None}

    start = grid_index(plan.workload.tokens)
    return Axis("tokens", grid_index(1e3), grid_index(1e16), start, frozenset(), changes, grid_value)


def params_axis(plan: Plan, parameters: float) -> Axis:
    """Parameters to three significant digits, the shape made up by the stated rule, layout chosen anew."""

    def changes(k: int) -> dict[str, object]:
        model = {"preset": None, "architecture": None, "params": grid_value(k)}
        return {"model": model, "parallel.auto": True}

    return Axis("params", grid_index(1e7), grid_index(1e14), grid_index(parameters), frozenset(), changes, grid_value)


def grid_value(index: int) -> float:
    """The number at a place of the ladder 100, 101 ... 999, 1000, 1010 ...: three significant digits."""
    decade, place = divmod(index, 900)
    return float((100 + place) * 10**decade)


def grid_index(value: float) -> int:
    """The place of the largest number of the ladder that is not above ``value`` (at least 100)."""
    decade: int = max(0, math.floor(math.log10(max(value, 100.0)) + 1e-12) - 2)
    place: int = math.floor(value / 10**decade * (1.0 + 1e-12)) - 100
    return decade * 900 + min(899, max(0, place))


def with_server(plan: Plan, key: str, catalogue: Catalogue, price: float | None = None) -> dict[str, object]:
    """Plan paths and values that put another server into a plan without borrowing what belongs to the old one.

    The accelerator chosen for the old server and the network fabric go back to the standard; the rented instance becomes one
    with the new accelerator (:func:`model.plan.exchange.completed`). Price, power, weight and replaced figures are those of
    the new server by the plan's own rule (:mod:`model.plan.prices`).

    Parameters
    ----------
    plan
        The present plan.
    key
        Catalogue key of the other server.
    catalogue
        Records of the project.
    price
        List price of it in the currency of ``money.onprem``; None: none is entered.
    """
    changes: dict[str, object] = {"cluster.server": key, "parallel.auto": True}
    if price is not None:
        changes |= {"money.onprem.server_price": price}
    if key == plan.cluster.server:
        return changes
    return completed(changes | {"cluster.accelerator": None, "network.fabric": None}, plan, catalogue)
