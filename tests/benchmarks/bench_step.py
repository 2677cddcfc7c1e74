"""Time of the step model: one plan, a search space, the rows of the fit, and the fit itself; reported, not asserted.

Run: ``python -m tests.benchmarks.bench_step`` from the repository.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.calibration import fit, runs
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.training.step import step_time

accelerator = Catalogue.shipped().accelerator

LLAMA_70B = Architecture(layers=80, hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256)
GPU = gpu_of(accelerator("H100-SXM"))


def median_s(work: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def search_space(gpus: int = 4096) -> Parallel:
    """A grid of tp, cp, micro-batch, recomputation, ZeRO stage, pp and vp, each on its own axis."""
    values = [(1, 2, 4, 8), (1, 2, 4, 8), (1, 2, 4, 8), (0, 1, 2), (1, 2, 3), (1, 2, 4, 5, 8, 10, 16, 20, 40, 80)]
    values.append((1, 2, 3, 4, 5, 6, 8, 10, 12, 16))
    tp, cp, micro, recompute, zero, pp, vp = np.ix_(*(np.array(v) for v in values))
    return Parallel(
        gpus=gpus, tp=tp, sp=(tp > 1) * 1, cp=cp, pp=pp, vp=vp, dp=np.maximum(1, gpus // (tp * cp * pp)),
        zero_stage=zero, recompute=recompute, micro_batch=micro, global_batch=4096, seq_len=8192,
    )  # fmt: skip


def main() -> None:
    constants = shipped()
    one = Parallel(gpus=64, tp=4, sp=1, pp=4, vp=5, dp=4, zero_stage=1, global_batch=128, seq_len=8192)
    seconds = median_s(lambda: step_time(LLAMA_70B, GPU, one, Work(), constants).total_s, 200)
    print(f"one layout                     {seconds * 1e3:9.2f} ms")
    space = search_space()
    size = np.asarray(step_time(LLAMA_70B, GPU, space, Work(), constants).total_s).size
    seconds = median_s(lambda: step_time(LLAMA_70B, GPU, space, Work(), constants).total_s, 10)
    print(f"{size:,} layouts               {seconds * 1e3:9.1f} ms, {seconds / size * 1e8:.1f} ms per 100,000")
    prob = fit.problem(runs.shipped(), runs.shipped("runs_a100_single_node.csv"))
    seconds = median_s(lambda: fit.predict(prob.batch, constants), 20)
    print(f"{len(prob.rows)} rows of the fit           {seconds * 1e3:9.2f} ms")
    start = time.perf_counter()
    theta = fit.solve(prob)
    print(f"fit of {len(theta)} unknowns            {time.perf_counter() - start:9.2f} s")


if __name__ == "__main__":
    main()
