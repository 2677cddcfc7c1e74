"""Estimates beside the GUI thread: a drag that has layouts searched ends with the plan's own figures, whatever came between."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.estimating import estimate_plan
from mitsumori.gui.window import Window
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.estimate import run
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.run import layout_known
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.json_document import to_json
from tests.gui.windows import window


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    run._run.cache_clear()  # no layout was found by the test before
    yield
    axis_hold().hold(False)


class Watched:
    """The core, noting on which thread each plan was estimated; held back while ``gate`` is closed."""

    def __init__(self) -> None:
        self.beside: list[Plan] = []
        self.here: list[Plan] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, plan: Plan, **context: Any) -> Estimate:
        if threading.current_thread() is threading.main_thread():
            self.here.append(plan)
        else:
            self.beside.append(plan)
            assert self.gate.wait(20)
        return estimate_plan(plan, **context)


def press(made: Window, path: str) -> Any:
    """Take a slider's handle with the mouse."""
    slider = made.inputs.row(path).slider
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(slider, slider.scale().position(slider.current())))
    assert axis_hold().held
    return slider


def at(slider: Any, share: float) -> QPoint:
    left, right, y = slider._axis()
    return QPoint(round(left + (right - left) * share), round(y))


def painted(made: Window) -> dict[str, Any]:
    """What the cards say."""
    return {card.content().title: card.content() for card in made.headline.cards()}


@pytest.mark.parametrize("path", ["cluster.servers", "model.params", "parallel.seq_len"])
def test_at_every_release_of_a_slider_the_figures_are_those_of_a_direct_estimate(application, qtbot, path) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    if path == "model.params":
        made.apply({"model.preset": None, "model.params": 70e9})
    for places in ((0.2, 0.5, 0.35, 0.6), (0.62, 0.3), (0.9, 0.1, 0.45, 0.44, 0.43)):
        slider = press(made, path)
        for place in places:
            QTest.mouseMove(slider, at(slider, place))
            QApplication.processEvents()
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(slider, places[-1]))
        assert not made.store.stale
        shown, plan = made.store.estimate, made.store.plan
        direct = estimate(plan, today=dt.date.today())
        assert to_json(shown, plan) == to_json(direct, plan)
        made.headline._changed.forget()
        before = painted(made)
        made.headline.set_result(plan, direct, None if made.store.reference is None else made.store.reference[1])
        assert painted(made) == before
    assert core.beside, "the drag had a layout searched, and that was not on the window's thread"


def test_the_slider_goes_on_while_a_layout_is_searched_and_no_older_answer_is_shown(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    answered: list[int] = []
    made.store.estimate_changed.connect(lambda plan, _: answered.append(plan.cluster.servers))
    first = made.store.estimate
    core.gate.clear()
    slider = press(made, "cluster.servers")
    slider._announce(12)
    qtbot.waitUntil(lambda: [plan.cluster.servers for plan in core.beside] == [12])
    assert made.store.stale
    assert made.store.estimate is first
    assert made.inputs.row("cluster.servers").edit.text() == "12", "the input is shown at once"
    slider._announce(20)  # within the time in which figures may lag
    made.store._compute()
    core.gate.set()
    qtbot.waitUntil(lambda: not made.store.stale)
    assert answered == [20]
    assert made.store.estimate.training.days.value == estimate(made.store.plan).training.days.value


def test_figures_that_wait_for_their_plan_say_so(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    """After a fifth of a second, by a badge and in grey; they are those of the plan before."""
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    cards = made.headline.cards()
    verdicts = [card.badge._label for card in cards]
    core.gate.clear()
    slider = press(made, "cluster.servers")
    slider._announce(12)
    qtbot.waitUntil(lambda: bool(core.beside))
    assert [card.badge._label for card in cards] == verdicts
    qtbot.waitUntil(lambda: {card.badge._label for card in cards} == {"Computing"}, timeout=5000)
    core.gate.set()
    qtbot.waitUntil(lambda: not made.store.stale)
    assert "Computing" not in {card.badge._label for card in cards}


def test_a_drag_faster_than_the_search_still_shows_figures(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    core.gate.clear()
    slider = press(made, "cluster.servers")
    slider._announce(12)
    qtbot.waitUntil(lambda: bool(core.beside))
    qtbot.wait(150)
    slider._announce(13)
    qtbot.waitUntil(lambda: not made.store.stale)
    assert core.here[-1].cluster.servers == 13
    core.gate.set()


@pytest.mark.parametrize("act", ["export", "save", "tab.compare", "undo"])
def test_an_action_during_a_search_finds_the_figures_of_the_plan_shown(application, qtbot, monkeypatch, act) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    monkeypatch.setattr("mitsumori.gui.dialogs.export.start_export", lambda w: seen.append(w.store.stale))
    monkeypatch.setattr(made.files, "save", lambda: seen.append(made.store.stale))
    seen: list[bool] = []
    core.gate.clear()
    slider = press(made, "cluster.servers")
    slider._announce(12)
    qtbot.waitUntil(lambda: bool(core.beside))
    made.trigger(act)
    core.gate.set()
    if act in ("export", "save"):
        assert seen == [False]
    qtbot.waitUntil(lambda: not made.store.stale)
    assert made.store.plan.cluster.servers == (8 if act == "undo" else 12)
    plan = made.store.plan
    assert to_json(made.store.estimate, plan) == to_json(estimate(plan, today=dt.date.today()), plan)


def test_without_a_hand_on_a_slider_nothing_is_made_beside(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    made.apply({"cluster.servers": 12})
    qtbot.waitUntil(lambda: not made.store.stale)
    made.store.undo_stack.undo()
    qtbot.waitUntil(lambda: not made.store.stale)
    assert not core.beside


def test_a_plan_that_is_refused_beside_is_said_and_the_last_result_stays(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = Watched()
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=core)
    good = made.store.estimate
    told: list[str] = []
    made.store.failed.connect(told.append)

    def refuse(plan: Plan, **context: Any) -> Estimate:
        raise Refusal("It cannot be done.")

    made.store._estimator = refuse
    slider = press(made, "cluster.servers")
    slider._announce(12)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["It cannot be done."]
    assert made.store.estimate is good
    assert made.store.stale


def test_a_layout_is_known_once_it_was_searched_or_where_it_is_given() -> None:
    plan = load_sample("llama3-70b-continual").plans[0].with_values({"cluster.servers": 37})
    assert not layout_known(plan)
    estimate(plan)
    assert layout_known(plan)
    assert layout_known(plan.with_values({"workload.tokens": 5e9, "money.horizon_months": 36}))
    assert not layout_known(plan.with_values({"parallel.seq_len": 16384}))
    assert layout_known(plan.with_values({"parallel.auto": False}))
