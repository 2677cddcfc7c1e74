"""Lines of the cost sheet: item, quantity, unit, unit price, amount; conversion, consumption tax."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.rounding import ceil_guarded, round_half_up
from mitsumori.model.cost.case import Case
from mitsumori.model.cost.line_table import open_reasons
from mitsumori.model.cost.money import Offer, consumption_tax
from mitsumori.model.workbook.context import Context, fit_height, headings, section
from mitsumori.model.workbook.description import Cell, Sheet, Value, block
from mitsumori.model.workbook.facts import Facts

WIDTHS = (35.0, 11.0, 9.0, 17.0, 18.0, 60.0)
LINE_HEIGHT = 14.5
"""Points of a line, so that purchase, running costs and the cloud's stand on one page."""
EXACT = 8
"""The column beside the page with the exact amount of a line; the page has it in whole yen, so that what is printed adds up."""


def whole(cell: Cell) -> Value:
    """A cell's amount in whole units of money; a text stays."""
    return cell.value if cell.number is None else float(round_half_up(cell.number))


def whole_formula(cell: str) -> str:
    """The formula of :func:`whole`."""
    return f"=IF(ISNUMBER({cell}),ROUND({cell},0),{cell})"


def rate_of(case: Case, currency: str) -> float:
    """Units of the result's currency for one unit of ``currency``."""
    if currency == case.currency:
        return 1.0
    return float(case.usd_jpy if case.currency == "JPY" else 1.0 / case.usd_jpy)


@dataclass(frozen=True, slots=True)
class Each:
    """What a line counts: a quantity, its unit, and the price of one as a formula with its value."""

    quantity: Cell
    unit: str
    price: str
    price_value: Value
    price_format: str = "money"
    quantity_format: str = "int"


class Book:
    """The cost sheet under construction."""

    def __init__(self, context: Context, facts: Facts) -> None:
        self.context, self.facts, self.case = context, facts, facts.case
        self.sheet: Sheet = context.sheet("estimate_cost")
        self.row = 0
        self.money = context.t(f"unit_money_{context.plan.money.currency}")
        self.fx: dict[str, Cell] = {}

    # --- helpers -------------------------------------------------------------------------------------------------
    def value(self, amount: Num) -> Value:
        """An amount of the model: NaN is the text for unknown."""
        number = float(amount)
        return number if math.isfinite(number) else self.context.unknown

    def guard(self, cells: Sequence[Cell | str], formula: str) -> str:
        """See :meth:`Context.guard`."""
        return self.context.guard(cells, formula)

    def line_value(self, lines: Mapping[str, Num], name: str) -> Value:
        """A line's amount, or the text for one that is left out until it is priced."""
        if name in {open_reasons()[path].key for path in self.facts.quote.open_items}:
            return self.context.t("open")
        return self.value(lines[name])

    def optional(self, quantity: Cell, cells: Sequence[Cell | str], formula: str) -> str:
        """``formula`` where the quantity is a number, else the text that stands in its place."""
        inner = self.context.guard(cells, formula)[1:]
        return f"=IF(ISNUMBER({quantity}),IF({quantity}=0,0,{inner}),{quantity})"

    def times(self, quantity: Cell | str, cells: Sequence[Cell | str], formula: str) -> str:
        """``formula``, zero where the quantity is none, unknown where a cell is."""
        inner = self.context.guard(cells, formula)[1:]
        return f'=IF(ISNUMBER({quantity}),IF({quantity}=0,0,{inner}),"{self.context.unknown}")'

    def line(
        self, key: str, formula: str, value: Value, *, each: Each | None = None, unit: str = "", basis: str | Cell = "",
        name: str | None = None, total: bool = False, fmt: str = "money", printed: tuple[str, Value] | None = None,
    ) -> Cell:  # fmt: skip
        """One line: item, quantity, unit, unit price, amount, basis (a text, or the cell whose text stands there).

        Returns the exact amount's cell, which other formulas refer to; the page has ``printed``, else the same in whole units
        of money (:attr:`Context.printed`). A line that is no amount of money stands on the page as it is.
        """
        sheet, row, t = self.sheet, self.row, self.context.t
        lot = each is None and not unit and key.startswith("line_")
        plain = "total_unit" if total else "unit"
        sheet.put(row, 1, self.context.item(key), "total_label" if total else "label")
        if each is None:
            sheet.put(row, 2, 1 if lot else None, "const_plain" if lot else plain, "int" if lot else "text")
        else:
            sheet.formula(row, 2, f"={each.quantity}", each.quantity.value, "link", each.quantity_format)
        sheet.put(row, 3, t("unit_lot") if lot else unit if each is None else each.unit, plain)
        price: Cell | None = None
        if each is None:
            sheet.put(row, 4, None, plain)
        else:
            price = sheet.formula(row, 4, each.price, each.price_value, "calc", each.price_format)
        role_of_amount = "total" if total else "calc"
        if fmt == "money":
            cell = sheet.formula(row, EXACT, formula, value, "calc", "number", name=name)
            if printed is None:
                whole_price = price if each is not None and each.price_format == "money" else None
                printed = self._printed(cell, None if each is None else each.quantity, whole_price)
            self.context.printed[cell.ref] = sheet.formula(row, 5, *printed, role_of_amount, fmt)
        else:
            cell = sheet.formula(row, 5, formula, value, role_of_amount, fmt, name=name)
        role = "total_basis" if total else "basis"
        if isinstance(basis, Cell):
            sheet.formula(row, 6, f"={basis}", basis.value, role, "text")
        else:
            sheet.put(row, 6, basis, role)
        shown = str(basis.value) if isinstance(basis, Cell) else basis
        fit_height(sheet, row, [(self.context.item(key), WIDTHS[0] - 1, 10), (shown, WIDTHS[5] - 2, 9)], LINE_HEIGHT)
        self.row += 1
        return cell

    def _printed(self, cell: Cell, quantity: Cell | None, each: Cell | None) -> tuple[str, Value]:
        """The amount on the page: whole, and quantity times the whole unit price where there is one."""
        if quantity is None or each is None:
            return whole_formula(str(cell)), whole(cell)
        value = whole(cell)
        if cell.number is not None and each.number is not None and quantity.number is not None:
            value = float(round_half_up(quantity.number * float(round_half_up(each.number))))
        product = f"IF(AND(ISNUMBER({quantity}),ISNUMBER({each})),ROUND({quantity}*ROUND({each},0),0),ROUND({cell},0))"
        return f"=IF(ISNUMBER({cell}),{product},{cell})", value

    def printed(self, cell: Cell) -> Cell:
        """What the page says for an exact amount."""
        return self.context.printed[cell.ref]

    def printed_sum(self, cells: Sequence[Cell]) -> tuple[str, Value]:
        """The sum of the printed amounts of adjacent lines, unknown where one is; texts of what is left out count nothing."""
        unknown = self.context.unknown
        on_page = [self.printed(cell) for cell in cells]
        numbers = block(on_page)
        value: Value = unknown
        if all(cell.value != unknown for cell in on_page):
            value = math.fsum(cell.number or 0.0 for cell in on_page)
        return f'=IF(COUNTIF({numbers},"{unknown}")=0,SUM({numbers}),"{unknown}")', value

    def left_out(self, made: Mapping[str, Cell]) -> Cell:
        """The line that names what the totals of owning leave out until it is priced; the totals refer to it."""
        t, opened = self.context.t, self.context.t("open")
        cells = {line: made[line] for line in (one.key for one in open_reasons().values())}
        said_open = self.sheet.put(self.row, EXACT, opened, "note")
        tests = [f"{cell}={said_open}" for cell in cells.values()]
        pieces, said = [], []
        for (line, cell), test, before in zip(cells.items(), tests, ("", *tests[:-1]), strict=True):
            if before:
                pieces.append(f'IF(AND({before},{test}),"{t("left_out_and")}","")')
            pieces.append(f'IF({test},"{self.context.item(f"line_{line}")}","")')
            if cell.value == opened:
                said.append(self.context.item(f"line_{line}"))
        head, nothing = t("left_out_of_total"), t("left_out_nothing")
        value = head + (t("left_out_and").join(said) or nothing)
        formula = f'="{head}"&IF(OR({",".join(tests)}),{"&".join(pieces)},"{nothing}")'
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, t("cost_left_out"), "label")
        for column in range(2, 6):
            sheet.put(row, column, None, "unit")
        cell = sheet.formula(row, 6, formula, value, "basis", "text", name="out_cost_left_out")
        self.context.cells["out_cost_left_out"] = cell
        fit_height(sheet, row, [(value, WIDTHS[5] - 2, 9)])
        self.row += 1
        return cell

    def constant(self, key: str, value: Value, fmt: str, basis: str = "", role: str = "const", unit: str = "") -> Cell:
        """A constant line."""
        sheet, row = self.sheet, self.row
        sheet.put(row, 1, self.context.t(key), "label")
        for column in (2, 4):
            sheet.put(row, column, None, "unit")
        sheet.put(row, 3, unit, "unit")
        cell = sheet.put(row, 5, value, role, "text" if isinstance(value, str) else fmt)
        sheet.put(row, 6, basis, "basis")
        self.row += 1
        return cell

    def head(self, key: str) -> None:
        """A section with column headings."""
        self.row = section(self.context, self.sheet, self.row, key, money=self.money)
        self.row = headings(self.context, self.sheet, self.row,
                            ("col_item", "col_quantity", "col_unit", "col_unit_price", "col_amount", "col_basis"),
                            (2, 4, 5))  # fmt: skip
        self.sheet.put(self.row - 1, EXACT, self.context.t("col_exact"), "note")

    def rate(self, currency: str) -> Cell:
        """Units of the result's currency for one unit of ``currency``."""
        return self.fx[currency]

    def converted(self, path: str, own: str, listed: str, offer: Offer) -> str:
        """A price in the result's currency (no ``=``): the input's, else the catalogue's in its own currency."""
        entered, fx, unknown = self.context.inputs[path], self.rate(own), self.context.unknown
        mine = f'IF(ISNUMBER({fx}),{entered}*{fx},"{unknown}")'
        if offer.value is None:
            return f'IF(ISNUMBER({entered}),{mine},"{unknown}")'
        price = listed
        if listed[10:] in self.facts.offers and self.facts.price_includes_tax:
            price = f"{listed}/(1+use_money_tax_rate)"
        other = self.rate(offer.currency)
        theirs = f'IF(ISNUMBER({other}),{price}*{other},"{unknown}")'
        return f"IF(ISNUMBER({entered}),{mine},{theirs})"

    def tax(self, taxable: str, known: Sequence[Cell | str], amount: float, key: str, name: str | None = None, *,
            on_page: Sequence[Cell] = ()) -> Cell:  # fmt: skip
        """One line of consumption tax, rounded once as the settings say.

        ``on_page``: the printed subtotal and the printed amounts in it that bear no tax; the page has their tax in whole units.
        """
        rule = self.context.settings.tax_rounding
        function = {"down": "ROUNDDOWN", "half_up": "ROUND", "up": "ROUNDUP"}[rule]
        guard, decimals = self.context.cells["cst_guard"], self.context.cells["cst_tax_decimals"]
        rate, money = self.context.input("money.tax_rate"), self.context.plan.money

        def formula(base: str, places: Cell | int) -> str:
            inner = f"({base})*{rate}"
            digits = f"ROUND({inner},{guard})" if function != "ROUND" else inner
            return f"{function}({digits},{places})"

        printed: tuple[str, Value] | None = None
        if on_page:
            first, *free = on_page
            base = f"{first}" + "".join(f"-{cell}" for cell in free)
            numbers = [cell.number for cell in on_page]
            amount_on_page = (
                math.nan if None in numbers else (numbers[0] or 0.0) - math.fsum(n or 0.0 for n in numbers[1:])
            )
            printed = (
                self.guard([*on_page], formula(base, 0)),
                self.value(tax_of(amount_on_page, money.tax_rate, "JPY", rule)),
            )
        return self.line(key, self.guard(known, formula(taxable, decimals)),
                         self.value(tax_of(amount, money.tax_rate, money.currency, rule)),
                         basis=self.context.t(f"tax_{rule}_basis"), name=name, printed=printed)  # fmt: skip

    def with_tax(
        self, subtotal: Cell, tax: Cell, value: Value, name: str | None = None, noted: str | Cell = ""
    ) -> Cell:
        """The line of a total with its tax."""
        one, two = self.printed(subtotal), self.printed(tax)
        known = one.number is not None and two.number is not None
        shown: Value = (one.number or 0.0) + (two.number or 0.0) if known else self.context.unknown
        return self.line("cost_with_tax", self.guard([subtotal, tax], f"{subtotal}+{tax}"), value, total=True, name=name,
                         basis=noted, printed=(self.guard([one, two], f"{one}+{two}"), shown))  # fmt: skip


def tax_of(taxable: float, rate: float, currency: str, rule: str) -> float:
    """Consumption tax of a subtotal under a rounding rule; the program's own where it cuts.

    Parameters
    ----------
    taxable
        Amount without tax; NaN unknown.
    rate
        Tax rate, 0-1.
    currency
        JPY (whole yen) or USD (whole cents).
    rule
        ``down``, ``half_up`` or ``up``.
    """
    if not math.isfinite(taxable):
        return taxable
    if rule == "down":
        return float(consumption_tax(taxable, rate, currency))
    scale = 1.0 if currency == "JPY" else 100.0
    amount = taxable * rate * scale
    return float(round_half_up(amount) if rule == "half_up" else ceil_guarded(amount)) / scale
