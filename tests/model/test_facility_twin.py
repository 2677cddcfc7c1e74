"""The facility floor against its twin: limits, racks, heat, hall and year of whole plans."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from tests.model import facility_twin as twin

SHARE = 0.13
BASE = {
    "workload": {"tokens": 100e9},
    "model": {"preset": "llama3-70b"},
    "facility": {"other_power_share": SHARE},
    "money": {"utilization": 0.62},
}

PLANS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "rear doors": ("HPE-XD670", 16, {"cooling": "rear_door"}),
    "measured peak": ("HPE-XD670", 16, {"cooling": "rear_door", "power_basis": "measured"}),
    "capped below the average": ("DGX-H100", 9, {"cooling": "containment", "power_basis": "capped", "cap_fraction": 0.7}),
    "own power figures": ("HPE-XD670", 7, {"cooling": "rear_door_active", "server_max_kw": 9.6, "server_average_kw": 7.1,
        "server_peak_kw": 8.1, "server_idle_kw": 1.9, "power_basis": "measured"}),
    "idle above the average": ("HPE-XD670", 3, {"cooling": "in_row", "server_average_kw": 2.0, "server_idle_kw": 2.4}),
    "room air": ("HPE-XD670", 2, {"cooling": "air", "server_max_kw": 8.0}),
    "breakers": ("HPE-XD670", 16, {"cooling": "rear_door", "rack_kva": 43.6, "rack_kva_is_breaker": True}),
    "three feeds": ("HPE-XD670", 16, {"cooling": "rear_door_active", "rack_kva": 62.0, "redundancy": "n1"}),
    "five feeds": ("HPE-XD670", 16, {"cooling": "rear_door_active", "rack_kva": 62.0, "redundancy": "n1", "feeds": 5}),
    "two sides": ("HPE-XD670", 16, {"cooling": "rear_door", "redundancy": "2n"}),
    "cold plates and a dry room": ("HPE-XD670", 16, {"cooling": "cold_plate"}),
    "cold plates and doors": ("HPE-XD670", 33, {"cooling": "rear_door_cold_plate", "rack_kva": 80.0}),
    "warm water": ("HPE-XD670", 16, {"cooling": "rear_door_cold_plate", "water_supply_c": 32.0, "water_delta_k": 6.0}),
    "cool water": ("HPE-XD670", 16, {"cooling": "rear_door_cold_plate", "water_supply_c": 31.9}),
    "own liquid share": ("HPE-XD670", 16, {"cooling": "rear_door_cold_plate", "liquid_heat_fraction": 0.61,
        "liquid_limit_kw": 25.0}),
    "low racks with gaps": ("HPE-XD670", 16, {"cooling": "rear_door_active", "rack_kva": 90.0, "air_limit_kw": 75.0,
        "gap_units": 3, "rack_units": 36, "units_reserved": 5}),
    "weight": ("DGX-B200", 12, {"cooling": "rear_door_active", "rack_units": 48, "rack_kva": 70.0, "air_limit_kw": 70.0,
        "rack_weight_limit_kg": 560.0, "rack_tare_kg": 130.0}),
    "floor": ("DGX-B200", 12, {"cooling": "rear_door_active", "rack_units": 48, "rack_kva": 70.0, "air_limit_kw": 70.0,
        "floor_limit_kg_m2": 300.0, "rack_width_m": 0.7, "rack_depth_m": 1.1}),
    "own weight": ("HPE-XD670", 12, {"cooling": "rear_door", "server_weight_kg": 101.0, "rack_weight_limit_kg": 9000.0}),
    "own hall figures": ("DGX-H100", 20, {"cooling": "rear_door_active", "pue": 1.03, "wue": 1.8, "co2_kg_per_kwh": 0.457,
        "power_factor": 0.95, "site_power_factor": 0.9, "ups_share": 0.6, "generator_share": 0.4, "kva_reserved": 2.0}),
    "no network power": ("HPE-XD670", 16, {"cooling": "rear_door", "other_power_share": 0.0}),
}  # fmt: skip


def both(server: str, servers: int, part: dict[str, Any], use: float = 0.62) -> tuple[FacilityResult, dict[str, Any]]:
    values = {f"facility.{name}": value for name, value in part.items()}
    plan = Plan.from_dict(BASE).with_values(
        {"cluster.server": server, "cluster.servers": servers, "money.utilization": use} | values
    )
    result, _ = facility(resolve(plan))
    return result, twin.hall(twin.MACHINES[server], servers, part, part.get("other_power_share", SHARE), use)


def same(result: FacilityResult, by_hand: dict[str, Any]) -> None:
    details = {name: figure.value for name, figure in result.details.items()}

    def close(value: float | None, name: str) -> None:
        expected = by_hand[name]
        assert value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)), name

    for name in (
        "provisioned_kw", "average_kw", "idle_kw", "compute_kw", "other_kw", "hall_liquid_kw", "hall_air_kw",
        "liquid_share", "it_average_kw", "facility_average_kw", "cooling_and_losses_kw", "electrical_losses_kw",
        "cooling_kw", "water_l_per_min", "refrigeration_tons", "generator_kva",
    ):  # fmt: skip
        close(details[name], name)
    close(details["it_kwh_per_year"], "it_kwh")
    for figure, name in (
        (result.it_kw, "it_kw"), (result.facility_kw, "facility_kw"), (result.utility_kva, "utility_kva"),
        (result.pue, "pue"), (result.kwh_per_year, "kwh"), (result.co2_t_per_year, "co2_t"),
        (result.water_m3_per_year, "water_m3"),
    ):  # fmt: skip
        close(figure.value, name)
    assert result.limits.servers == by_hand["servers_by_limit"]
    assert set(result.binding) == by_hand["binding"]
    close(result.limits.usable_kva, "usable_kva")
    close(result.limits.rack_kva, "contract_kva")
    if not by_hand["per_rack"]:
        for figure in (result.servers_per_rack, result.racks, result.kva_per_rack, result.air_kw, result.liquid_kw,
                       result.details["fullest"], result.details["weight_kg"], result.details["total_racks"]):  # fmt: skip
            assert figure.value is None
            assert figure.reason.startswith("facility_limit")
        return
    for figure, name in (
        (result.servers_per_rack, "per_rack"), (result.racks, "racks"), (result.kva_per_rack, "kva"),
        (result.kw_per_rack, "kw"), (result.air_kw, "air_kw"), (result.liquid_kw, "liquid_kw"),
    ):  # fmt: skip
        close(figure.value, name)
    close(details["fullest"], "fullest")
    close(details["spare"], "spare")
    close(details["air_m3_per_h_rack"], "air_m3_per_h")
    close(details["water_l_per_min_rack"], "rack_water")
    close(details["weight_kg"], "kg")
    close(result.limits.racks_one_fewer, "racks_one_fewer")
    if by_hand["kg"] is not None:
        close(details["point_kg_m2"], "point")
        close(details["spread_kg_m2"], "spread")
    assert result.support_racks.value is not None
    assert details["total_racks"] == by_hand["racks"] + result.support_racks.value


@pytest.mark.parametrize("name", PLANS)
def test_whole_plans_agree_with_the_hand_calculation(name: str) -> None:
    same(*both(*PLANS[name]))


@pytest.mark.parametrize("name", PLANS)
def test_the_method_table_says_what_a_plan_with_that_method_gives(name: str) -> None:
    """Each row of the ladder is the twin's plan with the method's standard limits; the chosen row has the plan's own."""
    server, servers, part = PLANS[name]
    result, _ = both(server, servers, part)
    free = {k: v for k, v in part.items() if k not in ("rack_kva", "air_limit_kw", "liquid_limit_kw", "pue")}
    for row in result.methods:
        if row.cooling not in twin.METHODS or (row.why is not None and row.why.code.startswith("facility_method")):
            continue
        kept = part if row.cooling == part["cooling"] else free | {"cooling": row.cooling}
        by_hand = twin.hall(twin.MACHINES[server], servers, kept, part.get("other_power_share", SHARE), 0.62)
        assert row.servers_per_rack == by_hand["per_rack"], row.cooling
        assert row.racks == by_hand.get("racks"), row.cooling
        assert set(row.binding) == by_hand["binding"], row.cooling
        assert row.pue == pytest.approx(by_hand["pue"]), row.cooling
        assert row.rack_kva_limit == pytest.approx(by_hand["contract_kva"]), row.cooling
        if row.feasible:
            assert row.kva_per_rack == pytest.approx(by_hand["kva"])
            assert row.air_kw == pytest.approx(by_hand["air_kw"])
            assert row.liquid_kw == pytest.approx(by_hand["liquid_kw"])
            assert row.cost_jpy == pytest.approx(by_hand["kwh"] * 26.0)
        else:
            assert row.cost_jpy is None
            assert row.why is not None


@pytest.mark.parametrize("name", PLANS)
def test_the_drawn_racks_carry_the_fleet_and_its_heat(name: str) -> None:
    """Servers, kVA and heat of all drawn racks add up to the fleet; no two racks differ by more than one server."""
    server, servers, part = PLANS[name]
    result, by_hand = both(server, servers, part)
    racks = [rack for rack in result.layout if rack.kind == "compute"]
    if not by_hand["per_rack"]:
        assert racks == []
        return
    pf = part.get("power_factor", 0.98)
    reserved_kva = part.get("kva_reserved", 1.5)
    held = [sum(device.kind == "server" for device in rack.devices) for rack in racks]
    assert sum(rack.count for rack in racks) == by_hand["racks"]
    assert sum(rack.count * n for rack, n in zip(racks, held, strict=True)) == servers
    assert held == sorted(held, reverse=True)
    assert held[0] == by_hand["fullest"]
    assert held[0] - held[-1] <= 1
    kw, liquid = by_hand["provisioned_kw"], by_hand["liquid_share"] * by_hand["it_kw"] / by_hand["compute_kw"]
    for rack, n in zip(racks, held, strict=True):
        assert rack.kva == pytest.approx(n * kw / pf + reserved_kva)
        assert rack.liquid_kw == pytest.approx(n * kw * liquid)
        assert rack.air_kw == pytest.approx(n * kw * (1 - liquid) + reserved_kva * pf)
        assert rack.kva_limit == pytest.approx(by_hand["usable_kva"])
        assert rack.units == part.get("rack_units", 42)
        management = [device for device in rack.devices if device.kind == "management"]
        assert [(device.unit, device.height_u) for device in management] == [(rack.units, 1)]
    names = [rack.name for rack in racks]
    assert names == ["R1"] if len(racks) == 1 else names == ["R1", f"R{racks[0].count + 1}"]
    beside = [rack for rack in result.layout if rack.kind == "support"]
    assert sum(rack.count for rack in beside) == result.support_racks.value
    it_kva = result.details["it_kva"].value
    assert it_kva is not None
    reserve_kw = by_hand["racks"] * reserved_kva * pf
    beside_kw = it_kva * pf - by_hand["compute_kw"] - reserve_kw
    assert max(0.0, by_hand["other_kw"] - reserve_kw) - 1e-6 <= beside_kw <= by_hand["other_kw"] + 1e-6
    assert sum(rack.count * rack.kva for rack in result.layout) == pytest.approx(it_kva)
    assert sum(rack.count * rack.air_kw for rack in beside) == pytest.approx(beside_kw)
    assert result.details["ups_kva"].value == pytest.approx(it_kva * part.get("ups_share", 1.0))
    assert all(rack.liquid_kw == 0.0 and rack.liquid_limit_kw is None for rack in beside)
    first = [rack.name for rack in beside]
    starts = [1 + sum(rack.count for rack in beside[:k]) for k in range(len(beside))]
    assert first == [f"N{start}" for start in starts]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(twin.MACHINES)),
    st.integers(1, 120),
    st.fixed_dictionaries(
        {"cooling": st.sampled_from(["containment", "rear_door", "rear_door_active", "in_row"])},
        optional={
            "rack_kva": st.integers(8, 120).map(float),
            "air_limit_kw": st.integers(8, 90).map(float),
            "rack_units": st.integers(20, 60),
            "units_reserved": st.integers(0, 8),
            "gap_units": st.integers(0, 4),
            "kva_reserved": st.sampled_from([0.0, 0.7, 2.5]),
            "power_basis": st.sampled_from(["max", "capped", "measured"]),
            "power_factor": st.sampled_from([0.9, 0.95, 1.0]),
            "redundancy": st.sampled_from(["n", "n1", "2n"]),
            "rack_kva_is_breaker": st.booleans(),
            "rack_weight_limit_kg": st.integers(300, 1500).map(float),
            "floor_limit_kg_m2": st.integers(200, 1500).map(float),
        },
    ),
    st.floats(0.05, 1.0),
)
def test_any_plan_agrees_with_the_hand_calculation(server: str, servers: int, part: dict[str, Any], use: float) -> None:
    same(*both(server, servers, part, use))


@pytest.mark.parametrize("server", ["DGX-H100", "HPE-XD670", "SMC-SYS-821GE-TNHR", "DGX-GB200-NVL72", "DGX-B300"])
@pytest.mark.parametrize("cooling", ["rear_door", "in_row", "rack_scale"])
@pytest.mark.parametrize("servers", [1, 4, 33, 128])
@pytest.mark.parametrize("share", [None, 0.02, 0.3])
def test_the_racks_add_up_to_the_hall(server: str, cooling: str, servers: int, share: float | None) -> None:
    """The kVA of all drawn racks is the hall's IT load (finding: 211.2 kW in the racks, 187.7 kW in the hall)."""
    plan = Plan().with_values(
        {"cluster.server": server, "cluster.servers": servers, "facility.cooling": cooling,
         "facility.other_power_share": share, "facility.rack_kva": 200.0 if server == "DGX-GB200-NVL72" else None}
    )  # fmt: skip
    result, _ = facility(resolve(plan))
    if not result.layout or result.racks.value is None:
        return
    assert sum(rack.count * rack.kva for rack in result.layout) == pytest.approx(result.details["it_kva"].value)
    assert result.details["it_kva"].value * plan.facility.power_factor >= (result.it_kw.value or 0.0) - 1e-6
