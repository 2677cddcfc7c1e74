"""What is paid in each month whatever the horizon: running costs of both sides, and payments of one month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.cost.line_table import untaxed
from mitsumori.model.cost.lines import Lines as CostLines
from mitsumori.model.workbook.changes import HOLDS_OF_TERM
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines


def _amount(context: Context, value: float) -> Value:
    return float(value) if math.isfinite(value) else context.unknown


def moving(context: Context, facts: Facts, lines: Lines, tax: Cell, kept: float, unit: str) -> None:
    """Parts of the monthly amounts that prices and the growth of use move, with the tax that stays a cost.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    lines
        Where the next line of the sheet is written.
    tax
        Cell of the consumption tax rate that stays a cost.
    kept
        The same rate, 0-1.
    unit
        Unit of the amounts.
    """
    cells, support = context.cells, context.input("money.cloud.support_rate")
    owned, rented, case = facts.owned.monthly, facts.rented.monthly, facts.case
    served = f"(1+{support})*(1+{tax})"
    by_the_hour = [cells[f"cloud_{name}"] for name in ("compute", "goodput", "debugging")]
    whole = 1.0 + kept
    hourly = sum(float(rented.get(name, 0.0)) for name in ("compute", "goodput", "debugging"))
    share = 1.0 + float(case.support_rate)
    for key, needed, formula, value in (
        ("electricity", [cells["monthly_electricity"]], f"{cells['monthly_electricity']}*(1+{tax})",
         float(owned["electricity"]) * whole),
        ("used", [cells["used_energy"]], f"{cells['used_energy']}*(1+{tax})", (cells["used_energy"].number or 0.0) * whole),
        ("staff", [cells["monthly_staff"]], f"{cells['monthly_staff']}", float(owned["staff"])),
        ("compute", by_the_hour, f"({'+'.join(map(str, by_the_hour))})*{served}", hourly * share * whole),
        ("refresh", [cells["total_refresh"]], f"{cells['total_refresh']}*(1+{tax})",
         (cells["total_refresh"].number or 0.0) * whole),
        ("cpu", [cells["cloud_cpu_nodes"]], f"{cells['cloud_cpu_nodes']}*{served}",
         float(rented.get("cpu_nodes", 0.0)) * share * whole),
    ):  # fmt: skip
        shown: Value = context.unknown if any(cell.number is None for cell in needed) else _amount(context, value)
        cells[f"cmp_{key}"] = lines.formula(f"cmp_{key}", context.guard(needed, formula), shown, unit, "money")


def by_year(context: Context, sheet: Sheet, row: int) -> int:
    """Prices and property tax by operating year, linked from the sheet of costs; returns the next row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        First row, below the page.
    """
    cells, source = context.cells, context.sheet("estimate_cost")
    chosen = HOLDS_OF_TERM.get(context.plan.money.cloud.term, "cloud")
    columns = {"electricity": 2, "staff": 4, chosen: 5 if chosen == "cloud" else 6}
    sheet.put(row, 1, context.t("cost_changes_section"), "note")
    heads = ("col_price_electricity", "col_price_staff", "col_price_cloud", "col_tax_month")
    for column, key in enumerate(heads, 2):
        sheet.put(row, column, context.t(key), "note")
    first = cells["property_first"]
    made: dict[str, list[Cell]] = {key: [] for key in ("electricity", "staff", "cloud", "tax")}
    for year in range(cells["property_last"].row - first.row + 1):
        row += 1
        sheet.put(row, 1, context.t("operating_year", year=year + 1), "label")
        for column, (key, place) in enumerate(columns.items(), 2):
            price = source.cells[cells["prices_first"].row + year, place]
            made[key if key in made else "cloud"].append(
                sheet.formula(row, column, f"={price}", price.value, "link", "d4")
            )
        tax = source.cells[first.row + year, first.column]
        value: Value = context.unknown if tax.number is None else tax.number / 12.0
        made["tax"].append(sheet.formula(row, 5, context.guard([tax], f"{tax}/12"), value, "calc", "money"))
    context.blocks |= {f"year_{key}": block(listed) for key, listed in made.items()}
    cells["year_tax_first"] = made["tax"][0]
    return row + 1


def runs(
    context: Context, sheet: Sheet, at: tuple[int, int], of: tuple[Cell, Cell], by_month: Months
) -> tuple[Cell, Cell]:
    """Running costs of a month whatever the horizon: rented and owned.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    at
        Row, and column of the use that is still missing; both sides follow it.
    of
        Cells of the month and of its operating year.
    by_month
        The program's own amounts.
    """
    (row, column), (month, year) = at, of
    cells, years, m = context.cells, context.blocks, int(month.number or 0)
    ramp, half = context.input("money.ramp_months"), cells["cst_half"]
    length = int(ramp.number or 0)
    missing = 1.0 - (m - 0.5) / length if m <= length else 0.0
    short = sheet.formula(row, column, f"=IF({month}<={ramp},1-({month}-{half})/{ramp},0)", missing, "calc", "pct")
    power, staff, fallen, tax = (
        f"INDEX({years[f'year_{key}']},{year})" for key in ("electricity", "staff", "cloud", "tax")
    )
    rent, compute, cpu = cells["cmp_cloud_monthly"], cells["cmp_compute"], cells["cmp_cpu"]
    body = f"{rent}+({fallen}-1)*({compute}+{cpu})"
    body += "" if context.plan.money.cloud.term.startswith("reserved") else f"-{fallen}*{compute}*{short}"
    cloud = sheet.formula(row, column + 1, context.guard([rent, compute, cpu], body),
                          _amount(context, by_month.rented_runs[m]), "calc", "money")  # fmt: skip
    run, bill, used, wages = (cells[f"cmp_{name}"] for name in ("owned_monthly", "electricity", "used", "staff"))
    body = f"{run}+{tax}+({power}-1)*{bill}-{power}*{used}*{short}+({staff}-1)*{wages}"
    owned = sheet.formula(row, column + 2, context.guard([run, used, cells["year_tax_first"]], body),
                          _amount(context, by_month.owned_runs[m]), "calc", "money")  # fmt: skip
    return cloud, owned


def once(
    context: Context, sheet: Sheet, at: tuple[int, int], month: Cell, parts: Mapping[str, Any], by_month: Months
) -> Cell:
    """What owning pays at once in a month: the purchase, a refresh, the end of the horizon.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    at
        Row and column.
    month
        Cell of the month.
    parts
        Cells of the comparison: initial and final amounts.
    by_month
        The program's own amounts.
    """
    cells = context.cells
    paid, when = context.input("money.onprem.payment_months"), context.input("money.onprem.refresh_month")
    initial, final, refresh = parts["own_initial"], parts["final"], cells["cmp_refresh"]
    body = f"IF({month}={paid},{initial},0)+IF({month}={when},{refresh},0)"
    body += f"+IF({month}={cells['months']},{final},0)"
    known = all(cell.number is not None for cell in (initial, final, refresh))
    value = _amount(context, by_month.owned_once[int(month.number or 0)]) if known else context.unknown
    return sheet.formula(*at, context.guard([initial, final, refresh], body), value, "calc", "money")


def flow(context: Context, sheet: Sheet, at: tuple[int, int], flag: Cell, parts: list[Cell]) -> Cell:
    """What is paid in a month within the horizon; ``flag`` is 1 there.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    at
        Row and column.
    flag
        Cell that is 1 within the horizon, else 0.
    parts
        Cells that are paid in the month.
    """
    known = all(cell.number is not None for cell in parts)
    value: Value = (flag.number or 0.0) * sum(cell.number or 0.0 for cell in parts) if known else context.unknown
    return sheet.formula(*at, context.guard(parts, f"{flag}*({'+'.join(map(str, parts))})"), value, "calc", "money")


def saved(context: Context, sheet: Sheet, at: tuple[int, int], rented: Cell, owned: Cell) -> Cell:
    """What owning saves in a month.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    at
        Row and column.
    rented, owned
        Cells of what both sides pay in the month.
    """
    known = rented.number is not None and owned.number is not None
    value: Value = (rented.number or 0.0) - (owned.number or 0.0) if known else context.unknown
    return sheet.formula(*at, context.guard([rented, owned], f"{rented}-{owned}"), value, "calc", "money")


@dataclass(frozen=True, slots=True)
class Months:
    """The program's own amounts of each month, month 0 first, with the consumption tax that stays a cost; NaN where unknown."""

    owned_runs: Array
    owned_once: Array
    rented_runs: Array
    refresh: float


def by_month(owned: CostLines, rented: CostLines, kept: float, horizon: int, months: int) -> Months:
    """What is paid for running in each month whatever the horizon, and at once: purchase, refresh and end.

    Parameters
    ----------
    owned, rented
        Lines of both sides.
    kept
        Consumption tax rate that stays a cost.
    horizon
        Last month of the comparison.
    months
        Months to look at.
    """
    grid = np.arange(months + 1)
    once = np.where(grid == owned.paid_month, float(owned.stream(kept).initial), 0.0)
    once = once + np.where(grid == horizon, float(owned.stream(kept).final), 0.0)
    refresh = 0.0
    for amount, weights in owned.shaped.get("refresh", ()):
        refresh = float(amount) * (1.0 + kept) * float(weights[: horizon + 1].any())
        once = once + refresh * weights[: months + 1]
    yearly = np.asarray(owned.yearly["property_tax"], dtype=float).reshape(-1)
    taxes = yearly[np.clip((grid - 1) // 12, 0, yearly.size - 1)] / 12.0
    return Months(
        float(owned.stream(kept).monthly) + taxes + _shaped(owned.shaped, kept, months), once,
        float(rented.stream(kept).monthly) + _shaped(rented.shaped, kept, months), refresh,
    )  # fmt: skip


def _shaped(shaped: Mapping[str, tuple[tuple[Num, Array], ...]], kept: float, months: int) -> Array:
    total = np.zeros(months + 1)
    free = untaxed()
    for key, parts in shaped.items():
        if key != "refresh":
            for amount, weights in parts:
                total = total + float(amount) * (1.0 if key in free else 1.0 + kept) * weights[: months + 1]
    return total
