"""What the rest of an estimate tells money about a plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mitsumori.model.base.figure import Figure
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import CloudInstance, CoolingMethod, Server, Storage
from mitsumori.model.facility.results import MoreResult


@dataclass(frozen=True, slots=True)
class CostInputs:
    """What the rest of the estimate tells money about one plan.

    Attributes
    ----------
    servers, accelerators
        Machines bought, spare ones included; accelerators of those that train.
    spare_servers, more
        Spare ones of them; servers of further types.
    racks, support_racks
        Racks with servers, and with network and storage.
    kva_contract, contract_kw, it_kva
        Rented or contracted kVA of the racks; contract power at the utility in kW; apparent power the hall must give.
    it_busy_kw, it_idle_kw, it_max_kw
        IT power of the whole cluster (network and storage included) while training, idle, and at its rated maximum
        (None: unknown; only the sensitivity to power needs it).
    pue, site_power_factor
        As in the facility result.
    tokens_per_s, goodput, training_days
        Of the whole cluster while training; share of hours that make progress; days of one training, interruptions
        included (None: there is no such training).
    storage_bytes
        Capacity of the storage, for the cloud's storage bill (None: unknown).
    storage_write_bytes_per_s
        Rate at which checkpoints are written, which sizes a managed file system (None: unknown).
    storage_unit, storage_units
        Record of the storage system and how many of it (None: there is none, or its number is unknown).
    checkpoint_s, restart_s
        Seconds a checkpoint holds training up; seconds from a stop to training again.
    guided
        Plan paths of prices that are published guide values taken over, not quotations.
    network_usd
        The network's list price, counted part by part, in dollars (None or unknown: not every part has a price; ``high``
        is then what the share by rule does not exceed).
    network_share
        The network's price over that of the servers where it is not counted (None: by rule).
    voltage_class, utility
        Supply class of the contract: low, high or special_high; the utility's key, None where none is named.
    cloud_speed
        Useful tokens a second of one rented accelerator over one owned, as predicted; 1 for the same accelerator.
    busy_share
        Share of all hours in which the machines work where serving decides it; None: training does.
    training_days_low, training_days_high
        Ends of the interval of ``training_days`` (None: it has none).
    by_calendar
        The plan's utilization is that of the project's calendar, not a typed one.
    once
        One training within the horizon: what is rented by the month is rented for its time alone.
    """

    servers: int
    accelerators: int
    racks: int
    support_racks: int
    kva_contract: float
    contract_kw: float
    it_busy_kw: float
    it_idle_kw: float
    pue: float
    tokens_per_s: float | None
    goodput: float
    training_days: float | None
    catalogue: Catalogue
    server: Server
    cloud_instance: CloudInstance | None = None
    cooling: CoolingMethod | None = None
    it_max_kw: float | None = None
    it_kva: float | None = None
    site_power_factor: float = 0.98
    hall_kva_free: float | None = None
    storage_bytes: float | None = None
    storage_write_bytes_per_s: float | None = None
    checkpoint_s: float = 60.0
    restart_s: float = 600.0
    runs_per_year: float | None = None
    start_date: dt.date | None = None
    cloud_speed: float = 1.0
    voltage_class: str = "high"
    utility: str | None = None
    once: bool = False
    busy_share: float | None = None
    training_days_low: float | None = None
    training_days_high: float | None = None
    by_calendar: bool = False
    network_usd: Figure | None = None
    network_share: Figure | None = None
    guided: tuple[str, ...] = ()
    storage_unit: Storage | None = None
    storage_units: float | None = None
    spare_servers: int = 0
    generating: int = 0
    more: tuple[MoreResult, ...] = ()

    @property
    def accelerators_per_server(self) -> float:
        """Accelerators that one training server gives."""
        return (self.accelerators - self.generating) / (self.servers - self.spare_servers)
