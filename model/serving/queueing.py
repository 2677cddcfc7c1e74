"""How requests that arrive at random wait and how their times spread: closed forms, no random numbers.

Prompts wait for those before them as in an M/G/1 queue (Pollaczek and Khinchine; Kleinrock, Queueing Systems I) and for a place
among the running as in a queue with several servers (Sakasegawa; Allen and Cunneen). Everything broadcasts; seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Generic, TypeVar

import numpy as np

from mitsumori.model.base.arrays import Array, Num

N = TypeVar("N", float, Array)
NEWTON_ROUNDS: Final = 8
"""Steps of Newton's method for the share of time in prefill: to 1e-12."""


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


def wait_variance_s2(mean_s: Num, busy: Num) -> Array:
    """Variance of the wait whose tail :func:`waiting_quantile_s` gives: ``W^2*(2/rho - 1)``, square seconds.

    Parameters
    ----------
    mean_s
        Mean wait, seconds.
    busy
        Share of the requests that wait, 0 to 1.
    """
    return np.asarray(np.asarray(mean_s) ** 2 * (2.0 / np.maximum(1e-9, np.asarray(busy)) - 1.0))


def first_token_quantile_s(own_s: Num, cv: Num, wait_s: Num, busy: Num, quantile: float) -> Array:
    """Quantile of a prompt's wait and its own prefill: prompts differ in length, so that it spreads even where nobody waits.

    Wait and prefill are independent: ``mean = t + W``, ``variance = (cv*t)^2 + Var(W)`` (:func:`wait_variance_s2`); the sum is
    taken as log-normal, as lengths are, and is at least the prefill alone. Against random draws of 0.3 to 1.0 in ``cv`` and
    0.02 to 0.9 in ``busy``: 0.83 to 1.13 of the true quantile.

    Parameters
    ----------
    own_s
        Mean prefill of a prompt by itself, seconds, above 0.
    cv
        Standard deviation of a prefill over its mean, 0 or more.
    wait_s
        Mean wait for the prompts before, seconds (:func:`waiting_s`).
    busy
        Share of time that the replica reads prompts, 0 to below 1.
    quantile
        Above 0, below 1.
    """
    own, wait = np.asarray(own_s), np.asarray(wait_s)
    mean = own + wait
    variance = (own * cv) ** 2 + wait_variance_s2(wait, busy)
    alone = own * log_normal_quantile(np.log1p(np.asarray(cv, dtype=float) ** 2), quantile)
    return np.asarray(np.maximum(alone, mean * log_normal_quantile(np.log1p(variance / mean**2), quantile)))


@dataclass(frozen=True, slots=True)
class Waits(Generic[N]):
    """What a first token waits for, on a whole grid (arrays) or at one point of it (numbers); seconds.

    ``start_s`` is TTFT of a mean prompt without waiting, ``own_s`` what its own prefill is of it, ``length_cv`` how far prompts
    and answers spread; ``wait_s`` and ``prefill_share`` the mean wait for prompts before it and the share of time that the
    replica reads prompts; ``place_wait_s`` the mean wait for a place among the running, which a share ``place_busy`` of the
    requests has.
    """

    start_s: N
    own_s: N
    length_cv: float
    wait_s: N
    prefill_share: N
    place_wait_s: N
    place_busy: N


def ttft_quantile_s(at: Waits[N], quantile: float) -> Array:
    """TTFT at a quantile: the start without the prompt, prompts before it and its own, a place among the running.

    Parameters
    ----------
    at
        The waits; everything broadcasts.
    quantile
        Above 0, below 1.
    """
    prompts = first_token_quantile_s(at.own_s, at.length_cv, at.wait_s, at.prefill_share, quantile)
    places = waiting_quantile_s(at.place_wait_s, at.place_busy, quantile)
    return np.asarray(np.asarray(at.start_s) - at.own_s + prompts + places)


def log_normal_quantile(variance: Num, quantile: float) -> Array:
    """Quantile of a log-normal figure over its mean, by the variance of its logarithm: ``exp(z*sigma - sigma^2/2)``.

    Parameters
    ----------
    variance
        Variance of the logarithm, 0 or more.
    quantile
        Above 0, below 1.
    """
    square = np.asarray(variance)
    return np.asarray(np.exp(NormalDist().inv_cdf(quantile) * np.sqrt(square) - square / 2.0))


def most_telling_spread(quantile: float) -> float:
    """The sigma at which a log-normal figure of a given mean has its largest quantile: that of the normal distribution.

    ``exp(z*sigma - sigma^2/2)`` rises up to ``sigma = z`` and falls beyond; up to the median it only falls.

    Parameters
    ----------
    quantile
        Above 0, below 1.
    """
    return max(0.0, NormalDist().inv_cdf(quantile))


def open_busy(running: Num, decoding_s: Num, prefill: Num, cv: Num) -> Array:
    """Share of time that a replica reads prompts (rho) where requests arrive at random and ``running`` sequences decode.

    With ``t`` the prefill and ``s`` the decoding of a request by itself, Little's law is ``B = lambda*(s + rho*(W + t))/(1 -
    rho)``, ``rho = lambda*t`` and ``W`` of :func:`waiting_s`: the decoding is stretched by the prompts that come meanwhile, and
    starts after those that came while the request waited (:func:`prompts_behind_s`). The right side is convex in rho, so that
    Newton's method from above has no way to fail.

    Parameters
    ----------
    running
        Sequences that decode, mean (B), above 0.
    decoding_s
        Seconds of all decode steps of a request, at that batch.
    prefill
        Seconds that the prefill of a request takes of the replica, above 0.
    cv
        Standard deviation of a prefill over its mean.
    """
    a, w = np.asarray(decoding_s) / prefill, (1.0 + np.asarray(cv) ** 2) / 2.0
    whole = np.sqrt(np.asarray(running) / w)
    # Two bounds from above: without the wait, and by the wait alone.
    x = np.minimum(np.asarray(running) / (a + running), (np.sqrt(whole**2 + 4.0 * whole) - whole) / 2.0)
    for _ in range(NEWTON_ROUNDS):
        free = 1.0 - x
        f = (a * x + x * x) / free + w * x**3 / free**2 - running
        slope = ((a + 2.0 * x) * free + a * x + x * x) / free**2 + w * (3.0 * x * x * free + 2.0 * x**3) / free**3
        x = x - f / slope
    return np.asarray(x)


def slots(running: Num, room: Num, cv: Num) -> tuple[Array, Array]:
    """Probability that a request waits for a place among the running, and the mean wait over the time of a request.

    ``W/S = P/(c(1 - rho)) * (1 + cv^2)/2`` with ``c`` places and ``rho = B/c`` (Allen and Cunneen). ``P`` is the smaller of
    ``1/(1 + b*Phi(b)/phi(b))``, ``b = (1 - rho)*sqrt(c)`` (Halfin and Whitt, Operations Research 29, 1981; close at high load),
    and ``rho^(sqrt(2(c+1)) - 1)`` (Sakasegawa, Annals of the Institute of Statistical Mathematics 29, 1977; at low load).

    Parameters
    ----------
    running
        Sequences that decode, mean, below ``room``.
    room
        Sequences that cache and scheduler hold.
    cv
        Standard deviation of the lengths over their mean.
    """
    places = np.asarray(room)
    rho = np.minimum(1.0 - 1e-9, np.asarray(running) / places)
    beta = np.minimum(8.0, (1.0 - rho) * np.sqrt(places))
    density = np.exp(-(beta**2) / 2.0) / math.sqrt(2.0 * math.pi)
    waits = np.minimum(
        1.0 / (1.0 + beta * _normal(beta, density) / density), rho ** (np.sqrt(2.0 * (places + 1.0)) - 1.0)
    )
    return np.asarray(waits), np.asarray(waits / (places * (1.0 - rho)) * (1.0 + np.asarray(cv) ** 2) / 2.0)


def _normal(x: Array, density: Array) -> Array:
    """Normal distribution of ``x`` >= 0 by its density there, to 1e-7 (Abramowitz and Stegun 26.2.17)."""
    t = 1.0 / (1.0 + 0.2316419 * x)
    tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    return np.asarray(1.0 - density * tail)


def token_spread(
    busy: Num, wait_s: Num, prefill: Num, tpot_s: Num, osl: Num, running: Num, step_s: Array, cv: Num
) -> Array:  # fmt: skip
    """Spread of the time a token takes one request and another: the sigma of a log-normal distribution.

    A request of ``L`` tokens decodes for ``T = L*TPOT``. Prompts that come meanwhile stop it: ``Var(T)/T^2 =
    lambda*E[t^2]/((1-rho)^2*T)`` (a busy period by preemption). Those that came before its first step add
    ``(lambda*E[t^2]*(W+t)/(1-rho)^3 + (rho/(1-rho))^2*Var(W+t))/T^2``. The batch it is in has the variance ``B/(1-e)``, where
    ``e`` is the elasticity of a step by its batch. Short answers are the more spread: the means of ``1/L`` and ``1/L^2`` of a
    log-normal length are ``1+cv^2`` and ``(1+cv^2)^3``.

    Parameters
    ----------
    busy, wait_s, prefill
        Share of time in prefill (rho), mean wait for prompts and mean prefill of one, seconds.
    tpot_s, osl
        Mean time a token and mean tokens of an answer.
    running, step_s
        Sequences that decode and the seconds of their step, (layouts, points), points ascending.
    cv
        Standard deviation of lengths and of prefills over their means.
    """
    rho, t, wide = np.asarray(busy), np.asarray(prefill), 1.0 + np.asarray(cv) ** 2
    whole, free, wait = np.asarray(osl) * tpot_s, 1.0 - rho, np.asarray(wait_s)
    squares = rho * t * wide  # lambda * E[t^2]
    varies = wait_variance_s2(wait, rho) + (t * np.asarray(cv)) ** 2
    before = (squares * (wait + t) / free**3 + (rho / free) ** 2 * varies) / whole**2
    batch = np.asarray(running)
    rises = np.clip(np.gradient(np.log(step_s), axis=-1) / np.gradient(np.log(batch), axis=-1), 0.0, 0.95)
    variance = squares / free**2 / whole * wide + before * wide**3 + rises**2 / (batch + 1.0) / (1.0 - rises)
    return np.asarray(np.sqrt(np.log1p(variance)))
