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


def test_the_earlier_entry_has_its_share_and_the_later_what_is_left():
    """Priority is the order of the file: hours of the plans add up to the hours in use, which no order changes."""
    day, all_day = entry(to="2026-12-10", hours=[8, 20], share=0.75), entry(plan="B", to="2026-12-10", share=0.5)
    first, second = occupancy([day, all_day], 12), occupancy([all_day, day], 12)
    assert (first.hours("A"), first.hours("B")) == (90.0, 10 * (12 * 0.5 + 12 * 0.25))
    assert (second.hours("A"), second.hours("B")) == (10 * 12 * 0.5, 120.0)
    for found in (first, second):
        assert found.hours("A") + found.hours("B") == pytest.approx(found.used.sum())
        assert (found.claimed_hours("A"), found.claimed_hours("B")) == (90.0, 120.0)
        assert found.conflicts()[0]["share"] == 1.25
    assert first.conflicts()[0]["granted"] == {"A": 0.75, "B": 0.25}
    assert first.used.sum() == second.used.sum()


def test_maintenance_comes_before_work_and_is_no_use():
    """Sundays 8 to 12: three Sundays of the span are taken from the work, wherever the entry stands."""
    work = entry(to="2026-12-21")
    window = entry(plan="Inspection", to="2026-12-21", weekdays=["sun"], hours=[8, 12], kind="maintenance")
    for entries in ([work, window], [window, work]):
        found = occupancy(entries, 12)
        assert found.plans == ("A",)
        assert found.maintenance_hours == 12.0
        assert found.hours("A") == found.used.sum() == 21 * 24 - 12
        assert found.conflicts() == []
    half = occupancy([work, window.model_copy(update={"share": 0.5})], 12)
    assert half.hours("A") == 21 * 24 - 6


def minute_by_minute(entries, days):
    """Hours that each plan works, by a clock of one minute that hands out the cluster in the order of the entries."""
    worked, waits, had = {}, {}, {}
    for minute in range(days * 1440):
        now = dt.datetime(2026, 12, 1) + dt.timedelta(minutes=minute)
        hour, free, shares = now.hour + now.minute / 60, 1.0, {}
        on = [item for item in entries if item.covers(item.plan, now.date(), hour)]
        for item in sorted(on, key=lambda item: item.kind != "maintenance"):
            share = min(free, item.share)
            free -= share
            if item.kind == "work" and share > 0:
                shares[item.plan] = shares.get(item.plan, 0.0) + share
                if had.get(item.plan, 0.0) <= 0.0:
                    waits[item.plan] = max(waits.get(item.plan, 0.0), item.switch_minutes)
        for plan, share in shares.items():
            if waits.get(plan, 0.0) > 0.0:
                waits[plan] -= 1.0
            else:
                worked[plan] = worked.get(plan, 0.0) + share / 60.0
        waits = {plan: left for plan, left in waits.items() if plan in shares}
        had = shares
    return worked


@pytest.mark.parametrize("training", [{}, {"hours": [20, 8]}, {"hours": [22, 6], "weekdays": ["mon", "thu", "sat"]}])
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_switch_over_and_priority_are_those_of_a_clock(training, share):
    """Serving by day, training by night and what is left, maintenance on Sundays, a third work that takes long to switch."""
    entries = [
        entry(to="2026-12-14", hours=[8, 20], share=share, switch_minutes=10),
        entry(plan="B", to="2026-12-14", switch_minutes=45, **training),
        entry(plan="M", to="2026-12-14", weekdays=["sun"], hours=[8, 12], kind="maintenance"),
        entry(plan="C", **{"from": "2026-12-05"}, to="2026-12-12", hours=[7, 9], share=0.3, switch_minutes=180),
    ]
    found, seen = occupancy(entries, 12), minute_by_minute(entries, 14)
    for plan in ("A", "B", "C"):
        assert found.hours(plan) == pytest.approx(seen.get(plan, 0.0), abs=1e-6), plan
    assert found.used.sum() == pytest.approx(sum(seen.values()), abs=1e-6)
    assert found.switching_hours("B") > 0


def test_the_costs_count_without_switch_over_and_maintenance(capsys, tmp_path):
    """A day of serving with 30 minutes to load weights and a night without: utilization falls by that half hour."""
    plain = entry(to="2027-11-30", hours=[8, 20])
    plan = Plan(name="A")
    slow = plain.model_copy(update={"switch_minutes": 30.0})
    before, after = (Project(plans=(plan,), calendar=(one,)).scheduled(plan).money.utilization for one in (plain, slow))
    assert before - after == pytest.approx(0.5 / 24)
    window = entry(plan="Maintenance", to="2027-11-30", hours=[10, 12], kind="maintenance")
    project = Project(plans=(plan,), calendar=(slow, window))
    again = parse_project(project.to_bytes(), "x")
    assert again.calendar == project.calendar
    path = tmp_path / "p.mitsumori"
    path.write_bytes(project.to_bytes())
    assert main(["calendar", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["maintenance_hours"] == 2 * 365
    (only,) = document["plans"]
    assert only["claimed_hours"] == 12 * 365
    assert only["switching_hours"] == 365.0  # at eight, and again when maintenance is over
    assert only["hours"] == 9 * 365 == document["used_hours"]
    assert only["runs"] > 0
    for language, word in (("en", "Maintenance"), ("ja", "保守")):
        assert main(["calendar", str(path), "--lang", language]) == 0
        assert word in capsys.readouterr().out
