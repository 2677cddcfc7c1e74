"""From the order to use: months that pass, months of use on both sides, and the cloud that is rented meanwhile.

The horizon begins with the order. What the sheet of costs says a month runs in the months of use, which stand here.
"""

from __future__ import annotations

import math

from mitsumori.model.cost.month_shapes import use_of_months
from mitsumori.model.cost.rented_lines import cloud_lines, rented_meanwhile
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook.context import section
from mitsumori.model.workbook.description import Cell
from mitsumori.model.workbook.money_lines import Book

__all__ = ["interim_line", "interim_term", "lead_rows", "lost_rows", "meanwhile"]


def meanwhile(book: Book) -> bool:
    """Whether the plan rents the cloud until own machines are in use."""
    return book.context.plan.money.onprem.interim_cloud


def interim_term(term: str) -> str:
    """The term of what is rented meanwhile: nobody makes a reservation for it."""
    return "on_demand" if term in TERM_MONTHS else term


def lead_rows(book: Book) -> None:
    """Months from the order to use, of use, of payment, and of a reservation's last part beyond the horizon."""
    context, case, t = book.context, book.case, book.context.t
    cells, months, use = context.cells, context.cells["months"], context.input
    book.row = section(context, book.sheet, book.row, "cost_lead_section")
    horizon, lead = int(case.months), case.lead_months
    unit, own = t("unit_months"), context.inputs

    def line(key: str, formula: str, value: float, name: str | None = None) -> Cell:
        cells[key] = book.line(
            key, f"={formula}", float(value), unit=unit, basis=t(f"{key}_basis"), fmt="int", name=name
        )
        return cells[key]

    given = [own[f"money.onprem.{name}"] for name in ("delivery_months", "works_months", "installation_days")]
    days = f"SUM({given[2]})*12/cst_days_year"
    passed = line("lead_months", f"ROUNDUP(ROUND(MAX({given[0]},{given[1]})+{days},{cells['cst_guard']}),0)", lead,
                  "out_cost_lead_months")  # fmt: skip
    before = min(case.before_use_months, lead)
    line("lead_before", f"MIN({use('money.onprem.before_use_months')},{passed})", before)
    line("months_own", f"MAX(0,{months}-{passed})", float(case.owned_months))
    rent = f"{months}" if meanwhile(book) else f"{cells['months_own']}"
    line("months_rent", rent, float(case.rented_months))
    line("lead_inside", f"{months}-{cells['months_own']}", min(lead, horizon))
    idle = max(0, min(lead, horizon) - lead + before)
    line("before_inside", f"MAX(0,{cells['lead_inside']}-{passed}+{cells['lead_before']})", idle)
    paid = use("money.onprem.payment_months")
    advance = use("money.onprem.advance_share")
    line("paid_month", f"IF({advance}=1,0,MIN({months},{passed}+{paid}))", min(horizon, case.paid_month))
    line("refresh_at", f"{passed}+{use('money.onprem.refresh_month')}", lead + case.refresh_month)
    line("rent_begins", f"0*{passed}" if meanwhile(book) else f"{passed}", case.rented_lead)
    if context.plan.money.cloud.term in TERM_MONTHS:
        term, used = 12 * case.price_years, int(case.rented_months)
        cells["term_months"] = book.constant("term_months", term, "int", t("term_months_basis"), unit=unit)
        left = f"MOD({cells['term_months']}-MOD({cells['months_rent']},{cells['term_months']}),{cells['term_months']})"
        line("term_left", left, (term - used % term) % term)
    book.row += 1


def _lost(
    book: Book, key: str, first: str, last: str, at: tuple[int, int], more: tuple[str, float] = ("", 0.0)
) -> Cell:
    """Months of use lost in the months of growth between two of them, in the middle of each month."""
    context, ramp = book.context, book.context.input("money.ramp_months")
    half, months = context.cells["cst_half"], book.case.ramp_months
    start, end = (min(months, max(place, 0)) for place in at)
    value = float((1.0 - use_of_months(months))[start + 1 : max(start, end) + 1].sum())
    unit, t = context.t("unit_months"), context.t
    one = book.line("ramp_first", f"=MIN({ramp},{first})", float(start), unit=unit, fmt="int")
    other = book.line("ramp_last", f"=MAX({one},MIN({ramp},{last}))", float(max(start, end)), unit=unit, fmt="int")
    body = f"IF({ramp}=0,0,({other}-{one})*(1-({other}+{one})*{half}/{ramp}))"
    context.cells[key] = book.line(key, f"={body}{more[0]}", value + more[1], unit=unit, basis=t("months_lost_basis"),
                                   fmt="d4")  # fmt: skip
    return context.cells[key]


def lost_rows(book: Book) -> None:
    """Months of use lost while it grows: on own machines (idle ones before use with them), rented, and rented meanwhile."""
    cells, case = book.context.cells, book.case
    horizon, lead = int(case.months), case.lead_months
    idle = (f"+{cells['before_inside']}", cells["before_inside"].number or 0.0)
    if meanwhile(book):
        _lost(book, "months_lost", f"{cells['lead_months']}", f"{cells['months']}", (lead, horizon), idle)
        _lost(book, "months_lost_interim", "0", f"{cells['lead_inside']}", (0, min(lead, horizon)))
    else:
        _lost(book, "months_lost", "0", f"{cells['months_own']}", (0, int(case.owned_months)), idle)
    _lost(book, "months_lost_cloud", "0", f"{cells['months_rent']}", (0, int(case.rented_months)))
    whole, lost = cells["months_cloud"], cells["months_lost_cloud"]
    body, value = f"{whole}-{lost}", (whole.number or 0.0) - (lost.number or 0.0)
    if meanwhile(book) and book.context.plan.money.cloud.term not in TERM_MONTHS:
        hired, grown = cells["months_interim"], cells["months_lost_interim"]
        body, value = f"{body}-({hired}-{grown})", value - (hired.number or 0.0) + (grown.number or 0.0)
    t = book.context.t
    cells["months_hourly"] = book.line("months_hourly", f"={body}", value, unit=t("unit_months"),
                                       basis=t("months_hourly_basis"), fmt="d4")  # fmt: skip


def interim_line(book: Book, total: float) -> Cell:
    """What the cloud costs until own machines are in use, after the months that its compute counts.

    Parameters
    ----------
    book
        The cost sheet, at the row of the line.
    total
        The program's own amount; NaN unknown.
    """
    context, cells, t = book.context, book.context.cells, book.context.t
    term = interim_term(context.plan.money.cloud.term)
    month, compute, cpu = cells[f"cloud_month_{term}"], cells[f"cloud_compute_{term}"], cells["cloud_cpu_nodes"]
    setup, inside = cells["cloud_setup"], cells["lead_inside"]
    row, below = book.row, cells["below_cost"].row
    rented = cloud_lines(rented_meanwhile(book.case)).monthly
    support, gained = _shares(book)
    share = 1.0 + float(book.case.support_rate)
    amounts = {
        "hours": (f"(1+{support})*{compute}*{gained}", [compute],
                  share * sum(float(rented.get(name, 0.0)) for name in ("compute", "goodput", "debugging"))),
        "nodes": (f"(1+{support})*{cpu}", [cpu], share * float(rented.get("cpu_nodes", 0.0))),
        "month": (f"{month}", [month], float(sum(rented.values()))),
    }  # fmt: skip
    book.row = below
    for key, (body, needed, value) in amounts.items():
        shown = book.value(value if all(cell.number is not None for cell in needed) else math.nan)
        cells[f"interim_{key}"] = book.line(f"interim_{key}", book.guard(needed, body), shown, basis=t(f"term_{term}"))
    cells["below_cost"] = Cell("estimate_cost", book.row, 1)
    book.row = row
    hours, nodes, each = (cells[f"interim_{key}"] for key in ("hours", "nodes", "month"))
    more = f"{hours}*({cells['months_interim']}-{inside}-{cells['months_lost_interim']})"
    more += f"+{nodes}*({cells['months_interim']}-{inside})"
    body = f"IF({cells['lead_months']}=0,0,{setup}+{each}*{inside}+{more})"
    return book.line("line_interim", book.guard([setup, each, hours, nodes], body), book.value(total),
                     basis=t("line_interim_basis"), name="out_cost_onprem_lines_interim")  # fmt: skip


def _shares(book: Book) -> tuple[str, str]:
    use = book.context.input
    gained = f"(1+{use('money.cloud.goodput_loss_share')}+{use('money.cloud.debugging_share')})"
    return str(use("money.cloud.support_rate")), gained
