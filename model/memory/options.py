"""What memory depends on beside architecture and layout, and how one stage's peak is described."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Condition, Indices, Num, Texts, some
from mitsumori.model.memory.states import LayerParameters, Stage, StateBytes, States


@dataclass(frozen=True, slots=True)
class MemoryOptions:
    """Settings of one training; numbers or arrays that broadcast.

    Attributes
    ----------
    capacity_bytes
        Usable memory of the card; infinite when it is not known (then everything fits and nothing is capped).
    trainable
        0 all parameters, 1 LoRA, 2 QLoRA (:data:`model.memory.states.TRAINABLES`).
    lora_rank, lora_all_linear
        Rank; 1 adapters on attention and dense feed-forward matrices, 0 on attention only. Routed experts get none.
    params_scale
        The user's parameter count over the architecture's own.
    fp32_gradients
        1 main gradients in fp32, 0 in the weights' precision, -1 as the stack does (Megatron 1, except tuned recipes of
        8 and 4 bits; others 0).
    quantised_only
        1 the linear weights exist in 8 or 4 bits only, 0 beside their bf16 copy, -1 as ``Parallel.tuned`` says.
    compiled
        torch.compile (FSDP stacks).
    fused_loss
        Code of :data:`model.architecture.stacks.LOSS_FORMS`: 0 plain cross-entropy, 1 in place of the logits, 2 over chunks of
        the sequence; -1 as the stack does (Megatron and llm-foundry 1, torchtitan where it is compiled, torchtune 2,
        others 0).
    state_precision
        Code of :data:`model.architecture.stacks.STATE_PRECISIONS`: 0 master weights and moments in fp32, 1 in bf16: moments of
        2 bytes beside an fp32 master (Megatron, DeepSpeed, JAX), else pure bf16 (weights, gradients and moments of 2 bytes,
        no master); -1 as the stack does (Hugging Face and torchtune 1).
    optimizer_in_backward
        1 where each gradient is applied and freed as soon as it is there.
    paged_optimizer
        1 where the driver moves optimizer states to the host when memory is short.
    wide_norms
        1 where the norms of a quantised model are kept in fp32, and with them the stream between its layers (PEFT's
        ``prepare_model_for_kbit_training``); -1 as the stack does (Hugging Face 1 with QLoRA).
    fused_attention
        1 a kernel that does not store the scores.
    dropout
        1 dropout on attention scores and on both residual branches (GPT-3 era).
    cp_all_to_all
        1 context parallel exchanges heads (all-to-all), 0 a ring of keys and values.
    moe_imbalance
        Tokens of the busiest expert rank over the mean.
    extra_bytes
        Resident on every GPU beside the training: copies of other role models (DPO, PPO), caches of generation.
    pipeline_micro_batch
        Sequences a pipeline micro-batch in torchtitan, which splits the local batch; 0 as its default does.
    async_tensor_parallel
        1 asynchronous tensor parallel (torchtitan): exchanges in pieces, smaller cached transients.
    """

    capacity_bytes: Num = float("inf")
    trainable: Num = 0
    lora_rank: Num = 16
    lora_all_linear: Num = 1
    params_scale: Num = 1.0
    fp32_gradients: Num = -1
    quantised_only: Num = -1
    compiled: Num = 1
    fused_loss: Num = -1
    state_precision: Num = -1
    optimizer_in_backward: Num = 0
    paged_optimizer: Num = 0
    wide_norms: Num = -1
    fused_attention: Num = 1
    dropout: Num = 0
    cp_all_to_all: Num = 1
    moe_imbalance: Num = 1.0
    extra_bytes: Num = 0.0
    pipeline_micro_batch: Num = 0
    async_tensor_parallel: Num = 0

    def states(self, arch: Architecture, parallel: Parallel, layer: LayerParameters) -> States:
        """Weights, gradients and optimizer states under these settings."""
        return States(
            arch,
            parallel,
            layer,
            trainable=self.trainable,
            params_scale=self.params_scale,
            fp32_gradients=self.fp32_gradients,
            quantised_only=self.quantised_only,
            state_precision=self.state_precision,
            paged_optimizer=self.paged_optimizer,
        )


@dataclass(frozen=True, slots=True)
class Phase:
    """Bytes above the permanent ones in one phase of a stage; ``cache`` is held by the allocator but not in use."""

    name: str
    activations: Num
    buffers: Num
    cache: Num = 0.0


@dataclass(frozen=True)
class StagePeak:
    """One pipeline stage: states, permanent buffers and what each phase adds.

    Attributes
    ----------
    fixed
        Buffers that stay for the whole step.
    phases
        Phases of forward and backward pass; they depend on the micro-batch.
    step
        The optimizer step where it needs more than the states; apart because it depends on the sharding instead, so
        that in a search the two meet only once.
    counts_cache
        The family's published figure is what the allocator *reserved*.
    cache_limit
        Reserved bytes above which cached blocks are returned.
    member
        Where in a mixed batch this stage's family applies; None everywhere.
    """

    stage: Stage
    states: StateBytes
    fixed: Num
    phases: tuple[Phase, ...]
    counts_cache: bool
    step: Phase | None = None
    cache_limit: Num = float("inf")
    member: Condition | None = None

    @cached_property
    def permanent(self) -> Num:
        """States and permanent buffers."""
        return self.states.weights + self.states.gradients + self.states.optimizer + self.fixed

    @cached_property
    def moving(self) -> Num:
        """The largest phase of forward and backward pass, without what is only cached."""
        return reduce(np.maximum, [m.activations + m.buffers for m in self.phases])

    @cached_property
    def in_use(self) -> Num:
        """Permanent bytes and the largest phase, without what is only cached."""
        most = self.permanent + self.moving
        return most if self.step is None else np.maximum(most, self.permanent + self.step.buffers)

    @cached_property
    def peak(self) -> Num:
        """Peak bytes as the family reports them: allocated, or reserved with what is cached.

        Cached blocks are returned before an allocation fails, so they never push a GPU over its memory:
        ``max(in use, min(in use + cached, limit))``.
        """
        if not self.counts_cache:
            return self.in_use
        held = reduce(np.maximum, [m.activations + m.buffers + m.cache for m in self.phases])
        most = self.permanent + held
        if self.step is not None:
            most = np.maximum(most, self.permanent + self.step.buffers)
        if some(np.isfinite(self.cache_limit)):
            most = np.maximum(np.minimum(most, self.cache_limit), self.in_use)
        return most

    @property
    def _all(self) -> tuple[Phase, ...]:
        return self.phases if self.step is None else (*self.phases, self.step)

    @cached_property
    def _worst(self) -> Indices:
        """Index of the worst phase."""
        best: Num | None = None
        index: Indices = np.zeros((), dtype=np.intp)
        for i, phase in enumerate(self._all):
            total = phase.activations + phase.buffers + phase.cache
            if best is None:
                best = total
                continue
            index = np.where(total > best, i, index)
            best = np.maximum(best, total)
        return index

    @cached_property
    def activations(self) -> Num:
        """Saved tensors in the worst phase."""
        found: Num = np.asarray(self.phases[0].activations)
        for i, phase in enumerate(self._all[1:], start=1):
            found = np.where(self._worst == i, phase.activations, found)
        # Capped reserved memory can be less than the worst phase's own activations only by rounding.
        return np.minimum(found, self.peak - self.permanent)

    @property
    def buffers(self) -> Num:
        """Everything in the worst phase that is neither state nor saved tensor, cached blocks included."""
        return self.fixed + (self.peak - self.permanent - self.activations)

    @property
    def worst_phase_name(self) -> Texts:
        """Name of the worst phase (an array of text)."""
        return np.asarray([phase.name for phase in self._all])[self._worst]
