"""The one way in: every input moves what depends on it and nothing else, impossible plans are findings, unknown stays unknown."""

import json
from collections.abc import Mapping
from typing import get_args

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan, Stage
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.report.json_document import to_json

BASE = load_sample("llama3-70b-continual").plan
GROUPS = {
    "memory": "memory.per_gpu.total_bytes",
    "speed": "training.tokens_per_s_per_gpu",
    "days": "training.days",
    "racks": "facility.racks",
    "kva": "facility.kva_per_rack",
    "pue": "facility.pue",
    "energy": "facility.kwh_per_year",
    "it": "facility.it_kw",
    "cloud": "cost.cloud.total",
    "onprem": "cost.onprem.total",
    "even": "cost.break_even_month",
}

MOVES = [
    # input, new value, what must change, what must not
    ("workload.tokens", 2e11, {"days"}, {"memory", "speed", "racks", "kva", "it"}),
    ("workload.stage", "lora", {"memory", "speed", "days"}, {"racks", "kva", "it"}),
    ("model.preset", "llama3-8b", {"memory", "speed", "days"}, {"racks", "kva"}),
    ("model.params", 35e9, {"memory", "speed", "days"}, {"racks", "kva"}),
    ("parallel.seq_len", 16384, {"memory", "speed", "days"}, {"racks", "kva", "it"}),
    ("cluster.servers", 16, {"days", "racks", "it", "cloud", "onprem"}, {"pue"}),
    ("cluster.server", "DGX-B200", {"memory", "speed", "days", "kva", "it", "onprem"}, set()),
    ("parallel.precision", "fp8", {"speed", "days"}, {"racks", "kva", "it"}),
    ("parallel.tuning", "tuned", {"speed", "days", "memory"}, {"racks", "kva", "it"}),
    ("facility.cooling", "rear_door_cold_plate", {"pue", "energy"}, {"memory", "speed", "days", "cloud"}),
    ("facility.rack_kva", 60.0, set(), {"memory", "speed", "days", "it", "cloud"}),
    ("facility.rack_kva", 14.0, {"racks", "kva"}, {"memory", "speed", "days", "it", "cloud"}),
    ("facility.power_basis", "measured", {"kva", "it"}, {"memory", "speed", "days", "cloud"}),
    ("facility.pue", 1.6, {"pue", "energy", "onprem"}, {"memory", "speed", "days", "racks", "kva", "it", "cloud"}),
    ("money.electricity_jpy_per_kwh", 40.0, {"onprem", "even"}, {"memory", "days", "racks", "energy", "cloud"}),
    ("money.usd_jpy", 120.0, {"cloud", "even"}, {"memory", "days", "racks", "energy"}),
    ("money.horizon_months", 36, {"cloud", "onprem"}, {"memory", "days", "racks", "energy", "even"}),
    ("money.cloud.price_per_hour", 30.0, {"cloud", "even"}, {"memory", "days", "racks", "energy", "onprem"}),
    ("money.onprem.server_price", 60e6, {"onprem", "even"}, {"memory", "days", "racks", "energy", "cloud"}),
    ("money.onprem.discount", 0.3, {"onprem", "even"}, {"memory", "days", "racks", "energy", "cloud"}),
    ("network.checkpoint_stall_s", 600.0, {"days"}, {"memory", "speed", "racks", "kva"}),
]


def values(result: Estimate) -> dict[str, float | None]:
    found = {}
    for name, path in GROUPS.items():
        node = result
        for part in path.split("."):
            node = node[part] if isinstance(node, Mapping) else getattr(node, part)
        found[name] = node.value
    return found


@pytest.fixture(scope="module")
def base():
    return values(estimate(BASE))


@pytest.mark.parametrize(("path", "value", "moves", "stays"), MOVES, ids=[f"{m[0]}={m[1]}" for m in MOVES])
def test_every_input_moves_what_depends_on_it_and_nothing_else(base, path, value, moves, stays):
    changed = values(estimate(BASE.with_values({path: value})))
    for name in moves:
        assert changed[name] != base[name], f"{path} must move {name}"
    for name in stays:
        assert changed[name] == pytest.approx(base[name], rel=1e-12), f"{path} must not move {name}"


@pytest.mark.parametrize("name", sample_names())
def test_the_same_plan_gives_the_same_numbers(name):
    plan = load_sample(name).plan
    assert to_json(estimate(plan), plan) == to_json(estimate(plan), plan)


def test_it_gives_way_between_its_parts_and_leaves_where_it_is_told_to():
    plan = load_sample("llama2-7b-sft").plan
    asked = []
    assert to_json(estimate(plan, between=lambda: asked.append(1)), plan) == to_json(estimate(plan), plan)
    assert len(asked) >= 4

    def leave():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        estimate(plan, between=leave)


def test_a_training_that_does_not_fit_is_a_finding_whose_remedies_work():
    plan = BASE.with_values({"cluster.servers": 1, "model.preset": "llama3.1-405b"})
    result = estimate(plan)
    assert result.memory.verdict == "no"
    bad = next(item for item in result.findings if item.code == "memory_no")
    assert bad.severity == "bad"
    assert bad.remedies
    assert [item.recommended for item in bad.remedies].count(True) == 1
    for remedy in bad.remedies:
        assert estimate(plan.with_values(dict(remedy.set))).memory.verdict != "no", remedy.code


def test_an_unknown_price_is_unknown_and_asked_for():
    """Azure Japan East has no published price: the cloud total is unknown, not zero and not the US price."""
    plan = load_sample("llama3-70b-continual").plans[1]
    result = estimate(plan)
    assert result.cost.cloud.total.value is None
    assert result.cost.break_even_month.value is None
    assert "money.cloud.price_per_hour" in result.cost.missing
    asked = [item for item in result.findings if item.severity == "ask"]
    assert any(item.field == "money.cloud.price_per_hour" for item in asked)
    assert result.cost.onprem.total.value is not None


def test_an_override_replaces_the_prediction_and_says_so():
    plan = BASE.with_values({"overrides.training.tokens_per_s_per_gpu": 1000.0})
    result = estimate(plan)
    speed = result.training.tokens_per_s_per_gpu
    assert speed.value == pytest.approx(1000.0, rel=1e-9)
    assert speed.provenance.kind == "user"
    assert any(item.code == "training_overridden" for item in result.findings)
    days = plan.workload.tokens / (1000.0 * 64) / 86400 / result.training.goodput.value
    assert result.training.days.value == pytest.approx(days, rel=1e-9)


def test_step_parts_add_up_to_the_calendar_time_of_a_step():
    result = estimate(BASE).training
    parts = sum(figure.value for figure in result.breakdown_s.values())
    assert parts == pytest.approx(result.step_time_s.value / result.goodput.value, rel=1e-9)


@pytest.mark.parametrize("stage", ["pretrain", "continual", "sft", "lora", "qlora", "dpo", "ppo", "grpo", "datagen"])
def test_every_stage_gives_days(stage):
    plan = BASE.with_values({"workload.stage": stage, "workload.tokens": 1e9, "cluster.servers": 16})
    assert estimate(plan).training.days.value > 0


def test_stages_cost_what_they_add():
    """LoRA beats full tuning, preference tuning and rollouts cost more per token than SFT."""

    def speed(stage):
        plan = BASE.with_values({"workload.stage": stage, "cluster.servers": 32})
        return estimate(plan).training.tokens_per_s_per_gpu.value

    assert speed("lora") > speed("sft") > speed("dpo") > speed("ppo")
    assert speed("grpo") > speed("ppo")


@pytest.mark.parametrize("name", sample_names())
def test_the_stages_of_a_pipeline_are_all_there_and_the_heaviest_is_the_peak(name):
    """MT-NLG has 35 stages: what is behind a peak is worked out when it is looked at, whatever the number."""
    result = estimate(load_sample(name).plan)
    memory, pp = result.memory, result.training.parallel["pp"]
    totals = [sum(parts.values()) for parts in memory.stages]
    assert len(totals) == pp
    assert max(totals) == pytest.approx(memory.per_gpu["total_bytes"].value, rel=1e-9)
    assert totals[memory.worst_stage] == pytest.approx(max(totals), rel=1e-9)


def test_every_figure_has_a_parent_or_a_reason():
    result = estimate(BASE)
    figures = [
        *result.memory.per_gpu.values(),
        result.training.days,
        result.training.mfu,
        *result.cost.onprem.lines.values(),
    ]
    figures += [
        getattr(result.facility, name) for name in ("racks", "kva_per_rack", "facility_kw", "pue", "kwh_per_year")
    ]
    for figure in figures:
        assert figure.provenance is not None or figure.reason


@pytest.mark.parametrize(
    ("preset", "tokens", "code", "times"),
    [("llama3-70b", 100e9, "training_data_short", None), ("llama3-8b", 15e12, "training_data_long", "93"),
     ("llama3-8b", 160e9, None, None)],
)  # fmt: skip
def test_tokens_far_from_compute_optimal_are_told_on_both_sides(preset, tokens, code, times):
    """20 tokens a parameter (Hoffmann et al., arXiv 2203.15556): Llama 3 8B on 15T is 93 times that."""
    plan = Plan.from_dict({"model": {"preset": preset}, "workload": {"tokens": tokens}, "cluster": {"servers": 8}})
    found = {item.code: item for item in estimate(plan).findings if item.code.startswith("training_data")}
    assert list(found) == ([] if code is None else [code])
    if times:
        assert str(found[code].params["times"]).startswith(times)
        assert times in found[code].message("en")


def test_a_remedy_that_a_layout_by_hand_does_not_divide_is_not_offered():
    values = {"tp": 1, "pp": 24, "cp": 1, "vp": 1, "ep": 1, "micro_batch": 1, "global_batch": 1024, "auto": False}
    plan = load_sample("bloom-176b").plan.with_values({f"parallel.{name}": value for name, value in values.items()})
    plan = plan.with_values({"facility.hall_cooling_kw_free": 16.0})
    hall = next(item for item in estimate(plan).findings if item.code == "facility_hall_cooling")
    assert [dict(item.set) for item in hall.remedies] == [
        {"facility.hall_cooling_kw_free": hall.remedies[-1].set["facility.hall_cooling_kw_free"]}
    ]
    free = estimate(plan.with_values({"parallel.auto": True}))
    hall = next(item for item in free.findings if item.code == "facility_hall_cooling")
    assert any("cluster.servers" in item.set for item in hall.remedies), (
        "a layout of the program's own follows the cluster"
    )


@pytest.mark.parametrize("stage", get_args(Stage))
@pytest.mark.parametrize("served", [False, True])
def test_the_document_of_every_stage_is_plain_data(stage: str, served: bool) -> None:
    """A part of a stage's own (where its answers are generated) is written out like the rest."""
    plan = load_sample("llama2-7b-sft").plan.with_values({"workload.stage": stage, "serving.enabled": served})
    for lists in (True, False):
        document = to_json(estimate(plan), plan, lists)
        assert json.loads(json.dumps(document, allow_nan=False)) == document
