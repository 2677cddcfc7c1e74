"""Settings files of trainers for models drawn at random, with unheard-of keys, renamed parts and references between values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.model.shells import Drawn, models, options_of


def _meta(model: Drawn, draw: st.DrawFn) -> str:
    """Meta's and Mistral's ``params.json``; experts under Mistral's key, under Meta's, or loose."""
    data: dict[str, Any] = {"dim": model.hidden, "n_layers": model.layers, "n_heads": model.heads, "n_kv_heads": model.groups,
                            "head_dim": model.size, "hidden_dim": model.ffn, "vocab_size": model.vocab, "norm_eps": 1e-5}  # fmt: skip
    if model.experts:
        experts = {"num_experts": model.experts, "num_experts_per_tok": model.topk}
        place = draw(st.sampled_from(["moe", "moe_args", "mixture", ""]))
        data |= {place: experts} if place else experts
    return json.dumps(data)


def _nemo(model: Drawn, draw: st.DrawFn) -> str:
    """A NeMo or Megatron-Bridge YAML, some of its numbers as references to others."""
    part: dict[str, Any] = {
        "num_layers": model.layers, "hidden_size": model.hidden, "num_attention_heads": model.heads, "kv_channels": model.size,
        "num_query_groups": model.groups, "ffn_hidden_size": model.ffn, "vocab_size": model.vocab,
        "make_vocab_size_divisible_by": 128, "activation": "swiglu" if model.gated else "gelu", "normalization": "rmsnorm",
        "bias": False, "share_embeddings_and_output_weights": model.tied, "position_embedding_type": "rope",
        "encoder_seq_length": 4096, "max_position_embeddings": "${.encoder_seq_length}", "micro_batch_size": 1,
        "global_batch_size": 64, "tensor_model_parallel_size": 1,
    }  # fmt: skip
    if model.experts:
        part |= {"num_moe_experts": model.experts, "moe_router_topk": model.topk, "moe_ffn_hidden_size": model.width}
        if model.shared:
            part["moe_shared_expert_intermediate_size"] = model.shared
        if model.dense:
            part["moe_layer_freq"] = [0] * model.dense + [1] * (model.layers - model.dense)
    for name in draw(
        st.lists(st.sampled_from(["num_layers", "hidden_size", "ffn_hidden_size", "vocab_size"]), max_size=3)
    ):
        value = part[name]
        if isinstance(value, int):
            way = draw(st.sampled_from(["root", "beside", "product", "environment"]))
            part[f"my_{name}"] = value
            part[name] = {"root": f"${{model.my_{name}}}", "beside": f"${{.my_{name}}}",
                          "product": f"${{multiply:{value // 2 if value % 2 == 0 else value},{2 if value % 2 == 0 else 1}}}",
                          "environment": "${oc.env:SIZE}"}[way]  # fmt: skip
    return yaml.safe_dump({"trainer": {"num_nodes": 1, "devices": 8, "precision": "bf16"}, "model": part})


def _maxtext(model: Drawn, draw: st.DrawFn) -> str:
    data: dict[str, Any] = {
        "base_emb_dim": model.hidden, "base_num_query_heads": model.heads, "base_num_kv_heads": model.groups,
        "base_mlp_dim": model.ffn, "base_num_decoder_layers": model.layers, "head_dim": model.size, "vocab_size": model.vocab,
        "mlp_activations": ["silu", "linear"] if model.gated else ["relu"], "logits_via_embedding": model.tied,
        "decoder_block": draw(st.sampled_from(["llama2", "mistral", "deepseek", "brandnew"])), "per_device_batch_size": 1,
    }  # fmt: skip
    if model.experts:
        data |= {"num_experts": model.experts, "num_experts_per_tok": model.topk, "base_moe_mlp_dim": model.width,
                 "shared_experts": 0, "first_num_dense_layers": model.dense}  # fmt: skip
    return yaml.safe_dump(data)


def _nanotron(model: Drawn, draw: st.DrawFn) -> str:
    part: dict[str, Any] = {
        "is_llama_config": True, "hidden_size": model.hidden, "intermediate_size": model.ffn, "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads, "num_key_value_heads": model.groups, "vocab_size": model.vocab,
        "tie_word_embeddings": model.tied,
    }  # fmt: skip
    if model.experts:
        part["moe_config"] = {"num_experts": model.experts, "top_k": model.topk, "moe_intermediate_size": model.width}
    layout = {"dp": 8, "tp": 1, "pp": 1}
    tokens = {"micro_batch_size": 1, "sequence_length": 4096, "train_steps": 100}
    return yaml.safe_dump({"model": {"model_config": part}, "parallelism": layout, "tokens": tokens})


def _ci(model: Drawn, draw: st.DrawFn) -> str:
    """Megatron-LM's CI: options as YAML keys."""
    pairs = {f"--{name}": True if value is None else value for name, value in options_of(model)}
    return yaml.safe_dump({"ENV_VARS": {"CUDA_DEVICE_MAX_CONNECTIONS": 1}, "MODEL_ARGS": pairs})


@st.composite
def settings_files(draw: st.DrawFn) -> tuple[Drawn, str]:
    """A settings file of some trainer, and the model that it describes."""
    model = draw(models())
    way = draw(st.sampled_from([_meta, _nemo, _maxtext, _nanotron, _ci]))
    if way in (_meta, _nanotron):
        model = replace(model, gated=True, tied=model.tied and way is _nanotron, shared=0, dense=0)
    if way is _meta and model.experts:
        model = replace(model, width=model.ffn)  # an expert is as wide as the file's feed-forward part
    if way is _maxtext:
        model = replace(model, shared=0)
    return model, way(model, draw)


@st.composite
def latent_configurations(draw: st.DrawFn) -> tuple[int, str]:
    """Parameters and ``config.json`` of a model with multi-head latent attention under several families' and no family's name.

    Attention: (h q + q + q H (n + r) or h H (n + r)) + h (k + r) + k + k H (n + v) + H v h, with ranks q and k, H heads and
    their sizes n, r and v.
    """
    model = draw(models())
    rank, kv = draw(st.sampled_from([0, 256, 768])), draw(st.sampled_from([128, 512]))
    n, r, v = draw(st.sampled_from([(64, 32, 64), (128, 64, 128), (192, 64, 256)]))
    h, heads = model.hidden, model.heads
    query = h * rank + rank + rank * heads * (n + r) if rank else h * heads * (n + r)
    attention = query + h * (kv + r) + kv + kv * heads * (n + v) + heads * v * h
    plain = h * model.size * (2 * heads + 2 * model.groups)
    model = replace(model, gated=True)
    total = model.parameters() + model.layers * (attention - plain)
    data: dict[str, Any] = {
        "model_type": draw(st.sampled_from(["deepseek_v2", "deepseek_v3", "brandnew", "qwen3"])), "hidden_size": h,
        "num_hidden_layers": model.layers, "num_attention_heads": heads, "num_key_value_heads": heads,
        "intermediate_size": model.ffn, "vocab_size": model.vocab, "tie_word_embeddings": model.tied,
        "q_lora_rank": rank or None, "kv_lora_rank": kv, "qk_nope_head_dim": n, "qk_rope_head_dim": r, "v_head_dim": v,
        draw(st.sampled_from(["n_routed_experts", "num_experts", "expert_count"])): model.experts or None,
        "num_experts_per_tok": model.topk or None, "moe_intermediate_size": model.width or None,
        draw(st.sampled_from(["first_k_dense_replace", "leading_dense"])): model.dense,
    }  # fmt: skip
    if model.experts:
        data["n_shared_experts"] = 0
        total -= (model.layers - model.dense) * 3 * h * model.shared
    return total, json.dumps({key: value for key, value in data.items() if value is not None})


@st.composite
def odd_configurations(draw: st.DrawFn) -> tuple[int, str]:
    """A dense ``config.json`` with a part that a publisher adds: parameters, and the file.

    Memory layers, adapters, further embeddings, a head of its own class, a layer list: each changes the count by more than
    1 % where it is large, and none is a key that the reader was written for.
    """
    model = replace(draw(models()), experts=0, gated=True)
    data: dict[str, Any] = {
        "model_type": draw(st.sampled_from(["llama", "mistral", "qwen2", "brandnew"])), "hidden_size": model.hidden,
        "num_hidden_layers": model.layers, "num_attention_heads": model.heads, "num_key_value_heads": model.groups,
        "head_dim": model.size, "intermediate_size": model.ffn, "vocab_size": model.vocab, "tie_word_embeddings": model.tied,
    }  # fmt: skip
    total, h = model.parameters(), model.hidden
    if data["model_type"] == "qwen2":
        total += model.layers * model.size * (model.heads + 2 * model.groups)
    way = draw(st.sampled_from(["none", "memory", "adapter", "ngram", "class", "layers", "wide", "conv"]))
    count = draw(st.integers(2, 8))
    if way == "memory":
        data |= {"num_memory_layers": count, "memory_dim": 8 * h}
        total += count * 2 * h * 8 * h
    elif way == "adapter":
        data["adapter_dim"] = h
        total += model.layers * 2 * h * h
    elif way == "ngram":
        data["ngram_vocab_size"] = 10 * model.vocab
        total += 10 * model.vocab * h
    elif way == "class":
        data["architectures"] = [
            draw(st.sampled_from(["LlamaForSequenceClassification", "MistralModel", "Qwen2RewardModel"]))
        ]
        total -= 0 if model.tied else model.vocab * h
    elif way == "layers":
        data["intermediate_sizes"] = [model.ffn * (1 + index % 2) for index in range(model.layers)]
        total += 3 * h * sum(model.ffn * (index % 2) for index in range(model.layers))
    elif way == "wide":
        data["attention_hidden_size"] = 2 * h
        total += model.layers * h * model.size * (2 * model.heads + 2 * model.groups)
    elif way == "conv":
        data |= {"conv_L_cache": 3, "conv_dim": h}
        total += model.layers * h * 3
    return total, json.dumps(data)
