"""What holds a plan back: the share of every loss, and the single change that gains most.

The shares are the estimate's own step, taken further apart; the gain of a change is computed by estimating the plan with
the change, so applying it gives what was stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mitsumori.model.architecture.parallelism import (
    OFFLOADS,
    OPTIMIZERS,
    PRECISIONS,
    RECOMPUTES,
    STACKS,
    TUNINGS,
    Layout,
    Parallel,
    code,
)
from mitsumori.model.architecture.transformer import model_flop_per_token
from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of, native
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.study.setting import Setting
from mitsumori.model.study.trade_offs import representatives
from mitsumori.model.study.unknowns import with_server
from mitsumori.model.training.days import peak_flops, stall_s
from mitsumori.model.training.stages import work_of
from mitsumori.model.training.step import step_time

Kind = Literal["setting", "layout", "software", "memory", "links", "generation"]
MIN_GAIN: Final = 1e-3
"""Changes that gain less than this share are not listed."""


@dataclass(frozen=True, slots=True)
class TimeShare:
    """One part of the calendar time of a step: seconds, share of the whole."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the plan, estimated: what to set, days with it, days and share of the time it saves."""

    code: str
    kind: Kind
    changes: Mapping[str, object]
    days: float
    gain_days: float
    gain_share: float
    fits: str
    params: Mapping[str, object]

    def reason(self) -> Sentence:
        """The change and its gain as one sentence."""
        shown = {"days": fmt.significant(self.gain_days, 2), "percent": fmt.significant(100.0 * self.gain_share, 2)}
        return Sentence("advisor", f"change_{self.code}", {**self.params, **shown})


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """Shares of the time in the order of a step (they sum to one, ``useful`` among them) and changes, most gain first."""

    shares: tuple[TimeShare, ...]
    changes: tuple[Change, ...]
    days: float | None
    complete: bool

    @property
    def best(self) -> Change | None:
        """The single change that gains most."""
        return self.changes[0] if self.changes else None

    def best_of(self, kind: Kind) -> Change | None:
        """The change of one kind that gains most."""
        return next((item for item in self.changes if item.kind == kind), None)


def layout_of(fields: Layout, resolved: Resolved) -> Parallel:
    """The layout that an estimate shows (``training.parallel``) as a batch of one."""
    numbers = (*fmt.AXES, "dp", "zero_stage", "micro_batch", "global_batch", "seq_len")
    return Parallel(
        gpus=resolved.accelerators, sp=int(fields.sp), stack_year=resolved.stack_year,
        precision=code(PRECISIONS, fields.precision), optimizer=code(OPTIMIZERS, fields.optimizer),
        recompute=code(RECOMPUTES, fields.recompute), offload=code(OFFLOADS, fields.offload),
        stack=code(STACKS, fields.stack), tuned=code(TUNINGS, fields.tuning),
        **{name: int(fields[name]) for name in numbers},
    )  # fmt: skip


def time_shares(resolved: Resolved, result: Estimate, constants: Constants) -> tuple[TimeShare, ...]:
    """The calendar time of a step by what it is spent on.

    ``useful`` is the model's own arithmetic at the data sheet's rate; ``memory_bound`` what the computation would save if
    memory were infinitely fast (the same formulas with another bandwidth); ``kernels`` the rest of the computation; then
    the estimate's parts, communication by kind, and what failures, checkpoints and evaluation take.

    Parameters
    ----------
    resolved
        The plan with its records.
    result
        Its estimate.
    constants
        Fitted constants.
    """
    parts = {name: figure.value or 0.0 for name, figure in result.training.breakdown_s.items()}
    total = sum(parts.values())
    if total <= 0:
        return ()
    gpu = resolved.gpu
    split: dict[str, float] = {}
    if "compute" in parts:
        split |= _compute_parts(
            resolved, gpu, layout_of(result.training.parallel, resolved), parts["compute"], constants
        )
    links: Mapping[str, float] = result.training.details.communication_s or {}
    linked = sum(links.values())
    for name, value in parts.items():
        if name == "communication":
            # By kind, on the estimate's own scale (a correction or an override moves the whole step).
            split |= {kind: value * seconds / linked for kind, seconds in links.items() if linked > 0 and seconds > 0}
        elif name != "compute" and value > 0:
            split[name] = value
    return tuple(TimeShare(name, value, value / total) for name, value in split.items() if value > 0)


def _compute_parts(
    resolved: Resolved, gpu: Gpu, layout: Parallel, seconds: float, constants: Constants
) -> dict[str, float]:
    arch, work = resolved.time_architecture, work_of(resolved)
    own = float(step_time(arch, gpu, layout, work, constants).compute_s)
    fast = float(step_time(arch, gpu.with_(hbm_bytes_per_s=1e30), layout, work, constants).compute_s)
    flop = float(model_flop_per_token(arch, layout.seq_len)) * float(layout.tokens_per_step)
    useful = flop / float(peak_flops(gpu, layout.precision)) / resolved.accelerators
    scale = seconds / own
    bound = max(0.0, own - fast) * scale
    useful = min(useful * scale, max(0.0, seconds - bound))
    return {"useful": useful, "memory_bound": bound, "kernels": max(0.0, seconds - bound - useful)}


def find_bottlenecks(
    plan: Plan,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    constants: Constants | None = None,
    *,
    hardware: bool = True,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] | None = None,
) -> Bottlenecks:
    """Shares of the time of a plan, and its single changes by what each gains.

    Parameters
    ----------
    plan, catalogue, corrections, constants
        As :func:`model.estimate.estimate.estimate`.
    hardware
        Try other servers with as many accelerators too (more memory, faster links, another generation).
    cancelled, progress
        Asked between estimates; told the share done.
    """
    catalogue = catalogue or Catalogue.shipped()
    constants = constants or shipped()
    resolved = resolve(plan, catalogue)
    result = estimate(plan, catalogue, corrections, constants, between=cancelled)
    shares = time_shares(resolved, result, constants)
    days = result.training.days.value
    if days is None:
        return Bottlenecks(shares, (), None, True)
    trials = list(_trials(plan, resolved, result, catalogue, hardware, cancelled))
    found: list[Change] = []
    complete = True
    for number, (name, kind, changes, params) in enumerate(trials):
        if cancelled():
            complete = False
            break
        try:
            other = estimate(plan.with_values(changes), catalogue, corrections, constants, between=cancelled)
        except PlanError:
            continue
        after = other.training.days.value
        if after is None or other.memory.verdict == "no" or after > days * (1.0 - MIN_GAIN):
            continue
        found.append(Change(name, kind, changes, after, days - after, 1.0 - after / days, other.memory.verdict, params))
        if progress is not None:
            progress((number + 1) / len(trials))
    found.sort(key=lambda item: item.days)
    return Bottlenecks(shares, tuple(found), days, complete)


Trial = tuple[str, Kind, Mapping[str, object], Mapping[str, object]]


def _trials(
    plan: Plan, resolved: Resolved, result: Estimate, catalogue: Catalogue, hardware: bool, cancelled: Callable[[], bool]
) -> Iterator[Trial]:  # fmt: skip
    """Single changes worth an estimate: name, kind, what to set, what the sentence needs."""
    par = plan.parallel
    gpu = resolved.gpu
    for precision in PRECISIONS:
        if precision != par.precision and native(gpu, code(PRECISIONS, precision)):
            yield "precision", "setting", {"parallel.precision": precision}, {"to": precision}
    if par.tuning != "tuned":
        yield "tuned", "software", {"parallel.tuning": "tuned"}, {}
    if par.stack_year is not None:
        yield "software", "software", {"parallel.stack_year": None}, {}
    if not par.fused_attention:
        yield "fused_attention", "software", {"parallel.fused_attention": True}, {}
    if not par.compiled:
        yield "compiled", "software", {"parallel.compiled": True}, {}
    if par.offload != "none":
        yield "no_offload", "setting", {"parallel.offload": "none"}, {}
    stall = stall_s(resolved)
    yield (
        "checkpoint",
        "setting",
        {"network.checkpoint_stall_s": stall / 2},
        {"to": fmt.significant(stall / 2, trim=True)},
    )
    if par.auto:
        yield from _searched(plan, resolved, cancelled)
    else:
        yield "auto", "layout", {"parallel.auto": True}, {}
        yield from _layout_trials(plan, result)
    if hardware:
        yield from _hardware(plan, resolved, catalogue)


def _searched(plan: Plan, resolved: Resolved, cancelled: Callable[[], bool]) -> Iterator[Trial]:
    """The best layout of the whole space, where the program's quick choice is another."""
    from mitsumori.model.study.ranking import advise

    advice = advise(plan, Setting(resolved.catalogue, cancelled=cancelled), top=1)
    if advice.options and advice.complete:
        option = advice.options[0]
        yield "search", "layout", dict(option.changes), {"layout": option.label}


def _layout_trials(plan: Plan, result: Estimate) -> Iterator[Trial]:
    """One step of one dimension of a layout that the user fixed."""
    par = plan.parallel
    for name in ("micro_batch", "tp", "pp", "vp", "cp", "ep"):
        value = getattr(par, name)
        for to in sorted({value * 2, value // 2} - {0, value}):
            yield name, "layout", {f"parallel.{name}": to}, {"to": str(to)}
    for recompute in RECOMPUTES:
        if recompute != par.recompute:
            yield f"recompute_{recompute}", "layout", {"parallel.recompute": recompute}, {}
    for stage in range(4):
        if stage != par.zero_stage and (stage < 2 or par.pp == 1):
            yield "zero_stage", "layout", {"parallel.zero_stage": stage}, {"to": str(stage)}


def _hardware(plan: Plan, resolved: Resolved, catalogue: Catalogue) -> Iterator[Trial]:
    """Other servers with the same number of accelerators: the same generation with more memory or links, and others."""
    gpus, own = resolved.accelerators, resolved.accelerator
    mine = gpu_of(own, resolved.server)
    chosen = set(representatives(plan, catalogue))
    for server in catalogue.servers_for_sale().values():
        if server.key == plan.cluster.server or gpus % server.accelerators:
            continue
        part = catalogue.accelerator(server.accelerator)
        other = gpu_of(part, server)
        changes = with_server(plan, server.key, catalogue) | {"cluster.servers": gpus // server.accelerators}
        changes["parallel.auto"] = plan.parallel.auto
        params = {"server": server.name}
        if part.key == own.key:
            faster = other.nic_bytes_per_s > mine.nic_bytes_per_s or other.link_bytes_per_s > mine.link_bytes_per_s
            if faster or other.domain > mine.domain:
                yield "links", "links", changes, params
        elif server.key in chosen and part.family == own.family and other.memory_bytes > mine.memory_bytes:
            yield "memory", "memory", changes, params
        elif server.key in chosen:
            yield "generation", "generation", changes, params
