"""感度: each factor alone at its low and high end, and utilization against the cloud's price; all live.

Factors, ends and sources are those of the window (``resources/catalog/sensitivity.toml`` through
:mod:`model.cost.sensitivity`). The saving is linear in every factor but the horizon, so that each end is the plan's saving plus
a slope times the distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mitsumori.model.base.figure import Provenance
from mitsumori.model.base.rounding import round_half_up
from mitsumori.model.cost.factors import factor_source
from mitsumori.model.cost.money import exchange
from mitsumori.model.cost.sensitivity import Bar, bars, description, factors, listed_prices, tornado, two_way
from mitsumori.model.workbook.audience import RELATIVE
from mitsumori.model.workbook.context import Context, fit_height, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Condition, Series, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.sensitivity_slopes import FACTORS, Ends, Slopes, ends, property_tax, slopes
from mitsumori.model.workbook.styles import COLORS

WIDTHS = (24.0, 13.5, 13.0, 13.0, 13.0, 14.0, 14.0, 12.0, 8.5, 24.5)
AWAY = 11
"""First of two columns beside the page: how far both ends lie from the plan, which the chart draws around it."""
TAXED = 24
"""First of the columns with the property tax at the ends of a factor."""
WORK = 13
"""First column of the workings beside the page."""
FORMATS = {
    "cloud_price": "d2", "utilization": "pct", "server_price": "money", "electricity": "d2", "pue": "ratio", "power": "pct",
    "residual": "pct", "maintenance": "pct", "usd_jpy": "d2", "staff_fte": "d2", "horizon": "int",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """The program's own bars, in the currencies of the sheet; None where a total is unknown."""

    saving: float | None
    bars: dict[str, Bar]
    scale: dict[str, float]

    def end(self, key: str, name: str) -> float | None:
        """``low``, ``base`` or ``high`` of a factor."""
        bar = self.bars.get(key)
        return None if bar is None else float(getattr(bar.factor, name)) * self.scale.get(key, 1.0)


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("sensitivity")
    known = _known(context, facts)
    made = slopes(context, facts, sheet, WORK)
    row = title_block(context, sheet)
    row, drawn = _tornado(context, facts, sheet, row, known, made)
    if drawn:
        sheet.breaks.append(row - 2)
        row += 16
    _two_way(context, facts, sheet, row, made)


def _known(context: Context, facts: Facts) -> Known:
    money, case = context.plan.money, facts.case
    inputs = facts.quote.inputs
    saving = facts.number("cost.details.saving")
    if inputs is None or saving is None:
        return Known(None, {}, {})
    usd = case.usd_jpy
    scale = {
        "cloud_price": float(exchange(case.cloud_currency, money.cloud.currency, usd)),
        "server_price": float(exchange(case.server_currency, money.onprem.currency, usd)),
    }
    return Known(saving, {bar.factor.key: bar for bar in bars(money, inputs, case, RELATIVE[context.audience])}, scale)


def _order(context: Context) -> tuple[list[str], set[str]]:
    """Factors by their effect at the export, and those that have one."""
    quote = (context.held or context.estimate).cost.quote
    money = context.exported.money
    result = None if quote.inputs is None else tornado(money, quote.inputs, quote.case, RELATIVE[context.audience])
    first = [] if result is None else [bar.factor.key for bar in result.bars]
    return [*first, *(key for key in FACTORS if key not in first)], set(first)


def _tornado(context: Context, facts: Facts, sheet: Sheet, row: int, known: Known, made: Slopes) -> tuple[int, bool]:
    """The factors one by one; returns the next free row and whether a chart begins there."""
    t, cells = context.t, context.cells
    money = context.large_money
    row = section(context, sheet, row, "sens_tornado_section", money=money)
    saving = cells["out_cost_details_saving"]
    sheet.put(row, 1, t("sens_base"), "total_label")
    for column in (2, 3, 4, 5):
        sheet.put(row, column, None, "total_unit")
    sheet.formula(row, 6, f"={saving}", context.shown(known.saving), "total", context.large.name)
    for column in range(7, 11):
        sheet.put(row, column, None, "total_unit")
    row += 1
    heads = ("col_factor", "col_unit", "col_low", "col_base", "col_high", "col_saving_low", "col_saving_high", "col_span",
             "col_flips", "col_basis")  # fmt: skip
    row = headings(context, sheet, row, heads, range(3, 9))
    for column, key in ((AWAY, "sens_at_low"), (AWAY + 1, "sens_at_high")):
        sheet.put(row - 1, column, t(key), "note")
    order, moving = _order(context)
    inputs = facts.quote.inputs
    parents = (
        {}
        if inputs is None
        else {f.key: f.provenance for f in factors(context.plan.money, inputs, facts.case, RELATIVE[context.audience])}
    )
    names: list[Cell] = []
    lows: list[Cell] = []
    highs: list[Cell] = []
    for key in order:
        name, low, high = _bar(
            context, facts, sheet, row, key, known, made, ends(context, facts, sheet, row, WORK, key)
        )
        provenance = parents.get(key)
        basis = _basis(context, provenance)
        sheet.put(row, 10, basis, "basis")
        fit_height(sheet, row, [(basis, WIDTHS[9] - 2, 9)])
        if key in moving:
            names.append(name)
            lows.append(low)
            highs.append(high)
        row += 1
    if not names:
        return note(sheet, row, t("sens_open")) + 1, False
    row = note(sheet, row, t("sens_note")) + 2  # a frame on the first row of a page would be drawn on both pages
    sheet.charts.append(
        Chart("bar", t("chart_sensitivity"), t("chart_sensitivity_alt"), tuple(names),
              (Series(t("sens_at_low"), tuple(lows), COLORS["cloud"]),
               Series(t("sens_at_high"), tuple(highs), COLORS["onprem"])),
              (row, 1, row + 13, 10), number_format=context.large.axis, y_title=money)
    )  # fmt: skip
    return row, True


def _basis(context: Context, provenance: Provenance | None) -> str:
    """Where the ends come from: in full for ourselves, in the reader's language for a customer."""
    if provenance is None:
        return context.t("no_standard")
    if context.audience == "internal" or provenance.kind == "formula":  # what follows from the plan is nobody's secret
        return " ".join(part for part in (factor_source(provenance.source, context.language), provenance.date) if part)
    return context.t("sens_published", date=provenance.date) if provenance.date else context.t("sens_published_undated")


def _bar(
    context: Context, facts: Facts, sheet: Sheet, row: int, key: str, known: Known, made: Slopes, range_: Ends
) -> tuple[Cell, Cell, Cell]:
    """One factor: its ends in its own unit, the saving at both, how far they lie apart and whether the answer changes."""
    t, saving = context.t, context.cells["out_cost_details_saving"]
    name = sheet.put(row, 1, t(f"sens_{key}"), "label")
    sheet.put(row, 2, range_.unit, "unit")
    fmt = FORMATS[key]

    def shown(value: float | None) -> Value:
        return context.unknown if value is None or not math.isfinite(value) else value

    base = sheet.formula(row, 4, context.guard([saving, *range_.needs], range_.base), shown(known.end(key, "base")), "link",
                         fmt)  # fmt: skip
    low = sheet.formula(row, 3, context.guard([base], f"MIN({range_.low.format(base=base)},{base})"),
                        shown(known.end(key, "low")), "calc", fmt)  # fmt: skip
    high = sheet.formula(row, 5, context.guard([base], f"MAX({range_.high.format(base=base)},{base})"),
                         shown(known.end(key, "high")), "calc", fmt)  # fmt: skip
    bar = known.bars.get(key)
    found = []
    for column, end, value in ((6, low, None if bar is None else bar.low_saving),
                               (7, high, None if bar is None else bar.high_saving)):  # fmt: skip
        needed = [saving, end, base, *made.needs[key]]
        tax: Cell | None = None
        if key in made.taxed:
            sound = all(cell.number is not None for cell in needed)
            at = row, TAXED + 6 * (column - 6)
            tax = property_tax(context, sheet, at, facts, made.taxed[key](end, base), sound)
        body = made.at(key, end, base, tax)
        found.append(sheet.formula(row, column, context.guard(needed, body), shown(value), "calc", context.large.name))
    left, right = found
    sheet.formula(row, 8, context.guard([left, right], f"ABS({right}-{left})"),
                  shown(None if bar is None else bar.swing), "calc", context.large.name)  # fmt: skip
    yes, no = t("yes"), t("no")
    same = f"AND(({left}>0)=({saving}>0),({right}>0)=({saving}>0))"
    answer: Value = context.unknown if bar is None else yes if bar.low_flips or bar.high_flips else no
    if bar is not None and not (math.isfinite(bar.low_saving) and math.isfinite(bar.high_saving)):
        answer = context.unknown
    sheet.formula(row, 9, f'=IF(AND(ISNUMBER({left}),ISNUMBER({right})),IF({same},"{no}","{yes}"),"{context.unknown}")',
                  answer, "status", "text")  # fmt: skip
    ends_from_plan = []
    for column, end, value in ((AWAY, left, None if bar is None else bar.low_saving),
                               (AWAY + 1, right, None if bar is None else bar.high_saving)):  # fmt: skip
        away = None if value is None or known.saving is None else value - known.saving
        formula = context.guard([end, saving], f"{end}-{saving}")
        ends_from_plan.append(sheet.formula(row, column, formula, shown(away), "calc", context.large.name))
    return name, ends_from_plan[0], ends_from_plan[1]


def _two_way(context: Context, facts: Facts, sheet: Sheet, row: int, made: Slopes) -> None:
    """Saving by utilization (rows) and the cloud's price an hour (columns), around the plan's own cell."""
    t, cells, case = context.t, context.cells, facts.case
    table, inputs = description()["two_way"], facts.quote.inputs
    saving, u = cells["out_cost_details_saving"], cells["utilization"]
    known = facts.number("cost.details.saving")
    result = None if known is None or inputs is None else two_way(context.plan.money, inputs, case)
    money = context.large_money
    row = section(context, sheet, row, "sens_two_way_section", money=money)
    range_ = ends(context, facts, sheet, row, WORK, "cloud_price")
    count = len(table["prices"])
    currency = t(f"unit_money_{context.plan.money.cloud.currency}")
    sheet.put(row, 1, t("sens_two_way_head", money=currency), "heading")
    base = sheet.formula(row, WORK + 5, context.guard([saving, *range_.needs], range_.base), _own_price(context, facts, result),
                         "calc", "d2")  # fmt: skip
    scale = float(exchange(case.cloud_currency, context.plan.money.cloud.currency, case.usd_jpy))
    listed: list[Cell] = []
    for i in range(count):
        ratio = sheet.put(row + 1, WORK + 6 + i, float(table["ratios"][i]), "const", "number")
        usd = sheet.put(row + 2, WORK + 6 + i, float(table["prices"][i]), "const", "number")
        body = range_.node.format(usd=usd, ratio=f"{ratio}*{base}")
        value = None if result is None or inputs is None else float(listed_prices(inputs, case)[i]) * scale
        listed.append(
            sheet.formula(row + 3, WORK + 6 + i, context.guard([base], body), context.shown(value), "calc", "number")
        )
    prices = _axis(context, sheet, row, 2, listed, base, None if result is None else [v * scale for v in result.prices],
                   "heading_number", "d2", across=True)  # fmt: skip
    first = row
    row += 1
    listed_u = [sheet.put(row + i, WORK, float(v), "const", "pct") for i, v in enumerate(table["utilizations"])]
    shares = _axis(context, sheet, row, 1, listed_u, u, None if result is None else list(result.utilizations), "total", "pct",
                   across=False)  # fmt: skip
    for i, share in enumerate(shares):
        for j, price in enumerate(prices):
            number: Value = context.unknown
            if result is not None and math.isfinite(float(result.saving[i, j])):
                number = float(result.saving[i, j])
            needed = [saving, share, price, *made.needs["cloud_price"], *made.needs["utilization"]]
            sheet.formula(
                row, 2 + j, context.guard(needed, made.both(share, price, base)), number, "calc", context.large.name
            )
        row += 1
    address = f"B{first + 1}:{chr(65 + count)}{row - 1}"
    sheet.conditions.append(Condition(address, f"=AND(ISNUMBER(B{first + 1}),B{first + 1}<0)", "bad"))
    sheet.conditions.append(Condition(address, f"=AND(ISNUMBER(B{first + 1}),B{first + 1}>=0)", "good"))
    note(sheet, row, t("sens_two_way_note"))


def _own_price(context: Context, facts: Facts, result: object) -> Value:
    if result is None:
        return context.unknown
    case = facts.case
    return float(case.price_per_hour) * float(
        exchange(case.cloud_currency, context.plan.money.cloud.currency, case.usd_jpy)
    )


def _axis(
    context: Context, sheet: Sheet, row: int, column: int, listed: list[Cell], own: Cell, values: list[float] | None,
    role: str, fmt: str, *, across: bool,
) -> list[Cell]:  # fmt: skip
    """An axis with the plan's own value in the place of the nearest; the distances stand beside the page."""
    guard, saving = context.cells["cst_guard"], context.cells["out_cost_details_saving"]
    unknown = context.unknown
    distances: list[Cell] = []
    for cell in listed:
        at = (cell.row + 1, cell.column) if across else (cell.row, cell.column + 1)
        value: Value = unknown
        if values is not None and cell.number is not None and own.number is not None:
            value = float(round_half_up(abs(cell.number - own.number), 9))
        distances.append(
            sheet.formula(
                *at, context.guard([saving, cell, own], f"ROUND(ABS({cell}-{own}),{guard})"), value, "calc", "number"
            )
        )
    run = block(distances)
    made: list[Cell] = []
    for i, cell in enumerate(listed):
        before = [f"{distance}>{distances[i]}" for distance in distances[:i]]
        nearest = ",".join([f"{distances[i]}=MIN({run})", *before])
        at = (row, column + i) if across else (row + i, column)
        made.append(
            sheet.formula(*at, context.guard([saving, cell, own], f"IF(AND({nearest}),{own},{cell})"),
                          unknown if values is None else float(values[i]), role, fmt)
        )  # fmt: skip
    return made
