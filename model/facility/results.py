"""Results of the facility estimate: racks, power and cooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One cooling method of the ladder. ``binding`` names the limits, tightest first; ``why`` a finding when infeasible."""

    cooling: str
    feasible: bool
    servers_per_rack: int
    racks: int | None
    binding: tuple[str, ...]
    kva_per_rack: float | None
    rack_kva_limit: float | None
    air_kw: float | None
    liquid_kw: float | None
    pue: float | None
    cost_jpy: float | None = None
    why: Finding | None = None


@dataclass(frozen=True, slots=True)
class FacilityResult:
    """Racks, power and cooling. ``binding`` names limits tightest first; ``layout`` is what the elevation draws."""

    servers_per_rack: Figure
    racks: Figure
    support_racks: Figure
    binding: tuple[str, ...]
    kva_per_rack: Figure
    kw_per_rack: Figure
    air_kw: Figure
    liquid_kw: Figure
    it_kw: Figure
    facility_kw: Figure
    utility_kva: Figure
    tariff_class: str
    pue: Figure
    kwh_per_year: Figure
    co2_t_per_year: Figure
    water_m3_per_year: Figure
    methods: tuple[MethodResult, ...]
    limits: Mapping[str, Any] = default(default_factory=dict)
    details: Mapping[str, Figure] = default(default_factory=dict)
    layout: tuple[Any, ...] = ()
    network: Mapping[str, Figure] = default(default_factory=dict)
    storage: Mapping[str, Figure] = default(default_factory=dict)
    months: tuple[Any, ...] = ()
    """Power and energy by month (:class:`model.facility.supply.Month`)."""
