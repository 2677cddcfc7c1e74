"""Where PPO and GRPO generate: on the trainer's accelerators in turn, or on servers of their own, in turn or beside it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.kernels.constants import shipped as constants
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.report.json_document import to_json
from mitsumori.model.report.text import estimate_text
from mitsumori.model.study.ranking import advise
from mitsumori.model.study.training_table import cell
from mitsumori.model.training.reinforcement import Rollouts, matrices, trained

APART = ("separate", "asynchronous")
PLACEMENTS = ("colocated", *APART)


def plan(**changes: Any) -> Plan:
    """GRPO of an 8B on two servers, priced, with changes by path."""
    values: dict[str, Any] = {
        "workload.stage": "grpo", "workload.tokens": 1e9, "model.preset": "llama3-8b", "cluster.server": "DGX-H100",
        "cluster.servers": 2, "money.prices.server:DGX-H100": {"price": 5e7, "currency": "JPY"},
        "money.prices.server:DGX-B200": {"price": 8e7, "currency": "JPY"}, "money.usd_jpy": 150.0,
        "money.cloud.instance": "aws-p5.48xlarge-ap-northeast-1-tokyo",
    }  # fmt: skip
    return Plan().with_values(values | {path.replace("__", "."): value for path, value in changes.items()})


def found(**changes: Any) -> Estimate:
    return estimate(plan(**changes))


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_step_is_its_phases_in_turn_or_beside_each_other(placement: str) -> None:
    training = found(rollout__placement=placement, rollout__servers=3).training
    there = training.details.rollout
    assert there is not None
    both = max if placement == "asynchronous" else lambda a, b: a + b
    assert there.step_s == pytest.approx(both(there.generation_s, there.training_s) + there.refit_s)
    parts = {name: part.value for name, part in training.breakdown_s.items()}
    assert training.step_time_s.value == pytest.approx(there.step_s)
    assert sum(value for name, value in parts.items() if name != "lost") == pytest.approx(there.step_s)
    assert parts["refit"] == pytest.approx(there.refit_s)
    waited = max(0.0, there.generation_s - there.training_s) if placement == "asynchronous" else there.generation_s
    assert parts["generation"] == pytest.approx(waited, rel=1e-9, abs=0.0), (
        "no rest of a subtraction where nobody waits"
    )
    assert there.trainer_busy_share == pytest.approx(there.training_s / there.step_s)
    assert there.generator_busy_share == pytest.approx(there.generation_s / there.step_s)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_speed_days_and_hours_are_of_all_accelerators(placement: str) -> None:
    """Prompt and answer tokens of a step over its seconds and every accelerator that trains or generates."""
    result = found(rollout__placement=placement, rollout__servers=3)
    training, there = result.training, result.training.details.rollout
    gpus = 16 + (0 if placement == "colocated" else 24)
    assert training.details.accelerators == gpus
    tokens = there.responses * 2048
    assert there.responses == training.parallel.global_batch
    assert training.tokens_per_s_per_gpu.value == pytest.approx(tokens / there.step_s / gpus)
    seconds = 1e9 / tokens * there.step_s / training.goodput.value
    assert training.days.value == pytest.approx(seconds / 86400)
    assert training.gpu_hours.value == pytest.approx(seconds / 3600 * gpus)
    assert result.cost.quote.case.accelerators == gpus
    beside = cell(plan(rollout__placement=placement, rollout__servers=3))
    assert (beside.accelerators, beside.days) == (gpus, pytest.approx(training.days.value, rel=0.05))


@pytest.mark.parametrize("server", [None, "DGX-B200"])
@pytest.mark.parametrize("placement", APART)
def test_servers_that_generate_stand_in_the_hall_and_are_paid(placement: str, server: str | None) -> None:
    alone = found()
    both = found(rollout__placement=placement, rollout__servers=3, rollout__server=server)
    key = server or "DGX-H100"
    assert [(item.server, item.servers) for item in both.facility.more] == [(key, 3)]
    assert both.facility.it_kw.value > alone.facility.it_kw.value + 3 * 5.0
    assert both.facility.details.total_racks.value > alone.facility.details.total_racks.value
    lines, before = both.cost.onprem.lines, alone.cost.onprem.lines
    price = {"DGX-H100": 5e7, "DGX-B200": 8e7}[key]
    assert lines["more_servers"].value >= before["more_servers"].value + 3 * price * 0.99
    assert lines["servers"].value == pytest.approx(before["servers"].value)
    case = both.cost.quote.case
    assert case.accelerators / case.instance_accelerators == 5.0


def test_a_hall_does_not_count_them_twice_nor_for_other_stages() -> None:
    chosen = found(rollout__placement="asynchronous")
    servers = chosen.training.details.rollout.servers
    assert servers >= 1
    counted = chosen.counted(plan(rollout__placement="asynchronous"))
    assert counted.rollout.servers == servers
    again = estimate(counted)
    assert [(item.server, item.servers) for item in again.facility.more] == [("DGX-H100", servers)]
    assert again.cost.onprem.total.value == chosen.cost.onprem.total.value
    for stage in ("sft", "datagen"):
        other = found(workload__stage=stage, rollout__placement="separate", rollout__servers=3)
        assert other.facility.more == ()
        assert other.training.details.accelerators == 16
    assert chosen.used("rollout.servers").value == servers
    assert chosen.used("rollout.servers").provenance.kind == "formula"


@pytest.mark.parametrize("placement", APART)
@pytest.mark.parametrize("preset", ["llama3-8b", "qwen3-30b-a3b"])
def test_the_chosen_number_of_servers_takes_the_fewest_accelerator_seconds(placement: str, preset: str) -> None:
    free = found(rollout__placement=placement, model__preset=preset).training.details.rollout

    def spent(servers: int) -> float:
        there = found(
            rollout__placement=placement, rollout__servers=servers, model__preset=preset
        ).training.details.rollout
        return there.step_s * (16 + 8 * servers)

    least = spent(free.servers)
    assert all(least <= spent(servers) * (1 + 1e-9) for servers in (1, 2, 3, 4, 6, 8, 12))


def test_more_of_everything_is_never_slower() -> None:
    """More servers that generate, and older answers, never make a step longer."""
    steps = [
        found(rollout__placement="asynchronous", rollout__servers=n).training.details.rollout.step_s
        for n in (1, 2, 4, 8)
    ]
    assert all(b <= a * (1 + 1e-9) for a, b in itertools.pairwise(steps))
    behind = [
        found(
            rollout__placement="asynchronous", rollout__servers=1, rollout__staleness_steps=n
        ).training.details.rollout
        for n in (1, 2, 8)
    ]
    assert all(b.step_s <= a.step_s * (1 + 1e-9) for a, b in itertools.pairwise(behind))
    assert behind[0].sequences <= behind[-1].sequences
    turn, beside = (
        found(rollout__placement=name, rollout__servers=2).training.details.rollout.step_s for name in APART
    )
    assert beside < turn


@pytest.mark.parametrize("servers", [None, 3])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_storage_reckons_with_the_failures_of_all_accelerators(placement: str, servers: int | None) -> None:
    """It counted the trainer's alone: 3,167 hours between failures beside 1,267 of the training."""
    result = found(rollout__placement=placement, rollout__servers=servers)
    assert result.facility.storage.mtbf_s.value == pytest.approx(result.training.details.mtbf_hours * 3600)
    assert result.facility.storage.interval_s.value == pytest.approx(result.training.details.checkpoint_interval_s)


def test_a_plan_that_serves_has_no_servers_that_generate() -> None:
    result = found(rollout__placement="separate", rollout__servers=3, serving__enabled=True, serving__users=100)
    assert result.facility.more == ()
    assert result.training.details.accelerators == result.cost.quote.case.accelerators
    assert result.facility.storage.mtbf_s.value == pytest.approx(result.training.details.mtbf_hours * 3600)


def test_replicas_that_have_no_answer_are_not_counted() -> None:
    """Four answers a step on 16 accelerators were written by as many replicas as fit there."""
    there = found(parallel__global_batch=4, rollout__tp=1, rollout__servers=4, rollout__placement="separate")
    assert there.training.details.rollout.replicas == 4


@pytest.mark.parametrize(("seq_len", "micro"), [(2048, 1), (4096, 4), (16384, 2)])
def test_a_replica_trains_on_its_share_of_the_answers_and_no_more(seq_len: int, micro: int) -> None:
    """Answers of a step are packed without padding: 64 replicas trained on four times the tokens that were there."""
    arch, gpu = resolve(plan()).architecture, resolve(plan()).gpu
    dp = np.array([1, 2, 8, 16, 64, 256])
    rolled = Rollouts(512, 115.0, 701.0, 1421.0)
    layout = Parallel(dp=dp, gpus=dp, seq_len=seq_len, micro_batch=micro, global_batch=512)
    step, _ = trained(arch, gpu, layout, Work(), rolled, 512, constants())
    assert np.asarray(step.tokens) == pytest.approx(512 * 816)
    assert np.all(np.asarray(step.micro_batches) * seq_len * micro >= 512 * 816 / dp)
    work = np.asarray(step.compute_s)
    assert np.all(work[1:] < work[:-1])
    assert work[0] / work[-1] > 0.5 * dp[-1], "256 replicas have each a 256th of the work, and more launches"
    alone, _ = trained(arch, gpu, replace(layout, dp=1024, gpus=1024), Work(), rolled, 512, constants())
    assert float(np.asarray(alone.tokens)) == pytest.approx(1024 * 816), "a replica has at least one answer"


def test_more_servers_are_never_slower_where_states_move() -> None:
    """The layout was chosen without what moving its states takes: 16 servers kept all weights on each card, and were slower than 8."""
    days = [found(cluster__servers=n).training.days.value for n in (2, 4, 8, 16, 32)]
    assert all(after < before for before, after in itertools.pairwise(days)), days


def test_states_of_a_trainer_leave_shared_accelerators() -> None:
    """They come and go over the host's link; weights of experts are handed over one matrix after the other."""
    shared, apart = (found(rollout__placement=name, rollout__servers=2) for name in ("colocated", "separate"))
    assert shared.training.details.rollout.refit_s > apart.training.details.rollout.refit_s
    dense, experts = (resolve(plan(model__preset=name)).architecture for name in ("qwen3-32b", "qwen3-30b-a3b"))
    assert matrices(dense) == pytest.approx(64 * 7)
    assert matrices(experts) == pytest.approx(48 * (4 + 3 * 128))


def test_memory_of_what_generates_is_that_of_its_own_card() -> None:
    there = found(rollout__placement="separate", rollout__server="DGX-B200", rollout__servers=1, rollout__tp=4)
    memory = there.training.details.rollout.memory_per_gpu
    own = resolve(plan(cluster__server="DGX-B200")).gpu
    assert memory["capacity_bytes"] == pytest.approx(float(own.memory_bytes))
    assert sum(value for name, value in memory.items() if name != "capacity_bytes") == pytest.approx(
        memory["capacity_bytes"], rel=1e-6
    )
    assert memory["weights_bytes"] == pytest.approx(2 * 8.03e9 / 4, rel=0.01)
    assert there.memory.per_gpu.capacity_bytes.value < memory["capacity_bytes"]


def test_a_model_that_no_replica_holds_is_said() -> None:
    for placement in PLACEMENTS:
        changes = {"model__preset": "deepseek-v3", "rollout__tp": 1, "rollout__servers": 1}
        result = found(rollout__placement=placement, **changes)
        assert not result.training.tokens_per_s_per_gpu.value
        assert "training_generation_does_not_fit" in {item.code for item in result.findings}
        for language in ("en", "ja"):
            assert estimate_text(plan(rollout__placement=placement, **changes), result, language)


def test_idle_sides_and_answers_that_are_cut_are_findings() -> None:
    codes = {item.code: item for item in found(rollout__placement="separate", rollout__servers=8).findings}
    assert "training_generation_waits" in codes
    assert codes["training_generation_waits"].remedies[0].set == {"rollout.placement": "asynchronous"}
    heavy = {"rollout__placement": "asynchronous", "rollout__servers": 32, "parallel__global_batch": 4096}
    many = {item.code: item for item in found(**heavy).findings}
    assert many["training_generation_waits"].remedies[0].set == {"rollout.servers": None}
    cut = {item.code: item for item in found(workload__response_len=8192).findings}
    assert cut["training_answers_too_long"].remedies[0].set == {"parallel.seq_len": 9216}
    assert "training_answers_too_long" not in {item.code for item in found(workload__response_len=2048).findings}
    for item in (*codes.values(), *many.values(), *cut.values()):
        assert item.message("en") and item.message("ja")


def test_the_interval_says_how_far_from_the_published_runs_a_plan_is() -> None:
    """Seven runs: GRPO of models with experts on Hopper. A plan like them, one unlike in one way, one unlike in two."""
    like = found(model__preset="qwen3-30b-a3b", cluster__servers=4, parallel__stack="megatron").training
    dense = found(cluster__servers=4, parallel__stack="megatron").training
    both = found(
        cluster__server="DGX-A100", cluster__servers=4, parallel__stack="megatron", workload__stage="ppo"
    ).training
    widths = [
        np.log(item.tokens_per_s_per_gpu.high / item.tokens_per_s_per_gpu.low) / 2 for item in (like, dense, both)
    ]
    assert widths[0] == pytest.approx(0.6)
    assert widths[0] < widths[1] < widths[2]
    assert [item.details.interval_class for item in (like, dense, both)] == ["rl", "rl_far", "rl_foreign_far"]
    assert (like.near_runs, dense.near_runs) == (7, 0)


def test_documents_name_what_generates() -> None:
    one = plan(rollout__placement="asynchronous", rollout__servers=2)
    result = estimate(one)
    document = to_json(result, one)["training"]["details"]["rollout"]
    assert (document["servers"], document["accelerators"], document["placement"]) == (2, 16, "asynchronous")
    for language, word in (("en", "beside the training on 2 ×"), ("ja", "並行")):
        assert word in estimate_text(one, result, language)


def test_an_unknown_server_is_refused_by_its_field() -> None:
    with pytest.raises(PlanError, match=r"rollout\.server"):
        found(rollout__placement="separate", rollout__server="DGX-X")


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_layout_learns_by_the_same_answers(placement: str) -> None:
    """Half a million tokens of prompts and answers a step on any cluster: what is compared differs by nothing else.

    (16 servers were 29 % slower than 8, because their layout learnt by half as many answers.)
    """
    days = []
    for servers in (4, 8, 16, 32):
        training = found(
            model__preset="llama3-70b", cluster__servers=servers, rollout__placement=placement, rollout__servers=4
        ).training
        assert training.details.rollout.responses == 256
        days.append(training.days.value)
    assert all(after <= 1.05 * before for before, after in itertools.pairwise(days)), days
    changed = plan(model__preset="llama3-70b", cluster__servers=8, rollout__placement=placement, rollout__servers=4)
    assert {option.parallel.global_batch for option in advise(changed).options} == {256}


def test_seconds_of_a_step_that_never_ends_are_unknown() -> None:
    """They stood as 0 s beside 0 % busy."""
    there = found(
        model__preset="gpt3-175b",
        cluster__server="DGX-A100",
        cluster__servers=100,
        rollout__placement="asynchronous",
        rollout__tp=1,
    ).training.details.rollout
    assert (there.generation_s, there.step_s, there.trainer_busy_share, there.generator_busy_share) == (None,) * 4
    assert there.training_s > 0 and there.refit_s > 0
