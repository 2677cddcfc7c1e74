"""The live inputs of the workbook, from the table of inputs, and the predicted figures that can be replaced there.

Bounds are the plan's own, so that sheet, window and command accept the same. What has no live cell in the table (model,
cluster, layout, choices from lists) is locked in the workbook and changed in Mitsumori.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.overrides import (
    CLOUD_SPEED,
    OVERRIDES,
    SERVING_E2E,
    SERVING_PREFILL,
    SERVING_REQUESTS,
    SERVING_TPOT,
    SERVING_TTFT,
    SPEED,
    SPEED_HIGH,
    SPEED_LOW,
    STEP_PARTS,
    accepted,
    step_part,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One live input. ``internal`` fields (purchase side) exist only in the internal audience's file."""

    path: str
    fmt: str
    unit: str
    internal: bool = False

    @property
    def name(self) -> str:
        """The defined name of its cell."""
        return input_name(self.path)

    @property
    def label(self) -> str:
        """The message key of its label."""
        return "in_" + self.path.replace(".", "_")


def input_name(path: str) -> str:
    """``workload.tokens`` -> ``in_workload_tokens``."""
    return "in_" + path.replace(".", "_")


def table_name(row: int, column: int, uses_mfu: bool) -> str:
    """The defined name of a cell of the training-time table; its path follows from the row's model and column's servers.

    Parameters
    ----------
    row, column
        Place in the table, from 1.
    uses_mfu
        Whether its cells hold an MFU; else tokens a second and GPU.
    """
    return f"in_overrides_table_{row}_{column}_{'mfu' if uses_mfu else 'tokens_per_s_per_gpu'}"


def _section(group: str) -> tuple[Field, ...]:
    """The live inputs of one part of the plan, in the order of the plan."""
    return tuple(
        Field(item.path, item.workbook.format, item.workbook.unit, internal=item.workbook.internal)
        for item in inputs().values()
        if item.group == group and item.workbook is not None
    )


_OVERRIDDEN: tuple[tuple[str, str, str], ...] = (
    (SPEED, "d1", "tokens_s_gpu"),
    (SPEED_LOW, "d1", "tokens_s_gpu"),
    (SPEED_HIGH, "d1", "tokens_s_gpu"),
    *((step_part(name), "d3", "seconds") for name in STEP_PARTS),
    *((path, "int", "bytes") for path in OVERRIDES if path.startswith("memory.")),
    (CLOUD_SPEED, "d3", "none"),
    (SERVING_TTFT, "d3", "seconds"),
    (SERVING_TPOT, "d1", "ms"),
    (SERVING_E2E, "d1", "seconds"),
    (SERVING_REQUESTS, "d3", "per_second"),
    (SERVING_PREFILL, "pct", "none"),
)

SECTIONS: dict[str, tuple[Field, ...]] = {
    "workload": _section("workload"),
    "overrides": tuple(Field(f"overrides.{path}", fmt, unit) for path, fmt, unit in _OVERRIDDEN),
    "serving": (*_section("serving"), *_section("serving.api_price")),
    "facility": _section("facility"),
    "money": _section("money"),
    "cloud": _section("money.cloud"),
    "onprem": _section("money.onprem"),
}


def fields(audience: str) -> tuple[Field, ...]:
    """Every live input an audience's file can have, in order; a file has the overrides of figures its plan predicts."""
    everything = tuple(item for section in SECTIONS.values() for item in section)
    return tuple(item for item in everything if audience == "internal" or not item.internal)


Kind = Literal["decimal", "whole", "date"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a plan field accepts."""

    kind: Kind
    low: float
    high: float
    optional: bool


OPEN = 1e-9
"""A bound that is not itself accepted is this far off in a spreadsheet's validation, which knows none."""


@lru_cache(maxsize=512)
def bounds(path: str) -> Bounds:
    """The bounds of a plan path, from the plan's own field.

    Raises
    ------
    KeyError
        For a path that no plan has.
    """
    if path.startswith("overrides."):
        known = accepted(path.removeprefix("overrides."))
        if known is None:
            raise KeyError(path)
        return Bounds("decimal", known.low, known.high, True)
    item = inputs().get(path)
    if item is None:
        raise KeyError(path)
    if item.kind == "date":
        return Bounds("date", 0, 0, item.optional)
    low = -math.inf if item.low is None else item.low + (OPEN if item.low_open else 0.0)
    high = math.inf if item.high is None else item.high - (OPEN if item.high_open else 0.0)
    return Bounds("whole" if item.kind == "whole" else "decimal", low, high, item.optional)
