"""Cash over months: annuities, cumulative cost, crossings, NPV and internal rate of return.

Convention, printed with every result: initial costs fall at month 0, running costs at the end of each month 1 to T,
the residual value at the end of month T. The yearly discount rate ``r`` gives the monthly rate
``i = (1 + r)**(1/12) - 1``, so that a sheet computes the same as ``initial + NPV(i, month 1 : month T)``.

All functions take arrays: leading axes are scenarios, months lie on the last axis. Sums over months are closed forms,
so that 100,000 scenarios need only the few months one looks at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.base.rounding import ceil_guarded

__all__ = [
    "FLOW_DECIMALS",
    "LONGEST",
    "Stream",
    "annuity",
    "crossing",
    "cumulative",
    "first_whole_month",
    "internal_rate",
    "monthly_rate",
    "net_present_value",
    "weighed",
]

LONGEST: Final = 84
"""Months of the longest horizon a plan may ask for."""
FLOW_DECIMALS: Final = 4
"""Decimals of a month's saving in a rate of return: where both sides pay the same it is 0, not a rest of rounding."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Costs of one side. Shapes broadcast over scenarios.

    Attributes
    ----------
    initial
        At month 0.
    monthly
        At the end of every month.
    yearly
        Shape (..., years): cost of each operating year, paid in twelfths; or None.
    final
        At the end of the last month; income is negative.
    shaped
        Amounts a month, each with a weight for months 0 to :data:`LONGEST` (shape (LONGEST + 1,)): what comes upon the monthly
        costs in some months, as prices rise or machines come into use.
    paid_month
        Month at which the initial costs are paid; beyond the horizon at its end.
    start_month
        Months before the first that has monthly and yearly costs: the time from the order to use.
    advance_share
        Share of the initial costs that is paid at month 0 whatever ``paid_month`` is.
    """

    initial: Num
    monthly: Num
    yearly: Array | None
    final: Num
    shaped: tuple[tuple[Num, Array], ...] = ()
    paid_month: float = 0.0
    start_month: float = 0.0
    advance_share: float = 0.0


def monthly_rate(yearly_rate: float) -> float:
    """``(1 + r)**(1/12) - 1``."""
    return math.expm1(math.log1p(yearly_rate) / 12.0)


def annuity(months: Num, yearly_rate: float) -> Num:
    """Present value of 1 at the end of each of ``months`` months: ``(1 - v**m) / i``; ``m`` at a rate of zero."""
    if yearly_rate < 1e-12:  # the quotient of two vanishing numbers; the error of m itself is below 1e-10
        return np.asarray(months, dtype=float)
    rate = monthly_rate(yearly_rate)
    return -np.expm1(-np.asarray(months, dtype=float) * math.log1p(rate)) / rate


def cumulative(stream: Stream, horizon: Num, grid: Array, yearly_rate: float = 0.0) -> Array:
    """Cost from month 0 to each month of ``grid``, discounted to month 0.

    Parameters
    ----------
    stream
        Costs; scenarios on the leading axes.
    horizon
        Last month T; a number, or one a scenario. Beyond it the value stands still.
    grid
        Months to look at, shape (M,).
    yearly_rate
        Discount rate a year; 0 sums the cash.

    Returns
    -------
    Array
        Shape (..., M).
    """
    years = 0 if stream.yearly is None else stream.yearly.shape[-1]
    if isinstance(horizon, float | int):
        factors = _factors_of_one(float(horizon), grid.tobytes(), years, yearly_rate, stream.start_month)
    else:
        factors = _factors(np.asarray(horizon, dtype=float), grid, years, yearly_rate, stream.start_month)
    monthly, yearly, final, ended = factors
    at_start: Num = 1.0
    if stream.paid_month:
        paid = np.minimum(stream.paid_month, np.asarray(horizon, dtype=float))[..., None]
        rest = np.where(grid >= paid, (1.0 + yearly_rate) ** (-paid / 12.0), 0.0)
        at_start = stream.advance_share + (1.0 - stream.advance_share) * rest
    total = np.asarray(stream.initial)[..., None] * at_start + np.asarray(stream.monthly)[..., None] * monthly
    if stream.shaped:
        at = np.minimum(grid, np.asarray(horizon, dtype=float)[..., None])
        for amount, weights in stream.shaped:
            total = total + np.asarray(amount)[..., None] * weighed(weights, at, yearly_rate)
    if stream.yearly is not None:
        total = total + (
            stream.yearly @ yearly if yearly.ndim == 2 else np.einsum("...y,...ym->...m", stream.yearly, yearly)
        )
    end = np.asarray(stream.final)[..., None] * final
    result: Array = total + np.where(ended, end, 0.0)
    return result


def weighed(weights: Array, months: Array, yearly_rate: float = 0.0) -> Array:
    """Sum of the weights of months 0 to each of ``months``, discounted to month 0; straight between whole months.

    Parameters
    ----------
    weights
        Of months 0, 1, 2 ..., shape (N,).
    months
        Any shape; beyond the last weight the sum stands still.
    yearly_rate
        Discount rate a year, 0 or more.
    """
    listed = np.arange(float(weights.size))
    sums: Array = np.cumsum(weights * (1.0 + yearly_rate) ** (-listed / 12.0))
    return np.interp(months, listed, sums)


def _factors(
    horizon: Array, grid: Array, years: int, yearly_rate: float, start: float
) -> tuple[Array, Array, Array, Array]:
    """What a cost a month, a year's cost and the final cost are multiplied by at each month, and where the end is reached."""
    last = horizon[..., None]
    at = np.minimum(grid, last)
    if start:
        at = np.maximum(at - start, 0.0)
    starts = 12.0 * np.arange(years)
    capped = annuity(np.clip(at[..., None, :] - starts[:, None], 0.0, 12.0), yearly_rate)
    factor = (1.0 + yearly_rate) ** (-(starts + start) / 12.0)
    final = (1.0 + yearly_rate) ** (-last / 12.0)
    monthly: Array = np.asarray(annuity(at, yearly_rate)) * (1.0 + yearly_rate) ** (-start / 12.0)
    return monthly, capped * factor[:, None] / 12.0, final, grid >= last


@lru_cache(maxsize=64)
def _factors_of_one(
    horizon: float, months: bytes, years: int, yearly_rate: float, start: float
) -> tuple[Array, Array, Array, Array]:
    """:func:`_factors` of one horizon: the same for every line, side and plan of that horizon."""
    return _factors(np.asarray(horizon), np.frombuffer(months), years, yearly_rate, start)


def crossing(
    rented: Array, owned: Array, grid: Array, horizon: Num | None = None, tolerance: float = 0.0, since: float = 0.0
) -> Array:
    """Month at which owning first costs no more than renting, by linear interpolation between months.

    Parameters
    ----------
    grid
        Months, ascending, shape (M,).
    rented, owned
        Cumulative costs, shape (..., M), at the months of ``grid``.
    horizon
        Months beyond it do not count; a number or one a scenario.
    tolerance
        Costs closer than this count as equal (half a yen in the workbook).
    since
        First month that counts, at the latest the horizon: before the purchase is paid nothing is repaid.

    Returns
    -------
    Array
        Month, shape (...); NaN when they never cross (or are unknown).
    """
    saving = np.asarray(rented) - owned
    reached = saving >= -tolerance
    if since:
        end = grid[-1] if horizon is None else np.asarray(horizon, dtype=float)[..., None]
        reached = reached & (grid >= np.minimum(since, end))
    if horizon is not None:
        reached = reached & (grid <= np.asarray(horizon, dtype=float)[..., None])
        saving = np.broadcast_to(saving, reached.shape)
    shape = reached.shape
    flat, reached = saving.reshape(-1, shape[-1]), reached.reshape(-1, shape[-1])
    rows = np.arange(len(flat))
    first = reached.argmax(axis=-1)
    ever = reached[rows, first]
    before = np.maximum(first - 1, 0)
    earlier = flat[rows, before]
    step = flat[rows, first] - earlier
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(step > 0.0, np.minimum(np.maximum(-earlier / step, 0.0), 1.0), 1.0)
    month = grid[before] + (grid[first] - grid[before]) * part
    month = np.maximum(
        month, np.minimum(since, grid[first])
    )  # payments at once in that month are no line from the last one
    return np.where(ever, np.where(first == 0, grid[0], month), np.nan).reshape(shape[:-1])


def first_whole_month(month: float) -> int:
    """The month at whose end owning has cost no more, for a crossing between months: ``MAX(1, ROUNDUP(ROUND(month, 9), 0))``.

    Months are counted from 1: where owning costs no more from the order on, that is month 1.
    Rounding to the nearest would name a month at whose end owning still costs more (16.4 is reached in month 17).
    """
    return max(1, int(ceil_guarded(month)))


def net_present_value(flows: Array, yearly_rate: float) -> Num:
    """``sum flow_m * (1 + i)**-m`` over the last axis, month 0 first."""
    months = np.arange(np.shape(flows)[-1])
    return np.asarray(flows) @ (1.0 + yearly_rate) ** (-months / 12.0)


def internal_rate(flows: Array) -> float | None:
    """Yearly internal rate of return of monthly flows (month 0 first): the rate at which their present value is zero.

    Parameters
    ----------
    flows
        Shape (M,), income positive.

    Returns
    -------
    float or None
        ``(1 + i)**12 - 1``; None when the flows never change sign, so that no rate exists, and when what comes back is not
        more than what was paid: a rate below zero is no return, and payments in between make several of them.
    """
    if not np.all(np.isfinite(flows)) or not (np.any(flows > 0.0) and np.any(flows < 0.0)) or flows.sum() <= 0.0:
        return None
    months = np.arange(flows.size)
    weighted = flows * months
    low, high = math.log(0.01), math.log(20.0)  # of the monthly growth factor: -99 % to +1,900 % a month

    def value(log_growth: float) -> tuple[float, float]:
        discount = np.exp(-log_growth * months)
        return float(flows @ discount), -float(weighted @ discount)

    at_low, at_high = value(low)[0], value(high)[0]
    if (
        at_low * at_high > 0.0
    ):  # a payment after some income makes two rates: the one nearest to none, as spreadsheets find it
        tried = np.linspace(low, high, 2000)
        worth = np.exp(-np.outer(tried, months)) @ flows
        changes = np.flatnonzero(np.sign(worth[:-1]) * np.sign(worth[1:]) < 0.0)
        if not changes.size:
            return None
        place = changes[np.argmin(np.abs(tried[changes]))]
        low, high, at_low = float(tried[place]), float(tried[place + 1]), float(worth[place])
    guess = min(max(0.0, low), high)
    for _ in range(200):
        at, slope = value(guess)
        if at * at_low > 0.0:
            low = guess
        else:
            high = guess
        step = -at / slope if slope != 0.0 else math.inf
        if abs(step) < 1e-12 or high - low < 1e-12:
            break
        guess = guess + step if low < guess + step < high else 0.5 * (low + high)
    return math.expm1(12.0 * guess)
