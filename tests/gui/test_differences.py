"""The sentence above the comparison, and the title of ways to serve: nothing is called equal or cheapest that is not known to be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from mitsumori.gui.tabs.advisor_titles import options_title
from mitsumori.gui.tabs.differences import against
from mitsumori.gui.tabs.scenario_table import Scenario
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.serving_ranking import ServingAdvice, ServingOption, advise_serving


@cache
def sample(name: str) -> Plan:
    return load_sample(name).plans[0]


def scenario(letter: str, plan: Plan) -> Scenario:
    return Scenario(letter, plan, estimate(plan), Catalogue.shipped())


def sentence(name: str, changes: dict[str, Any]) -> str:
    plan = sample(name)
    return against(scenario("A", plan), scenario("B", plan.with_values(changes)))


UNCOOLED = {"facility.cooling": "air", "facility.rack_kva": 5.0}
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "serving that cannot be cooled": ("serve-moe-nvl72", {"facility.cooling": "rear_door"}, "B cannot be cooled."),
    "training that cannot be cooled": ("llama3-70b-continual", UNCOOLED, "B cannot be cooled."),
    "a serving plan beside a training": ("llama3-70b-continual", {"serving.enabled": True}, "B serves, A trains."),
    "only the energy differs": ("llama3-70b-continual", {"facility.server_average_kw": 8.0}, ""),
    "only the first token differs": ("serve-chat-500", {"serving.prompt_tokens": 2000}, ""),
    "nothing differs": ("llama3-70b-continual", {"facility.rack_width_m": 0.61}, "B comes to the same."),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_second_scenario_changes_is_said(case: str) -> None:
    name, changes, want = CASES[case]
    said = sentence(name, changes)
    assert said == want if want else said and said != "B comes to the same."


def test_of_two_the_one_that_cannot_be_built_is_named_whichever_it_is() -> None:
    plan = sample("llama3-70b-continual")
    good, bad = scenario("B", plan), scenario("A", plan.with_values(UNCOOLED))
    assert against(bad, good) == "A cannot be cooled."


@pytest.fixture(scope="module")
def advice() -> ServingAdvice:
    return advise_serving(sample("serve-moe-nvl72"))


def test_nothing_is_cheapest_where_what_carries_the_load_too_has_no_price(advice: ServingAdvice) -> None:
    own = next(one for one in advice.options if one.current)
    others = [one for one in advice.options if one is not own and one.served >= own.served]
    assert others

    def title(price: float | None, first: ServingOption) -> str:
        return options_title(
            replace(advice, options=(first, *(replace(one, jpy_per_million_tokens=price) for one in others)))
        )

    assert title(None, own) == f"Of the servers with a price none carries the load for less than {own.name}"
    assert title(1e4, own) == f"Nothing carries the load for less than {own.name}"
    assert title(None, replace(own, jpy_per_million_tokens=None)) == "No server that carries the load has a price"
    assert options_title(advice).endswith("instead of ¥133*"), "what a firm price says of another server"
