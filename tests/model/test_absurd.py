"""No impossible figure leaves the core, and no layout is shown that the same program would refuse by hand."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from functools import cache

import pytest

from mitsumori.model import cli
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.batch import nearest
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.project import open_plan, sample_names
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.search.candidates import at_nearest_batch
from mitsumori.model.study.goal import Question
from mitsumori.model.study.ranking import advise
from tests.layout_by_hand import by_hand

TRAININGS = [name for name in sample_names() if not name.startswith("serve-")]
"""Samples that ask for a training; the others ask how many users a cluster carries."""

COUNTS = (*range(1, 257, 15), 41, 127, 1000, 4096)


@cache
def sample(name: str) -> Plan:
    return open_plan(name).plan


@pytest.mark.parametrize("name", TRAININGS)
def test_the_shown_layout_passes_the_validator_on_every_number_of_servers(name: str) -> None:
    for servers in COUNTS:
        plan = sample(name).with_values({"cluster.servers": servers, "parallel.auto": True})
        result = estimate(plan)
        shown, training = result.training.parallel, result.training
        assert resolve(by_hand(plan, shown)).plan.parallel.tp == shown["tp"]
        assert shown["dp"] * shown["micro_batch"] <= shown["global_batch"], servers
        assert (training.step_time_s.value or 0) > 0 and (training.days.value or 0) > 0
        assert (result.memory.per_gpu["total_bytes"].value or 0) > 0
        asked = plan.parallel.global_batch
        said = [f for f in result.findings if f.code == "training_batch_indivisible"]
        assert bool(said) == (asked is not None and shown["global_batch"] != asked), servers
        for remedy in (r for finding in said for r in finding.remedies):
            mended = estimate(plan.with_values(dict(remedy.set)))
            assert not [f for f in mended.findings if "indivisible" in f.code], remedy


def test_the_nearest_batch_and_count() -> None:
    plan = sample("llama2-7b-sft").with_values({"cluster.servers": 41})
    found = nearest(resolve(plan))
    assert (found.batch, found.servers) == (123, 40)
    assert nearest(at_nearest_batch(resolve(plan))).batch == 123


def test_a_count_below_one_layer_of_the_shape_is_refused() -> None:
    plan = sample("llama2-7b-sft").with_values({"model.preset": "kimi-k2"})
    with pytest.raises(PlanError, match=r"model\.params"):
        estimate(plan.with_values({"model.params": 1.6e9}))


@pytest.mark.parametrize("preset", ["kimi-k2", "deepseek-v3", "llama3-8b", "mixtral-8x7b"])
def test_every_count_gives_sound_figures_or_one_sentence(preset: str) -> None:
    seen = 0
    for exponent in range(10, 31):
        plan = sample("llama2-7b-sft").with_values({"model.preset": preset, "model.params": 10.0 ** (exponent / 2)})
        try:
            result = estimate(plan)
        except PlanError as error:
            assert error.problems[0].field == "model.params"
            continue
        seen += 1
        assert (result.training.days.value or 0) > 0 and (result.memory.per_gpu["total_bytes"].value or 0) > 0
    assert seen > 5


@pytest.mark.parametrize("params", [1e5, 3e5, 1e6, 2e6, 5e6, 1e7, 1e15])
def test_a_bare_count_makes_a_shape_of_that_count(params: float) -> None:
    plan = Plan.from_dict({"model": {"params": params}})
    assert 0.5 < resolve(plan).params_scale < 2.0
    assert (estimate(plan).training.days.value or 0) > 0


@pytest.mark.parametrize("stage", ["ppo", "grpo", "datagen"])
def test_advise_prints_json_where_nothing_fits(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    changes = (f"workload.stage={stage}", "cluster.servers=1", "model.preset=kimi-k2")
    assert cli.main(["advise", "llama3-70b-continual", "--json", *(x for c in changes for x in ("--set", c))]) == 0
    document = json.loads(capsys.readouterr().out)
    assert not document["plans"] and document["least_memory"]["days"] is None


def test_storage_is_bounded() -> None:
    result = estimate(sample("llama3-70b-continual").with_values({"network.checkpoint_stall_s": 1e-9}))
    found = [f for f in result.findings if f.code == "network_storage_too_many"]
    assert [f.field for f in found] == ["network.checkpoint_stall_s"]
    assert (result.facility.support_racks.value or 0) < 1000


def buckets_bytes(servers: int, stack: str) -> tuple[float, float]:
    """What ZeRO-2 adds to the buffers of a 7 B model on one stage, and its parameters."""
    plan = sample("llama2-7b-sft").with_values(
        {
            "parallel.auto": False,
            "parallel.stack": stack,
            "cluster.servers": servers,
            "parallel.global_batch": servers * 8,
        }
    )
    held = [
        estimate(plan.with_values({"parallel.zero_stage": zero})).memory.per_gpu["buffers_bytes"].value or 0.0
        for zero in (1, 2)
    ]
    return held[1] - held[0], resolve(plan).parameters


def test_buckets_follow_the_software_and_never_exceed_the_gradients_of_the_rank() -> None:
    for servers in (1, 4, 1000, 4000):
        added, parameters = buckets_bytes(servers, "megatron")
        assert added == pytest.approx(4.0 * min(parameters, 2.0 * max(40e6, 8e6 * servers)))
        # DeepSpeed's buckets are there from ZeRO-1; 2 keeps the whole gradients, 1 in bf16 sums them in fp32 beside them.
        added, parameters = buckets_bytes(servers, "deepspeed")
        assert added == pytest.approx(2.0 * parameters * (1.0 - 1.0 / (8 * servers)) - 4.0 * parameters, rel=1e-6)
        assert buckets_bytes(servers, "other")[0] == pytest.approx(2.0 * 4.0 * 40e6)


def test_a_figure_that_is_not_finite_is_refused_in_one_sentence() -> None:
    from mitsumori.model.base.figure import Figure
    from mitsumori.model.estimate import estimate as module

    plan = Plan().with_values({"workload.tokens": 1e16})
    result = estimate(Plan())
    broken = replace(result, training=replace(result.training, days=Figure(-13.8, "days")))
    with pytest.raises(PlanError, match=r"workload\.tokens.*days would be -13\.8"):
        module.checked(plan, broken)


@pytest.mark.parametrize("stack", ["megatron", "torchtitan", "llm-foundry", "deepspeed", "jax", "other"])
def test_every_stack_has_a_layout_for_every_batch(stack: str) -> None:
    for servers in (1, 41, 127):
        for batch in (1, 7, 128):
            plan = sample("llama2-7b-sft").with_values(
                {"cluster.servers": servers, "parallel.stack": stack, "parallel.global_batch": batch}
            )
            shown = estimate(plan).training.parallel
            assert shown["global_batch"] % (shown["dp"] * shown["micro_batch"]) == 0, (servers, batch)


def test_a_not_finite_figure_is_one_sentence_about_a_field(monkeypatch: pytest.MonkeyPatch) -> None:
    from mitsumori.model.base.figure import Figure
    from mitsumori.model.estimate import estimate as module

    monkeypatch.setattr(module, "cost", lambda *_: Figure(float("inf")))
    with pytest.raises(PlanError, match=r"money\.usd_jpy=999.*would not be finite"):
        module.estimate(Plan().with_values({"money.usd_jpy": 999.0}))


def test_cost_lines_and_the_details_of_the_hall_are_checked_too() -> None:
    from mitsumori.model.base.figure import Figure
    from mitsumori.model.estimate import estimate as module

    plan = sample("llama2-7b-sft")
    result = estimate(plan)
    name = next(iter(result.facility.details))
    hall = replace(result.facility, details={**result.facility.details, name: Figure(-1.0)})
    owned = replace(result.cost.onprem, lines={**result.cost.onprem.lines, "staff": Figure(-1.0)})
    money = replace(result.cost, onprem=owned)
    for broken in (replace(result, facility=hall), replace(result, cost=money)):
        with pytest.raises(PlanError, match="which cannot be"):
            module.checked(plan, broken)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_plain_figures_of_tables_and_rankings_are_checked(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    from mitsumori.model.study import ranking, training_table

    class Slow:
        tokens_per_s_per_gpu, goodput, days, mfu, s_per_token, tokens_per_step, accelerators = (
            9.0,
            0.9,
            value,
            0.4,
            1e-9,
            1e6,
            8,
        )

    for module, run in ((training_table, training_table.cell), (ranking, ranking.advise)):
        monkeypatch.setattr(module, "training_time", lambda *_: Slow)
        with pytest.raises(PlanError, match="which cannot be"):
            run(sample("llama2-7b-sft"))


def test_goal_seek_names_only_counts_that_divide_the_batch() -> None:
    from mitsumori.model.study.goal_seek import goal_seek

    plan = sample("llama2-7b-sft")
    for days in (0.02, 0.03, 0.05, 0.1, 0.5):
        answer = goal_seek(plan, Question(days=days, relax=False))
        for shown in (answer.measured, answer.neighbour):
            if shown is not None:
                assert not [f for f in shown.estimate.findings if "indivisible" in f.code], shown.plan.cluster.servers


def test_advise_says_that_it_changed_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    for language, words in (("en", "cannot divide the batch of 128"), ("ja", "バッチサイズ 128")):
        arguments = ["advise", "llama2-7b-sft", "--set", "cluster.servers=41", "--set", f"language={language}"]
        assert cli.main(arguments) == 0
        assert words in capsys.readouterr().out
        assert cli.main([*arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["batch_changed"] == {"used": 123, "asked": 128}
    assert cli.main(["advise", "llama2-7b-sft", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["batch_changed"] is None


def test_no_remedy_asks_for_what_the_field_refuses() -> None:
    plan = sample("mt-nlg-530b").with_values({"facility.rack_weight_limit_kg": 1e-9, "facility.rack_tare_kg": 1e18})
    for remedy in (remedy for finding in estimate(plan).findings for remedy in finding.remedies):
        plan.with_values(dict(remedy.set))


def test_the_standard_batch_is_one_that_the_field_takes() -> None:
    plan = Plan().with_values({"parallel.seq_len": 16, "cluster.servers": 100_000, "workload.tokens": 1e16})
    shown = estimate(plan).training.parallel
    assert resolve(by_hand(plan, shown)).global_batch == shown["global_batch"]


def test_a_remedy_that_counts_as_zero_is_none() -> None:
    from mitsumori.model.plan.inputs import within

    assert not within("facility.rack_kva", 5e-101)
    assert within("facility.rack_kva", 1e-9) and within("facility.air_limit_kw", 5e-101)
    assert not within("parallel.tp", 4097) and within("parallel.auto", True) and within("model.preset", "x")


def test_every_size_that_is_tried_can_be_typed_in() -> None:
    from mitsumori.model.catalogue.accelerators import gpu_of
    from mitsumori.model.search.candidates import auto_space, full_space

    shape = {"layers": 10_000, "hidden": 65_536, "ffn": 65_536, "heads": 65_536, "vocab": 1000}
    resolved = resolve(
        Plan().with_values({"model": {"architecture": shape}, "cluster.servers": 8192, "parallel.seq_len": 2**24})
    )
    for space in (full_space(resolved), auto_space(resolved, gpu_of(resolved.accelerator, resolved.server))):
        for name, most in (("tp", 4096), ("pp", 4096), ("cp", 4096), ("ep", 4096), ("vp", 256)):
            assert max(getattr(space, name)) <= most, name


def test_a_rebate_that_makes_energy_cost_less_than_nothing_is_refused_by_its_name() -> None:
    """Of a colocation with its power included too, whose own hall is shown beside it."""
    plan = sample("hall-30kva").with_values(
        {"money.electricity_jpy_per_kwh": 20.0, "money.fuel_adjustment_jpy_per_kwh": -50.0}
    )
    for site in ("own_hall", "colocation"):
        changes = {"money.onprem.site": site, "money.onprem.power_included_in_rent": True}
        with pytest.raises(PlanError, match=r"money\.fuel_adjustment_jpy_per_kwh=-50\.0 .* at least -20"):
            estimate(plan.with_values(changes))
    assert (
        estimate(plan.with_values({"money.fuel_adjustment_jpy_per_kwh": -20.0})).cost.onprem.lines["electricity"].value
        >= 0
    )


@pytest.mark.parametrize("stage", ["ppo", "grpo"])
@pytest.mark.parametrize("servers", [1, 7, 31, 100])
def test_a_training_by_answers_has_a_layout_however_few_sequences_they_fill(stage: str, servers: int) -> None:
    """On 31 servers no split of the cluster leaves as few replicas as there are whole sequences."""
    plan = Plan().with_values({
        "workload.stage": stage, "workload.response_len": 16_245, "parallel.seq_len": 35_877,
        "cluster.server": "Dell-XE7745", "cluster.servers": servers, "model.preset": None,
        "model.architecture": {"layers": 1, "hidden": 128, "ffn": 512, "heads": 18, "head_dim": 64, "vocab": 1000},
    })  # fmt: skip
    by_hand(plan, estimate(plan).training.parallel)


def test_servers_that_draw_nothing_beside_what_stands_with_them_are_no_division_by_zero() -> None:
    more = [
        {"server": "HPE-DL380-Gen11"}, {"server": "HPE-DL380-Gen11", "servers": 7, "role": "other"},
        {"server": "DGX-A100"}, {"server": "CPU-1U"},
    ]  # fmt: skip
    result = estimate(sample("hall-30kva").with_values({
        "cluster.server": "DGX-GB200-NVL72", "cluster.more": more, "facility.power_basis": "capped",
        "facility.cap_fraction": 1e-100, "facility.hall_cooling_kw_free": 2e-4, "facility.other_power_share": 1.0,
    }))  # fmt: skip
    assert "facility_hall_cooling" in {item.code for item in result.findings}


def test_one_accelerator_of_a_mesh_is_in_no_group_of_the_mesh() -> None:
    """Groups across servers go over the network, whose time is finite."""
    plan = sample("mt-nlg-530b").with_values({
        "cluster.server": "Cisco-C885A-M8", "cluster.accelerator": "MI300X", "cluster.accelerators_per_server": 1,
        "cluster.servers": 800, "parallel.auto": False, "parallel.tp": 8, "parallel.pp": 25, "parallel.global_batch": 400,
    })  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimate(plan).training.days.value is not None


def test_what_is_left_of_two_equal_sums_is_nothing() -> None:
    """Prepaid months and energy are differences: of large sums their rounding was a figure below zero."""
    plan = sample("bloom-176b").with_values({
        "facility.server_max_kw": 1243384947.5431838, "facility.server_idle_kw": 5484.577957072489,
        "money.horizon_months": 54, "money.utilization": 5.076852868600535e-05,
        "money.demand_charge_jpy_per_kw_month": 1e18, "money.electricity_escalation": 0.001,
        "money.onprem.works_months": 21.990075106010348, "money.onprem.installation_days": 365.0,
        "cluster.server": "Gigabyte-G494-SB0-AAP2",
    })  # fmt: skip
    assert estimate(plan).cost.onprem.details["electricity_energy"].value == 0.0
    plan = sample("llama3-70b-continual").with_values({
        "money.horizon_months": 12, "money.corporate_tax_rate": 0.97, "money.cloud.term": "reserved_1y",
        "money.cloud.currency": "JPY", "money.cloud.reserved_1y_per_hour": 625735945361144.8,
        "money.cloud.storage_gb": 1000.0, "money.cloud.storage_per_gb_month": 1e18, "money.cloud.support_rate": 0.1,
        "money.cloud.upfront_share": 1e-08, "money.onprem.interim_cloud": True,
    })  # fmt: skip
    assert [year.prepaid for year in estimate(plan).cost.accounting.years] == [0.0]
    plan = sample("gpt3-175b-nemo").with_values({
        "workload.epochs": 0.1, "model.params": 1e10, "cluster.server": "FX1000", "cluster.servers": 2048,
        "parallel.seq_len": 16, "money.currency": "USD", "money.corporate_tax_rate": 0.3, "money.cloud.term": "reserved_1y",
        "money.cloud.instance": "aws-u-p6e-gb200x72-ultraserver-us-east-1-dallas-local-zone",
        "money.cloud.reserved_1y_per_hour": 177604374076.4411, "money.cloud.setup": 1e10, "money.cloud.price_decline": 1.0,
    })  # fmt: skip
    assert all(year.cloud_expense >= 0.0 for year in estimate(plan).cost.accounting.years)


def test_a_layout_that_waits_in_a_plan_that_serves_is_not_looked_at() -> None:
    plan = sample("serve-rag-3000").with_values({"parallel.tp": 9, "parallel.auto": False})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert advise(plan, top=1).current is not None


def test_more_circuits_than_supplies_load_one_phase_each() -> None:
    """A reserve of 1e15 kVA a rack takes circuits without number; the supplies on one of them were none."""
    plan = sample("mlperf-gpt3").with_values({
        "cluster.server": "SMC-SYS-821GE-TNHR", "facility.cooling": "air", "facility.kva_reserved": 1183950197929731.0,
        "facility.air_limit_kw": 1e18,
    })  # fmt: skip
    result = estimate(plan)
    assert all(feed.imbalance == 2.0 for feed in result.facility.feeds if feed.imbalance)
