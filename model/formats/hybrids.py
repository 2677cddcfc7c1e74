"""Hybrid models of Hugging Face: which layers attend, which have a mixer, and the mixer's sizes.

Keys: the ``configuration_*.py`` of the families in https://github.com/huggingface/transformers, and those of published files
(``hybrid_override_pattern``, ``attn_type_list``, ``full_attention_interval``, ``attn_layer_indices``, ``linear_attn_config``).
Kinds of mixers: :mod:`model.architecture.mixers`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.architecture.mixers import MIXERS
from mitsumori.model.formats.experts import EXPERTS, TOPK, WIDTH, by_meaning
from mitsumori.model.formats.families import _GATED, _LATENT, _TIED, _UNTIED, Family, Rule, _nothing
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import Shape

_ANY: Final[dict[str, tuple[str, ...]]] = {
    "layers": ("num_hidden_layers",), "hidden": ("hidden_size",), "ffn": ("intermediate_size",),
    "heads": ("num_attention_heads",), "kv_heads": ("num_key_value_heads",), "head_dim": ("head_dim",),
    "vocab": ("vocab_size",), "tied_embeddings": ("tie_word_embeddings",),
}  # fmt: skip
_ALONE: Final = {name: _ANY[name] for name in ("layers", "hidden", "vocab", "tied_embeddings")}
_LFM: Final[dict[str, tuple[str, ...]]] = {
    "ffn": ("block_ff_dim", "intermediate_size"), "tied_embeddings": ("tie_embedding", "tie_word_embeddings"),
}  # fmt: skip
_MAMBA: Final = {"heads": "mamba_n_heads", "head_dim": "mamba_d_head", "key_heads": "mamba_n_groups",
                 "state_dim": "mamba_d_state", "conv": "mamba_d_conv"}  # fmt: skip
_NEMOTRON: Final = {"heads": "mamba_num_heads", "head_dim": "mamba_head_dim", "key_heads": "n_groups",
                    "state_dim": "ssm_state_size", "conv": "conv_kernel"}  # fmt: skip
_DELTA: Final = {"heads": "linear_num_value_heads", "head_dim": "linear_value_head_dim", "key_heads": "linear_num_key_heads",
                 "state_dim": "linear_key_head_dim", "conv": "linear_conv_kernel_dim"}  # fmt: skip
_UNCOUNTED: Final = ("moe_latent_size", "mamba_proj_bias", "use_bias", "projectors_bias", "mlp_bias", "attention_bias")
"""Keys that add parameters which are not counted here; a file that sets one is refused."""
_LITTLE: Final = (
    "mamba_expand", "expand", "mamba_chunk_size", "chunk_size", "block_size", "mamba_conv_bias", "use_conv_bias",
    "mamba_rms_norm", "mamba_norm_before_gate", "mamba_d_ssm", "mamba_hidden_act", "mamba_ssm_cache_dtype",
    "moe_shared_expert_overlap", "attention_multiplier", "z_loss_coefficient", "mamba_act", "ssm_multipliers",
    "mlp_multipliers", "residual_in_fp32", "use_associative_scan", "time_step_scale",
)  # fmt: skip


def _attending(reading: Reading, layers: int) -> int | None:
    """Layers with attention; None where the file does not say."""
    for name in ("layer_types", "layers_block_type"):
        listed = reading.raw(name)
        if isinstance(listed, list) and listed:
            return len([kind for kind in listed if "attention" in str(kind) and "linear" not in str(kind)])
    kinds = reading.raw("attn_type_list")
    if isinstance(kinds, list):
        return len([kind for kind in kinds if kind == 1])
    if "attn_layer_indices" in reading.data:
        where = reading.raw("attn_layer_indices")
        return len(where) if isinstance(where, list) else 0
    every = reading.integer("full_attention_interval", least=1)
    return None if every is None else layers // every


def _mixed(
    reading: Reading, shape: Shape, kind: str, keys: dict[str, str], attending: int | None, mixing: int | None
) -> None:
    """Put a mixer into a shape; a size or a count that is not there is asked for by name."""
    layers = shape.get("layers", 0)
    sizes = {name: reading.integer(key) for name, key in keys.items()}
    lacking = [keys[name] for name, value in sizes.items() if not value]
    if attending is None:
        lacking.append("layer_types")
    if lacking:
        raise _lacks(reading, ", ".join(lacking))
    for name in _UNCOUNTED:
        if reading.raw(name) not in (None, False, 0):
            raise NamedRefusal("shape_key_untaken", kind=str(reading.data.get("model_type"))[:40], names=name)
    for name in _LITTLE:
        reading.raw(name)
    shape |= {"mixer": MIXERS.index(kind), "attention_free_layers": layers - (attending or 0)}
    shape["mixer_layers"] = layers - (attending or 0) if mixing is None else mixing
    shape |= {f"mixer_{name}": value for name, value in sizes.items()}
    if shape["mixer_layers"]:
        reading.remark("hybrid", kind=kind, mixers=shape["mixer_layers"], attention=attending)
    else:
        shape["mixer"] = 0  # every layer has attention


def _lacks(reading: Reading, names: str) -> NamedRefusal:
    return NamedRefusal("hybrid_lacks", kind=str(reading.data.get("model_type"))[:40], names=names)


def _qwen_read(reading: Reading, shape: Shape) -> None:
    """Qwen3-Next and 3.5: gated delta in three layers of four, attention with an output gate in the fourth."""
    _mixed(reading, shape, "gated_delta", _DELTA, _attending(reading, shape.get("layers", 0)), None)
    shape["attention_gate"] = 1
    shared = reading.integer("shared_expert_intermediate_size")
    experts = reading.integer("num_experts", *EXPERTS)
    if experts:
        shape |= {
            "moe_experts": experts,
            "moe_topk": reading.integer(*TOPK, least=1) or 1,
            "moe_shared_ffn": shared or 0,
        }
        shape["moe_ffn"] = reading.integer(*WIDTH, least=1) or 0
        only = reading.raw("mlp_only_layers")
        reading.raw("decoder_sparse_step")
        shape["moe_dense_layers"] = len(only) if isinstance(only, list) else 0


def _bamba_read(reading: Reading, shape: Shape) -> None:
    """Bamba: Mamba-2 but for the layers of ``attn_layer_indices``; a feed-forward block in each."""
    _mixed(reading, shape, "mamba2", _MAMBA, _attending(reading, shape.get("layers", 0)), None)


def _falcon_read(reading: Reading, shape: Shape) -> None:
    """Falcon-H1: attention and Mamba-2 side by side in every layer."""
    layers = shape.get("layers", 0)
    inner = reading.integer("mamba_d_ssm")
    _mixed(reading, shape, "mamba2", _MAMBA, layers, layers)
    if inner is not None and inner != shape["mixer_heads"] * shape["mixer_head_dim"]:
        raise NamedRefusal("shape_key_untaken", kind="falcon_h1", names="mamba_d_ssm")


def _granite_read(reading: Reading, shape: Shape) -> None:
    """Granite 4.0 H: Mamba-2 and attention, experts with a shared one, or the shared one alone."""
    _mixed(reading, shape, "mamba2", _MAMBA, _attending(reading, shape.get("layers", 0)), None)
    shared, experts = reading.integer("shared_intermediate_size") or 0, reading.integer("num_local_experts")
    topk = reading.integer("num_experts_per_tok")
    if experts:
        shape |= {
            "moe_experts": experts,
            "moe_topk": topk or 1,
            "moe_ffn": shape.get("ffn", 0),
            "moe_shared_ffn": shared,
        }
        shape["ffn"] = 0
    else:
        shape["ffn"] = shared


def _nemotron_read(reading: Reading, shape: Shape) -> None:
    """Nemotron-H: every layer is a Mamba-2 mixer, attention, or a feed-forward block (dense, or experts), two matrices each."""
    pattern, listed = reading.raw("hybrid_override_pattern"), reading.raw("layers_block_type")
    if isinstance(listed, list):
        kinds = [str(kind) for kind in listed]
    elif isinstance(pattern, str) and re.fullmatch(r"[M*\-E]{1,2000}", pattern):
        kinds = [{"M": "linear_attention", "*": "full_attention", "-": "mlp", "E": "moe"}[letter] for letter in pattern]
    else:
        raise _lacks(reading, "hybrid_override_pattern")
    dense, sparse = kinds.count("mlp"), kinds.count("moe")
    if dense and sparse:
        raise NamedRefusal("per_layer", kind="nemotron_h", names="hybrid_override_pattern")
    shape["layers"] = len(kinds)
    attending = sum("attention" in kind and "linear" not in kind for kind in kinds)
    _mixed(reading, shape, "mamba2", _NEMOTRON, attending, len(kinds) - attending - dense - sparse)
    shape |= {"ffn_free_layers": len(kinds) - dense - sparse, "gated_mlp": 0}
    experts, topk = reading.integer("n_routed_experts"), reading.integer("num_experts_per_tok")
    width, shared = reading.integer("moe_intermediate_size"), reading.integer("moe_shared_expert_intermediate_size")
    count = reading.integer("n_shared_experts") or 0
    reading.raw("mtp_layers_block_type", "mtp_hybrid_override_pattern", "num_nextn_predict_layers", "time_step_rank")
    shape["moe_experts"] = 0  # the class writes keys of experts also where no layer has them
    if sparse:
        shape |= {"moe_experts": experts or 0, "moe_topk": topk or 1, "moe_ffn": width or 0,
                  "moe_shared_ffn": count * (shared or 0), "ffn": 0, "moe_dense_layers": 0}  # fmt: skip


def _minimax_read(reading: Reading, shape: Shape) -> None:
    """MiniMax-01: lightning attention in most layers, softmax attention in the rest, Mixtral's experts in all."""
    layers = shape.get("layers", 0)
    size = shape.get("head_dim") or (
        shape["hidden"] // shape["heads"] if shape.get("heads") and shape.get("hidden") else 0
    )
    attending = _attending(reading, layers)
    _mixed(reading, shape, "lightning", {}, attending, None)
    shape |= {"mixer_heads": shape.get("heads", 0), "mixer_head_dim": size, "mixer_key_heads": shape.get("heads", 0),
              "mixer_state_dim": size, "mixer_conv": 0}  # fmt: skip
    experts, topk = reading.integer("num_local_experts", *EXPERTS), reading.integer(*TOPK, least=1)
    if experts:
        shape |= {"moe_experts": experts, "moe_topk": topk or 1, "moe_ffn": shape.get("ffn", 0), "ffn": 0}
    for name in list(reading.data):
        if re.search(r"_(alpha|beta)(_factor)?$|^postnorm$|^shared_", name):
            reading.raw(name)


def _windowed(reading: Reading, shape: Shape) -> None:
    """``sliding_attention`` in ``layer_types``: its share of the layers with attention."""
    window, listed = reading.integer("sliding_window"), reading.raw("layer_types")
    if window and isinstance(listed, list):
        sliding = sum("sliding" in str(kind) for kind in listed)
        attending = sliding + sum(str(kind) == "full_attention" for kind in listed)
        if sliding:
            shape |= {"window": window, "window_share": sliding / attending}


def _gated_delta_read(reading: Reading, shape: Shape) -> None:
    """OLMo Hybrid and Lara Mini: gated delta and plain attention, some of it through a window; experts or none."""
    _mixed(reading, shape, "gated_delta", _DELTA, _attending(reading, shape.get("layers", 0)), None)
    _windowed(reading, shape)
    for name in (
        "linear_a_log_max",
        "linear_dt_min",
        "linear_dt_max",
        "linear_dt_init_floor",
        "linear_allow_neg_eigval",
    ):
        reading.raw(name)
    by_meaning(reading, shape)


def _kimi_read(reading: Reading, shape: Shape) -> None:
    """Kimi-Linear and Ling 3: Kimi delta in most layers, latent attention in the rest, experts as in DeepSeek-V3.

    Ling 3 has full projections where Kimi-Linear's decay and output gate are of low rank; the difference is counted beside.
    """
    inner, layers = reading.raw("linear_attn_config"), shape.get("layers", 0)
    part = Reading(inner if isinstance(inner, dict) else {}, reading.pattern)
    heads = part.integer("num_heads") or reading.integer("linear_num_heads")
    size = part.integer("head_dim") or reading.integer("linear_head_dim")
    conv = part.integer("short_conv_kernel_size") or reading.integer("linear_conv_kernel_dim", "short_conv_kernel_size")
    full, every = part.raw("full_attn_layers"), reading.integer("layer_group_size", least=1)
    attending = len(full) if isinstance(full, list) else _attending(reading, layers)
    if attending is None and every:
        attending = layers // every
    for name in ("kda_safe_gate", "kda_lower_bound", "num_expert_group", "short_conv_kernel_size"):
        reading.raw(name)
    if not (heads and size and conv):
        raise _lacks(reading, "linear_num_heads, linear_head_dim, linear_conv_kernel_dim")
    _mixed(reading, shape, "kimi_delta", {}, attending, None)
    shape |= {"mixer_heads": heads, "mixer_head_dim": size, "mixer_key_heads": heads, "mixer_state_dim": size,
              "mixer_conv": conv}  # fmt: skip
    _LATENT.read(reading, shape)
    shape.pop("head_dim", None)
    by_meaning(reading, shape)
    if "kda_lower_bound" in reading.data and shape.get("hidden"):
        columns, h = heads * size, shape["hidden"]
        more = 2 * h * columns - 2 * size * (h + columns)
        reading.beside("full gates of the delta layers", shape["mixer_layers"] * more)


def _lightning_read(reading: Reading, shape: Shape) -> None:
    """Ring-linear 2.0 and Ling 2.5: lightning attention but for the last layer of each group and what is left over.

    Its output gate is as wide as in MiniMax-01, its heads are attention's. Experts as in Ling 2.0, latent attention in 2.5.
    Source: https://github.com/inclusionAI/Ring-V2.5, ``models/modeling_bailing_moe_v2_5.py``.
    """
    layers, group = shape.get("layers", 0), reading.integer("layer_group_size", least=1)
    if group is None:
        raise _lacks(reading, "layer_group_size")
    size = shape.get("head_dim") or shape.get("hidden", 0) // max(1, shape.get("heads", 1))
    reading.raw("head_dim", "group_norm_size", "linear_silu")
    _mixed(reading, shape, "lightning", {}, layers // group + layers % group, None)
    shape |= {"mixer_heads": shape.get("heads", 0), "mixer_head_dim": size, "mixer_key_heads": shape.get("heads", 0),
              "mixer_state_dim": size, "mixer_conv": 0}  # fmt: skip
    if reading.data.get("kv_lora_rank"):
        _LATENT.read(reading, shape)
        shape.pop("head_dim", None)
    by_meaning(reading, shape)


def _alone(reading: Reading, shape: Shape, kind: str, sizes: dict[str, Any]) -> None:
    """A model of mixers only: neither attention nor a feed-forward block."""
    layers = shape.get("layers", 0)
    _mixed(reading, shape, kind, {}, 0, layers)
    shape |= {f"mixer_{name}": value for name, value in sizes.items()}
    shape |= {"ffn_free_layers": layers, "heads": sizes["heads"], "kv_heads": sizes["heads"], "ffn": 0,
              "head_dim": max(1, shape.get("hidden", 0) // max(1, sizes["heads"]))}  # fmt: skip


def _mamba2_read(reading: Reading, shape: Shape) -> None:
    """Mamba-2 alone (Mistral's Codestral Mamba)."""
    keys = {"heads": "num_heads", "head_dim": "head_dim", "key_heads": "n_groups", "state_dim": "state_size",
            "conv": "conv_kernel"}  # fmt: skip
    sizes = {name: reading.integer(key) for name, key in keys.items()}
    lacking = [keys[name] for name, value in sizes.items() if not value]
    if lacking:
        raise _lacks(reading, ", ".join(lacking))
    if reading.flag("use_conv_bias") is False:
        raise NamedRefusal("shape_key_untaken", kind="mamba2", names="use_conv_bias")
    reading.raw("time_step_rank")
    _alone(reading, shape, "mamba2", sizes)


def _selective(reading: Reading, shape: Shape, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Sizes of Mamba's mixer: as many heads as channels, each of one column, and one set of inputs and outputs of the state."""
    hidden = shape.get("hidden", 0)
    inner, expand = reading.integer(*names.get("inner", ())), reading.number(*names["expand"])
    channels = inner or int((2 if expand is None else expand) * hidden)
    state, conv = reading.integer(*names["state"], least=1) or 16, reading.integer(*names["conv"], least=1) or 4
    rank, usual = reading.integer(*names["rank"]), -(-hidden // 16)
    if rank is not None and rank != usual:
        reading.beside("step size", 2 * channels * (rank - usual) * shape.get("mixer_layers", shape.get("layers", 0)))
    return {"heads": channels, "head_dim": 1, "key_heads": 1, "state_dim": state, "conv": conv}


def _mamba_read(reading: Reading, shape: Shape) -> None:
    """Mamba, the first, alone (Falcon-Mamba too)."""
    names = {"inner": ("intermediate_size",), "expand": ("expand",), "state": ("state_size",), "conv": ("conv_kernel",),
             "rank": ("time_step_rank",)}  # fmt: skip
    _alone(reading, shape, "mamba", _selective(reading, shape, names))


def _jamba_read(reading: Reading, shape: Shape) -> None:
    """Jamba: Mamba but for one layer in ``attn_layer_period``; experts in one of ``expert_layer_period``."""
    layers = shape.get("layers", 0)
    period, first = reading.integer("attn_layer_period", least=1) or 8, reading.integer("attn_layer_offset") or 0
    every, start = reading.integer("expert_layer_period", least=1) or 2, reading.integer("expert_layer_offset") or 0
    attending = sum(index % period == first for index in range(min(layers, 100_000)))
    names = {
        "expand": ("mamba_expand",),
        "state": ("mamba_d_state",),
        "conv": ("mamba_d_conv",),
        "rank": ("mamba_dt_rank",),
    }
    _mixed(reading, shape, "mamba", {}, attending, None)
    shape |= {f"mixer_{name}": value for name, value in _selective(reading, shape, names).items()}
    experts, topk = reading.integer(*EXPERTS), reading.integer(*TOPK, least=1)
    if experts and experts > 1:
        sparse = sum(index % every == start for index in range(min(layers, 100_000)))
        shape |= {"moe_experts": experts, "moe_topk": topk or 2, "moe_ffn": shape.get("ffn", 0),
                  "moe_dense_layers": layers - sparse}  # fmt: skip
    for name in ("use_mamba_kernels", "mamba_conv_bias", "layers_block_type", "layer_types"):
        reading.raw(name)


def _griffin_read(reading: Reading, shape: Shape) -> None:
    """RecurrentGemma: two layers with an RG-LRU and one with windowed attention, in turn; half the width is said once."""
    layers, heads = shape.get("layers", 0), shape.get("heads", 0)
    listed = reading.raw("block_types", "_block_types")
    turn = (
        [str(kind) for kind in listed]
        if isinstance(listed, list) and listed
        else ["recurrent", "recurrent", "attention"]
    )
    attending = sum(turn[index % len(turn)] == "attention" for index in range(min(layers, 100_000)))
    width = reading.integer("lru_width", least=1) or shape.get("hidden", 0)
    window, conv = reading.integer("attention_window_size"), reading.integer("conv1d_width", least=1) or 4
    for name in (
        "w_init_variance_scale",
        "final_w_init_variance_scale",
        "logits_soft_cap",
        "attention_bias",
        "layer_types",
    ):
        reading.raw(name)
    _mixed(reading, shape, "rg_lru", {}, attending, None)
    shape |= {"mixer_heads": heads, "mixer_head_dim": width // max(1, heads), "mixer_key_heads": heads,
              "mixer_state_dim": 1, "mixer_conv": conv, "ffn": shape.get("ffn", 0) // 2}  # fmt: skip
    if window and attending:
        shape |= {"window": window, "window_share": 1.0}
    if shape.get("hidden"):
        h = shape["hidden"]
        reading.beside("biases", layers * (2 * shape["ffn"] + h) + attending * h)


def _lfm_read(reading: Reading, shape: Shape) -> None:
    """LFM2 and 3: gated short convolutions but for the layers with attention; experts in LFM2-MoE."""
    heads, h = shape.get("heads", 0), shape.get("hidden", 0)
    attending, where = _attending(reading, shape.get("layers", 0)), reading.raw("full_attn_idxs")
    if attending is None and isinstance(where, list):
        attending = len(where)
    conv = reading.integer("conv_L_cache", least=1)
    if not conv:
        raise _lacks(reading, "conv_L_cache")
    if reading.raw("conv_bias"):
        raise NamedRefusal("shape_key_untaken", kind=str(reading.data.get("model_type"))[:40], names="conv_bias")
    adjusted, factor = reading.flag("block_auto_adjust_ff_dim"), reading.number("block_ffn_dim_multiplier")
    multiple = reading.integer("block_multiple_of", least=1) or 256
    if adjusted is not False and multiple and shape.get("ffn") and reading.data.get("model_type") == "lfm2":
        shape["ffn"] = multiple * -(-int((1.0 if factor is None else factor) * int(2 * shape["ffn"] / 3)) // multiple)
    _mixed(reading, shape, "short_conv", {}, attending, None)
    shape |= {"mixer_heads": heads, "mixer_head_dim": h // max(1, heads), "mixer_key_heads": heads, "mixer_state_dim": 1,
              "mixer_conv": conv}  # fmt: skip
    _windowed(reading, shape)
    for name in list(reading.data):
        if re.search(r"^block_|^conv_(dim|use)|^use_|^num_heads$|^theta$", name):
            reading.raw(name)
    by_meaning(reading, shape)


HYBRIDS: Final = (
    Family(("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"), "", _ANY, _GATED, _UNTIED, (Rule(_qwen_read, _nothing),)),
    Family(("olmo_hybrid",), "", _ANY, _GATED, _UNTIED, (Rule(_gated_delta_read, _nothing),)),
    Family(("lara_mini",), "", _ANY, _GATED, _TIED, (Rule(_gated_delta_read, _nothing),)),
    Family(("kimi_linear", "bailing_hybrid"), "", _ANY, _GATED | _UNTIED, _UNTIED, (Rule(_kimi_read, _nothing),)),
    Family(("bailing_moe_v2_5", "bailing_moe_linear", "bailing_moe_linear_v2"), "", _ANY, _GATED, _UNTIED,
           (Rule(_lightning_read, _nothing),)),
    Family(("mamba2",), "", _ALONE, _GATED, _UNTIED, (Rule(_mamba2_read, _nothing),)),
    Family(("mamba", "falcon_mamba"), "", _ALONE, _GATED, _TIED, (Rule(_mamba_read, _nothing),)),
    Family(("jamba",), "", _ANY, _GATED, _UNTIED | {"kv_heads": 8}, (Rule(_jamba_read, _nothing),)),
    Family(("recurrent_gemma",), "", _ANY, _GATED, _TIED, (Rule(_griffin_read, _nothing),)),
    Family(("lfm2", "lfm2_moe", "lfm3"), "", _ANY | _LFM, _GATED, _TIED, (Rule(_lfm_read, _nothing),)),
    Family(("bamba",), "", _ANY, _GATED, _UNTIED, (Rule(_bamba_read, _nothing),)),
    Family(("falcon_h1",), "", _ANY, _GATED, _UNTIED, (Rule(_falcon_read, _nothing),)),
    Family(("granitemoehybrid",), "", _ANY, _GATED, _UNTIED, (Rule(_granite_read, _nothing),)),
    Family(("nemotron_h",), "", _ANY | {"head_dim": ("head_dim", "attention_head_dim")}, _GATED | _UNTIED, _UNTIED,
           (Rule(_nemotron_read, _nothing),)),
    Family(("minimax", "minimax_text_01", "minimax_m1"), "", _ANY, _GATED, _UNTIED | {"kv_heads": 8},
           (Rule(_minimax_read, _nothing),)),
)  # fmt: skip
"""Families whose layers differ in kind; read, not written."""
HYBRID_TYPES: Final = frozenset(kind for family in HYBRIDS for kind in family.types)
