"""What warm water takes from a cooling method; distribution units; evaporation.

The CDU: 60 kW with 40 C water, 100 kW with 32 C (ServeTheHome, in resources/catalog/cooling.toml). Coils: heat in
proportion to the difference of air (35 C leaving the rack) and water.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.facility import water
from mitsumori.model.facility.water import air_cap, liquid_cap
from mitsumori.model.plan.plan import Facility, Plan
from tests.model.facility_says import says

METHODS = Catalogue.shipped().cooling_methods()


@pytest.mark.parametrize("key", sorted(METHODS))
def test_limits_at_the_standard_temperature_are_the_catalogues(key):
    method = METHODS[key]
    for supply in (None, method.water_supply_c):
        part = Facility(water_supply_c=supply)
        assert air_cap(part, method) == method.air_cap_kw
        assert liquid_cap(part, method) == method.liquid_cap_kw


@given(st.floats(0, 60), st.floats(0, 60), st.sampled_from(sorted(METHODS)))
def test_warmer_water_never_carries_more(one, other, key):
    method = METHODS[key]
    cold, warm = Facility(water_supply_c=min(one, other)), Facility(water_supply_c=max(one, other))
    for cap in (air_cap, liquid_cap):
        at_cold, at_warm = cap(cold, method), cap(warm, method)
        assert (at_cold is None) == (at_warm is None)
        assert at_cold is None or 0.0 <= at_warm <= at_cold


def test_a_cdu_by_its_makers_two_points():
    assert liquid_cap(Facility(water_supply_c=40), METHODS["cold_plate"]) == 60.0
    assert liquid_cap(Facility(water_supply_c=32), METHODS["cold_plate"]) == 100.0
    assert liquid_cap(Facility(water_supply_c=45), METHODS["cold_plate"]) == 35.0


@pytest.mark.parametrize(("cooling", "supply"), [("rear_door", 45.0), ("in_row", 35.0)])
def test_hot_water_at_a_door_or_in_a_row_cools_nothing_and_says_so(cooling, supply):
    """They took 30 and 20 kW without a word."""
    plan = Plan().with_values(
        {"cluster.server": "HPE-XD670", "cluster.servers": 16, "facility.cooling": cooling,
         "facility.water_supply_c": supply}
    )  # fmt: skip
    result = estimate(plan)
    said = {finding.code: finding for finding in result.findings}
    assert said["facility_water_warm"].params["kw"] == 0.0
    assert "facility_limit_air" in said  # not a rack of 0.0 kVA, which follows the cooling
    assert result.facility.racks.value is None
    assert result.facility.it_kw.value > 0
    back = said["facility_water_warm"].remedies[0].set
    assert estimate(plan.with_values(dict(back))).facility.racks.value is not None


def test_plates_beyond_w45_are_the_makers_to_allow():
    plan = Plan().with_values(
        {"cluster.server": "DGX-GB200-NVL72", "facility.cooling": "rack_scale", "facility.water_supply_c": 46.0}
    )
    assert "facility_water_class" in {finding.code for finding in estimate(plan).findings}


def test_distribution_units():
    """One in each rack with cold plates; for racks sold whole the row's, and one spare."""
    plates = Plan().with_values(
        {"cluster.server": "HPE-XD670", "cluster.servers": 16, "facility.cooling": "cold_plate"}
    )
    result = estimate(plates).facility
    assert result.water["cdus"].value == result.racks.value
    assert result.water["cdu_rack_units"].value == 4
    rack = Plan().with_values(
        {"cluster.server": "DGX-GB200-NVL72", "cluster.servers": 16, "facility.cooling": "rack_scale"}
    )
    row = estimate(rack).facility
    liquid = row.details.hall_liquid_kw.value
    assert row.water["cdus"].value == -(-liquid // water.ROW_CDU_KW) + 1
    assert row.water["cdu_spare"].value == 1
    assert row.water["cdu_pump_kw"].value == pytest.approx(0.015 * liquid)


def test_a_rack_full_to_the_top_has_no_room_for_its_cdu():
    """7 x 5U + 4U reserved + 4U of CDU > 42U; the published direct-liquid layout is 4 a rack."""
    plan = Plan().with_values(
        {"cluster.server": "HPE-XD670", "cluster.servers": 7, "facility.cooling": "rear_door_cold_plate",
         "facility.rack_kva": 80.0}
    )  # fmt: skip
    result = estimate(plan)
    assert result.facility.servers_per_rack.value == 7
    said = {finding.code: finding for finding in result.findings}
    assert said["facility_cdu_height"].params["units"] == 43


def test_water_evaporates_by_method():
    used = {
        key: estimate(Plan().with_values({"cluster.server": "HPE-XD670", "facility.cooling": key})).facility.details.wue
        for key in ("air", "rear_door", "cold_plate")
    }
    assert {key: figure.value for key, figure in used.items()} == {"air": 0.05, "rear_door": 0.3, "cold_plate": 0.2}


def test_a_pue_that_leaves_nothing_for_cooling_is_a_finding() -> None:
    """It was: 1.0 cut a third of the bill without a word."""
    found = says({"facility.pue": 1.0})[1]["facility_pue_low"]
    assert found.severity == "warn"
    assert "1.06" in found.message("en")
    assert "1.06" in found.message("ja")
    assert [remedy.set for remedy in found.remedies] == [{"facility.pue": None}]
    for pue in (None, 1.06, 1.3):
        assert "facility_pue_low" not in says({"facility.pue": pue})[1]
