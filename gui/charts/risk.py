"""How sure the comparison is: the probability band of a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, HeldRange
from mitsumori.gui.charts.numbers import money, money_axis, plain
from mitsumori.gui.charts.painting import (
    CENTER,
    NORMAL,
    RIGHT,
    SEMIBOLD,
    Scale,
    bar,
    color,
    draw_text,
    linear_ticks,
    text_width,
    u,
    vline,
)
from mitsumori.gui.charts.series import Series, named
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class RangeRow:
    """P10, P50, P90 of a quantity; None ends lie beyond what was simulated."""

    name: str
    low: float | None
    middle: float | None
    high: float | None
    ink: str
    text: str
    key: object = None


class RangeBars(Chart):
    """Intervals with their median on one money axis."""

    least = (300, 130)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[RangeRow, ...] = ()
        self._currency = "JPY"
        self._range = HeldRange()

    def set_data(self, rows: Sequence[RangeRow], currency: str) -> None:
        """Rows from top to bottom."""
        self._rows, self._currency = tuple(rows), currency
        self.shown(rows, currency)

    def table(self) -> Table:
        """P10, P50, P90."""
        quantiles = (Column(name, self._currency, number=True) for name in ("P10", "P50", "P90"))
        rows = tuple(
            (Cell(row.name), *(Cell(money(v, self._currency), v) for v in (row.low, row.middle, row.high)))
            for row in self._rows
        )
        return Table((Column(translate("Cost", "Quantity")), *quantiles), rows)

    def series(self) -> tuple[Series, ...]:
        """The medians with their intervals."""
        names, middles = [row.name for row in self._rows], [row.middle for row in self._rows]
        ends = [row.low for row in self._rows], [row.high for row in self._rows]
        return (named("P50", names, middles, self._currency, *ends),) if names else ()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Names, interval bars, median ticks, values, axis."""
        known = [v for row in self._rows for v in (row.low, row.middle, row.high) if v is not None]
        if not known:
            return
        names = max(text_width(row.name, 14) for row in self._rows) + u(12)
        values = max(text_width(row.text, 14, SEMIBOLD) for row in self._rows) + u(12)
        least, most = min(0.0, *known), max(0.0, *known)
        low, high = self._range.fit(least, most, least=least, most=most)
        scale = Scale(low, high or 1.0, rect.left() + names, max(rect.left() + names + u(40), rect.right() - values))
        foot = u(22)
        pitch = min(u(46), (rect.height() - foot) / len(self._rows))
        bottom = rect.top() + pitch * len(self._rows)
        factor, unit = money_axis(max(abs(low), abs(high)), self._currency)
        ticks = linear_ticks(low / factor, high / factor, max(2, int((scale.end - scale.start) / u(80))))
        for tick in ticks:
            vline(painter, scale(tick * factor), rect.top(), bottom, "grid" if tick else "line_strong")
            text = f"{plain(tick)} {unit}" if tick == ticks[-1] else plain(tick)
            draw_text(painter, scale(tick * factor), bottom + foot / 2 + 2, text, 12, NORMAL, "text_3", CENTER)
        for index, row in enumerate(self._rows):
            middle = rect.top() + pitch * (index + 0.5)
            draw_text(painter, scale.start - u(12), middle, row.name, 14, NORMAL, "text", RIGHT)
            if row.low is not None and row.high is not None:
                box = QRectF(scale(row.low), middle - u(8), max(2.0, scale(row.high) - scale(row.low)), u(16))
                bar(painter, box, color(row.ink, 0.35), u(3))
            if row.middle is not None:
                vline(painter, scale(row.middle), middle - u(11), middle + u(11), row.ink, 3)
            draw_text(painter, rect.right() - values + u(12), middle, row.text, 14, SEMIBOLD)
            self.mark(QRectF(rect.left(), middle - pitch / 2, rect.width(), pitch), f"{row.name}: {row.text}", row.key)
