"""会計: profit, cash and balance by fiscal year, the after-tax view, and a lease in the lessee's books."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mitsumori.model.cost.accounting import Accounting, capital_rate
from mitsumori.model.cost.depreciation import rates
from mitsumori.model.cost.fiscal_years import fiscal_months
from mitsumori.model.workbook import returns
from mitsumori.model.workbook.comparison import crossing_cells
from mitsumori.model.workbook.context import Context, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Sheet, Value, block, column_letter
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines

WIDTHS = (40.0, 18.0, 18.0, 18.0, 18.0, 18.0, 18.0)
YEARS = 8
"""Fiscal years of the longest horizon, where it begins within one."""
MONTHS = 85
END, BOOK, FULL, FIXED, MACHINES, WORKS, LAST, BEFORE = range(10, 18)
"""Workings beside the page: months to the end of the year; machines as shares of their cost; the end of the horizon."""
MONTH, SUM, REACHED, PLACE, AFTER = (19, 20, 21, 22, 24)
IN_USE, PAID_IN, BEGUN_IN = range(36, 39)
"""Further workings: months in use to the end of the year; whether the purchase is paid, and use begins, in the year."""


@dataclass(slots=True)
class _Base:
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


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("books")
    view = facts.estimate.cost.accounting
    lines = Lines(context, sheet, title_block(context, sheet))
    base = _base(context, facts, lines)
    first = lines.row + 1
    tables = _years(context, facts, sheet, first, base, view)
    lines.row = first + YEARS + 3
    _results(context, sheet, lines, base, tables, view)
    if view.lease:
        _lease(context, facts, sheet, lines, tables, view)
    note(sheet, lines.row, context.t("books_note"))
    sheet.print_rows = lines.row


def _amount(context: Context, value: float) -> Value:
    return float(value) if math.isfinite(value) else context.unknown


def _base(context: Context, facts: Facts, lines: Lines) -> _Base:
    t, cells, money = context.t, context.cells, context.plan.money
    own, unit = money.onprem, t(f"unit_money_{money.currency}")
    lines.section("books_base_section")
    lines.heading()
    month = facts.estimate.cost.details.first_month
    passed = 0 if month is None else (month - money.fiscal_year_start_month) % 12
    start = lines.constant("books_passed", passed, "months", "int", t("books_passed_basis"))
    entered, standard = context.inputs["money.capital_rate"], context.input("money.discount_rate")
    capital = lines.formula("books_capital", f"=IF(ISNUMBER({entered}),{entered},{standard})", capital_rate(money), "year",
                            "pct", t("books_capital_basis"))  # fmt: skip
    given, fx = context.input("money.onprem.subsidy"), cells[f"fx_{own.currency}"]
    rate = fx.number if fx.number is not None else math.nan
    value = 0.0 if own.subsidy == 0 else own.subsidy * rate
    subsidy = lines.formula("books_subsidy", f'=IF({given}=0,0,IF(ISNUMBER({fx}),{given}*{fx},"{context.unknown}"))',
                            _amount(context, value), unit, "money", t("books_subsidy_basis"))  # fmt: skip
    kept = cells["cmp_tax"]
    machines, works = cells["property_equipment_base"], cells["property_works_base"]
    whole = (machines.number if machines.number is not None else math.nan) * (1.0 + (kept.number or 0.0))
    less = f"{machines}*(1+{kept})-MIN({subsidy},{machines}*(1+{kept}))"
    reduced = whole - min(value, whole) if math.isfinite(value + whole) else math.nan
    cost = lines.formula("books_machines", context.guard([machines, subsidy], less), _amount(context, reduced), unit, "money",
                         t("books_machines_basis"))  # fmt: skip
    taken_off = min(value, whole) if math.isfinite(value + whole) else math.nan
    reduction = lines.formula("books_reduction", context.guard([machines, subsidy], f"MIN({subsidy},{machines}*(1+{kept}))"),
                              _amount(context, taken_off), unit, "money")  # fmt: skip
    amount = (works.number if works.number is not None else math.nan) * (1.0 + (kept.number or 0.0))
    built = lines.formula("books_works", context.guard([works], f"{works}*(1+{kept})"), _amount(context, amount), unit,
                          "money")  # fmt: skip
    method = t(f"books_{own.depreciation}", years=own.depreciation_years)
    found = rates(own.depreciation, own.depreciation_years)
    kinds = ("rate", "guarantee", "revised")
    machine_rates = tuple(
        lines.constant(f"books_{kind}", value, "none", "ratio", method)
        for kind, value in zip(kinds, found, strict=True)
    )
    life = facts.estimate.cost.details.works_life
    works_rate = lines.constant("books_works_rate", rates("straight_line", life)[0], "none", "ratio",
                                t("books_straight_line", years=life))  # fmt: skip
    special = context.input("money.onprem.special_depreciation_share")
    tax = context.input("money.corporate_tax_rate")
    return _Base(start, tax, capital, subsidy, cost, built, reduction, special, machine_rates, works_rate)  # type: ignore[arg-type]


def _labels(context: Context, facts: Facts) -> list[str]:
    years = facts.estimate.cost.years
    first = years[0].year
    key = "books_year" if first < 1000 else "books_fiscal_year"
    return [context.t(key, year=first + index) for index in range(YEARS)]


def _years(
    context: Context, facts: Facts, sheet: Sheet, row: int, base: _Base, view: Accounting
) -> dict[str, list[Cell]]:
    """The table of fiscal years; beyond the horizon nothing flows."""
    t, money = context.t, context.plan.money
    row = section(context, sheet, row, "books_years_section", money=t(f"unit_money_{money.currency}"))
    heads = ("books_col_year", "books_col_cloud", "books_col_owned", "books_col_depreciation", "books_col_expense",
             "books_col_book", "books_col_tax")  # fmt: skip
    row = headings(context, sheet, row, heads, range(2, 8))
    for column, key in ((END, "books_end"), (BOOK, "books_machines_share"), (FULL, "books_full"), (FIXED, "books_fixed"),
                        (MACHINES, "books_taken_machines"), (WORKS, "books_taken_works"), (LAST, "books_last"),
                        (BEFORE, "books_before"), (IN_USE, "books_in_use"), (PAID_IN, "books_paid_in"),
                        (BEGUN_IN, "books_begun_in")):  # fmt: skip
        sheet.put(row - 1, column, t(key), "note")
    used = fiscal_months(money.horizon_months, facts.estimate.cost.details.first_month, money.fiscal_year_start_month)
    made: dict[str, list[Cell]] = {key: [] for key in (
        "cloud", "owned", "taken", "expense", "tax", "end", "before", "in_use",
    )}  # fmt: skip
    chain = _Chain(context, base, used)
    for k, label in enumerate(_labels(context, facts)):
        sheet.put(row + k, 1, label, "label")
        _year(context, sheet, row + k, k, base, view, chain, made)
    return made


def _year(
    context: Context,
    sheet: Sheet,
    row: int,
    k: int,
    base: _Base,
    view: Accounting,
    chain: _Chain,
    made: dict[str, list[Cell]],
) -> None:
    """One fiscal year: cash of both sides, depreciation, expense, assets, tax."""
    cells, months = context.cells, context.cells["months"]
    known = view.years[k] if k < len(view.years) else None
    before = str(made["end"][-1]) if k else "0"
    twelve = "12" if k else f"12-{base.passed}"
    ended = min(context.plan.money.horizon_months, sum(chain.used[: k + 1]))
    end = sheet.formula(row, END, f"=MIN({months},{before}+{twelve})", ended, "calc", "int")
    lead, ended_in_use = cells["lead_months"], max(0, ended - facts_lead(context))
    in_use = sheet.formula(row, IN_USE, f"=MAX(0,{end}-{lead})", ended_in_use, "calc", "int")
    used_before = str(made["in_use"][-1]) if k else "0"
    machines, works = chain.year(sheet, row, in_use, used_before)
    paid_in = _within(context, sheet, (row, PAID_IN), cells["paid_month"], end, made["end"])
    begun_in = _within(context, sheet, (row, BEGUN_IN), cells["lead_inside"], end, made["end"])

    def put(column: int, name: str, needed: list[Cell], formula: str) -> Cell:
        value: Value = 0.0 if known is None else _amount(context, float(getattr(known, name, 0.0)))
        if any(cell.number is None for cell in needed):
            value = context.unknown
        return sheet.formula(row, column, context.guard(needed, formula), value, "calc", "money")

    def flow(sums: str) -> str:
        return f"INDEX({sums},{end}+1)" + (f"-INDEX({sums},{before}+1)" if k else "")

    paid = put(2, "cloud_cash", [cells["cmp_last_cloud"]], flow(context.blocks["sum_cloud"]))
    received = f"-{begun_in}*{base.subsidy}"
    own = put(3, "onprem_cash", [cells["cmp_last_owned"], base.subsidy], flow(context.blocks["sum_owned"]) + received)
    bases = [base.machines, base.works]
    taken = put(4, "depreciation", bases, f"{base.machines}*{machines}+{base.works}*{works}")
    over = int(known is not None and k == len(view.years) - 1)
    last = sheet.formula(row, LAST, f"=IF(AND({end}>={months},{before}<{months}),1,0)", over, "calc", "int")
    whole = str(made["before"][-1]) if k else f"{base.machines}+{base.works}"
    left: Value = context.unknown
    if base.machines.number is not None and base.works.number is not None:
        spent_so_far = float(np.sum([year.depreciation for year in view.years[: k + 1]]))
        left = _amount(context, base.machines.number + base.works.number - spent_so_far)
    rest = sheet.formula(row, BEFORE, context.guard(bases, f"{whole}-{taken}"), left, "calc", "money")
    advance, whole_cost = (
        context.input("money.onprem.advance_share"),
        f"({base.machines}+{base.works}+{base.reduction})",
    )
    share = f"({paid_in}*(1-{advance}))" if k else f"({advance}+{paid_in}*(1-{advance}))"
    bought = f"-{share}*{whole_cost}+{begun_in}*{base.reduction}"
    spent = put(5, "onprem_expense", [own, taken, rest], f"{own}+{taken}{bought}+{last}*{rest}")
    put(6, "book_value", [rest], f"IF({end}>={months},0,IF({end}<{lead},{advance}*{whole_cost},{rest}))")
    tax = put(7, "tax_saving", [base.tax, spent, paid], f"{base.tax}*({spent}-{paid})")
    for key, cell in (("cloud", paid), ("owned", own), ("taken", taken), ("before", rest), ("expense", spent), ("tax", tax),
                      ("end", end), ("in_use", in_use)):  # fmt: skip
        made[key].append(cell)


def facts_lead(context: Context) -> int:
    """Months from the order to use, as exported."""
    return int(context.cells["lead_months"].number or 0)


def _within(context: Context, sheet: Sheet, at: tuple[int, int], month: Cell, end: Cell, ends: list[Cell]) -> Cell:
    """1 where a month lies in the fiscal year; month 0 lies in the first."""
    last = int(ends[-1].number or 0) if ends else -1
    value = int(last < (month.number or 0) <= (end.number or 0))
    test = f"{month}<={end}" if not ends else f"AND({month}>{ends[-1]},{month}<={end})"
    return sheet.formula(*at, f"=IF({test},1,0)", value, "calc", "int")


class _Chain:
    """Depreciation year by year as shares of the cost, as :func:`model.cost.depreciation.shares` takes it."""

    def __init__(self, context: Context, base: _Base, used: tuple[int, ...]) -> None:
        self.context, self.base, self.used = context, base, used
        self.left, self.fixed_value, self.works_left = 1.0, 0.0, 1.0
        self.passed = 0
        self.taken: list[Cell] = []
        self.fixed: Cell | None = None
        self.works: list[Cell] = []

    def year(self, sheet: Sheet, row: int, end: Cell, before: str) -> tuple[Cell, Cell]:
        """The shares of machines and works taken in a fiscal year, between two counts of months in use."""
        base, own = self.base, self.context.plan.money.onprem
        months = int(end.number or 0) - self.passed
        begins = self.passed == 0 and months > 0
        self.passed += months
        rate, guarantee, revised = base.machine_rates
        guard = self.context.cells["cst_guard"]
        taken_before = f"SUM({block(self.taken)})" if self.taken else "0"
        book = sheet.formula(row, BOOK, f"=1-{taken_before}", self.left, "calc", "pct")
        ordinary, full_value, fixed_value = f"{rate}", rate.number or 0.0, 0.0
        if own.depreciation == "declining" and own.depreciation_years > 1:
            kept = "0" if self.fixed is None else f"{self.fixed}"
            below = f"ROUND({book}*{rate},{guard})<ROUND({guarantee},{guard})"
            ordinary = f"IF({kept}>0,{kept},IF({below},{book}*{revised},{book}*{rate}))"
            falls = self.left * (rate.number or 0.0) < (guarantee.number or 0.0) - 1e-12
            full_value = self.fixed_value or self.left * ((revised.number if falls else rate.number) or 0.0)
            fixed_value = self.fixed_value or (full_value if falls else 0.0)
            full = sheet.formula(row, FULL, f"={ordinary}", full_value, "calc", "pct")
            self.fixed = sheet.formula(row, FIXED, f"=IF(OR({kept}>0,{below}),{full},0)", fixed_value, "calc", "pct")
        else:
            full = sheet.formula(row, FULL, f"={ordinary}", full_value, "calc", "pct")
        special = f"+IF(AND({before}=0,{end}>0),{base.special},0)"
        extra = own.special_depreciation_share if begins else 0.0
        amount = min(self.left, full_value * months / 12.0 + extra)
        made = sheet.formula(row, MACHINES, f"=MIN({book},{full}*({end}-{before})/12{special})", amount, "calc", "pct")
        works_before = f"-SUM({block(self.works)})" if self.works else ""
        works_value = min(self.works_left, (base.works_rate.number or 0.0) * months / 12.0)
        works = sheet.formula(row, WORKS, f"=MIN(1{works_before},{base.works_rate}*({end}-{before})/12)", works_value, "calc",
                              "pct")  # fmt: skip
        self.left -= amount
        self.works_left -= works_value
        self.fixed_value = fixed_value
        self.taken.append(made)
        self.works.append(works)
        return made, works


def _results(
    context: Context, sheet: Sheet, lines: Lines, base: _Base, tables: dict[str, list[Cell]], view: Accounting
) -> None:
    """After-tax present value and payback."""
    t, cells = context.t, context.cells
    unit = t(f"unit_money_{context.plan.money.currency}")
    lines.section("books_result_section")
    lines.heading()
    saving, taxes, ends = cells["out_cost_details_saving"], block(tables["tax"]), block(tables["end"])
    lasting = tables["tax"][0]
    month_cells, sums, reached, after = _months(context, sheet, base, tables, view)
    runs = context.blocks
    flows = f"({runs['flow_cloud']}-{runs['flow_owned']})/(1+{base.capital})^({runs['months']}/12)"
    begun = cells["lead_inside"]
    received, years = base.subsidy.number, (begun.number or 0.0) / 12.0
    support = lines.formula(
        "books_subsidy_value", context.guard([base.subsidy], f"{base.subsidy}/(1+{base.capital})^({begun}/12)"),
        context.unknown if received is None else received / (1.0 + (base.capital.number or 0.0)) ** years, unit, "money",
    )  # fmt: skip
    worth = f"SUMPRODUCT({flows})+{support}+SUMPRODUCT({taxes}/(1+{base.capital})^({ends}/12))"
    lines.formula("books_npv", context.guard([saving, lasting, base.subsidy], worth), context.shown(view.npv), unit, "money",
                  t("books_npv_basis"), "out_cost_accounting_npv", total=True)  # fmt: skip
    row = lines.row
    index = f"[[books!{column_letter(PLACE)}{row}]]"
    column, flags = block(sums), block(reached)
    place = next((i + 1 for i, cell in enumerate(reached) if cell.value == 1), 0)
    sheet.put(row, PLACE + 1, t("cmp_first_line"), "note")
    sheet.formula(row, PLACE, f"=IFERROR(MATCH(1,{flags},0),0)", place, "calc", "int")
    before, at = crossing_cells(sheet, (row, AFTER + 8), index, column, [cell.number for cell in sums], place)
    part = f"IF({at}>{before},MIN(1,MAX(0,(0-{before})/({at}-{before}))),1)"
    body = f'IF({index}=0,"{t("never")}",IF({index}=1,0,INDEX({block(month_cells)},{index}-1)+{part}))'
    value: Value = view.payback_months.value
    if value is None:
        value = t("never") if view.payback_months.reason == "cost_not_within_horizon" else context.unknown
    lines.formula("books_payback", f'=IF(ISNUMBER({sums[-1]}),{body},"{context.unknown}")', value, "months", "d1",
                  t("books_payback_basis"), "out_cost_accounting_payback_months")  # fmt: skip
    returns.line(context, lines, (row, AFTER + 2), (after, month_cells), "books_irr", view.internal_rate,
                 "out_cost_accounting_internal_rate")  # fmt: skip
    lines.gap()


def _months(context: Context, sheet: Sheet, base: _Base, tables: dict[str, list[Cell]], view: Accounting) -> tuple[
        list[Cell], list[Cell], list[Cell], list[Cell]]:  # fmt: skip
    """The after-tax saving added up month by month, beside the page."""
    t, cells, months = context.t, context.cells, context.cells["months"]
    for column, key in ((MONTH, "col_month"), (SUM, "books_sum"), (REACHED, "col_reached"), (AFTER, "books_after")):
        sheet.put(4, column, t(key), "note")
    first = cells["cmp_first_flow_row"].row
    taxes, ends = block(tables["tax"]), block(tables["end"])
    needed = [cells["out_cost_details_saving"], tables["tax"][0], base.subsidy]
    running = np.cumsum(view.after) if np.all(np.isfinite(view.after)) else np.full(view.after.size, np.nan)
    made: tuple[list[Cell], list[Cell], list[Cell], list[Cell]] = ([], [], [], [])
    paid, begun = cells["paid_month"], cells["lead_inside"]
    digits = cells["cst_flow_decimals"]
    for m in range(MONTHS):
        row = 5 + m
        month = sheet.put(row, MONTH, m, "const", "int")
        flow = f"[[comparison!B{first + m}]]-[[comparison!C{first + m}]]"
        received = f"+IF({month}={begun},{base.subsidy},0)"
        value = float(running[min(m, running.size - 1)])
        taxed = f"SUMPRODUCT(({ends}={month})*{taxes})" if m else "0"
        inside = m < running.size
        gained = math.nan if math.isnan(value) else float(view.after[m]) if inside else 0.0
        saved = f"ROUND(IF({month}<={months},{flow}+{taxed},0){received},{digits})"
        once = sheet.formula(row, AFTER, context.guard(needed, saved),
                             _amount(context, gained), "calc", "money")  # fmt: skip
        whole = f"{made[1][-1]}+{once}" if m else f"{once}"
        total = sheet.formula(row, SUM, context.guard([once], whole), _amount(context, value), "calc", "money")
        flag: Value = context.unknown if math.isnan(value) else int(inside and value >= 0.0 and m >= (paid.number or 0))
        test = f'=IF(ISNUMBER({total}),IF(AND({month}<={months},{total}>=0,{month}>={paid}),1,0),"{context.unknown}")'
        reached = sheet.formula(row, REACHED, test, flag, "calc", "int")
        for listed, cell in zip(made, (month, total, reached, once), strict=True):
            listed.append(cell)
    return made


def _lease(
    context: Context, facts: Facts, sheet: Sheet, lines: Lines, tables: dict[str, list[Cell]], view: Accounting
) -> None:
    """Rates, interest, depreciation, right of use and liability of a lease by fiscal year."""
    t, cells, own = context.t, context.cells, context.plan.money.onprem
    unit = t(f"unit_money_{context.plan.money.currency}")
    lines.section("books_lease_section")
    lines.heading()
    rate = lines.constant("books_lease_rate", own.lease_rate_per_month or 0.0, "none", "pct", t("change_in_mitsumori"))
    term = lines.constant("books_lease_months", own.lease_months, "months", "int", t("change_in_mitsumori"))
    parts = [cells["hardware"], cells["initial_spares"]]
    financed = sum(cell.number if cell.number is not None else math.nan for cell in parts)
    rent_value = (own.lease_rate_per_month or 0.0) * financed
    rent = lines.formula("books_lease_rent", context.guard(parts, f"{rate}*({parts[0]}+{parts[1]})"),
                         _amount(context, rent_value), t("unit_per_month", money=unit), "money")  # fmt: skip
    monthly = cells["cmp_monthly_rate"]
    months_left = f"IF({monthly}=0,{{left}},(1-(1+{monthly})^(0-{{left}}))/{monthly})"
    short = own.lease_months <= 12
    first = next((year for year in view.lease if year.months), view.lease[0])
    start_value = 0.0 if short else first.liability + (first.payment - first.interest)
    body = f"=0*{rate}" if short else context.guard([rent], f"{rent}*{months_left.format(left=term)}")
    start = lines.formula(
        "books_lease_start", body, _amount(context, start_value), unit, "money", t("books_lease_basis")
    )
    row = headings(context, sheet, lines.row, ("books_col_year", "books_col_payment", "books_col_interest",
                                               "books_col_right_depreciation", "books_col_right", "books_col_liability"),
                   range(2, 7))  # fmt: skip
    asset_before, liability_before = start, start
    for k, end in enumerate(tables["in_use"]):
        known = view.lease[k] if k < len(view.lease) else None
        before = str(tables["in_use"][k - 1]) if k else "0"
        sheet.put(row, 1, sheet.cells[tables["cloud"][k].row, 1].value, "label")
        within = f"(MIN({end},{term})-MIN({before},{term}))"
        stays = view.lease[-1]

        def shown(name: str, lasting: bool = False, known: object = known, stays: object = stays) -> Value:
            if rent.number is None:
                return context.unknown
            if known is None:
                return _amount(context, float(getattr(stays, name))) if lasting else 0.0
            return _amount(context, float(getattr(known, name)))

        def put(column: int, formula: str, value: Value, row: int = row) -> Cell:
            return sheet.formula(row, column, context.guard([rent], formula), value, "calc", "money")

        put(2, f"{rent}*({within}+({end}-{before}-{within})/12)", shown("payment"))
        owed = "0*" if short else ""
        left = months_left.format(left=f"MAX(0,{term}-{end})")
        liability = put(6, f"IF({end}=0,0,{owed}{rent}*{left})", shown("liability", lasting=True))
        opened = f"IF({before}=0,{start},{liability_before})"
        grown = f"0*{rent}" if short else f"IF({end}=0,0,{rent}*{within}-({opened}-{liability}))"
        put(3, grown, shown("interest"))
        taken = put(4, f"{start}/{term}*{within}", shown("depreciation"))
        held = f"IF({before}=0,{start},{asset_before})-{taken}"
        asset_before = put(5, f"IF({end}=0,0,{held})", shown("asset", lasting=True))
        liability_before = liability
        row += 1
    lines.row = row + 1
