"""学習日数: the plan's training, and the table models x GPU counts, live in tokens, MFU and GPU count."""

from __future__ import annotations

from model.workbook.context import Context, note, title_block, validation
from model.workbook.description import Cell, Chart, Series, block
from model.workbook.facts import Facts
from model.workbook.rows import Lines
from model.workbook.styles import CYCLE, DASHES

WIDTHS = (38.0, 18.0, 18.0, *([17.0] * 7))
MOST_COLUMNS = 8


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("training")
    lines = Lines(context, sheet, title_block(context, sheet))
    _plan(context, facts, lines)
    _table(context, facts, lines)
    lines.row = note(sheet, lines.row, context.t("training_note"))


def _plan(context: Context, facts: Facts, lines: Lines) -> None:
    t, cells, use, estimate = context.t, context.cells, context.input, facts.estimate
    training, plan = estimate.training, context.plan
    lines.section("training_plan_section")
    lines.heading()
    tokens_in, epochs = use("workload.tokens"), use("workload.epochs")
    if plan.workload.samples is None:
        formula, basis = f"={tokens_in}*{epochs}", t("trn_tokens_basis")
    else:
        base = lines.constant("trn_samples", plan.workload.samples * plan.parallel.seq_len * plan.workload.packing, "tokens",
                              "int", t("trn_samples_basis", samples=f"{plan.workload.samples:,.0f}"))  # fmt: skip
        formula, basis = f"={base}*{epochs}", t("trn_tokens_basis")
    tokens = lines.formula("trn_tokens", formula, facts.resolved.tokens, "tokens", "int", basis, "out_training_tokens")
    gpus = cells["lock_gpus"]
    lines.link("trn_gpus", gpus, "gpus", "int", t("change_in_mitsumori"))
    speed_value = training.tokens_per_s_per_gpu.value or 0.0
    override = use("overrides.training.tokens_per_s_per_gpu")
    speed = lines.formula("trn_speed", f"={override}", speed_value, "tokens_s_gpu", "d1", t("trn_speed_basis"),
                          "out_training_tokens_per_s_per_gpu")  # fmt: skip
    predicted = context.predicted.tokens_per_s_per_gpu
    entered = context.inputs["overrides.training.tokens_per_s_per_gpu"]
    bounds = []
    basis = t("trn_interval_basis", near=context.estimate.training.near_runs)
    for name, held in (("low", predicted.low), ("high", predicted.high)):
        kept = lines.constant(f"trn_speed_{name}_predicted", held if held is not None else (predicted.value or 0.0),
                              "tokens_s_gpu", "d1", basis, "pasted")  # fmt: skip
        figure = training.tokens_per_s_per_gpu
        bounds.append(lines.formula(f"trn_speed_{name}", f"=IF(ISNUMBER({entered}),{entered},{kept})",
                                    getattr(figure, name) if getattr(figure, name) is not None else speed_value,
                                    "tokens_s_gpu", "d1", "", f"out_training_tokens_per_s_per_gpu_{name}"))  # fmt: skip
    flop = facts.flop_per_token(context)
    if flop is not None and training.mfu.value is not None:
        per_token = lines.constant("trn_flop", flop, "flop_token", "sci", t("trn_flop_basis"), name="cst_flop_token")
        peak = lines.constant("trn_peak", facts.peak_flops, "flops", "sci", facts.peak_basis, name="cst_peak_flops")
        lines.formula("trn_mfu", f"={speed}*{per_token}/{peak}", training.mfu.value, "none", "pct", t("trn_mfu_basis"),
                      "out_training_mfu")  # fmt: skip
    goodput = _goodput(context, facts, lines, f"{gpus}", training.goodput.value or 0.0)
    day = cells["cst_seconds_day"]
    runs = training.days.value is not None
    impossible = context.impossible

    def days(key: str, pace: Cell, value: float | None, name: str, total: bool = False) -> Cell:
        return lines.formula(
            key, f'=IF(AND({pace}>0,{goodput}>0),{tokens}/({pace}*{gpus}*{goodput})/{day},"{impossible}")',
            impossible if not runs or value is None else value, "days", "d1",
            t("trn_days_basis") if total else "", name, total=total,
        )  # fmt: skip

    whole = days("trn_days", speed, training.days.value, "out_training_days", total=True)
    figure = training.days
    days("trn_days_low", bounds[1], figure.low if figure.low is not None else figure.value, "out_training_days_low")
    days("trn_days_high", bounds[0], figure.high if figure.high is not None else figure.value, "out_training_days_high")
    hours = cells["cst_seconds_day"], cells["cst_seconds_hour"]
    lines.formula("trn_gpu_hours", context.guard([whole], f"{whole}*{gpus}*{hours[0]}/{hours[1]}"),
                  context.shown(training.gpu_hours), "gpu_hours", "int", "", "out_training_gpu_hours")  # fmt: skip
    runs_in, year = context.inputs["workload.runs_per_year"], cells["cst_days_year"]
    cells["utilization"] = lines.formula(
        "cost_utilization",
        f"=IF(AND(ISNUMBER({runs_in}),ISNUMBER({whole})),MIN(1,{runs_in}*{whole}/{year}),{use('money.utilization')})",
        float(facts.case.utilization), "none", "pct", t("cost_utilization_basis"), "out_cost_details_utilization",
    )  # fmt: skip
    per_step = facts.tokens_per_step
    if per_step and training.step_time_s.value is not None:
        step = lines.constant("trn_step_tokens", per_step, "tokens", "int", t("trn_step_basis"))
        lines.formula("trn_step", f'=IF({speed}>0,{step}/({speed}*{gpus}),"{impossible}")', training.step_time_s.value,
                      "seconds", "d2", t("trn_step_time_basis"), "out_training_step_time_s")  # fmt: skip
    lines.gap()
    _breakdown(context, facts, lines)


def _goodput(context: Context, facts: Facts, lines: Lines, gpus: str, value: float) -> Cell:
    if context.plan.workload.conditions == "benchmark":
        return lines.constant("trn_goodput", 1, "none", "pct", context.t("trn_benchmark"), name="out_training_goodput")
    failures = lines.formula(
        "trn_mtbf", f"={context.cells['cst_mtbf_hours']}*{context.cells['cst_seconds_hour']}/{gpus}", facts.mtbf_s, "seconds",
        "int", context.t("trn_mtbf_basis"),
    )  # fmt: skip
    return lines.formula("trn_goodput", goodput_formula(context, facts, str(failures)), value, "none", "pct",
                         context.t("trn_goodput_basis"), "out_training_goodput")  # fmt: skip


def goodput_formula(context: Context, facts: Facts, mtbf: str) -> str:
    """Young's rule on the mean time between stops ``mtbf`` in seconds, and the share left by evaluation."""
    cells = context.cells
    hold, restart, half = cells["cst_checkpoint_s"], cells["cst_restart_s"], cells["cst_half"]
    interval = facts.plan.network.checkpoint_interval_s
    tau = f"({hold}*{mtbf}+{hold}*{mtbf})^{half}" if interval is None else f"{cells['cst_interval_s']}"
    left = f"1-{hold}/({tau})-({tau})*{half}/{mtbf}-{restart}/{mtbf}"
    return f"=MAX(0,MIN(1,{left}))*(1-{cells['cst_evaluation']})"


def _breakdown(context: Context, facts: Facts, lines: Lines) -> None:
    """Seconds of one step by part, as predicted."""
    t, training = context.t, context.predicted
    if not training.breakdown_s:
        return
    lines.section("training_step_section")
    parts = []
    for name, figure in training.breakdown_s.items():
        parts.append(
            lines.constant(f"step_{name}", figure.value or 0.0, "seconds", "d2", t("from_mitsumori"), "pasted")
        )
    total = sum(figure.value or 0.0 for figure in training.breakdown_s.values())
    lines.formula("step_total", f"=SUM({block(parts)})", total, "seconds", "d2", t("step_total_basis"), total=True)
    lines.gap()


def _table(context: Context, facts: Facts, lines: Lines) -> None:
    table = facts.table
    if table is None or not table.rows:
        return
    sheet, t, cells = lines.sheet, context.t, context.cells
    columns = min(MOST_COLUMNS, len(table.rows[0].cells))
    sheet.breaks.append(lines.row - 1)
    lines.section("training_table_section")
    tokens, day = cells["out_training_tokens"], cells["cst_seconds_day"]
    row = lines.row
    sheet.put(row, 1, t("tbl_gpus"), "heading")
    sheet.put(row, 2, t("tbl_model_flop"), "heading_number")
    counts: list[Cell] = []
    for index in range(columns):
        cell = sheet.put(row, 3 + index, table.rows[0].cells[index].accelerators, "input", "int")
        context.workbook.define(f"tbl_gpus_{index + 1}", cell)
        validation(context, cell, "whole", 1, 10_000_000, (), t("tbl_gpus"))
        counts.append(cell)
    sheet.heights[row] = 30
    row += 1
    sheet.put(row, 1, t("tbl_goodput"), "label")
    sheet.put(row, 2, None, "label")
    shares: list[Cell] = []
    for index, count in enumerate(counts):
        if context.plan.workload.conditions == "benchmark":
            shares.append(sheet.put(row, 3 + index, 1, "const", "pct"))
            continue
        mtbf = f"({cells['cst_mtbf_hours']}*{cells['cst_seconds_hour']}/{count})"
        shares.append(sheet.formula(row, 3 + index, goodput_formula(context, facts, mtbf),
                                    facts.goodput_of(int(count.value or 1)), "calc", "pct"))  # type: ignore[arg-type]  # fmt: skip
    row += 1
    uses_mfu = facts.table_uses_mfu
    sheet.put(row, 1, t("tbl_mfu_head" if uses_mfu else "tbl_speed_head"), "heading")
    for column in range(2, 3 + columns):
        sheet.put(row, column, "", "heading")
    row += 1
    pace: list[list[Cell]] = []
    flops: list[Cell | None] = []
    none = t("does_not_fit")
    for line in table.rows:
        sheet.put(row, 1, line.name, "label")
        flop = facts.row_flop(line)
        flops.append(sheet.put(row, 2, flop if uses_mfu else None, "const", "sci"))
        run: list[Cell] = []
        for index in range(columns):
            item = line.cells[index]
            value = item.mfu if uses_mfu else item.tokens_per_s_per_gpu
            cell = sheet.put(row, 3 + index, none if value is None else value, "input", "pct" if uses_mfu else "d1")
            run.append(cell)
        pace.append(run)
        row += 1
    sheet.put(row, 1, t("tbl_days_head"), "heading")
    for column in range(2, 3 + columns):
        sheet.put(row, column, "", "heading")
    row += 1
    scale = facts.resolved.tokens / table.tokens
    days: list[list[Cell]] = []
    names: list[Cell] = []
    peak = cells.get("cst_peak_flops") or "1"
    for number, line in enumerate(table.rows):
        names.append(sheet.put(row, 1, line.name, "label"))
        sheet.put(row, 2, None, "label")
        made: list[Cell] = []
        for index in range(columns):
            value = line.cells[index].days
            cell = pace[number][index]
            speed = f"{cell}*{peak}/{flops[number]}" if uses_mfu else f"{cell}"
            formula = f'=IF(ISNUMBER({cell}),{tokens}/({speed}*{counts[index]}*{shares[index]})/{day},"{none}")'
            made.append(sheet.formula(row, 3 + index, formula, none if value is None else value * scale, "total", "d2"))
        days.append(made)
        row += 1
    lines.row = row + 1
    anchor = (lines.row, 1, lines.row + 16, 2 + columns)
    known = [(name, run) for name, run in zip(names, days, strict=True) if any(c.number is not None for c in run)]
    if known:
        series = tuple(
            Series(name, tuple(run), CYCLE[i % len(CYCLE)], DASHES[i % len(DASHES)])
            for i, (name, run) in enumerate(known)
        )
        shortest = min(c.number for _, run in known for c in run if c.number is not None)
        longest = max(c.number for _, run in known for c in run if c.number is not None)
        alt = t("chart_days_alt", shortest=f"{shortest:,.1f}", longest=f"{longest:,.1f}")
        sheet.charts.append(
            Chart("xy", t("chart_days"), alt, tuple(counts), series, anchor, t("tbl_gpus"), t("unit_days"), "General", log=True,
                  log_x=True)
        )  # fmt: skip
        lines.row += 18
