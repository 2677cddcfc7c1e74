"""表紙: who, for whom, what, until when. The only sheet with EDATE and TODAY."""

from __future__ import annotations

import calendar
import datetime as dt
import struct

from mitsumori.model.workbook.context import Context, validation
from mitsumori.model.workbook.description import Condition, Image

LABEL, VALUE = 2, 3
WIDTHS = (4.0, 26.0, 46.0, 20.0, 30.0, 4.0)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last day of that month: EDATE."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def build(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet("cover")
    settings, plan = context.settings, context.plan
    issued = settings.issue_date or dt.date.today()
    sheet.put(1, 1, context.t("cover_answer"), "note")
    sheet.merge(1, 1, len(WIDTHS))
    if settings.logo_png:
        width, height = png_size(settings.logo_png)
        scale = min(200 / width, 48 / height, 1.0)
        sheet.images.append(
            Image(settings.logo_png, context.t("logo_alt", issuer=settings.issuer or "-"), 2, 5,
                  max(1, round(width * scale)), max(1, round(height * scale)))
        )  # fmt: skip
        sheet.heights[2] = 40
    sheet.put(4, LABEL, context.t("cover_title"), "cover_title")
    sheet.put(4, 5, context.t(f"cover_copy_{context.audience}"), "cover_subject")
    sheet.heights[4] = 48
    customer = sheet.put(6, LABEL, plan.customer or "", "cover_customer")
    context.workbook.define("in_customer", customer)
    customer.role = "cover_input"
    sheet.merge(6, LABEL, VALUE)
    sheet.put(6, VALUE, None, "cover_input")
    sheet.put(6, 4, context.t("honorific"), "cover_subject")
    sheet.heights[6] = 32
    sheet.put(8, LABEL, context.t("cover_subject"), "cover_label")
    name = sheet.put(8, VALUE, plan.name, "cover_input")
    context.workbook.define("in_name", name)
    sheet.merge(8, VALUE, 5)
    for column in (4, 5):
        sheet.put(8, column, None, "cover_input")
    sheet.heights[8] = 30
    lines: list[tuple[str, str]] = [
        ("cover_quote_number", settings.quote_number),
        ("cover_issue_date", ""),
        ("cover_valid_until", ""),
        ("cover_issuer", settings.issuer),
        ("cover_department", settings.department),
        ("cover_contact", settings.contact),
        ("cover_version", settings.version),
    ]
    row = 10
    date = None
    for key, value in lines:
        sheet.put(row, LABEL, context.t(key), "cover_label")
        sheet.heights[row] = 24
        if key == "cover_issue_date":
            date = sheet.put(row, VALUE, issued, "cover_input", "date")
            context.workbook.define("doc_issue_date", date)
            validation(context, date, "date", None, None, (), context.t(key))
        elif key == "cover_valid_until":
            assert date is not None
            until = add_months(issued, settings.validity_months) - dt.timedelta(days=1)
            months = context.cells["validity_months"]
            valid = sheet.formula(row, VALUE, f"=EDATE({date},{months})-1", until, "cover_value", "date",
                                  name="out_valid_until")  # fmt: skip
            expired = context.t("cover_expired")
            sheet.formula(row, 4, f'=IF(TODAY()>{valid},"{expired}","")', "", "cover_warning", "text", volatile=True)
        else:
            sheet.put(row, VALUE, value, "cover_value")
        row += 1
    row += 1
    sheet.put(row, LABEL, context.t("cover_note"), "cover_note")
    sheet.merge(row, LABEL, 5)
    sheet.heights[row] = 64
    row += 1
    sheet.put(row, LABEL, context.t("cover_changed_label"), "cover_label")
    changed = context.cells["changed"]
    same, altered = context.t("cover_unchanged"), context.t("cover_changed")
    sheet.formula(row, VALUE, f'=IF({changed}=0,"{same}","{altered}")', same if changed.value == 0 else altered,
                  "cover_value", "text", name="out_altered")  # fmt: skip
    sheet.merge(row, VALUE, 5)
    sheet.conditions.append(Condition(f"C{row}", f"={changed}>0", "warn"))
    sheet.print_rows = row + 1


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
