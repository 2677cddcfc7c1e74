"""What is computed beyond shape and layout, and with which kernels a software stack of a given year does it.

:class:`Work` holds what the workload and the user state; :func:`kernels` fills in the rest from the stack and its year by
stated rules, so that nothing in the engine asks for a model's or a run's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, STACKS, Parallel
from mitsumori.model.base.arrays import Num, pick

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

_BF16: Final = PRECISIONS.index("bf16")
_MEGATRON: Final = STACKS.index("megatron")
_FOUNDRY: Final = STACKS.index("llm-foundry")
_DEEPSPEED: Final = STACKS.index("deepspeed")
_JAX: Final = STACKS.index("jax")


@dataclass(frozen=True, slots=True)
class Work:
    """What is computed, beyond shape and layout; numbers or arrays.

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
    fused_attention
        0 no fused kernel, 1 FlashAttention-2 class, 2 newer; None: by the rule of :func:`kernels`.
    compiled
        1 fused or compiled element-wise work, 0 eager; None: by rule.
    overlap
        0 exposed tensor-parallel communication, 1 overlapped by the stack, 2 asynchronous by a compiler; None: by rule.
    rowwise
        1 for fp8 with row-wise scales outside the kernel.
    """

    trained_share: Num = 1.0
    gradient_share: Num = 1.0
    attention_share: Num = 1.0
    balanced: Num = 1.0
    fused_attention: Num | None = None
    compiled: Num | None = None
    overlap: Num | None = None
    rowwise: Num = 0.0


LORA: Final = Work(trained_share=0.0, gradient_share=0.02)
"""Adapters on frozen weights (arXiv 2106.09685): no weight gradient of the frozen matrices."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels a stack of a given year runs; arrays of 0, 1, 2 as in :class:`Work`."""

    fused_attention: Num
    compiled: Num
    overlap: Num


def kernels(parallel: Parallel, work: Work) -> Kernels:
    """The kernel flags of a stack and year, where the work does not state them.

    Rules: no fused attention before 2023 outside JAX, nor in Megatron-DeepSpeed before 2025; Megatron and JAX run the
    newest attention kernels from 2024 on, other PyTorch stacks FlashAttention-2; Megatron, torchtitan and JAX fuse
    element-wise work, llm-foundry and DeepSpeed are eager; tensor-parallel traffic is overlapped by Megatron from 2023 on
    and by XLA, not by the others.
    """
    stack, year = np.asarray(parallel.stack), np.asarray(parallel.stack_year)
    newest = (stack == _MEGATRON) | (stack == _JAX)
    unfused = ((year < FUSED_ATTENTION_YEAR) & (stack != _JAX)) | ((stack == _DEEPSPEED) & (year < 2025.0))
    attention: Num = pick(unfused, 0, pick(newest & (year >= 2024.0), 2, 1))
    compiled: Num = pick((stack == _FOUNDRY) | (stack == _DEEPSPEED), 0, 1)
    overlap: Num = pick(((stack == _MEGATRON) & (year >= OVERLAP_YEAR)) | (stack == _JAX), 1, 0)
    return Kernels(
        _stated(work.fused_attention, attention), _stated(work.compiled, compiled), _stated(work.overlap, overlap)
    )


def narrow_gradients(parallel: Parallel) -> Any:
    """Where main gradients are accumulated and reduced in 16 bits.

    NVIDIA's tuned recipes do so in 8 and 4 bits (:func:`model.memory.states.bytes_per_parameter`) and, since NeMo 25.02, in
    bf16 too: the performance scripts of NeMo and of Megatron-Bridge set ``grad_reduce_in_fp32=False``. Megatron's own
    default is fp32.
    """
    since = (parallel.precision > _BF16) | (
        (parallel.precision == _BF16) & (parallel.stack_year >= NARROW_GRADIENTS_YEAR)
    )
    return since & (parallel.stack == _MEGATRON) & (parallel.tuned != 0)


def _stated(value: Num | None, rule: Num) -> Any:
    """The stated value where there is one (not None, not NaN), else the rule's."""
    if value is None:
        return rule
    return np.where(np.isnan(np.asarray(value, dtype=np.float64)), rule, value)
