"""What answers the pointer on a chart: places with a tooltip, and with a key where a click opens something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRectF


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a chart that answers the pointer: a tooltip and, with a key, a click."""

    rect: QRectF
    tip: str | Callable[[], str]
    key: object = None

    def words(self) -> str:
        """The tooltip; written only when somebody asks where it costs time."""
        return self.tip if isinstance(self.tip, str) else self.tip()


class Marks:
    """The marks of one painting; those that cost time are made when somebody points at the chart."""

    def __init__(self) -> None:
        self._parts: list[Mark | Marks | Callable[[], Iterable[Mark]]] = []
        self._all: tuple[Mark, ...] | None = None

    def add(self, part: Mark | Marks | Callable[[], Iterable[Mark]]) -> None:
        """One mark, the marks of a part of the chart, or what makes some when they are asked for."""
        self._parts.append(part)
        self._all = None

    def clear(self) -> None:
        """Begin anew."""
        self._parts.clear()
        self._all = None

    def all(self) -> tuple[Mark, ...]:
        """Every mark, the topmost last."""
        if self._all is None:
            made: list[Mark] = []
            for part in self._parts:
                if isinstance(part, Mark):
                    made.append(part)
                else:
                    made += part.all() if isinstance(part, Marks) else part()
            self._all = tuple(made)
        return self._all
