"""Fields: a typed value and a choice from a list, in all their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QKeySequence, QPalette, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolTip, QWidget

from mitsumori.gui.theme.style import FIELD_STATE, RING_RADIUS, FieldState
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import width_of

if TYPE_CHECKING:
    from mitsumori.gui.widgets.list_popup import Entry, ListPopup


class FieldEdit(QLineEdit):
    """A typed value. Enter or leaving commits, Escape restores, Up and Down ask for the next step."""

    committed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty(FIELD_STATE, "rest")
        self._shown = ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setTextMargins(7, 0, 7, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setProperty(RING_RADIUS, 5)
        self.retheme()

    def retheme(self) -> None:
        """Take font, colours and measures from the theme again."""
        look = theme()
        self.setFont(look.font(15, 600))
        self.setFixedHeight(look.px(28))
        palette = QPalette(self.palette())
        ink = {"unknown": "marginal", "chosen": "text_3"}.get(self.state(), "text")
        palette.setColor(QPalette.ColorRole.Text, look.color(ink))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, look.color("text_3"))
        palette.setColor(
            QPalette.ColorRole.PlaceholderText, look.color("marginal" if self.state() == "unknown" else "text_3")
        )
        self.setPalette(palette)
        self.update()

    def set_state(self, state: FieldState) -> None:
        """How the field looks."""
        if state != self.state():
            self.setProperty(FIELD_STATE, state)
            self.retheme()

    def state(self) -> FieldState:
        """How the field looks."""
        state: FieldState = self.property(FIELD_STATE)
        return state

    def show_value(self, shown: str) -> None:
        """Show the plan's value, unless the user is in the middle of typing another."""
        if shown == self._shown and (self.text() == shown or self.isModified()):
            return
        self._shown = shown
        if not (self.hasFocus() and self.isModified()):
            self.setText(shown)
            self.setModified(False)

    def keep_typing(self) -> None:
        """After a refusal: leave what was typed as it is and mark it as not taken over."""
        self.setModified(True)

    def accept(self, shown: str) -> None:
        """After a commit that was taken over: show it in the field's own form."""
        self._shown = shown
        self.setText(shown)
        self.setModified(False)

    def event(self, event: QEvent) -> bool:
        """Leave the window's shortcuts to the window.

        Undo and redo are the plan's while nothing is being typed; on X11 a line edit would also swallow Ctrl+E and Ctrl+D.
        """
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._is_the_windows(event)
        ):
            event.ignore()
            return False
        return super().event(event)

    def _is_the_windows(self, event: QKeyEvent) -> bool:
        standard = QKeySequence.StandardKey
        if event.matches(standard.Undo) or event.matches(standard.Redo):
            return not self.isModified()
        own = (standard.SelectAll, standard.Copy, standard.Cut, standard.Paste)
        letter = Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z
        return (
            letter
            and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            and not any(event.matches(key) for key in own)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Commit, restore or step."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.committed.emit(self.text())
            self.selectAll()
        elif key == Qt.Key.Key_Escape and self.isModified():
            self.accept(self._shown)
            self.committed.emit(self.text())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1 if key == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select everything when the keyboard comes here."""
        super().focusInEvent(event)
        if event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        ):
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving commits what was typed."""
        if self.isModified() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.committed.emit(self.text())
        super().focusOutEvent(event)


class Combo(QComboBox):
    """A choice from a list. The wheel does nothing unless the control has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty(FIELD_STATE, "rest")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setProperty(RING_RADIUS, 5)

    def set_state(self, state: FieldState) -> None:
        """How the field looks."""
        if state != self.state():
            self.setProperty(FIELD_STATE, state)
            self.update()

    def state(self) -> FieldState:
        """How the field looks."""
        state: FieldState = self.property(FIELD_STATE)
        return state

    def sizeHint(self) -> QSize:
        """30 px high."""
        hint = super().sizeHint()
        return QSize(hint.width(), theme().px(30))

    def minimumSizeHint(self) -> QSize:
        """May shrink to a few letters."""
        return QSize(theme().px(80), theme().px(30))

    def event(self, event: QEvent) -> bool:
        """Where the choice is longer than the field, its whole text is in the tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and not self.toolTip():
            whole = width_of(self.currentText(), 14) > self.width() - theme().px(36)
            QToolTip.showText(event.globalPos(), self.currentText() if whole else "", self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the pane, not the value, while the focus is elsewhere."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    listing: Callable[[], tuple[list[Entry], list[str]]] | None = None
    """Entries and kinds of a long list, which opens with headings and a search field; None: the usual list."""
    popup: ListPopup | None = None
    """The long list that was opened last."""

    def showPopup(self) -> None:
        """Open the list at least as wide as its longest entry; a long one under a search field."""
        if self.listing is not None:
            from mitsumori.gui.widgets.list_popup import ListPopup

            entries, kinds = self.listing()
            self.popup = ListPopup(entries, self.currentIndex(), kinds, self._take, self, self.accessibleName())
            self.popup.open_at(self)
            return
        longest = max((width_of(self.itemText(i), 14) for i in range(self.count())), default=0)
        self.view().setMinimumWidth(max(self.width(), round(longest) + theme().px(44)))
        super().showPopup()

    def _take(self, place: int) -> None:
        self.setCurrentIndex(place)
        self.activated.emit(place)
        self.setFocus(Qt.FocusReason.PopupFocusReason)
