"""A chart as large as the window: the same one, taken out of its card and brought back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import box

translate = QCoreApplication.translate


class Enlarged(QDialog):
    """Title, conditions and the chart; closing gives the chart back."""

    def __init__(
        self, window: QWidget, title: str, subtitle: str, chart: QWidget, give_back: Callable[[], None]
    ) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._give_back: Callable[[], None] | None = give_back
        look = theme()
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(28), look.px(20), look.px(28), look.px(24))
        head = QHBoxLayout()
        words = QVBoxLayout()
        for text, px, weight in ((title, 18, 600), (subtitle, 14, 400)):
            label = QLabel(text)
            label.setFont(look.font(px, weight))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            words.addWidget(label)
        leave = Button(icon="close", parent=self)
        leave.setAccessibleName(translate("ChartFrame", "Close the large view"))
        leave.setToolTip(translate("ChartFrame", "Close the large view"))
        leave.clicked.connect(self.close)
        head.addLayout(words, 1)
        head.addWidget(leave, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(chart, 1)
        chart.show()
        place, air = window.rect(), look.px(16)
        corner = window.mapToGlobal(place.topLeft())
        self.resize(place.width() - 2 * air, place.height() - 2 * air)
        self.move(corner.x() + air, corner.y() + air)
        self.show()
        chart.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self, result: int) -> None:
        """Give the chart back before the large view goes."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; Enter belongs to the chart."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card."""
        painter = QPainter(self)
        box(painter, QRectF(self.rect()), 0, theme().color("card"), theme().color("line_strong"))
        painter.end()
