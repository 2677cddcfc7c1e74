"""The answer below the questions: what the smallest plan that keeps them comes to, why it is that one, and the way on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.charts.painting import wrap
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button
from mitsumori.gui.widgets.paint import text_at, width_of

HIGH = 104
"""Always the same, so that nothing moves when an answer comes."""
_EDGE = 24


class AnswerStrip(QWidget):
    """Names above their values, the reason in a line or two, the one primary button at the right."""

    def __init__(self, begin: Button, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.begin = begin
        begin.setParent(self)
        self._values: tuple[tuple[str, str], ...] = ()
        self._why, self._missed = "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def why(self) -> str:
        """The reason shown."""
        return self._why

    def set_answer(self, values: Sequence[tuple[str, str]], why: str, missed: bool) -> None:
        """Show another answer; ``missed`` where no plan keeps what was asked.

        Parameters
        ----------
        values
            Names and values, left to right.
        why
            Why it is this plan, or what to relax.
        """
        now = tuple(values), why, missed
        if now == (self._values, self._why, self._missed):
            return
        self._values, self._why, self._missed = now
        self.setAccessibleName("; ".join(f"{name} {value}" for name, value in values))
        self.setAccessibleDescription(why)
        self.setToolTip(why)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.update()

    def sizeHint(self) -> QSize:
        """104 px high."""
        return QSize(theme().px(400), theme().px(HIGH))

    def minimumSizeHint(self) -> QSize:
        """As high, and narrow where it must."""
        return QSize(theme().px(300), theme().px(HIGH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at the right."""
        self.place()

    def place(self) -> None:
        """Put the button where it belongs: beside the values."""
        size = self.begin.sizeHint()
        self.begin.setGeometry(
            self.width() - theme().px(_EDGE) - size.width(), theme().px(16), size.width(), size.height()
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, names, values and the reason."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, round_ = QRectF(self.rect()), look.px(8)
        ground = QPainterPath()
        ground.addRoundedRect(rect.adjusted(0, -round_, 0, 0), round_, round_)
        painter.setClipRect(rect)
        painter.fillPath(ground, look.color("marginal_tint" if self._missed else "accent_tint"))
        left = float(look.px(_EDGE))
        room = self.begin.x() - left - look.px(20)
        px = next((px for px in (20, 18, 16, 14) if self._wide(px) <= room), 13)
        gap = max(look.px(14), min(look.px(44), (room - self._wide(px, 0)) / max(1, len(self._values) - 1)))
        x = left
        for name, value in self._values:
            text_at(painter, x, look.px(26), name, 13, look.color("text_2"))
            text_at(painter, x, look.px(50), value, px, look.color("text"), 600)
            x += max(width_of(name, 13), width_of(value, px, 600)) + gap
        painter.fillRect(QRectF(left, look.px(62), self.width() - 2 * left, 1), look.color("line"))
        lines = wrap(self._why, 13, 400, self.width() - 2 * left, 2)
        top = look.px(88) if len(lines) == 1 else look.px(79)
        for index, line in enumerate(lines):
            ink = look.color("marginal" if self._missed else "text_2")
            text_at(painter, left, top + index * look.px(18), line, 13, ink)

    def _wide(self, px: int, gap: int = 14) -> float:
        """Width of all columns with values of a size."""
        columns = (max(width_of(name, 13), width_of(value, px, 600)) for name, value in self._values)
        return sum(columns) + theme().px(gap) * max(0, len(self._values) - 1)
