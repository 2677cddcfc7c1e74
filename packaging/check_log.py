"""Refuse a bundle whose build could not find a shared library.

Usage: ``python packaging/check_log.py BUILD.log``. PyInstaller only warns ("Library not found") and the program then dies on
machines without that library. Warnings about files that the bundle leaves out do not count.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bundle


def missing(log: str) -> list[str]:
    """Each ``library (needed by file)`` that a file of the bundle needs and the build machine lacks."""
    found = []
    for match in re.finditer(r"Library not found: could not resolve '([^']+)', dependency of '([^']+)'", log):
        library, file = match.groups()
        inside = file.split("site-packages/", 1)[-1]
        if bundle.wanted((inside, file, "BINARY")):
            found.append(f"{library} (needed by {inside})")
    return found


if __name__ == "__main__":
    lacking = missing(Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace"))
    if lacking:
        sys.exit("This machine lacks libraries that the bundle must hold: " + "; ".join(lacking))
