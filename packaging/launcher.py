"""Entry point of the frozen program.

``MITSUMORI_SMOKE=out.xlsx`` in the environment makes it check itself (see :mod:`smoke`) instead of waiting for a person;
nothing else differs from the command ``mitsumori``.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the program, or its smoke test; returns the exit status."""
    target = os.environ.get("MITSUMORI_SMOKE")
    if target:
        import smoke

        return smoke.run(target, sys.argv[1:])
    from mitsumori.gui.__main__ import main as mitsumori

    return mitsumori()


if __name__ == "__main__":
    sys.exit(main())
