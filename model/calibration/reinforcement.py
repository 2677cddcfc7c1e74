"""Reinforcement learning end to end: rollouts, log-probabilities, training and the refit of weights, for ``kind`` rl of a file.

A row's step is :mod:`model.training.reinforcement`, as a plan's is: ``rollouts`` responses, their log-probabilities under the
old policy and the reference (two forward passes), optimizer steps of ``gbs_seqs`` responses, new weights for the replicas.
What a row does not say is assumed and said: the prompt, how uneven the responses are, off policy how many of the accelerators
generate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import parameter_count
from mitsumori.model.calibration.run_layout import number_of, positive_of, text_of
from mitsumori.model.calibration.runs import Run
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.training.generation import Replica
from mitsumori.model.training.reinforcement import Rollouts, forward_s, generated, refit_s, swap_s, trained, whole_s

PROMPT_TOKENS: Final = 115.0
"""Prompt of a mathematical question, tokens, where a row does not say: an assumption."""
GENERATING_SHARE: Final = 0.5
"""Share of the accelerators that generate beside the trainer, where a row does not say: an assumption."""
FORWARD_PASSES: Final = 2.0
"""Log-probabilities of the old policy and of the reference."""


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


def divided_by_rule(run: Run) -> tuple[str, ...]:
    """What is assumed of an off-policy row that does not say how many of its accelerators generate."""
    rolled = rollout_of(run)
    open_ = rolled is not None and rolled.off_policy_steps > 0 and positive_of(run.row, "generation_gpus") is None
    return ("generation_gpus",) if open_ else ()


def predict_rl(run: Run, constants: Constants) -> RlStep | None:
    """One step of a row end to end; None where it does not say what is generated or the model fits no replica.

    On policy all accelerators generate and train in turn. Off policy ``generation_gpus`` of them generate beside the others;
    half where a row does not say.
    """
    rolled = rollout_of(run)
    if rolled is None or run.architecture is None or run.parallel is None or run.gpu is None:
        return None
    arch, gpu, parallel = run.architecture, run.gpu, run.parallel
    whole, beside = float(parallel.gpus), rolled.off_policy_steps > 0
    generators = (positive_of(run.row, "generation_gpus") or whole * GENERATING_SHARE) if beside else whole
    trainers = whole - generators if beside else whole
    longest = max(rolled.generated, float(parallel.seq_len) - PROMPT_TOKENS)
    answers = Rollouts(rolled.responses, PROMPT_TOKENS, rolled.generated, longest)
    replica = Replica(rolled.tp, PROMPT_TOKENS, rolled.generated, pp=rolled.pp)
    there = generated(
        arch, gpu, answers, replica, generators, constants, behind=rolled.off_policy_steps, shared=not beside
    )
    batch = min(rolled.responses, positive_of(run.row, "gbs_seqs") or rolled.responses)
    layout = parallel.with_(dp=float(parallel.dp) * trainers / whole, gpus=trainers, micro_batch=1)
    step, level = trained(arch, gpu, layout, run.work or Work(), answers, batch, constants)
    steps = max(1.0, rolled.responses / batch)
    train = steps * float(np.asarray(step.total_s) / level)
    forward = FORWARD_PASSES * steps * float(np.asarray(forward_s(step)) / level)
    parameters = float(np.asarray(parameter_count(arch).total))
    refit = float(refit_s(arch, parameters, gpu, gpu, layout, constants, apart=beside))
    refit += 0.0 if beside else float(swap_s(arch, gpu, layout))
    total = float(whole_s("asynchronous" if beside else "colocated", there.seconds, forward + train, refit))
    if not np.isfinite(total):
        return None
    rate = rolled.responses * answers.total / total / whole
    return RlStep(float(there.seconds), forward, train, refit, total, rate)
