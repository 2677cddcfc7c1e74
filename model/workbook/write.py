"""The openpyxl back end: a :class:`~model.workbook.description.Workbook` becomes the bytes of an .xlsx file.

openpyxl writes everything but the cells: styles, names, validations, conditions, charts, print set-up. The cells are put in
by :mod:`model.workbook.package`, with the values that openpyxl cannot write beside formulas.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.formatting.rule import FormulaRule, Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from mitsumori.model.workbook import cell_xml, charts, package
from mitsumori.model.workbook.description import Sheet, Workbook, column_letter
from mitsumori.model.workbook.paging import SIDE_MM, last_column, paging, printed_widths, repeated
from mitsumori.model.workbook.safe import check_name, clean_text, footer_text
from mitsumori.model.workbook.styles import (
    AMBER_TINT,
    DAYS,
    FONTS,
    GREEN,
    GREEN_TINT,
    GREY,
    LOOKS,
    MARGINS_MM,
    NAVY,
    RED,
    RED_TINT,
    ROW_HEIGHT,
    RULE,
    TABS,
    WIDTH_FACTORS,
    Look,
    clock_format,
    number_format,
    page_room,
)

_MILLIMETRE = 1 / 25.4

DAYS_FORMAT_ID = 300
"""Of the number format that takes the place of days; below 164 are those every program knows, above that are the styles'."""


def to_bytes(workbook: Workbook) -> bytes:
    """The file. Equal descriptions give equal bytes."""
    workbook.collect_names()
    book = Book()
    book.remove(book.active)  # type: ignore[arg-type]
    _properties(book, workbook)
    styles = _Styles(book, workbook.language)
    written: dict[str, Worksheet] = {}
    rows: dict[str, str] = {}
    strings: dict[str, int] = {}
    for sheet in workbook.sheets.values():
        written[sheet.key] = _sheet(book, workbook, sheet, styles)
        rows[sheet.key] = cell_xml.rows(workbook, sheet, styles.of, strings)
    for name, cell in sorted(workbook.names.items()):
        target = workbook.resolve(cell.ref, "")
        book.defined_names[name] = DefinedName(check_name(name), attr_text=target)
    for rule in workbook.validations:
        written[rule.sheet].add_data_validation(_validation(rule))
    book.remove(styles.scratch)
    book.active = 0
    book.security = WorkbookProtection(lockStructure=True)
    stream = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(stream, "w")).save()  # as book.save, but compressed only once, with the cells
    return package.complete(stream.getvalue(), workbook, rows, cell_xml.string_table(strings))


def _properties(book: Book, workbook: Workbook) -> None:
    properties = book.properties
    properties.title = clean_text(workbook.title)
    properties.creator = properties.lastModifiedBy = clean_text(workbook.author)
    properties.language = workbook.language
    properties.created = properties.modified = workbook.created
    book.calculation.fullCalcOnLoad = True


class _Styles:
    """The number of a cell's style in the file, one for each pair of role and number format.

    openpyxl compares a style with all others whenever a cell is given one, which takes most of an export; here each font,
    fill, border and so on is compared once.
    """

    def __init__(self, book: Book, language: str) -> None:
        self.language = language
        self.font = FONTS[language]
        # the standard font decides the unit of every column width
        internals: Any = book
        internals._named_styles["Normal"].font = Font(name=self.font, size=10)
        internals._fonts[0] = internals._named_styles["Normal"].font
        self.listed: Any = internals._cell_styles
        self.scratch = book.create_sheet("scratch")
        self.parts: dict[tuple[Any, ...], int] = {}
        self.numbers: dict[tuple[str, str], int] = {}

    def of(self, role: str, fmt: str) -> int:
        """The style's number."""
        key = (role, fmt)
        if key not in self.numbers:
            self.numbers[key] = self.listed.add(self._make(LOOKS[role], number_format(fmt, self.language)))
        return self.numbers[key]

    def _make(self, look: Look, format_code: str) -> StyleArray:
        part = self._part
        style = StyleArray()
        style.fontId = part(
            "font",
            (look.size, look.bold, look.italic, look.color, look.underline),
            lambda: Font(
                name=self.font,
                size=look.size,
                bold=look.bold,
                italic=look.italic,
                color="FF" + look.color,
                underline="single" if look.underline else None,
            ),
        )
        style.fillId = part(
            "fill",
            (look.fill,),
            lambda: PatternFill("solid", fgColor="FF" + look.fill) if look.fill else PatternFill(),
        )
        style.borderId = part("border", (look.border,), lambda: _border(look.border))
        style.alignmentId = part(
            "alignment",
            (look.horizontal, look.vertical, look.indent, look.wrap),
            lambda: Alignment(
                horizontal=look.horizontal, vertical=look.vertical, indent=look.indent, wrap_text=look.wrap or None
            ),
        )
        style.protectionId = part("protection", (look.unlocked,), lambda: Protection(locked=not look.unlocked))
        style.quotePrefix = int(look.quoted)
        style.numFmtId = part("number_format", (format_code,), lambda: format_code)
        return style

    def _part(self, kind: str, key: tuple[Any, ...], make: Callable[[], Any]) -> int:
        """The number of a font, a fill, ... among the file's."""
        if (kind, *key) not in self.parts:
            cell: Any = self.scratch.cell(1, 1)
            setattr(cell, kind, make())
            self.parts[kind, *key] = getattr(cell._style, "numFmtId" if kind == "number_format" else f"{kind}Id")
        return self.parts[kind, *key]


def _border(kind: str) -> Border:
    line, top = Side(style="thin", color="FF" + RULE), Side(style="thin", color="FF" + GREY)
    strong = Side(style="medium", color="FF" + NAVY)
    edges: dict[str, dict[str, Any]] = {
        "thin": {"left": line, "right": line, "top": line, "bottom": line},
        "bottom": {"bottom": line},
        "top": {"top": top, "bottom": line},
        "box": {"top": strong, "bottom": strong},
    }
    return Border(**edges.get(kind, {}))


def _sheet(book: Book, workbook: Workbook, sheet: Sheet, styles: _Styles) -> Worksheet:
    ws: Worksheet = book.create_sheet(sheet.title)
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 100
    ws.sheet_properties.tabColor = TABS[sheet.kind]
    ws.sheet_format.defaultRowHeight = ROW_HEIGHT
    ws.sheet_format.customHeight = True
    for index, width in enumerate(sheet.widths, 1):
        ws.column_dimensions[column_letter(index)].width = round(width * WIDTH_FACTORS[workbook.language], 2)
    last_row = sheet.print_rows or sheet.last_row
    for first_row, first, end_row, end in sheet.merges:
        # ws.merge_cells would restyle every cell; ours have their style already
        ws.merged_cells.ranges.add(CellRange(min_row=first_row, min_col=first, max_row=end_row, max_col=end))
    for condition in sheet.conditions:
        ws.conditional_formatting.add(condition.address, _rule(workbook.resolve(condition.formula, sheet.key),
                                                               condition.look))  # fmt: skip
    for cell in sheet.cells.values():
        if cell.fmt in DAYS:
            place = f"{column_letter(cell.column)}{cell.row}"
            look = DifferentialStyle(numFmt=NumberFormat(DAYS_FORMAT_ID, clock_format(workbook.language)))
            ws.conditional_formatting.add(
                place, Rule(type="expression", dxf=look, formula=[f"AND(ISNUMBER({place}),{place}<1)"])
            )
    for chart in sheet.charts:
        ws.add_chart(charts.build(chart, workbook, styles.font))
    for image in sheet.images:
        charts.add_image(ws, image)
    if sheet.freeze:
        ws.freeze_panes = f"{column_letter(sheet.freeze[1])}{sheet.freeze[0]}"
    for row, column, target in sheet.links:
        location = workbook.resolve(f"[[{target}!A1]]", "")
        internals: Any = ws
        internals._hyperlinks.append(Hyperlink(ref=f"{column_letter(column)}{row}", location=location.replace("$", "")))
    _print(ws, workbook, sheet, last_row)
    ws.protection.sheet = True
    ws.protection.formatColumns = False
    ws.protection.formatRows = False
    return ws


def _rule(formula: str, look: str) -> Any:
    make: Any = FormulaRule
    return make(formula=[formula.lstrip("=")], font=_mark_font(look), fill=_mark_fill(look))


@functools.cache
def _mark_font(look: str) -> Font:
    colors = {"bad": "FF" + RED, "good": "FF" + GREEN, "faded": "FFC9D0D9"}
    return Font(color=colors.get(look), bold=None if look == "faded" else True)


@functools.cache
def _mark_fill(look: str) -> PatternFill | None:
    fills = {"bad": RED_TINT, "good": GREEN_TINT, "warn": AMBER_TINT}
    return PatternFill(bgColor="FF" + fills[look], fill_type="solid") if look in fills else None


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


def pages(sheet: Sheet, last_row: int) -> int:
    """Pages that the rows of a sheet take when they are printed no smaller than :data:`model.workbook.styles.SMALLEST`.

    Parameters
    ----------
    sheet
        Sheet of the description, with the heights of its rows in points and the rows before which a page begins.
    last_row
        Last row that is printed.
    """
    room = page_room(sheet.landscape)
    count, left, more = 1, room, repeated(sheet)
    for row in range(1, last_row + 1):
        height = sheet.heights.get(row, ROW_HEIGHT)
        if height > left:
            count, left = count + 1, room - more
        left -= height
        if row in sheet.breaks:
            count, left = count + 1, room - more
    return count


def _print(ws: Worksheet, workbook: Workbook, sheet: Sheet, last_row: int) -> None:
    setup = ws.page_setup
    setup.orientation = "landscape" if sheet.landscape else "portrait"
    setup.paperSize = 9
    several = sheet.breaks or (not sheet.pages and pages(sheet, last_row) > 1)
    scale: float | None = None
    if several:
        made = paging(sheet, printed_widths(sheet, WIDTH_FACTORS[workbook.language]), last_row)
        scale = made.scale
        for row in made.ends:
            ws.row_breaks.append(Break(id=row))
    # A spreadsheet that fits rows to pages heeds no break: of several pages the scale is ours, or the width alone is fitted.
    if scale is None:
        setup.fitToWidth, setup.fitToHeight = 1, 0 if several else 1
    else:
        setup.scale = int(100.0 * scale)
    ws.sheet_properties.pageSetUpPr.fitToPage = scale is None  # type: ignore[union-attr]
    margins = ws.page_margins
    margins.left = margins.right = SIDE_MM * _MILLIMETRE
    margins.top, margins.bottom = (side * _MILLIMETRE for side in MARGINS_MM)
    margins.header = margins.footer = 8 * _MILLIMETRE
    ws.print_options.horizontalCentered = True
    ws.print_area = f"A1:{last_column(sheet)}{last_row}"
    if sheet.header_rows:
        ws.print_title_rows = f"{sheet.header_rows[0]}:{sheet.header_rows[1]}"
    footer: Any = ws.oddFooter
    header: Any = ws.oddHeader
    footer.left.text = footer_text(workbook.footer_left)
    footer.center.text, footer.right.text = "&A", "&P / &N"
    ws.HeaderFooter.scaleWithDoc = False
    for part in (footer.left, footer.center, footer.right, header.right):
        part.size = 11
    header.right.text = footer_text(workbook.header_right)
