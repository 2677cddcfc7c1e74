"""The hall on the facility sheet: peak power, support racks, the year, and what the hall has left."""

from __future__ import annotations

from collections.abc import Sequence

from mitsumori.model.facility.elevation import Kit, deal
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.description import Cell, Chart, Series, Sheet, block
from mitsumori.model.workbook.facility_cells import HallCells, OptionCells, PowerCells
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.more_servers import further, plus
from mitsumori.model.workbook.rows import Lines
from mitsumori.model.workbook.styles import COLORS

SUPPORT_ROWS = 60
"""Numbers of support racks that the packing table lists."""
PACK_ROW = 6
ROUNDS, SORTS_IN_A_CELL = 27, 5
"""First column of what the fullest rack holds: whole rounds, and one more from where each sort begins."""
PACK = 19
"""First column of that table."""
TALLEST_RACK = 100
"""Units of the tallest rack a plan may ask for."""


def build(context: Context, facts: Facts, lines: Lines, options: OptionCells) -> HallCells:
    """Write the hall's sections below the cooling options; returns the cells the power chart draws.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    facts
        What the plan computes and the catalogue says, as the sheets need it.
    lines
        Where the next line of the sheet is written.
    options
        Cells of the cooling options: limits, racks, and the power of the servers.
    """
    hall = _hall(context, facts, lines, options)
    _support(context, facts, lines, options, hall)
    _year(context, facts, lines, options.rack.power, hall)
    _room(context, facts, lines, hall)
    return hall


def _hall(context: Context, facts: Facts, lines: Lines, options: OptionCells) -> HallCells:
    use, t, power = context.input, context.t, options.rack.power
    lines.section("facility_hall_section")
    lines.heading()
    compute = power.compute
    standard = context.cells["other_standard_share"]
    other = lines.formula("fac_other", context.guard([compute], f"{compute}*{standard}"),
                          facts.shown(context, "facility.details.other_kw"), "kw", "d1", t("fac_other_basis"),
                          "out_facility_details_other_kw")  # fmt: skip
    added = plus(facts, "+out_facility_details_more_kw")
    it = lines.formula("fac_it", context.guard([compute, other], f"{compute}+{other}{added}"),
                       facts.shown(context, "facility.it_kw"), "kw", "d1", t("fac_it_basis"), "out_facility_it_kw")  # fmt: skip
    pue = lines.formula("fac_pue", f"={use('facility.pue')}", facts.shown(context, "facility.pue"), "none", "d3",
                        t("fac_pue_basis"), "out_facility_pue")  # fmt: skip
    whole = lines.formula("fac_facility", context.guard([it, pue], f"{it}*{pue}"),
                          facts.shown(context, "facility.facility_kw"), "kw", "d1", t("fac_facility_basis"),
                          "out_facility_facility_kw")  # fmt: skip
    here, lines.row = lines.row, context.cells["facility_below"].row
    warm = [
        lines.constant(f"fac_peak_{path}", value, "none", "d3", t("fac_peak_basis"))
        for path, value in zip(("air", "liquid"), facts.peak_cooling, strict=True)
    ]
    context.cells["facility_below"] = lines.sheet.put(lines.row + 1, 14, None, "note")
    lines.row = here
    chosen, result, own = options.chosen, options.result, context.inputs["facility.pue"]
    k_air, k_liquid, k_electric = result.k_air, result.k_liquid, context.cells["k_electric"]
    wet = f"{chosen.share}*{compute}/{it}"
    body = f"1+{k_electric}+(1-{wet})*{k_air}*{warm[0]}+{wet}*{k_liquid}*{warm[1]}"
    if further(facts):
        wet = f"{chosen.share}*{power.fleet}*{power.kw}"
        dry = f"({it}-fac_more_own_kw-{wet})"
        heat = f"{dry}*{k_air}*{warm[0]}+{wet}*{k_liquid}*{warm[1]}+fac_more_cooling_peak_kw"
        body = f"1+{k_electric}+({heat})/{it}"
    peak = lines.formula("fac_peak_pue", context.guard([it, pue], f"IF(ISNUMBER({own}),{pue},{body})"),
                         facts.shown(context, "facility.details.peak_pue"), "none", "d3", t("fac_peak_pue_basis"),
                         "out_facility_details_peak_pue")  # fmt: skip
    lines.formula("fac_contract_peak", context.guard([it, peak], f"{it}*{peak}"),
                  facts.shown(context, "facility.details.contract_kw"), "kw", "d1", t("fac_contract_peak_basis"),
                  "out_facility_details_contract_kw")  # fmt: skip
    site = use("facility.site_power_factor")
    lines.formula("fac_utility", context.guard([whole], f"{whole}/{site}"), facts.shown(context, "facility.utility_kva"),
                  "kva", "d1", t("fac_utility_basis"), "out_facility_utility_kva")  # fmt: skip
    racks, factor, reserve = result.racks, options.rack.factor, options.rack.kva_reserved
    here, lines.row = lines.row, context.cells["facility_below"].row
    held = float(reserve.number or 0.0) if isinstance(reserve, Cell) else float(reserve)
    power_factor = float(factor.number or 0.0) if isinstance(factor, Cell) else float(factor)
    in_racks = lines.formula("fac_in_racks", f"=IF(ISNUMBER({racks}),{racks}*{reserve}*{factor},0)",
                             (racks.number or 0.0) * held * power_factor, "kw", "d1")  # fmt: skip
    context.cells["facility_below"] = lines.sheet.put(lines.row + 1, 14, None, "note")
    lines.row = here
    known = (
        "cst_known_kw" if facts.storage_units is None else "(cst_known_kw+cst_storage_kw*out_facility_storage_units)"
    )
    beside = f"MAX(MIN({other},{known}),{other}-{in_racks})"
    stood = plus(facts, f"+fac_more_spare*{power.kw}+fac_more_support_kw+fac_more_racks_kw")
    kva = lines.formula("fac_it_kva", context.guard([it], f"({compute}+{in_racks}+{beside}{stood})/{factor}"),
                        facts.shown(context, "facility.details.it_kva"), "kva", "d1", t("fac_it_kva_basis"),
                        "out_facility_details_it_kva")  # fmt: skip
    share = chosen.share
    wetter = plus(facts, f"+fac_more_spare*{power.kw}*{share}+fac_more_liquid_kw")
    liquid = lines.formula("fac_hall_liquid", context.guard([compute], f"{compute}*{share}{wetter}"),
                           facts.shown(context, "facility.details.hall_liquid_kw"), "kw", "d1", "",
                           "out_facility_details_hall_liquid_kw")  # fmt: skip
    lines.formula("fac_hall_air", context.guard([it, liquid], f"{it}-{liquid}"),
                  facts.shown(context, "facility.details.hall_air_kw"), "kw", "d1", "",
                  "out_facility_details_hall_air_kw")  # fmt: skip
    losses = lines.formula("fac_losses", context.guard([whole, it], f"{whole}-{it}"),
                           facts.shown(context, "facility.details.cooling_and_losses_kw"), "kw", "d1", t("fac_losses_basis"),
                           "out_facility_details_cooling_and_losses_kw")  # fmt: skip
    return HallCells(other, it, pue, whole, kva, compute, losses)


def _support(context: Context, facts: Facts, lines: Lines, options: OptionCells, hall: HallCells) -> None:
    """Support racks: the fewest that hold the switches and storage by height, power and heat."""
    t, use, guard = context.t, context.input, context.cells["cst_guard"]
    lines.section("facility_support_section")
    chosen, factor = options.chosen, options.rack.factor
    other, racks = hall.other, options.result.racks
    support = facts.support
    known = facts.known
    number = int(facts.number("facility.support_racks") or 0)
    kits = support.kits
    contained = lines.constant("fac_contained", facts.contained_kw, "kw_rack", "d1", t("fac_contained_basis"))
    usable, air = chosen.usable, chosen.air
    room = f"AND(ISNUMBER({usable}),ISNUMBER({air}))"
    kva = lines.formula("fac_support_kva", f"=IF({room},IF({air}>0,{usable},{contained}),{contained})",
                        facts.support_limits[0], "kva_rack", "d1")  # fmt: skip
    heat = lines.formula("fac_support_air", f"=IF(ISNUMBER({air}),IF({air}>0,{air},{contained}),{contained})",
                         facts.support_limits[1], "kw_rack", "d1")  # fmt: skip
    drawn = f"({other}+fac_more_support_kw)" if further(facts) else str(other)
    share = f"MAX({drawn}/{factor}/{kva},{drawn}/{heat})"
    least = lines.formula(
        "fac_least", context.guard([other], f"IF(AND({kva}>0,{heat}>0),MAX(1,ROUNDUP(ROUND({share},{guard}),0)),1)"),
        facts.least if known else context.unknown, "racks", "int", t("fac_least_basis"),
    )  # fmt: skip
    held = _kits(facts, lines)
    heights = sum(kit.height_u * kit.count for kit in kits)
    tallest = max((kit.height_u for kit in kits), default=0)
    if held:
        products = f"=SUMPRODUCT({block([kit[0] for kit in held])},{block([kit[1] for kit in held])})"
        total = lines.formula("fac_kit_units", products, heights, "u", "int", t("fac_kit_basis"))
    else:
        total = lines.constant("fac_kit_units", 0, "u", "int", t("fac_kit_basis"))
    highest = lines.constant("fac_kit_tallest", tallest, "u", "int")
    rack_units, reserved_units = use("facility.rack_units"), use("facility.units_reserved")
    usable_units = lines.formula("fac_usable_units", f"=MAX(1,{rack_units}-{reserved_units})", facts.usable_units, "u",
                                 "int")  # fmt: skip
    base_value = 0
    if known:
        base_value = max(1, facts.least, -(-heights // facts.usable_units)) if heights else facts.least
    by_height = f"ROUNDUP(ROUND({total}/{usable_units},{guard}),0)"
    base = lines.formula(
        "fac_support_base", context.guard([least], f"IF({total}=0,{least},MAX(1,{least},{by_height}))"),
        base_value if known else context.unknown, "racks", "int", t("fac_support_base_basis"),
    )  # fmt: skip
    numbers, fits = _packing(context, facts, lines, held, base, usable_units, base_value)
    packed = f"IFERROR(INDEX({block(numbers)},MATCH(1,{block(fits)},0)),{base})"
    body = f"IF(OR({total}=0,{highest}>{usable_units}),{base},{packed})"
    if not support.exists:
        body = f"IF({other}>0,{body},0)"
    cell = lines.formula(
        "fac_support_racks", context.guard([base], body), float(number) if known else context.unknown, "racks", "int",
        t("fac_support_basis"), "out_facility_support_racks", total=True,
    )  # fmt: skip
    total_racks = facts.number("facility.details.total_racks")
    lines.formula(
        "fac_total_racks", _total(context, facts, racks, cell),
        context.impossible if total_racks is None else total_racks, "racks", "int", "", "out_facility_details_total_racks",
        total=True,
    )  # fmt: skip


def _total(context: Context, facts: Facts, racks: Cell, support: Cell) -> str:
    """Compute racks, support racks and those of further servers."""
    if not further(facts):
        return f'=IF(ISNUMBER({racks}),{racks}+{support},"{context.impossible}")'
    known = f"AND(ISNUMBER({racks}),ISNUMBER(fac_more_racks))"
    return f'=IF({known},{racks}+{support}+fac_more_racks,"{context.impossible}")'


Held = list[tuple[Cell, Cell, Cell]]


def _kits(facts: Facts, lines: Lines) -> Held:
    """Count, height and devices before it of each sort; beside the printed page."""
    sheet = lines.sheet
    held: Held = []
    before = 0
    for at, kit in enumerate(facts.support.kits, PACK_ROW + 1):
        if kit.kind == "storage" and facts.storage_units is not None:
            count = sheet.formula(at, PACK + 3, "=out_facility_storage_units", kit.count, "link", "int")
        else:
            count = sheet.put(at, PACK + 3, kit.count, "const", "int")
        height = sheet.put(at, PACK + 4, kit.height_u, "const", "int")
        formula = f"={held[-1][2].ref}+{held[-1][0].ref}" if held else f"=0*{count}"
        held.append((count, height, sheet.formula(at, PACK + 5, formula, before, "calc", "int")))
        before += kit.count
    return held


def _packing(context: Context, facts: Facts, lines: Lines, held: Held, base: Cell, usable: Cell,
             base_value: int) -> tuple[list[Cell], list[Cell]]:  # fmt: skip
    """How tall the fullest support rack is for each number of racks, and whether it fits; beside the printed page.

    Devices are dealt round, sort after sort (:func:`model.facility.elevation.deal`): with ``n`` of a sort on ``R`` racks
    each rack has ``floor(n / R)`` and ``n mod R`` racks in a row one more, beginning where the sort before it stopped. The
    fullest rack is one at which some sort's run begins.
    """
    kits = facts.support.kits
    sheet, t = lines.sheet, context.t
    low = max(1, -(-sum(kit.height_u * kit.count for kit in kits) // TALLEST_RACK))
    row = PACK_ROW
    heads = (
        "fac_pack_racks", "fac_pack_units", "fac_pack_fits", "fac_pack_count", "fac_pack_height", "fac_pack_before"
    )  # fmt: skip
    for column, key in enumerate(heads, PACK):
        sheet.put(row, column, t(key), "note")
    sheet.put(row, ROUNDS, t("fac_pack_rounds"), "note")
    sheet.put(row, ROUNDS + 1, t("fac_pack_runs"), "note")
    numbers: list[Cell] = []
    fits: list[Cell] = []
    for index in range(SUPPORT_ROWS):
        racks, row = low + index, row + 1
        tall = max((sum(k.height_u * n for k, n in dealt) for _, dealt in deal(kits, racks)), default=0)
        number = sheet.put(row, PACK, racks, "const", "int")
        height = _tallest(sheet, row, number, held, kits, tall)
        answer = int(facts.known and racks >= base_value and tall <= facts.usable_units)
        formula = f"=IF(ISNUMBER({base}),IF(AND({number}>={base},{height}<={usable}),1,0),0)"
        fits.append(sheet.formula(row, PACK + 2, formula, answer, "calc", "int"))
        numbers.append(number)
    return numbers, fits


def _tallest(sheet: Sheet, row: int, number: Cell, held: Held, kits: Sequence[Kit], tall: int) -> Cell:
    """The units of the fullest of ``number`` racks: whole rounds of every sort, and the run of one more that is tallest."""
    if not held:
        return sheet.formula(row, PACK + 1, f"=0*{number}", tall, "calc", "int")
    racks = int(number.number or 1)
    value = sum(kit.height_u * (kit.count // racks) for kit in kits)
    rounds = "+".join(f"{height}*ROUNDDOWN({count}/{number},0)" for count, height, _ in held)
    whole = sheet.formula(row, ROUNDS, f"={rounds}", value, "calc", "int")
    before = [sum(kit.count for kit in kits[:index]) for index in range(len(kits))]
    over = [f"MOD({count},{number})" for count, _, _ in held]
    column = ROUNDS + 1
    if len(held) > SORTS_IN_A_CELL:  # what is left of a sort after whole rounds, in cells of its own
        for index, kit in enumerate(kits):
            over[index] = sheet.formula(row, column, f"={over[index]}", kit.count % racks, "calc", "int").ref
            column += 1
    runs: list[Cell] = []
    for index, (_, _, start) in enumerate(held):
        parts = [
            f"{height}*({0 if first is start else f'MOD({start}-{first},{number})'}<{left})"
            for (_, height, first), left in zip(held, over, strict=True)
        ]
        more = sum(
            kit.height_u * ((before[index] - first) % racks < kit.count % racks)
            for kit, first in zip(kits, before, strict=True)
        )
        runs.append(sheet.formula(row, column + index, f"={'+'.join(parts)}", more, "calc", "int"))
    return sheet.formula(row, PACK + 1, f"={whole}+MAX({block(runs)})", tall, "calc", "int")


def _year(context: Context, facts: Facts, lines: Lines, power: PowerCells, hall: HallCells) -> None:
    t, use, cells = context.t, context.input, context.cells
    lines.section("facility_year_section")
    hours, thousand = cells["cst_hours_year"], cells["cst_thousand"]
    busy = cells["utilization"]
    average, idle, servers = power.average, power.idle, power.servers
    share = cells["other_standard_share"]
    compute = power.compute
    standing = plus(facts, f"+{hours}*out_facility_details_more_average_kw")
    it = lines.formula(
        "fac_it_kwh",
        context.guard(
            [average, idle, compute], f"{hours}*({busy}*{average}+(1-{busy})*{idle})*{servers}*(1+{share}){standing}"
        ),
        facts.shown(context, "facility.details.it_kwh_per_year"), "kwh_year", "int", t("fac_it_kwh_basis"),
        "out_facility_details_it_kwh_per_year",
    )  # fmt: skip
    pue = hall.pue
    whole = lines.formula("fac_kwh", context.guard([it, pue], f"{it}*{pue}"), facts.shown(context, "facility.kwh_per_year"),
                          "kwh_year", "int", t("fac_kwh_basis"), "out_facility_kwh_per_year", total=True)  # fmt: skip
    co2, wue = use("facility.co2_kg_per_kwh"), use("facility.wue")
    lines.formula("fac_co2", context.guard([whole, co2], f"{whole}*{co2}/{thousand}"),
                  facts.shown(context, "facility.co2_t_per_year"), "t_year", "d1", t("fac_co2_basis"),
                  "out_facility_co2_t_per_year")  # fmt: skip
    lines.formula("fac_water", context.guard([it, wue], f"{it}*{wue}/{thousand}"),
                  facts.shown(context, "facility.water_m3_per_year"), "m3_year", "d1", t("fac_water_basis"),
                  "out_facility_water_m3_per_year")  # fmt: skip


def _room(context: Context, facts: Facts, lines: Lines, hall: HallCells) -> None:
    """What the hall has left after this system; only where its free capacity is given."""
    t, use = context.t, context.input
    lines.section("facility_room_section")
    racks = context.cells["out_facility_details_total_racks"]
    for key, path, used, unit, out in (
        ("fac_left_kva", "facility.hall_kva_free", hall.it_kva, "kva", "hall_kva_left"),
        ("fac_left_kw", "facility.hall_cooling_kw_free", hall.it, "kw", "hall_cooling_kw_left"),
        ("fac_left_racks", "facility.hall_racks_free", racks, "racks", "hall_racks_left"),
    ):
        free = use(path)
        value = facts.number(f"facility.details.{out}")
        lines.formula(
            key, f'=IF(AND(ISNUMBER({free}),ISNUMBER({used})),{free}-{used},"{t("no_limit")}")',
            t("no_limit") if value is None else value, unit, "d1", t("fac_left_basis"), f"out_facility_details_{out}",
        )  # fmt: skip
        left = context.cells[f"out_facility_details_{out}"]
        context.checks.append((f"check_{out}", f"IF(ISNUMBER({left}),{left}>=0,1=1)", value is None or value >= 0))
    compute = context.cells["out_facility_details_compute_kw"]  # without a server's power nothing is known of racks
    placed = f'OR({racks}<>"{context.impossible}",NOT(ISNUMBER({compute})))'
    context.checks.append(("check_racks", placed, racks.value != context.impossible or compute.number is None))


def power_chart(context: Context, hall: HallCells, anchor: tuple[int, int, int, int]) -> Chart:
    """What the facility draws: servers, network, cooling.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    hall
        Cells of the power of the hall, in kW.
    anchor
        First row and column, last row and column, from 1.
    """
    sheet = context.sheet("facility")
    parts = (hall.compute, hall.other, hall.losses)
    label = sheet.put(anchor[0], 15, context.t("fac_facility"), "note")
    total = hall.facility.number
    return Chart(
        "stacked_bar", context.t("chart_power"),
        context.t("chart_power_alt", total="-" if total is None else f"{total:,.1f}"), (label,),
        tuple(
            Series(sheet.cells[cell.row, 1], (cell,), color)
            for cell, color in zip(parts, (COLORS["compute"], COLORS["bubble"], COLORS["air"]), strict=True)
        ),
        anchor, number_format="#,##0", x_title="", y_title="kW",
    )  # fmt: skip
