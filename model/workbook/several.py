"""Several scenarios in one workbook: side by side on a sheet of their own, each with its details.

The first scenario's names and sheets are as in a workbook of its own; the others' end in ``_B``, ``_C`` ..., and their sheets
begin with the letter, so that two scenarios of one name are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mitsumori.model.base.messages import text
from mitsumori.model.plan.inputs import proposal_inputs
from mitsumori.model.workbook.description import Cell, Chart, Series, Sheet, Workbook, in_month
from mitsumori.model.workbook.fields import input_name
from mitsumori.model.workbook.safe import clean_text, sheet_title
from mitsumori.model.workbook.styles import COLORS, LARGE

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHEET = re.compile(r"\[\[([a-z_]+)!")
_NAME = re.compile(r"(?<![A-Za-z0-9_.])[a-z]+_[a-z0-9_]+(?![A-Za-z0-9_(!])")
EVEN = "out_cost_break_even_month"
HORIZON, WAIT = "use_money_horizon_months", "out_cost_lead_months"
ROWS: tuple[tuple[str, str, str], ...] = (
    ("kpi_days", "out_training_days", "days"),
    ("plans_days_low", "out_training_days_low", "days"),
    ("plans_days_high", "out_training_days_high", "days"),
    ("plans_verdict", "out_memory_verdict", "text"),
    ("kpi_racks", "out_facility_details_total_racks", "int"),
    ("plans_kw", "out_facility_facility_kw", "d1"),
    ("plans_kwh", "out_facility_kwh_per_year", "int"),
    ("plans_horizon", HORIZON, "int"),
    ("plans_lead", WAIT, "int"),
    ("plans_initial", "out_cost_onprem_initial", "money"),
    ("plans_monthly", "out_cost_onprem_monthly", "money"),
    ("plans_owned", "out_cost_onprem_total", "money"),
    ("plans_with_tax", "out_quote_total_with_tax", "money"),
    ("plans_cloud", "out_cost_cloud_total", "money"),
    ("plans_saving", "out_cost_details_saving", "money"),
    ("kpi_even", EVEN, "int"),
    ("plans_left_out", "out_cost_left_out", "text"),
)
"""Label, name and format of what is compared."""
SERVED: tuple[tuple[str, str, str], ...] = (
    ("kpi_ttft", "out_serving_ttft_s", "d2"),
    ("kpi_tpot", "out_serving_tpot_ms", "d1"),
    ("kpi_served", "out_serving_servers", "int"),
    ("kpi_tokens", "out_serving_jpy_per_million_tokens_blended", "money"),
)
"""What is compared instead of a training's days and memory where every scenario serves."""
TRAINED = 4
"""Rows of a training, at the top of :data:`ROWS`."""
OWNED, RENTED = "out_cost_onprem_total", "out_cost_cloud_total"
COVER_NAMES = {
    input_name(path) for path, item in proposal_inputs().items() if item.workbook is not None and not item.workbook.each
}
"""Cells of the cover that are one for all scenarios."""


def merged(books: Sequence[Workbook]) -> Workbook:
    """The first described workbook with the others' sheets and the comparison in it; the descriptions are used up.

    Parameters
    ----------
    books
        Two to 26 descriptions in one language and currency, the one offered first.

    Raises
    ------
    ValueError
        For more scenarios than there are letters.
    """
    first, *others = books
    if len(books) > len(LETTERS):
        raise ValueError(f"{len(books)} scenarios; there are {len(LETTERS)} letters")
    titles = [f"{LETTERS[index]} {book.said['plan']}" for index, book in enumerate(books)]
    rows = ROWS
    if all(name in book.names for book in books for _, name, _ in SERVED):
        rows = (*SERVED, *ROWS[TRAINED:])
    elif any("out_serving_servers" in book.names for book in books):  # days say nothing beside a plan that serves
        rows = ROWS[TRAINED:]
    outputs = [{name: book.printed.get(name, book.names[name]) for _, name, _ in rows} for book in books]
    for index, book in enumerate(others, 1):
        _rename(book, LETTERS[index])
    taken = {sheet.title for sheet in first.sheets.values()}
    details = dict(first.sheets)
    first.sheets.clear()
    for key, sheet in details.items():
        first.sheets[key] = sheet
        if key == "summary":
            first.add(_comparison(first, titles, outputs, taken, rows))
    for index, book in enumerate(others, 1):
        for sheet in book.sheets.values():
            sheet.title = sheet_title(f"{LETTERS[index]} {sheet.title}", taken)
            taken.add(sheet.title)
            first.add(sheet)
        first.names |= book.names
        first.validations += book.validations
    for book in others:
        _one_cover(first, book)
    if first.list_contents is not None:
        first.list_contents(dict(zip(LETTERS[1:], titles[1:], strict=False)))
    return first


def _rename(book: Workbook, letter: str) -> None:
    """Give the names and sheets of a description its letter, in every formula too."""
    end = f"_{letter.lower()}"
    book.sheets.pop("contents", None)
    names = dict(book.names)

    def formula(old: str) -> str:
        parts = old.split('"')  # what stands between quotes is text
        for index in range(0, len(parts), 2):
            part = _NAME.sub(lambda match: f"{match[0]}_{letter}" if match[0] in names else match[0], parts[index])
            parts[index] = _SHEET.sub(lambda match: f"[[{match[1]}{end}!", part)
        return '"'.join(parts)

    sheets = list(book.sheets.values())
    book.sheets.clear()
    for sheet in sheets:
        for cell in sheet.cells.values():
            cell.sheet += end
            if cell.formula is not None:
                cell.formula = formula(cell.formula)
        sheet.conditions = [replace(rule, formula=formula(rule.formula)) for rule in sheet.conditions]
        sheet.links = [(row, column, key) for row, column, key in sheet.links if key == "contents"]
        sheet.key += end
        book.sheets[sheet.key] = sheet
    book.validations = [replace(rule, sheet=rule.sheet + end) for rule in book.validations]
    book.names = {}
    for name, cell in names.items():
        cell.name = f"{name}_{letter}"
        book.names[cell.name] = cell


def _one_cover(first: Workbook, book: Workbook) -> None:
    """What the covers of the other scenarios have in common with the first is taken from there."""
    for name, cell in list(book.names.items()):
        bare = name[:-2]
        if bare == "doc_issue_date":
            cell.formula, cell.role = f"={bare}", "cover_value"
        elif bare in COVER_NAMES:
            cell.formula, cell.role = f'={bare}&""', "cover_value" if cell.role == "cover_input" else "cover_lead"
            cell.value = str(first.names[bare].value or "")


def _comparison(
    book: Workbook, titles: Sequence[str], outputs: Sequence[dict[str, Cell]], taken: set[str],
    listed: Sequence[tuple[str, str, str]],
) -> Sheet:  # fmt: skip
    """The sheet of the scenarios side by side, with one chart."""

    def t(key: str, **values: object) -> str:
        return text("workbook", key, book.language, **values)

    title = sheet_title(t("plans_tab"), taken)
    taken.add(title)
    width = max(15.0, min(24.0, 112.0 / len(titles)))
    sheet = Sheet("plans", title, "output", (38.0, *[width] * len(titles)), landscape=book.sheets["summary"].landscape)
    money = t(f"unit_money_{book.currency}")
    sheet.put(1, 1, t("plans_title"), "title")
    sheet.put(2, 1, t("plans_answer"), "answer")
    sheet.merge(2, 1, len(sheet.widths))
    sheet.heights |= {1: 26.0, 2: 18.0}
    heads = [sheet.put(4, 2 + index, clean_text(name), "heading_number") for index, name in enumerate(titles)]
    sheet.put(4, 1, t("col_item"), "heading")
    sheet.heights[4] = 30.0
    sheet.header_rows, sheet.freeze = (4, 4), (5, 2)
    rows: dict[str, list[Cell]] = {}
    for row, (key, name, fmt) in enumerate(listed, 5):
        sheet.put(row, 1, t(key, money=money), "label")
        for column, found in enumerate(outputs, 2):
            cell = found[name]
            role = "link_text" if fmt == "text" else "link"
            formula, value = in_month(cell, book.names["cst_guard"]) if name == EVEN else (f"={cell}", cell.value)
            rows.setdefault(name, []).append(sheet.formula(row, column, formula, value, role, fmt))
        if fmt == "text":
            longest = max(len(str(found[name].value)) for found in outputs)
            sheet.heights[row] = max(15.5, -(-longest * 2 // int(width)) * 13.5 + 3)
    last = 4 + len(listed)
    series = tuple(
        Series(t(f"side_{side}"), tuple(rows[name]), COLORS[side])
        for side, name in (("onprem", OWNED), ("cloud", RENTED))
    )
    alt = t("plans_chart_alt", plans=", ".join(titles))
    sheet.charts.append(
        Chart("column", t("plans_chart", money=money), alt, tuple(heads), series, (last + 2, 1, last + 17, len(sheet.widths)),
              y_title=t(LARGE[book.currency].name, money=money), number_format=LARGE[book.currency].axis)
    )  # fmt: skip
    return sheet
