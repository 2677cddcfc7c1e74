"""Hybrids of Hugging Face: layers counted by their kinds, agreeing with transformers' own totals; marked as extrapolated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import NamedRefusal, write_configuration
from mitsumori.model.formats.hybrids import HYBRID_TYPES
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported, shape
from tests.validation.test_transformers_totals import families, read

NEXT: dict[str, Any] = {
    "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48, "intermediate_size": 5120, "head_dim": 256,
    "num_attention_heads": 16, "num_key_value_heads": 2, "vocab_size": 151936, "tie_word_embeddings": False,
    "num_experts": 512, "num_experts_per_tok": 10, "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512,
    "full_attention_interval": 4, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128, "linear_num_key_heads": 16,
    "linear_num_value_heads": 32, "linear_value_head_dim": 128, "decoder_sparse_step": 1, "mlp_only_layers": [],
}  # fmt: skip
NEMOTRON: dict[str, Any] = {
    "model_type": "nemotron_h", "hidden_size": 4096, "intermediate_size": 21504, "num_attention_heads": 32, "head_dim": 128,
    "num_key_value_heads": 8, "vocab_size": 131072, "tie_word_embeddings": False, "mamba_num_heads": 128, "mamba_head_dim": 64,
    "n_groups": 8, "ssm_state_size": 128, "conv_kernel": 4, "chunk_size": 128, "expand": 2, "mlp_hidden_act": "relu2",
    "hybrid_override_pattern": "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-", "num_hidden_layers": 52,
    "time_step_limit": [0.0, float("inf")], "use_bias": False, "mamba_proj_bias": False,
}  # fmt: skip
NANO = NEMOTRON | {
    "hidden_size": 2688, "num_key_value_heads": 2, "mamba_num_heads": 64, "n_routed_experts": 128, "num_experts_per_tok": 6,
    "moe_intermediate_size": 1856, "moe_shared_expert_intermediate_size": 3712, "n_shared_experts": 1,
    "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
}  # fmt: skip
MINIMAX: dict[str, Any] = {
    "model_type": "minimax", "hidden_size": 4096, "num_hidden_layers": 2, "layer_types": ["linear_attention", "full_attention"],
    "intermediate_size": 14336, "num_attention_heads": 32, "num_local_experts": 8, "num_experts_per_tok": 2, "vocab_size": 32000,
}  # fmt: skip


OWN_CODE = {"minimax_text_01", "minimax_m1", "bailing_moe_v2_5", "bailing_moe_linear", "bailing_moe_linear_v2"}
"""Families that bring their code with their weights: no class of transformers judges them."""
RING: dict[str, Any] = {
    "model_type": "bailing_moe_linear", "vocab_size": 157184, "num_experts": 256, "num_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 1, "head_dim": 128, "group_norm_size": 4, "linear_silu": False, "tie_word_embeddings": False,
    "hidden_size": 2048, "intermediate_size": 5120, "num_hidden_layers": 20, "num_attention_heads": 16, "num_key_value_heads": 4,
    "moe_intermediate_size": 512, "layer_group_size": 5,
}  # fmt: skip
RING_FLASH = RING | {
    "hidden_size": 4096, "intermediate_size": 9216, "num_hidden_layers": 32, "num_attention_heads": 32, "moe_intermediate_size": 1024,
    "layer_group_size": 8,
}  # fmt: skip


@pytest.mark.parametrize(("config", "billions", "active"), [(RING, 16.0, 0.957), (RING_FLASH, 104.0, 6.1)])
def test_lings_linear_models_have_the_size_that_their_publisher_says(
    config: dict[str, Any], billions: float, active: float
) -> None:
    """Ring-mini-linear-2.0 and Ring-flash-linear-2.0: "16B parameters and 957M activations", "104B ... and 6.1B" (arXiv 2510.19338)."""
    document = imported(json.dumps(config)).document(Plan())
    tables = 2 * config["vocab_size"] * config["hidden_size"]  # their active count is without the embeddings
    assert document["params"] == pytest.approx(billions * 1e9, rel=0.03)
    assert document["active_params"] - tables == pytest.approx(active * 1e9, rel=0.03)
    layers = config["num_hidden_layers"]
    assert document["read"]["model.architecture.attention_layers"] == layers // config["layer_group_size"]


def test_the_last_layers_of_an_open_group_attend() -> None:
    latent = {
        "kv_lora_rank": 512,
        "q_lora_rank": None,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
    }
    found = imported(json.dumps(RING | latent | {"model_type": "bailing_moe_v2_5", "num_hidden_layers": 23}))
    read = found.document(Plan())["read"]
    assert read["model.architecture.attention_layers"] == 4 + 3 and read["model.architecture.mla"] == 1


@pytest.mark.parametrize("kind", sorted(HYBRID_TYPES - OWN_CODE))
def test_every_hybrid_family_agrees_with_transformers_own_totals(kind: str) -> None:
    """At the class's defaults and at every set of sizes drawn, whole and as saved."""
    indices = families()[kind]
    assert len(indices) >= 3
    for index in indices:
        for whole in (True, False):
            error, doubted, _ = read(index, whole)
            assert error is not None and abs(error) <= 1e-3 and not doubted, index


@pytest.mark.parametrize(("config", "total"), [(NEXT, 79.674e9), (NEMOTRON, 8.1009e9), (NANO, 31.578e9)])
def test_published_hybrids_are_counted_whole(config: dict[str, Any], total: float) -> None:
    """Counts of transformers' own classes on torch's meta device (tests/model/test_hybrids.py)."""
    found = imported(json.dumps(config))
    document = found.document(Plan())
    assert document["params"] == pytest.approx(total, rel=1e-3)
    assert not found.parts(Plan(), "en").doubts
    assert document["read"]["model.architecture.mixer.kind"] in ("gated_delta", "mamba2")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_hybrid_is_said_to_be_extrapolated(language: str) -> None:
    found = imported(json.dumps(MINIMAX))
    lines = found.report(Plan(), language)
    assert any(("extrapolated" if language == "en" else "外挿") in line for line in lines)
    plan = found.apply(Plan())
    assert plan.model.architecture is not None and plan.model.architecture.mixer is not None
    assert (plan.model.architecture.mixer.kind, plan.model.architecture.attention_layers) == ("lightning", 1)


@pytest.mark.parametrize(("config", "named"), [
    ({key: value for key, value in NEXT.items() if key != "full_attention_interval"}, "layer_types"),
    ({key: value for key, value in NEMOTRON.items() if key != "hybrid_override_pattern"}, "hybrid_override_pattern"),
    ({key: value for key, value in NEMOTRON.items() if key != "ssm_state_size"}, "ssm_state_size"),
    (NANO | {"moe_latent_size": 1024}, "moe_latent_size"),
    (NANO | {"hybrid_override_pattern": "ME*-"}, "differ in shape"),
    (NEMOTRON | {"model_type": "rwkv"}, "RWKV"),
    (NEMOTRON | {"model_type": "zamba2"}, "share the weights"),
    (NEMOTRON | {"model_type": "somebody_new"}, "of a kind"),
])  # fmt: skip
def test_what_a_hybrid_does_not_say_or_cannot_be_counted_is_named(config: dict[str, Any], named: str) -> None:
    with pytest.raises(NamedRefusal, match=named) as refused:
        imported(json.dumps(config))
    assert not refused.value.text("ja").isascii()


def test_no_format_writes_a_hybrid_as_something_else() -> None:
    plan = imported(json.dumps(NEXT)).apply(Plan())
    assert shape(plan)["mixer"] > 0
    for format_name in ("huggingface", "megatron", "nemo"):
        with pytest.raises(Refusal, match=r"hybrid|no Hugging Face model family"):
            write_configuration(plan, {}, format_name)
