"""A heading line over cards: a sentence, an explanation and one button."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.charts.painting import NORMAL, SEMIBOLD, draw_text, line_height, text_width, u, wrap
from mitsumori.gui.widgets.buttons import Button


class Heading(QWidget):
    """Title 18/600, a plain explanation beside or below it, a button at the right."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._note = "", ""
        self._button = Button("", "plain", parent=self)
        self._button.clicked.connect(self.pressed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_texts(self, title: str, note: str, button: str) -> None:
        """Show other words; no button when its text is empty."""
        self._title, self._note = title, note
        self._button.setText(button)
        self._button.setAccessibleName(button)
        self._button.setVisible(bool(button))
        self._button.resize(self._button.sizeHint())
        self.setAccessibleName(f"{title} {note}")
        self._arrange()
        self.update()

    def _room(self) -> float:
        return self.width() - (self._button.width() + u(16) if self._button.text() else 0)

    def _beside(self) -> bool:
        return text_width(self._title, 18, SEMIBOLD) + u(16) + text_width(self._note, 14) <= self._room()

    def _arrange(self) -> None:
        lines = 1 if self._beside() else 1 + len(wrap(self._note, 14, NORMAL, max(u(80), self._room())))
        height = round(max(u(36), u(10) + line_height(18, SEMIBOLD) + (lines - 1) * (line_height(14) + u(2))))
        if height != self.height():
            self.setFixedHeight(height)
        button = self._button
        button.move(round(self.width() - button.width()), round((height - button.height()) / 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the button."""
        self._arrange()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title and note."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._beside():
            box = draw_text(painter, 0, self.height() / 2, self._title, 18, SEMIBOLD)
            draw_text(painter, box.right() + u(16), self.height() / 2 + 1, self._note, 14, NORMAL, "text_2")
        else:
            y = u(5) + line_height(18, SEMIBOLD) / 2
            draw_text(painter, 0, y, self._title, 18, SEMIBOLD)
            y += line_height(18, SEMIBOLD) / 2 + line_height(14) / 2
            for line in wrap(self._note, 14, NORMAL, max(u(80), self._room())):
                draw_text(painter, 0, y, line, 14, NORMAL, "text_2")
                y += line_height(14) + u(2)
        painter.end()
