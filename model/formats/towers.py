"""Vision towers of multimodal configurations: counted and named, since a plan has the language model only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_GATED: Final = ("qwen2_5_vl", "pixtral", "mistral3", "glm4v", "glm4v_moe", "glm_ocr", "glm46v", "qwen2_5_omni")
"""Families whose vision blocks have a gated feed-forward part; elsewhere it has two matrices."""
_MERGING: Final = ("qwen", "glm", "kimi", "mistral3")
"""Prefixes of families that join 2 x 2 patches before the projection."""


_GLM: Final = ("glm4v", "glm46v", "glmga")
"""Prefixes of families whose blocks are as wide as the projection, and whose projection is a gated part of its own."""
_WELL_KNOWN: Final = (
    "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "mistral3", "glm4v", "glm4v_moe", "glm46v", "kimi_k25", "llava",
    "gemma3",
)  # fmt: skip
"""Families whose tower's count was compared with the published total."""
SECOND_MODELS: Final = ("talker_config",)
"""Keys of a whole language model beside the one that answers: Qwen's Omni models speak with it."""
LANGUAGE_PARTS: Final = ("text_config", "language_config", "llm_config")
"""Keys of the language model of a multimodal configuration: transformers, DeepSeek-VL2, InternVL."""
_NO_TOWERS: Final = (*LANGUAGE_PARTS, "quantization_config", "attn_config", "ffn_config", "generation_config", "rope_scaling",
                     "linear_attn_config", "vq_config", "init_config")  # fmt: skip


def towers(data: Mapping[str, object]) -> list[str]:
    """Keys of a configuration that describe a whole network beside the language model: vision, audio, a depth decoder."""
    sizes = (
        "hidden_size",
        "d_model",
        "embed_dim",
        "width",
        "vt_hidden_size",
        "depth",
        "num_hidden_layers",
        "num_layers",
    )
    return [
        name for name, part in data.items()
        if name.endswith("_config") and name not in (*_NO_TOWERS, *SECOND_MODELS)
        and isinstance(part, Mapping) and any(size in part for size in sizes)
    ]  # fmt: skip


def well_known(data: Mapping[str, object], tower: str) -> bool:
    """Whether the count of this family's tower is more than a general rule."""
    return tower == "vision_config" and str(data.get("model_type") or "").lower() in _WELL_KNOWN


def tower_parameters(data: Mapping[str, Any], tower: str, text_hidden: int) -> int | None:
    """Parameters of one part that :func:`towers` names: of a vision tower in detail, of another 12 h^2 a layer.

    Parameters
    ----------
    data
        The whole configuration.
    tower
        A key of it that :func:`towers` names.
    text_hidden
        Width of the language model, into which the part projects.

    Returns
    -------
    int or None
        Parameters; None where the part's sizes are not told.
    """
    if tower == "vision_config":
        return vision_parameters(data, text_hidden)
    part = data[tower]

    def first(*names: str) -> int | None:
        return next((value for name in names if isinstance(value := part.get(name), int) and 0 < value < 10**7), None)

    layers = first("num_hidden_layers", "num_layers", "encoder_layers", "num_blocks", "depth")
    width = first("hidden_size", "d_model", "embed_dim", "width")
    if layers is None or width is None:
        return None
    wide = first("intermediate_size", "encoder_ffn_dim", "ffn_dim") or 4 * width
    return layers * (4 * width * width + 2 * width * wide) + width * text_hidden + text_hidden * text_hidden


def patch_parameters(data: Mapping[str, object], text_hidden: int) -> int | None:
    """Parameters of the one product that turns image patches into tokens, of a model without a vision tower (Fuyu).

    ``h (channels patch^2 + 1)``; None for every other model.
    """
    side, channels = data.get("patch_size"), data.get("num_channels")
    if (
        not any(name in data for name in LANGUAGE_PARTS)
        or "vision_config" in data
        or not (isinstance(side, int) and isinstance(channels, int))
    ):
        return None
    return text_hidden * (channels * side * side + 1)


def _glm_parameters(layers: int, width: int, wide: int, out: int, patch: tuple[int, int]) -> int:
    """GLM-4V: blocks of ``4 h^2 + 3 h o``, a product that joins 2 x 2 patches, and a projection ``o^2 + 3 o f``.

    Source: ``Glm4vVisionModel`` of transformers, whose blocks take the projection's width for their feed-forward part.
    """
    side, frames = patch
    return (
        layers * (4 * width * width + 3 * width * out)
        + 3 * frames * side * side * width
        + (4 * width * out + out * out + 3 * out * wide)
    )


def vision_parameters(data: Mapping[str, object], text_hidden: int) -> int | None:
    """Parameters of the vision tower and its projection; None where its shape is not told.

    Blocks of 4 h^2 for attention and two or three matrices of h x f, the patch embedding, learned positions, and a
    projection of two matrices. Norms and biases are left out (below 0.2 %).
    """
    tower = data.get("vision_config")
    if not isinstance(tower, Mapping):
        return None
    kind = str(data.get("model_type") or "").lower()

    def first(*names: str) -> int | None:
        for name in names:
            value = tower.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**7:
                return value
        return None

    layers = first("depth", "num_hidden_layers", "layers", "vt_num_hidden_layers", "num_layers")
    width = first("embed_dim", "vt_hidden_size", "width") if kind in ("qwen2_vl",) else None
    width = width or first("hidden_size", "embed_dim", "width", "vt_hidden_size")
    if layers is None or width is None:
        return None
    ratio = tower.get("mlp_ratio")
    wide = first("intermediate_size", "vt_intermediate_size")
    if wide is None:
        wide = int(width * ratio) if isinstance(ratio, int | float) and 0 < ratio < 100 else 4 * width
    gated = kind in _GATED or str(tower.get("model_type")) in _GATED
    if kind.startswith(_GLM) and (out := first("out_hidden_size")) is not None:
        return _glm_parameters(layers, width, wide, out, (first("patch_size") or 14, first("temporal_patch_size") or 2))
    total = layers * (4 * width * width + (3 if gated else 2) * width * wide)
    total += (layers_global := first("num_global_layers") or 0) * (4 * width * width + 2 * width * wide)
    patch = first("patch_size") or 14
    total += 3 * patch * patch * width * (first("temporal_patch_size") or (2 if kind.startswith("qwen") else 1))
    if (side := first("image_size")) is not None and not gated:
        total += (side // patch) ** 2 * width
    out = first("out_hidden_size") or text_hidden
    if kind == "mistral3":  # a product joins 2 x 2 patches at the tower's width, two more project them
        merge = int(data["spatial_merge_size"]) if isinstance(data.get("spatial_merge_size"), int) else 2  # type: ignore[call-overload]
        total += merge * merge * width * width + width * out + out * out
    elif kind.startswith(_MERGING):
        merge = first("spatial_merge_size", "merge_kernel_size") or 2
        joined = width * merge * merge
        deep = tower.get("deepstack_visual_indexes")
        mergers = 1 + (len(deep) if isinstance(deep, list) else 0)
        total += mergers * (joined * joined + joined * out)
    else:
        total += width * (1 + (5 if layers_global else 0)) * out + (0 if layers_global else out * out)
    return int(total)
