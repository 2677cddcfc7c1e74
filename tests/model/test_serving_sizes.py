"""Sizes that engines print: cache of a token and weights, by family and precision, from the published configurations."""

import dataclasses

import numpy as np
import pytest

from mitsumori.model.calibration.serving_runs import _served
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.shape import (
    cache_bytes_per_sequence,
    cache_bytes_per_token,
    card_of,
    weight_bytes,
)
from mitsumori.model.serving.step import decode_step_s
from mitsumori.model.serving.system import deployment_of
from tests.model.test_serving import setting


def of(name, precision, kv=2.0):
    """A model by the name that runs use (also those with a shape of their own), on an H100."""
    served, _ = _served(name)
    gpu = gpu_of(Catalogue.shipped().accelerator("H100-SXM"))
    at = deployment_of(Plan().serving, gpu, precision, bool(np.asarray(served.expert_count) > 0))
    return served, dataclasses.replace(at, kv_bytes=kv), card_of(gpu)


# heads, head size or latent width, layers that keep a growing cache: the models' config.json
CACHES = {
    "llama-3.1-8b": 2 * 8 * 128 * 32, "llama-3.1-70b": 2 * 8 * 128 * 80, "llama-3.1-405b": 2 * 8 * 128 * 126,
    "llama-2-7b-hf": 2 * 32 * 128 * 32, "mixtral-8x7b": 2 * 8 * 128 * 32, "qwen3-235b-a22b": 2 * 4 * 128 * 94,
    "qwen3-8b": 2 * 8 * 128 * 36, "deepseek-r1": (512 + 64) * 61, "gpt-oss-120b": 2 * 8 * 64 * 18,
    "qwen3.5-397b-a17b": 2 * 2 * 256 * 15, "glm-4.6": 2 * 8 * 128 * 92, "minimax-m2.5": 2 * 8 * 128 * 62,
}  # fmt: skip


@pytest.mark.parametrize("name", CACHES)
@pytest.mark.parametrize("kv", [2.0, 1.0])
def test_cache_of_a_token(name, kv):
    served, at, _ = of(name, "bf16", kv)
    assert float(cache_bytes_per_token(served, at)) == pytest.approx(CACHES[name] * kv, rel=0.005)


# what engines printed at their start: tokens of the cache, its GiB on a rank, ranks that divide it, bytes an element
PRINTED = {
    # SGLang, Qwen3-235B-A22B-FP8, tp 4: "#tokens: 367404, K size: 8.23 GB, V size: 8.23 GB" (vllm-project/vllm issue 21348)
    "qwen3-235b-a22b": (367_404, 16.46, 4, 2.0),
    # llama.cpp, gpt-oss-120b: "size = 9216.00 MiB (131072 cells, 18 layers, 2/2 seqs)" (ollama/ollama issue 16480)
    "gpt-oss-120b": (2 * 131_072, 9.0, 1, 2.0),
}


@pytest.mark.parametrize("name", PRINTED)
def test_cache_of_a_token_as_engines_print_it(name):
    tokens, gib, ranks, kv = PRINTED[name]
    served, at, _ = of(name, "bf16", kv)
    assert float(cache_bytes_per_token(served, at)) / ranks == pytest.approx(gib * 2**30 / tokens, rel=0.005)


def test_window_layers_stop_growing():
    """gpt-oss-120b: 18 layers keep everything, 18 the last 128 tokens."""
    served, at, _ = of("gpt-oss-120b", "mxfp4")
    per_layer = 2 * 8 * 64 * 2
    for length in (64, 128, 4096):
        expected = per_layer * 18 * (length + min(length, 128))
        assert float(cache_bytes_per_sequence(served, at, length)) == pytest.approx(expected, rel=0.005)


# sizes of the published checkpoints' tensors, bytes: parameters by format (logits, look-up table and norms in 16 bits)
WEIGHTS = {
    ("llama-3.1-8b", "bf16"): 2 * 8.030e9, ("llama-3.1-70b", "bf16"): 2 * 70.554e9, ("llama-3.1-405b", "bf16"): 2 * 405.853e9,
    ("llama-3.1-70b", "fp8"): 70.554e9 + 2 * 128256 * 8192, ("mixtral-8x7b", "bf16"): 2 * 46.703e9,
    ("qwen3-235b-a22b", "bf16"): 2 * 235.094e9, ("qwen3-30b-a3b", "bf16"): 2 * 30.532e9, ("deepseek-r1", "bf16"): 2 * 671.026e9,
    ("deepseek-r1", "fp8"): 671.026e9 + 2 * 129280 * 7168, ("gpt-oss-120b", "bf16"): 2 * 116.829e9,
    ("gpt-oss-120b", "mxfp4"): 114.661e9 * 0.53125 + 2 * 2.168e9,
}  # fmt: skip


@pytest.mark.parametrize(("name", "precision"), WEIGHTS)
def test_weights(name, precision):
    served, at, _ = of(name, precision)
    assert float(weight_bytes(served, at)) == pytest.approx(WEIGHTS[name, precision], rel=0.005)


def test_a_million_configurations_are_one_batch():
    served, at, card = setting("llama3-70b")
    from mitsumori.model.serving.constants import shipped_serving

    many = 1_000_000
    draw = np.random.default_rng(1)
    here = dataclasses.replace(at, gpus=draw.choice([1.0, 2.0, 4.0, 8.0], many))
    running = draw.uniform(1, 256, many)
    k = shipped_serving().constants
    whole = decode_step_s(served, here, card, running, 2048, k)
    assert whole.shape == (many,)
    for index in (0, 999, many - 1):
        one = decode_step_s(
            served, dataclasses.replace(at, gpus=float(here.gpus[index])), card, float(running[index]), 2048, k
        )
        assert float(one) == pytest.approx(float(whole[index]), rel=1e-12)
