"""What an empty input stands for, and where a figure comes from in one line."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.base.figure import Parent
from mitsumori.model.workbook.context import Context


@dataclass(frozen=True, slots=True)
class Standard:
    """What an empty input stands for.

    ``value`` None with ``needed`` means that results depending on it say so; without ``needed`` the limit is simply not
    checked, or the item is left out, as ``without`` says. ``formula`` computes the standard where it depends on other
    inputs; ``role`` is the look of its cell.
    """

    value: float | None
    basis: str
    needed: bool = True
    formula: str = ""
    role: str = "const"
    used: str = ""
    """Formula of the value used, where it is more than the input or else the standard."""
    counts: float | None = None
    """The program's value of ``used``."""
    without: str = ""
    """What stands for no number where nothing is needed."""


def parent_basis(context: Context, parent: Parent | None) -> str:
    """The parent of a figure in one line."""
    if parent is None:
        return ""
    if parent.kind == "user":
        return context.t("entered")
    text = parent.source or parent.what
    return " ".join(part for part in (text, parent.date, f"({parent.grade})" if parent.grade else "") if part)
