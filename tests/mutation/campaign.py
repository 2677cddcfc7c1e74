"""Mutation testing of the subject modules: how many small faults do the tests notice?

``python -m tests.mutation.campaign --mutants 20 --seed 1 [--subject memory]``. A mutant is one change at one place of the
syntax tree: an arithmetic or comparison operator exchanged, a number changed, ``and``/``or`` exchanged, a condition negated,
``min``/``max`` exchanged, a default argument or a returned value dropped. Each is written into a copy of the tree and the
subject's tests run on it until the first failure: a mutant is killed when they fail, or when the golden results do
(counted apart). The mutants are a seeded sample of all
places, so a run can be repeated; the score of a sample of n carries a standard error of about 0.4/sqrt(n).

mutmut 3 was tried first. It writes every mutant of a function as a copy of the function beside it, and the step formula is
one function of hundreds of lines with more than a thousand places: the copies alone were not written after five minutes.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Subject:
    """Files whose faults are looked for, and the tests that should notice."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


SUBJECTS = {
    "memory": Subject(
        ("activations", "memory", "memory_megatron", "memory_fsdp", "states"),
        ("tests/validation/test_memory_published.py", "tests/model/test_memory.py"),
    ),
    "step": Subject(("step", "kernels"), ("tests/model/test_step.py", "tests/model/test_runs.py")),
    "facility": Subject(
        ("placement", "power", "cooling"),
        (
            "tests/model/test_facility.py",
            "tests/model/test_placement.py",
            "tests/validation/test_facility_worked.py",
            "tests/validation/test_facility_published.py",
        ),
    ),
    "cost": Subject(
        ("sides", "cashflow"),
        (
            "tests/model/test_cost.py",
            "tests/model/test_cost_cashflow.py",
            "tests/model/test_cost_gaps.py",
            "tests/validation/test_cost_worked.py",
        ),
    ),
}

GOLDEN = ("tests/golden",)
"""The samples' reviewed results notice a changed number without knowing what is right: counted apart."""

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Div,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_CALLS = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "floor": "ceil", "ceil": "floor"}


def places(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Index of each node (in walking order) that can be mutated, and how; texts, types and docstrings are left alone."""
    skip: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            skip |= {id(part) for part in ast.walk(node.annotation)}
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            skip |= {id(part) for part in ast.walk(node.returns)}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Parent", "Finding", "Figure", "text"):
            skip |= {id(part) for part in ast.walk(node) if isinstance(part, ast.Constant)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in skip:
            continue
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            # "a" | "b" of types and joined texts are no arithmetic
            if not any(
                isinstance(side, ast.Constant | ast.JoinedStr) and not _is_number(side)
                for side in (node.left, node.right)
            ):
                yield index, "operator"
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
            yield index, "comparison"
        elif isinstance(node, ast.BoolOp):
            yield index, "and/or"
        elif _is_number(node):
            yield index, "number"
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _CALLS:
            yield index, "call"
        elif isinstance(node, ast.If | ast.IfExp):
            yield index, "condition"


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def mutated(source: str, index: int) -> tuple[str, str]:
    """The source with the node ``index`` mutated, and what was done in one line."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[index]
    before = ast.unparse(node)[:60]
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.BinOp):
        node.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.01
    elif isinstance(node, ast.Call):
        name = node.func
        if isinstance(name, ast.Attribute):
            name.attr = _CALLS[name.attr]
        elif isinstance(name, ast.Name):
            name.id = _CALLS[name.id]
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))
    ast.fix_missing_locations(tree)
    return ast.unparse(tree), f"line {line}: {before} -> {ast.unparse(node)[:60]}".replace("\n", " ")


def tree_copy(folder: Path) -> None:
    """What the tests need, in a folder of its own."""
    skip = shutil.ignore_patterns("__pycache__", "*.pyc", "render", "packaging")
    for name in ("gui", "model", "resources", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", folder)


def killed(folder: Path, tests: tuple[str, ...]) -> str:
    """``killed``, ``survived`` or ``timeout`` (which counts as killed) of the tree as it is."""
    found = [name for name in tests if (folder / name).exists()]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *found],
            cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "timeout"
    return "survived" if done.returncode == 0 else "killed"


def run(name: str, mutants: int, seed: int, seconds: float) -> dict[str, object]:
    """The score of one subject."""
    subject, chance, started = SUBJECTS[name], random.Random(f"{name} {seed}"), time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tree_copy(folder)
        if killed(folder, subject.tests) != "survived":
            return {"subject": name, "problem": "the tests fail without any mutation"}
        sources = {file: (folder / "model" / f"{file}.py") for file in subject.files}
        texts = {file: path.read_text(encoding="utf-8") for file, path in sources.items() if path.exists()}
        every = [(file, index) for file, text in texts.items() for index, _ in places(ast.parse(text))]
        counts = {"killed": 0, "killed_by_golden": 0, "survived": 0, "timeout": 0}
        alive: list[str] = []
        for file, index in chance.sample(every, min(mutants, len(every))):
            if time.monotonic() - started > seconds:
                break
            text, what = mutated(texts[file], index)
            sources[file].write_text(text, encoding="utf-8")
            outcome = killed(folder, subject.tests)
            if outcome == "survived" and killed(folder, GOLDEN) != "survived":
                outcome = "killed_by_golden"
            sources[file].write_text(texts[file], encoding="utf-8")
            counts[outcome] += 1
            if outcome in ("survived", "killed_by_golden"):
                alive.append(f"{outcome}: model/{file}.py {what}")
    done = sum(counts.values())
    return {
        "subject": name, "places": len(every), "mutants": done, "seed": seed, **counts,
        "score": round((done - counts["survived"]) / done, 3) if done else None,
        "score_without_golden": round((counts["killed"] + counts["timeout"]) / done, 3) if done else None,
        "seconds": round(time.monotonic() - started), "survivors": alive,
    }  # fmt: skip


def main() -> int:
    """Run and print one line of JSON a subject."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=100, help="of each subject")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="at most, of each subject")
    parser.add_argument("--subject", choices=tuple(SUBJECTS), action="append")
    arguments = parser.parse_args()
    for name in arguments.subject or SUBJECTS:
        result = run(name, arguments.mutants, arguments.seed, arguments.seconds)
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
