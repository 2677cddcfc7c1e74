"""The networks of a plan: compute fabric, storage and in-band, out-of-band; their power, cables, price and latency.

Switches are counted by :mod:`model.facility.fabric`; cables and optics are chosen by reach, the cheapest that is long
enough, so that denser racks save metres, optics and nanoseconds. Where every device has a price the network is counted at
list prices; else it is a share of the servers' price that follows the links.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats
from mitsumori.model.base.figure import Figure, Provenance, unknown
from mitsumori.model.base.findings import Finding
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.links import Link
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.records import Network as NetworkRecord
from mitsumori.model.catalogue.records import Price, Server, Tariff
from mitsumori.model.facility.elevation import Kit
from mitsumori.model.facility.fabric import Fabric, cabling, fat_tree_of, server_lengths, several
from mitsumori.model.facility.results import NetworkFigures
from mitsumori.model.plan.plan import Network as PlanNetwork

__all__ = ["Networks", "networks", "share_by_rule", "switch_kw"]

_TREE = Provenance(
    "formula", "fat tree of equal switches, rail-optimised", "NVIDIA DGX SuperPOD reference architectures"
)
_CABLE = Provenance("formula", "cable length: |dx| + |dy| + 2 * 1.5 m + 1 m, rows of ten racks")
_COUNTED = Provenance("formula", "switches, cables and optics at list prices", "Mitsumori docs/method.md, 7", grade="C")
_LATENCY = Provenance(
    "formula", "switch hops, metres of cable and one packet on the wire", "Mitsumori docs/method.md, 7"
)
_MANAGED = Provenance("formula", "four management ports a server, one a switch; two switches a rack-scale system")

NS_PER_M: Final = 4.9
"""Delay of a metre of fibre (index 1.468); passive copper is 4.5 (NVIDIA MCP1650 specifications)."""
PACKET_BITS: Final = 4096 * 8
"""One packet of 4 KiB, the usual MTU of InfiniBand."""
TRAY_ACCELERATORS: Final = 4
"""Accelerators of one tray of a rack-scale system: its rails."""
MANAGEMENT_PORTS: Final = 4
"""Management ports of a server: its controller, two data processing units, its share of PDUs (40 DGX B300: 4 switches)."""
SECOND_M: Final = 7.0
"""Metres of a cable of the storage and in-band fabric: as far as the rows of a few racks (an assumption)."""
SMALL_SERVERS: Final = 16
"""Servers that cost the small share of the network; each one more costs the large share."""


def switch_kw(record: NetworkRecord) -> float | None:
    """Return the power to plan a switch with: the maximum (with optics), else the typical, else None."""
    watts = record.power_max_w if record.power_max_w is not None else record.power_typ_w
    return None if watts is None else watts / 1000.0


def share_record(servers: int, catalogue: Catalogue) -> Tariff:
    """The record behind :func:`share_by_rule`: of small fleets up to 16 servers, else of large ones."""
    return catalogue.tariff(f"network-share-{'small' if servers <= SMALL_SERVERS else 'large'}")


def share_by_rule(servers: int, catalogue: Catalogue) -> float:
    """Return the network's price over that of the servers where no prices are known.

    ``(s min(N, 16) + l max(0, N - 16)) / N``: 15 % for the first 16 servers, 19 % for each one more (Cottier et al., arXiv
    2405.21015), so that nothing jumps where the second begins.
    """
    small, large = (catalogue.tariff(f"network-share-{size}").value for size in ("small", "large"))
    few = min(servers, SMALL_SERVERS)
    return (small * few + large * (servers - few)) / servers


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks of a plan.

    Attributes
    ----------
    kits
        Devices to rack.
    known_kw, unknown
        Power of all whose power is known; names of the others.
    figures, names
        For people.
    fabric
        Counts of the compute fabric, None where unknown.
    cable_m, cable_usd, latency_ns
        By cooling method: metres, price of cables and optics, and the time from one end of the cluster to the other.
    """

    kits: tuple[Kit, ...]
    known_kw: float
    unknown: tuple[str, ...]
    figures: NetworkFigures
    names: dict[str, str]
    fabric: Fabric | None
    cable_m: Floats | None
    cable_usd: Floats | None
    latency_ns: Floats | None
    findings: tuple[Finding, ...]


@dataclass
class _Making:
    """The networks under construction.

    ``usd`` is low, middle and high of what is priced, None once a price is unknown; ``non_blocking_cables`` are the cables
    that the compute fabric would have if it were not oversubscribed.
    """

    catalogue: Catalogue
    kits: list[Kit] = field(default_factory=list)
    known_kw: float = 0.0
    unknown: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    usd: Floats | None = field(default_factory=lambda: np.zeros(3))
    non_blocking_cables: float = 0.0

    def add(self, device: NetworkRecord, count: float, label: str) -> None:
        """Rack, power and price some devices."""
        if not count:
            return
        kw = switch_kw(device)
        if kw is None:
            self.unknown.append(device.model)
        else:
            self.known_kw += kw * count
        # One unit more for its cables: network racks are not packed tight (SuperPOD H100: 87 devices in six racks).
        self.kits.append(Kit("switch", label, int(np.ceil(device.rack_units or 1)) + 1, int(count)))
        self.pay(device.price, count)

    def pay(self, price: Price | None, count: float) -> None:
        """Add a price in dollars; none known ends the counting."""
        if price is None or price.currency != "USD":
            self.usd = None
        elif self.usd is not None:
            self.usd = self.usd + count * np.array([price.low, price.middle, price.high])


def _links_at(catalogue: Catalogue, gbps: float) -> list[Link]:
    return [link for link in catalogue.links().values() if link.gbps == gbps]


def link_usd(links: list[Link], lengths_m: Floats) -> Floats:
    """Return low, middle and high price of the cheapest link that reaches each length; shape (3, lengths), NaN where none."""
    each = []
    for link in links:
        metres = link.price_per_m * np.maximum(0.0, lengths_m - 1.0)
        price = np.array([link.price.low, link.price.middle, link.price.high])[:, None] + metres
        each.append(np.where(lengths_m <= link.reach_m, price, np.inf))
    if not each:
        return np.full((3, lengths_m.size), np.nan)
    stacked = np.stack(each)
    best = stacked[:, 1].argmin(axis=0)
    found: Floats = np.take_along_axis(stacked, best[None, None, :], axis=0)[0]
    return np.where(np.isfinite(found), found, np.nan)


@lru_cache(maxsize=64)
def networks(
    net: PlanNetwork, servers: int, server: Server, laid: tuple[float | None, ...], chosen: int,
    size: tuple[float, float], catalogue: Catalogue, priced_racks: float, beside: tuple[int, int] = (0, 0),
) -> Networks:  # fmt: skip
    """Count, power and price every network of a plan.

    Parameters
    ----------
    net
        The plan's network part.
    servers
        Servers of the fleet, 1 or more; a number or an array.
    server
        Record of the server.
    catalogue
        Records of the project.
    laid
        Compute racks by cooling method, None where the placement is impossible.
    chosen
        The plan's method among them.
    size
        Width and depth of a rack in metres.
    priced_racks
        Compute racks that the price is counted for.
    beside
        Ports of the storage and in-band fabric, and of management, that other devices of the hall take.
    """
    made = _Making(catalogue)
    racks = np.array(laid, dtype=np.float64)
    switch, fabric, gbps = _compute(made, net, servers, server)
    metres = usd = latency = None
    if fabric is not None and servers > 1 and switch is not None:
        metres, usd, latency = _laid(made, fabric, switch, gbps, racks, chosen, size, priced_racks)
    if servers > 1 or any(beside):
        second = _second(made, server, servers, switch, beside[0])
        _managed(made, server, servers, (fabric, second), switch, beside[1])
    else:
        made.usd = None  # nothing is counted for a server alone
    _priced(made, servers, fabric)
    if servers == 1 and made.usd is None:
        two = networks(net, 2, server, laid, chosen, size, catalogue, priced_racks, beside).figures.price_usd
        if two is not None and two.value is not None:
            # Its share costs no more than the counted network of two, whatever the server costs.
            made.figures["price_usd"] = replace(made.figures["price_usd"], high=two.value)
    return Networks(
        tuple(made.kits), made.known_kw, tuple(made.unknown), NetworkFigures(**made.figures), made.names, fabric, metres, usd,
        latency, tuple(made.findings),
    )  # fmt: skip


def _compute(
    made: _Making, net: PlanNetwork, servers: int, server: Server
) -> tuple[NetworkRecord | None, Fabric | None, float]:
    """The compute fabric: its switch, its counts and the rate of one link."""
    catalogue = made.catalogue
    default = catalogue.default_fabric(server)
    ports, rate = (default.ports, default.gbps) if default is not None else (0, 0.0)
    switch = None
    if net.fabric is not None:
        switch = catalogue.network(net.fabric)
    elif default is not None and default.switch is not None:
        switch = catalogue.network(default.switch)
    fabric: Fabric | None = None
    gbps = rate
    if servers == 1:
        fabric = fat_tree_of(1, 1, 2)
    elif switch is not None and switch.ports and ports:
        port_rate = switch.gbps_per_port or rate
        planes = 2 if switch.kind.startswith("eth") and rate == port_rate == 800.0 else 1
        if planes == 2:
            # Spectrum-X in two planes: each adapter of 800G is two links of 400G, one into either plane.
            gbps, nodes, rails = rate / 2.0, servers, ports
            if server.level == "rack":
                nodes, rails = servers * -(-ports // TRAY_ACCELERATORS), TRAY_ACCELERATORS
            size = nodes, rails, int(switch.ports * port_rate // gbps)
        else:
            # A faster port breaks out into whole ports of the adapters' rate; a faster adapter takes several ports.
            split = max(1, int(port_rate // rate))
            ports *= max(1, int(np.ceil(rate / port_rate)))
            gbps = min(rate, port_rate)
            size = servers, ports, switch.ports * split
        fabric = several(fat_tree_of(*size, net.oversubscription, net.rails), planes)
        made.non_blocking_cables = float(several(fat_tree_of(*size, 1.0, net.rails), planes).cables)
        made.figures["planes"] = Figure(float(planes), "", _TREE)
        made.names["switch"] = switch.model
        _told(made, default is not None and default.assumed, fabric, switch, server, ports, rate)
    else:
        made.findings.append(Finding("network_switch_unknown", "ask", "network.fabric", {"server": server.name}))
        made.unknown.append("switch")
        made.usd = None
    _counted(made, fabric)
    return switch, fabric, gbps


def _told(
    made: _Making, assumed: bool, fabric: Fabric, switch: NetworkRecord, server: Server, ports: int, rate: float
) -> None:
    """Findings, devices and power of the compute fabric's switches."""
    if assumed:
        shown = {"server": server.name, "ports": ports, "gbps": rate}
        made.findings.append(Finding("network_nics_assumed", "info", "network.fabric", shown))
    if fabric.tiers >= 4:
        made.findings.append(Finding("network_too_large", "warn", "network.fabric", {"switch": switch.model}))
    for tier in ("leaf", "spine", "core"):
        made.add(switch, float(getattr(fabric, tier)), f"{switch.model} ({tier})")
    made.unknown[:] = list(dict.fromkeys(made.unknown))
    count, own_kw, why = float(fabric.switches), switch_kw(switch), "network_switch_power_unknown"
    if switch.power_max_w is not None and switch.power_typ_w is not None:
        # The maximum is with optical modules in every cage, the typical with passive copper: the difference is what
        # optics may draw, an upper bound that is part of the switches' power.
        optics = (switch.power_max_w - switch.power_typ_w) / 1000.0 * count
        made.figures["optics_kw"] = Figure(optics, "kW", record_provenance(switch, "networks", "power_max_w"))
    else:
        made.figures["optics_kw"] = unknown(why, "kW")
    made.figures["switch_kw"] = (
        unknown(why, "kW")
        if own_kw is None
        else Figure(own_kw * count, "kW", record_provenance(switch, "networks", "power_max_w"))
    )


def _counted(made: _Making, fabric: Fabric | None) -> None:
    figures = made.figures
    if fabric is None:
        for name in ("leaf", "spine", "core", "switches", "cables", "cable_ends", "tiers", "optics"):
            figures[name] = unknown("network_switch_unknown")
        return
    for name in ("leaf", "spine", "core", "switches", "cables", "cable_ends", "tiers", "oversubscription"):
        figures[name] = Figure(float(getattr(fabric, name)), "", _TREE)
    figures["optics"] = Figure(float(fabric.cable_ends), "", _TREE)
    # Twin-port cages: two cable ends in one module.
    figures["cages"] = Figure(float(np.ceil(fabric.cable_ends / 2.0)), "", _TREE)


def _laid(
    made: _Making, fabric: Fabric, switch: NetworkRecord, gbps: float, racks: Floats, chosen: int,
    size: tuple[float, float], priced_racks: float,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Metres, price and latency of the compute cables under every cooling method, and what is paid for them."""
    cabled = cabling(racks, fabric, *size)
    links = _links_at(made.catalogue, gbps)

    @cache  # several cooling methods take as many racks
    def price_of(count: float) -> Floats:
        ends = link_usd(links, server_lengths(count, fabric, *size)).mean(axis=1) * float(fabric.endpoints)
        if not float(fabric.uplinks):
            return ends
        spine = np.array([float(cabling(count, fabric, *size).spine_mean_m)])
        whole: Floats = ends + link_usd(links, spine)[:, 0] * float(fabric.uplinks)
        return whole

    usd = np.array([price_of(count)[1] if np.isfinite(count) else np.nan for count in racks.tolist()])
    tiers = min(3, int(fabric.tiers))
    hops, latency = 2 * tiers - 1, switch.latency_ns
    wire = 2.0 * cabled.server_max_m + 2.0 * (tiers - 1) * cabled.spine_mean_m
    ns = wire * NS_PER_M + PACKET_BITS / gbps + (np.nan if latency is None else hops * latency)
    ns = np.where(np.isfinite(racks), ns, np.nan)
    if np.isfinite(racks[chosen]):
        for name in ("server_mean_m", "server_max_m", "spine_mean_m", "total_m"):
            made.figures[f"cable_{name}"] = Figure(float(getattr(cabled, name)[chosen]), "m", _CABLE)
        if np.isfinite(ns[chosen]):
            made.figures["latency_ns"] = Figure(float(ns[chosen]), "ns", _LATENCY)
        made.figures["hops"] = Figure(float(hops), "", _TREE)
    paid = price_of(priced_racks)
    if not np.all(np.isfinite(paid)):
        made.usd = None
    else:
        made.figures["cable_usd"] = Figure(float(paid[1]), "USD", _COUNTED, float(paid[0]), float(paid[2]))
        made.usd = None if made.usd is None else made.usd + paid
    return cabled.total_m, usd, ns


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


def _in_pairs(nodes: int, ports: int, width: int) -> Fabric:
    """A two-tier tree with an even number of leaves: that of the next larger fleet that fills one; else as it is."""
    tree = fat_tree_of(nodes, ports, width, 1.0, False)
    for more in range(nodes, nodes + width):
        wider = fat_tree_of(more, ports, width, 1.0, False)
        if wider.tiers != 2:
            break
        if float(wider.leaf) % 2 == 0:
            return wider
    return tree


def _second(made: _Making, server: Server, servers: int, switch: NetworkRecord | None, beside: int) -> Fabric | None:
    """Storage and in-band fabric on the server's other adapters, with ``beside`` ports for hosts and storage systems.

    Data processing units (converged networks) go to Ethernet switches of 800G in pairs, half of a server's ports to either.
    """
    catalogue = made.catalogue
    other = [nic for nic in server.nics if not nic.use.startswith("compute")]
    if not other:
        made.figures["storage_switches"] = unknown("network_storage_nics_unknown")
        return None
    rate, ports = max(nic.gbps for nic in other), sum(nic.count for nic in other)
    converged = rate == 400.0 and any("BlueField" in nic.use for nic in other)
    second = catalogue.network("SN5610") if converged else _switch_at(rate, switch, catalogue)
    if second is None or not second.ports:
        made.figures["storage_switches"] = unknown("network_storage_nics_unknown")
        return None
    width = int(second.ports * max(1.0, (second.gbps_per_port or rate) // rate))
    nodes = servers + -(-beside // ports)
    tree = _in_pairs(nodes, ports, width) if converged else fat_tree_of(nodes, ports, width, 1.0, False)
    made.figures["storage_switches"] = Figure(float(tree.switches), "", _TREE)
    made.names["storage_switch"] = second.model
    made.add(second, float(tree.switches), f"{second.model} (storage, in-band)")
    price = link_usd(_links_at(catalogue, rate), np.array([SECOND_M]))[:, 0]
    if not np.all(np.isfinite(price)):
        made.usd = None
    elif made.usd is not None:
        made.usd = made.usd + price * (servers * ports + beside + float(tree.uplinks))
    return tree


def _managed(
    made: _Making, server: Server, servers: int, fabrics: tuple[Fabric | None, ...], switch: NetworkRecord | None,
    beside: int,
) -> None:  # fmt: skip
    """Out-of-band switches, and the two managers of an InfiniBand fabric of more than one switch."""
    catalogue = made.catalogue
    device = catalogue.network("SN2201")
    switches = sum(float(fabric.switches) for fabric in fabrics if fabric is not None)
    if server.level == "rack":
        ports = switches + beside
        count = 2.0 * servers + float(np.ceil(beside / (device.ports or 1)))
    else:
        ports = MANAGEMENT_PORTS * servers + switches + beside
        count = float(np.ceil(ports / (device.ports or 1)))
    made.figures["oob_switches"] = Figure(float(count), "", _MANAGED)
    made.add(device, float(count), f"{device.model} (out-of-band)")
    copper = _links_at(catalogue, 1.0)
    if made.usd is not None and copper:
        made.usd = made.usd + link_usd(copper, np.array([10.0]))[:, 0] * ports
    fabric = fabrics[0]
    if switch is not None and switch.kind.startswith("ib") and fabric is not None and fabric.tiers >= 2:
        made.add(catalogue.network("UFM-NDR"), 2.0, "UFM")


def _priced(made: _Making, servers: int, fabric: Fabric | None) -> None:
    """The network's price: counted where every part has one, whatever the servers cost; else a share of their price."""
    figures = made.figures
    if made.usd is not None:
        low, middle, high = made.usd.tolist()
        switches = NetworkFigures(**figures).all_switches()
        origin = replace(_COUNTED, what=f"counted at list prices: {switches} switches, {float(fabric.cables):.0f} cables"
                         ) if fabric is not None else _COUNTED  # fmt: skip
        figures["price_usd"] = Figure(middle, "USD", origin, low, high)
        return
    figures["price_usd"] = unknown("network_price_unknown", "USD")
    ratio = 1.0
    if fabric is not None and made.non_blocking_cables:
        # The share is that of a non-blocking fabric; one with fewer links costs less in proportion.
        ratio = min(1.0, float(fabric.cables) / made.non_blocking_cables)
    provenance = record_provenance(share_record(servers, made.catalogue), "tariffs", "value")
    figures["price_share"] = Figure(share_by_rule(servers, made.catalogue) * ratio, "", provenance)
