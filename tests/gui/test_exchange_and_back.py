"""Exchanging anything that the window lets choose, and back, restores every input and every figure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.store import PlanStore
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample

CATALOGUE = Catalogue.shipped()
TRAINS = load_sample("llama3-70b-continual").plan.with_values({
    "money.onprem.server_price": 60e6, "money.onprem.price_date": "2026-11-12", "facility.server_max_kw": 9.9,
    "money.cloud.price_per_hour": 55.04, "overrides.training.tokens_per_s_per_gpu": 900.0, "money.onprem.power_works": 3e7,
})  # fmt: skip
SERVES = load_sample("serve-chat-500").plan
SELECTED = [path for path, field in FIELDS.items() if field.kind in ("choice", "switch")]
"""Everything that is chosen or switched: servers, accelerators, clouds, terms, cooling, voltage, presets, methods ..."""


def others(path: str, plan: Plan) -> list[Any]:
    """What else the row offers."""
    field = FIELDS[path]
    if field.kind == "switch":
        return [not plan.value(path)]
    return [value for value, _ in field.listed(plan, CATALOGUE) if value != plan.value(path)]


def choose(store: PlanStore, path: str, value: Any) -> bool:
    """As the row does; whether it was taken."""
    also = FIELDS[path].also
    return store.set_values({path: value} | (also(value) if also is not None else {})) is None


def figures(plan: Plan) -> dict[str, Any]:
    """Every figure that an estimate states, as its document has it."""
    result = estimate(plan)
    cost = result.cost
    lines = {
        side: {key: figure.value for key, figure in getattr(cost, side).lines.items()} for side in ("onprem", "cloud")
    }
    served = None if result.serving is None else {key: one.value for key, one in result.serving.figures.items()}
    return {
        "days": result.training.days.value, "memory": result.memory.per_gpu["total_bytes"].value, "served": served,
        "it_kw": result.facility.it_kw.value, "racks": result.facility.racks.value, "owned": cost.onprem.total.value,
        "rented": cost.cloud.total.value, "month": cost.break_even_month.value, "missing": cost.missing, "lines": lines,
    }  # fmt: skip


def changed(plan: Plan, home: Plan) -> list[str]:
    """Inputs that are not what they were."""
    paths = [path for path in inputs() if not path.startswith("model.architecture.")] + [
        "model.architecture",
        "overrides",
    ]
    return [path for path in paths if plan.value(path) != home.value(path)]


@pytest.mark.parametrize("home", [TRAINS, SERVES], ids=["trains", "serves"])
@pytest.mark.parametrize("path", SELECTED)
def test_each_choice_there_and_back(qapp: object, path: str, home: Plan) -> None:
    field = FIELDS[path]
    if not field.shown_when(home) or not field.offered(home, CATALOGUE):
        pytest.skip("not asked of this plan")
    offered = others(path, home)
    taken = 0
    for value in offered[:: max(1, len(offered) // 6)]:
        store = PlanStore(home)
        if not choose(store, path, value):
            continue  # this plan refuses it, and nothing changed
        taken += 1
        assert choose(store, path, home.value(path))
        assert changed(store.plan, home) == [], value
    assert taken or not offered


STEPS = st.lists(st.tuples(st.sampled_from(SELECTED), st.integers(0, 200)), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, serves=st.booleans(), typed=st.booleans())
def test_any_choices_one_after_another_and_all_back(
    qapp: object, steps: list[tuple[str, int]], serves: bool, typed: bool
) -> None:
    """Prices are typed on the way or not; home again every input and every figure is as it was."""
    home = SERVES if serves else TRAINS
    store = PlanStore(home)
    done: list[tuple[str, Any]] = []
    for path, number in steps:
        offered = others(path, store.plan) if FIELDS[path].shown_when(store.plan) else []
        before = store.plan.value(path)
        if offered and choose(store, path, offered[number % len(offered)]):
            done.append((path, before))
            if typed and path in ("cluster.server", "cluster.accelerator"):
                store.set_values({"money.onprem.server_price": 1e6 + number, "facility.server_max_kw": 7.0})
    for path, before in reversed(done):
        assert choose(store, path, before), (path, before)
    assert changed(store.plan, home) == []
    assert figures(store.plan) == figures(home)
