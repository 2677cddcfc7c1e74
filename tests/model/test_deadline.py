"""Deadlines: taken as people write them, evaluated always, with the probability of being kept."""

from __future__ import annotations

import datetime as dt
import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mitsumori.model.base.dates import parse_days
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import goal_seek
from mitsumori.model.training.schedule import days_at, lead_months, probability, schedule

SAMPLE = load_sample("llama3-70b-continual").plan
START = dt.date(2027, 3, 1)
DATED = SAMPLE.with_values({"workload.start_date": START, "workload.deadline": "2027-03-31"})


@pytest.mark.parametrize(
    ("typed", "days"),
    [("30", 30.0), (30, 30.0), ("30日", 30.0), ("３０日", 30.0), ("30日間", 30.0), ("30 days", 30.0), ("4週間", 28.0), ("2 weeks", 14.0),
     ("3か月", 3 * 365 / 12), ("30日以内", 30.0), ("1.5d", 1.5)],
)  # fmt: skip
def test_a_duration_typed_as_the_deadline_counts_as_days(typed: object, days: float) -> None:
    plan = DATED.with_values({"workload.deadline": typed})
    assert (plan.workload.deadline, plan.workload.deadline_days) == (None, pytest.approx(days))
    back = plan.with_values({"workload.deadline": "令和9年3月31日"})
    assert (back.workload.deadline, back.workload.deadline_days) == (dt.date(2027, 3, 31), None)


@pytest.mark.parametrize("typed", ["soon", "0日", "-3", "99999999日", True])
def test_what_is_neither_a_date_nor_a_duration_is_refused_in_both_languages(typed: object) -> None:
    assert isinstance(typed, bool) or parse_days(typed) is None
    with pytest.raises(PlanError) as error:
        Plan().with_values({"workload.deadline": typed})
    said = error.value.problems[0].accepted
    assert "30日" in said.text("ja") and "3月末" in said.text("en")  # type: ignore[attr-defined]


def test_a_date_and_days_together_are_refused() -> None:
    both = {"workload.deadline": "2027-03-31", "workload.deadline_days": 30}
    with pytest.raises(PlanError) as error:
        Plan().with_values(both)
    assert "どちらか" in error.value.problems[0].accepted.text("ja")  # type: ignore[attr-defined]
    with pytest.raises(PlanError):
        Plan.from_dict({"workload": {"deadline": "2027-03-31", "deadline_days": 30}})


def test_a_deadline_is_evaluated_whether_or_not_a_lead_time_is_given() -> None:
    """356 days for a month: it used to say only that the delivery time was missing."""
    late = estimate(DATED.with_values({"workload.tokens": 1.5e12}))
    dated, days = late.training.schedule, late.training.days.value
    assert days is not None and days > 200
    assert dated.slack_days == pytest.approx(30 - days)
    assert dated.deadline_probability == pytest.approx(0.0, abs=1e-6)
    found = next(item for item in late.findings if item.code == "deadline_late")
    assert found.severity == "warn" and "2027-03-31" in found.message("ja")
    kept = estimate(DATED)
    assert kept.training.schedule.finish_date == START + dt.timedelta(days=math.floor(kept.training.days.value or 0))
    assert (kept.training.schedule.slack_days or 0) > 0
    assert "deadline_late" not in {item.code for item in kept.findings}


def test_delivery_and_works_come_first_and_rented_machines_wait_for_nothing() -> None:
    plan = DATED.with_values({"money.onprem.delivery_months": 6.0})
    found = {item.code: item for item in estimate(plan).findings}
    assert "deadline_onprem" in found and "deadline_late" not in found
    assert estimate(plan).training.schedule.first_day == dt.date(2027, 8, 30)
    ordered = dt.date(2026, 12, 1)
    days = Figure(22.0, "days", low=20.0, high=25.0)
    work = plan.workload.model_copy(update={"start_date": ordered, "deadline": dt.date(2027, 6, 23)})
    kept = schedule(work, plan.money, days)
    assert kept.first_day == dt.date(2027, 6, 1), "6 months are 182.5 days"
    assert kept.slack_days == 0.0 and kept.deadline_probability == pytest.approx(0.5)
    assert schedule(work, plan.money, days, owned=False).first_day == ordered


def test_the_json_says_when_it_ends_and_how_likely_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["estimate", "llama3-70b-continual", "--set", "workload.start_date=2027-03-01", "--json"]
    assert main([*arguments, "--set", "workload.deadline=30日"]) == 0
    training = json.loads(capsys.readouterr().out)["training"]
    low, middle, high = (training[name] for name in ("days_low", "days", "days_high"))
    sigma = math.log(high / middle) / 1.2815515655446004
    expected = 0.5 * (1 + math.erf(math.log(30 / middle) / sigma / math.sqrt(2)))
    assert training["deadline_probability"] == pytest.approx(expected, rel=1e-9)
    assert training["slack_days"] == pytest.approx(30 - middle)
    assert training["deadline"] == "2027-03-31" and training["finish_date"].startswith("2027-03-")
    assert main(arguments) == 0
    training = json.loads(capsys.readouterr().out)["training"]
    assert training["deadline_probability"] is None and training["slack_days"] is None
    assert training["finish_date"] is not None and low < middle


DAYS = st.tuples(st.floats(0.01, 3000), st.floats(1.0, 3.0), st.floats(1.0, 3.0)).map(
    lambda drawn: Figure(drawn[0], "days", low=drawn[0] / drawn[1], high=drawn[0] * drawn[2])
)


@example(days=Figure(1.0, "days", low=1.0, high=2.0), confidence=50.0, within=1.0)
@given(days=DAYS, confidence=st.floats(1, 99), within=st.floats(0.001, 10_000))
def test_the_quantile_and_the_probability_are_each_others_inverse(
    days: Figure, confidence: float, within: float
) -> None:
    assert days_at(days, 50) == pytest.approx(days.value)
    assert days_at(days, 10) == pytest.approx(days.low) and days_at(days, 90) == pytest.approx(days.high)
    chance = probability(days, within)
    assert chance is not None and 0.0 <= chance <= 1.0
    wide = days.low < (days.value or 0) * 0.999 and days.high > (days.value or 0) * 1.001  # type: ignore[operator]
    at = days_at(days, confidence)
    if wide and at is not None:
        assert probability(days, at) == pytest.approx(confidence / 100, abs=1e-6)
    assert (probability(days, within * 1.01) or 0) >= chance


def test_goal_seek_plans_on_the_chosen_confidence_and_says_the_probability() -> None:
    """A green tick for a median that meets 30 days with 22 to 40 said nothing of the 40."""
    plan = SAMPLE.with_values({"parallel.auto": True})
    found = {level: goal_seek(plan, Question(days=30.0, confidence=level, relax=False)) for level in (50, 80, 90)}
    servers = [found[level].value for level in (50, 80, 90)]
    assert servers == sorted(servers) and servers[0] < servers[2]  # type: ignore[type-var, operator]
    for level, result in found.items():
        assert result.measured is not None and result.measured.chance is not None
        assert result.measured.chance >= level / 100 - 1e-9
        assert "確率" in result.reason.text("ja") and "probability" in result.reason.text("en")
    with pytest.raises(ValueError, match="confidence"):
        goal_seek(plan, Question(days=30.0, confidence=0.0))


def test_advise_takes_the_plans_confidence_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["advise", "llama3-70b-continual", "--days", "30", "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["confidence"] == 50
    assert main([*asked, "--confidence", "90"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["confidence"] == 90 and document["probability"] >= 0.9
    assert main([*asked, "--set", "workload.confidence=p80"]) == 0
    assert json.loads(capsys.readouterr().out)["confidence"] == 80


def test_a_deadline_kept_only_by_the_median_is_said() -> None:
    plan = DATED.with_values({"workload.confidence": "p90"})
    days = estimate(plan).training.days
    assert days.value is not None and days.high is not None
    between = (days.value + days.high) / 2
    result = estimate(plan.with_values({"workload.deadline": f"{between:.1f}日"}))
    assert 0.5 < (result.training.schedule.deadline_probability or 0) < 0.9
    assert "deadline_unlikely" in {item.code for item in result.findings}


def test_guide_values_of_times_before_the_training_are_offered_sourced_and_marked() -> None:
    """Delivery and works stood as zero, called assumed: now a click counts published guide values, marked as guides."""
    from mitsumori.model.catalogue.catalogue import Catalogue
    from mitsumori.model.cost.guides import DURATIONS, duration_changes, guided

    catalogue = Catalogue.shipped()
    bare = DATED.with_values(dict.fromkeys(DURATIONS))
    changes = duration_changes(bare, catalogue)
    taken = bare.with_values(changes)
    assert set(DURATIONS) <= set(guided(taken))
    for path, key in DURATIONS.items():
        record = catalogue.tariff(key)
        assert record.low < taken.value(path) == record.value < record.high
        assert record.is_weak("value") and taken.origins[path].source
    before, after = estimate(bare).training.schedule, estimate(taken).training.schedule
    assert before.lead_days is None and after.lead_days == pytest.approx(3 * 365 / 12 + 7)
    assert after.slack_days == pytest.approx(before.slack_days - round(after.lead_days), abs=1.0)
    assert duration_changes(taken, catalogue) == {}
    ready = bare.with_values({"money.onprem.power_works": 0.0, "money.onprem.cooling_retrofit_per_rack": 0.0})
    assert "money.onprem.works_months" not in duration_changes(ready, catalogue)


def test_installation_follows_the_later_of_delivery_and_works() -> None:
    months = {
        "money.onprem.delivery_months": 2.0,
        "money.onprem.works_months": 4.0,
        "money.onprem.installation_days": 10.0,
    }
    assert lead_months(DATED.with_values(months).money) == pytest.approx(4.0 + 10 / (365 / 12))
    alone = DATED.with_values({**dict.fromkeys(months), "money.onprem.installation_days": 10.0})
    assert lead_months(alone.money) == pytest.approx(10 / (365 / 12))
