"""The batch of an optimizer step where the user sets none: by stage, size of the model and size of the cluster."""

from __future__ import annotations

import math
from typing import Final

from mitsumori.model.plan.plan import Plan

PRETRAIN_BATCH_TOKENS: Final = ((1e9, 0.5e6), (4e9, 1.0e6), (float("inf"), 4.0e6))
"""Standard optimizer step of pre-training in tokens, by parameters: 0.5 million below 1B and 1 million below 4B (GPT-3,
arXiv 2005.14165 table 2.1), 4 million above (Llama 2, arXiv 2307.09288 section 2.2)."""
LARGE_PARAMETERS: Final = 1e11
LARGE_BATCH_TOKENS: Final = 16.0e6
"""Optimizer step that a model above 1e11 parameters may have, tokens: Llama 3 405B ran 4, 8 and 16 million (arXiv 2407.21783
section 3.4.1); beyond the critical batch more sequences buy no progress (arXiv 1812.06162)."""
MICRO_BATCHES_A_STAGE: Final = 4.0
"""Sequences a replica for each pipeline stage: waiting stays near a tenth of the step with two to four virtual stages."""
STAGE_ACCELERATORS: Final = 8.0
"""Accelerators of one pipeline stage of a replica: tensor parallel inside a server of eight."""
REPLICA_TOKENS: Final = 8192.0
"""Tokens that every replica gets at least in a standard step (four sequences of 2,048 or one of 8,192): with fewer, people
raise the batch of a small model on a large cluster rather than let it idle."""
REPLICA_STATE_BYTES: Final = 18.0
"""Bytes a parameter of one unsharded replica in mixed precision (docs/method.md 3.1), to count the replicas."""
TUNING_BATCH_TOKENS: Final = 0.5e6
"""Standard optimizer step of fine-tuning: about half a million tokens (128 sequences of 4,096)."""
PRETRAIN_STAGES: Final = frozenset({"pretrain", "continual"})
ANSWER_STAGES: Final = frozenset({"ppo", "grpo"})
LARGEST_STANDARD_BATCH: Final = 2**22
"""Our own bound, sequences: rounded to whole micro-batches on every replica it stays within what the field accepts."""


def global_batch_of(plan: Plan, parameters: float, accelerators: int, memory_bytes: float) -> int:
    """Sequences of one optimizer step: the user's, or the standard batch in tokens divided by the sequence length.

    The standard batch depends on the stage and the size of the model, and gives every replica that the cluster can hold at
    least :data:`REPLICA_TOKENS`; it is a power of two, or a whole number of sequences a replica where that floor decides.

    Parameters
    ----------
    plan
        Stage, sequence length and the batch that the user set.
    parameters
        Parameters of the model, above zero.
    accelerators
        Accelerators of the cluster, 1 or more.
    memory_bytes
        Memory of one, for the size of a replica.
    """
    if plan.parallel.global_batch is not None:
        return plan.parallel.global_batch
    return min(LARGEST_STANDARD_BATCH, _standard_batch(plan, parameters, accelerators, memory_bytes))


def _standard_batch(plan: Plan, parameters: float, accelerators: int, memory_bytes: float) -> int:
    seq_len, work = plan.parallel.seq_len, plan.workload
    if (
        work.stage in ANSWER_STAGES
    ):  # the batch is of answers, each with its prompt, and not of sequences that are filled
        seq_len = min(seq_len, max(1, work.prompt_len + work.response_len))
    wanted = TUNING_BATCH_TOKENS
    if plan.workload.stage in PRETRAIN_STAGES:
        wanted = next(tokens for limit, tokens in PRETRAIN_BATCH_TOKENS if parameters < limit)
    split = max(1.0, parameters * REPLICA_STATE_BYTES / memory_bytes)
    replicas = accelerators / split
    if plan.workload.stage in PRETRAIN_STAGES and parameters >= LARGE_PARAMETERS:
        # Enough micro-batches for every stage of the pipeline that such a model needs, as far as published trainings went.
        filled = replicas * MICRO_BATCHES_A_STAGE * split / STAGE_ACCELERATORS * seq_len
        wanted = min(max(wanted, filled), LARGE_BATCH_TOKENS)
    if plan.workload.stage in PRETRAIN_STAGES and replicas * REPLICA_TOKENS > wanted:
        return max(1, round(replicas) * max(1, round(REPLICA_TOKENS / seq_len)))
    return int(max(1, 2 ** round(math.log2(max(1.0, wanted / seq_len)))))
