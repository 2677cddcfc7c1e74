"""Standard values of inputs that may stay empty, each with its basis."""

from __future__ import annotations

from dataclasses import dataclass

from model.workbook.description import Cell


@dataclass(frozen=True, slots=True)
class Standard:
    """What an empty input stands for.

    ``value`` None with ``needed`` means that results depending on it say so; without ``needed`` the limit is simply not
    checked. ``cell`` is where the standard is computed, if it depends on other inputs.
    """

    value: float | None
    basis: str
    needed: bool = True
    cell: Cell | None = None
