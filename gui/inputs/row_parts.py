"""The parts of an input row and where they stand: label, field, unit, slider, note."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.theme.style import FIELD_GROUND, paint_field
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button, Switch
from mitsumori.gui.widgets.calendar import CalendarButton
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.paint import width_of
from mitsumori.gui.widgets.slider import ScaledSlider
from mitsumori.gui.widgets.tiles import Tiles

_TILES_ABOVE, _TILES_BELOW = 4, 6
ROOM_FOR_UNITS = 260
"""Width of a row from which every unit has the same column."""


class RowParts(QWidget):
    """Label, typed value with unit and slider; or label and list, switch, text. Shows nothing by itself."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.guilty = False
        """A finding names the input as the cause of an impossible plan."""
        self.note_key: tuple[str, str, bool] = ("", "", False)
        """The note, its colour, and whether the value can be reset."""
        self.note_token = "text_3"
        self.edit: FieldEdit | None = None
        self.calendar: CalendarButton | None = None
        self.combo: Combo | Tiles | None = None
        self.switch: Switch | None = None
        self.slider: ScaledSlider | None = None
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.unit = QLabel(self)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.reset = Button(kind="link", icon="reset", parent=self)
        self.note.hide()
        self.reset.hide()
        kind = field.kind
        if kind in ("slider", "number", "date", "text"):
            self.edit = FieldEdit(self)
            self.edit.setProperty(FIELD_GROUND, "card")
            self.edit.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
            self.label.setBuddy(self.edit)
        if kind == "slider" and field.axis is not None:
            self.slider = ScaledSlider(field.axis, self)
        if kind == "choice":
            self.combo = Tiles(self) if field.tiles else Combo(self)
            self.label.setBuddy(self.combo)
        if kind == "switch":
            self.switch = Switch(self)
            self.label.setBuddy(self.switch)

    def controls(self) -> list[QWidget]:
        """The controls in the order the keyboard visits them."""
        parts = (self.edit, self.combo, self.switch, self.slider, self.reset)
        return [part for part in parts if part is not None]

    def control(self) -> QWidget:
        """The control that the keyboard should reach first."""
        return self.edit or self.combo or self.switch or self

    def retheme(self) -> None:
        """Take fonts and colours again."""
        look = theme()
        self.label.setFont(look.font(14))
        self.unit.setFont(look.font(14, 600) if self.field.kind == "layout" else look.font(13))
        self.note.setFont(look.font(13))
        self._tint(self.label, "text_2")
        self._tint(self.unit, "text" if self.field.kind == "layout" else "text_3")
        self.paint_note()
        if self.edit is not None:
            self.edit.retheme()
        if self.calendar is not None:
            self.calendar.retheme()
        self.update()

    def paint_note(self) -> None:
        """Colour the note."""
        self._tint(self.note, self.note_token)

    @staticmethod
    def _tint(label: QLabel, token: str) -> None:
        palette = label.palette()
        palette.setColor(label.foregroundRole(), theme().color(token))
        label.setPalette(palette)

    def _main_height(self) -> int:
        if self.slider is not None:
            return theme().fit(35, 33) + theme().px(43)
        if isinstance(self.combo, Tiles):
            return self.combo.sizeHint().height() + theme().px(_TILES_ABOVE + _TILES_BELOW)
        return theme().fit(38, 33)

    def _note_height(self, width: int) -> int:
        if not self.note_key[0] or self.note_key[0] == "?":
            return 0
        room = width - (self.reset.sizeHint().width() + 8 if self.note_key[2] else 0)
        rect = self.note.fontMetrics().boundingRect(0, 0, room, 1000, int(Qt.TextFlag.TextWordWrap), self.note.text())
        return max(theme().px(24), rect.height() + theme().px(6))

    def heightForWidth(self, width: int) -> int:
        """The row's height at a width."""
        return self._main_height() + self._note_height(width)

    def sizeHint(self) -> QSize:
        """At the present width."""
        width = self.width() or theme().px(320)
        return QSize(width, self.heightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        self.arrange()

    def arrange(self) -> None:
        """Place the parts at the present width."""
        look, width = theme(), self.width()
        line = look.fit(35, 33) if self.slider is not None else look.fit(38, 33)
        if self.edit is not None:
            field = self._field_width()
            unit = round(width_of(self.unit.text(), 13)) + look.px(9)
            if width >= look.px(ROOM_FOR_UNITS):  # fields of all rows stand below each other
                unit = max(look.px(84), unit)
            if self.calendar is not None:
                field, unit = max(field + look.px(28), look.px(168)), 0
            if self.field.kind == "text":  # words take the row beside the label, and are cut rather than it
                unit, room = 0, width - round(width_of(self.label.text(), 14)) - look.px(12)
                field = max(look.px(76), min(field, room))
            x = width - unit - field
            self.edit.setGeometry(x, (line - look.px(28)) // 2, field, look.px(28))
            self.unit.setGeometry(width - unit + look.px(8), 0, unit - look.px(8), line)
            self.label.setGeometry(0, 0, max(10, x - look.px(6)), line)
        elif isinstance(self.combo, Tiles):  # the whole width: the words of its buttons say what it is
            self.combo.setGeometry(0, look.px(_TILES_ABOVE), width, self.combo.sizeHint().height())
            self.label.hide()
        elif self.combo is not None:
            label = round(width_of(self.label.text(), 14)) + look.px(12)
            combo = max(look.px(150), min(look.px(222), width - label))
            self.combo.setGeometry(width - combo, (line - look.px(30)) // 2, combo, look.px(30))
            self.label.setGeometry(0, 0, width - combo - look.px(8), line)
        elif self.switch is not None:
            size = self.switch.sizeHint()
            self.switch.setGeometry(width - size.width(), (line - size.height()) // 2, size.width(), size.height())
            self.label.setGeometry(0, 0, width - size.width() - look.px(8), line)
        else:
            value = round(width_of(self.unit.text(), 14, 600)) + look.px(2)
            inset = look.px(10) if self.guilty else 0
            self.unit.setGeometry(width - value - inset, 0, value, line)
            self.label.setGeometry(0, 0, max(10, width - value - look.px(14) - 2 * inset), line)
        if self.slider is not None:
            self.slider.setGeometry(0, line, width, look.px(43))
        if self.note_key[0]:
            top = self._main_height()
            height = self._note_height(width)
            reset = self.reset.sizeHint() if self.note_key[2] else QSize(0, 0)
            self.note.setGeometry(0, top, width - reset.width() - (8 if reset.width() else 0), height - look.px(4))
            if reset.width():
                self.reset.setGeometry(width - reset.width(), top - look.px(1), reset.width(), reset.height())

    def _field_width(self) -> int:
        """Room for the whole value: a number is never cut."""
        return max(theme().px(76), round(width_of(self._widest(), 15, 600)) + theme().px(22))

    def _widest(self) -> str:
        shown = self.edit.text() if self.edit is not None else ""
        placeholder = self.edit.placeholderText() if self.edit is not None and not shown else ""
        return shown if len(shown) >= len(placeholder) else placeholder

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame around a guilty layout."""
        if self.field.kind == "layout" and self.guilty:
            rect = QRectF(self.unit.geometry()).adjusted(-theme().px(10), theme().px(5), theme().px(10), -theme().px(5))
            paint_field(QPainter(self), rect, "guilty", enabled=True, hover=False)
