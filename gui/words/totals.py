"""A total as it may be shown: with a mark where a line is left out of it, in brackets where a price is an indication only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.results import missing_name
from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import Parts, in_month, money_parts

if TYPE_CHECKING:
    from mitsumori.model.cost.results import CostResult

translate = QCoreApplication.translate

UNKNOWN = "—"
even_month = in_month


def star() -> str:
    """The mark of a total that leaves a line out."""
    return "＊" if language() == "ja" else "*"


def total_parts(cost: CostResult, side: str, value: float | None = None) -> Parts | None:
    """The total of ``onprem`` or ``cloud`` with its mark, or another amount that hangs on the same prices; None: unknown."""
    amount = getattr(cost, side).total.value if value is None else value
    if amount is None:
        return None
    parts = money_parts(amount, cost.currency, language())
    if cost.weak_on(side):
        opening = "（" if language() == "ja" else "("
        place = (
            "prefix" if parts.prefix else "number"
        )  # where nothing stands before the number its unit keeps its space
        parts = parts._replace(**{place: f"{opening}{getattr(parts, place)}"})
        parts = parts._replace(unit=f"{parts.unit}）" if language() == "ja" else f"{parts.unit})")
    if cost.left_out(side):
        parts = parts._replace(unit=f"{parts.unit}{star()}")
    return parts


def total_text(cost: CostResult, side: str, value: float | None = None) -> str:
    """As :func:`total_parts`, as one text."""
    parts = total_parts(cost, side, value)
    return UNKNOWN if parts is None else parts.text


def total_note(cost: CostResult, short: bool = False) -> str:
    """What the marks of both totals stand for; empty where there is none.

    Parameters
    ----------
    short
        Without the mark, as the end of a line.
    """
    notes = []
    items = [missing_name(path) for path in cost.left_out("onprem")]
    if language() == "en":
        items = [item[:1].lower() + item[1:] for item in items]
    if items:
        names = translate("Totals", ", ").join(items)
        notes.append(translate("Totals", "without {names}").format(names=names))
    if cost.weak:
        notes.append(translate("Totals", "indicative prices"))
    joined = translate("Totals", " · ").join(notes)
    return joined if short or not items else f"{star()}{joined}"
