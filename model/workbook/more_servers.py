"""Spare servers and servers of further types on the facility sheet: one row a type, and the sums that the hall takes in.

Figures of further types are those of the export; their racks follow the limits of the sheet where they stand under the plan's
cooling method.
"""

from __future__ import annotations

import numpy as np

from mitsumori.model.facility.more_servers import More
from mitsumori.model.facility.water import CDU_METHODS
from mitsumori.model.workbook.context import Context, headings, note
from mitsumori.model.workbook.description import Cell, Value
from mitsumori.model.workbook.facility_cells import OptionCells
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.rows import Lines

HEADS = (
    "col_server",
    "col_quantity",
    "col_rack_kw",
    "col_u",
    "col_liquid_share",
    "col_kg",
    "col_per_rack",
    "col_racks",
)
MOST: str = "10^6"
"""Stands for no limit in the least of several."""


def further(facts: Facts) -> bool:
    """Whether anything stands in the hall beside the plan's servers, network and storage."""
    return bool(facts.plan.cluster.spare_servers or facts.plan.further) and facts.known


def plus(facts: Facts, term: str) -> str:
    """A term of a formula, or nothing where the plan has no further servers."""
    return term if further(facts) else ""


def build(context: Context, facts: Facts, lines: Lines, options: OptionCells) -> None:
    """Write the section where the plan has further servers; the names ``fac_more_*`` are what other formulas take.

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
    if not further(facts):
        context.cells["cooled_racks"] = context.cells["out_facility_racks"]
        return
    t, more, spare = context.t, facts.more, facts.plan.cluster.spare_servers
    lines.section("fac_more_section")
    racks: list[Cell] = []
    if more.groups:
        lines.row = headings(context, lines.sheet, lines.row, (*HEADS, "", "", "", "", ""), range(2, 9))
        racks = [_row(context, facts, lines, number, options) for number in range(len(more.groups))]
        lines.row = note(lines.sheet, lines.row, t("fac_more_note"))
        lines.gap()
    lines.heading()
    spares = lines.constant(
        "fac_spare_servers", spare, "servers", "int", t("change_in_mitsumori"), name="fac_more_spare"
    )
    kw, idle = options.rack.power.kw, options.rack.power.idle
    for key, value in _figures(more).items():
        lines.constant(key, value, "kw", "d1", t("fac_more_basis"), name=key)
    shown = facts.shown
    lines.formula("fac_more_kw", context.guard([kw], f"{spares}*{kw}+fac_more_types_kw"),
                  shown(context, "facility.details.more_kw"), "kw", "d1", t("fac_more_kw_basis"),
                  "out_facility_details_more_kw")  # fmt: skip
    lines.formula("fac_more_average_kw", context.guard([idle], f"{spares}*{idle}+fac_more_year_kw"),
                  shown(context, "facility.details.more_average_kw"), "kw", "d1", t("fac_more_average_basis"),
                  "out_facility_details_more_average_kw")  # fmt: skip
    counted: Value = context.impossible if more.racks is None else more.racks
    whole = "+".join(str(cell) for cell in racks) or f"0*{spares}"
    known = [cell for cell in racks if isinstance(cell.value, int | float)]
    formula = f"={whole}" if not racks else context.guard(racks, whole).replace(context.unknown, context.impossible)
    lines.formula("fac_more_racks", formula if known == racks else f'="{context.impossible}"', counted, "racks", "int",
                  name="fac_more_racks")  # fmt: skip
    own = context.cells["out_facility_racks"]
    both: Value = context.impossible
    if isinstance(own.value, float) and more.racks is not None:
        both = own.value + more.racks
    context.cells["cooled_racks"] = lines.formula(
        "fac_cooled_racks", f'=IF(AND(ISNUMBER({own}),ISNUMBER(fac_more_racks)),{own}+fac_more_racks,"{context.impossible}")',
        both, "racks", "int",
    )  # fmt: skip
    lines.gap()


def _figures(more: More) -> dict[str, float]:
    """Sums of the further types by the names that the hall's formulas take."""
    return {
        "fac_more_types_kw": more.kw,
        "fac_more_year_kw": more.average_kw,
        "fac_more_own_kw": more.own_racks_kw,
        "fac_more_racks_kw": more.racks_kw,
        "fac_more_support_kw": more.support_kw,
        "fac_more_liquid_kw": more.liquid_kw,
        "fac_more_cooling_kw": more.cooling_kw(),
        "fac_more_cooling_peak_kw": more.cooling_kw(peak=True),
    }


def _row(context: Context, facts: Facts, lines: Lines, number: int, table: OptionCells) -> Cell:
    """One type: what it is, how many, servers of a rack and racks."""
    group, sheet, row = facts.more.groups[number], lines.sheet, lines.row
    result, part = group.result, facts.plan.facility
    sheet.put(row, 1, result.name, "label")
    count = sheet.put(row, 2, result.servers, "const", "int")
    kw = sheet.put(row, 3, result.kw_each, "const", "d2")
    options = group.options
    height: Value = context.t("no_limit")
    share: Value = height
    weight: Value = height
    if options is not None:
        i = options.index(result.cooling)
        height, share = float(np.asarray(options.load.units)[i]), float(np.asarray(options.load.liquid_fraction)[i])
        known = float(options.load.weight_kg)
        weight = known if known == known else context.t("no_limit")
    cells = [
        sheet.put(row, column, value, "const", fmt)
        for column, value, fmt in ((4, height, "number"), (5, share, "pct"), (6, weight, "number"))
    ]
    lines.row += 1
    live = options is not None and result.cooling == part.cooling and not facts.product
    # Whatever the limits, a server sold with liquid cooling alone has no place behind a rear door.
    live = live and options is not None and not options.excluded[options.index(result.cooling)]
    racks: Value = context.impossible if result.racks is None else result.racks
    if not live:
        sheet.put(row, 7, result.servers_per_rack, "const", "int")
        return sheet.put(row, 8, racks, "const", "int")
    formula = _per_rack(context, kw, cells, table)
    per_rack = sheet.formula(row, 7, formula, result.servers_per_rack, "calc", "int")
    guard = table.rack.guard
    return sheet.formula(
        row,
        8,
        f'=IF({per_rack}>=1,ROUNDUP(ROUND({count}/{per_rack},{guard}),0),"{context.impossible}")',
        racks,
        "calc",
        "int",
    )


def _per_rack(context: Context, kw: Cell, cells: list[Cell], options: OptionCells) -> str:
    """Servers of one rack by the sheet's limits, as in the table of cooling methods."""
    (units, share, weight), chosen, rack = cells, options.chosen, options.rack
    reserve, gap, factor, guard = rack.kva_reserved, rack.gap_units, rack.factor, rack.guard
    limit_kg, floor, point = rack.limit_kg, rack.floor, rack.point
    part = context.plan.facility
    cdu = f"-{part.cdu_units}" if part.cdu_units and part.cooling in CDU_METHODS else ""
    area, tare = f"{rack.footprint}*{rack.aisle}", rack.tare
    parts = (
        f"({rack.units}-{rack.units_reserved}{cdu}+{gap})/({units}+{gap})",
        f"IF(ISNUMBER({chosen.usable}),({chosen.usable}-{reserve})/({kw}/{factor}),{MOST})",
        f"IF(AND(ISNUMBER({chosen.air}),{share}<1),({chosen.air}-{reserve}*{factor})/({kw}*(1-{share})),{MOST})",
        f"IF(AND(ISNUMBER({chosen.liquid}),{share}>0),{chosen.liquid}/({kw}*{share}),{MOST})",
        f"IF(AND(ISNUMBER({limit_kg}),ISNUMBER({weight})),({limit_kg}-{tare})/{weight},{MOST})",
        f"IF(AND(ISNUMBER({floor}),ISNUMBER({weight})),({floor}*{area}-{tare})/{weight},{MOST})",
        f"IF(AND(ISNUMBER({point}),ISNUMBER({weight})),({point}*{rack.footprint}-{tare})/{weight},{MOST})",
    )
    return f"=MAX(0,ROUNDDOWN(ROUND(MIN({','.join(parts)}),{guard}),0))"
