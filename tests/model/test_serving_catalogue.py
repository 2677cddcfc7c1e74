"""Serving over the whole catalogue: nothing beats physics, and no accelerator, format or layout makes an absurd jump.

Most of these accelerators were never measured; what is checked follows from data sheets and arithmetic alone.
"""

from __future__ import annotations

import dataclasses
import itertools
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from mitsumori.model.base.arrays import Array
from mitsumori.model.catalogue.accelerators import FAMILIES, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.serving_size import sized
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.plan.shapes import model_architecture
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.load import closed_loop, disaggregated, offline
from mitsumori.model.serving.memory import serving_memory
from mitsumori.model.serving.published import model_facts
from mitsumori.model.serving.shape import (
    Card,
    Deployment,
    ServedModel,
    cache_bytes_per_sequence,
    card_of,
    served_model,
    stacked,
)
from mitsumori.model.serving.step import cache_transfer_s, decode_step_s, exchange_s, prefill_s
from mitsumori.model.serving.system import deployment_of

SHIPPED = Catalogue.shipped()
K = shipped_serving().constants
DENSE = ("qwen2.5-0.5b", "llama3-8b", "qwen3-32b", "llama3.1-70b", "llama3.1-405b", "gemma-3-27b")
EXPERTS = ("qwen3-30b-a3b", "qwen3-235b-a22b", "mixtral-8x7b", "gpt-oss-120b", "deepseek-v3", "kimi-k2")
FORMATS = ("bf16", "fp8", "nvfp4", "mxfp4", "int4")
RANKS = (1.0, 2.0, 4.0, 8.0)
KEYS = tuple(
    key for key, item in SHIPPED.accelerators().items() if FAMILIES[int(np.asarray(gpu_of(item).family))] != "cpu"
)
LENGTHS = ((1000.0, 500.0), (131_072.0, 1000.0))


class Batch(NamedTuple):
    """Every accelerator in every format on one to eight ranks: arrays of one row a configuration."""

    rows: list[tuple[str, str, float]]
    model: ServedModel
    at: Deployment
    card: Card
    peak: Array


@cache
def served(name: str) -> ServedModel:
    facts = model_facts(name)
    return served_model(
        model_architecture(SHIPPED.model(name), ""), sparse_top=facts.get("sparse_top", 0.0),
        block_fp8=float(facts.get("block_fp8", False)), qk_norm=float(facts.get("qk_norm", False)),
    )  # fmt: skip


@cache
def everything(name: str) -> Batch:
    model = served(name)
    moe = bool(np.asarray(model.expert_count) > 0)
    rows, layouts, cards, peaks = [], [], [], []
    for key, precision, ranks in itertools.product(KEYS, FORMATS, RANKS):
        gpu = gpu_of(SHIPPED.accelerator(key))
        at = dataclasses.replace(
            deployment_of(Plan().serving, gpu, precision, moe, bool(np.asarray(model.mla))), gpus=ranks, kv_bytes=2.0
        )
        rows.append((key, precision, ranks))
        layouts.append(at)
        cards.append(card_of(gpu))
        peaks.append(float(max(gpu.bf16_flops, gpu.fp8_flops, gpu.fp4_flops)))
    at = stacked(layouts)
    at = dataclasses.replace(at, engine=np.asarray(at.engine, dtype=int))
    return Batch(rows, model, at, stacked(cards), np.array(peaks))


def active(model: ServedModel) -> float:
    """Parameters that a token meets, the logits included."""
    share = float(np.asarray(model.topk) / max(1.0, float(model.expert_count)))
    return float(model.attention + model.dense + model.head + np.asarray(model.experts) * share)


@pytest.mark.parametrize("name", DENSE + EXPERTS)
@pytest.mark.parametrize(("isl", "osl"), LENGTHS)
def test_no_step_is_faster_than_memory_and_arithmetic_allow(name: str, isl: float, osl: float) -> None:
    """Weights of the experts that one token meets and the caches are read once; a token costs two operations a parameter."""
    rows, model, at, card, peak = everything(name)
    share = float(np.asarray(model.topk) / max(1.0, float(model.expert_count)))
    weights = (
        model.attention * at.attention_bytes + model.dense * at.dense_bytes + np.asarray(model.head) * 2.0
    ) / at.gpus
    weights = weights + model.experts * at.expert_bytes * share / at.gpus
    cache_bytes = cache_bytes_per_sequence(model, at, isl + osl / 2) / np.minimum(at.gpus, float(model.kv_heads))
    for batch in (1.0, 16.0, 256.0):
        step = decode_step_s(model, at, card, batch, isl + osl / 2, K)
        read = (weights + cache_bytes * batch) / card.hbm
        work = 2.0 * active(model) * batch / (at.gpus * peak)
        assert np.all(step >= np.maximum(read, work)), rows[int(np.argmin(step / np.maximum(read, work)))]
    inner = 2.0 * (active(model) - float(model.head)) * isl / (at.gpus * peak)
    for alone in (True, False):
        prompt = prefill_s(model, at, card, isl, K, alone=alone)
        assert np.all(prompt >= inner), rows[int(np.argmin(prompt / inner))]
    full = offline(model, at, card, isl, osl, K)
    needed = 2.0 * active(model) * full.rate + 2.0 * (active(model) - float(model.head)) * full.rate * isl / osl
    assert np.all(needed <= at.gpus * peak), rows[int(np.argmax(needed / (at.gpus * peak)))]


@pytest.mark.parametrize("name", DENSE + EXPERTS)
def test_an_accelerator_that_has_more_of_everything_is_never_slower(name: str) -> None:
    """Of one maker and with the same native formats: kernels differ between makers, and narrow products need hardware."""
    rows, model, at, card, _ = everything(name)
    place = {row: index for index, row in enumerate(rows)}
    step = {batch: decode_step_s(model, at, card, batch, 1250.0, K) for batch in (1.0, 32.0, 256.0)}
    times = [prefill_s(model, at, card, 1000.0, K, alone=True), *step.values()]
    room = serving_memory(model, at, card, 1500.0).sequences
    gpus = {key: gpu_of(SHIPPED.accelerator(key)) for key in KEYS}

    def has(key: str) -> tuple[Array, tuple[object, ...]]:
        gpu, rates = gpus[key], card_of(gpus[key])
        size = (rates.hbm, rates.link, rates.outside, rates.bf16, rates.matmul, rates.memory, rates.domain,
                gpu.fp8_matmul, gpu.fp4_matmul)  # fmt: skip
        kind = (rates.amd, rates.blackwell, float(gpu.fp8), float(gpu.fp4), FAMILIES[int(np.asarray(gpu.family))][:4])
        return np.array([float(value) for value in size]), kind

    compared = 0
    for less, more in itertools.permutations(KEYS, 2):
        (small, kind), (large, other) = has(less), has(more)
        if kind[:4] != other[:4] or not np.all(large >= small):
            continue
        for precision, ranks in itertools.product(FORMATS, RANKS):
            a, b = place[less, precision, ranks], place[more, precision, ranks]
            if at.width_tile[a] != at.width_tile[b]:
                continue
            assert all(values[b] <= values[a] * 1.001 for values in times), (less, more, precision, ranks)
            assert room[b] >= room[a], (less, more, precision, ranks)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("name", DENSE + EXPERTS)
def test_a_narrower_format_is_never_much_slower_for_one_user(name: str) -> None:
    """One user's step reads weights: fewer bytes may cost kernels that narrow activations, never a multiple."""
    rows, model, at, card, _ = everything(name)
    step = decode_step_s(model, at, card, 1.0, 1250.0, K)
    whole = {(key, ranks): step[i] for i, (key, precision, ranks) in enumerate(rows) if precision == "bf16"}
    most = 1.4 if name in EXPERTS or name == "qwen2.5-0.5b" else 1.3
    for index, (key, precision, ranks) in enumerate(rows):
        assert step[index] <= most * whole[key, ranks], (key, precision, ranks)


@pytest.mark.parametrize("name", DENSE + EXPERTS)
def test_ranks_that_the_link_joins_speed_a_long_prompt(name: str) -> None:
    rows, model, at, card, _ = everything(name)
    prompt = prefill_s(model, at, card, 32_768.0, K, alone=True)
    place = {row: index for index, row in enumerate(rows)}
    for index, (key, precision, ranks) in enumerate(rows):
        slow = float(card.link[index]) < 100e9 or precision not in ("bf16", "fp8")
        if ranks > 1 and ranks <= card.domain[index] and not slow:
            assert prompt[index] <= prompt[place[key, precision, ranks / 2]] * 1.02, (key, precision, ranks)


def one(name: str, key: str, precision: str = "bf16", **changes: Any) -> tuple[ServedModel, Deployment, Card]:
    gpu = gpu_of(SHIPPED.accelerator(key))
    model = served(name)
    at = deployment_of(
        Plan().serving, gpu, precision, bool(np.asarray(model.expert_count) > 0), bool(np.asarray(model.mla))
    )
    return model, dataclasses.replace(at, **changes), card_of(gpu)


@pytest.mark.parametrize("key", ["H100-NVL", "A100-PCIe", "A40"])
def test_prompts_pass_the_slots_where_the_bridge_ends(key: str) -> None:
    """Two cards that a bridge joins read a prompt over it; four of them pass the slots, both cards of a pair
    at once."""
    model, at, card = one("llama3.1-70b", key)
    times = {n: float(exchange_s(model, dataclasses.replace(at, gpus=n), card, 4096.0, alone=True)) for n in (2.0, 4.0)}
    fan = (3 / 4) / (1 / 2)  # (n - 1)/n of the bytes
    assert times[4.0] / times[2.0] == pytest.approx(fan * float(card.link) / (2 * float(card.outside)))
    assert float(card.outside) < 0.5 * float(card.link)


def test_a_server_of_cards_without_a_link_holds_a_model_over_all_of_them() -> None:
    """Eight L40S hold a 70B model in 16 bits only by tensor parallelism through their slots."""
    server = next(key for key, item in SHIPPED.servers().items() if "L40S" in item.accelerator_options)
    plan = Plan().with_values({
        "model.preset": "llama3.1-70b", "cluster.server": server, "cluster.accelerator": "L40S", "serving.enabled": True,
        "serving.users": 20.0, "serving.profile": "chat", "serving.weight_precision": "bf16",
    })  # fmt: skip
    best = sized(resolve(plan, SHIPPED)).options[0]
    assert (best.layout.gpus, best.layout.pp) == (8, 1)


@pytest.mark.parametrize("name", ["llama3.1-70b", "deepseek-v3", "gemma-3-27b"])
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_new_tokens_look_at_what_the_prefix_cache_holds(name: str, kept: float) -> None:
    """Reading the rest of a long prompt costs less than all of it and more than a prompt as short as the rest."""
    what = one(name, "H200", gpus=8.0)
    length = 131_072.0
    whole, rest = (closed_loop(*what, 4.0, size, 200.0, K).ttft_s for size in (length, length * (1 - kept)))
    cached = closed_loop(*what, 4.0, length, 200.0, K, cached=kept).ttft_s
    assert rest < cached < whole
    # parts of a prompt that are read one after the other cost what all of it does: the attention of each to those before
    parts = sum(float(prefill_s(*what, length / 8, K, alone=False, before=length / 8 * i)) for i in range(8))
    assert parts == pytest.approx(float(prefill_s(*what, length, K, alone=False)), rel=0.02)


def test_a_cache_goes_to_the_decoder_by_bytes_and_link() -> None:
    """Llama 70B: 2 * 8 * 128 * 80 elements of 2 bytes a token, an eighth on each of eight ranks, at 0.8 of 50 GB/s."""
    model, at, card = one("llama3.1-70b", "H100-SXM", gpus=8.0)
    tokens = 4096.0
    share = 2 * 8 * 128 * 80 * 2 * tokens / 8
    assert float(cache_transfer_s(model, at, at, card, tokens)) == pytest.approx(share / 40e9, rel=1e-6)
    halves = dataclasses.replace(at, gpus=4.0)  # both workers in one server: over its link
    assert float(cache_transfer_s(model, halves, halves, card, tokens)) == pytest.approx(
        2 * share / (0.8 * 450e9), rel=1e-6
    )
    latent, many, wide = one("deepseek-v3", "H100-SXM", gpus=8.0)
    assert float(cache_transfer_s(latent, many, many, wide, tokens)) == pytest.approx(
        (512 + 64) * 2 * 61 * tokens / 40e9, rel=1e-6
    )
    slow = dataclasses.replace(card, outside=1e9)
    near, far = (disaggregated(model, at, at, c, (1.0, 1.0), 4.0, tokens, 200.0, K).ttft_s for c in (card, slow))
    assert float(far - near) == pytest.approx(share / 0.8 * (1 / 1e9 - 1 / 50e9), rel=0.05)


@pytest.mark.parametrize("accepted", [1.0, 1.5, 2.0, 2.9, 3.5, 5.0, 8.0])
def test_a_step_yields_no_more_tokens_than_it_verifies(accepted: float) -> None:
    part = (
        Plan()
        .with_values({"serving.enabled": True, "serving.speculative": "draft", "serving.acceptance": accepted})
        .serving
    )
    gpu = gpu_of(SHIPPED.accelerator("H200"))
    at = deployment_of(part, gpu, "fp8", False)
    assert at.draft >= accepted


def test_more_accepted_tokens_never_slow_an_answer_of_one_user() -> None:
    model, at, card = one("llama3.1-70b", "H200", gpus=8.0)
    times = []
    for accepted in (1.0, 1.5, 2.0, 2.5, 3.0):
        draft = dataclasses.replace(at, draft=3.0, accepted=accepted)
        times.append(float(closed_loop(model, draft, card, 1.0, 1000.0, 500.0, K).tpot_s))
    assert times == sorted(times, reverse=True)
    assert times[0] >= float(closed_loop(model, at, card, 1.0, 1000.0, 500.0, K).tpot_s)
