"""torchtitan configurations: TOML of early releases in, today's command line in and out.

Sections and defaults: https://github.com/pytorch/torchtitan, ``torchtitan/config/job_config.py``; older spellings
(``training.batch_size``, ``experimental.pipeline_parallel_degree``...) are read too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.catalogue.catalogue import Catalogue, UnknownKey
from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.imported import Imported, Origin
from mitsumori.model.formats.reading import Reading, flattened
from mitsumori.model.formats.shapes import Shape

KNOWN: Final = frozenset(
    f"parallelism.{name}"
    for name in (
        "data_parallel_replicate_degree", "data_parallel_shard_degree", "tensor_parallel_degree", "pipeline_parallel_degree",
        "context_parallel_degree", "expert_parallel_degree", "expert_tensor_parallel_degree", "fsdp_reshard_after_forward",
        "pipeline_parallel_schedule", "enable_async_tensor_parallel", "pipeline_parallel_layers_per_stage",
    )
) | frozenset({
    "training.local_batch_size", "training.batch_size", "training.seq_len", "training.steps", "model.flavor",
    "activation_checkpoint.mode", "training.tensor_parallel_degree", "training.data_parallel_shard_degree",
    "training.data_parallel_degree", "experimental.pipeline_parallel_degree", "experimental.context_parallel_degree",
    "model.converters", "training.mixed_precision_param", "compile.enable",
    "training.num_tokens_per_microbatch_per_dp_rank", "training.num_tokens_per_train_step", "training.max_context_length",
})  # fmt: skip
_IGNORED: Final = re.compile(
    r"^(job|profiling|metrics|lr_scheduler|checkpoint|comm|validation|memory_estimation|fault_tolerance|debug)\."
    r"|^optimizer\.(?!name$)|^compile\.(?!enable$|components$)|^(float8|mx|quantize)\b|^activation_checkpoint\.(?!mode$)"
    r"|^model\.(print_after_conversion|norm_type|tokenizer_path|hf_assets_path|custom_args_module)"
    r"|^training\.(warmup_steps|max_norm|dataset|dataset_path|seed|deterministic|gc_freq|gc_debug|mixed_precision_reduce|dtype"
    r"|data_parallel_type|enable_cpu_offload_name|compile_name|rank_loss|debug_moe_force_load_balance)"
    r"|^parallelism\.(enable_(?!sequence)\w+|disable_loss_parallel|context_parallel_rotate_method|module_fqns_per_model_part"
    r"|pipeline_parallel_schedule_csv|expert_parallel_comm_backend|enable_compiled_autograd)"
    r"|^experimental\.(enable_\w+|custom_\w+|context_parallel_rotate_method|pipeline_parallel_schedule_csv)|^title$"
)
FLAVORS: Final = {
    ("llama3", "8B"): "llama3.1-8b", ("llama3", "70B"): "llama3.1-70b", ("llama3", "405B"): "llama3.1-405b",
    ("llama4", "17bx128e"): "llama4-maverick", ("deepseek_v3", "671B"): "deepseek-v3", ("qwen3", "0.6B"): "qwen3-0.6b",
    ("qwen3", "1.7B"): "qwen3-1.7b", ("qwen3", "4B"): "qwen3-4b", ("qwen3", "8B"): "qwen3-8b", ("qwen3", "14B"): "qwen3-14b",
    ("qwen3", "32B"): "qwen3-32b", ("qwen3", "30B-A3B"): "qwen3-30b-a3b", ("qwen3", "235B-A22B"): "qwen3-235b-a22b",
    ("gpt_oss", "20b"): "gpt-oss-20b", ("gpt_oss", "120b"): "gpt-oss-120b",
}  # fmt: skip
"""torchtitan's (name, flavor) and the catalogue key of the same model."""
_OLD_FLAVORS: Final = {("llama2", "7b"): "llama2-7b", ("llama2", "13b"): "llama2-13b", ("llama2", "70b"): "llama2-70b"}
"""Flavors of early releases, read but no longer written."""
SHAPES: Final[Mapping[tuple[str, str], Shape]] = {
    ("deepseek_v3", "16b"): {
        "layers": 27, "hidden": 2048, "ffn": 10_944, "heads": 16, "vocab": 102_400, "mla": 1, "q_lora_rank": 0,
        "kv_lora_rank": 512, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128, "moe_experts": 64, "moe_topk": 6,
        "moe_ffn": 1408, "moe_shared_ffn": 2816, "moe_dense_layers": 1,
    },
    ("deepseek_v3", "236b"): {
        "layers": 60, "hidden": 5120, "ffn": 12_288, "heads": 128, "vocab": 102_400, "mla": 1, "q_lora_rank": 1536,
        "kv_lora_rank": 512, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128, "moe_experts": 160, "moe_topk": 6,
        "moe_ffn": 1536, "moe_shared_ffn": 3072, "moe_dense_layers": 1,
    },
    ("llama4", "17bx16e"): {
        "layers": 48, "hidden": 5120, "heads": 40, "kv_heads": 8, "vocab": 202_048, "moe_experts": 16, "moe_topk": 1,
        "moe_ffn": 8192, "moe_shared_ffn": 8192,
    },
}  # fmt: skip
"""Flavours without a record in the catalogue: sizes of ``torchtitan/models/*/__init__.py`` (``_16b``, ``_236b`` at 0014ac2c;
Llama 4 at 00f555e1, its expert width by ``compute_moe_hidden_dim``). All are gated, untied, with RMSNorm and without biases."""
_BY_FLAVOR: Final = {(family, flavor.lower()): key for (family, flavor), key in FLAVORS.items()} | _OLD_FLAVORS


def recognised(data: Mapping[str, Any]) -> int:
    """How many of torchtitan's keys a parsed TOML document has."""
    return len(KNOWN & set(flattened(data)))


def read(data: Mapping[str, Any], origin: Origin, launched: int | None = None) -> Imported:
    """Read a parsed configuration; ``launched``: GPUs of the launcher. ``name`` is not needed: the file names its model.

    Parameters
    ----------
    data
        The parsed TOML document, or options of a command line by dotted name.
    origin
        Its name, and the records.
    launched
        GPUs that the launcher starts; None where there is no launcher.
    """
    reading = Reading(flattened(data), _IGNORED)
    layers = _model(reading, origin.catalogue)
    tp = _degree(reading, "tp", "parallelism.tensor_parallel_degree", "training.tensor_parallel_degree")
    pp = _degree(reading, "pp", "parallelism.pipeline_parallel_degree", "experimental.pipeline_parallel_degree")
    cp = _degree(reading, "cp", "parallelism.context_parallel_degree", "experimental.context_parallel_degree")
    _degree(reading, "ep", "parallelism.expert_parallel_degree", "experimental.expert_parallel_degree")
    _degree(reading, "etp", "parallelism.expert_tensor_parallel_degree")
    split = reading.flag("parallelism.enable_sequence_parallel")
    without = reading.flag("parallelism.no-enable_sequence_parallel")
    if split is not None or without is not None:
        reading.values["parallel.sp"] = split is not False and not without
    reading.default("parallel.sp", True)
    replicas = _replicas(reading, pp)
    if replicas is not None:
        reading.accelerators = replicas * tp * pp * cp
    if launched is not None:
        reading.accelerators = launched
        if replicas is None and launched % (tp * pp * cp) == 0:
            replicas = launched // (tp * pp * cp)
    _virtual_stages(reading, pp, layers)
    _batch(reading, pp, replicas)
    _precision(reading)
    if (
        str(reading.data.get("activation_checkpoint.mode")).lower() == "none"
        and "activation_checkpoint.mode" in reading.data
    ):
        reading.raw("activation_checkpoint.mode")
        reading.values["parallel.recompute"] = "none"
    else:
        modes = {"full": "full", "selective": "selective", "memory_budget": "selective"}
        reading.choice("parallel.recompute", ("activation_checkpoint.mode",), modes)
    reading.default("parallel.recompute", "selective")
    option = str(reading.data.get("activation_checkpoint.selective_ac_option", "op"))
    if reading.values["parallel.recompute"] == "selective" and option.isdigit():
        # every Nth whole layer is recomputed, not the attention core
        reading.not_known("activation_checkpoint.selective_ac_option", option)
    reading.choice(
        "parallel.optimizer", ("optimizer.name",), {"adamw": "adam", "adam": "adam", "muon": "muon", "sgd": "sgd"}
    )
    reading.default("parallel.optimizer", "adam")
    moved = reading.flag("training.enable_cpu_offload", "experimental.enable_fsdp_cpu_offload")
    if moved is not None:
        reading.values["parallel.offload"] = "optimizer,parameters" if moved else "none"
    reading.default("parallel.offload", "none")
    components = reading.raw("compile.components")
    whole = components is None or "model" in str(components)
    compiled = reading.flag("compile.enable", "training.compile")
    if compiled is not None:
        reading.values["parallel.compiled"] = compiled and whole
    reading.default("parallel.compiled", False)
    reading.values["parallel.stack"] = "torchtitan"
    reading.set_tokens(reading.number("training.steps"), None)
    return reading.finish("torchtitan")


def _model(reading: Reading, catalogue: Catalogue) -> int | None:
    """Set the preset of the file's flavour and return its layers."""
    family, flavor = reading.word("model.name"), reading.word("model.flavor")
    if flavor is None:
        return None
    if (family, flavor) == ("module", "config"):  # our own writer's places to be filled in
        return None
    today = {names: key for key, names in CONFIGURATIONS.items()}
    key = today.get((family or "", f"{family}_{flavor}")) or _BY_FLAVOR.get((family or "", flavor))
    if key is None and (shape := SHAPES.get((family or "", flavor))) is not None:
        plain = {"gated_mlp": 1, "norm_vectors": 1, "linear_bias": 0, "tied_embeddings": 0, "positions": 0}
        reading.shape = plain | shape
        reading.settle_shape(f"{family} {flavor}", None, catalogue)
        return int(shape["layers"])
    if key is None:
        reading.not_known("model.flavor", f"{family or '?'} {flavor}")
        return None
    try:
        record = catalogue.model(key)
    except UnknownKey:
        reading.not_known("model.flavor", f"{family} {flavor}")
        return None
    reading.values["model.preset"] = key
    return int(record.architecture["layers"])


def _degree(reading: Reading, field: str, *names: str) -> int:
    reading.put(f"parallel.{field}", reading.integer(*names, least=1))
    reading.default(f"parallel.{field}", 1)
    return int(reading.values[f"parallel.{field}"])


def _replicas(reading: Reading, pp: int) -> int | None:
    """Data-parallel size where the file fixes it; sets the ZeRO stage.

    Sharded data parallel is FSDP2: stage 3, or 2 where parameters stay gathered after the forward pass
    (``fsdp_reshard_after_forward``; by default only with pipeline parallel). Replicas alone are DDP, stage 0.
    """
    replicate = reading.integer(
        "parallelism.data_parallel_replicate_degree", "training.data_parallel_replicate_degree", least=1
    )
    shard = reading.raw(
        "parallelism.data_parallel_shard_degree", "training.data_parallel_shard_degree", "training.data_parallel_degree"
    )
    reshard = reading.word("parallelism.fsdp_reshard_after_forward") or "default"
    if reshard not in ("default", "always", "never"):
        reading.not_known("parallelism.fsdp_reshard_after_forward", reshard)
        reshard = "default"
    degree = -1
    if shard is not None and str(shard).strip() != "-1":
        degree = reading.integer(
            "parallelism.data_parallel_shard_degree", "training.data_parallel_shard_degree", "training.data_parallel_degree",
            least=1,
        ) or 1  # fmt: skip
    if degree == 1:
        reading.values["parallel.zero_stage"] = 0
    else:
        kept = reshard == "never" or (reshard == "default" and pp > 1)
        if shard is not None or reshard != "default":
            reading.values["parallel.zero_stage"] = 2 if kept else 3
        reading.default("parallel.zero_stage", 2 if kept else 3)
        if (replicate or 1) > 1:
            # hybrid sharding: a plan shards over all replicas
            reading.not_known("parallelism.data_parallel_replicate_degree", replicate)
    return None if degree == -1 else degree * (replicate or 1)


def stages_of(layers: int, per_stage: int, first: int, last: int) -> int:
    """Pipeline stages torchtitan makes: embedding and output count as ``first`` and ``last`` layers.

    Parameters
    ----------
    layers
        Decoder layers, at least 1.
    per_stage
        Layers of a stage, at least 1.
    first, last
        Layers that the embedding and the output count as, 0 or more.
    """
    return math.ceil((layers + first + last) / per_stage)


def _virtual_stages(reading: Reading, pp: int, layers: int | None) -> None:
    schedule = (
        reading.word("parallelism.pipeline_parallel_schedule", "experimental.pipeline_parallel_schedule") or "1f1b"
    )
    per_stage = reading.integer("parallelism.pipeline_parallel_layers_per_stage", least=1)
    first = reading.integer("parallelism.pipeline_parallel_first_stage_less_layers")
    last = reading.integer("parallelism.pipeline_parallel_last_stage_less_layers")
    if pp == 1:
        reading.default("parallel.vp", 1)
        return
    looped = schedule in ("interleaved1f1b", "interleavedzerobubble", "zbvzerobubble", "loopedbfs", "dualpipev")
    if schedule not in ("1f1b", "gpipe", "interleaved1f1b"):
        reading.not_known("parallelism.pipeline_parallel_schedule", schedule)
    if per_stage is None:
        reading.values["parallel.vp"] = 2 if looped else 1
    elif layers is None:
        reading.not_known("parallelism.pipeline_parallel_layers_per_stage", per_stage)
    else:
        stages = stages_of(layers, per_stage, 1 if first is None else first, 1 if last is None else last)
        reading.values["parallel.vp"] = max(1, stages // pp)


def _batch(reading: Reading, pp: int, replicas: int | None) -> None:
    """``local_batch_size`` is a replica's; with pipeline parallel it is cut into micro-batches, without it is one.

    On the main branch since November 2026 batches are counted in tokens of a micro-batch and of a step.
    """
    tokens = reading.integer(_BATCHED, least=1)
    length = reading.integer("training.max_context_length", least=1)
    if tokens is not None and length is not None:
        reading.values |= {"parallel.seq_len": length, "parallel.micro_batch": max(1, tokens // length)}
        whole = reading.raw("training.num_tokens_per_train_step")
        parts = reading.integer("parallelism.num_pp_microbatches", least=1) if pp > 1 else None
        if whole is not None and str(whole).strip() != "-1":
            step = reading.integer("training.num_tokens_per_train_step", least=1) or 1
            reading.values["parallel.global_batch"] = max(1, step // length)
        elif replicas is not None:
            reading.values["parallel.global_batch"] = max(1, tokens // length) * (parts or 1) * replicas
        return
    local = reading.integer("training.local_batch_size", "training.batch_size", least=1)
    micro = reading.integer("parallelism.pipeline_parallel_microbatch_size", least=1)
    whole = reading.raw("training.global_batch_size")
    reading.put("parallel.seq_len", reading.integer("training.seq_len", least=1))
    if pp > 1:
        reading.put("parallel.micro_batch", micro)
        reading.default("parallel.micro_batch", 1)
    else:
        reading.put("parallel.micro_batch", local)
    if whole is not None and str(whole).strip() != "-1":
        reading.put("parallel.global_batch", reading.integer("training.global_batch_size", least=1))
    elif local is not None and replicas is not None:
        reading.values["parallel.global_batch"] = local * replicas
    elif local is not None:
        reading.remark("local_batch", local=local)


def _precision(reading: Reading) -> None:
    converters = reading.raw("model.converters") or []
    words = [str(item).lower() for item in converters] if isinstance(converters, list) else [str(converters).lower()]
    base = reading.word("training.mixed_precision_param") or reading.word("training.dtype") or "bfloat16"
    precision = {"bfloat16": "bf16", "float32": "fp32", "float16": "fp16"}.get(base)
    if precision is None:
        reading.not_known("training.mixed_precision_param", base)
    said = "training.mixed_precision_param" in reading.data
    for word in words:
        if "mx" in word.split("."):
            precision, said = "mxfp8", True
        elif "float8" in word.split("."):
            precision, said = "fp8", True
        else:
            reading.not_known("model.converters", word)
    if reading.data.get("float8.enable_float8_linear") is True:
        precision, said = "fp8", True
    if precision is None:
        return
    if said:
        reading.values["parallel.precision"] = precision
    else:
        reading.default("parallel.precision", precision)


CONFIGURATIONS: Final = {
    "llama3.1-8b": ("llama3", "llama3_8b"), "llama3.1-70b": ("llama3", "llama3_70b"),
    "llama3.1-405b": ("llama3", "llama3_405b"),
    "deepseek-v3": ("deepseek_v3", "deepseek_v3_671b"), "qwen3-0.6b": ("qwen3", "qwen3_0_6b"),
    "qwen3-1.7b": ("qwen3", "qwen3_1_7b"), "qwen3-14b": ("qwen3", "qwen3_14b"), "qwen3-32b": ("qwen3", "qwen3_32b"),
    "qwen3-30b-a3b": ("qwen3", "qwen3_30b_a3b"),
    "gpt-oss-20b": ("gpt_oss", "gpt_oss_20b"), "gpt-oss-120b": ("gpt_oss", "gpt_oss_120b"),
}  # fmt: skip
"""Module and configuration function of release 0.3.0 (``torchtitan/models/*/config_registry.py``) by catalogue key (Llama 4
has left them)."""
_BATCHED: Final = "training.num_tokens_per_microbatch_per_dp_rank"


def write(choice: Choice) -> str:
    """The chosen layout as today's command line, batches counted in tokens; data paths stay the caller's.

    Release 0.3.0 still counts sequences: a comment has their numbers.

    Recomputation, compilation, optimizer and quantization are parts of the configuration function there and have no flags
    any more.
    """
    par = choice.par
    module, config = CONFIGURATIONS.get(choice.preset or "", ("MODULE", "CONFIG"))
    notes = [
        "#!/bin/sh",
        "# torchtitan, main branch of November 2026: flags as in torchtitan/config/training.py (f204eb63) and parallelism.py "
        "(15e24313).",
        f"# Release 0.3.0 counts sequences of {par.seq_len} tokens instead: {_local_batch(choice)} a replica, "
        f"{choice.global_batch} a step.",
    ]
    if choice.preset not in CONFIGURATIONS:
        choice.left_out.append("model")
        notes.append(
            "# torchtitan takes shapes from its own registries: put module and configuration of this model there."
        )
    choice.without("recompute", "compiled", "optimizer")
    flags = [f"--{_BATCHED} {par.micro_batch * par.seq_len}", f"--training.max_context_length {par.seq_len}"]
    flags += [f"--training.num_tokens_per_train_step {choice.global_batch * par.seq_len}"]
    flags += [f"--training.steps {choice.steps}"]
    if par.precision in ("fp32", "bf16"):
        flags.append(f"--training.mixed_precision_param {'float32' if par.precision == 'fp32' else 'bfloat16'}")
    else:
        choice.without("precision")
    if par.offload == "optimizer,parameters":
        flags.append("--training.enable_cpu_offload")
    elif par.offload != "none":
        choice.without("offload")
    flags += [f"--parallelism.{flag}" for flag in _parallelism(choice)]
    missing = [path for path in choice.left_out if path != "model"]
    notes += [f"# torchtitan has no flag for {path}: set it in the configuration function." for path in missing]
    command = f"torchrun --nnodes {choice.nodes} --nproc_per_node {choice.gpus_per_node} -m torchtitan.train"
    lines = [command, f"  --module {module} --config {config}", *(f"  {flag}" for flag in flags)]
    return "\n".join([*notes, " \\\n".join(lines), ""])


def _local_batch(choice: Choice) -> int:
    """Sequences of a replica in one step under pipeline parallel, of a micro-batch without (release 0.3.0)."""
    return choice.par.micro_batch * (choice.accumulation if choice.par.pp > 1 else 1)


def _parallelism(choice: Choice) -> list[str]:
    par, dp = choice.par, choice.dp
    sharded = par.zero_stage >= 1 and dp > 1
    flags = [
        f"data_parallel_replicate_degree {1 if sharded else dp}",
        f"data_parallel_shard_degree {dp if sharded else 1}",
    ]
    if par.zero_stage == 1 or (par.zero_stage > 1 and not sharded):
        # FSDP2 always shards gradients too; over one replica there is nothing to shard
        choice.without("zero_stage")
    if sharded:
        flags.append(f"fsdp_reshard_after_forward {'always' if par.zero_stage == 3 else 'never'}")
    flags += [
        f"tensor_parallel_degree {par.tp}", f"pipeline_parallel_degree {par.pp}", f"context_parallel_degree {par.cp}",
        f"expert_parallel_degree {par.ep}",
    ]  # fmt: skip
    if par.etp != 1:
        choice.without("etp")
    if par.tp > 1:
        flags.append("enable_sequence_parallel" if par.sp else "no-enable_sequence_parallel")
    if par.pp == 1:
        return flags
    flags.append(f"pipeline_parallel_schedule {'1F1B' if par.vp == 1 else 'Interleaved1F1B'}")
    flags.append(f"num_pp_microbatches {choice.global_batch // (choice.dp * par.micro_batch)}")
    if par.vp > 1:
        layers, stages = choice.shape["layers"], par.vp * par.pp
        fitting = [
            (n, less) for less in (1, 0) for n in range(1, layers + 3) if stages_of(layers, n, less, less) == stages
        ]
        if fitting and choice.preset in CONFIGURATIONS:
            per_stage, less = fitting[-1] if not fitting[0][1] else fitting[0]
            flags.append(f"pipeline_parallel_layers_per_stage {per_stage}")
            flags += [f"pipeline_parallel_{end}_stage_less_layers {less}" for end in ("first", "last")]
        elif par.vp != 2:
            choice.without("vp")
    return flags
