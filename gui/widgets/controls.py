"""Buttons, fields, switch, segmented control, badge: painted from the tokens, every one reachable by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSizePolicy, QStyleOptionComboBox, QWidget

from gui.icons import paint_icon
from gui.theme import theme
from gui.widgets.focus import RING_RADIUS
from gui.widgets.paint import box, left_bar, text, width_of

FieldState = Literal["rest", "overridden", "unknown", "guilty", "chosen"]
ButtonKind = Literal["plain", "primary", "tool", "link"]


def plain_label(string: str) -> str:
    """A text without its mnemonic mark."""
    return string.replace("&&", "\0").replace("&", "").replace("\0", "&")


class Button(QAbstractButton):
    """A push button: ``plain`` outlined, ``primary`` filled, ``tool`` flat, ``link`` as text."""

    def __init__(
        self, label: str = "", kind: ButtonKind = "plain", icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kind: ButtonKind = kind
        self._icon = icon
        self._trailing = ""
        self.setText(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, name: str) -> None:
        """Show another icon before the text."""
        if name != self._icon:
            self._icon = name
            self.update()

    def set_trailing(self, name: str) -> None:
        """Show an icon behind the text (a chevron)."""
        self._trailing = name
        self.updateGeometry()

    def _weight(self) -> int:
        return 500 if self.kind == "primary" else 400

    def sizeHint(self) -> QSize:
        """The text, its icons and the padding of the kind."""
        look = theme()
        label = plain_label(self.text())
        if self.kind == "tool" and not label:
            return QSize(look.px(34), look.px(34))
        padding = {"plain": 14, "primary": 16, "tool": 8, "link": 2}[self.kind]
        width = 2 * look.px(padding) + width_of(label, 14, 500)
        width += (look.px(18) + look.px(8 if label else 0)) if self._icon else 0
        width += (look.px(16) + look.px(6)) if self._trailing else 0
        height = {"plain": 32, "primary": 34, "tool": 34, "link": 24}[self.kind]
        return QSize(round(width), look.px(height))

    def minimumSizeHint(self) -> QSize:
        """Never narrower than its text."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw surface, icon and text."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        enabled, hover = self.isEnabled(), self.underMouse() and self.isEnabled()
        ink = look.color("text" if enabled else "text_3")
        if self.kind == "primary":
            fill = (
                look.color("accent_hover" if hover or self.isDown() else "accent") if enabled else look.color("sunken")
            )
            ink = look.color("on_accent") if enabled else look.color("text_3")
            box(painter, rect, look.px(6), fill)
        elif self.kind == "plain":
            fill = look.color("accent_tint" if self.isChecked() else "hover" if hover or self.isDown() else "card")
            line = "accent" if self.isChecked() else "line_strong" if enabled else "line"
            box(painter, rect, look.px(6), fill, look.color(line))
        elif self.kind == "tool":
            if self.isChecked():
                box(painter, rect, look.px(6), look.color("accent_tint"))
            elif hover or self.isDown():
                box(painter, rect, look.px(6), look.color("hover"))
            if not enabled:
                ink = look.color("line_strong")
        else:
            ink = look.color("accent_hover" if hover else "accent") if enabled else look.color("text_3")
        self._paint_content(painter, rect, ink)

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: Any) -> None:
        look = theme()
        label = plain_label(self.text())
        size = look.px(19 if self.kind == "tool" else 16 if self.kind == "link" else 18)
        content = width_of(label, 14, self._weight()) + (size + (look.px(8) if label else 0) if self._icon else 0)
        content += (look.px(16) + look.px(6)) if self._trailing else 0
        x = rect.center().x() - content / 2
        if self._icon:
            tint = ink
            if self.kind in ("tool", "plain") and self.isEnabled():
                tint = look.color("accent" if self.isChecked() else "text_2")
            paint_icon(painter, QRectF(x, rect.center().y() - size / 2, size, size), self._icon, tint)
            x += size + look.px(8)
        text(painter, QRectF(x, rect.top(), rect.right() - x, rect.height()), label, 14, ink, self._weight())
        if self._trailing:
            side = look.px(16)
            paint_icon(
                painter,
                QRectF(rect.center().x() + content / 2 - side, rect.center().y() - side / 2, side, side),
                self._trailing,
                ink,
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter clicks as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Switch(QAbstractButton):
    """On or off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(RING_RADIUS, 11)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """38 by 22 at scale 1."""
        return QSize(theme().px(38), theme().px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and thumb."""
        look = theme()
        painter = QPainter(self)
        rect = QRectF(self.rect())
        on = self.isChecked()
        track = look.color(("accent" if on else "line_strong") if self.isEnabled() else "line")
        box(painter, rect, rect.height() / 2, track)
        radius = rect.height() / 2 - 3
        x = rect.right() - rect.height() / 2 if on else rect.left() + rect.height() / 2
        painter.setBrush(look.color("on_accent" if on else "card"))
        painter.drawEllipse(QPointF(x, rect.center().y()), radius, radius)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter toggles as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Segmented(QWidget):
    """A few exclusive choices side by side; arrow keys move between them."""

    chosen = Signal(object)

    def __init__(self, options: Sequence[tuple[Any, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = list(options)
        self._value: Any = options[0][0]
        self._hover = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def value(self) -> Any:
        """The chosen value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Choose without announcing."""
        if value != self._value:
            self._value = value
            self.update()

    def set_options(self, options: Sequence[tuple[Any, str]]) -> None:
        """Replace the labels (after a change of language)."""
        self._options = list(options)
        self.updateGeometry()
        self.update()

    def _widths(self) -> list[int]:
        return [round(width_of(label, 14, 500)) + theme().px(22) for _, label in self._options]

    def sizeHint(self) -> QSize:
        """All options at their widest."""
        return QSize(sum(self._widths()) + theme().px(4), theme().px(32))

    def minimumSizeHint(self) -> QSize:
        """Never narrower than the labels."""
        return self.sizeHint()

    def _cells(self) -> list[QRectF]:
        x, cells = float(theme().px(2)), []
        for width in self._widths():
            cells.append(QRectF(x, theme().px(2), width, self.height() - 2 * theme().px(2)))
            x += width
        return cells

    def _at(self, event: QMouseEvent) -> int:
        return next((i for i, cell in enumerate(self._cells()) if cell.contains(event.position())), -1)

    def _choose(self, index: int) -> None:
        value = self._options[index][0]
        if value != self._value:
            self._value = value
            self.update()
            self.chosen.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the option under the pointer."""
        index = self._at(event)
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tint the option under the pointer."""
        index = self._at(event)
        if index != self._hover:
            self._hover = index
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No tint outside."""
        self._hover = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose the neighbour; Space the next, around the end."""
        index = next(i for i, (value, _) in enumerate(self._options) if value == self._value)
        last = len(self._options) - 1
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._choose(min(last, index + 1))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._choose(max(0, index - 1))
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose((index + 1) % (last + 1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and the chosen cell."""
        look = theme()
        painter = QPainter(self)
        box(painter, QRectF(self.rect()), look.px(6), look.color("window"), look.color("line"))
        for index, (cell, (value, label)) in enumerate(zip(self._cells(), self._options, strict=True)):
            on = value == self._value
            if on:
                fill = look.color("sunken" if look.is_dark else "card")
                box(painter, cell, look.px(5), fill, look.color("line"))
            elif index == self._hover and self.isEnabled():
                box(painter, cell, look.px(5), look.color("hover"))
            ink = look.color("text" if on else "text_2") if self.isEnabled() else look.color("text_3")
            text(painter, cell, label, 14, ink, 500 if on else 400, Qt.AlignmentFlag.AlignHCenter)


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

    def set_badge(self, kind: str, label: str, *, clickable: bool = False) -> None:
        """Show a state; ``clickable`` makes it a button that Tab reaches."""
        if (kind, label, clickable) == (self._kind, self._label, self._clickable):
            return
        self._kind, self._label, self._clickable = kind, label, clickable
        self.setVisible(bool(label))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if clickable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(label)
        self.updateGeometry()
        self.update()

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


def paint_field(painter: QPainter, rect: QRectF, state: FieldState, *, enabled: bool, hover: bool) -> None:
    """The surface of a field in one of its states."""
    look = theme()
    radius = look.px(5)
    fill = look.color("window" if look.is_dark else "card")
    line = look.color("text_3" if hover else "line_strong")
    if state == "chosen" or not enabled:
        box(painter, rect, radius, None, look.color("line"))
    elif state == "overridden":
        box(painter, rect, radius, look.color("marginal_tint"), look.color("marginal"))
        left_bar(painter, rect, radius, look.color("marginal"), 3)
    elif state == "guilty":
        box(painter, rect, radius, look.color("bad_tint"), look.color("bad"))
        left_bar(painter, rect, radius, look.color("bad"), 3)
    elif state == "unknown":
        box(painter, rect, radius, fill, look.color("marginal"), 1, dashed=True)
    else:
        box(painter, rect, radius, fill, line)


class FieldEdit(QLineEdit):
    """A typed value. Enter or leaving commits, Escape restores, Up and Down ask for the next step."""

    committed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: FieldState = "rest"
        self._shown = ""
        self.setFrame(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setTextMargins(8, 0, 8, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setProperty(RING_RADIUS, 5)
        self.retheme()

    def retheme(self) -> None:
        """Take font, colours and measures from the theme again."""
        look = theme()
        self.setFont(look.font(15, 600))
        self.setFixedHeight(look.px(28))
        palette = QPalette(self.palette())
        clear = look.color("card")
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        ink = {"unknown": "marginal", "chosen": "text_3"}.get(self._state, "text")
        palette.setColor(QPalette.ColorRole.Text, look.color(ink))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, look.color("text_3"))
        palette.setColor(
            QPalette.ColorRole.PlaceholderText, look.color("marginal" if self._state == "unknown" else "text_3")
        )
        palette.setColor(QPalette.ColorRole.Window, clear)
        self.setPalette(palette)
        self.update()

    def set_state(self, state: FieldState) -> None:
        """How the field looks."""
        if state != self._state:
            self._state = state
            self.retheme()

    def state(self) -> FieldState:
        """How the field looks."""
        return self._state

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
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then Qt's text over it."""
        painter = QPainter(self)
        hover = self.underMouse() and self.isEnabled()
        paint_field(painter, QRectF(self.rect()), self._state, enabled=self.isEnabled(), hover=hover)
        painter.end()
        super().paintEvent(event)


class Combo(QComboBox):
    """A choice from a list. The wheel does nothing unless the control has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: FieldState = "rest"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setProperty(RING_RADIUS, 5)

    def set_state(self, state: FieldState) -> None:
        """How the field looks."""
        if state != self._state:
            self._state = state
            self.update()

    def state(self) -> FieldState:
        """How the field looks."""
        return self._state

    def sizeHint(self) -> QSize:
        """30 px high."""
        hint = super().sizeHint()
        return QSize(hint.width(), theme().px(30))

    def minimumSizeHint(self) -> QSize:
        """May shrink to a few letters."""
        return QSize(theme().px(80), theme().px(30))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the pane, not the value, while the focus is elsewhere."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def showPopup(self) -> None:
        """Open the list at least as wide as its longest entry."""
        longest = max((width_of(self.itemText(i), 14) for i in range(self.count())), default=0)
        self.view().setMinimumWidth(max(self.width(), round(longest) + theme().px(44)))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw field, text and chevron."""
        look = theme()
        painter = QPainter(self)
        rect = QRectF(self.rect())
        paint_field(painter, rect, self._state, enabled=self.isEnabled(), hover=self.underMouse())
        side = look.px(16)
        paint_icon(
            painter,
            QRectF(rect.right() - side - look.px(8), rect.center().y() - side / 2, side, side),
            "chevron-down",
            look.color("text_2"),
        )
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        inner = rect.adjusted(look.px(10), 0, -(side + look.px(10)), 0)
        shown = look.metrics(14).elidedText(option.currentText, Qt.TextElideMode.ElideRight, inner.width())
        faded = not self.isEnabled() or self._state == "chosen"
        text(painter, inner, shown, 14, look.color("text_3" if faded else "text"))
