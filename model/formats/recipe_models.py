"""Models as the trainers' settings say them: GPT-NeoX, MaxText, LLM Foundry, torchtune, Meta's ``params.json``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats.experts import refuse_untaken
from mitsumori.model.formats.families_read import BY_TYPE
from mitsumori.model.formats.huggingface import shape_in
from mitsumori.model.formats.imported import NamedRefusal, billions, shown
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.towers import vision_parameters


def under(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping under a key; empty where there is none."""
    part = data.get(name)
    return part if isinstance(part, Mapping) else {}


def neox(reading: Reading) -> None:
    """GPT-NeoX: layout and shape.

    A plain feed-forward part is ``4h`` wide. LLaMA's own part (``mlp_type: llama``, until 2024) is 8h/3 wide, each of the two
    halves of today's gated activations a third of ``intermediate_size`` or of ``4h``, both rounded up to multiples of 256
    (``megatron/model/transformer.py`` of EleutherAI/gpt-neox).
    """
    reading.put("parallel.tp", reading.integer("model_parallel_size", least=1))
    pipes = reading.integer("pipe_parallel_size")
    reading.put("parallel.pp", None if pipes is None else max(1, pipes))
    shape = reading.shape
    for field, names in {"layers": ("num_layers",), "hidden": ("hidden_size",), "heads": ("num_attention_heads",),
                         "kv_heads": ("num_kv_heads",), "ffn": ("intermediate_size",),
                         "vocab": ("padded_vocab_size",)}.items():  # fmt: skip
        if (value := reading.integer(*names, least=1)) is not None:
            shape[field] = value
    if shape.get("hidden"):
        llama, glu = reading.word("mlp_type") == "llama", (reading.word("activation") or "").endswith("glu")
        gated, factor = llama or glu, reading.number("expansion_factor") or 4.0
        width = shape.get("ffn", int(factor * shape["hidden"]))
        if llama and "ffn" not in shape:
            width = _up(8 * shape["hidden"] // 3, 256)
        elif glu and not llama:
            width = _up(int(width * 2 / 3) // 2, 256)
        shape["ffn"] = width
        rms = (reading.word("norm") or "layernorm") == "rmsnorm"
        shape |= {
            "gated_mlp": int(gated),
            "norm_vectors": 1 if rms else 2,
            "linear_bias": int(not llama and reading.flag("use_bias_in_mlp") is not False),
            "positions": 0,
        }
        shape["tied_embeddings"] = int(not reading.flag("no_weight_tying"))
        if reading.word("pos_emb") in (None, "learned"):
            shape["positions"] = reading.integer("max_position_embeddings") or 0
    experts = reading.integer("moe_num_experts", "num_experts")
    if experts and experts > 1:
        raise NamedRefusal("shape_key_untaken", kind="GPT-NeoX", names="moe_num_experts")


def _up(value: int, unit: int) -> int:
    return -(-value // unit) * unit


def maxtext(reading: Reading) -> None:
    """MaxText: the shape by its base sizes, or nothing where the file only names the model."""
    names = {"hidden": "base_emb_dim", "heads": "base_num_query_heads", "kv_heads": "base_num_kv_heads", "ffn": "base_mlp_dim",
             "layers": "base_num_decoder_layers", "head_dim": "head_dim", "vocab": "vocab_size"}  # fmt: skip
    for field, name in names.items():
        if (value := reading.integer(name, least=1)) is not None:
            reading.shape[field] = value
    _maxtext_parts(reading)
    _maxtext_mesh(reading)
    block = reading.word("decoder_block")
    if block is not None and block not in _MAXTEXT_BLOCKS:
        reading.remark("shape_unclear", names=f"decoder_block: {shown(block, 30)}")
    if reading.flag("attention_bias") and block == "qwen2":
        reading.shape["attention_bias"] = 1
    tied, activations = reading.flag("logits_via_embedding"), reading.raw("mlp_activations")
    reading.values["parallel.stack"] = "jax"
    if not reading.shape:  # a model by its name alone
        return
    reading.shape |= {
        "gated_mlp": int(not isinstance(activations, list) or len(activations) > 1),
        "norm_vectors": 1,
        "linear_bias": 0,
        "positions": 0,
        "tied_embeddings": int(bool(tied)),
    }


_MAXTEXT_BLOCKS: Final = (
    "default",
    "llama2",
    "mistral",
    "mixtral",
    "deepseek",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "simple",
)
"""Decoder blocks that are made of what the keys say."""


def _maxtext_parts(reading: Reading) -> None:
    """Experts and latent attention: Mixtral's experts have the width of the feed-forward part, others a key of their own."""
    shape = reading.shape
    experts, topk = reading.integer("num_experts"), reading.integer("num_experts_per_tok", least=1)
    width, shared = reading.integer("base_moe_mlp_dim", least=1), reading.integer("shared_experts") or 0
    dense = reading.integer("first_num_dense_layers") or 0
    if experts and experts > 1:
        if topk is None:
            raise NamedRefusal("topk_absent", experts=experts)
        each = shape.get("ffn", 0) if width is None or reading.word("decoder_block") == "mixtral" else width
        shape |= {"moe_experts": experts, "moe_topk": topk, "moe_ffn": each, "moe_shared_ffn": shared * each,
                  "moe_dense_layers": dense}  # fmt: skip
    if reading.word("attention_type") == "mla":
        for field, name in {"q_lora_rank": "q_lora_rank", "kv_lora_rank": "kv_lora_rank", "qk_nope_dim": "qk_nope_head_dim",
                            "qk_rope_dim": "qk_rope_head_dim", "v_head_dim": "v_head_dim"}.items():  # fmt: skip
            value = reading.integer(name)
            if value is None and field != "q_lora_rank":
                raise NamedRefusal("latent_absent", name=name)
            shape[field] = value or 0
        shape["mla"] = 1
        shape.pop("head_dim", None)


def _maxtext_mesh(reading: Reading) -> None:
    """Axes of the mesh, within a slice (``ici``) and between slices (``dcn``); the batch is a device's, all axes counted."""
    ranks: dict[str, int] = {}
    for field, axis in {"tp": "tensor", "pp": "pipeline", "cp": "context", "ep": "expert"}.items():
        degrees = [reading.number(f"{net}_{axis}_parallelism") for net in ("ici", "dcn")]
        if any(degree is not None and degree >= 1 for degree in degrees):
            ranks[field] = int(max(degrees[0] or 1, 1) * max(degrees[1] or 1, 1))
            reading.values[f"parallel.{field}"] = ranks[field]
    each = reading.number("per_device_batch_size")
    reading.data = {key: value for key, value in reading.data.items() if key != "per_device_batch_size"}
    group = (each or 0) * ranks.get("tp", 1) * ranks.get("cp", 1)
    if each is not None and group >= 1 and group == int(group) and ranks.get("pp", 1) == 1:
        reading.values["parallel.micro_batch"] = int(group)
    elif each is not None:
        reading.not_known("per_device_batch_size", each)


def _part(reading: Reading, name: str) -> Reading:
    """The keys under a dotted name as a mapping of their own, its parts nested again; all of them count as taken."""
    inner: dict[str, Any] = {}
    for key in [key for key in reading.data if key.startswith(f"{name}.")]:
        head, _, rest = key[len(name) + 1 :].partition(".")
        if rest and isinstance(inner.setdefault(head, {}), dict):
            inner[head][rest] = reading.raw(key)
        elif not rest:
            inner[head] = reading.raw(key)
    return Reading(inner, reading.pattern)


def foundry(reading: Reading) -> None:
    """LLM Foundry's MPT: the model's part is that of ``config.json``; its micro-batch and length have their own words."""
    inner = _part(reading, "model")
    inner.raw("init_config", "name", "init_device", "loss_fn", "ffn_config")
    feed = inner.data.get("ffn_config")
    if isinstance(feed, dict) and str(feed.get("ffn_type", "mptmlp")) != "mptmlp":
        raise NamedRefusal("shape_key_untaken", kind="LLM Foundry", names=f"ffn_type {shown(feed['ffn_type'], 30)}")
    reading.shape = shape_in(BY_TYPE["mpt"], inner)
    refuse_untaken(inner, known=True)
    reading.values["parallel.stack"] = "llm-foundry"
    again = reading.flag("fsdp_config.activation_checkpointing")
    if again is not None:
        reading.values["parallel.recompute"] = "full" if again else "none"
    duration = re.fullmatch(r"(\d{1,9})ba", str(reading.raw("max_duration") or ""))
    length, batch = reading.integer("max_seq_len", least=1), reading.integer("global_train_batch_size", least=1)
    if duration and length and batch:
        reading.values["workload.tokens"] = float(int(duration.group(1)) * length * batch)


def nanotron(reading: Reading) -> None:
    """nanotron: a Llama (or Qwen2) under ``model.model_config``, the layout by ranks, the batch by accumulation.

    Keys: ``src/nanotron/config`` of https://github.com/huggingface/nanotron.
    """
    inner = _part(reading, "model.model_config")
    qwen = inner.flag("is_qwen2_config") is True
    inner.raw("is_llama_config", "is_qwen2_config")
    reading.shape = shape_in(BY_TYPE["qwen2" if qwen else "llama"], inner)
    refuse_untaken(inner, known=True)
    ranks = {"dp": "parallelism.dp", "tp": "parallelism.tp", "pp": "parallelism.pp", "cp": "parallelism.context_parallel_size",
             "ep": "parallelism.expert_parallel_size"}  # fmt: skip
    said = {axis: reading.integer(name, least=1) for axis, name in ranks.items()}
    for axis in ("tp", "pp", "cp", "ep"):
        reading.put(f"parallel.{axis}", said[axis])
    micro, steps = (
        reading.integer("tokens.micro_batch_size", least=1),
        reading.integer("tokens.batch_accumulation_per_replica", least=1),
    )
    length, count = reading.integer("tokens.sequence_length", least=1), reading.integer("tokens.train_steps", least=1)
    reading.put("parallel.micro_batch", micro)
    reading.put("parallel.zero_stage", reading.integer("optimizer.zero_stage"))
    if said["dp"] is not None:
        reading.accelerators = math.prod(said[axis] or 1 for axis in ("dp", "tp", "pp", "cp"))
        if micro is not None:
            reading.values["parallel.global_batch"] = said["dp"] * micro * (steps or 1)
    batch = reading.values.get("parallel.global_batch")
    if count and length and batch and 1e3 <= count * length * batch <= 1e16:
        reading.values["workload.tokens"] = float(count * length * batch)
    again = reading.flag("parallelism.recompute_layer")
    if again is not None:
        reading.values["parallel.recompute"] = "full" if again else "none"


def torchtune(reading: Reading, catalogue: Catalogue) -> None:
    """Torchtune: the builder of the model names it; all its recipes that train tune a model.

    Raises
    ------
    Refusal
        For settings of an evaluation, a generation or a quantization.
    """
    trains = any(name in reading.data for name in ("optimizer._component_", "optimizer", "loss._component_", "epochs"))
    if not trains and any(
        re.match(r"tasks$|max_new_tokens$|prompt(\.|$)|quantizer(\.|$)", name) for name in reading.data
    ):
        raise NamedRefusal("trains_nothing", tool="torchtune")
    component = reading.word("model._component_", "policy_model._component_") or ""
    if "policy_model._component_" in reading.data:
        reading.values["workload.stage"] = "ppo"
    elif "dpo" in (reading.word("loss._component_") or "") and "stage" not in reading.data:
        reading.data = {**reading.data, "stage": "dpo"}
    elif component:
        reading.values["workload.stage"] = "sft"  # unless an adapter is named
    found = re.search(r"models\.(\w+)\.(?:q?lora_|qat_)?(\w+?)(?:_(?:classifier|base))?$", component)
    if found is None:
        reading.not_known("model._component_", component)
        return
    wanted = re.sub(r"[^a-z0-9]", "", found.group(2))
    record = next((key for key in catalogue.models() if re.sub(r"[^a-z0-9]", "", key.lower()) == wanted), None)
    if record is not None:
        reading.values["model.preset"] = record
    else:
        reading.model_named(found.group(2), catalogue)
    for name, field in (("optimizer_in_bwd", "optimizer_in_backward"), ("compile", "compiled")):
        reading.put(f"parallel.{field}", reading.flag(name))


_TELLING: Final = 10
"""A table of embeddings of more than a tenth of the layers' parameters: none of 7 B and more."""


def meta(reading: Reading) -> None:
    """Meta's ``params.json``: the feed-forward width follows from ``multiple_of`` and ``ffn_dim_multiplier``."""
    hidden = reading.integer("dim", least=1) or 1
    for field, name in {
        "layers": "n_layers",
        "heads": "n_heads",
        "kv_heads": "n_kv_heads",
        "head_dim": "head_dim",
    }.items():
        if (value := reading.integer(name, least=1)) is not None:
            reading.shape[field] = value
    vocab = reading.raw("vocab_size")
    lacking = [] if isinstance(vocab, int) and vocab > 0 else ["vocab_size"]
    wide, multiple = reading.integer("hidden_dim", least=1), reading.integer("multiple_of", least=1)
    if wide is None and multiple is None:
        lacking.append("multiple_of / hidden_dim")
    if lacking:
        raise NamedRefusal("keys_lack", what="Meta params.json", names=", ".join(lacking))
    experts, topk = reading.integer("moe.num_experts"), reading.integer("moe.num_experts_per_tok", least=1)
    factor = reading.number("ffn_dim_multiplier") or 1.0
    unit = multiple or 1
    width = wide or unit * ((int(factor * int(2 * 4 * hidden / 3)) + unit - 1) // unit)
    reading.shape |= {"hidden": hidden, "ffn": width, "vocab": int(vocab), "gated_mlp": 1, "norm_vectors": 1, "positions": 0,
                      "linear_bias": 0, "tied_embeddings": int(reading.flag("tied_embeddings") or False)}  # fmt: skip
    if experts and topk is None:
        raise NamedRefusal("topk_absent", experts=experts)
    if experts and topk is not None:  # Mixtral's: each expert is as wide as the file's feed-forward part
        own, dense = (
            reading.integer("moe.expert_hidden_dim", least=1),
            reading.integer("moe.first_k_dense_replace") or 0,
        )
        each, shared = own or width, reading.integer("moe.num_shared_experts") or 0
        reading.raw("moe.route_every_n")
        if str(reading.data.get("moe.route_every_n", 1)) != "1":
            raise NamedRefusal("shape_key_untaken", kind="Meta params.json", names="moe.route_every_n")
        reading.shape |= {"moe_experts": experts, "moe_topk": topk, "moe_ffn": each, "ffn": width if dense else 0,
                          "moe_dense_layers": dense, "moe_shared_ffn": shared * each}  # fmt: skip
    if reading.data.get("kv_lora_rank"):  # Mistral Large 3's latent attention
        for field, name in {"q_lora_rank": "q_lora_rank", "kv_lora_rank": "kv_lora_rank", "qk_nope_dim": "qk_nope_head_dim",
                            "qk_rope_dim": "qk_rope_head_dim", "v_head_dim": "v_head_dim"}.items():  # fmt: skip
            if (rank := reading.integer(name)) is None and field != "q_lora_rank":
                raise NamedRefusal("latent_absent", name=name)
            reading.shape[field] = rank or 0
        reading.shape["mla"] = 1
        reading.shape.pop("head_dim", None)
    if "tied_embeddings" not in reading.data and int(vocab) * _TELLING > reading.shape.get("layers", 0) * (
        4 * hidden + 3 * reading.shape["ffn"]
    ):
        reading.remark("shape_unclear", names="tied_embeddings")  # Llama 3.2 1B and 3B share theirs without saying it
    _mistral_vision(reading, hidden)


def _mistral_vision(reading: Reading, hidden: int) -> None:
    """The vision tower of Mistral's ``params.json`` (``vision_encoder``), counted beside the language model."""
    parts = {
        name.partition(".")[2]: value for name, value in reading.data.items() if name.startswith("vision_encoder.")
    }
    if not parts:
        return
    reading.raw(*(f"vision_encoder.{name}" for name in parts))
    kind = "mistral3" if parts.get("spatial_merge_size") else "pixtral"  # the projection joins patches, or does not
    parameters = vision_parameters({"model_type": kind, "vision_config": parts | {"model_type": "pixtral"}}, hidden)
    if parameters is None:
        reading.remark("tower_uncounted", name="vision_encoder")
        reading.not_known("vision_encoder", "?")
    else:
        reading.beside("vision_encoder", parameters)
        reading.remark("beside_counted", name="vision_encoder", count=billions(parameters))
