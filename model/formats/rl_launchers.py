"""Launchers of reinforcement learning: verl, OpenRLHF, slime and NeMo RL, the trainer and the rollout kept apart.

What is trained is the actor; the generator's tensor parallel size and engine go to ``plan.rollout``, never to the trainer.
Options: https://github.com/volcengine/verl (``verl/trainer/config``), https://github.com/OpenRLHF/OpenRLHF
(``openrlhf/cli``), https://github.com/THUDM/slime (``slime/utils/arguments.py``).
"""

from __future__ import annotations

import re
from typing import Any, Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import core_arguments, megatron, nemo
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shell import script_of

_IGNORED: Final = re.compile(r".")
_STAGES: Final = {
    "train_sft": "sft", "train_dpo": "dpo", "train_ppo_ray": "ppo", "train_ppo": "ppo", "train_kto": "dpo",
    "train_rm": "sft",
}  # fmt: skip
_ACTOR: Final = "actor_rollout_ref.actor."
_ROLLOUT: Final = "actor_rollout_ref.rollout."
_ENGINES: Final = {"vllm": "vllm", "sglang": "sglang", "trtllm": "trtllm", "tensorrt_llm": "trtllm"}


def verl(text: str, catalogue: Catalogue) -> Imported:
    """Read verl's Hydra overrides: the actor is what is trained."""
    script = script_of(text)
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    if re.search(r"\bverl\S*(main_generation|main_eval|model_merger|preprocess)", bare) and not re.search(
        r"main_ppo|sft_trainer", bare
    ):
        raise NamedRefusal("trains_nothing", tool="verl")
    pairs = {path: script.filled(value) for path, value in nemo.pairs_of(text).items()}
    for word in (word for words in script.commands for word in words):  # as the shell expands them
        said = re.fullmatch(r"\+{0,2}([A-Za-z_]\w*(?:\.\w+)+)=(.*)", word, re.DOTALL)
        if said is not None and said.group(1) in pairs and "$" in pairs[said.group(1)]:
            pairs[said.group(1)] = said.group(2)
    if re.search(r"sft_trainer\b", re.sub(r"(?m)^\s*#.*$", "", text)) and not any(
        path.startswith(_ACTOR) for path in pairs
    ):
        alone = re.findall(r"(?:^|\s)(engine|ulysses_sequence_parallel_size)=(\w+)", text)  # overrides without a dot
        return verl_tuning(pairs | dict(alone), megatron.gpus_of(*megatron.arguments(text), text)[0], catalogue)
    return _actor(pairs, text, catalogue)


def verl_settings(flat: dict[str, Any], catalogue: Catalogue) -> Imported:
    """Read verl's settings file laid flat, with the same names as its overrides."""
    said = {path: str(value) for path, value in flat.items() if value is not None}
    return _actor(said, said.get("defaults", ""), catalogue)


def _open_values(pairs: dict[str, Any]) -> tuple[Reading, list[str]]:
    """A reading of what is said, and the paths whose value only the machine knows."""
    said = {path: value for path, value in pairs.items() if "$" not in str(value) and value is not None}
    return Reading(said, _IGNORED), [path for path in pairs if "$" in str(pairs[path])]


def verl_tuning(pairs: dict[str, Any], launched: int | None, catalogue: Catalogue) -> Imported:
    """Read the settings of verl's supervised fine-tuning (``verl/trainer/config/sft_trainer_engine.yaml``, and the older one).

    Parameters
    ----------
    pairs
        The settings, dotted.
    launched
        GPUs that a launcher starts; None where there is none.
    catalogue
        The records, for the model that is tuned.
    """
    reading, still = _open_values(pairs)
    put, integer = reading.put, reading.integer
    rank = integer("model.lora_rank", "model.lora.rank")
    reading.values["workload.stage"] = "lora" if rank else "sft"
    put("workload.lora_rank", rank or None)
    put("parallel.global_batch", integer("data.train_batch_size", least=1))
    put("parallel.micro_batch", integer("data.micro_batch_size_per_gpu", least=1))
    put("parallel.seq_len", integer("data.max_length", least=1))
    core = "megatron" in (reading.word("engine", "engine.strategy") or "")
    if core:
        for field, leaf in _CORE.items():
            put(f"parallel.{field}", integer(f"engine.{leaf}", least=1))
    else:
        put("parallel.cp", integer("ulysses_sequence_parallel_size", "engine.ulysses_sequence_parallel_size", least=1))
    for field in ("tp", "pp", "cp"):
        reading.default(f"parallel.{field}", 1)
    reading.default("parallel.zero_stage", 1 if core else 3)
    reading.values["parallel.stack"] = "megatron" if core else "other"
    again = reading.flag("model.enable_gradient_checkpointing")
    put("parallel.recompute", None if again is None else "full" if again else "none")
    moved = [reading.flag(f"{part}_offload") for part in ("engine.param", "engine.optimizer", "model.fsdp_config.cpu")]
    if any(value is not None for value in moved):
        reading.values["parallel.offload"] = "optimizer" if any(moved) else "none"
    reading.model_named(reading.raw("model.path", "model.partial_pretrain"), catalogue)
    _left(reading, pairs, still)
    each, nodes = integer("trainer.n_gpus_per_node", least=1), integer("trainer.nnodes", least=1)
    reading.accelerators = launched or (each * nodes if each and nodes else None)
    return reading.finish("verl")


_CORE: Final = {"tp": "tensor_model_parallel_size", "pp": "pipeline_model_parallel_size", "cp": "context_parallel_size",
                "ep": "expert_model_parallel_size", "etp": "expert_tensor_parallel_size"}  # fmt: skip
_TELLING: Final = re.compile(r"lora_rank$|lora\.rank$|parallel_size$|batch_size|nnodes$|n_gpus|_offload$|token_len|max_length$"
                             r"|(^|\.)dtype$|precision|fp8|recompute|mtp")  # fmt: skip
"""Paths that say something of the work, the memory or the machine, of which a person is told what was not taken."""


def _left(reading: Reading, pairs: dict[str, Any], still: list[str]) -> None:
    """List what was said and not taken, where it says something of the work; of the trainer's own parts only."""
    elsewhere = re.compile(r"(^|\.)(ref|critic|reward_model|reward|rollout|val|log_prob)(\.|_)|log_prob|val_batch")
    for path in [*still, *reading.untaken()]:
        if (
            _TELLING.search(path)
            and not elsewhere.search(path)
            and str(pairs.get(path)).lower() not in ("1", "0", "false", "none")
        ):
            reading.not_known(path, pairs.get(path))


def _actor(pairs: dict[str, str], text: str, catalogue: Catalogue) -> Imported:
    reading, still = _open_values(pairs)
    estimator = reading.word("algorithm.adv_estimator")
    reading.values["workload.stage"] = "ppo" if estimator in (None, "gae") else "grpo"
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
    megatron_actor = "megatron" in (reading.word("actor_rollout_ref.actor.strategy") or "") or any(
        path.startswith(_ACTOR + "megatron.") for path in pairs
    )
    if megatron_actor or "ppo_megatron_trainer" in text:
        for field, leaf in _CORE.items():
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
    reading.put("rollout.tp", reading.integer(_ROLLOUT + "tensor_model_parallel_size", least=1))
    engine = reading.word(_ROLLOUT + "name")
    reading.put("rollout.engine", _ENGINES.get(engine or "", None if engine is None else "other"))
    for path, value in pairs.items():
        if path.startswith(_ROLLOUT) and path.endswith("parallel_size") and "tensor_model" not in path and value != "1":
            reading.not_known(path, value)
    reading.model_named(reading.raw("actor_rollout_ref.model.path"), catalogue)
    each, nodes = reading.integer("trainer.n_gpus_per_node", least=1), reading.integer("trainer.nnodes", least=1)
    if each is not None and nodes is not None:
        reading.accelerators = each * nodes
    _left(reading, pairs, still)
    return reading.finish("verl")


def openrlhf(text: str, catalogue: Catalogue) -> Imported:
    """Read an OpenRLHF command: its trainer is DeepSpeed, its generator vLLM."""
    found, unresolved = megatron.arguments(text)
    gpus, _, _ = megatron.gpus_of(found, unresolved, text)
    reading = Reading(found, core_arguments.IGNORED)
    cli = re.search(r"openrlhf\.cli\.(\w+)", re.sub(r"(?m)^\s*#.*$", "", text))
    if cli is not None and not cli.group(1).startswith("train"):
        raise NamedRefusal("trains_nothing", tool=f"openrlhf.cli.{cli.group(1)}")
    reading.put("workload.stage", _STAGES.get(cli.group(1) if cli else ""))
    rank = reading.integer("lora_rank", "ds.lora.rank")
    if rank:
        reading.values |= {"workload.stage": "lora", "workload.lora_rank": rank}
    estimator = reading.word("advantage_estimator", "algo.advantage.estimator")
    if reading.values.get("workload.stage") == "ppo" and estimator not in (None, "gae"):
        reading.values["workload.stage"] = "grpo"  # no critic: advantages within a group of answers
    reading.put(
        "workload.responses_per_prompt",
        reading.integer("n_samples_per_prompt", "rollout.n_samples_per_prompt", least=1),
    )
    prompt = reading.integer("prompt_max_len", least=1)
    response = reading.integer("generate_max_len", "rollout.max_new_tokens", least=1)
    reading.put("workload.prompt_len", prompt)
    reading.put("workload.response_len", response)
    length = reading.integer("max_len", "data.max_len", least=1)
    reading.put("parallel.seq_len", length or (prompt + response if prompt and response else None))
    reading.put("parallel.global_batch", reading.integer("train_batch_size", "train.batch_size", least=1))
    reading.put("parallel.micro_batch", reading.integer("micro_train_batch_size", "train.micro_batch_size", least=1))
    reading.put("parallel.zero_stage", reading.integer("zero_stage", "ds.zero_stage"))
    reading.put("parallel.tp", reading.integer("ds_tensor_parallel_size", "ds.tensor_parallel_size", least=1))
    reading.put("parallel.cp", reading.integer("ring_attn_size", "ds.ring_attn_size", least=1))
    for field in ("tp", "pp"):
        reading.default(f"parallel.{field}", 1)
    word = reading.word("param_dtype", "ds.param_dtype")
    if reading.flag("bf16") or word in ("bf16", "fp16"):
        reading.values["parallel.precision"] = "fp16" if word == "fp16" else "bf16"
    again = ("gradient_checkpointing", "actor.gradient_checkpointing_enable", "model.gradient_checkpointing_enable")
    for path, keys, word in (
        ("recompute", again, "full"),
        ("offload", ("adam_offload", "ds.adam_offload"), "optimizer"),
    ):
        if str(reading.raw(*keys) or "").lower() not in ("", "false", "0"):
            reading.values[f"parallel.{path}"] = word
        reading.default(f"parallel.{path}", "none")
    reading.values["parallel.stack"] = "deepspeed"
    reading.put("rollout.tp", reading.integer("vllm_tensor_parallel_size", "vllm.tensor_parallel_size", least=1))
    if "rollout.tp" in reading.values:
        reading.values["rollout.engine"] = "vllm"
    for shared in ("colocate_all_models", "colocate_actor_ref", "colocate_critic_reward"):
        reading.flag(shared)
    reading.model_named(
        reading.raw("pretrain", "actor_model_name_or_path", "actor.model_name_or_path", "model.model_name_or_path"),
        catalogue,
    )
    for key in unresolved:
        reading.not_known(f"--{key}", unresolved[key])
    actors, each = (
        reading.integer("actor_num_nodes", "actor.num_nodes", least=1),
        reading.integer("actor_num_gpus_per_node", "actor.num_gpus_per_node", least=1),
    )
    reading.accelerators = actors * each if actors and each else gpus
    return reading.finish("OpenRLHF")


def nemo_rl(flat: dict[str, Any], catalogue: Catalogue) -> Imported:
    """Read NeMo RL's settings: ``policy`` is what is trained, by FSDP2 (``dtensor_cfg``) or Megatron Core.

    Keys: https://github.com/NVIDIA-NeMo/RL (``examples/configs``).

    Parameters
    ----------
    flat
        The settings, dotted.
    catalogue
        The records, for the model that the policy names.
    """
    reading = Reading(flat, _IGNORED)
    put, integer = reading.put, reading.integer
    stage = next((word for word in ("grpo", "dpo", "sft") if any(key.startswith(word + ".") for key in flat)), None)
    put("workload.stage", stage)
    put("parallel.global_batch", integer("policy.train_global_batch_size", least=1))
    put("parallel.micro_batch", integer("policy.train_micro_batch_size", least=1))
    put("parallel.seq_len", integer("policy.max_total_sequence_length", least=1))
    put("workload.responses_per_prompt", integer("grpo.num_generations_per_prompt", least=1))
    reading.choice(
        "parallel.precision", ("policy.precision",), {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}
    )
    core = reading.flag("policy.megatron_cfg.enabled") is True
    part = "policy.megatron_cfg." if core else "policy.dtensor_cfg."
    names = {"tp": "tensor_model_parallel_size", "pp": "pipeline_model_parallel_size", "ep": "expert_model_parallel_size"} \
        if core else {"tp": "tensor_parallel_size"}  # fmt: skip
    for field, leaf in {**names, "cp": "context_parallel_size"}.items():
        put(f"parallel.{field}", integer(part + leaf, least=1))
    for field in ("tp", "pp", "cp"):
        reading.default(f"parallel.{field}", 1)
    reading.default("parallel.zero_stage", 1 if core else 3)
    reading.values["parallel.stack"] = "megatron" if core else "other"
    again = reading.flag(part + "activation_checkpointing")
    put("parallel.recompute", None if again is None else "full" if again else "none")
    put("rollout.tp", integer("policy.generation.vllm_cfg.tensor_parallel_size", least=1))
    engine = reading.word("policy.generation.backend")
    put("rollout.engine", None if engine is None else _ENGINES.get(engine, "other"))
    reading.model_named(reading.raw("policy.model_name"), catalogue)
    each, nodes = integer("cluster.gpus_per_node", least=1), integer("cluster.num_nodes", least=1)
    reading.accelerators = each * nodes if each and nodes else None
    return reading.finish("NeMo RL")


def slime(text: str, origin: Origin) -> Imported:
    """Read a slime command: Megatron-LM's arguments of the actor, and options of the rollout beside them.

    Raises
    ------
    Refusal
        As Megatron-LM's reader.
    """
    script = script_of(text)
    found, unresolved = megatron.arguments(text)
    own = Reading({key: value for key, value in found.items() if _slime_option(key)}, _IGNORED)
    estimator = own.word("advantage_estimator")
    own.values["workload.stage"] = "ppo" if estimator in ("ppo", "gae") else "grpo"
    own.put("workload.responses_per_prompt", own.integer("n_samples_per_prompt", least=1))
    own.put("workload.response_len", own.integer("rollout_max_response_len", least=1))
    own.put("workload.prompt_len", own.integer("rollout_max_prompt_len", least=1))
    own.put("rollout.tp", own.integer("rollout_num_gpus_per_engine", least=1))
    own.values["rollout.engine"] = "sglang"
    nodes, each = own.integer("actor_num_nodes", least=1), own.integer("actor_num_gpus_per_node", least=1)
    rest = {key: value for key, value in found.items() if not _slime_option(key)}
    script.sourced = script.sourced or ["..."]  # half of the arguments always stands in another file
    reading = megatron.reading_of(rest, unresolved, script, text, origin, whole=False)
    reading.model_named(own.raw("hf_checkpoint"), origin.catalogue)
    reading.values |= own.values
    if nodes and each:
        reading.accelerators = nodes * each
    for key in own.untaken():
        if re.search(r"gpus|batch|tokens|buffer", key):
            reading.not_known(f"--{key.replace('_', '-')}", found[key])
    return reading.finish("slime")


def _slime_option(key: str) -> bool:
    return bool(re.match(r"(actor|rollout|critic|sglang|n_samples|advantage_|num_rollout|colocate|eval_|over_sampling|"
                         r"buffer|use_dynamic_batch|max_tokens_per_gpu|hf_checkpoint|ref_load)", key))  # fmt: skip
