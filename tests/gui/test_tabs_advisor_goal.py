"""Goals in the window: the sentence says what is searched, the answer is the core's, and never another plan's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from mitsumori.gui.jobs import JobRunner
from mitsumori.gui.services import Ask, Services
from mitsumori.gui.tabs import create_tab
from mitsumori.gui.tabs.goal import KINDS, Goal, GoalLine, read_date
from mitsumori.gui.tabs.goal_answer import SURE, GoalAnswer, machines
from mitsumori.gui.words.deadline import chance_words
from mitsumori.gui.words.translation import LANGUAGES, set_language
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.goal import Question
from mitsumori.model.study.goal_seek import GoalResult, goal_seek

TODAY = dt.date(2026, 11, 25)


@pytest.fixture(scope="module")
def real() -> tuple[Plan, Any]:
    plan = load_sample("llama3-70b-continual").plan
    return plan, estimate(plan)


@pytest.fixture(scope="module")
def found(real: tuple[Plan, Any]) -> GoalResult:
    return goal_seek(real[0], Question(days=14.0, budget=1.5e9))


def sought(ask: Ask) -> GoalResult:
    return goal_seek(ask.plan, Question(**dict(ask.detail), relax=False))


@pytest.fixture
def line(show: Any) -> GoalLine:
    made = GoalLine()
    show(made, 1000, 90)
    return made


def shown_tab(show: Any, real: tuple[Plan, Any], services: Services) -> Any:
    made = create_tab("advisor")
    made.set_services(services)
    show(made, 1000, 800)
    made.set_result(*real)
    return made


# -- sentence ---------------------------------------------------------------------------------------------------------


def test_the_sentence_says_which_end_is_searched(line: GoalLine) -> None:
    assert line.unknown.currentText() == "the fewest servers"
    for kind in ("cost", "power", "racks"):
        line.blank(kind).setText("12")
        assert line.unknown.currentText() == "the most servers"
        line.blank("days").setText("14")
        assert line.unknown.currentText() == "the fewest servers"
        line.blank("days").clear()
        line.blank(kind).clear()
    set_language("ja")
    assert "最少" in line.unknown.currentText()
    line.blank("racks").setText("5")
    assert "最多" in line.unknown.currentText()


def test_every_limit_of_the_line_reaches_the_search(line: GoalLine) -> None:
    found: list[Goal] = []
    line.searched.connect(found.append)
    line.blank("power").setText("200")
    line.blank("racks").setText("8")
    line.unknown.setCurrentIndex(line.unknown.findData("tokens"))
    line.search()
    assert found == [Goal(None, None, 200.0, 8.0, unknown="tokens")]
    assert found[0].arguments(TODAY) == {
        "unknown": "tokens", "site": "onprem", "facility_kw": 200.0, "racks": 8.0,
    }  # fmt: skip
    assert found[0].words("JPY") == "Goal: ≤ 200 kW"


def test_a_deadline_can_be_a_date(line: GoalLine, qtbot: Any) -> None:
    found: list[Goal] = []
    line.searched.connect(found.append)
    line.slots[0].choice.setCurrentIndex(KINDS.index("date"))
    line.slots[0].choice.activated.emit(KINDS.index("date"))
    line.blank("date").setText("2027年3月31日")
    qtbot.keyClick(line.blank("date"), Qt.Key.Key_Return)
    assert found[-1].by == dt.date(2027, 3, 31)
    assert found[-1].arguments(TODAY)["finish_by"] == dt.date(2027, 3, 31)
    assert found[-1].arguments(TODAY)["today"] == TODAY
    line.blank("date").setText("March")
    line.search()
    assert "March" in line.note.text()
    assert len(found) == 1


@pytest.mark.parametrize("typed", ["2027-3-31", "2027/03/31", "２０２７-０３-３１", " 2027.3.31 "])
def test_dates_as_people_type_them(typed: str) -> None:
    assert read_date(typed) == dt.date(2027, 3, 31)


@pytest.mark.parametrize("typed", ["2027-02-30", "31-03-2027", "soon", "2027"])
def test_what_is_no_date_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(Refusal, match=typed):
        read_date(typed)


def test_no_limit_stands_twice(line: GoalLine) -> None:
    first, second = line.slots
    assert (first.kind, second.kind) == ("days", "cost")
    first.choice.setCurrentIndex(KINDS.index("cost"))
    first.choice.activated.emit(KINDS.index("cost"))
    assert (first.kind, second.kind) == ("cost", "days")
    for _ in range(2):
        line.more.click()
    kinds = [slot.kind for slot in line.slots]
    assert len(kinds) == len(set(kinds)) == 4
    assert line.more.isHidden() or not line.more.isVisible()


def test_owning_and_renting_are_not_limited_at_once(line: GoalLine) -> None:
    found: list[Goal] = []
    line.searched.connect(found.append)
    line.blank("cost").setText("10億")
    line.blank("rent").setText("10億")
    line.search()
    assert not found
    assert line.note.text()
    line.blank("cost").clear()
    line.search()
    assert (found[0].site, found[0].cost) == ("cloud", 1e9)


# -- answer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_the_cores(language: Any, show: Any, real: tuple[Plan, Any], found: GoalResult) -> None:
    set_language(language)
    answer = GoalAnswer()
    show(answer, 1000, 120)
    answer.set_result(found, Goal(14.0, 1.5e9), real[0], TODAY)
    assert found.measured is not None
    assert answer.badge.kind() == "marginal" and "%" in answer.badge.label(), "a median is no promise"
    assert machines(found.measured, False) in answer.plain()
    assert str(found.measured.plan.cluster.servers) in answer.plain()
    assert found.neighbour is not None
    assert str(found.neighbour.plan.cluster.servers) in answer.why_button.text()
    assert not answer.why.isVisible()
    answer.why_button.click()
    assert answer.why.isVisible()
    days = found.neighbour.values["days"]
    assert days is not None
    assert f"{days:.4g}" in answer.why.text()
    assert "10 %" in answer.limits.text()
    assert answer.adopt.isVisible()
    assert answer.keep.isVisible()


def test_no_solution_names_the_nearest_plan_which_can_be_applied(show: Any, real: tuple[Plan, Any], qtbot: Any) -> None:
    tab = shown_tab(show, real, Services(works={"goal": sought}))
    asked: list[dict[str, Any]] = []
    kept: list[Plan] = []
    tab.plan_change_requested.connect(asked.append)
    tab.scenario_added.connect(kept.append)
    tab.goal.blank("days").setText("5")
    tab.goal.blank("cost").setText("5億")
    tab.goal.search()
    result = tab._result
    assert not result.found
    assert tab.answer.badge.kind() == "marginal"
    nearest = result.measured
    qtbot.mouseClick(tab.answer.adopt, Qt.MouseButton.LeftButton)
    assert real[0].with_values(asked[0]) == nearest.plan
    qtbot.mouseClick(tab.answer.keep, Qt.MouseButton.LeftButton)
    assert kept == [nearest.plan]
    own = estimate(nearest.plan)
    assert own.training.days.value > 5
    assert own.cost.onprem.total.value > 5e8


@pytest.mark.parametrize("unknown", ["servers", "server", "tokens", "params"])
def test_each_unknown_is_found_applied_and_meets_the_goal(
    unknown: str, show: Any, real: tuple[Plan, Any], qtbot: Any
) -> None:
    def work(ask: Ask) -> GoalResult:
        servers = ("HPE-XD670", "DGX-B200") if unknown == "server" else ()
        return goal_seek(ask.plan, Question(**dict(ask.detail), servers=servers, relax=False))

    tab = shown_tab(show, real, Services(works={"goal": work}))
    asked: list[dict[str, Any]] = []
    tab.plan_change_requested.connect(asked.append)
    tab.goal.unknown.setCurrentIndex(tab.goal.unknown.findData(unknown))
    tab.goal.blank("days").setText("14")
    tab.goal.search()
    chance = tab._result.measured.chance
    assert tab._result.found and 0.5 <= chance + 1e-9 <= 1.0
    assert tab.answer.badge.kind() == ("ok" if chance >= SURE else "marginal"), "a median is no promise"
    assert chance_words(chance) in tab.answer.badge.label()
    if unknown in ("tokens", "params"):  # sought up to the limit itself: about one in two
        assert tab.answer.badge.kind() == "marginal"
    qtbot.mouseClick(tab.answer.adopt, Qt.MouseButton.LeftButton)
    days = estimate(real[0].with_values(asked[0])).training.days.value
    assert days is not None
    assert days <= 14.0 * (1 + 1e-12)


def test_a_date_before_the_training_can_begin_is_refused(show: Any, real: tuple[Plan, Any]) -> None:
    plan = real[0].with_values({"workload.start_date": "2027-01-01", "money.onprem.delivery_months": 6.0})
    tab = shown_tab(show, (plan, real[1]), Services(works={"goal": sought}))
    tab.goal.blank("date").setText("2027-03-31")
    tab.goal.search()
    assert tab._goal is None
    assert "2027-07" in tab.goal.note.text()
    tab.goal.blank("date").setText("2027-12-31")
    tab.goal.search()
    assert tab._result.found
    assert "2027-07" in tab.answer.limits.text()


def test_the_letter_of_the_next_scenario(show: Any, real: tuple[Plan, Any], found: GoalResult) -> None:
    tab = shown_tab(show, real, Services(works={"goal": lambda ask: found}))
    tab.set_scenarios((real[0],) * 3, 0, None)
    tab.goal.blank("days").setText("14")
    tab.goal.search()
    assert tab.answer.keep.text() == "Add as scenario D"


# -- never another plan's ---------------------------------------------------------------------------------------------


def test_a_changed_plan_takes_the_answer_away_until_it_is_sought_again(
    show: Any, real: tuple[Plan, Any], found: GoalResult, qtbot: Any
) -> None:
    runner = JobRunner()
    asked: list[Plan] = []

    def work(ask: Ask) -> GoalResult:
        asked.append(ask.plan)
        return replace(found, complete=True)

    tab = shown_tab(show, real, Services(runner, works={"goal": work}))
    tab.goal.blank("days").setText("14")
    tab.goal.search()
    assert not tab.answer.opens, "the search is under way"
    qtbot.waitUntil(lambda: tab.answer.opens, timeout=4000)
    other = real[0].with_values({"workload.tokens": 2e11})
    tab.set_result(other, real[1])
    assert not tab.answer.opens
    assert tab.answer.badge.label() == ""
    assert "again" in tab.answer.plain()
    qtbot.waitUntil(lambda: tab.answer.opens, timeout=4000)
    assert asked == [real[0], other]
    runner.shut_down()


def test_the_answer_to_an_older_goal_is_dropped(show: Any, real: tuple[Plan, Any], qtbot: Any) -> None:
    runner = JobRunner()
    tab = shown_tab(show, real, Services(runner, works={"goal": sought}))
    tab.goal.blank("days").setText("30")
    tab.goal.search()
    tab.services._start_waiting()
    tab.goal.blank("days").setText("14")
    tab.goal.search()
    qtbot.waitUntil(lambda: tab.answer.opens, timeout=8000)
    assert tab._result.goal.days == 14
    qtbot.wait(200)
    assert tab._result.goal.days == 14
    runner.shut_down()


def test_a_search_can_be_stopped(show: Any, real: tuple[Plan, Any], qtbot: Any) -> None:
    runner = JobRunner()

    def work(ask: Ask) -> Any:
        while not ask.cancelled():
            ask.progress(0.3)
            qtbot_wait.wait(0.005)
        return None

    import threading

    qtbot_wait = threading.Event()
    tab = shown_tab(show, real, Services(runner, works={"goal": work}))
    tab.goal.blank("days").setText("14")
    tab.goal.search()
    qtbot.waitUntil(tab.answer.work.button.isVisible, timeout=4000)
    assert tab.answer.work.button.text() == "Stop"
    qtbot.mouseClick(tab.answer.work.button, Qt.MouseButton.LeftButton)
    assert "stopped" in tab.answer.plain()
    assert not runner.any_busy()
    runner.shut_down()
