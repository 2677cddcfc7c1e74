"""推論: what serving answers, what it bears of its servers' cost, and yen a million tokens against an API's price list.

The cost lines are those of the whole workbook: a plan that serves pays for the servers that serve, once. Everything here
follows the inputs; the load, the layout and the number of replicas are changed in Mitsumori.
"""

from __future__ import annotations

import math

from mitsumori.model.base.format import interval
from mitsumori.model.base.units import HOURS_PER_MONTH
from mitsumori.model.cost.line_table import cost_lines
from mitsumori.model.plan.overrides import SERVING_E2E, SERVING_PREFILL, SERVING_REQUESTS, SERVING_TPOT, SERVING_TTFT
from mitsumori.model.serving.results import ServingResult, TokenCost
from mitsumori.model.workbook.context import Context, headings, note, title_block
from mitsumori.model.workbook.description import Cell, Chart, Series, Value
from mitsumori.model.workbook.rows import WIDTHS, Lines
from mitsumori.model.workbook.styles import COLORS

__all__ = ["WIDTHS", "build"]

MILLION = "out_serving_break_even_million_tokens_per_day"
BESIDE = 13
"""Rows of a chart beside its table."""
LOADS = 8
"""Steps of the table of cost by load."""


def build(context: Context) -> None:
    """Write the sheet of a plan that serves."""
    result = context.estimate.serving
    assert result is not None
    sheet = context.sheet("serving")
    lines = Lines(context, sheet, title_block(context, sheet))
    _answer(context, lines, result)
    if result.tokens is not None:
        borne = _cost(context, lines)
        loads = _load(context, lines, result.tokens)
        hour = _price(context, lines, result, borne, loads)
        listed = _api(context, lines, result, hour, loads)
        _by_load(context, lines, result.tokens, (hour, listed), loads)
        _curve(context, lines, result)
    note(sheet, lines.row, context.t("serving_note"))
    context.cells["serves"] = sheet.cells[1, 1]


def _answer(context: Context, lines: Lines, result: ServingResult) -> None:
    """Predicted times with their limits, servers, and the layout of a replica."""
    t, figures, use = context.t, result.figures, context.plan.serving.standard()
    lines.section("serving_answer_section")
    lines.heading()
    judged = f"p{context.plan.serving.percentile:g}"
    limits = {"ttft_s": use.ttft_limit_s, "tpot_ms": use.tpot_limit_ms}
    for name, unit, fmt, path in (
        ("ttft_s", "seconds", "d3", SERVING_TTFT), ("tpot_ms", "ms", "d1", SERVING_TPOT),
        ("e2e_s", "seconds", "d1", SERVING_E2E),
    ):  # fmt: skip
        figure, told = figures[name], (context.held or context.estimate).serving
        first = figure if told is None else told.figures[name]
        basis = t("serving_at", percentile=judged)
        if first.low is not None and first.high is not None:
            basis = t("serving_interval", percentile=judged, interval=interval(first.low, first.high))
        used = context.used.get(f"overrides.{path}")
        if used is None:
            lines.constant(f"serving_{name}", context.shown(figure), unit, fmt, basis, "locked")
            continue
        cell = lines.formula(
            f"serving_{name}", f"={used}", context.shown(figure), unit, fmt, basis, f"out_serving_{name}"
        )
        limit = limits.get(name)
        if limit is not None:
            most = lines.constant(f"serving_{name}_limit", limit, unit, fmt, t("change_in_mitsumori"), "locked")
            kept = (figure.value or math.inf) <= limit
            lines.formula(
                f"serving_{name}_kept", f'=IF({cell}<={most},"{t("serving_kept")}","{t("serving_over")}")',
                t("serving_kept") if kept else t("serving_over"), "none", "text",
            )  # fmt: skip
    locked = t("change_in_mitsumori")
    lines.constant("serving_replicas", context.shown(figures.replicas), "none", "int",
                   t("serving_spare", spare=result.spare), "locked", "out_serving_replicas")  # fmt: skip
    lines.constant("serving_gpus", context.shown(figures.gpus), "gpus", "int", locked, "locked", "out_serving_gpus")
    if result.tokens is not None:
        servers, racks = context.cells["lock_servers"], context.cells["out_facility_racks"]
        for name, cell, unit in (("servers", servers, "servers"), ("racks", racks, "racks")):
            lines.formula(f"serving_{name}", f"={cell}", cell.value, unit, "int", "", f"out_serving_{name}")
    layout = result.layout
    if layout is not None:
        shown = f"TP {layout.tp} · PP {layout.pp} · EP {layout.ep} · DP {layout.dp_attention}"
        basis = f"{layout.weight_precision.upper()}, {layout.engine}"
        lines.constant("serving_layout", shown, "none", "text", basis, "locked_text")
    lines.gap()


def _cost(context: Context, lines: Lines) -> Cell:
    """The lines over the horizon, as they stand on the sheet of costs, and what of their sum serving bears."""
    t, cells, money = context.t, context.cells, f"money_{context.plan.money.currency}"
    lines.section("serving_cost_section")
    lines.heading()
    for key, line in cost_lines().items():
        source = cells.get(f"out_cost_onprem_lines_{key}")
        if source is not None:  # also where it is nothing: an input may make it something
            lines.formula("", f"={source}", source.value, money, "money", label=line.label[context.language])
    whole = cells["out_cost_onprem_total"]
    total = lines.formula("serving_total", f"={whole}", whole.value, money, "money", t("serving_total_basis"),
                          "out_serving_total", total=True)  # fmt: skip
    share = context.input("serving.cost_share")
    needed, body, part = [total], f"{total}*{share}", context.plan.serving.cost_share
    beside, own = cells.get("more_accelerated"), cells["initial_servers"]
    if beside is not None:
        value: Value = context.unknown
        if own.number is not None and beside.number is not None:
            value = own.number / (own.number + beside.number)
            part *= value
        needed.append(
            lines.formula("serving_own_part", context.guard([own, beside], f"{own}/({own}+{beside})"), value, "none", "pct",
                          t("serving_own_part_basis"))
        )  # fmt: skip
        body += f"*{needed[-1]}"
    borne = lines.formula("serving_borne", context.guard(needed, body), context.unknown if total.number is None
                          else total.number * part, money, "money", t("serving_borne_basis"), "out_serving_borne",
                          total=True)  # fmt: skip
    lines.gap()
    return borne


def _load(context: Context, lines: Lines, cost: TokenCost) -> dict[str, Cell]:
    """Requests and tokens, from the mean load and the hours of service."""
    t, use = context.t, context.plan.serving.standard()
    lines.section("serving_load_section")
    lines.heading()
    requests, hours = context.used[f"overrides.{SERVING_REQUESTS}"], context.input("serving.hours_per_day")
    read = max(1.0, use.prompt_tokens * (1 - use.shared_prefix_share))
    locked, made = t("change_in_mitsumori"), {}
    made["mean"] = lines.formula("serving_requests", f"={requests}", cost.mean_requests_per_s, "per_second", "d3",
                                 t("serving_requests_basis"))  # fmt: skip
    made["hours"] = lines.formula("serving_hours", f"={hours}", context.plan.serving.hours_per_day, "hours", "d1")
    for name, value, basis in (
        ("prompt", use.prompt_tokens, locked), ("kept", use.prompt_tokens * use.shared_prefix_share, t("serving_kept_basis")),
        ("fresh", read, t("serving_fresh_basis")), ("output", use.output_tokens, locked),
    ):  # fmt: skip
        made[name] = lines.constant(f"serving_{name}_tokens", value, "tokens", "number", basis, "locked")
    whole = f"({made['prompt']}+{made['output']})"
    hour = context.cells["cst_seconds_hour"]
    part = context.plan.serving
    most = cost.most_per_day / (3600.0 * part.hours_per_day * (use.prompt_tokens + use.output_tokens))
    made["most"] = lines.constant("serving_most", most, "per_second", "d3", t("serving_most_basis"), "locked")
    made["day"] = lines.formula("serving_tokens_day", f"={made['mean']}*{hour}*{made['hours']}*{whole}", cost.tokens_per_day,
                                "tokens", "int", t("serving_tokens_day_basis"), "out_serving_tokens_per_day")  # fmt: skip
    lines.gap()
    return made


def _price(context: Context, lines: Lines, result: ServingResult, borne: Cell, loads: dict[str, Cell]) -> Cell:
    """Yen an hour, a request and a million tokens."""
    t, cells, prices, cost = context.t, context.cells, result.jpy_per_million_tokens, result.tokens
    assert cost is not None
    lines.section("serving_price_section")
    lines.heading()
    months, yen, year, hour = cells["months_rent"], cells["fx_JPY"], cells["cst_hours_year"], cells["cst_seconds_hour"]
    share, unknown = context.used[f"overrides.{SERVING_PREFILL}"], f'"{context.unknown}"'

    def line(label: str, needed: list[Cell], body: str, value: float | None, fmt: str, basis: str = "",
             name: str | None = None, total: bool = False) -> Cell:  # fmt: skip
        shown: Value = context.unknown if value is None else value
        return lines.formula(label, context.guard(needed, body), shown, "money_JPY", fmt, basis, name, total=total)

    hourly = f"IF({months}=0,{unknown},{borne}/{yen}/({months}*{year}/12))"
    each = line("serving_hourly", [borne, yen], hourly, cost.hourly_jpy, "d1", t("serving_hourly_basis"))  # fmt: skip
    used = line(
        "serving_request", [each], f"{each}/({loads['mean']}*{hour}*{loads['hours']}/24)", cost.request_jpy, "d4"
    )
    bears = lines.formula("serving_share", f"={share}", cost.prefill_share, "none", "pct", t("serving_share_basis"))
    head = "out_serving_jpy_per_million_tokens_"
    line("serving_blended", [used], f"{used}/({loads['prompt']}+{loads['output']})*10^6", prices.blended.value, "d1",
         name=f"{head}blended", total=True)  # fmt: skip
    line(
        "serving_input",
        [used],
        f"{used}*{bears}/{loads['fresh']}*10^6",
        prices.input.value,
        "d1",
        name=f"{head}input",
    )
    line("serving_output_price", [used], f"{used}*(1-{bears})/{loads['output']}*10^6", prices.output.value, "d1",
         name=f"{head}output")  # fmt: skip
    lines.gap()
    return each


def _api(context: Context, lines: Lines, result: ServingResult, hour: Cell, loads: dict[str, Cell]) -> Cell:
    """What the same tokens cost by an API's price list of a day, and from how many on owning is cheaper."""
    t, cells, api, cost = context.t, context.cells, context.plan.serving.api_price, result.tokens
    assert cost is not None
    dated = api.date.isoformat() if api.date else t("serving_api_undated")
    lines.section("serving_api_section", date=dated)
    lines.heading()
    given = {name: context.input(f"serving.api_price.{name}") for name in ("input", "cached", "output")}
    rate = cells["cst_one"] if api.currency == "JPY" else context.input("money.usd_jpy")
    prompts, answers = given["input"], given["output"]
    unpriced = f'IF(ISNUMBER({prompts}),{prompts},"{context.unknown}")'
    kept = f"=IF(ISNUMBER({given['cached']}),{given['cached']},{unpriced})"
    price = api.input if api.cached is None else api.cached
    cached = lines.sheet.formula(lines.row, 7, kept, context.unknown if price is None else price, "calc", "number")
    paid = f"({loads['prompt']}-{loads['kept']})*{prompts}+{loads['kept']}*{cached}+{loads['output']}*{answers}"
    whole = f"({loads['prompt']}+{loads['output']})"
    listed = lines.formula(
        "serving_api_blended", context.guard([prompts, answers, rate], f"({paid})/{whole}*{rate}"),
        context.unknown if cost.api_jpy_per_million is None else cost.api_jpy_per_million, "money_JPY", "d1",
        t("serving_api_blended_basis", currency=api.currency, date=dated), "out_serving_api_jpy_per_million_tokens",
    )  # fmt: skip
    month, rent = HOURS_PER_MONTH / 24.0, cost.api_jpy_per_million
    lines.formula(
        "serving_api_month", context.guard([listed], f"{listed}*{loads['day']}/10^6*{cells['cst_hours_year']}/12/24"),
        context.unknown if rent is None else rent * cost.tokens_per_day / 1e6 * month, "money_JPY", "money",
        t("serving_month_basis"), "out_serving_api_jpy_per_month",
    )  # fmt: skip
    lines.formula(
        "serving_own_month", context.guard([hour], f"{hour}*{cells['cst_hours_year']}/12"),
        context.unknown if cost.hourly_jpy is None else cost.hourly_jpy * HOURS_PER_MONTH, "money_JPY", "money",
        t("serving_month_basis"), "out_serving_jpy_per_month",
    )  # fmt: skip
    even = result.figures.break_even_tokens_per_day
    at = lines.formula(
        "serving_break_even", f'=IF(AND(ISNUMBER({hour}),ISNUMBER({listed})),IF({listed}>0,{hour}*24/{listed}*10^6,'
        f'"{context.unknown}"),"{context.unknown}")',
        context.shown(even), "tokens_day", "int", t("serving_break_even_basis"), "out_serving_break_even_tokens_per_day",
        total=True,
    )  # fmt: skip
    in_million: Value = context.unknown if even.value is None else even.value / 1e6
    lines.formula("serving_break_even_million", context.guard([at], f"{at}/10^6"), in_million, "million_tokens_day", "d1", "",
                  MILLION)  # fmt: skip
    full = f"{loads['most']}*{cells['cst_seconds_hour']}*{loads['hours']}*{whole}/10^6"
    lines.formula("serving_most_million", f"={full}", cost.most_per_day / 1e6, "million_tokens_day", "d1", "",
                  "out_serving_most_million_tokens_per_day")  # fmt: skip
    own, bought = t("serving_own_cheaper"), t("serving_api_cheaper")
    said = context.unknown if even.value is None else own if cost.tokens_per_day >= even.value else bought
    body = f'IF({loads["day"]}>={at},"{own}","{bought}")'
    lines.formula("serving_cheaper", context.guard([at], body), said, "none", "text")
    lines.gap()
    return listed


def _by_load(
    context: Context, lines: Lines, cost: TokenCost, prices: tuple[Cell, Cell], loads: dict[str, Cell]
) -> None:
    """A month's cost of both by tokens a day, up to what the servers carry, and its chart."""
    t, sheet, year, (hour, listed) = context.t, lines.sheet, context.cells["cst_hours_year"], prices
    second = context.cells["cst_seconds_hour"]
    full = f"{loads['most']}*{second}*{loads['hours']}*({loads['prompt']}+{loads['output']})"
    lines.section("serving_load_cost_section")
    lines.row = headings(
        context, sheet, lines.row, ("serving_col_day", "serving_own_month", "serving_api_month", ""), (1, 2, 3)
    )
    rows: dict[str, list[Cell]] = {"day": [], "own": [], "api": []}
    for step in range(LOADS + 1):
        row, day = lines.row + step, cost.most_per_day * step / LOADS / 1e6
        at = sheet.formula(row, 1, f"={full}*{step}/{LOADS}/10^6", day, "calc", "d1")
        own = None if cost.hourly_jpy is None else cost.hourly_jpy * HOURS_PER_MONTH
        api = None if cost.api_jpy_per_million is None else cost.api_jpy_per_million * day * HOURS_PER_MONTH / 24.0
        for name, column, needed, body, value in (
            ("own", 2, hour, f"{hour}*{year}/12", own), ("api", 3, listed, f"{listed}*{at}*{year}/12/24", api),
        ):  # fmt: skip
            shown: Value = context.unknown if value is None else value
            rows[name].append(sheet.formula(row, column, context.guard([needed], body), shown, "calc", "money"))
        rows["day"].append(at)
    first = lines.row
    lines.row += LOADS + 2
    series = [Series(t("serving_own_month"), tuple(rows["own"]), COLORS["onprem"])]
    if cost.api_jpy_per_million is not None:
        series.append(Series(t("serving_api_month"), tuple(rows["api"]), COLORS["cloud"], "dash"))
    if cost.hourly_jpy is not None:
        title = t("serving_load_chart")
        sheet.charts.append(Chart("xy", title, title, tuple(rows["day"]), tuple(series), (first, 4, first + BESIDE - 1, 4),
                                  x_title=t("serving_col_day"), y_title=t("unit_money_JPY")))  # fmt: skip
    lines.row = max(lines.row, first + BESIDE + 1)  # with or without a chart: what follows stays where it is


def _curve(context: Context, lines: Lines, result: ServingResult) -> None:
    """Speed of a user against output of a GPU over the load of one replica, as predicted at the export."""
    if len(result.curve) < 2:
        return
    t, sheet = context.t, lines.sheet
    lines.section("serving_curve_section")
    heads = ("serving_col_user", "serving_col_gpu", "serving_col_tpot", "")
    lines.row = headings(context, sheet, lines.row, heads, (1, 2, 3))
    first, speed, output = lines.row, [], []
    for point in reversed(result.curve):
        speed.append(sheet.put(lines.row, 1, point.tokens_per_s_per_user, "locked", "d1"))
        output.append(sheet.put(lines.row, 2, point.output_tokens_per_s_per_gpu, "locked", "d1"))
        sheet.put(lines.row, 3, point.tpot_ms, "locked", "d1")
        lines.row += 1
    title = t("serving_curve_chart")
    sheet.charts.append(
        Chart("xy", title, title, tuple(speed), (Series(t("serving_col_gpu"), tuple(output), COLORS["weights"]),),
              (first, 4, first + BESIDE - 1, 4), x_title=t("serving_col_user"), y_title=t("serving_col_gpu"))
    )  # fmt: skip
    lines.row = max(lines.row, first + BESIDE) + 1
