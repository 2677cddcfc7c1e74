"""Remembered values are those that would be worked out anew: the memo itself, and estimates along random walks of a plan."""

from __future__ import annotations

import datetime as dt
import random
import threading
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from mitsumori.model.base.memo import Memo, Same, forget, remembered
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample


def test_a_value_is_made_once_and_the_least_used_goes_first() -> None:
    made: list[int] = []

    @remembered(2)
    def square(x: int) -> int:
        made.append(x)
        return x * x

    assert [square(3), square(3), square(4), square(3)] == [9, 9, 16, 9]
    assert made == [3, 4]
    square(5)  # 4 is the least used
    assert square(3) == 9
    assert made == [3, 4, 5]
    square(4)
    assert made == [3, 4, 5, 4]


def test_none_is_a_value_and_errors_are_not() -> None:
    made: list[int] = []

    @remembered()
    def odd(x: int) -> None:
        made.append(x)
        if x < 0:
            raise ValueError(x)

    odd(1), odd(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            odd(-1)
    assert made == [1, -1, -1]


def test_large_inputs_are_told_apart_by_identity_and_batches_are_not_kept() -> None:
    made: list[Any] = []

    @remembered(same=("record",))
    def size(record: dict[str, int], scale: Any = 1) -> Any:
        made.append(record)
        return len(record) * scale

    first, second = {"a": 1}, {"a": 1}
    assert size(first) == size(first) == size(record=first) == 1
    assert len(made) == 2  # by place and by name are two keys
    assert size(second) == 1
    assert made[-1] is second
    assert Same(first) != Same(second)
    batch = np.array([1, 2])
    assert list(size(first, batch)) == list(size(first, batch)) == [1, 2]
    assert len(made) == 5


def test_many_threads_ask_at_once() -> None:
    memo: Memo[int] = Memo(8)
    wrong: list[int] = []

    def ask(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(3000):
            x = rng.randrange(20)
            if memo.of(x, lambda x=x: x * x) != x * x:  # type: ignore[misc]
                wrong.append(x)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(memo) <= 8


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
    if is_dataclass(value):
        return {item.name: shown(getattr(value, item.name)) for item in fields(value) if item.compare}
    if hasattr(value, "items"):
        return {key: shown(part) for key, part in value.items()}
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
        "mitsumori.model.estimate.estimate.training_time",
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
    assert len(first) == len(list(first)) > 10
    assert first[0] == next(iter(first))
    assert first[:3] == tuple(first)[:3]
    assert hash(first) == hash(second)
    assert repr(first) == repr(tuple(second))
    assert (first == "sources") is False
