"""The calendar in the window: what it shows, and that editing it moves utilization, costs and undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.tabs.calendar_view import blocks_of, grouped
from mitsumori.gui.theme.tokens import theme_signals
from mitsumori.gui.words.calendar import read_hours
from mitsumori.gui.words.translation import set_language
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.walk import settle
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


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [360, 520, 900])
def test_names_of_days_stand_over_their_own_days(qtbot, language, width):  # type: ignore[no-untyped-def]
    """In English they ran into each other at 1600 pixels."""
    from mitsumori.gui.charts.painting import SEMIBOLD, text_width
    from mitsumori.gui.charts.week import WeekChart
    from mitsumori.gui.tabs.calendar_view import week_days
    from mitsumori.gui.words.translation import set_language

    set_language(language)
    chart = WeekChart()
    qtbot.addWidget(chart)
    chart.resize(width, 300)
    chart.set_data(week_days(dt.date(2027, 12, 20)), ())
    pitch = chart._area().width() / 7
    heads = chart._heads(chart.width())
    assert all(text_width(line, 13, SEMIBOLD) < pitch for lines in heads for line in lines)
    assert len({len(lines) for lines in heads}) == 1
    read = ["".join("".join(lines).split()) for lines in heads]
    assert read == ["".join(name.split()) for name in week_days(dt.date(2027, 12, 20))]
    assert chart._area().top() > 13 * max(map(len, heads)), "the hours begin under them"


def test_a_week_is_as_tall_with_fifty_entries_as_with_ten(shown):  # type: ignore[no-untyped-def]
    """The week stands beside the entries; with those of five years it was 1,600 pixels tall."""
    win, tab = shown

    def height(count: int) -> int:
        win.store.set_calendar((DAY, NIGHT) * (count // 2), str(count))
        win.store.compute_now()
        assert tab.calendar.entries.model().rowCount() == count
        return tab.calendar.entries_card.minimumSizeHint().height()

    assert height(52) == height(10) > height(2)


def test_what_the_editor_says_has_its_whole_width(shown, qtbot):  # type: ignore[no-untyped-def]
    """Beside the buttons it was broken after every word."""
    from mitsumori.gui.words.translation import set_language

    set_language("en")
    editor = shown[1].calendar.editor
    editor.show_entry(None, [SERVES.name], True)
    qtbot.waitUntil(lambda: editor.says.isVisible() and editor.says.width() > 0.8 * editor.width(), timeout=2000)


def test_every_control_has_a_name(shown):  # type: ignore[no-untyped-def]
    from tests.gui.test_accessibility import check_names

    check_names(shown[1], "calendar")


def _mouse(chart, what, hour, day=1, below=0):  # type: ignore[no-untyped-def]
    """A real press, move or release over a day's hour, or so many pixels below it."""
    from PySide6.QtCore import QPoint

    area = chart._area()
    at = QPoint(
        round(area.left() + area.width() * (day + 0.3) / 7), round(area.top() + area.height() * hour / 24) + below
    )
    view = chart.view().viewport()
    if what == "move":
        QTest.mouseMove(view, at)
    else:
        getattr(QTest, f"mouse{what.capitalize()}")(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


@pytest.mark.parametrize(
    ("taken", "let_go", "below", "hours"),
    [
        (14.0, 11.0, 0, (5.0, 17.0)), (8.0, 10.0, 3, (10.0, 20.0)), (20.0, 22.5, -3, (8.0, 22.5)),
        (14.0, 18.0, 0, (12.0, 24.0)),
    ],
)  # fmt: skip
def test_a_block_is_dragged_and_stretched(shown, qtbot, taken, let_go, below, hours):  # type: ignore[no-untyped-def]
    """With the pointer, in half hours: the middle moves, an edge stretches; one undo step; costs follow."""
    win, tab = shown
    week = tab.calendar.week
    qtbot.waitUntil(lambda: bool(week.marks()), timeout=5000)
    week.view().grab()  # marks of the size of now
    before = win.store.estimate.cost.details.utilization.value
    _mouse(week, "press", taken, below=below)
    assert week._drag is not None
    _mouse(week, "move", let_go, below=below)
    qtbot.waitUntil(lambda: week._drag is not None and week._drag.hours != 0, timeout=2000)
    _mouse(week, "release", let_go, below=below)
    assert win.store.calendar[0].hours == hours
    assert win.store.calendar[1] == NIGHT
    win.store.compute_now()
    expected = Project(plans=(SERVES, LEARNS), calendar=win.store.calendar)
    after = win.store.estimate.cost.details.utilization.value
    assert after == pytest.approx(estimate(expected.scheduled(SERVES)).cost.details.utilization.value)
    assert (after > before) == ((hours[1] - hours[0]) > 12.0) or hours[1] - hours[0] == 12.0
    win.store.undo_stack.undo()
    assert win.store.calendar == (DAY, NIGHT)


def test_a_click_still_chooses_and_escape_puts_back(shown, qtbot):  # type: ignore[no-untyped-def]
    win, tab = shown
    week = tab.calendar.week
    qtbot.waitUntil(lambda: bool(week.marks()), timeout=5000)
    week.view().grab()  # marks of the size of now
    _mouse(week, "press", 14.0)
    _mouse(week, "release", 14.0)
    assert tab.calendar.editor.plan.currentText() == SERVES.name
    _mouse(week, "press", 14.0)
    _mouse(week, "move", 17.0)
    QTest.keyClick(week.view(), Qt.Key.Key_Escape)
    _mouse(week, "release", 17.0)
    assert win.store.calendar == (DAY, NIGHT)


def test_the_keyboard_moves_and_stretches_a_block(shown, qtbot):  # type: ignore[no-untyped-def]
    win, tab = shown
    week = tab.calendar.week
    qtbot.waitUntil(lambda: bool(week.marks()), timeout=5000)
    week.view().grab()  # marks of the size of now
    week._ring = next(at for at, one in enumerate(week._blocks) if one.name == SERVES.name)
    QTest.keyClick(week.view(), Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert win.store.calendar[0].hours == (8.5, 20.5)
    QTest.keyClick(week.view(), Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert win.store.calendar[0].hours == (8.5, 20.0)


def test_an_entry_moves_past_midnight_and_never_to_nothing():
    assert NIGHT.moved(1.0, 1.0).hours == (23.0, 7.0)
    assert NIGHT.moved(3.0, 3.0).hours == (1.0, 9.0)
    assert DAY.moved(0.0, 4.0).hours == (8.0, 24.0)
    assert DAY.moved(12.0, 0.0) is None
    assert DAY.moved(0.0, 12.0) is None
    whole = DAY.model_copy(update={"hours": None})
    assert whole.moved(6.0, 0.0).hours == (6.0, 24.0)
    assert whole.moved(1.0, 1.0) is None
    assert NIGHT.covers(LEARNS.name, dt.date(2027, 4, 2), 5.0)
    assert not NIGHT.covers(LEARNS.name, dt.date(2027, 4, 1), 5.0)
    assert not DAY.covers(SERVES.name, dt.date(2027, 4, 3), 9.0)


def test_priority_is_the_order_and_is_raised_and_lowered(shown):  # type: ignore[no-untyped-def]
    """The later of two that clash has what is left; one click gives it precedence, one undo takes it back."""
    win, tab = shown
    both = (DAY, CalendarEntry(plan=LEARNS.name, begin=DAY.begin, share=1.0))
    win.store.set_calendar(both, "both")
    win.store.compute_now()
    hours = tab.calendar._found.occupied.hours(SERVES.name)
    tab.calendar.entries_card.opened.emit(("entry", 1))
    tab.calendar.editor.earlier.click()
    assert win.store.calendar == both[::-1]
    win.store.compute_now()
    assert tab.calendar._found.occupied.hours(SERVES.name) == 0.0 < hours
    tab.calendar.editor.earlier.click()  # it is the first: nothing happens
    assert win.store.calendar == both[::-1]
    win.store.undo_stack.undo()
    assert win.store.calendar == both


def test_a_block_is_not_dragged_over_work_that_comes_before(shown):  # type: ignore[no-untyped-def]
    win, tab = shown
    late = CalendarEntry(plan=LEARNS.name, begin=DAY.begin, hours=(20.0, 23.0))
    win.store.set_calendar((DAY, late), "late")
    win.store.compute_now()
    view, day = tab.calendar, (DAY.begin - dt.timedelta(days=DAY.begin.weekday())).weekday()
    view.show_calendar(win.store.project(), lambda plan: None)
    block = next(one for one in view.week._blocks if one.name == LEARNS.name and one.day > day)
    view.week.moved.emit(block, -2.0, -2.0)
    assert win.store.calendar == (DAY, late)
    assert SERVES.name in view.editor.says.text()
    view.week.moved.emit(block, 0.5, 0.5)
    assert win.store.calendar[1].hours == (20.5, 23.5)


def test_maintenance_and_switch_over_are_entered(shown):  # type: ignore[no-untyped-def]
    """Utilization falls by both; maintenance stands hatched in the week and names no plan."""
    win, tab = shown
    before = win.store.estimate.cost.details.utilization.value
    tab.calendar.entries_card.opened.emit(("entry", 0))
    editor = tab.calendar.editor
    editor.switch.setText("30")
    editor._take()
    assert win.store.calendar[0].switch_minutes == 30.0
    win.store.compute_now()
    slower = win.store.estimate.cost.details.utilization.value
    assert slower < before
    editor.add.click()
    editor.hours.setText("10-12")
    editor._take()
    editor.maintenance.click()
    assert (win.store.calendar[2].kind, win.store.calendar[2].plan in (SERVES.name, LEARNS.name)) == (
        "maintenance",
        False,
    )
    win.store.compute_now()
    assert win.store.estimate.cost.details.utilization.value < slower
    assert any(block.hatched for block in tab.calendar.week._blocks)
    editor.maintenance.click()
    assert win.store.calendar[2].kind == "work"
    editor.switch.setText("a while")
    editor._take()
    assert editor.says.text()


def test_automatic_assignment_is_one_click_and_one_undo(shown, qtbot):  # type: ignore[no-untyped-def]
    win, tab = shown
    before = win.store.calendar
    tab.calendar.editor.assign.click()
    made = win.store.calendar
    assert made != before
    assert next(entry.plan for entry in made if not entry.rest) == SERVES.name
    assert all(entry.plan == LEARNS.name for entry in made if entry.rest)
    assert any(entry.rest for entry in made)
    win.store.undo_stack.undo()
    assert win.store.calendar == before


def test_growth_and_the_rest_are_set_in_the_fields(shown):  # type: ignore[no-untyped-def]
    win, tab = shown
    view = tab.calendar
    view._open(("entry", 0))
    view.editor.growth.setText("40")
    view.editor.growth.committed.emit("40")
    assert win.store.calendar[0].growth_per_year == pytest.approx(0.4)
    assert occupancy(win.store.calendar, SERVES.money.horizon_months).beyond(0.9) in view.months_card.title
    view._open(("entry", 1))
    view.editor.rest.click()
    assert win.store.calendar[1].rest
    view.editor.growth.setText("viel")
    view.editor.growth.committed.emit("viel")
    assert view.editor.says.text()
    assert not win.store.calendar[1].growth_per_year


@pytest.mark.parametrize("language", ["ja", "en"])
def test_choosing_an_entry_moves_nothing(qtbot: Any, language: str) -> None:
    """What the editor says beside its buttons made it wider: the whole page jumped when an entry was chosen."""
    set_language(language)  # type: ignore[arg-type]
    win = window(qtbot, load_sample("serve-rag-3000").plan, estimator=estimate_plan)
    win.show_tab("serving")
    page = win.tabs["serving"]
    page.view._choose(1)  # type: ignore[attr-defined]
    settle(win, qtbot)
    view = page.calendar  # type: ignore[attr-defined]
    parts = (view.week_card, view.entries_card, view.editor, view.months_card)
    before = [part.geometry() for part in parts]
    view._open(("entry", 0))
    settle(win, qtbot)
    assert [part.geometry() for part in parts] == before
    view.editor.say("A sentence about an entry that is refused. " * 2)
    settle(win, qtbot)
    assert [part.geometry().width() for part in parts] == [place.width() for place in before]


def test_the_page_is_as_wide_after_other_sizes_and_colours_as_when_it_was_opened(shown, qtbot):  # type: ignore[no-untyped-def]
    win, tab = shown
    settle(win, qtbot)
    editor, week = tab.calendar.editor, tab.calendar.week_card
    opened = editor.minimumSizeHint(), week.width()
    for size in ((1280, 720), (1600, 1000)):
        win.resize(*size)
        settle(win, qtbot)
    theme_signals().changed.emit()  # as the switch of light and dark does
    settle(win, qtbot)
    assert (editor.minimumSizeHint(), week.width()) == opened
