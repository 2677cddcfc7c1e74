"""Project files of release 0.1.0 open as they were meant.

The files were saved by 0.1.0 itself (commit 7170aa0), its headline figures beside them. What rests on shapes, records and rules
alone must come out the same; speeds, days and money follow models that were refitted and records that were corrected since, so
that there the file has to give what the same plan gives today.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, parse_project
from mitsumori.model.report.json_document import to_json

FOLDER = Path(__file__).parent / "fixtures" / "0.1.0"
FILES = sorted(FOLDER.glob("*.mitsumori"))
HEADLINES: dict[str, dict[str, float]] = json.loads((FOLDER / "headlines.json").read_text(encoding="utf-8"))
SAME = (
    "memory.per_gpu.weights_bytes",
    "memory.per_gpu.optimizer_bytes",
    "facility.racks",
    "facility.servers_per_rack",
    "facility.pue",
)
"""Figures that no fit and no corrected record has moved since."""


def opened(path: Path) -> Plan:
    return parse_project(path.read_bytes(), path.name).plan


def stated(node: Any, path: str = "") -> dict[str, Any]:
    """Every value that a plan of the file states, by its path."""
    if isinstance(node, dict):
        return {p: v for key, part in node.items() for p, v in stated(part, f"{path}.{key}" if path else key).items()}
    return {path: node}


def test_there_is_a_file_for_every_headline() -> None:
    assert {path.stem for path in FILES} == set(HEADLINES)
    assert len(FILES) == 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_stated_value_is_read(path: Path) -> None:
    plan, written = opened(path), json.loads(path.read_text(encoding="utf-8"))["plans"][0]
    said = {name: value for name, value in stated(written).items() if not name.startswith(("notes", "customer"))}
    assert len(said) > 8
    for name, value in said.items():
        assert json.loads(json.dumps(plan.value(name), default=str)) == value, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_gives_what_the_plan_gives_today(path: Path) -> None:
    old = opened(path)
    now = load_sample(path.stem).plan.with_values(
        {name: old.value(name) for name in ("network.checkpoint_stall_s", "network.restart_s")}
    )
    assert to_json(estimate(old), old) == to_json(estimate(now), now)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_figures_of_shapes_records_and_rules_are_those_of_then(path: Path) -> None:
    result, then = estimate(opened(path)), HEADLINES[path.stem]
    for name in SAME:
        assert result.figure(name).value == pytest.approx(then[name], rel=1e-9), name
    assert result.figure("training.days").value == pytest.approx(then["training.days"], rel=0.15)
