"""How fast the search for a layout is: configurations a second, the 405B on 16,384 H100, the slider's path, memory.

Run: ``python tests/benchmarks/bench_advisor.py``. Figures are of the machine it runs on; the targets (issue 6) are meant
for two free cores: 3 million configurations a second for a dense model, the 405B exhaustively in 2 s, under 1 GB, and
``auto`` on a large cluster in 30 ms.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from typing import Any

from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import open_plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search.candidates import best_layout, full_space
from mitsumori.model.search.search import search
from mitsumori.model.study.bottlenecks import find_bottlenecks
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import goal_seek
from mitsumori.model.study.ranking import advise
from mitsumori.model.training.stages import memory_options, work_of
from mitsumori.model.training.step import step_time


def plan_of(preset: str, servers: int, seq: int, batch: int, server: str = "DGX-H100") -> Plan:
    """A pre-training of a catalogue model."""
    return Plan.from_dict(
        {
            "model": {"preset": preset},
            "cluster": {"server": server, "servers": servers},
            "parallel": {"seq_len": seq, "global_batch": batch},
            "workload": {"tokens": 15e12},
        }
    )


def best_of(count: int, work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Least seconds of some repetitions."""
    times = []
    for _ in range(count):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def single_path_s(plan: Plan) -> float:
    """CPU seconds of memory and time of one layout through the same formulas, one at a time."""
    resolved = resolve(plan)
    gpu = gpu_of(resolved.accelerator, resolved.server)
    layouts = [item.parallel for item in search(resolved, keep=200).safe]
    constants = shipped()

    def work() -> None:
        for layout in layouts:
            memory = peak_memory(resolved.architecture, layout, memory_options(resolved, gpu, layout))
            assert memory.total_bytes > 0
            step_time(resolved.time_architecture, gpu, layout, work_of(resolved), constants)

    return best_of(3, work, time.process_time) / len(layouts)


def bench_search(name: str, plan: Plan, **options: Any) -> dict[str, Any]:
    """Rate of one search with one and with two threads."""
    resolved = resolve(plan)
    space = full_space(resolved, offload=options.get("offload", False))
    found: dict[str, Any] = {"case": name}
    for threads in (1, 2):

        def work(threads: int = threads) -> Any:
            return search(resolved, space, threads=threads, precisions=options.get("precisions"))

        seconds, result = best_of(5, work), work()
        found |= {
            "configurations": result.evaluated,
            f"seconds_{threads}_threads": round(seconds, 4),
            f"per_second_{threads}_threads": round(result.evaluated / seconds),
            # What a free core gives, whatever else the machine does.
            f"per_cpu_second_{threads}_threads": round(result.evaluated / best_of(5, work, time.process_time)),
        }
    return found


def main() -> None:
    """Print one JSON document a line."""
    single = single_path_s(plan_of("llama3-70b", 64, 8192, 1024))
    large = plan_of("llama3.1-405b", 2048, 8192, 2048)
    dense = {"offload": True, "precisions": ("bf16", "fp8")}
    rows = [
        bench_search("llama3.1-405b on 16,384 H100", large),
        bench_search("llama3.1-405b on 16,384 H100, offload, bf16 and fp8", large, **dense),
        bench_search("llama3-70b on 512 H100, offload, bf16 and fp8", plan_of("llama3-70b", 64, 8192, 1024), **dense),
        bench_search("deepseek-v3 on 2,048 H100", plan_of("deepseek-v3", 256, 4096, 4096)),
    ]
    for row in rows:
        row["ratio_to_single_plan_path"] = round(row["per_cpu_second_1_threads"] * single)
        print(json.dumps(row))
    print(json.dumps({"single_plan_path_ms": round(1e3 * single, 3)}))
    resolved = resolve(large)
    print(json.dumps({"auto_405b_16384_gpus_ms": round(1e3 * best_of(9, lambda: best_layout(resolved)), 2)}))
    moe = resolve(plan_of("deepseek-v3", 256, 4096, 4096))
    print(json.dumps({"auto_deepseek_v3_2048_gpus_ms": round(1e3 * best_of(9, lambda: best_layout(moe)), 2)}))
    sample = open_plan("llama3-70b-continual").plan
    print(json.dumps({"estimate_ms": round(1e3 * best_of(9, lambda: estimate(sample)), 2)}))
    print(json.dumps({"advise_ms": round(1e3 * best_of(3, lambda: advise(sample)), 1)}))
    print(json.dumps({"goal_days_ms": round(1e3 * best_of(3, lambda: goal_seek(sample, Question(days=14.0))), 1)}))
    print(json.dumps({"find_bottlenecks_ms": round(1e3 * best_of(2, lambda: find_bottlenecks(sample)), 1)}))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_resident_bytes": peak, "load": os.getloadavg()[0], "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
