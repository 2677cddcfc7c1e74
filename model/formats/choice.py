"""What a writer needs: the plan, the layout chosen for it, and the model's shape."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mitsumori.model.architecture.parallelism import REPLICA_AXES, gpus_of_replica
from mitsumori.model.base.refusal import PlanError, expected
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats.rope import Rope
from mitsumori.model.formats.shapes import Shape, shape_of
from mitsumori.model.plan.plan import ParallelPart, Plan
from mitsumori.model.plan.resolve import resolve


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan with its layout settled.

    Attributes
    ----------
    par
        The layout: the plan's ``parallel`` part with the chosen fields over it.
    global_batch
        Sequences of one step, whole micro-batches on every replica.
    gpus, gpus_per_node, nodes, dp
        Accelerators, those of one server, servers, replicas.
    tokens, steps
        Tokens of the training and the optimizer steps that they take.
    family, context, rope
        The catalogue's family of the model, the longest sequence of its published configuration and its rotary embedding;
        None (rope: empty) without a preset or where unknown.
    left_out
        Collects the plan paths that the format cannot say; writers append.
    """

    plan: Plan
    par: ParallelPart
    shape: Shape
    model_name: str
    preset: str | None
    global_batch: int
    gpus: int
    gpus_per_node: int
    dp: int
    tokens: float
    family: str | None = None
    context: int | None = None
    rope: Rope = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def nodes(self) -> int:
        """Servers."""
        return self.plan.cluster.servers

    @property
    def steps(self) -> int:
        """Optimizer steps, at least one."""
        return max(1, round(self.tokens / (self.global_batch * self.par.seq_len)))

    @property
    def accumulation(self) -> int:
        """Micro-batches of a replica in one step."""
        return max(1, self.global_batch // (self.dp * self.par.micro_batch))

    def without(self, *fields: str) -> None:
        """Note that the format has no word for these fields of ``parallel``."""
        self.left_out.extend(f"parallel.{name}" for name in fields)


def chosen(plan: Plan, parallel_fields: Mapping[str, Any], catalogue: Catalogue | None) -> Choice:
    """Settle a plan's layout.

    Parameters
    ----------
    plan
        The plan.
    parallel_fields
        Fields of ``parallel`` as chosen (``Estimate.training.parallel``); names that a plan does not have (``dp``,
        ``gpus``) are left aside.
    catalogue
        Records of models and servers; the shipped ones where None.

    Raises
    ------
    PlanError
        For a layout that the cluster does not allow.
    """
    names = set(ParallelPart.model_fields)
    fields = {f"parallel.{name}": value for name, value in parallel_fields.items() if name in names and name != "auto"}
    settled = plan.with_values({**fields, "parallel.auto": False})
    resolved = resolve(settled, catalogue)
    par = settled.parallel
    split, gpus = gpus_of_replica(par), resolved.accelerators
    if gpus % split:  # the layout of another cluster: of a plan that serves, where nothing is asked of a training
        accepted = expected("layout_split", axes=" * ".join(REPLICA_AXES), split=split, gpus=gpus)
        raise PlanError.single("cluster.servers", plan.cluster.servers, accepted)
    dp = gpus // split
    unit = dp * par.micro_batch
    batch = resolved.global_batch
    if resolved.batch_is_free:
        batch = unit * max(1, math.floor(batch / unit + 0.5))
    if batch % unit:
        raise PlanError.single("parallel.global_batch", batch, expected("layout_batch_unit", unit=unit))
    record = resolved.model_record
    return Choice(
        plan=settled,
        par=par,
        shape=shape_of(resolved.architecture),
        model_name=resolved.model_name,
        preset=record.key if record is not None else None,
        global_batch=batch,
        gpus=resolved.accelerators,
        gpus_per_node=resolved.server.accelerators,
        dp=dp,
        tokens=resolved.tokens,
        family=record.family if record is not None else None,
        context=(record.max_context or record.seq_len) if record is not None else None,
        rope=record.rope if record is not None else {},
    )
