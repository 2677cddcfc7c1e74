"""What is kept between estimates is what would be worked out anew: walks of a plan, and copies of caches of arrays."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from mitsumori.model.base.arrays import cached_for_one
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.inputs import Input, inputs
from mitsumori.model.plan.overrides import OVERRIDES
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction, load_sample
from tests.caches import forget


def test_numbers_of_one_plan_are_kept_and_batches_are_not() -> None:
    made: list[Any] = []

    @cached_for_one
    def twice(x: Any, scale: float = 2.0) -> Any:
        made.append(x)
        return x * scale

    assert [twice(3.0), twice(3.0), twice(4.0), twice(3.0)] == [6.0, 6.0, 8.0, 6.0]
    assert made == [3.0, 4.0]
    batch = np.array([1.0, 2.0])
    assert list(twice(batch)) == list(twice(batch)) == [2.0, 4.0]
    assert len(made) == 4
    with pytest.raises(TypeError):
        twice(None)


def test_records_are_told_apart_by_identity() -> None:
    """A project's own record with the figures of a shipped one is another record: what is kept by one is not the other's."""
    server = Catalogue.shipped().server("DGX-H100")
    twin = server.model_copy()
    assert server == server
    assert server != twin
    assert len({server, twin}) == 2


# --- estimates

VALUES: dict[str, tuple[Any, ...]] = {
    "language": ("ja", "en"),
    "workload.tokens": (2e9, 3e10, 8e11),
    "workload.samples": (None, 2e5),
    "workload.epochs": (1.0, 2.0),
    "workload.stage": ("pretrain", "continual", "sft", "lora", "dpo", "grpo"),
    "workload.conditions": ("campaign", "benchmark"),
    "workload.runs_per_year": (None, 1.0, 9.0),
    "workload.lora_rank": (16, 64),
    "workload.start_date": (None, dt.date(2027, 2, 1)),
    "workload.deadline": (None, dt.date(2027, 6, 1)),
    "model.params": (None, 1.3e10),
    "cluster.server": ("DGX-H100", "DGX-B200", "HPE-XD670"),
    "cluster.servers": (1, 4, 16, 17),
    "parallel.seq_len": (4096, 8192),
    "parallel.precision": ("bf16", "fp8"),
    "parallel.optimizer": ("adam", "adam8bit"),
    "parallel.global_batch": (None, 256),
    "parallel.compiled": (True, False),
    "facility.cooling": ("rear_door", "containment", "cold_plate"),
    "facility.rack_kva": (None, 18.0, 45.0),
    "facility.rack_kva_is_breaker": (False, True),
    "facility.redundancy": ("n", "n1", "2n"),
    "facility.power_basis": ("max", "capped", "measured"),
    "facility.pue": (None, 1.2),
    "facility.wue": (None, 1.0),
    "facility.other_power_share": (None, 0.3),
    "facility.hall_kva_free": (None, 200.0),
    "facility.rack_width_m": (0.6, 0.8),
    "network.fabric": (None, "QM9700"),
    "network.oversubscription": (1.0, 2.0),
    "network.storage_pb": (None, 0.0, 2.0),
    "network.checkpoints_kept": (10, 500),
    "network.checkpoint_stall_s": (None, 20.0),
    "network.mtbf_gpu_hours": (None, 1e4),
    "network.restart_s": (None, 30.0),
    "network.bandwidth_gbps": (None, 100.0),
    "rollout.tp": (None, 2),
    "rollout.placement": ("colocated", "separate", "asynchronous"),
    "rollout.server": (None, "DGX-B200"),
    "rollout.servers": (None, 3),
    "rollout.staleness_steps": (1, 4),
    "workload.evaluation_share": (None, 0.1),
    "cluster.accelerators_per_server": (None, 4),
    "money.currency": ("JPY", "USD"),
    "money.usd_jpy": (None, 150.0, 160.0),
    "money.utilization": (0.7, 0.3),
    "money.horizon_months": (60, 36),
    "money.discount_rate": (0.03, 0.0),
    "money.tax_credit": (True, False),
    "money.electricity_jpy_per_kwh": (None, 31.0),
    "money.surcharge_jpy_per_kwh": (0.0, 3.98),
    "money.cloud.term": ("on_demand", "reserved_3y", "spot"),
    "money.cloud.price_per_hour": (None, 60.0),
    "money.onprem.site": ("own_hall", "colocation"),
    "money.onprem.currency": ("JPY", "USD"),
    "money.onprem.server_price": (None, 5e7),
    "money.onprem.rent_per_rack_month": (None, 2e5),
    "money.onprem.lease_rate_per_month": (None, 0.02),
    "money.onprem.depreciation": ("straight_line", "declining"),
    "overrides.training.tokens_per_s_per_gpu": (None, 700.0),
}
"""Few values a field, so that a walk comes back to them beside other values of the other fields."""


def shown(value: Any) -> Any:
    """An estimate as plain values that compare bit by bit."""
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, np.ndarray | np.generic):
        return shown(value.tolist())
    if isinstance(value, Catalogue):
        return None
    if callable(value) or isinstance(value, frozenset):  # worked out when asked for; a set has no order
        return None if callable(value) else sorted(map(repr, value))
    if hasattr(value, "items"):
        return {key: shown(part) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        late = [name for name, part in vars(type(value)).items() if isinstance(part, cached_property)]
        return {name: shown(getattr(value, name)) for name in (*(f.name for f in fields(value) if f.compare), *late)}
    return value if isinstance(value, str) or not hasattr(value, "__iter__") else [shown(part) for part in value]


def estimated(plan: Plan) -> Estimate | None:
    try:
        return estimate(plan, today=dt.date(2027, 1, 1))
    except Refusal:
        return None


RICH = {
    "money.usd_jpy": 150.0,
    "money.onprem.site": "colocation",
    "money.onprem.rent_per_rack_month": 2e5,
    "workload.runs_per_year": None,
    "facility.hall_kva_free": 200.0,
}
"""A plan on which every field of :data:`VALUES` shows: rent by the rack, trainings that do not set the utilization."""


def test_no_field_is_forgotten_in_what_is_remembered() -> None:
    base = load_sample("llama3-70b-continual").plans[0].with_values(RICH)
    differs = set()
    for path, values in VALUES.items():
        for value in values:
            try:
                moved = base.with_values({path: value})
            except Refusal:
                continue
            forget()
            first = shown(estimated(base))
            warm = shown(estimated(moved))
            forget()
            assert shown(estimated(moved)) == warm, (path, value)
            if warm != first:
                differs.add(path)
    assert len(differs) > 45, set(VALUES) - differs


@pytest.mark.parametrize(("sample", "seed"), [("llama3-70b-continual", 1), ("llama2-7b-sft", 2), ("gpt3-175b-nemo", 3)])
def test_an_estimate_after_a_walk_is_the_one_worked_out_anew(sample: str, seed: int) -> None:
    rng = random.Random(seed)
    plan = load_sample(sample).plans[0]
    walk: list[tuple[str, Plan, Any]] = []
    while len(walk) < 60:
        path = rng.choice(list(VALUES))
        try:
            moved = plan.with_values({path: rng.choice(VALUES[path])})
        except Refusal:
            continue
        result = estimated(moved)
        if result is not None:
            plan = moved
            walk.append((path, moved, shown(result)))
    assert len({path for path, _, _ in walk}) > 25
    for path, moved, then in rng.sample(walk, 20):
        forget()
        assert shown(estimated(moved)) == then, path


def test_a_slider_of_money_works_out_neither_speed_nor_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load_sample("llama3-70b-continual").plans[0]
    before = estimate(plan)
    for name in (
        "mitsumori.model.estimate.run.training_time",
        "mitsumori.model.facility.hall.support_of",
        "mitsumori.model.facility.cooling.place",
    ):
        monkeypatch.setattr(name, lambda *_, **__: pytest.fail("worked out again"))
    after = estimate(plan.with_values({"money.usd_jpy": 171.25}))
    assert after.training == before.training
    assert after.facility is before.facility
    assert after.cost.onprem.total != before.cost.onprem.total or after.cost.cloud.total != before.cost.cloud.total


def test_sources_are_listed_when_asked_for() -> None:
    plan = load_sample("llama3-70b-continual").plans[0]
    first, second = estimate(plan).sources, estimate(plan).sources
    assert first == second
    assert len(first) > 10


def test_the_storage_of_an_unknown_server_follows_the_tokens() -> None:
    """Nothing of racks is known there; the storage is, and it is that of the plan that asks."""
    records = Catalogue.shipped().with_records(
        {
            "servers": {
                "Mine": {
                    "name": "Mine",
                    "model": "Mine",
                    "vendor": "M",
                    "accelerator": "H100-SXM",
                    "accelerators": 8,
                    "rack_units": None,
                }
            }
        }
    )
    plan = load_sample("llama3-70b-continual").plan.with_values({"cluster.server": "Mine"})
    few, many = (
        estimate(plan.with_values({"workload.tokens": tokens}), records).facility.storage["dataset_bytes"].value
        for tokens in (1e11, 3e11)
    )
    assert few is not None
    assert many == 3 * few


# --- every input there is, with what belongs to it


def drawn(rng: random.Random, entry: Input) -> Any:
    """Some value of an input within its bounds, near its standard; ``None`` where it may be left open."""
    if entry.optional and rng.random() < 0.3:
        return None
    if entry.kind == "choice":
        return rng.choice(entry.choices)
    if entry.kind == "switch":
        return rng.random() < 0.5
    if entry.kind == "date":
        return rng.choice((dt.date(2027, 2, 1), dt.date(2027, 9, 1)))
    if entry.kind not in ("number", "whole"):
        return {"cluster.more": [{"server": "DGX-A100", "servers": 2}], "name": "Plan B"}.get(
            entry.path, entry.standard
        )
    low, high = entry.low or 0.0, 1e6 if entry.high is None else entry.high
    near = entry.standard or low + min(high - low, 1000.0) * 0.2
    value = min(max(near * rng.choice((0.5, 0.9, 1.0, 1.5, 2.0)), low), high)
    return round(value) if entry.kind == "whole" else float(value)


def stepped(rng: random.Random, plan: Plan) -> tuple[str, Plan]:
    """A plan with one more thing changed: an input, a replaced figure or a note."""
    way, table = rng.random(), inputs()
    if way < 0.15:
        path = rng.choice(list(OVERRIDES))
        value: Any = rng.choice(
            (None, min(max(rng.choice((0.2, 500.0, 2e9)), OVERRIDES[path].low), OVERRIDES[path].high))
        )
        path = f"overrides.{path}"
    elif way < 0.2:
        path, value = f"notes.{rng.choice(list(table))}", rng.choice((None, "asked"))
    elif way < 0.6:
        path = rng.choice(list(table))
        value = drawn(rng, table[path])
    else:
        path = rng.choice(list(VALUES))
        value = rng.choice(VALUES[path])
    return path, plan.with_values({path: value})


def records() -> tuple[Catalogue, ...]:
    """The shipped records, and those of a project that has its own for the plan's server, accelerator and cooling."""
    shipped = Catalogue.shipped()

    def own(kind: str, key: str, **fields: Any) -> Catalogue:
        return shipped.with_records({kind: {key: shipped.embed(kind, key) | fields}})

    return (
        shipped,
        own("servers", "HPE-XD670", rack_units=6, max_power_kw=9.4),
        own("accelerators", "H100-SXM", tdp_w=650.0, memory_gb=96.0),
        own("cooling", "rear_door", air_cap_kw=25.0),
    )


@pytest.mark.parametrize(("sample", "seed"), [("llama2-7b-sft", 4), ("llama3-70b-continual", 5), ("serve-chat-500", 6)])
def test_a_walk_over_every_input_finds_nothing_stale(sample: str, seed: int) -> None:
    """Inputs, replaced figures, notes, own runs and own records change in turn, and old plans come back beside new records."""
    rng, tables = random.Random(seed), records()
    plan, table = load_sample(sample).plan, tables[0]
    runs: tuple[Correction, ...] = ()
    walk: list[tuple[str, Plan, Catalogue, tuple[Correction, ...], Any]] = []

    def answer(asked: Plan, beside: Catalogue, measured: tuple[Correction, ...]) -> Any:
        try:
            return shown(estimate(asked, beside, measured, today=dt.date(2027, 1, 1)))
        except Refusal:
            return None

    steps = 20 if plan.serving.enabled else 50  # an estimate of serving takes longer
    while len(walk) < steps:
        way, path, moved = rng.random(), "records", plan
        if way < 0.1:
            table = rng.choice(tables)
        elif way < 0.18:
            path, runs = "runs", rng.choice(((), (Correction(tokens_per_s_per_gpu=900.0, inputs=plan),)))
        elif way < 0.25 and walk:
            path, moved = "back", rng.choice(walk)[1]
        else:
            try:
                path, moved = stepped(rng, plan)
            except Refusal:
                continue
        result = answer(moved, table, runs)
        if result is not None:
            plan = moved
            walk.append((path, plan, table, runs, result))
    assert len({path for path, *_ in walk}) > 0.4 * steps
    for path, then, beside, measured, result in rng.sample(walk, 3 * steps // 10):
        forget()
        assert answer(then, beside, measured) == result, path
