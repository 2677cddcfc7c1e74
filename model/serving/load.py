"""What a load makes of steps: latency and rate in a closed loop, disaggregated, offline, bursts, static batches.

Little's law throughout. Every function broadcasts and returns seconds and rates of one replica; ``rate`` is output tokens/s of
the whole replica. Requests that arrive at random: :mod:`model.serving.system` with :mod:`model.serving.queueing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.serving import constants as c
from mitsumori.model.serving.memory import MAX_SEQUENCES, serving_memory
from mitsumori.model.serving.queueing import waiting_s
from mitsumori.model.serving.shape import Card, Deployment, ServedModel
from mitsumori.model.serving.step import (
    accepted_tokens,
    cache_transfer_s,
    decode_step_s,
    decode_terms,
    prefill_s,
    weights_read_s,
)

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
    booked = np.where(np.asarray(at.engine) == 0, 1.0, 0.6)  # TensorRT-LLM evicts nothing, the others compute again
    held = serving_memory(model, at, card, np.asarray(isl) + booked * np.asarray(osl)).sequences
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


@dataclass(frozen=True, slots=True)
class Prompts:
    """What prompts cost a replica: seconds of a busy engine, of a first token alone with the engine's delay, and that delay's
    growth with every request in flight; whether the mean of TTFT is meant (1) or the median (0), and the spread of lengths."""

    together_s: Array
    alone_s: Array
    a_request_s: Array
    mean: Num
    spread: Num


def prompts_of(
    model: ServedModel,
    at: Deployment,
    card: Card,
    new: Num,
    k: c.ServingConstants,
    *,
    mean: Num = 1.0,
    spread: Num = 0.2,
    before: Num = 0.0,
) -> Prompts:
    """What prompts of ``new`` tokens cost a replica in a closed loop.

    Parameters
    ----------
    model, at, card
        What is served, how one replica is laid out, and the rates of the accelerator.
    new
        Tokens of a prompt that the prefix cache does not hold, above 0.
    k
        Fitted constants.
    mean
        1 for the mean of TTFT, 0 for the median.
    spread
        Relative spread of the lengths.
    before
        Tokens that the prefix cache holds, 0 or more: nothing is computed of them, but the new ones look at them.
    """
    together, alone = (prefill_s(model, at, card, new, k, alone=flag, before=before) for flag in (False, True))
    start = k.by_engine("start", at.engine)
    own = alone * np.where(mean, k.mean_prefill, 1.0) + start + np.where(mean, k.mean_start_s, 0.0)
    return Prompts(together, own, np.asarray(0.4e-3 * start / k.start_trtllm_s), mean, spread)


def closed_times(
    model: ServedModel, at: Deployment, card: Card, running: Num, context: Num, osl: Num, k: c.ServingConstants,
    prompts: Prompts,
) -> tuple[Array, Array]:  # fmt: skip
    """TPOT of a replica that decodes ``running`` sequences in a closed loop, and its TTFT without the growth by requests in
    flight (:attr:`Prompts.a_request_s`).

    ``TPOT = step(B)/accepted + interference*(B-1)/osl*t_b``: every running request pays for the prefills of the others. TTFT is
    start, own prefill, queue steps and the share of the opening burst.

    Parameters
    ----------
    model, at, card
        What is served, how one replica is laid out, and the rates of the accelerator.
    running
        Sequences that decode (B), above 0.
    context, osl
        Mean tokens in the cache of a sequence; mean tokens of an answer, at least 1.
    k
        Fitted constants.
    prompts
        What prompts cost (:func:`prompts_of`).
    """
    together, grouped = prompts.together_s, np.asarray(at.dp) > 1
    step = decode_step_s(model, at, card, running, context, k)
    tpot = step / accepted_tokens(at, k) + k.interference * np.maximum(0.0, np.asarray(running) - 1.0) / osl * together
    fill = running * together
    burst = fill / (fill + np.asarray(prompts.spread) * osl * tpot)
    waits = fill / 2 * (np.where(prompts.mean, 0.13, 0.0) + 0.28 * burst**3) * np.where(grouped, 1.6, 1.0)
    ttft = prompts.alone_s + queue_steps(at, card, k) * step + waits
    return np.asarray(tpot), ttft + np.where(grouped & (np.asarray(at.engine) == 0), 28.0 * step, 0.0)


def in_flight_of(running: Num, tpot_s: Num, ttft_s: Num, a_request_s: Num, osl: Num) -> Array:
    """Requests in flight that keep ``running`` sequences decoding: ``C = B*(TTFT + osl*TPOT)/(osl*TPOT)``, TTFT growing with C.

    Parameters
    ----------
    running
        Sequences that decode, above 0.
    tpot_s, ttft_s, a_request_s
        Of :func:`closed_times`, seconds; what TTFT grows by with every request in flight.
    osl
        Mean tokens of an answer, at least 1.
    """
    decoding = np.asarray(osl) * tpot_s
    # Where the growth alone takes as long as decoding no number in flight is enough: the batch stays below.
    left = np.maximum(0.02, 1.0 - np.asarray(running) * a_request_s / decoding)
    return np.asarray(running * (ttft_s + decoding) / decoding / left)


def closed_loop(
    model: ServedModel, at: Deployment, card: Card, concurrency: Num, isl: Num, osl: Num, k: c.ServingConstants,
    *, mean: Num = 1.0, spread: Num = 0.2, cached: Num = 0.0,
) -> Answer:  # fmt: skip
    """``concurrency`` requests always in flight: :func:`closed_times` at ``B = C*osl*TPOT/E2E``, at most what the cache holds;
    the rest waits.

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
    new = np.maximum(1.0, np.asarray(isl) * (1.0 - np.asarray(cached)))
    prompts = prompts_of(model, at, card, new, k, mean=mean, spread=spread, before=np.maximum(0.0, isl - new))
    room, context = sequence_room(model, at, card, isl, osl), np.asarray(isl) + o / 2
    running = np.minimum(C, room)
    tpot = ttft = np.zeros(np.shape(running))
    for turn in range(ROUNDS):
        tpot, ttft = closed_times(model, at, card, running, context, o, k, prompts)
        ttft = ttft + prompts.a_request_s * C
        wanted = np.minimum(room, C * o * tpot / (ttft + o * tpot))
        if turn < ROUNDS - 1:
            running = np.maximum(np.minimum(1.0, C), np.sqrt(running * wanted))
    ttft = ttft + np.maximum(0.0, C / room - 1.0) * o * tpot
    e2e = ttft + (o - 1) * tpot
    return Answer(ttft, tpot, e2e, C * o / e2e, running, room)


def soft_minimum(a: Num, b: Num) -> Array:
    """Requests/s of two capacities in a row that vary: below the smaller of them where they are near each other.

    Parameters
    ----------
    a, b
        Requests/s of the workers that read prompts and of those that decode, above 0.
    """
    return np.asarray((np.asarray(a) ** -4.0 + np.asarray(b) ** -4.0) ** -0.25)


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
    alone = prefill_s(model, prefill, card, isl, k, alone=True) + cache_transfer_s(model, prefill, decode, card, isl)
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
        through = soft_minimum(capacity, decoders)
        if turn < ROUNDS - 1:
            running = np.sqrt(running * np.minimum(room, through * o * tpot))
    ttft = np.maximum(first, C / through - o * tpot)
    return Answer(ttft, tpot, ttft + (o - 1) * tpot, through * o, running, room)


def offline(
    model: ServedModel, at: Deployment, card: Card, isl: Num, osl: Num, k: c.ServingConstants,
    *, tpot_limit_s: Num = np.inf, requests: Num = np.inf, job_s: Num = 0.0, longest: Num = 1.0,
) -> Answer:  # fmt: skip
    """The queue never empties: the largest batch that cache, scheduler and a limit on TPOT allow.

    A limit is on a high percentile: the mean keeps 0.77 of it, and requests arrive at random as fast as it allows. Those of a
    job without one are there at its start: the mean first token comes after half of what does not fit at once. A job of few
    requests runs no more than those at once, and while the last answers end the batch runs empty: half an answer's time where
    all are of one length, up to the rest of the longest.

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
    requests
        Requests of the job that this replica answers, 1 or more; infinite: it never ends.
    job_s
        Seconds that a job is made to last at full speed instead, 0 or more (0: its requests count).
    longest
        Tokens of the longest answer over the mean, 1 or more.
    """
    o = np.maximum(1.0, osl)
    together = prefill_s(model, at, card, isl, k, alone=False)
    room = np.minimum(sequence_room(model, at, card, isl, osl), c.OFFLINE_SEQUENCES * np.asarray(at.dp) * at.pp)
    room = np.minimum(room, np.maximum(1.0, requests))
    context, accepted = np.asarray(isl) + o / 2, accepted_tokens(at, k)

    def token_s(batch: Array) -> Array:
        step = decode_step_s(model, at, card, batch, context, k) * k.offline_level / accepted
        return np.asarray(step + batch / o * together)

    low, high = np.ones(np.shape(room)), room
    for _ in range(14 if np.any(np.isfinite(tpot_limit_s)) else 0):
        middle = np.sqrt(low * high)
        within = token_s(middle) <= 0.77 * np.asarray(tpot_limit_s)
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    batch = np.where(np.isfinite(tpot_limit_s), np.maximum(1.0, low), room)
    tpot = token_s(batch)
    rate = batch / tpot * np.where(np.isfinite(tpot_limit_s), k.queue_share, 1.0)
    last = decode_step_s(model, at, card, np.sqrt(batch), context, k) * k.offline_level / accepted
    some = np.where(np.isfinite(requests), requests, 1e12)
    some = np.where(np.asarray(job_s) > 0, rate * job_s / o, some)
    empties = o * last * (np.maximum(1.0, longest) - 1.0 + 0.5 * (1.0 - batch / np.maximum(some, batch)))
    rate = rate / (1.0 + empties * rate / (some * o))
    # A place is free at the end of the running step and the prompt is read beside the next: one and a half of them.
    ttft = k.by_engine("start", at.engine) + prefill_s(model, at, card, isl, k, alone=True) + 1.5 * tpot * accepted
    at_random = waiting_s(np.minimum(0.98, rate / o * together), together, 0.0)
    at_once = 0.5 * some * o / rate * (1.0 - batch / np.maximum(some, batch)) + 0.5 * batch * together
    job = (np.isfinite(requests) | (np.asarray(job_s) > 0)) & ~np.isfinite(tpot_limit_s)
    ttft = ttft + np.where(job, at_once, at_random)
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
    first = prefill_s(model, at, card, isl, k, alone=False) * static.by_engine("prefill", engine) * held
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
    dataflow = np.asarray(engine) == c.STATIC_ENGINES.index("sambaflow")
    host = np.where(dataflow, 0.0, static.layer_s * model.layers) + static.by_engine("host", engine)
    rest = terms["experts"] * np.where(amd, older, 1.0) * np.where(llama, static.weights_llamacpp, 1.0)
    rest = rest + terms["attention"] * static.attention
    rest = rest + np.where(llama | dataflow, 0.0, terms["collectives"] * static.collectives)
    return np.asarray(
        weights + rest + host * np.where(amd, static.host_amd, 1.0) + static.by_engine("sequence", engine) * batch
    )
