"""Megatron-LM command lines, out: the chosen layout, the model's shape and the step's recipe as arguments.

Argument names: https://github.com/NVIDIA/Megatron-LM, ``megatron/training/arguments.py``; kept with their version in
``tests/model/fixtures/targets``.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.families import family_of
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.recipe_options import megatron_recipe, precision_pairs
from mitsumori.model.formats.rope import megatron_pairs
from mitsumori.model.formats.shapes import Shape


def write(choice: Choice) -> str:
    """A shell script that runs Megatron-LM's ``pretrain_gpt.py`` with the chosen layout.

    Data, tokenizer and learning rate are the caller's: the script passes its own arguments on (``"$@"``).
    """
    pairs = core_pairs(choice)
    if choice.rope:
        more, whole = megatron_pairs(choice.rope, bool(choice.shape["mla"]))
        pairs += more
        if not whole:
            choice.left_out.append("model.rope_scaling")
    elif not choice.shape["positions"]:
        choice.left_out.append("model.rope_theta")
    lines = []
    for key, value in pairs:
        option = "--" + key.replace("_", "-")
        words = value if isinstance(value, tuple) else (value,)
        lines.append(
            f"  {option}" if value is True else " ".join([f"  {option}", *(shlex.quote(str(w)) for w in words)])
        )
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
    if shape["mixer"] or shape["attention_gate"]:
        raise NamedRefusal("hybrid_written", model=choice.model_name[:60])
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
        pairs += [("ckpt_format", "fsdp_dtensor"), ("no_gradient_accumulation_fusion", True)]  # what its FSDP asks for
    pairs += [
        ("micro_batch_size", par.micro_batch),
        ("global_batch_size", choice.global_batch),
        ("seq_length", par.seq_len),
    ]
    pairs.append(("train_iters", choice.steps))
    pairs += _shape_pairs(shape, par.tp, max(par.seq_len, choice.context or 0))
    family = family_of(choice.family)
    if shape["mla"] or (family is not None and family.qk_norm):
        pairs.append(("qk_layernorm", True))
    if shape["moe_experts"]:
        choice.left_out.append("model.router")  # how experts are chosen: neither the plan nor the catalogue holds it
    pairs += precision_pairs(choice)
    if par.recompute == "full":
        pairs += [("recompute_granularity", "full"), ("recompute_method", "uniform"), ("recompute_num_layers", 1)]
    elif par.recompute == "selective":
        pairs.append(("recompute_granularity", "selective"))
    optimizer = {"adam": "adam", "sgd": "sgd", "muon": "muon"}.get(par.optimizer)
    if optimizer is None:
        choice.without("optimizer")
    else:
        pairs.append(("optimizer", optimizer))
    parts = set(par.offload.split(","))
    if "optimizer" in parts:
        pairs.append(("optimizer_cpu_offload", True))
    if "activations" in parts:
        pairs.append(("cpu_offloading_num_layers", max(1, shape["layers"] // par.pp - 1)))
    if parts & {"parameters", "checkpoints"}:
        choice.without("offload")
    fused = par.fused_attention and par.attention != "unfused"
    pairs.append(("attention_backend", "auto" if fused else "unfused"))
    more, lost = megatron_recipe(par, bool(shape["moe_experts"]))
    choice.without(*lost)
    return pairs + more


def _shape_pairs(shape: Shape, tp: int, context: int) -> list[tuple[str, Any]]:
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
        pairs += [("position_embedding_type", "rope"), ("max_position_embeddings", context)]
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
