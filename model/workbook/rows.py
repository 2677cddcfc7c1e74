"""Lines of a sheet: label, value, unit, basis, always in the same four columns."""

from __future__ import annotations

from dataclasses import dataclass

from mitsumori.model.base.messages import keys
from mitsumori.model.workbook.context import Context, fit_height, headings, section
from mitsumori.model.workbook.description import Cell, Sheet, Value
from mitsumori.model.workbook.styles import DAYS

WIDTHS = (44.0, 22.0, 16.0, 60.0)


@dataclass(slots=True)
class Lines:
    """Writes lines downwards; ``row`` is the next free one."""

    context: Context
    sheet: Sheet
    row: int
    span: int = 0
    """Last column of the basis; 0 is the sheet's last."""

    def section(self, key: str, **values: object) -> None:
        """A section heading, after a blank row."""
        self.row = section(self.context, self.sheet, self.row, key, **values)

    def heading(self) -> None:
        """The column headings."""
        last = self.span or len(self.sheet.widths)
        names = ("col_item", "col_value", "col_unit", "col_basis", *([""] * (last - 4)))
        self.row = headings(self.context, self.sheet, self.row, names, (2,))

    def gap(self, rows: int = 1) -> None:
        """Blank rows."""
        self.row += rows

    def formula(
        self, key: str, formula: str, value: Value, unit: str = "none", fmt: str = "number", basis: str | Cell = "",
        name: str | None = None, *, label: str = "", total: bool = False, role: str = "",
    ) -> Cell:  # fmt: skip
        """A formula line; the basis is a text, or the cell whose text stands there."""
        cell = self.sheet.formula(self.row, 2, formula, value, role or ("total" if total else "calc"), fmt, name=name)
        if name:
            self.context.cells[name] = cell
        self._around(label or self.context.t(key), unit, basis, total, cell if fmt in DAYS else None)
        return cell

    def constant(
        self, key: str, value: Value, unit: str = "none", fmt: str = "number", basis: str = "", role: str = "const",
        name: str | None = None, *, label: str = "",
    ) -> Cell:  # fmt: skip
        """A constant line: a catalogue figure, or a predicted one (role ``pasted``)."""
        cell = self.sheet.put(self.row, 2, value, role, "text" if isinstance(value, str) else fmt)
        if name:
            self.context.cells[name] = self.context.workbook.define(name, cell)
        self._around(label or self.context.t(key), unit, basis, False)
        return cell

    def link(self, key: str, cell: Cell, unit: str = "none", fmt: str = "number", basis: str = "") -> Cell:
        """The same figure as elsewhere."""
        made = self.sheet.formula(self.row, 2, f"={cell}", cell.value, "link", fmt)
        self._around(self.context.t(key), unit, basis, False)
        return made

    def _around(self, label: str, unit: str, basis: str | Cell, total: bool, days: Cell | None = None) -> None:
        sheet, row = self.sheet, self.row
        shown = self.context.t(f"unit_{unit}") if f"unit_{unit}" in keys("workbook") else unit
        sheet.put(row, 1, label, "total_label" if total else "label")
        unit_role = "total_unit" if total else "unit"
        if days is None:
            sheet.put(row, 3, shown, unit_role)
        else:  # hours and minutes below a day have their units in them
            short = days.number is not None and days.number < 1
            sheet.formula(row, 3, f'=IF(ISNUMBER({days}),IF({days}<1,"","{shown}"),"{shown}")', "" if short else shown,
                          unit_role, "text")  # fmt: skip
        role = "total_basis" if total else "basis"
        if isinstance(basis, Cell):
            basis = str(sheet.formula(row, 4, f"={basis}", basis.value, role, "text").value)
        else:
            sheet.put(row, 4, basis, role)
        widths = sheet.widths
        last = self.span or len(widths)
        for column in range(5, last + 1):
            sheet.put(row, column, None, role)
        if last > 4:
            sheet.merge(row, 4, last)
        fit_height(sheet, row, [(label, widths[0], 10), (basis, sum(widths[3:last]) - 2, 9)])
        self.row += 1
