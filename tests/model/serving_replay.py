"""Replicas replayed event by event: requests arrive at random, prompts go first, every step yields a token a sequence."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WARM_UP = 0.2
"""Share of the requests that come before anything is measured."""
BATCHES = 20


@dataclass
class Replayed:
    """Of every request after the warm-up, in order of arrival, in seconds: wait for its prefill, the wait with its own prefill
    by itself, time a token, time from its first token to its last, and all of it."""

    waits_s: np.ndarray
    first_s: np.ndarray
    tpot_s: np.ndarray
    decoding_s: np.ndarray
    whole_s: np.ndarray

    def mean(self, name: str) -> tuple[float, float]:
        """Mean of a figure and its standard error by the method of batch means."""
        values = getattr(self, name)
        means = [part.mean() for part in np.array_split(values, BATCHES)]
        return float(values.mean()), float(np.std(means, ddof=1) / math.sqrt(BATCHES))

    def quantile(self, name: str, share: float) -> tuple[float, float]:
        """Quantile of a figure and its standard error by batches."""
        values = getattr(self, name)
        found = [np.quantile(part, share) for part in np.array_split(values, BATCHES)]
        return float(np.quantile(values, share)), float(np.std(found, ddof=1) / math.sqrt(BATCHES))


@dataclass
class Replica:
    """What a replica does to requests: seconds of a prefill and tokens of an answer (mean and relative spread, log-normal both),
    seconds of a step by running sequences, places among the running, and a prefill by itself over one of many."""

    prefill_s: float
    cv: float
    tokens: float
    tokens_cv: float
    step_s: Callable[[int], float]
    places: float = math.inf
    alone: float = 1.0


def replay(rate: float, what: Replica, requests: int, seed: int, replicas: int = 1) -> Replayed:
    """Poisson arrivals at ``rate``, each sent to a replica at random; prefills one at a time before any step, in order."""
    draw = np.random.default_rng(seed)
    arrivals = np.cumsum(draw.exponential(1.0 / rate, requests))
    to = draw.integers(0, replicas, requests)
    services = np.full(requests, what.prefill_s)
    if what.cv:
        sigma = math.sqrt(math.log1p(what.cv**2))
        services = what.prefill_s * np.exp(draw.normal(0.0, sigma, requests) - sigma * sigma / 2)
    lengths = np.full(requests, float(what.tokens))
    if what.tokens_cv:
        sigma = math.sqrt(math.log1p(what.tokens_cv**2))
        lengths = what.tokens * np.exp(draw.normal(0.0, sigma, requests) - sigma * sigma / 2)
    lengths = np.maximum(2, np.round(lengths)).astype(int)
    begun, first, last = (np.zeros(requests) for _ in range(3))
    for r in range(replicas):
        _one(np.flatnonzero(to == r), arrivals, services, lengths, what, (begun, first, last))
    kept = slice(int(requests * WARM_UP), requests - int(requests * WARM_UP / 4))
    waits, decoding = begun - arrivals, last - first
    first_token = waits + services * what.alone
    return Replayed(
        waits[kept], first_token[kept], (decoding / (lengths - 1))[kept], decoding[kept], (first_token + decoding)[kept]
    )


def at_once(what: Replica, requests: int) -> tuple[np.ndarray, np.ndarray]:
    """Requests that all come at the beginning: seconds to the first and to the last token of each, lengths all alike."""
    lengths = np.full(requests, round(what.tokens))
    begun, first, last = (np.zeros(requests) for _ in range(3))
    services = np.full(requests, what.prefill_s)
    _one(np.arange(requests), np.zeros(requests), services, lengths, what, (begun, first, last))
    return first, last


def _one(
    mine: np.ndarray, arrivals: np.ndarray, services: np.ndarray, lengths: np.ndarray, what: Replica,
    out: tuple[np.ndarray, ...],
) -> None:  # fmt: skip
    """One replica's requests from first to last."""
    begun, first, last = out
    now = 0.0
    coming, waiting, left = deque(mine.tolist()), deque(), {}
    while coming or waiting or left:
        while coming and arrivals[coming[0]] <= now:
            waiting.append(coming.popleft())
        if waiting and len(left) < what.places:
            index = waiting.popleft()
            begun[index] = now
            now = now + services[index]
            first[index] = now
            left[index] = lengths[index] - 1
        elif left:
            now = now + what.step_s(len(left))
            for index in list(left):
                left[index] -= 1
                if not left[index]:
                    last[index] = now
                    del left[index]
        else:
            now = arrivals[coming[0]]
