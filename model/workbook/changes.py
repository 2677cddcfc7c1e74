"""What makes one month's cost differ from another: prices by operating year, the growth of use, payments of one month.

The sheet of costs has amounts a month at the first year's prices and the planned use. Here stand what a price is in each
operating year over the first, and for how many months of the first year's price the horizon counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mitsumori.model.cost.lines import used_energy
from mitsumori.model.cost.month_shapes import prices_of_months
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook.context import headings, section
from mitsumori.model.workbook.description import Cell, block
from mitsumori.model.workbook.lead_rows import lost_rows, meanwhile
from mitsumori.model.workbook.money_lines import Book, rate_of

YEARS = 7
KINDS = ("electricity", "staff", "cloud", "cloud_3y")
RENTED, MEANWHILE = 3, 8
"""Columns of the months that are rented, and rented until own machines are in use."""
HOLDS_OF_TERM = {"reserved_3y": "cloud_3y"}


def build(book: Book) -> None:
    """Prices by operating year, months in the first year's prices, and the energy that training takes beyond idling."""
    context, case, sheet, t = book.context, book.case, book.sheet, book.context.t
    cells, use = context.cells, context.input
    book.row = section(context, sheet, book.row, "cost_changes_section")
    heads = ("col_operating_year", "col_price_electricity", "col_months_rent", "col_price_staff", "col_price_cloud",
             "col_price_cloud_3y")  # fmt: skip
    book.row = headings(context, sheet, book.row, heads, range(2, 7))
    rates = {"electricity": use("money.electricity_escalation"), "staff": use("money.onprem.wage_escalation"),
             "cloud": use("money.cloud.price_decline")}  # fmt: skip
    columns: dict[str, list[Cell]] = {kind: [] for kind in KINDS}
    counted: dict[int, list[Cell]] = {place: [] for place in ((RENTED, MEANWHILE) if meanwhile(book) else (RENTED,))}
    if MEANWHILE in counted:
        sheet.put(book.row - 1, MEANWHILE, t("col_months_interim"), "note")
    values = {
        "electricity": prices_of_months(case.electricity_escalation), "staff": prices_of_months(case.wage_escalation),
        "cloud": prices_of_months(-case.price_decline), "cloud_3y": prices_of_months(-case.price_decline, 3),
    }  # fmt: skip
    for year in range(YEARS):
        row = book.row
        sheet.put(row, 1, t("operating_year", year=year + 1), "label")
        for kind, column in zip(KINDS, (2, 4, 5, 6), strict=True):
            made = columns[kind]
            if not made:
                made.append(sheet.put(row, column, 1, "const_plain", "d4"))
                continue
            if kind == "cloud_3y":  # a price that holds for three years follows when it is agreed anew
                formula = f"={made[-1]}" if year % 3 else f"={columns['cloud'][year]}"
            else:
                formula = f"={made[-1]}*(1{'-' if kind == 'cloud' else '+'}{rates[kind]})"
            value = float(values[kind][12 * year + 1])
            made.append(sheet.formula(row, column, formula, value, "calc", "d4"))
        _counted(book, row, year, counted)
        book.row += 1
    cells["prices_first"] = columns["electricity"][0]
    used = block([cells["property_used_first"], cells["property_used_last"]])
    before = (f"+{cells['before_inside']}", cells["before_inside"].number or 0.0)
    runs = dict.fromkeys(("electricity", "staff"), (used, before, case.owned_months))
    runs |= {kind: (block(counted[RENTED]), ("", 0), case.rented_months) for kind in ("cloud", "cloud_3y")}
    if MEANWHILE in counted:
        runs["interim"] = (block(counted[MEANWHILE]), ("", 0), case.months - case.owned_months)
    for kind, (months, more, count) in runs.items():
        prices = "cloud" if kind == "interim" else kind
        weights = values[prices][1 : int(count) + 1]
        cells[f"months_{kind}"] = book.line(
            f"months_{kind}", f"=SUMPRODUCT({block(columns[prices])},{months}){more[0]}", float(weights.sum()) + more[1],
            unit=t("unit_months"), basis=t("months_basis"), fmt="d4",
        )  # fmt: skip
        context.blocks[f"prices_{prices}"] = block(columns[prices])
    lost_rows(book)
    _used_energy(book)
    book.row += 1


def _counted(book: Book, row: int, year: int, counted: dict[int, list[Cell]]) -> None:
    """Months of an operating year that are rented, and those rented until own machines are in use."""
    cells, case = book.context.cells, book.case
    of = {RENTED: ("months_rent", case.rented_months), MEANWHILE: ("lead_inside", case.months - case.owned_months)}
    for place, listed in counted.items():
        key, whole = of[place]
        before = f"-SUM({block(listed)})" if listed else ""
        value = min(12.0, max(0.0, float(whole) - 12.0 * year))
        listed.append(book.sheet.formula(row, place, f"=MIN(12,MAX(0,{cells[key]}{before}))", value, "calc", "int"))


def _used_energy(book: Book) -> None:
    context, case, cells, use = book.context, book.case, book.context.cells, book.context.input
    own = context.plan.money.onprem
    metered = not (own.power_included_in_rent and own.site == "colocation")
    busy, idle, pue = cells["out_cost_busy_kw"], cells["out_cost_idle_kw"], cells["out_facility_pue"]
    hours, u, yen = cells["cst_hours_year"], cells["utilization"], book.rate("JPY")
    parts = [use(f"money.{name}_jpy_per_kwh") for name in ("electricity", "fuel_adjustment", "surcharge")]
    jpy = rate_of(case, "JPY")
    price = cells["kwh_price"] = book.line(
        "kwh_price", context.guard([*parts, yen], f"({'+'.join(map(str, parts))})*{yen}"),
        book.value(float(case.energy_jpy_per_kwh) * jpy), fmt="number",
    )  # fmt: skip
    formula = context.guard([busy, idle, pue, price], f"{hours}/12*{u}*({busy}-{idle})*{pue}*{price}")
    cells["used_energy"] = book.line(
        "used_energy", formula if metered else f"=0*{cells['cst_guard']}",
        book.value(used_energy(case) if metered else 0.0), basis=context.t("used_energy_basis"),
    )  # fmt: skip


def compute_months(book: Book, term: str) -> tuple[str, str]:
    """Formulas (no ``=``) of the months that compute of a term counts, less those lost to the growth of use; and all."""
    whole = str(book.context.cells[f"months_{HOLDS_OF_TERM.get(term, 'cloud')}"])
    lost = book.context.cells["months_lost_cloud"]
    return (whole if term in TERM_MONTHS else f"({whole}-{lost})"), whole


def printed(book: Book, pairs: list[tuple[Cell, Cell]], once: list[Cell], monthly_keys: Sequence[str]) -> None:
    """What is printed over the horizon beyond months x a month, and of running costs a month, for the cover; below the page.

    Parameters
    ----------
    book
        The sheet of costs.
    pairs
        Lines over the horizon that prices or use move, each with its line a month.
    once
        Printed amounts of what is paid once.
    monthly_keys
        Keys of the running costs.
    """
    cells, months = book.context.cells, book.context.cells["months_own"]
    listed: list[tuple[Cell, Cell | None]] = [(book.printed(total), book.printed(month)) for total, month in pairs]
    listed += [(cell, None) for cell in once]
    needed = [cell for pair in listed for cell in pair if cell is not None]
    body = "+".join(f"{total}" if month is None else f"{total}-{month}*{months}" for total, month in listed)
    amount = math.nan
    if all(cell.number is not None for cell in needed):
        amount = math.fsum(
            (total.number or 0.0) - (0.0 if month is None else (month.number or 0.0) * (months.number or 0.0))
            for total, month in listed
        )
    running = [book.printed(cells[f"monthly_{name}"]) for name in monthly_keys]
    monthly = math.fsum(math.nan if cell.number is None else cell.number for cell in running)
    for key, parts, formula, value in (
        ("printed_changes", needed, body, amount), ("printed_running", running, "+".join(map(str, running)), monthly),
    ):  # fmt: skip
        row = cells["below_cost"].row
        book.sheet.put(row, 1, book.context.t(key), "label")
        cells[key] = book.sheet.formula(row, 5, book.guard(parts, formula), book.value(value), "calc", "money")
        cells["below_cost"] = Cell("estimate_cost", row + 1, 1)
