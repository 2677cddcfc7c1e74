"""The comparison of renting and owning once more, in plain Python, month by month, written from docs/method.md section 8.

Nothing here imports a formula of the program: a table of payments a line and month, as one would keep it in a notebook.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from mitsumori.model.cost.prices import CostInputs
from mitsumori.model.plan.plan import Money


def price_after(rise: float, month: int, holds: int = 1) -> float:
    """A price in a month over the first year's, where it changes once a year (or each time a reservation ends)."""
    year = (month - 1) // 12
    return (1 + rise) ** (year - year % holds)


def in_use(ramp: int, month: int) -> float:
    """Share of the planned use in a month, in the middle of it."""
    return 1.0 if month > ramp else (month - 0.5) / ramp


UNTAXED = ("staff", "property_tax", "insurance", "residual")
MACHINES = (0.815, 0.514265, 0.324501215, 0.204760266665, 0.129203728265615, 0.08152755253560307, 0.05144388564996554)
WORKS = (0.929, 0.797082, 0.683896356, 0.586783073448, 0.503459877018384, 0.4319685744817735, 0.3706290369053617)
"""Assessed share of machines (5 years, r = 0.369) and works (15 years, r = 0.142): 1 - r/2 cut to three decimals, then 1 - r a
year; no year of these reaches the least of 5 %."""

Table = dict[str, list[float]]


@dataclass(frozen=True)
class Prices:
    """What the plan leaves to the catalogue, entered here by hand."""

    cloud_jpy_or_usd_per_hour: float
    cloud_storage_usd_per_gb: float
    electricity_jpy: float
    network_share: float


def rate(currency: str, result: str, usd_jpy: float) -> float:
    """Units of ``result`` for one of ``currency``."""
    return {"JPYUSD": 1.0 / usd_jpy, "USDJPY": usd_jpy}.get(currency + result, 1.0)


def owned(plan: Money, given: CostInputs, prices: Prices, utilization: float, leased: bool = False) -> Table:
    """Payments of owning: month 0 to the horizon, by line."""
    own, months = plan.onprem, plan.horizon_months
    yen = plan.usd_jpy or 0.0
    fx, jpy = rate(own.currency, plan.currency, yen), rate("JPY", plan.currency, yen)
    table: Table = {}

    def pay(line: str, month: int, amount: float) -> None:
        table.setdefault(line, [0.0] * (months + 1))[month] += amount

    price = (own.server_price or 0.0) * (1 - own.discount) / (1 - own.margin)
    if own.discount or own.margin:  # a sale price has three significant digits, rounded up
        step = 10 ** (len(str(int(price))) - 3)
        price = math.ceil(round(price / step, 9)) * step
    servers = given.servers * price * fx
    network = prices.network_share * servers if own.network_price is None else own.network_price * fx
    storage = (own.storage_price or 0.0) * fx
    hardware, spares = servers + network + storage, own.spares_share * servers
    installation = own.installation_share * hardware
    if not leased:
        for line, amount in (("servers", servers), ("network", network), ("storage", storage), ("spares", spares)):
            pay(line, 0, amount)
    pay("installation", 0, installation)
    pay("cooling", 0, given.racks * (own.cooling_retrofit_per_rack or 0.0) * fx)
    pay("power_works", 0, (own.power_works or 0.0) * fx)
    hosted = own.site == "colocation"
    if hosted:
        pay("setup", 0, (own.colocation_setup or 0.0) * fx)
    free_power = hosted and own.power_included_in_rent
    for month in range(1, months + 1):
        if leased:  # after the term a year costs one month's rate
            paid = 1.0 if month <= own.lease_months else 1 / 12
            pay("lease", month, paid * (own.lease_rate_per_month or 0.0) * (hardware + spares))
        if not free_power:
            used = utilization * in_use(plan.ramp_months, month)
            rise = price_after(plan.electricity_escalation, month)
            kwh = 730 * (used * given.it_busy_kw + (1 - used) * given.it_idle_kw) * given.pue
            pay("electricity", month, rise * kwh * (prices.electricity_jpy + plan.surcharge_jpy_per_kwh) * jpy)
            measured = plan.demand_basis == "measured" and given.contract_kw < 500
            demand = (
                (given.it_busy_kw * given.pue if measured else given.contract_kw)
                * plan.demand_charge_jpy_per_kw_month
                * (1.85 - given.site_power_factor)
            )
            pay("electricity", month, rise * demand * jpy)
        if hosted:
            pay("rent", month, (given.racks + given.support_racks) * (own.rent_per_rack_month or 0.0) * fx)
            pay("rent", month, given.kva_contract * (own.rent_per_kva_month or 0.0) * fx)
        pay("maintenance", month, own.maintenance_rate * hardware / 12)
        licences = given.accelerators * own.license_per_gpu_year + given.servers * own.license_per_server_year
        pay("licenses", month, licences * fx / 12)
        pay(
            "staff",
            month,
            price_after(own.wage_escalation, month) * own.staff_fte * (own.staff_cost_per_year or 0.0) * fx / 12,
        )
        if not leased:
            pay("insurance", month, own.insurance_rate * hardware / 12)
        if own.refresh_share and not leased and month == own.refresh_month:
            pay("refresh", month, own.refresh_share * hardware)
        year = (month - 1) // 12
        assessed = 0.0 if leased else (hardware + spares + installation) * MACHINES[year]
        assessed += (table["cooling"][0] + table["power_works"][0]) * WORKS[year]
        if assessed >= 1_500_000 * jpy:
            pay("property_tax", month, own.property_tax_rate * assessed / 12)
        else:
            pay("property_tax", month, 0.0)
    if not leased:
        pay("residual", months, -own.residual_share * servers)
        if own.disposal_per_server:
            pay("disposal", months, given.servers * own.disposal_per_server * fx)
    elif own.lease_months > months:
        rest = own.lease_months - months
        pay("lease", months, rest * (own.lease_rate_per_month or 0.0) * (hardware + spares))
    for line in table:  # what is bought is paid after acceptance
        table[line][0], table[line][own.payment_months] = (
            table[line][0] if not own.payment_months else 0.0,
            table[line][own.payment_months] + (table[line][0] if own.payment_months else 0.0),
        )
    return table


def rented(plan: Money, given: CostInputs, prices: Prices, utilization: float) -> Table:
    """Payments of renting: month 0 to the horizon, by line."""
    cloud, months, yen = plan.cloud, plan.horizon_months, plan.usd_jpy or 0.0
    fx, usd = rate(cloud.currency, plan.currency, yen), rate("USD", plan.currency, yen)
    instances = given.accelerators / 8 / (cloud.throughput_factor * given.cloud_speed)
    hours = 730.0 if cloud.term.startswith("reserved") else 730.0 * utilization
    if cloud.term == "spot":
        between_s = 730 * 3600 / (cloud.spot_interruptions_per_month or 0.0)
        tau = (2 * given.checkpoint_s * between_s) ** 0.5
        hours *= 1 + given.checkpoint_s / tau + (tau / 2 + given.restart_s) / between_s
    compute = instances * hours * prices.cloud_jpy_or_usd_per_hour * fx
    if cloud.storage_gb is None:
        storage = (given.storage_bytes or 0.0) / 1e9 * prices.cloud_storage_usd_per_gb * usd
    else:
        storage = cloud.storage_gb * (cloud.storage_per_gb_month or 0.0) * fx
    beside = {"goodput": cloud.goodput_loss_share * compute, "debugging": cloud.debugging_share * compute,
              "cpu_nodes": cloud.cpu_nodes_per_month * fx}  # fmt: skip
    beside = {line: amount for line, amount in beside.items() if amount}
    egress = cloud.egress_gb_per_month * (cloud.egress_per_gb or 0.0) * fx
    monthly = {"compute": compute, **beside, "storage": storage, "egress": egress}
    holds = 3 if cloud.term == "reserved_3y" else 1
    table: Table = {line: [0.0] for line in (*monthly, "support")}
    for month in range(1, months + 1):
        price = price_after(-cloud.price_decline, month, holds)
        use = 1.0 if cloud.term.startswith("reserved") else in_use(plan.ramp_months, month)
        changes = {"compute": price * use, "goodput": price * use, "debugging": price * use, "cpu_nodes": price}
        paid = {line: amount * changes.get(line, 1.0) for line, amount in monthly.items()}
        for line, amount in paid.items():
            table[line].append(amount)
        table["support"].append(cloud.support_rate * sum(paid.values()))
    return {"setup": [cloud.setup * fx, *([0.0] * months)]} | table


def plain(plan: Money) -> Money:
    """The plan without what makes one month differ from another."""
    return plan.model_copy(update={
        "electricity_escalation": 0.0, "ramp_months": 0, "cloud": plan.cloud.model_copy(update={"price_decline": 0.0}),
        "onprem": plan.onprem.model_copy(update={"wage_escalation": 0.0, "refresh_share": 0.0, "payment_months": 0}),
    })  # fmt: skip


def payments(table: Table, tax: float = 0.0) -> list[float]:
    """All lines month by month, with consumption tax where it stays a cost."""
    months = len(next(iter(table.values())))
    return [
        sum(row[month] * (1.0 if line in UNTAXED else 1.0 + tax) for line, row in table.items())
        for month in range(months)
    ]


def present_value(flows: list[float], yearly: float) -> float:
    """Month 0 in full, month m divided by (1 + r)^(m/12)."""
    return sum(flow / (1 + yearly) ** (month / 12) for month, flow in enumerate(flows))


def break_even(rent: list[float], own: list[float], paid: int = 0) -> float | None:
    """First month in which owning has cost no more, straight between months; none before the purchase is paid."""
    gaps = [r - o for r, o in zip(accumulate(rent), accumulate(own), strict=True)]
    for month, gap in enumerate(gaps):
        if gap >= 0 and month >= paid:
            before = gaps[month - 1] if month else gap
            return float(month) if before >= gap else month - 1 + max(0.0, before / (before - gap))
    return None


def fiscal_year(day: dt.date, begins: int) -> int:
    """The calendar year in which the fiscal year of a day begins."""
    return day.year if day.month >= begins else day.year - 1


def fiscal_rows(
    plan: Money,
    own: Table,
    rent: Table,
    tax: float,
    start: dt.date | None,
    life: int = 5,
    works_life_rate: float = 0.067,
) -> list[dict[str, Any]]:
    """The yearly view with straight-line depreciation, one month after another.

    ``start`` is the first day of operation; without one the first month opens fiscal year 1.
    """
    months = plan.horizon_months
    begins = plan.fiscal_year_start_month
    first = start.replace(day=1) if start else dt.date(2001, begins, 1)
    first_label = fiscal_year(first, begins) if start else 1
    equipment = sum(sum(own[k]) for k in ("servers", "network", "storage", "spares", "installation")) * (1 + tax)
    works = sum(sum(own[k]) for k in ("cooling", "power_works")) * (1 + tax)
    own_paid, rent_paid = payments(own, tax), payments(rent, tax)
    rows: list[dict[str, Any]] = []
    book_equipment, book_works = equipment, works
    for month in range(1, months + 1):
        place = first.month - 1 + month - 1
        day = dt.date(first.year + place // 12, place % 12 + 1, 1)
        year = fiscal_year(day, begins) if start else first_label + (month - 1) // 12
        if not rows or rows[-1]["year"] != year:
            rows.append({"year": year, "months": 0, "cloud_cash": 0.0, "onprem_cash": 0.0, "depreciation": 0.0})
        row = rows[-1]
        row["months"] += 1
        if month == max(1, plan.onprem.payment_months):
            row["bought"] = equipment + works
        row["cloud_cash"] += rent_paid[month] + (rent_paid[0] if month == 1 else 0.0)
        row["onprem_cash"] += own_paid[month] + (own_paid[0] if month == 1 else 0.0)
        of_equipment = min(book_equipment, equipment / life / 12)
        of_works = min(book_works, works * works_life_rate / 12)
        book_equipment, book_works = book_equipment - of_equipment, book_works - of_works
        row["depreciation"] += of_equipment + of_works
        row["book_value"] = book_equipment + book_works
    for row in rows:
        row["onprem_expense"] = row["onprem_cash"] + row["depreciation"] - row.get("bought", 0.0)
    rows[-1]["onprem_expense"] += rows[-1]["book_value"]
    rows[-1]["book_value"] = 0.0
    return rows
