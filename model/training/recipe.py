"""The recipe that a plan's figures are for: every part of it in words, and whether the user said so or a rule did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import (
    ATTENTIONS,
    CONTEXTS,
    CUDA_GRAPHS,
    DISPATCHERS,
    LOSS_FORMS,
    STATE_PRECISIONS,
    kernels,
    narrow_gradients,
)
from mitsumori.model.base.units import GBIT_PER_S
from mitsumori.model.memory.activations import SELECTIVE, YEAR_OF_MODULES
from mitsumori.model.memory.states import LLM_FOUNDRY, MEGATRON, TORCHTUNE, is_fsdp_family, is_pure_half
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.stages import work_of

SWITCH = ("off", "on")


@dataclass(frozen=True, slots=True)
class RecipePart:
    """One part: its word (empty: not stated, the mean of the published recipes counts) and whether the plan states it."""

    word: str
    stated: bool


def recipe_in_use(resolved: Resolved, layout: Parallel) -> dict[str, RecipePart]:
    """The recipe of a plan on a layout by the names of the plan's fields (``moe_dispatcher`` ...).

    Parts that the plan has no use for are left out: those of experts without experts, the network's inside one server.
    """
    par, moe = resolved.plan.parallel, bool(resolved.architecture.is_moe)
    run = kernels(layout, work_of(resolved))
    codes = {
        "attention": (ATTENTIONS, run.fused_attention), "compiled": (SWITCH, run.compiled),
        "cuda_graphs": (CUDA_GRAPHS, run.cuda_graphs),
    }  # fmt: skip
    if int(layout.cp) > 1:
        codes["context"] = (CONTEXTS, run.context)
    if moe:
        codes |= {
            "moe_dispatcher": (DISPATCHERS, run.dispatcher), "ep_overlap": (SWITCH, run.ep_overlap),
            "permute_fusion": (SWITCH, run.permute_fusion),
        }  # fmt: skip
    found: dict[str, RecipePart] = {}
    for name, (table, code) in codes.items():
        place = int(np.asarray(code))
        found[name] = RecipePart(table[place] if place >= 0 else "", getattr(par, name) is not None)
    if moe:
        capacity = float(np.asarray(run.capacity_factor))
        found["capacity_factor"] = RecipePart(f"{capacity:g}", par.capacity_factor is not None)
    found |= _states(resolved, layout)
    found["tuning"] = RecipePart(par.tuning, par.tuning != "default")
    found |= {name: _switch(getattr(par, name)) for name in ("optimizer_in_backward", "paged_optimizer")}
    if int(layout.recompute) == SELECTIVE:
        found["recompute_modules"] = _modules(resolved, layout)
    if resolved.accelerators > resolved.accelerators_per_server:
        rate = float(np.asarray(resolved.gpu.nic_bytes_per_s)) / GBIT_PER_S
        found["bandwidth_gbps"] = RecipePart(f"{rate:g} Gb/s", resolved.plan.network.bandwidth_gbps is not None)
    return found


def _switch(given: bool | None) -> RecipePart:
    """A part that no software does unless it is told to."""
    return RecipePart(SWITCH[int(bool(given))], given is not None)


def _modules(resolved: Resolved, layout: Parallel) -> RecipePart:
    """What selective recomputation computes again: what the plan names, else the stack's own choice."""
    given = resolved.plan.parallel.recompute_modules
    if given:
        return RecipePart(", ".join(given), True)
    if is_fsdp_family(layout) or int(layout.stack) != MEGATRON:
        return RecipePart("", False)
    own = ["core_attn"]
    if float(np.asarray(layout.stack_year)) >= YEAR_OF_MODULES and bool(resolved.architecture.is_moe):
        own += ["layernorm", "moe_act"]
    if float(np.asarray(layout.stack_year)) >= YEAR_OF_MODULES and bool(resolved.architecture.mla):
        own += ["mla_up_proj"]
    return RecipePart(", ".join(own), False)


def _states(resolved: Resolved, layout: Parallel) -> dict[str, RecipePart]:
    """Precision of states and gradients, and how the loss is computed."""
    par = resolved.plan.parallel
    pure = bool(is_pure_half(layout, -1))
    whole = bool(is_fsdp_family(layout)) or (int(layout.stack) == MEGATRON and not bool(narrow_gradients(layout)))
    fused = int(layout.stack) in (MEGATRON, LLM_FOUNDRY)
    rules = {
        "state_precision": STATE_PRECISIONS[int(pure)],
        "gradient_precision": "fp32" if whole and not pure else "bf16",
        "loss": LOSS_FORMS[2 if int(layout.stack) == TORCHTUNE else int(fused)],
    }
    return {
        name: RecipePart(rule if (given := getattr(par, name)) is None else given, given is not None)
        for name, rule in rules.items()
    }
