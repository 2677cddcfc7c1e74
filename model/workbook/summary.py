"""概要: one page with the conclusion, four key figures, two charts and what is not included."""

from __future__ import annotations

from dataclasses import replace

from mitsumori.model.base import format as fmt_of
from mitsumori.model.base.findings import Finding
from mitsumori.model.base.messages import keys, text
from mitsumori.model.base.rounding import round_half_up
from mitsumori.model.cost.cashflow import first_whole_month
from mitsumori.model.plan.overrides import SPEED, SPEED_HIGH, SPEED_LOW
from mitsumori.model.workbook.context import Context, lines_of, section, title_block
from mitsumori.model.workbook.description import Cell, Condition, Sheet, in_month
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.fields import input_name
from mitsumori.model.workbook.styles import DAYS, ROW_HEIGHT, page_room

WIDTHS = (18.6,) * 8
EXCLUDED = ("tax_notice", "facility_works", "data", "software", "people", "network_line", "inference", "price_change")
CHART_ROWS, LOWEST_CHART_ROW = 14, 8.0
WORK = 10
"""First column beside the page with the parts of sentences."""
PIECES = WORK + 8
"""First column of the figures in the notes as texts."""
CLOCKS = PIECES + 10
"""First column of days as times, in the first row: seconds of a minute, then for each its seconds and its text."""
MILLION, MOST = "out_serving_break_even_million_tokens_per_day", "out_serving_most_million_tokens_per_day"
"""Millions of tokens a day: from which on owning is cheaper than an API, and that the servers carry."""
SILENT = ("kpi_days_note_b", "kpi_tokens_note_b")
"""Clauses that say nothing where their figure is no number."""
SHOWN_POINTS = 5
"""Points to note on the page; all of them are on the sheet of checks."""


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet, t, cells = context.sheet("summary"), context.t, context.cells
    serves = "serves" in cells and "out_serving_servers" in cells
    row = title_block(context, sheet, answer=t("summary_answer_served") if serves else None)
    answer = sheet.formula(row, 1, *_conclusion(context, row), role="lead", fmt="text", name="out_summary_conclusion")
    sheet.merge(row, 1, 8)
    sheet.heights[row] = max(24.0, lines_of(str(answer.value), sum(WIDTHS), 11) * 16 + 4)
    row += 2
    _figures(context, row)
    row += 4
    days = context.sheet("training").charts
    charts = (context.sheet("comparison").charts[0], days[0] if days else context.charts["cost"])
    if "serves" in cells and context.sheet("serving").charts:
        charts = (charts[0], context.sheet("serving").charts[0])
    drawn = range(row, row + CHART_ROWS)
    sheet.charts.append(replace(charts[0], anchor=(row, 1, drawn[-1], 4)))
    sheet.charts.append(replace(charts[1], anchor=(row, 5, drawn[-1], 8)))
    row += CHART_ROWS + 1
    row = section(context, sheet, row, "summary_excluded_section")
    left_out = excluded(context)
    for index, key in enumerate(left_out):
        column = 1 if index % 2 == 0 else 5
        sheet.put(row + index // 2, column, "・" + t(f"excluded_{key}"), "bullet")
        sheet.merge(row + index // 2, column, column + 3)
        sheet.heights[row + index // 2] = 16.5
    row += (len(left_out) + 1) // 2
    points = sorted((item for item in context.findings if item.severity != "info"), key=weight)
    if points:
        row = section(context, sheet, row, "summary_findings_section")
        messages = [item.message(context.language) for item in points[:SHOWN_POINTS]]
        if len(points) > SHOWN_POINTS:
            rest = {"count": len(points) - SHOWN_POINTS, "sheet": context.sheet("checks").title}
            messages.append(t("summary_findings_more", **rest))
        for text in messages:
            message = "・" + text
            sheet.put(row, 1, message, "bullet")
            sheet.merge(row, 1, 8)
            sheet.heights[row] = lines_of(message, sum(WIDTHS) - 2, 10.5) * 14 + 2
            row += 1
    sheet.put(row, 1, t("check_master"), "label")
    sheet.merge(row, 1, 2)
    sheet.put(row, 2, None, "label")
    master = cells["master_check"]
    sheet.formula(row, 3, f"={master}", master.value, "status", "text")
    sheet.conditions.append(Condition(f"C{row}", f'=$C${row}="{t("check_bad")}"', "bad"))
    sheet.conditions.append(Condition(f"C{row}", f'=$C${row}="{t("ok")}"', "good"))
    altered = cells["out_altered"]
    sheet.formula(row, 5, f"={altered}", altered.value, "link_text", "text")
    for column in (6, 7, 8):
        sheet.put(row, column, None, "link_text")
    sheet.merge(row, 5, 8)
    _fit_charts(sheet, drawn)


def _fit_charts(sheet: Sheet, drawn: range) -> None:
    """Lower the charts as far as the page has to hold the texts, in the smallest type of the workbook at most."""
    others = sum(sheet.heights.get(row, ROW_HEIGHT) for row in range(1, sheet.last_row + 1) if row not in drawn)
    each = (page_room(sheet.landscape) - others) / len(drawn)
    for row in drawn:
        sheet.heights[row] = min(ROW_HEIGHT, max(LOWEST_CHART_ROW, each))


def excluded(context: Context) -> tuple[str, ...]:
    """What the totals do not include; of a plan that serves not serving itself."""
    return tuple(key for key in EXCLUDED if key != "inference" or context.estimate.serving is None)


def weight(item: Finding) -> int:
    """What stands first: what is not possible, what the totals leave out or lack, cautions, other questions."""
    if item.severity == "bad":
        return 0
    if item.code.startswith(("cost_open_", "cost_ask_")):
        return 1
    return 2 if item.severity == "warn" else 3


def _text(cell: Cell, decimals: int) -> str:
    """A number as TEXT(x,"#,##0.0") writes it."""
    return f"{float(round_half_up(cell.number or 0.0, decimals)):,.{decimals}f}"


def _conclusion(context: Context, row: int) -> tuple[str, str]:
    """The conclusion as a formula and as the program says it: days, racks, break-even, each with its own state.

    Each sentence and what it is put together from stands in a cell of its own beside the page, in the row ``row``.
    """
    t, cells, sheet = context.t, context.cells, context.sheet("summary")
    if "serves" in cells and "out_serving_servers" in cells:
        return _served_conclusion(context, row)
    column = WORK
    parts: list[str] = []
    shown: list[str] = []
    for key, name, decimals in (
        ("days", "out_training_days", 1), ("racks", "out_facility_details_total_racks", 0),
        ("break_even", "out_cost_break_even_month", 0),
    ):  # fmt: skip
        cell = cells[name]
        before, after = t(f"conclusion_{key}_before"), t(f"conclusion_{key}_after")
        other = t(f"conclusion_{key}_other", state="{state}")
        head, tail = other.split("{state}")
        pattern = "#,##0.0" if decimals else "#,##0"
        number, shown_number = f"{cell}", _text(cell, decimals) if cell.number is not None else ""
        ending = f'"{after}"'
        if key == "racks":
            ending, after = _one_or_more(context, cell)
        if key == "break_even":
            number = f"MAX(1,ROUNDUP(ROUND({cell},{cells['cst_guard']}),0))"
            shown_number = "" if cell.number is None else f"{first_whole_month(cell.number):,}"
            saving, lost = cells["out_cost_details_saving"], t("conclusion_break_even_lost")
            gone = lost if (saving.number or 0.0) < 0.0 else ""
            said = sheet.formula(
                row, column, f'=IF(ISNUMBER({saving}),IF({saving}<0,"{lost}",""),"")', gone, "note", "text"
            )
            ending, column = ending + f"&{said}", column + 1
            after += lost if (saving.number or 0.0) < 0.0 else ""
        if key == "days":
            spoken, shown_number, after = _days(
                context, cell, t("conclusion_days_after"), t("conclusion_days_after_clock")
            )
            part = f'IF(ISNUMBER({cell}),"{before}"&{spoken},"{head}"&{cell}&"{tail}")'
        else:
            part = f'IF(ISNUMBER({cell}),"{before}"&TEXT({number},"{pattern}")&{ending},"{head}"&{cell}&"{tail}")'
        text = f"{before}{shown_number}{after}" if cell.number is not None else f"{head}{cell.value}{tail}"
        if key == "days":  # a training that does not fit has no days, whatever its speed
            verdict, unfit = cells["mem_verdict"], t("conclusion_does_not_fit")
            known = sheet.formula(row, column, f"={part}", text, "note", "text")
            part, column = f'IF({verdict}="{t("verdict_no")}","{unfit}",{known})', column + 1
            text = unfit if context.estimate.memory.verdict == "no" else text
        parts.append(str(sheet.formula(row, column, f"={part}", text, "note", "text")))
        column += 1
        shown.append(text)
        context.workbook.said[key] = text
    return "=" + "&".join(parts), "".join(shown)


def _days(context: Context, cell: Cell, after: str, timed: str) -> tuple[str, str, str]:
    """Days in a sentence, in hours and minutes below one: a formula, the number as the program says it, what follows it.

    Parameters
    ----------
    context, cell
        The workbook, and the days.
    after, timed
        What follows days, and what follows a time whose units are in it.
    """
    clock = _clock(context, cell)
    spoken = f'IF({cell}<1,{clock}&"{timed}",TEXT({cell},"#,##0.0")&"{after}")'
    if cell.number is None:
        return spoken, "", after
    if cell.number < 1:
        return spoken, str(clock.value), timed
    return spoken, _text(cell, 1), after


def _clock(context: Context, cell: Cell) -> Cell:
    """The cell beside the page in which days stand as hours and minutes, below an hour as minutes and seconds."""
    sheet, cells, key = context.sheet("summary"), context.cells, f"clock_{cell.name}"
    if key not in cells:
        hour, minute, minutes, second = fmt_of.CLOCK[context.language]
        column = CLOCKS + 1 + 2 * sum(name.startswith("clock_") for name in cells)
        sixty = sheet.cells.get((1, CLOCKS)) or sheet.put(1, CLOCKS, 60.0, "note", "int")
        in_hour = cells["cst_seconds_hour"]
        days = cell.number or 0.0
        whole = sheet.formula(1, column, f"=IF(ISNUMBER({cell}),ROUND({cell}*{cells['cst_seconds_day']},0),0)",
                              float(round_half_up(days * 86400)), "note", "int")  # fmt: skip
        short = f'ROUNDDOWN({whole}/{sixty},0)&"{minutes}"&MOD({whole},{sixty})&"{second}"'
        long = f'ROUNDDOWN({whole}/{in_hour},0)&"{hour}"&MOD(ROUNDDOWN({whole}/{sixty},0),{sixty})&"{minute}"'
        text = fmt_of.clock(days, context.language)
        cells[key] = sheet.formula(1, column + 1, f"=IF({whole}<{in_hour},{short},{long})", text, "note", "text")
    return cells[key]


def _served_conclusion(context: Context, row: int) -> tuple[str, str]:
    """The conclusion of a plan that serves: times, racks, what tokens cost, each with its own state."""
    t, cells, said = context.t, context.cells, context.workbook.said
    ttft, tpot, racks = (
        cells[name] for name in ("out_serving_ttft_s", "out_serving_tpot_ms", "out_facility_details_total_racks")
    )
    before, middle, after = (t(f"conclusion_served_{part}") for part in ("before", "middle", "after"))
    head, tail = t("conclusion_served_other", state="{state}").split("{state}")
    timed = f'"{before}"&TEXT({ttft},"#,##0.00")&"{middle}"&TEXT({tpot},"#,##0.0")&"{after}"'
    speed = f'IF(AND(ISNUMBER({ttft}),ISNUMBER({tpot})),{timed},"{head}"&{ttft}&"{tail}")'
    said["days"] = f"{before}{_text(ttft, 2)}{middle}{_text(tpot, 1)}{after}"
    if ttft.number is None or tpot.number is None:
        said["days"] = f"{head}{ttft.value}{tail}"
    place, said["racks"] = _stated(context, "racks", racks, 0)
    yen, even = (
        cells["out_serving_jpy_per_million_tokens_blended"],
        cells[MILLION],
    )
    price, first = _stated(context, "tokens", yen, 0)
    start, end, other = (t(f"conclusion_api_{part}") for part in ("before", "after", "other"))
    most, beyond = cells[MOST], t("conclusion_api_beyond")
    reached = f'IF({even}>{most},"{beyond}","{start}"&TEXT({even},"#,##0")&"{end}")'
    listed = f'IF(ISNUMBER({even}),{reached},"{other}")'
    second = other if even.number is None else beyond if _over(even, most) else f"{start}{_text(even, 0)}{end}"
    said["break_even"] = first + second
    parts = ((speed, said["days"]), (place, said["racks"]), (price, first), (listed, second))
    made = [
        context.sheet("summary").formula(row, WORK + index, f"={part}", text, "note", "text")
        for index, (part, text) in enumerate(parts)
    ]
    return "=" + "&".join(map(str, made)), said["days"] + said["racks"] + said["break_even"]


def _one_or_more(context: Context, racks: Cell) -> tuple[str, str]:
    """What follows the number of racks, as a formula and as the program says it: one rack, several racks."""
    one, more = context.t("conclusion_racks_after_one"), context.t("conclusion_racks_after")
    if one == more:
        return f'"{more}"', more
    return f'IF({racks}=1,"{one}","{more}")', one if racks.number == 1.0 else more


def _stated(context: Context, key: str, cell: Cell, decimals: int) -> tuple[str, str]:
    """A sentence around one figure or its state, as part of a formula and as the program says it."""
    t = context.t
    before, after = t(f"conclusion_{key}_before"), t(f"conclusion_{key}_after")
    head, tail = t(f"conclusion_{key}_other", state="{state}").split("{state}")
    pattern = "#,##0.0" if decimals else "#,##0"
    ending = f'"{after}"'
    if key == "racks":
        ending, after = _one_or_more(context, cell)
    part = f'IF(ISNUMBER({cell}),"{before}"&TEXT({cell},"{pattern}")&{ending},"{head}"&{cell}&"{tail}")'
    return part, f"{before}{_text(cell, decimals)}{after}" if cell.number is not None else f"{head}{cell.value}{tail}"


def _figures(context: Context, row: int) -> None:
    """Four key figures, each over two columns: label, figure, note."""
    sheet, t, cells = context.sheet("summary"), context.t, context.cells
    money = t(f"unit_money_{context.plan.money.currency}")
    boxes = (
        ("kpi_days", "out_training_days", "days", ("kpi_days_note", "out_training_days_low", "out_training_days_high", 1)),
        ("kpi_racks", "out_facility_details_total_racks", "int",
         ("kpi_racks_note", "out_facility_kva_per_rack", "out_facility_facility_kw", 1)),
        ("kpi_cost", "out_cost_onprem_total", "money", ("kpi_cost_note", "out_cost_onprem_initial", "out_cost_cloud_total", 0)),
        ("kpi_even", "out_cost_break_even_month", "int",
         ("kpi_even_note", "use_money_horizon_months", "out_cost_details_utilization", 0)),
    )  # fmt: skip
    if "serves" in cells and "out_serving_servers" in cells:
        head = "out_serving_jpy_per_million_tokens_blended"
        boxes = (
            ("kpi_ttft", "out_serving_ttft_s", "d2", ("kpi_ttft_note", "out_serving_tpot_ms", "out_serving_e2e_s", 1)),
            ("kpi_served", "out_serving_servers", "int",
             ("kpi_served_note", "out_serving_replicas", "out_facility_details_total_racks", 0)),
            boxes[2],
            ("kpi_tokens", head, "money", ("kpi_tokens_note", "out_serving_api_jpy_per_million_tokens",
                                           "out_serving_break_even_million_tokens_per_day", 0)),
        )  # fmt: skip
    sheet.heights |= {row: 20.0, row + 1: 32.0, row + 2: 44.0}
    for index, (label, name, fmt, (note, first, second, decimals)) in enumerate(boxes):
        column = 1 + 2 * index
        sheet.put(row, column, t(label, money=money), "kpi_label")
        sheet.put(row, column + 1, None, "kpi_label")
        cell, one, two = (context.as_printed(cells[key]) for key in (name, first, second))
        if label == "kpi_even":
            sheet.formula(row + 1, column, *in_month(cell, cells["cst_guard"]), "kpi", fmt)
        else:
            sheet.formula(row + 1, column, f"={cell}", cell.value, "kpi", fmt)
        sheet.put(row + 1, column + 1, None, "kpi")
        formula, said = _note(context, note, (one, two), decimals, (row + 2, PIECES + 2 * index))
        other = ""
        if label == "kpi_cost":
            left_out = cells["out_cost_left_out"]
            formula, said = f'{formula}&" "&{left_out}', f"{said} {left_out.value}"
        if label in ("kpi_even", "kpi_served"):
            formula, said = _after_lead_time(context, formula, said)
        if label == "kpi_days":  # an interval that was predicted is none around a speed that was entered
            formula, said = _of_entered_speed(context, formula, said)
        plain = said
        if label == "kpi_days":  # a training that does not fit has no interval
            other, test = t("kpi_days_unfit"), f'{cells["mem_verdict"]}="{t("verdict_no")}"'
            said = other if context.estimate.memory.verdict == "no" else said
        elif label == "kpi_racks":
            compute = cells["out_facility_details_compute_kw"]  # without a server's power nothing is known of racks
            other, test = t("kpi_racks_impossible"), f'AND({cell}="{context.impossible}",ISNUMBER({compute}))'
            said = other if cell.value == context.impossible and compute.number is not None else said
        elif label == "kpi_tokens":  # nothing to compare with
            formula, said = _not_carried(context, (row + 2, PIECES + 2 * index + 1), formula, said)
            plain, other, test = said, t("kpi_tokens_open"), f"NOT(ISNUMBER({cells[first]}))"
            said = other if cells[first].number is None else said
        if other:
            known = sheet.formula(row + 2, WORK + index, formula, plain, "note", "text")
            formula = f'=IF({test},"{other}",{known})'
        sheet.formula(row + 2, column, formula, said, role="kpi_note", fmt="text")
        sheet.put(row + 2, column + 1, None, "kpi_note")
        for line in range(3):
            sheet.merge(row + line, column, column + 1)


def _not_carried(context: Context, at: tuple[int, int], formula: str, said: str) -> tuple[str, str]:
    """The note on tokens where owning would be cheaper from more of them a day than the servers carry."""
    sheet, cells, beyond = context.sheet("summary"), context.cells, context.t("kpi_tokens_beyond")
    even, most = cells[MILLION], cells[MOST]
    clause_cell, over = sheet.cells[at], _over(even, most)
    kept = str(clause_cell.value)
    made = sheet.formula(at[0], at[1] + 1, f'=IF(ISNUMBER({even}),IF({even}>{most},"{beyond}",{clause_cell}),{clause_cell})',
                         beyond if over else kept, "note", "text")  # fmt: skip
    return formula.replace(str(clause_cell), str(made)), said.removesuffix(kept) + str(made.value)


def _over(even: Cell, most: Cell) -> bool:
    """Whether a break-even is known and beyond what the servers carry."""
    return even.number is not None and most.number is not None and even.number > most.number


def _after_lead_time(context: Context, formula: str, said: str) -> tuple[str, str]:
    """The note with the months from the order to use, where there are some."""
    lead, sentence = context.cells["lead_months"], context.t("kpi_lead_note", months="{months}")
    before, after = sentence.split("{months}")
    months = int(lead.number or 0)
    return f'{formula}&IF({lead}>0,"{before}"&{lead}&"{after}","")', said + (
        f"{before}{months}{after}" if months else ""
    )


def _of_entered_speed(context: Context, formula: str, said: str) -> tuple[str, str]:
    """The note on the days where the speed is the user's own and no interval is: what was predicted no longer applies."""
    speed, *ends = (input_name(f"overrides.{path}") for path in (SPEED, SPEED_LOW, SPEED_HIGH))
    entered, text = context.plan.overrides, context.t("kpi_days_entered")
    formula = f'=IF(AND(ISNUMBER({speed}),COUNT({",".join(ends)})=0),"{text}",{formula[1:]})'
    bare = SPEED in entered and not {SPEED_LOW, SPEED_HIGH} & set(entered)
    return formula, text if bare else said


def _note(
    context: Context, key: str, figures: tuple[Cell, Cell], decimals: int, at: tuple[int, int]
) -> tuple[str, str]:
    """A sentence of two clauses around a figure each, as a formula and as the program says it.

    Where a figure is no number its text stands in a clause without the unit. The clauses stand in two cells beside the page,
    the first at the row and column ``at``.
    """

    def said(letter: str, cell: Cell) -> tuple[str, str]:
        percent = cell.fmt == "pct"
        pattern = "0%" if percent else "#,##0.0" if decimals else "#,##0"
        (before, after), (head, tail) = clause(context.language, f"{key}_{letter}")
        number = f'TEXT({cell},"{pattern}")&"{after}"'
        if cell.fmt in DAYS:
            timed = f"{key}_{letter}_clock"
            _, clocked = clause(context.language, timed)[0] if timed in keys("workbook") else (before, after)
            number, spoken, after = _days(context, cell, after, clocked)
        formula = f'IF(ISNUMBER({cell}),"{before}"&{number},"{head}"&{cell}&"{tail}")'
        formula = formula if head + tail else f'IF(ISNUMBER({cell}),"{before}"&{number},"")'
        if cell.number is None:
            return formula, f"{head}{cell.value}{tail}" if head + tail else ""
        shown = f"{float(round_half_up(cell.number * 100)):.0f}%" if percent else _text(cell, decimals)
        shown = spoken if cell.fmt in DAYS else shown
        return formula, f"{before}{shown}{after}"

    (row, column), sheet = at, context.sheet("summary")
    cells = []
    for offset, (letter, figure) in enumerate(zip("ab", figures, strict=True)):
        body, shown = said(letter, figure)
        cells.append(sheet.formula(row, column + offset, f"={body}", shown, "note", "text"))
    one, two = cells
    return f"={one}&{two}", f"{one.value}{two.value}"


def clause(language: str, key: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """What stands before and after a figure, and before and after the text in its place, which no unit follows.

    Parameters
    ----------
    language
        Of the texts.
    key
        Key of the clause with ``{n}``; that with ``_other`` behind it is for a text. Of :data:`SILENT` nothing is said then.
    """
    other = f"{key}_other"
    texts = [text("workbook", one, language, n="{n}") for one in (key, other if other in keys("workbook") else key)]
    made = [tuple(one.split("{n}")) for one in texts]
    made[1] = ("", "") if key in SILENT else made[1]
    return made[0], made[1]  # type: ignore[return-value]
