"""Families of Hugging Face models that are read and not written, and the table of all by ``model_type``."""

from __future__ import annotations

from typing import Final

from mitsumori.model.formats.experts import by_meaning
from mitsumori.model.formats.families import (
    _BIASED,
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
    _llama_bias_read,
    _nothing,
    _positions,
    _wide,
)
from mitsumori.model.formats.hybrids import HYBRIDS
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import Shape


def _one_head_read(reading: Reading, shape: Shape) -> None:
    """GPT-BigCode: one key/value head with ``multi_query``, which is the class's default."""
    reading.raw("num_key_value_heads")  # follows from multi_query
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


def _hunyuan_read(reading: Reading, shape: Shape) -> None:
    """Hunyuan's experts: one feed-forward block as wide as an expert works on every token beside them."""
    by_meaning(reading, shape)
    if shape.get("moe_experts"):
        count = reading.integer("num_shared_expert", least=0)
        shape["moe_shared_ffn"] = shape["moe_ffn"] * (1 if count is None else count)


def _output_bias(reading: Reading, shape: Shape) -> None:
    """GPT-J: the output layer has a bias."""
    reading.beside("output bias", shape.get("vocab", 0))


def _doge_read(reading: Reading, shape: Shape) -> None:
    """Doge: scales of the residual stream and the step sizes of its attention mask."""
    if reading.flag("is_moe"):
        raise NamedRefusal("shape_key_untaken", kind="doge", names="is_moe")
    if min(shape.get(name, 0) for name in ("layers", "hidden", "heads")) > 0:
        groups, h = shape.get("kv_heads") or shape["heads"], shape["hidden"]
        columns = groups * (shape.get("head_dim") or h // shape["heads"])
        reading.beside("masks and scales", shape["layers"] * (2 * h + groups * (columns + 1)))


def _laguna_read(reading: Reading, shape: Shape) -> None:
    """Laguna: heads listed a layer (the same in all, else refused); a gate on attention's output by column, or by head."""
    heads = reading.integer("num_attention_heads_per_layer", least=1)
    if heads is not None:
        shape["heads"] = heads
    if reading.raw("gating") not in (True, False, None, "per-head"):
        shape["attention_gate"] = 1


def _variant_read(reading: Reading, shape: Shape) -> None:
    """Attention with the same projections and another rule of weights: counted as plain attention, and said."""
    reading.remark("attention_variant", kind=reading.data.get("model_type"))
    reading.raw("lambda_std_dev", "keep_window_size")


def _minimax_m3_read(reading: Reading, shape: Shape) -> None:
    """MiniMax-M3: the width of experts under the usual key, a dense layer's and the shared expert's under their own."""
    width, dense = shape.get("ffn", 0), reading.integer("dense_intermediate_size")
    heads, size = reading.integer("index_n_heads"), reading.integer("index_head_dim")
    sparse = reading.data.get("layer_types")
    if heads and size and isinstance(sparse, list) and shape.get("hidden"):
        each = shape["hidden"] * size * (heads + 1) + 2 * size
        if layers := sum("sparse" in str(kind) for kind in sparse):
            reading.beside("indexer", each * layers)
    for name in ("index_block_size", "index_topk_blocks", "index_local_blocks", "swiglu_alpha"):
        reading.raw(name)
    by_meaning(reading, shape)
    shape |= {"moe_ffn": width, "ffn": dense or 0}


def _axk2_read(reading: Reading, shape: Shape) -> None:
    """A.X K2: a gate made with the query from both latents, and norms with a gate of low rank."""
    rank = reading.integer("gated_norm_rank") or 0
    by_meaning(reading, shape)
    if {"layers", "hidden", "heads"} <= set(shape) and shape.get("q_lora_rank"):
        ranks, wide = shape["q_lora_rank"], shape["heads"] * (shape["qk_nope_dim"] + shape["qk_rope_dim"])
        gate = 2 * ranks * (wide + shape["heads"] * shape["v_head_dim"]) - ranks * wide
        norms = 2 * shape["layers"] - shape.get("moe_dense_layers", 0)
        reading.beside("attention gate", shape["layers"] * gate)
        reading.beside("gated norms", norms * 2 * rank * shape["hidden"])


def _hyper_read(reading: Reading, shape: Shape) -> None:
    """HY 4: the residual stream in ``hc_mult`` copies, mixed before and after each block; a gate on attention's output."""
    copies = reading.integer("hc_mult") or 0
    reading.raw("hc_magnitude")
    if {"layers", "hidden"} <= set(shape):
        mixed = 2 * copies * copies * shape["hidden"]
        reading.beside("hyper-connections", 2 * shape["layers"] * mixed + copies * copies * shape["hidden"])


def _gpt_neo_read(reading: Reading, shape: Shape) -> None:
    """GPT-Neo: ``attention_layers`` lists which layers look through ``window_size``."""
    _wide(reading, shape)
    window, listed = reading.integer("window_size"), reading.raw("attention_layers")
    reading.raw("attention_types")
    if window and isinstance(listed, list) and listed:
        shape |= {"window": window, "window_share": listed.count("local") / len(listed)}


def _multiple_read(reading: Reading, shape: Shape) -> None:
    """GPT-NeoX Japanese: the feed-forward width as a multiple of the model's."""
    shape["ffn"] = (reading.integer("intermediate_multiple_size", least=1) or 4) * shape.get("hidden", 0)


def _cpmant_read(reading: Reading, shape: Shape) -> None:
    """CPM-Ant: prompts have rows of their own in the embedding, segments a table."""
    rows = (reading.integer("prompt_types") or 0) * (reading.integer("prompt_length") or 0)
    segments = reading.integer("segment_types") or 0
    shape["positions"] = rows + segments
    reading.raw("position_bias_num_buckets", "position_bias_max_distance")


def _shared_heads_read(reading: Reading, shape: Shape) -> None:
    """PLaMo: ``n_shared_head`` query heads share a key and a value head (``modeling_plamo.py``; 8 where it is not said).

    Its layers have one norm, which is counted twice: 0.002 % of the 13B model.
    """
    shared = reading.integer("n_shared_head", least=1) or 8
    if shape.get("heads"):
        shape["kv_heads"] = -(-shape["heads"] // shared)


def _qwen_first_read(_reading: Reading, shape: Shape) -> None:
    """The first Qwen (2023): ``intermediate_size`` is the width of the gate and the feed-forward part together.

    Source: https://huggingface.co/Qwen/Qwen-7B, ``modeling_qwen.py``, ``QWenMLP`` (``ff_dim_in = intermediate_size // 2``).
    """
    if shape.get("ffn"):
        shape["ffn"] //= 2


def _minimax_m2_read(reading: Reading, _shape: Shape) -> None:
    """MiniMax-M2's files keep keys of MiniMax-01 that its code does not use: a dense width, and all layers' attention."""
    reading.raw("mlp_intermediate_size", "mtp_transformer_layers", "num_mtp_modules", "attn_type_list")


_ANY: Final[dict[str, tuple[str, ...]]] = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden": ("hidden_size", "n_embd", "d_model", "dim", "n_embed"),
    "ffn": ("intermediate_size", "ffn_hidden_size", "ff_intermediate_size", "n_inner", "ffn_dim", "d_ff", "inner_dim"),
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
        ("olmoe", "phimoe", "deepseek", "granite", "granitemoe", "granitemoeshared", "flex_olmo",
         "dots1", "hunyuan_v1_dense", "bailing_moe", "bailing_moe_v2", "exaone", "exaone4", "bitnet",
         "glm", "glm4", "olmo", "helium", "ministral3", "mimo", "internlm2", "internlm", "baichuan",
         "xverse", "mllama_text_model", "solar_open", "aria_text", "cwm", "exaone_moe",
         "flint", "granitemoe_swa", "hy_v3", "hyperclovax", "iquestcoder", "kolibri1", "mellum", "sarvam_moe",
         "emu3_text_model"),
        "", _ANY, _GATED, _UNTIED, (_WINDOW,),
    ),
    Family(
        ("cohere", "cohere2", "cohere2_moe", "cohere_compass_text", "ernie4_5", "ernie4_5_moe", "granite_swa", "vaultgemma",
         "minicpm"),
        "", _ANY, _GATED, _TIED, (_WINDOW,),
    ),
    Family(("smollm3",), "", _BIASED, _GATED, _TIED | {"attention_bias": 0}, (Rule(_llama_bias_read, _nothing),)),
    Family(("minimax_m2",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_minimax_m2_read, _nothing))),
    Family(("plamo",), "", _NO_GROUPS, _GATED | {"norm_vectors": 1}, _UNTIED, (_WINDOW, Rule(_shared_heads_read, _nothing))),
    Family(("hunyuan_v1_moe",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_hunyuan_read, _nothing))),
    Family(("laguna",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_laguna_read, _nothing))),
    Family(("diffllama",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_variant_read, _nothing))),
    Family(("doge",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_variant_read, _nothing), Rule(_doge_read, _nothing))),
    Family(("minimax_m3_vl_text",), "", _ANY, _GATED, _UNTIED, (_WINDOW, Rule(_minimax_m3_read, _nothing))),
    Family(
        ("axk2",), "", {key: names for key, names in _ANY.items() if key != "head_dim"}, _GATED, _UNTIED,
        (_LATENT, Rule(_axk2_read, _nothing)),
    ),
    Family(
        ("hy_v4",), "", {key: names for key, names in _ANY.items() if key != "head_dim"}, _GATED | {"attention_gate": 1},
        _UNTIED, (_LATENT, Rule(_hyper_read, _nothing)),
    ),
    Family(("gpt_neo",), "", _NO_GROUPS, _CLASSIC, _TIED,
           (Rule(_gpt_neo_read, _nothing), _positions("max_position_embeddings"))),
    Family(("biogpt",), "", _NO_GROUPS, _CLASSIC, _TIED, (_positions("max_position_embeddings", 2),)),
    Family(("xglm",), "", _NO_GROUPS | {"heads": ("attention_heads",)}, _CLASSIC | {"positions": 0}, _TIED),
    Family(("ctrl",), "", _NO_GROUPS | {"ffn": ("dff",)}, _CLASSIC | {"positions": 0}, _TIED),
    Family(("openai-gpt",), "", _NO_GROUPS, _CLASSIC, _TIED, (_WIDE, _positions("n_positions"))),
    Family(("gpt_neox_japanese",), "", _NO_GROUPS, _PLAIN, _TIED, (Rule(_multiple_read, _nothing),)),
    Family(("cpmant",), "", _NO_GROUPS | {"head_dim": ("dim_head",), "ffn": ("dim_ff",)},
        _GATED | {"tied_embeddings": 0}, _UNTIED,
           (Rule(_cpmant_read, _nothing),)),
    Family(
        ("axk1", "glm4_moe_lite", "sarvam_mla", "kimi_vl_text"), "",
        {key: names for key, names in _ANY.items() if key != "head_dim"}, _GATED, _UNTIED, (_LATENT,),
    ),
    Family(
        ("minicpm3", "youtu"), "",
        {key: names for key, names in _ANY.items() if key != "head_dim"}, _GATED, _TIED, (_LATENT,),
    ),
    Family(("afmoe", "beam"), "", _ANY, _GATED | {"attention_gate": 1}, _UNTIED, (_WINDOW,)),
    Family(("jais2",), "", _ANY, _CLASSIC | {"positions": 0}, _UNTIED, (_BIASED_MLP,)),
    Family(("apertus1p5_text", "apertus1p5"), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("nanochat",), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("qwen",), "", _NO_GROUPS, _GATED | {"attention_bias": 1}, _UNTIED, (Rule(_qwen_first_read, _nothing),)),
    Family(("stablelm",), "", _ANY, _GATED | {"norm_vectors": 2}, _UNTIED),
    Family(("apertus", "arcee"), "", _ANY, _PLAIN | {"norm_vectors": 1}, _UNTIED),
    Family(("phi", "codegen", "persimmon"), "", _ANY, _CLASSIC | {"positions": 0}, _UNTIED, (_WIDE,)),
    Family(("gptj",), "", _NO_GROUPS, _PLAIN, _UNTIED, (_WIDE, Rule(_output_bias, _nothing))),
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
    "qwen2_5_omni_text": "qwen2", "qwen2_5_omni_thinker": "qwen2", "qwen3_omni_moe_text": "qwen3_moe",
    "qwen3_omni_moe_thinker": "qwen3_moe", "qwen2_5_omni_talker": "qwen2", "qwen3_omni_moe_talker_text": "qwen2_moe",
    "emu3": "emu3_text_model", "cohere_compass": "cohere_compass_text", "minimax_m3_vl": "minimax_m3_vl_text",
    "mllama": "mllama_text_model", "mllama_text": "mllama_text_model", "kimi_k25_text": "kimi_k2",
}  # fmt: skip
"""Language models of multimodal families."""

BY_TYPE: Final = {kind: family for family in (*FAMILIES, *READ_ONLY, *HYBRIDS) for kind in family.types}
BY_TYPE.update({kind: BY_TYPE[text] for kind, text in _TEXT_OF.items()})
