"""What the answers of the start page mean: a plan, the limits it must keep, and the smallest cluster that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, duration, money, number
from mitsumori.gui.company import company_defaults
from mitsumori.gui.start.questions import Answer
from mitsumori.gui.words.deadline import chance_words
from mitsumori.gui.words.plurals import horizon, plurals
from mitsumori.gui.words.serving import machine_parts, none_stands
from mitsumori.gui.words.totals import token_price, total_text
from mitsumori.gui.words.translation import language
from mitsumori.model.base.format import parse
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan.defaults import with_defaults
from mitsumori.model.plan.inputs import input_of
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.typed import typed_number

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.study.goal import GoalResult

translate = QCoreApplication.translate

DEADLINE, BUDGET, HALL, SERVERS = "workload.deadline", "tab:advisor", "facility.rack_kva", "cluster.servers"


@dataclass(frozen=True)
class Answers:
    """A plan and what it must keep to; ``refused`` says why an answer was not taken."""

    plan: Plan
    budget: float | None = None
    fixed_servers: bool = False
    refused: str = ""
    then: str = ""
    goal: Mapping[str, object] = field(default_factory=dict)


def read_answers(chosen: Sequence[Answer], given: Mapping[str, str]) -> Answers:
    """The plan of some answers, with the company's defaults; what was typed is read as everywhere."""
    values: dict[str, object] = {"language": language()}
    then = ""
    for answer in chosen:
        values |= answer.values
        then = then if answer.then in given else answer.then or then
    budget, refused = None, ""
    try:
        if given.get(DEADLINE):
            values[DEADLINE] = given[DEADLINE]
        if given.get(HALL):
            values[HALL] = typed_number(input_of(HALL), given[HALL])
        if given.get(SERVERS):
            values[SERVERS] = typed_number(input_of(SERVERS), given[SERVERS])
        if given.get(BUDGET):
            budget = parse(given[BUDGET], currency="JPY")
    except Refusal as refusal:
        refused = refusal.text(language())
    name = translate("Start", "New estimate")
    plan = with_defaults(Plan(), company_defaults()[0])
    try:
        plan = plan.with_values(values | {"name": name})
    except PlanError as error:
        refused = error.text(language())
        values.pop(DEADLINE, None)
        plan = plan.with_values({k: v for k, v in values.items() if k not in (HALL, SERVERS)} | {"name": name})
    return Answers(plan, budget, SERVERS in given, refused, then, _goal(plan, budget, SERVERS in given))


def _goal(plan: Plan, budget: float | None, fixed: bool) -> dict[str, object]:
    """What the smallest cluster is sought for; nothing where the servers are fixed or nothing limits them."""
    if fixed or plan.serving.enabled:
        return {}
    goal: dict[str, object] = {}
    if plan.workload.deadline_days is not None:
        goal["days"] = plan.workload.deadline_days
    if plan.workload.deadline is not None:
        goal["finish_by"] = plan.workload.deadline
    if budget is not None:
        goal["budget"] = budget
    return goal


def answer_words(answers: Answers, estimate: Estimate | None) -> list[tuple[str, str]]:
    """Name and value of what the strip shows, left to right."""
    if estimate is None:
        return []
    if estimate.serving is not None:
        return _served_words(estimate)
    plan, training, place = answers.plan, estimate.training, estimate.facility
    gpus = int(training.details.accelerators)
    words = [(translate("Start", "Servers"), translate("Start", "{servers} · {gpus}").format(
        servers=count(plan.cluster.servers), gpus=plurals().gpus(gpus)))]  # fmt: skip
    words.append((translate("Start", "Training"), duration(training.days.value)))
    chance = training.schedule.deadline_probability
    if chance is not None:
        words.append((translate("Start", "In time"), chance_words(chance)))
    racks, support = place.server_racks, place.support_racks.value or 0
    if racks is not None:
        words.append((translate("Start", "Racks"), f"{count(racks)} + {count(support)}" if support else count(racks)))
    cost = total_text(estimate.cost, "onprem")
    span = translate("Start", "Cost over {span}").format(span=horizon(plan.money.horizon_months))
    words.append((span, cost if cost != "—" else translate("Start", "prices missing")))
    return words


def _served_words(estimate: Estimate) -> list[tuple[str, str]]:
    """Servers, times and cost of tokens of a plan that serves."""
    result = estimate.serving
    assert result is not None
    figures, blended = result.figures, result.jpy_per_million_tokens.blended.value
    if figures.servers.value is None:
        return [(translate("Serving", "Servers"), none_stands(result))]
    return [
        (translate("Serving", "Servers"), " ".join(machine_parts(figures.servers.value))),
        (translate("Serving", "First token, TTFT"), f"{number(figures['ttft_s'].value)} s"),
        (translate("Serving", "Token gap, TPOT"), f"{number(figures['tpot_ms'].value)} ms"),
        (
            translate("Serving", "Per 1M tokens, excl. tax"),
            translate("Start", "prices missing") if blended is None else token_price(blended, estimate).text,
        ),
    ]


def why_words(answers: Answers, result: GoalResult | None) -> str:
    """Why it is this plan, or what to relax."""
    if answers.refused:
        return answers.refused
    if result is None:
        return translate("Start", "A first plan; everything can be changed afterwards.")
    said: str = result.reason.text(language())
    if answers.budget is not None and result.measured is not None and result.measured.values["budget"] is None:
        return translate("Start", "{reason} The budget of {amount} is judged once prices are given.").format(
            reason=said, amount=money(answers.budget, answers.plan.money.currency)
        )
    return said
