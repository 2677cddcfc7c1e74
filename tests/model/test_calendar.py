"""One cluster, one calendar: hours, months, conflicts, and the utilization of the cost comparison that follows."""

import datetime as dt
import json

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, parse_project


def entry(**fields):
    return CalendarEntry.model_validate({"plan": "A", "from": "2026-12-01", **fields})


def brute(entries, first, days):
    """Hours in use, quarter hour by quarter hour."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    used = 0.0
    for step in range(days * 96):
        now = dt.datetime.combine(first, dt.time()) + dt.timedelta(minutes=15 * step + 7)
        hour, total = now.hour + now.minute / 60, 0.0
        for item in entries:
            low, high = item.hours or (0.0, 24.0)
            day = now.date()
            if low > high and hour < high:
                day -= dt.timedelta(days=1)
            elif not (low <= hour < high if low < high else hour >= low):
                continue
            inside = item.begin <= day <= (item.end or day)
            if inside and (not item.weekdays or names[day.weekday()] in item.weekdays):
                total += item.share
        used += min(1.0, total) / 4
    return used


@pytest.mark.parametrize(
    "entries",
    [
        [entry(to="2026-12-31")],
        [entry(to="2027-01-20", weekdays=["mon", "wed"], hours=[9, 18])],
        [entry(to="2026-12-20", hours=[22, 6], share=0.5), entry(plan="B", to="2027-02-10", hours=[0, 12], share=0.75)],
        [
            entry(to="2026-12-09", weekdays=["fri"], hours=[20, 4]),
            entry(plan="B", **{"from": "2026-12-05"}, to="2026-12-30"),
        ],
    ],
)
def test_hours_are_those_of_a_clock(entries):
    found = occupancy(entries, 60)
    assert found.used.sum() == pytest.approx(brute(entries, found.first, found.days), abs=1e-6)
    months = found.months()
    assert sum(row["hours"] for row in months) == 24 * found.days
    assert sum(row["used_hours"] for row in months) == pytest.approx(found.used.sum())


def test_conflicts_are_days_in_a_row():
    entries = [
        entry(to="2026-12-10"),
        entry(plan="B", to="2026-12-31", weekdays=["tue", "wed"], hours=[8, 20], share=0.5),
    ]
    found = occupancy(entries, 60).conflicts()
    assert [(item["from"], item["to"], item["hours"], item["share"]) for item in found] == [
        ("2026-12-01", "2026-12-02", [8.0, 20.0], 1.5), ("2026-12-08", "2026-12-09", [8.0, 20.0], 1.5),
    ]  # fmt: skip
    assert occupancy([entry(to="2026-12-10"), entry(plan="B", **{"from": "2026-12-11"})], 12).conflicts() == []


def test_an_entry_without_an_end_lasts_the_horizon():
    assert occupancy([entry()], 24).days == 730 or occupancy([entry()], 24).days == 731


@pytest.mark.parametrize("wrong", [{"to": "2026-11-30"}, {"hours": [9, 9]}, {"share": 0}, {"weekdays": ["noday"]}])
def test_an_impossible_entry_is_refused(wrong):
    document = {"format": "mitsumori-project", "schema_version": 1, "active": 0, "plans": [{}],
                "calendar": [{"plan": "A", "from": "2026-12-01", **wrong}]}  # fmt: skip
    with pytest.raises(Refusal, match="calendar"):
        parse_project(json.dumps(document).encode(), "x")


def test_the_calendar_is_kept_and_the_utilization_follows(tmp_path, capsys):
    days = [entry(plan="Train", to="2027-11-30", hours=[20, 8])]
    project = Project(plans=(Plan(name="Train"),), calendar=tuple(days))
    again = parse_project(project.to_bytes(), "x")
    assert again.calendar == project.calendar
    assert again.to_bytes() == project.to_bytes()
    assert project.scheduled(project.plan).money.utilization == pytest.approx(0.5, abs=0.002)
    path = tmp_path / "p.mitsumori"
    path.write_bytes(project.to_bytes())
    assert main(["estimate", str(path), "--json"]) == 0
    total = json.loads(capsys.readouterr().out)["cost"]["cloud"]["total"]
    expected = estimate(project.scheduled(project.plan)).cost.cloud.total.value
    assert total == pytest.approx(expected)
    assert main(["calendar", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["utilization"] == pytest.approx(0.5, abs=0.002)
    assert document["conflicts"] == []
    for form in ("text", "csv", "md"):
        assert main(["calendar", str(path), "--format", form, "--lang", "en"]) == 0
        assert "2026-12" in capsys.readouterr().out


def test_a_project_without_a_calendar_claims_by_its_plans(capsys):
    assert main(["calendar", "serve-chat-500", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["assumed"]
    assert document["months"]


def test_serving_bears_its_hours_of_the_servers_it_shares():
    """By day serving, by night training: the servers are paid once, and serving bears its part of the hours in use."""
    serves = Plan(name="A").with_values({
        "serving.enabled": True, "model.preset": "llama3-8b", "cluster.server": "HPE-XD670", "cluster.servers": 1,
        "money.onprem.server_price": 4.5e7, "money.onprem.staff_cost_per_year": 1e7, "money.onprem.storage_price": 5e6,
        "money.onprem.cooling_retrofit_per_rack": 1e6,
    })  # fmt: skip
    day = entry(to="2026-12-31", hours=[8, 20])
    night = entry(plan="B", to="2026-12-31", hours=[20, 2])
    both = Project(plans=(serves, Plan(name="B")), calendar=(day, night)).scheduled(serves)
    assert both.serving.hours_per_day == pytest.approx(12.0)
    assert both.serving.cost_share == pytest.approx(12 * 31 / (12 * 31 + 6 * 31), rel=1e-2)
    result, alone = estimate(both), estimate(Project(plans=(serves,), calendar=(day,)).scheduled(serves))
    assert result.cost.quote.case.utilization == pytest.approx(0.75, abs=0.01)
    assert alone.cost.quote.case.utilization == pytest.approx(0.5)
    paid = result.serving.tokens.hourly_jpy * serves.money.horizon_months * 730.0
    assert paid == pytest.approx(result.cost.onprem.total.value * both.serving.cost_share)
    assert result.serving.tokens.tokens_per_day == pytest.approx(alone.serving.tokens.tokens_per_day)
