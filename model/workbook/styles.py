"""The look: colours, fonts and number formats by role (one meaning a colour, never colour alone).

Inputs are blue on pale yellow inside a border, so that they are found in a black-and-white print too; constants are black
on grey, links from other sheets green, formulas black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mitsumori.model.base.format import CLOCK

FONTS = {"ja": "Yu Gothic", "en": "Calibri"}
WIDTH_FACTORS = {"ja": 1.0, "en": 1.22}
"""Widths are laid out in digits of Yu Gothic (7 pixels at 10 points); those of Calibri are 6 wide, and a page is as wide."""
ROW_HEIGHT = 15.5
MARGINS_MM = (14.0, 13.0)
"""Above and below the page."""
SMALLEST = 0.805
"""Scale below which the type of 10 points is no longer read easily: 8 points on paper, and a half per cent for rounding."""


def page_room(landscape: bool) -> float:
    """Points of row height that a page of A4 takes at the smallest scale.

    Parameters
    ----------
    landscape
        Whether the long side lies across.
    """
    return ((210.0 if landscape else 297.0) - sum(MARGINS_MM)) / 25.4 * 72.0 / SMALLEST


@dataclass(frozen=True, slots=True)
class Large:
    """How large amounts of a currency are written where a column or an axis would be too narrow.

    Attributes
    ----------
    name
        Key of the word in the messages, and of the format of cells.
    axis
        Number format of an axis.
    unit
        What the amount is divided by.
    """

    name: Literal["million", "thousand"]
    axis: str
    unit: float


LARGE = {"JPY": Large("million", "#,##0,,", 1e6), "USD": Large("thousand", "#,##0,", 1e3)}
"""Amounts of a plan in dollars are a hundredth of those in yen: millions of them would be 0.0."""

NAVY, INK, MUTED, RULE = "1F3864", "14181D", "5C6672", "C9D0D9"
AMBER, GREY, AMBER_INK = "D0920F", "8791A0", "835500"
PALE, SUNKEN, TINT, WHITE = "FFF9E5", "F2F2F2", "E7EDFA", "FFFFFF"
BLUE, GREEN, RED = "0000FF", "00703C", "AE241C"
RED_TINT, GREEN_TINT, AMBER_TINT = "FBE7E5", "E2F2E9", "FBF0D8"

TABS = {"input": AMBER, "output": NAVY, "work": GREY}

COLORS = {
    "weights": "2A4FA8", "gradients": "2EA796", "optimizer": "E8B03A", "activations": "9C2E70", "buffers": "A6B0BC",
    "reserve": "D3D9E0", "cloud": "1571AB", "onprem": "B24A10", "compute": "2A4FA8", "recompute": "7F9ADB",
    "communication": "D7642A", "bubble": "A7B0BB", "data": "D9DEE4", "lost": "93304C", "air": "C9782A", "liquid": "2490A6",
    "limit": "AE241C", "servers": "7A2E08", "network": "B9541A", "storage": "DC8A50", "works": "EDBB93",
    "electricity": "D6A11E", "maintenance": "2B8573", "space": "98A3B0", "staff": "7B58A8", "other": "D3D9E0",
}  # fmt: skip
"""Chart colours, the window's own."""
CYCLE = ("2A4FA8", "D7642A", "2B8573", "9C2E70", "A6760F", "5C6672", "2490A6", "AE241C", "7B58A8", "3E4650")
DASHES = ("solid", "dash", "sysDot", "dashDot", "lgDash", "sysDash", "lgDashDot", "solid", "dash", "sysDot")


@dataclass(frozen=True, slots=True)
class Look:
    """How a role looks."""

    size: float = 10
    bold: bool = False
    color: str = INK
    fill: str | None = None
    border: Literal["", "thin", "bottom", "top", "box"] = ""
    horizontal: str | None = None
    vertical: str = "center"
    indent: int = 0
    wrap: bool = False
    unlocked: bool = False
    italic: bool = False
    underline: bool = False
    quoted: bool = False
    """A text that a spreadsheet keeps as one when it is edited, even where it begins with an equals sign."""


LOOKS: dict[str, Look] = {
    "title": Look(size=16, bold=True, color=NAVY),
    "answer": Look(size=10, color=MUTED, vertical="top", wrap=True),
    "section": Look(size=11, bold=True, color=NAVY, border="bottom"),
    "heading": Look(bold=True, color=WHITE, fill=NAVY, horizontal="left", wrap=True, border="thin", indent=1),
    "heading_number": Look(bold=True, color=WHITE, fill=NAVY, horizontal="right", wrap=True, border="thin"),
    "label": Look(wrap=True, border="bottom"),
    "sublabel": Look(wrap=True, border="bottom", indent=1, horizontal="left"),
    "text": Look(wrap=True, vertical="top"),
    "cell_text": Look(wrap=True, border="bottom", horizontal="left", indent=1),
    "note": Look(color=MUTED, wrap=True, vertical="top"),
    "unit": Look(color=MUTED, horizontal="left", indent=1, border="bottom"),
    "basis": Look(color=MUTED, wrap=True, border="bottom", horizontal="left", indent=1),
    "input": Look(color=BLUE, fill=PALE, border="thin", unlocked=True, horizontal="right"),
    "input_text": Look(color=BLUE, fill=PALE, border="thin", unlocked=True, horizontal="left", indent=1),
    "missing": Look(color=BLUE, fill=RED_TINT, border="thin", unlocked=True, horizontal="right"),
    "locked": Look(fill=SUNKEN, border="thin", horizontal="right"),
    "locked_text": Look(fill=SUNKEN, border="thin", horizontal="left", indent=1, wrap=True),
    "const": Look(fill=SUNKEN, border="bottom", horizontal="right"),
    "const_text": Look(fill=SUNKEN, border="bottom", horizontal="left", indent=1, wrap=True),
    "pasted": Look(fill=TINT, border="thin", horizontal="right", italic=True),
    "original": Look(color=MUTED, fill=SUNKEN, border="bottom", horizontal="right"),
    "calc": Look(border="bottom", horizontal="right"),
    "link": Look(color=GREEN, border="bottom", horizontal="right"),
    "link_text": Look(color=GREEN, border="bottom", horizontal="left", indent=1, wrap=True),
    "total": Look(bold=True, border="top", horizontal="right", fill=TINT),
    "total_label": Look(bold=True, border="top", fill=TINT, wrap=True),
    "total_basis": Look(color=MUTED, border="top", fill=TINT, wrap=True, horizontal="left", indent=1),
    "total_unit": Look(color=MUTED, border="top", fill=TINT, horizontal="left", indent=1),
    "status": Look(bold=True, border="bottom", horizontal="center"),
    "kpi_label": Look(size=10, bold=True, color=MUTED, fill=TINT, horizontal="left", indent=1, wrap=True),
    "kpi": Look(size=18, bold=True, color=NAVY, fill=TINT, horizontal="left", indent=1),
    "kpi_note": Look(size=10.5, color=MUTED, fill=TINT, horizontal="left", indent=1, wrap=True, vertical="top"),
    "lead": Look(size=11, bold=True, color=INK, wrap=True, vertical="top"),
    "bullet": Look(size=10.5, wrap=True, vertical="center", indent=1, horizontal="left"),
    "cover_title": Look(size=24, bold=True, color=NAVY, horizontal="center"),
    "cover_customer": Look(size=15, bold=True, border="bottom", unlocked=True, horizontal="left", quoted=True),
    "cover_lead": Look(size=13, bold=True, border="bottom", horizontal="left"),
    "cover_text": Look(),
    "cover_label": Look(color=MUTED, border="bottom"),
    "cover_value": Look(border="bottom", horizontal="left", wrap=True),
    "cover_input": Look(border="bottom", horizontal="left", unlocked=True, wrap=True, quoted=True),
    "cover_date": Look(border="bottom", horizontal="left", unlocked=True),
    "cover_warning": Look(bold=True, color=RED),
    "cover_note": Look(size=10, color=MUTED, wrap=True, vertical="top"),
    "cover_remark": Look(color=MUTED, wrap=True, border="bottom", horizontal="left", indent=1),
    "total_remark": Look(color=MUTED, border="top", fill=TINT, wrap=True, horizontal="left", indent=1),
    "cover_open": Look(color=AMBER_INK, wrap=True, horizontal="left"),
    "box_total_label": Look(bold=True, border="box", horizontal="left", wrap=True),
    "box_total": Look(size=20, bold=True, border="box", horizontal="right"),
    "box_label": Look(color=MUTED, fill=SUNKEN, border="thin", horizontal="center"),
    "box": Look(border="thin"),
    "const_plain": Look(border="bottom", horizontal="right"),
    "hyperlink": Look(color=BLUE, border="bottom", horizontal="left", indent=1, underline=True),
    "back": Look(color=BLUE, underline=True),
}

NUMBER_FORMATS: dict[str, str] = {
    "text": "@",
    "general": "General",
    "int": '#,##0;"▲"#,##0;0',
    "money": '#,##0;"▲"#,##0;0',
    "million": '#,##0.0,,;"▲"#,##0.0,,;0.0',
    "thousand": '#,##0.0,;"▲"#,##0.0,;0.0',
    "number": '#,##0.0##;"▲"#,##0.0##;0',
    "d1": '#,##0.0;"▲"#,##0.0;0.0',
    "days": '#,##0.0;"▲"#,##0.0;0.0',
    "days2": '#,##0.00;"▲"#,##0.00;0.00',
    "d2": '#,##0.00;"▲"#,##0.00;0.00',
    "d3": '#,##0.000;"▲"#,##0.000;0.000',
    "d4": '#,##0.0000;"▲"#,##0.0000;0.0000',
    "pct": '0.0%;"▲"0.0%;0.0%',
    "ratio": "0.00##",
    "sci": "0.00E+00",
    "year": "0",
    "box_JPY": '"¥"#,##0;"▲¥"#,##0;"¥"0',
    "box_USD": '"$"#,##0;"▲$"#,##0;"$"0',
}
DATE_FORMATS = {"ja": 'yyyy"年"m"月"d"日"', "en": "yyyy-mm-dd"}

DAYS = ("days", "days2")
"""Formats of days, which below one are shown as hours and minutes, as :func:`mitsumori.model.base.format.clock` says them."""


def number_format(fmt: str, language: str) -> str:
    """The spreadsheet's number format for one of ours."""
    if fmt == "date":
        return DATE_FORMATS[language]
    return NUMBER_FORMATS[fmt]


def clock_format(language: str) -> str:
    """What takes the place of a format of :data:`DAYS` below one day: hours and minutes, minutes and seconds."""
    hour, minute, minutes, second = CLOCK[language]
    return f'[<{1 / 24:.10f}][m]"{minutes}"ss"{second}";[h]"{hour}"mm"{minute}"'
