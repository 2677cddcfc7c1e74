"""Electricity by utility and supply class: guide prices where they are known, parts of price lists, and what is asked for."""

from __future__ import annotations

import pytest

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.facility.supply import CLASSES, PARTS, record_of_class
from mitsumori.model.plan.project import load_sample

SHIPPED = Catalogue.shipped()
PLAN = load_sample("llama3-70b-continual").plan.with_values({"money.electricity_jpy_per_kwh": None})


@pytest.mark.parametrize("utility", SHIPPED.utilities())
@pytest.mark.parametrize("voltage", CLASSES)
def test_a_utility_gives_its_guide_or_says_that_none_is_known(utility: str, voltage: str) -> None:
    result = estimate(PLAN.with_values({"facility.utility": utility, "facility.voltage_class": voltage}))
    record = record_of_class(SHIPPED, voltage, utility)
    own = record.key == f"electricity-{utility}-{voltage.replace('_', '-')}"
    codes = {item.code for item in result.findings}
    assert ("facility_utility_guide" in codes) is own
    assert ("facility_utility_unknown" in codes) is not own
    used = result.cost.used["money.electricity_jpy_per_kwh"]
    assert used.value == record.value
    for item in result.findings:
        if item.code.startswith("facility_utility"):
            assert item.message("ja") != item.message("en")


def test_prices_of_a_utility_are_its_own() -> None:
    """Tokyo, special high voltage: guides of 20 to 27 yen for industry, with demand charge, fuel adjustment and levy."""
    tokyo = record_of_class(SHIPPED, "special_high", "tepco")
    assert (tokyo.low, tokyo.high) == (20, 27)
    assert record_of_class(SHIPPED, "special_high").value < tokyo.value


def test_counted_by_parts_the_demand_charge_follows_the_contract() -> None:
    plan = PLAN.with_values(
        {"facility.utility": "tepco", "facility.voltage_class": "special_high", "cluster.servers": 128}
    )
    whole = estimate(plan)
    told = next(item for item in whole.findings if item.code == "facility_utility_parts")
    (remedy,) = told.remedies
    parted = estimate(plan.with_values(dict(remedy.set)))
    own, by_parts = (result.cost.onprem.lines["electricity"].value or 0.0 for result in (whole, parted))
    kwh, contract = parted.facility.kwh_per_year.value or 0.0, parted.facility.details.contract_kw.value or 0.0
    years = plan.money.horizon_months / 12
    demand = contract * 1510 * (1.85 - plan.facility.site_power_factor) * 12
    assert by_parts == pytest.approx(years * (kwh * (17 + 3.75 + 4.18) + demand))
    assert not [item for item in parted.findings if item.code.startswith("facility_utility")]
    assert own == pytest.approx(years * (whole.facility.kwh_per_year.value or 0.0) * 23.5)


def test_every_part_says_where_it_comes_from() -> None:
    keys = [key for key in SHIPPED.tariffs() if key.split("-")[0] in PARTS and key.split("-")[1] in SHIPPED.utilities()]
    assert len(keys) >= 15
    for key in keys:
        record = SHIPPED.tariff(key)
        found = record.provenance("value")
        assert found is not None
        assert found.url
        assert record.date
        assert record.low is None or record.low <= record.value
        assert record.high is None or record.high >= record.value


def test_an_unknown_utility_is_refused() -> None:
    with pytest.raises(PlanError, match=r"facility\.utility"):
        estimate(PLAN.with_values({"facility.utility": "no-such"}))


@pytest.mark.parametrize("key", SHIPPED.utilities())
def test_a_utility_lies_in_a_climate(key: str) -> None:
    assert SHIPPED.utilities()[key].climate in SHIPPED.climates()
