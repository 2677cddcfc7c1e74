"""What a server draws, on each basis, and what a hall draws over a year.

Racks, feeds and cooling are sized by the provisioned power (rated maximum unless the user chooses capped or measured);
energy is computed from the training average. Nameplates (the sum of the power supplies) are never a load. Nodes of one
synchronous job peak together: their diversity is 1. Sources: docs/method.md 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.figure import Provenance
from mitsumori.model.base.rounding import ceil_guarded, floor_guarded
from mitsumori.model.base.units import HOURS_PER_YEAR
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_provenance
from mitsumori.model.catalogue.records import USER_SOURCE, Accelerator, PowerBasis, Server
from mitsumori.model.plan.plan import Facility

IDLE_SHARE: Final = 0.25
"""Idle power over rated maximum where no figure exists. An assumption: no 8-GPU maker publishes idle power, so a plan
that is idle for part of the year says that it rests on this and asks for the figure."""

NEAR_YEARS: Final = 1
"""Accelerators that came out so many years apart at most are of one time, as far as watts per operation go."""
INTERVAL_PERCENTILES: Final = (5.0, 50.0, 95.0)
"""Ends and middle of what accelerators of one time draw per operation; 28 of 34 known TDPs lie between, left out in turn."""
MAXIMUM_RULE: Final = "estimate: accelerators at TDP plus what rated machines draw beside them; docs/method.md, 6.1"
"""What stands as the provenance of a maximum that no maker publishes."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """An estimated rated maximum of one server in kW with its interval."""

    kw: float
    low_kw: float
    high_kw: float


@lru_cache(maxsize=8)
def _beside(catalogue: Catalogue) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """What a rated server draws beside its accelerators: kW an accelerator, and over their TDP; low, median, high.

    Read from the servers of the catalogue whose maker's maximum was read (DGX A100, H100, H200, B200, B300; XE9680);
    figures that are only recalled teach nothing.
    """
    kw, ratio = [], []
    for server in catalogue.servers().values():
        tdp = catalogue.accelerators()[server.accelerator].tdp_w
        if server.level != "server" or server.max_power_kw is None or tdp is None or USER_SOURCE in _sources(server):
            continue
        known = server.provenance("max_power_kw")
        if known is not None and known.status == "recalled":
            continue
        rest = server.max_power_kw / server.accelerators - tdp / 1000.0
        if rest > 0:
            kw.append(rest)
            ratio.append(rest / (tdp / 1000.0))

    def spread(values: list[float]) -> tuple[float, float, float]:
        return min(values), median(values), max(values)

    return spread(kw), spread(ratio)


def _sources(record: Server | Accelerator) -> set[str]:
    return {source for source, _ in record.prov.values()}


@lru_cache(maxsize=64)
def accelerator_kw(key: str, catalogue: Catalogue) -> tuple[float, float, float] | None:
    """Return low, middle and high power of one accelerator in kW: its TDP three times, else an estimate from its time.

    ``dense bf16 (else fp16) rate * watts per TFLOP/s`` of the accelerators that came out within :data:`NEAR_YEARS` and whose
    TDP is known: the median, and the 5th and 95th percentile as the interval. None where rate or year is unknown.

    Parameters
    ----------
    key
        Key of the accelerator.
    catalogue
        Records of the project.
    """
    record = catalogue.accelerators()[key]
    if record.tdp_w is not None:
        return (record.tdp_w / 1000.0,) * 3
    rate, year = _dense_tflops(record), record.year
    if rate is None or year is None:
        return None
    near = [
        other.tdp_w / of
        for other in catalogue.accelerators().values()
        if other.tdp_w is not None and other.year is not None and abs(other.year - year) <= NEAR_YEARS
        and (of := _dense_tflops(other)) is not None and USER_SOURCE not in _sources(other)
    ]  # fmt: skip
    if not near:
        return None
    low, middle, high = (float(value) * rate / 1000.0 for value in np.percentile(near, INTERVAL_PERCENTILES))
    return low, middle, high


def _dense_tflops(record: Accelerator) -> float | None:
    return record.peak_tflops.get("bf16") or record.peak_tflops.get("fp16")


def estimated_maximum(server: Server, catalogue: Catalogue) -> Estimated | None:
    """Return the rated maximum of a server that no maker publishes, with its interval.

    ``N * (TDP + rest)``, where ``rest`` is what rated servers draw beside an accelerator (median; the interval spans the
    smallest to the largest), in kW and never more than the same in proportion to the TDP, so that a server of small cards
    is not given the fans of a large one; never above the sum of the supplies. A machine whose training peak is measured
    takes ``peak / train-peak-ratio`` instead, from the peak itself up to an average ratio. Where the TDP is not published
    either it is estimated (:func:`accelerator_kw`). None where nothing is known.
    """
    ratio = catalogue.tariff("train-peak-ratio").value
    if server.train_peak_kw is not None:
        low = server.train_peak_kw
        return _rounded(low / ratio, low, low / catalogue.tariff("train-average-ratio").value)
    each = accelerator_kw(server.accelerator, catalogue)
    if each is None:
        return None
    low, middle, high = (
        server.accelerators * (one + min(a, b * one)) for one, a, b in zip(each, *_beside(catalogue), strict=True)
    )
    if server.psu_count is not None and server.psu_watts is not None:
        most = server.psu_count * server.psu_watts / 1000.0
        low, middle, high = (min(value, most) for value in (low, middle, high))
    if server.train_avg_kw is not None:
        low, middle, high = (max(value, server.train_avg_kw) for value in (low, middle, high))
    return _rounded(middle, low, high)


def _rounded(middle: float, low: float, high: float) -> Estimated:
    """Ends and estimate in whole hundred watts, the low end down and the others up."""
    up = ceil_guarded(np.array([middle, high]) * 10.0) / 10.0
    return Estimated(float(up[0]), float(floor_guarded(low * 10.0)) / 10.0, float(up[1]))


@dataclass(frozen=True, slots=True)
class ServerPower:
    """Power of one server in kW, None where unknown, each with its provenance.

    Attributes
    ----------
    max_kw
        Rated maximum.
    provisioned_kw
        What racks and cooling are sized by, after the basis.
    average_kw, idle_kw
        In training and between trainings, for energy.
    surrogate_of
        The server whose figures stand in, or None.
    peak_assumed, average_assumed, idle_assumed
        True where a ratio stands in for a measurement of this machine.
    """

    max_kw: float | None
    provisioned_kw: float | None
    average_kw: float | None
    idle_kw: float | None
    max_provenance: Provenance | None
    provisioned_provenance: Provenance | None
    average_provenance: Provenance | None
    idle_provenance: Provenance | None
    surrogate_of: str | None = None
    peak_assumed: bool = False
    average_assumed: bool = False
    idle_assumed: bool = False
    estimated: Estimated | None = None
    """The estimate that stands in for a maximum that nobody publishes."""


@lru_cache(maxsize=64)
def server_power(part: Facility, server: Server, catalogue: Catalogue) -> ServerPower:
    """Return what a server draws: the user's figures first, then the catalogue's, then stated ratios of the maximum.

    A maximum that nobody publishes is estimated (:func:`estimated_maximum`) and marked, so that racks and energy are never
    blank.

    ``capped`` sizes by ``cap_fraction`` of the maximum, ``measured`` by the measured training peak; where no peak of
    this machine is known, ``train-peak-ratio`` of the maximum (8.4 / 10.2 kW, Latif et al. 2025) stands in. The average
    never exceeds what the basis allows.

    Parameters
    ----------
    part
        The plan's facility part.
    server
        Record of the server.
    catalogue
        Records of the project.
    """
    surrogate_of: str | None = None

    def known(user: float | None, path: str, basis: PowerBasis) -> tuple[float | None, Provenance | None]:
        nonlocal surrogate_of
        if user is not None:
            return user, Provenance("user", path)
        figure = server.power(basis)
        if figure.kw is None:
            return None, None
        if figure.is_surrogate and server.surrogate is not None:
            surrogate_of = server.surrogate.of
        return figure.kw, record_provenance(server, "servers", figure.path)

    maximum, max_provenance = known(part.server_max_kw, "facility.server_max_kw", "max")
    peak, peak_provenance = known(part.server_peak_kw, "facility.server_peak_kw", "peak")
    average, average_provenance = known(part.server_average_kw, "facility.server_average_kw", "average")
    idle, idle_provenance = known(part.server_idle_kw, "facility.server_idle_kw", "idle")
    if part.server_max_kw is None and server.max_power_kw is not None:
        surrogate_of = None
    peak_assumed = average_assumed = idle_assumed = False
    estimated = None
    if maximum is None:
        estimated = estimated_maximum(server, catalogue)
        if estimated is not None:
            maximum = estimated.kw if peak is None else max(estimated.kw, peak)
            max_provenance = Provenance("default", MAXIMUM_RULE, "Mitsumori docs/method.md, 6.1", grade="C")
    if peak is None and maximum is not None:
        ratio = catalogue.tariff("train-peak-ratio")
        peak, peak_assumed = maximum * ratio.value, True
        peak_provenance = record_provenance(ratio, "tariffs", "value")
    if average is None and maximum is not None:
        ratio = catalogue.tariff("train-average-ratio")
        average, average_assumed = maximum * ratio.value, True
        average_provenance = record_provenance(ratio, "tariffs", "value")
    if idle is None and maximum is not None:
        idle, idle_assumed = maximum * IDLE_SHARE, True
        idle_provenance = Provenance("default", "idle power: 25 % of the rated maximum (assumption)")
    provisioned, provenance = maximum, max_provenance
    if part.power_basis == "capped" and maximum is not None:
        provisioned = maximum * part.cap_fraction
        provenance = Provenance("formula", "facility.cap_fraction * rated maximum")
    elif part.power_basis == "measured":
        provisioned, provenance = peak, peak_provenance
    if average is not None and provisioned is not None and part.power_basis == "capped":
        average = min(average, provisioned)
    if idle is not None and average is not None:
        idle = min(idle, average)
    return ServerPower(
        maximum,
        provisioned,
        average,
        idle,
        max_provenance,
        provenance,
        average_provenance,
        idle_provenance,
        surrogate_of,
        part.power_basis == "measured" and peak_assumed,
        average_assumed,
        idle_assumed,
        estimated,
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """Low and high end of each power of one server in kW where its maximum is estimated; equal ends elsewhere."""

    provisioned_kw: tuple[float, float]
    average_kw: tuple[float, float]
    idle_kw: tuple[float, float]


def power_spread(part: Facility, server: Server, catalogue: Catalogue, power: ServerPower) -> Spread | None:
    """Return the ends that an estimated maximum leaves; None where the maximum is known.

    Parameters
    ----------
    part
        The plan's facility part.
    server
        Record of the server.
    catalogue
        Records of the project.
    power
        Power of one server.
    """
    if power.estimated is None:
        return None
    ends = [
        server_power(part.model_copy(update={"server_max_kw": kw}), server, catalogue)
        for kw in (power.estimated.low_kw, power.estimated.high_kw)
    ]

    def pair(name: str) -> tuple[float, float]:
        low, high = (float(getattr(end, name) or 0.0) for end in ends)
        return low, high

    return Spread(pair("provisioned_kw"), pair("average_kw"), pair("idle_kw"))


def it_energy_kwh(servers: Num, average_kw: Num, idle_kw: Num, utilization: Num, other_share: Num) -> Floats:
    """Return the IT energy of a year, ``8760 * (u * P_avg + (1 - u) * P_idle) * N * (1 + other)`` (docs/method.md 6.9).

    Parameters
    ----------
    servers
        Servers of the fleet.
    average_kw, idle_kw
        Of one server while training and between trainings.
    utilization
        Share of the year in training, 0-1.
    other_share
        Power of network, storage and management over that of the servers.
    """
    busy = np.asarray(utilization, dtype=np.float64)
    energy: Floats = HOURS_PER_YEAR * (busy * average_kw + (1.0 - busy) * idle_kw) * servers * (1.0 + other_share)
    return energy
