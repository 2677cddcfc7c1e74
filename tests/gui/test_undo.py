"""A settled step keeps the fields that differ and gives back the very plans."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest

from mitsumori.gui.store import PlanStore
from mitsumori.gui.undo import differing_fields
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from tests.gui.test_store import Counting

SAMPLES = [load_sample(name).plan for name in sample_names()]


def exact(plan: Plan) -> str:
    """Every field with its type: 1, 1.0 and true are three different values."""
    return json.dumps(plan.model_dump(mode="json"), sort_keys=True)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(SAMPLES, repeat=2)))
def test_the_differing_fields_lead_from_one_plan_to_the_other_and_back(old: Plan, new: Plan) -> None:
    fields = differing_fields(old, new)
    assert exact(old.with_values({path: values[1] for path, values in fields.items()}, exact=True)) == exact(new)
    assert exact(new.with_values({path: values[0] for path, values in fields.items()}, exact=True)) == exact(old)
    assert (fields == {}) == (old == new)


def test_parts_that_did_not_change_stay_the_same_objects() -> None:
    """What remembers answers by the identity of a part keeps knowing them after an undo."""
    store = PlanStore(SAMPLES[0], Counting())
    network = store.plan.network
    for servers in (3, 4, 5):
        store.set_values({"cluster.servers": servers})
    for _ in range(3):
        store.undo_stack.undo()
    assert store.plan.network is network
    assert exact(store.plan) == exact(SAMPLES[0])


def test_a_step_of_undo_is_small() -> None:
    """A plan weighs 3 to 7 kB; a step of one slider a few hundred bytes of fields and Qt's command."""
    store = PlanStore(SAMPLES[0], Counting())
    for servers in (3, 4):
        store.set_values({"cluster.servers": servers})
    tracemalloc.start()
    try:
        for servers in range(5, 105):
            store.set_values({"cluster.servers": servers})
        store.set_values({"cluster.servers": 4})
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert store.undo_stack.count() == 103
    assert kept / 101 < 2000
