"""What money depends on as numbers or arrays over scenarios, and costs by line with the months in which they are paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mitsumori.model.base.arrays import Array, Num, cached_for_one
from mitsumori.model.cost.cashflow import Stream, weighed
from mitsumori.model.cost.line_table import untaxed

__all__ = ["Case", "Lines"]


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
    network_price, network_usd
        Price of the network, and that of one counted part by part, in dollars; the first of them that is known counts,
        NaN in both stands for ``network_share`` of the servers.
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
    lead_months
        Whole months from the order, with which the horizon begins, to the first month of use; the months of prices, tax,
        depreciation and refresh are counted from there.
    before_use_months
        Last of them in which staff, rent and the power of idle machines are paid already.
    interim, interim_price_per_hour, interim_overhead
        1 where the cloud is rented until own machines are in use; its price and extra hours then (NaN: those of the term).
        Where 0 both sides begin with the own machines' first month.
    payment_months, advance_share
        Months from the start of use to the payment of what is bought, 0-12; share of it that is paid with the order.
    upfront_share
        Share of a reservation that is paid at its beginning, 0-1; the months beyond the horizon are credited at its end.
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
    network_usd: Num = np.nan
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
    advance_share: float = 0.0
    lead_months: int = 0
    before_use_months: int = 0
    interim: int = 0
    interim_price_per_hour: Num = np.nan
    interim_overhead: Num = np.nan
    upfront_share: float = 0.0
    measured_peak: Num = 0.0
    refresh_share: Num = 0.0
    refresh_month: int = 36
    disposal_per_server: Num = 0.0

    @property
    def rented_lead(self) -> int:
        """Months from the order to the first month that is rented."""
        return 0 if self.interim else self.lead_months

    @property
    def owned_months(self) -> Num:
        """Months of the horizon in which own machines are in use."""
        return np.maximum(self.months - np.float64(self.lead_months), 0.0) if self.lead_months else self.months

    @property
    def rented_months(self) -> Num:
        """Months of the horizon in which work is done, on rented machines or on own ones."""
        return np.maximum(self.months - np.float64(self.rented_lead), 0.0) if self.rented_lead else self.months

    @property
    def paid_month(self) -> float:
        """Month at which the last of what is bought is paid: that of the order where the advance is all of it."""
        return 0.0 if self.advance_share >= 1.0 else self.lead_months + self.payment_months


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
    """Month at which ``initial`` is paid, at the latest that of the horizon."""
    start_month: float = 0.0
    """Months before the first that has monthly and yearly costs."""
    advance_share: float = 0.0
    """Share of ``initial`` that is paid at month 0 whatever ``paid_month`` is."""

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
            self.start_month,
            self.advance_share,
        )

    def plain(self) -> Lines:
        """The lines without what comes upon the monthly costs in some months; rates of a lease are paid in all of them."""
        kept = {key: parts for key, parts in self.shaped.items() if key == "lease"}
        if kept.keys() == self.shaped.keys():
            return self
        return replace(
            self, shaped=kept, final={key: value for key, value in self.final.items() if key not in self.monthly}
        )

    def totals(self, months: Num) -> dict[str, Num]:
        """Cost of each line over the horizon, undiscounted; in order of appearance."""
        out: dict[str, Num] = dict(self.initial)
        used = np.maximum(np.asarray(months, dtype=float) - self.start_month, 0.0) if self.start_month else months
        for key, value in self.monthly.items():
            out[key] = out.get(key, 0.0) + value * used
        for key, value in self.yearly.items():
            out[key] = out.get(key, 0.0) + (value * _used_share(used, value.shape[-1])).sum(axis=-1)
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
