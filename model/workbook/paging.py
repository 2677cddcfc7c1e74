"""Where the pages of a printed sheet end: never between a heading and what it heads, nor within a chart."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.workbook.description import Sheet, column_letter
from mitsumori.model.workbook.styles import MARGINS_MM, ROW_HEIGHT, SMALLEST

__all__ = ["SIDE_MM", "Paging", "last_column", "paging", "printed_widths", "repeated"]

SIDE_MM = 10.0
"""Margins at the sides of the page."""
DIGIT_MM, FIT_ACROSS, FIT_DOWN = 7 / 96 * 25.4, 0.94, 0.99
"""Width of a digit at 10 points; what of the page is used, as spreadsheets pad columns and round heights to pixels."""
HEADINGS = ("section", "heading", "heading_number", "title")
"""Roles of the cells of rows that head what follows them."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How a sheet is printed.

    Attributes
    ----------
    ends
        Last row of each page but the last.
    scale
        Size of the print over that of the screen; None: the width of the page.
    """

    ends: tuple[int, ...]
    scale: float | None


def paging(sheet: Sheet, widths: list[float], last_row: int) -> Paging:
    """Pages of a sheet of several pages, in type no smaller than :data:`model.workbook.styles.SMALLEST`, as few as hold it.

    A sheet that fits the page's width only below that size with some room to spare is fitted to the width alone.

    Parameters
    ----------
    sheet
        Sheet of the description.
    widths
        Widths of its printed columns in digits.
    last_row
        Last row that is printed.
    """
    paper_width, paper_height = (297.0, 210.0) if sheet.landscape else (210.0, 297.0)
    across = (paper_width - 2 * SIDE_MM) / (sum(widths) * DIGIT_MM)
    down = FIT_DOWN * (paper_height - sum(MARGINS_MM)) / 25.4 * 72.0
    if FIT_ACROSS * across < SMALLEST:
        return Paging(_ends(sheet, down / min(1.0, across), last_row), None)
    ends = _ends(sheet, down / SMALLEST, last_row)
    parts = _heights(sheet, (*ends, last_row))
    return Paging(ends, min(1.0, FIT_ACROSS * across, down / max(parts)))


def repeated(sheet: Sheet) -> float:
    """Height in points of the rows that every page but the first begins with."""
    if not sheet.header_rows:
        return 0.0
    first, last = sheet.header_rows
    return sum(sheet.heights.get(row, ROW_HEIGHT) for row in range(first, last + 1))


def _heights(sheet: Sheet, ends: tuple[int, ...]) -> list[float]:
    """Height in points of each page."""
    heights: list[float] = []
    first = 1
    for last in ends:
        whole = sum(sheet.heights.get(row, ROW_HEIGHT) for row in range(first, last + 1))
        heights.append(whole + (repeated(sheet) if heights else 0.0))
        first = last + 1
    return heights


def _ends(sheet: Sheet, room: float, last_row: int) -> tuple[int, ...]:
    """Last row of each page but the last, where a page takes ``room`` points of row height."""
    allowed, ends = _may_end(sheet, last_row), []
    left, place = room, 0  # place: the last row of this page after which it may end
    row = first = 1
    while row <= last_row:
        left -= sheet.heights.get(row, ROW_HEIGHT)
        if left < 0.0 and row > first:
            end = place if place >= first else row - 1  # a part higher than a page ends where it must
            ends.append(end)
            row = first = end + 1
            left, place = room - repeated(sheet), 0
            continue
        if row in allowed:
            place = row
        if row in sheet.breaks and row < last_row:
            ends.append(row)
            left, place, first = room - repeated(sheet), 0, row + 1
        row += 1
    return tuple(ends)


def _may_end(sheet: Sheet, last_row: int) -> frozenset[int]:
    """Rows after which a page may end: below a heading something stands, and no chart or merged block goes on."""
    roles: dict[int, set[str]] = {}
    for (row, _), cell in sheet.cells.items():
        if cell.value is not None and cell.value != "":
            roles.setdefault(row, set()).add(cell.role)
    # The line around a chart would be drawn at the foot of the page before it too.
    held = {row for chart in sheet.charts for row in range(chart.anchor[0] - 1, chart.anchor[2])}
    held |= {row for first, _, end, _ in sheet.merges for row in range(first, end)}
    pending, found = False, set()
    for row in range(1, last_row + 1):
        if row in roles:
            pending = bool(roles[row] & set(HEADINGS))
        elif any(chart.anchor[0] <= row <= chart.anchor[2] for chart in sheet.charts):
            pending = False
        if not pending and row not in held:
            found.add(row)
    return frozenset(found)


def printed_widths(sheet: Sheet, factor: float) -> list[float]:
    """Widths in digits of the columns that are printed.

    Parameters
    ----------
    sheet
        Sheet of the description.
    factor
        Of the language's font over the one the sheets are laid out in.
    """
    return [round(width * factor, 2) for width in sheet.widths[: sheet.print_columns or len(sheet.widths)]]


def last_column(sheet: Sheet) -> str:
    """Letter of the last column that is printed."""
    return column_letter(sheet.print_columns or len(sheet.widths))
