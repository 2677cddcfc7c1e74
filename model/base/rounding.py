"""Rounding that program and spreadsheet do alike.

Spreadsheet engines round to about 15 digits before they cut to whole numbers; Python does not, so ``0.3 / 0.1`` is 3
in a sheet and 2 here after ``floor``. Both sides therefore round half up to 9 decimals first:
``ROUNDDOWN(ROUND(x,9),0)`` in the workbook, :func:`floor_guarded` in the program (docs/method.md section 10; measured with
LibreOffice 7.4).
"""

from __future__ import annotations

import math
from typing import TypeVar, cast

import numpy as np

from mitsumori.model.base.arrays import Floats, Num

N = TypeVar("N", float, Floats, Num)

GUARD_DECIMALS = 9


def round_half_up(x: N, decimals: int = 0) -> N:
    """Round to ``decimals`` places, halves away from zero, as a spreadsheet's ROUND does.

    Parameters
    ----------
    x
        A number or an array; infinities and NaN pass through.
    decimals
        Places after the point, zero or more.
    """
    scale = 10.0**decimals
    if isinstance(x, float | int):  # the same operations without arrays: an estimate rounds some fifty single numbers
        return cast(N, np.float64(_rounded(float(x), scale)))
    value = np.asarray(x, dtype=np.float64)
    scaled = value * scale
    # One part in 1e15 lifts decimal halves that binary floats hold just below (1.005 -> 1.01), as sheets do. Beyond
    # 2**52 a float has no fraction left and the product would only lose digits.
    size = np.abs(scaled)
    rounded = np.copysign(np.floor(size * (1.0 + 1e-15) + 0.5) / scale, value)
    return cast(N, np.where(size < 2.0**52, rounded, value)[()])


def _rounded(value: float, scale: float) -> float:
    size = abs(value * scale)
    if not size < 2.0**52:
        return value
    return math.copysign(math.floor(size * (1.0 + 1e-15) + 0.5) / scale, value)


def floor_guarded(x: N) -> N:
    """The largest whole number not above ``x`` after rounding to 9 decimals: ``ROUNDDOWN(ROUND(x,9),0)`` for x >= 0."""
    whole: N = np.floor(round_half_up(x, GUARD_DECIMALS))
    return whole


def ceil_guarded(x: N) -> N:
    """The smallest whole number not below ``x`` after rounding to 9 decimals: ``ROUNDUP(ROUND(x,9),0)`` for x >= 0."""
    whole: N = np.ceil(round_half_up(x, GUARD_DECIMALS))
    return whole
