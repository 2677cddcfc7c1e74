"""会計: profit, cash and balance by fiscal year, the after-tax view, and a lease in the lessee's books."""

from __future__ import annotations

import math

import numpy as np

from mitsumori.model.cost.accounting import Accounting, capital_rate
from mitsumori.model.cost.depreciation import rates
from mitsumori.model.workbook import returns
from mitsumori.model.workbook.books_lease import lease
from mitsumori.model.workbook.books_years import Base, Years, amount, years
from mitsumori.model.workbook.comparison import crossing_cells
from mitsumori.model.workbook.context import Context, note, title_block
from mitsumori.model.workbook.description import Cell, Sheet, Value, block, column_letter
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines

WIDTHS = (40.0, 18.0, 18.0, 18.0, 18.0, 18.0, 18.0)
MONTHS = 85
MONTH, SUM, REACHED, PLACE, AFTER = (19, 20, 21, 22, 24)
"""Workings beside the page, after those of the years: the after-tax saving month by month."""


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("books")
    view = facts.estimate.cost.accounting
    lines = Lines(context, sheet, title_block(context, sheet))
    base = _base(context, facts, lines)
    tables = years(context, facts, sheet, lines.row + 1, base, view)
    lines.row = tables.end
    _results(context, sheet, lines, base, tables, view)
    if view.lease:
        lease(context, facts, sheet, lines, tables, view)
    note(sheet, lines.row, context.t("books_note"))
    sheet.print_rows = lines.row


def _base(context: Context, facts: Facts, lines: Lines) -> Base:
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
                            amount(context, value), unit, "money", t("books_subsidy_basis"))  # fmt: skip
    kept = cells["cmp_tax"]
    machines, works = cells["property_equipment_base"], cells["property_works_base"]
    whole = (machines.number if machines.number is not None else math.nan) * (1.0 + (kept.number or 0.0))
    less = f"{machines}*(1+{kept})-MIN({subsidy},{machines}*(1+{kept}))"
    reduced = whole - min(value, whole) if math.isfinite(value + whole) else math.nan
    cost = lines.formula("books_machines", context.guard([machines, subsidy], less), amount(context, reduced), unit, "money",
                         t("books_machines_basis"))  # fmt: skip
    taken_off = min(value, whole) if math.isfinite(value + whole) else math.nan
    reduction = lines.formula("books_reduction", context.guard([machines, subsidy], f"MIN({subsidy},{machines}*(1+{kept}))"),
                              amount(context, taken_off), unit, "money")  # fmt: skip
    built_value = (works.number if works.number is not None else math.nan) * (1.0 + (kept.number or 0.0))
    built = lines.formula("books_works", context.guard([works], f"{works}*(1+{kept})"), amount(context, built_value), unit,
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
    return Base(start, tax, capital, subsidy, cost, built, reduction, special, machine_rates, works_rate)  # type: ignore[arg-type]


def _results(context: Context, sheet: Sheet, lines: Lines, base: Base, tables: Years, view: Accounting) -> None:
    """After-tax present value and payback."""
    t, cells = context.t, context.cells
    unit = t(f"unit_money_{context.plan.money.currency}")
    lines.section("books_result_section")
    lines.heading()
    saving, taxes, ends = cells["out_cost_details_saving"], block(tables.tax), block(tables.finish)
    lasting = tables.tax[0]
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


def _months(context: Context, sheet: Sheet, base: Base, tables: Years, view: Accounting) -> tuple[
        list[Cell], list[Cell], list[Cell], list[Cell]]:  # fmt: skip
    """The after-tax saving added up month by month, beside the page."""
    t, cells, months = context.t, context.cells, context.cells["months"]
    for column, key in ((MONTH, "col_month"), (SUM, "books_sum"), (REACHED, "col_reached"), (AFTER, "books_after")):
        sheet.put(4, column, t(key), "note")
    first = cells["cmp_first_flow_row"].row
    taxes, ends = block(tables.tax), block(tables.finish)
    needed = [cells["out_cost_details_saving"], tables.tax[0], base.subsidy]
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
                             amount(context, gained), "calc", "money")  # fmt: skip
        whole = f"{made[1][-1]}+{once}" if m else f"{once}"
        total = sheet.formula(row, SUM, context.guard([once], whole), amount(context, value), "calc", "money")
        flag: Value = context.unknown if math.isnan(value) else int(inside and value >= 0.0 and m >= (paid.number or 0))
        test = f'=IF(ISNUMBER({total}),IF(AND({month}<={months},{total}>=0,{month}>={paid}),1,0),"{context.unknown}")'
        reached = sheet.formula(row, REACHED, test, flag, "calc", "int")
        for listed, cell in zip(made, (month, total, reached, once), strict=True):
            listed.append(cell)
    return made
