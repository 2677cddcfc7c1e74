"""Which layout and how many replicas carry a load within its limits, and the curve between speed of a user and of a GPU.

Every layout is evaluated on a grid of running sequences at once. With ``B`` running, ``t = step(B)/accepted`` and ``t_b`` the
prefill of a request, Little's law and the share of time in prefill give the arrivals in closed form::

    lambda = (B / (o*t)) / (1 + B*t_b/(o*t)),   TPOT = t / (1 - lambda*t_b)
    TTFT_q = start + t_1 + queue*t + wait_q(rho, t_b)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.constants import ENGINES, ServingConstants
from mitsumori.model.serving.load import prompts_behind_s, queue_steps, sequence_room, waiting_quantile_s, waiting_s
from mitsumori.model.serving.memory import ServingMemory, serving_memory
from mitsumori.model.serving.shape import KV_BYTES, Card, Deployment, ServedModel, card_of, part_bytes, rate_of
from mitsumori.model.serving.step import accepted_tokens, decode_step_s, prefill_s

CURRENT_YEAR: Final = 2026.6
GRID: Final = 84
"""Points of running sequences a layout."""
LEAST_RUNNING: Final = 0.01
"""Running sequences, on average, of the emptiest point."""
TPOT_TAIL: Final = ((50.0, 1.0), (90.0, 1.06), (99.0, 1.07))
"""Percentile of TPOT over its mean: measured runs under load."""
PREFILL_LOAD: Final = 0.7
"""Share of time that prefill workers of a disaggregated system are busy at the peak."""
PERCENTILES: Final = (50.0, 90.0, 95.0, 99.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """One replica: ``tp`` attention ranks in each of ``dp_attention`` groups, ``pp`` stages, ``ep`` ranks of the experts."""

    tp: int
    pp: int
    ep: int
    dp_attention: int

    @property
    def gpus(self) -> int:
        """Accelerators of a replica."""
        return self.tp * self.dp_attention * self.pp


@dataclass(frozen=True, slots=True)
class Curves:
    """All layouts on the grid, arrays (layouts, points): requests/s and in flight of one replica, times, prefill share.

    ``start_s`` is TTFT without waiting, ``wait_s`` the mean wait; ``fits`` and ``room`` a layout.
    """

    layouts: tuple[Layout, ...]
    running: Array
    requests_per_s: Array
    tpot_s: Array
    start_s: Array
    wait_s: Array
    prefill_share: Array
    fits: Array
    room: Array
    memory: ServingMemory
    output_tokens: float
    prefill_s: Array

    def ttft_s(self, percentile: float) -> Array:
        """TTFT at a percentile: the wait has an exponential tail."""
        return np.asarray(self.start_s + waiting_quantile_s(self.wait_s, self.prefill_share, percentile / 100.0))

    def tpot_at(self, percentile: float) -> Array:
        """TPOT at a percentile."""
        return self.tpot_s * tail(percentile)

    def scaled(self, ttft: float, tpot: float) -> Curves:
        """The curves with times that a load test found longer or shorter; the rate follows by Little's law."""
        return replace(
            self, tpot_s=self.tpot_s * tpot, start_s=self.start_s * ttft, wait_s=self.wait_s * ttft,
            requests_per_s=self.requests_per_s / tpot,
        )  # fmt: skip

    def in_flight(self) -> Array:
        """Requests in flight of a replica: arrivals times mean time in the system."""
        return self.requests_per_s * (self.start_s + self.wait_s + (self.output_tokens - 1.0) * self.tpot_s)


def tail(percentile: float) -> float:
    """Percentile of TPOT over its mean, between the stated points linear."""
    x, y = zip(*TPOT_TAIL, strict=True)
    return float(np.interp(percentile, x, y))


def deployment_of(part: ServingPart, gpu: Gpu, precision: str, moe: bool) -> Deployment:
    """The formats and engine of a plan, layout left at one.

    Parameters
    ----------
    part
        Engine, release, cache format, drafts of the plan.
    gpu
        The accelerator's rates.
    precision
        Format of the weights: bf16, fp8, nvfp4, mxfp4 or int4.
    moe
        Whether the model has experts, which changes the formats of 4-bit checkpoints.
    """
    attention, dense, expert = part_bytes(precision, moe)
    narrow = precision in ("fp8", "nvfp4") and (part.engine == "trtllm" or bool(gpu.fp4))
    kv = part.kv_precision or ("fp8" if narrow else "bf16")
    drafts = part.speculative != "none"
    return Deployment(
        gpus=1.0, pp=1.0, dp=1.0, expert_ranks=1.0, attention_bytes=attention, dense_bytes=dense, expert_bytes=expert,
        kv_bytes=KV_BYTES[kv],
        flops=rate_of(gpu, precision), fp8=float(precision == "fp8"),
        nvfp4=float(precision == "nvfp4"), draft=3.0 if drafts else 1.0,
        accepted=float("nan") if part.acceptance is None else part.acceptance, engine=ENGINES.index(part.engine),
        year=part.engine_year or CURRENT_YEAR,
    )  # fmt: skip


def candidates(part: ServingPart, model: ServedModel, per_server: int, domain: int) -> tuple[Layout, ...]:
    """Layouts of a replica: the user's, or powers of two up to the scale-up domain and the whole server.

    Attention is tensor parallel up to the heads; models with experts or a latent cache also with data-parallel attention.

    Parameters
    ----------
    part
        The user's own layout where ``auto`` is false.
    model
        Heads and experts.
    per_server, domain
        Accelerators of a server, and of a scale-up domain.
    """
    moe, heads = bool(np.asarray(model.expert_count) > 0), int(np.asarray(model.heads))
    if not part.auto:
        return (Layout(part.tp, part.pp, part.ep, part.dp_attention),)
    most = max(1, min(domain, max(per_server, domain)))
    sizes = sorted({2**k for k in range(most.bit_length()) if 2**k <= most})
    found = [Layout(n, 1, n if moe else 1, 1) for n in sizes if heads % n == 0]
    if moe:
        found += [Layout(1, 1, n, n) for n in sizes if n > 1]
    found += [Layout(per_server, pp, 1, 1) for pp in (2, 4) if heads % per_server == 0]
    return tuple(found)


def curves(
    part: ServingPart, model: ServedModel, gpu: Gpu, at: Deployment, layouts: tuple[Layout, ...], k: ServingConstants
) -> Curves:
    """Evaluate all layouts from an almost idle replica to what cache and scheduler hold.

    Parameters
    ----------
    part
        Lengths, prefix, load and whether prefill has workers of its own.
    model, gpu, at
        What is served, on what, in which formats by which engine.
    layouts
        One row of the arrays each.
    k
        Fitted constants.
    """
    use, card = part.standard(), card_of(gpu)
    column = {
        name: np.array([[float(getattr(item, name))] for item in layouts])
        for name in ("tp", "pp", "ep", "dp_attention")
    }
    here = replace(
        at,
        gpus=column["tp"] * column["dp_attention"],
        pp=column["pp"],
        dp=column["dp_attention"],
        expert_ranks=column["ep"],
    )
    isl, osl = use.prompt_tokens, max(1.0, use.output_tokens)
    new = max(1.0, isl * (1.0 - use.shared_prefix_share))
    memory = serving_memory(model, here, card, isl + 0.6 * osl)
    fits = (memory.sequences >= 1)[:, 0]
    room = sequence_room(model, here, card, isl, osl)
    running = LEAST_RUNNING * (room / LEAST_RUNNING) ** np.linspace(0.0, 1.0, GRID)[None, :]
    beside = (
        0.0 if part.concurrency is not None else 1.0
    )  # at random arrivals a request sees itself beside the mean batch
    step = decode_step_s(model, here, card, running + beside, isl + osl / 2, k) / accepted_tokens(here, k)
    alone = prefill_s(model, here, card, new, k, alone=True)
    together = prefill_s(model, here, card, new, k, alone=False)
    return _loaded(part, here, card, k, (layouts, running, step, alone, together, fits, room, memory, osl))


def _loaded(part: ServingPart, at: Deployment, card: Card, k: ServingConstants, given: tuple) -> Curves:  # type: ignore[type-arg]
    layouts, running, step, alone, together, fits, room, memory, osl = given
    queue = queue_steps(at, card, k) * step * accepted_tokens(at, k)
    start = k.by_engine("start", at.engine) + alone + queue
    if part.disaggregated:
        tpot = step * k.disaggregated_decode
        rate, rho = running / (osl * tpot), np.full_like(running, PREFILL_LOAD)
        together = together * k.disaggregated_prefill
        start = k.disaggregated_start_s + alone + 2 * step
    else:
        free = running / (osl * step)
        rate = free / (1.0 + free * together)
        rho = rate * together
        tpot = step / (1 - rho)
    wait = waiting_s(rho, together, part.length_cv)
    if not part.disaggregated:
        tpot = tpot + prompts_behind_s(rho, wait, together) / osl
    return Curves(
        layouts=layouts, running=running, requests_per_s=np.maximum.accumulate(rate, axis=1), tpot_s=tpot,
        start_s=start, wait_s=wait, prefill_share=rho, fits=fits, room=room[:, 0], memory=memory, output_tokens=osl,
        prefill_s=together[:, 0],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A layout that carries the load: replicas (spares left out), prefill workers, the point it works at, what binds.

    ``at`` holds requests/s and in flight of one replica, running sequences, TPOT and the parts of TTFT in seconds; ``within``
    is False where no load meets the limits; ``most`` requests/s that a replica takes within the limits.
    """

    index: int
    layout: Layout
    replicas: int
    prefill_workers: int
    at: dict[str, float]
    binding: str
    within: bool
    most: float
    served: float

    @property
    def gpus(self) -> int:
        """Accelerators, spares left out."""
        return (self.replicas + self.prefill_workers) * self.layout.gpus


def first_token_s(at: Mapping[str, float], percentile: float) -> float:
    """TTFT at a percentile, of the point that a choice works at."""
    return at["start_s"] + float(waiting_quantile_s(at["wait_s"], at["prefill_share"], percentile / 100.0))


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
        most = float(axis[index, last])
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
        if not len(ok):
            binding = "ttft" if ttft[index, 0] > limit_t else "tpot"
        if filled < 1.0:
            binding = "prefill"
        out.append(Choice(index, layout, replicas, workers, at, binding, bool(len(ok)), most, served))
    whole = max(0.0, found.output_tokens - 1.0)

    def order(item: Choice) -> tuple[float, ...]:
        end = first_token_s(item.at, q) + whole * item.at["tpot_s"]
        return (float(not item.within), -round(item.served, 6), float(item.gpus if gpus is None else 0), end)

    return sorted(out, key=order)


def _point(found: Curves, axis: Array, index: int, load: float) -> dict[str, float]:
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
            ("in_flight", found.in_flight()),
        )
    }  # fmt: skip
    return point | {name: point[name] * idle for name in ("requests_per_s", "running", "in_flight")}


def point_of(part: ServingPart, found: Curves, choice: Choice, replicas: int) -> dict[str, float]:
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
