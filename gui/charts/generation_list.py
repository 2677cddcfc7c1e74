"""Kinds of servers under the same money, deadline or power: one row each, unknown figures with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Table
from mitsumori.gui.charts.painting import (
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    draw_text,
    hline,
    line_height,
    text_width,
    u,
    wrap,
)
from mitsumori.gui.charts.waiting import PaleChart

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """One kind of server; ``values`` are servers, time, cost and power as text, empty where there is no answer.

    ``reason`` says why a figure is unknown or why there is no answer.
    """

    name: str
    chip: str
    values: tuple[str, ...] = ()
    reason: str = ""
    current: bool = False
    key: Any = None


class GenerationList(PaleChart):
    """Rows, best first; a click or Enter opens a row as a scenario."""

    least = (560, 120)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[GenerationRow, ...] = ()
        self._ranked = 1
        self.make_keyboard()

    def set_data(self, rows: Sequence[GenerationRow], ranked: int) -> None:
        """Show other rows; ``ranked`` is the column (of the values) that the rows are sorted by."""
        self._rows, self._ranked = tuple(rows), ranked
        self.least = (560, 34 + 42 * len(self._rows))
        self.updateGeometry()
        self.shown(self._rows, ranked)

    def heads(self) -> tuple[str, ...]:
        """Names of the values."""
        return (
            translate("Advisor", "Servers"),
            translate("Advisor", "Time"),
            translate("Advisor", "Cost of owning"),
            translate("Advisor", "Power of the facility"),
        )

    def table(self) -> Table:
        """Server, GPU, values, reason."""
        headers = (translate("Advisor", "Server"), translate("Advisor", "GPU"), *self.heads())
        blank = ("",) * len(self.heads())
        rows = tuple((row.name, row.chip, *(row.values or blank), row.reason) for row in self._rows)
        keys = tuple(row.key for row in self._rows)
        return Table((*headers, translate("Advisor", "Remark")), rows, keys)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Head and rows."""
        if not self._rows:
            return
        head, gap = u(26), u(22)
        heads = self.heads()
        answered = [row for row in self._rows if row.values]
        widths = [
            max(text_width(name, 13), *(text_width(row.values[at], 15, SEMIBOLD) for row in answered), 0.0)
            for at, name in enumerate(heads)
        ]
        rights, x = [0.0] * len(heads), rect.right() - u(6)
        for at in reversed(range(len(heads))):
            rights[at] = x
            x -= widths[at] + gap
        left, end = rect.left() + u(10), x
        y = rect.top() + head / 2
        draw_text(painter, left, y, translate("Advisor", "Server"), 13, NORMAL, "text_3")
        for at, name in enumerate(heads):
            draw_text(painter, rights[at], y, name, 13, NORMAL, "text_3", RIGHT)
        pitch = min(u(50), (rect.height() - head) / len(self._rows))
        for index, row in enumerate(self._rows):
            box = QRectF(rect.left(), rect.top() + head + pitch * index, rect.width(), pitch)
            hline(painter, box.top(), box.left(), box.right(), "line")
            if row.current:
                bar(painter, box.adjusted(0, 1, 0, 0), "accent_tint", u(4))
                bar(painter, QRectF(box.left(), box.top() + 1, u(3), box.height() - 1), "accent", 1)
            self._row(painter, box, row, left, end, rights)
            tip = f"{row.name} · {row.chip}\n{row.reason}".strip()
            self.mark(box, tip, row.key)

    def _row(
        self, painter: QPainter, box: QRectF, row: GenerationRow, left: float, end: float, rights: Sequence[float]
    ) -> None:
        middle, shift = box.center().y(), line_height(13) / 2
        room = end - left
        names_y = middle - shift if row.reason and row.values else middle
        ink = "text" if row.values else "text_2"
        if row.values:
            self._name(painter, left, names_y, room, row, ink)
            for at, value in enumerate(row.values):
                strong = at == self._ranked
                tone = "text" if strong else "text_2"
                weight = SEMIBOLD if strong else NORMAL
                draw_text(painter, rights[at], middle, value, 15 if strong else 14, weight, tone, RIGHT)
            if row.reason:
                for line in wrap(row.reason, 12, NORMAL, room, 1):
                    draw_text(painter, left, middle + shift, line, 12, NORMAL, "marginal")
            return
        # Without an answer the reason takes the place of the figures.
        right = self._name(painter, left, middle, room, row, ink)
        lines = wrap(row.reason, 13, NORMAL, rights[-1] - right - u(24), 2)
        step = line_height(13) - 1
        for place, line in enumerate(lines):
            y = middle + step * (place - (len(lines) - 1) / 2)
            draw_text(painter, rights[-1], y, line, 13, NORMAL, "text_2", RIGHT)

    def _name(self, painter: QPainter, x: float, y: float, room: float, row: GenerationRow, ink: str) -> float:
        """Name and GPU; returns where they end."""
        px = 14 if text_width(row.name, 14, SEMIBOLD) <= room else 12
        drawn = draw_text(painter, x, y, row.name, px, SEMIBOLD, ink)
        if drawn.right() + u(10) + text_width(row.chip, 13) <= x + room:
            drawn = draw_text(painter, drawn.right() + u(10), y, row.chip, 13, NORMAL, "text_3")
        return drawn.right()
