"""目次: what each sheet answers, with links; and a link back from each."""

from __future__ import annotations

from collections.abc import Mapping

from mitsumori.model.workbook.context import Context, fit_height, headings, title_block
from mitsumori.model.workbook.description import Sheet

WIDTHS = (6.0, 34.0, 94.0)


def build(context: Context, appendix: tuple[str, ...], scenarios: Mapping[str, str] | None = None) -> None:
    """Write the sheet.

    Parameters
    ----------
    context
        The export of the first scenario.
    appendix
        Keys of the sheets that stand behind the proposal itself.
    scenarios
        Titles of the further scenarios by letter; their sheets' keys end in it.
    """
    sheet = context.sheet("contents")
    sheet.cells.clear()
    sheet.merges.clear()
    sheet.links.clear()
    row = title_block(context, sheet)
    others = [other for key, other in context.workbook.sheets.items() if key != "contents"]
    groups = [
        (context.t("contents_main_section"), [o for o in others if "_" not in o.key[-2:] and o.key not in appendix]),
        (context.t("contents_appendix_section"), [o for o in others if o.key in appendix]),
    ]
    for letter, title in (scenarios or {}).items():
        end = f"_{letter.lower()}"
        groups.append((context.t("contents_scenario", plan=title), [o for o in others if o.key.endswith(end)]))
    for heading, listed in groups:
        sheet.put(row, 1, heading, "section")
        for column in (2, 3):
            sheet.put(row, column, None, "section")
        sheet.heights[row] = 19
        row = headings(context, sheet, row + 1, ("col_number", "contents_sheet", "contents_answers"))
        for other in listed:
            _entry(context, sheet, row, others.index(other) + 1, other)
            row += 1
        row += 1
    for other in others:
        column = (other.print_columns or len(other.widths)) + 1
        if other.key != "cover" and (1, column) not in other.cells:
            other.put(1, column, context.t("contents_back"), "back")
            other.links.append((1, column, "contents"))


def _entry(context: Context, sheet: Sheet, row: int, number: int, other: Sheet) -> None:
    key = other.key[:-2] if "_" in other.key[-2:] else other.key
    own = other.cells.get((2, 1))  # what the sheet itself says that it answers
    answer = str(own.value) if own is not None and own.role == "answer" else context.t(f"{key}_answer")
    sheet.put(row, 1, number, "cell_text", "int")
    sheet.put(row, 2, other.title, "hyperlink")
    sheet.links.append((row, 2, other.key))
    sheet.put(row, 3, answer, "cell_text")
    fit_height(sheet, row, [(answer, WIDTHS[2] - 2, 10)], 21)
