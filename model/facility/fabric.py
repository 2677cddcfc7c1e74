"""The compute fabric as counts: leaf, spine and core switches, cables, optics, power and cable length.

A fat tree of equal switches. Rail-optimised: each network adapter of a server goes to another leaf, so that the same
adapter of every server of a group meets in one leaf (NVIDIA DGX SuperPOD reference architectures). All functions take
arrays; a single plan is a batch of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

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
def _divisors(number: int) -> tuple[int, ...]:
    return tuple(d for d in range(1, number + 1) if number % d == 0)


def _divisor_at_least(number: int, least: int) -> int:
    """Return the smallest divisor of ``number`` not below ``least``, or ``number`` where none is."""
    return next((d for d in _divisors(number) if d >= least), number)


def _quotient_up(a: int, b: int) -> int:
    return -(-a // b)


@dataclass(frozen=True, slots=True)
class _Tree:
    """One fabric in whole numbers; ``down`` and ``up`` are the ports of a leaf as wired."""

    tiers: int
    leaf: int
    spine: int
    core: int
    uplinks: int
    groups: int
    down: int
    up: int

    @property
    def switches(self) -> int:
        return self.leaf + self.spine + self.core

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Whether the tree is out of reach, its switches and its cables between them: the less the better."""
        return self.tiers > 3, self.switches, self.uplinks


def _three_tiers(leaf: int, groups: int, ports: int, down: int, up: int) -> _Tree:
    """Pods of ``k / 2`` leaves, spines with half their ports up, cores that carry them all."""
    half = max(1, ports // 2)
    pods = _quotient_up(leaf, half)
    spine = pods * _divisor_at_least(up, _quotient_up(_quotient_up(leaf, pods) * up, half))
    core = _quotient_up(spine * half, ports)
    return _Tree(3 if pods <= ports else 4, leaf, spine, core, leaf * up + spine * half, groups, down, up)


def _two_tiers(leaf: int, groups: int, ports: int, down: int, up: int) -> _Tree:
    spine = _divisor_at_least(up, _quotient_up(leaf * up, ports))
    return _Tree(2, leaf, spine, 0, leaf * up, groups, down, up)


def _railed(servers: int, nics: int, ports: int, down: int, up: int) -> _Tree:
    """The fewest switches of a rail-optimised tree whose leaves have ``down`` and ``up`` ports at most."""
    least = _quotient_up(servers, down)
    if least == 1:
        shared = max(1, min(nics, down // servers))  # rails that share a leaf while they all fit on it
        return _two_tiers(_quotient_up(nics, shared), 1, ports, down, up)
    if least * nics > ports:
        return _three_tiers(least * nics, least, ports, down, up)
    best: _Tree | None = None
    for groups in range(least, ports // nics + 1):
        leaf = groups * nics
        if best is not None and leaf >= best.switches:
            break
        found = _two_tiers(leaf, groups, ports, down, up)
        if found.spine > _quotient_up(leaf * up, ports):
            # Even links ask for more spines than the uplinks fill: the groups are filled evenly and get uplinks for what
            # they hold, where that takes fewer.
            held = _quotient_up(servers, groups)
            for fewer in range(_quotient_up(held * up, down), up):
                other = _two_tiers(leaf, groups, ports, held, fewer)
                found = other if other.switches < found.switches else found
        best = found if best is None or found.switches < best.switches else best
    assert best is not None
    return best


def _together(servers: int, nics: int, ports: int, down: int, up: int) -> _Tree:
    """A tree that keeps the ports of a server on one leaf."""
    leaf = _quotient_up(servers, max(1, down // nics)) if nics <= down else _quotient_up(servers * nics, down)
    if leaf > ports:
        return _three_tiers(leaf, leaf, ports, down, up)
    return _two_tiers(leaf, leaf, ports, down, up)


@lru_cache(maxsize=4096)
def _tree(servers: int, nics: int, ports: int, oversubscription: float, rails: bool) -> _Tree:
    """The fewest switches among all trees whose leaves are oversubscribed by no more than is allowed, then the fewest cables.

    A tree that a tighter ratio allows is allowed by a looser one too, so that oversubscribing more never adds a switch, nor,
    with as many switches, a cable.
    """
    if servers <= 1:
        return _Tree(0, 0, 0, 0, 0, 1, 1, 1)
    if servers * nics <= ports:
        return _Tree(1, 1, 0, 0, 0, 1, 1, 1)
    widest = min(ports - 1, int(floor_guarded(ports * oversubscription / (1.0 + oversubscription))))
    fewest = max(1, min(ports - widest, int(ceil_guarded(widest / oversubscription))))
    best: _Tree | None = None
    for up in range(max(fewest, ports // 2), fewest - 1, -1):
        down = min(ports - up, max(1, int(floor_guarded(up * oversubscription))))
        found = (_railed if rails else _together)(servers, nics, ports, down, up)
        if best is None or found.rank < best.rank:
            best = found
    assert best is not None
    return best


def fat_tree(servers: Num, nics: int, ports: int, oversubscription: float = 1.0, rails: bool = True) -> Fabric:
    """Count the switches of a fat tree.

    A leaf of ``k`` ports gives ``d`` down and ``u`` up with ``d / u`` at most ``oversubscription`` (``k/2`` each when
    non-blocking). Rail-optimised groups hold ``d`` servers on ``nics`` leaves; a fleet smaller than one group shares
    leaves between rails. Spines are the smallest number that carries all uplinks and divides ``u``, so that every leaf
    has as many links to each spine; where even links would ask for more spines than the uplinks fill, groups are filled
    evenly and have uplinks for what they hold, if that takes fewer. More than ``k`` leaves take a third tier: pods of
    ``k/2`` leaves, spines with half their ports up, ``core = spines * (k/2) / k``. Of all ``d`` and ``u`` that the ratio
    allows the tree with the fewest switches is taken, then that with the fewest cables, so that a looser ratio never
    costs one. Reproduces the component counts of the SuperPOD H100 reference architecture (RA-11333-001: 1-4 units 8+4,
    16+8, 24+16, 32+16; 64+32, 128+128+64, 256+256+128).

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
    trees = [_tree(int(n), nics, ports, float(oversubscription), rails) for n in count.ravel()]

    def column(name: str) -> Floats:
        return np.array([getattr(tree, name) for tree in trees], dtype=np.float64).reshape(count.shape)

    return Fabric(
        column("tiers"),
        column("leaf"),
        column("spine"),
        column("core"),
        np.where(count > 1, count * nics, 0.0),
        column("uplinks"),
        column("groups"),
        column("down") / column("up"),
    )


@lru_cache(maxsize=256)
def fat_tree_of(servers: int, nics: int, ports: int, oversubscription: float = 1.0, rails: bool = True) -> Fabric:
    """Return :func:`fat_tree` of one plan, kept: most sliders do not touch the fabric.

    Parameters
    ----------
    servers
        Servers of the fleet, 1 or more; a number or an array.
    nics
        Ports of one server on the fabric, 1 or more.
    ports
        Ports of one switch.
    oversubscription
        Bandwidth down over up at the leaves, 1 or more.
    rails
        Whether each port of a server goes to a leaf of its own rail.
    """
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

    def mean(n: Floats, step: float) -> Floats:
        return step * np.floor(n * n / 4.0) / n

    fixed = 2.0 * RISE_M + SLACK_M
    server_mean = mean(columns, width_m) + mean(rows, pitch) + fixed
    server_max = np.floor(columns / 2.0) * width_m + np.floor(rows / 2.0) * pitch + fixed
    area = blocks * (columns * width_m + AISLE_M) * rows * pitch
    spine_mean = np.sqrt(area) / 2.0 + fixed
    total = fabric.endpoints * server_mean + fabric.uplinks * spine_mean
    return Cabling(server_mean, server_max, spine_mean, total)


def server_lengths(racks: float, fabric: Fabric, width_m: float = 0.6, depth_m: float = 1.2) -> Floats:
    """Return the length of the cables from each place of a block to its leaf rack, shape (places,); see :func:`cabling`.

    Parameters
    ----------
    racks
        Compute racks, shape (...).
    fabric
        Counts of the fabric.
    width_m
        Width of a rack in metres.
    depth_m
        Depth of a rack in metres.
    """
    blocks = max(1.0, min(float(fabric.groups), racks))
    block = -(-int(racks) // int(blocks)) + 1
    columns = min(block, RACKS_PER_ROW)
    rows = -(-block // columns)
    across = np.abs(np.arange(columns) - columns // 2) * width_m
    along = np.abs(np.arange(rows) - rows // 2) * (depth_m + AISLE_M)
    lengths: Floats = (across[:, None] + along[None, :]).ravel() + 2.0 * RISE_M + SLACK_M
    return lengths


def several(fabric: Fabric, planes: int) -> Fabric:
    """Return the counts of some equal planes together; tiers, groups and oversubscription stay."""
    return replace(
        fabric,
        leaf=fabric.leaf * planes,
        spine=fabric.spine * planes,
        core=fabric.core * planes,
        endpoints=fabric.endpoints * planes,
        uplinks=fabric.uplinks * planes,
    )


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

    Parameters
    ----------
    tokens
        Tokens of the data set.
    bytes_per_token
        Bytes of a token on disk.
    checkpoint_bytes
        Bytes of one checkpoint.
    checkpoints_kept
        Checkpoints that are kept, 1 or more.
    stall_s
        Seconds in which a checkpoint must be written, above zero.
    capacity
        Capacity entered in bytes; NaN: from data set and checkpoints.
    """
    dataset = np.asarray(tokens, dtype=np.float64) * bytes_per_token
    checkpoint = np.asarray(checkpoint_bytes, dtype=np.float64)
    need = np.where(np.isnan(capacity), dataset + checkpoint * checkpoints_kept, capacity)
    return StorageNeed(dataset, checkpoint, need, checkpoint / stall_s)


def storage_units(need: StorageNeed, write_bytes_per_s: Num, raw_bytes: Num = np.nan) -> Floats:
    """Return storage units for the write rate and, where a unit's is known (else NaN), the capacity; at least 1.

    Parameters
    ----------
    need
        Capacity and write rate.
    write_bytes_per_s
        Write rate of one unit.
    raw_bytes
        Capacity of one unit; NaN unknown.
    """
    by_rate = ceil_guarded(need.write_bytes_per_s / np.asarray(write_bytes_per_s, dtype=np.float64))
    by_capacity = ceil_guarded(need.capacity_bytes / np.asarray(raw_bytes, dtype=np.float64))
    units: Floats = np.fmax(np.fmax(by_rate, by_capacity), 1.0)
    return units
