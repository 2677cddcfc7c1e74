"""Command lines of trainers whose settings :mod:`recipes` reads: Hugging Face Trainer and TRL, MaxText, LitGPT, torchtune."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from mitsumori.model.formats import megatron, recipes
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shell import script_of

_RECIPES: Final[dict[str, dict[str, Any]]] = {
    "lora": {"adapter": "lora"},
    "qlora": {"adapter": "qlora", "load_in_4bit": True},
    "full": {"finetuning_type": "full"},
}


_RECOMPUTING: Final = re.compile(
    r"\bllamafactory-cli\s|\bswift\s+(sft|pt|rlhf)\b|\btrl\s+(sft|dpo|grpo|kto|reward|rloo)\b|trl/scripts/"
)
"""Trainers of which the activations are recomputed unless that is switched off: LLaMA-Factory, ms-swift, TRL."""
_SIXTEEN_BITS: Final = re.compile(r"\bswift\s+(sft|pt|rlhf)\b|\btrl\s+(sft|dpo|grpo|kto|reward|rloo)\b|trl/scripts/")
"""Trainers that train in bfloat16 unless told otherwise."""


def _scalar(word: str) -> Any:
    """A value after ``key=`` as YAML reads it; the word itself where it is no YAML."""
    try:
        value = yaml.safe_load(word)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return word
    return word if isinstance(value, dict) else value


def read_trainer_command(text: str, origin: Origin) -> Imported:
    """Read a command line of the Hugging Face Trainer or of TRL, with what its launcher says.

    Raises
    ------
    Refusal
        For a value that is not accepted.
    """
    found, unresolved = megatron.arguments(text)
    gpus, _, _ = megatron.gpus_of(found, unresolved, text)
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    if (file := re.search(r"--deepspeed(?:_config(?:_file)?)?[ =]+([\w./-]+)", bare)) is not None:
        found["deepspeed"] = file.group(1)
    reading = Reading(found, recipes.IGNORED)
    reading.accelerators = gpus
    settings = reading.raw("config_file")  # accelerate's: sharding and precision stand there
    if settings is not None:
        reading.remark("sourced", names=str(settings))
    if reading.flag("use_peft") is False:
        found.pop("lora_r", None)
    swift = re.search(r"\bswift\s+(sft|pt|rlhf)\b", bare)
    if swift is not None and not {"tuner_type", "train_type"} & set(found):
        found |= {"tuner_type": "lora"} | (
            {} if "lora_rank" in found else {"lora_rank": "8"}
        )  # what it does unless told
    recipes.trainer(reading, "Hugging Face Trainer")
    stage = re.search(r"\btrl\s+(?:\S+/)?(\w+)|\b(sft|dpo|grpo|ppo|kto)(?:_\w+)?\.py\b", bare)
    word = (stage.group(1) or stage.group(2)) if stage else None
    if word in recipes.STAGES and not (word == "sft" and reading.values.get("workload.stage") in ("lora", "qlora")):
        reading.values["workload.stage"] = recipes.STAGES[word]
    recipes.generation(reading)
    reading.values.setdefault("parallel.stack", "huggingface")
    if file is not None and "parallel.zero_stage" not in reading.values:  # sharding stands in DeepSpeed's own file
        reading.remark("sourced", names=file.group(1))
    elif settings is None:
        reading.default("parallel.zero_stage", 0)
    if settings is None or _RECOMPUTING.search(bare):
        reading.default("parallel.recompute", "full" if _RECOMPUTING.search(bare) else "none")
    if _SIXTEEN_BITS.search(bare) and "parallel.precision" not in reading.values:
        reading.default("parallel.precision", "bf16")
    for field in ("tp", "pp", "cp"):
        reading.default(f"parallel.{field}", 1)
    for key, value in unresolved.items():
        if not recipes.IGNORED.search(key):
            reading.not_known(f"--{key.replace('_', '-')}", value)
    reading.model_named(reading.raw(*recipes.CHECKPOINT), origin.catalogue)
    return reading.finish("Hugging Face Trainer")


def read_maxtext_command(text: str, origin: Origin) -> Imported:
    """Read a MaxText command: ``key=value`` after the trainer and its settings file.

    Raises
    ------
    Refusal
        For a value that is not accepted, and for a command that says nothing a plan takes.
    """
    words = next(
        (words for words in script_of(text).commands if re.search("maxtext", " ".join(words), re.IGNORECASE)), []
    )
    pairs = dict(word.split("=", 1) for word in words if re.match(r"[a-z]\w*=", word))
    said = {key: _scalar(value) for key, value in pairs.items()}
    return recipes.read({key: value for key, value in said.items() if "$" not in str(value)}, "MaxText", origin)


def read_litgpt_command(text: str, origin: Origin) -> Imported:
    """Read ``litgpt pretrain`` or ``litgpt finetune_lora``: its options are the keys of its settings files.

    Raises
    ------
    Refusal
        For a value that is not accepted.
    """
    words = _after(text, "litgpt")
    ways = [word for word in words[:2] if re.fullmatch(r"finetune\w*|pretrain|lora|full", word)]
    options: dict[str, Any] = {}
    named: list[str] = []
    option: str | None = None
    for word in words[len(ways) :]:
        if found := re.fullmatch(r"--([\w.]+)(?:=(.*))?", word):
            option = found.group(1)
            options[option] = True if found.group(2) is None else found.group(2)
        elif option is not None and options[option] is True:
            options[option] = word
        else:
            named.append(word)
    if any("lora" in way for way in ways):
        quantized = str(options.pop("quantize", "")).startswith("bnb")
        options |= {"adapter": "lora"} | ({"load_in_4bit": True} if quantized else {})
    elif ways != ["pretrain"]:
        options |= {"finetuning_type": "full"}
    asked = [options.pop("checkpoint_dir", None), options.pop("model_name", None), *named]
    said = {key: value for key, value in options.items() if "$" not in str(value)}
    return recipes.read({**said, "model_name": next(filter(None, asked), None)}, "LitGPT", origin)


def _after(text: str, *called: str) -> list[str]:
    """Words after the first command that calls a program (and its sub-command); none where no command does."""
    for words in script_of(text).commands:
        bare = [PurePosixPath(word).name for word in words]
        for at in range(len(words)):
            if tuple(bare[at : at + len(called)]) == called:
                return words[at + len(called) :]
    return []


def read_torchtune_command(text: str, origin: Origin) -> Imported:
    """Read ``tune run RECIPE --config FAMILY/SIZE_WAY key=value``: the settings file is torchtune's own, its name the model's.

    Raises
    ------
    Refusal
        For a value that is not accepted.
    """
    words = _after(text, "tune", "run")
    line = " ".join(words)
    if re.search(r"(^|\s)(eleuther_eval|generate\w*|quantize)(\s|$)|dev/generate", line):
        raise NamedRefusal("trains_nothing", tool="torchtune")
    pairs = dict(word.split("=", 1) for word in words if re.match(r"[a-z][\w.]*=", word))
    data = {key: _scalar(value) for key, value in pairs.items() if "$" not in value}
    config = re.search(r"--config[ =]([\w./-]+)", line)
    file = PurePosixPath(config.group(1)) if config else PurePosixPath()
    size = re.match(r"(\d+(?:\.\d+)?)B", file.name)
    component = f"torchtune.models.{file.parent.name}.{file.parent.name}_{size.group(1)}b" if size else None
    way = re.search(r"qlora|lora|full", f"{file.name} {line}")
    data = {**_RECIPES[way.group(0) if way else "full"], "model._component_": component} | data
    for option in ("nnodes", "nproc_per_node"):
        if given := re.search(rf"--{option}[ =](\d+)", line):
            data["num_machines" if option == "nnodes" else "num_gpus"] = int(given.group(1))
    if "num_gpus" in data:
        data.setdefault("num_machines", 1)
    if "dpo" in line:
        data["stage"] = "dpo"
    return recipes.read(data, "torchtune", origin)
