"""How a monthly cost differs from month to month: prices by operating year, and the growth of use."""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.cost.cashflow import LONGEST

__all__ = ["MONTHS", "delayed", "months_before", "prices_of_months", "running_months", "use_of_months"]

MONTHS: Final = np.arange(LONGEST + 1.0)
_YEARS_BEFORE: Final = np.ceil(MONTHS / 12.0) - 1.0


def prices_of_months(yearly: float, holds_years: int = 1) -> Array:
    """A price in each month over the one at the start: ``(1 + rise) ** k`` in operating year k + 1.

    Parameters
    ----------
    yearly
        Rise a year, above -1; below zero the price falls.
    holds_years
        Operating years for which a price holds before it follows, 1 or more.

    Returns
    -------
    Array
        Shape (LONGEST + 1,), month 0 first, in which nothing runs: 0.
    """
    passed = _YEARS_BEFORE - np.mod(_YEARS_BEFORE, holds_years)
    rise: Array = np.where(MONTHS > 0.0, (1.0 + yearly) ** np.maximum(passed, 0.0), 0.0)
    return rise


def use_of_months(ramp_months: int) -> Array:
    """Share of the planned use in each month while it grows evenly: ``(m - 1/2) / ramp`` at the middle of month m; then 1.

    Parameters
    ----------
    ramp_months
        Months until the planned use is reached, 0-12; half of them are lost.

    Returns
    -------
    Array
        Shape (LONGEST + 1,), month 0 first.
    """
    if not ramp_months:
        return np.ones_like(MONTHS)
    share: Array = np.where(ramp_months >= MONTHS, np.maximum(MONTHS - 0.5, 0.0) / ramp_months, 1.0)
    return share


def running_months() -> Array:
    """1 in every month but month 0."""
    return np.where(MONTHS > 0.0, 1.0, 0.0)


def delayed(weights: Array, months: int) -> Array:
    """Weights of the months of use, counted from the order: ``months`` pass before the first.

    Parameters
    ----------
    weights
        By month of use, month 0 first, shape (LONGEST + 1,).
    months
        Months from the order to the start of use, 0 to LONGEST.
    """
    if not months:
        return weights
    moved = np.zeros_like(weights)
    moved[months:] = weights[: weights.size - months]
    return moved


def months_before(use: int, months: int) -> Array:
    """1 in the last ``months`` months before use, which begins after month ``use``; shape (LONGEST + 1,).

    Parameters
    ----------
    use
        Months from the order to the start of use, 0 to LONGEST.
    months
        Of these, the ones that count: no more than ``use`` of them.
    """
    return np.where((use - min(months, use) < MONTHS) & (use >= MONTHS), 1.0, 0.0)
