"""How the window has estimates made: by the core, or beside the GUI thread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate

Estimator = Callable[..., "Estimate"]
"""Takes a plan, and ``catalogue`` and ``corrections`` where the project brings its own."""


def estimate_plan(plan: Plan, **context: Any) -> Estimate:
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
