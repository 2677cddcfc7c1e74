"""Command lines that name their tool: verl, OpenRLHF, today's torchtitan, and serving commands."""

from __future__ import annotations

import re
from typing import Any, Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import core_arguments, megatron, nemo, torchtitan
from mitsumori.model.formats.imported import Imported, NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shell import script_of

_SERVING: Final = (
    ("vLLM", r"\bvllm serve\b|vllm\.entrypoints|\bvllm bench\b"), ("SGLang", r"sglang\.launch_server|\bsglang serve\b"),
    ("TensorRT-LLM", r"\btrtllm-(serve|build|bench)\b"),
)  # fmt: skip
_IGNORED: Final = re.compile(r".")
_STAGES: Final = {
    "train_sft": "sft",
    "train_dpo": "dpo",
    "train_ppo_ray": "ppo",
    "train_ppo": "ppo",
    "train_kto": "dpo",
}
_ACTOR: Final = "actor_rollout_ref.actor."
_ROLLOUT: Final = "actor_rollout_ref.rollout."


def tool_of(text: str) -> str | None:
    """The tool that a command line calls; None when it is none of these."""
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    if re.search(r"verl\.trainer|(^|\s)actor_rollout_ref\.", bare):
        return "verl"
    if "openrlhf.cli." in bare:
        return "OpenRLHF"
    if re.search(r"torchtitan\.train\b", bare) and "--module" in bare:
        return "torchtitan"
    return next((name for name, pattern in _SERVING if re.search(pattern, bare)), None)


def read(text: str, tool: str, name: str, catalogue: Catalogue) -> Imported:
    """Read a command line of a tool that :func:`tool_of` named.

    Raises
    ------
    Refusal
        For serving commands, which say nothing of a training, and for values that are not accepted.
    """
    if tool == "verl":
        return _verl(text)
    if tool == "OpenRLHF":
        return _openrlhf(text)
    if tool == "torchtitan":
        return _titan(text, name, catalogue)
    raise NamedRefusal("recognised_only", what=f"a serving command ({tool})", instead="the model's config.json")


def _verl(text: str) -> Imported:
    """The actor is what is trained; the rollout's layout is its own and is listed, never taken as the trainer's."""
    script = script_of(text)
    pairs = {path: script.filled(value) for path, value in nemo.pairs_of(text).items()}
    reading = Reading({path: value for path, value in pairs.items() if "$" not in value}, _IGNORED)
    for path, value in pairs.items():
        if "$" in value and re.search(r"parallel_size|batch_size|nnodes|n_gpus", path):
            reading.not_known(path, value)
    estimator = reading.word("algorithm.adv_estimator")
    tuned = "sft" if "sft_trainer" in text else "ppo" if estimator in (None, "gae") else "grpo"
    reading.values["workload.stage"] = tuned
    reading.put("parallel.global_batch", reading.integer("data.train_batch_size", least=1))
    prompt, response = (
        reading.integer("data.max_prompt_length", least=1),
        reading.integer("data.max_response_length", least=1),
    )
    reading.put("workload.prompt_len", prompt)
    reading.put("workload.response_len", response)
    if prompt and response:
        reading.values["parallel.seq_len"] = prompt + response
    reading.put("workload.responses_per_prompt", reading.integer(_ROLLOUT + "n", least=1))
    reading.put("parallel.micro_batch", reading.integer(_ACTOR + "ppo_micro_batch_size_per_gpu", least=1))
    core = {"tp": "tensor_model_parallel_size", "pp": "pipeline_model_parallel_size", "cp": "context_parallel_size",
            "ep": "expert_model_parallel_size", "etp": "expert_tensor_parallel_size"}  # fmt: skip
    megatron_actor = "megatron" in (reading.word("actor_rollout_ref.actor.strategy") or "") or any(
        path.startswith(_ACTOR + "megatron.") for path in pairs
    )
    if megatron_actor or "ppo_megatron_trainer" in text:
        for field, leaf in core.items():
            reading.put(f"parallel.{field}", reading.integer(f"{_ACTOR}megatron.{leaf}", least=1))
        for field in ("tp", "pp", "cp"):
            reading.default(f"parallel.{field}", 1)
        reading.default("parallel.zero_stage", 1)
    else:
        reading.values |= {"parallel.tp": 1, "parallel.pp": 1, "parallel.zero_stage": 3}
        reading.put("parallel.cp", reading.integer(_ACTOR + "ulysses_sequence_parallel_size", least=1))
        reading.values["parallel.stack"] = "other"
    offload = [
        reading.flag(f"{_ACTOR}{kind}.{part}_offload")
        for kind in ("fsdp_config", "megatron")
        for part in ("param", "optimizer")
    ]
    if any(value is not None for value in offload):
        reading.values["parallel.offload"] = "optimizer" if any(offload) else "none"
    again = reading.flag("actor_rollout_ref.model.enable_gradient_checkpointing")
    if again is not None:
        reading.values["parallel.recompute"] = "full" if again else "none"
    for path, value in pairs.items():
        if path.startswith(_ROLLOUT) and path.endswith(("parallel_size", ".name")):
            reading.not_known(path, value)
    each, nodes = reading.integer("trainer.n_gpus_per_node", least=1), reading.integer("trainer.nnodes", least=1)
    if each is not None and nodes is not None:
        reading.accelerators = each * nodes
    return reading.finish("verl")


def _openrlhf(text: str) -> Imported:
    found, unresolved = megatron.arguments(text)
    gpus, _, _ = megatron.gpus_of(found, unresolved, text)
    reading = Reading(found, core_arguments.IGNORED)
    cli = re.search(r"openrlhf\.cli\.(\w+)", text)
    reading.put("workload.stage", _STAGES.get(cli.group(1) if cli else ""))
    rank = reading.integer("lora_rank")
    if rank:
        reading.values |= {"workload.stage": "lora", "workload.lora_rank": rank}
    prompt, response = reading.integer("prompt_max_len", least=1), reading.integer("generate_max_len", least=1)
    reading.put("workload.prompt_len", prompt)
    reading.put("workload.response_len", response)
    length = reading.integer("max_len", least=1)
    reading.put("parallel.seq_len", length or (prompt + response if prompt and response else None))
    reading.put("parallel.global_batch", reading.integer("train_batch_size", least=1))
    reading.put("parallel.micro_batch", reading.integer("micro_train_batch_size", least=1))
    reading.put("parallel.zero_stage", reading.integer("zero_stage"))
    reading.put("parallel.tp", reading.integer("ds_tensor_parallel_size", least=1))
    for field in ("tp", "pp"):
        reading.default(f"parallel.{field}", 1)
    word = reading.word("param_dtype")
    if reading.flag("bf16") or word in ("bf16", "fp16"):
        reading.values["parallel.precision"] = "fp16" if word == "fp16" else "bf16"
    for path, key, word in (("recompute", "gradient_checkpointing", "full"), ("offload", "adam_offload", "optimizer")):
        if reading.raw(key):
            reading.values[f"parallel.{path}"] = word
        reading.default(f"parallel.{path}", "none")
    reading.values["parallel.stack"] = "deepspeed"
    for key in unresolved:
        reading.not_known(f"--{key}", unresolved[key])
    reading.accelerators = gpus
    return reading.finish("OpenRLHF")


def _titan(text: str, name: str, catalogue: Catalogue) -> Imported:
    """Torchtitan since February 2026: ``--module`` and ``--config`` name the model, dotted options the rest."""
    script = script_of(text)
    options: dict[str, Any] = {}
    for words in script.commands:
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if found := re.fullmatch(r"--([a-z_]+\.[\w.-]+|module|config)(?:=(.*))?", word):
                value = found.group(2) if found.group(2) is not None else following
                options[found.group(1)] = "true" if value.startswith("--") or not value else value
    module, config = str(options.pop("module", "")), str(options.pop("config", ""))
    module, config = module.lower(), config.lower()
    flavor = config[len(module) + 1 :] if config.startswith(module + "_") else config
    numbers = {key: int(value) if re.fullmatch(r"-?\d{1,12}", str(value)) else value for key, value in options.items()}
    found_, unresolved = megatron.arguments(text)
    gpus, _, _ = megatron.gpus_of(found_, unresolved, text)
    return torchtitan.read({"model.name": module, "model.flavor": flavor, **numbers}, name, catalogue, gpus)
