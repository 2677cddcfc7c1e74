"""A few exclusive choices as buttons below and beside each other: all of them are seen, one click chooses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mitsumori.gui.theme.style import FIELD_STATE, FieldState
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import box, shortened, text, width_of
from mitsumori.gui.widgets.segmented import Segmented

COLUMNS = 3
_HIGH, _GAP, _EDGE, _PX = 28, 6, 4, 13


class Tiles(Segmented):
    """Buttons of which one holds; filled and asked as a list of Qt's is, so that a row of inputs takes either."""

    activated = Signal(int)
    """The user chose the entry at this place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([(None, "")], parent)
        self.clear()
        self.setProperty(FIELD_STATE, "rest")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chosen.connect(lambda _value: self.activated.emit(self.currentIndex()))

    # --- as a list

    def count(self) -> int:
        """How many entries there are."""
        return len(self._options)

    def itemData(self, place: int) -> object:
        """The value of an entry."""
        return self._options[place][0] if 0 <= place < len(self._options) else None

    def itemText(self, place: int) -> str:
        """The words of an entry."""
        return self._options[place][1] if 0 <= place < len(self._options) else ""

    def currentIndex(self) -> int:
        """The entry that holds, -1 for none."""
        return next((place for place, (value, _) in enumerate(self._options) if value == self._value), -1)

    def currentText(self) -> str:
        """The words of the entry that holds."""
        return self.chosen_text()

    def setCurrentIndex(self, place: int) -> None:
        """Let an entry hold without announcing."""
        self.set_value(self.itemData(place))

    def clear(self) -> None:
        """Take all entries away."""
        self.set_options([])

    def addItem(self, words: str, value: object) -> None:
        """One more entry."""
        self.set_options([*self._options, (value, words)])

    def set_state(self, state: FieldState) -> None:
        """How the field looks."""
        if state != self.property(FIELD_STATE):
            self.setProperty(FIELD_STATE, state)
            self.update()

    # --- measures

    def lines(self) -> int:
        """Lines of buttons, one at least."""
        return max(1, -(-len(self._options) // COLUMNS))

    def sizeHint(self) -> QSize:
        """All lines, each as wide as there is room."""
        look = theme()
        high = self.lines() * look.px(_HIGH) + (self.lines() - 1) * look.px(_GAP)
        return QSize(COLUMNS * look.px(80), high)

    def _cells(self) -> list[QRectF]:
        look, gap = theme(), float(theme().px(_GAP))
        wide = (self.width() - (COLUMNS - 1) * gap) / COLUMNS
        high = float(look.px(_HIGH))
        places = [divmod(place, COLUMNS) for place in range(len(self._options))]
        return [QRectF(round(column * (wide + gap)), line * (high + gap), round(wide), high) for line, column in places]

    # --- the user

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move by a line, left and right by one."""
        place, last = self.currentIndex(), len(self._options) - 1
        step = {Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}.get(Qt.Key(event.key()))
        if step is not None and 0 <= place + step <= last:
            self._choose(place + step)
        elif step is None and place >= 0:
            super().keyPressEvent(event)
        elif place < 0 <= last:
            self._choose(0)

    def event(self, event: QEvent) -> bool:
        """The whole words of a button in whose place they do not fit."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and not self.toolTip():
            spots = zip(self._cells(), self._options, strict=True)
            under = next(((cell, words) for cell, (_, words) in spots if cell.contains(event.pos())), None)
            cut = under is not None and width_of(under[1], _PX, 500) > under[0].width() - theme().px(_EDGE)
            QToolTip.showText(event.globalPos(), under[1] if under is not None and cut else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the buttons; the one that holds in the accent colour."""
        look, painter = theme(), QPainter(self)
        guilty = self.property(FIELD_STATE) == "guilty"
        for place, (cell, (value, words)) in enumerate(zip(self._cells(), self._options, strict=True)):
            on = value == self._value
            fill = look.color("accent_tint" if on else "hover" if place == self._hover else "card")
            line = look.color("accent" if on else "bad" if guilty else "line_strong")
            box(painter, cell, look.px(6), fill, line, 2 if on else 1)
            ink = look.color("text" if self.isEnabled() else "text_3")
            weight = 500 if on else 400
            shown = shortened(words, _PX, cell.width() - look.px(_EDGE), weight)
            text(painter, cell, shown, _PX, ink, weight, Qt.AlignmentFlag.AlignHCenter)
