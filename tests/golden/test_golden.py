"""Numbers that cannot drift: the whole estimates of the samples are those that were reviewed last."""

from __future__ import annotations

import copy

import pytest

from mitsumori.model.plan.project import load_sample, sample_names
from tests.golden.results import FOLDER, computed, differences, flat, kept


@pytest.mark.parametrize("name", sample_names())
def test_no_figure_of_a_sample_changed(name):
    """A wanted change: ``python -m tests.golden.results --write``, and the reason in the commit."""
    lines = differences(kept(name), computed(load_sample(name).plan))
    assert not lines, "\n" + "\n".join(lines[:60])


def test_every_sample_has_a_golden_result_and_nothing_else_has():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(sample_names())


@pytest.mark.parametrize("name", sample_names())
def test_a_golden_result_is_the_whole_estimate(name):
    paths = flat(kept(name))
    for part in (
        "memory.per_gpu.total_bytes",
        "training.days",
        "facility.racks",
        "cost.onprem.total",
        "cost.cloud.total",
    ):
        assert part in paths
    assert sum(isinstance(value, float | int) for value in paths.values()) > 80


def test_a_change_beyond_the_tolerance_is_said_with_path_old_new_and_change():
    old = kept(sample_names()[0])
    new = copy.deepcopy(old)
    new["training"]["days"] = old["training"]["days"] * 1.01
    new["facility"]["racks"] = None
    del new["cost"]["currency"]
    lines = differences(old, new)
    assert len(lines) == 3
    assert lines[0].startswith("training.days: ")
    assert lines[0].endswith("(+1.000%)")
    assert differences(old, old) == []


@pytest.mark.parametrize(("factor", "silent"), [(1 + 1e-12, True), (1 + 1e-7, False)])
def test_the_tolerance_is_that_of_another_processor_not_of_another_formula(factor, silent):
    old = kept(sample_names()[0])
    new = copy.deepcopy(old)
    new["training"]["days"] = old["training"]["days"] * factor
    assert (differences(old, new) == []) is silent
