"""The recipe of a measured run: its software and release, and what its columns or notes state of kernels, loss and states.

Columns have the names of the plan's fields (``parallel.moe_dispatcher`` is ``moe_dispatcher`` ...). What neither says stays
open: the rules of :func:`model.architecture.stacks.kernels` and the fitted mean count, and the interval is the one of rows
that say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.architecture.parallelism import MODULES, OFFLOADS, OPTIMIZERS, TUNINGS, modules_code
from mitsumori.model.architecture.stacks import (
    ATTENTIONS,
    CONTEXTS,
    CUDA_GRAPHS,
    DISPATCHERS,
    LOSS_FORMS,
    STATE_PRECISIONS,
    Work,
)
from mitsumori.model.calibration.run_layout import number_of, positive_of, text_of
from mitsumori.model.plan.plan import offload_words

UNDATED_YEAR: Final = 2025.0
"""Release of the software of a row without any date: the middle of the collection."""

_HUGGING_FACE: Final = re.compile(
    r"hugging ?face|\bhf\b|sft_?trainer|\btrl\b|\bpeft\b|transformers trainer|axolotl|llama-?factory|unsloth|qlora"
)


def stack_of(source: str, notes: str, gpu_family: str) -> str:
    """The software stack (a name of ``STACKS``) of a published source.

    Rule, first match: TPU, MaxText, Levanter, PaLM or JAX is ``jax``; torchtitan and llm-foundry are themselves, InternEvo
    (eager PyTorch, FlashAttention, sharded optimizer) is as llm-foundry; Megatron-DeepSpeed and the trainings made with it
    (BLOOM, GLM-130B, MT-NLG, vTrain) ``deepspeed``; Megatron, NeMo, NVIDIA, MLPerf, SimuMax and AMD's Megatron-based
    trainers ``megatron``; Hugging Face's trainers and what is built on them ``huggingface``; torchtune and LitGPT
    ``torchtune``; AutoModel and anything else ``other``.

    Parameters
    ----------
    source, notes
        Name of the source and notes of the row.
    gpu_family
        Family of the accelerator, a name of ``FAMILIES``.
    """
    text = f"{source} {notes}".lower()
    name = source.lower()
    if gpu_family == "tpu" or re.search(r"\bjax\b|maxtext|levanter|palm\b", text):
        return "jax"
    if "torchtitan" in name:
        return "torchtitan"
    if re.search(r"llm-foundry|mosaicml|internevo|internlm", name):
        return "llm-foundry"
    if re.search(r"deepspeed|bigscience|bloom|glm-130b|mt-nlg|vtrain", name) or "pytorch_deepspeed" in text:
        return "deepspeed"
    if "automodel" in name or "fsdp2" in text:
        return "other"
    if re.search(r"torchtune|litgpt|lit-gpt", name):
        return "torchtune"
    if _HUGGING_FACE.search(name):
        return "huggingface"
    if re.search(r"megatron|nemo|nvidia|mlperf|korthikanti|narayanan|primus|rocm|amd |simumax", name):
        return "megatron"
    return "other"


def year_of(source: str, source_date: str) -> float | None:
    """Release date of the stack as a decimal year: the container in the source's name (26.06, v25.02.02), else its date.

    None where neither says.
    """
    match = re.search(r"\bv?(2[0-9])\.(0[1-9]|1[0-2])(?:\.\d\d)?\b", source)
    if match and re.search(r"nemo|container|recipe|summary|performance", source, re.IGNORECASE):
        late = 0.04 if re.search(r"\d\d\.\d\d\.01\b", source) and "container" in source else 0.0
        return 2000 + int(match.group(1)) + (int(match.group(2)) - 0.5) / 12 + late
    match = re.match(r"(\d{4})(?:-(\d{1,2}))?", source_date)
    if not match:
        return None
    month = int(match.group(2)) if match.group(2) else 6
    return int(match.group(1)) + (min(max(month, 1), 12) - 0.5) / 12


_WORDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "attention": ("fused_attention", ATTENTIONS),
    "moe_dispatcher": ("dispatcher", DISPATCHERS),
    "cuda_graphs": ("cuda_graphs", CUDA_GRAPHS),
    "context": ("context", CONTEXTS),
}
"""Column -> field of :class:`Work` and its words."""
_SWITCHES: Final = ("compiled", "ep_overlap", "permute_fusion")
_YES: Final = frozenset({"1", "1.0", "true", "yes", "on"})
_NO: Final = frozenset({"0", "0.0", "false", "no", "off"})
_NOTED: Final[tuple[tuple[str, str, float], ...]] = (
    ("fused_attention", r"without flash ?attention", 0.0),
    ("compiled", r"\beager\b", 0.0),
    ("compiled", r"torch\.compile|, compile\b", 1.0),
    ("compiled", r"fast[- ]kernels|liger|unsloth", 1.0),
    ("overlap", r"vanilla tp", 0.0),
    ("overlap", r"async ?tp", 2.0),
    ("dispatcher", r"\ball-?to-?all\b.*permute|dispatcher (?:all-?to-?all|a2a)", 0.0),
    ("dispatcher", r"\bdeep-?ep\b", 1.0),
    ("dispatcher", r"\bhybrid-?ep\b", 2.0),
    ("ep_overlap", r"ep overlap off", 0.0),
    ("ep_overlap", r"ep overlap on|hybridep, overlap|a2a overlap", 1.0),
    ("cuda_graphs", r"\b(?:te|cuda) graphs\b", 1.0),
    ("permute_fusion", r"permute fusion off|without permute fusion", 0.0),
    ("capacity_factor", r"token-?drop moe|capacity factor", 1.0),
    ("context", r"ulysses", 1.0),
    ("rowwise", r"rowwise", 1.0),
)
"""What a note may state: field of :class:`Work`, pattern, code; the last that matches counts."""
_NOTED_MEMORY: Final[tuple[tuple[str, str, float], ...]] = (
    ("state_precision", r"pure bf16", 1.0),
    ("fused_loss", r"fast[- ]kernels|fused (?:cross-entropy|loss)", 1.0),
    ("fused_loss", r"liger|chunked (?:cross-entropy|loss)", 2.0),
    ("fp32_gradients", r"bf16 grad", 0.0),
    ("quantised_only", r"fp8 param", 1.0),
    ("compiled", r"\beager\b", 0.0),
    ("async_tensor_parallel", r"async", 1.0),
    ("wide_norms", r"accelerated-peft|unsloth", 0.0),
    ("lora_all_linear", r"lora r\d+ on attention", 0.0),
)
"""The same for :class:`model.memory.options.MemoryOptions`."""


def switch_of(row: Mapping[str, str], name: str) -> float | None:
    """A column that says yes or no, as 1 or 0; None where it is empty or anything else."""
    text = text_of(row, name).lower()
    return 1.0 if text in _YES else 0.0 if text in _NO else None


def word_of(row: Mapping[str, str], name: str, table: tuple[str, ...]) -> float | None:
    """The code of a column's word in ``table``; None where it is empty or no word of it.

    Parameters
    ----------
    row
        Columns by name.
    name
        The column.
    table
        Its words in the order of their codes.
    """
    text = text_of(row, name).lower()
    return float(table.index(text)) if text in table else None


def tuning_of(row: Mapping[str, str]) -> int:
    """Code of :data:`model.architecture.parallelism.TUNINGS`: what the column ``tuning`` says, else unknown.

    Never guessed from the name of a source.
    """
    found = word_of(row, "tuning", TUNINGS)
    return TUNINGS.index("unknown") if found is None else int(found)


def quantised(row: Mapping[str, str], notes: str) -> bool:
    """Whether the frozen weights of a row lie in 4 bits."""
    return text_of(row, "kind").lower() == "qlora" or bool(re.search(r"\bqlora\b|\bnf4\b|4-bit base", notes.lower()))


def work_of_row(row: Mapping[str, str], notes: str, lora: bool) -> Work:
    """What a row states of its kernels; None-like (NaN) where the rules of :func:`model.architecture.stacks.kernels` apply.

    Parameters
    ----------
    row
        Columns by name.
    notes
        The row's notes.
    lora
        Whether adapters are trained.
    """
    low = notes.lower()
    nan = float("nan")
    open_ = ("fused_attention", "compiled", "overlap", "dispatcher", "ep_overlap", "cuda_graphs", "permute_fusion",
             "capacity_factor", "context", "wide_gradients")  # fmt: skip
    values: dict[str, Any] = dict.fromkeys(open_, nan)
    values |= {"balanced": 0.0 if "natural" in low and "routing" in low else 1.0}
    values |= {name: code for name, pattern, code in _NOTED if re.search(pattern, low)}
    for column, (field, table) in _WORDS.items():
        stated = word_of(row, column, table)
        if stated is not None:
            values[field] = stated
    for column in _SWITCHES:
        switch = switch_of(row, column)
        if switch is not None:
            values[column] = switch
    gradients = word_of(row, "gradient_precision", STATE_PRECISIONS)
    if gradients is not None:
        values["wide_gradients"] = 1.0 - gradients
    capacity = number_of(row, "capacity_factor")
    if capacity is not None:
        values["capacity_factor"] = capacity
    return Work(
        trained_share=0.0 if lora else 1.0, gradient_share=0.02 if lora else 1.0,
        adapters=0.0 if not lora else 1.0 if re.search(r"on attention\b", low) else 2.0,
        quantised=float(lora and quantised(row, notes)), **values,
    )  # fmt: skip


_BF16_RECIPES: Final = re.compile(r"megatron-bridge|nemo", re.IGNORECASE)
"""Software on Megatron whose own recipes reduce gradients in bf16 and keep no bf16 copy of 8-bit weights; Megatron-LM's
default is fp32 gradients and both copies."""


def memory_of_row(row: Mapping[str, str], notes: str, stack: str, year: float, lora: bool) -> dict[str, float]:
    """What a row states of its memory, as fields of :class:`model.memory.options.MemoryOptions`.

    Parameters
    ----------
    row
        Columns by name.
    notes
        The row's notes.
    stack, year
        Software, a name of ``STACKS``, and its release, decimal year.
    lora
        Whether adapters are trained.
    """
    low = notes.lower()
    values: dict[str, float] = {"trainable": (2.0 if quantised(row, notes) else 1.0) if lora else 0.0}
    if stack == "megatron":
        own = year >= 2025.0 and _BF16_RECIPES.search(text_of(row, "source")) and tuning_of(row) != 0
        values["fp32_gradients"] = 0.0 if own else 1.0
        values["quantised_only"] = 1.0 if own else 0.0
    values |= {name: code for name, pattern, code in _NOTED_MEMORY if re.search(pattern, low)}
    rank = positive_of(row, "lora_rank")
    noted = re.search(r"lora r(\d+)", low)
    if rank or noted:
        values["lora_rank"] = rank or float(noted.group(1) if noted else 16)
    loss = word_of(row, "loss", LOSS_FORMS)
    states, gradients = (word_of(row, name, STATE_PRECISIONS) for name in ("state_precision", "gradient_precision"))
    stated = {
        "fused_loss": loss, "state_precision": states, "fp32_gradients": None if gradients is None else 1.0 - gradients,
        "optimizer_in_backward": switch_of(row, "optimizer_in_backward"),
        "paged_optimizer": switch_of(row, "paged_optimizer"), "compiled": switch_of(row, "compiled"),
    }  # fmt: skip
    values |= {name: value for name, value in stated.items() if value is not None}
    context = word_of(row, "context", CONTEXTS)
    if context is not None:
        values["cp_all_to_all"] = context
    return values


_MODULE_NAMES: Final = {**{name: name for name in MODULES}, "norm": "layernorm", "act": "moe_act"}


def modules_of(row: Mapping[str, str]) -> int:
    """Code of the modules that a row recomputes: of ``recompute_modules``, or in brackets behind ``selective``."""
    inside = re.search(r"selective\(([^)]*)\)", text_of(row, "recompute").lower())
    words = re.split(r"[,;+ ]+", text_of(row, "recompute_modules").lower() or (inside.group(1) if inside else ""))
    return modules_code(_MODULE_NAMES[word] for word in words if word in _MODULE_NAMES)


def further_layout(row: Mapping[str, str]) -> dict[str, Any]:
    """Fields of :class:`model.architecture.parallelism.Parallel` that the recipe's columns state."""
    values: dict[str, Any] = {"modules": modules_of(row), "tuned": tuning_of(row)}
    offload = offload_words(text_of(row, "offload").lower())
    if offload in OFFLOADS:
        values["offload"] = OFFLOADS.index(offload)
    optimizer = word_of(row, "optimizer", OPTIMIZERS)
    if optimizer is not None:
        values["optimizer"] = int(optimizer)
    return values
