"""The ranked layouts: each with what it is, why it stands there, its memory against the card, step and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Table
from mitsumori.gui.charts.numbers import limit, memory
from mitsumori.gui.charts.painting import (
    NORMAL,
    RIGHT,
    SEMIBOLD,
    bar,
    color,
    draw_rich,
    draw_text,
    hline,
    line_height,
    text_width,
    u,
    wrap,
)
from mitsumori.gui.charts.waiting import PaleChart
from mitsumori.gui.theme.icons import paint_icon

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One layout."""

    name: str
    why: str
    memory_gb: float
    step: str
    days: str
    current: bool = False
    tight: bool = False
    key: Any = None


class LayoutList(PaleChart):
    """Rows by rank; a click or Enter adopts a layout."""

    least = (450, 220)
    pitch = 56
    """Least height of a row."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[LayoutRow, ...] = ()
        self._capacity: float | None = None
        self._most = 0
        self.make_keyboard()

    def set_data(self, rows: Sequence[LayoutRow], capacity: float | None) -> None:
        """Show other layouts."""
        self._rows, self._capacity = tuple(rows), capacity
        self._measure()
        self.shown(rows, capacity)

    def set_most(self, most: int) -> None:
        """Draw no more rows than this, but the current layout always; 0 for all. The table keeps every row."""
        if most != self._most:
            self._most = most
            self._measure()
            self.update()

    def drawn(self) -> tuple[LayoutRow, ...]:
        """The rows of the picture."""
        if not self._most:
            return self._rows
        current = max((index + 1 for index, row in enumerate(self._rows) if row.current), default=0)
        return self._rows[: max(self._most, current)]

    def _measure(self) -> None:
        self.least = (self.least[0], 30 + self.pitch * max(1, len(self.drawn())))
        self.updateGeometry()

    def table(self) -> Table:
        """Rank, layout, why, memory, step, time."""
        headers = (
            translate("Advisor", "Rank"),
            translate("Advisor", "Layout"),
            translate("Advisor", "Why"),
            translate("Advisor", "Memory, GB"),
            translate("Advisor", "Step"),
            translate("Advisor", "Time"),
        )
        rows = tuple(
            (str(index + 1), row.name, row.why, memory(row.memory_gb), row.step, row.days)
            for index, row in enumerate(self._rows)
        )
        return Table(headers, rows, tuple(row.key for row in self._rows))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Head and rows."""
        rows = self.drawn()
        if not rows:
            return
        head = u(28)
        days_w = max(text_width(row.days, 17, SEMIBOLD) for row in rows) + u(18)
        step_w = max(text_width(row.step, 14) for row in rows) + u(18)
        steps = rect.width() > u(520)
        if not steps:
            step_w = 0.0
        memory_w = u(112) if rect.width() > u(560) else u(84)
        x_days, x_step = rect.right() - u(6), rect.right() - days_w - u(6)
        x_memory = x_step - step_w - memory_w
        x_name = rect.left() + u(34)
        y = rect.top() + head / 2
        draw_text(painter, rect.left() + u(10), y, "#", 13, NORMAL, "text_3")
        draw_text(painter, x_name, y, translate("Advisor", "Layout and why"), 13, NORMAL, "text_3")
        of = translate("Advisor", "Memory, of {capacity} GB").format(capacity=limit(self._capacity))
        if text_width(of, 13) > memory_w - u(4):
            of = translate("Advisor", "Memory, GB")
        draw_text(painter, x_memory, y, of, 13, NORMAL, "text_3")
        if steps:
            draw_text(painter, x_step, y, translate("Advisor", "Step"), 13, NORMAL, "text_3", RIGHT)
        draw_text(painter, x_days, y, translate("Advisor", "Time"), 13, NORMAL, "text_3", RIGHT)
        pitch = min(u(62), (rect.height() - head) / len(rows))
        room = x_memory - x_name - u(12)
        px = 14 if all(text_width(row.name, 14, SEMIBOLD) <= room for row in rows) else 12  # names are read as a column
        for index, row in enumerate(rows):
            box = QRectF(rect.left(), rect.top() + head + pitch * index, rect.width(), pitch)
            self._row(painter, box, index, row, px, x_name, x_memory, memory_w, x_step if steps else None, x_days)

    def _row(
        self,
        painter: QPainter,
        box: QRectF,
        index: int,
        row: LayoutRow,
        px: int,
        x_name: float,
        x_memory: float,
        memory_w: float,
        x_step: float | None,
        x_days: float,
    ) -> None:
        hline(painter, box.top(), box.left(), box.right(), "line")
        if row.current:
            bar(painter, box.adjusted(0, 1, 0, 0), "accent_tint", u(4))
            bar(painter, QRectF(box.left(), box.top() + 1, u(3), box.height() - 1), "accent", 1)
        middle, shift = box.center().y(), line_height(14) / 2 + 1
        draw_text(painter, box.left() + u(10), middle, str(index + 1), 15, NORMAL, "text_2")
        room = x_memory - x_name - u(12)
        name = row.name
        if text_width(name, px, SEMIBOLD) > room:
            name = name.rsplit(" · MB", 1)[0]  # the micro-batch is in the tooltip and in the table
        fits = text_width(row.why, 13) <= room
        y = middle - shift if fits else middle - line_height(13)
        drawn = draw_text(painter, x_name, y, name, px, SEMIBOLD)
        badge = translate("Advisor", "Current") if row.current else translate("Advisor", "Tight") if row.tight else ""
        if badge:
            # Beside the name, or where that is long behind the reason.
            end = x_name + text_width(row.why, 13)
            for at, line in ((drawn.right(), y), (end, middle + shift)) if fits else ((drawn.right(), y),):
                if at + u(33) + text_width(badge, 13, SEMIBOLD) < x_memory - u(4):
                    _badge(painter, at + u(12), line, badge, row.current)
                    break
        if fits:
            draw_text(painter, x_name, middle + shift, row.why, 13, NORMAL, "text_2")
        else:
            step = line_height(13) - 1
            for place, line in enumerate(wrap(row.why, 13, NORMAL, room, 2)):
                draw_text(painter, x_name, y + step * (place + 1), line, 13, NORMAL, "text_2")
        runs = [(memory(row.memory_gb), 14, NORMAL, "text"), ("GB", 12, NORMAL, "text_3")]
        draw_rich(painter, x_memory, middle - shift + 1, runs)
        track = QRectF(x_memory, middle + shift - u(4), memory_w - u(10), u(6))
        bar(painter, track, "sunken", u(2))
        if self._capacity:
            share = min(1.0, row.memory_gb / self._capacity)
            ink = "marginal_fill" if row.tight else "accent"
            bar(painter, QRectF(track.left(), track.top(), track.width() * share, track.height()), ink, u(2))
        if x_step is not None:
            draw_text(painter, x_step, middle, row.step, 14, NORMAL, "text", RIGHT)
        draw_text(painter, x_days, middle, row.days, 17, SEMIBOLD, "text", RIGHT)
        self.mark(box, f"{row.name}\n{row.why}", row.key)


def _badge(painter: QPainter, at: float, y: float, words: str, current: bool) -> None:
    tone, icon = ("accent", "info") if current else ("marginal", "warn")
    size = u(13)
    paint_icon(painter, QRectF(at, y - size / 2, size, size), icon, color(tone))
    draw_text(painter, at + size + u(5), y, words, 13, SEMIBOLD, tone)
