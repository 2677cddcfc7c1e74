"""The user's own figures in place of predicted ones: what follows from them follows, and both ends are refused alike."""

from __future__ import annotations

from typing import Any

import pytest

from mitsumori.model.base.refusal import PlanError
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.memory.peak import peak_memory
from mitsumori.model.memory.results import MemoryResult
from mitsumori.model.memory.terms import memory_terms, replaceable
from mitsumori.model.plan.overrides import OVERRIDES, accepted
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample, parse_project, sample_names
from mitsumori.model.study.training_table import training_table

BASE = load_sample("llama3-70b-continual").plans[0]


def at(changes: dict[str, Any], base: Plan = BASE) -> Estimate:
    return estimate(base.with_values({f"overrides.{path}": value for path, value in changes.items()}))


@pytest.mark.parametrize("sample", sample_names())
def test_states_are_their_terms(sample: str) -> None:
    """Parameters x bytes / GPUs that share them is what the program reports, under every ZeRO stage."""
    memory = estimate(load_sample(sample).plans[0]).memory
    terms = memory.terms
    assert terms is not None
    for stage, (zero, parts) in enumerate(zip(terms.zero, memory.zero, strict=True)):
        for start, name, rate in (
            (3, "weights", "weight"),
            (2, "gradients", "gradient"),
            (1, "optimizer", "optimizer"),
        ):
            held = sum(
                count * getattr(sort, f"{rate}_bytes") / (sort.group if stage >= start else 1)
                for count, sort in zip(zero.parameters, terms.sorts, strict=True)
            )
            assert parts[f"{name}_bytes"] == pytest.approx(held, abs=1.0, rel=1e-9)
        saved, buffers = parts["activations_bytes"], parts["buffers_bytes"]
        assert parts["reserve_bytes"] == pytest.approx(
            terms.context_bytes + terms.fragmentation * (saved + buffers), rel=1e-9
        )
    assert terms.zero[terms.zero_stage].worst_stage == memory.worst_stage


@pytest.mark.parametrize("sample", sample_names())
def test_entering_what_is_predicted_changes_nothing(sample: str) -> None:
    plan = load_sample(sample).plans[0]
    before = estimate(plan)
    after = at(
        {**replaceable(before.memory), **{k: v for k, v in before.predicted.values.items() if "breakdown" in k}}, plan
    )
    for name, figure in before.memory.per_gpu.items():
        assert after.memory.per_gpu[name].value == pytest.approx(figure.value, rel=1e-9)
    for old, new in zip(before.memory.steps, after.memory.steps, strict=True):
        assert new.parts == pytest.approx(dict(old.parts), rel=1e-9)
    for left, right in zip(before.memory.zero, after.memory.zero, strict=True):
        assert right == pytest.approx(dict(left), rel=1e-9)
    assert after.training.days.value == pytest.approx(before.training.days.value, rel=1e-9)
    assert after.memory.verdict == before.memory.verdict


def part(memory: MemoryResult, name: str) -> float:
    value = memory.per_gpu[f"{name}_bytes"].value
    assert value is not None
    return value


def test_measured_activations_move_reserve_total_and_verdict() -> None:
    before, after = estimate(BASE).memory, at({"memory.per_gpu.activations_bytes": 60e9}).memory
    assert part(after, "activations") == 60e9
    assert part(after, "weights") == part(before, "weights")
    grown = 60e9 - part(before, "activations")
    assert part(after, "reserve") == pytest.approx(part(before, "reserve") + 0.02 * grown)
    assert part(after, "total") == pytest.approx(part(before, "total") + 1.02 * grown)
    assert (before.verdict, after.verdict) == ("fits", "no")
    assert after.per_gpu["activations_bytes"].provenance is not None
    assert after.per_gpu["activations_bytes"].provenance.kind == "user"
    own = estimate(BASE).memory.terms
    assert own is not None
    assert after.zero[own.zero_stage]["total_bytes"] == pytest.approx(part(after, "total"))
    assert {item.code for item in at({"memory.per_gpu.activations_bytes": 60e9}).findings} >= {
        "memory_overridden",
        "memory_no",
    }


def test_seconds_of_a_part_change_the_speed_and_everything_after_it() -> None:
    before, after = estimate(BASE), at({"training.breakdown_s.communication": 20.0})
    grown = 20.0 - (before.training.breakdown_s["communication"].value or 0.0)
    old, new = before.training.step_time_s.value, after.training.step_time_s.value
    assert old is not None
    assert new == pytest.approx(old + grown)
    assert after.training.breakdown_s["communication"].value == pytest.approx(20.0)
    assert after.training.days.value == pytest.approx((before.training.days.value or 0.0) * (old + grown) / old)
    assert "training_step_overridden" in {item.code for item in after.findings}
    both = at({"training.breakdown_s.communication": 20.0, "training.tokens_per_s_per_gpu": 800.0}).training
    assert both.tokens_per_s_per_gpu.value == pytest.approx(800.0)
    assert sum(f.value or 0.0 for f in both.breakdown_s.values()) == pytest.approx(
        (both.step_time_s.value or 0.0) / (both.goodput.value or 1.0)
    )


def test_ends_of_the_interval_never_pass_the_speed() -> None:
    speed = estimate(BASE).training.tokens_per_s_per_gpu
    inside = at({"training.tokens_per_s_per_gpu_low": 700.0, "training.tokens_per_s_per_gpu_high": 2000.0}).training
    assert (inside.tokens_per_s_per_gpu.low, inside.tokens_per_s_per_gpu.high) == (
        pytest.approx(700.0),
        pytest.approx(2000.0),
    )
    assert inside.tokens_per_s_per_gpu.value == speed.value
    assert inside.days.high == pytest.approx((inside.days.value or 0.0) * (speed.value or 0.0) / 700.0)
    beyond = at({"training.tokens_per_s_per_gpu_low": 5000.0}).training.tokens_per_s_per_gpu
    assert beyond.low == beyond.value


def test_rented_speed_changes_the_cloud_only() -> None:
    before, after = estimate(BASE).cost, at({"cost.cloud_speed": 2.0}).cost
    assert (after.cloud.lines["compute"].value or 0.0) == pytest.approx(
        (before.cloud.lines["compute"].value or 0.0) / 2.0
    )
    assert after.onprem.total.value == before.onprem.total.value


def test_a_cell_of_the_table() -> None:
    table = training_table(BASE)
    row, item = table.rows[0], table.rows[0].cells[0]
    assert item.mfu is not None
    assert item.days is not None
    halved = training_table(BASE.with_values({f"overrides.table.{row.model}.{item.servers}.mfu": item.mfu / 2.0}))
    assert halved.rows[0].cells[0].days == pytest.approx(item.days * 2.0, rel=1e-9)
    assert halved.rows[0].cells[0].predicted_speed == item.predicted_speed
    assert halved.rows[0].cells[1:] == row.cells[1:]
    small = BASE.with_values({"table.models": ("deepseek-v3",), "table.servers": (1, 64)})
    too_small = next((r, c) for r in training_table(small).rows for c in r.cells if not c.fits)
    path = f"overrides.table.{too_small[0].model}.{too_small[1].servers}.mfu"
    entered = training_table(small.with_values({path: 0.4}))
    found = next(
        c for r in entered.rows for c in r.cells if r.model == too_small[0].model and c.servers == too_small[1].servers
    )
    assert found.days is not None
    assert not found.fits


@pytest.mark.parametrize("path", [*OVERRIDES, "table.llama3-8b.4.mfu"])
def test_what_is_accepted(path: str) -> None:
    known = accepted(path)
    assert known is not None
    for value in (known.low, known.high):
        assert BASE.with_values({f"overrides.{path}": value}).overrides[path] == value
    for value in (known.low - 1.0, known.high * 1.01):
        with pytest.raises(PlanError, match="must lie between"):
            BASE.with_values({f"overrides.{path}": value})


@pytest.mark.parametrize(
    "path", ["nonsense", "training.days", "training.tokens_per_s_per_gpu ", "table.llama3-8b.4.days"]
)
def test_a_figure_that_is_not_predicted_cannot_be_replaced(path: str) -> None:
    with pytest.raises(PlanError) as refused:
        BASE.with_values({f"overrides.{path}": 1.0})
    assert str(refused.value).count("\n") == 0
    assert "predicts no such figure" in str(refused.value)
    assert BASE.with_values({f"overrides.{path}": None}) == BASE


def test_a_file_with_such_an_entry_opens_says_so_and_is_mended_with_one_click() -> None:
    idle = {f"old.figure_{i}": 1.0 for i in range(5)}
    project = Project(
        plans=(Plan.from_dict({**BASE.to_dict(), "overrides": {"memory.per_gpu.buffers_bytes": 1e9, **idle}}),)
    )
    plan = parse_project(project.to_bytes(), "older").plan
    result = estimate(plan)
    (finding,) = [item for item in result.findings if item.code == "override_unknown"]
    for language in ("en", "ja"):
        assert "old.figure_0" in finding.message(language)
        assert len(finding.message(language)) < 200
    mended = plan.with_values(dict(finding.remedies[0].set))
    assert mended.overrides == {"memory.per_gpu.buffers_bytes": 1e9}
    again = estimate(mended)
    assert not [item for item in again.findings if item.code == "override_unknown"]
    assert again.training == result.training
    assert again.memory == result.memory


def test_terms_follow_the_layout() -> None:
    """A stage that is worst only under some ZeRO stage brings its own parameters."""
    from mitsumori.model.catalogue.accelerators import gpu_of
    from mitsumori.model.plan.fixed_layout import fixed_layout
    from mitsumori.model.plan.resolve import resolve
    from mitsumori.model.training.stages import memory_options

    plan = BASE.with_values({"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 8, "parallel.zero_stage": 1})
    resolved = resolve(plan)
    layout = fixed_layout(resolved)
    options = memory_options(resolved, gpu_of(resolved.accelerator, resolved.server), layout)
    terms = memory_terms(resolved.architecture, layout, options)
    for stage, zero in enumerate(terms.zero):
        assert zero.worst_stage == int(
            peak_memory(resolved.architecture, layout.with_(zero_stage=stage), options).worst_stage
        )
