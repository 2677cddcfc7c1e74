"""The calendar in the window: what it shows, and that editing it moves utilization, costs and undo."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs.calendar_view import blocks_of, grouped
from mitsumori.gui.words.calendar import read_hours
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.windows import window

SERVES = load_sample("serve-rag-3000").plan
LEARNS = load_sample("llama3-8b-lora").plan
DAY = CalendarEntry(
    plan=SERVES.name, begin=dt.date(2027, 4, 1), weekdays=("mon", "tue", "wed", "thu", "fri"), hours=(8.0, 20.0)
)
NIGHT = CalendarEntry(plan=LEARNS.name, begin=dt.date(2027, 4, 1), hours=(22.0, 6.0), share=0.5)


@pytest.fixture
def shown(qtbot):  # type: ignore[no-untyped-def]
    win = window(qtbot, SERVES, estimator=estimate_plan)
    win.open_project(Project(plans=(SERVES, LEARNS), calendar=(DAY, NIGHT)))
    win.show_tab("serving")
    tab = win.tabs["serving"]
    tab.view.set_value("calendar")
    tab.view.chosen.emit("calendar")
    qtbot.waitUntil(lambda: tab.calendar is not None and tab.calendar.isVisible(), timeout=5000)
    win.store.compute_now()
    return win, tab


def test_blocks_are_the_hours_of_the_week():
    found = occupancy((DAY, NIGHT), 12)
    blocks = blocks_of(found, (SERVES, LEARNS), dt.date(2027, 4, 5))
    hours = sum((one.high - one.low) * one.share for one in blocks)
    first = (dt.date(2027, 4, 5) - found.first).days
    assert hours == pytest.approx(found.used[first : first + 7].sum())
    serving = [one for one in blocks if one.name == SERVES.name]
    assert [(one.day, one.low, one.high) for one in serving] == [(day, 8.0, 20.0) for day in range(5)]


def test_quarters_keep_the_hours():
    months = occupancy((DAY, NIGHT), 60).months()
    rows = grouped(months)
    assert len(rows) <= 21
    assert sum(row["used_hours"] for row in rows) == pytest.approx(sum(row["used_hours"] for row in months))


@pytest.mark.parametrize(
    ("typed", "hours"), [("8-20", (8.0, 20.0)), ("２２〜６", (22.0, 6.0)), ("8.5–17時", (8.5, 17.0)), ("", None)]
)
def test_hours_are_read_as_people_type_them(typed, hours):
    assert read_hours(typed) == hours


def test_what_is_no_hour_is_refused():
    with pytest.raises(ValueError, match="morning"):
        read_hours("morning")


def test_an_edited_entry_moves_the_costs_and_undo_takes_it_back(shown, qtbot):  # type: ignore[no-untyped-def]
    win, tab = shown
    before = win.store.estimate.cost.details.utilization.value
    tab.calendar.entries_card.opened.emit(("entry", 1))
    editor = tab.calendar.editor
    assert editor.plan.currentText() == LEARNS.name
    editor.share.setFocus()
    editor.share.setText("100")
    QTest.keyClick(editor.share, Qt.Key.Key_Return)
    assert win.store.calendar[1].share == 1.0
    win.store.compute_now()
    after = win.store.estimate.cost.details.utilization.value
    expected = Project(plans=(SERVES, LEARNS), calendar=win.store.calendar)
    assert after == pytest.approx(estimate(expected.scheduled(SERVES)).cost.details.utilization.value)
    assert after > before
    win.store.undo_stack.undo()
    assert win.store.calendar == (DAY, NIGHT)
    win.store.compute_now()
    assert win.store.estimate.cost.details.utilization.value == pytest.approx(before)


def test_what_is_wrong_is_said_and_changes_nothing(shown):  # type: ignore[no-untyped-def]
    win, tab = shown
    tab.calendar.entries_card.opened.emit(("entry", 0))
    editor = tab.calendar.editor
    for field, typed in ((editor.end, "2026-01-01"), (editor.hours, "x"), (editor.share, "0"), (editor.begin, "soon")):
        field.setText(typed)
        editor._take()
        assert editor.says.text()
        assert win.store.calendar == (DAY, NIGHT)
        editor.show_entry(DAY, [SERVES.name, LEARNS.name], True)


def test_entries_are_added_and_removed(shown):  # type: ignore[no-untyped-def]
    win, tab = shown
    tab.calendar.editor.add.click()
    assert len(win.store.calendar) == 3
    tab.calendar.editor.remove.click()
    assert win.store.calendar == (DAY, NIGHT)
    assert win.store.project().calendar == (DAY, NIGHT)


def test_a_clash_is_named(shown):  # type: ignore[no-untyped-def]
    win, tab = shown
    win.store.set_calendar((DAY, DAY.model_copy(update={"plan": LEARNS.name})), "clash")
    win.store.compute_now()
    assert "200" in tab.calendar.week_card.accessibleName()


def test_every_control_has_a_name(shown):  # type: ignore[no-untyped-def]
    from tests.gui.test_accessibility import check_names

    check_names(shown[1], "calendar")
