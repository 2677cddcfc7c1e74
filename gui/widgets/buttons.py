"""Buttons and the switch: painted from the tokens, every one reachable by keyboard."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.style import RING_RADIUS
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.paint import box, text, width_of

ButtonKind = Literal["plain", "primary", "tool", "link"]


def plain_label(string: str) -> str:
    """A text without its mnemonic mark."""
    return string.replace("&&", "\0").replace("&", "").replace("\0", "&")


class Pressable(QAbstractButton):
    """A control of our own that is pressed: by the mouse, by Space and by Enter; it knows when the mouse is over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Button(Pressable):
    """A push button: ``plain`` outlined, ``primary`` filled, ``tool`` flat, ``link`` as text."""

    def __init__(
        self, label: str = "", kind: ButtonKind = "plain", icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kind: ButtonKind = kind
        self._icon = icon
        self._trailing = ""
        self._ink = "accent"
        self._action: QAction | None = None
        self._words = True
        self.setText(label)
        self.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)

    def follow(self, action: QAction, *, words: bool = False) -> None:
        """Start an action; take its name, its keys, whether it is possible and whether it is on.

        Parameters
        ----------
        words
            The button shows the action's short text.
        """
        self._action, self._words = action, words
        if action.isCheckable():
            self.setCheckable(True)
            self.toggled.connect(action.setChecked)
            action.toggled.connect(self.setChecked)
        else:
            self.clicked.connect(action.trigger)
        action.changed.connect(self._take)
        self._take()

    def set_words(self, on: bool) -> None:
        """Show the short text of the action, or its icon alone."""
        if on is not self._words:
            self._words = on
            self._take()

    def _take(self) -> None:
        action = self._action
        if action is None:
            return
        name, keys = action.toolTip(), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({keys})" if keys else name)
        self.setEnabled(action.isEnabled())
        shown = action.iconText() if self._words else ""
        if self.text() != shown:
            self.setText(shown)
            self.updateGeometry()

    def set_icon(self, name: str) -> None:
        """Show another icon before the text."""
        if name != self._icon:
            self._icon = name
            self.update()

    def set_ink(self, token: str) -> None:
        """The colour of a link that states a verdict."""
        if token != self._ink:
            self._ink = token
            self.update()

    def set_trailing(self, name: str) -> None:
        """Show an icon behind the text (a chevron)."""
        self._trailing = name
        self.updateGeometry()

    def _weight(self) -> int:
        return 500 if self.kind == "primary" or self._ink != "accent" else 400

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
            ink = look.color(self._ink if enabled else "text_3")
            if hover and self._ink == "accent":
                ink = look.color("accent_hover")
        self._paint_content(painter, rect, ink)

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
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


class Switch(Pressable):
    """On or off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setProperty(RING_RADIUS, 11)

    def sizeHint(self) -> QSize:
        """38 by 22 at scale 1."""
        return QSize(theme().px(38), theme().px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """As the style draws a switch."""
        option = QStyleOptionButton()
        option.initFrom(self)
        option.state |= QStyle.StateFlag.State_On if self.isChecked() else QStyle.StateFlag.State_Off
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorCheckBox, option, QPainter(self), self)
