"""The hall's supply: power by month, the supply class of the contract and what another class would cost.

The mean PUE of a method is calibrated to published yearly anchors (:mod:`model.facility.cooling`); its months follow the
outside air: a fixed share of the cooling (fans, pumps) and a rest in proportion to the lift from the cold water to the
condenser, ``max(0, T_month + approach - T_supply)``. Nothing here changes the class that the user contracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.format import Amount
from mitsumori.model.base.messages import Name, Term
from mitsumori.model.base.units import HOURS_PER_YEAR
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CoolingMethod, Tariff
from mitsumori.model.plan.plan import Facility, Money

DAYS: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.float64)
"""Days of the months of a year of 8,760 hours."""
REFERENCE: Final = "tokyo"
"""The climate that the yearly coefficients stand for: the anchors are of temperate sites."""
FIXED_SHARE: Final = 0.6
"""Share of the cooling power that does not depend on the outside (fans, pumps, humidity): an assumption."""
APPROACH_K: Final = 10.0
"""From the outside air to the condenser: an assumption of dry coolers and towers together."""
ROOM_SUPPLY_C: Final = 12.0
"""Chilled water of a method whose record names no temperature."""
WARM_WATER_C: Final = 32.0
"""From this supply temperature on liquid loops run without a chiller in most Japanese months (ASHRAE W32)."""
CLASSES: Final = ("low", "high", "special_high")
"""Supply classes of Japanese utilities, smallest first, as ``facility.voltage_class`` names them."""


@lru_cache(maxsize=64)
def climate_of(catalogue: Catalogue, name: str) -> tuple[float, ...]:
    """Return the mean outside temperature of each month in C of a climate."""
    return tuple(catalogue.climates()[name].mean_c)


def _lift(temperatures: Floats, supply_c: float) -> Floats:
    return np.maximum(0.0, temperatures + APPROACH_K - supply_c)


def season(catalogue: Catalogue, climate: str, supply_c: float | None) -> Floats:
    """Return the cooling power of each month over the yearly mean of the reference climate.

    Shape (12,). ``s = F + (1 - F) * lift / mean lift`` with the day-weighted mean of the reference; 1 all year where even the
    reference never lifts (warm water).

    Parameters
    ----------
    catalogue
        Records of the project.
    climate
        Key of the climate.
    supply_c
        Supply temperature of the water in °C; None: by air.
    """
    at = ROOM_SUPPLY_C if supply_c is None else supply_c
    here = _lift(np.array(climate_of(catalogue, climate)), at)
    usual = float(np.average(_lift(np.array(climate_of(catalogue, REFERENCE)), at), weights=DAYS))
    if usual <= 0.0:
        return np.ones(12)
    months: Floats = FIXED_SHARE + (1.0 - FIXED_SHARE) * here / usual
    return months


@dataclass(frozen=True, slots=True)
class Month:
    """One month: mean PUE, energy at the meter of the hall, and its highest load."""

    month: int
    pue: float
    kwh: float | None
    peak_kw: float

    def document(self) -> Mapping[str, float | int | None]:
        """As plain data."""
        return {"month": self.month, "pue": self.pue, "kwh": self.kwh, "peak_kw": self.peak_kw}


@dataclass(frozen=True, slots=True)
class Overheads:
    """Cooling power per kW of heat on the air and on the liquid path over the year, in the climate, and how it peaks.

    ``air_peak`` and ``liquid_peak`` are the hottest month over the yearly mean; ``air_months`` and ``liquid_months`` (shape
    (12,)) all months over it.
    """

    k_air: float
    k_liquid: float
    air_months: Floats
    liquid_months: Floats

    @property
    def air_peak(self) -> float:
        """Hottest month over the yearly mean on the air path."""
        return float(self.air_months.max())

    @property
    def liquid_peak(self) -> float:
        """Hottest month over the yearly mean on the liquid path."""
        return float(self.liquid_months.max())


def overheads(part: Facility, catalogue: Catalogue, method: CoolingMethod) -> Overheads:
    """Return the cooling overheads of a method at the site.

    A method without an air path of its own (a tank) leaves the rest of the hall to contained air. From
    :data:`WARM_WATER_C` on, liquid loops count as warm water.

    Parameters
    ----------
    part
        The plan's facility part.
    catalogue
        Records of the project.
    method
        Record of the cooling option.
    """
    return _overheads(part.climate, part.water_supply_c, air_side_c(method, part), catalogue, method)


@lru_cache(maxsize=64)
def _overheads(
    climate: str, water_c: float | None, air_side: float, catalogue: Catalogue, method: CoolingMethod
) -> Overheads:
    k_air = method.k_air if method.k_air is not None else catalogue.cooling_method("containment").k_air or 0.0
    k_liquid = method.k_liq or 0.0
    if water_c is not None and water_c >= WARM_WATER_C:
        k_liquid = min(k_liquid, catalogue.tariff("k-liq-warm").value)
    air = season(catalogue, climate, air_side)
    liquid = season(catalogue, climate, method.water_supply_c)
    means = [float(np.average(months, weights=DAYS)) for months in (air, liquid)]
    return Overheads(k_air * means[0], k_liquid * means[1], air / means[0], liquid / means[1])


def pue_months(part: Facility, found: Overheads, pue: float, liquid_share: float, k_electric: float) -> Floats:
    """Return the PUE of each month, shape (12,); its day-weighted mean is ``pue``.

    A PUE that the user gives is taken for every month: it is a figure of the site, and its season is not known.

    Parameters
    ----------
    part
        The plan's facility part.
    found
        Overheads of the chosen method.
    pue
        Yearly PUE of the hall.
    liquid_share
        Liquid share of the hall's heat.
    k_electric
        Electrical losses, the same in every month.
    """
    if part.pue is not None:
        return np.full(12, pue)
    air = (1.0 - liquid_share) * found.k_air * found.air_months
    months: Floats = 1.0 + k_electric + air + liquid_share * found.k_liquid * found.liquid_months
    return months


def air_side_c(method: CoolingMethod, part: Facility) -> float:
    """Return the water temperature behind the air: the door's or cooler's own, chilled water where plates cool the chips."""
    if method.needs_liquid_server:
        return ROOM_SUPPLY_C
    given = part.water_supply_c if part.water_supply_c is not None else method.water_supply_c
    return ROOM_SUPPLY_C if given is None else given


def months_of(pues: Floats, it_kw: float, it_kwh: float | None) -> tuple[Month, ...]:
    """Return the twelve months: energy by their days, the highest load at the month's PUE.

    Parameters
    ----------
    pues
        PUE of each month, shape (12,).
    it_kw
        IT power of the hall in kW, above zero.
    it_kwh
        IT energy of a year in kWh; None unknown.
    """
    share = DAYS * 24.0 / HOURS_PER_YEAR
    return tuple(
        Month(
            month + 1,
            float(pues[month]),
            None if it_kwh is None else float(it_kwh * share[month] * pues[month]),
            float(it_kw * pues[month]),
        )
        for month in range(12)
    )


def class_of(catalogue: Catalogue, contract_kw: float) -> str:
    """Return the supply class that a contract power calls for: low, high or special_high."""
    for key, record in catalogue.utility_classes().items():
        if contract_kw >= record.min_kw and (record.max_kw is None or contract_kw < record.max_kw):
            return key.replace("-", "_")
    return CLASSES[-1]


def record_of_class(catalogue: Catalogue, voltage_class: str, utility: str | None = None) -> Tariff:
    """Return the record of the price of a kWh in a supply class with all its parts: the utility's guide, else the standard.

    Parameters
    ----------
    catalogue
        Records of the project.
    voltage_class
        ``low``, ``high`` or ``special_high``.
    utility
        Key of the utility; None: none is named.
    """
    name = voltage_class.replace("_", "-")
    guide = catalogue.tariffs().get(f"electricity-{utility}-{name}") if utility is not None else None
    return guide if guide is not None else catalogue.tariff(f"electricity-default-{name}")


def price_of_class(catalogue: Catalogue, voltage_class: str, utility: str | None = None) -> float:
    """Return the price of a kWh in a supply class with all its parts, levy included, in JPY (:func:`record_of_class`).

    Parameters
    ----------
    catalogue
        Records of the project.
    voltage_class
        ``low``, ``high`` or ``special_high``.
    utility
        Key of the utility; None: none is named.
    """
    return record_of_class(catalogue, voltage_class, utility).value


PARTS: Final = ("demand", "energy", "fuel")
"""Parts of a price that the records know by utility and class; the levy is the same everywhere."""
LEVY: Final = "renewable-surcharge-2026"


def utility_findings(part: Facility, money: Money, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Say what of the utility's price is a guide, what is unknown, and which parts its price lists name.

    Where demand charge, energy and fuel adjustment are all known, a remedy enters them with the levy one by one.

    Parameters
    ----------
    part, money
        The plan's facility and money parts.
    catalogue
        Records of the project.
    """
    if part.utility is None or money.electricity_jpy_per_kwh is not None:
        return ()
    tariffs, name = catalogue.tariffs(), part.voltage_class.replace("_", "-")
    utility = catalogue.utilities()[part.utility]
    record, levy = record_of_class(catalogue, part.voltage_class, part.utility), catalogue.tariff(LEVY)
    shown: dict[str, object] = {
        "utility": Name(utility.name_en, utility.name_ja),
        "class": Term("findings", f"facility_class_{part.voltage_class}"),
        "price": record.value, "low": record.low or record.value, "high": record.high or record.value, "levy": levy.value,
    }  # fmt: skip
    guide = f"electricity-{part.utility}-" in record.key
    found = [Finding("facility_utility_guide" if guide else "facility_utility_unknown", "info" if guide else "ask",
                     "facility.utility", shown)]  # fmt: skip
    parts = {kind: tariffs.get(f"{kind}-{part.utility}-{name}") for kind in PARTS}
    demand, energy, fuel = (parts[kind] for kind in PARTS)
    if demand is None:
        return tuple(found)
    told = shown | {"demand": demand.value, "date": demand.date or "-"}
    if energy is None or fuel is None:
        found.append(Finding("facility_utility_demand", "info", "money.demand_charge_jpy_per_kw_month", told))
        return tuple(found)
    each = round(energy.value + fuel.value, 2)
    changes: dict[str, object] = {
        "money.demand_charge_jpy_per_kw_month": demand.value, "money.electricity_jpy_per_kwh": energy.value,
        "money.fuel_adjustment_jpy_per_kwh": fuel.value, "money.surcharge_jpy_per_kwh": levy.value,
    }  # fmt: skip
    told |= {"energy": energy.value, "fuel": fuel.value}
    remedy = Remedy("facility_do_utility_parts", changes, {"demand": demand.value, "energy": each, "levy": levy.value})
    found.append(Finding("facility_utility_parts", "info", "money.demand_charge_jpy_per_kw_month", told, (remedy,)))
    return tuple(found)


def supply_finding(
    part: Facility, money: Money, catalogue: Catalogue, contract_kw: float, kwh: float | None
) -> Finding | None:
    """Say that the load calls for another supply class than the one contracted, what it needs and what it changes.

    The load counts with what the building already draws (``facility.building_contract_kw``). The class itself never changes
    by itself: the remedy is the user's.

    Parameters
    ----------
    part
        The plan's facility part.
    money
        The plan's money part.
    catalogue
        Records of the project.
    contract_kw
        Contract power in kW.
    kwh
        Energy of a year at the meter in kWh; None unknown.
    """
    whole = contract_kw + part.building_contract_kw
    needed = class_of(catalogue, whole)
    here, there = CLASSES.index(part.voltage_class), CLASSES.index(needed)
    if here == there:
        return None
    there_jpy = price_of_class(catalogue, needed, part.utility)
    difference = there_jpy - price_of_class(catalogue, part.voltage_class, part.utility)
    yearly = None if kwh is None or money.electricity_jpy_per_kwh is not None else kwh * difference
    params: dict[str, object] = {"kw": whole, "price": there_jpy}
    remedy = Remedy(f"facility_do_voltage_{needed}", {"facility.voltage_class": needed})
    if there < here:
        return Finding(f"facility_voltage_fits_{needed}", "info", "facility.voltage_class", params, (remedy,))
    substation = catalogue.tariff("substation-special-high" if needed == "special_high" else "substation-high")
    params |= {"low": Amount(substation.low or 0.0, "JPY"), "high": Amount(substation.high or 0.0, "JPY")}
    code = f"facility_voltage_needs_{needed}"
    if yearly is not None and yearly < 0:
        params["saving"] = Amount(-yearly, "JPY")
        code += "_saves"
    return Finding(code, "warn", "facility.voltage_class", params, (remedy,))
