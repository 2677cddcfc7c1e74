"""The product's own working point against a replay of single events, and what must hold whatever the plan."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from mitsumori.model.estimate import serving_size
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.serving_size import sized
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving import load as loads
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.load import closed_loop, disaggregated, soft_minimum
from mitsumori.model.serving.queueing import (
    first_token_quantile_s,
    open_busy,
    prompts_behind_s,
    slots,
    waiting_quantile_s,
    waiting_s,
)
from mitsumori.model.serving.shape import card_of
from mitsumori.model.serving.step import decode_step_s, prefill_s
from mitsumori.model.serving.system import PREFILL_LOAD
from tests.model.serving_replay import Replica, at_once, replay

FITTED = shipped_serving()
PLAIN = dataclasses.replace(
    FITTED,
    constants=dataclasses.replace(
        FITTED.constants, start_vllm_s=1e-9, start_trtllm_s=1e-9, start_sglang_s=1e-9, queue_steps_vllm=0.5
    ),
)
"""The shipped constants without an engine's own delays, which a replay does not have; a request comes in the middle of a step."""
FIXED = {
    "auto": False, "tp": 4, "pp": 1, "ep": 1, "dp_attention": 1, "speculative": "none", "disaggregated": False,
    "availability": "n", "ttft_limit_s": None, "tpot_limit_ms": None, "profile": "batch", "users": None, "concurrency": None,
    "peak_factor": 1.0, "weight_precision": "fp8", "requests_per_s": 1.0,
}  # fmt: skip
CHAT = {"prompt_tokens": 1000, "output_tokens": 200}
RAG = {"prompt_tokens": 4000, "output_tokens": 200, "shared_prefix_share": 0.1}
CODING = {"prompt_tokens": 6000, "output_tokens": 300, "shared_prefix_share": 0.6, "ep": 4}
MEETING = {"prompt_tokens": 3000, "output_tokens": 250, "length_cv": 1.0}
FEW_PLACES = {"prompt_tokens": 1500, "output_tokens": 300, "tp": 1}


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setattr(serving_size, "shipped_serving", lambda: PLAIN)


def at_load(name, share, replicas, **changes):
    """A plan whose replicas carry a share of what each could."""
    values = FIXED | changes
    plan = load_sample(name).plan.with_values({f"serving.{key}": value for key, value in values.items()})
    most = sized(resolve(plan)).options[0].most
    servers = -(-replicas * values["tp"] // 8)
    return plan.with_values({"serving.requests_per_s": most * share * replicas, "serving.servers": servers})


def replica_of(size, plan):
    """What a replica of a plan does to requests, from the terms of steps alone."""
    layout, use, card = size.options[0].layout, size.part.standard(), card_of(size.setup.gpu)
    at = dataclasses.replace(size.setup.at, gpus=float(layout.gpus), expert_ranks=float(layout.ep))
    known: dict[int, float] = {}

    def step_s(batch):
        if batch not in known:
            context = use.prompt_tokens + use.output_tokens / 2
            known[batch] = float(decode_step_s(size.setup.model, at, card, batch, context, PLAIN.constants))
        return known[batch]

    new = use.prompt_tokens * (1.0 - use.shared_prefix_share)
    together, alone = (
        float(prefill_s(size.setup.model, at, card, new, PLAIN.constants, alone=flag, before=use.prompt_tokens - new))
        for flag in (False, True)
    )
    places = math.floor(float(size.found.room[size.options[0].index]))
    cv = size.part.length_cv
    return Replica(together, cv, use.output_tokens, cv, step_s, places, alone / together)


@pytest.mark.parametrize(
    ("name", "share", "replicas", "changes"),
    [
        ("serve-chat-500", 0.2, 2, CHAT), ("serve-chat-500", 0.5, 2, CHAT), ("serve-chat-500", 0.7, 2, CHAT),
        ("serve-chat-500", 0.5, 6, CHAT), ("serve-rag-3000", 0.5, 2, RAG),
        ("serve-coding-200", 0.3, 2, CODING), ("serve-coding-200", 0.6, 4, CODING),
        ("serve-chat-500", 0.3, 4, MEETING), ("serve-rag-3000", 0.5, 8, FEW_PLACES), ("serve-rag-3000", 0.7, 8, FEW_PLACES),
    ],
)  # fmt: skip
def test_the_working_point_agrees_with_a_replay(plain, name, share, replicas, changes):
    """TTFT, TPOT, end to end at three percentiles and the running sequences: within the replay's sampling error (three standard
    errors) and what the closed forms leave out (a tenth; half a step of a first token; a fifth of the 99th percentile; where places are few, 8 % of a request's time)."""
    plan = at_load(name, share, replicas, **changes)
    size = sized(resolve(plan))
    said, at = estimate(plan).serving.percentiles, size.options[0].at
    what = replica_of(size, plan)
    assert size.replicas == replicas
    seen = replay(at.requests_per_s * replicas, what, 20_000, seed=3, replicas=replicas)
    mean, error = seen.mean("decoding_s")  # Little: as many decode as come in that time
    assert at.running == pytest.approx(at.requests_per_s * mean, rel=0.05, abs=3 * at.requests_per_s * error)
    mean, error = seen.mean("tpot_s")
    assert at.tpot_s == pytest.approx(mean, rel=0.03, abs=3 * error)
    places = 0.08 * changes["output_tokens"] * at.tpot_s if at.place_busy > 0.01 else 0.0
    for percentile, slack in ((50, 0.1), (90, 0.1), (99, 0.2)):
        figures = said[f"p{percentile}"]
        for figure, of, scale in (("ttft_s", "first_s", 1.0), ("tpot_ms", "tpot_s", 1e3), ("e2e_s", "whole_s", 1.0)):
            value, error = seen.quantile(of, percentile / 100)
            step = places + 0.6 * at.tpot_s if figure == "ttft_s" else 0.0
            assert figures[figure].value / scale == pytest.approx(value, rel=slack, abs=3 * error + step), (
                figure,
                percentile,
            )


@pytest.mark.parametrize(("limit_s", "changes"), [(0.35, RAG), (0.2, CODING), (0.5, MEETING)])
def test_the_share_of_users_served_is_what_a_replay_serves_within_the_limit(plain, limit_s, changes):
    """At the most that the limit allows the replay keeps it; at a third more it does not."""
    name = "serve-coding-200" if "ep" in changes else "serve-rag-3000"
    plan = at_load(name, 1.0, 2, ttft_limit_s=limit_s, **changes)
    size = sized(resolve(plan))
    most, what = size.options[0].most, replica_of(size, plan)
    assert size.options[0].binding in ("ttft", "cache")
    tails = []
    for factor in (1.0, 1.35):
        seen = replay(2 * most * factor, what, 8000, seed=7, replicas=2)
        value, error = seen.quantile("first_s", 0.9)
        tails.append(value)
        if factor == 1.0:
            assert value == pytest.approx(limit_s, rel=0.1, abs=3 * error)
    assert tails[1] > limit_s
    twice = estimate(plan.with_values({"serving.requests_per_s": 4 * most})).serving
    assert twice.figures["share_of_users_served"].value == pytest.approx(0.5, rel=1e-3)
    assert twice.figures["ttft_s"].value == pytest.approx(limit_s, rel=0.02)


@pytest.mark.parametrize("name", ["serve-chat-500", "serve-coding-200"])
@pytest.mark.parametrize("users", [1, 7, 40, 150])
def test_a_number_in_flight_is_answered_by_the_loop_that_is_fitted(name, users):
    """The curve's closed loop and the one that the fit and the backtest use are one."""
    plan = load_sample(name).plan.with_values({
        f"serving.{key}": value
        for key, value in (FIXED | {"tp": 8, "ep": 8 if "coding" in name else 1, "requests_per_s": None, "concurrency": users,
                                    "servers": 1, "prompt_tokens": 1500, "output_tokens": 250}).items()
    })  # fmt: skip
    size = sized(resolve(plan))
    layout = size.options[0].layout
    at = dataclasses.replace(size.setup.at, gpus=float(layout.gpus), expert_ranks=float(layout.ep))
    fitted = closed_loop(
        size.setup.model, at, card_of(size.setup.gpu), users, 1500, 250, FITTED.constants, mean=0.0, spread=0.5
    )
    figures = estimate(plan).serving.percentiles["p50"]
    assert figures["tpot_ms"].value == pytest.approx(float(fitted.tpot_s) * 1e3, rel=0.01)
    assert figures["ttft_s"].value == pytest.approx(float(fitted.ttft_s), rel=0.02)
    assert size.options[0].at.requests_per_s * 250 == pytest.approx(float(fitted.rate), rel=0.01)


def test_littles_law_holds_of_every_point_of_the_curve():
    for load in ("requests_per_s", "concurrency"):
        plan = load_sample("serve-chat-500").plan.with_values({
            f"serving.{key}": value for key, value in (FIXED | {"requests_per_s": None, load: 2.0, **CHAT}).items()
        })  # fmt: skip
        found = sized(resolve(plan)).found
        np.testing.assert_allclose(found.requests_per_s * 200 * found.tpot_s, found.running, rtol=1e-6)
        assert np.all(np.diff(found.tpot_s) > 0)
        assert np.all(np.diff(found.ttft_s(90)) > 0)


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.5])
def test_the_share_of_time_in_prefill_solves_its_equation(cv):
    running, decoding, prefill = np.geomspace(1e-3, 4000, 40), np.geomspace(0.2, 90, 40)[:, None], 0.07
    rho = open_busy(running, decoding, prefill, cv)
    assert np.all((rho > 0) & (rho < 1))
    wait = waiting_s(rho, prefill, cv)
    whole = decoding / (1 - rho) + prompts_behind_s(rho, wait, prefill)
    np.testing.assert_allclose(rho / prefill * whole, np.broadcast_to(running, rho.shape), rtol=1e-8)


@pytest.mark.parametrize("places", [4, 30])
def test_the_wait_for_a_place_is_that_of_several_servers(places):
    """Steps that last the same whatever the batch: a queue with as many servers as places; Erlang's formula where lengths are
    exponential (cv 1), the replay where they are not."""
    load = 0.8 * places
    term, total = 1.0, 1.0
    for n in range(1, places):
        term *= load / n
        total += term
    waiting = term * load / places / (1 - load / places)
    erlang = waiting / (total + waiting)
    share, wait = slots(load, places, 1.0)
    assert float(share) == pytest.approx(erlang, rel=0.1)
    assert float(wait) == pytest.approx(erlang / (places - load), rel=0.1)


@pytest.mark.parametrize("cv", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("load", [0.02, 0.2, 0.5, 0.7])
def test_a_first_token_spreads_as_prompts_do(load, cv):
    """Nine tenths of the requests of an idle replica were promised the first token of a mean prompt: a quarter of them wait longer."""
    seen = replay(load, Replica(1.0, cv, 2, 0.0, lambda _: 1e-9), 60_000, seed=6)
    wait = waiting_s(load, 1.0, cv)
    for q in (0.5, 0.9, 0.95, 0.99):
        said = float(first_token_quantile_s(1.0, cv, wait, load, q))
        assert said == pytest.approx(np.quantile(seen.first_s, q), rel=0.2), q


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("load", [0.3, 0.7])
def test_the_wait_is_that_of_the_queue(load, cv):
    """Prefills alone (steps that take no time): the mean is Pollaczek and Khinchine's, the tail within a fifth (equal prompts: a third)."""
    seen = replay(load, Replica(1.0, cv, 2, 0.0, lambda _: 1e-9), 60_000, seed=5)
    mean, (value, error) = float(waiting_s(load, 1.0, cv)), seen.mean("waits_s")
    assert value == pytest.approx(mean, abs=4 * error)
    for q in (0.9, 0.99):
        assert float(waiting_quantile_s(mean, load, q)) == pytest.approx(
            np.quantile(seen.waits_s, q), rel=0.3 if cv == 0 else 0.2
        )


def figures(name, **changes):
    plan = load_sample(name).plan.with_values({f"serving.{k}": v for k, v in changes.items()})
    return estimate(plan).serving.figures


@pytest.mark.parametrize("name", ["serve-chat-500", "serve-rag-3000"])
def test_more_servers_never_slow_a_request(name):
    """Of one layout no time grows; where the layout is chosen anew, the whole answer never comes later."""
    fixed = {"auto": False, "tp": 4, "pp": 1, "ep": 1, "dp_attention": 1}
    for more, metrics in ((fixed, ("ttft_s", "tpot_ms", "e2e_s")), ({}, ("e2e_s",))):
        found = [figures(name, servers=n, availability="n", **more) for n in (2, 3, 4, 8)]
        for metric in metrics:
            values = [item[metric].value for item in found]
            assert all(b <= a * (1 + 1e-6) for a, b in itertools.pairwise(values)), (metric, values)


def test_a_longer_prompt_never_answers_sooner():
    values = [
        figures("serve-chat-500", servers=4, prompt_tokens=n, ttft_limit_s=None, tpot_limit_ms=None)["ttft_s"].value
        for n in (100, 500, 2000, 8000)
    ]
    assert values == sorted(values)


@pytest.mark.parametrize("name", ["serve-chat-500", "serve-moe-nvl72"])
def test_lower_precision_never_takes_more_memory(name):
    layout = {"auto": False, "tp": 8, "pp": 1, "ep": 8 if "moe" in name else 1, "dp_attention": 1}
    sizes = []
    for precision in ("bf16", "fp8", "nvfp4"):
        plan = load_sample(name).plan.with_values(
            {f"serving.{k}": v for k, v in (layout | {"weight_precision": precision, "servers": 4}).items()}
        )
        memory = estimate(plan).serving.memory_per_gpu["weights_bytes"].value
        if memory is not None:
            sizes.append(memory)
    assert len(sizes) >= 2
    assert sizes == sorted(sizes, reverse=True)


def test_prefill_servers_are_used_and_too_few_are_told():
    base = {"disaggregated": True, "users": 100_000, "prompt_tokens": 8000, "output_tokens": 300, "ttft_limit_s": 30}
    free = estimate(
        load_sample("serve-chat-500").plan.with_values({f"serving.{k}": v for k, v in base.items()})
    ).serving
    few = estimate(
        load_sample("serve-chat-500").plan.with_values(
            {f"serving.{k}": v for k, v in (base | {"prefill_servers": 1}).items()}
        )
    ).serving
    assert free.layout["prefill_workers"] * free.figures["gpus_per_replica"].value > 8
    assert few.layout["prefill_workers"] == 8 // few.figures["gpus_per_replica"].value
    assert few.figures["share_of_users_served"].value < 1.0
    assert few.binding == "prefill"
    assert free.figures["share_of_users_served"].value == 1.0


@pytest.mark.parametrize("flight", [24, 200, 900])
def test_a_number_in_flight_over_separate_workers_is_answered_by_what_is_fitted(flight):
    """The plan's median and rate are those of the function that the fit and the backtest use, with prefill as busy as planned."""
    changes = {"users": None, "concurrency": flight, "percentile": 50.0, "ttft_limit_s": 1e4, "tpot_limit_ms": 1e4,
               "auto": False, "tp": 8, "ep": 8, "dp_attention": 1, "shared_prefix_share": 0.0}  # fmt: skip
    plan = load_sample("serve-moe-nvl72").plan.with_values({f"serving.{key}": value for key, value in changes.items()})
    size = sized(resolve(plan))
    best, use, card = size.options[0], size.part.standard(), card_of(size.setup.gpu)
    at = dataclasses.replace(size.setup.at, gpus=8.0, expert_ranks=8.0)
    rate = best.at.requests_per_s
    readers = rate * float(size.found.prefill_s[best.index]) / PREFILL_LOAD  # of one replica, not whole
    readers *= float(1.0 / soft_minimum(1.0 / PREFILL_LOAD, 1.0))  # of what its decoders would take
    in_flight = best.at.in_flight
    many = 1000.0  # workers are whole in the function: a thousand such replicas
    fitted = disaggregated(
        size.setup.model, at, at, card, (readers * many, many), in_flight * many, use.prompt_tokens, use.output_tokens,
        FITTED.constants, mean=0.0,
    )  # fmt: skip
    said = estimate(plan).serving.percentiles["p50"]
    assert said["ttft_s"].value == pytest.approx(float(fitted.ttft_s), rel=0.05)
    assert said["tpot_ms"].value == pytest.approx(float(fitted.tpot_s) * 1e3, rel=0.02)
    assert rate * use.output_tokens == pytest.approx(float(fitted.rate) / many, rel=0.03)


@pytest.mark.parametrize("requests", [12, 64, 160])
@pytest.mark.parametrize("places", [16, 400])
def test_requests_that_come_at_once_are_those_of_a_replay(requests, places, monkeypatch):
    """All prompts queue, then rounds of the batch that fits: mean TTFT, time a token and the rate."""
    plan = at_load("serve-rag-3000", 0.5, 1, **RAG)
    size = sized(resolve(plan))
    what = dataclasses.replace(replica_of(size, plan), cv=0.0, tokens_cv=0.0, places=places)
    layout, use, card = size.options[0].layout, size.part.standard(), card_of(size.setup.gpu)
    at = dataclasses.replace(size.setup.at, gpus=float(layout.gpus))
    monkeypatch.setattr(loads, "sequence_room", lambda *_: np.array(float(places)))
    new = use.prompt_tokens * (1.0 - use.shared_prefix_share)
    said = loads.burst(size.setup.model, at, card, requests, new, use.output_tokens, PLAIN.constants)
    seen = at_once(what, requests)
    first, last = seen
    assert float(said.ttft_s) == pytest.approx(first.mean(), rel=0.15)
    assert float(said.rate) == pytest.approx(requests * use.output_tokens / last.max(), rel=0.15)
    assert float(said.e2e_s) == pytest.approx(last.mean(), rel=0.15)
