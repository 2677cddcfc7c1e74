"""What one more of something costs over the horizon, for the sheet of sensitivities, in cells with labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mitsumori.model.cost.lines import MEASURED_BELOW_KW, POWER_FACTOR_BASE
from mitsumori.model.workbook.changes import HOLDS_OF_TERM
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Sheet, Value
from mitsumori.model.workbook.facts import Facts

UNITS = 36
"""Column of the labels of what one more of something costs."""


@dataclass(frozen=True, slots=True)
class TaxedEnd:
    """What the property tax of another end rests on, each as a formula (no ``=``) and the program's own value."""

    machines: tuple[str, float]
    servers: tuple[str, float]
    works: tuple[str, float]
    exempt: tuple[str, float]


class Units:
    """What one more of something costs over the horizon, in cells with labels beside the workings of the page."""

    def __init__(self, context: Context, sheet: Sheet) -> None:
        self.context, self.sheet, self.count = context, sheet, 0

    def put(self, key: str, needed: Sequence[Cell], formula: str, value: float) -> Cell:
        """One of them; unknown where a cell that it needs is."""
        row, column = 2 + self.count, UNITS
        self.count += 1
        self.sheet.put(row, column, self.context.t(key), "note")
        known = all(cell.number is not None for cell in needed) and math.isfinite(value)
        shown: Value = float(value) if known else self.context.unknown
        return self.sheet.formula(row, column + 1, self.context.guard(needed, formula), shown, "calc", "number")


def number_of(cell: Cell) -> float:
    """A cell's number, NaN where it has none."""
    return math.nan if cell.number is None else cell.number


def rental(context: Context, facts: Facts, units: Units, reserved: bool, spot: bool) -> Cell:
    """What one more unit of the price an hour costs over the horizon at full use.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    units
        Cells with labels that the result joins.
    reserved
        Whether every hour is paid.
    spot
        Whether interruptions are.
    """
    cells, use, case = context.cells, context.input, facts.case
    money, tax, hours = context.plan.money, cells["cmp_tax"], cells["cst_hours_year"]
    counted = cells[f"months_{HOLDS_OF_TERM.get(money.cloud.term, 'cloud')}" if reserved else "months_hourly"]
    support = use("money.cloud.support_rate")
    gained = f"(1+{use('money.cloud.goodput_loss_share')}+{use('money.cloud.debugging_share')})"
    value = number_of(counted) * (1.0 + number_of(tax))
    value *= (1.0 + float(case.support_rate)) * (1.0 + float(case.goodput_loss_share) + float(case.debugging_share))
    served = units.put("sens_served", (), f"{counted}*(1+{tax})*(1+{support})*{gained}", value)
    count, fx = cells["cloud_count"], cells[f"fx_{money.cloud.currency}"]
    value *= number_of(count) * number_of(hours) / 12.0 * number_of(fx)
    if not spot:
        return units.put("sens_rental", (count, fx), f"{served}*{count}*{hours}/12*{fx}", value)
    more = cells["cloud_spot"]  # hours beyond the useful ones
    return units.put("sens_rental", (count, fx, more), f"{served}*{count}*{hours}/12*{fx}*(1+{more})",
                     value * (1.0 + number_of(more)))  # fmt: skip


def power(context: Context, facts: Facts, units: Units) -> tuple[Cell, Cell, Cell, Cell]:
    """What full use, a yen a kWh, a PUE of one more and the power of the machines cost over the horizon.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    units
        Cells with labels that the results join.
    """
    cells, use, own = context.cells, context.input, context.plan.money.onprem
    if own.power_included_in_rent and own.site == "colocation":
        nothing = f"0*{cells['cst_guard']}"
        energy, meter, pue_, power_ = (
            units.put(f"sens_{key}", (), nothing, 0.0) for key in ("energy", "meter", "per_pue", "per_power")
        )
        return energy, meter, pue_, power_
    tax, hours, yen, u = cells["cmp_tax"], cells["cst_hours_year"], cells["fx_JPY"], cells["utilization"]
    busy, idle, pue, cost = (
        cells[n] for n in ("out_cost_busy_kw", "out_cost_idle_kw", "out_facility_pue", "kwh_price")
    )
    priced, lost, top = cells["months_electricity"], cells["months_lost"], use("facility.server_max_kw")
    month = (1.0 + number_of(tax)) * number_of(hours) / 12.0
    used = number_of(priced) - number_of(lost)
    span = units.put("sens_hours", (), f"(1+{tax})*{hours}/12*({priced}-{lost})", month * used)
    energy = units.put("sens_energy", (busy, idle, pue, cost), f"{span}*({busy}-{idle})*{pue}*{cost}",
                       month * used * (number_of(busy) - number_of(idle)) * number_of(pue) * number_of(cost))  # fmt: skip
    mean = month * (used * number_of(u) * (number_of(busy) - number_of(idle)) + number_of(priced) * number_of(idle))
    drawn = units.put(
        "sens_drawn", (busy, idle), f"{span}*{u}*({busy}-{idle})+(1+{tax})*{hours}/12*{priced}*{idle}", mean
    )
    meter = units.put("sens_meter", (drawn, pue, yen), f"{drawn}*{pue}*{yen}", mean * number_of(pue) * number_of(yen))
    peak = units.put(
        "sens_peak", (yen,), measured(context) or f"0*{cells['cst_guard']}", measured_value(context, facts)
    )
    per_pue = units.put("sens_per_pue", (drawn, peak, busy, cost), f"{drawn}*{cost}+{peak}*{busy}",
                        mean * number_of(cost) + number_of(peak) * number_of(busy))  # fmt: skip
    per_kw = units.put("sens_per_kw", (busy, pue, cost, peak), f"{span}*{u}*{pue}*{cost}+{peak}*{pue}",
                       (month * used * number_of(u) * number_of(cost) + number_of(peak)) * number_of(pue))  # fmt: skip
    whole, machines = full_kw(context)
    per_power = units.put("sens_per_power", (per_kw, top), f"{per_kw}*{whole}", number_of(per_kw) * machines)
    return energy, meter, per_pue, per_power


def full_kw(context: Context) -> tuple[str, float]:
    """Power of the cluster at its rated maximum, with what stands beside it: formula (no ``=``) and value."""
    cells, top = context.cells, context.input("facility.server_max_kw")
    servers, beside, more = (
        cells["lock_servers"],
        cells["other_standard_share"],
        cells.get("out_facility_details_more_kw"),
    )
    kw = f"{servers}*{top}*(1+{beside})"
    value = number_of(servers) * number_of(top) * (1.0 + number_of(beside))
    return (f"({kw})", value) if more is None else (f"({kw}+{more})", value + number_of(more))


def measured_value(context: Context, facts: Facts) -> float:
    """The program's own figure for :func:`measured`."""
    cells, case = context.cells, facts.case
    contract = number_of(cells["out_facility_details_contract_kw"])
    if not case.measured_peak or not contract < MEASURED_BELOW_KW:
        return 0.0
    rate = float(case.demand_jpy_per_kw_month) * (POWER_FACTOR_BASE - float(case.power_factor))
    return (
        number_of(cells["months_electricity"]) * (1.0 + number_of(cells["cmp_tax"])) * rate * number_of(cells["fx_JPY"])
    )


def measured(context: Context) -> str:
    """What a kW of the measured peak costs over the horizon, where the demand charge follows it; else nothing."""
    cells, use = context.cells, context.input
    if context.plan.money.demand_basis != "measured":
        return ""
    small = f"({cells['out_facility_details_contract_kw']}<{cells['cst_measured_below']})"
    rate = f"{use('money.demand_charge_jpy_per_kw_month')}*({cells['cst_power_factor']}-{use('facility.site_power_factor')})"
    return f"{small}*{cells['months_electricity']}*(1+{cells['cmp_tax']})*{rate}*{cells['fx_JPY']}"
