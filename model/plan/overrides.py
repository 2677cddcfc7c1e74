"""The predicted figures a user may replace: ``Plan.overrides`` by path, with what is accepted.

A path is the figure's own path in the estimate. A replaced figure counts as it is in everything that follows from it, in
the program and in the workbook alike, and both show that it was replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SPEED: Final = "training.tokens_per_s_per_gpu"
SPEED_LOW: Final = "training.tokens_per_s_per_gpu_low"
SPEED_HIGH: Final = "training.tokens_per_s_per_gpu_high"
CLOUD_SPEED: Final = "cost.cloud_speed"
"""Speed of a rented accelerator over an owned one."""
STEP_PARTS: Final = (
    "compute", "recompute", "communication", "bubble", "optimizer", "data", "other_roles", "generation", "refit",
)  # fmt: skip
"""Parts of a step that are predicted; what failures take is computed from the goodput."""
ACTIVATIONS: Final = "memory.per_gpu.activations_bytes"
BUFFERS: Final = "memory.per_gpu.buffers_bytes"
FORWARD: Final = "memory.forward.activations_bytes"
BACKWARD: Final = ("memory.backward.activations_bytes", "memory.backward.buffers_bytes")
ZERO_STAGES: Final = 4
SERVING_TTFT: Final = "serving.ttft_s"
SERVING_TPOT: Final = "serving.tpot_ms"
SERVING_E2E: Final = "serving.e2e_s"
"""Times at the plan's percentile and the peak load."""
SERVING_REQUESTS: Final = "serving.mean_requests_per_s"
"""Requests a second that are answered, on the mean of the hours of service."""
SERVING_PREFILL: Final = "serving.prefill_share"
"""Share of the servers' time that prompts take, by which prompts and answers divide the cost."""


def step_part(name: str) -> str:
    """Path of a part of the step, in seconds."""
    return f"training.breakdown_s.{name}"


def zero_parts(stage: int) -> tuple[str, str]:
    """Paths of activations and buffers under another ZeRO stage, in bytes."""
    return f"memory.zero_{stage}.activations_bytes", f"memory.zero_{stage}.buffers_bytes"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an override may be; both ends belong."""

    low: float
    high: float


_SPEED: Final = Accepted(1e-9, 1e12)
_SECONDS: Final = Accepted(0.0, 1e9)
_BYTES: Final = Accepted(0.0, 1e15)

_TABLE: Final = {"mfu": Accepted(1e-6, 1.0), "tokens_per_s_per_gpu": _SPEED}
_TABLE_PATH: Final = re.compile(r"table\.(.+)\.(\d+)\.(mfu|tokens_per_s_per_gpu)\Z")


def table_cell(model: str, servers: int, measure: str) -> str:
    """Path of a cell of the training-time table: MFU, or the speed where a stage has no MFU.

    Parameters
    ----------
    model
        Catalogue key of the row.
    servers
        Servers of the column, 1 or more.
    measure
        ``mfu`` or ``tokens_per_s_per_gpu``.
    """
    return f"table.{model}.{servers}.{measure}"


def accepted(path: str) -> Accepted | None:
    """What an override may be; None for a path that the program does not heed."""
    if match := _TABLE_PATH.match(path):
        return _TABLE[match[3]]
    return OVERRIDES.get(path)


OVERRIDES: Final[Mapping[str, Accepted]] = (
    {SPEED: _SPEED, SPEED_LOW: _SPEED, SPEED_HIGH: _SPEED}
    | {step_part(name): _SECONDS for name in STEP_PARTS}
    | dict.fromkeys((ACTIVATIONS, BUFFERS, FORWARD, *BACKWARD), _BYTES)
    | {path: _BYTES for stage in range(ZERO_STAGES) for path in zero_parts(stage)}
    | {CLOUD_SPEED: Accepted(1e-3, 1e3)}
    | dict.fromkeys((SERVING_TTFT, SERVING_TPOT, SERVING_E2E), Accepted(1e-6, 1e9))
    | {SERVING_REQUESTS: Accepted(1e-9, 1e9), SERVING_PREFILL: Accepted(0.0, 1.0)}
)
"""Every path that the program heeds beside the table's cells, in the order of the workbook."""
