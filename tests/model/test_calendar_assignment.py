"""Serving by day, training by night: the calendar that is made from the plans, and what grows over the years, by hand."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample, parse_project, save_project
from mitsumori.model.study.calendar_assignment import Wishes, assigned
from mitsumori.model.study.cluster_calendar import cluster_calendar

TODAY = dt.date(2027, 4, 1)
SERVES = load_sample("serve-chat-500").plan.with_values({
    "name": "Chat", "serving.servers": 4, "serving.hours_per_day": 12.0, "serving.auto": False, "serving.tp": 8, "cluster.servers": 4,
})  # fmt: skip
LEARNS = load_sample("llama3-8b-lora").plan.with_values({
    "name": "Tune", "cluster.servers": 8, "workload.runs_per_year": None, "workload.start_date": TODAY, "workload.tokens": 2e12,
})  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(plans=(SERVES, LEARNS))


def test_serving_has_the_day_and_training_the_night(project: Project) -> None:
    """Eight servers: four serve from 8 to 20, one at night; the training has 4/8 of 12 hours and 7/8 of 12 hours: 16.5 a day."""
    days = estimate(LEARNS).training.days.value
    assert days and days > 20
    entries = assigned(project, estimate, TODAY, Wishes(switch_minutes=0.0))
    day, night, learns = entries
    assert (day.hours, day.share, night.hours, night.share) == ((8.0, 20.0), 0.5, (20.0, 8.0), 0.125)
    assert (learns.rest, learns.begin, learns.share) == (True, TODAY, 1.0)
    # The first morning is still free of the night's entry, which begins in the evening: 8 + 12 / 2 + 4 * 7 / 8 hours.
    needed, first, each = days * 24.0, 8.0 + 6.0 + 4 * 7 / 8, 16.5
    last = 0 if needed <= first else -(-(needed - first) // each)
    assert learns.end == TODAY + dt.timedelta(days=int(last))
    found = cluster_calendar(project.model_copy(update={"calendar": entries}), estimate, TODAY)
    assert 1.0 <= found.runs("Tune") < 1.0 + each / needed
    assert found.occupied.conflicts() == []


def test_a_training_waits_for_the_one_before_and_for_the_night(project: Project) -> None:
    """A take-over costs its minutes once, because the training never loses all of the cluster."""
    other = LEARNS.with_values({"name": "Other"})
    both = project.model_copy(update={"plans": (SERVES, LEARNS, other)})
    entries = assigned(both, estimate, TODAY, Wishes(switch_minutes=30.0))
    first, second = (entry for entry in entries if entry.rest)
    assert (first.plan, second.plan) == ("Tune", "Other")
    assert first.end == second.begin
    found = occupancy(entries, 60)
    assert found.switching_hours("Tune") == pytest.approx(0.5)
    assert found.hours("Tune") >= 24.0 * estimate(LEARNS).training.days.value
    assert found.hours("Other") >= 24.0 * estimate(LEARNS).training.days.value


def test_trainings_repeat_and_maintenance_stays(project: Project) -> None:
    closed = CalendarEntry(plan="Works", begin=TODAY, kind="maintenance", weekdays=("sun",), hours=(8.0, 12.0))
    short = LEARNS.with_values({"name": "Tune", "workload.tokens": 1e8, "workload.runs_per_year": 4})
    changed = project.model_copy(update={"plans": (SERVES, short), "calendar": (closed,)})
    entries = assigned(changed, estimate, TODAY)
    assert entries[0] == closed
    runs = [entry for entry in entries if entry.rest]
    assert len(runs) == 4 * SERVES.money.horizon_months / 12
    assert [entry.begin for entry in runs[:3]] == [TODAY, TODAY + dt.timedelta(days=91), TODAY + dt.timedelta(days=183)]


def test_what_serving_claims_grows_by_quarters() -> None:
    """0.5 of the cluster by day, 20 % more a year: 0.5 * 1.2^(quarters / 4), and 90 % is passed in the quarter 13 after the start."""
    entry = CalendarEntry(plan="A", begin=dt.date(2027, 1, 1), hours=(8.0, 20.0), growth_per_year=0.2)
    entry = entry.model_copy(update={"share": 0.5})
    found = occupancy([entry], 60)
    rows = found.quarters()
    assert rows[0].peak == pytest.approx(0.5)
    assert rows[0].used == pytest.approx(0.25)
    assert rows[4].peak == pytest.approx(0.5 * 1.2, rel=1e-9)
    assert rows[12].peak == pytest.approx(0.5 * 1.2**3, rel=1e-9)
    assert 0.5 * 1.2 ** (12 / 4) < 0.9 < 0.5 * 1.2 ** (13 / 4)
    assert found.beyond(0.9) == "2030-Q2"
    assert 0.5 * 1.2 ** (15 / 4) < 1.0 < 0.5 * 1.2 ** (16 / 4)
    assert found.beyond(1.0) == "2031-Q1"
    assert found.conflicts()[0]["from"] == "2031-01-01"
    assert found.claimed_hours("A") > found.hours("A")


def test_what_only_takes_the_rest_claims_nothing_more() -> None:
    day = CalendarEntry(plan="A", begin=dt.date(2027, 1, 1), hours=(8.0, 20.0), share=0.75)
    rest = CalendarEntry(plan="B", begin=dt.date(2027, 1, 1), rest=True)
    found = occupancy([day, rest], 12)
    assert found.conflicts() == []
    assert found.hours("B") == pytest.approx(found.days * (12.0 + 3.0))
    assert found.claimed_hours("B") == found.hours("B")
    assert found.beyond(0.9) is None


def test_the_command_writes_the_project_with_its_calendar(tmp_path, capsys, project: Project) -> None:
    given, made = tmp_path / "a.mitsumori", tmp_path / "b.mitsumori"
    save_project(project, given)
    assert (
        main(["calendar", str(given), "--assign", str(made), "--growth", "25", "--least-servers", "2", "--json"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    again = parse_project(made.read_bytes(), "x")
    assert [entry.model_dump(mode="json", by_alias=True) for entry in again.calendar] == document["entries"]
    assert (again.calendar[0].growth_per_year, again.calendar[1].share) == (0.25, 0.25)
    outlook = document["outlook"]
    assert outlook["extend_at"] == 0.9
    assert outlook["extend_from"] == occupancy(again.calendar, project.plan.money.horizon_months).beyond(0.9)
    for language in ("en", "ja"):
        assert main(["calendar", str(made), "--lang", language]) == 0
        assert outlook["extend_from"] in capsys.readouterr().out
    assert main(["calendar", str(made), "--growth", "much"]) == 2


def test_utilization_of_the_costs_follows(project: Project) -> None:
    entries = assigned(project, estimate, TODAY)
    there = project.model_copy(update={"calendar": entries})
    found = occupancy(entries, Plan().money.horizon_months)
    assert there.scheduled(LEARNS).money.utilization == pytest.approx(found.utilization)
    # Four of eight servers by day and one of them all night: that one is serving's, the other three are the training's by night.
    chat, learns = there.scheduled(SERVES), found.hours("Tune")
    assert learns > 0.0
    assert 1 / 4 + 3 / 4 * 0.5 < chat.serving.cost_share < 1.0
    assert chat.serving.hours_per_day == 12.0
    assert chat.money.utilization > found.utilization


def test_a_service_alone_on_its_servers_asks_for_no_more() -> None:
    alone = CalendarEntry(plan="A", begin=dt.date(2027, 1, 1), hours=(8.0, 20.0))
    assert occupancy([alone], 60).beyond(0.9) is None
    grows = alone.model_copy(update={"growth_per_year": 0.1})
    assert occupancy([grows], 60).beyond(0.9) == "2027-Q2"


@pytest.mark.parametrize("option", ["--growth", "--switch-minutes", "--least-servers"])
def test_what_makes_entries_is_refused_where_none_are_made(capsys, option: str) -> None:
    """They were read over in silence, and the years came out without growth."""
    assert main(["calendar", "serve-chat-500", option, "20", "--lang", "ja"]) == 2
    said = capsys.readouterr().err
    assert option in said and "--assign" in said and "指定してください" in said


@pytest.mark.parametrize(
    ("option", "value"), [("--growth", "-5"), ("--least-servers", "0"), ("--least-servers", "two")]
)
def test_a_number_out_of_its_bounds_is_refused_in_the_readers_language(capsys, option: str, value: str) -> None:
    """English stood in the Japanese sentence."""
    assert main(["calendar", "serve-chat-500", "--assign", "x.mitsumori", f"{option}={value}", "--lang", "ja"]) == 2
    said = capsys.readouterr().err
    assert option in said and value in said and "指定してください" in said
    assert "accepted" not in said


def test_next_to_no_hours_of_service_or_of_training_are_entries_that_a_calendar_takes() -> None:
    """A training of seconds ended before it began, where another plan has the cluster earlier; a service began when it ended."""
    day = dt.date(2027, 4, 1)
    kept = CalendarEntry(plan="works", begin=day, end=day, kind="maintenance")
    short = load_sample("llama2-7b-sft").plan.with_values(
        {"workload.epochs": 2e-7, "workload.start_date": dt.date(2027, 4, 16)}
    )
    seldom = load_sample("serve-chat-500").plan.with_values({"serving.hours_per_day": 1e-100})
    project = Project(plans=(short, seldom), calendar=(kept,))
    made = assigned(project, estimate, day)
    assert {entry.plan for entry in made} == {"works", short.name, seldom.name}
    assert cluster_calendar(project.model_copy(update={"calendar": made}), estimate, day).occupied.utilization >= 0.0
