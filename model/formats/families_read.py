"""Families of Hugging Face models that are read and not written, and the table of all by ``model_type``."""

from __future__ import annotations

from typing import Final

from mitsumori.model.formats.experts import attention_gate
from mitsumori.model.formats.families import (
    _CLASSIC,
    _GATED,
    _LATENT,
    _TIED,
    _UNTIED,
    _WIDE,
    _WINDOW,
    FAMILIES,
    Family,
    Rule,
    _expects,
    _nothing,
    _positions,
    _wide,
)
from mitsumori.model.formats.hybrids import HYBRIDS
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import Shape


def _one_head_read(reading: Reading, shape: Shape) -> None:
    """GPT-BigCode: one key/value head with ``multi_query``, which is the class's default."""
    _wide(reading, shape)
    if reading.flag("multi_query") is not False:
        shape["kv_heads"] = 1


def _chatglm_read(reading: Reading, shape: Shape) -> None:
    """ChatGLM: groups of key/value heads unless ``multi_query_attention`` is false; biases on q, k, v."""
    groups = reading.integer("multi_query_group_num", least=1)
    if groups is not None and reading.flag("multi_query_attention") is not False:
        shape["kv_heads"] = groups
    shape["attention_bias"] = int(reading.flag("add_qkv_bias") is not False)
    if reading.flag("add_bias_linear"):
        shape["linear_bias"] = 1


def _dbrx_read(reading: Reading, shape: Shape) -> None:
    """DBRX: heads and experts stand in ``attn_config`` and ``ffn_config``."""
    attention, feed = reading.raw("attn_config"), reading.raw("ffn_config")
    parts = [part for part in (attention, feed) if isinstance(part, dict)]
    inner = Reading({str(key): value for part in parts for key, value in part.items()}, reading.pattern)
    shape["kv_heads"] = inner.integer("kv_n_heads", least=1) or 1
    shape["moe_ffn"] = inner.integer("ffn_hidden_size", least=1) or 3584
    shape["moe_experts"] = inner.integer("moe_num_experts", least=1) or 4
    shape["moe_topk"] = inner.integer("moe_top_k", least=1) or 1
    shape["ffn"] = 0


_ANY: Final[dict[str, tuple[str, ...]]] = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden": ("hidden_size", "n_embd", "d_model", "dim", "n_embed"),
    "ffn": ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff", "inner_dim"),
    "heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
    "kv_heads": ("num_key_value_heads", "n_kv_heads", "num_kv_heads", "num_attention_groups", "num_query_groups"),
    "head_dim": ("head_dim", "kv_channels", "attention_head_dim"), "vocab": ("vocab_size", "padded_vocab_size"),
    "tied_embeddings": ("tie_word_embeddings", "tie_embeddings"),
    "attention_bias": ("attention_bias", "use_qkv_bias", "add_qkv_bias"), "mtp_layers": ("num_nextn_predict_layers",),
}  # fmt: skip
"""A key of every spelling, for families that are read only."""
_NO_GROUPS: Final = {key: value for key, value in _ANY.items() if key != "kv_heads"}
_BIASED_MLP: Final = _expects("mlp_bias", True)
_PLAIN: Final = {"gated_mlp": 0, "norm_vectors": 2, "linear_bias": 0, "positions": 0}

READ_ONLY: Final = (
    Family(
        ("minimax_m2", "olmoe", "phimoe", "ernie4_5_moe", "ernie4_5", "granite", "granitemoe", "granitemoeshared", "flex_olmo",
         "dots1", "hunyuan_v1_dense", "hunyuan_v1_moe", "bailing_moe", "bailing_moe_v2", "exaone", "exaone4", "bitnet",
         "cohere", "cohere2", "glm", "glm4", "olmo", "helium", "ministral3", "mimo", "internlm2", "internlm", "baichuan",
         "xverse", "mllama_text_model", "plamo", "csm_text", "solar_open", "vaultgemma", "laguna"),
        "", _ANY, _GATED, _UNTIED, (_WINDOW,),
    ),
    Family(
        ("axk1", "glm4_moe_lite", "minicpm3", "sarvam_mla", "youtu", "kimi_vl_text"), "",
        {key: names for key, names in _ANY.items() if key != "head_dim"}, _GATED, _UNTIED, (_LATENT,),
    ),
    Family(("afmoe",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(attention_gate, _nothing))),
    Family(("jais2",), "", _ANY, _CLASSIC | {"positions": 0}, _UNTIED, (_BIASED_MLP,)),
    Family(("apertus1p5_text", "apertus1p5"), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("nanochat",), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("qwen",), "", _NO_GROUPS, _GATED | {"attention_bias": 1}, _UNTIED),
    Family(("stablelm",), "", _ANY, _GATED | {"norm_vectors": 2}, _UNTIED),
    Family(("apertus", "arcee"), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("phi", "codegen", "persimmon"), "", _ANY, _CLASSIC | {"positions": 0}, _UNTIED, (_WIDE,)),
    Family(("gptj",), "", _NO_GROUPS, _PLAIN, _UNTIED, (_WIDE,)),
    Family(
        ("gpt_bigcode",), "", _NO_GROUPS, _CLASSIC, _TIED, (Rule(_one_head_read, _nothing), _positions("n_positions")),
    ),
    Family(("chatglm",), "", _NO_GROUPS, _GATED, _UNTIED, (Rule(_chatglm_read, _nothing),)),
    Family(("dbrx",), "", _ANY, _GATED | {"norm_vectors": 1}, _UNTIED, (Rule(_dbrx_read, _nothing),)),
)  # fmt: skip
"""Families that are read and not written."""

_UNGATED_ACTIVATIONS: Final = ("relu", "relu2", "xielu", "gelu_new", "gelu_fast", "squared_relu")
"""Activations that no published gated feed-forward part uses."""


def _gated_by_activation(reading: Reading, shape: Shape) -> None:
    """Two matrices where the activation is one of an ungated feed-forward part, else three."""
    act = reading.word("hidden_act", "hidden_activation", "activation_function")
    shape["gated_mlp"] = int(act not in _UNGATED_ACTIVATIONS)


UNKNOWN: Final = Family(("",), "", _ANY, {"positions": 0}, _UNTIED, (_WINDOW, Rule(_gated_by_activation, _nothing)))
"""A family of which nothing is known: the commonest spellings; gated feed-forward unless the activation says else."""
_TEXT_OF: Final = {
    "qwen3_5": "qwen3_5_text", "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen2_vl": "qwen2", "qwen2_5_vl": "qwen2", "qwen2_vl_text": "qwen2", "qwen2_5_vl_text": "qwen2", "qwen3_vl": "qwen3",
    "qwen3_vl_text": "qwen3", "qwen3_vl_moe": "qwen3_moe", "qwen3_vl_moe_text": "qwen3_moe", "glm4v_moe": "glm4_moe",
    "glm4v_moe_text": "glm4_moe", "glm4v": "glm4", "glm4v_text": "glm4", "llava": "llama", "llava_text": "llama",
    "mllama": "mllama_text_model", "mllama_text": "mllama_text_model", "kimi_k25_text": "kimi_k2",
}  # fmt: skip
"""Language models of multimodal families."""

BY_TYPE: Final = {kind: family for family in (*FAMILIES, *READ_ONLY, *HYBRIDS) for kind in family.types}
BY_TYPE.update({kind: BY_TYPE[text] for kind, text in _TEXT_OF.items()})
