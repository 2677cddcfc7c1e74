"""A model of its own that drafts: its weights, its cache and its steps stand on the same GPUs."""

from __future__ import annotations

import numpy as np
import pytest

from mitsumori.model.api import PlanError
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats.serving_commands import read
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.serving.constants import shipped_serving
from mitsumori.model.serving.memory import serving_memory
from mitsumori.model.serving.setting import Setting, setting
from mitsumori.model.serving.shape import cache_bytes_per_token, card_of, weight_bytes
from mitsumori.model.serving.step import accepted_tokens, decode_step_s, decode_terms, prefill_s

K = shipped_serving().constants
PLAN = load_sample("serve-rag-3000").plan.with_values({
    "serving.speculative": "draft", "serving.acceptance": 2.4, "serving.draft_tokens": 3,
})  # fmt: skip
NAMED = PLAN.with_values({"serving.draft_model": "llama3.2-1b"})


def laid_out(plan: Plan, **axes: float) -> Setting:
    found = setting(resolve(plan))
    at = found.at.laid_out(axes.get("tp", 8.0), axes.get("pp", 1.0), axes.get("ep", 1.0), axes.get("dp", 1.0))
    return Setting(found.here, found.gpu, found.model, at, found.precision, found.facts)


def test_weights_and_cache_of_the_draft_model_take_memory() -> None:
    """Llama 3.2 1B: 1.24 G parameters in 16 bits, and a cache of 2 x 8 heads x 64 in 16 layers, on four ranks."""
    plain, named = laid_out(PLAN, tp=4.0), laid_out(NAMED, tp=4.0)
    card = card_of(plain.gpu)
    without, there = (serving_memory(each.model, each.at, card, 4096) for each in (plain, named))
    weights = float(there.weights_bytes - without.weights_bytes) * 4
    assert weights == pytest.approx(1.2358e9 * 2, rel=0.005)
    assert named.at.drafter is not None
    assert float(weight_bytes(named.at.drafter.model, named.at.drafter.at)) == pytest.approx(weights)
    own = float(cache_bytes_per_token(plain.model, plain.at))
    pool, rest = float(without.cache_bytes), float(there.cache_bytes)
    assert float(without.sequences) == np.floor(pool / (own * 4096 / 4))
    assert float(there.sequences) == np.floor(rest / ((own + 2 * 8 * 64 * 2 * 16) * 4096 / 4))


@pytest.mark.parametrize("axes", [{"tp": 8.0}, {"tp": 1.0, "dp": 8.0}, {"tp": 4.0, "pp": 2.0}, {"tp": 1.0}])
def test_the_step_is_longer_by_the_steps_of_the_draft_model(axes: dict[str, float]) -> None:
    plain, named = laid_out(PLAN, **axes), laid_out(NAMED, **axes)
    card = card_of(plain.gpu)
    for batch in (1.0, 16.0, 200.0):
        before = float(decode_step_s(plain.model, plain.at, card, batch, 2000.0, K))
        after = float(decode_step_s(named.model, named.at, card, batch, 2000.0, K))
        drafter = named.at.drafter
        assert drafter is not None
        one = float(decode_step_s(drafter.model, drafter.beside(named.at), card, batch, 2000.0, K))
        assert after == pytest.approx(before + 3 * one)
        assert 0.0 < one < before
    assert "draft" not in decode_terms(plain.model, plain.at, card, 1.0, 2000.0, K)
    read, both = (float(prefill_s(each.model, each.at, card, 2000.0, K, alone=True)) for each in (plain, named))
    assert read < both < 1.5 * read


def test_a_larger_draft_model_costs_more_time_and_memory() -> None:
    times, caches = [], []
    for key in (None, "llama3.2-1b", "llama3.2-3b", "llama3.1-8b"):
        plan = PLAN.with_values(
            {"serving.draft_model": key, "serving.auto": False, "serving.tp": 4, "serving.servers": 2}
        )
        found = estimate(plan).serving
        times.append(found.percentiles["p50"].tpot_ms.value)
        caches.append(found.memory_per_gpu.kv_bytes.value)
    assert times == sorted(times)
    assert len(set(times)) == 4
    assert caches == sorted(caches, reverse=True)


def test_a_draft_model_that_is_not_named_is_asked_for() -> None:
    codes = [finding.code for finding in estimate(PLAN).findings]
    assert "serving_draft_unknown" in codes
    assert "serving_draft_unknown" not in [finding.code for finding in estimate(NAMED).findings]
    own = PLAN.with_values({"serving.speculative": "mtp", "serving.draft_model": "llama3.2-1b"})
    without = own.with_values({"serving.draft_model": None})
    assert estimate(own).serving.percentiles == estimate(without).serving.percentiles


def test_a_draft_model_of_another_tokenizer_is_said() -> None:
    other = PLAN.with_values({"serving.draft_model": "qwen2.5-0.5b"})
    assert "serving_draft_vocabulary" in [finding.code for finding in estimate(other).findings]
    assert "serving_draft_vocabulary" not in [finding.code for finding in estimate(NAMED).findings]


def test_an_unknown_draft_model_is_refused_in_one_sentence() -> None:
    with pytest.raises(PlanError, match=r"serving\.draft_model"):
        estimate(PLAN.with_values({"serving.draft_model": "no-such-model"}))


def test_the_standard_of_acceptance_follows_the_number_drafted() -> None:
    """With the same share of drafts right, three verified are the fitted standard; each further one adds less."""
    yields = []
    for drafted in range(1, 9):
        plan = PLAN.with_values({"serving.acceptance": None, "serving.draft_tokens": drafted})
        yields.append(float(accepted_tokens(laid_out(plan).at, K)))
    assert yields[1] == pytest.approx(float(K.draft_tokens_a_step), rel=1e-9)
    gains = np.diff([1.0, *yields])
    assert np.all(gains > 0)
    assert np.all(np.diff(gains) < 0)
    assert all(many <= drafted + 1 for drafted, many in enumerate(yields, 1))


def test_a_command_names_its_draft_model() -> None:
    shipped = Catalogue.shipped()
    vllm = (
        "vllm serve meta-llama/Llama-3.1-70B-Instruct --tensor-parallel-size 8 --speculative-config "
        """'{"model": "meta-llama/Llama-3.2-1B-Instruct", "num_speculative_tokens": 5}'\n"""
    )
    found = read(vllm, "vLLM", shipped).values
    assert (found["serving.speculative"], found["serving.draft_model"], found["serving.draft_tokens"]) == (
        "draft", "llama3.2-1b", 5,
    )  # fmt: skip
    head = (
        "python -m sglang.launch_server --model-path meta-llama/Llama-3.1-8B-Instruct --speculative-algorithm EAGLE3 "
        "--speculative-draft-model-path jamesliu1/sglang-EAGLE3-Llama-3.1-Instruct-8B --speculative-num-steps 3\n"
    )
    found = read(head, "SGLang", shipped).values
    assert "serving.draft_model" not in found
    assert found["serving.draft_tokens"] == 3


def test_models_named_in_the_tests_are_in_the_catalogue() -> None:
    assert {"llama3.2-1b", "llama3.2-3b", "llama3.1-8b", "qwen2.5-0.5b"} <= set(Catalogue.shipped().models())
