"""Published figures of racks, power and cooling against the program, each with its source.

Where a figure is only recalled or derived in the collected facts the test says so.
"""

import numpy as np
import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.cooling import air_m3_per_h, pue, refrigeration_tons, water_l_per_min
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.placement import Load, RackLimits, place
from mitsumori.model.facility.power import it_energy_kwh
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve

catalog = Catalogue.shipped()


def run(**changes):
    base = {"workload": {"tokens": 100e9}, "model": {"preset": "llama3-70b"}, "money": {"utilization": 1.0}}
    return facility(resolve(Plan.from_dict(base).with_values(changes)))


def codes(findings):
    return {finding.code for finding in findings}


XD670 = {"cluster.server": "HPE-XD670", "facility.cooling": "rear_door"}


@pytest.mark.parametrize(
    ("servers", "changes", "per_rack", "racks"),
    [
        (4, {}, 2, 2),
        (16, {}, 2, 8),
        (16, {"facility.power_basis": "measured"}, 3, 6),
        (4, {"facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 80.0}, 7, 1),
        (16, {"facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 80.0}, 7, 3),
        (16, {"facility.cooling": "cold_plate", "facility.rack_kva": 80.0}, 2, 8),
        (16, {"facility.cooling": "rear_door_active", "facility.rack_kva": 80.0, "facility.air_limit_kw": 75.0}, 7, 3),
        (16, {"facility.cooling": "in_row"}, 1, 16),
        (16, {"facility.cooling": "in_row", "facility.power_basis": "measured"}, 2, 8),
    ],
)
def test_xd670_in_the_water_cooled_hall(servers, changes, per_rack, racks):
    """Worked examples 1-8 (docs/method.md 6.10) through the whole floor: catalogue, ladder, hall."""
    result, findings = run(**XD670 | {"cluster.servers": servers} | changes)
    assert result.servers_per_rack.value == per_rack
    assert result.racks.value == racks
    assert result.support_racks.value >= 1
    assert result.binding
    assert "facility_power_surrogate" in codes(findings)


def test_room_air_holds_no_xd670():
    """Example 9: one server needs 10.41 kVA and 1.5 in reserve, the raised floor gives 10."""
    result, findings = run(**XD670 | {"facility.cooling": "air"})
    assert result.racks.value is None
    assert result.binding == ("kva", "air")
    worst = findings[0]
    assert (worst.code, worst.severity) == ("facility_limit_kva", "bad")
    assert worst.params["need"] == pytest.approx(11.91)
    assert worst.params["offer"] == 10


def test_hall_check():
    """Example 2 over a year at full use, share 0.15, PUE 1.3, WUE 0.3.

    142.6 kW of IT on average, 185.4 kW of the hall, 1,623,929 kWh, 375 m3, 687 t, 249 kVA at the peak.
    """
    result, _ = run(
        **XD670
        | {
            "cluster.servers": 16,
            "facility.other_power_share": 0.15,
            "facility.pue": 1.3,
            "facility.wue": 0.3,
            "facility.co2_kg_per_kwh": 0.423,
        }
    )
    assert result.details["it_average_kw"].value == pytest.approx(142.6, abs=0.05)
    assert result.details["facility_average_kw"].value == pytest.approx(185.4, abs=0.05)
    assert result.kwh_per_year.value == pytest.approx(1_623_929, abs=0.6)
    assert result.water_m3_per_year.value == pytest.approx(375, abs=0.5)
    assert result.co2_t_per_year.value == pytest.approx(687, abs=0.5)
    assert result.utility_kva.value == pytest.approx(249, abs=0.5)
    assert result.tariff_class == "high"
    assert result.kwh_per_year.value * 25.5 == pytest.approx(41.4e6, rel=2e-3)


def test_feeds_of_example_2():
    """One 200 V three-phase 60 A pair gives 16.63 kVA: a 22.3 kVA rack needs two, or one 400 V 63 A pair (34.9)."""
    feeds = catalog.feeds()
    assert feeds["200v-60a-3ph"].usable_kva == pytest.approx(16.63, abs=0.005)
    assert feeds["400v-63a-3ph"].usable_kva == pytest.approx(34.92, abs=0.005)
    result, _ = run(**XD670 | {"cluster.servers": 16})
    assert result.limits.feeds["200v-60a-3ph"] == 2
    assert result.limits.feeds["400v-63a-3ph"] == 1


def test_gb200_scalable_unit():
    """NVIDIA DGX SuperPOD GB200: 8 racks of 72, 1.2 MW a scalable unit; at 132 kW a rack 144 kW are left for support.

    The split of 115 kW liquid and 17 kW air is recalled; the catalogue's 0.87 gives 114.8 and 17.2.
    """
    result, findings = run(
        **{
            "cluster.server": "DGX-GB200-NVL72",
            "cluster.servers": 8,
            "facility.cooling": "rack_scale",
            "facility.other_power_share": 144 / 1056,
        }
    )
    assert result.racks.value == 8
    assert result.support_racks.value >= 1
    assert result.details["compute_kw"].value == pytest.approx(1056)
    assert result.it_kw.value == pytest.approx(1200, rel=0.01)
    assert result.details["hall_liquid_kw"].value == pytest.approx(920, rel=0.01)
    assert 8 * result.air_kw.value == pytest.approx(136, rel=0.02)
    assert result.details["water_l_per_min_rack"].value == pytest.approx(165, rel=0.01)
    assert "facility_rack_scale_site" in codes(findings)


def test_rack_product_needs_rack_scale_cooling():
    result, findings = run(**{"cluster.server": "DGX-GB200-NVL72", "facility.cooling": "rear_door"})
    assert result.racks.value is None
    worst = findings[0]
    assert worst.code == "facility_method_rack_product"
    assert worst.remedies[0].set["facility.cooling"] == "rack_scale"
    assert worst.remedies[0].recommended


def test_gb200_floor_load():
    """1,360 kg on 0.6 x 1.2 m: 1,889 kg/m2 on the footprint fails a 1,000 kg/m2 floor, 944 with the aisle passes."""
    result, findings = run(
        **{
            "cluster.server": "DGX-GB200-NVL72",
            "facility.cooling": "rack_scale",
            "facility.floor_limit_kg_m2": 1000.0,
        }
    )
    assert result.racks.value == 1
    assert result.details["point_kg_m2"].value == pytest.approx(1889, abs=1)
    assert result.details["spread_kg_m2"].value == pytest.approx(944, abs=1)
    assert "facility_floor_point" in codes(findings)


def test_floor_load_of_four_b200():
    """722 kg on 0.6 x 1.2 m is 1,003 kg/m2 on the footprint and 501 with an equal share of the aisle."""
    placed = place(4, Load(10, 14.3, 0.0, 142.5), RackLimits(units=48, kva=60, air_kw=60, tare_kg=152))
    assert placed.weight_kg == pytest.approx(722)
    assert placed.point_kg_m2 == pytest.approx(1003, abs=0.5)
    assert placed.spread_kg_m2 == pytest.approx(501, abs=0.5)


def test_h100_node_power():
    """Latif et al. (IEEE Access 13:61740): 8.4 kW at most, 18 % under 10.2; Newkirk et al. (arXiv 2506.14551): 76 %."""
    server = catalog.server("DGX-H100")
    assert server.power("peak").kw == 8.4
    assert 1 - server.power("peak").kw / server.power("max").kw == pytest.approx(0.18, rel=0.03)
    assert server.power("average").kw / server.power("max").kw == pytest.approx(0.76, rel=0.01)


def test_superpod_b200_rack():
    """NVIDIA DGX SuperPOD B200: two a rack, "more than 25 kW" (28.6 derived from 14.3 a node)."""
    result, _ = run(
        **{
            "cluster.server": "DGX-B200",
            "cluster.servers": 2,
            "facility.rack_units": 52,
            "facility.kva_reserved": 0.0,
            "facility.rack_kva": 30.0,
        }
    )
    assert result.servers_per_rack.value == 2
    assert result.kw_per_rack.value == pytest.approx(28.6)
    assert result.kw_per_rack.value > 25


def test_airflow_of_120_kw():
    """Coolnet: 120 kW at 20 F need about 19,000 CFM and are 409,000 BTU/h."""
    assert air_m3_per_h(120, 20 / 1.8) / 1.699 == pytest.approx(19000, rel=0.01)
    assert refrigeration_tons(120) * 12000 == pytest.approx(409_000, rel=0.01)


def test_water_flow():
    """60 kW at 10 K need 86 L/min (cp 4.186 kJ/kg K)."""
    assert water_l_per_min(60, 10) == pytest.approx(86, abs=0.1)


@pytest.mark.parametrize(
    ("what", "liquid_share", "k_air", "k_liq", "value"),
    [
        ("world average 2025 (Uptime), perimeter air", 0.0, 0.48, 0.08, 1.54),
        ("air-cooled study hall (Vertiv/NVIDIA, recalled)", 0.0, 0.32, 0.08, 1.38),
        ("ABCI Kashiwa, under 1.1 a year, all warm water", 1.0, 0.32, 0.04, 1.10),
    ],
)
def test_pue_anchors(what, liquid_share, k_air, k_liq, value):
    assert pue(liquid_share, k_air, k_liq, catalog.tariff("k-elec").value) == pytest.approx(value, abs=1e-9), what


def test_pue_of_methods_follows_the_catalogue():
    result, _ = run(**XD670 | {"cluster.servers": 16, "facility.cooling": "in_row"})
    by = {method.cooling: method.pue for method in result.methods}
    assert by["air"] == pytest.approx(1.54)
    assert by["containment"] == pytest.approx(1.38)
    assert by["rear_door"] == pytest.approx(1.30)
    assert by["rear_door_cold_plate"] < by["rear_door"]


def test_it_energy_is_the_worked_142_6_kw():
    assert it_energy_kwh(16, 7.75, 0.0, 1.0, 0.15) / 8760 == pytest.approx(142.6)
    assert np.all(np.diff(it_energy_kwh(np.arange(1, 5), 7.75, 2.0, 0.7, 0.15)) > 0)
