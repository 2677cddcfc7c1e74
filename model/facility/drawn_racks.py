"""The racks that the elevation draws: the distinct ones, each with how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from mitsumori.model.facility.cooling import CoolingOptions
from mitsumori.model.facility.elevation import DrawnRack, Kit, compute_devices, deal, support_devices
from mitsumori.model.plan.plan import Facility


@dataclass(frozen=True, slots=True)
class RackBars:
    """Limits that are drawn at a rack; None: no limit."""

    kva: float | None
    air_kw: float | None
    liquid_kw: float | None


@lru_cache(maxsize=64)
def compute_racks(
    options: CoolingOptions, part: Facility, server: str, servers: int, chosen: int, limits: RackBars
) -> tuple[DrawnRack, ...]:
    """Return the distinct compute racks, the fullest first: racks spread evenly hold ``ceil`` or ``floor`` of the mean.

    Parameters
    ----------
    options, chosen
        The placement, and the plan's cooling option in it; it holds at least one server a rack.
    part
        The plan's facility part.
    server, servers
        Name of the server, and how many there are.
    limits
        What is drawn as limits.
    """
    placed, rack = options.placement, options.rack
    racks, units = int(placed.racks[chosen]), int(rack.units)
    at = np.broadcast_to(np.asarray(rack.units_reserved), placed.racks.shape)
    reserved, cdu = int(at[chosen]), int(at[chosen]) - int(at.min())
    few, extra = divmod(servers, racks)
    kw, fraction = float(options.load.kw), float(np.asarray(options.load.liquid_fraction)[chosen])
    height = int(np.ceil(float(np.asarray(options.load.units)[chosen])))
    reserved_kw = float(rack.kva_reserved) * part.power_factor
    drawn: list[DrawnRack] = []
    for held, count in ((few + 1, extra), (few, racks - extra)):
        if count:
            devices = compute_devices(server, held, height, units, reserved, int(rack.gap_units), cdu)
            drawn.append(
                DrawnRack(
                    "R1" if not drawn else f"R{extra + 1}",
                    "compute",
                    tuple(devices),
                    units,
                    (held * kw + reserved_kw) / part.power_factor,
                    limits.kva,
                    held * kw * (1.0 - fraction) + reserved_kw,
                    limits.air_kw,
                    held * kw * fraction,
                    limits.liquid_kw,
                    count,
                )
            )
    return tuple(drawn)


def numbered(racks: tuple[DrawnRack, ...]) -> tuple[DrawnRack, ...]:
    """Racks with servers, named by the first of each sort: R1, then one on from those before it."""
    named, number = [], 1
    for rack in racks:
        named.append(replace(rack, name=f"R{number}"))
        number += rack.count
    return tuple(named)


@lru_cache(maxsize=64)
def support_racks(
    part: Facility, kits: tuple[Kit, ...], racks: int, other_kw: float, limits: RackBars
) -> tuple[DrawnRack, ...]:
    """Return the racks with network and storage.

    Parameters
    ----------
    part
        The plan's facility part.
    kits, racks
        Devices, and the racks they are dealt to; 0 or more.
    other_kw
        Their power together.
    limits
        What is drawn as limits.
    """
    drawn: list[DrawnRack] = []
    number = 1
    if not racks:
        return ()
    for count, held in deal(kits, racks) if kits else [(racks, [])]:
        drawn.append(
            DrawnRack(
                f"N{number}",
                "support",
                tuple(support_devices(held, part.rack_units)),
                part.rack_units,
                other_kw / racks / part.power_factor,
                limits.kva,
                other_kw / racks,
                limits.air_kw,
                0.0,
                None,
                count,
            )
        )
        number += count
    return tuple(drawn)
