"""A short sentence over the window that says what just changed, with Undo; it goes by itself and takes no focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import box

SHOWN_MS = 8_000


class Toast(QWidget):
    """One sentence with up to two buttons at the foot of its parent; a new one takes the place of the old."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.buttons = [Button(kind="link", parent=self) for _ in range(2)]
        self._actions: list[Callable[[], object]] = []
        for index, button in enumerate(self.buttons):
            button.clicked.connect(lambda checked=False, at=index: self._press(at))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().px(18), theme().px(10), theme().px(14), theme().px(10))
        row.setSpacing(theme().px(14))
        row.addWidget(self.words, 1)
        for button in self.buttons:
            row.addWidget(button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, sentence: str, *actions: tuple[str, Callable[[], object]]) -> None:
        """Show a sentence and what can be done about it."""
        look = theme()
        self.words.setFont(look.font(14))
        palette = self.words.palette()
        palette.setColor(self.words.foregroundRole(), look.color("text"))
        self.words.setPalette(palette)
        self.words.setText(sentence)
        self._actions = [action for _, action in actions[:2]]
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(self._actions))
            if index < len(self._actions):
                button.setText(actions[index][0])
                button.setAccessibleName(f"{actions[index][0]}: {sentence}")
        self.setAccessibleName(sentence)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def text(self) -> str:
        """The sentence shown; empty when none is."""
        return self.words.text() if self.isVisible() else ""

    def _press(self, index: int) -> None:
        self.hide()
        self._actions[index]()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        width = min(theme().px(760), parent.width() - theme().px(80))
        self.setFixedWidth(width)
        high = max(self.layout().heightForWidth(width), self.sizeHint().height())  # type: ignore[union-attr]
        self.setFixedHeight(high)
        self.move((parent.width() - width) // 2, parent.height() - high - theme().px(52))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window is resized."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def enterEvent(self, event: object) -> None:
        """Stay while the pointer rests on it."""
        self._timer.stop()

    def leaveEvent(self, event: object) -> None:
        """And go some time after."""
        self._timer.start(SHOWN_MS // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card with an accent edge."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), look.px(8), look.color("card"), look.color("accent"), 1.5)
