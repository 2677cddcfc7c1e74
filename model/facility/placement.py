"""Servers into racks: how many fit one rack, what binds, and how the fleet spreads.

The algorithm is described in docs/method.md 6.8. Everything broadcasts: a single plan is a batch of one, the list of
cooling methods one axis, a sweep of server counts another. Real power (kW, which becomes heat) and apparent power
(kVA, in which racks and contracts are sold) are kept apart throughout: ``kVA = kW / power factor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded

LIMITS: Final = ("units", "kva", "air", "liquid", "weight", "floor")
"""The limits of a rack, in the order of the last axis of :attr:`Placement.quotients`."""

BREAKER_SHARE: Final = 0.8
"""Share of a breaker's rating that a continuous load may use (Japanese and US practice, recalled; docs/method.md 6.2)."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one server asks of a rack. Numbers or arrays that broadcast.

    Attributes
    ----------
    units
        Height in rack units.
    kw
        Power the rack is sized by (rated maximum, capped or measured peak).
    liquid_fraction
        Share of its heat that leaves by liquid at the chip; 0 for an air-cooled server.
    weight_kg
        NaN when unknown: the weight limits are then skipped and say so.
    """

    units: Num
    kw: Num
    liquid_fraction: Num = 0.0
    weight_kg: Num = np.nan


@dataclass(frozen=True, slots=True)
class RackLimits:
    """What one rack offers. Numbers or arrays that broadcast; NaN is "no such limit is known".

    Attributes
    ----------
    units, units_reserved, gap_units
        Height, units kept for switches, PDUs and blanking, and free units between two servers.
    kva
        Apparent power a rack may draw continuously, after :func:`usable_kva`.
    kva_reserved
        Apparent power kept for what else is in the rack (top-of-rack switch, management); its heat goes to air.
    air_kw, liquid_kw
        Heat the air path (room, row cooler, door) and the liquid path (cold plates, tank) take from one rack.
    power_factor
        kW per kVA of the load.
    weight_limit_kg, tare_kg, floor_kg_m2, floor_point_kg_m2
        Static limit of the rack, its empty weight, and the floor's limits: for a load spread over the footprint and as much
        aisle again, and on the footprint alone.
    footprint_m2
        Width times depth of the rack.
    """

    units: Num = 42
    units_reserved: Num = 4
    gap_units: Num = 0
    kva: Num = 30.0
    kva_reserved: Num = 1.5
    air_kw: Num = np.nan
    liquid_kw: Num = np.nan
    power_factor: Num = 0.98
    weight_limit_kg: Num = np.nan
    tare_kg: Num = 150.0
    floor_kg_m2: Num = np.nan
    floor_point_kg_m2: Num = np.nan
    footprint_m2: Num = 0.72


AISLE_SHARE: Final = 2.0
"""Floor area over which a rack's weight spreads, in footprints: its own and an equal share of the aisle
(docs/method.md 6.3: 722 kg on 0.6 x 1.2 m is 1,003 kg/m2 on the footprint and 501 with the aisle share)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the servers go. All arrays of the broadcast shape; ``quotients`` has one more axis, :data:`LIMITS`.

    Attributes
    ----------
    quotients
        Servers of one rack by each limit, not cut to whole numbers; infinite where a limit does not apply.
    binds
        True where a limit admits no more whole servers than the tightest one.
    per_rack
        Most servers of one rack (whole); 0 where the method is infeasible.
    racks, fullest
        Racks of the fleet (NaN where infeasible) and servers of the fullest one after spreading evenly.
    kw, kva, air_kw, liquid_kw
        Power and heat of the fullest rack, with what is reserved in it.
    weight_kg, point_kg_m2, spread_kg_m2
        Weight of the fullest rack and its load on the footprint and with the aisle share; NaN when unknown.
    spare
        Free share of the tightest limit at the fullest rack, 0-1.
    """

    quotients: Floats
    binds: npt.NDArray[np.bool_]
    per_rack: Floats
    racks: Floats
    fullest: Floats
    kw: Floats
    kva: Floats
    air_kw: Floats
    liquid_kw: Floats
    weight_kg: Floats
    point_kg_m2: Floats
    spread_kg_m2: Floats
    spare: Floats

    def binding(self, index: tuple[int, ...] = ()) -> tuple[str, ...]:
        """Return the limits that admit no more than ``per_rack`` servers at an index of the batch, tightest first."""
        row, binds = self.quotients[index].tolist(), self.binds[index].tolist()
        return tuple(LIMITS[k] for _, k in sorted((row[k], k) for k in range(len(LIMITS)) if binds[k]))


def usable_kva(contract_kva: Num, is_breaker_rating: Num, redundancy: str, feeds: Num) -> Num:
    """Return the apparent power a rack may draw continuously (docs/method.md 6.8).

    A breaker rating counts at 80 %. Under N+1 the contract is the sum of the feeds and ``(feeds - 1) / feeds`` of it
    remains when one is lost. Under 2N the contract is what ONE side carries, the other stands by: a 30 kVA contract
    means 30 kVA usable (docs/method.md 6.2), which the caller tells the user to confirm.

    Parameters
    ----------
    contract_kva
        Contract or breaker of a rack in kVA; NaN: no limit.
    is_breaker_rating
        Whether it is a breaker, of which 80 % may be loaded continuously.
    redundancy
        n, n1 or 2n.
    feeds
        Feeds of a rack, 1 or more.
    """
    base = np.asarray(contract_kva, dtype=np.float64) * np.where(is_breaker_rating, BREAKER_SHARE, 1.0)
    if redundancy == "n1":
        count = np.asarray(feeds, dtype=np.float64)
        return base * (count - 1.0) / count
    return base


def surviving_kw(psu_count: Num, psu_kw: Num, feeds: Num) -> Num:
    """Return what a server's power supplies still deliver after one of ``feeds`` is lost.

    The supplies spread over the feeds as evenly as they can, and the feed with most of them is the one lost:
    ``(n - ceil(n / feeds)) * kW`` (docs/method.md 6.2: 6 x 3 kW keeps 9 kW on two feeds, 12 kW on three).

    Parameters
    ----------
    psu_count
        Power supplies of one server.
    psu_kw
        Power of one in kW.
    feeds
        Feeds of a rack, 1 or more.
    """
    count = np.asarray(psu_count, dtype=np.float64)
    return (count - ceil_guarded(count / np.asarray(feeds, dtype=np.float64))) * psu_kw


def place(servers: Num, load: Load, rack: RackLimits) -> Placement:
    """Place servers into racks.

    ``n_units = floor((U - reserved + gap) / (u + gap))``; ``n_kva = floor((K - reserved) / S)`` with ``S = P / PF``;
    ``n_air = floor((q_air - reserved*PF) / (P*(1-f)))``; ``n_liquid = floor(q_liq / (P*f))``;
    ``n_weight = floor((limit - tare) / kg)``; the least of them binds; ``racks = ceil(N / n)``, spread evenly, the
    fullest holds ``ceil(N / racks)``. Source: docs/method.md 6.8; the residual air test (what cold plates leave to
    the air) is ``n_air`` and is never skipped.

    Parameters
    ----------
    servers
        Servers of the fleet, at least 1.
    load, rack
        See the classes; all fields broadcast against ``servers``.
    """
    kw = np.asarray(load.kw, dtype=np.float64)
    liquid = np.asarray(load.liquid_fraction, dtype=np.float64)
    power_factor = np.asarray(rack.power_factor, dtype=np.float64)
    reserved_kw = rack.kva_reserved * power_factor
    area = np.asarray(rack.footprint_m2, dtype=np.float64) * AISLE_SHARE
    weight = np.asarray(load.weight_kg, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = (
            (np.asarray(rack.units, dtype=np.float64) - rack.units_reserved + rack.gap_units)
            / (np.asarray(load.units, dtype=np.float64) + rack.gap_units),
            (np.asarray(rack.kva, dtype=np.float64) - rack.kva_reserved) / (kw / power_factor),
            np.where(liquid < 1.0, (rack.air_kw - reserved_kw) / (kw * (1.0 - liquid)), np.inf),
            np.where(liquid > 0.0, rack.liquid_kw / (kw * liquid), np.inf),
            (np.asarray(rack.weight_limit_kg, dtype=np.float64) - rack.tare_kg) / weight,
            (np.fmin(rack.floor_kg_m2 * area, rack.floor_point_kg_m2 * np.asarray(rack.footprint_m2)) - rack.tare_kg)
            / weight,
        )
        quotients = np.stack(np.broadcast_arrays(*rows, np.asarray(servers, dtype=np.float64))[:-1], axis=-1)
    # An unknown limit or weight is skipped here; facility.py asks for it.
    quotients = np.where(np.isnan(quotients), np.inf, quotients)
    whole = np.maximum(floor_guarded(quotients), 0.0)
    per_rack = whole.min(axis=-1)
    binds = np.isfinite(quotients) & (whole <= per_rack[..., np.newaxis])
    count = np.broadcast_to(np.asarray(servers, dtype=np.float64), per_rack.shape)
    # A rack without any finite limit takes the whole fleet.
    per_rack = np.where(np.isfinite(per_rack), per_rack, count)
    feasible = per_rack >= 1.0
    racks = np.where(feasible, ceil_guarded(count / np.where(feasible, per_rack, 1.0)), np.nan)
    fullest = np.where(feasible, ceil_guarded(count / np.where(feasible, racks, 1.0)), 0.0)
    server_kw = fullest * kw
    total_kw = server_kw + reserved_kw
    total_weight = rack.tare_kg + fullest * weight
    tightest = quotients.min(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spare = np.where(feasible & np.isfinite(tightest), 1.0 - fullest / tightest, np.nan)
    shape = per_rack.shape
    return Placement(
        quotients,
        binds,
        per_rack,
        racks,
        fullest,
        np.broadcast_to(total_kw, shape),
        np.broadcast_to(total_kw / power_factor, shape),
        np.broadcast_to(server_kw * (1.0 - liquid) + reserved_kw, shape),
        np.broadcast_to(server_kw * liquid, shape),
        np.broadcast_to(total_weight, shape),
        np.broadcast_to(total_weight / rack.footprint_m2, shape),
        np.broadcast_to(total_weight / area, shape),
        spare,
    )
