"""A window for tests: on the hand-made estimate (quick) or on the real core."""

from __future__ import annotations

from typing import Any

from mitsumori.gui.store import PlanStore
from mitsumori.gui.window import Window
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project
from tests.gui import sample_estimate


def window(qtbot: Any, *plans: Plan, estimator: Any = None, size: tuple[int, int] = (1600, 1000)) -> Window:
    """A shown window on plans; the hand-made estimate unless an estimator is given."""
    plans = plans or (sample_estimate.plan(),)
    store = PlanStore(plans[0], estimator or (lambda plan, **context: sample_estimate.estimate()))
    made = Window(store)
    store.setParent(made)
    made.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    qtbot.addWidget(made, before_close_func=lambda w: w.jobs.shut_down())
    made.resize(*size)
    made.open_project(Project(plans=plans))
    made.show()
    qtbot.waitUntil(lambda: made.store.estimate is not None, timeout=10_000)
    qtbot.wait(20)
    return made
