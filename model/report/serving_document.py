"""Serving as a section of ``estimate --json`` and as text."""

from __future__ import annotations

from typing import Any, Final

from mitsumori.model.base import format as fmt
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.messages import text
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.report.totals import total_note
from mitsumori.model.serving.results import SINGLE, WITH_INTERVAL, ServingResult

WIDTH: Final = 42


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
        "one_down": None
        if result.down is None
        else {p: {n: f.value for n, f in times.items()} for p, times in result.down.items()},
        "memory_per_gpu": {name: figure.value for name, figure in result.memory_per_gpu.items()},
        "jpy_per_million_tokens": {name: figure.value for name, figure in result.jpy_per_million_tokens.items()},
        "layout": None if result.layout is None else dict(result.layout),
        "binding": result.binding,
        "interval_class": result.interval_class,
        "near_runs": result.near_runs,
    }


def serve_text(result: Estimate, language: str) -> str:
    """The serving plan in lines: figures with their intervals, the layout, alternatives, the findings with what cures them."""
    assert result.serving is not None
    lines = [*serving_lines(result.serving, language, total_note(result.cost, language, ("onprem",))), ""]
    for item in result.findings:
        if item.subject == "serving":
            lines.append(f"- {item.message(language)}")
            lines += [f"  → {remedy.label(language)}" for remedy in item.remedies]
    return "\n".join(lines)


def serving_lines(serving: ServingResult, language: str, note: str = "") -> list[str]:
    """The serving plan in lines: figures with their intervals, the layout, alternatives.

    Parameters
    ----------
    serving
        The answer.
    language
        ``ja`` or ``en``.
    note
        What the costs behind the prices of tokens are to be read with (:func:`model.report.totals.total_note`).
    """

    def word(key: str, **values: object) -> str:
        return text("serving", key, language, **values)

    def row(label: str, value: str) -> str:
        return f"  {fmt.padded(label, WIDTH)}{value}"

    def shown(name: str, figure: Figure, unit: str) -> str:
        if figure.value is None:
            return word("unknown")
        if name.endswith("_bytes") or name == "kv_bytes_per_token":
            return f"{fmt.gigabytes(figure.value)} GB" if figure.value > 1e8 else f"{fmt.whole(figure.value)} B"
        if name == "share_of_users_served":
            return fmt.percent(figure.value)
        if unit == "JPY":
            amount = fmt.money(figure.value, "JPY", language)
            return text("report", "noted", language, amount=amount, note=note) if note else amount
        unit = word("seconds") if unit == "s" else unit
        if figure.low is not None and figure.high is not None:
            bounds = fmt.interval(figure.low, figure.high)
            return word("interval", value=fmt.significant(figure.value), unit=unit, interval=bounds)
        whole = name in ("replicas", "gpus", "servers", "racks", "gpus_per_replica", "max_concurrency")
        return f"{fmt.whole(figure.value) if whole else fmt.significant(figure.value)} {unit}".rstrip()

    lines = []
    if (requests := serving.load.requests_per_s) is not None:
        lines.append(row(word("load"), word("requests", requests=fmt.significant(requests))))
    lines += [row(word(name), shown(name, serving.figures[name], unit)) for name, unit in SINGLE]
    lines += [row(word(name), shown(name, figure, "")) for name, figure in serving.memory_per_gpu.items()]
    lines += [row(word(name), shown(name, figure, "JPY")) for name, figure in serving.jpy_per_million_tokens.items()]
    if serving.layout is not None:
        lines.append(row(word("layout"), word("layout_of", **serving.layout)))
        if serving.layout.prefill_workers:
            lines.append(row(word("prefill_workers"), str(serving.layout.prefill_workers)))
    lines.append(row(word("binding"), word(f"binding_{serving.binding}")))
    if serving.alternatives:
        lines += ["", word("alternatives")]
    for item in serving.alternatives[1:6]:
        yen = item.jpy_per_million_tokens
        values = {
            "server": item.server, "gpus": item.gpus, "layout": word("short_layout", **item.layout),
            "ttft": fmt.significant(item.ttft_s), "tpot": fmt.significant(item.tpot_ms),
            "yen": word("unknown") if yen is None else fmt.money(yen, "JPY", language),
        }  # fmt: skip
        lines.append("  " + word("alternative", **values))
    return lines
