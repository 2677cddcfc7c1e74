"""Truth of a shell's ``[ A = B ]`` and of its comparisons of numbers, as far as both sides are known."""

from __future__ import annotations

import re
from collections.abc import Callable


def holds(condition: str, filled: Callable[[str], str]) -> bool | None:
    """Truth of a test; None where a side is open.

    Parameters
    ----------
    condition
        The test with its brackets, as it stands in the script.
    filled
        Replaces known variables in a text.
    """
    words = re.sub(r"^\[\[?|\]\]?$", "", condition.strip()).strip()
    if (found := re.fullmatch(r"""-([nz])\s+"?(\$\{?\w+\}?)"?""", words)) is not None:
        value = filled(found.group(2))
        return None if "$" in value else bool(value) is (found.group(1) == "n")
    found = re.fullmatch(r"""(\S+)\s+(==?|!=|-eq|-ne|-lt|-le|-gt|-ge)\s+(\S+)""", words)
    if found is None:
        return None
    left, right = (filled(found.group(index).strip("\"'")) for index in (1, 3))
    if "$" in left + right or "*" in right:
        return None
    sign = found.group(2)
    if sign in ("=", "==", "!="):
        return (left == right) is (sign != "!=")
    try:
        difference = int(left) - int(right)
    except ValueError:
        return None
    return {"-eq": difference == 0, "-ne": difference != 0, "-lt": difference < 0, "-le": difference <= 0,
            "-gt": difference > 0, "-ge": difference >= 0}[sign]  # fmt: skip
