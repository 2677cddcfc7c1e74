"""出典・改訂履歴: where every figure comes from, and what the file was made with."""

from __future__ import annotations

from mitsumori.model.base.version import program_version
from mitsumori.model.catalogue.record import source_words
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.workbook.audience import WITHHELD, customer_source
from mitsumori.model.workbook.context import Context, fit_height, headings, note, section, title_block
from mitsumori.model.workbook.description import Sheet, Value
from mitsumori.model.workbook.inputs import note_words

WIDTHS = (34.0, 52.0, 42.0, 13.0, 8.0)
ADDRESS = 0.8
"""Share of a line that an address fills before it breaks: at a slash or a hyphen, not at any character."""


def listed(context: Context) -> list[str]:
    """What each figure comes from, a line each, as the sheet has it."""
    cells = context.sheet("sources").cells
    rows = sorted({row for (row, column), cell in cells.items() if column == 5 and cell.role == "basis"})
    return [
        ": ".join(
            str(cells[row, column].value) for column in (1, 2) if (row, column) in cells and cells[row, column].value
        )
        for row in rows
    ]


def _line(sheet: Sheet, row: int, values: tuple[str, ...]) -> int:
    for column, value in enumerate(values, 1):
        sheet.put(row, column, value, "cell_text" if column < 3 else "basis")
    fit_height(
        sheet,
        row,
        [
            (value, width * (ADDRESS if column == 2 else 1.0) - 1, 10)
            for column, (value, width) in enumerate(zip(values, WIDTHS, strict=True))
        ],
    )
    return row + 1


def build(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet("sources")
    row = title_block(context, sheet)
    row = section(context, sheet, row, "sources_section")
    row = headings(context, sheet, row, ("col_what", "col_source", "col_address", "col_date", "col_grade"))
    sheet.header_rows = (row - 1, row - 1)
    sheet.freeze = (row, 1)
    listed: set[tuple[str, str, str]] = set()
    withheld = WITHHELD if context.audience == "customer" else ()
    runs: list[tuple[str, str, str, str, str]] = []
    for line in context.estimate.sources:
        if any(path in line.what for path in withheld):
            continue
        item = inputs().get(line.what)
        what = line.what if item is None else item.title(context.language)
        source = source_words(line.source, context.language)
        if context.audience == "customer":
            known = customer_source(line.what, source, line.url, context.language, context.estimate.catalogue)
            if known is None or (*known, line.url) in listed:
                continue
            listed.add((*known, line.url))
            what, source = known
            if line.what.startswith("near run"):
                runs.append((what, source, line.url, line.date, line.grade))
                continue
        row = _line(sheet, row, (what, source, line.url, source_words(line.date, context.language), line.grade))
    for url in dict.fromkeys(values[2] for values in runs):  # many rows of one table: the nearest, and how many more
        first, *rest = [values for values in runs if values[2] == url]
        more = context.t("sources_more" if len(rest) > 1 else "sources_one_more", count=len(rest)) if rest else ""
        row = _line(sheet, row, (first[0], first[1] + more, *first[2:]))
    row = note(sheet, row, context.t("grade_note"))
    notes = [(path, text) for path, text in sorted(context.plan.notes.items()) if path not in withheld]
    if notes:
        row = section(context, sheet, row + 1, "notes_section")
        for path, said in notes:
            item = inputs().get(path)
            label = path if item is None else item.title(context.language)
            sheet.put(row, 1, label, "cell_text")
            words = note_words(context, said)
            sheet.put(row, 2, words, "cell_text")
            fit_height(sheet, row, [(label, WIDTHS[0] - 1, 10), (words, WIDTHS[1] - 1, 10)])
            row += 1
    row = section(context, sheet, row + 1, "made_section")
    issued = context.workbook.names["doc_issue_date"]
    made: tuple[tuple[str, Value, str], ...] = (
        ("made_program", f"Mitsumori {program_version()}", "text"),
        ("made_date", issued.value, "date"),
        ("made_language", context.language, "text"),
        ("made_audience", context.t(f"audience_{context.audience}"), "text"),
    )
    for key, shown, fmt in made:
        sheet.put(row, 1, context.t(key), "cell_text")
        sheet.put(row, 2, shown, "cell_text", fmt)
        row += 1
    context.workbook.define("in_name", sheet.put(row, 2, context.exported.name, "cell_text"))
    sheet.put(row, 1, context.t("made_plan"), "cell_text")
    row += 1
    context.workbook.define("doc_audience", sheet.put(row, 2, context.audience, "cell_text"))
    sheet.put(row, 1, context.t("made_profile"), "cell_text")
    row += 2
    row = section(context, sheet, row, "revisions_section")
    row = headings(context, sheet, row, ("col_version", "col_change", "col_author", "col_date", ""))
    sheet.put(row, 1, context.proposal.revision or "1", "cell_text")
    sheet.put(row, 2, context.t("revision_first"), "cell_text")
    sheet.put(row, 3, context.settings.author or context.settings.issuer, "cell_text")
    sheet.put(row, 4, str(issued.value), "basis")
    sheet.put(row, 5, None, "cell_text")
