"""A lease of the machines in the lessee's books, by fiscal year."""

from __future__ import annotations

import math

from mitsumori.model.cost.accounting import Accounting
from mitsumori.model.workbook.books_years import Years, amount
from mitsumori.model.workbook.context import Context, headings
from mitsumori.model.workbook.description import Cell, Sheet, Value
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines

__all__ = ["lease"]

HELD, OWED = 48, 49
"""Workings beside the page: right of use and liability before what the end of the horizon ends."""
HEADS = ("books_col_year", "books_col_payment", "books_col_interest", "books_col_right_depreciation", "books_col_loss",
         "books_col_right", "books_col_liability")  # fmt: skip


def lease(context: Context, facts: Facts, sheet: Sheet, lines: Lines, tables: Years, view: Accounting) -> None:
    """Rates, interest, depreciation, right of use and liability of a lease by fiscal year.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    sheet, lines
        Sheet, and where its next line is written.
    tables
        Cells of the fiscal years.
    view
        The program's own years.
    """
    t, cells, own = context.t, context.cells, context.plan.money.onprem
    unit = t(f"unit_money_{context.plan.money.currency}")
    lines.section("books_lease_section")
    lines.heading()
    rate = lines.constant("books_lease_rate", own.lease_rate_per_month or 0.0, "none", "pct", t("change_in_mitsumori"))
    term = lines.constant("books_lease_months", own.lease_months, "months", "int", t("change_in_mitsumori"))
    parts = [cells["hardware"], cells["initial_spares"]]
    financed = sum(cell.number if cell.number is not None else math.nan for cell in parts)
    kept = cells["cmp_tax"]
    rent_value = (own.lease_rate_per_month or 0.0) * financed * (1.0 + (kept.number or 0.0))
    rent = lines.formula("books_lease_rent", context.guard(parts, f"{rate}*({parts[0]}+{parts[1]})*(1+{kept})"),
                         amount(context, rent_value), t("unit_per_month", money=unit), "money")  # fmt: skip
    monthly = cells["cmp_monthly_rate"]
    months_left = f"IF({monthly}=0,{{left}},(1-(1+{monthly})^(0-{{left}}))/{monthly})"
    short = own.lease_months <= 12
    start_value = 0.0 if short else rent_value * _annuity(own.lease_months, monthly.number or 0.0)
    body = f"=0*{rate}" if short else context.guard([rent], f"{rent}*{months_left.format(left=term)}")
    start = lines.formula(
        "books_lease_start", body, amount(context, start_value), unit, "money", t("books_lease_basis")
    )
    row = headings(context, sheet, lines.row, HEADS, range(2, 8))
    for column, key in ((HELD, "books_held"), (OWED, "books_owed")):
        sheet.put(row - 1, column, t(key), "note")
    held_before, owed_before = start, start
    for k, end in enumerate(tables.in_use):
        known = view.lease[k] if k < len(view.lease) else None
        before = str(tables.in_use[k - 1]) if k else "0"
        sheet.put(row, 1, tables.labels[k], "label")
        within = f"(MIN({end},{term})-MIN({before},{term}))"

        def put(column: int, formula: str, value: Value, row: int = row) -> Cell:
            shown = context.unknown if rent.number is None else value
            return sheet.formula(row, column, context.guard([rent], formula), shown, "calc", "money")

        def shown(name: str, known: object = known) -> Value:
            return 0.0 if known is None else amount(context, float(getattr(known, name)))

        owed_factor = "0*" if short else ""
        left = months_left.format(left=f"MAX(0,{term}-{end})")
        months, monthly_value = int(end.number or 0), monthly.number or 0.0
        rest = max(0, own.lease_months - months)
        owed_value = 0.0 if short or not months else rent_value * _annuity(rest, monthly_value)
        owed = put(OWED, f"IF({end}=0,0,{owed_factor}{rent}*{left})", owed_value)
        opened = f"IF({before}=0,{start},{owed_before})"
        taken = put(4, f"{start}/{term}*{within}", shown("depreciation"))
        held_value = start_value * rest / own.lease_months if months else 0.0
        held = put(HELD, f"IF({end}=0,0,IF({before}=0,{start},{held_before})-{taken})", held_value)
        last, ended = tables.last[k], f"{tables.finish[k]}>={cells['months']}"
        due = f"{last}*{rent}*MAX(0,{term}-{end})"
        put(2, f"{rent}*({within}+({end}-{before}-{within})/12)+{due}", shown("payment"))
        put(3, f"0*{rent}" if short else f"IF({end}=0,0,{rent}*{within}-({opened}-{owed}))", shown("interest"))
        put(5, f"{due}+{last}*({held}-{owed})", shown("loss"))
        put(6, f"IF({ended},0,{held})", shown("asset"))
        put(7, f"IF({ended},0,{owed})", shown("liability"))
        held_before, owed_before = held, owed
        row += 1
    lines.row = row + 1


def _annuity(months: int, rate: float) -> float:
    """Present value of 1 a month for some months at a monthly rate."""
    return float(months) if rate == 0.0 else (1.0 - (1.0 + rate) ** -months) / rate
