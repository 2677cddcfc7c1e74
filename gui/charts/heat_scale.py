"""The colour scale of the heat table: a label, a bar from few to many, a label."""

from __future__ import annotations

from PySide6.QtGui import QBrush, QLinearGradient, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from mitsumori.gui.charts.painting import u
from mitsumori.gui.theme.tokens import theme, theme_signals


class HeatScale(QWidget):
    """Few at the left, many at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.low, self.bar, self.high = QLabel(), QFrame(), QLabel()
        self.bar.setAutoFillBackground(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.low, self.bar, self.high):
            row.addWidget(part)
        theme_signals().changed.connect(self.retheme)
        self.retheme()

    def set_data(self, low: str, high: str) -> None:
        """The texts of both ends."""
        self.low.setText(low)
        self.high.setText(high)

    def retheme(self) -> None:
        """Take over colours, type and measures."""
        look, steps = theme(), theme().heat_scale()
        self.layout().setSpacing(round(u(8)))  # type: ignore[union-attr]
        self.bar.setFixedSize(round(u(120)), round(u(10)))
        fill = QLinearGradient(0, 0, self.bar.width(), 0)
        for at, step in enumerate(steps):
            fill.setColorAt(at / (len(steps) - 1), step)
        palette = QPalette(self.bar.palette())
        palette.setBrush(QPalette.ColorRole.Window, QBrush(fill))
        self.bar.setPalette(palette)
        for label in (self.low, self.high):
            label.setFont(look.font(13))
            inks = QPalette(label.palette())
            inks.setColor(QPalette.ColorRole.WindowText, look.color("text_2"))
            label.setPalette(inks)
