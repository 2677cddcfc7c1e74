"""Files of measured serving runs: their rows, and how such a file is known."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mitsumori import resources
from mitsumori.model.base.csv_files import decoded, read_rows
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.refusal import Refusal, cause_of, refusal

LARGEST_FILE_BYTES: Final = 100_000_000


def read_serving_rows(path: Path | None) -> list[Mapping[str, str]]:
    """Rows of a file (csv, or csv.gz), or of the shipped runs.

    Raises
    ------
    Refusal
        Where the file cannot be read or lacks the columns ``isl`` and ``osl``.
    """
    if path is None:
        data = resources.path("runs", "serving_runs.csv.gz").read_bytes()
    else:
        try:
            data = regular_bytes(path, LARGEST_FILE_BYTES)
        except OSError as error:
            raise refusal("file_unreadable", path=path, why=cause_of(error)) from None
    try:
        _, numbered = read_rows(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise refusal("runs_no_table", path=path, why=cause_of(error)) from None
    rows: list[Mapping[str, str]] = [row for _, row in numbered]
    if not rows or not is_serving_header(tuple(rows[0])):
        raise refusal("serving_runs_columns", path=path)
    return rows


def is_serving_header(columns: Sequence[str]) -> bool:
    """True for a file of serving runs: it has the columns ``isl`` and ``osl``."""
    return "isl" in columns and "osl" in columns


def is_serving_file(path: Path) -> bool:
    """True where the first line of ``path`` names serving columns; False where it cannot be read."""
    try:
        data = regular_bytes(path, LARGEST_FILE_BYTES)
        content = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        head = decoded(content, str(path)).partition("\n")[0]
        return is_serving_header(read_rows(head, str(path))[0])
    except (OSError, Refusal, ValueError, EOFError, zlib.error):
        return False
