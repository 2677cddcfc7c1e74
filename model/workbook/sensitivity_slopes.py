"""How the saving moves with each factor of the sensitivity sheet: ranges and slopes as formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitsumori.model.cost.case import Case
from mitsumori.model.cost.cashflow import cumulative
from mitsumori.model.cost.factors import PATHS
from mitsumori.model.cost.guides import UTILIZATION, by_calendar, guided
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.sensitivity import description
from mitsumori.model.plan.prices import TERM_MONTHS
from mitsumori.model.workbook.audience import RELATIVE
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.sensitivity_exchange import exchanged_part
from mitsumori.model.workbook.sensitivity_units import UNITS, TaxedEnd, Units, full_kw, number_of, power, rental

FACTORS = tuple(description()["factors"])
YEARS = UNITS + 3
"""First of the columns with the assessed values of each operating year."""
ASSESSED = {
    "equipment": "col_share_equipment",
    "works": "col_share_works",
    "new": "col_share_new",
    "used": "col_months",
}
"""These, with what stands above them."""


@dataclass(frozen=True, slots=True)
class Ends:
    """A factor's unit, the formula of its value (no ``=``), and of its low and high end with ``{base}`` for the value.

    ``node`` gives a price of the cloud's listed in US dollars for a node, ``{usd}``, or else ``{ratio}``.
    """

    unit: str
    base: str
    low: str
    high: str
    needs: tuple[Cell, ...]
    node: str = ""


def ends(context: Context, facts: Facts, sheet: Sheet, row: int, work: int, key: str) -> Ends:
    """The range of a factor, its constants beside the page.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    sheet
        Sheet of the description that is written to.
    row
        Row of the factor.
    work
        First column of its constants.
    key
        Key of the factor.
    """
    record = description()["factors"][key]
    cells, use, t = context.cells, context.input, context.t
    money = context.plan.money
    unit = {
        "cloud_price": t("unit_per_hour", money=t(f"unit_money_{money.cloud.currency}")),
        "server_price": t("unit_per_server", money=t(f"unit_money_{money.onprem.currency}")),
        "electricity": t("unit_jpy_kwh"), "maintenance": t("unit_year"), "usd_jpy": t("unit_jpy_usd"),
        "staff_fte": t("unit_fte"), "horizon": t("unit_months"), "power": t("sens_of_maximum"),
    }.get(key, "")  # fmt: skip
    column = work

    def constant(value: float) -> Cell:
        nonlocal column
        cell = sheet.put(row, column, float(value), "const", "number")
        column += 1
        return cell

    relative = key in RELATIVE[context.audience]
    ends_of = record["otherwise"] if relative else (record["low"], record["high"])
    low, high = constant(ends_of[0]), constant(ends_of[1])
    kind = record["kind"]
    if kind == "ratio":
        base = str(use("money.usd_jpy"))
        return Ends(unit, base, f"{low}*{{base}}", f"{high}*{{base}}", (use("money.usd_jpy"),))
    if kind == "node_usd":
        return _node(context, facts, key, record, unit, (low, high), constant, relative)
    upper = str(high)
    for months, from_then in record.get("high_from_months", ()):
        upper = f"IF({cells['months']}>={constant(months)},{constant(from_then)},{upper})"
    base, needs = _base(context, key)
    lower = str(low)
    if key in PATHS:
        least, most = (constant(ratio) for ratio in record["otherwise"])
        asked = _entered(context, PATHS[key], constant)
        lower, upper = f"IF({asked},{least}*{{base}},{lower})", f"IF({asked},{most}*{{base}},{upper})"
    if key == "utilization":
        lower, upper = (_worked(context, *end, constant) for end in (("low", lower), ("high", upper)))
    return Ends(unit, base, lower, upper, needs)


def _worked(context: Context, end: str, typed: str, constant: Callable[[float], Cell]) -> str:
    """An end of the utilization, as :func:`model.cost.factors.worked_ends`; ``typed`` where it is a typed one.

    Cells of trainings a year and of serving decide as they do for the utilization itself; one typed over a calendar's counts.
    """
    cells, plan = context.cells, context.plan
    days, there = cells.get("out_training_days"), cells.get(f"out_training_days_{end}")
    known = None if days is None or there is None else f"ISNUMBER({days}),ISNUMBER({there})"
    if by_calendar(plan):
        stands = f"{context.input(UTILIZATION)}={constant(plan.money.utilization)}"
        booked = "{base}" if known is None else f"IF(AND({known}),MIN(1,{{base}}*{there}/{days}),{{base}})"
        typed = f"IF({stands},{booked},{typed})"
    if known is None:
        return typed
    runs, year = context.inputs["workload.runs_per_year"], cells["cst_days_year"]
    found = f"IF(AND(ISNUMBER({runs}),{known}),MIN(1,{runs}*{there}/{year}),{typed})"
    if not plan.serving.enabled:
        return found
    return f"IF({context.input('serving.cost_share')}>=1,{typed},{found})"


def _entered(context: Context, path: str, constant: Callable[[float], Cell]) -> str:
    """Whether a price was entered, as a condition; a guide value that stands as it was exported is none."""
    cell = context.inputs[path]
    if path not in guided(context.plan):
        return f"ISNUMBER({cell})"
    return f"AND(ISNUMBER({cell}),{cell}<>{constant(float(context.plan.value(path)))})"


def _base(context: Context, key: str) -> tuple[str, tuple[Cell, ...]]:
    """The plan's own value of a factor that is not a price."""
    cells, use = context.cells, context.input
    if key == "power":
        busy, top = cells["out_cost_busy_kw"], use("facility.server_max_kw")
        return f"{busy}/{full_kw(context)[0]}", (busy, top)
    if key == "electricity":
        added = tuple(use(f"money.{name}_jpy_per_kwh") for name in ("electricity", "fuel_adjustment", "surcharge"))
        return "+".join(map(str, added)), added
    cell = {
        "utilization": cells["utilization"], "pue": cells["out_facility_pue"], "horizon": cells["months"],
        "residual": use("money.onprem.residual_share"), "maintenance": use("money.onprem.maintenance_rate"),
        "staff_fte": use("money.onprem.staff_fte"),
    }[key]  # fmt: skip
    return str(cell), (cell,)


def _node(
    context: Context,
    facts: Facts,
    key: str,
    record: Mapping[str, Any],
    unit: str,
    pair: tuple[Cell, Cell],
    constant: Callable[[float], Cell],
    relative: bool,
) -> Ends:
    """A price listed in US dollars for a node of so many accelerators of a kind, else a share either way."""
    cells, money = context.cells, context.plan.money
    if key == "cloud_price":
        instance = facts.resolved.cloud_instance
        kind = instance.accelerator if instance is not None else facts.resolved.server.accelerator
        currency, needed = money.cloud.currency, cells["cloud_hourly"]
        fx = cells[f"fx_{currency}"]
        count, base = str(cells["cloud_instance_gpus"]), f"{needed}/{fx}"
    else:
        kind = facts.resolved.server.accelerator
        currency, needed = money.onprem.currency, cells["initial_servers"]
        fx = cells[f"fx_{currency}"]
        count, base = f"{cells['lock_gpus']}/{cells['lock_servers']}", f"{needed}/{cells['lock_fleet']}/{fx}"
    if relative:
        return Ends(unit, base, f"{pair[0]}*{{base}}", f"{pair[1]}*{{base}}", (needed, fx), "{ratio}")
    least, most = (constant(ratio) for ratio in record["otherwise"])
    accelerators = constant(record["accelerators"])
    if kind not in record["kinds"]:
        return Ends(unit, base, f"{least}*{{base}}", f"{most}*{{base}}", (needed, fx), "{ratio}")
    usd = cells["fx_USD"]
    node = f"IF(ISNUMBER({usd}),{{usd}}*{usd}/{fx}*{count}/{accelerators},{{ratio}})"
    asked = _entered(context, PATHS[key], constant)
    low, high = (
        f"IF({asked},{ratio}*{{base}},{node.format(usd=end, ratio=f'{ratio}*{{base}}')})"
        for end, ratio in zip(pair, (least, most), strict=True)
    )
    return Ends(unit, base, low, high, (needed, fx), node)


@dataclass(frozen=True, slots=True)
class Slopes:
    """Formulas of the saving at another value of a factor."""

    bodies: dict[str, str]
    needs: dict[str, tuple[Cell, ...]]
    saving: Cell
    rental: Cell
    energy: Cell
    paid: str
    utilization: Cell
    taxed: dict[str, Callable[[Cell, Cell], TaxedEnd]]
    """Factors at whose ends the property tax is another one."""

    def at(self, key: str, end: Cell, base: Cell, tax: Cell | None = None) -> str:
        """The saving where ``key`` is ``end`` instead of ``base``, no ``=``; ``tax`` is the property tax there."""
        return self.bodies[key].format(end=end, base=base, tax=tax)

    def both(self, share: Cell, price: Cell, base: Cell) -> str:
        """The saving at another utilization and another price of the cloud."""
        paid = self.paid.format(u=share), self.paid.format(u=self.utilization)
        return (
            f"{self.saving}+{self.rental}*({paid[0]}*{price}-{paid[1]}*{base})"
            f"-({share}-{self.utilization})*{self.energy}"
        )


def slopes(context: Context, facts: Facts, sheet: Sheet, work: int) -> Slopes:
    """The formulas, with intermediate cells above the workings beside the page.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    sheet, work
        The sheet, and the first column of its workings.
    """
    cells, money = context.cells, context.plan.money
    saving, months, tax = cells["out_cost_details_saving"], cells["months_own"], cells["cmp_tax"]
    own, u, hourly = money.onprem, cells["utilization"], cells["cloud_hourly"]
    _assessed(context, sheet)
    reserved, spot = money.cloud.term in TERM_MONTHS, money.cloud.term == "spot"
    paid = "1" if reserved else "{u}"
    fx_cloud, fx_own = cells[f"fx_{money.cloud.currency}"], cells[f"fx_{own.currency}"]
    units = Units(context, sheet)
    rate = context.input("money.onprem.property_tax_rate")
    cells["sens_tax_rate"] = units.put("sens_tax_rate", (), f"{rate}/12", number_of(rate) / 12.0)
    rented_unit = rental(context, facts, units, reserved, spot)
    energy, meter, per_pue, per_power = power(context, facts, units)
    energy = hourly_meanwhile(context, facts, units, energy)
    per_price, base_per_price = _per_server_price(context, facts, sheet, work)
    moved = f"{cells['lock_fleet']}*{fx_own}*({{end}}-{{base}})"
    paid_now, taxed = paid.format(u=u), cells["property_tax_total"]
    exchanged, of_rate = exchanged_part(context, facts, units, per_price, base_per_price)
    bodies = {
        "cloud_price": f"{saving}+{rented_unit}*{paid_now}*({{end}}-{{base}})",
        "utilization": f"{saving}+{rented_unit}*({paid.format(u='{end}')}-{paid_now})*{hourly}/{fx_cloud}"
                       f"-({{end}}-{{base}})*{energy}",
        "server_price": f"{saving}-{per_price}*{moved}-({{tax}}-{taxed})",
        "electricity": f"{saving}-{meter}*({{end}}-{{base}})",
        "pue": f"{saving}-{per_pue}*({{end}}-{{base}})",
        "power": f"{saving}-{per_power}*({{end}}-{{base}})",
        "residual": f"{saving}+{cells['initial_servers']}*({{end}}-{{base}})",
        "maintenance": f"{saving}-(1+{tax})*{months}/12*{cells['hardware']}*({{end}}-{{base}})",
        "staff_fte": _staff(context, saving),
        "usd_jpy": f"{saving}+{exchanged}-({{tax}}-{taxed})",
        "horizon": _horizon(context, units),
    }  # fmt: skip
    rented = (rented_unit, hourly, fx_cloud)
    needs: dict[str, tuple[Cell, ...]] = dict.fromkeys(FACTORS, ())
    needs |= {
        "cloud_price": rented,
        "utilization": (*rented, energy),
        "server_price": (per_price, fx_own, cells["fx_JPY"]),
    }
    needs |= {"electricity": (meter,), "pue": (per_pue,), "power": (per_power,)}
    needs |= {"residual": (cells["initial_servers"],), "maintenance": (cells["hardware"],)}

    def of_price(end: Cell, base: Cell) -> TaxedEnd:
        more = moved.format(end=end, base=base)
        change = number_of(cells["lock_fleet"]) * number_of(fx_own) * (number_of(end) - number_of(base))
        return TaxedEnd(
            (f"{cells['property_equipment_base']}+{base_per_price}*{more}",
             number_of(cells["property_equipment_base"]) + number_of(base_per_price) * change),
            (f"{cells['initial_servers']}+{more}", number_of(cells["initial_servers"]) + change),
            (f"{cells['property_works_base']}", number_of(cells["property_works_base"])),
            (f"{cells['property_exempt']}*{cells['fx_JPY']}", number_of(cells["property_exempt"]) * number_of(cells["fx_JPY"])),
        )  # fmt: skip

    return Slopes(bodies, needs, saving, rented_unit, energy, paid, u, {"server_price": of_price, "usd_jpy": of_rate})


def _assessed(context: Context, sheet: Sheet) -> None:
    """Assessed values by operating year, linked from the sheet of costs, beside the workings."""
    source = context.sheet("estimate_cost")
    for place, (name, label) in enumerate(ASSESSED.items()):
        first, last = (context.cells[f"property_{name}_{end}"] for end in ("first", "last"))
        sheet.put(1, YEARS + place, context.t(label), "note")
        made: list[Cell] = []
        for row in range(last.row - first.row + 1):
            cell = source.cells[first.row + row, first.column]
            made.append(sheet.formula(2 + row, YEARS + place, f"={cell}", cell.value, "link", cell.fmt))
        context.blocks[f"sens_{name}"] = block(made)


def _staff(context: Context, saving: Cell) -> str:
    cost, fx = (
        context.input("money.onprem.staff_cost_per_year"),
        context.cells[f"fx_{context.plan.money.onprem.currency}"],
    )
    moved = f"{saving}-{context.cells['months_staff']}/12*{cost}*{fx}*({{end}}-{{base}})"
    # Without staff nobody asks what one costs.
    return f"IF({{base}}=0,{saving},{moved})"


def property_tax(context: Context, sheet: Sheet, at: tuple[int, int], facts: Facts, end: TaxedEnd, known: bool) -> Cell:
    """Property tax over the horizon at another end, after what it rests on.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    sheet, at
        Sheet, and row and column of the first of six cells.
    end
        What it rests on.
    known
        Whether the end and the saving are.
    """
    (row, column), cells, saving = at, context.cells, context.cells["out_cost_details_saving"]
    made: list[Cell] = []
    for index, (formula, value) in enumerate((end.machines, end.works, end.exempt)):
        shown: Value = float(value) if known and math.isfinite(value) else context.unknown
        made.append(sheet.formula(row, column + index, context.guard([saving], formula), shown, "calc", "money"))
    machines, installed, fresh, used = (context.blocks[f"sens_{name}"] for name in ASSESSED)
    # Of a refresh: machines without their installation and spare parts, which follow the servers.
    share, spares, install = (
        context.input(f"money.onprem.{name}") for name in ("refresh_share", "spares_share", "installation_share")
    )
    standing, new = facts.standing
    swapped, kept, installation = map(number_of, (share, spares, install))
    fleet: Value = float(end.servers[1]) if known and math.isfinite(end.servers[1]) else context.unknown
    moved = sheet.formula(row, column + 4, context.guard([saving], end.servers[0]), fleet, "calc", "money")
    renewed = swapped * (end.machines[1] - kept * end.servers[1]) / (1.0 + installation) if swapped else 0.0
    then: Value = float(renewed) if known and math.isfinite(renewed) else context.unknown
    bought = f"{share}*({made[0]}-{spares}*{moved})/(1+{install})"
    made.append(sheet.formula(row, column + 5, context.guard([moved], bought), then, "calc", "money"))
    base = f"({made[0]}*{machines}+{made[1]}*{installed}+{made[3]}*{fresh})"
    rate = context.input("money.onprem.property_tax_rate")
    case, months = facts.case, float(facts.case.owned_months)
    assessed = end.machines[1] * standing + renewed * new + end.works[1] * case.works_shares
    paid = np.clip(months - 12.0 * np.arange(assessed.size), 0.0, 12.0)
    tax = float((np.where(assessed >= end.exempt[1], assessed, 0.0) * paid).sum() / 12.0 * number_of(rate))
    whole = f"SUMPRODUCT(({base}>={made[2]})*{base}*{used})*{cells['sens_tax_rate']}"
    result: Value = tax if known and math.isfinite(tax) else context.unknown
    return sheet.formula(row, column + 3, context.guard(made[:1], whole), result, "calc", "money")


def _per_server_price(context: Context, facts: Facts, sheet: Sheet, work: int) -> tuple[Cell, Cell]:
    """For each unit of money that the servers cost: what owning costs over the horizon but for property tax, and its base."""
    cells, use = context.cells, context.input
    months, tax = cells["months_own"], cells["cmp_tax"]
    share, given = use("money.onprem.network_share"), context.inputs["money.onprem.network_price"]
    rates = {n: use(f"money.onprem.{n}") for n in ("maintenance_rate", "insurance_rate", "residual_share")}
    install, spares = use("money.onprem.installation_share"), use("money.onprem.spares_share")
    value, base = _one_server(context, facts.case)
    limited = cells.get("network_limited")
    stops = limited is not None and bool(limited.number)
    network = 0.0 if given.number is not None or stops else share.number or 0.0
    sheet.put(1, work, context.t("sens_per_server_price"), "note")
    sheet.put(1, work + 2, context.t("sens_base_per_server_price"), "note")
    sheet.put(1, work + 4, context.t("sens_hardware_per_server_price"), "note")
    wired = f"IF(ISNUMBER({share}),{share},0)"
    wired = wired if limited is None else f"IF({limited}=1,0,{wired})"
    wired = f"IF(ISNUMBER({given}),0,{wired})"
    hardware = sheet.formula(1, work + 5, f"=1+{wired}", 1.0 + network, "calc", "number")
    bought = sheet.formula(1, work + 3, f"={hardware}*(1+{install})+{spares}", base, "calc", "number")
    refresh = f"{use('money.onprem.refresh_share')}*({cells['refresh_at']}<={cells['months']})"
    kept = f"{months}/12*{rates['maintenance_rate']}+{refresh}"
    outlay = f"({bought}+({kept})*{hardware})*(1+{tax})-{rates['residual_share']}"
    running = f"{months}/12*{rates['insurance_rate']}*{hardware}"
    return sheet.formula(1, work + 1, f"={outlay}+{running}", value, "calc", "number"), bought


def _one_server(context: Context, plan: Case) -> tuple[float, float]:
    """The program's own figures for it: owning one server at a price of one, with all that no server price moves at nil."""
    nothing: dict[str, Any] = dict.fromkeys((
        "storage_price", "cooling_per_rack", "power_works", "colocation_setup", "staff_fte", "energy_jpy_per_kwh", "busy_kw",
        "idle_kw", "contract_kw", "rent_per_rack_month", "rent_per_kva_month", "license_per_gpu_year",
        "license_per_server_year", "license_per_year", "racks", "cooled_racks", "kva", "disposal_per_server",
        "property_tax_rate", "more_jpy", "more_usd", "more_network_usd", "interim",
    ), 0.0)  # fmt: skip
    by_share = math.isnan(float(plan.network_price)) and math.isnan(float(plan.network_usd))
    case = replace(
        plan, **nothing, servers=1.0, server_price=1.0, pue=1.0, server_currency=plan.currency,
        onprem_currency=plan.currency, network_price=math.nan if by_share else 0.0, network_usd=math.nan,
    )  # fmt: skip
    free = replace(case, server_price=0.0)  # a line that the list does not know moves with no price of a server either
    at_start = (float(sum(owned_lines(one).initial.values())) for one in (case, free))
    return _owned(context, case) - _owned(context, free), next(at_start) - next(at_start)


def _owned(context: Context, case: Case) -> float:
    money = context.plan.money
    kept = 0.0 if money.tax_credit else money.tax_rate
    return float(cumulative(owned_lines(case).stream(kept), case.months, np.array([float(case.months)]))[0])


def hourly_meanwhile(context: Context, facts: Facts, units: Units, energy: Cell) -> Cell:
    """What full use costs on the owned side: the energy, and beside a reservation the cloud by the hour until own machines run.

    Parameters
    ----------
    context, facts
        The export, and what the plan computes.
    units
        Cells with labels that the result joins.
    energy
        What it costs in energy.
    """
    cells = context.cells
    if "total_interim" not in cells or context.plan.money.cloud.term not in TERM_MONTHS:
        return energy
    hours, tax, u = cells["interim_hours"], cells["cmp_tax"], cells["utilization"]
    counted, lost = cells["months_interim"], cells["months_lost_interim"]
    value = number_of(hours) * (1.0 + number_of(tax)) * (number_of(counted) - number_of(lost)) / number_of(u)
    return units.put("sens_use_meanwhile", (energy, hours), f"{energy}+{hours}*(1+{tax})*({counted}-{lost})/{u}",
                     number_of(energy) + value)  # fmt: skip


def _horizon(context: Context, units: Units) -> str:
    """Both streams to another last month: what runs until then, what is paid at the start, in one month and at the end."""
    cells, blocks, saving = context.cells, context.blocks, context.cells["out_cost_details_saving"]
    share, when = context.input("money.onprem.refresh_share"), cells["refresh_at"]
    names = (
        "cloud_initial",
        "owned_initial",
        "owned_final",
        *(("interim_setup",) if "cmp_interim_setup" in cells else ()),
    )
    parts = [cells[f"cmp_{name}"] for name in names]
    once = units.put("sens_once", (saving,), "-".join(map(str, parts)),
                     number_of(parts[0]) - sum(map(number_of, parts[1:])))  # fmt: skip
    hardware, tax = cells["hardware"], cells["cmp_tax"]
    refresh = units.put("sens_refresh", (saving,), f"{share}*{hardware}*(1+{tax})",
                        number_of(share) * number_of(hardware) * (1.0 + number_of(tax)))  # fmt: skip
    running = f"SUMPRODUCT(({blocks['run_months']}<={{end}})*({blocks['run_cloud']}-{blocks['run_owned']}))"
    return f"{running}+{once}-{refresh}*({when}<={{end}})"
