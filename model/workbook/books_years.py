"""The years of 会計: cash, expense and balance of both sides by fiscal year, with their workings beside the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from mitsumori.model.cost.accounting import Accounting
from mitsumori.model.cost.fiscal_years import fiscal_months
from mitsumori.model.workbook.context import Context, headings, section
from mitsumori.model.workbook.description import Cell, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts

__all__ = ["YEARS", "Base", "Years", "amount", "years"]

YEARS = 8
"""Fiscal years of the longest horizon, where it begins within one."""
END, BOOK, FULL, FIXED, MACHINES, WORKS, LAST, BEFORE = range(10, 18)
"""Workings beside the page: months to the end of the year; machines as shares of their cost; the end of the horizon."""
IN_USE, PAID_IN, BEGUN_IN, UNTIL, AFTER, REPLACED, NEW_BOOK, NEW_FULL, NEW_FIXED, NEW_TAKEN, RENEWED_IN, LOST = range(
    36, 48
)
"""Further workings: months in use to the end of the year, until machines are replaced and after it; whether the purchase is
paid, use begins and machines are replaced in the year; shares of machines that are replaced and of those that replace them."""
HEADS = (
    (END, "books_end"), (BOOK, "books_machines_share"), (FULL, "books_full"), (FIXED, "books_fixed"),
    (MACHINES, "books_taken_machines"), (WORKS, "books_taken_works"), (LAST, "books_last"), (BEFORE, "books_before"),
    (IN_USE, "books_in_use"), (PAID_IN, "books_paid_in"), (BEGUN_IN, "books_begun_in"), (UNTIL, "books_until"),
    (AFTER, "books_after_replacement"), (REPLACED, "books_taken_replaced"), (NEW_BOOK, "books_new_share"),
    (NEW_FULL, "books_full"), (NEW_FIXED, "books_fixed"), (NEW_TAKEN, "books_taken_new"), (RENEWED_IN, "books_renewed_in"),
    (LOST, "books_lost"),
)  # fmt: skip


@dataclass(slots=True)
class Base:
    """What the years are made from."""

    passed: Cell
    tax: Cell
    capital: Cell
    subsidy: Cell
    machines: Cell
    works: Cell
    reduction: Cell
    special: Cell
    machine_rates: tuple[Cell, Cell, Cell]
    works_rate: Cell


@dataclass(slots=True)
class Years:
    """Cells of the years, a list a column.

    Attributes
    ----------
    labels
        What each year is called.
    cloud, rent, owned, taken, written_off, expense, tax
        Cash and expense of renting; cash, depreciation, book value written off and expense of owning; tax that it saves.
    assets, payable, prepaid
        What stands in the books at the end of the year.
    finish, in_use, last, before
        Months to the end of the year and in use by then; 1 in the year in which the horizon ends; assets before their last
        write-off.
    end
        First row below the tables.
    """

    labels: list[str] = field(default_factory=list)
    cloud: list[Cell] = field(default_factory=list)
    rent: list[Cell] = field(default_factory=list)
    owned: list[Cell] = field(default_factory=list)
    taken: list[Cell] = field(default_factory=list)
    written_off: list[Cell] = field(default_factory=list)
    expense: list[Cell] = field(default_factory=list)
    tax: list[Cell] = field(default_factory=list)
    assets: list[Cell] = field(default_factory=list)
    payable: list[Cell] = field(default_factory=list)
    prepaid: list[Cell] = field(default_factory=list)
    finish: list[Cell] = field(default_factory=list)
    in_use: list[Cell] = field(default_factory=list)
    last: list[Cell] = field(default_factory=list)
    before: list[Cell] = field(default_factory=list)
    end: int = 0


def amount(context: Context, value: float) -> Value:
    """A number, or the text for unknown."""
    return float(value) if math.isfinite(value) else context.unknown


def years(context: Context, facts: Facts, sheet: Sheet, row: int, base: Base, view: Accounting) -> Years:
    """The two tables of fiscal years, cash and expense, and the balance; beyond the horizon nothing flows.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    sheet, row
        Sheet, and first row of the tables.
    base
        Cells of the bases above.
    view
        The program's own years.
    """
    t, money = context.t, context.plan.money
    made, unit = Years(labels=_labels(context, facts)), t(f"unit_money_{money.currency}")
    row = section(context, sheet, row, "books_years_section", money=unit)
    heads = ("books_col_year", "books_col_cloud", "books_col_rent", "books_col_owned", "books_col_depreciation",
             "books_col_expense", "books_col_tax")  # fmt: skip
    first = headings(context, sheet, row, heads, range(2, 8))
    for column, key in HEADS:
        sheet.put(first - 1, column, t(key), "note")
    sheet.breaks.append(first + YEARS)  # the balance and what follows stand on a page of their own
    row = section(context, sheet, first + YEARS + 1, "books_balance_section", money=unit)
    kept = ("books_col_year", "books_col_book", "books_col_payable", "books_col_prepaid", "books_col_written_off")
    balance = headings(context, sheet, row, kept, range(2, 6))
    used = fiscal_months(money.horizon_months, facts.estimate.cost.details.first_month, money.fiscal_year_start_month)
    writer = _Writer(context, sheet, base, view, made, used)
    for k, label in enumerate(made.labels):
        for at in (first + k, balance + k):
            sheet.put(at, 1, label, "label")
        writer.year(first + k, balance + k, k)
    made.end = balance + YEARS + 1
    _check(context, made)
    return made


def _labels(context: Context, facts: Facts) -> list[str]:
    first = facts.estimate.cost.years[0].year
    key = "books_year" if first < 1000 else "books_fiscal_year"
    return [context.t(key, year=first + index) for index in range(YEARS)]


def _check(context: Context, made: Years) -> None:
    """What is paid and not yet expense is what stands in the books, in every year: the check of the balance."""
    owned = f"SUM({block(made.owned)})-SUM({block(made.expense)})"
    rented = f"SUM({block(made.cloud)})-SUM({block(made.rent)})"
    known = "*".join(f"ISNUMBER({column[-1]})" for column in (made.owned, made.expense, made.rent))
    context.checks.append(("check_books", f"IF({known}=1,ABS({owned})+ABS({rented})<=1,1=1)", True))


class _Writer:
    """Writes one fiscal year after another; each year rests on the one before."""

    def __init__(
        self, context: Context, sheet: Sheet, base: Base, view: Accounting, made: Years, used: tuple[int, ...]
    ) -> None:
        self.context, self.sheet, self.base, self.view, self.made, self.used = context, sheet, base, view, made, used
        self.machines = Chain(context, sheet, base.machine_rates, (BOOK, FULL, FIXED, MACHINES))
        self.new = Chain(context, sheet, base.machine_rates, (NEW_BOOK, NEW_FULL, NEW_FIXED, NEW_TAKEN))
        self.works: list[Cell] = []
        self.replaced: list[Cell] = []
        self.until: list[Cell] = []
        self.after: list[Cell] = []
        money = context.plan.money
        self.lead = int(context.cells["lead_months"].number or 0)
        self.horizon, self.month = money.horizon_months, money.onprem.refresh_month
        self.share_value = min(money.onprem.refresh_share, 1.0)
        self.share = f"MIN(1,{context.input('money.onprem.refresh_share')})"

    def year(self, row: int, balance: int, k: int) -> None:
        """The cells of a year in both tables and beside them."""
        made, cells, context, base = self.made, self.context.cells, self.context, self.base
        self.known = self.view.years[k] if k < len(self.view.years) else None
        months, lead = cells["months"], cells["lead_months"]
        before = str(made.finish[-1]) if k else "0"
        twelve = "12" if k else f"12-{base.passed}"
        ended = min(self.horizon, sum(self.used[: k + 1]))
        end = self.sheet.formula(row, END, f"=MIN({months},{before}+{twelve})", ended, "calc", "int")
        in_use = self.sheet.formula(row, IN_USE, f"=MAX(0,{end}-{lead})", max(0, ended - self.lead), "calc", "int")
        shares = self._shares(row, in_use)
        paid_in, begun_in, renewed_in = (
            _within(self.sheet, (row, column), cells[name], end, made.finish)
            for column, name in ((PAID_IN, "paid_month"), (BEGUN_IN, "lead_inside"), (RENEWED_IN, "refresh_at"))
        )
        paid = self._put(row, 2, "cloud_cash", [cells["cmp_last_cloud"]], self._flow("sum_cloud", end, before))
        prepaid = self._prepaid(balance, end)
        less = f"-{made.prepaid[-1]}" if k else ""
        rent = self._put(row, 3, "cloud_expense", [paid, prepaid], f"{paid}-({prepaid}{less})")
        received = f"-{begun_in}*{base.subsidy}"
        own = self._put(row, 4, "onprem_cash", [cells["cmp_last_owned"], base.subsidy],
                        self._flow("sum_owned", end, before) + received)  # fmt: skip
        refresh, bases = cells["cmp_refresh"], [base.machines, base.works]
        machines, replaced, new, works = shares
        body = f"{base.machines}*((1-{self.share})*{machines}+{self.share}*{replaced})+{refresh}*{new}+{base.works}*{works}"
        taken = self._put(row, 5, "depreciation", [*bases, refresh], body)
        over = int(self.known is not None and k == len(self.view.years) - 1)
        last = self.sheet.formula(row, LAST, f"=IF(AND({end}>={months},{before}<{months}),1,0)", over, "calc", "int")
        lost, rest = self._rest(row, k, taken, renewed_in, [*bases, refresh])
        gone = self._put(balance, 5, "written_off", [lost, rest], f"{lost}+{last}*{rest}")
        advance = context.input("money.onprem.advance_share")
        whole = f"({base.machines}+{base.works}+{base.reduction})"
        share = f"({paid_in}*(1-{advance}))" if k else f"({advance}+{paid_in}*(1-{advance}))"
        bought = f"-{share}*{whole}-{renewed_in}*{refresh}+{begun_in}*{base.reduction}"
        spent = self._put(row, 6, "onprem_expense", [own, taken, gone], f"{own}+{taken}+{gone}{bought}")
        assets = self._put(
            balance, 2, "book_value", [rest], f"IF({end}>={months},0,IF({end}<{lead},{advance}*{whole},{rest}))"
        )
        owed = f"IF(AND({end}>={lead},{end}<{cells['paid_month']}),(1-{advance})*{whole},0)"
        payable = self._put(balance, 3, "payable", bases, owed)
        tax = self._put(row, 7, "tax_saving", [base.tax, spent, rent], f"{base.tax}*({spent}-{rent})")
        for column, cell in (
            (made.cloud, paid), (made.rent, rent), (made.owned, own), (made.taken, taken), (made.written_off, gone),
            (made.expense, spent), (made.tax, tax), (made.assets, assets), (made.payable, payable),
            (made.prepaid, prepaid), (made.finish, end), (made.in_use, in_use), (made.last, last), (made.before, rest),
        ):  # fmt: skip
            column.append(cell)

    def _put(self, row: int, column: int, name: str, needed: list[Cell], formula: str) -> Cell:
        """A figure of the program's year; nothing beyond the last one."""
        value: Value = 0.0 if self.known is None else amount(self.context, float(getattr(self.known, name)))
        if any(cell.number is None for cell in needed):
            value = self.context.unknown
        return self.sheet.formula(row, column, self.context.guard(needed, formula), value, "calc", "money")

    def _flow(self, sums: str, end: Cell, before: str) -> str:
        listed = self.context.blocks[sums]
        return f"INDEX({listed},{end}+1)" + (f"-INDEX({listed},{before}+1)" if self.made.finish else "")

    def _prepaid(self, row: int, end: Cell) -> Cell:
        """Reservations paid ahead whose months are still to come."""
        cells, blocks = self.context.cells, self.context.blocks
        if "ahead" not in blocks:
            return self._put(row, 4, "prepaid", [], "0")
        compute, share = cells["cmp_compute"], self.context.input("money.cloud.upfront_share")
        body = f"IF({share}=0,0,{share}*{compute}*SUMPRODUCT(({blocks['months']}<={end})*{blocks['ahead']}))"
        return self._put(row, 4, "prepaid", [compute], f"IF({end}>={cells['months']},0,{body})")

    def _shares(self, row: int, in_use: Cell) -> tuple[Cell, Cell, Cell, Cell]:
        """Shares of their cost that machines, those of them that are replaced, new machines and works take in the year."""
        sheet, base, made = self.sheet, self.base, self.made
        special = self.context.plan.money.onprem.special_depreciation_share
        month = self.context.input("money.onprem.refresh_month")
        used_before = str(made.in_use[-1]) if made.in_use else "0"
        used, begun = int(in_use.number or 0), int(made.in_use[-1].number or 0) if made.in_use else 0
        extra = f"+IF(AND({used_before}=0,{in_use}>0),{base.special},0)"
        first = special if begun == 0 and used > 0 else 0.0
        stop = min(used, self.month)
        until = sheet.formula(row, UNTIL, f"=MIN({in_use},{month})", stop, "calc", "int")
        after = sheet.formula(row, AFTER, f"={in_use}-{until}", used - stop, "calc", "int")
        machines = self.machines.year(row, in_use, (extra, first))
        book, full = (sheet.cells[row, column] for column in (BOOK, FULL))
        ran = f"{until}-{self.until[-1]}" if self.until else f"{until}"
        months = stop - (int(self.until[-1].number or 0) if self.until else 0)
        share = min(book.number or 0.0, (full.number or 0.0) * months / 12.0 + first)
        if not months:
            share = 0.0
        body = f"=IF({ran}=0,0,MIN({book},{full}*({ran})/12{extra}))"
        replaced = sheet.formula(row, REPLACED, body, share, "calc", "pct")
        new = self.new.year(row, after, ("", 0.0))
        left, rate = sum(cell.number or 0.0 for cell in self.works), base.works_rate.number or 0.0
        works_before = f"-SUM({block(self.works)})" if self.works else ""
        works = sheet.formula(row, WORKS, f"=MIN(1{works_before},{base.works_rate}*({in_use}-{used_before})/12)",
                              min(1.0 - left, rate * (used - begun) / 12.0), "calc", "pct")  # fmt: skip
        for column, cell in (
            (self.until, until), (self.after, after), (self.replaced, replaced), (self.works, works),
        ):  # fmt: skip
            column.append(cell)
        return machines, replaced, new, works

    def _rest(self, row: int, k: int, taken: Cell, renewed_in: Cell, needed: list[Cell]) -> tuple[Cell, Cell]:
        """Book value of machines that are replaced in the year, and assets at its end before the last write-off."""
        base, sheet, context = self.base, self.sheet, self.context
        machines, works, refresh = needed
        lost_value: Value = context.unknown
        left: Value = context.unknown
        known = all(cell.number is not None for cell in needed)
        gone = 1.0 - sum(cell.number or 0.0 for cell in self.replaced)
        if known:
            lost_value = (renewed_in.number or 0.0) * self.share_value * (machines.number or 0.0) * gone
        body = f"{renewed_in}*{self.share}*{base.machines}*(1-SUM({block(self.replaced)}))"
        lost = sheet.formula(row, LOST, context.guard(needed, body), lost_value, "calc", "money")
        whole = str(self.made.before[-1]) if k else f"{base.machines}+{base.works}"
        if known and taken.number is not None:
            start = (self.made.before[-1].number or 0.0) if k else (machines.number or 0.0) + (works.number or 0.0)
            left = start - taken.number - (lost.number or 0.0) + (renewed_in.number or 0.0) * (refresh.number or 0.0)
        body = f"{whole}-{taken}-{lost}+{renewed_in}*{refresh}"
        return lost, sheet.formula(row, BEFORE, context.guard(needed, body), left, "calc", "money")


def _within(sheet: Sheet, at: tuple[int, int], month: Cell, end: Cell, ends: list[Cell]) -> Cell:
    """1 where a month lies in the fiscal year; month 0 lies in the first."""
    last = int(ends[-1].number or 0) if ends else -1
    value = int(last < (month.number or 0) <= (end.number or 0))
    test = f"{month}<={end}" if not ends else f"AND({month}>{ends[-1]},{month}<={end})"
    return sheet.formula(*at, f"=IF({test},1,0)", value, "calc", "int")


class Chain:
    """Depreciation year by year as shares of the cost, as :func:`model.cost.depreciation.shares` takes it."""

    def __init__(
        self, context: Context, sheet: Sheet, rates: tuple[Cell, Cell, Cell], columns: tuple[int, int, int, int]
    ) -> None:
        self.context, self.sheet, self.rates, self.columns = context, sheet, rates, columns
        self.left, self.fixed_value = 1.0, 0.0
        self.taken: list[Cell] = []
        self.ends: list[Cell] = []
        self.fixed: Cell | None = None

    def year(self, row: int, end: Cell, extra: tuple[str, float]) -> Cell:
        """The share taken in a fiscal year, from the last count of months in use to ``end``; ``extra`` comes upon it."""
        own, sheet = self.context.plan.money.onprem, self.sheet
        book_column, full_column, fixed_column, made_column = self.columns
        months = int(end.number or 0) - (int(self.ends[-1].number or 0) if self.ends else 0)
        before = str(self.ends[-1]) if self.ends else "0"
        rate, guarantee, revised = self.rates
        guard = self.context.cells["cst_guard"]
        taken_before = f"SUM({block(self.taken)})" if self.taken else "0"
        book = sheet.formula(row, book_column, f"=1-{taken_before}", self.left, "calc", "pct")
        ordinary, full_value, fixed_value = f"{rate}", rate.number or 0.0, 0.0
        if own.depreciation == "declining" and own.depreciation_years > 1:
            kept = "0" if self.fixed is None else f"{self.fixed}"
            below = f"ROUND({book}*{rate},{guard})<ROUND({guarantee},{guard})"
            ordinary = f"IF({kept}>0,{kept},IF({below},{book}*{revised},{book}*{rate}))"
            falls = self.left * (rate.number or 0.0) < (guarantee.number or 0.0) - 1e-12
            full_value = self.fixed_value or self.left * ((revised.number if falls else rate.number) or 0.0)
            fixed_value = self.fixed_value or (full_value if falls else 0.0)
            full = sheet.formula(row, full_column, f"={ordinary}", full_value, "calc", "pct")
            self.fixed = sheet.formula(
                row, fixed_column, f"=IF(OR({kept}>0,{below}),{full},0)", fixed_value, "calc", "pct"
            )
        else:
            full = sheet.formula(row, full_column, f"={ordinary}", full_value, "calc", "pct")
        formula, more = extra
        share = min(self.left, full_value * months / 12.0 + more)
        made = sheet.formula(
            row, made_column, f"=MIN({book},{full}*({end}-{before})/12{formula})", share, "calc", "pct"
        )
        self.left -= share
        self.fixed_value = fixed_value
        self.taken.append(made)
        self.ends.append(end)
        return made
