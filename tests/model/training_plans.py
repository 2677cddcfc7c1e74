"""Plans of a training, and their time."""

from __future__ import annotations

from functools import cache
from typing import Any

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import Resolved, resolve

BASE: Plan = load_sample("llama3-70b-continual").plan.with_values(
    {"cluster.servers": 16, "workload.tokens": 1e9, "workload.conditions": "campaign"}
)

LAYOUT = Parallel(gpus=128, tp=8, sp=1, pp=4, dp=4, zero_stage=1, global_batch=256, seq_len=8192, stack_year=2026.0)


@cache
def resolved_of(*changes: tuple[str, Any]) -> Resolved:
    return resolve(BASE.with_values(dict(changes)))


def resolved(**changes: Any) -> Resolved:
    return resolved_of(*((name.replace("__", "."), value) for name, value in changes.items()))
