"""感度: one factor at a time, and utilization against the cloud's price; all live."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from model.cashflow import cumulative
from model.sides import Case, cloud_lines, owned_lines
from model.workbook.context import Context, headings, note, section, title_block, validation
from model.workbook.description import Cell, Chart, Series, Value
from model.workbook.facts import Facts
from model.workbook.styles import COLORS

WIDTHS = (36.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0)
SHARES = (0.25, 0.5, 0.75, 1.0)
"""Utilizations of the two-way table."""


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet, t, cells = context.sheet("sensitivity"), context.t, context.cells
    row = title_block(context, sheet)
    sheet.put(row, 1, t("sens_swing"), "label")
    swing = sheet.put(row, 2, 0.2, "input", "pct")
    context.workbook.define("doc_sensitivity_swing", swing)
    validation(context, swing, "decimal", 0.01, 0.9, (), t("sens_swing"))
    sheet.put(row, 3, t("sens_swing_basis"), "basis")
    sheet.merge(row, 3, 7)
    row += 2
    saving = cells["out_cost_details_saving"]
    row = section(
        context, sheet, row, "sens_tornado_section", money=context.t(f"unit_money_{context.plan.money.currency}")
    )
    row = headings(context, sheet, row, ("col_factor", "col_share_of_saving", "col_low", "col_base", "col_high", "col_span",
                                         "col_flips"), range(2, 8))  # fmt: skip
    names: list[Cell] = []
    lows: list[Cell] = []
    highs: list[Cell] = []
    yes, no = t("yes"), t("no")
    for key, formula, needed, slope in _factors(context, facts):
        names.append(sheet.put(row, 1, t(key), "label"))
        part = sheet.formula(row, 2, context.guard(needed, formula), _amount(context, slope), "calc", "money")
        base = facts.number("cost.details.saving")
        values = [None if base is None or slope is None else base + sign * 0.2 * slope for sign in (-1.0, 1.0)]
        low = sheet.formula(row, 3, context.guard([saving, part], f"{saving}-{swing}*{part}"), _amount(context, values[0]),
                            "calc", "money")  # fmt: skip
        sheet.formula(row, 4, f"={saving}", context.shown(base), "link", "money")
        high = sheet.formula(row, 5, context.guard([saving, part], f"{saving}+{swing}*{part}"), _amount(context, values[1]),
                             "calc", "money")  # fmt: skip
        span = None if slope is None else abs(0.4 * slope)
        sheet.formula(row, 6, context.guard([low, high], f"ABS({high}-{low})"), _amount(context, span), "calc", "money")
        flips = values[0] is not None and values[1] is not None and (values[0] >= 0) != (values[1] >= 0)
        text: Value = (yes if flips else no) if values[0] is not None else context.unknown
        sheet.formula(
            row, 7, f'=IF(AND(ISNUMBER({low}),ISNUMBER({high})),IF(({low}>=0)=({high}>=0),"{no}","{yes}"),"{context.unknown}")',
            text, "status", "text",
        )  # fmt: skip
        lows.append(low)
        highs.append(high)
        row += 1
    row = note(sheet, row, t("sens_note"))
    row = _two_way(context, facts, row + 1)
    anchor = (row + 1, 1, row + 18, 7)
    sheet.charts.append(
        Chart("bar", t("chart_sensitivity"), t("chart_sensitivity_alt"), tuple(names),
              (Series(t("col_low"), tuple(lows), COLORS["cloud"]), Series(t("col_high"), tuple(highs), COLORS["onprem"])),
              anchor, number_format="#,##0,,",
              y_title=t("million", money=t(f"unit_money_{context.plan.money.currency}")))
    )  # fmt: skip


def _amount(context: Context, value: Any) -> Value:
    if value is None or not math.isfinite(float(value)):
        return context.unknown
    return float(value)


def _saving(context: Context, case: Case) -> float:
    """Cloud less owned over the horizon, as the comparison counts it."""
    money = context.plan.money
    kept = 0.0 if money.tax_credit else money.tax_rate
    grid = np.array([float(case.months)])
    rented = float(cumulative(cloud_lines(case).stream(kept), case.months, grid)[0])
    return rented - float(cumulative(owned_lines(case).stream(kept), case.months, grid)[0])


def _factors(context: Context, facts: Facts) -> list[tuple[str, str, list[Cell], float | None]]:
    """Each factor: message key, formula of what the saving gains when it doubles, cells it needs, the model's own value.

    All are linear in their factor, so that a swing of x changes the saving by x times this.
    """
    cells, case = context.cells, facts.case
    months, tax = cells["months"], cells["cmp_tax"]
    base = _saving(context, case)

    def gain(**changes: Any) -> float | None:
        value = _saving(context, replace(case, **changes)) - base
        return value if math.isfinite(value) else None

    support = context.input("money.cloud.support_rate")
    compute = cells["cloud_compute"]
    yen = cells["fx_JPY"]
    found: list[tuple[str, str, list[Cell], float | None]] = [
        ("sens_cloud_price", f"{months}*{compute}*(1+{support})*(1+{tax})", [compute, cells["out_cost_details_saving"]],
         gain(price_per_hour=case.price_per_hour * 2.0)),
    ]  # fmt: skip
    initial = {name: cells[f"initial_{name}"] for name in ("servers", "network", "storage", "spares", "installation")}
    servers, network, share = initial["servers"], initial["network"], context.input("money.onprem.network_share")
    given = context.inputs["money.onprem.network_price"]
    follows = f"IF(ISNUMBER({given}),0,{share}*{servers})"
    spares, install = context.input("money.onprem.spares_share"), context.input("money.onprem.installation_share")
    rates = {n: context.input(f"money.onprem.{n}") for n in ("maintenance_rate", "insurance_rate", "property_tax_rate",
                                                            "residual_share")}  # fmt: skip
    hardware = f"({servers}+{follows})"
    book_sum = cells["property_total_share"]
    bought = f"{hardware}*(1+{install})+{spares}*{servers}"
    kept = f"{rates['residual_share']}*{servers}"
    outlay = f"({bought}-{kept}+{months}/12*{rates['maintenance_rate']}*{hardware})*(1+{tax})"
    running = f"{months}/12*{rates['insurance_rate']}*{hardware}"
    property_tax = f"({bought})*{rates['property_tax_rate']}*{book_sum}"
    found.append(
        ("sens_server_price", f"0-({outlay}+{running}+{property_tax})", [servers, network, cells["out_cost_details_saving"]],
         gain(server_price=case.server_price * 2.0))
    )  # fmt: skip
    own = context.plan.money.onprem
    if not (own.power_included_in_rent and own.site == "colocation"):
        kwh = (f"({cells['utilization']}*{cells['out_cost_busy_kw']}+(1-{cells['utilization']})*{cells['out_cost_idle_kw']})"
               f"*{cells['out_facility_pue']}*{cells['cst_hours_year']}/12")  # fmt: skip
        price = f"({context.input('money.electricity_jpy_per_kwh')}+{context.input('money.surcharge_jpy_per_kwh')})"
        needed = [cells["out_cost_busy_kw"], cells["out_cost_idle_kw"], cells["out_facility_pue"], yen,
                  cells["out_cost_details_saving"]]  # fmt: skip
        found.append(
            ("sens_electricity", f"0-{months}*{kwh}*{price}*{yen}*(1+{tax})", needed,
             gain(energy_jpy_per_kwh=case.energy_jpy_per_kwh * 2.0))
        )  # fmt: skip
    for key, line, path, taxed in (
        ("sens_maintenance", "maintenance", "maintenance_rate", True),
        ("sens_staff", "staff", "staff_fte", False),
    ):
        cell = cells[f"monthly_{line}"]
        factor = f"*(1+{tax})" if taxed else ""
        found.append(
            (key, f"0-{months}*{cell}{factor}", [cell, cells["out_cost_details_saving"]],
             gain(**{path: getattr(case, path) * 2.0}))
        )  # fmt: skip
    return found


def _two_way(context: Context, facts: Facts, row: int) -> int:
    """Saving by utilization and the cloud's price an hour; only where hours are paid as used."""
    sheet, t, cells, case = context.sheet("sensitivity"), context.t, context.cells, facts.case
    if context.plan.money.cloud.term.startswith("reserved"):
        return row
    unit = t(f"unit_money_{context.plan.money.currency}")
    row = section(context, sheet, row, "sens_two_way_section", money=unit)
    saving, u, months, tax = cells["out_cost_details_saving"], cells["utilization"], cells["months"], cells["cmp_tax"]
    compute, support, yen = cells["cloud_compute"], context.input("money.cloud.support_rate"), cells["fx_JPY"]
    swing = context.workbook.names["doc_sensitivity_swing"]
    sheet.put(row, 1, t("sens_utilization"), "heading")
    scales: list[Cell] = []
    hourly = cells["cloud_hourly"]
    steps = (-2, -1, 0, 1, 2)
    signs = (f"1-{swing}-{swing}", f"1-{swing}", "1", f"1+{swing}", f"1+{swing}+{swing}")
    for index, (step, sign) in enumerate(zip(steps, signs, strict=True)):
        price = case.price_per_hour * _fx(case)
        scales.append(sheet.formula(row, 2 + index, context.guard([hourly], f"{hourly}*({sign})"),
                                    _amount(context, price * (1.0 + 0.2 * step)), "heading_number", "number"))  # fmt: skip
    sheet.put(row, 7, t("sens_price_unit", money=unit), "heading")
    row += 1
    busy, idle, pue, hours = (
        cells[n] for n in ("out_cost_busy_kw", "out_cost_idle_kw", "out_facility_pue", "cst_hours_year")
    )
    own = context.plan.money.onprem
    metered = not (own.power_included_in_rent and own.site == "colocation")
    price_kwh = (
        f"({context.input('money.electricity_jpy_per_kwh')}+{context.input('money.surcharge_jpy_per_kwh')})*{yen}"
    )
    energy = f"({busy}-{idle})*{pue}*{hours}/12*{price_kwh}" if metered else "0"
    for share in SHARES:
        level = sheet.put(row, 1, share, "input", "pct")
        validation(context, level, "decimal", 0.01, 1.0, (), t("sens_utilization"))
        for index, step in enumerate(steps):
            factor = f"({signs[index]})"
            body = (f"{saving}+{months}*(1+{tax})*({compute}*(1+{support})*({level}/{u}*{factor}-1)"
                    f"-({level}-{u})*{energy})")  # fmt: skip
            changed = replace(case, utilization=share, price_per_hour=case.price_per_hour * (1.0 + 0.2 * step))
            needed = [saving, compute, scales[index]] + ([busy, idle, pue, yen] if metered else [])
            sheet.formula(row, 2 + index, context.guard(needed, body), _amount(context, _saving(context, changed)), "calc",
                          "money")  # fmt: skip
        sheet.put(row, 7, None, "label")
        row += 1
    return note(sheet, row, t("sens_two_way_note"))


def _fx(case: Case) -> float:
    if case.cloud_currency == case.currency:
        return 1.0
    return float(case.usd_jpy if case.currency == "JPY" else 1.0 / case.usd_jpy)
