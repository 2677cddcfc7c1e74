"""The lines of the quotation on the cover: quantity, unit, unit price and amount in whole yen that add up, and the total.

Every amount is a printed one of the sheet of costs, so that both say the same to the yen; running costs are months times the
printed amount of a month.
"""

from __future__ import annotations

from mitsumori.model.cost.line_table import keys_of
from mitsumori.model.workbook.context import Context, fit_height
from mitsumori.model.workbook.description import Cell, Sheet, Value
from mitsumori.model.workbook.money_lines import whole, whole_formula

WIDTH_ITEM, WIDTH_REMARK = 40.0, 38.0
NUMBER, ITEM, QUANTITY, UNIT, PRICE, AMOUNT, REMARK = range(1, 8)


def build(context: Context, sheet: Sheet, row: int) -> int:
    """Write the total and, from ``row``, the lines; returns the next row.

    Parameters
    ----------
    context
        The export under construction: plan, estimate, texts, and the cells that other sheets refer to.
    sheet
        Sheet of the description that is written to.
    row
        Row of the headings of the lines.
    """
    lines = _Lines(context, sheet, row)
    lines.head()
    first = [lines.initial(name) for name in keys_of("onprem", "start") if f"initial_{name}" in context.cells]
    initial = context.printed[context.cells["out_cost_onprem_initial"].ref]
    lines.sum("quote_initial", initial)
    _check(context, first, initial)
    months = context.cells["months_own"]
    running = context.cells["printed_running"]
    month, each = running.value, f"{running}"
    lines.line("quote_running", f"={months}", months.number, "unit_months", (each, month), "quote_running_note")
    over = lines.rows[-1]
    tax_line = lines.single("quote_property_tax", context.cells["property_tax_total"], "quote_property_tax_note")
    changes = [lines.changes()]
    if "total_interim" in context.cells:
        changes.append(lines.single("quote_interim", context.cells["total_interim"], "quote_interim_note"))
    residual = lines.single("quote_residual", context.cells["out_cost_onprem_lines_residual"], "line_residual_note")
    whole = context.printed[context.cells["out_cost_onprem_total"].ref]
    tax = context.printed[context.cells["out_cost_onprem_details_consumption_tax"].ref]
    with_tax = context.printed[context.cells["out_cost_onprem_details_total_with_tax"].ref]
    lines.sum("quote_total", whole)
    lines.sum("quote_tax", tax, context.t("quote_tax_note"))
    lines.sum("quote_with_tax", with_tax)
    _check(context, [initial, over, tax_line, *changes, residual], whole, "check_quote")
    _box(context, sheet, with_tax)
    return lines.row


def _check(context: Context, parts: list[Cell], whole: Cell, key: str = "check_quote_initial") -> None:
    added = "SUM(" + ",".join(str(cell) for cell in parts) + ")"
    context.checks.append((key, f"IF(ISNUMBER({whole}),ABS({added}-{whole})<1,1=1)", True))


def _box(context: Context, sheet: Sheet, with_tax: Cell) -> None:
    """The total with tax in large figures, what it leaves out, and the initial part beside it."""
    t = context.t
    sheet.put(13, 1, t("quote_box"), "box_total_label")
    fmt = "box_JPY" if context.plan.money.currency == "JPY" else "box_USD"
    sheet.formula(13, 2, f"={with_tax}", with_tax.value, "box_total", fmt, name="out_quote_total_with_tax")
    for column in (3, 4):
        sheet.put(13, column, None, "box_total")
    sheet.merge(13, 2, 4)
    sheet.heights[13] = 32
    left_out = context.cells["out_cost_left_out"]
    sheet.formula(14, 1, f"={left_out}", left_out.value, "cover_open", "text")
    sheet.merge(14, 1, 4)
    sheet.heights[14] = 24
    sheet.heights[15] = 5


class _Lines:
    """The table under construction."""

    def __init__(self, context: Context, sheet: Sheet, row: int) -> None:
        self.context, self.sheet, self.row, self.count = context, sheet, row, 0
        self.rows: list[Cell] = []

    def head(self) -> None:
        money = self.context.t(f"unit_money_{self.context.plan.money.currency}")
        texts = [self.context.t(key, money=money) for key in (
            "col_number", "quote_item", "col_quantity", "col_unit", "quote_price", "quote_amount", "quote_remark")]  # fmt: skip
        for column, text in enumerate(texts, 1):
            number = column in (QUANTITY, PRICE, AMOUNT)
            self.sheet.put(self.row, column, text, "heading_number" if number else "heading")
        self.sheet.heights[self.row] = 20
        self.row += 1

    def _start(self, key: str, unit: str, remark: str) -> None:
        self.count += 1
        sheet, row, t = self.sheet, self.row, self.context.t
        sheet.put(row, NUMBER, self.count, "cell_text", "int")
        sheet.put(row, ITEM, self.context.item(key), "label")
        sheet.put(row, UNIT, t(unit), "unit")
        sheet.put(row, REMARK, remark, "cover_remark")
        fit_height(sheet, row, [(self.context.item(key), WIDTH_ITEM, 10), (remark, WIDTH_REMARK, 10)], 15.5)
        self.row += 1

    def initial(self, name: str) -> Cell:
        """A line paid at the start: its own quantity and unit price where the sheet of costs has them, else one lot."""
        exact = self.context.cells[f"initial_{name}"]
        on_page = self.context.printed[exact.ref]
        source = self.context.sheet("estimate_cost")
        quantity, price = source.cells[exact.row, 2], source.cells[exact.row, 4]
        remark = self.context.resolved_name if name == "servers" else ""
        counted = price.formula is not None
        row = self.row
        self._start(f"line_{name}", {"servers": "unit_servers", "cooling": "unit_racks"}.get(name, "unit_lot"), remark)
        sheet = self.sheet
        if counted:
            sheet.formula(row, QUANTITY, f"={quantity}", quantity.value, "calc", "int")
            shown = whole_formula(str(price)), whole(price)
            sheet.formula(row, PRICE, shown[0], shown[1], "calc", "money")
        else:
            sheet.put(row, QUANTITY, 1, "const_plain", "int")
            sheet.formula(row, PRICE, f"={on_page}", on_page.value, "calc", "money")
        return sheet.formula(row, AMOUNT, f"={on_page}", on_page.value, "calc", "money")

    def single(self, key: str, exact: Cell, remark: str) -> Cell:
        """A line of one lot."""
        on_page, row = self.context.printed[exact.ref], self.row
        self._start(key, "unit_lot", self.context.t(remark))
        self.sheet.put(row, QUANTITY, 1, "const_plain", "int")
        self.sheet.formula(row, PRICE, f"={on_page}", on_page.value, "calc", "money")
        return self.sheet.formula(row, AMOUNT, f"={on_page}", on_page.value, "calc", "money")

    def changes(self) -> Cell:
        """What changes of prices and of use, a refresh and the disposal add over the horizon, as printed."""
        row, exact = self.row, self.context.cells["printed_changes"]
        self._start("quote_changes", "unit_lot", self.context.t("quote_changes_note"))
        self.sheet.put(row, QUANTITY, 1, "const_plain", "int")
        amount = self.sheet.formula(row, AMOUNT, f"={exact}", exact.value, "calc", "money")
        self.sheet.formula(row, PRICE, f"={amount}", amount.value, "calc", "money")
        return amount

    def line(
        self, key: str, quantity: str, count: float | None, unit: str, price: tuple[str, Value], remark: str
    ) -> None:
        """A line of quantity times unit price."""
        row, sheet = self.row, self.sheet
        self._start(key, unit, self.context.t(remark))
        many = sheet.formula(row, QUANTITY, quantity, count, "calc", "int")
        each = sheet.formula(row, PRICE, f"={price[0]}", price[1], "calc", "money")
        amount: Value = self.context.unknown
        if each.number is not None and many.number is not None:
            amount = each.number * many.number
        self.rows.append(
            sheet.formula(row, AMOUNT, self.context.guard([many, each], f"{many}*{each}"), amount, "calc", "money")
        )

    def sum(self, key: str, on_page: Cell, remark: str = "") -> None:
        """A sum over the lines above."""
        sheet, row = self.sheet, self.row
        sheet.put(row, NUMBER, None, "total_unit")
        sheet.put(row, ITEM, self.context.t(key), "total_label")
        for column in (QUANTITY, UNIT, PRICE):
            sheet.put(row, column, None, "total_unit")
        sheet.formula(row, AMOUNT, f"={on_page}", on_page.value, "total", "money")
        sheet.put(row, REMARK, remark, "total_remark")
        sheet.heights[row] = 16
        self.row += 1
