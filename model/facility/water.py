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
from mitsumori.model.base.messages import Named, Term
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.catalogue.records import CoolingMethod
from mitsumori.model.facility.results import WaterFigures
from mitsumori.model.plan.plan import Facility

EXHAUST_C: Final = 35.0
"""Air that leaves a rack: 24 C supply (ASHRAE recommended 18 to 27 C) and a rise of 20 F."""
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
CLASSES: Final = (17.0, 27.0, 32.0, 40.0, 45.0)

_CDU: Final = Provenance("formula", "CDUs: one a rack with cold plates, or a row's share of the liquid heat plus one spare",
                     "Mitsumori docs/method.md, 6.6")  # fmt: skip


def air_cap(part: Facility, method: CoolingMethod) -> float | None:
    """Return the heat in kW that a method takes from a rack's air, with the plan's water.

    ``cap * (35 - T) / (35 - T_standard)`` for a coil, never negative and never beyond the method's practical range.
    """
    cap, standard, water = method.air_cap_kw, method.water_supply_c, part.water_supply_c
    if cap is None or standard is None or water is None or method.key not in COIL_METHODS:
        return cap
    most = max(cap, method.range_high_kw or cap)
    return float(min(most, max(0.0, cap * (EXHAUST_C - water) / (EXHAUST_C - standard))))


def liquid_cap(part: Facility, method: CoolingMethod) -> float | None:
    """Return the heat in kW that a method takes from a rack's plates: a CDU loses 5 kW a K of warmer water."""
    cap, standard, water = method.liquid_cap_kw, method.water_supply_c, part.water_supply_c
    if cap is None or standard is None or water is None or method.key not in CDU_METHODS:
        return cap
    return float(min(max(cap, CDU_MOST_KW), max(0.0, cap + CDU_KW_PER_K * (standard - water))))


def water_class(water_c: float) -> str:
    """ASHRAE class of facility water: the first whose limit it does not pass; W+ beyond 45 C."""
    return next((f"W{int(limit)}" for limit in CLASSES if water_c <= limit + 1e-9), "W+")


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
        units = CDU_UNITS
    else:
        count, units = float(ceil_guarded(np.asarray(liquid_kw / ROW_CDU_KW))) + 1.0, 0
    if count is None:
        return found
    return replace(
        found,
        cdus=Figure(float(count), "", _CDU),
        cdu_spare=Figure(0.0 if units else 1.0, "", _CDU),
        cdu_rack_units=Figure(float(units), "", _CDU),
        cdu_kw=Figure(liquid_kw / max(1.0, count - (0.0 if units else 1.0)), "kW", _CDU),
        cdu_pump_kw=Figure(PUMP_SHARE * liquid_kw, "kW", _CDU),
        air_kw=Figure(air_kw, "kW", _CDU),
    )


def water_findings(part: Facility, method: CoolingMethod, words: Term | Named, takes_liquid: bool) -> list[Finding]:
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
