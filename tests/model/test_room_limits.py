"""Limits of the room: floor under the rack and spread, a CDU's height in the rack, supply air, dew point, coolant."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.project import load_sample

PLAN = load_sample("llama3-70b-continual").plan.with_values({"cluster.server": "DGX-B200", "cluster.servers": 8})
DENSE = {
    "facility.cooling": "rear_door_active",
    "facility.rack_kva": 80.0,
    "facility.air_limit_kw": 70.0,
    "facility.rack_units": 52,
}
PLATES = {
    "cluster.server": "HPE-XD670", "cluster.servers": 16, "facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 80.0,
}  # fmt: skip


def made(**changes: Any) -> Estimate:
    return estimate(PLAN.with_values(changes))


def says(result: Estimate, code: str) -> Any:
    return next((item for item in result.findings if item.code == code), None)


def test_the_floor_limits_a_rack_by_its_footprint_and_by_its_area() -> None:
    """150 kg and 142.4 kg a server on 0.72 m2: three load the footprint with 801.7 kg/m2, two with 603.9; half with the aisle."""
    free = made(**DENSE)
    assert free.facility.servers_per_rack.value == 4
    point = made(**DENSE, **{"facility.floor_point_limit_kg_m2": 700.0})
    assert point.facility.servers_per_rack.value == 2
    assert point.facility.binding[0] == "floor"
    area = made(**DENSE, **{"facility.floor_limit_kg_m2": 401.0})
    assert area.facility.servers_per_rack.value == 3
    both = made(**DENSE, **{"facility.floor_limit_kg_m2": 401.0, "facility.floor_point_limit_kg_m2": 700.0})
    assert both.facility.servers_per_rack.value == 2


def test_a_floor_too_weak_under_the_rack_is_named_and_mended() -> None:
    weak = made(**DENSE, **{"facility.floor_point_limit_kg_m2": 300.0})
    found = says(weak, "facility_limit_floor_point")
    assert found.field == "facility.floor_point_limit_kg_m2"
    assert (found.params["need"], found.params["offer"]) == (pytest.approx(406.1, abs=0.1), 300.0)
    remedy = next(item for item in found.remedies if "facility.floor_point_limit_kg_m2" in item.set)
    mended = estimate(PLAN.with_values({**DENSE, "facility.floor_point_limit_kg_m2": 300.0, **dict(remedy.set)}))
    assert mended.facility.servers_per_rack.value == 1


def test_what_raises_the_floor_limit_admits_one_server_more() -> None:
    changes = {**DENSE, "facility.floor_point_limit_kg_m2": 700.0}
    relax = made(**changes).facility.limits.relax
    assert set(relax) == {"facility.floor_point_limit_kg_m2"}
    assert made(**{**changes, **relax}).facility.servers_per_rack.value == 3


def test_a_cdu_in_the_rack_takes_its_height() -> None:
    """Seven servers of 5U and 4U reserved fill 39U of 42; with a CDU of 4U six do."""
    full = {**PLATES, "cluster.servers": 14}
    beside, within = made(**full), made(**full, **{"facility.cdu_units": 4})
    assert beside.facility.servers_per_rack.value == 7
    remedy = says(beside, "facility_cdu_height").remedies[0]
    assert dict(remedy.set) == {"facility.cdu_units": 4}
    assert within.facility.servers_per_rack.value == 6
    assert (beside.facility.racks.value, within.facility.racks.value) == (2, 3)
    assert says(within, "facility_cdu_height") is None
    rack = within.facility.layout[0]
    (cdu,) = [device for device in rack.devices if device.kind == "cooling"]
    assert cdu.height_u == 4
    taken = [unit for device in rack.devices for unit in range(device.unit, device.unit + device.height_u)]
    assert len(taken) == len(set(taken))
    assert max(taken) <= rack.units


@pytest.mark.parametrize(
    ("inlet", "code"),
    [
        (24.0, ""),
        (27.0, ""),
        (29.0, "facility_inlet_allowed"),
        (33.0, "facility_inlet_server"),
        (15.0, "facility_inlet_allowed"),
    ],
)
def test_supply_air_is_checked_against_maker_and_classes(inlet: float, code: str) -> None:
    """DGX B200 takes 30 C; ASHRAE recommends 18 to 27 C."""
    codes = {
        item.code for item in made(**{"facility.inlet_c": inlet}).findings if item.code.startswith("facility_inlet")
    }
    assert codes == ({code} if code else set())


def test_a_machine_for_cool_air_says_so_in_a_warm_room() -> None:
    plan = {"cluster.server": "Gigabyte-G494-SB0-AAP2", "facility.inlet_c": 27.0}
    found = says(made(**plan), "facility_inlet_server")
    assert found.params["most"] == 25
    assert dict(found.remedies[0].set) == {"facility.inlet_c": 25.0}


def test_warmer_air_gives_a_coil_more() -> None:
    """A door of 30 kW at 18 C water and air of 35 C carries 30 (38 - 18) / 17 = 35.3 kW, at most 35, from air of 38 C."""
    plan = {"cluster.server": "DGX-H100", "facility.cooling": "rear_door"}
    warm = estimate(PLAN.with_values({**plan, "facility.inlet_c": 27.0})).facility.limits.air_limit_kw
    cool = estimate(PLAN.with_values({**plan, "facility.inlet_c": 20.0})).facility.limits.air_limit_kw
    assert warm == pytest.approx(35.0)
    assert cool == pytest.approx(30 * 13 / 17)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facility.cooling": "in_row", "facility.dew_point_c": 14.0}, "facility_dew_point"),
        ({"facility.cooling": "in_row", "facility.water_supply_c": 15.0}, "facility_dew_unknown"),
        ({"facility.cooling": "in_row", "facility.water_supply_c": 17.0}, ""),
        ({"facility.cooling": "in_row"}, ""),
        ({**PLATES, "facility.cooling": "cold_plate", "facility.water_supply_c": 12.0}, "facility_dew_unknown"),
    ],
)
def test_cold_water_is_checked_against_the_dew_point(changes: dict[str, Any], code: str) -> None:
    codes = {item.code for item in made(**changes).findings if item.code.startswith("facility_dew")}
    assert codes == ({code} if code else set())


def test_coolant_and_leak_detectors_follow_the_liquid() -> None:
    water = made(**PLATES).facility.water
    liquid = 16 * 10.2 * 0.7
    assert water.coolant_l is not None
    assert water.coolant_kg is not None
    assert water.coolant_l_per_min is not None
    assert water.leak_sensors is not None
    assert water.coolant_l.value == pytest.approx(0.6 * liquid)
    assert (water.coolant_l.low, water.coolant_l.high) == (pytest.approx(0.3 * liquid), pytest.approx(1.2 * liquid))
    assert water.coolant_kg.value == pytest.approx(1.02 * 0.6 * liquid)
    assert water.coolant_l_per_min.value == pytest.approx(1.06 * 14.33 * liquid / 10)
    assert water.leak_sensors.value == 3 + 3
    assert made().facility.water.leak_sensors is None


def test_cdus_beside_the_row_take_places_of_their_own() -> None:
    """Eight racks of 114.8 kW to liquid are one unit of 1,350 kW and one spare."""
    rows = made(**{"cluster.server": "DGX-GB200-NVL72", "facility.cooling": "rack_scale"})
    found = says(rows, "facility_cdu_places")
    assert found.params["cdus"] == 2
    assert found.params["kw"] == pytest.approx(8 * 114.84, rel=1e-3)
    assert says(made(**PLATES), "facility_cdu_places") is None
    assert says(made(), "facility_cdu_places") is None
