"""Results of the facility estimate: racks, power and cooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as default

from mitsumori.model.base.figure import Figure, Figures, SomeFigures, unknown
from mitsumori.model.base.findings import Finding
from mitsumori.model.facility.elevation import DrawnRack
from mitsumori.model.facility.feeds import FeedUse
from mitsumori.model.facility.supply import Month


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One cooling option. ``binding`` names the limits, tightest first; ``why`` a finding when infeasible."""

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
class MoreResult:
    """Servers of a further type in the hall (``cluster.more``).

    Attributes
    ----------
    server, name, role, servers
        Key and name of the record, what they are for, and how many.
    kw_each, kw_average
        Power that one is sized by, and over the year, kW.
    kw
        Power of all with their own fabric.
    cooling
        Method of their own racks; "" where they stand in the support racks.
    racks, servers_per_rack, binding
        Their racks (0 in the support racks, None where a rack holds none of them) and what limits them.
    kva_per_rack, air_kw, liquid_kw, weight_kg, point_kg_m2, spread_kg_m2
        Of their fullest rack; None unknown.
    switches, network_kw, network_usd
        Their own fabric: switches, power, and price in dollars (None: no price is known).
    """

    server: str
    name: str
    role: str
    servers: int
    kw_each: float
    kw: float
    cooling: str = ""
    racks: int | None = 0
    servers_per_rack: int = 0
    binding: tuple[str, ...] = ()
    kva_per_rack: float | None = None
    air_kw: float | None = None
    liquid_kw: float | None = None
    weight_kg: float | None = None
    point_kg_m2: float | None = None
    spread_kg_m2: float | None = None
    switches: int = 0
    kw_average: float = 0.0
    network_kw: float = 0.0
    network_usd: float | None = None

    def document(self) -> dict[str, object]:
        """As plain data."""
        return asdict(self) | {"binding": list(self.binding)}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in force at the chosen cooling method, and what follows from them; None: no limit, or not known.

    Attributes
    ----------
    rack_kva, usable_kva
        Contract of a rack, and what of it servers may draw.
    air_limit_kw, liquid_limit_kw
        Heat that air and liquid take away from a rack.
    rack_units, weight_limit_kg
        Height in U and load of a rack.
    servers
        Servers a rack by limit.
    relax
        For each limit that binds, the plan's path and the value that admits one server more.
    feeds
        Circuits of each catalogued kind that the fullest rack needs, on all sides.
    racks_one_fewer
        Racks with one server fewer in each.
    power_basis, redundancy
        As in the plan.
    support_kva, support_air_kw
        Limits of a rack with network and storage.
    first_feasible, cheapest
        Cooling methods, the first of the list that holds a server and the one that costs least to run.
    names
        Switch and storage unit by what they are.
    cable_m, cable_usd, latency_ns
        Metres of cable, their price and the longest path by cooling method; None where the fabric is unknown.
    """

    rack_kva: float | None
    power_basis: str
    usable_kva: float | None = None
    air_limit_kw: float | None = None
    liquid_limit_kw: float | None = None
    rack_units: int | None = None
    weight_limit_kg: float | None = None
    servers: Mapping[str, int] = default(default_factory=dict)
    relax: Mapping[str, float] = default(default_factory=dict)
    feeds: Mapping[str, int] = default(default_factory=dict)
    racks_one_fewer: int | None = None
    redundancy: str = ""
    support_kva: float = 0.0
    support_air_kw: float = 0.0
    first_feasible: str | None = None
    cheapest: str | None = None
    names: Mapping[str, str] = default(default_factory=dict)
    cable_m: Mapping[str, float] | None = None
    cable_usd: Mapping[str, float] | None = None
    latency_ns: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False)
class HallFigures(Figures):
    """Figures of servers, the fullest rack and the hall beside the main ones; ``*_kw`` are kW, ``*_kva`` kVA.

    Attributes
    ----------
    provisioned_kw, max_kw, average_kw, idle_kw, psu_surviving_kw
        Of one server: what it is sized by, its rated maximum, in training, idle, and what its supplies keep after a lost feed.
    fullest, spare, weight_kg, point_kg_m2, spread_kg_m2
        Of the fullest rack: servers, share left of the tightest limit, weight, and load of the floor below it and with aisles.
    total_racks
        Compute and support racks, those of further servers included.
    other_kw, other_share, compute_kw, it_kva
        Network, storage and management, over the servers, the servers' own power, and apparent IT power.
    more_kw, more_average_kw
        Spare servers and servers of further types with their networks, at full load and over the year.
    it_average_kw, facility_average_kw, it_kwh_per_year
        Over the year.
    hall_air_kw, hall_liquid_kw, liquid_share
        Heat to air and to liquid, and the liquid's share.
    cooling_and_losses_kw, electrical_losses_kw, cooling_kw
        What the PUE adds, and its parts.
    water_l_per_min, water_l_per_min_rack, air_m3_per_h_rack, refrigeration_tons
        Flows and chiller size.
    ups_kva, generator_kva
        Sizes of UPS and generators.
    hall_kva_left, hall_cooling_kw_left, hall_racks_left
        Room left in the hall; unknown without its size.
    wue, co2_kg_per_kwh, liquid_heat_fraction
        Water in L/kWh, emissions, and the liquid share of a server's heat, as used.
    contract_kw, peak_pue
        Contract power, and the PUE of the hottest month.
    """

    provisioned_kw: Figure
    max_kw: Figure
    average_kw: Figure
    idle_kw: Figure
    psu_surviving_kw: Figure
    fullest: Figure
    spare: Figure
    weight_kg: Figure
    point_kg_m2: Figure
    spread_kg_m2: Figure
    total_racks: Figure
    other_kw: Figure
    other_share: Figure
    compute_kw: Figure
    it_kva: Figure
    it_average_kw: Figure
    facility_average_kw: Figure
    it_kwh_per_year: Figure
    hall_air_kw: Figure
    hall_liquid_kw: Figure
    cooling_and_losses_kw: Figure
    electrical_losses_kw: Figure
    cooling_kw: Figure
    liquid_share: Figure
    water_l_per_min: Figure
    water_l_per_min_rack: Figure
    refrigeration_tons: Figure
    air_m3_per_h_rack: Figure
    ups_kva: Figure
    generator_kva: Figure
    hall_kva_left: Figure
    hall_cooling_kw_left: Figure
    hall_racks_left: Figure
    wue: Figure
    co2_kg_per_kwh: Figure
    contract_kw: Figure
    peak_pue: Figure
    liquid_heat_fraction: Figure
    more_kw: Figure
    more_average_kw: Figure

    @classmethod
    def unknown(cls, reason: str) -> HallFigures:
        """All unknown for one reason."""
        return cls(*(unknown(reason) for _ in cls.NAMES))


@dataclass(frozen=True, eq=False)
class NetworkFigures(SomeFigures):
    """What connects the servers; a figure is None where the plan has no such part.

    Attributes
    ----------
    planes
        Independent planes of the compute fabric.
    optics_kw, switch_kw
        Power of its optics, an upper bound within that of its switches, and of the switches, kW.
    leaf, spine, core, switches
        Switches by tier, and all.
    cables, cable_ends, optics, cages
        Cables, their ends, transceivers and the cages they fill.
    tiers, oversubscription
        Tiers of the tree (1-4), and links into a leaf over links out of it.
    cable_server_mean_m, cable_server_max_m, cable_spine_mean_m, cable_total_m
        Lengths of cable, m.
    latency_ns, hops
        Longest way between two servers, ns, and the switches on it.
    cable_usd
        Price of compute cables and optics, USD.
    storage_switches, oob_switches
        Switches for storage and in-band traffic, and for management.
    price_usd, price_share
        Price of all networks, USD, and its share of the servers' price. A server alone has no price but, as ``high``, the
        counted one of two, which its share does not exceed.
    """

    planes: Figure | None = None
    optics_kw: Figure | None = None
    switch_kw: Figure | None = None
    leaf: Figure | None = None
    spine: Figure | None = None
    core: Figure | None = None
    switches: Figure | None = None
    cables: Figure | None = None
    cable_ends: Figure | None = None
    tiers: Figure | None = None
    oversubscription: Figure | None = None
    optics: Figure | None = None
    cages: Figure | None = None
    cable_server_mean_m: Figure | None = None
    cable_server_max_m: Figure | None = None
    cable_spine_mean_m: Figure | None = None
    cable_total_m: Figure | None = None
    latency_ns: Figure | None = None
    hops: Figure | None = None
    cable_usd: Figure | None = None
    storage_switches: Figure | None = None
    oob_switches: Figure | None = None
    price_usd: Figure | None = None
    price_share: Figure | None = None

    def all_switches(self) -> int:
        """Switches of every network that is counted: compute, storage and in-band, out-of-band."""
        counted = (self.switches, self.storage_switches, self.oob_switches)
        return round(sum(figure.value or 0.0 for figure in counted if figure is not None))


@dataclass(frozen=True, eq=False)
class StorageFigures(SomeFigures):
    """What the storage must hold and how fast; a figure is None where the plan has no such part.

    Attributes
    ----------
    dataset_bytes, checkpoint_bytes
        The data set, and one checkpoint.
    capacity_bytes, storage_pb
        All of it with the checkpoints kept, in bytes and PB.
    write_bytes_per_s
        Rate at which a checkpoint must be written, B/s.
    units
        Storage units; None without shared storage.
    checkpoint_s
        Time of one checkpoint, s.
    interval_s, mtbf_s, goodput
        Time between checkpoints and between failures, s, and the share of time that training keeps.
    """

    dataset_bytes: Figure | None = None
    checkpoint_bytes: Figure | None = None
    capacity_bytes: Figure | None = None
    storage_pb: Figure | None = None
    write_bytes_per_s: Figure | None = None
    units: Figure | None = None
    checkpoint_s: Figure | None = None
    interval_s: Figure | None = None
    mtbf_s: Figure | None = None
    goodput: Figure | None = None


@dataclass(frozen=True, eq=False)
class WaterFigures(SomeFigures):
    """Liquid cooling of the hall; all but the supply temperature None where no heat goes to liquid.

    Attributes
    ----------
    supply_c
        Supply temperature of the water, C.
    cdus, cdu_spare, cdu_rack_units
        Distribution units, how many of them are spare, and the rack units that each takes.
    cdu_kw, cdu_pump_kw, air_kw
        Heat that a distribution unit carries, power of the pumps, and the heat left to air, kW.
    coolant_l, coolant_kg, coolant_l_per_min
        Filling of the loops at the chips, litres and kg, and its flow, L/min.
    leak_sensors
        Leak detectors: one in each rack with liquid, one at each distribution unit.
    """

    supply_c: Figure | None = None
    cdus: Figure | None = None
    cdu_spare: Figure | None = None
    cdu_rack_units: Figure | None = None
    cdu_kw: Figure | None = None
    cdu_pump_kw: Figure | None = None
    air_kw: Figure | None = None
    coolant_l: Figure | None = None
    coolant_kg: Figure | None = None
    coolant_l_per_min: Figure | None = None
    leak_sensors: Figure | None = None


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
    limits: Limits
    details: HallFigures
    layout: tuple[DrawnRack, ...] = ()
    network: NetworkFigures = default(default_factory=NetworkFigures)
    storage: StorageFigures = default(default_factory=StorageFigures)
    water: WaterFigures = default(default_factory=WaterFigures)
    feeds: tuple[FeedUse, ...] = ()
    outlets: Mapping[str, int] = default(default_factory=dict)
    more: tuple[MoreResult, ...] = ()
    """Servers of further types."""
    months: tuple[Month, ...] = ()
    """Power and energy by month."""

    @property
    def racks_unsolved(self) -> bool:
        """Whether the racks wait for a figure of the server that nobody gave, and so may be cooled or not."""
        return self.racks.reason in ("facility_power_unknown", "facility_units_unknown")

    @property
    def server_racks(self) -> float | None:
        """Racks with servers, those of further types included; None where some cannot be placed."""
        counts = [self.racks.value, *(item.racks for item in self.more)]
        return None if None in counts else sum(count or 0.0 for count in counts)
