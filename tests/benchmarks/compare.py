"""Speed of the core that two versions, and two machines, can be compared by.

``python -m tests.benchmarks.compare`` measures what a sitting is made of, in processor seconds and in *units*: the time of a
fixed piece of Python and NumPy work measured in between, so that a faster machine or a busy one cancels out. Each figure stands
beside the last one in tests/records; ``.ci/long benchmarks`` records it with version and commit.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from mitsumori.model import workbook
from mitsumori.model.cost.sensitivity import sensitivity
from mitsumori.model.estimate.estimate import cost_inputs, estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, parse_project, sample_names
from mitsumori.model.study.ranking import advise
from mitsumori.model.study.training_table import training_table
from tests.records.record import FILE
from tests.run import ROOT

ROUNDS = 5
"""Repetitions of every measurement; the median counts."""


def unit_work() -> float:
    """A fixed piece of work, as the program's own is made: attribute access, small arrays, sorting and products of large ones."""
    total = 0.0
    table: dict[int, int] = {}
    for i in range(60_000):
        table[i % 97] = table.get(i % 97, 0) + i
    small = np.arange(12.0)
    for _ in range(6_000):
        total += float(np.maximum(small * 1.5, 3.0).sum())
    large = np.random.default_rng(1).random(400_000)
    return total + float(np.sort(large)[1000]) + float((large * large).sum()) + sum(table.values())


def cpu_s(work: Callable[[], Any]) -> float:
    """Processor seconds of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def started_s(*words: str) -> float:
    """Processor seconds of a command in a process of its own."""
    before = os.times()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def measurements() -> dict[str, Callable[[int], Any]]:
    """What is measured, by name; each takes the number of its round, so that nothing is remembered from the one before."""
    names = sample_names()
    plans = {name: load_sample(name).plan for name in names}
    first, document = plans[names[0]], load_sample(names[0]).to_bytes()
    done, asked = estimate(first), cost_inputs(first)

    def fresh(name: str, turn: int) -> Plan:
        return plans[name].with_values({"parallel.seq_len": plans[name].parallel.seq_len + 256 * turn})

    def study(turn: int) -> Any:
        return sensitivity(first.money.model_copy(update={"discount_rate": 0.01 * turn}), asked)

    work: dict[str, Callable[[int], Any]] = {f"estimate of {name}": partial(_estimated, fresh, name) for name in names}
    return work | {
        "best layouts": lambda turn: advise(fresh(names[0], turn)),
        "sensitivity, 100,000 draws": study,
        "training-time table": lambda turn: training_table(fresh(names[0], turn)),
        "workbook": lambda _: workbook.to_bytes(workbook.build(first, done, "ja")),
        "opening a project": lambda _: [parse_project(document, "sample") for _ in range(20)],
    }


def _estimated(fresh: Callable[[str, int], Plan], name: str, turn: int) -> Estimate:
    return estimate(fresh(name, turn))


def last_units() -> dict[str, float]:
    """Units of the last record, by name; empty where none is kept."""
    kept = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    records = [entry for entry in kept if entry["campaign"] == "benchmarks" and entry["status"] == 0]
    return dict(records[-1]["results"][0]["units"]) if records else {}


def main() -> int:
    """Measure, print a table and one line of JSON."""
    seconds: dict[str, list[float]] = {}
    units: list[float] = []
    every = measurements()
    for turn in range(1, ROUNDS + 1):
        for name, work in every.items():
            seconds.setdefault(name, []).append(cpu_s(partial(work, turn)))
        seconds.setdefault("command started", []).append(started_s("-m", "mitsumori.model", "samples"))
        units.append(cpu_s(unit_work))
    unit, before = statistics.median(units), last_units()
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        change = f"{median / unit / before[name]:8.2f} x the last record" if before.get(name) else ""
        sys.stdout.write(f"{name:32}{1000 * median:10.1f} ms{median / unit:10.3f} units{change}\n")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    result = {
        "version": version, "unit_ms": round(1000 * unit, 1),
        "cpu_ms": {name: round(1000 * median, 2) for name, median in medians.items()},
        "units": {name: round(median / unit, 4) for name, median in medians.items()},
    }  # fmt: skip
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
