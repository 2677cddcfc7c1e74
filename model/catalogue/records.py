"""The kinds of catalogue records; what all of them have is in :mod:`model.catalogue.record`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mitsumori.model.catalogue.record import (
    _WEAK_KINDS,
    USER_SOURCE,
    Count,
    Frozen,
    Grade,
    NonNegative,
    Positive,
    Price,
    Record,
    RecordSource,
    Share,
    Source,
    Status,
    shipped_sources,
)

__all__ = [
    "USER_SOURCE",
    "_WEAK_KINDS",
    "Accelerator",
    "CloudInstance",
    "CloudStorage",
    "CoolingMethod",
    "Count",
    "FabricDefault",
    "Feed",
    "Frozen",
    "Grade",
    "ModelRecord",
    "Network",
    "Nic",
    "NonNegative",
    "Positive",
    "PowerFigure",
    "Price",
    "Record",
    "RecordSource",
    "Server",
    "Share",
    "Source",
    "Status",
    "Storage",
    "Surrogate",
    "Tariff",
    "UtilityClass",
    "shipped_sources",
]


class Accelerator(Record):
    """A GPU, TPU or other processor that trains.

    Attributes
    ----------
    peak_tflops
        Dense peak by precision (fp64, fp64_matrix, fp32, tf32, bf16, fp16, fp8, fp4), 1e12 FLOP/s; a missing
        precision is unknown or not supported.
    matmul_tflops
        Best measured dense matrix product by precision.
    memory_gb, usable_gib
        Capacity as sold (1e9 bytes) and as the driver shows it (2^30 bytes).
    hbm_bandwidth_tbps
        Memory bandwidth, 1e12 bytes/s.
    link_uni_gbytes_per_s, link_bidir_gbytes_per_s
        Scale-up link of one accelerator, one direction and both, 1e9 bytes/s.
    scaleup_domain
        Accelerators joined by that link.
    link_mesh
        Whether it joins each pair by wires of its own (no switch): two of n then have one (n - 1)th of it.
    host_link_uni_gbytes_per_s
        Link of one accelerator to its own processor where that is not PCIe (NVLink-C2C), one direction, 1e9 bytes/s.
    """

    name: str
    vendor: str
    family: str
    year: int | None = None
    availability: str = "shipping"
    peak_tflops: Mapping[str, Positive] = {}
    matmul_tflops: Mapping[str, Positive] = {}
    memory_type: str | None = None
    memory_gb: Positive
    usable_gib: Positive | None = None
    hbm_bandwidth_tbps: Positive | None = None
    link_name: str | None = None
    link_uni_gbytes_per_s: Positive | None = None
    link_bidir_gbytes_per_s: Positive | None = None
    scaleup_domain: Count = 1
    link_mesh: bool = False
    pcie_gen: Count | None = None
    host_link_uni_gbytes_per_s: Positive | None = None
    tdp_w: Positive | None = None
    tdp_low_w: Positive | None = None
    tdp_high_w: Positive | None = None
    form_factor: str | None = None
    cooling: str | None = None
    price: Price | None = None

    @property
    def usable_bytes(self) -> float:
        """Memory a program sees: ``usable_gib`` where known, else the capacity as sold, in bytes."""
        return self.usable_gib * 2.0**30 if self.usable_gib is not None else self.memory_gb * 1e9


class Nic(Frozen):
    """Network adapters of one kind in a server; ``gbps`` is gigabits a second a port."""

    count: Count
    gbps: Positive
    use: str = ""


class Surrogate(Frozen):
    """Power figures of another machine, to plan with until the maker's own are known."""

    of: str
    note: str
    max_power_kw: Positive | None = None
    train_peak_kw: Positive | None = None
    train_avg_kw: Positive | None = None
    idle_kw: Positive | None = None


@dataclass(frozen=True, slots=True)
class PowerFigure:
    """A server's power on one basis: kW or None, whether it is borrowed, the record path, and the note to print."""

    kw: float | None
    is_surrogate: bool
    path: str
    note: str | None


PowerBasis = Literal["max", "peak", "average", "idle"]
"""Rated maximum, training peak, training average, idle."""
_POWER_FIELDS = {"max": "max_power_kw", "peak": "train_peak_kw", "average": "train_avg_kw", "idle": "idle_kw"}


class Server(Record):
    """A server, or a whole rack sold as one product (``level`` rack).

    ``max_power_kw``, ``train_peak_kw``, ``train_avg_kw`` and ``idle_kw`` are the machine's own figures; where they
    are unknown, ``surrogate`` may hold another machine's. :meth:`power` gives one or the other and says which.
    ``psu_surviving_kw`` is what the supplies keep alive under the printed redundancy: a limit, never a draw.
    ``rack_units_air`` is the height of the air-cooled build where it differs, ``air_accelerators`` the accelerators that
    are sold with air (empty: all), ``inlet_c_max`` the warmest air it takes at full load. ``not_for_sale`` says why no
    search, remedy or comparison names the machine unless the plan has it or somebody asks for it: it is only rented, no
    longer sold, or stands at a desk and in no hall.
    """

    vendor: str
    model: str
    name: str
    part_number: str | None = None
    level: Literal["server", "rack"] = "server"
    accelerator: str
    accelerator_options: tuple[str, ...] = ()
    accelerators: Count
    rack_units: Positive | None = None
    rack_units_air: Positive | None = None
    air_accelerators: tuple[str, ...] = ()
    depth_mm: Positive | None = None
    inlet_c_max: Positive | None = None
    max_power_kw: Positive | None = None
    train_peak_kw: Positive | None = None
    train_avg_kw: Positive | None = None
    idle_kw: Positive | None = None
    observed_note: str | None = None
    surrogate: Surrogate | None = None
    psu_count: Count | None = None
    psu_watts: Positive | None = None
    psu_redundancy: str | None = None
    psu_surviving_kw: Positive | None = None
    inlet_voltage: str | None = None
    cpu: str | None = None
    memory_gb: Positive | None = None
    nics: tuple[Nic, ...] = ()
    cooling: str | None = None
    liquid_heat_fraction: Share | None = None
    weight_kg: Positive | None = None
    price: Price | None = None
    not_for_sale: Literal["rented", "withdrawn", "desk"] | None = None

    def power(self, basis: PowerBasis) -> PowerFigure:
        """Return the power of one server on a basis: rated maximum, training peak, training average or idle."""
        name = _POWER_FIELDS[basis]
        own: float | None = getattr(self, name)
        if own is None and self.surrogate is not None:
            borrowed: float | None = getattr(self.surrogate, name)
            if borrowed is not None:
                return PowerFigure(borrowed, True, f"surrogate.{name}", self.surrogate.note)
        return PowerFigure(own, False, name, self.observed_note if basis in {"peak", "average"} else None)

    @property
    def compute_nics(self) -> tuple[Nic, ...]:
        """The adapters of the compute fabric (``use`` starts with "compute"); empty when unknown."""
        return tuple(nic for nic in self.nics if nic.use.startswith("compute"))

    @property
    def compute_nic_count(self) -> int | None:
        """Compute ports of the server, None when unknown."""
        return sum(nic.count for nic in self.compute_nics) or None

    @property
    def compute_nic_gbps(self) -> float | None:
        """Rate of one compute port in gigabits a second, None when unknown."""
        return min((nic.gbps for nic in self.compute_nics), default=None)

    def _is_weak(self, path: str) -> bool:
        return path.startswith("surrogate.") or super()._is_weak(path)


class Network(Record):
    """A switch, adapter or appliance; ``gbps_per_port`` is gigabits a second, ``latency_ns`` port to port."""

    kind: str
    model: str
    part_number: str | None = None
    ports: Count | None = None
    gbps_per_port: Positive | None = None
    rack_units: Positive | None = None
    power_typ_w: Positive | None = None
    power_max_w: Positive | None = None
    weight_kg: Positive | None = None
    latency_ns: Positive | None = None
    price: Price | None = None


class FabricDefault(Record):
    """The fabric a plan assumes for an accelerator family whose server's NICs are unknown."""

    switch: str
    nic: str
    nics_per_accelerator: Positive
    gbps: Positive


class Storage(Record):
    """A unit of shared storage; rates in 1e9 bytes/s."""

    vendor: str
    model: str
    rack_units: Positive | None = None
    read_gbytes_per_s: Positive | None = None
    write_gbytes_per_s: Positive | None = None
    max_power_kw: Positive | None = None
    ports: str | None = None
    raw_capacity_tb: Positive | None = None
    price: Price | None = None


_JAPAN = ("japan", "tokyo", "osaka", "ap-northeast-1", "ap-northeast-3", "asia-northeast1", "asia-northeast2", "fukuoka",
          "ishikari", "kagawa", "kashiwa", "hokkaido", "hyogo")  # fmt: skip
"""What the names of regions in Japan contain."""


class CloudInstance(Record):
    """A rented instance with list prices per hour for the whole instance, in ``currency``.

    ``prices`` keys: on_demand_per_h, reserved_1y_per_h, reserved_3y_per_h, spot_per_h, per_month, and rarer terms as
    published (capacity_block_per_h, flex_start_per_h, quoted_per_h, per_day, accelerated_use_per_h).
    """

    provider: str
    instance: str
    accelerator: str | None = None
    accelerators: Count | None = None
    vcpu: Positive | None = None
    ram_gib: Positive | None = None
    network_gbps: Positive | None = None
    region: str
    currency: str
    prices: Mapping[str, NonNegative] = {}
    price_date: str | None = None
    tax: str | None = None
    confidence: Literal["good", "fair", "weak", "stale", "none"] = "none"

    @property
    def has_price(self) -> bool:
        """True when any price of the instance is known."""
        return bool(self.prices)

    @property
    def in_japan(self) -> bool:
        """Whether it can be rented in Japan: in a Japanese region, or in every region of its provider."""
        return any(name in self.region.casefold() for name in _JAPAN)

    def _is_weak(self, path: str) -> bool:
        return (path.startswith("prices") and self.confidence in {"weak", "stale"}) or super()._is_weak(path)

    def _date(self, path: str) -> str | None:
        return self.price_date if path.startswith("prices") else None


class CloudStorage(Record):
    """A storage or egress price of a provider, per ``unit``; a file system's throughput grows with its capacity."""

    provider: str
    kind: str
    region: str
    unit: str
    price: NonNegative | None = None
    currency: str
    price_date: str | None = None
    mb_per_s_per_tib: Positive | None = None

    def _date(self, path: str) -> str | None:
        return self.price_date if path == "price" else None


class ModelRecord(Record):
    """A published model: its shape and what its makers say of it.

    ``architecture`` holds the fields of :class:`model.architecture.transformer.Architecture` (numbers; absent means that
    class's default), so ``Architecture(**record.architecture)`` is the shape. It is empty when ``supported`` is false.

    Attributes
    ----------
    params_b, active_params_b
        Published total and active parameters, 1e9; None when the makers print only a size class.
    size_class
        The round size in the model's name, e.g. ``"20B"``; not a count.
    run_names
        The names under which the published runs (resources/runs/) list the model.
    max_context
        The longest sequence that the published configuration states (``max_position_embeddings``), tokens; None where unknown.
    rope
        Rotary position embedding as ``config.json`` spells it: ``rope_theta``, and with a scaling ``rope_type``, ``factor``
        and its other keys; ``partial_rotary_factor`` where only a part of a head turns. Empty where there is none or it
        is unknown. No estimate needs it; the export carries it.
    """

    name: str
    family: str
    developer: str
    released: str | None = None
    size_class: str | None = None
    params_b: Positive | None = None
    active_params_b: Positive | None = None
    seq_len: Count | None = None
    max_context: Count | None = None
    rope: Mapping[str, float | int | bool | str] = {}
    norm: Literal["rmsnorm", "layernorm"] = "rmsnorm"
    supported: bool = True
    unsupported_reason: str | None = None
    run_names: tuple[str, ...] = ()
    architecture: Mapping[str, int | float] = {}


class CoolingMethod(Record):
    """A way to cool a rack.

    Attributes
    ----------
    air_cap_kw, liquid_cap_kw
        Default heat a rack may give to air (the room, the row cooler or the door) and to the cold plates or the
        tank, kW; None is unknown (ask), 0 is none.
    liquid_fraction
        Share of a server's heat that goes to liquid at the chip, where the server's own share is unknown.
    k_air, k_liq
        Cooling overhead per kW of heat on each path, for ``PUE = 1 + k_elec + (1-f)*k_air + f*k_liq``.
    range_low_kw, range_high_kw
        Practical range printed by sources.
    water_supply_c
        Supply temperature of the water that the limits and coefficients stand for.
    wue
        Water that evaporates, L per kWh of IT; None takes the hybrid coolers' of the tariffs.
    ladder
        Order of preference, mildest first.
    """

    name_ja: str
    name_en: str
    ladder: Count
    rack_kva: Positive | None = None
    air_cap_kw: NonNegative | None = None
    liquid_cap_kw: NonNegative | None = None
    liquid_fraction: Share | None = None
    k_air: NonNegative | None = None
    k_liq: NonNegative | None = None
    range_low_kw: NonNegative | None = None
    range_high_kw: NonNegative | None = None
    needs_liquid_server: bool = False
    water_supply_c: Positive | None = None
    wue: NonNegative | None = None


class Tariff(Record):
    """One figure of money, energy or environment with its range: ``value`` in ``unit``."""

    group: str
    name_ja: str
    name_en: str
    unit: str
    value: NonNegative
    low: NonNegative | None = None
    high: NonNegative | None = None
    date: str | None = None

    def _date(self, path: str) -> str | None:
        return self.date


class Feed(Record):
    """A rack feed: volts, amperes, phases and the share a continuous load may use."""

    name_ja: str
    name_en: str
    volts: Positive
    amperes: Positive
    phases: Literal[1, 3]
    continuous_share: Share = 0.8

    @property
    def kva(self) -> float:
        """Apparent power: ``V*A/1000``, times sqrt(3) for three phases."""
        return self.volts * self.amperes / 1000.0 * (3.0**0.5 if self.phases == 3 else 1.0)

    @property
    def usable_kva(self) -> float:
        """Apparent power a continuous load may draw."""
        return self.kva * self.continuous_share


class UtilityClass(Record):
    """A supply class of Japanese utilities by contract power: at least ``min_kw``, under ``max_kw`` (None: no end)."""

    name_ja: str
    name_en: str
    min_kw: NonNegative
    max_kw: Positive | None = None
    supply_kv: str | None = None
