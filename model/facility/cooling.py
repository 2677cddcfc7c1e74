"""Cooling: the methods as one array axis, PUE, water and air.

Limits of a method are defaults that a site replaces (docs/method.md 6.5); the physics is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.messages import Name, Term
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.base.units import KW_PER_REFRIGERATION_TON
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CoolingMethod, Server
from mitsumori.model.facility.placement import (
    AISLE_SHARE,
    BREAKER_SHARE,
    LIMITS,
    Load,
    Placement,
    RackLimits,
    place,
    usable_kva,
)
from mitsumori.model.facility.supply import overheads
from mitsumori.model.facility.water import CDU_METHODS, air_cap, liquid_cap
from mitsumori.model.plan.plan import Facility

AIR_DELTA_K: Final = 20.0 / 1.8
"""Temperature rise of the air through a rack, 20 F (a common design value; docs/method.md 6.6)."""


def water_l_per_min(kw: Num, delta_k: Num) -> Num:
    """Return the water flow that carries ``kw`` with a rise of ``delta_k``: ``14.33 * kW / dT`` (cp 4.186 kJ/kg K)."""
    return 14.33 * kw / delta_k


def air_m3_per_h(kw: Num, delta_k: Num) -> Num:
    """Return the air flow that carries ``kw`` with a rise of ``delta_k``: ``2982 * kW / dT`` (docs/method.md 6.6)."""
    return 2982.0 * kw / delta_k


def refrigeration_tons(kw: Num) -> Num:
    """Return heat in US refrigeration tons, ``kW / 3.517``."""
    return kw / KW_PER_REFRIGERATION_TON


def pue(liquid_share: Num, k_air: Num, k_liquid: Num, k_electric: Num) -> Num:
    """Return ``PUE = 1 + k_elec + (1 - f) * k_air + f * k_liq``, ``f`` the liquid share of the hall's IT heat.

    The coefficients are calibrated to published anchors, not measured (docs/method.md 6.7). PUE falls less than energy with
    liquid cooling because the servers' own fans, part of IT, vanish too: prefer the yearly kWh.

    Parameters
    ----------
    liquid_share
        Share of the IT heat that goes to liquid, 0-1.
    k_air
        Cooling power over the heat taken by air.
    k_liquid
        The same for liquid.
    k_electric
        Electrical losses over the IT power.
    """
    return 1.0 + k_electric + (1.0 - np.asarray(liquid_share, dtype=np.float64)) * k_air + liquid_share * k_liquid


@dataclass(frozen=True, slots=True, eq=False)
class CoolingOptions:
    """All cooling methods at once, told apart by identity; arrays have one axis, the methods in the catalogue's order.

    Attributes
    ----------
    methods
        Their records.
    excluded
        For each method the finding code that rules it out before any limit is tried, or "".
    load, rack
        What was placed.
    fraction_assumed
        True where the method's own liquid share stands in for the server's unknown one.
    kva_assumed
        True where no contract figure of the method is known and the rack is fed for what the cooling takes away.
    placement
        Result; meaningless where excluded.
    """

    methods: tuple[CoolingMethod, ...]
    excluded: tuple[str, ...]
    load: Load
    rack: RackLimits
    contract_kva: Floats
    fraction_assumed: tuple[bool, ...]
    kva_assumed: tuple[bool, ...]
    placement: Placement

    def index(self, cooling: str) -> int:
        """Return the place of a method."""
        return next(i for i, method in enumerate(self.methods) if method.key == cooling)

    def feasible(self, i: int) -> bool:
        """Return whether a method holds at least one server in a rack."""
        return not self.excluded[i] and bool(self.placement.per_rack[i] >= 1)


def takes_liquid(server: Server, part: Facility) -> bool:
    """Return whether the server has, or the user gives it, a cold-plate version."""
    if part.liquid_heat_fraction is not None:
        return part.liquid_heat_fraction > 0
    text = (server.cooling or "").lower()
    return server.liquid_heat_fraction is not None or "direct liquid" in text or text.startswith(("liquid", "water"))


def takes_air(server: Server) -> bool:
    """Return whether the server, with the accelerator it holds, can be cooled by air alone; unknown counts as yes."""
    if server.air_accelerators and server.accelerator not in server.air_accelerators:
        return False
    text = (server.cooling or "air").lower()
    return "air" in text and not text.startswith("liquid")


def height_of(server: Server, method: CoolingMethod) -> float:
    """Return the height of the server in rack units under a method: the air-cooled build may be another; NaN unknown."""
    if not method.needs_liquid_server and server.rack_units_air is not None:
        return server.rack_units_air
    return _or(server.rack_units, None)


def _or(value: float | None, other: float | None) -> float:
    if value is not None:
        return float(value)
    return float("nan") if other is None else float(other)


def method_words(method: CoolingMethod) -> Term | Name:
    """What a cooling method is called within a sentence or a cell.

    The shipped methods have short words of their own; a record that the project names otherwise has the project's name.
    """
    shipped = Catalogue.shipped().cooling_methods().get(method.key)
    if shipped is not None and (shipped.name_en, shipped.name_ja) == (method.name_en, method.name_ja):
        return Term("workbook", f"cooling_{method.key}")
    return Name(method.name_en, method.name_ja)


@lru_cache(maxsize=64)
def cooling_options(
    part: Facility, server: Server, servers: int, kw: float, feeds: int, catalogue: Catalogue
) -> CoolingOptions:
    """Place the fleet under every cooling method.

    The user's own limits (``rack_kva``, ``air_limit_kw``, ``liquid_limit_kw``) describe the hall with the chosen
    method; the others are tried with their standard limits at the plan's water temperature
    (:mod:`model.facility.water`). Where a method has no contract figure the rack is fed for
    as much as its cooling takes away, in kVA the same number as in kW. A rack sold as one product brings its own feed
    and cooling: its needs are requirements to the site, limits only where the user gives them.

    Parameters
    ----------
    part
        The plan's facility part.
    server
        Record of the server.
    servers
        Servers of the fleet, 1 or more; a number or an array.
    catalogue
        Records of the project.
    kw
        Provisioned power of one server.
    feeds
        Feeds of a rack, for N+1.
    """
    methods = tuple(sorted(catalogue.cooling_methods().values(), key=lambda method: method.ladder))
    product = server.level == "rack"
    has_liquid, has_air = takes_liquid(server, part), takes_air(server)
    own_fraction = part.liquid_heat_fraction if part.liquid_heat_fraction is not None else server.liquid_heat_fraction
    kva, air, liquid, fraction = [], [], [], []
    heights = np.array([height_of(server, method) for method in methods])
    excluded, fraction_assumed, kva_assumed = [], [], []
    for method in methods:
        chosen = method.key == part.cooling
        rack_scale = method.key == "rack_scale"
        standard_air = None if product else air_cap(part, method)
        standard_liquid = None if product else liquid_cap(part, method)
        q_air = _or(part.air_limit_kw if chosen else None, standard_air)
        q_liquid = _or(part.liquid_limit_kw if chosen else None, standard_liquid)
        user_kva = part.rack_kva if chosen else None
        assumed = user_kva is None and method.rack_kva is None
        k = _or(user_kva, method.rack_kva)
        if assumed and not product:
            k = q_air + q_liquid
        # A tank takes all the heat of what hangs in it; elsewhere the server's own share counts.
        whole = method.air_cap_kw == 0
        borrowed = method.needs_liquid_server and not whole and own_fraction is None
        share = (method.liquid_fraction or 0.0) if borrowed or whole else (own_fraction or 0.0)
        code = ""
        if product and not rack_scale:
            code = "facility_method_rack_product"
        elif rack_scale and not product:
            code = "facility_method_not_rack_product"
        elif method.needs_liquid_server and not whole and not has_liquid:
            code = "facility_method_no_liquid_version"
        elif not method.needs_liquid_server and not has_air:
            code = "facility_method_only_liquid"
            if server.air_accelerators:
                code = "facility_method_air_accelerator"
        elif not product and np.isnan(q_liquid):
            code = "facility_method_limit_unknown"
        kva.append(k)
        air.append(q_air)
        liquid.append(q_liquid)
        fraction.append(share if method.needs_liquid_server else 0.0)
        excluded.append(code)
        fraction_assumed.append(borrowed)
        kva_assumed.append(assumed)
    contract = np.array(kva)
    tare = 0.0 if product else part.rack_tare_kg
    weight = part.server_weight_kg if part.server_weight_kg is not None else server.weight_kg
    load = Load(heights, kw, np.array(fraction), _or(weight, None))
    rack = RackLimits(
        units=_or(server.rack_units, None) if product else part.rack_units,
        units_reserved=0 if product else reserved_units(part, methods),
        gap_units=0 if product else part.gap_units,
        kva=usable_kva(contract, part.rack_kva_is_breaker, part.redundancy, feeds),
        kva_reserved=0.0 if product else part.kva_reserved,
        air_kw=np.array(air),
        liquid_kw=np.array(liquid),
        power_factor=part.power_factor,
        weight_limit_kg=_or(part.rack_weight_limit_kg, None),
        tare_kg=tare,
        floor_kg_m2=_or(part.floor_limit_kg_m2, None),
        floor_point_kg_m2=_or(part.floor_point_limit_kg_m2, None),
        footprint_m2=part.rack_width_m * part.rack_depth_m,
    )
    return CoolingOptions(
        methods,
        tuple(excluded),
        load,
        rack,
        contract,
        tuple(fraction_assumed),
        tuple(kva_assumed),
        place(servers, load, rack),
    )


def reserved_units(part: Facility, methods: Sequence[CoolingMethod]) -> Num:
    """Rack units without servers under every method: those of the plan, and a CDU in the rack where plates have one."""
    if not part.cdu_units:
        return part.units_reserved
    return np.array([part.units_reserved + part.cdu_units * (method.key in CDU_METHODS) for method in methods])


def relaxed_paths(name: str, value: float, part: Facility) -> dict[str, float]:
    """The plan's paths that admit more servers by a limit, with their values; the floor has two limits.

    Parameters
    ----------
    name
        One of :data:`model.facility.placement.LIMITS`.
    value
        What :func:`relax` asks for.
    part
        The plan's facility part.
    """
    if name != "floor":
        return {RELAXED[name]: value}
    found: dict[str, float] = {}
    if part.floor_limit_kg_m2 is not None and value > part.floor_limit_kg_m2:
        found[RELAXED[name]] = value
    if part.floor_point_limit_kg_m2 is not None and AISLE_SHARE * value > part.floor_point_limit_kg_m2:
        found["facility.floor_point_limit_kg_m2"] = AISLE_SHARE * value
    return found or {RELAXED[name]: value}


RELAXED: Final = {
    "units": "facility.rack_units",
    "kva": "facility.rack_kva",
    "air": "facility.air_limit_kw",
    "liquid": "facility.liquid_limit_kw",
    "weight": "facility.rack_weight_limit_kg",
    "floor": "facility.floor_limit_kg_m2",
}
"""The plan path that relaxes each limit."""


def feeds_of(part: Facility) -> int:
    """Return the feeds of a rack: the user's, else two under 2N, three under N+1, one without redundancy."""
    if part.feeds is not None:
        return part.feeds
    return {"n": 1, "n1": 3, "2n": 2}[part.redundancy]


@lru_cache(maxsize=64)
def room_for_one(options: CoolingOptions, part: Facility, feeds: int) -> tuple[dict[str, float], ...]:
    """Return what :func:`relax` asks for a single server, method by method.

    Parameters
    ----------
    options
        The placement under every cooling option.
    part
        The plan's facility part.
    feeds
        Feeds of a rack, 1 or more.
    """
    needs = {name: values.tolist() for name, values in relax(options, part, feeds, 1.0).items()}
    return tuple({name: values[k] for name, values in needs.items()} for k in range(len(options.methods)))


@lru_cache(maxsize=64)
def room_for_more(options: CoolingOptions, part: Facility, feeds: int) -> dict[str, list[float]]:
    """Return what :func:`relax` asks for one server more than a rack holds now.

    Parameters
    ----------
    options
        The placement under every cooling option.
    part
        The plan's facility part.
    feeds
        Feeds of a rack, 1 or more.
    """
    return {
        name: values.tolist() for name, values in relax(options, part, feeds, options.placement.per_rack + 1.0).items()
    }


def relax(options: CoolingOptions, part: Facility, feeds: int, servers: Num) -> dict[str, Floats]:
    """Return, for each limit, the plan value at which it admits ``servers`` in one rack, for every method.

    The inverse of the quotients of :func:`model.facility.placement.place`, rounded up to two decimals; NaN where something it
    needs is unknown. Keys are :data:`model.facility.placement.LIMITS`.

    Parameters
    ----------
    options
        The placement under every cooling option.
    part
        The plan's facility part.
    feeds
        Feeds of a rack, 1 or more.
    servers
        Servers that shall fit in one rack; a number or one for every option.
    """
    rack, load = options.rack, options.load
    count = np.asarray(servers, dtype=np.float64)
    kva = rack.kva_reserved + count * load.kw / part.power_factor
    if part.rack_kva_is_breaker:
        kva = kva / BREAKER_SHARE
    if part.redundancy == "n1" and feeds > 1:
        kva = kva * (feeds / (feeds - 1.0))
    weight = rack.tare_kg + count * load.weight_kg
    values = np.broadcast_arrays(
        rack.units_reserved + count * (load.units + rack.gap_units) - rack.gap_units,
        kva,
        count * load.kw * (1.0 - load.liquid_fraction) + rack.kva_reserved * part.power_factor,
        count * load.kw * load.liquid_fraction,
        weight,
        weight / (AISLE_SHARE * rack.footprint_m2),
        np.zeros(len(options.methods)),
    )
    rounded = ceil_guarded(np.stack(values[:-1]) * 100.0) / 100.0
    return dict(zip(LIMITS, rounded, strict=True))


def hall_pue(
    options: CoolingOptions, part: Facility, servers: int, kw: float, it_kw: float, catalogue: Catalogue
) -> Floats:
    """Return the PUE of every method: liquid share of the servers over all IT heat; network and storage heat the air.

    The overheads of each method follow the climate and the water (:func:`model.facility.supply.overheads`).

    Parameters
    ----------
    options
        The placement under every cooling option.
    part
        The plan's facility part.
    servers
        Servers of the fleet, 1 or more; a number or an array.
    kw
        Provisioned power of one server in kW, above zero.
    it_kw
        IT power of the hall in kW, above zero.
    catalogue
        Records of the project.
    """
    each = [overheads(part, catalogue, method) for method in options.methods]
    k_air, k_liquid = np.array([one.k_air for one in each]), np.array([one.k_liquid for one in each])
    share = np.asarray(options.load.liquid_fraction) * servers * kw / it_kw
    return np.asarray(pue(share, k_air, k_liquid, catalogue.tariff("k-elec").value))
