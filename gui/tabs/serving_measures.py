"""Rows of serving in the comparison of scenarios, where one of them serves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import number
from mitsumori.gui.words.serving import machine_parts, none_stands
from mitsumori.gui.words.totals import token_price
from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate


def served(name: str) -> Callable[[Estimate], float | None]:
    """A figure of serving; None where the plan does not serve."""
    return lambda estimate: None if estimate.serving is None else estimate.serving.figures[name].value


def price(estimate: Estimate) -> float | None:
    """Yen a million tokens, prompts and answers together: scenarios are compared in one currency, whatever is shown."""
    return None if estimate.serving is None else estimate.serving.jpy_per_million_tokens.blended.value


def no_serving(estimate: Estimate) -> str:
    """Why a scenario has no figure of serving."""
    return translate("Serving", "does not serve") if estimate.serving is None else ""


def seconds(value: float, estimate: Estimate) -> tuple[str, str]:
    """Seconds."""
    return number(value), "s"


def milliseconds(value: float, estimate: Estimate) -> tuple[str, str]:
    """Milliseconds."""
    return number(value), "ms"


def machines(value: float, estimate: Estimate) -> tuple[str, str]:
    """A count of servers."""
    return machine_parts(value)


def served_against(one: Estimate, other: Estimate, letter: str) -> str:
    """What a second scenario that serves changes against the first, most important first; ``letter`` is the second's."""
    first, second = one.serving, other.serving
    assert first is not None
    assert second is not None
    held, now = (result.figures.share_of_users_served.value for result in (first, second))
    if now is None:
        return translate("Serving", "{letter}: {reason}.").format(letter=letter, reason=none_stands(second))
    if now < 1.0 and (held is None or held >= 1.0):
        return translate("Serving", "{letter} does not carry the load within the limits.").format(letter=letter)
    old, new = (result.figures.servers.value for result in (first, second))
    if old is not None and old != new:
        words = translate("Serving", "{letter} serves on {servers}, A on {before}.")
        held_by, before = (" ".join(machine_parts(n)) for n in (new, old))
        return words.format(letter=letter, servers=held_by, before=before)
    old, new = (result.jpy_per_million_tokens.blended.value for result in (first, second))
    if old is not None and new is not None and abs(new / old - 1) > 0.005:
        words = translate("Serving", "A million tokens: {letter} {price}, A {before}.")
        return words.format(letter=letter, price=token_price(new, other).text, before=token_price(old, one).text)
    old, new = (result.figures.tpot_ms.value for result in (first, second))
    if old and new is not None and abs(new / old - 1) > 0.005:
        words = translate("Serving", "Per token: {letter} {ms} ms, A {before}.")
        return words.format(letter=letter, ms=number(new), before=number(old))
    return translate("Compare", "{letter} comes to the same.").format(letter=letter)


def token_money(value: float, estimate: Estimate) -> tuple[str, str]:
    """The price of a million tokens in the currency shown."""
    parts = token_price(value, estimate)
    return f"{parts.prefix}{parts.number}", parts.unit
