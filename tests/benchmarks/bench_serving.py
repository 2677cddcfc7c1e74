"""Time of serving: one answer with its curve, a million configurations as one batch, the shipped runs; reported, not asserted.

Run: ``python -m tests.benchmarks.bench_serving`` from the repository.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import time

import numpy as np

from mitsumori.model.calibration.serving_backtest import backtest_serving
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.choice import choose
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.layout import Layout
from mitsumori.model.serving.setting import setting
from mitsumori.model.serving.shape import card_of
from mitsumori.model.serving.step import decode_step_s
from mitsumori.model.serving.system import GRID, curves
from tests.benchmarks.bench_step import median_s


def main() -> None:
    """Print the times."""
    k = shipped_serving().constants
    for name in ("serve-chat-500", "serve-moe-nvl72"):
        plan = load_sample(name).plan
        setup, part = setting(resolve(plan)), plan.serving

        def answer(setup=setup, part=part):  # type: ignore[no-untyped-def]
            return choose(
                part, curves(part, setup.model, setup.gpu, setup.at, setup.layouts(), k), None, setup.per_server
            )

        estimate(plan)
        shown = [0]

        def tick(plan=plan, shown=shown):  # type: ignore[no-untyped-def]
            shown[0] += 1
            return estimate(plan.with_values({"serving.users": 500 + shown[0]}))

        print(
            f"{name}: layouts, curve and choice {median_s(answer, 20) * 1e3:.1f} ms; whole estimate {median_s(tick, 20) * 1e3:.1f} ms"
        )
    plan = load_sample("serve-rag-3000").plan
    setup = setting(resolve(plan))
    many = 1_000_000
    draw = np.random.default_rng(1)
    at = dataclasses.replace(setup.at, gpus=draw.choice([1.0, 2.0, 4.0, 8.0], many))
    running, card = draw.uniform(1, 256, many), card_of(setup.gpu)
    spent = time.process_time()
    decode_step_s(setup.model, at, card, running, 4096, k)
    print(f"a million decode steps: {time.process_time() - spent:.2f} s of the processor")
    layouts = tuple(Layout(2 ** (number % 4), 1, 1, 1) for number in range(many // GRID))
    spent = time.process_time()
    found = curves(plan.serving, setup.model, setup.gpu, setup.at, layouts, k)
    drawn = time.process_time() - spent
    choose(plan.serving, found, None, setup.per_server)
    whole = time.process_time() - spent
    print(
        f"a million configurations of the search (layout at a load, with waits and percentiles): {drawn:.2f} s of the processor; "
        f"with limits, replicas, servers and the ranking {whole:.2f} s"
    )
    start = time.perf_counter()
    rows = len(backtest_serving().rows)
    print(f"backtest of {rows} runs: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
