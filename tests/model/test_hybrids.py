"""Hybrids: counts against transformers' own classes, states of constant size, memory and time that move the right way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mitsumori.model.architecture.mixers import scan_flop, state_bytes
from mitsumori.model.architecture.parallelism import RECOMPUTES, STACKS, Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import active_parameters, model_flop_per_token, parameter_count
from mitsumori.model.catalogue.accelerators import gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats.shapes import shape_of, spec_of
from mitsumori.model.kernels.attention import cache_bytes_per_token
from mitsumori.model.kernels.constants import shipped
from mitsumori.model.memory.activations import megatron_saved
from mitsumori.model.memory.states import layer_parameters
from mitsumori.model.plan.plan import ArchitectureSpec, Plan
from mitsumori.model.plan.shapes import architecture_of
from mitsumori.model.serving.shape import served_model
from mitsumori.model.training.step import step_time

MAMBA: dict[str, Any] = {"kind": "mamba2", "heads": 128, "head_dim": 64, "key_heads": 8, "state_dim": 128}
SHAPES: dict[str, tuple[dict[str, Any], int]] = {
    "Qwen3-Next-80B-A3B": (
        {
            "layers": 48,
            "hidden": 2048,
            "heads": 16,
            "kv_heads": 2,
            "head_dim": 256,
            "vocab": 151936,
            "attention_gate": True,
            "moe_experts": 512,
            "moe_topk": 10,
            "moe_ffn": 512,
            "moe_shared_ffn": 512,
            "mixer": {
                "kind": "gated_delta",
                "layers": 36,
                "heads": 32,
                "head_dim": 128,
                "key_heads": 16,
                "state_dim": 128,
            },
        },
        79_674_391_296,
    ),
    "Nemotron-H-8B": (
        {
            "layers": 52,
            "hidden": 4096,
            "ffn": 21504,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "vocab": 131072,
            "gated_mlp": False,
            "attention_layers": 4,
            "ffn_layers": 24,
            "mixer": MAMBA | {"layers": 24},
        },
        8_100_852_736,
    ),
    "Nemotron-3-Nano-30B-A3B": (
        {
            "layers": 52,
            "hidden": 2688,
            "heads": 32,
            "kv_heads": 2,
            "head_dim": 128,
            "vocab": 131072,
            "gated_mlp": False,
            "moe_experts": 128,
            "moe_topk": 6,
            "moe_ffn": 1856,
            "moe_shared_ffn": 3712,
            "attention_layers": 6,
            "ffn_layers": 23,
            "mixer": MAMBA | {"layers": 23, "heads": 64},
        },
        31_577_937_344,
    ),
    "Falcon-H1-1.5B": (
        {
            "layers": 24,
            "hidden": 2048,
            "ffn": 4096,
            "heads": 8,
            "kv_heads": 2,
            "head_dim": 128,
            "vocab": 65537,
            "attention_layers": 24,
            "mixer": MAMBA | {"layers": 24, "heads": 48, "key_heads": 1, "state_dim": 256},
        },
        1_479_292_288,
    ),
    "Granite-4.0-H-Small": (
        {
            "layers": 40,
            "hidden": 4096,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "vocab": 100352,
            "tied_embeddings": True,
            "moe_experts": 72,
            "moe_topk": 10,
            "moe_ffn": 768,
            "moe_shared_ffn": 1536,
            "mixer": MAMBA | {"layers": 36, "key_heads": 1},
        },
        32_207_337_984,
    ),
    "Bamba-9B": (
        {
            "layers": 32,
            "hidden": 4096,
            "ffn": 14336,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "vocab": 128256,
            "mixer": MAMBA | {"layers": 29, "key_heads": 1},
        },
        9_780_235_392,
    ),
    "MiniMax-Text-01": (
        {
            "layers": 80,
            "hidden": 6144,
            "heads": 64,
            "kv_heads": 8,
            "head_dim": 128,
            "vocab": 200064,
            "moe_experts": 32,
            "moe_topk": 2,
            "moe_ffn": 9216,
            "mixer": {"kind": "lightning", "layers": 70, "heads": 64, "head_dim": 128, "conv": 0},
        },
        456_089_655_296,
    ),
    "Kimi-Linear-48B-A3B": (
        {
            "layers": 27,
            "hidden": 2304,
            "ffn": 9216,
            "head_dim": 128,
            "heads": 32,
            "vocab": 163840,
            "moe_experts": 256,
            "moe_topk": 8,
            "moe_ffn": 1024,
            "moe_shared_ffn": 1024,
            "moe_dense_layers": 1,
            "attention_layers": 6,
            "mla": {"kv_lora_rank": 512, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128},
            "mixer": {"kind": "kimi_delta", "layers": 21, "heads": 32, "head_dim": 128},
        },
        49_133_074_464,
    ),
    "Jamba-v0.1": (
        {
            "layers": 32,
            "hidden": 4096,
            "ffn": 14336,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "vocab": 65536,
            "moe_experts": 16,
            "moe_topk": 2,
            "moe_ffn": 14336,
            "moe_dense_layers": 16,
            "mixer": {
                "kind": "mamba",
                "layers": 28,
                "heads": 8192,
                "head_dim": 1,
                "key_heads": 1,
                "state_dim": 16,
            },
        },
        51_570_323_328,
    ),
    "Mamba-Codestral-7B": (
        {
            "layers": 64,
            "hidden": 4096,
            "heads": 128,
            "vocab": 32768,
            "attention_layers": 0,
            "ffn_layers": 0,
            "mixer": MAMBA | {"layers": 64},
        },
        7_285_403_648,
    ),
    "RecurrentGemma (defaults of its class)": (
        {
            "layers": 26,
            "hidden": 2560,
            "ffn": 3840,
            "heads": 10,
            "kv_heads": 10,
            "head_dim": 256,
            "vocab": 256000,
            "tied_embeddings": True,
            "window": 2048,
            "window_share": 1.0,
            "mixer": {"kind": "rg_lru", "layers": 18, "heads": 10, "head_dim": 256, "state_dim": 1},
        },
        2_010_263_040 - 26 * (2 * 3840 + 2560) - 8 * 2560,  # biases of feed-forward blocks and of attention's output
    ),
    "LFM3 (defaults of its class)": (
        {
            "layers": 24,
            "hidden": 2048,
            "ffn": 7680,
            "heads": 16,
            "kv_heads": 4,
            "head_dim": 128,
            "vocab": 128000,
            "tied_embeddings": True,
            "mixer": {"kind": "short_conv", "layers": 13, "heads": 16, "head_dim": 128, "conv": 7},
        },
        1_728_801_536 - 24 * 2 * 2048 - 11 * 2048 * 16,  # norms after the blocks and the heads' gates
    ),
}
"""Shapes of the published configurations and the totals of transformers' own classes (5.18, the last four 5.24), counted on
torch's meta device."""


def shape(name: str) -> Any:
    return architecture_of(ArchitectureSpec(**SHAPES[name][0]))


def plan(**changes: float) -> Parallel:
    usual = {
        "gpus": 64,
        "tp": 1,
        "pp": 1,
        "dp": 64,
        "micro_batch": 1,
        "global_batch": 256,
        "seq_len": 8192,
        "zero_stage": 1,
    }
    return Parallel(**(usual | changes))


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_agree_with_the_classes_of_transformers(name: str) -> None:
    assert float(parameter_count(shape(name)).total) == pytest.approx(SHAPES[name][1], rel=1e-4)


@pytest.mark.parametrize(
    ("name", "billions"), [("Qwen3-Next-80B-A3B", 3.9), ("Nemotron-3-Nano-30B-A3B", 3.6), ("Granite-4.0-H-Small", 8.8)]
)
def test_active_parameters_with_the_tables_of_the_model_cards(name: str, billions: float) -> None:
    assert float(active_parameters(shape(name))) / 1e9 == pytest.approx(billions, rel=0.02)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_comes_back_from_its_normal_form(name: str) -> None:
    arch = shape(name)
    assert architecture_of(ArchitectureSpec(**spec_of(shape_of(arch)))) == arch


@pytest.mark.parametrize("name", SHAPES)
def test_layers_of_a_rank_hold_the_whole_model(name: str) -> None:
    """On one GPU the mean layer times the layers, with the tables, is the count."""
    arch = shape(name)
    layer = layer_parameters(arch, plan(), 16, 1)
    dense = float(arch.dense_layers) * layer.dense_mlp
    moe = float(arch.moe_layers) * (layer.experts + layer.shared + layer.router)
    tables = float(arch.vocab) * arch.hidden * (2 - arch.tied_embeddings) + arch.hidden
    held = float(arch.layers) * (layer.attention + layer.vectors) + dense + moe + tables
    assert float(held) == pytest.approx(float(parameter_count(arch).total), rel=1e-9)


def test_a_state_does_not_grow_with_the_sequence_and_the_cache_does() -> None:
    """Nemotron-H-8B: 24 states of 128 heads x 64 x 128 in 32 bits and three tokens of 10,240 columns; 4 layers of 8 heads."""
    arch = shape("Nemotron-H-8B")
    assert float(state_bytes(arch)) == 24 * (4 * 128 * 64 * 128 + 2 * 3 * 10_240)
    assert float(cache_bytes_per_token(arch)) == 4 * 2 * 8 * 128 * 2


def test_operations_of_a_scan() -> None:
    """Mamba-2 in chunks of 256: scores of 8 groups, values and states of 128 heads; linear in the sequence."""
    arch = shape("Nemotron-H-8B")
    assert float(scan_flop(arch)) == 2 * 256 * (8 * 128 + 128 * 64) + 128 * 4 * 128 * 64
    short, long = (float(model_flop_per_token(arch, s)) for s in (8192, 65536))
    whole = replace(arch, mixer=0, mixer_layers=0, attention_free_layers=0, ffn_free_layers=0)
    growth = float(model_flop_per_token(whole, 65536)) - float(model_flop_per_token(whole, 8192))
    assert long - short == pytest.approx(growth * 4 / 52)


def test_states_of_the_selective_kinds() -> None:
    """Mamba keeps 16 numbers a channel and three tokens of its convolution, an RG-LRU one, a short convolution its tokens only."""
    jamba = shape("Jamba-v0.1")
    assert float(state_bytes(jamba)) == 28 * (4 * 8192 * 16 + 2 * 3 * 8192)
    assert float(scan_flop(jamba)) == 9 * 8192 * 16
    griffin = shape("RecurrentGemma (defaults of its class)")
    assert float(state_bytes(griffin)) == 18 * (4 * 2560 + 2 * 3 * 2560)
    convolved = shape("LFM3 (defaults of its class)")
    assert float(state_bytes(convolved)) == 13 * 2 * 6 * 2048 and float(scan_flop(convolved)) == 0.0


@pytest.mark.parametrize("name", [name for name in SHAPES if "Codestral" in name or "LFM3" in name or "Jamba" in name])
def test_an_estimate_of_every_kind_has_days(name: str) -> None:
    made = Plan(model={"architecture": SHAPES[name][0]}, cluster={"server": "DGX-H100", "servers": 8})
    found = estimate(made).training
    assert found.days.value is not None and 0.0 < found.days.value < 1e4
    assert found.mfu.value is not None and 0.0 < found.mfu.value < 1.0


@pytest.mark.parametrize("stack", ["megatron", "torchtitan", "huggingface"])
@pytest.mark.parametrize("name", ["Qwen3-Next-80B-A3B", "Bamba-9B", "Nemotron-H-8B", "Jamba-v0.1"])
def test_time_at_long_context_grows_less_than_with_attention_everywhere(name: str, stack: str) -> None:
    gpu = gpu_of(Catalogue.shipped().accelerators()["H100-SXM"])
    arch = shape(name)
    attention = replace(arch, mixer=0, mixer_layers=0, attention_free_layers=0)

    def ratio(model: Any) -> float:
        times = [
            float(
                step_time(
                    model, gpu, plan(seq_len=s, global_batch=64, stack=STACKS.index(stack)), Work(), shipped()
                ).total_s
            )
            / s
            for s in (8192, 131072)
        ]
        return times[1] / times[0]

    assert ratio(arch) < 0.6 * ratio(attention)


def test_saved_tensors_of_a_mixer_divide_by_tensor_parallelism_and_go_with_recomputation() -> None:
    arch = shape("Bamba-9B")
    one, eight = (float(megatron_saved(arch, plan(tp=t, dp=64 / t, sp=1)).dense) for t in (1, 8))
    assert eight == pytest.approx(one / 8, rel=0.05)
    full = megatron_saved(arch, plan(recompute=RECOMPUTES.index("full")))
    assert float(full.dense) == 2 * 4096 and float(full.dense_whole) == pytest.approx(one)


def test_layers_of_several_kinds_need_a_mixer() -> None:
    with pytest.raises(ValueError, match="mixer"):
        ArchitectureSpec(layers=4, hidden=64, ffn=64, heads=2, vocab=100, attention_layers=2)
    with pytest.raises(ValueError, match="mixer"):
        ArchitectureSpec(layers=4, hidden=64, ffn=64, heads=2, vocab=100, mixer=MAMBA | {"layers": 5})


def test_an_estimate_of_a_hybrid_says_that_it_is_extrapolated() -> None:
    shape = SHAPES["Nemotron-H-8B"][0]
    plan = Plan(model={"architecture": shape}, cluster={"server": "DGX-H100", "servers": 8})
    found = estimate(plan)
    assert "training_hybrid" in {item.code for item in found.findings}
    assert found.training.details.interval_class.startswith("dense_far")
    assert found.training.details.parameters == pytest.approx(8.1e9, rel=0.01)


def test_serving_keeps_states_and_the_cache_of_attention_layers_only() -> None:
    arch = shape("Nemotron-H-8B")
    model = served_model(arch)
    assert (float(model.full_layers), float(model.linear_layers)) == (4, 24)
    assert float(model.state_bytes) == float(state_bytes(arch))
