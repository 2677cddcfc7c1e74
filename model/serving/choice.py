"""The layout that carries a load within its limits: replicas, the point each works at, times at a percentile, what binds."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.queueing import Waits, log_normal_quantile, ttft_quantile_s, wait_variance_s2, waiting_s
from mitsumori.model.serving.system import GRID, PREFILL_LOAD, Curves, tail

TOP: Final = 12
"""Layouts that are listed, best first."""
PREFILL_LOADS: Final = (0.5, 0.3, 0.15, 0.05)
"""Shares of time that workers which only prefill may be busy where a limit is not kept at :data:`PREFILL_LOAD`."""


@dataclass(frozen=True, slots=True)
class WorkingPoint(Waits[float]):
    """What one replica does at a load: requests/s, running sequences and in flight, TPOT and its spread, the parts of TTFT."""

    requests_per_s: float
    running: float
    in_flight: float
    tpot_s: float
    spread: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A layout that carries the load: replicas (spares left out), prefill workers, the point it works at, what binds.

    ``at`` is the point that one replica works at with every replica at work, spares included (none is where the servers given
    hold no replica, or with workers that only prefill no further one: ``working`` is 0); ``within`` is False where no load
    meets the limits; ``most`` requests/s (in a closed loop the number in flight) that a replica takes within the limits, or at
    all where it never keeps them; ``servers`` are whole; ``prefill_load`` is how busy workers that only prefill may be.
    """

    index: int
    layout: Layout
    replicas: int
    prefill_workers: int
    at: WorkingPoint
    binding: str
    within: bool
    most: float
    served: float
    spare: int
    servers: int
    prefill_load: float = PREFILL_LOAD

    @property
    def working(self) -> int:
        """Replicas at work, spares included."""
        return self.replicas + self.spare

    @property
    def gpus(self) -> int:
        """Accelerators at work: of all replicas, spares and workers that only prefill included."""
        return (self.working + self.prefill_workers) * self.layout.gpus


def first_token_s(at: WorkingPoint, percentile: float) -> float:
    """TTFT at a percentile, of the point that a choice works at."""
    return float(ttft_quantile_s(at, percentile / 100.0))


def token_s(at: WorkingPoint, percentile: float) -> float:
    """TPOT at a percentile, of the point that a choice works at."""
    return at.tpot_s * float(tail(percentile, at.spread))


def answer_s(at: WorkingPoint, percentile: float, osl: float) -> float:
    """Time from request to last token at a percentile, of the point that a choice works at.

    Waits, prefill and decoding are independent: their means and variances add up, and the sum is taken as log-normal, as
    lengths are.

    Parameters
    ----------
    at
        The point (:attr:`Choice.at`).
    percentile
        1 to 99.
    osl
        Mean tokens of an answer.
    """
    q, rest, own = percentile / 100.0, max(0.0, osl - 1.0) * at.tpot_s, at.own_s
    lengths = math.log1p(at.length_cv**2)
    square = lengths + at.spread**2
    idle = ((own * at.length_cv) ** 2 + rest**2 * math.expm1(squared) for squared in (lengths, square))
    least = max(_log_normal(own + rest, variance, q) for variance in idle)  # waits never bring an answer forward
    waits = ((at.wait_s, at.prefill_share), (at.place_wait_s, at.place_busy))
    mean = own + rest + sum(wait for wait, _ in waits)
    variance = rest**2 * math.expm1(square) + (own * at.length_cv) ** 2
    variance += sum(float(wait_variance_s2(wait, busy)) for wait, busy in waits)
    whole = at.start_s - own + max(least, _log_normal(mean, variance, q))
    return max(first_token_s(at, percentile), whole)


def _log_normal(mean: float, variance: float, quantile: float) -> float:
    """Quantile of a log-normal figure by its mean and variance."""
    return mean * float(log_normal_quantile(math.log1p(variance / mean**2), quantile)) if mean > 0.0 else 0.0


class Chosen(NamedTuple):
    """Layouts that hold the model, best first, and the fewest accelerators with which any of them carries the load."""

    options: list[Choice]
    least_gpus: int | None


def choose(
    part: ServingPart, found: Curves, servers: int | None, per_server: int = 8, servers_per_rack: int = 1
) -> Chosen:
    """The layouts that fit at the plan's load and limits, least cost first: whole servers are bought, or rented as instances.

    Limits met come first, then the load carried, then the fewest servers, then the soonest answer: every accelerator of the
    servers is paid for, so that replicas work on all that hold one. A limit that no load of a layout keeps does not size it:
    replicas are no remedy.

    Parameters
    ----------
    part
        Load, percentile, limits, availability.
    found
        Curves of the layouts.
    servers
        Servers at hand; None: as many as needed.
    per_server
        Accelerators of a server.
    servers_per_rack
        Servers that a rack's loss takes away.
    """
    use, q = part.standard(), part.percentile
    tpot = found.tpot_at(q)
    limits = tuple(
        np.inf if limit is None else limit / scale
        for limit, scale in ((use.ttft_limit_s, 1.0), (use.tpot_limit_ms, 1e3))
    )
    ttft, prefill_load = _first_tokens_s(part, found, limits[0])
    inside = (ttft <= limits[0]) & (tpot <= limits[1])
    load, axis = _axis(part, found)
    within = np.asarray(np.any(inside, axis=1))
    last = np.where(within, GRID - 1 - np.argmax(inside[:, ::-1], axis=1), 0)
    most = np.where(within, _most(axis, last, (ttft, limits[0]), (tpot, limits[1])), axis[:, -1])
    split = _shared(part, found, (load, axis, most), prefill_load, servers, (per_server, servers_per_rack))
    served = np.where(within & (split.replicas > 0), split.served, 0.0)
    working = split.replicas + split.spare
    each = np.minimum(load / np.maximum(1, working), most)
    end = _answers_s(found, axis, each, q)
    order = np.lexsort((end, split.servers, working == 0, -np.round(served, 6), ~within, ~found.fits))
    over = (np.asarray(ttft > limits[0]), found.waits_for_places(q))
    options: list[Choice] = []
    for index in order[: min(TOP, int(found.fits.sum()))].tolist():
        if options and not working[index]:  # only the first one may say that the servers hold none
            continue
        binding = _binding(index, int(last[index]), bool(within[index]), bool(split.prefill_short[index]), over)
        workers = int(split.workers[index])
        options.append(Choice(
            index, found.layouts[index], int(working[index] - split.spare[index]), workers,
            _point(found, axis, index, float(each[index]), _prefill_busy(part, found, index, workers, prefill_load[index])),
            binding, bool(within[index]), float(most[index]), float(served[index]), int(split.spare[index]),
            int(split.servers[index]), float(prefill_load[index]),
        ))  # fmt: skip
    carried = split.needed_gpus[found.fits & within & (split.fill >= 1.0)]
    return Chosen(options, int(carried.min()) if len(carried) else None)


def _first_tokens_s(part: ServingPart, found: Curves, limit_s: float) -> tuple[Array, Array]:
    """TTFT at the plan's percentile on all curves, and how busy workers that only prefill may be.

    Where a layout does not keep the limit with its prefill as busy as usual, more workers that are less busy may: of random
    arrivals the busiest of :data:`PREFILL_LOADS` that keeps it is taken.
    """
    q = part.percentile
    ttft, loads = found.ttft_s(q), np.full(len(found.layouts), PREFILL_LOAD)
    if not part.disaggregated or part.peak_requests_per_s() is None:
        return ttft, loads
    full = waiting_s(PREFILL_LOAD, 1.0, found.length_cv)
    for load in PREFILL_LOADS:
        late = ~np.any(ttft <= limit_s, axis=1)
        if not late.any():
            break
        share = float(waiting_s(load, 1.0, found.length_cv) / full)
        other = replace(
            found, wait_s=found.wait_s * share, prefill_share=np.full_like(found.prefill_share, load)
        ).ttft_s(q)
        better = late & np.any(other <= limit_s, axis=1)
        ttft, loads = np.where(better[:, None], other, ttft), np.where(better, load, loads)
    return ttft, loads


def _axis(part: ServingPart, found: Curves) -> tuple[float, Array]:
    """The plan's load at the peak, and the load of a replica at each point: requests/s, or in flight in a closed loop."""
    wanted = part.peak_requests_per_s()
    if wanted is not None:
        return wanted, found.requests_per_s
    assert part.concurrency is not None
    return part.concurrency, np.maximum.accumulate(found.in_flight(), axis=1)


def _binding(index: int, last: int, within: bool, prefill_short: bool, over: tuple[Array, Array]) -> str:
    """What keeps a replica of a layout from more load; where no load meets the limits, which limit that is."""
    late, for_places = over
    if prefill_short:
        return "prefill"
    if not within:
        return "ttft" if late[index, 0] else "tpot"
    if last == GRID - 1 or (late[index, last + 1] and for_places[index, last + 1]):
        return "cache"
    return "ttft" if late[index, last + 1] else "tpot"


class _Split(NamedTuple):
    """How servers are shared out, arrays (layouts): replicas and prefill workers at work, spares, servers, the share of the
    load that is answered, whether prefill is what is short, accelerators that the load needs, what the servers given carry."""

    replicas: Array
    workers: Array
    spare: Array
    servers: Array
    served: Array
    prefill_short: Array
    needed_gpus: Array
    fill: Array


def _shared(
    part: ServingPart, found: Curves, carried: tuple[float, Array, Array], prefill_load: Array, servers: int | None,
    sizes: tuple[int, int],
) -> _Split:  # fmt: skip
    """Replicas, prefill workers and servers of every layout.

    Workers that only prefill are as many as keep them as busy as ``prefill_load`` says. On what whole servers hold beyond the
    need, replicas and workers grow alike; on fewer than needed they shrink alike.
    """
    (load, axis, most), (per_server, servers_per_rack) = carried, sizes
    gpus = np.array([layout.gpus for layout in found.layouts])
    spares = np.array([spare_replicas(part, layout, per_server, servers_per_rack) for layout in found.layouts])
    needed = np.maximum(1, _whole(load / most))

    def wanted(replicas: Array) -> Array:
        """Prefill workers, not yet whole, of a number of replicas that carry the load."""
        rate = _at(axis, np.minimum(load / np.maximum(1, replicas), most), found.requests_per_s)[0]
        return np.asarray(rate * replicas * found.prefill_s / prefill_load)

    none = np.zeros(len(gpus), dtype=int)
    if not part.disaggregated:
        whole = servers_for(needed + spares, gpus, per_server) if servers is None else np.full(len(gpus), servers)
        places = places_in(whole, gpus, per_server)
        held = np.maximum(0, places - spares)
        fill = np.minimum(1.0, held * most / load)
        return _Split(held, none, np.minimum(spares, places), whole, fill, none > 0, (needed + spares) * gpus, fill)
    want = wanted(needed)
    least = np.maximum(1, _whole(want))
    given = none if part.prefill_servers is None else np.maximum(1, places_in(part.prefill_servers, gpus, per_server))
    readers = least if part.prefill_servers is None else given
    whole = servers_for(needed + readers + spares, gpus, per_server) if servers is None else np.full(len(gpus), servers)
    places = places_in(whole, gpus, per_server)
    room = np.maximum(0, places - spares)
    workers = readers
    if part.prefill_servers is None:
        alike = np.floor_divide(room.astype(float) * least, needed + least).astype(int)
        workers = np.clip(alike, np.where(room >= needed + least, least, 1), None)
        more = _whole(wanted(room - workers))  # in a closed loop more replicas ask for more
        workers = np.where((room > needed + least) & (more > workers), np.minimum(more, room - needed), workers)
    held = np.maximum(0, room - workers)
    read = np.minimum(1.0, workers / np.maximum(want, 1e-12))
    fill = np.minimum(read, held * most / load)
    stands = places > workers  # both kinds of workers have a place, with fewer spares than wanted where need be
    return _Split(
        held, np.where(stands, workers, 0), np.where(stands, np.minimum(spares, places - workers), 0), whole,
        np.minimum(1.0, fill), (read < 1.0) & (read <= held * most / load), (needed + readers + spares) * gpus, fill,
    )  # fmt: skip


MOST_REPLICAS: Final = 10**12
"""Replicas beyond which they are no longer counted: a load without end, or one that no number of them carries."""


def _whole(count: Array) -> Array:
    """A count rounded up, but for what is rounding."""
    return (
        np.ceil(np.nan_to_num(count, nan=MOST_REPLICAS, posinf=MOST_REPLICAS) - 1e-9)
        .clip(None, MOST_REPLICAS)
        .astype(int)
    )


def servers_for(count: Num, gpus: Num, per_server: int) -> Array:
    """Whole servers that a number of replicas takes: none stands on parts of two servers where it fits into one.

    Parameters
    ----------
    count
        Replicas, spares and prefill workers.
    gpus
        Accelerators of one of them.
    per_server
        Accelerators of a server.
    """
    size = np.asarray(gpus)
    inside = -(-np.asarray(count) // np.maximum(1, per_server // size))
    return np.asarray(np.where(size <= per_server, inside, np.asarray(count) * -(-size // per_server)), dtype=int)


def places_in(servers: Num, gpus: Num, per_server: int) -> Array:
    """Replicas that a number of whole servers holds; parameters as in :func:`servers_for`.

    Parameters
    ----------
    servers
        Whole servers.
    gpus
        Accelerators of a replica.
    per_server
        Accelerators of a server.
    """
    size = np.asarray(gpus)
    inside = np.asarray(servers) * (per_server // size)
    return np.asarray(np.where(size <= per_server, inside, np.asarray(servers) // -(-size // per_server)), dtype=int)


def _at(axis: Array, load: Array, *values: Array) -> list[Array]:
    """Curves read at a load of each layout, which lies on their axis (layouts, points)."""
    rows = np.arange(len(axis))
    low = np.clip((axis <= load[:, None]).sum(axis=1) - 1, 0, GRID - 2)
    below, above = axis[rows, low], axis[rows, low + 1]
    share = np.clip((load - below) / np.maximum(above - below, 1e-300), 0.0, 1.0)
    return [each[rows, low] * (1.0 - share) + each[rows, low + 1] * share for each in values]


def _answers_s(found: Curves, axis: Array, load: Array, percentile: float) -> Array:
    """Time of a whole answer of each layout: TTFT at a percentile and the mean of the further tokens."""
    names = ("start_s", "wait_s", "prefill_share", "place_wait_s", "place_busy", "tpot_s")
    *waits, tpot = _at(axis, load, *(getattr(found, name) for name in names))
    at = Waits(own_s=found.own_s[:, 0], length_cv=found.length_cv, **dict(zip(names, waits, strict=False)))
    first = ttft_quantile_s(at, percentile / 100.0)
    return np.asarray(first + max(0.0, found.output_tokens - 1.0) * tpot)


def _most(axis: Array, last: Array, *limited: tuple[Array, float]) -> Array:
    """The load of a replica at which the first limit is reached: between the last point within all of them and the next."""
    rows, after = np.arange(len(axis)), np.minimum(last + 1, GRID - 1)
    shares = []
    for values, limit in limited:
        here, there = values[rows, last], values[rows, after]
        rises = (there > limit) & (there > here)  # where no load is within the limit there is nothing to look for
        shares.append(np.where(rises, (limit - here) / np.where(rises, there - here, 1.0), np.inf))
    share = np.minimum.reduce(shares)
    here, there = axis[rows, last], axis[rows, after]
    share = np.where(np.isfinite(share), share, 0.0)
    return np.asarray(np.where(last == GRID - 1, here, here + share * (there - here)))


def _point(found: Curves, axis: Array, index: int, load: float, prefill_busy: float | None) -> WorkingPoint:
    """A layout's replica at a load, which is given on an axis of its curves.

    Below the first point of the curves the replica is idle most of the time: times are those of an idle one, requests and
    sequences fall with the load. Prompts that have workers of their own wait as those are busy (``prefill_busy``; None: as
    the curves have it).
    """
    idle = min(1.0, load / float(axis[index, 0]))
    point = {
        name: float(np.interp(load, axis[index], values[index]))
        for name, values in (
            ("requests_per_s", found.requests_per_s), ("running", found.running), ("tpot_s", found.tpot_s),
            ("start_s", found.start_s), ("wait_s", found.wait_s), ("prefill_share", found.prefill_share),
            ("place_wait_s", found.place_wait_s), ("place_busy", found.place_busy), ("spread", found.spread),
            ("in_flight", found.in_flight()),
        )
    }  # fmt: skip
    point |= {name: point[name] * idle for name in ("requests_per_s", "running", "in_flight")}
    if prefill_busy is not None:
        full = float(waiting_s(PREFILL_LOAD, 1.0, found.length_cv))
        wait = point["wait_s"] * float(waiting_s(prefill_busy, 1.0, found.length_cv)) / full
        flight = point["in_flight"] + point["requests_per_s"] * (wait - point["wait_s"])
        point |= {"prefill_share": prefill_busy, "wait_s": wait, "in_flight": flight}
    return WorkingPoint(own_s=float(found.own_s[index, 0]), length_cv=found.length_cv, **point)


def _prefill_busy(part: ServingPart, found: Curves, index: int, workers: int, most: float) -> float | None:
    """Share of time that the workers which only prefill are busy with requests that arrive at random, at most as planned.

    A closed loop asks the faster the more replicas answer: there they count as busy as planned.
    """
    wanted = part.peak_requests_per_s()
    if not workers or wanted is None:
        return None
    return min(float(most), wanted * float(found.prefill_s[index]) / workers)


def point_of(part: ServingPart, found: Curves, choice: Choice, replicas: int) -> WorkingPoint:
    """The point that each of a number of replicas works at under the plan's load, as :attr:`Choice.at`.

    Parameters
    ----------
    part
        The load.
    found
        Curves of the layouts.
    choice
        The layout. Load beyond ``most`` of a replica is turned away where the limits can be met at all, so that the limits
        hold for what is answered.
    replicas
        Replicas that share the load, at least one.
    """
    load, axis = _axis(part, found)
    busy = _prefill_busy(part, found, choice.index, choice.prefill_workers, choice.prefill_load)
    return _point(found, axis, choice.index, min(load / replicas, choice.most), busy)


def spare_replicas(part: ServingPart, layout: Layout, per_server: int, servers_per_rack: int) -> int:
    """Replicas that stand by so that the loss of the failure unit leaves enough; 0 for availability n.

    Parameters
    ----------
    part
        Availability and the unit whose failure is survived.
    layout
        Accelerators of a replica.
    per_server, servers_per_rack
        Accelerators of a server; servers that a rack's loss takes away.
    """
    if part.availability == "n":
        return 0
    lost = {"replica": 1, "server": per_server, "rack": per_server * max(1, servers_per_rack)}[part.failure_unit]
    return 1 if part.failure_unit == "replica" else max(1, -(-lost // layout.gpus))
