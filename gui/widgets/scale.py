"""How a slider's position maps to a value: logarithmic, linear, or a list of steps. No Qt here."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mitsumori.model.base.format import significant


@dataclass(frozen=True)
class Tick:
    """A mark below the slider; ``label`` is empty for a minor one."""

    value: float
    label: str = ""


class Scale(Protocol):
    """Maps values to positions 0..1 and back."""

    @property
    def low(self) -> float:
        """The smallest value."""
        ...

    @property
    def high(self) -> float:
        """The largest value."""
        ...

    def position(self, value: float) -> float:
        """Where a value lies, 0..1; values outside are pinned to the ends."""
        ...

    def value(self, position: float) -> float:
        """The value at a position, rounded as people would say it."""
        ...

    def step(self, value: float, direction: int) -> float:
        """The next value on the 1-2-5 ladder (or in the list), up (+1) or down (-1)."""
        ...

    def ticks(self) -> tuple[Tick, ...]:
        """Marks, ascending."""
        ...


def _ladder(low: float, high: float) -> list[float]:
    """All 1-2-5 values from low to high."""
    values = []
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for lead in (1, 2, 5):
            value = float(f"{lead}e{power}")
            if low * 0.999999 <= value <= high * 1.000001:
                values.append(value)
    return values


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


@dataclass(frozen=True)
class LogScale:
    """Logarithmic between ``low`` and ``high`` (both above zero).

    ``labels`` are the labelled values; None labels the decades. ``digits`` is how finely dragging rounds.
    """

    low: float
    high: float
    labels: tuple[float, ...] | None = None
    digits: int = 2
    integer: bool = False
    name: Callable[[float], str] = field(default=lambda value: significant(value, trim=True))

    def position(self, value: float) -> float:
        """Where a value lies, 0..1."""
        if value <= self.low:
            return 0.0
        return min(1.0, math.log(value / self.low) / math.log(self.high / self.low))

    def value(self, position: float) -> float:
        """The rounded value at a position."""
        raw = self.low * (self.high / self.low) ** min(1.0, max(0.0, position))
        value = _rounded(raw, self.digits)
        if self.integer:
            value = max(1.0, float(round(value)))
        return min(self.high, max(self.low, value))

    def step(self, value: float, direction: int) -> float:
        """The next value up (+1) or down (-1)."""
        ladder = _ladder(self.low, self.high)
        if self.integer:
            ladder = [step for step in ladder if step >= 1]
        return _next(ladder, value, direction, self.low, self.high)

    def ticks(self) -> tuple[Tick, ...]:
        """Marks, ascending."""
        labelled = (
            set(self.labels)
            if self.labels is not None
            else {value for value in _ladder(self.low, self.high) if math.log10(value) % 1 == 0}
        )
        values = sorted(labelled | {value for value in _ladder(self.low, self.high) if not self.integer or value >= 1})
        return tuple(Tick(value, self.name(value) if value in labelled else "") for value in values)


@dataclass(frozen=True)
class LinearScale:
    """Linear between ``low`` and ``high``, dragging in steps of ``grain``, labelled every ``label_every``."""

    low: float
    high: float
    grain: float
    label_every: float
    minor_every: float = 0.0
    name: Callable[[float], str] = field(default=lambda value: significant(value, trim=True))

    def position(self, value: float) -> float:
        """Where a value lies, 0..1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def value(self, position: float) -> float:
        """The rounded value at a position."""
        raw = self.low + (self.high - self.low) * min(1.0, max(0.0, position))
        return min(self.high, max(self.low, float(f"{round(raw / self.grain) * self.grain:.12g}")))

    def step(self, value: float, direction: int) -> float:
        """The next value up (+1) or down (-1)."""
        count = math.floor(value / self.grain + 1e-9) if direction > 0 else math.ceil(value / self.grain - 1e-9)
        return min(self.high, max(self.low, float(f"{(count + direction) * self.grain:.12g}")))

    def ticks(self) -> tuple[Tick, ...]:
        """Marks, ascending."""
        every = self.minor_every or self.label_every
        count = round((self.high - self.low) / every)
        result = []
        for index in range(count + 1):
            value = float(f"{self.low + index * every:.12g}")
            labelled = abs((value - self.low) / self.label_every - round((value - self.low) / self.label_every)) < 1e-6
            result.append(Tick(value, self.name(value) if labelled else ""))
        return tuple(result)


@dataclass(frozen=True)
class StepScale:
    """A list of allowed values, evenly spaced (powers of two, counts that divide)."""

    steps: tuple[float, ...]
    labelled: tuple[float, ...] | None = None
    name: Callable[[float], str] = field(default=lambda value: significant(value, trim=True))

    @property
    def low(self) -> float:
        """The smallest value."""
        return self.steps[0]

    @property
    def high(self) -> float:
        """The largest value."""
        return self.steps[-1]

    def position(self, value: float) -> float:
        """Where a value lies, 0..1."""
        last = len(self.steps) - 1
        if value <= self.steps[0] or last == 0:
            return 0.0
        if value >= self.steps[-1]:
            return 1.0
        index = bisect.bisect_right(self.steps, value) - 1
        below, above = self.steps[index], self.steps[index + 1]
        return (index + (value - below) / (above - below)) / last

    def value(self, position: float) -> float:
        """The rounded value at a position."""
        return self.steps[round(min(1.0, max(0.0, position)) * (len(self.steps) - 1))]

    def step(self, value: float, direction: int) -> float:
        """The next value up (+1) or down (-1)."""
        return _next(self.steps, value, direction, self.low, self.high)

    def ticks(self) -> tuple[Tick, ...]:
        """Marks, ascending."""
        named = set(self.steps if self.labelled is None else self.labelled)
        return tuple(Tick(value, self.name(value) if value in named else "") for value in self.steps)


def _next(ladder: Sequence[float], value: float, direction: int, low: float, high: float) -> float:
    if direction > 0:
        index = bisect.bisect_right(ladder, value * (1 + 1e-9))
        return ladder[index] if index < len(ladder) else high
    index = bisect.bisect_left(ladder, value * (1 - 1e-9)) - 1
    return ladder[index] if index >= 0 else low
