"""``estimate(plan) -> Estimate``: from a plan to every result.

Inside the floors results are plain arrays; here they become :class:`~model.base.figure.Figure` with interval and parent, and
the findings say what is wrong, what is missing and what one click would mend.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure, NotFinite, Parent, unknown
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.frozen import changed
from mitsumori.model.base.later import Later
from mitsumori.model.base.memo import Memo, Same
from mitsumori.model.calibration.expectation import Expectation, expectation
from mitsumori.model.catalogue.accelerators import Gpu, gpu_of
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.provenance import record_parent
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.price_age import old_price_findings
from mitsumori.model.cost.prices import CostInputs, utilization_of
from mitsumori.model.cost.results import CostResult
from mitsumori.model.estimate.checks import absurd, checked
from mitsumori.model.estimate.deadline import deadline_findings
from mitsumori.model.estimate.memory_remedies import memory_findings
from mitsumori.model.estimate.results import Estimate, Predicted
from mitsumori.model.estimate.serving import serving
from mitsumori.model.estimate.sources import sources_of
from mitsumori.model.estimate.standards import InputValues
from mitsumori.model.estimate.training_findings import training_findings
from mitsumori.model.facility.hall import facility
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.facility.support_racks import checkpoint_bytes_of
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.memory.peak import COMPONENTS, VERDICTS, MomentView, moments, peak_memory, stage_peaks, zero_stages
from mitsumori.model.memory.results import MemoryResult, MomentBytes
from mitsumori.model.memory.terms import memory_terms, overridden, replaceable
from mitsumori.model.plan.inputs import within
from mitsumori.model.plan.overrides import ACTIVATIONS, CLOUD_SPEED, SPEED, SPEED_HIGH, SPEED_LOW, accepted, step_part
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import server_key
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, fixed_layout, resolve
from mitsumori.model.search.candidates import as_plan_fields, best_layout
from mitsumori.model.training.days import TrainingTime, restart_s, stall_s, training_time
from mitsumori.model.training.recipe import recipe_in_use
from mitsumori.model.training.results import TrainingResult
from mitsumori.model.training.schedule import schedule
from mitsumori.model.training.stages import memory_options, workflow

MEMORY_PARENT: Final = Parent(
    "formula", "parameters, states, saved tensors and buffers of the fullest GPU; docs/method.md, 3",
    "Saved tensors and model states, tried against published peaks",
    "https://arxiv.org/abs/2205.05198", "2022-05",
)  # fmt: skip
GOODPUT_PARENT: Final = Parent(
    "formula", "checkpoints, failures and restarts; docs/method.md, 5.2",
    "Daly 2006, Young 1974; failure rate of Llama 3", "https://arxiv.org/abs/2407.21783", "2024-07",
)  # fmt: skip


def estimate(
    plan: Plan,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    constants: Constants | None = None,
    held: Mapping[str, float] | None = None,
    layout: Parallel | None = None,
    today: dt.date | None = None,
    between: Callable[[], object] = lambda: None,
) -> Estimate:
    """Every result of a plan.

    Parameters
    ----------
    plan
        What is asked.
    catalogue
        Records; the shipped ones where None.
    corrections
        The project's measured runs, which set the level of the prediction.
    constants
        Fitted constants; the shipped ones where None.
    held
        Predicted figures to hold instead of predicting them (``training.tokens_per_s_per_gpu``), as the workbook does.
    layout
        A layout already found for this plan (a search's result), so that it is not searched again.
    today
        The day on which the age of prices is judged, and from which a plan without a start date counts its deadline; None
        says nothing of ages and of such dates. No other figure depends on it.
    between
        Called between the parts, where work in the background gives way to what is more urgent.

    Returns
    -------
    Estimate
        Also for a plan that is impossible: then with findings of severity ``bad`` and their remedies.

    Raises
    ------
    PlanError
        For a plan that cannot be joined with the catalogue, or whose figures would not be finite or have the wrong sign.
    """
    try:
        result = _estimate(plan, catalogue, corrections, constants, held, layout, today, between)
    except NotFinite as error:
        raise absurd(plan, "", None) from error
    return checked(plan, result)


def _estimate(
    plan: Plan, catalogue: Catalogue | None, corrections: Sequence[Correction], constants: Constants | None,
    held: Mapping[str, float] | None, layout: Parallel | None, today: dt.date | None, between: Callable[[], object],
) -> Estimate:  # fmt: skip
    """:func:`estimate` before its figures are checked."""
    resolved = resolve(plan, catalogue)
    constants = constants or shipped()
    gpu = resolved.gpu
    key = _shape_key(resolved, constants)
    if layout is None:
        layout = _layouts.of(key, lambda: _layout(resolved, constants))
    chosen = layout
    between()
    findings: list[Finding] = []
    memory = _memories.of((*key, chosen), lambda: _memory(resolved, gpu, chosen))
    computed, memory = memory, overridden(memory, plan.overrides)
    if memory is not computed:
        total, capacity = (memory.per_gpu[name].value or 0.0 for name in ("total_bytes", "capacity_bytes"))
        shown = {"total": fmt.gigabytes(total), "capacity": fmt.gigabytes(capacity)}
        findings.append(Finding("memory_overridden", "info", f"overrides.{ACTIVATIONS}", shown))
    findings += _unknown_overrides(plan)
    findings += _set_aside(resolved)
    findings += memory_findings(resolved, gpu, layout, memory)
    between()
    training, time, speed_findings, speed = _training(resolved, gpu, layout, constants, corrections, held or {}, key)
    dated = schedule(plan.workload, plan.money, training.days, today)
    rented = schedule(plan.workload, plan.money, training.days, today, owned=False)
    training = changed(training, schedule=dated)
    findings += speed_findings + deadline_findings(plan, dated, rented)
    between()
    cloud_speed = _cloud_speed(resolved, gpu, layout, time, constants)
    pairs = Later(lambda: (*speed.pairs, *replaceable(computed).items(), (CLOUD_SPEED, cloud_speed)))
    predicted = Predicted(pairs, speed.parent)
    place, facility_findings, inputs = _facility(resolved, training, cloud_speed)
    findings += facility_findings
    between()
    money = cost(plan.money, inputs)
    findings += money.findings
    if today is not None:
        findings += old_price_findings(plan, resolved.catalogue, today)
    served = None
    if plan.serving.enabled:
        served, serving_findings = serving(resolved, lambda other: _priced(other, training, cloud_speed), corrections)
        findings += serving_findings
    order = {"bad": 0, "warn": 1, "ask": 2, "info": 3}
    findings = [_with_possible_remedies(item) for item in findings]
    findings.sort(key=lambda item: order[item.severity])
    inputs_of = InputValues(
        resolved, lambda other: _estimate(other, catalogue, corrections, constants, held, None, None, lambda: None)
    )
    result = Estimate(
        memory, training, place, money, tuple(findings), (), predicted, resolved.catalogue, inputs_of, served
    )
    return changed(result, sources=Later(lambda: sources_of(resolved, result)))


def _with_possible_remedies(finding: Finding) -> Finding:
    """A finding without the remedies whose values the plan's fields do not take."""
    kept = tuple(item for item in finding.remedies if all(within(path, value) for path, value in item.set.items()))
    return finding if len(kept) == len(finding.remedies) else changed(finding, remedies=kept)


_layouts: Memo[Parallel] = Memo(64)
_memories: Memo[MemoryResult] = Memo(64)
_times: Memo[TrainingTime] = Memo(64)


def _shape_key(resolved: Resolved, constants: Constants) -> tuple[Hashable, ...]:
    """Everything that layout, memory and speed depend on, money and the hall left out: their sliders move none of it."""
    plan, work = resolved.plan, resolved.plan.workload
    return (
        Same(resolved.catalogue), Same(constants), plan.model, plan.cluster, plan.parallel, resolved.global_batch, work.stage,
        work.lora_rank, work.lora_targets, work.prompt_len, work.response_len, work.responses_per_prompt,
        work.reward_model_params,
    )  # fmt: skip


def _layout(resolved: Resolved, constants: Constants) -> Parallel:
    return best_layout(resolved, constants) if resolved.plan.parallel.auto else fixed_layout(resolved)


def cost_inputs(
    plan: Plan,
    catalogue: Catalogue | None = None,
    corrections: Sequence[Correction] = (),
    layout: Parallel | None = None,
) -> CostInputs:
    """What money depends on beside the plan's prices: for sensitivity studies that vary only prices.

    Parameters
    ----------
    plan, catalogue, corrections, layout
        As :func:`estimate`.
    """
    resolved = resolve(plan, catalogue)
    constants = shipped()
    gpu = resolved.gpu
    key = _shape_key(resolved, constants)
    if layout is None:
        layout = _layouts.of(key, lambda: _layout(resolved, constants))
    training, time, _, _ = _training(resolved, gpu, layout, constants, corrections, {}, key)
    return _facility(resolved, training, _cloud_speed(resolved, gpu, layout, time, constants))[2]


def _unknown_overrides(plan: Plan) -> list[Finding]:
    """Entries of a project file (an older or a foreign one) that replace nothing; typed ones are refused."""
    idle = [path for path in plan.overrides if accepted(path) is None]
    if not idle:
        return []
    shown = {"paths": ", ".join(idle[:3]) + (", …" if len(idle) > 3 else "")}
    remedy = Remedy("override_remove", {f"overrides.{path}": None for path in idle}, recommended=True)
    return [Finding("override_unknown", "warn", f"overrides.{idle[0]}", shown, (remedy,))]


def _set_aside(resolved: Resolved) -> list[Finding]:
    """Figures that were entered for another server and wait for it."""
    present = server_key(resolved.plan.cluster.server, resolved.plan.cluster.accelerator)
    found = []
    for key, values in resolved.plan.set_aside.items():
        count = sum(path.startswith(("facility.", "overrides.")) for path in values)
        if key.startswith("server:") and key != present and count:
            name = key[len("server:") :].split("/")[0]
            record = resolved.catalogue.servers().get(name)
            shown = {"server": name if record is None else record.name, "count": str(count)}
            found.append(Finding("plan_set_aside", "info", "cluster.server", shown))
    return found


def _memory(resolved: Resolved, gpu: Gpu, layout: Parallel) -> MemoryResult:
    options = memory_options(resolved, gpu, layout)
    arch = resolved.architecture
    batch = peak_memory(arch, layout, options)
    total, spread = float(batch.total_bytes), float(batch.interval_fraction)
    per_gpu = {name: Figure(float(getattr(batch, name)), "bytes", MEMORY_PARENT) for name in COMPONENTS}
    per_gpu["total_bytes"] = Figure(total, "bytes", MEMORY_PARENT, total * (1 - spread), total * (1 + spread))
    capacity = resolved.accelerator
    path = "usable_gib" if capacity.usable_gib is not None else "memory_gb"
    per_gpu["capacity_bytes"] = Figure(float(gpu.memory_bytes), "bytes", record_parent(capacity, "accelerators", path))
    return MemoryResult(
        per_gpu=per_gpu,
        verdict=VERDICTS[int(batch.verdict)],
        worst_stage=int(batch.worst_stage),
        worst_moment=str(batch.worst_moment),
        steps=Later(lambda: tuple(_moment(view) for view in moments(arch, layout, options))),
        zero=Later(lambda: tuple(zero_stages(arch, layout, options))),
        stages=Later(lambda: tuple(view.parts for view in stage_peaks(arch, layout, options))),
        counted=Later(lambda: (memory_terms(arch, layout, options),)),
    )


def _moment(view: MomentView) -> MomentBytes:
    return MomentBytes(view.moment, view.bytes, view.parts, view.of)


def _training(
    resolved: Resolved, gpu: Gpu, layout: Parallel, constants: Constants,
    corrections: Sequence[Correction], held: Mapping[str, float], key: tuple[Hashable, ...],
) -> tuple[TrainingResult, TrainingTime, list[Finding], Predicted]:  # fmt: skip
    plan = resolved.plan
    findings: list[Finding] = []
    expected = expectation(resolved, gpu, layout, constants, corrections)

    def timed(level: float) -> TrainingTime:
        """Speed and days; the speed is remembered, because it does not depend on the tokens."""
        known = (*key, layout, plan.network, plan.workload.conditions, plan.workload.evaluation_share, level)
        pace = _times.of(known, lambda: training_time(resolved, gpu, layout, constants, level))
        return pace.of_tokens(resolved.tokens)

    time = timed(expected.level)
    predicted = float(time.tokens_per_s_per_gpu)
    tokens_per_step = float(layout.tokens_per_step)
    low, high, parent = expected.low, expected.high, expected.parent
    wanted = held.get(SPEED, predicted) if predicted > 0 else predicted
    figures = {SPEED: wanted, SPEED_LOW: wanted * low, SPEED_HIGH: wanted * high}
    seconds: dict[str, float] = {}
    if predicted > 0:
        seconds = {name: value * predicted / wanted for name, value in _step_parts(time, tokens_per_step).items()}
        figures |= {step_part(name): value for name, value in seconds.items()}
        mine = {name: plan.overrides[step_part(name)] for name in seconds if step_part(name) in plan.overrides}
        if mine and sum((seconds | mine).values()) > 0:
            seconds |= mine
            wanted = tokens_per_step / sum(seconds.values()) / resolved.accelerators
            parent = Parent("user", "overrides.training.breakdown_s")
        if SPEED in plan.overrides:
            wanted = plan.overrides[SPEED]
            shown = {"value": fmt.significant(predicted), "entered": fmt.significant(wanted)}
            findings.append(Finding("training_overridden", "info", f"overrides.{SPEED}", shown))
            low, high, parent = 1.0, 1.0, Parent("user", f"overrides.{SPEED}")
        elif mine:
            shown = {"value": fmt.significant(predicted), "entered": fmt.significant(wanted)}
            findings.append(Finding("training_step_overridden", "info", "overrides.training.breakdown_s", shown))
        if wanted != predicted:
            time = timed(expected.level * wanted / predicted)
    speed, useful = float(time.tokens_per_s_per_gpu), float(time.goodput)
    if speed > 0:
        low = min(1.0, plan.overrides[SPEED_LOW] / speed) if SPEED_LOW in plan.overrides else low
        high = max(1.0, plan.overrides[SPEED_HIGH] / speed) if SPEED_HIGH in plan.overrides else high
    flow = workflow(resolved)
    runs = speed > 0 and useful > 0
    days = float(time.days) if runs else None

    def slow(value: float | None, unit: str = "") -> Figure:
        """A figure that grows as the speed falls: its high end belongs to the speed's low end."""
        if value is None or not math.isfinite(value):
            return unknown("training_does_not_advance" if useful <= 0 else "training_generation_does_not_fit", unit)
        return Figure(value, unit, parent, value / high, value / low)

    step_s = float((time.train_s_per_token + time.generate_s_per_token) * tokens_per_step) if runs else None
    parts = _breakdown(seconds, step_s, useful) if runs and step_s is not None else {}
    speed_figure = Figure(speed, "tokens/s", parent, speed * low, speed * high)
    mfu = float(time.mfu)
    result = TrainingResult(
        tokens_per_s_per_gpu=speed_figure,
        mfu=Figure(mfu, "", parent, mfu * low, mfu * high) if math.isfinite(mfu) else unknown("training_no_mfu"),
        step_time_s=slow(step_s, "s"),
        breakdown_s={name: Figure(value, "s", parent) for name, value in parts.items()},
        days=slow(days, "days"),
        goodput=Figure(useful, "", GOODPUT_PARENT),
        gpu_hours=slow(None if days is None else days * 24.0 * resolved.accelerators, "GPU h"),
        tokens=Figure(resolved.tokens, "tokens", Parent("user", "workload.tokens")),
        near_runs=expected.near_count,
        near=expected.near,
        parallel=as_plan_fields(layout),
        details=_training_details(resolved, layout, time, expected),
    )
    findings += training_findings(resolved, gpu, layout, time, expected, flow.trains)
    return result, time, findings, Predicted(tuple(figures.items()), expected.parent)


def _step_parts(time: TrainingTime, tokens_per_step: float) -> dict[str, float]:
    """Seconds of one step by part, as predicted."""
    parts: dict[str, float] = {}
    if time.step is not None:
        step = {name: float(value) for name, value in time.step.breakdown().items()}
        own = sum(step.values())
        scale = float(time.train_own_s_per_token) * tokens_per_step / own
        # A part that is a difference may end a rounding error below zero.
        parts = {name: max(0.0, value * scale) for name, value in step.items()}
        others = float(time.train_s_per_token) * tokens_per_step - sum(parts.values())
        if others > 1e-9 * sum(parts.values()):
            parts["other_roles"] = others
    if time.rolled is not None:
        parts["generation"] = float(time.generate_s_per_token) * tokens_per_step
    return parts


def _breakdown(seconds: Mapping[str, float], step_s: float, useful: float) -> dict[str, float]:
    """The parts scaled to the step, and what failures take of calendar time."""
    scale = step_s / sum(seconds.values())
    return {name: value * scale for name, value in seconds.items()} | {"lost": step_s * (1.0 / useful - 1.0)}


def _training_details(
    resolved: Resolved, layout: Parallel, time: TrainingTime, expected: Expectation
) -> dict[str, Any]:
    details: dict[str, Any] = {
        "parameters": resolved.parameters,
        "accelerators": resolved.accelerators,
        "mtbf_hours": float(time.failures.mtbf_s) / 3600.0,
        "checkpoint_interval_s": float(time.failures.interval_s),
        "checkpoint_stall_s": stall_s(resolved),
        "restart_s": restart_s(resolved),
        "evaluation_share": time.evaluation_share,
        "interval_class": expected.kind,
        "correction": expected.level,
        "recipe": {
            name: {"value": part.word, "stated": part.stated} for name, part in recipe_in_use(resolved, layout).items()
        } if time.step is not None else {},
    }  # fmt: skip
    if time.step is not None:
        details["communication_s"] = {name: float(value) for name, value in time.step.communication().items()}
    if time.rolled is not None:
        details["generation_tokens_per_s_per_gpu"] = float(time.rolled.tokens_per_s_per_gpu)
        details["generation_batch"] = float(time.rolled.batch)
        details["generation_tp"] = time.rollout_tp
    return details


def _facility(
    resolved: Resolved, training: TrainingResult, cloud_speed: float
) -> tuple[FacilityResult, list[Finding], CostInputs]:
    plan = resolved.plan
    checkpoint = checkpoint_bytes_of(resolved.parameters, plan.parallel.precision, plan.parallel.optimizer)
    # Trainings a year decide how busy the machines are, for the meter of the hall as for the money.
    share, from_runs = utilization_of(plan.money, training.days.value, plan.workload.runs_per_year)
    used = resolved
    if from_runs is not None:
        money = plan.money.model_copy(update={"utilization": share})
        used = changed(resolved, plan=plan.model_copy(update={"money": money}))
    place, findings = facility(used, checkpoint)
    power = place.details
    idle, average, other = (_value(power.get(name)) for name in ("idle_kw", "average_kw", "other_kw"))
    servers = plan.cluster.servers
    storage = _value(place.storage.get("capacity_bytes"))
    share = (other or 0.0) / max(1e-9, _value(power.get("compute_kw")) or 1e-9)
    busy_kw = None if average is None else servers * average * (1.0 + share)
    idle_kw = None if idle is None else servers * idle * (1.0 + share)
    max_kw = _value(power.get("max_kw"))
    inputs = CostInputs(
        servers=servers,
        accelerators=resolved.accelerators,
        racks=int(place.racks.value or 0),
        support_racks=int(place.support_racks.value or 0),
        kva_contract=_contract_kva(place),
        contract_kw=place.facility_kw.value or math.nan,
        it_busy_kw=math.nan if busy_kw is None else busy_kw,
        it_idle_kw=math.nan if idle_kw is None else idle_kw,
        pue=place.pue.value or math.nan,
        tokens_per_s=(training.tokens_per_s_per_gpu.value or 0.0) * resolved.accelerators or None,
        goodput=training.goodput.value or 0.0,
        training_days=training.days.value,
        catalogue=resolved.catalogue,
        server=resolved.server,
        cloud_instance=resolved.cloud_instance,
        cooling=resolved.cooling,
        it_max_kw=None if max_kw is None else servers * max_kw * (1.0 + share),
        it_kva=_value(power.get("it_kva")),
        site_power_factor=plan.facility.site_power_factor,
        hall_kva_free=plan.facility.hall_kva_free,
        storage_bytes=storage,
        checkpoint_s=stall_s(resolved),
        restart_s=restart_s(resolved),
        runs_per_year=plan.workload.runs_per_year,
        start_date=plan.workload.start_date,
        cloud_speed=plan.overrides.get(CLOUD_SPEED, cloud_speed),
    )
    return place, list(findings), inputs


def _priced(
    resolved: Resolved, training: TrainingResult, cloud_speed: float
) -> tuple[FacilityResult, CostResult, float | None]:
    """Facility and cost of the servers of a resolved plan, and their kW under load."""
    place, _, inputs = _facility(resolved, training, cloud_speed)
    average = _value(place.details.get("average_kw"))
    return (
        place,
        cost(resolved.plan.money, inputs),
        None if average is None else average * resolved.plan.cluster.servers,
    )


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _contract_kva(place: FacilityResult) -> float:
    """KVA that a colocation would contract: every rack, support racks included, at its limit."""
    limit = place.limits.get("rack_kva")
    racks = place.details.get("total_racks")
    if limit is None or racks is None or racks.value is None:
        return math.nan
    return float(limit) * racks.value


def _cloud_speed(resolved: Resolved, gpu: Gpu, layout: Parallel, time: TrainingTime, constants: Constants) -> float:
    """Predicted tokens a second of one rented accelerator over one owned, on the same layout; 1 for the same kind."""
    instance = resolved.cloud_instance
    if instance is None or instance.accelerator == resolved.accelerator.key:
        return 1.0
    rented = resolved.catalogue.accelerators().get(instance.accelerator) if instance.accelerator else None
    if rented is None:
        return 1.0
    per_gpu = None
    if instance.network_gbps is not None and instance.accelerators is not None:
        per_gpu = instance.network_gbps / instance.accelerators
    other = training_time(resolved, gpu_of(rented, nic_gbps=per_gpu), layout, constants)
    own = training_time(resolved, gpu, layout, constants)
    if float(own.tokens_per_s_per_gpu) <= 0 or float(other.tokens_per_s_per_gpu) <= 0:
        return 1.0
    return float(other.tokens_per_s_per_gpu) / float(own.tokens_per_s_per_gpu)
