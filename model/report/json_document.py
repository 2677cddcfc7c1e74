"""The JSON document of an estimate: what ``estimate --json`` prints, null where unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from mitsumori.model.base.figure import Figure
from mitsumori.model.base.findings import Finding
from mitsumori.model.cost.results import OptionCost
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.estimate.sources import FACILITY_FIGURES
from mitsumori.model.facility.results import FacilityResult
from mitsumori.model.memory.results import MemoryResult
from mitsumori.model.plan.plan import Plan
from mitsumori.model.report.serving_document import serving_json
from mitsumori.model.training.results import NearRun, TrainingDetails
from mitsumori.model.training.schedule import Schedule


def plain(figures: Mapping[str, Figure]) -> dict[str, float | None]:
    """Values by name."""
    return {name: figure.value for name, figure in figures.items()}


def to_json(result: Estimate, plan: Plan, lists: bool = True) -> dict[str, object]:
    """The document of ``estimate --json`` (docs/method.md section 1): numbers in the unit of their name, null where unknown.

    Parameters
    ----------
    result, plan
        An estimate and its plan.
    lists
        Whether tables, findings and sources are made, which a row of single figures does not show; False leaves them out.
    """
    training, place, cost_result = result.training, result.facility, result.cost

    def side(value: OptionCost) -> dict[str, Any]:
        return {
            "total": value.total.value, "initial": value.initial.value, "monthly": value.monthly.value,
            "lines": plain(value.lines), "details": plain(value.details),
        }  # fmt: skip

    return {
        "name": plan.name,
        "memory": {
            "per_gpu": plain(result.memory.per_gpu),
            "verdict": result.memory.verdict,
            "worst_stage": result.memory.worst_stage,
            "worst_moment": result.memory.worst_phase,
            **(_memory_lists(result.memory) if lists else {}),
        },
        "training": {
            "tokens": training.tokens.value,
            "tokens_per_s_per_gpu": training.tokens_per_s_per_gpu.value,
            "tokens_per_s_per_gpu_low": training.tokens_per_s_per_gpu.low,
            "tokens_per_s_per_gpu_high": training.tokens_per_s_per_gpu.high,
            "mfu": training.mfu.value,
            "step_time_s": training.step_time_s.value,
            "breakdown_s": plain(training.breakdown_s),
            "days": training.days.value,
            "days_low": training.days.low,
            "days_high": training.days.high,
            **_schedule_json(training.schedule),
            "gpu_hours": training.gpu_hours.value,
            "goodput": training.goodput.value,
            "near_runs": training.near_runs,
            **({"near": [_near(run) for run in training.near]} if lists else {}),
            "parallel": dict(training.parallel.items()),
            "details": _training_details(training.details),
        },
        "facility": _facility_json(place, plan) if lists else _facility_figures(place),
        "serving": serving_json(result.serving),
        "cost": {
            "currency": cost_result.currency,
            "cloud": side(cost_result.cloud),
            "onprem": side(cost_result.onprem),
            "alternatives": {name: side(value) for name, value in cost_result.alternatives.items()},
            "break_even_month": cost_result.break_even_month.value,
            "break_even_month_reason": result.why(cost_result.break_even_month, plan.language) or None,
            "break_even_utilization": cost_result.break_even_utilization.value,
            "break_even_utilization_reason": result.why(cost_result.break_even_utilization, plan.language) or None,
            "missing": list(cost_result.missing),
            "details": plain(cost_result.details),
            **_accounting_json(result, plan, lists),
        },
        **(_said(result, plan) if lists else {}),
    }  # fmt: skip


def _said(result: Estimate, plan: Plan) -> dict[str, object]:
    """Findings and sources."""
    return {
        "findings": [_finding_json(item, plan.language) for item in result.findings],
        "sources": [
            {"what": s.what, "source": s.source, "url": s.url, "date": s.date, "grade": s.grade} for s in result.sources
        ],
    }


def _memory_lists(memory: MemoryResult) -> dict[str, object]:
    """Memory by moment of a step, and by ZeRO stage."""
    return {
        "steps": [{"moment": m.phase, "bytes": m.bytes, "parts": dict(m.parts)} for m in memory.steps],
        "zero": [dict(stage) for stage in memory.zero],
    }


def _facility_figures(place: FacilityResult) -> dict[str, object]:
    """Racks, power and cooling without the tables."""
    return {
        **{name: getattr(place, name).value for name in FACILITY_FIGURES},
        "tariff_class": place.tariff_class,
        "details": plain(place.details),
        "network": plain(place.network),
        "water": plain(place.water),
        "outlets": dict(place.outlets),
        "storage": plain(place.storage),
    }


def _facility_json(place: FacilityResult, plan: Plan) -> dict[str, object]:
    """Racks, power and cooling."""
    return {
        **{name: getattr(place, name).value for name in FACILITY_FIGURES},
        "binding": list(place.binding),
        "tariff_class": place.tariff_class,
        "details": plain(place.details),
        "months": [month.document() for month in place.months],
        "network": plain(place.network),
        "water": plain(place.water),
        "feeds": [item.document() for item in place.feeds],
        "outlets": dict(place.outlets),
        "more": [item.document() for item in place.more],
        "storage": plain(place.storage),
        "methods": [
            {
                "cooling": m.cooling, "feasible": m.feasible, "servers_per_rack": m.servers_per_rack, "racks": m.racks,
                "binding": list(m.binding), "kva_per_rack": m.kva_per_rack, "air_kw": m.air_kw, "liquid_kw": m.liquid_kw,
                "pue": m.pue, "why": None if m.why is None else m.why.message(plan.language),
            }
            for m in place.methods
        ],
    }  # fmt: skip


def _accounting_json(result: Estimate, plan: Plan, lists: bool) -> dict[str, object]:
    """The after-tax view where the plan has a tax rate, and the lease where it has one."""
    found: dict[str, Any] = {}
    if plan.money.corporate_tax_rate is not None:
        view = result.cost.accounting
        found["accounting"] = {
            "npv": view.npv.value, "internal_rate_of_return": view.internal_rate.value,
            "payback_months": view.payback_months.value,
            **({"years": [_row(year) for year in view.years]} if lists else {}),
        }  # fmt: skip
    if lists and plan.money.onprem.lease_rate_per_month is not None:
        found["lease_in_the_books"] = [_row(year) for year in result.cost.accounting.lease]
    return found


def _row(year: Any) -> dict[str, float | None]:
    """A dataclass of numbers, unknown ones as null."""
    return {key: value if math.isfinite(value) else None for key, value in asdict(year).items()}


def _schedule_json(dated: Schedule) -> dict[str, object]:
    """The days on the calendar: ``finish_date`` and ``slack_days`` of the median, the probability of keeping the deadline."""
    return {
        "finish_date": None if dated.finish_date is None else dated.finish_date.isoformat(),
        "slack_days": dated.slack_days,
        "deadline_probability": dated.deadline_probability,
        "deadline": None if dated.deadline is None else dated.deadline.isoformat(),
        "finish_dates": {f"p{level}": day.isoformat() for level, day in dated.finish.items()},
    }


def _training_details(details: TrainingDetails) -> dict[str, object]:
    """What a training has: the traffic of a step where there is one, its generation where it generates."""
    found = {name: getattr(details, name) for name in details.__dataclass_fields__}
    found["recipe"] = {name: asdict(part) for name, part in details.recipe.items()}
    return {
        name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in found.items()
        if value is not None
    }


def _near(run: NearRun) -> dict[str, object]:
    return {"id": run.id, "what": run.what, "url": run.url, "tokens_per_s_per_gpu": run.tokens_per_s_per_gpu}


def _finding_json(item: Finding, language: str) -> dict[str, object]:
    remedies = [{"label": remedy.label(language), "set": dict(remedy.set)} for remedy in item.remedies]
    return {
        "code": item.code,
        "severity": item.severity,
        "field": item.field,
        "message": item.message(language),
        "remedy": remedies[0] if remedies else None,
        "remedies": remedies,
    }


def serve_json(result: Estimate, plan: Plan) -> dict[str, Any]:
    """The document of ``serve --json``: facility and cost are those of the serving servers."""
    serving = result.serving
    assert serving is not None  # the command enables it
    whole = to_json(result, plan)
    known = serving.layout is not None
    return {
        "name": plan.name,
        "load": dict(serving.load),
        "serving": whole["serving"],
        "curve": [dict(point) for point in serving.curve],
        "alternatives": [{**item, "layout": dict(item.layout)} for item in serving.alternatives],
        "facility": whole["facility"] if known else None,
        "cost": whole["cost"] if known else None,
        "findings": whole["findings"],
        "sources": whole["sources"],
    }
