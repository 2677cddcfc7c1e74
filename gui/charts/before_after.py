"""What a measured run does to a prediction: the interval before and after on one axis, and where the measurement lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.numbers import number
from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, Scale, bar, draw_text, text_width, u, vline
from mitsumori.gui.charts.series import Series, named
from mitsumori.gui.tables.columns import Cell, Column, Table

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """A predicted speed with its 80 % interval, in tokens/s of one GPU, and the words at its right."""

    name: str
    speed: float
    low: float
    high: float
    text: str


class BeforeAfter(Chart):
    """Intervals of a speed, one a row; the last one is the answer."""

    least = (280, 76)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[SpeedRow, ...] = ()
        self._measured: float | None = None

    def set_data(self, rows: Sequence[SpeedRow], measured: float | None) -> None:
        """Predictions from top to bottom, and the measured speed where there is one."""
        self._rows, self._measured = tuple(rows), measured
        self.shown(self._rows, measured)

    def table(self) -> Table:
        """Speed and interval of each prediction, and the measurement."""
        unit = translate("Calibrate", "tokens/s per GPU")
        heads = (
            translate("Calibrate", "Predicted"), translate("Training", "80 % interval from"),
            translate("Training", "80 % interval to"),
        )  # fmt: skip
        columns = (Column(translate("Calibrate", "Run")), *(Column(head, unit, number=True) for head in heads))
        rows = [(Cell(row.name), *(Cell(number(v), v) for v in (row.speed, row.low, row.high))) for row in self._rows]
        if self._measured is not None:
            measured = Cell(number(self._measured), self._measured)
            rows.append((Cell(translate("Calibrate", "Measured")), measured, Cell(), Cell()))
        return Table(columns, tuple(rows))

    def series(self) -> tuple[Series, ...]:
        """The predicted speeds with their intervals."""
        if not self._rows:
            return ()
        names, speeds = [row.name for row in self._rows], [row.speed for row in self._rows]
        ends = [row.low for row in self._rows], [row.high for row in self._rows]
        return (
            named(
                translate("Calibrate", "Predicted"), names, speeds, translate("Calibrate", "tokens/s per GPU"), *ends
            ),
        )

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Name, interval bar with the value's tick, figures at the right; a dashed line at the measurement."""
        if not self._rows:
            return
        known = [end for row in self._rows for end in (row.low, row.high)]
        if self._measured is not None:
            known.append(self._measured)
        pad = (max(known) - min(known)) * 0.06 or max(known) * 0.1
        names = max(text_width(row.name, 14) for row in self._rows) + u(16)
        figures = max(text_width(row.text, 14, SEMIBOLD) for row in self._rows) + u(14)
        left = rect.left() + names
        scale = Scale(min(known) - pad, max(known) + pad, left, max(left + u(40), rect.right() - figures))
        pitch = rect.height() / len(self._rows)
        for index, row in enumerate(self._rows):
            middle, last = rect.top() + pitch * (index + 0.5), index > 0
            draw_text(painter, rect.left(), middle, row.name, 14, NORMAL, "text_2")
            bar(painter, QRectF(scale.start, middle - u(4), scale.end - scale.start, u(8)), "sunken", u(4))
            box = QRectF(scale(row.low), middle - u(4), max(2.0, scale(row.high) - scale(row.low)), u(8))
            bar(painter, box, "accent" if last else "line_strong", u(4))
            vline(painter, scale(row.speed), middle - u(9), middle + u(9), "text", 3)
            draw_text(painter, scale.end + u(14), middle, row.text, 14, SEMIBOLD if last else NORMAL)
            self.mark(QRectF(rect.left(), middle - pitch / 2, rect.width(), pitch), f"{row.name}: {row.text}")
        if self._measured is not None:
            vline(painter, scale(self._measured), rect.top() + 4, rect.bottom() - 4, "marginal", 2, (3, 2))
