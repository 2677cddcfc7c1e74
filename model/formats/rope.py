"""Rotary position embedding of a catalogue model in the words of the target tools.

The record holds it as ``config.json`` spells it (:attr:`model.catalogue.records.ModelRecord.rope`). Keys of the tools:
``megatron/training/arguments.py`` and ``MLATransformerConfig`` of https://github.com/NVIDIA/Megatron-LM,
``models/gpt_provider.py`` of https://github.com/NVIDIA-NeMo/Megatron-Bridge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Rope = Mapping[str, float | int | bool | str]

_BASE: Final = ("rope_theta", "partial_rotary_factor", "rope_local_base_freq")
"""Keys that stand beside ``rope_scaling``, not in it."""
_NEOX: Final = {"rope_theta": "rotary_emb_base", "partial_rotary_factor": "rotary_pct"}
"""GPT-NeoX's own spelling."""


def huggingface_keys(rope: Rope, model_type: str) -> dict[str, object]:
    """Keys of ``config.json``: the base, and ``rope_scaling`` where the embedding is scaled.

    Parameters
    ----------
    rope
        As the record holds it; empty: nothing is written.
    model_type
        The family that is written.
    """
    base = {key: value for key, value in rope.items() if key in _BASE}
    scaling = {key: value for key, value in rope.items() if key not in _BASE}
    if model_type == "gpt_neox":
        base = {_NEOX.get(key, key): value for key, value in base.items()}
    return base | ({"rope_scaling": scaling} if scaling else {})


def megatron_pairs(rope: Rope, latent: bool) -> tuple[list[tuple[str, object]], bool]:
    """Megatron-LM's options, and whether they say the whole embedding.

    Parameters
    ----------
    rope
        As the record holds it, not empty.
    latent
        Whether the model has multi-head latent attention, whose YaRN scaling has options of its own.
    """
    pairs = _base_pairs(rope)
    kind = rope.get("rope_type", "default")
    if latent:
        pairs.append(("rope_type", "yarn" if kind == "yarn" else "rope"))
    if kind == "default":
        return pairs, "rope_local_base_freq" not in rope
    if kind == "llama3":  # the other numbers are fixed in Megatron: 1, 4 and 8,192
        fixed = (
            rope.get("low_freq_factor"),
            rope.get("high_freq_factor"),
            rope.get("original_max_position_embeddings"),
        )
        return [*pairs, ("use_rope_scaling", True), ("rope_scaling_factor", rope["factor"])], fixed == (1.0, 4.0, 8192)
    if kind == "yarn" and latent:
        pairs += [("rotary_scaling_factor", rope["factor"])]
        pairs += [(key, rope[key]) for key in ("mscale", "mscale_all_dim") if key in rope]
        fixed = (rope.get("beta_fast"), rope.get("beta_slow"), rope.get("original_max_position_embeddings"))
        return pairs, fixed == (32.0, 1.0, 4096)
    return pairs, False


def bridge_pairs(rope: Rope, latent: bool) -> tuple[list[tuple[str, object]], bool]:
    """Fields of Megatron-Bridge's model provider without ``model.``, and whether they say the whole embedding.

    Parameters
    ----------
    rope
        As the record holds it, not empty.
    latent
        Whether the model has multi-head latent attention.
    """
    kind = rope.get("rope_type", "default")
    if kind == "llama3":
        pairs, whole = megatron_pairs(rope, latent)
        return [("rope_scaling" if key == "use_rope_scaling" else key, value) for key, value in pairs], whole
    if kind != "yarn":
        return megatron_pairs(rope, latent)
    names = ("beta_fast", "beta_slow", "mscale", "mscale_all_dim", "original_max_position_embeddings")
    given = {key: rope[key] for key in names if key in rope}
    if latent:
        said = [("rope_type", "yarn"), ("rotary_scaling_factor", rope["factor"]), *given.items()]
    else:
        said = [("position_embedding_type", "yarn"), ("yarn_rotary_scaling_factor", rope["factor"])]
        said += [(f"yarn_{key}", value) for key, value in given.items()]
        if "truncate" in rope:
            said.append(("yarn_correction_range_round_to_int", bool(rope["truncate"])))
    return _base_pairs(rope) + said, True


def _base_pairs(rope: Rope) -> list[tuple[str, object]]:
    pairs: list[tuple[str, Any]] = [("rotary_base", int(rope["rope_theta"]))]
    if "partial_rotary_factor" in rope:
        pairs.append(("rotary_percent", rope["partial_rotary_factor"]))
    return pairs
