"""``estimate(plan) -> Estimate``: from a plan to every result.

Below, results are plain arrays; here they become :class:`~model.base.figure.Figure` with interval and provenance, and the
findings say what is wrong, what is missing and what one click would mend.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import NotFinite
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.comparison import cost
from mitsumori.model.cost.price_age import old_price_findings
from mitsumori.model.cost.prices import CostInputs
from mitsumori.model.estimate.checks import absurd, checked
from mitsumori.model.estimate.deadline import deadline_findings
from mitsumori.model.estimate.hall import facility_and_prices, hall_and_cost
from mitsumori.model.estimate.memory_remedies import memory_findings
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.run import memory_of, run_of
from mitsumori.model.estimate.serving import cluster_finding, serving
from mitsumori.model.estimate.serving_size import sized
from mitsumori.model.estimate.standards import InputValues
from mitsumori.model.estimate.training import cloud_speed, training, with_generators
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.memory.terms import overridden
from mitsumori.model.plan.inputs import within
from mitsumori.model.plan.overrides import ACTIVATIONS, accepted
from mitsumori.model.plan.parts import Money
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import present_key
from mitsumori.model.plan.project import Correction
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.training.schedule import schedule


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
    typed, resolved = plan, resolve(plan, catalogue)
    plan = resolved.plan
    size = sized(resolved, corrections) if plan.serving.enabled else None
    if size is not None and size.counted is not resolved:
        resolved, plan, layout = size.counted, size.counted.plan, None  # a layout was found for another cluster
    run = run_of(resolved, constants or shipped())
    chosen = run.layout if layout is None else layout
    between()
    findings: list[Finding] = []
    computed = memory_of(run, chosen)
    memory = overridden(computed, plan.overrides)
    if memory is not computed:
        total, capacity = (memory.per_gpu[name].value or 0.0 for name in ("total_bytes", "capacity_bytes"))
        shown = {"total": fmt.gigabytes(total), "capacity": fmt.gigabytes(capacity)}
        findings.append(Finding("memory_overridden", "info", f"overrides.{ACTIVATIONS}", shown))
    findings += _unknown_overrides(plan)
    findings += _set_aside(resolved)
    findings += memory_findings(resolved, run.gpu, chosen, memory)
    between()
    speed, time, speed_findings, predicted = training(resolved, run, chosen, corrections, held or {})
    dated = schedule(plan.workload, plan.money, speed.days, today)
    rented = schedule(plan.workload, plan.money, speed.days, today, owned=False)
    speed = replace(speed, schedule=dated)
    asked = resolved
    if plan.generates_apart:
        resolved = with_generators(resolved, speed)
        plan = resolved.plan
    findings += speed_findings + deadline_findings(plan, dated, rented, resolved.catalogue)
    between()
    faster = cloud_speed(resolved, run.gpu, chosen, time, run.constants)
    place, facility_findings, inputs = facility_and_prices(resolved, speed, faster)
    findings += [_in_the_plans_currency(item, plan.money) for item in facility_findings]
    between()
    money = cost(plan.money, inputs)
    findings += money.findings
    if today is not None:
        findings += old_price_findings(plan, resolved.catalogue, today)
    served = None
    if size is not None:
        served, serving_findings = serving(
            size, lambda other: hall_and_cost(other, speed, faster), place, money, corrections
        )
        findings = [_of_what_serves(item) for item in findings if not item.code.startswith(_OF_A_TRAINING)]
        servers = resolved.catalogue.servers()
        findings += serving_findings + cluster_finding(
            typed, size, lambda key: servers[key].name if key in servers else key
        )
    order = {"bad": 0, "warn": 1, "ask": 2, "info": 3}
    findings = [_with_possible_remedies(item, plan, catalogue) for item in findings]
    findings.sort(key=lambda item: order[item.severity])
    inputs_of = InputValues(
        asked, lambda other: _estimate(other, catalogue, corrections, constants, held, None, None, lambda: None)
    )
    answered = {} if served is None else served.predicted
    predicted = replace(predicted, memory=computed, cloud_speed=faster, serving=answered)
    return Estimate(
        memory, speed, place, money, tuple(findings), predicted, resolved.catalogue, inputs_of, served, plan
    )


def _in_the_plans_currency(finding: Finding, money: Money) -> Finding:
    """A finding with its amounts in the currency of the results; the hall reckons in yen. As it is where no rate is given."""
    if money.currency == "JPY" or not money.usd_jpy:
        return finding
    shown = {
        name: fmt.Amount(value.value / money.usd_jpy, "USD")
        if isinstance(value, fmt.Amount) and value.currency == "JPY"
        else value
        for name, value in finding.params.items()
    }
    return replace(finding, params=shown)


_OF_A_TRAINING = ("memory_", "training_", "deadline_")
"""Findings on a training, by the beginning of their code: a plan that serves has none."""


def _of_what_serves(finding: Finding) -> Finding:
    """A finding of a plan that serves: a remedy that sets the cluster's servers sets those that serve."""
    kept = tuple(replace(item, set=_serving_servers(item.set)) for item in finding.remedies)
    return replace(finding, remedies=kept)


def _serving_servers(change: Mapping[str, object]) -> dict[str, object]:
    """A change of the cluster's servers, of a plan that serves on as many as it needs."""
    return {"serving.servers" if path == "cluster.servers" else path: value for path, value in change.items()}


def _with_possible_remedies(finding: Finding, plan: Plan, catalogue: Catalogue | None) -> Finding:
    """A finding without the remedies that the plan does not take: a value out of bounds, a cluster that a layout by hand
    does not divide."""

    def possible(remedy: Remedy) -> bool:
        if not all(within(path, value) for path, value in remedy.set.items()):
            return False
        if plan.parallel.auto or not any(path.startswith(("cluster.", "parallel.")) for path in remedy.set):
            return True
        try:
            resolve(plan.with_values(dict(remedy.set)), catalogue)
        except Refusal:
            return False
        return True

    kept = tuple(filter(possible, finding.remedies))
    return finding if len(kept) == len(finding.remedies) else replace(finding, remedies=kept)


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
    if plan.serving.enabled and (counted := sized(resolved, corrections).counted) is not resolved:
        resolved, layout = counted, None
    run = run_of(resolved, shipped())
    chosen = run.layout if layout is None else layout
    speed, time, _, _ = training(resolved, run, chosen, corrections, {})
    resolved = with_generators(resolved, speed)
    return facility_and_prices(resolved, speed, cloud_speed(resolved, run.gpu, chosen, time, run.constants))[2]


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
    present = present_key(resolved.plan)
    found = []
    for key, values in resolved.plan.set_aside.items():
        count = sum(path.startswith(("facility.", "overrides.")) for path in values)
        if key.startswith("server:") and key != present and count:
            name = key[len("server:") :].split("/")[0]
            record = resolved.catalogue.servers().get(name)
            shown = {"server": name if record is None else record.name, "count": str(count)}
            found.append(Finding("plan_set_aside", "info", "cluster.server", shown))
    return found
