"""The figures of a hall beside the main ones: one server, the fullest rack, heat and flows, sizes and room left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.records import CoolingMethod
from mitsumori.model.facility import cooling as cool
from mitsumori.model.facility.findings import Hall
from mitsumori.model.facility.placement import LIMITS
from mitsumori.model.facility.results import HallFigures, Limits
from mitsumori.model.facility.support_racks import fleet_of
from mitsumori.model.facility.water import WATER_TAKES_AIR
from mitsumori.model.plan.plan import Facility

PLACE = Provenance(
    "formula", "placement: least of units, kVA, air, liquid, weight, floor", "Mitsumori docs/method.md, 6.8"
)
HALL = Provenance(
    "formula", "IT = servers * power + network and storage; facility = IT * PUE", "Mitsumori docs/method.md, 6.9"
)
PUE = Provenance(
    "formula",
    "PUE = 1 + k_elec + (1-f) k_air + f k_liq, calibrated to anchors",
    "Uptime Institute 2025, ABCI; docs/method.md, 6.7",
)
YEAR = Provenance(
    "formula", "8760 * (u * average + (1-u) * idle) * servers * (1 + other) * PUE", "Mitsumori docs/method.md, 6.9"
)
MORE = Provenance(
    "formula", "spare servers, and servers of further types with their networks", "Mitsumori docs/method.md, 6.4"
)
SUPPLY = Provenance("formula", "IT power at the PUE of the hottest month", "Mitsumori docs/method.md, 6.7")
PHYSICS = Provenance("formula", "heat carried by water and air", "heat capacities; docs/method.md, 6.6")


def figure_or(value: Num, unit: str, provenance: Provenance | None, reason: str) -> Figure:
    """A figure, or unknown for a reason where the value is not finite.

    Parameters
    ----------
    value
        Number; not finite: unknown.
    unit
        Its unit.
    provenance
        Where it comes from.
    reason
        Code of the finding that says why it is unknown.
    """
    number = float(value)
    return Figure(number, unit, provenance) if np.isfinite(number) else unknown(reason, unit)


@dataclass(frozen=True, slots=True)
class RackFigures:
    """Makes figures of the chosen cooling option's racks; ``reason`` says why there are none where nothing fits."""

    feasible: bool
    reason: str

    def __call__(self, value: Num, unit: str = "") -> Figure:
        """A figure of a rack."""
        return figure_or(value if self.feasible else np.nan, unit, PLACE, self.reason)

    def load(self, value: Num, unit: str) -> Figure:
        """A weight: unknown with the server's weight, or for want of any rack that holds a server."""
        return figure_or(value, unit, PLACE, "facility_weight_unknown") if self.feasible else self(value, unit)

    def flow(self, value: Num, unit: str) -> Figure:
        """A flow of water or air."""
        return figure_or(value if self.feasible else np.nan, unit, PHYSICS, "facility_limit")


def _known(value: float | None, unit: str, provenance: Provenance | None) -> Figure:
    return unknown("facility_power_unknown", unit) if value is None else Figure(value, unit, provenance)


def _left(free: float | None, used: float, unit: str) -> Figure:
    return unknown("facility_hall_unknown", unit) if free is None else Figure(free - used, unit, HALL)


def _rates(part: Facility, method: CoolingMethod, catalogue: Catalogue) -> tuple[Figure, Figure]:
    """Water and emissions of a kWh: the user's, else the cooling option's or the tariff records'."""
    wue = part.wue
    wue_provenance = Provenance("user", "facility.wue")
    if wue is None and method.wue is not None:
        wue, wue_provenance = method.wue, record_provenance(method, "cooling", "wue")
    if wue is None:
        hybrid = catalogue.tariff("wue-hybrid")
        wue, wue_provenance = hybrid.value, record_provenance(hybrid, "tariffs", "value")
    co2 = part.co2_kg_per_kwh
    co2_provenance = Provenance("user", "facility.co2_kg_per_kwh")
    if co2 is None:
        national = catalogue.tariff("co2-national")
        co2, co2_provenance = national.value * 1000.0, record_provenance(national, "tariffs", "value")
    return Figure(wue, "L/kWh", wue_provenance), Figure(co2, "kg/kWh", co2_provenance)


def hall_figures(
    hall: Hall, other: Figure, facility_kw: float, it_kva: float, rack: RackFigures, contract_kw: float, peak_pue: float
) -> HallFigures:
    """Return the remaining figures of the hall; those of the year are still open.

    Parameters
    ----------
    hall
        What was placed.
    other
        Power of network, storage and management, kW.
    facility_kw, it_kva, contract_kw
        Power of the hall at the yearly PUE in kW, apparent power of its racks in kVA, and contract power in kW.
    rack
        Makes figures of the racks.
    peak_pue
        PUE of the hottest month, 1 or more.
    """
    resolved, power, i = hall.resolved, hall.power, hall.chosen
    part, servers = resolved.plan.facility, resolved.plan.cluster.servers
    placed, it_kw = hall.options.placement, hall.it_kw
    kw = float(hall.options.load.kw)
    fraction = float(np.asarray(hall.options.load.liquid_fraction)[i])
    spare, more = fleet_of(resolved) - servers, hall.more
    beside = MORE if spare or more.groups else None
    liquid_kw = (servers + spare) * kw * fraction + more.liquid_kw
    by_water = part.cooling in WATER_TAKES_AIR
    water_kw = it_kw if by_water else liquid_kw
    rack_water = (placed.liquid_kw[i] + placed.air_kw[i]) if by_water else placed.liquid_kw[i]
    # A PUE the user gives may be smaller than the model's electrical overhead alone.
    electrical = min(it_kw * resolved.catalogue.tariff("k-elec").value, facility_kw - it_kw)
    wue, co2 = _rates(part, hall.options.methods[i], resolved.catalogue)
    racks_free = None if part.hall_racks_free is None or hall.total_racks is None else float(part.hall_racks_free)
    return HallFigures(
        provisioned_kw=_known(power.provisioned_kw, "kW", power.provisioned_provenance),
        max_kw=_known(power.max_kw, "kW", power.max_provenance),
        average_kw=_known(power.average_kw, "kW", power.average_provenance),
        idle_kw=_known(power.idle_kw, "kW", power.idle_provenance),
        psu_surviving_kw=_known(hall.surviving, "kW", PLACE),
        fullest=rack(placed.fullest[i]),
        spare=rack(placed.spare[i]),
        weight_kg=rack.load(placed.weight_kg[i], "kg"),
        point_kg_m2=rack.load(placed.point_kg_m2[i], "kg/m2"),
        spread_kg_m2=rack.load(placed.spread_kg_m2[i], "kg/m2"),
        total_racks=Figure(hall.total_racks, "", HALL) if hall.total_racks is not None else rack(np.nan),
        other_kw=other,
        other_share=Figure((other.value or 0.0) / (servers * kw), "", other.provenance),
        compute_kw=Figure(servers * kw, "kW", HALL),
        it_kva=Figure(it_kva, "kVA", HALL),
        it_average_kw=_known(None, "kW", YEAR),
        facility_average_kw=_known(None, "kW", YEAR),
        it_kwh_per_year=_known(None, "kWh", YEAR),
        hall_air_kw=Figure(it_kw - liquid_kw, "kW", HALL),
        hall_liquid_kw=Figure(liquid_kw, "kW", HALL),
        cooling_and_losses_kw=Figure(facility_kw - it_kw, "kW", HALL),
        electrical_losses_kw=Figure(electrical, "kW", PUE),
        cooling_kw=Figure(facility_kw - it_kw - electrical, "kW", PUE),
        liquid_share=Figure(liquid_kw / it_kw, "", PUE),
        water_l_per_min=Figure(float(cool.water_l_per_min(water_kw, part.water_delta_k)), "L/min", PHYSICS),
        water_l_per_min_rack=rack.flow(cool.water_l_per_min(rack_water, part.water_delta_k), "L/min"),
        refrigeration_tons=Figure(float(cool.refrigeration_tons(it_kw + electrical)), "TR", PHYSICS),
        air_m3_per_h_rack=rack.flow(cool.air_m3_per_h(placed.air_kw[i], cool.AIR_DELTA_K), "m3/h"),
        ups_kva=Figure(it_kva * part.ups_share, "kVA", HALL),
        generator_kva=Figure(facility_kw / part.site_power_factor * part.generator_share, "kVA", HALL),
        hall_kva_left=_left(part.hall_kva_free, it_kva, "kVA"),
        hall_cooling_kw_left=_left(part.hall_cooling_kw_free, it_kw, "kW"),
        hall_racks_left=_left(racks_free, hall.total_racks or 0.0, ""),
        wue=wue,
        co2_kg_per_kwh=co2,
        contract_kw=Figure(contract_kw, "kW", SUPPLY),
        peak_pue=Figure(peak_pue, "", SUPPLY),
        liquid_heat_fraction=Figure(fraction, "", PLACE),
        more_kw=Figure(spare * kw + more.kw, "kW", beside),
        more_average_kw=Figure(spare * (power.idle_kw or 0.0) + more.average_kw, "kW", beside),
    )


@lru_cache(maxsize=64)
def limits_of(
    options: cool.CoolingOptions, part: Facility, servers: int, i: int, feasible: bool, feeds: int, catalogue: Catalogue
) -> Limits:
    """Return the limits in force; names, circuits and what is cheapest are still open.

    Parameters
    ----------
    options
        The placement under every cooling option.
    part
        The plan's facility part.
    servers
        Servers of the fleet, 1 or more; a number or an array.
    i
        Place of the chosen option in the placement.
    feasible
        Whether a rack holds a server with it.
    feeds
        Feeds of a rack, 1 or more.
    catalogue
        Records of the project.
    """
    placed, rack = options.placement, options.rack

    def number(value: Num) -> float | None:
        return float(value) if np.isfinite(value) else None

    kva, air = float(np.asarray(rack.kva)[i]), float(np.asarray(rack.air_kw)[i])
    per_rack = float(placed.per_rack[i]) if feasible else 0.0
    whole = floor_guarded(placed.quotients[i])
    more = cool.room_for_more(options, part, feeds)
    # Support racks beside a rack-scale product or a tank stand in contained air of its standard density.
    contained = catalogue.cooling_method("containment").air_cap_kw or 0.0
    support_kva = kva if np.isfinite(kva) and air > 0 else contained
    support_air = air if np.isfinite(air) and air > 0 else contained
    return Limits(
        rack_kva=number(options.contract_kva[i]),
        usable_kva=number(kva),
        air_limit_kw=number(air),
        liquid_limit_kw=number(np.asarray(rack.liquid_kw)[i])
        if float(np.asarray(options.load.liquid_fraction)[i])
        else None,
        rack_units=int(rack.units),
        weight_limit_kg=number(rack.weight_limit_kg),
        servers={name: int(whole[k]) for k, name in enumerate(LIMITS) if np.isfinite(whole[k])},
        relax={
            path: value
            for name in placed.binding((i,))
            for path, value in cool.relaxed_paths(name, more[name][i], part).items()
        },
        racks_one_fewer=int(ceil_guarded(servers / (per_rack - 1.0))) if per_rack >= 2 else None,
        power_basis=part.power_basis,
        redundancy=part.redundancy,
        support_kva=support_kva,
        support_air_kw=support_air,
    )
