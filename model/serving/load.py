"""What a load makes of steps: latency and rate under closed and open loop, disaggregated, offline, bursts, static batches.

Little's law throughout; prompts wait as in an M/G/1 queue (Pollaczek-Khinchine; Kleinrock, Queueing
Systems I). Every function broadcasts and
returns seconds and rates of one replica; ``rate`` is output tokens/s of the whole replica.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.serving import constants as c
from mitsumori.model.serving.memory import MAX_SEQUENCES, serving_memory
from mitsumori.model.serving.shape import Card, Deployment, ServedModel
from mitsumori.model.serving.step import accepted_tokens, decode_step_s, decode_terms, prefill_s, weights_read_s

ROUNDS: Final = 8
"""Damped iterations of the fixed point between batch and step."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one replica: first token and a token after it in seconds, end to end, output tokens/s, running sequences."""

    ttft_s: Array
    tpot_s: Array
    e2e_s: Array
    rate: Array
    running: Array
    room: Array


def waiting_s(busy: Num, service_s: Num, cv: Num) -> Array:
    """Mean wait of a prompt for those before it: ``rho*t*(1 + cv^2)/(2*(1-rho))``, Poisson arrivals (M/G/1).

    ``busy`` is rho, the share of time in prefill; ``service_s`` the mean prefill, ``cv`` its relative spread.

    Parameters
    ----------
    busy
        Share of time that the replica reads prompts (rho), 0 to below 1.
    service_s
        Mean prefill of a prompt, seconds.
    cv
        Standard deviation of a prefill over its mean, 0 or more.
    """
    rho = np.asarray(busy)
    return np.asarray(rho * np.asarray(service_s) * (1.0 + np.asarray(cv) ** 2) / (2.0 * (1.0 - rho)))


def prompts_behind_s(busy: Num, wait_s: Num, service_s: Num) -> Array:
    """Time before a request's first step that goes to prompts which came while it waited and was read itself.

    Parameters
    ----------
    busy
        Share of time that the replica reads prompts, 0 to below 1.
    wait_s, service_s
        Mean wait of a prompt and mean prefill, seconds.
    """
    rho = np.asarray(busy)
    return np.asarray(rho * (np.asarray(wait_s) + np.asarray(service_s)) / (1.0 - rho))


def waiting_quantile_s(mean_s: Num, busy: Num, quantile: float) -> Array:
    """Quantile of the wait: ``P(W > t) = rho*exp(-rho*t/mean)``, exact for exponential service, the usual tail for others.

    Parameters
    ----------
    mean_s
        Mean wait, seconds (:func:`waiting_s`).
    busy
        Share of time that the replica reads prompts, 0 to below 1; at most 1 - ``quantile`` there is no wait.
    quantile
        0 to below 1.
    """
    rho = np.maximum(1e-9, np.asarray(busy))
    return np.asarray(np.asarray(mean_s) / rho * np.maximum(0.0, np.log(rho / (1.0 - quantile))))


def sequence_room(model: ServedModel, at: Deployment, card: Card, isl: Num, osl: Num) -> Array:
    """Sequences that cache and scheduler take; at least one, whether or not the memory model grants it.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    """
    held = serving_memory(model, at, card, np.asarray(isl) + 0.6 * np.asarray(osl)).sequences
    return np.clip(held, 1.0, MAX_SEQUENCES * np.asarray(at.dp) * at.pp)


def queue_steps(at: Deployment, card: Card, k: c.ServingConstants) -> Array:
    """Decode steps that a new request waits, by engine and family.

    Parameters
    ----------
    at, card
        Engine of the replica, and family of the accelerator.
    k
        Fitted constants.
    """
    engine = np.asarray(at.engine)
    steps = np.where(engine == 0, k.queue_steps_trtllm, k.queue_steps_vllm)
    glang = np.where(np.asarray(card.blackwell) > 0, k.queue_steps_sglang_blackwell, k.queue_steps_sglang)
    glang = np.where(np.asarray(card.amd) > 0, k.queue_steps_amd, glang)
    return np.where(engine == 1, glang, steps)


def closed_loop(
    model: ServedModel, at: Deployment, card: Card, concurrency: Num, isl: Num, osl: Num, k: c.ServingConstants,
    *, mean: Num = 1.0, spread: Num = 0.2, cached: Num = 0.0,
) -> Answer:  # fmt: skip
    """``concurrency`` requests always in flight.

    ``TPOT = step(B)/accepted + interference*(B-1)/osl*t_b`` (every running request pays for the prefills of the others);
    TTFT is start, own prefill, queue steps and the share of the opening burst; ``B = C*osl*TPOT/E2E`` at most what the cache
    holds, the rest waits.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    concurrency, isl, osl
        Requests in flight; prompt and output tokens (means).
    k
        Fitted constants.
    mean
        1 for the mean of TTFT, 0 for the median.
    spread
        Relative spread of the lengths.
    cached
        Share of the prompt found in the prefix cache.
    """
    C, o = np.asarray(concurrency, dtype=float), np.maximum(1.0, osl)
    new = np.asarray(isl) * (1.0 - np.asarray(cached))
    together, alone = (prefill_s(model, at, card, new, k, alone=flag) for flag in (False, True))
    room, context = sequence_room(model, at, card, isl, osl), np.asarray(isl) + o / 2
    accepted, grouped = accepted_tokens(at, k), np.asarray(at.dp) > 1
    start = k.by_engine("start", at.engine) + 0.4e-3 * C * k.by_engine("start", at.engine) / k.start_trtllm_s
    own = alone * np.where(mean, k.mean_prefill, 1.0) + start + np.where(mean, k.mean_start_s, 0.0)
    running = np.minimum(C, room)
    tpot = ttft = np.zeros(np.shape(running))
    for turn in range(ROUNDS):
        step = decode_step_s(model, at, card, running, context, k)
        tpot = step / accepted + k.interference * np.maximum(0.0, running - 1.0) / o * together
        fill = running * together
        burst = fill / (fill + np.asarray(spread) * o * tpot)
        waits = fill / 2 * (np.where(mean, 0.13, 0.0) + 0.28 * burst**3) * np.where(grouped, 1.6, 1.0)
        ttft = own + queue_steps(at, card, k) * step + waits
        ttft = ttft + np.where(grouped & (np.asarray(at.engine) == 0), 28.0 * step, 0.0)
        wanted = np.minimum(room, C * o * tpot / (ttft + o * tpot))
        if turn < ROUNDS - 1:
            running = np.maximum(np.minimum(1.0, C), np.sqrt(running * wanted))
    ttft = ttft + np.maximum(0.0, C / room - 1.0) * o * tpot
    e2e = ttft + (o - 1) * tpot
    return Answer(ttft, tpot, e2e, C * o / e2e, running, room)


def open_loop(
    model: ServedModel, at: Deployment, card: Card, requests_per_s: Num, isl: Num, osl: Num, k: c.ServingConstants,
    *, cached: Num = 0.0, cv: Num = 0.0, quantile: float = 0.5,
) -> Answer:  # fmt: skip
    """Requests arrive at random at ``requests_per_s`` of one replica.

    ``B = lambda*osl*TPOT`` (Little), ``rho = lambda*t_b`` the share of time in prefill, ``TPOT = step(B)/(accepted*(1-rho))``,
    the wait of :func:`waiting_quantile_s`. A request decodes beside the ``B`` that others see and itself (the batch is
    negative binomial where a step is linear in it), after the prompts that came while it waited: ``rho*(W + t_b)/(1-rho)``.
    Where rho reaches 1 or the batch exceeds the room the times are infinite.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    requests_per_s
        Arrivals at one replica, Poisson, above 0.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    k
        Fitted constants.
    cached
        Share of the prompt found in the prefix cache, 0 to below 1.
    cv
        Standard deviation of a prefill over its mean.
    quantile
        Of the wait in TTFT, 0 to below 1.
    """
    lam, o = np.asarray(requests_per_s, dtype=float), np.maximum(1.0, osl)
    new = np.asarray(isl) * (1.0 - np.asarray(cached))
    together, alone = (prefill_s(model, at, card, new, k, alone=flag) for flag in (False, True))
    rho = np.minimum(lam * together, 0.999)
    room, context = sequence_room(model, at, card, isl, osl), np.asarray(isl) + o / 2
    accepted = accepted_tokens(at, k)
    mean = waiting_s(rho, together, cv)
    behind = prompts_behind_s(rho, mean, together) / o
    # B = lambda*osl*step(B)/... has its smallest solution between the unloaded step and the room: bisection is monotone
    low, high = np.zeros(np.broadcast(lam, room).shape), room + 0.0 * lam
    for _ in range(24):
        middle = (low + high) / 2
        tpot = decode_step_s(model, at, card, middle + 1.0, context, k) / accepted / (1 - rho) + behind
        above = lam * o * tpot > middle
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    running = high
    step = decode_step_s(model, at, card, running + 1.0, context, k)
    tpot = step / accepted / (1 - rho) + behind
    stable = (lam * together < 0.999) & (lam * o * tpot <= room * 1.0001)
    wait = waiting_quantile_s(mean, rho, quantile)
    ttft = k.by_engine("start", at.engine) + alone + queue_steps(at, card, k) * step + wait
    ttft, tpot = np.where(stable, ttft, np.inf), np.where(stable, tpot, np.inf)
    return Answer(ttft, tpot, ttft + (o - 1) * tpot, np.where(stable, lam * o, 0.0), running, room)


def disaggregated(
    model: ServedModel, prefill: Deployment, decode: Deployment, card: Card, workers: tuple[Num, Num], concurrency: Num,
    isl: Num, osl: Num, k: c.ServingConstants, *, mean: Num = 1.0,
) -> Answer:  # fmt: skip
    """Prefill and decode on workers of their own (DistServe, arXiv 2401.09670), ``workers`` = (prefill, decode).

    Throughput is the soft minimum of the prefill capacity and of what the decoders take; the decoders' steps hold no prefill.
    ``rate`` counts all decoders.

    Parameters
    ----------
    model, card
        What is served, and the rates of the accelerator.
    prefill, decode
        Layouts of a worker that reads prompts and of one that decodes.
    workers
        Counts of both, each at least 1.
    concurrency
        Requests in flight over all workers.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    k
        Fitted constants.
    mean
        1 for the mean of TTFT, 0 for the median.
    """
    C, o = np.asarray(concurrency, dtype=float), np.maximum(1.0, osl)
    wp, wd = (np.maximum(1.0, w) for w in workers)
    together = prefill_s(model, prefill, card, isl, k, alone=False) * k.disaggregated_prefill
    alone = prefill_s(model, prefill, card, isl, k, alone=True)
    capacity = wp / together
    room = sequence_room(model, decode, card, isl, osl) * wd
    context, accepted = np.asarray(isl) + o / 2, accepted_tokens(decode, k)
    running = np.minimum(C, room)
    tpot = through = first = np.ones(np.shape(running))
    for turn in range(ROUNDS):
        step = decode_step_s(model, decode, card, np.maximum(1.0, running / wd), context, k) * k.disaggregated_decode
        tpot = step / accepted
        first = k.disaggregated_start_s * np.where(mean, 2.0, 1.0) + alone + 2 * step
        first = first + np.where(mean, 0.19, 0.0) * np.maximum(0.0, C - wp) / 2 * together / wp
        decoders = np.minimum(C, room) / (first + o * tpot)
        through = (capacity**-4.0 + decoders**-4.0) ** -0.25
        if turn < ROUNDS - 1:
            running = np.sqrt(running * np.minimum(room, through * o * tpot))
    ttft = np.maximum(first, C / through - o * tpot)
    return Answer(ttft, tpot, ttft + (o - 1) * tpot, through * o, running, room)


def offline(
    model: ServedModel, at: Deployment, card: Card, isl: Num, osl: Num, k: c.ServingConstants,
    *, tpot_limit_s: Num = np.inf,
) -> Answer:  # fmt: skip
    """The queue never empties: the largest batch that cache, scheduler and a limit on TPOT allow.

    A limit is on a high percentile: the mean keeps 0.77 of it.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    k
        Fitted constants.
    tpot_limit_s
        Most seconds a token, at a high percentile; infinite: no limit.
    """
    o = np.maximum(1.0, osl)
    together = prefill_s(model, at, card, isl, k, alone=False)
    room = np.minimum(sequence_room(model, at, card, isl, osl), c.OFFLINE_SEQUENCES * np.asarray(at.dp) * at.pp)
    context, accepted = np.asarray(isl) + o / 2, accepted_tokens(at, k)

    def token_s(batch: Array) -> Array:
        step = decode_step_s(model, at, card, batch, context, k) * k.offline_level / accepted
        return np.asarray(step + k.interference * batch / o * together)

    low, high = np.ones(np.shape(room)), room
    for _ in range(24):
        middle = np.sqrt(low * high)
        within = token_s(middle) <= 0.77 * np.asarray(tpot_limit_s)
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    batch = np.where(np.isfinite(tpot_limit_s), np.maximum(1.0, low), room)
    tpot = token_s(batch)
    rate = batch / tpot * np.where(np.isfinite(tpot_limit_s), k.queue_share, 1.0)
    ttft = k.by_engine("start", at.engine) + prefill_s(model, at, card, isl, k, alone=True)
    return Answer(ttft, tpot, ttft + (o - 1) * tpot, rate, batch, room)


def burst(
    model: ServedModel, at: Deployment, card: Card, requests: Num, isl: Num, osl: Num, k: c.ServingConstants
) -> Answer:
    """``requests`` at once, then none: all prefills, then rounds of the batch that fits.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    requests
        Requests that come at once, at least 1.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    k
        Fitted constants.
    """
    count, o = np.asarray(requests, dtype=float), np.maximum(1.0, osl)
    together = prefill_s(model, at, card, isl, k, alone=False)
    room = sequence_room(model, at, card, isl, osl)
    batch = np.minimum(room, count)
    step = decode_step_s(model, at, card, batch, np.asarray(isl) + o / 2, k) / accepted_tokens(at, k)
    whole = count * together + count / batch * o * step
    ttft = whole * 0.5 * (1 - batch / count) + np.minimum(count, batch) * together / 2
    ttft = ttft + prefill_s(model, at, card, isl, k, alone=True)
    tpot = step + batch * together / 2 / o
    return Answer(ttft, tpot, ttft + (o - 1) * tpot, count * o / whole, batch, room)


STATIC_USABLE: Final = 0.96
STATIC_WORKSPACE_BYTES: Final = 0.8e9
"""Memory that an engine built for one fixed batch leaves for its cache."""


def static_batch(
    model: ServedModel, at: Deployment, card: Card, batch: Num, isl: Num, osl: Num, k: c.ServingConstants,
    *, static: c.StaticConstants, engine: Num, devices: Num,
) -> Answer:  # fmt: skip
    """A fixed batch from first prompt to last token by an engine of 2024: ``E2E = waves*(prefill*batch + osl*step)``.

    The step adds the data-sheet terms, launches and host time, which these engines do not overlap. What the cache does not
    hold runs in waves. ``engine`` codes into :data:`STATIC_ENGINES`; ``devices`` accelerators that llama.cpp splits rows over.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    batch
        Sequences from first prompt to last token, at least 1.
    isl, osl
        Mean tokens of a prompt and of an answer, at least 1.
    k
        Fitted constants.
    static
        Constants of these engines.
    engine
        Place in :data:`STATIC_ENGINES`.
    devices
        Accelerators that llama.cpp splits rows over.
    """
    o, B = np.maximum(1.0, osl), np.asarray(batch, dtype=float)
    memory = serving_memory(
        model, at, card, np.asarray(isl) + 0.75 * o, usable=STATIC_USABLE, workspace=STATIC_WORKSPACE_BYTES
    )
    held = np.minimum(B, np.maximum(1.0, memory.sequences))
    step = static_step_s(model, at, card, held, np.asarray(isl) + o / 2, k, static, engine, devices)
    slow = np.where(np.asarray(card.amd) > 0, static.prefill_amd, 1.0) * static.by_engine("prefill", engine)
    first = prefill_s(model, at, card, isl, k, alone=False) * slow * held
    e2e = B / held * (first + o * step)
    return Answer(first, np.asarray(step), e2e, B * o / e2e, B, B)


def static_step_s(
    model: ServedModel, at: Deployment, card: Card, batch: Num, context: Num, k: c.ServingConstants,
    static: c.StaticConstants, engine: Num, devices: Num,
) -> Array:  # fmt: skip
    """Seconds of one decode step of an engine of 2024; parameters as in :func:`static_batch`.

    Parameters
    ----------
    model, at, card
        What is served (parameters by part, cache), how one replica is laid out (ranks, formats, engine), and the rates of the
        accelerator (bytes/s, FLOP/s, bytes); arrays broadcast, one row a configuration.
    batch, context
        Sequences, and mean tokens in the cache of one.
    k
        Fitted constants.
    static, engine, devices
        As in :func:`static_batch`.
    """
    amd = np.asarray(card.amd) > 0
    older = np.where(np.asarray(card.cdna2) > 0, static.weights_cdna2, static.weights_cdna3)
    llama = np.asarray(engine) == c.STATIC_ENGINES.index("llamacpp")
    split = static.split_llamacpp / (1.0 + static.split_llamacpp)
    own = np.where(llama, static.weights_llamacpp * (split / np.asarray(devices) + 1.0 - split), 1.0)
    terms = decode_terms(model, at, card, batch, context, k)
    read = weights_read_s(model, at, card, k) * static.weights
    parameters = model.attention / at.attention_ranks + (np.asarray(model.dense) + model.head) / np.asarray(at.gpus)
    speed = np.where(amd, static.amd_flops, np.asarray(card.bf16) * static.flop_share)
    weights = np.cbrt((read * np.where(amd, older, 1.0) * own) ** 3 + (2.0 * parameters * batch / speed) ** 3)
    host = static.by_engine("layer", engine) * model.layers + static.by_engine("host", engine)
    rest = terms["experts"] * np.where(amd, older, 1.0) * np.where(llama, static.weights_llamacpp, 1.0)
    rest = rest + terms["attention"] * static.attention * np.where(amd, static.attention_amd, 1.0)
    rest = rest + np.where(llama, 0.0, terms["collectives"] * static.collectives)
    return np.asarray(
        weights + rest + host * np.where(amd, static.host_amd, 1.0) + static.by_engine("sequence", engine) * batch
    )
