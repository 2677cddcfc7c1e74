"""The fabric and the storage of a plan: counts, power and the racks they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

import numpy as np

from mitsumori.model.architecture.parallelism import OPTIMIZERS, PRECISIONS, code
from mitsumori.model.base import format as fmt
from mitsumori.model.base.arrays import Floats
from mitsumori.model.base.figure import Figure, Parent, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_parent
from mitsumori.model.catalogue.records import Network as NetworkRecord
from mitsumori.model.catalogue.records import Server
from mitsumori.model.catalogue.records import Storage as StorageRecord
from mitsumori.model.facility.elevation import Kit
from mitsumori.model.facility.fabric import Fabric, cabling, fat_tree_of, storage_need, storage_units
from mitsumori.model.memory.states import OPTIMIZER_STATE_BYTES, is_plain_fp32
from mitsumori.model.plan.plan import Network as PlanNetwork
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.days import plan_goodput
from mitsumori.model.training.goodput import STALL_S

MAX_STORAGE_UNITS: Final = 10_000
"""Our own bound: from here a count of storage units says that an input is wrong, not what to buy. It keeps the
elevation finite; no published limit is behind it."""

_SHARE = Parent("formula", "share rule: other power = share * compute power", "Mitsumori docs/method.md, 6.4")


def checkpoint_bytes_of(parameters: float, precision: str, optimizer: str) -> float:
    """Return the bytes of one full checkpoint: weights, fp32 master copy and optimizer states of every parameter.

    14 bytes for mixed precision with Adam (2 + 4 + 8), 12 for fp32 (4 + 8); the states are those of
    :data:`model.memory.states.OPTIMIZER_STATE_BYTES`, as in memory. Source: mixed-precision Adam accounting of ZeRO
    (arXiv 1910.02054 section 3.1) without gradients.
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
    figures: dict[str, Figure]
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
    findings
        About the fabric.
    stored
        The storage.
    """

    exists: bool
    kits: tuple[Kit, ...]
    known_kw: float
    unknown: tuple[str, ...]
    network: dict[str, Figure]
    names: dict[str, str]
    fabric: Fabric | None
    cable_m: Floats | None
    findings: tuple[Finding, ...]
    stored: Stored


def _formula(what: str, source: str = "") -> Parent:
    return Parent("formula", what, source)


_TREE = _formula("fat tree of equal switches, rail-optimised", "NVIDIA DGX SuperPOD reference architectures")
_CABLE = _formula("cable length: |dx| + |dy| + 2 * 1.5 m + 1 m, rows of ten racks")
_NEED = _formula("data set + checkpoints kept; checkpoint / stall")
_YOUNG = _formula("renewal formula at Young's interval", "J. T. Daly, FGCS 22, 2006; J. W. Young, CACM 17(9), 1974")


def switch_kw(record: NetworkRecord) -> float | None:
    """Return the power to plan a switch with: the maximum (with optics), else the typical, else None."""
    watts = record.power_max_w if record.power_max_w is not None else record.power_typ_w
    return None if watts is None else watts / 1000.0


def _switch_at(rate: float, like: NetworkRecord | None, catalogue: Catalogue) -> NetworkRecord | None:
    """Return a switch whose ports run at a rate: of the compute fabric's kind first, one of known power first."""
    family = like.kind.split("-")[0] if like is not None else "eth"
    found = [
        record
        for record in catalogue.networks().values()
        if "-switch" in record.kind and record.ports and record.gbps_per_port == rate
    ]
    found.sort(key=lambda r: (r.kind.split("-")[0] != family, switch_kw(r) is None, r.key))
    return found[0] if found else None


def storage_of(resolved: Resolved, checkpoint_bytes: float | None = None) -> Stored:
    """Capacity, write rate and units of the storage.

    One server trains from its own disks; shared storage exists from two servers on, or where the plan names a unit or a
    capacity, unless ``network.storage_pb`` is 0.

    Parameters
    ----------
    checkpoint_bytes
        Of one checkpoint; None takes :func:`checkpoint_bytes_of` on all parameters.
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
    given = None if net.storage_pb is None else Parent("user", "network.storage_pb")
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
        unit = _storage_unit(resolved)
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
                figures["units"] = Figure(units, "", record_parent(unit, "storage", "write_gbytes_per_s"))
                stall_s = bytes_saved / (units * rate)
                if unit.raw_capacity_tb is None:
                    held = {"unit": name, "units": int(units), "capacity_tb": float(need.capacity_bytes) / 1e12}
                    findings = (Finding("network_storage_capacity_unknown", "ask", "network.storage", held),)
                if unit.max_power_kw is None:
                    unnamed = name
    figures["checkpoint_s"] = Figure(stall_s, "s", _NEED)
    figures |= _checkpointing(resolved)
    return Stored(shared, unit, units, figures, unnamed, findings)


def _name(unit: StorageRecord) -> str:
    return f"{unit.vendor} {unit.model}"


def _checkpointing(resolved: Resolved) -> dict[str, Figure]:
    """What failures and checkpoints leave of the time."""
    kept = plan_goodput(resolved, resolved.accelerators)
    return {
        "interval_s": Figure(float(kept.interval_s), "s", _YOUNG),
        "mtbf_s": Figure(float(kept.mtbf_s), "s", _YOUNG),
        "goodput": Figure(float(kept.goodput), "", _YOUNG),
    }


def support_of(resolved: Resolved, racks: Floats, chosen: int, stored: Stored | None = None) -> Support:
    """Count and power the fabric and the storage of a plan; one server needs no fabric.

    Parameters
    ----------
    racks
        Compute racks by cooling method, for cable lengths; NaN where the placement is impossible.
    chosen
        The plan's method among them.
    stored
        The storage; None takes :func:`storage_of`.
    """
    plan = resolved.plan
    servers, net = plan.cluster.servers, plan.network
    laid = tuple(number if number == number else None for number in racks.tolist())
    size = plan.facility.rack_width_m, plan.facility.rack_depth_m
    cables = _cables(net, servers, resolved.server, laid, chosen, size, resolved.catalogue)
    stored = storage_of(resolved) if stored is None else stored
    kits, unknown_power = list(cables.kits), list(cables.unknown)
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
        servers > 1 or stored.shared,
        tuple(kit for kit in kits if kit.count),
        known_kw,
        tuple(dict.fromkeys(unknown_power)),
        cables.network,
        names,
        cables.fabric,
        cables.cable_m,
        cables.findings,
        stored,
    )


@dataclass(frozen=True, slots=True)
class _Cables:
    """The fabrics of a plan: what :class:`Support` says of them."""

    kits: tuple[Kit, ...]
    known_kw: float
    unknown: tuple[str, ...]
    network: dict[str, Figure]
    names: dict[str, str]
    fabric: Fabric | None
    cable_m: Floats | None
    findings: tuple[Finding, ...]


@lru_cache(maxsize=64)
def _cables(
    net: PlanNetwork,
    servers: int,
    server: Server,
    laid: tuple[float | None, ...],
    chosen: int,
    size: tuple[float, float],
    catalogue: Catalogue,
) -> _Cables:
    """Count and power the compute fabric, and the fabric for storage and management.

    Parameters
    ----------
    laid
        Compute racks by cooling method, None where the placement is impossible.
    size
        Width and depth of a rack in metres.
    """
    racks = np.array(laid, dtype=np.float64)
    findings: list[Finding] = []
    kits: list[Kit] = []
    unknown_power: list[str] = []
    names: dict[str, str] = {}
    known_kw = 0.0
    lengths: Floats | None = None
    network: dict[str, Figure] = {}
    default = catalogue.default_fabric(server)
    switch = None
    ports, rate = (default.ports, default.gbps) if default is not None else (0, 0.0)
    if net.fabric is not None:
        switch = catalogue.network(net.fabric)
    elif default is not None and default.switch is not None:
        switch = catalogue.network(default.switch)
    fabric: Fabric | None = None
    if servers == 1:
        fabric = fat_tree_of(1, 1, 2)
    elif switch is not None and switch.ports and ports:
        # A faster port breaks out into whole ports of the adapters' rate; a faster adapter takes several ports.
        port_rate = switch.gbps_per_port or rate
        split = max(1, int(port_rate // rate))
        ports *= max(1, int(np.ceil(rate / port_rate)))
        fabric = fat_tree_of(servers, ports, switch.ports * split, net.oversubscription, net.rails)
        names["switch"] = switch.model
        if default is not None and default.assumed:
            findings.append(
                Finding(
                    "network_nics_assumed",
                    "info",
                    "network.fabric",
                    {"server": server.name, "ports": ports, "gbps": rate},
                )
            )
        if fabric.tiers >= 4:
            findings.append(Finding("network_too_large", "warn", "network.fabric", {"switch": switch.model}))
        own_kw = switch_kw(switch)
        count = float(fabric.switches)
        if own_kw is None:
            unknown_power.append(switch.model)
        else:
            known_kw += own_kw * count
        height = int(np.ceil(switch.rack_units or 1))
        for tier in ("leaf", "spine", "core"):
            n = int(getattr(fabric, tier))
            if n:
                kits.append(Kit("switch", f"{switch.model} ({tier})", height, n))
        if switch.power_max_w is not None and switch.power_typ_w is not None:
            # The maximum is with optical modules in every cage, the typical with passive copper: the difference is
            # what optics may draw, an upper bound that is part of the switches' power.
            optics = (switch.power_max_w - switch.power_typ_w) / 1000.0 * count
            network["optics_kw"] = Figure(optics, "kW", record_parent(switch, "networks", "power_max_w"))
        else:
            network["optics_kw"] = unknown("network_switch_power_unknown", "kW")
        network["switch_kw"] = (
            Figure(own_kw * count, "kW", record_parent(switch, "networks", "power_max_w"))
            if own_kw is not None
            else unknown("network_switch_power_unknown", "kW")
        )
    else:
        findings.append(Finding("network_switch_unknown", "ask", "network.fabric", {"server": server.name}))
        unknown_power.append("switch")
    if fabric is not None:
        for name in ("leaf", "spine", "core", "switches", "cables", "cable_ends"):
            network[name] = Figure(float(getattr(fabric, name)), "", _TREE)
        network["tiers"] = Figure(float(fabric.tiers), "", _TREE)
        network["oversubscription"] = Figure(float(fabric.oversubscription), "", _TREE)
        network["optics"] = Figure(float(fabric.cable_ends), "", _TREE)
        if servers > 1:
            cabled = cabling(racks, fabric, *size)
            lengths = cabled.total_m
            if np.isfinite(racks[chosen]):
                for name in ("server_mean_m", "server_max_m", "spine_mean_m", "total_m"):
                    network[f"cable_{name}"] = Figure(float(getattr(cabled, name)[chosen]), "m", _CABLE)
    else:
        for name in ("leaf", "spine", "core", "switches", "cables", "cable_ends", "tiers", "optics"):
            network[name] = unknown("network_switch_unknown")
    share_key = "network-share-small" if servers <= 16 else "network-share-large"
    share = catalogue.tariff(share_key)
    network["price_share"] = Figure(share.value, "", record_parent(share, "tariffs", "value"))

    # Storage and in-band fabric on the server's other adapters
    if servers > 1:
        other = [nic for nic in server.nics if not nic.use.startswith("compute")]
        second = _switch_at(max(nic.gbps for nic in other), switch, catalogue) if other else None
        if second is not None and second.ports:
            tree = fat_tree_of(servers, sum(nic.count for nic in other), second.ports, 1.0, False)
            count = float(tree.switches)
            network["storage_switches"] = Figure(count, "", _TREE)
            names["storage_switch"] = second.model
            second_kw = switch_kw(second)
            if second_kw is None:
                unknown_power.append(second.model)
            else:
                known_kw += second_kw * count
            kits.append(
                Kit("switch", f"{second.model} (storage, in-band)", int(np.ceil(second.rack_units or 1)), int(count))
            )
        else:
            network["storage_switches"] = unknown("network_storage_nics_unknown")
    return _Cables(tuple(kits), known_kw, tuple(unknown_power), network, names, fabric, lengths, tuple(findings))


def _storage_unit(resolved: Resolved) -> StorageRecord | None:
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
    """
    part, catalogue = resolved.plan.facility, resolved.catalogue
    if part.other_power_share is not None:
        return Figure(compute_kw * part.other_power_share, "kW", Parent("user", "facility.other_power_share")), None
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
