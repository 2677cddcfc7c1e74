"""Who pays for the servers of a calendar: what a million tokens costs must not fall because others stand beside."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.calendar_servers import allocation
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from mitsumori.model.plan.scheduled import scheduled
from mitsumori.model.study.calendar_assignment import assigned

FIRST = dt.date(2027, 1, 1)
RAG = load_sample("serve-rag-3000").plan.with_values({"name": "RAG"})
LEARNS = load_sample("llama3-70b-continual").plan.with_values({"name": "Learns", "cluster.servers": 8})


def claim(plan: str, servers: float, whole: float, **more: object) -> CalendarEntry:
    """A claim to a number of servers of a cluster, from the first day on."""
    return CalendarEntry.model_validate({"plan": plan, "begin": FIRST, "share": servers / whole, **more})


def yen_per_million(plan: Plan) -> float:
    tokens = estimate(plan).serving.tokens
    return float(tokens.hourly_jpy * 24e6 / tokens.tokens_per_day)


@pytest.mark.parametrize("runs", [None, 1, 4])
@pytest.mark.parametrize("servers", [8, 16])
def test_a_cluster_larger_than_the_servers_that_serve_makes_no_token_cheaper(runs: int | None, servers: int) -> None:
    """Two servers serve day and night; a training on the others was said to bring 569 yen a million tokens down to 262."""
    learns = LEARNS.with_values({"cluster.servers": servers, "workload.runs_per_year": runs})
    entries = assigned(Project(plans=(RAG, learns)), estimate, FIRST)
    assert {entry.plan for entry in entries} == {"RAG", "Learns"}
    assert yen_per_million(scheduled(RAG, entries)) == pytest.approx(yen_per_million(RAG), rel=1e-9)


def test_a_replica_that_stands_by_at_night_is_no_full_load() -> None:
    """Twelve hours a day are stated; that a server of two stays on outside them made 24 hours of them, and half the price."""
    by_day = RAG.with_values({"serving.hours_per_day": 12.0})
    entries = assigned(Project(plans=(by_day, LEARNS)), estimate, FIRST)
    there = scheduled(by_day, entries)
    assert there.serving.hours_per_day == pytest.approx(12.0, rel=1e-3)
    alone = scheduled(by_day, [entry for entry in entries if entry.plan == "RAG"])
    assert yen_per_million(alone) >= yen_per_million(by_day)
    assert yen_per_million(there) >= yen_per_million(alone) * alone.serving.hours_per_day / 24.0


def test_a_calendar_that_gives_fewer_hours_than_the_plan_states_decides() -> None:
    entries = [claim("RAG", 2, 8, hours=(9.0, 15.0))]
    assert scheduled(RAG, entries).serving.hours_per_day == pytest.approx(6.0)
    half = [claim("RAG", 2, 8, hours=(9.0, 15.0)), claim("RAG", 1, 8, hours=(15.0, 21.0))]
    assert scheduled(RAG, half).serving.hours_per_day == pytest.approx(6.0 + 6.0 / 2)


def test_idle_servers_and_jobs_on_other_servers_never_lower_the_price() -> None:
    day = {"hours": (8.0, 20.0)}
    alone = [claim("RAG", 2, 2, **day)]
    price = yen_per_million(scheduled(RAG, alone))
    for whole in (3, 8, 20):
        idle = [claim("RAG", 2, whole, **day)]
        beside = [*idle, claim("Other", whole - 2, whole)]
        left = [*idle, claim("Learns", whole - 2, whole, rest=True)]
        for entries in (idle, beside, beside[::-1], left):
            assert yen_per_million(scheduled(RAG, entries)) == pytest.approx(price, rel=1e-9)


def test_work_on_the_same_servers_at_other_hours_lowers_the_price() -> None:
    """Twelve hours of serving and six of a training on the same servers: two thirds; in a cluster with room beside, nothing."""
    day, night = {"hours": (8.0, 20.0)}, {"hours": (20.0, 2.0), "to": "2027-12-31"}
    alone = scheduled(RAG, [claim("RAG", 2, 2, **day, to="2027-12-31")])
    shared = scheduled(RAG, [claim("RAG", 2, 2, **day, to="2027-12-31"), claim("Learns", 2, 2, **night)])
    assert shared.serving.cost_share == pytest.approx(2 / 3, rel=2e-3)
    assert shared.money.utilization == pytest.approx(0.75, abs=2e-3)
    assert yen_per_million(shared) < 0.75 * yen_per_million(alone)
    more_servers = [
        scheduled(RAG, [claim("RAG", 2, whole, **day, to="2027-12-31"), claim("Learns", 2, whole, **night)])
        for whole in (2, 3, 4)
    ]
    shares = [plan.serving.cost_share for plan in more_servers]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(2 / 3, rel=2e-3)
    assert shares[1] == pytest.approx((1 + 2 / 3) / 2, rel=2e-3)  # one of its two servers is the training's too
    assert shares[2] == 1.0


def test_all_plans_together_bear_no_more_than_the_cluster() -> None:
    rng = random.Random(20)
    for _ in range(150):
        whole = rng.randint(1, 12)
        entries = []
        for name in "ABCDE"[: rng.randint(1, 5)]:
            for _ in range(rng.randint(1, 2)):
                low, length = rng.randrange(24), rng.randrange(1, 24)
                extra: dict[str, object] = (
                    {"hours": (float(low), float((low + length) % 24))} if rng.random() < 0.7 else {}
                )
                extra |= {
                    "rest": rng.random() < 0.3,
                    "to": (FIRST + dt.timedelta(days=rng.randrange(3, 40))).isoformat(),
                }
                extra |= {"switch_minutes": rng.choice([0.0, 30.0]), "growth_per_year": rng.choice([0.0, 0.5])}
                entries.append(claim(name, rng.randint(1, whole), whole, **extra))
        found, occupied = allocation(tuple(entries), 12), occupancy(entries, 12)
        assert sum(own.part * own.cost_share for own in found.plans.values()) <= 1.0 + 1e-9
        for name, own in found.plans.items():
            assert 0.0 < own.cost_share <= 1.0
            assert own.hours_per_day <= 24.0 + 1e-9
            assert own.utilization >= min(1.0, own.hours_per_day / 24.0) - 1e-12, "servers work while their plan serves"
            assert own.part * own.hours_per_day * occupied.days <= occupied.hours(name) + 1e-6
            assert own.utilization <= 1.0


def test_two_claims_of_one_plan_at_the_same_time_are_one_of_both() -> None:
    both = [claim("RAG", 1, 4, hours=(8.0, 20.0)), claim("RAG", 1, 4)]
    own = allocation(tuple(both), 60).plans["RAG"]
    assert own.part == pytest.approx(0.5)
    assert own.hours_per_day == pytest.approx(12.0 + 12.0 / 2)
    assert own.utilization == pytest.approx(0.75)


def test_a_calendar_of_maintenance_alone_leaves_the_cluster_idle_and_every_plan_estimated() -> None:
    """It ended in an error of the arrays."""
    plan = load_sample("llama2-7b-sft").plan
    entry = CalendarEntry(plan="power works", begin=dt.date(2027, 1, 1), end=dt.date(2027, 1, 3), kind="maintenance")
    assert allocation((entry,), 60).plans == {}
    found = scheduled(plan, (entry,))
    assert found.money.utilization == pytest.approx(1e-6)
    assert estimate(found).cost.onprem.total.value is not None


def test_the_share_of_an_entry_centuries_ahead_is_a_number() -> None:
    entry = CalendarEntry(plan="late", begin=dt.date(9000, 1, 1), growth_per_year=-0.9, share=0.5)
    with np.errstate(all="raise"):
        assert entry.shares(dt.date(2027, 1, 1), 400).max() == 0.5
