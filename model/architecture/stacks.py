"""What is computed beyond shape and layout, and with which kernels a software stack of a given year does it.

:class:`Work` holds what the workload and the user state; :func:`kernels` fills in the rest from the stack and its year by
stated rules, so that nothing in the engine asks for a model's or a run's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel
from mitsumori.model.base.arrays import Condition, Num, pick

DISPATCHER_YEAR: Final = 2026.42
"""Release 26.06: sync-free dropless dispatch, fused permutation and grouped products in NVIDIA's stack."""
FIRST_MOE_YEAR: Final = 2025.1
"""Oldest measured MoE release (NeMo 25.02): what the age of a stack costs is not carried on before it."""
FUSED_ATTENTION_YEAR: Final = 2022.9
"""Megatron-LM and its relatives took FlashAttention in early 2023 (arXiv 2205.14135, 2307.08691)."""
OVERLAP_YEAR: Final = 2023.0
"""Overlapped tensor and data parallel communication in NVIDIA's stack (Transformer Engine, distributed optimizer)."""

DATA_OVERLAP_YEAR: Final = 2022.6
"""Overlapped gradient reduction: the distributed fused optimizer of NeMo 22.08, a little before the tensor parallel one."""

NARROW_GRADIENTS_YEAR: Final = 2025.0
"""Performance recipes of NeMo 25.02 and later reduce gradients in 16 bits."""

FLASH_YEAR: Final = 2023.5
"""FlashAttention-2 (July 2023, arXiv 2307.08691) reached every PyTorch stack, Megatron-DeepSpeed among them."""
NEWEST_ATTENTION_YEAR: Final = 2025.5
"""From mid-2025 the newest attention kernels of a generation are what PyTorch, DeepSpeed and Hugging Face call too."""
DISPATCH_YEAR: Final = 2025.3
"""Megatron-Core 0.12: dispatchers that send a token once to a server (DeepEP), and a fused permutation."""

ATTENTIONS: Final = ("unfused", "fa2", "fa3", "fa4")
DISPATCHERS: Final = ("alltoall", "deepep", "hybridep")
CUDA_GRAPHS: Final = ("none", "attention", "layer", "full")
CONTEXTS: Final = ("ring", "ulysses")
LOSS_FORMS: Final = ("plain", "fused", "chunked")
STATE_PRECISIONS: Final = ("fp32", "bf16")
"""Words of the recipe; codes of :class:`Work` and of :class:`model.memory.options.MemoryOptions` index them."""

_BF16: Final = PRECISIONS.index("bf16")
_MEGATRON: Final = STACKS.index("megatron")
_FOUNDRY: Final = STACKS.index("llm-foundry")
_DEEPSPEED: Final = STACKS.index("deepspeed")
_JAX: Final = STACKS.index("jax")
_TUNE: Final = STACKS.index("torchtune")
_HUGGING: Final = STACKS.index("huggingface")


@dataclass(frozen=True, slots=True)
class Work:
    """What is computed, beyond shape and layout; numbers or arrays. None (or NaN) is the rule of :func:`kernels`.

    Attributes
    ----------
    trained_share
        Share of the matrix parameters with a weight gradient: 1 training, about 0 LoRA.
    gradient_share
        Gradient volume over that of full training (LoRA about 0.02).
    attention_share
        Attended share of the causal span when short documents are packed into a sequence.
    balanced
        1 when routing is forced to balance (benchmarks), 0 natural routing.
    adapters
        0 none, 1 beside the products of attention, 2 beside all linear layers.
    quantised
        1 where frozen weights lie in 4 bits and are widened before every product (QLoRA).
    fused_attention
        Code of :data:`ATTENTIONS`: 0 no fused kernel, 1 FlashAttention-2 class, 2 and 3 newer.
    compiled
        1 fused or compiled element-wise work, 0 eager.
    overlap
        0 exposed tensor-parallel communication, 1 overlapped by the stack, 2 asynchronous by a compiler.
    dispatcher
        Code of :data:`DISPATCHERS`: how routed tokens travel.
    ep_overlap
        1 where the all-to-all of one micro-batch runs beside the work of another.
    cuda_graphs
        Code of :data:`CUDA_GRAPHS`: how much of a layer is launched as a graph.
    permute_fusion
        1 where routed tokens are sorted by a fused kernel.
    capacity_factor
        Tokens an expert takes at most over the mean; 0 dropless.
    context
        Code of :data:`CONTEXTS`: a ring of keys and values, or an exchange of heads.
    rowwise
        1 for fp8 with row-wise scales outside the kernel.
    wide_gradients
        1 where main gradients are kept and reduced in 32 bits, 0 in 16.
    """

    trained_share: Num = 1.0
    gradient_share: Num = 1.0
    attention_share: Num = 1.0
    balanced: Num = 1.0
    adapters: Num = 0.0
    quantised: Num = 0.0
    fused_attention: Num | None = None
    compiled: Num | None = None
    overlap: Num | None = None
    dispatcher: Num | None = None
    ep_overlap: Num | None = None
    cuda_graphs: Num | None = None
    permute_fusion: Num | None = None
    capacity_factor: Num | None = None
    context: Num | None = None
    rowwise: Num = 0.0
    wide_gradients: Num | None = None


LORA: Final = Work(trained_share=0.0, gradient_share=0.02, adapters=2.0)
"""Adapters on frozen weights (arXiv 2106.09685): no weight gradient of the frozen matrices."""

NOT_STATED: Final = -1.0
"""Code of a part of the recipe that nobody states and that no rule of stack and release settles: the fitted mean counts."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels a stack of a given year runs; codes as in :class:`Work`, :data:`NOT_STATED` where the mean counts."""

    fused_attention: Num
    compiled: Num
    overlap: Num
    dispatcher: Num
    ep_overlap: Num
    cuda_graphs: Num
    permute_fusion: Num
    capacity_factor: Num
    context: Num


def kernels(parallel: Parallel, work: Work) -> Kernels:
    """The recipe of a stack and year, where the work does not state it.

    Rules: no fused attention before 2023 outside JAX, nor in Megatron-DeepSpeed before mid-2023; Megatron and JAX run the
    newest attention kernels from 2024 on, other stacks FlashAttention-2 and from mid-2025 the newest too; Megatron,
    torchtitan and JAX fuse element-wise work, llm-foundry, DeepSpeed, Hugging Face and torchtune are eager;
    tensor-parallel traffic is overlapped by Megatron from 2023 on and by XLA, not by the others. Megatron sends tokens by
    DeepEP from 2025.3 and by HybridEP from the release 26.06 on, others by plain all-to-all, and so does everyone who drops
    tokens (padding to a capacity exists in Megatron-Core's all-to-all dispatcher only); routing is dropless; DeepSpeed
    shards a sequence by exchanging heads (Ulysses), the others by whichever sends fewer bytes.
    """
    stack, year = np.asarray(parallel.stack), np.asarray(parallel.stack_year)
    megatron = stack == _MEGATRON
    newest = ((megatron | (stack == _JAX)) & (year >= 2024.0)) | (year >= NEWEST_ATTENTION_YEAR)
    unfused = ((year < FUSED_ATTENTION_YEAR) & (stack != _JAX)) | ((stack == _DEEPSPEED) & (year < FLASH_YEAR))
    attention: Num = pick(unfused, 0, pick(newest, 2, 1))
    compiled: Num = pick((stack == _FOUNDRY) | (stack == _DEEPSPEED) | (stack == _HUGGING) | (stack == _TUNE), 0, 1)
    overlap: Num = pick((megatron & (year >= OVERLAP_YEAR)) | (stack == _JAX), 1, 0)
    capacity = _stated(work.capacity_factor, 0.0)
    dispatcher: Num = pick(megatron & (year >= DISPATCH_YEAR), pick(year >= DISPATCHER_YEAR, 2, 1), 0)
    dispatcher = pick(np.greater(capacity, 0.0), 0, dispatcher)
    return Kernels(
        _stated(work.fused_attention, attention), _stated(work.compiled, compiled), _stated(work.overlap, overlap),
        _stated(work.dispatcher, dispatcher), _stated(work.ep_overlap, NOT_STATED), _stated(work.cuda_graphs, NOT_STATED),
        _stated(work.permute_fusion, NOT_STATED), capacity,
        _stated(work.context, pick(stack == _DEEPSPEED, 1.0, NOT_STATED)),
    )  # fmt: skip


def narrow_gradients(parallel: Parallel) -> Condition:
    """Where main gradients are accumulated and reduced in 16 bits.

    NVIDIA's tuned recipes do so in 8 and 4 bits (:func:`model.memory.states.bytes_per_parameter`) and, since NeMo 25.02, in
    bf16 too: the performance scripts of NeMo and of Megatron-Bridge set ``grad_reduce_in_fp32=False``. Megatron's own
    default is fp32.
    """
    since = (parallel.precision > _BF16) | (
        (parallel.precision == _BF16) & (parallel.stack_year >= NARROW_GRADIENTS_YEAR)
    )
    return since & (parallel.stack == _MEGATRON) & (parallel.tuned != 0)


def gradients_are_narrow(parallel: Parallel, work: Work) -> Condition:
    """Where main gradients have 16 bits: what the work states, else :func:`narrow_gradients`."""
    wide = work.wide_gradients
    rule = narrow_gradients(parallel)
    return rule if wide is None else np.equal(_stated(wide, np.logical_not(rule)), 0)


def _stated(value: Num | None, rule: Num) -> Num:
    """The stated value where there is one (not None, not NaN), else the rule's."""
    if value is None:
        return rule
    return np.where(np.isnan(np.asarray(value, dtype=np.float64)), rule, value)
