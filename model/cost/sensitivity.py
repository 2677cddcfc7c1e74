"""How sure the comparison of renting and owning is: tornado, two-way table, Monte Carlo.

All three change the numbers of one :class:`model.cost.lines.Case` and run it through the same formulas as the estimate,
every scenario at once. The low and high of each factor are data with sources (``resources/catalog/sensitivity.toml``);
where the plan's own value lies outside, it takes the place of the end it passes.

A *saving* is what renting costs more than owning over the horizon: positive where owning is cheaper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.rounding import GUARD_DECIMALS, round_half_up
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.cashflow import LONGEST, crossing, cumulative
from mitsumori.model.cost.factors import FIELDS, Factor, description, factors, node_pair
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.money import exchange
from mitsumori.model.cost.prices import CostInputs, quote
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.plan.plan import Money

__all__ = [
    "DRAWS", "SEED", "Bar", "Factor", "MonteCarlo", "Percentiles", "Sensitivity", "Tornado", "TwoWay", "bars",
    "description", "factors", "listed_prices", "monte_carlo", "outcomes", "sensitivity", "tornado", "two_way",
]  # fmt: skip


DRAWS: Final = 100_000
SEED: Final = 20261122
"""One fixed seed: the same plan gives the same distribution, and neighbouring plans share their random numbers, so
that a slider moves the band smoothly."""
MAX_MONTHS: Final = 84


@dataclass(frozen=True, slots=True)
class Bar:
    """A factor at both ends.

    Saving in cash and as present value, break-even month (None: not within the horizon), and whether the cheaper side
    changes.
    """

    factor: Factor
    low_saving: float
    high_saving: float
    low_npv: float
    high_npv: float
    low_break_even: float | None
    high_break_even: float | None
    low_flips: bool
    high_flips: bool

    @property
    def swing(self) -> float:
        """How far the saving moves between both ends."""
        return abs(self.high_saving - self.low_saving)


@dataclass(frozen=True, slots=True)
class Tornado:
    """Bars sorted by swing, around the plan's own saving."""

    saving: float
    npv: float
    break_even: float | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Saving by utilization (rows) and cloud price an hour (columns, in ``price_currency``).

    The plan's own cell is at ``row``, ``column``. ``break_even`` is NaN where owning does not pay within the horizon.
    """

    utilizations: Array
    prices: Array
    price_currency: str
    saving: Array
    break_even: Array
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """10, 50 and 90 % of the draws lie below; None beyond the horizon."""

    p10: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """Distribution over ``draws`` of triangular factors.

    ``*_band`` have shape (3, months): P10, P50, P90 of the cumulative cost at ``months``. ``owning_wins`` is the share
    of draws in which owning costs less over the horizon.
    """

    draws: int
    seed: int
    factors: tuple[Factor, ...]
    cloud: Percentiles
    onprem: Percentiles
    saving: Percentiles
    break_even: Percentiles
    owning_wins: float
    months: Array
    cloud_band: Array
    onprem_band: Array


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The three views of one plan."""

    tornado: Tornado
    two_way: TwoWay
    monte_carlo: MonteCarlo


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch of cases comes to; shapes are those of the batch, cumulative costs have months on the last axis."""

    rented: Array
    owned: Array
    saving: Array
    break_even: Array


def outcomes(case: Case, grid: Array, tax: float, rate: float = 0.0) -> Outcome:
    """Cumulative costs of both sides at the months of ``grid``, saving at the horizon and break-even month.

    ``grid`` must hold every month at which the slope of a cumulative cost changes (each twelfth, the last two), so that
    linear interpolation is exact; months beyond a scenario's horizon stand still.

    Parameters
    ----------
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    grid
        Months at which the costs are compared, shape (M,).
    tax
        Consumption tax rate that stays a cost, 0-1.
    rate
        Yearly discount rate, 0 or more.
    """
    rented = cumulative(cloud_lines(case).stream(tax), case.months, grid, rate)
    owned = cumulative(owned_lines(case).stream(tax), case.months, grid, rate)
    rented, owned = np.broadcast_arrays(rented, owned)
    return Outcome(
        rented,
        owned,
        rented[..., -1] - owned[..., -1],
        crossing(rented, owned, grid, case.months, since=case.paid_month),
    )


def _with(case: Case, values: Mapping[str, Array], inputs: CostInputs) -> Case:
    """The case with factors set to arrays of scenarios, in the units of :func:`factors`."""
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if key == "power":
            assert inputs.it_max_kw is not None
            changes["busy_kw"] = value * inputs.it_max_kw
        else:
            changes[FIELDS[key]] = value
    return replace(case, **changes)


def _known(case: Case) -> bool:
    last = np.array([float(case.months)])
    return bool(np.isfinite(outcomes(case, last, 0.0).saving))


def _tax(money: Money) -> float:
    return 0.0 if money.tax_credit else money.tax_rate


def _maybe(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def bars(money: Money, inputs: CostInputs, case: Case, relative: frozenset[str] = frozenset()) -> tuple[Bar, ...]:
    """Each factor alone at its low and high end, everything else as planned; in the order of the factors' description.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    relative
        Keys of factors whose published range is not used; a share either way stands for it.
    """
    varied = factors(money, inputs, case, relative)
    count = 2 * len(varied) + 1
    values: dict[str, Array] = {}
    for index, factor in enumerate(varied):
        column = np.full(count, factor.base)
        column[2 * index + 1], column[2 * index + 2] = factor.low, factor.high
        values[factor.key] = column
    batch = _with(case, values, inputs)
    grid = np.arange(float(max(MAX_MONTHS, case.months)) + 1.0)
    cash = outcomes(batch, grid, _tax(money))
    npv = outcomes(batch, grid, _tax(money), money.discount_rate).saving
    saving, even = cash.saving, cash.break_even
    owned_wins = saving > 0.0
    found = []
    for index, factor in enumerate(varied):
        low, high = 2 * index + 1, 2 * index + 2
        found.append(
            Bar(
                factor,
                float(saving[low]),
                float(saving[high]),
                float(npv[low]),
                float(npv[high]),
                _maybe(even[low]),
                _maybe(even[high]),
                bool(owned_wins[low] != owned_wins[0]),
                bool(owned_wins[high] != owned_wins[0]),
            )
        )
    return tuple(found)


def tornado(
    money: Money, inputs: CostInputs, case: Case | None = None, relative: frozenset[str] = frozenset()
) -> Tornado | None:
    """The bars by effect, largest first.

    Factors that change nothing (an exchange rate where all is in yen) are left out. None when a total is unknown.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    relative
        Keys of factors whose published range is not used; a share either way stands for it.
    """
    case = quote(money, inputs).case if case is None else case
    if not _known(case):
        return None
    grid = np.arange(float(max(MAX_MONTHS, case.months)) + 1.0)
    own = outcomes(case, grid, _tax(money))
    npv = outcomes(case, grid, _tax(money), money.discount_rate).saving
    scale = 1e-9 * (abs(float(own.saving)) + 1.0)
    ordered = sorted(
        (bar for bar in bars(money, inputs, case, relative) if bar.swing > scale), key=lambda bar: -bar.swing
    )
    return Tornado(float(own.saving), float(npv), _maybe(float(own.break_even)), tuple(ordered))


def _axis(values: Array, own: float) -> tuple[Array, int]:
    """A table axis with the plan's own value in the place of the nearest."""
    place = int(np.argmin(round_half_up(np.abs(values - own), GUARD_DECIMALS)))
    axis = values.copy()
    axis[place] = own
    return axis, place


def listed_prices(inputs: CostInputs, case: Case) -> Array:
    """Prices an hour of the table's columns before the plan's own takes the place of the nearest."""
    table = description()["two_way"]
    if node_pair("cloud_price", description()["factors"]["cloud_price"], inputs, case) is None:
        return np.array(table["ratios"]) * float(case.price_per_hour)
    scale = float(exchange("USD", case.cloud_currency, case.usd_jpy)) * case.instance_accelerators / 8.0
    listed: Array = np.array(table["prices"]) * scale
    return listed


def two_way(money: Money, inputs: CostInputs, case: Case | None = None) -> TwoWay | None:
    """Saving over utilization and cloud price; None when a total is unknown.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    """
    case = quote(money, inputs).case if case is None else case
    if not _known(case):
        return None
    table = description()["two_way"]
    base, listed = float(case.price_per_hour), listed_prices(inputs, case)
    prices, column = _axis(listed, base)
    shares, row = _axis(np.array(table["utilizations"]), float(case.utilization))
    batch = replace(case, utilization=shares[:, None], price_per_hour=prices[None, :])
    grid = np.arange(float(case.months) + 1.0)
    result = outcomes(batch, grid, _tax(money))
    shape = (shares.size, prices.size)
    saving, even = np.broadcast_to(result.saving, shape), np.broadcast_to(result.break_even, shape)
    return TwoWay(shares, prices, case.cloud_currency, saving, even, row, column)


@lru_cache(maxsize=2)
def _uniform(draws: int) -> dict[str, Array]:
    """Uniform numbers of each factor; a factor keeps its own whatever other factors a plan has."""
    keys = tuple(description()["factors"])
    table = np.random.default_rng(SEED).random((len(keys), draws))
    return dict(zip(keys, table, strict=True))


def _triangular(uniform: Array, low: float, mode: float, high: float) -> Array:
    """Triangular draws by the inverse of the distribution.

    ``low + sqrt(u*w*(mode-low))`` below the mode, else ``high - sqrt((1-u)*w*(high-mode))`` with ``w = high - low``.
    """
    width = high - low
    if width <= 0.0:
        return np.full_like(uniform, mode)
    below = uniform * width < mode - low
    inside = np.where(below, uniform * (mode - low), (1.0 - uniform) * (high - mode)) * width
    root = np.sqrt(inside)
    result: Array = np.where(below, low + root, high - root)
    return result


def _percentiles(values: Array) -> Percentiles:
    """P10, P50, P90, where NaN stands for beyond the horizon (above everything)."""
    filled = np.where(np.isnan(values), np.inf, values)
    ranks = [min(int(share * (filled.size - 1)), filled.size - 1) for share in (0.1, 0.5, 0.9)]
    ordered = np.partition(filled, ranks)
    return Percentiles(*(_maybe(ordered[rank]) for rank in ranks))


def _bends(case: Case) -> Array:
    """Months within the years at which cumulative costs bend: payments of one month, and the growth of use."""
    lead, rented = float(case.lead_months), float(case.rented_lead)
    bends = rented + np.arange(float(case.ramp_months))
    if case.paid_month:
        bends = np.append(bends, (case.paid_month - 1.0, case.paid_month))
    if np.any(case.refresh_share):
        bends = np.append(bends, (lead + case.refresh_month - 1.0, lead + case.refresh_month))
    if lead:
        years = 12.0 * np.arange(float(LONGEST // 12 + 1))
        bends = np.concatenate((bends, lead + years, rented + years, (lead - min(case.before_use_months, lead),)))
    if case.upfront_share:  # what is paid at once at the beginning of a reservation
        term = 12.0 * case.price_years
        begun = rented + term * np.arange(1.0, float(LONGEST // term + 1))
        bends = np.concatenate((bends, begun - 1.0, begun))
    kept: Array = bends[(bends >= 0.0) & (bends < case.months)]
    return kept


def monte_carlo(money: Money, inputs: CostInputs, case: Case | None = None, draws: int = DRAWS) -> MonteCarlo | None:
    """Cost and break-even when every factor varies at once; None when a total is unknown.

    Factors are independent and triangular between low and high, the plan's value being the most likely.
    Cumulative costs are straight between months 0, 12, 24 ..., so that a draw needs those months only.

    Parameters
    ----------
    money, inputs
        The plan.
    case
        Its quote's case, when it is at hand.
    draws
        Number of draws.
    """
    case = quote(money, inputs).case if case is None else case
    if not _known(case):
        return None
    drawn = tuple(factor for factor in factors(money, inputs, case) if factor.drawn)
    uniform = _uniform(draws)
    values = {f.key: _triangular(uniform[f.key], f.low, f.base, f.high) for f in drawn}
    months = float(case.months)
    shown_at = np.unique(np.concatenate((np.arange(0.0, months, 12.0), [months])))
    knots = np.unique(np.concatenate((shown_at, [months - 1.0], _bends(case))))
    result = outcomes(_with(case, values, inputs), knots, _tax(money))
    shown = np.flatnonzero(np.isin(knots, shown_at))

    def band(cumulated: Array) -> Array:
        columns = [_percentiles(np.ascontiguousarray(cumulated[:, index])) for index in shown]
        return np.array([[column.p10, column.p50, column.p90] for column in columns], dtype=float).T

    cloud_band, onprem_band = band(result.rented), band(result.owned)
    return MonteCarlo(
        draws,
        SEED,
        drawn,
        Percentiles(*cloud_band[:, -1].tolist()),
        Percentiles(*onprem_band[:, -1].tolist()),
        _percentiles(result.saving),
        _percentiles(result.break_even),
        float(np.mean(result.saving > 0.0)),
        knots[shown],
        cloud_band,
        onprem_band,
    )


def sensitivity(money: Money, inputs: CostInputs, draws: int = DRAWS) -> Sensitivity | None:
    """All three views; None when the total of a side is unknown.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    draws
        Scenarios that are drawn, 1 or more.
    """
    case = quote(money, inputs).case
    bars, table = tornado(money, inputs, case), two_way(money, inputs, case)
    risk = monte_carlo(money, inputs, case, draws)
    if bars is None or table is None or risk is None:
        return None
    return Sensitivity(bars, table, risk)
