"""The rows of the sheet of costs that work out the property tax by operating year."""

from __future__ import annotations

import math

import numpy as np

from mitsumori.model.cost.line_table import capital
from mitsumori.model.cost.property_tax import reduction_rate, rules
from mitsumori.model.workbook.context import headings, section
from mitsumori.model.workbook.description import Cell, block
from mitsumori.model.workbook.money_lines import EXACT, Book

BASES = ("property_basis", "property_basis_refresh")
YEARS = 7
"""Operating years shown: the longest horizon."""
NEW, PLAIN, SINCE = EXACT + 1, EXACT + 2, EXACT + 3
"""Workings beside the page: assessed value over cost of machines that replace others and of machines that none replaces, and
operating years since the new ones are assessed."""


def property_tax_rows(book: Book) -> None:
    """Assessed shares, tax of each operating year, and what of it falls into the horizon (:mod:`model.cost.property_tax`)."""
    context, facts, case, sheet, t = book.context, book.facts, book.case, book.sheet, book.context.t
    cells, months, guard = context.cells, context.cells["months_own"], context.cells["cst_guard"]
    book.row = section(context, sheet, book.row, "cost_property_section")
    works_life = round(facts.resolved.catalogue.tariff("works-life").value)
    law = rules()
    lives = (context.plan.money.onprem.depreciation_years, works_life)
    reductions = [
        book.constant(f"property_rate_{kind}", reduction_rate(life), "d3", t("property_rate_basis", life=life))
        for kind, life in zip(("equipment", "works"), lives, strict=True)
    ]
    least = book.constant("property_least", law["least_share"], "pct", t("property_least_basis"))
    decimals = book.constant("property_decimals", law["first_year_decimals"], "int", t("property_decimals_basis"))
    exempt = book.constant(
        "property_exempt", law["exempt_below_jpy"], "int", t("property_exempt_basis"), unit=t("unit_money_JPY")
    )
    base = _property_bases(book)
    renewed = _renewed(book)
    heads = ("col_operating_year", "col_share_equipment", "col_share_works", "col_months", "col_year_tax", "col_basis")
    book.row = headings(context, sheet, book.row, heads, (2, 3, 4, 5))
    sheet.put(book.row - 1, PLAIN, t("col_share_plain"), "note")
    sheet.put(book.row - 1, SINCE, t("col_since_new"), "note")
    sheet.put(book.row - 1, NEW, t("col_share_new"), "note")
    rate, yen = context.input("money.onprem.property_tax_rate"), cells["fx_JPY"]
    swapped, when = context.input("money.onprem.refresh_share"), context.input("money.onprem.refresh_month")
    yearly = np.broadcast_to(facts.owned.yearly["property_tax"], (YEARS,))
    used: list[Cell] = []
    plain: list[Cell] = []
    since: list[Cell] = []
    shares: tuple[list[Cell], list[Cell], list[Cell]] = ([], [], [])
    taxes: list[Cell] = []
    for year in range(YEARS):
        row = book.row
        sheet.put(row, 1, t("operating_year", year=year + 1), "label")
        for column, kept, cut, known in ((PLAIN, plain, reductions[0], case.equipment_shares),
                                         (3, shares[1], reductions[1], case.works_shares)):  # fmt: skip
            first = f"=ROUNDDOWN(ROUND(1-{cut}*{cells['cst_half']},{guard}),{decimals})"
            formula = f"=MAX({least},{kept[-1]}*(1-{cut}))" if kept else first
            kept.append(sheet.formula(row, column, formula, float(known[year]), "calc", "pct"))
        # What is replaced is gone in the operating year that begins with or after its month, and the new is assessed.
        reached = year - math.ceil((when.number or 0.0) / 12.0)
        began = f"={since[-1]}+1" if since else f"=0-ROUNDUP({when}/12,0)"
        passed = sheet.formula(row, SINCE, began, reached, "calc", "int")
        since.append(passed)
        left = f"={plain[-1]}*IF({passed}<0,1,1-MIN(1,{swapped}))"
        shares[0].append(sheet.formula(row, 2, left, float(facts.standing[0][year]), "calc", "pct"))
        came = f"=IF({passed}<0,0,INDEX({block([plain[0], plain[-1]])},MAX(1,{passed}+1)))"
        shares[2].append(sheet.formula(row, NEW, came, float(facts.standing[1][year]), "calc", "pct"))
        before = f"-SUM({block(used)})" if used else ""
        months_used = min(12.0, max(0.0, float(case.owned_months) - 12.0 * year))
        used.append(sheet.formula(row, 4, f"=MIN(12,MAX(0,{months}{before}))", float(months_used), "calc", "int"))
        assessed = "+".join(f"{cost}*{kept[-1]}" for cost, kept in zip((*base, renewed), shares, strict=True))
        body = f"IF({assessed}<{exempt}*{yen},0,({assessed})*{rate})"
        taxed = f"=IF({rate}=0,0,{book.guard([*base, yen], body).removeprefix('=')})"
        taxes.append(sheet.formula(row, 5, taxed, book.value(yearly[year]), "calc", "money"))
        sheet.put(row, 6, t(BASES[year]) if year < len(BASES) else "", "basis")
        book.row += 1
    total = facts.owned.totals(float(case.months))["property_tax"]
    unknown, numbers = context.unknown, block(taxes)
    cells["property_tax_total"] = book.line(
        "cost_property_total",
        f'=IF(COUNTIF({numbers},"{unknown}")=0,SUMPRODUCT({numbers},{block(used)})/12,"{unknown}")', book.value(total),
        total=True,
    )  # fmt: skip
    cells |= {"property_first": taxes[0], "property_last": taxes[-1], "property_exempt": exempt}
    for name, column_cells in (("used", used), ("equipment", shares[0]), ("works", shares[1]), ("new", shares[2])):
        cells |= {f"property_{name}_first": column_cells[0], f"property_{name}_last": column_cells[-1]}
    book.row += 1


def _property_bases(book: Book) -> tuple[Cell, Cell]:
    """Costs that are assessed: machines with their installation, and works; works that are not priced count as none."""
    context, lines, t = book.context, book.facts.owned.initial, book.context.t
    cells, unknown, opened = context.cells, context.unknown, context.t("open")
    parts = [cells["hardware"], cells["initial_spares"], cells["initial_installation"]]
    whole = "+".join(str(cell) for cell in parts)
    machines, building = capital(lines, 0.0)
    equipment = book.line(
        "property_equipment", book.guard(parts, whole), book.value(machines), basis=t("property_equipment_basis")
    )
    cooling, works = cells["initial_cooling"], cells["initial_power_works"]
    priced = f'IF(ISNUMBER({works}),{cooling}+{works},IF({works}="{opened}",{cooling},"{unknown}"))'
    made = book.line(
        "property_works", book.guard([cooling], priced), book.value(building), basis=t("property_works_basis")
    )
    cells |= {"property_equipment_base": equipment, "property_works_base": made}
    return equipment, made


def _renewed(book: Book) -> Cell:
    """Cost of the machines that replace others, whenever they come."""
    context, share, hardware = (
        book.context,
        book.context.input("money.onprem.refresh_share"),
        book.context.cells["hardware"],
    )
    value = (
        0.0
        if share.number == 0.0
        else (share.number or 0.0) * (hardware.number if hardware.number is not None else np.nan)
    )
    return book.line("property_renewed", book.times(share, [hardware], f"{share}*{hardware}"), book.value(value),
                     basis=context.t("property_renewed_basis"))  # fmt: skip
