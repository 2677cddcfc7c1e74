"""The compute fabric as counts: leaf, spine and core switches, cables, optics, power and cable length.

A fat tree of equal switches. Rail-optimised: each network adapter of a server goes to another leaf, so that the same
adapter of every server of a group meets in one leaf (NVIDIA DGX SuperPOD reference architectures). All functions take
arrays; a single plan is a batch of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded


@dataclass(frozen=True, slots=True)
class Fabric:
    """Counts of a fabric. Arrays of whole numbers.

    Attributes
    ----------
    tiers
        0 none (one server), 1 leaves only, 2 leaf and spine, 3 with core; 4 beyond what three tiers of these switches
        reach (the counts are then a lower bound).
    leaf, spine, core
        Switches.
    endpoints, uplinks
        Cables from server to leaf, and between switches.
    groups
        Groups of servers that share one set of leaves ("scalable units").
    oversubscription
        Down to up bandwidth of a leaf as built.
    """

    tiers: Floats
    leaf: Floats
    spine: Floats
    core: Floats
    endpoints: Floats
    uplinks: Floats
    groups: Floats
    oversubscription: Floats

    @property
    def switches(self) -> Floats:
        """Switches of all tiers."""
        return self.leaf + self.spine + self.core

    @property
    def cables(self) -> Floats:
        """Cables of all tiers."""
        return self.endpoints + self.uplinks

    @property
    def cable_ends(self) -> Floats:
        """Ends of cables, each one port of a transceiver where the link is optical."""
        return 2.0 * self.cables


@cache
def _divisors(number: int) -> Floats:
    return np.array([d for d in range(1, number + 1) if number % d == 0], dtype=np.float64)


def _divisor_at_least(number: int, least: Floats) -> Floats:
    """Return the smallest divisor of ``number`` not below each element, or ``number`` where none is."""
    divisors = _divisors(number)
    return divisors[np.minimum(np.searchsorted(divisors, least - 1e-9), len(divisors) - 1)]


def fat_tree(servers: Num, nics: int, ports: int, oversubscription: float = 1.0, rails: bool = True) -> Fabric:
    """Count the switches of a fat tree.

    A leaf of ``k`` ports gives ``d`` down and ``u`` up with ``d / u`` at most ``oversubscription`` (``k/2`` each when
    non-blocking). Rail-optimised groups hold ``d`` servers on ``nics`` leaves; a fleet smaller than one group shares
    leaves between rails. Spines are the smallest number that carries all uplinks and divides ``u``, so that every leaf
    has as many links to each spine. More than ``k`` leaves take a third tier: pods of ``k/2`` leaves, spines with half
    their ports up, ``core = spines * (k/2) / k``. Reproduces the component counts of the SuperPOD H100 reference
    architecture (RA-11333-001: 1-4 units 8+4, 16+8, 24+16, 32+16; 64+32, 128+128+64, 256+256+128).

    Parameters
    ----------
    servers
        Servers, at least 1; one server has no fabric.
    nics
        Ports of a server on this fabric, at least 1.
    ports
        Ports of a switch at the adapters' rate, at least 2.
    oversubscription
        At least 1; 1 is non-blocking.
    rails
        Rail-optimised, or each server's ports together on one leaf.
    """
    count = np.asarray(servers, dtype=np.float64)
    down = int(min(ports - 1, floor_guarded(ports * oversubscription / (1.0 + oversubscription))))
    up = int(max(1, min(ports - down, ceil_guarded(down / oversubscription))))
    half = ports // 2
    endpoints = np.where(count > 1, count * nics, 0.0)
    single = endpoints <= ports
    if rails:
        groups = np.maximum(1.0, ceil_guarded(count / down))
        per_group = np.where(
            count <= down / 2.0,
            ceil_guarded(nics / np.maximum(1.0, np.minimum(nics, floor_guarded(down / np.maximum(count, 1.0))))),
            float(nics),
        )
        leaf = groups * per_group
    else:
        per_leaf = max(1.0, float(floor_guarded(down / nics)))
        leaf = ceil_guarded(count / per_leaf) if nics <= down else ceil_guarded(count * nics / down)
        groups = leaf
    two = leaf <= ports
    spine_two = _divisor_at_least(up, ceil_guarded(leaf * up / ports))
    pods = np.maximum(1.0, ceil_guarded(leaf / half))
    per_pod = ceil_guarded(leaf / pods)
    spine_three = pods * _divisor_at_least(up, ceil_guarded(per_pod * up / half))
    core = ceil_guarded(spine_three * half / ports)
    tiers = np.select([count <= 1, single, two, pods <= ports], [0.0, 1.0, 2.0, 3.0], 4.0)
    leaf = np.where(tiers == 0, 0.0, np.where(tiers == 1, 1.0, leaf))
    spine = np.where(tiers <= 1, 0.0, np.where(tiers == 2, spine_two, spine_three))
    core = np.where(tiers >= 3, core, 0.0)
    uplinks = np.where(tiers <= 1, 0.0, leaf * up) + np.where(tiers >= 3, spine * half, 0.0)
    return Fabric(
        tiers, leaf, spine, core, endpoints, uplinks, np.where(tiers <= 1, 1.0, groups), np.full(count.shape, down / up)
    )


@lru_cache(maxsize=256)
def fat_tree_of(servers: int, nics: int, ports: int, oversubscription: float = 1.0, rails: bool = True) -> Fabric:
    """Return :func:`fat_tree` of one plan, kept: most sliders do not touch the fabric."""
    return fat_tree(servers, nics, ports, oversubscription, rails)


RACKS_PER_ROW: Final = 10
"""Racks side by side in one row of the assumed hall."""
AISLE_M: Final = 1.2
"""Width of the aisle between two rows (two floor tiles of 0.6 m)."""
RISE_M: Final = 1.5
"""From a port in mid-rack up to the overhead tray, at each end."""
SLACK_M: Final = 1.0
"""Slack and dressing of one cable."""


@dataclass(frozen=True, slots=True)
class Cabling:
    """Cable lengths in metres; arrays. ``server`` is leaf to server, ``spine`` between switches."""

    server_mean_m: Floats
    server_max_m: Floats
    spine_mean_m: Floats
    total_m: Floats


def cabling(racks: Num, fabric: Fabric, width_m: float = 0.6, depth_m: float = 1.2) -> Cabling:
    """Return cable lengths for a stated geometry: fewer, denser racks are nearer to their leaves.

    Geometry: rows of :data:`RACKS_PER_ROW` racks, row pitch = rack depth + :data:`AISLE_M`, cables run at right angles
    through overhead trays. Each group of servers stands in one block with its leaf rack in the middle; the blocks, an
    aisle apart, fill a hall that is about square, with the spines in the middle. ``length = |dx| + |dy| + 2 * rise +
    slack``. The mean distance of ``n`` equally spaced racks from their middle is ``pitch * floor(n^2 / 4) / n``, that of
    the points of a square of area ``A`` from its middle ``sqrt(A) / 2`` (both derived).

    Parameters
    ----------
    racks
        Compute racks, at least 1; broadcasts with the fabric.
    fabric
        Result of :func:`fat_tree`.
    width_m, depth_m
        Of one rack.
    """
    count = np.maximum(1.0, np.asarray(racks, dtype=np.float64))
    blocks = np.maximum(1.0, np.minimum(fabric.groups, count))
    # The leaf rack stands among the compute racks of its block.
    block = ceil_guarded(count / blocks) + 1.0
    columns = np.minimum(block, float(RACKS_PER_ROW))
    rows = ceil_guarded(block / columns)
    pitch = depth_m + AISLE_M

    def mean(n: Num, step: float) -> Any:
        return step * np.floor(n * n / 4.0) / n

    fixed = 2.0 * RISE_M + SLACK_M
    server_mean = mean(columns, width_m) + mean(rows, pitch) + fixed
    server_max = np.floor(columns / 2.0) * width_m + np.floor(rows / 2.0) * pitch + fixed
    area = blocks * (columns * width_m + AISLE_M) * rows * pitch
    spine_mean = np.sqrt(area) / 2.0 + fixed
    total = fabric.endpoints * server_mean + fabric.uplinks * spine_mean
    return Cabling(server_mean, server_max, spine_mean, total)


@dataclass(frozen=True, slots=True)
class StorageNeed:
    """What shared storage must hold and take; arrays."""

    dataset_bytes: Floats
    checkpoint_bytes: Floats
    capacity_bytes: Floats
    write_bytes_per_s: Floats


def storage_need(
    tokens: Num,
    bytes_per_token: Num,
    checkpoint_bytes: Num,
    checkpoints_kept: Num,
    stall_s: Num,
    capacity: Num = np.nan,
) -> StorageNeed:
    """Return capacity and write rate of the shared storage.

    ``capacity = tokens * bytes_per_token + kept * checkpoint`` unless a capacity is given (NaN: not given);
    ``write rate = checkpoint / stall``: the whole checkpoint is written while training waits.
    """
    dataset = np.asarray(tokens, dtype=np.float64) * bytes_per_token
    checkpoint = np.asarray(checkpoint_bytes, dtype=np.float64)
    need = np.where(np.isnan(capacity), dataset + checkpoint * checkpoints_kept, capacity)
    return StorageNeed(dataset, checkpoint, need, checkpoint / stall_s)


def storage_units(need: StorageNeed, write_bytes_per_s: Num, raw_bytes: Num = np.nan) -> Floats:
    """Return storage units for the write rate and, where a unit's is known (else NaN), the capacity; at least 1."""
    by_rate = ceil_guarded(need.write_bytes_per_s / np.asarray(write_bytes_per_s, dtype=np.float64))
    by_capacity = ceil_guarded(need.capacity_bytes / np.asarray(raw_bytes, dtype=np.float64))
    units: Floats = np.fmax(np.fmax(by_rate, by_capacity), 1.0)
    return units
