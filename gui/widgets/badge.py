"""A verdict with glyph and word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.style import RING_RADIUS
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import box, text, width_of


class Badge(QWidget):
    """A verdict with glyph and word, or a quiet state; ``set_badge("", "")`` hides it."""

    clicked = Signal()

    _LOOKS = {
        "ok": ("ok_tint", "ok", "check"),
        "marginal": ("marginal_tint", "marginal", "warn"),
        "bad": ("bad_tint", "bad", "close"),
        "ask": ("marginal_tint", "marginal", "unknown"),
        "busy": ("sunken", "text_2", "clock"),
        "info": ("accent_tint", "accent", "info"),
    }

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._label, self._clickable = "", "", False
        self.setProperty(RING_RADIUS, 12)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_badge(self, kind: str, label: str, *, clickable: bool = False) -> bool:
        """Show a state; ``clickable`` makes it a button that Tab reaches. Returns whether it is another one."""
        if (kind, label, clickable) == (self._kind, self._label, self._clickable):
            return False
        self._kind, self._label, self._clickable = kind, label, clickable
        self.setVisible(bool(label))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if clickable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(label)
        self.updateGeometry()
        self.update()
        return True

    def clickable(self) -> bool:
        """Whether it is a button."""
        return self._clickable

    def label(self) -> str:
        """The word shown."""
        return self._label

    def kind(self) -> str:
        """The state shown."""
        return self._kind

    def sizeHint(self) -> QSize:
        """Glyph, word and round ends."""
        if not self._label:
            return QSize(0, theme().px(23))
        width = width_of(self._label, 13, 600) + theme().px(16 + 6 + 8 + 10)
        return QSize(round(width), theme().px(23))

    def minimumSizeHint(self) -> QSize:
        """Never narrower than its word."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        if not self._label:
            return
        look = theme()
        fill, ink, glyph = self._LOOKS[self._kind]
        painter = QPainter(self)
        rect = QRectF(self.rect())
        box(painter, rect, rect.height() / 2, look.color(fill))
        side = look.px(15)
        paint_icon(painter, QRectF(look.px(8), rect.center().y() - side / 2, side, side), glyph, look.color(ink))
        left = look.px(8) + side + look.px(5)
        text(painter, rect.adjusted(left, 0, 0, 0), self._label, 13, look.color(ink), 600)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Click."""
        if self._clickable and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter click."""
        if self._clickable and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
            return
        super().keyPressEvent(event)
