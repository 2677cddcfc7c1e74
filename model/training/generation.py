"""Token generation inside a training pipeline: rollouts of RLHF and synthetic data, by the engine of :mod:`model.serving`.

A replica decodes as many sequences as its cache and its share of the rollouts allow, in the steps of
:func:`model.serving.step.decode_step_s`; prompts are read at :func:`model.serving.step.prefill_s`. All fields are numbers or
arrays that broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Num
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.serving.constants import ENGINES, ServingConstants, shipped_serving
from mitsumori.model.serving.memory import MAX_SEQUENCES, serving_memory
from mitsumori.model.serving.shape import KV_BYTES, Deployment, card_of, part_bytes, rate_of, served_model
from mitsumori.model.serving.step import decode_step_s, prefill_s

MAX_BATCH: Final = MAX_SEQUENCES
"""Sequences decoded at once at most (scheduler limit of common engines)."""
ENGINE_YEAR: Final = 2026.6
"""Release of the generating engine where nobody says."""


@dataclass(frozen=True, slots=True)
class GenerationBatch:
    """Speed and memory of generation.

    ``tokens_per_s_per_gpu`` counts generated tokens; ``batch`` sequences a replica at once; bytes are of one accelerator:
    weights, what is left for the cache, workspace of the engine, and what it does not take.
    """

    tokens_per_s_per_gpu: Num
    prefill_tokens_per_s_per_gpu: Num
    batch: Num
    step_s: Num
    fits: Num
    weights_bytes: Num
    cache_bytes: Num
    workspace_bytes: Num
    reserve_bytes: Num

    def one(self, shape: tuple[int, ...], place: tuple[int, ...]) -> GenerationBatch:
        """One of a batch of replicas.

        Parameters
        ----------
        shape
            Shape of the batch.
        place
            Place in it.
        """
        names = GenerationBatch.__dataclass_fields__
        return GenerationBatch(**{name: np.broadcast_to(getattr(self, name), shape)[place] for name in names})


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica of the generating engine and what it generates; numbers or arrays that broadcast.

    Attributes
    ----------
    tp, pp
        Accelerators of one stage of a replica, and its stages, 1 or more.
    prompt_len, response_len
        Tokens; the cache holds on average the prompt and half of the response.
    precision
        Format of the weights (``bf16`` or ``fp8``).
    ep
        Ranks over which whole experts are spread; None: all of the stage.
    memory_share
        Share of the card that is free for generation, above 0 to 1 (the trainer may keep the rest).
    wanted_batch
        Sequences one would like to decode at once.
    engine, year
        Serving engine and its release.
    """

    tp: Num
    prompt_len: Num
    response_len: Num
    precision: str = "bf16"
    pp: Num = 1
    ep: Num | None = None
    memory_share: Num = 1.0
    wanted_batch: Num = MAX_BATCH
    engine: str = "vllm"
    year: float = ENGINE_YEAR


def generation(
    arch: Architecture, gpu: Gpu, replica: Replica, params_scale: Num = 1.0, constants: ServingConstants | None = None
) -> GenerationBatch:
    """Speed of decoding the responses of a replica after its prompts.

    Parameters
    ----------
    arch, gpu
        Model and accelerator.
    replica
        How it runs and what it generates.
    params_scale
        The user's parameter count over the architecture's.
    constants
        Constants of serving; None: the shipped ones.

    Returns
    -------
    GenerationBatch
        ``fits`` is False where weights and one sequence exceed the memory; the speed is then 0.
    """
    k = constants or shipped_serving().constants
    model = served_model(arch, scale=params_scale)
    moe = bool(np.any(np.asarray(arch.moe_experts) > 0))
    attention, dense, expert = part_bytes(replica.precision, moe, bool(np.any(np.asarray(arch.mla) > 0)))
    ranks = np.asarray(replica.tp, dtype=float)
    at = Deployment(
        gpus=ranks, pp=replica.pp, dp=1.0, expert_ranks=ranks if replica.ep is None else replica.ep,
        attention_bytes=attention, dense_bytes=dense, expert_bytes=expert, kv_bytes=KV_BYTES["bf16"],
        flops=rate_of(gpu, replica.precision), fp8=float(replica.precision == "fp8" and bool(gpu.fp8)), nvfp4=0.0, draft=1.0,
        accepted=float("nan"), engine=ENGINES.index(replica.engine), year=replica.year,
    )  # fmt: skip
    card = card_of(gpu)
    card = replace(card, memory=np.asarray(card.memory) * replica.memory_share)
    prompt, response = np.asarray(replica.prompt_len), np.asarray(replica.response_len)
    longest = prompt + response
    memory = serving_memory(model, at, card, longest)
    room = memory.sequences
    fits = room >= 1
    batch = np.clip(room, 1, np.minimum(replica.wanted_batch, MAX_SEQUENCES * np.asarray(replica.pp)))
    step = decode_step_s(model, at, card, batch, prompt + 0.5 * response, k)
    step = step * k.offline_level
    read = prefill_s(model, at, card, replica.prompt_len, k, alone=False)
    world = ranks * replica.pp
    return GenerationBatch(
        tokens_per_s_per_gpu=np.where(fits, batch / step / world, 0.0),
        prefill_tokens_per_s_per_gpu=np.where(fits, prompt / read / world, 0.0),
        batch=batch,
        step_s=step,
        fits=fits,
        weights_bytes=memory.weights_bytes,
        cache_bytes=memory.cache_bytes,
        workspace_bytes=memory.workspace_bytes,
        reserve_bytes=memory.reserve_bytes,
    )
