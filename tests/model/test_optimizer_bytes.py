"""Bytes of an optimizer stand in one table; memory, checkpoints, a critic and the time of the update follow it."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from mitsumori.model.architecture.parallelism import OPTIMIZERS
from tests.docs.recipe_copy import ROOT, Copy

TABLE = "OPTIMIZER_STATE_BYTES"
MEASURE = """
import json
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.facility.support_racks import checkpoint_bytes_of
from mitsumori.model.plan.project import load_sample
from mitsumori.model.training.stages import TRAINED_ROLE_BYTES
from mitsumori.model.training.terms.optimizer import UPDATE_BYTES
plan = load_sample("llama3-70b-continual").plan
result = estimate(plan)
print(json.dumps({
    "state": result.figure("memory.per_gpu.optimizer_bytes").value,
    "weights": result.figure("memory.per_gpu.weights_bytes").value,
    "checkpoint": checkpoint_bytes_of(1.0, "bf16", "adam"),
    "critic": TRAINED_ROLE_BYTES,
    "update": UPDATE_BYTES,
    "days": result.figure("training.days").value,
}))
"""


def test_another_figure_in_the_table_reaches_everything_that_counts_optimizer_bytes(tmp_path: Path) -> None:
    """Adam with 12 bytes of moments instead of 8: each consumer moves by those 4 bytes a parameter."""
    copy = Copy(tmp_path)
    before = json.loads(copy.run(MEASURE))
    copy.replace("model/memory/states.py", f"{TABLE}: Final = (8.0,", f"{TABLE}: Final = (12.0,")
    after = json.loads(copy.run(MEASURE))
    assert after["checkpoint"] - before["checkpoint"] == pytest.approx(4.0)
    assert after["critic"] - before["critic"] == pytest.approx(4.0)
    assert after["update"] - before["update"] == pytest.approx(8.0)  # read and written
    assert after["state"] / before["state"] == pytest.approx((4.0 + 12.0) / (4.0 + 8.0))  # beside the master weight
    assert after["weights"] == before["weights"]
    assert after["days"] > before["days"]


def _numbers(node: ast.expr) -> list[ast.expr]:
    """The entries of a table of numbers that stands in the code; nothing where it is none."""
    if isinstance(node, ast.Dict):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return node.values if len(set(keys) & set(OPTIMIZERS)) > 1 and _numeric(node.values) else []
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) == len(OPTIMIZERS) and _numeric(node.elts):
        return node.elts
    return []


def _numeric(nodes: list[ast.expr]) -> bool:
    """Whether the nodes are numbers or sums and products of numbers."""
    return all(
        not any(isinstance(part, ast.Name | ast.Attribute | ast.Call) for part in ast.walk(node))
        and any(isinstance(part, ast.Constant) and type(part.value) in (int, float) for part in ast.walk(node))
        for node in nodes
    )


def tables_of(source: str) -> list[str]:
    """Names of a module's tables of numbers that are as long as the list of optimizers, or keyed by optimizers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _numbers(node.value):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            found += [target.id] if isinstance(target, ast.Name) else []
    return found


OF_OTHER_THINGS = {("sources.py", "WIDTHS"), ("training_table.py", "LADDER")}
"""Tables that have as many numbers as there are optimizers: columns of a sheet, steps of the number of servers."""


def test_there_is_no_second_table_of_optimizers() -> None:
    files = (ROOT / "model").rglob("*.py")
    named = {(path.name, name) for path in files for name in tables_of(path.read_text(encoding="utf-8"))}
    assert named - OF_OTHER_THINGS == {("states.py", TABLE)}, "a second table of optimizer bytes?"


def test_a_second_table_would_be_noticed() -> None:
    assert tables_of("BYTES = {'adam': 8.0, 'muon': 4.0}") == ["BYTES"]
    assert tables_of("BYTES: Final = (8.0, 2.0 + 2.0 / 64.0, 0.0, 4.0, 4.0)") == ["BYTES"]
    assert tables_of("WORDS = {'adam': 'Adam', 'muon': 'Muon'}") == []
