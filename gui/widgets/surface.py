"""Plain parts that show one token: the ground of a part of the window, and hairlines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from mitsumori.gui.theme.tokens import theme


class Covering:
    """Mixed into a button or a slider that covers what lies behind it: Fusion takes that away when it dresses them."""

    def showEvent(self, event: QShowEvent) -> None:
        """Say so again: by now it is dressed."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # type: ignore[attr-defined]
        super().showEvent(event)  # type: ignore[misc]


class Surface(QWidget):
    """A part of the window in one colour of the theme."""

    def __init__(self, token: str = "window", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        # What lies behind need not be painted when a part of this is.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        QPainter(self).fillRect(self.rect(), theme().color(self._token))


class Hairline(Surface):
    """A vertical line one pixel wide, as high as its place or ``height``."""

    def __init__(self, height: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__("line", parent)
        self.setFixedWidth(1)
        if height is not None:
            self.setFixedHeight(height)
