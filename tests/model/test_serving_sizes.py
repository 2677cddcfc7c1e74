"""Sizes that engines print: cache of a token and weights, by family and precision, from the published configurations."""

import dataclasses

import numpy as np
import pytest

from mitsumori.model.calibration.serving_runs import _served
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.shape import (
    WEIGHT_BYTES,
    cache_bytes_per_sequence,
    cache_bytes_per_token,
    card_of,
    expert_padding,
    expert_tiles,
    weight_bytes,
)
from mitsumori.model.serving.step import decode_step_s
from mitsumori.model.serving.system import deployment_of
from tests.model.test_serving import setting


def of(name, precision, kv=2.0):
    """A model by the name that runs use (also those with a shape of their own), on an H100."""
    served, _ = _served(name)
    gpu = gpu_of(Catalogue.shipped().accelerator("H100-SXM"))
    at = deployment_of(
        Plan().serving, gpu, precision, bool(np.asarray(served.expert_count) > 0), bool(np.asarray(served.mla))
    )
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
    # SGLang, Qwen3-14B: "#tokens: 91749, K size: 7.00 GB, V size: 7.00 GB" (xorbitsai/inference issue 3481)
    "qwen3-14b": (91_749, 14.0, 1, 2.0),
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
    # the published file (llama.cpp: "file size = 60.87 GiB (4.48 BPW)", ollama/ollama issue 16416), experts padded as on Hopper
    ("gpt-oss-120b", "mxfp4"): 60.87 * 2**30 + 114.661e9 * 0.53125 * (3072 / 2880 - 1),
}  # fmt: skip


@pytest.mark.parametrize(("name", "precision"), WEIGHTS)
def test_weights(name, precision):
    served, at, _ = of(name, precision)
    assert float(weight_bytes(served, at)) == pytest.approx(WEIGHTS[name, precision], rel=0.005)


# what engines printed after loading: family of the accelerator, ranks that divide the weights, GiB of one rank
LOADED = [
    # vLLM 0.8.5, Qwen3-30B-A3B, tp 4: "Model loading took 14.2474 GiB" (vllm-project/vllm issue 17327)
    ("qwen3-30b-a3b", "bf16", "ampere", 4, 14.2474),
    # vLLM 0.8.5, Qwen3-235B-A22B, tp 8: "Model loading took 54.9206 GiB" (vllm-project/vllm issue 18446)
    ("qwen3-235b-a22b", "bf16", "hopper", 8, 54.9206),
    # SGLang, Qwen3-14B: "Load weight end. ... mem usage=27.57 GB" (xorbitsai/inference issue 3481)
    ("qwen3-14b", "bf16", "ampere", 1, 27.57),
    # vLLM 0.10.1, gpt-oss-120b by Marlin: "Model loading took 65.9651 GiB" (vllm-project/vllm issue 23278)
    ("gpt-oss-120b", "mxfp4", "ampere", 1, 65.9651),
    # vLLM, Qwen3-8B-FP8 and Qwen3-8B-AWQ (0.8.5), Llama-3.1-8B-Instruct in NVFP4 (0.13, 32 MiB of it the table of rotary
    # angles of 131,072 positions), Qwen3-30B-A3B-NVFP4 on two (0.25): "Model loading took 8.8 GiB", "5.7071 GiB", "5.6473 GiB",
    # "8.44 GiB" (logs in public repositories)
    ("qwen3-8b", "fp8", "ada", 1, 8.8),
    ("qwen3-8b", "int4", "ada", 1, 5.7071),
    ("llama-3.1-8b", "nvfp4", "blackwell", 1, 5.6473 - 1 / 32),
    ("qwen3-30b-a3b", "nvfp4", "blackwell", 2, 8.44),
    # vLLM 0.14.1, gpt-oss-120b by Triton on an H100: "Model loading took 64.38 GiB" (vllm-project/vllm issue 33155)
    ("gpt-oss-120b", "mxfp4", "hopper", 1, 64.38),
]


@pytest.mark.parametrize(("name", "precision", "family", "ranks", "gib"), LOADED)
def test_weights_as_engines_print_them(name, precision, family, ranks, gib):
    served, at, _ = of(name, precision)
    tall, wide = expert_tiles(precision, family)
    at = dataclasses.replace(at, gpus=float(ranks), expert_ranks=1.0, hidden_tile=tall, width_tile=wide)
    assert float(weight_bytes(served, at)) / ranks == pytest.approx(gib * 2**30, rel=0.005)


@pytest.mark.parametrize(("family", "ranks", "stored"), [
    ("ampere", 1, 3072 * 2944), ("ampere", 2, 3072 * 2 * 1536), ("hopper", 1, 3072 * 2880), ("hopper", 2, 3072 * 2 * 1472),
    ("blackwell", 1, 3072 * 3072), ("blackwell", 2, 3072 * 2 * 1536), ("cdna3", 8, 3072 * 8 * 512),
])  # fmt: skip
def test_mxfp4_pads_hidden_size_and_width_on_every_rank(family, ranks, stored):
    """gpt-oss: 2880 x 2880 an expert; a rank holds its part of the width, padded on its own."""
    served, at, _ = of("gpt-oss-120b", "mxfp4")
    tall, wide = expert_tiles("mxfp4", family)
    at = dataclasses.replace(at, gpus=float(ranks), expert_ranks=1.0, hidden_tile=tall, width_tile=wide)
    assert float(expert_padding(served, at)) == pytest.approx(stored / 2880**2, rel=1e-12)


@pytest.mark.parametrize("name", ["gpt-oss-120b", "qwen3-235b-a22b", "llama-3.1-70b"])
@pytest.mark.parametrize("precision", ["bf16", "fp8", "nvfp4", "int4"])
def test_other_formats_pad_nothing(name, precision):
    served, at, _ = of(name, precision)
    assert float(expert_padding(served, at)) == 1.0


# bytes of 128 weights along a row with what stands beside them: scales, zero points
STORED_128 = {
    "bf16": 256, "fp8": 128, "mxfp4": 64 + 128 // 32, "nvfp4": 64 + 128 // 16, "int4": 64 + 2 + 0.5,
}  # fmt: skip


@pytest.mark.parametrize("precision", STORED_128)
def test_weights_hold_their_scales(precision):
    assert 128 * WEIGHT_BYTES[precision] == STORED_128[precision]


@pytest.mark.parametrize(("precision", "gigabytes"), [("int4", 39.76), ("nvfp4", 42.70), ("fp8", 72.66)])
def test_a_dense_model_quantised_keeps_logits_and_look_up_table_in_16_bits(precision, gigabytes):
    """Llama-3.1-70B: 68.452 G weights of linear layers, 2 x 128,256 x 8,192 of look-up table and logits."""
    served, at, _ = of("llama-3.1-70b", precision)
    by_hand = 68.452e9 * STORED_128[precision] / 128 + 2 * 2 * 128_256 * 8_192
    assert by_hand == pytest.approx(gigabytes * 1e9, rel=0.001)
    assert float(weight_bytes(served, at)) == pytest.approx(by_hand, rel=0.005)


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
