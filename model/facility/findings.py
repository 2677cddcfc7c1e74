"""What there is to say about racks, power and cooling: the failing limit, one-click remedies.

Texts: ``resources/messages/findings.toml``, keys ``facility_*`` and ``network_*``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.figure import unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.format import Amount
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import Server
from mitsumori.model.facility import cooling as cool
from mitsumori.model.facility.feeds import TRANSIENT
from mitsumori.model.facility.more_servers import NOTHING, More
from mitsumori.model.facility.placement import AISLE_SHARE, Load, place
from mitsumori.model.facility.power import ServerPower, server_power
from mitsumori.model.facility.results import FacilityResult, HallFigures, Limits, MethodResult
from mitsumori.model.facility.support_racks import Support, fleet_of
from mitsumori.model.facility.water import (
    CDU_METHODS,
    CDU_UNITS,
    air_findings,
    dew_findings,
    pue_findings,
    water_findings,
)
from mitsumori.model.plan.exchange import cooling_changes
from mitsumori.model.plan.plan import Facility
from mitsumori.model.plan.resolve import Resolved

SMALLEST_SAVING: Final = 1e-3
"""Running costs that differ by less than this share count as the same."""


@dataclass(frozen=True, slots=True)
class Hall:
    """Everything :func:`facility` computed, for the findings."""

    resolved: Resolved
    power: ServerPower
    options: cool.CoolingOptions
    chosen: int
    pues: object
    methods: tuple[MethodResult, ...]
    support: Support
    feeds: int
    surviving: float | None
    it_kw: float
    total_racks: float | None
    first: str | None
    cheapest: str | None
    more: More = NOTHING


PLACEMENT_CODES: Final = frozenset(
    {
        "facility_limit_units",
        "facility_limit_kva",
        "facility_limit_air",
        "facility_limit_liquid",
        "facility_limit_weight",
        "facility_limit_floor",
        "facility_limit_floor_point",
        "facility_method_rack_product",
        "facility_method_not_rack_product",
        "facility_method_no_liquid_version",
        "facility_method_only_liquid",
        "facility_method_air_accelerator",
        "facility_method_limit_unknown",
    }
)
"""Findings that make the placement impossible."""

_OFFERED: Final = ("kva", "air", "liquid", "weight", "floor", "units")


def why_not(resolved: Resolved, options: cool.CoolingOptions, k: int, one: dict[str, float]) -> Finding:
    """Return why a cooling method holds no server: what rules it out, or the tightest limit with need and offer.

    Parameters
    ----------
    resolved
        The plan with its records.
    options
        The placement under every cooling option.
    k
        Place of the option in the placement.
    one
        For each limit, the value at which one server would fit (:func:`model.facility.cooling.relax`).
    """
    server = resolved.server
    method = options.methods[k]
    code = options.excluded[k]
    if code:
        shown: dict[str, object] = {"server": server.name}
        if code == "facility_method_air_accelerator":
            shown |= {"accelerator": server.accelerator, "sold": ", ".join(server.air_accelerators)}
        return Finding(code, "bad", "facility.cooling", shown)
    name = options.placement.binding((k,))[0]
    if name == "kva" and options.kva_assumed[k] and not options.contract_kva[k] > 0:
        name = "air"  # the contract follows the cooling, which takes nothing away
    rack = options.rack
    offers: dict[str, Num] = {
        "units": rack.units,
        "kva": options.contract_kva[k],
        "air": np.asarray(rack.air_kw)[k],
        "liquid": np.asarray(rack.liquid_kw)[k],
        "weight": rack.weight_limit_kg,
        "floor": rack.floor_kg_m2,
    }
    part, chosen = resolved.plan.facility, method.key == resolved.plan.facility.cooling
    need, offer = one[name], float(offers[name])
    field = cool.RELAXED[name]
    point = part.floor_point_limit_kg_m2
    if name == "floor" and point is not None and (part.floor_limit_kg_m2 is None or need <= part.floor_limit_kg_m2):
        need, offer, field, name = AISLE_SHARE * need, point, "facility.floor_point_limit_kg_m2", "floor_point"
    field = field if chosen else "facility.cooling"
    return Finding(
        f"facility_limit_{name}",
        "bad",
        field,
        {"server": server.name, "need": need, "offer": offer},
    )


def switch_method(method: MethodResult, recommended: bool = False) -> Remedy:
    """Return the remedy that changes to a cooling method with its standard limits, and what it gives."""
    return Remedy(
        f"facility_do_cooling_{method.cooling}",
        cooling_changes(method.cooling),
        {"per_rack": method.servers_per_rack, "racks": method.racks},
        recommended,
        "facility_gives_tanks" if method.cooling == "immersion" else "facility_gives_racks",
    )


def _basis_remedy(hall: Hall) -> Remedy | None:
    """Return the remedy that sizes by the measured peak, where that alone makes the placement possible."""
    resolved, i = hall.resolved, hall.chosen
    if resolved.plan.facility.power_basis == "measured":
        return None
    part = resolved.plan.facility.model_copy(update={"power_basis": "measured"})
    peak = server_power(part, resolved.server, resolved.catalogue).provisioned_kw
    if peak is None:
        return None
    load = hall.options.load
    trial = place(
        fleet_of(resolved),
        Load(load.units, peak, load.liquid_fraction, load.weight_kg),
        hall.options.rack,
    )
    if trial.per_rack[i] < 1:
        return None
    return Remedy(
        "facility_do_measured",
        {"facility.power_basis": "measured"},
        {"kw": peak, "per_rack": int(trial.per_rack[i]), "racks": int(trial.racks[i])},
        gives="facility_gives_racks",
    )


def _limit_remedy(hall: Hall) -> Remedy | None:
    """Return the remedy that raises every failing limit just far enough for one server."""
    part, options, i = hall.resolved.plan.facility, hall.options, hall.chosen
    failing = options.placement.binding((i,))
    one = cool.room_for_one(options, part, hall.feeds)[i]
    if any(np.isnan(one[name]) for name in failing) or ("units" in failing and one["units"] > 100):
        return None
    changes: dict[str, object] = {}
    for name in failing:
        changes |= cool.relaxed_paths(name, one[name], part)
    if "units" in failing:
        changes["facility.rack_units"] = int(one["units"])
    shown = [name for name in _OFFERED if name in failing]
    code = "_".join(shown) if len(shown) == 1 or shown == ["kva", "air"] else "other"
    return Remedy(f"facility_do_limits_{code}", changes, {name: one[name] for name in shown})


def _placement(hall: Hall) -> list[Finding]:
    """Return the finding of an impossible placement with its remedies, or the suggestion of a cheaper method."""
    options, i = hall.options, hall.chosen
    chosen = hall.methods[i]
    others = [m for m in hall.methods if m.feasible and m.cooling != chosen.cooling]
    if chosen.why is not None:
        # The mildest that works, then the cheapest to run.
        offered = others[:1] + [m for m in others[1:] if m.cooling == hall.cheapest]
        remedies = [switch_method(m, n == 0) for n, m in enumerate(offered)]
        if not options.excluded[i]:
            remedies += [r for r in (_basis_remedy(hall), _limit_remedy(hall)) if r is not None]
        elif options.excluded[i] == "facility_method_limit_unknown":
            low = options.methods[i].range_low_kw or float(options.load.kw)
            remedies.append(Remedy("facility_do_limits_liquid", {"facility.liquid_limit_kw": low}, {"liquid": low}))
        why = chosen.why
        return [Finding(why.code, "bad", why.field, why.params, tuple(remedies))]
    cheapest = next((m for m in others if m.cooling == hall.cheapest), None)
    if cheapest is None or cheapest.cost_jpy is None or chosen.cost_jpy is None or chosen.racks is None:
        return []
    saving_jpy = chosen.cost_jpy - cheapest.cost_jpy
    code = "facility_cheaper_method" if saving_jpy >= SMALLEST_SAVING * chosen.cost_jpy else "facility_fewer_racks"
    if code == "facility_fewer_racks" and (cheapest.racks or 0) >= chosen.racks:
        return []
    if code == "facility_cheaper_method" and cheapest.racks == chosen.racks:
        code = "facility_cheaper_method_same"  # not "1 rack instead of 1"
    params = {
        "method": cool.method_words(hall.resolved.catalogue.cooling_method(cheapest.cooling)),
        "racks": chosen.racks,
        "racks_then": cheapest.racks,
        "saving": Amount(saving_jpy, "JPY"),
    }
    return [Finding(code, "info", "facility.cooling", params, (switch_method(cheapest),))]


def _power(hall: Hall) -> list[Finding]:
    """Return what the power figures rest on."""
    resolved, power = hall.resolved, hall.power
    plan, server = resolved.plan, resolved.server
    part, found = plan.facility, []
    kw = float(hall.options.load.kw)
    if power.estimated is not None and part.server_max_kw is None:
        params = {
            "server": server.name,
            "kw": power.max_kw,
            "low": power.estimated.low_kw,
            "high": power.estimated.high_kw,
        }
        adopt = Remedy("facility_do_power_estimate", {"facility.server_max_kw": power.max_kw}, {"kw": power.max_kw})
        found.append(Finding("facility_power_estimated", "ask", "facility.server_max_kw", params, (adopt,)))
    if power.surrogate_of is not None:
        params = {"server": server.name, "of": power.surrogate_of, "kw": kw}
        found.append(Finding("facility_power_surrogate", "ask", "facility.server_max_kw", params))
    if power.peak_assumed:
        found.append(
            Finding("facility_peak_assumed", "ask", "facility.server_peak_kw", {"server": server.name, "kw": kw})
        )
    if power.average_assumed:
        params = {"server": server.name, "kw": power.average_kw}
        found.append(Finding("facility_average_assumed", "ask", "facility.server_average_kw", params))
    if power.idle_assumed and plan.money.utilization < 1.0:
        params = {"server": server.name, "kw": power.idle_kw, "percent": 100.0 * (1.0 - plan.money.utilization)}
        found.append(Finding("facility_idle_assumed", "ask", "facility.server_idle_kw", params))
    if part.power_basis != "max" and power.max_kw is not None and kw < power.max_kw:
        params = {"kw": kw, "max_kw": power.max_kw}
        found.append(Finding("facility_cap_needed", "warn", "facility.power_basis", params))
    if hall.surviving is not None and kw > hall.surviving and server.level == "server":
        remedies = []
        if server.psu_count and server.psu_watts and hall.feeds < 3 and server.psu_count >= 3:
            left = (server.psu_count - ceil_guarded(server.psu_count / 3)) * server.psu_watts / 1000.0
            if left >= kw:
                remedies.append(Remedy("facility_do_feeds", {"facility.feeds": 3}, {"feeds": 3, "left": float(left)}))
        peak = _measured_kw(part, server, resolved.catalogue)
        if peak is not None and peak <= hall.surviving < kw:
            remedies.append(Remedy("facility_do_measured_psu", {"facility.power_basis": "measured"}, {"kw": peak}))
        params = {"server": server.name, "kw": kw, "left": hall.surviving}
        found.append(Finding("facility_psu_redundancy", "warn", "facility.feeds", params, tuple(remedies)))
    return found


@lru_cache(maxsize=64)
def _measured_kw(part: Facility, server: Server, catalogue: Catalogue) -> float | None:
    """Return what a server would be provisioned with on the basis of its measured peak."""
    return server_power(part.model_copy(update={"power_basis": "measured"}), server, catalogue).provisioned_kw


def _rack(hall: Hall) -> list[Finding]:
    """Return what the chosen method's limits rest on: contract, liquid share, weight, floor, water."""
    resolved, options, i = hall.resolved, hall.options, hall.chosen
    part, server, found = resolved.plan.facility, resolved.server, []
    feasible = options.feasible(i)
    product = server.level == "rack"
    contract = float(options.contract_kva[i])
    if feasible and product:
        params = {
            "server": server.name,
            "kva": float(options.placement.kva[i]),
            "liquid": float(options.placement.liquid_kw[i]),
            "air": float(options.placement.air_kw[i]),
        }
        found.append(Finding("facility_rack_scale_site", "ask", "facility.liquid_limit_kw", params))
    elif feasible and options.kva_assumed[i] and np.isfinite(contract):
        params = {"kva": contract}
        remedy = Remedy("facility_do_adopt_kva", {"facility.rack_kva": contract}, {"kva": contract})
        found.append(Finding("facility_rack_kva_assumed", "ask", "facility.rack_kva", params, (remedy,)))
    if options.fraction_assumed[i] and not options.excluded[i]:
        share = float(np.asarray(options.load.liquid_fraction)[i])
        remedy = Remedy(
            "facility_do_adopt_fraction", {"facility.liquid_heat_fraction": share}, {"percent": share * 100.0}
        )
        params = {"server": server.name, "percent": share * 100.0}
        found.append(
            Finding("facility_liquid_fraction_assumed", "ask", "facility.liquid_heat_fraction", params, (remedy,))
        )
    method = options.methods[i]
    if feasible and not product and method.range_high_kw is not None:
        kw = float(options.placement.kw[i])
        if kw > method.range_high_kw + 1e-9:
            stronger = [m for m in hall.methods[i + 1 :] if m.feasible]
            params = {"kw": kw, "high": method.range_high_kw}
            offered = tuple(switch_method(m) for m in stronger[:1])
            found.append(Finding("facility_beyond_range", "warn", "facility.air_limit_kw", params, offered))
    if feasible and part.rack_kva_is_breaker and np.isfinite(contract) and not product:
        kva, reserved = float(options.placement.kva[i]), float(options.rack.kva_reserved)
        transient = reserved + (kva - reserved) * TRANSIENT
        if transient > contract:
            params = {"kva": transient, "breaker": contract, "times": TRANSIENT}
            found.append(Finding("facility_transient", "info", "facility.rack_kva", params))
    if part.redundancy == "2n" and np.isfinite(contract):
        half = contract / 2.0
        remedy = Remedy("facility_do_half_kva", {"facility.rack_kva": half}, {"kva": half})
        found.append(
            Finding("facility_2n_side", "ask", "facility.rack_kva", {"kva": contract, "half": half}, (remedy,))
        )
    found += _weights(hall, feasible)
    liquid = float(np.asarray(options.load.liquid_fraction)[i]) > 0.0
    found += water_findings(part, method, cool.method_words(method), liquid)
    if feasible and method.key in CDU_METHODS and not part.cdu_units:
        fullest = float(options.placement.fullest[i])
        height = float(np.asarray(options.load.units)[i])
        need = fullest * (height + part.gap_units) - part.gap_units + part.units_reserved + CDU_UNITS
        if need > part.rack_units:
            params = {"units": need, "rack": part.rack_units, "cdu": CDU_UNITS}
            count = Remedy("facility_do_cdu_units", {"facility.cdu_units": CDU_UNITS}, {"cdu": CDU_UNITS})
            found.append(Finding("facility_cdu_height", "warn", "facility.cdu_units", params, (count,)))
    found += pue_findings(part, resolved.catalogue.tariff("k-elec").value)
    return found + air_findings(part, server) + dew_findings(part, method, liquid)


def _weights(hall: Hall, feasible: bool) -> list[Finding]:
    """Return what is unknown of the weight, and where the footprint is loaded beyond the floor's limit."""
    resolved, options, i = hall.resolved, hall.options, hall.chosen
    part, server = resolved.plan.facility, resolved.server
    found: list[Finding] = []
    if np.isnan(options.load.weight_kg):
        guess = weight_by_height(server, resolved.catalogue)
        take = (
            ()
            if guess is None
            else (
                Remedy(
                    "facility_do_weight", {"facility.server_weight_kg": guess[1]}, {"low": guess[0], "high": guess[1]}
                ),
            )
        )
        shown = {"server": server.name}
        found.append(Finding("facility_weight_unknown", "ask", "facility.server_weight_kg", shown, take))
    elif feasible and part.floor_limit_kg_m2 is not None and part.floor_point_limit_kg_m2 is None:
        point = float(options.placement.point_kg_m2[i])
        if point > part.floor_limit_kg_m2:
            params = {
                "point": point,
                "limit": part.floor_limit_kg_m2,
                "spread": float(options.placement.spread_kg_m2[i]),
            }
            limit = float(part.floor_limit_kg_m2)
            keep = Remedy("facility_do_floor_point", {"facility.floor_point_limit_kg_m2": limit}, {"floor": limit})
            found.append(Finding("facility_floor_point", "warn", "facility.floor_limit_kg_m2", params, (keep,)))
    return found


@lru_cache(maxsize=64)
def weight_by_height(server: Server, catalogue: Catalogue) -> tuple[float, float] | None:
    """Weight of a server in kg by its height: as much a rack unit as the lightest and the heaviest of known weight.

    Weights and heights that are assumptions do not count (a workstation, a desktop on a shelf).
    None for a rack sold as one product, and where the height is unknown.
    """
    if server.level == "rack" or server.rack_units is None:
        return None
    each = [
        record.weight_kg / record.rack_units
        for record in catalogue.servers().values()
        if record.level == "server"
        and record.weight_kg is not None
        and record.rack_units is not None
        and not {"weight_kg", "rack_units"}.intersection(record.weak)
    ]
    if not each:
        return None
    low, high = (float(ceil_guarded(server.rack_units * kg)) for kg in (min(each), max(each)))
    return low, high


def _hall(hall: Hall) -> list[Finding]:
    """Return what the hall cannot take, each with the largest fleet that it can."""
    resolved = hall.resolved
    part, servers = resolved.plan.facility, resolved.plan.cluster.servers
    it_kva, fixed = hall.it_kw / part.power_factor, hall.more.kw / hall.it_kw
    checks = (
        ("facility_hall_kva", "facility.hall_kva_free", it_kva, part.hall_kva_free),
        ("facility_hall_cooling", "facility.hall_cooling_kw_free", hall.it_kw, part.hall_cooling_kw_free),
        ("facility_hall_racks", "facility.hall_racks_free", hall.total_racks, part.hall_racks_free),
    )
    found = []
    for code, field, need, free in checks:
        if need is None or free is None or need <= free + 1e-9:
            continue
        remedies = []
        if code == "facility_hall_racks":
            most = _most_by_racks(hall, free)
        else:
            own = 1.0 - fixed  # nothing where the servers draw next to nothing beside what stands with them
            most = int(floor_guarded(servers * max(0.0, free / need - fixed) / own)) if own > 0.0 else 0
        if 1 <= most < servers:
            remedies.append(Remedy("facility_do_servers", {"cluster.servers": most}, {"servers": most}))
        if code == "facility_hall_racks":
            fewer = [
                m for m in hall.methods if m.racks is not None and m.racks < (hall.methods[hall.chosen].racks or 0)
            ]
            support = (hall.total_racks or 0) - (hall.methods[hall.chosen].racks or 0)
            remedies += [switch_method(m) for m in fewer if m.racks is not None and m.racks + support <= free][:1]
        remedies.append(
            Remedy(
                code.replace("facility_", "facility_do_"),
                {field: float(ceil_guarded(need))},
                {"need": float(ceil_guarded(need))},
            )
        )
        found.append(Finding(code, "bad", field, {"need": need, "free": free}, tuple(remedies)))
    return found


def _most_by_racks(hall: Hall, free: float) -> int:
    chosen = hall.methods[hall.chosen]
    support = (hall.total_racks or 0.0) - (chosen.racks or 0)
    return int(max(0.0, free - support) * chosen.servers_per_rack)


def findings(
    hall: Hall, share: Finding | None, supply: Finding | None = None, utility: tuple[Finding, ...] = ()
) -> tuple[Finding, ...]:
    """Return everything there is to say, the impossible first.

    Parameters
    ----------
    hall
        What was placed.
    share
        What to say of an assumed share of network and storage; None: nothing.
    supply
        What to say of the supply class; None: nothing.
    utility
        What to say of the utility's price.
    """
    found = [*_placement(hall), *_hall(hall), *_power(hall), *_rack(hall)]
    found += (*hall.support.findings, *hall.support.stored.findings, *hall.more.findings)
    found += [item for item in (share, supply) if item is not None]
    found += utility
    order = {"bad": 0, "warn": 1, "ask": 2, "info": 3}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def unknown_server(resolved: Resolved, power: ServerPower) -> tuple[FacilityResult, tuple[Finding, ...]]:
    """Return a result without racks and energy: the server's power or height is known to nobody.

    That is a record of the user's own without figures; every server that ships has a maximum or an estimate of it.
    """
    server, part = resolved.server, resolved.plan.facility
    if power.provisioned_kw is None:
        reason = "facility_power_unknown"
        finding = Finding(reason, "ask", "facility.server_max_kw", {"server": server.name})
    else:
        reason = "facility_units_unknown"
        finding = Finding(reason, "ask", "cluster.server", {"server": server.name})
    methods = tuple(
        MethodResult(m.key, False, 0, None, (), None, m.rack_kva, None, None, None, None, finding)
        for m in sorted(resolved.catalogue.cooling_methods().values(), key=lambda m: m.ladder)
    )
    nothing, kw_, kva = unknown(reason), unknown(reason, "kW"), unknown(reason, "kVA")
    result = FacilityResult(
        servers_per_rack=nothing,
        racks=nothing,
        support_racks=nothing,
        binding=(),
        kva_per_rack=kva,
        kw_per_rack=kw_,
        air_kw=kw_,
        liquid_kw=kw_,
        it_kw=kw_,
        facility_kw=kw_,
        utility_kva=kva,
        tariff_class="",
        pue=nothing,
        kwh_per_year=unknown(reason, "kWh"),
        co2_t_per_year=unknown(reason, "t"),
        water_m3_per_year=unknown(reason, "m3"),
        methods=methods,
        limits=Limits(part.rack_kva, part.power_basis),
        details=HallFigures.unknown(reason),
    )
    return result, (finding,)
