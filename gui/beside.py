"""The estimate beside the GUI thread: a drag that has layouts searched goes on while they are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.jobs import JobContext, JobRunner
from mitsumori.gui.store import PlanStore
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate

LATEST_S: Final = 0.1
"""Figures follow the hand no later than this: then the next estimate is made at once, whatever it holds up."""
LATE_MS: Final = 200
"""Figures that wait longer for their plan say that they are those of the plan before."""
_KEY: Final = "estimate"


class EstimateBeside(QObject):
    """Makes the estimates of a store on a thread of its own while a slider is held and a layout has to be searched.

    The input is painted at once and the results when they are there: all of one plan, and only of the plan shown. A newer
    plan takes the place of the one under way. Whoever wants figures (the end of the drag, an action) has them made by
    :meth:`gui.store.PlanStore.finish`, so that nothing is exported, compared or printed that is not the plan's own.
    """

    late = Signal(bool)
    """The figures shown wait for those of the plan for a while now, or do no more."""

    def __init__(self, store: PlanStore, jobs: JobRunner) -> None:
        super().__init__(store)
        self._store, self._jobs = store, jobs
        self._since: float | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LATE_MS)
        self._timer.timeout.connect(lambda: self.late.emit(True))
        store.estimate_changed.connect(self._answered)
        store.failed.connect(self._answered)

    def _answered(self) -> None:
        if self._since is not None and not self._timer.isActive():
            self.late.emit(False)
        self._timer.stop()
        self._since = None

    def wants(self, plan: Plan) -> bool:
        """Whether the estimate of a plan is made here: a hand holds a slider, and would wait for it."""
        if not axis_hold().held or self._store.estimate is None:
            return False
        if self._since is not None and time.monotonic() - self._since > LATEST_S:
            return False
        return not self._store.quick or self._searches(plan)

    def _searches(self, plan: Plan) -> bool:
        from mitsumori.model.estimate.run import layout_known

        try:
            return not layout_known(plan, self._store.catalogue)
        except Refusal:  # it is said where the estimate is made
            return False

    def begin(self, plan: Plan) -> None:
        """Make an estimate; the store gets it unless it shows another plan by then."""
        if self._since is None:
            self._since = time.monotonic()
            self._timer.start()
        ask = self._store.question(plan)

        def work(context: JobContext) -> tuple[Estimate, float]:
            begun = time.perf_counter()
            return ask(between=context.check), time.perf_counter() - begun

        def done(answer: tuple[Estimate, float]) -> None:
            self._store.deliver(plan, *answer)

        def failed(problem: BaseException) -> None:
            if plan is self._store.plan:
                self._store.refuse(problem)

        self._jobs.start(_KEY, work, done, failed=failed, urgent=True)

    def leave(self) -> bool:
        """Give up the estimate under way; whether there was one."""
        was = self._jobs.busy(_KEY)
        self._jobs.cancel(_KEY)
        return was
