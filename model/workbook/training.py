"""学習日数: the plan's training, and the table models x GPU counts, live in tokens, MFU and GPU count."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.base.format import days_text
from mitsumori.model.plan.overrides import SPEED, SPEED_HIGH, SPEED_LOW, STEP_PARTS, step_part, table_cell
from mitsumori.model.study.training_table import Cell as TableCell
from mitsumori.model.study.training_table import Row as TableRow
from mitsumori.model.training.days import restart_s, stall_s
from mitsumori.model.workbook.context import Context, details, note, title_block, validation
from mitsumori.model.workbook.description import Cell, Chart, Series, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.fields import Bounds, bounds, table_name
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.styles import CYCLE, DASHES

WIDTHS = (30.0, 17.0, 15.6, *([12.3] * 7))
MOST_COLUMNS = 8
OUTSIDE = MOST_COLUMNS + 15
CHART_ROWS = 12
STOPS = 190
"""Row below the page with the mean time between stops of each count of the table."""


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("training")
    answer = context.t("training_aside_answer") if context.estimate.serving else None
    lines = Lines(context, sheet, title_block(context, sheet, answer=answer))
    _plan(context, facts, lines)
    sheet.print_rows = lines.row - 2
    _table(context, facts, lines)


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
    speed = lines.formula("trn_speed", f"={use(f'overrides.{SPEED}')}", speed_value, "tokens_s_gpu", "d1",
                          t("trn_speed_basis"), "out_training_tokens_per_s_per_gpu")  # fmt: skip
    figure = training.tokens_per_s_per_gpu
    ends = [
        lines.formula(f"trn_speed_{end}", f"={use(f'overrides.{path}')}", value, "tokens_s_gpu", "d1", t("trn_speed_end_basis"),
                      f"out_training_tokens_per_s_per_gpu_{end}")
        for end, path, value in (("low", SPEED_LOW, figure.low), ("high", SPEED_HIGH, figure.high))
    ]  # fmt: skip
    flop = facts.flop_per_token(context)
    here, lines.row = lines.row, details(context, lines.sheet)
    if flop is not None and training.mfu.value is not None:
        per_token = lines.constant("trn_flop", flop, "flop_token", "sci", t("trn_flop_basis"), name="cst_flop_token")
        peak = lines.constant(
            "trn_peak", facts.peak_flops, "flops", "sci", facts.peak_basis(context.language), name="cst_peak_flops"
        )
        below, lines.row = lines.row, here
        lines.formula("trn_mfu", f"={speed}*{per_token}/{peak}", training.mfu.value, "none", "pct", t("trn_mfu_basis"),
                      "out_training_mfu")  # fmt: skip
        here, lines.row = lines.row, below
    goodput, below = _goodput(context, facts, lines, here, f"{gpus}", training.goodput.value or 0.0)
    day = cells["cst_seconds_day"]
    runs = training.days.value is not None
    impossible = context.impossible

    def days(key: str, pace: Cell, value: float | None, name: str, total: bool = False) -> Cell:
        return lines.formula(
            key, f'=IF(AND({pace}>0,{goodput}>0),{tokens}/({pace}*{gpus}*{goodput})/{day},"{impossible}")',
            impossible if not runs or value is None else value, "days", "days",
            t("trn_days_basis") if total else "", name, total=total,
        )  # fmt: skip

    whole = days("trn_days", speed, training.days.value, "out_training_days", total=True)
    figure = training.days
    days("trn_days_low", ends[1], figure.low if figure.low is not None else figure.value, "out_training_days_low")
    days("trn_days_high", ends[0], figure.high if figure.high is not None else figure.value, "out_training_days_high")
    hours = cells["cst_seconds_day"], cells["cst_seconds_hour"]
    lines.formula("trn_gpu_hours", context.guard([whole], f"{whole}*{gpus}*{hours[0]}/{hours[1]}"),
                  context.shown(training.gpu_hours), "gpu_hours", "int", "", "out_training_gpu_hours")  # fmt: skip
    runs_in, year = context.inputs["workload.runs_per_year"], cells["cst_days_year"]
    busy = f"IF(AND(ISNUMBER({runs_in}),ISNUMBER({whole})),MIN(1,{runs_in}*{whole}/{year}),{use('money.utilization')})"
    if facts.estimate.serving is not None and facts.estimate.serving.tokens is not None:
        busy = f"IF({use('serving.cost_share')}>=1,{use('serving.hours_per_day')}/24,{busy})"
    cells["utilization"] = lines.formula(
        "cost_utilization",
        f"={busy}",
        float(facts.case.utilization), "none", "pct", t("cost_utilization_basis"), "out_cost_details_utilization",
    )  # fmt: skip
    per_step = facts.tokens_per_step
    if per_step:
        step = lines.constant("trn_step_tokens", per_step, "tokens", "int", t("trn_step_basis"), name="cst_step_tokens")
        value = training.step_time_s.value
        whole = lines.formula(
            "trn_step", f'=IF(AND({speed}>0,{goodput}>0),{step}/({speed}*{gpus}),"{impossible}")',
            impossible if value is None else value, "seconds", "d2", t("trn_step_time_basis"), "out_training_step_time_s",
        )  # fmt: skip
        here, lines.row = lines.row, below
        _breakdown(context, facts, lines, whole, goodput)
        lines.row = here
    lines.gap()


def _goodput(context: Context, facts: Facts, lines: Lines, here: int, gpus: str, value: float) -> tuple[Cell, int]:
    """The useful share, on the row ``here`` of the page; its workings stand where ``lines`` is. Returns the next row there."""
    if context.plan.workload.conditions == "benchmark":
        below, lines.row = lines.row, here
        whole = lines.constant("trn_goodput", 1, "none", "pct", context.t("trn_benchmark"), name="out_training_goodput")
        return whole, below
    failures = lines.formula(
        "trn_mtbf", f"={context.cells['cst_mtbf_hours']}*{context.cells['cst_seconds_hour']}/{gpus}", facts.mtbf_s, "seconds",
        "int", context.t("trn_mtbf_basis"),
    )  # fmt: skip
    hold, restart = context.cells["cst_checkpoint_s"], context.cells["cst_restart_s"]
    below, lines.row = lines.row + 1, here
    share = lines.formula("trn_goodput", goodput_formula(context, facts, str(failures), hold, restart), value, "none", "pct",
                          context.t("trn_goodput_basis"), "out_training_goodput")  # fmt: skip
    return share, below


def goodput_formula(context: Context, facts: Facts, mtbf: str, hold: Cell, restart: Cell) -> str:
    """The renewal formula on the mean time between stops ``mtbf`` in seconds, and the share left by evaluation.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    mtbf
        Reference to the mean time between stops in seconds.
    hold, restart
        Cells of the seconds that a checkpoint holds training up, and from a stop to training again.
    """
    cells = context.cells
    half = cells["cst_half"]
    wait, again = f"({restart})/({mtbf})", f"(({{tau}})+{hold})/({mtbf})"
    interval = facts.plan.network.checkpoint_interval_s
    tau = f"({hold}*{mtbf}+{hold}*{mtbf})^{half}" if interval is None else f"{cells['cst_interval_s']}"
    e = cells["cst_euler"]
    left = f"({tau})/({mtbf})/({e}^({again.format(tau=tau)})-1)/{e}^({wait})"
    return f"=MAX(0,MIN(1,{left}))*(1-{cells['cst_evaluation']})"


def _breakdown(context: Context, facts: Facts, lines: Lines, step: Cell, goodput: Cell) -> None:
    """Seconds of one step by part: the parts' shares, as predicted or entered, of the live step time."""
    t, use, training = context.t, context.input, facts.estimate.training
    paths = context.predicted.values
    names = [name for name in STEP_PARTS if step_part(name) in paths]
    if not names:
        return
    lines.section("training_step_section")
    used = {name: use(f"overrides.{step_part(name)}") for name in names}
    kept = {name: f"std{str(cell)[3:]}" for name, cell in used.items()}
    none = context.impossible
    whole, predicted = _step_sums(context, lines, used)

    def value(name: str) -> Value:
        figure = training.breakdown_s.get(name)
        return none if figure is None or figure.value is None else figure.value

    parts = []
    for name, cell in used.items():
        share = f"IF({whole}>0,{cell}/{whole},{kept[name]}/{predicted})"
        parts.append(
            lines.formula(f"step_{name}", f'=IF(ISNUMBER({step}),{step}*{share},"{none}")', value(name), "seconds", "d2",
                          t("step_part_basis"), f"out_training_breakdown_s_{name}")
        )  # fmt: skip
    parts.append(
        lines.formula("step_lost", f'=IF(ISNUMBER({step}),{step}*(1/{goodput}-1),"{none}")', value("lost"), "seconds", "d2",
                      t("step_lost_basis"), "out_training_breakdown_s_lost")
    )  # fmt: skip
    known = [figure.value or 0.0 for figure in training.breakdown_s.values()]
    lines.formula("step_total", f'=IF(ISNUMBER({step}),SUM({block(parts)}),"{none}")', sum(known) if known else none,
                  "seconds", "d2", t("step_total_basis"), total=True)  # fmt: skip
    lines.gap()


def _step_sums(context: Context, lines: Lines, used: dict[str, Cell]) -> tuple[Cell, Cell]:
    """The parts of a step added up as they count and as predicted, and how many are entered: the inputs stand in one run."""
    t, names, predicted = context.t, context.workbook.names, context.predicted.values
    cells = list(used.values())
    standards = [names[f"std{str(cell)[3:]}"] for cell in cells]
    entered = [names[f"in{str(cell)[3:]}"] for cell in cells]
    total = sum(float(cell.number or 0.0) for cell in cells)
    whole = lines.formula("step_sum_used", f"=SUM({block(cells)})", total, "seconds", "d2", t("step_sum_used_basis"),
                          "use_step_parts")  # fmt: skip
    kept = lines.formula("step_sum_predicted", f"=SUM({block(standards)})",
                         sum(predicted[step_part(name)] for name in used), "seconds", "d2", t("step_sum_predicted_basis"),
                         "std_step_parts")  # fmt: skip
    count = sum(cell.number is not None for cell in entered)
    lines.formula("step_sum_entered", f"=COUNT({block(entered)})", count, "none", "int", "", "use_step_entered")
    return whole, kept


def _table(context: Context, facts: Facts, lines: Lines) -> None:
    table = facts.table
    if table is None or not table.rows:
        return
    sheet, t, cells = lines.sheet, context.t, context.cells
    columns = min(MOST_COLUMNS, len(table.rows[0].cells))
    lines.section("training_table_section")
    tokens, day = cells["out_training_tokens"], cells["cst_seconds_day"]
    row = lines.row
    sheet.put(row, 1, t("tbl_gpus"), "heading")
    sheet.put(row, 2, t("tbl_model_flop"), "heading_number")
    counts: list[Cell] = []
    exported: list[Cell] = []
    for index in range(columns):
        cell = sheet.put(row, 3 + index, table.rows[0].cells[index].accelerators, "input", "int")
        context.workbook.define(f"tbl_gpus_{index + 1}", cell)
        validation(context, cell, "whole", 1, 10_000_000, (), t("tbl_gpus"))
        counts.append(cell)
        servers = sheet.put(row - 1, MOST_COLUMNS + 5 + index, table.rows[0].cells[index].servers, "note", "int")
        context.workbook.define(f"tbl_col_{index + 1}", servers)
        was = sheet.put(row, MOST_COLUMNS + 5 + index, cell.value, "note", "int")
        context.workbook.define(f"tbl_was_{index + 1}", was)
        exported.append(was)
    sheet.heights[row] = 26
    row += 1
    row, shares = _goodput_row(context, facts, sheet, row, counts)
    row += 1
    uses_mfu = facts.table_uses_mfu
    fmt = "pct" if uses_mfu else "d1"
    none = t("does_not_fit")
    flops: list[Cell | None] = []
    predicted: list[list[Cell]] = []
    row = _wide_heading(sheet, row, t("tbl_mfu_head" if uses_mfu else "tbl_speed_head"), columns)
    for line in table.rows:
        sheet.put(row, 1, line.name, "label")
        flops.append(sheet.put(row, 2, facts.row_flop(line) if uses_mfu else None, "const", "sci"))
        run = line.cells[:columns]
        predicted.append([
            sheet.put(row, 3 + i, none if item.predicted_speed is None else _measured(item, uses_mfu), "pasted", fmt)
            for i, item in enumerate(run)
        ])  # fmt: skip
        row += 1
    row = _wide_heading(sheet, row, t("tbl_mfu_own" if uses_mfu else "tbl_speed_own"), columns)
    row, entered, originals = _own_speeds(context, sheet, row, table.rows, columns, fmt)
    pairs = ((counts, exported), *zip(entered, originals, strict=True))
    differing = sum(a.value != b.value for now, before in pairs for a, b in zip(now, before, strict=True))
    formula = "+".join(f"SUMPRODUCT(({block(now)}<>{block(before)})*1)" for now, before in pairs)
    cells["table_changed"] = sheet.formula(
        shares[0].row, MOST_COLUMNS + 5, f"={formula}", differing, "original", "int", name="out_table_changed"
    )
    limits = bounds(f"overrides.{_path(table.rows[0].model, table.rows[0].cells[0], uses_mfu)}")
    _outside(context, sheet, shares[0].row + 1, counts, entered, limits)
    row = _wide_heading(sheet, row, t("tbl_days_head"), columns)
    scale = facts.resolved.tokens / table.tokens
    days: list[list[Cell]] = []
    names: list[Cell] = []
    peak = cells.get("cst_peak_flops") or sheet.put(row - 1, MOST_COLUMNS + 5, facts.peak_flops, "const", "sci")
    for number, line in enumerate(table.rows):
        names.append(sheet.put(row, 1, line.name, "label"))
        sheet.put(row, 2, None, "label")
        made: list[Cell] = []
        for index in range(columns):
            value = line.cells[index].days
            mine, kept = entered[number][index], predicted[number][index].ref
            pace = f"IF(ISNUMBER({mine}),{mine},{kept})"
            speed = f"{pace}*{peak}/{flops[number]}" if uses_mfu else pace
            some = f"OR(ISNUMBER({mine}),ISNUMBER({kept}))"
            formula = f'=IF({some},{tokens}/({speed}*{counts[index]}*{shares[index]})/{day},"{none}")'
            made.append(
                sheet.formula(row, 3 + index, formula, none if value is None else value * scale, "total", "days2")
            )
        days.append(made)
        row += 1
    lines.row = note(sheet, row, t("training_note")) + 1
    sheet.print_rows = lines.row - 2
    _days_chart(context, lines, counts, names, days)


def _goodput_row(context: Context, facts: Facts, sheet: Sheet, row: int, counts: list[Cell]) -> tuple[int, list[Cell]]:
    """Stall, restart and goodput below each number of accelerators; the row of the goodput and its cells.

    Parameters
    ----------
    context, facts
        The workbook, and what the plan computes.
    sheet, row
        Where the rows begin.
    counts
        Cells of the accelerators.
    """
    t, cells = context.t, context.cells
    policies: list[list[Cell]] = []
    if context.plan.workload.conditions != "benchmark":
        for label, standard in (("tbl_stall", stall_s), ("tbl_restart", restart_s)):
            sheet.put(row, 1, t(label), "label")
            sheet.put(row, 2, None, "label")
            values = [standard(facts.resolved, float(count.value or 1)) for count in counts]  # type: ignore[arg-type]
            policies.append([sheet.put(row, 3 + k, value, "const", "d1") for k, value in enumerate(values)])
            row += 1
    sheet.put(row, 1, t("tbl_goodput"), "label")
    sheet.put(row, 2, None, "label")
    shares: list[Cell] = []
    sheet.put(STOPS, 1, t("trn_mtbf"), "label")
    for index, count in enumerate(counts):
        if context.plan.workload.conditions == "benchmark":
            shares.append(sheet.put(row, 3 + index, 1, "const", "pct"))
            continue
        hold, restart = policies[0][index], policies[1][index]
        seconds = facts.mtbf_hours * float(cells["cst_seconds_hour"].number or 0.0) / float(count.value or 1)  # type: ignore[arg-type]
        mtbf = sheet.formula(STOPS, 3 + index, f"={cells['cst_mtbf_hours']}*{cells['cst_seconds_hour']}/{count}", seconds,
                             "calc", "int")  # fmt: skip
        shares.append(sheet.formula(row, 3 + index, goodput_formula(context, facts, f"{mtbf}", hold, restart),
                                    facts.goodput_of(int(count.value or 1)), "calc", "pct"))  # type: ignore[arg-type]  # fmt: skip
    return row, shares


def _own_speeds(
    context: Context, sheet: Sheet, row: int, rows: Sequence[TableRow], columns: int, fmt: str
) -> tuple[int, list[list[Cell]], list[list[Cell]]]:
    """The cells for speeds of the user's own, and those that were there at the export; the row below.

    Parameters
    ----------
    context, sheet, row
        The workbook, and where the rows begin.
    rows, columns
        Models, and the numbers of accelerators that are shown.
    fmt
        Number format; ``pct`` where speeds are shares of the peak.
    """
    uses_mfu = fmt == "pct"
    entered: list[list[Cell]] = []
    originals: list[list[Cell]] = []
    for number, line in enumerate(rows, 1):
        sheet.put(row, 1, line.name, "label")
        sheet.put(row, 2, None, "label")
        key = sheet.put(row, MOST_COLUMNS + 4, line.model, "note")
        context.workbook.define(f"tbl_row_{number}", key)
        entered.append([
            _entered(context, sheet, row, 3 + i, number, line.model, item, uses_mfu, fmt)
            for i, item in enumerate(line.cells[:columns])
        ])  # fmt: skip
        originals.append([
            sheet.put(row, MOST_COLUMNS + 5 + i, context.exported.overrides.get(_path(line.model, item, uses_mfu)), "original",
                      fmt)
            for i, item in enumerate(line.cells[:columns])
        ])  # fmt: skip
        row += 1
    return row, entered, originals


def _days_chart(context: Context, lines: Lines, counts: list[Cell], names: list[Cell], days: list[list[Cell]]) -> None:
    """Days over accelerators, a line a model; none where no model fits.

    Parameters
    ----------
    context, lines
        The workbook, and the sheet with the row at which the chart begins.
    counts, names
        Cells of the accelerators and of the models.
    days
        Cells of the days, a list a model.
    """
    t, sheet, columns = context.t, lines.sheet, len(counts)
    anchor = (lines.row, 1, lines.row + CHART_ROWS - 1, 2 + columns)
    known = [(name, run) for name, run in zip(names, days, strict=True) if any(c.number is not None for c in run)]
    if known:
        series = tuple(
            Series(name, tuple(run), CYCLE[i % len(CYCLE)], DASHES[i % len(DASHES)])
            for i, (name, run) in enumerate(known)
        )
        shortest = min(c.number for _, run in known for c in run if c.number is not None)
        longest = max(c.number for _, run in known for c in run if c.number is not None)
        alt = t(
            "chart_days_alt",
            shortest=days_text(shortest, context.language),
            longest=days_text(longest, context.language),
        )
        sheet.charts.append(
            Chart("xy", t("chart_days"), alt, tuple(counts), series, anchor, t("tbl_gpus"), t("unit_days"), "General", log=True,
                  log_x=True)
        )  # fmt: skip
        lines.row += CHART_ROWS + 1


def _wide_heading(sheet: Sheet, row: int, text: str, columns: int) -> int:
    """A heading over all columns of the table; returns the next row."""
    sheet.put(row, 1, text, "heading")
    for column in range(2, 3 + columns):
        sheet.put(row, column, "", "heading")
    return row + 1


def _measured(item: TableCell, uses_mfu: bool) -> float | None:
    """The predicted MFU, or the predicted speed where the table shows speeds."""
    speed = item.predicted_speed
    return speed / (item.speed_of_mfu or 1.0) if uses_mfu and speed is not None else speed


def _path(model: str, item: TableCell, uses_mfu: bool) -> str:
    """The override of a cell of the table."""
    return table_cell(model, item.servers, "mfu" if uses_mfu else "tokens_per_s_per_gpu")


def _outside(
    context: Context, sheet: Sheet, row: int, counts: list[Cell], entered: list[list[Cell]], limits: Bounds
) -> None:
    """How many cells of the table hold what no plan accepts, beside the page: for the check sheet."""
    low = sheet.put(row, OUTSIDE + 1, limits.low, "const", "general")
    high = sheet.put(row, OUTSIDE + 2, limits.high, "const", "general")
    flags = [
        sheet.formula(row, OUTSIDE + 4 + i, f"=IF(ISNUMBER({count}),IF(AND({count}=ROUND({count},0),{count}>=1),0,1),1)", 0,
                      "calc", "int")
        for i, count in enumerate(counts)
    ]  # fmt: skip
    rows: list[Cell] = []
    for place, run in enumerate(entered):
        cells = block(run)
        body = f'=COUNTIF({cells},"<"&{low})+COUNTIF({cells},">"&{high})+SUMPRODUCT(({cells}<>"")*1)-COUNT({cells})'
        rows.append(sheet.formula(STOPS + 2 + place, 3, body, 0, "calc", "int"))
    sheet.put(STOPS + 1, 1, context.t("check_table"), "note")
    whole = f"=SUM({block(flags)})" + (f"+SUM({block(rows)})" if rows else "")
    cell = sheet.formula(row, OUTSIDE, whole, 0, "calc", "int", name="out_table_outside")
    sheet.put(row, OUTSIDE + 3, context.t("check_table"), "note")
    context.checks.append(("check_table", f"{cell}=0", True))


def _entered(
    context: Context,
    sheet: Sheet,
    row: int,
    column: int,
    number: int,
    model: str,
    item: TableCell,
    uses_mfu: bool,
    fmt: str,
) -> Cell:
    """The input in place of a predicted MFU or speed."""
    path = f"overrides.{_path(model, item, uses_mfu)}"
    value = context.plan.overrides.get(path.removeprefix("overrides."))
    cell = sheet.put(row, column, value, "input", fmt)
    context.workbook.define(table_name(number, column - 2, uses_mfu), cell)
    context.inputs[path] = cell
    limits = bounds(path)
    label = context.t("tbl_mfu_own" if uses_mfu else "tbl_speed_own")
    validation(context, cell, limits.kind, limits.low, limits.high, (), label)
    return cell
