"""Configurations of Hugging Face models read whole or refused by name; each input was once read as another model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import NamedRefusal, read_configuration, write_configuration
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported, shape

MOE = {"num_experts_per_tok": 8, "vocab_size": 151936, "tie_word_embeddings": False}
QWEN3_MOE = {
    "model_type": "qwen3_moe", "hidden_size": 4096, "num_hidden_layers": 94, "intermediate_size": 12288, "head_dim": 128,
    "moe_intermediate_size": 1536, "num_attention_heads": 64, "num_key_value_heads": 4, **MOE,
}  # fmt: skip
V32 = {
    "model_type": "deepseek_v32", "hidden_size": 7168, "num_hidden_layers": 61, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 3, "num_attention_heads": 128, "num_key_value_heads": 128, "q_lora_rank": 1536,
    "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "index_head_dim": 128,
    "index_n_heads": 64, "index_topk": 2048, "vocab_size": 129280, "tie_word_embeddings": False,
}  # fmt: skip
GLM5 = V32 | {
    "model_type": "glm_moe_dsa", "hidden_size": 6144, "num_hidden_layers": 78, "intermediate_size": 12288,
    "num_attention_heads": 64, "num_key_value_heads": 64, "q_lora_rank": 2048, "qk_nope_head_dim": 192, "v_head_dim": 256,
    "index_n_heads": 32, "vocab_size": 154880,
}  # fmt: skip
M2 = {
    "model_type": "minimax_m2", "hidden_size": 3072, "num_hidden_layers": 62, "intermediate_size": 1536,
    "num_local_experts": 256, "num_experts_per_tok": 8, "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128,
    "vocab_size": 200064, "tie_word_embeddings": False,
}  # fmt: skip
OLMOE = {
    "model_type": "olmoe", "hidden_size": 2048, "num_hidden_layers": 16, "intermediate_size": 1024, "num_experts": 64,
    "num_experts_per_tok": 8, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 50304,
    "tie_word_embeddings": False,
}  # fmt: skip
PHIMOE = {
    "model_type": "phimoe", "hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 6400, "num_local_experts": 16,
    "num_experts_per_tok": 2, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32064,
    "tie_word_embeddings": False,
}  # fmt: skip
ERNIE = {
    "model_type": "ernie4_5_moe", "hidden_size": 2560, "num_hidden_layers": 28, "intermediate_size": 12288,
    "moe_num_experts": 64, "moe_k": 6, "moe_intermediate_size": 1536, "moe_num_shared_experts": 2, "moe_layer_start_index": 1,
    "num_attention_heads": 20, "num_key_value_heads": 4, "vocab_size": 103424, "tie_word_embeddings": True,
}  # fmt: skip
PHI = {
    "model_type": "phi", "hidden_size": 2048, "num_hidden_layers": 24, "intermediate_size": 8192, "num_attention_heads": 32,
    "vocab_size": 51200, "hidden_act": "gelu_new", "tie_word_embeddings": False,
}  # fmt: skip
VL = {
    "model_type": "qwen2_5_vl", "hidden_size": 3584, "num_hidden_layers": 28, "intermediate_size": 18944,
    "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False,
    "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16},
}  # fmt: skip
GPTJ = {"model_type": "gptj", "n_layer": 28, "n_embd": 4096, "n_head": 16, "vocab_size": 50400, "n_positions": 2048}
BIGCODE = {
    "model_type": "gpt_bigcode", "n_layer": 40, "n_embd": 6144, "n_head": 48, "n_inner": 24576, "vocab_size": 49152,
    "multi_query": True,
}  # fmt: skip
CHATGLM = {
    "model_type": "chatglm", "num_layers": 28, "hidden_size": 4096, "num_attention_heads": 32, "multi_query_group_num": 2,
    "ffn_hidden_size": 13696, "padded_vocab_size": 65024,
}  # fmt: skip
# configuration, total and active parameters in 1e9 (published, or counted by hand from the keys)
READ: list[tuple[dict[str, Any], float, float | None]] = [
    (QWEN3_MOE | {"num_experts": 128}, 235.09, 22.2),
    (QWEN3_MOE | {"num_local_experts": 128}, 235.09, 22.2),
    (QWEN3_MOE | {"n_routed_experts": 128, "model_type": "someone_elses_moe"}, 235.09, 22.2),
    (V32, 671.9, None), (GLM5, 743.9, None), (M2, 228.7, None), (OLMOE, 6.92, 1.3), (PHIMOE, 41.9, 6.6), (ERNIE, 21.8, None),
    (PHI, 1.42, None), (VL, 8.29, None), (GPTJ, 6.05, None), (BIGCODE, 15.5, None), (CHATGLM, 6.24, None),
]  # fmt: skip


@pytest.mark.parametrize(("config", "total", "active"), READ, ids=[row[0]["model_type"] for row in READ])
def test_whole_models_are_counted_whole(config: dict[str, Any], total: float, active: float | None) -> None:
    document = imported(json.dumps(config)).document(Plan())
    assert document["params"] / 1e9 == pytest.approx(total, rel=0.01)
    if active is not None:
        assert document["active_params"] / 1e9 == pytest.approx(active, rel=0.02)


def test_a_vision_tower_is_counted_and_named() -> None:
    found = imported(json.dumps(VL))
    document = found.document(Plan())
    assert document["left_aside"]["vision_config"] == pytest.approx(0.67e9, rel=0.02)
    assert document["params"] - document["left_aside"]["vision_config"] == pytest.approx(7.616e9, rel=1e-3)
    assert any("vision_config" in line for line in found.report(Plan(), "en"))


def test_an_unknown_family_is_doubted_in_the_first_line() -> None:
    found = imported(json.dumps(QWEN3_MOE | {"num_experts": 128, "model_type": "someone_elses_moe"}))
    lines = found.report(Plan(), "en")
    assert "not known" in lines[0] and "235.1 B" in lines[0] and "22.1" in lines[0]


DENSE = {
    "hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 14336, "num_attention_heads": 32,
    "vocab_size": 32000,
}  # fmt: skip
REFUSED: list[tuple[dict[str, Any], str]] = [
    (DENSE | {"model_type": "brandnew", "layer_types": ["linear_attention", "full_attention"] * 16, "num_local_experts": 8,
              "num_experts_per_tok": 2}, "linear_attention"),
    (DENSE | {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"]}, "encoder"),
    (DENSE | {"model_type": "bert"}, "encoder"),
    (DENSE | {"model_type": "nemotron-nas", "block_configs": [{"ffn": {"ffn_mult": 5.25}}, {"ffn": {"no_op": True}}]},
     "block_configs"),
    (DENSE | {"model_type": "nemotron_h", "time_step_limit": [0.0, float("inf")]}, "state-space"),
    (DENSE | {"model_type": "gemma3n_text", "intermediate_size": [16384, 8192]}, "each layer has an embedding"),
    (DENSE | {"model_type": "openelm", "intermediate_size": [16384, 8192]}, "intermediate_size"),
    (DENSE | {"model_type": "llama", "expert_widths": [4, 5], "num_experts_kept": 7}, "expert_widths"),
    (DENSE | {"model_type": "llama", "kv_lora_rank": 512}, "kv_lora_rank"),
    (DENSE | {"model_type": "newest", "swa_num_attention_heads": 64, "v_head_dim": 128}, "swa_num_attention_heads"),
    (DENSE | {"model_type": "newest", "num_experts": 8}, "num_experts_per_tok"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "named"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_cannot_be_counted_is_refused_by_name(config: dict[str, Any], named: str) -> None:
    with pytest.raises(Refusal, match=named):
        imported(json.dumps(config))


@pytest.mark.parametrize(("preset", "model_type"), [
    ("qwen3-8b", "qwen3"), ("qwen2.5-7b", "qwen2"), ("qwen3-235b-a22b", "qwen3_moe"), ("mistral-7b", "mistral"),
    ("mixtral-8x7b", "mixtral"), ("deepseek-v3", "deepseek_v3"), ("bloom-176b", "bloom"), ("llama3.1-8b", "llama"),
])  # fmt: skip
def test_a_preset_is_written_as_its_own_family(preset: str, model_type: str) -> None:
    text = write_configuration(Plan().with_values({"model.preset": preset}), {}, "huggingface")
    assert json.loads(text)["model_type"] == model_type
    assert "model.preset" in imported(text).values


_SPELLINGS = {
    "experts": [
        "num_experts",
        "num_local_experts",
        "n_routed_experts",
        "moe_num_experts",
        "n_experts",
        "expert_number",
    ],
    "topk": ["num_experts_per_tok", "experts_per_token", "moe_k", "moe_topk", "choose_experts"],
    "width": ["moe_intermediate_size", "expert_intermediate_size", "moe_ffn_hidden_size", "width_of_expert"],
}


@given(
    st.sampled_from(["llama", "mistral", "qwen3", "qwen3_moe", "olmoe", "brandnew"]), st.sampled_from(_SPELLINGS["experts"]),
    st.sampled_from(_SPELLINGS["topk"]), st.sampled_from(_SPELLINGS["width"]), st.sampled_from([4, 16, 64]),
    st.integers(1, 4), st.sampled_from([128, 512, 1024]), st.sampled_from([4, 12]),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_spelling_of_experts_is_lost_in_silence(
    kind: str, experts: str, topk: str, width: str, number: int, chosen: int, size: int, layers: int
) -> None:
    config = {
        "model_type": kind, "hidden_size": 512, "num_hidden_layers": layers, "intermediate_size": 2048, "head_dim": 64,
        "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 1000, "tie_word_embeddings": False,
        experts: number, topk: chosen, width: size,
    }  # fmt: skip
    total = layers * (4 * 512 * 512 + number * 3 * 512 * size + 512 * number) + 2 * 1000 * 512
    try:
        found = imported(json.dumps(config))
    except Refusal:
        return
    wrong = abs(found.document(Plan())["params"] / total - 1) > 0.01
    assert not wrong or "not known" in found.report(Plan(), "en")[0]


def test_a_refusal_behind_a_read_shape_names_what_was_counted() -> None:
    config = {
        "model_type": "brandnew", "architectures": ["BrandNewForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256,
        "routed_expert_count": 128,
    }  # fmt: skip
    with pytest.raises(NamedRefusal) as refused:
        read_configuration(json.dumps(config))
    for language in ("en", "ja"):
        assert "8.03 B" in refused.value.text(language)
    with pytest.raises(NamedRefusal) as refused:
        read_configuration(json.dumps({key: value for key, value in config.items() if key != "num_attention_heads"}))
    assert " B" not in str(refused.value)


_HALF_PUBLISHED = {
    # Files as published in 2023-2025, and the publisher's total (B); each was read as another model or not at all.
    "qwen-7b": (7.721, {"model_type": "qwen", "hidden_size": 4096, "intermediate_size": 22016, "num_attention_heads": 32,
                        "num_hidden_layers": 32, "no_bias": True, "vocab_size": 151936, "tie_word_embeddings": False}),
    "smollm3-3b": (3.075, {"model_type": "smollm3", "hidden_size": 2048, "intermediate_size": 11008, "vocab_size": 128256,
                           "num_attention_heads": 16, "num_hidden_layers": 36, "num_key_value_heads": 4}),
    "command-a": (111.06, {"model_type": "cohere2", "hidden_size": 12288, "intermediate_size": 36864, "vocab_size": 256000,
                           "num_attention_heads": 96, "num_hidden_layers": 64, "num_key_value_heads": 8, "head_dim": 128}),
    "lfm2-1.2b": (1.170, {"model_type": "lfm2", "block_auto_adjust_ff_dim": True, "block_ff_dim": 12288, "hidden_size": 2048,
                          "block_ffn_dim_multiplier": 1.0, "block_multiple_of": 256, "conv_L_cache": 3, "conv_bias": False,
                          "full_attn_idxs": [2, 5, 8, 10, 12, 14], "num_attention_heads": 32, "num_hidden_layers": 16,
                          "num_key_value_heads": 8, "vocab_size": 65536}),
    "minicpm-2b": (2.725, {"model_type": "minicpm", "hidden_size": 2304, "intermediate_size": 5760, "vocab_size": 122753,
                           "num_attention_heads": 36, "num_hidden_layers": 40, "num_key_value_heads": 36, "scale_emb": 12}),
    "deepseek-moe-16b": (16.376, {"model_type": "deepseek", "first_k_dense_replace": 1, "hidden_size": 2048,
                                  "intermediate_size": 10944, "moe_intermediate_size": 1408, "moe_layer_freq": 1,
                                  "n_routed_experts": 64, "n_shared_experts": 2, "num_attention_heads": 16,
                                  "num_experts_per_tok": 6, "num_hidden_layers": 28, "num_key_value_heads": 16,
                                  "tie_word_embeddings": False, "vocab_size": 102400}),
    "minimax-m2": (228.69, M2 | {"attn_type_list": [1] * 62, "mlp_intermediate_size": 8192, "use_mtp": True,
                                 "layernorm_linear_attention_beta": 1.0, "shared_intermediate_size": 0}),
    "minimax-m1": (456.09, {"model_type": "minimax_m1", "attn_type_list": ([0] * 7 + [1]) * 10, "head_dim": 128,
                            "hidden_size": 6144, "intermediate_size": 9216, "num_attention_heads": 64, "num_hidden_layers": 80,
                            "num_experts_per_tok": 2, "num_key_value_heads": 8, "num_local_experts": 32, "postnorm": True,
                            "shared_intermediate_size": 0, "tie_word_embeddings": False, "vocab_size": 200064}),
    "nemotron-h-8b": (8.101, {"model_type": "nemotron_h", "attention_head_dim": 128, "conv_kernel": 4, "expand": 2,
                              "hidden_size": 4096, "intermediate_size": 21504, "mamba_head_dim": 64, "mamba_num_heads": 128,
                              "hybrid_override_pattern": "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-",
                              "n_groups": 8, "num_attention_heads": 32, "num_hidden_layers": 52, "num_key_value_heads": 8,
                              "ssm_state_size": 128, "time_step_rank": 256, "vocab_size": 131072,
                              "tie_word_embeddings": False}),
    "dbrx": (131.60, {"model_type": "dbrx", "attn_config": {"clip_qkv": 8, "kv_n_heads": 8}, "d_model": 6144, "n_heads": 48,
                      "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4}, "n_layers": 40,
                      "max_seq_len": 32768, "tie_word_embeddings": False, "vocab_size": 100352}),
    "ministral-3b": (3.8491, {"dim": 3072, "n_layers": 26, "head_dim": 128, "hidden_dim": 9216, "n_heads": 32, "n_kv_heads": 8,
                             "vocab_size": 131072, "tied_embeddings": True,
                             "vision_encoder": {"intermediate_size": 4096, "num_hidden_layers": 24, "patch_size": 14,
                                                "num_attention_heads": 16, "hidden_size": 1024, "spatial_merge_size": 2}}),
}  # fmt: skip


@pytest.mark.parametrize("name", _HALF_PUBLISHED)
def test_published_files_have_the_publishers_total_without_doubt(name: str) -> None:
    total, config = _HALF_PUBLISHED[name]
    found = imported(json.dumps(config))
    assert found.document(Plan())["params"] == pytest.approx(total * 1e9, rel=1e-3)
    assert "check" not in found.report(Plan(), "en")[0]


@pytest.mark.parametrize("key", ["language_config", "llm_config"])
def test_the_language_part_of_a_multimodal_file_is_found_under_every_name(key: str) -> None:
    """DeepSeek-VL2's and InternVL's; a chat model's class has an output matrix although its name ends in Model."""
    inner = {"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28,
             "num_hidden_layers": 28, "num_key_value_heads": 4, "vocab_size": 151674, "tie_word_embeddings": False}  # fmt: skip
    tower = {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24}
    config = {"model_type": "some_chat", "architectures": ["InternVLChatModel"], "downsample_ratio": 0.5, key: inner,
              "vision_config": tower | {"image_size": 448, "patch_size": 14}}  # fmt: skip
    found = imported(json.dumps(config))
    assert found.document(Plan())["params"] == pytest.approx(7.93e9, rel=0.01)
    assert "about 0.3" in found.report(Plan(), "en")[0]


@pytest.mark.parametrize(("config", "named"), [
    (OLMOE | {"model_type": "somebody_linear"}, "somebody_linear"),
    (OLMOE | {"model_type": "git", "architectures": ["Grok1ForCausalLM"], "residual_moe": True}, "residual_moe"),
    (OLMOE | {"model_type": "arctic", "parallel_attn_mlp_res": True}, "parallel_attn_mlp_res"),
])  # fmt: skip
def test_parts_that_a_plan_cannot_say_are_refused_by_their_key(config: dict[str, Any], named: str) -> None:
    with pytest.raises(NamedRefusal) as refused:
        imported(json.dumps(config))
    assert named in refused.value.text("en") and named in refused.value.text("ja")
    assert not refused.value.text("ja").isascii()


@pytest.mark.parametrize(
    "kind", ["mamba", "falcon_mamba", "mamba2", "jamba", "recurrent_gemma", "lfm2", "minimax", "bamba"]
)
def test_a_file_that_names_little_but_its_family_is_refused(kind: str) -> None:
    with pytest.raises(Refusal):
        imported(json.dumps({"model_type": kind, "vocab_size": 32768, "architectures": ["Some"], "n_layers": 64}))


def test_metas_file_of_a_small_model_does_not_say_whether_its_embeddings_are_shared() -> None:
    """Llama 3.2 1B's params.json: 1.24 B with one table, 1.50 B with two; 8B has two, and the table is 7 % of it."""
    small = {"dim": 2048, "n_layers": 16, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256, "ffn_dim_multiplier": 1.5,
             "multiple_of": 256, "norm_eps": 1e-05}  # fmt: skip
    large = small | {"dim": 4096, "n_layers": 32, "ffn_dim_multiplier": 1.3, "multiple_of": 1024}
    assert "tied_embeddings" in imported(json.dumps(small)).report(Plan(), "en")[0]
    assert (
        imported(json.dumps(small | {"tied_embeddings": True}))
        .report(Plan(), "en")[0]
        .startswith("The model has 1.236 B")
    )
    assert imported(json.dumps(large)).report(Plan(), "en")[0].startswith("The model has 8.03 B")


OMNI: dict[str, Any] = {
    "architectures": ["Qwen3OmniMoeForConditionalGeneration"], "model_type": "qwen3_omni_moe", "enable_audio_output": True,
    "thinker_config": {
        "model_type": "qwen3_omni_moe_thinker",
        "text_config": {"model_type": "qwen3_omni_moe_text", "head_dim": 128, "hidden_size": 2048, "intermediate_size": 768,
                        "moe_intermediate_size": 768, "num_attention_heads": 32, "num_experts": 128, "num_experts_per_tok": 8,
                        "num_hidden_layers": 48, "num_key_value_heads": 4, "vocab_size": 152064, "decoder_sparse_step": 1,
                        "mlp_only_layers": [], "shared_expert_intermediate_size": 0},
        "vision_config": {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "out_hidden_size": 2048, "patch_size": 16,
                          "spatial_merge_size": 2, "temporal_patch_size": 2, "deepstack_visual_indexes": [8, 16, 24]},
        "audio_config": {"d_model": 1280, "encoder_layers": 32, "encoder_ffn_dim": 5120, "num_hidden_layers": 32},
    },
    "talker_config": {"text_config": {
        "model_type": "qwen3_omni_moe_talker_text", "hidden_size": 1024, "intermediate_size": 2048, "moe_intermediate_size": 384,
        "num_hidden_layers": 20, "num_attention_heads": 16, "num_key_value_heads": 2, "num_experts": 128, "num_experts_per_tok": 6,
        "shared_expert_intermediate_size": 768, "vocab_size": 3072}},
}  # fmt: skip


def test_an_omni_model_is_its_thinker_with_the_rest_beside_and_in_doubt() -> None:
    """The file of Qwen3-Omni was refused with "num_hidden_layers is not accepted as absent"."""
    found = imported(json.dumps(OMNI))
    plan = found.apply(Plan())
    beside = dict(found.beside)
    assert shape(plan)["moe_experts"] == 128 and set(beside) == {"talker_config", "vision_config", "audio_config"}
    assert found.document(Plan())["params"] - sum(beside.values()) == pytest.approx(30.5e9, rel=0.005)
    assert beside["talker_config"] == pytest.approx(3.1e9, rel=0.05)  # 20 layers of 128 experts
    doubts = found.parts(Plan(), "en").doubts
    assert any("talker_config" in doubt for doubt in doubts) and any("audio_config" in doubt for doubt in doubts)


@pytest.mark.parametrize(("config", "billions"), [
    ({"model_type": "minicpm3", "hidden_size": 2560, "intermediate_size": 6400, "num_hidden_layers": 62, "num_attention_heads": 40,
      "num_key_value_heads": 40, "q_lora_rank": 768, "kv_lora_rank": 256, "qk_nope_head_dim": 64, "qk_rope_head_dim": 32,
      "vocab_size": 73448}, 4.07),  # v_head_dim follows from the width
    ({"model_type": "deepseek_vl_v2", "language_config": {
        "model_type": "deepseek_v2", "hidden_size": 1280, "intermediate_size": 6848, "kv_lora_rank": None, "moe_intermediate_size": 896,
        "n_routed_experts": 64, "n_shared_experts": 2, "num_attention_heads": 10, "num_experts_per_tok": 6, "num_hidden_layers": 12,
        "num_key_value_heads": 10, "q_lora_rank": None, "qk_nope_head_dim": 0, "qk_rope_head_dim": 0, "use_mla": False, "v_head_dim": 0,
        "vocab_size": 129280, "first_k_dense_replace": 1},
      "vision_config": {"layers": 27, "mlp_ratio": 3.7362, "model_type": "vision", "patch_size": 14, "width": 1152}}, 3.37),
    ({"model_type": "yuan2", "hidden_size": 2048, "ffn_hidden_size": 8192, "num_attention_heads": 16, "num_hidden_layers": 24,
      "use_moe": True, "moe_config": {"moe_num_experts": 32, "moe_top_k": 2}, "vocab_size": 135040,
      "attention_projection_size": 4096}, 40.0),
])  # fmt: skip
def test_shapes_that_a_file_says_by_half_or_in_a_table_of_their_own(config: dict[str, Any], billions: float) -> None:
    assert imported(json.dumps(config)).document(Plan())["params"] == pytest.approx(billions * 1e9, rel=0.01)


def test_scales_of_products_are_no_sizes_and_experts_by_kind_of_input_are_refused() -> None:
    plain = {"model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32,
             "num_key_value_heads": 4, "vocab_size": 32000}  # fmt: skip
    scaled = imported(json.dumps(plain | {"attention_in_multiplier": 1.25, "expert_out_multiplier": 0.5}))
    assert scaled.document(Plan())["params"] == imported(json.dumps(plain)).document(Plan())["params"]
    two = plain | {"moe_num_experts": [64, 64], "moe_k": 6, "moe_intermediate_size": [1536, 512]}
    with pytest.raises(NamedRefusal, match="moe_intermediate_size"):
        imported(json.dumps(two))
