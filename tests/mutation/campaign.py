"""Mutation testing of the five subject modules: how many small faults do the tests notice?

``python -m tests.mutation.campaign --mutants 200 --seed 1 [--subject memory]``. A mutant is one change at one place
(:mod:`tests.mutation.places`); it is killed when one of the subject's tests fails, or when the golden results do (counted
apart: they notice a changed number without knowing what is right, so the headline score leaves them out). Mutants are a
seeded sample of all places, so a run can be repeated; none is set aside as equivalent (0.0 bytes made 0.01, a guard against
division by zero made wider: such survive and count as survivors). :mod:`tests.mutation.engine` runs them, about a second each.

mutmut 3.8.1 works on small modules (offload and kernels: 121 mutants, 1.7 a second), but writes every mutant of a function as
a copy of the whole function, and the step formula is one function of 300 lines with more than a thousand places: after ten
minutes it was still generating mutants of model/training/step.py and had run none.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import sys
import time
from dataclasses import dataclass

from tests.mutation.engine import ROOT, Mutant, outcomes
from tests.mutation.places import places


@dataclass(frozen=True)
class Subject:
    """Files whose faults are looked for, and the tests that should notice."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


SUBJECTS = {
    "memory": Subject(
        ("memory/activations", "memory/peak", "memory/megatron", "memory/fsdp", "memory/options", "memory/states"),
        (
            "tests/validation/test_memory_published.py",
            "tests/model/test_memory.py",
            "tests/model/test_memory_properties.py",
            "tests/model/test_memory_states.py",
            "tests/model/test_memory_moments.py",
        ),
    ),
    "step": Subject(
        (
            "training/step",
            "architecture/stacks",
            "catalogue/accelerators",
            "architecture/parallelism",
            "training/offload",
        ),
        (
            "tests/model/test_step.py",
            "tests/model/test_step_compute.py",
            "tests/model/test_step_kernels.py",
            "tests/model/test_step_traffic.py",
            "tests/model/test_gpu.py",
        ),
    ),
    "training": Subject(
        ("training/days", "training/goodput", "calibration/interval", "training/stages", "training/generation"),
        ("tests/model/test_training.py", "tests/model/test_estimate.py"),
    ),
    "facility": Subject(
        (
            "facility/hall",
            "facility/findings",
            "facility/placement",
            "facility/power",
            "facility/cooling",
            "facility/elevation",
            "facility/support_racks",
            "facility/fabric",
        ),
        (
            "tests/model/test_facility.py",
            "tests/model/test_facility_findings.py",
            "tests/model/test_facility_twin.py",
            "tests/model/test_network.py",
            "tests/model/test_placement.py",
            "tests/model/test_support.py",
            "tests/validation/test_facility_worked.py",
            "tests/validation/test_facility_published.py",
            "tests/validation/test_superpod.py",
        ),
    ),
    "cost": Subject(
        (
            "cost/comparison",
            "cost/prices",
            "cost/findings",
            "cost/lines",
            "cost/cashflow",
            "cost/depreciation",
            "cost/fiscal_years",
            "cost/money",
            "cost/sensitivity",
        ),
        (
            "tests/model/test_cost.py",
            "tests/model/test_cost_cashflow.py",
            "tests/model/test_cost_gaps.py",
            "tests/model/test_cost_prices.py",
            "tests/model/test_cost_sensitivity.py",
            "tests/model/test_cost_twin.py",
            "tests/validation/test_cost_worked.py",
        ),
    ),
}

GOLDEN = ("tests/golden",)
"""The samples' reviewed results notice a changed number without knowing what is right: counted apart."""


def mutants_of(file: str) -> list[Mutant]:
    """All mutants of a file."""
    return [Mutant(file, place) for place in places(ast.parse((ROOT / file).read_text(encoding="utf-8")))]


def run(name: str, mutants: int, seed: int, seconds: float, jobs: int) -> dict[str, object]:
    """The score of one subject."""
    started, every = time.monotonic(), [x for file in SUBJECTS[name].files for x in mutants_of(f"model/{file}.py")]
    chosen = random.Random(f"{name} {seed}").sample(every, min(mutants, len(every)))
    try:
        found = outcomes(chosen, SUBJECTS[name].tests, GOLDEN, jobs, seconds)
    except RuntimeError as problem:
        return {"subject": name, "problem": str(problem)}
    kinds = ("killed", "killed_by_golden", "survived", "timeout")
    counts = {kind: sum(outcome == kind for outcome in found.values()) for kind in kinds}
    done = len(found)
    golden = (done - counts["survived"]) / max(done, 1)
    score = (counts["killed"] + counts["timeout"]) / max(done, 1)
    return {
        "subject": name, "files": list(SUBJECTS[name].files), "places": len(every), "mutants": done, "seed": seed, **counts,
        "score": round(golden, 3), "score_without_golden": round(score, 3),
        "standard_error": round((score * (1 - score) / max(done, 1)) ** 0.5, 3),
        "seconds": round(time.monotonic() - started),
        "survivors": sorted(
            f"{outcome}: {mutant.words()}"
            for mutant, outcome in found.items() if outcome in ("survived", "killed_by_golden")
        ),
    }  # fmt: skip


def main() -> int:
    """Run and print one line of JSON a subject."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=200, help="of each subject")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="at most, of each subject")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--subject", choices=tuple(SUBJECTS), action="append")
    arguments = parser.parse_args()
    bad = 0
    for name in arguments.subject or SUBJECTS:
        result = run(name, arguments.mutants, arguments.seed, arguments.seconds, arguments.jobs)
        bad += "problem" in result
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
