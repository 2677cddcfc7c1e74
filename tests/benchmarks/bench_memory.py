"""Time of the memory model: one plan, its detailed view, and a search space; reported, not asserted.

Run: ``python -m tests.benchmarks.bench_memory`` from the repository.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.peak import COMPONENTS, MemoryOptions, peak_memory
from mitsumori.model.memory.phases import phases, stage_peaks, zero_stages

DENSE = Architecture(layers=80, hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256)
MOE = Architecture(
    layers=61, hidden=7168, ffn=18432, heads=128, kv_heads=128, head_dim=128, vocab=129280, moe_experts=256, moe_topk=8,
    moe_ffn=2048, moe_shared_ffn=2048, moe_dense_layers=3, mla=1, q_lora_rank=1536, kv_lora_rank=512, qk_nope_dim=128,
    qk_rope_dim=64, v_head_dim=128,
)  # fmt: skip
OPTIONS = MemoryOptions(capacity_bytes=80e9)


def _median_s(work: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _axis(values: Sequence[int], position: int) -> Any:
    shape = [1] * 8
    shape[position] = len(values)
    return np.array(values).reshape(shape)


def search_space(stack: int, moe: bool) -> Parallel:
    """A grid of tp, pp, vp, cp, ep, micro-batch, ZeRO stage and recomputation over 4,096 GPUs."""
    gpus = 4096
    tp, pp = _axis([1, 2, 4, 8], 0), _axis([1, 2, 4, 5, 8, 10, 16, 20], 1)
    cp, ep = _axis([1, 2, 4, 8], 3), _axis([1, 4, 8, 16, 32] if moe else [1], 4)
    return Parallel(
        gpus=gpus,
        tp=tp,
        sp=(tp > 1) * 1,
        pp=pp,
        vp=_axis([1, 2, 4, 5], 2),
        cp=cp,
        ep=ep,
        dp=np.maximum(1, gpus // (tp * pp * cp)),
        micro_batch=_axis([1, 2, 4, 8, 16, 32] if moe else [1, 2, 3, 4, 6, 8, 12, 16, 24, 32], 5),
        zero_stage=_axis([0, 1, 2, 3], 6),
        recompute=_axis([0, 1, 2], 7),
        global_batch=2048,
        seq_len=8192,
        stack=stack,
    )


def main() -> None:
    for name, arch in (("dense", DENSE), ("MoE", MOE)):
        for stack_name, stack in (("megatron", 0), ("torchtitan", 1)):
            plan = Parallel(
                gpus=64,
                tp=8,
                sp=1,
                pp=4,
                dp=2,
                zero_stage=3 if stack else 1,
                global_batch=128,
                seq_len=8192,
                stack=stack,
            )

            def one(arch: Architecture = arch, plan: Parallel = plan) -> None:
                batch = peak_memory(arch, plan, OPTIONS)
                for part in COMPONENTS:
                    getattr(batch, part)

            def detail(arch: Architecture = arch, plan: Parallel = plan) -> None:
                phases(arch, plan, OPTIONS)
                stage_peaks(arch, plan, OPTIONS)
                zero_stages(arch, plan, OPTIONS)

            total = _median_s(lambda a=arch, p=plan: peak_memory(a, p, OPTIONS), 200)
            parts, view = _median_s(one, 100), _median_s(detail, 50)
            print(f"{name:5} {stack_name:10} one plan: total {total * 1e3:.2f} ms, components {parts * 1e3:.2f} ms, "
                  f"phases + stages + ZeRO {view * 1e3:.2f} ms")  # fmt: skip
            space = search_space(stack, arch is MOE)
            size = peak_memory(arch, space, OPTIONS).total_bytes.size
            seconds = _median_s(lambda a=arch, p=space: peak_memory(a, p, OPTIONS), 3)
            print(f"{'':16} {size:,} layouts: {seconds * 1e3:.0f} ms, {seconds / size * 1e6:.3f} us a layout")


if __name__ == "__main__":
    main()
