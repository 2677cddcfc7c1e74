"""表紙: to whom, about what, until when, for how much. The only sheet with TODAY."""

from __future__ import annotations

import struct

from mitsumori.model.training.schedule import whole_lead_months
from mitsumori.model.workbook import quotation
from mitsumori.model.workbook.context import Context, lines_of, validation
from mitsumori.model.workbook.description import Cell, Condition, Image, Sheet
from mitsumori.model.workbook.fields import input_name

WIDTHS = (10.0, 42.0, 9.0, 9.0, 18.0, 21.0, 38.0)
LEFT, RIGHT = 1, 5
"""First columns of the two blocks above the lines: to whom and about what; number, dates and issuer."""
FIRST_LINE = 7


def build(context: Context) -> None:
    """Write the sheet."""
    sheet, t = context.sheet("cover"), context.t
    sheet.put(1, 1, t("cover_title"), "cover_title")
    sheet.merge(1, 1, len(WIDTHS))
    sheet.heights |= {1: 32.0, 2: 14.0, 3: 4.0}
    _logo(context, sheet)
    if context.audience == "internal":
        sheet.put(2, RIGHT, t("cover_copy_internal"), "cover_warning")
    _addressed(context, sheet)
    until = _numbered(context, sheet)
    row = quotation.build(context, sheet, 16)
    money = t(f"unit_money_{context.plan.money.currency}")
    for text in (t("cover_note"), t("cover_whole_yen", money=money)):
        sheet.put(row, 1, text, "cover_note")
        sheet.merge(row, 1, len(WIDTHS))
        sheet.heights[row] = lines_of(text, sum(WIDTHS), 10) * 14 + 3
        row += 1
    changed = context.cells["changed"]
    same, altered = t("cover_unchanged"), t("cover_changed")
    sheet.formula(row, 1, f'=IF({changed}=0,"{same}","{altered}")', same if changed.value == 0 else altered,
                  "cover_note", "text", name="out_altered")  # fmt: skip
    sheet.merge(row, 1, 4)
    sheet.conditions.append(Condition(f"A{row}", f"={changed}>0", "warn"))
    expired = t("cover_expired")
    sheet.formula(row, RIGHT, f'=IF(TODAY()>{until},"{expired}","")', "", "cover_warning", "text", volatile=True)
    sheet.print_rows = row


def _logo(context: Context, sheet: Sheet) -> None:
    settings = context.settings
    if settings.logo_png:
        width, height = png_size(settings.logo_png)
        scale = min(200 / width, 48 / height, 1.0)
        sheet.images.append(
            Image(settings.logo_png, context.t("logo_alt", issuer=settings.issuer or "-"), 1, len(WIDTHS),
                  max(1, round(width * scale)), max(1, round(height * scale)))
        )  # fmt: skip


def _input(
    context: Context, sheet: Sheet, row: int, first: int, last: int, name: str, role: str = "cover_input"
) -> Cell:
    """An input of the proposal over several columns."""
    cell = sheet.put(row, first, getattr(context.proposal, name), role)
    for column in range(first + 1, last + 1):
        sheet.put(row, column, None, role)
    if last > first:
        sheet.merge(row, first, last)
    return context.workbook.define(input_name(f"proposal.{name}"), cell)


def _addressed(context: Context, sheet: Sheet) -> None:
    """The customer with 御中 or the person with 様, never both; what is offered and on which terms."""
    proposal, t = context.proposal, context.t
    customer = _input(context, sheet, 4, LEFT, 3, "customer", "cover_customer")
    contact_row = 5
    person = f"[[cover!{chr(64 + 2)}{contact_row}]]"
    company = t("honorific")
    sheet.formula(4, 4, f'=IF(OR({customer}="",NOT({person}="")),"","{company}")',
                  company if proposal.customer and not proposal.contact else "", "cover_lead", "text")  # fmt: skip
    sheet.put(contact_row, LEFT, t("cover_attention"), "cover_label")
    contact = _input(context, sheet, contact_row, 2, 3, "contact")
    polite = t("honorific_person")
    sheet.formula(contact_row, 4, f'=IF({contact}="","","{polite}")', polite if proposal.contact else "", "cover_lead",
                  "text")  # fmt: skip
    sheet.put(6, LEFT, t("cover_lead"), "cover_text")
    sheet.merge(6, LEFT, 4)
    sheet.heights |= {4: 26.0, 5: 17.0, 6: 17.0}
    for row, name in enumerate(("subject", "delivery", "site", "payment_terms", "notes"), FIRST_LINE):
        sheet.put(row, LEFT, t(f"cover_{name}"), "cover_label")
        cell = _input(context, sheet, row, 2, 4, name)
        if name == "subject" and not proposal.subject:
            cell.value = context.plan.name
        if name == "delivery" and not proposal.delivery:
            cell.value = delivery_words(context)
        sheet.heights[row] = max(16.5, lines_of(str(cell.value or ""), 56, 10) * 13 + 3.5)


def delivery_words(context: Context) -> str:
    """The plan's own time from order to operation, where it says one and the proposal none."""
    months = whole_lead_months(context.plan.money)
    return context.t("cover_delivery_months", months=months) if months else ""


def _numbered(context: Context, sheet: Sheet) -> Cell:
    """Number, dates and issuer, and the boxes for approval where they are asked for. Returns the last day's cell."""
    settings, proposal, t = context.settings, context.proposal, context.t
    issued = context.issued
    row = 4
    for name in ("quote_number", "revision"):
        sheet.put(row, RIGHT, t(f"cover_{name}"), "cover_label")
        _input(context, sheet, row, 6, 7, name)
        row += 1
    sheet.put(row, RIGHT, t("cover_issue_date"), "cover_label")
    date = sheet.put(row, 6, issued, "cover_date", "date")
    context.workbook.define("doc_issue_date", date)
    validation(context, date, "date", None, None, (), t("cover_issue_date"))
    sheet.put(row, 7, None, "cover_value")
    row += 1
    sheet.put(row, RIGHT, t("cover_valid_until"), "cover_label")
    days = context.cells["doc_valid_days"]
    until = sheet.formula(row, 6, f"={date}+{days}", proposal.valid_until(issued), "cover_value", "date",
                          name="out_valid_until")  # fmt: skip
    sheet.put(row, 7, t("cover_valid_days", days=proposal.valid_days), "cover_value")
    row += 1
    for key, value in (("issuer", settings.issuer), ("address", settings.address), ("department", settings.department),
                       ("contact", settings.contact), ("registration", settings.registration)):  # fmt: skip
        sheet.put(row, RIGHT, t(f"cover_{key}"), "cover_label")
        sheet.put(row, 6, value, "cover_value")
        sheet.put(row, 7, None, "cover_value")
        sheet.merge(row, 6, 7)
        row += 1
    if proposal.approval_boxes:
        for index, key in enumerate(("approved", "reviewed", "written")):
            sheet.put(13, RIGHT + index, t(f"cover_{key}"), "box_label")
            sheet.put(14, RIGHT + index, None, "box")
    return until


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels.

    Raises
    ------
    ValueError
        When it is not a PNG.
    """
    if len(data) < 24 or data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("the logo must be a PNG picture")
    width, height = struct.unpack(">II", data[16:24])
    return width, height
