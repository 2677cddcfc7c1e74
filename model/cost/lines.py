"""Owning as lines of cost; renting stands in :mod:`model.cost.rented_lines`.

:class:`model.cost.case.Case` holds everything money depends on, as numbers or as arrays over scenarios;
:func:`model.cost.rented_lines.cloud_lines` and :func:`owned_lines` are the formulas, the only ones: one plan, the tornado,
the two-way table and 100,000 draws all run
through them. An unknown amount is NaN. Amounts exclude consumption tax and come out in ``Case.currency``.

Both sides do the same useful work. Owning gives ``servers`` machines used a share ``utilization`` of all hours; renting
takes as many instances as give the same tokens a second, ``accelerators / instance_accelerators / speed``, for the same
hours. Rented by the hour they cost only the hours used, reserved ones every hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Array, Num, some
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.money import exchange, product
from mitsumori.model.cost.month_shapes import (
    MONTHS,
    delayed,
    months_before,
    prices_of_months,
    running_months,
    use_of_months,
)
from mitsumori.model.cost.property_tax import property_tax, replaced_shares
from mitsumori.model.cost.rented_lines import interim_cost

__all__ = ["demand_charge", "kwh_per_year", "owned_lines", "used_energy"]

RE_LEASE_MONTHS_PER_YEAR: Final = 1.0
"""Re-lease (再リース): after the term of a lease a year of use costs about one month's rate, the custom of Japanese lessors."""
POWER_FACTOR_BASE: Final = 1.85
"""Power-factor clause of Japanese supply terms: the demand charge times (1.85 - PF); 15 % off at PF 1 (recalled)."""


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
        network      = price, or counted dollars, or share * servers          storage     = price
        installation = share * (servers + more_servers + network + storage)
        spares       = share * servers                    cooling     = racks * price a rack
        maintenance  = rate * (servers + more_servers + network + storage) / 12      a month; insurance likewise
        licenses     = (GPUs * a + servers * b + c) / 12              staff = FTE * cost / 12
        electricity  = kWh / 12 * price + contract kW * demand charge * (1.85 - PF)
        rent         = racks * a + kVA * b                            (colocation)
        property_tax = rate * assessed value (:mod:`model.cost.property_tax`) of machines, installation and works,
                       of a refresh's machines from the operating year that begins with or after them
        residual     = - share * servers, at the end
        refresh      = share * (servers + network + storage), once    disposal = n * price, at the end

    Leasing replaces servers, network, storage and spares by ``rate * (their price)`` a month; the lessor pays tax and
    insurance, a lease longer than the horizon is paid out at its end, and after a shorter one the machines are leased
    again at one month's rate a year (:data:`RE_LEASE_MONTHS_PER_YEAR`).

    The horizon begins with the order. Own machines are in use after ``lead_months``; from then on the lines above run, and
    what is bought is paid ``payment_months`` later but for the ``advance_share``. In the ``before_use_months`` before it
    staff, rent and the electricity of idle machines are paid already, and with ``interim`` the cloud does the work until
    then, a line of its own (:func:`interim_cost`).

    Electricity and staff are at the prices of the first year; rising prices and the growth of use come upon them by month
    (``shaped``): ``electricity_m = (E + D) * g_m - E_u * g_m * (1 - r_m)`` with ``g`` of :func:`prices_of_months`, ``r`` of
    :func:`use_of_months` and ``E_u`` the energy that training takes beyond idling.
    """
    fx = exchange(case.onprem_currency, case.currency, case.usd_jpy)
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    server_fx = exchange(case.server_currency, case.currency, case.usd_jpy)
    servers = case.servers * product(case.server_price, server_fx)
    dollars = exchange("USD", case.currency, case.usd_jpy)
    network = _network(case, servers, fx, dollars)
    storage = product(case.storage_price, fx)
    more_usd = case.more_usd + case.more_network_usd
    more = product(case.more_jpy, jpy) + product(more_usd, dollars)
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
    renewed, standing, new = case.refresh_share * hardware * bought, case.equipment_shares, None
    if some(case.refresh_share):
        standing, new = replaced_shares(standing, float(case.refresh_share), case.refresh_month)
    tax = property_tax(
        (financed + installation) * bought, initial["cooling"] + initial["power_works"], case.property_tax_rate,
        standing, case.works_shares, jpy, renewed, new,
    )  # fmt: skip
    yearly = {"property_tax": tax}
    left = np.maximum(case.lease_months - np.asarray(case.owned_months, dtype=float), 0.0)
    final = {"lease": lease * left, "residual": -case.residual_share * servers * bought}
    if some(case.disposal_per_server):
        final["disposal"] = case.servers * product(case.disposal_per_server, fx) * bought
    shaped = _owned_changes(case, monthly, metered)
    if some(case.leased):
        shaped["lease"] = ((lease, delayed(_lease_rates(case.lease_months), case.lead_months)),)
    if some(case.refresh_share):
        month = case.refresh_month + case.lead_months
        shaped["refresh"] = ((renewed, np.where(month == MONTHS, 1.0, 0.0)),)
    if case.interim and case.lead_months:
        shaped["interim"] = interim_cost(case)
    return Lines(initial, monthly, yearly, final, shaped, case.paid_month, float(case.lead_months), case.advance_share)


def _network(case: Case, servers: Num, fx: Num, dollars: Num) -> Num:
    """The network: its own price, else that of its counted parts, whatever the servers cost, else a share of theirs."""
    given, counted = case.network_price, case.network_usd
    if isinstance(given, float) and isinstance(counted, float):
        if given == given:
            return given * fx
        return counted * dollars if counted == counted else case.network_share * servers
    known = np.where(np.isnan(counted), case.network_share * servers, counted * dollars)
    return np.where(np.isnan(given), known, given * fx)


def demand_charge(case: Case) -> Num:
    """Demand charge of a month in the first year, with the clause of the power factor; none where the rent has the power."""
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    each = demand_kw(case) * (1.0 - case.power_included) * (POWER_FACTOR_BASE - case.power_factor)
    return product(each, product(case.demand_jpy_per_kw_month, jpy))


def _owned_changes(case: Case, monthly: Mapping[str, Num], metered: Num) -> dict[str, tuple[tuple[Num, Array], ...]]:
    """What rising prices and the growth of use add to the first year's electricity and wages."""
    shaped: dict[str, tuple[tuple[Num, Array], ...]] = {}
    lead = case.lead_months
    running = delayed(running_months(), lead)
    if case.electricity_escalation or case.ramp_months:
        price = delayed(prices_of_months(case.electricity_escalation), lead)
        use = delayed(use_of_months(case.ramp_months), case.rented_lead)
        shaped["electricity"] = (
            (monthly["electricity"], price - running),
            (used_energy(case) * metered, price * (use - 1.0)),
        )
    if case.wage_escalation:
        shaped["staff"] = ((monthly["staff"], delayed(prices_of_months(case.wage_escalation), lead) - running),)
    if lead and case.before_use_months:
        before = months_before(lead, case.before_use_months)
        shaped["electricity"] = (
            *shaped.get("electricity", ()),
            (monthly["electricity"] - used_energy(case) * metered, before),
        )
        shaped["staff"] = (*shaped.get("staff", ()), (monthly["staff"], before))
        shaped["rent"] = ((monthly["rent"], before),)
    return shaped


def used_energy(case: Case) -> Num:
    """Cost of a month's energy that training takes beyond idling: ``730 * u * (P_busy - P_idle) * PUE * price``."""
    jpy = exchange("JPY", case.currency, case.usd_jpy)
    kwh = HOURS_PER_MONTH * case.utilization * (case.busy_kw - case.idle_kw) * case.pue
    return product(kwh, product(case.energy_jpy_per_kwh, jpy))


def _lease_rates(term: Num) -> Array:
    """Monthly rates paid in each month of use: one during the term of a lease, then those of a re-lease."""
    rates: Array = np.where(term >= MONTHS, running_months(), RE_LEASE_MONTHS_PER_YEAR / 12.0)
    return rates
