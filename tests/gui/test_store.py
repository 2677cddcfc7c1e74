"""The plan store: one undo step a gesture, one computation a burst, refusals change nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from mitsumori.gui.store import PlanStore
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project
from tests.gui.sample_estimate import TOO_LARGE, changed, estimate, plan
from tests.gui.windows import window


class Counting:
    """An estimator that counts."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.refuse = False

    def __call__(self, asked: Plan, **context: Any) -> Estimate:
        self.plans.append(asked)
        if self.refuse:
            raise Refusal("It cannot be done.")
        return estimate()


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def store(counting: Counting) -> PlanStore:
    return PlanStore(plan(), counting)


def test_a_burst_of_changes_is_computed_once(store: PlanStore, counting: Counting, qtbot) -> None:  # type: ignore[no-untyped-def]
    with qtbot.waitSignal(store.estimate_changed):
        for tokens in range(1, 11):
            store.set_values({"workload.tokens": tokens * 1e9}, gesture=1)
    assert len(counting.plans) == 1
    assert counting.plans[0].workload.tokens == 10e9


@pytest.mark.parametrize("seconds", [0.0, 0.02])
def test_a_quick_estimate_is_in_the_painting_of_its_input_and_a_slow_one_follows_it(  # type: ignore[no-untyped-def]
    qtbot, seconds: float
) -> None:
    pause, ready = [0.0], estimate()

    def estimator(asked: Plan, **context: Any) -> Estimate:
        time.sleep(pause[0])
        return ready

    shown = window(qtbot, estimator=estimator)
    store = shown.store
    pause[0] = seconds
    store.compute_now()
    answered: list[Plan] = []
    store.estimate_changed.connect(lambda asked, _: answered.append(asked))
    store.set_values({"workload.tokens": 3e9}, gesture=1)
    assert answered == []
    QApplication.sendEvent(shown, QEvent(QEvent.Type.UpdateRequest))  # what Qt sends before it paints
    assert bool(answered) == (seconds == 0.0)
    qtbot.waitUntil(lambda: answered == [store.plan])
    QApplication.sendEvent(shown, QEvent(QEvent.Type.UpdateRequest))
    assert answered == [store.plan], "nothing is computed twice"


def test_a_held_store_computes_what_was_asked_for_when_it_is_released(
    store: PlanStore, counting: Counting, qtbot
) -> None:  # type: ignore[no-untyped-def]
    store.set_values({"workload.tokens": 1e9})
    store.hold(True)
    store.set_values({"workload.tokens": 2e9})
    qtbot.wait(20)
    assert counting.plans == []
    with qtbot.waitSignal(store.estimate_changed):
        store.hold(False)
    assert [asked.workload.tokens for asked in counting.plans] == [2e9]


def test_releasing_a_store_that_nobody_asked_computes_nothing(store: PlanStore, counting: Counting, qtbot) -> None:  # type: ignore[no-untyped-def]
    store.hold(True)
    store.hold(False)
    qtbot.wait(20)
    assert counting.plans == []


def test_a_drag_is_one_undo_step(store: PlanStore) -> None:
    start = store.plan
    for tokens in range(1, 11):
        store.set_values({"workload.tokens": tokens * 1e9}, gesture=7)
    store.end_gesture()
    for servers in (9, 10):
        store.set_values({"cluster.servers": servers}, gesture=8)
    assert store.undo_stack.count() == 2
    store.undo_stack.undo()
    assert store.plan.cluster.servers == 8
    assert store.plan.workload.tokens == 10e9
    store.undo_stack.undo()
    assert store.plan == start


def test_a_refused_value_changes_nothing_and_says_why(store: PlanStore) -> None:
    before = store.plan
    error = store.set_values({"cluster.servers": 0})
    assert error is not None
    assert error.problems[0].field == "cluster.servers"
    assert store.plan is before
    assert store.undo_stack.count() == 0


def test_the_last_good_estimate_stays_when_the_next_cannot_be_made(store: PlanStore, counting: Counting) -> None:
    store.compute_now()
    good = store.estimate
    said: list[str] = []
    store.failed.connect(said.append)
    counting.refuse = True
    store.set_values({"cluster.servers": 9})
    store.compute_now()
    assert store.estimate is good
    assert store.stale
    assert said == ["It cannot be done."]


def test_a_result_for_an_older_plan_is_dropped(store: PlanStore) -> None:
    store.compute_now()
    old, shown = store.plan, store.estimate
    store.set_values({"cluster.servers": 16})
    other = changed(TOO_LARGE)
    assert not store.deliver(old, other)
    assert store.estimate is shown
    assert store.deliver(store.plan, other)


def test_scenarios_are_copied_renamed_removed_and_undone(store: PlanStore) -> None:
    start = store.plans
    assert store.add_scenario(name="Cold plate")
    assert store.active == 1
    store.set_values({"facility.cooling": "rear_door_cold_plate"})
    assert store.plans[0].facility.cooling == "rear_door"
    store.rename_scenario(1, "Denser")
    assert [item.name for item in store.plans][1] == "Denser"
    store.remove_scenario(1)
    assert len(store.plans) == 1
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
    assert store.plans == start


def test_differences_are_against_scenario_a_or_what_is_pinned(store: PlanStore) -> None:
    store.compute_now()
    pinned = store.estimate
    store.pin(True)
    store.set_values({"cluster.servers": 16})
    store.compute_now()
    assert store.reference is not None
    assert store.reference[1] is pinned
    store.pin(False)
    store.add_scenario(name="B")
    assert store.reference is not None
    assert store.reference[0] == "A"


def test_loading_starts_undo_anew(store: PlanStore) -> None:
    store.set_values({"cluster.servers": 16})
    store.load(Project(plans=(plan(), plan(cluster__servers=3)), active=1))
    assert store.plan.cluster.servers == 3
    assert not store.undo_stack.canUndo()
    assert store.estimate is None


CHANGES = st.one_of(
    st.tuples(st.just("workload.tokens"), st.floats(1e6, 1e14)),
    st.tuples(st.just("cluster.servers"), st.integers(-2, 3000)),
    st.tuples(st.just("facility.pue"), st.none() | st.floats(0.5, 4)),
    st.tuples(st.just("money.cloud.price_per_hour"), st.none() | st.floats(-1, 500)),
    st.tuples(st.just("add"), st.just(None)),
    st.tuples(st.just("remove"), st.integers(0, 3)),
    st.tuples(st.just("show"), st.integers(0, 3)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, max_size=25))
def test_undoing_everything_returns_to_the_start_and_redoing_to_the_end(changes: list[tuple[str, Any]]) -> None:
    store = PlanStore(plan(), Counting())
    start = store.plans
    for gesture, (path, value) in enumerate(changes):
        if path == "add":
            store.add_scenario()
        elif path == "remove":
            store.remove_scenario(min(value, len(store.plans) - 1))
        elif path == "show":
            store.activate(min(value, len(store.plans) - 1))
        else:
            store.set_values({path: value}, gesture=gesture // 3)
    end = store.plans
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
    assert store.plans == start
    while store.undo_stack.canRedo():
        store.undo_stack.redo()
    assert store.plans == end
