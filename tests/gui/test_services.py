"""The tabs' questions: every asker is answered, and what belongs to another plan keeps nobody waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mitsumori.gui.jobs import JobRunner
from mitsumori.gui.services import Ask, Services
from mitsumori.model.plan.plan import Plan


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
