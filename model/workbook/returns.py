"""The rate of return of monthly flows, live: a spreadsheet's IRR from a start that is already near.

The start solves ``ln(received / paid) = 0`` at a rate by Newton's steps in the logarithm of the growth factor, where that
function is almost a straight line: the sums received and paid over the months between their mean times.
"""

from __future__ import annotations

import math

import numpy as np

from mitsumori.model.base.arrays import Array
from mitsumori.model.base.figure import Figure
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Value, block
from mitsumori.model.workbook.rows import Lines

STEPS = 4


def line(
    context: Context, lines: Lines, at: tuple[int, int], columns: tuple[list[Cell], list[Cell]], key: str, figure: Figure,
    name: str,
) -> Cell:  # fmt: skip
    """The yearly rate of return: the text for none where flows repay nothing or income comes before the purchase is paid.

    Parameters
    ----------
    context, lines
        The export, and where the line is written.
    at
        Row and column of the steps beside the page.
    columns
        Cells of the flows of months 0, 1, 2 ..., and of those months.
    key
        Message of the line; with ``_basis`` its basis.
    figure
        The program's own rate.
    name
        Defined name of the line.
    """
    value: Value = figure.value
    if value is None:
        value = context.t("no_rate") if figure.reason == "cost_no_rate_of_return" else context.unknown
    flows, months = columns
    start = _steps(context, lines, at, flows, months)
    none = context.t("no_rate")
    deferred, advance = context.input("money.onprem.payment_months"), context.input("money.onprem.advance_share")
    found = f'IF(SUM({block(flows)})>0,IFERROR((1+IRR({block(flows)},{start}))^12-1,"{none}"),"{none}")'
    body = f'=IF(ISNUMBER({flows[-1]}),IF(AND({deferred}>0,{advance}<1),"{none}",{found}),"{context.unknown}")'
    return lines.formula(key, body, value, "year", "pct",
                         context.t(f"{key}_basis"), name)  # fmt: skip


def _steps(context: Context, lines: Lines, at: tuple[int, int], flows: list[Cell], listed: list[Cell]) -> Cell:
    """Rows of received, received x month, paid, paid x month, and the rate that follows; returns the last rate."""
    (row, column), sheet = at, lines.sheet
    run, months = block(flows), block(listed)
    numbers = np.array([math.nan if cell.number is None else cell.number for cell in flows])
    ten = context.cells["cst_ten"]
    known, rate = bool(np.all(np.isfinite(numbers))), 0.0
    for index, key in enumerate(("received", "received_months", "paid", "paid_months", "next")):
        sheet.put(row - 1, column + index, context.t(f"rate_{key}"), "note")
    start: Cell | None = None
    for step in range(STEPS):
        growth = f"/(1+{start})^{months}" if start is not None else ""
        sums = _sums(numbers, rate) if known else (math.nan,) * 4
        made = []
        for index, (sign, weight) in enumerate(((">", ""), (">", f"*{months}"), ("<", ""), ("<", f"*{months}"))):
            body = f"SUMPRODUCT(({run}{sign}0)*{run}{growth}{weight})"
            value: Value = sums[index] if known else context.unknown
            made.append(
                sheet.formula(row + step, column + index, context.guard([flows[-1]], body), value, "calc", "number")
            )
        received, received_times_month, paid, paid_times_month = made
        before = f"(1+{start})" if start is not None else "1"
        ratio, between = f"(0-{received}/{paid})", f"({received_times_month}/{received}-{paid_times_month}/{paid})"
        rate = _next(sums, rate) if known else 0.0
        start = sheet.formula(
            row + step,
            column + 4,
            f"=IFERROR(MAX(1/{ten}-1,MIN({ten},{before}*{ratio}^(1/{between})-1)),0)",
            rate,
            "calc",
            "number",
        )
    assert start is not None
    return start


def _sums(flows: Array, rate: float) -> tuple[float, float, float, float]:
    months = np.arange(flows.size)
    worth = flows / (1.0 + rate) ** months
    received, paid = np.where(flows > 0.0, worth, 0.0), np.where(flows < 0.0, worth, 0.0)
    return float(received.sum()), float(received @ months), float(paid.sum()), float(paid @ months)


def _next(sums: tuple[float, float, float, float], rate: float) -> float:
    received, received_times_month, paid, paid_times_month = sums
    try:
        found = (1.0 + rate) * (-received / paid) ** (
            1.0 / (received_times_month / received - paid_times_month / paid)
        ) - 1.0
    except (ZeroDivisionError, OverflowError):
        return 0.0
    return min(10.0, max(-0.9, float(found))) if math.isfinite(found) else 0.0
