"""Trade-offs: every cooling that can hold the machines, days against one quantity, the plan with a layout of its own."""

from __future__ import annotations

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import open_plan
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.trade_offs import HALL_LIMITS, Machines, TradeOffs, TradePoint, trade_offs

PLAN = open_plan("llama3-70b-continual").plan
SERVERS = ("HPE-XD670", "DGX-GB200-NVL72", "Dell-XE9680-MI300X")


@pytest.fixture(scope="module")
def study() -> TradeOffs:
    return trade_offs(PLAN, Machines(servers=SERVERS, counts=(0.5, 1.0, 2.0), every_cooling=True))


def all_points(study: TradeOffs) -> tuple[TradePoint, ...]:
    return (*study.points, *study.unpriced, *study.impossible)


def test_every_method_that_can_cool_the_plans_server_is_a_point(study: TradeOffs) -> None:
    able = {method.cooling for method in estimate(PLAN).facility.methods if method.feasible}
    assert len(able) > 3
    own = {p.cooling for p in study.points if p.site == "onprem" and p.server == "HPE-XD670" and p.servers == 8}
    assert own == able
    rented = [p for p in study.points if p.site == "cloud" and p.server == "HPE-XD670"]
    assert {p.cooling for p in rented} == {PLAN.facility.cooling}, "the hall does not matter to who rents"


def test_a_machine_that_the_hall_cannot_cool_is_shown_with_what_can(study: TradeOffs) -> None:
    racks = [p for p in study.points if p.server == "DGX-GB200-NVL72"]
    assert racks
    assert PLAN.facility.cooling not in {p.cooling for p in racks}
    for point in racks:
        assert all(point.changes[path] is None for path in HALL_LIMITS)
        own = estimate(PLAN.with_values(dict(point.changes)))
        assert not any(f.severity == "bad" for f in own.findings if f.code.startswith("facility"))


def test_points_of_other_coolings_are_the_estimates_of_their_plans(study: TradeOffs) -> None:
    for point in all_points(study):
        own = estimate(PLAN.with_values(dict(point.changes)))
        assert own.training.days.value == pytest.approx(point.days, rel=1e-9)
        if point.site == "onprem":
            for found, held in ((own.cost.onprem.total.value, point.cost),
                                (own.facility.facility_kw.value, point.facility_kw)):  # fmt: skip
                assert (found is None) == (held is None)
                assert found is None or found == pytest.approx(held, rel=1e-9)


@pytest.mark.parametrize("axis", ["cost", "accelerators", "facility_kw"])
def test_days_against_one_quantity(axis: str, study: TradeOffs) -> None:
    shown = study.against(axis)  # type: ignore[arg-type]
    assert shown
    for point, value, front in shown:
        assert value == getattr(point, axis)
        beaten = [
            other for other, x, _ in shown
            if x <= value and other.days <= point.days and (x < value or other.days < point.days)  # type: ignore[operator]
        ]  # fmt: skip
        assert front == (not beaten)
    keys = [(p.server, v, p.days) for p, v, _ in shown]
    if axis != "cost":
        assert len(set(keys)) == len(keys), "one mark a place"
        assert any(p.current for p, _, _ in shown)


def test_without_a_price_a_plan_has_its_place_where_cost_does_not_count(study: TradeOffs) -> None:
    unpriced = {p.server for p in study.unpriced}
    assert "Dell-XE9680-MI300X" in unpriced
    assert not any(p.server == "Dell-XE9680-MI300X" for p, _, _ in study.against("cost"))
    assert any(p.server == "Dell-XE9680-MI300X" for p, _, _ in study.against("accelerators"))


def test_another_third_quantity_gives_the_front_that_a_study_with_it_has(study: TradeOffs) -> None:
    fresh = trade_offs(PLAN, Machines(servers=SERVERS, counts=(0.5, 1.0, 2.0), every_cooling=True, third="facility_kw"))
    turned = study.with_third("facility_kw")

    def front(found: TradeOffs) -> set[tuple[str, int, str, str]]:
        return {(p.server, p.servers, p.cooling, p.site) for p in found.front}

    assert front(turned) == front(fresh)
    assert front(turned.with_third("accelerators")) == front(study)
    assert study.with_third("accelerators") is study


def test_the_plans_own_layout_is_a_point_and_the_ladder_is_not_it() -> None:
    plan = PLAN.with_values({"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 8, "parallel.zero_stage": 1})
    found = trade_offs(plan, Machines(servers=("HPE-XD670",), counts=(1.0,), sites=("onprem",)))
    own = [p for p in all_points(found) if p.current]
    assert [p.changes for p in own] == [{}]
    assert own[0].days == estimate(plan).training.days.value
    assert [p.days for p in all_points(found) if not p.current] == [estimate(PLAN).training.days.value]


def test_cancelled_between_two_estimates_it_says_so() -> None:
    seen: list[float] = []
    found = trade_offs(
        PLAN,
        Machines(servers=("HPE-XD670",), counts=(0.5, 1.0, 2.0)),
        setting=Setting(progress=seen.append, cancelled=lambda: len(seen) >= 1),
    )
    assert not found.complete
    assert {p.servers for p in all_points(found)} == {4}
    assert seen == [pytest.approx(1 / 3)]
