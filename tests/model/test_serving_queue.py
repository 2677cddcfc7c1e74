"""The queueing of serving against a replay of single events, and what must hold whatever the plan."""

import dataclasses
import itertools

import numpy as np
import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.load import open_loop, waiting_quantile_s, waiting_s
from mitsumori.model.serving.step import decode_step_s, prefill_s
from tests.model.serving_replay import replay
from tests.model.test_serving import setting

PLAIN = dataclasses.replace(
    shipped_serving().constants, start_vllm_s=1e-9, queue_steps_vllm=1e-9, start_trtllm_s=1e-9, start_sglang_s=1e-9
)
"""The shipped constants without an engine's own delays, which a replay of the queue does not have."""


@pytest.mark.parametrize("load", [0.1, 0.2, 0.35, 0.5])
def test_the_open_loop_agrees_with_a_replay(load):
    what = setting("llama3-8b")
    isl, osl = 2000, 120
    together = float(prefill_s(*what, isl, PLAIN, alone=False))
    rate = load / together
    steps: dict[int, float] = {}

    def step_s(batch):
        if batch not in steps:
            steps[batch] = float(decode_step_s(*what, batch, isl + osl / 2, PLAIN))
        return steps[batch]

    seen = replay(rate, together, 0.0, osl, step_s, 4000, seed=3)
    said = open_loop(*what, rate, isl, osl, PLAIN)
    assert float(said.tpot_s) == pytest.approx(seen.tpot_s, rel=0.05, abs=3 * seen.errors[1])
    assert float(said.running) == pytest.approx(seen.running, rel=0.05, abs=3 * seen.errors[2])


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("load", [0.3, 0.7])
def test_the_wait_is_that_of_the_queue(load, cv):
    """Prefills alone (steps that take no time): the mean is Pollaczek and Khinchine's, the tail within a fifth (equal prompts: a third)."""
    seen = replay(load, 1.0, cv, 2, lambda _: 1e-9, 60_000, seed=5)
    mean = float(waiting_s(load, 1.0, cv))
    assert seen.waits_s.mean() == pytest.approx(mean, abs=4 * seen.errors[0])
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
