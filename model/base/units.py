"""Constants and conversions, each with its unit in the name.

Inside Mitsumori everything is SI: bytes, seconds, watts, FLOP. ``1 GB`` is ``1e9`` bytes; a binary gibibyte is
always written GiB. Money carries its currency in the name.
"""

from __future__ import annotations

from typing import Final

GB: Final = 1e9
"""Bytes in a gigabyte (decimal)."""
GBIT_PER_S: Final = 1e9 / 8.0
"""Bytes a second of one gigabit a second."""
GIB: Final = float(2**30)
"""Bytes in a gibibyte (binary)."""

SECONDS_PER_HOUR: Final = 3600.0
SECONDS_PER_DAY: Final = 86400.0
HOURS_PER_YEAR: Final = 8760.0
HOURS_PER_MONTH: Final = HOURS_PER_YEAR / 12.0
"""730 hours: the month every cost formula uses (docs/method.md 8.1)."""

KW_PER_REFRIGERATION_TON: Final = 3.517
"""Heat of one US refrigeration ton, 12,000 BTU/h."""
