"""Cells of the facility sheet that its sections share: power of the servers, limits and results of the cooling options."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.workbook.description import Cell


@dataclass(frozen=True, slots=True)
class PowerCells:
    """Power of one server in kW (provisioned, mean, idle), its height, and of all servers; servers, spares left out and in."""

    kw: Cell
    average: Cell
    idle: Cell
    units: Cell
    compute: Cell
    servers: Cell
    fleet: Cell


@dataclass(frozen=True, slots=True)
class RackCells:
    """What every cooling option's row refers to; a product's rack reserves nothing, which is 0.

    Attributes
    ----------
    power
        Power of the servers.
    factor, breaker, feeds, guard
        Power factor, share of a breaker that may be used, feeds of a rack, digits at which quotients are rounded.
    units, units_reserved, gap_units, kva_reserved, tare
        Height of a rack, what is reserved of it, the gap above each server, kVA reserved, weight of the empty rack.
    weight, limit_kg, floor, point
        Weight of a server; what the rack bears, the floor a square metre, and the floor under the rack's feet.
    held
        What the floor holds of a rack: spread over its share of the hall, and under its feet.
    footprint, aisle
        Floor of a rack, and times that with its share of the aisles.
    has_liquid
        1 where the server takes liquid.
    """

    power: PowerCells
    factor: Cell
    breaker: Cell
    feeds: Cell
    guard: Cell
    units: Cell
    units_reserved: Cell | int
    gap_units: Cell | int
    kva_reserved: Cell | int
    tare: Cell | int
    weight: Cell
    limit_kg: Cell
    floor: Cell
    point: Cell
    held: tuple[Cell, Cell]
    footprint: Cell
    aisle: Cell
    has_liquid: Cell


@dataclass(frozen=True, slots=True)
class LimitCells:
    """Limits of one cooling option: air and liquid in kW, usable kVA, share of heat to liquid, servers by each limit and in
    all."""

    air: Cell
    liquid: Cell
    usable: Cell
    share: Cell
    quotients: tuple[Cell, ...]
    per_rack: Cell


@dataclass(frozen=True, slots=True)
class ResultCells:
    """What one cooling option takes: racks, and its factors of PUE (air, liquid)."""

    racks: Cell
    k_air: Cell
    k_liquid: Cell


@dataclass(frozen=True, slots=True)
class OptionCells:
    """The two tables of cooling options, and which row is the plan's."""

    rack: RackCells
    limits: tuple[LimitCells, ...]
    results: tuple[ResultCells, ...]
    index: int

    @property
    def chosen(self) -> LimitCells:
        """Limits of the plan's cooling option."""
        return self.limits[self.index]

    @property
    def result(self) -> ResultCells:
        """What the plan's cooling option takes."""
        return self.results[self.index]


@dataclass(frozen=True, slots=True)
class HallCells:
    """Loads of the hall: other equipment, IT, the whole facility, compute and losses in kW; PUE; kVA of IT."""

    other: Cell
    it: Cell
    pue: Cell
    facility: Cell
    it_kva: Cell
    compute: Cell
    losses: Cell
