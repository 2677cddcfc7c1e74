"""NeMo and Megatron-Bridge override lists, in and out.

``model.tensor_model_parallel_size=8 trainer.num_nodes=16`` (NeMo, Hydra), ``recipe.trainer.strategy.... = 8`` (NeMo 2),
``cfg.model... = 8`` or ``train.global_batch_size=512`` (Megatron-Bridge, https://docs.nvidia.com/nemo/megatron-bridge).
An override list changes a recipe: what it does not say stays the recipe's, so nothing is filled in here.
"""

from __future__ import annotations

import re
import shlex
from typing import Any, Final

from mitsumori.model.formats import core_arguments, megatron, megatron_write
from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin
from mitsumori.model.formats.reading import NOTHING, Reading, names_of
from mitsumori.model.formats.rope import bridge_pairs
from mitsumori.model.formats.shapes import Shape
from mitsumori.model.formats.shell import script_of

_PAIR: Final = re.compile(
    r"(?:^|(?<=[\s\"',(]))(?:--)?(\+{0,2}|~)([A-Za-z_][\w@]{0,80}(?:\.[\w@]{1,80}){1,12}|mixed_precision)[ \t]*=[ \t]*"
    r"(\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\[[^\]\n]{0,2000}\]|\([^\n]{0,500}?\)(?=\s|$)|[^\s,#\\\"']+)",
    re.MULTILINE,
)
_SWEPT: Final = re.compile(r"(?:,(?![A-Za-z_+~][\w.+]*=)[^\s,#\\\"']+)+")
"""Further values of a Hydra sweep behind the first: ``a.b=2,4``."""
_LISTED: Final = re.compile(r"[^\s\[\](){},\"']+(,[^\s\[\](){},\"']+)+")
_KNOWN_LEAVES: Final = megatron.KNOWN | {
    "virtual_pipeline_model_parallel_size", "expert_tensor_parallel_size", "encoder_seq_length", "num_moe_experts",
    "activations_checkpoint_granularity", "moe_router_topk", "num_nodes", "max_steps", "precision", "mixed_precision",
    "data_parallel_sharding_strategy", "train_iters",
}  # fmt: skip
_PARENTS: Final = {
    "name": ("optim", "optimizer"),
    "optimizer": ("optim", "optimizer", "config"),
    "precision": ("trainer", "plugins", "mixed_precision"),
    "devices": ("trainer",),
    "num_nodes": ("trainer",),
}
"""Leaves that mean something only under these parents (``exp_manager.name`` is a name)."""
_LIKE: Final = re.compile(r"^(cfg|config|recipe|conf|experiment)\.")


def pairs_of(text: str) -> dict[str, str]:
    """The dotted overrides of a text: path without Hydra's ``+``, the last one of a path wins."""
    text = re.sub(r"(?m)(^|\s)#[^\n]*", r"\1", text.replace("\\\n", " "))
    found: dict[str, str] = {}
    for match in _PAIR.finditer(text):
        sign, path, value = match.groups()
        if sign == "~":
            continue
        if value[:1] not in "\"'[(" and (more := _SWEPT.match(text, match.end())) is not None:
            value += more.group(0)
        found[_LIKE.sub("", path)] = value.strip("\"'") if value[:1] in "\"'" else value
    return found


def recipe_of(text: str) -> dict[str, str]:
    """What the call of a recipe says: ``llm.llama3_70b.pretrain_recipe(num_nodes=4)`` or ``--factory llama3_70b`` of NeMo 2,
    ``--recipe llama31_8b_pretrain_config`` of Megatron-Bridge.

    Parameters
    ----------
    text
        A Python script or a command line.
    """
    text = re.sub(r"(?m)(^|\s)#[^\n]*", r"\1", text)
    call = re.search(r"\bllm\.(\w{2,60})\.(pretrain|finetune)_recipe\s*\(([^()]{0,2000})\)", text)
    asked = re.search(
        r"\bllm\s+(pretrain|finetune)\s[^\n]*?--factory[ =][\"']?(\w{2,60})(?:\(([^()\n]{0,500})\))?", text
    )
    bridge = re.search(r"--recipe[ =][\"']?(\w{2,60}?)_(pretrain|finetune|sft|peft)_config\b", text)
    if call is None and asked is None and bridge is not None:  # Megatron-Bridge's scripts/run_recipe.py
        way = bridge.group(2)
        peft = {"recipe.peft": "none"} if way == "sft" else {}
        return {"recipe.model": bridge.group(1), "recipe.way": way} | peft
    if call is not None:
        model, way, inside = call.groups()
    elif asked is not None:
        way, model, inside = asked.group(1), asked.group(2), asked.group(3) or ""
    else:
        return {}
    found = {"recipe.model": model, "recipe.way": way}
    for name, path in (("num_nodes", "trainer.num_nodes"), ("num_gpus_per_node", "trainer.devices"),
                       ("peft_scheme", "recipe.peft")):  # fmt: skip
        if (given := re.search(rf"\b{name}\s*=\s*[\"']?(\w+)", inside)) is not None:
            found[path] = given.group(1)
    return found


def recognised(text: str) -> int:
    """How many overrides have a leaf that Megatron Core knows; the call of a recipe counts too."""
    return len({path for path in pairs_of(text) if path.rpartition(".")[2] in _KNOWN_LEAVES}) + bool(recipe_of(text))


def read(text: str, origin: Origin) -> Imported:
    """Read an override list.

    Raises
    ------
    Refusal
        One sentence, for a value that is not one.
    """
    script = script_of(text)
    pairs = {path: script.filled(value) for path, value in pairs_of(text).items()}
    launched = None
    if not any(path.endswith(("num_nodes", "devices")) for path in pairs) and re.search(
        r"\b(torchrun|srun|mpirun|mpiexec|torch\.distributed\.(run|launch))\b", text
    ):
        launched = megatron.gpus_of(*megatron.arguments(text), text)[0]
    return read_pairs({**recipe_of(text), **pairs}, origin, launched)


def read_pairs(pairs: dict[str, Any], origin: Origin, launched: int | None = None) -> Imported:
    """Read dotted paths and values: an override list, or a NeMo or Megatron-Bridge YAML laid flat.

    Parameters
    ----------
    pairs
        Values by dotted path, without Hydra's ``+``.
    origin
        Its name, and the records.
    launched
        GPUs that a launcher starts; None where there is none.
    """
    leaves: dict[str, Any] = {}
    other: list[tuple[str, str]] = []
    recipe = {path: str(pairs[path]) for path in ("recipe.model", "recipe.way", "recipe.peft") if path in pairs}
    pairs = {path: given for path, given in pairs.items() if path not in recipe}
    swept = {path: str(given) for path, given in pairs.items() if _LISTED.fullmatch(str(given))
             and path.rpartition(".")[2] in _VALUE_LEAVES}  # fmt: skip
    for path, given in pairs.items():
        if path in swept:
            continue
        value = "null" if given is None else str(given)
        parents, _, leaf = path.rpartition(".")
        needed = _PARENTS.get(leaf)
        if needed is not None and parents.rpartition(".")[2] not in needed:
            if not core_arguments.IGNORED.search(path):
                other.append((path, value))
            continue
        if leaf == "name":
            leaf = "optimizer"
        if "$" in value:
            other.append((path, value))
        elif leaf in _VALUE_LEAVES or core_arguments.IGNORED.search(path):
            # data.seq_length and model.seq_length are one setting said twice: they must not differ
            before = leaves.get(leaf)
            if leaf in ("seq_length", "micro_batch_size", "global_batch_size") and before not in (None, value):
                raise NamedRefusal("said_twice", path=path, value=value[:40], name=leaf, other=str(before)[:40])
            leaves[leaf] = value
        else:
            other.append((path, value))
    reading = Reading(leaves, core_arguments.IGNORED)
    for path, value in other:
        reading.not_known(path, value)
    if still := [path for path, value in other if "$" in value and path.rpartition(".")[2] in _SHAPE_LEAVES]:
        reading.remark("shape_unclear", names=", ".join(still))
    if swept:  # a Hydra sweep: which of its runs is meant is the user's to say
        reading.remark(
            "branches_differ",
            names="; ".join(f"{path}: {', '.join(value.split(','))}" for path, value in swept.items()),
        )
    _settle_nulls(leaves)
    core_arguments.interpret(reading, whole=False)
    reading.values["parallel.stack"] = "megatron"
    if recipe:
        tuned = recipe.get("recipe.peft", "lora").lower() not in NOTHING
        stage = "pretrain" if recipe["recipe.way"] == "pretrain" else "lora" if tuned else "sft"
        reading.values.setdefault("workload.stage", stage)
        reading.model_named(recipe["recipe.model"], origin.catalogue)
    if len(reading.values) == 1 and not reading.shape and reading.accelerators is None:
        raise NamedRefusal("nothing_read", tool="NeMo / Megatron-Bridge")
    if launched is not None and reading.accelerators is None:
        reading.accelerators = launched
    reading.settle_shape(origin.name, reading.values.get("parallel.seq_len"), origin.catalogue)
    return reading.finish("nemo")


_VALUE_LEAVES: Final = _KNOWN_LEAVES | set(_PARENTS) | names_of(
    "encoder_num_layers kv_channels gated_linear_unit activation activation_func squared_relu add_bias_linear bias qkv_bias "
    "disable_bias_linear add_qkv_bias share_embeddings_and_output_weights normalization padded_vocab_size vocab_size "
    "make_vocab_size_divisible_by position_embedding_type moe_ffn_hidden_size moe_shared_expert_intermediate_size "
    "moe_layer_freq q_lora_rank kv_lora_rank qk_head_dim qk_pos_emb_head_dim v_head_dim window_size window_attn_skip_freq "
    "mtp_num_layers num_virtual_stages_per_pipeline_rank sequence_length fp8 fp8_format fp8_recipe fp4 fp4_format fp4_recipe "
    "recompute_method recompute_num_layers recompute_modules activations_checkpoint_method activations_checkpoint_num_layers "
    "optimizer_cpu_offload optimizer_offload_fraction cpu_offloading cpu_offloading_num_layers offload_modules "
    "fine_grained_activation_offloading cpu_offloading_activations cpu_offloading_weights attention_backend use_flash_attn "
    "use_megatron_fsdp use_custom_fsdp use_torch_fsdp2 rampup_batch_size transformer_impl gpus_per_node "
    "sequence_parallel_enabled world_size batch_size moe_token_dispatcher_type moe_flex_dispatcher_backend moe_enable_deepep "
    "overlap_moe_expert_parallel_comm moe_permute_fusion moe_expert_capacity_factor cuda_graph_impl cuda_graph_modules "
    "cuda_graph_scope enable_cuda_graph external_cuda_graph cp_comm_type cross_entropy_loss_fusion"
)  # fmt: skip


_SHAPE_LEAVES: Final = megatron.SHAPE_OPTIONS | {"num_moe_experts", "activation", "encoder_num_layers"}
"""Leaves that the parameter count needs."""


def _settle_nulls(leaves: dict[str, Any]) -> None:
    """Settle ``null`` and defaults that differ from Megatron-LM's.

    ``null`` switches interleaving and recomputation off and is not said elsewhere; ``use_megatron_fsdp`` with no strategy
    shards everything in Megatron-Bridge.
    """
    if str(leaves.get("virtual_pipeline_model_parallel_size", "")).lower() in ("null", "none"):
        leaves["virtual_pipeline_model_parallel_size"] = 1
    kept = ("recompute_granularity", "activations_checkpoint_granularity")
    for key in [key for key, value in leaves.items() if str(value).lower() in NOTHING]:
        if key in kept:
            leaves[key] = "none"
        else:
            del leaves[key]
    if str(leaves.get("use_megatron_fsdp", "")).lower() == "true":
        leaves.setdefault("data_parallel_sharding_strategy", "optim_grads_params")


_WRITTEN: Final = {
    "micro_batch_size": "train.micro_batch_size", "global_batch_size": "train.global_batch_size",
    "train_iters": "train.train_iters", "seq_length": "model.seq_length", "optimizer": "optimizer.optimizer",
    "optimizer_cpu_offload": "optimizer.optimizer_cpu_offload", "num_experts": "model.num_moe_experts",
    "use_distributed_optimizer": "ddp.use_distributed_optimizer", "use_megatron_fsdp": "ddp.use_megatron_fsdp",
    "data_parallel_sharding_strategy": "ddp.data_parallel_sharding_strategy",
}  # fmt: skip
_PRECISIONS: Final = {
    "fp16": "fp16_mixed", "bf16": "bf16_mixed", "fp8": "bf16_with_fp8_current_scaling_mixed",
    "mxfp8": "bf16_with_mxfp8_mixed", "nvfp4": "bf16_with_nvfp4_mixed",
}  # fmt: skip


def write(choice: Choice) -> str:
    """Megatron-Bridge overrides for the chosen layout, one a line, ready to follow a recipe on the command line."""
    lines: list[tuple[str, Any]] = []
    given = dict(megatron_write.core_pairs(choice))
    shape, par = choice.shape, choice.par
    for flag in ("bf16", "fp16", "fp8_format", "fp8_recipe", "fp4_format", "fp4_recipe", "group_query_attention"):
        given.pop(flag, None)
    given.pop("num_layers_per_virtual_pipeline_stage", None)
    given.pop("num_virtual_stages_per_pipeline_rank", None)
    given["virtual_pipeline_model_parallel_size"] = par.vp if par.vp > 1 else "null"
    given["sequence_parallel"] = par.sp and par.tp > 1
    given["use_distributed_optimizer"] = par.zero_stage >= 1
    given["gated_linear_unit"] = bool(given.pop("swiglu", False))
    given["activation_func"] = "silu" if given["gated_linear_unit"] else "gelu"
    given["share_embeddings_and_output_weights"] = not given.pop("untie_embeddings_and_output_weights", False)
    given["add_bias_linear"] = not given.pop("disable_bias_linear", False)
    given["add_qkv_bias"] = bool(shape["attention_bias"])
    given["optimizer_cpu_offload"] = "optimizer" in par.offload.split(",")
    given.setdefault("recompute_granularity", "null")
    given.setdefault("expert_model_parallel_size", 1)
    if not shape["mla"]:
        given["num_query_groups"] = shape["kv_heads"]
    given.pop("max_position_embeddings", None)  # the provider takes the sequence's length
    if shape["positions"] and shape["positions"] != par.seq_len:
        choice.left_out.append("model.architecture.positions")
    if given.pop("grad_reduce_in_bf16", False):
        choice.without("gradient_precision")  # the recipe of precision sets it, and a word names only the whole recipe
    given.pop("accumulate_allreduce_grads_in_fp32", None)  # what every recipe of bf16 does
    for key in ("ckpt_format", "no_gradient_accumulation_fusion"):
        given.pop(key, None)
    if par.zero_stage >= 2:
        given |= {"checkpoint.ckpt_format": "fsdp_dtensor", "gradient_accumulation_fusion": False}
    given |= _lists(shape)
    if choice.rope:
        more, whole = bridge_pairs(choice.rope, bool(shape["mla"]))
        given |= dict(more)
        if not whole:
            choice.left_out.append("model.rope_scaling")
    elif not shape["positions"]:
        choice.left_out.append("model.rope_theta")
    if "cpu_offloading_num_layers" in given:
        given["cpu_offloading"] = True
    if par.precision in _PRECISIONS:
        lines.append(("mixed_precision", _PRECISIONS[par.precision]))
    elif par.precision == "fp32":
        choice.without("precision")
    for key, value in given.items():
        lines.append((key if "." in key else _WRITTEN.get(key, f"model.{key}"), value))
    lines.append(("dataset.seq_length", par.seq_len))
    choice.left_out.append("cluster.servers")  # the launcher's
    return "\n".join(f"{path}={_spelled(value)}" for path, value in lines) + "\n"


def _lists(shape: Shape) -> dict[str, Any]:
    """Layer patterns and the window as lists: an override is parsed as YAML, and nothing there works out ``[0]*3``."""
    layers, found = shape["layers"], {}
    if shape["moe_experts"] and shape["moe_dense_layers"]:
        dense = shape["moe_dense_layers"]
        found["moe_layer_freq"] = [0] * dense + [1] * (layers - dense)
    if shape["window"]:
        found["window_size"] = [shape["window"], 0]
        windowed = round(shape["window_share"] * layers)
        if windowed < layers:
            found["window_attn_skip_freq"] = [1] * windowed + [0] * (layers - windowed)
    return found


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ",".join(str(item) for item in value) + "]"
    return shlex.quote(str(value)) if not re.fullmatch(r"[\w.,-]+", str(value)) else str(value)
