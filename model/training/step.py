"""The time of one training step from architecture, accelerator, layout and work.

One set of formulas serves a single plan, the rows of a file of measured runs and a search over a million layouts: every
argument's fields are numbers or arrays that broadcast, and each term (:mod:`model.training.terms`) is computed on the
smallest grid its inputs span (layer times see tensor, context and expert parallelism and the micro-batch; pipeline and data
parallelism enter last).

Form of the model::

    step = [m * slowest stage * (1 + bubble) + exposed gradient sync + exposed gathers + optimizer] * scale / stack + fixed

Parts and their sources: pipeline bubble ``(p-1)/(m*v)`` (Narayanan et al., arXiv 2104.04473); tensor and sequence parallel
traffic (Korthikanti et al., arXiv 2205.05198); attention passes (Dao, arXiv 2307.08691); sharded states (Rajbhandari et
al., arXiv 1910.02054); all-to-all of node-limited routing (DeepSeek-AI, arXiv 2412.19437 section 3.2). The constants are
fitted to published runs (:mod:`model.calibration.fit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.stacks import Work
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Num, pick, real, some
from mitsumori.model.base.named import Named, NamedWhereKnown
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.kernels.constants import Constants
from mitsumori.model.kernels.launches import beyond
from mitsumori.model.memory.megatron import activations_away
from mitsumori.model.training.offload import activations_s
from mitsumori.model.training.terms import data, lost, optimizer, pipeline, recompute, tensor_parallel
from mitsumori.model.training.terms.compute import dense_layer, output_layer_s
from mitsumori.model.training.terms.data_parallel import gathering_s, gradients_s, s_per_byte, shards
from mitsumori.model.training.terms.expert_parallel import exposed_s
from mitsumori.model.training.terms.experts import expert_layer
from mitsumori.model.training.terms.setting import Setting, setting

__all__ = ["StepBatch", "StepParts", "Traffic", "step_time"]

V = TypeVar("V")

OFFLOAD_CORNER: Final = 0.1
"""Rounding of the corner where work and moved activations take equally long, share of the latter: an assumption."""


@dataclass(frozen=True, slots=True, eq=False)
class StepParts(NamedWhereKnown[V]):
    """A step by part: seconds of a batch, of one plan, or figures with provenance.

    Attributes
    ----------
    compute, recompute, communication, bubble, optimizer, data
        Parts of the training step; None where a stage only generates.
    other_roles
        Passes of a reward, reference or value model.
    generation
        Synthetic data, or rollouts that the trainer waits for.
    refit
        Handing the new weights to what generates.
    lost
        What failures, checkpoints and evaluation take of calendar time.
    """

    compute: V | None = None
    recompute: V | None = None
    communication: V | None = None
    bubble: V | None = None
    optimizer: V | None = None
    data: V | None = None
    other_roles: V | None = None
    generation: V | None = None
    refit: V | None = None
    lost: V | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Traffic(Named[V]):
    """Exposed communication of a step by kind: a parallel axis each, ``fsdp`` gathers sharded weights. Seconds."""

    tp: V
    cp: V
    ep: V
    pp: V
    dp: V
    fsdp: V


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Seconds of one step, by part. ``total_s`` is computed; the parts follow on demand and sum to it.

    ``busy``, ``repeat``, ``tp_s``, ``cp_s``, ``ep_s`` and ``pp_s`` are per micro-batch and mean stage; ``slowest`` is what the
    pipeline advances by; ``bubble`` a share; the rest per step. ``factor`` multiplies everything but ``fixed``.
    """

    total_s: Num
    micro_batches: Num
    factor: Num
    busy: Num
    repeat: Num
    tp_s: Num
    cp_s: Num
    ep_s: Num
    pp_s: Num
    slowest: Num
    bubble: Num
    dp_s: Num
    fsdp_s: Num
    update_s: Num
    fixed: Num
    tokens: Num
    gpus: Num

    @property
    def compute_s(self) -> Num:
        """Matrix products, attention, element-wise work and kernel launches."""
        return self.micro_batches * self.busy * self.factor

    @property
    def recompute_s(self) -> Num:
        """Work repeated to save memory."""
        return self.micro_batches * self.repeat * self.factor

    @property
    def communication_s(self) -> Num:
        """Exposed communication: tensor, context, expert and data parallel, sharded weights."""
        inside = self.micro_batches * (self.tp_s + self.cp_s + self.ep_s + self.pp_s)
        return (inside + self.dp_s + self.fsdp_s) * self.factor

    @property
    def bubble_s(self) -> Num:
        """Waiting of the pipeline: fill and drain, and stages that are not equal."""
        mean = self.busy + self.repeat + self.tp_s + self.cp_s + self.ep_s + self.pp_s
        return self.micro_batches * (self.slowest * (1 + self.bubble) - mean) * self.factor

    @property
    def optimizer_s(self) -> Num:
        """Optimizer update."""
        return self.update_s * self.factor

    @property
    def data_s(self) -> Num:
        """Fixed time of a step: data, logging, host."""
        return self.fixed

    @property
    def tokens_per_s_per_gpu(self) -> Num:
        """Training tokens of the step over its time and the accelerators."""
        return self.tokens / (self.total_s * self.gpus)

    def breakdown(self) -> StepParts[Num]:
        """Seconds by part; they sum to ``total_s``."""
        return StepParts(
            compute=self.compute_s, recompute=self.recompute_s, communication=self.communication_s,
            bubble=self.bubble_s, optimizer=self.optimizer_s, data=self.data_s,
        )  # fmt: skip

    def communication(self) -> Traffic[Num]:
        """Exposed communication by kind, seconds."""
        scale = self.micro_batches * self.factor
        return Traffic(
            tp=self.tp_s * scale, cp=self.cp_s * scale, ep=self.ep_s * scale, pp=self.pp_s * scale,
            dp=self.dp_s * self.factor, fsdp=self.fsdp_s * self.factor,
        )  # fmt: skip


def step_time(arch: Architecture, gpu: Gpu, parallel: Parallel, work: Work, constants: Constants) -> StepBatch:
    """Seconds of one training step and of its parts.

    Parameters
    ----------
    arch, gpu, parallel, work
        Numbers or arrays that broadcast together.
    constants
        Fitted constants; with a leading axis when many sets are tried at once.

    Returns
    -------
    StepBatch
        Fields of the broadcast shape or of a smaller one where a term does not depend on every axis.

    Notes
    -----
    Valid where the runs are: 0.1-1000B parameters, 1-16k accelerators, 1k-256k tokens a sequence. Nothing is refused
    here; a layout that cannot exist gives a number without meaning.
    """
    s = setting(arch, gpu, parallel, work, constants)
    p, m = s.p, real(parallel.micro_batches)
    # One micro-batch through the whole model.
    tp_layer = tensor_parallel.layer_s(s)
    dense = dense_layer(s, tp_layer)
    busy, repeat = s.dense * dense.busy_s, recompute.dense_s(s, dense)
    tp_s, cp_s = tensor_parallel.tensor_s(s, tp_layer), tensor_parallel.context_s(s)
    ep_s: Num = 0.0
    if some(s.is_moe):
        layer = expert_layer(s, dense, tp_layer)
        busy = busy + pick(s.moe > 0, s.moe * layer.busy_s, 0.0)
        again, activation = recompute.experts_s(s, layer)
        repeat = repeat + again + activation
        ep_s = exposed_s(s, layer, dense.scores)
    busy = _with_moved_activations(s, busy)
    output = output_layer_s(s)
    # The pipeline, and what a step has once.
    pp_s = pipeline.traffic_s(s)
    slowest = pipeline.slowest_stage_s(s, busy + repeat + tp_s + cp_s + ep_s, output, pp_s)
    bubble = pipeline.bubble_share(s, m)
    own = shards(s)
    unit = s_per_byte(s, own)
    dp_s, fsdp_s = gradients_s(s, own, unit, slowest, m), gathering_s(s, own, unit, slowest, m)
    update = optimizer.update_s(s, own)
    factor, fixed = lost.lost_factor(s), data.fixed_s(s)
    # Small grids first: in a search only the last sums span every axis.
    total = (m * (slowest * (1.0 + bubble)) + fsdp_s + (dp_s + update)) * factor + fixed
    return StepBatch(
        total_s=total, micro_batches=m, factor=factor, busy=(busy + output) / p, repeat=repeat / p, tp_s=tp_s / p,
        cp_s=cp_s / p, ep_s=ep_s / p, pp_s=pp_s, slowest=slowest, bubble=bubble, dp_s=dp_s, fsdp_s=fsdp_s,
        update_s=update, fixed=fixed, tokens=parallel.tokens_per_step, gpus=real(parallel.gpus),
    )  # fmt: skip


def _with_moved_activations(s: Setting, busy: Num) -> Num:
    """The work of a micro-batch where activations lie on the host: what it does not cover of their way is felt."""
    away = activations_away(s.parallel)
    if not some(away):
        return busy
    moved = activations_s(s.arch, s.gpu, s.parallel, s.tokens, s.dense, s.moe)
    return busy + pick(away, beyond(moved - busy, OFFLOAD_CORNER * moved), 0.0)
