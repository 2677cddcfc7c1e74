"""Rows of serving in the comparison of scenarios, where one of them serves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import number
from mitsumori.gui.words.serving import machine_parts
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


def token_money(value: float, estimate: Estimate) -> tuple[str, str]:
    """The price of a million tokens in the currency shown."""
    parts = token_price(value, estimate)
    return f"{parts.prefix}{parts.number}", parts.unit
