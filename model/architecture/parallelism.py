"""The parallel layout of a training as broadcastable arrays.

One :class:`Parallel` describes a batch of candidate layouts. Every field is a number or an array and **all fields
broadcast against each other**: a single plan has scalars, a table one axis, the exhaustive search one axis a
dimension (``tp`` of shape ``(T, 1, 1, ...)``, ``pp`` of shape ``(1, P, 1, ...)``). Formulas in ``memory.py`` and
``step.py`` only use broadcasting arithmetic and ``np.where`` (no reshape, no boolean indexing), so a term that
depends on few dimensions is computed on few elements, and a million layouts cost no more than their own few
operations each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mitsumori.model.base.arrays import Condition, Num
from mitsumori.model.base.named import Named

PRECISIONS = ("fp32", "tf32", "fp16", "bf16", "fp8", "mxfp8", "nvfp4")
OPTIMIZERS = ("adam", "adam8bit", "adafactor", "muon", "sgd")
RECOMPUTES = ("none", "selective", "full")
OFFLOAD_PARTS = ("optimizer", "activations", "parameters", "checkpoints")
"""What can lie in the host's memory; several at once. The code of a choice is a bit a part, in this order."""


def offload_name(code_of_parts: int) -> str:
    """The parts of an offload code joined by commas; ``none`` without any."""
    return ",".join(part for bit, part in enumerate(OFFLOAD_PARTS) if code_of_parts >> bit & 1) or "none"


OFFLOADS = tuple(offload_name(number) for number in range(2 ** len(OFFLOAD_PARTS)))
MODULES = ("core_attn", "layernorm", "moe_act", "mla_up_proj", "mlp", "moe", "shared_experts")
"""What selective recomputation may repeat, by Megatron-Core's names; the code of a choice is a bit a module, in this order."""
STACKS = ("megatron", "torchtitan", "llm-foundry", "deepspeed", "jax", "other", "huggingface", "torchtune")
DATA_PARALLEL_STACKS = frozenset({"llm-foundry", "huggingface", "torchtune"})
"""Software that splits a training over replicas only: no tensor, pipeline, context or expert parallel."""
TUNINGS = ("default", "tuned", "unknown")
"""How the software was set up: as delivered, by a published recipe, or nobody says. The last is predicted at the level of
the published runs and with the interval of those that say nothing."""


def away(parallel: Parallel, part: str) -> Condition:
    """True where ``part`` of :data:`OFFLOAD_PARTS` lies in the host's memory."""
    return (np.asarray(parallel.offload) >> OFFLOAD_PARTS.index(part) & 1) != 0


def modules_code(names: Iterable[str]) -> int:
    """The code of some of :data:`MODULES`."""
    return sum(1 << MODULES.index(name) for name in set(names))


def code(table: tuple[str, ...], name: str) -> int:
    """The number of ``name`` in one of the tables above, as the array code used in :class:`Parallel`."""
    return table.index(name)


SEQUENCE_AXES: Final = ("cp",)
"""Axes that divide a sequence: its tokens, and with the replicas the group over which states are sharded."""
REPLICA_AXES: Final = ("tp", "pp", *SEQUENCE_AXES)
"""Axes whose product is the accelerators of one replica; the others divide the replicas again, or nothing."""


def gpus_of_replica(sizes: object) -> int:
    """Accelerators of one replica of a single layout; ``sizes`` has the axes as its attributes (of a plan, a layout)."""
    return math.prod(int(getattr(sizes, axis)) for axis in REPLICA_AXES)


def sequence_parts(sizes: Layout | Parallel) -> Num:
    """Product of :data:`SEQUENCE_AXES` of one layout, or of each of a batch."""
    parts: Num = math.prod(getattr(sizes, axis) for axis in SEQUENCE_AXES)
    return parts


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Named[int | str]):
    """One layout as the fields of the plan's ``parallel`` part, with the replicas it leaves; names as in :class:`Parallel`."""

    tp: int
    pp: int
    vp: int
    cp: int
    ep: int
    etp: int
    dp: int
    zero_stage: int
    micro_batch: int
    global_batch: int
    seq_len: int
    sp: bool
    micro_batches: int
    precision: str
    optimizer: str
    recompute: str
    offload: str
    stack: str
    tuning: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """A batch of layouts. Integers (or integer arrays) unless said otherwise; codes index the tables above.

    Attributes
    ----------
    gpus
        Accelerators of the cluster, ``tp * pp * cp * dp``.
    tp, pp, cp, dp
        Tensor, pipeline, context and data parallel size.
    sp
        1 where sequence parallel is on (only with tp > 1).
    vp
        Virtual pipeline stages per GPU (interleaving); 1 is plain 1F1B.
    ep, etp
        Expert parallel size (a divisor of cp * dp * tp / etp) and tensor parallel size of the experts.
    zero_stage
        0 replicated, 1 optimizer states sharded (Megatron's distributed optimizer), 2 gradients too, 3 FSDP.
    micro_batch
        Sequences of one micro-batch.
    global_batch
        Sequences of one optimizer step.
    seq_len
        Tokens of one sequence.
    precision, optimizer, recompute, offload, stack
        Codes into the tables above.
    modules
        Bits of :data:`MODULES` that selective recomputation repeats; 0 is what the stack of that year does.
    stack_year
        Release date of the software stack as a decimal year (float).
    tuned
        Code of :data:`TUNINGS`: 0 default settings, 1 tuned recipe, 2 not known.
    """

    gpus: Num = 1
    tp: Num = 1
    pp: Num = 1
    cp: Num = 1
    dp: Num = 1
    sp: Num = 0
    vp: Num = 1
    ep: Num = 1
    etp: Num = 1
    zero_stage: Num = 0
    micro_batch: Num = 1
    global_batch: Num = 1
    seq_len: Num = 2048
    precision: Num = 3
    optimizer: Num = 0
    recompute: Num = 0
    offload: Num = 0
    modules: Num = 0
    stack: Num = 0
    stack_year: Num = 2026.0
    tuned: Num = 1

    @property
    def micro_batches(self) -> Num:
        """Micro-batches of one pipeline in one step, m = global_batch / (dp * micro_batch)."""
        return np.maximum(1, np.asarray(self.global_batch) // np.maximum(1, np.asarray(self.dp) * self.micro_batch))

    @property
    def sequence_parts(self) -> Num:
        """Accelerators over which one sequence is divided."""
        return sequence_parts(self)

    @property
    def tokens_per_step(self) -> Num:
        """Tokens of one optimizer step."""
        return np.asarray(self.global_batch, dtype=np.float64) * self.seq_len

    @property
    def expert_dp(self) -> Num:
        """Replicas of one expert shard: tp * sequence parts * dp / (etp * ep)."""
        return np.maximum(1, np.asarray(self.tp) * self.sequence_parts * self.dp // (np.asarray(self.etp) * self.ep))

    def with_(self, **changes: Num) -> Parallel:
        """A copy with some fields replaced."""
        return replace(self, **changes)
