"""Amounts of money: currencies, unknown parts, consumption tax.

Inside the cost model an unknown amount is NaN, so that a total with an unknown part is unknown by itself; where it leaves
it becomes ``None``. Amounts exclude consumption tax unless a name says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded, round_half_up

__all__ = [
    "SALE_DIGITS",
    "UNKNOWN",
    "Offer",
    "consumption_tax",
    "exchange",
    "figure",
    "number",
    "product",
    "sale_step",
    "sold_at",
]

UNKNOWN: Final = math.nan
_PLAIN: Final = (float, int)
"""Told apart by a tuple: ``float | int`` would be built anew at each of an estimate's products."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A price with its currency and provenance; ``value`` None is unknown."""

    value: float | None
    currency: str
    provenance: Provenance | None = None


def number(value: float | None) -> float:
    """``None`` as the NaN that stands for unknown."""
    return UNKNOWN if value is None else float(value)


def exchange(currency: str, result: str, usd_jpy: Num) -> Num:
    """Units of ``result`` for one unit of ``currency``: 1, ``usd_jpy`` or ``1 / usd_jpy``.

    NaN when the rate is needed and unknown.

    Parameters
    ----------
    currency
        Currency of an amount, JPY or USD.
    result
        Currency that it is wanted in.
    usd_jpy
        Yen for one dollar; NaN unknown.
    """
    if currency == result:
        return 1.0
    return usd_jpy if result == "JPY" else 1.0 / usd_jpy


def product(quantity: Num, price: Num) -> Num:
    """``quantity * price``; none of a thing, or a thing for free, costs nothing even where the other is unknown."""
    if isinstance(quantity, _PLAIN) and isinstance(price, _PLAIN):
        return 0.0 if quantity == 0 or price == 0 else quantity * price
    nothing = np.equal(quantity, 0) | np.equal(price, 0)
    return np.where(nothing, 0.0, np.multiply(quantity, price))


SALE_DIGITS: Final = 3
"""Significant digits of a sale price."""


def sale_step(exact: float) -> float:
    """The step that a sale price is rounded up to: one in the third significant digit, 100,000 for 46,022,727."""
    return 10.0 ** (len(str(int(floor_guarded(exact)))) - SALE_DIGITS) if math.isfinite(exact) else UNKNOWN


def sold_at(exact: float) -> float:
    """A sale price: ``exact`` rounded up to three significant digits, 46,022,727 -> 46,100,000; NaN stays.

    ``ROUNDUP(ROUND(exact / step, 9), 0) * step``. A purchase price is itself a round number, so an exact quotient by
    ``1 - margin`` tells the margin to whom tries the usual ones, and a fixed step of 1,000 yen still does; at three digits
    many margins explain the same price.
    """
    step = sale_step(exact)
    return float(ceil_guarded(exact / step)) * step if math.isfinite(exact) else exact


def consumption_tax(taxable: Num, rate: Num, currency: str) -> Num:
    """Consumption tax, cut once on the subtotal to whole yen (or cents).

    ``ROUNDDOWN(ROUND(subtotal * rate, 4), 0)``: the inner rounding, in program and sheet alike, keeps the last bits of
    a sum of many lines from costing a yen (a double resolves amounts of 1e11 to 1e-5). Rounding once per rate and
    document is the invoice rule of the National Tax Agency (Q&A 57); cutting is the choice made here, as in the
    workbook. Negative subtotals are cut towards zero.

    Parameters
    ----------
    taxable
        Amount excluding tax, in ``currency``.
    rate
        Tax rate, 0-1.
    currency
        JPY or USD; yen are rounded.
    """
    scale = 1.0 if currency == "JPY" else 100.0
    amount: Array = np.asarray(taxable, dtype=float) * rate * scale
    return (np.trunc(round_half_up(amount, 4)) / scale)[()]


def figure(value: Num, unit: str, reason: str = "", provenance: Provenance | None = None) -> Figure:
    """One amount as a figure; NaN becomes None with ``reason``.

    Parameters
    ----------
    value
        Amount; NaN unknown.
    unit
        Its unit.
    reason
        Code of the finding that says why it is unknown.
    provenance
        Where it comes from.
    """
    amount = float(value)
    if math.isfinite(amount):
        return Figure(amount, unit, provenance)
    return Figure(None, unit, provenance, reason=reason) if provenance is not None else _unknown(unit, reason)


@cache
def _unknown(unit: str, reason: str) -> Figure:
    return Figure(None, unit, reason=reason)
