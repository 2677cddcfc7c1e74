"""For each input: which results must change with it, and which must not (on the real core)."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from mitsumori.gui.store import estimate_plan
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample

DAYS, MEMORY, STEP = "training.days", "memory.per_gpu.total_bytes", "training.step_time_s"
RACKS, KVA, IT, ENERGY = "facility.racks", "facility.kva_per_rack", "facility.it_kw", "facility.kwh_per_year"
OWNED, CLOUD, EVEN = "cost.onprem.total", "cost.cloud.total", "cost.break_even_month"

CASES: list[tuple[str, Any, tuple[str, ...], tuple[str, ...]]] = [
    ("workload.tokens", 200e9, (DAYS,), (MEMORY, STEP, RACKS, KVA, IT)),
    ("workload.stage", "lora", (DAYS, MEMORY, STEP), (RACKS, KVA, IT)),
    ("model.preset", "llama3-8b", (DAYS, MEMORY, STEP), (RACKS, KVA, IT)),
    ("parallel.seq_len", 16384, (DAYS, MEMORY), (RACKS, KVA, IT)),
    ("parallel.precision", "fp8", (DAYS, STEP), (RACKS, KVA)),
    ("parallel.global_batch", 1024, (STEP,), (RACKS, KVA, IT)),
    ("parallel.optimizer", "adam8bit", (MEMORY,), (RACKS, KVA, IT)),
    ("cluster.server", "DGX-H100", (OWNED,), ()),
    ("cluster.servers", 16, (DAYS, RACKS, IT, ENERGY, OWNED, CLOUD), ()),
    ("facility.cooling", "rear_door_cold_plate", (RACKS, KVA), (DAYS, MEMORY, STEP, CLOUD)),
    ("facility.rack_kva", 60.0, (), (DAYS, MEMORY, STEP, CLOUD)),
    ("facility.power_basis", "measured", (KVA, IT), (DAYS, MEMORY, STEP, CLOUD)),
    ("facility.pue", 1.1, (ENERGY, OWNED), (DAYS, MEMORY, STEP, RACKS, KVA, IT, CLOUD)),
    ("facility.units_reserved", 34, (RACKS,), (DAYS, MEMORY, STEP, CLOUD)),
    ("workload.runs_per_year", 5.0, (OWNED, CLOUD, EVEN), (DAYS, MEMORY, STEP, RACKS, KVA, IT)),
    ("money.utilization", 0.9, (OWNED, CLOUD, EVEN), (MEMORY, STEP, RACKS, KVA, IT)),
    ("money.horizon_months", 36, (OWNED, CLOUD), (DAYS, MEMORY, STEP, RACKS, KVA, EVEN)),
    ("money.cloud.price_per_hour", 40.0, (CLOUD, EVEN), (OWNED, DAYS, MEMORY, RACKS)),
    ("money.electricity_jpy_per_kwh", 40.0, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS, ENERGY)),
    ("money.usd_jpy", 120.0, (CLOUD, EVEN), (DAYS, MEMORY, RACKS, ENERGY)),
    ("money.onprem.server_price", 60e6, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
    ("money.onprem.discount", 0.3, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
    ("money.onprem.margin", 0.3, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
    ("money.onprem.power_works", 20e6, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
    ("money.onprem.maintenance_rate", 0.1, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
    ("money.onprem.staff_fte", 3.0, (OWNED, EVEN), (CLOUD, DAYS, MEMORY, RACKS)),
]
"""Path, another value, results that must change, results that must not."""


@cache
def start() -> tuple[Plan, Estimate]:
    plan = load_sample("llama3-70b-continual").plan
    return plan, estimate_plan(plan)


@pytest.mark.parametrize(("path", "value", "moves", "stays"), CASES, ids=[case[0] for case in CASES])
def test_an_input_moves_what_depends_on_it_and_nothing_else(
    path: str, value: Any, moves: tuple[str, ...], stays: tuple[str, ...]
) -> None:
    plan, before = start()
    changes = {path: value}
    if path == "money.utilization":  # the sample's trainings a year would decide it
        changes["workload.runs_per_year"] = None
        before = estimate_plan(plan.with_values({"workload.runs_per_year": None}))
    after = estimate_plan(plan.with_values(changes))
    still = [name for name in moves if after.figure(name).value == before.figure(name).value]
    assert not still, f"{path} should move {still}"
    moved = [name for name in stays if after.figure(name).value != before.figure(name).value]
    assert not moved, f"{path} should not move {moved}"
