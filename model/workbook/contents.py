"""目次: what each sheet answers, with links; and a link back from each."""

from __future__ import annotations

from mitsumori.model.workbook.context import Context, fit_height, headings, section, title_block
from mitsumori.model.workbook.description import Sheet

WIDTHS = (6.0, 34.0, 94.0)


def build(context: Context, appendix: tuple[str, ...]) -> None:
    """Write the sheet; ``appendix`` are the keys of the sheets that stand behind the proposal itself."""
    sheet = context.sheet("contents")
    row = title_block(context, sheet)
    others = [other for key, other in context.workbook.sheets.items() if key != "contents"]
    for heading, listed in (
        ("contents_main_section", [other for other in others if other.key not in appendix]),
        ("contents_appendix_section", [other for other in others if other.key in appendix]),
    ):
        row = section(context, sheet, row, heading)
        row = headings(context, sheet, row, ("col_number", "contents_sheet", "contents_answers"))
        for other in listed:
            _entry(context, sheet, row, others.index(other) + 1, other)
            row += 1
        row += 1
    for other in others:
        if other.key != "cover":
            column = (other.print_columns or len(other.widths)) + 1
            other.put(1, column, context.t("contents_back"), "back")
            other.links.append((1, column, "contents"))


def _entry(context: Context, sheet: Sheet, row: int, number: int, other: Sheet) -> None:
    answer = context.t(f"{other.key}_answer")
    sheet.put(row, 1, number, "cell_text", "int")
    sheet.put(row, 2, other.title, "hyperlink")
    sheet.links.append((row, 2, other.key))
    sheet.put(row, 3, answer, "cell_text")
    fit_height(sheet, row, [(answer, WIDTHS[2] - 2, 10)], 21)
