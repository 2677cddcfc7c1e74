"""The table of inputs: every field of a plan with its type, unit, bounds, choices, standard value, labels and help.

Types, bounds, choices and defaults are those of the plan's own pydantic fields; labels, units, help and what counts where a
field is left open stand in ``resources/inputs.toml``. The workbook's live cells, ``mitsumori fields``, the rows of the window
and their explanations are made from this table. A new input is a field of :mod:`model.plan.plan` and an entry of that file.
"""

from __future__ import annotations

import datetime as dt
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mitsumori import resources
from mitsumori.model.plan.part import SMALLEST
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import PREFIX, Proposal

Kind = Literal["number", "whole", "choice", "switch", "date", "text", "list"]
Texts = Mapping[str, str]
FREE = ("overrides", "notes", "set_aside", "money.prices", "origins")
"""Fields of a plan that are no inputs but maps by path, or lists of things by name."""


@dataclass(frozen=True, slots=True)
class LiveCell:
    """How an input stands in the workbook: number format, key of its unit, and whether only the internal copy has it.

    ``each``: a field of the proposal that each of several scenarios has for itself.
    """

    format: str
    unit: str
    internal: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """How an input is written in the window: the unit in both languages, and plan's value = shown value x ``scale``.

    ``said`` is the unit read aloud, where that is more than what is written; ``typed`` are further words that people write
    behind a number, with what one of them counts in the plan's unit.
    """

    names: Texts
    scale: float = 1.0
    said: Texts = field(default_factory=dict)
    typed: Mapping[str, float] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """As people write it behind the number; empty where the label says what is counted."""
        return self.names.get(language, "")

    def spoken(self, language: str) -> str:
        """As people read it aloud; empty where that is what is written."""
        return self.said.get(language, "")


@dataclass(frozen=True, slots=True)
class Slider:
    """The scale of an input's slider, in the shown unit.

    Attributes
    ----------
    kind
        ``log`` and ``linear`` run from ``low`` to ``high``; ``steps`` stops at ``steps`` alone.
    labels
        Values that are written below it; empty: every decade, or every step.
    names
        How they are written: ``plain``, ``whole``, ``billions`` (0.5B, 2T) or ``binary`` (8k, 1M).
    digits
        Of a dragged value on a ``log`` scale.
    grain, label_every, minor_every
        Of a ``linear`` scale: the step of dragging, the distances of marks with and without a label.
    """

    kind: Literal["log", "linear", "steps"]
    low: float = 0.0
    high: float = 0.0
    labels: tuple[float, ...] = ()
    names: str = "plain"
    digits: float = 2
    grain: float = 1.0
    label_every: float = 1.0
    minor_every: float = 0.0
    steps: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    Attributes
    ----------
    path
        Of the plan, e.g. ``workload.tokens``.
    kind
        What it takes.
    unit
        As people write it; empty where there is none. ``share`` is a number from 0 to 1.
    low, high
        Smallest and largest value accepted; None where there is no bound. ``low_open`` and ``high_open``: the bound itself is
        not accepted.
    choices
        What a choice takes; empty otherwise.
    optional
        May be left open; then ``standard`` is None and :meth:`standard_source` says what counts.
    standard
        The value of a new plan.
    internal
        Belongs to the purchase side: never on a screen that customers see.
    quoted
        The path of the currency in which this price alone was quoted; empty for all others.
    workbook
        Its live cell in the workbook; None where only Mitsumori changes it.
    shown
        Unit in the window.
    whole
        Shown without decimals.
    slider
        Its slider; None where it is typed only.
    """

    path: str
    kind: Kind
    unit: str
    low: float | None
    high: float | None
    low_open: bool
    high_open: bool
    choices: tuple[str, ...]
    optional: bool
    standard: Any
    internal: bool
    quoted: str
    workbook: LiveCell | None
    labels: Texts
    titles: Texts
    asked: Texts
    helps: Texts
    standards: Texts
    shown: Unit
    whole: bool
    slider: Slider | None

    @property
    def group(self) -> str:
        """The part of the plan it belongs to; empty for the plan's own fields."""
        return self.path.rpartition(".")[0]

    def label(self, language: str) -> str:
        """Its name in a few words (``en`` or ``ja``)."""
        return self.labels[language]

    def title(self, language: str) -> str:
        """Its name where there is more room: in the workbook."""
        return self.titles.get(language) or self.labels[language]

    def asked_for(self, language: str) -> str:
        """Its name where it is asked for outside its group."""
        return self.asked.get(language) or self.labels[language]

    def help(self, language: str) -> str:
        """What it is, in a sentence; empty where the label says it all."""
        return self.helps.get(language, "")

    def standard_source(self, language: str) -> str:
        """Where the standard value comes from."""
        ours = {"en": "default of Mitsumori", "ja": "Mitsumori の既定値"}
        return self.standards.get(language) or ours[language]

    @property
    def currency(self) -> str:
        """Path of the currency in which an amount of money is given; empty for everything else."""
        return f"{self.group}.currency" if self.unit.partition("/")[0] == "currency" else ""

    def currency_in(self, value: Callable[[str], object]) -> str:
        """The currency of an amount: the one its own price was quoted in, else that of its side; empty for everything else.

        ``value`` gives a plan's value at a path (:meth:`Plan.value`).
        """
        if not self.currency:
            return ""
        return str((value(self.quoted) if self.quoted else None) or value(self.currency))


@lru_cache(maxsize=1)
def inputs() -> Mapping[str, Input]:
    """Every input by path, in the order of the plan."""
    return types.MappingProxyType({path: input_of(path) for path in _fields()})


@cache
def input_of(path: str) -> Input:
    """One input.

    Raises
    ------
    KeyError
        For a path that is no input.
    """
    info = _fields()[path]
    return _input(path, info, _texts()[path])


@lru_cache(maxsize=1)
def _fields() -> Mapping[str, FieldInfo]:
    return dict(plan_fields())


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Any]]:
    """The table of inputs, by path."""
    return resources.read_table("inputs.toml")


@lru_cache(maxsize=1)
def units() -> Mapping[str, Unit]:
    """The units of ``resources/units.toml`` by their key."""
    table = resources.read_table("units.toml")
    return {key: _unit(row) for key, row in table.items()}


def _unit(row: Mapping[str, Any]) -> Unit:
    names = {language: name for language, name in row.items() if isinstance(name, str)}
    return Unit(names, float(row.get("scale", 1.0)), row.get("said", {}), row.get("typed", {}))


@lru_cache(maxsize=1)
def proposal_inputs() -> Mapping[str, Input]:
    """The fields of a file's proposal by path (``proposal.subject``)."""
    texts = resources.read_table("inputs_proposal.toml")
    fields = plan_fields(Proposal, PREFIX)
    return types.MappingProxyType({path: _input(path, info, texts[path]) for path, info in fields})


def plan_fields(model: type[BaseModel] = Plan, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Dotted paths and pydantic fields of the plan's leaves."""
    for name, info in model.model_fields.items():
        if f"{prefix}{name}" in FREE:
            continue
        part = next((kind for kind in _alternatives(info.annotation) if _is_part(kind)), None)
        if part is None:
            yield f"{prefix}{name}", info
        else:
            yield from plan_fields(part, f"{prefix}{name}.")


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types a field takes: the members of a union, or the one."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _input(path: str, info: FieldInfo, texts: Mapping[str, Any]) -> Input:
    branches = _alternatives(info.annotation)
    kinds = [kind for kind in branches if kind is not type(None)]
    kind, metadata = kinds[0], list(info.metadata)
    if typing.get_origin(kind) is typing.Annotated:
        kind, *more = typing.get_args(kind)
        metadata += more
    low, low_open = _bound(metadata, "ge", "gt", max)
    high, high_open = _bound(metadata, "le", "lt", min)
    choices = tuple(str(word) for word in typing.get_args(kind)) if typing.get_origin(kind) is Literal else ()
    cell, slider, unit = texts.get("workbook"), texts.get("slider"), texts.get("unit", "")
    return Input(
        path=path, kind=_kind(kind), unit=unit, low=low, high=high, low_open=low_open, high_open=high_open,
        choices=choices, optional=len(kinds) < len(branches), standard=_standard(info), internal=bool(texts.get("internal")),
        quoted=texts.get("quoted", ""),
        workbook=LiveCell(**cell) if cell else None, labels=texts["label"], titles=texts.get("title", {}),
        asked=texts.get("asked", {}), helps=texts.get("help", {}), standards=texts.get("standard", {}),
        shown=units()[texts.get("shown_unit", unit)], whole=_kind(kind) == "whole" or bool(texts.get("whole")),
        slider=Slider(**{name: _numbers(value) for name, value in slider.items()}) if slider else None,
    )  # fmt: skip


def _numbers(value: Any) -> Any:
    """A number of the table as a float, a list of them as a tuple of floats."""
    if isinstance(value, list):
        return tuple(float(item) for item in value)
    return float(value) if isinstance(value, int) else value


def _standard(info: FieldInfo) -> Any:
    return None if info.is_required() else info.get_default(call_default_factory=True)


def _kind(annotation: Any) -> Kind:
    if typing.get_origin(annotation) is Literal:
        return "choice"
    if typing.get_origin(annotation) is tuple:
        return "list"
    kinds: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text", dt.date: "date"}
    return kinds[annotation]


def _bound(
    metadata: list[Any], closed: str, opened: str, tightest: Callable[[list[tuple[float, bool]]], tuple[float, bool]]
) -> tuple[float | None, bool]:
    """The tightest of a field's bounds on one side, and whether it is itself left out."""
    flat = [item for extra in metadata for item in getattr(extra, "metadata", [extra])]
    found = [
        (float(value), name == opened)
        for item in flat
        for name in (closed, opened)
        if (value := getattr(item, name, None)) is not None
    ]
    return tightest(found) if found else (None, False)


def within(path: str, value: object) -> bool:
    """Whether an input takes a number; True for what is no number and for inputs without bounds."""
    if path not in _fields() or isinstance(value, bool) or not isinstance(value, int | float):
        return True
    item = input_of(path)
    value = 0.0 if abs(value) < SMALLEST else value
    above = item.low is None or (value > item.low if item.low_open else value >= item.low)
    return above and (item.high is None or (value < item.high if item.high_open else value <= item.high))


def fields_document() -> list[dict[str, object]]:
    """The document of ``mitsumori fields --json``."""
    return [
        {
            "path": item.path, "type": item.kind, "unit": item.unit, "low": item.low, "high": item.high,
            "choices": list(item.choices), "standard": _plain(item.standard), "standard_source": item.standard_source("en"),
            "label_ja": item.label("ja"), "label_en": item.label("en"), "group": item.group,
            "workbook": "live" if item.workbook else "locked",
        }
        for item in (*inputs().values(), *proposal_inputs().values())
    ]  # fmt: skip


def fields_text(language: str) -> str:
    """One line an input: path, label, unit, what is accepted, the standard value and where it comes from."""
    lines = []
    for item in (*inputs().values(), *proposal_inputs().values()):
        ends = ["" if end is None else f"{end:g}" for end in (item.low, item.high)]
        accepted = "|".join(item.choices) or (" .. ".join(ends) if any(ends) else item.kind)
        standard = "-" if item.standard is None else _plain(item.standard)
        about = [item.label(language), item.unit, accepted, f"{standard} ({item.standard_source(language)})"]
        lines.append(f"{item.path:44} " + "; ".join(part for part in about if part))
    return "\n".join(lines)


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
