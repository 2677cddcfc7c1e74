"""Intervals of racks, power and energy where a server's maximum is estimated (:mod:`model.facility.power`).

The whole hall is placed again at both ends of the estimate; a figure that does not depend on the server's power keeps none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitsumori.model.base.changed import changed
from mitsumori.model.base.figure import Figure
from mitsumori.model.facility.cooling import CoolingOptions
from mitsumori.model.facility.placement import Load, place
from mitsumori.model.facility.power import Spread, it_energy_kwh
from mitsumori.model.facility.results import FacilityResult

__all__ = ["ends_of_the_hall", "ends_of_the_year"]


@dataclass(frozen=True, slots=True)
class _Ends:
    low: float
    high: float

    def on(self, figure: Figure, scale: float = 1.0) -> Figure:
        """The figure with these ends, which its value never leaves."""
        if figure.value is None:
            return figure
        low, high = min(self.low * scale, figure.value), max(self.high * scale, figure.value)
        return Figure(figure.value, figure.unit, figure.provenance, low, high, figure.reason)


def ends_of_the_hall(
    result: FacilityResult, spread: Spread | None, options: CoolingOptions, chosen: int, servers: int
) -> FacilityResult:
    """Return the hall's result with the ends of racks and power.

    Parameters
    ----------
    result
        The result without intervals.
    spread
        Ends of one server's power; None leaves the result as it is.
    options, chosen
        The placement and the plan's method in it.
    servers
        Servers of the fleet.
    """
    if spread is None or result.it_kw.value is None:
        return result
    kw = float(options.load.kw)
    other = result.it_kw.value - servers * kw
    it = _Ends(*(servers * end + other for end in spread.provisioned_kw))
    pue = result.pue.value or 1.0
    utility = pue / _share(result)
    racks = [_racks(options, chosen, servers, end) for end in spread.provisioned_kw]
    counted = result.racks
    if all(number is not None for number in racks):
        counted = _Ends(*(float(number or 0.0) for number in racks)).on(result.racks)
    one = _Ends(*spread.provisioned_kw)
    return changed(
        result,
        racks=counted,
        it_kw=it.on(result.it_kw),
        facility_kw=it.on(result.facility_kw, pue),
        utility_kva=it.on(result.utility_kva, utility),
        details=changed(result.details, provisioned_kw=one.on(result.details.provisioned_kw)),
    )


def _share(result: FacilityResult) -> float:
    """Power factor of the site, as the result was computed with."""
    facility, kva = result.facility_kw.value or 1.0, result.utility_kva.value or 1.0
    return facility / kva


def _racks(options: CoolingOptions, chosen: int, servers: int, kw: float) -> float | None:
    load = options.load
    placed = place(servers, Load(load.units, kw, load.liquid_fraction, load.weight_kg), options.rack)
    number = float(placed.racks[chosen])
    return number if np.isfinite(number) else None


def ends_of_the_year(
    result: FacilityResult, spread: Spread | None, servers: int, utilization: float, other_share: float,
    standing_kwh: float = 0.0,
) -> FacilityResult:  # fmt: skip
    """Return the year's result with the ends of energy, CO2 and water.

    Parameters
    ----------
    result
        The result without intervals.
    spread
        Ends of one server's power; None leaves the result as it is.
    servers
        Servers of the fleet, 1 or more; a number or an array.
    utilization
        Share of the year in training, 0-1.
    other_share
        Power of network, storage and management over that of the servers.
    standing_kwh
        Energy of spare servers and of further types, the same at both ends, kWh.
    """
    energy = result.details.it_kwh_per_year
    if spread is None or not energy.value:
        return result
    pairs = zip(spread.average_kw, spread.idle_kw, strict=True)
    low, high = (
        float(it_energy_kwh(servers, average, idle, utilization, other_share)) + standing_kwh for average, idle in pairs
    )
    ratio = _Ends(low / energy.value, high / energy.value)

    def scaled(figure: Figure) -> Figure:
        return figure if figure.value is None else ratio.on(figure, figure.value)

    names = ("it_kwh_per_year", "it_average_kw", "facility_average_kw")
    return changed(
        result,
        kwh_per_year=scaled(result.kwh_per_year),
        co2_t_per_year=scaled(result.co2_t_per_year),
        water_m3_per_year=scaled(result.water_m3_per_year),
        details=changed(result.details, **{name: scaled(result.details[name]) for name in names}),
    )
