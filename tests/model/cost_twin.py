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


def lead_of(plan: Money) -> int:
    """Whole months from the order to the first month of use: the longer of delivery and works, then installation."""
    own = plan.onprem
    return math.ceil(max(own.delivery_months or 0, own.works_months or 0) + (own.installation_days or 0) * 12 / 365)


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
    on_demand: float = 68.8


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
    lead = lead_of(plan)
    working = 0 if own.interim_cloud else lead  # month after which work is done, rented or not
    hosted = own.site == "colocation"
    if hosted:
        pay("setup", 0, (own.colocation_setup or 0.0) * fx)
    free_power = hosted and own.power_included_in_rent
    for now in range(max(lead - own.before_use_months, 0) + 1, months + 1):
        month, idle = now - lead, now <= lead  # of use; idle machines before it cost power, rent and staff
        if leased and not idle:  # after the term a year costs one month's rate
            paid = 1.0 if month <= own.lease_months else 1 / 12
            pay("lease", now, paid * (own.lease_rate_per_month or 0.0) * (hardware + spares))
        if not free_power:
            used = 0.0 if idle else utilization * in_use(plan.ramp_months, now - working)
            rise = price_after(plan.electricity_escalation, max(month, 1))
            kwh = 730 * (used * given.it_busy_kw + (1 - used) * given.it_idle_kw) * given.pue
            pay("electricity", now, rise * kwh * (prices.electricity_jpy + plan.surcharge_jpy_per_kwh) * jpy)
            measured = plan.demand_basis == "measured" and given.contract_kw < 500
            demand = (
                (given.it_busy_kw * given.pue if measured else given.contract_kw)
                * plan.demand_charge_jpy_per_kw_month
                * (1.85 - given.site_power_factor)
            )
            pay("electricity", now, rise * demand * jpy)
        if hosted:
            pay("rent", now, (given.racks + given.support_racks) * (own.rent_per_rack_month or 0.0) * fx)
            pay("rent", now, given.kva_contract * (own.rent_per_kva_month or 0.0) * fx)
        wages = price_after(own.wage_escalation, max(month, 1)) * own.staff_fte * (own.staff_cost_per_year or 0.0)
        pay("staff", now, wages * fx / 12)
        if idle:
            continue
        pay("maintenance", now, own.maintenance_rate * hardware / 12)
        licences = given.accelerators * own.license_per_gpu_year + given.servers * own.license_per_server_year
        pay("licenses", now, licences * fx / 12)
        if not leased:
            pay("insurance", now, own.insurance_rate * hardware / 12)
        if own.refresh_share and not leased and month == own.refresh_month:
            pay("refresh", now, own.refresh_share * hardware)
        year = (month - 1) // 12
        left, fresh = (
            1.0,
            0.0,
        )  # what is replaced is gone on the next assessment, what replaces it has its own first one
        since = math.ceil(own.refresh_month / 12)
        if own.refresh_share and year >= since:
            left, fresh = 1.0 - min(own.refresh_share, 1.0), own.refresh_share * hardware * MACHINES[year - since]
        assessed = 0.0 if leased else (hardware + spares + installation) * MACHINES[year] * left + fresh
        assessed += (table["cooling"][0] + table["power_works"][0]) * WORKS[year]
        if assessed >= 1_500_000 * jpy:
            pay("property_tax", now, own.property_tax_rate * assessed / 12)
        else:
            pay("property_tax", now, 0.0)
    if own.interim_cloud and lead:
        for month, amount in enumerate(meanwhile(plan, given, prices, utilization)):
            pay("interim", month, amount)
    if not leased:
        pay("residual", months, -own.residual_share * servers)
        if own.disposal_per_server:
            pay("disposal", months, given.servers * own.disposal_per_server * fx)
    elif own.lease_months > months - lead:
        rest = own.lease_months - max(months - lead, 0)
        pay("lease", months, rest * (own.lease_rate_per_month or 0.0) * (hardware + spares))
    for line in table:  # what is bought is paid after acceptance, but for the advance
        if line != "interim":
            deferred = table[line][0] * (1 - own.advance_share)
            table[line][0] -= deferred
            table[line][min(lead + own.payment_months, months)] += deferred
    return table


def meanwhile(plan: Money, given: CostInputs, prices: Prices, utilization: float) -> list[float]:
    """Payments for the cloud from the order until own machines are in use, by the hour, month 0 to the lead time."""
    lead = lead_of(plan)
    hourly = plan.cloud.model_copy(update={"term": "on_demand"} if plan.cloud.term.startswith("reserved") else {})
    price = prices.on_demand if plan.cloud.term.startswith("reserved") else prices.cloud_jpy_or_usd_per_hour
    at = Prices(price, prices.cloud_storage_usd_per_gb, prices.electricity_jpy, prices.network_share)
    table = rented(plan.model_copy(update={"cloud": hourly}), given, at, utilization)
    return payments(table)[: min(lead, plan.horizon_months) + 1]


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
    lead = 0 if plan.onprem.interim_cloud else lead_of(plan)
    table: Table = {line: [0.0] * (min(lead, months) + 1) for line in (*monthly, "support")}
    setup = [0.0] * (months + 1)
    setup[min(lead, months)] = cloud.setup * fx
    for month in range(1, months - lead + 1):
        price = price_after(-cloud.price_decline, month, holds)
        use = 1.0 if cloud.term.startswith("reserved") else in_use(plan.ramp_months, month)
        changes = {"compute": price * use, "goodput": price * use, "debugging": price * use, "cpu_nodes": price}
        paid = {line: amount * changes.get(line, 1.0) for line, amount in monthly.items()}
        for line, amount in paid.items():
            table[line].append(amount)
        table["support"].append(cloud.support_rate * sum(paid.values()))
    if cloud.upfront_share and cloud.term.startswith("reserved") and months >= lead:
        term = 12 * holds
        for line in ("compute", "goodput", "debugging", "support"):
            if line not in table:
                continue
            beside = sum(monthly.get(name, 0.0) for name in ("compute", "goodput", "debugging"))
            due = monthly[line] if line != "support" else cloud.support_rate * beside
            for month in range(1, months - lead + 1):
                paid = cloud.upfront_share * due * price_after(-cloud.price_decline, month, holds)
                table[line][lead + month] -= paid
                table[line][lead + (month - 1) // term * term] += paid  # with its reservation's first day
            begun = (months - lead - 1) // term * term
            beyond = begun + term - (months - lead)  # months paid for and credited at the end
            paid = cloud.upfront_share * due * price_after(-cloud.price_decline, begun + 1, holds)
            table[line][lead + begun] += beyond * paid
            table[line][months] -= beyond * paid
    return {"setup": setup} | table


def plain(plan: Money) -> Money:
    """The plan without what makes one month differ from another."""
    return plan.model_copy(update={
        "electricity_escalation": 0.0, "ramp_months": 0, "cloud": plan.cloud.model_copy(update={"price_decline": 0.0}),
        "onprem": plan.onprem.model_copy(update={"wage_escalation": 0.0, "payment_months": 0, "advance_share": 0.0,
                                                 "before_use_months": 0}),
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
            crossed = float(month) if before >= gap else month - 1 + max(0.0, before / (before - gap))
            return max(crossed, float(paid))
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

    ``start`` is the day of the order; without one the first month opens fiscal year 1.
    """
    months = plan.horizon_months
    begins = plan.fiscal_year_start_month
    first = start.replace(day=1) if start else dt.date(2001, begins, 1)
    first_label = fiscal_year(first, begins) if start else 1
    equipment = sum(sum(own[k]) for k in ("servers", "network", "storage", "spares", "installation")) * (1 + tax)
    works = sum(sum(own[k]) for k in ("cooling", "power_works")) * (1 + tax)
    own_paid, rent_paid = payments(own, tax), payments(rent, tax)
    rows: list[dict[str, Any]] = []
    share, old, new = min(plan.onprem.refresh_share, 1.0), equipment, 0.0
    book_equipment, book_works, book_new = equipment, works, 0.0
    replaced_in = lead_of(plan) + plan.onprem.refresh_month
    for month in range(1, months + 1):
        place = first.month - 1 + month - 1
        day = dt.date(first.year + place // 12, place % 12 + 1, 1)
        year = fiscal_year(day, begins) if start else first_label + (month - 1) // 12
        if not rows or rows[-1]["year"] != year:
            rows.append({"year": year, "months": 0, "cloud_cash": 0.0, "onprem_cash": 0.0, "depreciation": 0.0})
        row = rows[-1]
        row["months"] += month > lead_of(plan)
        advance = plan.onprem.advance_share
        if month == 1:
            row["bought"] = advance * (equipment + works)
        if month == min(max(1, lead_of(plan) + plan.onprem.payment_months), months):
            row["bought"] = row.get("bought", 0.0) + (1 - advance) * (equipment + works)
        row["cloud_cash"] += rent_paid[month] + (rent_paid[0] if month == 1 else 0.0)
        row["onprem_cash"] += own_paid[month] + (own_paid[0] if month == 1 else 0.0)
        in_operation, in_use_now = month > lead_of(plan), month >= lead_of(plan)
        of_equipment = min(book_equipment, old / life / 12) * in_operation
        of_works = min(book_works, works * works_life_rate / 12) * in_operation
        of_new = min(book_new, new / life / 12)
        book_equipment, book_works, book_new = book_equipment - of_equipment, book_works - of_works, book_new - of_new
        row["depreciation"] += of_equipment + of_works + of_new
        if share and month == replaced_in:  # the share that is replaced leaves the books, what replaces it enters them
            row["lost"] = share * book_equipment
            new = book_new = own["refresh"][month] * (1 + tax)
            row["bought"] = row.get("bought", 0.0) + new
            old, book_equipment = (1 - share) * old, (1 - share) * book_equipment
        # Before use the advance alone is an asset: construction in progress.
        left = book_equipment + book_works + book_new
        row["book_value"] = left if in_use_now else advance * (equipment + works)
    for row in rows:
        row["onprem_expense"] = row["onprem_cash"] + row["depreciation"] + row.get("lost", 0.0) - row.get("bought", 0.0)
    rows[-1]["onprem_expense"] += left
    rows[-1]["book_value"] = 0.0
    return rows
