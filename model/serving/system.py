"""Which layout and how many replicas carry a load within its limits, and the curve between speed of a user and of a GPU.

Every layout is evaluated on a grid of running sequences at once; what keeps that many running follows in closed form. Requests
that arrive at random (:func:`model.serving.queueing.open_busy`), with ``rho`` the share of time in prefill, ``t_b`` the prefill
of a request, ``o`` its answer, ``t`` the step over the accepted tokens::

    lambda = rho/t_b,   TPOT = (o*t + rho*(W + t_b)) / (o*(1 - rho)),   B = lambda*o*TPOT
    TTFT_q = start + t_1 + queue*t + wait_q(rho, t_b) + wait_q(places)

A given number in flight: :func:`model.serving.load.closed_times`, which is what is fitted to measured runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.catalogue.accelerators import FAMILIES, Gpu
from mitsumori.model.plan.serving import ServingPart
from mitsumori.model.serving.constants import ENGINES, ServingConstants
from mitsumori.model.serving.layout import AXES, Layout, own_layout
from mitsumori.model.serving.load import (
    closed_times,
    in_flight_of,
    prompts_of,
    queue_steps,
    sequence_room,
    soft_minimum,
)
from mitsumori.model.serving.memory import ServingMemory, serving_memory
from mitsumori.model.serving.queueing import (
    Waits,
    first_token_quantile_s,
    log_normal_quantile,
    most_telling_spread,
    open_busy,
    prompts_behind_s,
    slots,
    token_spread,
    ttft_quantile_s,
    waiting_quantile_s,
    waiting_s,
)
from mitsumori.model.serving.shape import (
    KV_BYTES,
    Card,
    Deployment,
    ServedModel,
    card_of,
    expert_tiles,
    kv_format,
    part_bytes,
    rate_of,
)
from mitsumori.model.serving.step import accepted_tokens, cache_transfer_s, decode_step_s, prefill_s

CURRENT_YEAR: Final = 2026.6
GRID: Final = 84
"""Points of running sequences a layout."""
LEAST_RUNNING: Final = 0.01
"""Running sequences, on average, of the emptiest point."""
NEAR_FULL: Final = (24, 0.6, 0.98)
"""Points near a full replica of random arrivals, where waits grow steeply; the shares of its places between which they lie."""
TPOT_TAIL: Final = ((50.0, 1.0), (90.0, 1.06), (99.0, 1.07))
"""Percentile of TPOT over its mean: measured runs under load."""
PREFILL_LOAD: Final = 0.7
"""Share of time that prefill workers of a disaggregated system are busy at the peak."""
PERCENTILES: Final = (50.0, 90.0, 95.0, 99.0)


@dataclass(frozen=True, slots=True)
class Curves(Waits[Array]):
    """All layouts on the grid, arrays (layouts, points): requests/s and in flight of one replica, times, prefill share.

    ``spread`` is the sigma of TPOT over requests; ``own_s`` stands once a layout (layouts, 1), as do ``fits`` and ``room``
    (layouts).
    """

    layouts: tuple[Layout, ...]
    running: Array
    requests_per_s: Array
    tpot_s: Array
    spread: Array
    fits: Array
    room: Array
    memory: ServingMemory
    output_tokens: float
    prefill_s: Array

    def ttft_s(self, percentile: float) -> Array:
        """TTFT at a percentile: prompts differ in length, and the waits have exponential tails."""
        return ttft_quantile_s(self, percentile / 100.0)

    def waits_for_places(self, percentile: float) -> Array:
        """Where a place among the running is waited for longer than the prompts before: the cache is full, not the engine."""
        q = percentile / 100.0
        prompts = waiting_quantile_s(self.wait_s, self.prefill_share, q)
        return np.asarray(waiting_quantile_s(self.place_wait_s, self.place_busy, q) > prompts)

    def tpot_at(self, percentile: float) -> Array:
        """TPOT at a percentile."""
        return np.asarray(self.tpot_s * tail(percentile, self.spread))

    def scaled(self, ttft: float, tpot: float) -> Curves:
        """The curves with times that a load test found longer or shorter; the rate follows by Little's law."""
        return replace(
            self, tpot_s=self.tpot_s * tpot, start_s=self.start_s * ttft, own_s=self.own_s * ttft,
            wait_s=self.wait_s * ttft,
            place_wait_s=self.place_wait_s * tpot, requests_per_s=self.requests_per_s / tpot,
        )  # fmt: skip

    def in_flight(self) -> Array:
        """Requests in flight of a replica: arrivals times mean time in the system."""
        waits = self.wait_s + self.place_wait_s
        return np.asarray(self.requests_per_s * (self.start_s + waits + (self.output_tokens - 1.0) * self.tpot_s))


def tail(percentile: float, spread: Num) -> Array:
    """Percentile of TPOT over its mean: what the queue makes of it (log-normal), at least that of measured runs under load.

    Load only ever adds to a token's time, so that no percentile of it falls with the load. That of a log-normal figure falls
    with its sigma beyond ``z``, the percentile of the normal distribution (a few long requests then carry the mean, and the
    others would be sooner than on an idle replica): the largest of all spreads up to this one is taken,
    ``exp(z*s - s^2/2)``, ``s = min(sigma, z)``.

    Parameters
    ----------
    percentile
        1 to 99.
    spread
        Sigma of the logarithm (:func:`model.serving.queueing.token_spread`); 0 where only the measured one is known.
    """
    x, y = zip(*TPOT_TAIL, strict=True)
    sigma = np.minimum(np.asarray(spread), most_telling_spread(percentile / 100.0))
    return np.maximum(float(np.interp(percentile, x, y)), log_normal_quantile(sigma**2, percentile / 100.0))


def deployment_of(part: ServingPart, gpu: Gpu, precision: str, moe: bool, latent: bool = False) -> Deployment:
    """The formats and engine of a plan, layout left at one.

    Parameters
    ----------
    part
        Engine, release, cache format, drafts of the plan.
    gpu
        The accelerator's rates.
    precision
        Format of the weights: bf16, fp8, nvfp4, mxfp4 or int4.
    moe, latent
        Whether the model has experts, and a latent cache: both change the formats of 4-bit checkpoints.
    """
    attention, dense, expert = part_bytes(precision, moe, latent)
    kv = part.kv_precision or kv_format(precision, part.engine, gpu)
    # A step yields no more tokens than it verifies.
    verified = 3.0 if part.draft_tokens is None else part.draft_tokens + 1.0
    draft = max(verified, math.ceil(part.acceptance or 0.0)) if part.speculative != "none" else 1.0
    tall, wide = expert_tiles(precision, FAMILIES[int(np.asarray(gpu.family))])
    return Deployment(
        gpus=1.0, pp=1.0, dp=1.0, expert_ranks=1.0, attention_bytes=attention, dense_bytes=dense, expert_bytes=expert,
        kv_bytes=KV_BYTES[kv],
        flops=rate_of(gpu, precision), fp8=float(precision == "fp8" and bool(gpu.fp8)),
        nvfp4=float(precision == "nvfp4" and bool(gpu.fp4)), draft=draft,
        accepted=float("nan") if part.acceptance is None else part.acceptance, engine=ENGINES.index(part.engine),
        year=part.engine_year or CURRENT_YEAR, hidden_tile=tall, width_tile=wide,
    )  # fmt: skip


def candidates(part: ServingPart, model: ServedModel, per_server: int, domain: int) -> tuple[Layout, ...]:
    """Layouts of a replica: the user's, or powers of two up to the scale-up domain or the whole server, the larger (cards
    that no link joins pass their slots).

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
        return (own_layout(part),)
    most = max(1, per_server, domain)
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
    here = at.laid_out(*(np.array([[float(getattr(item, name))] for item in layouts]) for name in AXES))
    isl, osl = use.prompt_tokens, max(1.0, use.output_tokens)
    new = max(1.0, isl * (1.0 - use.shared_prefix_share))
    memory = serving_memory(model, here, card, isl + 0.6 * osl)
    fits = (memory.sequences >= 1)[:, 0]
    room = sequence_room(model, here, card, isl, osl)
    running = room * _filling(room, part.concurrency is None)
    kept = max(0.0, isl - new)
    together, own = (prefill_s(model, here, card, new, k, alone=flag, before=kept) for flag in (False, True))
    given = _Given(part, model, here, card, k, isl + osl / 2, osl, new, isl, room, own)
    if part.disaggregated:
        times = _disaggregated(given, running, together)
        together = together * k.disaggregated_prefill
    else:
        times = _closed(given, running) if part.concurrency is not None else _open(given, running, together)
    rate, tpot, start, wait, rho, spread = times
    waits, share = slots(running, room, part.length_cv) if part.concurrency is None else (np.zeros_like(running),) * 2
    return Curves(
        layouts=layouts, running=running, requests_per_s=np.maximum.accumulate(rate, axis=1), tpot_s=tpot,
        start_s=start, wait_s=wait, prefill_share=rho, place_wait_s=share * osl * tpot, place_busy=waits, spread=spread,
        fits=fits, room=room[:, 0], memory=memory, output_tokens=osl, prefill_s=together[:, 0],
        own_s=own, length_cv=part.length_cv,
    )  # fmt: skip


def _filling(room: Array, at_random: bool) -> Array:
    """Share of its places that each point of a layout fills, (layouts, points): even in the logarithm from an almost idle
    replica, and close together where requests that arrive at random find few places left."""
    near, low, high = NEAR_FULL
    if not at_random:
        return np.asarray((LEAST_RUNNING / room) ** np.linspace(1.0, 0.0, GRID)[None, :])
    empty = LEAST_RUNNING / room
    first = empty * (low / empty) ** np.linspace(0.0, 1.0, GRID - near)[None, :]
    left = (1.0 - low) * ((1.0 - high) / (1.0 - low)) ** np.linspace(0.0, 1.0, near + 1)[None, 1:]
    return np.concatenate([first, np.broadcast_to(1.0 - left, (len(room), near))], axis=1)


class _Given(NamedTuple):
    """What all points of all layouts share; arrays (layouts, 1)."""

    part: ServingPart
    model: ServedModel
    at: Deployment
    card: Card
    k: ServingConstants
    context: float
    osl: float
    new: float
    prompt: float
    room: Array
    own: Array


Times = tuple[Array, Array, Array, Array, Array, Array]
"""Requests/s, TPOT, TTFT without waiting, mean wait, share of time in prefill, spread of TPOT; (layouts, points)."""


def _open(g: _Given, running: Array, together: Array) -> Times:
    """Requests arrive at random: each finds the mean batch and joins it."""
    step = decode_step_s(g.model, g.at, g.card, running + 1.0, g.context, g.k)
    decoding = g.osl * step / accepted_tokens(g.at, g.k)
    rho = open_busy(running, decoding, together, g.part.length_cv)
    wait = waiting_s(rho, together, g.part.length_cv)
    tpot = (decoding / (1.0 - rho) + prompts_behind_s(rho, wait, together)) / g.osl
    start = g.k.by_engine("start", g.at.engine) + g.own + queue_steps(g.at, g.card, g.k) * step
    spread = token_spread(rho, wait, together, tpot, g.osl, running, step, g.part.length_cv)
    return rho / together, tpot, start, wait, rho, spread


def _closed(g: _Given, running: Array) -> Times:
    """A number in flight: the median of TTFT is the fitted one, its tail that of the queue of prompts."""
    prompts = prompts_of(g.model, g.at, g.card, g.new, g.k, mean=0.0, spread=g.part.length_cv, before=g.prompt - g.new)
    tpot, ttft = closed_times(g.model, g.at, g.card, running, g.context, g.osl, g.k, prompts)
    ttft = ttft + prompts.a_request_s * in_flight_of(running, tpot, ttft, prompts.a_request_s, g.osl)
    rate = running / (g.osl * tpot)
    rho = np.minimum(0.999, rate * prompts.together_s)
    wait = waiting_s(rho, prompts.together_s, g.part.length_cv)
    start = g.own + np.maximum(0.0, ttft - first_token_quantile_s(g.own, g.part.length_cv, wait, rho, 0.5))
    return rate, tpot, start, wait, rho, np.zeros_like(running)


def _disaggregated(g: _Given, running: Array, together: Array) -> Times:
    """Prompts are read by workers of their own, which are busy for :data:`PREFILL_LOAD` of the time at the peak.

    A number in flight is answered by what is fitted to measured runs (:func:`model.serving.load.disaggregated`, its median):
    with the capacity of the prefill ``1/PREFILL_LOAD`` of the decoders' rate the soft minimum of both is a fixed share ``s`` of
    it, and ``TTFT = C/X - o*TPOT = (start + o*TPOT)/s - o*TPOT``.
    """
    beside = 0.0 if g.part.concurrency is not None else 1.0  # a request that arrives at random joins the mean batch
    step = decode_step_s(g.model, g.at, g.card, running + beside, g.context, g.k)
    tpot = step / accepted_tokens(g.at, g.k) * g.k.disaggregated_decode
    rho = np.full_like(running, PREFILL_LOAD)
    wait = waiting_s(rho, together * g.k.disaggregated_prefill, g.part.length_cv)
    start = g.k.disaggregated_start_s + g.own + 2.0 * step * g.k.disaggregated_decode
    start = start + cache_transfer_s(g.model, g.at, g.at, g.card, g.prompt)
    still = np.zeros_like(running)  # no prompt stops a decoder
    if not beside:
        share = float(soft_minimum(1.0 / PREFILL_LOAD, 1.0))
        first = (start + g.osl * tpot) / share - g.osl * tpot
        waits = first_token_quantile_s(g.own, g.part.length_cv, wait, rho, 0.5)
        start = g.own + np.maximum(0.0, first - waits)  # the tail is the queue's
    spread = token_spread(still, still, together, tpot, g.osl, running, step, g.part.length_cv) if beside else still
    return running / (g.osl * tpot), tpot, start, wait, rho, spread
