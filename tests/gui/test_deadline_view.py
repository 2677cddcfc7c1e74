"""A deadline in the window: typed as people write it, shown with finish date, what is left and how likely it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest

from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.dates import shown_deadline
from mitsumori.gui.words.deadline import chance_words
from mitsumori.gui.words.translation import set_language
from mitsumori.model.base.dates import parse_date
from mitsumori.model.plan.project import load_sample
from tests.gui.windows import window

SAMPLE = load_sample("llama3-70b-continual").plan.with_values({"workload.start_date": "2027-03-01"})
LATE = SAMPLE.with_values({"workload.tokens": 1.5e12, "workload.deadline": "2027-03-31"})


def type_into(win: object, path: str, text: str) -> None:
    row = win.inputs.row(path)  # type: ignore[attr-defined]
    row.edit.setText(text)
    row.edit.setModified(True)
    row.edit.committed.emit(text)


@pytest.mark.parametrize(
    ("typed", "date", "days"),
    [("30日", None, 30.0), ("30", None, 30.0), ("2027/3/31", dt.date(2027, 3, 31), None), ("令和9年3月31日", dt.date(2027, 3, 31), None)],
)  # fmt: skip
def test_a_deadline_is_taken_as_people_write_it(
    qtbot: object, typed: str, date: dt.date | None, days: float | None
) -> None:
    set_language("ja")
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    type_into(win, "workload.deadline", typed)
    assert (win.store.plan.workload.deadline, win.store.plan.workload.deadline_days) == (date, days)
    row = win.inputs.row("workload.deadline")
    assert row.edit.text() == ("30日" if date is None else "2027/3/31（水）")
    type_into(win, "workload.deadline", "soon")
    assert "日付" in row.note.text() and "datetime" not in row.note.text(), "the sentence is ours, in Japanese"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_field_shows_can_be_typed_again(qapp: object, language: str) -> None:
    set_language(language)  # type: ignore[arg-type]
    for day in (dt.date(2027, 3, 31), dt.date(2028, 2, 29), dt.date(2026, 12, 7)):
        assert parse_date(shown_deadline(day)) == day


def test_the_days_card_says_late_and_by_how_much(qtbot: object) -> None:
    """356 days for a month: the card said nothing."""
    set_language("ja")
    win = window(qtbot, LATE, estimator=estimate_plan)
    days = win.store.estimate.training.days.value  # type: ignore[union-attr]
    content = win.headline.days.content()
    assert content.badge[0] == "bad"
    assert f"{days - 30:.0f} 日遅れ" in content.reason[-1]
    win.apply({"workload.tokens": 1e11, "workload.confidence": "p80"})
    qtbot.waitUntil(lambda: win.headline.days.content().badge[0] == "ok")  # type: ignore[attr-defined]
    content = win.headline.days.content()
    assert "余裕" in content.reason[-1] and "P80" in content.title and "3/" in content.values[0][0].text


def test_delivery_not_given_stands_as_assumed_in_the_gantt_chart(qtbot: object) -> None:
    set_language("en")
    win = window(qtbot, LATE.with_values({"money.onprem.works_months": 4.0}), estimator=estimate_plan)
    win.show_tab("training_time")
    tab = win.tabs["training_time"]
    tasks = {task.name: task for task in tab.gantt._tasks}  # type: ignore[attr-defined]
    assert tasks["Server delivery"].assumed and not tasks["Power, cooling works"].assumed
    assert tasks["Training"].start == dt.date(2027, 3, 1) + dt.timedelta(days=int(4 * 365 / 12))
    assert tab.gantt.table().rows[-1][1] or tab.gantt.table().rows  # type: ignore[attr-defined]
    win.apply({"workload.deadline": None, "workload.start_date": None})
    qtbot.waitUntil(lambda: not tab.gantt_card.isVisible())  # type: ignore[attr-defined]


def test_the_calendar_takes_a_day(qtbot: object) -> None:
    win = window(qtbot, SAMPLE, estimator=estimate_plan)
    row = win.inputs.row("workload.deadline")
    row.calendar.open()
    row.calendar.popup.calendar.clicked.emit(QDate(2027, 4, 15))
    assert win.store.plan.workload.deadline == dt.date(2027, 4, 15)


def test_guide_values_of_delivery_come_with_one_click_and_stay_marked(qtbot: object) -> None:
    set_language("ja")
    win = window(qtbot, LATE, estimator=estimate_plan)
    win.show_tab("training_time")
    tab = win.tabs["training_time"]
    assert [task.days for task in tab.gantt._tasks[:3]] == [0.0, 0.0, 0.0]
    assert tab.guides.isVisible()
    tab.guides.click()
    qtbot.waitUntil(lambda: not tab.guides.isVisible(), timeout=20_000)  # type: ignore[attr-defined]
    tasks = tab.gantt._tasks
    assert all(task.assumed and task.days > 0 and "目安" in task.label for task in tasks[:3])
    assert tasks[2].start == tasks[0].start + dt.timedelta(days=3 * 365 / 12)
    assert tasks[3].start >= tasks[2].start + dt.timedelta(days=int(tasks[2].days) - 1)
    assert "目安" not in win.headline.cost.content().spoken, "no amount rests on them"
    win.store.undo_stack.undo()
    assert win.store.plan == LATE
    typed = {"money.onprem.delivery_months": 4.0}
    win.apply(typed)
    win.store.compute_now()
    qtbot.waitUntil(lambda: not tab.gantt._tasks[0].assumed, timeout=20_000)  # type: ignore[attr-defined]


def test_no_prediction_is_called_certain() -> None:
    """ "In time 100 %" for 90 days to spare: the logarithm of the interval had rounded to one."""
    assert chance_words(1.0) == chance_words(0.9999999) == "> 99 %"
    assert chance_words(0.87) == "87 %" and chance_words(0.001) == "< 1 %" and chance_words(0.0) == "0 %"


def test_the_schedule_is_one_click_from_the_overview_where_there_are_dates(qtbot: object) -> None:
    """Delivery and works stood on another tab; a plan without dates is not offered them."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    set_language("ja")
    dated = LATE.with_values({"money.onprem.works_months": 4.0})
    win = window(qtbot, dated, estimator=estimate_plan)
    tab = win.tabs["overview"]
    options = [value for value, _ in tab.face._options]
    assert options == ["count", "kind", "dates"] and not tab.gantt_card.isVisible()
    middle = tab.face._cells()[2].center().toPoint()
    QTest.mouseClick(tab.face, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert tab.gantt_card.isVisible() and not tab.days_card.isVisible()
    win.show_tab("training_time")
    there = win.tabs["training_time"]
    qtbot.waitUntil(lambda: bool(there.gantt._tasks), timeout=20_000)  # type: ignore[attr-defined]
    assert tab.gantt._tasks == there.gantt._tasks and tab.gantt_card.title == there.gantt_card.title
    win.show_tab("overview")
    win.apply({"workload.deadline": None, "workload.start_date": None})
    qtbot.waitUntil(lambda: tab.days_card.isVisible(), timeout=20_000)  # type: ignore[attr-defined]
    assert not tab.gantt_card.isVisible() and [value for value, _ in tab.face._options] == ["count", "kind"]


@pytest.mark.parametrize("days", [10, 25, 90])
@pytest.mark.parametrize("wide", [300.0, 420.0, 900.0])
def test_the_words_of_two_limits_stand_beside_each_other(qapp: object, days: int, wide: float) -> None:
    """At 1280 x 720 "P80 3/16" and the deadline were written over each other."""
    from PySide6.QtCore import QRectF

    from mitsumori.gui.charts.gantt import Gantt, Limit, Task
    from mitsumori.gui.charts.painting import SEMIBOLD, text_width

    set_language("ja")
    first = dt.date(2026, 12, 7)
    chart, area = Gantt(), QRectF(120, 0, wide, 120)
    limits = [Limit(first + dt.timedelta(days=days), "P80"), Limit(first + dt.timedelta(days=days + 15), "期限", True)]
    chart.set_data([Task("学習", first, float(days), "accent", "")], limits)
    places = chart.limit_places(area, first, lambda day: area.left() + area.width() * day / (days + 20))
    spans = sorted((left, left + text_width(words, 13, SEMIBOLD)) for _, left, words in places.values())
    assert spans[0][1] < spans[1][0] and spans[1][1] <= area.right() + 20


def test_a_deadline_brings_the_schedule_into_sight_at_once(qtbot: Any) -> None:
    """The card kept the width of its switch: the schedule that came with a deadline stood outside, unseen and unreachable."""
    win = window(qtbot, load_sample("llama3-70b-continual").plan, estimator=estimate_plan)
    face = win.tabs["overview"].face
    assert len(face._options) == 2
    win.apply({"workload.deadline": "2027-03-31"})
    qtbot.waitUntil(lambda: not win.store.stale and not win.jobs.any_busy(), timeout=20_000)
    qtbot.wait(50)
    assert len(face._options) == 3 and face.width() >= face.sizeHint().width()
    card = win.tabs["overview"].days_card
    assert card.rect().contains(face.geometry()) and card._text_width() <= face.x()
    place = face._cells()[2].center().toPoint()
    assert face.rect().contains(place)
    QTest.mouseClick(face, Qt.MouseButton.LeftButton, pos=place)
    assert win.tabs["overview"].gantt_card.isVisible()
