"""費用比較: cumulative costs of both sides month by month, break-even, present values, threshold of utilization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitsumori.model.cost.cashflow import cumulative, monthly_rate
from mitsumori.model.cost.line_table import untaxed
from mitsumori.model.cost.lines import cloud_lines, owned_lines
from mitsumori.model.workbook import changes, month_rows, returns
from mitsumori.model.workbook.context import Context, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Condition, Series, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.styles import COLORS

WIDTHS = (40.0, 19.0, 19.0, 19.0, 19.0, 19.0, 17.0, 9.0, 11.0, 17.0, 17.0, 17.0, 9.0)
PLOTTED, SHORT, RUN_CLOUD, RUN_OWNED, ONCE, FLOW = range(14, 20)
"""Workings beside the page: the month drawn, use that is still missing, running costs whatever the horizon, payments of one
month, and what owning saves in a month."""
RATE = 21
"""First of the columns with the steps to the rate of return."""
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
    row += 13
    lines = Lines(context, sheet, row, span=PAGE)
    parts = _streams(context, facts, lines)
    results_row = lines.row
    lines.row += 12
    table_row = lines.row + 1
    table = _table(context, facts, table_row, parts)
    lines.row = results_row
    _results(context, facts, lines, parts, table)
    sheet.print_rows = table["first"] + LONGEST
    sheet.charts.append(_chart(context, table, (chart_row, 1, chart_row + 11, 4)))
    _alternatives(context, facts, parts)


def _amount(context: Context, value: Any) -> Value:
    number = float(value)
    return number if math.isfinite(number) else context.unknown


def _streams(context: Context, facts: Facts, lines: Lines) -> dict[str, Any]:
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
    free = [cells[f"monthly_{name}"] for name in ("staff", "insurance")]
    taxed = [cells[f"monthly_{name}"] for name in ("electricity", "rent", "maintenance", "licenses")]
    assert {"staff", "insurance"} <= untaxed()
    formula = f"({'+'.join(map(str, taxed))})*(1+{tax})+{'+'.join(map(str, free))}"
    own_monthly = lines.formula("cmp_owned_monthly", context.guard([*taxed, *free], formula),
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
    return {"tax": tax, "kept": kept, "owned": owned, "rented": rented, "own_initial": own_initial,
            "own_monthly": own_monthly, "final": final, "cloud_initial": cloud_initial, "cloud_monthly": cloud_monthly,
            "rate": monthly, "unit": unit}  # fmt: skip


def _table(context: Context, facts: Facts, row: int, parts: dict[str, Any]) -> dict[str, Any]:
    """Months 0 to 84; beyond the horizon nothing flows and the sums stand still."""
    sheet, cells = context.sheet("comparison"), context.cells
    row = section(context, sheet, row, "cmp_table_section")
    heads = ("col_month", "col_cloud_flow", "col_owned_flow", "col_cloud_sum", "col_owned_sum", "col_saving", "col_year",
             "col_inside", "col_reached", "col_cloud_npv", "col_owned_npv", "col_saving_npv", "col_reached_npv")  # fmt: skip
    row = headings(context, sheet, row, heads, range(1, 14))
    sheet.header_rows = (row - 1, row - 1)
    for column, key in ((PLOTTED, "col_plotted"), (SHORT, "col_short"), (RUN_CLOUD, "col_run_cloud"),
                        (RUN_OWNED, "col_run_owned"), (ONCE, "col_once"), (FLOW, "col_saving_month")):  # fmt: skip
        sheet.put(row - 1, column, context.t(key), "note")
    money, months, grid = context.plan.money, cells["months"], np.arange(LONGEST + 1.0)
    horizon, rate = money.horizon_months, money.discount_rate
    rented = cumulative(parts["rented"], horizon, grid)
    owned = cumulative(parts["owned"], horizon, grid)
    rented_npv = cumulative(parts["rented"], horizon, grid, rate)
    owned_npv = cumulative(parts["owned"], horizon, grid, rate)
    by_month = month_rows.by_month(facts.owned, facts.rented, parts["kept"], horizon, LONGEST)
    paid = context.input("money.onprem.payment_months")
    columns: dict[str, list[Cell]] = {name: [] for name in (
        "month", "cloud", "owned", "saving", "reached", "cloud_npv", "owned_npv", "reached_npv", "cloud_flow", "owned_flow",
        "saving_npv", "plotted", "run_cloud", "run_owned", "flow",
    )}  # fmt: skip
    first = row
    a, stream, unknown = parts, _amount, context.unknown
    for m in range(LONGEST + 1):
        inside = int(m <= horizon)
        month = sheet.put(row, 1, m, "const", "int")
        sheet.heights[row] = 12.5
        plotted = sheet.formula(row, PLOTTED, f"=MIN({month},{months})", min(m, horizon), "calc", "int")
        columns["plotted"].append(plotted)
        year = sheet.formula(row, 7, f"=ROUNDUP({month}/12,0)", -(-m // 12), "calc", "int")
        flag = sheet.formula(row, 8, f"=IF({month}<={months},1,0)", inside, "calc", "int")
        once = month_rows.once(context, sheet, (row, ONCE), month, a, by_month)
        if m == 0:
            cloud_flow = sheet.formula(row, 2, f"={a['cloud_initial']}", a["cloud_initial"].value, "calc", "money")
            owned_flow = sheet.formula(row, 3, f"={once}", once.value, "calc", "money")
            cloud = sheet.formula(row, 4, f"={cloud_flow}", cloud_flow.value, "calc", "money")
            own = sheet.formula(row, 5, f"={owned_flow}", owned_flow.value, "calc", "money")
            cloud_npv = sheet.formula(row, 10, f"={cloud_flow}", cloud_flow.value, "calc", "money")
            own_npv = sheet.formula(row, 11, f"={owned_flow}", owned_flow.value, "calc", "money")
        else:
            run_cloud, run_owned = month_rows.runs(context, sheet, (row, SHORT), (month, year), by_month)
            columns["run_cloud"].append(run_cloud)
            columns["run_owned"].append(run_owned)
            cloud_flow = month_rows.flow(context, sheet, (row, 2), flag, [run_cloud])
            owned_flow = month_rows.flow(context, sheet, (row, 3), flag, [run_owned, once])
            cloud = _running(context, sheet, row, 4, columns["cloud"][-1], cloud_flow, "", rented[m])
            own = _running(context, sheet, row, 5, columns["owned"][-1], owned_flow, "", owned[m])
            discount = f"/(1+{a['rate']})^{month}"
            cloud_npv = _running(context, sheet, row, 10, columns["cloud_npv"][-1], cloud_flow, discount, rented_npv[m])
            own_npv = _running(context, sheet, row, 11, columns["owned_npv"][-1], owned_flow, discount, owned_npv[m])
        for column, flag_column, ours, theirs, one, two in (
            (6, 9, cloud, own, rented[m], owned[m]), (12, 13, cloud_npv, own_npv, rented_npv[m], owned_npv[m]),
        ):  # fmt: skip
            difference = float(one - two)
            if m == 0 and ours.number is not None and theirs.number is not None:
                difference = ours.number - theirs.number  # what is paid at the start is known even where a month is not
            saving = sheet.formula(row, column, context.guard([ours, theirs], f"{ours}-{theirs}"),
                                   stream(context, difference), "calc", "money")  # fmt: skip
            known = math.isfinite(difference)
            reached = sheet.formula(
                row, flag_column, f'=IF(ISNUMBER({saving}),IF(AND({flag}=1,{saving}>=0,{month}>={paid}),1,0),"{unknown}")',
                (1 if inside and difference >= 0 and m >= (paid.number or 0) else 0) if known else unknown, "calc", "int",
            )  # fmt: skip
            suffix = "" if column == 6 else "_npv"
            columns[f"saving{suffix}"].append(saving)
            columns[f"reached{suffix}"].append(reached)
        columns["flow"].append(month_rows.saved(context, sheet, (row, FLOW), cloud_flow, owned_flow))
        for name, cell in (("month", month), ("cloud", cloud), ("owned", own), ("cloud_npv", cloud_npv),
                           ("owned_npv", own_npv), ("cloud_flow", cloud_flow), ("owned_flow", owned_flow)):  # fmt: skip
            columns[name].append(cell)
        row += 1
    _mark(sheet, first, row - 1)
    _offer(context, columns, parts["rate"])
    return {**columns, "first": first, "end": row - 1}


def _offer(context: Context, columns: dict[str, list[Cell]], monthly_rate: Cell) -> None:
    """Columns and cells that other sheets refer to."""
    context.blocks |= {
        "sum_cloud": block(columns["cloud"]), "sum_owned": block(columns["owned"]), "months": block(columns["month"]),
        "flow_cloud": block(columns["cloud_flow"]), "flow_owned": block(columns["owned_flow"]),
        "run_cloud": block(columns["run_cloud"]), "run_owned": block(columns["run_owned"]),
        "run_months": block(columns["month"][1:]),
    }  # fmt: skip
    context.cells |= {
        "cmp_last_cloud": columns["cloud"][-1], "cmp_last_owned": columns["owned"][-1],
        "cmp_first_flow_row": columns["cloud_flow"][0], "cmp_monthly_rate": monthly_rate,
    }  # fmt: skip


def _mark(sheet: Sheet, first: int, end: int) -> None:
    """Months beyond the horizon fade; the month in which owning has cost no more stands out."""
    reached = f"=AND(ISNUMBER($I{first}),$I{first}=1,SUM($I${first}:$I{first})=1)"
    sheet.conditions.append(Condition(f"A{first}:M{end}", f"=$H{first}=0", "faded"))
    sheet.conditions.append(Condition(f"A{first}:F{end}", reached, "good"))
    sheet.breaks.append(first - 3)


def _running(context: Context, sheet: Sheet, row: int, column: int, before: Cell, flow: Cell, discount: str,
             value: Any) -> Cell:  # fmt: skip
    return sheet.formula(row, column, context.guard([before, flow], f"{before}+{flow}{discount}"), _amount(context, value),
                         "calc", "money")  # fmt: skip


def _results(context: Context, facts: Facts, lines: Lines, parts: dict[str, Any], table: dict[str, Any]) -> None:
    t, cells, cost = context.t, context.cells, facts.estimate.cost
    months, unit = cells["months"], parts["unit"]
    lines.section("cmp_result_section")
    lines.heading()
    totals, left_out = {}, cells["out_cost_left_out"]
    for side, key in (("cloud", "cloud"), ("onprem", "owned")):
        column = block(table[key])
        result = cost.cloud if side == "cloud" else cost.onprem
        totals[side] = lines.formula(
            f"cmp_total_{side}", f"=INDEX({column},{months}+1)", context.shown(result.details["compared_total"]), unit, "money",
            "", f"out_cost_{side}_details_compared_total", total=True, noted=left_out if side == "onprem" else None,
        )  # fmt: skip
    saving = totals["cloud"], totals["onprem"]
    lines.formula("cmp_saving", context.guard(list(saving), f"{saving[0]}-{saving[1]}"),
                  context.shown(cost.details["saving"]), unit, "money", t("cmp_saving_basis"),
                  "out_cost_details_saving")  # fmt: skip
    for suffix, out, figure in (
        ("", "out_cost_break_even_month", cost.break_even_month),
        ("_npv", "out_cost_details_discounted_break_even_month", cost.details["discounted_break_even_month"]),
    ):
        _break_even(context, lines, parts, table, suffix, out, figure)
    for side, key in (("cloud", "cloud_flow"), ("onprem", "owned_flow")):
        flows = block(table[key][1:])
        result = cost.cloud if side == "cloud" else cost.onprem
        start, last = table[key][0], table["cloud" if side == "cloud" else "owned"][-1]
        lines.formula(
            f"cmp_npv_{side}", context.guard([start, last], f"{start}+NPV({parts['rate']},{flows})"),
            context.shown(result.details["npv"]), unit, "money", t("cmp_npv_basis"), f"out_cost_{side}_details_npv",
        )  # fmt: skip
    returns.line(context, lines, (lines.row, RATE), (table["flow"], table["month"]), "cmp_irr",
                 cost.details["internal_rate_of_return"], "out_cost_details_internal_rate_of_return")  # fmt: skip
    _threshold(context, facts, lines, parts, totals)
    horizon_ok = f"IF(ISNUMBER(out_cost_break_even_month),out_cost_break_even_month<={months},1=1)"
    context.checks.append(("check_break_even", horizon_ok, True))
    flows = block(table["owned_flow"])
    last = table["owned"][-1]
    context.checks.append(("check_cumulative", f"IF(ISNUMBER({last}),ABS(SUM({flows})-{last})<=1,1=1)", True))


def _break_even(context: Context, lines: Lines, parts: dict[str, Any], table: dict[str, Any], suffix: str, out: str,
                figure: Any) -> None:  # fmt: skip
    t = context.t
    reached, saving, month = (block(table[f"reached{suffix}"]), block(table[f"saving{suffix}"]), block(table["month"]))
    known = table[f"saving{suffix}"][-1]
    row = lines.row
    index = f"[[comparison!J{row}]]"
    values = [cell.value for cell in table[f"reached{suffix}"]]
    place = values.index(1) + 1 if 1 in values else 0
    step = f"(INDEX({saving},{index})-INDEX({saving},{index}-1))"
    part = f"IF({step}>0,MIN(1,MAX(0,(0-INDEX({saving},{index}-1))/{step})),1)"
    body = f'IF({index}=0,"{t("never")}",IF({index}=1,0,INDEX({month},{index}-1)+{part}))'
    value: Value = figure.value
    if value is None:
        value = context.unknown if figure.reason == "cost_total_unknown" else t("never")
    lines.formula(f"cmp_break_even{suffix}", f'=IF(ISNUMBER({known}),{body},"{context.unknown}")', value, "months", "d1",
                  t("cmp_break_even_basis"), out, total=not suffix)  # fmt: skip
    lines.sheet.put(row, 9, t("cmp_first_line"), "note")
    lines.sheet.formula(row, 10, f"=IFERROR(MATCH(1,{reached},0),0)", place, "calc", "int")


def _threshold(context: Context, facts: Facts, lines: Lines, parts: dict[str, Any], totals: dict[str, Cell]) -> None:
    """Both totals are linear in the utilization: their values at none and at full give the crossing."""
    t, cells, cost = context.t, context.cells, facts.estimate.cost
    term = context.plan.money.cloud.term
    if term.startswith("reserved"):
        lines.formula("cmp_threshold", f'=IF({totals["cloud"]}={totals["cloud"]},"{t("reserved_threshold")}","")',
                      t("reserved_threshold"), "none", "pct", "", "out_cost_break_even_utilization")  # fmt: skip
        return
    u, tax = cells["utilization"], parts["tax"]
    busy, idle, pue, hours = (
        cells[n] for n in ("out_cost_busy_kw", "out_cost_idle_kw", "out_facility_pue", "cst_hours_year")
    )
    yen = cells["fx_JPY"]
    own = context.plan.money.onprem
    metered = not (own.power_included_in_rent and own.site == "colocation")
    price = f"({context.input('money.electricity_jpy_per_kwh')}+{context.input('money.surcharge_jpy_per_kwh')})*{yen}"
    counted = f"({cells['months_electricity']}-{cells['months_lost']})"
    energy = f"{counted}*(1+{tax})*{hours}/12*({busy}-{idle})*{pue}*{price}" if metered else "0"
    compute, support = cells["cloud_compute"], context.input("money.cloud.support_rate")
    gained = f"(1+{context.input('money.cloud.goodput_loss_share')}+{context.input('money.cloud.debugging_share')})"
    rental = f"({cells['months_cloud']}-{cells['months_lost']})*(1+{tax})*(1+{support})*{compute}*{gained}/{u}"
    needed = [totals["cloud"], totals["onprem"], compute]
    needed += [busy, idle, pue, yen] if metered else []
    row = lines.row
    slope_ref, idle_ref = f"[[comparison!L{row}]]", f"[[comparison!J{row}]]"
    slope_value, idle_value = _linear(context, facts, parts)
    sheet = lines.sheet
    sheet.put(row, 9, t("cmp_gap_idle"), "note")
    sheet.formula(row, 10, context.guard(needed, f"({totals['onprem']}-{u}*{energy})-({totals['cloud']}-{u}*{rental})"),
                  _amount(context, idle_value), "calc", "money")  # fmt: skip
    sheet.put(row, 11, t("cmp_gap_slope"), "note")
    sheet.formula(row, 12, context.guard(needed, f"{rental}-{energy}"), _amount(context, slope_value), "calc", "money")
    never = t("never_utilization")
    ratio = f"{idle_ref}/{slope_ref}"
    body = f'IF({slope_ref}>0,IF({ratio}>1,"{never}",MAX(0,{ratio})),IF({idle_ref}>0,"{never}",0))'
    figure = cost.break_even_utilization
    value: Value = figure.value
    if value is None:
        value = context.unknown if figure.reason == "cost_total_unknown" else never
    lines.formula("cmp_threshold", f'=IF(ISNUMBER({slope_ref}),{body},"{context.unknown}")', value, "none", "pct",
                  t("cmp_threshold_basis"), "out_cost_break_even_utilization")  # fmt: skip


def _linear(context: Context, facts: Facts, parts: dict[str, Any]) -> tuple[float, float]:
    """Slope and idle gap of the totals in the utilization, from the model's own lines at none and at full."""
    from dataclasses import replace

    ends = replace(facts.case, utilization=np.array([0.0, 1.0]))
    last = np.array([float(facts.case.months)])
    owned = cumulative(owned_lines(ends).stream(parts["kept"]), facts.case.months, last)[..., 0]
    rented = cumulative(cloud_lines(ends).stream(parts["kept"]), facts.case.months, last)[..., 0]
    gap = np.broadcast_to(owned - rented, 2)
    return float(gap[0] - gap[1]), float(gap[0])


def _alternatives(context: Context, facts: Facts, parts: dict[str, Any]) -> None:
    """The other terms of the cloud beside the chart."""
    sheet, cells, cost, t = context.sheet("comparison"), context.cells, facts.estimate.cost, context.t
    row = 4
    for column, key in ((5, "col_term"), (6, "col_horizon_total"), (7, "col_unit")):
        sheet.put(row, column, t(key), "heading")
    setup = cells["cloud_setup"]
    row += 1
    for term in ("on_demand", "reserved_1y", "reserved_3y", "spot"):
        chosen = term == context.plan.money.cloud.term
        result = cost.cloud if chosen else cost.alternatives[f"cloud_{term}"]
        month = cells[f"cloud_month_{term}"]
        sheet.put(row, 5, t(f"term_{term}"), "total_label" if chosen else "label")
        sheet.formula(row, 6, context.guard([setup, month], _over_horizon(context, term)), context.shown(result.total),
                      "total" if chosen else "calc", "money",
                      name=None if chosen else f"out_cost_alternatives_cloud_{term}_total")  # fmt: skip
        sheet.put(row, 7, parts["unit"], "unit")
        row += 1
    note(sheet, row, t("cmp_note"), 0)
    text = sheet.cells.pop((row, 1))
    sheet.merges.pop()
    sheet.heights.pop(row, None)
    sheet.put(row, 5, text.value, "note")
    sheet.merge(row, 5, PAGE, rows=6)


def _over_horizon(context: Context, term: str) -> str:
    """Formula (no ``=``) of what a term costs over the horizon."""
    cells, months = context.cells, context.cells["months"]
    share = [context.input(f"money.cloud.{name}") for name in ("support_rate", "goodput_loss_share", "debugging_share")]
    whole = cells[f"months_{changes.HOLDS_OF_TERM.get(term, 'cloud')}"]
    hourly = f"{whole}-{months}" if term.startswith("reserved") else f"{whole}-{cells['months_lost']}-{months}"
    compute = f"{cells[f'cloud_compute_{term}']}*(1+{share[1]}+{share[2]})*({hourly})"
    cpu = f"{cells['cloud_cpu_nodes']}*({whole}-{months})"
    return f"{cells['cloud_setup']}+{cells[f'cloud_month_{term}']}*{months}+(1+{share[0]})*({compute}+{cpu})"


def _chart(context: Context, table: dict[str, Any], anchor: tuple[int, int, int, int]) -> Chart:
    t, even = context.t, context.cells["out_cost_break_even_month"].value
    months = tuple(table["plotted"])  # beyond the horizon every point is the last one: the lines end there
    alt = (
        t("chart_compare_alt_even", month=f"{even:.1f}")
        if isinstance(even, float)
        else t("chart_compare_alt", state=even)
    )
    return Chart(
        "xy", t("chart_compare"), alt, months,
        (
            Series(t("side_cloud"), tuple(table["cloud"]), COLORS["cloud"], "dash"),
            Series(t("side_onprem"), tuple(table["owned"]), COLORS["onprem"], "solid"),
        ),
        anchor, x_title=t("col_month"), y_title=t("million", money=t(f"unit_money_{context.plan.money.currency}")),
        number_format="#,##0,,", step_x=12,
    )  # fmt: skip
