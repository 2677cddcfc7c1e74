"""Single changes of the plan by what each gains: a sentence, a bar, days saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Table
from mitsumori.gui.charts.numbers import percent
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
class ChangeRow:
    """One change: its sentence, the time it saves as text and as a share, the time then, a remark for the tooltip."""

    words: str
    saved: str
    share: float
    after: str
    note: str = ""
    key: Any = None


class ChangeList(PaleChart):
    """Rows, most gain first; a click or Enter applies a change."""

    least = (340, 120)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ChangeRow, ...] = ()
        self.make_keyboard()

    def set_data(self, rows: Sequence[ChangeRow]) -> None:
        """Show other changes."""
        self._rows = tuple(rows)
        self.least = (340, 30 + 46 * max(1, len(self._rows)))
        self.updateGeometry()
        self.shown(self._rows)

    def table(self) -> Table:
        """Change, time saved, share, time then."""
        headers = (
            translate("Advisor", "Change"),
            translate("Advisor", "Saves"),
            translate("Advisor", "Share"),
            translate("Advisor", "Time then"),
        )
        rows = tuple((row.words, row.saved, percent(row.share, 1), row.after) for row in self._rows)
        return Table(headers, rows, tuple(row.key for row in self._rows))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Head and rows."""
        if not self._rows:
            return
        head = u(24)
        after_head, saved_head = translate("Advisor", "Time then"), translate("Advisor", "Saves")
        after_w = max(text_width(after_head, 13), *(text_width(row.after, 14) for row in self._rows)) + u(6)
        saved_w = max(text_width(saved_head, 13), *(text_width(row.saved, 15, SEMIBOLD) for row in self._rows)) + u(20)
        x_after, x_saved = rect.right() - u(4), rect.right() - u(4) - after_w - u(10)
        left, room = rect.left() + u(4), x_saved - saved_w - rect.left() - u(4)
        y = rect.top() + head / 2
        draw_text(painter, left, y, translate("Advisor", "Change"), 13, NORMAL, "text_3")
        draw_text(painter, x_saved, y, saved_head, 13, NORMAL, "text_3", RIGHT)
        draw_text(painter, x_after, y, after_head, 13, NORMAL, "text_3", RIGHT)
        most = max(row.share for row in self._rows)
        pitch = min(u(56), (rect.height() - head) / len(self._rows))
        for index, row in enumerate(self._rows):
            box = QRectF(rect.left(), rect.top() + head + pitch * index, rect.width(), pitch)
            hline(painter, box.top(), box.left(), box.right(), "line")
            px = 14 if text_width(row.words, 14) <= room else 13
            lines = wrap(row.words, px, NORMAL, room, 2)
            step = line_height(px) - 1
            gauge = u(5)
            first = box.center().y() - (step * (len(lines) - 1) + gauge + u(3)) / 2
            for place, line in enumerate(lines):
                weight = SEMIBOLD if index == 0 else NORMAL
                draw_text(painter, left, first + step * place, line, px, weight)
            under = first + step * (len(lines) - 1) + line_height(px) / 2 + u(2)
            bar(painter, QRectF(left, under, room - u(6), gauge), "sunken", u(2))
            bar(painter, QRectF(left, under, max(2.0, (room - u(6)) * row.share / most), gauge), "accent", u(2))
            draw_text(painter, x_saved, box.center().y(), row.saved, 15, SEMIBOLD, "text", RIGHT)
            draw_text(painter, x_after, box.center().y(), row.after, 14, NORMAL, "text_2", RIGHT)
            self.mark(box, f"{row.words}\n{row.note}".strip(), row.key)
