"""Fixed-asset tax on depreciable assets in Japan (固定資産税のうち償却資産), by the evaluation standard.

The tax is levied on an assessed value of its own, not on the book value: whichever way the books depreciate, the value
of the first year is ``cost * (1 - r/2)`` and then ``(1 - r)`` of the year before, with the reduction rate ``r`` of the
asset's statutory life, and never less than 5 % of the cost while the asset stands (地方税法 第414条; 固定資産評価基準
第3章, 別表第15). It is owed by who owns the asset on 1 January (第359条), so for the first time after the year of
acquisition; the n-th operating year bears the n-th assessment here. Nothing is levied where all assessed values together
stay below 1.5 million yen (第351条); the plan's own assets are taken for all there are. Leased machines are the lessor's
to declare (第342条), works of the tenant the tenant's (第343条). What is replaced is gone at the next 1 January, and what
replaces it begins with its own first assessment (:func:`replaced_shares`); no month of a year is given back (第359条). Sources
with addresses: ``resources/catalog/property_tax.toml``.

Left out: cutting the base to 1,000 yen and the tax to 100 yen (第20条の4の2), together at most 114 yen a year.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from mitsumori import resources
from mitsumori.model.base.arrays import Array
from mitsumori.model.base.rounding import floor_guarded
from mitsumori.model.cost.depreciation import MAX_YEARS

__all__ = ["LONGEST_LIFE", "assessed_shares", "property_tax", "reduction_rate", "replaced_shares", "rules"]

Num = object
SHORTEST_LIFE, LONGEST_LIFE = 2, 20
"""Statutory lives, in years, of the table that is kept here."""
FIRST_YEAR_PART: Final = 0.5
"""In its first year an asset is taken to have been used for half of it."""


@cache
def rules() -> dict[str, Any]:
    """The rules as data: reduction rates, exemption in yen, least share, decimals of the first year, sources."""
    return resources.read_table("catalog", "property_tax.toml")


def reduction_rate(life_years: int) -> float:
    """Share that a value loses a year (減価率), by statutory life; a life of one year takes the shortest of the table."""
    return float(rules()["reduction_rate"][str(min(max(life_years, SHORTEST_LIFE), LONGEST_LIFE))])


@cache
def assessed_shares(life_years: int) -> tuple[float, ...]:
    """Assessed value over cost in operating years 1 to :data:`MAX_YEARS`, e.g. 0.815, 0.514, 0.325 ... for five years."""
    rate, least, scale = reduction_rate(life_years), rules()["least_share"], 10.0 ** rules()["first_year_decimals"]
    share = float(floor_guarded((1.0 - rate * FIRST_YEAR_PART) * scale)) / scale
    shares = [share]
    for _ in range(MAX_YEARS - 1):
        share = max(least, share * (1.0 - rate))
        shares.append(share)
    return tuple(shares)


def replaced_shares(shares: Array, share: float, month: int) -> tuple[Array, Array]:
    """Assessed values where some machines are replaced: of the first ones that still stand, and of those that come.

    The first operating year that begins with or after the month assesses the new ones for the first time, and the replaced ones
    no more.

    Parameters
    ----------
    shares
        Assessed value over cost in operating years 1, 2, ..., shape (years,).
    share
        Share of the machines that is replaced; beyond 1 all are.
    month
        Month of use at whose end they are replaced, 1 or more.

    Returns
    -------
    tuple of Array
        Over the cost of the first machines and over that of the new ones, each of shape (years,).
    """
    first = min(-(-month // 12), shares.size)
    standing, new = shares.copy(), np.zeros_like(shares)
    standing[first:] *= 1.0 - min(share, 1.0)
    new[first:] = shares[: shares.size - first]
    return standing, new


def property_tax(
    equipment: Num, works: Num, rate: Num, equipment_shares: Array, works_shares: Array, yen: Num,
    renewed: Num = 0.0, renewed_shares: Array | None = None,
) -> Array:  # fmt: skip
    """Tax of each operating year: ``rate * (equipment * share + works * share)``, none where that base is exempt.

    Parameters
    ----------
    equipment, works
        Costs of the assets of each life; shape (...), NaN where unknown.
    rate
        Tax rate a year.
    equipment_shares, works_shares
        Assessed value over cost, shape (years,).
    yen
        Units of the result's currency for one yen; NaN where the exchange rate is unknown, and so is the tax then.
    renewed, renewed_shares
        Cost of machines that replace others, and their assessed value over it (:func:`replaced_shares`); None where none do.

    Returns
    -------
    Array
        Shape (..., years).
    """
    assessed = np.asarray(equipment)[..., None] * equipment_shares + np.asarray(works)[..., None] * works_shares
    if renewed_shares is not None:
        assessed = assessed + np.asarray(renewed)[..., None] * renewed_shares
    exempt_below = np.asarray(rules()["exempt_below_jpy"] * yen)[..., None]
    base = np.where(assessed < exempt_below, 0.0, assessed) + 0.0 * exempt_below
    share = np.asarray(rate)[..., None]
    tax: Array = np.where(share == 0.0, 0.0, share * base)  # no rate, no tax: also of what has no price yet
    return tax
