"""The hall once more, in plain Python: one plan, one cooling method, written from docs/method.md section 6.

The figures of the methods are copied by hand from the sources that section 6.5 names, those of the servers from 6.1 and the
makers' data sheets, so that a slip of the catalogue shows as well. Network and storage enter as a given share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Method:
    """Heat to air and to liquid a rack, contracted kVA, cooling power on each path, share to liquid where unknown."""

    air_kw: float
    liquid_kw: float
    k_air: float
    k_liquid: float = 0.0
    kva: float | None = None
    share: float | None = None
    water_c: float = 0.0
    most_air_kw: float = 0.0
    wue: float = 0.3


METHODS = {
    "air": Method(10, 0, 0.48, water_c=12, most_air_kw=10, wue=0.05),
    "containment": Method(20, 0, 0.32, water_c=15, most_air_kw=30),
    "in_row": Method(20, 0, 0.28, water_c=15, most_air_kw=30),
    "rear_door": Method(30, 0, 0.24, kva=30, water_c=18, most_air_kw=35),
    "rear_door_active": Method(55, 0, 0.24, water_c=18, most_air_kw=75),
    "cold_plate": Method(10, 60, 0.32, 0.08, share=0.7, wue=0.2),
    "rear_door_cold_plate": Method(30, 60, 0.24, 0.08, share=0.7, wue=0.2),
}


@dataclass(frozen=True)
class Machine:
    """Rated maximum, training peak and average in kW, rack units, kg."""

    maximum: float
    peak: float
    average: float
    units: int
    kg: float | None


MACHINES = {
    "HPE-XD670": Machine(10.2, 8.4, 7.75, 5, None),
    "DGX-H100": Machine(10.2, 8.4, 7.75, 8, 130.45),
    "DGX-B200": Machine(14.3, 14.3 * 0.83, 14.3 * 0.76, 10, 142.4),
}


def whole(value: float) -> int:
    """Whole servers by one limit: binary fractions of a billionth do not cost one."""
    return max(0, math.floor(value + 5e-10))


def hall(machine: Machine, servers: int, part: dict[str, Any], share: float, use: float) -> dict[str, Any]:
    """Racks, power and the year; ``part`` holds the fields of the plan's facility part."""

    def of(name: str, standard: Any) -> Any:
        value = part.get(name)
        return standard if value is None else value

    method = METHODS[part["cooling"]]
    pf, site_pf = of("power_factor", 0.98), of("site_power_factor", 0.98)
    basis, maximum = of("power_basis", "max"), of("server_max_kw", machine.maximum)
    own = "server_max_kw" in part and machine.peak != machine.maximum * 0.83
    peak = of("server_peak_kw", machine.peak if own else maximum * machine.peak / machine.maximum)
    average = of("server_average_kw", machine.average if own else maximum * machine.average / machine.maximum)
    kw = {"max": maximum, "capped": maximum * of("cap_fraction", 0.83), "measured": peak}[basis]
    if basis == "capped":
        average = min(average, kw)
    idle = min(of("server_idle_kw", maximum / 4), average)

    liquid = 0.0 if method.share is None else of("liquid_heat_fraction", method.share)
    air_kw, liquid_kw, water = method.air_kw, method.liquid_kw, part.get("water_supply_c")
    if water is not None and liquid_kw:  # one CDU: 60 kW at 40 C, 100 kW at 32 C
        liquid_kw = min(100.0, max(0.0, 60.0 + 5.0 * (40.0 - water)))
    elif water is not None:  # a coil against 35 C air
        air_kw = min(method.most_air_kw, max(0.0, air_kw * (35.0 - water) / (35.0 - method.water_c)))
    air_limit, liquid_limit = of("air_limit_kw", air_kw), of("liquid_limit_kw", liquid_kw)
    contract = of("rack_kva", method.kva or air_limit + liquid_limit)
    usable = contract * (0.8 if of("rack_kva_is_breaker", False) else 1.0)
    if of("redundancy", "n") == "n1":
        feeds = of("feeds", 3)
        usable *= (feeds - 1) / feeds
    reserved = of("kva_reserved", 1.5)
    kg, tare, floor = of("server_weight_kg", machine.kg), of("rack_tare_kg", 150.0), of("floor_limit_kg_m2", None)
    area = of("rack_width_m", 0.6) * of("rack_depth_m", 1.2)
    gap, units = of("gap_units", 0), of("rack_units", 42) - of("units_reserved", 4)
    limits: dict[str, float] = {
        "units": (units + gap) / (machine.units + gap),
        "kva": (usable - reserved) / (kw / pf),
        "air": (air_limit - reserved * pf) / (kw * (1 - liquid)),
    }
    if liquid:
        limits["liquid"] = liquid_limit / (kw * liquid)
    if kg is not None and of("rack_weight_limit_kg", None) is not None:
        limits["weight"] = (part["rack_weight_limit_kg"] - tare) / kg
    if kg is not None and floor is not None:
        limits["floor"] = (2 * area * floor - tare) / kg
    per_rack = min(whole(value) for value in limits.values())
    out: dict[str, Any] = {
        "per_rack": per_rack,
        "binding": {name for name, value in limits.items() if whole(value) == per_rack},
        "servers_by_limit": {name: whole(value) for name, value in limits.items()},
        "provisioned_kw": kw, "average_kw": average, "idle_kw": idle,
        "usable_kva": usable, "contract_kva": contract,
    }  # fmt: skip
    compute = servers * kw
    other = share * compute
    it = compute + other
    wet = compute * liquid
    k_liquid = method.k_liquid
    if part.get("water_supply_c") is not None and part["water_supply_c"] >= 32:
        k_liquid = min(k_liquid, 0.04)
    pue = of("pue", 1 + 0.06 + (1 - wet / it) * method.k_air + wet / it * k_liquid)
    it_kwh = 8760 * (use * average + (1 - use) * idle) * servers * (1 + share)
    door = part["cooling"] in ("in_row", "rear_door", "rear_door_active", "rear_door_cold_plate")
    losses = min(0.06 * it, it * pue - it)
    rise = of("water_delta_k", 10.0)
    out |= {
        "compute_kw": compute, "other_kw": other, "it_kw": it, "pue": pue,
        "facility_kw": it * pue, "utility_kva": it * pue / site_pf,
        "hall_liquid_kw": wet, "hall_air_kw": it - wet, "liquid_share": wet / it,
        "it_kwh": it_kwh, "kwh": it_kwh * pue, "it_average_kw": it_kwh / 8760, "facility_average_kw": it_kwh * pue / 8760,
        "co2_t": it_kwh * pue * of("co2_kg_per_kwh", 0.423) / 1000,
        "water_m3": it_kwh * of("wue", method.wue) / 1000,
        "cooling_and_losses_kw": it * pue - it, "electrical_losses_kw": losses, "cooling_kw": it * pue - it - losses,
        "water_l_per_min": 14.33 * (it if door else wet) / rise,
        "refrigeration_tons": (it + losses) / 3.517,
        "generator_kva": it * pue / site_pf * of("generator_share", 1.0),
    }  # fmt: skip
    if per_rack >= 1:
        racks = math.ceil(servers / per_rack)
        fullest = math.ceil(servers / racks)
        heat = fullest * kw
        dry = heat * (1 - liquid) + reserved * pf
        out |= {
            "racks": racks, "fullest": fullest, "kw": heat + reserved * pf, "kva": heat / pf + reserved,
            "air_kw": dry, "liquid_kw": heat * liquid, "spare": 1 - fullest / min(limits.values()),
            "racks_one_fewer": math.ceil(servers / (per_rack - 1)) if per_rack > 1 else None,
            "air_m3_per_h": 2982 * dry / (20 / 1.8),
            "rack_water": 14.33 * (heat * liquid + (dry if door else 0)) / rise,
            "kg": None if kg is None else tare + fullest * kg,
        }  # fmt: skip
        if kg is not None:
            out |= {"point": out["kg"] / area, "spread": out["kg"] / area / 2}
    return out
