"""What a server draws, on each basis, and what a hall draws over a year.

Racks, feeds and cooling are sized by the provisioned power (rated maximum unless the user chooses capped or measured);
energy is computed from the training average. Nameplates (the sum of the power supplies) are never a load. Nodes of one
synchronous job peak together: their diversity is 1. Sources: docs/method.md 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mitsumori.model.base.arrays import Floats, Num
from mitsumori.model.base.figure import Parent
from mitsumori.model.base.memo import remembered
from mitsumori.model.base.units import HOURS_PER_YEAR
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_parent
from mitsumori.model.catalogue.records import Server
from mitsumori.model.plan.plan import Facility

IDLE_SHARE: Final = 0.25
"""Idle power over rated maximum where no figure exists. An assumption: no 8-GPU maker publishes idle power, so a plan
that is idle for part of the year says that it rests on this and asks for the figure."""

TDP_RATIO: Final = 1.8
"""Rated server maximum over the sum of its accelerators' TDP: DGX H100 10.2 / 5.6 = 1.82, DGX B200 14.3 / 8.0 = 1.79.
Only offered to the user as a stand-in for an unknown maximum, never used unasked."""


@dataclass(frozen=True, slots=True)
class ServerPower:
    """Power of one server in kW, None where unknown, each with its parent.

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
    max_parent: Parent | None
    provisioned_parent: Parent | None
    average_parent: Parent | None
    idle_parent: Parent | None
    surrogate_of: str | None = None
    peak_assumed: bool = False
    average_assumed: bool = False
    idle_assumed: bool = False


@remembered(same=("server", "catalogue"))
def server_power(part: Facility, server: Server, catalogue: Catalogue) -> ServerPower:
    """Return what a server draws: the user's figures first, then the catalogue's, then stated ratios of the maximum.

    ``capped`` sizes by ``cap_fraction`` of the maximum, ``measured`` by the measured training peak; where no peak of
    this machine is known, ``train-peak-ratio`` of the maximum (8.4 / 10.2 kW, Latif et al. 2025) stands in. The average
    never exceeds what the basis allows.
    """
    surrogate_of: str | None = None

    def known(user: float | None, path: str, basis: Any) -> tuple[float | None, Parent | None]:
        nonlocal surrogate_of
        if user is not None:
            return user, Parent("user", path)
        figure = server.power(basis)
        if figure.kw is None:
            return None, None
        if figure.is_surrogate and server.surrogate is not None:
            surrogate_of = server.surrogate.of
        return figure.kw, record_parent(server, "servers", figure.path)

    maximum, max_parent = known(part.server_max_kw, "facility.server_max_kw", "max")
    peak, peak_parent = known(part.server_peak_kw, "facility.server_peak_kw", "peak")
    average, average_parent = known(part.server_average_kw, "facility.server_average_kw", "average")
    idle, idle_parent = known(part.server_idle_kw, "facility.server_idle_kw", "idle")
    if part.server_max_kw is None and server.max_power_kw is not None:
        surrogate_of = None
    peak_assumed = average_assumed = idle_assumed = False
    if peak is None and maximum is not None:
        ratio = catalogue.tariff("train-peak-ratio")
        peak, peak_assumed = maximum * ratio.value, True
        peak_parent = record_parent(ratio, "tariffs", "value")
    if average is None and maximum is not None:
        ratio = catalogue.tariff("train-average-ratio")
        average, average_assumed = maximum * ratio.value, True
        average_parent = record_parent(ratio, "tariffs", "value")
    if idle is None and maximum is not None:
        idle, idle_assumed = maximum * IDLE_SHARE, True
        idle_parent = Parent("default", "idle power: 25 % of the rated maximum (assumption)")
    provisioned, parent = maximum, max_parent
    if part.power_basis == "capped" and maximum is not None:
        provisioned = maximum * part.cap_fraction
        parent = Parent("formula", "facility.cap_fraction * rated maximum")
    elif part.power_basis == "measured":
        provisioned, parent = peak, peak_parent
    if average is not None and provisioned is not None and part.power_basis == "capped":
        average = min(average, provisioned)
    if idle is not None and average is not None:
        idle = min(idle, average)
    return ServerPower(
        maximum,
        provisioned,
        average,
        idle,
        max_parent,
        parent,
        average_parent,
        idle_parent,
        surrogate_of,
        part.power_basis == "measured" and peak_assumed,
        average_assumed,
        idle_assumed,
    )


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
