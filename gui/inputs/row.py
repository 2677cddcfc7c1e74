"""One row of the inputs pane, built from its :class:`~gui.inputs.spec.Field`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from mitsumori.gui.charts.base import axis_hold
from mitsumori.gui.inputs import refusals, typed
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.theme.style import FIELD_GROUND, FieldState, paint_field
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button, Switch
from mitsumori.gui.widgets.fields import Combo, FieldEdit
from mitsumori.gui.widgets.paint import width_of
from mitsumori.gui.widgets.slider import ScaledSlider
from mitsumori.gui.words.translation import language
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

_SIGNS = {"JPY": {"en": "¥", "ja": "円"}, "USD": {"en": "$", "ja": "ドル"}}


class InputRow(QWidget):
    """Label, typed value with unit and slider; or label and list, switch, text.

    Signals
    -------
    change_requested
        ``(changes, gesture)``: paths and values; gesture is the number of a drag, or None for a single change.
    height_changed
        The row needs another height.
    """

    change_requested = Signal(object, object)
    height_changed = Signal()
    released = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._plan: Plan | None = None
        self._value: Any = None
        self._standard: Figure | None = None
        self._note = ""
        self._error = ""
        self._state: FieldState = "rest"
        self.edit: FieldEdit | None = None
        self.combo: Combo | None = None
        self.switch: Switch | None = None
        self.slider: ScaledSlider | None = None
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.unit = QLabel(self)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.reset = Button(kind="link", icon="reset", parent=self)
        self.reset.clicked.connect(lambda: self.change_requested.emit({field.path: None}, None))
        self._catalogue = Catalogue.shipped()
        self._enabled: bool | None = None
        self.note.hide()
        self.reset.hide()
        self._build()
        self.retheme()
        self.retranslate()

    def _build(self) -> None:
        kind = self.field.kind
        if kind in ("slider", "number", "date", "text"):
            self.edit = FieldEdit(self)
            self.edit.setProperty(FIELD_GROUND, "card")
            self.edit.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
            self.edit.committed.connect(self._commit)
            self.edit.stepped.connect(self._step)
            self.label.setBuddy(self.edit)
        if kind == "slider" and self.field.axis is not None:
            self.slider = ScaledSlider(self.field.axis, self)
            self.slider.moved.connect(self._slid)
            self.slider.released.connect(self.released)
        if kind == "choice":
            self.combo = Combo(self)
            self.combo.activated.connect(self._chosen)
            self.label.setBuddy(self.combo)
        if kind == "switch":
            self.switch = Switch(self)
            self.switch.clicked.connect(lambda on: self._request(bool(on)))
            self.label.setBuddy(self.switch)

    # --- what the user does

    def _request(self, value: Any, gesture: int | None = None) -> None:
        changes: dict[str, Any] = {self.field.path: value}
        if self.field.also is not None:
            changes |= self.field.also(value)
        self.set_error("")
        self.change_requested.emit(changes, gesture)

    def _commit(self, text: str) -> None:
        if self.edit is None or not self.edit.isModified():
            self.set_error("")
            return
        try:
            value = typed.read(self.field, text, self.unit.text())
        except Refusal as refusal:
            self.edit.keep_typing()
            self.set_error(str(refusal))
            return
        self._error = ""
        self.edit.setModified(False)
        self._request(value)
        if not self._error:
            self.edit.accept(self._shown_value())

    def refuse(self, error: PlanError) -> None:
        """Show why a request was not accepted; what was typed stays."""
        self.set_error(refusals.sentence(error))
        if self.edit is not None:
            self.edit.keep_typing()

    def _step(self, direction: int) -> None:
        base = self._value if self._value is not None else self._standard.value if self._standard else None
        if base is not None and self.field.kind not in ("date", "text"):
            self._request(typed.stepped(self.field, base, direction))

    def _slid(self, shown: float, gesture: int) -> None:
        value = typed.plan_value(self.field, shown)
        if value != self._value:
            self._request(value, gesture)

    def _chosen(self, index: int) -> None:
        if self.combo is not None:
            value = self.combo.itemData(index)
            if value != self._value:
                self._request(value)

    # --- what the plan says

    def show_plan(self, plan: Plan, moved: Collection[str] | None = None) -> None:
        """Show the plan's value of this field; ``moved`` names the parts that differ from the last plan's, if known."""
        self._plan = plan
        if self.field.kind == "layout":
            return
        if moved is not None and self._seen and self.field.part and self.field.part not in moved:
            return
        value = plan.value(self.field.path)
        followed = tuple(plan.value(path) for path in self.field.follows)
        if followed != self._followed:
            self._followed = followed
            self._fill()
        changed = value != self._value
        self._enable(self.field.enabled_when(plan))
        if self.field.unit_of is not None or self.field.currency:
            self._show_unit()
        if not changed and self._seen:
            return
        self._seen = True
        self._value = value
        self._awaiting = changed and self._standard is not None
        if changed and self._error and not (self.edit and self.edit.hasFocus() and self.edit.isModified()):
            self.set_error("")
        self._show_value()

    def _enable(self, on: bool) -> None:
        if on is self._enabled:
            return
        self._enabled = on
        shut = [part for part in (self.edit, self.slider, self.combo, self.switch) if part and part.isEnabled() != on]
        for control in shut:
            control.setEnabled(on)
        if shut:
            self._set_tips()

    def _set_tips(self) -> None:
        """Why a control is closed; else the key that leads to the field."""
        reason = self.field.disabled_reason and QCoreApplication.translate("Fields", self.field.disabled_reason)
        key = f"Alt+{self.field.key}" if self.field.key else ""
        for control in (self.edit, self.slider, self.combo, self.switch):
            if control is not None:
                control.setToolTip(reason if not control.isEnabled() else key if control is self.edit else "")

    def _effective(self) -> Any:
        """The value that counts: the plan's; its standard where it is open or the program decides."""
        decided = self._plan is not None and not self.field.enabled_when(self._plan)
        if self._standard is not None and (self._value is None or decided):
            return self._standard.value
        return self._value

    def _shown_value(self) -> str:
        return self.field.shown(self._effective())

    def _show_value(self) -> None:
        if self.edit is not None:
            self.edit.show_value(self._shown_value())
            if self.edit.width() != self._field_width():
                self._arrange()
        if self.slider is not None:
            value = self._effective()
            shown = self.slider.scale().low if value is None else float(value) / self.field.scale
            if shown != self.slider.current():
                self.slider.set_current(shown)
                self.slider.setAccessibleDescription(f"{self._shown_value()} {self.unit.text()}".strip())
        if self.switch is not None:
            self.switch.setChecked(bool(self._value))
        if self.combo is not None:
            index = self._index_of(self._value)
            if index < 0:
                self._fill()
                index = self._index_of(self._value)
            if index != self.combo.currentIndex():
                self.combo.setCurrentIndex(index)
        self._decide_state()

    def _index_of(self, value: Any) -> int:
        combo = self.combo
        return -1 if combo is None else next((i for i in range(combo.count()) if combo.itemData(i) == value), -1)

    def _fill(self) -> None:
        if self.combo is None or self._plan is None:
            return
        self.combo.blockSignals(True)
        self.combo.clear()
        for value, label in self.field.listed(self._plan, self._catalogue):
            self.combo.addItem(label, value)
        self.combo.setCurrentIndex(self._index_of(self._value))
        self.combo.blockSignals(False)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Take the lists and the unit from another catalogue."""
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            self._fill()
            self._show_unit()

    def show_context(self, standard: Figure | None, unknown: bool, guilty: bool, remark: str = "") -> None:
        """Show what the estimate says about this input.

        Parameters
        ----------
        standard
            The value that stands for it while it is open.
        unknown
            Results miss it.
        guilty
            A finding names it as the cause of an impossible plan.
        remark
            The plan's note on it.
        """
        self._awaiting = self._awaiting and axis_hold().held  # no row moves under the hand
        enabled = self._plan is not None and self.field.enabled_when(self._plan)
        context = standard, unknown, guilty, remark, enabled, self._value, self._awaiting
        if context == self._context:
            return
        self._context = context
        self._standard = standard
        self._unknown, self._guilty = unknown, guilty
        self._remark = remark
        self._show_value()

    def list_it(self, on: bool) -> None:
        """Show the row in its section, or leave it out."""
        self.listed = on
        self.setVisible(on)

    listed = True
    """Whether the plan calls for the row."""
    _context: tuple[Any, ...] | None = None
    """What :meth:`show_context` showed last."""

    _followed: tuple[Any, ...] = ()
    """What the list was built for."""
    _seen = False
    _awaiting = False
    """The value is newer than the standard: whether it is overridden shows with the estimate, not in between."""
    _unknown = False
    _guilty = False
    _remark = ""

    @property
    def standard(self) -> Figure | None:
        """The value that stands for the input while it is open."""
        return self._standard

    def _overridden(self) -> bool:
        if not self.field.optional or self._value is None or self._standard is None:
            return False
        standard = self._standard.value
        if not isinstance(self._value, int | float) or standard is None:
            return False
        if self._awaiting:
            return self._state == "overridden"
        return abs(self._value - standard) > 1e-9 * max(abs(self._value), abs(standard))

    def _decide_state(self) -> None:
        open_and_unknown = self._value is None and self._standard is None and self._unknown
        state: FieldState = (
            "guilty"
            if self._guilty
            else "unknown"
            if open_and_unknown
            else "overridden"
            if self._overridden()
            else "rest"
        )
        self._state = state
        for control in (self.edit, self.combo):
            if control is not None:
                control.set_state(state)
        if self.edit is not None:
            self.edit.setPlaceholderText(
                self.tr("not given") if open_and_unknown else "—" if self._value is None else ""
            )
        self._decide_note()

    def _decide_note(self) -> None:
        if self._error:
            note, token = self._error, "bad"
        elif self._state == "overridden" and self._standard is not None:
            shown = self.field.shown(self._standard.value)
            note = self.tr("standard {value}").format(value=shown)
            if self._remark:
                note = f"{note} → {self._remark}"
            token = "text_3"
        elif self._state == "unknown":
            note, token = self.tr("No published figure. Ask for a quotation and enter it."), "marginal"
        elif self._remark:
            note, token = self._remark, "text_3"
        else:
            note, token = "", "text_3"
        resettable = self._state == "overridden"
        if (note, token, resettable) == self._note_key:
            return
        self._note_key = (note, token, resettable)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.reset.setVisible(resettable)
        self._note_token = token
        self._paint_note()
        self.height_changed.emit()
        self._arrange()

    _note_key: tuple[str, str, bool] = ("", "", False)
    _note_token = "text_3"

    def set_error(self, message: str) -> None:
        """Show one sentence at the field, or take it away."""
        if message != self._error:
            self._error = message
            self.setAccessibleDescription(message)
            self._decide_note()
            if self.edit is not None:
                self.edit.set_state("guilty" if message else self._state)

    def error(self) -> str:
        """The sentence shown at the field."""
        return self._error

    def set_layout_text(self, text: str, guilty: bool) -> None:
        """The layout in use (rows of kind ``layout``)."""
        if text != self.unit.text() or guilty != self._guilty:
            self.unit.setText(text)
            self._guilty = guilty
            self._arrange()
            self.update()

    # --- looks

    def retranslate(self) -> None:
        """Set label, unit and names again."""
        label = self.field.label()
        self.label.setText(label)
        self._show_unit()
        self.reset.setText(self.tr("Reset"))
        self.reset.setAccessibleName(self.tr("Reset {label} to the standard value").format(label=label))
        self._note_key = ("?", "", False)
        self._seen = False
        self._context = None
        self._fill()
        self._name_controls()
        self._decide_state()  # what stands in an open field is said anew too
        self._arrange()

    def _name_controls(self) -> None:
        label, unit = self.label.text(), self.unit.text()
        name = f"{label}, {unit}" if unit and self.field.kind != "layout" else label
        help = "" if self.field.item is None else self.field.item.help(language())
        for control in (self.edit, self.combo, self.switch):
            if control is not None:
                control.setAccessibleDescription(help)
        if self.edit is not None:
            self.edit.setAccessibleName(name)
        if self.slider is not None:
            self.slider.setAccessibleName(self.tr("{name}, slider").format(name=name))
            self.slider.setAccessibleDescription(f"{self._shown_value()} {unit}".strip())
        for control in (self.combo, self.switch):
            if control is not None:
                control.setAccessibleName(label)
        self._set_tips()

    def _show_unit(self) -> None:
        if self.field.kind == "layout":
            return
        unit = self.field.unit_name()
        if self._plan is not None:
            if self.field.unit_of is not None:
                unit = self.field.unit_of(self._plan, self._catalogue)
            elif self.field.currency:
                sign = _SIGNS[self._plan.value(self.field.currency)][language()]
                unit = sign + unit
        if unit != self.unit.text():
            self.unit.setText(unit)
            self._name_controls()
            self._arrange()

    def retheme(self) -> None:
        """Take fonts and colours again."""
        look = theme()
        self.label.setFont(look.font(14))
        self.unit.setFont(look.font(14, 600) if self.field.kind == "layout" else look.font(13))
        self.note.setFont(look.font(13))
        self._tint(self.label, "text_2")
        self._tint(self.unit, "text" if self.field.kind == "layout" else "text_3")
        self._paint_note()
        if self.edit is not None:
            self.edit.retheme()
        self.update()

    def _paint_note(self) -> None:
        self._tint(self.note, self._note_token)

    @staticmethod
    def _tint(label: QLabel, token: str) -> None:
        palette = label.palette()
        palette.setColor(label.foregroundRole(), theme().color(token))
        label.setPalette(palette)

    def _main_height(self) -> int:
        if self.slider is not None:
            return theme().px(35) + theme().px(43)
        return theme().px(38)

    def _note_height(self, width: int) -> int:
        if not self._note_key[0] or self._note_key[0] == "?":
            return 0
        room = width - (self.reset.sizeHint().width() + 8 if self._note_key[2] else 0)
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
        self._arrange()

    def _arrange(self) -> None:
        look, width = theme(), self.width()
        line = look.px(35) if self.slider is not None else look.px(38)
        if self.edit is not None:
            field = self._field_width()
            unit = max(look.px(84), round(width_of(self.unit.text(), 13)) + look.px(9))
            x = width - unit - field
            self.edit.setGeometry(x, (line - look.px(28)) // 2, field, look.px(28))
            self.unit.setGeometry(width - unit + look.px(8), 0, unit - look.px(8), line)
            self.label.setGeometry(0, 0, max(10, x - look.px(6)), line)
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
            inset = look.px(10) if self._guilty else 0
            self.unit.setGeometry(width - value - inset, 0, value, line)
            self.label.setGeometry(0, 0, max(10, width - value - look.px(14) - 2 * inset), line)
        if self.slider is not None:
            self.slider.setGeometry(0, line, width, look.px(43))
        if self._note_key[0]:
            top = self._main_height()
            height = self._note_height(width)
            reset = self.reset.sizeHint() if self._note_key[2] else QSize(0, 0)
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
        if self.field.kind == "layout" and self._guilty:
            rect = QRectF(self.unit.geometry()).adjusted(-theme().px(10), theme().px(5), theme().px(10), -theme().px(5))
            paint_field(QPainter(self), rect, "guilty", enabled=True, hover=False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def controls(self) -> list[QWidget]:
        """The controls in the order the keyboard visits them."""
        parts = (self.edit, self.combo, self.switch, self.slider, self.reset)
        return [part for part in parts if part is not None]

    def control(self) -> QWidget:
        """The control that the keyboard should reach first."""
        return self.edit or self.combo or self.switch or self
