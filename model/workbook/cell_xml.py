"""The cells of a sheet as XML: values, formulas, and the program's own value of every formula.

openpyxl writes a formula without its value (its issue 251), so that the file would be blank where nothing recalculates:
Protected View, phones, mail previews. Grammar: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.73 (row), 18.3.1.80 (sheetData).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

from mitsumori.model.workbook.description import Cell, Sheet, Value, Workbook, column_letter
from mitsumori.model.workbook.styles import ROW_HEIGHT

_EPOCH = dt.date(1899, 12, 30)


def rows(workbook: Workbook, sheet: Sheet, style: Callable[[str, str], int], strings: dict[str, int]) -> str:
    """The ``sheetData`` element of a sheet.

    Parameters
    ----------
    workbook, sheet
        What is written.
    style
        Gives the number of a role and a number format.
    strings
        The workbook's texts with their numbers, in the order of their first use; new ones join. Texts stand in a table of
        their own (ECMA-376 part 1, 18.4.9): programs that preview a file leave texts inside cells blank.
    """
    in_rows: dict[int, list[Cell]] = {row: [] for row in range(1, sheet.last_row + 1)}
    for key in sorted(sheet.cells):
        in_rows[key[0]].append(sheet.cells[key])
    parts = ["<sheetData>"]
    for row, cells in in_rows.items():
        height = sheet.heights.get(row, ROW_HEIGHT)
        parts.append(f'<row r="{row}" ht="{height:.16g}" customHeight="1">')
        for cell in cells:
            head = f'<c r="{column_letter(cell.column)}{row}" s="{style(cell.role, cell.fmt)}"'
            if cell.formula is not None:
                kind, text = _typed(cell.value)
                formula = escape(workbook.resolve(cell.formula, cell.sheet)[1:])
                parts.append(f"{head}{kind}><f>{formula}</f><v>{text}</v></c>")
            elif cell.value is None or cell.value == "":
                parts.append(f"{head} />")
            elif isinstance(cell.value, str):
                # a string of the table: a text that begins with "=" stays a text
                parts.append(f'{head} t="s"><v>{strings.setdefault(cell.value, len(strings))}</v></c>')
            else:
                kind, text = _typed(cell.value)
                parts.append(f"{head}{kind}><v>{text}</v></c>")
        parts.append("</row>")
    parts.append("</sheetData>")
    return "".join(parts)


def string_table(strings: Iterable[str]) -> str:
    """The part with the texts of the workbook."""
    parts = [f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings]
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{head}<sst xmlns="{space}" uniqueCount="{len(parts)}">{"".join(parts)}</sst>'


def dimension(sheet: Sheet) -> str:
    """The block of cells a sheet uses, as ``A1:L116``."""
    used_rows, used_columns = zip(*sheet.cells, strict=True)
    first = f"{column_letter(min(used_columns))}{min(used_rows)}"
    return f"{first}:{column_letter(max(used_columns))}{max(used_rows)}"


def _typed(value: Value) -> tuple[str, str]:
    """The type attribute and the text of a value: a number has no type, a text beside a formula is ``str``."""
    if isinstance(value, bool):
        return ' t="b"', "1" if value else "0"
    if isinstance(value, dt.date):
        return "", str((value - _EPOCH).days)
    if isinstance(value, int | float):
        return "", repr(value if isinstance(value, int) else float(value))  # NumPy floats have names in their repr
    return ' t="str"', escape(value or "")
