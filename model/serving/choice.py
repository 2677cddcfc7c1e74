"""The layout that carries a load within its limits: replicas, the point each works at, times at a percentile, what binds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.queueing import Waits, log_normal_quantile, ttft_quantile_s, wait_variance_s2
from mitsumori.model.serving.system import GRID, PREFILL_LOAD, Curves, tail


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

    ``at`` is the point that one replica works at; ``within`` is False where no load meets the limits; ``most`` requests/s that
    a replica takes within the limits.
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

    @property
    def gpus(self) -> int:
        """Accelerators, spares left out."""
        return (self.replicas + self.prefill_workers) * self.layout.gpus


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


def choose(part: ServingPart, found: Curves, gpus: int | None, per_server: int = 8) -> list[Choice]:
    """Every layout that fits, fewest accelerators first (all are at hand: soonest answer first), at the plan's load and limits.

    Parameters
    ----------
    part
        Load, percentile and limits.
    found
        Curves of the layouts.
    gpus
        Accelerators at hand; None: as many as needed.
    per_server
        Accelerators of a server: what ``prefill_servers`` bring.
    """
    use, q = part.standard(), part.percentile
    ttft, tpot = found.ttft_s(q), found.tpot_at(q)
    limit_t = np.inf if use.ttft_limit_s is None else use.ttft_limit_s
    limit_p = np.inf if use.tpot_limit_ms is None else use.tpot_limit_ms / 1e3
    inside = (ttft <= limit_t) & (tpot <= limit_p)
    wanted, closed = part.peak_requests_per_s(), part.concurrency is not None
    load = part.concurrency if wanted is None else wanted
    assert load is not None
    axis = np.maximum.accumulate(found.in_flight(), axis=1) if closed else found.requests_per_s
    out = []
    for index, layout in enumerate(found.layouts):
        if not found.fits[index]:
            continue
        ok = np.flatnonzero(inside[index])
        last = int(ok[-1]) if len(ok) else 0
        most = (
            _most(axis[index], last, (ttft[index], limit_t), (tpot[index], limit_p))
            if len(ok)
            else float(axis[index, 0])
        )
        replicas = max(1, int(np.ceil(load / most - 1e-9)))
        rate = float(np.interp(min(load / replicas, most), axis[index], found.requests_per_s[index]))
        workers, filled = _prefill_workers(part, found, index, rate * replicas, per_server)
        held = replicas if gpus is None else max(0, gpus // layout.gpus - workers)
        served = min(filled, 1.0 if held >= replicas else held * most / load)
        if held == 0 or not len(ok):
            served = 0.0
        replicas = replicas if gpus is None else max(1, held)
        at = _point(found, axis, index, min(load / replicas, most))
        binding = "cache" if last == GRID - 1 else "ttft" if ttft[index, last + 1] > limit_t else "tpot"
        if binding == "ttft" and found.waits_for_places(q)[index, last + 1]:
            binding = "cache"
        if not len(ok):
            binding = "ttft" if ttft[index, 0] > limit_t else "tpot"
        if filled < 1.0:
            binding = "prefill"
        out.append(Choice(index, layout, replicas, workers, at, binding, bool(len(ok)), most, served))
    whole = max(0.0, found.output_tokens - 1.0)

    def order(item: Choice) -> tuple[float, ...]:
        end = first_token_s(item.at, q) + whole * item.at.tpot_s
        return (float(not item.within), -round(item.served, 6), float(item.gpus if gpus is None else 0), end)

    return sorted(out, key=order)


def _most(axis: Array, last: int, *limited: tuple[Array, float]) -> float:
    """The load of a replica at which the first limit is reached: between the last point within all of them and the next."""
    if last == len(axis) - 1:
        return float(axis[last])
    shares = [
        (limit - values[last]) / (values[last + 1] - values[last])
        for values, limit in limited
        if values[last + 1] > limit
    ]
    return float(axis[last] + min(shares, default=0.0) * (axis[last + 1] - axis[last]))


def _point(found: Curves, axis: Array, index: int, load: float) -> WorkingPoint:
    """A layout's replica at a load, which is given on an axis of its curves.

    Below the first point of the curves the replica is idle most of the time: times are those of an idle one, requests and
    sequences fall with the load.
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
    return WorkingPoint(own_s=float(found.own_s[index, 0]), length_cv=found.length_cv, **point)


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
    wanted = part.peak_requests_per_s()
    load = part.concurrency if wanted is None else wanted
    assert load is not None
    axis = found.requests_per_s if wanted is not None else np.maximum.accumulate(found.in_flight(), axis=1)
    return _point(found, axis, choice.index, min(load / replicas, choice.most))


def _prefill_workers(
    part: ServingPart, found: Curves, index: int, requests_per_s: float, per_server: int
) -> tuple[int, float]:
    """Workers that only prefill, as many as keep them at :data:`PREFILL_LOAD`, and the share of the load that they take.

    The plan's own number of servers may be too few.
    """
    if not part.disaggregated:
        return 0, 1.0
    needed = requests_per_s * float(found.prefill_s[index]) / PREFILL_LOAD
    if part.prefill_servers is None:
        return max(1, int(np.ceil(needed - 1e-9))), 1.0
    given = max(1, part.prefill_servers * per_server // found.layouts[index].gpus)
    return given, min(1.0, given / max(needed, 1e-12))


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
