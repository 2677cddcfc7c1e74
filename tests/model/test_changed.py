"""A dataclass with some fields replaced is what the standard library makes of it."""

from dataclasses import fields, replace

import pytest

from mitsumori.model.base.changed import changed
from mitsumori.model.base.figure import Figure, NotFinite
from mitsumori.model.cost.case import Case
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample


def test_fields_are_replaced_as_by_the_standard_library() -> None:
    place = estimate(load_sample("llama2-7b-sft").plans[0]).facility
    assert changed(place, tariff_class="special-high") == replace(place, tariff_class="special-high") != place
    method = place.methods[0]
    assert changed(method, cost_jpy=1.5, racks=None) == replace(method, cost_jpy=1.5, racks=None)
    case = Case(utilization=0.25)
    made = changed(case, months=12.0)
    assert made.months == 12.0 and case.months == 60.0
    assert all(getattr(made, item.name) is getattr(case, item.name) for item in fields(Case) if item.name != "months")


def test_what_a_field_may_not_be_is_refused_and_a_name_that_is_none() -> None:
    with pytest.raises(NotFinite):
        changed(Figure(1.0), value=float("nan"))
    with pytest.raises(KeyError):
        changed(Figure(1.0), volume=2.0)
