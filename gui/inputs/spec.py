"""What an input row is: the entries of the table in :mod:`gui.inputs.fields`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from mitsumori.gui.widgets.scale import Scale
from mitsumori.model.base.format import significant
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

Kind = Literal["slider", "number", "choice", "switch", "date", "text", "layout"]
Choices = Callable[[Plan, Catalogue], Sequence[tuple[Any, str]]]
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
    follows
        Paths whose values decide the list of a choice, which is built anew when they move.
    only_if_several
        The row is there only where its list leaves a choice.
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
    unit_of: Callable[[Plan, Catalogue], str] | None = None
    shown_when: When = always
    enabled_when: When = always
    disabled_reason: str = ""
    more: bool = False
    internal: bool = False
    also: Callable[[Any], dict[str, Any]] | None = None
    follows: tuple[str, ...] = ()
    only_if_several: bool = False
    key: str = ""
    digits: int = 4
    currency: str = ""
    """Path of the currency whose sign the unit shows (money fields)."""

    @cached_property
    def part(self) -> str:
        """The part of the plan that holds the value; empty where the row also depends on other parts."""
        part = self.path.partition(".")[0]
        alone = self.enabled_when is always and self.unit_of is None and not self.currency
        return part if alone and all(path.startswith(f"{part}.") for path in self.follows) else ""

    def offered(self, plan: Plan, catalogue: Catalogue) -> bool:
        """Whether the row is there for a plan."""
        if not self.shown_when(plan):
            return False
        return not self.only_if_several or self.choices is None or len(self.choices(plan, catalogue)) > 1

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
