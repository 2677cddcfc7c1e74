"""Racks of network and storage, feeds, and where each device stands in the elevation."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.facility.elevation import (
    DrawnRack,
    Kit,
    RackDevice,
    compute_devices,
    deal,
    drawn,
    support_devices,
    support_rack_count,
)
from tests.model.support_plans import dotted, run


@pytest.mark.parametrize(("cooling", "kva", "air"), [("rear_door", 30.0, 30.0), ("rear_door_active", 55.0, 55.0),
    ("immersion", 20.0, 20.0)])  # fmt: skip
def test_support_racks_stand_under_the_halls_limits(cooling: str, kva: float, air: float) -> None:
    """Beside a tank, which has no air path, they stand in contained air of 20 kW."""
    limits = {"facility.liquid_limit_kw": 100.0} if cooling == "immersion" else {}
    result, _ = run(**dotted({"facility.cooling": cooling, "cluster.servers": 80} | limits))
    assert (result.limits.support_kva, result.limits.support_air_kw) == (kva, air) or cooling == "immersion"
    other = result.details["other_kw"].value or 0.0
    least = max(math.ceil(other / 0.98 / result.limits.support_kva), math.ceil(other / result.limits.support_air_kw))
    assert (result.support_racks.value or 0) >= least
    if cooling == "immersion":
        assert result.limits.support_air_kw == air


@pytest.mark.parametrize(("kva", "feeds"), [(22.3, {"200v-60a-3ph": 2, "400v-63a-3ph": 1, "200v-30a-3ph": 3})])
def test_feeds_of_a_rack(kva: float, feeds: dict[str, int]) -> None:
    """22.32 kVA a rack: 16.63 a 60 A feed, 34.92 a 400 V feed, 8.31 a 30 A feed (docs/method.md 6.2)."""
    result, _ = run(cluster__servers=16)
    assert result.kva_per_rack.value == pytest.approx(kva, abs=0.05)
    assert {key: result.limits.feeds[key] for key in feeds} == feeds


@pytest.mark.parametrize(
    ("servers", "height", "units", "reserved", "gap", "bays"),
    [
        # four servers of 5U in 38 usable units: 18 free, spread 3U apart, the first on 3U
        (4, 5, 42, 4, 0, [4, 12, 20, 28]),
        # two of 5U: 28 free, 3U apart and 3U up
        (2, 5, 42, 4, 0, [4, 12]),
        # seven fill 35 of 38: nothing to spread evenly, they begin at the bottom
        (7, 5, 42, 4, 0, [1, 6, 11, 16, 21, 26, 31]),
        # six of 5U leave 8: one unit between them and one below
        (6, 5, 42, 4, 0, [2, 8, 14, 20, 26, 32]),
        # a gap that is asked for stays, and grows by what is free, at most to 3U
        (4, 5, 42, 4, 2, [4, 12, 20, 28]),
        (5, 5, 42, 4, 3, [2, 10, 18, 26, 34]),
        (1, 8, 48, 4, 0, [4]),
        (1, 48, 48, 0, 0, [1]),
        (2, 10, 24, 4, 0, [1, 11]),
        (3, 2, 12, 0, 5, [1, 6, 11]),
    ],
)
def test_servers_stand_from_the_bottom_up_to_3u_apart(
    servers: int, height: int, units: int, reserved: int, gap: int, bays: list[int]
) -> None:
    if servers * height + (servers - 1) * gap > units - reserved:
        gap = (units - reserved - servers * height) // (servers - 1)
    devices = compute_devices("x", servers, height, units, reserved, gap)
    assert [device.unit for device in devices if device.kind == "server"] == bays
    assert all(device.height_u == height for device in devices if device.kind == "server")
    management = [(device.unit, device.height_u) for device in devices if device.kind == "management"]
    assert management == ([(units, 1)] if reserved else [])


def test_blank_panels_close_what_is_free() -> None:
    devices = (RackDevice("server", "a", 4, 5), RackDevice("server", "b", 12, 5), RackDevice("management", "m", 20, 1))

    def rack(units: int) -> DrawnRack:
        return DrawnRack("R1", "compute", devices, units, 1.0, None, 1.0, None, 0.0, None)

    assert [(blank.unit, blank.height_u) for blank in rack(22).blanks] == [(1, 3), (9, 3), (17, 3), (21, 2)]
    assert [(blank.unit, blank.height_u) for blank in rack(20).blanks] == [(1, 3), (9, 3), (17, 3)]
    assert all(blank.kind == "blank" for blank in rack(22).blanks)
    full = DrawnRack("R1", "compute", (RackDevice("server", "a", 1, 4),), 4, 1.0, None, 1.0, None, 0.0, None)
    assert full.blanks == ()


A, B, C = Kit("switch", "a", 1, 5), Kit("storage", "b", 2, 4), Kit("switch", "c", 1, 2)


def test_devices_are_dealt_round() -> None:
    """5 a on three racks are 2, 2, 1; 4 b go on at the third: 1, 1, 2; 2 c go on at the first: 1, 1, 0."""
    dealt = deal((A, B, C), 3)
    assert sorted((count, [n for _, n in held]) for count, held in dealt) == [(1, [1, 2, 0]), (2, [2, 1, 1])]
    assert deal((A,), 1) == [(1, [(A, 5)])]
    assert deal((Kit("switch", "a", 1, 6),), 3) == [(3, [(Kit("switch", "a", 1, 6), 2)])]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.integers(1, 30))
def test_dealing_is_going_round_one_by_one(counts: list[int], racks: int) -> None:
    kits = tuple(Kit("switch", f"k{k}", 1, count) for k, count in enumerate(counts))
    table, at = [[0] * len(kits) for _ in range(racks)], 0
    for k, kit in enumerate(kits):
        for _ in range(kit.count):
            table[at % racks][k] += 1
            at += 1
    expected: dict[tuple[int, ...], int] = {}
    for row in table:
        expected[tuple(row)] = expected.get(tuple(row), 0) + 1
    assert {tuple(n for _, n in held): count for count, held in deal(kits, racks)} == expected


@pytest.mark.parametrize(
    ("kits", "usable", "least", "racks"),
    [
        ((), 38, 1, 1), ((), 38, 3, 3),
        ((Kit("switch", "a", 1, 38),), 38, 1, 1), ((Kit("switch", "a", 1, 39),), 38, 1, 2),
        ((Kit("switch", "a", 1, 38),), 38, 4, 4),
        # 20 devices of 2U in racks of 13 usable units: 40 / 13 would be four racks, but a rack takes six devices of 2U
        ((Kit("storage", "b", 2, 20),), 13, 1, 4), ((Kit("storage", "b", 2, 25),), 13, 1, 5),
        # 4U each, two a rack of 10
        ((Kit("storage", "b", 4, 5),), 10, 1, 3),
        # a device higher than the rack cannot be helped by more racks
        ((Kit("storage", "b", 12, 2),), 10, 1, 3),
    ],
)  # fmt: skip
def test_support_racks_by_height(kits: tuple[Kit, ...], usable: int, least: int, racks: int) -> None:
    assert support_rack_count(kits, usable, least) == racks


def test_storage_below_and_switches_above() -> None:
    devices = support_devices([(A, 2), (B, 2), (C, 1)], 42)
    assert [(device.name, device.unit, device.height_u) for device in devices] == [
        ("a", 42, 1), ("a", 41, 1), ("b", 1, 2), ("b", 3, 2), ("c", 40, 1),
    ]  # fmt: skip


def test_identical_racks_collapse_beyond_eight() -> None:
    def rack(kind: Any, name: str, count: int) -> DrawnRack:
        return DrawnRack(name, kind, (), 42, 1.0, None, 1.0, None, 0.0, None, count)

    layout = (rack("compute", "R1", 5), rack("compute", "R6", 1), rack("support", "N1", 2))
    assert [r.name for r in drawn(layout)] == ["R1", "R2", "R3", "R4", "R5", "R6", "N1", "N2"]
    assert all(r.count == 1 for r in drawn(layout))
    assert drawn(layout, 7) == layout
    assert drawn((*layout, rack("support", "N3", 1))) == (*layout, rack("support", "N3", 1))
