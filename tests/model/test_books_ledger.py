"""The books of whole plans against a ledger kept by hand: every payment posted to an account, month after month.

Nothing of the program's books is used: payments come from :mod:`tests.model.cost_twin`, depreciation from the statute's rates
written down here. Accounts of owning: fixed assets (machines, those that replace them, works, construction in progress), what
is owed for them, expense; of renting: prepaid reservations, expense. What was paid and is not expense stands in the accounts.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import pytest

from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.calendar import CalendarEntry, occupancy
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.scheduled import scheduled
from tests.model import cost_twin as twin
from tests.model.cost_plans import inputs, money
from tests.model.test_cost_twin import EVERYTHING, GIVEN, LEAD, MOVING, prices_of

TAXED = {"corporate_tax_rate": 0.3062}
PLANS: dict[str, tuple[dict[str, Any], dt.date | None]] = {
    "five years from April": (EVERYTHING | TAXED | {"horizon_months": 60}, dt.date(2027, 4, 1)),
    "declining, subsidy, special depreciation, bought in July": (EVERYTHING | TAXED | {"horizon_months": 60,
        "onprem.depreciation": "declining", "onprem.subsidy": 4e7, "onprem.special_depreciation_share": 0.3},
        dt.date(2027, 7, 20)),
    "refresh after two years, years from January": (EVERYTHING | MOVING | TAXED | {"horizon_months": 84,
        "onprem.depreciation": "declining", "onprem.refresh_share": 0.5, "fiscal_year_start_month": 1}, dt.date(2027, 3, 31)),
    "all machines replaced, tax stays a cost": (EVERYTHING | MOVING | TAXED | {"horizon_months": 72, "tax_credit": False,
        "onprem.refresh_share": 1.0, "onprem.refresh_month": 36}, dt.date(2027, 10, 1)),
    "one year, paid nine months later": (EVERYTHING | TAXED | {"horizon_months": 12, "onprem.payment_months": 9},
        dt.date(2027, 1, 15)),
    "three years of reservation upfront after a lead time": (EVERYTHING | MOVING | LEAD | TAXED | {"horizon_months": 77,
        "cloud.upfront_share": 1.0, "cloud.term": "reserved_3y", "cloud.reserved_3y_per_hour": 31.0}, dt.date(2026, 11, 5)),
    "a year of reservation half upfront, no start": (EVERYTHING | TAXED | {"cloud.term": "reserved_1y", "horizon_months": 50,
        "cloud.reserved_1y_per_hour": 44.0, "cloud.upfront_share": 0.5}, None),
    "lead time over a year, all in advance": (EVERYTHING | LEAD | TAXED | {"onprem.works_months": 14.0,
        "onprem.advance_share": 1.0, "onprem.payment_months": 6, "horizon_months": 60, "onprem.subsidy": 1e7},
        dt.date(2026, 9, 1)),
    "lead time over a year, most of it later": (EVERYTHING | LEAD | TAXED | {"onprem.works_months": 10.0,
        "onprem.payment_months": 4, "horizon_months": 48, "onprem.interim_cloud": True}, dt.date(2026, 6, 1)),
    "subsidy beyond the machines": (EVERYTHING | TAXED | {"horizon_months": 36, "onprem.subsidy": 9e9}, dt.date(2027, 4, 1)),
}  # fmt: skip
RATES = {"straight_line": (0.2, 0.0, 0.2), "declining": (0.4, 0.108, 0.5)}
"""Of five years: rate, guarantee and revised rate (ordinance on useful lives, tables 8 and 10); works of 15 years: 0.067."""


@dataclass
class Asset:
    """One asset in the ledger: its cost, what is left of it, and the depreciation of the year that runs."""

    cost: float
    method: str = "straight_line"
    rates: tuple[float, float, float] = (0.067, 0.0, 0.067)
    special: float = 0.0
    book: float = 0.0
    of_year: float = 0.0
    fixed: float = 0.0
    used: bool = False

    def __post_init__(self) -> None:
        self.book = self.cost

    def open_year(self) -> None:
        """The statutory amount of a whole year, from the book at its beginning."""
        rate, guarantee, revised = self.rates
        if self.method == "straight_line":
            self.of_year = self.cost * rate
            return
        if not self.fixed and self.book * rate < self.cost * guarantee:
            self.fixed = self.book * revised
        self.of_year = self.fixed or self.book * rate

    def month(self) -> float:
        """A twelfth of it, in the first month the special depreciation too; never more than what is left."""
        taken = min(self.book, self.of_year / 12 + (0.0 if self.used else self.special * self.cost))
        self.used = True
        self.book -= taken
        return taken


@dataclass
class Year:
    """Sums and balances of a fiscal year."""

    cash: float = 0.0
    expense: float = 0.0
    taken: float = 0.0
    lost: float = 0.0
    rent: float = 0.0
    rent_expense: float = 0.0
    assets: float = 0.0
    payable: float = 0.0
    prepaid: float = 0.0
    months: list[int] = field(default_factory=list)


def ledger(plan: Any, tables: tuple[twin.Table, twin.Table, twin.Table], start: dt.date | None) -> list[Year]:
    """The ledger of a plan: ``tables`` of owning, of renting, and of renting without anything paid ahead."""
    own, rent, accrued = tables
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    p, months, lead = plan.onprem, plan.horizon_months, twin.lead_of(plan)
    machines = sum(sum(own[k]) for k in ("servers", "network", "storage", "spares", "installation")) * (1 + tax)
    works = sum(sum(own[k]) for k in ("cooling", "power_works")) * (1 + tax)
    aid = p.subsidy
    taken_off = min(aid, machines)
    share, swap = min(p.refresh_share, 1.0), lead + p.refresh_month
    rates = RATES[p.depreciation]
    kept = Asset((1 - share) * (machines - taken_off), p.depreciation, rates, p.special_depreciation_share)
    replaced = Asset(share * (machines - taken_off), p.depreciation, rates, p.special_depreciation_share)
    built, fresh = Asset(works), Asset(0.0, p.depreciation, rates)
    paid_at = min(lead + p.payment_months, months)
    flows, rented, used = (twin.payments(table, tax) for table in (own, rent, accrued))
    under_way = owed = prepaid = 0.0
    rows: list[Year] = []
    first = plan.fiscal_year_start_month if start is None else start.month
    for month in range(months + 1):
        calendar = (first - 1 + max(month, 1) - 1) % 12 + 1  # month 0 belongs to the first month
        opens = month <= 1 or calendar == plan.fiscal_year_start_month
        if month != 1 and opens:
            rows.append(Year())
        row = rows[-1]
        row.months.append(month)
        if opens:
            for one in (kept, replaced, built, fresh):
                one.open_year()
        row.cash += flows[month]
        spent = flows[month]
        if lead < month:
            for one in (kept, replaced, built, fresh):
                taken = one.month()
                row.taken += taken
                spent += taken
        if month == 0 and p.advance_share:
            under_way = p.advance_share * (machines + works)
            spent -= under_way
        if month == min(lead, months):  # in use: construction in progress and what is owed become the assets
            owed = (machines + works) - under_way
            row.cash -= aid
            spent += taken_off - aid
        if month == paid_at:
            spent -= owed
            owed = 0.0
        if month == swap and share:
            fresh = Asset(own["refresh"][month] * (1 + tax), p.depreciation, rates)
            fresh.open_year()
            row.lost += replaced.book
            spent += replaced.book - fresh.cost
            replaced = Asset(0.0, p.depreciation, rates)
        prepaid += rented[month] - used[month]
        row.rent, row.rent_expense, row.prepaid = row.rent + rented[month], row.rent_expense + used[month], prepaid
        in_books = kept.book + replaced.book + built.book + fresh.book
        row.assets, row.payable = (in_books, owed) if month >= lead else (under_way, 0.0)
        if month == months:
            row.lost += in_books
            spent += in_books
            row.assets = 0.0
        row.expense += spent
    return rows


@pytest.mark.parametrize("name", PLANS)
def test_the_books_are_the_ledgers(name: str) -> None:
    changes, start = PLANS[name]
    plan, given = money(changes), inputs(**GIVEN | {"start_date": start})
    held(plan, given, prices_of(plan), plan.utilization, start, cost(plan, given))


def held(plan: Any, given: Any, prices: twin.Prices, use: float, start: dt.date | None, result: CostResult) -> None:
    """Every column of the books is the ledger's, and every year balances."""
    plain = plan.model_copy(update={"cloud": plan.cloud.model_copy(update={"upfront_share": 0.0})})
    tables = (
        twin.owned(plan, given, prices, use),
        twin.rented(plan, given, prices, use),
        twin.rented(plain, given, prices, use),
    )
    rows, view = ledger(plan, tables, start), result.accounting
    assert len(view.years) == len(rows)
    scale = 1e-9 * sum(abs(row.cash) + row.rent for row in rows)
    cash = expense = paid = used = 0.0
    for year, row in zip(view.years, rows, strict=True):
        for ours, by_hand in (
            ("onprem_cash", row.cash), ("onprem_expense", row.expense), ("depreciation", row.taken),
            ("written_off", row.lost), ("book_value", row.assets), ("payable", row.payable), ("cloud_cash", row.rent),
            ("cloud_expense", row.rent_expense), ("prepaid", row.prepaid),
            ("tax_saving", 0.3062 * (row.expense - row.rent_expense)),
        ):  # fmt: skip
            assert getattr(year, ours) == pytest.approx(by_hand, rel=1e-9, abs=scale), (ours, row.months)
        cash, expense = cash + year.onprem_cash, expense + year.onprem_expense
        paid, used = paid + year.cloud_cash, used + year.cloud_expense
        assert cash - expense == pytest.approx(year.book_value - year.payable, abs=scale), "the balance"
        assert paid - used == pytest.approx(year.prepaid, abs=scale), "the balance of renting"


WHOLE: dict[str, Any] = {
    "money.usd_jpy": 151.0, "money.discount_rate": 0.04, "money.electricity_jpy_per_kwh": 24.5, "money.horizon_months": 60,
    "money.demand_charge_jpy_per_kw_month": 1900.0, "money.surcharge_jpy_per_kwh": 4.18, "money.corporate_tax_rate": 0.3062,
    "money.onprem.server_price": 4.61e7, "money.onprem.discount": 0.0, "money.onprem.margin": 0.0,
    "money.onprem.network_price": 2.3e7, "money.onprem.storage_price": 1.7e7, "money.onprem.power_works": 6e6,
    "money.onprem.cooling_retrofit_per_rack": 2.2e6, "money.onprem.spares_share": 0.03, "money.onprem.staff_fte": 0.7,
    "money.onprem.staff_cost_per_year": 1.1e7, "money.onprem.insurance_rate": 0.002, "money.onprem.residual_share": 0.08,
    "money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo", "money.cloud.price_per_hour": 61.0,
    "money.cloud.storage_gb": 9e4, "money.cloud.storage_per_gb_month": 0.03, "money.cloud.setup": 3000.0,
    "money.onprem.site": "own_hall", "workload.start_date": "2027-07-10",
}  # fmt: skip
"""A plan of which nothing is left to the catalogue, for whole estimates."""
TURNS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "declining, refreshed, advance, lead time": {
        "money.onprem.depreciation": "declining", "money.onprem.refresh_share": 0.4, "money.onprem.refresh_month": 31,
        "money.onprem.advance_share": 0.3, "money.onprem.works_months": 5.0, "money.onprem.payment_months": 2,
        "money.onprem.special_depreciation_share": 0.3, "money.onprem.subsidy": 2e7, "money.horizon_months": 77,
    },
    "three years of reservation upfront, tax stays": {
        "money.cloud.term": "reserved_3y", "money.cloud.reserved_3y_per_hour": 30.0, "money.cloud.upfront_share": 0.6,
        "money.tax_credit": False, "money.ramp_months": 6, "money.electricity_escalation": 0.03,
    },
    "in dollars, leased": {
        "money.currency": "USD", "money.horizon_months": 48, "money.onprem.lease_rate_per_month": 0.02,
        "money.onprem.lease_months": 40, "money.tax_credit": False,
    },
}  # fmt: skip


def whole(sample: str, turn: str) -> Plan:
    """A sample with prices of its own."""
    return load_sample(sample).plans[0].with_values(WHOLE | TURNS[turn])


def held_whole(plan: Plan, use: float) -> None:
    """The books of a whole estimate are the ledger's, whose machines and power are the estimate's."""
    result = estimate(plan)
    found = result.plan or plan
    given = result.cost.quote.inputs
    assert given is not None
    assert result.cost.details.utilization.value == pytest.approx(use, rel=1e-12)
    prices = twin.Prices(found.money.cloud.price_per_hour or 0.0, 0.0, 24.5, 0.0, on_demand=61.0)
    start = dt.date(2027, 7, 10)
    held(found.money, given, prices, use, start, result.cost)
    if found.money.onprem.lease_rate_per_month is not None:
        held_lease(found.money, given, prices, use, start, result.cost)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("sample", ["serve-chat-500", "serve-rag-3000", "serve-batch-night", "serve-coding-200"])
def test_the_books_of_a_plan_that_serves_are_the_ledgers(sample: str, turn: str) -> None:
    """The servers that serve are bought, powered for their hours of service, and stand in the books once."""
    plan = whole(sample, turn)
    held_whole(plan, plan.serving.hours_per_day / 24.0)


def hours_in_use(begin: dt.date, months: int, works: Callable[[dt.datetime], float]) -> float:
    """Share of all hours in use, counted hour by hour; a month has 365.25 days / 12, and the last day is a whole one."""
    now, used, all_hours = dt.datetime.combine(begin, dt.time()), 0.0, 0
    end = now + dt.timedelta(days=round(months * 365.25 / 12.0))
    while now < end:
        used, all_hours, now = used + works(now), all_hours + 1, now + dt.timedelta(hours=1)
    return used / all_hours


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("sample", ["serve-chat-500", "llama3-70b-continual"])
def test_the_books_of_a_plan_with_a_calendar_are_the_ledgers(sample: str, turn: str) -> None:
    """Serving on workdays from 8 to 20 alone; a training whose cluster others use by day and it in the evening until September."""
    plan = whole(sample, turn)
    first = dt.date(2027, 4, 1)
    entries = (
        CalendarEntry(plan=load_sample("serve-chat-500").plan.name, begin=first, hours=(8.0, 20.0),
                      weekdays=("mon", "tue", "wed", "thu", "fri")),
        CalendarEntry(plan=load_sample("llama3-70b-continual").plan.name, begin=first, end=dt.date(2027, 9, 30),
                      hours=(20.0, 24.0), share=0.5),
    )  # fmt: skip

    entries = entries[:1] if plan.serving.enabled else entries

    def works(now: dt.datetime) -> float:
        day = 1.0 if now.weekday() < 5 and 8 <= now.hour < 20 else 0.0
        if plan.serving.enabled:
            return day
        return day + (0.5 if now.hour >= 20 and now.date() <= dt.date(2027, 9, 30) else 0.0)

    use = hours_in_use(first, plan.money.horizon_months, works)
    assert use == pytest.approx(occupancy(entries, plan.money.horizon_months).utilization, rel=1e-12)
    held_whole(scheduled(plan, entries), use)


def test_a_reservation_of_three_years_is_no_expense_of_the_day_on_which_it_is_paid() -> None:
    """All upfront in April: a third is expense of each year, two thirds stand as prepaid at the end of the first."""
    plan = money({"horizon_months": 36, "cloud.term": "reserved_3y", "cloud.reserved_3y_per_hour": 31.0,
                  "cloud.upfront_share": 1.0, "cloud.storage_gb": 0.0})  # fmt: skip
    first, second, third = cost(plan, inputs(**GIVEN)).accounting.years
    assert first.cloud_cash == pytest.approx(3 * first.cloud_expense)
    assert first.prepaid == pytest.approx(2 * first.cloud_expense)
    assert second.cloud_cash == pytest.approx(0.0, abs=1e-3)
    assert third.prepaid == pytest.approx(0.0, abs=1e-3)


def test_all_in_advance_is_paid_with_the_order_whatever_acceptance_says() -> None:
    """Break-even is looked for from the order on, and a rate of return exists: no outlay comes after savings."""
    changes: dict[str, Any] = {"onprem.advance_share": 1.0, "cloud.price_per_hour": 2000.0, "horizon_months": 60}
    at_once, later = (cost(money(changes | {"onprem.payment_months": n}), inputs(**GIVEN)) for n in (0, 6))
    assert at_once.break_even_month.value is not None
    assert at_once.break_even_month.value < 6
    assert later.break_even_month.value == pytest.approx(at_once.break_even_month.value)
    assert later.details["internal_rate_of_return"].value == pytest.approx(
        at_once.details["internal_rate_of_return"].value
    )


LEASES: dict[str, tuple[dict[str, Any], dt.date | None]] = {
    "five years over five": ({"horizon_months": 60, "onprem.lease_rate_per_month": 0.019}, dt.date(2027, 4, 1)),
    "three years, then re-leased, years from January": ({"horizon_months": 77, "onprem.lease_rate_per_month": 0.031,
        "onprem.lease_months": 36, "fiscal_year_start_month": 1}, dt.date(2027, 7, 10)),
    "a term that ends within a year, tax stays a cost": ({"horizon_months": 60, "onprem.lease_rate_per_month": 0.034,
        "onprem.lease_months": 31, "tax_credit": False}, dt.date(2027, 9, 1)),
    "seven years, paid out after three and a half": ({"horizon_months": 42, "onprem.lease_rate_per_month": 0.016,
        "onprem.lease_months": 84, "tax_credit": False}, dt.date(2027, 2, 1)),
    "a year at most, then re-leased": ({"horizon_months": 30, "onprem.lease_rate_per_month": 0.09,
        "onprem.lease_months": 12}, dt.date(2028, 1, 1)),
    "nine months, given up after them": ({"horizon_months": 12, "onprem.lease_rate_per_month": 0.1,
        "onprem.lease_months": 9, "tax_credit": False}, None),
    "money costs nothing": ({"horizon_months": 84, "onprem.lease_rate_per_month": 0.021, "onprem.lease_months": 48,
        "discount_rate": 0.0}, dt.date(2027, 12, 1)),
    "after a lead time over a year": (LEAD | {"onprem.works_months": 13.0, "horizon_months": 72, "tax_credit": False,
        "onprem.lease_rate_per_month": 0.022, "onprem.lease_months": 48}, dt.date(2027, 4, 1)),
    "after a lead time, paid out": (LEAD | {"horizon_months": 48, "onprem.lease_rate_per_month": 0.018,
        "onprem.lease_months": 60}, dt.date(2027, 10, 1)),
}  # fmt: skip


def lessee(plan: Any, financed: float, tax: float, start: dt.date | None) -> list[dict[str, float]]:
    """The lease in the lessee's books, month after month: what is owed bears interest, the right of use is used up evenly.

    Rates with the consumption tax that nobody gives back; a lease of a year at most, and the rates of a re-lease, are expense.
    """
    monthly = (1.0 + plan.discount_rate) ** (1.0 / 12.0)
    term, lead, last = plan.onprem.lease_months, twin.lead_of(plan), plan.horizon_months
    rent = plan.onprem.lease_rate_per_month * financed * (1.0 + tax)
    first = plan.fiscal_year_start_month if start is None else start.month
    owed = held = 0.0
    rows: list[dict[str, float]] = []
    for month in range(1, last + 1):
        if month == 1 or (first + month - 2) % 12 + 1 == plan.fiscal_year_start_month:
            rows.append(
                dict.fromkeys(("payment", "interest", "depreciation", "loss", "expense", "asset", "liability"), 0.0)
            )
        row, used = rows[-1], month - lead
        if used == 1 and term > 12:
            held = owed = sum(rent / monthly**due for due in range(1, term + 1))
        if used >= 1:
            paid = rent if used <= term else rent / 12.0
            row["payment"] += paid
            if used <= term and term > 12:
                row["interest"] += owed * (monthly - 1.0)
                owed = owed * monthly - paid
                row["depreciation"] += min(held, sum(rent / monthly**due for due in range(1, term + 1)) / term)
                held -= sum(rent / monthly**due for due in range(1, term + 1)) / term
            else:
                row["expense"] += paid
        if month == last:
            rest = rent * max(0, term - max(0, used))
            row["payment"] += rest
            row["loss"] = rest + held - owed
            held = owed = 0.0
        row["asset"], row["liability"] = held, owed
    return rows


@pytest.mark.parametrize("name", LEASES)
def test_a_lease_is_the_lessees_ledger(name: str) -> None:
    changes, start = LEASES[name]
    plan, given = money(EVERYTHING | changes), inputs(**GIVEN | {"start_date": start})
    held_lease(plan, given, prices_of(plan), plan.utilization, start, cost(plan, given))


def held_lease(
    plan: Any, given: Any, prices: twin.Prices, use: float, start: dt.date | None, result: CostResult
) -> None:
    """Every column of the lease is the lessee's ledger, and what is paid is what the alternative's cash pays."""
    tax = 0.0 if plan.tax_credit else plan.tax_rate
    bought, leased = (twin.owned(plan, given, prices, use, leased=way) for way in (False, True))
    financed = sum(sum(bought[line]) for line in ("servers", "network", "storage", "spares"))
    rows, books = lessee(plan, financed, tax, start), result.accounting.lease
    assert len(books) == len(rows)
    paid = sum(leased["lease"]) * (1.0 + tax)
    for year, row in zip(books, rows, strict=True):
        for ours in ("payment", "interest", "depreciation", "loss", "asset", "liability"):
            assert getattr(year, ours) == pytest.approx(row[ours], rel=1e-9, abs=1e-9 * paid), (ours, year)
    assert sum(year.payment for year in books) == pytest.approx(paid), "what the cash flow of the lease pays"
    stays = sum(row["expense"] for row in rows)
    assert sum(y.interest + y.depreciation + y.loss for y in books) + stays == pytest.approx(paid)
    assert result.alternatives["lease"].lines["lease"].value == pytest.approx(paid / (1.0 + tax))


@pytest.mark.parametrize("term", [7, 18, 31, 59])
def test_a_lease_ends_in_the_month_in_which_its_term_ends(term: int) -> None:
    """What has been paid by each month is the rates of the term and then a twelfth of them, whatever the month of a year."""
    plan = money(EVERYTHING | {"horizon_months": 60, "onprem.lease_rate_per_month": 0.03, "onprem.lease_months": term})
    given = inputs(**GIVEN)
    leased = twin.owned(plan, given, prices_of(plan), plan.utilization, leased=True)
    side = cost(plan, given).alternatives["lease"]
    paid = list(accumulate(twin.payments(leased, 0.0 if plan.tax_credit else plan.tax_rate)))
    assert list(side.cumulative) == pytest.approx(paid, rel=1e-9)


def drawn(seed: int) -> tuple[dict[str, Any], dt.date | None]:
    """Any mixture of what the books know."""
    die = random.Random(seed)
    term = die.choice(["on_demand", "reserved_1y", "reserved_3y"])
    changes: dict[str, Any] = EVERYTHING | TAXED | (MOVING if die.random() < 0.5 else {}) | {
        "horizon_months": die.randint(12, 84), "fiscal_year_start_month": die.randint(1, 12),
        "discount_rate": die.choice([0.0, 0.011, 0.08]), "tax_credit": die.random() < 0.5,
        "currency": die.choice(["JPY", "USD"]), "onprem.depreciation": die.choice(["straight_line", "declining"]),
        "onprem.refresh_share": die.choice([0.0, 0.3, 1.0]), "onprem.refresh_month": die.randint(12, 72),
        "onprem.advance_share": die.choice([0.0, 0.25, 1.0]), "onprem.works_months": float(die.choice([0, 3, 14])),
        "onprem.payment_months": die.randint(0, 12), "onprem.interim_cloud": die.random() < 0.3,
        "onprem.special_depreciation_share": die.choice([0.0, 0.3]), "onprem.subsidy": die.choice([0.0, 3e7, 9e9]),
        "onprem.lease_rate_per_month": die.uniform(0.005, 0.1), "onprem.lease_months": die.randint(6, 120),
        "cloud.term": term, "cloud.reserved_1y_per_hour": 44.0, "cloud.reserved_3y_per_hour": 31.0,
        "cloud.upfront_share": die.choice([0.0, 0.5, 1.0]) if term != "on_demand" else 0.0,
    }  # fmt: skip
    start = None if die.random() < 0.2 else dt.date(2026, die.randint(1, 12), die.randint(1, 28))
    return changes, start


@pytest.mark.parametrize("seed", range(60))
def test_the_books_of_any_plan_are_the_ledgers(seed: int) -> None:
    changes, start = drawn(seed)
    plan, given = money(changes), inputs(**GIVEN | {"start_date": start})
    result, prices = cost(plan, given), prices_of(plan)
    held_lease(plan, given, prices, plan.utilization, start, result)
    if changes["currency"] == "JPY" or not changes["onprem.subsidy"]:  # the ledger keeps a subsidy in yen
        held(plan, given, prices, plan.utilization, start, result)
