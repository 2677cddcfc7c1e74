"""What an input row is: the entries of the table in :mod:`gui.inputs.fields`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from mitsumori.gui.widgets.scale import Scale
from mitsumori.model.base.format import significant
from mitsumori.model.plan.plan import Plan

Kind = Literal["slider", "number", "choice", "switch", "date", "text", "layout"]
Choices = Callable[[Plan], Sequence[tuple[Any, str]]]
When = Callable[[Plan], bool]


def always(plan: Plan) -> bool:
    """True for any plan."""
    return True


@dataclass(frozen=True)
class Field:
    """One input: where it lives in the plan, how it is shown and typed.

    Attributes
    ----------
    path
        Dotted plan path.
    label, unit
        English source texts (context ``Fields``), translated when shown; ``unit_of`` gives a unit that depends on the
        plan and comes translated.
    scale
        Shown value times ``scale`` is the plan's value (1e9 for billions, 0.01 for per cent).
    axis
        The slider's scale, in shown values.
    optional
        None is accepted and means the standard value, or unknown where there is none.
    shown_when, enabled_when
        For which plans the row is there, and when it can be changed; ``disabled_reason`` says why not.
    more
        Behind "More" of its group.
    internal
        Purchase price, discount, margin: never on screen while presenting.
    also
        Further paths to set with a new value (a preset clears the typed size).
    key
        Letter that moves the focus here together with Alt.
    """

    path: str
    label: str
    kind: Kind
    unit: str = ""
    scale: float = 1.0
    axis: Scale | None = None
    integer: bool = False
    optional: bool = False
    choices: Choices | None = None
    unit_of: Callable[[Plan], str] | None = None
    shown_when: When = always
    enabled_when: When = always
    disabled_reason: str = ""
    more: bool = False
    internal: bool = False
    also: Callable[[Any], dict[str, Any]] | None = None
    key: str = ""
    digits: int = 4
    currency: str = ""
    """Path of the currency whose sign the unit shows (money fields)."""

    @cached_property
    def part(self) -> str:
        """The part of the plan that holds the value; empty where the row also depends on other parts."""
        alone = self.enabled_when is always and self.unit_of is None and not self.currency
        return self.path.partition(".")[0] if alone else ""

    def shown(self, value: Any) -> str:
        """The plan's value as the field shows it."""
        if value is None:
            return ""
        if self.kind in ("date", "text"):
            return str(value)
        number = float(value) / self.scale
        return f"{number:,.0f}" if self.integer else significant(number, self.digits, trim=True)


@dataclass(frozen=True)
class Group:
    """A foldable section of the pane; ``summary`` is shown while it is folded."""

    key: str
    title: str
    icon: str
    fields: tuple[Field, ...]
    open_at_first: bool = True
