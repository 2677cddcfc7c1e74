"""Entry point of the frozen program.

``MITSUMORI_SMOKE=out.xlsx`` in the environment makes it check itself (see :mod:`smoke`) instead of waiting for a person;
nothing else differs from the command ``mitsumori``.
"""

from __future__ import annotations

import os
import sys
from typing import Final

WORKER: Final = ("--multiprocessing-fork", "-c")
"""What this program is started with as a worker of a grid: it is its own interpreter, on Windows always."""


def main() -> int:
    """Run the program, a worker of it, or its smoke test; returns the exit status."""
    if any(word in WORKER for word in sys.argv[1:]):
        import multiprocessing

        multiprocessing.freeze_support()  # a worker ends in here
    target = os.environ.get("MITSUMORI_SMOKE")
    if target:
        import smoke

        return smoke.run(target, sys.argv[1:])
    from mitsumori.gui.__main__ import main as mitsumori

    return mitsumori()


if __name__ == "__main__":
    sys.exit(main())
