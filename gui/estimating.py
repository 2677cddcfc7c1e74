"""How the window has estimates made: by the core, or beside the GUI thread."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from mitsumori.gui.words.translation import error_words
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from typing import Unpack

    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.project import ProjectContext

logger = logging.getLogger(__name__)

QUICK_S = 0.006
"""An estimate that took less is made in the same round as the painting of its input."""

Estimator = Callable[..., "Estimate"]
"""Takes a plan, and ``catalogue`` and ``corrections`` where the project brings its own."""


def estimate_plan(plan: Plan, **context: Unpack[ProjectContext]) -> Estimate:
    """The one way into the core, imported when the first estimate is asked for."""
    from mitsumori.model.estimate.estimate import estimate

    return estimate(plan, today=dt.date.today(), **context)


class Beside(Protocol):
    """Makes estimates on another thread (:class:`gui.beside.EstimateBeside`)."""

    def wants(self, plan: Plan) -> bool:
        """Whether the estimate of a plan is left to it now."""

    def begin(self, plan: Plan) -> None:
        """Make an estimate; it comes by :meth:`PlanStore.deliver`."""

    def leave(self) -> bool:
        """Give up what is under way; whether there was something."""


class Estimating(QObject):
    """Has the estimate of a plan made: in the next round of the event loop, beside the window's thread, or at once.

    A subclass says which plan that is and makes estimates.

    Signals
    -------
    estimate_changed
        ``(plan, estimate)``; results that belong to the plan.
    failed
        ``(message)``; the estimate could not be made, the last good one stays.
    """

    estimate_changed = Signal(object, object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._compute)
        self.beside: Beside | None = None
        """Takes over what would hold up the hand on a slider; the window sets it."""
        self._held = self._wanted = False
        self.quick = False
        """Whether the last estimate took no longer than :data:`QUICK_S`."""

    @property
    def plan(self) -> Plan:
        """The plan shown."""
        raise NotImplementedError

    @property
    def stale(self) -> bool:
        """Whether the estimate shown is not (yet) that of the plan shown."""
        raise NotImplementedError

    def compute(self, plan: Plan, **other: Unpack[ProjectContext]) -> Estimate:
        """The estimate of a plan, thread-safe."""
        raise NotImplementedError

    def _take(self, plan: Plan, estimate: Estimate) -> None:
        """Keep the estimate of the plan shown, and tell of it."""
        raise NotImplementedError

    def hold(self, on: bool) -> None:
        """While held, what is asked for is not computed by itself; releasing computes it (``compute_now`` always does)."""
        self._held = on
        if on and self._timer.isActive():
            self._timer.stop()
            self._wanted = True
        elif not on and self._wanted:
            self._soon()

    def _soon(self) -> None:
        """Compute in the next round of the event loop, once for all changes until then."""
        self._wanted = self._held
        if not self._held:
            self._timer.start()

    def catch_up(self) -> None:
        """Compute what waits if the last time was quick: called before a painting, which then shows input and answer."""
        if self.quick and self._timer.isActive() and not (self.beside and self.beside.wants(self.plan)):
            self.compute_now()

    def finish(self) -> None:
        """The estimate of the plan shown, now, where it is still being made: figures are wanted, or the hand let go."""
        if self.stale and self.beside is not None and self.beside.leave():
            self.compute_now()

    def _compute(self) -> None:
        """The estimate of the plan shown: here, or on another thread where it would hold up the hand on a slider."""
        if self.beside is not None and self.beside.wants(self.plan):
            self.beside.begin(self.plan)
        else:
            self.compute_now()

    def compute_now(self) -> None:
        """Make the estimate of the plan shown; on failure the last good one stays and ``failed`` says why."""
        self._timer.stop()
        self._wanted = False
        if self.beside is not None:
            self.beside.leave()
        plan = self.plan
        begun = time.perf_counter()
        try:
            estimate = self.compute(plan)
        except Exception as problem:
            self.refuse(problem)
            return
        self.deliver(plan, estimate, time.perf_counter() - begun)

    def refuse(self, problem: BaseException) -> None:
        """The estimate of the plan shown could not be made: the last good one stays and ``failed`` says why."""
        if isinstance(problem, Refusal):
            self.failed.emit(error_words(problem))
        else:
            logger.error("the estimate failed", exc_info=problem)
            self.failed.emit(f"{type(problem).__name__}: {problem}")

    def deliver(self, plan: Plan, estimate: Estimate, took_s: float = 0.0) -> bool:
        """Take the result of a plan; False (dropped) when the plan shown is another by now.

        Parameters
        ----------
        plan, estimate
            What was asked, and what was found.
        took_s
            How long it took, which decides how the next one is made.
        """
        if plan is not self.plan:
            return False
        self.quick = took_s < QUICK_S
        self._take(plan, estimate)
        return True
