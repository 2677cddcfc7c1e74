"""The openpyxl back end: a :class:`~model.workbook.description.Workbook` becomes the bytes of an .xlsx file."""

from __future__ import annotations

import copy
import io
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from model.workbook import caches, charts
from model.workbook.description import Cell, Sheet, Workbook, column_letter
from model.workbook.safe import check_name, clean_text, footer_text
from model.workbook.styles import (
    AMBER_TINT,
    FONTS,
    GREEN,
    GREEN_TINT,
    GREY,
    LOOKS,
    RED,
    RED_TINT,
    ROW_HEIGHT,
    RULE,
    TABS,
    number_format,
)

_MILLIMETRE = 1 / 25.4


def to_bytes(workbook: Workbook) -> bytes:
    """The file. Equal descriptions give equal bytes."""
    workbook.collect_names()
    book = Book()
    book.remove(book.active)  # type: ignore[arg-type]
    _properties(book, workbook)
    styles = _Styles(book, workbook.language)
    written: dict[str, Worksheet] = {}
    for sheet in workbook.sheets.values():
        written[sheet.key] = _sheet(book, workbook, sheet, styles)
    for name, cell in sorted(workbook.names.items()):
        target = workbook.resolve(cell.ref, "")
        book.defined_names[name] = DefinedName(check_name(name), attr_text=target)
    for rule in workbook.validations:
        written[rule.sheet].add_data_validation(_validation(rule))
    book.remove(styles.scratch)
    book.active = 0
    book.security = WorkbookProtection(lockStructure=True)
    stream = io.BytesIO()
    book.save(stream)
    return caches.fill(stream.getvalue(), workbook)


def _properties(book: Book, workbook: Workbook) -> None:
    properties = book.properties
    properties.title = clean_text(workbook.title)
    properties.creator = properties.lastModifiedBy = clean_text(workbook.author)
    properties.language = workbook.language
    properties.created = properties.modified = workbook.created
    book.calculation.fullCalcOnLoad = True


class _Styles:
    """One style array for each pair of role and number format; cells share it (a style object a cell is slow)."""

    def __init__(self, book: Book, language: str) -> None:
        self.language = language
        self.font = FONTS[language]
        # the standard font decides the unit of every column width
        internals: Any = book
        internals._named_styles["Normal"].font = Font(name=self.font, size=10)
        internals._fonts[0] = internals._named_styles["Normal"].font
        self.scratch = book.create_sheet("scratch")
        self.book = book
        self.arrays: dict[tuple[str, str], Any] = {}

    def of(self, role: str, fmt: str) -> Any:
        key = (role, fmt)
        if key not in self.arrays:
            self.arrays[key] = self._make(role, fmt)
        return self.arrays[key]

    def _make(self, role: str, fmt: str) -> Any:
        look = LOOKS[role]
        cell = self.scratch.cell(1, 1)
        cell.font = Font(name=self.font, size=look.size, bold=look.bold, italic=look.italic, color="FF" + look.color)
        cell.fill = PatternFill("solid", fgColor="FF" + look.fill) if look.fill else PatternFill()
        line, top = Side(style="thin", color="FF" + RULE), Side(style="thin", color="FF" + GREY)
        sides: dict[str, dict[str, Any]] = {
            "thin": {"left": line, "right": line, "top": line, "bottom": line},
            "bottom": {"bottom": line},
            "top": {"top": top, "bottom": line},
        }
        cell.border = Border(**sides.get(look.border, {}))
        cell.alignment = Alignment(
            horizontal=look.horizontal, vertical=look.vertical, indent=look.indent, wrap_text=look.wrap or None
        )
        cell.protection = Protection(locked=not look.unlocked)
        cell.number_format = number_format(fmt, self.language)
        return copy.copy(cell._style)


def _sheet(book: Book, workbook: Workbook, sheet: Sheet, styles: _Styles) -> Worksheet:
    ws: Worksheet = book.create_sheet(sheet.title)
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 100
    ws.sheet_properties.tabColor = TABS[sheet.kind]
    ws.sheet_format.defaultRowHeight = ROW_HEIGHT
    ws.sheet_format.customHeight = True
    for index, width in enumerate(sheet.widths, 1):
        ws.column_dimensions[column_letter(index)].width = width
    for key in sorted(sheet.cells):
        _cell(ws, workbook, sheet.cells[key], styles)
    last_row = sheet.print_rows or sheet.last_row
    for row in range(1, sheet.last_row + 1):
        ws.row_dimensions[row].height = sheet.heights.get(row, ROW_HEIGHT)
    for first_row, first, end_row, end in sheet.merges:
        # ws.merge_cells would restyle every cell, which takes half of the export; ours have their style already
        ws.merged_cells.add(f"{column_letter(first)}{first_row}:{column_letter(end)}{end_row}")
    for condition in sheet.conditions:
        ws.conditional_formatting.add(condition.address, _rule(workbook.resolve(condition.formula, sheet.key),
                                                               condition.look))  # fmt: skip
    for chart in sheet.charts:
        ws.add_chart(charts.build(chart, workbook, styles.font))
    for image in sheet.images:
        charts.add_image(ws, image)
    if sheet.freeze:
        ws.freeze_panes = f"{column_letter(sheet.freeze[1])}{sheet.freeze[0]}"
    for row in sheet.breaks:
        ws.row_breaks.append(Break(id=row))
    _print(ws, workbook, sheet, last_row)
    ws.protection.sheet = True
    ws.protection.formatColumns = False
    ws.protection.formatRows = False
    return ws


def _cell(ws: Worksheet, workbook: Workbook, cell: Cell, styles: _Styles) -> None:
    target: Any = ws.cell(cell.row, cell.column)
    if cell.formula is not None:
        target.value = workbook.resolve(cell.formula, cell.sheet)
    elif cell.value is not None:
        target.value = cell.value
        if isinstance(cell.value, str):
            target.data_type = "s"  # a text that begins with "=" stays a text
    target._style = styles.of(cell.role, cell.fmt)


def _rule(formula: str, look: str) -> Any:
    fills = {"bad": RED_TINT, "good": GREEN_TINT, "warn": AMBER_TINT}
    fonts = {"bad": Font(color="FF" + RED, bold=True), "good": Font(color="FF" + GREEN, bold=True),
             "faded": Font(color="FFC9D0D9"), "bold": Font(bold=True), "warn": Font(bold=True)}  # fmt: skip
    fill = PatternFill(bgColor="FF" + fills[look], fill_type="solid") if look in fills else None
    make: Any = FormulaRule
    return make(formula=[formula.lstrip("=")], font=fonts[look], fill=fill)


def _validation(rule: Any) -> DataValidation:
    validation = DataValidation(type=rule.kind, allow_blank=True)
    if rule.kind == "list":
        validation.formula1 = '"' + ",".join(rule.choices) + '"'
    elif rule.kind == "date":
        validation.operator, validation.formula1 = "greaterThan", "1"
    else:
        validation.operator = "between"
        validation.formula1, validation.formula2 = repr(rule.low), repr(rule.high)
    validation.promptTitle = rule.prompt_title[:32]
    validation.prompt = rule.prompt[:255]
    validation.errorTitle = rule.prompt_title[:32]
    validation.error = rule.error[:255]
    validation.showInputMessage = validation.showErrorMessage = True
    validation.add(rule.address)
    return validation


def _print(ws: Worksheet, workbook: Workbook, sheet: Sheet, last_row: int) -> None:
    setup = ws.page_setup
    setup.orientation = "landscape" if sheet.landscape else "portrait"
    setup.paperSize = 9
    setup.fitToWidth = 1
    setup.fitToHeight = sheet.pages
    ws.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    margins = ws.page_margins
    margins.left = margins.right = 13 * _MILLIMETRE
    margins.top = margins.bottom = 15 * _MILLIMETRE
    margins.header = margins.footer = 8 * _MILLIMETRE
    ws.print_options.horizontalCentered = True
    last = column_letter(len(sheet.widths))
    ws.print_area = f"A1:{last}{last_row}"
    if sheet.header_rows:
        ws.print_title_rows = f"{sheet.header_rows[0]}:{sheet.header_rows[1]}"
    footer: Any = ws.oddFooter
    header: Any = ws.oddHeader
    footer.left.text = footer_text(workbook.footer_left)
    footer.center.text, footer.right.text = "&A", "&P / &N"
    header.right.text = footer_text(workbook.header_right)
