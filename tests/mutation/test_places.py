"""The mutation tool itself: every mutant is one change, valid Python, and never a text or a type."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.campaign import GOLDEN, SUBJECTS
from tests.mutation.engine import ROOT
from tests.mutation.places import mutated, places

SOURCE = '''
def f(a: int = 2, b: float | None = None) -> float:
    """Add 1 to a text."""
    if a < 3 and b is not None:
        return np.minimum(a * 4.0, b)
    return a - 1 if a else 0.0
'''


def test_every_kind_of_place_is_found_once():
    kinds = sorted(place.kind for place in places(ast.parse(SOURCE)))
    assert kinds == sorted(
        ["number"] * 5 + ["comparison"] * 2 + ["and/or", "call", "operator", "operator", "condition", "condition"]
    )


def test_every_mutant_differs_in_one_place_and_compiles():
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()
    for place in places(ast.parse(SOURCE)):
        tree, what = mutated(SOURCE, place.index)
        compile(tree, "mutant", "exec")
        text = ast.unparse(tree)
        changed = [pair for pair in zip(plain, text.splitlines(), strict=True) if pair[0] != pair[1]]
        assert len(changed) == 1, what


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_subjects_have_their_files_and_tests(name):
    for file in SUBJECTS[name].files:
        assert (ROOT / "model" / f"{file}.py").exists()
    for test in (*SUBJECTS[name].tests, *GOLDEN):
        assert (ROOT / test).exists()
