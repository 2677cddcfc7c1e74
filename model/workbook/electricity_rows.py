"""What the electricity over the horizon is made of, under the total of owning in an inner column: no sum takes it again."""

from __future__ import annotations

from mitsumori.model.base.rounding import round_half_up
from mitsumori.model.cost.electricity import PARTS
from mitsumori.model.workbook.description import Cell, Value
from mitsumori.model.workbook.money_lines import EXACT, LINE_HEIGHT, Book

INNER = 4
"""Column of the amounts that are part of the line above."""


def electricity_parts(book: Book, line: Cell) -> None:
    """Demand charge, energy charge, fuel adjustment and levy; the energy charge is what is left of the line in whole units.

    Parameters
    ----------
    book
        The cost sheet, at the row under the total.
    line
        The exact amount of the electricity over the horizon.
    """
    context, sheet, cells, use = book.context, book.sheet, book.context.cells, book.context.input
    details = book.facts.estimate.cost.onprem.details
    month, price, yen = cells["monthly_electricity"], cells["kwh_price"], book.rate("JPY")
    bought, months, whole = cells.get("energy_bought"), cells["months_electricity"], book.printed(line)
    demand = f"({month}-{bought})*{months}" if bought is not None else f"0*{month}"
    exact: dict[str, Cell] = {}
    first = book.row
    for row, name in enumerate(PARTS, first):
        if name == "demand":
            body = demand
        elif name == "energy":
            rest = [f"[[estimate_cost!{chr(64 + EXACT)}{first + at}]]" for at, one in enumerate(PARTS) if one != name]
            body = f"{line}-{'-'.join(rest)}"
        else:
            each = use(f"money.{'fuel_adjustment' if name == 'fuel' else 'surcharge'}_jpy_per_kwh")
            body = f"IF({price}=0,0,({line}-{exact['demand']})*{each}*{yen}/{price})"
        needed = [line, month, price]
        value: Value = context.shown(details[f"electricity_{name}"])
        exact[name] = sheet.formula(row, EXACT, context.guard(needed, body), value, "calc", "number",
                                    name=f"out_cost_onprem_details_electricity_{name}")  # fmt: skip
    others = [name for name in PARTS if name != "energy"]
    for row, name in enumerate(PARTS, first):
        sheet.put(row, 1, context.t(f"electricity_{name}"), "sublabel")
        for column in (2, 3, 5):
            sheet.put(row, column, None, "unit")
        cell = exact[name]
        shown: Value = context.unknown
        if name == "energy":
            formula = context.guard([whole, line], f"{whole}-" + "-".join(f"ROUND({exact[one]},0)" for one in others))
            left = [exact[one].number for one in others]
            if whole.number is not None and None not in left:
                shown = whole.number - sum(float(round_half_up(number or 0.0)) for number in left)
        else:
            formula = f"=IF(ISNUMBER({cell}),ROUND({cell},0),{cell})"
            shown = cell.value if cell.number is None else float(round_half_up(cell.number))
        sheet.formula(row, INNER, formula, shown, "calc", "money")
        sheet.put(row, 6, None, "basis")
        sheet.heights[row] = LINE_HEIGHT
    book.row = first + len(PARTS)
