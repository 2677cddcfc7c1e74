"""The steps of undo: what a gesture changed in the plans or in the project's own records, before and after.

The step being made keeps whole plans, as a drag goes on replacing them; once the next one begins it is settled and keeps
only the fields that differ. Hundreds of steps then weigh less than the window's icons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel
from PySide6.QtGui import QUndoCommand

from mitsumori.model.plan.plan import Plan

Fields = dict[str, tuple[object, object]]
"""Values before and after, by dotted path."""


@dataclass(frozen=True)
class State:
    """All scenarios and which one is shown."""

    plans: tuple[Plan, ...]
    active: int = 0

    @property
    def plan(self) -> Plan:
        """The plan shown."""
        return self.plans[self.active]

    def with_plan(self, plan: Plan, index: int | None = None) -> State:
        """Another plan in the place of the one shown, or of the one at ``index``."""
        at = self.active if index is None else index
        return State((*self.plans[:at], plan, *self.plans[at + 1 :]), self.active)

    def in_currency(self, code: str) -> State:
        """The same with every scenario's results in one currency; itself where they are."""
        if all(plan.money.currency == code for plan in self.plans):
            return self
        path = "money.currency"
        plans = (plan if plan.money.currency == code else plan.with_values({path: code}) for plan in self.plans)
        return State(tuple(plans), self.active)


def differing_fields(old: BaseModel, new: BaseModel, prefix: str = "") -> Fields:
    """The fields in which two plans (or parts of one kind) differ; a part that only one of them has counts as a field."""
    found: Fields = {}
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before is after or (type(before) is type(after) and before == after):
            continue
        if isinstance(before, BaseModel) and type(before) is type(after):
            found |= differing_fields(before, after, f"{prefix}{name}.")
        else:
            found[prefix + name] = before, after
    return found


class PlansStep(QUndoCommand):
    """A change of the plans.

    Parameters
    ----------
    read, show
        Give and take the state of the window.
    old, new
        The states around the change.
    text
        What the undo menu calls it.
    merge
        Which fields and which gesture; changes with the same are one step.
    """

    def __init__(
        self,
        read: Callable[[], State],
        show: Callable[[State], None],
        old: State,
        new: State,
        text: str,
        merge: tuple[str, int] | None,
    ) -> None:
        super().__init__(text)
        self._read, self._show = read, show
        self._whole: tuple[State, State] | None = (old, new)
        self._fields: tuple[int, int, Fields] | None = None
        self.merge = merge

    def extend(self, new: State) -> None:
        """The same gesture went on: undoing still returns to where it began."""
        assert self._whole is not None
        self._whole = self._whole[0], new

    def settle(self) -> None:
        """Keep only the fields that differ, where one scenario of the same ones changed."""
        if self._whole is None:
            return
        old, new = self._whole
        differing = [
            index for index, (one, other) in enumerate(zip(old.plans, new.plans, strict=False)) if one is not other
        ]
        if len(old.plans) == len(new.plans) and old.active == new.active and len(differing) == 1:
            (index,) = differing
            self._fields = new.active, index, differing_fields(old.plans[index], new.plans[index])
            self._whole = None

    def undo(self) -> None:
        """Show what was before."""
        self._go(0)

    def redo(self) -> None:
        """Show what was after."""
        self._go(1)

    def _go(self, side: int) -> None:
        if self._whole is not None:
            self._show(self._whole[side])
        elif self._fields is not None:
            active, index, fields = self._fields
            state = State(self._read().plans, active)
            plan = state.plans[index].with_values({path: values[side] for path, values in fields.items()}, exact=True)
            self._show(state.with_plan(plan, index))


class ContextStep(QUndoCommand):
    """A change of the project's own records and measured runs, or of its proposal."""

    def __init__(self, show: Callable[..., None], old: tuple[object, ...], new: tuple[object, ...], text: str) -> None:
        super().__init__(text)
        self._show, self._old, self._new = show, old, new

    def undo(self) -> None:
        """Take back what was before."""
        self._show(*self._old)

    def redo(self) -> None:
        """Take what was after."""
        self._show(*self._new)
