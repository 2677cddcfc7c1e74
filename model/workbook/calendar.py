"""カレンダー: which plan has the cluster when, hours and utilization by month, and what clashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mitsumori.model.plan.calendar import EXTEND_AT, WEEKDAYS, CalendarEntry, Occupancy, occupancy
from mitsumori.model.workbook.context import Context, fit_height, headings, note, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Series, block
from mitsumori.model.workbook.styles import CYCLE, DASHES

PLANS = 5
"""Plans that have a column of their own; the hours of further ones are one column."""
GROWTH_COLUMN = 8
WIDTHS = (24.0, 12.0, 12.0, 13.0, *([14.0] * (PLANS + 1)))
CHART_ROWS = 15
MOST_CLASHES = 12


def build(context: Context, calendar: Sequence[CalendarEntry]) -> None:
    """Write the sheet.

    Parameters
    ----------
    context
        The export.
    calendar
        The project's entries, at least one.
    """
    sheet, t = context.sheet("calendar"), context.t
    found = occupancy(calendar, context.plan.money.horizon_months)
    sheet.print_columns = min(len(WIDTHS), max(GROWTH_COLUMN, 4 + len(found.plans)))
    row = title_block(context, sheet)
    row = section(context, sheet, row, "calendar_entries_section")
    heads = (
        "calendar_plan",
        "calendar_from",
        "calendar_to",
        "calendar_share",
        "calendar_days",
        "calendar_hours",
        "calendar_switch",
        "calendar_growth",
    )
    row = headings(context, sheet, row, heads, (4, 7, GROWTH_COLUMN))
    for entry in calendar:
        days = t("calendar_every_day") if not entry.weekdays else " ".join(
            t(f"calendar_{day}") for day in WEEKDAYS if day in entry.weekdays
        )  # fmt: skip
        hours = t("calendar_all_day") if entry.hours is None else f"{entry.hours[0]:g}–{entry.hours[1]:g}"
        end = entry.end.isoformat() if entry.end else t("calendar_horizon")
        name = t("calendar_maintenance_of", name=entry.plan) if entry.kind == "maintenance" else entry.plan
        for column, value in enumerate((name, entry.begin.isoformat(), end), 1):
            sheet.put(row, column, value, "cell_text", "text")
        sheet.put(row, 4, entry.share, "locked", "pct")
        sheet.put(row, 5, days, "cell_text", "text")
        hours = t("calendar_rest_of", hours=hours) if entry.rest else hours
        sheet.put(row, 6, hours, "cell_text", "text")
        sheet.put(row, 7, entry.switch_minutes, "locked", "int")
        sheet.put(row, GROWTH_COLUMN, entry.growth_per_year, "locked", "pct")
        fit_height(sheet, row, [(name, WIDTHS[0] - 1, 10), (days, WIDTHS[4] - 1, 10), (hours, WIDTHS[5] - 1, 10)])
        row += 1
    row = _plans(context, row + 1, found)
    row, chart = _months(context, row + 1, found)
    row = _quarters(context, row + 1, found, chart)
    clashes = found.conflicts()
    row = section(context, sheet, row + 1, "calendar_clashes_section")
    words = [
        t("calendar_clash", first=item["from"], last=item["to"], low=f"{item['hours'][0]:g}", high=f"{item['hours'][1]:g}",
          plans=", ".join(item["plans"]), percent=f"{100 * item['share']:.0f}",
          granted=", ".join(f"{name} {100 * share:.0f} %" for name, share in item["granted"].items()))
        for item in clashes[:MOST_CLASHES]
    ] or [t("calendar_no_clash")]  # fmt: skip
    if len(clashes) > MOST_CLASHES:
        words.append(t("calendar_more_clashes", count=len(clashes) - MOST_CLASHES))
    for line in words:
        sheet.put(row, 1, line, "bullet")
        sheet.merge(row, 1, sheet.print_columns)
        fit_height(sheet, row, [(line, sum(WIDTHS[: sheet.print_columns]) - 2, 10.5)])
        row += 1
    note(sheet, row, t("calendar_note"), sheet.print_columns)


def _plans(context: Context, row: int, found: Occupancy) -> int:
    """What each plan claims, what it works by priority, what goes by in switch-over; and what maintenance takes."""
    sheet, t = context.sheet("calendar"), context.t
    row = section(context, sheet, row, "calendar_plans_section")
    heads = ("calendar_plan", "calendar_claimed", "calendar_worked", "calendar_kept", "calendar_switching")
    row = headings(context, sheet, row, heads, (2, 3, 4, 5))
    for name in found.plans:
        sheet.put(row, 1, name, "cell_text", "text")
        claimed = sheet.put(row, 2, found.claimed_hours(name), "locked", "d1")
        worked = sheet.put(row, 3, found.hours(name), "locked", "d1")
        kept = found.hours(name) / found.claimed_hours(name)
        sheet.formula(row, 4, f"={worked}/{claimed}", kept, "calc", "pct")
        sheet.put(row, 5, found.switching_hours(name), "locked", "d1")
        fit_height(sheet, row, [(name, WIDTHS[0] - 1, 10)])
        row += 1
    if found.maintenance_hours:
        sheet.put(row, 1, t("calendar_maintenance"), "cell_text", "text")
        sheet.put(row, 2, found.maintenance_hours, "locked", "d1")
        row += 1
    return row


def _months(context: Context, row: int, found: Occupancy) -> tuple[int, Chart]:
    """Hours by month and plan, their utilization as formulas; the next row, and the chart, which has no place yet."""
    sheet, t = context.sheet("calendar"), context.t
    names = found.plans[:PLANS]
    rest = found.plans[PLANS:]
    row = section(context, sheet, row, "calendar_months_section")
    heads = ["calendar_month", "calendar_all_hours", "calendar_used_hours", "calendar_utilization"]
    row = headings(context, sheet, row, heads, (2, 3, 4))
    shown = [*names, *([t("calendar_others")] if rest else [])]
    labels = [sheet.put(row - 1, 5 + at, name, "heading_number") for at, name in enumerate(shown)]
    fit_height(sheet, row - 1, [(name, WIDTHS[4] - 2, 10) for name in shown])
    columns: dict[str, list[Cell]] = {"month": [], "all": [], "used": [], "share": []}
    plans: list[list[Cell]] = [[] for _ in shown]
    for item in found.months():
        columns["month"].append(sheet.put(row, 1, item["month"], "cell_text", "text"))
        whole = sheet.put(row, 2, item["hours"], "locked", "int")
        used = sheet.put(row, 3, item["used_hours"], "locked", "d1")
        columns["all"].append(whole)
        columns["used"].append(used)
        columns["share"].append(sheet.formula(row, 4, f"={used}/{whole}", item["utilization"], "calc", "pct"))
        values = [item["plans"][name] for name in names]
        values += [sum(item["plans"][name] for name in rest)] if rest else []
        for at, value in enumerate(values):
            plans[at].append(sheet.put(row, 5 + at, value, "locked", "d1"))
        row += 1
    sheet.put(row, 1, t("calendar_whole"), "total_label")
    sums = [
        sheet.formula(row, column, f"=SUM({block(cells)})", sum(cell.number or 0.0 for cell in cells), "total", fmt)
        for column, cells, fmt in ((2, columns["all"], "int"), (3, columns["used"], "d1"))
    ]
    sheet.formula(row, 4, f"={sums[1]}/{sums[0]}", found.utilization, "total", "pct", name="out_calendar_utilization")
    for at, cells in enumerate(plans):
        sheet.formula(row, 5 + at, f"=SUM({block(cells)})", sum(c.number or 0.0 for c in cells), "total", "d1")
    title = t("calendar_chart")
    series = tuple(
        Series(label, tuple(cells), CYCLE[at % len(CYCLE)], DASHES[at % len(DASHES)])
        for at, (label, cells) in enumerate(zip(labels, plans, strict=True))
    )
    chart = Chart("stacked_column", title, title, tuple(columns["month"]), series, (row, 1, row, 1),
                  y_title=t("calendar_used_hours"))  # fmt: skip
    return row + 1, chart


def _quarters(context: Context, row: int, found: Occupancy, chart: Chart) -> int:
    """The years: by quarter the mean share in use and the most that work which cannot wait claims; when servers are added.

    The chart of the months stands beside the table.
    """
    sheet, t = context.sheet("calendar"), context.t
    row = section(context, sheet, row, "calendar_outlook_section")
    due, limit = found.beyond(EXTEND_AT), f"{100 * EXTEND_AT:g}"
    rows = found.quarters()
    most = f"{100 * max(item.peak for item in rows):.0f}"
    words = (
        t("calendar_enough", percent=most, limit=limit)
        if due is None
        else t("calendar_extend", quarter=due, limit=limit)
    )
    sheet.put(row, 1, words, "bullet")
    sheet.merge(row, 1, sheet.print_columns)
    fit_height(sheet, row, [(words, sum(WIDTHS[: sheet.print_columns]) - 2, 10.5)])
    row = headings(context, sheet, row + 1, ("calendar_quarter", "calendar_mean", "calendar_peak"), (2, 3))
    sheet.charts.append(replace(chart, anchor=(row, 4, row + CHART_ROWS - 1, sheet.print_columns)))
    below = row + CHART_ROWS
    for item in rows:
        sheet.put(row, 1, item.quarter, "cell_text", "text")
        sheet.put(row, 2, item.used, "locked", "pct")
        sheet.put(row, 3, item.peak, "locked", "pct")
        row += 1
    return max(row, below)
