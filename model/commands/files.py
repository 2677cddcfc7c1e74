"""Files that commands are given, standard input among them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mitsumori.model.commands.arguments import STANDARD_INPUT, standard_input


@contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """The file, or standard input for ``-`` as a file that only the user can read and that goes afterwards."""
    if str(path) != STANDARD_INPUT:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="mitsumori-") as folder:
        copy = Path(folder) / "standard-input"
        copy.write_bytes(standard_input())
        yield copy
