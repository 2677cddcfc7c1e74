"""What the electricity line is made of, as a Japanese bill lists it: demand and energy charge, fuel adjustment, levy."""

from __future__ import annotations

from typing import Final

from mitsumori.model.cost.case import Case
from mitsumori.model.cost.lines import demand_charge
from mitsumori.model.cost.month_shapes import prices_of_months
from mitsumori.model.plan.plan import Money

PARTS: Final = ("demand", "energy", "fuel", "levy")
"""Parts of the line, in the order of a bill; their sum is the line."""


def added_per_kwh(money: Money) -> float:
    """Yen a kWh that come upon the price: fuel adjustment and levy."""
    return money.fuel_adjustment_jpy_per_kwh + money.surcharge_jpy_per_kwh


def parts(case: Case, money: Money, total: float) -> dict[str, float]:
    """Parts of the electricity over the horizon, in ``case.currency``.

    Formulas::

        demand = (demand charge a month) * sum of the months' prices over the first year's
        energy, fuel, levy = (total - demand) * own yen a kWh / all yen a kWh

    All three follow the same kWh and rise alike, so that their shares are those of their prices.

    Parameters
    ----------
    case
        The owned side, one plan.
    money
        The plan's money part, with fuel adjustment and levy.
    total
        The electricity line over the horizon; NaN unknown.

    Returns
    -------
    dict
        Amount by :data:`PARTS`; all NaN where the line or the demand charge is unknown.
    """
    months = prices_of_months(case.electricity_escalation)[: int(case.owned_months) + 1]
    lead = case.lead_months
    before = max(0.0, min(lead, float(case.months)) - max(lead - case.before_use_months, 0))
    demand = float(demand_charge(case)) * (float(months.sum()) + float(before))
    whole = float(case.energy_jpy_per_kwh)
    each = {"fuel": money.fuel_adjustment_jpy_per_kwh, "levy": money.surcharge_jpy_per_kwh}
    each = {"energy": whole - sum(each.values()), **each}
    metered = total - demand
    if abs(metered) <= 1e-9 * abs(total):  # all of it is demand: what is left is the rounding of the difference
        metered = 0.0
    shares = {name: (price / whole if whole else 0.0) for name, price in each.items()}
    return {"demand": demand + metered * 0.0, **{name: metered * share for name, share in shares.items()}}
