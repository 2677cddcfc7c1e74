"""推論: what serving answers, the lines of its servers' cost, and yen a million tokens as formulas on them.

The lines are of the servers that serve, priced at the export; they do not follow the inputs sheet, and the sheet says so.
"""

from __future__ import annotations

import math

from mitsumori.model.base.format import interval
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.cost.line_table import cost_lines
from mitsumori.model.serving.results import ServingResult
from mitsumori.model.workbook.context import Context, note, title_block
from mitsumori.model.workbook.description import Cell
from mitsumori.model.workbook.rows import WIDTHS, Lines

__all__ = ["WIDTHS", "build"]


def build(context: Context) -> None:
    """Write the sheet of a plan that serves."""
    result = context.estimate.serving
    assert result is not None
    sheet = context.sheet("serving")
    lines = Lines(context, sheet, title_block(context, sheet))
    _answer(context, lines, result)
    if result.money is not None:
        _price(context, lines, result, _cost(context, lines, result))
    note(sheet, lines.row, context.t("serving_note"))


def _answer(context: Context, lines: Lines, result: ServingResult) -> None:
    """Predicted times, servers, and the layout of a replica."""
    t, figures = context.t, result.figures
    lines.section("serving_answer_section")
    lines.heading()
    judged = f"p{context.plan.serving.percentile:g}"
    for name, unit, fmt in (("ttft_s", "s", "d3"), ("tpot_ms", "ms", "d1"), ("e2e_s", "s", "d1")):
        figure = figures[name]
        basis = ""
        if figure.low is not None and figure.high is not None:
            basis = t("serving_interval", percentile=judged, interval=interval(figure.low, figure.high))
        lines.constant(f"serving_{name}", context.shown(figure), unit, fmt, basis, "pasted")
    for name in ("replicas", "servers", "gpus", "racks"):
        lines.constant(f"serving_{name}", context.shown(figures[name]), "none", "int", "", "pasted")
    layout = dict(result.layout)
    if layout:
        shown = f"TP {layout['tp']} · PP {layout['pp']} · EP {layout['ep']} · DP {layout['dp_attention']}"
        lines.constant(
            "serving_layout", shown, "none", "text", f"{layout['weight_precision'].upper()}, {layout['engine']}"
        )
    lines.gap()


def _cost(context: Context, lines: Lines, result: ServingResult) -> Cell:
    """The owned side's lines over the horizon and their sum."""
    owned, money = result.money.onprem, f"money_{result.money.currency}"
    lines.section("serving_cost_section")
    lines.heading()
    cells = [
        lines.constant("", context.shown(figure), money, "money", label=cost_lines()[name].label[context.language])
        for name, figure in owned.lines.items()
        if figure.value != 0.0
    ]
    known = math.fsum(figure.value or 0.0 for figure in owned.lines.values())
    total = lines.formula(
        "serving_total", f"=SUM({','.join(str(cell) for cell in cells)})", known, money, "money",
        name="out_serving_total", total=True,
    )  # fmt: skip
    lines.gap()
    return total


def _price(context: Context, lines: Lines, result: ServingResult, total: Cell) -> None:
    """Yen an hour, a request and a million tokens, from the sum of the lines and the mean load."""
    t, plan, prices = context.t, context.plan, result.jpy_per_million_tokens
    part, use = plan.serving, plan.serving.standard()
    lines.section("serving_price_section")
    lines.heading()
    if prices["blended"].value is None or total.number is None:
        lines.constant("serving_blended", context.unknown, "money_JPY", "text")
        lines.gap()
        return
    read = max(1.0, use.prompt_tokens * (1 - use.shared_prefix_share))
    peak = float(result.load["requests_per_s"] or 0.0)
    factor = 1.0 if part.concurrency is not None else part.peak_factor
    rate = 1.0 if result.money.currency == "JPY" else float(plan.money.usd_jpy or 1.0)
    inputs, outputs = (
        float(prices["input"].value or 0.0) * read,
        float(prices["output"].value or 0.0) * use.output_tokens,
    )
    months = lines.constant("serving_months", plan.money.horizon_months, "months", "int")
    yen = lines.constant("serving_rate", rate, "none", "number")
    mean = lines.constant("serving_requests", peak / factor, "none", "d3", t("serving_requests_basis"), "pasted")
    hours = lines.constant("serving_hours", part.hours_per_day, "hours", "d1")
    prompt = lines.constant("serving_prompt", use.prompt_tokens, "tokens", "number")
    fresh = lines.constant("serving_fresh", read, "tokens", "number", t("serving_fresh_basis"))
    answer = lines.constant("serving_output", use.output_tokens, "tokens", "number")
    share = lines.constant(
        "serving_share", inputs / (inputs + outputs), "none", "pct", t("serving_share_basis"), "pasted"
    )
    hourly = total.number * rate / (plan.money.horizon_months * HOURS_PER_MONTH)
    request = hourly / (peak / factor * 3600.0 * part.hours_per_day / 24.0)
    each = lines.formula("serving_hourly", f"={total}*{yen}/({months}*{HOURS_PER_MONTH!r})", hourly, "money_JPY", "d1")
    one = lines.formula("serving_request", f"={each}/({mean}*3600*{hours}/24)", request, "money_JPY", "d4")
    for name, label, formula in (
        ("blended", "serving_blended", f"={one}/({prompt}+{answer})*10^6"),
        ("input", "serving_input", f"={one}*{share}/{fresh}*10^6"),
        ("output", "serving_output_price", f"={one}*(1-{share})/{answer}*10^6"),
    ):
        value, whole = prices[name].value, name == "blended"
        lines.formula(label, formula, value, "money_JPY", "d1", name=f"out_serving_{name}", total=whole)
    lines.gap()
