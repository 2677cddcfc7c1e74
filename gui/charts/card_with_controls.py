"""A chart card with controls of its own below the chart."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.frame import ChartFrame
from mitsumori.gui.charts.painting import u


class FootedFrame(ChartFrame):
    """The controls keep their place whether picture or table is shown; copies of the picture leave them out."""

    def __init__(self, chart: Chart, foot: QWidget, parent: QWidget | None = None) -> None:
        self._foot: QWidget | None = None
        super().__init__(chart, parent)
        self._foot = foot
        foot.setParent(self)

    def _form(self) -> tuple[bool, int, int, float]:
        titled, lines, below, controls = super()._form()
        return titled, lines, below, controls + self._foot_height()

    def _arrange(self) -> None:
        super()._arrange()
        if self._foot is None:
            return
        box, high = self.chart.geometry(), self._foot_height()
        body = box.adjusted(0, 0, 0, -high - round(u(6)))
        if body.height() > 0:
            self.chart.setGeometry(body)
            if self._twin is not None:
                self._twin.setGeometry(body)
        self._foot.setGeometry(QRect(box.left(), box.bottom() + 1 - high, box.width(), high))

    def _foot_height(self) -> int:
        return 0 if self._foot is None else self._foot.sizeHint().height()

    def _around(self, inner: QSize) -> QSize:
        """As without the foot, and the foot."""
        size = super()._around(inner)
        return QSize(size.width(), size.height() + self._foot_height() + round(u(6)))
