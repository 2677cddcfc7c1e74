"""Amounts side by side as bars from zero: what one training costs with each cloud, beside what owning takes up front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart, HeldRange
from mitsumori.gui.charts.numbers import money
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, bar, color, draw_text, hatch, text_width, u
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Amount:
    """One bar: ``strong`` is the one compared; ``weak`` an indication only, hatched and in brackets."""

    name: str
    value: float
    ink: str
    strong: bool = False
    weak: bool = False
    mark: str = ""
    note: str = ""
    key: object = None


class AmountBars(Chart):
    """Names, bars and amounts on one scale from zero."""

    least = (330, 150)

    def __init__(self) -> None:
        super().__init__()
        self._amounts: tuple[Amount, ...] = ()
        self._currency = "JPY"
        self._range = HeldRange()

    def set_data(self, amounts: Sequence[Amount], currency: str) -> None:
        """Show other amounts, from top to bottom."""
        self._amounts, self._currency = tuple(amounts), currency
        self.least = (330, 24 + 34 * max(1, len(self._amounts)))
        self.updateGeometry()
        self.shown(self._amounts, currency)

    def table(self) -> Table:
        """One row a bar."""
        columns = (
            Column(translate("Clouds", "Provider and instance")),
            Column(translate("Clouds", "One run"), self._currency, number=True),
        )
        return Table(columns, tuple((Cell(one.name), Cell(self._text(one), one.value)) for one in self._amounts))

    def _text(self, one: Amount) -> str:
        text = money(one.value, self._currency) + one.mark
        return translate("Clouds", "({amount})").format(amount=text) if one.weak else text

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Bars from zero, as long as their amounts."""
        if not self._amounts:
            return
        most = max(one.value for one in self._amounts)
        _, high = self._range.fit(0.0, most, most=most)
        names = min(rect.width() * 0.4, max(text_width(one.name, 14, SEMIBOLD) for one in self._amounts) + u(14))
        texts = [self._text(one) for one in self._amounts]
        room = rect.width() - names - max(text_width(text, 14, SEMIBOLD) for text in texts) - u(12)
        notes = max(text_width(one.note, 13) for one in self._amounts)
        room = max(u(60), room - (notes + u(12) if notes and notes < room * 0.4 else 0.0))
        pitch = min(u(44), rect.height() / len(self._amounts))
        for index, (one, text) in enumerate(zip(self._amounts, texts, strict=True)):
            middle = rect.top() + pitch * (index + 0.5)
            draw_text(painter, rect.left(), middle, one.name, 14, SEMIBOLD if one.strong else NORMAL)
            wide = max(2.0, room * one.value / (high or 1.0))
            box = QRectF(rect.left() + names, middle - u(9), wide, u(18))
            bar(painter, box, color(one.ink, 1.0 if one.strong else 0.62), u(3))
            if one.weak:
                hatch(painter, box, color("card"), 6, 1.4)
            drawn = draw_text(painter, box.right() + u(8), middle, text, 14, NORMAL if one.weak else SEMIBOLD)
            if one.note and drawn.right() + u(10) + text_width(one.note, 13) <= rect.right():
                draw_text(painter, drawn.right() + u(10), middle, one.note, 13, NORMAL, "text_2")
            self.mark(
                QRectF(rect.left(), middle - pitch / 2, rect.width(), pitch),
                f"{one.name}: {text} {one.note}".strip(),
                one.key,
            )
