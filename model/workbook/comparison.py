"""費用比較: cumulative costs of both sides month by month, break-even, present values, threshold of utilization."""

from __future__ import annotations

import math

import numpy as np

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.figure import Figure
from mitsumori.model.cost.cashflow import cumulative, monthly_rate
from mitsumori.model.cost.cloud_prices import TERMS
from mitsumori.model.cost.line_table import keys_of, untaxed
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook import changes, month_rows, returns
from mitsumori.model.workbook.comparison_cells import MonthColumns, Streams
from mitsumori.model.workbook.context import Context, details, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Condition, Series, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.styles import COLORS

WIDTHS = (40.0, 19.0, 19.0, 18.0, 18.0, 19.0, 17.0, 9.0, 11.0, 17.0, 17.0, 17.0, 9.0)
PLOTTED, ONCE, FLOW = 14, 18, 19
"""Workings beside the page: the month drawn, what owning pays at once in a month, and what it saves in it; between them
stand the columns of :mod:`model.workbook.month_rows`."""
RATE = 21
"""First of the columns with the steps to the rate of return."""
CHART_ROWS, RESULTS = 20, 12
PAGE = 7
"""Columns of the page; beside it stand the flags and present values that the results are made from."""
LONGEST = 84
"""Months of the longest horizon a plan may ask for."""


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("comparison")
    sheet.print_columns = PAGE
    row = title_block(context, sheet)
    chart_row = row
    row += CHART_ROWS + 1
    lines = Lines(context, sheet, row + RESULTS + 1, span=PAGE)
    lines.row = details(context, sheet, lines.row)
    parts = _streams(context, facts, lines)
    table = _table(context, facts, month_rows.by_year(context, sheet, lines.row) + 1, parts)
    lines.row = row
    _results(context, facts, lines, parts, table)
    sheet.print_rows = lines.row - 1
    sheet.charts.append(_chart(context, table, (chart_row, 1, chart_row + CHART_ROWS - 1, 4)))
    _alternatives(context, facts, parts)


def _amount(context: Context, value: Num) -> Value:
    number = float(value)
    return number if math.isfinite(number) else context.unknown


def _streams(context: Context, facts: Facts, lines: Lines) -> Streams:
    """Compared streams: consumption tax included only where it cannot be credited."""
    t, cells, money = context.t, context.cells, context.plan.money
    lines.section("cmp_streams_section")
    lines.heading()
    kept = 0.0 if money.tax_credit else money.tax_rate
    unit = t(f"unit_money_{money.currency}")
    monthly_unit = t("unit_per_month", money=unit)
    if money.tax_credit:
        tax = lines.constant("cmp_tax", 0, "none", "pct", t("cmp_tax_credit"))
    else:
        tax = lines.formula(
            "cmp_tax", f"={context.input('money.tax_rate')}", kept, "none", "pct", t("cmp_tax_no_credit")
        )
    cells["cmp_tax"] = tax
    owned, rented = facts.owned.stream(kept), facts.rented.stream(kept)
    initial = cells["out_cost_onprem_initial"]
    own_initial = lines.formula("cmp_owned_initial", context.guard([initial], f"{initial}*(1+{tax})"),
                                _amount(context, owned.initial), unit, "money")  # fmt: skip
    every = keys_of("onprem", "month")
    free = [cells[f"monthly_{name}"] for name in every if name in untaxed()]
    taxed = [cells[f"monthly_{name}"] for name in every if name not in untaxed()]
    known = {cell.number is not None for cell in taxed} == {True}
    levied = lines.formula(
        "cmp_owned_taxed", context.guard(taxed, f"({'+'.join(map(str, taxed))})*(1+{tax})"),
        sum(cell.number or 0.0 for cell in taxed) * (1.0 + kept) if known else context.unknown, monthly_unit, "money",
    )  # fmt: skip
    own_monthly = lines.formula("cmp_owned_monthly", context.guard([levied, *free], f"{levied}+{'+'.join(map(str, free))}"),
                                _amount(context, owned.monthly), monthly_unit, "money",
                                t("cmp_owned_monthly_basis"))  # fmt: skip
    residual = cells["out_cost_onprem_lines_residual"]
    disposal = cells["total_disposal"]
    final = lines.formula("cmp_owned_final", context.guard([residual, disposal], f"{residual}+{disposal}*(1+{tax})"),
                          _amount(context, owned.final), unit, "money", t("cmp_owned_final_basis"))  # fmt: skip
    setup, month = cells["cloud_setup"], cells["out_cost_cloud_monthly"]
    cloud_initial = lines.formula("cmp_cloud_initial", context.guard([setup], f"{setup}*(1+{tax})"),
                                  _amount(context, rented.initial), unit, "money")  # fmt: skip
    cloud_monthly = lines.formula("cmp_cloud_monthly", context.guard([month], f"{month}*(1+{tax})"),
                                  _amount(context, rented.monthly), monthly_unit, "money")  # fmt: skip
    rate = context.input("money.discount_rate")
    monthly = lines.formula("cmp_rate", f"=(1+{rate})^(1/12)-1", monthly_rate(money.discount_rate), "none", "sci",
                            t("cmp_rate_basis"))  # fmt: skip
    cells |= {"cmp_owned_initial": own_initial, "cmp_owned_monthly": own_monthly, "cmp_owned_final": final,
              "cmp_cloud_initial": cloud_initial, "cmp_cloud_monthly": cloud_monthly}  # fmt: skip
    month_rows.moving(context, facts, lines, tax, kept, monthly_unit)
    lines.gap()
    return Streams(tax, kept, owned, rented, own_initial, final, cloud_initial, monthly, unit)


def _table(context: Context, facts: Facts, row: int, parts: Streams) -> MonthColumns:
    """Months 0 to 84; beyond the horizon nothing flows and the sums stand still."""
    sheet, cells = context.sheet("comparison"), context.cells
    row = section(context, sheet, row, "cmp_table_section")
    heads = ("col_month", "col_cloud_flow", "col_owned_flow", "col_cloud_sum", "col_owned_sum", "col_saving", "col_year",
             "col_inside", "col_reached", "col_cloud_npv", "col_owned_npv", "col_saving_npv", "col_reached_npv")  # fmt: skip
    row = headings(context, sheet, row, heads, range(1, 14))
    for column, key in ((PLOTTED, "col_plotted"), (ONCE, "col_once"), (FLOW, "col_saving_month"), *month_rows.HEADS):
        sheet.put(row - 1, column, context.t(key), "note")
    money, months, grid = context.plan.money, cells["months"], np.arange(LONGEST + 1.0)
    horizon, rate = money.horizon_months, money.discount_rate
    rented = cumulative(parts.rented, horizon, grid)
    owned = cumulative(parts.owned, horizon, grid)
    rented_npv = cumulative(parts.rented, horizon, grid, rate)
    owned_npv = cumulative(parts.owned, horizon, grid, rate)
    by_month = month_rows.by_month(facts.case, parts.kept, LONGEST)
    paid = cells["paid_month"]
    columns = MonthColumns()
    first = row
    unknown = context.unknown
    for m in range(LONGEST + 1):
        inside = int(m <= horizon)
        month = sheet.put(row, 1, m, "const", "int")
        sheet.heights[row] = 12.5
        plotted = sheet.formula(row, PLOTTED, f"=MIN({month},{months})", min(m, horizon), "calc", "int")
        columns.plotted.append(plotted)
        lead, of_use = cells["lead_months"], max(0, m - facts.case.lead_months)
        year = sheet.formula(row, 7, f"=ROUNDUP(MAX(0,{month}-{lead})/12,0)", -(-of_use // 12), "calc", "int")
        flag = sheet.formula(row, 8, f"=IF({month}<={months},1,0)", inside, "calc", "int")
        once = month_rows.once(context, sheet, (row, ONCE), month, parts, by_month)
        hired = month_rows.rented_once(context, sheet, row, (month, parts.cloud_initial), by_month)
        if m == 0:
            cloud_flow = sheet.formula(row, 2, f"={hired}", hired.value, "calc", "money")
            owned_flow = sheet.formula(row, 3, f"={once}", once.value, "calc", "money")
            cloud = sheet.formula(row, 4, f"={cloud_flow}", cloud_flow.value, "calc", "money")
            own = sheet.formula(row, 5, f"={owned_flow}", owned_flow.value, "calc", "money")
            cloud_npv = sheet.formula(row, 10, f"={cloud_flow}", cloud_flow.value, "calc", "money")
            own_npv = sheet.formula(row, 11, f"={owned_flow}", owned_flow.value, "calc", "money")
        else:
            run_cloud, run_owned = month_rows.runs(context, sheet, row, (month, year), by_month)
            columns.run_cloud.append(run_cloud)
            columns.run_owned.append(run_owned)
            cloud_flow = month_rows.flow(context, sheet, (row, 2), flag, [run_cloud, hired])
            owned_flow = month_rows.flow(context, sheet, (row, 3), flag, [run_owned, once])
            cloud = _running(context, sheet, row, 4, columns.cloud[-1], cloud_flow, "", rented[m])
            own = _running(context, sheet, row, 5, columns.owned[-1], owned_flow, "", owned[m])
            discount = f"/(1+{parts.rate})^{month}"
            cloud_npv = _running(context, sheet, row, 10, columns.cloud_npv[-1], cloud_flow, discount, rented_npv[m])
            own_npv = _running(context, sheet, row, 11, columns.owned_npv[-1], owned_flow, discount, owned_npv[m])
        for made, column, flag_column, ours, theirs, one, two in (
            (columns.plain, 6, 9, cloud, own, rented[m], owned[m]),
            (columns.discounted, 12, 13, cloud_npv, own_npv, rented_npv[m], owned_npv[m]),
        ):
            difference = float(one - two)
            if m == 0 and ours.number is not None and theirs.number is not None:
                difference = ours.number - theirs.number  # what is paid at the start is known even where a month is not
            saving = sheet.formula(row, column, context.guard([ours, theirs], f"{ours}-{theirs}"),
                                   _amount(context, difference), "calc", "money")  # fmt: skip
            known = math.isfinite(difference)
            reached = sheet.formula(
                row, flag_column, f'=IF(ISNUMBER({saving}),IF(AND({flag}=1,{saving}>=0,{month}>={paid}),1,0),"{unknown}")',
                (1 if inside and difference >= 0 and m >= (paid.number or 0) else 0) if known else unknown, "calc", "int",
            )  # fmt: skip
            made.saving.append(saving)
            made.reached.append(reached)
        columns.flow.append(month_rows.saved(context, sheet, (row, FLOW), cloud_flow, owned_flow))
        for run, cell in (
            (columns.month, month), (columns.cloud, cloud), (columns.owned, own), (columns.cloud_npv, cloud_npv),
            (columns.owned_npv, own_npv), (columns.cloud_flow, cloud_flow), (columns.owned_flow, owned_flow),
        ):  # fmt: skip
            run.append(cell)
        row += 1
    _mark(sheet, first, row - 1)
    if (first, month_rows.AHEAD) in sheet.cells:  # what reservations pay ahead
        context.blocks["ahead"] = block([sheet.cells[at, month_rows.AHEAD] for at in range(first, row)])
    _offer(context, columns, parts.rate)
    return columns


def _offer(context: Context, columns: MonthColumns, monthly_rate: Cell) -> None:
    """Columns and cells that other sheets refer to."""
    context.blocks |= {
        "sum_cloud": block(columns.cloud), "sum_owned": block(columns.owned), "months": block(columns.month),
        "flow_cloud": block(columns.cloud_flow), "flow_owned": block(columns.owned_flow),
        "run_cloud": block(columns.run_cloud), "run_owned": block(columns.run_owned),
        "run_months": block(columns.month[1:]),
    }  # fmt: skip
    context.cells |= {
        "cmp_last_cloud": columns.cloud[-1], "cmp_last_owned": columns.owned[-1],
        "cmp_first_flow_row": columns.cloud_flow[0], "cmp_monthly_rate": monthly_rate,
    }  # fmt: skip


def _mark(sheet: Sheet, first: int, end: int) -> None:
    """Months beyond the horizon fade; the month in which owning has cost no more stands out."""
    reached = f"=AND(ISNUMBER($I{first}),$I{first}=1,SUM($I${first}:$I{first})=1)"
    sheet.conditions.append(Condition(f"A{first}:M{end}", f"=$H{first}=0", "faded"))
    sheet.conditions.append(Condition(f"A{first}:F{end}", reached, "good"))


def _running(context: Context, sheet: Sheet, row: int, column: int, before: Cell, flow: Cell, discount: str,
             value: float) -> Cell:  # fmt: skip
    return sheet.formula(row, column, context.guard([before, flow], f"{before}+{flow}{discount}"), _amount(context, value),
                         "calc", "money")  # fmt: skip


def _results(context: Context, facts: Facts, lines: Lines, parts: Streams, table: MonthColumns) -> None:
    t, cells, cost = context.t, context.cells, facts.estimate.cost
    months, unit = cells["months"], parts.unit
    lines.section("cmp_result_section")
    lines.heading()
    totals, left_out = {}, cells["out_cost_left_out"]
    for side, sums in (("cloud", table.cloud), ("onprem", table.owned)):
        column = block(sums)
        result = cost.cloud if side == "cloud" else cost.onprem
        totals[side] = lines.formula(
            f"cmp_total_{side}", f"=INDEX({column},{months}+1)", context.shown(result.details["compared_total"]), unit, "money",
            left_out if side == "onprem" else "", f"out_cost_{side}_details_compared_total", total=True,
        )  # fmt: skip
    saving = totals["cloud"], totals["onprem"]
    lines.formula("cmp_saving", context.guard(list(saving), f"{saving[0]}-{saving[1]}"),
                  context.shown(cost.details["saving"]), unit, "money", t("cmp_saving_basis"),
                  "out_cost_details_saving")  # fmt: skip
    for suffix, out, figure in (
        ("", "out_cost_break_even_month", cost.break_even_month),
        ("_npv", "out_cost_details_discounted_break_even_month", cost.details["discounted_break_even_month"]),
    ):
        _break_even(context, lines, table, suffix, out, figure)
    for side, paid, sums in (("cloud", table.cloud_flow, table.cloud), ("onprem", table.owned_flow, table.owned)):
        flows = block(paid[1:])
        result = cost.cloud if side == "cloud" else cost.onprem
        start, last = paid[0], sums[-1]
        lines.formula(
            f"cmp_npv_{side}", context.guard([start, last], f"{start}+NPV({parts.rate},{flows})"),
            context.shown(result.details["npv"]), unit, "money", t("cmp_npv_basis"), f"out_cost_{side}_details_npv",
        )  # fmt: skip
    returns.line(context, lines, (lines.row, RATE), (table.flow, table.month), "cmp_irr",
                 cost.details["internal_rate_of_return"], "out_cost_details_internal_rate_of_return")  # fmt: skip
    _threshold(context, facts, lines, parts, totals)
    horizon_ok = f"IF(ISNUMBER(out_cost_break_even_month),out_cost_break_even_month<={months},1=1)"
    context.checks.append(("check_break_even", horizon_ok, True))
    flows = block(table.owned_flow)
    last = table.owned[-1]
    context.checks.append(("check_cumulative", f"IF(ISNUMBER({last}),ABS(SUM({flows})-{last})<=1,1=1)", True))


def _break_even(context: Context, lines: Lines, table: MonthColumns, suffix: str, out: str,
                figure: Figure) -> None:  # fmt: skip
    t = context.t
    made = table.discounted if suffix else table.plain
    reached, saving, month = block(made.reached), block(made.saving), block(table.month)
    known = made.saving[-1]
    row = lines.row
    index = f"[[comparison!J{row}]]"
    values = [cell.value for cell in made.reached]
    place = values.index(1) + 1 if 1 in values else 0
    numbers = [cell.number for cell in made.saving]
    before, at = crossing_cells(lines.sheet, (row, 11), index, saving, numbers, place)
    part = f"IF({at}>{before},MIN(1,MAX(0,(0-{before})/({at}-{before}))),1)"
    body = f'IF({index}=0,"{t("never")}",IF({index}=1,0,MAX({context.cells["paid_month"]},INDEX({month},{index}-1)+{part})))'
    value: Value = figure.value
    if value is None:
        value = context.unknown if figure.reason == "cost_total_unknown" else t("never")
    lines.formula(f"cmp_break_even{suffix}", f'=IF(ISNUMBER({known}),{body},"{context.unknown}")', value, "months", "d1",
                  t("cmp_break_even_basis"), out, total=not suffix)  # fmt: skip
    lines.sheet.put(row, 9, t("cmp_first_line"), "note")
    lines.sheet.formula(row, 10, f"=IFERROR(MATCH(1,{reached},0),0)", place, "calc", "int")


def crossing_cells(
    sheet: Sheet, at: tuple[int, int], index: str, sums: str, numbers: list[float | None], place: int
) -> tuple[Cell, Cell]:
    """Beside a break-even: the sum in the month before it and in it, nothing where there is none.

    Parameters
    ----------
    sheet, at
        Sheet, and row and column of the two cells.
    index
        Reference to the place of the month in the run.
    sums
        Reference to the run of sums.
    numbers
        The program's own sums, None where unknown.
    place
        The program's own place, from 1; 0 none.
    """
    (row, column), made = at, []
    for offset, shift in ((0, "-1"), (1, "")):
        value = numbers[place - 2 + offset] if place > 1 else 0.0
        made.append(sheet.formula(row, column + offset, f"=IF({index}>1,INDEX({sums},{index}{shift}),0)", value, "calc",
                                  "money"))  # fmt: skip
    return made[0], made[1]


def _threshold(context: Context, facts: Facts, lines: Lines, parts: Streams, totals: dict[str, Cell]) -> None:
    """Both totals are linear in the utilization: their values at none and at full give the crossing."""
    t, cells, cost = context.t, context.cells, facts.estimate.cost
    term = context.plan.money.cloud.term
    if term in TERM_MONTHS:
        lines.formula("cmp_threshold", f'=IF({totals["cloud"]}={totals["cloud"]},"{t("reserved_threshold")}","")',
                      t("reserved_threshold"), "none", "pct", "", "out_cost_break_even_utilization")  # fmt: skip
        return
    u, tax = cells["utilization"], parts.tax
    busy, idle, pue, hours = (
        cells[n] for n in ("out_cost_busy_kw", "out_cost_idle_kw", "out_facility_pue", "cst_hours_year")
    )
    own = context.plan.money.onprem
    metered = not (own.power_included_in_rent and own.site == "colocation")
    price = cells["kwh_price"]
    counted = f"({cells['months_electricity']}-{cells['months_lost']})"
    energy = f"{counted}*(1+{tax})*{hours}/12*({busy}-{idle})*{pue}*{price}" if metered else "0"
    compute, support = cells["cloud_compute"], context.input("money.cloud.support_rate")
    gained = f"(1+{context.input('money.cloud.goodput_loss_share')}+{context.input('money.cloud.debugging_share')})"
    rental = f"{cells['months_hourly']}*(1+{tax})*(1+{support})*{compute}*{gained}/{u}"
    row, sheet, (slope_value, idle_value) = lines.row, lines.sheet, _linear(context, facts, parts)
    power = [busy, idle, pue, price] if metered else []
    ends = _ends_of_use(context, facts, parts.kept, metered)
    made: list[Cell] = []
    for index, (key, formula, needed, amount) in enumerate((
        ("cmp_rental", rental, [compute], ends[0]), ("cmp_energy", energy, power, ends[1]),
        ("cmp_gap_slope", "", [], slope_value), ("cmp_gap_idle", "", [], idle_value),
    )):  # fmt: skip
        if not formula:
            both = f"{made[0]}-{made[1]}"
            formula = both if key == "cmp_gap_slope" else f"{totals['onprem']}-{totals['cloud']}+{u}*({both})"
            needed = [*made[:2], totals["cloud"], totals["onprem"]]
        sheet.put(row, 9 + 2 * index, t(key), "note")
        shown = context.unknown if any(cell.number is None for cell in needed) else _amount(context, amount)
        made.append(sheet.formula(row, 10 + 2 * index, context.guard(needed, formula), shown, "calc", "money"))
    slope_ref, idle_ref = made[2].ref, made[3].ref
    never = t("never_utilization")
    ratio = f"{idle_ref}/{slope_ref}"
    body = f'IF({slope_ref}>0,IF({ratio}>1,"{never}",MAX(0,{ratio})),IF({idle_ref}>0,"{never}",0))'
    figure = cost.break_even_utilization
    value: Value = figure.value
    if value is None:
        value = context.unknown if figure.reason == "cost_total_unknown" else never
    lines.formula("cmp_threshold", f'=IF(ISNUMBER({slope_ref}),{body},"{context.unknown}")', value, "none", "pct",
                  t("cmp_threshold_basis"), "out_cost_break_even_utilization")  # fmt: skip


def _ends_of_use(context: Context, facts: Facts, kept: float, metered: bool) -> tuple[float, float]:
    """What full use costs over idling, over the horizon: the rented side, the owned side; NaN where unknown."""
    cells, case = context.cells, facts.case

    def number(name: str) -> float:
        value = cells[name].number
        return math.nan if value is None else value

    lost = number("months_lost")
    share = (1.0 + float(case.support_rate)) * (1.0 + float(case.goodput_loss_share) + float(case.debugging_share))
    rented = number("months_hourly") * (1.0 + kept) * share * number("cloud_compute") / float(case.utilization)
    kwh = (
        number("cst_hours_year")
        / 12.0
        * (number("out_cost_busy_kw") - number("out_cost_idle_kw"))
        * number("out_facility_pue")
    )
    price = float(case.energy_jpy_per_kwh) * number("fx_JPY")
    owned = (number("months_electricity") - lost) * (1.0 + kept) * kwh * price
    return rented, owned if metered else 0.0


def _linear(context: Context, facts: Facts, parts: Streams) -> tuple[float, float]:
    """Slope and idle gap of the totals in the utilization, from the model's own lines at none and at full."""
    from dataclasses import replace

    ends = replace(facts.case, utilization=np.array([0.0, 1.0]))
    last = np.array([float(facts.case.months)])
    owned = cumulative(owned_lines(ends).stream(parts.kept), facts.case.months, last)[..., 0]
    rented = cumulative(cloud_lines(ends).stream(parts.kept), facts.case.months, last)[..., 0]
    gap = np.broadcast_to(owned - rented, 2)
    return float(gap[0] - gap[1]), float(gap[0])


def _alternatives(context: Context, facts: Facts, parts: Streams) -> None:
    """The other terms of the cloud beside the chart."""
    sheet, cells, cost, t = context.sheet("comparison"), context.cells, facts.estimate.cost, context.t
    row = 4
    for column, key in ((5, "col_term"), (6, "col_horizon_total"), (7, "col_unit")):
        sheet.put(row, column, t(key), "heading")
    setup, months = cells["cloud_setup"], cells["months_rent"]
    sheet.put(row, 9, t("cmp_changed_compute"), "note")
    sheet.put(row, 10, t("cmp_changed"), "note")
    row += 1
    for term in TERMS:
        chosen = term == context.plan.money.cloud.term
        result = cost.cloud if chosen else cost.alternatives[f"cloud_{term}"]
        month = cells[f"cloud_month_{term}"]
        more = _changed(context, facts, sheet, (row, 9), term)
        sheet.put(row, 5, t(f"term_{term}"), "total_label" if chosen else "label")
        body = context.guard([setup, month, more], f"{setup}+{month}*{months}+{more}")
        sheet.formula(row, 6, body, context.shown(result.total), "total" if chosen else "calc", "money",
                      name=None if chosen else f"out_cost_alternatives_cloud_{term}_total")  # fmt: skip
        sheet.put(row, 7, parts.unit, "unit")
        row += 1
    note(sheet, row, t("cmp_note"), 0)
    text = sheet.cells.pop((row, 1))
    sheet.merges.pop()
    sheet.heights.pop(row, None)
    sheet.put(row, 5, text.value, "note")
    sheet.merge(row, 5, PAGE, rows=6)


def _changed(context: Context, facts: Facts, sheet: Sheet, at: tuple[int, int], term: str) -> Cell:
    """What changes of prices and of use make of a term over the horizon: its compute, then all with support."""
    (row, column), cells, months, case = at, context.cells, context.cells["months_rent"], facts.case
    support, lost_share, debugging = (
        context.input(f"money.cloud.{name}") for name in ("support_rate", "goodput_loss_share", "debugging_share")
    )
    whole, lost = cells[f"months_{changes.HOLDS_OF_TERM.get(term, 'cloud')}"], cells["months_lost_cloud"]
    counted, paid = (whole.number or 0.0) - (months.number or 0.0), cells[f"cloud_compute_{term}"]
    reserved = term in TERM_MONTHS
    less = "" if reserved else f"-{lost}"
    body = f"{paid}*(1+{lost_share}+{debugging})*({whole}-{months}{less})"
    factor = 1.0 + float(case.goodput_loss_share) + float(case.debugging_share)
    amount = (
        math.nan
        if paid.number is None
        else paid.number * factor * (counted - (0.0 if reserved else lost.number or 0.0))
    )
    compute = sheet.formula(row, column, context.guard([paid], body), _amount(context, amount), "calc", "money")
    cpu = cells["cloud_cpu_nodes"]
    nodes = math.nan if cpu.number is None else cpu.number * counted
    return sheet.formula(
        row, column + 1, context.guard([compute, cpu], f"(1+{support})*({compute}+{cpu}*({whole}-{months}))"),
        _amount(context, (1.0 + float(case.support_rate)) * (amount + nodes)), "calc", "money",
    )  # fmt: skip


def _chart(context: Context, table: MonthColumns, anchor: tuple[int, int, int, int]) -> Chart:
    t, even = context.t, context.cells["out_cost_break_even_month"].value
    months = tuple(table.plotted)  # beyond the horizon every point is the last one: the lines end there
    alt = (
        t("chart_compare_alt_even", month=f"{even:.1f}")
        if isinstance(even, float)
        else t("chart_compare_alt", state=even)
    )
    return Chart(
        "xy", t("chart_compare"), alt, months,
        (
            Series(t("side_cloud"), tuple(table.cloud), COLORS["cloud"], "dash"),
            Series(t("side_onprem"), tuple(table.owned), COLORS["onprem"], "solid"),
        ),
        anchor, x_title=t("col_month"), y_title=context.large_money,
        number_format=context.large.axis, step_x=12,
    )  # fmt: skip
