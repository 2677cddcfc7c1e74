"""One replica replayed event by event: requests arrive at random, prompts go first, every step yields a token a sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass
class Replayed:
    """Means over the requests that began after the warm-up, and the standard error of each."""

    ttft_s: float
    tpot_s: float
    running: float
    errors: tuple[float, float, float]
    waits_s: np.ndarray


def replay(
    rate: float, prefill_s: float, cv: float, tokens: int, step_s: Callable[[int], float], requests: int, seed: int
) -> Replayed:
    """Poisson arrivals at ``rate``; prefills of mean ``prefill_s`` and spread ``cv`` (gamma) one at a time before any step."""
    draw = np.random.default_rng(seed)
    arrivals = np.cumsum(draw.exponential(1 / rate, requests))
    services = np.full(requests, prefill_s) if cv == 0 else draw.gamma(1 / cv**2, prefill_s * cv**2, requests)
    first, last = np.zeros(requests), np.zeros(requests)
    now, waiting, running = 0.0, 0, {}
    area, area_from, done, begun = 0.0, arrivals[requests // 5], 0, 0.0
    while done < requests:
        if waiting < requests and arrivals[waiting] <= now:
            after = now + services[waiting]
            first[waiting] = after
            running[waiting] = tokens - 1
            waiting += 1
        elif running:
            after = now + step_s(len(running))
            for index in [i for i, left in running.items() if left == 1]:
                last[index] = after
                del running[index]
                done += 1
            for index in running:
                running[index] -= 1
        else:
            now = arrivals[waiting]
            continue
        if now >= area_from:
            area += (after - now) * len(running)
            begun += after - now
        now = after
    kept = np.arange(requests // 5, requests)
    ttft, tpot = (first - arrivals)[kept], ((last - first) / (tokens - 1))[kept]
    batches = [np.array_split(values, 20) for values in (ttft, tpot)]
    error = [float(np.std([b.mean() for b in split]) / np.sqrt(20)) for split in batches]
    running_mean = area / begun
    waits = ttft - services[kept]
    return Replayed(
        float(ttft.mean()), float(tpot.mean()), running_mean, (error[0], error[1], 0.05 * running_mean), waits
    )
