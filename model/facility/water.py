"""Water: what its supply temperature leaves of a cooling method's limits, distribution units, and evaporation.

Limits are the catalogue's at each method's standard temperature (``water_supply_c`` of resources/catalog/cooling.toml) and
move from there; rules and sources: docs/method.md, 6.6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.messages import Name, Term
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.catalogue.records import CoolingMethod, Server
from mitsumori.model.facility.results import WaterFigures
from mitsumori.model.plan.plan import Facility

INLET_C: Final = 24.0
"""Air that enters the servers where the plan names no temperature: within what ASHRAE recommends."""
EXHAUST_C: Final = 35.0
"""Air that leaves a rack: 24 C supply (ASHRAE recommended 18 to 27 C) and a rise of 20 F."""
RECOMMENDED_C: Final = (18.0, 27.0)
"""Recommended air at the inlet, classes A1 to A4 (ASHRAE TC 9.9)."""
AIR_CLASSES: Final = (("A1", 15.0, 32.0), ("A2", 10.0, 35.0), ("A3", 5.0, 40.0), ("A4", 5.0, 45.0))
"""Allowable air at the inlet by class of equipment (ASHRAE TC 9.9, recalled)."""
DEW_MARGIN_K: Final = 2.0
"""Cold water stays at least this far above the dew point (HPE QuickSpecs as quoted by coolnetpower.com)."""
ROOM_DEW_C: Final = 15.0
"""Highest dew point that ASHRAE recommends for the room (TC 9.9, classes A1 to A4)."""
WATER_TAKES_AIR: Final = frozenset({"in_row", "rear_door", "rear_door_active", "rear_door_cold_plate"})
"""Methods whose air heat leaves the rack row by water (a door or a row cooler), so dew point and flow concern them."""
GLYCOL: Final = 1.06
"""Flow of 25 % propylene glycol over that of water for the same heat (recalled)."""
COOLANT_KG_PER_L: Final = 1.02
"""Density of 25 % propylene glycol at 40 C (recalled)."""
COOLANT_L_PER_KW: Final = (0.3, 0.6, 1.2)
"""Coolant in plates, hoses, manifolds and the CDU's own loop for each kW of heat to liquid: low, middle, high. An assumption;
the maker's filling volume replaces it."""
COIL_METHODS: Final = frozenset({"air", "containment", "in_row", "rear_door", "rear_door_active"})
"""Methods whose air limit is a coil's: it carries heat in proportion to the air's temperature above the water's."""
CDU_METHODS: Final = frozenset({"cold_plate", "rear_door_cold_plate"})
"""Methods with a distribution unit in each rack."""
CDU_KW_PER_K: Final = 5.0
"""A CDU of 60 kW with 40 C water carries 100 kW with 32 C (resources/catalog/cooling.toml, f-sth-cdu)."""
CDU_MOST_KW: Final = 100.0
CDU_UNITS: Final = 4
"""Height of a CDU in the rack."""
ROW_CDU_KW: Final = 1350.0
"""Heat of a CDU that serves a row of rack-scale systems; recalled (class of Vertiv XDU1350, CoolIT CHx1500)."""
PUMP_SHARE: Final = 0.015
"""Pump power of a CDU per kW of heat; an assumption, part of ``k_liq``."""
WARMEST_PLATE_C: Final = 45.0
"""Warmest class of facility water, W45 (ASHRAE TC 9.9: W17, W27, W32, W40, W45, W+)."""

_CDU: Final = Provenance("formula", "CDUs: one a rack with cold plates, or a row's share of the liquid heat plus one spare",
                     "Mitsumori docs/method.md, 6.6")  # fmt: skip


_COOLANT: Final = Provenance("formula", "coolant (25 % propylene glycol): litres a kW of heat to liquid; flow of water * 1.06",
                         "Mitsumori docs/method.md, 6.6", grade="C")  # fmt: skip
_LEAK: Final = Provenance(
    "formula", "one leak detector in each rack with liquid and at each CDU", "Mitsumori docs/method.md, 6.6"
)


def air_cap(part: Facility, method: CoolingMethod) -> float | None:
    """Return the heat in kW that a method takes from a rack's air, with the plan's water and supply air.

    ``cap * (T_exhaust - T) / (35 - T_standard)`` for a coil, the exhaust as much warmer than 35 C as the supply than 24 C;
    never negative and never beyond the method's practical range.
    """
    cap, standard, water = method.air_cap_kw, method.water_supply_c, part.water_supply_c
    given = water is not None or part.inlet_c is not None
    if cap is None or standard is None or not given or method.key not in COIL_METHODS:
        return cap
    exhaust = EXHAUST_C + (0.0 if part.inlet_c is None else part.inlet_c - INLET_C)
    at = standard if water is None else water
    most = max(cap, method.range_high_kw or cap)
    return float(min(most, max(0.0, cap * (exhaust - at) / (EXHAUST_C - standard))))


def liquid_cap(part: Facility, method: CoolingMethod) -> float | None:
    """Return the heat in kW that a method takes from a rack's plates: a CDU loses 5 kW a K of warmer water."""
    cap, standard, water = method.liquid_cap_kw, method.water_supply_c, part.water_supply_c
    if cap is None or standard is None or water is None or method.key not in CDU_METHODS:
        return cap
    return float(min(max(cap, CDU_MOST_KW), max(0.0, cap + CDU_KW_PER_K * (standard - water))))


def water_figures(
    part: Facility, method: CoolingMethod, racks: float | None, liquid_kw: float, air_kw: float, product: bool
) -> WaterFigures:
    """Return supply temperature, class and distribution units of a hall.

    Parameters
    ----------
    part
        The plan's facility part.
    method
        Record of the cooling option.
    racks
        Compute racks, None where the placement is impossible.
    liquid_kw, air_kw
        Heat of the hall to liquid and to air.
    product
        The servers are racks sold as one product.
    """
    supply = part.water_supply_c if part.water_supply_c is not None else method.water_supply_c
    source = Provenance("user", "facility.water_supply_c")
    if part.water_supply_c is None:
        source = Provenance("formula", "the method's standard supply temperature", "resources/catalog/cooling.toml")
    found = WaterFigures(unknown("facility_power_unknown", "C") if supply is None else Figure(supply, "C", source))
    if liquid_kw <= 0.0:
        return found
    if method.key in CDU_METHODS and not product:
        count = racks
        units = part.cdu_units or CDU_UNITS
    else:
        count, units = float(ceil_guarded(np.asarray(liquid_kw / ROW_CDU_KW))) + 1.0, 0
    if count is None:
        return found
    volume = [liquid_kw * litres for litres in COOLANT_L_PER_KW]
    kg = [litres * COOLANT_KG_PER_L for litres in volume]
    return replace(
        found,
        cdus=Figure(float(count), "", _CDU),
        cdu_spare=Figure(0.0 if units else 1.0, "", _CDU),
        cdu_rack_units=Figure(float(units), "", _CDU),
        cdu_kw=Figure(liquid_kw / max(1.0, count - (0.0 if units else 1.0)), "kW", _CDU),
        cdu_pump_kw=Figure(PUMP_SHARE * liquid_kw, "kW", _CDU),
        air_kw=Figure(air_kw, "kW", _CDU),
        coolant_l=Figure(volume[1], "L", _COOLANT, volume[0], volume[2]),
        coolant_kg=Figure(kg[1], "kg", _COOLANT, kg[0], kg[2]),
        coolant_l_per_min=Figure(GLYCOL * 14.33 * liquid_kw / part.water_delta_k, "L/min", _COOLANT),
        leak_sensors=Figure((racks or 0.0) + float(count), "", _LEAK),
    )


def water_findings(part: Facility, method: CoolingMethod, words: Term | Name, takes_liquid: bool) -> list[Finding]:
    """Say what warm water takes from the method, and that plates beyond W45 are the maker's to allow.

    Parameters
    ----------
    part
        The plan's facility part.
    method
        Record of the cooling option.
    words
        What the option is called.
    takes_liquid
        Whether servers give heat to liquid.
    """
    water, standard = part.water_supply_c, method.water_supply_c
    if water is None or standard is None or water <= standard + 1e-9:
        return []
    back = Remedy("facility_do_water_standard", {"facility.water_supply_c": standard}, {"water": standard})
    params = {"method": words, "water": water, "standard": standard}
    if method.key in COIL_METHODS and part.air_limit_kw is None:
        now = air_cap(part, method)
        shown = params | {"kw": now, "kw_standard": method.air_cap_kw}
        return [Finding("facility_water_warm", "warn", "facility.water_supply_c", shown, (back,))]
    if takes_liquid and water > WARMEST_PLATE_C + 1e-9:
        return [Finding("facility_water_class", "warn", "facility.water_supply_c", params, (back,))]
    if method.key in CDU_METHODS and part.liquid_limit_kw is None:
        shown = params | {"kw": liquid_cap(part, method), "kw_standard": method.liquid_cap_kw}
        return [Finding("facility_water_warm", "warn", "facility.water_supply_c", shown, (back,))]
    return []


def pue_findings(part: Facility, electrical_share: float) -> list[Finding]:
    """Say where the PUE that was entered leaves nothing for cooling: below what the electrical equipment alone loses.

    Parameters
    ----------
    part
        The plan's facility part.
    electrical_share
        Losses of UPS and transformers over the IT power, 0 or more (``tariffs.k-elec``).
    """
    if part.pue is None or part.pue >= 1.0 + electrical_share - 1e-9:
        return []
    params = {"pue": part.pue, "least": 1.0 + electrical_share}
    standard = Remedy("facility_do_standard_pue", {"facility.pue": None}, {})
    return [Finding("facility_pue_low", "warn", "facility.pue", params, (standard,))]


def air_findings(part: Facility, server: Server) -> list[Finding]:
    """Say where the supply air is warmer than the server takes, or outside what ASHRAE recommends.

    Parameters
    ----------
    part
        The plan's facility part.
    server
        Record of the server; its limit may be unknown.
    """
    inlet = INLET_C if part.inlet_c is None else part.inlet_c
    most = server.inlet_c_max
    if most is not None and inlet > most + 1e-9:
        cooler = Remedy("facility_do_inlet", {"facility.inlet_c": most}, {"inlet": most})
        params = {"server": server.name, "inlet": inlet, "most": most}
        return [Finding("facility_inlet_server", "bad", "facility.inlet_c", params, (cooler,))]
    if part.inlet_c is None:
        return []
    low, high = RECOMMENDED_C
    if low - 1e-9 <= inlet <= high + 1e-9:
        return []
    names = [name for name, least, warmest in AIR_CLASSES if least - 1e-9 <= inlet <= warmest + 1e-9]
    nearest = high if inlet > high else low
    back = Remedy("facility_do_inlet", {"facility.inlet_c": nearest}, {"inlet": nearest})
    params = {"inlet": inlet, "low": low, "high": high, "classes": ", ".join(names)}
    code = "facility_inlet_allowed" if names else "facility_inlet_beyond"
    return [Finding(code, "warn", "facility.inlet_c", params, (back,))]


def cdu_places(water: WaterFigures) -> tuple[Finding, ...]:
    """Say how many places on the floor the distribution units beside the rows take; nothing where they stand in the racks."""
    if water.cdus is None or not water.cdus.value or water.cdu_rack_units is None or water.cdu_rack_units.value:
        return ()
    kw = water.cdu_kw.value if water.cdu_kw is not None else 0.0
    params = {"cdus": water.cdus.value, "spare": 1, "kw": kw, "most": ROW_CDU_KW}
    return (Finding("facility_cdu_places", "info", "facility.cooling", params),)


def dew_findings(part: Facility, method: CoolingMethod, takes_liquid: bool) -> list[Finding]:
    """Say where cold water is too near the dew point of the room: given, else the highest that ASHRAE recommends.

    Parameters
    ----------
    part
        The plan's facility part.
    method
        Record of the cooling option.
    takes_liquid
        Whether servers give heat to liquid.
    """
    water = method.water_supply_c if part.water_supply_c is None else part.water_supply_c
    if water is None or not (method.key in WATER_TAKES_AIR or takes_liquid):
        return []
    if part.dew_point_c is None:
        if part.water_supply_c is None or water >= ROOM_DEW_C + DEW_MARGIN_K - 1e-9:
            return []
        params = {"water": water, "dew": ROOM_DEW_C, "least": ROOM_DEW_C + DEW_MARGIN_K}
        return [Finding("facility_dew_unknown", "ask", "facility.dew_point_c", params)]
    least = part.dew_point_c + DEW_MARGIN_K
    if water >= least - 1e-9:
        return []
    params = {"water": water, "dew": part.dew_point_c, "least": least}
    remedy = Remedy("facility_do_water", {"facility.water_supply_c": least}, {"water": least})
    return [Finding("facility_dew_point", "warn", "facility.water_supply_c", params, (remedy,))]
