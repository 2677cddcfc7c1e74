"""電力・冷却・ラック: server power, the cooling options, the hall and its year, all recomputed live."""

from __future__ import annotations

import math

import numpy as np

from mitsumori.model.catalogue.records import CoolingMethod
from mitsumori.model.facility.cooling import takes_air, takes_liquid
from mitsumori.model.facility.placement import LIMITS
from mitsumori.model.facility.water import CDU_METHODS, air_cap, liquid_cap
from mitsumori.model.workbook import hall, more_servers
from mitsumori.model.workbook.context import Context, details, headings, section, title_block
from mitsumori.model.workbook.description import Cell, Chart, Condition, Series, Sheet, Value, block
from mitsumori.model.workbook.facility_cells import LimitCells, OptionCells, PowerCells, RackCells, ResultCells
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.styles import COLORS

WIDTHS = (33.0, 13.0, 11.5, *([9.2] * 10))


def build(context: Context, facts: Facts) -> None:
    """Write the sheet."""
    sheet = context.sheet("facility")
    row = title_block(context, sheet)
    lines = Lines(context, sheet, row)
    power = _power(context, facts, lines)
    options = _options(context, facts, lines, power)
    more_servers.build(context, facts, lines, options)
    first = lines.row
    lines.row += 14
    sheet.breaks.append(lines.row - 1)
    cells = hall.build(context, facts, lines, options)
    context.cells["facility_end"] = sheet.put(lines.row, 14, None, "note")
    sheet.charts.append(_method_chart(context, options, (first, 1, first + 11, 5)))
    sheet.charts.append(hall.power_chart(context, cells, (first, 6, first + 11, 13)))


def text_or(context: Context, value: float | None, word: str) -> Value:
    """A finite number as it is, anything else as a text.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    value
        A number, or None or NaN.
    word
        What stands where there is no number.
    """
    if value is None or not math.isfinite(float(value)):
        return word
    return float(value)


def _power(context: Context, facts: Facts, lines: Lines) -> PowerCells:
    power, plan = facts.power, context.plan
    lines.section("facility_power_section")
    lines.heading()
    use = context.input
    maximum, peak = use("facility.server_max_kw"), use("facility.server_peak_kw")
    basis = plan.facility.power_basis
    if basis == "capped":
        cap = use("facility.cap_fraction")
        formula = context.guard([maximum], f"{maximum}*{cap}")
    else:
        source = peak if basis == "measured" else maximum
        formula = f"={source}"
    servers = context.cells["lock_servers"]
    provisioned = lines.formula("fac_provisioned", formula, context.shown(power.provisioned_kw), "kw_server", "d2",
                                context.t(f"power_basis_{basis}"), "out_facility_details_provisioned_kw")  # fmt: skip
    mean, idle = use("facility.server_average_kw"), use("facility.server_idle_kw")
    capped = basis == "capped"
    formula = context.guard([mean, provisioned], f"MIN({mean},{provisioned})") if capped else f"={mean}"
    average = lines.formula("fac_average", formula, context.shown(power.average_kw), "kw_server", "d2",
                            context.t("fac_average_basis"), "out_facility_details_average_kw")  # fmt: skip
    resting = lines.formula("fac_idle", context.guard([idle, average], f"MIN({idle},{average})"),
                            context.shown(power.idle_kw), "kw_server", "d2", context.t("fac_idle_basis"),
                            "out_facility_details_idle_kw")  # fmt: skip
    units = lines.constant("fac_server_units", text_or(context, facts.server_units, context.unknown), "u", "number",
                           facts.server_basis(context.language))  # fmt: skip
    compute = lines.formula("fac_compute_kw", context.guard([provisioned, units], f"{servers}*{provisioned}"),
                            context.shown(facts.figure("facility.details.compute_kw")), "kw", "d1",
                            context.t("fac_compute_basis"), "out_facility_details_compute_kw")  # fmt: skip
    lines.gap()
    return PowerCells(provisioned, average, resting, units, compute, servers, context.cells["lock_fleet"])


def _rack(context: Context, facts: Facts, lines: Lines, power: PowerCells) -> RackCells:
    """What the rows of all cooling options refer to, below the details."""
    part, use, product = context.plan.facility, context.input, facts.product
    units_reserved, gap_units, kva_reserved, tare = (
        0 if product else use(f"facility.{name}")
        for name in ("units_reserved", "gap_units", "kva_reserved", "rack_tare_kg")
    )
    floor, point = use("facility.floor_limit_kg_m2"), use("facility.floor_point_limit_kg_m2")
    footprint = lines.constant("fac_footprint", part.rack_width_m * part.rack_depth_m, "m2", "d2",
                               context.t("fac_footprint_basis", width=part.rack_width_m, depth=part.rack_depth_m))  # fmt: skip
    aisle = lines.constant("fac_aisle", facts.aisle_share, "fold", "int", context.t("fac_aisle_basis"))
    feeds = lines.constant("fac_feeds", facts.feeds, "feeds", "int", context.t(f"redundancy_{part.redundancy}"))
    held = _floor(context, lines, (floor, point), (footprint, aisle))
    given = context.inputs["facility.liquid_heat_fraction"]
    has_liquid = lines.formula(
        "fac_has_liquid", f"=IF(ISNUMBER({given}),IF({given}>0,1,0),{1 if facts.liquid_version else 0})",
        int(takes_liquid(facts.resolved.server, part)), "none", "int", context.t("fac_has_liquid_basis"),
    )  # fmt: skip
    lines.gap()
    return RackCells(
        power=power, factor=use("facility.power_factor"), breaker=context.cells["cst_breaker"], feeds=feeds,
        guard=context.cells["cst_guard"], units=power.units if product else use("facility.rack_units"),
        units_reserved=units_reserved, gap_units=gap_units, kva_reserved=kva_reserved, tare=tare,
        weight=use("facility.server_weight_kg"), limit_kg=use("facility.rack_weight_limit_kg"), floor=floor, point=point,
        held=held, footprint=footprint, aisle=aisle, has_liquid=has_liquid,
    )  # fmt: skip


def _options(context: Context, facts: Facts, lines: Lines, power: PowerCells) -> OptionCells:
    """The two tables of cooling options: limits and servers of a rack, then racks and loads."""
    sheet, part, methods = lines.sheet, context.plan.facility, facts.options.methods
    here, lines.row = lines.row, details(context, sheet)
    rack = _rack(context, facts, lines, power)
    lines.row = section(context, sheet, lines.row, "facility_ladder_section")
    heads = ("col_method", "col_contract_kva", "col_usable_kva", "col_air_kw", "col_liquid_kw", "col_liquid_share",
             *(f"limit_{name}" for name in LIMITS), "col_per_rack")  # fmt: skip
    lines.row = headings(context, sheet, lines.row, heads, range(2, 14))
    head = lines.row - 1
    limit_heads = [sheet.cells[head, column] for column in range(7, 13)]
    limits: list[LimitCells] = []
    for k, method in enumerate(methods):
        limits.append(_method_limits(context, facts, rack, sheet, lines.row, k))
        if method.key == part.cooling:
            sheet.conditions.append(Condition(f"A{lines.row}:M{lines.row}", "=1=1", "bold"))
        lines.row += 1
    context.cells["facility_below"] = sheet.put(lines.row + 1, 14, None, "note")
    lines.row = here
    lines.row = section(context, sheet, lines.row, "facility_result_section")
    heads = ("col_method", "col_racks", "col_fullest", "col_rack_kw", "col_rack_kva", "col_rack_air", "col_rack_liquid",
             "col_pue", "col_binding", "", "", "", "")  # fmt: skip
    lines.row = headings(context, sheet, lines.row, heads, range(2, 9))
    results: list[ResultCells] = []
    for k, method in enumerate(methods):
        results.append(_method_result(context, facts, rack, lines.row, k, limits[k], limit_heads))
        if method.key == part.cooling:
            sheet.conditions.append(Condition(f"A{lines.row}:M{lines.row}", "=1=1", "bold"))
        lines.row += 1
    lines.gap()
    return OptionCells(rack, tuple(limits), tuple(results), facts.chosen)


def _method_limits(context: Context, facts: Facts, rack: RackCells, sheet: Sheet, row: int, k: int) -> LimitCells:
    part, options, product = context.plan.facility, facts.options, facts.product
    use, unknown, no_limit, method = context.input, context.unknown, context.t("no_limit"), options.methods[k]
    chosen = method.key == part.cooling
    held = options.rack
    sheet.put(row, 1, context.method_name(method), "label")

    def limit(column: int, path: str, standard: float | None, value: float | None) -> Cell:
        if chosen:
            return sheet.formula(row, column, f"={use(path)}", text_or(context, value, _word(context, facts, path)),
                                 "calc", "d1")  # fmt: skip
        return sheet.put(row, column, text_or(context, standard, no_limit if product else unknown), "const", "d1")

    air = limit(4, "facility.air_limit_kw", None if product else air_cap(part, method), np.asarray(held.air_kw)[k])
    liquid = limit(
        5, "facility.liquid_limit_kw", None if product else liquid_cap(part, method), np.asarray(held.liquid_kw)[k]
    )
    contract_value = text_or(context, options.contract_kva[k], no_limit if product else unknown)
    if chosen:
        contract = sheet.formula(row, 2, f"={use('facility.rack_kva')}",
                                 text_or(context, options.contract_kva[k], _word(context, facts, "facility.rack_kva")),
                                 "calc", "d1")  # fmt: skip
    elif method.rack_kva is None and not product:
        contract = sheet.formula(row, 2, context.guard([air, liquid], f"{air}+{liquid}"), contract_value, "calc", "d1")
    else:
        contract = sheet.put(row, 2, contract_value, "const", "d1")
    expression = f"{contract}"
    if part.rack_kva_is_breaker:
        expression += f"*{rack.breaker}"
    if part.redundancy == "n1":
        expression += f"*({rack.feeds}-1)/{rack.feeds}"
    usable = sheet.formula(row, 3, f"=IF(ISNUMBER({contract}),{expression},{contract})",
                           text_or(context, np.asarray(held.kva)[k], str(contract.value)), "calc", "d1")  # fmt: skip
    share = _share(context, facts, sheet, row, k, method)
    kw, units, factor = rack.power.kw, rack.power.units, rack.factor
    height = float(np.asarray(options.load.units)[k])
    if facts.server_units is not None and height != facts.server_units:  # the air-cooled build has a height of its own
        units = sheet.put(row, 14, height, "const", "number")
    gap, kva_reserved, reserved = rack.gap_units, rack.kva_reserved, f"{rack.units_reserved}"
    if part.cdu_units and method.key in CDU_METHODS and not product:
        reserved = f"{reserved}-{part.cdu_units}"  # within a difference: the CDU's units are reserved too
    weight, tare = rack.weight, rack.tare
    formulas = (
        f"({rack.units}-{reserved}+{gap})/({units}+{gap})",
        f"({usable}-{kva_reserved})/({kw}/{factor})",
        f"({air}-{kva_reserved}*{factor})/({kw}*(1-{share}))",
        f"{liquid}/({kw}*{share})",
        f"({rack.limit_kg}-{tare})/{weight}",
        f"(MIN({rack.held[0]},{rack.held[1]})-{tare})/{weight}",
    )
    needs = ([units], [kw, usable], [kw, air], [kw, liquid], [rack.limit_kg, weight], [weight])
    extra = ("", "", f"{share}<1", f"{share}>0", "", f"COUNT({rack.floor},{rack.point})>0")
    quotients: list[Cell] = []
    for index, (formula, need, condition) in enumerate(zip(formulas, needs, extra, strict=True)):
        tests = [f"ISNUMBER({cell})" for cell in need] + ([condition] if condition else [])
        known = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
        value = text_or(context, options.placement.quotients[k, index], no_limit)
        quotients.append(sheet.formula(row, 7 + index, f'=IF({known},{formula},"{no_limit}")', value, "calc", "d2"))
    allowed = _allowed(context, facts, k, method, liquid, rack.has_liquid)
    numbers = block(quotients)
    fit = f"IF(COUNT({numbers})=0,{rack.power.fleet},MAX(0,ROUNDDOWN(ROUND(MIN({numbers}),{rack.guard}),0)))"
    value = float(options.placement.per_rack[k]) if facts.known and not options.excluded[k] else 0.0
    known = f"AND(ISNUMBER({kw}),ISNUMBER({units}),{allowed})"
    per_rack = sheet.formula(row, 13, f"=IF({known},{fit},0)", value, "total", "int")
    return LimitCells(air, liquid, usable, share, tuple(quotients), per_rack)


def _floor(context: Context, lines: Lines, limits: tuple[Cell, Cell], space: tuple[Cell, Cell]) -> tuple[Cell, Cell]:
    """What the floor holds of a rack spread over its share of the hall, and under its feet; either where one is open."""
    (floor, point), (footprint, aisle) = limits, space
    area = (footprint.number or 0.0) * (aisle.number or 0.0)
    spread = None if floor.number is None else floor.number * area
    under = None if point.number is None else point.number * (footprint.number or 0.0)
    made = []
    for key, first, second, one, two in (
        ("fac_floor_spread", (floor, f"{floor}*{footprint}*{aisle}"), f"{point}*{footprint}", spread, under),
        ("fac_floor_under", (point, f"{point}*{footprint}"), f"{floor}*{footprint}*{aisle}", under, spread),
    ):
        limit = floor if key == "fac_floor_under" else point
        nothing = context.t("no_limit")
        body = f'=IF(ISNUMBER({first[0]}),{first[1]},IF(ISNUMBER({limit}),{second},"{nothing}"))'
        value: Value = nothing if one is None and two is None else one if one is not None else two
        made.append(lines.formula(key, body, value, "kg", "d1"))
    return made[0], made[1]


def _word(context: Context, facts: Facts, path: str) -> str:
    """The text that an unset limit shows: unknown where it is needed, no limit else."""
    return context.unknown if facts.standards[path].needed else context.t("no_limit")


def _share(context: Context, facts: Facts, sheet: Sheet, row: int, k: int, method: CoolingMethod) -> Cell:
    """Share of the heat to liquid: of the tank for immersion, of the server under liquid methods, else none."""
    value = float(np.asarray(facts.options.load.liquid_fraction)[k])
    if not method.needs_liquid_server:
        return sheet.put(row, 6, 0.0, "const", "pct")
    if method.air_cap_kw == 0:
        return sheet.put(row, 6, value, "const", "pct")
    given = context.inputs["facility.liquid_heat_fraction"]
    standard = facts.resolved.server.liquid_heat_fraction
    kept = standard if standard is not None else (method.liquid_fraction or 0.0)
    other = sheet.put(row, 15, kept, "const", "pct")
    return sheet.formula(row, 6, f"=IF(ISNUMBER({given}),{given},{other})", value, "calc", "pct")


def _allowed(context: Context, facts: Facts, k: int, method: CoolingMethod, liquid: Cell, has_liquid: Cell) -> str:
    """The condition under which a method may be tried at all (see :mod:`model.facility.cooling`)."""
    product, whole = facts.product, method.air_cap_kw == 0
    if product != (method.key == "rack_scale"):
        return "0=1"
    if not method.needs_liquid_server and not takes_air(facts.resolved.server):
        return "0=1"
    tests = []
    if method.needs_liquid_server and not whole:
        tests.append(f"{has_liquid}=1")
    if not product:
        tests.append(f"ISNUMBER({liquid})")
    return f"AND({','.join(tests)})" if len(tests) > 1 else (tests[0] if tests else "1=1")


def _method_result(
    context: Context, facts: Facts, rack: RackCells, row: int, k: int, cells: LimitCells, heads: list[Cell]
) -> ResultCells:
    sheet, factor, reserved = context.sheet("facility"), rack.factor, rack.kva_reserved
    method, no_limit = facts.options.methods[k], context.t("no_limit")
    placed, fine = facts.options.placement, facts.options.feasible(k)
    chosen = method.key == context.plan.facility.cooling
    guard, servers, kw = rack.guard, rack.power.fleet, rack.power.kw
    impossible = context.impossible
    known = facts.known
    fine = fine and known

    def name(text: str) -> str | None:
        return f"out_facility_{text}" if chosen else None

    sheet.put(row, 1, context.method_name(method), "label")
    per_rack = cells.per_rack
    racks = sheet.formula(
        row, 2, f'=IF({per_rack}>=1,ROUNDUP(ROUND({servers}/{per_rack},{guard}),0),"{impossible}")',
        float(placed.racks[k]) if fine else impossible, "total", "int", name=name("racks"),
    )  # fmt: skip
    if chosen:  # the tables count with none where a method fails; the result says that it fails
        held = float(placed.per_rack[k]) if fine else impossible
        formula = f'=IF(ISNUMBER({racks}),{per_rack},"{impossible}")'
        sheet.formula(row, 18, formula, held, "calc", "int", name=name("servers_per_rack"))
    share = cells.share

    def put(column: int, expression: str, value: float, fmt: str, out: str) -> Cell:
        return sheet.formula(row, column, f'=IF(ISNUMBER({racks}),{expression},"{impossible}")',
                             float(value) if fine else impossible, "calc", fmt, name=name(out))  # fmt: skip

    fullest = put(3, f"ROUNDUP(ROUND({servers}/{racks},{guard}),0)", placed.fullest[k], "int", "details_fullest")
    total = put(4, f"{fullest}*{kw}+{reserved}*{factor}", placed.kw[k], "d1", "kw_per_rack")
    put(5, f"{total}/{factor}", placed.kva[k], "d1", "kva_per_rack")
    put(6, f"{fullest}*{kw}*(1-{share})+{reserved}*{factor}", placed.air_kw[k], "d1", "air_kw")
    put(7, f"{fullest}*{kw}*{share}", placed.liquid_kw[k], "d1", "liquid_kw")
    names = f"{block([heads[0], heads[-1]])}"
    numbers = f"{block(list(cells.quotients))}"
    binding = placed.binding((k,)) if fine else ()
    word = context.t(f"limit_{binding[0]}") if binding else no_limit if fine else impossible
    tightest = f"INDEX({names},1,MATCH(MIN({numbers}),{numbers},0))"
    tightest = f'IF(COUNT({numbers})>0,{tightest},"{no_limit}")'
    sheet.formula(
        row, 9, f'=IF(ISNUMBER({racks}),{tightest},"{impossible}")', word, "link_text", "text",
        name="out_facility_binding" if chosen else None,
    )  # fmt: skip
    for column in range(10, 14):
        sheet.put(row, column, None, "label")
    sheet.merge(row, 9, 13)
    k_air, k_liquid = _pue(context, facts, row, k, share, rack.power)
    return ResultCells(racks, k_air, k_liquid)


def _pue(context: Context, facts: Facts, row: int, k: int, share: Cell, power: PowerCells) -> tuple[Cell, Cell]:
    """PUE = 1 + k_elec + (1-f) k_air + f k_liq with f the liquid share of all IT heat; returns the cells of both k."""
    sheet, chosen = context.sheet("facility"), facts.options.methods[k].key == context.plan.facility.cooling
    k_air, k_liquid, k_electric = facts.pue_factors(k)
    air = sheet.put(row, 15, k_air, "const", "d3")
    liquid = sheet.put(row, 16, k_liquid, "const", "d3")
    electric = context.cells.get("k_electric")
    if electric is None:
        electric = sheet.put(row, 17, k_electric, "const", "d3")
        context.cells["k_electric"] = electric
    compute, it = power.compute, "out_facility_it_kw"
    f = f"({share}*{compute}/{it})"
    formula = f"1+{electric}+(1-{f})*{air}+{f}*{liquid}"
    if more_servers.further(facts):
        own, wet = f"({it}-fac_more_own_kw)", f"{share}*{power.fleet}*{power.kw}"
        formula = f"1+{electric}+(({own}-{wet})*{air}+{wet}*{liquid}+fac_more_cooling_kw)/{it}"
    sheet.formula(row, 8, context.guard([compute], formula), context.shown(facts.pue(k)), "calc", "d3",
                             name="std_pue" if chosen else None)  # fmt: skip
    return air, liquid


def _method_chart(context: Context, options: OptionCells, anchor: tuple[int, int, int, int]) -> Chart:
    sheet, racks = context.sheet("facility"), tuple(result.racks for result in options.results)
    names = tuple(sheet.cells[cell.row, 1] for cell in racks)
    chosen = options.result.racks.value
    return Chart(
        "bar", context.t("chart_methods"), context.t("chart_methods_alt", racks=chosen), names,
        (Series(context.t("col_racks"), racks, COLORS["onprem"]),), anchor, number_format="0",
    )  # fmt: skip
