"""A few exclusive choices side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import box, text, width_of


class Segmented(QWidget):
    """A few exclusive choices side by side; arrow keys move between them."""

    chosen = Signal(object)

    def __init__(self, options: Sequence[tuple[object, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = list(options)
        self._value: object = options[0][0]
        self._hover = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def value(self) -> Any:
        """The chosen value."""
        return self._value

    def chosen_text(self) -> str:
        """The label of the chosen option."""
        return next((label for value, label in self._options if value == self._value), "")

    def set_value(self, value: object) -> None:
        """Choose without announcing."""
        if value != self._value:
            self._value = value
            self.update()

    def set_options(self, options: Sequence[tuple[object, str]]) -> None:
        """Replace the labels (after a change of language)."""
        self._options = list(options)
        self.updateGeometry()
        self.update()

    def _widths(self) -> list[int]:
        return [round(width_of(label, 14, 500)) + theme().px(22) for _, label in self._options]

    def sizeHint(self) -> QSize:
        """All options at their widest."""
        return QSize(sum(self._widths()) + theme().px(4), theme().px(32))

    def minimumSizeHint(self) -> QSize:
        """Never narrower than the labels."""
        return self.sizeHint()

    def _cells(self) -> list[QRectF]:
        x, cells = float(theme().px(2)), []
        for width in self._widths():
            cells.append(QRectF(x, theme().px(2), width, self.height() - 2 * theme().px(2)))
            x += width
        return cells

    def _at(self, event: QMouseEvent) -> int:
        return next((i for i, cell in enumerate(self._cells()) if cell.contains(event.position())), -1)

    def _choose(self, index: int) -> None:
        value = self._options[index][0]
        if value != self._value:
            self._value = value
            self.update()
            self.chosen.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the option under the pointer."""
        index = self._at(event)
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tint the option under the pointer."""
        index = self._at(event)
        if index != self._hover:
            self._hover = index
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No tint outside."""
        self._hover = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose the neighbour; Space the next, around the end."""
        index = next(i for i, (value, _) in enumerate(self._options) if value == self._value)
        last = len(self._options) - 1
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._choose(min(last, index + 1))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._choose(max(0, index - 1))
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose((index + 1) % (last + 1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and the chosen cell."""
        look = theme()
        painter = QPainter(self)
        box(painter, QRectF(self.rect()), look.px(6), look.color("window"), look.color("line"))
        for index, (cell, (value, label)) in enumerate(zip(self._cells(), self._options, strict=True)):
            on = value == self._value
            if on:
                fill = look.color("sunken" if look.is_dark else "card")
                box(painter, cell, look.px(5), fill, look.color("line_strong"))
            elif index == self._hover and self.isEnabled():
                box(painter, cell, look.px(5), look.color("hover"))
            ink = look.color("text" if on else "text_2") if self.isEnabled() else look.color("text_3")
            text(painter, cell, label, 14, ink, 500 if on else 400, Qt.AlignmentFlag.AlignHCenter)
