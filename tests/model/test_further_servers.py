"""Servers of further types in one hall: racks, power, ports, money; spares; what is only liquid-cooled or of another height."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.more_servers import written
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.reduced import for_speed

PLAN = load_sample("llama3-70b-continual").plan.with_values({"cluster.server": "DGX-H100", "cluster.servers": 16})
CPU = {"server": "CPU-2U", "servers": 6, "role": "cpu"}
BLACKWELL = {"server": "DGX-B200", "servers": 4, "role": "other"}
STORE = {"server": "DDN-AI400X2", "servers": 2, "role": "storage"}
MIXED = [CPU, BLACKWELL, STORE]


def made(**changes: Any) -> Estimate:
    named = {path.replace("__", "."): value for path, value in changes.items()}
    return estimate(PLAN.with_values(named))


BARE = made()


def value(result: Estimate, name: str) -> float:
    found = result.facility.details[name].value
    assert found is not None
    return found


def in_drawn_racks(result: Estimate) -> float:
    return sum(rack.kva * rack.count for rack in result.facility.layout)


@pytest.mark.parametrize(
    "changes",
    [{"cluster__more": MIXED}, {"cluster__spare_servers": 2}, {"cluster__more": MIXED, "cluster__spare_servers": 2}],
)
def test_racks_add_up_to_the_hall(changes: dict[str, Any]) -> None:
    result = made(**changes)
    assert in_drawn_racks(result) == pytest.approx(value(result, "it_kva"))
    assert sum(rack.count for rack in result.facility.layout) == value(result, "total_racks")
    total = value(result, "compute_kw") + value(result, "other_kw") + value(result, "more_kw")
    assert result.facility.it_kw.value == pytest.approx(total)


def test_every_type_has_its_place() -> None:
    """By hand: two B200 of 14.3 kW = 14.59 kVA do not fit 30 - 1.5 kVA, so one a rack; hosts stand in the support racks."""
    hosts, servers, store = made(cluster__more=MIXED).facility.more
    assert (servers.servers_per_rack, servers.racks) == (1, 4)
    assert servers.kva_per_rack == pytest.approx(14.3 / 0.98 + 1.5)
    assert (hosts.racks, store.racks) == (0, 0)
    assert hosts.kw == pytest.approx(6 * 1.0)
    drawn = made(cluster__more=MIXED).facility.layout
    names = [device.name for rack in drawn for device in rack.devices for _ in range(rack.count)]
    assert names.count("CPU server, 2U") == 6
    assert names.count("NVIDIA DGX B200") == 4
    assert names.count("DDN AI400X2 (EXAScaler Lustre)") >= 2


def test_further_servers_draw_power_and_cost_money() -> None:
    result = made(cluster__more=[BLACKWELL], **{"money__prices.server:DGX-B200": {"price": 60e6, "currency": "JPY"}})
    assert value(result, "more_kw") >= 4 * 14.3
    lines = result.cost.onprem.lines
    own, before = lines["more_servers"].value, BARE.cost.onprem.lines["more_servers"].value
    assert before == 0.0
    assert own is not None
    assert own > 4 * 60e6
    after, at_first = lines["electricity"].value, BARE.cost.onprem.lines["electricity"].value
    assert after is not None
    assert at_first is not None
    assert after > at_first
    assert (result.facility.kwh_per_year.value or 0.0) > (BARE.facility.kwh_per_year.value or 0.0)


def test_a_price_nobody_knows_is_asked_for() -> None:
    result = made(cluster__more=[CPU])
    assert "cluster.more" in result.cost.missing
    assert result.cost.onprem.total.value is None
    asked = next(item for item in result.findings if item.code == "cost_ask_more")
    assert "CPU server, 2U" in asked.message("en")


def test_hosts_take_ports_of_the_in_band_fabric() -> None:
    many = made(cluster__more=[{"server": "CPU-2U", "servers": 60, "role": "cpu"}]).facility.network
    bare = BARE.facility.network
    for name in ("storage_switches", "oob_switches"):
        assert (many[name].value or 0.0) > (bare[name].value or 0.0)
    assert many["switches"].value == bare["switches"].value


def test_spares_are_bought_racked_and_idle() -> None:
    spare = made(cluster__spare_servers=2)
    assert (spare.facility.racks.value or 0) == (BARE.facility.racks.value or 0) + 1
    prices = (spare.cost.onprem.lines["servers"].value or 0.0) / (BARE.cost.onprem.lines["servers"].value or 1.0)
    assert prices == pytest.approx(18 / 16)
    assert spare.training.days.value == BARE.training.days.value
    extra = (spare.facility.details.it_kwh_per_year.value or 0) - (BARE.facility.details.it_kwh_per_year.value or 0)
    idle = value(spare, "idle_kw")
    assert extra >= 8760 * 2 * idle * (1 - 1e-9)
    assert extra < 8760 * 2 * value(spare, "average_kw")


def test_the_speed_does_not_see_them() -> None:
    beside = PLAN.with_values({"cluster.more": MIXED, "cluster.spare_servers": 3})
    assert for_speed(beside) is for_speed(PLAN)


def test_a_server_sold_with_liquid_alone_is_not_put_behind_a_rear_door() -> None:
    more = [{"server": "SMC-4U-LC", "servers": 4}]
    result = made(cluster__more=more, facility__cooling="rear_door")
    assert result.facility.more[0].racks is None
    assert result.facility.details.total_racks.value is None
    found = next(item for item in result.findings if item.code.startswith("facility_more"))
    assert found.severity == "bad"
    there = made(cluster__more=more, facility__cooling="rear_door_cold_plate")
    assert (there.facility.more[0].racks or 0) >= 1
    assert (there.facility.more[0].liquid_kw or 0.0) > 0


def test_the_air_build_of_another_height_is_placed_with_it() -> None:
    """HPE XD685: 6U with air and H200, 5U with liquid."""
    record = Catalogue.shipped().server("HPE-XD685")
    assert record.rack_units_air == 6
    own = {"cluster.server": "HPE-XD685", "cluster.accelerator": "H200"}
    air = estimate(PLAN.with_values({**own, "facility.cooling": "rear_door_active", "facility.rack_kva": 80.0}))
    heights = {d.height_u for rack in air.facility.layout for d in rack.devices if d.kind == "server"}
    assert heights == {6}


def test_beside_racks_sold_as_one_product_air_cooled_servers_stand_in_air() -> None:
    changes = {
        "cluster.server": "DGX-GB200-NVL72", "cluster.servers": 4, "facility.cooling": "rack_scale",
        "cluster.more": [{"server": "DGX-H100", "servers": 4}],
    }  # fmt: skip
    result = estimate(PLAN.with_values(changes))
    assert result.facility.more[0].cooling == "containment"
    assert in_drawn_racks(result) == pytest.approx(value(result, "it_kva"))
    turned = {"cluster.server": "DGX-H100", "cluster.more": [{"server": "DGX-GB200-NVL72", "servers": 1}]}
    assert estimate(PLAN.with_values(turned)).facility.more[0].cooling == "rack_scale"


def test_the_pue_lies_between_those_of_its_parts() -> None:
    more = [{"server": "DGX-GB200-NVL72", "servers": 4}]
    mixed = made(cluster__more=more).facility.pue.value or 0.0
    own = {"cluster.server": "DGX-GB200-NVL72", "cluster.servers": 4, "facility.cooling": "rack_scale"}
    liquid = estimate(PLAN.with_values(own)).facility.pue.value or 0.0
    assert liquid < mixed < (BARE.facility.pue.value or 0.0)
    months = made(cluster__more=more).facility.months
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    mean = sum(month.pue * number for month, number in zip(months, days, strict=True)) / 365
    assert mean == pytest.approx(mixed, rel=1e-3)


@pytest.mark.parametrize("key", ["no-such-server", "VAST"])
def test_what_cannot_be_placed_is_refused_in_one_sentence(key: str) -> None:
    with pytest.raises(PlanError, match=r"cluster\.more\.0\.server"):
        made(cluster__more=[{"server": key, "servers": 1}])


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("6 CPU-2U cpu, 4 DGX-B200", [("CPU-2U", 6, "cpu"), ("DGX-B200", 4, "other")]),
        ("1,200 x CPU-2U", [("CPU-2U", 1200, "other")]),
        ("DDN-AI400X2 storage", [("DDN-AI400X2", 1, "storage")]),
        ("", []),
    ],
)
def test_they_can_be_typed(text: str, entries: list[tuple[str, int, str]]) -> None:
    more = PLAN.with_values({"cluster.more": text}).cluster.more
    assert [(item.server, item.servers, item.role) for item in more] == entries
    assert PLAN.with_values({"cluster.more": written(more)}).cluster.more == more


@pytest.mark.parametrize(("key", "near"), [("CPU-2", "CPU-2U"), ("DGX-B20", "DGX-B200"), ("DDN-AI400", "DDN-AI400X2")])
def test_an_unknown_key_is_refused_with_the_nearest_of_any_kind(key: str, near: str) -> None:
    """In the language of the user: a host and a storage system are as near as a server."""
    with pytest.raises(PlanError) as refused:
        estimate(PLAN.with_values({"cluster.more": f"2 {key}"}))
    english, japanese = (refused.value.text(language) for language in ("en", "ja"))
    assert near in english
    assert near in japanese
    assert "カタログ" in japanese
    assert "storage system" in english


@pytest.mark.parametrize("text", ["6 CPU-2U gpu", "six CPU-2U cpu now", "0 CPU-2U"])
def test_what_cannot_be_read_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(PlanError) as said:
        PLAN.with_values({"cluster.more": text})
    assert "cluster.more" in str(said.value)
