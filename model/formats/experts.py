"""Experts and other parts of a shape read by what their keys mean, for every Hugging Face family.

A key that describes experts, latent attention, state-space layers or single layers and that nobody took is an error: the
shape would be another model's. Keys: the ``configuration_*.py`` of https://github.com/huggingface/transformers (4 and 5)
and of models that bring their own code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.architecture.transformer import active_parameters, parameter_count
from mitsumori.model.formats.imported import NamedRefusal, billions, shown
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import ESSENTIAL, Shape, spec_of
from mitsumori.model.plan.plan import ArchitectureSpec
from mitsumori.model.plan.shapes import architecture_of

EXPERTS: Final = (
    "num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts", "num_routed_experts", "n_experts",
    "num_moe_experts",
)  # fmt: skip
TOPK: Final = (
    "num_experts_per_tok", "experts_per_token", "num_experts_per_token", "moe_k", "moe_topk", "moe_top_k", "top_k_experts",
    "num_selected_experts", "n_activated_experts", "num_activated_experts",
)  # fmt: skip
WIDTH: Final = ("moe_intermediate_size", "expert_intermediate_size", "moe_ffn_hidden_size", "expert_ffn_hidden_size",
                "expert_hidden_size", "expert_dim", "moe_inter_dim")  # fmt: skip
SHARED_COUNT: Final = ("n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert")
SHARED_WIDTH: Final = (
    "shared_expert_intermediate_size", "shared_intermediate_size", "moe_shared_expert_intermediate_size",
    "share_expert_dim",
)  # fmt: skip
FIRST_DENSE: Final = ("first_k_dense_replace", "moe_layer_start_index", "num_dense_layers", "n_dense_layers")
_DENSE_BESIDE: Final = ("residual_moe", "parallel_attn_mlp_res")
"""A dense feed-forward part beside the experts of a layer (Grok-2, Arctic), which a plan cannot say."""

_SPECIAL: Final = re.compile(
    r"expert|(^|_)moe(_|$)|lora_rank|latent|^index_|^block_configs$|per_layer|^ssm_|_ssm_|mamba|linear_attn|^linear_(key|value|num|conv)"
    r"|altup|laurel|^v_head_dim$|^layers_block_type$|hybrid|^kv_lora|^swa_|global_head_dim|num_global|other_setting|^conv_|mlp_layer_types"
    r"|^mlp_only|(^|_)dense(_|$)|^attention_layers$|^attention_types$|^ffn_multipliers$|^num_kv_heads$|^kv_channels_list$|_pattern_list"
)
"""Keys of parts that change a parameter count."""
_SHAPE: Final = re.compile(
    r"(_heads?|head_dim|intermediate_size|hidden_size|inner_dim|_layers|ffn_dim|_groups|_ratio)$"
)
"""Keys of an unknown family that look like a part of the shape."""
_HARMLESS: Final = re.compile(
    r"loss|router|jitter|norm_topk|dropout|scor|scaling|capacity|renorm|routing|gate|_token_id|dtype|backend|dispatcher"
    r"|grouped_gemm|cache|init|bias|top_?k_method|topk_group|n_group|ep_size|^chunk_size|max_window_layers|_act$|dense_act|multimodal"
    r"|^num_nextn|_norm_min$|^qk_head_dim$|^mtp_|^attn_type_list$|^max_seq_len$|^downsample_ratio$|window_pattern$|no_rope|rope|beam|pretraining|output_hidden|_freq$|hidden_layers_step|index_topk|index_skip|index_share"
    r"|^classifier|^layer_norm|parallel_attn|every_n_layers|num_experts_per_topk|^num_experts_per_tok$|^num_local_experts$|^use_|^enable_"
)
_LAYERS_APART: Final = re.compile(r"(^|_)dense(_|$)")
"""Keys of a number of layers that are unlike the rest, where 1 says something too; elsewhere 1 is as good as nothing."""
_SMALLEST_SIZE: Final = 16
"""No width, head size or vocabulary is smaller."""
_LINEAR: Final = re.compile(
    r"linear|mamba|conv|recurrent|rwkv|delta|ssm|gated_memory|lightning|compressed|sparse_compressed|hybrid"
)


def by_meaning(reading: Reading, shape: Shape) -> None:
    """Experts of a family whose table has none: count, choice, width, shared ones and dense layers by their meaning.

    Raises
    ------
    Refusal
        When experts are named but not how many work on a token, or how they lie in the layers cannot be told.
    """
    experts = reading.integer(*EXPERTS)
    if reading.flag("is_moe") is False:  # keys of experts that the model does not use
        reading.raw(*TOPK)
        return
    if not experts or experts == 1:
        if reading.integer(*TOPK) and experts is None and reading.integer(*WIDTH):
            raise NamedRefusal("shape_key_untaken", kind=_kind(reading), names="num_experts_per_tok")
        return
    beside = [name for name in _DENSE_BESIDE if reading.data.get(name) is True]
    if beside:
        raise NamedRefusal("shape_key_untaken", kind=_kind(reading), names=", ".join(beside))
    topk = reading.integer(*TOPK, "top_k", least=1)
    if topk is None:
        raise NamedRefusal("topk_absent", experts=experts)
    width = reading.integer(*WIDTH, least=1)
    shape |= {"moe_experts": experts, "moe_topk": topk, "moe_ffn": width or shape.get("ffn", 0)}
    count, shared = reading.integer(*SHARED_COUNT), reading.integer(*SHARED_WIDTH)
    each = shape["moe_ffn"]
    shape["moe_shared_ffn"] = shared if shared is not None else (count or 0) * each
    shape["moe_dense_layers"] = dense_layers(reading, shape.get("layers", 0))
    if width is None and not shape["moe_dense_layers"]:
        shape["ffn"] = 0  # the one width in the file is an expert's


def dense_layers(reading: Reading, layers: int) -> int:
    """Layers without experts, by whatever key says it."""
    if layers > 100_000:
        return 0
    for name in ("mlp_layer_types", "moe_layer_freq", "moe_layer_pattern"):
        listed = reading.data.get(name)
        if isinstance(listed, list):
            reading.raw(name, *FIRST_DENSE)  # the list says it layer by layer
            return sum(item in (0, "dense", False) for item in listed)
    for name in ("moe_layers_enum", "moe_layers", "moe_layer_indices"):
        listed = reading.data.get(name)
        if isinstance(listed, str) and re.fullmatch(r"\d+(,\d+)*", listed):
            listed = listed.split(",")
        if isinstance(listed, list):
            reading.raw(name)
            return max(0, layers - len(listed))
    first = reading.integer(*FIRST_DENSE) or 0
    every = reading.integer("moe_layer_freq", "moe_layer_interval", "decoder_sparse_step", "interleave_moe_layer_step",
                            "moe_every_n_layers", "expert_layer_period", least=1) or 1  # fmt: skip
    only = reading.raw("mlp_only_layers")
    plain = set(only) if isinstance(only, list) and all(isinstance(item, int) for item in only) else set()
    last = reading.integer("moe_layer_end_index")
    end = layers if last is None else last + 1
    sparse = sum(first <= index < end and index not in plain and (index + 1) % every == 0 for index in range(layers))
    return layers - sparse


def indexer(reading: Reading, shape: Shape) -> None:
    """Parameters of the indexer of DeepSeek sparse attention, beside the plan's shape.

    A layer has a query projection (q_lora_rank to heads x size), a key projection (h to size) with its norm and the heads'
    weights (h to heads); source: https://github.com/deepseek-ai/DeepSeek-V3.2-Exp, ``inference/model.py``, ``Indexer``.
    """
    heads, size = reading.integer("index_n_heads"), reading.integer("index_head_dim")
    reading.raw("index_topk")
    if heads and size and {"layers", "hidden", "q_lora_rank"} <= set(shape):
        each = heads * size * shape["q_lora_rank"] + shape["hidden"] * (size + heads) + 2 * size
        listed = reading.data.get("indexer_types")
        layers = sum(kind == "full" for kind in listed) if isinstance(listed, list) else shape["layers"]
        reading.beside("indexer", each * layers)


def refuse_layer_kinds(kind: str, data: Mapping[str, Any]) -> None:
    """Refuse layers that are not attention, by the name the file gives them."""
    for name in (
        "layer_types",
        "layers_block_type",
        "attn_type_list",
        "block_types",
        "_block_types",
        "full_attention_interval",
    ):
        listed = data.get(name)
        if name == "attn_type_list" and isinstance(listed, list) and all(item == 1 for item in listed):
            continue  # 1: softmax attention (MiniMax)
        if name in ("full_attention_interval", "attn_type_list") and listed:
            raise NamedRefusal("state_space", kind=kind, names="linear attention")
        if isinstance(listed, list):
            odd = [item for item in listed if isinstance(item, str) and _LINEAR.search(item.lower())]
            if odd:
                raise NamedRefusal("state_space", kind=kind, names=", ".join(dict.fromkeys(odd)))


def refuse_untaken(reading: Reading, known: bool, tool: str | None = None) -> None:
    """Refuse a file whose keys of experts, latent attention or single layers were not taken.

    Parameters
    ----------
    reading
        The file's keys, what was taken of them, and the shape read.
    known
        Whether the family (or the tool) is known; of an unknown one every key that looks like a size counts.
    tool
        The tool's name where the keys are no model family's; None for a ``config.json``.

    Raises
    ------
    Refusal
        Where such a key is left.
    """
    left = [name for name in reading.untaken() if _tells(name, reading.data[name], known)]
    if left:
        names = {"kind": tool or _kind(reading), "names": ", ".join(left[:6])}
        counts = _counts(reading.shape)
        if counts is None:
            raise NamedRefusal("shape_key_untaken", **names)
        raise NamedRefusal("shape_key_untaken_counted", total=counts[0], active=counts[1], **names)


def _counts(shape: Shape) -> tuple[str, str] | None:
    """Total and active parameters of what was read; None where that is no whole shape."""
    if any(field not in shape for field in ESSENTIAL):
        return None
    try:
        read = architecture_of(ArchitectureSpec(**spec_of(shape)))
    except ValueError:
        return None
    return billions(round(float(parameter_count(read).total))), billions(round(float(active_parameters(read))))


def doubt_untaken(reading: Reading) -> None:
    """Put the count in doubt where the file has sizes under a key that nobody took, or numbers of heads, groups and layers."""
    left = [
        name for name in reading.untaken()
        if not (reading.pattern.search(name) or _HARMLESS.search(name))
        and (_sizes(reading.data[name]) or (_SHAPE.search(name) and _several(reading.data[name])))
    ]  # fmt: skip
    if left:
        reading.remark("shape_unclear", names=", ".join(left[:6]))


def _sizes(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) > 1 and all(isinstance(item, int) for item in value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= _SMALLEST_SIZE


def _several(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 1


def _tells(name: str, value: Any, known: bool) -> bool:
    if value in (None, False, 0, "", "none") or value == [] or value == {} or _HARMLESS.search(name):
        return False
    if (
        isinstance(value, float)
        and re.search(r"_multipliers?$", name)
        and not re.search(r"ffn|mlp|dim|size|expan", name)
    ):
        return False  # a scale of a product's result
    if value == 1 and not _LAYERS_APART.search(name):
        return False
    if isinstance(value, str) and not re.search(r"\d|,", value):
        return False
    return bool(_SPECIAL.search(name)) or (not known and bool(_SHAPE.search(name)))


def _kind(reading: Reading) -> str:
    return shown(reading.data.get("model_type") or "?", 40)
