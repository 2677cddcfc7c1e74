"""What every sheet needs while it is built: plan, estimate, texts, and the input cells the formulas refer to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import text
from mitsumori.model.catalogue.records import CoolingMethod
from mitsumori.model.cost.line_table import cost_lines
from mitsumori.model.estimate.results import Estimate, Predicted
from mitsumori.model.facility.cooling import method_words
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.workbook.description import Cell, Chart, Sheet, Validation, ValidationKind, Workbook
from mitsumori.model.workbook.fields import OPEN
from mitsumori.model.workbook.safe import clean_text
from mitsumori.model.workbook.styles import LARGE, ROW_HEIGHT, Large

_WIDE = re.compile("[\u2e80-\U0010ffff]")

Audience = Literal["customer", "internal"]
TaxRounding = Literal["down", "half_up", "up"]


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """What an earlier file held: its plan, and the estimate whose predicted figures stand in it (None: the present one)."""

    plan: Plan
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class ProposalSettings:
    """Who offers, the same in every file of this machine; what one file says stands in its ``Proposal``.

    ``issue_date`` is the day of the export, None is today; a proposal with a date of its own has that. ``logo_png`` is a
    picture file's content. ``tax_rounding`` is how the yen below one of the consumption tax are treated, once a document.
    """

    issue_date: dt.date | None = None
    issuer: str = ""
    address: str = ""
    registration: str = ""
    department: str = ""
    contact: str = ""
    logo_png: bytes | None = None
    confidential: bool = True
    tax_rounding: TaxRounding = "down"
    landscape: bool = True
    version: str = "1.0"
    author: str = ""


@dataclass(slots=True)
class Context:
    """One export under construction."""

    plan: Plan
    estimate: Estimate
    language: str
    audience: Audience
    settings: ProposalSettings
    proposal: Proposal
    exported: Plan
    """The plan whose values stand in the "as exported" column; differs from ``plan`` only in tests of changed inputs."""
    workbook: Workbook
    inputs: dict[str, Cell] = field(default_factory=dict)
    """Plan path -> input cell."""
    used: dict[str, Cell] = field(default_factory=dict)
    """Plan path -> the cell with the value that counts: the input, or the standard value where the input is empty."""
    cells: dict[str, Cell] = field(default_factory=dict)
    """Other cells that several sheets refer to, by a short key."""
    blocks: dict[str, str] = field(default_factory=dict)
    """Runs of cells that other sheets refer to, by a short key."""
    printed: dict[str, Cell] = field(default_factory=dict)
    """The whole amount printed for an exact one, by the exact cell's address."""
    charts: dict[str, Chart] = field(default_factory=dict)
    """Charts of the summary, by a short key; their anchors are the summary's."""
    resolved_name: str = ""
    """Name of the server."""
    listed: dict[str, tuple[float, str, str]] = field(default_factory=dict)
    """Listed catalogue prices by constant name: value, currency, basis."""
    findings: tuple[Finding, ...] = ()
    """What is to be noted or asked, as of the export; the age of prices on the day of issue included."""
    held: Estimate | None = None
    """Where the predicted figures come from; None is ``estimate`` itself."""
    checks: list[tuple[str, str, bool]] = field(default_factory=list)
    """Check lines for the check sheet: message key, formula that is true when all is well, the program's own answer."""

    def t(self, key: str, **values: object) -> str:
        """A text of ``resources/messages/workbook.toml``."""
        return text("workbook", key, self.language, **values)

    def item(self, key: str) -> str:
        """What a row of money is called: a line of cost by its name in ``resources/cost_lines.toml``, another by its text."""
        declared = (
            cost_lines().get(key.removeprefix("line_").removeprefix("cloud_")) if key.startswith("line_") else None
        )
        return self.t(key) if declared is None else declared.label[self.language]

    @property
    def large(self) -> Large:
        """How large amounts of the plan's currency are written."""
        return LARGE[self.plan.money.currency]

    @property
    def large_money(self) -> str:
        """Their unit: million yen, thousand dollars."""
        return self.t(self.large.name, money=self.t(f"unit_money_{self.plan.money.currency}"))

    def method_name(self, method: CoolingMethod) -> str:
        """A cooling method in the language of the workbook."""
        return method_words(method).word(self.language)

    @property
    def unknown(self) -> str:
        """What a total shows when a price it needs is unknown: the same text in formula and program."""
        return self.t("unknown")

    @property
    def impossible(self) -> str:
        """What a result shows when the plan cannot be built: the same text in formula and program."""
        return self.t("impossible")

    @property
    def issued(self) -> dt.date:
        """The day of issue."""
        return self.proposal.issued(self.settings.issue_date or dt.date.today())

    def as_printed(self, cell: Cell) -> Cell:
        """The whole amount that the page has for an exact one; another cell itself."""
        return self.printed.get(cell.ref, cell)

    @property
    def predicted(self) -> Predicted:
        """The predicted figures, before any of the user's own takes their place."""
        return (self.held or self.estimate).predicted

    def shown(self, figure: Figure | float | None) -> float | str:
        """A figure's value, or the text for unknown."""
        value = figure.value if isinstance(figure, Figure) else figure
        return self.unknown if value is None else value

    def input(self, path: str) -> Cell:
        """The value that counts for a plan path."""
        return self.used[path]

    def guard(self, cells: Sequence[Cell | str], formula: str) -> str:
        """``formula`` (no ``=``) where all ``cells`` are numbers, else the text for unknown.

        A sum with a text in it is an error in every spreadsheet, so that one test asks for all of them; none of them may be an
        input that can stay empty, which counts as nothing in a sum.
        """
        needed = list(dict.fromkeys(str(cell) for cell in cells))
        if not needed:
            return f"={formula}"
        return f'=IF(ISNUMBER({"+".join(needed)}),{formula},"{self.unknown}")'

    def sheet(self, key: str) -> Sheet:
        """A sheet registered by :func:`register`."""
        return self.workbook.sheets[key]


def title_block(context: Context, sheet: Sheet, *, answer: str | None = None) -> int:
    """Title in A1, what the sheet answers in A2, and the first free row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    answer
        What the sheet answers; None: the message of the sheet's key.
    """
    sheet.put(1, 1, context.t(f"{sheet.key}_title"), "title")
    sheet.heights[1] = 26
    said = answer or context.t(f"{sheet.key}_answer")
    last = sheet.print_columns or len(sheet.widths)
    sheet.put(2, 1, said, "answer")
    sheet.merge(2, 1, last)
    sheet.heights |= {2: lines_of(said, sum(sheet.widths[:last]), 10) * 13.5 + 4, 3: 6.0}
    return 4


DETAIL = 150
"""First row of a sheet's workings below what is printed; the page itself never reaches as far."""


def details(context: Context, sheet: Sheet, row: int = DETAIL) -> int:
    """A heading over workings that stand below the printed page; returns the next row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the heading, below the last printed one.
    """
    sheet.put(row, 1, context.t("details_below"), "note")
    sheet.merge(row, 1, sheet.print_columns or len(sheet.widths))
    return row + 1


def section(context: Context, sheet: Sheet, row: int, key: str, **values: object) -> int:
    """A section heading over all columns; returns the next row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the heading, 1 or more.
    key
        Message of the heading; further values fill it.
    """
    sheet.put(row, 1, context.t(key, **values), "section")
    for column in range(2, len(sheet.widths) + 1):
        sheet.put(row, column, None, "section")
    sheet.heights[row] = 19
    return row + 1


def headings(context: Context, sheet: Sheet, row: int, keys: Sequence[str], numbers: Sequence[int] = ()) -> int:
    """A row of column headings; ``numbers`` are the columns with right-aligned figures. Returns the next row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the headings, 1 or more.
    keys
        Message of each column; empty: the heading before it goes on, unless it stands over figures.
    numbers
        Columns, from 1, with right-aligned figures.
    """
    start = 1
    for column, key in enumerate(keys, 1):
        sheet.put(row, column, context.t(key) if key else None, "heading_number" if column in numbers else "heading")
        if key:
            start = column
        elif (column == len(keys) or keys[column]) and start not in numbers:
            sheet.merge(row, start, column)  # one heading over the columns that have none of their own
    widths = dict(enumerate(sheet.widths, 1))
    lines = max((lines_of(context.t(key), widths.get(column, 10.0) - 1, 10) for column, key in enumerate(keys, 1)
                 if key and not (column < len(keys) and keys[column] == "" and column not in numbers)),
                default=1)  # fmt: skip
    sheet.heights[row] = 17.0 if lines == 1 else 28.0
    return row + 1


def note(sheet: Sheet, row: int, text_: str, columns: int = 0, lines: int = 0) -> int:
    """A note merged over the sheet's width, with a height for its length; returns the next row.

    Parameters
    ----------
    sheet
        Sheet of the description that is written to.
    row
        Row, 1 or more.
    text_
        The note.
    columns
        Last column that it spans; 0: the sheet's last.
    lines
        Lines of text that it takes; 0: estimated.
    """
    last = columns or len(sheet.widths)
    sheet.put(row, 1, text_, "note")
    sheet.merge(row, 1, last)
    sheet.heights[row] = max(1, lines or lines_of(text_, sum(sheet.widths[:last]), 9)) * 12.5 + 4
    return row + 1


def lines_of(text_: str, width: float, size: float = 10) -> int:
    """How many lines a text takes in a column of a width in characters; wide (CJK) characters count two.

    Parameters
    ----------
    text_
        A text, with line breaks or without.
    width
        Width of the column in characters of the standard type.
    size
        Size of the type in points.
    """
    room = max(4.0, width * 10 / size - 1)
    total = 0
    for line in clean_text(text_).split("\n"):
        cells = len(line) + (0 if line.isascii() else len(_WIDE.findall(line)))
        total += max(1, int(-(-cells // room)))
    return total


def fit_height(sheet: Sheet, row: int, texts: Sequence[tuple[str, float, float]], minimum: float = ROW_HEIGHT) -> None:
    """Set a row's height for wrapped texts, given as (text, column width, font size).

    Parameters
    ----------
    sheet
        Sheet of the description that is written to.
    row
        Row, 1 or more.
    texts
        Text, width of its column in characters and size of type in points, for each wrapped cell.
    minimum
        Least height in points.
    """
    lines = max((lines_of(text_, width, size) for text_, width, size in texts), default=1)
    sheet.heights[row] = max(minimum, sheet.heights.get(row, 0), lines * 13 + 2.5 if lines > 1 else 0.0)


def validation(context: Context, cell: Cell, kind: ValidationKind, low: float | None, high: float | None,
               choices: tuple[str, ...], label: str) -> None:  # fmt: skip
    """Attach what an input accepts, with a prompt and an error text.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    cell
        The input.
    kind
        What it accepts.
    low, high
        Bounds, both accepted; None for a list or a date.
    choices
        Accepted texts of a list.
    label
        Title of the input, for the prompt.
    """
    if kind == "list":
        accepted = context.t("accept_list", choices=", ".join(choices))
    elif kind == "date":
        accepted = context.t("accept_date")
    else:
        accepted = accepted_words(context, kind, low, high)
    context.workbook.validations.append(
        Validation(
            cell.sheet,
            cell.ref.split("!")[1].rstrip("]"),
            kind,
            low,
            high,
            choices,
            label,
            f"{label}\n{accepted}",
            accepted,
        )
    )


def accepted_words(context: Context, kind: str, low: float | None, high: float | None) -> str:
    """What an input accepts, in words: a bound that is itself not accepted and one that nobody reaches are not printed as such.

    Parameters
    ----------
    context
        The export under construction, for its language.
    kind
        ``whole`` or ``decimal``.
    low, high
        Bounds as the validation has them, both accepted by it.
    """
    if kind == "whole":
        return context.t("accept_whole", low=_plain(low), high=_plain(high))
    key = "accept_decimal"
    if low is not None and 0.0 < low - round(low) <= OPEN * (1.0 + 1e-6):
        key, low = "accept_decimal_above", float(round(low))
    elif low is not None and 0.0 < low - round(low, 6) <= OPEN * (1.0 + 1e-6):
        key, low = "accept_decimal_above", round(low, 6)
    unbounded = high is None or high >= BOUNDLESS
    if key == "accept_decimal_above":
        key += "" if unbounded else "_to"
    elif unbounded:
        key += "_from"
    elif high is not None and 0.0 < round(high) - high <= OPEN * (1.0 + 1e-6):
        key, high = "accept_decimal_below", float(round(high))
    return context.t(key, low=_plain(low), high=_plain(high))


BOUNDLESS = 1e15
"""From this size on an upper bound only keeps the arithmetic finite."""


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.9f}".rstrip("0").rstrip(".")
