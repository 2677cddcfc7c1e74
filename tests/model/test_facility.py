"""Racks, power and cooling of whole plans: findings, remedies, the hall and the year."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.base import messages
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.elevation import drawn
from mitsumori.model.facility.hall import facility
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.resolve import resolve

catalog = Catalogue.shipped()

BASE = {
    "workload": {"tokens": 100e9},
    "model": {"preset": "llama3-70b"},
    "cluster": {"server": "HPE-XD670", "servers": 8},
}


def plan_of(**changes):
    return Plan.from_dict(BASE).with_values({name.replace("__", "."): value for name, value in changes.items()})


def run(**changes):
    return facility(resolve(plan_of(**changes)))


def codes(findings):
    return [finding.code for finding in findings]


def finding(findings, code):
    return next(found for found in findings if found.code == code)


METHODS = tuple(catalog.cooling_methods())
SERVERS = tuple(catalog.servers())


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(METHODS), st.integers(1, 300), st.integers(1, 300), st.sampled_from(["max", "capped", "measured"])
)
def test_more_servers_never_need_fewer_racks_or_less_energy(cooling, a, b, basis):
    few, _ = run(facility__cooling=cooling, cluster__servers=min(a, b), facility__power_basis=basis)
    many, _ = run(facility__cooling=cooling, cluster__servers=max(a, b), facility__power_basis=basis)
    if few.racks.value is not None:
        assert few.racks.value <= many.racks.value
        assert few.support_racks.value <= many.support_racks.value
    assert few.kwh_per_year.value <= many.kwh_per_year.value + 1e-6


@settings(deadline=None, max_examples=60)
@given(st.floats(12, 120), st.floats(0, 60), st.integers(1, 100))
def test_a_higher_kva_limit_never_needs_more_racks(kva, more, servers):
    low, _ = run(facility__rack_kva=kva, cluster__servers=servers)
    high, _ = run(facility__rack_kva=kva + more, cluster__servers=servers)
    assert high.racks.value <= low.racks.value


@settings(deadline=None, max_examples=80)
@given(
    st.floats(12, 90),
    st.floats(12, 90),
    st.integers(14, 50),
    st.sampled_from(["rear_door", "rear_door_cold_plate", "cold_plate"]),
    st.sampled_from(["n", "n1", "2n"]),
    st.booleans(),
)
def test_the_printed_relaxation_admits_exactly_one_more(kva, air, units, cooling, redundancy, breaker):
    """``limits["relax"]`` holds plan values that admit one more server; the same applied to other limits admit none."""
    given_values = {
        "facility.rack_kva": kva,
        "facility.air_limit_kw": air,
        "facility.rack_units": units,
        "facility.cooling": cooling,
        "facility.redundancy": redundancy,
        "facility.rack_kva_is_breaker": breaker,
        "cluster.servers": 40,
    }
    plan = Plan.from_dict(BASE).with_values(given_values)
    result, _ = facility(resolve(plan))
    now = result.servers_per_rack.value or 0
    relaxed, _ = facility(resolve(plan.with_values(result.limits.relax)))
    assert relaxed.servers_per_rack.value == now + 1
    loose = {
        "facility.rack_kva": 500.0,
        "facility.air_limit_kw": 500.0,
        "facility.liquid_limit_kw": 500.0,
        "facility.rack_units": 100,
    }
    free = {path: value for path, value in loose.items() if path not in result.limits.relax}
    other, _ = facility(resolve(plan.with_values(free)))
    assert (other.servers_per_rack.value or 0) == now


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 200), st.integers(2, 200), st.floats(0.05, 1))
def test_energy_is_additive(a, b, utilization):
    def kwh(servers):
        result, _ = run(cluster__servers=servers, money__utilization=utilization, facility__other_power_share=0.15)
        return result.kwh_per_year.value

    assert kwh(a) + kwh(b) == pytest.approx(kwh(a + b))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("cooling", METHODS)
def test_every_server_under_every_cooling_gives_a_result_or_a_reason(server, cooling):
    """No server of the catalogue breaks; unknown figures carry a finding; every sentence exists in both languages."""
    result, findings = run(cluster__server=server, facility__cooling=cooling)
    if result.racks.value is None:
        assert result.racks.reason
        assert result.racks.reason in codes(findings)
    else:
        assert sum(rack.count for rack in result.layout if rack.kind == "compute") == result.racks.value
    for language in ("ja", "en"):
        for found in findings:
            assert found.message(language)
            for remedy in found.remedies:
                assert remedy.label(language)
        for method in result.methods:
            if not method.feasible:
                assert method.why is not None
                assert method.why.message(language)


@pytest.mark.parametrize("server", ["HPE-XD670", "DGX-B200", "DGX-GB200-NVL72", "Dell-XE9680L", "HPE-XD685"])
@pytest.mark.parametrize("cooling", METHODS)
def test_each_remedy_mends_what_it_is_offered_for(server, cooling):
    plan = plan_of(cluster__server=server, facility__cooling=cooling)
    _, findings = facility(resolve(plan))
    for found in findings:
        if found.code.startswith(("facility_limit", "facility_method", "facility_power_estimated")):
            assert found.remedies
            for remedy in found.remedies:
                mended, left = facility(resolve(plan.with_values(dict(remedy.set))))
                assert found.code not in codes(left), remedy
                if found.severity == "bad":
                    assert mended.racks.value is not None
                    if "racks" in remedy.params:
                        assert mended.racks.value == remedy.params["racks"]
                        assert mended.servers_per_rack.value == remedy.params["per_rack"]


def test_the_ladder_names_the_first_feasible_and_the_cheapest():
    result, _ = run(facility__cooling="air")
    feasible = [method for method in result.methods if method.feasible]
    assert result.limits.first_feasible == feasible[0].cooling == "containment"
    cheapest = next(method for method in feasible if method.cooling == result.limits.cheapest)
    assert cheapest.cost_jpy == min(method.cost_jpy for method in feasible)
    assert len(result.methods) == 9


def test_other_methods_keep_their_own_limits():
    """A contract of 20 kVA is of the chosen rear door; what cold plates would allow beside it does not change."""
    narrow, _ = run(facility__rack_kva=20.0)
    wide, _ = run()
    by = {method.cooling: method for method in narrow.methods}
    assert by["rear_door"].servers_per_rack == 1
    assert {m.cooling: m.servers_per_rack for m in wide.methods if m.cooling != "rear_door"} == {
        m.cooling: m.servers_per_rack for m in narrow.methods if m.cooling != "rear_door"
    }


def test_power_supplies_and_feeds():
    """XD670, 3+3 x 3 kW: warned at 10.2 kW on two feeds, not at 8.4 kW and not on three feeds (docs/method.md 6.2)."""
    _, findings = run()
    warned = finding(findings, "facility_psu_redundancy")
    assert warned.params["left"] == 9.0
    for remedy in warned.remedies:
        _, left = facility(resolve(plan_of().with_values(dict(remedy.set))))
        assert "facility_psu_redundancy" not in codes(left)
    assert len(warned.remedies) == 2
    _, measured = run(facility__power_basis="measured")
    assert "facility_psu_redundancy" not in codes(measured)
    _, n1 = run(facility__redundancy="n1", facility__rack_kva=45.0)
    assert "facility_psu_redundancy" not in codes(n1)
    _, two = run(facility__redundancy="2n")
    assert {"facility_psu_redundancy", "facility_2n_side"} <= set(codes(two))


def test_a_lower_basis_asks_for_a_cap():
    _, findings = run(facility__power_basis="capped")
    assert "facility_cap_needed" in codes(findings)
    result, _ = run(facility__power_basis="capped", facility__cap_fraction=0.7)
    assert result.details["provisioned_kw"].value == pytest.approx(7.14)
    assert result.details["average_kw"].value == pytest.approx(7.14)


def test_an_unpublished_maximum_is_estimated_marked_and_asked_for():
    """Eight B200 at 1.0 kW and what rated machines draw beside an accelerator: 0.41, 0.54 and 0.79 kW."""
    result, findings = run(cluster__server="HPE-XD685", facility__cooling="cold_plate", facility__air_limit_kw=30.0)
    asked = finding(findings, "facility_power_estimated")
    assert asked.severity == "ask"
    assert result.details["provisioned_kw"].value == pytest.approx(8 * (1.0 + 0.5375))
    assert result.details["provisioned_kw"].provenance.grade == "C"
    for figure in (result.it_kw, result.facility_kw, result.utility_kva, result.kwh_per_year, result.racks):
        assert figure.low <= figure.value <= figure.high
    assert result.it_kw.low < result.it_kw.value < result.it_kw.high
    known, left = run(cluster__server="HPE-XD685", facility__cooling="cold_plate", facility__air_limit_kw=30.0,
                      **{"facility__server_max_kw": asked.remedies[0].set["facility.server_max_kw"]})  # fmt: skip
    assert known.it_kw.value == pytest.approx(result.it_kw.value)
    assert known.it_kw.low is None
    assert "facility_power_estimated" not in codes(left)


def test_a_build_that_is_not_sold_with_air_is_not_placed_in_air():
    """XD685: 5U with liquid; 6U with air, H200 only."""
    _, findings = run(cluster__server="HPE-XD685", facility__cooling="rear_door_active")
    refused = finding(findings, "facility_method_air_accelerator")
    assert refused.params["sold"] == "H200"
    air, _ = run(cluster__server="HPE-XD685", cluster__accelerator="H200", facility__cooling="rear_door_active")
    wet, _ = run(cluster__server="HPE-XD685", cluster__accelerator="H200", facility__cooling="rear_door_cold_plate")
    heights = [{d.height_u for d in r.layout[0].devices if d.kind == "server"} for r in (air, wet)]
    assert heights == [{6}, {5}]


def test_user_figures_come_first():
    result, findings = run(facility__server_max_kw=9.0, facility__server_weight_kg=120.0, facility__server_idle_kw=2.0)
    assert result.details["provisioned_kw"].value == 9.0
    assert result.details["provisioned_kw"].provenance.kind == "user"
    assert not {"facility_weight_unknown", "facility_idle_assumed"} & set(codes(findings))
    assert result.details["weight_kg"].value == pytest.approx(150 + 120 * result.servers_per_rack.value)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("facility.hall_kva_free", 60.0, "facility_hall_kva"),
        ("facility.hall_cooling_kw_free", 60.0, "facility_hall_cooling"),
        ("facility.hall_racks_free", 3, "facility_hall_racks"),
    ],
)
def test_the_hall_takes_no_more_than_is_free(field, value, code):
    plan = plan_of().with_values({field: value})
    _result, findings = facility(resolve(plan))
    bad = finding(findings, code)
    assert bad.severity == "bad"
    for remedy in bad.remedies:
        _, left = facility(resolve(plan.with_values(dict(remedy.set))))
        assert code not in codes(left), remedy
    _, fine = facility(resolve(plan_of().with_values({field: 1000})))
    assert code not in codes(fine)


def test_door_water_stays_two_degrees_above_the_dew_point():
    """HPE QuickSpecs as quoted by Coolnet: at least 2 C above the highest dew point."""
    _, wet = run(facility__water_supply_c=16.0, facility__dew_point_c=15.0)
    assert finding(wet, "facility_dew_point").params["least"] == 17.0
    for dry in (
        {"facility__water_supply_c": 17.0},
        {"facility__water_supply_c": 10.0, "facility__cooling": "containment"},
    ):
        _, findings = run(facility__dew_point_c=15.0, **dry)
        assert "facility_dew_point" not in codes(findings)


def test_warm_water_lowers_the_pue_of_liquid_only():
    cold, _ = run(facility__cooling="rear_door_cold_plate", facility__water_supply_c=20.0)
    warm, _ = run(facility__cooling="rear_door_cold_plate", facility__water_supply_c=40.0)
    share = cold.details["liquid_share"].value
    assert cold.pue.value - warm.pue.value == pytest.approx(0.04 * share)


def test_support_racks_exist_with_a_fabric():
    assert run(cluster__servers=2)[0].support_racks.value >= 1
    alone, _ = run(cluster__servers=1)
    assert alone.support_racks.value == 0
    assert alone.network["switches"].value == 0
    stored, _ = run(cluster__servers=1, network__storage_pb=1.0)
    assert stored.support_racks.value >= 1


def test_known_switches_and_storage_replace_the_share():
    """With every device's power published, their sum is planned; else 15 % of the servers' power, and it says so."""

    plain = {"vendor": "A maker", "model": "one", "rack_units": 2, "write_gbytes_per_s": 65.0}
    unknown = Catalogue.shipped().with_records({"storage": {"PLAIN": plain}})
    plan = plan_of(cluster__server="DGX-H100", facility__cooling="rear_door_active", network__storage="PLAIN")
    shared, findings = facility(resolve(plan, unknown))
    assert shared.details["other_share"].value == pytest.approx(0.15)
    assert "facility_other_share" in codes(findings)
    many = {"cluster__servers": 40}
    catalogue = Catalogue.shipped().with_records({"storage": {"OURS": {"base": "DDN-AI400X2", "max_power_kw": 1.5}}})
    plan = plan_of(cluster__server="DGX-H100", facility__cooling="rear_door_active", network__storage="OURS", **many)
    known, left = facility(resolve(plan, catalogue))
    assert "facility_other_share" not in codes(left)
    switches = known.network["switches"].value + known.network["storage_switches"].value
    assert known.network["switches"].value > 1
    beside = known.network["oob_switches"].value * 0.098 + 2 * 0.689  # management switches and two fabric managers
    assert known.details["other_kw"].value == pytest.approx(
        switches * 1.72 + known.storage["units"].value * 1.5 + beside
    )


def test_storage_follows_checkpoints_and_stall():
    slow, _ = run()
    fast, _ = run(network__checkpoint_stall_s=5.0)
    assert fast.storage["write_bytes_per_s"].value == pytest.approx(12 * slow.storage["write_bytes_per_s"].value)
    assert fast.storage["units"].value > slow.storage["units"].value
    assert slow.storage["capacity_bytes"].value == pytest.approx(
        100e9 * 4 + 10 * slow.storage["checkpoint_bytes"].value
    )


def test_drawn_racks_match_the_figures():
    result, _ = run(cluster__servers=15)
    compute = [rack for rack in result.layout if rack.kind == "compute"]
    assert [(rack.count, sum(d.kind == "server" for d in rack.devices)) for rack in compute] == [(7, 2), (1, 1)]
    assert compute[0].kva == pytest.approx(result.kva_per_rack.value)
    assert compute[0].air_kw == pytest.approx(result.air_kw.value)
    for rack in result.layout:
        heights = sum(d.height_u for d in rack.devices) + sum(d.height_u for d in rack.blanks)
        assert heights == rack.units
    assert drawn(result.layout, 8) == result.layout
    singles = drawn(result.layout, 20)
    assert [rack.name for rack in singles][:8] == [f"R{n}" for n in range(1, 9)]


def test_utility_classes_by_contract_power():
    """Under 50 kW low, to 2,000 kW high, from there special high voltage (docs/method.md 6.2)."""
    assert run(cluster__servers=2)[0].tariff_class == "low"
    assert run(cluster__servers=8)[0].tariff_class == "high"
    assert run(cluster__servers=200)[0].tariff_class == "special-high"


def test_texts_have_the_same_fields_in_both_languages():
    mine = [key for key in messages.keys("findings") if key.startswith(("facility_", "network_"))]
    assert len(mine) > 50
    table = messages._table("findings")
    for key in mine:
        fields = [
            sorted({name for _, name, _, _ in string.Formatter().parse(table[key][language]) if name})
            for language in ("ja", "en")
        ]
        assert fields[0] == fields[1], key


def test_a_year_half_idle():
    """8,760 h x (0.5 x 7.75 + 0.5 x 2.0) kW x 8 servers x 1.15 x PUE 1.3, by hand."""
    result, _ = run(money__utilization=0.5, facility__server_idle_kw=2.0, facility__other_power_share=0.15)
    assert result.kwh_per_year.value == pytest.approx(8760 * 4.875 * 8 * 1.15 * 1.3)
    assert result.co2_t_per_year.value == pytest.approx(result.kwh_per_year.value * 0.000423)


def test_running_cost_of_a_method_is_its_electricity_and_rent():
    free, _ = run(money__electricity_jpy_per_kwh=20.0)
    rent = {"money__onprem__site": "colocation", "money__onprem__rent_per_rack_month": 100_000.0}
    rented, _ = run(money__electricity_jpy_per_kwh=20.0, **rent)
    for before, after in zip(free.methods, rented.methods, strict=True):
        if before.feasible:
            kwh = free.details["it_kwh_per_year"].value * before.pue
            assert before.cost_jpy == pytest.approx(kwh * 20.0)
            assert after.cost_jpy - before.cost_jpy == pytest.approx(1_200_000 * before.racks)


def test_denser_cooling_needs_less_cable():
    """The selling point of the water-cooled hall (SCSK slides): denser racks shorten the cabling."""
    result, _ = run(cluster__servers=64)
    metres = result.limits.cable_m
    assert metres["rear_door_cold_plate"] < metres["rear_door"] < metres["containment"]
    assert metres["rear_door"] == pytest.approx(result.network["cable_total_m"].value)


def test_balance_is_shown_beside_density():
    result, _ = run(cluster__servers=16, facility__cooling="rear_door_cold_plate", facility__rack_kva=80.0)
    assert result.racks.value == 3
    assert result.limits.racks_one_fewer == 3  # 6 a rack need as many racks as 7


def test_a_passive_door_beyond_published_ones_is_questioned():
    """Passive doors are printed up to 35 kW (Yobitel)."""
    _, findings = run(facility__rack_kva=80.0, facility__air_limit_kw=75.0)
    assert "facility_beyond_range" in codes(findings)
    assert "facility_beyond_range" not in codes(run()[1])


def test_energy_flow_adds_up():
    result, _ = run(facility__cooling="rear_door_cold_plate")
    details = {name: figure.value for name, figure in result.details.items()}
    assert details["compute_kw"] + details["other_kw"] == pytest.approx(result.it_kw.value)
    assert details["hall_air_kw"] + details["hall_liquid_kw"] == pytest.approx(result.it_kw.value)
    assert details["electrical_losses_kw"] + details["cooling_kw"] + result.it_kw.value == pytest.approx(
        result.facility_kw.value
    )


@pytest.mark.parametrize(
    ("field", "value"), [("network.fabric", "QM97000"), ("network.fabric", "CX7-NDR"), ("network.storage", "floppy")]
)
def test_unknown_devices_are_refused_by_field(field, value):
    with pytest.raises(PlanError) as refused:
        resolve(plan_of().with_values({field: value}))
    assert field in str(refused.value)
    assert value in str(refused.value)


def test_a_chosen_switch_counts_by_its_own_ports():
    """64 servers of four ports: 20 ports down on the 40-port QM8700, 32 on the 64-port SN5600 broken out to 256 x 200."""
    small, _ = run(cluster__servers=64)
    large, _ = run(cluster__servers=64, network__fabric="SN5600")
    assert large.network["switches"].value < small.network["switches"].value
    tapered, _ = run(cluster__servers=64, network__oversubscription=3.0)
    assert tapered.network["switches"].value < small.network["switches"].value


def test_an_adapter_faster_than_a_port_takes_several():
    """Vera Rubin: 72 adapters of 1,600 Gb/s (assumed) on a switch of 144 ports of 800 are 144 cables a rack."""
    result, findings = run(
        cluster__server="VR-NVL72", facility__cooling="rack_scale", cluster__servers=2, network__fabric="Q3400-RA"
    )
    assert "network_nics_assumed" in codes(findings)
    assert result.network["cables"].value >= 2 * 72 * 2
