"""The recipes of CONTRIBUTING, followed: each adds its thing through the tables it names, and the program works with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mitsumori import resources
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost import comparison, line_table
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.json_document import to_json
from mitsumori.model.report.text import estimate_text

RECIPES = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLAN = load_sample("llama3-70b-continual").plan

NEW_LINE = """
[permits]
owned = ["month"]
rule = "entered"
taxed = false
group = "tax_insurance"
label = { en = "permits", ja = "許認可" }
"""
PERMITS_A_MONTH = 1e5


@pytest.mark.parametrize(
    "thing",
    [
        "a server",
        "an accelerator",
        "an input",
        "a cost line",
        "a cooling option",
        "a parallel axis",
        "a tab",
        "a chart",
        "a language",
        "another tool's format",
    ],
)
def test_contributing_has_the_recipe(thing: str) -> None:
    assert f"| {thing}" in RECIPES


def test_a_server_and_its_accelerator_are_records_alone() -> None:
    records = Catalogue.shipped().with_records(
        {
            "accelerators": {
                "H100-160": {"base": "H100-SXM", "name": "H100 160GB", "memory_gb": 160.0, "usable_gib": None}
            },
            "servers": {"Mine-4": {"base": "DGX-H100", "name": "Mine 4", "accelerator": "H100-160", "accelerators": 4}},
        }
    )
    plan = PLAN.with_values({"cluster.server": "Mine-4", "cluster.servers": 16})
    mine = estimate(plan, records)
    theirs = estimate(PLAN.with_values({"cluster.server": "DGX-H100", "cluster.servers": 8}))
    assert mine.training.details.accelerators == theirs.training.details.accelerators == 64
    assert (mine.memory.per_gpu["capacity_bytes"].value or 0.0) > 1.8 * (
        theirs.memory.per_gpu["capacity_bytes"].value or 0.0
    )


@pytest.fixture
def permits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A cost line more: its entry in the table, and its amount among the lines of owning."""
    shipped = resources.read_text

    def with_entry(*parts: str) -> str:
        return shipped(*parts) + (NEW_LINE if parts == ("cost_lines.toml",) else "")

    def with_amount(case: Case) -> Lines:
        lines = owned_lines(case)
        return Lines(lines.initial, {**lines.monthly, "permits": PERMITS_A_MONTH}, lines.yearly, lines.final)

    caches = (line_table.cost_lines, line_table.keys_of, line_table.untaxed, line_table.open_reasons, line_table.groups)
    monkeypatch.setattr(resources, "read_text", with_entry)
    monkeypatch.setattr(comparison, "owned_lines", with_amount)
    for cache in caches:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_a_cost_line_is_an_entry_and_an_amount(permits: None) -> None:
    result = estimate(PLAN)
    months = PLAN.money.horizon_months
    assert result.cost.onprem.lines["permits"].value == pytest.approx(PERMITS_A_MONTH * months)
    assert to_json(result, PLAN)["cost"]["onprem"]["lines"]["permits"] == pytest.approx(PERMITS_A_MONTH * months)
    assert "permits" in estimate_text(PLAN, result, "en")
    assert "許認可" in estimate_text(PLAN, result, "ja")
    assert "permits" in line_table.untaxed()
    assert "permits" in line_table.groups("onprem")["tax_insurance"]


def test_the_new_line_moves_the_total_by_its_amount(permits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    more = estimate(PLAN).cost.onprem.total.value
    monkeypatch.setattr(comparison, "owned_lines", owned_lines)
    less = estimate(PLAN).cost.onprem.total.value
    assert more is not None
    assert less is not None
    assert more - less == pytest.approx(PERMITS_A_MONTH * PLAN.money.horizon_months, rel=1e-6)
