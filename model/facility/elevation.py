"""The racks as they are drawn: what stands at which rack unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

DeviceKind = Literal["server", "switch", "storage", "management", "cooling", "blank"]

LARGEST_SPREAD: Final = 3
"""Free units left between servers where there is room: a published rack of four 5U servers keeps 3U."""
DRAWN_RACKS: Final = 8
"""Racks drawn one by one before identical ones collapse into one picture with a count."""


@dataclass(frozen=True, slots=True)
class RackDevice:
    """One thing in a rack: its lowest unit (1 is the bottom) and its height."""

    kind: DeviceKind
    name: str
    unit: int
    height_u: int


@dataclass(frozen=True, slots=True)
class DrawnRack:
    """One rack, standing for ``count`` identical ones. Limits are None where there is none.

    ``devices`` lists what is installed from the bottom up; :attr:`blanks` what is not.
    """

    name: str
    kind: Literal["compute", "support"]
    devices: tuple[RackDevice, ...]
    units: int
    kva: float
    kva_limit: float | None
    air_kw: float
    air_limit_kw: float | None
    liquid_kw: float
    liquid_limit_kw: float | None
    count: int = 1

    @property
    def blanks(self) -> tuple[RackDevice, ...]:
        """Runs of empty units, closed by blanking panels."""
        runs, free_from = [], 1
        for device in sorted(self.devices, key=lambda d: d.unit):
            if device.unit > free_from:
                runs.append(RackDevice("blank", "blank", free_from, device.unit - free_from))
            free_from = device.unit + device.height_u
        if free_from <= self.units:
            runs.append(RackDevice("blank", "blank", free_from, self.units - free_from + 1))
        return tuple(runs)


@dataclass(frozen=True, slots=True)
class Kit:
    """Devices of one sort to place: how many, how high, what kind."""

    kind: DeviceKind
    name: str
    height_u: int
    count: int


def compute_devices(
    name: str, servers: int, height: int, units: int, reserved: int, gap: int, cdu: int = 0
) -> list[RackDevice]:
    """Return a compute rack: servers from the bottom, spread up to 3U apart, the management switch at the top.

    The switch stands in the reserved units and its power is part of what is reserved; without reserved units there is
    none.

    Parameters
    ----------
    name
        Name of the server.
    servers
        Servers in the rack, 0 or more.
    height
        Rack units of one, 1 or more.
    units
        Rack units of the rack.
    reserved
        Rack units kept free for switches, power and a distribution unit.
    gap
        Rack units between two servers, 0 or more.
    cdu
        Rack units of a distribution unit below the others that are kept free, 0 for none.
    """
    free = units - reserved - servers * height - gap * max(0, servers - 1)
    spread = gap + min(max(0, LARGEST_SPREAD - gap), max(0, free) // max(1, servers))
    left = units - reserved - servers * height - spread * max(0, servers - 1)
    start = 1 + min(spread, max(0, left))
    devices = [RackDevice("server", name, start + i * (height + spread), height) for i in range(servers)]
    if cdu:
        devices.append(RackDevice("cooling", "CDU", units - reserved + 1, cdu))
    if reserved > cdu:
        devices.append(RackDevice("management", "management switch", units, 1))
    return devices


def deal(kits: tuple[Kit, ...], racks: int) -> list[tuple[int, list[tuple[Kit, int]]]]:
    """Deal devices round over racks, sort by sort, and return the distinct racks as (how many, [(kit, devices)]).

    Each sort goes on where the one before it stopped, so that no rack has more than one device above another in all.
    """
    cuts, spans, start = {0, racks}, [], 0
    for kit in kits:
        extra = kit.count % racks
        end = start + extra
        spans.append((start, end))
        cuts |= {start % racks, end % racks} if extra else set()
        start = end % racks
    edges = sorted(cuts)
    distinct: dict[tuple[int, ...], int] = {}
    for low, high in pairwise(edges):
        held = tuple(
            kit.count // racks + (1 if s <= low < e or s <= low + racks < e else 0)
            for kit, (s, e) in zip(kits, spans, strict=True)
        )
        distinct[held] = distinct.get(held, 0) + high - low
    return [(count, list(zip(kits, held, strict=True))) for held, count in distinct.items()]


def support_rack_count(kits: tuple[Kit, ...], usable_units: int, least: int) -> int:
    """Return how many racks hold the kits by height when dealt evenly, not fewer than ``least``.

    Parameters
    ----------
    kits
        Devices to rack.
    usable_units
        Rack units of one rack that may be used, 1 or more.
    least
        Racks that power and heat need, 1 or more.
    """
    total = sum(kit.height_u * kit.count for kit in kits)
    if not total:
        return least
    racks = max(1, least, -(-total // max(1, usable_units)))
    tallest = max(kit.height_u for kit in kits)
    if tallest > usable_units:
        return racks
    if max(sum(k.height_u * n for k, n in held) for _, held in deal(kits, racks)) <= usable_units:
        return racks
    tried = racks + 1
    while True:  # thousands may not do, where many sorts of devices meet in one rack
        fits = np.flatnonzero(_fullest_units(kits, tried + np.arange(TRIED_AT_ONCE)) <= usable_units)
        if fits.size:
            return tried + int(fits[0])
        tried += TRIED_AT_ONCE


TRIED_AT_ONCE: Final = 256
"""Numbers of support racks that are looked at together."""


def _fullest_units(kits: tuple[Kit, ...], racks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rack units of the fullest rack where :func:`deal` deals over each of some numbers of racks; shape as ``racks``."""
    counts, heights = (np.array([getattr(kit, name) for kit in kits], dtype=np.int64) for name in ("count", "height_u"))
    whole = racks[:, None]
    extra = counts % whole
    start = (np.cumsum(extra, axis=1) - extra) % whole
    end = start + extra
    # What a rack holds changes only where a sort begins or ends.
    at = np.concatenate((np.zeros_like(whole), start, end % whole), axis=1)[:, :, None]
    low, high, span = start[:, None, :], end[:, None, :], whole[:, :, None]
    more = ((low <= at) & (at < high)) | ((low <= at + span) & (at + span < high))
    fullest: npt.NDArray[np.int64] = ((counts // whole)[:, None, :] * heights + more * heights).sum(axis=2).max(axis=1)
    return fullest


def support_devices(held: list[tuple[Kit, int]], units: int) -> list[RackDevice]:
    """Return a support rack: storage from the bottom, switches and the rest from the top."""
    devices, bottom, top = [], 1, units
    for kit, count in held:
        for _ in range(count):
            if kit.kind == "storage":
                devices.append(RackDevice(kit.kind, kit.name, bottom, kit.height_u))
                bottom += kit.height_u
            else:
                top -= kit.height_u
                devices.append(RackDevice(kit.kind, kit.name, top + 1, kit.height_u))
    return devices


def drawn(layout: tuple[DrawnRack, ...], at_most: int = DRAWN_RACKS) -> tuple[DrawnRack, ...]:
    """Return the racks to draw: one by one up to ``at_most`` in all, else one for each sort with its count."""
    if sum(rack.count for rack in layout) > at_most:
        return layout
    numbers = {"compute": 0, "support": 0}
    letters = {"compute": "R", "support": "N"}
    racks = []
    for rack in layout:
        for _ in range(rack.count):
            numbers[rack.kind] += 1
            racks.append(replace(rack, name=f"{letters[rack.kind]}{numbers[rack.kind]}", count=1))
    return tuple(racks)
