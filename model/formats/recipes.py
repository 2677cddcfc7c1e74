"""YAML and JSON settings of other trainers: GPT-NeoX, axolotl, LLaMA-Factory, accelerate, torchtune, MaxText, Trainer.

They share most words, so one reader takes them all; what each is known by stands in a table. Keys: the projects'
documentation (EleutherAI/gpt-neox, axolotl-ai-cloud/axolotl, hiyouga/LLaMA-Factory, huggingface/accelerate and transformers,
pytorch/torchtune, AI-Hypercomputer/maxtext).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml

from mitsumori.model.formats import megatron, nemo, recipe_models, rl_launchers
from mitsumori.model.formats.experts import refuse_untaken
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin, shown
from mitsumori.model.formats.interpolation import resolved
from mitsumori.model.formats.reading import Reading, flattened
from mitsumori.model.formats.recipe_models import under
from mitsumori.model.formats.shell import Script

_MOST_ALIASES: Final = 8
_MOST_KEYS: Final = 5000
IGNORED: Final = re.compile(
    r"path|dataset|data_file|(^|[._])(lr|seed|output|wandb|log|save|eval|val|warmup|scheduler|weight_decay|beta|eps|momentum"
    r"|num_workers|name|dir|hub|tokenizer|template|report|resume|machine_rank|main_process|same_network|rdzv|downcast|use_cpu"
    r"|tpu|debug|metric|profiler|checkpointer|train_on|special|shuffle|run|load|plot|preprocess|trust|dynamo|compute_env"
    r"|enable_cpu_affinity|flash|learning|clip|cutoff_ratio|_component_|model_type|lora_alpha|lora_dropout|lora_target|lora_attn"
    r"|apply_lora|use_fsdp|train_type|tuner_type|overwrite|logging|padding|pad_to|group_by|dropout|fsdp_(?!sharding|version|activation|offload|reshard)\w+)"
)
_FINETUNE: Final = {"lora": "lora", "qlora": "qlora", "full": "sft", "dora": "lora"}
STAGES: Final = {"pt": "continual", "sft": "sft", "dpo": "dpo", "ppo": "ppo", "kto": "dpo", "grpo": "grpo"}
_PREFERENCES: Final = {"ipo": "dpo", "orpo": "dpo", "simpo": "dpo", "cpo": "dpo"}
"""Ways of learning from preferred answers that a plan takes as DPO; which of them it is, is left aside."""
_SHARDING: Final = {
    "full_shard": 3,
    "hybrid_shard": 3,
    "shard_grad_op": 2,
    "no_shard": 0,
    "1": 3,
    "2": 2,
    "3": 0,
    "4": 3,
}
_WORDS: Final = {
    "bf16": "bf16", "bf16-true": "bf16", "bf16-mixed": "bf16", "bfloat16": "bf16", "amp_bf16": "bf16", "fp16": "fp16",
    "float16": "fp16", "amp_fp16": "fp16", "16-mixed": "fp16", "16": "fp16", "fp32": "fp32", "float32": "fp32",
    "32-true": "fp32", "no": "fp32", "fp8": "fp8",
}  # fmt: skip


CHECKPOINT: Final = ("base_model", "model_name_or_path", "model_name", "model_id_or_path", "model")
"""Keys under which the trainers name the checkpoint that they start from."""


class _Loader(yaml.SafeLoader):
    """YAML without doubled keys."""


def _single(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | float | bool) or key in found:
            raise NamedRefusal("key_twice", name=shown(str(key), 60))
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _single)


def yaml_of(text: str) -> dict[str, Any] | None:
    """A YAML mapping; None when the text is none. Aliases are few, so that no small file unfolds into a large one."""
    braced = re.match(r"(\s*#[^\n]*\n|\s)*\{", text) is not None  # one mapping in braces, comments before it (GPT-NeoX)
    if not re.search(r"(?m)^%s[\"']?[\w.-]+[\"']?\s*:(\s|$)" % (r"[ \t{]*" if braced else ""), text):
        return None
    if len(re.findall(r"(?m)(^|[\s,\[{:])\*\w", text)) > _MOST_ALIASES or re.search(
        r"^(\s*[-\[{]){60}|^ {400}", text, re.M
    ):
        return None
    try:
        data = yaml.load(text, _Loader)
    except NamedRefusal:
        if re.search(r"(?m)(^|\s)--[a-z]", text):  # a script, in which a line happened to look like a key
            return None
        raise
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return None
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else None


def _has(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda data: all(name in data for name in names)


def _nemo_like(data: Mapping[str, Any]) -> bool:
    inside = set(under(data, "model")) | set(under(data, "train")) | set(under(data, "trainer"))
    known = inside & (megatron.KNOWN | {"num_nodes", "num_moe_experts"})
    return len(known) > 1 or any("parallel" in name or "batch" in name for name in known)


KINDS: Final[tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...]] = (
    ("adapter", _has("peft_type")),
    ("quantization", lambda data: "producer" in data and "quantization" in data),
    ("Meta params.json", _has("dim", "n_layers", "n_heads")),
    ("Megatron-LM CI", lambda data: bool(under(data, "MODEL_ARGS"))),
    ("GPT-NeoX", lambda data: bool({"pipe_parallel_size", "pipe-parallel-size", "model_parallel_size", "model-parallel-size"}
                                   & set(data)) and bool({"num_layers", "num-layers"} & set(data))),
    ("accelerate", _has("distributed_type")),
    ("MaxText", lambda data: "base_emb_dim" in data or {"model_name", "max_target_length"} <= set(data)),
    ("torchtune", lambda data: any(str(under(data, part).get("_component_", "")).startswith("torchtune")
                                   for part in ("model", "policy_model", "tokenizer"))),
    ("LLaMA-Factory", lambda data: "finetuning_type" in data or "cutoff_len" in data),
    ("axolotl", lambda data: "base_model" in data and bool({"sequence_len", "micro_batch_size", "adapter"} & set(data))),
    ("LitGPT", lambda data: "train" in data and bool({"model_name", "checkpoint_dir"} & set(data))
                and bool({"max_seq_length", "max_tokens", "micro_batch_size"} & set(under(data, "train")))),
    ("nanotron", lambda data: "parallelism" in data and "tokens" in data and bool(under(under(data, "model"), "model_config"))),
    ("LLM Foundry", lambda data: "max_seq_len" in data and "d_model" in under(data, "model")),
    ("NeMo RL", lambda data: "model_name" in under(data, "policy") and "train_global_batch_size" in under(data, "policy")),
    ("verl", lambda data: "actor" in under(data, "actor_rollout_ref")),
    ("verl SFT", lambda data: {"train_batch_size", "micro_batch_size_per_gpu"} <= set(under(data, "data"))
                  and "trainer" in data),
    ("NeMo / Megatron-Bridge", _nemo_like),
    ("Hugging Face Trainer", _has("per_device_train_batch_size")),
)  # fmt: skip
"""What a file is known by, the most telling first."""


def kind_of(data: Mapping[str, Any]) -> str | None:
    """Which trainer's settings a mapping holds; None when none that is known."""
    return next((name for name, test in KINDS if test(data)), None)


def read(data: Mapping[str, Any], kind: str, origin: Origin) -> Imported:
    """Read settings of a kind that :func:`kind_of` named.

    Parameters
    ----------
    data
        The parsed YAML or JSON mapping.
    kind
        A name that :func:`kind_of` gave.
    origin
        Its name, and the records.

    Raises
    ------
    Refusal
        For a kind that is recognised and not taken, and for a file in which nothing could be read.
    """
    if kind == "adapter":
        base = shown(data.get("base_model_name_or_path") or "?", 80)
        raise NamedRefusal("adapter", kind=shown(data["peft_type"], 20), rank=shown(data.get("r", "?"), 10), base=base)
    if kind == "quantization":
        raise NamedRefusal("recognised_only", what="hf_quant_config.json", instead="config.json")
    if kind == "Megatron-LM CI":
        found = {
            str(key).lstrip("-").replace("-", "_").lower(): True
            if value is None
            else value
            if isinstance(value, bool)
            else str(value)
            for key, value in under(data, "MODEL_ARGS").items()
        }
        return megatron.read_arguments(found, {}, Script(), "", origin)
    if kind == "NeMo / Megatron-Bridge":
        return nemo.read_pairs(_flat(data), origin)
    if kind == "verl":
        return rl_launchers.verl_settings(_flat(data), origin.catalogue)
    if kind == "verl SFT":
        return rl_launchers.verl_tuning(_flat(data), None, origin.catalogue)
    if kind == "NeMo RL":
        return rl_launchers.nemo_rl(_flat(data), origin.catalogue)
    said = {key.replace("-", "_"): value for key, value in _flat(data).items()}
    reading = Reading({key: value for key, value in said.items() if "${" not in str(value)}, IGNORED)
    for key, value in said.items():
        if key not in reading.data and not IGNORED.search(key):
            reading.not_known(key, value)  # a reference to what only the machine knows
    if (
        kind == "LLaMA-Factory"
        and {"infer_backend", "export_dir", "eval_dataset", "save_name"} & set(data)
        and not ({"per_device_train_batch_size", "stage", "do_train"} & set(data))
    ):
        raise NamedRefusal("trains_nothing", tool=kind)
    if kind == "LLaMA-Factory" and reading.flag("disable_gradient_checkpointing") is not True:
        reading.default("parallel.recompute", "full")  # on unless it is switched off
    if kind == "GPT-NeoX":
        recipe_models.neox(reading)
    elif kind == "Meta params.json":
        recipe_models.meta(reading)
    elif kind == "MaxText":
        recipe_models.maxtext(reading)
    elif kind == "torchtune":
        recipe_models.torchtune(reading, origin.catalogue)
    elif kind == "LLM Foundry":
        recipe_models.foundry(reading)
    elif kind == "nanotron":
        recipe_models.nanotron(reading)
    elif kind == "Hugging Face Trainer" and "num_generations" in data:  # TRL's settings of GRPO
        generation(reading)
        reading.values["workload.stage"] = "grpo"
    elif kind == "LitGPT" and (tokens := reading.number("train.max_tokens")) is not None and 1e3 <= tokens <= 1e16:
        reading.values["workload.tokens"] = tokens
    trainer(reading, kind)
    if reading.shape:
        refuse_untaken(reading, known=True, tool=kind)
    if not reading.values and not reading.shape:
        raise NamedRefusal("nothing_read", tool=kind)
    reading.values.setdefault("parallel.stack", "other")
    base = reading.raw(*CHECKPOINT, *(("checkpoint_dir",) if kind == "LitGPT" else ()))
    reading.settle_shape(f"{origin.name} {base or ''}", reading.values.get("parallel.seq_len"), origin.catalogue)
    reading.model_named(base, origin.catalogue)
    return reading.finish(kind)


def generation(reading: Reading) -> None:
    """TRL's options of generated answers; the generator's own layout is the rollout's."""
    prompt = reading.integer("max_prompt_length", least=1)
    answer = reading.integer("max_completion_length", "max_new_tokens", "trl.max_completion_length", least=1)
    reading.put("workload.prompt_len", prompt)
    reading.put("workload.response_len", answer)
    if prompt and answer:
        reading.values.setdefault("parallel.seq_len", prompt + answer)
    reading.put("workload.responses_per_prompt", reading.integer("num_generations", "trl.num_generations", least=1))
    reading.put("rollout.tp", reading.integer("vllm_tensor_parallel_size", "vllm.tensor_parallel_size",
                                              "trl.vllm_tensor_parallel_size", least=1))  # fmt: skip


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    flat = flattened(data)
    if len(flat) > _MOST_KEYS:
        raise NamedRefusal("too_many_keys", most=f"{_MOST_KEYS:,}")
    return resolved(flat)


def trainer(reading: Reading, kind: str) -> None:
    """Words that the trainers share: batch, length, precision, sharding, recomputation, LoRA, GPUs."""
    put, integer = reading.put, reading.integer
    put("parallel.micro_batch", integer("micro_batch_size", "per_device_train_batch_size", "train_micro_batch_size_per_gpu",
                                        "per_device_batch_size", "train.micro_batch_size", "batch_size",
                                        "device_train_microbatch_size", least=1))  # fmt: skip
    steps = integer("gradient_accumulation_steps", "gas", least=1)
    put("parallel.seq_len", integer("sequence_len", "cutoff_len", "max_seq_length", "tokenizer.max_seq_len",
                                    "max_target_length", "seq_length", "max_length", "block_size", "max_seq_len",
                                    "train.max_seq_length", "model_max_length", "tokens.sequence_length",
                                    least=1))  # fmt: skip
    put("parallel.global_batch", integer("global_batch_size", "train_batch_size", "train.global_batch_size",
                                         "global_train_batch_size", least=1))  # fmt: skip
    if "micro_batch_size" in reading.data and "batch_size" in reading.data:  # alpaca-lora: the second is of all GPUs
        put("parallel.global_batch", integer("batch_size", least=1))
    _axes(reading)
    if kind == "accelerate":
        _accelerate_megatron(reading)
    _tuning(reading, kind)
    _numbers(reading)
    _sharding(reading, kind)
    _recomputing(reading)
    optimizer = reading.word("optim", "optimizer", "optimizer.type", "opt_type", "optimizer._component_")
    if optimizer is not None:
        word = (
            "adam8bit"
            if "8bit" in optimizer
            else next((w for w in ("adafactor", "muon", "adam", "sgd") if w in optimizer), None)
        )
        put("parallel.optimizer", word)
        if word is None:
            reading.not_known("optimizer", optimizer)
    gpus, nodes = integer("num_processes", least=1), integer("num_machines", "num_nodes", least=1)
    if gpus is not None:
        reading.accelerators = gpus
    elif nodes is not None and (each := integer("num_gpus", "gpus_per_node", "devices", least=1)) is not None:
        reading.accelerators = nodes * each
    elif kind == "LitGPT" and (each := integer("devices", least=1)) is not None:
        reading.accelerators = each
    _accumulated(reading)
    if steps and "parallel.global_batch" not in reading.values:
        reading.remark("accumulation_alone", steps=steps)
    reading.set_tokens(reading.number("max_steps", "train_iters", "steps"), None)


_AXES: Final = {
    "tp": ("tensor_parallel_size", "tensor_model_parallel_size", "parallelism_config.parallelism_config_tp_size",
           "tensor_parallel_dim", "tp_size"),
    "pp": ("pipeline_model_parallel_size",),
    "cp": ("context_parallel_size", "sequence_parallel_degree", "sequence_parallel_size", "context_parallel_dim",
           "parallelism_config.parallelism_config_cp_size", "parallelism_config.parallelism_config_sp_size"),
    "ep": ("expert_parallel_size", "expert_model_parallel_size"),
}  # fmt: skip
"""Axes of axolotl, accelerate, torchtune and ms-swift beside the sharding."""


def _axes(reading: Reading) -> None:
    for field, names in _AXES.items():
        reading.put(f"parallel.{field}", reading.integer(*names, least=1))
    # The sharded and the replicated ranks follow from the GPUs.
    reading.raw("dp_shard_size", "dp_replicate_size", "data_parallel_shard_dim", "data_parallel_replicate_dim",
                *(f"parallelism_config.parallelism_config_dp_{part}_size" for part in ("shard", "replicate")))  # fmt: skip


def _accelerate_megatron(reading: Reading) -> None:
    """Accelerate's Megatron-LM plugin (``megatron_lm_config``); options: accelerate's ``MegatronLMPlugin``."""
    name = "megatron_lm_config.megatron_lm_"
    if reading.word("distributed_type") != "megatron_lm":
        return
    for field, leaf in (("tp", "tp_degree"), ("pp", "pp_degree")):
        reading.put(f"parallel.{field}", reading.integer(name + leaf, least=1))
        reading.default(f"parallel.{field}", 1)
    reading.put("parallel.sp", reading.flag(name + "sequence_parallelism"))
    again, sharded = reading.flag(name + "recompute_activations"), reading.flag(name + "use_distributed_optimizer")
    if again is not None:
        reading.values["parallel.recompute"] = "selective" if again else "none"
    if sharded is not None:
        reading.values["parallel.zero_stage"] = int(sharded)
    reading.values["parallel.stack"] = "megatron"


def _accumulated(reading: Reading) -> None:
    """The global batch from micro-batch, accumulation and replicas, where all are known."""
    micro, steps = (
        reading.values.get("parallel.micro_batch"),
        reading.integer("gradient_accumulation_steps", "gas", least=1),
    )
    split = math.prod(reading.values.get(f"parallel.{axis}", 1) for axis in ("tp", "pp", "cp"))
    if micro and steps and reading.accelerators and "parallel.global_batch" not in reading.values:
        reading.values["parallel.global_batch"] = micro * steps * (reading.accelerators // split)


def _tuning(reading: Reading, kind: str) -> None:
    way = reading.word("adapter", "finetuning_type", "train_type", "tuner_type")
    if way is not None and way not in _FINETUNE:
        reading.not_known(
            next(name for name in ("adapter", "finetuning_type", "train_type", "tuner_type") if name in reading.data),
            way,
        )
    stage, rank = (
        reading.word("stage", "rl", "rlhf_type"),
        reading.integer("lora_r", "lora_rank", "model.lora_rank", least=1),
    )
    if kind == "axolotl" and way is None:
        rank = None  # options of an adapter that the file does not ask for
    if way is not None or stage is not None or rank is not None:
        tuned = _FINETUNE.get(way or ("lora" if rank else "full"), "sft")
        component = reading.word("model._component_") or ""
        quantized = (
            reading.flag("load_in_4bit", "model.quantize_base", "q_lora", "use_4bit_quantization", "use_4bit")
            or reading.integer("quantization_bit")
            or ".qlora_" in component
        )
        quantized = quantized or (reading.word("quantize") or "").startswith("bnb")
        plain = (STAGES | _PREFERENCES).get(stage or "sft", "sft")
        if stage in _PREFERENCES or (stage is not None and stage not in STAGES):
            reading.not_known("rl" if "rl" in reading.data else "stage", stage)
        if plain == "grpo":
            generation(reading)
        reading.values["workload.stage"] = (
            ("qlora" if quantized else tuned) if tuned != "sft" and plain == "sft" else plain
        )
        if tuned != "sft":
            reading.put("workload.lora_rank", rank)


def _numbers(reading: Reading) -> None:
    if reading.word("fp16.type") == "bfloat16" and reading.flag("fp16.enabled") is not False:
        reading.values["parallel.precision"] = "bf16"  # GPT-NeoX
    for name in ("bf16", "fp16", "bf16.enabled", "fp16.enabled", "pure_bf16"):
        value = reading.raw(name)
        if str(value).lower() in ("true", "yes", "auto", "full") and "parallel.precision" not in reading.values:
            reading.values["parallel.precision"] = "fp16" if "fp16" in name else "bf16"
    word = reading.word("mixed_precision", "dtype", "precision", "torch_dtype", "model.dtype")
    if word is not None:
        reading.put("parallel.precision", _WORDS.get(word))
        if word not in _WORDS:
            reading.not_known("dtype", word)


def _sharding(reading: Reading, kind: str) -> None:
    stage = reading.integer("zero_optimization.stage", "deepspeed_config.zero_stage", "zero_stage",
                            "deepspeed.zero_optimization.stage")  # fmt: skip
    if (file := reading.word("deepspeed", "deepspeed_config_file")) is not None:
        found = re.search(r"(?:z(?:ero)?|stage|(?:^|[_-])s)_?([0-3])", file.rpartition("/")[2])
        stage = int(found.group(1)) if found else stage
        said = re.search(r"bf16|fp16", file.rpartition("/")[2])  # zero3_bf16.json, as axolotl ships its files
        if said is not None and "parallel.precision" not in reading.values:
            reading.values["parallel.precision"] = said.group(0)
        if stage is None:
            reading.not_known("deepspeed", file)
        if re.search(r"(?<!no_)(?<!no)(?<!without_)offload", file.rpartition("/")[2]) and stage in (
            2,
            3,
        ):  # ds_z3_offload_config.json, as LLaMA-Factory ships it
            reading.values["parallel.offload"] = "optimizer,parameters" if stage == 3 else "optimizer"
        reading.values["parallel.stack"] = "deepspeed"
    strategy = reading.word("fsdp_config.fsdp_sharding_strategy", "fsdp_sharding_strategy", "sharding_strategy",
                            "fsdp_config.sharding_strategy")  # fmt: skip
    version = reading.integer("fsdp_config.fsdp_version", "fsdp_version")
    fsdp = reading.raw("fsdp")
    distributed = reading.word("distributed_type")
    again = reading.flag("fsdp_config.fsdp_reshard_after_forward", "fsdp_config.reshard_after_forward",
                         "fsdp_reshard_after_forward") if version == 2 else None  # fmt: skip
    if strategy is not None:
        stage = _SHARDING.get(strategy, stage)
    elif stage is None and again is not None:  # FSDP2: weights kept whole between forward and backward are ZeRO-2
        stage = 3 if again else 2
    elif stage is None and (fsdp or distributed == "fsdp" or version or kind in ("MaxText", "torchtune")):
        stage = 3
    elif stage is None and distributed == "multi_gpu":
        stage = 0
    moved = reading.flag(
        "fsdp_config.fsdp_offload_params", "fsdp_offload_params", "fsdp_config.offload_params", "fsdp_cpu_offload"
    )
    if moved is not None:
        reading.values["parallel.offload"] = "optimizer,parameters" if moved else "none"
    states = reading.word(
        "deepspeed_config.offload_optimizer_device", "deepspeed.zero_optimization.offload_optimizer.device"
    )
    weights = reading.word("deepspeed_config.offload_param_device", "deepspeed.zero_optimization.offload_param.device")
    if states is not None or weights is not None:
        away = {"optimizer": states, "parameters": weights}
        found_away = [part for part, device in away.items() if device not in (None, "none")]
        reading.values["parallel.offload"] = ",".join(found_away) or "none"
    if kind in ("GPT-NeoX",) or distributed == "deepspeed":
        reading.values["parallel.stack"] = "deepspeed"
    if stage is not None:
        reading.values["parallel.zero_stage"] = stage
        for field in ("tp", "pp", "cp"):
            reading.default(f"parallel.{field}", 1)


def _recomputing(reading: Reading) -> None:
    names = (
        "gradient_checkpointing", "enable_activation_checkpointing", "fsdp_config.fsdp_activation_checkpointing",
        "fsdp_activation_checkpointing", "checkpoint_activations", "activation_checkpointing.partition_activations",
    )  # fmt: skip
    said = [reading.raw(name) for name in names if name in reading.data]
    if any(str(value).lower() in ("true", "yes", "1", "offload", "offload_disk", "unsloth") for value in said):
        reading.values["parallel.recompute"] = "full"
    elif any(value is False or str(value).lower() == "false" for value in said):
        reading.values["parallel.recompute"] = "none"
    if reading.flag("disable_gradient_checkpointing"):
        reading.values["parallel.recompute"] = "none"
    policy = reading.word("remat_policy")
    if policy is not None:
        table = {"full": "full", "minimal": "selective", "none": "none"}
        kept = (
            "selective" if policy.startswith(("save_", "minimal_")) else None
        )  # some products are kept, the rest made again
        reading.put("parallel.recompute", table.get(policy, kept))
        if policy not in table and kept is None:
            reading.not_known("remat_policy", policy)
