"""What the facility floor says: which limit fails, by how much, and what each offered remedy sets.

Figures are worked out in the comments: an XD670 is sized by 10.2 kW (8.4 measured), 5U, 6 x 3 kW supplies; a rack keeps
1.5 kVA and 4U; power factor 0.98, so that one server needs 1.5 + 10.2 / 0.98 = 11.91 kVA and gives 10.2 + 1.47 = 11.67 kW to
the air.
"""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.format import money
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.power import accelerator_kw
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from tests.model.facility_says import BASE, says


def remedies(finding: Finding) -> dict[str, Remedy]:
    return {remedy.code: remedy for remedy in finding.remedies}


def heavy(**limits: float) -> dict[str, Any]:
    return {"facility.server_weight_kg": 130.0} | {f"facility.{name}": value for name, value in limits.items()}


# changes, code, field, need, offer, remedy, what it sets
LIMITS: list[tuple[dict[str, Any], str, str, float, float, str, dict[str, Any]]] = [
    ({"facility.cooling": "air"}, "kva", "facility.rack_kva", 11.91, 10.0, "kva_air",
     {"facility.rack_kva": 11.91, "facility.air_limit_kw": 11.67}),
    ({"facility.rack_kva": 11.9}, "kva", "facility.rack_kva", 11.91, 11.9, "kva", {"facility.rack_kva": 11.91}),
    # a breaker carries 80 %: 11.908 / 0.8 = 14.885 kVA
    ({"facility.rack_kva": 14.0, "facility.rack_kva_is_breaker": True}, "kva", "facility.rack_kva", 14.89, 14.0, "kva",
     {"facility.rack_kva": 14.89}),
    # of three feeds two remain: 11.908 * 3 / 2 = 17.862 kVA
    ({"facility.rack_kva": 14.0, "facility.redundancy": "n1"}, "kva", "facility.rack_kva", 17.87, 14.0, "kva",
     {"facility.rack_kva": 17.87}),
    # of five feeds four remain: 11.908 * 5 / 4 = 14.885 kVA
    ({"facility.rack_kva": 14.0, "facility.redundancy": "n1", "facility.feeds": 5}, "kva", "facility.rack_kva", 14.89,
     14.0, "kva", {"facility.rack_kva": 14.89}),
    ({"facility.air_limit_kw": 11.0}, "air", "facility.air_limit_kw", 11.67, 11.0, "air",
     {"facility.air_limit_kw": 11.67}),
    # without a reserve the air carries the server alone
    ({"facility.air_limit_kw": 10.0, "facility.kva_reserved": 0.0}, "air", "facility.air_limit_kw", 10.2, 10.0, "air",
     {"facility.air_limit_kw": 10.2}),
    # 70 % of 10.2 kW to the plates, 30 % and the reserve to the air
    ({"facility.cooling": "cold_plate", "facility.liquid_limit_kw": 5.0}, "liquid", "facility.liquid_limit_kw", 7.14, 5.0,
     "liquid", {"facility.liquid_limit_kw": 7.14}),
    ({"facility.cooling": "cold_plate", "facility.air_limit_kw": 4.0}, "air", "facility.air_limit_kw", 4.53, 4.0, "air",
     {"facility.air_limit_kw": 4.53}),
    ({"facility.rack_units": 8}, "units", "facility.rack_units", 9.0, 8.0, "units", {"facility.rack_units": 9}),
    ({"facility.rack_units": 8, "facility.gap_units": 3}, "units", "facility.rack_units", 9.0, 8.0, "units",
     {"facility.rack_units": 9}),
    (heavy(rack_weight_limit_kg=250.0), "weight", "facility.rack_weight_limit_kg", 280.0, 250.0, "weight",
     {"facility.rack_weight_limit_kg": 280.0}),
    # 280 kg on 2 x 0.72 m2
    (heavy(floor_limit_kg_m2=150.0), "floor", "facility.floor_limit_kg_m2", 194.45, 150.0, "floor",
     {"facility.floor_limit_kg_m2": 194.45}),
    (heavy(rack_weight_limit_kg=250.0, floor_limit_kg_m2=150.0), "floor", "facility.floor_limit_kg_m2", 194.45, 150.0,
     "other", {"facility.rack_weight_limit_kg": 280.0, "facility.floor_limit_kg_m2": 194.45}),
    (heavy(rack_weight_limit_kg=200.0, floor_limit_kg_m2=193.0), "weight", "facility.rack_weight_limit_kg", 280.0, 200.0,
     "other", {"facility.rack_weight_limit_kg": 280.0, "facility.floor_limit_kg_m2": 194.45}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "limit", "field", "need", "offer", "remedy", "sets"), LIMITS)
def test_the_failing_limit_is_named_with_need_and_offer(
    changes: dict[str, Any], limit: str, field: str, need: float, offer: float, remedy: str, sets: dict[str, Any]
) -> None:
    result, found = says(changes)
    finding = found[f"facility_limit_{limit}"]
    assert (finding.severity, finding.field) == ("bad", field)
    assert finding.params["need"] == pytest.approx(need, abs=1e-9)
    assert finding.params["offer"] == offer
    assert result.racks.reason == finding.code
    offered = remedies(finding)[f"facility_do_limits_{remedy}"]
    assert dict(offered.set) == pytest.approx(sets)
    mended, left = says(changes | dict(offered.set))
    assert finding.code not in left
    assert mended.servers_per_rack.value == 1
    assert list(found).index(finding.code) == 0


@pytest.mark.parametrize(
    ("server", "cooling", "code", "first"),
    [
        ("HPE-XD670", "rack_scale", "facility_method_not_rack_product", "containment"),
        ("HPE-XD670", "immersion", "facility_method_limit_unknown", "containment"),
        ("DGX-H100", "cold_plate", "facility_method_no_liquid_version", "containment"),
        ("DGX-H100", "rear_door_cold_plate", "facility_method_no_liquid_version", "containment"),
        ("DGX-GB200-NVL72", "rear_door", "facility_method_rack_product", "rack_scale"),
        ("DGX-GB200-NVL72", "cold_plate", "facility_method_rack_product", "rack_scale"),
    ],
)
def test_a_method_that_cannot_hold_the_server_is_ruled_out(server: str, cooling: str, code: str, first: str) -> None:
    result, found = says({"cluster.server": server, "facility.cooling": cooling})
    finding = found[code]
    assert (finding.severity, finding.field) == ("bad", "facility.cooling")
    assert finding.remedies[0].code == f"facility_do_cooling_{first}"
    assert [remedy.recommended for remedy in finding.remedies] == [True] + [False] * (len(finding.remedies) - 1)
    assert result.binding == ()
    assert result.racks.reason == code
    chosen = next(method for method in result.methods if method.cooling == cooling)
    assert (chosen.feasible, chosen.servers_per_rack, chosen.racks) == (False, 0, None)
    if cooling == "immersion":  # tanks begin at 100 kW: that is offered as the missing limit
        assert dict(remedies(finding)["facility_do_limits_liquid"].set) == {"facility.liquid_limit_kw": 100.0}


def test_a_server_without_an_air_version_needs_plates() -> None:
    own = {"cluster.server": "Dell-XE9680L", "facility.server_max_kw": 12.0}
    _, found = says(own | {"facility.cooling": "rear_door"})
    assert "facility_method_only_liquid" in found
    result, _ = says(own | {"facility.cooling": "rear_door_cold_plate"})
    assert result.racks.value is not None


def test_a_liquid_share_given_by_hand_makes_a_liquid_version() -> None:
    plates = {"cluster.server": "DGX-H100", "facility.cooling": "rear_door_cold_plate"}
    result, found = says(plates | {"facility.liquid_heat_fraction": 0.8})
    assert result.racks.value is not None
    assert "facility_liquid_fraction_assumed" not in found
    assert result.liquid_kw.value == pytest.approx(0.8 * 10.2 * (result.details["fullest"].value or 0))
    _, none = says(plates | {"facility.liquid_heat_fraction": 0.0})
    assert "facility_method_no_liquid_version" in none


def test_a_tank_takes_all_the_heat() -> None:
    """100 kW a tank hold nine servers of 10.2 kW by heat, seven by height; nothing is left to the air but the reserve."""
    changes = {
        "facility.cooling": "immersion", "facility.liquid_limit_kw": 100.0, "facility.kva_reserved": 0.0,
        "facility.rack_kva": 120.0, "cluster.servers": 14,
    }  # fmt: skip
    result, _ = says(changes)
    assert result.limits.servers["liquid"] == 9
    assert result.servers_per_rack.value == 7
    assert result.air_kw.value == 0.0
    assert result.liquid_kw.value == pytest.approx(71.4)
    # the network and storage stay in contained air: (1 - f) 0.32 + f 0.04
    share = 1 / 1.15
    assert result.pue.value == pytest.approx(1.06 + (1 - share) * 0.32 + share * 0.04)


def test_sizing_by_the_measured_peak_is_offered_where_that_alone_helps() -> None:
    """8.4 kW need 10.07 kVA and 9.87 kW of air: room air of 10 kW with 10.1 kVA holds one server."""
    room = {"facility.cooling": "air", "facility.rack_kva": 10.1}
    _, found = says(room)
    offered = remedies(found["facility_limit_kva"])["facility_do_measured"]
    assert dict(offered.set) == {"facility.power_basis": "measured"}
    assert dict(offered.params) == {"kw": 8.4, "per_rack": 1, "racks": 8}
    assert says(room | dict(offered.set))[0].racks.value == 8
    assert "facility_do_measured" not in remedies(says({"facility.cooling": "air"})[1]["facility_limit_kva"])
    already = says({"facility.cooling": "air", "facility.power_basis": "measured", "facility.rack_kva": 9.0})[1]
    assert "facility_do_measured" not in remedies(already["facility_limit_kva"])
    two = says(
        {"facility.cooling": "air", "facility.rack_kva": 25.0, "facility.air_limit_kw": 11.0, "cluster.servers": 3}
    )
    params = remedies(two[1]["facility_limit_air"])["facility_do_measured"].params
    assert dict(params) == {"kw": 8.4, "per_rack": 1, "racks": 3}


def test_the_mildest_method_comes_first_then_the_cheapest() -> None:
    """Contained air is the mildest that holds an XD670; doors with plates have the lowest PUE and so the lowest bill."""
    result, found = says({"facility.cooling": "air"})
    offered = found["facility_limit_kva"].remedies
    assert [remedy.code for remedy in offered[:2]] == [
        "facility_do_cooling_containment", "facility_do_cooling_rear_door_cold_plate",
    ]  # fmt: skip
    assert [remedy.recommended for remedy in offered] == [True, False, False]
    assert dict(offered[0].set) == {
        "facility.cooling": "containment", "facility.rack_kva": None, "facility.air_limit_kw": None,
        "facility.liquid_limit_kw": None,
    }  # fmt: skip
    assert dict(offered[0].params) == {"per_rack": 1, "racks": 8}
    assert result.limits.first_feasible == "containment"
    assert result.limits.cheapest == "rear_door_cold_plate"


def test_supplies_after_a_lost_feed() -> None:
    """3 + 3 supplies keep 9 kW, 2 + 2 + 2 keep 12: three feeds help a server of 12.0 kW, not one of 12.1."""
    _, found = says({"facility.server_max_kw": 12.0})
    assert dict(remedies(found["facility_psu_redundancy"])["facility_do_feeds"].params) == {"feeds": 3, "left": 12.0}
    _, found = says({"facility.server_max_kw": 12.1})
    assert "facility_do_feeds" not in remedies(found["facility_psu_redundancy"])
    _, found = says({"facility.server_max_kw": 9.0})
    assert "facility_psu_redundancy" not in found
    _, found = says({"facility.server_max_kw": 9.01})
    assert found["facility_psu_redundancy"].params["left"] == 9.0
    _, found = says({"facility.feeds": 3, "facility.server_max_kw": 12.1})
    assert found["facility_psu_redundancy"].params["left"] == 12.0
    assert "facility_do_feeds" not in remedies(found["facility_psu_redundancy"])


def test_one_feed_leaves_what_the_maker_prints() -> None:
    """DGX H100: 13.2 kW by the maker's own redundancy; on two feeds 3 x 3.3 kW = 9.9 remain."""
    server = {"cluster.server": "DGX-H100", "facility.cooling": "rear_door_active"}
    assert says(server)[0].details["psu_surviving_kw"].value == 13.2
    for own in ({"facility.feeds": 2}, {"facility.redundancy": "2n"}):
        result, found = says(server | own)
        assert result.details["psu_surviving_kw"].value == pytest.approx(9.9)
        assert "facility_psu_redundancy" in found
    assert says(server | {"facility.redundancy": "n1"})[0].details["psu_surviving_kw"].value == pytest.approx(13.2)
    assert says(server | {"facility.feeds": 1})[0].details["psu_surviving_kw"].value == 13.2


def test_the_measured_peak_mends_a_lost_feed_where_it_fits() -> None:
    assert "facility_do_measured_psu" in remedies(says({})[1]["facility_psu_redundancy"])
    high = says({"facility.server_peak_kw": 9.1})[1]["facility_psu_redundancy"]
    assert "facility_do_measured_psu" not in remedies(high)
    just = says({"facility.server_peak_kw": 9.0})[1]["facility_psu_redundancy"]
    assert dict(remedies(just)["facility_do_measured_psu"].params) == {"kw": 9.0}


def test_what_the_power_rests_on_is_said() -> None:
    """An XD670 borrows from the DGX H100; a B200 has no measured average; nobody publishes idle power."""
    _, found = says({})
    assert dict(found["facility_power_surrogate"].params) == {"server": "HPE Cray XD670", "of": "DGX-H100", "kw": 10.2}
    assert found["facility_idle_assumed"].params["kw"] == pytest.approx(2.55)
    assert found["facility_idle_assumed"].params["percent"] == pytest.approx(30.0)
    assert not {"facility_average_assumed", "facility_peak_assumed"} & set(found)
    b200 = {"cluster.server": "DGX-B200", "facility.cooling": "rear_door_active"}
    _, found = says(b200)
    assert "facility_power_surrogate" not in found
    assert found["facility_average_assumed"].params["kw"] == pytest.approx(0.76 * 14.3)
    assert "facility_peak_assumed" not in found
    _, found = says(b200 | {"facility.power_basis": "measured"})
    assert found["facility_peak_assumed"].params["kw"] == pytest.approx(0.83 * 14.3)
    _, found = says({"money.utilization": 1.0})
    assert "facility_idle_assumed" not in found


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"facility.power_basis": "capped"}, 0.83 * 10.2),
        ({"facility.power_basis": "measured"}, 8.4),
        ({"facility.power_basis": "capped", "facility.cap_fraction": 1.0}, None),
        ({}, None),
    ],
)
def test_a_lower_basis_needs_a_cap(changes: dict[str, Any], asked: float | None) -> None:
    _, found = says(changes)
    assert ("facility_cap_needed" in found) == (asked is not None)
    if asked is not None:
        assert dict(found["facility_cap_needed"].params) == pytest.approx({"kw": asked, "max_kw": 10.2})


def test_a_contract_taken_from_the_cooling_is_asked_for() -> None:
    _, found = says({"facility.cooling": "rear_door_cold_plate"})
    asked = found["facility_rack_kva_assumed"]
    assert asked.params["kva"] == 90.0  # 30 kW of the door and 60 of the plates
    assert dict(asked.remedies[0].set) == {"facility.rack_kva": 90.0}
    assert (
        "facility_rack_kva_assumed"
        not in says({"facility.cooling": "rear_door_cold_plate", "facility.rack_kva": 80.0})[1]
    )
    assert "facility_rack_kva_assumed" not in says({})[1]  # the service sells 30 kVA
    share = found["facility_liquid_fraction_assumed"]
    assert share.params["percent"] == pytest.approx(70.0)
    assert dict(share.remedies[0].set) == {"facility.liquid_heat_fraction": 0.7}


def test_two_sides_ask_what_the_contract_means() -> None:
    asked = says({"facility.redundancy": "2n"})[1]["facility_2n_side"]
    assert (asked.params["kva"], asked.params["half"]) == (30.0, 15.0)
    assert dict(asked.remedies[0].set) == {"facility.rack_kva": 15.0}


def test_weights_are_checked_where_they_are_known() -> None:
    """Two servers of 130 kg and a rack of 150 on 0.6 x 1.2 m: 410 kg are 569 kg/m2, 285 with the aisle."""
    assert "facility_weight_unknown" in says({})[1]
    result, found = says(heavy(floor_limit_kg_m2=500.0))
    assert "facility_weight_unknown" not in found
    point = found["facility_floor_point"].params
    assert point["point"] == pytest.approx(410 / 0.72)
    assert point["spread"] == pytest.approx(410 / 1.44)
    assert result.details["weight_kg"].value == pytest.approx(410)
    assert "facility_floor_point" not in says(heavy(floor_limit_kg_m2=600.0))[1]


@pytest.mark.parametrize(
    ("cooling", "limit", "beyond"),
    [
        ("rear_door", 38.0, True), ("rear_door", 35.0, False), ("rear_door_active", 80.0, False),
        ("in_row", 36.0, True), ("containment", 36.0, True), ("air", 13.0, True),
    ],
)  # fmt: skip
def test_more_heat_than_published_for_the_method_is_questioned(cooling: str, limit: float, beyond: bool) -> None:
    """Racks of servers of 11.5 kW and 1.47 in reserve: one is 12.97, two 24.47, three 35.97, six 70.47 kW."""
    changes = {"facility.cooling": cooling, "facility.air_limit_kw": limit, "facility.rack_kva": 81.0}
    result, found = says(changes | {"cluster.servers": 12, "facility.server_max_kw": 11.5})
    high = {"rear_door": 35, "rear_door_active": 75, "in_row": 30, "containment": 30, "air": 10}[cooling]
    assert ("facility_beyond_range" in found) == ((result.kw_per_rack.value or 0.0) > high) == beyond
    if beyond:
        finding = found["facility_beyond_range"]
        assert finding.params["high"] == high
        assert finding.params["kw"] == pytest.approx(result.kw_per_rack.value)
        stronger = {
            "rear_door": "rear_door_active",
            "in_row": "rear_door",
            "containment": "in_row",
            "air": "containment",
        }
        assert [remedy.code for remedy in finding.remedies] == [f"facility_do_cooling_{stronger[cooling]}"]


def test_a_rack_product_states_what_the_site_must_give() -> None:
    """132 kW at 0.98: 134.7 kVA; 87 % to liquid."""
    _, found = says({"cluster.server": "DGX-GB200-NVL72", "facility.cooling": "rack_scale"})
    params = found["facility_rack_scale_site"].params
    assert params["kva"] == pytest.approx(132 / 0.98)
    assert params["liquid"] == pytest.approx(0.87 * 132)
    assert params["air"] == pytest.approx(0.13 * 132)
    assert "facility_rack_kva_assumed" not in found


# The fleet of 8: 81.6 kW of servers and 15 % are 93.84 kW of IT and 95.755 kVA; two a rack in four racks and one beside.
HALL: list[tuple[str, float, float, int, float]] = [
    ("kva", 60.0, 93.84 / 0.98, 5, 96.0),
    ("cooling", 60.0, 93.84, 5, 94.0),
    ("racks", 3, 5.0, 4, 5.0),
]


@pytest.mark.parametrize(("what", "free", "need", "most", "raised"), HALL)
def test_what_the_hall_cannot_take(what: str, free: float, need: float, most: int, raised: float) -> None:
    field = {"kva": "hall_kva_free", "cooling": "hall_cooling_kw_free", "racks": "hall_racks_free"}[what]
    result, found = says({f"facility.{field}": free})
    finding = found[f"facility_hall_{what}"]
    assert (finding.severity, finding.field) == ("bad", f"facility.{field}")
    assert finding.params["need"] == pytest.approx(need)
    assert finding.params["free"] == free
    offered = remedies(finding)
    assert dict(offered["facility_do_servers"].set) == {"cluster.servers": most}
    assert dict(offered[f"facility_do_hall_{what}"].set) == {f"facility.{field}": raised}
    left = {"kva": "hall_kva_left", "cooling": "hall_cooling_kw_left", "racks": "hall_racks_left"}[what]
    assert result.details[left].value == pytest.approx(free - need)
    fits, clear = says({f"facility.{field}": need if what != "racks" else 5})
    assert f"facility_hall_{what}" not in clear
    assert fits.details[left].value == pytest.approx(0.0, abs=1e-9)
    assert says({})[0].details[left].reason == "facility_hall_unknown"
    mended = says({f"facility.{field}": free, "cluster.servers": most})[1]
    assert f"facility_hall_{what}" not in mended
    more = says({f"facility.{field}": free, "cluster.servers": most + 1})[1]
    assert f"facility_hall_{what}" in more


def test_a_denser_method_saves_racks_where_the_hall_is_short_of_them() -> None:
    """Cold plates with doors take the eight servers into two racks instead of four: with one beside, three suffice."""
    switch = remedies(says({"facility.hall_racks_free": 3})[1]["facility_hall_racks"])
    assert "facility_do_cooling_rear_door_active" in switch or "facility_do_cooling_rear_door_cold_plate" in switch
    none = remedies(says({"facility.hall_racks_free": 2})[1]["facility_hall_racks"])
    assert not [code for code in none if code.startswith("facility_do_cooling")]
    nothing = remedies(says({"facility.hall_racks_free": 1})[1]["facility_hall_racks"])
    assert "facility_do_servers" not in nothing


@pytest.mark.parametrize(("water", "dew", "wet"), [(16.9, 15.0, True), (17.0, 15.0, False), (12.0, 10.5, True)])
def test_water_near_the_dew_point(water: float, dew: float, wet: bool) -> None:
    changes = {"facility.water_supply_c": water, "facility.dew_point_c": dew}
    for cooling in ("rear_door", "in_row", "rear_door_cold_plate"):
        assert ("facility_dew_point" in says(changes | {"facility.cooling": cooling})[1]) == wet
    assert "facility_dew_point" not in says(changes | {"facility.cooling": "containment"})[1]
    if wet:
        finding = says(changes)[1]["facility_dew_point"]
        assert dict(finding.remedies[0].set) == {"facility.water_supply_c": dew + 2}


@pytest.mark.parametrize(
    ("server", "kw", "low", "high"), [("HPE-XD685", 12.3, 10.3, 14.3), ("Dell-XE9780", 15.5, 14.5, 17.5)]
)
def test_a_machine_without_a_published_maximum_is_estimated(server: str, kw: float, low: float, high: float) -> None:
    """Eight B200 (B300) at TDP, and 0.5375 kW (0.295 of the TDP but at most 0.4125; 0.7875) beside each."""
    result, found = says({"cluster.server": server})
    said = found["facility_power_estimated"]
    assert (said.params["kw"], said.params["low"], said.params["high"]) == pytest.approx((kw, low, high))
    (remedy,) = said.remedies
    assert dict(remedy.set) == {"facility.server_max_kw": pytest.approx(kw)}
    assert result.it_kw.value is not None
    assert result.kwh_per_year.value is not None


def test_the_power_of_an_accelerator_of_its_time_holds_for_those_whose_power_is_published() -> None:
    """Each accelerator with a TDP taken out in turn: the rule's interval holds three of four, its middle is mostly within 1.5 times."""
    shipped = Catalogue.shipped()
    known = {key: record for key, record in shipped.accelerators().items() if record.tdp_w is not None and record.year}
    inside, near, counted = 0, 0, 0
    for key, record in known.items():
        fields = {name: value for name, value in shipped.embed("accelerators", key).items() if name != "tdp_w"}
        table = shipped.with_records({"accelerators": {key: fields}})
        found = accelerator_kw(key, table)
        if found is None:
            continue
        low, middle, high = found
        kw = (record.tdp_w or 0.0) / 1000.0
        assert low <= middle <= high
        counted += 1
        inside += low <= kw <= high
        near += 1 / 1.5 <= middle / kw <= 1.5
    assert counted > 25
    assert inside / counted >= 0.75
    assert near / counted >= 0.5


def test_a_record_of_the_users_own_without_any_power_stays_unknown() -> None:
    """A server of an accelerator without a TDP: racks and energy are asked for, the storage keeps its size."""
    card = {"name": "card", "vendor": "A maker", "family": "other", "memory_gb": 80.0, "peak_tflops": {"bf16": 500.0}}
    mine = {
        "vendor": "A maker",
        "model": "one",
        "name": "one",
        "accelerator": "card",
        "accelerators": 8,
        "rack_units": 8,
    }
    catalogue = Catalogue.shipped().with_records({"accelerators": {"card": card}, "servers": {"mine": mine}})
    resolved = resolve(Plan.from_dict(BASE).with_values({"cluster.server": "mine"}), catalogue)
    result, found = facility(resolved)
    assert {item.code for item in found} == {"facility_power_unknown"}
    for figure in (result.racks, result.it_kw, result.kwh_per_year, result.pue, result.support_racks):
        assert (figure.value, figure.reason) == (None, "facility_power_unknown")
    assert [method.feasible for method in result.methods] == [False] * 9
    assert result.storage["capacity_bytes"].value


def test_the_cheaper_method_is_named_with_what_it_saves() -> None:
    """Doors and plates: PUE lower, two racks instead of four; the saving is the difference of the two yearly bills."""
    result, found = says({})
    by = {method.cooling: method for method in result.methods}
    finding = found["facility_cheaper_method"]
    saved = (by["rear_door"].cost_jpy or 0) - (by["rear_door_cold_plate"].cost_jpy or 0)
    assert finding.params["saving"].value == pytest.approx(saved)
    assert saved > 0
    assert f"約 {money(saved, 'JPY', 'ja')}下がります" in finding.message("ja")
    assert f"about {money(saved, 'JPY', 'en')} less a year" in finding.message("en")
    assert (finding.params["racks"], finding.params["racks_then"]) == (4, 2)
    assert [remedy.code for remedy in finding.remedies] == ["facility_do_cooling_rear_door_cold_plate"]
