"""The newest symbol of the C library that a folder's programs and libraries ask for: what a system must have at least.

Usage: ``python packaging/glibc.py FOLDER ...``; prints one JSON document. Names of versions stand in the string table of
every ELF file that needs them (``GLIBC_2.34``), so a file is read as bytes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Version = tuple[int, ...]
SYSTEMS: tuple[tuple[str, Version], ...] = (
    ("RHEL 8", (2, 28)), ("Debian 11", (2, 31)), ("Ubuntu 20.04", (2, 31)), ("RHEL 9", (2, 34)), ("Ubuntu 22.04", (2, 35)),
    ("Debian 12", (2, 36)), ("RHEL 10", (2, 39)), ("Ubuntu 24.04", (2, 39)), ("Debian 13", (2, 41)),
)  # fmt: skip
"""Common systems and the C library that they bring (their release notes)."""


def libraries(folders: Iterable[Path]) -> Iterator[Path]:
    """ELF files below some folders, or the files themselves; links are followed once."""
    seen: set[Path] = set()
    for folder in folders:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            real = path.resolve()
            if real in seen or not real.is_file():
                continue
            seen.add(real)
            with real.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield real


def needed(path: Path) -> Version:
    """The newest version of the C library's symbols that one file asks for; (0,) for none."""
    found = re.findall(rb"\x00GLIBC_(\d+(?:\.\d+)+)(?=\x00)", path.read_bytes())
    return max((tuple(int(part) for part in text.decode().split(".")) for text in found), default=(0,))


def measured(folders: Iterable[Path]) -> dict[str, object]:
    """The newest version of all files, the files that ask for it, and the systems that are too old for it."""
    each = {path: needed(path) for path in libraries(folders)}
    newest = max(each.values(), default=(0,))
    return {
        "files": len(each),
        "glibc": ".".join(str(part) for part in newest),
        "asked_by": sorted(path.name for path, version in each.items() if version == newest)[:8],
        "too_old": [name for name, has in SYSTEMS if has < newest],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(Path(name) for name in sys.argv[1:])) + "\n")
