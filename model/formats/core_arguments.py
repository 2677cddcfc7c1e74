"""Megatron Core's vocabulary: the argument names that Megatron-LM, NeMo and Megatron-Bridge share.

One interpreter for all three. Names are those of Megatron-LM's ``megatron/training/arguments.py`` with underscores
(https://github.com/NVIDIA/Megatron-LM) and of ``TransformerConfig``; deprecated spellings stand beside the current ones.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.reading import NOTHING, Reading
from mitsumori.model.formats.recipe_options import read_recipe
from mitsumori.model.formats.shapes import Shape

IGNORED: Final = re.compile(
    r"(^|[._])(lr|min_lr|max_lr|weight_decay|clip_grad|seed|data_path|split|save|load|log|logging|log_interval|eval_\w+"
    r"|save_interval|log_\w+|tensorboard\w*|wandb\w*|init_method\w*|adam_beta[12]|adam_eps|beta[12]|sgd_momentum|tokenizer\w*"
    r"|vocab_file|merge_file|distributed_backend|distributed_timeout_minutes|num_workers|data_cache_path"
    r"|hidden_dropout|attention_dropout|norm_epsilon|layernorm_epsilon|rotary_\w+|rope_\w+|use_rope_scaling"
    r"|use_mcore_models|use_legacy_models|use_checkpoint_args|no_\w+|ckpt_\w+|dist_ckpt\w*|async_save|auto_detect_ckpt_format"
    r"|checkpoint|checkpoint_\w+|master_\w+|node_rank|rdzv_\w+|rank|max_restarts|tee|log_dir|role|mock_data|dataloader_type"
    r"|masked_softmax_fusion|bias_\w+_fusion|apply_\w+|attention_softmax_in_fp32|qk_layernorm|qk_l2_norm|dataset\.\w*path\w*"
    r"|lr_\w+|start_weight_decay|end_weight_decay|moe_aux_loss_coeff|moe_z_loss_coeff|moe_router_(?!topk$)\w+|moe_grouped_gemm"
    r"|moe_token_dispatcher_type|moe_permute_fusion|moe_pad_expert_input_to_capacity|moe_expert_capacity_factor"
    r"|moe_token_drop_policy|moe_enable_deepep|cross_entropy\w*|tp_comm\w*|overlap_\w+|ddp_\w+|grad_reduce_in_bf16"
    r"|accumulate_allreduce_grads_in_fp32|defer_embedding_wgrad_compute|align_\w+|manual_gc\w*|timing_log\w*|exit_\w+"
    r"|loss_scale|initial_loss_scale|min_loss_scale|loss_scale_window|hysteresis|squared_relu_name|name|project|exp_dir"
    r"|create_attention_mask_in_dataloader|reset_\w+|eod_mask_loss|use_distributed_sampler|fp8_amax\w*|fp8_margin"
    r"|fp8_interval|first_last_layers_bf16|fp8_wgrad|fp8_param\w*|enable_experimental|mscale\w*|yarn_\w+|original_max_position_embeddings|beta_(fast|slow)"
    r"|mtp_loss_scaling_factor|attention_backend_name|cuda_graph\w*|enable_cuda_graph|external_cuda_graph|high_priority_stream_groups"
    r"|legacy_tokenizer|train_data_path|valid_data_path|test_data_path|per_split_data_args_path|finetune|override_opt_param_scheduler"
    r"|use_tokenizer_model_from_checkpoint_args|num_dataset_builder_threads|deterministic_mode|gradient_accumulation_fusion"
    r"|nccl_\w+|calculate_per_token_loss|empty_unused_memory_level|tiktoken_\w+|profile\w*|train_script|num_gpus|hostfile"
    r"|include|exclude|deepspeed|deepspeed_config|use_pytorch_profiler|rerun_mode|fault_tolerance|enable_ft_package|ft_\w+"
    r"|inprocess_\w+|record_memory_history|memory_snapshot_path|vocab_extra_ids|account|partition|job_name|container_image|time_limit|explicit_log_dir|create_\w+_callback"
    r"|nv|bind|rm|ipc|shm_size|ulimit|network|volume|mount|workdir|container_\w+|npernode|map_by|bind_to|mca)$"
)
"""Keys that change neither memory nor the order of magnitude of a step."""

_PRECISION_RECIPES: Final = {
    "delayed": "fp8", "tensorwise": "fp8", "current": "fp8", "blockwise": "fp8", "subchannel": "fp8", "mxfp8": "mxfp8",
    "nvfp4": "nvfp4",
}  # fmt: skip
_OPTIMIZERS: Final = {
    "adam": "adam", "adamw": "adam", "fused_adam": "adam", "distributed_fused_adam": "adam", "mcore_distributed_optim": "adam",
    "megatron_fused_adam": "adam", "sgd": "sgd", "muon": "muon", "dist_muon": "muon", "adafactor": "adafactor",
}  # fmt: skip
_SHARDING: Final = {"no_shard": 0, "optim": 1, "optim_grads": 2, "optim_grads_params": 3}
_PRECISION_WORDS: Final = {
    "bf16": "bf16", "bf16-mixed": "bf16", "bf16_mixed": "bf16", "bf16-true": "bf16", "16": "fp16", "fp16": "fp16",
    "16-mixed": "fp16", "fp16_mixed": "fp16", "32": "fp32", "fp32": "fp32", "32-true": "fp32",
    "bf16_with_fp8_mixed": "fp8", "bf16_with_fp8_delayed_scaling_mixed": "fp8", "bf16_with_fp8_current_scaling_mixed": "fp8",
    "bf16_with_fp8_subchannel_scaling_mixed": "fp8", "bf16_with_mxfp8_mixed": "mxfp8", "bf16_with_nvfp4_mixed": "nvfp4",
    "fp16_with_fp8_mixed": "fp8", "fp16_with_mxfp8_mixed": "mxfp8", "nemotron_h_bf16_with_fp8_current_scaling_mixed": "fp8",
}  # fmt: skip


def interpret(reading: Reading, whole: bool) -> None:
    """Read every argument of Megatron Core into plan values and a shape.

    Parameters
    ----------
    reading
        The file's keys, underscored and without prefixes.
    whole
        True for a complete command line, where an absent argument takes Megatron-LM's default; false for overrides
        on a recipe, where an absent one stays the recipe's and is listed as missing.
    """
    tp = reading.integer("tensor_model_parallel_size", "model_parallel_size", least=1)
    _layout(reading, tp, whole)
    reading.shape = _shape(reading, tp or 1, whole)
    _gated(reading)
    _virtual_stages(reading, whole)
    _training(reading, whole)


def _gated(reading: Reading) -> None:
    """A gate on attention's output, as wide as its projection."""
    if reading.shape and reading.flag("attention_output_gate", "use_gated_attention"):
        reading.shape["attention_gate"] = 1


def _layout(reading: Reading, tp: int | None, whole: bool) -> None:
    reading.put("parallel.tp", tp)
    reading.put("parallel.pp", reading.integer("pipeline_model_parallel_size", least=1))
    reading.put("parallel.cp", reading.integer("context_parallel_size", "ds_sequence_parallel_size", least=1))
    reading.put("parallel.ep", reading.integer("expert_model_parallel_size", least=1))
    reading.put("parallel.etp", reading.integer("expert_tensor_parallel_size", least=1))
    sequence = reading.flag("sequence_parallel", "sequence_parallel_enabled")
    if sequence is not None:
        reading.values["parallel.sp"] = sequence
    elif whole and (tp or 1) > 1:
        reading.default("parallel.sp", False)
    sharded = reading.flag("use_distributed_optimizer")
    fsdp = reading.flag("use_megatron_fsdp", "use_custom_fsdp")
    strategy = reading.word("data_parallel_sharding_strategy")
    deepspeed = reading.integer("zero_stage")  # Megatron-DeepSpeed
    if reading.flag("use_torch_fsdp2"):
        reading.values["parallel.zero_stage"] = 3
    elif deepspeed is not None:
        reading.values["parallel.zero_stage"] = deepspeed
    elif fsdp or (strategy is not None and not whole):
        # Megatron-LM's default strategy is no_shard, under which its FSDP replicates
        stage = _SHARDING.get(strategy or "no_shard")
        if stage is None:
            reading.not_known("data_parallel_sharding_strategy", strategy)
        reading.put("parallel.zero_stage", stage)
    elif sharded is not None:
        reading.values["parallel.zero_stage"] = int(sharded)
    if whole:
        for name in ("tp", "pp", "cp", "ep"):
            reading.default(f"parallel.{name}", 1)
        reading.default("parallel.zero_stage", 0)


def _shape(reading: Reading, tp: int, whole: bool) -> Shape:
    shape: Shape = {}

    def put(name: str, value: Any) -> None:
        if value is not None:
            shape[name] = value

    put("layers", reading.integer("num_layers", "encoder_num_layers", least=1))
    put("hidden", reading.integer("hidden_size", least=1))
    put("heads", reading.integer("num_attention_heads", least=1))
    put("ffn", reading.integer("ffn_hidden_size", least=1))
    put("head_dim", reading.integer("kv_channels", least=1))
    groups, grouped = reading.integer("num_query_groups", least=1), reading.flag("group_query_attention")
    if groups is not None and (grouped or not whole):
        shape["kv_heads"] = groups
    gated = reading.flag("swiglu", "gated_linear_unit", "quick_geglu", "geglu")
    activation = reading.word("activation", "activation_func")
    if gated is None and activation is not None:
        gated = "glu" in activation
    put("gated_mlp", None if gated is None else int(gated))
    reading.flag("squared_relu")
    untied = reading.flag("untie_embeddings_and_output_weights")
    shared = reading.flag("share_embeddings_and_output_weights")
    if untied is not None or shared is not None:
        shape["tied_embeddings"] = int(not untied) if untied is not None else int(bool(shared))
    no_bias, bias = reading.flag("disable_bias_linear"), reading.flag("add_bias_linear", "bias")
    if no_bias is not None or bias is not None:
        shape["linear_bias"] = int(not no_bias) if no_bias is not None else int(bool(bias))
    qkv_bias = reading.flag("add_qkv_bias", "qkv_bias")
    put("attention_bias", None if qkv_bias is None else int(qkv_bias))
    norm = reading.word("normalization")
    put("norm_vectors", None if norm is None else (1 if "rms" in norm else 2))
    _vocabulary(reading, shape, tp)
    _positions(reading, shape, whole)
    _experts(reading, shape, whole)
    _latent_attention(reading, shape, whole)
    _window(reading, shape)
    put("mtp_layers", reading.integer("mtp_num_layers"))
    if whole and {"layers", "hidden", "heads"} <= set(shape):
        _defaults(shape)
    if whole and shape and not {"layers", "hidden", "heads"} <= set(shape):
        reading.remark("shape_incomplete")
    return shape


def _defaults(shape: Shape) -> None:
    """Megatron-LM's own defaults: GELU, biases, LayerNorm, tied embeddings, ffn of 4h (8h/3 to a multiple of 64 gated)."""
    for name, value in (("gated_mlp", 0), ("tied_embeddings", 1), ("linear_bias", 1), ("norm_vectors", 2)):
        shape.setdefault(name, value)
    if "ffn" not in shape:
        hidden = shape["hidden"]
        shape["ffn"] = int((4 * hidden * 2 / 3) / 64) * 64 if shape["gated_mlp"] else 4 * hidden
    shape.setdefault("kv_heads", shape["heads"])
    if shape.get("moe_experts"):
        shape.setdefault("moe_topk", min(2, shape["moe_experts"]))
        shape.setdefault("moe_ffn", shape["ffn"])


def _vocabulary(reading: Reading, shape: Shape, tp: int) -> None:
    """``padded_vocab_size``, or ``vocab_size`` padded to a multiple of ``make_vocab_size_divisible_by * tp``."""
    padded, vocab = (
        reading.integer("padded_vocab_size", "pad_vocab_size_to", least=1),
        reading.integer("vocab_size", least=1),
    )
    multiple = (reading.integer("make_vocab_size_divisible_by", least=1) or 128) * tp
    if padded is not None:
        shape["vocab"] = padded
    elif vocab is not None:
        shape["vocab"] = math.ceil(vocab / multiple) * multiple
        if shape["vocab"] != vocab:
            reading.remark("vocab_padded", vocab=vocab, padded=shape["vocab"])


def _positions(reading: Reading, shape: Shape, whole: bool) -> None:
    kind = reading.word("position_embedding_type")
    if reading.flag("use_rotary_position_embeddings"):
        kind = "rope"
    longest = reading.integer("max_position_embeddings", least=1)
    if kind == "learned_absolute" or (kind is None and whole):
        if longest is None and not whole:
            longest = reading.integer(
                "seq_length", "sequence_length", least=1
            )  # Megatron-Bridge: as many as the sequence
        if longest is not None:
            shape["positions"] = longest
    elif kind is not None:
        shape["positions"] = 0


def _experts(reading: Reading, shape: Shape, whole: bool) -> None:
    experts = reading.integer("num_experts", "num_moe_experts")
    topk = reading.integer("moe_router_topk", least=1)
    width = reading.integer("moe_ffn_hidden_size", least=1)
    shared = reading.integer("moe_shared_expert_intermediate_size")
    frequency = reading.raw("moe_layer_freq")
    if experts is None and whole:
        return
    for name, value in (("moe_experts", experts), ("moe_topk", topk), ("moe_ffn", width), ("moe_shared_ffn", shared)):
        if value is not None:
            shape[name] = value
    if frequency is not None and shape.get("layers"):
        dense = _zeros(frequency, shape["layers"])
        if dense is None:
            reading.not_known("moe_layer_freq", frequency)
            reading.remark("shape_unclear", names="moe_layer_freq")
        else:
            shape["moe_dense_layers"] = dense
    elif frequency is not None:
        reading.not_known("moe_layer_freq", frequency)


def pattern_of(value: Any, layers: int) -> list[int] | None:
    """A layer pattern such as ``([0]*3+[1]*58)`` or a plain list as zeros and ones; None when it is not one."""
    if isinstance(value, list | tuple):
        items = list(value)
        return items if len(items) == layers and all(item in (0, 1) for item in items) else None
    text = re.sub(r"[\s'\"]", "", str(value))  # a variable keeps quotation marks that were meant for the shell
    if len(text) > 4096 or not re.fullmatch(r"[\[\]()01,+*\d]+", text):
        return None
    return _Pattern(text, layers).result()


class _Pattern:
    """Sums of lists times counts, ``sum := term ('+' term)*; term := (list | '(' sum ')') ['*' count]``."""

    def __init__(self, text: str, longest: int) -> None:
        self.text, self.longest, self.at = text, longest, 0

    def result(self) -> list[int] | None:
        items = self._sum(0)
        return items if items is not None and self.at == len(self.text) and len(items) == self.longest else None

    def _sum(self, depth: int) -> list[int] | None:
        items = self._term(depth)
        while items is not None and self.text[self.at : self.at + 1] == "+":
            self.at += 1
            more = self._term(depth)
            items = None if more is None or len(items) + len(more) > self.longest else items + more
        return items

    def _term(self, depth: int) -> list[int] | None:
        items: list[int] | None = None
        if depth < 20 and self.text[self.at : self.at + 1] == "(":
            self.at += 1
            items = self._sum(depth + 1)
            if self.text[self.at : self.at + 1] != ")":
                return None
            self.at += 1
        elif found := re.compile(r"\[([01](?:,[01])*),?\]").match(self.text, self.at):
            self.at = found.end()
            items = [int(digit) for digit in found.group(1).split(",")]
        if items is not None and (times := re.compile(r"\*(\d{1,5})").match(self.text, self.at)):
            self.at = times.end()
            items = items * int(times.group(1)) if len(items) * int(times.group(1)) <= self.longest else None
        return items


def _zeros(frequency: Any, layers: int) -> int | None:
    """Layers without experts under ``moe_layer_freq``: an integer N puts experts in layers 0, N, 2N..."""
    if isinstance(frequency, bool):
        return None
    if isinstance(frequency, int) or re.fullmatch(r"\d{1,5}", str(frequency)):
        every = int(frequency)
        return layers - math.ceil(layers / every) if every >= 1 else None
    pattern = pattern_of(frequency, layers)
    return None if pattern is None else pattern.count(0)


def _latent_attention(reading: Reading, shape: Shape, whole: bool) -> None:
    latent = reading.flag("multi_latent_attention")
    ranks = {
        "q_lora_rank": reading.integer("q_lora_rank"),
        "kv_lora_rank": reading.integer("kv_lora_rank", least=1),
        "qk_nope_dim": reading.integer("qk_head_dim", least=1),
        "qk_rope_dim": reading.integer("qk_pos_emb_head_dim", least=1),
        "v_head_dim": reading.integer("v_head_dim", least=1),
    }
    if not latent and (whole or not any(ranks.values())):
        return
    shape["mla"] = 1
    defaults = (
        {"q_lora_rank": 0, "kv_lora_rank": 32, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128}
        if whole
        else {}
    )
    shape.update(defaults | {name: value for name, value in ranks.items() if value is not None})


def _window(reading: Reading, shape: Shape) -> None:
    """``window_size`` is ``left,right``; ``window_attn_skip_freq`` N leaves every Nth layer full, a list marks 1 windowed."""
    value, frequency = reading.raw("window_size"), reading.raw("window_attn_skip_freq")
    if value is None:
        return
    left = re.match(r"\D*(-?\d{1,9})", str(value[0] if isinstance(value, list | tuple) and value else value))
    if left is None:
        reading.not_known("window_size", value)
        return
    if int(left.group(1)) <= 0:
        return
    shape["window"], shape["window_share"] = int(left.group(1)), 1.0
    layers = shape.get("layers")
    if frequency is None or not layers:
        return
    if re.fullmatch(r"\d{1,5}", str(frequency)) and int(frequency) > 0:
        shape["window_share"] = (layers - layers // int(frequency)) / layers
        return
    pattern = pattern_of(frequency, layers)
    if pattern is None:
        reading.not_known("window_attn_skip_freq", frequency)
    else:
        shape["window_share"] = pattern.count(1) / layers


def _virtual_stages(reading: Reading, whole: bool) -> None:
    """Virtual stages a GPU: given outright, or layers of a stage divided by layers of a virtual stage."""
    direct = reading.integer("num_virtual_stages_per_pipeline_rank", "virtual_pipeline_model_parallel_size", least=1)
    per_stage = reading.integer("num_layers_per_virtual_pipeline_stage", least=1)
    if direct is not None:
        reading.values["parallel.vp"] = direct
    elif per_stage is not None:
        layers, pp = reading.shape.get("layers"), reading.values.get("parallel.pp")
        if layers is None or pp is None:
            reading.not_known("num_layers_per_virtual_pipeline_stage", per_stage)
            return
        if layers % pp or (layers // pp) % per_stage:
            raise NamedRefusal("virtual_stages", value=per_stage, layers=layers, stages=pp)
        reading.values["parallel.vp"] = layers // pp // per_stage
    elif (layout := reading.raw("pipeline_model_parallel_layout")) is not None:
        stages, pp = _stages_of_layout(str(layout)), reading.values.get("parallel.pp")
        if stages is None or pp is None or stages % pp:
            reading.not_known("pipeline_model_parallel_layout", layout)
        else:
            reading.values["parallel.vp"] = stages // pp
    elif whole:
        reading.default("parallel.vp", 1)


def _stages_of_layout(layout: str) -> int | None:
    """Stages of ``pipeline_model_parallel_layout``, e.g. ``Et*3|(tt|)*29m|L``: one more than its separators."""
    if not re.fullmatch(r"[EtmL*()|,\d]{1,500}", layout):
        return None
    flat = re.sub(
        r"\(([^()]*)\)\*(\d{1,4})", lambda group: "|" * (group.group(1).count("|") * int(group.group(2))), layout
    )
    return flat.count("|") + 1


def _training(reading: Reading, whole: bool) -> None:
    reading.put("parallel.micro_batch", reading.integer("micro_batch_size", "batch_size", least=1))
    if whole:
        reading.default("parallel.micro_batch", 1) if reading.shape else None
    reading.put("parallel.seq_len", reading.integer("seq_length", "encoder_seq_length", "sequence_length", least=1))
    _precision(reading, whole)
    _recompute(reading, whole)
    read_recipe(reading, whole)
    reading.choice("parallel.optimizer", ("optimizer",), _OPTIMIZERS)
    if whole:
        reading.default("parallel.optimizer", "adam")
    _offload(reading, whole)
    backend, flash = reading.word("attention_backend"), reading.flag("use_flash_attn")
    if backend is not None or flash:
        reading.values["parallel.fused_attention"] = bool(flash) or backend not in ("unfused", "local")
    reading.word("transformer_impl")
    _world(reading)
    reading.put("parallel.global_batch", reading.integer("global_batch_size", least=1))
    reading.raw("rampup_batch_size")
    samples = reading.number("train_samples")
    steps = reading.number("train_iters", "max_steps")
    tokens = reading.number("train_tokens")  # Megatron-DeepSpeed
    if tokens is not None and tokens > 0:
        reading.values["workload.tokens"] = tokens
        steps = samples = None
    if (steps is None or steps > 0) and (samples is None or samples > 0):
        reading.set_tokens(steps, samples)


def _precision(reading: Reading, whole: bool) -> None:
    bf16, fp16 = reading.flag("bf16"), reading.flag("fp16")
    fp8, recipe = reading.raw("fp8_format", "fp8"), reading.word("fp8_recipe")
    fp4, fp4_recipe = reading.raw("fp4_format", "fp4"), reading.word("fp4_recipe")
    word = None
    for name in ("precision", "mixed_precision"):
        spelled = reading.word(name)
        if spelled is not None:
            word = _PRECISION_WORDS.get(spelled)
            if word is None:
                reading.not_known(name, spelled)
    off = NOTHING | {"false"}
    if fp4 is not None and str(fp4).lower() not in off:
        word = _PRECISION_RECIPES.get(fp4_recipe or "nvfp4", "nvfp4")
    elif fp8 is not None and str(fp8).lower() not in off:
        word = _PRECISION_RECIPES.get(recipe or "delayed")
        if word is None:
            reading.not_known("fp8_recipe", recipe)
            word = "fp8"
    elif word is None:
        word = "bf16" if bf16 else "fp16" if fp16 else None
    reading.put("parallel.precision", word)
    if whole:
        reading.default("parallel.precision", "fp32")


def _recompute(reading: Reading, whole: bool) -> None:
    table = {"full": "full", "selective": "selective"}
    names = ("recompute_granularity", "activations_checkpoint_granularity")
    if "none" in [str(reading.data[name]).lower() for name in names if name in reading.data]:
        reading.raw(*names)
        reading.values["parallel.recompute"] = "none"
    else:
        reading.choice("parallel.recompute", names, table)
    if reading.flag("recompute_activations"):
        reading.values["parallel.recompute"] = "selective"
    # deprecated: checkpointing whole layers
    if reading.flag("checkpoint_activations", "deepspeed_activation_checkpointing"):
        reading.values["parallel.recompute"] = "full"
    method = reading.word("recompute_method", "activations_checkpoint_method")
    if method in ("uniform", "block") and "parallel.recompute" not in reading.values:
        reading.values["parallel.recompute"] = "full"
    count = reading.integer("recompute_num_layers", "activations_checkpoint_num_layers")
    layers, pp = reading.shape.get("layers"), reading.values.get("parallel.pp", 1)
    if method == "block" and count is not None and layers is not None and count < math.ceil(layers / pp):
        reading.remark("recompute_block", count=count)
    if whole:
        reading.default("parallel.recompute", "none")


def _offload(reading: Reading, whole: bool) -> None:
    optimizer = reading.flag("optimizer_cpu_offload")
    share = reading.number("optimizer_offload_fraction")
    activations = reading.flag("cpu_offloading", "fine_grained_activation_offloading")
    layers = reading.integer("cpu_offloading_num_layers")
    reading.raw("offload_modules", "cpu_offloading_activations", "cpu_offloading_weights")
    parts = ["optimizer"] if optimizer and share != 0 else []
    if parts and share is not None and share < 1:
        reading.remark("offload_share", share=f"{share:.0%}")
    if activations or (layers is not None and layers > 0):
        parts.append("activations")
    if parts:
        reading.values["parallel.offload"] = ",".join(parts)
    elif optimizer is not None or activations is not None:
        reading.values["parallel.offload"] = "none"
    elif whole:
        reading.default("parallel.offload", "none")


def _world(reading: Reading) -> None:
    """GPUs of the launcher: nodes times processes a node."""
    nodes = reading.raw("nnodes", "num_nodes", "nodes")
    each = reading.raw("nproc_per_node", "devices", "gpus_per_node", "ntasks_per_node")
    world = reading.integer("world_size", least=1)
    if world is not None:
        reading.accelerators = world
        return
    if nodes is None and each is None:
        return
    numbers = [str(value).strip() for value in (nodes if nodes is not None else 1, each if each is not None else "")]
    if all(re.fullmatch(r"[1-9]\d{0,6}", value) for value in numbers):
        reading.accelerators = int(numbers[0]) * int(numbers[1])
    else:
        reading.remark("world_unclear", nodes=numbers[0] or "?", each=numbers[1] or "?")
