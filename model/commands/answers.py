"""What a command answers: text for people, one JSON document, or its main table as CSV or Markdown."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    import pandas as pd

_FORMULA_STARTS: Final = tuple("=+-@\t\r\n\0＝＋－＠")
"""First characters that make a spreadsheet read a text as a formula (OWASP ASVS 1.2.10, CWE-1236; full-width ones too)."""

UNITS: Final = {
    "_per_gpu": "/GPU",
    "_jpy_per_kwh": "JPY/kWh", "_t_per_year": "t/year", "_m3_per_year": "m3/year", "kwh_per_year": "kWh/year",
    "_bytes": "bytes", "_flop": "FLOP", "_ms": "ms", "_s": "s", "_kw": "kW", "_kva": "kVA", "_jpy": "JPY", "_usd": "USD",
    "_days": "days", "_hours": "h", "_month": "months", "_months": "months", "_gbps": "GB/s", "_share": "share",
}  # fmt: skip
"""Units by the end of a name, the longest first; names carry their units in this program."""
_WHOLE_NAMES: Final = {"days": "days", "days_low": "days", "days_high": "days", "tokens": "tokens",
                       "error": "share", "mfu": "share"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """The main table of an answer: raw numbers, units in the head.

    Attributes
    ----------
    columns
        Names, in order.
    rows
        A value a column, None where unknown.
    units
        Units by column, where the name's end does not give it.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], units: Mapping[str, str] | None = None) -> Table:
        """Of rows as dictionaries: parts of a nested one by their path, lists joined; columns as they first appear."""
        flat = [flattened(row) for row in rows]
        columns = list(dict.fromkeys(name for row in flat for name in row))
        return cls(columns, [[row.get(name) for name in columns] for row in flat], units or {})

    def heads(self) -> list[str]:
        """The names with their units in square brackets."""
        return [
            f"{name} [{unit}]" if (unit := self.units.get(name) or unit_of(name)) else name for name in self.columns
        ]

    def to_csv(self) -> str:
        """RFC 4180 with line feeds; texts that a spreadsheet would take for a formula are defused by an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.heads())
        writer.writerows([[_csv_cell(value) for value in row] for row in self.rows])
        return out.getvalue()

    def to_markdown(self) -> str:
        """A pipe table; numbers to the right."""
        numeric = [any(_is_number(row[i]) for row in self.rows) for i in range(len(self.columns))]
        lines = [_pipes(self.heads()), _pipes(["---:" if right else "---" for right in numeric])]
        lines += [_pipes([_plain(value) for value in row]) for row in self.rows]
        return "\n".join(lines) + "\n"


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame; what is missing is None, numbers are Python's own."""
    known = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in known.to_dict("records")]


def flattened(row: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """A nested dictionary with dotted names; lists of plain values as one text."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            out.update(flattened(value, f"{prefix}{name}."))
        elif isinstance(value, list | tuple):
            out[f"{prefix}{name}"] = ", ".join(_plain(item) for item in value)
        else:
            out[f"{prefix}{name}"] = value
    return out


def unit_of(name: str) -> str:
    """The unit that a name carries at its end; empty where it carries none."""
    last = name.rpartition(".")[2]
    if last in _WHOLE_NAMES:
        return _WHOLE_NAMES[last]
    if last.startswith("jpy_per_"):
        return "JPY/" + last.removeprefix("jpy_per_").replace("_", " ")
    if "_per_" in last and not last.endswith(tuple(UNITS)):
        return last.replace("_per_", "/").replace("_", " ")
    bare = last.removesuffix("_low").removesuffix("_high")
    if bare.endswith("tokens_per_s_per_gpu"):
        return "tokens/s/GPU"
    return next((unit for end, unit in UNITS.items() if bare.endswith(end)), "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _csv_cell(value: object) -> str:
    text = _plain(value)
    return f"'{text}" if not _is_number(value) and text.startswith(_FORMULA_STARTS) else text


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in the forms that it can be printed in; each is made when it is asked for."""

    text: Callable[[], str]
    document: Callable[[], Any]
    table: Callable[[], Table]
    status: int = 0

    def printed(self, form: str) -> str:
        """The answer in a form of ``--format``, with a line feed at its end."""
        if form == "json":
            return json.dumps(self.document(), ensure_ascii=False, allow_nan=False) + "\n"
        if form == "csv":
            return self.table().to_csv()
        if form == "md":
            return self.table().to_markdown()
        text = self.text()
        return text if text.endswith("\n") else text + "\n"


def give(answer: Answer, form: str, out: Path | None) -> int:
    """Print an answer, or write it to a file; returns the exit status.

    A file is UTF-8; CSV in a file begins with a byte order mark, by which Excel knows UTF-8.

    Parameters
    ----------
    answer
        What a command answers.
    form
        ``text``, ``json``, ``csv`` or ``md``.
    out
        The file; None is standard output.
    """
    content = answer.printed(form)
    if out is None:
        write(sys.stdout, content, is_json=form == "json")
    else:
        from mitsumori.model.base.files import write_atomic

        write_atomic(out, content.encode("utf-8-sig" if form == "csv" else "utf-8"), backup=True)
    return answer.status


_NARROW: Final = str.maketrans({
    "¥": "￥", "–": "-", "—": "-", "−": "-", "×": "x", "・": "･", "…": "...", "≤": "<=", "≥": ">=", "≈": "~", "²": "2",
    "³": "3", "·": ".", "“": '"', "”": '"', "‘": "'", "’": "'",
})  # fmt: skip
"""Plain characters for those that a console's encoding may not have."""


def write(stream: TextIO | None, content: str, is_json: bool = False) -> None:
    r"""Write to a stream whatever its encoding is: what it cannot hold becomes the nearest plain character.

    JSON stays the same document: such characters are written as ``\uXXXX``.

    Parameters
    ----------
    stream
        Where it goes; None (a program without a console) drops it.
    content
        The text.
    is_json
        Whether it is one JSON document.
    """
    if stream is None:  # a program without a console on Windows
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        # cp932 takes some characters for others of the same look (〜 and ～, − and －) without a word.
        same = content.encode(encoding).decode(encoding) == content or not is_json
    except UnicodeEncodeError:
        same = False
    if not same:
        if is_json:
            content = json.dumps(json.loads(content), ensure_ascii=True, allow_nan=False) + "\n"
        else:
            content = "".join(_held(char, encoding) for char in content)
    stream.write(content)


def say(text: str, stream: TextIO | None = None, is_json: bool = False) -> None:
    """Print a text and a line feed; see :func:`write`.

    Parameters
    ----------
    text
        What is printed.
    stream
        Where it goes; None is standard output.
    is_json
        As :func:`write`.
    """
    write(stream or sys.stdout, text if text.endswith("\n") else text + "\n", is_json)


def _held(char: str, encoding: str) -> str:
    for candidate in (char, char.translate(_NARROW), "?"):
        try:
            candidate.encode(encoding)
        except UnicodeEncodeError:
            continue
        return candidate
    return "?"
