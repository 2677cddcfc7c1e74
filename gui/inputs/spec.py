"""What an input row is: the entries of the table in :mod:`gui.inputs.fields`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs.choices import Choices, word
from mitsumori.gui.inputs.slider_scale import scale_of
from mitsumori.gui.widgets.scale import Scale
from mitsumori.gui.words.translation import language
from mitsumori.model.base import messages
from mitsumori.model.base.format import sign_of, significant
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.inputs import Input, Slider, Unit, input_of
from mitsumori.model.plan.plan import Plan

Kind = Literal["slider", "number", "choice", "switch", "date", "text", "layout"]
When = Callable[[Plan], bool]


def always(plan: Plan) -> bool:
    """True for any plan."""
    return True


@dataclass(frozen=True)
class Field:
    """One row: an input of the plan, and what only the window knows about it.

    Labels, unit, bounds, slider, whether it may stay open and whether it is internal come from the table of inputs
    (:mod:`model.plan.inputs`), read when a row first needs them.

    Attributes
    ----------
    path
        Dotted plan path.
    choices
        The list of a choice that depends on the plan or the catalogue; the input's own words where None.
    unit_of
        A unit that depends on the plan; it comes translated.
    shown_when, enabled_when
        For which plans the row is there, and when it can be changed; ``disabled_reason`` says why not (context ``Fields``).
    more
        Behind "More" of its group.
    also
        Further paths to set with a new value (a preset clears the typed size).
    follows
        Paths whose values decide the list of a choice, which is built anew when they move.
    only_if_several
        The row is there only where its list leaves a choice.
    searched
        A long list, opened with headings and a search field (:mod:`gui.inputs.found`).
    tiles
        A few choices that are all seen, as buttons over the whole width.
    key
        Letter that moves the focus here together with Alt.
    title
        The label of a row that is no input but shows something (context ``Fields``).
    counted, slider
        Another unit and slider than the table's.
    reads, shows
        The value of a row that two inputs share (a deadline: a day or days), and how a value is written.
    """

    path: str
    choices: Choices | None = None
    unit_of: Callable[[Plan, Catalogue], str] | None = None
    shown_when: When = always
    enabled_when: When = always
    disabled_reason: str = ""
    more: bool = False
    also: Callable[[object], dict[str, object]] | None = None
    follows: tuple[str, ...] = ()
    only_if_several: bool = False
    searched: bool = False
    tiles: bool = False
    key: str = ""
    title: str = ""
    counted: Unit | None = None
    slider: Slider | None = None
    digits: int = 4
    reads: Callable[[Plan], Any] | None = None
    shows: Callable[[Any], str] | None = None

    @cached_property
    def item(self) -> Input | None:
        """The entry of the table of inputs; None for a row that only shows something."""
        return None if self.title else input_of(self.path)

    @cached_property
    def kind(self) -> Kind:
        """What the row shows it with."""
        item = self.item
        if item is None:
            return "layout"
        if self.choices is not None or item.kind == "choice":
            return "choice"
        if item.kind in ("number", "whole"):
            return "slider" if self.axis is not None else "number"
        return "switch" if item.kind == "switch" else "date" if item.kind == "date" else "text"

    @cached_property
    def axis(self) -> Scale | None:
        """The slider's scale, in shown values."""
        slider = self.slider or (None if self.item is None else self.item.slider)
        return None if slider is None else scale_of(slider, integer=self.item is not None and self.item.kind == "whole")

    @cached_property
    def unit(self) -> Unit:
        """The unit in which it is shown and typed."""
        return self.counted or (Unit({}) if self.item is None else self.item.shown)

    @cached_property
    def scale(self) -> float:
        """Shown value times ``scale`` is the plan's value (1e9 for billions, 0.01 for per cent)."""
        return self.unit.scale

    @cached_property
    def integer(self) -> bool:
        """Shown without decimals."""
        return self.item is not None and self.item.whole

    @cached_property
    def optional(self) -> bool:
        """A typed field that may be emptied: the standard value counts then, or it is unknown where there is none."""
        return self.item is not None and self.item.optional and self.kind not in ("choice", "switch")

    @cached_property
    def internal(self) -> bool:
        """Purchase price, discount, margin: never on screen while presenting."""
        return self.item is not None and self.item.internal

    @cached_property
    def currency(self) -> str:
        """Path of the currency whose sign the unit shows (amounts of money)."""
        return "" if self.item is None else self.item.currency

    @cached_property
    def part(self) -> str:
        """The part of the plan that holds the value; empty where the row also depends on other parts."""
        part = self.path.partition(".")[0]
        alone = self.enabled_when is always and self.unit_of is None and not self.currency
        return part if alone and all(path.startswith(f"{part}.") for path in self.follows) else ""

    def label(self) -> str:
        """Its name in the language of the window."""
        return QCoreApplication.translate("Fields", self.title) if self.item is None else self.item.label(language())

    def unit_name(self) -> str:
        """The unit in the language of the window, without a currency's sign; empty where there is none."""
        return self.unit.name(language())

    def unit_in(self, plan: Plan, catalogue: Catalogue) -> str:
        """The unit beside the value in a plan: where it depends on the plan, or with the sign of its currency."""
        if self.unit_of is not None:
            return self.unit_of(plan, catalogue)
        if self.item is None or not self.currency:
            return self.unit_name()
        return sign_of(self.item.currency_in(plan.value), language()) + self.unit_name()

    def listed(self, plan: Plan, catalogue: Catalogue) -> Sequence[tuple[object, str]]:
        """What a choice offers: values and how they are called."""
        if self.choices is not None:
            return self.choices(plan, catalogue)
        return [] if self.item is None else [(value, word(value)) for value in self.item.choices]

    def offered(self, plan: Plan, catalogue: Catalogue) -> bool:
        """Whether the row is there for a plan."""
        return self.shown_when(plan) and (not self.only_if_several or len(self.listed(plan, catalogue)) > 1)

    def shown(self, value: Any) -> str:
        """The plan's value as the field shows it."""
        if value is None:
            return ""
        if self.shows is not None:
            return self.shows(value)
        if self.kind in ("date", "text"):
            return str(value)
        number = float(value) / self.scale
        return f"{number:,.0f}" if self.integer else significant(number, self.digits, trim=True)

    def spoken(self, value: object, unit: str) -> str:
        """The plan's value with its unit as people read it aloud; ``unit`` is the one shown beside it."""
        said = self.unit.spoken(language())
        words = f"{said} {unit}" if said and self.unit_of is not None else said or unit
        glue = "" if words[:1] in ("億", "兆", "万") else " "
        return f"{self.shown(value)}{glue}{words}".strip()

    def with_unit(self, value: object, unit: str | None = None) -> str:
        """The plan's value as the field shows it, with its unit (``unit`` where that depends on the plan)."""
        return messages.with_unit(self.shown(value), self.unit_name() if unit is None else unit, language())


@dataclass(frozen=True)
class Group:
    """A foldable section of the pane; ``summary`` is shown while it is folded, ``shown_when`` says which plans have it."""

    key: str
    title: str
    icon: str
    fields: tuple[Field, ...]
    open_at_first: bool = True
    shown_when: When = always
