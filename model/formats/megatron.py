"""Megatron-LM command lines and shell scripts, in.

Argument names and defaults: https://github.com/NVIDIA/Megatron-LM, ``megatron/training/arguments.py``.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any, Final

from mitsumori.model.formats import core_arguments
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin
from mitsumori.model.formats.reading import Reading, names_of
from mitsumori.model.formats.schedulers import header_of
from mitsumori.model.formats.shell import Script, script_of

KNOWN: Final = names_of(
    "tensor_model_parallel_size model_parallel_size pipeline_model_parallel_size context_parallel_size num_layers hidden_size "
    "num_attention_heads ffn_hidden_size seq_length micro_batch_size global_batch_size train_iters train_samples swiglu "
    "expert_model_parallel_size num_experts use_distributed_optimizer sequence_parallel recompute_granularity "
    "recompute_activations num_query_groups group_query_attention max_position_embeddings bf16 fp16 "
    "untie_embeddings_and_output_weights multi_latent_attention num_layers_per_virtual_pipeline_stage"
)
"""Arguments by which a command line is recognised."""
_FLAG_ALIASES: Final = {"fp8_hybrid": ("fp8_format", "hybrid"), "fp8_e4m3": ("fp8_format", "e4m3")}
_LONGEST_VALUE: Final = 4096
_SPEAKERS: Final = ("echo", "printf", "cat", "tee", "grep", "sed", "awk", ":", "true")
"""Commands that only print what stands behind them."""
_LAUNCHERS: Final = ("mpirun", "mpiexec", "srun", "orterun")
_WORLD: Final = ("nnodes", "num_nodes", "nodes", "num_machines"), (
    "nproc_per_node", "num_gpus", "gpus_per_node", "ntasks_per_node", "devices",
)  # fmt: skip


def arguments(text: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The ``--name value`` arguments of a script, underscored, and those whose variable the script does not set."""
    return _arguments(_followed(text))


def _followed(text: str) -> Script:
    nodes, each = header_of(text.splitlines())
    known: dict[str, str] = {}
    if nodes is not None:
        known |= {"SLURM_NNODES": str(nodes), "SLURM_JOB_NUM_NODES": str(nodes)}
    if each is not None:
        known |= {"SLURM_GPUS_PER_NODE": str(each), "SLURM_GPUS_ON_NODE": str(each)}
    return script_of(text, known)


def _arguments(script: Script) -> tuple[dict[str, Any], dict[str, str]]:
    commands = [_opened(words, script) for words in script.commands]
    if not any(word[2:].replace("-", "_") in KNOWN for words in commands for word in words):
        # a file of arguments to be sourced: its variables are all there is
        commands += [value if isinstance(value, list) else value.split() for value in script.variables.values()]
    found: dict[str, Any] = {}
    unresolved: dict[str, str] = {}
    for words in _training(commands):
        _flags_of(words, found, unresolved)
        if Path(words[0]).name in _LAUNCHERS if words else False:
            _launched(words, found)
    return found, unresolved


def _training(commands: list[list[str]]) -> list[list[str]]:
    """The command that trains: the last of those with most of the tool's own arguments; all where none has any.

    Arguments that stand without a program (a file of arguments, a pasted piece) count too.
    """

    def known(words: list[str]) -> int:
        names = {word[2:].partition("=")[0].replace("-", "_").lower() for word in words if word.startswith("--")}
        return len(names & KNOWN)

    running = [words for words in commands if not words or Path(words[0]).name not in _SPEAKERS]
    most = max((known(words) for words in running), default=0)
    if not most:
        return running
    loose = [words for words in running if words and words[0].startswith("--")]  # arguments without a program
    return [*loose, next(words for words in reversed(running) if known(words) == most)]


def _trainings(script: Script) -> int:
    """Commands with as many of the tool's own arguments as any, and other values: trainings one after the other."""
    counts: dict[tuple[str, ...], int] = {}
    for words in script.commands:
        if words and not words[0].startswith("--") and Path(words[0]).name not in _SPEAKERS:
            names = {word[2:].partition("=")[0].replace("-", "_").lower() for word in words if word.startswith("--")}
            counts[tuple(words)] = len(names & KNOWN)
    most = max(counts.values(), default=0)
    return sum(count == most for count in counts.values()) if most > 1 else 1


def _program(script: Script) -> str:
    """The Python program of the command that trains, without its folder; "" where none is named."""
    commands = [_opened(words, script) for words in script.commands]
    words = next(iter(_training(commands)[-1:]), [])
    return next((Path(word).name for word in words if re.fullmatch(r"[\w./${}-]+\.py", word)), "")


def _decoder_program(found: dict[str, object], script: Script) -> str:
    """The program that trains, refused where it or an option names another model than a decoder, or no training."""
    mixing = str(found.get("experimental_attention_variant", "")).lower() not in ("", "none", "null", "dsa")
    hybrid = [
        key
        for key in found
        if (key.startswith(("hybrid_", "mamba_", "is_hybrid")) and found[key] not in (False, "0", "0.0"))
        or (mixing and key == "experimental_attention_variant")
    ]
    if hybrid or any("pretrain_mamba" in word for words in script.commands for word in words):
        raise NamedRefusal("state_space_script", kind="Megatron-LM", names=", ".join(hybrid[:3]) or "pretrain_mamba")
    program = _program(script)
    if re.search(r"pretrain_(bert|ict|t5|bart|retro|vision\w*|dino|mae|realm)|biencoder|finetune_vision", program):
        raise NamedRefusal("program_not_decoder", program=program)
    if re.search(r"preprocess|generat|convert|merge_|checkpoint|evaluat|export|quantiz|_server\b|inference", program):
        raise NamedRefusal("trains_nothing", tool=program)
    return program


def _forget_training(reading: Reading) -> None:
    """Of a model's arguments alone, to be read in by a script: how it is trained stands elsewhere, so no default applies."""
    for name in [name for name in reading.defaulted if name.startswith("parallel.")]:
        reading.defaulted.remove(name)
        reading.values.pop(name, None)


def _opened(words: list[str], script: Script) -> list[str]:
    """A command whose quoted words hold commands themselves (``bash -c "python ..."``)."""
    flat: list[str] = []
    for word in words:
        inner = re.search(r"(^|\s)--[A-Za-z]", word) and re.search(r"\s", word)
        flat += [part for command in script_of(word, _plain(script)).commands for part in command] if inner else [word]
    return flat


def _plain(script: Script) -> dict[str, str]:
    return {name: value for name, value in script.variables.items() if isinstance(value, str)}


def _flags_of(words: list[str], found: dict[str, Any], unresolved: dict[str, str]) -> None:
    name = ""
    values: list[str] = []
    for word in [*words, "--"]:
        if word == "--" or re.match(r"--[A-Za-z]", word):
            if name:
                _record(name, values, found, unresolved)
            key, equals, value = word[2:].partition("=")
            name, values = key.replace("-", "_").lower(), [value] if equals else []
        elif name:
            values.append(word)


def _launched(words: list[str], found: dict[str, Any]) -> None:
    """Short options of ``mpirun`` and ``srun``, a number may be glued to them (``-n32``): processes are GPUs."""
    slurm = Path(words[0]).name == "srun" if words else False
    glued = [re.fullmatch(r"(-[nN]|--ntasks=|--nodes=)(\d{1,6})", word) for word in words] if slurm else []
    words = [*words, *(part for match in glued if match for part in (match.group(1).rstrip("="), match.group(2)))]
    for option, value in itertools.pairwise(words):
        if option in ("-np", "-n", "--np", "--ntasks") and value.isdigit():
            found["launched_processes"] = value
        elif option in ("-N", "--nodes") and value.isdigit() and slurm:
            found.setdefault("nnodes", value)


def gpus_of(found: dict[str, Any], unresolved: dict[str, str], text: str) -> tuple[int | None, str, str]:
    """GPUs of the launcher, of the scheduler's header where the launcher leaves them open; and what was said of both.

    The keys that say it are taken out of ``found`` and ``unresolved``.

    Parameters
    ----------
    found
        Arguments, underscored, with their values.
    unresolved
        Arguments whose variable the script does not set, with their words.
    text
        The script, for the header of a scheduler.
    """
    header = header_of(text.splitlines())
    said: list[str] = []
    numbers: list[int | None] = []
    for names, asked in zip(_WORLD, header, strict=True):
        values = [str(found.pop(name)) for name in names if name in found]
        left = [unresolved[name] for name in names if name in unresolved]
        number = next((int(value) for value in values if re.fullmatch(r"[1-9]\d{0,6}", value)), asked)
        numbers.append(number)
        if number is not None:
            for name in names:
                unresolved.pop(name, None)
        said.append(str(number) if number is not None else (values + left + [""])[0])
    processes = found.pop("launched_processes", None) or found.pop("num_processes", None)
    nodes, each = numbers
    if each is None and (wrapped := _WRAPPED.search(text)) is not None:
        around = dict(re.findall(r"\b(NPROC_PER_NODE|NNODES)=[\"']?(\$?\{?\w+\}?)", text))
        filled = {name: script_of(text).filled(value) for name, value in around.items()}
        each, nodes = _whole(filled.get("NPROC_PER_NODE")), nodes or _whole(filled.get("NNODES"))
        shown = re.search(r"\bCUDA_VISIBLE_DEVICES=[\"']?(\d+(?:,\d+)*)", text)
        if each is None and shown is not None and wrapped.group(0).startswith("llamafactory"):
            each = len(shown.group(1).split(","))  # it starts a process for each
    if processes is not None and str(processes).isdigit() and int(processes) > 1:
        return int(processes), "", ""
    if nodes is None and not said[0] and each is not None:
        nodes = 1
    return (nodes * each if nodes and each else None), said[0], said[1]


_WRAPPED: Final = re.compile(r"llamafactory-cli\s+train|\b(?:swift|megatron)\s+(?:sft|pt|rlhf)\b")
"""Commands that start a process a GPU themselves, as many as variables of the environment say."""


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[1-9]\d{0,6}", text) else None


def _record(name: str, values: list[str], found: dict[str, Any], unresolved: dict[str, str]) -> None:
    if name in _FLAG_ALIASES:
        name, value = _FLAG_ALIASES[name]
        found[name] = value
        return
    limit = {"window_size": 2, "rampup_batch_size": 3, "recompute_modules": 12, "offload_modules": 12}.get(name, 1)
    given = values[:limit]
    given = [value for value in given if not re.fullmatch(r"[\w./-]+\.(py|sh)", value)]
    if not given or re.fullmatch(r"\$\{\w+\[@\]\}|\$@|\$\*", given[0]):
        found[name] = True
        return
    resolved = given
    if any("$" in value or len(value) > _LONGEST_VALUE for value in given):
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
    "use_flash_attn fine_grained_activation_offloading cpu_offloading quick_geglu deepspeed_activation_checkpointing "
    "fsdp_activation_checkpointing gradient_checkpointing deepspeed"
)


def recognised(text: str) -> int:
    """How many of Megatron-LM's own arguments a text has (a cheap look, before any parsing)."""
    names = {name.replace("-", "_").lower() for name in re.findall(r"(?:^|[\s\"'(=])--([A-Za-z][\w-]{1,60})", text)}
    return len(names & KNOWN)


def read(text: str, origin: Origin) -> Imported:
    """Read a command line or shell script.

    Raises
    ------
    Refusal
        One sentence, for an argument whose value is not one.
    """
    script = _followed(text)
    found, unresolved = _arguments(script)
    return read_arguments(found, unresolved, script, text, origin)


def read_arguments(
    found: dict[str, Any], unresolved: dict[str, str], script: Script, text: str, origin: Origin
) -> Imported:
    """Read arguments that were found, with the script in which they stand.

    Parameters
    ----------
    found, unresolved, script, text, origin
        As in :func:`reading_of`.
    """
    return reading_of(found, unresolved, script, text, origin).finish("megatron")


def reading_of(
    found: dict[str, Any], unresolved: dict[str, str], script: Script, text: str, origin: Origin,
    whole: bool | None = None,
) -> Reading:  # fmt: skip
    """As :func:`read_arguments`, not yet frozen.

    Parameters
    ----------
    found, unresolved
        Arguments (underscored) with their values, and those whose variable the script does not set.
    script
        The script in which they stand.
    text
        Its text, for the headers of a scheduler.
    origin
        Its name, and the records.
    whole
        Whether absent arguments have Megatron-LM's defaults; None: as the script looks.
    """
    program = _decoder_program(found, script)
    gpus, nodes, each = gpus_of(found, unresolved, text)
    sharding = _recipes_sharding(found)
    essential = {"num_layers", "hidden_size"} & (set(found) | set(unresolved))
    open_words = [
        word
        for words in script.commands
        for word in words
        if re.fullmatch(r"\$\{\w+\[@\]\}|\$\{?[A-Za-z_]\w*\}?", word)
    ]
    if whole is None:
        whole = sharding is None and not ((open_words or script.sourced) and not essential)
    swift = _swift(found, script)
    reading = Reading(found, core_arguments.IGNORED)
    if script.conditional:
        reading.remark("conditions")
    if re.search(r"pretrain_(vlm|multimodal|mm)|train_(vlm|multimodal)|vision_language", program):
        reading.remark("tower_uncounted", name=program)
    if (count := _trainings(script)) > 1:
        reading.remark("several_trainings", count=count)
    if script.sourced and not whole:
        reading.remark("sourced", names=", ".join(script.sourced[:4]))
    unresolved = {key: value for key, value in unresolved.items() if not core_arguments.IGNORED.search(key)}
    told = {
        name: values
        for name, values in script.differing.items()
        if any(f"${name}" in v or f"${{{name}" in v for v in unresolved.values())
    }
    if told:
        reading.remark(
            "branches_differ", names="; ".join(f"{key}: {', '.join(values)}" for key, values in list(told.items())[:6])
        )
    for key, value in unresolved.items():
        reading.not_known(f"--{key.replace('_', '-')}", value)
    core_arguments.interpret(reading, whole=whole)
    if whole and essential and not (_TRAINS & (set(found) | set(unresolved))):
        _forget_training(reading)
    reading.values["parallel.stack"] = "megatron" if sharding is None else "other"
    if sharding is not None:
        reading.values |= sharding
    if swift is not None:
        reading.values |= swift
    reading.accelerators = gpus
    if gpus is None and (nodes or each):
        reading.remark("world_unclear", nodes=nodes or "?", each=each or "?")
    if {"num_layers", "hidden_size", "num_attention_heads"} & set(unresolved) and told:
        reading.shape = {}
    for key in unresolved:
        # a value that the script leaves to a variable is open, not the default
        path = _OPEN.get(key)
        if path in reading.defaulted:
            reading.defaulted.remove(path)
            reading.values.pop(path, None)
        if key in _OPEN_SHAPE:
            reading.shape.pop(_OPEN_SHAPE[key], None)
    doubtful = [key for key in unresolved if key in SHAPE_OPTIONS]
    doubtful += [key for key in reading.untaken() if _SHAPE_LIKE.search(key) and _says(key, found[key])]
    if doubtful:
        reading.remark("shape_unclear", names=", ".join(f"--{key.replace('_', '-')}" for key in doubtful))
    if unresolved:
        reading.remark("unresolved", names=", ".join(f"--{key.replace('_', '-')}" for key in list(unresolved)[:8]))
    shape = reading.shape
    if shape.get("moe_experts"):
        reading.default("parallel.etp", reading.values.get("parallel.tp", 1))
    context = (
        int(str(found.get("max_position_embeddings"))) if str(found.get("max_position_embeddings")).isdigit() else None
    )
    hints = " ".join(str(found.get(key, "")) for key in ("tokenizer_model", "tokenizer_name_or_path", "load", "save"))
    reading.settle_shape(f"{origin.name} {hints}", context or reading.values.get("parallel.seq_len"), origin.catalogue)
    reading.model_named(
        reading.raw("model", "hf_model_path", "model_variant"), origin.catalogue
    )  # ms-swift's ``megatron sft --model``
    return reading


_SWIFT: Final = {
    "bf16": True, "use_distributed_optimizer": True, "recompute_granularity": "selective", "micro_batch_size": "1",
    "global_batch_size": "16",
}  # fmt: skip
"""Defaults of ms-swift's ``megatron`` command that are not Megatron-LM's (``swift/megatron/arguments``, release 4.6)."""


def _swift(found: dict[str, object], script: Script) -> dict[str, object] | None:
    """Settle ms-swift's ``megatron sft|pt|rlhf``: its names and defaults; what it says of the stage. None for Megatron-LM."""
    calls = [
        re.search(r"(?:^|\s)(?:swift/cli/_)?megatron[ /](sft|pt|rlhf)\b", " ".join(words)) for words in script.commands
    ]
    call = next((found_ for found_ in calls if found_), None)
    if call is None:
        return None
    if "max_length" in found:
        found.setdefault("seq_length", found.pop("max_length"))
    if "fp16" not in found and str(found.get("torch_dtype", "bfloat16")) == "bfloat16":
        found.setdefault("bf16", _SWIFT["bf16"])
    for name, value in _SWIFT.items():
        if name != "bf16":
            found.setdefault(name, value)
    way = str(found.pop("tuner_type", found.pop("train_type", "full")))
    rank = found.pop("lora_rank", "8")
    stage = {"pt": "continual", "sft": "sft"}.get(call.group(1)) or str(found.pop("rlhf_type", "dpo"))
    values: dict[str, object] = {"workload.stage": {"kto": "dpo", "rm": "sft"}.get(stage, stage)}
    if way.startswith("lora"):
        values["workload.lora_rank"] = int(str(rank)) if str(rank).isdigit() else 8
        if stage in ("sft", "continual"):
            values["workload.stage"] = "lora"
    return values


_SHAPE_LIKE: Final = re.compile(
    r"latent|_heads$|head_dim$|^linear_(key|value|num|attention)|indexer|conv_kernel|layer_(types|pattern)|^spec$|^altup|engram"
)
"""Options beyond those that are read which change a model's parameters: other mixers, latent experts, its own specification."""


_TRAINS: Final = names_of(
    "micro_batch_size global_batch_size train_iters train_samples train_tokens seq_length bf16 fp16 fp8_format lr optimizer "
    "tensor_model_parallel_size pipeline_model_parallel_size expert_model_parallel_size use_distributed_optimizer zero_stage"
)
"""Options of which a script that trains has at least one."""


def _says(key: str, value: object) -> bool:
    """Whether an option of :data:`_SHAPE_LIKE` says something: a plain GPT's specification does not."""
    if key == "spec":
        return not re.search(r"gpt_layer_specs|^local$|^te$", str(value))
    return value not in (None, False, "0", "false", "False", "none")


def _recipes_sharding(found: dict[str, object]) -> dict[str, object] | None:
    """Layout of a PyTorch FSDP trainer with Megatron-like names (llm-recipes); None for Megatron-LM itself."""
    strategy, checkpointing = found.pop("sharding_strategy", None), found.pop("fsdp_activation_checkpointing", None)
    if strategy is None and checkpointing is None:
        return None
    stages = {"full_shard": 3, "hybrid_shard": 3, "shard_grad_op": 2, "no_shard": 0, "fsdp": 3, "hsdp": 3, "ddp": 0}
    values: dict[str, object] = {
        "parallel.tp": 1,
        "parallel.pp": 1,
        "parallel.recompute": "none" if str(checkpointing).lower() in ("none", "false", "0") else "full",
    }
    if (stage := stages.get(str(strategy or "full_shard").lower())) is not None:
        values["parallel.zero_stage"] = stage
    return values


_OPEN: Final = {
    "tensor_model_parallel_size": "parallel.tp", "pipeline_model_parallel_size": "parallel.pp",
    "context_parallel_size": "parallel.cp", "expert_model_parallel_size": "parallel.ep",
    "expert_tensor_parallel_size": "parallel.etp", "micro_batch_size": "parallel.micro_batch",
    "recompute_granularity": "parallel.recompute", "optimizer": "parallel.optimizer",
    "num_layers_per_virtual_pipeline_stage": "parallel.vp", "num_virtual_stages_per_pipeline_rank": "parallel.vp",
}  # fmt: skip
SHAPE_OPTIONS: Final = names_of(
    "num_layers hidden_size ffn_hidden_size num_attention_heads kv_channels num_query_groups group_query_attention num_experts "
    "moe_ffn_hidden_size moe_shared_expert_intermediate_size moe_layer_freq vocab_size padded_vocab_size pad_vocab_size_to "
    "q_lora_rank kv_lora_rank qk_head_dim qk_pos_emb_head_dim v_head_dim mtp_num_layers make_vocab_size_divisible_by"
)
"""Options that the parameter count needs."""
_OPEN_SHAPE: Final = {"ffn_hidden_size": "ffn", "num_query_groups": "kv_heads"}
