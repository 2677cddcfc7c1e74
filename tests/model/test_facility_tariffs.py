"""Electricity by supply class and month, and what stands for devices of support racks."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.placement import Load, RackLimits, place
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from tests.model.facility_says import BASE, says


@pytest.mark.parametrize(("voltage", "price"), [("low", 31.0), ("high", 26.0), ("special_high", 21.0)])
@pytest.mark.parametrize("servers", [8, 200])
def test_the_electricity_price_is_that_of_the_class_contracted(voltage: str, price: float, servers: int) -> None:
    """It never changes by itself as the hall grows (docs/method.md 8.4); the surcharge comes on top."""
    plan = {"cluster.servers": servers, "money.surcharge_jpy_per_kwh": 4.18, "facility.voltage_class": voltage}
    result, _ = says(plan)
    chosen = next(method for method in result.methods if method.cooling == "rear_door")
    assert chosen.cost_jpy == pytest.approx((result.kwh_per_year.value or 0.0) * (price + 4.18))


def test_the_class_that_a_load_calls_for_is_named_with_a_remedy() -> None:
    """127 DGX H100 at a yearly PUE of 1.30 are below 2,000 kW; their August is not, nor 1,000 kW beside 1,200."""
    many = {"cluster.server": "DGX-H100", "facility.rack_kva": 44.0, "facility.air_limit_kw": 50.0,
            "facility.cooling": "rear_door_active"}  # fmt: skip
    result, found = says(many | {"cluster.servers": 127})
    assert (result.facility_kw.value or 0.0) < 2000.0 < (result.details["contract_kw"].value or 0.0)
    said = found["facility_voltage_needs_special_high_saves"]
    assert dict(said.remedies[0].set) == {"facility.voltage_class": "special_high"}
    assert said.params["saving"].value == pytest.approx((result.kwh_per_year.value or 0.0) * 5.0)
    assert not any(code.startswith("facility_voltage") for code in says(many | dict(said.remedies[0].set)
                                                                       | {"cluster.servers": 127})[1])  # fmt: skip
    half = says(many | {"cluster.servers": 60, "facility.building_contract_kw": 1200.0})[1]
    assert "facility_voltage_needs_special_high_saves" in half
    assert not any(code.startswith("facility_voltage") for code in says(many | {"cluster.servers": 60})[1])


def test_the_months_add_up_to_the_year_and_summer_is_the_peak() -> None:
    result, _ = says({})
    kwh = [month.kwh for month in result.months]
    assert sum(kwh) == pytest.approx(result.kwh_per_year.value)
    pues = [month.pue for month in result.months]
    assert max(range(12), key=lambda m: pues[m]) == 7, "August"
    assert result.details["contract_kw"].value == pytest.approx((result.it_kw.value or 0.0) * max(pues))
    north, _ = says({"facility.climate": "sapporo"})
    south, _ = says({"facility.climate": "naha"})
    assert (north.pue.value or 0.0) < (result.pue.value or 0.0) < (south.pue.value or 0.0)
    own, _ = says({"facility.pue": 1.4})
    assert {month.pue for month in own.months} == {1.4}


@pytest.mark.parametrize(
    ("contract_kw", "name"), [(49.99, "low"), (50.0, "high"), (1999.9, "high"), (2000.0, "special-high")]
)
def test_supply_classes_begin_at_50_and_2000_kw(contract_kw: float, name: str) -> None:
    from mitsumori.model.facility.hall import utility_class

    assert utility_class(resolve(Plan.from_dict(BASE)), contract_kw) == name


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({"cluster.servers": 1, "facility.other_power_share": 0.15}, 1),
        ({"cluster.servers": 1, "facility.other_power_share": 0.0}, 0),
        ({"cluster.servers": 8, "facility.other_power_share": 0.0}, 1),
        ({"cluster.servers": 2, "network.storage_pb": 0.0, "facility.other_power_share": 0.0}, 1),
    ],
)
def test_a_support_rack_stands_for_devices_or_for_their_power(changes: dict[str, Any], beside: int) -> None:
    """Never none where a fabric or shared storage exists, nor where power is set aside for them."""
    assert says(changes)[0].support_racks.value == beside


def test_a_maximum_of_its_own_ends_the_stand_in() -> None:
    """A record with its own rated maximum still borrows the training peak, but is no longer sized by another machine."""
    own = Catalogue.shipped().with_records({"servers": {"OWN": {"base": "HPE-XD670", "max_power_kw": 9.9}}})
    plan = Plan.from_dict(BASE).with_values({"cluster.server": "OWN"})
    result, findings = facility(resolve(plan, own))
    assert result.details["provisioned_kw"].value == 9.9
    assert "facility_power_surrogate" not in [finding.code for finding in findings]
    entered = facility(resolve(Plan.from_dict(BASE).with_values({"facility.server_max_kw": 9.9})))[1]
    assert "facility_power_surrogate" in [finding.code for finding in entered]


def test_the_size_of_a_checkpoint_may_be_known_better() -> None:
    """LoRA saves adapters only: the storage then follows the size that is given."""
    resolved = resolve(Plan.from_dict(BASE))
    assert facility(resolved, 2e9)[0].storage["checkpoint_bytes"].value == 2e9
    assert facility(resolved, 2e9)[0].storage["write_bytes_per_s"].value == pytest.approx(2e9 / 60)
    assert (facility(resolved)[0].storage["checkpoint_bytes"].value or 0) > 9e11


@pytest.mark.parametrize(("height", "held"), [(38, 1), (39, 0), (19, 2), (20, 1)])
def test_a_standard_rack_has_38_usable_units(height: int, held: int) -> None:
    """42U with four for switches and power strips."""
    assert place(1, Load(height, 1.0), RackLimits(kva=80)).per_rack == held
