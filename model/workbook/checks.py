"""検算: one line a check and a master check."""

from __future__ import annotations

from mitsumori.model.workbook.context import Context, fit_height, headings, section, title_block
from mitsumori.model.workbook.description import Cell, Condition, area, block, range_address

WIDTHS = (122.0, 18.0)


def build(context: Context) -> None:
    """Write the sheet from the check lines that the other sheets left."""
    sheet = context.sheet("checks")
    counted: list[Cell] = []
    for place, part in enumerate(_results(context)):
        sheet.put(4 + place, 4, context.t(f"{part.split('[[')[1].split('!')[0]}_tab"), "note")
        counted.append(sheet.formula(4 + place, 5, f"=SUMPRODUCT(ISERROR({part})*1)", 0, "calc", "int"))
    context.checks.append(("check_errors", f"SUM({block(counted)})=0", True))
    row = title_block(context, sheet)
    row = headings(context, sheet, row, ("col_check", "col_state"))
    good, bad = context.t("ok"), context.t("check_bad")
    cells: list[Cell] = []
    for key, formula, answer in context.checks:
        text = context.t(key)
        sheet.put(row, 1, text, "label")
        fit_height(sheet, row, [(text, WIDTHS[0] - 1, 10)])
        cells.append(
            sheet.formula(row, 2, f'=IF({formula},"{good}","{bad}")', good if answer else bad, "status", "text")
        )
        row += 1
    first, last = cells[0], cells[-1]
    whole = all(answer for _, _, answer in context.checks)
    sheet.put(row, 1, context.t("check_master"), "total_label")
    master = sheet.formula(
        row, 2, f'=IF(COUNTIF({area(first, last)},"{bad}")=0,"{good}","{bad}")', good if whole else bad, "status", "text",
        name="out_check",
    )  # fmt: skip
    context.cells["master_check"] = master
    address = range_address(first, master)
    sheet.conditions.append(Condition(address, f'=B{first.row}="{bad}"', "bad"))
    sheet.conditions.append(Condition(address, f'=B{first.row}="{good}"', "good"))
    _points(context, row + 2)


def _points(context: Context, row: int) -> None:
    """Everything to be noted or asked, as of the export."""
    if not context.findings:
        return
    sheet = context.sheet("checks")
    row = section(context, sheet, row, "summary_findings_section")
    for severity in ("bad", "warn", "ask", "info"):
        for item in (item for item in context.findings if item.severity == severity):
            message = item.message(context.language)
            sheet.put(row, 1, message, "label")
            sheet.put(row, 2, context.t(f"severity_{severity}"), "unit")
            fit_height(sheet, row, [(message, WIDTHS[0] - 1, 10)])
            row += 1


def _results(context: Context) -> list[str]:
    """The blocks of figures in which no error value may stand."""
    found = []
    for key in ("memory", "training", "facility", "estimate_cost", "comparison", "books", "sensitivity"):
        cells = [cell for cell in context.sheet(key).cells.values() if cell.formula is not None]
        rows, columns = [cell.row for cell in cells], [cell.column for cell in cells]
        top = Cell(key, min(rows), min(columns))
        found.append(area(top, Cell(key, max(rows), max(columns))))
    return found
