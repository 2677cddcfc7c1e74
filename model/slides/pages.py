"""The slides one by one, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mitsumori.model.cost.cloud_prices import TERMS
from mitsumori.model.slides.blocks import ChartBlock, ChartSeries, KeyFigure, ListBlock, Slide, TableBlock
from mitsumori.model.slides.reader import Reader
from mitsumori.model.workbook.several import HORIZON, WAIT

LINE = "out_cost_onprem_lines_"
"""What the names of the lines of owning begin with."""
MOST_POINTS = 6
"""Lines a slide has room for."""


def summary(r: Reader) -> Slide:
    """Four figures and the conclusion in three sentences."""
    figures = (
        KeyFigure(r.w("kpi_days"), r.shown("out_training_days", 1), _range(r)),
        KeyFigure(r.w("kpi_racks"), r.shown("out_facility_details_total_racks", 0),
                  _fullest(r)),
        KeyFigure(r.t("owned_total"), r.money("out_cost_onprem_total"),
                  r.t("cloud_note", total=r.money("out_cost_cloud_total"))),
        KeyFigure(r.w("kpi_even"), r.in_month("out_cost_break_even_month"),
                  r.t("use_note", months=r.shown("use_money_horizon_months", 0),
                      share=r.shown("out_cost_details_utilization"))),
    )  # fmt: skip
    names = ("out_training_days", "out_facility_details_total_racks", "out_cost_onprem_total", "out_cost_cloud_total",
             "out_cost_break_even_month")  # fmt: skip
    points = tuple(r.book.said[key].strip() for key in ("days", "racks", "break_even"))
    return Slide("summary", points[2], r.t("summary_subtitle"), figures, points=points, notice=left_out(r),
                 notes=r.notes(names))  # fmt: skip


def _range(r: Reader) -> str:
    low, high = r.number("out_training_days_low"), r.number("out_training_days_high")
    if low is None or high is None or low == high:
        return ""
    return r.clauses("kpi_days_note", ("out_training_days_low", 1), ("out_training_days_high", 1))


def _fullest(r: Reader) -> str:
    """Power of the fullest rack; nothing where there is none."""
    known = r.number("out_facility_kva_per_rack") is not None
    return r.t("racks_note", kva=r.shown("out_facility_kva_per_rack", 1)) if known else ""


def left_out(r: Reader) -> str:
    """What the totals leave out; empty where they leave nothing out."""
    said = str(r.cell("out_cost_left_out").value)
    return "" if said.endswith(r.w("left_out_nothing")) else said


def plans(readers: Sequence[Reader]) -> Slide:
    """The scenarios side by side; the first is the one offered."""
    r = readers[0]
    rows: list[tuple[str, list[str]]] = [
        (r.w("kpi_days"), [x.shown("out_training_days", 1) for x in readers]),
        (r.w("kpi_racks"), [x.shown("out_facility_details_total_racks", 0) for x in readers]),
        (r.t("facility_kw"), [x.shown("out_facility_facility_kw", 1) for x in readers]),
        (r.t("owned_initial"), [x.money("out_cost_onprem_initial") for x in readers]),
        (r.t("owned_total"), [x.money("out_cost_onprem_total") for x in readers]),
        (r.t("cloud_total"), [x.money("out_cost_cloud_total") for x in readers]),
        (r.w("kpi_even"), [x.in_month("out_cost_break_even_month") for x in readers]),
    ]
    # Totals over different horizons, and machines that come later, are not alike: the table says so.
    rows[3:3] = [
        (r.w(key), [x.shown(name, 0) for x in readers])
        for key, name in (("plans_horizon", HORIZON), ("plans_lead", WAIT))
        if len({x.number(name) for x in readers}) > 1
    ]
    serve = all("out_serving_servers" in x.book.names for x in readers)
    if serve:
        rows[:1] = [
            (r.w(key), [x.shown(name, digits) for x in readers])
            for key, name, digits in (
                ("kpi_ttft", "out_serving_ttft_s", 2), ("kpi_tpot", "out_serving_tpot_ms", 1),
                ("kpi_served", "out_serving_servers", 0), ("kpi_tokens", "out_serving_jpy_per_million_tokens_blended", 0),
            )
        ]  # fmt: skip
    trained = not any("out_serving_servers" in x.book.names for x in readers)
    if not trained and not serve:  # days say nothing beside a plan that serves
        del rows[0]
    letters = [f"{chr(65 + i)} {x.book.said['plan']}" for i, x in enumerate(readers)]
    table = TableBlock(("", *letters), tuple((head, *values) for head, values in rows),
                       tuple(range(1, len(readers) + 1)), framed=1)  # fmt: skip
    days = [x.number("out_training_days") if trained else None for x in readers]
    fastest = min((d, i) for i, d in enumerate(days) if d is not None) if any(d is not None for d in days) else None
    title = r.t("plans_title") if fastest is None else r.t("plans_title_days", plan=letters[fastest[1]],
                                                           days=readers[fastest[1]].duration("out_training_days"))  # fmt: skip
    notes = tuple(
        line for letter, x in zip(letters, readers, strict=True)
        for line in (letter, *x.notes((
            "out_training_days" if "out_serving_servers" not in x.book.names else "out_serving_ttft_s",
            "out_cost_onprem_total", "out_cost_break_even_month",
        )))
    )  # fmt: skip
    return Slide("plans", title, r.t("plans_subtitle"), tables=(table,), notice=left_out(r), notes=notes)


def training(r: Reader) -> Slide:
    """Days against GPU counts, as the workbook's table has them."""
    charts = r.book.sheets["training"].charts
    days, gpus = r.duration("out_training_days"), r.cell("cst_gpus")
    known = r.number("out_training_days") is not None
    title = r.t("training_title", days=days, gpus=f"{gpus.number or 0:,.0f}") if known else r.book.said["days"].strip()
    rows = [
        (r.label(r.cell(name)), r.shown(name), row_unit(r, name))
        for name in ("out_training_tokens", "out_training_tokens_per_s_per_gpu", "out_training_mfu", "out_training_goodput",
                     "out_training_days", "out_training_days_low", "out_training_days_high")
    ]  # fmt: skip
    heads = (r.w("col_item"), r.w("col_value"), r.w("col_unit"))
    table = TableBlock(heads, tuple(rows), (1,), strong_rows=(4,), size="right")
    block = tuple(r.chart(chart, "left") for chart in charts[:1])
    return Slide("training", title, r.t("training_subtitle"), tables=(table,), charts=block,
                 notes=r.notes(("out_training_tokens_per_s_per_gpu", "out_training_mfu", "out_training_goodput",
                                "out_training_days")))  # fmt: skip


def memory(r: Reader) -> Slide:
    """What fills one GPU, by phase."""
    total, capacity = r.number("out_memory_per_gpu_total_bytes"), r.number("out_memory_per_gpu_capacity_bytes")
    giga = r.number("cst_giga") or 1.0
    title = str(r.cell("out_memory_verdict").value)
    if total is not None and capacity is not None:
        key = "memory_title_fits" if total <= capacity else "memory_title_no"
        title = r.t(key, total=f"{total / giga:,.1f}", capacity=f"{capacity / giga:,.1f}")
    chart = r.chart(r.book.sheets["memory"].charts[0])
    names = tuple(f"out_memory_per_gpu_{part}_bytes" for part in ("weights", "gradients", "optimizer", "activations",
                                                                  "buffers", "reserve", "total"))  # fmt: skip
    return Slide("memory", title, r.t("memory_subtitle"), charts=(chart,), notes=r.notes(names))


def racks(r: Reader) -> Slide:
    """Racks by way of cooling, and what the hall draws."""
    sheet = r.book.sheets["facility"]
    rows = [
        (r.label(r.cell(name)), r.shown(name), _unit(r, name))
        for name in ("out_facility_details_total_racks", "out_facility_it_kw", "out_facility_facility_kw",
                     "out_facility_utility_kva", "out_facility_kwh_per_year", "out_facility_pue",
                     "out_facility_co2_t_per_year")
    ]  # fmt: skip
    table = TableBlock((r.w("col_item"), r.w("col_value"), r.w("col_unit")), tuple(rows), (1,), size="right")
    total = r.number("out_facility_details_total_racks")
    title = r.book.said["racks"].strip()
    if total is not None:
        title = r.t("racks_title", racks=f"{total:,.0f}", limit=str(r.cell("out_facility_binding").value))
    return Slide("racks", title, r.t("racks_subtitle"), tables=(table,), charts=(r.chart(sheet.charts[0], "left"),),
                 notes=r.notes(("out_facility_it_kw", "out_facility_pue", "out_facility_facility_kw",
                                "out_facility_kwh_per_year")))  # fmt: skip


def _unit(r: Reader, name: str) -> str:
    cell = r.cell(name)
    if cell.number is None:  # a word in place of a figure has no unit
        return ""
    beside = r.book.sheets[cell.sheet].cells.get((cell.row, cell.column + 1))
    return "" if beside is None or beside.value is None else str(beside.value)


def row_unit(r: Reader, name: str) -> str:
    """The unit in the row of a figure."""
    cell = r.cell(name)
    if cell.fmt == "pct" or cell.number is None:
        return ""
    cells = r.book.sheets[cell.sheet].cells
    found = [
        other
        for (row, _), other in cells.items()
        if row == cell.row and other.role in ("unit", "total_unit") and other.value
    ]
    return str(found[0].value) if found else ""


def cumulative(r: Reader) -> Slide:
    """The cumulative cost of both sides, month by month."""
    chart = r.chart(r.book.sheets["comparison"].charts[0])
    told = tuple(
        series for series in chart.series if series.values[-1] is not None
    )  # a side without a price is no line
    chart, known = replace(chart, series=told), bool(told)
    names = ("out_cost_cloud_details_compared_total", "out_cost_onprem_details_compared_total", "out_cost_details_saving",
             "out_cost_break_even_month", "out_cost_break_even_utilization")  # fmt: skip
    title = r.book.said["break_even"].strip()
    if "out_serving_servers" in r.book.names:  # there the sentence is one of tokens
        whole, months = r.money("out_cost_onprem_total"), r.shown("use_money_horizon_months", 0)
        title = r.t("cumulative_title_owned", total=whole, months=months)
        if r.number("out_cost_onprem_total") is None:
            title = r.t("lines_title_open")
    return Slide("cumulative", title, r.t("cumulative_subtitle"),
                 charts=(_to_horizon(chart),) if known else (), points=() if known else (r.w("unknown"),),
                 notice=left_out(r), notes=r.notes(names))  # fmt: skip


def _to_horizon(chart: ChartBlock) -> ChartBlock:
    """The chart without the points beyond the horizon, which all lie on its last one."""
    end = next(
        (i for i, x in enumerate(chart.categories[:-1]) if chart.categories[i + 1] == x), len(chart.categories) - 1
    )
    return replace(chart, categories=chart.categories[: end + 1],
                   series=tuple(replace(s, values=s.values[: end + 1]) for s in chart.series))  # fmt: skip


def lines(r: Reader) -> Slide:
    """What owning costs, line by line, over the horizon."""
    listed = sorted((cell for name, cell in r.book.names.items() if name.startswith(LINE)), key=lambda cell: cell.row)
    cells = {(cell.name or "").removeprefix(LINE): cell for cell in listed}
    unit, money = r.large.unit, r.large_money
    kept = {name: cell for name, cell in cells.items() if cell.number is None or abs(cell.number) >= 0.5}
    rows = [(r.label(cell), str(cell.value) if cell.number is None else f"{cell.number / unit:,.1f}")
            for cell in kept.values()]  # fmt: skip
    total = r.cell("out_cost_onprem_total")
    with_tax = r.cell("out_cost_onprem_details_total_with_tax")
    strong = len(rows), len(rows) + 1
    for cell in (total, with_tax):
        rows.append((r.label(cell), str(cell.value) if cell.number is None else f"{cell.number / unit:,.1f}"))
    table = TableBlock((r.w("col_item"), money), tuple(rows), (1,), strong_rows=strong, size="left")
    priced = {name: cell for name, cell in kept.items() if cell.number is not None}
    chart = ChartBlock(
        "bar", r.t("lines_chart", money=money), r.t("lines_chart", money=money), tuple(r.label(c) for c in priced.values()),
        (ChartSeries(r.w("side_onprem"), tuple((c.number or 0.0) / unit for c in priced.values()), "B24A10"),),
        y_title=money, number_format="#,##0", size="right",
    )  # fmt: skip
    title = r.t("lines_title", total=r.money("out_cost_onprem_total"), initial=r.money("out_cost_onprem_initial"))
    if total.number is None:
        title = r.t("lines_title_open")
    return Slide("lines", title, r.t("lines_subtitle"), tables=(table,), charts=(chart,) if priced else (),
                 notice=left_out(r), notes=r.notes([f"{LINE}{name}" for name in kept]))  # fmt: skip


def clouds(r: Reader) -> Slide:
    """The terms of the cloud beside owning."""
    chosen = r.book.said["term"]
    rows = [(r.t("owned_row"), r.money("out_cost_onprem_total"))]
    values: list[tuple[str, float | None]] = [(r.t("owned_row"), r.number("out_cost_onprem_total"))]
    for term in TERMS:
        name = "out_cost_cloud_total" if term == chosen else f"out_cost_alternatives_cloud_{term}_total"
        rows.append((r.w(f"term_{term}"), r.money(name)))
        values.append((r.w(f"term_{term}"), r.number(name)))
    table = TableBlock((r.book.said["instance"] or r.w("side_cloud"), r.t("horizon_total")), tuple(rows), (1,),
                       strong_rows=(0,), size="left")  # fmt: skip
    known = [(name, value) for name, value in values if value is not None]
    money = r.large_money
    chart = ChartBlock(
        "column", r.t("clouds_chart", money=money), r.t("clouds_chart", money=money), tuple(name for name, _ in known),
        (ChartSeries(money, tuple(value / r.large.unit for _, value in known), "1571AB"),), y_title=money, size="right",
    )  # fmt: skip
    rented = [value for _, value in known[1:]] if values[0][1] is not None else []
    owned = values[0][1]
    # Where use begins beyond the horizon nothing is rented, and nothing is cheaper.
    key = "clouds_title_open" if owned is None or not rented or not any(rented) else (
        "clouds_title_owned" if owned <= min(rented) else "clouds_title_cloud")  # fmt: skip
    return Slide("clouds", r.t(key), r.t("clouds_subtitle"), tables=(table,), charts=(chart,) if known else (),
                 notice=left_out(r), notes=(*r.notes(("out_cost_cloud_lines_compute", "out_cost_cloud_total")),
                                             *r.book.said_lists.get("clouds", ())))  # fmt: skip


def factors(r: Reader) -> Slide:
    """What moves the answer most."""
    charts = r.book.sheets["sensitivity"].charts
    if not charts:
        return Slide("factors", r.t("factors_title_open"), r.t("factors_subtitle"), points=(r.w("sens_open"),))
    chart = r.chart(charts[0])
    first = str(chart.categories[0]) if chart.categories else ""
    return Slide("factors", r.t("factors_title", factor=first), r.t("factors_subtitle"), charts=(chart,),
                 notes=(r.w("sens_note"),))  # fmt: skip


def assumptions(r: Reader) -> Slide:
    """What is not included, what is open, and on what it rests."""
    points = r.book.said_lists.get("points", ())[:MOST_POINTS]
    resting = ("use_money_usd_jpy", "use_money_electricity_jpy_per_kwh", "use_money_horizon_months",
               "out_cost_details_utilization")  # fmt: skip
    basis = [f"{r.label(r.cell(name))}: {r.shown(name)} {row_unit(r, name)}".strip() for name in resting]
    columns = (
        (r.w("summary_excluded_section"), tuple(r.book.said_lists.get("excluded", ()))),
        (r.t("open_points"), tuple(points) or (r.t("no_open_points"),)),
        (r.t("basis"), tuple(basis)),
    )
    open_items = left_out(r)
    title = (
        r.t("assumptions_title_open")
        if open_items or r.number("out_cost_onprem_total") is None
        else r.t("assumptions_title")
    )
    return Slide("assumptions", title, r.t("assumptions_subtitle"), lists=ListBlock(columns), notice=open_items,
                 notes=tuple(r.book.said_lists.get("sources", ())))  # fmt: skip
