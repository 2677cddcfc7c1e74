"""Peak memory whatever the plan: sums, worst stages, and what never needs more."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.peak import COMPONENTS, MemoryOptions, peak_memory
from mitsumori.model.memory.phases import stage_peaks, zero_stages
from tests.model.memory_plans import (
    FULL,
    LLAMA3_70B,
    SELECTIVE,
    per_layer,
    plans,
)


@given(plans())
def test_total_is_the_sum_of_its_parts(plan: Any) -> None:
    batch = peak_memory(*plan)
    parts = [float(getattr(batch, name)) for name in COMPONENTS]
    assert all(part >= 0 for part in parts)
    assert sum(parts) == pytest.approx(float(batch.total_bytes), rel=1e-9)


@given(plans())
def test_batch_looks_at_every_stage_that_can_be_the_worst(plan: Any) -> None:
    arch, layout, options = plan
    stages = stage_peaks(arch, layout, options)
    assert len(stages) == layout.pp
    worst = max(view.bytes for view in stages)
    batch = peak_memory(arch, layout, options)
    assert float(batch.total_bytes) == pytest.approx(worst, rel=1e-9)
    assert stages[int(batch.worst_stage)].bytes == pytest.approx(worst, rel=1e-9)
    for view in stages:
        assert sum(view.parts.values()) == pytest.approx(view.bytes, rel=1e-9)


@given(plans())
def test_stages_hold_all_layers(plan: Any) -> None:
    """Weights of all stages of a pipeline are those of one GPU (tied embeddings and MTP apart)."""
    arch, layout, options = plan
    arch = arch.with_(tied_embeddings=0)
    one = peak_memory(arch, layout.with_(pp=1, vp=1), options)
    stages = stage_peaks(arch, layout, options)
    assert sum(view.parts["weights_bytes"] for view in stages) == pytest.approx(float(one.weights_bytes), rel=1e-9)


@given(plans())
def test_more_zero_never_more_states(plan: Any) -> None:
    """Stage by stage of the pipeline (which of them is the worst may change)."""
    arch, layout, options = plan
    by_zero = [stage_peaks(arch, layout.with_(zero_stage=zero), options) for zero in range(4)]
    for less, more in itertools.pairwise(by_zero):
        for a, b in zip(less, more, strict=True):
            assert sum(b.parts[name] for name in COMPONENTS[:3]) <= sum(a.parts[name] for name in COMPONENTS[:3]) + 1.0


@given(plans())
def test_zero_side_by_side_is_the_same_plan(plan: Any) -> None:
    arch, layout, options = plan
    shown = zero_stages(arch, layout, options)
    for zero, parts in enumerate(shown):
        same = peak_memory(arch, layout.with_(zero_stage=zero), options)
        assert parts["total_bytes"] == pytest.approx(float(same.total_bytes), rel=1e-9)
        assert sum(parts[name] for name in COMPONENTS) == pytest.approx(parts["total_bytes"], rel=1e-9)


def _worst_weights(plan: Any, **changes: int) -> float:
    arch, layout, options = plan
    return max(view.parts["weights_bytes"] for view in stage_peaks(arch, layout.with_(**changes), options))


@given(plans())
def test_more_tensor_ranks_never_more_weights(plan: Any) -> None:
    found = [_worst_weights(plan, tp=t, ep=1) for t in (1, 2, 4, 8)]
    assert all(more <= less for less, more in itertools.pairwise(found))


@given(plans())
def test_more_stages_never_more_weights(plan: Any) -> None:
    arch, layout, options = plan
    plan = (arch.with_(tied_embeddings=0, mtp_layers=0), layout.with_(vp=1), options)
    found = [_worst_weights(plan, pp=p) for p in (1, 2, 4, 8)]
    assert all(more <= less * (1 + 1e-12) for less, more in itertools.pairwise(found))


@given(plans(), st.sampled_from(["micro_batch", "seq_len"]))
def test_longer_and_larger_never_needs_less(plan: Any, field: str) -> None:
    arch, layout, options = plan
    # So many micro-batches that a larger one does not empty the pipeline.
    layout = layout.with_(global_batch=4096, stack_year=2026.0)
    grown = layout.with_(**{field: 2 * getattr(layout, field)})
    before, after = peak_memory(arch, layout, options), peak_memory(arch, grown, options)
    assert float(after.total_bytes) >= float(before.total_bytes)


@given(plans())
def test_recomputation_saves_activations(plan: Any) -> None:
    """Stored between forward and backward, full <= selective <= none (the layer at work is recomputed apart)."""
    arch, layout, options = plan
    for stack in (0, 1):
        kept = [
            per_layer(arch, layout.with_(recompute=r, stack=stack, offload=0, pp=1, vp=1), options)
            for r in (FULL, SELECTIVE, 0)
        ]
        assert kept[0] <= kept[1] * (1 + 1e-9)
        assert kept[1] <= kept[2] * (1 + 1e-9)


@given(st.lists(plans(), min_size=2, max_size=6))
def test_batch_equals_single_plans(batch: Any) -> None:
    """Arrays of plans of different families, shapes and settings give the figures of the plans one by one."""

    def column(index: int, cls: type) -> Any:
        names = cls.__dataclass_fields__  # type: ignore[attr-defined]
        return cls(**{name: np.array([getattr(item[index], name) for item in batch]) for name in names})

    whole = peak_memory(column(0, Architecture), column(1, Parallel), column(2, MemoryOptions))
    for i, plan in enumerate(batch):
        single = peak_memory(*plan)
        for name in (*COMPONENTS, "total_bytes", "interval_fraction"):
            found = np.broadcast_to(getattr(whole, name), (len(batch),))[i]
            assert found == pytest.approx(float(getattr(single, name)), rel=1e-9, abs=1.0), name
        assert int(np.broadcast_to(whole.verdict, (len(batch),))[i]) == int(single.verdict)


def test_axes_of_a_search_broadcast() -> None:
    tp = np.array([1, 2, 4, 8]).reshape(-1, 1, 1)
    pp = np.array([1, 2, 4]).reshape(1, -1, 1)
    b = np.array([1, 2])
    layout = Parallel(gpus=64, tp=tp, sp=1, pp=pp, dp=64 // (tp * pp), micro_batch=b, global_batch=512, zero_stage=1)
    batch = peak_memory(LLAMA3_70B, layout)
    assert batch.total_bytes.shape == (4, 3, 2)
    one = peak_memory(
        LLAMA3_70B, Parallel(gpus=64, tp=4, sp=1, pp=2, dp=8, micro_batch=2, global_batch=512, zero_stage=1)
    )
    assert batch.total_bytes[2, 1, 1] == pytest.approx(float(one.total_bytes), rel=1e-12)
