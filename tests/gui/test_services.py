"""The tabs' questions: every asker is answered, what belongs to another plan keeps nobody waiting.

Answers are remembered for their plan, dropped when stale and held back under a moving hand.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mitsumori.gui.charts.base import axis_hold
from mitsumori.gui.jobs import JobRunner
from mitsumori.gui.services import Ask, Services
from mitsumori.model.plan.plan import Plan
from tests.gui import sample_estimate as sample


@pytest.fixture
def runner(application: Any) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    made.shut_down()


@pytest.fixture
def plans() -> tuple[Plan, Plan]:
    plan = Plan()
    return plan, plan.with_values({"cluster.servers": plan.cluster.servers + 1})


@pytest.mark.parametrize("later", [False, True], ids=["before the work begins", "while it is done"])
def test_all_who_ask_the_same_are_answered_by_one_piece_of_work(qtbot, runner, plans, later) -> None:  # type: ignore[no-untyped-def]
    begun, gate, works = threading.Event(), threading.Event(), []

    def work(ask: Ask) -> str:
        works.append(ask.plan)
        begun.set()
        gate.wait(5)
        return "answer"

    services = Services(runner, {"advise": work})
    first: list[str] = []
    second: list[str] = []
    services.advise(plans[0], first.append)
    if later:
        qtbot.waitUntil(begun.is_set, timeout=3000)
    services.advise(plans[0], second.append)
    gate.set()
    qtbot.waitUntil(lambda: bool(first and second), timeout=3000)
    assert (first, second, works) == (["answer"], ["answer"], [plans[0]])


def test_a_page_of_the_new_plan_does_not_wait_for_work_about_the_old_one(qtbot, runner, plans) -> None:  # type: ignore[no-untyped-def]
    stopped = threading.Event()

    def endless(ask: Ask) -> None:
        while not ask.cancelled():
            time.sleep(0.005)
        stopped.set()

    services = Services(runner, {"trade_offs": endless, "goal": lambda ask: ask.plan})
    old: list[Any] = []
    new: list[Any] = []
    services.trade_offs(plans[0], "all", old.append)
    qtbot.waitUntil(lambda: runner.any_busy(), timeout=3000)
    services.give_up()
    services.goal(plans[1], {}, new.append)
    qtbot.waitUntil(lambda: bool(new), timeout=3000)
    assert new == [plans[1]]
    assert not old
    assert not services.at_work()


def test_an_answer_is_remembered_for_its_plan() -> None:
    asked: list[Plan] = []

    def work(ask: Ask) -> str:
        asked.append(ask.plan)
        return ask.plan.name

    services = Services(works={"days_curve": work})
    got: list[Any] = []
    first, second = sample.plan(name="a"), sample.plan(name="b")
    for plan in (first, first, second):
        services.days_curve(plan, got.append)
    assert got == ["a", "a", "b"]
    assert asked == [first, second]
    services.forget()
    services.days_curve(second, got.append)
    assert len(asked) == 3


def test_stale_answers_are_dropped(qtbot: Any) -> None:
    runner = JobRunner()
    services = Services(runner, works={"advise": lambda ask: ask.plan.name})
    got: list[Any] = []
    services.advise(sample.plan(name="old"), got.append)
    services._start_waiting()
    services.advise(sample.plan(name="new"), got.append)
    qtbot.waitUntil(lambda: "new" in got, timeout=4000)
    assert got == ["new"]
    runner.shut_down()


def test_slow_questions_wait_for_the_hand_to_rest(qtbot: Any) -> None:
    runner = JobRunner()
    services = Services(runner, works={"advise": lambda ask: 1})
    got: list[Any] = []
    axis_hold().hold(True)
    services.advise(sample.plan(), got.append)
    qtbot.wait(250)
    assert not got
    axis_hold().hold(False)
    qtbot.waitUntil(lambda: got == [1], timeout=4000)
    runner.shut_down()


def test_work_leaves_at_its_next_part_and_queued_work_waits_while_a_slider_is_held(qtbot: Any) -> None:
    runner = JobRunner()
    begun: list[str] = []
    went_on = threading.Event()

    def work(ask: Ask) -> str:
        begun.append(ask.plan.name)
        while not ask.cancelled():
            went_on.wait(0.001)
        went_on.set()
        return "half done"

    services = Services(runner, works={"advise": work, "goal": lambda ask: begun.append("goal")})
    got: list[Any] = []
    services.advise(sample.plan(name="old"), got.append)
    services.goal(sample.plan(name="old"), {"days": 3.0}, got.append)
    services._start_waiting()
    qtbot.waitUntil(lambda: begun == ["old"], timeout=4000)
    axis_hold().hold(True)
    services.advise(sample.plan(name="new"), got.append)
    qtbot.wait(150)
    assert begun == ["old"], "nothing starts under the hand"
    assert not went_on.is_set(), "what nobody wants any more is not brought to an end"
    axis_hold().hold(False)
    qtbot.waitUntil(lambda: begun == ["old", "goal", "new"], timeout=4000)
    services.stop("advise")
    runner.shut_down()


@pytest.mark.parametrize("moved", [False, True])
def test_an_answer_that_comes_under_the_hand_is_shown_when_it_lets_go(qtbot: Any, moved: bool) -> None:
    runner = JobRunner()
    gate, done = threading.Event(), threading.Event()

    def work(ask: Ask) -> str:
        gate.wait(4)
        done.set()
        return ask.plan.name

    services = Services(runner, works={"advise": work})
    got: list[Any] = []
    services.advise(sample.plan(name="old"), got.append)
    services._start_waiting()
    qtbot.waitUntil(lambda: runner.busy("advise"), timeout=4000)
    qtbot.wait(30)
    axis_hold().hold(True)
    gate.set()
    qtbot.waitUntil(done.is_set, timeout=4000)
    qtbot.wait(60)
    assert got == []
    if moved:
        services.advise(sample.plan(name="new"), got.append)
    axis_hold().hold(False)
    qtbot.waitUntil(lambda: bool(got), timeout=4000)
    assert got == ["new" if moved else "old"]
    assert not services.at_work()
    runner.shut_down()


def test_a_question_nobody_can_answer_says_so() -> None:
    got: list[Any] = []
    Services(works={}).monte_carlo(sample.plan(), got.append)
    assert got == [None]
