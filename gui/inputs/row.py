"""One row of the inputs pane, built from its :class:`~gui.inputs.spec.Field`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.inputs import refusals, typed
from mitsumori.gui.inputs.row_parts import RowParts
from mitsumori.gui.inputs.spec import Field
from mitsumori.gui.theme.style import FieldState
from mitsumori.gui.widgets.calendar import CalendarButton
from mitsumori.gui.widgets.fields import Combo
from mitsumori.gui.words.translation import Translated, error_words, language
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.gui.widgets.list_popup import Entry


class InputRow(Translated, RowParts):
    """A row that shows an input of the plan and asks for changes.

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
        super().__init__(field, parent)
        self._plan: Plan | None = None
        self._value: Any = None
        self._standard: Figure | None = None
        self._error = ""
        self._state: FieldState = "rest"
        self._catalogue = Catalogue.shipped()
        self._enabled: bool | None = None
        self.reset.clicked.connect(lambda: self.change_requested.emit({field.path: None}, None))
        if self.edit is not None:
            self.edit.committed.connect(self._commit)
            self.edit.stepped.connect(self._step)
            if self.field.kind == "date":
                self.calendar = CalendarButton(
                    self.edit, lambda: self._value if isinstance(self._value, dt.date) else None, self._request
                )
        if self.slider is not None:
            self.slider.moved.connect(self._slid)
            self.slider.released.connect(self.released)
            self.slider.value_text = self.spoken_value
        if self.combo is not None:
            self.combo.activated.connect(self._chosen)
            if field.searched and isinstance(self.combo, Combo):
                self.combo.listing = self._long_list
        if self.switch is not None:
            self.switch.clicked.connect(lambda on: self._request(bool(on)))
        self.retheme()
        self.retranslate()

    # --- what the user does

    def _request(self, value: object, gesture: int | None = None) -> None:
        changes: dict[str, object] = {self.field.path: value}
        if self.field.also is not None:
            changes |= self.field.also(value)
        self.set_error("")
        self.change_requested.emit(changes, gesture)

    def _commit(self, text: str) -> None:
        if self.edit is None or self._plan is None or not self.edit.isModified():
            self.set_error("")
            return
        try:
            value = typed.read(self.field, text, self._plan)
        except Refusal as refusal:
            self.edit.keep_typing()
            self.set_error(error_words(refusal))
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

    def _long_list(self) -> tuple[list[Entry], list[str]]:
        from mitsumori.gui.inputs.found import listing

        assert self._plan is not None
        assert self.combo is not None
        listed = [(self.combo.itemData(at), self.combo.itemText(at)) for at in range(self.combo.count())]
        return listing(self.field.path, listed, self._plan, self._catalogue)

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
        if moved is not None and self._was_shown and self.field.part and self.field.part not in moved:
            return
        value = plan.value(self.field.path) if self.field.reads is None else self.field.reads(plan)
        followed = tuple(plan.value(path) for path in self.field.follows)
        if followed != self._followed:
            self._followed = followed
            self._fill()
        changed = value != self._value
        self._enable(self.field.enabled_when(plan))
        if self.field.unit_of is not None or self.field.currency:
            self._show_unit()
        if not changed and self._was_shown:
            return
        self._was_shown = True
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

    def spoken_value(self) -> str:
        """The value with its unit as people read it: "100 B tokens"."""
        value = self._effective()
        return self.tr("not given") if value is None else self.field.spoken(value, self.unit.text())

    def _shown_value(self) -> str:
        return self.field.shown(self._effective())

    def _show_value(self) -> None:
        if self.edit is not None:
            self.edit.show_value(self._shown_value())
            if self.edit.width() != self._field_width():
                self.arrange()
        if self.slider is not None:
            value = self._effective()
            shown = self.slider.scale().low if value is None else float(value) / self.field.scale
            if shown != self.slider.current():
                self.slider.set_current(shown)
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

    def _index_of(self, value: object) -> int:
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
        self._unknown, self.guilty = unknown, guilty
        self._remark = remark
        self._show_value()

    def list_it(self, on: bool) -> None:
        """Show the row in its section, or leave it out."""
        self.listed = on
        self.setVisible(on)

    listed = True
    """Whether the plan calls for the row."""
    _context: tuple[object, ...] | None = None
    """What :meth:`show_context` showed last."""

    _followed: tuple[object, ...] = ()
    """What the list was built for."""
    _was_shown = False
    _awaiting = False
    """The value is newer than the standard: whether it is overridden shows with the estimate, not in between."""
    _unknown = False
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
            if self.guilty
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

    def _asked(self) -> str:
        """What is wanted of an open input that a result waits for: a choice and a rate are no quotation."""
        if self.field.path == "money.usd_jpy":
            return self.tr("Enter the rate and its date.")
        if self.combo is not None:
            return self.tr("Choose one; the list says which have a public price.")
        return self.tr("No published figure. Ask for a quotation and enter it.")

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
            note, token = self._asked(), "marginal"
        elif self._remark:
            note, token = self._remark, "text_3"
        else:
            note, token = "", "text_3"
        resettable = self._state == "overridden"
        if (note, token, resettable) == self.note_key:
            return
        self.note_key = (note, token, resettable)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.reset.setVisible(resettable)
        self.note_token = token
        self.paint_note()
        self.height_changed.emit()
        self.arrange()

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
        if text != self.unit.text() or guilty != self.guilty:
            self.unit.setText(text)
            self.guilty = guilty
            self.arrange()
            self.update()

    # --- looks

    def retranslate(self) -> None:
        """Set label, unit and names again."""
        label = self.field.label()
        self.label.setText(label)
        self._show_unit()
        if self.calendar is not None:
            self.calendar.set_text(self.tr("Open the calendar"))
        self.reset.setText(self.tr("Reset"))
        self.reset.setAccessibleName(self.tr("Reset {label} to the standard value").format(label=label))
        self.note_key = ("?", "", False)
        self._was_shown = False
        self._context = None
        self._fill()
        self._name_controls()
        if self._plan is not None and self.field.kind != "layout":
            self._show_value()  # a date is written as the language writes it
        self._decide_state()  # what stands in an open field is said anew too
        self.arrange()

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
            self.slider.setAccessibleDescription(help)
        for control in (self.combo, self.switch):
            if control is not None:
                control.setAccessibleName(label)
        self._set_tips()

    def _show_unit(self) -> None:
        if self.field.kind == "layout":
            return
        unit = self.field.unit_name() if self._plan is None else self.field.unit_in(self._plan, self._catalogue)
        if unit != self.unit.text():
            self.unit.setText(unit)
            self._name_controls()
            self.arrange()
