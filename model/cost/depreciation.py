"""Statutory depreciation in Japan: a view of profit, never mixed with cash.

Servers live 5 years: straight line 0.200, or 200 % declining balance 0.400 with guarantee rate 0.10800 and revised rate
0.500, which gives 40.0, 24.0, 14.4, 10.8 and 10.8 % (tables 8 and 10 of the ordinance on useful lives; docs/method.md 8.7). The
memorandum yen that tax books keep is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.base.arrays import Array

__all__ = ["MAX_YEARS", "rates", "schedule", "shares"]

MAX_YEARS: Final = 7
"""Operating years of the longest horizon, 84 months."""


@cache
def _tables() -> dict[str, Any]:
    return resources.read_table("catalog", "depreciation.toml")


def rates(method: str, years: int) -> tuple[float, float, float]:
    """(rate, guarantee rate, revised rate) of a method and life; straight line has guarantee 0 and revised = rate.

    Parameters
    ----------
    method
        ``straight_line`` or ``declining``.
    years
        Useful life, 1 to 20.
    """
    if years == 1:
        return 1.0, 0.0, 1.0
    if method == "straight_line":
        rate = float(_tables()["straight_line"][str(years)])
        return rate, 0.0, rate
    rate, guarantee, revised = _tables()["declining"][str(years)]
    return float(rate), float(guarantee), float(revised)


@lru_cache(maxsize=64)
def shares(method: str, years: int, months: Sequence[int], special: float = 0.0) -> Array:
    """Depreciation of one unit of cost in each fiscal year.

    Declining: ``book * rate`` until that falls below ``guarantee``; from then ``revised`` of the book at that moment,
    every year. A fiscal year with fewer months than 12 takes ``months / 12`` of its year's amount. Never more than the
    book.

    Parameters
    ----------
    method, years
        As in :func:`rates`.
    months
        Months in use in each fiscal year, e.g. ``(12,) * 5``, or ``(5, 12, 12)`` for a start in November.
    special
        Share of the cost taken beside in the first with months in use (特別償却), whatever their number.

    Returns
    -------
    Array
        One share a fiscal year.
    """
    rate, guarantee, revised = rates(method, years)
    out: list[float] = []
    book, fixed = 1.0, 0.0
    for used in months:
        if method == "straight_line":
            full = rate
        elif fixed > 0.0:
            full = fixed
        else:
            full = book * rate
            if full < guarantee - 1e-12:
                fixed = full = book * revised
        first = used > 0 and not any(out)
        amount = min(book, full * used / 12.0 + (special if first else 0.0))
        out.append(amount)
        book -= amount
    taken = np.array(out)
    taken.setflags(write=False)
    return taken


@cache
def schedule(method: str, years: int) -> tuple[float, ...]:
    """Shares of the cost for whole operating years 1, 2, ... of the life, e.g. (0.4, 0.24, 0.144, 0.108, 0.108)."""
    return tuple(float(share) for share in shares(method, years, (12,) * years))
