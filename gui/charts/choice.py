"""What a click would change, shown before it changes it: a line in the card with a button that applies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from mitsumori.gui.theme.tokens import theme, theme_signals
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import box
from mitsumori.gui.words.translation import Translated

translate = QCoreApplication.translate
Describe = Callable[[object], str]


def changes_plan(key: object) -> bool:
    """Whether opening a key changes something: texts open an explanation or a field, pairs show another scenario."""
    return key is not None and not isinstance(key, str | tuple)


class ChoiceLine(Translated, QWidget):
    """Says what the chosen mark, cell or row would change; Apply does it, Escape leaves it."""

    applied = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._key: Any = None
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.apply = Button("", "primary")
        self.leave = Button(icon="close", parent=self)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 6, 4)
        line.addWidget(self.words, 1)
        line.addWidget(self.apply)
        line.addWidget(self.leave)
        self.apply.clicked.connect(self._apply)
        self.leave.clicked.connect(self.hide)
        theme_signals().changed.connect(self.retranslate)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """Texts and type."""
        self.words.setFont(theme().font(13, 600))
        for button, text in (
            (self.apply, translate("ChartFrame", "Apply")),
            (self.leave, translate("ChartFrame", "Leave as it is")),
        ):
            button.setAccessibleName(text)
            button.setToolTip(text)
        self.apply.setText(translate("ChartFrame", "Apply"))

    def offer(self, key: object, words: str, tip: str) -> None:
        """Show what a key would change."""
        self._key = key
        self.words.setText(words)
        self.words.setToolTip(tip)
        self.apply.setAccessibleDescription(words)
        self.show()
        self.raise_()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(240, theme().px(42))

    def _apply(self) -> None:
        key, self._key = self._key, None
        self.hide()
        if key is not None:
            self.applied.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves everything as it is."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted line."""
        painter = QPainter(self)
        look = theme()
        box(painter, QRectF(self.rect()), look.px(6), look.color("accent_tint"), look.color("accent"))
        painter.end()
