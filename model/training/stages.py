"""What a training stage means for memory and for the clock.

Pre-training, continual pre-training and SFT train the whole model; LoRA and QLoRA train adapters on frozen weights; DPO
adds a frozen reference; RLHF adds rollouts and other role models; synthetic data generation only generates. Each stage is
one :class:`Workflow`: what the training step computes, which models lie in memory beside it, and which forward passes and
generated tokens come with each trained token.

References
----------
LoRA arXiv 2106.09685, QLoRA 2305.14314, DPO 2305.18290, PPO for language models 2203.02155 (InstructGPT: actor, critic,
reference and reward model), GRPO 2402.03300 (no critic), HybridFlow 2409.19256 (roles share the accelerators in turn).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import (
    ATTENTIONS,
    CONTEXTS,
    CUDA_GRAPHS,
    DISPATCHERS,
    LORA,
    LOSS_FORMS,
    STATE_PRECISIONS,
    Work,
    kernels,
    narrow_gradients,
)
from mitsumori.model.base.arrays import Num, pick
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.memory.peak import MemoryOptions
from mitsumori.model.memory.states import ADAM_STATE_BYTES, TRAINABLES
from mitsumori.model.plan.resolve import Resolved
from mitsumori.model.training.generation import ENGINE_YEAR, GenerationBatch, Replica, generation
from mitsumori.model.training.step import StepBatch

FROZEN_ROLE_BYTES: Final = 2.0
"""Bytes a parameter of a frozen role model in 16 bit."""
TRAINED_ROLE_BYTES: Final = 2.0 + 4.0 + 4.0 + ADAM_STATE_BYTES
"""Bytes a parameter of a second trained model (the critic) in mixed precision with Adam: 16-bit weight, gradient and master
weight in 32 bits, moments; 18 (docs/method.md 3.1)."""
ROUTING_CAPACITY: Final = 1.25
"""Tokens of a busy expert rank over the mean that trainings plan for: the capacity factor of Switch Transformers (arXiv
2101.03961 section 2.2) and ST-MoE (arXiv 2202.08906 section 4.2)."""
REPLICA_SIZES: Final = tuple(2**k for k in range(8))
"""Accelerators of a stage of a replica that generates: powers of two, as engines split heads; 128 is beyond any domain."""
FORWARD_SHARE: Final = 1.0 / 3.0
"""A forward pass over a training step without recomputation: one of three equal passes (docs/method.md 2.2)."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """What comes with each trained token of a stage.

    Attributes
    ----------
    trains
        False for pure generation.
    adapters
        ``full``, ``lora`` or ``qlora``.
    extra_forward
        Forward passes of frozen role models a trained token, relative to the model's own forward pass.
    extra_training
        Training steps of a second trained model a trained token, relative to the model's own step.
    generated
        Tokens generated for each trained token.
    prefilled
        Prompt tokens read for each trained token.
    frozen_copies, trained_copies
        Parameters of frozen and of trained role models in memory, relative to the model.
    """

    trains: bool = True
    adapters: str = "full"
    extra_forward: float = 0.0
    extra_training: float = 0.0
    generated: float = 0.0
    prefilled: float = 0.0
    frozen_copies: float = 0.0
    trained_copies: float = 0.0


def workflow(resolved: Resolved) -> Workflow:
    """The workflow of a plan's stage.

    PPO and GRPO read the old policy's and the reference's log-probabilities (two forward passes of the model's size) and
    score with a reward model of ``reward_model_params`` (the model's own size when not given); PPO trains a critic of that
    size. Of each trained sequence the response share is generated, the prompt is prefilled once for all its responses.
    """
    stage, work = resolved.plan.workload.stage, resolved.plan.workload
    if stage in ("lora", "qlora"):
        return Workflow(adapters=stage)
    if stage == "dpo":
        return Workflow(extra_forward=1.0, frozen_copies=1.0)
    if stage in ("ppo", "grpo"):
        reward = (work.reward_model_params or resolved.parameters) / resolved.parameters
        total = work.prompt_len + work.response_len
        answers = work.responses_per_prompt if stage == "grpo" else 1
        critic = reward if stage == "ppo" else 0.0
        return Workflow(
            extra_forward=2.0 + reward + critic,
            extra_training=critic,
            generated=work.response_len / total,
            prefilled=work.prompt_len / total / answers,
            frozen_copies=1.0 + reward,
            trained_copies=critic,
        )
    if stage == "datagen":
        return Workflow(trains=False, generated=1.0, prefilled=work.prompt_len / work.response_len)
    return Workflow()


def work_of(resolved: Resolved) -> Work:
    """What the training step computes (:class:`model.training.step.Work`) for the plan's stage and kernels."""
    par, adapters = resolved.plan.parallel, workflow(resolved).adapters
    base = LORA if adapters != "full" else Work()
    attention = par.attention if par.fused_attention else "unfused"
    words = {
        "fused_attention": (ATTENTIONS, attention), "dispatcher": (DISPATCHERS, par.moe_dispatcher),
        "cuda_graphs": (CUDA_GRAPHS, par.cuda_graphs), "context": (CONTEXTS, par.context),
    }  # fmt: skip
    flags: dict[str, Num] = {name: table.index(word) for name, (table, word) in words.items() if word is not None}
    switches = {
        "compiled": par.compiled, "ep_overlap": par.ep_overlap, "permute_fusion": par.permute_fusion,
        "capacity_factor": par.capacity_factor,
        "wide_gradients": None if par.gradient_precision is None else par.gradient_precision == "fp32",
    }  # fmt: skip
    flags |= {name: float(value) for name, value in switches.items() if value is not None}
    if resolved.plan.workload.lora_targets == "attention":
        flags["adapters"] = min(1.0, float(base.adapters))
    return replace(base, quantised=float(adapters == "qlora"), **flags)


def memory_options(resolved: Resolved, gpu: Gpu, parallel: Parallel) -> MemoryOptions:
    """What memory depends on beside shape and layout, for the plan's stage (:class:`model.memory.peak.MemoryOptions`).

    Training without a fused attention kernel keeps the scores and dropout masks (arXiv 2205.05198 section 4); whether the
    stack of that year has one is the same rule as for the clock (:func:`model.architecture.stacks.kernels`), and so is the
    width of the main gradients (:func:`model.architecture.stacks.narrow_gradients`).

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu
        Numbers of the accelerator.
    parallel
        Layouts; their fields are numbers or arrays that broadcast.
    """
    plan, par = resolved.plan, resolved.plan.parallel
    flow = workflow(resolved)
    fused = np.asarray(kernels(parallel, work_of(resolved)).fused_attention) > 0
    return MemoryOptions(
        capacity_bytes=gpu.memory_bytes,
        trainable=TRAINABLES.index(flow.adapters),
        lora_rank=plan.workload.lora_rank,
        lora_all_linear=int(plan.workload.lora_targets == "all_linear"),
        params_scale=resolved.params_scale,
        fp32_gradients=_stated(
            STATE_PRECISIONS, par.gradient_precision, pick(narrow_gradients(parallel), 0, -1), (1, 0)
        ),
        compiled=int(par.compiled is not False),
        fused_loss=_stated(LOSS_FORMS, par.loss, -1),
        state_precision=_stated(STATE_PRECISIONS, par.state_precision, -1),
        optimizer_in_backward=int(bool(par.optimizer_in_backward)),
        paged_optimizer=int(bool(par.paged_optimizer)),
        cp_all_to_all=int(par.context != "ring"),
        fused_attention=fused.astype(np.int64),
        dropout=(~fused).astype(np.int64),
        moe_imbalance=expert_imbalance(resolved, parallel),
        extra_bytes=role_bytes(resolved, parallel),
    )


def _stated(table: tuple[str, ...], word: str | None, rule: Num, codes: tuple[int, ...] = ()) -> Num:
    """The code of a word of the recipe, by its place in ``table`` (or in ``codes``); the rule where nobody states it."""
    if word is None:
        return rule
    place = table.index(word)
    return codes[place] if codes else place


def expert_imbalance(resolved: Resolved, parallel: Parallel) -> Num:
    """Routed tokens of the busiest expert rank over the mean, for memory.

    Tuned recipes force balanced routing, and a rank that holds all experts sees every token: 1. Else
    :data:`ROUTING_CAPACITY`: no tokens are dropped, so what routers are held to by design must fit.
    """
    if not resolved.architecture.is_moe or resolved.plan.parallel.tuning == "tuned":
        return 1.0
    return pick(parallel.ep > 1, ROUTING_CAPACITY, 1.0)


def role_bytes(resolved: Resolved, parallel: Parallel) -> Num:
    """Bytes of the other role models on one GPU, split like the model itself (tensor, pipeline; all GPUs under ZeRO-3)."""
    flow = workflow(resolved)
    whole = resolved.parameters * (FROZEN_ROLE_BYTES * flow.frozen_copies + TRAINED_ROLE_BYTES * flow.trained_copies)
    replica = np.asarray(parallel.tp) * parallel.pp
    return whole / np.where(np.asarray(parallel.zero_stage) >= 3, parallel.gpus, replica)


def rollout(resolved: Resolved, gpu: Gpu) -> tuple[GenerationBatch, int]:
    """Speed of the generation of synthetic data at the replica size that gives the most tokens a second, and that size.

    Sizes are powers of two that divide the cluster, within the scale-up domain where one holds the model, else beyond it; or
    the plan's own (``rollout.tp``). Answers of PPO and GRPO: :mod:`model.training.policy`.
    """
    plan, part = resolved.plan, resolved.plan.rollout
    work, gpus = plan.workload, resolved.accelerators
    stages = part.pp or 1
    allowed = [t for t in REPLICA_SIZES if t * stages <= gpus and gpus % (t * stages) == 0]
    sizes = np.array([part.tp] if part.tp else allowed or [1])
    narrow = narrow_weights(resolved, gpu)
    replicas = Replica(
        sizes, work.prompt_len, work.response_len, "fp8" if narrow else "bf16", stages, part.ep,
        engine=part.engine, year=part.engine_year or ENGINE_YEAR,
    )  # fmt: skip
    result = generation(resolved.architecture, gpu, replicas, resolved.params_scale)
    within = np.asarray(result.fits) & (sizes <= int(gpu.joined))
    speed = np.asarray(result.tokens_per_s_per_gpu) * (within if within.any() else 1.0)
    best = int(np.argmax(speed))
    return result.one(sizes.shape, (best,)), int(sizes[best])


def narrow_weights(resolved: Resolved, gpu: Gpu) -> bool:
    """Whether the generating engine keeps 8-bit weights: where the training is in 8 or 4 bits and the accelerator has them.

    Parameters
    ----------
    resolved
        The plan with its records.
    gpu
        The accelerator that generates.
    """
    return resolved.plan.parallel.precision in ("fp8", "mxfp8", "nvfp4") and bool(gpu.fp8)


def seconds_per_token(
    resolved: Resolved, flow: Workflow, step: StepBatch | None, rolled: GenerationBatch | None
) -> tuple[Num, Num]:
    """Seconds the whole cluster needs for one trained (or generated) token: training part and generation part.

    ``training = step/tokens * (1 + extra_training) + forward passes``; ``generation = generated / rate + prefilled / rate``.
    Roles run in turn on the same accelerators (HybridFlow's colocated placement), so the parts add.

    Parameters
    ----------
    resolved
        The plan with its records.
    flow
        What comes with each trained token of the stage.
    step
        One training step; None where nothing is trained.
    rolled
        Generation; None where nothing is generated.
    """
    train: Num = 0.0
    if step is not None:
        forward = (step.compute_s + step.micro_batches * step.tp_s * step.factor) * FORWARD_SHARE
        train = (step.total_s * (1.0 + flow.extra_training) + forward * flow.extra_forward) / step.tokens
    generate: Num = 0.0
    if rolled is not None:
        cluster = resolved.accelerators
        rate = np.asarray(rolled.tokens_per_s_per_gpu) * cluster
        read = np.asarray(rolled.prefill_tokens_per_s_per_gpu) * cluster
        generate = np.where(rate > 0, flow.generated / np.maximum(rate, 1e-30), np.inf) + np.where(
            read > 0, flow.prefilled / np.maximum(read, 1e-30), np.inf
        )
    return train, generate
