"""Project files of release 0.1.0 open as they were meant.

The files were saved by 0.1.0 itself (commit 7170aa0), its headline figures beside them. Each figure must come out the same
except where a repair moved it, within the bounds written here with the reason; and each file has to give what the same plan gives
today.
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
HEADLINES: dict[str, dict[str, float | None]] = json.loads((FOLDER / "headlines.json").read_text(encoding="utf-8"))
REPAIRED: dict[str, tuple[float, float, str]] = {
    "training.tokens_per_s_per_gpu": (0.96, 1.02, "terms of the step measured one by one, constants refitted"),
    "training.step_time_s": (0.98, 1.04, "the same"),
    "training.days": (0.98, 1.04, "the same"),
    "training.goodput": (0.999, 1.005, "the exact renewal formula in place of the first-order sum (Daly 2006)"),
    "memory.per_gpu.total_bytes": (1.0, 1.6, "bloom-176b: DeepSpeed's buckets and its peak (868f18d, ef50c31)"),
    "facility.support_racks": (1.0, 2.2, "switches, storage and cabling counted instead of a share of the power"),
    "facility.it_kw": (0.9, 1.0, "the same"),
    "facility.facility_kw": (0.9, 1.0, "the same"),
    "facility.kwh_per_year": (0.9, 1.001, "the same, and days"),
    "cost.onprem.total": (
        0.9,
        1.04,
        "network and storage by counted parts; taxes by their rules; sale prices rounded up",
    ),
    "cost.onprem.initial": (0.9, 1.03, "the same"),
    "cost.cloud.total": (1.0, 1.01, "days of a single training"),
    "cost.break_even_month": (0.89, 1.03, "what the machines cost"),
}
"""Figures that repairs have moved since: today's value over that of 0.1.0, and why. All others are the same."""


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
def test_every_headline_figure_is_that_of_then_unless_a_repair_moved_it(path: Path) -> None:
    result = estimate(opened(path))
    for name, then in HEADLINES[path.stem].items():
        now = result.figure(name).value
        if then is None or now is None:
            assert now == then, name
        elif now != pytest.approx(then, rel=1e-9):
            low, high, why = REPAIRED.get(name, (1.0, 1.0, "no repair is known"))
            assert then > 0.0 and low <= now / then <= high, f"{name} {then:g} -> {now:g}: {why}"


def test_the_list_of_repairs_is_no_longer_than_it_must_be() -> None:
    moved = set()
    for path in FILES:
        result = estimate(opened(path))
        moved |= {
            name
            for name, then in HEADLINES[path.stem].items()
            if then is not None and result.figure(name).value != pytest.approx(then, rel=1e-9)
        }
    assert moved == set(REPAIRED)
    assert {
        "memory.per_gpu.weights_bytes",
        "memory.per_gpu.optimizer_bytes",
        "facility.racks",
        "facility.pue",
    }.isdisjoint(moved)
