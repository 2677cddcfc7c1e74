"""Families of Hugging Face models as a table: which key says which field of a shape.

Keys and defaults: the ``configuration_*.py`` of https://github.com/huggingface/transformers and, for models that bring
their own code, the ``configuration_*.py`` beside their weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mitsumori.model.formats.experts import EXPERTS, FIRST_DENSE, SHARED_COUNT, TOPK, WIDTH, dense_layers, indexer
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import MLA, Shape


@dataclass(frozen=True, slots=True)
class Rule:
    """What is not one key for one field: how it is read into a shape, and written from one."""

    read: Callable[[Reading, Shape], None]
    write: Callable[[Shape, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Family:
    """One family of models.

    Attributes
    ----------
    types
        Values of ``model_type``; the first is written.
    architecture
        Class name for ``architectures``.
    keys
        Field of the shape -> spellings of its key, the current one first.
    fixed
        Fields that the family's code decides.
    defaults
        Fields that the family's configuration class fills in.
    rules
        Everything else.
    context_key
        Key of the longest sequence, written so that the file runs.
    says_mtp
        Whether multi-token prediction has a key.
    rotary
        Whether positions are told by a rotary embedding (elsewhere they are learned, or ALiBi).
    qk_norm
        Whether the family's code puts a norm on queries and keys (with latent attention: on the latents).
    """

    types: tuple[str, ...]
    architecture: str
    keys: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    context_key: str | None = "max_position_embeddings"
    says_mtp: bool = False
    rotary: bool = True
    qk_norm: bool = False


def _nothing(shape: Shape, config: dict[str, Any]) -> None:
    """A rule that only reads."""


def _wide(reading: Reading, shape: Shape) -> None:
    """Feed-forward of 4h where no key says otherwise."""
    if not shape.get("ffn") and shape.get("hidden"):
        shape["ffn"] = 4 * shape["hidden"]


def _positions(name: str, extra: int = 0) -> Rule:
    """Learned absolute positions, ``extra`` more rows than the key says (OPT: 2)."""

    def read(reading: Reading, shape: Shape) -> None:
        count = reading.integer(name)
        if count:
            shape["positions"] = count + extra

    def write(shape: Shape, config: dict[str, Any]) -> None:
        config[name] = max(0, shape["positions"] - extra)

    return Rule(read, write)


def _window_all(default: int = 0) -> Rule:
    """``sliding_window`` on every layer; absent is the class's default, null is none."""

    def read(reading: Reading, shape: Shape) -> None:
        window = reading.integer("sliding_window")
        if window is None and "sliding_window" not in reading.data:
            window = default
        if window:
            shape |= {"window": window, "window_share": 1.0}

    def write(shape: Shape, config: dict[str, Any]) -> None:
        config["sliding_window"] = shape["window"] if shape["window_share"] == 1.0 and shape["window"] else None

    return Rule(read, write)


def _qwen_window() -> Rule:
    """``use_sliding_window``: layers from ``max_window_layers`` on look through the window."""

    def read(reading: Reading, shape: Shape) -> None:
        window, used = reading.integer("sliding_window"), reading.flag("use_sliding_window")
        first = reading.integer("max_window_layers")
        reading.raw("layer_types")
        if window and used and shape.get("layers"):
            layers = shape["layers"]
            shape |= {"window": window, "window_share": max(0, layers - (first if first is not None else 28)) / layers}

    def write(shape: Shape, config: dict[str, Any]) -> None:
        config["use_sliding_window"] = bool(shape["window"])
        if shape["window"]:
            config["sliding_window"] = shape["window"]
            config["max_window_layers"] = shape["layers"] - round(shape["window_share"] * shape["layers"])

    return Rule(read, write)


def _lettered(reading: Reading) -> str:
    """``sliding_window_pattern`` in letters, local and global layers in turn: EXAONE 4's ``LLLG``; "" where it is none."""
    pattern = reading.data.get("sliding_window_pattern")
    if not isinstance(pattern, str) or not re.fullmatch(r"[LG]{1,100}", pattern):
        return ""
    reading.raw("sliding_window_pattern")
    return pattern


def _share_of(pattern: str, layers: int) -> float:
    """Share of the layers that a pattern in letters makes local."""
    return sum(pattern[layer % len(pattern)] == "L" for layer in range(layers)) / layers


def _layer_types(pattern: int, window_key: str = "sliding_window", default: int = 0) -> Rule:
    """``layer_types`` lists each layer's attention; without it one in ``pattern`` layers, the last, is full."""

    def read(reading: Reading, shape: Shape) -> None:
        window = reading.integer(window_key)
        if window is None and window_key not in reading.data:
            window = default
        listed, layers = reading.raw("layer_types"), shape.get("layers")
        lettered = _lettered(reading)
        every = (
            None if lettered else reading.integer("sliding_window_pattern", "_sliding_window_pattern", least=1)
        ) or pattern
        if not window or not layers:
            return
        if isinstance(listed, list) and listed:
            used = sum(isinstance(kind, str) and ("sliding" in kind or "chunked" in kind) for kind in listed) / len(
                listed
            )
        else:
            used = _share_of(lettered, layers) if lettered else (layers - layers // every) / layers
        shape |= {"window": window, "window_share": used}

    def write(shape: Shape, config: dict[str, Any]) -> None:
        layers = shape["layers"]
        used = round(shape["window_share"] * layers) if shape["window"] else 0
        config[window_key] = shape["window"] or None
        kind = "chunked_attention" if window_key == "attention_chunk_size" else "sliding_attention"
        # spread the full layers evenly, the last of each group full
        full = layers - used
        marks = [(index + 1) * full // layers > index * full // layers for index in range(layers)]
        config["layer_types"] = ["full_attention" if mark else kind for mark in marks]

    return Rule(read, write)


def _latent_read(reading: Reading, shape: Shape) -> None:
    if reading.flag("use_mla") is False:  # DeepSeek-VL2-Tiny: plain attention in a family of latent ones
        reading.raw("q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
        return
    names = {"q_lora_rank": "q_lora_rank", "kv_lora_rank": "kv_lora_rank", "qk_nope_dim": "qk_nope_head_dim",
             "qk_rope_dim": "qk_rope_head_dim", "v_head_dim": "v_head_dim"}  # fmt: skip
    for ours, theirs in names.items():
        value = reading.integer(theirs)
        if theirs == "v_head_dim" and value is None and reading.data.get("model_type") == "minicpm3":
            value = shape.get("hidden", 0) // max(1, shape.get("heads", 1))  # its class, whose files do not say it
        if value is None and ours != "q_lora_rank":
            raise NamedRefusal("latent_absent", name=theirs)
        shape[ours] = value or 0
    shape["mla"] = 1


def _latent_write(shape: Shape, config: dict[str, Any]) -> None:
    names = ("q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
    config |= {theirs: shape[ours] or None for ours, theirs in zip(MLA, names, strict=True)}
    config.pop("head_dim", None)


def _shared_read(reading: Reading, shape: Shape) -> None:
    """``n_shared_experts`` experts of the routed ones' width; leading dense layers; experts every layer after them."""
    count = reading.integer(*SHARED_COUNT) or 0
    shape["moe_shared_ffn"] = count * shape.get("moe_ffn", 0)
    if shape.get("layers"):
        shape["moe_dense_layers"] = dense_layers(reading, shape["layers"])


def _shared_write(shape: Shape, config: dict[str, Any]) -> None:
    width = max(1, shape["moe_ffn"])
    config["n_shared_experts"] = shape["moe_shared_ffn"] // width
    config["moe_layer_freq"] = 1


def _sparse_read(reading: Reading, shape: Shape) -> None:
    """Qwen: experts every ``decoder_sparse_step`` layers except those of ``mlp_only_layers``."""
    shape["moe_dense_layers"] = dense_layers(reading, shape.get("layers", 0))


def _sparse_write(shape: Shape, config: dict[str, Any]) -> None:
    config |= {"decoder_sparse_step": 1, "mlp_only_layers": list(range(shape["moe_dense_layers"]))}


def _all_experts_read(reading: Reading, shape: Shape) -> None:
    """Every layer has experts: the one width in the file is an expert's."""
    shape["ffn"] = 0


def _llama4_read(reading: Reading, shape: Shape) -> None:
    """Experts every ``interleave_moe_layer_step`` layers, with one shared expert of the same width."""
    step = reading.integer("interleave_moe_layer_step", least=1) or 1
    listed, layers = reading.raw("moe_layers"), shape.get("layers", 0)
    sparse = len(listed) if isinstance(listed, list) else layers // step
    shape["moe_dense_layers"] = layers - sparse
    shape["moe_shared_ffn"] = shape.get("moe_ffn", 0)
    reading.raw("no_rope_layers")
    window = reading.integer("attention_chunk_size")
    if window and layers:
        # every fourth layer has no rotary embedding and attends to the whole sequence
        shape |= {"window": window, "window_share": (layers - layers // 4) / layers}


def _llama4_write(shape: Shape, config: dict[str, Any]) -> None:
    sparse = shape["layers"] - shape["moe_dense_layers"]
    config["interleave_moe_layer_step"] = shape["layers"] // sparse if sparse and shape["layers"] % sparse == 0 else 1
    config["attention_chunk_size"] = shape["window"] or None


def _falcon_read(reading: Reading, shape: Shape) -> None:
    """Falcon: grouped heads in the new decoder, else one head with ``multi_query``, else all."""
    heads = reading.integer("num_kv_heads", "n_head_kv")
    one = reading.flag("multi_query")
    if reading.flag("new_decoder_architecture"):
        shape["kv_heads"] = heads or shape.get("heads", 1)
    else:
        shape["kv_heads"] = shape.get("heads", 1) if one is False else 1
    _wide(reading, shape)


def _falcon_write(shape: Shape, config: dict[str, Any]) -> None:
    config |= {"new_decoder_architecture": True, "num_kv_heads": shape["kv_heads"], "multi_query": True}
    config |= {"parallel_attn": True, "alibi": False}


def _mpt_read(reading: Reading, shape: Shape) -> None:
    ratio = reading.number("expansion_ratio")
    if shape.get("hidden"):
        shape["ffn"] = round((4 if ratio is None else ratio) * shape["hidden"])
    shape["linear_bias"] = int(reading.flag("no_bias") is False)
    attention = reading.raw("attn_config")
    longest = reading.integer("max_seq_len")
    learned = reading.flag("learned_pos_emb")
    alibi = isinstance(attention, Mapping) and attention.get("alibi") is True
    if learned is not False and not alibi and longest:
        shape["positions"] = longest


def _mpt_write(shape: Shape, config: dict[str, Any]) -> None:
    ratio = shape["ffn"] / shape["hidden"]
    config |= {"expansion_ratio": int(ratio) if ratio == int(ratio) else ratio, "no_bias": not shape["linear_bias"]}
    config |= {"learned_pos_emb": bool(shape["positions"]), "attn_config": {"alibi": not shape["positions"]}}
    if shape["positions"]:
        config["max_seq_len"] = shape["positions"]


def _expects(name: str, expected: bool) -> Rule:
    """A switch that the family's code reads but every published model sets one way; another setting is listed."""

    def read(reading: Reading, shape: Shape) -> None:
        value = reading.flag(name)
        if value is not None and value is not expected:
            reading.not_known(name, value)

    def write(shape: Shape, config: dict[str, Any]) -> None:
        config[name] = expected

    return Rule(read, write)


def _llama_bias_read(reading: Reading, shape: Shape) -> None:
    """``attention_bias`` and ``mlp_bias`` together put a bias on every linear layer."""
    if reading.flag("mlp_bias"):
        if shape.get("attention_bias"):
            shape["linear_bias"] = 1
        else:
            reading.not_known("mlp_bias", True)


def _llama_bias_write(shape: Shape, config: dict[str, Any]) -> None:
    config["mlp_bias"] = bool(shape["linear_bias"])
    config["attention_bias"] = bool(shape["linear_bias"] or shape["attention_bias"])


def _opt_read(reading: Reading, shape: Shape) -> None:
    """OPT-350M alone embeds in fewer dimensions than it works in."""
    width = reading.integer("word_embed_proj_dim")
    if width is not None and width != shape.get("hidden"):
        reading.remark("shape_unclear", names="word_embed_proj_dim")


def _gpt2_read(reading: Reading, shape: Shape) -> None:
    _wide(reading, shape)
    reading.integer("n_ctx")


_LLAMA: Final[dict[str, tuple[str, ...]]] = {
    "layers": ("num_hidden_layers",), "hidden": ("hidden_size",), "ffn": ("intermediate_size",),
    "heads": ("num_attention_heads",), "kv_heads": ("num_key_value_heads",), "head_dim": ("head_dim",),
    "vocab": ("vocab_size",), "tied_embeddings": ("tie_word_embeddings",),
}  # fmt: skip
_BIASED: Final = _LLAMA | {"attention_bias": ("attention_bias",)}
_NO_KV: Final = {key: value for key, value in _LLAMA.items() if key not in ("kv_heads", "head_dim")}
_GATED: Final = {"gated_mlp": 1, "norm_vectors": 1, "linear_bias": 0, "positions": 0}
_CLASSIC: Final = {"gated_mlp": 0, "norm_vectors": 2, "linear_bias": 1}
_QWEN_EXPERTS: Final = {
    "moe_experts": ("num_experts", *EXPERTS),
    "moe_topk": ("num_experts_per_tok", *TOPK),
    "moe_ffn": ("moe_intermediate_size", *WIDTH),
}
_LOCAL_EXPERTS: Final = {
    "moe_experts": ("num_local_experts", *EXPERTS),
    "moe_topk": ("num_experts_per_tok", *TOPK),
}
_ALL_EXPERTS: Final = Rule(_all_experts_read, _nothing)
_DEEPSEEK: Final = {key: value for key, value in _LLAMA.items() if key != "head_dim"} | {
    "moe_experts": ("n_routed_experts", *EXPERTS), "moe_topk": ("num_experts_per_tok", *TOPK),
    "moe_ffn": ("moe_intermediate_size", *WIDTH), "moe_dense_layers": FIRST_DENSE,
}  # fmt: skip
_LATENT: Final = Rule(_latent_read, _latent_write)
_SHARED: Final = Rule(_shared_read, _shared_write)
_SPARSE: Final = Rule(_sparse_read, _sparse_write)
_UNBIASED: Final = _expects("attention_bias", False)
_WIDE: Final = Rule(_wide, _nothing)
_INDEXER: Final = Rule(indexer, _nothing)


def _window_listed(reading: Reading, shape: Shape) -> None:
    """``layer_types`` says which layers look through ``sliding_window``; without the list all do."""
    window, used = reading.integer("sliding_window"), reading.flag("use_sliding_window")
    listed, lettered = reading.raw("layer_types"), _lettered(reading)
    every = None if lettered else reading.integer("sliding_window_pattern", least=1)
    layers = shape.get("layers")
    if not window or used is False or not layers:
        return
    share = (layers - layers // every) / layers if every else _share_of(lettered, layers) if lettered else 1.0
    if isinstance(listed, list) and listed:
        share = sum(isinstance(kind, str) and "sliding" in kind for kind in listed) / len(listed)
    if share:
        shape |= {"window": window, "window_share": share}


_WINDOW: Final = Rule(_window_listed, _nothing)

_UNTIED: Final = {"tied_embeddings": 0}
_TIED: Final = {"tied_embeddings": 1}

FAMILIES: Final = (
    Family(("llama", "aquila", "yi", "internlm3", "seed_oss"), "LlamaForCausalLM", _BIASED, _GATED,
        _UNTIED | {"attention_bias": 0}, (Rule(_llama_bias_read, _llama_bias_write),),
    ),
    Family(("qwen3",), "Qwen3ForCausalLM", _BIASED, _GATED, _UNTIED | {"attention_bias": 0, "head_dim": 128}, (_qwen_window(),),
        qk_norm=True),
    Family(("qwen2",), "Qwen2ForCausalLM", _LLAMA, _GATED | {"attention_bias": 1}, _UNTIED, (_qwen_window(),)),
    Family(("mistral", "ministral"), "MistralForCausalLM", _LLAMA, _GATED, _UNTIED | {"kv_heads": 8}, (_window_all(4096),)),
    Family(("phi3",), "Phi3ForCausalLM", _LLAMA, _GATED, _UNTIED, (_window_all(),)),
    Family(
        ("gemma3_text", "gemma3"), "Gemma3ForCausalLM", _BIASED, _GATED,
        _TIED | {"vocab": 262_208, "heads": 8, "kv_heads": 4, "head_dim": 256, "attention_bias": 0},
        (_layer_types(6, default=4096),), qk_norm=True,
    ),
    Family(("gemma2",), "Gemma2ForCausalLM", _BIASED, _GATED, _TIED | {"head_dim": 256}, (_layer_types(2, default=4096),)),
    Family(("gemma",), "GemmaForCausalLM", _BIASED, _GATED, _TIED | {"head_dim": 256}),
    Family(("olmo2", "olmo3"), "Olmo2ForCausalLM", _BIASED, _GATED, _UNTIED, (_WINDOW,)),
    Family(
        ("mixtral",), "MixtralForCausalLM", {**_LLAMA, **_LOCAL_EXPERTS, "moe_ffn": ("intermediate_size",)}, _GATED,
        _UNTIED | {"moe_experts": 8, "moe_topk": 2, "kv_heads": 8}, (_window_all(), _ALL_EXPERTS),
    ),
    Family(
        ("qwen3_moe",), "Qwen3MoeForCausalLM", {**_BIASED, **_QWEN_EXPERTS}, _GATED, _UNTIED | {"attention_bias": 0},
        (_qwen_window(), _SPARSE), qk_norm=True,
    ),
    Family(
        ("qwen2_moe",), "Qwen2MoeForCausalLM",
        {**_LLAMA, **_QWEN_EXPERTS, "moe_shared_ffn": ("shared_expert_intermediate_size",)}, _GATED | {"attention_bias": 1},
        _UNTIED, (_qwen_window(), _SPARSE),
    ),
    Family(
        ("deepseek_v3", "kimi_k2"), "DeepseekV3ForCausalLM", _DEEPSEEK | {"mtp_layers": ("num_nextn_predict_layers",)}, _GATED,
        _UNTIED, (_LATENT, _SHARED, _UNBIASED), says_mtp=True, qk_norm=True,
    ),
    Family(
        ("deepseek_v32", "glm_moe_dsa"), "DeepseekV32ForCausalLM", _DEEPSEEK | {"mtp_layers": ("num_nextn_predict_layers",)},
        _GATED, _UNTIED, (_LATENT, _SHARED, _UNBIASED, _INDEXER), says_mtp=True, qk_norm=True,
    ),
    Family(("deepseek_v2",), "DeepseekV2ForCausalLM", _DEEPSEEK, _GATED, _UNTIED, (_LATENT, _SHARED, _UNBIASED), qk_norm=True),
    Family(
        ("glm4_moe",), "Glm4MoeForCausalLM",
        {**_DEEPSEEK, "head_dim": ("head_dim",), "attention_bias": ("attention_bias",),
         "mtp_layers": ("num_nextn_predict_layers",)},
        _GATED, _UNTIED, (_SHARED,), says_mtp=True,
    ),
    Family(
        ("gpt_oss",), "GptOssForCausalLM", {**_LLAMA, **_LOCAL_EXPERTS, "moe_ffn": ("intermediate_size",)},
        _GATED | {"linear_bias": 1}, _UNTIED | {"head_dim": 64},
        (_layer_types(2, default=128), _ALL_EXPERTS, _expects("attention_bias", True)),
    ),
    Family(
        ("llama4_text", "llama4"), "Llama4ForCausalLM",
        {**_LLAMA, **_LOCAL_EXPERTS, "ffn": ("intermediate_size_mlp",), "moe_ffn": ("intermediate_size",)},
        _GATED, _UNTIED, (Rule(_llama4_read, _llama4_write),),
    ),
    Family(
        ("nemotron",), "NemotronForCausalLM", _LLAMA,
        {"gated_mlp": 0, "norm_vectors": 2, "linear_bias": 0, "positions": 0}, _UNTIED,
    ),
    Family(
        ("starcoder2",), "Starcoder2ForCausalLM", {**_LLAMA, "linear_bias": ("use_bias",)},
        {"gated_mlp": 0, "norm_vectors": 2, "positions": 0}, _TIED | {"linear_bias": 1}, (_window_all(),),
    ),
    Family(("gpt_neox",), "GPTNeoXForCausalLM", _NO_KV, _CLASSIC | {"positions": 0}, _UNTIED,
    ),
    Family(
        ("gpt2",), "GPT2LMHeadModel",
        {"layers": ("n_layer",), "hidden": ("n_embd",), "ffn": ("n_inner",), "heads": ("n_head",), "vocab": ("vocab_size",),
         "tied_embeddings": ("tie_word_embeddings",)},
        _CLASSIC, _TIED, (Rule(_gpt2_read, _nothing), _positions("n_positions")), None, rotary=False,
    ),
    Family(
        ("opt",), "OPTForCausalLM",
        {**_NO_KV, "ffn": ("ffn_dim",), "linear_bias": ("enable_bias",)}, {"gated_mlp": 0, "norm_vectors": 2},
        _TIED | {"linear_bias": 1}, (Rule(_opt_read, _nothing), _positions("max_position_embeddings", 2)), None, rotary=False,
    ),
    Family(
        ("bloom",), "BloomForCausalLM",
        {"layers": ("n_layer", "num_hidden_layers"), "hidden": ("hidden_size", "n_embed"),
         "heads": ("n_head", "num_attention_heads"), "vocab": ("vocab_size",), "tied_embeddings": ("tie_word_embeddings",)},
        _CLASSIC | {"positions": 0}, _TIED, (_WIDE,), "seq_length", rotary=False,
    ),
    Family(
        ("falcon", "refinedweb", "refinedwebmodel"), "FalconForCausalLM",
        {"layers": ("num_hidden_layers", "n_layer"), "hidden": ("hidden_size",), "heads": ("num_attention_heads", "n_head"),
         "ffn": ("ffn_hidden_size",), "vocab": ("vocab_size",), "linear_bias": ("bias",),
         "tied_embeddings": ("tie_word_embeddings",)},
        {"gated_mlp": 0, "norm_vectors": 2, "positions": 0}, _TIED | {"linear_bias": 0}, (Rule(_falcon_read, _falcon_write),),
    ),
    Family(
        ("mpt",), "MPTForCausalLM",
        {"layers": ("n_layers",), "hidden": ("d_model",), "heads": ("n_heads",), "vocab": ("vocab_size",),
         "tied_embeddings": ("tie_word_embeddings",)},
        {"gated_mlp": 0, "norm_vectors": 1}, _TIED, (Rule(_mpt_read, _mpt_write),), "max_seq_len", rotary=False,
    ),
)  # fmt: skip
"""In the order in which a writer tries them: the commonest first."""


def likeness(family: Family, own: str | None) -> int:
    """Letters that a model's family in the catalogue shares with one of the writer's: its own comes first."""
    name = re.sub(r"[^a-z0-9]", "", (own or "").lower())
    types = [kind.replace("_", "") for kind in family.types]
    return max(
        (min(len(kind), len(name)) for kind in types if name and (name.startswith(kind) or kind.startswith(name))),
        default=0,
    )


def family_of(own: str | None) -> Family | None:
    """The writer's family of a model's family in the catalogue; None where none is like it."""
    best = max(FAMILIES, key=lambda family: likeness(family, own))
    return best if likeness(best, own) else None
