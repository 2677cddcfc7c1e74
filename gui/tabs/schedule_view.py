"""The training on the calendar: delivery, works and training in a Gantt chart, and the probability of keeping the deadline."""

from __future__ import annotations

import datetime as dt

import numpy as np
from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.chance_curve import Chance, ChanceCurve
from mitsumori.gui.charts.gantt import Gantt, Limit, Task
from mitsumori.gui.charts.numbers import duration, number
from mitsumori.gui.words.dates import short_date
from mitsumori.gui.words.deadline import chance_words, slack_words
from mitsumori.model.estimate.deadline import confidence_of
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.training.schedule import CONFIDENCES, DAYS_PER_MONTH, days_at, probability

translate = QCoreApplication.translate

POINTS = 60


def has_schedule(plan: Plan, estimate: Estimate) -> bool:
    """Whether there is something to put on the calendar: a start or a deadline was given, and the training ends."""
    work, dated = plan.workload, estimate.training.schedule
    given = work.start_date is not None or work.deadline is not None or work.deadline_days is not None
    return given and dated.first_day is not None and dated.finish_date is not None and estimate.memory.verdict != "no"


def tasks_of(plan: Plan, estimate: Estimate) -> list[Task]:
    """Rows of the Gantt chart; a time nobody gave counts as none, a guide value as given, and both are marked as assumed."""
    dated, days = estimate.training.schedule, estimate.training.days
    if dated.order_date is None or dated.first_day is None or days.value is None:
        return []
    own, tasks = plan.money.onprem, []
    ready = max(own.delivery_months or 0.0, own.works_months or 0.0) * DAYS_PER_MONTH
    months, week = translate("Gantt", "{months} months"), translate("Gantt", "{days} days")
    rows = (
        (translate("Gantt", "Server delivery"), own.delivery_months, DAYS_PER_MONTH, "cost_servers", "delivery_months"),
        (translate("Gantt", "Power, cooling works"), own.works_months, DAYS_PER_MONTH, "cost_install_cooling", "works_months"),
        (translate("Gantt", "Installation, tests"), own.installation_days, 1.0, "time_bubble", "installation_days"),
    )  # fmt: skip
    for name, span, unit, ink, field in rows:
        path, start = f"money.onprem.{field}", dated.order_date
        if unit == 1.0:
            start = dated.order_date + dt.timedelta(days=ready)
        if span is None:
            label = translate("Gantt", "not given: counted as 0 (assumed)")
            tasks.append(Task(name, start, 0.0, ink, label, assumed=True, key=f"field:{path}"))
            continue
        label = (week if unit == 1.0 else months).format(months=number(span), days=number(span))
        origin = plan.origins.get(path)
        guess = origin is not None and origin.kind == "guide"
        if guess:
            label = translate("Gantt", "{span} (guide)").format(span=label)
        elif origin is not None and origin.kind == "company":
            label = translate("Gantt", "{span} (company default)").format(span=label)
        tasks.append(Task(name, start, span * unit, ink, label, assumed=guess, key=f"field:{path}"))
    name = translate("Gantt", "Training")
    label = duration(days.value)
    tasks.append(Task(name, dated.first_day, days.value, "accent", label, days.high, key="training.days"))
    return tasks


def limits_of(plan: Plan, estimate: Estimate) -> list[Limit]:
    """The deadline, and the end at the chosen confidence."""
    dated, level = estimate.training.schedule, confidence_of(plan)
    limits = []
    if dated.deadline is not None:
        limits.append(Limit(dated.deadline, translate("Gantt", "Deadline"), True))
    if level in dated.finish:
        limits.append(Limit(dated.finish[level], f"P{level}"))
    return limits


def show_gantt(chart: Gantt, plan: Plan, estimate: Estimate) -> tuple[str, str]:
    """Fill the Gantt chart; returns its title and subtitle."""
    chart.set_data(tasks_of(plan, estimate), limits_of(plan, estimate))
    dated, level = estimate.training.schedule, confidence_of(plan)
    finish, slack = dated.finish.get(level), dated.slack.get(level)
    day = "—" if finish is None else short_date(finish)
    title = translate("Gantt", "Ends on {day} with {level} % certainty").format(day=day, level=level)
    if slack is not None:
        title = translate("Gantt", "{title}: {slack}").format(title=title, slack=slack_words(slack))
    begin = "—" if dated.order_date is None else short_date(dated.order_date)
    subtitle = translate("Gantt", "From {day} · hatched: assumed · the thin end reaches to P90").format(day=begin)
    return title, subtitle


def show_chance(chart: ChanceCurve, plan: Plan, estimate: Estimate) -> tuple[str, str]:
    """Fill the curve of probabilities; returns its title and subtitle."""
    dated, days, level = estimate.training.schedule, estimate.training.days, confidence_of(plan)
    low, high = days_at(days, 1), days_at(days, 99)
    chance, allowed = dated.deadline_probability, dated.days_allowed
    if low is None or high is None or dated.first_day is None or chance is None or allowed is None:
        return "", ""
    grid = np.linspace(min(low, allowed), max(high, allowed), POINTS)
    curve = [(float(day), probability(days, float(day)) or 0.0) for day in grid]
    points = [Chance(p, end, p == level) for p in CONFIDENCES if (end := days_at(days, p)) is not None]
    chart.set_data(curve, points, dated.first_day, allowed)
    title = translate("Gantt", "The deadline is kept with a probability of {chance}").format(
        chance=chance_words(chance)
    )
    return title, translate("Gantt", "From the 80 % interval of the training days, log-normal on either side")
