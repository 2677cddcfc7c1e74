"""Serving as JSON (``estimate --json``, ``serve --json``) and as text."""

from __future__ import annotations

from typing import Any

from mitsumori.model.base import format as fmt
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.serving.results import SINGLE, WITH_INTERVAL, ServingResult


def serving_json(result: ServingResult | None) -> dict[str, Any] | None:
    """The ``serving`` section: numbers in the unit of their name, null where unknown."""
    if result is None:
        return None
    out: dict[str, Any] = {}
    for name, _ in SINGLE:
        figure = result.figures[name]
        out[name] = figure.value
        if name in WITH_INTERVAL:
            out[f"{name}_low"], out[f"{name}_high"] = figure.low, figure.high
    return out | {
        "percentiles": {p: {n: f.value for n, f in times.items()} for p, times in result.percentiles.items()},
        "memory_per_gpu": {name: figure.value for name, figure in result.memory_per_gpu.items()},
        "jpy_per_million_tokens": {name: figure.value for name, figure in result.jpy_per_million_tokens.items()},
        "layout": dict(result.layout) or None,
        "binding": result.binding,
        "interval_class": result.interval_class,
        "near_runs": result.near_runs,
    }


def serve_json(result: Estimate, plan: Plan) -> dict[str, Any]:
    """The document of ``serve --json``: facility and cost are those of the serving servers."""
    from dataclasses import replace

    from mitsumori.model.report.json_document import to_json

    serving = result.serving
    assert serving is not None  # the command enables it
    here = result if serving.place is None else replace(result, facility=serving.place, cost=serving.money)
    whole = to_json(here, plan)
    known = serving.place is not None
    return {
        "name": plan.name,
        "load": dict(serving.load),
        "serving": whole["serving"],
        "curve": [dict(point) for point in serving.curve],
        "alternatives": [dict(item) for item in serving.alternatives],
        "facility": whole["facility"] if known else None,
        "cost": whole["cost"] if known else None,
        "findings": whole["findings"],
        "sources": whole["sources"],
    }


def serve_text(result: Estimate, language: str) -> str:
    """The serving plan in lines: figure, value, unit and interval, then the findings."""
    serving = result.serving
    assert serving is not None
    lines = []
    for name, unit in SINGLE:
        figure = serving.figures[name]
        value = "?" if figure.value is None else fmt.significant(figure.value)
        if figure.low is not None and figure.high is not None:
            value += f" ({fmt.significant(figure.low)} – {fmt.significant(figure.high)})"
        lines.append(f"{name:30} {value} {unit}".rstrip())
    for name, figure in serving.jpy_per_million_tokens.items():
        value = "?" if figure.value is None else fmt.significant(figure.value)
        lines.append(f"{'jpy_per_million_tokens.' + name:30} {value}")
    lines.append(f"{'layout':30} {', '.join(f'{name} {value}' for name, value in serving.layout.items())}")
    shown = [item for item in result.findings if item.subject == "serving"]
    return "\n".join([*lines, *(f"- {item.message(language)}" for item in shown)])
