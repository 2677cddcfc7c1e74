"""Figures that are worked out at the first look: once, listed in order, and of their own plan."""

from __future__ import annotations

from functools import cached_property

import pytest

from mitsumori.model.base.figure import Figure, Figures
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample


def test_nothing_is_made_before_the_first_look_and_nothing_twice() -> None:
    asked: list[str] = []

    class Some(Figures):
        @cached_property
        def days(self) -> Figure:
            asked.append("days")
            return Figure(4.0)

        @cached_property
        def _within(self) -> float:
            raise AssertionError("not listed")

        @cached_property
        def cost(self) -> Figure:
            asked.append("cost")
            return Figure(5.0)

    figures = Some()
    assert (list(figures), len(figures), asked) == (["days", "cost"], 2, [])
    assert "cost" in figures
    assert figures["cost"] is figures.get("cost") is figures.cost
    assert "days" not in asked or asked == ["cost"]
    assert figures == {"days": Figure(4.0), "cost": Figure(5.0)}
    assert sorted(asked) == ["cost", "days"]
    assert "racks" not in figures
    for name in ("racks", "_within", "NAMES"):
        with pytest.raises(KeyError):
            figures[name]


def test_what_is_looked_at_late_belongs_to_its_own_plan() -> None:
    """The figures of an estimate do not move with the estimates that are made after it."""
    plan = load_sample("llama3-70b-continual").plan
    alone = estimate(plan).cost
    expected = {name: figure.value for name, figure in alone.onprem.lines.items()}, tuple(alone.years)
    first = estimate(plan).cost
    for servers in (2, 64):
        estimate(plan.with_values({"cluster.servers": servers, "workload.tokens": 1e12}))
    assert ({name: figure.value for name, figure in first.onprem.lines.items()}, tuple(first.years)) == expected
