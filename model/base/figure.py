"""A result as it reaches people: a value or unknown, its interval, unit and provenance."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import ClassVar, Literal

ProvenanceKind = Literal["catalogue", "formula", "fitted", "user", "default"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from.

    Attributes
    ----------
    kind
        ``catalogue`` a record of a catalogue, ``formula`` computed by a published rule, ``fitted`` rests on constants
        fitted to measured runs, ``user`` entered or overridden by the user, ``default`` a documented default.
    what
        The record, formula or plan path in a few words, e.g. ``servers.HPE-XD670.max_power_kw``.
    source, url, date, grade
        The publication behind it; grade as in :class:`model.catalogue.catalogue.RecordSource`.
    """

    kind: ProvenanceKind
    what: str
    source: str = ""
    url: str = ""
    date: str = ""
    grade: str = ""


class NotFinite(ValueError):
    """A value that no figure may have: NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of an estimate.

    ``value`` is None when unknown or not defined; ``reason`` is then the code of the finding that says why
    (a key of ``resources/messages``). ``low`` and ``high`` bound the 80 % interval of predicted figures.
    """

    value: float | None
    unit: str = ""
    provenance: Provenance | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        # Written out: an estimate makes some two hundred of them.
        value, low, high = self.value, self.low, self.high
        if (
            (value is not None and not isfinite(value))
            or (low is not None and not isfinite(low))
            or (high is not None and not isfinite(high))
        ):
            raise NotFinite(f"a figure must be finite or None, got {value!r}, interval {low!r} to {high!r}")

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def times(self, factor: float, unit: str | None = None) -> Figure:
        """The figure scaled by a positive factor, interval included."""
        if self.value is None:
            return self
        return Figure(
            self.value * factor,
            self.unit if unit is None else unit,
            self.provenance,
            None if self.low is None else self.low * factor,
            None if self.high is None else self.high * factor,
        )


class Figures(Mapping[str, Figure]):
    """Figures with names of their own, which also can be listed: all of them by name, in the order of the class.

    A subclass declares them as fields of a dataclass or as cached properties, which are worked out at the first look.
    """

    NAMES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        lazy = tuple(
            name
            for name, value in cls.__dict__.items()
            if isinstance(value, cached_property) and not name.startswith("_")
        )
        cls.NAMES = lazy or tuple(cls.__annotations__)

    def __getitem__(self, name: str) -> Figure:
        if name not in self.NAMES:
            raise KeyError(name)
        figure: Figure = getattr(self, name)
        return figure

    def __iter__(self) -> Iterator[str]:
        return iter(self.NAMES)

    def __len__(self) -> int:
        return len(self.NAMES)

    # As in :class:`model.base.named.Named`: a plain dictionary's view, which asks for every name once.
    def items(self) -> ItemsView[str, Figure]:
        """Names and figures."""
        return self._known().items()

    def values(self) -> ValuesView[Figure]:
        """The figures."""
        return self._known().values()

    def _known(self) -> dict[str, Figure]:
        return {name: getattr(self, name) for name in self.NAMES}


class SomeFigures(Figures):
    """Figures of which a plan may have only some: those it does not have are None, and are not listed."""

    def __getitem__(self, name: str) -> Figure:
        figure: Figure | None = getattr(self, name) if name in self.NAMES else None
        if figure is None:
            raise KeyError(name)
        return figure

    def items(self) -> ItemsView[str, Figure]:
        """Names and figures of those that there are."""
        return {name: figure for name in self.NAMES if (figure := getattr(self, name)) is not None}.items()

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.NAMES if getattr(self, name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _known(self) -> dict[str, Figure]:
        return {name: figure for name in self.NAMES if (figure := getattr(self, name)) is not None}


def unknown(reason: str, unit: str = "") -> Figure:
    """An unknown figure with the code of the finding that says why."""
    return Figure(None, unit, reason=reason)
