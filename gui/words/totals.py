"""A total as it may be shown: with a mark where a line is left out of it, in brackets where a price is an indication only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import Parts, in_month, money_parts, sign_of, significant

if TYPE_CHECKING:
    from mitsumori.model.cost.results import CostResult
    from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate

UNKNOWN = "—"
even_month = in_month
SOONEST_MONTH = 0.5
"""Before the middle of the first month what is owned is cheaper from the start: no month of a break-even is named."""


def star() -> str:
    """The mark of a total that leaves a line out."""
    return "＊" if language() == "ja" else "*"


def total_parts(cost: CostResult, side: str, value: float | None = None) -> Parts | None:
    """The total of ``onprem`` or ``cloud`` with its mark, or another amount that hangs on the same prices; None: unknown."""
    amount = getattr(cost, side).total.value if value is None else value
    if amount is None:
        return None
    parts = money_parts(amount, cost.currency, language())
    return marked_parts(parts, cost.weak_on(side), bool(cost.left_out(side)))


def marked_parts(parts: Parts, weak: bool, partial: bool) -> Parts:
    """An amount in brackets where a price is an indication only, with a star where a line is left out."""
    if weak:
        opening = "（" if language() == "ja" else "("
        place = (
            "prefix" if parts.prefix else "number"
        )  # where nothing stands before the number its unit keeps its space
        parts = parts._replace(**{place: f"{opening}{getattr(parts, place)}"})
        parts = parts._replace(unit=f"{parts.unit}）" if language() == "ja" else f"{parts.unit})")
    return parts._replace(unit=f"{parts.unit}{star()}") if partial else parts


def total_text(cost: CostResult, side: str, value: float | None = None) -> str:
    """As :func:`total_parts`, as one text."""
    parts = total_parts(cost, side, value)
    return UNKNOWN if parts is None else parts.text


def marked_money(value: float | None, cost: CostResult, *options: str) -> str:
    """An amount that hangs on totals, with their marks; ``options`` are both where none is named."""
    if value is None:
        return UNKNOWN
    both = options or ("onprem", "cloud")
    partial, weak = any(cost.left_out(side) for side in both), any(cost.weak_on(side) for side in both)
    return marked_parts(money_parts(value, cost.currency, language()), weak, partial).text


def starred(value: float, cost: CostResult, side: str = "onprem") -> str:
    """An amount with the mark of what the total behind it leaves out."""
    return marked_parts(money_parts(value, cost.currency, language()), False, bool(cost.left_out(side))).text


def shown_currency(estimate: Estimate) -> tuple[str, float]:
    """The currency in which an estimate is shown, and what one yen is in it; yen where the rate is not given."""
    rate = None if estimate.plan is None else estimate.plan.money.usd_jpy
    return ("USD", 1.0 / rate) if estimate.cost.currency == "USD" and rate else ("JPY", 1.0)


def token_price(jpy: float, estimate: Estimate, side: str = "onprem") -> Parts:
    """The price of a million tokens in the currency shown, with the marks of the total behind it.

    Parameters
    ----------
    jpy
        Yen a million tokens.
    estimate
        Where it comes from.
    side
        ``onprem`` for own servers; ``api`` for a price list, which leaves nothing out.
    """
    parts = small_amount(jpy, *shown_currency(estimate))
    if side == "api":
        return parts
    return marked_parts(parts, estimate.cost.weak_on(side), bool(estimate.cost.left_out(side)))


def small_amount(jpy: float, currency: str, factor: float) -> Parts:
    """An amount in whole yen, or in dollars and cents; three significant digits where that says more."""
    amount = jpy * factor
    body = f"{amount:,.0f}" if currency == "JPY" else f"{amount:,.2f}"
    if amount < (10.0 if currency == "JPY" else 1.0):
        body = significant(amount)
    sign = sign_of(currency, language())
    return Parts("", body, sign) if language() == "ja" else Parts(sign, body, "")


def total_note(cost: CostResult, short: bool = False) -> str:
    """What the marks of both totals stand for; empty where there is none.

    Parameters
    ----------
    short
        Without the mark, as the end of a line.
    """
    from mitsumori.model.report.totals import total_note as words

    note = words(cost, language())
    return f"{star()}{note}" if cost.left_out("onprem") and not short else note
