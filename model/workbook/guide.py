"""使い方: colours, what may be changed, what the words mean, and what the figures do not promise."""

from __future__ import annotations

import math

from mitsumori.model.base.rounding import GUARD_DECIMALS
from mitsumori.model.cost.cashflow import FLOW_DECIMALS
from mitsumori.model.cost.lines import MEASURED_BELOW_KW, POWER_FACTOR_BASE
from mitsumori.model.cost.money import SALE_DIGITS
from mitsumori.model.facility.placement import BREAKER_SHARE
from mitsumori.model.facility.power import IDLE_SHARE
from mitsumori.model.workbook.context import Context, details, fit_height, headings, section, title_block
from mitsumori.model.workbook.description import Sheet
from mitsumori.model.workbook.facts import Facts

WIDTHS = (28.0, 121.0)
LEGEND = ("input", "calc", "link", "const", "pasted", "missing")
STEPS = ("guide_step_change", "guide_step_reset", "guide_step_unknown", "guide_step_return", "guide_step_protect",
         "guide_step_recalculate")  # fmt: skip
TERMS = ("tokens", "mfu", "goodput", "interval", "pue", "kva", "utilization", "break_even", "residual", "present_value")


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("guide")
    row = title_block(context, sheet)
    row = section(context, sheet, row, "guide_legend_section")
    for role in LEGEND:
        sheet.put(row, 1, 1234.5, role, "d1")
        row = _line(context, sheet, row, f"guide_legend_{role}")
    row = section(context, sheet, row + 1, "guide_steps_section")
    for number, key in enumerate(STEPS, 1):
        sheet.put(row, 1, context.t("guide_step", number=number), "label")
        row = _line(context, sheet, row, key)
    row = section(context, sheet, row + 1, "guide_terms_section")
    row = headings(context, sheet, row, ("col_word", "col_meaning"))
    for term in TERMS:
        sheet.put(row, 1, context.t(f"term_{term}"), "label")
        row = _line(context, sheet, row, f"term_{term}_text")
    sheet.print_rows = row - 1
    row = section(context, sheet, details(context, sheet, row + 1), "guide_constants_section")
    for key, value, fmt, name in constants(context, facts):
        cell = sheet.put(row, 1, value, "const", fmt)
        context.cells[name] = context.workbook.define(name, cell)
        row = _line(context, sheet, row, key)
    for name, (value, currency, basis) in sorted(context.listed.items()):
        live = facts.storage_formula if name == "cst_price_storage" else ""
        if live:
            context.cells[name] = sheet.formula(row, 1, live, value, "calc", "number", name=name)
        else:
            sheet.put(row, 1, value, "const", "number")
            context.cells[name] = context.workbook.define(name, sheet.cells[row, 1])
        text = context.t("const_listed", what=context.t(f"listed_{name[10:]}"), currency=currency, basis=basis)
        sheet.put(row, 2, text, "cell_text")
        fit_height(sheet, row, [(text, WIDTHS[1] - 2, 10)])
        row += 1


def constants(context: Context, facts: Facts) -> list[tuple[str, float, str, str]]:
    """Constants of the formulas: message key, value, format, defined name."""
    catalogue, network = facts.resolved.catalogue, context.plan.network
    money = context.plan.money
    found: list[tuple[str, float, str, str]] = [
        ("const_hours_year", 8760, "int", "cst_hours_year"),
        ("const_days_year", 365, "int", "cst_days_year"),
        ("const_seconds_day", 86400, "int", "cst_seconds_day"),
        ("const_seconds_hour", 3600, "int", "cst_seconds_hour"),
        ("const_giga", 10**9, "int", "cst_giga"),
        ("const_thousand", 1000, "int", "cst_thousand"),
        ("const_guard", GUARD_DECIMALS, "int", "cst_guard"),
        ("const_tax_decimals", 0 if money.currency == "JPY" else 2, "int", "cst_tax_decimals"),
        ("const_ten", 10, "int", "cst_ten"),
        ("const_one", 1, "int", "cst_one"),
        ("const_sale_digits", SALE_DIGITS, "int", "cst_sale_digits"),
        ("const_half", 0.5, "d1", "cst_half"),
        ("const_flow_decimals", FLOW_DECIMALS, "int", "cst_flow_decimals"),
        ("const_breaker", BREAKER_SHARE, "d1", "cst_breaker"),
        ("const_power_factor", POWER_FACTOR_BASE, "d2", "cst_power_factor"),
        ("const_measured_below", MEASURED_BELOW_KW, "int", "cst_measured_below"),
        ("const_peak_ratio", catalogue.tariff("train-peak-ratio").value, "pct", "cst_peak_ratio"),
        ("const_average_ratio", catalogue.tariff("train-average-ratio").value, "pct", "cst_average_ratio"),
        ("const_idle_share", IDLE_SHARE, "pct", "cst_idle_share"),
        ("const_other_share", catalogue.tariff("other-power-share").value, "pct", "cst_other_share"),
        ("const_known_kw", facts.known_kw, "d2", "cst_known_kw"),
        ("const_storage_kw", facts.storage_unit_kw, "d2", "cst_storage_kw"),
        ("const_kwh_class", facts.class_price, "d1", "cst_kwh_class"),
        ("const_mtbf", facts.mtbf_hours, "int", "cst_mtbf_hours"),
        ("const_checkpoint", facts.stall_s, "number", "cst_checkpoint_s"),
        ("const_checkpoint_write", facts.write_s, "number", "cst_checkpoint_write_s"),
        ("const_restart", facts.restart_s, "number", "cst_restart_s"),
        ("const_euler", math.e, "number", "cst_euler"),
        ("const_evaluation", facts.evaluation_share, "pct", "cst_evaluation"),
        ("const_validity", context.proposal.valid_days, "int", "doc_valid_days"),
    ]
    if facts.estimated_kw is not None:
        found.append(("const_estimated_kw", facts.estimated_kw, "d1", "cst_estimated_kw"))
    if network.checkpoint_interval_s is not None:
        found.append(("const_interval", network.checkpoint_interval_s, "int", "cst_interval_s"))
    return found


def _line(context: Context, sheet: Sheet, row: int, key: str) -> int:
    text = context.t(key)
    sheet.put(row, 2, text, "cell_text")
    fit_height(sheet, row, [(text, WIDTHS[1] - 2, 10)])
    return row + 1
