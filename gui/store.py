"""``PlanStore``: the one place where the window's plans live.

Plans are immutable; a change is one undo command that holds the state before and after, merged while a drag lasts. The
estimate follows by a 0 ms single-shot timer, so a burst of changes computes once. A refused input changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from mitsumori.gui.estimating import Estimator, estimate_plan
from mitsumori.gui.project_parts import ProjectParts
from mitsumori.gui.undo import PlansStep, State
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.plan.exchange import completed, followed
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import MAX_PLANS, Project
from mitsumori.model.plan.scheduled import scheduled

if TYPE_CHECKING:
    from typing import Unpack

    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.project import ProjectContext

logger = logging.getLogger(__name__)

UNDO_STEPS = 500
"""Gestures that can be undone."""


class PlanStore(ProjectParts):
    """Scenarios, undo, and the estimate of the plan shown.

    Signals
    -------
    plan_changed
        ``(old, new)``; the plan shown is another one.
    estimate_changed
        ``(plan, estimate)``; results that belong to the plan.
    failed
        ``(message)``; the estimate could not be made, the last good one stays.
    scenarios_changed
        Names, number or choice of the scenarios changed.
    exchanged
        ``(paths)``; with another server or instance these inputs changed without being asked for.
    """

    plan_changed = Signal(object, object)
    scenarios_changed = Signal()
    exchanged = Signal(object)

    def __init__(
        self, plan: Plan | None = None, estimator: Estimator = estimate_plan, parent: QObject | None = None
    ) -> None:
        super().__init__(UNDO_STEPS, parent)
        self._estimator = estimator
        self._state = State((plan or Plan(),))
        self._currency: str = self._state.plan.money.currency
        self._estimates: dict[int, tuple[Plan, Estimate | None]] = {}
        self._shown: tuple[Plan, Estimate] | None = None
        self._pinned: tuple[Plan, Estimate] | None = None
        self._before: tuple[Plan, Estimate] | None = None
        self._good: tuple[Plan, Estimate] | None = None
        self._gesture: tuple[str, int] | None = None
        self._top: PlansStep | None = None

    # --- reading

    @property
    def plan(self) -> Plan:
        """The plan shown."""
        return self._state.plan

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All scenarios."""
        return self._state.plans

    @property
    def active(self) -> int:
        """Index of the scenario shown."""
        return self._state.active

    @property
    def estimate(self) -> Estimate | None:
        """The last good estimate, of the plan shown unless ``stale``."""
        return None if self._shown is None else self._shown[1]

    @property
    def estimated(self) -> Plan:
        """The plan that :attr:`estimate` belongs to: the last good one where the plan as it stands is refused."""
        return self.plan if self._shown is None else self._shown[0]

    @property
    def stale(self) -> bool:
        """Whether the estimate shown is not (yet) that of the plan shown."""
        return self._shown is None or self._shown[0] is not self.plan

    @property
    def reference(self) -> tuple[str, Estimate] | None:
        """What differences are measured against, with a name: the pinned result, scenario A, or before the change."""
        if self._pinned is not None:
            return self._pinned[0].name, self._pinned[1]
        if self.active > 0:
            first = self.estimate_of(0)
            return None if first is None else ("A", first)
        return None if self._before is None else ("", self._before[1])

    @property
    def pinned(self) -> bool:
        """Whether a result is pinned."""
        return self._pinned is not None

    @property
    def currency(self) -> str:
        """The currency in which every scenario's results are shown."""
        return self._currency

    def show_in(self, code: str) -> None:
        """Show all results in a currency: a view of all scenarios, no change of any, so no step of undo.

        What was pinned, and what a change is measured against, is worked out anew in it.
        """
        if code == self._currency:
            return
        self._currency = code
        again = [kept and State((kept[0],)).in_currency(code).plan for kept in (self._pinned, self._before)]
        self._show(self._state)
        self._pinned, self._before = (None if plan is None else self._estimated(plan) for plan in again)
        self.scenarios_changed.emit()

    def _estimated(self, plan: Plan) -> tuple[Plan, Estimate] | None:
        try:
            return plan, self.compute(plan)
        except Refusal:
            return None

    def estimate_of(self, index: int) -> Estimate | None:
        """The estimate of a scenario, remembered while its plan stays the same; None when its plan is refused."""
        plan = self.plans[index]
        known = self._estimates.get(index)
        if known is None or known[0] is not plan:
            try:
                known = plan, self.compute(plan)
            except Refusal:
                known = plan, None
            self._estimates[index] = known
        return known[1]

    def compute(self, plan: Plan, **other: Unpack[ProjectContext]) -> Estimate:
        """The estimate of any plan with this project's own records and corrections, or ``other`` ones; thread-safe."""
        return self.question(plan)(**other)

    def question(self, plan: Plan) -> Callable[..., Estimate]:
        """What makes the estimate of a plan with this project's records and corrections of now, on any thread."""
        return partial(self._estimator, scheduled(plan, self._calendar), **self.context())

    def project(self) -> Project:
        """Everything as a project, to be saved."""
        return Project(
            plans=self.plans, active=self.active, catalogue=self._catalogue, corrections=self._corrections,
            proposal=self._proposal, calendar=self._calendar,
        )  # fmt: skip

    # --- changing

    def load(self, project: Project) -> None:
        """Show a project that was opened; undo starts anew."""
        old = self.plan
        self._load_parts(project)
        self._estimates.clear()
        self._shown = self._good = self._pinned = self._before = None
        self._state = State(project.plans, project.active)
        self._currency = self._state.plan.money.currency
        self._state = self._state.in_currency(self._currency)
        self._top = None
        self.undo_stack.clear()
        self.scenarios_changed.emit()
        self.plan_changed.emit(old, self.plan)
        self._soon()

    def set_values(self, changes: Mapping[str, object], text: str = "", gesture: int | None = None) -> PlanError | None:
        """Change fields of the plan shown.

        Parameters
        ----------
        changes
            Dotted paths and values. What belongs to a server or an instance goes and comes with it in the same step
            (:mod:`model.plan.exchange`).
        text
            What the undo menu calls it.
        gesture
            Number of a drag; changes of the same fields with the same number are one undo step.

        Returns
        -------
        PlanError or None
            Why it was refused; then nothing changed.
        """
        if changes.get("money.currency") in ("JPY", "USD"):
            self.show_in(str(changes["money.currency"]))
            changes = {path: value for path, value in changes.items() if path != "money.currency"}
            if not changes:
                return None
        asked, changes = changes, completed(changes, self.plan, self.catalogue)
        try:
            plan = self.plan.with_values(changes)
        except PlanError as error:
            return error
        if plan == self.plan:
            return None
        merge = None if gesture is None else (",".join(sorted(changes)), gesture)
        if merge is None or merge != self._gesture:
            self._before = self._shown
        self._gesture = merge
        moved = followed(self.plan, plan, asked)
        self._push(self._state.with_plan(plan), text, merge)
        if gesture is None:
            self.committed.emit()
        if moved:
            self.exchanged.emit(moved)
        return None

    def replace_plan(self, plan: Plan, text: str) -> None:
        """Put another plan in the place of the one shown: one undo step."""
        if plan != self.plan:
            self._before, self._gesture = self._shown, None
            self._push(self._state.with_plan(plan), text, None)
            self.committed.emit()

    def end_gesture(self) -> None:
        """A drag ended."""
        self._gesture = None
        self.committed.emit()

    def add_scenario(self, plan: Plan | None = None, name: str = "") -> bool:
        """Add a copy of the plan shown (or ``plan``) as the next scenario and show it; False when there is no room."""
        if len(self.plans) >= MAX_PLANS:
            return False
        added = (plan or self.plan).with_values({"name": name} if name else {})
        text = QCoreApplication.translate("Undo", "Add scenario")
        self._push(State((*self.plans, added), len(self.plans)), text, None)
        self.committed.emit()
        return True

    def remove_scenario(self, index: int) -> None:
        """Remove a scenario; the last one stays."""
        if len(self.plans) < 2:
            return
        plans = self.plans[:index] + self.plans[index + 1 :]
        active = min(self.active - (self.active > index), len(plans) - 1)
        self._push(State(plans, active), QCoreApplication.translate("Undo", "Remove scenario"), None)
        self.committed.emit()

    def rename_scenario(self, index: int, name: str) -> PlanError | None:
        """Give a scenario another name."""
        try:
            plan = self.plans[index].with_values({"name": name.strip()})
        except PlanError as error:
            return error
        text = QCoreApplication.translate("Undo", "Rename scenario")
        self._push(self._state.with_plan(plan, index), text, None)
        self.committed.emit()
        return None

    def _before_step(self) -> None:
        self._before = self._shown

    def _estimates_are_old(self) -> None:
        self._estimates.clear()
        self._soon()

    def activate(self, index: int) -> None:
        """Show another scenario; not an undo step, it changes no plan."""
        if index != self.active and 0 <= index < len(self.plans):
            self._show(replace(self._state, active=index))

    def pin(self, on: bool) -> None:
        """Pin the results shown, as what later ones are compared with."""
        self._pinned = self._shown if on else None
        self.committed.emit()

    def _push(self, state: State, text: str, merge: tuple[str, int] | None) -> None:
        # Qt's own merging (mergeWith) keeps the Python side of every merged command alive: a drag would leak its plans.
        stack, top = self.undo_stack, self._top
        last = top is not None and stack.count() > 0 and stack.index() == stack.count() and not stack.isClean()
        if merge is not None and last and top is not None and top.merge == merge:
            top.extend(state)
            self._show(state)
            return
        if top is not None:
            top.settle()
        self._top = PlansStep(lambda: self._state, self._show, self._state, state, text, merge)
        stack.push(self._top)

    def _show(self, state: State) -> None:
        state = state.in_currency(self._currency)  # a step of undo may have been made in the other
        old_state, self._state = self._state, state
        names = [plan.name for plan in old_state.plans] != [plan.name for plan in state.plans]
        if names or old_state.active != state.active:
            self.scenarios_changed.emit()
        if old_state.plan is not state.plan:
            self.plan_changed.emit(old_state.plan, state.plan)
        self._soon()

    def _take(self, plan: Plan, estimate: Estimate) -> None:
        self._good, self._shown = self._shown, (plan, estimate)
        self._estimates[self.active] = self._shown
        self.estimate_changed.emit(plan, estimate)

    def withdraw(self, message: str) -> None:
        """The newest estimate cannot be shown: the one before it stays the last good one, and ``failed`` says why."""
        self._shown = self._good
        self._estimates[self.active] = self.plan, None
        self.failed.emit(message)
