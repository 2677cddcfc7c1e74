"""前提条件: the inputs. Named, unlocked, validated cells; what Mitsumori alone can change is locked above them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from mitsumori.model.base.messages import text
from mitsumori.model.base.refusal import PlanError
from mitsumori.model.plan.inputs import inputs
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import TERM_FIELDS, TERM_MONTHS
from mitsumori.model.workbook.context import Context, details, fit_height, headings, section, title_block, validation
from mitsumori.model.workbook.description import Cell, Condition, Sheet, Value, area, range_address
from mitsumori.model.workbook.fields import SECTIONS, Bounds, Field, bounds, fields
from mitsumori.model.workbook.standard import Standard

LABEL, INPUT, UNIT, STANDARD, USED, BASIS, EXPORTED, CHANGED = range(1, 9)
LOW, HIGH, OUTSIDE = 10, 11, 12
WIDTHS = (33.0, 16.0, 16.0, 14.5, 15.0, 56.0)
"""Columns of the page; the values at the export and the marks of change stand beside it."""


def build(context: Context, standards: Mapping[str, Standard], locked: list[tuple[str, object, str, str]]) -> None:
    """Write the sheet.

    Parameters
    ----------
    context
        The export.
    standards
        Standard value and basis of inputs that may stay empty.
    locked
        Lines that only Mitsumori changes: message key, value, unit key, number format.
    """
    sheet = context.sheet("inputs")
    row = title_block(context, sheet)
    heads = (
        "col_item",
        "col_input",
        "col_unit",
        "col_standard",
        "col_used",
        "col_basis",
        "col_exported",
        "col_changed",
    )
    row = headings(context, sheet, row, heads, (INPUT, STANDARD, USED, EXPORTED, CHANGED))
    sheet.freeze = (row, 2)
    sheet.header_rows = (row - 1, row - 1)
    currencies = {"cloud": context.plan.money.cloud.currency, "onprem": context.plan.money.onprem.currency,
                  "api": context.plan.serving.api_price.currency}  # fmt: skip
    wanted = set(fields(context.audience))
    # The price of the plan's own term is the price in use; a second cell for it could say another amount.
    own_term = f"money.cloud.{TERM_FIELDS.get(context.plan.money.cloud.term)}"
    first: Cell | None = None
    last: Cell | None = None
    aside = not_taken(context.exported)
    shown_below = [item for items in SECTIONS.values() for item in items if item.path in aside]
    for name in (*(key for key in SECTIONS if key != "overrides"), "overrides"):
        items = SECTIONS[name]
        if name == "serving" and context.estimate.serving is None:
            continue
        if name == "overrides":  # what is chosen in Mitsumori, and what it predicts, stands below the page
            sheet.print_rows = row - 1
            row = details(context, sheet, row + 1)
            row = section(context, sheet, row, "inputs_locked_section")
            for key, fixed, unit, fmt in locked:
                _locked(context, sheet, row, key, fixed, unit, fmt)
                row += 1
            if shown_below:
                row = section(context, sheet, row, "inputs_aside_section")
            for item in shown_below:
                if item in wanted and item.path != own_term:
                    last = _input(
                        context,
                        sheet,
                        row,
                        item,
                        standards.get(item.path) or _documented(context, item.path),
                        currencies,
                    )
                    row += 1
        values = {"currency": context.t(f"unit_money_{currencies[name]}")} if name in currencies else {}
        row = section(context, sheet, row, f"inputs_{name}_section", **values)
        for item in items:
            if (
                item not in wanted
                or item.path in aside
                or item.path == own_term
                or (name == "overrides" and item.path not in standards)
            ):
                continue
            last = _input(
                context, sheet, row, item, standards.get(item.path) or _documented(context, item.path), currencies
            )
            first = first or last
            row += 1
    assert first is not None
    assert last is not None
    context.cells |= {"changed_first": first, "changed_last": last}
    sheet.conditions.append(Condition(range_address(first, last), f"=H{first.row}=1", "warn"))
    flags = area(context.cells["flag_first"], context.cells["flag_last"])
    context.checks.append(("check_inputs", f"SUM({flags})=0", True))


def not_taken(plan: Plan) -> frozenset[str]:
    """Paths of inputs of ways that the plan does not take; they stand below the printed page, live as the others."""
    cloud, own = plan.money.cloud, plan.money.onprem
    found: set[str] = set()
    if own.site != "colocation":
        found |= {f"money.onprem.{name}" for name in ("rent_per_rack_month", "rent_per_kva_month", "colocation_setup")}
    if cloud.term != "spot":
        found |= {"money.cloud.spot_per_hour", "money.cloud.spot_interruptions_per_month"}
    if cloud.term not in TERM_MONTHS:
        found.add("money.cloud.upfront_share")
    if not any((own.delivery_months, own.works_months, own.installation_days)):
        found |= {"money.onprem.before_use_months"}
    return frozenset(found)


def total(context: Context) -> None:
    """How many inputs differ from the exported ones, those of the training-time table included; after every input."""
    sheet, first, last = context.sheet("inputs"), context.cells["changed_first"], context.cells["changed_last"]
    row, formula = last.row + 1, f"=SUM({area(first, last)})"
    if "table_changed" in context.cells:
        formula += f"+{context.cells['table_changed']}"
    sheet.put(row, LABEL, context.t("inputs_changed_total"), "total_label")
    changed = sum(int(_differs(context, path)) for path in context.inputs)
    context.cells["changed"] = sheet.formula(row, INPUT, formula, changed, "total", "int", name="out_inputs_changed")
    for column in (UNIT, STANDARD, USED, BASIS, EXPORTED, CHANGED):
        sheet.put(row, column, None, "total_unit")


def _documented(context: Context, path: str) -> Standard:
    """The plan's own default of a field that is never empty."""
    value = _default(path)
    number = float(value) if isinstance(value, int | float) else None
    return Standard(number, context.t("not_given" if value is None else "default_value"), needed=False)


def _locked(context: Context, sheet: Sheet, row: int, key: str, value: object, unit: str, fmt: str) -> None:
    sheet.put(row, LABEL, context.t(key), "label")
    text = isinstance(value, str) or value is None
    shown = value if isinstance(value, str | int | float) else ""
    cell = sheet.put(row, INPUT, shown, "locked_text" if text else "locked", "text" if text else fmt)
    names = {"lock_gpus": "cst_gpus", "lock_model": "doc_model", "lock_server": "doc_server"}
    context.cells[key] = context.workbook.define(names[key], cell) if key in names else cell
    sheet.put(row, UNIT, context.t(unit), "unit")
    sheet.put(row, STANDARD, None, "unit")
    sheet.put(row, USED, None, "unit")
    if text:
        sheet.merge(row, INPUT, USED)
        for column in (UNIT, STANDARD, USED):
            sheet.cells[row, column].value = None
    sheet.put(row, BASIS, context.t("change_in_mitsumori"), "basis")
    sheet.put(row, EXPORTED, None, "basis")
    sheet.put(row, CHANGED, None, "basis")


def _value(context: Context, path: str, exported: bool = False) -> float | int | dt.date | None:
    plan = context.exported if exported else context.plan
    try:
        value = plan.value(path)
    except PlanError:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | dt.date):
        return None
    return value


def _differs(context: Context, path: str) -> bool:
    return _value(context, path) != _value(context, path, exported=True)


def _label(context: Context, item: Field) -> str:
    """The input's title from the table; overrides, and what a customer's copy calls otherwise, from the workbook's texts."""
    if item.path == "money.onprem.server_price" and context.audience == "customer":
        return context.t(f"{item.label}_customer")
    known = inputs().get(item.path)
    return context.t(item.label) if known is None else known.title(context.language)


def _input(context: Context, sheet: Sheet, row: int, item: Field, standard: Standard,
           currencies: Mapping[str, str]) -> Cell:  # fmt: skip
    limits = bounds(item.path)
    label = _label(context, item)
    sheet.put(row, LABEL, label, "label")
    value = _value(context, item.path)
    usable = standard.value if limits.kind != "date" else None
    missing = value is None and usable is None and standard.needed
    cell = sheet.put(row, INPUT, value, "missing" if missing else "input", item.fmt)
    context.workbook.define(item.name, cell)
    context.inputs[item.path] = cell
    _validate(context, cell, limits, label)
    sheet.put(row, UNIT, unit_text(context, item.unit, currencies), "unit")
    if limits.kind == "date":
        sheet.put(row, STANDARD, None, "const")
        sheet.put(row, USED, None, "calc", "date")
        context.used[item.path] = cell
    else:
        shown = _standard_text(context, item.path, standard)
        if standard.formula:
            kept = sheet.formula(row, STANDARD, standard.formula, shown, standard.role, item.fmt)
        else:
            kept = sheet.put(row, STANDARD, shown, standard.role, item.fmt)
        if standard.role == "pasted":
            context.workbook.define("std" + item.name[2:], kept)
        counts: Value = value if value is not None and not isinstance(value, dt.date) else shown
        body = f"=IF(ISNUMBER({cell}),{cell},{kept})"
        if standard.used:
            body, counts = standard.used.format(input=cell, standard=kept), standard.counts
        used = sheet.formula(row, USED, body, counts, "calc", item.fmt, name="use" + item.name[2:])
        context.used[item.path] = used
        if item.path.startswith("overrides."):
            sheet.conditions.append(Condition(f"E{row}", f"=ISNUMBER($B${row})", "warn"))
    sheet.put(row, BASIS, basis_text(context, item.path, value, standard), "basis")
    fit_height(sheet, row, [(label, WIDTHS[0], 10), (str(sheet.cells[row, BASIS].value), WIDTHS[BASIS - 1] - 2, 9)],
               14.6)  # fmt: skip
    _flag(context, sheet, row, cell, limits)
    original = sheet.put(row, EXPORTED, _value(context, item.path, exported=True), "original", item.fmt)
    return sheet.formula(
        row, CHANGED,
        f"=IF(AND(ISNUMBER({cell})=ISNUMBER({original.ref}),{cell}={original.ref}),0,1)",
        int(_differs(context, item.path)), "original", "int",
    )  # fmt: skip


def _flag(context: Context, sheet: Sheet, row: int, cell: Cell, limits: Bounds) -> None:
    """Workings beside the page: 1 where an input lies outside what it accepts."""
    if limits.kind == "date":
        return
    low = sheet.put(row, LOW, limits.low, "const", "general")
    high = sheet.put(row, HIGH, limits.high, "const", "general")
    whole = f",{cell}=ROUND({cell},0)" if limits.kind == "whole" else ""  # validation stops typing, not pasting
    flag = sheet.formula(
        row,
        OUTSIDE,
        f'=IF(ISNUMBER({cell}),IF(AND({cell}>={low},{cell}<={high}{whole}),0,1),IF({cell}="",0,1))',
        0,
        "calc",
        "int",
    )
    context.cells.setdefault("flag_first", flag)
    context.cells["flag_last"] = flag


def _standard_text(context: Context, path: str, standard: Standard) -> float | str:
    if standard.value is not None:
        return standard.value
    if standard.needed:
        return context.unknown
    return standard.without or context.t("no_limit" if path.startswith("facility.") else "nothing")


def basis_text(context: Context, path: str, value: object, standard: Standard) -> str:
    """Why an input has its value: entered (with the user's note), the documented default, or the standard's source.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    path
        Path of the plan.
    value
        What is entered; None: nothing.
    standard
        What counts without it.
    """
    note = note_words(context, context.plan.notes.get(path, ""))
    if value is not None and value != standard.value and value != _default(path):
        return context.t("entered_note", note=note) if note else context.t("entered")
    if standard.basis:
        return standard.basis
    if value is not None:
        return context.t("default_value")
    return context.t("no_standard") if standard.needed else context.t("not_needed")


def note_words(context: Context, note: str) -> str:
    """A note of the user, as it is; that of the samples' prices in the reader's language."""
    return context.t("sample_note") if note == text("workbook", "sample_note", "en") else note


def _default(path: str) -> object:
    try:
        return Plan().value(path)
    except PlanError:
        return None


def _validate(context: Context, cell: Cell, limits: Bounds, label: str) -> None:
    low, high = (None, None) if limits.kind == "date" else (limits.low, limits.high)
    validation(context, cell, limits.kind, low, high, (), label)


_MONEY_UNITS = {
    "cloud_hour": ("cloud", "unit_per_hour"),
    "cloud_gb_month": ("cloud", "unit_per_gb_month"),
    "cloud_gb": ("cloud", "unit_per_gb"),
    "cloud_money": ("cloud", ""),
    "cloud_month": ("cloud", "unit_per_month"),
    "api_million": ("api", "unit_api_million"),
    "onprem_money": ("onprem", ""),
    "onprem_server": ("onprem", "unit_per_server"),
    "onprem_rack": ("onprem", "unit_per_rack"),
    "onprem_gpu_year": ("onprem", "unit_per_gpu_year"),
    "onprem_server_year": ("onprem", "unit_per_server_year"),
    "onprem_fte_year": ("onprem", "unit_per_fte_year"),
    "onprem_rack_month": ("onprem", "unit_per_rack_month"),
    "onprem_kva_month": ("onprem", "unit_per_kva_month"),
}


def unit_text(context: Context, unit: str, currencies: Mapping[str, str]) -> str:
    """A unit in the reader's language, with the side's currency where it is money.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    unit
        Key of the unit.
    currencies
        Currency of each side, by ``cloud``, ``onprem`` and ``api``.
    """
    if unit in _MONEY_UNITS:
        side, key = _MONEY_UNITS[unit]
        money = context.t(f"unit_money_{currencies[side]}")
        return context.t(key, money=money) if key else money
    return context.t(f"unit_{unit}")
