"""The recipe of a training step in Megatron Core's words, in and out: dispatcher, overlap, graphs, fusions, precisions.

Options: ``megatron/core/transformer/transformer_config.py`` and ``megatron/training/arguments.py`` of
https://github.com/NVIDIA/Megatron-LM. Megatron-Bridge has the same names as fields of ``model``.
"""

from __future__ import annotations

import re
from typing import Any, Final, get_args

from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.reading import Reading
from mitsumori.model.plan.plan import ModuleName
from mitsumori.model.plan.plan import ParallelPart as Layout

RECIPE: Final = (
    "attention", "compiled", "moe_dispatcher", "ep_overlap", "cuda_graphs", "permute_fusion", "capacity_factor", "context",
    "recompute_modules", "state_precision", "gradient_precision", "loss", "optimizer_in_backward", "paged_optimizer",
)  # fmt: skip
"""Fields of ``plan.parallel`` that are None (or empty) where the stack's own habit counts."""
_NOTHING: Final = (None, (), False, "none", 0.0, "plain")
"""Values that switch something off: what a format does not name is off there too."""
_GRAPHS: Final = {"attention": (("cuda_graph_impl", "transformer_engine"), ("cuda_graph_modules", "attn")),
                  "layer": (("cuda_graph_impl", "transformer_engine"),),
                  "full": (("cuda_graph_impl", "full_iteration"),)}  # fmt: skip
_BY_MODULE: Final = frozenset({"attn", "moe_router", "moe_preprocess"})
_MODULES: Final = get_args(ModuleName)


def stated(par: Layout) -> list[str]:
    """Fields of the recipe that a plan states and that switch something on."""
    return [name for name in RECIPE if getattr(par, name) not in _NOTHING]


def megatron_recipe(par: Layout, experts: bool) -> tuple[list[tuple[str, object]], list[str]]:
    """Megatron Core's options (underscored, ``True`` for flags) for a recipe, and the fields that they do not say.

    Parameters
    ----------
    par
        The layout with its recipe.
    experts
        Whether the model has experts; without, what concerns them says nothing.
    """
    pairs: list[tuple[str, Any]] = []
    lost = [name for name in ("compiled", "optimizer_in_backward", "paged_optimizer") if getattr(par, name)]
    if experts:
        if par.moe_dispatcher == "alltoall":
            pairs.append(("moe_token_dispatcher_type", "alltoall"))
        elif par.moe_dispatcher is not None:
            pairs += [("moe_token_dispatcher_type", "flex"), ("moe_flex_dispatcher_backend", par.moe_dispatcher)]
        if par.ep_overlap:
            pairs.append(("overlap_moe_expert_parallel_comm", True))
        if par.permute_fusion:
            pairs.append(("moe_permute_fusion", True))
        if par.capacity_factor:
            pairs.append(("moe_expert_capacity_factor", par.capacity_factor))
    pairs += _GRAPHS.get(par.cuda_graphs or "", ())
    if par.context is not None and par.cp > 1:
        pairs.append(("cp_comm_type", "a2a" if par.context == "ulysses" else "p2p"))
    if par.recompute == "selective" and par.recompute_modules:
        pairs.append(("recompute_modules", par.recompute_modules))
    if par.gradient_precision is not None:
        name = "accumulate_allreduce_grads_in_fp32" if par.gradient_precision == "fp32" else "grad_reduce_in_bf16"
        pairs.append((name, True))
    if par.loss == "fused":
        pairs.append(("cross_entropy_loss_fusion", True))
    elif par.loss == "chunked":
        lost.append("loss")
    if par.state_precision == "bf16":
        lost.append("state_precision")  # Megatron keeps master weights in fp32 or fp16
    if par.attention not in (None, "unfused"):
        lost.append("attention")  # the version of the kernel is the installed one
    return pairs, lost


def read_recipe(reading: Reading, whole: bool) -> None:
    """Read the same options into ``parallel``.

    Parameters
    ----------
    reading
        The file's keys, underscored.
    whole
        True for a complete command line, where an absent option is off.
    """
    put = reading.put
    kind, backend = reading.word("moe_token_dispatcher_type"), reading.word("moe_flex_dispatcher_backend")
    if reading.flag("moe_enable_deepep") or (kind == "flex" and (backend or "deepep").startswith("deepep")):
        put("parallel.moe_dispatcher", "deepep")
    elif kind == "flex" and backend == "hybridep":
        put("parallel.moe_dispatcher", "hybridep")
    elif kind in ("alltoall", "alltoall_seq"):
        put("parallel.moe_dispatcher", "alltoall")
    elif kind is not None:
        reading.not_known("moe_token_dispatcher_type", kind if backend is None else f"{kind} {backend}")
    put("parallel.ep_overlap", reading.flag("overlap_moe_expert_parallel_comm"))
    put("parallel.permute_fusion", reading.flag("moe_permute_fusion"))
    capacity = reading.number("moe_expert_capacity_factor")
    if capacity is not None and 0 <= capacity <= 16:
        reading.values["parallel.capacity_factor"] = capacity
    _graphs(reading)
    ways = reading.word("cp_comm_type")
    if ways in ("p2p", "all_gather", "allgather"):
        reading.values["parallel.context"] = "ring"
    elif ways == "a2a":
        reading.values["parallel.context"] = "ulysses"
    elif ways is not None:
        reading.not_known("cp_comm_type", ways)
    if reading.flag("grad_reduce_in_bf16"):
        reading.values["parallel.gradient_precision"] = "bf16"
    elif reading.flag("accumulate_allreduce_grads_in_fp32"):
        reading.values["parallel.gradient_precision"] = "fp32"
    fused = reading.flag("cross_entropy_loss_fusion")
    if fused is not None:
        reading.values["parallel.loss"] = "fused" if fused else "plain"
    _modules(reading)
    if whole:
        reading.default("parallel.cuda_graphs", "none")
        if reading.shape.get("moe_experts"):
            for name in ("ep_overlap", "permute_fusion"):
                reading.default(f"parallel.{name}", False)


def _graphs(reading: Reading) -> None:
    implementation = reading.word("cuda_graph_impl")
    listed = reading.raw("cuda_graph_modules", "cuda_graph_scope")
    if reading.flag("enable_cuda_graph", "external_cuda_graph") and implementation is None:
        implementation = "local"
    if implementation is None:
        return
    words = set(re.findall(r"[a-z_]+", str(listed or "").lower())) - {"full", "none"}
    if implementation == "none":
        reading.values["parallel.cuda_graphs"] = "none"
    elif implementation == "full_iteration" or "full_iteration" in words:
        reading.values["parallel.cuda_graphs"] = "full"
    else:
        reading.values["parallel.cuda_graphs"] = "attention" if words and words <= _BY_MODULE else "layer"


def _modules(reading: Reading) -> None:
    """``recompute_modules``: parts that selective recomputation repeats."""
    given = reading.raw("recompute_modules")
    if given is None:
        return
    words = re.findall(r"[a-z_]+", str(given).lower())
    known = tuple(word for word in words if word in _MODULES)
    if known and reading.values.get("parallel.recompute") == "selective":
        reading.values["parallel.recompute_modules"] = list(known)
    if left := [word for word in words if word not in _MODULES]:
        reading.not_known("recompute_modules", ",".join(left))
    elif reading.values.get("parallel.recompute") != "selective":
        reading.not_known("recompute_modules", ",".join(words))


def precision_pairs(choice: Choice) -> list[tuple[str, object]]:
    """Megatron-LM's arguments of a number format; tf32 has none."""
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
