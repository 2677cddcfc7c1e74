"""A model's shape as plain fields, its normal form, and the catalogue preset that has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from mitsumori.model.architecture.mixers import MIXERS
from mitsumori.model.architecture.transformer import Architecture, active_parameters, parameter_count
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.records import ModelRecord

Shape = dict[str, Any]
"""Fields of :class:`model.architecture.transformer.Architecture` by name; absent: not said."""

MLA: Final = ("q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim")
FLAGS: Final = ("gated_mlp", "tied_embeddings", "linear_bias", "attention_bias", "attention_gate")
MIXER: Final = ("layers", "heads", "head_dim", "key_heads", "state_dim", "conv")
"""Fields of a hybrid's mixer, ``mixer_`` before them in an architecture."""
ESSENTIAL: Final = ("layers", "hidden", "heads", "vocab")


def shape_of(arch: Architecture) -> Shape:
    """The normal form of an architecture's fields as plain numbers."""
    return normal(
        {name: float(value) if name == "window_share" else int(value) for name, value in asdict(arch).items()}
    )


def normal(shape: Mapping[str, Any]) -> Shape:
    """A shape with everything that has no effect set to one standard value, so that equal models compare equal.

    Defaults filled in; head size and key/value heads under MLA, expert fields of a dense model, the dense width of a
    model without dense layers, a window that no layer uses, the q/k/v bias where every linear layer has one.
    """
    given = {name: value for name, value in shape.items() if value is not None}
    given.setdefault("kv_heads", given["heads"])
    given.setdefault("head_dim", max(1, given["hidden"] // max(1, given["heads"])))  # no heads: refused by the plan
    given.setdefault("ffn", 0)
    full = asdict(Architecture(**given))
    for name in FLAGS:
        full[name] = int(full[name])
    if full["mla"]:
        full |= {"kv_heads": full["heads"], "head_dim": full["v_head_dim"]}
    else:
        full |= dict.fromkeys(MLA, 0)
    if not full["moe_experts"]:
        full |= {"moe_topk": 0, "moe_ffn": 0, "moe_shared_ffn": 0, "moe_dense_layers": 0}
    elif not full["moe_dense_layers"]:
        full["ffn"] = 0
    if not full["window"] or not full["window_share"]:
        full |= {"window": 0, "window_share": 0.0}
    full["window_share"] = round(float(full["window_share"]), 4)
    if full["linear_bias"]:
        full["attention_bias"] = 0
    if not full["mixer"]:
        full |= dict.fromkeys(("attention_free_layers", "ffn_free_layers", *(f"mixer_{name}" for name in MIXER)), 0)
    return full


def plan_names(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape's fields by their paths below ``model.architecture`` of a plan: a hybrid's mixer is a part of its own there."""
    if not shape.get("mixer"):
        return dict(shape)
    layers = shape.get("layers", 0)
    found = {
        name: value
        for name, value in shape.items()
        if not name.startswith("mixer") and not name.endswith("_free_layers")
    }
    found |= {f"mixer.{name}": shape[f"mixer_{name}"] for name in MIXER if f"mixer_{name}" in shape}
    found["mixer.kind"] = MIXERS[shape["mixer"]]
    found["attention_layers"] = layers - shape.get("attention_free_layers", 0)
    return found | ({"ffn_layers": layers - shape["ffn_free_layers"]} if "ffn_free_layers" in shape else {})


def spec_of(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A whole shape as the fields of :class:`model.plan.plan.ArchitectureSpec`."""
    full = normal(shape)
    mixed = ("attention_free_layers", "ffn_free_layers", *(f"mixer_{name}" for name in MIXER))
    spec: dict[str, Any] = {name: value for name, value in full.items() if name not in (*MLA, "mla", *mixed)}
    for name in FLAGS:
        spec[name] = bool(spec[name])
    spec["mla"] = {name: full[name] for name in MLA} if full["mla"] else None
    spec["mixer"] = None
    if full["mixer"]:
        spec["mixer"] = {"kind": MIXERS[full["mixer"]]} | {name: full[f"mixer_{name}"] for name in MIXER}
        spec["attention_layers"] = full["layers"] - full["attention_free_layers"]
        spec["ffn_layers"] = full["layers"] - full["ffn_free_layers"]
    return spec


def complete(shape: Shape, base: Mapping[str, Any]) -> dict[str, Any]:
    """A partial shape over another one, as the fields of an ``ArchitectureSpec``.

    Head size follows from width and heads when either is given; key/value heads of the base stay where they divide the
    new heads.
    """
    plain = {name: float(value) if name == "window_share" else int(value) for name, value in base.items()}
    merged: dict[str, Any] = {**plain, **shape}
    if ("heads" in shape or "hidden" in shape) and "head_dim" not in shape:
        merged["head_dim"] = None
    if "heads" in shape and "kv_heads" not in shape and merged["heads"] % max(1, merged["kv_heads"]):
        merged["kv_heads"] = None
    if merged["moe_experts"] and not merged["moe_ffn"]:
        merged["moe_ffn"] = merged["ffn"]
    return spec_of(merged)


def matching_presets(shape: Shape, catalogue: Catalogue) -> list[ModelRecord]:
    """The catalogue models that have a shape; a shape without ``vocab`` (or another field) matches whatever it is there."""
    if any(name not in shape for name in ("layers", "hidden", "heads")):
        return []
    free = {name for name in ("vocab",) if shape.get(name) is None}
    wanted = normal({**shape, **dict.fromkeys(free, 1)})
    found = []
    for record in catalogue.models().values():
        if record.supported and record.architecture:
            have = normal(record.architecture)
            if all(have[name] == value for name, value in wanted.items() if name not in free):
                found.append(record)
    return found


def choose_preset(records: list[ModelRecord], hints: str, context: int | None) -> ModelRecord:
    """One of several catalogue models of the same shape.

    The one whose key or name a hint (a path, a tokenizer's name) contains; else the one published with the file's context
    length, or trained at it; else the newest when the file's context is longer than all (a later release extended it);
    else the first.

    Parameters
    ----------
    records
        Models of one shape, at least one.
    hints
        Texts in which a model's name may stand: a path, a tokenizer's name.
    context
        The file's longest sequence in tokens; None where it does not say.
    """
    squeezed = _squeeze(hints)
    named = [r for r in records if _squeeze(r.key) in squeezed or _squeeze(r.name) in squeezed]
    if named:
        return max(named, key=lambda r: len(_squeeze(r.key)))
    if context is not None:
        same = [record for record in records if record.max_context == context]
        same = same or [record for record in records if record.seq_len == context]
        if same:
            return same[0]
        if all(record.seq_len is not None and record.seq_len < context for record in records):
            return max(records, key=lambda r: r.released or "")
    return records[0]


_OTHER_SHAPE: Final = re.compile(
    r"coder|math|vl|omni|audio|vision|distill|lite|mini|tiny|small|nano|flash|air|prun|reap|layer|moe|draft|speculat|eagle"
)
"""Words beside a model's name that make it another model, or another release of which the catalogue does not know the shape."""
_SIZE: Final = re.compile(r"(?<![0-9.])(\d+(?:\.\d+)?b|\d{2,}m)(?![a-z0-9])")
_NEAR: Final = 0.2
"""Share by which a size in a name may differ from the model's: names round."""


def preset_named(name: str, catalogue: Catalogue) -> ModelRecord | None:
    """The catalogue model whose key or other name a checkpoint's name contains (``meta-llama/Meta-Llama-3-8B``); None for none.

    The longest name that fits decides. A name with a further size (``DeepSeek-R1-0528-Qwen3-8B``) or a word of another variant
    (``DeepSeek-V2-Lite``) beside it does not fit.

    Parameters
    ----------
    name
        A checkpoint's name or path; the last part of a path counts.
    catalogue
        Records of models.
    """
    plain = name.rstrip("/").rpartition("/")[2]
    records = [record for record in catalogue.models().values() if record.supported]
    same = [r for r in records if any(_squeeze(word) == _squeeze(plain) for word in (r.key, *r.run_names))]
    if len(same) == 1:  # a recipe's name, which has no points: llama31_8b, qwen2_5_0_5b
        return same[0]
    written = dict.fromkeys((_joined(plain), _joined(re.sub(r"(?<=\d)_(?=\d)", ".", plain))))
    found = [
        (len(word), record)
        for record in records
        for word in map(_joined, (record.key, *record.run_names))
        for given in written
        if (at := _stands(word, given)) is not None and _fits(given[:at] + "-" + given[at + len(word) :], record)
    ]
    return max(found, key=lambda pair: pair[0], default=(0, None))[1]


def _stands(word: str, text: str) -> int | None:
    """Where a model's name stands in a text, its last number not the beginning of a longer one."""
    found = re.search(re.escape(word) + (r"(?![0-9])(?!\.\d+b)" if word[-1].isdigit() else ""), text)
    return None if found is None else found.start()


def _fits(rest: str, record: ModelRecord) -> bool:
    """Whether what stands beside a model's name can be said of the same model."""
    if _OTHER_SHAPE.search(rest):
        return False
    model = Architecture(**record.architecture)
    counts = float(parameter_count(model).total), float(active_parameters(model))
    for word in _SIZE.findall(rest):
        size = float(word[:-1]) * (1e9 if word[-1] == "b" else 1e6)
        if size and all(abs(size / count - 1.0) > _NEAR for count in counts):
            return False
    return True


def _joined(text: str) -> str:
    """A name in small letters without separators, but for one between two numbers and the point within a number."""
    text = re.sub(r"[^a-z0-9.]+", "-", text.lower())
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", "-", text)
    return re.sub(r"(?<!\d)-+|-+(?!\d)", "", text)


def _squeeze(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
