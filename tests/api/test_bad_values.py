"""Every public way into the product with values that are none: only its own error comes back, with one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import mitsumori as mi
from mitsumori.model.plan.plan import Plan, plan_paths

PROJECT = mi.sample("llama2-7b-sft")
PLAN = PROJECT.plan
PATHS = (*plan_paths(), "proposal.subject", "proposal.valid_days", "overrides.training.tokens_per_s_per_gpu", "notes.x")
PARTS = [PLAN, *(getattr(PLAN, name) for name in Plan.model_fields if isinstance(getattr(PLAN, name), BaseModel))]

plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([10**400, -(10**19), 2**63]), st.floats(), st.text(max_size=20),
    st.binary(max_size=9), st.dates(), st.datetimes(), st.decimals(), st.complex_numbers(), st.fractions(),
    st.sampled_from([object(), int, len, Path("x\0y"), Decimal("sNaN"), "\ud800", np.float32(1), np.array([1, 2]),
                     np.array(3), np.datetime64("NaT"), range(3), ..., b"\xff", PLAN, PLAN.cluster, PROJECT, pd.NA, pd.NaT,
                     pd.Timestamp("2026-10-01"), pd.Series([1.0, None]), pd.DataFrame({"a": [1]}), np.bool_(True),
                     np.str_("16"), "a\nb", "x" * 5000]),
)  # fmt: skip


def _hashes(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


hashable = plain.filter(_hashes)
bad = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner),
        st.dictionaries(hashable, inner, max_size=2),
        st.dictionaries(st.sampled_from(PATHS), inner, max_size=2),
        st.sets(st.integers(), max_size=2),
        inner.map(lambda value: iter([value])),
    ),
    max_leaves=5,
)
paths = st.one_of(st.sampled_from(PATHS), st.sampled_from(PATHS).map(lambda path: path[:-1]), hashable)


def names(part: BaseModel) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(sorted(type(part).model_fields)), st.text(max_size=5))


ENTRIES: dict[str, st.SearchStrategy[Callable[[], Any]]] = {
    "estimate": bad.map(lambda v: lambda: mi.estimate(v)),
    "estimate, catalogue": bad.map(lambda v: lambda: mi.estimate(PROJECT, v)),
    "estimate, today": bad.map(lambda v: lambda: mi.estimate(PROJECT, today=v)),
    "search": bad.map(lambda v: lambda: mi.search(v)),
    "search, top": bad.filter(lambda v: type(v) is not int or v < 1).map(lambda v: lambda: mi.search(PROJECT, top=v)),
    "search, catalogue": bad.filter(lambda v: v is not None).map(lambda v: lambda: mi.search(PROJECT, 1, v)),
    "serve": bad.map(lambda v: lambda: mi.serve(v)),
    "serve, catalogue": bad.filter(lambda v: v is not None).map(lambda v: lambda: mi.serve(PROJECT, v)),
    "sweep": bad.map(lambda v: lambda: mi.sweep(v, {"cluster.servers": [1]})),
    "sweep, values": bad.map(lambda v: lambda: mi.sweep(PROJECT, v)),
    "sweep, a path": st.tuples(paths, bad).map(lambda v: lambda: mi.sweep(PROJECT, {v[0]: [v[1]]})),
    "sweep, a list": st.tuples(st.sampled_from(PATHS), bad).map(lambda v: lambda: mi.sweep(PROJECT, {v[0]: v[1]})),
    "sample": bad.map(lambda v: lambda: mi.sample(v)),
    "open": bad.filter(lambda v: not isinstance(v, int)).map(lambda v: lambda: mi.open(v)),
    "Project": bad.map(lambda v: lambda: mi.estimate(mi.Project(v))),
    "Project, active": bad.map(lambda v: lambda: mi.estimate(mi.Project((PLAN,), v))),
    "Project.with_values": bad.map(lambda v: lambda: PROJECT.with_values(v)),
    "Project.with_values, a path": st.tuples(paths, bad).map(lambda v: lambda: PROJECT.with_values({v[0]: v[1]})),
    "Plan.with_values": bad.map(lambda v: lambda: PLAN.with_values(v)),
    "Plan.with_values, a path": st.tuples(paths, bad).map(lambda v: lambda: PLAN.with_values({v[0]: v[1]})),
    "Plan.from_dict": bad.map(lambda v: lambda: Plan.from_dict(v)),
    "Plan.value": bad.map(lambda v: lambda: PLAN.value(v)),
    "Plan()": st.tuples(names(PLAN), bad).map(lambda v: lambda: Plan(**{v[0]: v[1]})),
    "model_copy": st.tuples(st.sampled_from(PARTS), bad).map(lambda v: lambda: v[0].model_copy(update=v[1])),
    "model_copy, a field": st.sampled_from(PARTS)
    .flatmap(lambda part: st.tuples(st.just(part), names(part), bad))
    .map(lambda v: lambda: v[0].model_copy(update={v[1]: v[2]})),
    "a part": st.sampled_from(PARTS)
    .flatmap(lambda part: st.tuples(st.just(type(part)), names(part), bad))
    .map(lambda v: lambda: v[0](**{v[1]: v[2]})),
}


def public() -> Iterator[str]:
    """Public functions of the product and public methods that take a value."""
    for name in mi.__all__:
        thing = getattr(mi, name)
        if callable(thing) and not (isinstance(thing, type) and issubclass(thing, Exception)) and "Result" not in name:
            yield name


def test_every_public_name_is_tried() -> None:
    tried = {entry.split(",")[0].split(".")[0] for entry in ENTRIES}
    assert set(public()) <= tried


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_only_the_products_own_error_comes_back(entry: str, data: st.DataObject) -> None:
    act = data.draw(ENTRIES[entry])
    try:
        act()
    except mi.PlanError as error:
        for said in (str(error), error.text("ja")):
            assert said.strip() and len(said.splitlines()) == 1 and len(said) < 1500
        assert str(error).endswith((".", "?"))


def test_good_values_of_other_libraries_are_taken() -> None:
    """NumPy's numbers and pandas' columns are what a notebook has at hand."""
    swept = mi.sweep(PROJECT, {"cluster.servers": np.array([1, 2]), "workload.tokens": range(10**9, 3 * 10**9, 10**9)})
    assert [row["cluster.servers"] for row in swept.values] == [1, 1, 2, 2] and swept.refused == ("",) * 4
    assert mi.estimate(
        PROJECT.with_values({"workload.tokens": np.float64(2e9)}), today=dt.date(2026, 12, 1)
    ).training.days.known


@pytest.mark.parametrize("value", [pd.NA, pd.NaT, pd.DataFrame({"a": [1]}), np.array([True, False]), float("nan")])
@pytest.mark.parametrize("path", ["serving.enabled", "cluster.server", "money.cloud.instance", "cluster.accelerator"])
def test_what_is_neither_true_nor_false_is_refused_before_anybody_asks(path: str, value: object) -> None:
    """Whether pandas' NA is true raises an error of its own."""
    for change in (PROJECT.with_values, PLAN.with_values):
        with pytest.raises(mi.PlanError, match=rf"\A{path}=.* is not accepted: .*\.\Z"):
            change({path: value})


@pytest.mark.parametrize("name", ["a\nb", "x" * 5000, "no\x00name", "\ud800.mitsumori"])
def test_a_file_of_an_impossible_name_is_one_short_line(name: str) -> None:
    with pytest.raises(mi.PlanError) as caught:
        mi.open(name)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


def test_a_refused_value_that_is_no_text_still_has_its_row() -> None:
    frame = mi.sweep(PROJECT, {"cluster.server": ["\ud800", "HPE-XD670"]}).to_frame()
    assert frame["refused"].notna().tolist() == [True, False]
