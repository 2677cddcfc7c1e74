"""What an empty input stands for, and where a figure comes from in one line."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.base.figure import Provenance
from mitsumori.model.catalogue.record import source_words
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


def provenance_basis(context: Context, provenance: Provenance | None) -> str:
    """The provenance of a figure in one line."""
    if provenance is None:
        return ""
    if provenance.kind == "user":
        return context.t("entered")
    text = provenance.source or provenance.what
    return " ".join(
        part
        for part in (
            source_words(text, context.language),
            source_words(provenance.date, context.language),
            f"({provenance.grade})" if provenance.grade else "",
        )
        if part
    )
