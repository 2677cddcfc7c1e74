"""The two sides of the comparison as lines of cost: renting and owning.

:class:`Case` holds everything money depends on, as numbers or as arrays over scenarios; :func:`cloud_lines` and
:func:`owned_lines` are the formulas, the only ones: one plan, the tornado, the two-way table and 100,000 draws all run
through them. An unknown amount is NaN. Amounts exclude consumption tax and come out in ``Case.currency``.

Both sides do the same useful work. Owning gives ``servers`` machines used a share ``utilization`` of all hours; renting
takes as many instances as give the same tokens a second, ``accelerators / instance_accelerators / speed``, for the same
hours. Rented by the hour they cost only the hours used, reserved ones every hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num, cached_for_one
from mitsumori.model.base.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from mitsumori.model.cost.cashflow import Stream, weighed
from mitsumori.model.cost.line_table import untaxed
from mitsumori.model.cost.money import exchange, product
from mitsumori.model.cost.month_shapes import MONTHS, prices_of_months, running_months, use_of_months
from mitsumori.model.cost.property_tax import property_tax

__all__ = ["Case", "Lines", "cloud_lines", "demand_charge", "kwh_per_year", "owned_lines", "spot_overhead"]


RE_LEASE_MONTHS_PER_YEAR: Final = 1.0
"""Re-lease (再リース): after the term of a lease a year of use costs about one month's rate, the custom of Japanese lessors."""
POWER_FACTOR_BASE: Final = 1.85
"""Power-factor clause of Japanese supply terms: the demand charge times (1.85 - PF); 15 % off at PF 1 (recalled)."""


@dataclass(frozen=True, slots=True)
class Case:
    """What money depends on. Each number may be an array over scenarios (all broadcast); unknown is NaN.

    Attributes
    ----------
    currency
        Of the result; ``*_currency`` of the prices.
    usd_jpy
        Yen for one dollar.
    server_price
        What the customer pays for one server.
    more_jpy, more_usd, more_network_usd
        Servers of further types by the currency of their prices, and their networks at list prices.
    months
        Horizon.
    utilization
        Share of all hours in which the machines train.
    racks, cooled_racks, kva
        Rented racks (support racks included), racks that need the cooling method, rented kVA.
    contract_kw
        Contract power of the utility.
    busy_kw, idle_kw
        IT power of the whole cluster while training and while idle, network and storage included.
    network_price
        NaN stands for ``network_share`` of the servers.
    colocated, leased, power_included
        1 or 0.
    equipment_shares, works_shares
        Assessed value over cost of each operating year, for the property tax; shape (years,).
    instance_accelerators, speed
        Accelerators of one instance; useful tokens a second of one rented accelerator over one owned.
    paid_when_idle, overhead
        1 for reserved; extra hours for interruptions as a share.
    price_decline, price_years
        Fall of the price of rented compute a year, 0-1; operating years for which a price holds, 3 for a reservation of three.
    electricity_escalation, wage_escalation
        Rise of the electricity's price and of wages a year, a share.
    ramp_months
        Months in which use grows evenly from none to ``utilization``, 0-12.
    payment_months
        Months from the start of operation to the payment of what is bought, 0-12.
    measured_peak
        1 where the demand charge follows the measured peak below :data:`MEASURED_BELOW_KW`.
    refresh_share, refresh_month
        Share of the machines' price that is spent on new ones in a month of the horizon.
    """

    currency: str = "JPY"
    server_currency: str = "JPY"
    onprem_currency: str = "JPY"
    cloud_currency: str = "USD"
    setup_currency: str = "USD"
    storage_currency: str = "USD"
    egress_currency: str = "USD"
    usd_jpy: Num = np.nan
    months: Num = 60.0
    utilization: Num = 0.7
    servers: Num = 1.0
    accelerators: Num = 8.0
    racks: Num = 1.0
    cooled_racks: Num = 1.0
    kva: Num = 0.0
    contract_kw: Num = 0.0
    busy_kw: Num = 0.0
    idle_kw: Num = 0.0
    pue: Num = 1.0
    server_price: Num = np.nan
    more_jpy: Num = 0.0
    more_usd: Num = 0.0
    more_network_usd: Num = 0.0
    network_price: Num = np.nan
    network_share: Num = 0.15
    storage_price: Num = np.nan
    installation_share: Num = 0.04
    cooling_per_rack: Num = np.nan
    power_works: Num = 0.0
    colocation_setup: Num = 0.0
    spares_share: Num = 0.0
    license_per_gpu_year: Num = 0.0
    license_per_server_year: Num = 0.0
    license_per_year: Num = 0.0
    maintenance_rate: Num = 0.05
    staff_fte: Num = 0.0
    staff_cost_per_year: Num = np.nan
    energy_jpy_per_kwh: Num = np.nan
    demand_jpy_per_kw_month: Num = 0.0
    power_factor: Num = 1.0
    rent_per_rack_month: Num = 0.0
    rent_per_kva_month: Num = 0.0
    power_included: Num = 0.0
    insurance_rate: Num = 0.0
    property_tax_rate: Num = 0.0
    residual_share: Num = 0.0
    lease_rate_per_month: Num = 0.0
    lease_months: Num = 60.0
    colocated: Num = 0.0
    leased: Num = 0.0
    equipment_shares: Array = field(default_factory=lambda: np.zeros(7))
    works_shares: Array = field(default_factory=lambda: np.zeros(7))
    instance_accelerators: Num = 8.0
    speed: Num = 1.0
    price_per_hour: Num = np.nan
    paid_when_idle: Num = 0.0
    overhead: Num = 0.0
    storage_gb: Num = 0.0
    storage_per_gb_month: Num = np.nan
    egress_gb_per_month: Num = 0.0
    egress_per_gb: Num = np.nan
    support_rate: Num = 0.0
    setup: Num = 0.0
    goodput_loss_share: Num = 0.0
    debugging_share: Num = 0.0
    cpu_nodes_per_month: Num = 0.0
    price_decline: float = 0.0
    price_years: int = 1
    electricity_escalation: float = 0.0
    wage_escalation: float = 0.0
    ramp_months: int = 0
    payment_months: float = 0.0
    measured_peak: Num = 0.0
    refresh_share: Num = 0.0
    refresh_month: int = 36
    disposal_per_server: Num = 0.0


@dataclass(frozen=True, slots=True)
class Lines:
    """Costs by line: at month 0, monthly, by operating year (paid in twelfths), and at the end of the horizon."""

    initial: Mapping[str, Num]
    monthly: Mapping[str, Num]
    yearly: Mapping[str, Array]
    final: Mapping[str, Num]
    shaped: Mapping[str, tuple[tuple[Num, Array], ...]] = field(default_factory=dict)
    """Amounts a month with a weight a month that come upon ``monthly`` (:class:`model.cost.cashflow.Stream`)."""
    paid_month: float = 0.0
    """Month at which ``initial`` is paid."""

    def stream(self, tax: Num = 0.0) -> Stream:
        """All lines as one stream of cost; ``tax`` is the consumption tax rate that stays a cost (0 where credited)."""
        yearly = np.asarray(_summed(self.yearly, tax)) if self.yearly else None
        shaped = tuple(
            (_summed({key: amount}, tax), weights) for key, parts in self.shaped.items() for amount, weights in parts
        )
        return Stream(
            _summed(self.initial, tax),
            _summed(self.monthly, tax),
            yearly,
            _summed(self.final, tax),
            shaped,
            self.paid_month,
        )

    def plain(self) -> Lines:
        """The lines without what comes upon the monthly costs in some months."""
        return replace(self, shaped={}) if self.shaped else self

    def totals(self, months: Num) -> dict[str, Num]:
        """Cost of each line over the horizon, undiscounted; in order of appearance."""
        out: dict[str, Num] = dict(self.initial)
        for key, value in self.monthly.items():
            out[key] = out.get(key, 0.0) + value * months
        for key, value in self.yearly.items():
            out[key] = out.get(key, 0.0) + (value * _used_share(months, value.shape[-1])).sum(axis=-1)
        for key, parts in self.shaped.items():
            for amount, weights in parts:
                out[key] = out.get(key, 0.0) + amount * weighed(weights, np.asarray(months, dtype=float))
        for key, value in self.final.items():
            out[key] = out.get(key, 0.0) + value
        return out

    def total(self, months: Num, tax: Num = 0.0) -> Num:
        """All lines over the horizon, undiscounted, with the consumption tax that stays a cost."""
        return _summed(self.totals(months), tax)


def _summed(part: Mapping[str, Num], tax: Num) -> Num:
    """The sum of some lines; the consumption tax rate ``tax`` comes upon those that are taxable."""
    taxed: Num = 0.0
    free: Num = 0.0
    free_of_tax = untaxed()
    for key, value in part.items():
        if key in free_of_tax:
            free = free + value
        else:
            taxed = taxed + value
    return taxed * (1.0 + tax) + free


@cached_for_one
def _used_share(months: Num, years: int) -> Num:
    """Share of each operating year that lies within the horizon."""
    return np.clip(np.asarray(months)[..., None] - 12.0 * np.arange(years), 0.0, 12.0) / 12.0


MEASURED_BELOW_KW: Final = 500.0
"""Contract power below which a customer at high voltage pays the demand charge by the highest half hour of the last twelve
months (実量制); from it on by the agreed power (協議制). Terms of supply of the Japanese utilities."""


def demand_kw(case: Case) -> Num:
    """Power that the demand charge counts: contracted, or the measured peak (``P_busy * PUE``) where that is asked for."""
    if isinstance(case.measured_peak, float) and not case.measured_peak:
        return case.contract_kw
    measured = np.logical_and(case.measured_peak, np.less(case.contract_kw, MEASURED_BELOW_KW))
    return np.where(measured, case.busy_kw * case.pue, case.contract_kw)


def kwh_per_year(case: Case) -> Num:
    """Energy at the meter of the hall: ``8760 * (u * P_busy + (1 - u) * P_idle) * PUE``."""
    u = case.utilization
    return 12.0 * HOURS_PER_MONTH * (u * case.busy_kw + (1.0 - u) * case.idle_kw) * case.pue


def owned_lines(case: Case) -> Lines:
    """Lines of owning.

    Formulas, amounts in ``case.currency``::

        servers      = n * sale price (:func:`model.cost.prices.sale_price`)       more_servers = their prices
        network      = price, or share * servers          storage     = price
        installation = share * (servers + more_servers + network + storage)
        spares       = share * servers                    cooling     = racks * price a rack
        maintenance  = rate * (servers + more_servers + network + storage) / 12      a month; insurance likewise
        licenses     = (GPUs * a + servers * b + c) / 12              staff = FTE * cost / 12
        electricity  = kWh / 12 * price + contract kW * demand charge * (1.85 - PF)
        rent         = racks * a + kVA * b                            (colocation)
        property_tax = rate * assessed value (:mod:`model.cost.property_tax`) of machines, installation and works
        residual     = - share * servers, at the end
        refresh      = share * (servers + network + storage), once    disposal = n * price, at the end

    Leasing replaces servers, network, storage and spares by ``rate * (their price)`` a month; the lessor pays tax and
    insurance, a lease longer than the horizon is paid out at its end, and after a shorter one the machines are leased
    again at one month's rate a year (:data:`RE_LEASE_MONTHS_PER_YEAR`).

    Electricity and staff are at the prices of the first year; rising prices and the growth of use come upon them by month
    (``shaped``): ``electricity_m = (E + D) * g_m - E_u * g_m * (1 - r_m)`` with ``g`` of :func:`prices_of_months`, ``r`` of
    :func:`use_of_months` and ``E_u`` the energy that training takes beyond idling.
    """
    fx = exchange(case.onprem_currency, case.currency, case.usd_jpy)
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    server_fx = exchange(case.server_currency, case.currency, case.usd_jpy)
    servers = case.servers * product(case.server_price, server_fx)
    given = case.network_price
    if isinstance(given, float):
        network = case.network_share * servers if given != given else given * fx
    else:
        network = np.where(np.isnan(given), case.network_share * servers, given * fx)
    storage = product(case.storage_price, fx)
    more_usd = case.more_usd + case.more_network_usd
    more = product(case.more_jpy, jpy) + product(more_usd, exchange("USD", case.currency, case.usd_jpy))
    hardware = servers + network + storage + more
    spares = case.spares_share * servers
    installation = case.installation_share * hardware
    bought = 1.0 - case.leased
    initial = {
        "servers": servers * bought,
        "more_servers": more * bought,
        "network": network * bought,
        "storage": storage * bought,
        "spares": spares * bought,
        "installation": installation,
        "cooling": product(case.cooled_racks, product(case.cooling_per_rack, fx)),
        "power_works": product(case.power_works, fx),
        "setup": product(case.colocated, product(case.colocation_setup, fx)),
    }
    metered = 1.0 - case.power_included
    energy = product(kwh_per_year(case) * (metered / 12.0), product(case.energy_jpy_per_kwh, jpy))
    demand = demand_charge(case)
    rent = product(case.racks, product(case.rent_per_rack_month, fx)) + product(
        case.kva, product(case.rent_per_kva_month, fx)
    )
    licenses = product(case.accelerators, product(case.license_per_gpu_year, fx)) + product(
        case.servers, product(case.license_per_server_year, fx)
    )
    licenses = licenses + product(case.license_per_year, fx)
    financed = hardware + spares
    lease = product(case.leased, case.lease_rate_per_month * financed)
    monthly = {
        "electricity": energy + demand,
        "rent": product(case.colocated, rent),
        "maintenance": case.maintenance_rate / 12.0 * hardware,
        "licenses": licenses / 12.0,
        "staff": product(case.staff_fte, product(case.staff_cost_per_year, fx)) / 12.0,
        "insurance": case.insurance_rate / 12.0 * hardware * bought,
    }
    tax = property_tax(
        (financed + installation) * bought, initial["cooling"] + initial["power_works"], case.property_tax_rate,
        case.equipment_shares, case.works_shares, jpy,
    )  # fmt: skip
    yearly = {"lease": np.asarray(lease)[..., None] * _lease_months(case), "property_tax": tax}
    left = np.maximum(case.lease_months - np.asarray(case.months, dtype=float), 0.0)
    final = {"lease": lease * left, "residual": -case.residual_share * servers * bought}
    if np.any(case.disposal_per_server):
        final["disposal"] = case.servers * product(case.disposal_per_server, fx) * bought
    shaped = _owned_changes(case, monthly, metered)
    if np.any(case.refresh_share):
        shaped["refresh"] = (
            (case.refresh_share * hardware * bought, np.where(case.refresh_month == MONTHS, 1.0, 0.0)),
        )
    return Lines(initial, monthly, yearly, final, shaped, case.payment_months)


def demand_charge(case: Case) -> Num:
    """Demand charge of a month in the first year, with the clause of the power factor; none where the rent has the power."""
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    each = demand_kw(case) * (1.0 - case.power_included) * (POWER_FACTOR_BASE - case.power_factor)
    return product(each, product(case.demand_jpy_per_kw_month, jpy))


def _owned_changes(case: Case, monthly: Mapping[str, Num], metered: Num) -> dict[str, tuple[tuple[Num, Array], ...]]:
    """What rising prices and the growth of use add to the first year's electricity and wages."""
    shaped: dict[str, tuple[tuple[Num, Array], ...]] = {}
    if case.electricity_escalation or case.ramp_months:
        price = prices_of_months(case.electricity_escalation)
        shaped["electricity"] = (
            (monthly["electricity"], price - running_months()),
            (used_energy(case) * metered, price * (use_of_months(case.ramp_months) - 1.0)),
        )
    if case.wage_escalation:
        shaped["staff"] = ((monthly["staff"], prices_of_months(case.wage_escalation) - running_months()),)
    return shaped


def used_energy(case: Case) -> Num:
    """Cost of a month's energy that training takes beyond idling: ``730 * u * (P_busy - P_idle) * PUE * price``."""
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    kwh = HOURS_PER_MONTH * case.utilization * (case.busy_kw - case.idle_kw) * case.pue
    return product(kwh, product(case.energy_jpy_per_kwh, jpy))


def _lease_months(case: Case) -> Array:
    """Monthly rates paid in each operating year, for a whole year at the pace of its months within the horizon.

    Shape (..., years). A year in which the term ends is paid evenly, so that its sum is right.
    """
    starts = 12.0 * np.arange(len(case.equipment_shares))
    months = np.asarray(case.months, dtype=float)[..., None]
    used = np.clip(months - starts, 0.0, 12.0)
    term = np.clip(np.minimum(np.asarray(case.lease_months, dtype=float)[..., None], months) - starts, 0.0, 12.0)
    paid = term + (used - term) * RE_LEASE_MONTHS_PER_YEAR / 12.0
    rates: Array = 12.0 * np.divide(paid, used, out=np.zeros_like(paid), where=used > 0.0)
    return rates


def cloud_lines(case: Case) -> Lines:
    """Lines of renting.

    Formulas, with a month of 730 hours::

        instances = accelerators / accelerators of an instance / speed
        compute   = instances * 730 * price * (1 when reserved, else u * (1 + overhead))
        goodput   = share * compute   debugging = share * compute        CPU nodes = price a month
        storage   = GB * price        egress = GB * price        support = rate * all of them

    The prices of compute and CPU nodes fall by ``price_decline`` each operating year (each time a reservation ends), and what
    is paid by the hour follows the growth of use; both come upon the first year's prices by month (``shaped``).
    """
    fx = exchange(case.cloud_currency, case.currency, case.usd_jpy)
    instances = case.accelerators / case.instance_accelerators / case.speed
    on_demand = case.utilization * (1.0 + case.overhead)
    share = case.paid_when_idle + (1.0 - case.paid_when_idle) * on_demand
    compute = instances * HOURS_PER_MONTH * share * product(case.price_per_hour, fx)
    storage_fx = exchange(case.storage_currency, case.currency, case.usd_jpy)
    storage = product(case.storage_gb, product(case.storage_per_gb_month, storage_fx))
    egress_fx = exchange(case.egress_currency, case.currency, case.usd_jpy)
    egress = product(case.egress_gb_per_month, product(case.egress_per_gb, egress_fx))
    setup_fx = exchange(case.setup_currency, case.currency, case.usd_jpy)
    beside: dict[str, Num] = {}
    if np.any(case.goodput_loss_share):
        beside["goodput"] = case.goodput_loss_share * compute
    if np.any(case.debugging_share):
        beside["debugging"] = case.debugging_share * compute
    if np.any(case.cpu_nodes_per_month):
        beside["cpu_nodes"] = product(case.cpu_nodes_per_month, setup_fx)
    served = compute + storage + egress
    for amount in beside.values():
        served = served + amount
    monthly = {"compute": compute, **beside, "storage": storage, "egress": egress,
               "support": product(case.support_rate, served)}  # fmt: skip
    return Lines(
        {"setup": product(case.setup, setup_fx)}, monthly, {}, {}, _rented_changes(case, {"compute": compute, **beside})
    )


def _rented_changes(case: Case, monthly: Mapping[str, Num]) -> dict[str, tuple[tuple[Num, Array], ...]]:
    """What falling prices and the growth of use take from the first year's compute, what goes with it, and its support."""
    if not case.price_decline and not case.ramp_months:
        return {}
    price = prices_of_months(-case.price_decline, case.price_years)
    hourly = 1.0 - case.paid_when_idle
    ramp = price * (use_of_months(case.ramp_months) - 1.0)
    shaped: dict[str, tuple[tuple[Num, Array], ...]] = {}
    supported: list[tuple[Num, Array]] = []
    for key, amount in monthly.items():
        parts: list[tuple[Num, Array]] = [(amount, price - running_months())]
        if key != "cpu_nodes":
            parts.append((amount * hourly, ramp))
        shaped[key] = tuple(parts)
        supported += [(product(case.support_rate, part), weights) for part, weights in parts]
    return {**shaped, "support": tuple(supported)}


def rented_run(case: Case, days: Num, column: str) -> Num:
    """Compute of one training alone, in the currency of the result.

    ``instances * price * 24 * days * (1 + overhead)`` by the hour; whole months begun for a price by the month (``monthly``);
    NaN for reservations of a year and more, which nobody makes for one training.

    Parameters
    ----------
    case
        Everything that money depends on, as numbers or arrays over scenarios.
    days
        Days of one training, above zero.
    column
        Column of the matrix of clouds: a term, or ``monthly``.
    """
    if column in ("reserved_1y", "reserved_3y"):
        return np.nan
    fx = exchange(case.cloud_currency, case.currency, case.usd_jpy)
    instances = case.accelerators / case.instance_accelerators / case.speed
    hours = 24.0 * np.asarray(days, dtype=float) * (1.0 + case.overhead)
    if column == "monthly":
        hours = np.ceil(hours / HOURS_PER_MONTH - 1e-9) * HOURS_PER_MONTH
    return instances * hours * product(case.price_per_hour, fx)


def spot_overhead(interruptions_per_month: Num, checkpoint_s: Num, restart_s: Num) -> Num:
    """Extra hours a spot job pays for each useful hour, by Young's rule.

    ``tau = sqrt(2 * t_ckpt * M)``, ``overhead = t_ckpt / tau + (tau / 2 + t_restart) / M`` with the mean time between
    reclaims ``M`` of the whole job. Source: J. W. Young, CACM 17(9), 1974.

    Parameters
    ----------
    interruptions_per_month
        Reclaims that stop the job, in 730 hours; 0 gives no overhead.
    checkpoint_s, restart_s
        Seconds that a checkpoint holds the job up; seconds from a stop to training again.
    """
    rate = np.asarray(interruptions_per_month, dtype=float) / (HOURS_PER_MONTH * SECONDS_PER_HOUR)
    # t/tau + tau*rate/2 = sqrt(2*t*rate) at the optimum
    return np.sqrt(2.0 * checkpoint_s * rate) + rate * restart_s
