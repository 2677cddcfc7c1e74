"""Hybrid models of Hugging Face: which layers attend, which have a mixer, and the mixer's sizes.

Keys: the ``configuration_*.py`` of qwen3_next, qwen3_5, bamba, falcon_h1, granitemoehybrid, nemotron_h and minimax in
https://github.com/huggingface/transformers, and those of the published files (``hybrid_override_pattern``, ``attn_type_list``,
``full_attention_interval``, ``attn_layer_indices``). Kinds of mixers: :mod:`model.architecture.mixers`.
"""

from __future__ import annotations

import re
from typing import Final

from mitsumori.model.architecture.mixers import MIXERS
from mitsumori.model.formats.experts import EXPERTS, TOPK, WIDTH
from mitsumori.model.formats.families import _GATED, _UNTIED, Family, Rule, _nothing
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import Shape

_ANY: Final[dict[str, tuple[str, ...]]] = {
    "layers": ("num_hidden_layers",), "hidden": ("hidden_size",), "ffn": ("intermediate_size",),
    "heads": ("num_attention_heads",), "kv_heads": ("num_key_value_heads",), "head_dim": ("head_dim",),
    "vocab": ("vocab_size",), "tied_embeddings": ("tie_word_embeddings",),
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
    "mlp_multipliers",
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
    reading.remark("hybrid", kind=kind, mixers=shape["mixer_layers"], attention=attending)


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
    reading.raw("mtp_layers_block_type", "mtp_hybrid_override_pattern", "num_nextn_predict_layers")
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


HYBRIDS: Final = (
    Family(("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"), "", _ANY, _GATED, _UNTIED, (Rule(_qwen_read, _nothing),)),
    Family(("bamba",), "", _ANY, _GATED, _UNTIED, (Rule(_bamba_read, _nothing),)),
    Family(("falcon_h1",), "", _ANY, _GATED, _UNTIED, (Rule(_falcon_read, _nothing),)),
    Family(("granitemoehybrid",), "", _ANY, _GATED, _UNTIED, (Rule(_granite_read, _nothing),)),
    Family(("nemotron_h",), "", _ANY, _GATED, _UNTIED, (Rule(_nemotron_read, _nothing),)),
    Family(("minimax", "minimax_text_01"), "", _ANY, _GATED, _UNTIED | {"kv_heads": 8}, (Rule(_minimax_read, _nothing),)),
)  # fmt: skip
"""Families whose layers differ in kind; read, not written."""
HYBRID_TYPES: Final = frozenset(kind for family in HYBRIDS for kind in family.types)
