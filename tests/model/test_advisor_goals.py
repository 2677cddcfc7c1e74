"""Goal seek inverts the estimate: what it returns meets the goal when estimated again, and one step less does not."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import open_plan
from mitsumori.model.study.deadline import first_day
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import Goal, GoalResult, goal_seek
from mitsumori.model.study.goal_text import relaxed_words, why_not_less
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.unknowns import grid_index, grid_value

PLAN = open_plan("llama3-70b-continual").plan
SMALL = PLAN.with_values({"model.preset": "llama3.1-8b", "cluster.servers": 2, "workload.tokens": 2e10})
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def figures(plan: Plan, site: str = "onprem") -> dict[str, float | None]:
    """The limits' figures from a fresh estimate, None where the plan is not possible."""
    own = estimate(plan)
    side = own.cost.onprem if site == "onprem" else own.cost.cloud
    racks = own.facility.racks.value
    possible = own.memory.verdict != "no" and not any(
        item.severity == "bad" and item.code.startswith("facility") for item in own.findings
    )
    values = {
        "days": own.training.days.value,
        "budget": side.total.value,
        "facility_kw": own.facility.facility_kw.value,
        "utility_kva": own.facility.utility_kva.value,
        "racks": None if racks is None else racks + (own.facility.support_racks.value or 0),
    }
    return values if possible else dict.fromkeys(values)


def meets(plan: Plan, goal: Goal) -> bool:
    values = figures(plan, goal.site)
    return all(
        (value := values[name]) is not None and value <= limit * (1 + 1e-12) for name, limit in goal.limits().items()
    )


def check(plan: Plan, result: GoalResult, step: int) -> None:
    """The promise of a goal that was met."""
    assert result.found
    assert result.measured is not None
    answer = plan.with_values(dict(result.changes))
    assert answer == result.measured.plan
    assert meets(answer, result.goal)
    own = estimate(answer)
    assert own.training.days.value == result.measured.estimate.training.days.value
    if result.unknown in ("servers", "server"):
        beside = {"cluster.servers": answer.cluster.servers + step}
    elif result.unknown == "tokens":
        beside = {"workload.tokens": grid_value(grid_index(answer.workload.tokens) + step)}
    else:
        beside = {"model": {"params": grid_value(grid_index(answer.model.params or 0.0) + step)}}
    if beside.get("cluster.servers") == 0:
        assert result.neighbour is None
        return
    other = answer.with_values(beside)
    assert not meets(other, result.goal)
    assert result.neighbour is not None
    assert result.neighbour.plan == other
    assert result.binding
    values = figures(other, result.goal.site)
    for name in result.binding:
        if name in result.goal.limits() and values[name] is not None:
            assert values[name] > result.goal.limits()[name]


@FEW
@given(days=st.floats(0.5, 60.0), tokens=st.sampled_from([3e9, 2e10, 1e11]))
def test_the_fewest_servers_for_a_deadline(days: float, tokens: float) -> None:
    plan = SMALL.with_values({"workload.tokens": tokens})
    result = goal_seek(plan, Question(days=days, relax=False))
    if result.found:
        check(plan, result, -1)
    else:
        assert result.measured is None or not meets(result.measured.plan, result.goal)


@FEW
@given(
    limit=st.sampled_from([("budget", 4e8, 4e9), ("facility_kw", 60.0, 900.0),
                           ("utility_kva", 70.0, 900.0), ("racks", 3.0, 30.0)]),
    share=st.floats(0.0, 1.0),
)  # fmt: skip
def test_the_most_servers_that_a_limit_allows(limit: tuple[str, float, float], share: float) -> None:
    name, low, high = limit
    value = low * (high / low) ** share
    result = goal_seek(PLAN, Question(**{name: math.floor(value) if name == "racks" else value}, relax=False))  # type: ignore[arg-type]
    check(PLAN, result, 1)


@FEW
@given(days=st.floats(8.0, 40.0), budget=st.floats(5e8, 3e9))
def test_a_deadline_and_a_budget(days: float, budget: float) -> None:
    result = goal_seek(PLAN, Question(days=days, budget=budget, relax=False))
    if result.found:
        check(PLAN, result, -1)
        return
    assert result.measured is not None
    assert not meets(result.measured.plan, result.goal)
    assert set(result.missed) <= {"days", "budget"}
    values = figures(result.measured.plan)
    for name, share in result.missed.items():
        assert values[name] == pytest.approx(result.goal.limits()[name] * (1 + share), rel=1e-9)
    # No solution is true: the fewest servers for the deadline cost more than the budget.
    alone = goal_seek(PLAN, Question(days=days, relax=False))
    assert alone.measured is None or figures(alone.measured.plan)["budget"] > budget


@FEW
@given(days=st.floats(1.0, 200.0))
def test_the_most_tokens_by_a_deadline(days: float) -> None:
    check(SMALL, goal_seek(SMALL, Question(days=days, unknown="tokens", relax=False)), 1)


@settings(max_examples=4, deadline=None)
@given(days=st.floats(3.0, 40.0))
def test_the_largest_model_by_a_deadline(days: float) -> None:
    check(SMALL, goal_seek(SMALL, Question(days=days, unknown="params", relax=False)), 1)


def test_a_date_counts_from_the_start_and_owned_machines_from_their_delivery() -> None:
    begins = PLAN.with_values({"workload.start_date": "2027-01-01"})
    result = goal_seek(begins, Question(finish_by=dt.date(2027, 1, 15), relax=False))
    assert result.goal.days == 14
    check(begins, result, -1)
    later = begins.with_values({"money.onprem.delivery_months": 2.0})
    owned = goal_seek(later, Question(finish_by=dt.date(2027, 3, 31), relax=False))
    rented = goal_seek(later, Question(finish_by=dt.date(2027, 3, 31), site="cloud", relax=False))
    assert owned.goal.days == pytest.approx(89 - 2 * 365 / 12)
    assert rented.goal.days == 89
    assert owned.value is not None
    assert owned.value > rented.value  # type: ignore[operator]
    with pytest.raises(Refusal, match="start_date"):
        goal_seek(PLAN, Question(finish_by=dt.date(2027, 1, 15)))
    with pytest.raises(Refusal, match="after the training can begin"):
        goal_seek(later, Question(finish_by=dt.date(2027, 2, 1)))


def test_the_type_of_server_is_the_cheapest_that_meets_the_goal() -> None:
    servers = ("HPE-XD670", "DGX-H200", "DGX-B200", "DGX-GB200-NVL72")
    result = goal_seek(PLAN, Question(days=14, unknown="server", servers=servers, relax=False))
    assert result.found
    answer = PLAN.with_values(dict(result.changes))
    assert answer.cluster.server == result.value
    assert meets(answer, result.goal)
    costs = [figures(PLAN.with_values(dict(r.changes)))["budget"] for r in (result, *result.alternatives) if r.found]
    known = [cost for cost in costs if cost is not None]
    assert known == sorted(known)
    assert costs[: len(known)] == known
    assert {r.value for r in (result, *result.alternatives)} == set(servers)
    # A rack that needs liquid cooling is no answer in a hall with rear doors.
    rack = next(r for r in result.alternatives if r.value == "DGX-GB200-NVL72")
    assert not rack.found
    assert "facility" in rack.missed


KINDS = ("HPE-XD670", "DGX-H200", "DGX-B200")


@settings(max_examples=6, deadline=None)
@given(days=st.floats(4.0, 60.0))
def test_the_type_meets_the_goal_and_one_server_less_does_not(days: float) -> None:
    result = goal_seek(PLAN, Question(days=days, unknown="server", servers=KINDS, relax=False))
    check(PLAN, result, -1)
    for other in result.alternatives:
        if other.found:
            check(PLAN, other, -1)
    # No other type does the same for less.
    mine = figures(PLAN.with_values(dict(result.changes)))["budget"]
    assert mine is not None
    for key in KINDS:
        alone = goal_seek(PLAN, Question(days=days, unknown="server", servers=(key,), relax=False))
        theirs = figures(PLAN.with_values(dict(alone.changes)))["budget"] if alone.found else None
        assert theirs is None or theirs >= mine


@FEW
@given(days=st.floats(3.0, 30.0), budget=st.floats(5e8, 1e10))
def test_renting_by_a_deadline_within_a_budget(days: float, budget: float) -> None:
    result = goal_seek(PLAN, Question(days=days, budget=budget, site="cloud", relax=False))
    if result.found:
        check(PLAN, result, -1)
    else:
        assert result.measured is not None
        assert not meets(result.measured.plan, result.goal)


@settings(max_examples=4, deadline=None)
@given(days=st.floats(20.0, 200.0), budget=st.floats(7.4e8, 3e9))
def test_the_most_tokens_within_time_and_money(days: float, budget: float) -> None:
    result = goal_seek(PLAN, Question(days=days, budget=budget, unknown="tokens", relax=False))
    check(PLAN, result, 1)


def test_the_nearest_plan_misses_by_least() -> None:
    result = goal_seek(PLAN, Question(days=5.0, budget=5e8, facility_kw=100.0, relax=False))
    assert not result.found
    assert result.measured is not None

    def worst(plan: Plan) -> float:
        values = figures(plan)
        return max((value or math.inf) / limit - 1 for name, limit in result.goal.limits().items()
                   if (value := values[name]) is None or value > limit)  # fmt: skip

    mine = worst(result.measured.plan)
    assert mine == pytest.approx(max(result.missed.values()))
    for servers in range(2, 48):
        other = PLAN.with_values({"cluster.servers": servers, "parallel.auto": True})
        assert worst(other) >= mine * (1 - 1e-9), servers


def test_without_a_start_date_a_deadline_counts_from_today() -> None:
    today = dt.date(2027, 1, 1)
    result = goal_seek(PLAN, Question(finish_by=dt.date(2027, 1, 15), today=today, relax=False))
    assert result.goal.days == 14
    dated = PLAN.with_values({"workload.start_date": "2027-01-08"})
    assert goal_seek(dated, Question(finish_by=dt.date(2027, 1, 15), today=today, relax=False)).goal.days == 7
    assert first_day(PLAN, "onprem", today) == today
    assert first_day(PLAN.with_values({"money.onprem.works_months": 6.0}), "onprem", today) == dt.date(2027, 7, 2)
    assert first_day(PLAN, "onprem") is None


def test_the_command_answers_a_goal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "llama3-70b-continual", "--days", "14", "--budget", "15億", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    result = goal_seek(PLAN, Question(days=14, budget=1.5e9))
    assert document["found"]
    assert document["value"] == result.value
    assert document["set"] == dict(result.changes)
    assert document["binding"] == list(result.binding)
    assert [item["limit"] for item in document["relaxations"]] == ["days", "budget"]
    assert main(["advise", "llama3-70b-continual", "--days", "5", "--budget", "500M"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == goal_seek(PLAN, Question(days=5, budget=5e8, relax=False)).reason.text("ja")
    assert main(["advise", "llama3-70b-continual", "--by", "2999-01-01", "--seek", "tokens", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown"] == "tokens"


@pytest.mark.parametrize(
    "arguments",
    [["--days", "soon"], ["--days", "0"], ["--by", "March"], ["--by", "1999-01-01"], ["--seek", "servers"],
     ["--site", "cloud"], ["--seek", "money"], ["--days", "14", "--grid", "x.toml", "--dask", "y"]],
)  # fmt: skip
def test_the_command_refuses_a_bad_goal_in_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", "llama3-70b-continual", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_price_is_no_answer_and_no_zero() -> None:
    plan = PLAN.with_values({"money.onprem.staff_cost_per_year": None})
    result = goal_seek(plan, Question(budget=1e12, relax=False))
    assert not result.found
    assert result.missed["budget"] == math.inf
    assert result.measured is not None
    assert "money.onprem.staff_cost_per_year" in result.measured.missing
    assert result.reason.code == "goal_unknown_budget"


def test_what_ten_per_cent_buys_is_the_answer_to_the_looser_goal() -> None:
    result = goal_seek(PLAN, Question(days=14, budget=9e8))
    assert not result.found
    assert [item.limit for item in result.relaxations] == ["days", "budget"]
    for item in result.relaxations:
        limits = {**result.goal.limits(), item.limit: item.relaxed_to}
        again = goal_seek(PLAN, Question(**limits, relax=False))  # type: ignore[arg-type]
        assert again.found == (item.measured is not None)
        assert item.relaxed_to == pytest.approx(1.1 * result.goal.limits()[item.limit])
        if item.measured is not None:
            assert again.measured is not None
            assert again.measured.plan == item.measured.plan
    assert [item.newly_possible for item in result.relaxations] == [False, True], "more money helps, more days do not"
    most = goal_seek(PLAN, Question(racks=6))
    assert most.relaxations[0].relaxed_to == 7
    assert most.relaxations[0].gains["servers"] > 0


@pytest.mark.parametrize(
    "goal",
    [{"days": 14}, {"days": 14, "budget": 1e9}, {"days": 14, "budget": 9e8}, {"budget": 1.5e9}, {"racks": 6},
     {"facility_kw": 100}, {"days": 0.001}, {"days": 30, "unknown": "tokens"}],
)  # fmt: skip
def test_every_answer_has_words_in_both_languages(goal: dict[str, Any]) -> None:
    result = goal_seek(PLAN, Question(**goal))
    reasons = [result.reason, *why_not_less(result), *(relaxed_words(item) for item in result.relaxations)]
    for reason in reasons:
        for language in ("ja", "en"):
            assert "{" not in reason.text(language)
    if result.found and result.neighbour is not None:
        assert why_not_less(result)


@pytest.mark.parametrize("goal", [{}, {"days": 0}, {"days": -1}, {"budget": math.nan}, {"racks": math.inf}])
def test_goals_without_a_limit_or_with_a_senseless_one_are_refused(goal: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        goal_seek(PLAN, Question(**goal))


def test_cancelled_at_once() -> None:
    result = goal_seek(PLAN, Question(days=14), setting=Setting(cancelled=lambda: True))
    assert not result.found
    assert not result.complete


@given(st.floats(100.0, 1e15))
def test_the_ladder_has_three_significant_digits_and_inverts(value: float) -> None:
    index = grid_index(value)
    assert grid_value(index) <= value * (1 + 1e-9)
    assert grid_value(index + 1) > value * (1 - 1e-9)
    assert grid_index(grid_value(index)) == index
    assert float(f"{grid_value(index):.2e}") == grid_value(index)


@pytest.mark.parametrize("unknown", ["tokens", "params", "servers"])
def test_a_budget_alone_never_asks_for_a_training_that_outlasts_its_horizon(unknown: Any) -> None:
    """Owned machines cost the same however long they train: without the horizon 800M yen trained for 2,900 years."""
    result = goal_seek(PLAN, Question(budget=8e8, unknown=unknown, relax=False))
    assert result.found and result.measured is not None
    days = result.measured.values["days"]
    assert days is not None and days <= 60 * 365 / 12
    if unknown == "tokens":
        assert result.binding == ("horizon",)
        for language, word in (("en", "horizon"), ("ja", "比較期間")):
            assert word in why_not_less(result)[0].text(language)


def test_a_goal_is_refused_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--days", "-3"], ["--seek", "tokens"], ["--by", "2020-01-01"], ["--budget", "$5M"]):
        assert main(["advise", "llama2-7b-sft", *options, "--lang", "ja"]) == 2
        said = capsys.readouterr().err
        assert "ください" in said or "必要です" in said
