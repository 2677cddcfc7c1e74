"""Fabric, storage and what stands beside the servers: whole plans counted by hand, and the fabric against its geometry.

Devices: QM8700 40 x 200G 1U without published power; QM9700 64 x 400G 1U, 747 to 1,720 W; SN5600 64 x 800G 2U, 940 W;
SN4600C 64 x 100G 2U, 466 W; ClusterStor E1000 60 GB/s, AI400X2 65 GB/s, EF600 12.5 GB/s, each 2U without published power
(makers' data sheets as in resources/catalog).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.facility.fabric import cabling, fat_tree, storage_need, storage_units
from mitsumori.model.facility.network import link_usd
from mitsumori.model.facility.support_racks import checkpoint_bytes_of
from tests.model.support_plans import dotted, run

H100 = {"cluster.server": "DGX-H100", "facility.cooling": "rear_door_active"}


def numbers(figures: Any, *names: str) -> list[float | None]:
    return [figures[name].value for name in names]


# servers, ports a server, switch ports, oversubscription, rails, then tiers, leaf, spine, core, cables between switches
TREES = [
    # one server has no fabric; up to a switch's ports one switch is enough
    (1, 8, 64, 1.0, True, 0, 0, 0, 0, 0),
    (8, 8, 64, 1.0, True, 1, 1, 0, 0, 0),
    # 9 to 16 servers: a leaf of 32 down takes 3 rails of 10, 2 rails of 11 to 16
    (9, 8, 64, 1.0, True, 2, 3, 2, 0, 96),
    (10, 8, 64, 1.0, True, 2, 3, 2, 0, 96),
    (11, 8, 64, 1.0, True, 2, 4, 2, 0, 128),
    (16, 8, 64, 1.0, True, 2, 4, 2, 0, 128),
    (17, 8, 64, 1.0, True, 2, 8, 4, 0, 256),
    (32, 8, 64, 1.0, True, 2, 8, 4, 0, 256),
    # a second group begins with the 33rd server; 8 + 8 leaves of 32 up are 512 links on 8 spines
    (33, 8, 64, 1.0, True, 2, 16, 8, 0, 512),
    # 24 leaves need 12 spines by ports, 16 so that every leaf has as many links to each
    (96, 8, 64, 1.0, True, 2, 24, 16, 0, 768),
    # 64 leaves are the most of two tiers; 72 take a third of pods of 32 leaves
    (256, 8, 64, 1.0, True, 2, 64, 32, 0, 2048),
    # 3 pods of 24 leaves: 24 spines by ports, 32 by even links, 96 in all; 96 x 32 links on 48 cores
    (257, 8, 64, 1.0, True, 3, 72, 96, 48, 72 * 32 + 96 * 32),
    # the last fleet of three tiers: 64 pods of 32 leaves
    (8192, 8, 64, 1.0, True, 3, 2048, 2048, 1024, 2048 * 32 * 2),
    (8193, 8, 64, 1.0, True, 4, 2056, 2080, 1040, 2056 * 32 + 2080 * 32),
    # 24 leaves of 30 servers: 30 links each fill 12 spines, 15 divide evenly; 32 would take 16
    (90, 8, 64, 1.0, True, 2, 24, 15, 0, 720),
    # 130 servers: 5 groups of 26; 26 links a leaf on 26 spines, where 32 links would take 32
    (130, 8, 64, 1.0, True, 2, 40, 26, 0, 1040),
    # 3 : 1 on 64 ports: 48 down, 16 up in two groups would take 4 spines; 32 down and 12 up (2.7 : 1) take 3
    (64, 8, 64, 3.0, True, 2, 16, 3, 0, 192),
    (48, 8, 64, 3.0, True, 2, 8, 2, 0, 128),
    # 2 : 1 on 40 ports: 26 down, 14 up; 13 up are odd and would take thirteen spines
    (26, 4, 40, 2.0, True, 2, 4, 2, 0, 56),
    # without rails a server's 8 ports share a leaf: 4 servers a leaf of 32 down
    (64, 8, 64, 1.0, False, 2, 16, 8, 0, 512),
    (10, 8, 64, 1.0, False, 2, 3, 2, 0, 96),
    # 72 ports of one rack do not fit a leaf of 32 down: 2 x 72 / 32 leaves
    (2, 72, 64, 1.0, False, 2, 5, 4, 0, 160),
    (3, 33, 64, 1.0, False, 2, 4, 2, 0, 128),
    (2, 32, 64, 1.0, False, 1, 1, 0, 0, 0),
    # the smallest switch: two ports, one down and one up
    (3, 1, 2, 1.0, False, 4, 3, 3, 2, 6),
]


@pytest.mark.parametrize(
    ("servers", "nics", "ports", "ratio", "rails", "tiers", "leaf", "spine", "core", "uplinks"), TREES
)
def test_fat_trees_counted_by_hand(
    servers: int, nics: int, ports: int, ratio: float, rails: bool, tiers: int, leaf: int, spine: int, core: int,
    uplinks: int,
) -> None:  # fmt: skip
    fabric = fat_tree(servers, nics, ports, ratio, rails)
    found = [fabric.tiers, fabric.leaf, fabric.spine, fabric.core, fabric.uplinks]
    assert [float(value) for value in found] == [tiers, leaf, spine, core, uplinks]
    assert fabric.endpoints == (servers * nics if servers > 1 else 0)
    assert fabric.switches == leaf + spine + core
    assert fabric.cables == fabric.endpoints + uplinks
    assert fabric.cable_ends == 2 * fabric.cables


@pytest.mark.parametrize(
    ("ports", "ratio"), [(64, 1.0), (64, 3.0), (40, 2.0), (64, 2.0), (40, 7.0), (64, 64.0), (144, 1.5)]
)
def test_oversubscription_as_built_stays_within_what_is_asked(ports: int, ratio: float) -> None:
    built = float(fat_tree(100, 8, ports, ratio).oversubscription)
    assert 0 < built <= ratio + 1e-9
    assert fat_tree(100, 8, ports).oversubscription == 1.0


@pytest.mark.parametrize(("servers", "groups"), [(1, 1), (8, 1), (32, 1), (33, 2), (64, 2), (65, 3)])
def test_groups_of_a_rail_are_scalable_units(servers: int, groups: int) -> None:
    assert fat_tree(servers, 8, 64).groups == groups


@settings(deadline=None, max_examples=150)
@given(st.integers(9, 250), st.sampled_from([4, 8]), st.sampled_from([40, 64]), st.booleans())
def test_no_spine_could_be_left_out(servers: int, nics: int, ports: int, rails: bool) -> None:
    """Two tiers: every leaf has as many links to each spine, and the next smaller such number lacks ports."""
    fabric = fat_tree(servers, nics, ports, 1.0, rails)
    if fabric.tiers != 2:
        return
    up = int(fabric.uplinks / fabric.leaf)
    assert up * fabric.leaf == fabric.uplinks
    assert up <= ports // 2
    assert up % fabric.spine == 0
    fewer = [d for d in range(1, int(fabric.spine)) if up % d == 0]
    assert all(d * ports < fabric.uplinks for d in fewer)


@pytest.mark.parametrize("servers", [2, 16, 32, 100, 300])
@pytest.mark.parametrize("racks", [1, 2, 5, 9, 10, 11, 29, 64, 150])
@pytest.mark.parametrize(("width", "depth"), [(0.6, 1.2), (0.8, 1.0)])
def test_cables_measured_over_a_drawn_hall(servers: int, racks: int, width: float, depth: float) -> None:
    """Blocks of equal racks with the leaf rack among them, ten to a row, aisles of 1.2 m; up, down and 1 m of slack.

    Distances are summed over the places of the block, from the place in its middle; the hall is a square of all blocks.
    """
    fabric = fat_tree(servers, 8, 64)
    laid = cabling(racks, fabric, width, depth)
    blocks = min(int(fabric.groups), racks)
    places = math.ceil(racks / blocks) + 1
    columns = min(places, 10)
    rows = math.ceil(places / columns)
    across = [abs(i - columns // 2) * width for i in range(columns)]
    along = [abs(i - rows // 2) * (depth + 1.2) for i in range(rows)]
    vertical = 1.5 + 1.5 + 1.0
    assert laid.server_mean_m == pytest.approx(sum(across) / columns + sum(along) / rows + vertical)
    assert laid.server_max_m == pytest.approx(max(across) + max(along) + vertical)
    side = math.sqrt(blocks * (columns * width + 1.2) * rows * (depth + 1.2))
    assert laid.spine_mean_m == pytest.approx(side / 2 + vertical)
    cables = float(fabric.endpoints), float(fabric.uplinks)
    assert laid.total_m == pytest.approx(cables[0] * laid.server_mean_m + cables[1] * laid.spine_mean_m)


def test_the_mean_distance_in_a_square_is_half_its_side() -> None:
    """|dx| + |dy| over a fine grid of a unit square, from its middle."""
    points = (np.arange(400) + 0.5) / 400 - 0.5
    assert np.abs(points[:, None]).mean() + np.abs(points[None, :]).mean() == pytest.approx(0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("precision", "optimizer", "bytes_each"),
    [("bf16", "adam", 14), ("fp8", "adam", 14), ("fp32", "adam", 12), ("tf32", "adam", 12), ("bf16", "adam8bit", 8.03125),
     ("bf16", "adafactor", 6), ("bf16", "muon", 10), ("bf16", "sgd", 10), ("fp32", "sgd", 8)],
)  # fmt: skip
def test_bytes_of_a_checkpoint(precision: str, optimizer: str, bytes_each: float) -> None:
    """Weights 2, fp32 master 4, two fp32 moments 8 (ZeRO, arXiv 1910.02054 section 3.1); in fp32 the master is the weight.

    8-bit Adam: two bytes and a fp32 scale for a block of 256 of each moment (bitsandbytes), saved as they are held.
    """
    assert checkpoint_bytes_of(7e9, precision, optimizer) == pytest.approx(7e9 * bytes_each)


@pytest.mark.parametrize(
    ("write", "raw", "units"),
    [(12.5e9, math.nan, 2), (16.3334e9, math.nan, 1), (16.33e9, math.nan, 2), (65e9, 5e12, 3), (65e9, 10.2e12, 1),
     (65e9, 10.19e12, 2), (2e9, 5e12, 9), (1e15, math.nan, 1)],
)  # fmt: skip
def test_storage_units_for_rate_and_capacity(write: float, raw: float, units: int) -> None:
    """A 70e9 model: 980 GB in 60 s are 16.33 GB/s; 400 GB of data and ten checkpoints are 10.2 TB."""
    assert storage_units(storage_need(100e9, 4.0, 70e9 * 14, 10, 60.0), write, raw) == units


PARAMETERS = 70_553_706_496
"""Llama 3 70B by its configuration (model card: 70.6 B): 980 GB a checkpoint."""


def test_storage_of_a_plan() -> None:
    """Data set 100e9 x 4 B; ten checkpoints of 14 B a parameter; 60 s of stall; ClusterStor of HPE first, 60 GB/s."""
    result, findings = run(cluster__servers=8)
    saved = PARAMETERS * 14.0
    storage = {name: figure.value for name, figure in result.storage.items()}
    assert storage["dataset_bytes"] == 400e9
    assert storage["checkpoint_bytes"] == pytest.approx(saved, rel=1e-4)
    saved = storage["checkpoint_bytes"] or 0.0
    assert storage["capacity_bytes"] == pytest.approx(400e9 + 10 * saved)
    assert storage["storage_pb"] == pytest.approx((400e9 + 10 * saved) / 1e15)
    assert storage["write_bytes_per_s"] == pytest.approx(saved / 60)
    assert storage["units"] == 1
    assert storage["checkpoint_s"] == pytest.approx(saved / 60e9)
    assert "network_storage_capacity_unknown" not in findings
    plain = {"vendor": "A maker", "model": "one", "rack_units": 2, "write_gbytes_per_s": 60.0}
    unsized = Catalogue.shipped().with_records({"storage": {"PLAIN": plain}})
    asked = run(unsized, cluster__servers=8, network__storage="PLAIN")[1]["network_storage_capacity_unknown"].params
    assert (asked["unit"], asked["units"]) == ("A maker one", 1)
    assert asked["capacity_tb"] == pytest.approx((400e9 + 10 * saved) / 1e12)


@pytest.mark.parametrize(
    ("server", "key", "rate", "units", "stall"),
    [("HPE-XD670", None, 60, 1, 60.0), ("HPE-XD670", None, 60, 2, 10.0), ("HPE-XD670", "NetApp-EF600", 12.5, 2, 60.0),
     ("DGX-H100", None, 65, 1, 60.0), ("HPE-XD670", "IBM-SSS6000", 155, 7, 1.0)],
)  # fmt: skip
def test_storage_units_by_maker_and_stall(server: str, key: str | None, rate: float, units: int, stall: float) -> None:
    """980 GB in 60 s are 16.5 GB/s, in 10 s 99, in 1 s 988. A maker without storage takes the first whose rate is known."""
    result, _ = run(**dotted({"cluster.server": server, "cluster.servers": 8, "network.storage": key,
                              "network.checkpoint_stall_s": stall, "facility.cooling": "rear_door_active"}))  # fmt: skip
    saved = result.storage["checkpoint_bytes"].value or 0.0
    assert result.storage["units"].value == units
    assert result.storage["checkpoint_s"].value == pytest.approx(saved / (units * rate * 1e9))


def test_capacity_counts_where_a_unit_has_one() -> None:
    """5 TB a unit: 10.28 TB take three, and nothing is left to ask."""
    catalogue = Catalogue.shipped().with_records(
        {"storage": {"OURS": {"base": "DDN-AI400X2", "raw_capacity_tb": 5.0, "max_power_kw": 1.5}}}
    )
    result, findings = run(catalogue, cluster__servers=8, network__storage="OURS")
    assert result.storage["units"].value == 3
    assert "network_storage_capacity_unknown" not in findings
    given_, _ = run(catalogue, cluster__servers=8, network__storage="OURS", network__storage_pb=0.02)
    assert given_.storage["units"].value == 4
    assert given_.storage["capacity_bytes"].value == pytest.approx(20e12)
    parent = given_.storage["capacity_bytes"].provenance
    assert parent is not None
    assert (parent.kind, parent.what) == ("user", "network.storage_pb")


def test_a_unit_without_a_write_rate_is_asked_for() -> None:
    result, findings = run(cluster__servers=8, network__storage="VAST")
    assert (result.storage["units"].value, result.storage["units"].reason) == (None, "network_storage_unknown")
    assert findings["network_storage_unknown"].severity == "ask"
    assert "VAST" in findings["facility_other_share"].params["what"]
    assert result.storage["checkpoint_s"].value == 60.0


@pytest.mark.parametrize(
    ("changes", "exists", "units"),
    [
        ({"cluster.servers": 1}, False, None),
        ({"cluster.servers": 1, "network.storage_pb": 0.5}, True, 2.0),
        ({"cluster.servers": 1, "network.storage": "IBM-SSS6000"}, True, 1.0),
        ({"cluster.servers": 1, "network.storage_pb": 0.0}, False, None),
        ({"cluster.servers": 2}, True, 1.0),
        ({"cluster.servers": 2, "network.storage_pb": 0.0}, True, None),
    ],
)
def test_one_server_trains_from_its_own_disks(changes: dict[str, Any], exists: bool, units: float | None) -> None:
    result, _ = run(**dotted(changes))
    assert (result.support_racks.value or 0) == (1 if exists else 0)
    assert (result.storage["units"].value if "units" in result.storage else None) == units
    if not exists:
        assert result.details["other_kw"].value == 0.0
        assert result.it_kw.value == pytest.approx(10.2)


def test_eight_xd670_hang_on_one_hdr_switch() -> None:
    """4 x 200G a server are 32 of 40 ports; 8 x 100G for storage and in-band on one SN4600C of 466 W; 34 management ports.

    Each switch stands with a unit for its cables.
    """
    result, _ = run(cluster__servers=8)
    names = ("leaf", "spine", "core", "switches", "cables", "cable_ends", "optics", "tiers", "storage_switches")
    assert numbers(result.network, *names) == [1, 0, 0, 1, 32, 64, 64, 1, 1]
    assert numbers(result.network, "switch_kw", "optics_kw", "oob_switches") == pytest.approx([0.61, 0.61 - 0.253, 1])
    assert result.details["other_kw"].value == pytest.approx(0.61 + 0.466 + 0.098 + 1.8)
    (beside,) = [rack for rack in result.layout if rack.kind == "support"]
    assert [(d.kind, d.name, d.unit, d.height_u) for d in beside.devices] == [
        ("switch", "Quantum QM8700 (leaf)", 41, 2),
        ("switch", "Spectrum-3 SN4600C (storage, in-band)", 38, 3),
        ("switch", "Spectrum SN2201 (out-of-band)", 36, 2),
        ("storage", "HPE Cray ClusterStor E1000 SSU-F", 1, 2),
    ]


def test_forty_h100_by_hand() -> None:
    """Two groups of 32: 16 leaves, 8 spines; 4 x 400G a server on a second tree without rails: 8 servers a leaf, 5 + 4.

    Every switch at its printed maximum of 1.72 kW; optics are what lies above 747 W. 160 + 33 management ports take five
    switches of 98 W; two fabric managers draw 689 W each.
    """
    catalogue = Catalogue.shipped().with_records({"storage": {"OURS": {"base": "DDN-AI400X2", "max_power_kw": 1.5}}})
    result, findings = run(catalogue, **dotted(H100 | {"cluster.servers": 40, "network.storage": "OURS"}))
    assert numbers(result.network, "leaf", "spine", "storage_switches", "tiers") == [16, 8, 9, 2]
    assert result.network["switch_kw"].value == pytest.approx(24 * 1.72)
    assert result.network["optics_kw"].value == pytest.approx(24 * 0.973)
    other = 33 * 1.72 + 1.5 + 5 * 0.098 + 2 * 0.689
    assert result.details["other_kw"].value == pytest.approx(other)
    assert "facility_other_share" not in findings
    assert result.it_kw.value == pytest.approx(40 * 10.2 + other)
    beside = [rack for rack in result.layout if rack.kind == "support"]
    installed = [(rack.count, device.kind) for rack in beside for device in rack.devices]
    assert sum(count for count, kind in installed if kind == "switch") == 33 + 5 + 2
    assert sum(count for count, kind in installed if kind == "storage") == 1
    # 60.1 kW at 55 kVA and 55 kW a rack take two racks; 40 devices of two units and the storage take three of 38
    assert result.support_racks.value == 3


def test_what_is_known_counts_where_it_is_more_than_the_share() -> None:
    """Storage of unpublished power: 15 % of the servers, or the switches alone where they draw more."""
    plain = {"vendor": "A maker", "model": "one", "rack_units": 2, "write_gbytes_per_s": 65.0}
    catalogue = Catalogue.shipped().with_records({"storage": {"PLAIN": plain}})
    stored = H100 | {"network.storage": "PLAIN"}
    result, findings = run(catalogue, **dotted(stored | {"cluster.servers": 40}))
    assert result.details["other_kw"].value == pytest.approx(0.15 * 408)
    params = findings["facility_other_share"].params
    assert params["kw"] == pytest.approx(61.2)
    assert params["percent"] == pytest.approx(15.0)
    assert params["what"] == "A maker one"
    small, findings = run(catalogue, **dotted(stored | {"cluster.servers": 2, "facility.server_max_kw": 1.0}))
    assert small.details["other_kw"].value == pytest.approx(2 * 1.72 + 0.098)
    assert findings["facility_other_share"].params["kw"] == pytest.approx(3.538)
    own, findings = run(catalogue, **dotted(stored | {"cluster.servers": 2, "facility.other_power_share": 0.3}))
    assert own.details["other_kw"].value == pytest.approx(0.3 * 20.4)
    assert "facility_other_share" not in findings


def test_a_faster_port_breaks_out() -> None:
    """SN5600: 64 ports of 800G are 128 of 400G: 64 a side hold a group of 64 DGX H100 on 8 leaves and 4 spines."""
    result, _ = run(**dotted(H100 | {"cluster.servers": 64, "network.fabric": "SN5600"}))
    assert numbers(result.network, "leaf", "spine", "cables") == [8, 4, 512 + 512]
    assert numbers(result.network, "switch_kw", "optics_kw") == pytest.approx([12 * 2.167, 12 * (2.167 - 0.94)])
    slower, _ = run(**dotted(H100 | {"cluster.servers": 8, "network.fabric": "QM8700"}))
    # an adapter of 400G takes two ports of 200: 128 cables on switches of 40
    assert slower.network["cables"].value == 128 + (slower.network["leaf"].value or 0) * 20


def test_a_fleet_beyond_three_tiers_is_warned_of() -> None:
    _, findings = run(cluster__servers=9000)
    assert findings["network_too_large"].severity == "warn"
    assert "network_too_large" not in run(cluster__servers=8)[1]


def test_a_server_without_known_adapters_says_what_is_assumed() -> None:
    _, findings = run(cluster__server="HPE-XD685", facility__server_max_kw=14.0, facility__cooling="rear_door_active",
                      cluster__servers=4)  # fmt: skip
    params = findings["network_nics_assumed"].params
    assert params["ports"] == 8
    assert params["gbps"] == 400


@pytest.mark.parametrize("servers", [32, 64, 127, 256])
def test_the_counted_network_agrees_with_published_shares(servers: int) -> None:
    """DGX H100 non-blocking: 19 % of the servers in Cottier et al. (arXiv 2405.21015), about a fifth of a cluster's bill."""
    price = run(**dotted(H100 | {"cluster.servers": servers}))[0].network["price_usd"]
    listed = Catalogue.shipped().server("DGX-H100").price
    assert listed is not None and price.value is not None
    assert 0.12 < price.value / (servers * listed.middle) < 0.28
    assert price.low < price.value < price.high
    assert price.provenance.what.startswith("counted at list prices: ")


def test_the_network_costs_less_the_more_it_is_oversubscribed_and_the_denser_it_stands() -> None:
    at = [run(**dotted(H100 | {"cluster.servers": 64, "network.oversubscription": o}))[0] for o in (1.0, 2.0, 4.0)]
    prices = [result.network["price_usd"].value for result in at]
    assert prices == sorted(prices, reverse=True)
    assert len(set(prices)) == 3
    limits = run(cluster__servers=32, facility__power_basis="measured")[0].limits
    for name in ("cable_m", "cable_usd", "latency_ns"):
        by = getattr(limits, name)
        assert by["in_row"] > by["rear_door"] > by["rear_door_active"], name


def test_a_switch_without_a_price_ends_the_counting_and_the_share_grows_without_a_step() -> None:
    """15 % of the first 16 servers and 19 % of each one more; less in proportion where links are saved."""
    bare = {"kind": "ib-switch NDR", "model": "bare", "ports": 64, "gbps_per_port": 400.0, "rack_units": 1}
    catalogue = Catalogue.shipped().with_records({"networks": {"BARE": bare}})

    def share(servers: int, ratio: float = 1.0) -> float:
        changes = H100 | {"cluster.servers": servers, "network.fabric": "BARE", "network.oversubscription": ratio}
        network = run(catalogue, **dotted(changes))[0].network
        assert network["price_usd"].reason == "network_price_unknown"
        return network["price_share"].value or 0.0

    assert share(16) == pytest.approx(0.15)
    assert share(17) == pytest.approx((0.15 * 16 + 0.19) / 17)
    assert share(100) == pytest.approx((0.15 * 16 + 0.19 * 84) / 100)
    assert share(64, 4.0) < share(64)


def test_cables_are_chosen_by_reach() -> None:
    """NDR: passive copper to 3 m, active copper to 5, multimode optics to 50, single mode beyond."""
    links = [link for link in Catalogue.shipped().links().values() if link.gbps == 400.0]
    prices = link_usd(links, np.array([2.0, 4.5, 20.0, 120.0, 900.0]))
    assert np.all(np.diff(prices[1, :4]) > 0)
    assert np.isnan(prices[1, 4])
    by = {link.medium: link for link in links}
    assert prices[1, 0] == pytest.approx(by["dac"].price.middle + by["dac"].price_per_m * 1.0)


def test_spectrum_x_has_two_planes_and_out_of_band_switches() -> None:
    """GB300 NVL72 Enterprise reference architecture, four racks: 16 + 8 SN5610, converged 4 + 2, out-of-band 8 SN2201."""
    result, _ = run(cluster__server="DGX-GB300-NVL72", cluster__servers=4, network__fabric="SN5610",
                    facility__cooling="rack_scale")  # fmt: skip
    names = ("planes", "leaf", "spine", "storage_switches", "oob_switches")
    assert numbers(result.network, *names) == [2, 16, 8, 6, 8]


def test_the_b300_reference_architecture() -> None:
    """40 DGX B300: 8 + 4 Q3400-RA, in-band and storage 4 + 2 SN5610, out-of-band 4 SN2201; 72 HGX B300: 12 Q3400."""
    result, _ = run(cluster__server="DGX-B300", cluster__servers=40)
    assert numbers(result.network, "leaf", "spine", "storage_switches", "oob_switches") == [8, 4, 6, 4]
    many, _ = run(cluster__server="Dell-XE9780", cluster__servers=72)
    assert many.network["switches"].value == 12


def test_stops_and_checkpoints_follow_young() -> None:
    """64 GPUs at Llama 3's 50,677 h a GPU; 60 s a checkpoint: sqrt(2 x 60 x MTBF)."""
    result, _ = run(cluster__servers=8)
    mtbf = 50_677 / 64 * 3600
    assert result.storage["mtbf_s"].value == pytest.approx(mtbf, rel=1e-4)
    assert result.storage["interval_s"].value == pytest.approx(math.sqrt(120 * mtbf), rel=1e-4)
    own, _ = run(cluster__servers=8, network__mtbf_gpu_hours=6400.0, network__restart_s=0.0,
                 network__checkpoint_interval_s=1200.0)  # fmt: skip
    assert own.storage["mtbf_s"].value == pytest.approx(100 * 3600)
    assert own.storage["interval_s"].value == 1200.0
    assert own.storage["goodput"].value == pytest.approx(1200 / 360_000 / math.expm1(1260 / 360_000), rel=1e-6)


def test_cables_are_given_for_the_chosen_method() -> None:
    result, _ = run(cluster__servers=33)
    fabric = fat_tree(33, 4, 40)
    laid = cabling(result.racks.value or 0, fabric)
    for name in ("server_mean_m", "server_max_m", "spine_mean_m", "total_m"):
        assert result.network[f"cable_{name}"].value == pytest.approx(float(getattr(laid, name))), name
    nowhere, _ = run(cluster__servers=33, facility__cooling="air")
    assert "cable_total_m" not in nowhere.network
