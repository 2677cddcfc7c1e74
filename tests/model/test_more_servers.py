"""What must hold as the fleet grows, in one supply class: more servers never cost less electricity."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample

SAMPLE = load_sample("llama3-70b-continual").plan


@cache
def electricity(servers: int, cooling: str) -> float:
    plan = SAMPLE.with_values(
        {"cluster.server": "DGX-H100", "cluster.servers": servers, "facility.cooling": cooling, "parallel.auto": True}
    )
    value = estimate(plan).cost.onprem.lines["electricity"].value
    assert value is not None
    return value


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from(["rear_door", "in_row"]))
def test_more_servers_never_cost_less_electricity(one: int, other: int, cooling: str) -> None:
    few, many = sorted((one, other))
    assert electricity(few, cooling) <= electricity(many, cooling) * (1 + 1e-9)


def test_the_border_of_a_supply_class_lowers_nothing_by_itself() -> None:
    """130 servers cost 121.4 million yen a year and 140 cost 105.1: the class changed with the load."""
    assert electricity(130, "rear_door") < electricity(140, "rear_door")
