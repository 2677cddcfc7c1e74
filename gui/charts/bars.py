"""Bars in rows: the step's parts, limits of cooling methods, cost lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, HeldRange
from mitsumori.gui.charts.numbers import number, percent
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_text,
    hline,
    inside_label,
    line_height,
    outline,
    text_width,
    u,
    vline,
    wrap,
)
from mitsumori.gui.charts.series import Series, named, series_of
from mitsumori.gui.tables.columns import Cell, Table
from mitsumori.gui.tables.columns import Column as Heading

translate = QCoreApplication.translate

_PALE = ("mem_reserve", "time_data", "cost_tax_insurance", "cost_install_cooling", "cloud_support")
"""Fills under 3:1 on the card: outlined, so that their end is seen."""


def filled(painter: QPainter, rect: QRectF, ink: str, radius: float = 2.0) -> None:
    """A part's bar; pale colours get an outline."""
    bar(painter, rect, ink, radius)
    if ink in _PALE and rect.width() > 2 and rect.height() > 2:
        outline(painter, rect, "line_strong", 1, radius)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: name, value (None unknown), colour token, the value as text, and a note."""

    name: str
    value: float | None
    ink: str
    text: str
    note: str = ""
    key: object = None
    short: str = ""


class SegmentBar(Chart):
    """One bar cut into parts with a head line above: the step at a glance."""

    least = (240, 56)

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self._left = ""
        self._right = ""

    def set_data(self, parts: Sequence[Part], left: str, right: str) -> None:
        """Parts in order, and the words above."""
        self._parts, self._left, self._right = tuple(parts), left, right
        self.shown(parts, left, right)

    def table(self) -> Table:
        """Part, value, share."""
        return parts_table(self._parts)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """The head, then the parts to scale with direct labels."""
        head = line_height(13)
        draw_text(painter, rect.left(), rect.top() + head / 2, self._left, 13, NORMAL, "text_2")
        draw_text(painter, rect.right(), rect.top() + head / 2, self._right, 13, NORMAL, "text_2", RIGHT)
        total = sum(part.value or 0.0 for part in self._parts)
        if total <= 0:
            return
        unnamed: list[Part] = []
        top = rect.top() + head + u(5)
        height = min(u(28), rect.bottom() - top)
        x = rect.left()
        for part in self._parts:
            width = rect.width() * (part.value or 0.0) / total
            if width <= 0:
                continue
            box = QRectF(x, top, max(1.0, width - 1.5), height)
            filled(painter, box, part.ink)
            share = percent((part.value or 0.0) / total)
            for text in (f"{part.name} {share}", f"{part.short or part.name} {share}", part.short or part.name):
                if inside_label(painter, box, text, 13, SEMIBOLD, color(part.ink)):
                    break
            else:
                if width >= 3:  # what cannot be seen needs no name
                    unnamed.append(part)
            self.mark(box, f"{part.name}: {part.text}\n{share}", part.key)
            x += width
        room = rect.width() - text_width(self._left, 13) - text_width(self._right, 13) - u(16)
        self._legend(painter, rect.right() - text_width(self._right, 13), rect.top() + head / 2, room, unnamed)

    @staticmethod
    def _legend(painter: QPainter, right: float, y: float, room: float, parts: Sequence[Part]) -> None:
        """Names of parts too narrow for theirs, in the head between the words: as many as have room, largest first."""
        chosen: list[Part] = []
        for part in sorted(parts, key=lambda part: -(part.value or 0.0)):
            need = u(16 + 16) + text_width(part.short or part.name, 12)
            if need > room:
                break
            room -= need
            chosen.append(part)
        for part in reversed([part for part in parts if part in chosen]):
            name = part.short or part.name
            x = right - u(16) - text_width(name, 12)
            draw_text(painter, x, y, name, 12, NORMAL, "text_2")
            filled(painter, QRectF(x - u(15), y - u(5), u(10), u(10)), part.ink)
            right = x - u(16)


def parts_table(parts: Sequence[Part], unit: str = "s") -> Table:
    """Part, value in ``unit`` and share of the sum."""
    total = sum(part.value or 0.0 for part in parts)
    columns = (
        Heading(translate("Charts", "Part")),
        Heading(translate("Charts", "Value"), unit, number=True),
        Heading(translate("Charts", "Share"), "%", number=True),
    )
    rows = []
    for part in parts:
        share = part.value / total if part.value is not None and total else None
        shown = Cell(percent(share), None if share is None else 100 * share)
        rows.append((Cell(part.name), Cell(part.text, part.value), shown))
    return Table(columns, tuple(rows), tuple(part.key for part in parts))


class PartBars(Chart):
    """Parts as rows: name, bar, value, share; a sum below a rule."""

    least = (300, 190)

    def __init__(self, shares: bool = True) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self._sum: tuple[str, str, str] | None = None
        self._shares = shares
        self._range = HeldRange()

    def set_data(self, parts: Sequence[Part], total: tuple[str, str, str] | None = None) -> None:
        """Parts in fixed order; ``total`` is name, value and a remark."""
        self._parts, self._sum = tuple(parts), total
        self.shown(parts, total)

    def table(self) -> Table:
        """Part, value, share, and the sum."""
        found = parts_table(self._parts)
        if self._sum is None:
            return found
        total = sum(part.value or 0.0 for part in self._parts)
        last = (Cell(self._sum[0]), Cell(self._sum[1], total), Cell(self._sum[2], raw=""))
        return Table(found.heads, (*found.rows, last), (*found.keys, None))

    def series(self) -> tuple[Series, ...]:
        """The parts without their sum."""
        return series_of(parts_table(self._parts))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the rows."""
        if not self._parts:
            return
        rows = len(self._parts) + (1.15 if self._sum else 0.0)
        pitch = min(u(56), rect.height() / rows)
        height = min(u(28), pitch * 0.72)
        px = 14 if pitch >= u(23) else 13
        names = max(text_width(part.name, px) for part in self._parts)
        if self._sum:
            names = max(names, text_width(self._sum[0], px, SEMIBOLD))
        names = min(names, rect.width() * 0.5)
        share_w = text_width("100 %", 13) + u(8) if self._shares else 0.0
        value_w = max(text_width(part.text, px, SEMIBOLD) for part in self._parts) + u(8)
        most = max((part.value or 0.0) for part in self._parts)
        total = sum(part.value or 0.0 for part in self._parts)
        _, end = self._range.fit(0.0, most, most=most)
        left = rect.left() + names + u(12)
        room = max(u(16), rect.right() - share_w - value_w - left)
        y = rect.top()
        for part in self._parts:
            middle = y + pitch / 2
            _name(painter, part.name, left - u(12), middle, names, px, pitch)
            width = room * (part.value or 0.0) / end if end > 0 else 0.0
            box = QRectF(left, middle - height / 2, max(2.0 if part.value else 0.0, width), height)
            if part.value is not None and part.value > 0:
                filled(painter, box, part.ink)
            ink = "text" if part.value is not None else "marginal"
            draw_text(painter, box.right() + u(8), middle, part.text, px, SEMIBOLD, ink)
            if self._shares and part.value is not None and total > 0:
                draw_text(painter, rect.right(), middle, percent(part.value / total), 13, NORMAL, "text_3", RIGHT)
            self.mark(
                QRectF(rect.left(), y, rect.width(), pitch), f"{part.name}: {part.text}\n{part.note}".strip(), part.key
            )
            y += pitch
        if self._sum:
            hline(painter, y + u(1), left, rect.right(), "line_strong")
            middle = y + pitch * 0.15 + pitch / 2
            draw_text(painter, left - u(12), middle, self._sum[0], px, SEMIBOLD, "text", RIGHT)
            total_box = draw_text(painter, left, middle, self._sum[1], px + 1, SEMIBOLD)
            if total_box.right() + u(8) + text_width(self._sum[2], px) <= rect.right():
                draw_text(painter, rect.right(), middle, self._sum[2], px, NORMAL, "text_2", RIGHT)


def _name(painter: QPainter, name: str, right: float, middle: float, room: float, px: float, pitch: float) -> None:
    """A row's name at the left of its bar: smaller, then on two lines, where it is longer than its column."""
    if text_width(name, px) > room:
        px = 12
    lines = wrap(name, px, NORMAL, room, 2) if pitch >= u(26) else [name]
    step = line_height(px) - 2
    for index, line in enumerate(lines):
        draw_text(painter, right, middle + step * (index - (len(lines) - 1) / 2), line, px, NORMAL, "text", RIGHT)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A value against its own limit."""

    name: str
    note: str
    value: float | None
    limit: float | None
    text: str
    bad: bool = False
    strong: bool = False
    key: object = None


class LimitBars(Chart):
    """Values against limits on one axis: kVA of the fullest rack for each cooling method."""

    least = (300, 170)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[LimitRow, ...] = ()
        self._foot = ""

    def set_data(self, rows: Sequence[LimitRow], foot: str = "") -> None:
        """Rows and a line that explains the mark."""
        self._rows, self._foot = tuple(rows), foot
        self.shown(rows, foot)

    def table(self) -> Table:
        """Name, note, value and limit."""
        columns = (
            Heading(translate("Charts", "Method")),
            Heading(translate("Charts", "Servers")),
            Heading(translate("Charts", "Used"), "kVA", number=True),
            Heading(translate("Charts", "Limit"), "kVA", number=True),
        )
        rows = tuple(
            (Cell(row.name), Cell(row.note), *(Cell(number(value), value) for value in (row.value, row.limit)))
            for row in self._rows
        )
        return Table(columns, rows)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Name and note at left, a track to the limit, the value, the limit as a line."""
        if not self._rows:
            return
        foot = u(26) if self._foot else 0.0
        pitch = min(u(70), (rect.height() - foot) / len(self._rows))
        names = max(max(text_width(r.name, 14, SEMIBOLD), text_width(r.note, 12)) for r in self._rows) + u(12)
        names = min(names, rect.width() * 0.45)
        values = max(text_width(r.text, 14, SEMIBOLD) for r in self._rows) + u(12)
        end = max(max(r.limit or 0.0, r.value or 0.0) for r in self._rows) or 1.0
        left = rect.left() + names
        room = max(u(30), rect.width() - names - values)
        height = min(u(28), pitch * 0.6)
        y = rect.top()
        for row in self._rows:
            middle = y + pitch / 2
            two = bool(row.note) and pitch >= u(32)
            shift = line_height(12) / 2 if two else 0.0
            weight = SEMIBOLD if row.strong else NORMAL
            px = 14 if text_width(row.name, 14, weight) <= names - u(12) else 12
            draw_text(painter, left - u(12), middle - shift, row.name, px, weight, "text", RIGHT)
            if two:
                draw_text(painter, left - u(12), middle + shift + 1, row.note, 12, NORMAL, "text_3", RIGHT)
            ends = left
            if row.limit:
                bar(painter, QRectF(left, middle - height / 2, room * row.limit / end, height), "sunken", 2)
                ends = left + room * row.limit / end
            if row.value:
                fill = "bad" if row.bad else "accent"
                bar(painter, QRectF(left, middle - height / 2, room * row.value / end, height), fill, 2)
                ends = max(ends, left + room * row.value / end)
            if row.limit:
                x = left + room * row.limit / end
                vline(painter, x, middle - height / 2 - u(4), middle + height / 2 + u(4), "text", 2)
            draw_text(painter, ends + u(9), middle, row.text, 14, SEMIBOLD, "bad" if row.bad else "text")
            self.mark(QRectF(rect.left(), y, rect.width(), pitch), f"{row.name}\n{row.note}\n{row.text}", row.key)
            y += pitch
        if self._foot:
            at = min(left, rect.right() - text_width(self._foot, 12))
            draw_text(painter, max(rect.left(), at), y + foot / 2, self._foot, 12, NORMAL, "text_3")


@dataclass(frozen=True, slots=True)
class Column:
    """One stacked column: name, its colour, total as text, parts from the bottom."""

    name: str
    ink: str
    total: str
    parts: tuple[Part, ...]


def _known_sum(column: Column) -> float | None:
    """The sum of a column; None where a part of it is unknown."""
    values = [part.value for part in column.parts]
    return None if any(value is None for value in values) else sum(value or 0.0 for value in values)


class CostStack(Chart):
    """Two stacked columns on one scale, and the lines of the owned one as bars."""

    least = (380, 210)

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._lines: tuple[Part, ...] = ()
        self._unit = self._currency = ""
        self._range = HeldRange()

    def set_data(self, columns: Sequence[Column], lines: Sequence[Part], unit: str, currency: str = "") -> None:
        """Columns (cloud, owned), the owned lines, the unit of the texts and the currency of the values."""
        self._columns, self._lines, self._unit, self._currency = tuple(columns), tuple(lines), unit, currency
        self.shown(columns, lines, unit)

    def table(self) -> Table:
        """Side, line, amount."""
        columns = (
            Heading(translate("Cost", "Line")),
            Heading(translate("Cost", "Side")),
            Heading(translate("Cost", "Amount"), self._currency, number=True),
        )
        rows = tuple(
            (Cell(part.name), Cell(column.name), Cell(part.text, part.value))
            for column in self._columns
            for part in column.parts
        )
        totals = tuple(
            (Cell(translate("Cost", "Total")), Cell(column.name), Cell(column.total, _known_sum(column)))
            for column in self._columns
        )
        keys = tuple(part.key for column in self._columns for part in column.parts)
        return Table(columns, rows + totals, keys + (None,) * len(totals))

    def series(self) -> tuple[Series, ...]:
        """The lines of each side, without the totals."""
        return tuple(
            named(
                column.name, [part.name for part in column.parts], [part.value for part in column.parts], self._currency
            )
            for column in self._columns
        )

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Columns at left, line bars at right."""
        if not self._columns:
            return
        foot = u(24)
        base = rect.bottom() - foot
        heads = u(26)
        most = max(sum(part.value or 0.0 for part in column.parts) for column in self._columns)
        _, end = self._range.fit(0.0, most, most=most)
        label_w = max(
            max(text_width(column.name, 14, SEMIBOLD), text_width(column.total, 15, SEMIBOLD))
            for column in self._columns
        )
        width = min(u(76), max(u(48), rect.width() * 0.14))
        pitch = max(width + u(22), label_w + u(10))
        room = base - rect.top() - heads
        for index, column in enumerate(self._columns):
            centre = rect.left() + pitch * (index + 0.5)
            y = base
            for part in column.parts:
                if not part.value:
                    continue
                height = room * part.value / end if end > 0 else 0.0
                box = QRectF(centre - width / 2, y - height, width, max(0.8, height - (1.5 if height > 3 else 0)))
                filled(painter, box, part.ink, 1)
                self.mark(box, f"{column.name}\n{part.name}: {part.text}", part.key)
                y -= height
            draw_text(painter, centre, y - u(13), column.total, 15, SEMIBOLD, "text", CENTER)
            draw_text(painter, centre, base + foot / 2 + 2, column.name, 14, SEMIBOLD, column.ink, CENTER)
        hline(painter, base, rect.left(), rect.right(), "line_strong")
        draw_text(painter, rect.right(), base + foot / 2 + 2, self._unit, 12, NORMAL, "text_3", RIGHT)
        self._rows(
            painter, QRectF(rect.left() + pitch * len(self._columns) + u(18), rect.top(), 0, base - rect.top()), rect
        )

    def _rows(self, painter: QPainter, area: QRectF, rect: QRectF) -> None:
        if not self._lines:
            return
        pitch = min(u(28), (area.height() - u(4)) / len(self._lines))
        names = max(text_width(part.name, 13) for part in self._lines) + u(10)
        values = max(text_width(part.text, 13, SEMIBOLD) for part in self._lines) + u(8)
        # Where names are long they give way to the values, which are what the row is for.
        names = min(names, rect.right() - area.left() - values - u(22))
        left = area.left() + names
        room = max(u(12), rect.right() - left - values)
        most = max(part.value or 0.0 for part in self._lines) or 1.0
        y = area.top()
        for part in self._lines:
            middle = y + pitch / 2
            _name(painter, part.name, left - u(10), middle, names - u(4), 13, pitch)
            height = min(u(18), pitch * 0.72)
            if room < u(28):
                # No room for bars of different length: a square in the line's colour ties it to the stack.
                box = QRectF(left, middle - u(5), u(10), u(10))
            else:
                box = QRectF(left, middle - height / 2, room * (part.value or 0.0) / most, height)
            if part.value:
                filled(painter, box, part.ink)
            ink = "text" if part.value is not None else "marginal"
            draw_text(painter, box.right() + u(8), middle, part.text, 13, SEMIBOLD, ink)
            row = QRectF(area.left(), y, rect.right() - area.left(), pitch)
            self.mark(row, f"{part.name}: {part.text}\n{part.note}".strip(), part.key)
            y += pitch
