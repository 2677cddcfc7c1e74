"""From a plan's money to the numbers of the cost model: prices with their origin, documented defaults, gaps.

Every number is either the user's, a catalogue record's, or a documented default that is listed; a price that nobody
gives stays unknown and is asked for. A price is never borrowed from another region, term or machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from mitsumori.model.base.figure import Figure, Provenance
from mitsumori.model.base.refusal import PlanError, expected
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.cloud_prices import TERMS, CloudPrices, Term, cloud_prices, price_of_term
from mitsumori.model.cost.electricity import added_per_kwh
from mitsumori.model.cost.inputs import CostInputs
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.money import UNKNOWN, Offer, number
from mitsumori.model.cost.owned_prices import OwnedPrices, exact_sale, owned_prices, sale_price
from mitsumori.model.cost.price_book import Book
from mitsumori.model.cost.property_tax import assessed_shares
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.cost.software import Licences, licences
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.prices import TERM_MONTHS, years_of_price
from mitsumori.model.training.schedule import whole_lead_months

__all__ = [
    "TERMS", "CostInputs", "Quote", "Term", "exact_sale", "price_of_term", "quote", "sale_price",
    "utilization_of",
]  # fmt: skip

DAYS_PER_YEAR: Final = 365.0


@dataclass(frozen=True, slots=True)
class Quote:
    """A plan's money as numbers.

    Attributes
    ----------
    case
        The chosen way on both sides.
    term_prices
        Price an hour of each term in ``case.cloud_currency`` (NaN unknown), in the order of :data:`TERMS`.
    overheads
        Extra hours of each term.
    missing
        Plan paths of prices nobody gave that the totals need; a total without them is unknown.
    elsewhere
        Plan paths of figures that are not prices and that other parts of the estimate ask for (the power of a server).
    open_items
        Plan paths of one-off works nobody priced; the totals leave them out and say so.
    used
        Every price and default used, by plan path, with its provenance.
    runs_ratio
        Share of the year that ``runs_per_year`` asks for (above 1: not possible), else None.
    weak
        Plan paths of prices in use that are indications only.
    inputs
        What the rest of the estimate told.
    """

    case: Case
    term_prices: tuple[float, ...]
    overheads: tuple[float, ...]
    missing: tuple[str, ...]
    open_items: tuple[str, ...]
    used: Mapping[str, Figure] = field(default_factory=dict)
    runs_ratio: float | None = None
    elsewhere: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    inputs: CostInputs | None = None


def utilization_of(
    money: Money, training_days: float | None, runs_per_year: float | None, busy_share: float | None = None
) -> tuple[float, float | None]:
    """Share of all hours that the machines work: ``runs_per_year * days / 365`` where runs are given, else the plan's.

    Parameters
    ----------
    money
        The plan's money part.
    training_days
        Days of one training; None: there is none.
    runs_per_year
        Trainings a year; None where the share is entered.
    busy_share
        The share where serving decides it (0 to 1); None otherwise.

    Returns
    -------
    tuple
        The share, at most 1; and the uncapped share from the runs, or None.
    """
    if busy_share is not None:
        return busy_share, None
    if runs_per_year is None or training_days is None:
        return money.utilization, None
    ratio = runs_per_year * training_days / DAYS_PER_YEAR
    return min(ratio, 1.0), ratio


def quote(money: Money, inputs: CostInputs) -> Quote:
    """Gather prices, defaults and gaps of a plan into a :class:`Quote`."""
    book = Book(inputs.catalogue)
    utilization, ratio = utilization_of(money, inputs.training_days, inputs.runs_per_year, inputs.busy_share)
    owned = owned_prices(money, inputs, book)
    rented = cloud_prices(money, inputs, book)
    software = licences(money, inputs.catalogue)
    book.used |= {f"money.software.{name}": figure for name, figure in software.used}
    if software.missing:
        book.missing.append("money.software")
    case = _case(money, inputs, owned, rented, utilization, software)
    unpriced = owned.server_price != owned.server_price and owned.listed_price == owned.listed_price
    by_hour = case.interim_price_per_hour
    if case.lead_months and money.onprem.interim_cloud and money.cloud.term in TERM_MONTHS and by_hour != by_hour:
        book.missing.append("money.onprem.interim_cloud")
    if money.usd_jpy is None and (_needs_rate(case) or unpriced):
        book.missing.append("money.usd_jpy")
    elif money.usd_jpy is not None:
        date = money.usd_jpy_date.isoformat() if money.usd_jpy_date else ""
        book.note("money.usd_jpy", money.usd_jpy, "JPY/USD", Provenance("user", "money.usd_jpy", date=date))
    drawn = inputs.it_busy_kw * inputs.pue
    elsewhere = ("facility.server_max_kw",) if drawn != drawn and not case.power_included else ()
    weak = _weak(money.onprem.server_price is None, inputs, rented.chosen)
    return Quote(
        case,
        rented.by_term,
        rented.overheads,
        tuple(book.missing),
        owned.open_items,
        book.used,
        ratio,
        elsewhere,
        weak,
        inputs,
    )


def _case(
    money: Money, inputs: CostInputs, owned: OwnedPrices, rented: CloudPrices, utilization: float, software: Licences
) -> Case:
    """Everything that money depends on, as numbers."""
    own, cloud = money.onprem, money.cloud
    colocated = own.site == "colocation"
    energy = owned.electricity_jpy_per_kwh + added_per_kwh(money)
    if energy < 0.0:
        listed = owned.electricity_jpy_per_kwh + money.surcharge_jpy_per_kwh
        least = expected("energy_below_zero", price=f"{listed:.4g}")
        raise PlanError.single("money.fuel_adjustment_jpy_per_kwh", money.fuel_adjustment_jpy_per_kwh, least)
    return Case(
        currency=money.currency,
        server_currency=owned.server_currency,
        onprem_currency=own.currency,
        cloud_currency=rented.chosen.currency,
        setup_currency=cloud.currency,
        storage_currency=rented.storage.currency,
        egress_currency=rented.egress.currency,
        usd_jpy=number(money.usd_jpy),
        months=float(money.horizon_months),
        utilization=utilization,
        servers=float(inputs.servers),
        accelerators=float(inputs.accelerators),
        # No rack is no placement: how many it takes is unknown then.
        racks=float(inputs.racks + inputs.support_racks) if inputs.racks else UNKNOWN,
        cooled_racks=float(inputs.racks) if inputs.racks else UNKNOWN,
        kva=inputs.kva_contract,
        contract_kw=inputs.contract_kw,
        busy_kw=inputs.it_busy_kw,
        idle_kw=inputs.it_idle_kw,
        pue=inputs.pue,
        server_price=owned.server_price,
        more_jpy=owned.more_jpy,
        more_usd=owned.more_usd,
        more_network_usd=owned.more_network_usd,
        network_price=owned.network_price,
        network_usd=owned.network_usd,
        network_share=owned.network_share,
        storage_price=owned.storage_price,
        installation_share=own.installation_share,
        cooling_per_rack=owned.cooling_per_rack,
        power_works=owned.power_works,
        colocation_setup=owned.setup,
        spares_share=own.spares_share,
        license_per_gpu_year=own.license_per_gpu_year + software.per_gpu,
        license_per_server_year=own.license_per_server_year + software.per_server,
        license_per_year=software.per_year,
        maintenance_rate=own.maintenance_rate,
        staff_fte=own.staff_fte,
        staff_cost_per_year=owned.staff_per_year,
        energy_jpy_per_kwh=energy,
        demand_jpy_per_kw_month=money.demand_charge_jpy_per_kw_month,
        power_factor=inputs.site_power_factor,
        rent_per_rack_month=owned.rent_per_rack,
        rent_per_kva_month=owned.rent_per_kva,
        power_included=float(own.power_included_in_rent and colocated),
        insurance_rate=own.insurance_rate,
        property_tax_rate=own.property_tax_rate,
        residual_share=own.residual_share,
        lease_rate_per_month=number(own.lease_rate_per_month),
        lease_months=float(own.lease_months),
        colocated=float(colocated),
        equipment_shares=np.array(assessed_shares(own.depreciation_years)),
        works_shares=np.array(assessed_shares(round(inputs.catalogue.tariff("works-life").value))),
        instance_accelerators=rented.per_instance,
        speed=cloud.throughput_factor * inputs.cloud_speed,
        price_per_hour=rented.by_term[TERMS.index(cloud.term)],
        paid_when_idle=float(cloud.term in TERM_MONTHS),
        overhead=rented.overheads[TERMS.index(cloud.term)],
        storage_gb=rented.storage_gb,
        storage_per_gb_month=number(rented.storage.value),
        egress_gb_per_month=rented.egress_gb_per_month,
        egress_per_gb=number(rented.egress.value),
        support_rate=cloud.support_rate,
        setup=cloud.setup,
        **_changing(money, rented),
    )


def _changing(money: Money, rented: CloudPrices) -> dict[str, Any]:
    """What makes one month differ from another, what is paid once, and the cloud's lines beside its compute."""
    own, cloud, hourly = money.onprem, money.cloud, TERMS.index("on_demand")
    return {
        # Nobody makes a reservation for the months until own machines are in use: one pays by the hour.
        "interim": int(own.interim_cloud),
        "interim_price_per_hour": rented.by_term[hourly],
        "interim_overhead": rented.overheads[hourly],
        "goodput_loss_share": cloud.goodput_loss_share,
        "debugging_share": cloud.debugging_share,
        "cpu_nodes_per_month": cloud.cpu_nodes_per_month,
        "price_decline": cloud.price_decline,
        "price_years": years_of_price(cloud.term),
        "electricity_escalation": money.electricity_escalation,
        "wage_escalation": own.wage_escalation,
        "ramp_months": money.ramp_months,
        "payment_months": float(own.payment_months),
        "advance_share": own.advance_share,
        "lead_months": whole_lead_months(money),
        "before_use_months": own.before_use_months,
        "upfront_share": cloud.upfront_share,
        "measured_peak": float(money.demand_basis == "measured"),
        "refresh_share": own.refresh_share,
        "refresh_month": own.refresh_month,
        "disposal_per_server": own.disposal_per_server,
    }


def _weak(listed: bool, inputs: CostInputs, rented: Offer) -> tuple[str, ...]:
    """Plan paths of the catalogue prices in use that are indications only."""
    found = []
    if listed and inputs.server.price is not None and inputs.server.is_weak("price"):
        found.append("money.onprem.server_price")
    instance, origin = inputs.cloud_instance, rented.provenance
    listed_hour = instance is not None and origin is not None and origin.kind == "catalogue"
    if listed_hour and instance.is_weak(origin.what[origin.what.rindex(".prices.") + 1 :]):  # type: ignore[union-attr]
        found.append("money.cloud.price_per_hour")
    return tuple(found)


def _needs_rate(case: Case) -> bool:
    """Whether some line is unknown for want of an exchange rate alone."""
    known = replace(case, usd_jpy=1.0)
    return any(
        bool(np.isnan(line)) and not bool(np.isnan(with_rate[key]))
        for lines, with_rate in (
            (owned_lines(case).totals(case.months), owned_lines(known).totals(case.months)),
            (cloud_lines(case).totals(case.months), cloud_lines(known).totals(case.months)),
        )
        for key, line in lines.items()
    )
