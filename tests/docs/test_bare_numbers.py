"""Physics has no bare number: in kernels and training a number that means something has a name, and a sentence behind the name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ARITHMETIC = frozenset({0, 1, 2, 0.5, 100})
"""None, one, a pair or a square, a mean of two, percent."""
GUARDS = frozenset({1e-9, 1e-12, 1e-30})
"""What keeps a quotient finite."""
BY_NAME = frozenset({
    ("model/training/schedule.py", "schedule", 50),
    ("model/training/stages.py", "role_bytes", 3), ("model/training/terms/data_parallel.py", "shards_of", 3),
})  # fmt: skip
"""The even chance among :data:`CONFIDENCES`; a stage of ZeRO is called by its number."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for part in ("kernels", "training"):
        for path in sorted((ROOT / "model" / part).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def numbers(node: ast.AST) -> Iterator[float]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, int | float) and not isinstance(one.value, bool):
            yield one.value


def test_no_function_has_a_bare_number() -> None:
    found = {
        (path, function.name, number)
        for path, tree in modules()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for number in numbers(function)
        if number not in ARITHMETIC | GUARDS
    }
    assert found == BY_NAME


def described(body: list[ast.stmt], index: int) -> bool:
    """Whether a text stands behind an assignment, or behind the run of assignments that it is in."""
    while index < len(body) and isinstance(body[index], ast.Assign | ast.AnnAssign):
        index += 1
    after = body[index] if index < len(body) else None
    return isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)


TABLES = frozenset({"SPEC", "EFFECTS"})
"""The fitted constants, whose rows say what each is and where its prior comes from."""


def test_every_named_number_says_what_it_is() -> None:
    bare, counted = [], 0
    for path, tree in modules():
        for index, node in enumerate(tree.body):
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            name = ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
            if set(numbers(node.value)) <= {0, 1, 2} or name in TABLES:
                continue
            counted += 1
            if not described(tree.body, index):
                bare.append((path, name))
    assert counted > 40
    assert not bare


def test_every_fitted_constant_says_what_it_is_with_a_prior_within_its_bounds() -> None:
    from mitsumori.model.kernels.constants import EFFECTS, SPEC

    assert len(SPEC) > 50
    for one in SPEC:
        assert len(one.what) > 10, one.name
        assert one.low <= one.prior <= one.high, one.name
        assert one.sigma > 0, one.name
        assert one.unit, one.name
    for effect in EFFECTS:
        assert len(effect.what) > 10, effect.name
