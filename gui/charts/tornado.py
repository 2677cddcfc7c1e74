"""What drives the result: one factor at a time from its low to its high, sorted by effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, HeldRange
from mitsumori.gui.charts.numbers import plain
from mitsumori.gui.charts.painting import (
    CENTER,
    LEFT,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    Scale,
    bar,
    color,
    draw_text,
    inside_label,
    linear_ticks,
    text_width,
    u,
    vline,
)
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class TornadoRow:
    """A factor: savings at its low and high value, the values as text, what the break-even becomes."""

    name: str
    low: float
    high: float
    low_text: str
    high_text: str
    flips: bool = False
    note: str = ""
    key: object = None


class Tornado(Chart):
    """Bars from the base to both ends; the dashed line is where the winner changes."""

    least = (360, 200)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[TornadoRow, ...] = ()
        self._base = 0.0
        self._base_text = ""
        self._factor = 1.0
        self._unit = ""
        self._range = HeldRange()

    def set_data(self, rows: Sequence[TornadoRow], base: float, base_text: str, factor: float, unit: str) -> None:
        """Rows, largest effect first; amounts are divided by ``factor`` on the axis."""
        self._rows, self._base, self._base_text = tuple(rows), base, base_text
        self._factor, self._unit = factor, unit
        self.shown(rows, base, base_text, factor, unit)

    def table(self) -> Table:
        """Factor, both values and both results."""
        headers = (
            translate("Cost", "Factor"),
            translate("Cost", "Low"),
            Column(translate("Cost", "Saving at low"), self._unit, number=True),
            translate("Cost", "High"),
            Column(translate("Cost", "Saving at high"), self._unit, number=True),
            translate("Cost", "Changes the winner"),
        )
        yes, no = translate("Cost", "yes"), translate("Cost", "no")
        rows = tuple(
            (
                row.name,
                row.low_text,
                Cell(plain(round(row.low / self._factor, 2)), row.low / self._factor),
                row.high_text,
                Cell(plain(round(row.high / self._factor, 2)), row.high / self._factor),
                yes if row.flips else no,
            )
            for row in self._rows
        )
        return Table(headers, rows, tuple(row.key for row in self._rows))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Names, bars, ends, base line, zero line, axis."""
        if not self._rows:
            return
        names = min(max(text_width(row.name, 13) for row in self._rows) + u(12), rect.width() * 0.42)
        ends = max(max(text_width(row.low_text, 12), text_width(row.high_text, 12)) for row in self._rows) + u(10)
        low = min(0.0, self._base, *(min(row.low, row.high) for row in self._rows))
        high = max(0.0, self._base, *(max(row.low, row.high) for row in self._rows))
        margin = (high - low) * 0.03 or 1.0
        low, high = self._range.fit(low - margin, high + margin, least=low, most=high)
        head, foot = u(20), u(22)
        scale = Scale(low, high, rect.left() + names + ends * 0.5, rect.right() - ends)
        pitch = min(u(32), (rect.height() - head - foot) / len(self._rows))
        height = pitch * 0.72
        top, bottom = rect.top() + head, rect.top() + head + pitch * len(self._rows)
        zero, base = scale(0.0), scale(self._base)
        flip_text = translate("Cost", "Winner changes")
        base_half = text_width(self._base_text, 13, SEMIBOLD) / 2
        base_at = min(max(base, rect.left() + names + base_half), rect.right() - base_half)
        draw_text(painter, base_at, rect.top() + head / 2 - 1, self._base_text, 13, SEMIBOLD, "text", CENTER)
        if scale.start <= zero <= scale.end and abs(zero - base) > 3:
            vline(painter, zero, top - u(2), bottom, "text_2", 1.2, (3, 3))
            half = text_width(flip_text, 12) / 2
            at = max(zero, rect.left() + half)
            if abs(at - base_at) <= half + base_half + u(10):  # beside the base's name, as long as it covers the line
                aside = base_at + (half + base_half + u(12)) * (1 if at > base_at else -1)
                at = aside if abs(aside - zero) <= half and aside - half >= rect.left() else at
            if abs(at - base_at) > half + base_half + u(10):
                draw_text(painter, at, rect.top() + head / 2 - 1, flip_text, 12, NORMAL, "text_2", CENTER)
        for index, row in enumerate(self._rows):
            middle = top + pitch * (index + 0.5)
            weight = SEMIBOLD if row.flips else NORMAL
            px = 13 if text_width(row.name, 13, weight) <= names - u(10) else 12
            draw_text(painter, rect.left() + names - u(12), middle, row.name, px, weight, "text", RIGHT)
            for value, text in ((row.low, row.low_text), (row.high, row.high_text)):
                at = scale(value)
                worse = value < self._base
                fill = color("cloud" if worse else "onprem", 0.88)
                box = QRectF(min(at, base), middle - height / 2, abs(at - base), height)
                if box.width() > 0.5:
                    bar(painter, box, fill, 1)
                solid = color("cloud" if worse else "onprem")
                if box.width() > text_width(text, 12, SEMIBOLD) + u(16) and worse:
                    spot = QRectF(at, box.top(), text_width(text, 12, SEMIBOLD) + u(14), height)
                    if inside_label(painter, spot, text, 12, SEMIBOLD, solid):
                        continue
                if box.width() <= 0.5:
                    # No bar at this end: its value stands on the free side of the base.
                    other = row.high if value == row.low else row.low
                    right = other < self._base
                    x = base + u(6) if right else base - u(6)
                    draw_text(painter, x, middle, text, 12, NORMAL, "text_2", LEFT if right else RIGHT, "card")
                    continue
                one_side = (row.low - self._base) * (row.high - self._base) > 0
                if one_side and value == max(row.low, row.high, key=lambda v: -abs(v - self._base)):
                    continue
                x, wide = at - u(6) if worse else max(at, base) + u(6), text_width(text, 12)
                behind = QRectF(x - wide if worse else x, middle - height / 2, wide, height)
                if behind.left() - u(3) < zero < behind.right() + u(3):  # the line stops where a value stands
                    painter.fillRect(behind, color("card"))
                draw_text(painter, x, middle, text, 12, NORMAL, "text_2", RIGHT if worse else LEFT, "card")
            tip = f"{row.name}: {row.low_text} / {row.high_text}\n{row.note}".strip()
            self.mark(QRectF(rect.left(), middle - pitch / 2, rect.width(), pitch), tip, row.key)
        vline(painter, base, top - u(2), bottom + u(3), "text", 2)
        for tick in linear_ticks(
            low / self._factor, high / self._factor, max(2, int((scale.end - scale.start) / u(90)))
        ):
            draw_text(
                painter, scale(tick * self._factor), bottom + foot / 2 + 2, plain(tick), 12, NORMAL, "text_3", CENTER
            )
