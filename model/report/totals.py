"""What a total of the money is to be read with, in words: the items it leaves out, and that it rests on indicative prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mitsumori.model.base.messages import text
from mitsumori.model.plan.inputs import inputs

if TYPE_CHECKING:
    from mitsumori.model.cost.results import CostResult

OPTIONS = ("onprem", "cloud")


def total_note(cost: CostResult, language: str, options: tuple[str, ...] = OPTIONS) -> str:
    """``without power works · indicative prices``; empty where there is nothing to say.

    Parameters
    ----------
    cost
        The money of an estimate.
    language
        ``ja`` or ``en``.
    options
        The options whose totals are meant: ``onprem``, ``cloud`` or both.
    """
    notes = []
    items = [inputs()[path].asked_for(language) for side in options for path in cost.left_out(side)]
    if language == "en":
        items = [item[:1].lower() + item[1:] for item in items]
    if items:
        notes.append(text("report", "total_without", language, names=text("report", "total_and", language).join(items)))
    if any(cost.weak_on(side) for side in options):
        notes.append(text("report", "total_indicative", language))
    return " · ".join(notes)
