"""Tables that other programs wrote: encodings, separators, numbers and dates as Japanese Excel saves them.

Excel saves CSV in the system's code page (cp932 in Japan), as UTF-8 with a byte order mark, or as "Unicode text" (UTF-16 with
tabs); amounts with thousands and a yen sign, dates as 2026/10/1, digits full-width where an input method left them so. In cp932
the yen sign is the byte of the backslash.

pandas is imported by :func:`frame_of` when it is called, never before.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from mitsumori.model.base.dates import parse_date
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal, expected, refusal, said_by

if TYPE_CHECKING:
    import pandas as pd

ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp932")
SEPARATORS: Final = (",", "\t", ";")
MOST_COLUMNS: Final = 1_000
"""A line with more is no table that a person made; each column would cost time and memory."""
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AMOUNT: Final = re.compile(
    r"[¥$\\]?\s*(?P<sign>[-−]?)[¥$\\]?\s*(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?\s*(?:円|JPY|USD)?", re.ASCII
)
_MONTH: Final = re.compile(r"(\d{4})[/年](\d{1,2})月?")


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-16 where it begins with that mark, else UTF-8, else cp932.

    Raises
    ------
    Refusal
        For bytes that are none of them, and for binary data.
    """
    try:
        if data.startswith(_MARKS):
            text = data.decode("utf-16")
        else:
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = data.decode("cp932")
    except UnicodeDecodeError:
        raise Refusal(Sentence("refusals", "table_encoding", {"name": name})) from None
    if "\x00" in text:
        raise Refusal(Sentence("refusals", "table_binary", {"name": name}))
    return text


def separator_of(text: str) -> str:
    """The mark that divides the first line into most cells; a comma where there is one cell."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: counts[mark])


def plain_cell(text: str) -> str:
    """A cell as plain text: ``¥50,000,000`` is ``50000000``, ``２０２６/10/1`` is ``2026-10-01``; other texts only stripped.

    Thousands are read only where every group has three digits; ``1.234,5`` stays as it is.
    """
    bare = text.strip()
    if not bare or len(bare) > 40:
        return bare
    narrow = unicodedata.normalize("NFKC", bare)
    amount = _AMOUNT.fullmatch(narrow)
    if amount is not None:
        sign = "-" if amount["sign"] else ""
        return f"{sign}{amount['digits'].replace(',', '')}{amount['rest'] or ''}"
    month = _MONTH.fullmatch(narrow)
    if month is not None and 1 <= int(month[2]) <= 12:
        return f"{month[1]}-{int(month[2]):02d}"
    if any(mark in narrow for mark in "/年.") and narrow[:1] in "12令平":
        date = parse_date(narrow)
        if date is not None and re.match(r"\d{4}|令和|平成", narrow):
            return date.isoformat()
    return narrow if narrow.isascii() else bare


def frame_of(text: str, separator: str | None = None) -> pd.DataFrame:
    """A table of texts: a row each, under the heads of the first line; blank rows are left out.

    Parameters
    ----------
    text
        Decoded content of the file.
    separator
        What divides the cells; None: the one that divides the first line.

    Returns
    -------
    pandas.DataFrame
        Texts as written, heads and cells without width and spaces of an input method; a cell that its line does not have is
        missing. The index is the number of the line in the file.

    Raises
    ------
    ValueError
        Where there is no head or one of over :data:`MOST_COLUMNS`, quotes are not closed, or a line has more cells than the
        head (:class:`UnevenError`).
    """
    import pandas as pd

    mark = separator or separator_of(text)
    if text.partition("\n")[0].count(mark) >= MOST_COLUMNS:
        raise ValueError(expected("table_wide", most=f"{MOST_COLUMNS:,}"))
    try:  # pandas' engine in Python tells a cell that is missing from an empty one
        cells = pd.read_csv(
            io.StringIO(text, newline=""), sep=mark, header=None, dtype=str, engine="python",
            keep_default_na=False, skip_blank_lines=False,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        raise _broken(error) from None
    cells = cells.map(_narrow)
    breaks = cells.apply(lambda column: column.str.count("\n")).sum(axis=1)
    cells.index = pd.Index((breaks + 1).cumsum().astype(int), name="line")
    filled = cells[(cells.fillna("") != "").any(axis=1)]
    if filled.empty:
        raise ValueError(expected("table_empty"))
    table = filled.iloc[1:]
    table.columns = pd.Index(filled.iloc[0].fillna(""))
    return table


class UnevenError(ValueError):
    """A line of a table has more cells than its head."""

    def __init__(self, line: int, cells: int) -> None:
        self.line, self.cells = line, cells
        super().__init__(expected("table_uneven", line=line, cells=cells))


def _broken(error: ValueError) -> ValueError:
    """Why pandas cannot read a table, in our own words."""
    crowded = re.search(r"Expected (\d+) fields in line (\d+)", str(error))
    if crowded is not None:
        return UnevenError(int(crowded[2]), int(crowded[1]))
    if "field larger" in str(error):
        return ValueError(expected("table_long_cell"))
    return ValueError(expected("table_quotes"))


def _narrow(cell: object) -> object:
    """A text without the width and spaces that an input method may leave."""
    return unicodedata.normalize("NFKC", cell).strip() if isinstance(cell, str) else cell


def read_rows(data: bytes | str, name: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The head of a table and its rows, each with its line number; cells plain as :func:`plain_cell`.

    Parameters
    ----------
    data
        Content of the file; a text is taken as decoded already.
    name
        For the sentence of a refusal.

    Raises
    ------
    Refusal
        For bytes that are no text, for what :func:`frame_of` refuses, and for a row with more cells than the head.
    """
    text = data if isinstance(data, str) else decoded(data, name)
    if not text.replace(separator_of(text), "").strip():  # the caller says which columns it needs
        return [], []
    try:
        frame = frame_of(text)
    except UnevenError as error:
        raise refusal("prices_cells", name=name, line=error.line, cells=error.cells) from None
    except ValueError as error:
        raise refusal("table_broken", name=name, why=said_by(error)) from None
    head = [str(column) for column in frame.columns]
    rows = [
        {column: plain_cell(cell) for column, cell in zip(head, cells, strict=True) if isinstance(cell, str)}
        for cells in frame.itertuples(index=False, name=None)
    ]
    return head, list(zip(frame.index.tolist(), rows, strict=True))
