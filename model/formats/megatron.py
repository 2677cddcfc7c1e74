"""Megatron-LM command lines and shell scripts, in and out.

Argument names and defaults: https://github.com/NVIDIA/Megatron-LM, ``megatron/training/arguments.py``.
"""

from __future__ import annotations

import re
import shlex
from typing import Any, Final

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import core_arguments
from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.imported import Imported
from mitsumori.model.formats.reading import Reading, names_of
from mitsumori.model.formats.shapes import Shape

KNOWN: Final = names_of(
    "tensor_model_parallel_size model_parallel_size pipeline_model_parallel_size context_parallel_size num_layers hidden_size "
    "num_attention_heads ffn_hidden_size seq_length micro_batch_size global_batch_size train_iters train_samples swiglu "
    "expert_model_parallel_size num_experts use_distributed_optimizer sequence_parallel recompute_granularity "
    "recompute_activations num_query_groups group_query_attention max_position_embeddings bf16 fp16 "
    "untie_embeddings_and_output_weights multi_latent_attention num_layers_per_virtual_pipeline_stage"
)
"""Arguments by which a command line is recognised."""
_FLAG_ALIASES: Final = {"fp8_hybrid": ("fp8_format", "hybrid"), "fp8_e4m3": ("fp8_format", "e4m3")}
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_REFERENCE: Final = re.compile(r"\$\{(\w+)(?::?-([^{}]*))?\}|\$([A-Za-z_]\w*)")
_PUNCTUATION: Final = re.compile(r"[();<>|&]+")
_ARITHMETIC: Final = re.compile(r"\$\(\(([^()\n]{1,200})\)\)")
_LONGEST_VALUE: Final = 4096


def arguments(text: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The ``--name value`` arguments of a script, underscored, and those whose variable the script does not set.

    Line continuations, comments, quoting (:mod:`shlex`), ``NAME=value`` and ``${NAME:-default}``, argument arrays
    (``ARGS=(...)``), strings of arguments and whole-number arithmetic are understood; nothing is executed.

    Raises
    ------
    Refusal
        When a quotation mark is not closed.
    """
    text = _ARITHMETIC.sub(lambda found: "$((" + re.sub(r"\s+", "", found.group(1)) + "))", text.replace("\\\r\n", " "))
    text = text.replace("\\\n", " ")
    variables: dict[str, str] = {}
    words = _words(text)
    flat: list[str] = []
    for word in words:
        assignment = _ASSIGNMENT.fullmatch(word)
        if assignment and not word.startswith("-"):
            name, value = assignment.groups()
            if "--" in value:
                flat += _words(value)
            elif len(variables) < 2000:
                resolved = _substituted(value, variables)
                variables[name] = resolved if resolved is not None else value
            continue
        # "--fp8-format hybrid" in quotation marks is split when the array is expanded unquoted
        flat += _words(word) if word.startswith("--") and re.search(r"\s", word) else [word]
    found: dict[str, Any] = {}
    unresolved: dict[str, str] = {}
    name = ""
    values: list[str] = []

    def close() -> None:
        if name:
            _record(name, values, variables, found, unresolved)

    for word in flat:
        if re.match(r"--[A-Za-z]", word):
            close()
            key, equals, value = word[2:].partition("=")
            name, values = key.replace("-", "_").lower(), [value] if equals else []
        elif _PUNCTUATION.fullmatch(word):
            close()
            name, values = "", []
        elif name:
            values.append(word)
    close()
    return found, unresolved


def _words(text: str) -> list[str]:
    # arithmetic holds parentheses, which end an argument elsewhere: hide it from the lexer
    hidden = _ARITHMETIC.sub(lambda found: "$\x01" + found.group(1) + "\x02", text)
    lexer = shlex.shlex(hidden, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return [word.replace("\x01", "((").replace("\x02", "))") for word in lexer]
    except ValueError:
        raise Refusal("The command line is not accepted: a quotation mark or backslash must be closed.") from None


def _substituted(value: str, variables: dict[str, str]) -> str | None:
    """A value with its variables filled in and arithmetic done; None when one is not set."""
    if len(value) > _LONGEST_VALUE:
        return None
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        name = found.group(1) or found.group(3)
        if name in variables:
            return variables[name]
        if found.group(2) is not None:
            return found.group(2)
        missing = True
        return ""

    def reckon(found: re.Match[str]) -> str:
        nonlocal missing
        expression = re.sub(r"\s|\$", "", found.group(1))
        expression = re.sub(r"[A-Za-z_]\w*", lambda word: variables.get(word.group(0), "?"), expression)
        result = _reckoned(expression)
        missing = missing or result is None
        return str(result)

    result = _REFERENCE.sub(fill, _ARITHMETIC.sub(reckon, value))
    return None if missing or "$" in result or len(result) > _LONGEST_VALUE else result


def _reckoned(expression: str) -> int | None:
    """Sums of products of whole numbers, as the shell divides (towards zero)."""
    if not re.fullmatch(r"\d{1,15}([-+*/]\d{1,15}){0,20}", expression):
        return None
    total = 0
    for sign, product in re.findall(r"([-+]?)((?:\d+[*/]?)+)", expression):
        value, operator = 1, "*"
        for number, following in re.findall(r"(\d+)([*/]?)", product):
            if operator == "*":
                value *= int(number)
            elif int(number):
                value //= int(number)
            else:
                return None
            operator = following
        total += -value if sign == "-" else value
    return total


def _record(
    name: str, values: list[str], variables: dict[str, str], found: dict[str, Any], unresolved: dict[str, str]
) -> None:
    if name in _FLAG_ALIASES:
        name, value = _FLAG_ALIASES[name]
        found[name] = value
        return
    limit = {"window_size": 2, "rampup_batch_size": 3, "recompute_modules": 12, "offload_modules": 12}.get(name, 1)
    given = values[:limit]
    given = [value for value in given if not re.fullmatch(r"[\w./-]+\.(py|sh)", value)]
    if not given or (given[0].startswith("${") and "[@]" in given[0]):
        found[name] = True
        return
    resolved = [_substituted(value, variables) for value in given]
    if any(value is None for value in resolved):
        if name in _FLAGS:
            # "--bf16 $OTHER_ARGS": the variable stands for more arguments
            found[name] = True
        else:
            unresolved[name] = " ".join(given)
        return
    if name in _FLAGS and str(resolved[0]).lower() not in ("true", "false", "0", "1"):
        found[name] = True
        return
    found[name] = ",".join(str(value) for value in resolved) if len(resolved) > 1 else resolved[0]


_FLAGS: Final = names_of(
    "group_query_attention swiglu squared_relu untie_embeddings_and_output_weights disable_bias_linear add_qkv_bias "
    "use_rotary_position_embeddings multi_latent_attention sequence_parallel use_distributed_optimizer use_megatron_fsdp "
    "use_custom_fsdp use_torch_fsdp2 bf16 fp16 recompute_activations checkpoint_activations optimizer_cpu_offload "
    "use_flash_attn fine_grained_activation_offloading cpu_offloading"
)


def recognised(text: str) -> int:
    """How many of Megatron-LM's own arguments a text has (a cheap look, before any parsing)."""
    names = {name.replace("-", "_").lower() for name in re.findall(r"(?:^|[\s\"'(=])--([A-Za-z][\w-]{1,60})", text)}
    return len(names & KNOWN)


def read(text: str, name: str, catalogue: Catalogue) -> Imported:
    """Read a command line or shell script.

    Raises
    ------
    Refusal
        One sentence, for an argument whose value is not one.
    """
    found, unresolved = arguments(text)
    reading = Reading(found, core_arguments.IGNORED)
    if re.search(r"(?m)^\s*(if|case|elif)\s", text):
        reading.remark("conditions")
    unresolved = {key: value for key, value in unresolved.items() if not core_arguments.IGNORED.search(key)}
    for key, value in unresolved.items():
        reading.not_known(f"--{key.replace('_', '-')}", value)
    core_arguments.interpret(reading, whole=True)
    reading.values["parallel.stack"] = "megatron"
    for key in unresolved:
        # a value that the script leaves to a variable is open, not the default
        path = _OPEN.get(key)
        if path in reading.defaulted:
            reading.defaulted.remove(path)
            reading.values.pop(path, None)
        if key in _OPEN_SHAPE:
            reading.shape.pop(_OPEN_SHAPE[key], None)
    if unresolved:
        reading.remark("unresolved", names=", ".join(f"--{key.replace('_', '-')}" for key in list(unresolved)[:8]))
    shape = reading.shape
    if shape.get("moe_experts"):
        reading.default("parallel.etp", reading.values.get("parallel.tp", 1))
    context = (
        int(str(found.get("max_position_embeddings"))) if str(found.get("max_position_embeddings")).isdigit() else None
    )
    hints = " ".join(str(found.get(key, "")) for key in ("tokenizer_model", "tokenizer_name_or_path", "load", "save"))
    reading.settle_shape(f"{name} {hints}", context or reading.values.get("parallel.seq_len"), catalogue)
    return reading.finish("megatron")


_OPEN: Final = {
    "tensor_model_parallel_size": "parallel.tp", "pipeline_model_parallel_size": "parallel.pp",
    "context_parallel_size": "parallel.cp", "expert_model_parallel_size": "parallel.ep",
    "expert_tensor_parallel_size": "parallel.etp", "micro_batch_size": "parallel.micro_batch",
    "recompute_granularity": "parallel.recompute", "optimizer": "parallel.optimizer",
    "num_layers_per_virtual_pipeline_stage": "parallel.vp", "num_virtual_stages_per_pipeline_rank": "parallel.vp",
}  # fmt: skip
_OPEN_SHAPE: Final = {"ffn_hidden_size": "ffn", "num_query_groups": "kv_heads"}


def write(choice: Choice) -> str:
    """A shell script that runs Megatron-LM's ``pretrain_gpt.py`` with the chosen layout.

    Data, tokenizer and learning rate are the caller's: the script passes its own arguments on (``"$@"``).
    """
    pairs = core_pairs(choice)
    lines = []
    for key, value in pairs:
        option = "--" + key.replace("_", "-")
        lines.append(f"  {option}" if value is True else f"  {option} {shlex.quote(str(value))}")
    for path in choice.left_out:
        lines.append(f"  # Megatron-LM has no argument for {path}; Mitsumori counted with the plan's.")
    launcher = f"torchrun --nnodes {choice.nodes} --nproc-per-node {choice.gpus_per_node} pretrain_gpt.py"
    title = re.sub(r"[^ -~]", "?", choice.model_name)
    head = [
        "#!/bin/bash",
        f"# {title}: {choice.gpus} GPUs, {choice.steps} steps. Add data and tokenizer arguments when calling.",
    ]
    return "\n".join([*head, "MITSUMORI_ARGS=(", *lines, ")", f'{launcher} "${{MITSUMORI_ARGS[@]}}" "$@"', ""])


def core_pairs(choice: Choice) -> list[tuple[str, Any]]:
    """Megatron-LM's arguments (underscored) for a choice, ``True`` for flags; appends to ``choice.left_out``."""
    par, shape = choice.par, choice.shape
    pairs: list[tuple[str, Any]] = [("tensor_model_parallel_size", par.tp), ("pipeline_model_parallel_size", par.pp)]
    if par.sp and par.tp > 1:
        pairs.append(("sequence_parallel", True))
    if par.vp > 1:
        if shape["layers"] % (par.pp * par.vp) == 0:
            pairs.append(("num_layers_per_virtual_pipeline_stage", shape["layers"] // (par.pp * par.vp)))
        else:
            pairs.append(("num_virtual_stages_per_pipeline_rank", par.vp))
    pairs.append(("context_parallel_size", par.cp))
    if shape["moe_experts"]:
        pairs += [("expert_model_parallel_size", par.ep), ("expert_tensor_parallel_size", par.etp)]
    if par.zero_stage >= 1:
        pairs.append(("use_distributed_optimizer", True))
    if par.zero_stage >= 2:
        strategy = "optim_grads" if par.zero_stage == 2 else "optim_grads_params"
        pairs += [("use_megatron_fsdp", True), ("data_parallel_sharding_strategy", strategy)]
    pairs += [
        ("micro_batch_size", par.micro_batch),
        ("global_batch_size", choice.global_batch),
        ("seq_length", par.seq_len),
    ]
    pairs.append(("train_iters", choice.steps))
    pairs += _shape_pairs(shape, par.tp, par.seq_len)
    pairs += _precision_pairs(choice)
    if par.recompute == "full":
        pairs += [("recompute_granularity", "full"), ("recompute_method", "uniform"), ("recompute_num_layers", 1)]
    elif par.recompute == "selective":
        pairs.append(("recompute_granularity", "selective"))
    optimizer = {"adam": "adam", "sgd": "sgd", "muon": "muon"}.get(par.optimizer)
    if optimizer is None:
        choice.without("optimizer")
    else:
        pairs.append(("optimizer", optimizer))
    if par.offload == "optimizer":
        pairs.append(("optimizer_cpu_offload", True))
    elif par.offload == "activations":
        pairs.append(("cpu_offloading_num_layers", max(1, shape["layers"] // par.pp - 1)))
    pairs.append(("attention_backend", "auto" if par.fused_attention else "unfused"))
    return pairs


def _shape_pairs(shape: Shape, tp: int, seq_len: int) -> list[tuple[str, Any]]:
    experts = shape["moe_experts"]
    pairs: list[tuple[str, Any]] = [
        ("num_layers", shape["layers"]), ("hidden_size", shape["hidden"]),
        ("ffn_hidden_size", shape["ffn"] or shape["moe_ffn"]), ("num_attention_heads", shape["heads"]),
    ]  # fmt: skip
    if not shape["mla"]:
        if shape["kv_heads"] != shape["heads"]:
            pairs += [("group_query_attention", True), ("num_query_groups", shape["kv_heads"])]
        pairs.append(("kv_channels", shape["head_dim"]))
    else:
        pairs.append(("multi_latent_attention", True))
        names = {"q_lora_rank": "q_lora_rank", "kv_lora_rank": "kv_lora_rank", "qk_nope_dim": "qk_head_dim",
                 "qk_rope_dim": "qk_pos_emb_head_dim", "v_head_dim": "v_head_dim"}  # fmt: skip
        pairs += [(theirs, shape[ours]) for ours, theirs in names.items() if shape[ours]]
    # Megatron pads the vocabulary to a multiple of this times tp: the largest that leaves it as it is
    whole = next((unit for unit in (128, 64, 32, 16, 8, 4, 2) if shape["vocab"] % (unit * tp) == 0), 1)
    pairs += [("vocab_size", shape["vocab"]), ("make_vocab_size_divisible_by", whole)]
    if shape["positions"]:
        pairs += [("position_embedding_type", "learned_absolute"), ("max_position_embeddings", shape["positions"])]
    else:
        pairs += [("position_embedding_type", "rope"), ("max_position_embeddings", seq_len)]
    flags = {
        "swiglu": shape["gated_mlp"], "untie_embeddings_and_output_weights": not shape["tied_embeddings"],
        "disable_bias_linear": not shape["linear_bias"], "add_qkv_bias": shape["attention_bias"],
    }  # fmt: skip
    pairs += [(name, True) for name, on in flags.items() if on]
    pairs.append(("normalization", "RMSNorm" if shape["norm_vectors"] == 1 else "LayerNorm"))
    if experts:
        pairs += [
            ("num_experts", experts),
            ("moe_router_topk", shape["moe_topk"]),
            ("moe_ffn_hidden_size", shape["moe_ffn"]),
        ]
        if shape["moe_shared_ffn"]:
            pairs.append(("moe_shared_expert_intermediate_size", shape["moe_shared_ffn"]))
        dense = shape["moe_dense_layers"]
        if dense:
            pairs.append(("moe_layer_freq", f"([0]*{dense}+[1]*{shape['layers'] - dense})"))
    if shape["window"]:
        windowed = round(shape["window_share"] * shape["layers"])
        pairs.append(("window_size", f"{shape['window']},0"))
        if windowed < shape["layers"]:
            pairs.append(("window_attn_skip_freq", f"([1]*{windowed}+[0]*{shape['layers'] - windowed})"))
    if shape["mtp_layers"]:
        pairs.append(("mtp_num_layers", shape["mtp_layers"]))
    return pairs


def _precision_pairs(choice: Choice) -> list[tuple[str, Any]]:
    precision = choice.par.precision
    if precision == "tf32":
        choice.without("precision")
    low: dict[str, list[tuple[str, Any]]] = {
        "fp16": [("fp16", True)],
        "bf16": [("bf16", True)],
        "fp8": [("bf16", True), ("fp8_format", "hybrid")],
        "mxfp8": [("bf16", True), ("fp8_format", "e4m3"), ("fp8_recipe", "mxfp8")],
        "nvfp4": [("bf16", True), ("fp4_format", "e2m1"), ("fp4_recipe", "nvfp4")],
    }
    return low.get(precision, [])
