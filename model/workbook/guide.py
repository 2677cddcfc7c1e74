"""使い方: colours, what may be changed, what the words mean, and what the figures do not promise."""

from __future__ import annotations

from model.workbook.context import Context, fit_height, headings, section, title_block
from model.workbook.description import Sheet

WIDTHS = (30.0, 104.0)
LEGEND = ("input", "calc", "link", "const", "pasted", "missing")
STEPS = ("guide_step_change", "guide_step_reset", "guide_step_unknown", "guide_step_return", "guide_step_protect",
         "guide_step_recalculate")  # fmt: skip
TERMS = ("tokens", "mfu", "goodput", "interval", "pue", "kva", "utilization", "break_even", "residual", "present_value")


def build(context: Context) -> None:
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
    row = headings(context, sheet, row, ("col_term", "col_meaning"))
    for term in TERMS:
        sheet.put(row, 1, context.t(f"term_{term}"), "label")
        row = _line(context, sheet, row, f"term_{term}_text")
    row = section(context, sheet, row + 1, "guide_constants_section")
    for key, value, fmt, name in (
        ("const_hours_year", 8760, "int", "cst_hours_year"),
        ("const_seconds_day", 86400, "int", "cst_seconds_day"),
        ("const_giga", 10**9, "int", "cst_giga"),
        ("const_thousand", 1000, "int", "cst_thousand"),
        ("const_guard", 9, "int", "cst_guard"),
        ("const_half_yen", 0.5, "d1", "cst_half"),
        ("const_breaker", 0.8, "d1", "cst_breaker"),
        ("const_power_factor", 1.85, "d2", "cst_power_factor"),
        ("const_validity", context.settings.validity_months, "int", "doc_validity_months"),
    ):
        cell = sheet.put(row, 1, value, "const", fmt)
        context.cells[name] = context.workbook.define(name, cell)
        row = _line(context, sheet, row, key)
    context.cells["validity_months"] = context.cells["doc_validity_months"]


def _line(context: Context, sheet: Sheet, row: int, key: str) -> int:
    text = context.t(key)
    sheet.put(row, 2, text, "cell_text")
    fit_height(sheet, row, [(text, WIDTHS[1] - 2, 10)])
    return row + 1
