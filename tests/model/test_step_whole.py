"""A step as the sum of its parts, and how it moves with each."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.architecture.parallelism import Parallel
from tests.model.step_plans import (
    DENSE,
    MACHINE,
    MOE,
    ONE,
    PERFECT,
    ideal,
    run,
)

FULL = 2
ALL: dict[str, Any] = {
    "tp_exposed": 0.5, "tp_vanilla": 0.8, "cp_exposed": 0.3, "ep_link": 0.3, "ep_nic": 0.9, "bubble": 0.9, "imbalance": 0.4,
    "pp_exposed": 0.3, "dp_bytes": 1.1, "fsdp_contention": 0.3, "fsdp_hidden": 0.9, "optimizer": 0.85, "scale": 0.003,
    "elementwise": 1.0, "layer_fixed": 1e-4, "hbm_exposed": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    "plan",
    [
        ONE.with_(gpus=64, tp=4, sp=1, pp=2, cp=2, dp=4, ep=4, zero_stage=1, global_batch=64, recompute=FULL),
        ONE.with_(gpus=64, tp=2, sp=1, dp=32, ep=16, zero_stage=3, global_batch=128),
    ],
)
def test_step_is_its_parts(plan: Parallel) -> None:
    """[m x slowest x (1 + bubble) + gathers + gradients + optimizer] x factor + fixed, part by part."""
    found = run(MOE, plan, ideal(step_fixed=0.02, **ALL), gpu=MACHINE)
    m, factor = float(found.micro_batches), float(found.factor)
    assert m == plan.global_batch / plan.dp / plan.micro_batch
    inside = sum(float(x) for x in (found.busy, found.repeat, found.tp_s, found.cp_s, found.ep_s, found.pp_s))
    parts = found.breakdown()
    assert float(parts["compute"]) == pytest.approx(m * float(found.busy) * factor)
    assert float(parts["recompute"]) == pytest.approx(m * float(found.repeat) * factor)
    waiting = m * (float(found.slowest) * (1 + float(found.bubble)) - inside) * factor
    assert float(parts["bubble"]) == pytest.approx(waiting, abs=1e-12)
    kinds = found.communication()
    for name in ("tp", "cp", "ep", "pp"):
        assert float(kinds[name]) == pytest.approx(m * float(getattr(found, f"{name}_s")) * factor, abs=1e-15)
    for name in ("dp", "fsdp"):
        assert float(kinds[name]) == pytest.approx(float(getattr(found, f"{name}_s")) * factor, abs=1e-15)
    assert float(parts["communication"]) == pytest.approx(sum(float(x) for x in kinds.values()))
    assert float(parts["optimizer"]) == pytest.approx(float(found.update_s) * factor)
    assert float(parts["data"]) == pytest.approx(float(found.fixed))
    assert float(found.total_s) == pytest.approx(sum(float(x) for x in parts.values()))
    assert float(found.tokens) == plan.global_batch * plan.seq_len
    assert float(found.gpus) == plan.gpus


@pytest.mark.parametrize(
    "faster", ["hbm_bytes_per_s", "link_bytes_per_s", "nic_bytes_per_s", "bf16_flops", "bf16_matmul"]
)
def test_a_faster_part_never_slows_the_step(faster: str) -> None:
    """... and twice everything is exactly half the time: the model has no scale of its own."""
    plan = ONE.with_(gpus=128, tp=4, sp=1, pp=2, cp=2, dp=8, ep=8, zero_stage=1, global_batch=64)
    c = ideal(**{name: value for name, value in ALL.items() if name != "layer_fixed"})
    before = float(run(MOE, plan, c, gpu=MACHINE).total_s)
    assert float(run(MOE, plan, c, gpu=MACHINE.with_(**{faster: 2 * getattr(MACHINE, faster)})).total_s) < before
    rates = [name for name in MACHINE.__dataclass_fields__ if name.endswith(("flops", "matmul", "bytes_per_s"))]
    doubled = MACHINE.with_(**{name: 2 * getattr(MACHINE, name) for name in rates})
    assert float(run(MOE, plan, c, gpu=doubled).total_s) == pytest.approx(before / 2, rel=1e-9)


def test_twice_the_batch_is_twice_the_work_and_one_optimizer_step() -> None:
    plan = ONE.with_(gpus=8, dp=8, zero_stage=1, global_batch=64)
    c = ideal(optimizer=0.85, step_fixed=0.02, elementwise=1.0)
    once, twice = (run(DENSE, plan.with_(global_batch=n), c, gpu=MACHINE) for n in (64, 128))
    assert float(twice.compute_s) == pytest.approx(2 * float(once.compute_s), rel=1e-12)
    assert float(twice.optimizer_s) == pytest.approx(float(once.optimizer_s), rel=1e-12)
    assert float(twice.data_s) == pytest.approx(float(once.data_s), rel=1e-12)


def test_perfect_networks_cost_nothing() -> None:
    plan = ONE.with_(gpus=128, tp=4, sp=1, pp=2, cp=2, dp=8, ep=8, zero_stage=1, global_batch=64)
    found = run(MOE, plan, ideal(**ALL), gpu=PERFECT)
    assert float(found.communication_s) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("dp", "micro", "batch", "expected"), [(4, 2, 64, 8), (4, 2, 4, 1), (1, 1, 7, 7), (3, 1, 10, 3)]
)
def test_micro_batches_of_a_pipeline(dp: int, micro: int, batch: int, expected: int) -> None:
    """m = global batch / (n b), whole, at least one."""
    plan = Parallel(dp=dp, micro_batch=micro, global_batch=batch, seq_len=1000)
    assert int(plan.micro_batches) == expected
    assert float(plan.tokens_per_step) == batch * 1000


@pytest.mark.parametrize(
    ("tp", "cp", "dp", "ep", "etp", "expected"), [(1, 1, 16, 4, 1, 4), (4, 2, 4, 8, 2, 2), (1, 1, 2, 8, 1, 1)]
)
def test_replicas_of_an_expert(tp: int, cp: int, dp: int, ep: int, etp: int, expected: int) -> None:
    """t c n / (e etp), at least one."""
    assert int(Parallel(tp=tp, cp=cp, dp=dp, ep=ep, etp=etp).expert_dp) == expected
