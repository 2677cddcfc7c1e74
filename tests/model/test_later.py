"""Parts of a result that are made at the first look: once, in order, equal to what they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.frozen import changed
from mitsumori.model.base.later import Later, Named
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample


def test_nothing_is_made_before_the_first_look_and_nothing_twice() -> None:
    asked: list[str] = []

    def make(name: str) -> Figure:
        asked.append(name)
        return Figure(float(len(name)))

    figures = Named({name: partial(make, name) for name in ("days", "cost")})
    assert (list(figures), len(figures), asked) == (["days", "cost"], 2, [])
    assert "cost" in figures
    assert asked == []
    assert figures["cost"].value == 4.0
    assert figures["cost"] is figures.get("cost")
    assert asked == ["cost"]
    assert figures == {"days": Figure(4.0), "cost": Figure(4.0)}
    assert asked == ["cost", "days"]
    assert "racks" not in figures
    with pytest.raises(KeyError):
        figures["racks"]


def test_a_later_tuple_is_that_tuple() -> None:
    made: list[int] = []

    def make() -> tuple[int, ...]:
        made.append(1)
        return (3, 1, 2)

    later = Later(make)
    assert made == []
    assert later == (3, 1, 2)
    assert (later[0], later[1:], len(later), list(later), hash(later)) == (3, (1, 2), 3, [3, 1, 2], hash((3, 1, 2)))
    assert made == [1]


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float = 2.0


def test_a_changed_copy_differs_in_that_field_alone() -> None:
    point = Point(1.0)
    assert changed(point, y=5.0) == Point(1.0, 5.0)
    assert point == Point(1.0, 2.0)
    with pytest.raises(KeyError):
        changed(point, z=1.0)


def test_what_is_looked_at_late_belongs_to_its_own_plan() -> None:
    """The figures of an estimate do not move with the estimates that are made after it."""
    plan = load_sample("llama3-70b-continual").plan
    alone = estimate(plan).cost
    expected = {name: figure.value for name, figure in alone.onprem.lines.items()}, tuple(alone.years)
    first = estimate(plan).cost
    for servers in (2, 64):
        estimate(plan.with_values({"cluster.servers": servers, "workload.tokens": 1e12}))
    assert ({name: figure.value for name, figure in first.onprem.lines.items()}, tuple(first.years)) == expected
