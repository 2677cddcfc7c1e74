"""What is paid in each month whatever the horizon: running costs of both sides, and payments of one month."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mitsumori.model.base.arrays import Array, Num
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.cashflow import FLOW_DECIMALS
from mitsumori.model.cost.line_table import untaxed
from mitsumori.model.cost.lines import owned_lines, used_energy
from mitsumori.model.cost.month_shapes import months_before, prices_of_months
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook.changes import HOLDS_OF_TERM
from mitsumori.model.workbook.comparison_cells import Streams
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines

SHORT, RUN_CLOUD, RUN_OWNED = 15, 16, 17
IN_USE, IDLE, MEANWHILE, HIRED, PRICE, AHEAD, MEANWHILE_PRICE, PLACE, BOOKED = range(27, 36)
"""Workings beside the page: use that is still missing, running costs of both sides whatever the horizon; and what these are
made from."""
HEADS = (
    (SHORT, "col_short"), (RUN_CLOUD, "col_run_cloud"), (RUN_OWNED, "col_run_owned"), (IN_USE, "col_in_use"),
    (IDLE, "col_idle"), (MEANWHILE, "col_meanwhile"), (HIRED, "col_hired"), (PRICE, "col_price_cloud"), (AHEAD, "col_ahead"),
    (MEANWHILE_PRICE, "col_price_meanwhile"), (PLACE, "col_place"), (BOOKED, "col_booked"),
)  # fmt: skip


def _amount(context: Context, value: float) -> Value:
    return float(value) if math.isfinite(value) else context.unknown


def _known(context: Context, needed: Sequence[Cell], value: float) -> Value:
    """An amount of the program, unknown where a cell is that its formula asks for."""
    return context.unknown if any(cell.number is None for cell in needed) else _amount(context, value)


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
        cells[f"cmp_{key}"] = lines.formula(f"cmp_{key}", context.guard(needed, formula), shown,
                                              _money(context) if key == "refresh" else unit, "money")  # fmt: skip
    rent, idle = cells["monthly_rent"], [cells["cmp_electricity"], cells["cmp_used"], cells["cmp_staff"]]
    value = sum(float(cell.number) if cell.number is not None else math.nan for cell in (rent, idle[0], idle[2]))
    value += (rent.number or 0.0) * kept - (idle[1].number if idle[1].number is not None else math.nan)
    cells["cmp_before"] = lines.formula(
        "cmp_before", context.guard([*idle, rent], f"{idle[0]}-{idle[1]}+{idle[2]}+{rent}*(1+{tax})"),
        _amount(context, value), unit, "money",
    )  # fmt: skip
    if "total_interim" in cells:
        _meanwhile(context, lines, tax, unit)


def _money(context: Context) -> str:
    """The unit of an amount that is paid once."""
    return context.t(f"unit_money_{context.plan.money.currency}")


def _meanwhile(context: Context, lines: Lines, tax: Cell, unit: str) -> None:
    """The cloud until own machines are in use, with the tax that stays a cost: a month, its parts that move, the set-up."""
    cells, whole = context.cells, 1.0 + (tax.number or 0.0)
    for key in ("month", "hours", "nodes"):
        cell = cells[f"interim_{key}"]
        shown = _amount(context, cell.number * whole) if cell.number is not None else context.unknown
        cells[f"cmp_interim_{key}"] = lines.formula(f"cmp_interim_{key}", context.guard([cell], f"{cell}*(1+{tax})"), shown,
                                                    unit, "money")  # fmt: skip
    setup, lead = cells["cmp_cloud_initial"], cells["lead_months"]
    known: Value = context.unknown
    if setup.number is not None:
        known = setup.number if lead.number else 0.0
    cells["cmp_interim_setup"] = lines.formula("cmp_interim_setup", context.guard([setup], f"IF({lead}=0,0,{setup})"), known,
                                               _money(context), "money")  # fmt: skip


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


def runs(context: Context, sheet: Sheet, row: int, of: tuple[Cell, Cell], by_month: Months) -> tuple[Cell, Cell]:
    """Running costs of a month whatever the horizon: rented and owned.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the month.
    of
        Cells of the month and of its operating year.
    by_month
        The program's own amounts.
    """
    (month, year), cells = of, context.cells
    m, begins = int(month.number or 0), cells["rent_begins"]
    ramp, half = context.input("money.ramp_months"), cells["cst_half"]
    length, of_use = int(ramp.number or 0), m - int(begins.number or 0)
    missing = 1.0 - (of_use - 0.5) / length if 0 < of_use <= length else 0.0
    counted = f"{month}-{begins}"
    short = sheet.formula(row, SHORT, f"=IF(AND({counted}>0,{counted}<={ramp}),1-({counted}-{half})/{ramp},0)", missing,
                          "calc", "pct")  # fmt: skip
    fallen = sheet.cells[row, PRICE].ref
    rent, compute, cpu = cells["cmp_cloud_monthly"], cells["cmp_compute"], cells["cmp_cpu"]
    body = f"{rent}+({fallen}-1)*({compute}+{cpu})"
    body += "" if context.plan.money.cloud.term in TERM_MONTHS else f"-{fallen}*{compute}*{short}"
    cloud = sheet.formula(row, RUN_CLOUD, context.guard([rent, compute, cpu], f"IF({month}>{begins},{body},0)"),
                          _known(context, [rent, compute, cpu], by_month.rented_runs[m]), "calc", "money")  # fmt: skip
    owned = _own(context, sheet, row, (month, year, short), by_month)
    return cloud, owned


def _own(context: Context, sheet: Sheet, row: int, of: tuple[Cell, Cell, Cell], by_month: Months) -> Cell:
    """Running costs of owning in a month: in use, before it, and of the cloud meanwhile."""
    (month, year, short), cells, years = of, context.cells, context.blocks
    m, lead = int(month.number or 0), cells["lead_months"]
    place = sheet.formula(row, PLACE, f"=MAX(1,{year})", max(1, int(year.number or 0)), "calc", "int")
    power, staff, tax = (f"INDEX({years[f'year_{key}']},{place})" for key in ("electricity", "staff", "tax"))
    run, bill, used, wages = (cells[f"cmp_{name}"] for name in ("owned_monthly", "electricity", "used", "staff"))
    body = f"{run}+{tax}+({power}-1)*{bill}-{power}*{used}*{short}+({staff}-1)*{wages}"
    needed = [run, used, cells["year_tax_first"]]
    in_use = sheet.formula(row, IN_USE, context.guard(needed, f"IF({month}>{lead},{body},0)"),
                           _known(context, needed, by_month.in_use[m]), "calc", "money")  # fmt: skip
    idle, before = cells["cmp_before"], cells["lead_before"]
    body = f"IF(AND({month}>{lead}-{before},{month}<={lead}),{idle},0)"
    waiting = sheet.formula(row, IDLE, context.guard([idle], body),
                            _known(context, [idle], by_month.before[m]), "calc", "money")  # fmt: skip
    parts = [in_use, waiting]
    if "cmp_interim_month" in cells:
        each, hours, nodes = (cells[f"cmp_interim_{key}"] for key in ("month", "hours", "nodes"))
        at = int(-(-m // 12))
        price = sheet.formula(row, MEANWHILE_PRICE, f"=INDEX({years['prices_cloud']},ROUNDUP({month}/12,0))",
                              float(by_month.prices[at]), "calc", "d4")  # fmt: skip
        body = f"IF({month}<={lead},{each}+({price}-1)*({hours}+{nodes})-{price}*{hours}*{short},0)"
        parts.append(sheet.formula(row, MEANWHILE, context.guard([each, hours, nodes], body),
                                   _known(context, [each, hours, nodes], by_month.meanwhile[m]), "calc", "money"))  # fmt: skip
    whole = sum(float(cell.number) if cell.number is not None else math.nan for cell in parts)
    return sheet.formula(row, RUN_OWNED, context.guard(parts, "+".join(map(str, parts))), _amount(context, whole), "calc",
                         "money")  # fmt: skip


def rented_once(context: Context, sheet: Sheet, row: int, of: tuple[Cell, Cell], by_month: Months) -> Cell:
    """What renting pays at once in a month: the set-up, and reservations paid at their beginning, less what they spare.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the month.
    of
        Cells of the month, and of what renting pays at its start.
    by_month
        The program's own amounts.
    """
    (month, setup), cells, listed = of, context.cells, context.blocks["year_cloud"]
    begins, months, m = cells["rent_begins"], cells["months"], int(month.number or 0)
    index = f"MAX(1,ROUNDUP(({month}-{begins})/12,0))"
    price = sheet.formula(row, PRICE, f"=INDEX({listed},{index})", float(by_month.rented_prices[m]), "calc", "d4")
    body, needed = f"IF({month}=MIN({months},{begins}),{setup},0)", [setup]
    if context.plan.money.cloud.term in TERM_MONTHS:
        term, left, share = cells["term_months"], cells["term_left"], context.input("money.cloud.upfront_share")
        test = f"AND({month}>={begins},{month}<{months},MOD({month}-{begins},{term})=0)"
        ahead = f"=IF({test},{term}*INDEX({listed},ROUNDUP(({month}+1-{begins})/12,0)),0)"
        booked = sheet.formula(row, BOOKED, ahead, float(by_month.booked[m]), "calc", "d4")
        now = f"IF(AND({month}>{begins},{month}<={months}),{price},0)"
        net = sheet.formula(row, AHEAD, f"={booked}-{now}-IF({month}={months},{left}*{price},0)",
                            float(by_month.ahead[m]), "calc", "d4")  # fmt: skip
        compute = cells["cmp_compute"]
        body, needed = f"{body}+{share}*{compute}*{net}", [setup, compute]
    known = all(cell.number is not None for cell in needed)
    value = _amount(context, by_month.rented_once[m]) if known else context.unknown
    return sheet.formula(row, HIRED, context.guard(needed, body), value, "calc", "money")


def once(context: Context, sheet: Sheet, at: tuple[int, int], month: Cell, parts: Streams, by_month: Months) -> Cell:
    """What owning pays at once in a month: the purchase with its advance, a refresh, the end of the horizon.

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
    cells, advance = context.cells, context.input("money.onprem.advance_share")
    initial, final, refresh = parts.own_initial, parts.final, cells["cmp_refresh"]
    needed, first = [initial, final, refresh], f"{advance}*{initial}"
    if "cmp_interim_setup" in cells:
        needed.append(cells["cmp_interim_setup"])
        first += f"+{cells['cmp_interim_setup']}"
    body = f"IF({month}=0,{first},0)+IF({month}={cells['paid_month']},(1-{advance})*{initial},0)"
    body += f"+IF({month}={cells['refresh_at']},{refresh},0)+IF({month}={cells['months']},{final},0)"
    known = all(cell.number is not None for cell in needed)
    value = _amount(context, by_month.owned_once[int(month.number or 0)]) if known else context.unknown
    return sheet.formula(*at, context.guard(needed, body), value, "calc", "money")


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
    less = round((rented.number or 0.0) - (owned.number or 0.0), FLOW_DECIMALS)
    body = f"ROUND({rented}-{owned},{context.cells['cst_flow_decimals']})"
    return sheet.formula(*at, context.guard([rented, owned], body), less if known else context.unknown, "calc", "money")


@dataclass(frozen=True, slots=True)
class Months:
    """The program's own amounts of each month, month 0 first, with the consumption tax that stays a cost; NaN where unknown.

    Attributes
    ----------
    in_use, before, meanwhile
        Running costs of owning: of machines in use, before it, and of the cloud until then.
    owned_once, rented_once
        What is paid at once: purchase, refresh and end; set-up and reservations paid ahead, less what these spare.
    rented_runs, rented_prices
        Running costs of renting whatever the horizon, and its price over that of the first year.
    booked, ahead
        Months of the first year's price that a reservation pays ahead in a month, and these less those that it spares.
    prices
        Price of a year over the first for what is rented meanwhile, by year from the order, place 0 unused.
    refresh
        What a refresh within the horizon costs.
    """

    in_use: Array
    before: Array
    meanwhile: Array
    owned_once: Array
    rented_once: Array
    rented_runs: Array
    rented_prices: Array
    booked: Array
    ahead: Array
    prices: Array
    refresh: float


def by_month(case: Case, kept: float, months: int) -> Months:
    """What is paid for running in each month whatever the horizon, and at once.

    Parameters
    ----------
    case
        What money depends on, one plan.
    kept
        Consumption tax rate that stays a cost.
    months
        Months to look at.
    """
    grid, horizon, whole = np.arange(months + 1), int(case.months), 1.0 + kept
    lead, owned = case.lead_months, owned_lines(replace(case, before_use_months=0))
    stream = owned.stream(kept)
    paid = min(horizon, case.paid_month)
    once = np.where(grid == 0, case.advance_share, 0.0) + np.where(grid == paid, 1.0 - case.advance_share, 0.0)
    once = once * float(stream.initial) + np.where(grid == horizon, float(stream.final), 0.0)
    refresh = 0.0
    for amount, weights in owned.shaped.get("refresh", ()):
        refresh = float(amount) * whole * float(weights[: horizon + 1].any())
        once = once + refresh * weights[: months + 1]
    meanwhile = _shaped({"interim": owned.shaped.get("interim", ())}, kept, months)
    once[0] += meanwhile[0]
    yearly = np.asarray(owned.yearly["property_tax"], dtype=float).reshape(-1)
    taxes = yearly[np.clip((grid - lead - 1) // 12, 0, yearly.size - 1)] / 12.0
    steady = {key: parts for key, parts in owned.shaped.items() if key not in ("refresh", "interim")}
    monthly = {key: float(value) for key, value in owned.monthly.items()}
    energy = float(used_energy(case)) * (1.0 - case.power_included)
    idle = monthly["staff"] + whole * (monthly["rent"] + monthly["electricity"] - energy)
    before = months_before(lead, case.before_use_months)[: months + 1]
    in_use = np.where(grid > lead, float(stream.monthly) + taxes, 0.0) + _shaped(steady, kept, months)
    rented = cloud_lines(replace(case, upfront_share=0.0))
    start = case.rented_lead
    runs = np.where(grid > start, float(rented.stream(kept).monthly), 0.0) + _shaped(rented.shaped, kept, months)
    year = np.maximum(1, -(-(grid - start) // 12))
    priced = prices_of_months(-case.price_decline, case.price_years)[12 * (year - 1) + 1]
    booked, ahead = _ahead(case, grid, priced)
    compute = sum(float(rented.monthly.get(key, 0.0)) for key in ("compute", "goodput", "debugging"))
    compute *= (1.0 + float(case.support_rate)) * whole
    share = case.upfront_share if case.paid_when_idle else 0.0
    hired = np.where(grid == min(horizon, start), float(rented.stream(kept).initial), 0.0)
    return Months(
        in_use, before * (idle if before.any() else 0.0), meanwhile, once,
        hired + (share * compute * ahead if share else 0.0), runs, priced, booked, ahead,
        np.concatenate(([1.0], prices_of_months(-case.price_decline)[1::12])), refresh,
    )  # fmt: skip


def _ahead(case: Case, grid: Array, priced: Array) -> tuple[Array, Array]:
    """Months of the first year's price paid ahead in each month; and less those spared and, at the end, those beyond it."""
    horizon, start, term = int(case.months), case.rented_lead, 12 * case.price_years
    used = int(case.rented_months)
    following = np.append(priced[1:], priced[-1])
    begins = (grid >= start) & (grid < horizon) & (np.mod(grid - start, term) == 0)
    paid = np.where(begins, term * following, 0.0)
    spared = np.where((grid > start) & (grid <= horizon), priced, 0.0)
    return paid, paid - spared - np.where(grid == horizon, (term - used % term) % term * priced, 0.0)


def _shaped(shaped: Mapping[str, tuple[tuple[Num, Array], ...]], kept: float, months: int) -> Array:
    """Amounts by month of some lines, with the tax that stays a cost."""
    total = np.zeros(months + 1)
    free = untaxed()
    for key, parts in shaped.items():
        for amount, weights in parts:
            total = total + float(amount) * (1.0 if key in free else 1.0 + kept) * weights[: months + 1]
    return total
