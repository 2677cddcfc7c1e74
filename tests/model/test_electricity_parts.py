"""The electricity line as a bill lists it: its parts add up to it, whatever rises, ramps, or stands in the rent."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample, sample_names

PARTS = ("demand", "energy", "fuel", "levy")
BILL: dict[str, Any] = {
    "money.electricity_jpy_per_kwh": 17.0, "money.fuel_adjustment_jpy_per_kwh": 3.0, "money.surcharge_jpy_per_kwh": 4.18,
    "money.demand_charge_jpy_per_kw_month": 2000.0,
}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "a bill": BILL,
    "the month's adjustment lowers it": BILL | {"money.fuel_adjustment_jpy_per_kwh": -4.5},
    "rising, growing, in dollars": BILL | {"money.electricity_escalation": 0.04, "money.ramp_months": 7, "money.currency": "USD"},
    "in the rent": BILL | {"money.onprem.site": "colocation", "money.onprem.rent_per_rack_month": 1e5,
                           "money.onprem.power_included_in_rent": True},
    "nothing a kWh": {"money.electricity_jpy_per_kwh": 0.0, "money.demand_charge_jpy_per_kw_month": 2000.0},
}  # fmt: skip


def parts(
    changes: dict[str, Any], sample: str = "llama3-70b-continual"
) -> tuple[dict[str, float | None], float | None]:
    cost = estimate(load_sample(sample).plans[0].with_values(changes)).cost.onprem
    return {name: cost.details[f"electricity_{name}"].value for name in PARTS}, cost.lines["electricity"].value


@pytest.mark.parametrize("case", CASES)
def test_the_parts_add_up_to_the_line(case: str) -> None:
    found, line = parts(CASES[case])
    assert line is not None
    assert math.fsum(value or 0.0 for value in found.values()) == pytest.approx(line, rel=1e-12, abs=1e-6)


@pytest.mark.parametrize("sample", sample_names())
def test_every_sample_has_them(sample: str) -> None:
    found, line = parts({}, sample)
    assert (line is None) == all(value is None for value in found.values())
    if line is not None:
        assert math.fsum(value or 0.0 for value in found.values()) == pytest.approx(line, rel=1e-12)


def test_each_follows_its_own_price_by_hand() -> None:
    """522,399 kWh a year at the sample's use, five years: energy 17, adjustment 3, levy 4.18 yen a kWh."""
    plan = load_sample("llama3-70b-continual").plans[0].with_values(BILL)
    result = estimate(plan)
    kwh = (result.facility.kwh_per_year.value or 0.0) * 5.0
    found, _ = parts(BILL)
    assert found["energy"] == pytest.approx(17.0 * kwh, rel=1e-9)
    assert found["fuel"] == pytest.approx(3.0 * kwh, rel=1e-9)
    assert found["levy"] == pytest.approx(4.18 * kwh, rel=1e-9)
    contract = result.facility.details.contract_kw.value or 0.0
    clause = 1.85 - plan.facility.site_power_factor
    assert found["demand"] == pytest.approx(2000.0 * contract * clause * 60.0, rel=1e-9)


def test_without_an_exchange_rate_they_are_unknown_and_never_zero() -> None:
    found, line = parts(BILL | {"money.currency": "USD", "money.usd_jpy": None})
    assert line is None
    assert set(found.values()) == {None}
