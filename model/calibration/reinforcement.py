"""Reinforcement learning end to end: rollouts, log-probabilities, training and the refit of weights, for ``kind`` rl of a file.

A step of GRPO generates ``rollouts`` responses, reads their log-probabilities under the old policy and the reference (two
forward passes), trains on them in optimizer steps of ``gbs_seqs`` responses, and hands the new weights to the generating
replicas. On policy the phases follow each other and the longest response decides when generation ends; off policy generation
and training run beside each other on their own accelerators, so the sum of both, shared over all of them, remains
(HybridFlow, arXiv 2409.19256; StreamRL, arXiv 2504.15930). Weights change at every step, and engines sleep and wake between
phases: all of it runs at default settings, not at the level of a tuned recipe (``tuned_default``).

What a row does not say is assumed and said: the prompt, and how uneven the responses are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture, parameter_count
from mitsumori.model.calibration.run_layout import number_of, positive_of, text_of
from mitsumori.model.calibration.runs import Run
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.training.generation import Replica, generation
from mitsumori.model.training.stages import FORWARD_SHARE
from mitsumori.model.training.step import step_time

PROMPT_TOKENS: Final = 115.0
"""Prompt of a mathematical question, tokens, where a row does not say: an assumption."""
FORWARD_PASSES: Final = 2.0
"""Log-probabilities of the old policy and of the reference."""
TAIL_SHARE: Final = 0.125
"""Share of the sequences still running, in the mean, between the mean and the longest response: an assumption."""
REFIT_RATE: Final = 0.1
"""Share of the network that handing over weights reaches, gathers and renaming included: an assumption."""
CROSSING_S: Final = 100e-6
"""One small all-reduce of a replica that spans servers, two a layer: an assumption, several hops of the network."""
HALF_WIDTH: Final = 0.6
"""Half-width (log) of the interval, from seven published rows of one software on one accelerator (docs/method.md 5.3)."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What a row says of its generation: responses of a step, mean tokens of one, accelerators and stages of a replica."""

    responses: float
    generated: float
    tp: float
    pp: float
    off_policy_steps: float


@dataclass(frozen=True, slots=True)
class RlStep:
    """Seconds of one step by phase, and tokens/s of one accelerator over all of them."""

    generation_s: float
    logprob_s: float
    training_s: float
    refit_s: float
    total_s: float
    tokens_per_s_per_gpu: float


def rollout_of(run: Run) -> Rollout | None:
    """The rollout of a row, from its columns or its note; None where neither says how many responses of what length."""
    notes, row = text_of(run.row, "notes"), run.row
    found = {
        "responses": re.search(r"rollouts/step (\d+)", notes), "generated": re.search(r"mean generated length (\d+)", notes),
    }  # fmt: skip
    values = {
        "responses": positive_of(row, "rollouts_per_step"), "generated": positive_of(row, "generated_tokens"),
    }  # fmt: skip
    for name, match in found.items():
        if values[name] is None and match:
            values[name] = float(match.group(1))
    if values["responses"] is None or values["generated"] is None:
        return None
    sizes = re.search(r"generation \[TP,PP\]=\[(\d+),(\d+)\]", notes)
    off = re.search(r"(\d+)-step Off", notes)
    return Rollout(
        values["responses"], values["generated"],
        positive_of(row, "generation_tp") or (float(sizes.group(1)) if sizes else 8.0),
        positive_of(row, "generation_pp") or (float(sizes.group(2)) if sizes else 1.0),
        number_of(row, "staleness_steps") or (float(off.group(1)) if off else 0.0),
    )  # fmt: skip


def predict_rl(run: Run, constants: Constants) -> RlStep | None:
    """One step of a row end to end; None where it does not say what is generated or the model fits no replica."""
    rolled = rollout_of(run)
    if rolled is None or run.architecture is None or run.parallel is None or run.gpu is None:
        return None
    arch, gpu, parallel = run.architecture, run.gpu, run.parallel
    total = PROMPT_TOKENS + rolled.generated
    longest = max(rolled.generated, float(parallel.seq_len) - PROMPT_TOKENS)
    generate = _generation_s(arch, gpu, parallel, rolled, longest)
    if generate is None:
        return None
    train, forward = _training_s(arch, gpu, parallel, run, rolled, total, constants)
    weights = 2.0 * float(np.asarray(parameter_count(arch).total))
    refit = weights / (rolled.tp * rolled.pp) / (float(gpu.nic_bytes_per_s) * REFIT_RATE)
    level = 1.0 if int(parallel.tuned) == 0 else float(constants["tuned_default"])
    generate, forward, train = generate / level, forward / level, train / level
    step = generate + FORWARD_PASSES * forward + train + refit
    tokens = rolled.responses * total
    return RlStep(generate, FORWARD_PASSES * forward, train, refit, step, tokens / step / float(parallel.gpus))


def _generation_s(arch: Architecture, gpu: Gpu, parallel: Parallel, rolled: Rollout, longest: float) -> float | None:
    """Seconds until every response of a step is there; without the tail where training goes on beside it."""
    replicas = max(1.0, float(parallel.gpus) / (rolled.tp * rolled.pp))
    # Responses of as many steps as may be behind are under way at once.
    together = max(1.0, rolled.off_policy_steps)
    each = max(1.0, rolled.responses * together / replicas)
    crossing = float(np.asarray(arch.layers)) * 2.0 * CROSSING_S if rolled.tp > float(gpu.domain) else 0.0

    def at(batch: float) -> tuple[float, float, bool]:
        replica = Replica(rolled.tp, PROMPT_TOKENS, rolled.generated, pp=rolled.pp, wanted_batch=batch)
        found = generation(arch, gpu, replica)
        return float(np.asarray(found.step_s)) + crossing, float(np.asarray(found.batch)), bool(np.asarray(found.fits))

    step_s, batch, fits = at(each)
    if not fits:
        return None
    rounds = max(1.0, each / batch)
    whole = rounds * rolled.generated * step_s / together
    if rolled.off_policy_steps > 0:
        return whole
    return whole + (longest - rolled.generated) * at(max(1.0, batch * TAIL_SHARE))[0]


def _training_s(
    arch: Architecture, gpu: Gpu, parallel: Parallel, run: Run, rolled: Rollout, total: float, constants: Constants
) -> tuple[float, float]:
    """Seconds of all optimizer steps of an RL step, and of one forward pass over all responses (packed sequences)."""
    seq = float(parallel.seq_len)
    batch = min(rolled.responses, positive_of(run.row, "gbs_seqs") or rolled.responses)
    packed = max(1.0, np.ceil(batch * total / seq / float(parallel.dp))) * float(parallel.dp)
    layout = parallel.with_(global_batch=int(packed), micro_batch=1)
    work = replace(run.work or Work(), attention_share=min(1.0, total / seq), balanced=0.0)
    step = step_time(arch, gpu, layout, work, constants)
    steps = max(1.0, rolled.responses / batch)
    forward = float(np.asarray(step.compute_s + step.bubble_s + step.communication_s)) * FORWARD_SHARE
    return steps * float(np.asarray(step.total_s)), steps * forward
