"""Racks, power and cooling of a plan, for the estimate.

:func:`facility` places the fleet under every cooling method (:mod:`model.facility.cooling`), adds network and storage
(:mod:`model.facility.support_racks`), and gives the hall, the year and the drawn racks. What is wrong or unknown becomes
findings (:mod:`model.facility.findings`). Rules and sources: docs/method.md section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mitsumori.model.base.arrays import Floats
from mitsumori.model.base.changed import changed
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.base.units import HOURS_PER_YEAR
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CoolingMethod, Server
from mitsumori.model.catalogue.records import Storage as StorageRecord
from mitsumori.model.facility import cooling as cool
from mitsumori.model.facility import findings as say
from mitsumori.model.facility.drawn_racks import RackBars, compute_racks, numbered
from mitsumori.model.facility.drawn_racks import support_racks as drawn_support
from mitsumori.model.facility.elevation import DrawnRack, support_rack_count
from mitsumori.model.facility.feeds import FeedUse, feeds_of_rack, outlets
from mitsumori.model.facility.findings import Hall
from mitsumori.model.facility.hall_figures import HALL, PUE, YEAR, RackFigures, hall_figures, limits_of
from mitsumori.model.facility.intervals import ends_of_the_hall, ends_of_the_year
from mitsumori.model.facility.more_servers import More, joined_months, joined_pue, more_of
from mitsumori.model.facility.placement import surviving_kw
from mitsumori.model.facility.power import Spread, it_energy_kwh, power_spread, server_power
from mitsumori.model.facility.results import FacilityResult, Limits, MethodResult, StorageFigures, WaterFigures
from mitsumori.model.facility.supply import (
    months_of,
    overheads,
    price_of_class,
    pue_months,
    supply_finding,
    utility_findings,
)
from mitsumori.model.facility.support_racks import (
    Stored,
    Support,
    checkpoint_bytes_of,
    fleet_of,
    other_power,
    storage_of,
    support_of,
)
from mitsumori.model.facility.water import cdu_places, water_figures
from mitsumori.model.plan.plan import Facility
from mitsumori.model.plan.reduced import ReducedPlan, for_hall, for_placement
from mitsumori.model.plan.resolve import Resolved, resolve


def facility(resolved: Resolved, checkpoint_bytes: float | None = None) -> tuple[FacilityResult, tuple[Finding, ...]]:
    """Return racks, power and cooling of a plan, and what there is to say about them.

    Parameters
    ----------
    resolved
        The plan with its records.
    checkpoint_bytes
        Of one checkpoint, for the storage; None takes all parameters with their optimizer states.

    Notes
    -----
    An impossible placement is not an error: rack figures are then unknown with a finding that names the failing limit
    and remedies, while power and energy of the fleet stay known.
    """
    if checkpoint_bytes is None:
        parallel = resolved.plan.parallel
        checkpoint_bytes = checkpoint_bytes_of(resolved.parameters, parallel.precision, parallel.optimizer)
    return _facility(
        for_hall(resolved.plan), resolved.catalogue, resolved.tokens, checkpoint_bytes, resolved.all_accelerators
    )


@lru_cache(maxsize=64)
def _resolved(placed: ReducedPlan, catalogue: Catalogue) -> Resolved:
    """A plan that is reduced to its placement, with its records; no record depends on what running it costs."""
    return resolve(placed.plan, catalogue)


@lru_cache(maxsize=64)
def _facility(
    plan: ReducedPlan, catalogue: Catalogue, tokens: float, checkpoint_bytes: float, accelerators: int
) -> tuple[FacilityResult, tuple[Finding, ...]]:
    placed = for_placement(plan.plan)
    resolved = changed(_resolved(placed, catalogue), plan=plan.plan, tokens=tokens)
    stored = storage_of(resolved, checkpoint_bytes, accelerators)
    # Of the storage the placement needs only what stands in the racks, so that a slider of tokens leaves it alone.
    storage = stored.shared, stored.unit, stored.units, stored.unknown
    standing = _standing(placed, catalogue, *storage)
    return _of_the_year(resolved, standing, stored)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What does not depend on how much the machines work: ``hall`` and ``result`` without energy, costs and findings."""

    hall: Hall
    share_finding: Finding | None
    result: FacilityResult
    spread: Spread | None
    season: Floats


@lru_cache(maxsize=64)
def _standing(
    plan: ReducedPlan,
    catalogue: Catalogue,
    shared: bool,
    unit: StorageRecord | None,
    units: float | None,
    unknown_storage: str,
) -> _Standing | tuple[FacilityResult, tuple[Finding, ...]]:
    """Placement, support, power and racks; where the server's power or height is unknown, the result itself.

    Parameters
    ----------
    plan, catalogue
        Cluster, facility and network (:func:`model.plan.reduced.for_placement`), and the records.
    shared, unit, units, unknown_storage
        The storage in the racks, as in :class:`model.facility.support_racks.Stored`.
    """
    stored = Stored(shared, unit, units, StorageFigures(), unknown_storage, ())
    resolved = _resolved(plan, catalogue)
    server, part = resolved.server, resolved.plan.facility
    power, more = server_power(part, server, catalogue), more_of(resolved)
    if power.provisioned_kw is None or server.rack_units is None:
        return say.unknown_server(resolved, power)
    kw, fleet = power.provisioned_kw, fleet_of(resolved)
    feeds = cool.feeds_of(part)
    options = cool.cooling_options(part, server, fleet, kw, feeds, catalogue)
    i = options.index(part.cooling)
    placed = options.placement
    feasible = options.feasible(i)
    racks = float(placed.racks[i]) if feasible else float("nan")
    by_method = np.array([placed.racks[k] if options.feasible(k) else np.nan for k in range(len(options.methods))])
    support = support_of(resolved, by_method, i, stored, more)
    other, share_finding = other_power(resolved, support, resolved.plan.cluster.servers * kw)
    other_kw = float(other.value or 0.0)
    draw = _draw(resolved, options, i, kw, other_kw, support.known_kw, racks if feasible else 0.0, more)
    it_kw, pue, facility_kw = draw.it_kw, draw.pue, draw.it_kw * draw.pue
    contract_kw = it_kw * float(draw.season.max())
    methods = _methods(resolved, options, draw.pues, feeds)
    surviving = surviving_of(resolved, feeds)

    limits = limits_of(options, part, fleet, i, feasible, feeds, catalogue)
    support_racks = _support_racks(support, part, limits, other_kw + more.support_kw)
    total_racks = racks + support_racks + more.racks if feasible and more.racks is not None else None
    used, plugs = _feeds(options, i, server, part, feeds, catalogue) if feasible else ((), {})
    limits = _counted(limits, support, options, used)
    hall = Hall(
        resolved, power, options, i, draw.pues, methods, support, feeds, surviving, it_kw, total_racks, None, None, more
    )

    why = methods[i].why
    bad = why.code if why is not None and why.code in say.PLACEMENT_CODES else "facility_limit"
    rack = RackFigures(feasible, bad)
    nothing = unknown("facility_power_unknown")
    result = FacilityResult(
        servers_per_rack=rack(placed.per_rack[i]),
        racks=rack(racks),
        support_racks=Figure(float(support_racks), "", HALL),
        binding=placed.binding((i,)) if not options.excluded[i] else (),
        kva_per_rack=rack(placed.kva[i], "kVA"),
        kw_per_rack=rack(placed.kw[i], "kW"),
        air_kw=rack(placed.air_kw[i], "kW"),
        liquid_kw=rack(placed.liquid_kw[i], "kW"),
        it_kw=Figure(it_kw, "kW", HALL),
        facility_kw=Figure(facility_kw, "kW", HALL),
        utility_kva=Figure(facility_kw / part.site_power_factor, "kVA", HALL),
        tariff_class=utility_class(resolved, contract_kw),
        pue=Figure(pue, "", PUE if part.pue is None else Provenance("user", "facility.pue")),
        kwh_per_year=nothing,
        co2_t_per_year=nothing,
        water_m3_per_year=nothing,
        limits=limits,
        details=hall_figures(hall, other, facility_kw, draw.it_kva, rack, contract_kw, float(draw.season.max())),
        layout=_drawn(hall, limits, feasible, support_racks, draw.support_kw),
        methods=methods,
        network=support.network,
        feeds=used,
        outlets=plugs,
        more=tuple(group.result for group in more.groups),
        water=_water(hall, racks if feasible else None, draw.liquid_kw),
    )
    spread = power_spread(part, server, catalogue, power)
    return _Standing(hall, share_finding, ends_of_the_hall(result, spread, options, i, fleet), spread, draw.season)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Power of the hall in kW (``it_kva`` in kVA): IT in all, in the support racks, to liquid; PUE of the year and by month."""

    it_kw: float
    it_kva: float
    support_kw: float
    liquid_kw: float
    pue: float
    pues: Floats
    season: Floats


def _draw(
    resolved: Resolved, options: cool.CoolingOptions, i: int, kw: float, other_kw: float, known_kw: float, racks: float,
    more: More,
) -> _Draw:  # fmt: skip
    """What the hall draws: the plan's servers, what is beside them, and the servers of further types."""
    part, catalogue, fleet = resolved.plan.facility, resolved.catalogue, fleet_of(resolved)
    own_kw = fleet * kw + other_kw + more.hosts_kw
    it_kw = fleet * kw + other_kw + more.kw
    reserved_kw = racks * float(options.rack.kva_reserved) * part.power_factor
    support_kw = beside_the_reserve(other_kw, known_kw, reserved_kw) + more.support_kw
    it_kva = (fleet * kw + reserved_kw + support_kw + more.racks_kw) / part.power_factor
    k_electric = catalogue.tariff("k-elec").value
    pues = cool.hall_pue(options, part, fleet, kw, own_kw, catalogue)
    pues = np.array([joined_pue(value, own_kw, k_electric, more) for value in pues.tolist()]) if more.groups else pues
    pue = float(pues[i]) if part.pue is None else part.pue
    liquid_kw = float(np.asarray(options.load.liquid_fraction)[i]) * fleet * kw
    found = overheads(part, catalogue, options.methods[i])
    season = pue_months(part, found, pue, liquid_kw / own_kw, k_electric)
    if more.groups and part.pue is None:
        season = joined_months(season, own_kw, k_electric, more)
    return _Draw(it_kw, it_kva, support_kw, liquid_kw + more.liquid_kw, pue, pues, season)


def beside_the_reserve(other_kw: float, known_kw: float, reserved_kw: float) -> float:
    """Power in kW of what stands in support racks, so that the racks add up to the hall.

    Each compute rack carries its reserve (:attr:`~model.plan.plan.Facility.kva_reserved`), which takes its part of a power
    of network, storage and management that is a share of the servers; counted devices stand in the support racks whole.

    Parameters
    ----------
    other_kw
        Power of network, storage and management.
    known_kw
        What of it is counted device by device.
    reserved_kw
        Reserves of all compute racks.
    """
    return max(min(other_kw, known_kw), other_kw - reserved_kw)


def _support_racks(support: Support, part: Facility, limits: Limits, other_kw: float) -> int:
    """Racks with network and storage: as many as their units, power and heat take; none where nothing stands in them."""
    if not support.exists and not other_kw > 0:
        return 0
    least, kva, air = 1, limits.support_kva, limits.support_air_kw
    if kva > 0 and air > 0:
        least = max(1, int(ceil_guarded(max(other_kw / part.power_factor / kva, other_kw / air))))
    return support_rack_count(support.kits, max(1, part.rack_units - part.units_reserved), least)


def _feeds(
    options: cool.CoolingOptions, i: int, server: Server, part: Facility, feeds: int, catalogue: Catalogue
) -> tuple[tuple[FeedUse, ...], dict[str, int]]:
    """Every kind of feed on the fullest rack of a cooling option, and the outlets that it needs by type."""
    placed = options.placement
    fullest, kva_now, reserved = float(placed.fullest[i]), float(placed.kva[i]), float(options.rack.kva_reserved)
    used = feeds_of_rack(catalogue.feeds(), server, fullest, kva_now, reserved, part.redundancy, feeds)
    return used, outlets(server, fullest)


def _counted(limits: Limits, support: Support, options: cool.CoolingOptions, feeds: tuple[FeedUse, ...]) -> Limits:
    """Limits with the circuits of every kind of feed, names of the network's parts, and cables by cooling option."""
    return changed(
        limits,
        feeds={item.feed: item.circuits for item in feeds},
        names=dict(support.names),
        cable_m=_by_cooling(options.methods, support.cable_m),
        cable_usd=_by_cooling(options.methods, support.cable_usd),
        latency_ns=_by_cooling(options.methods, support.latency_ns),
    )


def _water(hall: Hall, racks: float | None, liquid_kw: float) -> WaterFigures:
    """Water of the chosen cooling option, which carries ``liquid_kw`` of the IT power."""
    method, by_rack = hall.options.methods[hall.chosen], hall.resolved.server.level == "rack"
    return water_figures(hall.resolved.plan.facility, method, racks, liquid_kw, hall.it_kw - liquid_kw, by_rack)


def _by_cooling(methods: Sequence[CoolingMethod], values: Floats | None) -> dict[str, float] | None:
    """Values of the cooling methods by their keys, the unknown ones left out."""
    if values is None:
        return None
    return {method.key: value for method, value in zip(methods, values.tolist(), strict=True) if np.isfinite(value)}


def _drawn(hall: Hall, limits: Limits, feasible: bool, support_count: int, other_kw: float) -> tuple[DrawnRack, ...]:
    """The racks that the elevation draws."""
    resolved = hall.resolved
    part = resolved.plan.facility
    compute: tuple[DrawnRack, ...] = ()
    if feasible:
        bars = RackBars(limits.usable_kva, limits.air_limit_kw, limits.liquid_limit_kw)
        compute = compute_racks(hall.options, part, resolved.server.name, fleet_of(resolved), hall.chosen, bars)
    bars = RackBars(limits.support_kva, limits.support_air_kw, None)
    return numbered(compute + hall.more.drawn) + drawn_support(part, hall.support.kits, support_count, other_kw, bars)


def _of_the_year(
    resolved: Resolved, known: _Standing | tuple[FacilityResult, tuple[Finding, ...]], stored: Stored
) -> tuple[FacilityResult, tuple[Finding, ...]]:
    """The result with the energy of a year, what each cooling method costs to run, and what there is to say."""
    if not isinstance(known, _Standing):
        place, said = known
        return changed(place, storage=stored.figures), said
    stands, hall = known.result, known.hall
    pue = stands.pue.value or 0.0
    average, idle, servers = hall.power.average_kw, hall.power.idle_kw, resolved.plan.cluster.servers
    it_kwh = None
    if average is not None and idle is not None:
        share = stands.details.other_share.value or 0.0
        it_kwh = float(it_energy_kwh(servers, average, idle, resolved.plan.money.utilization, share))
        it_kwh += HOURS_PER_YEAR * (stands.details.more_average_kw.value or 0.0)
    methods, first, cheapest = _priced(resolved, hall.methods, it_kwh)
    support = changed(hall.support, stored=stored)
    hall = changed(hall, resolved=resolved, methods=methods, support=support, first=first, cheapest=cheapest)

    def energy(kwh: float | None, unit: str, factor: float = 1.0) -> Figure:
        return unknown("facility_power_unknown", unit) if kwh is None else Figure(kwh * factor, unit, YEAR)

    kwh = None if it_kwh is None else it_kwh * pue

    def with_provenance(figure: Figure, value: float | None, unit: str) -> Figure:
        return unknown("facility_power_unknown", unit) if value is None else Figure(value, unit, figure.provenance)

    wue, co2 = stands.details.wue, stands.details.co2_kg_per_kwh
    result = changed(
        stands,
        kwh_per_year=energy(kwh, "kWh"),
        co2_t_per_year=with_provenance(co2, None if kwh is None else kwh * (co2.value or 0.0) / 1000.0, "t"),
        water_m3_per_year=with_provenance(wue, None if it_kwh is None else it_kwh * (wue.value or 0.0) / 1000.0, "m3"),
        methods=methods,
        limits=changed(stands.limits, first_feasible=first, cheapest=cheapest),
        details=changed(
            stands.details,
            it_average_kw=energy(it_kwh, "kW", 1.0 / 8760.0),
            facility_average_kw=energy(kwh, "kW", 1.0 / 8760.0),
            it_kwh_per_year=energy(it_kwh, "kWh"),
        ),
        storage=stored.figures,
    )
    use, other = resolved.plan.money.utilization, stands.details.other_share.value or 0.0
    standing = HOURS_PER_YEAR * (stands.details.more_average_kw.value or 0.0)
    result = ends_of_the_year(result, known.spread, servers, use, other, standing)
    result = changed(result, months=months_of(known.season, stands.it_kw.value or 0.0, it_kwh))
    contract = stands.details.contract_kw.value or 0.0
    supply = supply_finding(resolved.plan.facility, resolved.plan.money, resolved.catalogue, contract, kwh)
    utility = utility_findings(resolved.plan.facility, resolved.plan.money, resolved.catalogue)
    return result, say.findings(hall, known.share_finding, supply, (*utility, *cdu_places(stands.water)))


def utility_class(resolved: Resolved, contract_kw: float) -> str:
    """Return the key of the utility class of a contract power: low, high or special-high."""
    for key, record in resolved.catalogue.utility_classes().items():
        if contract_kw >= record.min_kw and (record.max_kw is None or contract_kw < record.max_kw):
            return key
    return ""


def surviving_of(resolved: Resolved, feeds: int) -> float | None:
    """Return what one server's supplies keep after a lost feed: over the rack's feeds, else as the maker prints it."""
    server, part = resolved.server, resolved.plan.facility
    if (part.feeds is not None or part.redundancy != "n") and feeds > 1:
        if server.psu_count is None or server.psu_watts is None:
            return None
        return float(surviving_kw(server.psu_count, server.psu_watts / 1000.0, feeds))
    return server.psu_surviving_kw


def _methods(resolved: Resolved, options: cool.CoolingOptions, pues: Floats, feeds: int) -> tuple[MethodResult, ...]:
    """Return every method's result, its running costs still open."""
    part, placed, results = resolved.plan.facility, options.placement, []
    needs = cool.room_for_one(options, part, feeds)
    for k, method in enumerate(options.methods):
        fine = options.feasible(k)
        one = needs[k]
        limit = float(options.contract_kva[k])
        results.append(
            MethodResult(
                method.key,
                fine,
                int(placed.per_rack[k]) if fine else 0,
                int(placed.racks[k]) if fine else None,
                placed.binding((k,)) if not options.excluded[k] else (),
                float(placed.kva[k]) if fine else one["kva"],
                limit if np.isfinite(limit) else None,
                float(placed.air_kw[k]) if fine else one["air"],
                float(placed.liquid_kw[k]) if fine else one["liquid"],
                part.pue if part.pue is not None and method.key == part.cooling else float(pues[k]),
                None,
                None if fine else say.why_not(resolved, options, k, one),
            )
        )
    return tuple(results)


def _priced(
    resolved: Resolved, methods: tuple[MethodResult, ...], it_kwh: float | None
) -> tuple[tuple[MethodResult, ...], str | None, str | None]:
    """Return the methods with their running costs (energy, and rent where it is given), the first feasible, the cheapest."""
    money, catalogue = resolved.plan.money, resolved.catalogue
    price = money.electricity_jpy_per_kwh
    if price is None:
        part = resolved.plan.facility
        price = price_of_class(catalogue, part.voltage_class, part.utility)
    price += money.fuel_adjustment_jpy_per_kwh + money.surcharge_jpy_per_kwh
    rent = 0.0
    if money.onprem.site == "colocation" and money.onprem.currency == "JPY":
        rent = (money.onprem.rent_per_rack_month or 0.0) * 12.0

    def priced(method: MethodResult) -> MethodResult:
        if it_kwh is None or method.racks is None or method.pue is None:
            return method
        return changed(method, cost_jpy=it_kwh * method.pue * price + rent * method.racks)

    found = tuple(priced(method) for method in methods)
    usable = [m for m in found if m.feasible]
    first = usable[0].cooling if usable else None
    known = [m for m in usable if m.cost_jpy is not None]
    cheapest = min(known, key=lambda m: (m.cost_jpy or 0.0, m.racks or 0)).cooling if known else first
    return found, first, cheapest
