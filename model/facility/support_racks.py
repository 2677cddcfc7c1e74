"""The fabric and the storage of a plan: counts, power and the racks they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from mitsumori.model.architecture.parallelism import OPTIMIZERS, PRECISIONS, code
from mitsumori.model.base import format as fmt
from mitsumori.model.base.arrays import Floats
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.records import Storage as StorageRecord
from mitsumori.model.facility.cooling import cooling_options, feeds_of
from mitsumori.model.facility.elevation import Kit
from mitsumori.model.facility.fabric import Fabric, storage_need, storage_units
from mitsumori.model.facility.more_servers import NOTHING, More
from mitsumori.model.facility.network import networks
from mitsumori.model.facility.power import server_power
from mitsumori.model.facility.results import NetworkFigures, StorageFigures
from mitsumori.model.memory.states import OPTIMIZER_STATE_BYTES, is_plain_fp32
from mitsumori.model.plan.plan import Facility
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.days import plan_goodput
from mitsumori.model.training.goodput import STALL_S

MAX_STORAGE_UNITS: Final = 10_000
"""Our own bound: from here a count of storage units says that an input is wrong, not what to buy. It keeps the
elevation finite; no published limit is behind it."""

_SHARE = Provenance("formula", "share rule: other power = share * compute power", "Mitsumori docs/method.md, 6.4")


def checkpoint_bytes_of(parameters: float, precision: str, optimizer: str) -> float:
    """Return the bytes of one full checkpoint: weights, fp32 master copy and optimizer states of every parameter.

    14 bytes for mixed precision with Adam (2 + 4 + 8), 12 for fp32 (4 + 8); the states are those of
    :data:`model.memory.states.OPTIMIZER_STATE_BYTES`, as in memory. Source: mixed-precision Adam accounting of ZeRO
    (arXiv 1910.02054 section 3.1) without gradients.

    Parameters
    ----------
    parameters
        Parameters that are saved, above zero.
    precision
        Precision of the training, as in the plan.
    optimizer
        Optimizer, as in the plan.
    """
    weights = 4.0 if is_plain_fp32(code(PRECISIONS, precision)) else 6.0
    return parameters * (weights + OPTIMIZER_STATE_BYTES[code(OPTIMIZERS, optimizer)])


@dataclass(frozen=True, slots=True)
class Stored:
    """The storage of a plan.

    Attributes
    ----------
    shared
        Shared storage exists.
    unit, units
        The storage unit that was counted and how many of it; None where there is none or its write rate is unknown.
    figures
        For people.
    unknown
        Name of the unit whose count or power is unknown, else "".
    """

    shared: bool
    unit: StorageRecord | None
    units: float | None
    figures: StorageFigures
    unknown: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """What stands beside the servers.

    Attributes
    ----------
    exists
        A fabric or shared storage exists.
    kits
        Devices to rack.
    known_kw
        Power of everything whose power is known.
    unknown
        Names of what has no published power.
    network
        Figures for people.
    names
        Switch and storage unit by name, for people.
    fabric
        Counts of the compute fabric, None where unknown.
    cable_m
        Metres of cable of the compute fabric under each cooling method: denser racks need less. None where unknown.
    cable_usd, latency_ns
        Price of those cables and optics, and the time from end to end, likewise.
    findings
        About the fabric.
    stored
        The storage.
    """

    exists: bool
    kits: tuple[Kit, ...]
    known_kw: float
    unknown: tuple[str, ...]
    network: NetworkFigures
    names: dict[str, str]
    fabric: Fabric | None
    cable_m: Floats | None
    cable_usd: Floats | None
    latency_ns: Floats | None
    findings: tuple[Finding, ...]
    stored: Stored


def _formula(what: str, source: str = "") -> Provenance:
    return Provenance("formula", what, source)


_NEED = _formula("data set + checkpoints kept; checkpoint / stall")
_YOUNG = _formula("renewal formula at Young's interval", "J. T. Daly, FGCS 22, 2006; J. W. Young, CACM 17(9), 1974")


def storage_of(resolved: Resolved, checkpoint_bytes: float | None = None, accelerators: int | None = None) -> Stored:
    """Capacity, write rate and units of the storage.

    One server trains from its own disks; shared storage exists from two servers on, or where the plan names a unit or a
    capacity, unless ``network.storage_pb`` is 0.

    Parameters
    ----------
    resolved
        The plan with its records.
    checkpoint_bytes
        Of one checkpoint; None takes :func:`checkpoint_bytes_of` on all parameters.
    accelerators
        Those of which one that fails stops the work; None takes the plan's, with those that only generate.
    """
    plan = resolved.plan
    net = plan.network
    shared = net.storage_pb != 0 and (plan.cluster.servers > 1 or net.storage is not None or net.storage_pb is not None)
    bytes_saved = checkpoint_bytes
    if bytes_saved is None:
        bytes_saved = checkpoint_bytes_of(resolved.parameters, plan.parallel.precision, plan.parallel.optimizer)
    # A checkpoint that training does not wait for still has to reach the storage within a minute.
    write_s = STALL_S[0] if net.checkpoint_stall_s is None else net.checkpoint_stall_s
    capacity = np.nan if net.storage_pb is None else net.storage_pb * 1e15
    need = storage_need(
        resolved.tokens,
        net.dataset_bytes_per_token,
        bytes_saved,
        net.checkpoints_kept,
        write_s,
        capacity,
    )
    given = None if net.storage_pb is None else Provenance("user", "network.storage_pb")
    figures = {
        "dataset_bytes": Figure(float(need.dataset_bytes), "B", _NEED),
        "checkpoint_bytes": Figure(bytes_saved, "B", _NEED),
        "capacity_bytes": Figure(float(need.capacity_bytes), "B", given or _NEED),
        "storage_pb": Figure(float(need.capacity_bytes) / 1e15, "PB", given or _NEED),
        "write_bytes_per_s": Figure(float(need.write_bytes_per_s), "B/s", _NEED),
    }
    stall_s, unit, units, unnamed = write_s, None, None, ""
    findings: tuple[Finding, ...] = ()
    if shared:
        unit = storage_unit_of(resolved)
        if unit is None or unit.write_gbytes_per_s is None:
            figures["units"] = unknown("network_storage_unknown")
            unnamed = unit.model if unit is not None else "storage"
            shown = {"unit": unit.model if unit is not None else "-"}
            findings = (Finding("network_storage_unknown", "ask", "network.storage", shown),)
            unit = None
        else:
            rate = unit.write_gbytes_per_s * 1e9
            raw = np.nan if unit.raw_capacity_tb is None else unit.raw_capacity_tb * 1e12
            units, name = float(storage_units(need, rate, raw)), _name(unit)
            if units > MAX_STORAGE_UNITS:
                slow = float(need.write_bytes_per_s) > MAX_STORAGE_UNITS * rate
                field = "network.checkpoint_stall_s" if slow else "network.storage_pb"
                many = {"unit": name, "units": fmt.significant(units), "most": fmt.whole(MAX_STORAGE_UNITS)}
                figures["units"] = unknown("network_storage_too_many")
                findings = (Finding("network_storage_too_many", "bad", field, many),)
                unit, units, unnamed = None, None, name
            else:
                figures["units"] = Figure(units, "", record_provenance(unit, "storage", "write_gbytes_per_s"))
                stall_s = bytes_saved / (units * rate)
                if unit.raw_capacity_tb is None:
                    held = {"unit": name, "units": int(units), "capacity_tb": float(need.capacity_bytes) / 1e12}
                    findings = (Finding("network_storage_capacity_unknown", "ask", "network.storage", held),)
                if unit.max_power_kw is None:
                    unnamed = name
    figures["checkpoint_s"] = Figure(stall_s, "s", _NEED)
    figures |= _checkpointing(resolved, accelerators or resolved.all_accelerators)
    return Stored(shared, unit, units, StorageFigures(**figures), unnamed, findings)


def _name(unit: StorageRecord) -> str:
    return f"{unit.vendor} {unit.model}"


def _checkpointing(resolved: Resolved, accelerators: int) -> dict[str, Figure]:
    """What failures and checkpoints leave of the time."""
    kept = plan_goodput(resolved, accelerators)
    return {
        "interval_s": Figure(float(kept.interval_s), "s", _YOUNG),
        "mtbf_s": Figure(float(kept.mtbf_s), "s", _YOUNG),
        "goodput": Figure(float(kept.goodput), "", _YOUNG),
    }


def fleet_of(resolved: Resolved) -> int:
    """Servers of the plan's own type in the hall, spare ones included."""
    cluster = resolved.plan.cluster
    return cluster.servers + cluster.spare_servers


def support_of(
    resolved: Resolved, racks: Floats, chosen: int, stored: Stored | None = None, more: More = NOTHING
) -> Support:
    """Count and power the fabric and the storage of a plan; one server needs no fabric.

    Parameters
    ----------
    resolved
        The plan with its records.
    racks
        Compute racks by cooling method, for cable lengths; NaN where the placement is impossible.
    chosen
        The plan's method among them.
    stored
        The storage; None takes :func:`storage_of`.
    more
        Servers of further types.
    """
    plan = resolved.plan
    servers, net = fleet_of(resolved), plan.network
    laid = tuple(number if number == number else None for number in racks.tolist())
    size = plan.facility.rack_width_m, plan.facility.rack_depth_m
    priced = _standard_racks(resolved, chosen)
    ports = more.in_band_ports, more.management_ports
    cables = networks(net, servers, resolved.server, laid, chosen, size, resolved.catalogue, priced, ports)
    stored = storage_of(resolved) if stored is None else stored
    kits, unknown_power = [*cables.kits, *more.kits], list(cables.unknown)
    names, known_kw = dict(cables.names), cables.known_kw
    if stored.unknown:
        unknown_power.append(stored.unknown)
    unit = stored.unit
    if unit is not None and stored.units is not None:
        names["storage"] = _name(unit)
        if unit.max_power_kw is not None:
            known_kw += unit.max_power_kw * stored.units
        if unit.rack_units is not None:
            kits.append(Kit("storage", names["storage"], int(np.ceil(unit.rack_units)), int(stored.units)))
    return Support(
        servers > 1 or stored.shared or bool(more.kits),
        tuple(kit for kit in kits if kit.count),
        known_kw,
        tuple(dict.fromkeys(unknown_power)),
        cables.figures,
        names,
        cables.fabric,
        cables.cable_m,
        cables.cable_usd,
        cables.latency_ns,
        cables.findings,
        stored,
    )


def _standard_racks(resolved: Resolved, chosen: int) -> float:
    """Compute racks with the method's standard limits, for the network's price: an estimate, not a cable plan of the site."""
    own = resolved.plan.facility
    part = Facility(cooling=own.cooling, power_basis=own.power_basis)
    server, servers = resolved.server, fleet_of(resolved)
    kw = server_power(part, server, resolved.catalogue).provisioned_kw
    if kw is None or server.rack_units is None:
        return float(servers)
    options = cooling_options(part, server, servers, kw, feeds_of(part), resolved.catalogue)
    return float(options.placement.racks[chosen]) if options.feasible(chosen) else float(servers)


def storage_unit_of(resolved: Resolved) -> StorageRecord | None:
    """Return the plan's storage unit; unset: one of the server's maker, else the first whose write rate is known."""
    units = resolved.catalogue.storage_systems()
    key = resolved.plan.network.storage
    if key is not None:
        return cast(StorageRecord, resolved.catalogue.get("storage", key))
    fit = [unit for unit in units.values() if unit.write_gbytes_per_s is not None and unit.rack_units is not None]
    fit.sort(key=lambda unit: (unit.vendor != resolved.server.vendor,))
    return fit[0] if fit else None


def other_power(resolved: Resolved, support: Support, compute_kw: float) -> tuple[Figure, Finding | None]:
    """Return the power of network, storage and management in kW.

    The user's share where given; nothing where nothing stands beside the servers; the sum where every device's power
    is published; else the share of ``other-power-share`` (15 %), or what is known where that is more, with a finding
    that names what is unknown (docs/method.md 6.4).

    Parameters
    ----------
    resolved
        The plan with its records.
    support
        What stands beside the servers.
    compute_kw
        Power of the servers in kW.
    """
    part, catalogue = resolved.plan.facility, resolved.catalogue
    if part.other_power_share is not None:
        return Figure(compute_kw * part.other_power_share, "kW", Provenance("user", "facility.other_power_share")), None
    if not support.exists:
        return Figure(0.0, "kW", _formula("one server without shared storage")), None
    if not support.unknown:
        return Figure(support.known_kw, "kW", _formula("sum of switches and storage units")), None
    share = catalogue.tariff("other-power-share").value
    kw = max(compute_kw * share, support.known_kw)
    finding = Finding(
        "facility_other_share",
        "info",
        "facility.other_power_share",
        {"what": ", ".join(support.unknown), "percent": share * 100.0, "kw": kw},
        (Remedy("facility_do_other_share", {"facility.other_power_share": share}, {"percent": share * 100.0}),),
    )
    return Figure(kw, "kW", _SHARE), finding
