"""The fabric, its cables, the storage and the goodput."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.facility.fabric import cabling, fat_tree, storage_need, storage_units
from mitsumori.model.training.goodput import LLAMA3_MTBF_GPU_HOURS, goodput, young_interval_s

# NVIDIA DGX SuperPOD Reference Architecture, DGX H100 (RA-11333-001), component counts by scalable unit, recalled:
# nodes of full units (32 each; the document leaves one place to UFM), leaf, spine, core switches of 64 ports.
SUPERPOD_H100 = [
    (32, 8, 4, 0),
    (64, 16, 8, 0),
    (96, 24, 16, 0),
    (128, 32, 16, 0),
    (256, 64, 32, 0),
    (512, 128, 128, 64),
    (1024, 256, 256, 128),
    (2048, 512, 512, 256),
]


@pytest.mark.parametrize(("nodes", "leaf", "spine", "core"), SUPERPOD_H100)
def test_superpod_h100_switch_counts(nodes, leaf, spine, core):
    fabric = fat_tree(nodes, 8, 64)
    assert (fabric.leaf, fabric.spine, fabric.core) == (leaf, spine, core)
    assert fabric.endpoints == nodes * 8


def test_counts_broadcast():
    nodes = np.array([row[0] for row in SUPERPOD_H100])
    fabric = fat_tree(nodes, 8, 64)
    assert fabric.switches.tolist() == [sum(row[1:]) for row in SUPERPOD_H100]


def test_small_fleets():
    assert fat_tree(1, 8, 64).switches == 0
    assert fat_tree(8, 8, 64).switches == 1  # 64 ports, one switch
    sixteen = fat_tree(16, 8, 64)
    # 128 ports, 32 down each: 4 leaves of two rails, 2 spines
    assert (sixteen.leaf, sixteen.spine, sixteen.tiers) == (4, 2, 2)


def test_four_hdr_ports_of_the_reference_xd670():
    """SCSK reference configuration: 4 x 200 Gb/s a server; 8 servers fill 32 of the 40 ports of one HDR switch."""
    assert fat_tree(8, 4, 40).switches == 1
    assert fat_tree(16, 4, 40).leaf == 4  # 16 servers of a rail on one leaf of 20 down


@settings(deadline=None, max_examples=150)
@given(
    st.integers(1, 2500),
    st.sampled_from([1, 2, 4, 8, 9, 18, 72]),
    st.sampled_from([40, 64, 128, 144]),
    st.floats(1.0, 12.0),
    st.floats(1.0, 3.0),
    st.booleans(),
)
def test_a_looser_ratio_never_costs_a_switch(servers, nics, ports, ratio, more, rails):
    tight, loose = (fat_tree(servers, nics, ports, value, rails) for value in (ratio, ratio * more))
    if tight.tiers < 4:
        assert loose.switches <= tight.switches


@settings(deadline=None, max_examples=150)
@given(
    st.integers(1, 2500),
    st.integers(1, 200),
    st.sampled_from([1, 2, 4, 8, 9, 18, 72]),
    st.sampled_from([40, 64, 128, 144]),
    st.sampled_from([1.0, 1.5, 2.0, 3.0, 7.0]),
    st.booleans(),
)
def test_more_servers_never_take_fewer_switches(servers, more, nics, ports, ratio, rails):
    few, many = (fat_tree(number, nics, ports, ratio, rails) for number in (servers, servers + more))
    if many.tiers < 4:
        assert many.switches >= few.switches


@pytest.mark.parametrize(("servers", "ratio"), [(128, 2.0), (64, 1.5), (64, 4.0)])
def test_oversubscribing_dgx_h100_saves_switches(servers, ratio):
    """48 and 24 switches non-blocking; 53 and 29 were counted at 2:1 and 1.5:1 before (an odd number of uplinks)."""
    assert fat_tree(servers, 8, 64).switches == {128: 48, 64: 24}[servers]
    assert fat_tree(servers, 8, 64, ratio).switches < {128: 48, 64: 24}[servers]


@settings(deadline=None, max_examples=200)
@given(
    st.integers(2, 4000),
    st.integers(1, 16),
    st.sampled_from([40, 64, 144]),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.booleans(),
)
def test_ports_suffice(servers, nics, ports, oversubscription, rails):
    """No switch has more cables than ports, all adapters are connected, uplinks keep the oversubscription."""
    fabric = fat_tree(servers, nics, ports, oversubscription, rails)
    if fabric.tiers == 4:
        return
    leaf_cables = fabric.endpoints + (fabric.uplinks if fabric.tiers == 2 else 0)
    if fabric.tiers == 3:
        leaf_cables = fabric.endpoints + (fabric.uplinks - fabric.spine * (ports // 2))
    assert leaf_cables <= fabric.leaf * ports
    if fabric.tiers == 2:
        assert fabric.uplinks <= fabric.spine * ports
        assert fabric.uplinks * oversubscription >= fabric.endpoints * 0.999 - 1e-9
    if fabric.tiers == 3:
        assert fabric.uplinks - fabric.spine * (ports // 2) <= fabric.spine * (ports // 2) + 1e-9
        assert fabric.spine * (ports // 2) <= fabric.core * ports + 1e-9


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 3000), st.integers(1, 3000))
def test_more_servers_never_fewer_cables(a, b):
    few, many = sorted((a, b))
    assert fat_tree(few, 8, 64).cables <= fat_tree(many, 8, 64).cables


def test_denser_racks_have_shorter_cables():
    """The selling point of the water-cooled hall (SCSK slides): denser racks shorten the cabling between servers."""
    fabric = fat_tree(32, 8, 64)
    totals = [float(cabling(racks, fabric).total_m) for racks in (5, 8, 16, 32)]
    assert totals == sorted(totals)
    assert totals[0] < 0.8 * totals[-1]


@settings(deadline=None, max_examples=100)
@given(st.integers(2, 2000), st.integers(1, 8), st.integers(1, 8))
def test_more_racks_never_shorten_the_cables(servers, a, b):
    fabric = fat_tree(servers, 8, 64)
    dense, loose = (cabling(np.ceil(servers / per_rack), fabric) for per_rack in (max(a, b), min(a, b)))
    assert dense.total_m <= loose.total_m * (1 + 1e-12)


def test_cable_length_by_hand():
    """Nine racks and the leaf rack are one row of ten: mean offset of ten places from the middle 2.5 racks of 0.6 m."""
    fabric = fat_tree(32, 8, 64)
    laid = cabling(9, fabric)
    assert laid.server_mean_m == pytest.approx(2.5 * 0.6 + 2 * 1.5 + 1.0)
    assert laid.server_max_m == pytest.approx(5 * 0.6 + 4.0)


def test_llama3_failure_rate():
    """Llama 3 (arXiv 2407.21783, 3.3.4): 419 unexpected stops in 54 days on 16,384 GPUs: 50,677 GPU-hours, 3.09 h."""
    assert pytest.approx(50677, abs=1) == LLAMA3_MTBF_GPU_HOURS
    assert goodput(16384, 60.0).mtbf_s / 3600 == pytest.approx(3.09, abs=0.01)


def test_sixteen_nodes_lose_1_4_percent():
    """16 nodes, two-minute checkpoints and half an hour of restart lose about 1.4 % (MTBF 396 h)."""
    result = goodput(128, 120.0, restart_s=1800.0)
    assert result.mtbf_s / 3600 == pytest.approx(396, abs=0.5)
    assert 1 - result.goodput == pytest.approx(0.014, abs=0.0005)


@settings(deadline=None, max_examples=100)
@given(st.floats(1, 3600), st.floats(1e4, 1e7), st.floats(0.2, 5))
def test_young_interval_is_the_optimum(checkpoint_s, mtbf_s, off):
    best = float(young_interval_s(checkpoint_s, mtbf_s))

    def overhead(tau):
        return checkpoint_s / tau + tau / (2 * mtbf_s)

    assert overhead(best) <= overhead(best * off) * (1 + 1e-12)
    assert overhead(best) == pytest.approx(math.sqrt(2 * checkpoint_s / mtbf_s))


def test_goodput_never_leaves_its_range():
    shares = goodput(np.array([1, 1e3, 1e5, 1e7]), 600.0).goodput
    assert np.all((shares >= 0) & (shares <= 1))
    assert np.all(np.diff(shares) <= 0)


def test_storage():
    """A 70e9 model's checkpoint of 14 bytes a parameter in 60 s: 980 GB at 16.3 GB/s."""
    need = storage_need(100e9, 4.0, 70e9 * 14, 10, 60.0)
    assert need.capacity_bytes == pytest.approx(400e9 + 9800e9)
    assert need.write_bytes_per_s == pytest.approx(16.33e9, rel=1e-3)
    assert storage_units(need, 12.5e9) == 2
    assert storage_units(need, 65e9) == 1
    assert storage_units(need, 65e9, 5e12) == 3
    assert storage_need(1e9, 4, 1e9, 1, 60, 5e15).capacity_bytes == 5e15
