"""Servers of further types in the hall (``cluster.more``): their racks, power, network ports and prices.

A server with accelerators stands in racks of its own, placed as the plan's servers are (:mod:`model.facility.cooling`), with
a fabric of its own. Hosts without accelerators and storage systems stand in the support racks and take ports of the storage
and in-band fabric. All of them run the whole year. Rules: docs/method.md, 6.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.findings import Finding
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.hosts import Host
from mitsumori.model.catalogue.records import CoolingMethod, Server, Storage
from mitsumori.model.facility import cooling as cool
from mitsumori.model.facility.drawn_racks import RackBars, compute_racks
from mitsumori.model.facility.elevation import DrawnRack, Kit
from mitsumori.model.facility.network import Networks, networks
from mitsumori.model.facility.power import server_power
from mitsumori.model.facility.results import MoreResult
from mitsumori.model.facility.supply import Overheads, overheads
from mitsumori.model.plan.exchange import METHOD_LIMITS
from mitsumori.model.plan.more_servers import MoreServers
from mitsumori.model.plan.parts import Facility, Network
from mitsumori.model.plan.prices import MACHINE_FIELDS
from mitsumori.model.plan.resolve import Resolved, further

OF_A_MACHINE: Final = {
    path.removeprefix("facility."): value for path, value in MACHINE_FIELDS.items() if path.startswith("facility.")
}
"""Fields of the hall that describe the plan's own server, and what they are for another."""
HOST_MANAGEMENT_PORTS: Final = 1
"""Management ports of a host or a storage system: its controller."""


@dataclass(frozen=True, slots=True)
class Group:
    """The servers of one further type.

    Attributes
    ----------
    result
        What people see.
    networks
        Its own fabric; None for what stands in the support racks.
    drawn
        Its racks.
    network_kw, beside_kw
        Power of its fabric, and what of it is not covered by the reserves of its racks.
    reserved_kw
        Reserves of its racks.
    average_kw
        Of all its servers with their fabric, over the year.
    liquid_kw
        Heat to liquid.
    method, cooling, options
        Record of the cooling method of its racks, its overheads, and the placement; None: with the support racks.
    """

    result: MoreResult
    networks: Networks | None = None
    drawn: tuple[DrawnRack, ...] = ()
    network_kw: float = 0.0
    beside_kw: float = 0.0
    reserved_kw: float = 0.0
    average_kw: float = 0.0
    liquid_kw: float = 0.0
    method: CoolingMethod | None = None
    cooling: Overheads | None = None
    options: cool.CoolingOptions | None = None

    @property
    def servers_kw(self) -> float:
        """Power of its servers."""
        return self.result.servers * self.result.kw_each


@dataclass(frozen=True, slots=True)
class More:
    """All further servers of a plan."""

    groups: tuple[Group, ...] = ()
    kits: tuple[Kit, ...] = ()
    findings: tuple[Finding, ...] = ()
    in_band_ports: int = 0
    management_ports: int = 0

    @property
    def kw(self) -> float:
        """Power of all of them with their fabrics."""
        return sum(group.servers_kw + group.network_kw for group in self.groups)

    @property
    def average_kw(self) -> float:
        """The same over the year."""
        return sum(group.average_kw for group in self.groups)

    @property
    def support_kw(self) -> float:
        """What of it stands in the support racks, reserves left out."""
        return sum(group.beside_kw if group.method else group.servers_kw for group in self.groups)

    @property
    def hosts_kw(self) -> float:
        """Power of the servers that stand in the support racks."""
        return sum(group.servers_kw for group in self.groups if group.method is None)

    @property
    def racks_kw(self) -> float:
        """Power of the racks of their own, reserves included."""
        return sum(group.servers_kw + group.reserved_kw for group in self.groups if group.method)

    @property
    def liquid_kw(self) -> float:
        """Heat to liquid."""
        return sum(group.liquid_kw for group in self.groups)

    @property
    def racks(self) -> int | None:
        """Racks of their own; None where some cannot be placed."""
        counts = [group.result.racks for group in self.groups]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def own_racks_kw(self) -> float:
        """Power of the servers in racks of their own with their fabrics."""
        return sum(group.servers_kw + group.network_kw for group in self.groups if group.method)

    def cooling_kw(self, *, peak: bool = False) -> float:
        """Cooling power of these racks over the year, or in the hottest month."""
        spent = 0.0
        for group in self.groups:
            if group.cooling is not None:
                air, liquid = (group.cooling.air_peak, group.cooling.liquid_peak) if peak else (1.0, 1.0)
                heat = group.servers_kw + group.network_kw - group.liquid_kw
                spent += heat * group.cooling.k_air * air + group.liquid_kw * group.cooling.k_liquid * liquid
        return spent

    @property
    def drawn(self) -> tuple[DrawnRack, ...]:
        """Their racks, to be drawn behind those of the plan's servers."""
        return tuple(rack for group in self.groups for rack in group.drawn)


NOTHING: Final = More()


def more_of(resolved: Resolved) -> More:
    """Place and power the further servers of a plan.

    Parameters
    ----------
    resolved
        The plan with its records.
    """
    entries = resolved.plan.further
    if not entries:
        return NOTHING
    plan = resolved.plan
    return _more(entries, plan.cluster.server, plan.facility, plan.network, resolved.catalogue)


@lru_cache(maxsize=64)
def _more(entries: tuple[MoreServers, ...], own: str, part: Facility, net: Network, catalogue: Catalogue) -> More:
    groups, kits, findings, in_band, management = [], [], [], 0, 0
    for number, entry in enumerate(entries):
        record = further(entry.server, number, catalogue)
        if isinstance(record, Server):
            group, found = _with_accelerators(entry, record, own, part, net, catalogue)
            findings += [replace(item, field=f"cluster.more.{number}") for item in found]
            assert group.networks is not None
            kits += [kit for kit in group.networks.kits if kit.count]
        else:
            group, kit = _in_support_racks(entry, record, catalogue)
            kits.append(kit)
            in_band += entry.servers * _ports(record)
            management += entry.servers * HOST_MANAGEMENT_PORTS
        groups.append(group)
    kits.sort(key=lambda kit: (kit.kind, kit.height_u, kit.name))  # like beside like, as they are installed
    return More(tuple(groups), tuple(kits), tuple(findings), in_band, management)


def _ports(record: Host | Storage) -> int:
    """Ports of the storage and in-band fabric that one takes."""
    if isinstance(record, Host):
        return sum(nic.count for nic in record.nics)
    found = re.search(r"(\d+) x ", record.ports or "")
    return int(found.group(1)) if found else 0


def _in_support_racks(entry: MoreServers, record: Host | Storage, catalogue: Catalogue) -> tuple[Group, Kit]:
    """Hosts and storage systems: devices of the support racks, cooled with them."""
    assert record.max_power_kw is not None
    assert record.rack_units is not None
    name = record.name if isinstance(record, Host) else f"{record.vendor} {record.model}"
    kind = "storage" if isinstance(record, Storage) or entry.role == "storage" else "server"
    kw, height = record.max_power_kw, int(np.ceil(record.rack_units))
    average = kw * catalogue.tariff("train-average-ratio").value
    result = MoreResult(entry.server, name, entry.role, entry.servers, kw, entry.servers * kw, kw_average=average)
    kit = Kit("storage" if kind == "storage" else "server", name, height, entry.servers)
    return Group(result, average_kw=entry.servers * average), kit


def _method(server: Server, part: Facility, kw: float, servers: int, catalogue: Catalogue) -> str:
    """The cooling method of further racks: the hall's own.

    A rack sold as one product brings its own; beside such products the mildest method that holds the servers.
    """
    if server.level == "rack":
        return "rack_scale"
    if part.cooling != "rack_scale":
        return part.cooling
    options = cool.cooling_options(part, server, servers, kw, cool.feeds_of(part), catalogue)
    fine = [method.key for k, method in enumerate(options.methods) if options.feasible(k)]
    return fine[0] if fine else "containment"


def _with_accelerators(
    entry: MoreServers, server: Server, own: str, part: Facility, net: Network, catalogue: Catalogue
) -> tuple[Group, list[Finding]]:
    """Servers with accelerators in racks of their own."""
    if entry.server != own:
        part = part.model_copy(update=OF_A_MACHINE)
        net = net.model_copy(update={"fabric": None, "bandwidth_gbps": None})
    power = server_power(part, server, catalogue)
    kw, count = power.provisioned_kw, entry.servers
    assert kw is not None
    assert server.rack_units is not None
    method = _method(server, part, kw, count, catalogue)
    if method != part.cooling:
        part = part.model_copy(update={"cooling": method, **METHOD_LIMITS})
    options = cool.cooling_options(part, server, count, kw, cool.feeds_of(part), catalogue)
    i = options.index(method)
    placed, fine = options.placement, options.feasible(i)
    racks = float(placed.racks[i]) if fine else None
    size = part.rack_width_m, part.rack_depth_m
    cables = networks(net, count, server, (racks,), 0, size, catalogue, float(racks or count))
    network_kw = _network_kw(part, cables, count, kw, catalogue)
    reserved = (racks or 0.0) * float(options.rack.kva_reserved) * part.power_factor
    fraction = float(np.asarray(options.load.liquid_fraction)[i]) if fine else 0.0
    average = power.average_kw if power.average_kw is not None else kw
    found: list[Finding] = []
    if not fine:
        found.append(_impossible(entry, server, options, i, catalogue))
    if power.estimated is not None:
        shown = {"server": server.name, "kw": kw, "low": power.estimated.low_kw, "high": power.estimated.high_kw}
        found.append(Finding("facility_more_estimated", "ask", "cluster.more", shown))
    result = MoreResult(
        entry.server, server.name, entry.role, count, kw, count * kw + network_kw,
        cooling=method, racks=int(racks) if racks is not None else None,
        servers_per_rack=int(placed.per_rack[i]) if fine else 0,
        binding=placed.binding((i,)) if not options.excluded[i] else (),
        kva_per_rack=_known(placed.kva[i], fine), air_kw=_known(placed.air_kw[i], fine),
        liquid_kw=_known(placed.liquid_kw[i], fine), weight_kg=_known(placed.weight_kg[i], fine),
        point_kg_m2=_known(placed.point_kg_m2[i], fine), spread_kg_m2=_known(placed.spread_kg_m2[i], fine),
        switches=cables.figures.all_switches(), kw_average=average, network_kw=network_kw, network_usd=_usd(cables),
    )  # fmt: skip
    beside = max(min(network_kw, cables.known_kw), network_kw - reserved)
    return Group(
        result, cables, _drawn(options, part, server, count, i) if fine else (), network_kw, beside, reserved,
        count * average * (1.0 + network_kw / (count * kw)), count * kw * fraction, options.methods[i],
        overheads(part, catalogue, options.methods[i]), options,
    ), found  # fmt: skip


def _known(value: float, fine: bool) -> float | None:
    return float(value) if fine and np.isfinite(value) else None


def _network_kw(part: Facility, cables: Networks, count: int, kw: float, catalogue: Catalogue) -> float:
    """Power of the fabric: counted where every switch's power is known, else the share that stands for it."""
    if part.other_power_share is not None:
        return count * kw * part.other_power_share
    if count == 1 or not cables.unknown:
        return cables.known_kw
    return max(cables.known_kw, count * kw * catalogue.tariff("other-power-share").value)


def _usd(cables: Networks) -> float | None:
    figure = cables.figures.get("price_usd")
    return None if figure is None else figure.value


def _drawn(options: cool.CoolingOptions, part: Facility, server: Server, count: int, i: int) -> tuple[DrawnRack, ...]:
    rack = options.rack

    def limit(values: object) -> float | None:
        value = float(np.asarray(values)[i])
        return value if np.isfinite(value) else None

    liquid = limit(rack.liquid_kw) if float(np.asarray(options.load.liquid_fraction)[i]) else None
    return compute_racks(options, part, server.name, count, i, RackBars(limit(rack.kva), limit(rack.air_kw), liquid))


def _impossible(
    entry: MoreServers, server: Server, options: cool.CoolingOptions, i: int, catalogue: Catalogue
) -> Finding:
    """No rack of the hall holds one of these servers: with which method one would."""
    fine = [method for k, method in enumerate(options.methods) if options.feasible(k)]
    shown: dict[str, object] = {"server": server.name, "method": cool.method_words(options.methods[i])}
    if not fine:
        return Finding("facility_more_impossible", "bad", "cluster.more", shown)
    shown["other"] = cool.method_words(fine[0])
    return Finding("facility_more_elsewhere", "bad", "cluster.more", shown)


def joined_pue(pue: float, own_kw: float, k_electric: float, more: More) -> float:
    """Return the PUE of the hall with the racks of further types, each cooled by its own method.

    ``1 + k_elec + ((PUE - 1 - k_elec) * own + sum of heat * overhead) / all``, heat split into air and liquid.

    Parameters
    ----------
    pue
        Of the plan's servers with what stands in the support racks.
    own_kw
        Their power in kW, above zero.
    k_electric
        Electrical losses over the IT power.
    more
        The further types.
    """
    return float(joined_months(np.array(pue), own_kw, k_electric, more, seasonal=False))


def joined_months(
    pues: np.ndarray[tuple[int, ...], np.dtype[np.float64]], own_kw: float, k_electric: float, more: More,
    *, seasonal: bool = True,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:  # fmt: skip
    """Return :func:`joined_pue` of each month.

    Parameters
    ----------
    pues
        PUE of each month without the further racks, shape (12,); or one of the year.
    own_kw
        Power in kW that they are for, above zero.
    k_electric
        Electrical losses over the IT power.
    more
        The further types.
    seasonal
        Whether the overheads of the further racks follow the months.
    """
    spent, whole = (pues - 1.0 - k_electric) * own_kw, own_kw
    for group in more.groups:
        if group.cooling is None:
            continue
        kw = group.servers_kw + group.network_kw
        air, liquid = (group.cooling.air_months, group.cooling.liquid_months) if seasonal else (1.0, 1.0)
        spent = (
            spent
            + (kw - group.liquid_kw) * group.cooling.k_air * air
            + group.liquid_kw * group.cooling.k_liquid * liquid
        )
        whole += kw
    return 1.0 + k_electric + spent / whole
